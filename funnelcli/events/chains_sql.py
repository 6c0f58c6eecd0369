"""The counting, as text of SQL that every engine reads: from normal events to one row a unit.

Normal events have the columns `unit`, `t` (microseconds since 1970), `h0`, `h1`, … (1 where the event meets the stage,
else 0), `x` (1 where it is excluded) and `y` (1 where its unit is lost). Names and values of a funnel file are not part
of this text.

For each event that can end a chain, the latest entry of such a chain is carried along: it leaves the most of the
window, so that no other entry has to be looked at. A running maximum per stage finds it, in one pass over the events.
Events of the same time count as one after the other in the order that lengthens the chain. An excluded event splits the
history of a unit in two; what happens at that very moment belongs to both parts.

`keys` are the columns that tell one unit from another, with a comma between: a unit counts once in each of its segments
where these are `unit, label`.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.events import unordered
from funnelcli.events.definition import NEVER as NEVER
from funnelcli.events.overlap import needs, shares_events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.events.definition import Definition

UNIT = "unit"
_EARLIER = "RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"


def units(definition: Definition, source: str, masks: Sequence[int], *, keys: str = UNIT) -> str:
    """A query of one row a unit, which has its `keys`.

    Of each stage `m` is the latest entry of a chain to it (`NEVER` when there is none), `f` when it was first reached,
    `p` the time of the stage before on that chain, `e` its entry, and `g` how many events reached it. In any order, a
    stage is reached when all of the way to it is complete. `masks` are those of the events in `source`, which is a
    table's name or a query in parentheses.
    """
    if definition.shared:  # each stage looks at its own events
        masks = [1 << stage for stage in definition.stages]
    base = histories(definition, _left_in(definition, source, keys), keys)
    if definition.order == "unordered":
        return unordered.units(definition, base, keys, entered(definition))
    if definition.order == "any":
        return _per_unit_in_any_order(definition, _any_order(definition, base, masks, keys), keys)
    strict = definition.order == "strict"
    if strict or shares_events(definition, masks):
        moments = _moments(definition, base, masks, keys)
        rows = _at_moments(definition, moments, masks, keys, strict=strict)
        return _per_unit(definition, rows, keys, grouped=True)
    return _per_unit(definition, _apart(definition, base, keys), keys)


def _left_in(definition: Definition, source: str, keys: str) -> str:
    """The events of the units that are not left out altogether."""
    if not definition.exclude_units:
        return source
    earlier = f"OVER (PARTITION BY {keys} ORDER BY t {_EARLIER})"
    entry = f"SELECT e.*, MAX({_chosen(entered(definition), 't')}) {earlier} AS begun FROM {source} AS e"
    out = f"CASE WHEN z = 1 AND {in_window(definition, 'begun')} THEN 1 ELSE 0 END"
    told = f"SELECT e.*, MAX({out}) OVER (PARTITION BY {keys}) AS gone FROM ({entry}) AS e"
    return f"(SELECT * FROM ({told}) AS e WHERE gone = 0)"


def _follows(definition: Definition, keys: str) -> str:
    """The events that another one may follow."""
    upto = _EARLIER if definition.apart else ""
    return f"OVER (PARTITION BY {history(definition, keys)} ORDER BY t {upto})"


def history(definition: Definition, keys: str) -> str:
    """The columns that tell one history from another: databases sort again by one that is the same everywhere."""
    return f"{keys}, seg" if definition.exclude else keys


def _over(history_: str) -> str:
    return f"OVER (PARTITION BY {history_} ORDER BY t)"


def _before(history_: str) -> str:
    return f"OVER (PARTITION BY {history_} ORDER BY t ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"


def entered(definition: Definition) -> str:
    """The condition of an entry that is counted."""
    return f"{entry_flag(definition)} = 1" + _within((">=", definition.start), ("<", definition.end))


def entry_flag(definition: Definition) -> str:
    """The column that is 1 where an event may begin a chain: where any stage may, one of its own beside the others."""
    return "a" if definition.order == "unordered" or definition.repeats else "h0"


def flag_of_any(definition: Definition) -> str:
    """That column with its value, to be selected from events with flags; nothing where the first stage begins."""
    if definition.repeats:
        return ", h0 AS a"
    if definition.order != "unordered":
        return ""
    return f", CASE WHEN {' + '.join(_flags(definition))} > 0 THEN 1 ELSE 0 END AS a"


def timely(definition: Definition) -> str:
    """The condition of times that can belong to an entry of the interval."""
    return "t IS NOT NULL" + _within((">=", definition.start), ("<=", definition.last))


def _within(*bounds: tuple[str, int | None]) -> str:
    return "".join(f" AND t {comparison} {moment}" for comparison, moment in bounds if moment is not None)


def reachable(definition: Definition) -> str:
    """The condition of events that can belong to an entry of the interval."""
    return f"unit IS NOT NULL AND {timely(definition)}"


def wanted(definition: Definition) -> str:
    """The condition of events that are looked at, among those with `m`: for strict chains, also what meets nothing."""
    return reachable(definition) if definition.order == "strict" else f"m <> 0 AND {reachable(definition)}"


def in_window(definition: Definition, start: str) -> str:
    """The condition that a chain from `start` to this event is one, and within the window."""
    condition = f"{start} > {NEVER}"
    return condition if definition.window is None else f"{condition} AND t - {start} <= {definition.window}"


def _flags(definition: Definition) -> list[str]:
    return [f"h{stage}" for stage in definition.stages]


def _bars(definition: Definition) -> list[str]:
    """The flags of events that bar the way to a stage."""
    return [f"w{stage}" for stage, when in enumerate(definition.barred) if when]


def _bar(definition: Definition, stage: int, keys: str, *, moments: bool = False) -> str:
    """A further column `v`: when something was before this event, or moment, that bars the way to a stage."""
    if not (definition.barred and definition.barred[stage]):
        return ""
    earlier = _before(keys) if moments else f"OVER (PARTITION BY {keys}, seg ORDER BY t {_EARLIER})"
    return f", COALESCE(MAX({_chosen(f'w{stage} = 1', 't')}) {earlier}, {NEVER}) AS v{stage}"


def _clear(definition: Definition, stage: int, before: str) -> str:
    """The further condition that nothing bars the way to a stage from the one that it comes from."""
    return f" AND v{stage} <= {before}" if definition.barred and definition.barred[stage] else ""


def soon(definition: Definition, stage: int, before: str, at: str = "t") -> str:
    """The further condition that a stage is reached in time from the one that it comes from, which was at `before`."""
    limit = definition.within[stage] if definition.within else None
    return "" if limit is None else f" AND {at} - {before} <= {limit}"


def _carried(definition: Definition) -> list[str]:
    """What the events have beside their unit and time."""
    return [*_flags(definition), *_bars(definition), *(["a"] if entry_flag(definition) == "a" else [])]


def histories(definition: Definition, source: str, keys: str = UNIT) -> str:
    """Events in the histories (`seg`) into which excluded events split a unit's; `side` is 1 where one comes again."""
    flags = ", ".join(_carried(definition))
    if not definition.exclude:
        return f"SELECT {keys}, 0 AS seg, 0 AS side, t, {flags} FROM {source} AS e"
    numbered = (
        f"SELECT {keys}, t, {flags}, COALESCE(SUM(x) OVER (PARTITION BY {keys} ORDER BY t "
        "RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before, "
        f"SUM(x) OVER (PARTITION BY {keys} ORDER BY t) AS upto FROM {source} AS e"
    )
    return (
        f"SELECT {keys}, before AS seg, 0 AS side, t, {flags} FROM ({numbered}) AS n1 UNION ALL "
        f"SELECT {keys}, upto AS seg, 1 AS side, t, {flags} FROM ({numbered}) AS n2 WHERE upto > before"
    )


def _apart(definition: Definition, base: str, keys: str) -> str:
    """Chains where no event can serve two stages: events of the same time see each other, or are kept apart."""
    over = _follows(definition, keys)
    rows = f"SELECT q.*, {_chosen(entered(definition), 't')} AS s0 FROM ({base}) AS q"
    for stage in definition.stages[1:]:
        before = f"s{definition.parents[stage]}"
        rows = (
            f"SELECT q.*, MAX({before}) {over} AS b{stage}, "
            f"MAX({_chosen(f'{before} > {NEVER}', 't')}) {over} AS p{stage}{_bar(definition, stage, keys)} "
            f"FROM ({rows}) AS q"
        )
        fits = f"h{stage} = 1 AND {in_window(definition, f'b{stage}')}"
        fits += soon(definition, stage, f"p{stage}") + _clear(definition, stage, f"p{stage}")
        rows = f"SELECT q.*, {_chosen(fits, f'b{stage}')} AS s{stage} FROM ({rows}) AS q"
    return rows


def _moments(definition: Definition, base: str, masks: Sequence[int], keys: str) -> str:
    """Events of a unit at the same time as one row: how many there are (`n`), and how many meet each set of stages."""
    wanted = {1 << stage for stage in definition.stages}
    for stage in definition.stages:
        path = definition.path(stage)
        for first in range(len(path)):
            wanted |= set(needs(path[first:], masks))
    counts = ", ".join(f"SUM({_any_of(stages)}) AS n{stages}" for stages in sorted(wanted))
    flag = entry_flag(definition)
    entry = f"CASE WHEN SUM(q.{flag}) > 0 THEN 1 ELSE 0 END AS {flag}, {counts}"
    entry += "".join(f", MAX(q.{bar}) AS {bar}" for bar in _bars(definition))
    return f"SELECT {keys}, seg, side, t, COUNT(*) AS n, {entry} FROM ({base}) AS q GROUP BY {keys}, seg, side, t"


def _any_of(stages: int) -> str:
    # named with their source: ClickHouse would take a bare name for the new column that is called the same
    flags = [f"q.h{stage}" for stage in range(stages.bit_length()) if stages >> stage & 1]
    return flags[0] if len(flags) == 1 else f"CASE WHEN {' + '.join(flags)} > 0 THEN 1 ELSE 0 END"


def _at_once(steps: Sequence[int], masks: Sequence[int], *, all_events: bool = False) -> str:
    """The condition that the events of one time serve these stages, each another; maybe with none of them left over."""
    conditions = [f"n{stages} >= {stages.bit_count()}" for stages in needs(steps, masks)]
    return " AND ".join([*conditions, f"n = {len(steps)}"] if all_events else conditions)


def _largest(candidates: list[str]) -> str:
    if not candidates:
        return str(NEVER)
    return candidates[0] if len(candidates) == 1 else f"GREATEST({', '.join(candidates)})"


def _chosen(condition: str, value: str) -> str:
    return f"CASE WHEN {condition} THEN {value} ELSE {NEVER} END"


def _at_moments(definition: Definition, moments: str, masks: Sequence[int], keys: str, *, strict: bool) -> str:
    """Chains where an event may meet several stages: from what was before, through all that is possible at once.

    Of each stage `s` is the entry of a chain that ends here, and `b` that of one that can go on, the last event of
    which was at `l`. With `strict`, no other event lies between: of every time between the first and the last, all
    events belong to the chain, and `o` is the entry of one that goes on from here to the next time.
    """
    own = history(definition, keys)
    before, earlier = _before(own), f"LAG({{}}) {_over(own)}"
    rows = f"SELECT q.*, {earlier.format('t')} AS last_t FROM ({moments}) AS q" if strict else moments
    bars = "".join(_bar(definition, stage, keys, moments=True) for stage in definition.stages)
    rows = f"SELECT q.*, {_chosen(entered(definition), 't')} AS s0{bars} FROM ({rows}) AS q"
    for stage in definition.stages:
        carried = "s0"
        if stage:
            path = definition.path(stage)
            now = [] if definition.apart else [_chosen(f"{_at_once(path, masks)} AND s0 > {NEVER}", "t")]
            on = list(now)
            for step in range(len(path) - 1 if definition.apart else 1, len(path)):
                start = f"b{path[step - 1]}"
                ended = "last_t" if strict and not definition.repeats else f"l{path[step - 1]}"
                fits = in_window(definition, start)
                fits += soon(definition, path[step], ended) + _clear(definition, path[step], ended)
                later = _chosen(f"{_at_once(path[step:], masks)} AND {fits}", start)
                if step < len(path) - 1:
                    now.append(later)
                going_on = _at_once(path[step:], masks, all_events=not definition.repeats)
                if definition.repeats:  # of the stages from the one before on, any may come again
                    going_on += f" AND n = {' + '.join(f'n{1 << each}' for each in path[step - 1 :])}"
                on.append(_chosen(f"{going_on} AND {fits}", start))
            chains = f"{_largest(now)} AS now{stage}, {later} AS later{stage}"
            if strict:
                chains += f", {_largest(on)} AS o{stage}"
                carried = f"o{stage}"
            rows = f"SELECT q.*, {chains} FROM ({rows}) AS q"
            last = "last_t" if strict and not definition.repeats else f"l{path[-2]}"
            rows = (
                f"SELECT q.*, {_largest([f'now{stage}', f'later{stage}'])} AS s{stage}, "
                f"CASE WHEN now{stage} > {NEVER} THEN t ELSE {last} END AS p{stage} FROM ({rows}) AS q"
            )
        if definition.repeats:
            rows = _kept_alive(stage, carried, rows, keys)
            found = f"COALESCE({earlier.format(f'k{stage}')}, {NEVER}) AS b{stage}, "
            found += f"COALESCE({earlier.format(f'u{stage}')}, {NEVER}) AS l{stage}"
        elif strict:
            found = f"COALESCE({earlier.format(carried)}, {NEVER}) AS b{stage}"
        else:
            ended = _chosen(f"s{stage} > {NEVER}", "t")
            found = f"COALESCE(MAX(s{stage}) {before}, {NEVER}) AS b{stage}, "
            found += f"COALESCE(MAX({ended}) {before}, {NEVER}) AS l{stage}"
        rows = f"SELECT q.*, {found} FROM ({rows}) AS q"
    return rows


def _kept_alive(stage: int, carried: str, rows: str, keys: str) -> str:
    """Of chains that go on from a stage: the entry `k`, and when they came there `u`, while nothing else happens."""
    other = f"CASE WHEN n = n{1 << stage} THEN 0 ELSE 1 END"
    rows = f"SELECT q.*, SUM({other}) {_over(keys)} AS r{stage} FROM ({rows}) AS q"
    alone = f"OVER (PARTITION BY {keys}, seg, r{stage} ORDER BY t)"
    came = _chosen(f"{carried} > {NEVER}", "t")
    return f"SELECT q.*, MAX({carried}) {alone} AS k{stage}, MAX({came}) {alone} AS u{stage} FROM ({rows}) AS q"


def _any_order(definition: Definition, base: str, masks: Sequence[int], keys: str) -> str:
    """Entries with `c0`, `c1`, …: when all of the way to a stage was complete, in whatever order; `NULL` if never.

    So many events have followed when the last of them has, which is found by its distance among its like.
    """
    after = f"OVER (PARTITION BY {keys}, seg ORDER BY t RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)"
    wanted = {stage: needs(definition.path(stage)[1:], masks) for stage in definition.stages}
    last = {}
    for stages in sorted({each for sets in wanted.values() for each in sets}):
        met, number = _any_of(stages), stages.bit_count()
        alike = f"OVER (PARTITION BY {keys}, seg, {met} ORDER BY t DESC)"
        time = f"CASE WHEN {met} = 1 THEN t END"
        found = [f"LAG({time}, {further}) {alike}" if further else time for further in (number - 1, number)]
        own = any(mask & 1 and mask & stages for mask in masks)  # an entry follows not itself
        columns = [f"{each} AS k{stages}_{index}" for index, each in enumerate(found[: 1 + own])]
        base = f"SELECT q.*, {', '.join(columns)} FROM ({base}) AS q"
        ends = [f"COALESCE(MIN(k{stages}_{index}) {after}, {-NEVER})" for index in range(1 + own)]
        last[stages] = f"CASE WHEN {met} = 1 THEN {ends[1]} ELSE {ends[0]} END" if own else ends[0]
    rows = f"SELECT q.*{''.join(f', {end} AS k{stages}' for stages, end in last.items())} FROM ({base}) AS q"
    complete = []
    for stage, sets in wanted.items():
        end = _largest([f"k{stages}" for stages in sets]) if sets else "t"
        within = f" AND {end} - t <= {definition.window}" if definition.window is not None else ""
        complete.append(f"CASE WHEN {end} < {-NEVER}{within} THEN {end} END AS c{stage}")
    rows = f"SELECT {keys}, t, {', '.join(complete)} FROM ({rows}) AS q WHERE {entered(definition)}"
    firsts = [f"MIN(c{stage}) OVER (PARTITION BY {keys}) AS f{stage}" for stage in definition.stages[1:]]
    return f"SELECT q.*, {', '.join(firsts)} FROM ({rows}) AS q"


def _per_unit_in_any_order(definition: Definition, rows: str, keys: str) -> str:
    """The entries of each unit as one row."""
    columns = ["MAX(t) AS m0"]
    for stage in definition.stages[1:]:
        first = f"q.c{stage} = q.f{stage}"  # with the source: ClickHouse would take the new column of this name
        columns += [
            f"MAX({_chosen(f'c{stage} IS NOT NULL', 't')}) AS m{stage}",
            f"MIN(q.f{stage}) AS f{stage}",
            f"MAX(CASE WHEN {first} THEN c{definition.parents[stage]} END) AS p{stage}",  # it rises with the entry
            f"MAX(CASE WHEN {first} THEN t END) AS e{stage}",
        ]
    return f"SELECT {keys}, {', '.join(columns)} FROM ({rows}) AS q GROUP BY {keys}"


def _per_unit(definition: Definition, rows: str, keys: str, *, grouped: bool = False) -> str:
    """The rows of each unit as one; `grouped` rows are moments with their numbers of events."""
    columns = ["MAX(s0) AS m0"]
    for stage in definition.stages[1:]:
        reached = f"s{stage} > {NEVER}"
        columns.append(f"MAX(s{stage}) AS m{stage}")
        columns.append(f"MIN(CASE WHEN {reached} THEN t END) AS f{stage}")
        columns.append(f"MIN(CASE WHEN {reached} THEN p{stage} END) AS p{stage}")
        columns.append(f"MIN(CASE WHEN {reached} THEN s{stage} END) AS e{stage}")  # it rises with time
        if stage in definition.growing:
            events = f"n{1 << stage}" if grouped else "1"
            columns.append(f"SUM(CASE WHEN {reached} AND side = 0 THEN {events} ELSE 0 END) AS g{stage}")
    return f"SELECT {keys}, {', '.join(columns)} FROM ({rows}) AS q GROUP BY {keys} HAVING MAX(s0) > {NEVER}"
