"""How many units tell: sample sizes of a test of two rates, what a sample can detect, and units until a limit is told.

The *power* is the chance that a difference that is there is found.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from funnelcli.exact import LARGEST_NUMBER
from funnelcli.stats.beta import chance_below
from funnelcli.stats.normal import critical_z, inverse_normal, normal_below
from funnelcli.stats.tests import FAR, FEWEST_EXPECTED, MANY, critical_among

if TYPE_CHECKING:
    from collections.abc import Callable

    Decides = Callable[[float, float], bool]

MOST_UNITS = 10**12
"""Units beyond which a number is no plan."""
NEARLY_NORMAL = 50
"""The variance of a binomial count from which the normal curve finds its quantile to the unit."""
POWER = 0.8
"""The usual chance to find what is there."""


def units_per_group(rate: float, other: float, power: float = POWER, confidence: float = 0.95) -> int | None:
    """Units in each of two equal groups so that a two-sided test of these true rates finds the difference.

    n = 2 ((z_alpha + z_power) / h)^2 with Cohen's h = 2 arcsin sqrt(p1) - 2 arcsin sqrt(p2) (Cohen, Statistical Power
    Analysis, 2nd ed. 1988, 6.4), and at least as many as let the test expect 5 in each cell. 10% against 12% at 80%
    takes 3,835 each. `None` where the rates are equal, or it would take more than `MOST_UNITS`.
    """
    apart = _angle(other) - _angle(rate)
    if not apart:
        return None
    reach = (critical_z(confidence) + inverse_normal(power)) / apart
    pooled = (rate + other) / 2
    least = max(2 * reach * reach, FEWEST_EXPECTED / min(pooled, 1 - pooled))
    return math.ceil(least) if least <= MOST_UNITS else None


def power_of(rate: float, other: float, units: float, confidence: float = 0.95) -> float:
    """The chance that a two-sided test of so many units in each of two groups finds the difference of these rates."""
    shift = abs(_angle(other) - _angle(rate)) * math.sqrt(units / 2)
    z = critical_z(confidence)
    return normal_below(shift - z) + normal_below(-shift - z)


def units_to_tell(a: tuple[float, float], b: tuple[float, float], tests: int = 1) -> int | None:
    """How many more units, shared between two samples as now, tell their rates apart with a chance of 80%.

    The rates are taken as they are seen, and what was counted so far is a part of what is tested: of f times the units
    the difference d keeps its mean and has the standard error s sqrt(f - 1) / f, and it is told where d exceeds z_alpha
    times the pooled standard error s0 / sqrt(f). z_alpha is that of one of so many `tests` (Bonferroni: Holm's
    correction asks no more). Where the test is Fisher's, d loses the correction for continuity. `None` where the rates
    are equal, or it takes more than `MOST_UNITS`.
    """
    (came_a, n_a), (came_b, n_b) = a, b
    rate_a, rate_b, rate = came_a / n_a, came_b / n_b, (came_a + came_b) / (n_a + n_b)
    apart, each = abs(rate_a - rate_b), 1 / n_a + 1 / n_b
    if not apart:
        return None
    strict = critical_among(tests) * math.sqrt(rate * (1 - rate) * each)
    luck = inverse_normal(POWER) * math.sqrt(rate_a * (1 - rate_a) / n_a + rate_b * (1 - rate_b) / n_b)
    times = _times_to_tell(apart, strict, luck, 0.0)
    fewest = min(came_a + came_b, n_a + n_b - came_a - came_b) * min(n_a, n_b) / (n_a + n_b)
    normal = (FAR if tests >= MANY else FEWEST_EXPECTED) / fewest
    if times < normal:
        times = min(normal, _times_to_tell(apart, strict, luck, each / 2))
    more = (times - 1) * (n_a + n_b)
    return max(1, math.ceil(more)) if more <= MOST_UNITS else None


def _times_to_tell(apart: float, strict: float, luck: float, continuity: float) -> float:
    """The f, above 1, from which apart f - continuity = strict sqrt(f) + luck sqrt(f - 1): Newton's, from above."""
    root = (strict + luck + math.sqrt((strict + luck) ** 2 + 4 * apart * continuity)) / (2 * apart)
    for _ in range(50):
        if root <= 1:
            return 1.0
        wide = math.sqrt(root * root - 1)
        beyond = apart * root * root - continuity - strict * root - luck * wide
        step = beyond / (2 * apart * root - strict - luck * root / wide)
        root -= step
        if step < 1e-6 * root:
            break
    return root * root


def detectable(
    rate: float, units: float, power: float = POWER, confidence: float = 0.95, falls: bool = False
) -> float | None:
    """The least rate above this one that a test of so many units in each group finds; `None` where no rate is enough.

    The inverse of `units_per_group`: 3,835 units each tell 12% from 10%. Where it `falls`, the highest rate below: a
    rise of those that do not go on.
    """
    if falls:
        rise = detectable(1 - rate, units, power, confidence)
        return None if rise is None else 1 - rise
    if not units:
        return None
    angle = _angle(rate) / 2 + (critical_z(confidence) + inverse_normal(power)) / math.sqrt(2 * units)
    if angle > math.pi / 2:
        return None
    both = 2 * FEWEST_EXPECTED / units  # the least sum of the two rates at which the test is one by the normal curve
    found = max(math.sin(angle) ** 2, both - rate)
    return found if rate + found <= 2 - both else None


def _angle(rate: float) -> float:
    return 2 * math.asin(math.sqrt(rate))


def at_least(successes: int, trials: int, rate: float) -> float:
    """The chance of at least so many successes: P(Bin(n, p) >= k) = P(Beta(k, n - k + 1) <= p)."""
    if successes <= 0 or rate >= 1:
        return 1.0 if successes <= trials else 0.0
    if successes > trials or rate <= 0:
        return 0.0
    a, b = float(successes), float(trials - successes + 1)
    return chance_below(a, b, math.log(rate) - math.log1p(-rate) - math.log(a / b))


def units_until(successes: float, trials: float, decides: Decides, above: bool) -> int | None:
    """How many more trials at the same rate decide with a chance of 80%: the count so far is part of what is judged.

    `decides` says whether a sample (successes, trials) is decided on the side where the rate is, `above` the limit or
    below: then all samples of that size with more successes are, too, or with fewer. `None` where 1e18 would not be
    enough.
    """
    rate = successes / trials

    def enough(more: int) -> bool:
        least = _least_of(more, rate if above else 1 - rate, POWER)
        return decides(successes + (least if above else more - least), trials + more)

    many = 1
    while not enough(many):
        many *= 2
        if many > LARGEST_NUMBER:
            return None
    few = many // 2
    while many - few > max(1, many // 1000):
        middle = (few + many) // 2
        few, many = (few, middle) if enough(middle) else (middle, many)
    return many


def _least_of(trials: int, rate: float, chance: float) -> int:
    """The largest number of successes that is reached, or passed, with the chance: near the quantile of the normal."""
    if rate in (0, 1):
        return round(rate) * trials
    z, variance = inverse_normal(chance), trials * rate * (1 - rate)
    skew = (1 - 2 * rate) * (z * z - 1) / 6  # Cornish and Fisher, Biometrics 5, 1938
    least = min(max(math.floor(trials * rate + 0.5 - z * math.sqrt(variance) + skew), 0), trials)
    if variance > NEARLY_NORMAL:
        return least
    while least < trials and at_least(least + 1, trials, rate) >= chance:
        least += 1
    while least and at_least(least, trials, rate) < chance:
        least -= 1
    return least
