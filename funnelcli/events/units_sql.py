"""The counting, as text of SQL that every engine reads: from normal events, those of `chains_sql`, to one row a unit.

For each event that can end a chain, the latest entry of such a chain is carried along: it leaves the most of the
window, so that no other entry has to be looked at. A running maximum per stage finds it, in one pass over the events.
Events of the same time count as one after the other in the order that lengthens the chain.

`keys` are the columns that tell one unit from another, with a comma between: a unit counts once in each of its segments
where these are `unit, label`.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.events import any_order, deadlines, moments_sql, unordered
from funnelcli.events.chains_sql import (
    EARLIER,
    UNIT,
    bar_before,
    chosen,
    entered,
    goes_on,
    held,
    histories,
    history,
    in_window,
)
from funnelcli.events.definition import NEVER
from funnelcli.events.overlap import shares_events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.events.definition import Definition


def units(definition: Definition, source: str, masks: Sequence[int], *, keys: str = UNIT) -> str:
    """A query of one row a unit, which has its `keys`.

    Of each stage `m` is the latest entry of a chain to it (`NEVER` when there is none), `f` when it was first reached,
    `p` the time of the stage before on that chain, `e` its entry, and `g` how many events reached it. In any order, a
    stage is reached when all of the way to it is complete. Where stages are to be reached `within` some time, there are
    the columns of `deadlines` as well, and `l`, when the stage was last reached. `masks` are those of the events in
    `source`, which is a table's name or a query in parentheses.
    """
    source = _left_in(definition, source, keys)
    if not definition.same:
        return _units(definition, source, masks, keys)
    rows = _units(definition, source, masks, ", ".join([keys, *held(definition)]))
    return rows if definition.entry == "each" else _of_all_values(definition, rows, keys)


def counted_at(definition: Definition, source: str, masks: Sequence[int], stage: int, *, keys: str = UNIT) -> str:
    """A query of the moments `t` of each unit, and of the values of its chains, at which events reach a stage."""
    keys_and_values = ", ".join([keys, *held(definition)])
    rows, _ = _in_order(definition, _left_in(definition, source, keys), masks, keys_and_values)
    return f"SELECT DISTINCT {keys_and_values}, t FROM ({rows}) AS q WHERE s{stage} > {NEVER} AND side = 0"


def _units(definition: Definition, source: str, masks: Sequence[int], keys: str) -> str:
    if definition.order in ("ordered", "strict"):
        rows, grouped = _in_order(definition, source, masks, keys)
        if definition.entry == "each" and not grouped:
            found = _per_entry(definition, rows, keys)
        else:
            found = _per_unit(definition, rows, keys, grouped=grouped)
        until = deadlines.columns(definition, "q.")
        return f"SELECT {', '.join(['q.*', *until])} FROM ({found}) AS q" if until else found
    masks = [1 << stage for stage in definition.stages] if definition.shared else masks
    base = histories(definition, source, keys)
    if definition.order == "unordered":
        return unordered.units(definition, base, keys, entered(definition))
    return any_order.units(definition, base, masks, keys)


def _in_order(definition: Definition, source: str, masks: Sequence[int], keys: str) -> tuple[str, bool]:
    """The chains of stages in order: rows of events, or of moments with their numbers of events, and if so."""
    if definition.shared:  # each stage looks at its own events
        masks = [1 << stage for stage in definition.stages]
    base = histories(definition, source, keys)
    strict = definition.order == "strict"
    if strict or shares_events(definition, masks):
        moments = moments_sql.moments(definition, base, masks, keys)
        return moments_sql.at_moments(definition, moments, masks, keys, strict=strict), True
    return _apart(definition, base, keys), False


def _of_all_values(definition: Definition, units_: str, keys: str) -> str:
    """The rows of a unit, one for each of the values that are the same along its chains, as one.

    Of several values by which a stage is first reached at the same time, the latest entry counts; in no order of the
    stages, `p` is that of the same entry.
    """
    over = f"OVER (PARTITION BY {keys})"
    together = definition.order in ("any", "unordered")
    firsts = [f"MIN(q.f{stage}) {over} AS o{stage}" for stage in definition.stages[1:]]
    rows = f"SELECT {', '.join(['q.*', *firsts])} FROM ({units_}) AS q"
    if together:
        latest = [
            f"MAX(CASE WHEN q.f{stage} = q.o{stage} THEN q.e{stage} END) {over} AS b{stage}"
            for stage in definition.stages[1:]
        ]
        rows = f"SELECT {', '.join(['q.*', *latest])} FROM ({rows}) AS q"
    columns = ["MAX(q.m0) AS m0"]
    for stage in definition.stages[1:]:
        first = f"q.f{stage} = q.o{stage}"
        of_entry = f"{first} AND q.e{stage} = q.b{stage}" if together else first
        columns += [
            f"MAX(q.m{stage}) AS m{stage}",
            f"MIN(q.f{stage}) AS f{stage}",
            f"MAX(CASE WHEN {of_entry} THEN q.p{stage} END) AS p{stage}",
            f"MAX(CASE WHEN {first} THEN q.e{stage} END) AS e{stage}",
        ]
        columns += [f"SUM(q.g{stage}) AS g{stage}"] if stage in definition.growing else []
    columns += [f"MAX(q.until{stage}) AS until{stage}" for stage in deadlines.limited(definition)]
    return f"SELECT {keys}, {', '.join(columns)} FROM ({rows}) AS q GROUP BY {keys}"


def _left_in(definition: Definition, source: str, keys: str) -> str:
    """The events of the units that are not left out altogether."""
    if not definition.exclude_units:
        return source
    earlier = f"OVER (PARTITION BY {keys} ORDER BY t {EARLIER})"
    entry = f"SELECT e.*, MAX({chosen(entered(definition), 't')}) {earlier} AS begun FROM {source} AS e"
    out = f"CASE WHEN {' AND '.join(['z = 1', *in_window(definition, 'begun')])} THEN 1 ELSE 0 END"
    told = f"SELECT e.*, MAX({out}) OVER (PARTITION BY {keys}) AS gone FROM ({entry}) AS e"
    return f"(SELECT * FROM ({told}) AS e WHERE gone = 0)"


def _follows(definition: Definition, keys: str) -> str:
    """The events that another one may follow."""
    upto = EARLIER if definition.apart else ""
    return f"OVER (PARTITION BY {history(definition, keys)} ORDER BY t {upto})"


def _apart(definition: Definition, base: str, keys: str) -> str:
    """Chains where no event can serve two stages: events of the same time see each other, or are kept apart."""
    over = _follows(definition, keys)
    rows = f"SELECT q.*, {chosen(entered(definition), 't')} AS s0 FROM ({base}) AS q"
    for stage in definition.stages[1:]:
        before = f"s{definition.parents[stage]}"
        rows = (
            f"SELECT q.*, MAX({before}) {over} AS b{stage}, "
            f"MAX({chosen(f'{before} > {NEVER}', 't')}) {over} AS p{stage}{bar_before(definition, stage, keys)} "
            f"FROM ({rows}) AS q"
        )
        fits = f"h{stage} = 1 AND {goes_on(definition, stage, f'b{stage}', f'p{stage}')}"
        rows = f"SELECT q.*, {chosen(fits, f'b{stage}')} AS s{stage} FROM ({rows}) AS q"
    return rows


def _per_entry(definition: Definition, rows: str, keys: str) -> str:
    """The rows of each entry as one, with it as `m` of all stages that are reached from it, and no later one."""
    stages = " UNION ALL ".join(f"SELECT {stage} AS stage" for stage in definition.stages)
    entry = " ".join(f"WHEN {stage} THEN s{stage}" for stage in definition.stages)
    parent = " ".join(f"WHEN {stage} THEN p{stage}" for stage in definition.stages[1:])
    told = f"{keys}, side, t, stage, CASE stage {entry} END AS s, CASE stage {parent} END AS p"
    columns = ["s AS m0"]
    for stage in definition.stages[1:]:
        own = f"CASE WHEN stage = {stage} THEN {{}} END"
        columns.append(f"MAX({chosen(f'stage = {stage}', 's')}) AS m{stage}")
        columns += [f"MIN({own.format(each)}) AS {name}{stage}" for each, name in (("t", "f"), ("p", "p"), ("s", "e"))]
        if deadlines.limited(definition):
            columns.append(f"MAX({own.format('t')}) AS l{stage}")
        if stage in definition.growing:
            columns.append(f"SUM(CASE WHEN stage = {stage} AND side = 0 THEN 1 ELSE 0 END) AS g{stage}")
    rows = f"SELECT {told} FROM ({rows}) AS q CROSS JOIN ({stages}) AS o"
    return f"SELECT {keys}, {', '.join(columns)} FROM ({rows}) AS q WHERE s > {NEVER} GROUP BY {keys}, s"


def _per_unit(definition: Definition, rows: str, keys: str, *, grouped: bool = False) -> str:
    """The rows of each unit as one; `grouped` rows are moments with their numbers of events."""
    columns = ["MAX(s0) AS m0"]
    for stage in definition.stages[1:]:
        reached = f"s{stage} > {NEVER}"
        columns.append(f"MAX(s{stage}) AS m{stage}")
        columns.append(f"MIN(CASE WHEN {reached} THEN t END) AS f{stage}")
        columns.append(f"MIN(CASE WHEN {reached} THEN p{stage} END) AS p{stage}")
        columns.append(f"MIN(CASE WHEN {reached} THEN s{stage} END) AS e{stage}")  # it rises with time
        if deadlines.limited(definition):
            last = f"MAX(CASE WHEN {reached} THEN t END)"
            if definition.exclude:  # which ends a history, so that only one in that of the last entry goes on
                here, entered_in = (f"MAX(CASE WHEN s{each} > {NEVER} THEN seg END)" for each in (stage, 0))
                last = f"CASE WHEN {here} = {entered_in} THEN {last} END"
            columns.append(f"{last} AS l{stage}")
        if stage in definition.growing:
            events = f"n{1 << stage}" if grouped else "1"
            columns.append(f"SUM(CASE WHEN {reached} AND side = 0 THEN {events} ELSE 0 END) AS g{stage}")
    return f"SELECT {keys}, {', '.join(columns)} FROM ({rows}) AS q GROUP BY {keys} HAVING MAX(s0) > {NEVER}"
