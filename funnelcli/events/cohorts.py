"""Periods of entries: numbers, names, bounds, and whether their units may still go on.

Times are moments, in UTC; periods are those that the clocks of a place show, by its offsets, or without any in UTC.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from funnelcli.events import zones
from funnelcli.events.zones import DAY, moment_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from funnelcli.events.definition import Definition


_HOUR = 3_600_000_000
_LENGTHS = {"hour": (_HOUR, 0), "day": (DAY, 0), "week": (7 * DAY, 4 * DAY)}
"""How long a period is, and when one of them began: 1970-01-05 was a Monday."""
_MONTHS = {"month": 1, "quarter": 3}


def numbered(period: str, source: str, offsets: zones.Offsets = ()) -> str:
    """The events of `source` with the number of their period as `d`, as text of SQL without a function of times.

    That of hours, days and weeks is what the clocks show when it begins, as if it were UTC; that of months and quarters
    counts them from the year 0 on.
    """
    clock = "t"
    if offsets:
        clock, source = "clock_", f"(SELECT e.*, {zones.shown_sql(offsets)} AS clock_ FROM {source} AS e)"
    if period in _LENGTHS:
        length, start = _LENGTHS[period]
        since = f"({clock} - {start})"
        return f"SELECT e.*, {clock} - MOD(MOD({since}, {length}) + {length}, {length}) AS d FROM {source} AS e"
    rows = calendar(clock, source)
    return f"SELECT q.*, {_floor('month_', _MONTHS[period])} AS d FROM ({rows}) AS q"


def calendar(clock: str, source: str) -> str:
    """The rows of `source` with the months from the year 0 to a moment as `month_`, and the days to the March before.

    Years that begin in March end with the day that only some have, and their months repeat every 153 days.
    """
    day = f"CAST(({clock} - MOD(MOD({clock}, {DAY}) + {DAY}, {DAY})) / {DAY} AS BIGINT)"
    rows = f"SELECT e.*, {day} + 719468 AS day_ FROM {source} AS e"  # days since the first of March of the year 0
    for column, formula in (
        ("century_", _floor("(4 * day_ + 3)", 146097)),
        ("left_", f"day_ - {_floor('(146097 * century_)', 4)}"),
        ("year_", _floor("(4 * left_ + 3)", 1461)),
        ("rest_", f"left_ - {_floor('(1461 * year_)', 4)}"),
        ("month_", f"(100 * century_ + year_) * 12 + {_floor('(5 * rest_ + 2)', 153)} + 2"),
    ):
        rows = f"SELECT q.*, {formula} AS {column} FROM ({rows}) AS q"
    return rows


def named(period: str, numbers: str) -> str:
    """The rows of `numbers` with the names of their periods `d` as `name_`, those of `name`, as text of SQL."""
    if period in _MONTHS:
        year = _floor("d", 12 // _MONTHS[period])
        rest = f"d - {12 // _MONTHS[period]} * {year} + 1"
        within = f"'-', {_two(rest)}" if period == "month" else f"'-Q', {_text(rest)}"
        return f"SELECT e.*, CONCAT({_text(year)}, {within}) AS name_ FROM {numbers} AS e"
    thursday = 3 * DAY if period == "week" else 0  # the year of a week is that of its Thursday
    rows = calendar(f"e.d + {thursday}", numbers)
    rows = f"SELECT q.*, {_floor('month_', 12)} AS of_year FROM ({rows}) AS q"
    if period == "week":
        # days from the first of March of the year 0 to the first of January
        before = "(of_year - 1)"
        january = f"365 * {before} + {_floor(before, 4)} - {_floor(before, 100)} + {_floor(before, 400)} + 306"
        week = _floor(f"(day_ - ({january}))", 7)
        return f"SELECT q.*, CONCAT({_text('of_year')}, '-W', {_two(f'{week} + 1')}) AS name_ FROM ({rows}) AS q"
    march = "(month_ - 2 - (100 * century_ + year_) * 12)"
    date = f"{_text('of_year')}, '-', {_two('month_ - 12 * of_year + 1')}, '-'"
    since_first = f"rest_ - {_floor(f'(153 * {march} + 2)', 5)}"
    date += f", {_two(f'{since_first} + 1')}"
    if period == "hour":
        hour = _floor(f"MOD(MOD(d, {DAY}) + {DAY}, {DAY})", _HOUR)
        date += f", ' ', {_two(hour)}, ':00'"
    return f"SELECT q.*, CONCAT({date}) AS name_ FROM ({rows}) AS q"


def _text(number: str) -> str:
    return f"CAST({number} AS VARCHAR)"


def _two(number: str) -> str:
    """A number of one or two digits as two, in several texts."""
    return f"CASE WHEN {number} < 10 THEN '0' ELSE '' END, {_text(number)}"


def _floor(number: str, divisor: int) -> str:
    """How often a divisor is contained in a number of 0 or more: the division is exact, whatever the database's is."""
    return f"CAST(({number} - MOD({number}, {divisor})) / {divisor} AS BIGINT)"


def first_moment(number: int, period: str, offsets: zones.Offsets = ()) -> int:
    """The first moment of the period of this number."""
    if period not in _LENGTHS:
        year, month = divmod(number * _MONTHS[period], 12)
        number = zones.since_1970(datetime(year, month + 1, 1, tzinfo=UTC))
    return zones.first_shown(number, offsets)


def name(microseconds: int, period: str, offsets: zones.Offsets = ()) -> str:
    """The name of the period that a time lies in; names sort by time."""
    at = zones.moment_at(zones.shown(microseconds, offsets))
    if period == "quarter":
        return f"{at.year:04}-Q{(at.month + 2) // 3}"
    return at.strftime({"hour": "%Y-%m-%d %H:00", "day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}[period])


def bounds(microseconds: int, period: str, offsets: zones.Offsets = ()) -> tuple[int, int]:
    """The first moment of the period that a time lies in, and that of the next one."""
    clock = zones.shown(microseconds, offsets)
    if period in _LENGTHS:
        length, start = _LENGTHS[period]
        first = clock - (clock - start) % length
        return zones.first_shown(first, offsets), zones.first_shown(first + length, offsets)
    at = zones.moment_at(clock)
    number = (12 * at.year + at.month - 1) // _MONTHS[period]
    return first_moment(number, period, offsets), first_moment(number + 1, period, offsets)


def mature_end(definition: Definition, until: int) -> int | None:
    """Before when an entry, and with it all of its period, has had its whole window by the last event."""
    if definition.window is None:
        return definition.end
    end = until - definition.window + 1
    if definition.end is not None and definition.end <= end:
        return definition.end
    return bounds(end, definition.period, definition.offsets)[0] if definition.period else end


def left_out(definition: Definition, end: int, until: int) -> str:
    """Which entries are not mature, from this end on: their periods, or what is after a moment."""
    if not definition.period:
        return f"entries after {moment_text(end - 1)}"
    last = until if definition.end is None else max(end, min(until, definition.end - 1))
    names = [name(each, definition.period, definition.offsets) for each in (end, last)]
    return " to ".join(dict.fromkeys(names))


def not_mature(definition: Definition, until: int | None, starts: Iterable[int]) -> tuple[str, ...]:
    """The periods, of which some moments are given, that are not mature; without them, after when entries are not."""
    end = None if until is None else mature_end(definition._replace(period=None), until)
    if end is None or end == definition.end:
        return ()
    if not definition.period:
        return (f"entries after {moment_text(end - 1)}",)
    ends = {start: bounds(start, definition.period, definition.offsets)[1] for start in starts}
    if definition.end is not None:
        ends = {start: min(after, definition.end) for start, after in ends.items()}
    return tuple(
        sorted({name(start, definition.period, definition.offsets) for start, after in ends.items() if after > end})
    )
