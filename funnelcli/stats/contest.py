"""Which of several rates is the worst: the chance of each, from the posteriors, by quadrature instead of simulation."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Contender(NamedTuple):
    """A rate known from a sample, in a contest for the worst score.

    The score is the rate itself, or, with a `reference` rate, minus the gain of closing the gap to it:
    `weight` x (1 - reference / rate). The lower, the worse; at or above the reference nothing is to be gained.
    """

    successes: int
    trials: int
    reference: float | None = None
    weight: float = 1.0

    def score(self, rate: float) -> float:
        """The score of a rate."""
        return rate if self.reference is None else self.weight * (1 - self.reference / rate)

    def rate(self, score: float) -> tuple[float, float]:
        """The rate that has a score, and how fast it grows with the score."""
        if self.reference is None:
            return score, 1.0
        below = 1 - score / self.weight
        return self.reference / below, self.reference / (self.weight * below * below)

    def density(self, rate: float) -> float:
        """Posterior density of the rate, Beta(1 + successes, 1 + failures), relative to its peak."""
        failures = self.trials - self.successes
        peak = self.successes / self.trials
        if not 0 <= rate <= 1:
            return 0.0
        logarithm = 0.0
        if self.successes:
            logarithm += self.successes * _log_ratio(rate, peak)
        if failures:
            logarithm += failures * _log_ratio(1 - rate, 1 - peak)
        return math.exp(logarithm)

    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation of the rate."""
        a, b = self.successes + 1, self.trials - self.successes + 1
        mean = a / (a + b)
        return mean, math.sqrt(mean * (1 - mean) / (a + b + 1))

    def knots(self) -> list[float]:
        """Rates between which the density is smooth enough for one panel of quadrature, from 0 to 1."""
        mean, deviation = self.moments()
        inner = {mean + side * step * deviation for step in _STEPS for side in (-1, 1)}
        return [0.0, *sorted(knot for knot in inner if 0 < knot < 1), 1.0]


def _log_ratio(value: float, to: float) -> float:
    """log(value / to), exact also where the two are near; minus infinity at 0."""
    if value <= 0:
        return -math.inf
    return math.log1p((value - to) / to) if value > to / 2 else math.log(value / to)


_STEPS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 14, 20, 30, 40)
_HALVINGS = 30


def chances_worst(contenders: Sequence[Contender]) -> tuple[float, ...]:
    """The chance of each contender that its score is the lowest, with independent Beta(1, 1) posteriors.

    Without references the chances sum to 1, and for two of them this is the chance that B is better: 10 of 100 against
    17 of 100 gives 0.923. With references they sum to the chance that any gap is left. Computed by Gauss-Legendre
    quadrature, not by simulation: the same figures every time.
    """
    nodes, weights, cumulative = _gauss_legendre(12)
    masses = []
    knots: set[float] = set()
    for contender in contenders:
        own = contender.knots()
        masses.append(_integral(contender.density, own, nodes, weights))
        if contender.reference is not None:
            lowest = min(own[1], contender.reference)
            own = [lowest * 0.5**halving for halving in range(_HALVINGS, 0, -1)] + own[1:]
            own = [knot for knot in own if knot < contender.reference] + [contender.reference]
        knots.update(contender.score(knot) for knot in own)
    below = [0.0] * len(contenders)  # how much of each posterior lies below the panel
    chances = [0.0] * len(contenders)
    ordered = _apart(sorted(knots), contenders)
    for left, right in pairwise(ordered):
        half = (right - left) / 2
        if half <= 0:
            continue
        scores = [left + half * (1 + node) for node in nodes]
        densities: list[list[float]] = []
        beyond: list[list[float]] = []
        for index, contender in enumerate(contenders):
            if 1 - below[index] < 1e-15:
                densities.append([])
                beyond.append([0.0] * len(nodes))
                continue
            values = []
            for score in scores:
                rate, slope = contender.rate(score)
                values.append(contender.density(rate) * slope * half / masses[index])
            densities.append(values)
            beyond.append(
                [
                    max(0.0, 1 - below[index] - sum(part * value for part, value in zip(row, values, strict=True)))
                    for row in cumulative
                ]
            )
            below[index] += sum(weight * value for weight, value in zip(weights, values, strict=True))
        for node, weight in enumerate(weights):
            others = _products_of_others([tail[node] for tail in beyond])
            for index, values in enumerate(densities):
                if values:
                    chances[index] += weight * values[node] * others[index]
        if any(1 - share < 1e-15 for share in below):
            break  # one of them certainly lies lower than all that follows
    return tuple(min(1.0, chance) for chance in chances)


def _products_of_others(factors: list[float]) -> list[float]:
    """For each factor the product of all others, without a division."""
    products = [1.0] * len(factors)
    before = after = 1.0
    for index, factor in enumerate(factors):
        products[index] *= before
        before *= factor
    for index in range(len(factors) - 1, -1, -1):
        products[index] *= after
        after *= factors[index]
    return products


def _apart(knots: list[float], contenders: Sequence[Contender]) -> list[float]:
    """Knots without those that are nearer to their neighbour than the narrowest posterior asks for."""
    widths = []
    for contender in contenders:
        mean, deviation = contender.moments()
        widths.append(contender.score(mean) - contender.score(max(mean - deviation, mean / 2)))
    nearest = min(widths) / 4
    kept = knots[:1]
    for knot in knots:
        if knot - kept[-1] >= nearest:
            kept.append(knot)
    return kept if kept[-1] == knots[-1] else [*kept, knots[-1]]


def _integral(
    function: Callable[[float], float], knots: list[float], nodes: Sequence[float], weights: Sequence[float]
) -> float:
    total = 0.0
    for left, right in pairwise(knots):
        half = (right - left) / 2
        total += half * sum(
            weight * function(left + half * (1 + node)) for node, weight in zip(nodes, weights, strict=True)
        )
    return total


@lru_cache(maxsize=2)
def _gauss_legendre(order: int) -> tuple[tuple[float, ...], tuple[float, ...], tuple[tuple[float, ...], ...]]:
    """Nodes and weights on [-1, 1], and for each node the weights of the integral from -1 up to it.

    The partial integrals are those of the interpolating polynomial, by its Legendre series.
    """
    nodes = []
    for index in range(order):
        x = math.cos(math.pi * (index + 0.75) / (order + 0.5))
        for _ in range(100):
            values = _legendre(order, x)
            slope = order * (x * values[order] - values[order - 1]) / (x * x - 1)
            step = values[order] / slope
            x -= step
            if abs(step) < 1e-16:
                break
        nodes.append(x)
    nodes.sort()
    table = [_legendre(order, x) for x in nodes]
    weights = []
    for x, values in zip(nodes, table, strict=True):
        slope = order * (x * values[order] - values[order - 1]) / (x * x - 1)
        weights.append(2 / ((1 - x * x) * slope * slope))
    cumulative = tuple(
        tuple(
            weight / 2 * (x + 1 + sum(at_node[n] * (here[n + 1] - here[n - 1]) for n in range(1, order)))
            for weight, at_node in zip(weights, table, strict=True)
        )
        for x, here in zip(nodes, table, strict=True)
    )
    return tuple(nodes), tuple(weights), cumulative


def _legendre(order: int, x: float) -> list[float]:
    """P_0(x) … P_order(x)."""
    values = [1.0, x]
    for n in range(1, order):
        values.append(((2 * n + 1) * x * values[n] - n * values[n - 1]) / (n + 1))
    return values
