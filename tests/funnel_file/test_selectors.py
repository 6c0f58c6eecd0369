"""`metric` and `metric@Stage`, and how names are found."""

from __future__ import annotations

import pytest

from funnelcli.diagnostics import Problem
from funnelcli.metrics import METRICS, Selector, find_name, parse_changeable, parse_selector

STAGES = ["Visitors", "Decision maker", "Paid"]


@pytest.mark.parametrize(
    ("text", "metric", "stage"),
    [
        ("revenue", "revenue", None),
        ("revenue@Paid", "revenue", "Paid"),
        ("entries", "entries", None),
        ("conversion@Paid", "conversion", "Paid"),
        ("count@Visitors", "count", "Visitors"),
        ("conversion@Decision maker", "conversion", "Decision maker"),
        ("conversion@decision MAKER", "conversion", "Decision maker"),
        ("conversion@ Paid", "conversion", "Paid"),
        (" conversion @ Paid ", "conversion", "Paid"),
        ("overall_conversion", "overall_conversion", None),
        ("overall_conversion@Paid", "overall_conversion", "Paid"),
        ("average_check", "average_check", None),
        ("average_check@Paid", "average_check", "Paid"),
    ],
)
def test_selectors(text: str, metric: str, stage: str | None) -> None:
    assert parse_selector(text, STAGES) == Selector(METRICS[metric], stage)


@pytest.mark.parametrize(
    ("text", "code", "cure"),
    [
        ("conversoin@Paid", "FN115", 'did you mean "conversion"?'),
        ("overall", "FN115", 'did you mean "overall_conversion"?'),
        ("Conversion@Paid", "FN115", 'did you mean "conversion"?'),
        ("conversion@Piad", "FN112", 'did you mean "Paid"?'),
        ("conversion@Desicion maker", "FN112", 'did you mean "Decision maker"?'),
        ("conversion", "FN115", "write conversion@Paid"),
        ("profit@Paid", "FN115", "write profit"),
        ("entries@Visitors", "FN115", "write entries"),
        ("conversion@", "FN112", 'known here: "Visitors", "Decision maker", "Paid"'),
    ],
)
def test_what_is_no_selector_is_refused(text: str, code: str, cure: str) -> None:
    outcome = parse_selector(text, STAGES)
    assert isinstance(outcome, Problem)
    assert (outcome.code, outcome.help) == (code, cure)


@pytest.mark.parametrize("text", ["", "@", "@Paid", "Paid", "x@y@z"])
def test_a_text_without_a_metric_is_refused(text: str) -> None:
    outcome = parse_selector(text, STAGES)
    assert isinstance(outcome, Problem)
    assert outcome.code == "FN115"
    assert outcome.help


def test_a_stage_may_have_an_at_sign_in_its_name() -> None:
    assert parse_selector("count@Mail @ noon", ["Sent", "Mail @ noon"]) == Selector(METRICS["count"], "Mail @ noon")


@pytest.mark.parametrize("text", ["conversion@Paid", "revenue", "count@Decision maker"])
def test_a_selector_is_written_as_it_is_read(text: str) -> None:
    assert str(parse_selector(text, STAGES)) == text


@pytest.mark.parametrize(
    ("name", "names", "index"),
    [
        ("Paid", ["paid", "Paid"], 1),
        ("paid", ["paid", "Paid"], 0),
        ("PAID", ["paid", "Paid"], None),
        ("PAID", ["Leads", "Paid"], 1),
        ("оплата", ["Заявка", "Оплата"], 1),
        ("STRASSE", ["Straße", "Weg"], 0),
        ("cafe\u0301", ["Café"], 0),
        ("decision  maker", ["Decision maker"], 0),
        ("Payed", ["Paid"], None),
        ("", ["Paid"], None),
    ],
)
def test_names_are_found_exactly_then_without_case(name: str, names: list[str], index: int | None) -> None:
    assert find_name(name, names) == index


def test_the_changeable_figures() -> None:
    """What a scenario may change: causes, never results, but for the overall conversion, where it is one step."""
    changeable = {name for name, metric in METRICS.items() if metric.changeable}
    assert changeable == {
        "entries", "count", "conversion", "average_check", "budget", "gross_margin", "spend_elasticity", "cost",
        "overall_conversion",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["revenue", "profit", "sales", "cost_per@Paid", "one_in", "romi"])
def test_results_cannot_be_changed(text: str) -> None:
    outcome = parse_changeable(text, STAGES)
    assert isinstance(outcome, Problem)
    assert outcome.code == "FN115"
    assert "conversion" in (outcome.help or "")


def test_changeable_selectors() -> None:
    assert parse_changeable("conversion@paid", STAGES) == Selector(METRICS["conversion"], "Paid")
    unknown = parse_changeable("conversion@Piad", STAGES)
    assert isinstance(unknown, Problem)
    assert unknown.code == "FN112"
