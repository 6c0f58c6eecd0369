"""Dates of databases that are written as numbers, such as 20261001: a calendar without a function of times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from funnelcli.diagnostics import Problem, quoted
from funnelcli.events.warehouse.conditions import rows_of

if TYPE_CHECKING:
    from funnelcli.events.definition import Definition
    from funnelcli.events.reach import Reach

DIGITS = "%Y%m%d"
_TIME = "funnelcli_time"
_FORMAT = ("measure", "time_format")
_LONG_MONTHS = (1, 3, 5, 7, 8, 10, 12)


def with_dates(definition: Definition, table: Any) -> tuple[Definition, Any] | Problem:
    """A table with a column of seconds since 1970 in place of its dates, where `time_format` says what these are."""
    if definition.time_format is None or not set(definition.columns) <= set(table.columns):  # which is said later
        return definition, table
    column, name = table[definition.time], quoted(definition.time)
    if not (column.type().is_integer() or column.type().is_string()):
        what = f"time_format goes with text and whole numbers, and {name} has neither"
        return Problem("FN108", what, "delete it", path=_FORMAT)
    if definition.time_format != DIGITS:
        what = f'of the formats of times, databases are asked for "{DIGITS}" alone'
        return Problem("FN108", what, f"measure a view in which {name} is a timestamp", path=_FORMAT)
    if column.type().is_string():
        column = ibis.cases((column.re_search("^[0-9]{8}$"), column), else_=ibis.null())
    seconds = _days(column.cast("int64")) * 86_400
    made = definition._replace(time=_TIME, epoch="seconds", written=definition.time)
    return made, table.mutate(**{_TIME: seconds})


def with_unread(definition: Definition, table: Any, reach: Reach) -> Reach:
    """What events without a time have in the place of their dates, as `duckdb.unread_times` tells it of files."""
    if definition.written is None or not reach.without_time:
        return reach
    text = table[definition.written].cast("string").strip()
    other = table[definition.time].isnull() & (text != "")
    wrong = other & text.re_search("[0-9]")
    found = table.aggregate(
        unread=ibis.cases((other, 1)).count(), any_sample=ibis.cases((other, text)).min(),
        wrongly=ibis.cases((wrong, 1)).count(), sample=ibis.cases((wrong, text)).min(),
        timed=ibis.cases((text != "", 1)).count(),
    )  # fmt: skip
    ((unread, any_sample, wrongly, sample, timed),) = rows_of(table.get_backend(), found)
    reach = reach._replace(unreadable=unread, sample=sample or any_sample)
    return reach._replace(misread=wrongly, timed=timed) if wrongly else reach


def _days(number: Any) -> Any:
    """Days since 1970 of a date in eight digits, nothing where it is not on the calendar.

    Years begin in March, so that the day that only some have is their last.
    """
    year, month, day = number // 10_000, (number // 100) % 100, number % 100
    since_march = month.between(1, 2).ifelse(year - 1, year)
    days = 365 * since_march + since_march // 4 - since_march // 100 + since_march // 400
    days = days + (153 * ((month + 9) % 12) + 2) // 5 + day - 719_469
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = ibis.cases((month.isin(_LONG_MONTHS), 31), (month != 2, 30), (leap, 29), else_=28)
    known = year.between(1000, 9998) & month.between(1, 12) & (day >= 1) & (day <= last)
    return known.ifelse(days, ibis.null()).cast("int64")
