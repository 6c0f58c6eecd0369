"""Random draws that are the same on every platform and with every version of Python.

Of `random` only `Random(seed).random()` is promised to stay, so everything is drawn from it through grids of quantiles.
The grids are made of the operations that IEEE 754 rounds exactly (+ - * / and the square root), with a logarithm and an
exponential of their own: those of the C library differ in the last digit from one platform to the next, and so does
`sum` of floats between versions of Python.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import repeat
from random import Random
from typing import TYPE_CHECKING

from funnelcli.stats.beta import log_kernel

if TYPE_CHECKING:
    from collections.abc import Iterable


DEFAULT_DRAWS, DEFAULT_SEED = 10_000, 1
"""Those of every command, so that all of them say the same chance."""
FEWEST_DRAWS, MOST_DRAWS = 100, 10_000_000
GRID = 2048
"""Quantiles that stand for a distribution: at (j + 1/2) / 2048. What lies beyond the outermost is never drawn."""
COUNTED = 16
"""Expected units, of those that come or of those that do not, below which a binomial number is drawn exactly."""
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10  # as in fdlibm
_LN2 = 0.6931471805599453


def source(seed: int, stream: int) -> Random:
    """A generator for one stream of a seed: a step draws the same however many others there are."""
    return Random((seed << 32) + stream)  # noqa: S311  # not for secrets: it must be repeatable


def log1p(value: float) -> float:
    """log(1 + value) of a value above -1."""
    if -0.25 < value < 0.4:
        s = value / (2 + value)
        return 2 * s * (1 + _atanh_rest(s * s))
    mantissa, exponent = math.frexp(1 + value)
    if mantissa < 0.7071067811865476:
        mantissa, exponent = 2 * mantissa, exponent - 1
    s = (mantissa - 1) / (mantissa + 1)
    return 2 * s * (1 + _atanh_rest(s * s)) + exponent * _LN2


def _atanh_rest(square: float) -> float:
    """atanh(s) / s - 1 of s² up to 0.03, by its series."""
    far = 1 / 13 + square * (1 / 15 + square * (1 / 17 + square * (1 / 19 + square / 21)))  # met too often for a loop
    return square * (1 / 3 + square * (1 / 5 + square * (1 / 7 + square * (1 / 9 + square * (1 / 11 + square * far)))))


def exp(value: float) -> float:
    """The exponential of a value up to 0."""
    if value < -700:
        return 0.0
    halvings = int(value / _LN2 - 0.5)
    x = value - halvings * _LN2_HIGH - halvings * _LN2_LOW
    series = 1.0
    for divisor in (14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1):
        series = 1 + series * x / divisor
    return math.ldexp(series, halvings)


@lru_cache(maxsize=4096)  # more steps than any funnel has: a grid made anew for each batch would take minutes
def beta_grid(a: float, b: float) -> tuple[float, ...]:
    """Quantiles of a Beta(a, b) variable, ascending; the outermost is moved so that their mean is the distribution's.

    They come from the density of the log odds, added up by the trapezoidal rule with its correction at the ends and
    inverted by cubics: to 1e-5 of the standard deviation.
    """
    if a > b:
        return tuple(1 - value for value in reversed(beta_grid(b, a)))
    share, rest = a / (a + b), b / (a + b)
    log_density = log_kernel(a, b, log1p)
    step = min(0.08 * math.sqrt(1 / a + 1 / b), 0.25)
    interval = log1p(step)
    sides = []
    for factor, sign in ((1 + step, 1), (1 / (1 + step), -1)):
        side = []
        power, growth, number = 1.0, 0.0, 0  # e^t and e^t - 1 of the distance t from the peak of the log odds
        while True:
            odds = 1 + share * growth
            density = exp(log_density(sign * number * interval, growth))
            side.append((share * power / odds, rest / odds, density, -a * rest * growth / odds * density))
            if density < 1e-10 or not 1e-290 < power < 1e290:
                break
            number += 1
            power *= factor
            growth = (growth + step + growth * step) if sign > 0 else (growth - step) * factor
        sides.append(side)
    points = sides[1][:0:-1] + sides[0]
    values = _quantiles(
        [x for x, _, _, _ in points],
        [x * y for x, y, _, _ in points],
        [density for _, _, density, _ in points],
        [slope for _, _, _, slope in points],
        interval,
    )
    # what the longer tail holds beyond its last quantile
    values[-1] = min(1.0, values[-1] + share * GRID - math.fsum(values))
    return tuple(values)


@lru_cache(maxsize=1)
def normal_grid() -> tuple[float, ...]:
    """Quantiles of the standard normal distribution, symmetric, with a variance of 1."""
    points = [number / 20 for number in range(-160, 161)]
    densities = [exp(-x * x / 2) for x in points]
    slopes = [-x * density for x, density in zip(points, densities, strict=True)]
    values = _quantiles(points, [1.0] * len(points), densities, slopes, 0.05)
    values = [(value - other) / 2 for value, other in zip(values, reversed(values), strict=True)]
    scale = math.sqrt(GRID / math.fsum(value * value for value in values))
    return tuple(value * scale for value in values)


def _quantiles(
    values: list[float], rises: list[float], densities: list[float], slopes: list[float], interval: float
) -> list[float]:
    """Values of a variable at the grid's shares, from points in equal intervals.

    `rises` are how fast the value grows there, per unit of the interval, and `slopes` how fast the density does.
    """
    correction = interval * interval / 12
    cumulative = [0.0]
    area = 0.0
    for left, right, slope in zip(densities, densities[1:], slopes[1:], strict=False):
        area += interval * (left + right) / 2
        cumulative.append(area - correction * (slope - slopes[0]))
    unit = cumulative[-1] / GRID
    found: list[float] = []
    cell = 0
    wanted = 0.5 * unit
    while len(found) < GRID:
        while cumulative[cell + 1] <= wanted:
            cell += 1
        low, width = cumulative[cell], cumulative[cell + 1] - cumulative[cell]
        start, climb = values[cell], values[cell + 1] - values[cell]
        first = width * rises[cell] / densities[cell]
        last = width * rises[cell + 1] / densities[cell + 1]
        until = min(GRID, math.ceil(cumulative[cell + 1] / unit - 0.5))
        count = max(1, until - len(found))
        for number in range(len(found), len(found) + count):
            d = ((number + 0.5) * unit - low) / width
            e = 1 - d
            found.append(start + d * d * (1 + 2 * e) * climb + d * e * (e * first - d * last))
        wanted = (len(found) + 0.5) * unit
    return found


def draw(grid: tuple[float, ...], size: int, random: Random) -> list[float]:
    """Values of a grid, each as likely as any other."""
    uniform, count = random.random, float(len(grid))  # a float times a float is faster
    return [grid[int(uniform() * count)] for _ in repeat(None, size)]


def draw_times(factors: list[float], grid: tuple[float, ...], random: Random) -> list[float]:
    """Each factor times a value of a grid, in one pass."""
    uniform, count = random.random, float(len(grid))
    return [factor * grid[int(uniform() * count)] for factor in factors]


def whole(value: float, size: int, random: Random) -> list[int]:
    """Whole numbers whose mean is the value: it rounded down, or up, by chance."""
    low = math.floor(value)
    part = value - low
    if not part:
        return [low] * size
    uniform = random.random
    return [low + (uniform() < part) for _ in repeat(None, size)]


def binomials(units: Iterable[int], rates: Iterable[float], random: Random) -> list[int]:
    """For each number of units how many of them come, when each comes with the rate beside it.

    Exact by inversion where fewer than `COUNTED` are expected to come, or not to come. Elsewhere by the normal quantile
    with Cornish and Fisher's correction for skewness (Biometrics 5, 1938), which is within 0.002 of the distribution
    function. A rate above 1 is growth without chance, rounded by chance.
    """
    uniform, normal, root, floor = random.random, normal_grid(), math.sqrt, math.floor
    came = []
    logs: dict[float, float] = {}  # rates are of a grid, so that many draws have the same one
    starts: dict[tuple[int, float], float] = {}  # and of few units
    for n, rate in zip(units, rates, strict=True):
        u = uniform()
        if rate >= 1 or rate <= 0 or not n:
            came.append(floor(n * rate + u) if rate > 1 else n if rate == 1 else 0)
            continue
        p = rate if rate <= 0.5 else 1 - rate
        mean = n * p
        if mean >= COUNTED:
            z = normal[int(u * GRID)]
            k = floor(mean + root(mean * (1 - p)) * z + (1 - 2 * p) * (z * z - 1) / 6 + 0.5)
            k = 0 if k < 0 else n if k > n else k
        else:
            k = 0
            none = starts.get((n, p))
            if none is None:
                if p not in logs:
                    logs[p] = log1p(-p)
                none = starts[n, p] = exp(n * logs[p])
            chance = none
            odds = p / (1 - p)
            while u >= chance and k < n:
                u -= chance
                chance *= odds * (n - k) / (k + 1)
                k += 1
                if chance < 1e-18:
                    break
        came.append(k if rate <= 0.5 else n - k)
    return came


@lru_cache(maxsize=256)
def scatter_grid(variation: float) -> tuple[float, ...]:
    """Quantiles of a lognormal variable with a mean of 1 and this coefficient of variation, ascending.

    Of what is above 0 and known up to a factor, such as the mean of amounts of money. The outermost is moved so that
    their mean is 1.
    """
    square = log1p(variation * variation)
    width = math.sqrt(square)
    logs = [width * z - square / 2 for z in normal_grid()]
    values = [exp(each) if each <= 0 else 1 / exp(-each) for each in logs]
    values[-1] = max(values[-1], values[-1] + GRID - math.fsum(values))
    return tuple(values)


def sums(units: Iterable[int], means: Iterable[float], variation: float, random: Random) -> list[float]:
    """For each number of units the sum of their amounts, which have the mean beside it and this variation.

    Amounts are taken as Gamma distributed, so that no sum is below 0; so is their sum, with the shape units /
    variation², which is the quantile of Wilson and Hilferty (PNAS 17, 1931): the cube of a normal variable. It holds
    from a shape of 1 on; a smaller one is reached from the shape + 1 by the root of a uniform number (Stuart, JRSS B
    24, 1962).
    """
    uniform, normal, root = random.random, normal_grid(), math.sqrt
    each = 1 / (variation * variation)
    drawn = []
    for n, mean in zip(units, means, strict=True):
        u = uniform()
        if not n or not mean:
            drawn.append(0.0)
            continue
        shape = n * each
        scaled, small = (shape, 1.0) if shape >= 1 else (shape + 1, exp(log1p(uniform() - 1) / shape))
        ninth = 1 / (9 * scaled)
        cube = 1 - ninth + root(ninth) * normal[int(u * GRID)]
        drawn.append(n * mean * small * (scaled / shape) * cube * cube * cube if cube > 0 else 0.0)
    return drawn
