"""Who dropped off at a stage, or reached it, and what they did next: one query, and its rows as a result."""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.events import deadlines, zones
from funnelcli.events.count import Prepared, prepare
from funnelcli.events.definition import NEVER
from funnelcli.events.result import shown
from funnelcli.exact import ratio
from funnelcli.metrics import find_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from funnelcli.events.count import Engine
    from funnelcli.events.definition import Definition
    from funnelcli.events.reach import Reach
    from funnelcli.exact import Exact
    from funnelcli.model import Funnel

Question: TypeAlias = Literal["dropped_at", "reached"]
"""Units that reached the stage that a stage comes from, and not the stage; or those that reached it."""
MOST_NEXT = 5


class UnitsAsked(NamedTuple):
    """A stage by its index, which of its units are asked for, and the column that names what they did next."""

    question: Question
    stage: int
    column: str


class Unit(NamedTuple):
    """A unit: its entry, when it got as far as is asked (`at`), whether it has time to go on, and its next event.

    Times are texts of ISO 8601 in UTC. `window_open` is told of units that dropped off, where there is a window, or the
    stage has to be reached `within` some time: that neither is over at the last event, and no event ended the way after
    the latest entry.
    `lost_at` is when an event of `lost` said that the unit will not come. `next_event` and `next_at` are there where
    there is a later event, and then, of units that dropped off, whether it came only `after_window`, and whether that
    or the stage's `within` made it `too_late` to be the stage.
    """

    unit: str
    entered: str
    at: str
    window_open: bool | None
    next_event: str | None
    next_at: str | None
    lost_at: str | None = None
    after_window: bool | None = None
    too_late: bool | None = None


class NextEvent(NamedTuple):
    """How many of the units did this next; an `event` that is `None` is no event at all.

    Where it came only `after_window`, or else was `too_late` for the stage that has to be reached `within` some time,
    it is told apart.
    """

    event: str | None
    units: int
    share: Exact | None
    after_window: bool = False
    too_late: bool = False


class UnitsFound(NamedTuple):
    """The units that a question is about, in the order of time at which they got so far, and what the log covers."""

    units: tuple[Unit, ...]
    reach: Reach


class UnitsReport(NamedTuple):
    """The units of a stage, by `question`; `after` is the stage that they reached last.

    `window_open` are those that may still go on, `None` where that is not told, and `known_lost` those that an event
    says are lost. Where stages have no order, a unit is at one by events of so many `different_stages`. `next` are what
    most of them did next: the five events of the most units, and those that did nothing. Who dropped off at a stage
    could reach it `within` so many seconds of the one before, if it says so.
    """

    file: str | None
    document: int
    name: str
    period: str | None
    currency: str | None
    question: Question
    stage: str
    after: str
    number_of_units: int
    window_open: int | None
    next: tuple[NextEvent, ...]
    units: tuple[Unit, ...]
    known_lost: int = 0
    different_stages: int | None = None
    within: int | None = None


def asked(funnel: Funnel, question: Question, stage: str) -> UnitsAsked | Problem:
    """What is asked of a funnel, whose stage is found as everywhere, exactly and then without case."""
    index = find_name(stage, funnel.names)
    if index is None:
        return Problem("FN112", f"unknown stage {quoted(stage)}", did_you_mean(stage, funnel.names))
    if not index and question == "dropped_at":
        what = f"nobody drops off at {quoted(funnel.names[0])}, the first stage"
        return Problem("FN112", what, f"name the stage that is not reached: {quoted(funnel.names[1])}")
    if funnel.measure and funnel.measure.entry == "each":
        what = "entry: each counts entries, and what is listed are units"
        return Problem("FN108", what, "use another entry", path=("measure", "entry"))
    column = funnel.measure.event if funnel.measure else None
    return UnitsAsked(question, index, column or _usual_column(funnel))


def _usual_column(funnel: Funnel) -> str:
    """The column that the conditions of the most stages name, the first of several: that of the kind of event."""
    columns = Counter(
        column
        for stage in funnel.stages
        for column in dict.fromkeys(each.column for alternative in stage.when for each in alternative)
    )
    return columns.most_common(1)[0][0]


def find(engine: Engine, definition: Definition, about: UnitsAsked, *, mature_only: bool = False) -> Any:
    """The units that are asked for, as `UnitsFound`, or what does not fit."""
    prepared = prepare(engine, definition._replace(dimensions=(), amounts=()), mature_only=mature_only)
    if not isinstance(prepared, Prepared):
        return prepared
    definition = prepared.definition._replace(period=None)  # what is told apart is not asked for
    rows = engine.listed(
        definition, prepared.masks, about.column, query(definition, about), partial(enders, definition, about)
    )
    until = prepared.reach.until if about.question == "dropped_at" else None
    return UnitsFound(tuple(_units(rows, about, definition, until)), prepared.reach)


def query(definition: Definition, about: UnitsAsked) -> str:
    """Rows of `unit`, `entered`, `reached`, `latest`, `event`, `t`, `lost_at`, `barred` and `until`, of units in `u`.

    `u` has the columns of `units_sql.units`, `funnelcli_named` all events as `unit`, `t` and `event`; `enders` are
    those of the function, if there are some. Of the first stage, the latest entry is meant, which is `latest`. A unit
    has a row for each of its next events, which are at the same moment. It is `barred` where an event of `exclude` came
    after that entry, and may come `until` a moment, where the stage is to be reached within some time.
    """
    stage = about.stage if about.question == "reached" else definition.parents[about.stage]
    entered, at = ("e{0}", "f{0}") if stage else ("m{0}", "m{0}")
    there = f"COALESCE(m{{}}, {NEVER}) > {NEVER}"
    wanted = there.format(stage)
    if about.question == "dropped_at":
        wanted += f" AND NOT {there.format(about.stage)}"
    limited = about.question == "dropped_at" and about.stage in deadlines.limited(definition)
    until = f"until{about.stage}" if limited else "CAST(NULL AS BIGINT)"
    columns = f"{entered.format(stage)} AS entered, {at.format(stage)} AS reached, m0 AS latest, {until} AS until"
    chosen = f"SELECT unit, {columns} FROM u WHERE {wanted}"
    placed = "RANK() OVER (PARTITION BY c.unit ORDER BY n.t) AS place"
    ended, told = "", "CAST(NULL AS BIGINT) AS lost_at, 0 AS barred"
    if about.question == "dropped_at" and _enders(definition):
        lost = "CASE WHEN e.y = 1 AND e.t >= c.latest THEN e.t END"
        barred = "e.x = 1 AND e.t > c.latest"
        found = f"SELECT c.unit, MIN({lost}) AS lost_at, MAX(CASE WHEN {barred} THEN 1 ELSE 0 END) AS barred"
        found += f" FROM ({chosen}) AS c JOIN enders AS e ON e.unit = c.unit GROUP BY c.unit"
        ended, told = f" LEFT JOIN ({found}) AS d ON d.unit = c.unit", "d.lost_at, d.barred"
    rows = (
        "SELECT CAST(c.unit AS VARCHAR) AS unit, c.entered, c.reached, c.latest, "
        f"n.event, n.t, {told}, c.until, {placed} "
        f"FROM ({chosen}) AS c LEFT JOIN funnelcli_named AS n ON n.unit = c.unit AND n.t > c.reached{ended}"
    )
    return f"SELECT unit, entered, reached, latest, event, t, lost_at, barred, until FROM ({rows}) AS q WHERE place = 1"


def _enders(definition: Definition) -> list[str]:
    """The flags of events that end the way of a unit: of `exclude`, unless it may be of another chain, and `lost`."""
    known = {"x": definition.exclude_ends, "y": definition.lost}
    return [flag for flag, when in known.items() if when]


def enders(definition: Definition, about: UnitsAsked, events: str) -> str | None:
    """A query of these events: their `unit`, `t`, and 1 where they are of `exclude` (`x`) or of `lost` (`y`); nothing
    where there are none that matter.
    """
    known = _enders(definition)
    if about.question == "reached" or not known:
        return None
    columns = ", ".join(f"{flag if flag in known else 0} AS {flag}" for flag in "xy")
    return f"SELECT unit, t, {columns} FROM {events} AS e WHERE {' OR '.join(f'{flag} = 1' for flag in known)}"


def _units(
    rows: Iterable[Sequence[Any]], about: UnitsAsked, definition: Definition, until: int | None
) -> Iterable[Unit]:
    window, soon = definition.window, definition.within[about.stage] if definition.within else None
    placed = [
        (int(at), str(unit), int(entered), "" if time is None else shown(event), int(latest), time, lost, barred, end)
        for unit, entered, at, latest, event, time, lost, barred, end in rows
    ]
    placed.sort(key=lambda each: each[:4])  # so that of events at one moment, the first by its name comes first
    last = None
    for at, unit, entered, event, latest, time, lost, barred, end in placed:
        if unit == last:
            continue
        last = unit
        still = None
        if until is not None and (window is not None or soon is not None):
            in_time = window is None or until - latest < window
            in_time = in_time and (end is None or until < int(end))
            still = in_time and lost is None and not barred
        reached = zones.moment_text(at)
        begun = reached if entered == at else zones.moment_text(entered)
        next_event, next_at = (None, None) if time is None else (event, zones.moment_text(int(time)))
        known_lost = None if lost is None else zones.moment_text(int(lost))
        dropped = about.question == "dropped_at"
        after, late = None, None
        if dropped and time is not None:
            after = None if window is None else int(time) - entered > window
            limits = [after, None if soon is None else int(time) - at > soon]  # as `chains_sql.soon` has it
            late = None if limits == [None, None] else any(limits)
        yield Unit(unit, begun, reached, still, next_event, next_at, known_lost, after, late)


def report(funnel: Funnel, about: UnitsAsked, units: Sequence[Unit]) -> UnitsReport:
    """The units with what they did next."""
    counted = Counter((each.next_event, bool(each.after_window), bool(each.too_late)) for each in units)
    nothing = counted.pop((None, False, False), 0)
    most = sorted(counted.items(), key=lambda each: (-each[1], str(each[0])))[:MOST_NEXT]
    told = [*most, *([((None, False, False), nothing)] if nothing else [])]
    stage = funnel.stages[about.stage]
    after = about.stage if about.question == "reached" else stage.parent or 0
    known = [each.window_open for each in units]
    return UnitsReport(
        funnel.file, funnel.document, funnel.name, funnel.period, funnel.currency,
        about.question, stage.name, funnel.names[after], len(units),
        None if None in known else sum(map(bool, known)),
        tuple(NextEvent(event, number, ratio(number, len(units)), *late) for (event, *late), number in told),
        tuple(units), sum(each.lost_at is not None for each in units),
        about.stage + 1 if funnel.measure and funnel.measure.order == "unordered" else None,
        stage.within if about.question == "dropped_at" else None,
    )  # fmt: skip
