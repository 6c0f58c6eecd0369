"""Rates that vary from period to period by more than chance: how much, and tests that allow for it.

A period's sample is (successes, trials). Where the true rate of a period is drawn anew with the variance v^2 p^2 about
its mean p, successes of n trials have the variance n p (1 - p) x phi, phi = 1 + (n - 1) v^2 p / (1 - p) (Williams,
Applied Statistics 31, 1982). v is the coefficient of variation. The square of v is found from Pearson's chi-square of
the periods, and is below 0 where they differ by less than chance makes them differ.

What is estimated is uncertain itself: tests and intervals take Student's t with the estimate's degrees of freedom,
unless the binomial ones, by which rates are constant, say less. So phi is never below 1 (McCullagh and Nelder,
Generalized Linear Models, 2nd ed., 4.5).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.stats.intervals import require_samples, wilson_bounds
from funnelcli.stats.normal import critical_z

if TYPE_CHECKING:
    from collections.abc import Sequence

_STATED = 100
"""Degrees of freedom of a test with a variation that is stated: rates that vary are skewed, and no normal variables.

By z, 5.3% of tables of weeks whose rates vary by the 10% that are stated have a false mark, and by this t 4.3%.
"""
_LEAST_PHI = 1e-3
"""What is left of a dispersion that an estimate would take below 0."""
_MOST_SKEWED = 2.0
"""The skewness of an exponential variable: beyond it, an expansion says nothing."""
_NO_FURTHER = 1e-10
"""A step of a bound that is none."""


class Spread(NamedTuple):
    """How much a rate varies from period to period: the square of its coefficient of variation.

    `freedom` are the degrees of freedom of an estimate; `None` where it is stated, and so known.
    """

    square: float
    freedom: int | None

    @property
    def coefficient(self) -> float:
        """The coefficient of variation; 0 where the periods differ by no more than chance."""
        return math.sqrt(max(0.0, self.square))


class Dispersed(NamedTuple):
    """By what the variance of a sample's rate is larger than a binomial one, and the estimate's degrees of freedom."""

    phi: float
    freedom: int | None


CONSTANT = Dispersed(1.0, None)
"""Of a rate that does not vary from period to period."""


def spread(samples: Sequence[tuple[float, float]]) -> Spread | None:
    """How much the rate varies between the samples of two or more periods; `None` where nothing tells.

    Periods without trials say nothing, nor do periods of one unit each, nor a rate of 0 or 100%. Raises `ValueError`
    for what is no sample.
    """
    return _Sums(samples).spread()


_LEAST_EXPECTED = 5
"""Units expected on either side in a group of periods from which chi-square holds (Cochran, Biometrics 10, 1954)."""


def chance_of_spread(samples: Sequence[tuple[float, float]]) -> float | None:
    """The p-value of one rate in all periods: Pearson's chi-square, of neighbours together until they are enough.

    Of periods with few units each it does not hold: of 725 hours with 1.6 entries, of whom 0.5% come, it finds that
    they vary in a third of logs in which they do not. `None` where all of them together are too few.
    """
    could, came = sum(pair[1] for pair in samples), sum(pair[0] for pair in samples)
    if not 0 < came < could:
        return None
    rate = came / could
    groups: list[tuple[float, float]] = []
    own = whole = 0.0
    for successes, trials in samples:
        own, whole = own + successes, whole + trials
        if whole * min(rate, 1 - rate) >= _LEAST_EXPECTED:
            groups.append((own, whole))
            own = whole = 0.0
    if len(groups) < 2:
        return None
    groups[-1] = groups[-1][0] + own, groups[-1][1] + whole
    chi_square = math.fsum((came - could * rate) ** 2 / could for came, could in groups) / (rate * (1 - rate))
    from funnelcli.stats.skewed import gamma_below  # most funnels have no periods

    return max(0.0, 1 - gamma_below((len(groups) - 1) / 2, chi_square / 2))


def spreads_of_others(samples: Sequence[tuple[float, float]]) -> list[Spread | None]:
    """For each period how much the rate varies between all others: one that stands out does not hide itself.

    A degree of freedom is given up, as rates are skewed and no normal variables: with it, and t, no more than 5% of
    tables of weeks whose rates vary by 10% have a false mark; without, 6%.
    """
    sums = _Sums(samples)
    found = (sums.spread(sample) for sample in samples)
    return [each and each._replace(freedom=max(1, (each.freedom or 0) - 1)) for each in found]


class _Sums:
    """What the variation is computed from, so that a period can be left out of it without beginning anew.

    Successes are counted from what the common rate makes expect: nothing cancels, whatever the counts.
    """

    def __init__(self, samples: Sequence[tuple[float, float]]) -> None:
        require_samples(*samples)
        pairs = [pair for pair in samples if pair[1]]
        self.periods = len(pairs)
        self.came, self.could = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
        self.rate = self.came / self.could if self.could else 0.0
        self.beyond = math.fsum(came - could * self.rate for came, could in pairs)
        self.squares = math.fsum((came - could * self.rate) ** 2 / could for came, could in pairs)
        self.sizes = sum(could * could for _, could in pairs)

    def spread(self, without: tuple[float, float] = (0, 0)) -> Spread | None:
        came, could = self.came - without[0], self.could - without[1]
        freedom = self.periods - (2 if without[1] else 1)
        if freedom < 1 or not 0 < came < could:
            return None
        rate, beyond, squares, sizes = came / could, self.beyond, self.squares, self.sizes
        if without[1]:
            own = without[0] - without[1] * self.rate
            beyond, squares, sizes = beyond - own, squares - own * own / without[1], sizes - without[1] ** 2
        # Pearson's chi-square; it is expected to be its degrees of freedom, and this much more for each v^2 p / (1 - p)
        chi_square = (squares - beyond * beyond / could) / (rate * (1 - rate))
        grows = (could - freedom - 1) - (sizes - could) / could
        if grows <= 0:
            return None
        return Spread((chi_square - freedom) / grows * (1 - rate) / rate, freedom)


def dispersed(spread: Spread | None, successes: float, trials: float, periods: float = 1.0) -> Dispersed:
    """By what the variance of a sample's rate is larger than a binomial one.

    `periods` is over how many of the kind that vary the sample stretches: the more, the less is left of what a single
    one does. The rate is that of the sample, half a unit away from 0 and from 100%, where nothing could vary.
    """
    if spread is None or not trials:
        return CONSTANT
    came = min(max(successes, 0.5), trials - 0.5) if trials > 1 else trials / 2
    room = came / max(trials - came, 0.5)  # of 1e18 the half is lost
    more = max(-1.0, min(1.0, spread.square * room))  # as correlation between the units of a period
    return Dispersed(max(_LEAST_PHI, 1 + (trials / periods - 1) * more), spread.freedom)


def widened(dispersed: Dispersed, confidence: float = 0.95) -> float:
    """How many times smaller a binomial sample would say as little, at least 1: intervals widen by its square root.

    Where the dispersion is an estimate, Student's quantile stands in place of the normal one.
    """
    if dispersed.freedom is None:
        return max(1.0, dispersed.phi)
    return max(1.0, dispersed.phi * (t_quantile(dispersed.freedom, confidence) / critical_z(confidence)) ** 2)


def effective(successes: float, trials: float, dispersed: Dispersed, confidence: float = 0.95) -> tuple[float, float]:
    """The binomial sample that says as little: in proportion, and the sample itself where rates are constant."""
    times = widened(dispersed, confidence)
    return (successes, trials) if times == 1 else (successes / times, trials / times)


def varying_bounds(
    spread: Spread, size: float, successes: float, trials: float, confidence: float = 0.95
) -> tuple[float, float]:
    """Score interval of a rate that varies between periods of `size` trials each: its variance is that at the bound.

    As Wilson's, of rates that are constant, it has the rates p with (successes / trials - p)^2 <= z^2 p (1 - p) phi(p)
    / trials, phi(p) = 1 + (size - 1) min(1, v^2 p / (1 - p)): more than as much as all or nothing no rate varies. Where
    the true rates are skewed, as near 100%, z is larger by (z^2 - 1) / 6 x their skewness on the side to which that
    points (Cornish and Fisher, Biometrics 5, 1938), if they are Beta distributed. Student's t stands in place of z
    where v is an estimate, and Wilson's interval is the least. 900 of 1000 in one period with v = 10% give [0.751,
    0.999]. Raises `ValueError` for no trials.
    """
    low, high = wilson_bounds(successes, trials, confidence)
    q = critical_z(confidence) if spread.freedom is None else t_quantile(spread.freedom, confidence)
    rate, size = successes / trials, max(1.0, size)
    lower, upper = (_varying_bound(rate, trials, size, spread.square, q, above) for above in (False, True))
    return min(low, lower), max(high, upper)


def _varying_bound(rate: float, trials: float, size: float, square: float, q: float, above: bool) -> float:
    """The bound nearest to the rate: the further it is, the more skewed the true rates may be."""
    bound, times = _score_bound(rate, trials, size, square, q, above), max(0.0, (q * q - 1) / 6)
    for _ in range(100):
        skewed = _skewness(bound, trials, size, square) * (-times if above else times)
        further = _score_bound(rate, trials, size, square, q + skewed, above) if skewed > 0 else bound
        if abs(further - bound) <= _NO_FURTHER * bound:
            return further
        bound = further
    return bound


def _score_bound(rate: float, trials: float, size: float, square: float, q: float, above: bool) -> float:
    """Where the rate is q standard deviations away, of the variance there: a root of a quadratic."""
    own = q * q / trials
    more = own * (size - 1) * square
    apart = own * (4 * rate * (1 - rate) + own) + 4 * more * rate * rate
    if apart < 0:  # an estimate by which periods differ less than by chance
        return rate
    total, first = 2 * rate + own + math.sqrt(apart), 1 + own - more
    bound = (total / (2 * first) if first > 0 else math.inf) if above else 2 * rate * rate / total
    if bound * (1 + square) > 1 and square > 0:  # all or nothing: a period says as much as one trial
        return _score_bound(rate, trials / size, 1.0, 0.0, q, above)
    return min(bound, 1.0)


def _skewness(rate: float, trials: float, size: float, square: float) -> float:
    """What the skewness of Beta distributed true rates about this one is to the share of successes."""
    if not 0 < rate < 1 or square <= 0:
        return 0.0
    inside = rate * (1 - rate)
    between = min(square * rate * rate, inside)
    third = 2 * (1 - 2 * rate) * between * between / (inside + between) * ((size - 1) / trials) ** 2
    variance = (inside + (size - 1) * between) / trials
    found = third / (variance * math.sqrt(variance))
    return max(-_MOST_SKEWED, min(_MOST_SKEWED, found))


def dispersed_test(sample_a: tuple[float, float], sample_b: tuple[float, float], a: Dispersed, b: Dispersed) -> float:
    """Two-sided p-value of equal rates of two periods, with the pooled rate; 1 where nothing can differ.

    Student's t with the lesser degrees of freedom where the dispersion is an estimate; where it is stated, with
    `_STATED` of them. It may be less than the binomial p-value where an estimate is below 1: take the larger.
    """
    require_samples(sample_a, sample_b)
    (came_a, could_a), (came_b, could_b) = sample_a, sample_b
    came, could = came_a + came_b, could_a + could_b
    if not (could_a and could_b and 0 < came < could):
        return 1.0
    apart = (came_b * could_a - came_a * could_b) / (could_a * could_b)
    variance = came / could * ((could - came) / could) * (a.phi / could_a + b.phi / could_b)
    t = math.sqrt(apart * apart / variance)
    if a == b == CONSTANT:
        return math.erfc(t / math.sqrt(2))
    return t_test(t, min((each.freedom for each in (a, b) if each.freedom is not None), default=_STATED))


def t_test(t: float, freedom: int) -> float:
    """Two-sided p-value of Student's t, t >= 0, by its finite sum (Abramowitz and Stegun 26.7.3, 26.7.4).

    Small ones, of which nothing would be left by subtracting, come from the Beta distribution: t^2 / freedom are the
    odds of a Beta(1/2, freedom / 2) variable.
    """
    if not t:
        return 1.0
    if freedom < 400:
        angle = math.atan2(t, math.sqrt(freedom))
        square = math.cos(angle) ** 2
        odd = freedom % 2
        term = math.cos(angle) if odd else 1.0
        total = 0.0
        for step in range(freedom // 2):
            total += term
            term *= square * (2 * step + 1 + odd) / (2 * step + 2 + odd)
        inside = math.sin(angle) * total
        p_value = 1 - ((angle + inside) * 2 / math.pi if odd else inside)
        if p_value > 1e-5:
            return p_value
    from funnelcli.stats.beta import chance_below  # most funnels have no periods

    return chance_below(freedom / 2, 0.5, -2 * math.log(t))


@lru_cache(maxsize=256)
def t_quantile(freedom: int, confidence: float = 0.95) -> float:
    """Student's t of a two-sided confidence: 2.201 for 0.95 with 11 degrees of freedom."""
    from funnelcli.stats.beta import distance_quantile

    return math.exp(-distance_quantile(freedom / 2, 0.5, 1 - confidence) / 2)
