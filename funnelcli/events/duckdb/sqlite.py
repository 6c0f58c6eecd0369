"""Events in a SQLite file: a table as a CSV file that the embedded engine reads, and the types of its columns.

A column of SQLite may hold anything. It is a number where all of its values are, else text.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.diagnostics import Problem
from funnelcli.events.sources import choose_table, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from funnelcli.events.definition import Definition
    from funnelcli.events.sources import Files

DIALECT = "header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', allow_quoted_nulls = false"
"""How the file is written: every value in quotes, and nothing where there is none."""
_TYPES = {frozenset(("integer",)): "BIGINT", frozenset(("real",)): "DOUBLE", frozenset(("integer", "real")): "DOUBLE"}


class Export(NamedTuple):
    """A table as a file: its path, and the types of its columns as DuckDB has them."""

    path: str
    types: dict[str, str]


def export(files: Files, definition: Definition, folder: str) -> Export | Problem:
    """Write a table to a file of a folder. Raises `SourceError` for a broken file."""
    import sqlite3

    try:
        return _export(files.paths[0], definition, folder)
    except sqlite3.Error as error:
        raise unreadable(files.shown, error) from error


def _export(path: str, definition: Definition, folder: str) -> Export | Problem:
    import sqlite3
    from contextlib import closing
    from pathlib import Path

    with closing(sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True)) as connection:
        connection.text_factory = lambda data: data.decode("utf-8", errors="replace")
        found = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name")
        table = choose_table(definition.table, [name for (name,) in found])
        if isinstance(table, Problem):
            return table
        source = _name(table)
        rows = connection.execute(f"SELECT * FROM {source}")  # noqa: S608  # a table that is there, quoted
        names = [name for name, *_ in rows.description]
        kinds = ", ".join(f"GROUP_CONCAT(DISTINCT TYPEOF({_name(name)}))" for name in names)
        seen = connection.execute(f"SELECT {kinds} FROM {source}").fetchone()  # noqa: S608  # columns that are there
        types = {
            name: _TYPES.get(frozenset((each or "").split(",")) - {"null"}, "VARCHAR")
            for name, each in zip(names, seen, strict=True)
        }
        target = os.path.join(folder, "events.csv")
        with open(target, "w", encoding="utf-8", newline="") as stream:
            stream.write(_line(names))
            stream.writelines(map(_line, rows))
        return Export(target, types)


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _line(values: Iterable[object]) -> str:
    return ",".join("" if value is None else _name(str(value)) for value in values) + "\n"
