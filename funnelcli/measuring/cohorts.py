"""Periods of entries: their names, their bounds, and whether their units may still go on. All times are in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from funnelcli.measuring.definition import Definition

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def moment_text(microseconds: int) -> str:
    """A time as text."""
    return (_EPOCH + timedelta(microseconds=microseconds)).isoformat().replace("+00:00", "Z")


def name(microseconds: int, period: str) -> str:
    """The name of the period that a time lies in; names sort by time."""
    at = _EPOCH + timedelta(microseconds=microseconds)
    if period == "week":
        year, week, _ = at.isocalendar()
        return f"{year:04}-W{week:02}"
    if period == "quarter":
        return f"{at.year:04}-Q{(at.month + 2) // 3}"
    return at.strftime({"hour": "%Y-%m-%d %H:00", "day": "%Y-%m-%d", "month": "%Y-%m"}[period])


def bounds(microseconds: int, period: str) -> tuple[int, int]:
    """The first moment of the period that a time lies in, and that of the next one."""
    at = _EPOCH + timedelta(microseconds=microseconds)
    start = at.replace(minute=0, second=0, microsecond=0)
    if period == "hour":
        return since_1970(start), since_1970(start + timedelta(hours=1))
    start = start.replace(hour=0)
    if period == "day":
        return since_1970(start), since_1970(start + timedelta(days=1))
    if period == "week":
        start -= timedelta(days=start.weekday())
        return since_1970(start), since_1970(start + timedelta(days=7))
    months = 3 if period == "quarter" else 1
    start = start.replace(day=1, month=(start.month - 1) // months * months + 1)
    following = start.month - 1 + months
    after = start.replace(year=start.year + following // 12, month=following % 12 + 1)
    return since_1970(start), since_1970(after)


def mature_end(definition: Definition, until: int) -> int | None:
    """Before when an entry, and with it all of its period, has had its whole window by the last event."""
    if definition.window is None:
        return definition.end
    end = until - definition.window + 1
    if definition.end is not None and definition.end <= end:
        return definition.end
    return bounds(end, definition.period)[0] if definition.period else end


def not_mature(definition: Definition, until: int | None, starts: Iterable[int]) -> tuple[str, ...]:
    """The periods, of which some moments are given, that are not mature; without periods, from when entries are not."""
    end = None if until is None else mature_end(definition._replace(period=None), until)
    if end is None or end == definition.end:
        return ()
    if not definition.period:
        return (f"entries from {moment_text(end)} on",)
    ends = {start: bounds(start, definition.period)[1] for start in starts}
    if definition.end is not None:
        ends = {start: min(after, definition.end) for start, after in ends.items()}
    return tuple(sorted({name(start, definition.period) for start, after in ends.items() if after > end}))


def since_1970(at: datetime) -> int:
    """A time in microseconds."""
    return (at - _EPOCH) // _MICROSECOND
