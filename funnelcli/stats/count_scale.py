"""Counts and sums on a scale where they are about normal, whatever is larger: chance, or what varies between periods.

It is a power of what is beside its usual `mean`: of counts 2/3 where they are Poisson, of sums of so many amounts 1/3,
and less the more their periods vary beyond that, down to the logarithm of what is lognormal. This power takes out the
skewness (to first order, from the third cumulant of a lognormal mixture; for Poisson itself Anscombe, Journal of the
Royal Statistical Society B 15, 1953, and Cox and Snell, JRSS B 30, 1968; for what is as skewed as a sum of lognormal
amounts whose standard deviation is their mean, which is a Gamma variable: Wilson and Hilferty, PNAS 17, 1931).
"""

from __future__ import annotations

import math
from typing import NamedTuple

_LOGARITHM = 1e-6
"""A power below which it is the logarithm."""


class CountScale(NamedTuple):
    """The scale of counts about a `mean` above 0, whose true means have the square `apart` of a variation between them.

    A difference on it is one in shares of the mean: 0.1 is 10% more.
    """

    mean: float
    apart: float

    @property
    def chance(self) -> float:
        """The square of the coefficient of variation that chance brings."""
        return 1 / self.mean

    @property
    def power(self) -> float:
        """Of the count; 0 is the logarithm."""
        return _power(1.0, self.apart * self.mean)

    def scaled(self, count: float) -> float:
        """The count, 0 or more, on the scale."""
        return _scaled((count + (1 - self.power) / 2) / self.mean, self.power)

    def unscaled(self, value: float) -> float:
        """The count at a place of the scale; 0 beyond its end."""
        return max(0.0, _unscaled(value, self.power) * self.mean - (1 - self.power) / 2)


class SumScale(NamedTuple):
    """The scale of sums about a `mean` above 0, of about so many `units` whose amounts vary by as much as their mean.

    Their true means have the square `apart` of a variation between them. A difference is as on `CountScale`.
    """

    mean: float
    apart: float
    units: float

    @property
    def chance(self) -> float:
        """The square of the coefficient of variation that chance brings: by how many there are, and how large."""
        return 2 / self.units

    @property
    def power(self) -> float:
        """Of the sum; 0 is the logarithm."""
        return _power(2.0, self.apart / self.chance)

    def scaled(self, amount: float) -> float:
        """The sum, 0 or more, on the scale; one of next to nothing where that is the logarithm."""
        return _scaled(max(amount / self.mean, _LOGARITHM), self.power)

    def unscaled(self, value: float) -> float:
        """The sum at a place of the scale; 0 beyond its end."""
        share = _unscaled(value, self.power)
        return 0.0 if share <= _LOGARITHM * (1 + _LOGARITHM) else share * self.mean


def _power(skewness: float, beyond: float) -> float:
    """By the skewness of chance in its own deviations a mean, and how many times its variance periods vary beyond."""
    return (3 - skewness + 3 * beyond) / (3 * (1 + beyond) ** 2)


def _scaled(share: float, power: float) -> float:
    return math.log(share) if power < _LOGARITHM else (share**power - 1) / power


def _unscaled(value: float, power: float) -> float:
    return math.exp(min(value, 700.0)) if power < _LOGARITHM else max(0.0, 1 + power * value) ** (1 / power)
