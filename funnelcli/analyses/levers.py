"""What can be moved in a funnel: its levers, one at a time or all conversions at once, and the funnel after a move."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from funnelcli.analyses.ends import base_of
from funnelcli.analyses.fewer_stages import OVERALL, judged, step_of
from funnelcli.analyses.figures import figure
from funnelcli.analyses.projection import ASSUMED, apply, counts_taken, open_taken, projected
from funnelcli.analyses.rules import figure_of
from funnelcli.diagnostics import Problem
from funnelcli.exact import Exact, minus, reduced
from funnelcli.metrics import METRICS, Kind, Selector
from funnelcli.what_if import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.model import Funnel

LeverKind: TypeAlias = Kind | Literal["factor"]
"""The kind of a figure, or the factor that lifts several of them alike."""
ALL_CONVERSIONS = "conversions"
"""The lever that lifts all conversions by one common factor."""


class Lever(NamedTuple):
    """A figure that can be moved alone: its selector as written, its value now and the highest it can have.

    `start` is `None` where the figure is undefined, `high` where nothing bounds it. `selectors` are what moves: one
    figure that is set, or, for the common lift of all conversions, those that are multiplied. `paid_by` is the funnel
    whose budget pays for the entries, where they are `bought`.
    """

    name: str
    kind: LeverKind
    start: Exact | None
    high: Exact | None
    selectors: tuple[Selector, ...]
    paid_by: Funnel | None = None


def levers_of(funnel: Funnel, towards: int | None = None) -> list[Lever]:
    """Entries, each conversion that is known (`judged`), each average check, a budget, and all conversions at once.

    `towards` is the stage that a goal counts: then the common lift takes only the conversions on the way to it, and to
    those who refer others.
    """
    funnel = base_of(judged(funnel))
    names, paid = funnel.names, funnel.money_stages
    moved = [
        Selector(METRICS["entries"]),
        *(step_of(funnel, index) for index, stage in enumerate(funnel.stages) if stage.parent is not None),
        *(Selector(METRICS["average_check"], names[index] if len(paid) > 1 else None) for index in paid),
    ]
    if funnel.budget:  # what more of none brings is unknown
        moved.append(Selector(METRICS["budget"]))
    found = [lever_of(funnel, selector) for selector in moved]
    steps = set(range(len(names)) if towards is None else funnel.path_to(towards))
    if funnel.referral is not None:
        steps.update(funnel.path_to(funnel.referral.source))
    lift = common_lift(funnel, sorted(steps - {0}))
    alone = lift is None or lift.selectors == (Selector(METRICS[OVERALL]),)  # which is a lever already
    return found if lift is None or alone else [*found, lift]


def lever_of(funnel: Funnel, selector: Selector) -> Lever:
    """The lever of a changeable figure."""
    funnel, name = base_of(funnel), selector.metric.name
    start = figure(funnel, selector)
    if start is None:
        start = ASSUMED.get(name)
    high: Exact | None = None
    stage = funnel.stages[figure_of(funnel, selector).at]
    if name == "gross_margin" or (name in ("conversion", OVERALL) and not stage.allow_growth):
        high = 1
    if name == "count" and stage.parent is not None and not stage.allow_growth:
        high = funnel.stages[stage.parent].count
    return Lever(str(selector), selector.metric.kind, start, high, (selector,))


def common_lift(funnel: Funnel, steps: list[int]) -> Lever | None:
    """One factor for all conversions of these steps; `None` without any. Those at 100% already stay there."""
    rates = {index: funnel.conversion(index) for index in steps}
    lifted = {index: rate for index, rate in rates.items() if rate and (rate < 1 or funnel.stages[index].allow_growth)}
    if not lifted:
        return None
    bounds = [Fraction(1) / rate for index, rate in lifted.items() if not funnel.stages[index].allow_growth]
    selectors = tuple(step_of(funnel, index) for index in lifted)
    return Lever(ALL_CONVERSIONS, "factor", 1, min(bounds, default=None), selectors)


def set_lever(funnel: Funnel, lever: Lever, value: Exact) -> Funnel | None:
    """The funnel with a lever at a value, as a scenario would have it; `None` where it cannot be."""
    changed = projected(funnel, lever_changes(lever, value))
    return None if isinstance(changed, Problem) else changed


def lever_changes(lever: Lever, value: Exact) -> list[tuple[Selector, Change]]:
    """The changes of a scenario that put a lever at a value."""
    if lever.paid_by is not None:
        return bought(lever.paid_by, value)
    lift = lever.name == ALL_CONVERSIONS
    change = Change(value, 0, f"x{value}") if lift else Change(None, value, str(value))
    return [(selector, change) for selector in lever.selectors]


def bought_entries(funnel: Funnel) -> Lever:
    """The entries as a lever that is paid for, where a budget tells what more of them cost."""
    lever = lever_of(funnel, Selector(METRICS["entries"]))
    return lever if price_of_entries(funnel, funnel.stages[0].count) is None else lever._replace(paid_by=funnel)


def bought(funnel: Funnel, entries: Exact) -> list[tuple[Selector, Change]]:
    """The changes that put the entries at a value and pay for them: the budget moves with them as its elasticity tells.

    To have f times the entries takes f^(1 / elasticity) times the budget. Without a budget, or where more of it brings
    nothing, what more entries cost is not known, and only they move.
    """
    moved = (Selector(METRICS["entries"]), Change(None, entries, str(entries)))
    budget = budget_for(funnel, entries)
    return [moved] if budget is None else [(Selector(METRICS["budget"]), Change(None, budget, str(budget))), moved]


def budget_for(funnel: Funnel, entries: Exact) -> Exact | None:
    """The budget that buys so many entries; `None` where that is not known."""
    factor = price_of_entries(funnel, entries)
    return None if factor is None or funnel.budget is None else reduced(funnel.budget * factor)


def price_of_entries(funnel: Funnel, entries: Exact) -> Exact | None:
    """How many times its budget a funnel spends for so many entries; `None` where that is not known."""
    now, elasticity = funnel.stages[0].count, ASSUMED["spend_elasticity"]
    if funnel.spend_elasticity is not None:
        elasticity = funnel.spend_elasticity
    if not (funnel.budget and now and elasticity):
        return None
    factor = Fraction(entries) / now
    if elasticity == 1:
        return factor
    try:
        return Fraction(float(factor) ** (1 / float(elasticity)))
    except OverflowError:
        return None


def difference(before: Funnel, after: Funnel | None, metric: str) -> Exact | None:
    """How much more of a metric the changed funnel has, its sales counted at the same stage."""
    at = before.stages[before.sale_stage].name
    selector = Selector(METRICS["count"], at) if metric == "sales" else Selector(METRICS[metric])
    return None if after is None else minus(figure(after, selector), figure(before, selector))


def main_metric(funnel: Funnel) -> str:
    """What a funnel is for: its profit where costs are known, else its revenue, else its sales."""
    known = (metric for metric in ("profit", "revenue") if figure(funnel, Selector(METRICS[metric])) is not None)
    return next(known, "sales")


def unprojectable(funnel: Funnel) -> Problem | None:
    """Why a funnel cannot be projected even as it is, such as a referral that grows without bound."""
    outcome = apply(funnel, ())
    return outcome if isinstance(outcome, Problem) else None


def moved_alone(funnel: Funnel) -> Iterator[str]:
    """What is taken for granted where levers move one at a time, one clause each; of the funnel that was counted."""
    yield "each lever moves alone"
    yield "conversions, average checks and what each costs stay as they are"
    yield from open_taken(funnel)
    yield from counts_taken(funnel)
