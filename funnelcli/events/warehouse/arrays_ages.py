"""The rows of `tally.figures` and `ages.query` of all units in the words of ClickHouse, by one look at the events.

What `arrays.chains` tells of each unit is added up, and one row is left: times from stage to stage, and ages by
stage and ending. Each stage and ending has a number, its place among `_tallies`, and each age that of its step; both
make up a code, of which arrays are made for the entries, and for the stages that a unit reached, so that the work
grows by what was reached, and the text little. Where steps are few, codes are counted in place; else they are
collected and sorted. What is told of whom is written in `ages`; here, a unit with several entries has the first one,
`since`, and the others in `ts`; those after which it entered again before they ended are in `gs`, with the time at
which it did in `ns`.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.events import ages, tally
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
from funnelcli.events.warehouse import arrays
from funnelcli.measure import LADDER

if TYPE_CHECKING:
    from funnelcli.events.definition import Definition

_MOST_STEPS = 4096
"""Steps that are counted in place."""
_NONE = -1
"""Stands for a step of what is not to be counted."""


class _Tally(NamedTuple):
    """What codes count: those who ended so at a stage, added to the rows, or taken off them."""

    stage: int
    ending: int
    weight: int


_OF_ENTRIES = (0, SEVERAL, FIRST, FIRST_AGAIN, FIRST_UNTIL, LATER, LATER_AGAIN, LATER_UNTIL)
"""What is told of those who wait, where each entry is."""
_OF_THOSE_WHO_CAME = (0, SEVERAL, FIRST, FIRST_AGAIN, LATER, LATER_AGAIN)


def query(definition: Definition, source: str) -> str:
    """A query of the rows, of the events in the table `source`."""
    rows = arrays.chains(definition, source)
    columns = ["count() AS n"]
    for place, (end, start) in enumerate(tally.ends(definition)[1:], 1):
        columns.append(f"groupArrayIf(f{end} - {start}{end}, i{end} > 0) AS x{place}")
        columns += [f"sum(g{end}) AS c{place}"] if place in definition.growing else []
    codes: list[str] = []
    if ages.told(definition):
        if _by_entries(definition):
            rows, codes = _with_entries(definition, rows), _codes_of_entries(definition)
        else:
            codes = _codes_of_units(definition)
        rows = _with_reached(definition, rows)
        columns += [f"{_counter(definition)}({each}) AS a{place}" for place, each in enumerate(codes)]
    rows = f"SELECT {', '.join(columns)} FROM ({rows})"
    places = range(1, len(tally.ends(definition)))
    counts = {place: f"c{place}" if place in definition.growing else f"length(x{place})" for place in places}
    by_stage = [f"({place}, toInt64({count}), arraySort(x{place}))" for place, count in counts.items()]
    told_of = [f"[{', '.join(by_stage)}] AS fs"]
    told_of += [f"{_together(definition, len(codes))} AS counted"] if codes else []
    rows = f"SELECT {', '.join(['n', *told_of])} FROM ({rows})"
    entered = f"[(toInt64({TOTAL}), toInt64(0), {_values('n', 'n')})]"
    figures = f"arrayFilter(r -> r.3[2] > 0, arrayConcat({entered}, arrayMap(f -> {_figures()}, fs)))"
    found = f"arrayConcat({figures}, {_ages(definition)})" if codes else figures
    values = ", ".join(f"r.3[{index + 1}] AS v{index}" for index in range(FIGURES_OF_COUNTS))
    return (
        "SELECT toInt64(r.1) AS part, CAST(NULL AS Nullable(String)) AS label, toInt64(r.2) AS stage, "
        f"{values} FROM (SELECT {found} AS rs FROM ({rows})) ARRAY JOIN rs AS r"
    )


def _figures() -> str:
    """The row of figures of a stage: of its number, what it counts, and all of its sorted times."""
    units, near = "toInt64(length(f.3))", []
    for share, whole in QUANTILES.values():
        last = f"{share} * ({units} - 1)"
        near += [f"f.3[intDiv({last}, {whole}) + 1]", f"f.3[intDiv({last} + {whole - 1}, {whole}) + 1]"]
    total = "arraySum(arrayMap(x -> CAST(x AS Decimal(38, 0)), f.3))"
    upto = [f"arrayCount(x -> x <= {MICROSECONDS * end}, f.3)" for end in LADDER]
    return f"(toInt64({TOTAL}), toInt64(f.1), {_values('f.2', units, total, *near, *upto)})"


def _values(*values: str) -> str:
    """The values of a row, which are whole numbers of several types."""
    return f"CAST([{', '.join(values)}] AS Array(Nullable(Decimal(38, 0))))"


def _ages(definition: Definition) -> str:
    """The rows of ages from the codes in `counted`."""
    tallies = _tallies(definition)
    if _counted_in_place(definition):
        pairs = f"arrayZip(range({_codes(definition)}), counted)"
    else:  # sorted, each with the place of its last one: how many there are lies between
        known = f"arraySort(arrayFilter(x -> x > {_NONE}, counted))"
        last = f"(x, y) -> x != y, {{}}, arrayPopFront(arrayPushBack({known}, {_NONE}))"
        steps = f"arrayFilter({last.format(known)})"
        places = f"arrayFilter((i, {last[1:].format(f'arrayEnumerate({known}), {known}')})"
        pairs = f"arrayZip({steps}, arrayPopFront(arrayDifference(arrayPushFront({places}, 0))))"
    size, window = definition.step, definition.window
    step, of = f"toInt64(intDiv(p.1, {len(tallies)}))", f"[toInt64(p.1 % {len(tallies)}) + 1]"
    age = f"{step} * {size}"
    if window is not None and size > 1:
        age = f"if({step} = {_end(definition)}, {window}, {age})"
    stages, endings, weights = (str([getattr(each, field) for each in tallies]) + of for field in _Tally._fields)
    row = f"(toInt64({part_of(AGES, TOTAL)}), toInt64({stages}), {_values(endings, age, f'{weights} * toInt64(p.2)')})"
    return f"arrayMap(p -> {row}, arrayFilter(p -> p.2 > 0, {pairs}))"


def _by_entries(definition: Definition) -> bool:
    return ages.by_entries(definition, TOTAL)


def _with_entries(definition: Definition, rows: str) -> str:
    """The rows with what is told of their entries."""
    assert definition.until is not None
    after = f"arrayMap((t, n) -> if(n > t, n, {NEVER}), es, arrayPopFront(arrayPushBack(es, {NEVER})))"
    rows = f"SELECT *, es[1] AS since, since < es[-1] AS several FROM ({rows})"
    rows = f"SELECT *, arrayReverseFill(n -> n > {NEVER}, {after}) AS nexts FROM ({rows})"
    others = [
        f"arraySlice({array}, 2, if(several, length(es), 0)) AS {name}"
        for array, name in (("es", "ts"), ("nexts", "ns0"))
    ]
    passed = _passed(definition, "n", "t")
    first = f"several AND {_passed(definition, 'nexts[1]', 'since')} AS again"
    rows = f"SELECT *, nexts[1] AS then, {', '.join([*others, first])} FROM ({rows})"
    return (
        f"SELECT *, arrayFilter((t, n) -> {passed}, ts, ns0) AS gs, arrayFilter((n, t) -> {passed}, ns0, ts) AS ns, "
        f"{_seen(definition, 'since')} AS first_seen FROM ({rows})"
    )


def _passed(definition: Definition, then: str, since: str) -> str:
    """The condition that a unit entered again, by `until`, before the window of an entry was over."""
    window = within_window(definition, since, then, "<")
    return " AND ".join([f"{then} > {NEVER}", f"{then} < {definition.until}", *window])


def _with_reached(definition: Definition, rows: str) -> str:
    """The rows with the stages that were reached: their places `ks` among the tallies, when, and by which entry."""
    stages = ages.stages(definition)
    first, more = (len(_OF_ENTRIES), len(_of_a_stage(definition))) if _by_entries(definition) else (1, 2)
    arrays = [
        ("ks", [str(first + more * place) for place in range(len(stages))]),
        ("rs", [f"f{stage}" for stage in stages]),
        ("cs", [f"e{stage}" for stage in stages]),
    ]
    firsts = f"[{', '.join(arrays[1][1])}]"
    columns = [f"arrayFilter((x, f) -> f < {NOT_YET}, [{', '.join(of)}], {firsts}) AS {name}" for name, of in arrays]
    return f"SELECT *, {_seen(definition, 'es[-1]')} AS last_seen, {', '.join(columns)} FROM ({rows})"


def _of_a_stage(definition: Definition) -> list[tuple[int, int]]:
    """The endings that are told of those who reached a stage, and what each counts for."""
    if not _by_entries(definition):
        return [(WAITING, -1), (CAME, 1)]
    waiting = [(of + WAITING, -1) for of in _OF_ENTRIES]
    return [*waiting, *((of + CAME, 1) for of in _OF_THOSE_WHO_CAME)]


def _tallies(definition: Definition) -> list[_Tally]:
    """All that is counted, by its number."""
    found = [_Tally(0, of + WAITING, 1) for of in (_OF_ENTRIES if _by_entries(definition) else (0,))]
    told = _of_a_stage(definition)
    return found + [_Tally(stage, *each) for stage in ages.stages(definition) for each in told]


def _codes_of_units(definition: Definition) -> list[str]:
    """Arrays of the codes of a unit of which one entry is told."""
    came = _cut(definition, "f - c")
    reached = f"[{_code(definition, 'last_seen', 'k')}, {_code(definition, came, 'k + 1')}]"
    return [f"[{_code(definition, 'last_seen', '0')}]", _of_reached(reached)]


def _codes_of_entries(definition: Definition) -> list[str]:
    """Arrays of the codes of a unit of which each entry is told: of its entries, and by the stages that it reached."""
    many = len(_OF_ENTRIES)
    seen = _seen(definition, "t")
    until, first_until = _cut(definition, "n - t"), _cut(definition, "then - since")
    leads, first_leads = (_leads(definition, since) for since in ("t", "since"))

    def code(step: str, place: str, condition: str = "") -> str:
        number = _code(definition, step, place)
        return f"if({condition}, {number}, {_NONE})" if condition else number

    def place(of: int, *, came: bool = False) -> str:
        return f"k + {many + _OF_THOSE_WHO_CAME.index(of) if came else _OF_ENTRIES.index(of)}"

    at_first = [
        code("last_seen", "several"),  # 0 where it is not
        code("first_seen", str(_OF_ENTRIES.index(FIRST)), "several"),
        code("first_seen", str(_OF_ENTRIES.index(FIRST_AGAIN)), "again"),
        code(first_until, str(_OF_ENTRIES.index(FIRST_UNTIL)), "again"),
    ]
    by_unit, by_first, by_each = (_cut(definition, f"f - {start}") for start in ("c", "since", "t"))
    reached = [
        code("last_seen", f"{place(0)} + several"),
        code("first_seen", place(FIRST), f"several{first_leads}"),
        code("first_seen", place(FIRST_AGAIN), f"again{first_leads}"),
        code(first_until, place(FIRST_UNTIL), f"again{first_leads} AND f <= then"),
        code(by_unit, f"{place(0, came=True)} + several"),
        code(by_first, place(FIRST, came=True), f"several{first_leads}"),
        code(by_first, place(FIRST_AGAIN, came=True), f"again{first_leads} AND f > then"),
    ]
    of_each = [
        f"arrayMap(t -> {code(seen, place(LATER), f'1{leads}')}, ts)",
        f"arrayMap(t -> {code(by_each, place(LATER, came=True), f't <= f{leads}')}, ts)",
        f"arrayMap(t -> {code(seen, place(LATER_AGAIN), f'1{leads}')}, gs)",
        f"arrayMap((t, n) -> {code(until, place(LATER_UNTIL), f'n >= f{leads}')}, gs, ns)",
        f"arrayMap((t, n) -> {code(by_each, place(LATER_AGAIN, came=True), f'n < f{leads}')}, gs, ns)",
    ]
    return [
        f"[{', '.join(at_first)}]",
        f"arrayMap(t -> {code(seen, str(_OF_ENTRIES.index(LATER)))}, ts)",
        f"arrayMap(t -> {code(seen, str(_OF_ENTRIES.index(LATER_AGAIN)))}, gs)",
        f"arrayMap((t, n) -> {code(until, str(_OF_ENTRIES.index(LATER_UNTIL)))}, gs, ns)",
        _of_reached(f"[{', '.join(reached)}]"),
        *(_of_reached(each) for each in of_each),
    ]


def _of_reached(codes: str) -> str:
    """The codes of all stages that were reached, from those of one: `k`, reached at `f` by the entry `c`."""
    return f"arrayFlatten(arrayMap((k, f, c) -> {codes}, ks, rs, cs))"


def _leads(definition: Definition, since: str) -> str:
    """The further condition that an entry leads to what was reached at `f`, or is after that."""
    return "".join(f" AND {each}" for each in within_window(definition, since, "f"))


def _code(definition: Definition, step: str, place: str) -> str:
    exact = definition.step == 1 and not _counted_in_place(definition)  # microseconds of centuries, times the tallies
    return f"{f'toInt128({step})' if exact else step} * {len(_tallies(definition))} + {place}"


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


def _codes(definition: Definition) -> int:
    """How many codes there are in a window."""
    return (_end(definition) + 1) * len(_tallies(definition))


def _counted_in_place(definition: Definition) -> bool:
    return definition.window is not None and _end(definition) < _MOST_STEPS


def _counter(definition: Definition) -> str:
    """The function that counts or collects codes; others than those of a window are not counted."""
    return f"countResampleArray(0, {_codes(definition)}, 1)" if _counted_in_place(definition) else "groupArrayArray"


def _together(definition: Definition, arrays: int) -> str:
    names = [f"a{place}" for place in range(arrays)]
    if not _counted_in_place(definition):
        return f"arrayConcat({', '.join(names)})"
    return f"arrayMap(({', '.join(names)}) -> {' + '.join(names)}, {', '.join(names)})"
