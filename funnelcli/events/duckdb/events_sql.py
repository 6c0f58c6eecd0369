"""The normal events out of a table of DuckDB, as text of SQL and the values to bind: nothing of a file is in the text.

Columns are named in SQL only after they were found in the table, and quoted.
"""
# ruff: noqa: S608  # see above

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from funnelcli.events import amounts
from funnelcli.events.comparisons import compared, decimal_of, left_out, may_be_listed
from funnelcli.events.definition import EARLIEST, FACTORS, LATEST, NUMBER, TEXT, TIME
from funnelcli.events.duckdb.types import EXACT_NUMBER, EXACT_SECONDS, WHOLE, kind_of, literal, name
from funnelcli.funnel_file.moments import moment_of
from funnelcli.measure import OF_TEXT
from funnelcli.patterns import as_expression, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from funnelcli.events.definition import Definition
    from funnelcli.events.duckdb.files import EventTable
    from funnelcli.measure import Condition, When

BUCKETS = 64
"""Units are told apart by a hash into so many buckets, a power of 2, of which as many are counted at a time as fit the
memory."""


def shares(events: int, at_once: int, low: int = 0) -> list[str]:
    """Conditions that part so many events by their units, from bucket `low` on, so that about `at_once` fit each."""
    return parted(max(1, -(-events // at_once)), low)


def parted(number: int, low: int = 0) -> list[str]:
    """Conditions that part units so often, from bucket `low` on."""
    number = min(BUCKETS, number)
    edges = [low + BUCKETS * each // number for each in range(number + 1)]
    return [f"bucket BETWEEN {since} AND {before - 1}" for since, before in pairwise(edges)]


def normal(definition: Definition, table: EventTable, *, once: bool, among: str = "") -> tuple[str, list[Any]]:
    """A query of events: `unit`, `t`, the bits `m` of the stages and `others` that are met, `same0`, …, and `d0`, ….

    With `once`, each only once; of those `among` the `unit` and `t` of a table alone, where it is told.
    """
    values: list[Any] = []
    bits = [
        f"(CASE WHEN {met(when, table, values)} THEN {1 << place} ELSE 0 END)"
        for place, when in enumerate(definition.by_flag.values())
    ]
    unit = name(definition.unit) if table.narrow is None else f"CAST({name(definition.unit)} AS {table.narrow})"
    columns = [
        f"{unit} AS unit",
        f"{clock(definition, table)} AS t",
        f"CAST({' + '.join(bits)} AS {'UTINYINT' if len(bits) <= 8 else 'BIGINT'}) AS m",
    ]
    columns.append(f"CAST(HASH({unit}) & {BUCKETS - 1} AS UTINYINT) AS bucket")
    columns += [f"{name(column)} AS same{index}" for index, column in enumerate(definition.same)]
    columns += [f"{_label(column, table)} AS d{index}" for index, (_, column) in enumerate(definition.dimensions)]
    for stage, column in definition.paid:
        columns += [f"{amount(table, column)} AS amount{stage}", f"{unread(table, column)} AS unread{stage}"]
    rows = table.sql
    if once and definition.identity is None:
        place = f"{name(definition.unit)}, {clock(definition, table)}"
        inside = f" WHERE ({place}) IN (SELECT unit, t FROM {among})" if among else ""
        rows = f"(SELECT DISTINCT * FROM {table.sql}{inside}) AS s"
    elif once:
        identity = name(definition.identity or "")
        first = f"ROW_NUMBER() OVER (PARTITION BY {identity} ORDER BY {clock(definition, table)}) = 1"
        rows = f"(SELECT * FROM {table.sql} QUALIFY {identity} IS NULL OR {first}) AS s"
    return f"SELECT {', '.join(columns)} FROM {rows}", values


def flag_columns(definition: Definition, flags: Iterable[str]) -> list[str]:
    """Some of the flags of events with `m`, as columns."""
    bits = definition.bits
    return [f"CAST((m >> {bits[flag]}) & 1 AS UTINYINT) AS {flag}" for flag in flags]


def _label(column: str, table: EventTable) -> str:
    """A value as the name of a segment: an exact number without the zeros that only its type adds."""
    if table.types[column] != EXACT_NUMBER:
        return name(column)
    return f"RTRIM(RTRIM(CAST({name(column)} AS VARCHAR), '0'), '.')"


def _is_exact(table: EventTable, column: str) -> bool:
    """Whether a column holds whole numbers or decimals; other numbers are read as they are written."""
    type_ = table.types[column]
    return kind_of(type_) == NUMBER and type_ not in ("FLOAT", "DOUBLE", "BIGNUM")


def amount(table: EventTable, column: str) -> str:
    """Money to the billionth, NULL where there is none, or something else."""
    if _is_exact(table, column):
        held = f"{name(column)} >= 0 AND {name(column)} < {amounts.TOO_LARGE}"
        return f"CASE WHEN {held} THEN CAST({name(column)} AS {amounts.DECIMAL}) END"
    return f"CASE WHEN {_readable(column)} THEN TRY_CAST({amount_text(column)} AS {amounts.DECIMAL}) END"


def unread(table: EventTable, column: str) -> str:
    """1 where something else than money stands in its place, else 0."""
    if _is_exact(table, column):
        other = f"{name(column)} < 0 OR {name(column)} >= {amounts.TOO_LARGE}"
    else:
        other = f"LOWER({amount_text(column)}) NOT IN ('', 'nan') AND NOT {_readable(column)}"
    return f"CAST(CASE WHEN {other} THEN 1 ELSE 0 END AS UTINYINT)"


def _readable(column: str) -> str:
    return f"REGEXP_MATCHES({amount_text(column)}, {literal(amounts.READABLE)})"


def amount_text(column: str) -> str:
    """Money as it is written."""
    return f"TRIM(CAST({name(column)} AS VARCHAR))"


def unread_amount(definition: Definition, table: EventTable, stage: int) -> tuple[str, list[Any]]:
    """A query of what stands in the place of an amount of an event that meets a stage, and the values to bind."""
    values: list[Any] = []
    column = definition.amounts[stage] or ""
    meets = met(definition.whens[stage], table, values)
    found = f"SELECT {amount_text(column)} AS x FROM {table.sql} WHERE ({meets}) AND {unread(table, column)} = 1"
    return f"SELECT MIN(x) FROM ({found}) AS e", values


def instant(definition: Definition, table: EventTable, of: str = "") -> str:
    """The time of text or dates as a moment, NULL where there is none; `of` an aggregate, the one that it finds."""
    type_, column = table.types[definition.time], f"{of}({name(definition.time)})"
    if definition.time_format is not None:
        text = f"TRIM(CAST({column} AS VARCHAR))"
        return f"TRY_CAST(TRY_STRPTIME({text}, {literal(definition.time_format)}) AS TIMESTAMPTZ)"
    if kind_of(type_) == TEXT:  # trimmed, or DuckDB would have the reader of the file convert it and fail
        return f"TRY_CAST(TRIM({column}) AS TIMESTAMPTZ)"
    if type_ not in ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"):
        return f"TRY_CAST({column} AS TIMESTAMP)"
    return column


def clock(definition: Definition, table: EventTable, of: str = "") -> str:
    """The time in microseconds since 1970, NULL where there is none; `of` an aggregate, the time that it finds."""
    type_ = table.types[definition.time]
    if definition.time_format is None and kind_of(type_) == NUMBER:
        wide = "HUGEINT" if type_ in WHOLE else "DOUBLE" if type_ in ("FLOAT", "DOUBLE") else EXACT_SECONDS
        column = f"{of}({name(definition.time)})"
        time = f"TRY_CAST(TRY_CAST({column} AS {wide}) * {FACTORS[definition.epoch]} AS BIGINT)"
        return f"CASE WHEN {time} BETWEEN {EARLIEST} AND {LATEST} THEN {time} END"
    at = instant(definition, table, of)
    return f"CASE WHEN {at} BETWEEN '1000-01-01' AND '9998-12-31' THEN epoch_us({at}) END"


def begun(definition: Definition, table: EventTable) -> str:
    """The condition, from WHERE on, of the events from the start of the interval on; nothing where there is none.

    Where the column has times, it is about the column itself, so that parts of files that lie before it are not read.
    """
    if definition.start is None:
        return ""
    type_, column = table.types[definition.time], name(definition.time)
    if definition.time_format is not None or type_ not in ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE"):
        return f" WHERE {clock(definition, table)} >= {definition.start}"
    return f" WHERE {column} >= CAST(make_timestamp({definition.start}) AS {type_})"


def met(when: When, table: EventTable, values: list[Any]) -> str:
    """The condition that an event meets `when`; what it compares with is added to the values."""
    alternatives = [" AND ".join(_all_of(alternative, table, values)) for alternative in when]
    return " OR ".join(f"({alternative})" for alternative in alternatives)


def _all_of(alternative: Sequence[Condition], table: EventTable, values: list[Any]) -> Iterator[str]:
    others, left = left_out(alternative, {each.column: kind_of(table.types[each.column]) for each in alternative})
    yield from (_one_of(each, table, values) for each in others)
    for condition in left:
        values += condition.values
        yield f"{_compared(condition.column, table)} {_list(condition.values, '<>', 'NOT IN')}"


def _list(operands: Sequence[object], one: str, of_many: str) -> str:
    return f"{one} ?" if len(operands) == 1 else f"{of_many} ({', '.join('?' * len(operands))})"


_OPERATORS = {"like": "LIKE", "not like": "NOT LIKE", "!=": "<>"}


def _compared(column: str, table: EventTable) -> str:
    """A column as it is compared."""
    kind = kind_of(table.types[column])
    # a time of nanoseconds is not compared with others
    type_ = {TEXT: "VARCHAR", TIME: "TIMESTAMPTZ"}.get(kind)
    return f"CAST({name(column)} AS {type_})" if type_ else name(column)


def _one_of(condition: Condition, table: EventTable, values: list[Any]) -> str:
    column, kind = _compared(condition.column, table), kind_of(table.types[condition.column])
    told = compared(condition)
    equal = [operand for operator, operand in told if operator == "=" and may_be_listed(operand, kind)]
    values += equal
    options = [f"{column} {_list(equal, '=', 'IN')}"] if equal else []
    for operator, operand in told:
        if operator == "=" and may_be_listed(operand, kind):
            continue
        if operand is None:
            options.append(f"{column} IS {'NOT ' if operator == 'not null' else ''}NULL")
            continue
        if operator in OF_TEXT:
            operator, operand = plain(operator, str(operand))
        if operator.endswith(("ilike", "matches")):
            values.append(as_expression(operator, str(operand)))
            options.append(f"{'NOT ' * operator.startswith('not ')}REGEXP_MATCHES({column}, ?)")
            continue
        values.append(_bound(operand, kind))
        place = "CAST(? AS TIMESTAMPTZ)" if kind == TIME else "?"
        if operator.endswith("like") and "\\" in str(operand):
            place = "? ESCAPE '\\'"
        options.append(f"{column} {_OPERATORS.get(operator, operator)} {place}")
    return f"({' OR '.join(options)})"


def _bound(operand: Any, kind: str) -> Any:
    """A value as the driver takes it."""
    if kind == TIME:
        return moment_of(operand).isoformat()
    if kind == NUMBER and not isinstance(operand, int):
        return decimal_of(operand)
    return operand
