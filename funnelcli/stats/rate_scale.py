"""Rates on a scale where they are normal: for counts of few units too, and with the same mean whatever the units.

It is the integral of (t (1 - t))^(-1/3) from 0 to the rate, which takes the skewness out of what is binomial, and half
of it out of what is Beta distributed (Cox and Snell, A general definition of residuals, JRSS B 30, 1968). With a sixth
of a unit added on either side, of 2% of 100 units the mean is known to 0.01 standard deviations, the variance to 2%,
and the skewness is 0.08 where it is 0.7 of the rate itself.
"""

from __future__ import annotations

import math

_ADDED = 1 / 6
_WHOLE = math.gamma(2 / 3) ** 2 / math.gamma(4 / 3)
"""The scale of 100%."""


def scaled(came: float, could: float) -> float:
    """The rate on the scale: 0.528 of 100 of 500. Raises `ValueError` for no units."""
    if could <= 0:
        raise ValueError("no units have no rate")
    return _scaled((came + _ADDED) / (could + 2 * _ADDED))


def variance(rate: float, could: float) -> float:
    """By chance, of so many units that have this rate, 0 < rate < 1, each by itself."""
    return float((rate * (1 - rate)) ** (1 / 3)) / could


def of_few(expected: float) -> float:
    """The variance of few units on their scale beside that of many: 1 where 3 or more are expected, and less of fewer.

    To 0.05: as none come more and more often, they differ less. Those are meant, of both, that are fewer. What is far
    beyond is as rare as in `variance` all the same.
    """
    return math.tanh(1.46 * expected ** (2 / 3))


def variance_between(rate: float, square: float) -> float:
    """Of true rates about this one, 0 < rate < 1, by the square of their coefficient of variation."""
    return float(square * rate**2 / (rate * (1 - rate)) ** (2 / 3))


def unscaled(value: float, could: float) -> float:
    """The rate of so many units at a place of the scale; 0 or 1 beyond its ends."""
    if value <= 0 or value >= _WHOLE:
        return 0.0 if value <= 0 else 1.0
    goal = min(value, _WHOLE - value)
    rate = math.pow(goal / 1.5, 1.5)  # the first term: too much; Newton's is too little from then on, and nears it
    for _ in range(50):
        step = (_scaled(rate) - goal) * math.cbrt(rate * (1 - rate))
        rate -= step
        if abs(step) < 1e-14 * rate:
            break
    rate = rate if value == goal else 1 - rate
    return min(1.0, max(0.0, (rate * (could + 2 * _ADDED) - _ADDED) / could))


def _scaled(rate: float) -> float:
    """By the series of the incomplete Beta function about the nearer end."""
    if rate > 0.5:
        return _WHOLE - _scaled(1 - rate)
    total, term, number = 0.0, 1.0, 0
    while term > 1e-17:
        total += term / (number + 2 / 3)
        number += 1
        term *= rate * (number - 2 / 3) / number
    return float(rate ** (2 / 3)) * total
