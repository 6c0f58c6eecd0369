"""The normal events of a table of a database, in the words of Ibis: what their columns are made of."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.datatypes as dt

from funnelcli.events import amounts
from funnelcli.events.comparisons import compared, may_be_listed
from funnelcli.events.definition import EARLIEST, FACTORS, FLAG, LATEST, NUMBER, OTHER, TEXT, TIME
from funnelcli.events.warehouse.conditions import flag, meets, met, moment
from funnelcli.events.warehouse.pushed import inside

if TYPE_CHECKING:
    from collections.abc import Mapping

    from funnelcli.events.definition import Definition


def kind_of(type_: Any) -> str:
    """What a column of a type of Ibis holds."""
    if type_.is_boolean():
        return FLAG
    if type_.is_numeric():
        return NUMBER
    if type_.is_timestamp() or type_.is_date():
        return TIME
    return TEXT if type_.is_string() or type_.is_uuid() else OTHER


def each_once(definition: Definition, table: Any, kinds: Mapping[str, str], complete: bool) -> Any:
    """Each event once: by its identity, or by all columns that can be compared; not all are known if not `complete`."""
    if definition.identity is None and not complete:
        return table.distinct()
    if definition.identity is None:
        return table.select(*(name for name, kind in kinds.items() if kind != OTHER)).distinct()
    identity = table[definition.identity]
    place = ibis.row_number().over(ibis.window(group_by=identity, order_by=table[definition.time]))
    numbered = table.mutate(funnelcli_place=place)
    first = numbered.filter((numbered.funnelcli_place == 0) | numbered[definition.identity].isnull())
    return first.drop("funnelcli_place")


def who_entered(definition: Definition, table: Any, kinds: Mapping[str, str]) -> Any:
    """The units that entered in the interval, as `unit`; a few more where a number with a fraction is their time."""
    rows = inside(definition._replace(window=0), table)
    begins = definition.whens if definition.order == "unordered" else definition.whens[:1]
    entries = rows.filter(ibis.or_(*(meets(when, rows, kinds) for when in begins)))
    return entries.select(unit=entries[definition.unit]).distinct()


def normal_events(definition: Definition, table: Any, kinds: Mapping[str, str], *, timely: bool = False) -> Any:
    """The events with `unit`, `t`, `h0`, `h1`, …, the `others`, `same0`, … and the segments `d0`, …, in this order.

    Those that are `timely` are known to have a time, and one that is not infinite.
    """
    columns = {"unit": table[definition.unit], "t": clock(definition, table, kinds, timely=timely)}
    columns |= {flag: met(when, table, kinds) for flag, when in definition.by_flag.items()}
    columns |= {f"same{index}": table[column] for index, column in enumerate(definition.same)}
    columns |= {
        f"d{index}": _label(table[column], kinds[column]) for index, (_, column) in enumerate(definition.dimensions)
    }
    for stage, column in definition.paid:
        columns |= {f"amount{stage}": _amount(table[column]), f"unread{stage}": flag(unread(table[column]))}
    return table.select(**columns)


def masked_events(definition: Definition, table: Any, kinds: Mapping[str, str]) -> Any:
    """The events with `unit` and `m` alone, which is made of no flags: to cast each takes ClickHouse as long again."""
    bits = [
        ibis.cases((meets(when, table, kinds), 1 << bit), else_=0)
        for bit, when in enumerate(definition.by_flag.values())
    ]
    return table.select(unit=table[definition.unit], m=reduce(add, bits))


def surveyed_at_once(definition: Definition, table: Any) -> Any:
    """The row of `SURVEY_OF_TIMELY` as if no event met anything, for which no other column than the unit is read."""
    events, units = table.count(), table[definition.unit].count()
    return table.aggregate(m=0, n0=units, n1=events, n2=events - units, n3=0, n4=0)


def by_value(definition: Definition, kinds: Mapping[str, str]) -> tuple[str, dict[str | int, int]] | None:
    """The column by whose value alone events meet what they meet, and the bit that each value stands for.

    There is one where every condition lists values of it, and no value is listed by two: then no event meets both.
    """
    bits: dict[str | int, int] = {}
    columns = {condition.column for condition in definition.conditions}
    for bit, when in enumerate(definition.by_flag.values()):
        for condition in (each for alternative in when for each in alternative):
            for operator, operand in compared(condition):
                if operator != "=" or not may_be_listed(operand, kinds[condition.column]):
                    return None
                if bits.setdefault(operand, bit) != bit:
                    return None
    alone = len(columns) == 1 and all(len(each) == 1 for when in definition.by_flag.values() for each in when)
    return (columns.pop(), bits) if alone else None


def some_masks(definition: Definition, table: Any, kinds: Mapping[str, str]) -> Any | None:
    """The masks but 0 of events of which each meets one thing at most, or `None` where some may meet more.

    Mostly a few events have all that there are, and a database reads no further.
    """
    known = by_value(definition, kinds)
    if known is None:
        return None
    column, bits = known
    masks = _by_value(table[column], {value: 1 << bit for value, bit in bits.items()}, 0, kinds[column])
    met = table.select(m=masks)
    return met.filter(met.m != 0).distinct().limit(len(definition.by_flag))


def _by_value(column: Any, numbers: Mapping[str | int, int], others: int, kind: str) -> Any:
    """The number of each value of a column, looked up at once; texts of a fixed length are told without its rest."""
    if kind == TEXT:
        text = ibis.udf.scalar.builtin(lambda _: None, name="toString", signature=((column.type(),), "string"))
        column = text(column)
    return column.cases(*numbers.items(), else_=others)


def numbered_events(definition: Definition, table: Any, kinds: Mapping[str, str], places: int) -> Any:
    """Timely events with `unit` and `x`, a number of their time and of which of so many places is their stage."""
    last = places - 1
    known, time = by_value(definition, kinds), clock(definition, table, kinds, timely=True)
    if known is None:
        stages = [(meets(when, table, kinds), stage) for stage, when in enumerate(definition.whens)]
        stage_of = ibis.cases(*stages, else_=last)
    else:
        stage_of = _by_value(table[known[0]], known[1], last, kinds[known[0]])
    return table.select(unit=table[definition.unit], x=time * places + stage_of)


def _amount(column: Any) -> Any:
    """Money to the billionth, none where there is none, or something else."""
    type_ = amounts.DECIMAL.lower()
    if _is_exact(column):
        return ((column >= 0) & (column < amounts.TOO_LARGE)).ifelse(column, ibis.null()).cast(type_)
    text = amount_text(column)
    return ibis.cases((text.re_search(amounts.READABLE), text)).cast(type_)


def _is_exact(column: Any) -> bool:
    """Whether a column holds whole numbers, or decimals of known digits."""
    type_ = column.type()
    return bool(type_.is_integer() or (type_.is_decimal() and type_.scale is not None))


_ABOVE_ALL = 1e38
"""More than any decimal of known digits."""


def unread(column: Any) -> Any:
    """The condition that something else than money stands in its place."""
    if (
        column.type().is_decimal() and _is_exact(column) and column.get_backend().name == "postgres"
    ):  # where NaN is more than all numbers
        return (column < 0) | ((column >= amounts.TOO_LARGE) & (column.cast("float64") < _ABOVE_ALL))
    if _is_exact(column):
        return (column < 0) | (column >= amounts.TOO_LARGE)
    text = amount_text(column)
    return text.lower().notin(["", "nan"]) & ~text.re_search(amounts.READABLE)


def amount_text(column: Any) -> Any:
    """An amount as it is read, and shown where it is none."""
    return column.cast("string").strip()


def _label(column: Any, kind: str) -> Any:
    """A value as the name of a segment; there is no smallest of some types."""
    return column.cast("string") if kind == FLAG or column.type().is_uuid() else column


_CLOCKS = {
    "pyspark": "unix_micros",
    "databricks": "unix_micros",
    "bigquery": "unix_micros",
    "clickhouse": "toUnixTimestamp64Micro",
}
"""Databases with a function of their own for microseconds since 1970, and no word of Ibis for their fraction."""

_YEARS_TO_1970 = 62_167_219_200
"""Seconds from the year 0 to 1970, in the calendar of today."""


def clock(
    definition: Definition,
    table: Any,
    kinds: Mapping[str, str],
    *,
    timely: bool = False,
    name: str | None = None,
) -> Any:
    """The time in microseconds since 1970, or that of a column like it; of `timely` events none is infinite."""
    column = table[name or definition.time]
    if kinds[definition.time] == NUMBER:
        factor = FACTORS[definition.epoch]
        known = column.between(-(-EARLIEST // factor), LATEST // factor)  # before it is too large for 64 bits
        column = known.ifelse(column, ibis.null())
        wide = column.cast("int64") if column.type().is_integer() else column
        return (wide * factor).cast("int64")
    if column.type().is_date():
        column = column.cast("timestamp")
    if not timely:
        known = column.between(*(moment(text, column) for text in ("1000-01-01", "9998-12-31")))
        column = known.ifelse(column, ibis.null())  # there are infinite times
    if table.get_backend().name == "clickhouse":
        column = column.cast(dt.Timestamp("UTC", 6, nullable=column.type().nullable))  # else it takes longer
    own = _CLOCKS.get(table.get_backend().name)
    if own is not None:
        if column.type().timezone is None:  # DATETIME of BigQuery, TIMESTAMP_NTZ of Spark: not what its function takes
            column = column.cast("timestamp('UTC')")
        return ibis.udf.scalar.builtin(lambda _: None, name=own, signature=((column.type(),), "int64"))(column)
    if table.get_backend().name == "mysql":  # Ibis has a word for it that knows no year after 2106
        since_year_0 = ibis.udf.scalar.builtin(lambda _: None, name="to_seconds", signature=((column.type(),), "int64"))
        return (since_year_0(column) - _YEARS_TO_1970) * 1_000_000 + column.microsecond().cast("int64")
    # whole seconds first: an engine that rounds would move the fraction of a second
    return column.truncate("s").epoch_seconds().cast("int64") * 1_000_000 + column.microsecond().cast("int64")
