"""Chains and entries from events that are sorted but once: each row is told what the latest of some rows before it had.

DuckDB tells that of rows in the order of their table as they pass by, in a small part of the time that sorting takes,
or joining. A table that was made in an order is read in that order where windows `OVER ()` stream, which `streams`
makes sure of.

Rows are of one stage each: `unit`, `t`, `m`, sorted by them. Where times have to rise, what is later in a chain comes
before at the same moment, and so do the rows of an event that could serve several stages and does one; nothing else is
to be at its moment. Events that are excluded come as rows of their own, after all that is at their moment: a bit behind
those of the stages tells them.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.events import chains_sql, overlap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.events.definition import Definition
    from funnelcli.events.duckdb.tables import Tables


def events(definition: Definition, source: str, masks: Sequence[int]) -> str:
    """A query of the events in their order, from `normal` or a part of it; `k` tells the order at a moment."""
    number, split = len(definition.names), any(mask.bit_count() > 1 for mask in masks)
    stages, type_ = definition.stage_bits, "UTINYINT" if number < 8 else "UINTEGER"
    if split:
        falls, stage_of = definition.apart, f"BIT_COUNT(CAST((m & {stages}) - 1 AS BIGINT))"
        place = f"{2 * number} - {stage_of}" if falls else stage_of
        rows = f"SELECT unit, t, CAST(m & {stages} AS {type_}) AS m, {place} AS k FROM {source} AS e "
        rows += f"WHERE m & {stages} <> 0 AND NOT {meets_several(definition)}"
        for stage in definition.stages:
            if any(mask.bit_count() > 1 and mask >> stage & 1 for mask in masks):
                place = str(2 * number - stage if falls or overlap.shares_events(definition, masks) else stage)
                rows += f" UNION ALL SELECT unit, t, CAST({1 << stage} AS {type_}) AS m, {place} AS k "
                rows += f"FROM {source} AS e WHERE {meets_several(definition)} AND m & {1 << stage} <> 0"
        last = "CAST(k AS UTINYINT)"
    else:
        rows = f"SELECT unit, t, CAST(m & {stages} AS {type_}) AS m FROM {source} AS e WHERE m & {stages} <> 0"
        last = f"m = {_excluded(definition)}, m DESC" if definition.apart else "m"
    if definition.exclude:
        rows += f" UNION ALL SELECT unit, t, CAST({_excluded(definition)} AS {type_}) AS m{', 255 AS k' * split} "
        rows += f"FROM {source} AS e WHERE m & {1 << definition.bits['x']} <> 0"
    return f"SELECT unit, t, m FROM ({rows}) AS e ORDER BY unit, t, {last}"


def meets_several(definition: Definition) -> str:
    """The condition of events that meet several stages."""
    return f"BIT_COUNT(CAST(m & {definition.stage_bits} AS BIGINT)) > 1"


def _excluded(definition: Definition) -> int:
    """What rows of events that are excluded have as `m`."""
    return definition.stage_bits + 1


def chains(definition: Definition, source: str) -> str:
    """A query of the events that end a chain in time: `unit`, `t`, `m`, the latest entry `s`, and `p`, when the stage
    before was reached. `source` are events in their order.

    The latest event of the stage before has the latest entry too, so that each event asks for the one that passed last.
    """
    rows = f"SELECT unit, t, m, CAST(NULL AS BIGINT) AS s, CAST(NULL AS BIGINT) AS p FROM {source}"
    rows += f" WHERE m <> 1 OR ({_inside(definition)})"
    if definition.exclude:
        rows = _since_excluded(definition, rows)
    for parent in sorted({definition.parents[stage] for stage in definition.stages[1:]}):
        start = "s" if parent else "t"
        told = ", ".join(
            f"{_latest(f'm = {1 << parent}', value)} AS last_{value}" for value in dict.fromkeys(("unit", "t", start))
        )
        limits = ["last_unit = unit"]  # of all that come by this stage: none has a later entry
        limits += chains_sql.within_window(definition, f"last_{start}")
        limits += [f"(x IS NULL OR x <= last_{start})"] if definition.exclude else []
        follows, behind = [], []
        for stage in definition.stages[1:]:
            if definition.parents[stage] == parent:
                follows.append(stage)
                limits += [f"(m <> {1 << stage} OR {soon})" for soon in chains_sql.soon(definition, stage, "last_t")]
            elif parent in definition.path(definition.parents[stage]):
                behind.append(stage)
        here = _one_of(follows)
        limit = " AND ".join(limits)
        kept = f"NOT {_one_of([*follows, *behind])} OR ({limit})" if parent else f"m <> 1 AND {limit}"
        found = f"CASE WHEN {here} THEN last_{start} ELSE s END AS s, CASE WHEN {here} THEN last_t ELSE p END AS p"
        found += ", x" * bool(definition.exclude)
        rows = f"SELECT unit, t, m, {found} FROM (SELECT *, {told} FROM ({rows}) AS e) AS e WHERE {kept}"
    return rows


def _since_excluded(definition: Definition, rows: str) -> str:
    """The events of stages, with when the latest excluded event before them was, `x`."""
    excluded = f"m = {_excluded(definition)}"
    rows = f"SELECT *, {_latest(excluded, 'unit')} AS u, {_latest(excluded, 't')} AS v FROM ({rows}) AS e"
    return f"SELECT unit, t, m, s, p, CASE WHEN u = unit THEN v END AS x FROM ({rows}) AS e WHERE NOT {excluded}"


def entries(definition: Definition, source: str) -> str:
    """A query of the entries in their order, of events in theirs."""
    return f"SELECT unit, t FROM {source} WHERE m = 1 AND {_inside(definition)}"


def _inside(definition: Definition) -> str:
    """The condition that an entry is of the interval."""
    return " AND ".join(chains_sql.in_interval(definition)) or "TRUE"


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
