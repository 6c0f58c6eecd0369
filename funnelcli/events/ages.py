"""At what ages units came to the stages, were lost, or are waiting still, as text of SQL; ages count from the entry.

Who came did so by the time from the entry of that chain. Of others, the latest entry tells: the first loss from then on
ends their way, and else they are followed to the last event, for the window at most.

Of few events ages are exact. Of many they are cut to steps of a part of the window, so that few rows come back: by so
much do those who are lost from sight leave later than they did, which moves a rate by less than that part of it.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.events import entries
from funnelcli.events.chains_sql import NEVER

if TYPE_CHECKING:
    from funnelcli.events.definition import Definition

AGES = 100
"""What rows of ages have as their `part`, and with them what is told apart: `AGES` for all, or after it those of
`entries`. Their figures are how the units ended, the age, and how many they are."""
ALL = 0
WAITING, CAME, LOST = 0, 1, 2
"""How units ended."""
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


def query(definition: Definition, kind: int, units: str, events: str, width: int = FIGURES) -> str:
    """Rows of `part`, `label`, `stage`, and figures, in as many columns as others have; of the largest segments alone.

    `units` are a table, or a query in parentheses, with the columns of `units_sql.units`, and a segment `d` where a
    kind is told apart. `events` are the normal ones, with `y`.
    """
    rows, label = source(definition, kind, units, events), "''"
    if kind != ALL:
        label = "a.d"
    if kind not in (ALL, entries.PERIODS):
        largest = f"SELECT d FROM {units} AS u GROUP BY d ORDER BY COUNT(*) DESC, d LIMIT {MOST_SEGMENTS}"
        rows += f" JOIN ({largest}) AS b ON a.d = b.d OR (a.d IS NULL AND b.d IS NULL)"
    values = ["a.ending", "a.age", "COUNT(*)", *["NULL"] * (width - FIGURES)]
    type_ = "BIGINT" if width == FIGURES else "DECIMAL(38, 0)"  # as the others have
    columns = ", ".join(f"CAST({value} AS {type_}) AS v{index}" for index, value in enumerate(values))
    group = f"a.k, a.ending, a.age{'' if kind == ALL else ', a.d'}"
    part = f"SELECT {AGES + kind} AS part, CAST({label} AS VARCHAR) AS label, a.k AS stage, {columns}"
    return f"{part} FROM {rows} GROUP BY {group}"


def source(definition: Definition, kind: int, units: str, events: str) -> str:
    """The units of `query` once for each stage, with `k`, `ending` and `age`, as a query in parentheses with a name."""
    assert definition.until is not None
    window, size = definition.window, definition.step
    if kind != ALL and size > 1:
        size *= _STEPS // _STEPS_OF_SEGMENTS
    seen = f"GREATEST(0, {definition.until} - u.m0)"
    columns, joined, lost = "", "", []
    if definition.lost:
        found = (
            f"SELECT u.unit AS unit, u.m0 AS m0, MIN(e.t) AS y FROM {units} AS u JOIN {events} AS e "
            "ON u.unit = e.unit AND e.t >= u.m0 WHERE e.y = 1 GROUP BY u.unit, u.m0"
        )
        columns, joined = ", l.y - u.m0 AS lost", f" LEFT JOIN ({found}) AS l ON u.unit = l.unit AND u.m0 = l.m0"
        lost = [("lost <= seen", LOST, _cut("lost", size))]
    came = " ".join(
        f"WHEN s.k = {stage} AND u.m{stage} > {NEVER} THEN u.f{stage} - u.e{stage}" for stage in stages(definition)
    )
    numbers = " UNION ALL ".join(f"SELECT {stage} AS k" for stage in stages(definition))
    rows = (
        f"SELECT s.k AS k{'' if kind == ALL else ', u.d AS d'}, CASE {came} END AS came{columns}, "
        f"{seen if window is None else f'LEAST({seen}, {window})'} AS seen "
        f"FROM {units} AS u{joined} CROSS JOIN ({numbers}) AS s"
    )
    cases = [("came IS NOT NULL", CAME, _cut("came", size)), *lost]
    if window is not None and size > 1:  # its end is no step
        cases.append((f"seen = {window}", WAITING, "seen"))
    ending = " ".join(f"WHEN {condition} THEN {way}" for condition, way, _ in cases)
    age = " ".join(f"WHEN {condition} THEN {found}" for condition, _, found in cases)
    ended = f"CASE {ending} ELSE {WAITING} END AS ending, CASE {age} ELSE {_cut('seen', size)} END AS age"
    told = f"(SELECT q.*, {ended} FROM ({rows}) AS q) AS a"
    return f"{told} WHERE ending = {WAITING} AND age < {window}" if kind == entries.PERIODS else told


def _cut(age: str, size: int) -> str:
    return age if size == 1 else f"{age} - MOD({age}, {size})"
