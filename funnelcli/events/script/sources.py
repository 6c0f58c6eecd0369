"""What the text of a query is made from: the table of events, where it can be looked at, or its name alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from funnelcli.diagnostics import Problem, quoted
from funnelcli.events import nested, places
from funnelcli.events.definition import FLAG, NUMBER, TEXT, TIME, placed
from funnelcli.events.file_formats import DUCKDB, PARQUET, SQLITE
from funnelcli.events.script import writer
from funnelcli.events.sources import Files, Warehouse, is_remote

if TYPE_CHECKING:
    from funnelcli.events.definition import Definition
    from funnelcli.events.script.comments import About
    from funnelcli.events.script.writer import Script

_HELD = {NUMBER: "numbers", TEXT: "text", FLAG: "true and false", TIME: "timestamps"}


def write(
    definition: Definition, place: Files | Warehouse | None, about: About, folder: str, *, by_place: bool = False
) -> Script | Problem | list[Problem]:
    """The query of a funnel, or why there is none; `folder` is for temporary files.

    With `by_place`, the table of events is called what `writer.named_place` says. Raises `SourceError` for what cannot
    be read.
    """
    definition = placed(definition, about.table, tables=False)
    table = writer.named_place(writer.dialect_of(about.dialect)) if by_place else None
    if isinstance(place, Warehouse):
        from funnelcli.events.warehouse import engine as warehouse

        alike = writer.DIALECTS[about.dialect] == place.engine

        def ask(engine: warehouse.Database, found: Definition, *, mature_only: bool = False) -> Any:
            if alike and by_place and not definition.table:
                return _UNNAMED
            if alike:
                return writer.write(engine, found, about, writer.Source(table))
            return writer.Source(None, engine.types)

        answer = warehouse.measure(definition, place, ask=ask)
        if not isinstance(answer, writer.Source):
            found: Script | Problem | list[Problem] = answer
            return found
        return _by_name(definition, about, answer.types, table)
    if isinstance(place, Files):
        looked = _in_files(definition, place, folder)
        if not isinstance(looked, writer.Source):
            return looked
        if about.dialect != "duckdb" or (place.format == DUCKDB and table is not None):
            return _by_name(definition, about, looked.types, table)
        return _on_paper(definition, about, looked)
    assumed = tuple(_assumed(definition))
    return _by_name(definition, about._replace(assumed=assumed), None, table)


def _by_name(definition: Definition, about: About, types: Any, table: str | None) -> Script | Problem | list[Problem]:
    """The query of a table by its name, in the words of a database that may have other types than were looked at."""
    if not definition.table:
        return _UNNAMED
    inside = [column for column in definition.columns if types and nested.place(column, set(types) - {column})]
    if inside:
        what = f"{quoted(inside[0])} lies inside a column, and how {about.dialect} reads it there is not known"
        help_text = "name that database in --from, or a view of it in which it is a column"
        return Problem("FN103", what, help_text, path=places.column(definition, inside[0]))
    return _on_paper(definition, about, writer.Source(table or writer.named(definition.table, about.dialect), types))


_UNNAMED = Problem(
    "FN102", "no table of events is named", "write table: in measure, or add --table", path=places.MEASURE
)


def _on_paper(definition: Definition, about: About, source: writer.Source) -> Script | Problem | list[Problem]:
    found = writer.unconnected(definition, about.dialect, source)
    if isinstance(found, Problem):
        return found
    engine, definition = found
    return writer.write(engine, definition, about, source)


def _in_files(definition: Definition, files: Files, folder: str) -> writer.Source | Problem | list[Problem]:
    """Files as a table of DuckDB, named as they were given."""
    from funnelcli.events.duckdb import engine
    from funnelcli.events.duckdb.types import path_of

    if files.format == SQLITE:
        return Problem("FN103", "a file of SQLite is not read by a query of DuckDB", "name a database, or Parquet")
    if any(is_remote(path) and (files.format != PARQUET or "?" in path) for path in files.paths):
        what = "of files elsewhere, the text of a query names Parquet alone, without what follows ?"
        return Problem("FN103", what, "download the events, and name the file")
    answer = engine.measure(definition, files, folder, ask=lambda engine_, _, **__: engine_.table)
    if isinstance(answer, (Problem, list)):
        return answer
    sql: str = answer.sql
    for path in files.paths:
        sql = sql.replace(path_of(os.path.abspath(path)), path_of(path))
    return writer.Source(sql, writer.of_duckdb(answer.types), "origin" if files.format == DUCKDB else None)


def _assumed(definition: Definition) -> list[str]:
    """What the columns are taken for, in lines."""
    lines = []
    for column in definition.columns:
        held = _HELD[writer.assumed(definition, column)]
        if column == definition.time:
            held = "timestamps"
            if definition.epoch is not None:
                held = f"whole numbers, of {definition.epoch} since 1970"
            elif definition.time_format is not None:
                held = "dates of eight digits, as text"
        elif column in (definition.unit, definition.identity):
            held = "values that can be compared"
        lines.append(f"{column}: {held}")
    return lines
