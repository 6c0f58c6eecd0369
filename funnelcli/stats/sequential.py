"""Intervals that hold at every look: however often growing counts are looked at, they miss the true rate no more often.

A Wilson interval at 95% misses the rate in 5% of looks, and so, looked at each night, in far more than 5% of rates at
some time. A *confidence sequence* misses it at any time in 5% of rates.
"""

from __future__ import annotations

import math

from funnelcli.stats.beta import stirling
from funnelcli.stats.intervals import Interval

METHOD = "Robbins confidence sequence"


def at_every_look(successes: float, trials: float, confidence: float = 0.95) -> Interval:
    """The rates p at which (n + 1) C(n, x) p^x (1 - p)^(n - x) exceeds 1 - confidence.

    That is the likelihood of p against the mixture of all rates, and it falls to alpha at any n with a chance of at
    most alpha (Robbins, "Statistical methods related to the law of the iterated logarithm", Annals of Mathematical
    Statistics 41, 1970, by Ville's inequality). 30 of 100 gives [0.169, 0.457], where Wilson's interval is [0.219,
    0.396]. The bound at no successes is exactly 0, and at all successes exactly 1. Raises `ValueError` for no trials.
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"{successes} of {trials} is not a sample")
    failures = trials - successes
    # the deviance at which the likelihood has fallen to the border
    room = _log_peak(successes, failures) + math.log1p(trials) - math.log(1 - confidence)
    low = 0.0 if not successes else _border(successes, failures, room)
    high = 1.0 if not failures else 1 - _border(failures, successes, room)
    return Interval(low, high, confidence, METHOD)


def as_one_look(successes: float, trials: float, confidence: float = 0.95) -> float:
    """The confidence of an interval for one look that is as wide as that for every look."""
    room = _log_peak(successes, trials - successes) + math.log1p(trials) - math.log(1 - confidence)
    return math.erf(math.sqrt(room))


def _log_peak(successes: float, failures: float) -> float:
    """Logarithm of the binomial probability of the sample at its own rate, without what Stirling cancels."""
    if not successes or not failures:
        return 0.0
    n, x, y = float(successes + failures), float(successes), float(failures)
    left = stirling(n + 1) - stirling(x + 1) - stirling(y + 1)
    # log n! = (n + 1/2) log(n + 1) - (n + 1) + 1/2 log 2 pi + stirling(n + 1)
    shift = (n + 0.5) * math.log1p(1 / n) - (x + 0.5) * math.log1p(1 / x) - (y + 0.5) * math.log1p(1 / y) + 1
    return left + shift - 0.5 * math.log(2 * math.pi * x / n * y)


def _border(successes: float, failures: float, room: float) -> float:
    """The rate below the sample's at which the deviance is `room`, by halving its distance in log odds."""
    x, y = float(successes), float(failures)
    n = x + y
    rate = x / n
    if not failures:
        return math.exp(-room / x)

    def deviance(p: float) -> float:
        gap = (rate - p) / p  # x log(rate / p) + y log((1 - rate) / (1 - p)), seen from p
        return x * math.log1p(gap) + y * math.log1p((p - rate) / (1 - p))

    near, far = rate, 0.0
    while near - far > 1e-15 * near:
        middle = (near + far) / 2
        if middle in (near, far):
            break
        if deviance(middle) < room:
            near = middle
        else:
            far = middle
    return far
