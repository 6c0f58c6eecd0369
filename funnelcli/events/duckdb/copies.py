"""Rows that came twice: they are at one moment of a unit, so that only rows at such moments are compared."""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.events import chains_sql
from funnelcli.events.duckdb import consecutive, in_order
from funnelcli.events.duckdb.events_sql import normal, shares

if TYPE_CHECKING:
    from funnelcli.events.definition import Definition
    from funnelcli.events.duckdb.files import EventTable
    from funnelcli.events.duckdb.tables import Tables

FOLLOWED_AT_ONCE = 10_000_000
"""Events that are sorted at a time, about."""


def leave_out(tables: Tables, definition: Definition, table: EventTable) -> None:
    """Leave each wanted event in `normal` once; of strict chains, make `followers` as well."""
    wanted = chains_sql.wanted(definition)
    strict = definition.order == "strict"
    if strict:
        follow(tables, definition)
        moments = "SELECT DISTINCT unit, t FROM followers WHERE before_t = t"
    else:
        moments = f"SELECT unit, t FROM normal WHERE {wanted} GROUP BY unit, t HAVING COUNT(*) > 1"
    tables.keep("moments", moments)
    if not tables.rows("SELECT 1 FROM moments LIMIT 1"):
        return
    query, values = normal(definition, table, once=True, among="moments")
    tables.keep("different", f"SELECT * FROM ({query}) AS e WHERE {wanted}", values)
    there = f"{wanted} AND (unit, t) IN (SELECT unit, t FROM moments)"
    ((found, different),) = tables.rows(
        f"SELECT (SELECT COUNT(*) FROM normal WHERE {there}), (SELECT COUNT(*) FROM different)"
    )
    if found > different:
        tables.rows(f"DELETE FROM normal WHERE {there}")
        tables.rows("INSERT INTO normal SELECT * FROM different")
        if strict:
            tables.rows("DELETE FROM followers WHERE unit IN (SELECT unit FROM moments)")
            among = f"normal WHERE unit IN (SELECT unit FROM moments) AND {chains_sql.reachable(definition)}"
            tables.rows(f"INSERT INTO followers {consecutive.followers(definition, f'(SELECT * FROM {among})')}")


def follow(tables: Tables, definition: Definition) -> None:
    """Make the table `followers` of `normal`, share by share."""
    reachable = chains_sql.reachable(definition)
    ((events,),) = tables.rows(f"SELECT COUNT(*) FROM normal WHERE {reachable}")
    for number, share in enumerate(shares(events, FOLLOWED_AT_ONCE)):
        inside = f"FROM normal WHERE {share} AND {reachable}"
        tables.keep("o", f"SELECT unit, t, m {inside} ORDER BY unit, t")
        found = consecutive.followers(definition, "o", sorted_=True)
        if not in_order.streams(tables, found):
            found = consecutive.followers(definition, f"(SELECT unit, t, m {inside})")
        if number:
            tables.rows(f"INSERT INTO followers {found}")
        else:
            tables.keep("followers", found)
    tables.drop("o")
