"""Backward through the funnel: what each lever alone must be so that a goal is reached, and the plan stage by stage."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses import economics
from funnelcli.analyses.figures import figure, index_of, why_undefined
from funnelcli.analyses.levers import Lever, LeverKind, lever_of, levers_of, set_lever, unprojectable
from funnelcli.analyses.projection import past_empty, unknown_count
from funnelcli.diagnostics import Problem
from funnelcli.metrics import METRICS, Kind, Selector
from funnelcli.model import Exact, Funnel, ratio
from funnelcli.stats.root_finding import solve

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from funnelcli.metrics import Kind
    from funnelcli.model import Check, Operator


class Goal(NamedTuple):
    """A limit that a figure shall reach: `metric` as it is written (`count@Paid`), `operator` is `>=` or `<=`."""

    metric: str
    operator: Operator
    value: Exact
    kind: Kind


class LeverGoal(NamedTuple):
    """What one lever alone must become.

    `from_` is the lever now and `to` the nearest value at which the goal is reached; `factor` is `to` / `from_`. For
    `conversions`, the common lift of all conversions, both are factors. Where it is not `feasible`, `to` is `None`.
    `best` is the goal's metric at its best: the goal itself, or what the lever can do alone. `moves` says whether the
    lever changes the metric at all. A goal that is reached and that the lever cannot undo is feasible without a `to`.
    `feasible` is `None` where it cannot be told, and `unknown` says why. Rates are fractions of 1.
    """

    selector: str
    kind: LeverKind
    from_: Exact | None
    to: Exact | None
    factor: Exact | None
    feasible: bool | None
    moves: bool
    best: Exact | None
    unknown: str | None = None


class PlannedStage(NamedTuple):
    """Units that a stage needs when only the entries change: exactly, and in whole units."""

    name: str
    exact: Exact
    rounded_up: int


class GoalReport(NamedTuple):
    """Every lever alone against a goal, and the reverse plan; `plan` is empty where no number of entries will do.

    `now` is the metric as it is, `reached` whether that is enough already: then the levers say how far each may fall
    or rise. `reachable` says whether any lever alone reaches the goal, `None` where that cannot be told. `given` names
    the scenario that was started from. `never_pays`: no conversions whatever bring a profit.
    """

    file: str | None
    document: int
    name: str
    period: str | None
    currency: str | None
    given: str | None
    goal: Goal
    now: Exact
    reached: bool
    reachable: bool | None
    levers: tuple[LeverGoal, ...]
    plan: tuple[PlannedStage, ...]
    unit_margin: Exact | None
    never_pays: bool
    assumptions: tuple[str, ...]


def goal_seek(
    funnel: Funnel, goal: Check, levers: Sequence[Lever] | None = None, given: str | None = None
) -> GoalReport | Problem:
    """Solve a goal for each lever alone; a `Problem` when the goal is no goal or its figure is undefined.

    Worked example: conversions of 40%, 50%, 35% and 10% need exactly 2,000 calls for 14 deals.
    """
    problem = _no_goal(funnel, goal) or unprojectable(funnel)
    if problem is not None:
        return problem
    now, value = figure(funnel, goal.selector), goal.limit
    assert now is not None
    assert not isinstance(value, tuple)
    least = goal.operator == ">="
    tried = levers_of(funnel, stage_of(funnel, goal.selector)) if levers is None else levers
    solved = tuple(_solved(funnel, lever, goal.selector, value, now, least) for lever in tried)
    return GoalReport(
        **funnel.heading,
        given=given,
        goal=Goal(str(goal.selector), goal.operator, value, goal.selector.metric.kind),
        now=now,
        reached=now >= value if least else now <= value,
        reachable=_any(each.feasible for each in solved),
        levers=solved,
        plan=_plan(funnel, goal.selector, value, now, least),
        unit_margin=economics.unit_margin(funnel, funnel.sale_stage),
        never_pays=economics.never_pays(funnel),
        assumptions=tuple(_assumptions(funnel, goal.selector, tried)),
    )


def _no_goal(funnel: Funnel, goal: Check) -> Problem | None:
    """Why a check is no goal, or its figure has no value."""
    if not goal.selector.metric.is_goal:
        goals = ", ".join(name for name, metric in METRICS.items() if metric.is_goal)
        return Problem("FN117", f"{goal.selector} is given, not a result, and so no goal", f"aim at one of: {goals}")
    if goal.operator not in (">=", "<="):
        return Problem("FN117", f"a goal has a border, and {goal.operator} has none", "write >= or <=")
    if isinstance(goal.limit, tuple):
        return Problem("FN117", "a goal is a value, not a baseline", f"write {goal.selector} >= VALUE")
    if goal.confidence is not None:
        return Problem("FN117", "a goal has no confidence", 'leave out "with … confidence"; simulate gives the chance')
    if figure(funnel, goal.selector) is None:
        why = why_undefined(funnel, goal.selector)
        return Problem("FN118", f"{goal.selector} is undefined: {why}", "add what is missing, or choose another goal")
    return None


def stage_of(funnel: Funnel, selector: Selector) -> int | None:
    """The stage whose units a goal counts; `None` for a goal that all stages take part in."""
    if selector.metric.name == "count":
        return index_of(funnel, selector)
    return {"sales": funnel.sale_stage, "entries": 0}.get(selector.metric.name)


def _any(answers: Iterable[bool | None]) -> bool | None:
    """Whether one of them is yes; `None` where none is, and one cannot be told."""
    known = list(answers)
    return True if any(known) else None if None in known else False


def _solved(funnel: Funnel, lever: Lever, target: Selector, value: Exact, now: Exact, least: bool) -> LeverGoal:
    """One lever alone."""
    nothing = LeverGoal(lever.name, lever.kind, lever.start, None, None, False, False, now)
    unknown = untold(funnel, lever, target)

    def curve(at: Exact) -> Exact | None:
        changed = set_lever(funnel, lever, at)
        return None if changed is None else figure(changed, target)

    if unknown is None and all(curve(at) == now for at in _probes(lever)):
        return nothing
    if lever.start is None:
        why = unknown or f"{lever.name} is undefined: {why_undefined(funnel, lever.selectors[0])}"
        return nothing._replace(feasible=None, moves=True, best=None, unknown=why)
    answer = solve(curve, lever.start, lever.high, value, least)
    if answer.at is not None:
        factor = ratio(answer.at, lever.start)
        return LeverGoal(lever.name, lever.kind, lever.start, answer.at, factor, True, True, value)
    if now >= value if least else now <= value:
        return nothing._replace(feasible=True, moves=True, best=value)
    if unknown is not None:
        return nothing._replace(feasible=None, moves=True, best=None, unknown=unknown)
    best = answer.best
    if best is None or (best < now if least else best > now):
        best = now
    return nothing._replace(moves=True, best=best)


def untold(funnel: Funnel, lever: Lever, target: Selector) -> str | None:
    """Why a figure cannot be told when a lever moves, if it cannot: a conversion on its way is not known."""
    for at in _probes(lever):
        changed = set_lever(funnel, lever, at)
        if changed is None or figure(changed, target) is not None:
            continue
        stages = range(len(changed.stages)) if target.stage is None else [index_of(funnel, target)]
        problems = (unknown_count(changed, index) for index in stages)
        return next((problem.message for problem in problems if problem is not None), None)
    return None


def _probes(lever: Lever) -> tuple[Exact, Exact]:
    """A lever below and above where it is, at which a figure that answers to it is another one."""
    start, high = lever.start or 0, lever.high
    return Fraction(start, 2), 2 * (start or 1) if high is None else Fraction(start + high, 2)


def _plan(funnel: Funnel, target: Selector, value: Exact, now: Exact, least: bool) -> tuple[PlannedStage, ...]:
    """Counts stage by stage when only the entries change.

    Whole units: backward from the stage of the goal (else the sale), each stage has at least the whole number whose
    expected units fill the stage below. Stages beside that way are their own expectation, rounded up. Empty where more
    entries do not help.
    """
    entries = lever_of(funnel, Selector(METRICS["entries"]))
    solved = _solved(funnel, entries, target, value, now, least)
    if solved.to is None:
        return ()
    needed = set_lever(funnel, entries, solved.to)
    more = set_lever(funnel, entries, solved.to + 1)
    there = None if needed is None else figure(needed, target)
    beyond = None if more is None else figure(more, target)
    if needed is None or there is None or beyond is None or (beyond < there if least else beyond > there):
        return ()
    if any(stage.unknown for stage in needed.stages):
        return ()  # of stages whose units cannot be told there is no plan
    exact = [stage.count for stage in needed.stages]
    whole = [math.ceil(count) for count in exact]
    stage = stage_of(funnel, target)
    for at, above in pairwise(funnel.path_to(funnel.sale_stage if stage is None else stage)):
        if exact[at]:
            whole[above] = max(whole[above], math.ceil(Fraction(whole[at] * exact[above]) / exact[at]))
    return tuple(
        PlannedStage(stage.name, count, units) for stage, count, units in zip(funnel.stages, exact, whole, strict=True)
    )


def _assumptions(funnel: Funnel, target: Selector, levers: Sequence[Lever]) -> list[str]:
    """What the answers take for granted, one clause each."""
    said = ["each lever moves alone; conversions, checks and costs per unit stay as they are", *past_empty(funnel)]
    names = {lever.name for lever in levers}
    if "budget" in names:
        if funnel.spend_elasticity is None:
            said.append("entries grow in proportion to the budget (spend_elasticity not given: 1)")
        else:
            said.append(f"entries grow by {float(funnel.spend_elasticity):g}% for each 1% more budget")
        if "entries" in names:
            said.append("the budget stays the same when the entries change")
    if target.metric.name in ("profit", "gross_profit", "romi", "unit_margin") and funnel.gross_margin is None:
        said.append("margin not given: revenue counts in full (gross margin 100%)")
    return [*said, *economics.sources(funnel)]
