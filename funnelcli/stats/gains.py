"""What closing the gap between an uncertain rate and its reference would bring, and which of several gaps the most.

The rate x is Beta distributed. The reference r is a number, or Beta distributed, too, and independent of it. The
*growth* is r / x - 1, and nothing where x has reached r. Its line is minus the logarithm of the growth: the greatest
lies leftmost, both tails are smooth, and what grows nowhere has no place on it. A gain is a growth times what passes
through.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from funnelcli.stats.beta import KNOTS, NODES, distance_quantile, log_density, rate_at, spread
from funnelcli.stats.normal import inverse_normal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from funnelcli.stats.beta import Function

    Node: TypeAlias = tuple[float, float, float]

_TO_NOTHING = tuple(1.5 * step for step in range(1, 29))
"""Bounds of panels, from the last of `KNOTS` above the rate to where nothing is left to be gained."""
_KNOTS = (0, 1.5, 3, 4.5, 6, 8, 10.5, 14, 19, 25, 33)
"""The same as `KNOTS` where 1e-5 of a chance will do; behind them, to where nothing is left."""
_TO_LITTLE = tuple(2.0 * step for step in range(1, 12))
_STEP = 0.6
"""Spreads from node to node of the trapezoidal rule, which is as good as exact for a smooth bell."""
_NEGLIGIBLE = 1e-11
_MUCH_NARROWER = 10
_LARGE = 5
"""Shape from which cumulants tell the quantiles of a difference."""
_PLACES = 128
"""Quantiles of each rate that stand for it in a difference, where they do not."""
_SMOOTH = 10
"""Shape from which a reference fades out smoothly towards 100%."""


class Growth:
    """The growth towards a reference that is known: a target."""

    def __init__(self, a: float, b: float, reference: float) -> None:
        self.a, self.b, self.reference = a, b, reference
        self.centre = math.log(a / b)
        self.log_density = log_density(a, b)

    def knots(self) -> list[float]:
        """Places between which the density is smooth, ascending."""
        width = spread(self.a, self.b)
        distances = [*(-knot * width for knot in KNOTS[:0:-1]), *(knot * width for knot in KNOTS)]
        rates = [rate for distance in distances if (rate := rate_at(self.a, self.b, distance)) < self.reference]
        places = [-math.log((self.reference - rate) / rate) for rate in rates]
        places = places[:-1] or places  # the last one may lie anywhere between
        return places + [places[-1] + step for step in _TO_NOTHING if places]

    def densities(self, places: Iterable[float]) -> list[float]:
        """Density at each place."""
        found = []
        for place in places:
            lift = math.exp(-place)  # by how much of itself the rate misses the reference
            rate = self.reference / (1 + lift)
            if not 0 < rate < 1:
                found.append(0.0)
                continue
            distance = math.log(rate / (1 - rate)) - self.centre
            found.append(math.exp(self.log_density(distance)) / (1 - rate) * lift / (1 + lift))
        return found


class UncertainGrowth:
    """The growth towards a reference that is Beta(c, d) distributed: the rate of a baseline, of the best segment.

    The density is an integral over the narrower of the two, by the trapezoidal rule on the line of its log odds. It is
    computed once at the nodes of panels and interpolated between them by its logarithm, to 1e-5 of the chances; to 1e-3
    where the reference is by far the wider one and may be 100%.
    """

    def __init__(self, a: float, b: float, reference: tuple[float, float]) -> None:
        c, d = reference
        own, other = math.sqrt(b / (a * (a + b))), math.sqrt(d / (c * (c + d)))  # spreads of the rates' logarithms
        if other > own and (d >= _SMOOTH or other > _MUCH_NARROWER * own):
            self._at = _over_rate(_nodes(a, b, _STEP), c, d)
        else:
            self._at = _over_reference(_nodes(c, d, _STEP * min(1.0, own / other)), a, b)
        self._knots = [*_places(a, b, c, d, own, other)]
        self._logs: dict[int, list[float]] = {}

    def knots(self) -> list[float]:
        """Places between which the density is smooth, ascending."""
        return self._knots

    def densities(self, places: Iterable[float]) -> list[float]:
        """Density at each place, interpolated."""
        return [self._density(place) for place in places]

    def _density(self, place: float) -> float:
        panel = bisect_right(self._knots, place) - 1
        if not 0 <= panel < len(self._knots) - 1:
            return 0.0
        left, right = self._knots[panel], self._knots[panel + 1]
        logs = self._panel(panel)
        at = 2 * (place - left) / (right - left) - 1
        above = below = 0.0
        for node, factor, value in zip(NODES, _barycentric(), logs, strict=True):
            away = at - node
            if not away:
                above, below = value, 1.0
                break
            part = factor / away
            above, below = above + part * value, below + part
        return math.exp(min(above / below, max(logs) + 1))  # where it ends within a panel, nothing may swing

    def _panel(self, panel: int) -> list[float]:
        """Logarithms of the density at the nodes of a panel."""
        if panel not in self._logs:
            left, right = self._knots[panel], self._knots[panel + 1]
            places = (left + (right - left) * (1 + node) / 2 for node in NODES)
            values = (self._at(math.exp(-place)) for place in places)
            self._logs[panel] = [math.log(value) if value > 0 else -745.0 for value in values]
        return self._logs[panel]


class Weighted:
    """A gain that may be the greatest of several: a growth times a `weight` above 0, the money behind a step.

    By `prob_lowest`, the chances of several sum to the chance that there is any gap.
    """

    def __init__(self, growth: Growth | UncertainGrowth, weight: float) -> None:
        self.growth, self.shift = growth, math.log(weight)

    def knots(self) -> list[float]:
        """Places between which the density is smooth, ascending."""
        return [place - self.shift for place in self.growth.knots()]

    def densities(self, places: Iterable[float]) -> list[float]:
        """Density at each place."""
        return self.growth.densities(place + self.shift for place in places)


def _places(a: float, b: float, c: float, d: float, own: float, other: float) -> Iterator[float]:
    """Knots of the growth: rate and reference move apart, each as far as it is uncertain."""
    both = math.hypot(own, other)
    width, reach = spread(a, b) * own / both, spread(c, d) * other / both
    place = None
    for knot in (*reversed(_KNOTS), *(-knot for knot in _KNOTS[1:])):
        rate, reference = rate_at(a, b, -knot * width), rate_at(c, d, knot * reach)
        if reference <= rate * (1 + 0.1 * both):
            break
        before, place = place, -math.log((reference - rate) / rate)
        yield from () if before is None else _between(before, place)
        yield place
    if place is not None:
        yield from (place + step for step in _TO_LITTLE)


def _between(left: float, right: float) -> Iterator[float]:
    """Places between two knots that lie too far apart, as where the growth comes near nothing."""
    parts = math.ceil((right - left) / 1.5)
    return (left + (right - left) * part / parts for part in range(1, parts))


def _nodes(a: float, b: float, step: float) -> list[Node]:
    """Rates of a Beta distribution, what is missing to 1, and their weights, which sum to 1."""
    width, density = step * spread(a, b), log_density(a, b)
    found: list[Node] = []
    for side in (1, -1):
        at = 0 if side > 0 else -1
        while (weight := width * math.exp(density(at * width))) > _NEGLIGIBLE:
            found.append((rate_at(a, b, at * width), rate_at(b, a, -at * width), weight))
            at += side
    total = sum(weight for _, _, weight in found)
    return [(rate, rest, weight / total) for rate, rest, weight in found]


def _over_reference(nodes: list[Node], a: float, b: float) -> Function:
    """Density of the place as a function of the lift, the rate seen from each node of the reference."""
    density, centre = log_density(a, b), math.log(a / b)

    def at(lift: float) -> float:
        total = 0.0
        for reference, rest, weight in nodes:
            missing = rest + lift
            total += weight * math.exp(density(math.log(reference / missing) - centre)) / missing
        return total * lift

    return at


def _over_rate(nodes: list[Node], c: float, d: float) -> Function:
    """The same, the reference seen from each node of the rate."""
    density, centre = log_density(c, d), math.log(c / d)

    def at(lift: float) -> float:
        total = 0.0
        for rate, rest, weight in nodes:
            missing = rest - rate * lift
            if missing > 0:
                total += weight * math.exp(density(math.log(rate * (1 + lift) / missing) - centre)) / missing
        return total * lift / (1 + lift)

    return at


@cache
def _barycentric() -> list[float]:
    """Factors of interpolation through the nodes (Berrut and Trefethen, SIAM Review 46, 2004)."""
    return [1 / math.prod(node - other for other in NODES if other != node) for node in NODES]


def shortfalls(
    a: float, b: float, reference: float | tuple[float, float], shares: Sequence[float]
) -> tuple[float, ...]:
    """By how much, at most, a rate misses its reference with each probability of `shares`; never below 0.

    The rate is Beta(a, b) distributed. The reference is a number or the shapes of another Beta distribution. Quantiles
    of the difference are those of its cumulants (Cornish and Fisher, 1938), or where a shape is small, of the
    differences of evenly spread quantiles of both: within 0.004 of the probability.
    """
    if not isinstance(reference, tuple):
        return tuple(max(0.0, reference - rate_at(a, b, distance_quantile(a, b, 1 - share))) for share in shares)
    if min(a, b, *reference) >= _LARGE:
        rate, aim = _cumulants(a, b), _cumulants(*reference)
        mean, variance = aim[0] - rate[0], aim[1] + rate[1]
        skewness, kurtosis = (aim[2] - rate[2]) / variance**1.5, (aim[3] + rate[3]) / variance**2
        return tuple(
            max(0.0, mean + math.sqrt(variance) * _cornish_fisher(inverse_normal(share), skewness, kurtosis))
            for share in shares
        )
    from funnelcli.stats.sampling import GRID, beta_grid

    apart = GRID // _PLACES
    rates, aims = (beta_grid(*shapes)[apart // 2 :: apart] for shapes in ((a, b), reference))
    missing = sorted(aim - rate for aim in aims for rate in rates)
    return tuple(max(0.0, missing[int(share * len(missing))]) for share in shares)


def _cumulants(a: float, b: float) -> tuple[float, float, float, float]:
    """The first four cumulants of a Beta distributed rate."""
    total = a + b
    variance = a / total * (b / total) / (total + 1)
    third = variance * 2 * (b - a) / (total * (total + 2))
    excess = 6 * ((a - b) / total * ((a - b) / total) * (total + 1) - a / total * (b / total) * (total + 2))
    return a / total, variance, third, variance * excess / ((total + 1) * (total + 2) * (total + 3))


def _cornish_fisher(z: float, skewness: float, kurtosis: float) -> float:
    """The quantile of a variable with a mean of 0 and a deviation of 1 where the normal one has z."""
    return (
        z + skewness * (z * z - 1) / 6 + kurtosis * (z**3 - 3 * z) / 24 - skewness * skewness * (2 * z**3 - 5 * z) / 36
    )
