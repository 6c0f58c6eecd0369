"""Two or more funnels of the same stages: what differs, how sure that is, and what moved revenue."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from funnelcli.analyses import economics
from funnelcli.analyses.periods import is_time
from funnelcli.diagnostics import Problem, quoted
from funnelcli.metrics import find_name, fold
from funnelcli.model import Exact, Funnel, added, minus, ratio
from funnelcli.stats.beta import prob_b_beats_a
from funnelcli.stats.decomposition import mix_effects, product_effects, settled
from funnelcli.stats.intervals import newcombe, sample
from funnelcli.stats.tests import compare_rates

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ENTRIES, CHECK = "entries", "average_check"


class ComparedStage(NamedTuple):
    """A stage in both funnels; `difference` is b - a, a fraction of 1, and `change_rate` that in % of a.

    The interval is Newcombe's, the p-value that of a two-sided test, corrected by Holm over the steps. `None` where a
    step has no sample. `differs` is 1 where b is better by more than chance, -1 where it is worse, else 0.
    """

    name: str
    count_a: Exact
    count_b: Exact
    count_change_rate: Exact | None
    conversion_a: Exact | None
    conversion_b: Exact | None
    difference: Exact | None
    difference_low: float | None
    difference_high: float | None
    change_rate: Exact | None
    p_value: float | None
    p_value_holm: float | None
    method: str | None
    differs: int
    chance_b_better: float | None


class Effect(NamedTuple):
    """What one factor moved, in money or in sales.

    `factor` is `entries`, `conversion@Stage` or `average_check`. Where units came out of a stage that is empty on one
    side, the conversions around it are one factor: `from_` is then the stage that the conversion is from. Above all
    such stages it is `count@Stage`, in place of the entries.
    """

    factor: str
    effect: float
    from_: str | None = None


class Moved(NamedTuple):
    """A figure on both sides and the effects that add up to its change."""

    a: Exact
    b: Exact
    change: Exact
    change_rate: Exact | None
    effects: tuple[Effect, ...]


class Mix(NamedTuple):
    """What moved the overall conversion in a dimension; `paradox`: all segments went one way, the total the other."""

    dimension: str
    overall_conversion_a: Exact | None
    overall_conversion_b: Exact | None
    rate_effect: float
    mix_effect: float
    paradox: bool


class Comparison(NamedTuple):
    """B against A."""

    a: str
    b: str
    stages: tuple[ComparedStage, ...]
    sales: Moved
    overall_conversion_a: Exact | None
    overall_conversion_b: Exact | None
    revenue: Moved | None
    mix: tuple[Mix, ...]
    left_out: tuple[str, ...]


class Side(NamedTuple):
    """One of the funnels, in a table over all of them."""

    name: str
    counts: tuple[Exact, ...]
    conversions: tuple[Exact | None, ...]
    overall_conversion: Exact | None
    revenue: Exact | None
    profit: Exact | None


class ComparisonReport(NamedTuple):
    """All funnels, and each against the first. `stages` are those of every funnel.

    `in_file_order` is the dimension of time whose first and last segment are compared, though their names do not say
    which is earlier. `not_mature` are the measured periods whose units may still go on.
    """

    file: str | None
    document: int
    name: str
    period: str | None
    currency: str | None
    confidence: float
    sale_stage: str
    stages: tuple[str, ...]
    sides: tuple[Side, ...]
    comparisons: tuple[Comparison, ...]
    currencies: tuple[str, ...]
    in_file_order: str | None = None
    not_mature: tuple[str, ...] = ()


def compare(
    funnels: Sequence[Funnel], labels: Sequence[str], confidence: float = 0.95, common: bool = False
) -> ComparisonReport | Problem:
    """Each funnel against the first; a `Problem` where their stages differ.

    `labels` name the funnels in the report. With `common`, the stages that all of them have are compared, each with the
    nearest one above it, and the others are left out.
    """
    first = funnels[0]
    names = first.names
    lists = [funnel.names for funnel in funnels]
    left_out: list[tuple[str, ...]] = [() for _ in funnels]
    if any(_shape(other) != _shape(first) for other in funnels):
        shared = [name for name in names if all(find_name(name, other) is not None for other in lists)]
        if not common:
            return _different(funnels, labels, len(shared))
        if len(shared) < 2:
            return Problem(
                "FN112", "fewer than two stages are common to all funnels", f"their stages: {_listed(lists, labels)}"
            )
        left_out = [tuple(name for name in other if find_name(name, shared) is None) for other in lists]
        funnels = [_reduced_to(funnel, shared) for funnel in funnels]
        first = funnels[0]
        if any(_shape(other) != _shape(first) for other in funnels):
            return _different(funnels, labels, 0)
    paid = sorted({index for funnel in funnels for index in funnel.money_stages})
    budgets = any(funnel.budget is not None for funnel in funnels)
    sides = tuple(
        _side(funnel, label, first.sale_stage, budgets) for funnel, label in zip(funnels, labels, strict=True)
    )
    currencies = tuple(dict.fromkeys(funnel.currency for funnel in funnels if funnel.currency))
    return ComparisonReport(
        file=first.file if all(funnel.file == first.file for funnel in funnels) else None,
        document=first.document,
        name=" / ".join(labels) if len(labels) == 2 else f"{len(labels)} funnels",
        period=None,
        currency=currencies[0] if len(currencies) == 1 else None,
        confidence=confidence,
        sale_stage=first.stages[first.sale_stage].name,
        stages=first.names,
        sides=sides,
        comparisons=tuple(
            _compare_pair(paid, first, other, labels[0], label, confidence, (*left_out[0], *gone))
            for other, label, gone in zip(funnels[1:], labels[1:], left_out[1:], strict=True)
        ),
        currencies=currencies,
        not_mature=tuple(label for funnel, label in zip(funnels, labels, strict=True) if funnel.is_open),
    )


def _shape(funnel: Funnel) -> list[tuple[str, int | None]]:
    return [(fold(stage.name), stage.parent) for stage in funnel.stages]


def _different(funnels: Sequence[Funnel], labels: Sequence[str], shared: int) -> Problem:
    lists = [funnel.names for funnel in funnels]
    if len({frozenset(map(fold, names)) for names in lists}) == 1:
        steps = [
            [f"{stage.name} from {each.names[stage.parent]}" for stage in each.stages if stage.parent is not None]
            for each in funnels
        ]
        return Problem(
            "FN112",
            f"the stages are the same and come from each other in another way: {_listed(steps, labels)}",
            "give them one order, and the same from",
        )
    cure = "--common compares the stages that all of them have" if shared >= 2 else "compare funnels of the same stages"
    return Problem("FN112", f"the funnels have different stages: {_listed(lists, labels)}", cure)


def _listed(lists: Sequence[Sequence[str]], labels: Sequence[str]) -> str:
    parts = (f"{quoted(label)} has {', '.join(names)}" for names, label in zip(lists, labels, strict=True))
    return "; ".join(dict.fromkeys(parts))


def _reduced_to(funnel: Funnel, names: Sequence[str]) -> Funnel:
    """The funnel with some of its stages, each coming from the nearest kept one above it; the first is the entry."""
    kept = [index for index, stage in enumerate(funnel.stages) if find_name(stage.name, names) is not None]
    places = {old: new for new, old in enumerate(kept)}
    stages = []
    for new, old in enumerate(kept):
        # without an ancestor among the kept stages, it comes from the entry: counts can still be compared
        source = next((places[at] for at in funnel.path_to(old)[1:] if at in places), 0) if new else None
        stages.append(funnel.stages[old]._replace(parent=source, conversion=None))
    breakdowns = tuple(
        breakdown._replace(
            segments=tuple(each._replace(counts=tuple(each.counts[old] for old in kept)) for each in breakdown.segments)
        )
        for breakdown in funnel.breakdowns
    )
    return funnel._replace(stages=tuple(stages), breakdowns=breakdowns, referral=None)


def _side(funnel: Funnel, label: str, sale_stage: int, budgets: bool) -> Side:
    """One funnel's figures; a profit only where budgets are known: beside one, none stated is not 0."""
    sale = funnel.stages[sale_stage]
    return Side(
        name=label,
        counts=tuple(stage.count for stage in funnel.stages),
        conversions=tuple(funnel.conversion(index) for index in range(len(funnel.stages))),
        overall_conversion=ratio(sale.count, funnel.stages[0].count),
        revenue=economics.revenue(funnel),
        profit=economics.profit(funnel) if budgets and funnel.budget is not None else None,
    )


def _compare_pair(
    paid: list[int], a: Funnel, b: Funnel, label_a: str, label_b: str, confidence: float, left_out: tuple[str, ...]
) -> Comparison:
    sale = a.sale_stage
    income = (economics.revenue(a), economics.revenue(b))
    revenue = None
    if income[0] is not None and income[1] is not None:
        revenue = _moved(a, b, income[0], income[1], _money_effects(paid, a, b))
    sales = (a.stages[sale].count, b.stages[sale].count)
    return Comparison(
        a=label_a,
        b=label_b,
        stages=_stages(a, b, confidence),
        sales=_moved(a, b, *sales, _path_effects(a, b, sale, (), *sales)),
        overall_conversion_a=ratio(sales[0], a.stages[0].count),
        overall_conversion_b=ratio(sales[1], b.stages[0].count),
        revenue=revenue,
        mix=tuple(_mixes(a, b)),
        left_out=tuple(dict.fromkeys(left_out)),
    )


def _stages(a: Funnel, b: Funnel, confidence: float) -> tuple[ComparedStage, ...]:
    pairs = [_samples(a, b, index) for index in range(len(a.stages))]
    tests = compare_rates(pairs)
    rows = []
    for index, (stage, other) in enumerate(zip(a.stages, b.stages, strict=True)):
        rate_a, rate_b = a.conversion(index), b.conversion(index)
        counts, test = pairs[index], tests[index]
        interval = None if counts is None else newcombe(*counts, confidence)
        difference = minus(rate_b, rate_a)
        rows.append(
            ComparedStage(
                name=stage.name,
                count_a=stage.count,
                count_b=other.count,
                count_change_rate=ratio(other.count - stage.count, stage.count),
                conversion_a=rate_a,
                conversion_b=rate_b,
                difference=difference,
                difference_low=None if interval is None else interval.low,
                difference_high=None if interval is None else interval.high,
                change_rate=ratio(difference, rate_a),
                p_value=test.p_value,
                p_value_holm=test.p_value_holm,
                method=test.method,
                differs=test.differs,
                chance_b_better=None if counts is None else prob_b_beats_a(*counts),
            )
        )
    return tuple(rows)


def _samples(a: Funnel, b: Funnel, index: int) -> tuple[int, int, int, int] | None:
    """Counts of both sides of a step; `None` where one has no sample."""
    first, second = sample(a, index), sample(b, index)
    return None if first is None or second is None else (*first, *second)


Factor: TypeAlias = tuple[str, str | None]
"""A factor's selector, and the stage that its conversion is from where that is not the stage before."""


def _moved(a: Funnel, b: Funnel, before: Exact, after: Exact, effects: dict[Factor, float]) -> Moved:
    """The effects in the order of the funnel, those of the checks last; steps off the way have none."""
    places = {f"{name}@{stage.name}": index for index, stage in enumerate(a.stages) for name in ("count", "conversion")}
    named = {factor for factor, _ in effects}
    for stage, other in zip(a.stages[1:], b.stages[1:], strict=True):
        if not named & {f"conversion@{stage.name}", f"count@{stage.name}"} and stage.count and other.count:
            effects = {**effects, (f"conversion@{stage.name}", None): 0.0}
    ordered = sorted(effects, key=lambda factor: (factor[0].startswith(CHECK), places.get(factor[0], 0)))
    change = after - before
    values = settled([effects[factor] for factor in ordered])
    listed = tuple(Effect(name, value, source) for (name, source), value in zip(ordered, values, strict=True))
    return Moved(before, after, change, ratio(change, before), listed)


def _money_effects(paid: list[int], a: Funnel, b: Funnel) -> dict[Factor, float]:
    """Effects on revenue: those on the money of each stage that brings some in any funnel, added up by factor."""
    total: dict[Factor, float] = {}
    for index in paid:
        checks = (a.stages[index].average_order_value or 0, b.stages[index].average_order_value or 0)
        amounts = (a.stages[index].count * checks[0], b.stages[index].count * checks[1])
        name = CHECK if len(paid) == 1 else f"{CHECK}@{a.stages[index].name}"
        for factor, effect in _path_effects(a, b, index, ((name, *checks),), *amounts).items():
            total[factor] = total.get(factor, 0.0) + effect
    return total


def _path_effects(
    a: Funnel, b: Funnel, index: int, more: tuple[tuple[str, Exact, Exact], ...], before: Exact, after: Exact
) -> dict[Factor, float]:
    """Effects on what reaches a stage: of the entries and of each conversion on the way, and of more factors."""
    factors: list[tuple[Factor, Exact | None, Exact | None]] = [((name, None), old, new) for name, old, new in more]
    way = _way(a, b, index)
    top = way[0]
    first = ENTRIES if a.stages[top].parent is None else f"count@{a.stages[top].name}"
    factors.append(((first, None), a.stages[top].count, b.stages[top].count))
    for above, at in pairwise(way):
        source = None if a.stages[at].parent == above else a.stages[above].name
        old, new = (ratio(side.stages[at].count, side.stages[above].count) for side in (a, b))
        factors.append(((f"conversion@{a.stages[at].name}", source), old, new))
    effects = product_effects(
        [each[1] for each in factors],
        [each[2] for each in factors],
        float(after - before),
        (float(before), float(after)),
    )
    return {factor: effect for (factor, _, _), effect in zip(factors, effects, strict=True)}


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


def _share_units(funnel: Funnel, dimension: str) -> bool:
    """Whether measured segments add up to more than the stages, as units have entries in several."""
    return funnel.measured is not None and any(name == dimension for name, _ in funnel.measured.counted_again)


def _mixes(a: Funnel, b: Funnel) -> Iterator[Mix]:
    """Mix against rate by every dimension that both funnels have, but for time and for segments that share units."""
    sale = a.sale_stage
    for breakdown in a.breakdowns:
        index = find_name(breakdown.dimension, [each.dimension for each in b.breakdowns])
        if index is None or is_time(breakdown.dimension):
            continue
        other = b.breakdowns[index]
        if _share_units(a, breakdown.dimension) or _share_units(b, other.dimension):
            continue  # they are no parts of the total
        pairs = [
            {fold(segment.name): (segment.counts[sale], segment.counts[0]) for segment in each.segments}
            for each in (breakdown, other)
        ]
        names = list(dict.fromkeys([*pairs[0], *pairs[1]]))
        effects = mix_effects([pairs[0].get(name) for name in names], [pairs[1].get(name) for name in names])
        if effects is None:
            continue
        totals = [
            ratio(added(came for came, _ in side.values()), added(could for _, could in side.values()))
            for side in pairs
        ]
        change = (totals[1] or 0) - (totals[0] or 0)
        yield Mix(
            dimension=breakdown.dimension,
            overall_conversion_a=totals[0],
            overall_conversion_b=totals[1],
            rate_effect=effects.rate_effect,
            mix_effect=effects.mix_effect,
            paradox=(effects.rates_all_fell and change > 0) or (effects.rates_all_rose and change < 0),
        )
