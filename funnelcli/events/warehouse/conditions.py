"""Conditions on events in the words of Ibis, and in those of a database where Ibis has none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import ibis
import sqlglot

from funnelcli.events.comparisons import COMPARED, compared, left_out
from funnelcli.events.definition import NUMBER, TIME
from funnelcli.events.warehouse.connections import fetched
from funnelcli.events.warehouse.pushed import decimal_literal, time_literal
from funnelcli.funnel_file.moments import moment_of
from funnelcli.measure import OF_TEXT
from funnelcli.patterns import as_expression, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from funnelcli.measure import Condition, When


def met(when: When, table: Any, kinds: Mapping[str, str]) -> Any:
    """1 where an event meets `when`, else 0."""
    return flag(meets(when, table, kinds))


def flag(condition: Any) -> Any:
    """1 where a condition holds, else 0."""
    return ibis.cases((condition, 1), else_=0).cast("int32")


def meets(when: When, table: Any, kinds: Mapping[str, str]) -> Any:
    """The condition that an event meets `when`."""
    ways = []
    for alternative in when:
        others, left = left_out(alternative, kinds)
        of_all = [_one_of(each, table, kinds) for each in others]
        of_all += [
            table[each.column] != each.values[0] if len(each.values) == 1 else table[each.column].notin(each.values)
            for each in left
        ]
        ways.append(_joined(ibis.and_, of_all))
    return _joined(ibis.or_, ways)


def _joined(join: Callable[..., Any], conditions: Sequence[Any]) -> Any:
    """Conditions joined in halves: each inside of the one before, hundreds would lie deeper than Python goes."""
    if len(conditions) <= 2:
        return join(*conditions)
    half = len(conditions) // 2
    return join(_joined(join, conditions[:half]), _joined(join, conditions[half:]))


def _one_of(condition: Condition, table: Any, kinds: Mapping[str, str]) -> Any:
    column, kind = table[condition.column], kinds[condition.column]
    options, equal = [], []
    for operator, operand in compared(condition):
        if operator == "=" and operand is not None and kind != TIME:
            equal.append(_bound(operand, kind, column))
        elif operand is None:
            options.append(column.notnull() if operator == "not null" else column.isnull())
        elif operator in OF_TEXT:
            fits = _fits(operator, str(operand), column.cast("string"), table.get_backend().name)
            options.append(~fits if operator.startswith("not ") else fits)
        else:
            options.append(COMPARED[operator](column, _bound(operand, kind, column)))
    if equal:  # in one list, which a database looks up, as it would not in a chain of comparisons
        options.append(column.isin(equal) if len(equal) > 1 else column == equal[0])
    return _joined(ibis.or_, options)


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
    return column.like(like_pattern(operand, engine))


def _bound(operand: Any, kind: str, column: Any) -> Any:
    """A value as a literal of the column's type."""
    if kind == TIME:
        return moment(operand, column)
    if kind != NUMBER or isinstance(operand, int):
        return operand
    return float(operand) if column.type().is_floating() else decimal_literal(operand)


def moment(text: str, column: Any) -> Any:
    """A time as a literal that a column can be compared with."""
    return time_literal(moment_of(text), column)


_BACKSLASHES = ("bigquery", "clickhouse")
"""Databases whose patterns know the backslash as the escape, and cannot be told another."""
_ESCAPE = "!"


def compiled(connection: Any, expression: Any) -> str:
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


def rows_of(connection: Any, expression: Any) -> list[tuple[Any, ...]]:
    """The rows of an expression in the database."""
    return fetched(connection, compiled(connection, expression))


def like_pattern(operand: str, engine: str) -> str:
    """A pattern with the escapes of a database; SQL Server knows brackets as a choice of characters."""
    if engine in _BACKSLASHES:
        return operand
    named = f"{_ESCAPE}[" if engine == "mssql" else _ESCAPE
    return re.sub(
        rf"\\([%_])|\\(\\)|([{re.escape(named)}])",
        lambda found: found[2] or f"{_ESCAPE}{found[1] or found[3]}",
        operand,
    )
