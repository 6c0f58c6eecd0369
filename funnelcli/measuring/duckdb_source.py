"""Files of events as a table of DuckDB, which sees these files and nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.measuring import sqlite
from funnelcli.measuring.definition import FLAG, NUMBER, OTHER, TEXT, TIME
from funnelcli.measuring.sources import CSV, DUCKDB, JSON, PARQUET, SQLITE, unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.measuring.definition import Definition
    from funnelcli.measuring.sources import Files

MEMORY = "900MB"
"""What DuckDB may hold; beyond it, it writes to a temporary folder."""
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_NUMBERS = frozenset((*_WHOLE, "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL", "BIGNUM"))


_SAFE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "preserve_insertion_order": "false",
    "memory_limit": MEMORY,
}


class Table(NamedTuple):
    """The events: what stands for them after FROM, the types of their columns, and whether reading them is slow."""

    sql: str
    types: dict[str, str]
    slow: bool


def connect() -> duckdb.DuckDBPyConnection:
    """A database in memory that neither loads extensions nor takes all memory."""
    return duckdb.connect(config=_SAFE)


def execute(connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run a query to its end."""
    return connection.execute(query, list(values)).fetchall()


def open_files(
    connection: duckdb.DuckDBPyConnection, definition: Definition, files: Files, folder: str, *, thorough: bool
) -> Table | Problem:
    """Make the events visible as a table, and nothing else; `folder` is for temporary files.

    Types of text are told by its first rows, or by all of them when it is `thorough`. Raises `SourceError` for files
    that are empty.
    """
    paths = [os.path.abspath(path) for path in files.paths if os.path.getsize(path)]
    if not paths:
        raise unreadable(files.shown, "it is empty")
    execute(connection, "SET TimeZone = 'UTC'")
    execute(connection, "SET enable_progress_bar = true")  # so that progress is known
    execute(connection, "SET enable_progress_bar_print = false")
    execute(connection, f"SET temp_directory = {_literal(os.path.join(folder, 'spill'))}")
    sql: str | Problem = ""
    if files.format == DUCKDB:
        sql = _attached(connection, paths[0], definition.table)
    elif files.format == SQLITE:
        exported = sqlite.export(files, definition, folder)
        if isinstance(exported, Problem):
            return exported
        paths = [exported]
    execute(connection, f"SET allowed_paths = [{', '.join(map(_literal, paths))}]")
    execute(connection, "SET enable_external_access = false")
    execute(connection, "SET lock_configuration = true")
    if not sql:
        form = CSV if files.format == SQLITE else files.format
        sql = _reading(connection, paths, form, definition.time, thorough=thorough)
    if isinstance(sql, Problem):
        return sql
    described = execute(connection, f"DESCRIBE SELECT * FROM {sql}")  # noqa: S608  # names are quoted
    return Table(sql, {column: type_ for column, type_, *_ in described}, files.format in (CSV, JSON, SQLITE))


def _attached(connection: duckdb.DuckDBPyConnection, path: str, wanted: str | None) -> str | Problem:
    """A table of a database file, by its name in SQL."""
    execute(connection, f"ATTACH {_literal(path)} AS origin (READ_ONLY)")
    found = "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = 'origin'"
    names = {
        table if schema == "main" else f"{schema}.{table}": (schema, table)
        for schema, table in execute(connection, found)
    }
    chosen = choose(wanted, list(names))
    return chosen if isinstance(chosen, Problem) else ".".join(name(part) for part in ("origin", *names[chosen]))


def _reading(
    connection: duckdb.DuckDBPyConnection, paths: list[str], form: str, time: str, *, thorough: bool
) -> str | Problem:
    """The call that reads the files."""
    listed = [f"[{', '.join(map(_literal, paths))}]"]
    if len(paths) > 1:
        listed.append("union_by_name = true")
    if form == PARQUET:
        return f"read_parquet({', '.join(listed)})"
    sample = ["sample_size = -1"] if thorough else []
    if form == JSON:
        return f"read_json_auto({', '.join([*listed, *sample])})"
    dialect, types = _sniffed(connection, paths[0], sample)
    ambiguous = _two_ways(connection, paths[0], dialect, types, time)
    if ambiguous:
        return ambiguous
    if len(paths) > 1:  # of one log, but each with its own columns and ends of lines
        dialect = {option: dialect[option] for option in ("delim", "quote", "escape", "dateformat", "timestampformat")}
    else:  # one look at the file is enough
        columns = ", ".join(f"{_literal(column)}: {_literal(type_)}" for column, type_ in types.items())
        sample = ["auto_detect = false", f"columns = {{{columns}}}"]
    return _read_csv(", ".join(listed), dialect, sample)


def _read_csv(listed: str, dialect: dict[str, Any], more: list[str]) -> str:
    options = [
        f"{option} = {value if isinstance(value, int) else _literal(value)}"
        for option, value in dialect.items()
        if value is not None
    ]
    return f"read_csv({', '.join([listed, 'header = true', *options, *more])})"


def _two_ways(
    connection: duckdb.DuckDBPyConnection, path: str, dialect: dict[str, Any], types: dict[str, str], time: str
) -> Problem | None:
    """Why times like 10/01/2026 are not read: nothing in the file says which number is the month."""
    form = dialect["dateformat" if types.get(time) == "DATE" else "timestampformat"]
    if not form or not types.get(time, "").startswith(("DATE", "TIMESTAMP")) or form.startswith("%Y") or "." in form:
        return None
    other = form.translate(str.maketrans("dm", "md"))
    columns = ", ".join(f"{_literal(column)}: 'VARCHAR'" for column in types)
    rows = _read_csv(_literal(path), dialect, ["auto_detect = false", f"columns = {{{columns}}}"])
    texts = f"SELECT TRIM({name(time)}) AS x FROM {rows}"  # noqa: S608  # a column that is there, quoted
    proof = f"SELECT COUNT(*) FROM ({texts}) AS e WHERE TRY_STRPTIME(x, {_literal(other)}) IS NULL AND x <> ''"  # noqa: S608
    sample = f"SELECT MIN(x) FROM ({texts}) AS e"  # noqa: S608
    if "%y" not in form and execute(connection, proof)[0][0]:
        return None
    what = f"a time like {quoted(execute(connection, sample)[0][0])} can be read in two ways"
    return Problem("FN103", what, "write 2026-10-01: the year first, then the month")


_DIALECT = {
    "delim": "Delimiter", "quote": "Quote", "escape": "Escape", "new_line": "NewLineDelimiter", "comment": "Comment",
    "skip": "SkipRows", "dateformat": "DateFormat", "timestampformat": "TimestampFormat",
}  # fmt: skip
"""Options of `read_csv`, and what `sniff_csv` calls them."""


def _sniffed(
    connection: duckdb.DuckDBPyConnection, path: str, sample: list[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """How a CSV file is written, by the options of `read_csv`, and the types of its columns."""
    call = f"sniff_csv({', '.join([_literal(path), 'header = true', *sample])})"
    query = f"SELECT {', '.join(_DIALECT.values())}, Columns FROM {call}"  # noqa: S608  # names of its own
    *found, columns = execute(connection, query)[0]
    dialect = {option: "" if value == "(empty)" else value for option, value in zip(_DIALECT, found, strict=True)}
    if not dialect["quote"]:  # none in the first rows says nothing of the others
        dialect |= {"quote": '"', "escape": '"'}
    return dialect, {column["name"]: column["type"] for column in columns}


def choose(wanted: str | None, tables: list[str]) -> str | Problem:
    """The table that is wanted among those of a database, or its only one."""
    if wanted in tables:
        return wanted
    if wanted is None and len(tables) == 1:
        return tables[0]
    if wanted is None:
        return Problem("FN102", "no table is named", f"add --table NAME; {did_you_mean('', tables) or 'there is none'}")
    return Problem("FN120", f"the database has no table {quoted(wanted)}", did_you_mean(wanted, tables))


def kind_of(type_: str) -> str:
    """What a column of a type of DuckDB holds."""
    if type_.endswith("]") or type_.startswith(("STRUCT", "MAP", "UNION")):
        return OTHER
    base = type_.partition("(")[0]
    if base in _NUMBERS:
        return NUMBER
    if base.startswith("TIMESTAMP") or base == "DATE":
        return TIME
    return {"VARCHAR": TEXT, "UUID": TEXT, "ENUM": TEXT, "BOOLEAN": FLAG}.get(base, OTHER)


def name(column: str) -> str:
    """A column or table as SQL names it."""
    return '"' + column.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
