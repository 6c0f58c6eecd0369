"""Which of many rates is the highest, and the ranges of each: quick enough for ten thousand of them.

Rates are Beta(a, b) distributed and independent. Where a shape is small the distribution functions are those of
`stats.beta`; else Peizer and Pratt's normal score stands for them (JASA 63, 1968), which is within 0.00003 of the
probability from shapes of `QUICK` on, and within 0.0003 from shapes of 3 on.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from funnelcli.stats.beta import chance_below, distance_quantile, posterior, prob_b_beats_a, rate_at, spread
from funnelcli.stats.normal import critical_z, normal_below

if TYPE_CHECKING:
    from collections.abc import Sequence

    Shapes = tuple[float, float]

QUICK, SOON = 10, 50
"""The smaller shape from which approximations are good to about 0.0001, and to about 0.000003."""
MANY = 100
"""Rates beyond which the former do, so that a table of thousands does not take minutes."""


def enough(rates: int) -> int:
    """The smaller shape from which approximations do for each of so many rates."""
    return SOON if rates <= MANY else QUICK


_STEP = 1 / 32
"""How much of the probability that the highest lies below may be gained between two places."""


def central_range(a: float, b: float, confidence: float, quick: float = math.inf) -> tuple[float, float]:
    """The range of a rate with as much beyond one end as beyond the other.

    From shapes of `quick` on it is the expansion of Cornish and Fisher (third order) about the log odds.
    """
    if min(a, b) < quick:
        tail = (1 - confidence) / 2
        return rate_at(a, b, distance_quantile(a, b, tail)), rate_at(a, b, -distance_quantile(b, a, tail))
    mean, variance, third, fourth, fifth = _cumulants(a, b)
    width = math.sqrt(variance)
    skew, tails, more = third / width**3, fourth / variance**2, fifth / (variance**2 * width)
    z = critical_z(confidence)
    ends = []
    for at in (-z, z):
        square = at * at
        away = (
            at
            + skew * (square - 1) / 6
            + tails * at * (square - 3) / 24
            - skew * skew * at * (2 * square - 5) / 36
            + more * (square * square - 6 * square + 3) / 120
            - skew * tails * (square * square - 5 * square + 2) / 24
            + skew**3 * (12 * square * square - 53 * square + 17) / 324
        )
        ends.append(1 / (1 + math.exp(-(mean + width * away))))
    return ends[0], ends[1]


def quick_chance(
    successes_a: float, trials_a: float, successes_b: float, trials_b: float, quick: float = QUICK
) -> float:
    """`prob_b_beats_a`, in a hundredth of the time where all shapes are at least `quick`, by the same expansion."""
    a, b = posterior(successes_a, trials_a), posterior(successes_b, trials_b)
    if min(*a, *b) < quick:
        return prob_b_beats_a(successes_a, trials_a, successes_b, trials_b)
    # the difference of two log odds: its cumulants are sums and, of odd order, differences
    mean, variance, third, fourth, fifth = (
        own + sign * other for own, other, sign in zip(_cumulants(*b), _cumulants(*a), (-1, 1, -1, 1, -1), strict=True)
    )
    width = math.sqrt(variance)
    skew, tails, more = third / width**3, fourth / variance**2, fifth / (variance**2 * width)
    x = max(-4.0, min(4.0, -mean / width))  # beyond, what is left is less than 0.0001
    square = x * x
    z = (
        x
        - skew * (square - 1) / 6
        - tails * x * (square - 3) / 24
        + skew * skew * x * (4 * square - 7) / 36
        - more * (square * square - 6 * square + 3) / 120
        + skew * tails * (11 * square * square - 42 * square + 15) / 144
        - skew**3 * (69 * square * square - 187 * square + 52) / 648
    )
    return normal_below(mean / width + x - z)


def prob_highest(rates: Sequence[Shapes]) -> tuple[float, ...]:
    """The chance of each rate to be the highest of all, to 0.0003; the chances sum to 1.

    The distribution function H of the highest is the product of all, F. What a rate adds to it, the integral of H over
    the logarithm of F, is its share of the growth of log H, between places where H grows by no more than `_STEP`, and
    not by much in proportion. Rates of the same shapes have one chance.
    """
    times: dict[Shapes, int] = {}
    for rate in rates:
        times[rate] = times.get(rate, 0) + 1
    exact = QUICK if len(times) <= MANY else 3
    centres = {rate: (math.log(rate[0] / rate[1]), spread(*rate)) for rate in times}
    low = max(centre - 7 * width for centre, width in centres.values())
    high = max(centre + 8 * width for centre, width in centres.values())
    able = [rate for rate, (centre, width) in centres.items() if centre + 8 * width >= low]
    weights = [times[rate] for rate in able]

    def logs(at: float) -> list[float]:
        """The logarithm of each distribution function."""
        return [math.log(max(1e-300, _below(*rate, at - centres[rate][0], exact))) for rate in able]

    def place(at: float) -> tuple[float, list[float], float]:
        own = logs(at)
        return at, own, sum(weight * log for weight, log in zip(weights, own, strict=True))

    places = [place(low + (high - low) * part / 8) for part in range(9)]
    chances = [0.0] * len(able)
    waiting = [*pairwise(places)]
    while waiting:
        left, right = waiting.pop()
        below, above, middle = math.exp(left[2]), math.exp(right[2]), (left[0] + right[0]) / 2
        steep = above > _STEP / 10 and right[2] - left[2] > 1
        if (above - below > _STEP or steep) and left[0] < middle < right[0]:
            between = place(middle)
            waiting += [(left, between), (between, right)]
        elif right[2] > left[2]:
            share = (above - below) / (right[2] - left[2])
            chances = [
                chance + share * (after - before)
                for chance, before, after in zip(chances, left[1], right[1], strict=True)
            ]
    total = sum(weight * chance for weight, chance in zip(weights, chances, strict=True))
    found = dict(zip(able, (chance / total for chance in chances), strict=True))
    return tuple(found.get(rate, 0.0) for rate in rates)


def _below(a: float, b: float, distance: float, exact: float) -> float:
    """The chance that the log odds lie less than `distance` above their centre."""
    if min(a, b) < exact:
        return chance_below(a, b, distance)
    odds = a / b * math.exp(distance)
    rate, rest = odds / (1 + odds), 1 / (1 + odds)
    units, came, left = a + b - 1, a - 0.5, b - 0.5
    expected = units * rate
    shift = a - 1 / 3 - (units + 1 / 3) * rate + 0.02 * (rest / a - rate / b + (rest - 0.5) / (a + b))
    apart = came - expected
    if abs(apart) < 1e-4 * math.sqrt(expected * rest):
        score = shift / math.sqrt((units + 1 / 6) * rate * rest)
    else:
        deviance = came * math.log(came / expected) + left * math.log(left / (units * rest))
        score = shift / abs(apart) * math.sqrt(max(0.0, 2 * deviance / (1 + 1 / (6 * units))))
    return normal_below(-score)


def _cumulants(a: float, b: float) -> tuple[float, float, float, float, float]:
    """The first five cumulants of the log odds, for shapes from 10 on (Abramowitz and Stegun 6.4.11)."""
    first = math.log(a / b)
    second = third = fourth = fifth = 0.0
    for x, sign in ((a, 1), (b, -1)):
        one = 1 / x
        square = one * one
        first -= sign * one * (0.5 + one * (1 / 12 - square * (1 / 120 - square / 252)))
        second += one * (1 + one * (0.5 + one * (1 / 6 - square * (1 / 30 - square / 42))))
        third -= sign * square * (1 + one * (1 + one * (0.5 - square * (1 / 6 - square / 6))))
        fourth += square * one * (2 + one * (3 + one * (2 - square * (1 - square * 4 / 3))))
        fifth -= sign * square * square * (6 + one * (12 + one * (10 - square * (7 - square * 12))))
    return first, second, third, fourth, fifth
