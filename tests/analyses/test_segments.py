"""A funnel by a dimension: sums, marks against statsmodels, folding, time."""

from __future__ import annotations

from fractions import Fraction

import pytest
from scipy.stats import fisher_exact
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint, proportions_ztest

from funnelcli.analyses.bottleneck import bottleneck_by, find_bottleneck
from funnelcli.analyses.breakdowns import segment_funnel
from funnelcli.analyses.figures import figure
from funnelcli.analyses.segments import SegmentReport, break_down
from funnelcli.diagnostics import Problem
from funnelcli.metrics import METRICS, Selector
from tests.conftest import SAMPLES
from tests.stats.test_decomposition import funnel_of

CHANNELS = funnel_of((SAMPLES / "channels_and_managers.yaml").read_text(encoding="utf-8"))
ROWS = {
    "Ads": [5000, 300, 120, 24],
    "Search": [3000, 360, 180, 54],
    "Referrals": [600, 150, 90, 36],
    "Fairs": [400, 40, 10, 2],
}
TOTAL = [9000, 850, 400, 116]


def by(dimension: str, **options: object) -> SegmentReport:
    report = break_down(CHANNELS, dimension, **options)  # type: ignore[arg-type]
    assert not isinstance(report, Problem)
    return report


def test_counts_shares_and_money() -> None:
    report = by("channel")
    assert {row.name: list(row.counts) for row in report.segments} == ROWS
    assert list(report.total.counts) == TOTAL
    ads = report.segments[0]
    assert (ads.share, ads.sales_share) == (Fraction(5000, 9000), Fraction(24, 116))
    assert (ads.revenue, ads.budget) == (24 * 1200, 12000)
    assert (report.total.revenue, report.total.budget) == (116 * 1200, 29000)
    assert ads.conversions == (None, Fraction(300, 5000), Fraction(120, 300), Fraction(24, 120))
    low, high = proportion_confint(24, 5000, method="wilson")
    assert (ads.overall_conversion_low, ads.overall_conversion_high) == (pytest.approx(low), pytest.approx(high))


def test_marks_are_tests_against_all_others_with_holm() -> None:
    """Pooled z, Fisher's where an expected count is below 5, and in the tail below 100; Holm over all of them, 5%.

    The overall conversion is one of them.
    """
    report = by("channel")
    expected = []
    for counts in ROWS.values():
        for origin, step in ((0, 3), (0, 1), (1, 2), (2, 3)):
            came, could = counts[step], counts[origin]
            others = TOTAL[step] - came, TOTAL[origin] - could
            whole = TOTAL[origin]
            smallest = min(c * r / whole for c in (TOTAL[step], whole - TOTAL[step]) for r in (could, others[1]))
            z = proportions_ztest([came, others[0]], [could, others[1]])[1]
            if smallest < 5 or (z < 0.05 and smallest < 100):
                table = [[came, could - came], [others[0], others[1] - others[0]]]
                expected.append(fisher_exact(table).pvalue)
            else:
                expected.append(z)
    corrected = multipletests(expected, method="holm")[1]
    found = [
        value
        for row in report.segments
        for value in (row.overall.p_value_holm, *row.p_values_holm)
        if value is not None
    ]
    assert found == pytest.approx(list(corrected), rel=1e-9)
    assert report.tests == 16
    assert [row.overall.differs for row in report.segments] == [-1, 1, 1, 0]
    marks = {row.name: row.differs for row in report.segments}
    assert marks == {
        "Ads": (0, -1, -1, 0),
        "Search": (0, 1, 0, 0),
        "Referrals": (0, 1, 1, 0),
        "Fairs": (0, 0, -1, 0),
    }


def test_the_rest_is_added_up() -> None:
    report = by("channel", sort="sales", top=2)
    assert [row.name for row in report.segments] == ["Search", "Referrals"]
    assert report.folded == 2
    assert report.other is not None
    assert list(report.other.counts) == [5400, 340, 130, 26]
    assert report.other.budget == 20000
    assert list(report.total.counts) == TOTAL


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("file", ["Ads", "Search", "Referrals", "Fairs"]),
        ("name", ["Ads", "Fairs", "Referrals", "Search"]),
        ("entries", ["Ads", "Search", "Referrals", "Fairs"]),
        ("conversion", ["Referrals", "Search", "Fairs", "Ads"]),
        ("budget", ["Ads", "Search", "Fairs", "Referrals"]),
        ("profit", ["Search", "Ads", "Fairs", "Referrals"]),
    ],
)
def test_orders(sort: str, order: list[str]) -> None:
    assert [row.name for row in by("channel", sort=sort).segments] == order


def test_periods_have_changes() -> None:
    funnel = funnel_of((SAMPLES / "periods.yaml").read_text(encoding="utf-8"))
    report = break_down(funnel, "Period")
    assert not isinstance(report, Problem)
    assert report.is_time
    assert [(row.sales_change, row.sales_change_rate) for row in report.segments] == [
        (None, None),
        (6, Fraction(6, 64)),
        (-2, Fraction(-2, 70)),
    ]


def test_an_unknown_dimension_is_a_problem() -> None:
    problem = break_down(CHANNELS, "chanel")
    assert isinstance(problem, Problem)
    assert problem.help == 'did you mean "channel"?'


def test_bottlenecks_by_segment() -> None:
    result = bottleneck_by(CHANNELS, "manager")
    assert not isinstance(result, Problem)
    assert [each.name for each in result.segments] == ["Anna", "Mark", "Olga"]
    assert {each.lowest for each in result.segments} == {"Leads"}
    assert result.dimension == "manager"


def test_marks_do_not_depend_on_what_is_shown() -> None:
    """Referrals' sales are the best of four and not more than chance; nor are they when only two are shown."""
    for options in ({}, {"top": 2, "sort": "sales"}, {"top": 1, "sort": "conversion"}):
        report = by("channel", **options)
        referrals = next(row for row in report.segments if row.name == "Referrals")
        assert referrals.differs == (0, 1, 1, 0)
        assert report.tests == 16


def test_two_segments_are_one_comparison() -> None:
    """Each against all others is the same test twice: Ann 137 of 1000, Bob 106, p = 0.034."""
    funnel = funnel_of("stages: [{name: A}, {name: B}]\nbreakdowns: {manager: {Ann: [1000, 137], Bob: [1000, 106]}}\n")
    report = break_down(funnel, "manager")
    assert not isinstance(report, Problem)
    assert report.tests == 1
    p_value = proportions_ztest([137, 106], [1000, 1000])[1]
    assert [row.p_values_holm[1] for row in report.segments] == [pytest.approx(p_value)] * 2
    assert [row.differs[1] for row in report.segments] == [1, -1]


NEWEST_FIRST = """\
stages: [{name: A}, {name: B}]
breakdowns:
  month: {"2026-10": [400, 100], "2026-09": [300, 60], "2026-08": [300, 30]}
"""


def test_periods_follow_time_however_they_are_written() -> None:
    report = break_down(funnel_of(NEWEST_FIRST), "month")
    assert not isinstance(report, Problem)
    assert [(row.name, row.sales_change) for row in report.segments] == [
        ("2026-08", None),
        ("2026-09", 30),
        ("2026-10", 40),
    ]


def test_the_latest_periods_are_shown() -> None:
    report = break_down(funnel_of(NEWEST_FIRST), "month", top=2)
    assert not isinstance(report, Problem)
    assert [(row.name, row.sales_change) for row in report.segments] == [("2026-09", 30), ("2026-10", 40)]
    assert report.other is not None
    assert report.other.counts == (300, 30)


def test_names_that_are_no_dates_stay_in_the_order_of_the_file() -> None:
    text = NEWEST_FIRST.replace('"2026-10"', "third").replace('"2026-09"', "second").replace('"2026-08"', "first")
    report = break_down(funnel_of(text), "month")
    assert not isinstance(report, Problem)
    assert [row.name for row in report.segments] == ["third", "second", "first"]


def test_a_bottleneck_with_a_referral_gains_what_a_scenario_gains() -> None:
    """1000, 100, 20, each sale refers one lead: 80 leads by themselves; at a rate of 30%, 80 / 0.7 x 0.3 sales."""
    text = (
        "average_check: 10\nstages:\n  - {name: Visits, count: 1000}\n  - {name: Leads, count: 100}\n"
        "  - {name: Sales, count: 20, target: 30%}\nreferral: {from: Sales, brings: 1, to: Leads}\n"
    )
    (step,) = (step for step in find_bottleneck(funnel_of(text)).steps if step.name == "Sales")
    assert step.headroom_sales == Fraction(80, 1) / Fraction(7, 10) * Fraction(3, 10) - 20


@pytest.mark.parametrize("sort", ["sales", "revenue"])
def test_the_largest_sales_and_revenue_come_first(sort: str) -> None:
    """One check for all: 54, 36, 24 and 2 sales."""
    assert [row.name for row in by("channel", sort=sort).segments] == ["Search", "Referrals", "Ads", "Fairs"]


def test_what_lacks_the_figure_comes_last_in_the_order_of_the_file() -> None:
    funnel = funnel_of(
        "average_check: 10\nstages: [{name: A}, {name: B}]\n"
        "breakdowns: {channel: {Free: [9, 1], Low: {counts: [9, 2], budget: 0}, Nor: [9, 3], "
        "High: {counts: [9, 4], budget: 7}}}\n"
    )
    report = break_down(funnel, "channel", sort="budget")
    assert not isinstance(report, Problem)
    assert [row.name for row in report.segments] == ["High", "Low", "Free", "Nor"]
    assert report.unbudgeted == ("Free", "Nor")
    assert [row.budget for row in report.segments] == [7, 0, None, None]


def test_a_rest_of_which_one_has_no_budget_has_none() -> None:
    """Referrals and Fairs, which spent 8,000: what both spent nobody knows. Two without any have none either."""
    report = by("channel", top=2)
    assert report.other is not None
    assert (list(report.other.counts), report.other.budget) == ([1000, 190, 100, 38], None)
    one = by("channel", top=3)
    assert one.other is not None
    assert one.other.budget == 8000
    none = by("manager", top=1)
    assert none.other is not None
    assert none.other.budget is None


def test_as_many_as_there_are_leave_no_rest() -> None:
    for top, shown, folded in ((3, 3, 1), (4, 4, 0), (5, 4, 0), (None, 4, 0)):
        report = by("channel", top=top)
        assert (len(report.segments), report.folded, report.other is None) == (shown, folded, folded == 0)


def test_segments_that_are_no_periods_follow_nothing() -> None:
    """Nor do periods that are sorted by something else: then the largest are shown, not the latest."""
    report = by("channel")
    assert (report.is_time, report.in_order) == (False, False)
    assert [row.sales_change for row in report.segments] == [None] * 4
    months = funnel_of(NEWEST_FIRST)
    largest = break_down(months, "month", sort="sales", top=2)
    assert not isinstance(largest, Problem)
    assert (largest.is_time, largest.in_order) == (True, True)
    assert [(row.name, row.sales_change) for row in largest.segments] == [("2026-10", None), ("2026-09", None)]
    rest = bottleneck_by(months, "month", sort="sales", top=2)
    latest = bottleneck_by(months, "month", top=2)
    assert not isinstance(rest, Problem)
    assert not isinstance(latest, Problem)
    assert [each.name for each in rest.segments] == ["2026-10", "2026-09"]
    assert [each.name for each in latest.segments] == ["2026-09", "2026-10"]
    assert (rest.folded, latest.folded) == (1, 1)


def test_a_segment_has_its_own_money_and_the_targets_and_costs_of_the_funnel() -> None:
    """Ads: 30 at 5 of 50% less 60 x 1; SEO: 20 at 8 of 25% less 40 x 1; nothing is known of what SEO spent."""
    funnel = funnel_of(
        "average_check: 8\ngross_margin: 25%\nstages: [{name: A, cost: 1}, {name: B, target: 60%}]\n"
        "breakdowns: {channel: {Ads: {counts: [60, 30], average_check: 5, gross_margin: 50%, budget: 9}, "
        "SEO: [40, 20]}}\n"
    )
    ads, seo = (segment_funnel(funnel, each) for each in funnel.breakdowns[0].segments)
    assert [figure(each, Selector(METRICS["gross_profit"])) for each in (ads, seo)] == [
        30 * 5 * Fraction(1, 2) - 60,
        20 * 8 * Fraction(1, 4) - 40,
    ]
    assert (ads.budget, ads.unbudgeted, seo.budget, seo.unbudgeted) == (9, (), None, ("SEO",))
    assert [stage.target for stage in ads.stages] == [None, Fraction(3, 5)]
    assert ads.breakdowns == ads.checks == ads.scenarios == ()


def test_steps_of_weights_and_of_growth_are_not_tested() -> None:
    """Half a lead is no sample, of a segment or of all others, nor 40 of 30; the first step and the whole are."""
    funnel = funnel_of(
        "stages: [{name: A}, {name: B}, {name: C}, {name: D, allow_growth: true}]\n"
        "breakdowns: {channel: {Ads: [100, 40, 20.5, 10], SEO: [100, 60, 30, 40], Mail: [100, 50, 30, 20]}}\n"
    )
    report = break_down(funnel, "channel")
    assert not isinstance(report, Problem)
    assert report.tests == 6
    assert [[value is not None for value in row.p_values_holm] for row in report.segments] == [
        [False, True, False, False]
    ] * 3


def test_the_total_of_measured_segments_has_each_unit_once() -> None:
    """61 and 40 of 100: one visitor came by both; the share of each is of the 100."""
    funnel = funnel_of(
        "stages: {Visits: 100, Sales: 50}\nbreakdowns: {channel: {Ads: [61, 30], SEO: [40, 20]}}\n"
        "measured: {counted_again: {channel: [1, 0]}, not_mature: [SEO]}\n"
    )
    report = break_down(funnel, "channel")
    assert not isinstance(report, Problem)
    assert (report.total.counts, report.counted_again, report.not_mature) == ((100, 50), (1, 0), ("SEO",))
    assert [row.share for row in report.segments] == [Fraction(61, 100), Fraction(40, 100)]


def test_parts_that_do_not_add_up_are_told() -> None:
    funnel = funnel_of(
        "average_check: 10\nbudget: 100\nstages: {A: 100, B: 50}\n"
        "breakdowns: {channel: {Ads: {counts: [60, 30], budget: 40, average_check: 12}, "
        "SEO: {counts: [40, 20], budget: 50}}, manager: {Ann: {counts: [60, 30], budget: 40}, Bob: [40, 20]}}\n"
    )
    report = break_down(funnel, "channel")
    assert not isinstance(report, Problem)
    assert report.gaps == (("revenue", 560, 500, "checks"), ("budget", 90, 100, None))
    other = break_down(funnel, "manager")
    assert not isinstance(other, Problem)
    assert other.gaps == ()  # nobody knows what Bob spent
