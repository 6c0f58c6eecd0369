"""The decimal mark of a table, from all of its numbers: told, proved, or open.

`12,5` proves the comma, `1,234.5` the point; `12,345` may be thousands or decimals. One cell with another mark than the
rest is a finding: a slip of the pen must not turn the thousands of a whole table into decimals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table import locale_numbers
from funnelcli.counts_table.csv_grid import Finding
from funnelcli.diagnostics import Problem, decimal_text, joined, quoted

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from funnelcli.counts_table.csv_grid import Grid
    from funnelcli.model import Exact

_MOST_NAMED = 3


class Mark(NamedTuple):
    """The decimal mark, `None` where no number needs one; `open` where both readings of some numbers are left."""

    mark: str | None
    open: bool = False
    note: str | None = None


def find(
    grid: Grid, numbers: Sequence[tuple[int, bool]], whole: Container[tuple[int, int]], findings: list[Finding]
) -> Mark:
    """The decimal mark by the cells of the columns of numbers, each with whether it holds money.

    `whole` are the cells, by row and column, of units that come in wholes.
    """
    proofs: dict[str, list[tuple[int, int]]] = {}
    groups: dict[str, list[tuple[int, int]]] = {}
    for row in grid.body:
        for column, money in numbers:
            text = grid.rows[row][column]
            mark = locale_numbers.proved_mark(text, money)
            if mark is not None:
                proofs.setdefault(mark, []).append((row, column))
            elif not locale_numbers.is_ordinary(text) and (parted := locale_numbers.group_mark(text, money)):
                groups.setdefault(parted, []).append((row, column))
    if len(proofs) == 2:
        findings.append(_two_marks(grid, proofs))
        return Mark(None)
    if not proofs:
        return Mark(None, bool(groups))
    ((mark, proved),) = proofs.items()
    decimals = groups.get(mark, [])
    of_counts = [(row, column) for row, column in decimals if (column, False) in numbers]
    if not of_counts:
        return Mark(mark)
    impossible = any(at in whole for at in of_counts)
    if impossible or len(proved) < len(decimals) or (len(proved) == len(decimals) and _end_in_zeros(grid, decimals)):
        findings.append(_one_against_the_rest(grid, mark, proved, decimals))
        return Mark(None)
    row, column = proved[0]
    note = (
        f"{_named(grid, decimals)} {'is' if len(decimals) == 1 else 'are'} read with a decimal "
        f"{locale_numbers.MARKS[mark]}, as {quoted(grid.rows[row][column])} in row {row + 1} has one"
    )
    return Mark(mark, note=note)


def _end_in_zeros(grid: Grid, cells: Sequence[tuple[int, int]]) -> bool:
    """Whether one of the cells would be a whole number with three zeros behind its mark, as nobody writes it."""
    return any(grid.rows[row][column].strip().endswith("000") for row, column in cells)


def _value(grid: Grid, at: tuple[int, int], mark: str) -> Exact:
    value = locale_numbers.number(grid.rows[at[0]][at[1]], mark)
    return 0 if isinstance(value, Problem) else value


def _named(grid: Grid, cells: Sequence[tuple[int, int]]) -> str:
    texts = list(dict.fromkeys(quoted(grid.rows[row][column].strip()) for row, column in cells))
    return joined(texts if len(texts) <= _MOST_NAMED else [*texts[: _MOST_NAMED - 1], f"{len(texts) - 2} more"])


def _one_against_the_rest(
    grid: Grid, mark: str, proved: Sequence[tuple[int, int]], decimals: Sequence[tuple[int, int]]
) -> Finding:
    row, column = proved[0]
    other = "," if mark == "." else "."
    looks = "looks" if len(decimals) == 1 else "look"
    first = decimal_text(_value(grid, decimals[0], mark))
    problem = Problem(
        "FN206",
        f"{_named(grid, decimals)} {looks} like thousands, and {_named(grid, proved)} does not: by its "
        f"{locale_numbers.MARKS[mark]} the first of them would be {first}",
        f"correct the cell, or say --decimal {mark} if all are decimals; without it, thousands are --decimal {other}",
    )
    return Finding(row, column, problem, ("looks like thousands", *decimals[0]))


def _two_marks(grid: Grid, proofs: dict[str, list[tuple[int, int]]]) -> Finding:
    (_, (earlier, *_)), (mark, (here, *_)) = sorted(proofs.items(), key=lambda each: each[1][0])
    first, second = (quoted(grid.rows[row][column]) for row, column in (earlier, here))
    problem = Problem(
        "FN206",
        f"{second} has a decimal {locale_numbers.MARKS[mark]}, and {first} has another mark",
        "write all numbers alike, or say which is right: --decimal . or --decimal ,",
    )
    return Finding(*here, problem, ("the other mark", *earlier))
