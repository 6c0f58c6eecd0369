"""What was counted: the rows that came back, as counts, days, segments and cohorts."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from funnelcli.characters import hidden_places
from funnelcli.diagnostics import Problem, quoted
from funnelcli.events import cohorts, entries, tally
from funnelcli.events.definition import PERIOD
from funnelcli.exact import added, reduced
from funnelcli.model import Breakdown, Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from funnelcli.events.definition import Definition
    from funnelcli.exact import Exact


class Reach(NamedTuple):
    """What the events cover: how many there are, and how many have no unit or no time; `until` is the last time.

    `after_now` events are dated later than now, up to `latest`: they are none that `until` could be, as long as there
    are others.
    Of those without a time, `unreadable` have something else there, such as `sample`. `unmet` are stages whose
    conditions no event meets; where there are such, `strays` are the events that meet neither a stage nor `exclude`.
    """

    events: int
    without_unit: int
    without_time: int
    until: int | None
    duplicates: int | None = None
    unreadable: int = 0
    sample: str | None = None
    unmet: tuple[str, ...] = ()
    strays: int = 0
    after_now: int = 0
    latest: int | None = None


_PLAUSIBLE = tuple(cohorts.since_1970(datetime(year, 1, 1, tzinfo=UTC)) for year in (1980, 2200))


def doubtful(definition: Definition, reach: Reach) -> Problem | None:
    """Why the times cannot be what is meant, if so."""
    column = quoted(definition.time)
    if reach.until is None and reach.unreadable:
        what = f"no time in {column} can be read, such as {quoted(reach.sample or '')}"
    elif reach.until is not None and definition.epoch and not _PLAUSIBLE[0] <= reach.until < _PLAUSIBLE[1]:
        when = cohorts.moment_text(reach.until)[:10]
        what = f"with epoch: {definition.epoch}, the last time in {column} is of {when}"
    else:
        return None
    if definition.epoch:
        return Problem("FN103", what, "say what the numbers count: seconds, milliseconds or microseconds")
    return Problem("FN103", what, "write times like 2026-10-13 10:00:00, in UTC or with an offset such as +02:00")


class EventCounts(NamedTuple):
    """Counts of the stages, units that entered, mean and median days from the stage before, and breakdowns.

    `not_mature` are the cohorts whose window was open at the last event; without `period` it is the funnel itself.
    """

    counts: tuple[int, ...]
    units: int
    days: tuple[Exact | None, ...]
    median_days: tuple[Exact | None, ...]
    breakdowns: tuple[Breakdown, ...]
    not_mature: tuple[str, ...]
    reach: Reach

    @property
    def counted_again(self) -> tuple[tuple[str, tuple[Exact, ...]], ...]:
        """By how much the segments of a dimension add up to more than each stage, as units have entries in several."""
        found = []
        for name, segments in self.breakdowns:
            columns = zip(*(each.counts for each in segments), strict=True)
            again = tuple(added((*column, -count)) for column, count in zip(columns, self.counts, strict=True))
            if any(again):
                found.append((name, again))
        return tuple(found)


Outcome: TypeAlias = EventCounts | Problem | list[Problem]
"""What was counted, or why nothing was."""


def measurement(definition: Definition, rows: Iterable[Sequence[Any]], reach: Reach) -> EventCounts | Problem:
    """The rows of `tally` as a result."""
    width, period = len(definition.names), definition.period or ""
    counts, units = [0] * width, [0] * width
    days: list[Exact | None] = [None] * width
    medians: list[Exact | None] = [None] * width
    starts: list[int] = []
    kinds = entries.kinds(definition)
    groups: dict[int, dict[str, list[int]]] = {kind: {} for kind in kinds}
    raw = dict.fromkeys(kinds, 0)
    for part, label, *figures in rows:
        values = [None if value is None else int(value) for value in figures]
        if part == tally.STAGES:
            stage, (count, number, total, lower, upper) = int(label), values[: tally.FIGURES]
            counts[stage], units[stage] = count or 0, number or 0
            if number and total is not None and lower is not None and upper is not None:
                days[stage], medians[stage] = _in_days(total, number), _in_days(lower + upper, 2)
            continue
        raw[part] += 1
        if part == entries.PERIODS:
            starts.append(cohorts.first_moment(int(label), period))
            name = cohorts.name(starts[-1], period)
        else:
            name = shown(label)
        known = groups[part].setdefault(name, [0] * width)  # others may be shown by the same name
        groups[part][name] = [old + (new or 0) for old, new in zip(known, values[:width], strict=True)]
    breakdowns = []
    for kind, found in groups.items():
        dimension, column = (PERIOD, "") if kind == entries.PERIODS else definition.dimensions[kind - entries.SEGMENTS]
        if column and raw[kind] > tally.MOST_SEGMENTS:
            what = f"the breakdown {quoted(dimension)} has more than {tally.MOST_SEGMENTS:,} segments"
            return Problem("FN114", what, f"name a column of fewer values than {quoted(column)}")
        largest_first = sorted(found.items(), key=lambda each: (-each[1][0] if column else 0, each[0]))
        if found:
            breakdowns.append(Breakdown(dimension, tuple(Segment(name, tuple(row)) for name, row in largest_first)))
    return EventCounts(
        tuple(counts),
        units[0],
        tuple(days),
        tuple(medians),
        tuple(breakdowns),
        cohorts.not_mature(definition, reach.until, starts),
        reach,
    )


def _in_days(microseconds: int, shared_by: int) -> Exact:
    return reduced(Fraction(microseconds, shared_by * cohorts.DAY))


def shown(value: object) -> str:
    """A value of a column as the name of a segment: one line of visible characters."""
    if value is None:
        return "(none)"
    text = str(value).strip()
    hidden = set(hidden_places(text))
    return "".join("\ufffd" if place in hidden else char for place, char in enumerate(text)).strip() or "(empty)"
