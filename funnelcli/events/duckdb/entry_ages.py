"""The rows of `ages` where each entry of a unit is told, by one look at each moment at which a unit enters.

Of these rows, the latest of a unit tells how the unit ended, the first one its first entry, and so on: `ages` says what
is told. They are counted by what they tell of, a bit for each, and by age, and written out when few are left.

The table `n` with the number of the kind has a row of each unit and moment: `t`, the `next` such moment, how many
entries there are then, `n`, and `place`, 1 of the first one; and what ends or bars the way from there.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.events import ages, ages_tables
from funnelcli.events.definition import NEVER, NOT_YET
from funnelcli.events.duckdb import asof, in_order
from funnelcli.events.rows import TOTAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.events.definition import Definition
    from funnelcli.events.duckdb.tables import Tables

_ONCE, _SEVERAL, _ENTRY, _AGAIN, _UNTIL = (1 << bit for bit in range(5))
_FIRSTS, _LATER = "CASE WHEN place = 1 THEN moments ELSE 0 END", "CASE WHEN place = 1 THEN n - moments ELSE n END"
_WRITTEN = (
    (_ONCE, 0, "moments"),
    (_SEVERAL, ages.SEVERAL, "moments"),
    (_ENTRY, ages.FIRST, _FIRSTS),
    (_ENTRY, ages.LATER, _LATER),
    (_AGAIN, ages.FIRST_AGAIN, _FIRSTS),
    (_AGAIN, ages.LATER_AGAIN, _LATER),
    (_UNTIL, ages.FIRST_UNTIL, _FIRSTS),
    (_UNTIL, ages.LATER_UNTIL, _LATER),
)
"""As what is told what rows tell of, and how many they are: of the entries of a first moment, one is the first."""


def find(tables: Tables, definition: Definition, kind: int, units: str, source: str = "") -> None:
    """Make the table of the moments of a kind, from entries like those in `entered`, which are sorted once."""
    rows, d = source or ages_tables.segmented(definition, kind), ages_tables.segment(kind)
    if definition.exclude_units:
        rows = f"(SELECT n.* FROM {rows} AS n JOIN {units} AS u ON {asof.same(kind, 'n', 'u')})"
    told, order = ages_tables.told(definition), f"ORDER BY unit{d}, t"
    tables.keep("o", f"SELECT unit{d}, {', '.join(told)} FROM {rows} AS n {order}")
    query = moments(kind, "SELECT * FROM o", told[1:])
    tables.keep(
        f"n{kind}", query if in_order.streams(tables, query) else moments(kind, "SELECT * FROM o", told[1:], order)
    )
    tables.drop("o")


def moments(kind: int, source: str, others: Sequence[str] = (), order: str = "") -> str:
    """A query of the moments, of entries that are in the order of their units and times, with what `others` tell.

    It is told what their `order` is where windows do not take it from the table.
    """
    d, over = ages_tables.segment(kind), f"OVER ({order})"
    own, same = ", ".join([f"unit{d}", "t", *others]), "u = unit"
    following = f"LEAD(unit) {over} AS u, LEAD(t) {over} AS v"
    before = f"LAG(unit) {over} AS u, LAG(upto, 1, 0) {over} AS behind"
    if d:
        same += " AND l IS NOT DISTINCT FROM d"
        following, before = f"{following}, LEAD(d) {over} AS l", f"{before}, LAG(d) {over} AS l"
    rows = f"SELECT {own}, ROW_NUMBER() {over} AS upto, {following} FROM ({source}) AS n"
    rows = f"SELECT *, CASE WHEN {same} THEN v END AS next FROM ({rows}) AS n WHERE ({same} AND v = t) IS NOT TRUE"
    rows = f"SELECT {own}, next, upto, {before} FROM ({rows}) AS n"
    place = f"CAST(CASE WHEN {same} THEN 2 ELSE 1 END AS UTINYINT) AS place"
    return f"SELECT {own}, next, CAST(upto - behind AS UINTEGER) AS n, {place} FROM ({rows}) AS n"


def ended(definition: Definition, moments_: str, events: str) -> str:
    """A query of moments with when what begins there is lost or excluded by later events, `NOT_YET` if never."""
    joined, found = "", {}
    for flag, (column, earlier) in ages_tables.sought(definition).items():
        later = f"n.unit = {flag}.unit AND n.t {'<' if earlier else '<='} {flag}.t"
        joined += f" ASOF LEFT JOIN (SELECT unit, t FROM {events} AS e WHERE {flag} = 1) AS {flag} ON {later}"
        found[column] = f"COALESCE({flag}.t, {NOT_YET})"
    at = [f"{moment} AS {column}" for column, moment in ages_tables.when(definition, found).items()]
    return f"SELECT {', '.join(['n.*', *at])} FROM {moments_} AS n{joined}"


def count(tables: Tables, definition: Definition, kind: int, units: str, reached: Sequence[str] = ()) -> None:
    """Add the moments of `n`, counted, to the table `e` with the number of the kind.

    Who came to a stage came to the one before, so that the moments of that one are enough to look at. The units that
    `reached` each stage may be known by tables, with its `f` and `e`. Those who are too late are told by their `until`.
    """
    table, d, own = f"n{kind}", ages_tables.segment(kind), ages_tables.told(definition)
    columns = ", ".join(f"n.{each}" for each in ("unit", *("d" for _ in d[:1]), *own, "next", "n", "place"))
    for stage in ages.stages(definition):
        came = f"(SELECT unit{d}, f{stage} AS f, e{stage} AS e FROM {units} AS u WHERE m{stage} > {NEVER})"
        came = reached[stage] if reached else came
        before = ages.followed_before(definition, stage)
        rows = f"{table}{f'_{before}' if before else ''} AS n JOIN {came} AS c ON {asof.same(kind, 'n', 'c')}"
        tables.keep(f"{table}_{stage}", f"SELECT {columns}, c.f, c.e FROM {rows}")
    for stage in ages.late_stages(definition):
        late = f"(m{stage} > {NEVER}) IS NOT TRUE AND until{stage} <= {definition.until}"
        late = f"(SELECT unit{d}, until{stage} AS until FROM {units} AS u WHERE {late})"
        rows = f"{table} AS n JOIN {late} AS c ON {asof.same(kind, 'n', 'c')}"
        tables.keep(f"{table}_{stage}_late", f"SELECT {columns}, c.until FROM {rows}")
    counted = [each for stage in (0, *ages.stages(definition)) for each in _counted(definition, kind, stage)]
    counted += [each for stage in ages.late_stages(definition) for each in _counted(definition, kind, stage, late=True)]
    tables.add(f"e{kind}", " UNION ALL ".join(counted))
    followed = [f"{table}_{stage}" for stage in ages.stages(definition)]
    tables.drop(table, *followed, *(f"{table}_{stage}_late" for stage in ages.late_stages(definition)))


def query(definition: Definition, kind: int, units: str) -> str:
    """Rows as those of `ages.query`, of what was counted."""
    d, size = ages_tables.segment(kind), ages.cut_to(definition, kind)
    age = f"step * {size}"
    age = age if definition.window is None else f"CASE WHEN step < 0 THEN {definition.window} ELSE {age} END"
    sums = " UNION ALL ".join(
        f"SELECT k, how + {told} AS ending, {age} AS age, {number} AS w{d} FROM e{kind} WHERE what & {bit} <> 0"
        for bit, told, number in _WRITTEN
    )
    return ages.written(definition, kind, units, sums)


def _counted(definition: Definition, kind: int, stage: int, *, late: bool = False) -> list[str]:
    """Rows of a stage, `k`: how and in which step of their ages moments of a `place` end, and `what` they tell of.

    Those of stage 0 are as if nobody had come; at each stage, who came is taken off them, and who is `late` is lost.
    """
    assert definition.until is not None
    window, size, lost = definition.window, ages.cut_to(definition, kind), ages.can_be_lost(definition)
    seen = f"GREATEST(0, {definition.until} - t)"
    seen = seen if window is None else f"LEAST({seen}, {window})"
    columns = ["n", "place", "next", f"{seen} AS seen", "next - t AS after", *["d"] * (kind != TOTAL)]
    columns += ["lost_at - t AS lost"] * lost
    leads, came = " AND ".join(ages.leading(definition, "t", "f", "e", "x_after")) or "TRUE", stage and not late
    columns += ["f - t AS came", "f - e AS took", f"{leads} AS leads"] * bool(came) + ["until - t AS late"] * late
    rows = f"(SELECT {', '.join(columns)} FROM n{kind}{f'_{stage}' * bool(stage)}{'_late' * late} AS n) AS q"

    def counted(how: str, step: str, what: str, condition: str, sign: str = "") -> str:
        told = f"SELECT {stage} AS k{ages_tables.segment(kind)}, {how} AS how, {step} AS step, {what} AS what, place"
        numbers = f"{sign}COUNT(*) AS moments, {sign}SUM(n) AS n"
        return f"SELECT * FROM ({told}, {numbers} FROM {rows} WHERE {condition} GROUP BY ALL) AS q"

    leads = " AND leads" * bool(came)
    entry, again = f"(place = 2 OR next IS NOT NULL){leads}", f"next IS NOT NULL{leads}"
    waits = f"{again} AND after < seen" + " AND after < lost" * lost
    how, step = str(ages.WAITING), f"seen // {size}"
    if window is not None:  # its end is no step
        step = f"CASE WHEN seen = {window} THEN -1 ELSE {step} END"
    if lost:
        how = f"CASE WHEN lost <= seen THEN {ages.LOST} ELSE {how} END"
        step = f"CASE WHEN lost <= seen THEN lost // {size} ELSE {step} END"
    unit = f"CASE WHEN place = 1 THEN {_ONCE} ELSE {_SEVERAL} END"
    what = f"CASE WHEN next IS NULL THEN {unit} ELSE 0 END + {_bit(entry, _ENTRY)} + {_bit(waits, _AGAIN)}"
    if late:
        gone = ages.too_late(definition)
        return [counted(how, step, what, gone, "-"), counted(str(ages.LOST), f"late // {size}", what, gone)]
    until, since = str(_UNTIL), f"after // {size}"
    if not stage:
        return [counted(how, step, what, "TRUE"), counted(str(ages.WAITING), since, until, waits)]
    how_came, what_came = str(ages.CAME), f"{_ENTRY} + {_bit(f'{again} AND came > after', _AGAIN)}"
    rows_told = [
        counted(how, step, what, f"next IS NULL OR {entry}", "-"),
        counted(how_came, f"took // {size}", unit, "next IS NULL"),
        counted(how_came, f"came // {size}", what_came, f"{entry} AND came >= 0"),
        counted(str(ages.WAITING), since, until, f"{waits} AND came <= after", "-"),
    ]
    if lost:  # who came was not lost
        rows_told.append(counted(str(ages.WAITING), since, until, f"{again} AND came > after AND lost <= after"))
    return rows_told


def _bit(condition: str, bit: int) -> str:
    return f"CASE WHEN {condition} THEN {bit} ELSE 0 END"


def one_each_joined(definition: Definition, kind: int, units: str) -> str:
    """The units, each told by one entry, as `ages_tables` has them: by a join."""
    told = ["u.unit", "u.m0 AS t", *["u.d"] * (kind != TOTAL), *["n.lost_at"] * ages.can_be_lost(definition)]
    rows = f"SELECT {', '.join(told)}{ages_tables.ended_columns(definition)} FROM {units} AS u"
    if ages.can_be_lost(definition):
        lost = "SELECT unit, t, MIN(lost_at) AS lost_at FROM entered AS n GROUP BY unit, t"
        rows += f" JOIN ({lost}) AS n ON u.unit = n.unit AND u.m0 = n.t"
    return f"{rows}{ages_tables.young(definition, kind, 'u.m0')}"
