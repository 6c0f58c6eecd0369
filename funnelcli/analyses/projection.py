"""A funnel after changes, as a funnel: what scenarios, goals and levers are computed with."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.conversion import step_conversion
from funnelcli.analyses.economics import others_share
from funnelcli.diagnostics import Problem, quoted
from funnelcli.model import LARGEST_NUMBER, ratio, reduced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from funnelcli.metrics import Selector
    from funnelcli.model import Change, Exact, Funnel, Stage

LARGEST_EXACT_POWER = 8


def projected(funnel: Funnel, changes: Iterable[tuple[Selector, Change]]) -> Funnel | Problem:
    """The funnel after the changes, as a funnel; a `Problem` when they cannot be.

    Rates, checks and costs change first; then counts flow down: count = count of the stage before x conversion, and a
    change of a count adds or sets at its stage and flows on. A budget x f brings entries x f^elasticity. Several
    changes of one figure apply in the order written. A referral answers to the changes: see `_with_referral`. A count
    that follows from a rate nobody knows, out of a stage that has been empty, is `unknown`: see `unknown_count`.
    """
    places = {stage.name: index for index, stage in enumerate(funnel.stages)}
    plan = _Plan()
    for selector, change in changes:
        index = 0 if selector.stage is None else places[selector.stage]
        problem = _note(plan, funnel, selector, change, index)
        if problem:
            return problem
    budget, factor = funnel.budget, Fraction(1)
    for change in plan.budget:
        outcome = _changed(budget, change, "budget")
        if isinstance(outcome, Problem):
            return outcome
        budget = outcome
    elasticity = plan.rules.get("spend_elasticity", funnel.spend_elasticity)
    if plan.budget and budget != funnel.budget:
        grown = _spend_factor(funnel.budget, budget, 1 if elasticity is None else elasticity)
        if isinstance(grown, Problem):
            return grown
        factor = Fraction(grown)
    stages = _with_referral(funnel, plan, factor)
    if isinstance(stages, Problem):
        return stages
    return funnel._replace(
        stages=stages,
        budget=budget,
        derived=tuple(pair for pair in funnel.derived if pair[0] != "budget") if plan.budget else funnel.derived,
        unbudgeted=() if plan.budget else funnel.unbudgeted,
        gross_margin=plan.rules.get("gross_margin", funnel.gross_margin),
        spend_elasticity=elasticity,
    )


def apply(funnel: Funnel, changes: Iterable[tuple[Selector, Change]]) -> Funnel | Problem:
    """The funnel after the changes, as `projected` has it; a `Problem`, too, where its sales cannot be told."""
    after = projected(funnel, changes)
    return after if isinstance(after, Problem) else unknown_count(after, funnel.sale_stage) or after


class _Plan:
    """Changes sorted by what they change: rates and money as new values, counts and budget as changes to apply."""

    def __init__(self) -> None:
        self.conversions: dict[int, Exact] = {}
        self.checks: dict[int, Exact] = {}
        self.costs: dict[int, Exact] = {}
        self.counts: dict[int, list[Change]] = {}
        self.budget: list[Change] = []
        self.rules: dict[str, Exact] = {}  # the funnel's gross margin and spend elasticity, both 1 when not given


def _note(plan: _Plan, funnel: Funnel, selector: Selector, change: Change, index: int) -> Problem | None:
    """Put one change into the plan."""
    metric = selector.metric.name
    if metric in ("entries", "count"):
        plan.counts.setdefault(index, []).append(change)
        return None
    if metric == "budget":
        plan.budget.append(change)
        return None
    if metric in ("gross_margin", "spend_elasticity"):
        current = plan.rules.get(metric, getattr(funnel, metric))
        outcome = _changed(1 if current is None else current, change, metric)
        if isinstance(outcome, Problem):
            return outcome
        plan.rules[metric] = outcome
        return _above_one(outcome, metric, change) if metric == "gross_margin" else None
    if metric == "conversion":
        return _note_conversion(plan, funnel, selector, change, index)
    if metric == "average_check" and selector.stage is None:
        paid = funnel.money_stages
        if len(paid) > 1:
            named = ", ".join(f"average_check@{funnel.stages[each].name}" for each in paid)
            return Problem("FN118", "several stages have an average check", f"say which: {named}")
        index = paid[0] if paid else funnel.sale_stage
    kept, now = (
        (plan.costs, funnel.stages[index].cost)
        if metric == "cost"
        else (plan.checks, funnel.stages[index].average_order_value)
    )
    outcome = _changed(kept.get(index, now), change, str(selector))
    if isinstance(outcome, Problem):
        return outcome
    kept[index] = outcome
    return None


def _note_conversion(plan: _Plan, funnel: Funnel, selector: Selector, change: Change, index: int) -> Problem | None:
    stage = funnel.stages[index]
    if stage.parent is None:
        return Problem("FN118", f"{quoted(stage.name)} is the entry and has no conversion", "change entries instead")
    current = plan.conversions.get(index, step_conversion(funnel, index))
    if current is None and not change.sets:
        empty = funnel.stages[stage.parent].name
        return Problem("FN118", f"{selector} is undefined: {quoted(empty)} is empty", "set it to a value, e.g. 10%")
    outcome = _changed(current, change, str(selector))
    if isinstance(outcome, Problem):
        return outcome
    plan.conversions[index] = outcome
    return None if stage.allow_growth else _above_one(outcome, str(selector), change, current)


def _above_one(value: Exact, what: str, change: Change, current: Exact | None = None) -> Problem | None:
    """The problem of a rate that passes 100%."""
    if value <= 1:
        return None
    cure = "choose a change that keeps it at or below 100%"
    if change.text.startswith("x") and current:
        scale = 10 ** max(0, 6 - len(str(int(1 / current))))
        largest = Fraction(int(scale / Fraction(current)), scale)  # rounded down, so that it can be followed
        cure = f"the largest factor is x{float(largest):g}"
    digits = next(each for each in range(6, 18) if each == 17 or float(f"{float(value) * 100:.{each}g}") > 100)
    return Problem("FN118", f"{what} would be {float(value) * 100:.{digits}g}% with {change.text}, above 100%", cure)


def _changed(current: Exact | None, change: Change, what: str) -> Exact | Problem:
    """A figure after a change; a `Problem` when there is no figure to change or it leaves its range."""
    value = change.of(current)
    if value is None:
        return Problem(
            "FN118", f"there is no {what} to change by {change.text}", f"give it in the funnel, or set it: {what}: 1000"
        )
    if change.sets:
        return value
    if value < 0:
        return Problem("FN118", f"{what} would fall below 0 with {change.text}", "choose a smaller change")
    if value > LARGEST_NUMBER:
        return Problem("FN118", f"{what} would pass 1e18 with {change.text}", "choose a smaller change")
    return value


def _spend_factor(before: Exact | None, after: Exact | None, elasticity: Exact) -> Exact | Problem:
    """How many times as many entries a changed budget brings: (after / before)^elasticity."""
    if before is None:
        return 1  # a budget stated for the first time explains the entries there are
    if not before:
        return Problem(
            "FN118",
            "the budget is 0: what more of it brings is unknown",
            "change entries as well, and the budget in the file",
        )
    spend = Fraction(after or 0) / before
    if isinstance(elasticity, int) and elasticity <= LARGEST_EXACT_POWER:
        return spend**elasticity
    try:
        return Fraction(math.pow(spend, elasticity))
    except OverflowError:
        return Problem(
            "FN118", f"entries would pass 1e18 with an elasticity of {float(elasticity):g}", "choose a smaller change"
        )


class _Referred(NamedTuple):
    """Units that are referred to a stage (`None`: unknown), and the share of its count that comes without them."""

    target: int
    units: Exact | None
    others: Exact


def _with_referral(funnel: Funnel, plan: _Plan, spend: Fraction) -> tuple[Stage, ...] | Problem:
    """Stages with the counts that follow from the plan and from who refers whom.

    The counts of a file are those of all units, referred ones among them. The others, 1 - k of the target stage, follow
    the changes; what is referred, r = brings x count at the source, follows from all counts. As these grow in line with
    r, counts for r = 0 and r = 1 tell it: r = brings x count(0) / (1 - brings x (count(1) - count(0))). From k = 1 on
    there is no bound.
    """
    referral, others = funnel.referral, others_share(funnel)
    if referral is None or others is None:
        return _flow(funnel, plan, spend, None)
    if others <= 0:
        return _endless(1 - others)
    outcomes = []
    for one in (0, 1):
        outcome = _flow(funnel, plan, spend, _Referred(referral.target, one, others), trial=True)
        if isinstance(outcome, Problem):
            return outcome
        outcomes.append(outcome[referral.source])
    if outcomes[0].unknown or (outcomes[0].count and outcomes[1].unknown):
        return _flow(funnel, plan, spend, _Referred(referral.target, None, others))
    if not outcomes[0].count:
        return _flow(funnel, plan, spend, _Referred(referral.target, 0, others))
    growth = referral.brings * (outcomes[1].count - outcomes[0].count)
    if growth >= 1:
        return _endless(growth)
    units = reduced(Fraction(referral.brings * outcomes[0].count) / (1 - growth))
    return _flow(funnel, plan, spend, _Referred(referral.target, units, others))


def _endless(k: Exact) -> Problem:
    return Problem(
        "FN118",
        f"the referral grows without bound: each unit brings {float(k):.3g} more",
        "lower its brings, or the conversion on the way to it: below 1 in all",
    )


def _flow(
    funnel: Funnel, plan: _Plan, spend: Fraction, referred: _Referred | None, trial: bool = False
) -> tuple[Stage, ...] | Problem:
    """Stages with the counts that follow from the plan; a `trial` is not held against the stages' limits."""
    stages: list[Stage] = []
    for index, stage in enumerate(funnel.stages):
        rate = plan.conversions.get(index, step_conversion(funnel, index))
        count = stage.count * spend if stage.parent is None else _arriving(funnel, stages, index, rate)
        what = "entries" if index == 0 else f"count@{stage.name}"
        changes = plan.counts.get(index, [])
        # a count that is set is that of all units; other changes are of those who come without a referral
        here = referred if referred and referred.target == index and not any(each.sets for each in changes) else None
        if here and count is not None:
            count = count * here.others
        for change in changes:
            if count is None and not change.sets:
                continue
            outcome = _changed(count, change, what)
            if isinstance(outcome, Problem):
                return outcome
            count = outcome
        if here:
            count = None if count is None or here.units is None else count + here.units
        above = None if stage.parent is None else stages[stage.parent]
        held = above and not above.unknown and index in plan.counts and not stage.allow_growth and not trial
        if held and above and count is not None and count > above.count:
            return Problem(
                "FN118",
                f"{what} would pass the stage it comes from, {quoted(above.name)}",
                "raise that stage too, or set allow_growth: true on the stage",
            )
        if count is not None and count > LARGEST_NUMBER:
            return Problem("FN118", f"{what} would pass 1e18", "choose a smaller change")
        stages.append(
            stage._replace(
                count=0 if count is None else reduced(count),
                unknown=count is None,
                conversion=rate if above and not above.count and not count else None,
                revenue=None,
                average_check=plan.checks.get(index, stage.average_order_value),
                cost=plan.costs.get(index, stage.cost),
            )
        )
    return tuple(stages)


def _arriving(funnel: Funnel, stages: list[Stage], index: int, rate: Exact | None) -> Exact | None:
    """Units that reach a stage from the stages above, as they are after the plan; `None` where nothing tells it.

    Without a rate, because the stage above has been empty, nobody comes as long as it stays empty. Units that have come
    past it follow the stage they come from instead (`Funnel.origin`): their rate is that of the limit in which the
    empty stages have next to nobody.
    """
    stage = funnel.stages[index]
    if rate is not None and not rate:
        return 0
    at = stage.parent
    origin = at if rate is not None else funnel.origin(index)
    while at is not None and at != origin:
        if stages[at].count or stages[at].unknown:
            return None
        at = stages[at].parent
    if at is None:
        return stage.count
    if stages[at].unknown:
        return None
    if rate is None:
        rate = ratio(stage.count, funnel.stages[at].count)
    return stages[at].count * rate if rate is not None else None if stages[at].count else 0


def past_empty(funnel: Funnel) -> Iterator[str]:
    """What a projection takes for granted of units that came past an empty stage, one clause each."""
    for index, stage in enumerate(funnel.stages):
        origin = funnel.origin(index)
        if stage.parent is not None and origin is not None and origin != stage.parent:
            above = funnel.stages[stage.parent].name
            yield f"{stage.name} follows {funnel.stages[origin].name}, as {above}, which it comes from, is empty"


def unknown_count(after: Funnel, index: int) -> Problem | None:
    """Why the units of a stage after a projection cannot be told; `None` where they can."""
    unknown = list(takewhile(lambda at: after.stages[at].unknown, after.path_to(index)))
    if not unknown:
        return None
    cause = after.stages[unknown[-1]]
    if cause.parent is None:
        return Problem("FN118", "what the referral brings is unknown: no conversion is known on its way", "set it too")
    above = quoted(after.stages[cause.parent].name)
    return Problem(
        "FN118",
        f"no conversion is known to {quoted(cause.name)}: {above} is empty",
        f"set it too: conversion@{cause.name}",
    )
