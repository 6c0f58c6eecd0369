"""Checks: worked examples by hand, intervals against SciPy, limits against a baseline."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from scipy.stats import binomtest

from funnelcli.analyses.checks import CheckResult, run_checks, units_needed
from funnelcli.analyses.figures import figure, why_undefined
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.changes import check as parse
from funnelcli.funnel_file.reader import read
from funnelcli.metrics import METRICS, Selector, parse_selector
from funnelcli.model import Funnel, Stage

F = Fraction

# 1000 visits, 100 leads, 20 sales of 90, costs of 0.5 a lead, budget 600, margin 50%
SHOP = """\
name: Shop
currency: EUR
budget: 600
gross_margin: 50%
spend_elasticity: 0.7
stages:
  - {name: Visits, count: 1000}
  - {name: Leads, count: 100, cost: 0.5, days: 2, open: 7}
  - {name: Sales, count: 20, average_check: 90}
"""


def funnel_of(text: str) -> Funnel:
    reading = read(text.encode(), "f.yaml")
    assert not reading.diagnostics
    return reading.funnels[0]


def result_of(text: str, funnel: Funnel, baseline: list[Funnel] | None = None) -> CheckResult:
    check = parse(text, [stage.name for stage in funnel.stages])
    assert not isinstance(check, Problem), check
    (result,) = run_checks(funnel, [check], baseline)
    return result


# every figure that can be selected, by hand: revenue 20 x 90 = 1800, gross profit 1800 x 50% - 50 = 850
FIGURES: dict[str, Any] = {
    "entries": 1000,
    "sales": 20,
    "count@Leads": 100,
    "conversion@Leads": F(1, 10),
    "conversion@Visits": None,
    "overall_conversion": F(1, 50),
    "overall_conversion@Leads": F(1, 10),
    "one_in": 50,
    "one_in@Leads": 10,
    "drop_off@Sales": 80,
    "drop_off_rate@Sales": F(4, 5),
    "loss_share@Sales": F(80, 980),
    "average_check": 90,
    "average_check@Sales": 90,
    "average_check@Leads": None,
    "revenue": 1800,
    "revenue@Sales": 1800,
    "revenue@Leads": None,
    "value_per@Leads": 18,
    "value_per_entry": F(9, 5),
    "budget": 600,
    "gross_margin": F(1, 2),
    "spend_elasticity": F(7, 10),
    "cost@Leads": F(1, 2),
    "cost@Sales": None,
    "cost_per@Sales": 30,
    "variable_cost": 50,
    "gross_profit": 850,
    "profit": 250,
    "unit_margin": 45,
    "roas": 3,
    "romi": F(250, 600),
    "days@Leads": 2,
    "open@Leads": 7,
}


PARTLY = (
    "average_check: 3\nstages: [{name: A}, {name: B}]\n"
    "breakdowns: {channel: {Ads: {counts: [6, 3], budget: 9}, SEO: [4, 2]}}"
)


def test_every_figure_has_a_value_here() -> None:
    assert {name.partition("@")[0] for name in FIGURES} == set(METRICS)


@pytest.mark.parametrize("text", FIGURES)
def test_figures_by_hand(text: str) -> None:
    funnel = funnel_of(SHOP)
    selector = parse_selector(text, [stage.name for stage in funnel.stages])
    assert isinstance(selector, Selector)
    assert figure(funnel, selector) == FIGURES[text]
    if FIGURES[text] is None:
        assert why_undefined(funnel, selector)


@pytest.mark.parametrize(
    ("metric", "text", "reason"),
    [
        ("conversion@B", "stages: {A: 0, B: 0}", '"A", which it comes from, is empty'),
        ("conversion@A", "stages: {A: 10, B: 5}", '"A" is the entry'),
        ("overall_conversion", "stages: {A: 0, B: 0}", '"A" is empty'),
        ("one_in", "stages: {A: 10, B: 0}", '"B" is empty'),
        ("revenue", "stages: {A: 10, B: 5}", "no stage brings money"),
        ("profit", "average_check: 3\nstages: {A: 10, B: 5}", "no costs are known"),
        ("cost_per@B", "stages: {A: 10, B: 5}", "the funnel has no budget"),
        ("cost_per@B", "budget: 5\nstages: {A: 10, B: 0}", '"B" is empty'),
        ("romi", "budget: 0\naverage_check: 3\nstages: {A: 10, B: 5}", "the budget is 0"),
        (
            "average_check",
            "stages: [{name: A, count: 9, average_check: 1}, {name: B, count: 5, average_check: 1}]",
            "several stages bring money",
        ),
        (
            "loss_share@C",
            "stages: [{name: A, count: 9}, {name: B, count: 5}, {name: C, from: A, count: 1}]",
            "branches",
        ),
        ("budget", "stages: {A: 10, B: 5}", "the funnel gives no budget"),
        (
            "loss_share@B",
            "stages: [{name: A, count: 9}, {name: B, count: 5}, {name: C, count: 7, allow_growth: true}]",
            "a stage grows",
        ),
        ("loss_share@A", "stages: {A: 10, B: 5}", '"A" is the entry, and comes from no stage'),
        ("roas", "budget: 5\nstages: {A: 10, B: 5}", "no stage brings money"),
        ("roas", "average_check: 3\nstages: {A: 10, B: 5}", "the funnel has no budget"),
        ("profit", PARTLY, "no sum of budgets, so no profit: SEO without one"),
        ("cost_per@B", PARTLY, "no sum of budgets, so no profit: SEO without one"),
        ("budget", PARTLY, "no sum of budgets, so no profit: SEO without one"),
        ("value_per@B", "average_check: 3\nstages: {A: 10, B: 0}", '"B" is empty'),
        ("value_per_entry", "average_check: 3\nstages: {A: 0, B: 0}", '"A" is empty'),
        ("unit_margin", "average_check: 3\nbudget: 9\nstages: {A: 10, B: 0}", '"B" is empty'),
        ("drop_off@A", "stages: {A: 10, B: 5}", '"A" is the entry'),
        # a check at a stage that has none is not a matter of several
        (
            "average_check@B",
            "stages: [{name: A, count: 9, average_check: 1}, {name: B, count: 5}, {name: C, count: 5, revenue: 1}]",
            "the funnel gives no average_check",
        ),
    ],
)
def test_an_undefined_figure_fails_with_the_reason(metric: str, text: str, reason: str) -> None:
    result = result_of(f"{metric} >= 0", funnel_of(text))
    assert (result.passed, result.code, result.actual, result.distance) == (False, "FN403", None, None)
    assert reason in (result.reason or "")


@pytest.mark.parametrize(
    ("text", "passed", "distance"),
    [
        ("conversion@Leads >= 10%", True, 0),
        ("conversion@Leads > 10%", False, 0),
        ("conversion@Leads <= 10%", True, 0),
        ("conversion@Leads < 10%", False, 0),
        ("conversion@Leads == 10%", True, 0),
        ("conversion@Leads == 10.0001%", False, F(-1, 10**6)),
        ("conversion@Leads >= 1/3", False, F(1, 10) - F(1, 3)),
        ("cost_per@Sales <= 30", True, 0),
        ("cost_per@Sales <= 29.99", False, F(1, 100)),
        ("profit >= -5", True, 255),
        ("revenue >= 1e6", False, 1800 - 10**6),
    ],
)
def test_limits_are_exact(text: str, passed: bool, distance: Any) -> None:
    result = result_of(text, funnel_of(SHOP))
    assert (result.passed, result.distance) == (passed, distance)
    assert result.code == (None if passed else "FN401")


@pytest.mark.parametrize("operator", [">=", ">", "<=", "<"])
@pytest.mark.parametrize(("came", "could"), [(0, 20), (1, 20), (50, 100), (99, 100), (20, 20), (4000, 9000)])
@pytest.mark.parametrize("limit", [0, 5, 16, 45, 60, 95, 100])
def test_a_confidence_holds_the_whole_interval_against_the_limit(
    came: int, could: int, operator: str, limit: int
) -> None:
    """Passed inside, failed beyond, undecided otherwise; the interval is SciPy's Wilson interval."""
    funnel = funnel_of(f"stages: {{Sent: {could}, Paid: {came}}}")
    result = result_of(f"conversion@Paid {operator} {limit}% with 95% confidence", funnel)
    low, high = binomtest(came, could).proportion_ci(method="wilson")
    assert result.low == pytest.approx(low, abs=1e-9)
    assert result.high == pytest.approx(high, abs=1e-9)
    bound = limit / 100
    if operator.startswith(">"):
        inside = low > bound or (operator == ">=" and limit == 0)
        beyond = high < bound or (operator == ">" and limit == 100)
    else:
        inside = high < bound or (operator == "<=" and limit == 100)
        beyond = low > bound or (operator == "<" and limit == 0)
    assert result.passed is (True if inside else False if beyond else None)
    assert result.code == {True: None, False: "FN401", None: "FN402"}[result.passed]


@pytest.mark.parametrize(
    ("came", "could", "limit", "confidence"),
    [(50, 100, F(45, 100), 0.95), (3, 40, F(5, 100), 0.95), (7, 9, F(9, 10), 0.8), (500, 1000, F(499, 1000), 0.99)],
)
def test_the_units_needed_decide_and_one_less_does_not(
    came: int, could: int, limit: Fraction, confidence: float
) -> None:
    """With so many more units at the same rate the limit leaves the interval of Wilson's score, not before."""
    more = units_needed(came, could, limit, confidence)
    assert more is not None

    def contains(trials: float) -> bool:
        from scipy.stats import norm

        z = norm.ppf(0.5 + confidence / 2)
        rate = came / could
        middle = (rate * trials + z * z / 2) / (trials + z * z)
        half = z / (trials + z * z) * math.sqrt(rate * (1 - rate) * trials + z * z / 4)
        return bool(middle - half <= limit <= middle + half)

    assert contains(could + more - 1)
    assert not contains(could + more)


def test_fifty_of_a_hundred_against_45_percent_needs_281_more() -> None:
    """1.96^2 x 0.45 x 0.55 / 0.05^2 = 380.3, so that 381 decide."""
    assert units_needed(50, 100, F(45, 100), 0.95) == 281


def test_at_the_limit_no_number_decides() -> None:
    result = result_of("conversion@Paid >= 50% with 95% confidence", funnel_of("stages: {Sent: 100, Paid: 50}"))
    assert (result.passed, result.units_needed) == (None, None)


def test_without_a_sample_a_confidence_fails() -> None:
    funnel = funnel_of("stages: [{name: Sent, count: 100}, {name: Paid, conversion: 50%}]")
    result = result_of("conversion@Paid >= 45% with 95% confidence", funnel)
    assert (result.passed, result.code, result.actual) == (False, "FN403", F(1, 2))


BEFORE = funnel_of("name: Old\naverage_check: 100\nbudget: 3000\nstages: {Sent: 100, paid: 20}")
AFTER = funnel_of("name: New\naverage_check: 100\nbudget: 3000\nstages: {Sent: 100, Paid: 19}")


@pytest.mark.parametrize(
    ("text", "passed", "limit"),
    [
        ("conversion@Paid >= baseline", False, F(1, 5)),
        ("conversion@Paid >= baseline - 2pp", True, F(18, 100)),
        ("conversion@Paid >= baseline -1pp", True, F(19, 100)),
        ("conversion@Paid >= baseline - 4%", False, F(192, 1000)),
        ("revenue >= baseline - 5%", True, 1900),
        ("revenue >= baseline - 99", False, 1901),
        ("count@Paid >= baseline - 1", True, 19),
        # the loss was 1000 and is 1100: ten percent more of it is as far as it may go
        ("profit >= baseline - 10%", True, -1100),
        ("profit >= baseline - 9%", False, -1090),
    ],
)
def test_a_limit_may_follow_a_baseline(text: str, passed: bool, limit: Any) -> None:
    """Stages are found without case; relative changes of a loss go towards more of it."""
    result = result_of(text, AFTER, [BEFORE])
    assert (result.passed, result.limit) == (passed, limit)


def test_without_a_baseline_there_is_no_verdict() -> None:
    result = result_of("conversion@Paid >= baseline - 2pp", AFTER)
    assert (result.passed, result.code, result.limit) == (None, "FN404", None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: New\nstages: {Sent: 9, Refused: 5, Paid: 2}", 'the baseline has no stage "Refused"'),
        ("name: New\nstages: {Other: 9, Refused: 5}", "has none of the stages"),
    ],
)
def test_a_baseline_without_the_figure_fails_with_the_reason(text: str, said: str) -> None:
    result = result_of("count@Refused >= baseline", funnel_of(text), [BEFORE])
    assert (result.passed, result.code) == (False, "FN403")
    assert said in (result.reason or "")


def test_a_baseline_of_several_funnels_is_chosen_by_name() -> None:
    other = BEFORE._replace(name="NEW", stages=(Stage("Sent", None, 10), Stage("Paid", 0, 1)))
    assert result_of("conversion@Paid >= baseline", AFTER, [BEFORE, other]).limit == F(1, 10)
    failed = result_of("conversion@Paid >= baseline", AFTER._replace(name="Third"), [BEFORE, other])
    assert (failed.passed, failed.code) == (False, "FN403")


@pytest.mark.parametrize(
    "text", ["revenue >= baseline - 2pp", "conversion@Paid >= baseline - 2", "sales >= baseline 2"]
)
def test_a_change_of_the_baseline_must_fit_its_figure(text: str) -> None:
    assert isinstance(parse(text, ["Sent", "Paid"]), Problem)


def test_checks_of_the_file_say_where_they_stand_and_those_of_the_command_line_do_not() -> None:
    """The one between them is of the command line: places count all."""
    funnel = funnel_of(f"{SHOP}checks: [sales >= 20, sales >= 21]\n")
    first, second = funnel.checks
    results = run_checks(funnel, [first, first._replace(location=None), second])
    assert [each.path for each in results] == ["checks[0]", "checks", "checks[2]"]
    assert [each.location is None for each in results] == [False, True, False]
    assert [(each.passed, each.distance) for each in results] == [(True, 0), (True, 0), (False, -1)]


def test_an_overall_conversion_is_a_sample_of_the_entries() -> None:
    """7 of 50, whatever lies between: Wilson [6.95%, 26.19%]; 10% stays undecided, 30% is beyond it."""
    funnel = funnel_of("stages: {Sent: 50, Read: 30, Paid: 7}")
    for limit, passed in (("10%", None), ("30%", False), ("6%", True)):
        result = result_of(f"overall_conversion >= {limit} with 95% confidence", funnel)
        assert (round(result.low or 0, 4), round(result.high or 0, 4)) == (0.0695, 0.2619)
        assert result.passed is passed
    read = result_of("overall_conversion@Read >= 70% with 95% confidence", funnel)
    low, high = binomtest(30, 50).proportion_ci(method="wilson")
    assert (read.low, read.high) == (pytest.approx(low), pytest.approx(high))


def test_a_baseline_where_the_figure_is_undefined() -> None:
    """Its own conversion is undefined: nobody was there to convert."""
    empty = funnel_of("name: Old\nstages: {Sent: 0, Paid: 0}")
    result = result_of("conversion@Paid >= baseline", AFTER, [empty])
    assert (result.passed, result.code) == (False, "FN403")
    assert result.reason == 'undefined in the baseline: "Sent", which it comes from, is empty'
