"""Files of events as a table of DuckDB, which sees these files and nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from funnelcli.diagnostics import Problem, quoted
from funnelcli.measuring import sqlite
from funnelcli.measuring.definition import FLAG, NUMBER, OTHER, TEXT, TIME
from funnelcli.measuring.sources import CSV, DUCKDB, JSON, PARQUET, SQLITE, choose_table, unreadable

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from funnelcli.measuring.definition import Definition
    from funnelcli.measuring.sources import Files

MEMORY = "900MB"
"""What DuckDB may hold; beyond it, it writes to a temporary folder."""
WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_NUMBERS = frozenset((*WHOLE, "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL", "BIGNUM"))


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
    sql: str | Problem | None = None
    if files.format == DUCKDB:
        sql = _attached(connection, paths[0], definition.table)
    elif files.format == SQLITE:
        exported = sqlite.export(files, definition, folder)
        if isinstance(exported, Problem):
            return exported
        paths = [exported.path]
        sql = f"read_csv({_literal(exported.path)}, columns = {_struct(exported.types)}, {sqlite.DIALECT})"
    execute(connection, f"SET allowed_paths = [{', '.join(map(_literal, paths))}]")
    execute(connection, "SET enable_external_access = false")
    execute(connection, "SET lock_configuration = true")
    if sql is None:
        sql = _READING[files.format](connection, definition, paths, thorough)
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
    chosen = choose_table(wanted, list(names))
    return chosen if isinstance(chosen, Problem) else ".".join(name(part) for part in ("origin", *names[chosen]))


def _parquet(connection: duckdb.DuckDBPyConnection, definition: Definition, paths: list[str], thorough: bool) -> str:
    return f"read_parquet([{', '.join(map(_literal, paths))}]{', union_by_name = true' if len(paths) > 1 else ''})"


def _json(connection: duckdb.DuckDBPyConnection, definition: Definition, paths: list[str], thorough: bool) -> str:
    listed = f"[{', '.join(map(_literal, paths))}]"
    options = ["union_by_name = true"] * (len(paths) > 1) + ["sample_size = -1"] * thorough
    described = execute(connection, f"DESCRIBE SELECT * FROM read_json_auto({', '.join([listed, *options])})")  # noqa: S608
    types = _exact(definition, {column: type_ for column, type_, *_ in described}, set())
    return f"read_json({listed}, columns = {_struct(types)})"


def _csv(
    connection: duckdb.DuckDBPyConnection, definition: Definition, paths: list[str], thorough: bool
) -> str | Problem:
    """Types are those that the columns seem to have, but for what would change a value that comes later."""
    sample = ["sample_size = -1"] * thorough
    dialect, types = _sniffed(connection, paths[0], sample)
    for column in definition.columns:
        ambiguous = _two_ways(connection, paths[0], dialect, types, column)
        if ambiguous:
            return ambiguous
    written = {"DATE": dialect["dateformat"], "TIMESTAMP": dialect["timestampformat"]}
    foreign = {type_ for type_, form in written.items() if form and not form.startswith("%Y-%m-%d")}
    if len(paths) == 1:
        types = _exact(definition, types, foreign)
        return _read_csv(paths, dialect, [*_COMMON, "auto_detect = false", f"columns = {_struct(types)}"])
    # of one log, but each with its own columns and ends of lines
    dialect = {option: dialect[option] for option in ("delim", "quote", "escape")}
    options = [*_COMMON, "union_by_name = true"]
    described = execute(connection, f"DESCRIBE SELECT * FROM {_read_csv(paths, dialect, [*options, *sample])}")  # noqa: S608
    found = {column: type_ for column, type_, *_ in described}
    types = _exact(definition, found, foreign)
    columns = []
    for column, type_ in types.items():
        form = written[type_] if type_ in foreign else None
        text = name(column) if form is None else f"STRPTIME({name(column)}, {_literal(form)})"
        columns.append(f"CAST({text} AS {type_}) AS {name(column)}")
    return f"(SELECT {', '.join(columns)} FROM {_read_csv(paths, dialect, [*options, 'all_varchar = true'])}) AS files"  # noqa: S608


_READING = {PARQUET: _parquet, JSON: _json, CSV: _csv}
"""How the files of each format are read: functions to what stands after FROM."""
EXACT_NUMBER = "DECIMAL(38,9)"
EXACT_SECONDS = "DECIMAL(28,6)"


def _exact(definition: Definition, types: dict[str, str], foreign: Container[str]) -> dict[str, str]:
    """Types of text's columns by which no value is changed: a unit `007` stays one, 19.99 is no 20, an offset counts.

    `foreign` are the types of times that are not written as ISO 8601 has them.
    """
    compared = {each.column for when in (*definition.whens, definition.exclude) for any_ in when for each in any_}
    exact = {}
    for column, type_ in types.items():
        kind = kind_of(type_)
        if type_ == "JSON":
            exact[column] = "VARCHAR"
        elif kind == OTHER:
            exact[column] = type_
        elif column == definition.time and kind == NUMBER:
            exact[column] = EXACT_SECONDS
        elif column == definition.time or column in compared:
            iso = kind == TIME and type_ not in foreign
            exact[column] = "TIMESTAMPTZ" if iso else EXACT_NUMBER if type_ in WHOLE else type_
        else:
            exact[column] = "VARCHAR"
    return exact


def _struct(types: dict[str, str]) -> str:
    return f"{{{', '.join(f'{_literal(column)}: {_literal(type_)}' for column, type_ in types.items())}}}"


_COMMON = ["header = true", "comment = ''"]
"""Nothing is a comment: # may begin the name of an order."""


def _read_csv(paths: list[str], dialect: dict[str, Any], more: list[str]) -> str:
    options = [
        f"{option} = {value if isinstance(value, int) else _literal(value)}"
        for option, value in dialect.items()
        if value is not None
    ]
    return f"read_csv([{', '.join(map(_literal, paths))}], {', '.join([*options, *more])})"


def _two_ways(
    connection: duckdb.DuckDBPyConnection, path: str, dialect: dict[str, Any], types: dict[str, str], column: str
) -> Problem | None:
    """Why times like 10/01/2026 are not read: nothing in the file says which number is the month."""
    form = dialect["dateformat" if types.get(column) == "DATE" else "timestampformat"]
    if not form or not types.get(column, "").startswith(("DATE", "TIMESTAMP")) or form.startswith("%Y") or "." in form:
        return None
    other = form.translate(str.maketrans("dm", "md"))
    known = [*_COMMON, "auto_detect = false", f"columns = {_struct(dict.fromkeys(types, 'VARCHAR'))}"]
    texts = f"SELECT TRIM({name(column)}) AS x FROM {_read_csv([path], dialect, known)}"  # noqa: S608  # a column, quoted
    contrary = f"COUNT(*) FILTER (WHERE TRY_STRPTIME(x, {_literal(other)}) IS NULL AND x <> '')"
    proofs, sample = execute(connection, f"SELECT {contrary}, MIN(x) FROM ({texts}) AS e")[0]  # noqa: S608
    if proofs and "%y" not in form:
        return None
    what = f"a time like {quoted(sample)} can be read in two ways"
    return Problem("FN103", what, "write 2026-10-01: the year first, then the month")


_DIALECT = {
    "delim": "Delimiter", "quote": "Quote", "escape": "Escape", "new_line": "NewLineDelimiter", "skip": "SkipRows",
    "dateformat": "DateFormat", "timestampformat": "TimestampFormat",
}  # fmt: skip
"""Options of `read_csv`, and what `sniff_csv` calls them."""


def _sniffed(
    connection: duckdb.DuckDBPyConnection, path: str, sample: list[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """How a CSV file is written, by the options of `read_csv`, and the types that its columns seem to have."""
    call = f"sniff_csv({', '.join([_literal(path), *_COMMON, *sample])})"
    query = f"SELECT {', '.join(_DIALECT.values())}, Columns FROM {call}"  # noqa: S608  # names of its own
    *found, columns = execute(connection, query)[0]
    dialect = {option: "" if value == "(empty)" else value for option, value in zip(_DIALECT, found, strict=True)}
    if not dialect["quote"]:  # none in the first rows says nothing of the others
        dialect |= {"quote": '"', "escape": '"'}
    return dialect, {column["name"]: column["type"] for column in columns}


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
