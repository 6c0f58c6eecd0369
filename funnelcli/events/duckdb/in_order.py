"""Chains and entries from events that are sorted but once: each row is told what the latest of some rows before it had.

DuckDB tells that of rows in the order of their table as they pass by, in a small part of the time that sorting takes,
or joining. A table that was made in an order is read in that order where windows `OVER ()` stream, which `stream` makes
sure of.

The rows are those of events that meet one stage each: `unit`, `t`, `m`, sorted by them. Where times have to rise, what
is later in a chain comes before at the same moment.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.events import chains_sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.events.definition import Definition
    from funnelcli.events.duckdb.tables import Tables


def fits(definition: Definition, masks: Sequence[int]) -> bool:
    """Whether chains can be told so: of stages in order, by events that meet one stage each."""
    return definition.order == "ordered" and not definition.exclude and all(mask.bit_count() == 1 for mask in masks)


def tells_entries(definition: Definition) -> bool:
    """Whether all is told of entries that `entries` finds: nothing else ends their way."""
    return definition.entry == "any" and not definition.lost


def events(definition: Definition, source: str) -> str:
    """A query of the events in their order, from `normal` or a part of it."""
    stages = (1 << len(definition.names)) - 1
    rows = f"SELECT unit, t, CAST(m & {stages} AS {_width(definition)}) AS m FROM {source} AS e WHERE m & {stages} <> 0"
    return f"{rows} ORDER BY unit, t, m{' DESC' if definition.apart else ''}"


def _width(definition: Definition) -> str:
    return "UTINYINT" if len(definition.names) <= 8 else "UINTEGER"


def chains(definition: Definition, source: str) -> str:
    """A query of the events that end a chain in time: `unit`, `t`, `m`, the latest entry `s`, and `p`, when the stage
    before was reached. `source` are events in their order.

    The latest event of the stage before has the latest entry too, so that each event asks for the one that passed last.
    """
    rows = f"SELECT unit, t, m, CAST(NULL AS BIGINT) AS s, CAST(NULL AS BIGINT) AS p FROM {source}"
    rows += f" WHERE m <> 1 OR ({_inside(definition)})"
    for parent in sorted({definition.parents[stage] for stage in definition.stages[1:]}):
        start = "s" if parent else "t"
        told = ", ".join(
            f"{_latest(f'm = {1 << parent}', value)} AS last_{value}" for value in dict.fromkeys(("unit", "t", start))
        )
        limits = ["last_unit = unit"]  # of all that come by this stage: none has a later entry
        limits += [f"t - last_{start} <= {definition.window}"] if definition.window is not None else []
        follows, behind = [], []
        for stage in definition.stages[1:]:
            if definition.parents[stage] == parent:
                follows.append(stage)
                soon = chains_sql.soon(definition, stage, "last_t", "t").replace(" AND ", "", 1)
                limits += [f"(m <> {1 << stage} OR {soon})"] if soon else []
            elif parent in definition.path(definition.parents[stage]):
                behind.append(stage)
        here = _one_of(follows)
        kept = (
            f"({' AND '.join(limits)})"
            if not parent
            else f"(NOT {_one_of(follows + behind)} OR {' AND '.join(limits)})"
        )
        kept += " AND m <> 1" if not parent else ""
        found = f"CASE WHEN {here} THEN last_{start} ELSE s END AS s, CASE WHEN {here} THEN last_t ELSE p END AS p"
        rows = f"SELECT unit, t, m, {found} FROM (SELECT *, {told} FROM ({rows}) AS e) AS e WHERE {kept}"
    return rows


def entries(definition: Definition, source: str) -> str:
    """A query of the moments at which units enter: `unit`, `t`, how many entries there are then, `n`, the `next` such
    moment, and `place`, 1 of the first one; at the last one, `since` is the first, and all entries are `total`.
    """
    rows = f"SELECT unit, t FROM {source} WHERE m = 1 AND {_inside(definition)}"
    rows = f"SELECT *, ROW_NUMBER() OVER () AS upto, LEAD(unit) OVER () AS u, LEAD(t) OVER () AS v FROM ({rows}) AS e"
    rows = f"SELECT *, CASE WHEN u = unit THEN v END AS next FROM ({rows}) AS e WHERE u IS NULL OR u <> unit OR v <> t"
    rows = f"SELECT *, LAG(unit) OVER () AS before, LAG(upto, 1, 0) OVER () AS behind FROM ({rows}) AS e"
    first = "(before IS NULL OR before <> unit)"
    told = f"CAST(CASE WHEN {first} THEN 1 ELSE 2 END AS UTINYINT) AS place, {_latest(first, 't')} AS since"
    told += f", upto - {_latest(first, 'behind')} AS total"
    return f"SELECT unit, t, next, upto - behind AS n, {told} FROM ({rows}) AS e"


def _inside(definition: Definition) -> str:
    """The condition that an entry is of the interval."""
    bounds = [f"t >= {definition.start}"] * (definition.start is not None)
    return " AND ".join([*bounds, *[f"t < {definition.end}"] * (definition.end is not None)]) or "TRUE"


def _one_of(stages: Sequence[int]) -> str:
    """The condition that an event meets one of the stages."""
    return f"m IN ({', '.join(str(1 << stage) for stage in stages)})"


def _latest(condition: str, value: str) -> str:
    """A value of the latest row so far that meets a condition."""
    over = "OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
    return f"LAST_VALUE(CASE WHEN {condition} THEN {value} END IGNORE NULLS) {over}"


def streams(tables: Tables, query: str) -> bool:
    """Whether this version of DuckDB tells all of that of rows that pass by; other windows know no order of a table."""
    ((_, plan),) = tables.rows(f"EXPLAIN (FORMAT JSON) {query}")
    return '"STREAMING_WINDOW"' in plan and '"WINDOW"' not in plan
