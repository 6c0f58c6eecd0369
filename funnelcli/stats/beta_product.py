"""The interval of an incidence, where some were followed for less long: products of Beta distributions.

Fay, Brittain and Proschan, "Pointwise confidence intervals for a survival distribution with small samples or heavy
censoring", Biostatistics 14, 2013; in the middle between their two bounds, as Fay and Brittain have it in "Finite
sample pointwise confidence intervals for a survival distribution with right-censored data", Statistics in Medicine 35,
2016. Where some are lost, the shares of a time are Dirichlet, of who comes, is lost and stays. Greenwood's variance is
far too small where few were followed for long: it takes for certain what is seen of a few.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, TypeAlias

from funnelcli.stats.intervals import wilson_bounds
from funnelcli.stats.normal import normal_below

if TYPE_CHECKING:
    from collections.abc import Sequence

    Sample: TypeAlias = tuple[float, float]

_OUTSIDE = 0.025
_HALVINGS = 50


def incidence_bounds(steps: Sequence[tuple[int, int, int]], beyond: int) -> tuple[float, float]:
    """The 95% interval of who comes: at each of the `steps` so many are at risk, come, and are lost.

    `beyond` are followed to the end and have done neither. Two products of Beta distributions tell of it: one as if who
    was followed after the last of the steps would not come, and one as if the next of them came at once. The chance to
    be outside is the mean of both (mid-p). Each tells as much as a sample, and their distributions are those that
    Wilson's bounds are quantiles of: where all are followed, the interval is Wilson's of the counts.
    """
    least, most = _sample(steps, None), _sample(steps, beyond)
    if least is None or most is None:  # nobody came, or nothing tells who does not: the one bound is all that is known
        return wilson_bounds(*least)[0] if least else 0.0, wilson_bounds(*most)[1] if most else 1.0
    low, high = zip(wilson_bounds(*least), wilson_bounds(*most), strict=True)
    return _quantile(least, most, _OUTSIDE, *low), _quantile(least, most, 1 - _OUTSIDE, *high)


def _sample(steps: Sequence[tuple[int, int, int]], beyond: int | None) -> Sample | None:
    """How many come of how many in the sample that tells as much; `None` where none does.

    The mean and the variance of the product, from the last step to the first, are those of the Beta distribution that
    has Clopper and Pearson's bound of this sample. With `beyond` it is the upper one.
    """
    mean = variance = 0.0
    if beyond is not None:
        mean, variance = 1 / (beyond + 1), beyond / ((beyond + 1) ** 2 * (beyond + 2))
    for risk, came, lost in reversed(steps):
        stay, all_ = risk - came - lost + 1, risk + 1
        before = (came + stay * mean) / all_
        spread = (came + stay * mean * mean) / all_ - before * before
        mean, variance = before, variance * stay * (stay + 1) / (all_ * (all_ + 1)) + spread / (all_ + 1)
    trials = mean * (1 - mean) / variance - 2 if variance > 0 else 0.0
    if trials <= 0:
        return None
    return min(trials, max(0.0, mean * (trials + 1) - (beyond is not None))), trials


def _quantile(one: Sample, other: Sample, below: float, first: float, second: float) -> float:
    """The rate that so much lies below on average of two samples; it lies between those of each."""
    low, high = sorted((first, second))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _below(one, middle) + _below(other, middle) < 2 * below:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _below(sample: Sample, rate: float) -> float:
    """The chance that the true rate is below another, of which Wilson's bounds are quantiles."""
    came, trials = sample
    if not 0 < rate < 1:
        return max(0.0, rate)
    return normal_below((rate - came / trials) / sqrt(rate * (1 - rate) / trials))
