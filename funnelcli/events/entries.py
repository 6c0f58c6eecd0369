"""Segments as conditions on the entry, and the key `entry`: which entries count where, as text of SQL.

The figures of a segment are those of the funnel whose first stage asks for it as well: for each segment in which a unit
has an entry, its events are counted once more, of which only the entries of that segment are entries. So they are for
a period, whose entries are those between its borders. Normal events are those of `chains_sql`, with `d0`, `d1`, ….
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.events import chains_sql, cohorts
from funnelcli.events.rows import PERIODS, SEGMENTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from funnelcli.events.definition import Definition

KEYS = "unit, label"
"""A unit in one of its segments: `label` numbers the segments of each unit."""


def kinds(definition: Definition) -> list[int]:
    """All that is told apart."""
    return [PERIODS] * (definition.period is not None) + [
        SEGMENTS + index for index in range(len(definition.dimensions))
    ]


def is_one(definition: Definition) -> bool:
    """Whether one entry of a unit counts, so that events are told which it is."""
    return definition.entry in ("first", "last")


def counted_again(definition: Definition) -> list[int]:
    """What is told apart by counting once more; where what is counted has one entry, that tells."""
    return kinds(definition) if definition.entry == "any" else []


def without_entry(masks: Iterable[int]) -> list[int]:
    """The masks of the events, and what is left of them where they are entries of another segment."""
    return sorted({left for mask in masks for left in (mask, mask & ~1)} - {0})


def segmented(definition: Definition, source: str, kind: int) -> str:
    """The events with their segment as `d`; of a period, the number that `cohorts.numbered` gives it."""
    if kind == PERIODS:
        return cohorts.numbered(definition.period or "", source, definition.offsets)
    return f"SELECT e.*, d{kind - SEGMENTS} AS d FROM {source} AS e"


def same_segment(one: str, other: str) -> str:
    """The condition that rows are of one segment, as databases take it."""
    return f"{one}.d = {other}.d OR ({one}.d IS NULL AND {other}.d IS NULL)"


def pairs(definition: Definition, source: str, kind: int) -> str:
    """The units with the segments in which they have an entry: `unit`, `label`, `d`, and the first and the last one."""
    found = (
        f"SELECT unit, d, MIN(t) AS since, MAX(t) AS upto FROM ({segmented(definition, source, kind)}) AS e "
        f"WHERE {chains_sql.entered(definition)} GROUP BY unit, d"
    )
    return f"SELECT p.*, ROW_NUMBER() OVER (PARTITION BY unit ORDER BY d) AS label FROM ({found}) AS p"


def repeated(definition: Definition, source: str, kind: int, pairs_: str) -> str:
    """The events of each unit for each of its segments, with `label`; `pairs_` is the name of the table of `pairs`."""
    flag = chains_sql.entry_flag(definition)
    others = [f"e.{other}" for other in (*definition.bits, *chains_sql.held(definition)) if other != flag]
    entry = f"CASE WHEN e.{flag} = 1 AND ({same_segment('e', 'p')}) THEN 1 ELSE 0 END AS {flag}"
    near = " AND ".join(["e.t >= p.since", *chains_sql.within_window(definition, "p.upto", "e.t")])
    events = segmented(definition, source, kind)
    return (
        f"SELECT e.unit, p.label, e.t, {', '.join([entry, *others])} "
        f"FROM ({events}) AS e JOIN {pairs_} AS p ON e.unit = p.unit AND {near}"
    )


def chosen(definition: Definition) -> str:
    """The condition of the first or the last entry of a unit, among its events with `unit`, `t` and their flags."""
    end = "MIN" if definition.entry == "first" else "MAX"
    entered = chains_sql.entered(definition)
    flag = chains_sql.entry_flag(definition)
    return f"{flag} = 1 AND t = {end}(CASE WHEN {entered} THEN t END) OVER (PARTITION BY unit)"


def one_each(definition: Definition, source: str) -> str:
    """The events, of which only the first or the last entry of a unit is an entry."""
    flag = chains_sql.entry_flag(definition)
    others = [other for other in (*definition.bits, *chains_sql.held(definition)) if other != flag]
    others += [f"d{index}" for index in range(len(definition.dimensions))]
    others += [f"{what}{stage}" for stage, _ in definition.paid for what in ("amount", "unread")]
    entry = f"CASE WHEN {chosen(definition)} THEN 1 ELSE 0 END AS {flag}"
    return f"SELECT unit, t, {', '.join([entry, *others])} FROM {source} AS e"
