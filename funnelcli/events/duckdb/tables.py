"""Tables of a connection that are made of queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from duckdb import DuckDBPyConnection as Connection

    Run = Callable[[Connection, str, Sequence[Any]], list[tuple[Any, ...]]]


class Tables:
    """What runs queries on a connection, and makes tables of their rows."""

    def __init__(self, connection: Connection, run: Run) -> None:
        self._connection, self._run = connection, run
        self._made: set[str] = set()

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self._run(self._connection, query, values)

    def keep(self, table: str, query: str, values: Sequence[Any] = ()) -> None:
        """Make a table of the rows of a query, in place of one that there is."""
        self.rows(f"CREATE OR REPLACE TEMP TABLE {table} AS {query}", values)

    def add(self, table: str, query: str) -> None:
        """Add the rows of a query to a table, which the first ones make; columns are told by their names."""
        if table in self._made:
            self.rows(f"INSERT INTO {table} BY NAME {query}")
        else:
            self.keep(table, query)
            self._made.add(table)

    def drop(self, *tables: str) -> None:
        """Give back the memory of tables that are of no more use."""
        for table in tables:
            self.rows(f"DROP TABLE IF EXISTS {table}")

    def begin(self) -> None:
        """Take the next rows that are added to each table for its first."""
        self._made.clear()
