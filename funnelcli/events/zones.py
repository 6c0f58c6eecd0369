"""Moments, and what the clocks of a place show: distances from UTC, and when they change, as whole microseconds.

Engines have no common function of time zones, so that the changes are numbers in the text of their queries. They are
those of zoneinfo from 1970 on: before, what is known of clocks is no law of a whole zone.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Offsets: TypeAlias = tuple[tuple[int, int], ...]
"""From when on the clocks are how far ahead of UTC, the earliest first, which holds before as well; none is UTC."""
_SECOND = 1_000_000
DAY = 86_400 * _SECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=2 * 366)
"""Days after now for which clocks are told: nothing is recorded there but what has a wrong time."""


def offsets(name: str, first: datetime | None = None, last: datetime | None = None) -> Offsets:
    """The offsets of a zone that hold between two moments, by default from 1970 on."""
    from zoneinfo import ZoneInfo  # few files name a zone

    zone = ZoneInfo(name)
    start, day = max(first or EPOCH, EPOCH), DAY // _SECOND
    end = last or datetime.now(UTC) + _AHEAD
    first_second, days = int(start.timestamp()), max((end - start).days, 0) + 2
    known = [(second, _offset(zone, second)) for second in range(first_second, first_second + days * day, day)]
    found = [(since_1970(start), known[0][1])]
    for (since, before), (after, offset) in pairwise(known):
        if before != offset:
            found.append(_change(zone, since, after, before))
    return () if found == [(found[0][0], 0)] else tuple(found)


def _change(zone: ZoneInfo, low: int, high: int, before: int) -> tuple[int, int]:
    """The change between two seconds at which the clocks differ: halved until one second is left."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high * _SECOND, _offset(zone, high)


def _offset(zone: ZoneInfo, second: int) -> int:
    return (datetime.fromtimestamp(second, zone).utcoffset() or timedelta()) // timedelta(microseconds=1)


def since_1970(at: datetime) -> int:
    """A time in microseconds."""
    return (at - EPOCH) // timedelta(microseconds=1)


def moment_at(microseconds: int) -> datetime:
    """The time of so many microseconds since 1970."""
    return EPOCH + timedelta(microseconds=microseconds)


def now() -> int:
    """The present moment: an event after it has a wrong time, whatever it counts for."""
    return since_1970(datetime.now(UTC))


def moment_text(microseconds: int) -> str:
    """A time as text."""
    text = moment_at(microseconds).replace(tzinfo=None).isoformat()
    return f"{text.rstrip('0') if '.' in text else text}Z"


def date_text(microseconds: int) -> str:
    """A time that stands for a day, as text."""
    return moment_text(microseconds)[:10]


def shown(microseconds: int, known: Offsets) -> int:
    """What the clocks show at a moment, as if it were UTC."""
    if not known:
        return microseconds
    return microseconds + known[max(bisect_right(known, (microseconds, 1 << 62)) - 1, 0)][1]


def first_shown(clock: int, known: Offsets) -> int:
    """The first moment at which the clocks show a time, or, where they jump over it, a later one."""
    if not known:
        return clock
    ends = [start for start, _ in known[1:]] + [None]
    for place, ((start, offset), end) in enumerate(zip(known, ends, strict=True)):
        moment = clock - offset if place == 0 else max(start, clock - offset)
        if end is None or moment < end:
            return moment
    raise AssertionError(clock)  # the last offset has no end


def shown_sql(known: Offsets) -> str:
    """What the clocks show at `t`, as text of SQL; the last change is looked at first, as most events are late."""
    if not known:
        return "t"
    later = " ".join(f"WHEN t >= {start} THEN {offset}" for start, offset in reversed(known[1:]))
    return f"(t + {f'CASE {later} ELSE {known[0][1]} END' if later else known[0][1]})"
