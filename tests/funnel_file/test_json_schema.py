"""The JSON Schema against the reader: what the reader accepts, the schema accepts, as YAML 1.1 and 1.2 load it."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft7Validator

from funnelcli.diagnostics import Problem
from funnelcli.funnel_file import schema
from funnelcli.funnel_file.changes import change
from funnelcli.funnel_file.json_schema import ADDRESS, NAME, json_schema
from funnelcli.funnel_file.reader import read
from funnelcli.metrics import METRICS
from tests.conftest import ROOT, SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEMPLATES = ROOT / "funnelcli" / "funnel_file" / "templates"
BAD = ROOT / "tests" / "bad_funnels"
TABLES = {
    "funnel": schema.FUNNEL,
    "stage": schema.STAGE,
    "segment": schema.SEGMENT,
    "average_check": schema.SPREAD,
    "days": schema.QUANTILES,
    "chance": schema.CHANCE,
    "referral": schema.REFERRAL,
    "measure": schema.MEASURE,
    "measured": schema.MEASURED,
    "time": schema.TIME,
    "eventual": schema.EVENTUAL,
    "curve": schema.CURVE,
    "noted_segment": schema.NOTED,
}
SCHEMA = json_schema()
VALIDATOR = Draft7Validator(SCHEMA)


class CoreLoader(yaml.CSafeLoader):
    """Scalars by the core schema of YAML 1.2: `1e6` is a number here and text to YAML 1.1."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  # PyYAML's own attribute, emptied


for name, pattern, first in (
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+0123456789."),
    ("float", r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+."),
):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{name}", re.compile(f"(?:{pattern})$"), [*first, ""])
CoreLoader.add_constructor(
    "tag:yaml.org,2002:int",
    lambda loader, node: int(node.value, 0 if node.value[:2] in ("0o", "0x") else 10),
)
CoreLoader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(re.sub(r"\.(?=[in])", "", node.value)))

each_loader = pytest.mark.parametrize("loader", [yaml.CSafeLoader, CoreLoader], ids=["yaml-1.1", "yaml-1.2"])


def loaded(data: bytes, loader: type) -> Iterator[Any]:
    """The documents of a file up to the first that PyYAML cannot load."""
    stream = loader(data.decode("utf-8-sig"))
    while stream.check_data():
        yield stream.get_data()


def complaints(document: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(document)]


def definition(name: str) -> Draft7Validator:
    return Draft7Validator({"$ref": f"#/definitions/{name}", "definitions": SCHEMA["definitions"]})


# the schema itself


def test_it_is_a_valid_schema_of_draft_07() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_it_is_plain_json() -> None:
    assert json.loads(json.dumps(SCHEMA, allow_nan=False)) == SCHEMA


def parts(node: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in the schema."""
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from parts(inner)


def test_every_reference_leads_to_a_definition_and_every_definition_is_used() -> None:
    targets = {part["$ref"] for part in parts(SCHEMA) if "$ref" in part}
    assert targets == {f"#/definitions/{name}" for name in SCHEMA["definitions"]}


def test_nothing_stands_beside_a_reference_where_draft_07_would_ignore_it() -> None:
    assert [part for part in parts(SCHEMA) if isinstance(part.get("$ref"), str) and len(part) > 1] == []


def test_every_pattern_says_in_words_what_is_wanted() -> None:
    wordless = [part["pattern"] for part in parts(SCHEMA) if "pattern" in part and "patternErrorMessage" not in part]
    assert wordless == []


@pytest.mark.parametrize("table", TABLES)
def test_every_key_of_the_tables_is_described_and_no_other(table: str) -> None:
    described = (SCHEMA if table == "funnel" else SCHEMA["definitions"][table])["properties"]
    assert {key: part["description"] for key, part in described.items()} == {
        field.key: field.meaning for field in TABLES[table]
    }


@pytest.mark.parametrize(
    ("table", "field"),
    [(table, field) for table, known in TABLES.items() for field in known],
    ids=lambda value: value if isinstance(value, str) else value.key,
)
@each_loader
def test_the_example_of_every_key_is_shown_and_accepted(table: str, field: schema.Field, loader: type) -> None:
    value = yaml.load(field.example, loader)[field.key]
    part = (SCHEMA if table == "funnel" else SCHEMA["definitions"][table])["properties"][field.key]
    assert part["examples"] == [value]
    assert [error.message for error in definition(field.kind).iter_errors(value)] == []


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.yaml")), ids=lambda path: path.stem)
def test_templates_name_the_schema_as_it_names_itself(path: Path) -> None:
    first_line = path.read_text(encoding="utf-8").split("\n", 1)[0]
    assert first_line == f"# yaml-language-server: $schema={SCHEMA['$id']}"
    assert SCHEMA["$id"] == f"{ADDRESS}{NAME}"


# what the reader accepts, the schema accepts


@pytest.mark.parametrize(
    "path",
    sorted([*SAMPLES.glob("*.yaml"), *TEMPLATES.glob("*.yaml")]),
    ids=lambda path: f"{path.parent.name}/{path.stem}",
)
@each_loader
def test_samples_and_templates_are_accepted(path: Path, loader: type) -> None:
    assert [complaints(document) for document in loaded(path.read_bytes(), loader) if complaints(document)] == []


@cache
def sound_documents(path: Path) -> frozenset[int]:
    """Numbers of the documents of a file without an error."""
    return frozenset(funnel.document for funnel in read(path.read_bytes(), path.name).funnels)


@each_loader
def test_sound_documents_of_bad_files_are_accepted(loader: type) -> None:
    """In these files most documents have an error; the rest have none, or warnings."""
    accepted = set()
    for path in BAD.glob("*.yaml"):
        sound = sound_documents(path)
        if not sound or path.stem == "syntax_unknown_directive_version":  # PyYAML loads nothing of that one
            continue
        for number, document in enumerate(loaded(path.read_bytes(), loader), 1):
            if number in sound:
                assert complaints(document) == [], path.name
                accepted.add(path.stem)
            if number == max(sound):
                break
    assert accepted >= {"breakdown_does_not_add_up", "breakdown_does_not_add_up_beside_one_that_does"}


TWO = "stages: {A: 10, B: 5}\n"
LIST = "stages: [{name: A, count: 10}, {name: B, count: 5%s}]\n"
ACCEPTED = {
    "quoted numbers": "stages: {A: '10', B: \"5.5\"}\nbudget: '1e3'\n",
    "signs and bare points": "stages: {A: +5, B: .5}\nbudget: +.5\ngross_margin: .5\nspend_elasticity: 5.\n",
    "exponents": "stages: {A: 1e6, B: 1.5e+3}\nbudget: 2E3\ngross_margin: 5e-1\n",
    "the largest number": "stages: {A: 1e18, B: 1000000000000000000}\n",
    "zero, and minus zero": "stages: {A: 0, B: -0}\nbudget: -0.0\ngross_margin: -0\n",
    "fractions as rates": TWO + "gross_margin: 1/3\nscenarios: {x: {conversion@B: 2.5/4}}\n",
    "two minuses as a rate": TWO + "gross_margin: -1/-3\n",
    "percents": LIST % ", target: 33.3%" + "gross_margin: 100%\n",
    "growth": "stages: [{name: A, count: 10}, {name: B, conversion: 150%, allow_growth: true}]\n",
    "a range": "stages: [{name: A, count: 10}, {name: B, conversion: 8% to 12%}]\n",
    "a range of fractions, with spaces": "stages: [{name: A, count: 10}, {name: B, conversion: ' 1/9  to .5 '}]\n",
    "a quoted flag": "stages: [{name: A, count: 10}, {name: B, count: 50, allow_growth: 'TRUE'}]\n",
    "a whole number with a point": LIST % ", open: 4.0",
    "money with its spread": "average_check: {mean: 90, sd: '1e2'}\n"
    + LIST % ""
    + "breakdowns: {c: {x: {counts: [10, 5], average_check: {mean: 1.5, sd: 0}}}}\n",
    "money by its other name": "average_order_value: 90\n" + TWO,
    "quantiles of time": LIST % ", days: {median: 6, p90: 21.5}",
    "times of losses": LIST % ", open: 4, days_lost: {median: 9, p90: 9}",
    "open units by their amounts": LIST % ", open: [3950, 0, '1.5e3']",
    "no open unit": LIST % ", open: []",
    "variation": "variation: 10%\n" + TWO,
    "variation as a number": "variation: 1\n" + TWO,
    "a chance that is known only so well": LIST % ", open: 4, close_chance: {mean: 10%, sd: '2%'}",
    "chances by days": LIST % ", open: 4, close_chance: 10%, close_within: {7 days: 1%, 5 weeks: 0.05, 90days: '10%'}",
    "a pipeline without history": "stages: [{name: A, open: 20, close_chance: 10%}, {name: B}]\n",
    "cells, and segments without counts": "stages: [{name: A}, {name: B}]\n"
    "cells: [{c: X, m: 2026-10, counts: [7, 3]}, {c: Z, m: 5, counts: {B: 2, A: '2e0'}}]\n"
    "breakdowns: {c: {X: {budget: 7}, Z: [2, 2]}}\n",
    "names like numbers": "name: 2025\nperiod: 2026.5\ncurrency: 7\ndescription: 42\n" + TWO,
    "names with YAML's words in quotes": "name: 'no'\nstages: {'true': 10, '5': 5, 'null': 1}\n",
    "text of several lines": "description: |\n  One.\n\n  Two.\n" + TWO,
    "stages called by numbers": "stages: [{name: 1, count: 9}, {name: 2, count: 5}, {name: 3, count: 5, from: 1}]",
    "counts by name": TWO + "breakdowns: {c: {x: {counts: {' a ': 10, B: 5}, budget: 3}}}\n",
    "counts from a breakdown": "stages: [{name: A}, {name: B}]\nbreakdowns: {c: {x: [7, 3], z: ['3', 2e0]}}\n",
    "no checks": TWO + "checks: []\n",
    "an empty measure": TWO + "measure: {}\n",
    "null as a condition": LIST % ", when: {deleted: null, reason: ~, note: , old: [null, x, 5, 0.5, true, '']}",
    "alternative conditions": LIST % ", when: [{event: paid}, {event: [sold, '1e3'], sum: 10}]",
    "every key of measure": TWO
    + "measure: {table: t, unit: u, time: 5, window: 7 days, order: any, between: ['2026-10-01', '2026-10-01T12:00Z'], "
    "breakdowns: {c: 5}, exclude: {e: x}, lost: {e: z}, id: i, epoch: seconds, period: week}",
    "every key of measured": TWO
    + "measured: {source: s, table: 5, between: ['2026-10-01', '2026-10-02 12:00:00.5+02:00'], events: 9, units: '5', "
    "without_unit: 0, without_time: 1, duplicates: 0, until: x, moment: z, not_mature: [], median_days: {B: 2.5}, "
    "window: 14 days, times: {B: {units: 1, mean: 5, p25: 5, p50: '5', p75: 5, p90: 5.5, "
    "histogram: {1 hour: 1, beyond: 2}}}, "
    "whole_way: {units: 1, mean: 5, p25: 5, p50: 5, p75: 5, p90: 5}, "
    "eventual: {B: {conversion: 1/3, low: 30%, high: 0.5, entries: 9, followed: 14 days, so_far: 1/3}}, "
    "curves: {B: {points: [[5, 0.5, 50%]], waiting: [[5, 2]]}}, "
    "segments: {c: {x: {eventual: {B: {entries: 9, followed: 2h, so_far: 0}}}}}}",
    "several comparisons of one column": LIST % ", when: {sum: {'>=': 10, '<': 50}, land: {not in: [DE, AT]}}",
    "comparisons": LIST % ", when: {sum: '>= 10', page: [like /pricing%, null], plan: not null, day: '< 2026-10-01'}",
    "counts that will be measured": "stages: [{name: A, when: {e: a}, count: 1}, {name: B, when: {e: b}, count: 1}]\n"
    "measure: {table: t}\n",
    "anchors": "stages: {A: &n 10, B: *n}\nbreakdowns: {c: {x: &c [4, 4], z: [6, 6]}, d: {v: *c, w: [6, 6]}}\n",
    "changes of a count": TWO + "scenarios: {x: {count@B: -2, entries: +500}, z: {count@b: x.5, entries: '+1e2'}}\n",
    "changes of money": TWO + "average_check: 5\nscenarios: {x: {average_check: -2.5}, z: {average_check@B: +20%}}\n",
    "changes of a rate": TWO
    + "scenarios: {x: {conversion@B: +10pp}, z: {conversion @ B: 60%}, w: {conversion@B: .6}}\n",
    "changes of a number": TWO + "budget: 1\nscenarios: {x: {spend_elasticity: 1e-1, budget: x2}}\n",
    "check with confidence": TWO + "checks: [conversion@B >= 45% with 95% confidence, roas<3, profit == -5e2]\n",
    "checks against a baseline": TWO + "checks: [conversion@B >= baseline, conversion@B >= baseline - 2pp]\n",
    "check of several lines": TWO + "checks:\n- |\n  conversion@B\n  >= 45%\n- >-\n  one_in\n  <= 80\n",
    "operators in a stage's name": "stages: {A: 10, B > 5: 5}\nchecks: [count@B > 5 >= 3]\n",
}


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED)
@each_loader
def test_what_the_reader_accepts_is_accepted(text: str, loader: type) -> None:
    assert [each.problem for each in read(text.encode(), "test.yaml").diagnostics] == []
    (document,) = loaded(text.encode(), loader)
    assert complaints(document) == []


PLAIN = (
    "0 5 33 007 00.5 +5 -5 -0 -.0 .5 5. 0.5 1.0 1.5 1e6 1e+6 1.5e-3 .5E1 -1e2 +1e2 1e999 1_000 1,000 0x1F 0o17 1:30 $5 "
    "1e18 1000000000000000001 .inf -.inf .nan nan inf abc . e5 1e + ½ ٣ "
    "33% 33.3% +33% -33% -0% 100% 100.0% 101% 1e1% 5%% 1/3 2.5/4 -1/-3 1/0 /3 1/ 1/3% 0.33 8%to12% "
    "+20% -5% +10pp -2pp 10pp +1/3 x1.6 x-1 x 1.6x X2 x1e2 +500 +.5 ++5 +20 "
    "true True false no yes ~ null lead customer Lead ordered apart any week weeks seconds 7d 90min 7 0.5h 2026-10-01 "
    "UTC T%Y%m%d"
)
"""Texts that YAML loads with and without quotes."""
QUOTED = [
    "",
    " ",
    "-",
    "%",
    " 5",
    "5 ",
    "8% to 12%",
    "8 % to 12%",
    " 0.1  to  1/3 ",
    "a b",
    " a",
    "a\u200bb",
    "two\nlines",
    "7 days",
    "2026-10-01 09:30:00Z",
]
KINDS = {
    **schema.PARSERS,
    **{
        f"change_of_{METRICS[name].kind}": lambda text, plain, name=name: change(text, METRICS[name])  # type: ignore[misc]
        for name in ("count", "cost", "conversion", "spend_elasticity")
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_scalar_that_a_parser_takes_is_accepted(kind: str) -> None:
    """Each text plain, as both YAML versions type it, and in quotes."""
    validator = definition(kind)
    forms = [(text, text, False) for text in [*PLAIN.split(), *QUOTED]]
    for loader in (yaml.CSafeLoader, CoreLoader):
        forms += [(text, yaml.load(text, loader), True) for text in PLAIN.split()]
    taken = [(text, value, plain) for text, value, plain in forms if not isinstance(KINDS[kind](text, plain), Problem)]
    assert taken
    assert [form for form in taken if not validator.is_valid(form[1])] == []


@pytest.mark.parametrize(
    ("kind", "texts"),
    {
        "count": ["", " 5", "abc", "-5", "007", "00.5", "1,000", "1_000", "0x1F", "1:30", "$5", "33%", "1e", "x2", "٣"],
        "whole": ["", "abc", "-5", "33%", "1,000"],
        "share": ["33", "101%", "-5%", "5 %", "33%%", "abc", "1/", "8% to 12%", "-0.5", "1.5", "007%"],
        "conversion": ["33", "-5%", "8% 12%", "8% to", "to 12%", "8 to 12", "abc", "+10pp"],
        "flag": ["yes", "on", "1", "truly", ""],
        "label": ["", " ", " a", "a ", "two\nlines", "a\u200bb", "a\u202eb", "a\u00a0b"],
        "text": ["", " ", "\n"],
        "role": ["Lead", "buyer", ""],
        "change_of_count": ["", "10pp", "+10pp", "1/3", "5%", "x-1", "x", "2x", "X2", "++5", "abc"],
        "change_of_rate": ["", "+500", "-0.5", "33", "10pp", "x+2", "+1/3", "abc"],
        "change_of_number": ["", "+5", "+10pp", "5%", "abc"],
        "check": ["", "conversion@Paid", "conversion >= 5%", "sales@Paid > 5", "profit = 5", "profit >= ", "profi > 5"],
    }.items(),
)
def test_text_of_another_form_is_refused(kind: str, texts: list[str]) -> None:
    assert [text for text in texts if definition(kind).is_valid(text)] == []


# what the schema refuses

REFUSED = {
    "FN006": "empty_document empty_document_comment_only",
    "FN013": "key_false key_infinity key_null key_tilde key_true",
    "FN015": "control_character_escaped invisible_bidi_isolate invisible_bidi_override invisible_in_scenario_name "
    "invisible_no_break_space invisible_soft_hyphen invisible_zero_width_space name_of_two_lines",
    "FN101": "unknown_key unknown_key_in_capitals unknown_key_in_measure unknown_key_in_referral "
    "unknown_key_in_segment unknown_key_in_stage several_errors",
    "FN102": "missing_stages missing_name_of_stage missing_text missing_value_null missing_value_of_count "
    "missing_value_tilde missing_counts_of_segment missing_key_of_referral missing_count_and_conversion "
    "missing_count_of_first_stage missing_count_first_stage_has_conversion",
    "FN103": "expected_conditions expected_count_found_list expected_count_found_mapping expected_count_found_rate "
    "expected_count_found_text expected_count_found_true expected_list_of_checks expected_mapping_as_document "
    "expected_mapping_found_text expected_mapping_of_breakdowns expected_mapping_of_measure "
    "expected_mapping_of_scenarios expected_stage expected_stages expected_text_found_true expected_true_or_false "
    "expected_two_dates expected_whole_number",
    "FN105": "no_stages one_stage one_stage_in_list",
    "FN107": "negative_budget negative_count negative_count_in_list negative_count_in_segment negative_days "
    "negative_elasticity negative_margin negative_money negative_open negative_rate",
    "FN108": "count_with_conversion count_with_conversion_at_first_stage",
    "FN109": "margin_above_100_percent margin_above_100_percent_in_segment",
    "FN111": "target_above_100_percent target_negative",
    "FN113": "money_twice_check_and_revenue",
    "FN114": "counts_lack_a_stage counts_too_few",
    "FN115": "selector_needs_stage selector_of_a_result selector_of_the_whole_funnel selector_unknown_metric",
    "FN116": "change_absolute_of_a_rate change_factor_without_number change_not_understood change_points_of_a_count "
    "change_points_of_money",
    "FN117": "check_single_equals check_without_operator",
    "FN119": "number_above_1e18",
    "FN120": "order_unknown role_unknown condition_operator_unknown",
    "FN121": "description_empty name_empty name_empty_key name_of_spaces name_with_outer_space",
    "FN201": "word_on_as_count",
    "FN206": "apostrophe_between_thousands comma_as_decimal_sign comma_between_thousands comma_in_percent "
    "space_between_thousands",
    "FN207": "currency_code currency_code_before currency_sign currency_sign_after currency_sign_only",
    "FN208": "infinity infinity_word not_a_number_nan_word",
    "FN210": "rate_without_percent rate_without_percent_as_conversion rate_without_percent_as_target "
    "rate_without_percent_in_range rate_without_percent_in_scenario",
}
"""Files that an editor marks by the schema alone, by the code that the reader gives them."""


@pytest.mark.parametrize(("code", "stem"), [(code, stem) for code, stems in REFUSED.items() for stem in stems.split()])
@each_loader
def test_what_an_editor_can_see_is_refused(code: str, stem: str, loader: type) -> None:
    data = (BAD / f"{stem}.yaml").read_bytes()
    assert code in data.decode().split("\n", 1)[0]
    assert any(complaints(document) for document in loaded(data, loader))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("stages: {A: 1, B: -2}", "$.stages.B"),
        ("stages: [{name: A, count: 5}, {name: B}]", "$.stages[1]"),
        ("stages: [{name: A, count: 5}, {name: B, count: 3, conversion: 50%}]", "$.stages[1]"),
        ("stages: [{name: A, count: 5}, {name: B, conversion: most}]", "$.stages[1].conversion"),
        (TWO + "scenarios: {x: {conversion@B: +5}}", "$.scenarios.x['conversion@B']"),
        (TWO + "scenarios: {baseline: {entries: x2}}", "$.scenarios"),
        (TWO + "checks: [profit > 3, conversion@B = 5%]", "$.checks[1]"),
        (TWO + "breakdowns: {c: {x: {counts: [5, 2], bugdet: 3}}}", "$.breakdowns.c.x"),
    ],
)
def test_one_mistake_is_marked_once_and_where_it_stands(text: str, path: str) -> None:
    assert [error.json_path for error in VALIDATOR.iter_errors(yaml.safe_load(text))] == [path]
