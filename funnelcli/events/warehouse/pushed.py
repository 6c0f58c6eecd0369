"""What a database can leave unread: conditions on the columns themselves, which an index or a partition answers.

A condition on what is made of a column, as `t` is of the time, would have each row of the table read.
"""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import ibis

from funnelcli.events.comparisons import decimal_of
from funnelcli.events.definition import EARLIEST, FACTORS, LATEST, NUMBER, TIME
from funnelcli.events.zones import DAY, moment_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from funnelcli.events.definition import Definition


def comparable(definition: Definition, kinds: Mapping[str, str]) -> bool:
    """Whether the time column itself can be compared with moments."""
    kind = kinds[definition.time]
    return kind == TIME or (kind == NUMBER and definition.epoch in FACTORS and definition.epoch is not None)


def moment(microseconds: int, column: Any, factor: int) -> Any:
    """A moment as a literal that the time column can be compared with; a number in it stands for `factor`."""
    type_ = column.type()
    if type_.is_numeric():
        exact = Fraction(microseconds, factor)
        if type_.is_integer():
            return microseconds // factor
        return float(exact) if type_.is_floating() else decimal_literal(exact)
    at = moment_at(microseconds)
    return ibis.literal(at.date()) if type_.is_date() else time_literal(at, column)


_MOST_DIGITS = 38


def decimal_literal(number: Fraction) -> Any:
    """A number as a literal with the digits that it has: MySQL makes a whole one of a decimal of no stated scale."""
    value = decimal_of(number)
    _, digits, exponent = value.as_tuple()
    scale = max(-int(exponent), 0)
    precision = max(len(digits) + max(int(exponent), 0), scale + 1)
    return ibis.literal(value, f"decimal({precision}, {scale})" if precision <= _MOST_DIGITS else None)


def time_literal(at: datetime, column: Any) -> Any:
    """A moment as a literal of the type of a column of times."""
    engine, at = column.get_backend().name, at.astimezone(UTC)
    aware = column.type().is_timestamp() and column.type().timezone is not None
    plain = at.replace(tzinfo=None)
    if engine == "clickhouse":  # where Ibis writes whole seconds as times that know no year before 1970
        given = (plain.isoformat(" "), 6, "UTC") if aware else (plain.isoformat(" "), 6)
        function = (lambda _, __, ___: None) if aware else (lambda _, __: None)
        types = tuple("int64" if isinstance(each, int) else "string" for each in given)
        signature = (types, column.type())
        return ibis.udf.scalar.builtin(function, name="parseDateTime64BestEffort", signature=signature)(*given)
    return ibis.literal(at if aware and engine != "mysql" else plain)  # MySQL knows no zone in it, and is in UTC


def exact(definition: Definition, table: Any) -> bool:
    """Whether `inside` leaves the very events that are timely: a number with a fraction is rounded later."""
    type_ = table[definition.time].type()
    return not type_.is_numeric() or type_.is_integer()


def inside(definition: Definition, table: Any) -> Any:
    """The events that are timely, or a few more where that is not `exact`; all of them have a time."""
    column, factor = table[definition.time], FACTORS[definition.epoch]
    last = LATEST if definition.last is None else min(definition.last, LATEST)
    if not exact(definition, table):
        last = min(last + factor, LATEST)
    since = _begun(definition, table)
    if column.type().is_timestamp():  # which may be finer than microseconds
        return table.filter(since, column < moment(last + 1, column, factor))
    return table.filter(since, column <= moment(last, column, factor))


def few_enter(definition: Definition) -> bool:
    """Whether the interval in which units enter is the smaller part of the time whose events matter."""
    if definition.start is None or definition.end is None:
        return False
    return definition.last is None or definition.end - definition.start < definition.last - definition.end


def begun(definition: Definition, table: Any) -> Any:
    """The events from the start of the interval on, or a few more: what units did next may lie after its end."""
    return table if definition.start is None else table.filter(_begun(definition, table))


def _begun(definition: Definition, table: Any) -> Any:
    column, factor = table[definition.time], FACTORS[definition.epoch]
    type_ = column.type()
    first = EARLIEST if definition.start is None else max(definition.start, EARLIEST)
    if not exact(definition, table):
        first = max(first - factor, EARLIEST)
    coarse = factor if type_.is_numeric() else DAY if type_.is_date() else 1
    return column >= moment(-(-first // coarse) * coarse, column, factor)


def outside(definition: Definition, table: Any, now: int) -> Any:
    """One row of the events that have no time, or one after now: how many of either, and their last time."""
    column, factor = table[definition.time], FACTORS[definition.epoch]
    earliest, latest, present = (moment(each, column, factor) for each in (EARLIEST, LATEST, now))
    others = table.filter(column.isnull() | (column < earliest) | (column > present))
    column = others[definition.time]
    after = (column > present) & (column <= latest)
    return others.aggregate(
        without_time=others.count() - ibis.cases((after, 1)).count(),
        after_now=ibis.cases((after, 1)).count(),
        **{definition.time: ibis.cases((after, column)).max()},
    )


FIRST = "funnelcli_first"
"""The column of `ends_of` that has the first time."""


def ends_of(definition: Definition, table: Any, now: int) -> Any:
    """One row with the last time that is not after now, and the first one."""
    column, factor = table[definition.time], FACTORS[definition.epoch]
    known = table.filter(column.between(moment(EARLIEST, column, factor), moment(now, column, factor)))
    times = known[definition.time]
    return known.aggregate(**{definition.time: times.max(), FIRST: times.min()})
