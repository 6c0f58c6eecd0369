"""Columns of fractions that are the ratio of others: told by arithmetic, where no name tells them."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from typing import TYPE_CHECKING

from funnelcli.counts_table import locale_numbers
from funnelcli.diagnostics import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.csv_grid import Grid
    from funnelcli.model import Exact

_MOST_COMPARED = 40
"""Columns of numbers among which ratios are looked for."""


def ratios(grid: Grid, numbers: Sequence[int], beside: Sequence[int], is_long: bool) -> dict[int, str]:
    """Columns of fractions that are the ratio of two others, or of a count to the one before or the first."""
    found = {}
    decimal = [
        column
        for column in numbers[:_MOST_COMPARED]
        if any(locale_numbers.has_decimals(grid.rows[row][column]) for row in grid.body)
    ]
    for column in numbers[:_MOST_COMPARED]:
        cells = [grid.rows[row][column] for row in grid.body]
        fractions = any(any(value.denominator != 1 for value in locale_numbers.readings(cell)) for cell in cells)
        if not any(map(locale_numbers.has_decimals, cells)) or (len(decimal) > 1 and not fractions):
            continue  # where all counts are written as 12.00, decimals tell nothing
        others = [other for other in beside[:_MOST_COMPARED] if other != column]
        values = {other: [_greatest(grid.rows[row][other]) for row in grid.body] for other in others}
        pairs = [(names, values[names[0]], values[names[1]]) for names in permutations(others, 2)]
        if is_long:
            for other, counts in values.items():
                pairs.append(((other, other), counts[1:], counts[:-1]))
                pairs.append(((other, other), counts[1:], counts[:1] * (len(counts) - 1)))
        for (above, below), upper, lower in pairs:
            if _is_ratio(cells[len(cells) - len(upper) :], upper, lower):
                said = f"{quoted(grid.names[above])} / {quoted(grid.names[below])}"
                found[column] = said if above != below else f"a ratio of {quoted(grid.names[above])}"
                break
    return found


def _greatest(cell: str) -> Exact | None:
    return max(locale_numbers.readings(cell), default=None)


def _is_ratio(cells: Sequence[str], upper: Sequence[Exact | None], lower: Sequence[Exact | None]) -> bool:
    """Whether each cell is upper / lower, as a fraction or in percent, to the digits that it has."""
    for scale in (1, 100):
        told = 0
        for cell, above, below in zip(cells, upper, lower, strict=True):
            values = locale_numbers.readings(cell)
            if not values or above is None or not below:
                continue
            step = Fraction(1, 10 ** locale_numbers.digits_behind_the_mark(cell))
            if not any(abs(value - scale * Fraction(above) / below) < step for value in values):
                break
            told += 1
        else:
            if told:
                return True
    return False
