"""Whether a funnel pays, as a whole and by segment: costs and values per unit, returns, break-even values, lifetime."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses import economics
from funnelcli.analyses.breakdowns import find_breakdown, segment_funnels
from funnelcli.analyses.earning import HOPELESS, LOSES, UNTOLD, Earning, verdict
from funnelcli.analyses.ends import base_is_end, base_of, unmet_on_the_way
from funnelcli.analyses.fewer_stages import OVERALL, judged, one_step_taken, step_of
from funnelcli.analyses.money_in_the_end import money_in_the_end
from funnelcli.analyses.segment_totals import Gap, cause_of_gap, gap, once_each, total, with_budget_of
from funnelcli.analyses.variation import varied
from funnelcli.diagnostics import Problem
from funnelcli.exact import Exact, ratio, reduced, times
from funnelcli.metrics import METRICS, Selector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.analyses.levers import Lever
    from funnelcli.measure import Cut
    from funnelcli.model import Funnel
    from funnelcli.segments import Breakdown

THOUSAND = 1000


class StageEconomics(NamedTuple):
    """Money per unit of a stage: budget / units and revenue / units; its conversion so far, and that of the end."""

    name: str
    role: str | None
    count: Exact  # type: ignore[assignment]  # in place of the tuple's method
    conversion: Exact | None
    cost_per: Exact | None
    value_per: Exact | None
    conversion_eventual: Exact | None = None


class BreakEven(NamedTuple):
    """The value of each lever, alone, at which the profit is 0; `None` where it cannot be reached, or is never lost.

    `overall_conversion` is that of a funnel whose steps are one, as losses at no known stage hide theirs.
    """

    entries: Exact | None
    sales: Exact | None
    average_check: Exact | None
    conversions: dict[str, Exact | None]
    overall_conversion: Exact | None = None


class Payback(NamedTuple):
    """When a customer has paid the cost of acquiring them: the stage, and the mean days from the entry to it."""

    stage: str
    days: Exact | None


class Economics(NamedTuple):
    """The money of a funnel, and of the segments of a `dimension`; `None` where the file does not say enough.

    Rates (`romi`) are fractions of 1. `cost_per` is of a unit of the stage that counts as the sale, whose role is
    `sale_role`; `cpm` and `rpm` are per thousand impressions. `ltv` is the gross profit from the customer stage on, per
    customer, where sales repeat or a referral follows; `first_sale_margin` is that of the first sale alone.
    `lead_quality` is the conversion from leads to sales. `verdict` is `earns`, `loses`, `breaks even`, `no conversion
    makes it pay` or `cannot be told yet`. `chance_earns` is the chance that the mean profit of such periods is above 0,
    given the counts; `None` where nothing of it is uncertain, and where no event met a stage that money needs. `low`
    and `high` of a figure are its central 80% range. `sales_to_tell` are the sales that would tell whether it earns.
    `acquisition_cost` is the CAC with the variable costs of the stages before the customer, and what `ltv` is held
    against in `ltv_to_cac` and `payback`; these, and what is told of one sale, are of the end
    where that is known. `budget_of` is the dimension whose segments' budgets are added up in
    `budget`, `unbudgeted` are those without one, and `gaps` the figures whose sum over the segments is not the funnel's
    own. `break_even_unknown` are levers whose break-even value cannot be told, because a conversion behind them is
    unknown. `cut` are periods of which a part is covered, which have no verdict either. `revenue_eventual` is what the
    entries that are counted bring in the end; so are `sales_eventual` and `profit_eventual`, of open windows.
    `in_the_end` is that of a `ScenarioReport`: of the verdict, of `break_even` and of where its levers start.
    """

    file: str | None
    document: int
    name: str
    period: str | None
    currency: str | None
    dimension: str | None
    sale_stage: str
    stages: tuple[StageEconomics, ...]
    sales: Exact
    average_check: Exact | None
    revenue: Exact | None
    variable_cost: Exact | None
    gross_profit: Exact | None
    budget: Exact | None
    profit: Exact | None
    roas: Exact | None
    romi: Exact | None
    unit_margin: Exact | None
    break_even: BreakEven
    cpm: Exact | None
    cpc: Exact | None
    cpl: Exact | None
    cac: Exact | None
    rpm: Exact | None
    ltv: Exact | None
    acquisition_cost: Exact | None
    ltv_to_cac: Exact | None
    payback: Payback | None
    lead_quality: Exact | None
    referral_multiplier: Exact | None
    verdict: str | None
    assumptions: tuple[str, ...]
    segments: tuple[Economics, ...]
    budget_of: str | None
    unbudgeted: tuple[str, ...]
    gaps: tuple[Gap, ...]
    break_even_unknown: tuple[str, ...]
    chance_earns: float | None
    revenue_low: float | None
    revenue_high: float | None
    value_per_entry: Exact | None
    value_per_entry_low: float | None
    value_per_entry_high: float | None
    profit_low: float | None
    profit_high: float | None
    romi_low: float | None
    romi_high: float | None
    check_error: float | None
    sales_to_tell: Exact | None
    first_sale_margin: Exact | None
    first_sale_margin_to_cac: Exact | None
    not_mature: tuple[str, ...] = ()
    cut: tuple[Cut, ...] = ()
    open_at: tuple[str, ...] = ()
    lost_unplaced: int | None = None
    cost_per: Exact | None = None
    sale_role: str | None = None
    sales_called: str = "sales"
    unmet: tuple[str, ...] = ()
    awaits: bool = False
    revenue_eventual: Exact | None = None
    sales_eventual: Exact | None = None
    profit_eventual: Exact | None = None
    in_the_end: bool | None = None


def unit_economics(funnel: Funnel, dimension: str | None = None) -> Economics | Problem:
    """The economics of a funnel and, by a dimension, of its segments; a `Problem` for an unknown dimension."""
    funnel = judged(funnel)
    if dimension is None:
        return _with_end(economics_of(funnel), funnel)
    breakdown = find_breakdown(funnel, dimension)
    if isinstance(breakdown, Problem):
        return breakdown
    kept = varied(funnel, breakdown)
    segments = [*segment_funnels(funnel, breakdown.segments, kept, breakdown.dimension)]
    parts = [_of_segment(segment) for segment in segments]
    whole = own = economics_of(funnel)
    if any((each.average_check, each.gross_margin) != (None, None) for each in breakdown.segments):
        whole = economics_of(with_budget_of(funnel, once_each(funnel, breakdown, total(funnel, segments, funnel.name))))
    return _with_end(whole, funnel)._replace(
        dimension=breakdown.dimension,
        assumptions=(*own.assumptions, *_assumptions_by(funnel, breakdown)),
        segments=tuple(parts),
        not_mature=own.not_mature,
        cut=tuple(each for part in parts for each in part.cut),
        gaps=tuple(
            each
            for figure in ("sales", "revenue", "gross_profit", "budget")
            for each in gap(
                figure,
                [getattr(part, figure) for part in parts],
                getattr(own, figure),
                cause_of_gap(funnel, segments) if figure == "revenue" else None,
            )
        ),
    )


def _with_end(found: Economics, funnel: Funnel) -> Economics:
    """With what is brought in the end."""
    return found._replace(revenue_eventual=money_in_the_end(funnel))


def _of_segment(segment: Funnel) -> Economics:
    """The figures of a segment; whether it earns is not told of a period that is cut, or whose window is open."""
    found = _with_end(economics_of(segment), segment)._replace(not_mature=(segment.name,) if segment.is_open else ())
    cut = () if segment.cut is None else (segment.cut,)
    if not segment.is_open and not cut:
        return found
    return found._replace(cut=cut, verdict=None, chance_earns=None, sales_to_tell=None)


def economics_of(funnel: Funnel) -> Economics:
    """All figures of one funnel, without its segments."""
    earning, funnel = Earning(funnel), judged(funnel)
    base, is_end = base_of(funnel), base_is_end(funnel)
    in_the_end = economics.profit(base)
    sale = funnel.sale_stage
    roles = {stage.role: index for index, stage in enumerate(funnel.stages) if stage.role}
    impression, lead = roles.get("impression"), roles.get("lead")
    cac = _cost_per(funnel, roles.get("customer"))
    unit_margin = economics.unit_margin(base, sale)
    acquisition, of_base = _acquisition_cost(funnel), _acquisition_cost(base)
    profit = economics.profit(funnel)
    paid = funnel.money_stages
    unmet = unmet_on_the_way(funnel)
    first = _first_sale(base, unit_margin)
    repeats = first is not None and _repeats(funnel)
    return Economics(
        **funnel.heading,
        dimension=None,
        sale_stage=funnel.stages[sale].name,
        stages=tuple(
            StageEconomics(
                stage.name,
                stage.role,
                stage.count,
                funnel.conversion(index),
                economics.cost_per(funnel, index),
                economics.value_per(funnel, index),
                base.conversion(index) if is_end else None,
            )
            for index, stage in enumerate(funnel.stages)
        ),
        sales=funnel.stages[sale].count,
        average_check=funnel.stages[paid[0]].average_order_value if len(paid) == 1 else None,
        revenue=economics.revenue(funnel),
        variable_cost=economics.money(funnel, "variable_cost"),
        gross_profit=economics.money(funnel, "gross_profit"),
        budget=funnel.budget,
        profit=profit,
        roas=economics.money(funnel, "roas"),
        romi=economics.money(funnel, "romi"),
        unit_margin=unit_margin,
        break_even=_break_even(base),
        cpm=times(_cost_per(funnel, impression), THOUSAND),
        cpc=_cost_per(funnel, roles.get("click")),
        cpl=_cost_per(funnel, lead),
        cac=cac,
        rpm=None if impression is None else times(economics.value_per(funnel, impression), THOUSAND),
        ltv=unit_margin if repeats else None,
        acquisition_cost=acquisition,
        ltv_to_cac=ratio(unit_margin, of_base) if repeats else None,
        payback=_payback(base, of_base),
        lead_quality=None if lead is None else ratio(funnel.stages[sale].count, funnel.stages[lead].count),
        referral_multiplier=economics.referral_multiplier(funnel),
        not_mature=funnel.not_mature,
        cut=(),
        revenue_eventual=None,
        open_at=funnel.open_at,
        awaits=funnel.awaits,
        lost_unplaced=funnel.stages[0].lost_unplaced if funnel.between else None,
        verdict=UNTOLD if unmet and profit is not None and profit <= 0 else verdict(in_the_end, earning),
        sales_eventual=base.stages[sale].count if is_end else None,
        profit_eventual=in_the_end if is_end else None,
        in_the_end=is_end,
        assumptions=(*_assumptions(funnel), *earning.assumptions()),
        segments=(),
        budget_of=funnel.budget_of,
        unbudgeted=funnel.unbudgeted,
        gaps=(),
        break_even_unknown=() if profit is None else tuple(_unknown_break_even(base)),
        chance_earns=earning.chance,
        unmet=unmet,
        value_per_entry=economics.value_per(funnel, 0),
        **earning.ranges(),
        check_error=earning.check_error,
        sales_to_tell=earning.sales_to_tell(),
        first_sale_margin=first,
        first_sale_margin_to_cac=ratio(first, of_base),
        cost_per=economics.cost_per(funnel, sale),
        sale_role=funnel.stages[sale].role,
    )


def profit_told(found: Economics) -> Exact:
    """The profit of which a verdict is: the one expected in the end, where that is known; 0 where none is."""
    return (found.profit_eventual if found.in_the_end else found.profit) or 0


def loses(found: Economics) -> bool:
    """Whether it loses money, with the chance of a verdict."""
    return found.verdict in (LOSES, HOPELESS)


def _cost_per(funnel: Funnel, index: int | None) -> Exact | None:
    return None if index is None else economics.cost_per(funnel, index)


def _repeats(funnel: Funnel) -> bool:
    """Whether a customer brings more than the first sale: later money, or units that they refer."""
    later = (index for index in funnel.subtree(funnel.sale_stage) if index != funnel.sale_stage)
    refers = funnel.referral is not None and bool(funnel.referral.brings)
    return refers or any(funnel.stages[index].average_order_value for index in later)


def _first_sale(funnel: Funnel, unit_margin: Exact | None) -> Exact | None:
    """The gross profit of the first sale alone; `None` where that of a sale is not known."""
    return None if unit_margin is None else reduced(economics.own_worth(funnel)[funnel.sale_stage])


def _break_even(funnel: Funnel) -> BreakEven:
    """Each lever alone, with the budget as it is; nothing where the profit is not known."""
    profit, found = economics.profit(funnel), dict[str, Exact | None]()
    if profit is not None:
        refers = funnel.referral is not None and funnel.referral.brings
        found = _by_projections(funnel) if refers else _by_worth(funnel, profit)
    steps = {index: str(step_of(funnel, index)) for index in range(1, len(funnel.stages))}
    conversions = {funnel.names[index]: found.get(name) for index, name in steps.items() if name != OVERALL}
    entries, sales, check, whole = (found.get(name) for name in ("entries", "sales", "average_check", OVERALL))
    return BreakEven(entries, sales, check, conversions, whole)


def _lever_to_sale(funnel: Funnel) -> str:
    """The lever whose break-even value is told in sales as well."""
    return str(step_of(funnel, funnel.sale_stage)) if funnel.sale_stage else "entries"


def _by_worth(funnel: Funnel, profit: Exact) -> dict[str, Exact | None]:
    """The profit is linear in each lever: it moves by the worth of what one more of it brings.

    So it is 0 at now - profit / worth, also where the lever is 0 now. Sales: with as many units before as there are.
    """
    worth, paid = economics.worth(funnel), funnel.money_stages
    found = {"entries": _at_zero(funnel.stages[0].count, profit, worth[0])}
    if len(paid) == 1:
        stage = funnel.stages[paid[0]]
        found["average_check"] = _at_zero(
            stage.average_order_value or 0, profit, stage.count * economics.margin(funnel)
        )
    for index, stage in enumerate(funnel.stages):
        if stage.parent is None:
            continue
        now, moved = funnel.conversion(index), times(funnel.stages[stage.parent].count, worth[index])
        rate = None if now is None else _at_zero(now, profit, moved)
        found[str(step_of(funnel, index))] = None if rate and rate > 1 and not stage.allow_growth else rate
    parent, even = funnel.stages[funnel.sale_stage].parent, found[_lever_to_sale(funnel)]
    found["sales"] = None if even is None else reduced(even * (1 if parent is None else funnel.stages[parent].count))
    return found


def _unknown_break_even(funnel: Funnel) -> Iterator[str]:
    """Selectors of levers of which a break-even value can neither be told nor denied: a conversion is unknown."""
    if all(stage.count for stage in funnel.stages):
        return  # every conversion is known
    if funnel.referral is not None and funnel.referral.brings:
        from funnelcli.analyses.goal_seek import untold
        from funnelcli.analyses.levers import levers_of

        profit = Selector(METRICS["profit"])
        yield from (lever.name for lever in levers_of(funnel) if untold(funnel, lever, profit) is not None)
        return
    worth = economics.worth(funnel)
    if worth[0] is None:
        yield "entries"
    for index, stage in enumerate(funnel.stages):
        if stage.parent is None or worth[index] == 0:
            continue
        undefined = stage.count and funnel.conversion(index) is None
        if undefined or (worth[index] is None and funnel.stages[stage.parent].count):
            yield str(step_of(funnel, index))


def _by_projections(funnel: Funnel) -> dict[str, Exact | None]:
    """With a referral, all counts answer to each other: each lever is solved on projections."""
    from funnelcli.analyses.levers import levers_of, set_lever
    from funnelcli.stats.root_finding import solve

    found: dict[str, Exact | None] = {}
    for lever in levers_of(funnel):

        def profit(value: Exact, lever: Lever = lever) -> Exact | None:
            changed = set_lever(funnel, lever, value)
            return None if changed is None else economics.profit(changed)

        if lever.start is not None and len(lever.selectors) == 1:
            least = (profit(lever.start) or 0) < 0
            at = found[lever.name] = solve(profit, lever.start, lever.high, 0, least).at or None  # as `_at_zero`
            even = set_lever(funnel, lever, at) if at is not None and lever.name == _lever_to_sale(funnel) else None
            if even is not None:
                found["sales"] = even.stages[funnel.sale_stage].count
    return found


def _at_zero(now: Exact, profit: Exact, worth: Exact | None) -> Exact | None:
    """A lever's value at which the profit is 0, when one more of it is worth something; `None` where none above 0."""
    if not worth:
        return None
    value = now - Fraction(profit) / worth
    return reduced(value) if value > 0 else None


def _acquisition_cost(funnel: Funnel) -> Exact | None:
    """Budget and variable costs before the customer stage, per customer: the CAC, fully loaded."""
    customer = next((index for index, stage in enumerate(funnel.stages) if stage.role == "customer"), None)
    if customer is None or funnel.budget is None:
        return None
    after = set(funnel.subtree(customer))
    before = (stage for index, stage in enumerate(funnel.stages) if index not in after)
    spent = funnel.budget + sum((stage.count * (stage.cost or 0) for stage in before), start=0)
    return ratio(spent, funnel.stages[customer].count)


def _payback(funnel: Funnel, cac: Exact | None) -> Payback | None:
    """The first stage, from the customer stage on, by which a customer has left as much gross profit as they cost."""
    if cac is None or economics.money(funnel, "gross_profit") is None:
        return None
    sale = funnel.sale_stage
    customers = funnel.stages[sale].count
    if not customers:
        return None
    collected, worth = Fraction(0), economics.own_worth(funnel)
    for index in funnel.subtree(sale):
        stage = funnel.stages[index]
        collected += Fraction(stage.count, customers) * worth[index]
        if collected >= cac:
            return Payback(stage.name, funnel.days_to(index))
    return None


def _assumptions(funnel: Funnel) -> Iterator[str]:
    """What the figures take for granted, one clause each."""
    if economics.profit(funnel) is not None:
        if funnel.gross_margin is None:
            yield economics.FULL_MARGIN
        if funnel.budget is None:
            yield "no budget given: nothing is spent on entries"
        if all(stage.cost is None for stage in funnel.stages):
            yield "no costs of stages given: nothing is spent but the budget"
    yield from one_step_taken(funnel)
    if any(stage.conversion is not None for stage in funnel.stages):
        yield "stated conversions count as measured"
    yield from economics.sources(funnel)


def _assumptions_by(funnel: Funnel, breakdown: Breakdown) -> Iterator[str]:
    """What the figures of segments take for granted beside that."""
    lacking = [each.name for each in breakdown.segments if each.budget is None]
    if lacking and tuple(lacking) != funnel.unbudgeted and len(lacking) < len(breakdown.segments):
        names = economics.named(lacking)
        yield f"without a budget, so no profit and no verdict there (budget: 0 where nothing is spent): {names}"
    elif len(lacking) == len(breakdown.segments) and (funnel.budget is not None or funnel.unbudgeted):
        yield f"no budgets by {breakdown.dimension}, so no profit and no verdict there"
    checks = [each.average_check for each in breakdown.segments]
    if None in checks and funnel.money_stages:
        yield "segments without an average check have the funnel's"
    elif None in checks and checks.count(None) < len(checks):
        yield "no sum of revenue: some segments have no average check, and neither has the funnel"
