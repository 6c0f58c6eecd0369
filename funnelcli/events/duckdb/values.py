"""Which values events have, in a table of DuckDB."""
# ruff: noqa: S608  # names are quoted, and values bound

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.events import chains_sql, unmet
from funnelcli.events.definition import TEXT
from funnelcli.events.duckdb.events_sql import clock, met
from funnelcli.events.duckdb.types import kind_of, name
from funnelcli.measure import Condition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from funnelcli.events.definition import Definition
    from funnelcli.events.duckdb.files import EventTable

    Rows = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]


def none_has(definition: Definition, table: EventTable, conditions: Sequence[Condition], rows: Rows) -> list[bool]:
    """Whether no event of the interval meets a condition, for each of them."""
    events = f"FROM {table.sql} WHERE "
    if definition.between:
        events += f"{chains_sql.timely(definition, clock(definition, table))} AND "
    kinds = {column: kind_of(type_) for column, type_ in table.types.items()}

    def values_of(column: str, places: Mapping[str | int, int]) -> Iterator[str | int]:
        values: list[Any] = []
        any_of = met(((Condition(column, tuple(places)),),), table, values)
        text = f"CAST({name(column)} AS VARCHAR)" if kinds[column] == TEXT else name(column)
        return (value for (value,) in rows(f"SELECT DISTINCT {text} {events}({any_of})", values))

    def numbers(others: Sequence[Condition]) -> Sequence[int]:
        asked: list[tuple[str, list[Any]]] = []
        for condition in others:
            values: list[Any] = []
            asked.append((f"({met(((condition,),), table, values)})", values))
        if len(asked) <= unmet.AT_ONCE:
            return [len(rows(f"SELECT 1 {events}{text} LIMIT 1", values)) for text, values in asked]
        counts = ", ".join(f"COUNT(*) FILTER (WHERE {text})" for text, _ in asked)
        (counted,) = rows(f"SELECT {counts} {events}TRUE", [value for _, values in asked for value in values])
        return counted

    return unmet.none_has(conditions, kinds, values_of, numbers)


def usual(definition: Definition, table: EventTable, column: str, rows: Rows) -> list[str]:
    """The most frequent values of a column in the interval, the most frequent first."""
    x = f"CAST({name(column)} AS VARCHAR)"
    events = f"(SELECT {x} AS x, {clock(definition, table)} AS t FROM {table.sql}) AS e WHERE x IS NOT NULL"
    if definition.between:
        events += f" AND {chains_sql.timely(definition)}"
    query = f"SELECT x FROM {events} GROUP BY x ORDER BY COUNT(*) DESC, x LIMIT {unmet.MOST_VALUES}"
    return [str(value) for (value,) in rows(query, ())]
