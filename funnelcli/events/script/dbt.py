"""The query of a funnel as a model of dbt, with its schema and its tests: texts by their paths in a project."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from funnelcli.events.script.report import WHOLE_WAY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from funnelcli.events.script.writer import Script
    from funnelcli.model import Funnel

OURS = "written by funnelcli measure --dbt"
"""What the first line of each file says, by which it is told from files of others."""
_COLUMNS = {
    "funnel": "The funnel that is counted.",
    "dimension": "What segments are told apart by; (all) for all units.",
    "segment": "The segment; (all) for all units, (none) for those without a value.",
    "step": "The number of the stage, from 1 on; after the last one, that of the whole way.",
    "stage": "The stage, or (whole way): from the entry to the sale.",
    "count": "Units that reached the stage, or events of it where the file lets it grow.",
    "conversion": "The share of those of the stage that it comes from; null at the first one, or of none.",
    "mean_seconds": "The mean of the times from the stage before; null where nobody came.",
    "p25_seconds": "The time within which a quarter of them came.",
    "median_seconds": "The median of these times.",
    "p75_seconds": "The time within which three quarters of them came.",
    "p90_seconds": "The time within which nine tenths of them came.",
}
_MONEY = {
    "revenue": "The sum of the amounts at the stage, of which those that are empty are taken for average; null where "
    "none is known, or one is no amount.",
    "average_check": "The mean of the amounts that are known.",
}
_NEVER_NULL = ("funnel", "dimension", "segment", "step", "stage", "count")


def names(funnels: Iterable[Funnel]) -> list[str]:
    """The names of the models: small letters of ASCII, digits and underscores, each another."""
    found: list[str] = []
    for funnel in funnels:
        slug = re.sub(r"[^a-z0-9]+", "_", funnel.name.lower()).strip("_")[:40].strip("_")
        name = f"funnel_{slug}".rstrip("_")
        taken = sum(each == name or each.startswith(f"{name}__") for each in found)
        found.append(f"{name}__{taken + 1}" if taken else name)
    return found


def files(name: str, funnel: Funnel, script: Script, place: str, table: str | None) -> dict[str, str]:
    """The files of a model.

    `place` is what stands in the query for the table of events, whose name, maybe with that of its schema before it,
    `table` is; without it, the query says itself where the events are.
    """
    text = _plain(script.text())
    if table is not None:
        text = text.replace(place, f"{{{{ source('{name}_events', 'events') }}}}")
    ref, column = f"{{{{ ref('{name}') }}}}", {each: _plain(script.name(each)) for each in _COLUMNS}
    key = ", ".join(column[each] for each in ("dimension", "segment", "step"))
    growing = [str(index + 1) for index, stage in enumerate(funnel.stages) if index and stage.allow_growth]
    but = f"\n  AND {column['step']} NOT IN ({', '.join(growing)})" if growing else ""
    return {
        f"models/{name}.sql": f"-- {OURS}\n{{{{ config(materialized='table') }}}}\n\n{text}",
        f"models/{name}.yml": f"# {OURS}\n{_schema(name, funnel, table)}",
        f"tests/{name}_has_a_row_each.sql": (
            f"-- {OURS}\n-- Each stage of a segment has one row.\n"
            f"SELECT {key}\nFROM {ref}\nGROUP BY {key}\nHAVING COUNT(*) > 1\n"
        ),
        f"tests/{name}_never_grows.sql": (
            f"-- {OURS}\n-- No stage has more than the one that it comes from, but where it counts events.\n"
            f"SELECT *\nFROM {ref}\n"
            f"WHERE ({column['conversion']} > 1 OR ({column['conversion']} IS NULL AND {column['step']} > 1 "
            f"AND {column['count']} > 0)){but}\n"
        ),
    }


def _plain(text: str) -> str:
    """A text that dbt takes as it stands."""
    return re.sub(r"\{[{%#]", lambda found: f"{{{{ '{found[0]}' }}}}", text)


def _schema(name: str, funnel: Funnel, table: str | None) -> str:
    """What the columns mean, and what is tested of them."""
    lines = ["version: 2", "", "models:", f"  - name: {name}", f"    description: {_text(f'Funnel {funnel.name}')}"]
    lines.append("    columns:")
    stages = [*funnel.names, WHOLE_WAY]
    accepted = {
        "step": [str(step) for step in range(1, len(stages) + 1)],
        "stage": [json.dumps(stage) for stage in stages],
    }
    money = _MONEY if any(stage.amount for stage in funnel.stages) else {}
    for column, meaning in (_COLUMNS | money).items():
        lines += [f"      - name: {column}", "        quote: true", f"        description: {_text(meaning)}"]
        if column not in _NEVER_NULL:
            continue
        lines += ["        data_tests:", "          - not_null"]
        # dbt writes texts into its test as they are, so that some would be no texts there
        if column == "step" or (column == "stage" and all(map(_is_simple, stages))):
            lines += ["          - accepted_values:", f"              values: [{', '.join(accepted[column])}]"]
            lines += ["              quote: false"] if column == "step" else []
    if table is not None:
        *schema, identifier = table.split(".")
        lines += ["", "sources:", f"  - name: {name}_events"]
        lines += [f"    database: {_text(schema[-2])}"] if len(schema) > 1 else []
        lines += [f"    schema: {_text(schema[-1])}" if schema else '    schema: "{{ target.schema }}"']
        lines += ["    tables:", "      - name: events", f"        identifier: {_text(identifier)}"]
        lines += ["        quoting: {identifier: true}"]
    return "\n".join(lines) + "\n"


def _is_simple(name: str) -> bool:
    return re.fullmatch(r"[\w .,:/&+()-]+", name) is not None


def _text(text: str) -> str:
    """A text as YAML writes it."""
    return json.dumps(_plain(text), ensure_ascii=False)
