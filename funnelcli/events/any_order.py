"""Chains whose stages may be reached in any order behind the first one, as text of SQL that every engine reads."""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.events.chains_sql import any_of, chosen, entered, largest, within_window
from funnelcli.events.definition import NOT_YET
from funnelcli.events.overlap import needs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.events.definition import Definition


def units(definition: Definition, base: str, masks: Sequence[int], keys: str) -> str:
    """A query of one row a unit as `units_sql.units` has them; `base` are the events in their histories."""
    columns = ["MAX(t) AS m0"]
    for stage in definition.stages[1:]:
        first = f"q.c{stage} = q.f{stage}"  # with the source: ClickHouse would take the new column of this name
        columns += [
            f"MAX({chosen(f'c{stage} IS NOT NULL', 't')}) AS m{stage}",
            f"MIN(q.f{stage}) AS f{stage}",
            f"MAX(CASE WHEN {first} THEN c{definition.parents[stage]} END) AS p{stage}",  # it rises with the entry
            f"MAX(CASE WHEN {first} THEN t END) AS e{stage}",
        ]
    return f"SELECT {keys}, {', '.join(columns)} FROM ({_entries(definition, base, masks, keys)}) AS q GROUP BY {keys}"


def _entries(definition: Definition, base: str, masks: Sequence[int], keys: str) -> str:
    """Entries with `c0`, `c1`, …: when all of the way to a stage was complete, in whatever order; `NULL` if never.

    So many events have followed when the last of them has, which is found by its distance among its like.
    """
    after = f"OVER (PARTITION BY {keys}, seg ORDER BY t RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)"
    wanted = {stage: needs(definition.path(stage)[1:], masks) for stage in definition.stages}
    last = {}
    for stages in sorted({each for sets in wanted.values() for each in sets}):
        met, number = any_of(stages), stages.bit_count()
        alike = f"OVER (PARTITION BY {keys}, seg, {met} ORDER BY t DESC)"
        time = f"CASE WHEN {met} = 1 THEN t END"
        found = [f"LAG({time}, {further}) {alike}" if further else time for further in (number - 1, number)]
        own = any(mask & 1 and mask & stages for mask in masks)  # an entry follows not itself
        columns = [f"{each} AS k{stages}_{index}" for index, each in enumerate(found[: 1 + own])]
        base = f"SELECT q.*, {', '.join(columns)} FROM ({base}) AS q"
        ends = [f"COALESCE(MIN(k{stages}_{index}) {after}, {NOT_YET})" for index in range(1 + own)]
        last[stages] = f"CASE WHEN {met} = 1 THEN {ends[1]} ELSE {ends[0]} END" if own else ends[0]
    rows = f"SELECT q.*{''.join(f', {end} AS k{stages}' for stages, end in last.items())} FROM ({base}) AS q"
    complete = []
    for stage, sets in wanted.items():
        end = largest([f"k{stages}" for stages in sets]) if sets else "t"
        came = " AND ".join([f"{end} < {NOT_YET}", *within_window(definition, "t", end)])
        complete.append(f"CASE WHEN {came} THEN {end} END AS c{stage}")
    rows = f"SELECT {keys}, t, {', '.join(complete)} FROM ({rows}) AS q WHERE {entered(definition)}"
    firsts = [f"MIN(c{stage}) OVER (PARTITION BY {keys}) AS f{stage}" for stage in definition.stages[1:]]
    return f"SELECT q.*, {', '.join(firsts)} FROM ({rows}) AS q"
