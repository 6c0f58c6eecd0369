"""The rates of steps as they are known: certain, from a sample, or as a stated range; and their distributions."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses import losses
from funnelcli.exact import ratio, reduced
from funnelcli.model import RateRange
from funnelcli.stats.beta import from_moments, posterior
from funnelcli.stats.intervals import decided_sample, sample, sample_in_parts
from funnelcli.stats.normal import critical_z
from funnelcli.stats.sampling import beta_grid
from funnelcli.stats.skewed import Cumulants

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.exact import Exact
    from funnelcli.model import Funnel, Stage


class Rate(NamedTuple):
    """A step's rate: `factor` x Beta(a, b) + `shift`, held between 0 and `cap`; without shapes, `shift`, certain."""

    shift: float
    a: float | None = None
    b: float | None = None
    factor: float = 1.0
    cap: float = 1.0

    @property
    def is_certain(self) -> bool:
        """Whether there is nothing to draw."""
        return self.a is None or not self.factor

    def moments(self) -> tuple[float, float, float]:
        """The mean, the variance, and the mean of rate x (1 - rate), which is the variance of one unit's chance.

        Growth comes without chance: of a rate above 1, the last is 0.
        """
        if self.a is None or self.b is None or not self.factor:
            value = min(self.cap, max(0.0, self.shift))
            return value, 0.0, max(0.0, value * (1 - value))
        grid = self.grid()
        total = self.a + self.b
        share, rest = self.a / total, self.b / total
        if grid[0] > 0 and grid[-1] < self.cap:
            mean = self.factor * share + self.shift
            variance = self.factor * self.factor * share * rest / (total + 1)
            if self.factor == 1 and not self.shift:
                return mean, variance, share * rest * total / (total + 1)
        else:  # cut off at an end: there the quantiles stand for the distribution
            mean = math.fsum(grid) / len(grid)
            variance = math.fsum((value - mean) ** 2 for value in grid) / len(grid)
        if grid[-1] > 1:
            return mean, variance, math.fsum(max(0.0, value * (1 - value)) for value in grid) / len(grid)
        return mean, variance, max(0.0, mean * (1 - mean) - variance)

    def cumulants(self) -> Cumulants:
        """The mean, the variance and the third central moment; of a rate that is cut off, those of its quantiles."""
        a, b, factor = self.a, self.b, self.factor
        if a is None or b is None or not factor:
            return Cumulants(min(self.cap, max(0.0, self.shift)))
        if factor == 1 and not self.shift and self.cap >= 1:  # moved nowhere, and cut nowhere
            total = a + b
            share, rest = a / total, b / total
            variance = share * rest / (total + 1)
            return Cumulants(share, variance, 2 * (rest - share) * variance / (total + 2))
        mean, variance, _ = self.moments()
        grid = self.grid()
        return Cumulants(mean, variance, math.fsum((value - mean) ** 3 for value in grid) / len(grid))

    def growing(self) -> float:
        """The share of the rate's distribution that is above 1."""
        grid = self.grid()
        return sum(value > 1 for value in grid) / len(grid) if grid[-1] > 1 else 0.0

    def grid(self) -> tuple[float, ...]:
        """Quantiles of the rate, ascending."""
        if self.a is None or self.b is None:
            return (min(self.cap, max(0.0, self.shift)),)
        values = beta_grid(self.a, self.b)
        if self.factor == 1 and not self.shift:
            return values
        return tuple(min(self.cap, max(0.0, self.factor * value + self.shift)) for value in values)

    def changed(self, factor: Exact, shift: Exact) -> Rate:
        """The rate x `factor` + `shift`."""
        return self._replace(factor=self.factor * float(factor), shift=self.shift * float(factor) + float(shift))


def with_variation(rate: Rate, variation: float) -> Rate:
    """The rate with a further coefficient of variation, such as that from period to period; the mean stays.

    It varies no further than a distribution with one peak can: a rate near 0% or 100% has little room on that side.
    Growth, and what a change made of a rate, stay as they are.
    """
    certain = rate.a is None or rate.b is None or not rate.factor
    if rate.a is None or rate.b is None or certain:
        share, variance = rate.shift, 0.0
    else:
        total = rate.a + rate.b
        share, variance = rate.a / total, rate.a * rate.b / (total * total * (total + 1))
    if not variation or not 0 < share < 1 or (rate.shift and not certain):
        return rate
    spread = share * (1 - share)
    widest = max(variance, spread / (1 + 1 / min(share, 1 - share)))
    size = spread / min(widest, variance + (variation * share) ** 2) - 1
    shapes = _rounded(share * size), _rounded((1 - share) * size)
    return Rate(0.0, *shapes, 1.0 if certain else rate.factor, rate.cap)


def step_rate(funnel: Funnel, index: int, *, waiting: bool = False) -> Rate:
    """What is known of a step: Beta(1 + came, 1 + left) of its counts, a stated range, or the rate itself, certain.

    The rate is of the stage that the units follow (`Funnel.origin`), without those that are open there. Nothing is
    known where none is decided: any rate is as likely as any other. Counts in parts are taken to vary as whole ones do.
    Stated rates, shares of 1, and growth have no sample, and count as certain. Where losses are stated to take another
    time than going on, the rate is that of all that come, in the end, or with `waiting` that of those who are open.
    """
    stage, origin = funnel.stages[index], funnel.origin(index)
    assert origin is not None
    cap = math.inf if stage.allow_growth else 1.0
    if isinstance(stage.conversion, RateRange):
        return range_rate(stage.conversion)._replace(cap=cap)
    if stage.conversion is not None:
        return Rate(float(stage.conversion), cap=cap)
    if not funnel.decided(index, origin) and not stage.count:
        return Rate(0.0, 1.0, 1.0, cap=cap)
    counts = decided_sample(funnel, index, whole=origin) or sample_in_parts(funnel, index, origin)
    told = losses.shapes(funnel, index) if origin == stage.parent else None
    if counts is None or (told is not None and told[waiting] is None):
        known = ratio(stage.count, funnel.decided(index, origin))
        if origin == stage.parent:
            known = losses.in_the_end(funnel, index, known, waiting=waiting)
        return Rate(float(known or 0), cap=math.inf)
    if told is not None and (shapes := told[waiting]) is not None:
        return Rate(0.0, *shapes, cap=cap)
    return Rate(0.0, *posterior(*counts), cap=cap)


def rate_in_the_end(funnel: Funnel, index: int) -> Rate:
    """What is known of a step once the open units before it are decided, by their stated chance where there is one.

    Those who will have come are then as many as have, and a beta-binomial number of the open ones: the rate is the Beta
    distribution with the moments of Beta(1 + these, 1 + the others). Without a stated chance it is the `step_rate`.
    """
    found = with_open(funnel, index)
    if found is None:
        return step_rate(funnel, index)
    came, variance, size = float(found.came), found.variance, found.could + 2
    squares = ((1 + came) * (size - 1 - came) - variance) / (size + 1) + variance
    return Rate(0.0, *map(_rounded, from_moments((1 + came) / size, squares / size**2)))


class WithOpen(NamedTuple):
    """How many of the units before a step are expected to have come in the end, the variance of that, and of which."""

    came: Exact
    variance: float
    could: int


def with_open(funnel: Funnel, index: int) -> WithOpen | None:
    """A step with its open units, by their stated chance; `None` where none is stated, or no sample is behind it."""
    if not _has_chance(funnel, index):
        return None
    return _with_open(funnel, index, _to_the_sale(funnel, index))


def _has_chance(funnel: Funnel, index: int) -> bool:
    """Whether units are open before a step on the way to the sale, and their chance is stated."""
    parent = funnel.stages[index].parent
    is_open = parent is not None and bool(funnel.stages[parent].open) and funnel.states_chance(parent)
    return is_open and index in funnel.path_to(funnel.sale_stage)


def _with_open(funnel: Funnel, index: int, after: Fraction) -> WithOpen | None:
    """The same, where `after` is the share of those who pass the step that become sales in the end."""
    parent, counts = funnel.stages[index].parent, sample(funnel, index)
    if parent is None or counts is None or not after:
        return None
    stage, (came, could) = funnel.stages[parent], counts
    waiting = stage.open or 0
    if came + waiting > could:
        return None
    chance = min(Fraction(1), Fraction(stage.close_chance or 0) / after)
    sd = float((stage.close_chance_sd or 0) / after)
    spread = float(chance * (1 - chance))
    together = waiting * spread + waiting * (waiting - 1) * min(sd * sd, spread)
    return WithOpen(reduced(came + waiting * chance), together, could)


def _to_the_sale(funnel: Funnel, index: int) -> Fraction:
    """The share of units of a stage that become sales in the end, found from the sale on; 0 where it is not known."""
    share = Fraction(1)
    for at in funnel.path_to(funnel.sale_stage, index)[:-1]:
        found = _with_open(funnel, at, share) if _has_chance(funnel, at) else None
        decided = losses.in_the_end(funnel, at, funnel.conversion_decided(at))
        share *= Fraction(decided or 0) if found is None else Fraction(found.came) / found.could
    return share


def counted_in_parts(funnel: Funnel) -> Iterator[str]:
    """That counts which are not whole are taken to vary as whole ones do, in one clause."""
    steps = ((index, funnel.origin(index)) for index in range(1, len(funnel.stages)))
    named = [funnel.names[at] for at, origin in steps if origin is not None and sample_in_parts(funnel, at, origin)]
    if named:
        yield f"counts that are not whole vary as whole ones do: {', '.join(named)}"


def chance_rate(stage: Stage) -> Rate:
    """The stated chance to close of a stage's open units: the Beta distribution of its mean and standard deviation."""
    chance, sd = float(stage.close_chance or 0), float(stage.close_chance_sd or 0)
    return Rate(0.0, *map(_rounded, from_moments(chance, sd * sd))) if sd and 0 < chance < 1 else Rate(chance)


@lru_cache(maxsize=256)
def range_rate(stated: RateRange) -> Rate:
    """A rate whose central 90% are the stated range: the Beta distribution with these quantiles.

    A range that begins at 0% or ends at 100% has one bound only, with 5% beyond the other. A range above 100%, of a
    stage that grows, is a Beta distribution stretched to twice its upper bound.
    """
    low, high = float(stated.low), float(stated.high)
    if stated.high > 1:
        return range_rate(RateRange(stated.low / (2 * Fraction(stated.high)), Fraction(1, 2)))._replace(factor=2 * high)
    if not low and stated.high == 1:
        return Rate(0.0, 1.0, 1.0)
    if not low:
        return Rate(0.0, 1.0, _rounded(math.log(0.05) / math.log1p(-high)))
    if stated.high == 1:
        return Rate(0.0, _rounded(math.log(0.05) / math.log(low)), 1.0)
    return Rate(0.0, *_shapes(math.log(low / (1 - low)), math.log(high / (1 - high))))


def _shapes(low: float, high: float) -> tuple[float, float]:
    """Shapes of the Beta distribution whose log odds have these 5% and 95% quantiles, by Newton's method.

    It begins where the log odds would be normal. Rounded, so that the last digits of the platform's logarithm do not
    matter.
    """
    from funnelcli.stats.beta import distance_quantile

    def miss(a: float, b: float) -> tuple[float, float]:
        centre = math.log(a / b)
        return centre + distance_quantile(a, b, 0.05) - low, centre + distance_quantile(a, b, 0.95) - high

    middle, precision = (low + high) / 2, (2 * critical_z(0.9) / (high - low)) ** 2
    a, b = (1 + math.exp(middle)) * precision, (1 + math.exp(-middle)) * precision
    nudge = 1e-5
    for _ in range(100):
        under, over = miss(a, b)
        if abs(under) + abs(over) < 1e-9 * (high - low):
            break
        by_a = [(moved - now) / nudge for moved, now in zip(miss(a * math.exp(nudge), b), (under, over), strict=True)]
        by_b = [(moved - now) / nudge for moved, now in zip(miss(a, b * math.exp(nudge)), (under, over), strict=True)]
        scale = by_a[0] * by_b[1] - by_b[0] * by_a[1]
        steps = (by_b[0] * over - by_b[1] * under) / scale, (by_a[1] * under - by_a[0] * over) / scale
        short = min(1.0, 1 / max(map(abs, steps)))
        a, b = a * math.exp(short * steps[0]), b * math.exp(short * steps[1])
    return _rounded(a), _rounded(b)


def _rounded(shape: float) -> float:
    return float(f"{shape:.7g}")
