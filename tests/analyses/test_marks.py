"""Which segments differ: managers by hand, periods against a regression of their own, cohorts that still grow."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from funnelcli.analyses.segments import break_down
from funnelcli.measure import Measured
from funnelcli.stats.intervals import wilson_bounds
from tests.calibration.worlds import broken_down, weeks

OFFERS = (29, 31, 27, 33, 30, 28, 32, 31, 29, 42)
WEEKS = (512, 431, 478, 602, 540, 495, 189, 577, 463)


def managers(rows, **more):
    return break_down(broken_down("manager", rows), "manager", **more)


def by_week(sold=WEEKS, entries=5000, **more):
    rows = [(entries, sales) for sales in sold]
    return break_down(broken_down("week", rows, weeks(len(rows)), **more), "week")


def test_ten_managers_whose_rates_differ_by_chance_have_no_mark():
    report = managers([(100, sold) for sold in OFFERS])
    assert report.tests == 10
    assert {row.overall.differs for row in report.segments} == {0}
    assert {row.differs for row in report.segments} == {(0, 0)}
    assert report.one_rate
    assert {row.shrunken for row in report.segments} == {0.312}
    assert {row.chance_best for row in report.segments} == {None}


def test_three_managers_who_differ_have_marks():
    """60 of 1,200, 34 of 1,490, 41 of 1,105: chi-square 14.7 with 2 degrees of freedom, p = 0.0006."""
    report = managers([(1200, 60), (1490, 34), (1105, 41)])
    assert [row.overall.differs for row in report.segments] == [1, -1, 0]
    assert not report.one_rate
    first = report.segments[0]
    assert first.overall.p_value == pytest.approx(stats.chi2_contingency([[60, 1140], [75, 2520]], False).pvalue)
    assert first.overall.difference_low > 0
    assert first.overall.lift == pytest.approx((60 / 1200) / (75 / 2595) - 1)
    assert first.overall.lift_low > 0


def test_the_overall_conversion_of_two_stages_is_their_step_and_one_test():
    report = managers([(1200, 60), (1490, 34), (1105, 41)])
    assert report.tests == 3
    assert all(row.overall.p_value_holm == row.p_values_holm[1] for row in report.segments)


def test_two_segments_are_one_test_that_goes_both_ways():
    report = managers([(1000, 300, 137), (1000, 310, 80)])
    assert report.tests == 3
    assert [row.overall.differs for row in report.segments] == [1, -1]
    assert [row.differs for row in report.segments] == [(0, 0, 1), (0, 0, -1)]


def t_against_others(sold, at, entries=5000):
    """A quasi-binomial test of one period against the others, its dispersion that of the others: by SciPy's pieces.

    With a degree of freedom less than the dispersion has.
    """
    others = [sales for index, sales in enumerate(sold) if index != at]
    table = [others, [entries - sales for sales in others]]
    phi = stats.chi2_contingency(table).statistic / (len(others) - 1)
    rate = np.mean(sold) / entries
    apart = sold[at] / entries - np.mean(others) / entries

    t = abs(apart) / math.sqrt(phi * rate * (1 - rate) * (1 / entries + 1 / (entries * len(others))))
    return 2 * stats.t.sf(t, len(others) - 2)


def test_a_period_is_tested_with_the_variation_of_all_others():
    report = by_week()
    assert (report.variation.basis, report.variation.periods, report.tests) == ("estimated", 9, 9)
    for at, row in enumerate(report.segments):
        assert row.overall.p_value == pytest.approx(t_against_others(WEEKS, at), rel=1e-6)
    assert [row.overall.differs for row in report.segments] == [0, 0, 0, 0, 0, 0, -1, 0, 0]


def test_weeks_that_vary_as_usual_have_no_mark():
    """Without the one that fell they vary by 11%: of the binomial tests, four would be marked."""
    usual = (512, 431, 478, 602, 540, 495, 577, 463)
    assert {row.overall.differs for row in by_week(usual).segments} == {0}
    assert sum(row.overall.differs != 0 for row in by_week(usual[:7]).segments) >= 3


def test_few_weeks_are_tested_with_what_is_stated():
    found = by_week(WEEKS[:7])
    assert (found.variation.basis, found.segments[3].overall.differs) == ("constant", 1)
    stated = by_week(WEEKS[:7], variation=0.12)
    assert stated.variation.basis == "stated"
    assert [row.overall.differs for row in stated.segments] == [0, 0, 0, 0, 0, 0, -1]


def test_weeks_that_vary_less_than_chance_are_tested_as_counts_alone():
    even = (500, 501, 499, 500, 502, 498, 500, 500, 420)
    row = by_week(even).segments[-1]
    others = sum(even[:-1])
    table = [[420, 4580], [others, 40_000 - others]]
    assert row.overall.p_value == pytest.approx(stats.chi2_contingency(table, False).pvalue)


def test_cohorts_that_still_grow_are_neither_tested_nor_part_of_the_others():
    names = weeks(9)
    found = by_week((*WEEKS[:8], 40), measured=Measured(not_mature=(names[8],)))
    alone = by_week(WEEKS[:8])
    assert found.tests == alone.tests == 8
    assert found.segments[8].overall.differs == 0
    assert found.segments[8].overall.p_value is None
    assert found.segments[8].shrunken is None
    for row, other in zip(found.segments[:8], alone.segments, strict=True):
        assert row.overall == other.overall
        assert row.p_values_holm == other.p_values_holm


def test_periods_have_no_best_one():
    assert {row.chance_best for row in by_week().segments} == {None}


def test_channels_of_a_period_are_tested_as_counts_alone_whatever_varies():
    rows = [(1200, 60), (1490, 34), (1105, 41)]
    plain = managers(rows)
    varying = break_down(broken_down("manager", rows, variation=0.1), "manager")
    assert [row.overall.p_value for row in varying.segments] == [row.overall.p_value for row in plain.segments]
    assert varying.segments[0].overall.low < plain.segments[0].overall.low


@pytest.mark.parametrize(
    "rows",
    [
        [(0, 0, 0), (0, 0, 0)],
        [(10, 10, 10), (20, 20, 20)],
        [(100, 0, 0), (5, 0, 0), (0, 0, 0)],
        [(5, 4, 3)],
        [(0, 0, 0), (10, 5, 1)],
    ],
)
def test_segments_where_nothing_can_differ(rows):
    report = managers(rows)
    assert {row.overall.differs for row in report.segments} == {0}
    assert all(row.shrunken is None or 0 <= row.shrunken <= 1 for row in report.segments)


def test_the_order_by_conversion_is_that_of_the_shrunken_one():
    """3 of 3 is not the best: shrunken it is below 60 of 100."""
    report = managers([(3, 3), (100, 60), (100, 10), (200, 30), (100, 20), (150, 30)], sort="conversion")
    assert [row.counts for row in report.segments][:2] == [(100, 60), (3, 3)]
    shrunken = [row.shrunken for row in report.segments]
    assert shrunken == sorted(shrunken, reverse=True)


def test_the_usual_is_where_a_period_of_the_common_rate_is_expected():
    """The range of the common rate, as wide as a week's: four out of five weeks or more lie in it."""
    report = by_week()
    rate = sum(WEEKS) / 45_000
    table = [list(WEEKS), [5000 - sold for sold in WEEKS]]
    phi = stats.chi2_contingency(table).statistic / 8
    times = phi * (stats.t.ppf(0.975, 8) / stats.norm.ppf(0.975)) ** 2
    low, high = wilson_bounds(rate * 5000 / times, 5000 / times)
    for row in report.segments:
        assert (row.usual_low, row.usual_high) == (pytest.approx(low), pytest.approx(high))
    inside = sum(row.usual_low <= row.overall_conversion <= row.usual_high for row in report.segments)
    assert inside >= 8


def test_the_usual_of_constant_rates_is_that_of_chance_alone():
    row = by_week(WEEKS[:4]).segments[0]
    rate = sum(WEEKS[:4]) / 20_000
    assert (row.usual_low, row.usual_high) == pytest.approx(wilson_bounds(rate * 5000, 5000))


def test_only_periods_have_a_usual():
    assert managers([(100, 20), (100, 30)]).segments[0].usual_low is None
