"""Values inside columns of DuckDB's tables, as columns of their own: of records, maps and texts of JSON."""
# ruff: noqa: S608  # names are quoted, and texts written as such

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.diagnostics import Problem
from funnelcli.events import nested
from funnelcli.events.definition import FLAG, NUMBER, TIME
from funnelcli.events.duckdb.types import EXACT_NUMBER, execute, kind_of, literal, name

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

    from funnelcli.events.definition import Definition


def with_nested(connection: Connection, definition: Definition, sql: str, known: dict[str, str]) -> str | list[Problem]:
    """What stands after FROM with the values that lie inside columns as columns of their own."""
    found: dict[str, str] = {}
    texts: dict[str, tuple[str, str, str]] = {}
    problems: dict[str, Problem] = {}
    for column, (base, keys) in nested.inside(definition, known).items():
        value = _value(connection, sql, column, base, keys)
        if isinstance(value, Problem):
            problems[column] = value
        elif isinstance(value, str):
            found[column] = value
        else:
            texts[column] = (base, *value)
    for column, held in zip(texts, _held(connection, sql, texts), strict=True):
        base, whole, pointer = texts[column]
        problem = nested.misheld(definition, column, base, held)
        if problem:
            problems[column] = problem
        text = _text(whole, pointer)
        number = EXACT_NUMBER if held.exact == held.known else "DOUBLE"
        types = {NUMBER: number, FLAG: "BOOLEAN", TIME: "TIMESTAMPTZ"}
        type_ = types.get(nested.kind(definition, column, held))
        found[column] = f"TRY_CAST({text} AS {type_})" if type_ else text
    if problems:
        return nested.refused(definition, problems, {column: kind_of(type_) for column, type_ in known.items()})
    columns = ", ".join(f"{value} AS {name(column)}" for column, value in found.items())
    return f"(SELECT *, {columns} FROM {sql}) AS inside" if found else sql


def _value(
    connection: Connection, sql: str, column: str, base: str, keys: tuple[str, ...]
) -> str | tuple[str, str] | Problem:
    """A value of records and maps, or a text of JSON and what points into it."""
    value, shown = name(base), base
    for place, key in enumerate(keys):
        type_: Any = _type(connection, sql, value)
        if type_.id == "struct":
            fields = [field for field, _ in type_.children]
            if key not in fields:
                return nested.no_key(shown, key, fields)
            value = f"struct_extract({value}, {literal(key)})"
        elif type_.id == "map":
            value = f"map_extract({value}, {literal(key)})[1]"
        elif type_.id == "varchar":
            pointer = "".join("/" + each.replace("~", "~0").replace("/", "~1") for each in keys[place:])
            return value, literal(pointer)
        elif type_.id in ("list", "array"):
            return nested.no_list(column, shown)
        else:
            return nested.holds_none(column, shown)
        shown = f"{shown}.{key}"
    return (value, "'$'") if _type(connection, sql, value) == "JSON" else value


def _type(connection: Connection, sql: str, value: str) -> object:
    return connection.sql(f"SELECT {value} AS x FROM {sql} LIMIT 0").types[0]


def _text(whole: str, pointer: str) -> str:
    return f"json_extract_string(CASE WHEN json_valid({whole}) THEN {whole} END, {pointer})"


def _held(connection: Connection, sql: str, texts: dict[str, tuple[str, str, str]]) -> list[nested.Held]:
    """What there is under keys of JSON: one look at all events."""
    if not texts:
        return []
    columns, counts = [], []
    for place, (_, whole, pointer) in enumerate(texts.values()):
        sound = f"CASE WHEN json_valid({whole}) THEN {whole} END"
        columns += [
            f"{_text(whole, pointer)} AS v{place}",
            f"json_type({sound}, {pointer}) AS t{place}",
            f"TRIM({whole}) <> '' AND NOT json_valid({whole}) AS b{place}",
        ]
        counts.append(f"COUNT(v{place})")
        counts += [
            f"COUNT(*) FILTER (WHERE {condition})"
            for condition in (
                f"regexp_matches(v{place}, {literal(nested.A_NUMBER)})",
                f"regexp_matches(v{place}, {literal(nested.EXACT)})",
                f"v{place} IN ('true', 'false')",
                f"regexp_matches(v{place}, {literal(nested.A_MOMENT)}) AND TRY_CAST(v{place} AS DATE) IS NOT NULL",
                f"t{place} IN ('ARRAY', 'OBJECT')",
                f"b{place}",
            )
        ]
    (found,) = execute(connection, f"SELECT {', '.join(counts)} FROM (SELECT {', '.join(columns)} FROM {sql}) AS e")
    width = len(nested.Held._fields)
    return [nested.Held(*found[start : start + width]) for start in range(0, len(found), width)]
