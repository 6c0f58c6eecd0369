"""What `goal` says of a funnel: what each lever alone must be, and the counts stage by stage."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from funnelcli.output import numbers
from funnelcli.output.document import Block, Cell, Column, Document, Note, Table, document_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.goal_seek import GoalReport, LeverGoal

_NAMES = {"conversions": "All conversions"}


def view(results: Sequence[GoalReport]) -> Document:
    """Whether the goal can be reached, each lever alone, the plan in whole units, and the assumptions."""
    return document_of(results, _blocks)


def lever_name(selector: str) -> str:
    """A lever as people call it, the stage first, because the end of a name gives way: `Paid (conversion)`."""
    metric, at, stage = selector.partition("@")
    words = metric.replace("_", " ")
    return f"{stage} ({words})" if at else _NAMES.get(selector, words.capitalize())


def factor_text(value: Any) -> str:
    """A factor with three decimals at most."""
    return f"x{numbers.rounded(value, 3).rstrip('0').rstrip('.')}"


def lever_value(value: Any, kind: str) -> Cell:
    """A lever's value: a factor for the common lift, otherwise of its kind."""
    if kind == "factor":
        return Cell(factor_text(value), "text")
    return Cell(value, kind)


def _blocks(result: GoalReport) -> tuple[Block, ...]:
    return (_verdict(result), *_levers(result), *_plan(result), _machine_table(result), *_notes(result))


def _goal_text(result: GoalReport) -> tuple[Cell | str, ...]:
    goal = result.goal
    return (f"{goal.metric} {goal.operator} ", Cell((goal.value, result.now, _brief(goal.kind)), "judged"))


def _brief(kind: str) -> str:
    return "brief_rate" if kind == "rate" else kind


def _verdict(result: GoalReport) -> Note:
    goal, now = _goal_text(result), Cell((result.now, result.goal.value, _brief(result.goal.kind)), "judged")
    if result.reached:
        return Note(("Already reached: ", *goal, "; now ", now, "."), "verdict")
    moving = [each for each in result.levers if each.moves]
    feasible = sum(each.feasible is True for each in moving)
    if not feasible and result.reachable is None:
        return Note(("Whether a lever alone reaches ", *goal, " cannot be told; now ", now, "."), "verdict")
    if not feasible:
        return Note(("No lever alone reaches ", *goal, "; now ", now, "."), "verdict")
    who = "Each lever" if feasible == len(moving) else f"{feasible} of {len(moving)} levers"
    verb = "reaches" if feasible in (1, len(moving)) else "reach"
    return Note((f"{who} alone {verb} ", *goal, "; now ", now, "."), "verdict")


def _levers(result: GoalReport) -> Iterator[Table]:
    moving = [each for each in result.levers if each.moves]
    if not moving:
        return
    hopeless = any(each.feasible is False for each in moving)
    columns = [
        Column("Lever, alone", "lever", "text"),
        Column("Now", "now", "number"),
        Column("May be" if result.reached else "Needed", "to", "number"),
        Column("Change", "change", "rate_change"),
    ]
    columns += [Column(f"At best,\n{result.goal.metric}", "best", result.goal.kind)] if hopeless else []
    rows = []
    for each in moving:
        change = Cell("", "text") if each.factor is None else each.factor - 1
        now = lever_value(each.from_, each.kind)
        if each.from_ is not None and each.kind != "factor":
            now = Cell((each.from_, each.to, each.kind), "judged")
        row = (lever_name(each.selector), now, _needed(each, result.reached), change)
        most = Cell((each.best, result.goal.value, result.goal.kind), "judged")
        best = (Cell("", "text") if each.feasible is not False else most,) if hopeless else ()
        rows.append((*row, *best))
    yield Table(tuple(columns), tuple(rows), audience="people")


def _needed(lever: LeverGoal, reached: bool) -> Cell:
    """The value that a lever needs; of entries whole ones, rounded to the side where the goal is reached."""
    if lever.feasible is None:
        return Cell("n/a", "text")
    if lever.to is None:
        return Cell("any" if lever.feasible else "not reachable", "text")
    if lever.kind == "count":
        up = lever.from_ is None or (lever.to > lever.from_) != reached
        return Cell(math.ceil(lever.to) if up else math.floor(lever.to), "count")
    if lever.kind == "factor":
        return lever_value(lever.to, lever.kind)
    return Cell((lever.to, lever.from_, lever.kind), "judged")


def _plan(result: GoalReport) -> Iterator[Block]:
    if not result.plan:
        return
    columns = (
        Column("Stage", "stage", "text"),
        Column("Exact", "exact", "count"),
        Column("In whole\nunits", "rounded_up", "count"),
    )
    rows = tuple((stage.name, stage.exact, stage.rounded_up) for stage in result.plan)
    title = "Plan: the counts it takes at today's conversions"
    yield Table(columns, rows, title=title, audience="people")
    parts: list[Cell | str] = []
    for stage in result.plan:
        parts += [" → " if parts else "", Cell(stage.rounded_up, "count"), " ", Cell(stage.name, "text")]
    yield Note(("In whole units: ", *parts, "."))


def _machine_table(result: GoalReport) -> Table:
    """One row a lever, and one a stage of the plan: `to` is exact, `rounded_up` in whole units."""
    columns = (
        Column("Part", "part", "text"),
        Column("Metric", "metric", "text"),
        Column("Operator", "operator", "text"),
        Column("Value", "value", "number"),
        Column("Selector", "selector", "text"),
        Column("From", "from", "number"),
        Column("To", "to", "number"),
        Column("Factor", "factor", "number"),
        Column("Feasible", "feasible", "text"),
        Column("Best", "best", "number"),
        Column("Rounded up", "rounded_up", "number"),
    )
    goal = (result.goal.metric, result.goal.operator, result.goal.value)
    rows: list[tuple[Any, ...]] = [
        ("lever", *goal, each.selector, each.from_, each.to, each.factor, _yes(each.feasible), each.best, None)
        for each in result.levers
    ]
    rows += [
        ("plan", *goal, f"count@{stage.name}", None, stage.exact, None, None, None, stage.rounded_up)
        for stage in result.plan
    ]
    return Table(columns, tuple(rows), audience="machines")


def _yes(answer: bool | None) -> str | None:
    return None if answer is None else str(answer).lower()


def _notes(result: GoalReport) -> Iterator[Note]:
    if not result.reached and result.unit_margin is not None and result.unit_margin < 0:
        loss = Cell(-result.unit_margin, "money")
        yield Note(
            ("Every sale loses ", loss, ": no conversion makes it pay." if result.never_pays else "."), "warning"
        )
    if not result.plan and result.reachable is not None:
        yield Note(("No plan: more entries alone do not reach the goal.",))
    idle = [each.selector for each in result.levers if not each.moves]
    if idle:
        yield Note((f"Without effect on {result.goal.metric}: ", ", ".join(map(lever_name, idle)), "."))
    for why in dict.fromkeys(each.unknown for each in result.levers if each.unknown is not None):
        levers = (lever_name(each.selector) for each in result.levers if each.unknown == why)
        yield Note((f"Cannot be told for {', '.join(levers)}: {why}.",))
    if any(each.selector == "conversions" and each.moves for each in result.levers):
        yield Note(("All conversions: one factor for each of them; those at 100% stay there.",))
    given = f"the scenario {result.given}; " if result.given is not None else ""
    yield Note((f"Assumed: {given}" + "; ".join(result.assumptions) + ".",))
