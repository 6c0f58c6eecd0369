"""Beta distributions: density, distribution function and quantiles, and which of several rates is the lowest.

The shapes go from fractions of 1 to 1e18. All work is done on the log odds y = log(x / (1 - x)) of a Beta(a, b)
variable. There the density is smooth and log-concave, with its peak at log(a / b), the *centre*; a *distance* is
counted from it. Distances keep their digits where the rates themselves run out of them, as for counts of 1e12.

A rate known from `successes` of `trials` is Beta(1 + successes, 1 + failures): its `posterior` with the flat prior,
which a sample of no trials leaves as it is. Nothing is drawn at random: the same figures every time.
"""

from __future__ import annotations

import math
from functools import cache
from itertools import accumulate, pairwise
from operator import mul
from typing import TYPE_CHECKING, Protocol

from funnelcli.stats.intervals import require_samples
from funnelcli.stats.normal import inverse_normal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Function = Callable[[float], float]

# Gauss-Legendre quadrature of order 8 on [-1, 1] (Abramowitz and Stegun, table 25.4), both signs
_HALF = (
    (0.1834346424956498, 0.3626837833783620),
    (0.5255324099163290, 0.3137066458778873),
    (0.7966664774136267, 0.2223810344533745),
    (0.9602898564975363, 0.1012285362903763),
)
NODES = (*(-node for node, _ in _HALF[::-1]), *(node for node, _ in _HALF))
WEIGHTS = (*(weight for _, weight in _HALF[::-1]), *(weight for _, weight in _HALF))
_NEAR = 0.01  # distances below it need the series that does not cancel
_NEGLIGIBLE = 45  # e^-45 of the peak is beyond a float's digits
KNOTS = (0, 0.7, 1.4, 2.1, 2.8, 3.5, 4.2, 5, 6, 7, 8, 10, 12, 15, 18, 22, 27, 33, 40)
"""Bounds of panels, in spreads from the centre, between which one panel of quadrature follows the density."""
_SHORT = 0.3
"""The part of the spread, at most of π, over which one panel follows a density without further looks."""
_NARROWEST = 1e-8
"""A panel of the narrowest posterior, of 1e12 trials, is wider."""


def spread(a: float, b: float) -> float:
    """Width of the log odds of Beta(a, b): the standard deviation of the normal curve that fits the peak."""
    return math.sqrt(1 / a + 1 / b)


def log_kernel(few: float, many: float, log1p: Function = math.log1p) -> Callable[[float, float], float]:
    """Logarithm of the density of the log odds of Beta(few, many), few <= many, relative to its peak.

    It is a function of the distance t from the centre and of e^t - 1. Seen from the smaller shape nothing cancels.
    `log1p` is the logarithm to be used: that of the platform, or one that is the same on all of them.
    """
    total = few + many
    share, rest = few / total, many / total

    def at(distance: float, growth: float) -> float:
        if -_NEAR < distance < _NEAR:
            ratio = growth / (1 + share * growth)
            return few * _log1p_rest(rest * ratio) + many * _log1p_rest(-share * ratio)
        return few * distance - total * log1p(share * growth)

    return at


def log_density(a: float, b: float) -> Function:
    """Logarithm of the density of the log odds of Beta(a, b), as a function of the distance from the centre.

    The normalisation is Stirling's with its correction (Loader, "Fast and accurate computation of binomial
    probabilities", 2000), so that nothing of the size of log(a!) is ever subtracted.
    """
    peak = -math.log(spread(a, b)) - 0.5 * math.log(2 * math.pi) - stirling(a) - stirling(b) + stirling(a + b)
    side, few, many = (1, a, b) if a <= b else (-1, b, a)
    kernel, expm1 = log_kernel(few, many), math.expm1

    def at(distance: float) -> float:
        away = side * distance
        if away > 700:
            return peak - many * away - (a + b) * math.log(few / (a + b))
        return peak + kernel(away, expm1(away))

    return at


def _integral(density: Function, left: float, right: float) -> float:
    """Probability between two distances, from the logarithm of a density that changes little between them."""
    half = (right - left) / 2
    middle = left + half
    exp, total = math.exp, 0.0
    for node, weight in _HALF:  # most of the time that a chance takes is spent here
        away = half * node
        total += weight * (exp(density(middle - away)) + exp(density(middle + away)))
    return half * total


def chance_below(a: float, b: float, distance: float) -> float:
    """Probability that the log odds of Beta(a, b) lie less than `distance` above their centre."""
    if distance > 0:
        return 1 - chance_below(b, a, -distance)
    density = log_density(a, b)
    total, share, rest = a + b, a / (a + b), b / (a + b)
    centre = math.log(a / b)
    probability = 0.0
    right = distance
    while True:
        odds, height = math.exp(right), centre + right
        slope = -total * share * rest * math.expm1(right) / (rest + share * odds)
        curvature = total * share * rest * odds / (rest + share * odds) ** 2
        # narrow where the density bends or falls quickly, and near the poles at ±πi and the bend at the centre
        step = 0.6 * math.hypot(min(0.0, max(height, right)), math.pi)
        if curvature * step * step > 1.44:
            step = 1.2 / math.sqrt(curvature)
        if slope * step > 4:
            step = 4 / slope
        part = _integral(density, right - step, right)
        probability += part
        if part <= 1e-17 * probability:
            return probability
        right -= step


def distance_quantile(a: float, b: float, share: float) -> float:
    """Distance from the centre below which the log odds of Beta(a, b) lie with the probability `share`, 0 < share < 1.

    Newton's method on the logarithm of the probability, which is concave: it converges from anywhere. Of a short step
    only what lies on its way is integrated.
    """
    if share > 0.5:
        return -distance_quantile(b, a, 1 - share)
    density, width = log_density(a, b), spread(a, b)
    distance = inverse_normal(share) * width
    probability = chance_below(a, b, distance)
    for _ in range(200):
        if not probability:
            distance /= 2
            probability = chance_below(a, b, distance)
            continue
        missing = math.log(share / probability)
        step = missing * probability / math.exp(density(distance))
        before, distance = distance, distance + step
        if abs(step) < 1e-8 * width:  # convergence is quadratic: the next step would be lost in rounding
            break
        if abs(missing) < 1 and abs(step) < _SHORT * min(width, math.pi):
            probability += _integral(density, before, distance)
        else:
            probability = chance_below(a, b, distance)
    return distance


def rate_at(a: float, b: float, distance: float) -> float:
    """The rate at a distance from the centre of the log odds."""
    if distance > 0:
        return a / (a + b * math.exp(-distance))
    odds = a * math.exp(distance)
    return odds / (b + odds)


def posterior(successes: float, trials: float) -> tuple[float, float]:
    """The shapes of a rate known from a sample, with the flat prior: 7 of 50 is Beta(8, 44)."""
    return successes + 1, trials - successes + 1


def from_moments(mean: float, variance: float) -> tuple[float, float]:
    """The shapes of the distribution of that mean and variance, which is above 0 and below mean x (1 - mean)."""
    size = mean * (1 - mean) / variance - 1
    return mean * size, (1 - mean) * size


def prob_b_beats_a(successes_a: float, trials_a: float, successes_b: float, trials_b: float) -> float:
    """The chance, 0 to 1, that B's rate is greater than A's, each with an independent Beta(1, 1) posterior.

    10 of 100 against 17 of 100 gives 0.923, and equal samples 0.5. It is the integral of one density times the other's
    distribution function, exact to 1e-10 of the chance itself at any counts, and equals a tail of a hypergeometric
    distribution (Altham, "Exact Bayesian analysis of a 2x2 contingency table", JRSS B 31, 1969). Chances below 1e-300
    are 0. Raises `ValueError` for what is no sample.

    The trapezoidal rule is as good as exact for a smooth bell on the whole line of log odds (Trefethen and Weideman,
    SIAM Review 56, 2014), here the narrower posterior's density times the other's distribution function.
    """
    require_samples((successes_a, trials_a), (successes_b, trials_b))
    first, second = posterior(successes_a, trials_a), posterior(successes_b, trials_b)
    if spread(*second) > spread(*first):  # 1 - A > 1 - B is the same event
        first, second = second[::-1], first[::-1]
    density_first, density_second = log_density(*first), log_density(*second)
    peak = second
    if first[0] * second[1] > second[0] * first[1]:  # the bell is near the peak of the product of the densities
        peak = first[0] + second[0], first[1] + second[1]
    from_first, from_second, step = _apart(first, peak), _apart(second, peak), 0.3 * spread(*peak)

    def height(steps: int) -> float:
        own, other = from_second + steps * step, from_first + steps * step
        return density_second(own) + (density_first(other) if other < 0 else 0.0)

    at, top = 0, height(0)
    if top < -700:
        return 0.0
    while height(at) > top - _NEGLIGIBLE:
        at -= 4
    share = chance_below(*first, from_first + at * step)
    total = 0.0
    while True:
        part = math.exp(density_second(from_second + at * step)) * share
        total += part
        if at > 0 and part <= 1e-17 * total:
            return min(1.0, total * step)
        share += _integral(density_first, from_first + at * step, from_first + (at + 1) * step)
        at += 1


def _apart(start: tuple[float, float], end: tuple[float, float]) -> float:
    """From the centre of one posterior's log odds to another's: exact also where the rates agree in many digits."""
    before, after = start[0] * end[1], start[1] * end[0]
    if before < 2 * after < 4 * before:
        return math.log1p((after - before) / before)
    return math.log(after / before)


class Scored(Protocol):
    """Something uncertain that may be the lowest of several, on a line where the lowest lies leftmost."""

    def knots(self) -> list[float]:
        """Places between which one panel of quadrature follows the density, ascending; none where it has no weight."""

    def densities(self, places: Iterable[float]) -> list[float]:
        """Density at each place."""


def _tail(shape: float, start: float) -> list[float]:
    """Distances from `start` on, to where nothing is left of a tail that falls as e^(-shape x distance)."""
    steps = math.ceil(max(0.0, _NEGLIGIBLE - shape * start) / 3) if shape < 1 else 0
    return [start + step * 3 / shape for step in range(1, steps + 1)]


class Candidate:
    """A rate that is Beta(a, b) distributed, on the line of log odds."""

    def __init__(self, a: float, b: float) -> None:
        self.a, self.b = a, b
        self.centre = math.log(a / b)
        self.log_density = log_density(a, b)

    def knots(self) -> list[float]:
        """Multiples of the spread to both sides of the centre, and on along the tail of a shape below 1."""
        width = spread(self.a, self.b)
        below, above = (
            [knot * width for knot in KNOTS] + _tail(shape, KNOTS[-1] * width) for shape in (self.a, self.b)
        )
        return [*(self.centre - each for each in below[:0:-1]), *(self.centre + each for each in above)]

    def densities(self, places: Iterable[float]) -> list[float]:
        """Density of the log odds."""
        return [math.exp(self.log_density(place - self.centre)) for place in places]


def prob_lowest(candidates: Sequence[Scored]) -> tuple[float, ...]:
    """The chance of each candidate to be the lowest; they are independent.

    The chances of rates sum to 1, and for two of them the first is the chance that B is better: Beta(11, 91) against
    Beta(18, 84), the posteriors of 10 of 100 and 17 of 100, gives 0.923. The chance to be the highest is that of
    Beta(b, a) to be the lowest. Computed by Gauss-Legendre quadrature, in panels that no distribution is too narrow
    for, to 1e-9.
    """
    knots = [candidate.knots() for candidate in candidates]
    below = [0.0] * len(knots)  # how much of each distribution lies below the panel
    chances = [0.0] * len(knots)
    none = [0.0] * len(NODES)
    for left, right in pairwise(_panels([own for own in knots if own])):
        half = (right - left) / 2
        places = [left + half * (1 + node) for node in NODES]
        parts, beyond = [], []
        for index, candidate in enumerate(candidates):
            own = knots[index]
            if not own or right <= own[0]:
                parts.append(none)
                beyond.append([1.0] * len(NODES))
                continue
            if 1 - below[index] <= 1e-15:
                parts.append(none)
                beyond.append(none)
                continue
            values = [half * value for value in candidate.densities(places)]
            parts.append([weight * value for weight, value in zip(WEIGHTS, values, strict=True)])
            above = 1 - below[index]
            beyond.append([max(0.0, above - sum(map(mul, row, values))) for row in _partial_weights()])
            below[index] += sum(parts[-1])
        for node, tails in enumerate(zip(*beyond, strict=True)):
            before = [*accumulate(tails, mul, initial=1.0)]
            after = [*accumulate(tails[::-1], mul, initial=1.0)][::-1]
            for index, part in enumerate(parts):
                chances[index] += part[node] * before[index] * after[index + 1]
        if any(1 - share < 1e-15 for share in below):
            break  # one of them certainly lies lower than all that follows
    return tuple(min(1.0, chance) for chance in chances)


def _panels(knots: Sequence[Sequence[float]]) -> Iterator[float]:
    """Bounds of panels, ascending: at each place as wide as the narrowest of all that have knots there."""
    ends = [[*pairwise(own)] for own in knots]
    at = [0] * len(knots)
    place, last = min((own[0] for own in knots), default=0.0), max((own[-1] for own in knots), default=0.0)
    while place < last:
        yield place
        step = last - place
        for index, own in enumerate(ends):
            while at[index] < len(own) and own[at[index]][1] <= place:
                at[index] += 1
            here = own[at[index] : at[index] + 2]
            if here and here[0][0] > place:  # it begins further on
                step = min(step, max(here[0][0] - place, here[0][1] - here[0][0]))
            elif here:
                step = min(step, *(max(right - left, _NARROWEST) for left, right in here))
        place = max(place + step, math.nextafter(place, math.inf))
    yield last


@cache
def _partial_weights() -> list[list[float]]:
    """For each node the weights of the integral from -1 up to it, of the polynomial through the values at all nodes."""

    def legendre(x: float) -> list[float]:
        values = [1.0, x]
        for n in range(1, len(NODES)):
            values.append(((2 * n + 1) * x * values[n] - n * values[n - 1]) / (n + 1))
        return values

    table = [legendre(x) for x in NODES]
    return [
        [
            weight / 2 * (x + 1 + sum(at_node[n] * (here[n + 1] - here[n - 1]) for n in range(1, len(NODES))))
            for weight, at_node in zip(WEIGHTS, table, strict=True)
        ]
        for x, here in zip(NODES, table, strict=True)
    ]


def _log1p_rest(value: float) -> float:
    """log(1 + value) - value for a value near 0, by its series."""
    return (
        -value
        * value
        * (1 / 2 - value * (1 / 3 - value * (1 / 4 - value * (1 / 5 - value * (1 / 6 - value * (1 / 7 - value / 8))))))
    )


def stirling(value: float) -> float:
    """What Stirling's formula leaves out of log gamma(value) (DLMF 5.11.1)."""
    if value < 10:
        return math.lgamma(value) - (value - 0.5) * math.log(value) + value - 0.5 * math.log(2 * math.pi)
    square = 1 / (value * value)
    series = 1 / 1260 - square * (1 / 1680 - square / 1188)
    return (1 / 12 - square * (1 / 360 - square * series)) / value
