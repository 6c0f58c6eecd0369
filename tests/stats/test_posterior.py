"""Posteriors against SciPy, the finite sums of integer shapes, and figures of mpmath for the largest counts."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from scipy import special

from funnelcli.stats.contest import Contender, chances_worst
from funnelcli.stats.posterior import beta_interval, chance_greater


def samples(*trials: int) -> list[tuple[int, int]]:
    """Samples of 0, 1, 2, a tenth, a half, all but one and all."""
    return [(came, n) for n in trials for came in sorted({0, 1, 2, n // 10, n // 2, n - 1, n}) if 0 <= came <= n]


def exact(successes_a: int, trials_a: int, successes_b: int, trials_b: int) -> float:
    """P(B > A) as a finite sum of beta functions (Miller, "Formulas for Bayesian A/B testing", 2014), in ratios."""
    a, b = successes_a + 1, trials_a - successes_a + 1
    c, d = successes_b + 1, trials_b - successes_b + 1
    i, j = np.arange(a, dtype=float), np.arange(c - 1, dtype=float)
    first = math.fsum(np.log((b + i) / (b + d + i)))
    ratios = np.log((a + j) * (d + j) / ((a + b + d + j) * (1 + j)))
    return math.fsum(np.exp(first + np.concatenate(([0.0], np.cumsum(ratios)))))


SMALL = samples(0, 1, 2, 3, 10, 57, 100, 1000)


@pytest.mark.parametrize("a", SMALL)
def test_chance_agrees_with_the_finite_sum(a: tuple[int, int]) -> None:
    """Relative to the chance itself: 1e-9 is met by tails of 1e-200 too."""
    for b in SMALL:
        assert chance_greater(*a, *b).chance == pytest.approx(exact(*a, *b), rel=1e-9, abs=1e-300), b


@pytest.mark.parametrize("trials", [10**6, 10**9, 10**12])
def test_chance_of_rare_events_and_rare_failures_in_huge_samples(trials: int) -> None:
    """The sum is as short as the events are rare; failures are the mirror image."""
    rare = [(0, trials), (1, trials), (3, 7 * trials), (20, trials), (0, 0), (1, 3), (500, 3 * trials)]
    for (came_a, n_a), (came_b, n_b) in product(rare, rare):
        expected = exact(came_a, n_a, came_b, n_b)
        assert chance_greater(came_a, n_a, came_b, n_b).chance == pytest.approx(expected, rel=1e-9, abs=1e-300)
        assert chance_greater(n_b - came_b, n_b, n_a - came_a, n_a).chance == pytest.approx(
            expected, rel=1e-9, abs=1e-300
        )


def test_chance_of_large_samples_agrees_with_the_finite_sum() -> None:
    """1e-8: the reference adds 100,000 logarithms."""
    for shift in (-900, -300, -10, 0, 1, 250, 1000):
        case = (100_000, 10**6, 100_000 + shift, 10**6)
        assert chance_greater(*case).chance == pytest.approx(exact(*case), rel=1e-8)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ((3 * 10**11, 10**12, 3 * 10**11 + 500_000, 10**12), 0.7797995965112246),
        ((5 * 10**8, 10**9, 5 * 10**8 - 60_000, 10**9), 0.003645179000187588),
        ((10**5, 10**6, 10**11 + 10**6, 10**12), 0.5006205759898804),
    ],
)
def test_chance_of_huge_samples(case: tuple[int, int, int, int], expected: float) -> None:
    """Expected by mpmath with 30 digits: the trapezoidal rule over one density times the integral of the other."""
    assert chance_greater(*case).chance == pytest.approx(expected, rel=1e-12)


def test_chance_of_the_published_example() -> None:
    assert round(chance_greater(10, 100, 17, 100).chance, 3) == 0.923


@pytest.mark.parametrize("trials", [0, 1, 10, 10**6, 10**12, 10**18])
def test_equal_samples_have_equal_chances(trials: int) -> None:
    for came in {0, trials // 3, trials}:
        assert chance_greater(came, trials, came, trials).chance == pytest.approx(0.5, rel=1e-11)


@pytest.mark.parametrize("b", samples(0, 7, 1000, 10**12))
def test_either_is_greater(b: tuple[int, int]) -> None:
    for a in samples(0, 1, 50, 10**9):
        assert chance_greater(*a, *b).chance + chance_greater(*b, *a).chance == pytest.approx(1, abs=1e-11)


def test_chance_of_opposites_is_certain() -> None:
    assert chance_greater(0, 10**12, 10**12, 10**12).chance == pytest.approx(1, abs=1e-11)
    assert chance_greater(10**12, 10**12, 0, 10**12).chance == 0


def test_chance_agrees_with_the_contest_of_many() -> None:
    for a, b in product([(10, 100), (17, 100), (0, 20), (700, 9000)], repeat=2):
        lowest = chances_worst([Contender(*a), Contender(*b)])[0]
        assert chance_greater(*a, *b).chance == pytest.approx(lowest, abs=1e-9)


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.999])
@pytest.mark.parametrize("trials", [0, 1, 2, 7, 50, 1000, 10**5])
def test_interval_agrees_with_scipy(trials: int, confidence: float) -> None:
    for came, n in samples(trials):
        interval = beta_interval(came, n, confidence)
        low, high = special.betaincinv(came + 1, n - came + 1, [(1 - confidence) / 2, (1 + confidence) / 2])
        assert (interval.low, interval.high) == pytest.approx((low, high), rel=1e-9)
        assert interval.confidence == confidence


def test_interval_of_the_prior_alone() -> None:
    interval = beta_interval(0, 0)
    assert (interval.low, interval.high) == pytest.approx((0.025, 0.975), rel=1e-11)
    assert interval.method == "Beta(1, 1) equal-tailed"


@pytest.mark.parametrize("case", [(-1, 5, 0, 1), (6, 5, 0, 1), (0, 1, 2, 1), (0, 1, 0, -1)])
def test_what_is_no_sample_is_refused(case: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="not a sample"):
        chance_greater(*case)


def test_interval_refuses_what_has_no_meaning() -> None:
    with pytest.raises(ValueError, match="not a sample"):
        beta_interval(3, 2)
    with pytest.raises(ValueError, match="confidence of 1"):
        beta_interval(1, 2, 1)
