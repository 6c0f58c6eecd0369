"""Where a table ends: notes and a second table behind an empty line below it are left out, and said.

A row behind an empty line goes on with the table unless it cannot be one of its rows: it repeats the names, or it has
words where the table has numbers or days, and rows of its own below it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.locale_numbers import looks_like
from funnelcli.counts_table.places import lines_called, skipped_lines
from funnelcli.counts_table.table import clean
from funnelcli.counts_table.words import CELLS, is_total
from funnelcli.diagnostics import quoted, verb

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_COMPARED = 200
"""Rows by which it is told what a column holds."""
_NOTE = re.compile(
    r"(?i)copyright\b|\(c\) \d|©|generated\b|exported\b|created (?:by|on|at)\b|report name|confidential|"
    r"source ?:|отч[её]т сформирован|сформировано|источник:|quelle:|erstellt (?:am|von)|exportiert|fuente:"
)
"""How lines of a report below a table begin, which need no empty line above them."""


class Extent(NamedTuple):
    """A table ends before the row `end`; rows in which its names came again; and what is said."""

    end: int
    repeated: tuple[int, ...]
    notes: tuple[str, ...]


def extent(rows: Sequence[Sequence[str]], header: int, starts: Sequence[int]) -> Extent:
    """Where the table whose names stand in a row ends."""
    filled = [index for index in range(header, len(rows)) if rows[index]]
    names = [clean(cell) for cell in rows[header]] if filled else []
    repeated = [index for index in filled[1:] if rows[index][0] == rows[header][0] and _is_again(rows[index], names)]
    end, what = len(rows), ""
    for place in range(2, len(filled)):
        if filled[place] - 1 != filled[place - 1] and _is_another(rows, filled[1:place], filled[place:], names):
            end, what = filled[place], "another"
            break
    else:
        for place in range(len(filled) - 1, 0, -1):
            row = rows[filled[place]]
            if not _is_note(row):
                break
            if filled[place] - 1 != filled[place - 1] or _NOTE.match(_cells(row)[0]):
                end, what = filled[place], "notes"
    notes = []
    again = tuple(index for index in repeated if index < end)
    if again:
        lines = f"line {starts[again[0]] + 1}" + (" and others" if len(again) > 1 else "")
        notes.append(f"{lines}: the names came again, and {verb(len(again), 'are')} skipped")
    if what:
        first, last = (next(index for index in each if index >= end) for each in (filled, filled[::-1]))
        text = " ".join(_cells(rows[first]))
        if what == "notes":
            notes.append(skipped_lines(starts, first, last, "below the rows", text))
        else:
            hold = verb(1 + last - first, "hold")
            said = f"another table, which is left out: {quoted(text)} (--skip-lines {starts[first]} reads it)"
            notes.append(f"{lines_called(starts, first, last)} {hold} {said}")
    return Extent(end, again, tuple(notes))


def short_rows(rows: Sequence[Sequence[str]], header: int) -> list[int]:
    """Rows of a known export that lack their last cells, as old Excel leaves delimiters out where columns are empty.

    Not the last row, which may be cut, and none that with its neighbours makes one row: a line break parts those.
    """
    width = len(rows[header])
    if not any(0 < cells < width for cells in set(map(len, rows[header + 1 :]))):
        return []
    body = [index for index in range(header + 1, len(rows)) if rows[index]]
    found: list[int] = []
    run: list[int] = []
    for index in [*body[:-1], len(rows)]:
        if index < len(rows) and len(rows[index]) < width:
            run.append(index)
            continue
        if all(len(rows[each]) > 1 for each in run) and not _make_one(
            list(map(len, (rows[each] for each in run))), width
        ):
            found += run
        run = []
    return found


def _make_one(widths: Sequence[int], width: int) -> bool:
    """Whether some neighbours have the cells of one row, which line breaks have parted."""
    for first in range(len(widths)):
        cells = widths[first]
        for more in widths[first + 1 :]:
            cells += more - 1
            if cells >= width:
                break
        if cells == width and len(widths) > 1:
            return True
    return False


def _cells(row: Sequence[str]) -> list[str]:
    return [cell for text in row if (cell := clean(text))]


def _is_again(row: Sequence[str], names: Sequence[str]) -> bool:
    return [clean(cell) for cell in row] == names


def _is_note(row: Sequence[str]) -> bool:
    """Whether a row has one cell, of words that name no total, or begins as a comment."""
    cells = _cells(row)
    return cells[0].startswith("# ") or (len(cells) == 1 and looks_like(cells[0]) == "text" and not is_total(cells[0]))


def _is_another(rows: Sequence[Sequence[str]], own: Sequence[int], rest: Sequence[int], names: Sequence[str]) -> bool:
    """Whether another table begins: titles, then its names, which fit no row of this one, and rows below them."""
    at = next((place for place, index in enumerate(rest) if not _is_note(rows[index])), len(rest))
    if at + 1 >= len(rest):
        return False
    head = rows[rest[at]]
    if _is_again(head, names):
        return True
    cells = _cells(head)
    if len(cells) < 2 or any(_is_figure(cell) or is_total(cell) for cell in cells):
        return False
    looked_at = own[:_MOST_COMPARED]
    for column, cell in enumerate(head):
        above = [
            rows[index][column] for index in looked_at if column < len(rows[index]) and rows[index][column].strip()
        ]
        if looks_like(cell) == "text" and above and all(map(_is_figure, above)):
            return True
    below = rest[at + 1 : at + 1 + _MOST_COMPARED]
    is_head = all(len(_cells(rows[index])) <= len(cells) for index in below)
    return is_head and all(any(map(_is_figure, rows[index])) for index in looked_at)


def _is_figure(cell: str) -> bool:
    """Whether a cell is a number, a day or a duration, and no name of a column."""
    bare = cell.strip()
    return looks_like(bare) == "number" or any(CELLS[kind].fullmatch(bare) for kind in ("date", "moment", "clock"))
