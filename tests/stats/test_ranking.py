"""Which rate is the highest: against the exact quadrature, and SciPy."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy import integrate
from scipy.stats import beta

from funnelcli.stats.beta import Candidate, prob_b_beats_a, prob_lowest
from funnelcli.stats.ranking import central_range, prob_highest, quick_chance


@pytest.mark.parametrize("shapes", [(10, 10), (10, 100_000), (12, 40), (30, 300), (500, 100), (1e6, 1e7)])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_ranges_are_scipys(shapes, confidence):
    expected = beta.ppf(((1 - confidence) / 2, (1 + confidence) / 2), *shapes)
    assert central_range(*shapes, confidence) == pytest.approx(expected, rel=1e-9)
    assert central_range(*shapes, confidence, quick=10) == pytest.approx(expected, rel=2e-4)
    if min(shapes) >= 50:
        assert central_range(*shapes, confidence, quick=50) == pytest.approx(expected, rel=3e-6)


def test_small_shapes_are_never_approximated():
    assert central_range(0.5, 9, 0.95, quick=10) == central_range(0.5, 9, 0.95)


@pytest.mark.parametrize(
    "samples",
    [(10, 100, 17, 100), (3000, 30_000, 40, 310), (100, 1000, 120, 1000), (10**9, 10**10, 10**9 + 10**5, 10**10)],
)
def test_the_quick_chance_is_the_exact_one(samples):
    assert quick_chance(*samples) == pytest.approx(prob_b_beats_a(*samples), abs=1e-4)


def test_a_quick_chance_is_never_beyond_its_ends():
    for came in range(0, 1001, 20):
        assert 0 <= quick_chance(500, 1000, came, 1000) <= 1
    assert quick_chance(20, 1000, 400, 1000) > 0.9999
    assert quick_chance(400, 1000, 20, 1000) < 0.0001
    assert quick_chance(3, 10, 4, 12) == prob_b_beats_a(3, 10, 4, 12)


@pytest.mark.parametrize("number", [2, 3, 10, 40])
def test_chances_of_the_highest_are_those_of_the_exact_quadrature(number):
    random = np.random.default_rng(number)
    rates = [(float(random.integers(1, 60)), float(random.integers(20, 400))) for _ in range(number)]
    found = prob_highest(rates)
    assert found == pytest.approx(prob_lowest([Candidate(b, a) for a, b in rates]), abs=3e-4)
    assert sum(found) == pytest.approx(1)


def test_chances_of_the_highest_are_scipys_integrals():
    rates = [(12.0, 30.0), (15.5, 50.0), (30.0, 80.0)]
    for own, chance in zip(rates, prob_highest(rates), strict=True):
        others = [rate for rate in rates if rate != own]

        def joint(x, own=own, others=others):
            return beta.pdf(x, *own) * np.prod([beta.cdf(x, *rate) for rate in others])

        assert chance == pytest.approx(integrate.quad(joint, 0, 1)[0], abs=3e-4)


@pytest.mark.parametrize(
    "rates",
    [
        [(0.5, 3.0), (0.5, 3.0), (2.0, 8.0)],
        [(1e9, 1e10), (1e9 + 3e4, 1e10), (5.0, 50.0)],
        [(1e6, 1e7), (3.0, 30.0)],
    ],
)
def test_shapes_of_every_size(rates):
    assert prob_highest(rates) == pytest.approx(prob_lowest([Candidate(b, a) for a, b in rates]), abs=3e-4)


def test_nobody_against_everybody():
    assert prob_highest([(0.005, 10.0), (10.0, 0.005)]) == pytest.approx((0, 1), abs=1e-6)


def test_one_alone_is_the_highest():
    assert prob_highest([(3.0, 4.0)]) == (1.0,)
    assert prob_highest([(3.0, 4.0)] * 4) == pytest.approx((0.25,) * 4)


def test_ten_thousand_rates_take_seconds():
    random = np.random.default_rng(1)
    rates = [(float(20 + random.integers(60)), float(1000 + random.integers(4000))) for _ in range(10_000)]
    begun = time.perf_counter()
    found = prob_highest(rates)
    assert time.perf_counter() - begun < 10  # less than one on a quiet machine
    assert sum(found) == pytest.approx(1)
    draws = random.beta(*np.array(rates).T, size=(400, 10_000)).argmax(axis=1)
    best = int(np.argmax(found))
    assert np.mean(draws == best) == pytest.approx(found[best], abs=0.04)
