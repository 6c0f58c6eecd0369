"""What all ways of counting chains share, as text of SQL: conditions of events, and the histories that they make up.

Normal events have the columns `unit`, `t` (microseconds since 1970) and the flags of `Definition.by_flag`, 1 or 0:
`h0`, `h1`, … where the event meets a stage, `x` where it is excluded, `y` where its unit is lost, `z` where that is
left out, `w1`, … where it bars the way to a stage. `a` is 1 where it may begin a chain, if `h0` does not tell, and
`same0`, … are the values that are the same along one. Names and values of a funnel file are not part of this text.

An excluded event splits the history of a unit in two; what happens at that very moment belongs to both parts. `keys`
are the columns that tell one unit from another, with a comma between.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.events.definition import NEVER

if TYPE_CHECKING:
    from funnelcli.events.definition import Definition

UNIT = "unit"
EARLIER = "RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"


def history(definition: Definition, keys: str) -> str:
    """The columns that tell one history from another: databases sort again by one that is the same everywhere."""
    return f"{keys}, seg" if definition.exclude else keys


def in_time(own: str) -> str:
    """The window of a history up to the time of an event."""
    return f"OVER (PARTITION BY {own} ORDER BY t)"


def rows_before(own: str) -> str:
    """The window of the rows of a history before one."""
    return f"OVER (PARTITION BY {own} ORDER BY t ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"


def held(definition: Definition) -> list[str]:
    """The columns of what is to be the same along a chain."""
    return [f"same{index}" for index in range(len(definition.same))]


def entered(definition: Definition) -> str:
    """The condition of an entry that is counted."""
    return " AND ".join([f"{entry_flag(definition)} = 1", *in_interval(definition)])


def in_interval(definition: Definition, at: str = "t") -> list[str]:
    """The conditions that a moment is one at which entries count."""
    return _bounds(at, (">=", definition.start), ("<", definition.end))


def entry_flag(definition: Definition) -> str:
    """The column that is 1 where an event may begin a chain: where any stage may, one of its own beside the others."""
    return "a" if definition.order == "unordered" or definition.repeats else "h0"


def flag_of_any(definition: Definition) -> str:
    """That column with its value, to be selected from events with flags; nothing where the first stage begins."""
    if definition.repeats:
        return ", h0 AS a"
    if definition.order != "unordered":
        return ""
    return f", CASE WHEN {' + '.join(flags(definition))} > 0 THEN 1 ELSE 0 END AS a"


def timely(definition: Definition, at: str = "t") -> str:
    """The condition of times that can belong to an entry of the interval, by what `at` is."""
    return " AND ".join([f"{at} IS NOT NULL", *_bounds(at, (">=", definition.start), ("<=", definition.last))])


def _bounds(at: str, *bounds: tuple[str, int | None]) -> list[str]:
    return [f"{at} {comparison} {moment}" for comparison, moment in bounds if moment is not None]


def reachable(definition: Definition) -> str:
    """The condition of events that can belong to an entry of the interval."""
    return f"unit IS NOT NULL AND {timely(definition)}"


def wanted(definition: Definition, *, flags: bool = False) -> str:
    """The condition of events that are looked at, by `m` or by `flags`: for strict chains, also what meets nothing."""
    if definition.order == "strict":
        return reachable(definition)
    if flags:
        return f"{reachable(definition)} AND {' + '.join(definition.bits)} > 0"
    return f"m <> 0 AND {reachable(definition)}"


def within_window(definition: Definition, since: str, at: str = "t", sign: str = "<=") -> list[str]:
    """The condition that a moment is within the window of another, if there is one."""
    return [] if definition.window is None else [f"{at} - {since} {sign} {definition.window}"]


def in_window(definition: Definition, start: str) -> list[str]:
    """The conditions that a chain from `start` to this event is one, and within the window."""
    return [f"{start} > {NEVER}", *within_window(definition, start)]


def soon(definition: Definition, stage: int, before: str, at: str = "t") -> list[str]:
    """The condition that a stage is reached in time from the one before, which was at `before`, if there is one."""
    limit = definition.within[stage] if definition.within else None
    return [] if limit is None else [f"{at} - {before} <= {limit}"]


def goes_on(definition: Definition, stage: int, start: str, before: str) -> str:
    """The condition that a chain from `start`, which was at the stage before at `before`, goes on to a stage here."""
    barred = [f"v{stage} <= {before}"] if definition.barred and definition.barred[stage] else []
    return " AND ".join([*in_window(definition, start), *soon(definition, stage, before), *barred])


def flags(definition: Definition) -> list[str]:
    """The flags of the stages."""
    return [f"h{stage}" for stage in definition.stages]


def bars(definition: Definition) -> list[str]:
    """The flags of events that bar the way to a stage."""
    return [f"w{stage}" for stage, when in enumerate(definition.barred) if when]


def bar_before(definition: Definition, stage: int, keys: str, *, moments: bool = False) -> str:
    """A further column `v`: when something was before this event, or moment, that bars the way to a stage."""
    if not (definition.barred and definition.barred[stage]):
        return ""
    own = history(definition, keys)
    earlier = rows_before(own) if moments else f"OVER (PARTITION BY {own} ORDER BY t {EARLIER})"
    return f", COALESCE(MAX({chosen(f'w{stage} = 1', 't')}) {earlier}, {NEVER}) AS v{stage}"


def _carried(definition: Definition) -> list[str]:
    """What the events have beside their unit and time."""
    return [*flags(definition), *bars(definition), *(["a"] if entry_flag(definition) == "a" else [])]


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


def chosen(condition: str, value: str) -> str:
    """A value where a condition holds, and else `NEVER`."""
    return f"CASE WHEN {condition} THEN {value} ELSE {NEVER} END"


def any_of(stages: int) -> str:
    """1 where an event meets one of the stages, which are given as bits."""
    # named with their source: ClickHouse would take a bare name for the new column that is called the same
    flags = [f"q.h{stage}" for stage in range(stages.bit_length()) if stages >> stage & 1]
    return flags[0] if len(flags) == 1 else f"CASE WHEN {' + '.join(flags)} > 0 THEN 1 ELSE 0 END"


def largest(candidates: list[str]) -> str:
    """The largest of some expressions; `NEVER` where there are none."""
    if not candidates:
        return str(NEVER)
    return candidates[0] if len(candidates) == 1 else f"GREATEST({', '.join(candidates)})"
