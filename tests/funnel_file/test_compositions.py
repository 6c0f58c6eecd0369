"""Values that are one figure or more: money with its spread, quantiles of time, amounts, pipelines without history."""

from __future__ import annotations

import math
from fractions import Fraction as F

import pytest
from scipy import stats

from funnelcli.analyses.breakdowns import segment_funnel
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.compositions import lognormal_mean
from funnelcli.funnel_file.reader import read
from funnelcli.lint.rules import RULES
from funnelcli.model import Funnel, Stage

STAGES = "stages:\n  - {name: A, count: 100%s}\n  - {name: B, count: 40%s}\n"


def funnel_of(text: str) -> Funnel:
    reading = read(f"currency: EUR\n{text}".encode(), "test.yaml", rules=RULES)
    assert not reading.diagnostics, reading.diagnostics
    return reading.funnels[0]


@pytest.mark.parametrize("key", ["average_check", "average_order_value"])
def test_money_with_its_spread(key: str) -> None:
    """Of the funnel at its sale, of a stage, and of a segment; the other name is the same key."""
    own = funnel_of(f"{key}: {{mean: 63.50, sd: 140}}\n" + STAGES % ("", "")).stages
    assert [(stage.average_check, stage.average_check_sd) for stage in own] == [(None, None), (F(127, 2), 140)]
    of_stage = funnel_of(STAGES % ("", f", {key}: {{mean: 90, sd: 0}}")).stages[1]
    assert (of_stage.average_check, of_stage.average_check_sd) == (90, 0)
    funnel = funnel_of(
        f"{key}: {{mean: 90, sd: 140}}\n{STAGES % ('', '')}"
        f"breakdowns: {{c: {{X: {{counts: [60, 30], {key}: {{mean: 80, sd: 9}}}}, Z: [40, 10], "
        f"W: {{counts: [0, 0], {key}: 70}}}}}}\n"
    )
    sales = [segment_funnel(funnel, each).stages[1] for each in funnel.breakdowns[0].segments]
    assert [(each.average_check, each.average_check_sd) for each in sales] == [(80, 9), (90, 140), (70, None)]


def test_money_of_three_decimals_with_its_spread() -> None:
    """12.400 dinar are twelve and a fraction; 12.400 euro may be twelve thousand."""
    text = "average_check: {mean: 12.400, sd: 1.500}\n" + STAGES % ("", ", open: [1.250]")
    (funnel,) = read(f"currency: KWD\n{text}".encode(), "test.yaml").funnels
    sale = funnel.stages[1]
    assert (sale.average_check, sale.average_check_sd, sale.open_amounts) == (F(62, 5), F(3, 2), (F(5, 4),))
    (refused,) = read(f"currency: EUR\n{text}".encode(), "test.yaml").diagnostics  # three places of one cause
    assert refused.problem.code == "FN212"
    assert all(number in str(refused.problem.help) for number in ("12400", "1500", "1250"))


def test_variation_is_a_rate() -> None:
    assert funnel_of("variation: 10%\n" + STAGES % ("", "")).variation == F(1, 10)
    assert funnel_of(STAGES % ("", "")).variation is None


@pytest.mark.parametrize(("median", "p90"), [("6", "21"), ("0.5", "0.6"), ("30", "400"), ("1e-6", "1e-3")])
def test_days_are_the_mean_of_the_lognormal_distribution_with_these_quantiles(median: str, p90: str) -> None:
    stage = funnel_of(STAGES % ("", f", days: {{median: {median}, p90: {p90}}}")).stages[1]
    assert stage.days_quantiles == (F(median), F(p90))
    assert stage.days is not None
    judge = stats.lognorm(math.log(float(p90) / float(median)) / stats.norm.ppf(0.9), scale=float(median))
    assert (judge.ppf(0.5), judge.ppf(0.9)) == pytest.approx((float(median), float(p90)))
    assert float(stage.days) == pytest.approx(judge.mean(), rel=1e-8)


def test_equal_quantiles_are_one_time() -> None:
    assert lognormal_mean(6, 6) == 6
    assert lognormal_mean(0, 0) == 0
    assert isinstance(lognormal_mean(6, 5), Problem)


def test_open_units_by_their_amounts() -> None:
    stages = funnel_of(STAGES % (", open: [3950, 2800.50, 0]", ", open: []")).stages
    assert [(stage.open, stage.open_amounts) for stage in stages] == [(3, (3950, F(5601, 2), 0)), (0, ())]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (", open: 60", ", open: 40"),
        (", open: 61, allow_growth: true", ", allow_growth: true"),
        (", open: 100", ", allow_growth: true"),
    ],
)
def test_as_many_units_are_open_as_have_not_gone_on(first: str, second: str) -> None:
    reading = read((STAGES % (first, second)).encode(), "test.yaml")
    assert bool(reading.diagnostics) == ("61" in first and "growth" not in second)


def test_a_stated_conversion_counts_nobody() -> None:
    text = "stages:\n  - {name: A, count: 10, open: 8}\n  - {name: B, conversion: 50%, open: 9}\n"
    assert not read(text.encode(), "test.yaml").diagnostics


PIPELINE = """\
average_check: 5000
stages:
  - {name: Qualified, open: 20, close_chance: 10%}
  - {name: Demo}
  - {name: Won, role: customer, target: 50%}
"""


def test_a_pipeline_without_history_has_no_counts() -> None:
    funnel = funnel_of(PIPELINE)
    assert not funnel.is_counted
    assert [stage.units for stage in funnel.stages] == [None, None, None]
    assert funnel.stages[0] == Stage("Qualified", None, 0, open=20, close_chance=F(1, 10), unknown=True)
    assert funnel.stages[2].average_check == 5000


@pytest.mark.parametrize("change", [("close_chance: 10%", "role: lead"), ("{name: Demo}", "{name: Demo, count: 5}")])
def test_all_counts_are_left_out_or_none(change: tuple[str, str]) -> None:
    reading = read(PIPELINE.replace(*change).encode(), "test.yaml")
    assert {each.problem.code for each in reading.diagnostics} == {"FN102"}


def test_the_deviation_of_all_checks_is_that_of_the_mixture_of_the_segments() -> None:
    """30 sales of 80 and 10 of 120 on average, by the law of total variance: with one unknown, none is known."""
    text = STAGES % ("", "") + (
        "breakdowns: {c: {X: {counts: [60, 30], average_check: {mean: 80, sd: 9}}, "
        "Z: {counts: [40, 10], average_check: {mean: 120, sd: 40}}}}\n"
    )
    sale = funnel_of(text).stages[1]
    assert sale.average_check == 90
    within, between = (30 * 9**2 + 10 * 40**2) / 40, (30 * 10**2 + 10 * 30**2) / 40
    assert float(sale.average_check_sd or 0) == pytest.approx(math.sqrt(within + between))
    assert funnel_of(text.replace("{mean: 120, sd: 40}", "120")).stages[1].average_check_sd is None
