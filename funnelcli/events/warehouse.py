"""Databases elsewhere, through Ibis: the work is done there, and only counts come back.

Ibis connects, knows the columns and writes the normal events in the words of the database; SQLGlot, on which it rests,
translates the one formulation, in which no function of times occurs.
"""

from __future__ import annotations

import re
from datetime import UTC
from functools import reduce
from operator import add, and_, ge, gt, le, lt, ne, or_
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.diagnostics import Problem, quoted
from funnelcli.events import chains_sql, entries, overlap, tally
from funnelcli.events.cohorts import mature_end, now
from funnelcli.events.definition import (
    EARLIEST,
    FACTORS,
    FLAG,
    LATEST,
    NUMBER,
    OTHER,
    TEXT,
    TIME,
    always_apart,
    decimal_of,
    misfits,
    moment_of,
)
from funnelcli.events.result import Reach, doubtful, measurement
from funnelcli.events.sources import SourceError, choose_table, without_secrets
from funnelcli.model import Comparison

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.events.definition import Definition
    from funnelcli.events.result import Measurement
    from funnelcli.events.sources import Warehouse
    from funnelcli.model import Condition, When

_COMPARED = {">=": ge, ">": gt, "<=": le, "<": lt, "!=": ne}


def measure(
    definition: Definition, place: Warehouse, *, mature_only: bool = False
) -> Measurement | Problem | list[Problem]:
    """Count a funnel's events in a database, or say what does not fit; raises `SourceError` for what it refuses."""
    import ibis

    try:
        connection = ibis.connect(place.url)
    except Exception as error:  # of whatever driver
        raise _refused(error, place, "connect to") from None
    try:
        found = _measure(connection, definition, mature_only)
    except Exception as error:  # of whatever driver
        raise _refused(error, place, "count in") from None
    finally:
        if connection.name != "pyspark":  # its session may be somebody else's
            connection.disconnect()
    return measurement(*found) if isinstance(found, _Found) else found


class _Found(NamedTuple):
    """What came back, for this definition."""

    definition: Definition
    rows: list[tuple[Any, ...]]
    reach: Reach


def _measure(connection: Any, definition: Definition, mature_only: bool) -> _Found | Problem | list[Problem]:
    table = _table(connection, definition.table)
    if isinstance(table, Problem):
        return table
    kinds = {name: kind_of(type_) for name, type_ in table.schema().items()}
    if connection.name == "postgres":  # where each query would see the events of its own moment
        connection.con.commit()
        connection.con.autocommit = False
        connection.con.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    problems = misfits(definition, kinds)
    if not problems and kinds[definition.time] == TEXT:
        cure = "measure a view in which it is a timestamp"
        problems = [Problem("FN103", f"the time column {quoted(definition.time)} holds text", cure)]
    return problems or _count(connection, definition, table, kinds, mature_only)


def _refused(error: Exception, place: Warehouse, doing: str) -> SourceError:
    """An error of a driver in one line, without secrets; of a module that is missing, also the error beneath."""
    said = without_secrets(str(error), place.url).strip().splitlines() or [type(error).__name__]
    if isinstance(error, ImportError):
        engine = place.url.partition("://")[0].lower().replace("postgresql", "postgres")
        driver = f'"funnelcli[warehouse]" "ibis-framework[{engine}]"'
        cure = "pip install " + ('"funnelcli[postgres]"' if engine == "postgres" else driver)
        beneath = _innermost(error)
        why = "" if beneath is error else ": " + without_secrets(" ".join(str(beneath).split()), place.url)
        return SourceError(f"{place.shown}: {said[0].rstrip('.')}{why}", f"install its driver: {cure}")
    return SourceError(f"cannot {doing} {place.shown}: {said[0]}", "check the URL, the table and your rights")


def _innermost(error: ImportError) -> ImportError:
    """The failed import from which others followed: it names what is missing."""
    cause = error.__cause__ or error.__context__
    return _innermost(cause) if isinstance(cause, ImportError) else error


def _table(connection: Any, wanted: str | None) -> Any:
    """The table that is wanted, if the database lists it."""
    schema, _, name = (wanted or "").rpartition(".")
    tables = list(connection.list_tables(database=schema) if schema else connection.list_tables())
    chosen = choose_table(name or None, tables)
    if isinstance(chosen, Problem):
        unlisted = _unlisted(connection, schema, name)
        return chosen if unlisted is None else unlisted
    return connection.table(chosen, database=schema) if schema else connection.table(chosen)


def _unlisted(connection: Any, schema: str, name: str) -> Any:
    """A table that the database knows and does not list: a materialized view, or one that others may read."""
    try:
        return connection.table(name, database=schema or None) if name else None
    except Exception:  # of whatever driver: there is none
        return None


def kind_of(type_: Any) -> str:
    """What a column of a type of Ibis holds."""
    if type_.is_boolean():
        return FLAG
    if type_.is_numeric():
        return NUMBER
    if type_.is_timestamp() or type_.is_date():
        return TIME
    return TEXT if type_.is_string() or type_.is_uuid() else OTHER


def _count(
    connection: Any, definition: Definition, table: Any, kinds: dict[str, str], mature_only: bool
) -> _Found | Problem:
    normal, stages = _normal(definition, table, kinds), range(len(definition.names))
    inside = _in_reach(definition, normal) & normal.t.notnull()
    flags = [normal[column] == 1 for column in normal.columns if column[0] in "hx"]
    stray = ~reduce(or_, flags)
    past = normal.t <= now()
    events, without_unit, without_time, until, latest, after_now, strays, *met = _rows(
        connection,
        normal.aggregate(
            events=_number(inside),
            without_unit=_number(inside & normal.unit.isnull()),
            without_time=_number(normal.t.isnull()),
            until=past.ifelse(normal.t, None).max(),
            latest=normal.t.max(),
            after_now=_number(~past),
            strays=_number(inside & normal.unit.notnull() & stray),
            **{f"met{stage}": _number(inside & normal.unit.notnull() & flags[stage]) for stage in stages},
        ),
    )[0]
    unmet = tuple(name for name, number in zip(definition.names, met, strict=True) if not number)
    reach = Reach(
        events,
        without_unit,
        without_time,
        latest if until is None else until,
        unmet=unmet,
        strays=int(strays) if unmet else 0,
        after_now=int(after_now),
        latest=latest if after_now else None,
    )
    problem = doubtful(definition, reach)
    if problem:
        return problem
    if mature_only and reach.until is not None:
        definition = definition._replace(end=mature_end(definition, reach.until))
    masks = _masks(connection, definition, _reached(definition, normal))
    tangled = overlap.tangle(definition, masks)
    if tangled:
        return tangled
    events = _reached(definition, normal)
    if overlap.shares_events(definition, masks) or definition.growing or definition.order == "strict":
        before = _rows(connection, events.aggregate(n=events.count()))[0][0]
        events = _reached(definition, _normal(definition, _once(definition, table, kinds), kinds))
        reach = reach._replace(duplicates=before - _rows(connection, events.aggregate(n=events.count()))[0][0])
    frames = connection.name not in _SHORT_FRAMES
    return _Found(
        definition, _fetched(connection, _with_events(connection, counting(definition, masks, frames), events)), reach
    )


def counting(definition: Definition, masks: Sequence[int], frames: bool) -> tally.Parts:
    """All that is asked, of the normal events in `events`."""
    source, named = "events", {}
    if definition.entry != "any":
        source, named = "chosen", {"chosen": entries.one_each(definition, "events")}
        masks = entries.without_entry(masks)
    units = chains_sql.units(definition, source, masks, frames=frames)
    parts = tally.tally(definition, units, source, quantiles=False)
    kinds = entries.kinds(definition) if definition.entry == "any" else ()
    told = tally.segments(definition, source, masks, kinds, frames=frames)
    return tally.Parts({**named, **parts.named, **told.named}, parts.queries + told.queries)


def _with_events(connection: Any, parts: tally.Parts, events: Any) -> str:
    """The formulation in the words of the database, on these events."""
    import sqlglot

    dialect = connection.dialect
    translated: str = sqlglot.transpile(parts.text(), write=dialect, identify=True)[0]
    name = sqlglot.to_identifier("events", quoted=True).sql(dialect)
    return translated.replace("WITH ", f"WITH {name} AS ({_compiled(connection, events)}), ", 1)


def _rows(connection: Any, expression: Any) -> list[tuple[Any, ...]]:
    return _fetched(connection, _compiled(connection, expression))


def _fetched(connection: Any, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query, from whichever kind of cursor the driver has."""
    cursor = connection.raw_sql(query)
    if hasattr(cursor, "collect"):
        return [tuple(row) for row in cursor.collect()]
    if hasattr(cursor, "fetchall"):
        rows = [tuple(row) for row in cursor.fetchall()]
        close = getattr(cursor, "close", None)
        if close is not None and cursor is not getattr(connection, "con", None):
            close()
        return rows
    return [tuple(row) for row in getattr(cursor, "result_rows", cursor)]


_BACKSLASHES = ("bigquery", "clickhouse")
"""Databases whose patterns know the backslash as the escape, and cannot be told another."""
_ESCAPE = "!"


def _compiled(connection: Any, expression: Any) -> str:
    """An expression in the words of the database; Ibis has no word for the escape of a pattern."""
    text: str = connection.compile(expression)
    if connection.name in _BACKSLASHES or not any(sign in text for sign in (_ESCAPE, "\\")):
        return text
    import sqlglot
    from sqlglot import exp

    query = sqlglot.parse_one(text, read=connection.dialect)
    for like in list(query.find_all(exp.Like)):
        pattern = like.expression.name
        if _ESCAPE in pattern or "\\" in pattern:  # where a backslash is the escape, it is none now
            like.replace(exp.Escape(this=like.copy(), expression=exp.Literal.string(_ESCAPE)))
    text = query.sql(dialect=connection.dialect)
    return text


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


def _number(condition: Any) -> Any:
    return condition.ifelse(1, 0).fill_null(0).sum().fill_null(0)


def _in_reach(definition: Definition, normal: Any) -> Any:
    """The condition of times that can belong to an entry of the interval."""
    import ibis

    bounds = [ibis.literal(value=True)]
    bounds += [normal.t >= definition.start] * (definition.start is not None)
    bounds += [normal.t <= definition.last] * (definition.last is not None)
    return reduce(and_, bounds)


def _reached(definition: Definition, normal: Any) -> Any:
    """The events that are looked at: for strict chains, also those that meet nothing."""
    events = normal.filter(normal.unit.notnull(), normal.t.notnull(), _in_reach(definition, normal))
    if definition.order == "strict":
        return events
    flags = [events[f"h{stage}"] == 1 for stage in range(len(definition.names))]
    return events.filter(reduce(or_, [*flags, *([events.x == 1] if definition.exclude else [])]))


def _masks(connection: Any, definition: Definition, events: Any) -> list[int]:
    """Which stages events meet together: by the conditions alone, or, where these do not tell, by a look at all."""
    stages = range(len(definition.names))
    pairs = ((one, other) for one in stages for other in stages if one < other)
    if connection.name not in _LIKE_TEXTS and all(
        always_apart(definition.whens[one], definition.whens[other]) for one, other in pairs
    ):
        return [1 << stage for stage in stages]
    bits = reduce(add, [events[f"h{stage}"].cast("int64") * (1 << stage) for stage in stages])
    return sorted({int(mask) for (mask,) in _rows(connection, events.select(m=bits).distinct())} - {0})


def _once(definition: Definition, table: Any, kinds: dict[str, str]) -> Any:
    """Each event once: by its identity, or by all columns that can be compared."""
    import ibis

    if definition.identity is None:
        return table.select(*(name for name, kind in kinds.items() if kind != OTHER)).distinct()
    identity = table[definition.identity]
    place = ibis.row_number().over(ibis.window(group_by=identity, order_by=table[definition.time]))
    numbered = table.mutate(funnelcli_place=place)
    first = numbered.filter((numbered.funnelcli_place == 0) | numbered[definition.identity].isnull())
    return first.drop("funnelcli_place")


def _normal(definition: Definition, table: Any, kinds: dict[str, str]) -> Any:
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


_SHORT_FRAMES = ("clickhouse", "mssql")
"""Databases in which a frame of values reaches no further than 32 bits, or that have none."""
_LIKE_TEXTS = ("mssql", "mysql")
"""Databases to which texts may be equal that differ in accents or blanks."""
_CLOCKS = {"pyspark": "unix_micros", "databricks": "unix_micros", "bigquery": "unix_micros"}
"""Databases with a function of their own for microseconds since 1970, and no word of Ibis for their fraction."""


def _named(name: str) -> Callable[..., Any]:
    """A function that has only a name: Ibis takes it for the database's."""

    def function(column: Any) -> Any: ...

    function.__name__ = name
    return function


def _clock(definition: Definition, table: Any, kinds: dict[str, str]) -> Any:
    """The time in microseconds since 1970."""
    import ibis

    column = table[definition.time]
    if kinds[definition.time] == NUMBER:
        wide = column.cast("int64") if column.type().is_integer() else column
        return _in_range((wide * FACTORS[definition.epoch]).cast("int64"))
    if column.type().is_date():
        column = column.cast("timestamp")
    known = column.between(*(_moment(text, column) for text in ("1000-01-01", "9998-12-31")))
    column = known.ifelse(column, ibis.null())  # there are infinite times
    own = _CLOCKS.get(table.get_backend().name)
    if own is not None:
        return ibis.udf.scalar.builtin(_named(own), signature=((column.type(),), "int64"))(column)
    # whole seconds first: an engine that rounds would move the fraction of a second
    return column.truncate("s").epoch_seconds().cast("int64") * 1_000_000 + column.microsecond().cast("int64")


def _in_range(microseconds: Any) -> Any:
    import ibis

    return microseconds.between(EARLIEST, LATEST).ifelse(microseconds, ibis.null())


def _moment(text: str, column: Any) -> Any:
    """A time as a literal that a column can be compared with."""
    import ibis

    moment = moment_of(text).astimezone(UTC)
    aware = column.type().is_timestamp() and column.type().timezone is not None
    return ibis.literal(moment if aware else moment.replace(tzinfo=None))


def _met(when: When, table: Any, kinds: dict[str, str]) -> Any:
    """1 where an event meets `when`, else 0."""
    import ibis

    alternatives = [reduce(and_, [_one_of(each, table, kinds) for each in alternative]) for alternative in when]
    return ibis.cases((reduce(or_, alternatives), 1), else_=0).cast("int32")


def _one_of(condition: Condition, table: Any, kinds: dict[str, str]) -> Any:
    column, kind = table[condition.column], kinds[condition.column]
    options = []
    for value in condition.values:
        operator, operand = value if isinstance(value, Comparison) else ("=", value)
        if operand is None:
            options.append(column.notnull() if operator == "not null" else column.isnull())
        elif operator.endswith("like"):
            fits = column.cast("string").like(_pattern(str(operand), table.get_backend().name))
            options.append(~fits if operator == "not like" else fits)
        elif operator in _COMPARED:
            options.append(_COMPARED[operator](column, _bound(operand, kind, column)))
        else:
            options.append(column == _bound(operand, kind, column))
    return reduce(or_, options)


def _bound(operand: Any, kind: str, column: Any) -> Any:
    """A value as a literal of the column's type."""
    import ibis

    if kind == TIME:
        return _moment(operand, column)
    if kind == NUMBER and not isinstance(operand, int):
        if column.type().is_floating():
            return float(operand)
        return ibis.literal(decimal_of(operand))
    return operand
