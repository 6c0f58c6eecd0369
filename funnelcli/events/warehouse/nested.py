"""Values inside columns of databases, as columns of their own: of records, maps, JSON and texts of JSON."""

from __future__ import annotations

from typing import Any, NamedTuple

import ibis

from funnelcli.diagnostics import Problem, quoted
from funnelcli.events import nested
from funnelcli.events.definition import FLAG, NUMBER, TIME, Definition
from funnelcli.events.warehouse.conditions import rows_of
from funnelcli.events.warehouse.events import kind_of
from funnelcli.events.warehouse.pushed import inside

_BY_PATH = {
    "duckdb": "json_extract_string", "mysql": "json_value", "bigquery": "json_value", "clickhouse": "JSON_VALUE",
    "pyspark": "get_json_object", "databricks": "get_json_object", "trino": "json_extract_scalar",
}  # fmt: skip
"""Functions of databases for the text of a value in JSON, by a path such as $."plan"; PostgreSQL goes by keys."""


class _InJson(NamedTuple):
    """The text of a value in JSON, its kind, the whole of it, how that is called, and the keys that lead there."""

    value: Any
    kind: Any
    whole: Any
    base: str
    keys: tuple[str, ...]


def _absent(table: Any, column: str, text: _InJson) -> Problem | None:
    """Why no event has a value, if none has even its key; those that may have it are looked at first."""
    whole = text.whole.cast("string")
    known = [
        str(each)
        for condition in (whole.contains(f'"{text.keys[-1]}"'), whole.notnull())
        for each in table.filter(condition).select(x=whole).limit(nested.LOOKED_AT).execute()["x"]
    ]
    return nested.absent(column, text.base, text.keys, known)


def with_nested(definition: Definition, table: Any) -> Any:
    """The table with the values that lie inside columns as columns of their own, or why there are none."""
    found: dict[str, Any] = {}
    texts: dict[str, _InJson] = {}
    problems: dict[str, Problem] = {}
    for column, (base, keys) in nested.inside(definition, table.columns).items():
        value = _value(table, column, base, keys)
        if isinstance(value, Problem):
            problems[column] = value
        elif isinstance(value, _InJson):
            texts[column] = value
        else:
            found[column] = value
    matter = _that_matter(definition, table)
    for column, held in _held(matter, texts).items():
        text = texts[column].value
        problem = nested.misheld(definition, column, texts[column].base, held)
        problem = problem or (None if held.known else _absent(matter, column, texts[column]))
        if problem:
            problems[column] = problem
        engine = table.get_backend().name
        number = "decimal(38, 9)" if held.exact == held.known and engine != "postgres" else "float64"
        types = {NUMBER: "decimal" if engine == "postgres" else number, TIME: "timestamp('UTC')"}
        kind = nested.kind(definition, column, held)
        if kind == FLAG:
            found[column] = ibis.cases((text == "true", True), (text == "false", False), else_=ibis.null("boolean"))
        else:
            guarded = ibis.cases((text.re_search(_FORMS[kind]), text)) if kind in types else text
            found[column] = guarded.cast(types[kind]) if kind in types else text
    if problems:
        kinds = {column: kind_of(type_) for column, type_ in table.schema().items()}
        return nested.refused(definition, problems, kinds)
    return table.mutate(**found) if found else table


_FORMS = {NUMBER: nested.A_NUMBER, TIME: nested.A_MOMENT}
"""What can be cast: events that were not looked at may have something else."""


def _that_matter(definition: Definition, table: Any) -> Any:
    """The events of the interval, where the time column itself tells them, with those that follow."""
    if definition.time not in table.columns:
        return table
    type_ = table[definition.time].type()
    numbers = type_.is_numeric() and definition.epoch is not None
    return inside(definition, table) if numbers or type_.is_timestamp() or type_.is_date() else table


def _value(table: Any, column: str, base: str, keys: tuple[str, ...]) -> Any:
    """A value of records and maps, or the text of one in JSON and whether it is a list; or why there is none."""
    value, shown, keys_left = table[base], base, list(keys)
    while keys_left:
        type_ = value.type()
        if type_.is_struct():
            if keys_left[0] not in type_.names:
                return nested.no_key(shown, keys_left[0], type_.names)
            value = value[keys_left[0]]
        elif type_.is_map():
            value = value.get(keys_left[0])
        elif type_.is_json() or type_.is_string():
            told = _of_json(value, shown, keys_left)
            if isinstance(told, Problem):
                return told
            text, kind = told
            return _InJson(text, kind, value, shown, tuple(keys_left))
        elif type_.is_array():
            return nested.no_list(column, shown)
        else:
            return nested.holds_none(column, shown)
        shown = f"{shown}.{keys_left.pop(0)}"
    return value


def _of_json(value: Any, shown: str, keys: list[str]) -> Any:
    engine = value.get_backend().name
    if engine == "postgres":
        value = value.cast("jsonb")
        for key in keys[:-1]:
            value = _called("jsonb_extract_path", "jsonb", value, key)
        kind = _called("jsonb_typeof", "string", _called("jsonb_extract_path", "jsonb", value, keys[-1]))
        return _called("jsonb_extract_path_text", "string", value, keys[-1]), kind
    if engine not in _BY_PATH:
        what = f"values inside the JSON of {quoted(shown)} are not read in {engine}"
        return Problem("FN103", what, "measure a view in which they are columns")
    path = "$" + "".join('."' + key.replace("\\", "\\\\").replace('"', '\\"') + '"' for key in keys)
    text = _called(_BY_PATH[engine], "string", value, path)
    if engine == "clickhouse":  # which has no empty value there, but an empty text
        text = text.nullif("")
    if engine == "duckdb":
        return text, _called("json_type", "string", value, path)
    if engine == "mysql":
        kind = _called("json_type", "string", _called("json_extract", "json", value, path))
        return kind.upper().isin(["BOOLEAN"]).ifelse((text == "1").ifelse("true", "false"), text), kind
    return text, ibis.literal("")


def _called(function: str, result: str, value: Any, *more: str) -> Any:
    """A function of the database."""
    names = {0: lambda a: None, 1: lambda a, b: None}  # Ibis wants their number
    signature = ((value.type(), *["string"] * len(more)), result)
    return ibis.udf.scalar.builtin(names[len(more)], name=function, signature=signature)(value, *more)


def _held(table: Any, texts: dict[str, _InJson]) -> dict[str, nested.Held]:
    """What there is under keys of JSON: one look at all events."""
    if not texts:
        return {}
    counts: dict[str, Any] = {}
    for place, (text, kind, *_) in enumerate(texts.values()):
        tests = (
            text.notnull(), text.re_search(nested.A_NUMBER), text.re_search(nested.EXACT), text.isin(["true", "false"]),
            text.re_search(nested.A_MOMENT), kind.lower().isin(["array", "object"]),
        )  # fmt: skip
        for name, test in zip(nested.Held._fields, tests, strict=False):
            counts[f"{name}_{place}"] = ibis.cases((test, 1), else_=0).sum()
    (found,) = rows_of(table.get_backend(), table.aggregate(**counts))
    row = [int(each or 0) for each in found]
    width = len(row) // len(texts)
    return {column: nested.Held(*row[start * width : (start + 1) * width]) for start, column in enumerate(texts)}
