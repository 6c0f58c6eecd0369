"""What a funnel tells of the variation of its rates, and where that goes: intervals of all analyses alike."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from funnelcli.analyses.breakdowns import segment_funnel
from funnelcli.analyses.conversion import convert
from funnelcli.analyses.segments import break_down
from funnelcli.analyses.variation import (
    dispersed_rate,
    effective_sample,
    rate_variation,
    variation_of,
    varied,
)
from funnelcli.measure import Measured
from funnelcli.segments import Breakdown, Segment
from funnelcli.stats.variation import CONSTANT
from tests.calibration.worlds import broken_down, chain, weeks
from tests.score_bounds import score_bounds

SALES = (512, 431, 478, 602, 540, 495, 389, 577, 463)
COUNTS = [(5000, 1000 + 20 * index, sold) for index, sold in enumerate(SALES)]


def weekly(counts=COUNTS, **more):
    return broken_down("week", counts, weeks(len(counts)), **more)


def phi(pairs):
    """Pearson's chi-square over its degrees of freedom, by SciPy."""
    table = [[came for came, _ in pairs], [could - came for came, could in pairs]]
    return stats.chi2_contingency(table, correction=False).statistic / (len(pairs) - 1)


def test_nine_weeks_tell_the_variation():
    found = variation_of(weekly())
    assert (found.basis, found.dimension, found.periods) == ("estimated", "week", 9)
    common = sum(SALES) / 45_000
    assert found.overall == pytest.approx(
        math.sqrt((phi([(s, 5000) for s in SALES]) - 1) / 4999 * (1 - common) / common)
    )
    assert found.steps[0] is None
    assert all(step > 0 for step in found.steps[1:])


def test_seven_weeks_do_not():
    assert variation_of(weekly(COUNTS[:7])).basis == "constant"
    assert dispersed_rate(weekly(COUNTS[:7]), 2, 0) == CONSTANT


def test_what_is_stated_counts_whatever_the_periods_are():
    found = variation_of(weekly(variation=0.1))
    assert (found.basis, found.dimension, found.periods) == ("stated", None, None)
    assert found.steps == (None, pytest.approx(0.1), pytest.approx(0.1))
    assert found.overall == pytest.approx(0.1 * math.sqrt(2))


def test_one_period_with_a_stated_variation():
    funnel = chain([5000, 500], variation=0.1)
    assert dispersed_rate(funnel, 1).phi == pytest.approx(1 + 4999 * 0.01 * 0.1 / 0.9)
    assert rate_variation(funnel, 1) == pytest.approx(0.1)
    low, high = convert(funnel).stages[1].conversion_low, convert(funnel).stages[1].conversion_high
    assert (low, high) == pytest.approx(score_bounds(500, 5000, 0.1), rel=1e-6)


def test_many_periods_vary_less_than_one():
    funnel = weekly(variation=0.1)
    assert rate_variation(funnel, 2, 0) == pytest.approx(0.1 * math.sqrt(2 / 9))
    assert rate_variation(weekly(), 2, 0) == pytest.approx(variation_of(weekly()).overall / 3)
    assert rate_variation(chain([100, 10]), 1) == 0 == rate_variation(funnel, 0)


def test_the_interval_is_the_same_in_every_analysis():
    funnel = weekly()
    row = break_down(funnel, "week").segments[3]
    own = segment_funnel(funnel, funnel.breakdowns[0].segments[3], varied(funnel, funnel.breakdowns[0]))
    alone = convert(own)
    assert (row.overall_conversion_low, row.overall_conversion_high) == (
        alone.overall_conversion_low,
        alone.overall_conversion_high,
    )
    whole, total = convert(funnel), break_down(funnel, "week").total
    assert (whole.overall_conversion_low, whole.overall_conversion_high) == (
        total.overall_conversion_low,
        total.overall_conversion_high,
    )


def test_the_interval_of_a_period_has_its_variation_and_students_t():
    row = break_down(weekly(), "week").segments[3]
    common = sum(SALES) / 45_000
    variation = math.sqrt((phi([(s, 5000) for s in SALES]) - 1) / 4999 * (1 - common) / common)
    low, high = score_bounds(602, 5000, variation, quantile=stats.t.ppf(0.975, 8))
    assert (row.overall_conversion_low, row.overall_conversion_high) == pytest.approx((low, high), rel=1e-6)


def test_cohorts_that_still_grow_tell_nothing():
    names = weeks(9)
    funnel = weekly(measured=Measured(not_mature=tuple(names[7:])))
    assert variation_of(funnel).basis == "constant"
    assert variation_of(weekly(measured=Measured(not_mature=tuple(names[8:])))).periods == 8


def test_channels_keep_the_variation_of_their_funnel_with_its_number_of_periods():
    by_channel = Breakdown("channel", (Segment("Ads", (30_000, 6000, 3000)), Segment("SEO", (15_000, 3720, 1487))))
    funnel = weekly()
    funnel = funnel._replace(breakdowns=(by_channel, *funnel.breakdowns))
    kept = varied(funnel, by_channel)
    assert (kept.dimension, kept.periods) == ("week", 9)
    assert kept.spans == pytest.approx(9)
    ads = segment_funnel(funnel, by_channel.segments[0], kept)
    assert variation_of(ads) == variation_of(funnel)
    assert effective_sample(ads, 2, 0)[1] < 30_000


def test_periods_that_are_compared_do_not_judge_themselves():
    funnel = weekly()
    kept = varied(funnel, funnel.breakdowns[0], without=("2026-W04", "2026-W07"))
    assert kept.periods == 7
    spreads = dict(kept.spreads)
    others = [(sold, 5000) for index, sold in enumerate(SALES) if index not in (3, 6)]
    common = sum(sold for sold, _ in others) / 35_000
    assert spreads[0, 2][0] == pytest.approx((phi(others) - 1) / 4999 * (1 - common) / common)
    assert spreads[0, 2][1] == 6


@pytest.mark.parametrize(
    "counts",
    [
        [(0, 0, 0)] * 9,
        [(10, 10, 10)] * 9,
        [(100, 0, 0)] * 9,
        [(1, 1, 0)] * 9,
    ],
)
def test_periods_in_which_nothing_can_vary(counts):
    funnel = weekly(counts)
    assert variation_of(funnel).basis in ("estimated", "constant")
    assert break_down(funnel, "week").segments[0].differs == (0, 0, 0)
