"""The scale of counts: there and back, and what it does to Poisson counts and to lognormal means, by SciPy."""

from __future__ import annotations

import math

import numpy
import pytest
from scipy import stats

from funnelcli.stats.count_scale import MOST_SPREAD, CountScale
from funnelcli.stats.rate_scale import of_few


@pytest.mark.parametrize("apart", [0.0, 0.01, 1.0, 1e9])
@pytest.mark.parametrize("count", [0, 1, 7, 1000, 10**15])
def test_there_and_back(count: int, apart: float) -> None:
    scale = CountScale(30.0, apart)
    assert scale.unscaled(scale.scaled(count)) == pytest.approx(count, rel=1e-6, abs=1e-6)


def test_beyond_its_end_lie_none() -> None:
    assert CountScale(30.0, 0.0).unscaled(-9.0) == 0
    assert CountScale(30.0, 1e9).unscaled(-1e9) == 0


@pytest.mark.parametrize("mean", [3, 5, 20, 100])
def test_what_is_poisson_is_about_normal_there(mean: int) -> None:
    counts = numpy.arange(10 * mean + 30)
    chances = stats.poisson.pmf(counts, mean)
    values = numpy.array([CountScale(mean, 0.0).scaled(float(count)) for count in counts])
    middle = float(chances @ values)
    second = float(chances @ (values - middle) ** 2)
    assert second == pytest.approx(1 / mean, rel=0.05)
    assert abs(float(chances @ (values - middle) ** 3)) / second**1.5 < 0.12


@pytest.mark.parametrize("mean", [0.2, 0.5, 1.0, 2.0])
def test_few_vary_less_there(mean: float) -> None:
    counts = numpy.arange(60)
    chances = stats.poisson.pmf(counts, mean)
    values = numpy.array([CountScale(mean, 0.0).scaled(float(count)) for count in counts])
    second = float(chances @ (values - chances @ values) ** 2)
    assert second * mean == pytest.approx(of_few(mean), abs=0.06)


def test_what_is_lognormal_is_taken_as_its_logarithm() -> None:
    scale = CountScale(1e6, 0.04)
    assert scale.power < 1e-4
    assert scale.scaled(1.2e6) == pytest.approx(math.log(1.2), rel=1e-3)


@pytest.mark.parametrize(("mean", "apart"), [(100, 0.04), (400, 0.01), (50, 0.1)])
def test_between_the_two_little_is_left_of_the_skewness(mean: int, apart: float) -> None:
    random = numpy.random.default_rng(20261128)
    counts = random.poisson(mean * numpy.exp(random.normal(-apart / 2, math.sqrt(apart), 40_000)))
    values = [CountScale(mean, apart).scaled(float(count)) for count in counts]
    assert abs(float(stats.skew(values))) < 0.1 < float(stats.skew(counts))


@pytest.mark.parametrize("apart", [0.0, 0.01, 1.0, 1e9])
@pytest.mark.parametrize("spread", [0.0, 1.0, MOST_SPREAD])
@pytest.mark.parametrize("amount", [0, 0.5, 7, 1000, 10**12])
def test_sums_there_and_back(amount: float, spread: float, apart: float) -> None:
    scale = CountScale(1000.0, apart, 50.0, spread)
    assert scale.unscaled(scale.scaled(amount)) == pytest.approx(amount, rel=1e-6, abs=1e-6)
    assert scale.unscaled(-1e9) == 0


def test_sums_of_equal_amounts_are_counts() -> None:
    for count in (0, 3, 30, 50):
        assert CountScale(2700.0, 0.1, 90.0).scaled(90.0 * count) == pytest.approx(CountScale(30.0, 0.1).scaled(count))


@pytest.mark.parametrize("spread", [0.3, 1.0])
@pytest.mark.parametrize(("units", "apart"), [(20, 0.0), (100, 0.0), (500, 0.0), (100, 0.02), (50, 0.1)])
def test_little_is_left_of_the_skewness_of_sums_of_checks(units: int, apart: float, spread: float) -> None:
    """Lognormal checks, of Poisson many, about lognormal means."""
    random = numpy.random.default_rng(20261128)
    deviation = math.sqrt(math.log(1 + spread))
    numbers = random.poisson(units * numpy.exp(random.normal(-apart / 2, math.sqrt(apart), 20_000)))
    checks = random.lognormal(math.log(90) - deviation**2 / 2, deviation, numbers.sum())
    sums = numpy.array([float(each.sum()) for each in numpy.split(checks, numbers.cumsum()[:-1])])
    scale = CountScale(90.0 * units, apart, 90.0, spread)
    values = [scale.scaled(each) for each in sums]
    assert abs(float(stats.skew(values))) < 0.12
    assert abs(float(stats.skew(values))) < float(stats.skew(sums)) / 2
    assert float(numpy.var(values)) == pytest.approx(scale.chance + apart, rel=0.1)
    assert scale.chance == pytest.approx((1 + spread) / units)
