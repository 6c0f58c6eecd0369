"""Checks: worked examples by hand, intervals against SciPy, limits against a baseline."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from scipy.stats import binom, binomtest

from funnelcli.analyses.checks import CheckResult, run_checks
from funnelcli.analyses.conversion import convert
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
    "conversion_decided@Sales": F(20, 93),
    "conversion_decided@Visits": None,
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
    "conversion_eventual@Leads": None,
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
    [(50, 100, "45%", 0.95), (3, 40, "5%", 0.95), (7, 9, "90%", 0.8), (500, 1000, "52%", 0.99), (0, 20, "5%", 0.95)],
)
def test_after_the_units_needed_four_of_five_checks_are_decided(
    came: int, could: int, limit: str, confidence: float
) -> None:
    """By SciPy's binomial and Wilson's intervals: with so many more at the same rate 80% are, with half fewer."""
    funnel = funnel_of(f"stages: {{Sent: {could}, Paid: {came}}}")
    result = result_of(f"conversion@Paid >= {limit} with {confidence:.0%} confidence", funnel)
    assert result.passed is None
    assert result.units_needed is not None

    def decided(more: int) -> float:
        chance = 0.0
        chances = binom.pmf(range(more + 1), more, came / could)
        for new in range(more + 1):
            if chances[new] < 1e-9:
                continue
            low, high = binomtest(came + new, could + more).proportion_ci(confidence, "wilson")
            if not low <= float(result.limit or 0) <= high:
                chance += float(chances[new])
        return chance

    assert 0.8 <= decided(result.units_needed) < 0.9 or came == 0
    assert decided(result.units_needed // 2) < 0.8


def test_the_units_needed_follow_the_normal_curve() -> None:
    """50 of 100 against 45%: 0.05 n - 1.96 sqrt(0.45 x 0.55 n) = 0.8416 sqrt(0.25 (n - 100)) at n = 747.2."""
    result = result_of("conversion@Paid >= 45% with 95% confidence", funnel_of("stages: {Sent: 100, Paid: 50}"))
    assert result.units_needed == pytest.approx(647.2, rel=0.02)


@pytest.mark.parametrize(
    "text", ["conversion@Paid >= 45%", "conversion@Paid >= 45% with 95% confidence , at  every look"]
)
def test_at_every_look_is_an_interval_of_its_own(text: str) -> None:
    """Robbins: (n + 1) C(n, x) p^x (1 - p)^(n - x) is 5% at both ends; 50 of 100, wider than Wilson's."""
    result = result_of(text, funnel_of("stages: {Sent: 100, Paid: 50}"))
    if "with" not in text:
        assert (result.every_look, result.low) == (False, None)
        return
    assert result.every_look
    assert result.low is not None
    assert result.high is not None
    for bound in (result.low, result.high):
        assert 101 * binom.pmf(50, 100, bound) == pytest.approx(0.05, rel=1e-9)
    low, high = binomtest(50, 100).proportion_ci(method="wilson")
    assert result.low < low < high < result.high
    assert result.passed is None
    assert result.units_needed is not None
    assert result.units_needed > 1000


def test_a_confidence_against_a_baseline_has_the_noise_of_both() -> None:
    """56 of 70 against 48 of 80: 0.2 [0.0428, 0.3422] (Newcombe, Statistics in Medicine 17, 1998, method 11, case a).

    The difference is above 4% at 95% confidence, and not above 5%; the interval of 56 of 70 alone is above 66%.
    """
    old, new = funnel_of("name: Old\nstages: {A: 80, B: 48}"), funnel_of("name: New\nstages: {A: 70, B: 56}")
    for change, passed in (("", True), (" + 4pp", True), (" + 5pp", None), (" + 34pp", None), (" + 35pp", False)):
        result = result_of(f"conversion@B >= baseline{change} with 95% confidence", new, [old])
        assert result.passed is passed
        if not change:
            assert (result.low, result.high) == (pytest.approx(0.6428, abs=5e-5), pytest.approx(0.9422, abs=5e-5))
    assert result_of("conversion@B >= 66% with 95% confidence", new, [old]).passed is True
    # half of the baseline reaches half as far
    half = result_of("conversion@B >= baseline - 50% with 95% confidence", new, [old])
    low = binomtest(56, 70).proportion_ci(method="wilsoncc")[0]
    high = binomtest(48, 80).proportion_ci(method="wilsoncc")[1]
    assert half.low == pytest.approx(0.8 - math.hypot(0.8 - low, 0.5 * (high - 0.6)))


def test_a_small_baseline_never_tells() -> None:
    """1 of 4 is anything from 5% to 70%: no number of units here is above it."""
    old, new = funnel_of("name: Old\nstages: {A: 4, B: 1}"), funnel_of("name: New\nstages: {A: 1000, B: 300}")
    result = result_of("conversion@B >= baseline with 95% confidence", new, [old])
    assert (result.passed, result.units_needed) == (None, None)
    assert result.reason == "the counts of the baseline are too small to tell, however many there are here"


MEASURED = """\
name: '{name}'
budget: 100
stages: {{A: 300, B: 120}}
breakdowns: {{month: {{'2026-09': [100, 60], '2026-10': [100, 50], '2026-11': [100, 10]}}}}
measured: {{until: '2026-11-30', not_mature: ['2026-11']}}
"""


def test_open_periods_are_left_out_of_rates() -> None:
    """September and October: 110 of 200; November has only begun."""
    result = result_of("conversion@B >= 55%", funnel_of(MEASURED.format(name="Shop")))
    assert (result.passed, result.actual, result.left_out) == (True, F(110, 200), ("2026-11",))
    result = result_of("conversion@B >= 50% with 95% confidence", funnel_of(MEASURED.format(name="Shop")))
    assert (result.low, result.high) == pytest.approx(tuple(binomtest(110, 200).proportion_ci(method="wilson")))


@pytest.mark.parametrize(
    ("text", "passed"),
    [
        ("conversion@B >= 30%", None),
        ("conversion@B <= 50%", None),
        ("cost_per@B <= 1", None),
        ("sales >= 121", None),
        # what only grows has passed, or failed, for good
        ("sales >= 120", True),
        ("sales <= 119", False),
        ("entries >= 301", False),
        ("budget <= 100", True),
    ],
)
def test_an_open_period_is_judged_only_by_what_units_to_come_cannot_change(text: str, passed: bool | None) -> None:
    result = result_of(text, funnel_of(MEASURED.format(name="2026-11"))._replace(breakdowns=()))
    assert result.passed is passed
    if passed is None:
        assert (result.code, result.reason) == ("FN402", "not mature, the window is still open: 2026-11")


def test_a_baseline_that_is_open_is_no_baseline() -> None:
    old = funnel_of(MEASURED.format(name="2026-11"))._replace(breakdowns=())
    result = result_of("conversion@B >= baseline", funnel_of("name: New\nstages: {A: 10, B: 5}"), [old])
    assert (result.passed, result.code) == (None, "FN402")


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


def test_rates_that_vary_between_periods_have_the_interval_that_show_has() -> None:
    """Of 8 periods with rates of 20% and 40%, and of a variation that is stated; more of such periods decide."""
    weeks = ", ".join(f"'2026-W{week}': [100, {20 + 20 * (week % 2)}]" for week in range(10, 18))
    texts = (
        f"stages: {{A: 800, B: 240}}\nbreakdowns: {{week: {{{weeks}}}}}",
        "variation: 10%\nstages: {A: 800, B: 240}",
    )
    constant = result_of("conversion@B >= 29% with 95% confidence", funnel_of("stages: {A: 800, B: 240}"))
    for text in texts:
        funnel = funnel_of(text)
        result, shown = result_of("conversion@B >= 29% with 95% confidence", funnel), convert(funnel).stages[1]
        assert (result.low, result.high) == (pytest.approx(shown.conversion_low), pytest.approx(shown.conversion_high))
        assert (result.low or 0) < (constant.low or 0) - 0.005
        assert (result.units_needed or 0) > (constant.units_needed or 0) * 1.2
