"""Counts on a scale where they are about normal, whatever is larger: what chance does, or what varies between periods.

It is a power of the count beside its usual `mean`: 2/3 of what is Poisson, and less the more its periods vary beyond
that, down to the logarithm of what is lognormal. This power takes out the skewness (to first order, from the third
cumulant of a lognormal mixture of Poisson variables; for Poisson itself Anscombe, Journal of the Royal Statistical
Society B 15, 1953, and Cox and Snell, JRSS B 30, 1968).
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
    def power(self) -> float:
        """Of the count; 0 is the logarithm."""
        beyond = self.apart * self.mean
        return (2 + 3 * beyond) / (3 * (1 + beyond) ** 2)

    def scaled(self, count: float) -> float:
        """The count, 0 or more, on the scale."""
        power = self.power
        share = (count + (1 - power) / 2) / self.mean
        return math.log(share) if power < _LOGARITHM else (share**power - 1) / power

    def unscaled(self, value: float) -> float:
        """The count at a place of the scale; 0 beyond its end."""
        power = self.power
        share = math.exp(min(value, 700.0)) if power < _LOGARITHM else max(0.0, 1 + power * value) ** (1 / power)
        return max(0.0, share * self.mean - (1 - power) / 2)
