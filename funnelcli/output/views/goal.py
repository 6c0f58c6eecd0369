"""What `goal` says of a funnel: what each lever alone must be, and the counts stage by stage."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from funnelcli.analyses.maturity import VOLUMES
from funnelcli.output.csv import fields
from funnelcli.output.document import BLANK, Block, Cell, Column, Note, Table
from funnelcli.output.numbers import judged, text
from funnelcli.output.views.building import (
    amounts_note,
    assumed,
    base_called,
    brief,
    figure_word,
    losing,
    sentence,
    table,
    verdict,
    within_cut,
)
from funnelcli.stats.tests import LIKELY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from funnelcli.analyses.goal_seek import GoalReport, LeverGoal

_NAMES = {"conversions": "All conversions"}


def blocks(result: GoalReport) -> Iterator[Block]:
    """Whether the goal can be reached, each lever alone, the plan in whole units, and the assumptions."""
    yield verdict(_verdict(result))
    yield from amounts_note(result.cut, any(lever.selector == "budget" for lever in result.levers))
    yield from _levers(result)
    yield from _plan(result)
    yield from _notes(result)


def lever_name(selector: str) -> str:
    """A lever as people call it, the stage first, because the end of a name gives way: `Paid (conversion)`."""
    metric, at, stage = selector.partition("@")
    words = metric.replace("_", " ")
    return f"{stage} ({words})" if at else _NAMES.get(selector, words.capitalize())


def lever_names(selectors: Iterable[str]) -> str:
    """Levers in a list."""
    return ", ".join(map(lever_name, selectors))


def _verdict(result: GoalReport) -> str:
    goal, kind = result.goal, brief(result.goal.kind)
    wanted = (
        f"{figure_word(goal.metric, result)} {goal.operator} {judged(goal.value, result.now, kind, result.currency)}"
    )
    now = judged(result.now, goal.value, kind, result.currency)
    how = " on average"
    if result.chance is not None and result.now_chance is not None:
        how = f" with a chance of {text(result.chance, 'brief_rate')}"
        now = f"{now}, with one of {text(result.now_chance, 'chance')}"
    how += within_cut(result.cut) if goal.metric.partition("@")[0] in VOLUMES else ""
    moving = [lever for lever in result.levers if lever.moves]
    feasible = sum(lever.feasible is True and lever.realistic is not False for lever in moving)
    now = f"{'expected in the end' if result.in_the_end else 'now'} {now}"
    if result.reached:
        return f"Already reached{how}: {wanted}; {now}."
    if feasible:
        who = "Each lever" if feasible == len(moving) else f"{feasible} of {len(moving)} levers"
        said = f"{who} alone {'reaches' if feasible in (1, len(moving)) else 'reach'} {wanted}{how}"
    elif result.reachable is None:
        return f"Whether a lever alone reaches {wanted} cannot be told; {now}."
    elif result.reachable:
        said = f"No realistic lever alone reaches {wanted}{how}"
    else:
        said = f"No lever alone reaches {wanted}{how}"
    return f"{said}; {now}."


def _levers(result: GoalReport) -> Iterator[Table]:
    goal = result.goal

    def best(lever: LeverGoal) -> Cell:
        return Cell(lever.best, goal.kind, border=goal.value) if lever.feasible is False else BLANK

    def change(lever: LeverGoal) -> Any:
        if lever.factor is None:
            return BLANK
        if lever.realistic is False:
            return Cell("not realistic", "text")
        shown = _whole(lever, result) if lever.kind == "count" else None
        return Fraction(shown) / lever.from_ - 1 if shown is not None and lever.from_ else lever.factor - 1

    moving = [lever for lever in result.levers if lever.moves]
    hopeless = result.chance is None and any(lever.feasible is False for lever in moving)
    start = sentence(base_called(result.in_the_end))
    columns = (
        Column("Lever, alone", "lever", "text", lambda lever: lever_name(lever.selector)),
        Column(start, "now", "number", lambda lever: _beside(lever, lever.from_, lever.to)),
        Column("May be" if result.reached else "Needed", "to", "number", lambda lever: _needed(lever, result)),
        Column("Change", "change", "rate_change", change),
        hopeless and Column(f"At best,\n{figure_word(goal.metric, result)}", "best", goal.kind, best),
        result.chance is not None and Column("Chance\nthere", "chance", "chance", lambda lever: _chance(lever)),
    )
    if moving:
        yield table(moving, columns)


def _chance(lever: LeverGoal) -> Cell:
    return BLANK if lever.chance is None else Cell(lever.chance, "chance")


def _needed(lever: LeverGoal, result: GoalReport) -> Cell:
    """The value that a lever needs, counts in whole units."""
    if lever.feasible is None:
        return Cell("n/a", "text")
    if lever.to is None:
        return Cell("any" if lever.feasible else "not reachable", "text")
    if lever.kind == "count":
        return Cell(_whole(lever, result), "count")
    return _beside(lever, lever.to, lever.from_)


def _whole(lever: LeverGoal, result: GoalReport) -> int | None:
    """The whole units at which the goal is reached, on average as every lever; the plan begins with the same."""
    if lever.to is None:
        return None
    up = lever.from_ is None or (lever.to > lever.from_) != result.reached
    return math.ceil(lever.to) if up else math.floor(lever.to)


def _beside(lever: LeverGoal, value: Any, other: Any) -> Cell:
    """A value of a lever with the digits that tell it from the other; factors have as many as they have."""
    return Cell(value, lever.kind, border=None if lever.kind == "factor" else other)


def _plan(result: GoalReport) -> Iterator[Block]:
    entries = next((each for each in result.levers if each.selector == "entries"), None)
    if not result.plan or (entries is not None and entries.realistic is False):
        return
    with_chance = result.chance is not None
    when = "the conversions expected in the end" if result.in_the_end else "today's conversions"
    columns = (
        Column("Stage", "name", "text"),
        Column("Expected" if with_chance else "On average", "exact", "count", lambda stage: math.ceil(stage.exact)),
        Column("In whole\nnumbers", "rounded_up", "count"),
    )
    yield table(result.plan, columns, f"Plan: the counts it takes at {when}")
    planned = " → ".join(f"{text(stage.rounded_up, 'count')} {stage.name}" for stage in result.plan)
    first = result.plan[0]
    whole = f"In whole numbers: {planned}."
    if first.exact != first.rounded_up:
        more = first.rounded_up - math.ceil(first.exact)
        whole += " Each stage is rounded up to fill the next one"
        whole += (
            f": {text(more, 'count')} {first.name} more than would do on average."
            if more and result.chance is None
            else "."
        )
    yield Note(whole)
    if result.plan_chance is not None:
        yield Note(_plan_chance(result, result.plan_chance))


def _plan_chance(result: GoalReport, chance: float) -> str:
    """How likely the plan is to do, and where that comes from."""
    first, likely = result.plan[0], text(chance, "chance")
    entries = f"{text(first.rounded_up, 'count')} {first.name}"
    when = f"period of {result.cut[0].length}" if result.cut else "period"
    said = f"With {entries} the next {when} reaches the goal with a chance of {likely}"
    why = "in it are how well whole counts tell the rates, and plain luck"
    return f"{said}: {why}. {'' if result.chance or chance >= LIKELY else 'More certainty: --chance 80%.'}".rstrip()


def csv_rows(result: GoalReport) -> Iterator[dict[str, Any]]:
    """One row a lever, and one a stage of the plan: `to` is exact, `rounded_up` in whole units."""
    goal = {"metric": result.goal.metric, "operator": result.goal.operator, "value": result.goal.value}
    yield from ({"part": "lever"} | goal | fields(lever) for lever in result.levers)
    for stage in result.plan:
        planned = {"selector": f"count@{stage.name}", "to": stage.exact, "rounded_up": stage.rounded_up}
        yield {"part": "plan"} | goal | planned | {"chance": result.plan_chance}


def _notes(result: GoalReport) -> Iterator[Note]:
    if not result.reached:
        yield from losing(result, result.currency, ": no conversion makes it pay." if result.never_pays else ".")
    if not result.plan and result.reachable is not None and not result.unmet:
        yield Note("No plan: more entries alone do not reach the goal.")
    yield from _unrealistic(result)
    idle = [each.selector for each in result.levers if not each.moves]
    if idle:
        yield Note(f"Without effect on {figure_word(result.goal.metric, result)}: {lever_names(idle)}.")
    for why in dict.fromkeys(each.unknown for each in result.levers if each.unknown is not None):
        untold = lever_names(each.selector for each in result.levers if each.unknown == why)
        yield Note(f"Cannot be told for {untold}: {why}.")
    entries = next((each for each in result.levers if each.budget is not None and each.realistic), None)
    if entries is not None and not result.reached and all(each.selector != "budget" for each in result.levers):
        yield Note(f"So many entries take a budget of {text(entries.budget, 'money', result.currency)}.")
    if any(each.selector == "conversions" and each.moves for each in result.levers):
        yield Note("All conversions: one factor for each of them; those at 100% stay there.")
    given = f"the scenario {result.given}" if result.given is not None else ""
    yield from assumed(result.assumptions, given)


def _unrealistic(result: GoalReport) -> Iterator[Note]:
    """Levers that reach the goal on paper only, and what one brings that is ten times what it is."""
    far = [each for each in result.levers if each.moves and each.realistic is False and each.feasible]
    gone = [each.selector for each in far if not each.to]
    if gone:
        yield Note(f"No lever: {lever_names(gone)} at 0, with which nothing is left to sell.")
    paper = [each.selector for each in far if each.to]
    if paper:
        yield Note(f"Not realistic, more than 100 times what it is, or less than a hundredth: {lever_names(paper)}.")
    if far and result.tenfold is not None:
        name, value = result.tenfold
        brings = text(value, brief(result.goal.kind), result.currency)
        what = figure_word(result.goal.metric, result)
        yield Note(f"What is nearer: {lever_name(name)}, tenfold or at its end, makes {what} {brings}.")
