"""Where the cells of a table stand in their file: line and column for the caret, and the name that spreadsheets give.

A cell is `C4` in a table of text and `Sheet!C4` in a workbook, whose rows are shown as cells parted by `|`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, Protocol

from funnelcli.diagnostics import Diagnostic, Location, Problem, quoted, verb

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.counts_table.table import CellTable

    Span = tuple[int, int, int]
    """The line, the first column and the end of a cell; all from 0."""

MOST_PROBLEMS = 1000
BETWEEN_CELLS = " | "
"""What parts the cells of a workbook's row where it is shown."""


class Placed(Protocol):
    """Cells that know where they come from: a `Grid` or a `CellTable`."""

    @property
    def rows(self) -> list[list[str]]:
        """Cells, by rows."""

    @property
    def lines(self) -> list[str]:
        """The text of the file, by lines."""

    @property
    def starts(self) -> list[int]:
        """The index of the line on which each row begins."""

    @property
    def delimiter(self) -> str:
        """What parts the cells in the text; empty in workbooks."""

    @property
    def sheet(self) -> str | None:
        """The sheet of a workbook."""


def diagnostics(table: CellTable, file: str) -> list[Diagnostic]:
    """Problems at their places in the file, in the order of the table; at most `MOST_PROBLEMS`."""
    place = _places(table, file)
    found = sorted(table.problems, key=lambda each: (each.row, each.column, each.problem.code))
    return [
        Diagnostic(
            problem,
            *place(row, column),
            cell_name(table, row, column),
            () if related is None else ((related[0], *place(*related[1:])),),
        )
        for row, column, problem, related in found[:MOST_PROBLEMS]
    ]


def at_cell(cells: Placed, file: str, row: int, column: int, problem: Problem) -> Diagnostic:
    """A problem at the place of one cell."""
    return Diagnostic(problem, *_places(cells, file)(row, column), cell_name(cells, row, column))


def cell_name(cells: Placed, row: int, column: int) -> str:
    """The name of a cell as spreadsheets write it: `C4`, `AA10`, `Sheet!C4`."""
    letters, rest = "", column + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{'' if cells.sheet is None else f'{cells.sheet}!'}{letters}{row + 1}"


def lines_called(starts: Sequence[int], first: int, last: int) -> str:
    """What the lines from a row to a row are called: `line 3`, `lines 3 to 5`."""
    return f"line {starts[first] + 1}" if first == last else f"lines {starts[first] + 1} to {starts[last] + 1}"


def skipped_lines(starts: Sequence[int], first: int, last: int, where: str, text: str) -> str:
    """What is said of lines beside a table, from a row to a row, that are no part of it; `text` is the first."""
    more = " …" if first != last else ""
    return f"{lines_called(starts, first, last)} {where} {verb(1 + last - first, 'are')} skipped: {quoted(text)}{more}"


def _places(cells: Placed, file: str) -> Callable[[int, int], tuple[Location, str]]:
    """What tells the place of a cell, and the line of source it stands in."""
    ends = [*cells.starts[1:], len(cells.lines)]

    @cache
    def spans(row: int) -> list[Span]:
        start = cells.starts[row]
        if not cells.delimiter:
            return _spans_of_workbook(cells.rows[row], start)
        return spans_of_text(cells.lines[start : ends[row]], start, cells.delimiter)

    def place(row: int, column: int) -> tuple[Location, str]:
        if not cells.rows:
            return Location(file, 1, 1, 2), ""
        line, start, end = spans(row)[min(column, len(spans(row)) - 1)]
        return Location(file, line + 1, start + 1, max(end, start + 1) + 1), cells.lines[line].rstrip("\r\n")

    return place


def _spans_of_workbook(row: list[str], line: int) -> list[Span]:
    """Line, first column and end of each cell, as `BETWEEN_CELLS` parts them."""
    offsets = accumulate((len(cell) + len(BETWEEN_CELLS) for cell in row), initial=0)
    return [(line, start, start + len(cell)) for cell, start in zip(row, offsets, strict=False)] or [(line, 0, 0)]


def spans_of_text(lines: list[str], start: int, delimiter: str) -> list[Span]:
    """Line, first column and end of each cell of the row that begins the lines, which begin at `start`; all from 0.

    Mirrors the csv module, which does not tell columns. Ends early at a cell that is not sound.
    """
    cell = re.compile(rf'"(?:[^"]+|"")*+"?|[^{re.escape(delimiter)}\r\n]*')
    text, offsets = "".join(lines), list(accumulate(map(len, lines), initial=0))
    spans: list[Span] = []
    at = 0
    while match := cell.match(text, at):
        line = max(bisect_right(offsets, at, hi=len(lines)) - 1, 0)
        first, end = at - offsets[line], match.end() - offsets[line]
        is_open = match[0][:1] == '"' and match[0].count('"') % 2
        spans.append((start + line, first, first if is_open else min(end, len(lines[line].rstrip("\r\n")))))
        at = match.end() + 1
        if text[match.end() : at] != delimiter:
            break
    return spans
