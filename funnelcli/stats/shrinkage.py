"""Rates of many segments, each drawn towards what all of them have in common (empirical Bayes).

The true rates of the segments are taken to follow one Beta distribution, the *prior*. It is fitted to their samples by
maximum marginal likelihood, that of the beta-binomial distribution (Griffiths, Biometrics 29, 1973). A segment of few
trials is then believed to be near the others, one of many is believed itself. A sample is (successes, trials).

The likelihood is that of the common rate m and the precision M: a = m x M, b = (1 - m) x M. Where the segments differ
no more than chance makes them differ, it rises with M without end, or hardly falls: then all have one rate.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.stats.beta import stirling
from funnelcli.stats.intervals import require_samples

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Grouped = Sequence[tuple[int, int]]

_LEAST, _MOST = 0.1, 1e6
"""Bounds of the precision; the upper one a multiple of the largest sample, beyond which nothing is left to be told."""

_TELLING = 0.2
"""By how much the logarithm of the likelihood must be higher than that of one rate for all. Less is told by
segments that differ by chance alone in one case of three, and the best of them would be believed to be better."""
_FEW = 300
"""Segments that are enough to begin with."""


class Prior(NamedTuple):
    """What the segments have in common: their rates follow Beta(a, b).

    `mean` is the common rate, and `error` its variance, as it is estimated as well. `pooled` says that the segments
    have one rate, as far as their samples can tell: then Beta(a, b) is the posterior of that rate, and of each of them.
    """

    a: float
    b: float
    mean: float
    error: float
    pooled: bool


def fit(samples: Iterable[tuple[float, float]]) -> Prior:
    """The prior of the segments' rates, by maximum marginal likelihood. Segments without trials say nothing.

    The likelihood is of whole numbers: samples that are none, where units are open, are rounded. Raises `ValueError`
    for what is no sample.
    """
    pairs = [(round(came), round(could)) for came, could in samples if round(could)]
    require_samples(*pairs)
    successes, trials = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
    largest = max((pair[1] for pair in pairs), default=0)
    if len(pairs) < 2 or not 0 < successes < trials or largest == 1:
        return pooled(successes, trials)
    likelihood = Likelihood(pairs)
    mean = successes / trials
    if len(pairs) > 2 * _FEW:  # some of the segments tell where to begin
        some = fit(pairs[:: len(pairs) // _FEW])
        found = None if some.pooled else likelihood.climb(some.mean, some.a + some.b, _MOST * largest)
        if found is not None and likelihood.gain(*found[:2]) + likelihood.binomial(found[0]) > likelihood.binomial(
            mean
        ):
            return Prior(found[0] * found[1], (1 - found[0]) * found[1], *found[::2], pooled=False)
    guesses = [2.0 * 4.0**step for step in range(-2, 40) if 4.0**step < largest]
    guesses.append(min(4.0 * largest, max(_LEAST, _by_moments(pairs, mean))))
    best = max(guesses, key=lambda precision: likelihood.gain(mean, precision))
    found = likelihood.climb(mean, best, _MOST * largest)
    if found is None or not likelihood.tells(mean, *found[:2]):
        return pooled(successes, trials)
    mean, precision, error = found
    return Prior(mean * precision, (1 - mean) * precision, mean, error, pooled=False)


def pooled(successes: float, trials: float) -> Prior:
    """One rate for all, of which this is the sample together.

    At 0% and 100%, where a Beta distribution needs both shapes, half a unit stands for none.
    """
    a, b = max(0.5, successes), max(0.5, trials - successes)
    mean = successes / trials if trials else 0.5
    return Prior(a, b, mean, a / (a + b) * (b / (a + b)) / (a + b + 1), pooled=True)


def posterior(prior: Prior, successes: float, trials: float) -> tuple[float, float]:
    """Shapes of the segment's rate, a Beta distribution: a + successes, b + failures; of one rate for all, its own."""
    if prior.pooled:
        return prior.a, prior.b
    return prior.a + successes, prior.b + trials - successes


def shrunken(prior: Prior, successes: float, trials: float) -> float:
    """The rate of a segment as the others let it be believed: the mean of its posterior."""
    a, b = posterior(prior, successes, trials)
    return prior.mean if prior.pooled else a / (a + b)


def believed(prior: Prior, successes: float, trials: float) -> tuple[float, float]:
    """The posterior's shapes, with the uncertainty of the common rate in them: no more is known of one than of all.

    The mean is that of the posterior. The variance has what the estimate of the common rate adds to it, as far as the
    segment is drawn to that rate (Kass and Steffey, JASA 84, 1989, first order).
    """
    a, b = posterior(prior, successes, trials)
    if prior.pooled:
        return a, b
    total = a + b
    drawn = (prior.a + prior.b) / total
    spread = a / total * (b / total)
    precision = spread / (spread / (total + 1) + drawn * drawn * prior.error) - 1
    return (a / total * precision, b / total * precision) if precision > 0 else (a, b)


def _by_moments(pairs: Grouped, mean: float) -> float:
    """A precision to begin with, from the spread of the raw rates (Kleinman, JASA 68, 1973)."""
    trials = sum(pair[1] for pair in pairs)
    squares = sum((came - could * mean) ** 2 / could for came, could in pairs) / (mean * (1 - mean))
    beyond = squares - (len(pairs) - 1)
    room = trials - sum(could * could for _, could in pairs) / trials - (len(pairs) - 1)
    return room / beyond if beyond > 0 and room > 0 else math.inf


class Likelihood:
    """The marginal likelihood of samples, whose successes, failures and trials are counted each by itself.

    It is the binomial likelihood of the common rate, and what the precision gains over it: the sum over successes j of
    log(1 + j / a), over failures of log(1 + j / b), less that over trials of log(1 + j / M), each from 0 to one less.
    """

    def __init__(self, pairs: Grouped) -> None:
        self.successes = _counted(came for came, _ in pairs)
        self.failures = _counted(could - came for came, could in pairs)
        self.trials = _counted(could for _, could in pairs)
        self.came = sum(came for came, _ in pairs)
        self.could = sum(could for _, could in pairs)

    def binomial(self, mean: float) -> float:
        """Logarithm of the likelihood, if all have one rate."""
        return self.came * math.log(mean) + (self.could - self.came) * math.log1p(-mean)

    def tells(self, pooled: float, mean: float, precision: float) -> bool:
        """Whether segments of different rates are likelier than one rate, by more than could be nothing."""
        return self.gain(mean, precision) + self.binomial(mean) > self.binomial(pooled) + _TELLING

    def gain(self, mean: float, precision: float) -> float:
        """What is gained over one rate for all."""
        return (
            _sum_log(self.successes, mean * precision)
            + _sum_log(self.failures, (1 - mean) * precision)
            - _sum_log(self.trials, precision)
        )

    def climb(self, mean: float, precision: float, most: float) -> tuple[float, float, float] | None:
        """The common rate and the precision of the greatest likelihood, and the variance of that rate.

        Newton's method on the log odds of the rate and the logarithm of the precision, never further than a factor of
        e, downhill never. `None` where the precision has no end.
        """
        odds, size = math.log(mean / (1 - mean)), math.log(precision)
        height = self.gain(mean, precision) + self.binomial(mean)
        for _ in range(100):
            slope, bend = self._slopes(odds, size)
            steps = _uphill(slope, bend)
            short = min(1.0, 1 / max(map(abs, steps), default=1.0)) if any(steps) else 1.0
            while True:
                tried = odds + short * steps[0], max(math.log(_LEAST), size + short * steps[1])
                rate, precision = 1 / (1 + math.exp(-tried[0])), math.exp(tried[1])
                reached = self.gain(rate, precision) + self.binomial(rate)
                if reached >= height - 1e-12 * abs(height) or short < 1e-6:
                    break
                short /= 2
            moved = max(abs(tried[0] - odds), abs(tried[1] - size))
            (odds, size), height = tried, reached
            if size > math.log(most):
                return None
            if moved < 1e-6:  # convergence is quadratic: the next step would be lost in rounding
                break
        _, bend = self._slopes(odds, size)
        mean, precision = 1 / (1 + math.exp(-odds)), math.exp(size)
        certain = -bend[0]  # information about the log odds
        if bend[2] < 0:
            certain += bend[1] * bend[1] / bend[2]
        share = mean * (1 - mean)
        return mean, precision, share * share / certain if certain > 0 else share / self.could

    def _slopes(self, odds: float, size: float) -> tuple[tuple[float, float], tuple[float, float, float]]:
        """First and second derivatives by the log odds of the rate and by the logarithm of the precision."""
        precision, mean = math.exp(size), 1 / (1 + math.exp(-odds))
        rest = 1 / (1 + math.exp(odds))
        first_a, second_a = _sums(self.successes, mean * precision)
        first_b, second_b = _sums(self.failures, rest * precision)
        first_m, second_m = _sums(self.trials, precision)
        # of the rate, then of the precision, then through their logarithms
        by_mean = self.came / mean - (self.could - self.came) / rest + precision * (first_a - first_b)
        by_mean_twice = -self.came / mean**2 - (self.could - self.came) / rest**2 + precision**2 * (second_a + second_b)
        by_size = precision * (mean * first_a + rest * first_b - first_m)
        by_size_twice = by_size + precision**2 * (mean**2 * second_a + rest**2 * second_b - second_m)
        by_both = precision * (first_a - first_b) + precision**2 * (mean * second_a - rest * second_b)
        share = mean * rest
        slope = by_mean * share, by_size
        bend = by_mean_twice * share**2 + by_mean * share * (rest - mean), by_both * share, by_size_twice
        return slope, bend


def _uphill(slope: tuple[float, float], bend: tuple[float, float, float]) -> tuple[float, float]:
    """Newton's step where the likelihood bends down in every direction; else each direction by itself."""
    determinant = bend[0] * bend[2] - bend[1] * bend[1]
    if bend[0] < 0 and determinant > 0:
        return (
            (bend[1] * slope[1] - bend[2] * slope[0]) / determinant,
            (bend[1] * slope[0] - bend[0] * slope[1]) / determinant,
        )
    return slope[0] / abs(bend[0]) if bend[0] else 0.0, math.copysign(1.0, slope[1]) if slope[1] else 0.0


def _counted(values: Iterable[int]) -> list[tuple[int, int]]:
    return sorted((value, times) for value, times in Counter(values).items() if value)


def _sum_log(counted: Grouped, shape: float) -> float:
    """Sum over the values v of log(1 + j / shape), j from 0 to v - 1, without the logarithm of any factorial."""
    total = 0.0
    base = stirling(shape)
    for value, times in counted:
        if value < 8:
            part = math.fsum(math.log1p(j / shape) for j in range(1, value))
        elif shape < 8:
            part = math.lgamma(shape + value) - math.lgamma(shape) - value * math.log(shape)
        else:
            part = (shape + value - 0.5) * math.log1p(value / shape) - value + stirling(shape + value) - base
        total += times * part
    return total


def _sums(counted: Grouped, shape: float) -> tuple[float, float]:
    """First and second derivative of `_sum_log` by the shape."""
    first = second = 0.0
    shift = max(0, math.ceil(10 - shape))  # the series of the digamma function holds from 10 on
    origin = shape + shift
    digamma, trigamma = _psi(origin), _psi_slope(origin)
    lead = [shape + j for j in range(shift)]
    head_first, head_second = math.fsum(1 / x for x in lead), math.fsum(1 / (x * x) for x in lead)
    for value, times in counted:
        if value < 8:
            ups = [shape + j for j in range(value)]
            first += times * (math.fsum(-j / (x * shape) for j, x in enumerate(ups)))
            second += times * (math.fsum(j * (x + shape) / (x * shape) ** 2 for j, x in enumerate(ups)))
            continue
        end = shape + value
        more = 0.0, 0.0
        while end < 10:
            more = more[0] + 1 / end, more[1] + 1 / (end * end)
            end += 1
        grown = math.log1p((end - origin) / origin) + _psi(end) - digamma
        first += times * (grown + head_first - more[0] - value / shape)
        second += times * (_psi_slope(end) - trigamma - head_second + more[1] + value / (shape * shape))
    return first, second


def _psi(x: float) -> float:
    """The digamma function less the logarithm, for x >= 10 (Abramowitz and Stegun 6.3.18)."""
    square = 1 / (x * x)
    return -0.5 / x - square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square / 132))))


def _psi_slope(x: float) -> float:
    """The trigamma function, for x >= 10 (Abramowitz and Stegun 6.4.12)."""
    square = 1 / (x * x)
    return (
        1 + 0.5 / x + square * (1 / 6 - square * (1 / 30 - square * (1 / 42 - square * (1 / 30 - square * 5 / 66))))
    ) / x
