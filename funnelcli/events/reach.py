"""What the events of a log cover, and when that cannot be what is meant."""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.diagnostics import Problem, many, quoted
from funnelcli.events import chains_sql, zones
from funnelcli.events.written_times import formats_of, help_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.diagnostics import Path
    from funnelcli.events.definition import Definition
    from funnelcli.events.unmet import Absent


class Reach(NamedTuple):
    """What the events cover: how many there are, and how many have no unit or no time.

    `since` is the first time and `until` the last. Of those that meet a stage but for it, `valueless` have no value of
    what is to be the same along a chain. `after_now` events are dated later than now, up to `latest`: they are none
    that `until` could be, as long as there are others. Of those without a time, `unreadable` have something else there,
    such as `sample`; of `timed` ones that have anything, `misread` are times written in another way, and `forms` those
    in which all are written. `unmet` are stages whose conditions no event meets; where there are such, `strays` are the
    events that meet nothing at all. `absent` is what is asked of events, by stages and by what else they may meet, and
    none of them has. Where a time zone is named, times may be `zoneless`: they have no offset, and are in UTC.
    Units that entered are left out altogether, `excluded_units`, where an event of `exclude_units` followed. Where only
    what is mature is asked for, entries count `mature_before` a moment, and `open_units` entered from then on.
    The events are `dated` where all that are looked at are at the first moment of a day: what is known of is days.
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
    valueless: int = 0
    absent: tuple[Absent, ...] = ()
    since: int | None = None
    misread: int = 0
    timed: int = 0
    forms: tuple[str, ...] = ()
    zoneless: bool = False
    dated: bool = False
    excluded_units: int = 0
    mature_before: int | None = None
    open_units: int = 0


_MOST_MISREAD = Fraction(1, 100)
"""The share of times that may be left out as they are written in another way: more are no accident."""


def too_many_misread(reach: Reach) -> bool:
    """Whether so many times are written in another way that the others do not stand for the log."""
    return reach.misread > _MOST_MISREAD * reach.timed


def nothing(definition: Definition, reach: Reach) -> Problem | None:
    """Why there is nothing to count, if so: no events at all, or none near the interval."""
    if reach.until is None and not reach.without_time and not reach.events:
        help_text = "name the file or the table that has the events"
        return Problem("FN103", f"{definition.place} holds no events", help_text, path=None)
    last = reach.until if reach.latest is None else reach.latest
    after = last is not None and definition.start is not None and definition.start > last
    before = reach.since is not None and definition.end is not None and definition.end <= reach.since
    if last is None or not (after or before):
        return None
    first = "" if reach.since is None else f"from {zones.moment_text(reach.since)} "
    what = f"no entry lies between {' and '.join(definition.between)}: the log runs {first}to {zones.moment_text(last)}"
    return Problem("FN103", what, "choose an interval of the log", path=("measure", "between"))


_PLAUSIBLE = tuple(zones.since_1970(datetime(year, 1, 1, tzinfo=UTC)) for year in (1980, 2200))


def doubtful(definition: Definition, reach: Reach) -> Problem | None:
    """Why the times cannot be what is meant, if so."""
    column, sample = quoted(definition.written or definition.time), quoted(reach.sample or "")
    by_number = definition.epoch and definition.time_format is None  # else it is of what was made of dates
    if reach.until is None and reach.unreadable:
        what = f"no time in {column} can be read, such as {sample}"
    elif too_many_misread(reach):
        what = f"{reach.misread:,} of {many(reach.timed, 'time')} in {column} cannot be read, such as {sample}"
    elif reach.until is not None and by_number and not _PLAUSIBLE[0] <= reach.until < _PLAUSIBLE[1]:
        when = zones.moment_text(reach.until)[:10]
        what = f"with epoch: {definition.epoch}, the last time in {column} is of {when}"
    else:
        return None
    if by_number:
        help_text = "say what the numbers count: seconds, milliseconds or microseconds"
        return Problem("FN103", what, help_text, path=("measure", "epoch"))
    path: Path = ("measure", "time")
    help_text = "write times like 2026-10-13 10:00:00, in UTC or with an offset such as +02:00"
    if definition.time_format is not None:
        what, help_text = f"{what}, by time_format: {quoted(definition.time_format)}", "write it as they are written"
        path = ("measure", "time_format")
    if definition.written is not None:
        return Problem("FN103", what, f"measure a view in which {column} is a timestamp", path=path)
    forms = list(reach.forms) or ([] if reach.misread else formats_of(reach.sample or ""))
    if not forms and reach.misread and formats_of(reach.sample or ""):
        help_text = "the times are written in several ways: write all of them in one, and leave empty those of no event"
    elif not forms and reach.misread and reach.until is not None:
        help_text = "correct those that are no times, or leave them empty"
    return Problem("FN103", what, help_of(forms) if forms else help_text, path=path)


def survey(definition: Definition, source: str = "normal", *, times: bool = True) -> str:
    """A query of what the events of each mask cover, which `covered` reads; without `times`, none of what these are."""
    timely, present = chains_sql.timely(definition), zones.now()
    conditions = [chains_sql.reachable(definition), timely, f"unit IS NULL AND {timely}", "t IS NULL", f"t > {present}"]
    counts = ", ".join(
        f"{f'COUNT(CASE WHEN {each} THEN 1 END)' if times or index < 3 else 0} AS n{index}"
        for index, each in enumerate(conditions)
    )
    last = f"MAX(CASE WHEN t <= {present} THEN t END) AS last_t, MAX(t) AS latest_t, MIN(t) AS first_t"
    return f"SELECT m, {counts}{f', {last}' if times else ''} FROM {source} GROUP BY m"


SURVEY_OF_TIMELY = (
    "SELECT m, COUNT(unit) AS n0, COUNT(*) AS n1, COUNT(*) - COUNT(unit) AS n2, 0 AS n3, 0 AS n4 FROM normal GROUP BY m"
)
"""`survey` of events that are known to be timely, for which no time has to be made."""


def covered(rows: Sequence[Sequence[Any]]) -> Reach:
    """What all events cover, by the rows of `survey`."""
    _, events, without_unit, without_time, after_now = (sum(int(row[place]) for row in rows) for place in range(1, 6))
    until, latest, since = (
        end((int(each) for row in rows for each in row[place : place + 1] if each is not None), default=None)
        for place, end in ((6, max), (7, max), (8, min))
    )
    return Reach(
        events,
        without_unit,
        without_time,
        latest if until is None else until,
        after_now=after_now,
        latest=latest if after_now else None,
        since=since,
    )
