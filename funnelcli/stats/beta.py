"""The incomplete beta function and its inverse, for shapes from fractions of 1 to 1e18.

All work is done on the log odds y = log(x / (1 - x)) of a Beta(a, b) variable. There the density is smooth and
log-concave, with its peak at log(a / b), the *centre*; a *distance* is counted from it. Distances keep their digits
where the rates themselves run out of them, as for counts of 1e12.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Gauss-Legendre quadrature of order 8 on [-1, 1] (Abramowitz and Stegun, table 25.4): (node, weight), both signs
_QUADRATURE = (
    (0.1834346424956498, 0.3626837833783620),
    (0.5255324099163290, 0.3137066458778873),
    (0.7966664774136267, 0.2223810344533745),
    (0.9602898564975363, 0.1012285362903763),
)
_NEAR = 0.01  # distances below it need the series that does not cancel


def spread(a: float, b: float) -> float:
    """Width of the log odds of Beta(a, b): the standard deviation of the normal curve that fits the peak."""
    return math.sqrt(1 / a + 1 / b)


def log_density(a: float, b: float) -> Callable[[float], float]:
    """Logarithm of the density of the log odds of Beta(a, b), as a function of the distance from the centre.

    The normalisation is Stirling's with its correction (Loader, "Fast and accurate computation of binomial
    probabilities", 2000), so that nothing of the size of log(a!) is ever subtracted.
    """
    total = a + b
    peak = -math.log(spread(a, b)) - 0.5 * math.log(2 * math.pi) - _stirling(a) - _stirling(b) + _stirling(total)
    side = 1 if a <= b else -1  # seen from the smaller shape nothing cancels
    few, many = (a, b) if a <= b else (b, a)
    share, rest = few / total, many / total
    expm1, log1p = math.expm1, math.log1p

    def at(distance: float) -> float:
        away = side * distance
        if away > 700:
            return peak - many * away - total * math.log(share)
        growth = expm1(away)
        if -_NEAR < away < _NEAR:
            ratio = growth / (1 + share * growth)
            return peak + few * _log1p_rest(rest * ratio) + many * _log1p_rest(-share * ratio)
        return peak + few * away - total * log1p(share * growth)

    return at


def integral(density: Callable[[float], float], left: float, right: float) -> float:
    """Probability between two distances, from the logarithm of a density that changes little between them."""
    half = (right - left) / 2
    middle = left + half
    exp = math.exp
    return half * sum(
        weight * (exp(density(middle - half * node)) + exp(density(middle + half * node)))
        for node, weight in _QUADRATURE
    )


def below(a: float, b: float, distance: float) -> float:
    """Probability that the log odds of Beta(a, b) lie less than `distance` above their centre."""
    if distance > 0:
        return 1 - below(b, a, -distance)
    density = log_density(a, b)
    total, share, rest = a + b, a / (a + b), b / (a + b)
    centre = math.log(a / b)
    probability = 0.0
    right = distance
    while True:
        odds, height = math.exp(right), centre + right
        slope = -total * share * rest * math.expm1(right) / (rest + share * odds)
        curvature = total * share * rest * odds / (rest + share * odds) ** 2
        # narrow where the density bends or falls quickly, and near the poles at ±πi and the bend at the centre
        step = 0.6 * math.hypot(min(0.0, max(height, right)), math.pi)
        if curvature * step * step > 1.44:
            step = 1.2 / math.sqrt(curvature)
        if slope * step > 4:
            step = 4 / slope
        part = integral(density, right - step, right)
        probability += part
        if part <= 1e-17 * probability:
            return probability
        right -= step


def _require_shapes(a: float, b: float) -> None:
    if not (0 < a < math.inf and 0 < b < math.inf):
        raise ValueError(f"Beta({a}, {b}) needs positive shapes")


def betainc(a: float, b: float, x: float) -> float:
    """Regularized incomplete beta function I_x(a, b): the chance that a Beta(a, b) variable is below x (DLMF 8.17).

    Computed by Gauss-Legendre quadrature of the tail, to 1e-11 of the result as far as x has the digits, small tails
    included. I_0.5(2, 3) is 0.6875. Raises `ValueError` unless the shapes are positive and x lies in [0, 1].
    """
    _require_shapes(a, b)
    if not 0 <= x <= 1:
        raise ValueError(f"{x} is not between 0 and 1")
    if x in (0, 1):
        return float(x)
    odds = x / (1 - x) * (b / a)
    if not 0.5 < odds < 2:
        return below(a, b, math.log(odds) if odds else -math.inf)
    from fractions import Fraction

    exact = Fraction(x)  # the difference from the centre is exact: it may be all that tells the two apart
    return below(a, b, math.log1p((exact * (Fraction(a) + Fraction(b)) - Fraction(a)) / ((1 - exact) * Fraction(a))))


def quantile(a: float, b: float, share: float) -> float:
    """Distance from the centre below which the log odds of Beta(a, b) lie with the probability `share`, 0 < share < 1.

    Newton's method on the logarithm of the probability, which is concave: it converges from anywhere.
    """
    if share > 0.5:
        return -quantile(b, a, 1 - share)
    from statistics import NormalDist

    density, width = log_density(a, b), spread(a, b)
    distance = NormalDist().inv_cdf(share) * width
    for _ in range(200):
        probability = below(a, b, distance)
        if not probability:
            distance /= 2
            continue
        step = math.log(share / probability) * probability / math.exp(density(distance))
        distance += step
        if abs(step) < 1e-8 * width:  # convergence is quadratic: the next step would be lost in rounding
            break
    return distance


def betaincinv(a: float, b: float, share: float) -> float:
    """The x below which a Beta(a, b) variable lies with the probability `share`: the inverse of `betainc`.

    The median of Beta(1, 1) is 0.5, the 2.5% quantile of Beta(2, 2) 0.0943. Raises `ValueError` unless the shapes are
    positive and the share lies in [0, 1].
    """
    _require_shapes(a, b)
    if not 0 <= share <= 1:
        raise ValueError(f"{share} is not between 0 and 1")
    if share in (0, 1):
        return float(share)
    distance = quantile(a, b, share)
    if distance > 0:
        return a / (a + b * math.exp(-distance))
    odds = a * math.exp(distance)
    return odds / (b + odds)


def _log1p_rest(value: float) -> float:
    """log(1 + value) - value for a value near 0, by its series."""
    return (
        -value
        * value
        * (1 / 2 - value * (1 / 3 - value * (1 / 4 - value * (1 / 5 - value * (1 / 6 - value * (1 / 7 - value / 8))))))
    )


def _stirling(value: float) -> float:
    """What Stirling's formula leaves out of log gamma(value) (DLMF 5.11.1)."""
    if value < 10:
        return math.lgamma(value) - (value - 0.5) * math.log(value) + value - 0.5 * math.log(2 * math.pi)
    square = 1 / (value * value)
    series = 1 / 1260 - square * (1 / 1680 - square / 1188)
    return (1 / 12 - square * (1 / 360 - square * series)) / value
