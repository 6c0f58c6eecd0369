"""The variation between periods: a quasi-binomial fit of statsmodels, SciPy's t, sums by hand, drawn truths."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM

from funnelcli.stats.intervals import wilson_bounds
from funnelcli.stats.normal import critical_z
from funnelcli.stats.tests import two_proportion_test
from funnelcli.stats.variation import (
    CONSTANT,
    Dispersed,
    Spread,
    chance_of_spread,
    dispersed,
    dispersed_test,
    spread,
    spreads_of_others,
    t_quantile,
    t_test,
    varying_bounds,
    widened,
)
from tests.score_bounds import score_bounds

WEEKS = [(512, 5000), (431, 5000), (478, 5000), (602, 5000), (540, 5000), (495, 5000), (389, 5000), (577, 5000)]


def drawn(random, rate, variation, sizes):
    """Samples of periods whose true rates vary so much."""
    size = (1 - rate) / (rate * variation**2) - 1
    rates = random.beta(rate * size, (1 - rate) * size, len(sizes))
    return [(int(came), int(n)) for came, n in zip(random.binomial(sizes, rates), sizes, strict=True)]


def test_phi_of_equal_periods_is_that_of_the_quasi_binomial_fit():
    came = np.array([pair[0] for pair in WEEKS])
    binomial = families.Binomial()
    model = GLM(came / 5000, np.ones((8, 1)), family=binomial, var_weights=np.full(8, 5000))
    fit = model.fit(scale="X2")
    found = spread(WEEKS)
    assert found.freedom == fit.df_resid == 7
    assert dispersed(found, came.sum() / 8, 5000).phi == pytest.approx(fit.scale)
    # the variance of the common rate, of all periods together, is as many times larger
    low, high = fit.conf_int()[0]
    whole = dispersed(found, int(came.sum()), 40_000, periods=8)
    assert whole.phi == pytest.approx(fit.scale)
    assert math.sqrt(whole.phi) == pytest.approx(
        (high - low) / (2 * 1.959964) * math.sqrt(40_000 * (rate := came.sum() / 40_000) * (1 - rate)), rel=1e-6
    )


def test_pearsons_chi_square_is_scipys():
    came = np.array([pair[0] for pair in WEEKS])
    chi_square = stats.chi2_contingency(np.array([came, 5000 - came])).statistic
    assert dispersed(spread(WEEKS), came.mean(), 5000).phi == pytest.approx(chi_square / 7)


@pytest.mark.parametrize("variation", [0.0, 0.1, 0.3])
def test_the_variation_that_was_drawn_is_found(variation):
    random = np.random.default_rng(7)
    sizes = random.integers(200, 6000, 12)
    samples = [
        drawn(random, 0.1, variation, sizes)
        if variation
        else [(int(k), int(n)) for k, n in zip(random.binomial(sizes, 0.1), sizes, strict=True)]
        for _ in range(1500)
    ]
    found = np.mean([spread(each).square for each in samples])
    assert found == pytest.approx(variation**2, abs=0.0004 + 0.05 * variation**2)


def test_the_p_value_of_one_rate_is_scipys_of_neighbours_that_are_enough():
    """Of 40 hours with 3 units each, a third of whom come, 5 are expected of each 5 hours: 8 groups of 15."""
    came = [1, 0, 2, 1, 1, 3, 0, 0, 1, 2] * 4
    samples = [(each, 3) for each in came]
    rate = sum(came) / 120
    assert 15 * rate >= 5 > 12 * rate
    groups = np.array(came).reshape(8, 5).sum(axis=1)
    assert chance_of_spread(samples) == pytest.approx(stats.chi2_contingency([groups, 15 - groups]).pvalue)
    rest = chance_of_spread([*samples, (0, 3), (1, 3)])  # too few of their own: they are of the last group
    groups[-1] += 1
    sizes = np.array([15] * 7 + [21])
    assert rest == pytest.approx(stats.chi2_contingency([groups, sizes - groups]).pvalue)
    weeks = np.array([pair[0] for pair in WEEKS])
    assert chance_of_spread(WEEKS) == pytest.approx(stats.chi2_contingency([weeks, 5000 - weeks]).pvalue, abs=1e-12)
    assert [chance_of_spread(each) for each in ([(1, 5)] * 9, [(0, 50)] * 9, [(50, 50)] * 9, [])] == [None] * 4


@pytest.mark.parametrize(("periods", "entries"), [(8, 1000), (60, 20), (725, 1.6), (725, 20)])
@pytest.mark.parametrize("rate", [0.02, 0.09, 0.5, 0.95])
def test_constant_rates_are_said_to_vary_in_no_more_than_one_of_twenty(periods, entries, rate):
    random, runs = np.random.default_rng(periods), 200
    sizes = random.poisson(entries, (runs, periods))
    logs = zip(random.binomial(sizes, rate), sizes, strict=True)
    found = [chance_of_spread([*zip(came.tolist(), could.tolist(), strict=True)]) for came, could in logs]
    assert sum(each is not None and each < 0.05 for each in found) <= stats.binom.ppf(0.999, runs, 0.05)


def test_true_variation_is_found():
    """Of a tenth, at 5,000 entries a period: power 0.93 by a non-central simulation of 2,000 runs."""
    random = np.random.default_rng(11)
    found = [chance_of_spread(drawn(random, 0.1, 0.1, np.full(8, 5000))) < 0.05 for _ in range(200)]
    assert sum(found) >= 0.85 * 200


def test_leaving_a_period_out_is_beginning_anew():
    samples = [(0, 40), *WEEKS, (3, 12), (10**9, 10**10)]
    for index, found in enumerate(spreads_of_others(samples)):
        again = spread(samples[:index] + samples[index + 1 :])
        assert found.freedom == again.freedom - 1 == 8
        assert found.square == pytest.approx(again.square, rel=1e-6)


@pytest.mark.parametrize(
    "samples", [[], [(3, 10)], [(0, 10), (0, 20)], [(5, 5), (7, 7)], [(1, 1), (0, 1)], [(0, 0)] * 9]
)
def test_where_nothing_tells_there_is_no_variation(samples):
    assert spread(samples) is None
    assert dispersed(None, 3, 10) == CONSTANT


def test_periods_without_trials_say_nothing():
    assert spread([*WEEKS, (0, 0)]) == spread(WEEKS)


@pytest.mark.parametrize("freedom", [1, 2, 7, 11, 200])
def test_t_is_scipys(freedom):
    for t in (1e-9, 0.1, 1, 2.2, 5, 40):
        assert t_test(t, freedom) == pytest.approx(2 * stats.t.sf(t, freedom), rel=1e-9)
    for confidence in (0.5, 0.9, 0.95, 0.999):
        assert t_quantile(freedom, confidence) == pytest.approx(stats.t.ppf(0.5 + confidence / 2, freedom), rel=1e-7)
    assert t_test(0.0, freedom) == 1


def test_a_test_of_two_periods_is_the_pooled_one_with_a_larger_variance():
    a, b = (512, 5000), (389, 5000)
    z = math.sqrt(2) * stats.norm.isf(two_proportion_test(*a, *b).p_value / 2) / math.sqrt(2)
    assert dispersed_test(a, b, CONSTANT, CONSTANT) == pytest.approx(two_proportion_test(*a, *b).p_value)
    stated = Dispersed(3.0, None)
    assert dispersed_test(a, b, stated, stated) == pytest.approx(2 * stats.t.sf(z / math.sqrt(3), 100))
    guessed = Dispersed(3.0, 6)
    assert dispersed_test(a, b, guessed, guessed) == pytest.approx(2 * stats.t.sf(z / math.sqrt(3), 6))
    assert dispersed_test((0, 10), (0, 20), stated, stated) == 1
    assert dispersed_test((3, 10), (0, 0), stated, CONSTANT) == 1


def test_intervals_widen_by_the_root_of_phi():
    stated = dispersed(Spread(0.01, None), 500, 5000)
    assert stated.phi == pytest.approx(1 + 4999 * 0.01 * 0.1 / 0.9)
    times = widened(stated)
    assert times == stated.phi
    (low, high), wide = wilson_bounds(500_000, 5_000_000), wilson_bounds(500_000 / times, 5_000_000 / times)
    assert (wide[1] - wide[0]) / (high - low) == pytest.approx(math.sqrt(times), rel=1e-4)
    guessed = widened(Dispersed(2.0, 7), 0.9)
    assert guessed == pytest.approx(2 * (stats.t.ppf(0.95, 7) / critical_z(0.9)) ** 2)


def test_the_dispersion_is_never_below_that_of_chance_alone():
    assert widened(Dispersed(0.2, 11)) == 1
    assert widened(dispersed(Spread(-0.5, 11), 10, 100)) == 1
    assert Spread(-0.5, 11).coefficient == 0


@pytest.mark.parametrize(("came", "could"), [(0, 100), (100, 100), (0, 1), (1, 1)])
def test_none_and_all_have_a_finite_dispersion(came, could):
    assert 1 <= dispersed(Spread(0.01, None), came, could).phi < could + 1


def test_units_of_one_period_are_never_more_alike_than_one_unit():
    assert dispersed(Spread(4.0, None), 99, 100).phi == pytest.approx(100)


@pytest.mark.parametrize("periods", [1, 12])
@pytest.mark.parametrize("rate", [0.02, 0.5, 0.65])
@pytest.mark.parametrize("could", [200, 5000])
def test_bounds_of_a_rate_that_varies_are_roots_of_the_score_equation(could, rate, periods):
    came = round(could * rate)
    for variation, freedom in ((0.1, None), (0.05, 9), (0.3, None) if rate < 0.5 else (0.02, None)):
        quantile = stats.norm.ppf(0.975) if freedom is None else stats.t.ppf(0.975, freedom)
        found = varying_bounds(Spread(variation**2, freedom), could / periods, came, could)
        assert found == pytest.approx(score_bounds(came, could, variation, periods, quantile), rel=1e-6)


@pytest.mark.parametrize("could", [200, 5000])
@pytest.mark.parametrize("rate", [0.1, 0.5, 0.7, 0.9])
def test_the_truth_is_above_or_below_in_no_more_than_what_is_said(rate, could):
    samples = drawn(np.random.default_rng(11), rate, 0.1, np.full(4000, could))
    bounds = {came: varying_bounds(Spread(0.01, None), could, came, could) for came in {came for came, _ in samples}}
    assert sum(bounds[came][1] < rate for came, _ in samples) <= 0.035 * 4000
    assert sum(bounds[came][0] > rate for came, _ in samples) <= 0.035 * 4000


@pytest.mark.parametrize("sample", [(7, 50), (50, 50), (10**17, 10**18)])
def test_bounds_of_what_does_not_vary_are_wilsons(sample):
    for found, size in ((Spread(0.0, None), sample[1]), (Spread(0.01, None), 1), (Spread(-9.0, 9), 10**18)):
        assert varying_bounds(found, size, *sample) == pytest.approx(wilson_bounds(*sample), rel=1e-12)


@pytest.mark.parametrize("variation", [0.001, 0.1, 0.5, 1])
@pytest.mark.parametrize("could", [1, 2, 50, 10**6, 10**18])
def test_bounds_hold_the_rate_and_wilsons_interval_and_grow_with_the_rate(could, variation):
    for freedom in (None, 1, 7):
        for confidence in (0.5, 0.95, 0.999999):
            before = (0.0, 0.0)
            for came in sorted({0, 1, could // 10, could // 2, could * 9 // 10, could - 1, could}):
                low, high = varying_bounds(Spread(variation**2, freedom), could, came, could, confidence)
                own = wilson_bounds(came, could, confidence)
                assert 0 <= low <= own[0] <= own[1] <= high <= 1
                assert min(low - before[0], high - before[1]) >= -1e-9
                before = low, high
            assert high == 1
