"""Moments of sums and products against enumeration and SciPy, and the curve against the distributions it stands for."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from scipy import special, stats

from funnelcli.stats.skewed import Cumulants, chance_above, gamma_below, gamma_quantile, lognormal, quantile
from tests.thorough import each_once


def of(values: list[tuple[Fraction, Fraction]]) -> Cumulants:
    """The cumulants of a discrete variable, exactly: pairs of value and probability."""
    mean = sum(value * chance for value, chance in values)
    moments = [sum((value - mean) ** power * chance for value, chance in values) for power in (2, 3)]
    return Cumulants(float(mean), *map(float, moments))


def test_moments_of_sums_and_products_are_those_of_all_pairs() -> None:
    one = [(Fraction(1), Fraction(1, 2)), (Fraction(3), Fraction(1, 3)), (Fraction(-7), Fraction(1, 6))]
    two = [(Fraction(2), Fraction(1, 5)), (Fraction(-1), Fraction(4, 5))]
    pairs = [(a, b, p * q) for (a, p), (b, q) in product(one, two)]
    assert of(one).times(of(two)) == pytest.approx(of([(a * b, chance) for a, b, chance in pairs]))
    assert of(one).plus(of(two)) == pytest.approx(of([(a + b, chance) for a, b, chance in pairs]))
    assert of(one).scaled(-3) == pytest.approx(of([(-3 * a, chance) for a, chance in one]))


def test_a_lognormal_variable_has_the_moments_of_scipy() -> None:
    square = math.log1p(0.7**2)
    judge = stats.lognorm(math.sqrt(square), scale=90 * math.exp(-square / 2))
    mean, variance, skewness = judge.stats("mvs")
    assert lognormal(90, 63) == pytest.approx((mean, variance, skewness * variance**1.5))


@pytest.mark.parametrize("shape", [0.01, 0.2, 1, 2.5, 7, 60, 199, 201, 5000])
def test_the_gamma_distribution_is_that_of_scipy(shape: float) -> None:
    for share in (1e-6, 0.01, 0.1, 0.5, 0.8, 0.9, 0.999):
        at = special.gammaincinv(shape, share)
        tolerance = 1e-4 if shape >= 200 else 1e-9
        if at > 1e-300:
            assert gamma_below(shape, at) == pytest.approx(share, abs=tolerance)
            if shape < 20 or 0.1 <= share <= 0.9:
                assert gamma_quantile(shape, share) == pytest.approx(at, rel=1e-4 if shape >= 20 else 1e-7)
    assert gamma_below(shape, 0) == gamma_below(shape, -1) == 0


@pytest.mark.parametrize("mirror", [1, -1])
def test_the_curve_is_exact_for_gamma_and_normal_variables(mirror: int) -> None:
    known = Cumulants(12.0, 3 * 4.0, 2 * 3 * 8.0).scaled(mirror)  # Gamma of shape 3 and scale 2, moved up by 6
    for share in (0.1, 0.5, 0.9):
        at = mirror * (6 + stats.gamma(3, scale=2).ppf(share if mirror > 0 else 1 - share))
        assert quantile(known, share) == pytest.approx(at, rel=1e-6)
        assert chance_above(known, at) == pytest.approx(1 - share, abs=1e-8)
    assert chance_above(Cumulants(1, 4), 3) == pytest.approx(stats.norm.sf(1))
    assert quantile(Cumulants(1, 4), 0.9) == pytest.approx(1 + 2 * stats.norm.ppf(0.9))
    assert (chance_above(Cumulants(1.0), 0), chance_above(Cumulants(-1.0), 0), quantile(Cumulants(5.0), 0.1)) == (
        1,
        0,
        5,
    )


@pytest.mark.parametrize("mirror", [1, -1])
def test_the_heavy_curve_is_exact_for_shifted_lognormal_variables(mirror: int) -> None:
    judge = stats.lognorm(0.6, loc=-4, scale=7)
    mean, variance, skewness = judge.stats("mvs")
    known = Cumulants(float(mean), float(variance), float(skewness * variance**1.5)).scaled(mirror)
    for share in (0.1, 0.5, 0.9):
        at = mirror * float(judge.ppf(share if mirror > 0 else 1 - share))
        assert quantile(known, share, heavy=True) == pytest.approx(at, rel=1e-6)
        assert chance_above(known, at, heavy=True) == pytest.approx(1 - share, abs=1e-8)
    assert chance_above(known.scaled(mirror), -40, heavy=True) == 1


@pytest.mark.parametrize(
    ("variation", "counts"),
    each_once([0, 0.2, 0.41, 1, 2], [((200, 20), (20, 6)), ((40, 3),), ((1000, 200), (200, 20), (20, 2)), ((50, 0),)]),
)
def test_the_curve_is_close_for_products_of_rates_and_money(
    counts: tuple[tuple[int, int], ...], variation: float
) -> None:
    """Posteriors of few counts: chances within 1.5 points of draws, quantiles within 4% of the mean.

    Without any success only the chances of 50% and less are close once the money is uncertain as well.
    """
    random = np.random.default_rng(1)
    known, drawn = Cumulants(1.0), np.ones(1_000_000)
    for trials, came in counts:
        judge = stats.beta(1 + came, 1 + trials - came)
        mean, variance, skewness = judge.stats("mvs")
        known = known.times(Cumulants(float(mean), float(variance), float(skewness * variance**1.5)))
        drawn *= random.beta(1 + came, 1 + trials - came, len(drawn))
    square = math.log1p(variation**2)
    known = known.times(lognormal(1, variation))
    drawn *= np.exp(random.normal(-square / 2, math.sqrt(square), len(drawn)))
    assert known.mean == pytest.approx(drawn.mean(), rel=0.02)
    nobody = any(came == 0 for _, came in counts)
    wrong = 0.06 if nobody and variation else 0.015 if variation < 2 else 0.035
    for share in (0.1, 0.2, 0.5, 0.8, 0.9):
        if nobody and variation and share < 0.5:
            continue
        at = float(np.quantile(drawn, share))
        assert chance_above(known, at, heavy=bool(variation)) == pytest.approx(1 - share, abs=wrong)
        if not nobody or not variation:
            assert quantile(known, share, heavy=bool(variation)) == pytest.approx(at, abs=0.04 * known.mean)
