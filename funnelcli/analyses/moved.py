"""What moved a figure from one funnel to another: effects of its factors that add up to the change, with ranges."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from funnelcli.analyses import economics
from funnelcli.analyses.variation import effective_sample
from funnelcli.exact import Exact, ratio
from funnelcli.stats.decomposition import Product, product_effects, reaches, settled
from funnelcli.stats.intervals import decided_sample, sample, wilson
from funnelcli.stats.normal import critical_z, inverse_normal
from funnelcli.stats.tests import LIKELY, SIGNIFICANT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from funnelcli.model import Funnel
    from funnelcli.stats.decomposition import EffectReach

ENTRIES, UNITS, CHECK, MARGIN, COST, BUDGET = "entries", "count", "average_check", "gross_margin", "cost", "budget"
Doubt: TypeAlias = Literal["chance", "close", "unknown", "open"]
"""Why no effect is called the largest: chance explains it, another one may be larger, rates have no samples, or units
are still open that may go on."""
Factor: TypeAlias = tuple[str, str | None]
"""A factor's selector, and the stage that its conversion is from where that is not the stage before."""
Limits: TypeAlias = tuple[float, float]


class Effect(NamedTuple):
    """What one factor moved, in money or in sales.

    `factor` is `entries`, `conversion@Stage` or `average_check`, and of a profit `gross_margin`, `cost@Stage` and
    `budget` too. Where units came out of a stage that is empty on one side, the conversions around it are one factor:
    `from_` is then the stage that the conversion is from. Above all such stages it is `count@Stage`, in place of the
    entries. The range holds the effect of the true rates, and of the true mean of the check where its spread is known,
    with the confidence of the report: the entries, costs and margins are what they were. `None` where a rate on the way
    has no sample.
    """

    factor: str
    effect: float
    from_: str | None = None
    low: float | None = None
    high: float | None = None


class Moved(NamedTuple):
    """A figure on both sides and the effects that add up to its change.

    `most` is the factor that moved it most, where that can be told: its range leaves out 0 with a confidence of 95%
    after allowing for being the largest of several, and it is larger than any other with a chance of 80%. Else `doubt`
    says why, and `rival` which other may be larger. `exact_checks` tells that average checks differ whose spread is not
    known: their effects are as if they were exact.
    """

    a: Exact
    b: Exact
    change: Exact
    change_rate: Exact | None
    effects: tuple[Effect, ...]
    most: str | None = None
    doubt: Doubt | None = None
    rival: str | None = None
    exact_checks: bool = False


class Part(NamedTuple):
    """A factor of a product, before and after: of the stage at index `at`, and of a conversion from `origin`."""

    factor: Factor
    old: Exact | None
    new: Exact | None
    at: int
    origin: int | None = None


class Summand(NamedTuple):
    """A product that is added or taken away: its value before and after, and its factors."""

    sign: int
    before: Exact
    after: Exact
    parts: tuple[Part, ...]


class Pair(NamedTuple):
    """Two funnels of the same stages, and with what confidence they are compared, among how many pairs.

    `varying` tells that they are of different periods, so that what varies between periods is no difference.
    """

    a: Funnel
    b: Funnel
    confidence: float
    pairs: int = 1
    varying: bool = True

    def sample_of(self, side: Funnel, index: int, whole: int | None = None) -> tuple[float, float] | None:
        """The sample behind a step of a side, of the decided, as small as the variation between periods makes it."""
        counts = self.counted(side, index, whole)
        if counts is None or not self.varying:
            return counts
        return effective_sample(side, index, whole, self.confidence, decided=True)

    def counted(self, side: Funnel, index: int, whole: int | None = None) -> tuple[int, int] | None:
        """The sample of the decided; none over several steps while units are open between them."""
        if whole is not None and any(side.stages[at].open for at in side.path_to(index, whole)[1:-1]):
            return None
        return decided_sample(side, index, whole)

    def samples(self, index: int) -> tuple[float, float, float, float] | None:
        """The samples of both sides; `None` where one has none."""
        first, second = self.sample_of(self.a, index), self.sample_of(self.b, index)
        return None if first is None or second is None else (*first, *second)


def sales_moved(pair: Pair, sale: int) -> Moved:
    """What moved the number of sales."""
    before, after = pair.a.stages[sale].count, pair.b.stages[sale].count
    return _moved(pair, before, after, [Summand(1, before, after, _path(pair.a, pair.b, sale))])


def revenue_moved(pair: Pair, paid: Sequence[int]) -> Moved | None:
    """What moved the revenue, which comes from the stages `paid`; `None` where a side has none."""
    before, after = economics.revenue(pair.a), economics.revenue(pair.b)
    if before is None or after is None:
        return None
    return _moved(pair, before, after, _incomes(pair, paid))


def profit_moved(pair: Pair, paid: Sequence[int]) -> Moved | None:
    """What moved the profit; `None` where it is not known on both sides, or rests on costs that only one side states.

    Gross profit is made of products, one a stage: units x check x margin, less units x cost. The budget is a term of
    its own, and so are negative profits split without a residual.
    """
    a, b = pair.a, pair.b
    before, after = economics.profit(a), economics.profit(b)
    if before is None or after is None or _costs(a) != _costs(b):
        return None
    margins = Part((MARGIN, None), economics.margin(a), economics.margin(b), 0)
    terms = [
        Summand(1, each.before * economics.margin(a), each.after * economics.margin(b), (*each.parts, margins))
        for each in _incomes(pair, paid)
    ]
    for index, (stage, other) in enumerate(zip(a.stages, b.stages, strict=True)):
        if stage.cost is not None and other.cost is not None:
            own = Part((f"{COST}@{stage.name}", None), stage.cost, other.cost, index)
            spent = stage.count * stage.cost, other.count * other.cost
            terms.append(Summand(-1, *spent, (*_path(a, b, index), own)))
    if a.budget is not None and b.budget is not None:
        terms.append(Summand(-1, a.budget, b.budget, (Part((BUDGET, None), a.budget, b.budget, 0),)))
    return _moved(pair, before, after, terms)


def _costs(funnel: Funnel) -> tuple[bool, bool, list[bool]]:
    """Which costs a funnel states."""
    return (
        funnel.budget is not None,
        funnel.gross_margin is not None,
        [stage.cost is not None for stage in funnel.stages],
    )


def _incomes(pair: Pair, paid: Sequence[int]) -> list[Summand]:
    """The money of each stage that brings some in any of the funnels compared."""
    terms = []
    for index in paid:
        stage, other = pair.a.stages[index], pair.b.stages[index]
        checks = stage.average_order_value or 0, other.average_order_value or 0
        name = CHECK if len(paid) == 1 else f"{CHECK}@{stage.name}"
        parts = (*_path(pair.a, pair.b, index), Part((name, None), *checks, index))
        terms.append(Summand(1, stage.count * checks[0], other.count * checks[1], parts))
    return terms


def _path(a: Funnel, b: Funnel, index: int) -> tuple[Part, ...]:
    """The factors of what reaches a stage: the entries and each conversion on the way."""
    way = _way(a, b, index)
    top = way[0]
    first = ENTRIES if a.stages[top].parent is None else f"{UNITS}@{a.stages[top].name}"
    parts = [Part((first, None), a.stages[top].count, b.stages[top].count, top)]
    for above, at in pairwise(way):
        source = None if a.stages[at].parent == above else a.stages[above].name
        old, new = (ratio(side.stages[at].count, side.stages[above].count) for side in (a, b))
        parts.append(Part((f"conversion@{a.stages[at].name}", source), old, new, at, above))
    return tuple(parts)


def _way(a: Funnel, b: Funnel, index: int) -> list[int]:
    """Stages on the way to a stage, without those that are empty on a side where units came past them."""
    way = [index]
    filled = [bool(side.stages[index].count) for side in (a, b)]
    for at in a.path_to(index)[1:]:
        counts = [side.stages[at].count for side in (a, b)]
        if not any(below and not count for below, count in zip(filled, counts, strict=True)):
            way.append(at)
        filled = [below or bool(count) for below, count in zip(filled, counts, strict=True)]
    return way[::-1]


def _moved(pair: Pair, before: Exact, after: Exact, terms: Sequence[Summand]) -> Moved:
    """The effects in the order of the funnel, those of money last; steps off the way have none."""
    total: dict[Factor, float] = {}
    for term in terms:
        for part, effect in zip(term.parts, _effects_on(term), strict=True):
            total[part.factor] = total.get(part.factor, 0.0) + term.sign * effect
    named = {factor for factor, _ in total}
    stages = pair.a.stages
    for stage, other in zip(stages[1:], pair.b.stages[1:], strict=True):
        if not named & {f"conversion@{stage.name}", f"{UNITS}@{stage.name}"} and stage.count and other.count:
            total[f"conversion@{stage.name}", None] = 0.0
    places = {f"{name}@{stage.name}": index for index, stage in enumerate(stages) for name in (UNITS, "conversion")}
    money = (CHECK, MARGIN, COST, BUDGET)  # selectors of stages have their name behind an @
    order = {name: len(stages) + rank for rank, name in enumerate(money)}
    ordered = sorted(total, key=lambda factor: places.get(factor[0], order.get(factor[0].partition("@")[0], 0)))
    values = dict(zip(ordered, settled([total[factor] for factor in ordered]), strict=True))
    ranges = _Ranges(pair, terms)
    change = after - before
    effects = tuple(_effect(factor, value, ranges) for factor, value in values.items())
    most, doubt, rival = (None, None, None) if not change else _leading(values, ranges)
    return Moved(before, after, change, ratio(change, before), effects, most, doubt, rival, _exact_checks(pair, terms))


def _exact_checks(pair: Pair, terms: Sequence[Summand]) -> bool:
    checks = [part for term in terms for part in term.parts if part.factor[0].partition("@")[0] == CHECK]
    return any(
        part.old != part.new and any(side.stages[part.at].average_check_sd is None for side in (pair.a, pair.b))
        for part in checks
    )


def _effects_on(term: Summand) -> list[float]:
    return product_effects(
        [part.old for part in term.parts],
        [part.new for part in term.parts],
        float(term.after - term.before),
        (float(term.before), float(term.after)),
    )


def _effect(factor: Factor, value: float, ranges: _Ranges) -> Effect:
    if factor not in ranges.parts:
        return Effect(factor[0], value, factor[1], value, value)
    reach = ranges.reach.get(factor)
    if reach is None:
        return Effect(factor[0], value, factor[1])
    low, high = value - reach.down, value + reach.up
    if factor in ranges.one_way:
        low, high = (max(0.0, low), high) if value >= 0 else (low, min(0.0, high))
    return Effect(factor[0], value, factor[1], low, high)


class _Ranges:
    """How far the effects of terms reach, at the confidence of the comparison or at another one."""

    def __init__(self, pair: Pair, terms: Sequence[Summand]) -> None:
        self.pair = pair
        self.parts = {part.factor: part for term in terms for part in term.parts}
        self.products = [Product(term.sign, tuple(part.factor for part in term.parts)) for term in terms]
        self.values = {factor: _filled(part) for factor, part in self.parts.items()}
        self.open = any(map(self._is_open, self.parts.values()))
        self.known = not self.open and all(map(self._has_sample, self.parts.values()))
        self.uncertain = 0
        self.one_way: set[Factor] = set()  # what is certain itself moves money one way, whatever that is worth
        found = self.at(pair.confidence)
        self.known &= found is not None
        # the effect of a rate that is undefined on a side has no range
        undefined = {part.factor for part in self.parts.values() if part.old is None or part.new is None}
        self.reach: dict[Factor, EffectReach] = {}
        if found is not None:
            self.reach = {factor: reach for factor, reach in found.items() if factor not in undefined}

    def at(self, confidence: float, counted: bool = False) -> dict[Factor, EffectReach] | None:
        """Reaches of the effects; with `counted` the entries, too, are known as numbers that vary by chance."""
        if not self.known:
            return None
        limits = {}
        for factor, part in self.parts.items():
            pair = self.pair._replace(confidence=confidence)
            sides = tuple(_limits(pair, side, part, counted) for side in (pair.a, pair.b))
            if any(sides):
                limits[factor] = sides
        if not counted:
            losing = {factor for product in self.products if product.sign < 0 for factor in product.factors}
            self.one_way = self.parts.keys() - limits.keys() - losing
        self.uncertain = len(limits)
        return reaches(self.products, self.values, limits)  # type: ignore[arg-type, return-value]

    def _is_open(self, part: Part) -> bool:
        """Whether units that a conversion is of may still go on."""
        return part.origin is not None and any(
            side.stages[at].open for side in (self.pair.a, self.pair.b) for at in side.path_to(part.at, part.origin)[1:]
        )

    def _has_sample(self, part: Part) -> bool:
        """Whether a conversion is known from counts, where it is known at all."""
        if part.origin is None:
            return True
        sides = zip((self.pair.a, self.pair.b), (part.old, part.new), strict=True)
        return all(rate is None or sample(side, part.at, part.origin) is not None for side, rate in sides)


def _filled(part: Part) -> Limits:
    """A factor's values, an undefined one as on the other side: it counts as unchanged."""
    known = part.new if part.old is None else part.old
    other = part.old if part.new is None else part.new
    return (1.0, 1.0) if known is None or other is None else (float(known), float(other))


def _limits(pair: Pair, side: Funnel, part: Part, counted: bool) -> Limits | None:
    """Between what a factor lies on a side; `None` for what is certain, or undefined."""
    stage, confidence = side.stages[part.at], pair.confidence
    if part.origin is not None:
        counts = pair.sample_of(side, part.at, part.origin)
        if counts is None:
            return None
        interval = wilson(*counts, confidence)
        return interval.low, interval.high
    name = part.factor[0].partition("@")[0]
    units, reach = stage.count, critical_z(confidence)
    same = part.old == part.new and len({each.stages[part.at].average_check_sd for each in (pair.a, pair.b)}) == 1
    if same and name == CHECK:
        return None  # one measurement for both sides: a funnel's check that its segments share
    if name == CHECK and stage.average_check_sd and stage.average_check is not None and units:
        far = reach * float(stage.average_check_sd) / math.sqrt(units)
        return max(0.0, float(stage.average_check) - far), float(stage.average_check) + far
    if name in (ENTRIES, UNITS) and counted and isinstance(units, int) and units:
        far = reach * math.sqrt(units)
        return max(0.0, units - far), units + far
    return None


def _leading(values: dict[Factor, float], ranges: _Ranges) -> tuple[str | None, Doubt | None, str | None]:
    """The factor with the largest effect, if that can be told; else why not, and which other may be larger.

    Entries are what they were, and so their effect is; but that more came than usual may be chance as well.
    """
    largest = max(values, key=lambda factor: abs(values[factor]))
    if not ranges.known:
        return None, "open" if ranges.open else "unknown", None
    looks = ranges.pair.pairs * (ranges.uncertain + 1)
    strict, effect = 1 - SIGNIFICANT / looks, values[largest]
    if ranges.pair.confidence <= strict and _may_be_chance(effect, ranges.reach.get(largest)):
        return None, "chance", None  # at less confidence already
    found = ranges.at(strict, counted=True)
    assert found is not None
    own = found[largest]
    if _may_be_chance(effect, own):
        return None, "chance", None
    unit, needed = critical_z(strict), inverse_normal(LIKELY)
    for factor in _by_size(values):
        if factor == largest or factor not in found:
            continue
        spread = math.hypot(own.down + own.up, found[factor].down + found[factor].up) / 2 / unit
        if abs(effect) - abs(values[factor]) <= needed * spread:
            return None, "close", factor[0]
    return largest[0], None, None


def _may_be_chance(effect: float, reach: EffectReach | None) -> bool:
    """Whether the range of an effect holds 0."""
    return reach is not None and ((effect - reach.down <= 0) if effect > 0 else (effect + reach.up >= 0))


def _by_size(values: dict[Factor, float]) -> Iterable[Factor]:
    return sorted(values, key=lambda factor: -abs(values[factor]))
