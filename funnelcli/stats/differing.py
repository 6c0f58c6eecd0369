"""Rates of segments that a test found to differ: how much of what was found is luck.

`stats.shrinkage` takes the likeliest spread of the segments' rates. Where only segments are looked at that a test
found to differ, luck has helped to find them, the more the weaker the test was (the winner's curse). So each spread
counts by its likelihood, given that a test finds segments of such a spread at all (Zöllner and Pritchard, American
Journal of Human Genetics 80, 2007), and the rates are means over all spreads. The common rate m of Beta(m x M,
(1 - m) x M) is integrated out (Laplace's approximation), so that few segments are not taken to be more alike than they
are. Beforehand, M weighs (M + 1)^-0.6 on the scale of log M: with a power of 1/2 all deviations are alike likely
(Gelman, Bayesian Analysis 1, 2006), and with 1 all variances; by the former five segments promise 3% too little.

Segments may also be of two kinds, as when one stands out and all others are alike, which no Beta distribution is like.
The two hypotheses count by their likelihoods, with a prior probability and Schwarz's penalty against the latter (Annals
of Statistics 6, 1978). A sample is (successes, trials).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.stats import shrinkage
from funnelcli.stats.beta import from_moments
from funnelcli.stats.normal import normal_below

if TYPE_CHECKING:
    from collections.abc import Sequence

    Sample = tuple[int, int]
    Moments = list[tuple[float, float]]

MOST = 60
"""Segments up to which luck is reckoned with: of more, their number alone tells how much they differ."""
_LEAST, _BEYOND = 0.1, 30
"""Bounds of the precision M; the upper one a multiple of the largest sample, from where on the likelihood is flat."""
_STEP = 2.0
"""Of the first look at log M, and how many places tell enough: those whose likelihood is no less than e^-12."""
_PLACES, _NEGLIGIBLE = 6, 12
_POWER = 0.6
"""Of the weight of a precision beforehand."""
_TWO_KINDS = 2.5
"""By how much the logarithm of the likelihood is lowered where there are two kinds: 1 to 12 beforehand."""


class Belief(NamedTuple):
    """What is believed of a segment: the mean of its rate, and the Beta distribution with its mean and variance."""

    rate: float
    shapes: tuple[float, float]


class _Place(NamedTuple):
    """A precision M, the common rate there, the variance of that rate, and the logarithms of likelihood and weight."""

    precision: float
    mean: float
    error: float
    height: float
    weight: float


def believe(samples: Sequence[Sample], critical: float, above: float | None = None) -> list[Belief]:
    """What is believed of each segment, where a test of each against all others finds |z| beyond `critical`.

    `above` is a counted rate that one of them had to exceed as well, to be looked at: that of the largest of several
    gaps.
    """
    known = [sample for sample in samples if sample[1]]
    successes, trials = sum(came for came, _ in known), sum(could for _, could in known)
    if not 1 < len(known) <= MOST or not 0 < successes < trials:
        prior = shrinkage.fit(known)
        return [Belief(shrinkage.shrunken(prior, *each), shrinkage.believed(prior, *each)) for each in samples]
    places = _places(tuple(known), critical)
    heights = [place.weight for place in places]
    if above is not None:
        heights = [
            place.weight - math.log(_chance_above(known, place.precision, place.mean, above)) for place in places
        ]
    top = max(heights)
    weights = [math.exp(height - top) for height in heights]
    whole = sum(weights)
    weights = [weight / whole for weight in weights]
    gain, kinds = _two_kinds(tuple(known), tuple(samples))
    odds = gain - max(place.height for place in places) - _TWO_KINDS - 0.5 * math.log(len(known))
    share = 1 / (1 + math.exp(-odds)) if odds > -700 else 0.0
    found = []
    for (came, could), (of_kinds, squared) in zip(samples, kinds, strict=True):
        mean, square = share * of_kinds, share * squared
        for place, weight in zip(places, weights, strict=True):
            total = place.precision + could
            rate = (place.mean * place.precision + came) / total
            drawn = place.precision / total
            variance = rate * (1 - rate) / (total + 1) + drawn * drawn * place.error
            mean += (1 - share) * weight * rate
            square += (1 - share) * weight * (variance + rate * rate)
        variance = max(square - mean * mean, 1e-12 * mean * (1 - mean))
        found.append(Belief(mean, from_moments(mean, variance)))
    return found


@lru_cache(maxsize=8)
def _places(samples: tuple[Sample, ...], critical: float) -> list[_Place]:
    """Precisions and their weights, evenly spread over all that count."""
    likelihood = shrinkage.Likelihood(samples)
    low, high = math.log(_LEAST), math.log(_BEYOND * max(could for _, could in samples))
    step = _STEP
    while True:
        places = [
            _place(likelihood, samples, math.exp(low + step * at), critical)
            for at in range(math.ceil((high - low) / step) + 1)
        ]
        top = max(place.weight for place in places)
        near = [math.log(place.precision) for place in places if place.weight > top - _NEGLIGIBLE]
        if len(near) >= _PLACES or step < 1e-4:
            return [place for place in places if place.weight > top - 2 * _NEGLIGIBLE]
        low, high = max(math.log(_LEAST), near[0] - step), near[-1] + step
        step = (high - low) / (2 * _PLACES)


def _place(likelihood: shrinkage.Likelihood, samples: Sequence[Sample], size: float, critical: float) -> _Place:
    weights = [1 / (could + size) for _, could in samples]
    told = sum(could * weight for (_, could), weight in zip(samples, weights, strict=True))
    mean = sum(came * weight for (came, _), weight in zip(samples, weights, strict=True)) / told
    error = mean * (1 - mean) / (told * (size + 1))
    pooled = likelihood.came / likelihood.could
    height = likelihood.gain(mean, size) + likelihood.binomial(mean) - likelihood.binomial(pooled)
    height += 0.5 * math.log(error / (pooled * (1 - pooled) / likelihood.could))
    found = _chance_to_be_found(samples, size, critical)
    return _Place(size, mean, error, height, height - math.log(found) - _POWER * math.log(size + 1))


def _chance_to_be_found(samples: Sequence[Sample], size: float, critical: float) -> float:
    """The chance that any segment lies |z| > `critical` from all others, where their rates have the precision.

    The variance of each difference is larger by what rates vary; the tests are taken to be independent.
    """
    units = sum(could for _, could in samples)
    pairs = sum(could * (could - 1) for _, could in samples)
    missed = 0.0
    for _, could in samples:
        rest = units - could
        more = (could - 1) / could + (pairs - could * (could - 1)) / rest**2
        varied = 1 + more / (1 / could + 1 / rest) / (size + 1)
        missed += math.log(math.erf(critical / math.sqrt(2 * varied)))
    return max(-math.expm1(missed), 1e-12)


def _chance_above(samples: Sequence[Sample], size: float, mean: float, above: float) -> float:
    """The chance that the counted rate of any segment exceeds one."""
    spread = mean * (1 - mean)
    below = (
        normal_below((above - mean) / math.sqrt(spread * (1 / could + (1 - 1 / could) / (size + 1))))
        for _, could in samples
    )
    return max(-math.expm1(sum(math.log(max(chance, 1e-300)) for chance in below)), 1e-12)


@lru_cache(maxsize=8)
def _two_kinds(known: tuple[Sample, ...], samples: tuple[Sample, ...]) -> tuple[float, Moments]:
    """What two rates gain over one in the logarithm of the likelihood, and each segment's mean and mean square there.

    By the EM algorithm, from the best place to part the segments when they are sorted.
    """
    came, could = sum(successes for successes, _ in known), sum(trials for _, trials in known)
    parted, lower = _parted(known, came, could)
    rates = [_kept(*lower), _kept(came - lower[0], could - lower[1])]
    trials = [float(lower[1]), float(could - lower[1])]
    for _ in range(12):
        chances = _upper(known, rates, parted)
        parted = min(max(sum(chances) / len(chances), 1e-3), 1 - 1e-3)
        trials[1] = sum(chance * of for chance, (_, of) in zip(chances, known, strict=True))
        trials[0] = could - trials[1]
        high = sum(chance * own for chance, (own, _) in zip(chances, known, strict=True))
        rates = [_kept(came - high, trials[0]), _kept(high, trials[1])]
    moments = []
    for chance in _upper(samples, rates, parted):
        mean = square = 0.0
        for weight, rate, of in zip((1 - chance, chance), rates, trials, strict=True):
            mean += weight * rate
            square += weight * (rate * rate + rate * (1 - rate) / max(of, 1.0))
        moments.append((mean, square))
    gain = 0.0
    for own, of in known:
        low, high = (
            math.log(share)
            + own * math.log(rate * could / came)
            + (of - own) * math.log((1 - rate) * could / (could - came))
            for share, rate in zip((1 - parted, parted), rates, strict=True)
        )
        gain += max(low, high) + math.log1p(math.exp(-abs(low - high)))
    return gain, moments


def _parted(known: Sequence[Sample], came: int, could: int) -> tuple[float, Sample]:
    """The share of the segments that are of the upper kind, and the sum of the others, where it is likeliest."""
    ranked = sorted(known, key=lambda sample: sample[0] / sample[1])
    best, parted, lower = -math.inf, 0.5, (0, 1)
    successes = trials = 0
    for number, sample in enumerate(ranked[:-1], 1):
        successes, trials = successes + sample[0], trials + sample[1]
        share = 1 - number / len(ranked)
        height = _log(successes, trials) + _log(came - successes, could - trials)
        height += number * math.log1p(-share) + (len(ranked) - number) * math.log(share)
        if height > best:
            best, parted, lower = height, share, (successes, trials)
    return parted, lower


def _upper(samples: Sequence[Sample], rates: Sequence[float], parted: float) -> list[float]:
    """The chance of each segment to be of the upper kind."""
    came = math.log(rates[0] / rates[1])
    left = math.log((1 - rates[0]) / (1 - rates[1]))
    before = math.log((1 - parted) / parted)
    return [1 / (1 + math.exp(min(700.0, before + own * came + (of - own) * left))) for own, of in samples]


def _kept(successes: float, trials: float) -> float:
    """The rate, no nearer to 0 and 100% than half a unit."""
    least = 0.5 / (trials + 1)
    return min(max(successes / trials if trials else 0.5, least), 1 - least)


def _log(successes: int, trials: int) -> float:
    """Logarithm of the greatest binomial likelihood."""
    failed = trials - successes
    return sum(each * math.log(each / trials) for each in (successes, failed) if each)
