"""Sorted draws to what is said of them: percentiles, the share that keeps a limit, and a histogram."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.analyses.flows import Draws, Moments
    from funnelcli.model import Exact

    Sorted = Draws | tuple[float, ...]

_BINS = 15
_EDGE = 0.005


class Bin(NamedTuple):
    """A bar of a histogram: how many draws lie from `low` up to, but for the last bar, below `high`."""

    low: float
    high: float
    draws: int


class Distribution(NamedTuple):
    """A metric: its value at the rates as measured, and its distribution.

    The mean and the standard deviation are exact; the percentiles and the histogram are those of the draws. The first
    and the last bar hold all that lies beyond the central 99%.
    """

    measured: Exact
    mean: float
    deviation: float
    p10: float
    p50: float
    p90: float
    histogram: tuple[Bin, ...]


def percentile(values: Sorted, percent: int) -> float:
    """The least of sorted values that at least so many percent of them do not exceed."""
    return values[max(0, -(-len(values) * percent // 100) - 1)]


def share_reaching(values: Sorted, operator: str, limit: Exact) -> float:
    """The share of sorted values that keep a limit; what differs by rounding only is equal to it."""
    level = float(limit)
    rounding = 1e-9 * abs(level)
    includes = operator in (">=", "<")
    below = bisect_left(values, level - rounding) if includes else bisect_right(values, level + rounding)
    return (below if operator in ("<", "<=") else len(values) - below) / len(values)


def distribution(measured: Exact, exact: Moments, values: Sorted, draws: int, whole: bool) -> Distribution:
    """The distribution of a metric from its sorted draws, one of them where it is certain, and its exact moments.

    `whole` values, units that come or not, are not divided further in the histogram.
    """
    certain = len(values) == 1
    return Distribution(
        measured=measured,
        mean=values[0] if certain else exact.mean,
        deviation=0.0 if certain else math.sqrt(exact.variance),
        p10=percentile(values, 10),
        p50=percentile(values, 50),
        p90=percentile(values, 90),
        histogram=(Bin(values[0], values[0], draws),) if certain else tuple(_histogram(values, whole)),
    )


def _histogram(values: Sorted, whole: bool) -> Iterator[Bin]:
    """Up to sixteen bars between round bounds; `whole` values are not divided further."""
    outside = int(len(values) * _EDGE)
    low, high = Fraction(values[outside]), Fraction(values[-1 - outside])
    if low == high:
        yield Bin(values[0], values[-1], len(values))
        return
    step = _round_step((high - low) / _BINS)
    if whole:
        step = max(step, Fraction(1))
    start, before = values[0], 0
    for number in range(math.floor(low / step) + 1, math.floor(high / step) + 1):
        edge = number * step
        until = bisect_left(values, edge)
        yield Bin(start, _plain(edge), until - before)
        start, before = _plain(edge), until
    yield Bin(start, values[-1], len(values) - before)


def _plain(edge: Fraction) -> float:
    return edge.numerator if edge.denominator == 1 else float(edge)


def _round_step(least: Fraction) -> Fraction:
    """The next of 1, 2, 2.5 and 5 times a power of ten."""
    power = Fraction(10) ** int(f"{float(least):e}".partition("e")[2])
    return next(times * power for times in (1, 2, Fraction(5, 2), 5, 10, 20) if times * power >= least)
