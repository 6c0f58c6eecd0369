"""The counting of `units_sql` for the usual case, with joins that DuckDB does in less time and memory.

Where others may lie between, the latest row of the stage before has the latest entry too: what the running maximum
finds, a join to the nearest earlier row finds as well. Each stage is a table of its own, so that one is done, and its
memory free, before the next begins.

Events that meet several stages of a chain serve one of them, so that a chain goes on from such a one at a later moment.
Where one of them has company at its moment, that is not all: units with such moments are counted in the general way.

For segments, each entry counts, not the latest alone: from each, the way leads to the first event of the next stage, on
to the first one after it, and so on. No other way from there is sooner at any stage, so that the window decides.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.events import chains_sql, deadlines, entries
from funnelcli.events.definition import LATEST
from funnelcli.events.rows import TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.events.definition import Definition


class AsofStep(NamedTuple):
    """A table to make by a query; one that is `kept` holds a row a unit, and the others are of use to later steps."""

    table: str
    query: str
    kept: bool = False


def gap(definition: Definition, *, shared: bool) -> str:
    """How long at least lies between an event and the next of a chain, in microseconds; 0 is not written.

    Where events are `shared` by stages, one that meets several, `several`, is nobody's follower at its own moment.
    """
    return "1" if definition.apart else "several" if shared else ""


def steps(definition: Definition, source: str, *, shared: bool = False) -> Iterator[AsofStep]:
    """The tables to make, of ordered stages, from `source` as in `units_sql.units`.

    Of each stage, the units that reach it are kept in a table, with `m`, `f`, `p`, `e` and `g` of `units_sql.units`.
    """
    entered = f"SELECT unit, t FROM {source} AS e WHERE {chains_sql.entered(definition)}"
    yield AsofStep("r0", first(definition, source), kept=True)
    after = gap(definition, shared=shared)
    for stage in definition.stages[1:]:
        parent = definition.parents[stage]
        before, start = (f"c{parent}", "c.s") if parent else (f"({entered})", "c.t")
        own = f"SELECT unit, t{after and f', t - {after} AS upto'} FROM {source} AS e WHERE h{stage} = 1"
        if definition.parents[parent]:  # few are left so far down
            own += f" AND unit IN (SELECT unit FROM {before})"
        joined = f"({own}) AS a ASOF JOIN {before} AS c ON a.unit = c.unit AND a.{'upto' if after else 't'} >= c.t"
        soon = chains_sql.soon(definition, stage, "c.t", "a.t")
        found = f"a.unit, a.t, {start} AS s, c.t AS p"
        yield AsofStep(f"c{stage}", _in_time(definition, source, found, joined, parent, start, "t", *soon))
        figures = ", ".join(figures_of(definition, stage))
        yield AsofStep(f"r{stage}", f"SELECT unit, {figures} FROM c{stage} GROUP BY unit", kept=True)


def figures_of(definition: Definition, stage: int, of: str = "") -> list[str]:
    """The figures of a stage of each unit, from the events that end a chain there: those of `columns_of`."""
    figures = {"m": f"MAX({of}s)", "f": f"MIN({of}t)", "p": f"MIN({of}p)", "e": f"MIN({of}s)", "g": "COUNT(*)"}
    figures["l"] = f"MAX({of}t)"
    return [f"{figures[column]} AS {column}" for column in columns_of(definition, stage)]


def columns_of(definition: Definition, stage: int) -> str:
    """The columns of a stage of `units_sql.units`, each a letter."""
    told = "mfpel" if deadlines.limited(definition) else "mfpe"
    return "m" if not stage else f"{told}g" if stage in definition.growing else told


def first(definition: Definition, source: str) -> str:
    """A query of the units that enter, with their last entry `m`."""
    return f"SELECT unit, MAX(t) AS m FROM {source} AS e WHERE {chains_sql.entered(definition)} GROUP BY unit"


def _in_time(
    definition: Definition, source: str, found: str, joined: str, parent: int, start: str, end: str, *soon: str
) -> str:
    """What is `found` of chains to an event `a.t` within the window of their entry, and before what is excluded.

    With `nx`, the first excluded event after the entry `s`: told of the first step, and carried along by others. Of
    chains to an event, that from the latest entry has the latest `nx` too: it is the last to be broken.
    """
    carried = bool(parent and definition.exclude)
    limits = [*chains_sql.within_window(definition, start, "a.t"), *soon, *["a.t <= c.nx"] * carried]
    where = f" WHERE {' AND '.join(limits)}" if limits else ""
    rows = f"SELECT {found}{', c.nx' * carried} FROM {joined}{where}"
    if carried or not definition.exclude:
        return rows
    next_excluded = _next_excluded(source, "c.unit", "c.s")
    unbroken = f"WHERE x.t IS NULL OR c.{end} <= x.t"
    return f"SELECT c.*, COALESCE(x.t, {LATEST}) AS nx FROM ({rows}) AS c{next_excluded} {unbroken}"


def _next_excluded(source: str, unit: str, since: str) -> str:
    """The join to `x`, the first excluded event after a moment."""
    return f" ASOF LEFT JOIN (SELECT unit, t FROM {source} AS e WHERE x = 1) AS x ON {unit} = x.unit AND {since} < x.t"


def steps_in_any_order(definition: Definition, source: str) -> Iterator[AsofStep]:
    """The same where stages may be reached in any order: of each entry, the first event of each stage from there on.

    `c` is when the way to a stage was complete, which takes no less time than that to the stage before.
    """
    entered = f"SELECT DISTINCT unit, t AS s, t AS c FROM {source} AS e WHERE {chains_sql.entered(definition)}"
    yield AsofStep("c0", entered)
    yield AsofStep("r0", "SELECT unit, MAX(s) AS m FROM c0 GROUP BY unit", kept=True)
    for stage in definition.stages[1:]:
        parent = definition.parents[stage]
        own = f"SELECT unit, t FROM {source} AS e WHERE h{stage} = 1 AND unit IN (SELECT unit FROM c{parent})"
        joined = f"c{parent} AS c ASOF JOIN ({own}) AS a ON a.unit = c.unit AND c.s <= a.t"
        found = "c.unit, c.s, c.c AS p, GREATEST(c.c, a.t) AS c"
        yield AsofStep(f"c{stage}", _in_time(definition, source, found, joined, parent, "c.s", "c"))
        latest = f"SELECT unit, c, MAX(s) AS s, MAX(p) AS p FROM c{stage} GROUP BY unit, c"  # both rise with the entry
        figures = "MAX(s) AS m, MIN(c) AS f, ARG_MIN(p, c) AS p, ARG_MIN(s, c) AS e"
        yield AsofStep(f"r{stage}", f"SELECT unit, {figures} FROM ({latest}) GROUP BY unit", kept=True)


def ways(definition: Definition, source: str, *, shared: bool = False) -> Iterator[AsofStep]:
    """The tables of the entries that reach each stage, in stage order: `unit`, and `d1`, `d2`, … of `entries.kinds`.

    As in `steps`. `e` is when the stage is reached, `l` until when a later one can be, `s` is the entry; of several of
    the same segments that are as far, the latest is left.
    """
    rows = f"SELECT * FROM {source} AS e WHERE {chains_sql.entered(definition)}"
    for kind in entries.kinds(definition):
        rows = f"SELECT * EXCLUDE (d), d AS k{kind} FROM ({entries.segmented(definition, f'({rows})', kind)}) AS e"
    limits = [str(LATEST) if definition.window is None else f"e.t + {definition.window}"]
    excluded = ""
    if definition.exclude:
        limits.append(f"COALESCE(x.t, {LATEST})")
        excluded = _next_excluded(source, "e.unit", "e.t")
    told = "".join(f", k{kind}" for kind in entries.kinds(definition))
    limit = f"LEAST({', '.join(limits)})"
    yield AsofStep("w0", f"SELECT DISTINCT e.unit, e.t AS e, e.t AS s, {limit} AS l{told} FROM ({rows}) AS e{excluded}")
    after = gap(definition, shared=shared)  # twice the time: one that waits for another moment is after all of its own
    own_time, later = (f"t, 2 * t - {after} AS upto", "2 * c.e <= a.upto") if after else ("t", "c.e <= a.t")
    for stage in definition.stages[1:]:
        own = f"(SELECT unit, {own_time} FROM {source} AS e WHERE h{stage} = 1) AS a"
        joined = f"w{definition.parents[stage]} AS c ASOF JOIN {own} ON c.unit = a.unit AND {later} WHERE a.t <= c.l"
        latest = "MAX(c.s) AS s, MAX(c.l) AS l"
        yield AsofStep(f"w{stage}", f"SELECT c.unit, a.t AS e, {latest}{told} FROM {joined} GROUP BY ALL")


def in_segments(definition: Definition, source: str, kind: int, stage: int, *, shared: bool = False) -> str:
    """The units that reach a stage in their segments `d`, from the tables of `ways`: `m`, `f`, `p` and `e` as ever.

    When a stage is first reached, the latest event of the stage before lies on the way from the latest entry.
    """
    if not stage:
        return f"SELECT unit, k{kind} AS d, MAX(s) AS m FROM w0 GROUP BY ALL"
    rows = f"SELECT unit, k{kind} AS d, e AS f, MAX(s) AS e FROM w{stage} GROUP BY ALL"
    rows = f"SELECT unit, d, MAX(e) AS m, MIN(f) AS f, ARG_MIN(e, f) AS e FROM ({rows}) GROUP BY unit, d"
    parent = definition.parents[stage]
    if not parent:
        return f"SELECT *, e AS p FROM ({rows})"
    after = gap(definition, shared=shared)
    own_time, earlier = (f"t, 2 * t + {after} AS since", "2 * c.f >= a.since") if after else ("t", "c.f >= a.t")
    before = f"(SELECT unit, {own_time} FROM {source} AS e WHERE h{parent} = 1) AS a"
    return f"SELECT c.*, a.t AS p FROM ({rows}) AS c ASOF JOIN {before} ON c.unit = a.unit AND {earlier}"


def units_in_segments(definition: Definition, kind: int) -> str:
    """A query like `units_sql.units` of the units in their segments `d`, from tables of `in_segments`.

    They are called `s`, the number of the kind, and that of the stage.
    """
    joined, columns, limited = "", ["r0.unit", "r0.d", "r0.m AS m0"], deadlines.limited(definition)
    for stage in definition.stages[1:]:
        joined += f" LEFT JOIN s{kind}_{stage} AS r{stage} ON {same(kind, 'r0', f'r{stage}')}"
        columns += [f"r{stage}.{figure} AS {figure}{stage}" for figure in ("mfel" if limited else "mfe")]
    return _with_deadlines(definition, f"SELECT {', '.join(columns)} FROM s{kind}_0 AS r0{joined}")


def units(definition: Definition, kept: str = "r") -> str:
    """A query like `units_sql.units`, of the tables that were kept."""
    joined, columns = "", [f"{kept}0.unit"]
    for stage in definition.stages:
        own = f"{kept}{stage}"
        joined += f" LEFT JOIN {own} ON {kept}0.unit = {own}.unit" if stage else ""
        columns += [f"{own}.{figure} AS {figure}{stage}" for figure in columns_of(definition, stage)]
    return _with_deadlines(definition, f"SELECT {', '.join(columns)} FROM {kept}0{joined}")


def _with_deadlines(definition: Definition, units_: str) -> str:
    """Such a query with the columns of `deadlines`, if there are any."""
    until = deadlines.columns(definition)
    return f"SELECT {', '.join(['*', *until])} FROM ({units_}) AS u" if until else units_


def same(kind: int, one: str, other: str) -> str:
    """The condition that rows are of the same unit, and in the same segment: by this, DuckDB looks them up."""
    return f"{one}.unit = {other}.unit" + (f" AND {one}.d IS NOT DISTINCT FROM {other}.d" if kind != TOTAL else "")
