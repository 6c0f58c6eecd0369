"""The counting of `units_sql` in the words of ClickHouse, for the usual case: the events of a unit as arrays.

Windows of windows would have ClickHouse sort all events again for each stage; as arrays, they are sorted once. Where
each event meets one stage, and a stage comes after the one that it follows, events of the same time are taken in the
order of their stages, which is the order that lengthens the chain. The entries of chains only rise with time, so that
the last one is the largest.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.events.definition import NEVER
from funnelcli.events.tally import ends

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.events.definition import Definition


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
    stage_of = ", ".join(f"h{stage} = 1, {stage}" for stage in definition.stages)
    events = f"arraySort(groupArray((assumeNotNull(t), toUInt8(multiIf({stage_of}, 255)))))"
    inside = [f"t {sign} {at}" for sign, at in ((">=", definition.start), ("<", definition.end)) if at is not None]
    rows = f"SELECT unit, {events} AS q, q.1 AS ts, q.2 AS ks FROM {source} GROUP BY unit"
    entry = f"arrayMap((t, k) -> if({' AND '.join(['k = 0', *inside])}, t, {NEVER}), ts, ks) AS s0"
    rows = f"SELECT unit, ts, ks, {entry} FROM ({rows})"
    columns = ["arrayMax(s0) AS m0"]
    for stage in definition.stages[1:]:
        before = f"s{definition.parents[stage]}"
        conditions = [f"k = {stage}", f"b > {NEVER}"]
        if definition.window is not None:
            conditions.append(f"t - b <= {definition.window}")
        limit = definition.within[stage] if definition.within else None
        if limit is not None:
            conditions.append(f"t - l <= {limit}")
        fits_ = " AND ".join(conditions)
        latest = f"arrayMap((t, s) -> if(s > {NEVER}, t, {NEVER}), ts, {before})"
        # each in a query of its own: ClickHouse would write out all that an expression is made of, twice a stage
        rows = f"SELECT *, {latest} AS v{stage} FROM ({rows})"
        carried = (
            f"arrayFill(x -> x > {NEVER}, {array}) AS {name}{stage}"
            for name, array in (("b", before), ("l", f"v{stage}"))
        )
        rows = f"SELECT *, {', '.join(carried)} FROM ({rows})"
        reached_ = f"arrayMap((t, k, b, l) -> if({fits_}, b, {NEVER}), ts, ks, b{stage}, l{stage})"
        rows = f"SELECT *, {reached_} AS s{stage} FROM ({rows})"
        rows = f"SELECT *, arrayFirstIndex(s -> s > {NEVER}, s{stage}) AS i{stage} FROM ({rows})"
        columns.append(f"arrayMax(s{stage}) AS m{stage}")
        for name, array in (("f", "ts"), ("p", f"l{stage}"), ("e", f"s{stage}")):
            columns.append(f"if(i{stage} = 0, NULL, {array}[i{stage}]) AS {name}{stage}")
        if stage in definition.growing:
            columns.append(f"arrayCount(s -> s > {NEVER}, s{stage}) AS g{stage}")
    return f"SELECT unit, {', '.join(columns)} FROM ({rows}) WHERE m0 > {NEVER}"


def reached(definition: Definition) -> str:
    """The rows of `tally.figures` from the units in `u`: a cross join would copy all columns for each stage."""
    stages = []
    for place, (end, start) in enumerate(ends(definition)):
        count = f"toInt64(g{end})" if place in definition.growing else "toInt64(1)"
        time = f"toNullable(f{end} - {start}{end})" if end else "CAST(NULL AS Nullable(Int64))"
        stages.append(f"(toInt64({place}), {count}, {time}, m{end} > {NEVER})")
    rows = f"SELECT arrayFilter(r -> r.4, [{', '.join(stages)}]) AS rs FROM u"
    return (
        f"SELECT CAST(NULL AS Nullable(String)) AS d, r.1 AS stage, r.2 AS g, r.3 AS x FROM ({rows}) ARRAY JOIN rs AS r"
    )
