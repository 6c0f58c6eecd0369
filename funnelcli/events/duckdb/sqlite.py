"""Events in a SQLite file: a table as a CSV file that the embedded engine reads, and the types of its columns.

A column of SQLite may hold anything. It is a number where all of its values are, else text.
"""
# ruff: noqa: S608  # tables and columns that are there, quoted

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem
from funnelcli.events.duckdb.types import literal, name, struct
from funnelcli.events.sources import choose_table, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from funnelcli.events.sources import Files

_WRITTEN = "header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', allow_quoted_nulls = false"
"""Every value in quotes, and nothing where there is none."""
_TYPES = {frozenset(("integer",)): "BIGINT", frozenset(("real",)): "DOUBLE", frozenset(("integer", "real")): "DOUBLE"}


def exported(files: Files, wanted: str | None, target: str) -> str | Problem:
    """A table as a file: what stands for it after FROM. Raises `SourceError` for a broken database."""
    import sqlite3

    uri = f"{Path(files.paths[0]).resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            connection.text_factory = lambda data: data.decode("utf-8", errors="replace")
            found = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name")
            table = choose_table(wanted, [table for (table,) in found])
            if isinstance(table, Problem):
                return table
            rows = connection.execute(f"SELECT * FROM {name(table)}")
            columns = [column for column, *_ in rows.description]
            kinds = ", ".join(f"GROUP_CONCAT(DISTINCT TYPEOF({name(column)}))" for column in columns)
            seen = connection.execute(f"SELECT {kinds} FROM {name(table)}").fetchone()
            with open(target, "w", encoding="utf-8", newline="") as stream:
                stream.write(_line(columns))
                stream.writelines(map(_line, rows))
    except sqlite3.Error as error:
        raise unreadable(files.shown, error) from error
    types = {
        column: _TYPES.get(frozenset((kinds or "").split(",")) - {"null"}, "VARCHAR")
        for column, kinds in zip(columns, seen, strict=True)
    }
    return f"read_csv({literal(target)}, columns = {struct(types)}, {_WRITTEN})"


def _line(values: Iterable[object]) -> str:
    return ",".join("" if value is None else name(str(value)) for value in values) + "\n"
