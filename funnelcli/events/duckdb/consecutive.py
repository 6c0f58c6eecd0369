"""The counting of `units_sql` for strict chains, where it takes less: of events that are one after the other.

Where no two events of a unit are at one moment, a strict chain is of events of which each is the one right after that
before it, so that one look at every event and its predecessor tells all. Several events at one moment are as one if
none of them meets a stage; units with others are counted in the general way.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.events import chains_sql, entries
from funnelcli.events.duckdb import asof
from funnelcli.events.duckdb.asof import AsofStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.events.definition import Definition


def followers(definition: Definition, source: str, *, sorted_: bool = False) -> str:
    """A query of the events with `m` that come at a stage right after one at the stage before it, or at its moment.

    With `before_t` and `before_m`, the time and the bits of the event before; events may be `sorted_` by unit and time.
    """
    over = "OVER ()" if sorted_ else chains_sql.in_time("unit")
    before = ", ".join(f"LAG({each}) {over} AS before_{each}" for each in ("unit", "t", "m"))
    rows = f"SELECT unit, t, m, {before} FROM {source} AS e"
    comes = " OR ".join(
        f"(m & {1 << stage} <> 0 AND before_m & {1 << definition.parents[stage]} <> 0)"
        for stage in definition.stages[1:]
    )
    comes = f"before_t = t{f' OR {comes}' if comes else ''}"
    return f"SELECT unit, t, m, before_t, before_m FROM ({rows}) AS e WHERE before_unit = unit AND ({comes})"


def tied(definition: Definition) -> str:
    """A query of the units that have several events at a moment, one of which meets a stage, from `followers`."""
    met = f"(m | before_m) & {definition.stage_bits} <> 0"
    return f"SELECT DISTINCT unit FROM followers WHERE before_t = t AND {met}"


def steps(definition: Definition, source: str) -> Iterator[AsofStep]:
    """The tables of `asof.steps`, from those in `source` of which no two are at one moment, and from `followers`."""
    yield AsofStep("r0", asof.first(definition, source), kept=True)
    for stage in definition.stages[1:]:
        parent = definition.parents[stage]
        limits = [f"a.m & {1 << stage} <> 0", "a.before_t < a.t"]
        if parent:
            joined, start = f" JOIN c{parent} AS c ON a.unit = c.unit AND a.before_t = c.t", "c.s"
            if definition.exclude:  # what is in the middle of a chain can be excluded as well
                limits.append(f"a.before_m & {1 << definition.bits['x']} = 0")
        else:
            joined, start = "", "a.before_t"
            limits += ["a.unit NOT IN (SELECT unit FROM tied)", "a.before_m & 1 <> 0"]
            limits += chains_sql.in_interval(definition, "a.before_t")
        limits += chains_sql.within_window(definition, start, "a.t")
        limits += chains_sql.soon(definition, stage, "a.before_t", "a.t")
        found = f"SELECT a.unit, a.t, {start} AS s, a.before_t AS p FROM followers AS a{joined}"
        yield AsofStep(f"c{stage}", f"{found} WHERE {' AND '.join(limits)}")
        figures = ", ".join(asof.figures_of(definition, stage))
        yield AsofStep(f"r{stage}", f"SELECT unit, {figures} FROM c{stage} GROUP BY unit", kept=True)


def in_segments(definition: Definition, source: str, kind: int, stage: int) -> str:
    """The units that reach a stage in their segments `d`, from the tables of `steps`, as `asof.in_segments` has them.

    A chain has one entry, and no other event is at its moment.
    """
    rows = f"(SELECT * FROM {source} AS e WHERE {chains_sql.entered(definition)})"
    entered = f"({entries.segmented(definition, rows, kind)}) AS e"
    if not stage:
        return f"SELECT unit, d, MAX(t) AS m FROM {entered} GROUP BY unit, d"
    figures = ", ".join(asof.figures_of(definition, stage, "c."))
    joined = f"c{stage} AS c JOIN {entered} ON c.unit = e.unit AND c.s = e.t"
    return f"SELECT c.unit, e.d, {figures} FROM {joined} GROUP BY c.unit, e.d"
