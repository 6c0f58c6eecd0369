"""The interval for every look: its defining equation by SciPy, and that it holds at all looks together."""

from __future__ import annotations

import math

import numpy
import pytest
from scipy.stats import betabinom, binom

from funnelcli.stats.intervals import wilson_bounds
from funnelcli.stats.sequential import at_every_look

SAMPLES = [(1, 2), (1, 10), (9, 10), (30, 100), (99, 100), (4, 10_000), (5000, 10_000), (1_000_000, 3_000_000)]


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
@pytest.mark.parametrize(("successes", "trials"), SAMPLES)
def test_its_ends_are_where_the_mixture_is_1_in_alpha_times_as_likely(
    successes: int, trials: int, confidence: float
) -> None:
    """The mixture of all rates is SciPy's beta-binomial distribution with shapes 1 and 1: 1 / (n + 1) for any count."""
    mixture = betabinom.logpmf(successes, trials, 1, 1)
    found = at_every_look(successes, trials, confidence)
    for bound in (found.low, found.high):
        odds = mixture - binom.logpmf(successes, trials, bound)
        assert odds == pytest.approx(-math.log(1 - confidence), rel=1e-6)
    assert found.low < successes / trials < found.high


@pytest.mark.parametrize("trials", [1, 20, 10**6, 10**15])
def test_none_and_all(trials: int) -> None:
    """(n + 1) (1 - p)^n = 0.05 has a formula."""
    none, every = at_every_look(0, trials), at_every_look(trials, trials)
    expected = -math.expm1((math.log(0.05) - math.log1p(trials)) / trials)
    assert (none.low, every.high) == (0, 1)
    assert none.high == pytest.approx(expected, rel=1e-9)
    assert every.low == pytest.approx(1 - expected, rel=1e-9)


def test_large_counts_keep_their_digits() -> None:
    """Of 1e15 it is the normal curve's: half a width of sqrt(2 p q (log 20 + log(n / (2 pi p q)) / 2) / n)."""
    n = 10**15
    found = at_every_look(3 * 10**14, n)
    half = math.sqrt(2 * 0.21 * (math.log(20) + math.log(n / (2 * math.pi * 0.21)) / 2) / n)
    assert found.high - 0.3 == pytest.approx(half, rel=1e-6)
    assert 0.3 - found.low == pytest.approx(half, rel=1e-6)


@pytest.mark.parametrize(("successes", "trials"), SAMPLES)
def test_it_is_wider_than_for_one_look(successes: int, trials: int) -> None:
    found, (low, high) = at_every_look(successes, trials), wilson_bounds(successes, trials)
    assert high - low < found.high - found.low < 3 * (high - low)


def test_few_rates_are_ever_outside() -> None:
    """Ville: at most 5% of 600, of 40 looks each; of Wilson's intervals many more."""
    random = numpy.random.default_rng(7)
    ever = [0, 0]
    for _ in range(600):
        came = numpy.cumsum(random.binomial(25, 0.4, 40))
        for which, interval in enumerate((at_every_look, wilson_bounds)):
            bounds = (interval(int(count), 25 * (look + 1)) for look, count in enumerate(came))
            ever[which] += any(not low <= 0.4 <= high for low, high, *_ in bounds)
    assert ever[0] <= 30
    assert ever[1] >= 120


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (3, 2), (-1, 5)])
def test_what_is_no_sample(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="is not a sample"):
        at_every_look(successes, trials)
