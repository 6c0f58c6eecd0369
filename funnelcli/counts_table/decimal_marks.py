"""The decimal mark of a table, from all of its numbers: told, proved, or open.

`12,5` proves the comma, `1,234.5` the point; `12,345` may be thousands or decimals. One cell with another mark than the
rest is a problem: a slip of the pen must not turn the thousands of a whole table into decimals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table import locale_numbers
from funnelcli.counts_table.impossible_counts import is_whole_cell
from funnelcli.diagnostics import Problem, decimal_text, joined, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from funnelcli.counts_table.column_roles import ColumnRoles
    from funnelcli.counts_table.csv_grid import CellProblems, CsvGrid

    Place = tuple[int, int]
    """Indices of a row and a column."""

_MOST_NAMED = 3


class DecimalMark(NamedTuple):
    """The decimal mark, `None` where no number needs one; `open` where both readings of some numbers are left."""

    mark: str | None
    open: bool = False
    note: str | None = None


def find(grid: CsvGrid, roles: ColumnRoles, problems: CellProblems) -> DecimalMark:
    """The decimal mark by the cells of the columns of numbers."""
    proofs: dict[str, list[Place]] = {}
    groups: dict[str, list[Place]] = {}
    numbers = [*((column, False) for column in roles.counts), *((column, True) for column in roles.money)]
    for row in grid.body:
        for column, money in numbers:
            text = grid.rows[row][column]
            if locale_numbers.is_ordinary(text):
                continue
            mark = locale_numbers.proved_mark(text, money)
            if mark is not None:
                proofs.setdefault(mark, []).append((row, column))
            elif parted := locale_numbers.group_mark(text, money):
                groups.setdefault(parted, []).append((row, column))
    if len(proofs) == 2:
        _refuse_two_marks(grid, proofs, problems)
        return DecimalMark(None)
    if not proofs:
        return DecimalMark(None, bool(groups))
    ((mark, proved),) = proofs.items()
    decimals = groups.get(mark, [])
    of_counts = [(row, column) for row, column in decimals if column in roles.counts]
    if not of_counts:
        return DecimalMark(mark)
    impossible = any(is_whole_cell(grid, roles, *place) for place in of_counts)
    # nobody writes a whole number with three zeros behind its mark
    end_in_zeros = any(grid.rows[row][column].strip().endswith("000") for row, column in decimals)
    if impossible or len(proved) < len(decimals) + end_in_zeros:
        _refuse_one_against_the_rest(grid, mark, proved, decimals, problems)
        return DecimalMark(None)
    row, column = proved[0]
    are = "is" if len(decimals) == 1 else "are"
    named, first, word = _named(grid, decimals), quoted(grid.rows[row][column]), locale_numbers.MARKS[mark]
    return DecimalMark(mark, note=f"{named} {are} read with a decimal {word}, as {first} in row {row + 1} has one")


def _named(grid: CsvGrid, cells: Iterable[Place]) -> str:
    texts = list(dict.fromkeys(quoted(grid.rows[row][column].strip()) for row, column in cells))
    return joined(texts if len(texts) <= _MOST_NAMED else [*texts[: _MOST_NAMED - 1], f"{len(texts) - 2} more"])


def _refuse_one_against_the_rest(
    grid: CsvGrid, mark: str, proved: list[Place], decimals: list[Place], problems: CellProblems
) -> None:
    row, column = decimals[0]
    value = locale_numbers.number(grid.rows[row][column], mark)
    first = decimal_text(0 if isinstance(value, Problem) else value)
    looks = "looks" if len(decimals) == 1 else "look"
    problems.add(
        *proved[0],
        "FN206",
        f"{_named(grid, decimals)} {looks} like thousands, and {_named(grid, proved)} does not: by its "
        f"{locale_numbers.MARKS[mark]} the first of them would be {first}",
        f"correct the cell, or say --decimal {mark} if all are decimals; without it, thousands are --decimal "
        f"{locale_numbers.OTHER[mark]}",
        ("looks like thousands", *decimals[0]),
    )


def _refuse_two_marks(grid: CsvGrid, proofs: dict[str, list[Place]], problems: CellProblems) -> None:
    (_, (earlier, *_)), (mark, (here, *_)) = sorted(proofs.items(), key=lambda proof: proof[1][0])
    first, second = (quoted(grid.rows[row][column]) for row, column in (earlier, here))
    problems.add(
        *here,
        "FN206",
        f"{second} has a decimal {locale_numbers.MARKS[mark]}, and {first} has another mark",
        "write all numbers alike, or say which is right: --decimal . or --decimal ,",
        ("the other mark", *earlier),
    )
