"""The prior of segments' rates: published estimates, SciPy's beta-binomial, and the ends where there is no greatest."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import beta, betabinom

from funnelcli.stats.ranking import central_range
from funnelcli.stats.shrinkage import Prior, believed, fit, posterior, shrunken
from tests.thorough import whole_or_part


def interval(prior, came, could):
    return central_range(*believed(prior, came, could), 0.95)


def by_scipy(samples):
    """Shapes of the greatest likelihood by a general optimiser on SciPy's beta-binomial."""
    came, could = np.array(samples).T

    def loss(logs):
        return -betabinom.logpmf(came, could, *np.exp(logs)).sum()

    starts = [np.log(start) for start in ((1, 3), (20, 80), (500, 2000))]
    options = {"xatol": 1e-9, "fatol": 1e-10, "maxiter": 4000}
    nearest = sorted(starts, key=loss)[: whole_or_part(3, 1)]
    found = min(
        (minimize(loss, start, method="Nelder-Mead", options=options) for start in nearest),
        key=lambda best: best.fun,
    )
    return np.exp(found.x)


def simulated(mean, precision, segments, fewest, most, seed=1):
    random = np.random.default_rng(seed)
    could = random.integers(fewest, most, segments)
    came = random.binomial(could, random.beta(mean * precision, (1 - mean) * precision, segments))
    return [(int(a), int(b)) for a, b in zip(came, could, strict=True)]


def test_boys_in_families_of_twelve_are_those_of_the_published_fit():
    """Geissler's 6,115 families of Saxony; a = 34.09558, b = 31.5715 (Wikipedia, Beta-binomial distribution).

    The log-likelihood given there, -12492.9, is the same in all its digits; the shapes are those of its optimiser.
    """
    families = (3, 24, 104, 286, 670, 1033, 1343, 1112, 829, 478, 181, 45, 7)
    samples = [(boys, 12) for boys, number in enumerate(families) for _ in range(number)]
    prior = fit(samples)
    assert prior.a == pytest.approx(34.09558, rel=5e-4)
    assert prior.b == pytest.approx(31.5715, rel=5e-4)
    likelihood = betabinom.logpmf(*np.array(samples).T, prior.a, prior.b).sum()
    assert likelihood == pytest.approx(-12492.9, abs=0.05)
    assert likelihood >= betabinom.logpmf(*np.array(samples).T, 34.09558, 31.5715).sum()


@pytest.mark.parametrize(
    ("came", "could", "a", "b", "fitted"),
    [
        (66, 182, 77.39115, 162.0875, 0.3231651),
        (198, 1015, 209.39115, 863.0875, 0.1952404),
        (1, 5, 12.39115, 50.0875, 0.1983261),
        (3, 12, 14.39115, 55.0875, 0.2071305),
        (223, 1259, 234.39115, 1082.0875, 0.1780440),
        (5, 40, 16.39115, 81.0875, 0.1681512),
        (4, 49, 15.39115, 91.0875, 0.1445468),
        (30, 188, 41.39115, 204.0875, 0.1686140),
        (43, 238, 54.39115, 241.0875, 0.1840781),
        (238, 1046, 249.39115, 854.0875, 0.2260045),
    ],
)
def test_posteriors_are_those_of_ebbr(came, could, a, b, fitted):
    """README of the R package ebbr (Robinson), its example of add_ebb_estimate: prior 11.39115, 46.0875."""
    prior = Prior(11.39115, 46.0875, 11.39115 / 57.47865, 0.0, pooled=False)
    assert posterior(prior, came, could) == pytest.approx((a, b), abs=1e-4)
    assert shrunken(prior, came, could) == pytest.approx(fitted, abs=1e-7)
    assert interval(prior, came, could) == pytest.approx(beta.ppf((0.025, 0.975), a, b), rel=1e-6)


@pytest.mark.parametrize(
    "case",
    [
        (0.2, 50, 1000, 1, 5000),
        (0.05, 30, 20, 30, 50),
        (0.3, 1000, 200, 100, 1000),
        (0.5, 1, 40, 5, 20),
        (0.01, 100, 300, 1, 200),
        (0.9, 5, 7, 2, 4000),
    ],
)
def test_the_fit_is_scipys(case):
    samples = simulated(*case)
    prior = fit(samples)
    assert (prior.a, prior.b) == pytest.approx(by_scipy(samples), rel=2e-5)


@pytest.mark.parametrize(
    "samples",
    [[(1, 3), (99, 100)], [(60, 1200), (34, 1490), (41, 1105)], [(0, 4), (3, 4), (1, 4)], [(5, 10**6), (500, 10**6)]],
)
def test_few_segments_are_fitted_as_well(samples):
    prior = fit(samples)
    assert (prior.a, prior.b) == pytest.approx(by_scipy(samples), rel=1e-4)


@pytest.mark.parametrize(
    "samples",
    [
        [(30, 100)] * 10,
        [(29, 100), (31, 100), (27, 100), (33, 100), (30, 100), (28, 100), (32, 100), (31, 100), (29, 100)],
        [(3, 10), (4, 10)],
        [(100, 1000), (120, 1000), (110, 1000), (129, 1000)],
        [(3, 10)],
        [(1, 10**12), (2, 10**12)],
        [(0, 1)] * 5 + [(1, 1)] * 3,
        [(500, 1000), (5 * 10**9, 10**10)],
    ],
)
def test_segments_that_differ_no_more_than_chance_have_one_rate(samples):
    came, could = (sum(column) for column in zip(*samples, strict=True))
    prior = fit(samples)
    assert prior.pooled
    assert posterior(prior, *samples[0]) == posterior(prior, 0, 0) == (came, could - came)
    assert shrunken(prior, *samples[0]) == came / could
    assert interval(prior, *samples[0]) == pytest.approx(beta.ppf((0.025, 0.975), came, could - came), rel=1e-6)


@pytest.mark.parametrize("samples", [[(0, 10)] * 5, [(10, 10)] * 5, [(0, 1)], [(0, 0), (0, 3)]])
def test_nobody_or_everybody_is_one_rate_at_its_end(samples):
    prior = fit(samples)
    assert prior.pooled
    assert shrunken(prior, *samples[-1]) == (1 if samples[0][0] else 0)
    low, high = interval(prior, *samples[-1])
    assert 0 < low < high < 1


def test_no_segments_say_nothing():
    assert fit([]) == fit([(0, 0)]) == Prior(0.5, 0.5, 0.5, 0.125, pooled=True)


def test_all_or_nothing_has_a_fit_as_well():
    prior = fit([(0, 10), (10, 10)])
    low, high = interval(prior, 0, 10)
    assert 0 <= low < shrunken(prior, 0, 10) < 0.01
    assert high < 0.5 < interval(prior, 10, 10)[0]


def test_an_empty_segment_is_believed_like_the_others():
    samples = [(60, 1200), (34, 1490), (41, 1105), (0, 0)]
    prior = fit(samples)
    assert prior == fit(samples[:-1])
    assert shrunken(prior, 0, 0) == pytest.approx(prior.mean)


def test_the_estimate_of_the_common_rate_has_the_variance_of_the_fits_curvature():
    samples = simulated(0.2, 50, 100, 10, 500)
    prior = fit(samples)
    came, could = np.array(samples).T
    precision = prior.a + prior.b

    def profile(mean):
        best = minimize(
            lambda size: -betabinom.logpmf(came, could, mean * np.exp(size[0]), (1 - mean) * np.exp(size[0])).sum(),
            [math.log(precision)],
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-11},
        )
        return -best.fun

    step = 0.002
    curve = (profile(prior.mean + step) - 2 * profile(prior.mean) + profile(prior.mean - step)) / step**2
    assert prior.error == pytest.approx(-1 / curve, rel=0.02)


def test_no_more_is_known_of_a_segment_than_of_all():
    """Hardly different from one rate: the range is that of one rate, not narrower."""
    samples = [(100, 1000), (125, 1000), (110, 1000), (137, 1000)]
    prior = fit(samples)
    assert not prior.pooled
    assert prior.a + prior.b > 1000
    low, high = interval(prior, 0, 0)
    one_rate = beta.ppf((0.025, 0.975), 472, 3528)
    assert high - low > one_rate[1] - one_rate[0]
    a, b = believed(prior, 100, 1000)
    assert a / (a + b) == pytest.approx(shrunken(prior, 100, 1000))


def test_ranges_hold_the_truth_as_often_as_they_say():
    random, inside, seen = np.random.default_rng(5), 0, 0
    for _ in range(60):
        rates = random.beta(20, 80, 25)
        could = random.integers(40, 400, 25)
        samples = [(int(random.binomial(n, rate)), int(n)) for n, rate in zip(could, rates, strict=True)]
        prior = fit(samples)
        ends = [interval(prior, *sample) for sample in samples]
        inside += sum(low <= rate <= high for (low, high), rate in zip(ends, rates, strict=True))
        seen += 25
    assert 0.92 <= inside / seen <= 0.97


def test_ten_thousand_segments_take_less_than_a_second():
    samples = simulated(0.02, 200, 10_000, 1, 100_000)
    begun = time.perf_counter()
    prior = fit(samples)
    assert time.perf_counter() - begun < 5  # a third of a second on a quiet machine
    assert (prior.a, prior.b) == pytest.approx((4, 196), rel=0.05)


def test_what_is_no_sample_is_refused():
    with pytest.raises(ValueError, match="5 of 3 is not a sample"):
        fit([(5, 3)])
