"""Counts and sums on a scale where they are about normal, whatever is larger: chance, or what varies between periods.

It is a power of what is beside its usual `mean`: of counts 2/3 where they are Poisson, of sums of amounts that vary by
as much as their mean 1/3, and less the more their periods vary beyond that, down to the logarithm of what is lognormal.
This power takes out the skewness (to first order, from the third cumulant of a lognormal mixture of sums of lognormal
amounts; for Poisson itself Anscombe, Journal of the Royal Statistical Society B 15, 1953, and Cox and Snell, JRSS B 30,
1968; the power 1/3 is that of Wilson and Hilferty, PNAS 17, 1931).
"""

from __future__ import annotations

import math
from typing import NamedTuple

_LOGARITHM = 1e-6
"""A power below which it is the logarithm."""
MOST_SPREAD = 2.0
"""The square of a coefficient of variation at which sums of such amounts are on their logarithm."""


class CountScale(NamedTuple):
    """The scale of counts about a `mean` above 0, whose true means have the square `apart` of a variation between them.

    Or of sums of as many amounts, of which one is a `unit` on average, and whose variation has the square `spread`, up
    to `MOST_SPREAD`. A difference on it is one in shares of the mean: 0.1 is 10% more.
    """

    mean: float
    apart: float
    unit: float = 1.0
    spread: float = 0.0

    @property
    def chance(self) -> float:
        """The square of the coefficient of variation that chance brings."""
        return (1 + self.spread) * self.unit / self.mean

    @property
    def power(self) -> float:
        """Of the count or the sum; 0 is the logarithm."""
        beyond = self.apart / self.chance
        return (2 - self.spread + 3 * beyond) / (3 * (1 + beyond) ** 2)

    @property
    def _added(self) -> float:
        return (1 - self.power) / 2 * self.unit

    def scaled(self, count: float) -> float:
        """The count, 0 or more, on the scale."""
        power = self.power
        share = (count + self._added) / self.mean
        return math.log(share) if power < _LOGARITHM else (share**power - 1) / power

    def unscaled(self, value: float) -> float:
        """The count at a place of the scale; 0 beyond its end."""
        power = self.power
        share = math.exp(min(value, 700.0)) if power < _LOGARITHM else max(0.0, 1 + power * value) ** (1 / power)
        return max(0.0, share * self.mean - self._added)
