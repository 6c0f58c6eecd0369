"""At what ages units came to the stages, were lost, or are waiting still, as text of SQL; ages count from the entry.

Who came did so by the time from the entry of that chain. Of others, the latest entry tells: the first loss from then on
ends their way, and else they are followed to the last event, for the window at most.

Of units with several entries, each entry is told as well, as the unit would be if no later one counted. An earlier
entry than that of the chain to a stage leads there too, as long as its window allows, no excluded event is between, and
the order is not strict; so it is taken to do even where `within`, `not_between` or `same` bars it, or repeats are
tolerated. Of entries after the unit came, there is nothing to tell. Of several at the first moment one is the first,
and the others are later ones; who has entries at one moment alone entered once.

Units, their first entries and all entries are told once, as if nobody had come, so that of each stage only those have
to be looked at who came there.

Of few events ages are exact. Of many they are cut to steps of a part of the window, so that few rows come back: by so
much do those who are lost from sight leave later than they did, which moves a rate by less than that part of it.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.events import chains_sql, entries
from funnelcli.events.definition import NEVER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


def tables(
    definition: Definition, units: Mapping[int, str], events: str, reached: Mapping[int, Sequence[str]] | None = None
) -> dict[str, str]:
    """The tables that `query` names. `units` are by kind, as tables or queries in parentheses.

    They have the columns of `units_sql.units`, and a segment `d` where a kind is told apart; `events` are the normal
    ones, with their flags. Those that have `reached` each stage may be known by tables of their own, with `f` and `e`.
    """
    kinds = told(definition)
    again = [kind for kind in kinds if _by_entries(definition, kind)]
    named = {"entered": _entered(definition, events)} if again or (kinds and definition.lost) else {}
    for kind in kinds:
        if kind not in again:
            named[f"a{kind}"] = _units(definition, kind, units[kind])
            continue
        entered, d = _entries(definition, kind), "" if kind == ALL else ", d"
        if definition.exclude_units:
            left = f"SELECT n.* FROM {entered} AS n JOIN {units[kind]} AS u ON {_same(kind, 'n', 'u')}"
            named[f"n{kind}"], entered = left, f"n{kind}"
        ends = ["MIN(n.t) AS since", "MAX(n.t) AS upto", "COUNT(*) AS n"]
        ends += ["MIN(n.x_after) AS x_after"] * bool(definition.exclude)
        ends += ["MIN(n.lost_at) AS lost_at", "MAX(n.lost_at) AS lost_later"] * bool(definition.lost)
        named[f"a{kind}"] = f"SELECT unit{d}, {', '.join(ends)} FROM {entered} AS n GROUP BY unit{d}"
        for stage in stages(definition):
            came = f"(SELECT unit{d}, f{stage} AS f, e{stage} AS e FROM {units[kind]} AS u WHERE m{stage} > {NEVER})"
            came = reached[kind][stage] if reached and kind in reached else came
            rows = f"SELECT a.*, c.f, c.e FROM a{kind} AS a JOIN {came} AS c ON {_same(kind, 'a', 'c')}"
            named[f"a{kind}_{stage}"] = rows
    return named


def query(definition: Definition, kind: int, units: str, width: int = FIGURES) -> str:
    """Rows of `part`, `label`, `stage`, and figures, in as many columns as others have; of the largest segments alone.

    Those of stage 0 are of every stage, as if nobody had come; at each stage, who came is taken off them.
    """
    told_rows = _told_by_entries if _by_entries(definition, kind) else _told_by_units
    d, label = ("", "''") if kind == ALL else (", d", "a.d")
    parts = []
    for stage in (0, *stages(definition)):
        parts += [_signed(definition, kind, stage, each) for each in told_rows(definition, kind, stage)]
    rows = f"SELECT k, ending, age, SUM(w) AS w{d} FROM ({' UNION ALL '.join(parts)}) AS a GROUP BY k, ending, age{d}"
    rows = f"({rows}) AS a"
    if kind not in (ALL, entries.PERIODS):
        largest = f"SELECT d FROM {units} AS u GROUP BY d ORDER BY COUNT(*) DESC, d LIMIT {MOST_SEGMENTS}"
        rows += f" JOIN ({largest}) AS b ON a.d = b.d OR (a.d IS NULL AND b.d IS NULL)"
    values = ["a.ending", "a.age", "a.w", *["NULL"] * (width - FIGURES)]
    type_ = "BIGINT" if width == FIGURES else "DECIMAL(38, 0)"  # as the others have
    columns = ", ".join(f"CAST({value} AS {type_}) AS v{index}" for index, value in enumerate(values))
    only = f" AND a.ending = {WAITING} AND a.age < {definition.window}" if kind == entries.PERIODS else ""
    part = f"SELECT {AGES + kind} AS part, CAST({label} AS VARCHAR) AS label, a.k AS stage, {columns}"
    return f"{part} FROM {rows} WHERE a.w <> 0{only}"


class _Told(NamedTuple):
    """Rows of which each tells of a unit or an entry: as what, and as how many.

    It is told from a moment on, may be lost at another, and has `came` at an age, or after 0 if it did at all.
    """

    rows: str
    told: str
    since: str
    came: str
    lost_at: str = "r.lost_at"
    weight: str = "1"


def _by_entries(definition: Definition, kind: int) -> bool:
    """Whether each entry of a unit is told."""
    return definition.entry == "any" and kind != entries.PERIODS


def _told_by_units(definition: Definition, kind: int, stage: int) -> list[_Told]:
    rows = f"a{kind} AS r WHERE r.m{stage} > {NEVER}"
    return [_Told(rows, "0", "r.m0", f"r.f{stage} - r.e{stage}" if stage else "")]


def _told_by_entries(definition: Definition, kind: int, stage: int) -> list[_Told]:
    """Of all units, or of those that reached a stage: the units, their first entries, all of their entries, and of
    these the first ones, which are none of the later ones.
    """
    several, as_unit = "r.since < r.upto", f"CASE WHEN r.since < r.upto THEN {SEVERAL} ELSE 0 END"
    entered = f"n{kind}" if definition.exclude_units else _entries(definition, kind)
    if not stage:
        once = f"CASE WHEN {several} THEN -1 ELSE -r.n END"
        return [
            _Told(f"a{kind} AS r", as_unit, "r.upto", "", "r.lost_later"),
            _Told(f"a{kind} AS r WHERE {several}", str(FIRST), "r.since", ""),
            _Told(f"{entered} AS r", str(LATER), "r.t", ""),
            _Told(f"a{kind} AS r", str(LATER), "r.since", "", weight=once),
        ]
    units, leads = f"a{kind}_{stage}", _leads(definition, "r.since", "r", "r")
    first = f"{units} AS r WHERE {several}{leads}"
    same, leads = _same(kind, "r", "c"), _leads(definition, "r.t", "r", "c")
    later = f"{entered} AS r JOIN {units} AS c ON {same} WHERE c.since < c.upto{leads}"
    return [
        _Told(f"{units} AS r", as_unit, "r.upto", "r.f - r.e", "r.lost_later"),
        _Told(first, str(FIRST), "r.since", "r.f - r.since"),
        _Told(later, str(LATER), "r.t", "c.f - r.t"),
        _Told(first, str(LATER), "r.since", "r.f - r.since", weight="-1"),
    ]


def _leads(definition: Definition, since: str, entry: str, unit: str) -> str:
    """The further condition that an entry leads to the stage that its unit came to, or is after that."""
    conditions = []
    if definition.window is not None:
        conditions.append(f"{unit}.f - {since} <= {definition.window}")
    if definition.exclude:
        conditions.append(f"{entry}.x_after >= {unit}.f")
    if definition.order == "strict" and not definition.repeats:
        conditions.append(f"{since} >= {unit}.e")
    return "".join(f" AND {each}" for each in conditions)


def _signed(definition: Definition, kind: int, stage: int, each: _Told) -> str:
    """Rows of `k`, `ending`, `age`, and how many are to be added; at a stage, who came is no longer what it was."""
    assert definition.until is not None
    window, size = definition.window, _size(definition, kind)
    d = "" if kind == ALL else ", q.d"
    seen = f"GREATEST(0, {definition.until} - {each.since})"
    seen = seen if window is None else f"LEAST({seen}, {window})"
    columns, cases = [f"{each.told} AS told", f"{each.weight} AS w", f"{seen} AS seen"], []
    if definition.lost:
        columns.append(f"{each.lost_at} - {each.since} AS lost")
        cases.append(("q.lost <= q.seen", LOST, _cut("q.lost", size)))
    if window is not None and size > 1:  # its end is no step
        cases.append((f"q.seen = {window}", WAITING, "q.seen"))
    how = "".join(f"WHEN {condition} THEN {way} " for condition, way, _ in cases)
    age = "".join(f"WHEN {condition} THEN {found} " for condition, _, found in cases)
    last = _cut("q.seen", size)
    how, age = (f"CASE {how}ELSE {WAITING} END", f"CASE {age}ELSE {last} END") if cases else (str(WAITING), last)
    columns += [f"{each.came} AS came"] * bool(stage) + ["r.d AS d"] * bool(d)
    rows = f"(SELECT {', '.join(columns)} FROM {each.rows}) AS q"
    if not stage:
        return f"SELECT 0 AS k, q.told + {how} AS ending, {age} AS age, q.w AS w{d} FROM {rows}"
    ending = f"CASE WHEN s.w = 1 THEN {CAME} ELSE {how} END"
    return (
        f"SELECT {stage} AS k, q.told + {ending} AS ending, "
        f"CASE WHEN s.w = 1 THEN {_cut('q.came', size)} ELSE {age} END AS age, q.w * s.w AS w{d} "
        f"FROM {rows} CROSS JOIN (SELECT 1 AS w UNION ALL SELECT -1 AS w) AS s WHERE s.w = -1 OR q.came >= 0"
    )


def _units(definition: Definition, kind: int, units: str) -> str:
    """The units, each told by one entry; of periods, those that are young."""
    assert definition.until is not None
    young = f" WHERE {definition.until} - u.m0 < {definition.window}" if kind == entries.PERIODS else ""
    if not definition.lost:
        return f"SELECT u.* FROM {units} AS u{young}"
    lost = "SELECT unit, t, MIN(lost_at) AS lost_at FROM entered AS n GROUP BY unit, t"
    return f"SELECT u.*, n.lost_at FROM {units} AS u JOIN ({lost}) AS n ON u.unit = n.unit AND u.m0 = n.t{young}"


def _entered(definition: Definition, events: str) -> str:
    """The entries with their segments, and when they are lost, or barred from what happens later."""
    told = ["unit", "t", *(f"d{index}" for index in range(len(definition.dimensions)))]
    flag = chains_sql.entry_flag(definition)
    sought = []
    if definition.exclude:
        sought.append(("x", "x_after", chains_sql.EARLIER))
    if definition.lost:
        sought.append(("y", "lost_at", ""))
    if not sought:
        return f"SELECT {', '.join(told)} FROM {events} AS e WHERE {chains_sql.entered(definition)}"
    some = " OR ".join(f"e.{each} = 1" for each in (flag, *(each for each, _, _ in sought)))
    found = [
        f"COALESCE(MIN(CASE WHEN e.{each} = 1 THEN e.t END) OVER (PARTITION BY e.unit ORDER BY e.t DESC {upto}), "
        f"{-NEVER}) AS {column}"
        for each, column, upto in sought
    ]
    columns = ", ".join([*(f"e.{each}" for each in [*told, flag]), *found])
    told += [column for _, column, _ in sought]
    rows = f"SELECT {columns} FROM {events} AS e WHERE {some}"
    return f"SELECT {', '.join(told)} FROM ({rows}) AS e WHERE {chains_sql.entered(definition)}"


def _entries(definition: Definition, kind: int) -> str:
    """The entries, with their segment."""
    return "entered" if kind == ALL else f"({entries.segmented(definition, 'entered', kind)})"


def _same(kind: int, one: str, other: str) -> str:
    """The condition that rows are of the same unit, and in the same segment."""
    alike = f"{one}.d = {other}.d OR ({one}.d IS NULL AND {other}.d IS NULL)"
    return f"{one}.unit = {other}.unit" + (f" AND ({alike})" if kind != ALL else "")


def _size(definition: Definition, kind: int) -> int:
    """The steps of ages."""
    return definition.step * (_STEPS // _STEPS_OF_SEGMENTS if kind != ALL and definition.step > 1 else 1)


def _cut(age: str, size: int) -> str:
    return age if size == 1 else f"{age} - MOD({age}, {size})"
