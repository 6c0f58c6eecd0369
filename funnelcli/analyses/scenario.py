"""Projections: a funnel with some of its figures changed, beside the funnel as it is."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from funnelcli.analyses import economics
from funnelcli.analyses.ends import base_is_end, base_of
from funnelcli.analyses.fewer_stages import judged
from funnelcli.analyses.levers import budget_for
from funnelcli.analyses.projection import BUDGET_STAYS, apply, counts_taken, open_taken
from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.exact import LARGEST_NUMBER, Exact, minus, ratio, relative_change
from funnelcli.measure import Cut
from funnelcli.metrics import find_name
from funnelcli.model import Funnel
from funnelcli.what_if import BASELINE, Scenario


class ProjectedStage(NamedTuple):
    """A stage of a projection; `count` is an expectation, kept fractional, `None` where it cannot be told."""

    name: str
    count: Exact | None  # type: ignore[assignment]  # in place of the tuple's method
    conversion: Exact | None
    overall_conversion: Exact | None
    revenue: Exact | None


class Projection(NamedTuple):
    """The figures of one scenario; changes are against the baseline, rates of change as fractions of 1.

    `never_pays`: no conversions whatever bring a profit. `sale_loses`: each sale loses money, as far as can be told.
    Entries that a scenario changes and no budget are free in it; `budget_bought` is what the budget buys them for, as
    `levers` does, and `profit_bought` the profit then: of a scenario without such entries its own, `None` where their
    price is not known or past all numbers, and in all projections where no scenario has entries with a price.
    """

    name: str
    changes: dict[str, str]
    stages: tuple[ProjectedStage, ...]
    entries: Exact
    sales: Exact
    overall_conversion: Exact | None
    revenue: Exact | None
    variable_cost: Exact | None
    budget: Exact | None
    profit: Exact | None
    unit_margin: Exact | None
    sales_change: Exact
    sales_change_rate: Exact | None
    revenue_change: Exact | None
    revenue_change_rate: Exact | None
    profit_change: Exact | None
    never_pays: bool = False
    sale_loses: bool = False
    budget_bought: Exact | None = None
    profit_bought: Exact | None = None


class ScenarioReport(NamedTuple):
    """A funnel's projections, the baseline first, and the assumptions that they rest on.

    With units that are `lost_unplaced`, all steps to the sale are one: its conversion is the overall one.
    `in_the_end`: some windows are open, and the baseline is what is expected when they are over; `False` where that is
    not known, so that it is what was counted so far.
    """

    file: str | None
    document: int
    name: str
    period: str | None
    currency: str | None
    sale_stage: str
    assumptions: tuple[str, ...]
    projections: tuple[Projection, ...]
    lost_unplaced: int | None = None
    sales_called: str = "sales"
    cut: tuple[Cut, ...] = ()
    in_the_end: bool | None = None


def find_scenario(funnel: Funnel, name: str) -> Scenario | Problem:
    """A scenario of the funnel by its name."""
    names = [scenario.name for scenario in funnel.scenarios]
    index = find_name(name, names)
    if index is not None:
        return funnel.scenarios[index]
    what = f"{quoted(funnel.name)} has no scenario {quoted(name)}"
    return Problem("FN102", what, did_you_mean(name, names) or "add scenarios to the file")


def project(funnel: Funnel, scenarios: Sequence[Scenario]) -> ScenarioReport | Problem:
    """The baseline and each scenario side by side; the first scenario that cannot be projected is the problem."""
    unchanged = apply(funnel, ())
    if isinstance(unchanged, Problem):
        return unchanged
    whole, funnel = funnel, base_of(judged(funnel))
    base = _figures(BASELINE, {}, funnel, funnel)
    projections = [base]
    prices: list[Exact | None] = [funnel.budget]
    are_bought = False
    for scenario in scenarios:
        changed = apply(whole, scenario.changes)
        if isinstance(changed, Problem):
            return changed
        texts: dict[str, str] = {}
        for selector, change in scenario.changes:
            key = str(selector)
            texts[key] = f"{texts[key]}, {change.text}" if key in texts else change.text
        projections.append(_figures(scenario.name, texts, changed, funnel))
        is_free = _has_free_entries(funnel, scenario)
        prices.append(_price(funnel, changed.stages[0].count) if is_free else changed.budget)
        are_bought |= is_free and prices[-1] is not None
    return ScenarioReport(
        **funnel.heading,
        sale_stage=funnel.stages[funnel.sale_stage].name,
        assumptions=tuple(_assumptions(judged(whole), scenarios, base)),
        projections=tuple(map(_bought, projections, prices) if are_bought else projections),
        lost_unplaced=whole.lost_unplaced,
        cut=whole.cuts,
        in_the_end=base_is_end(whole),
    )


def _has_free_entries(funnel: Funnel, scenario: Scenario) -> bool:
    """Whether a scenario changes the entries, and not the budget that buys them."""
    changed = {(selector.metric.name, selector.stage) for selector, _ in scenario.changes}
    moved = not changed.isdisjoint({("entries", None), ("count", funnel.names[0])})
    return moved and not {"budget", "spend_elasticity"} & {name for name, _ in changed}


def _price(funnel: Funnel, entries: Exact) -> Exact | None:
    """The budget that buys so many entries; `None` where that is not known, or past all numbers."""
    budget = budget_for(funnel, entries)
    return None if budget is None or budget > LARGEST_NUMBER else budget


def _bought(projection: Projection, budget: Exact | None) -> Projection:
    """A projection with its entries bought for so much, if that is known."""
    more = minus(budget, projection.budget)
    return projection._replace(
        budget_bought=budget, profit_bought=None if more is None else minus(projection.profit, more)
    )


def projectable(funnel: Funnel, scenarios: Iterable[Scenario]) -> tuple[list[Scenario], list[Problem]]:
    """The scenarios that can be projected, and what is wrong with the others."""
    possible, impossible = [], []
    for scenario in scenarios:
        outcome = apply(funnel, scenario.changes)
        if isinstance(outcome, Problem):
            impossible.append(outcome)
        else:
            possible.append(scenario)
    return possible, impossible


def _figures(name: str, changes: dict[str, str], funnel: Funnel, baseline: Funnel) -> Projection:
    """The figures of a projected funnel against those of the baseline."""
    from funnelcli.analyses.earning import sale_loses  # simulate and goal look for scenarios, and need no figures

    entries, sales = funnel.stages[0].count, funnel.stages[baseline.sale_stage].count
    sales_before = baseline.stages[baseline.sale_stage].count
    income, income_before = economics.revenue(funnel), economics.revenue(baseline)
    result = economics.profit(funnel)
    return Projection(
        name=name,
        changes=changes,
        stages=tuple(
            ProjectedStage(
                stage.name,
                stage.units,
                funnel.conversion(index),
                ratio(stage.units, entries),
                economics.stage_revenue(funnel, index),
            )
            for index, stage in enumerate(funnel.stages)
        ),
        entries=entries,
        sales=sales,
        overall_conversion=ratio(sales, entries),
        revenue=income,
        variable_cost=economics.money(funnel, "variable_cost"),
        budget=funnel.budget,
        profit=result,
        unit_margin=economics.unit_margin(funnel, baseline.sale_stage),
        never_pays=economics.never_pays(funnel),
        sale_loses=sale_loses(funnel, baseline.sale_stage),
        sales_change=sales - sales_before,
        sales_change_rate=relative_change(sales_before, sales),
        revenue_change=minus(income, income_before),
        revenue_change_rate=relative_change(income_before, income),
        profit_change=minus(result, economics.profit(baseline)),
    )


def _assumptions(funnel: Funnel, scenarios: Sequence[Scenario], base: Projection) -> Iterable[str]:
    """What the projections take for granted, one sentence each."""
    each = [{selector.metric.name for selector, _ in scenario.changes} for scenario in scenarios]
    changed = set().union(*each)
    yield "conversions, average checks and what each costs stay as they are unless a scenario changes them"
    yield from open_taken(funnel)
    yield from counts_taken(funnel)
    if any("budget" in names and "entries" not in names for names in each):
        if funnel.budget is None:
            yield "the funnel states no budget, so setting one does not change the entries"
        elif "spend_elasticity" in changed:
            yield "entries follow the budget by the spend_elasticity of the scenario, as a power"
        elif funnel.spend_elasticity is None:
            yield "entries grow in proportion to the budget (spend_elasticity not given: 1)"
        else:
            elasticity = f"{float(funnel.spend_elasticity):g}"
            yield f"a budget x2 brings entries x2^{elasticity} (spend_elasticity: {elasticity}% more for each 1%)"
    if funnel.budget is not None and any(names & {"entries", "count"} and "budget" not in names for names in each):
        yield BUDGET_STAYS
    if any("average_check" in names and "gross_margin" not in names for names in each):
        yield from economics.share_taken(funnel)
    costs = base.profit is not None or bool(changed & {"budget", "cost", "gross_margin"})
    if costs and funnel.money_stages and funnel.gross_margin is None and "gross_margin" not in changed:
        yield economics.FULL_MARGIN
    if funnel.referral is not None and funnel.referral.brings:
        yield "the counts include referred units, and referrals follow the counts (multiplier 1 / (1 - k))"
    yield from economics.sources(funnel)
