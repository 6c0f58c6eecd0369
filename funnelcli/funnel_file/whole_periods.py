"""Which measured periods are not whole: those that the events, or the interval, cover in part, and of no known end.

Without a window units may go on for ever, and those of younger periods had less time to: none is known to be over.

The counts of a period that is cut are of fewer days than others'. A log begins on some day of a month, and is read on
another. Before its first event and after its last one nothing is known, but that a quiet log may have none for a while:
so much time as passes between five of its entries cuts nothing, as the chance of that is below 1% where they come
independently, and so few entries are within what varies anyway. What an interval leaves out is left out for certain.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.funnel_file.moments import moment_of
from funnelcli.measure import PERIOD, Cut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.measure import Measured
    from funnelcli.model import Funnel

_QUIET = 5
"""Entries between which so much time passes as may be without any."""
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_UNITS = {
    "hour": (timedelta(minutes=1), "minutes", 20),
    "day": (_HOUR, "hours", 8),
    "week": (_DAY, "days", 1),
    "month": (_DAY, "days", 1),
    "quarter": (_DAY, "days", 1),
}
"""The units that periods are covered in, and how many are left out at least where events cut them: a night has none."""
_WHOLE = _UNITS["week"]
"""Those of an interval."""


class _Known(NamedTuple):
    """By the clocks of the place: from when to when entries are known, for certain outside of an interval.

    `quiet` is how long the events before the first and after the last may be silent.
    """

    first: datetime | None
    last: datetime | None
    start: datetime | None
    end: datetime | None
    moment: datetime | None
    quiet: timedelta


def with_periods_told(funnel: Funnel) -> Funnel:
    """A measured funnel that knows which of its periods are cut, and that none is over where there is no window."""
    if funnel.measured is not None and funnel.no_window:
        names = tuple(each.name for part in funnel.breakdowns if part.dimension == PERIOD for each in part.segments)
        funnel = funnel._replace(measured=funnel.measured._replace(not_mature=names))
    return _with_cuts(funnel)


def _with_cuts(funnel: Funnel) -> Funnel:
    """The funnel with its periods that are cut; itself where nothing was measured of when its events are."""
    measured, measure = funnel.measured, funnel.measure
    if measured is None or measure is None or measured.until is None:
        return funnel
    try:
        known = _known(measured, _zone(measure.time_zone))
        cut = [*_cut_periods(funnel, known), *_cut_whole(funnel, known)]
    except (ValueError, KeyError, OSError):  # texts of a hand, or a zone that is not known here
        return funnel
    return funnel._replace(measured=measured._replace(cut=tuple(cut))) if cut else funnel


def _zone(name: str | None) -> tzinfo:
    if name is None:
        return UTC
    from zoneinfo import ZoneInfo  # few files name a zone

    return ZoneInfo(name)


def _by_clocks(text: str, zone: tzinfo) -> datetime:
    """A moment by the clocks of the place."""
    return moment_of(text, zone).astimezone(zone).replace(tzinfo=None)


def _known(measured: Measured, zone: tzinfo) -> _Known:
    start, end = (None if text is None else _by_clocks(text, zone) for text in measured.between or (None, None))
    dated = len(measured.until or "") == len("2026-10-31")  # events that tell days alone, which are in UTC
    ends = (text and (f"{text}T00:00:00Z" if len(text) == 10 else text) for text in (measured.since, measured.until))
    texts = (*ends, measured.moment)
    first, last, moment = (None if text is None else _by_clocks(text, zone) for text in texts)
    begun = first or start
    if last is not None and dated:  # to the end of its day, as far as that was over
        last = max(last, min(last + _DAY, moment or datetime.max))
    spread = last - begun if last is not None and begun is not None else timedelta()
    quiet = _QUIET * spread / measured.units if measured.units else timedelta()
    if measured.window is not None and not measured.not_mature and last is not None and end is not None:
        end = min(end, last - timedelta(seconds=measured.window))  # which --mature-only leaves out
    return _Known(first, last, start, end, moment, quiet)


def _cut_periods(funnel: Funnel, known: _Known) -> Iterator[Cut]:
    assert funnel.measure is not None
    period = funnel.measure.period
    names = [each.name for part in funnel.breakdowns if part.dimension == PERIOD for each in part.segments]
    if period is None or len(names) < 2:
        return
    for name in names:
        bounds = _bounds(name, period)
        if bounds is not None:
            yield from _cut(name, bounds, known, _UNITS[period])


def _cut_whole(funnel: Funnel, known: _Known) -> Iterator[Cut]:
    """The interval itself, where the events do not cover it."""
    assert funnel.measured is not None
    if funnel.measured.between:
        zone = _zone(funnel.measure.time_zone if funnel.measure else None)
        first, beyond = funnel.measured.between
        yield from _cut(funnel.name, (_by_clocks(first, zone), _by_clocks(beyond, zone)), known, _WHOLE)


def _cut(name: str, bounds: tuple[datetime, datetime], known: _Known, how: tuple[timedelta, str, int]) -> Iterator[Cut]:
    """How much is covered of what lies between two moments, where that is not all of it."""
    unit, called, fewest = how
    start, end = bounds
    lower, upper = start, end
    if known.first is not None and known.first - start > known.quiet:
        lower = max(lower, known.first)
    stopped = known.last
    if stopped is not None and known.moment is not None and known.moment - stopped <= known.quiet:
        stopped = known.moment  # nothing came since the last event, and nothing was due
    is_over = known.moment is None or known.moment >= end
    if stopped is not None and (not is_over or end - stopped > known.quiet):
        upper = min(upper, stopped)
    whole = -((start - end) // unit)
    by_events = _touched(start, end, lower, upper, unit)
    if whole - by_events < fewest:
        lower, upper = start, end
    lower, upper = max(lower, known.start or lower), min(upper, known.end or upper)
    covered = _touched(start, end, lower, upper, unit)
    if covered < whole:
        yield Cut(name, covered, whole, called)


def _touched(start: datetime, end: datetime, lower: datetime, upper: datetime, unit: timedelta) -> int:
    """How many units, counted from the start, have a part between two moments."""
    lower, upper = max(lower, start), min(upper, end)
    if upper < lower:
        return 0
    first, beyond = (lower - start) // unit, -((start - upper) // unit)
    return max(beyond - first, 1)  # there are units in it


def _bounds(name: str, period: str) -> tuple[datetime, datetime] | None:
    """The first moment of a period, and that of the next one; `None` for what has not the name of one."""
    try:
        if period == "week":
            year, week = name.split("-W")
            start = datetime.fromisocalendar(int(year), int(week), 1)
            return start, start + 7 * _DAY
        if period in ("day", "hour"):
            start = datetime.fromisoformat(name)
            return start, start + (_DAY if period == "day" else _HOUR)
        year, number = name.split("-Q") if period == "quarter" else name.split("-")
        months = 3 if period == "quarter" else 1
        first = 12 * int(year) + months * (int(number) - 1)
        start, end = (datetime(at // 12, at % 12 + 1, 1) for at in (first, first + months))
    except ValueError:
        return None
    return start, end
