"""Values inside columns of DuckDB's tables, as columns of their own: of records, maps and texts of JSON."""
# ruff: noqa: S608  # names are quoted, and texts written as such

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.diagnostics import Problem
from funnelcli.events import nested
from funnelcli.events.definition import FLAG, NUMBER, TIME
from funnelcli.events.duckdb.types import EXACT_NUMBER, execute, kind_of, literal, name

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

    from funnelcli.events.definition import Definition


class _Text(NamedTuple):
    """A text of JSON in SQL, how it is called, and the keys that lead to a value in it."""

    whole: str
    base: str
    keys: tuple[str, ...]

    @property
    def sound(self) -> str:
        """The text, where it is JSON."""
        return f"CASE WHEN json_valid({self.whole}) THEN {self.whole} END"

    @property
    def pointer(self) -> str:
        """What points to the value."""
        names = "".join("/" + each.replace("~", "~0").replace("/", "~1") for each in self.keys)
        return literal(names or "$")

    @property
    def value(self) -> str:
        """The value as text."""
        return f"json_extract_string({self.sound}, {self.pointer})"


def _absent(connection: Connection, sql: str, column: str, text: _Text, held: nested.Held) -> Problem | None:
    """Why no event has a value, if none has even its key."""
    if held.known or held.named or not text.keys:
        return None
    some = execute(
        connection, f"SELECT {text.whole} FROM {sql} WHERE {text.whole} IS NOT NULL LIMIT {nested.LOOKED_AT}"
    )
    return nested.absent(column, text.base, text.keys, (each for (each,) in some))


def with_nested(connection: Connection, definition: Definition, sql: str, known: dict[str, str]) -> str | list[Problem]:
    """What stands after FROM with the values that lie inside columns as columns of their own."""
    found: dict[str, str] = {}
    texts: dict[str, _Text] = {}
    problems: dict[str, Problem] = {}
    for column, (base, keys) in nested.inside(definition, known).items():
        value = _value(connection, sql, column, base, keys)
        if isinstance(value, Problem):
            problems[column] = value
        elif isinstance(value, str):
            found[column] = value
        else:
            texts[column] = value
    for column, held in zip(texts, _held(connection, sql, texts), strict=True):
        whole = texts[column]
        problem = nested.misheld(definition, column, whole.base, held) or _absent(connection, sql, column, whole, held)
        if problem:
            problems[column] = problem
        text = whole.value
        number = EXACT_NUMBER if held.exact == held.known else "DOUBLE"
        types = {NUMBER: number, FLAG: "BOOLEAN", TIME: "TIMESTAMPTZ"}
        type_ = types.get(nested.kind(definition, column, held))
        found[column] = f"TRY_CAST({text} AS {type_})" if type_ else text
    if problems:
        return nested.refused(definition, problems, {column: kind_of(type_) for column, type_ in known.items()})
    columns = ", ".join(f"{value} AS {name(column)}" for column, value in found.items())
    return f"(SELECT *, {columns} FROM {sql}) AS inside" if found else sql


def _value(connection: Connection, sql: str, column: str, base: str, keys: tuple[str, ...]) -> str | _Text | Problem:
    """A value of records and maps, or a text of JSON that has it."""
    value, shown = name(base), base
    for place, key in enumerate(keys):
        type_: Any = _type(connection, sql, value)
        if type_.id == "struct":
            fields = [field for field, _ in type_.children]
            if key not in fields:
                return nested.no_key(shown, key, fields)
            value = f"struct_extract({value}, {literal(key)})"
        elif type_.id == "map":
            unknown = _no_key_of_a_map(connection, sql, shown, value, key)
            if unknown:
                return unknown
            value = f"map_extract({value}, {literal(key)})[1]"
        elif type_.id == "varchar":
            return _Text(value, shown, keys[place:])
        elif type_.id in ("list", "array"):
            return nested.no_list(column, shown)
        else:
            return nested.holds_none(column, shown)
        shown = f"{shown}.{key}"
    return _Text(value, shown, ()) if _type(connection, sql, value) == "JSON" else value


def value_in(connection: Connection, sql: str, column: str, base: str) -> str | None:
    """What a column is in a table that may lack it: itself, or a value inside of `base`, of which no more is told."""
    keys = column[len(base) + 1 :].split(".") if column != base else []
    value = _value(connection, sql, column, base, tuple(keys))
    return None if isinstance(value, Problem) else value.value if isinstance(value, _Text) else value


def _no_key_of_a_map(connection: Connection, sql: str, shown: str, value: str, key: str) -> Problem | None:
    """A problem where no event has a key in its map, and some have others."""
    if execute(connection, f"SELECT 1 FROM {sql} WHERE map_contains({value}, {literal(key)}) LIMIT 1"):
        return None
    known = execute(connection, f"SELECT DISTINCT UNNEST(map_keys({value})) AS x FROM {sql} LIMIT {nested.LOOKED_AT}")
    return nested.no_key(shown, key, sorted(str(each) for (each,) in known)) if known else None


def _type(connection: Connection, sql: str, value: str) -> object:
    return connection.sql(f"SELECT {value} AS x FROM {sql} LIMIT 0").types[0]


def _held(connection: Connection, sql: str, texts: dict[str, _Text]) -> list[nested.Held]:
    """What there is under keys of JSON: one look at all events."""
    if not texts:
        return []
    columns, counts = [], []
    for place, text in enumerate(texts.values()):
        columns += [
            f"{text.value} AS v{place}",
            f"json_type({text.sound}, {text.pointer}) AS t{place}",
            f"TRIM({text.whole}) <> '' AND NOT json_valid({text.whole}) AS b{place}",
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
                f"t{place} IS NOT NULL",
            )
        ]
    (found,) = execute(connection, f"SELECT {', '.join(counts)} FROM (SELECT {', '.join(columns)} FROM {sql}) AS e")
    width = len(nested.Held._fields)
    return [nested.Held(*found[start : start + width]) for start in range(0, len(found), width)]
