"""The one way from events to counts, wherever the events lie.

Normal events are a table `normal` with the columns `unit`, `t` (microseconds since 1970) and `m`, in which the bits of
`Definition.bits` tell what the event meets.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from funnelcli.diagnostics import Problem
from funnelcli.events import ages, brought, chains_sql, cohorts, entries, nested, overlap
from funnelcli.events.definition import VALUELESS
from funnelcli.events.misfits import misfits
from funnelcli.events.reach import Reach, doubtful, nothing
from funnelcli.events.result import EventCounts, Outcome, Stepless, measurement
from funnelcli.events.unmet import absent
from funnelcli.events.zones import DAY, moment_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from funnelcli.events.definition import Definition
    from funnelcli.measure import Condition


class Engine(Protocol):
    """What has the events and counts them."""

    columns: Mapping[str, str]
    """What the columns of the table hold."""
    reads_texts: bool
    """Whether times may be texts."""

    def reach(self, definition: Definition) -> Reach:
        """What the events cover, by `survey` or by what is known without it."""

    def load(self, definition: Definition, *, once: bool = False) -> None:
        """Make `normal`; with `once`, of each event only once."""

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query about `normal`."""

    def masks(self, definition: Definition) -> Iterable[int]:
        """The values of `m` among the events that can belong to an entry of the interval."""

    def first(self) -> Iterable[Sequence[Any]]:
        """Some events as they are, with the values of all `columns`."""

    def strays(self, definition: Definition) -> int:
        """How many of these events meet neither a stage nor any of `Definition.others`."""

    def none_has(self, definition: Definition, conditions: Sequence[Condition]) -> Sequence[bool]:
        """Whether no event of the interval meets a condition, for each of them."""

    def usual(self, definition: Definition, column: str) -> Sequence[str]:
        """The most frequent values of a column, the most frequent first."""

    def tally(self, definition: Definition, masks: Sequence[int]) -> Iterable[Sequence[Any]]:
        """The rows of `tally`; `masks` are those of the stages alone."""

    def unread_amount(self, definition: Definition, stage: int) -> str | None:
        """What stands in the place of an amount of an event that meets a stage, and is none."""

    def listed(
        self, definition: Definition, masks: Sequence[int], column: str, query: str, enders: Callable[[str], str | None]
    ) -> Iterable[Sequence[Any]]:
        """The rows of a query of the units, `u`, all events with their values of a column, and `enders` of them."""


class Prepared(NamedTuple):
    """What an engine is ready to answer: the definition, the masks of the stages' events, and what these cover."""

    definition: Definition
    masks: Sequence[int]
    reach: Reach


def count(engine: Engine, definition: Definition, *, mature_only: bool = False) -> Outcome:
    """Count a funnel's events, or say what does not fit."""
    found = prepare(engine, definition, mature_only=mature_only)
    if not isinstance(found, Prepared):
        return found
    definition = found.definition
    outcome = measurement(definition, engine.tally(definition, found.masks), found.reach)
    first_is_met = found.reach.events and definition.names[0] not in found.reach.unmet
    if mature_only and first_is_met and isinstance(outcome, EventCounts) and not outcome.counts[0]:
        return _none_mature(definition, found.reach)
    if isinstance(outcome, EventCounts) and outcome.counts[0] and not any(outcome.counts[1:]) and not found.reach.unmet:
        outcome = outcome._replace(stepless=_stepless(engine, definition))
    if not isinstance(outcome, EventCounts) or not outcome.unread:
        return outcome
    return [
        brought.unreadable(definition, stage, many, engine.unread_amount(definition, stage))
        for stage, many in outcome.unread
    ]


def _none_mature(definition: Definition, reach: Reach) -> Problem:
    """Why nothing is left of what is mature."""
    where = " of this interval" if definition.between else ""
    last = "" if reach.until is None else f"by the last event, {moment_text(reach.until)}, "
    over = (
        f"in every {definition.period} the window of some entry is still open"
        if definition.period
        else "no window is over"
    )
    what = f"--mature-only leaves no entry{where}: {last}{over}"
    return Problem("FN103", what, "leave out --mature-only, or wait until a window is over", path=None)


def _stepless(engine: Engine, definition: Definition) -> Stepless:
    """How many events the units have, and how many of them have the second stage before the first."""
    masks = sorted({int(mask) for mask in engine.masks(definition)})
    times = (
        f"CASE WHEN m IN ({', '.join(str(each) for each in masks if each >> bit & 1)}) THEN t END" for bit in (0, 1)
    )
    entered, second = times
    units = f"SELECT unit, COUNT(*) AS n, MAX({entered}) AS entered, MIN({second}) AS came FROM normal"
    units += (
        f" WHERE {chains_sql.reachable(definition)} GROUP BY unit"  # also of what meets no stage, where it is there
    )
    query = f"SELECT COUNT(*), SUM(n), SUM(CASE WHEN came < entered THEN 1 ELSE 0 END) FROM ({units}) AS e"
    ((number_of_units, events, turned),) = engine.rows(query)
    return Stepless(int(number_of_units), int(events or 0), int(turned or 0))


def prepare(engine: Engine, definition: Definition, *, mature_only: bool = False) -> Prepared | Problem | list[Problem]:
    """Have an engine load what a definition asks for, or say what does not fit."""
    problems = misfits(definition, engine.columns, texts=engine.reads_texts)
    if any(each.code == "FN120" for each in problems):
        return nested.hinted(definition, problems, list(engine.columns), engine.first())
    if problems:
        return problems
    reach = engine.reach(definition)
    problem = doubtful(definition, reach) or nothing(definition, reach)
    if problem:
        return problem
    if mature_only and reach.until is not None:
        end = cohorts.mature_end(definition, reach.until)
        if end is not None and end != definition.end:
            reach = reach._replace(mature_before=end, open_units=_entered_from(engine, definition, end))
        definition = definition._replace(end=end)
    engine.load(definition)
    reach = reach._replace(dated=_are_dates(engine, definition, reach))
    found = {int(mask) for mask in engine.masks(definition)}
    masks = sorted({mask & definition.stage_bits for mask in found} - {0})
    unmet = tuple(name for bit, name in enumerate(definition.names) if not any(mask >> bit & 1 for mask in masks))
    reach = reach._replace(unmet=unmet, strays=engine.strays(definition) if unmet else 0)
    if reach.events:
        reach = reach._replace(absent=absent(engine, definition, reduce(or_, found, 0)))
    tangled = overlap.tangle(definition, masks)
    if tangled:
        return tangled
    if overlap.counts_rows_once(definition, masks):
        before = number(engine, definition)
        engine.load(definition, once=True)
        reach = reach._replace(duplicates=before - number(engine, definition))
    if definition.same:
        reach = reach._replace(valueless=valueless(engine, definition))
    if definition.exclude_units:
        reach = reach._replace(excluded_units=excluded_units(engine, definition, found))
    definition = definition._replace(until=reach.until, step=ages.step(definition, reach.events))
    return Prepared(definition, masks, reach)


def _are_dates(engine: Engine, definition: Definition, reach: Reach) -> bool:
    """Whether times tell days alone; the first and the last one mostly tell that they do not."""
    if reach.since is None or reach.until is None or reach.since % DAY or reach.until % DAY:
        return False
    clocks = f"SELECT 1 FROM normal WHERE {chains_sql.wanted(definition)} AND MOD(t, {DAY}) <> 0 LIMIT 1"
    return not engine.rows(clocks)


def _entered_from(engine: Engine, definition: Definition, moment: int) -> int:
    """How many units have entries of the interval from a moment on."""
    later = definition._replace(start=moment if definition.start is None else max(moment, definition.start))
    engine.load(later)
    entered = _entering(later, {int(mask) for mask in engine.masks(later)})
    ((units,),) = engine.rows(f"SELECT COUNT(DISTINCT unit) FROM normal WHERE {chains_sql.wanted(later)} AND {entered}")
    return int(units)


def _entering(definition: Definition, masks: Iterable[int]) -> str:
    """The condition that an event, of these masks, is an entry of the interval."""
    begins = definition.stage_bits if definition.order == "unordered" else 1
    return " AND ".join([f"({_meeting(masks, begins)})", *chains_sql.in_interval(definition)])


def _meeting(masks: Iterable[int], bits: int) -> str:
    """The condition that an event, of these masks, meets what any of the bits tells."""
    return " OR ".join(f"m = {mask}" for mask in sorted(masks) if mask & bits) or "1 = 0"


def excluded_units(engine: Engine, definition: Definition, masks: Iterable[int]) -> int:
    """How many units entered and are left out, by an event of `exclude_units` within the window of an entry."""
    entered, out = _entering(definition, masks), _meeting(masks, 1 << definition.bits["z"])
    entry = f"CASE WHEN {entered} THEN t END"
    if entries.is_one(definition):
        end = "MIN" if definition.entry == "first" else "MAX"
        entry = f"{end}({entry}) OVER (PARTITION BY unit)"
    rows = f"SELECT unit, t, m, {entry} AS entry_t FROM normal WHERE {chains_sql.wanted(definition)}"
    if entries.is_one(definition):
        rows = f"SELECT e.*, CASE WHEN entry_t < t THEN entry_t END AS begun FROM ({rows}) AS e"
    else:
        latest = f"MAX(entry_t) OVER (PARTITION BY unit ORDER BY t {chains_sql.EARLIER})"
        rows = f"SELECT e.*, {latest} AS begun FROM ({rows}) AS e"
    limits = chains_sql.within_window(definition, "begun")
    left = " AND ".join([f"({out})", "begun IS NOT NULL", *limits])
    ((units,),) = engine.rows(f"SELECT COUNT(DISTINCT unit) FROM ({rows}) AS e WHERE {left}")
    return int(units)


def number(engine: Engine, definition: Definition) -> int:
    """How many events are looked at."""
    ((found,),) = engine.rows(f"SELECT COUNT(*) FROM normal WHERE {chains_sql.wanted(definition)}")
    return int(found)


def valueless(engine: Engine, definition: Definition) -> int:
    """How many events meet no stage only because they lack what is to be the same along a chain."""
    rows = engine.rows(f"SELECT m, COUNT(*) FROM normal WHERE {chains_sql.wanted(definition)} GROUP BY m")
    return sum(int(events) for mask, events in rows if int(mask) >> definition.bits[VALUELESS] & 1)
