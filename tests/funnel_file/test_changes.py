"""Changes of figures and limits on them, in every form for every kind of figure."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnelcli.diagnostics import Problem
from funnelcli.funnel_file import changes
from funnelcli.metrics import METRICS, Selector
from funnelcli.what_if import Change, Check

if TYPE_CHECKING:
    from funnelcli.exact import Exact

F = Fraction
COUNT, MONEY, RATE, NUMBER = "entries", "average_check", "conversion", "spend_elasticity"
"""A changeable metric of each kind."""

STAGES = ["Visitors", "Leads", "Paid"]


NUMBERS = st.fractions(-100, 100, max_denominator=50)
CHANGES = st.builds(Change, st.none() | NUMBERS, NUMBERS, st.just("x"))


@given(CHANGES, CHANGES, st.none() | NUMBERS)
def test_two_changes_as_one_do_what_they_do_in_turn(first: Change, second: Change, figure: F | None) -> None:
    assert first.then(second).of(figure) == second.of(first.of(figure))


def refused(outcome: object) -> Problem:
    """The refusal, which always says what is wrong and names a way out."""
    assert isinstance(outcome, Problem), outcome
    assert outcome.message
    assert outcome.help
    return outcome


@pytest.mark.parametrize(
    ("metric", "kind"), [(COUNT, "count"), ("count", "count"), (MONEY, "money"), ("budget", "money"), ("cost", "money"),
                         (RATE, "rate"), ("gross_margin", "rate"), (NUMBER, "number")]
)  # fmt: skip
def test_the_kinds_of_changeable_figures(metric: str, kind: str) -> None:
    assert METRICS[metric].kind == kind
    assert METRICS[metric].changeable


@pytest.mark.parametrize("metric", [COUNT, MONEY, RATE, NUMBER])
@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("+20%", F(6, 5)),
        ("-5%", F(19, 20)),
        ("+0%", 1),
        ("+100%", 2),
        ("-100%", 0),
        ("+33.3%", F(1333, 1000)),
        ("x1.6", F(8, 5)),
        ("x2", 2),
        ("x0", 0),
        ("x.5", F(1, 2)),
    ],
)
def test_relative_changes_and_factors_of_every_kind(metric: str, text: str, factor: Exact) -> None:
    assert changes.change(text, METRICS[metric]) == Change(factor, 0, text)


@pytest.mark.parametrize(("text", "amount"), [("+10pp", F(1, 10)), ("-2pp", F(-1, 50)), ("+0.5pp", F(1, 200))])
def test_points_of_a_rate(text: str, amount: Exact) -> None:
    assert changes.change(text, METRICS[RATE]) == Change(1, amount, text)
    for metric in (COUNT, MONEY, NUMBER):
        assert refused(changes.change(text, METRICS[metric])).code == "FN116"


@pytest.mark.parametrize(("text", "amount"), [("+500", 500), ("-500", -500), ("+0.5", F(1, 2)), ("+1e3", 1000)])
def test_sums_are_added_to_counts_and_money_only(text: str, amount: Exact) -> None:
    for metric in (COUNT, MONEY):
        assert changes.change(text, METRICS[metric]) == Change(1, amount, text)
    for metric in (RATE, NUMBER):
        assert refused(changes.change(text, METRICS[metric])).code == "FN116"


@pytest.mark.parametrize(
    ("metric", "text", "amount"),
    [
        (COUNT, "500", 500),
        (COUNT, "0", 0),
        (COUNT, "27.4", F(137, 5)),
        (MONEY, "1515.15", F(30303, 20)),
        (RATE, "33%", F(33, 100)),
        (RATE, "0.33", F(33, 100)),
        (RATE, "1/3", F(1, 3)),
        (NUMBER, "0.5", F(1, 2)),
        (NUMBER, "2", 2),
    ],
)
def test_a_bare_value_sets(metric: str, text: str, amount: Exact) -> None:
    assert changes.change(text, METRICS[metric]) == Change(None, amount, text)


def test_a_bare_value_above_1_as_a_rate_is_asked_back() -> None:
    assert "33%?" in refused(changes.change("33", METRICS[RATE])).message


@pytest.mark.parametrize("metric", [COUNT, MONEY, RATE, NUMBER])
@pytest.mark.parametrize(
    "text",
    ["as before", "x", "xx2", "x-2", "x+2", "x2%", "+", "-", "+%", "+pp", "+-5%", "+20 %x", "20%%", "+ten", "±5"],
)  # fmt: skip
def test_anything_else_is_refused_with_the_list_of_forms(text: str, metric: str) -> None:
    problem = refused(changes.change(text, METRICS[metric]))
    assert problem.code == "FN116"
    ours = metric == RATE if text == "+pp" else metric in (COUNT, MONEY) or text in ("x", "as before", "x-2")
    if ours:  # the others are told what this kind of figure takes
        for form in ("+20%", "+10pp", "x1.6", "+500"):
            assert form in (problem.help or "")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("twice", "x2"),
        ("*2", "x2"),
        ("x 2", "x2"),
        ("X2", "x2"),
        ("2x", "x2"),
        ("minus 5%", "-5%"),
        ("5% less", "-5%"),
        ("-5 percentage points", "-5pp"),
        ("from 10% to 12%", "12%"),
    ],
)
def test_a_change_in_words_is_answered_with_the_one_that_is_meant(text: str, meant: str) -> None:
    assert refused(changes.change(text, METRICS[RATE])).help == f"write {meant}"


@pytest.mark.parametrize(
    ("metric", "text", "code"),
    [
        (COUNT, "+1,000", "FN206"),
        (COUNT, "+1_000", "FN205"),
        (COUNT, "+0x1F", "FN204"),
        (MONEY, "$5", "FN207"),
        (COUNT, "x.inf", "FN208"),
        (COUNT, "1e19", "FN119"),
        (COUNT, "+1000000000000000001", "FN119"),
        (RATE, "-.nan%", "FN208"),
        (COUNT, "yes", "FN201"),
        (COUNT, "", "FN102"),
        (COUNT, "2026-10-01", "FN209"),
        (COUNT, "1:30", "FN202"),
    ],
)
def test_numbers_of_changes_are_held_to_the_rules_of_numbers(metric: str, text: str, code: str) -> None:
    assert refused(changes.change(text, METRICS[metric])).code == code


@pytest.mark.parametrize("text", ["+010", "-010", "+1_000", "-1_000", "+1,000"])
def test_the_way_out_keeps_the_sign(text: str) -> None:
    """Without its sign the number would be set instead of added."""
    assert text[0] in (refused(changes.change(text, METRICS[COUNT])).help or "")


@pytest.mark.parametrize(
    ("text", "metric", "stage", "operator", "limit", "confidence"),
    [
        ("conversion@Paid >= 45%", "conversion", "Paid", ">=", F(9, 20), None),
        ("cost_per@Paid <= 3000", "cost_per", "Paid", "<=", 3000, None),
        ("conversion@Paid >= 45% with 95% confidence", "conversion", "Paid", ">=", F(9, 20), F(19, 20)),
        ("conversion@Paid >= 45% with 0.9 confidence", "conversion", "Paid", ">=", F(9, 20), F(9, 10)),
        ("overall_conversion >= 1/3 with 95% confidence", "overall_conversion", None, ">=", F(1, 3), F(19, 20)),
        ("count@Leads > 27.4", "count", "Leads", ">", F(137, 5), None),
        ("count@Leads < 1e6", "count", "Leads", "<", 10**6, None),
        ("count@Leads == 100", "count", "Leads", "==", 100, None),
        ("revenue >= 0", "revenue", None, ">=", 0, None),
        ("profit >= -500", "profit", None, ">=", -500, None),
        ("romi > 150%", "romi", None, ">", F(3, 2), None),
        ("conversion@paid>=45%", "conversion", "Paid", ">=", F(9, 20), None),
        ("  conversion@Paid  >=  45%  ", "conversion", "Paid", ">=", F(9, 20), None),
    ],
)
def test_checks(
    text: str, metric: str, stage: str | None, operator: str, limit: Exact, confidence: Exact | None
) -> None:
    read = changes.check(text, STAGES)
    assert isinstance(read, Check), read
    assert read.selector == Selector(METRICS[metric], stage)
    assert (read.operator, read.limit, read.confidence) == (operator, limit, confidence)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("conversion@Paid", "FN117"),
        ("conversion@Paid 45%", "FN117"),
        ("conversion@Paid = 45%", "FN117"),
        ("conversion@Paid => 45%", "FN117"),
        ("conversion@Paid =< 45%", "FN117"),
        ("conversion@Paid != 45%", "FN117"),
        ("conversion@Paid >=", "FN117"),
        (">= 45%", "FN117"),
        ("", "FN117"),
        ("conversion@Paid >= 45% with 95%", "FN117"),
        ("conversion@Paid >= 45% with 100% confidence", "FN117"),
        ("conversion@Paid >= 45% with 0% confidence", "FN117"),
        ("revenue >= 45 with 95% confidence", "FN117"),
        ("conversion@Paid >= 45% with 95 confidence", "FN210"),
        ("conversion@Paid >= 45", "FN210"),
        ("conversion@Piad >= 45%", "FN112"),
        ("conversoin@Paid >= 45%", "FN115"),
        ("conversion >= 45%", "FN115"),
        ("revenue >= 1,000", "FN206"),
        ("revenue >= $1000", "FN207"),
        ("revenue >= .inf", "FN208"),
        ("revenue >= 1e19", "FN119"),
        ("revenue >= lots", "FN103"),
        ("revenue >= 45%", "FN103"),
    ],
)
def test_what_is_no_check_is_refused(text: str, code: str) -> None:
    assert refused(changes.check(text, STAGES)).code == code


def test_a_check_keeps_its_text() -> None:
    read = changes.check("conversion@paid >= 45%", STAGES)
    assert isinstance(read, Check)
    assert read.text == "conversion@paid >= 45%"


def test_a_long_text_is_refused_at_once() -> None:
    assert refused(changes.check(" " * 100_000 + "=", STAGES)).code == "FN117"
