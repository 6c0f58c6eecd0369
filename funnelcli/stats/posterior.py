"""What is believed of rates after a sample: posteriors with the flat prior, Beta(1 + successes, 1 + failures).

A sample of no trials is the prior itself. Nothing is drawn at random: the same figures every time.
"""

import math
from typing import NamedTuple

from funnelcli.stats.beta import below, betaincinv, integral, log_density, spread
from funnelcli.stats.intervals import Interval, require_samples

_NEGLIGIBLE = 45  # e^-45 of the peak is beyond a float's digits


class Chance(NamedTuple):
    """The chance that the rate of sample B is greater than that of A, 0 to 1, with the method and the samples."""

    chance: float
    method: str
    successes_a: int
    trials_a: int
    successes_b: int
    trials_b: int


def beta_interval(successes: int, trials: int, confidence: float = 0.95) -> Interval:
    """Equal-tailed credible interval of a rate, from the quantiles of its posterior.

    (Gelman et al., Bayesian Data Analysis, 3rd ed. 2013, 2.3-2.4.) 7 of 50 gives [0.0702, 0.2626], and no trials
    [0.025, 0.975]. Raises `ValueError` for what is no sample, or a confidence that is not between 0 and 1.
    """
    require_samples((successes, trials))
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence of {confidence} is not between 0 and 1")
    a, b, tail = successes + 1, trials - successes + 1, (1 - confidence) / 2
    return Interval(betaincinv(a, b, tail), betaincinv(a, b, 1 - tail), confidence, "Beta(1, 1) equal-tailed")


def chance_greater(successes_a: int, trials_a: int, successes_b: int, trials_b: int) -> Chance:
    """The chance that B's rate is greater than A's, each with an independent Beta(1, 1) posterior.

    10 of 100 against 17 of 100 gives 0.923, and equal samples 0.5. It is the integral of one density times the other's
    distribution function, exact to 1e-10 of the chance itself at any counts, and equals a tail of a hypergeometric
    distribution (Altham, "Exact Bayesian analysis of a 2x2 contingency table", JRSS B 31, 1969). Chances below 1e-300
    are 0. Raises `ValueError` for what is no sample.
    """
    require_samples((successes_a, trials_a), (successes_b, trials_b))
    first = successes_a + 1, trials_a - successes_a + 1
    second = successes_b + 1, trials_b - successes_b + 1
    if spread(*second) > spread(*first):  # 1 - A > 1 - B is the same event: the narrower posterior is integrated over
        first, second = second[::-1], first[::-1]
    return Chance(_chance(first, second), "Beta(1, 1) posteriors", successes_a, trials_a, successes_b, trials_b)


def _chance(first: tuple[int, int], second: tuple[int, int]) -> float:
    """P(Beta(*second) > Beta(*first)), where the second is the narrower.

    The trapezoidal rule is as good as exact for a smooth bell on the whole line of log odds (Trefethen and Weideman,
    SIAM Review 56, 2014), here second's density times first's distribution function.
    """
    density_first, density_second = log_density(*first), log_density(*second)
    peak = second
    if first[0] * second[1] > second[0] * first[1]:  # the bell is near the peak of the product of the densities
        peak = first[0] + second[0], first[1] + second[1]
    from_first, from_second, step = _distance(first, peak), _distance(second, peak), 0.3 * spread(*peak)

    def height(steps: int) -> float:
        own, other = from_second + steps * step, from_first + steps * step
        return density_second(own) + (density_first(other) if other < 0 else 0.0)

    at, top = 0, height(0)
    if top < -700:
        return 0.0
    while height(at) > top - _NEGLIGIBLE:
        at -= 4
    share = below(*first, from_first + at * step)
    total = 0.0
    while True:
        part = math.exp(density_second(from_second + at * step)) * share
        total += part
        if at > 0 and part <= 1e-17 * total:
            return min(1.0, total * step)
        share += integral(density_first, from_first + at * step, from_first + (at + 1) * step)
        at += 1


def _distance(start: tuple[int, int], end: tuple[int, int]) -> float:
    """From the centre of one posterior's log odds to another's: exact also where the rates agree in many digits."""
    before, after = start[0] * end[1], start[1] * end[0]
    if before < 2 * after < 4 * before:
        return math.log1p((after - before) / before)
    return math.log(after / before)
