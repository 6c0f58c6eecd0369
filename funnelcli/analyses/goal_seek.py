"""Backward through the funnel: what each lever alone must be so that a goal is reached, and the plan stage by stage."""

from __future__ import annotations

from fractions import Fraction
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses import economics
from funnelcli.analyses.chances import Aim, Start, chance_of, value_for_chance
from funnelcli.analyses.earning import sale_loses
from funnelcli.analyses.ends import base_is_end, base_of, tells_no_rate, unmet_on_the_way
from funnelcli.analyses.fewer_stages import hidden, judged
from funnelcli.analyses.figures import figure, index_of, why_undefined
from funnelcli.analyses.levers import (
    Lever,
    LeverKind,
    bought_entries,
    budget_for,
    levers_of,
    moved_alone,
    set_lever,
    unprojectable,
)
from funnelcli.analyses.open_money import open_money_taken
from funnelcli.analyses.periods import length_of_next
from funnelcli.analyses.plans import PlannedStage, chance_of_plan, plan_of
from funnelcli.analyses.projection import unknown_count
from funnelcli.analyses.variation import variation_taken
from funnelcli.diagnostics import Problem
from funnelcli.exact import Exact, ratio
from funnelcli.metrics import METRICS, Kind, Selector
from funnelcli.stats.root_finding import solve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from funnelcli.measure import Cut
    from funnelcli.model import Funnel
    from funnelcli.what_if import Check, Operator

MOST_TIMES = 100
"""How many times what it is a lever can be, or how small a part of it, and still be one that can be pulled."""
MOST_UNITS = 10**12
"""Units beyond which no number is a plan."""


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
    `feasible` is `None` where it cannot be told, and `unknown` says why. Rates are fractions of 1. `realistic` is no
    where the lever would be more than 100 times what it is, or nothing at all. `chance` is that of the goal at `to`, or
    at the lever's end where that is not enough, where a chance was asked for. `budget` is what so many entries cost,
    as in `levers`, where a budget tells it: the goal is reached with both.
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
    realistic: bool | None = None
    chance: float | None = None
    budget: Exact | None = None


class GoalReport(NamedTuple):
    """Every lever alone against a goal, and the reverse plan; `plan` is empty where no number of entries will do.

    `now` is the metric as it is, `reached` whether that is enough already: then the levers say how far each may fall
    or rise. `reachable` says whether any lever alone reaches the goal, `None` where that cannot be told. `given` names
    the scenario that was started from. `never_pays`: no conversions whatever bring a profit. `plan_chance` is the
    chance that the next period reaches the goal with the plan's entries: the rates' uncertainty is in it, and the luck
    of the units; `None` where there is no plan, or where the figure is no amount. With a `chance` that is asked for,
    levers and plan are those that reach the goal with it, `now_chance` is that of the funnel as it is, and `reached`
    says whether that is enough; else all of them are on average. Of a period that is `cut`, amounts and counts are
    those of the part that is covered, the goal among them. `tenfold` is the lever that brings most when it is ten times
    what it is, and what that is, where none is realistic. `sale_loses`: each sale loses money, as far as can be told.
    `unmet` are stages on the way that no event met, past whose 0 nothing is told. `in_the_end` is that of a
    `ScenarioReport`: also of `now`, and of where the levers start.
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
    plan_chance: float | None = None
    chance: float | None = None
    now_chance: float | None = None
    tenfold: tuple[str, Exact] | None = None
    sale_loses: bool = False
    sales_called: str = "sales"
    cut: tuple[Cut, ...] = ()
    unmet: tuple[str, ...] = ()
    in_the_end: bool | None = None


def goal_seek(
    funnel: Funnel,
    goal: Check,
    levers: Sequence[Lever] | None = None,
    given: str | None = None,
    chance: float | None = None,
    start: Start | None = None,
) -> GoalReport | Problem:
    """Solve a goal for each lever alone; a `Problem` when the goal is no goal or its figure is undefined.

    With a `chance`, 0 to 1, for that chance in the next period, else on average. Where the funnel is one after a
    scenario, `start` is what it was made of: rates are known from its counts.

    Worked example: conversions of 40%, 50%, 35% and 10% need exactly 2,000 calls for 14 deals.
    """
    problem = hidden(funnel, goal.selector) or _no_goal(funnel, goal) or unprojectable(funnel)
    if problem is not None:
        return problem
    start, funnel = Start(funnel) if start is None else start, base_of(judged(funnel))
    now, value = figure(funnel, goal.selector), goal.limit
    assert now is not None
    assert not isinstance(value, tuple)
    least = goal.operator == ">="
    entries = bought_entries(funnel)
    known = levers_of(funnel, stage_of(funnel, goal.selector)) if levers is None else levers
    tried = [entries if lever.name == entries.name else lever for lever in known]
    solved = tuple(_solved(funnel, lever, goal.selector, value, now, least) for lever in tried)
    reached = now >= value if least else now <= value
    aim = Aim(goal.selector, goal.operator, value)
    now_chance = None if chance is None else chance_of(start, (), aim)
    if chance is not None:
        if now_chance is None:
            return Problem("FN117", f"{goal.selector} has no chance: it is no amount", "leave out the chance")
        reached = now_chance >= chance
        solved = tuple(_with_chance(funnel, start, *pair, aim, chance) for pair in zip(tried, solved, strict=True))
    solved = tuple(
        each._replace(
            realistic=_is_realistic(each, reached),
            budget=None if each.to is None or lever.paid_by is None else budget_for(lever.paid_by, each.to),
        )
        for lever, each in zip(tried, solved, strict=True)
    )
    counted = stage_of(funnel, goal.selector)
    plan = plan_of(funnel, aim, _entries_needed(funnel, start, aim, now, chance), counted if chance is None else 0)
    plan_chance = chance_of_plan(funnel, start, plan, aim)
    coming = () if chance is None and plan_chance is None else _of_chances(start.funnel)
    return GoalReport(
        **funnel.heading,
        given=given,
        goal=Goal(str(goal.selector), goal.operator, value, goal.selector.metric.kind),
        now=now,
        reached=reached,
        reachable=_any(each.feasible for each in solved),
        levers=solved,
        plan=plan,
        unit_margin=economics.unit_margin(funnel, funnel.sale_stage),
        never_pays=economics.never_pays(funnel),
        assumptions=(*_assumptions(funnel, judged(start.funnel), goal.selector, tried), *coming),
        plan_chance=plan_chance,
        chance=chance,
        now_chance=now_chance,
        sale_loses=sale_loses(funnel, funnel.sale_stage),
        cut=funnel.cuts,
        in_the_end=base_is_end(start.funnel),
        unmet=_unmet(funnel, goal.selector),
        tenfold=None if reached or any(each.realistic for each in solved) else _tenfold(funnel, tried, aim),
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


def _unmet(funnel: Funnel, target: Selector) -> tuple[str, ...]:
    """The stages on the way to the goal that no event met: how much more of a lever reaches it is not known."""
    stage = stage_of(funnel, target)
    if stage is None:
        return unmet_on_the_way(funnel)
    return funnel.unmet_among(funnel.path_to(stage))


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
    unmet = set(_unmet(funnel, target)) - {each.stage for each in lever.selectors}
    if unmet:
        return nothing._replace(feasible=None, moves=True, best=None, unknown=tells_no_rate(sorted(unmet)))
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


def _with_chance(funnel: Funnel, source: Start, lever: Lever, solved: LeverGoal, aim: Aim, chance: float) -> LeverGoal:
    """What the lever must be for the chance, from what it must be on average."""
    if solved.from_ is None or solved.feasible is None or not solved.moves:
        return solved
    start = solved.to
    if start is None:  # either no value will do on average, and then none with a chance, or every value does
        start = solved.from_ if solved.feasible else lever.high
    if not start:
        return solved
    rising = _rises(funnel, lever, aim)
    found = value_for_chance(source, lever, start, rising, aim, chance)
    if found is None:
        return solved._replace(to=None, factor=None, feasible=None, unknown=f"no chance of {aim.selector} is known")
    if found.chance < chance:
        return solved._replace(to=None, factor=None, feasible=False, chance=found.chance)
    return solved._replace(to=found.value, factor=ratio(found.value, solved.from_), feasible=True, chance=found.chance)


def _rises(funnel: Funnel, lever: Lever, aim: Aim) -> bool:
    """Whether more of a lever makes the goal likelier."""
    low, high = (
        None if changed is None else figure(changed, aim.selector)
        for changed in (set_lever(funnel, lever, at) for at in _probes(lever))
    )
    return low is None or high is None or (high >= low) == (aim.operator == ">=")


def _is_realistic(lever: LeverGoal, reached: bool) -> bool | None:
    """Whether a lever that reaches the goal is one that can be pulled so far; what is reached asks nothing."""
    if lever.to is None or reached:
        return lever.feasible
    if not lever.to or (lever.kind == "count" and lever.to > MOST_UNITS):
        return False
    return lever.factor is None or Fraction(1, MOST_TIMES) <= lever.factor <= MOST_TIMES


def _tenfold(funnel: Funnel, levers: Sequence[Lever], aim: Aim) -> tuple[str, Exact] | None:
    """The lever that does most for the goal when it is ten times what it is, or at its end, and what it brings."""
    found: list[tuple[Exact, str]] = []
    for lever in levers:
        if not lever.start:
            continue
        high = 10 * lever.start if lever.high is None else min(lever.high, 10 * lever.start)
        for at in (high, Fraction(lever.start, 10)):
            changed = set_lever(funnel, lever, at)
            value = None if changed is None else figure(changed, aim.selector)
            if value is not None:
                found.append((value, lever.name))
    if not found:
        return None
    value, name = max(found, key=itemgetter(0)) if aim.operator == ">=" else min(found, key=itemgetter(0))
    return name, value


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


def _entries_needed(funnel: Funnel, start: Start, aim: Aim, now: Exact, chance: float | None) -> Exact | None:
    """The entries at which the goal is reached, on average or with a chance; `None` where none will do."""
    least = aim.operator == ">="
    entries = bought_entries(funnel)
    solved = _solved(funnel, entries, aim.selector, aim.value, now, least)
    if chance is not None:
        solved = _with_chance(funnel, start, entries, solved, aim, chance)
    return solved.to


def _of_chances(whole: Funnel) -> Iterator[str]:
    """What chances take for granted beyond what levers do, one clause each."""
    funnel = judged(whole)
    if funnel.open_at:
        yield "chances leave those open out of the rates, which are then higher, and more is expected than is planned"
    yield from open_money_taken(whole)
    yield from length_of_next(funnel)
    yield from variation_taken(funnel)


def _assumptions(funnel: Funnel, counted: Funnel, target: Selector, levers: Sequence[Lever]) -> list[str]:
    """What the answers take for granted, one clause each."""
    said = list(moved_alone(counted))
    names = {lever.name for lever in levers}
    paid = any(lever.paid_by is not None for lever in levers)
    if "budget" in names or paid:
        if funnel.spend_elasticity is None:
            said.append("entries grow in proportion to the budget (spend_elasticity not given: 1)")
        else:
            said.append(f"entries grow by {float(funnel.spend_elasticity):g}% for each 1% more budget")
        if paid:
            said.append("more entries are bought, and the budget grows with them")
        elif "entries" in names:
            said.append("what more entries cost is not known: more budget brings none")
    of_margin = target.metric.name in ("profit", "gross_profit", "romi", "unit_margin")
    if "entries" in names and target.metric.name == "profit" and not funnel.budget:
        why = "no budget is given" if funnel.budget is None else "the budget is 0"
        said.append(f"what more entries cost is not known, as {why}")
    if of_margin and any(name.startswith("average_check") for name in names):
        said.extend(economics.share_taken(funnel))
    return [*said, *economics.assumptions(funnel, of_margin)]
