"""The scale of rates: the incomplete Beta function by SciPy, and what it does to binomial counts, exactly."""

from __future__ import annotations

import numpy
import pytest
from scipy import special, stats

from funnelcli.stats.rate_scale import scaled, unscaled, variance, variance_between


def moments(rate: float, could: int) -> tuple[float, float, float]:
    """The mean, the variance and the skewness of the scaled rate of a binomial count."""
    chances = stats.binom.pmf(numpy.arange(could + 1), could, rate)
    values = numpy.array([scaled(came, could) for came in range(could + 1)])
    mean = float(chances @ values)
    second = float(chances @ (values - mean) ** 2)
    return mean, second, float(chances @ (values - mean) ** 3) / second**1.5


@pytest.mark.parametrize(("came", "could"), [(0, 10), (3, 10), (100, 500), (250, 500), (499, 500), (10**9, 10**10)])
def test_it_is_the_incomplete_beta_function(came: int, could: int) -> None:
    whole = special.beta(2 / 3, 2 / 3)
    share = (came + 1 / 6) / (could + 1 / 3)
    assert scaled(came, could) == pytest.approx(whole * special.betainc(2 / 3, 2 / 3, share), rel=1e-12)
    assert unscaled(scaled(came, could), could) == pytest.approx(came / could, abs=1e-9)


@pytest.mark.parametrize("rate", [0.02, 0.2, 0.6])
@pytest.mark.parametrize("could", [250, 1000])
def test_counts_are_normal_there_with_a_mean_that_no_number_of_units_moves(rate: float, could: int) -> None:
    mean, second, skewness = moments(rate, could)
    deviation = second**0.5
    assert abs(mean - special.beta(2 / 3, 2 / 3) * special.betainc(2 / 3, 2 / 3, rate)) < 0.005 * deviation
    assert second == pytest.approx(variance(rate, could), rel=0.02)
    assert abs(skewness) < 0.03


def test_rates_that_vary_are_nearly_so() -> None:
    """A Beta variable of mean 20% and coefficient of variation 10%."""
    size = 0.8 / (0.2 * 0.01) - 1
    rates = stats.beta(0.2 * size, 0.8 * size).rvs(20_000, random_state=1)
    values = special.beta(2 / 3, 2 / 3) * special.betainc(2 / 3, 2 / 3, rates)
    assert values.var() == pytest.approx(variance_between(0.2, 0.01), rel=0.03)
    assert stats.skew(values) == pytest.approx(stats.skew(rates) / 2, abs=0.03)


def test_beyond_its_ends_lie_none_and_all() -> None:
    assert unscaled(-1.0, 50) == 0
    assert unscaled(9.0, 50) == 1
    with pytest.raises(ValueError, match="no units"):
        scaled(0, 0)
