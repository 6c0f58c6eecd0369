"""Which values events have, in a table of a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from funnelcli.events import unmet
from funnelcli.events.warehouse.conditions import flag, meets, rows_of
from funnelcli.measure import Condition

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from funnelcli.events.definition import Definition


def none_has(
    definition: Definition, table: Any, conditions: Sequence[Condition], kinds: Mapping[str, str]
) -> list[bool]:
    """Whether no event of a table meets a condition, for each of them."""

    def values_of(column: str, places: Mapping[str | int, int]) -> Iterator[str | int]:
        some = table.filter(meets(((Condition(column, tuple(places)),),), table, kinds))
        found = {_alike(value) for (value,) in _rows(some.select(x=table[column]).distinct())}
        return (value for value in places if _alike(value) in found)

    def numbers(others: Sequence[Condition]) -> Sequence[int]:
        asked = [meets(((condition,),), table, kinds) for condition in others]
        if len(asked) <= unmet.AT_ONCE:
            return [len(_rows(table.filter(each).select(x=table[definition.unit]).limit(1))) for each in asked]
        counts = {f"n{place}": flag(each).sum() for place, each in enumerate(asked)}
        (counted,) = _rows(table.aggregate(**counts))
        return [*counted]

    return unmet.none_has(conditions, kinds, values_of, numbers)


def _alike(value: Any) -> Any:
    """A value as some collations compare it: without case, and without spaces at its end."""
    return value.casefold().rstrip(" ") if isinstance(value, str) else value


def usual(table: Any, column: str) -> list[str]:
    """The most frequent values of a column, the most frequent first."""
    values = table.filter(table[column].notnull()).select(x=table[column].cast("string"))
    counted = values.group_by("x").aggregate(n=values.count())
    query = counted.order_by(ibis.desc("n"), "x").limit(unmet.MOST_VALUES).select("x")
    return [str(value) for (value,) in _rows(query)]


def _rows(query: Any) -> Sequence[Any]:
    return rows_of(query.get_backend(), query)
