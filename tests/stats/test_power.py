"""Sample sizes against statsmodels, binomial tails against SciPy, and the two as inverses of each other."""

from __future__ import annotations

import math

import pytest
from scipy.stats import binom
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_effectsize

from funnelcli.stats.intervals import wilson_bounds
from funnelcli.stats.power import at_least, detectable, power_of, units_per_group, units_to_tell, units_until

RATES = [(0.1, 0.12), (0.1, 0.11), (0.02, 0.03), (0.5, 0.55), (0.5, 0.75), (0.9, 0.95), (0.2, 0.18), (0.97, 0.99)]


@pytest.mark.parametrize(("power", "confidence"), [(0.8, 0.95), (0.9, 0.99), (0.5, 0.8)])
@pytest.mark.parametrize(("rate", "other"), RATES)
def test_units_agree_with_statsmodels(rate: float, other: float, power: float, confidence: float) -> None:
    effect = abs(proportion_effectsize(rate, other))
    # one-sided at half of alpha: what the far side of a two-sided test finds by mistake is not counted
    expected = NormalIndPower().solve_power(effect, power=power, alpha=(1 - confidence) / 2, alternative="larger")
    assert units_per_group(rate, other, power, confidence) == max(
        math.ceil(expected), math.ceil(10 / min(rate + other, 2 - rate - other))
    )


@pytest.mark.parametrize("units", [30, 1000, 12_345])
@pytest.mark.parametrize(("rate", "other"), RATES)
def test_power_agrees_with_statsmodels(rate: float, other: float, units: int) -> None:
    expected = NormalIndPower().power(abs(proportion_effectsize(rate, other)), units, 0.05)
    assert power_of(rate, other, units) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("rate", "other"), [pair for pair in RATES if pair[0] < pair[1]])
def test_what_is_detectable_takes_the_units(rate: float, other: float) -> None:
    units = units_per_group(rate, other)
    assert units is not None
    assert detectable(rate, units) == pytest.approx(other, rel=0.01)
    assert (detectable(rate, units - 1) or 0) >= other * (1 - 1e-12)


def test_a_test_of_few_units_expects_five_in_each_cell() -> None:
    """1% against 20%: 30 units each would do by the normal curve, and expect 3 of 30; 5 / 10.5% are 48."""
    assert units_per_group(0.01, 0.2) == 48
    assert detectable(0.01, 48) == pytest.approx(10 / 48 - 0.01)
    assert detectable(0.5, 5) is None
    assert detectable(0.99, 400) is None
    assert detectable(0.1, 0) is None


def test_equal_rates_cannot_be_told_apart() -> None:
    assert units_per_group(0.1, 0.1) is None
    assert units_per_group(0.5, 0.5 + 1e-9) is None


@pytest.mark.parametrize(("trials", "rate"), [(1, 0.5), (10, 0.2), (100, 0.03), (1000, 0.7), (10**6, 1e-5), (50, 0.0)])
def test_tails_agree_with_scipy(trials: int, rate: float) -> None:
    for successes in (0, 1, round(trials * rate), round(trials * rate) + 3, trials, trials + 1):
        expected = float(binom.sf(successes - 1, trials, rate))
        assert at_least(successes, trials, rate) == pytest.approx(expected, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize(("came", "could", "limit"), [(50, 100, 0.45), (3, 100, 0.02), (7, 9, 0.9), (65, 100, 0.7)])
def test_units_until_a_limit_is_left_behind(came: int, could: int, limit: float) -> None:
    """By SciPy: so many more decide in 80% of cases, a third fewer in less."""
    above = came / could > limit

    def decides(successes: int, trials: int) -> bool:
        low, high = wilson_bounds(successes, trials)
        return low > limit if above else high < limit

    more = units_until(came, could, decides, above)
    assert more is not None
    for units, low, high in ((more, 0.8, 0.9), (more * 2 // 3, 0.5, 0.8)):
        chances = (
            binom.pmf(new, units, came / could) for new in range(units + 1) if decides(came + new, could + units)
        )
        assert low <= sum(chances) < high


def test_units_until_never() -> None:
    assert units_until(1, 2, lambda *sample: False, True) is None


def test_units_to_tell_are_those_of_the_normal_curve() -> None:
    """statsmodels: 80% power for 10% against 12% takes about 3,835 each; of a sample that shows it already, fewer."""
    more = units_to_tell((10, 100), (12, 100))
    assert more is not None
    assert 0.8 * 2 * 3835 < more + 200 < 2 * 3835 * 1.02
    assert units_to_tell((10, 100), (20, 200)) is None
    assert (units_to_tell((10, 100), (12, 100), 12) or 0) > more * 1.5
    assert units_to_tell((500_000_000, 10**9), (500_000_001, 10**9)) is None
