"""The rows of `tally.figures` and `ages.query` of all units in the words of ClickHouse, by one look at the events.

What `arrays_sql.chains` tells of each unit is added up in histograms, of which one row is left: the times from stage to
stage, and by stage and ending the ages, each as the number of its step. Where steps are few, they are counted in place;
else they are collected and sorted. What is told of whom is written in `ages`; here, a unit with several entries has the
first one, `since`, and the others in `ts`; those after which it entered again before they ended are in `gs`, with the
time at which it did in `ns`.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.events import ages, arrays_sql, tally
from funnelcli.events.ages import (
    CAME,
    FIRST,
    FIRST_AGAIN,
    FIRST_UNTIL,
    LATER,
    LATER_AGAIN,
    LATER_UNTIL,
    SEVERAL,
    WAITING,
)
from funnelcli.events.chains_sql import within_window
from funnelcli.events.definition import MICROSECONDS, NEVER, NOT_YET
from funnelcli.events.rows import AGES, FIGURES_OF_COUNTS, QUANTILES, TOTAL, part_of
from funnelcli.measure import LADDER

if TYPE_CHECKING:
    from funnelcli.events.definition import Definition

_MOST_STEPS = 4096
"""Steps that are counted in place."""
_NONE = -1
"""Stands for a step of what is not to be counted."""


class _Histogram(NamedTuple):
    """How many ended so at a stage, by the number of the step of their age: added to the rows, or taken off them."""

    stage: int
    ending: int
    weight: int
    counts: str


def query(definition: Definition, source: str) -> str:
    """A query of the rows, of the events in the table `source`."""
    told = bool(ages.told(definition))
    rows = arrays_sql.chains(definition, source)
    rows = _with_entries(definition, rows) if told and _by_entries(definition) else rows
    histograms = _histograms(definition) if told else []
    columns = ["count() AS n"]
    for place, (end, start) in enumerate(tally.ends(definition)[1:], 1):
        time, came = f"f{end} - {start}{end}", f"i{end} > 0"
        columns += [
            f"groupArrayIf({time}, {came}) AS x{place}",
            f"sumIf(CAST({time} AS Decimal(38, 0)), {came}) AS y{place}",
        ]
        columns += [f"sum(g{end}) AS c{place}"] if place in definition.growing else []
    columns += [f"{each.counts} AS a{place}" for place, each in enumerate(histograms)]
    rows = f"SELECT {', '.join(columns)} FROM ({rows})"
    places = range(1, len(tally.ends(definition)))
    by_stage = [
        f"({place}, toInt64({f'c{place}' if place in definition.growing else f'length(x{place})'}), y{place}, "
        f"arraySort(x{place}))"
        for place in places
    ]
    listed = [f"({each.stage}, {each.ending}, {each.weight}, a{place})" for place, each in enumerate(histograms)]
    listed = [f"[{', '.join(listed)}] AS hs"] if listed else []
    told_of = f"[{', '.join(by_stage)}] AS fs"
    rows = f"SELECT {', '.join(['n', told_of, *listed])} FROM ({rows})"
    entered = f"[(toInt64({TOTAL}), toInt64(0), {_values('n', 'n')})]"
    figures = f"arrayFilter(r -> r.3[2] > 0, arrayConcat({entered}, arrayMap(f -> {_figures()}, fs)))"
    found = f"arrayConcat({figures}, {_ages(definition)})" if histograms else figures
    values = ", ".join(f"r.3[{index + 1}] AS v{index}" for index in range(FIGURES_OF_COUNTS))
    return (
        "SELECT toInt64(r.1) AS part, CAST(NULL AS Nullable(String)) AS label, toInt64(r.2) AS stage, "
        f"{values} FROM (SELECT {found} AS rs FROM ({rows})) ARRAY JOIN rs AS r"
    )


def _figures() -> str:
    """The row of figures of a stage: of its number, what it counts, and the sum and all of its sorted times."""
    units, near = "toInt64(length(f.4))", []
    for share, whole in QUANTILES.values():
        last = f"{share} * ({units} - 1)"
        near += [f"f.4[intDiv({last}, {whole}) + 1]", f"f.4[intDiv({last} + {whole - 1}, {whole}) + 1]"]
    upto = [f"arrayCount(x -> x <= {MICROSECONDS * end}, f.4)" for end in LADDER]
    return f"(toInt64({TOTAL}), toInt64(f.1), {_values('f.2', units, 'f.3', *near, *upto)})"


def _values(*values: str) -> str:
    """The values of a row, which are whole numbers of several types."""
    return f"CAST([{', '.join(values)}] AS Array(Nullable(Decimal(38, 0))))"


def _ages(definition: Definition) -> str:
    """The rows of ages from the histograms in `hs`."""
    if _counted_in_place(definition):
        pairs = f"arrayZip(range({_steps(definition)}), h.4)"
    else:  # sorted, each with the place of its last one: how many there are lies between
        known = f"arraySort(arrayFilter(x -> x > {_NONE}, h.4))"
        last = f"(x, y) -> x != y, {{}}, arrayPopFront(arrayPushBack({known}, {_NONE}))"
        steps = f"arrayFilter({last.format(known)})"
        places = f"arrayFilter((i, {last[1:].format(f'arrayEnumerate({known}), {known}')})"
        pairs = f"arrayZip({steps}, arrayPopFront(arrayDifference(arrayPushFront({places}, 0))))"
    size, window = definition.step, definition.window
    age = f"toInt64(p.1) * {size}"
    if window is not None and size > 1:
        age = f"if(p.1 = {_end(definition)}, {window}, {age})"
    row = f"(toInt64({part_of(AGES, TOTAL)}), toInt64(h.1), {_values('h.2', age, 'h.3 * toInt64(p.2)')})"
    return f"arrayFlatten(arrayMap(h -> arrayMap(p -> {row}, arrayFilter(p -> p.2 > 0, {pairs})), hs))"


def _by_entries(definition: Definition) -> bool:
    return ages.by_entries(definition, TOTAL)


def _with_entries(definition: Definition, rows: str) -> str:
    """The rows with what is told of their entries, and of those that lead to each stage."""
    assert definition.until is not None
    after = f"arrayMap((t, n) -> if(n > t, n, {NEVER}), es, arrayPopFront(arrayPushBack(es, {NEVER})))"
    rows = f"SELECT *, es[1] AS since, since < es[-1] AS several FROM ({rows})"
    rows = f"SELECT *, arrayReverseFill(n -> n > {NEVER}, {after}) AS nexts FROM ({rows})"
    others = [
        f"arraySlice({array}, 2, if(several, length(es), 0)) AS {name}"
        for array, name in (("es", "ts0"), ("nexts", "ns"))
    ]
    passed = _passed(definition, "n", "t")
    first = f"several AND {_passed(definition, 'nexts[1]', 'since')} AS again"
    rows = f"SELECT *, {', '.join([*others, first])} FROM ({rows})"
    rows = (
        f"SELECT *, arrayFilter((t, n) -> {passed}, ts0, ns) AS gs0, arrayFilter((n, t) -> {passed}, ns, ts0) AS ns0 "
        f"FROM ({rows})"
    )
    for stage in ages.stages(definition):
        before, leads = ages.followed_before(definition, stage), _leads(definition, stage, "t")
        rows = (
            f"SELECT *, arrayFilter(t -> {leads}, ts{before}) AS ts{stage}, "
            f"arrayFilter((t, n) -> {leads}, gs{before}, ns{before}) AS gs{stage}, "
            f"arrayFilter((n, t) -> {leads}, ns{before}, gs{before}) AS ns{stage} FROM ({rows})"
        )
    return rows


def _passed(definition: Definition, then: str, since: str) -> str:
    """The condition that a unit entered again, by `until`, before the window of an entry was over."""
    window = within_window(definition, since, then, "<")
    return " AND ".join([f"{then} > {NEVER}", f"{then} < {definition.until}", *window])


def _leads(definition: Definition, stage: int, since: str) -> str:
    """The condition that an entry leads to a stage, or is after that."""
    return " AND ".join(within_window(definition, since, f"f{stage}")) or f"f{stage} < {NOT_YET}"


def _histograms(definition: Definition) -> list[_Histogram]:
    """All that `ages.query` tells, from what is known of each unit."""
    seen, last = _seen(definition, "t"), _seen(definition, "es[-1]")
    if not _by_entries(definition):
        found = [_Histogram(0, WAITING, 1, _of_units(definition, last, "1"))]
        for stage in ages.stages(definition):
            came = _cut(definition, f"f{stage} - e{stage}")
            found.append(_Histogram(stage, WAITING, -1, _of_units(definition, last, f"i{stage} > 0")))
            found.append(_Histogram(stage, CAME, 1, _of_units(definition, came, f"i{stage} > 0")))
        return found
    first = _seen(definition, "since")
    found = []
    for stage in (0, *ages.stages(definition)):
        weight = -1 if stage else 1
        here = f"i{stage} > 0" if stage else "1"
        leads = f" AND i{stage} > 0 AND {_leads(definition, stage, 'since')}" if stage else ""
        units = [
            (SEVERAL, last, f"several AND {here}"),
            (0, last, f"NOT several AND {here}"),
            (FIRST, first, f"several{leads}"),
            (FIRST_AGAIN, first, f"again{leads}"),
            (
                FIRST_UNTIL,
                _cut(definition, "nexts[1] - since"),
                f"again{leads}" + f" AND f{stage} <= nexts[1]" * bool(stage),
            ),
        ]
        found += [_Histogram(stage, of + WAITING, weight, _of_units(definition, *what)) for of, *what in units]
        until = _cut(definition, "n - t")
        until = f"if(n < f{stage}, {_NONE}, {until})" if stage else until
        entries = [
            (LATER, f"arrayMap(t -> {seen}, ts{stage})"),
            (LATER_AGAIN, f"arrayMap(t -> {seen}, gs{stage})"),
            (LATER_UNTIL, f"arrayMap((t, n) -> {until}, gs{stage}, ns{stage})"),
        ]
        found += [_Histogram(stage, of + WAITING, weight, _of_entries(definition, what)) for of, what in entries]
        if not stage:
            continue
        by_unit, by_first = (_cut(definition, f"f{stage} - {start}") for start in (f"e{stage}", "since"))
        by_each = _cut(definition, f"f{stage} - t")
        units = [
            (SEVERAL, by_unit, f"several AND {here}"),
            (0, by_unit, f"NOT several AND {here}"),
            (FIRST, by_first, f"several{leads}"),
            (FIRST_AGAIN, by_first, f"again{leads} AND f{stage} > nexts[1]"),
        ]
        found += [_Histogram(stage, of + CAME, 1, _of_units(definition, *what)) for of, *what in units]
        entries = [
            (LATER, f"arrayMap(t -> if(t <= f{stage}, {by_each}, {_NONE}), ts{stage})"),
            (LATER_AGAIN, f"arrayMap((t, n) -> if(n < f{stage}, {by_each}, {_NONE}), gs{stage}, ns{stage})"),
        ]
        found += [_Histogram(stage, of + CAME, 1, _of_entries(definition, what)) for of, what in entries]
    return found


def _seen(definition: Definition, since: str) -> str:
    """The step at which who entered then is waiting; the end of the window has a step of its own."""
    seen = f"greatest(0, {definition.until} - {since})"
    if definition.window is None:
        return _cut(definition, seen)
    cut = _cut(definition, seen)
    if definition.step == 1:
        return f"least({seen}, {definition.window})"
    return f"if({definition.until} - {since} >= {definition.window}, {_end(definition)}, {cut})"


def _cut(definition: Definition, age: str) -> str:
    return age if definition.step == 1 else f"intDiv({age}, {definition.step})"


def _end(definition: Definition) -> int:
    assert definition.window is not None
    return definition.window // definition.step + 1


def _steps(definition: Definition) -> int:
    """How many steps there are in a window."""
    return _end(definition) + 1


def _counted_in_place(definition: Definition) -> bool:
    return definition.window is not None and _steps(definition) <= _MOST_STEPS


def _of_units(definition: Definition, step: str, condition: str) -> str:
    how = f"countResampleIf(0, {_steps(definition)}, 1)" if _counted_in_place(definition) else "groupArrayIf"
    return f"{how}({step}, {condition})"


def _of_entries(definition: Definition, steps: str) -> str:
    how = f"countResampleArray(0, {_steps(definition)}, 1)" if _counted_in_place(definition) else "groupArrayArray"
    return f"{how}({steps})"
