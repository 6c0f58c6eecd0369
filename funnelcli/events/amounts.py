"""Money that the events of a stage bring, as text of SQL that every engine reads: sums by stage and segment.

A unit brings the amount of the event at which it first reaches the stage: of several at that moment that meet the stage
the largest. In any order, that is the first event of the stage from the entry on. A stage that counts events has the
amounts of all that it counts. Normal events have the columns `amount` and `unread` with the number of the stage: what
they bring to the billionth, NULL where it is empty, and 1 where something else than an amount stands there.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.events import entries
from funnelcli.events.chains_sql import entered, held
from funnelcli.events.definition import NEVER
from funnelcli.events.rows import AMOUNTS, FIGURES_OF_AMOUNTS, PERIODS, TOTAL, part_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from funnelcli.events.definition import Definition

READABLE = (
    r"^(-0+([.]0+)?|[+]?([0-9]{1,14}([.][0-9]+)?|[.][0-9]+|[0-9]([.][0-9]+)?[eE](-[0-9]{1,2}|[+]?(0?[0-9]|1[0-3]))))$"
)
"""Texts that are amounts: below `TOO_LARGE`, and none that is taken back."""
TOO_LARGE = 10**14
"""So large amounts are none, as their squares could not be added up."""
DECIMAL = "DECIMAL(28, 9)"
BILLION = 10**9
_WHOLE = "DECIMAL(19, 0)"


def query(
    definition: Definition,
    kind: int,
    units: str,
    events: str,
    counted: Mapping[int, str],
    width: int = FIGURES_OF_AMOUNTS,
    most: int | None = None,
) -> str:
    """Rows of `part`, `label`, `stage` and figures, in as many columns as others have; of the `most` labels at most.

    `units` are a table, or a query in parentheses, with the columns of `units_sql.units`, and a segment `d` where a
    kind is told apart. `events` are the normal ones of whose entries some may be left out. `counted` are, for stages
    that count events, tables of the moments at which they do: `unit`, `t`, and `d` where segments are counted again.
    """
    return " UNION ALL ".join(
        _figures(kind, stage, of_each(definition, kind, units, events, counted, stage), width, most)
        for stage, _ in definition.paid
    )


def of_each(definition: Definition, kind: int, units: str, events: str, counted: Mapping[int, str], stage: int) -> str:
    """A row of each who brings money: `unit`, `d` of a kind that is told apart, money `w`, and `b`, 1 for no amount."""
    if stage in definition.growing:
        return _of_events(definition, kind, units, events, stage, counted[stage])
    if stage in definition.paid_by_chains:
        return _of_values(definition, kind, units, events, stage, counted[stage])
    return _of_units(definition, kind, units, events, stage)


def _label(kind: int, source: str = "u", name: str = "") -> str:
    """The segment as a further column, or as one to group by."""
    return "" if kind == TOTAL else f", {source}.d{name}"


def _of_units(definition: Definition, kind: int, units: str, events: str, stage: int) -> str:
    """The units that reach a stage with what they bring (`w`), and whether that cannot be read (`b`)."""
    label = _label(kind)
    brought = f"n.amount{stage} AS w, n.unread{stage} AS b"
    if stage and definition.order != "any":
        joined = f"{events} AS n ON u.unit = n.unit AND u.f{stage} = n.t"
        rows = f"SELECT u.unit{_label(kind, name=' AS d')}, {brought} FROM {units} AS u JOIN {joined} "
        rows += f"WHERE u.m{stage} > {NEVER} AND n.h{stage} = 1"
    else:
        if stage:
            joined = f"{events} AS n ON u.unit = n.unit AND n.t >= u.e{stage} AND n.t <= u.f{stage}"
            met = f"u.m{stage} > {NEVER} AND n.h{stage} = 1"
        else:  # the first entry
            own = f"({entries.segmented(definition, events, kind)})" if _again(definition, kind) else events
            same = f" AND ({entries.same_segment('u', 'n')})" if _again(definition, kind) else ""
            begun = f"(SELECT * FROM {own} AS e WHERE {entered(definition)})"
            joined, met = f"{begun} AS n ON u.unit = n.unit{same}", "n.h0 = 1"
        place = f"RANK() OVER (PARTITION BY u.unit{label} ORDER BY n.t) AS place"
        rows = f"SELECT u.unit{_label(kind, name=' AS d')}, {brought}, {place} FROM {units} AS u JOIN {joined} "
        rows = f"SELECT * FROM ({rows} WHERE {met}) AS u WHERE place = 1"
    return f"SELECT u.unit{label}, MAX(u.w) AS w, MAX(u.b) AS b FROM ({rows}) AS u GROUP BY u.unit{label}"


def _again(definition: Definition, kind: int) -> bool:
    """Whether the segments of a kind are of entries, of which a unit may have several."""
    return kind != TOTAL and definition.entry == "any"


def _of_events(definition: Definition, kind: int, units: str, events: str, stage: int, counted: str) -> str:
    """The same of the events that a stage counts."""
    source, told = "c", counted
    if kind != TOTAL and definition.entry != "any":
        source, told = "u", f"{counted} AS c JOIN {units} AS u ON c.unit = u.unit"
    else:
        told = f"{counted} AS c"
    columns = f"n.unit{_label(kind, source, ' AS d')}, n.amount{stage} AS w, n.unread{stage} AS b"
    joined = f"JOIN {events} AS n ON c.unit = n.unit AND c.t = n.t{_of_one_value(definition)}"
    return f"SELECT {columns} FROM {told} {joined} WHERE n.h{stage} = 1"


def _of_values(definition: Definition, kind: int, units: str, events: str, stage: int, counted: str) -> str:
    """The same of units whose chains have a value in common, which the event has as well."""
    again = f" AND ({entries.same_segment('u', 'c')})" if _again(definition, kind) else ""
    joined = f"{units} AS u JOIN {counted} AS c ON u.unit = c.unit AND u.f{stage} = c.t{again}"
    joined += f" JOIN {events} AS n ON c.unit = n.unit AND c.t = n.t{_of_one_value(definition)}"
    columns = f"u.unit{_label(kind, name=' AS d')}, n.amount{stage} AS w, n.unread{stage} AS b"
    rows = f"SELECT {columns} FROM {joined} WHERE u.m{stage} > {NEVER} AND n.h{stage} = 1"
    label = _label(kind)
    return f"SELECT u.unit{label}, MAX(u.w) AS w, MAX(u.b) AS b FROM ({rows}) AS u GROUP BY u.unit{label}"


def _of_one_value(definition: Definition) -> str:
    """The further condition that an event has the values of the chain."""
    return "".join(f" AND c.{value} = n.{value}" for value in held(definition))


def _figures(kind: int, stage: int, brought: str, width: int, most: int | None) -> str:
    """Whole units of money and billionths are added up apart, so that no engine runs out of digits."""
    high = f"CAST(FLOOR(w) AS {_WHOLE})"
    brought = f"SELECT o.*, {high} AS high FROM ({brought}) AS o"
    brought = f"SELECT o.*, CAST((w - high) * {BILLION} AS {_WHOLE}) AS low FROM ({brought}) AS o"
    values = ["COUNT(*)", "COUNT(w)", "SUM(high)", "SUM(low)", "SUM(high * high)", "SUM(high * low)", "SUM(low * low)"]
    values += ["SUM(b)", *["NULL"] * (width - FIGURES_OF_AMOUNTS)]
    columns = ", ".join(f"CAST({value} AS DECIMAL(38, 0)) AS v{index}" for index, value in enumerate(values))
    label = "''" if kind == TOTAL else "d"
    told = f"SELECT {part_of(AMOUNTS, kind)} AS part, CAST({label} AS VARCHAR) AS label, {stage} AS stage, {columns}"
    told += f" FROM ({brought}) AS o{'' if kind == TOTAL else ' GROUP BY d'}"
    if most is None or kind in (TOTAL, PERIODS):
        return told
    return f"SELECT * FROM ({told} ORDER BY v0 DESC, label LIMIT {most}) AS a{stage}"
