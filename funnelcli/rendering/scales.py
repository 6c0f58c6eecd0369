"""Lengths of bars: shares of the widest, and where each amount of a waterfall starts and ends."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LOG_SCALE_BELOW = 0.02
"""The share of the widest bar below which the narrowest would not be seen."""
SLIVER = 0.12
"""The narrowest bar of a log scale."""


def shares(values: Sequence[float]) -> tuple[list[float], bool]:
    """Widths of bars as shares of the widest, and whether they are on a log scale."""
    largest = max(values)
    if not largest:
        return [0.0] * len(values), False
    smallest = min(value for value in values if value > 0)
    if smallest / largest >= LOG_SCALE_BELOW:
        return [value / largest for value in values], False
    top = math.log(largest)
    span = top - math.log(smallest)
    return [0.0 if not value else 1 - (1 - SLIVER) * (top - math.log(value)) / span for value in values], True


def spans(amounts: Sequence[tuple[float, bool]]) -> list[tuple[float, float]]:
    """From and to of each amount of a waterfall, the lower one first: totals from 0, steps from the level before."""
    found: list[tuple[float, float]] = []
    level = 0.0
    for amount, is_total in amounts:
        start, level = (0.0, amount) if is_total else (level, level + amount)
        found.append((min(start, level), max(start, level)))
    return found
