"""The types of DuckDB, and how SQL names columns and writes texts."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from funnelcli.events.comparisons import asked_of
from funnelcli.events.definition import FLAG, NUMBER, OTHER, TEXT, TIME
from funnelcli.events.misfits import fits
from funnelcli.events.sources import SourceError

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from duckdb import DuckDBPyConnection as Connection

    from funnelcli.events.definition import Definition

WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_NUMBERS = frozenset((*WHOLE, "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL", "BIGNUM"))
NOTHING = '"NULL"'
"""The type of a column that is empty."""
EXACT_NUMBER = "DECIMAL(38,9)"
EXACT_SECONDS = "DECIMAL(28,6)"


def execute(connection: Connection, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run a query to its end."""
    return connection.execute(query, list(values)).fetchall()


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


def exact(definition: Definition, types: dict[str, str], foreign: Container[str]) -> dict[str, str]:
    """Types of text's columns by which no value is changed: a unit `007` stays one, 19.99 is no 20, an offset counts.

    `foreign` are the types of times that are not written as ISO 8601 has them.
    """
    compared = {each.column for each in definition.conditions}

    def kept(column: str, type_: str) -> str:
        kind = kind_of(type_)
        if type_ == NOTHING:
            return asked(definition, column)
        if type_ != "JSON" and kind == OTHER:
            return type_
        if type_ == "JSON" or column not in compared | {definition.time}:
            return "VARCHAR"
        if column == definition.time and definition.time_format is not None:
            return "VARCHAR"
        if column == definition.time and kind == NUMBER:
            return EXACT_SECONDS
        if kind == TIME and type_ not in foreign:
            return "TIMESTAMPTZ"
        return EXACT_NUMBER if type_ in WHOLE else type_

    return {column: kept(column, type_) for column, type_ in types.items()}


def asked(definition: Definition, column: str) -> str:
    """The type of a column that is empty: what its conditions compare it with."""
    for type_ in ("VARCHAR", EXACT_NUMBER, "BOOLEAN", "TIMESTAMP WITH TIME ZONE"):
        if all(fits(*each, kind_of(type_)) for each in asked_of(definition, column)):
            return type_
    return "VARCHAR"


def together(tables: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """One type for each column of several tables; where they differ, one that holds the values of all."""
    found: dict[str, set[str]] = {}
    for types in tables:
        for column, type_ in types.items():
            found.setdefault(column, set()).add(type_)
    known = {column: types - {NOTHING, "JSON"} or types for column, types in found.items()}
    return {column: next(iter(types)) if len(types) == 1 else _wider(types) for column, types in known.items()}


def _wider(types: set[str]) -> str:
    kinds = frozenset(kind_of(type_) for type_ in types)
    return {frozenset((NUMBER,)): "DOUBLE", frozenset((TIME,)): "TIMESTAMP"}.get(kinds, "VARCHAR")


def struct(types: dict[str, str]) -> str:
    """Columns and their types as a value of SQL."""
    return f"{{{', '.join(f'{literal(column)}: {literal(type_)}' for column, type_ in types.items())}}}"


def name(column: str) -> str:
    """A column or table as SQL names it."""
    return '"' + column.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def path_of(path: str) -> str:
    """The name of a file as a text of SQL that no sign in it makes a pattern of several.

    Raises `SourceError` for one that cannot be written so.
    """
    parted = os.sep == "/" and "\\" in path and re.search(r"[*?[]", path)  # it takes that for the end of a folder
    if (
        parted
        or ("?" in path and path.lower().endswith((".gz", ".zst")))
        or any("\ud800" <= char <= "\udfff" for char in path)
    ):
        shown = ascii(path)[1:-1]
        raise SourceError(f"DuckDB reads no file of such a name: {shown}", "rename the file, or its folder")
    return literal(re.sub(r"[*?[]", r"[\g<0>]", path))


def paths_of(paths: Iterable[str]) -> str:
    """Names of files as a list of SQL."""
    return f"[{', '.join(map(path_of, paths))}]"


def listed(texts: Iterable[str]) -> str:
    """Texts as a list of SQL."""
    return f"[{', '.join(map(literal, texts))}]"
