"""The cells of a sheet as text, which sheet of several is read, and whether its numbers need a decimal mark."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.locale_numbers import LONGEST_NUMBER, looks_like
from funnelcli.diagnostics import Problem, did_you_mean, joined, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LOOKED_AT = 200
"""Rows by which it is told whether a sheet has a table."""
_MOST_NAMED = 6
_DIGITS = 15
"""As many as spreadsheets keep and show of a number; what follows is noise of binary fractions."""
_MARKED = re.compile(r"\d[.,]\d")


class SheetCells(NamedTuple):
    """The cells of a sheet as text, in rows from its first one on, empty where no cell is filled.

    `mark` is the decimal mark of its numbers: the point, as the file has them as numbers; `None` where cells of text
    look like numbers with a mark of their own. Then `typed` are the places of the numbers that are such.
    """

    name: str | None
    rows: list[list[str]]
    notes: list[str]
    mark: str | None
    typed: frozenset[tuple[int, int]] = frozenset()


def choose_sheet(
    names: Sequence[str], full: Sequence[int], wanted: str | None, hidden: Sequence[int] = ()
) -> int | Problem:
    """The index of the sheet that is named, or numbered from 1; else of the only one with a table.

    `full` are those with a table that can be seen; where there is none, the first of them all that can be seen is read.
    """
    if wanted is not None:
        return _asked(wanted, names)
    if len(full) > 1:
        listed = joined([quoted(names[at]) for at in full[:_MOST_NAMED]])
        more = " …" if len(full) > _MOST_NAMED else ""
        help_ = f'say which: --sheet "{names[full[0]]}"; a number from 1 does as well'
        return Problem("FN120", f"{len(full)} sheets have a table: {listed}{more}", help_)
    seen = [at for at in range(len(names)) if at not in hidden]
    return (*full, *seen, *hidden)[0]


def note_of_choice(names: Sequence[str], chosen: int, hidden: Sequence[int] = ()) -> list[str]:
    """What is said of a sheet that is one of several."""
    if len(names) < 2:
        return []
    left = f"; hidden: {joined([quoted(names[at]) for at in hidden[:_MOST_NAMED]])}" if hidden else ""
    return [f"of {len(names)} sheets, {quoted(names[chosen])} is read{left}"]


def _asked(wanted: str, names: Sequence[str]) -> int | Problem:
    folded = [name.strip().casefold() for name in names]
    if wanted in names:
        return names.index(wanted)
    if folded.count(wanted.strip().casefold()) == 1:
        return folded.index(wanted.strip().casefold())
    if wanted.strip().isascii() and wanted.strip().isdecimal() and 0 < int(wanted[:9]) <= len(names):
        return int(wanted) - 1
    return Problem("FN120", f"there is no sheet {quoted(wanted)}", did_you_mean(wanted, names))


def has_table(rows: Sequence[Sequence[object]]) -> bool:
    """Whether at least two of the first rows have at least two cells."""
    return sum(sum(cell != "" for cell in row) > 1 for row in rows[:LOOKED_AT]) > 1


def are_marked(texts: Iterable[str]) -> bool:
    """Whether some texts look like numbers with a decimal mark, or one of thousands."""
    return any(
        len(text) <= 2 * LONGEST_NUMBER and _MARKED.search(text) and looks_like(text) == "number" for text in texts
    )


def number_text(value: float) -> str:
    """A number as a spreadsheet shows it in full."""
    return str(int(value)) if value.is_integer() else f"{Decimal(f'{value:.{_DIGITS}g}'):f}"
