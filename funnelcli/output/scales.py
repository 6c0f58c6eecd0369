"""Lengths of bars: shares of the widest, and where each amount of a waterfall starts and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def lengths(values: Sequence[float], room: float, hairline: float) -> list[float]:
    """Lengths of bars in proportion to their values: the largest fills the room, what is not 0 is a hairline at least.

    Never on another scale than a linear one: a reader compares lengths.
    """
    largest = max(values, default=0.0)
    return [max(hairline, room * value / largest) if value > 0 else 0.0 for value in values]


def spans(amounts: Sequence[tuple[float, bool]]) -> list[tuple[float, float]]:
    """From and to of each amount of a waterfall, the lower one first: totals from 0, steps from the level before."""
    found: list[tuple[float, float]] = []
    level = 0.0
    for amount, is_total in amounts:
        start, level = (0.0, amount) if is_total else (level, level + amount)
        found.append((min(start, level), max(start, level)))
    return found


def visible_spans(spans: Sequence[tuple[float, float]], hairline: float) -> list[tuple[float, float]]:
    """The same, where what is not empty is as long as a hairline at least, in the unit of the amounts."""
    return [(start, max(end, start + hairline) if end > start else end) for start, end in spans]
