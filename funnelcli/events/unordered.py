"""Chains that any of the stages may begin, as text of SQL that every engine reads.

A unit is at the first stage when it has an event of any, and at the next ones when it has events of two different
stages, of three, and so on. For each event that can begin a chain, the first event of every stage from there on is
found by a running minimum against the clock; the moments at which one, two, three of them have come are these in order.
A stage is reached if its moment lies within the window.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.events.definition import NEVER, NOT_YET

if TYPE_CHECKING:
    from funnelcli.events.definition import Definition


def units(definition: Definition, base: str, keys: str, entered: str) -> str:
    """A query of one row a unit as `units_sql.units` has them; `base` are the events in their histories, and
    `entered` is the condition of those that may begin a chain.

    Of the stages from the second on, `p` is when the chain had one stage less.
    """
    over = f"OVER (PARTITION BY {keys}, seg ORDER BY t DESC)"
    stages = definition.stages
    firsts = [f"COALESCE(MIN(CASE WHEN h{stage} = 1 THEN t END) {over}, {NOT_YET}) AS x{stage}" for stage in stages]
    begun = f"SELECT q.*, {', '.join(firsts)} FROM ({base}) AS q"
    moments = ", ".join(f"{_smallest(len(stages), stage + 1)} AS o{stage}" for stage in stages)
    entries = f"SELECT {keys}, t, {moments} FROM ({begun}) AS q WHERE {entered}"
    last = f"< {NOT_YET}" if definition.window is None else f"- t <= {definition.window}"
    soonest = ", ".join(
        f"MIN(CASE WHEN o{stage} {last} THEN o{stage} END) OVER (PARTITION BY {keys}) AS y{stage}"
        for stage in stages[1:]
    )
    columns = ["MAX(t) AS m0"]
    for stage in stages[1:]:
        first = f"o{stage} = y{stage} AND o{stage} {last}"
        columns += [
            f"COALESCE(MAX(CASE WHEN o{stage} {last} THEN t END), {NEVER}) AS m{stage}",
            f"MIN(y{stage}) AS f{stage}",
            f"MAX(CASE WHEN {first} THEN o{stage - 1} END) AS p{stage}",
            f"MAX(CASE WHEN {first} THEN t END) AS e{stage}",
        ]
    return (
        f"SELECT {keys}, {', '.join(columns)} FROM (SELECT q.*, {soonest} FROM ({entries}) AS q) AS q GROUP BY {keys}"
    )


def _smallest(size: int, place: int) -> str:
    """The moment that as many stages as its place have come by, of those in `x0`, `x1`, …."""
    if place == 1:
        return "t"
    moments = []
    for one in range(size):
        come = " + ".join(f"CASE WHEN x{other} <= x{one} THEN 1 ELSE 0 END" for other in range(size))
        moments.append(f"CASE WHEN {come} >= {place} THEN x{one} ELSE {NOT_YET} END")
    return f"LEAST({', '.join(moments)})"
