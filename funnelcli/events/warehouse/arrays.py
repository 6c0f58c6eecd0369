"""The counting of `units_sql` in the words of ClickHouse, for the usual case: the events of a unit as arrays.

Windows of windows would have ClickHouse sort all events again for each stage; as arrays, they are sorted once, as
numbers that are their time and, in the last bits, their stage. Where each event meets one stage, and a stage comes
after the one that it follows, events of the same time are so taken in the order of their stages, which is the order
that lengthens the chain. The entries of chains only rise with time, so that the last one is the largest. What no later
stage asks for is dropped from the arrays, so that each of them looks at fewer events.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.events.chains_sql import in_interval, soon, within_window
from funnelcli.events.definition import MOST_STAGES, NEVER, NOT_YET

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.events.definition import Definition

_STAGE = MOST_STAGES.bit_length()
"""Bits of a number that are its stage."""
PLACES = 1 << _STAGE
"""What a time is multiplied by in a number; the last place is that of what meets no stage."""
NUMBERED = "funnelcli_numbered"
"""The table of events that have but their `unit` and number `x`, where nothing else asks for their flags."""


def fits(definition: Definition, masks: Sequence[int]) -> bool:
    """Whether `units` can count: stages in order, of events of one stage each, that nothing parts."""
    simple = (
        definition.order == "ordered"
        and definition.entry != "each"
        and not (definition.apart or definition.shared or definition.others or definition.same)
    )
    return simple and all(mask.bit_count() == 1 for mask in masks)


def units(definition: Definition, source: str) -> str:
    """The query of `units_sql.units`, of the events in the table `source`."""
    columns = ["es[-1] AS m0"]
    for stage in definition.stages[1:]:
        columns.append(f"if(i{stage} = 0, {NEVER}, arrayMax(r{stage})) AS m{stage}")
        columns += [f"if(i{stage} = 0, NULL, {figure}{stage}) AS {figure}{stage}" for figure in "fpe"]
        columns += [f"g{stage}"] if stage in definition.growing else []
    inner = [f"i{stage}, r{stage}, f{stage}, p{stage}, e{stage}" for stage in definition.stages[1:]]
    inner += [f"g{stage}" for stage in definition.growing]
    renamed = f"SELECT unit, es{''.join(f', {each}' for each in inner)} FROM ({chains(definition, source)})"
    return f"SELECT unit, {', '.join(columns)} FROM ({renamed})"


def chains(definition: Definition, source: str) -> str:
    """A query of one row a unit that entered: its entries `es`, as they rise, and of each stage what its chains tell.

    `i` is 0 where the stage was not reached, `f` when it first was (`NOT_YET` if never), `p` when the one before, `e`
    the entry of that chain, `g` how many events reached it, and `r` the entries of all that did.
    """
    number = "assumeNotNull(x)"
    if source != NUMBERED:
        stage_of = ", ".join(f"h{stage} = 1, {stage}" for stage in definition.stages)
        number = f"assumeNotNull(t) * {PLACES} + toInt64(multiIf({stage_of}, {PLACES - 1}))"
    rows = f"SELECT unit, arraySort(groupArray({number})) AS q0 FROM {source} GROUP BY unit"
    entered = " AND ".join([f"{_stage('x')} = 0", *in_interval(definition, _time("x"))])
    rows = f"SELECT *, arrayMap(x -> if({entered}, {_time('x')}, {NEVER}), q0) AS s0 FROM ({rows})"
    rows = f"SELECT *, arrayFilter(s -> s > {NEVER}, s0) AS es FROM ({rows}) WHERE notEmpty(es)"
    for stage in definition.stages[1:]:
        rows = _reached(definition, stage, rows)
    return rows


def _reached(definition: Definition, stage: int, rows: str) -> str:
    """The rows with what is told of one more stage, and with the events that are left for the next one.

    Each step is a query of its own: ClickHouse would write out all that an expression is made of, twice a stage.
    """
    parent, before = definition.parents[stage], stage - 1  # whose events are left
    line = all(definition.parents[each] == each - 1 for each in definition.stages[1:])
    q, s = f"q{before}", f"s{before}"
    came = s if line else f"arrayMap((s, x) -> if({_stage('x')} = {parent}, s, {NEVER}), {s}, {q})"
    limit = soon(definition, stage, "l", _time("x"))
    steps = [f"arrayFill(s -> s > {NEVER}, {came}) AS b{stage}"]
    if limit:
        times = f"arrayMap((x, s) -> if({_stage('x')} = {parent} AND s > {NEVER}, {_time('x')}, {NEVER}), {q}, {s})"
        steps.append(f"arrayFill(l -> l > {NEVER}, {times}) AS l{stage}")
    rows = f"SELECT *, {', '.join(steps)} FROM ({rows})"
    conditions = [f"{_stage('x')} = {stage}", f"b > {NEVER}", *within_window(definition, "b", _time("x")), *limit]
    l_name, l_array = (", l", f", l{stage}") if limit else ("", "")
    found = f"arrayMap((x, b{l_name}) -> if({' AND '.join(conditions)}, b, {NEVER}), {q}, b{stage}{l_array})"
    rows = f"SELECT *, {found} AS r{stage} FROM ({rows})"
    rows = f"SELECT *, arrayFirstIndex(r -> r > {NEVER}, r{stage}) AS i{stage} FROM ({rows})"
    of_parent = f"(x, s) -> {_stage('x')} = {parent} AND s > {NEVER}"
    until_then = ", ".join(f"arraySlice({array}, 1, i{stage})" for array in (q, s))
    start = f"r{stage}[i{stage}]" if not parent else _time(f"arrayLast({of_parent}, {until_then})")
    columns = [
        f"if(i{stage} = 0, {NOT_YET}, {_time(f'{q}[i{stage}]')}) AS f{stage}",
        f"{start} AS p{stage}",
        f"r{stage}[i{stage}] AS e{stage}",
    ]
    columns += [f"arrayCount(r -> r > {NEVER}, r{stage}) AS g{stage}"] if stage in definition.growing else []
    columns.append(f"{f'r{stage}' if line else f'arrayMap((s, r) -> greatest(s, r), {s}, r{stage})'} AS a{stage}")
    rows = f"SELECT *, {', '.join(columns)} FROM ({rows})"
    left = f"(y.2 > {NEVER} OR {_stage('y.1')} > {stage})" + f" AND i{stage} > 0" * line
    rows = f"SELECT *, arrayFilter(y -> {left}, arrayZip({q}, a{stage})) AS z{stage} FROM ({rows})"
    return f"SELECT *, z{stage}.1 AS q{stage}, z{stage}.2 AS s{stage} FROM ({rows})"


def _time(number: str) -> str:
    return f"bitShiftRight({number}, {_STAGE})"


def _stage(number: str) -> str:
    return f"bitAnd({number}, {PLACES - 1})"
