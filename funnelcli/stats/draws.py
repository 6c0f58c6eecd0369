"""What is said of sorted draws: percentiles, central ranges, shares that keep a limit, histograms."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator

    from funnelcli.exact import Exact

_BINS = 15
_EDGE = 0.005


class Draws:
    """Sorted draws of an amount: factor x column + constant, computed when one is looked at."""

    def __init__(self, column: array[float], factor: float = 1.0, constant: float = 0.0) -> None:
        self.column = column
        self.factor = factor
        self.constant = constant

    def __len__(self) -> int:
        """How many there are; 1 for an amount that is certain."""
        return len(self.column)

    def __getitem__(self, index: int) -> float:
        """The draw at a place in ascending order."""
        return self.factor * self.column[index if self.factor > 0 else -1 - index] + self.constant


class Bin(NamedTuple):
    """A bar of a histogram: how many draws lie from `low` up to, but for the last bar, below `high`."""

    low: float
    high: float
    draws: int


class Distribution(NamedTuple):
    """A metric: its value at the rates as measured, and its distribution.

    The mean and the standard deviation are exact; the percentiles and the histogram are those of the draws. `p10` and
    `p90` leave a tenth outside, as nearly as whole units allow (`central`). The first and the last bar hold all that
    lies beyond the central 99%.
    """

    measured: Exact
    mean: float
    deviation: float
    p10: float
    p50: float
    p90: float
    histogram: tuple[Bin, ...]


def percentile(values: Draws | tuple[float, ...], percent: int) -> float:
    """The least of sorted values that at least so many percent of them do not exceed."""
    return values[max(0, -(-len(values) * percent // 100) - 1)]


def central(values: Draws | tuple[float, ...], percent: int) -> tuple[float, float]:
    """The ends of the range that holds so many percent of sorted values, with as many below it as above.

    Where many values are equal, as numbers of units are, no range holds exactly that: each end leaves as nearly that
    part outside as they allow. Everything that is an end is within the range.
    """
    number = len(values)
    outside = (100 - percent) / 200
    low, high = values[int(outside * number)], values[number - 1 - int(outside * number)]
    below, until = bisect_left(values, low) / number, bisect_right(values, low) / number
    if until - outside < outside - below:
        low = values[min(number - 1, bisect_right(values, low))]
    above, beyond = 1 - bisect_right(values, high) / number, 1 - bisect_left(values, high) / number
    if beyond - outside < outside - above:
        high = values[max(0, bisect_left(values, high) - 1)]
    return (low, high) if low <= high else (high, low)


def share_reaching(values: Draws | tuple[float, ...], operator: str, limit: Exact) -> float:
    """The share of sorted values that keep a limit; what differs by rounding only is equal to it."""
    level = float(limit)
    rounding = 1e-9 * abs(level)
    includes = operator in (">=", "<")
    below = bisect_left(values, level - rounding) if includes else bisect_right(values, level + rounding)
    return (below if operator in ("<", "<=") else len(values) - below) / len(values)


def distribution(
    measured: Exact, mean: float, variance: float, values: Draws | tuple[float, ...], draws: int, whole: bool
) -> Distribution:
    """The distribution of a metric from its exact mean and variance, and its sorted draws, a single one where certain.

    `whole` values, units that come or not, are not divided further in the histogram.
    """
    certain = len(values) == 1
    low, high = central(values, 80)
    return Distribution(
        measured=measured,
        mean=values[0] if certain else mean,
        deviation=0.0 if certain else math.sqrt(variance),
        p10=low,
        p50=percentile(values, 50),
        p90=high,
        histogram=(Bin(values[0], values[0], draws),) if certain else tuple(_histogram(values, whole)),
    )


def _histogram(values: Draws | tuple[float, ...], whole: bool) -> Iterator[Bin]:
    """Up to sixteen bars between round bounds, each of as many values as any other where these are multiples of one."""
    outside = int(len(values) * _EDGE)
    low, high = Fraction(values[outside]), Fraction(values[-1 - outside])
    if low == high:
        yield Bin(values[0], values[-1], len(values))
        return
    step = _round_step((high - low) / _BINS, _common(values) if float(values[0]).is_integer() else 0)
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


def _common(values: Draws | tuple[float, ...]) -> int:
    """The largest whole number that all values are multiples of, such as the price of one sale; 0 without one."""
    common = 0
    for value in {values[at] for at in range(len(values))}:
        if not float(value).is_integer():
            return 0
        common = math.gcd(common, int(value))
        if common == 1:
            break
    return common


def _round_step(least: Fraction, common: int) -> Fraction:
    """The next of 1, 2, 2.5 and 5 times a power of ten; with a `common` number a multiple of that, the roundest."""
    power = Fraction(10) ** int(f"{float(least):e}".partition("e")[2])
    steps = [times * power for times in (1, 2, Fraction(5, 2), 5, 10, 20) if times * power >= least]
    even = (step for step in steps if common and (step / common).denominator == 1)
    if not common:
        return steps[0]
    return next(even, None) or common * _round_step(max(least / common, Fraction(1)), 1)
