"""Files of events as a table of DuckDB, which sees these files and nothing else."""
# ruff: noqa: S608  # tables and columns that are there, quoted

from __future__ import annotations

import os
import re
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from funnelcli.diagnostics import Problem
from funnelcli.events import nested
from funnelcli.events.definition import OTHER, TEXT
from funnelcli.events.duckdb import csv_sql
from funnelcli.events.duckdb.broken_rows import of_rows
from funnelcli.events.duckdb.nested_sql import with_nested
from funnelcli.events.duckdb.types import (
    NOTHING,
    asked,
    exact,
    execute,
    kind_of,
    listed,
    literal,
    name,
    path_of,
    paths_of,
    struct,
    together,
)
from funnelcli.events.duckdb.unlike import One, lacking
from funnelcli.events.file_formats import CSV, DUCKDB, JSON, PARQUET, SQLITE, is_empty
from funnelcli.events.sources import SourceError, choose_table, is_remote, unreadable, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from duckdb import DuckDBPyConnection as Connection

    from funnelcli.events.definition import Definition
    from funnelcli.events.sources import Files

_SAFE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "preserve_insertion_order": "false",
}
_SETTINGS = "SET TimeZone = 'UTC'; SET enable_progress_bar = true; SET enable_progress_bar_print = false"
"""Times without an offset are in UTC; progress is known, and not shown here."""


class EventTable(NamedTuple):
    """The events: what stands for them after FROM, the types of their columns, and whether reading them is slow.

    Where units are whole numbers that fit a `narrow` type, it is enough for them. Where a time zone is named, times may
    be `zoneless`, without an offset.
    """

    sql: str
    types: dict[str, str]
    slow: bool
    narrow: str | None = None
    zoneless: bool = False


def connect(memory: int) -> Connection:
    """A database in memory that loads no extensions; beyond so many bytes, it writes to a temporary folder."""
    return duckdb.connect(config=_SAFE | {"memory_limit": f"{max(1, memory // 1_000_000)}MB"})


def open_files(
    connection: Connection, definition: Definition, files: Files, folder: str, *, thorough: bool
) -> EventTable | Problem | list[Problem]:
    """Make the events visible as a table, and nothing else; `folder` is for temporary files.

    Types of text are told by its first rows, or by all of them when it is `thorough`. Raises `SourceError` for files
    that are empty.
    """
    systems: list[Any] = []
    if any(map(is_remote, files.paths)):
        from funnelcli.events import remote

        files, systems = remote.fetched(files, folder)
    named = {
        path if is_remote(path) else os.path.abspath(path): _shown(path, folder)
        for path in files.paths
        if is_remote(path) or not is_empty(path)
    }
    if not named:
        raise unreadable(files.shown, "it is empty")
    paths = list(named)
    for system in systems:
        connection.register_filesystem(system)
    execute(connection, _SETTINGS)
    execute(connection, f"SET temp_directory = {literal(os.path.join(folder, 'spill'))}")
    sql: str | Problem | list[Problem] | None = None
    if files.format == DUCKDB:
        sql = _attached(connection, paths[0], definition.table)
    elif files.format == SQLITE:
        paths = [os.path.join(folder, "events.csv")]
        sql = _exported(files, definition.table, paths[0])
    execute(connection, f"SET allowed_paths = {listed(paths)} || {paths_of(paths)}")
    execute(connection, "SET enable_external_access = false; SET lock_configuration = true")
    if sql is None:
        sql = _READING[files.format](connection, definition, named, thorough)
    if isinstance(sql, str):
        sql = with_nested(connection, definition, sql, _described(connection, sql))
    if not isinstance(sql, str):
        return sql
    types = _described(connection, sql)
    table = EventTable(sql, types, files.format in (CSV, JSON, SQLITE))
    if definition.time_zone is None or definition.epoch is not None or definition.time not in types:
        return table
    if definition.time_format is not None:
        return table._replace(zoneless="%z" not in definition.time_format)
    if files.format not in (CSV, JSON):
        return table._replace(zoneless=_without_offset(connection, definition, sql, types))
    # read as texts: as times, they have an offset
    texts = _READING[files.format](connection, definition._replace(time_format=""), named, thorough)
    if isinstance(texts, str):
        texts = with_nested(connection, definition, texts, _described(connection, texts))
    known = isinstance(texts, str) and _without_offset(connection, definition, texts, _described(connection, texts))
    return table._replace(zoneless=known)


_AN_OFFSET = "(?i):[0-9.,]+ *(Z|UTC|GMT|[-+][0-9]{2}(:?[0-9]{2})?)$"
_FIRST_TIMES = 1000


def _without_offset(connection: Connection, definition: Definition, sql: str, types: Mapping[str, str]) -> bool:
    """Whether times have no offset, by their type, or of texts by the first ones."""
    column, type_ = name(definition.time), types[definition.time]
    if kind_of(type_) != TEXT:
        return type_ == "DATE" or (type_.startswith("TIMESTAMP") and "TIME ZONE" not in type_)
    first = f"SELECT TRIM({column}) AS x FROM {sql} WHERE {column} IS NOT NULL LIMIT {_FIRST_TIMES}"
    without = f"COUNT(*) FILTER (WHERE NOT REGEXP_MATCHES(x, {literal(_AN_OFFSET)}))"
    ((number,),) = execute(connection, f"SELECT {without} FROM ({first}) AS e")
    return bool(number)


def _shown(path: str, folder: str) -> str:
    """What a file is called in messages: one that was fetched lies in a folder of ours."""
    return os.path.basename(path) if os.path.dirname(path).startswith(folder) else without_secrets(path)


def broken(error: Exception, files: Files) -> SourceError:
    """An error of the engine in one line, without the text of the query."""
    lines = str(error).split("\nLINE ")[0].split("\n\n")[0].splitlines()
    what = "; ".join(line.strip() for line in lines[:4] if line.strip())
    if isinstance(error, duckdb.OutOfMemoryException):
        help_text = "give it more, such as --memory 4GB, or free space for temporary files (TMPDIR)"
        return SourceError(f"not enough memory to count {files.shown}", help_text)
    rows = of_rows(str(error), files) if files.format == CSV else None
    if rows is not None:
        return rows
    if "not utf-8" in what:
        return SourceError(f"{files.shown} is not UTF-8", "save it as UTF-8, or: iconv -f cp1252 -t utf-8")
    return unreadable(files.shown, what)


def _described(connection: Connection, sql: str) -> dict[str, str]:
    """The types of the columns of what stands after FROM."""
    described = execute(connection, f"DESCRIBE SELECT * FROM {sql}")
    return {column: type_ for column, type_, *_ in described}


def _attached(connection: Connection, path: str, wanted: str | None) -> str | Problem:
    """A table of a database file, by its name in SQL."""
    execute(connection, f"ATTACH {literal(path)} AS origin (READ_ONLY)")
    found = "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = 'origin'"
    names = {
        table if schema == "main" else f"{schema}.{table}": (schema, table)
        for schema, table in execute(connection, found)
    }
    chosen = choose_table(wanted, list(names))
    return chosen if isinstance(chosen, Problem) else ".".join(name(part) for part in ("origin", *names[chosen]))


_WRITTEN = "header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', allow_quoted_nulls = false"
"""Every value in quotes, and nothing where there is none."""
_TYPES = {frozenset(("integer",)): "BIGINT", frozenset(("real",)): "DOUBLE", frozenset(("integer", "real")): "DOUBLE"}


def _exported(files: Files, wanted: str | None, target: str) -> str | Problem:
    """A table of SQLite as a file of CSV: what stands for it after FROM. Raises `SourceError` for a broken database.

    A column of SQLite may hold anything. It is a number where all of its values are, else text.
    """
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
    return f"read_csv({path_of(target)}, columns = {struct(types)}, {_WRITTEN})"


def _line(values: Iterable[object]) -> str:
    return ",".join("" if value is None else name(str(value)) for value in values) + "\n"


def _parquet(
    connection: Connection, definition: Definition, named: Mapping[str, str], thorough: bool
) -> str | list[Problem]:
    found = f"read_parquet({paths_of(named)}{', union_by_name = true' if len(named) > 1 else ''})"
    types = _described(connection, found)
    problems = lacking(connection, definition, _each(connection, named))
    if problems:
        return problems
    empty = [column for column, type_ in types.items() if type_ == NOTHING]
    if not empty:
        return found
    typed = ", ".join(f"CAST({name(column)} AS {asked(definition, column)}) AS {name(column)}" for column in empty)
    return f"(SELECT * REPLACE ({typed}) FROM {found})"


def _each(connection: Connection, named: Mapping[str, str]) -> list[One]:
    """Files of Parquet with the columns that they have, or that folders such as `dt=2026-10-01` have."""
    lists = ", ".join(f"list({each} ORDER BY column_id)" for each in ("name", "COALESCE(num_children, 0)"))
    schema = f"SELECT file_name, {lists} FROM parquet_schema({paths_of(named)})"
    found = []
    for path, names, children in execute(connection, f"{schema} GROUP BY file_name"):
        columns = set(re.findall(r"(?<=[/\\])([^/\\=]+)=[^/\\]*(?=[/\\])", path))
        inside = 0  # how many of those below a column are still to come
        for column, number in zip(names[1:], children[1:], strict=True):
            if not inside:
                columns.add(column)
            inside = max(inside - 1, 0) + number
        found.append(One(named.get(path, path), columns, f"read_parquet({paths_of([path])})"))
    return sorted(found)


def _json(
    connection: Connection, definition: Definition, named: Mapping[str, str], thorough: bool
) -> str | list[Problem]:
    sample = ", sample_size = -1" * thorough
    found = {path: _described(connection, f"read_json_auto({paths_of([path])}{sample})") for path in named}
    types = together(list(found.values()))
    places = nested.inside(definition, types)
    whole = {places[column][0] if column in places else column: "JSON" for column in definition.columns}
    alone = {path: f"read_json({paths_of([path])}, columns = {struct(whole)})" for path in named}
    each = [One(named[path], columns, alone[path], keys=True) for path, columns in found.items()]
    problems = lacking(connection, definition, each)
    if problems:
        return problems
    records = {base for base, _ in places.values()}  # as texts, which have keys that come late
    types |= {base: "JSON" for base in records if kind_of(types[base]) == OTHER}
    return f"read_json({paths_of(named)}, columns = {struct(exact(definition, types, set()))})"


_READING = {PARQUET: _parquet, JSON: _json, CSV: csv_sql.table}
"""How the files of each format are read: functions to what stands after FROM."""
