"""What is believed of segments that were found to differ: integrals by SciPy, chances by simulation, the ends."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import betabinom, norm

from funnelcli.stats import differing, shrinkage
from funnelcli.stats.differing import believe
from funnelcli.stats.tests import critical_among

NOT_TESTED = 1e-9
"""A critical z that everything exceeds: nothing is found by luck."""
MANAGERS = [(60, 1200), (34, 1490), (41, 1105), (77, 1000)]
ONE_STANDS_OUT = [(400, 2000), *[(200 + shift, 2000) for shift in (-14, 11, -3, 8, 0, 17, -9, 2, -12, 5) * 2]]
ONE_LAGS = [(100, 2000), *ONE_STANDS_OUT[1:]]


def integrated(samples):
    """Means and deviations of the rates, summed by SciPy over common rates and precisions."""
    could = np.array(samples)[:, 1]
    sizes, rates = np.exp(np.linspace(np.log(0.1), np.log(30 * could.max()), 160)), np.linspace(0.001, 0.999, 1500)
    mean, size = np.meshgrid(rates, sizes, indexing="ij")
    logs = sum(betabinom.logpmf(k, n, mean * size, (1 - mean) * size) for k, n in samples)
    weights = np.exp(logs - logs.max()) * (size + 1) ** -0.6
    weights /= weights.sum()
    found = []
    for k, n in samples:
        a, b = mean * size + k, (1 - mean) * size + n - k
        rate, square = (weights * a / (a + b)).sum(), (weights * a * (a + 1) / (a + b) / (a + b + 1)).sum()
        found.append((rate, math.sqrt(square - rate * rate)))
    return np.array(found)


@pytest.mark.parametrize(
    "samples", [MANAGERS, [(30, 100), (60, 100), (45, 100)], [(3, 40), (9, 25), (30, 60), (10, 30)]]
)
def test_rates_are_means_over_all_spreads(samples, monkeypatch):
    monkeypatch.setattr(differing, "_TWO_KINDS", 1e3)
    expected = integrated(samples)
    found = believe(samples, NOT_TESTED)
    assert [each.rate for each in found] == pytest.approx(expected[:, 0], rel=0.025)
    assert [math.sqrt(a * b / (a + b + 1)) / (a + b) for _, (a, b) in found] == pytest.approx(expected[:, 1], rel=0.06)
    assert [a / (a + b) for _, (a, b) in found] == pytest.approx([each.rate for each in found])


@pytest.mark.parametrize("size", [50, 200, 2000])
def test_the_chance_to_be_found_is_that_of_simulated_tests(size):
    random, critical, could = np.random.default_rng(3), critical_among(20), np.array([200, 500, 900, 400, 1500])
    rates = random.beta(0.2 * size, 0.8 * size, (20_000, 5))
    came = random.binomial(could, rates)
    others, rest = came.sum(axis=1, keepdims=True) - came, could.sum() - could
    pooled = came.sum(axis=1, keepdims=True) / could.sum()
    z = (came / could - others / rest) / np.sqrt(pooled * (1 - pooled) * (1 / could + 1 / rest))
    share = (np.abs(z).max(axis=1) > critical).mean()
    samples = [(0, int(each)) for each in could]
    assert differing._chance_to_be_found(samples, size, critical) == pytest.approx(share, rel=0.2)


def test_what_was_hardly_found_is_drawn_further_to_the_others():
    rates = [believe([(88, 1000), (100, 1000), (112, 1000), (143, 1000)], z)[3].rate for z in (NOT_TESTED, 2, 3, 3.5)]
    assert rates == sorted(rates, reverse=True)
    assert 0.111 < rates[-1] < rates[0] < 0.143


def test_what_no_luck_can_find_is_believed():
    samples = [(100, 1000), (300, 1000), (500, 1000), (150, 1000)]
    rates = [believe(samples, z)[2].rate for z in (NOT_TESTED, 4)]
    assert rates[0] == pytest.approx(rates[1], rel=1e-3) == pytest.approx(0.5, rel=0.01)


def test_the_largest_of_several_gaps_is_drawn_further_to_the_others():
    rates = [believe(MANAGERS, 3.0, above)[3].rate for above in (0.01, 0.06, 0.07, 0.077)]
    assert rates[0] == pytest.approx(believe(MANAGERS, 3.0)[3].rate, rel=1e-3)
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] > 212 / 4795  # of all


@pytest.mark.parametrize(("samples", "best"), [(ONE_STANDS_OUT, 0.2), (ONE_LAGS, 0.1)])
def test_one_that_stands_out_leaves_the_others_alike(samples, best):
    """No Beta distribution is like one of twenty that is twice as good: it would have it at 18%, not at 20%."""
    beliefs = believe(samples, critical_among(42))
    assert max(each.rate for each in beliefs) == pytest.approx(best, rel=0.02)
    assert beliefs[1].rate == pytest.approx(0.1, abs=0.003)
    by_beta = max(shrinkage.shrunken(shrinkage.fit(samples), *each) for each in samples)
    assert abs(by_beta - best) > abs(max(each.rate for each in beliefs) - best)


def test_two_kinds_gain_the_likelihood_of_two_rates():
    """Each segment is of one kind or the other: mixtures of two binomial distributions."""
    samples = (100, 1000), (105, 1000), (200, 1000), (195, 1000)
    gain, moments = differing._two_kinds(samples, samples)
    expected = sum(k * math.log(0.1025 / 0.15) + (n - k) * math.log(0.8975 / 0.85) for k, n in samples[:2])
    expected += sum(k * math.log(0.1975 / 0.15) + (n - k) * math.log(0.8025 / 0.85) for k, n in samples[2:])
    assert gain == pytest.approx(expected - 4 * math.log(2), abs=1e-3)
    assert [mean for mean, _ in moments] == pytest.approx([0.1025, 0.1025, 0.1975, 0.1975], rel=1e-3)


def test_segments_without_units_are_believed_like_the_others():
    *others, empty = believe([*MANAGERS, (0, 0)], 3.0)
    assert [each.rate for each in others] == [each.rate for each in believe(MANAGERS, 3.0)]
    assert min(each.rate for each in others) < empty.rate < max(each.rate for each in others)


@pytest.mark.parametrize(
    "samples", [[(0, 5), (0, 9)], [(5, 5), (9, 9)], [(3, 10)], [(0, 10), (10, 10)], [(0, 10**12), (10**9, 10**12)], []]
)
def test_rates_at_their_ends_are_rates(samples):
    for rate, (a, b) in believe(samples, 3.0):
        assert 0 <= rate <= 1
        assert min(a, b) > 0


def test_of_very_many_segments_the_likelihood_alone_tells():
    random = np.random.default_rng(1)
    samples = [(int(random.binomial(1000, rate)), 1000) for rate in random.beta(20, 180, 10_000)]
    beliefs = believe(samples, 4.0)
    prior = shrinkage.fit(samples)
    assert beliefs[7].rate == shrinkage.shrunken(prior, *samples[7])


def test_the_critical_z_is_that_of_bonferroni():
    assert critical_among(80) == pytest.approx(norm.isf(0.05 / 160), rel=1e-9)
