"""The tables from which ages are told, as text of SQL: the entries, and the units with what they came to.

Databases that know nothing of how many rows such tables have may join them row by row, so that what units know is told
to their entries by windows. DuckDB joins them in less time and memory, and sorts the entries but once.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.events import ages, chains_sql, entries
from funnelcli.events.definition import NEVER, NOT_YET
from funnelcli.events.rows import PERIODS, TOTAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from funnelcli.events.definition import Definition


def tables(definition: Definition, units: Mapping[int, str], events: str) -> dict[str, str]:
    """The tables that `ages.query` names. `units` are by kind, as tables or queries in parentheses.

    They have the columns of `units_sql.units`, and a segment `d` where a kind is told apart; `events` are the normal
    ones, with their flags.
    """
    named = {"entered": entered(definition, events)} if needed(definition) else {}
    for kind in ages.told(definition):
        if not ages.by_entries(definition, kind):
            named[f"a{kind}"] = _one_each(definition, kind, units[kind])
            continue
        named[f"n{kind}"] = _with_units(definition, kind, units[kind])
        named[f"g{kind}"] = _entered_again(kind, f"n{kind}")
        came = "".join(f", MAX(n.{each}) AS {each}" for each in _known(definition))
        named[f"a{kind}"] = _units(definition, kind, f"n{kind}", came)
    return named


def needed(definition: Definition) -> bool:
    """Whether the entries are asked for."""
    kinds = ages.told(definition)
    return bool(kinds and ages.can_be_lost(definition)) or any(ages.by_entries(definition, kind) for kind in kinds)


def entered(definition: Definition, events: str) -> str:
    """The entries with their segments `d0`, …, and when they are lost or excluded, `NOT_YET` if never."""
    told = ["unit", "t", *(f"d{index}" for index in range(len(definition.dimensions)))]
    ends = sought(definition)
    if not ends:
        return f"SELECT {', '.join(told)} FROM {events} AS e WHERE {chains_sql.entered(definition)}"
    flag = chains_sql.entry_flag(definition)
    some = " OR ".join(f"e.{each} = 1" for each in (flag, *ends))
    found = [
        f"COALESCE(MIN(CASE WHEN e.{each} = 1 THEN e.t END) OVER (PARTITION BY e.unit ORDER BY e.t DESC {upto}), "
        f"{NOT_YET}) AS {column}"
        for each, (column, upto) in ends.items()
    ]
    columns = ", ".join([*(f"e.{each}" for each in [*told, flag]), *found])
    at = when(definition, {column: f"e.{column}" for column, _ in ends.values()})
    told += [f"{moment} AS {column}" for column, moment in at.items()]
    rows = f"SELECT {columns} FROM {events} AS e WHERE {some}"
    return f"SELECT {', '.join(told)} FROM ({rows}) AS e WHERE {chains_sql.entered(definition)}"


def segmented(definition: Definition, kind: int) -> str:
    """The entries, with their segment."""
    return "entered" if kind == TOTAL else f"({entries.segmented(definition, 'entered', kind)})"


def sought(definition: Definition) -> dict[str, tuple[str, str]]:
    """What ends or bars the way of an entry: by its flag, the column of when it does, and which events may."""
    found = {"x": ("x_after", chains_sql.EARLIER)} if definition.exclude else {}
    return found | ({"y": ("lost_at", "")} if definition.lost else {})


def when(definition: Definition, found: Mapping[str, str]) -> dict[str, str]:
    """When the way of an entry is barred, and when it ends, from when what is `sought` was `found`."""
    ends = [moment for column, moment in found.items() if column == "lost_at" or definition.exclude_ends]
    first = ends[0] if len(ends) == 1 else f"LEAST({', '.join(ends)})"
    return {column: found[column] for column in found if column == "x_after"} | ({"lost_at": first} if ends else {})


def _known(definition: Definition) -> dict[str, str]:
    """What entries know of their units: when they came to the stages, and until when the others may."""
    came = {f"{figure}{stage}": f"m{stage} > {NEVER}" for stage in ages.stages(definition) for figure in "fe"}
    may = {f"until{stage}": f"COALESCE(m{stage}, {NEVER}) = {NEVER}" for stage in ages.late_stages(definition)}
    return {column: f"CASE WHEN {holds} THEN {column} END" for column, holds in (came | may).items()}


def segment(kind: int) -> str:
    """The column of the segment, where a kind is told apart."""
    return "" if kind == TOTAL else ", d"


def told(definition: Definition) -> list[str]:
    """What is told of an entry."""
    return ["t", *when(definition, {column: column for column, _ in sought(definition).values()})]


def _ends(definition: Definition) -> dict[str, str]:
    """What is told of a unit by its entries: the first and the last, and how it is with either."""
    ends = {"since": "MIN(n.t)", "upto": "MAX(n.t)"}
    ends |= {"x_after": "MIN(n.x_after)"} if definition.exclude else {}
    lost = {"lost_at": "MIN(n.lost_at)", "lost_later": "MAX(n.lost_at)"}
    return ends | (lost if ages.can_be_lost(definition) else {})


def _units(definition: Definition, kind: int, rows: str, came: str = "") -> str:
    """The units by their entries: the first, the last and how many, and how it is with either."""
    keys, ends = f"unit{segment(kind)}", [f"{end} AS {column}" for column, end in _ends(definition).items()]
    return f"SELECT {keys}, {', '.join(ends)}, COUNT(*) AS n{came} FROM {rows} AS n GROUP BY {keys}"


def _with_units(definition: Definition, kind: int, units: str) -> str:
    """The entries with what their units came to, and the first and the last of their entries."""
    d = segment(kind)
    own = told(definition)
    known = [*_known(definition), "here"]
    rows = f"SELECT unit{d}, {', '.join(own)}, {', '.join(f'CAST(NULL AS BIGINT) AS {each}' for each in known)}"
    came = ", ".join(_known(definition).values())
    both = f"{rows} FROM {segmented(definition, kind)} AS n UNION ALL "
    both += f"SELECT unit{d}, {', '.join(['NULL'] * len(own))}, {came}, 1 FROM {units} AS u"
    over = f"OVER (PARTITION BY q.unit{', q.d' * bool(d)})"
    columns = [f"q.{each}" for each in ("unit", *("d" for _ in d[:1]), *own)]
    columns += [f"MIN(q.t) {over} AS since", f"MAX(q.t) {over} AS upto"]
    columns += [f"MAX(q.{each}) {over} AS {each}" for each in known]
    return f"SELECT q.* FROM (SELECT {', '.join(columns)} FROM ({both}) AS q) AS q WHERE q.t IS NOT NULL AND q.here = 1"


def _entered_again(kind: int, rows: str) -> str:
    """The entries after which their unit entered again, when it next did, and which of its entries they are."""
    over = f"OVER (PARTITION BY n.unit{', n.d' * (kind != TOTAL)} ORDER BY n.t"
    following = f"MIN(n.t) {over} DESC {chains_sql.EARLIER}) AS next"
    told = f"SELECT n.*, {following}, ROW_NUMBER() {over}) AS place FROM {rows} AS n"
    return f"SELECT q.* FROM ({told}) AS q WHERE q.next IS NOT NULL"


def ended_at(definition: Definition) -> dict[str, str]:
    """The ages at which units came by one entry, and at which it is too late for the others, by column."""
    came = {
        f"came{stage}": f"CASE WHEN u.m{stage} > {NEVER} THEN u.f{stage} - u.e{stage} END"
        for stage in ages.stages(definition)
    }
    late = {
        f"late{stage}": f"CASE WHEN COALESCE(u.m{stage}, {NEVER}) = {NEVER} THEN u.until{stage} - u.m0 END"
        for stage in ages.late_stages(definition)
    }
    return came | late


def ended_columns(definition: Definition) -> str:
    """The same as further columns of a query."""
    return "".join(f", {age} AS {column}" for column, age in ended_at(definition).items())


def young(definition: Definition, kind: int, of: str) -> str:
    """Of periods, the condition of the units that are asked for."""
    return f" WHERE {definition.until} - {of} < {definition.window}" if kind == PERIODS else ""


def _one_each(definition: Definition, kind: int, units: str) -> str:
    """The units, each told by one entry."""
    d = "" if kind == TOTAL else ", u.d"
    rows = f"SELECT u.unit, u.m0 AS t{d}{ended_columns(definition)}"
    only = young(definition, kind, "u.m0")
    if not ages.can_be_lost(definition):
        return f"{rows} FROM {units} AS u{only}"
    nothing = ", NULL" * (bool(d) + len(ended_at(definition)))
    both = f"{rows}, CAST(NULL AS BIGINT) AS lost_at, 1 AS here FROM {units} AS u{only} UNION ALL "
    both += f"SELECT n.unit, n.t{nothing}, n.lost_at, 0 FROM entered AS n{young(definition, kind, 'n.t')}"
    told = ["unit", "t", "here", *("d" for _ in d[:1]), *ended_at(definition)]
    lost = "MAX(q.lost_at) OVER (PARTITION BY q.unit, q.t) AS lost_at"
    rows = f"SELECT {', '.join(f'q.{each}' for each in told)}, {lost} FROM ({both}) AS q"
    return f"SELECT q.* FROM ({rows}) AS q WHERE q.here = 1"
