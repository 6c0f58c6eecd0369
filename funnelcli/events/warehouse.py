"""Databases elsewhere, through Ibis: the work is done there, and only counts come back.

Ibis connects, knows the columns and writes the normal events in the words of the database; SQLGlot, on which it rests,
translates the one formulation, in which no function of times occurs.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC
from operator import eq, ge, gt, le, lt, ne
from typing import TYPE_CHECKING, Any

import ibis
import sqlglot

from funnelcli.diagnostics import Problem
from funnelcli.events import chains_sql, tally
from funnelcli.events.count import count, covered, survey
from funnelcli.events.definition import (
    EARLIEST,
    FACTORS,
    FLAG,
    LATEST,
    NUMBER,
    OTHER,
    TEXT,
    TIME,
    compared,
    decimal_of,
    moment_of,
)
from funnelcli.events.sources import SourceError, choose_table, without_secrets
from funnelcli.events.warehouse_nested import with_nested
from funnelcli.measure import OF_TEXT
from funnelcli.patterns import as_expression, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from funnelcli.events.definition import Definition
    from funnelcli.events.result import Outcome, Reach
    from funnelcli.events.sources import Warehouse
    from funnelcli.measure import Condition, When

_COMPARED = {"=": eq, ">=": ge, ">": gt, "<=": le, "<": lt, "!=": ne}


def measure(definition: Definition, place: Warehouse, *, mature_only: bool = False) -> Outcome:
    """Count a funnel's events in a database, or say what does not fit; raises `SourceError` for what it refuses."""
    try:
        connection = ibis.connect(place.url)
    except Exception as error:  # of whatever driver
        raise _refused(error, place, "connect to") from None
    try:
        table = _table(connection, definition.table)
        table = table if isinstance(table, Problem) else with_nested(definition, table)
        if isinstance(table, Problem):
            return table
        return count(_Database(connection, table), definition, mature_only=mature_only)
    except Exception as error:  # of whatever driver
        raise _refused(error, place, "count in") from None
    finally:
        if connection.name != "pyspark":  # its session may be somebody else's
            connection.disconnect()


class _Database:
    """An engine that counts by one query, whose `normal` events are what it begins with."""

    reads_texts = False

    def __init__(self, connection: Any, table: Any) -> None:
        self._connection, self._table = connection, table
        self.columns: Mapping[str, str] = {name: kind_of(type_) for name, type_ in table.schema().items()}
        self._surveyed: tuple[Definition | None, list[tuple[Any, ...]]] = (None, [])
        if connection.name == "postgres":  # where each query would see the events of its own moment
            connection.con.commit()
            connection.con.autocommit = False
            connection.con.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

    def load(self, definition: Definition, *, once: bool = False) -> None:
        """Keep what stands for the events, and the flags of which their `m` is made."""
        table = _once(definition, self._table, self.columns) if once else self._table
        self._events = _compiled(self._connection, _normal(definition, table, self.columns))
        flags = [f"h{stage}" for stage in definition.stages] + ["x"] * bool(definition.exclude)
        self._mask = " + ".join(f"CAST({flag} AS BIGINT) * {1 << bit}" for bit, flag in enumerate(flags))

    def rows(self, query: str, named: Mapping[str, str] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a query that is written in the words of the database."""
        dialect = self._connection.dialect
        normal = {"normal": f"SELECT e.*, {self._mask} AS m FROM flagged AS e"}
        text = tally.Parts({**normal, **(named or {})}, [query]).text()
        translated: str = sqlglot.transpile(text, write=dialect, identify=True)[0]
        name = sqlglot.to_identifier("flagged", quoted=True).sql(dialect)
        return _fetched(self._connection, translated.replace("WITH ", f"WITH {name} AS ({self._events}), ", 1))

    def reach(self, definition: Definition) -> Reach:
        self.load(definition)
        self._surveyed = definition, self.rows(survey(definition))
        return covered(self._surveyed[1])

    def _met(self, definition: Definition) -> dict[int, int]:
        """How many events have each mask."""
        if definition != self._surveyed[0]:
            self.reach(definition)
        return {int(mask): int(events) for mask, events, *_ in self._surveyed[1] if events}

    def masks(self, definition: Definition) -> Iterable[int]:
        return self._met(definition)

    def strays(self, definition: Definition) -> int:
        return self._met(definition).get(0, 0)

    def tally(self, definition: Definition, masks: Sequence[int]) -> list[tuple[Any, ...]]:
        parts = tally.at_once(definition, masks)
        columns = f"e.*{chains_sql.flag_of_any(definition)}"
        events = {"events": f"SELECT {columns} FROM normal AS e WHERE {chains_sql.wanted(definition)}"}
        return self.rows(" UNION ALL ".join(parts.queries), events | parts.named)


def _refused(error: Exception, place: Warehouse, doing: str) -> SourceError:
    """An error of a driver in one line, without secrets; of a module that is missing, also the error beneath."""
    said = without_secrets(str(error), place.url).strip().splitlines() or [type(error).__name__]
    if isinstance(error, ImportError):
        engine = place.url.partition("://")[0].lower().replace("postgresql", "postgres")
        driver = f'"funnelcli[warehouse]" "ibis-framework[{engine}]"'
        help_text = "pip install " + ('"funnelcli[postgres]"' if engine == "postgres" else driver)
        beneath = _innermost(error)
        why = "" if beneath is error else ": " + without_secrets(" ".join(str(beneath).split()), place.url)
        return SourceError(f"{place.shown}: {said[0].rstrip('.')}{why}", f"install its driver: {help_text}")
    return SourceError(f"cannot {doing} {place.shown}: {said[0]}", "check the URL, the table and your rights")


def _innermost(error: ImportError) -> ImportError:
    """The failed import from which others followed: it names what is missing."""
    cause = error.__cause__ or error.__context__
    return _innermost(cause) if isinstance(cause, ImportError) else error


def _table(connection: Any, wanted: str | None) -> Any:
    """The table that is wanted, if the database lists or knows it: a materialized view may not be listed."""
    schema, _, name = (wanted or "").rpartition(".")
    within = {"database": schema} if schema else {}
    chosen = choose_table(name or None, list(connection.list_tables(**within)))
    if isinstance(chosen, Problem):
        with suppress(Exception):  # of whatever driver: there is none
            return connection.table(name, **within) if name else chosen
        return chosen
    return connection.table(chosen, **within)


def kind_of(type_: Any) -> str:
    """What a column of a type of Ibis holds."""
    if type_.is_boolean():
        return FLAG
    if type_.is_numeric():
        return NUMBER
    if type_.is_timestamp() or type_.is_date():
        return TIME
    return TEXT if type_.is_string() or type_.is_uuid() else OTHER


def _fetched(connection: Any, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query, from whichever kind of cursor the driver has."""
    cursor = connection.raw_sql(query)
    if hasattr(cursor, "collect"):
        found = cursor.collect()
    elif hasattr(cursor, "fetchall"):
        found = cursor.fetchall()
        if hasattr(cursor, "close") and cursor is not getattr(connection, "con", None):
            cursor.close()
    else:
        found = getattr(cursor, "result_rows", cursor)
    return [tuple(row) for row in found]


_BACKSLASHES = ("bigquery", "clickhouse")
"""Databases whose patterns know the backslash as the escape, and cannot be told another."""
_ESCAPE = "!"


def _compiled(connection: Any, expression: Any) -> str:
    """An expression in the words of the database; Ibis has no word for the escape of a pattern."""
    text: str = connection.compile(expression)
    if connection.name in _BACKSLASHES or not any(sign in text for sign in (_ESCAPE, "\\")):
        return text
    query = sqlglot.parse_one(text, read=connection.dialect)
    for like in list(query.find_all(sqlglot.exp.Like)):
        pattern = like.expression.name
        if _ESCAPE in pattern or "\\" in pattern:  # where a backslash is the escape, it is none now
            like.replace(sqlglot.exp.Escape(this=like.copy(), expression=sqlglot.exp.Literal.string(_ESCAPE)))
    return str(query.sql(dialect=connection.dialect))


def _pattern(operand: str, engine: str) -> str:
    """A pattern with the escapes of a database; SQL Server knows brackets as a choice of characters."""
    if engine in _BACKSLASHES:
        return operand
    named = f"{_ESCAPE}[" if engine == "mssql" else _ESCAPE
    return re.sub(
        rf"\\([%_])|\\(\\)|([{re.escape(named)}])",
        lambda found: found[2] or f"{_ESCAPE}{found[1] or found[3]}",
        operand,
    )


def _once(definition: Definition, table: Any, kinds: Mapping[str, str]) -> Any:
    """Each event once: by its identity, or by all columns that can be compared."""
    if definition.identity is None:
        return table.select(*(name for name, kind in kinds.items() if kind != OTHER)).distinct()
    identity = table[definition.identity]
    place = ibis.row_number().over(ibis.window(group_by=identity, order_by=table[definition.time]))
    numbered = table.mutate(funnelcli_place=place)
    first = numbered.filter((numbered.funnelcli_place == 0) | numbered[definition.identity].isnull())
    return first.drop("funnelcli_place")


def _normal(definition: Definition, table: Any, kinds: Mapping[str, str]) -> Any:
    """The events with `unit`, `t`, `h0`, `h1`, …, `x` and the segments `d0`, `d1`, …, in this order."""
    columns = {"unit": table[definition.unit], "t": _clock(definition, table, kinds)}
    columns |= {f"h{stage}": _met(when, table, kinds) for stage, when in enumerate(definition.whens)}
    if definition.exclude:
        columns["x"] = _met(definition.exclude, table, kinds)
    columns |= {
        f"d{index}": _label(table[column], kinds[column]) for index, (_, column) in enumerate(definition.dimensions)
    }
    return table.select(**columns)


def _label(column: Any, kind: str) -> Any:
    """A value as the name of a segment; there is no smallest of some types."""
    return column.cast("string") if kind == FLAG or column.type().is_uuid() else column


_CLOCKS = {"pyspark": "unix_micros", "databricks": "unix_micros", "bigquery": "unix_micros"}
"""Databases with a function of their own for microseconds since 1970, and no word of Ibis for their fraction."""


def _clock(definition: Definition, table: Any, kinds: Mapping[str, str]) -> Any:
    """The time in microseconds since 1970."""
    column = table[definition.time]
    if kinds[definition.time] == NUMBER:
        wide = column.cast("int64") if column.type().is_integer() else column
        found = (wide * FACTORS[definition.epoch]).cast("int64")
        return found.between(EARLIEST, LATEST).ifelse(found, ibis.null())
    if column.type().is_date():
        column = column.cast("timestamp")
    known = column.between(*(_moment(text, column) for text in ("1000-01-01", "9998-12-31")))
    column = known.ifelse(column, ibis.null())  # there are infinite times
    own = _CLOCKS.get(table.get_backend().name)
    if own is not None:
        return ibis.udf.scalar.builtin(lambda _: None, name=own, signature=((column.type(),), "int64"))(column)
    # whole seconds first: an engine that rounds would move the fraction of a second
    return column.truncate("s").epoch_seconds().cast("int64") * 1_000_000 + column.microsecond().cast("int64")


def _moment(text: str, column: Any) -> Any:
    """A time as a literal that a column can be compared with."""
    moment = moment_of(text).astimezone(UTC)
    aware = column.type().is_timestamp() and column.type().timezone is not None
    return ibis.literal(moment if aware else moment.replace(tzinfo=None))


def _met(when: When, table: Any, kinds: Mapping[str, str]) -> Any:
    """1 where an event meets `when`, else 0."""
    alternatives = [ibis.and_(*(_one_of(each, table, kinds) for each in alternative)) for alternative in when]
    return ibis.cases((ibis.or_(*alternatives), 1), else_=0).cast("int32")


def _one_of(condition: Condition, table: Any, kinds: Mapping[str, str]) -> Any:
    column, kind = table[condition.column], kinds[condition.column]
    options = []
    for operator, operand in compared(condition):
        if operand is None:
            options.append(column.notnull() if operator == "not null" else column.isnull())
        elif operator in OF_TEXT:
            fits = _fits(operator, str(operand), column.cast("string"), table.get_backend().name)
            options.append(~fits if operator.startswith("not ") else fits)
        else:
            options.append(_COMPARED[operator](column, _bound(operand, kind, column)))
    return ibis.or_(*options)


_ENDS = ("postgres", "redshift", "snowflake", "oracle")
"""Databases in which `$` is the end of a text, and nothing else is."""


def _fits(operator: str, operand: str, column: Any, engine: str) -> Any:
    """Whether a text fits what a comparison asks, or does not where it is negated."""
    operator, operand = plain(operator, operand)
    if operator.endswith(("ilike", "matches")):
        pattern = as_expression(operator, operand, "$" if engine in _ENDS else r"\z")
        if engine == "mysql":  # where a column's collation would leave case aside
            pattern = f"(?-i){pattern}"
        return column.re_search(f"({pattern})" if engine == "snowflake" else pattern)
    return column.like(_pattern(operand, engine))


def _bound(operand: Any, kind: str, column: Any) -> Any:
    """A value as a literal of the column's type."""
    if kind == TIME:
        return _moment(operand, column)
    if kind != NUMBER or isinstance(operand, int):
        return operand
    return float(operand) if column.type().is_floating() else ibis.literal(decimal_of(operand))
