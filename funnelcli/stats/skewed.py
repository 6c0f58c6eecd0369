"""Variables known by their mean, their variance and their skewness: sums and products, and the curve that has them.

Rates, amounts and what becomes of a unit are independent of each other, so their moments follow exactly, without
drawing anything. The curve is Pearson's type III, a shifted Gamma distribution: exact for normal and for Gamma
distributed variables, and close for products of rates. Where a lognormal variable is a factor it is a shifted lognormal
one, which has a longer tail (Johnson's family S_L, Biometrika 36, 1949). Chances are within a point of the true ones
up to a skewness of 0.7: from ten sales on where the money of one is certain.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from funnelcli.stats.normal import inverse_normal, normal_below

_STRAIGHT = 1e-4
"""A skewness that nobody sees: the curve is the normal one."""
_SMOOTH = 200
"""From this shape on, the cube root of a Gamma variable is normal."""


class Cumulants(NamedTuple):
    """The mean, the variance and the third central moment of a variable."""

    mean: float
    variance: float = 0.0
    third: float = 0.0

    @property
    def skewness(self) -> float:
        """How skewed it is, either way; 0 where it is certain."""
        return abs(self.third) / self.variance**1.5 if self.variance else 0.0

    def plus(self, other: Cumulants) -> Cumulants:
        """The sum with an independent variable."""
        return Cumulants(self.mean + other.mean, self.variance + other.variance, self.third + other.third)

    def times(self, other: Cumulants) -> Cumulants:
        """The product with an independent variable. Nothing is subtracted, so digits stay where counts are large."""
        (m, v, t), (n, w, u) = self, other
        variance = v * w + v * n * n + w * m * m
        third = t * n**3 + u * m**3 + t * u + 3 * n * t * w + 3 * m * u * v + 6 * m * n * v * w
        return Cumulants(m * n, variance, third)

    def scaled(self, factor: float) -> Cumulants:
        """So many times the variable."""
        return Cumulants(factor * self.mean, factor**2 * self.variance, factor**3 * self.third)


def lognormal(mean: float, error: float) -> Cumulants:
    """A lognormal variable by its mean and its standard deviation."""
    square = (error / mean) ** 2 if mean else 0.0
    return Cumulants(mean, error * error, mean**3 * square * square * (3 + square))


def chance_above(known: Cumulants, limit: float, heavy: bool = False) -> float:
    """The chance of the variable to be above a limit; 0 or 1 where it is certain. `heavy`: a factor is lognormal."""
    if not known.variance:
        return float(known.mean > limit)
    deviation = math.sqrt(known.variance)
    skewness, z = known.third / deviation**3, (limit - known.mean) / deviation
    if skewness < 0:
        return 1 - _standard_above(-skewness, -z, heavy)
    return _standard_above(skewness, z, heavy)


def _standard_above(skewness: float, z: float, heavy: bool) -> float:
    """The chance of a variable with a mean of 0 and a deviation of 1 to be above z."""
    if skewness < _STRAIGHT:
        return normal_below(-z)
    if heavy:
        width, scale = _johnson(skewness)
        above = z / scale + math.exp(width * width / 2)
        return 1.0 if above <= 0 else normal_below(-math.log(above) / width)
    shape = 4 / (skewness * skewness)
    return 1 - gamma_below(shape, shape + z * math.sqrt(shape))


def _johnson(skewness: float) -> tuple[float, float]:
    """The width of the logarithm, and the scale, of a shifted lognormal variable with a deviation of 1.

    x = root of exp(width²) - 1 solves x³ + 3 x = skewness.
    """
    x = 2 * math.sinh(math.asinh(skewness / 2) / 3)
    return math.sqrt(math.log1p(x * x)), 1 / (x * math.sqrt(1 + x * x))


def quantile(known: Cumulants, share: float, heavy: bool = False) -> float:
    """The value that the variable stays below with the probability `share`, 0 < share < 1; `heavy` as before."""
    if not known.variance:
        return known.mean
    deviation = math.sqrt(known.variance)
    skewness = known.third / deviation**3
    if abs(skewness) < _STRAIGHT:
        return known.mean + deviation * inverse_normal(share)
    share = share if skewness > 0 else 1 - share
    if heavy:
        width, scale = _johnson(abs(skewness))
        z = scale * (math.exp(width * inverse_normal(share)) - math.exp(width * width / 2))
    else:
        shape = 4 / (skewness * skewness)
        z = (gamma_quantile(shape, share) - shape) / math.sqrt(shape)
    return known.mean + math.copysign(deviation, skewness) * z


def gamma_below(shape: float, value: float) -> float:
    """The chance of a Gamma variable of that shape and the scale 1 to be below a value.

    By its power series, beyond the mean by Legendre's continued fraction (Abramowitz and Stegun 6.5.29 and 6.5.31), and
    for large shapes by the normal cube root of Wilson and Hilferty (PNAS 17, 1931), to 1e-4 at worst.
    """
    if value <= 0:
        return 0.0
    if shape >= _SMOOTH:
        cube = (value / shape) ** (1 / 3) - 1 + 1 / (9 * shape)
        return normal_below(cube * 3 * math.sqrt(shape))
    scale = math.exp(shape * math.log(value) - value - math.lgamma(shape))
    if value < shape + 1:
        term = total = 1 / shape
        at = shape
        while term > 1e-15 * total:
            at += 1
            term *= value / at
            total += term
        return scale * total
    b = value + 1 - shape
    c, d = 1e300, 1 / b
    fraction = d
    for number in range(1, 500):
        factor = -number * (number - shape)
        b += 2
        d, c = 1 / (factor * d + b), b + factor / c
        fraction *= d * c
        if abs(d * c - 1) < 1e-14:
            break
    return 1 - scale * fraction


def gamma_quantile(shape: float, share: float) -> float:
    """The value that a Gamma variable of that shape and the scale 1 stays below with the probability `share`."""
    ninth = 1 / (9 * shape)
    cube = 1 - ninth + math.sqrt(ninth) * inverse_normal(share)
    if shape >= _SMOOTH / 10:  # to 1e-4 between a tenth and nine tenths
        return shape * cube**3
    low, high = 0.0, math.inf
    at = shape * cube**3 if cube > 0.2 else math.exp((math.log(share) + math.lgamma(shape + 1)) / shape)
    for _ in range(200):
        miss = gamma_below(shape, at) - share
        low, high = (at, high) if miss < 0 else (low, at)
        slope = math.exp((shape - 1) * math.log(at) - at - math.lgamma(shape)) if at else 0.0
        step = miss / slope if slope else math.inf
        after = at - step
        if not low < after < high:
            after = (low + high) / 2 if high < math.inf else 2 * at
        if abs(after - at) <= 1e-8 * after:
            return after
        at = after
    return at
