"""Chains of which events may meet several stages, or between which no other event may lie, as text of SQL.

Events of a unit at the same time are one row, a moment, which tells how many of them meet each set of stages: from what
was before, chains go on through all that is possible at once.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.events.chains_sql import (
    any_of,
    bar_before,
    bars,
    chosen,
    entered,
    entry_flag,
    goes_on,
    history,
    in_time,
    largest,
    rows_before,
)
from funnelcli.events.definition import NEVER
from funnelcli.events.overlap import needs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.events.definition import Definition


def moments(definition: Definition, base: str, masks: Sequence[int], keys: str) -> str:
    """Events of a unit at the same time as one row: how many there are (`n`), and how many meet each set of stages."""
    wanted = {1 << stage for stage in definition.stages}
    for stage in definition.stages:
        path = definition.path(stage)
        for first in range(len(path)):
            wanted |= set(needs(path[first:], masks))
    counts = ", ".join(f"SUM({any_of(stages)}) AS n{stages}" for stages in sorted(wanted))
    flag = entry_flag(definition)
    entry = f"CASE WHEN SUM(q.{flag}) > 0 THEN 1 ELSE 0 END AS {flag}, {counts}"
    entry += "".join(f", MAX(q.{bar}) AS {bar}" for bar in bars(definition))
    return f"SELECT {keys}, seg, side, t, COUNT(*) AS n, {entry} FROM ({base}) AS q GROUP BY {keys}, seg, side, t"


def _at_once(steps: Sequence[int], masks: Sequence[int], *, all_events: bool = False) -> str:
    """The condition that the events of one time serve these stages, each another; maybe with none of them left over."""
    conditions = [f"n{stages} >= {stages.bit_count()}" for stages in needs(steps, masks)]
    return " AND ".join([*conditions, f"n = {len(steps)}"] if all_events else conditions)


def _known(time: str) -> str:
    """A time, NULL where there is none: before the first row, ClickHouse has 0 of what cannot be NULL."""
    return f"CASE WHEN {time} > {NEVER} THEN {time} END"


def at_moments(definition: Definition, moments: str, masks: Sequence[int], keys: str, *, strict: bool) -> str:
    """Chains where an event may meet several stages: from what was before, through all that is possible at once.

    Of each stage `s` is the entry of a chain that ends here, and `b` that of one that can go on, the last event of
    which was at `l`. With `strict`, no other event lies between: of every time between the first and the last, all
    events belong to the chain, and `o` is the entry of one that goes on from here to the next time.
    """
    own = history(definition, keys)
    before, earlier = rows_before(own), f"LAG({_known('{0}')}) {in_time(own)}"
    rows = f"SELECT q.*, {earlier.format('t')} AS last_t FROM ({moments}) AS q" if strict else moments
    bars = "".join(bar_before(definition, stage, keys, moments=True) for stage in definition.stages)
    rows = f"SELECT q.*, {chosen(entered(definition), 't')} AS s0{bars} FROM ({rows}) AS q"
    for stage in definition.stages:
        carried = "s0"
        if stage:
            path = definition.path(stage)
            now = [] if definition.apart else [chosen(f"{_at_once(path, masks)} AND s0 > {NEVER}", "t")]
            on = list(now)
            for step in range(len(path) - 1 if definition.apart else 1, len(path)):
                start = f"b{path[step - 1]}"
                ended = "last_t" if strict and not definition.repeats else f"l{path[step - 1]}"
                fits = goes_on(definition, path[step], start, ended)
                later = chosen(f"{_at_once(path[step:], masks)} AND {fits}", start)
                if step < len(path) - 1:
                    now.append(later)
                going_on = _at_once(path[step:], masks, all_events=not definition.repeats)
                if definition.repeats:  # of the stages from the one before on, any may come again
                    going_on += f" AND n = {' + '.join(f'n{1 << each}' for each in path[step - 1 :])}"
                on.append(chosen(f"{going_on} AND {fits}", start))
            chains = f"{largest(now)} AS now{stage}, {later} AS later{stage}"
            if strict:
                chains += f", {largest(on)} AS o{stage}"
                carried = f"o{stage}"
            rows = f"SELECT q.*, {chains} FROM ({rows}) AS q"
            last = "last_t" if strict and not definition.repeats else f"l{path[-2]}"
            rows = (
                f"SELECT q.*, {largest([f'now{stage}', f'later{stage}'])} AS s{stage}, "
                f"CASE WHEN now{stage} > {NEVER} THEN t ELSE {last} END AS p{stage} FROM ({rows}) AS q"
            )
        if definition.repeats:
            rows = _kept_alive(stage, carried, rows, own)
            found = f"COALESCE({earlier.format(f'k{stage}')}, {NEVER}) AS b{stage}, "
            found += f"COALESCE({earlier.format(f'u{stage}')}, {NEVER}) AS l{stage}"
        elif strict:
            found = f"COALESCE({earlier.format(carried)}, {NEVER}) AS b{stage}"
        else:
            ended = chosen(f"s{stage} > {NEVER}", "t")
            found = f"COALESCE(MAX({_known(f's{stage}')}) {before}, {NEVER}) AS b{stage}, "
            found += f"COALESCE(MAX({_known(ended)}) {before}, {NEVER}) AS l{stage}"
        rows = f"SELECT q.*, {found} FROM ({rows}) AS q"
    return rows


def _kept_alive(stage: int, carried: str, rows: str, own: str) -> str:
    """Of chains that go on from a stage: the entry `k`, and when they came there `u`, while nothing else happens."""
    other = f"CASE WHEN n = n{1 << stage} THEN 0 ELSE 1 END"
    rows = f"SELECT q.*, SUM({other}) {in_time(own)} AS r{stage} FROM ({rows}) AS q"
    alone = f"OVER (PARTITION BY {own}, r{stage} ORDER BY t)"
    came = chosen(f"{carried} > {NEVER}", "t")
    return f"SELECT q.*, MAX({carried}) {alone} AS k{stage}, MAX({came}) {alone} AS u{stage} FROM ({rows}) AS q"
