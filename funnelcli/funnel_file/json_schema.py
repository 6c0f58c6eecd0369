"""The table of keys to a JSON Schema (draft 07), for editors and other validators of funnel files.

The schema accepts whatever the reader accepts, in whichever version of YAML the file is loaded: a number comes as a
number or, when it is quoted or written like `1e6`, as text. Rules that need several values at once, such as a count
above the one it comes from, are left to the reader, but for those that an editor can show at their place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.funnel_file import moments, schema
from funnelcli.funnel_file.data_files import loaded
from funnelcli.funnel_file.yaml import tree
from funnelcli.funnel_file.yaml.nodes import Mapping
from funnelcli.metrics import METRICS
from funnelcli.model import BASELINE, LARGEST_NUMBER, TOGETHER

if TYPE_CHECKING:
    from funnelcli.funnel_file.schema import Field

    Fragment = dict[str, Any]

NAME = "funnel.schema.json"
"""What the schema is called, by itself and by the first line of a template."""

# Regular expressions that Python and JavaScript (with its `u` flag) read alike.
_EXPONENT = r"[eE][+-]?[0-9]+"
_DIGITS = r"(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)"
_UNSIGNED = f"{_DIGITS}(?:{_EXPONENT})?"
_NOTHING = rf"-(?:0(?:\.0*)?|\.0+)(?:{_EXPONENT})?"  # minus zero is not negative
_AMOUNT = rf"\+?{_UNSIGNED}|{_NOTHING}"
_UP_TO_1 = rf"(?:0(?:\.[0-9]*)?|\.[0-9]+|1(?:\.0*)?|{_DIGITS}{_EXPONENT})"
_FRACTION = f"[+-]?{_UNSIGNED}/[+-]?{_UNSIGNED}"
_RATE = rf"(?:\+?{_UP_TO_1}|{_NOTHING}|(?:{_AMOUNT})%|{_FRACTION})"
_PERCENT_UP_TO_100 = rf"\+?(?:100(?:\.0*)?|[0-9]{{1,2}}(?:\.[0-9]*)?|\.[0-9]+|{_DIGITS}{_EXPONENT})%"
_SHARE = rf"\+?{_UP_TO_1}|{_NOTHING}%?|{_PERCENT_UP_TO_100}|{_FRACTION}"
_RELATIVE = f"x{_UNSIGNED}|[+-]{_UNSIGNED}%"
_HIDDEN = r"\u0000-\u001f\u007f-\u00a0\u00ad\u061c\u180e\u200b\u200e-\u200f\u2028-\u202f\u2060-\u206f\ufeff"
_VISIBLE = rf"[^\s{_HIDDEN}](?:[^{_HIDDEN}]*[^\s{_HIDDEN}])?"


def json_schema() -> Fragment:
    """The JSON Schema of one funnel, the document of a funnel file, ready to be written as JSON."""
    stated = {"anyOf": [{"required": ["count"]}, {"required": ["conversion"]}]}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": NAME,
        "title": "funnel",
        "description": "A funnel for funnelcli: its stages with their counts, and what is known about their money.",
        **_mapping_of(schema.FUNNEL, "stages"),
        # without a breakdown to add up, or events to measure, every stage says how many units reach it
        "if": {"anyOf": [{"required": ["breakdowns"]}, {"required": ["measure"]}]},
        "else": {"properties": {"stages": {"items": [{"required": ["count"]}], "additionalItems": stated}}},
        "definitions": _VALUES | _CHANGES | _structures(),
    }


def _number(title: str, pattern: str, cure: str, bounds: tuple[int, int] = (0, LARGEST_NUMBER)) -> Fragment:
    """A number, or text that the reader takes for one."""
    low, high = bounds
    return {"title": title, "type": ["number", "string"], "minimum": low, "maximum": high, **_pattern(pattern, cure)}


def _pattern(pattern: str, cure: str) -> Fragment:
    """The form of a text, and what an editor says about another one instead of showing the pattern."""
    return {"pattern": f"^(?:{pattern})$", "patternErrorMessage": cure}


_VALUES: dict[str, Fragment] = {
    # a name may look like a number: `period: 2026`
    "text": {"title": "text", "type": ["string", "number"], "pattern": r"\S", "patternErrorMessage": "write the text"},
    "label": {
        "title": "name",
        "type": ["string", "number"],
        **_pattern(_VISIBLE, "write one line of visible text that neither begins nor ends with a space"),
    },
    "count": _number("count", _AMOUNT, "write a number of 0 or more, e.g. 360750"),
    "whole": {
        **_number("whole number", _AMOUNT, "write a whole number of 0 or more, e.g. 14"),
        "type": ["integer", "string"],
    },
    "money": _number("money", _AMOUNT, "write an amount of 0 or more without its currency, e.g. 1515.15"),
    "number": _number("number", _AMOUNT, "write a number of 0 or more, e.g. 0.5"),
    "share": _number("rate", _SHARE, "write a rate from 0% to 100%, e.g. 33%, 0.33 or 1/3", (0, 1)),
    "target": _number("rate", _SHARE, "write a rate from 0% to 100%, e.g. 33%, 0.33 or 1/3", (0, 1)),
    "conversion": _number(
        "rate",
        rf"{_RATE}|\s*{_RATE}\s* to \s*{_RATE}\s*",
        "write a rate, e.g. 33%, 0.33 or 1/3, or a range, e.g. 8% to 12%",
        (0, 1),
    ),
    "flag": {
        "title": "true or false",
        "type": ["boolean", "string"],
        **_pattern("true|True|TRUE|false|False|FALSE", "write true or false"),
    },
    "role": {"title": "role", "enum": list(schema.ROLES)},
    "order": {"title": "order", "enum": list(schema.ORDERS)},
    "entry": {"title": "entry", "enum": list(schema.ENTRIES)},
    "period": {"title": "period", "enum": list(schema.PERIODS)},
    "epoch": {"title": "epoch", "enum": list(schema.EPOCHS)},
    "duration": {
        "title": "duration",
        "type": "string",
        **_pattern(rf"[0-9.]+ ?(?:{'|'.join(moments.SECONDS)})", "write a number and a unit, e.g. 7 days"),
    },
    "moment": {
        "title": "date",
        "type": "string",
        **_pattern(moments.MOMENT.replace(r"\d", "[0-9]"), "write 2026-10-01"),
    },
}
"""Values of one line, by the kind of their field."""

_CHANGES: dict[str, Fragment] = {
    "change_of_count": _number(
        "change",
        f"{_RELATIVE}|[+-]?{_UNSIGNED}",
        "write +20%, x1.6, +500, or the new count",
        (-LARGEST_NUMBER, LARGEST_NUMBER),
    ),
    "change_of_money": _number(
        "change",
        f"{_RELATIVE}|[+-]?{_UNSIGNED}",
        "write +20%, x1.6, +500, or the new amount",
        (-LARGEST_NUMBER, LARGEST_NUMBER),
    ),
    "change_of_rate": _number(
        "change",
        rf"{_RELATIVE}|[+-]{_UNSIGNED}pp|{_UP_TO_1}|{_UNSIGNED}%|{_UNSIGNED}/[+-]?{_UNSIGNED}",
        "write +10pp for points, +20% for a relative change, x1.6, or the new rate, e.g. 12%",
        (0, 1),
    ),
    "change_of_number": _number("change", f"{_RELATIVE}|{_UNSIGNED}", "write +20%, x1.6, or the new number"),
}
"""Changes of a scenario, by the kind of the metric that is changed."""


def _structures() -> dict[str, Fragment]:
    """Lists and mappings, by the kind of their field, and what they are made of."""
    stage = _mapping_of(schema.STAGE, "name")
    stage["dependencies"] = {
        "count": {"properties": {"conversion": False}},
        "average_check": {"properties": {"revenue": False}},
    }
    condition: Fragment = {"type": ["string", "number", "boolean", "null"]}
    listed = {"type": "array", "items": condition, "minItems": 1}
    together = {
        "properties": {each: listed if each.endswith("in") else condition for each in TOGETHER},
        "minProperties": 1,
        "additionalProperties": False,
    }
    return {
        "stages": _list_or_mapping("stage", {**_names_to("count"), "minProperties": 2}),
        "stage": stage,
        "breakdowns": _names_to("segments"),
        "segments": _names_to("segment"),
        "segment": _list_or_mapping("count", _mapping_of(schema.SEGMENT, "counts")),
        "counts": _list_or_mapping("count", {"minProperties": 2, "additionalProperties": _ref("count")}),
        "referral": _mapping_of(schema.REFERRAL, "from", "brings", "to"),
        "scenarios": {**_names_to("scenario"), "propertyNames": _ref("scenario_name")},
        "scenario_name": {
            "allOf": [_ref("label")],
            **_pattern(f"(?!{BASELINE}$).*", f"{BASELINE} is the funnel as it is: give the scenario another name"),
        },
        "scenario": _scenario(),
        "checks": {"type": "array", "items": _ref("check")},
        "check": {
            "title": "check",
            "type": "string",
            "pattern": _check(),
            "patternErrorMessage": "write SELECTOR OP VALUE, e.g. conversion@Paid >= 45%",
        },
        "measure": _mapping_of(schema.MEASURE),
        "measured": _mapping_of(schema.MEASURED),
        "moments": {"type": "array", "items": _ref("moment"), "minItems": 2, "maxItems": 2},
        "names": {"type": "array", "items": _ref("label")},
        "medians": _names_to("number"),
        "surpluses": _names_to("surplus"),
        "surplus": {"type": "array", "items": _ref("count")},
        "columns": _names_to("label"),
        "when": {**_names_to("condition"), "type": ["object", "array"], "items": _ref("conditions"), "minItems": 1},
        "conditions": _names_to("condition"),
        "condition": {"type": [*condition["type"], "array", "object"], "items": condition, "minItems": 1, **together},
    }


def _ref(name: str) -> Fragment:
    return {"$ref": f"#/definitions/{name}"}


def _mapping_of(table: tuple[Field, ...], *required: str) -> Fragment:
    """A mapping of the keys of a table, and no others."""
    return {
        "type": "object",
        "properties": {field.key: _property(field) for field in table},
        "required": list(required),
        "additionalProperties": False,
    }


def _property(field: Field) -> Fragment:
    # words beside a bare $ref would be ignored
    return {"description": field.meaning, "examples": [_example(field)], "allOf": [_ref(field.kind)]}


def _example(field: Field) -> Any:
    """The value of a field's example, as YAML loads it."""
    (document,) = tree.parse(field.example)
    assert isinstance(document.root, Mapping)
    return loaded(document.root.entries[field.key][1])


def _names_to(definition: str) -> Fragment:
    """A mapping of free names, at least one, to values of one definition."""
    return {
        "type": "object",
        "minProperties": 1,
        "propertyNames": _ref("label"),
        "additionalProperties": _ref(definition),
    }


def _list_or_mapping(item: str, mapping: Fragment) -> Fragment:
    """A list of at least two, as a funnel has two stages, or a mapping."""
    return {**mapping, "type": ["array", "object"], "items": _ref(item), "minItems": 2}


def _scenario() -> Fragment:
    """Changes by selector: `metric` where it belongs to the funnel, `metric@Stage` where to a stage."""
    changes = {
        metric.name: {"description": f"change of {metric.name}", "allOf": [_ref(f"change_of_{metric.kind}")]}
        for metric in METRICS.values()
        if metric.changeable
    }
    return {
        "type": "object",
        "minProperties": 1,
        "properties": {name: change for name, change in changes.items() if METRICS[name].at != "stage"},
        "patternProperties": {
            rf"^{name} *@ *\S(?:.*\S)?$": change for name, change in changes.items() if METRICS[name].at != "funnel"
        },
        "additionalProperties": False,
    }


def _check() -> str:
    """The pattern of a check: a selector of any metric, an operator, a value."""
    alone = "|".join(metric.name for metric in METRICS.values() if metric.at != "stage")
    staged = "|".join(metric.name for metric in METRICS.values() if metric.at != "funnel")
    return rf"^\s*(?:(?:{alone})|(?:{staged})\s*@\s*\S[^\n]*?)\s*(?:>=|<=|==|>|<)\s*[^\s<>=][^<>=]*$"
