"""What the same effort brings at every lever of a funnel: a tornado, by gain or by what each unit of money brings."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses import economics
from funnelcli.analyses.earning import sale_loses
from funnelcli.analyses.ends import base_is_end, base_of, unmet_on_the_way
from funnelcli.analyses.fewer_stages import OVERALL, judged
from funnelcli.analyses.figures import figure
from funnelcli.analyses.levers import (
    ALL_CONVERSIONS,
    Lever,
    LeverKind,
    bought,
    difference,
    levers_of,
    main_metric,
    moved_alone,
    price_of_entries,
    set_lever,
    unprojectable,
)
from funnelcli.analyses.projection import projected
from funnelcli.analyses.strategies import Strategy, strategies
from funnelcli.diagnostics import Problem, quoted
from funnelcli.exact import Exact, minus, ratio, reduced
from funnelcli.metrics import METRICS, Selector

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.measure import Cut
    from funnelcli.model import Funnel


class Effort(NamedTuple):
    """The same effort at every lever: `form` is `relative` or `points`, `amount` a fraction of 1.

    `rank` is `gain`, or `cost`: by the profit that each unit of money brings that the effort makes the funnel spend.
    """

    form: str
    amount: Exact
    text: str
    rank: str = "gain"


class LeverEffect(NamedTuple):
    """What an effort brings at one lever.

    `low` and `high` are the report's `metric` after the effort downward and upward; the changes are those of the
    upward one, against the funnel as it is. `cost_change` is what is spent more (variable cost and budget), and
    `profit_per_cost` the profit that each unit of it brings. More entries spend what the budget buys them for; without
    a budget that is unknown, and the profit is the one before they are paid. `None` where a figure is unknown, or where
    the effort cannot be made because a rate would pass 100%.
    """

    selector: str
    kind: LeverKind
    from_: Exact | None
    to: Exact | None
    low: Exact | None
    high: Exact | None
    sales_change: Exact | None
    revenue_change: Exact | None
    profit_change: Exact | None
    cost_change: Exact | None
    profit_per_cost: Exact | None


class LeversReport(NamedTuple):
    """The levers of a funnel at one effort, by what it brings, most first.

    `metric` is what `low` and `high` show: profit where costs are known, else revenue, else sales; `now` is its value.
    `ties` names groups of levers, among entries and conversions, at which the effort brings exactly the same.
    `left_out` are levers that the effort does not fit, because points are of rates only. `sale_loses`: each sale loses
    money, as far as can be told. `unmet` are stages on the way that no event met, past whose 0 nothing is told.
    `in_the_end` is that of a `ScenarioReport`.
    """

    file: str | None
    document: int
    name: str
    period: str | None
    currency: str | None
    effort: Effort
    metric: str
    now: Exact
    levers: tuple[LeverEffect, ...]
    ties: tuple[tuple[str, ...], ...]
    left_out: tuple[str, ...]
    strategies: tuple[Strategy, ...]
    has_stage_costs: bool
    unit_margin: Exact | None
    assumptions: tuple[str, ...]
    sale_loses: bool = False
    sales_called: str = "sales"
    cut: tuple[Cut, ...] = ()
    unmet: tuple[str, ...] = ()
    in_the_end: bool | None = None


def pull(funnel: Funnel, effort: Effort, metric: str | None = None) -> LeversReport | Problem:
    """The tornado of a funnel and its strategies; a `Problem` when it is to be ranked by cost, and none is known.

    `metric` is `profit`, `revenue` or `sales`, else what the funnel is for.
    """
    problem = unprojectable(funnel)
    if problem is not None:
        return problem
    counted = judged(funnel)
    funnel = base_of(counted)
    metric = metric or main_metric(funnel)
    costly = any(stage.cost for stage in funnel.stages)
    if effort.rank == "cost" and not (metric == "profit" and (costly or funnel.budget)):
        return Problem(
            "FN102",
            f"{quoted(funnel.name)} has no costs to rank by",
            "give a stage a cost, or the funnel a budget and an average_check, or rank by gain",
        )
    everything = [lever for lever in levers_of(funnel) if lever.name != ALL_CONVERSIONS]
    fit = [lever for lever in everything if effort.form == "relative" or lever.kind == "rate"]
    unmet = unmet_on_the_way(funnel)
    effects = [_effect(funnel, lever, effort, metric, unmet) for lever in fit]
    now = figure(funnel, Selector(METRICS[metric]))
    return LeversReport(
        **funnel.heading,
        effort=effort,
        metric=metric,
        now=0 if now is None else now,
        levers=tuple(sorted(effects, key=lambda each: _rank(each, effort.rank))),
        ties=tuple(_ties(effects)) if effort.form == "relative" else (),
        left_out=tuple(lever.name for lever in everything if lever not in fit),
        strategies=(
            tuple(strategies(funnel, 1 + Fraction(effort.amount))) if effort.form == "relative" and not unmet else ()
        ),
        has_stage_costs=costly,
        unit_margin=economics.unit_margin(funnel, funnel.sale_stage),
        assumptions=tuple(_assumptions(counted, effort, metric)),
        sale_loses=sale_loses(funnel, funnel.sale_stage),
        cut=funnel.cuts,
        unmet=unmet,
        in_the_end=base_is_end(counted),
    )


def _assumptions(funnel: Funnel, effort: Effort, metric: str) -> Iterator[str]:
    """What the figures take for granted, one clause each."""
    yield from moved_alone(funnel)
    yield from economics.share_taken(funnel)
    if effort.form == "relative":
        factor = 1 + Fraction(effort.amount)
        price = price_of_entries(funnel, funnel.stages[0].count * factor)
        given = f"spend_elasticity {'not given: 1' if funnel.spend_elasticity is None else ''}"
        if funnel.spend_elasticity is not None:
            given += f"{float(funnel.spend_elasticity):g}"
        if price is not None:
            more = f"{float(price - 1) * 100:+.3g}%"
            yield f"more entries are bought: {effort.text} of them takes {more} of budget ({given})"
        elif funnel.budget:
            yield f"what more entries cost is not known: more budget brings none ({given})"
        else:
            why = "no budget is given" if funnel.budget is None else "the budget is 0"
            yield f"what more entries cost is not known, as {why}"
    yield from economics.assumptions(funnel, of_margin=metric == "profit")


def _effect(funnel: Funnel, lever: Lever, effort: Effort, metric: str, unmet: Sequence[str]) -> LeverEffect:
    """One lever after the effort downward and upward; past a stage that no event met, only its own rate tells any."""
    told = {each.stage for each in lever.selectors}.issuperset(unmet)
    up, down = (_after(funnel, lever, effort, sign) if told else None for sign in (1, -1))
    target = Selector(METRICS[metric])
    to = None if up is None else figure(up, lever.selectors[0])
    spent = None if up is None else minus(_spent(up), _spent(funnel))
    if lever.name == "entries" and to is not None and price_of_entries(funnel, to) is None:
        spent = None
    gained = difference(funnel, up, "profit")
    return LeverEffect(
        selector=lever.name,
        kind=lever.kind,
        from_=lever.start,
        to=to,
        low=None if down is None else figure(down, target),
        high=None if up is None else figure(up, target),
        sales_change=difference(funnel, up, "sales"),
        revenue_change=difference(funnel, up, "revenue"),
        profit_change=gained,
        cost_change=spent,
        profit_per_cost=None if spent is None or spent <= 0 else ratio(gained, spent),
    )


def _after(funnel: Funnel, lever: Lever, effort: Effort, sign: int) -> Funnel | None:
    if lever.start is None or (not lever.start and effort.form == "relative"):
        return None  # a share of nothing is no effort
    step = effort.amount if effort.form == "points" else lever.start * effort.amount
    value = lever.start + sign * step
    if value < 0:
        return None
    if lever.name == "entries":
        changed = projected(funnel, bought(funnel, reduced(value)))
        return None if isinstance(changed, Problem) else changed
    return set_lever(funnel, lever, reduced(value))


def _spent(funnel: Funnel) -> Exact | None:
    """Variable cost and budget; `None` where units that cost something cannot be told."""
    if not economics.costs_told(funnel):
        return None
    return (economics.money(funnel, "variable_cost") or 0) + (funnel.budget or 0)


def _rank(effect: LeverEffect, rank: str) -> tuple[int, Exact]:
    """Most gain first; by cost, levers that gain without spending more, then the most profit for each unit spent."""
    gains = (effect.profit_change, effect.revenue_change, effect.sales_change)
    gain = next((each for each in gains if each is not None), None)
    if gain is None:
        return 3, 0
    if rank == "gain":
        return 0, -gain
    if effect.profit_per_cost is None:
        free = gain > 0 and effect.cost_change is not None
        return (0, -gain) if free else (2, -gain)
    return 1, -effect.profit_per_cost


def _ties(effects: list[LeverEffect]) -> Iterator[tuple[str, ...]]:
    """Groups of entries and conversions at which the effort brings exactly the same."""
    groups: dict[tuple[Exact | None, ...], list[str]] = {}
    for each in effects:
        if each.selector.partition("@")[0] in ("entries", "conversion", OVERALL) and each.sales_change:
            key = (each.sales_change, each.revenue_change, each.profit_change)
            groups.setdefault(key, []).append(each.selector)
    yield from (tuple(names) for names in groups.values() if len(names) > 1)


class SegmentLevers(NamedTuple):
    """The levers of a funnel and of each segment of a dimension, at the same effort and by the same `metric`.

    `left_out` are segments with fewer entries than those that were asked for, and those without the metric.
    """

    file: str | None
    document: int
    name: str
    period: str | None
    currency: str | None
    dimension: str
    effort: Effort
    metric: str
    whole: LeversReport
    segments: tuple[LeversReport, ...]
    left_out: tuple[str, ...]
    sales_called: str = "sales"
    cut: tuple[Cut, ...] = ()


def pull_by(funnel: Funnel, dimension: str, effort: Effort, top: int | None = None) -> SegmentLevers | Problem:
    """The levers of each segment of a dimension, of the `top` ones by entries, as funnels of their own.

    The metric is what all of them have: profit where the budget of each is known, else revenue, else sales.
    """
    from funnelcli.analyses.breakdowns import find_breakdown, segment_funnels

    breakdown = find_breakdown(funnel, dimension)
    if isinstance(breakdown, Problem):
        return breakdown
    parts = [*segment_funnels(funnel, breakdown.segments, dimension=breakdown.dimension)]
    largest = sorted(parts, key=lambda part: -part.stages[0].count)[:top]
    shown = [part for part in parts if part in largest] if top is not None and top < len(parts) else parts
    order = ("profit", "revenue", "sales")
    metric = max((main_metric(each) for each in (funnel, *shown)), key=order.index)
    whole = pull(funnel, effort, metric)
    if isinstance(whole, Problem):
        return whole
    reports = [pull(part, effort, metric) for part in shown]
    kept = tuple(each for each in reports if not isinstance(each, Problem))
    names = {each.name for each in kept}
    return SegmentLevers(
        **funnel.heading,
        dimension=breakdown.dimension,
        effort=effort,
        metric=metric,
        whole=whole,
        segments=kept,
        left_out=tuple(part.name for part in parts if part.name not in names),
        cut=tuple(cut for each in (whole, *kept) for cut in each.cut),
    )
