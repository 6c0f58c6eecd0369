"""At what ages units came to the stages, were lost, or are waiting still, as text of SQL; ages count from the entry.

Who came did so by the time from the entry of that chain. Of others, the latest entry tells: the first loss from then on
ends their way, or the first excluded event after it, which no chain from there goes on over (where chains have values
of their own, it may be of another one), and else they are followed to the last event, for the window at most.

Who has to reach a stage `within` some time of the one before, and did not, is lost when that is over for all chains
that still led on (`deadlines`), unless the way ended before. Each of its entries is taken to end then, as what followed
from one entry alone is not told. Who was at the stage before once more, and came, was not lost: as it is not known who
will do so, what is expected is low by those: by 1% of the rate in simulated logs of which a third of the late did.

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

from funnelcli.events import chains_sql, deadlines, entries
from funnelcli.events.rows import AGES, FIGURES_OF_AGES, PERIODS, TOTAL, part_of

if TYPE_CHECKING:
    from funnelcli.events.definition import Definition

WAITING, CAME, LOST = 0, 1, 2
"""How units ended."""
ENDINGS = 3
SEVERAL, FIRST, LATER, FIRST_AGAIN, LATER_AGAIN, FIRST_UNTIL, LATER_UNTIL = range(ENDINGS, 8 * ENDINGS, ENDINGS)
"""What is added to how a unit ended, where it is told again as it has several entries, and to how its entries did.

Of entries after which the unit entered again before they ended, how they did is told once more (`AGAIN`), and as
waiting the age at which it entered again (`UNTIL`).
"""
EXACT = 50_000
"""Events of which ages are exact."""
_STEPS, _STEPS_OF_SEGMENTS = 1024, 256
"""Steps of a window; segments come with many rows, and are of fewer units."""
LARGEST = 50
"""Segments of a dimension of which the ages are told, the largest."""
_LONG = 400 * 86_400_000_000
"""What steps are parts of where there is no window, in microseconds."""


def step(definition: Definition, events: int) -> int:
    """To steps of how many microseconds ages are cut, where there are so many events."""
    return 1 if events <= EXACT else max(1, (definition.window or _LONG) // _STEPS)


def stages(definition: Definition) -> list[int]:
    """The stages that are followed: all behind the entry that count units."""
    return [stage for stage in definition.stages[1:] if stage not in definition.growing]


def late_stages(definition: Definition) -> list[int]:
    """Those of them that units may be too late for before their window is over."""
    return [stage for stage in deadlines.limited(definition) if stage not in definition.growing]


def can_be_lost(definition: Definition) -> bool:
    """Whether there are events that end the way of an entry."""
    return bool(definition.lost) or definition.exclude_ends


def told(definition: Definition) -> list[int]:
    """What has ages of its own, if anything; of periods, those who are waiting are told, which takes a window."""
    if definition.until is None or not stages(definition):
        return []
    kinds = [kind for kind in entries.kinds(definition) if kind != PERIODS or definition.window is not None]
    return [TOTAL, *kinds]


def query(definition: Definition, kind: int, units: str, width: int = FIGURES_OF_AGES) -> str:
    """Rows of `part`, `label`, `stage`, and figures, in as many columns as others have; of the largest segments alone.

    Those of stage 0 are of every stage, as if nobody had come; at each stage, who came is taken off them, and who is
    too late is told as lost. The tables are those of `ages_tables`.
    """
    parts = []
    for stage in (0, *stages(definition)):
        told_rows = _by_entries(definition, kind, stage) if by_entries(definition, kind) else [_by_units(kind, stage)]
        parts += [_signed(definition, kind, stage, each) for each in told_rows]
        parts += _passed(definition, kind, stage) if by_entries(definition, kind) else []
    for stage in late_stages(definition):
        parts += [_gone(definition, kind, stage, each) for each in _too_late(definition, kind, stage)]
    return written(definition, kind, units, " UNION ALL ".join(parts), width)


def written(definition: Definition, kind: int, units: str, ended: str, width: int = FIGURES_OF_AGES) -> str:
    """The rows that come back, from all that tell how some ended: `k`, `ending`, `age`, how many, `w`, and `d`."""
    d, label = ("", "''") if kind == TOTAL else (", d", "a.d")
    rows = f"SELECT k, ending, age, SUM(w) AS w{d} FROM ({ended}) AS a GROUP BY k, ending, age{d}"
    rows = f"({rows}) AS a"
    if kind not in (TOTAL, PERIODS):
        largest = f"SELECT d FROM {units} AS u GROUP BY d ORDER BY COUNT(*) DESC, d LIMIT {LARGEST}"
        rows += f" JOIN ({largest}) AS b ON {entries.same_segment('a', 'b')}"
    values = ["a.ending", "a.age", "a.w", *["NULL"] * (width - FIGURES_OF_AGES)]
    type_ = "BIGINT" if width == FIGURES_OF_AGES else "DECIMAL(38, 0)"  # as the others have
    columns = ", ".join(f"CAST({value} AS {type_}) AS v{index}" for index, value in enumerate(values))
    only = f" AND a.ending = {WAITING} AND a.age < {definition.window}" if kind == PERIODS else ""
    part = f"SELECT {part_of(AGES, kind)} AS part, CAST({label} AS VARCHAR) AS label, a.k AS stage, {columns}"
    return f"{part} FROM {rows} WHERE a.w <> 0{only}"


class _Told(NamedTuple):
    """Rows of which each tells of a unit or an entry: as what, and as how many.

    It is told from a moment on, may be lost at another, and has `came` at an age, or after 0 if it did at all. If it is
    too late for it, it is so from an age on.
    """

    rows: str
    told: str
    since: str
    came: str = ""
    lost_at: str = "r.lost_at"
    weight: str = "1"
    after: str = "NULL"
    late: str = ""


def by_entries(definition: Definition, kind: int) -> bool:
    """Whether each entry of a unit is told."""
    return definition.entry == "any" and kind != PERIODS


def _by_units(kind: int, stage: int) -> _Told:
    """All units, or those that reached a stage, each told by one entry."""
    came = f"r.came{stage}"
    return _Told(f"a{kind} AS r" + (f" WHERE {came} IS NOT NULL" if stage else ""), "0", "r.t", came)


def _by_entries(definition: Definition, kind: int, stage: int) -> list[_Told]:
    """Of all units, or of those that reached a stage: the units, their first entries, all of their entries, and of
    these the first ones, which are none of the later ones.
    """
    units, entered = f"a{kind} AS r", f"n{kind} AS r"
    several, as_unit = "r.since < r.upto", f"CASE WHEN r.since < r.upto THEN {SEVERAL} ELSE 0 END"
    if not stage:
        return _as_if_nobody_came(kind)
    known = f"r.f{stage} IS NOT NULL"
    first = f"{units} WHERE {known} AND {several}{_leads(definition, stage, 'r.since')}"
    later = f"{entered} WHERE {known} AND {several}{_leads(definition, stage, 'r.t')}"
    return [
        _Told(f"{units} WHERE {known}", as_unit, "r.upto", f"r.f{stage} - r.e{stage}", "r.lost_later"),
        _Told(first, str(FIRST), "r.since", f"r.f{stage} - r.since"),
        _Told(later, str(LATER), "r.t", f"r.f{stage} - r.t"),
        _Told(first, str(LATER), "r.since", f"r.f{stage} - r.since", weight="-1"),
    ]


def _as_if_nobody_came(kind: int, where: str = "") -> list[_Told]:
    several, as_unit = "r.since < r.upto", f"CASE WHEN r.since < r.upto THEN {SEVERAL} ELSE 0 END"
    units, entered = f"a{kind} AS r{where}", f"n{kind} AS r{where}"
    first = f"{units} {'AND' if where else 'WHERE'} {several}"
    return [
        _Told(units, as_unit, "r.upto", lost_at="r.lost_later"),
        _Told(first, str(FIRST), "r.since"),
        _Told(entered, str(LATER), "r.t"),
        _Told(units, str(LATER), "r.since", weight=f"CASE WHEN {several} THEN -1 ELSE -r.n END"),
    ]


def _too_late(definition: Definition, kind: int, stage: int) -> list[_Told]:
    """Of those who did not come to a stage in time, what is told as if nobody came."""
    if not by_entries(definition, kind):
        late = f"r.late{stage}"
        return [_Told(f"a{kind} AS r WHERE {late} IS NOT NULL", "0", "r.t", late=late)]
    late = f" WHERE r.until{stage} <= {definition.until}"
    told = [*_as_if_nobody_came(kind, late), _again(f"g{kind} AS r{late}")]
    return [each._replace(late=f"r.until{stage} - {each.since}") for each in told]


def _gone(definition: Definition, kind: int, stage: int, each: _Told) -> str:
    """Rows as those of `_signed` by which they are lost from then on, unless they were before."""
    rows, how, age = _ended(definition, kind, 0, each)
    d, late = "" if kind == TOTAL else ", q.d", _cut("q.late", cut_to(definition, kind))
    return (
        f"SELECT {stage} AS k, q.told + CASE WHEN s.w = 1 THEN {LOST} ELSE {how} END AS ending, "
        f"CASE WHEN s.w = 1 THEN {late} ELSE {age} END AS age, q.w * s.w AS w{d} "
        f"FROM {rows} CROSS JOIN (SELECT 1 AS w UNION ALL SELECT -1 AS w) AS s WHERE {too_late(definition, 'q.')}"
    )


def too_late(definition: Definition, of: str = "") -> str:
    """The condition that it was too `late` before the end of what was `seen`, and before a loss."""
    ends = [f"{of}late <= {of}seen", *chains_sql.within_window(definition, "0", f"{of}late", "<")]
    return " AND ".join([*ends, *[f"{of}late < {of}lost"] * can_be_lost(definition)])


def leading(definition: Definition, since: str, came: str, began: str, barred: str) -> list[str]:
    """The conditions that an entry `since` leads to the stage that its unit `came` to, or is after that.

    The latest that does so `began` the way; the entry is `barred` by the first excluded event after it.
    """
    conditions = chains_sql.within_window(definition, since, came)
    if definition.order == "strict" and not definition.repeats:  # the latest that does, which nothing excluded bars
        conditions.append(f"{since} >= {began}")
    elif definition.exclude:
        conditions.append(f"{barred} >= {came}")
    return conditions


def followed_before(definition: Definition, stage: int) -> int:
    """The nearest stage before that is followed, or the entry: what leads to a stage leads to it."""
    before = definition.parents[stage]
    return before if not before or before in stages(definition) else followed_before(definition, before)


def _leads(definition: Definition, stage: int, since: str) -> str:
    conditions = leading(definition, since, f"r.f{stage}", f"r.e{stage}", "r.x_after")
    return "".join(f" AND {each}" for each in conditions)


def _signed(definition: Definition, kind: int, stage: int, each: _Told) -> str:
    """Rows of `k`, `ending`, `age`, and how many are to be added; at a stage, who came is no longer what it was."""
    size = cut_to(definition, kind)
    rows, how, age = _ended(definition, kind, stage, each)
    d = "" if kind == TOTAL else ", q.d"
    if not stage:
        return f"SELECT 0 AS k, q.told + {how} AS ending, {age} AS age, q.w AS w{d} FROM {rows}"
    ending = f"CASE WHEN s.w = 1 THEN {CAME} ELSE {how} END"
    at_all, known = ("q.came >= 0", "") if each.after == "NULL" else ("q.came > q.after", _not_lost(definition))
    return (
        f"SELECT {stage} AS k, q.told + {ending} AS ending, "
        f"CASE WHEN s.w = 1 THEN {_cut('q.came', size)} ELSE {age} END AS age, q.w * s.w AS w{d} "
        f"FROM {rows} CROSS JOIN (SELECT 1 AS w UNION ALL SELECT -1 AS w) AS s "
        f"WHERE (s.w = -1{known}) OR (s.w = 1 AND {at_all})"
    )


def _ended(definition: Definition, kind: int, stage: int, each: _Told) -> tuple[str, str, str]:
    """The rows with what `_signed` asks of them, and how and at which age they end if they never come."""
    assert definition.until is not None
    window, size = definition.window, cut_to(definition, kind)
    seen = f"GREATEST(0, {definition.until} - {each.since})"
    seen = seen if window is None else f"LEAST({seen}, {window})"
    columns, cases = [f"{each.told} AS told", f"{each.weight} AS w", f"{seen} AS seen"], []
    if can_be_lost(definition):
        columns.append(f"{each.lost_at} - {each.since} AS lost")
        cases.append(("q.lost <= q.seen", LOST, _cut("q.lost", size)))
    if window is not None and size > 1:  # its end is no step
        cases.append((f"q.seen = {window}", WAITING, "q.seen"))
    how = "".join(f"WHEN {condition} THEN {way} " for condition, way, _ in cases)
    age = "".join(f"WHEN {condition} THEN {found} " for condition, _, found in cases)
    last = _cut("q.seen", size)
    how, age = (f"CASE {how}ELSE {WAITING} END", f"CASE {age}ELSE {last} END") if cases else (str(WAITING), last)
    columns += [f"{each.came} AS came"] * bool(stage) + ["r.d AS d"] * (kind != TOTAL)
    columns += [f"{each.late} AS late"] * bool(each.late)
    if each.after == "NULL":
        return f"(SELECT {', '.join(columns)} FROM {each.rows}) AS q", how, age
    columns.append(f"{each.after} AS after")
    passed = f"q.after < q.seen{_not_lost(definition)}"
    passed = f"({passed}) OR q.came > q.after" if stage and can_be_lost(definition) else passed  # who came was not lost
    return f"(SELECT q.* FROM (SELECT {', '.join(columns)} FROM {each.rows}) AS q WHERE {passed}) AS q", how, age


def _not_lost(definition: Definition) -> str:
    """The further condition that entries were not lost before their unit entered again, as if nobody came."""
    return " AND q.after < q.lost" if can_be_lost(definition) else ""


def _passed(definition: Definition, kind: int, stage: int) -> list[str]:
    """The entries that had not ended when their unit entered again, and when it did; who came before that is none."""
    rows, came = f"g{kind} AS r", f"r.f{stage} - r.t"
    if stage:
        rows += f" WHERE r.f{stage} IS NOT NULL AND r.since < r.upto{_leads(definition, stage, 'r.t')}"
    each = _again(rows, came)
    found, d = _ended(definition, kind, stage, each)[0], "" if kind == TOTAL else ", q.d"
    until = f"SELECT {stage} AS k, q.told + {FIRST_UNTIL - FIRST_AGAIN + WAITING} AS ending, "
    weight = "CASE WHEN q.came > q.after THEN 1 ELSE -1 END" if stage else "1"
    until += f"{_cut('q.after', cut_to(definition, kind))} AS age, {weight} AS w{d} FROM {found}"
    if stage:
        until += " WHERE q.came <= q.after" + " OR q.lost <= q.after" * can_be_lost(definition)
    return [_signed(definition, kind, stage, each), until]


def _again(rows: str, came: str = "") -> _Told:
    told = f"CASE WHEN r.place = 1 THEN {FIRST_AGAIN} ELSE {LATER_AGAIN} END"
    return _Told(rows, told, "r.t", came, after="r.next - r.t")


def cut_to(definition: Definition, kind: int) -> int:
    """To steps of how many microseconds the ages of all are cut, or those of what is told apart."""
    return definition.step * (_STEPS // _STEPS_OF_SEGMENTS if kind != TOTAL and definition.step > 1 else 1)


def _cut(age: str, size: int) -> str:
    return age if size == 1 else f"{age} - MOD({age}, {size})"
