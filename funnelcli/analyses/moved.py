"""What moved a figure from one funnel to another: effects of its factors that add up to the change, with ranges."""

from __future__ import annotations

import math
from functools import cache, partial
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from funnelcli.analyses import economics
from funnelcli.analyses.effect_ranges import check_reach, effect_ranges
from funnelcli.analyses.ends import base_is_end, base_of
from funnelcli.analyses.factors import (
    BUDGET,
    CHECK,
    COST,
    ENTRIES,
    MARGIN,
    STILL_OPEN,
    UNITS,
    profit_terms,
    revenue_terms,
    sales_terms,
)
from funnelcli.analyses.fewer_stages import step_of
from funnelcli.analyses.pairs import step_test
from funnelcli.exact import Exact, relative_change
from funnelcli.stats.decomposition import product_effects, settled
from funnelcli.stats.normal import critical_z, inverse_normal
from funnelcli.stats.tests import LIKELY, SIGNIFICANT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from funnelcli.analyses.effect_ranges import EffectRanges
    from funnelcli.analyses.factors import Factor, Part, Summand
    from funnelcli.analyses.pairs import Pair
    from funnelcli.model import Funnel
    from funnelcli.stats.decomposition import EffectReach

Doubt: TypeAlias = Literal["chance", "close", "unknown", "open", "cut"]
"""Why no effect is called the largest: the two are of unequal time, chance explains it, another one may be larger,
rates have no samples, or units are still open of other ages, or at stages that others came past, and may change it."""


class Effect(NamedTuple):
    """What one factor moved, in money or in sales.

    `factor` is `entries`, `conversion@Stage` or `average_check`, and of a profit `gross_margin`, `cost@Stage` and
    `budget` too; in place of steps that losses at no known stage hide, `overall_conversion`. Where units are open,
    conversions are of the decided, and `still_open` is what it moved that others are not decided: the product of the
    shares that are, over the steps. Where units came out of a stage that is empty on one side, the conversions around
    it are one factor: `from_` is then the stage that the conversion is from. Above all such stages it is `count@Stage`,
    in place of the entries. The range holds the effect of the true rates, and of the true mean of the check where its
    spread is known, with the confidence of the report: the entries, open units, costs and margins are what they were.
    `None` where a rate on the way has no sample.
    """

    factor: str
    effect: float
    from_: str | None = None
    low: float | None = None
    high: float | None = None


class Moved(NamedTuple):
    """A figure on both sides and the effects that add up to its change.

    `most` is the factor that moved it most, where that can be told: its range leaves out 0 with a confidence of 95%
    after allowing for being the largest of several, and it is larger than any other with a chance of 80%. Else
    `doubt` says why, and `rival` which other may be larger. Where the largest effect goes against the change,
    `with_change` are those that go its way and whose ranges, corrected alike, leave out 0, the largest first. Units
    that are `still_open` are no cause: their effect is neither `most` nor `rival`. `exact_checks` tells that
    average checks differ whose spread is not known: their effects are as if they were exact. `open_a` and `open_b`
    are the units that are still open on the way. With `in_the_end`, windows of measured entries are open, and all
    figures are those that are expected when they are over.
    """

    a: Exact
    b: Exact
    change: Exact
    change_rate: Exact | None
    effects: tuple[Effect, ...]
    most: str | None = None
    doubt: Doubt | None = None
    rival: str | None = None
    with_change: tuple[str, ...] = ()
    exact_checks: bool = False
    open_a: int = 0
    open_b: int = 0
    in_the_end: bool = False


def are_ended(funnels: Iterable[Funnel]) -> bool:
    """Whether figures of all are of the end: of some it is another one than now, and of none it is not known."""
    known = {base_is_end(funnel) for funnel in funnels}
    return True in known and False not in known


def ended(pair: Pair) -> Pair:
    """The pair with what is expected in the end of measured entries."""
    return pair._replace(a=base_of(pair.a), b=base_of(pair.b))


def sales_moved(pair: Pair, end: Pair, sale: int) -> Moved:
    """What moved the number of sales, with the pair in the `end`."""
    return _moved(pair, end, end.a.stages[sale].count, end.b.stages[sale].count, sales_terms(end, sale))


def revenue_moved(pair: Pair, end: Pair, paid: Sequence[int]) -> Moved | None:
    """What moved the revenue, which comes from the stages `paid`; `None` where a side has none."""
    before, after = economics.revenue(end.a), economics.revenue(end.b)
    return None if before is None or after is None else _moved(pair, end, before, after, revenue_terms(end, paid))


def profit_moved(pair: Pair, end: Pair, paid: Sequence[int]) -> Moved | None:
    """What moved the profit; `None` where a side does not tell it, or costs are stated by one side only."""
    before, after = economics.profit(end.a), economics.profit(end.b)
    if before is None or after is None or _costs(pair.a) != _costs(pair.b):
        return None
    return _moved(pair, end, before, after, profit_terms(end, paid))


def _costs(funnel: Funnel) -> tuple[bool, bool, list[bool]]:
    """Which costs a funnel states."""
    return (
        funnel.budget is not None,
        funnel.gross_margin is not None,
        [stage.cost is not None for stage in funnel.stages],
    )


def _moved(pair: Pair, end: Pair, before: Exact, after: Exact, terms: Sequence[Summand]) -> Moved:
    """The effects in the order of the funnel, those of money last; steps off the way have none.

    They are of the pair in the end; how far they reach, that pair does not tell, whose counts are expected.
    """
    total: dict[Factor, float] = {}
    for term in terms:
        for part, effect in zip(term.parts, _effects_on(term), strict=True):
            total[part.factor] = total.get(part.factor, 0.0) + term.sign * effect
    named = {factor for factor, _ in total}
    stages = pair.a.stages
    places = {f"{UNITS}@{stage.name}": index for index, stage in enumerate(stages)}
    for index, (stage, other) in enumerate(zip(stages[1:], pair.b.stages[1:], strict=True), 1):
        step = str(step_of(pair.a, index))
        places[step] = index
        if not named & {step, f"{UNITS}@{stage.name}"} and stage.count and other.count:
            total[step, None] = 0.0
    money = (STILL_OPEN, CHECK, MARGIN, COST, BUDGET)  # selectors of stages have their name behind an @
    order = {name: len(stages) + rank for rank, name in enumerate(money)}
    ordered = sorted(total, key=lambda factor: places.get(factor[0], order.get(factor[0].partition("@")[0], 0)))
    values = dict(zip(ordered, settled([total[factor] for factor in ordered]), strict=True))
    ranges = effect_ranges(pair, terms, pair.confidence)
    defined = {part.factor: part.old is not None and part.new is not None for term in terms for part in term.parts}
    checks = {part.factor: part for term in terms for part in term.parts if _is_check(part)}
    change, effects = after - before, []
    for factor, value in values.items():  # of a rate that is undefined on a side no range is known
        reach = ranges.around(factor, value) if defined.get(factor, False) else None
        low, high = (value, value) if factor not in defined else reach or (None, None)
        if ranges.unknown == "open" and factor in checks:
            low, high = _check_range(pair, checks[factor], value, pair.confidence)
        if pair.uneven and factor[0].partition("@")[0] in (ENTRIES, UNITS):
            low = high = None
        effects.append(Effect(factor[0], value, factor[1], low, high))
    corrected = cache(partial(effect_ranges, pair, terms, _corrected(pair, ranges), entries_vary=True))
    most, doubt, rival = _leading(values, pair, terms, ranges, corrected) if change else (None, None, None)
    with_change = _with_change(values, float(change), pair, terms, ranges, corrected)
    return Moved(
        before,
        after,
        change,
        None if pair.uneven else relative_change(before, after),
        tuple(effects),
        most,
        doubt,
        rival,
        with_change,
        _exact_checks(pair, terms),
        _still_open(pair.a, terms),
        _still_open(pair.b, terms),
        end is not pair,
    )


def _still_open(side: Funnel, terms: Sequence[Summand]) -> int:
    """The units that are still open at stages which the factors are conversions from."""
    parts = [part for term in terms for part in term.parts if part.origin is not None]
    before = {at for part in parts for at in side.path_to(part.at, part.origin)[1:]}
    return sum(side.stages[at].open or 0 for at in before)


UNTOLD = None, None
"""The range of an effect that has none."""


def _is_check(part: Part) -> bool:
    return part.factor[0].partition("@")[0] == CHECK


def _check_range(pair: Pair, part: Part, effect: float, confidence: float) -> tuple[float | None, float | None]:
    """Where the effect of a check lies while windows are open, by the sales that came.

    The pair is the one that was counted: what sales to come are expected to bring tells nothing of a difference.
    """
    reaches = [check_reach(side.stages[part.at], confidence) for side in (pair.a, pair.b)]
    if part.old is None or part.new is None or part.old == part.new or not all(reaches):
        return UNTOLD
    reach = abs(effect / float(part.new - part.old)) * math.hypot(*reaches)
    return effect - reach, effect + reach


def _exact_checks(pair: Pair, terms: Sequence[Summand]) -> bool:
    checks = [part for term in terms for part in term.parts if _is_check(part)]
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


def _leading(
    values: dict[Factor, float],
    pair: Pair,
    terms: Sequence[Summand],
    ranges: EffectRanges,
    corrected: Callable[[], EffectRanges],
) -> tuple[str | None, Doubt | None, str | None]:
    """The factor with the largest effect, if that can be told; else why not, and which other may be larger.

    Entries are what they were, and so their effect is; but that more came than usual may be chance as well. Units that
    are still open are no cause of anything.
    """
    if pair.uneven:
        return None, "cut", None
    values = _causes(values)
    largest = _largest(values)
    if ranges.unknown == "open":
        (part, *_) = (part for term in terms for part in term.parts if part.factor == largest)
        low, high = _check_range(pair, part, values[largest], 1 - SIGNIFICANT) if _is_check(part) else UNTOLD
        return None, "open" if low is None or high is None or low > 0 or high < 0 else "chance", None
    if ranges.unknown:
        return None, ranges.unknown, None
    strict, effect = _corrected(pair, ranges), values[largest]
    if pair.confidence <= strict and _may_be_chance(effect, ranges.reach.get(largest)):
        return None, "chance", None  # at less confidence already
    wide = corrected()
    if wide.unknown:
        return None, wide.unknown, None
    own = wide.reach[largest]
    if _may_be_chance(effect, own):
        return None, "chance", None
    if not _holds(pair, terms, largest, 1 - strict):
        return None, "open", None
    unit, needed = critical_z(strict), inverse_normal(LIKELY)
    for factor in sorted(values, key=lambda factor: -abs(values[factor])):
        if factor == largest or factor not in wide.reach:
            continue
        spread = math.hypot(own.down + own.up, wide.reach[factor].down + wide.reach[factor].up) / 2 / unit
        if abs(effect) - abs(values[factor]) <= needed * spread:
            return None, "close", factor[0]
    return largest[0], None, None


def _with_change(
    values: dict[Factor, float],
    change: float,
    pair: Pair,
    terms: Sequence[Summand],
    ranges: EffectRanges,
    corrected: Callable[[], EffectRanges],
) -> tuple[str, ...]:
    """What moved the figure the way it went by more than chance, where the largest effect goes the other way."""
    values = _causes(values)
    if pair.uneven or ranges.unknown or values[_largest(values)] * change >= 0:
        return ()
    strict, wide = _corrected(pair, ranges), corrected()
    if wide.unknown:
        return ()
    return tuple(
        factor[0]
        for factor in sorted(values, key=lambda factor: -abs(values[factor]))
        if values[factor] * change > 0
        and not _may_be_chance(values[factor], wide.reach.get(factor))
        and _holds(pair, terms, factor, 1 - strict)
    )


def _causes(values: dict[Factor, float]) -> dict[Factor, float]:
    return {factor: value for factor, value in values.items() if factor[0] != STILL_OPEN}


def _largest(values: dict[Factor, float]) -> Factor:
    return max(values, key=lambda factor: abs(values[factor]))


def _corrected(pair: Pair, ranges: EffectRanges) -> float:
    """The confidence of each range at which all that may be chance hold together."""
    return 1 - SIGNIFICANT / (pair.pairs * (ranges.uncertain + 1))


def _holds(pair: Pair, terms: Sequence[Summand], factor: Factor, p_value: float) -> bool:
    """Whether a conversion changed as well where open units are of other ages, by the test of the comparison."""
    part = next(part for term in terms for part in term.parts if part.factor == factor)
    if part.origin is None or not (pair.a.open_at or pair.b.open_at) or part.old is None or part.new is None:
        return True
    test = step_test(pair, part.at, part.origin)
    if test is None or test.p_value >= p_value:
        return False
    return (test.successes_b * test.trials_a > test.successes_a * test.trials_b) is (part.new > part.old)


def _may_be_chance(effect: float, reach: EffectReach | None) -> bool:
    """Whether the range of an effect holds 0."""
    return reach is not None and ((effect - reach.down <= 0) if effect > 0 else (effect + reach.up >= 0))
