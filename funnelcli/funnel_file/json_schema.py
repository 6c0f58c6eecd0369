"""The table of keys to a JSON Schema (draft 07), for editors and other validators of funnel files.

The schema accepts whatever the reader accepts, in whichever version of YAML the file is loaded: a number comes as a
number or, when it is quoted or written like `1e6`, as text. Rules that need several values at once, such as a count
above the one it comes from, are left to the reader, but for those that an editor can show at their place. What does
not come from the tables of keys and metrics stands in `json_schema.yaml`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from funnelcli.exact import LARGEST_NUMBER
from funnelcli.funnel_file import moments, schema
from funnelcli.funnel_file.data_files import data_file, loaded
from funnelcli.funnel_file.yaml import tree
from funnelcli.funnel_file.yaml.nodes import Mapping
from funnelcli.measure import TOGETHER
from funnelcli.metrics import METRICS
from funnelcli.what_if import BASELINE

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.funnel_file.schema import Field

    Fragment = dict[str, Any]

NAME = "funnel.schema.json"
"""What the schema is called where it is published."""
ADDRESS = "https://funnelcli.github.io/funnelcli/schema/1/"
"""Where schemas are published. Its number grows when a file that was right no longer is; new keys come without it."""
DRAFT = "http://json-schema.org/draft-07/schema#"
"""The version of JSON Schema that editors support best."""
_OF_THE_FUNNEL = [metric.name for metric in METRICS.values() if metric.at != "stage"]
_OF_STAGES = [metric.name for metric in METRICS.values() if metric.at != "funnel"]
_WORDS = {
    "ADDRESS": f"{ADDRESS}{NAME}",
    "BASELINE": BASELINE,
    "UNITS": "|".join(moments.SECONDS),
    "MOMENT": moments.MOMENT.replace(r"\d", "[0-9]"),
    "OF_THE_FUNNEL": "|".join(_OF_THE_FUNNEL),
    "OF_STAGES": "|".join(_OF_STAGES),
}


def json_schema() -> Fragment:
    """The JSON Schema of one funnel, the document of a funnel file, ready to be written as JSON."""
    data = data_file("json_schema.yaml")
    words = dict(_WORDS)
    for name, pattern in data["patterns"].items():
        words[name] = _filled(pattern, words)
    schema_: Fragment = _filled(data["schema"], words)
    return schema_


def _filled(part: Any, words: dict[str, str]) -> Any:
    """A part of the data file with what it leaves to the tables and to the words."""
    if isinstance(part, str):
        return re.sub(r"<([A-Z_0-9]+)>", lambda found: words[found[1]], part)
    if isinstance(part, list):
        return [_filled(item, words) for item in part]
    if not isinstance(part, dict):
        return part
    filled: Fragment = {}
    for key, value in part.items():
        filled |= _FILLERS[key](_filled(value, words)) if key in _FILLERS else {key: _filled(value, words)}
    return filled


def _ref(name: str) -> Fragment:
    return {"$ref": f"#/definitions/{name}"}


def _number(pattern: str) -> Fragment:
    """A number, or text that the reader takes for one."""
    return {"type": ["number", "string"], "minimum": 0, "maximum": LARGEST_NUMBER, "pattern": f"^(?:{pattern})$"}


def _names_to(definition: str) -> Fragment:
    """A mapping of free names, at least one, to values of one definition."""
    return {
        "type": "object",
        "minProperties": 1,
        "propertyNames": _ref("label"),
        "additionalProperties": _ref(definition),
    }


def _property(field: Field) -> Fragment:
    # words beside a bare $ref would be ignored
    return {"description": field.meaning, "examples": [_example(field)], "allOf": [_ref(field.kind)]}


def _example(field: Field) -> Any:
    """The value of a field's example, as YAML loads it."""
    (document,) = tree.parse(field.example)
    assert isinstance(document.root, Mapping)
    return loaded(document.root.entries[field.key][1])


def _changes(what: str) -> Fragment:
    """Changes by selector: `metric` where it belongs to the funnel, `metric@Stage` where to a stage."""
    changes = {
        metric.name: {"description": f"{what} of {metric.name}", "allOf": [_ref(f"change_of_{metric.kind}")]}
        for metric in METRICS.values()
        if metric.changeable
    }
    return {
        "properties": {name: change for name, change in changes.items() if name in _OF_THE_FUNNEL},
        "patternProperties": {
            rf"^{name} *@ *\S(?:.*\S)?$": change for name, change in changes.items() if name in _OF_STAGES
        },
    }


def _operators(one: Fragment) -> Fragment:
    listed = {"type": "array", "items": one, "minItems": 1}
    return {"properties": {operator: listed if operator.endswith("in") else one for operator in TOGETHER}}


_FILLERS: dict[str, Callable[[Any], Fragment]] = {
    "$ref": _ref,
    "$number": _number,
    "$names_to": _names_to,
    "$keys": lambda table: {
        "type": "object",
        "properties": {field.key: _property(field) for field in getattr(schema, table)},
    },
    "$choices": lambda words: {"enum": list(getattr(schema, words))},
    "$operators": _operators,
    "$changes": _changes,
}
