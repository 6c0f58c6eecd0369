"""At what ages units came to the stages, were lost, or are waiting still, as text of SQL; ages count from the entry.

Who came did so by the time from the entry of that chain. Of others, the latest entry tells: the first loss from then on
ends their way, and else they are followed to the last event, for the window at most.

Of units with several entries, each entry is told as well, as the unit would be if no later one counted. An earlier
entry than that of the chain to a stage leads there too, as long as its window allows, no excluded event is between, and
the order is not strict; so it is taken to do even where `within`, `not_between` or `same` bars it, or repeats are
tolerated. Of entries after the unit came, there is nothing to tell.

Of few events ages are exact. Of many they are cut to steps of a part of the window, so that few rows come back: by so
much do those who are lost from sight leave later than they did, which moves a rate by less than that part of it.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.events import chains_sql, entries
from funnelcli.events.chains_sql import NEVER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from funnelcli.events.definition import Definition

AGES = 100
"""What rows of ages have as their `part`, and with them what is told apart: `AGES` for all, or after it those of
`entries`. Their figures are how the units ended, the age, and how many they are."""
ALL = 0
WAITING, CAME, LOST = 0, 1, 2
"""How units ended."""
ENDINGS = 3
SEVERAL, FIRST, LATER = ENDINGS, 2 * ENDINGS, 3 * ENDINGS
"""What is added to how a unit ended, where it is told again as it has several entries, and to how its entries did."""
FIGURES = 3
EXACT = 50_000
"""Events of which ages are exact."""
_STEPS, _STEPS_OF_SEGMENTS = 1024, 256
"""Steps of a window; segments come with many rows, and are of fewer units."""
MOST_SEGMENTS = 50
"""Segments of a dimension of which the ages are told, the largest."""
_LONG = 400 * 86_400_000_000
"""What steps are parts of where there is no window, in microseconds."""


def step(definition: Definition, events: int) -> int:
    """To steps of how many microseconds ages are cut, where there are so many events."""
    return 1 if events <= EXACT else max(1, (definition.window or _LONG) // _STEPS)


def stages(definition: Definition) -> list[int]:
    """The stages that are followed: all behind the entry that count units."""
    return [stage for stage in definition.stages[1:] if stage not in definition.growing]


def told(definition: Definition) -> list[int]:
    """What has ages of its own, if anything; of periods, those who are waiting are told, which takes a window."""
    if definition.until is None or not stages(definition):
        return []
    kinds = [kind for kind in entries.kinds(definition) if kind != entries.PERIODS or definition.window is not None]
    return [ALL, *kinds]


def tables(definition: Definition, units: Mapping[int, str], events: str) -> dict[str, str]:
    """The tables that `query` names. `units` are by kind, as tables or queries in parentheses.

    They have the columns of `units_sql.units`, and a segment `d` where a kind is told apart; `events` are the normal
    ones, with their flags.
    """
    return {f"a{kind}": _at_ages(definition, kind, units[kind], events) for kind in told(definition)}


def query(definition: Definition, kind: int, units: str, width: int = FIGURES) -> str:
    """Rows of `part`, `label`, `stage`, and figures, in as many columns as others have; of the largest segments alone.

    Those of stage 0 are of every stage, as if nobody had come; at each stage, who came is taken off them.
    """
    d = "" if kind == ALL else ", a.d"
    parts = [f"SELECT 0 AS k, a.told + a.how AS ending, a.age AS age, 1 AS w{d} FROM a{kind} AS a"]
    size = _size(definition, kind)
    for stage in stages(definition):
        at = f"CASE WHEN a.told <= {SEVERAL} THEN a.f{stage} - a.e{stage} ELSE a.f{stage} - a.since END"
        came = f"SELECT a.*, {at} AS came FROM a{kind} AS a WHERE {_leads(definition, stage)}"
        ending, age = f"CASE WHEN s.w = 1 THEN {CAME} ELSE a.how END", _cut("a.came", size)
        parts.append(
            f"SELECT {stage} AS k, a.told + {ending} AS ending, CASE WHEN s.w = 1 THEN {age} ELSE a.age END AS age, "
            f"s.w AS w{d} FROM ({came}) AS a CROSS JOIN (SELECT 1 AS w UNION ALL SELECT -1 AS w) AS s "
            "WHERE s.w = -1 OR a.came >= 0"
        )
    rows, label = f"({' UNION ALL '.join(parts)}) AS a", "''" if kind == ALL else "a.d"
    if kind not in (ALL, entries.PERIODS):
        largest = f"SELECT d FROM {units} AS u GROUP BY d ORDER BY COUNT(*) DESC, d LIMIT {MOST_SEGMENTS}"
        rows += f" JOIN ({largest}) AS b ON a.d = b.d OR (a.d IS NULL AND b.d IS NULL)"
    values = ["a.ending", "a.age", "SUM(a.w)", *["NULL"] * (width - FIGURES)]
    type_ = "BIGINT" if width == FIGURES else "DECIMAL(38, 0)"  # as the others have
    columns = ", ".join(f"CAST({value} AS {type_}) AS v{index}" for index, value in enumerate(values))
    only = f" WHERE a.ending = {WAITING} AND a.age < {definition.window}" if kind == entries.PERIODS else ""
    part = f"SELECT {AGES + kind} AS part, CAST({label} AS VARCHAR) AS label, a.k AS stage, {columns}"
    return f"{part} FROM {rows}{only} GROUP BY a.k, a.ending, a.age{d}"


def _leads(definition: Definition, stage: int) -> str:
    """The condition that a unit has come to a stage, and by what is told of it, unless that is an entry after it."""
    by_entry = []
    if definition.window is not None:
        by_entry.append(f"a.f{stage} - a.since <= {definition.window}")
    if definition.exclude:
        by_entry.append(f"(a.x IS NULL OR a.x >= a.f{stage})")
    if definition.order == "strict" and not definition.repeats:
        by_entry.append(f"a.since >= a.e{stage}")
    known = f"a.m{stage} > {NEVER}"
    return f"{known} AND (a.told <= {SEVERAL} OR ({' AND '.join(by_entry)}))" if by_entry else known


def _at_ages(definition: Definition, kind: int, units: str, events: str) -> str:
    """The units, with what is `told` of them, since when, and `how` and at which `age` they end if they never come."""
    assert definition.until is not None
    window, size = definition.window, _size(definition, kind)
    of = f"(SELECT u.*, u.m0 AS since, 0 AS told FROM {units} AS u)"
    if definition.entry == "any" and kind != entries.PERIODS:
        of = _with_entries(definition, kind, units, events)
    seen = f"GREATEST(0, {definition.until} - u.since)"
    seen = seen if window is None else f"LEAST({seen}, {window})"
    columns, joined, cases = "", "", []
    if definition.lost:
        columns, joined = ", y.y - u.since AS lost", _next(of, events, "y", ">=")
        cases.append(("lost <= seen", LOST, _cut("lost", size)))
    if definition.exclude:
        columns, joined = f"{columns}, x.x AS x", joined + _next(of, events, "x", ">")
    if window is not None and size > 1:  # its end is no step
        cases.append((f"seen = {window}", WAITING, "seen"))
    rows = f"SELECT u.*{columns}, {seen} AS seen FROM {of} AS u{joined}"
    how = " ".join(f"WHEN {condition} THEN {way}" for condition, way, _ in cases)
    age = " ".join(f"WHEN {condition} THEN {found}" for condition, _, found in cases)
    last = _cut("seen", size)
    ended = f"CASE {how} ELSE {WAITING} END AS how, CASE {age} ELSE {last} END AS age"
    return f"SELECT q.*, {ended if cases else f'{WAITING} AS how, {last} AS age'} FROM ({rows}) AS q"


def _with_entries(definition: Definition, kind: int, units: str, events: str) -> str:
    """The units, and again each entry of those that have several."""
    d, same, of_segment, source = "", "", "", events
    if kind != ALL:
        d, source = ", d", f"({entries.segmented(definition, events, kind)})"
        same, of_segment = (f" AND (n.d = {of}.d OR (n.d IS NULL AND {of}.d IS NULL))" for of in "ou")
    entered = f"SELECT unit, t{d} FROM {source} AS e WHERE {chains_sql.entered(definition)}"
    ends = f"SELECT unit, MIN(t) AS since, MAX(t) AS upto{d} FROM ({entered}) AS e GROUP BY unit{d}"
    which = f"CASE WHEN n.t = o.since THEN {FIRST} ELSE {LATER} END"
    told = (
        f"SELECT unit, upto AS since, CASE WHEN since < upto THEN {SEVERAL} ELSE 0 END AS told{d} FROM ({ends}) AS o "
        f"UNION ALL SELECT n.unit AS unit, n.t AS since, {which} AS told{d and ', n.d AS d'} FROM ({entered}) AS n "
        f"JOIN ({ends}) AS o ON n.unit = o.unit{same} WHERE o.since < o.upto"
    )
    return f"(SELECT u.*, n.since, n.told FROM {units} AS u JOIN ({told}) AS n ON n.unit = u.unit{of_segment})"


def _next(of: str, events: str, flag: str, after: str) -> str:
    """The join to the first event with a flag from `since` on, or after it: a table and column of the flag's name."""
    found = (
        f"SELECT u.unit AS unit, u.since AS since, MIN(e.t) AS {flag} FROM {of} AS u JOIN {events} AS e "
        f"ON u.unit = e.unit AND e.t {after} u.since WHERE e.{flag} = 1 GROUP BY u.unit, u.since"
    )
    return f" LEFT JOIN ({found}) AS {flag} ON u.unit = {flag}.unit AND u.since = {flag}.since"


def _size(definition: Definition, kind: int) -> int:
    """The steps of ages."""
    return definition.step * (_STEPS // _STEPS_OF_SEGMENTS if kind != ALL and definition.step > 1 else 1)


def _cut(age: str, size: int) -> str:
    return age if size == 1 else f"{age} - MOD({age}, {size})"
