"""What is used of Ibis beyond what it promises: where another release has it elsewhere, this is the place to mend."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.backends.sql.compilers as compilers
from ibis.backends.sql.datatypes import DuckDBType


def unbound_table(name: str, types: Any, backend: Any) -> Any:
    """A table of columns of these types, of which a backend knows nothing yet."""
    return ibis.expr.operations.DatabaseTable(name, ibis.schema(types), backend).to_expr()


def query_of(query: str, types: Any, backend: Any) -> Any:
    """A query as a table of columns of these types, which is not run for that."""
    return ibis.expr.operations.SQLQueryResult(query, ibis.schema(types), backend).to_expr()


def dialect_of(name: str) -> Any:
    """What a backend writes, as SQLGlot knows it."""
    return getattr(compilers, name).compiler.dialect


def place_of(table: Any) -> tuple[str, str | None]:
    """The name of a table, and that of its database."""
    place = table.op()
    return place.name, place.namespace.database


def type_of_duckdb(type_: str) -> Any:
    """A type in the words of DuckDB as one of Ibis."""
    return DuckDBType.from_string(type_)
