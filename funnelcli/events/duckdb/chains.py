"""From the normal events to tables of units: by joins where they find the chains, and in the general way elsewhere."""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.events import ages, ages_tables, chains_sql, deadlines, entries, overlap, tally, units_sql
from funnelcli.events.definition import NEVER
from funnelcli.events.duckdb import asof, consecutive, entry_ages, in_order
from funnelcli.events.duckdb.copies import follow
from funnelcli.events.duckdb.events_sql import BUCKETS, flag_columns, parted, shares
from funnelcli.events.rows import TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.events.definition import Definition
    from funnelcli.events.duckdb.tables import Tables

JOINED_AT_ONCE, SORTED_AT_ONCE = 20_000_000, 2_000_000
"""Events that are counted at a time, about: more of them would fill the memory, and take longer."""
PASSED_AT_ONCE, PASSED_TOGETHER = 500_000, 6_000_000
"""Events that are sorted, and told as they pass by: of so many, another thread is of use, and that many fit."""
LONG = 20
"""Names of units that are longer than that take longer to sort than to be numbered."""
QUICK, GENERAL = 0, BUCKETS
"""From where on buckets have the units that joins count, and those with several events at a moment that matters."""


class Made(NamedTuple):
    """The units as the table or the `named` query `u`, if they are of use, the `events`, and whether segments are told
    `by_stages`, as all are where they were `joined`.

    What is wanted of segments is in tables: of the units `s`, the number of the kind, and behind it `_` and that of the
    stage. Whether ages of all were `ended`, counted on the way.
    """

    named: dict[str, str]
    events: str
    by_stages: bool = False
    joined: bool = False
    ended: bool = False


def make(tables: Tables, definition: Definition, masks: Sequence[int], *, listed: bool = False) -> Made:
    """The tables of the units, from `normal`; of those that are not `listed`, figures alone are asked for."""
    tables.begin()
    shared = overlap.shares_events(definition, masks)
    joined = _can_be_joined(definition, shared=shared)
    begins_apart, others = chains_sql.entry_flag(definition) == "a", [flag for flag, _ in definition.others]
    if begins_apart:
        begin = definition.stage_bits if definition.order == "unordered" else 1
        tables.keep("normal", f"SELECT *, CAST(m & {begin} <> 0 AS INT) AS a FROM normal")
    flags = ", ".join(["m & 1 AS h0", *flag_columns(definition, others)])
    events = f"(SELECT *, {flags} FROM normal WHERE {chains_sql.reachable(definition)})"
    if entries.is_one(definition):  # the other entries lose the bit of the first stage, or what stands for it
        chosen = entries.chosen(definition)
        left = f"CASE WHEN {chosen} THEN m ELSE m & ~1 END AS m"
        if begins_apart:
            left = f"CASE WHEN {chosen} THEN 1 ELSE 0 END AS a"
        tables.keep("normal", f"SELECT * EXCLUDE ({', '.join(['h0', *others])}) REPLACE ({left}) FROM {events}")
        masks = entries.without_entry(masks)
        if joined and definition.order == "strict":
            follow(tables, definition)
    if not joined:
        for source in _shares(tables, definition, SORTED_AT_ONCE):
            _generally(tables, definition, source, masks)
            _in_segments(tables, definition, source, masks)
        return Made({}, events)
    by_stages = _tells_segments(definition)
    set_apart = (shared or definition.order == "strict") and _set_apart(tables, definition)
    at_once = sys.maxsize if definition.order == "strict" else JOINED_AT_ONCE  # few of the events are left
    fits = definition.order == "ordered"
    ended = fits and _tells_ages(definition)
    if fits and not listed:
        _number(tables)
    named_units = listed or entries.kinds(definition) or definition.paid or deadlines.limited(definition)
    unnamed = ended and not (named_units or set_apart)
    sorted_once = fits and _in_order(tables, definition, masks, unnamed=unnamed)
    for source in _shares(tables, definition, at_once):
        if not sorted_once:
            _by_joins(tables, definition, source, shared=shared)
        if by_stages:
            _entries_in_segments(tables, definition, source, shared=shared)
        else:
            _in_segments(tables, definition, source, masks)
    for source in _shares(tables, definition, SORTED_AT_ONCE, GENERAL) if set_apart else ():
        tables.keep("u", units_sql.units(definition, source, masks))
        tables.add("r0", asof.first(definition, source))
        for stage in definition.stages[1:]:
            tables.add(f"r{stage}", f"SELECT unit, {_figures(definition, stage)}")
        if sorted_once and ended:
            entered = f"({ages_tables.entered(definition, source)})"
            entry_ages.find(tables, definition, TOTAL, "u", entered)
            entry_ages.count(tables, definition, TOTAL, "u")
        _in_segments(tables, definition, source, masks, by_stages=by_stages)
    named = {} if sorted_once and unnamed else {"u": asof.units(definition)}
    return Made(named, events, by_stages, joined=True, ended=sorted_once and ended)


def _can_be_joined(definition: Definition, *, shared: bool) -> bool:
    """Whether joins find the chains of units without moments that matter."""
    if definition.barred or definition.exclude_units or definition.same or definition.paid_by_chains:
        return False
    if definition.entry == "each" or definition.repeats or (definition.exclude and deadlines.limited(definition)):
        return False
    return definition.order in ("ordered", "strict") or (definition.order == "any" and not shared)


def _tells_segments(definition: Definition) -> bool:
    """Whether they tell of each entry where it leads."""
    if definition.growing or definition.order == "any":
        return False
    return definition.order == "strict" or not definition.within  # else the first event may come too soon


def _set_apart(tables: Tables, definition: Definition) -> bool:
    """Move units to `GENERAL` that have events at one moment where that matters; whether there are any."""
    if definition.order == "strict":
        found = consecutive.tied(definition)
    else:
        events = f"(SELECT unit, t, m FROM normal WHERE {chains_sql.wanted(definition)})"
        several = f"SELECT DISTINCT unit, t FROM {events} AS e WHERE {in_order.meets_several(definition)}"
        found = f"SELECT e.unit FROM {events} AS e JOIN ({several}) AS s ON e.unit = s.unit AND e.t = s.t "
        found = f"SELECT DISTINCT unit FROM ({found} GROUP BY e.unit, e.t HAVING COUNT(*) > 1)"
    tables.keep("tied", found)
    if not tables.rows("SELECT 1 FROM tied LIMIT 1"):
        return False
    tables.rows(f"UPDATE normal SET bucket = bucket + {BUCKETS} WHERE unit IN (SELECT unit FROM tied)")
    return True


def _by_joins(tables: Tables, definition: Definition, source: str, *, shared: bool) -> None:
    """Add the units of a share to the tables of the stages."""
    if definition.order == "strict":
        steps = consecutive.steps(definition, source)
    elif definition.order == "any":
        steps = asof.steps_in_any_order(definition, source)
    else:
        steps = asof.steps(definition, source, shared=shared)
    for step in steps:
        (tables.add if step.kept else tables.keep)(step.table, step.query)


def _number(tables: Tables) -> None:
    """Tell units by numbers where they have long names, which take long to sort."""
    long = f"SELECT 1 FROM (SELECT unit FROM normal LIMIT 1000) AS e HAVING AVG(LENGTH(CAST(unit AS VARCHAR))) > {LONG}"
    if not tables.rows(f"{long} AND ANY_VALUE(TYPEOF(unit)) = 'VARCHAR'"):
        return
    units = "SELECT unit, CAST(ROW_NUMBER() OVER () AS UINTEGER) AS number FROM (SELECT DISTINCT unit FROM normal) AS u"
    tables.keep("numbers", units)
    rows = "SELECT e.* REPLACE (u.number AS unit) FROM normal AS e JOIN numbers AS u ON e.unit = u.unit"
    tables.keep("normal", rows)
    tables.drop("numbers")


def _in_order(tables: Tables, definition: Definition, masks: Sequence[int], *, unnamed: bool) -> bool:
    """The same for all units, from events that are sorted but once, and their ages; whether they could be told so.

    Each part of a share is told in a thread of its own. Of a share, no more is left than is asked for.
    """
    wanted = chains_sql.wanted(definition)
    ((number, threads),) = tables.rows(f"SELECT COUNT(*), CURRENT_SETTING('threads') FROM normal WHERE {wanted}")
    threads = min(threads, 1 + number // PASSED_AT_ONCE)
    parts = parted(threads * max(1, -(-number // PASSED_TOGETHER)))
    for first in range(0, len(parts), threads):
        sources = []
        for part, inside in enumerate(parts[first : first + threads]):
            sources.append(f"o{part}")
            own = f"(SELECT * FROM normal WHERE {inside} AND {wanted})"
            tables.keep(sources[-1], in_order.events(definition, own, masks))
        entered = [entry_ages.moments(TOTAL, in_order.entries(definition, source)) for source in sources]
        for table, queries in (("c", [in_order.chains(definition, source) for source in sources]), ("n0", entered)):
            told = " UNION ALL ".join(queries)
            if not in_order.streams(tables, told):
                return False
            tables.keep(table, told)
        tables.drop(*sources)
        share = [f"b{stage}" for stage in definition.stages]
        tables.keep("b0", "SELECT unit, t AS m FROM n0 WHERE next IS NULL")
        for stage in definition.stages[1:]:
            figures = ", ".join(asof.figures_of(definition, stage)[unnamed:])  # without `m`
            tables.keep(share[stage], f"SELECT unit, {figures} FROM c WHERE m = {1 << stage} GROUP BY unit")
        tables.drop("c")
        if _tells_ages(definition):
            if ages_tables.sought(definition):
                inside = f"({' OR '.join(parts[first : first + threads])}) AND {wanted}"
                told = ", ".join(flag_columns(definition, ages_tables.sought(definition)))
                others = f"(SELECT unit, t, {told} FROM normal WHERE {inside})"
                tables.keep("n0", entry_ages.ended(definition, "n0", others))
            units = f"({asof.units(definition, 'b')})"
            entry_ages.count(tables, definition, TOTAL, units, share)
        tables.drop("n0")
        for stage, table in enumerate(share):
            left = f"* EXCLUDE (unit{', e' * (stage != definition.sale)})" if stage else "CAST(1 AS UTINYINT) AS n"
            tables.add(f"r{stage}", f"SELECT {left if unnamed else '*'} FROM {table}")
        tables.drop(*share)
    return True


def _tells_ages(definition: Definition) -> bool:
    """Whether the ages of all are told of the units in their order."""
    return TOTAL in ages.told(definition) and ages.by_entries(definition, TOTAL)


def _entries_in_segments(tables: Tables, definition: Definition, source: str, *, shared: bool) -> None:
    """Add the units of a share in their segments to the tables of the stages."""
    if not entries.counted_again(definition):
        return
    if definition.order == "strict":
        for kind in entries.kinds(definition):
            for stage in definition.stages:
                tables.add(f"s{kind}_{stage}", consecutive.in_segments(definition, source, kind, stage))
        return
    for stage, step in enumerate(asof.ways(definition, source, shared=shared)):
        tables.keep(step.table, step.query)
        for kind in entries.kinds(definition):
            tables.add(f"s{kind}_{stage}", asof.in_segments(definition, source, kind, stage, shared=shared))


def _generally(tables: Tables, definition: Definition, source: str, masks: Sequence[int]) -> None:
    """Add the units of a share to `u`."""
    tables.add("u", units_sql.units(definition, source, masks))
    for stage in definition.paid_by_chains:
        tables.add(tally.counted_name(TOTAL, stage), units_sql.counted_at(definition, source, masks, stage))


def _figures(definition: Definition, stage: int, table: str = "u") -> str:
    """The figures of a stage of the units that reach it, of a table like `units_sql.units`."""
    columns = ", ".join(f"{figure}{stage} AS {figure}" for figure in asof.columns_of(definition, stage))
    return f"{columns} FROM {table} WHERE m{stage} > {NEVER}"


def _in_segments(
    tables: Tables, definition: Definition, source: str, masks: Sequence[int], *, by_stages: bool = False
) -> None:
    """The units in their segments from the events of each unit there, which come in shares: they are there for each.

    Of each kind they are in a table, or in one for each of the stages.
    """
    for kind in entries.counted_again(definition):
        pairs = f"p{kind}"
        tables.keep(pairs, entries.pairs(definition, source, kind))
        repeated = entries.repeated(definition, source, kind, pairs)
        ((number_of_events,),) = tables.rows(f"SELECT COUNT(*) FROM ({repeated}) AS e")
        number = max(1, -(-number_of_events // SORTED_AT_ONCE))
        for share in range(number):
            inside = f"HASH(unit, label) % {number} = {share}" if number > 1 else ""
            units = tally.in_segments(definition, source, masks, kind, inside)
            if by_stages:
                tables.keep("q", units)
                for stage in definition.stages:
                    tables.add(f"s{kind}_{stage}", f"SELECT unit, d, {_figures(definition, stage, 'q')}")
            else:
                tables.add(f"s{kind}", units)
            for stage in definition.paid_by_chains:
                counted = tally.counted_in_segments(definition, source, masks, kind, stage, inside)
                tables.add(tally.counted_name(kind, stage), counted)


def _shares(tables: Tables, definition: Definition, at_once: int, low: int = QUICK) -> Iterator[str]:
    """The events by unit in shares of at most about so many, each as a query in parentheses."""
    flags = flag_columns(definition, definition.bits)
    flags += ["a"] * (chains_sql.entry_flag(definition) == "a")
    flags += chains_sql.held(definition)
    flags += [f"d{index}" for index in range(len(definition.dimensions))]
    flags.append(f"CAST({in_order.meets_several(definition)} AS BIGINT) AS several")
    inside = f"bucket >= {low} AND {chains_sql.wanted(definition)}"
    ((events,),) = tables.rows(f"SELECT COUNT(*) FROM normal WHERE {inside}")
    for share in shares(events, at_once, low):
        inside = f"{share} AND {chains_sql.reachable(definition)}"
        yield f"(SELECT unit, t, {', '.join(flags)} FROM normal WHERE {inside})"
