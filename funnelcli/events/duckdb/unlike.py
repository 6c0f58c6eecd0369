"""Files that are read together, of which some lack what a definition asks for: united, their events would be lost.

A table has its columns in each file. A key of JSON or of a record is left out where it has no value, so that a file
lacks it only where no event counts without it, and all events of the other files have it.
"""
# ruff: noqa: S608  # names are quoted

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.diagnostics import Problem, did_you_mean, many, quoted, verb
from funnelcli.events import nested, places
from funnelcli.events.duckdb.nested_sql import value_in
from funnelcli.events.duckdb.types import execute

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from duckdb import DuckDBPyConnection as Connection

    from funnelcli.diagnostics import Path
    from funnelcli.events.definition import Definition


class One(NamedTuple):
    """A file: what it is called, its columns as far as they were looked at, and what stands for it after FROM.

    Where its columns are `keys`, they may be left out.
    """

    shown: str
    columns: Collection[str]
    sql: str
    keys: bool = False


def lacking(connection: Connection, definition: Definition, files: Sequence[One]) -> list[Problem]:
    """What some of the files lack and others have; what none of them has is told elsewhere."""
    known = {column for file in files for column in file.columns}
    alternatives = [{each.column for each in one} for when in definition.whens for one in when]
    needed = {definition.unit, definition.time, *set.intersection(*alternatives)}
    found: dict[str, Problem] = {}
    for column in definition.columns:
        base, keys = nested.place(column, known) or (column, ())
        without = [file for file in files if base not in file.columns]
        if base not in known or not (without or keys):
            continue
        if not without or files[0].keys:
            if column not in needed:
                continue
            without = _without_key(connection, files, column, base)
        if without:
            said = column if base in without[0].columns else base
            path = places.column(definition, column)
            found.setdefault(said, _problem(said, without, path))
    return sorted(found.values(), key=lambda each: places.in_order(each.path or ()))


def _without_key(connection: Connection, files: Sequence[One], column: str, base: str) -> list[One]:
    """The files in which no event has a value that all events of the others have."""
    without, everywhere = [], False
    for file in files:
        value = value_in(connection, file.sql, column, base)
        events, known = _numbers(connection, file, value, f" LIMIT {nested.LOOKED_AT}")
        if 0 < known < events:
            return []
        everywhere = everywhere or known > 0
        if events and not known:
            without.append((file, value))
    if not everywhere:
        return []
    return [file for file, value in without if value is None or not _numbers(connection, file, value)[1]]


def _numbers(connection: Connection, file: One, value: str | None, few: str = "") -> tuple[int, int]:
    """How many events there are, and how many have a value."""
    rows = f"SELECT {value or 'NULL'} AS x FROM {file.sql}{few}"
    ((events, known),) = execute(connection, f"SELECT COUNT(*), COUNT(x) FROM ({rows}) AS e")
    return events, known


def _problem(column: str, without: Sequence[One], path: Path) -> Problem:
    first, others = without[0], len(without) - 1
    who = f"{first.shown} and {many(others, 'other file')}" if others else first.shown
    what = f"{who} {verb(len(without), 'have')} no column {quoted(column)}, as the other files have"
    near = did_you_mean(column, first.columns)
    help_text = f"rename it there, or leave out what lacks it{f'; {near}' if near else ''}"
    return Problem("FN120", what, help_text, path=path)
