"""What draws are made of and what is said of them: logarithms, percentiles, shares and histograms."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from funnelcli.stats.draws import distribution, percentile, share_reaching
from funnelcli.stats.sampling import exp, log1p


@pytest.mark.parametrize("value", [-0.999999, -0.9, -0.3, -0.25, -0.1, -1e-9, 0, 1e-12, 0.01, 0.39, 0.4, 0.8, 7, 1e6])
def test_the_own_logarithm_is_that_of_the_platform(value: float) -> None:
    assert log1p(value) == pytest.approx(math.log1p(value), rel=4e-16, abs=1e-300)


@pytest.mark.parametrize("value", [0, -1e-12, -0.3, -0.35, -0.7, -1, -5, -20, -100, -699.9])
def test_the_own_exponential_is_that_of_the_platform(value: float) -> None:
    assert exp(value) == pytest.approx(math.exp(value), rel=4e-16)
    assert exp(-701) == 0


@pytest.mark.parametrize(("percent", "expected"), [(1, 1), (10, 1), (11, 2), (50, 5), (90, 9), (91, 10), (100, 10)])
def test_percentiles_are_the_least_that_so_many_do_not_exceed(percent: int, expected: int) -> None:
    assert percentile(tuple(map(float, range(1, 11))), percent) == expected


@pytest.mark.parametrize(("operator", "share"), [(">=", 0.75), (">", 0.25), ("<=", 0.75), ("<", 0.25)])
def test_the_share_that_keeps_a_limit(operator: str, share: float) -> None:
    """Two of 1, 2, 2, 3 are 2, also where rounding moved one of them."""
    assert share_reaching((1.0, 2 - 1e-12, 2 + 1e-12, 3.0), operator, 2) == share


@pytest.mark.parametrize(
    ("top", "whole", "step"), [(1000, False, 100), (375, False, 25), (300, False, 20), (14, False, 1), (5, True, 1)]
)
def test_histograms_have_round_bounds(top: int, whole: bool, step: float) -> None:
    """At most sixteen bars of 1, 2, 2.5 or 5 times a power of ten, with all draws in them."""
    values = tuple(top * number / 1000 for number in range(1001))
    bars = distribution(0, 0.0, 1.0, values, len(values), whole).histogram
    assert sum(each.draws for each in bars) == 1001
    assert {right.low - left.low for left, right in pairwise(bars[1:])} == {step}
    assert len(bars) <= 16
    assert (bars[0].low, bars[-1].high) == (0, top)


def test_what_is_certain_is_one_bar() -> None:
    known = distribution(7, 7.0, 0.0, (7.0,), 500, whole=False)
    assert (known.mean, known.deviation, known.p10, known.p90) == (7, 0, 7, 7)
    assert known.histogram == ((7, 7, 500),)


def test_a_histogram_of_few_draws_has_bars_as_well() -> None:
    """A hundred from 0 to 99: a fifteenth of 99 is 6.6, so tens of them."""
    values = tuple(float(number) for number in range(100))
    bars = distribution(0, 0.0, 1.0, values, 100, whole=False).histogram
    assert bars == tuple((low, min(low + 10, 99), 10) for low in range(0, 100, 10))


def test_sixteen_bars_are_the_most() -> None:
    """From 0.5 to 16.2 there would be seventeen of 1: a fifteenth is more than 1, and so they are of 2."""
    values = tuple(0.5 + 15.7 * number / 99 for number in range(100))
    bars = distribution(0, 0.0, 1.0, values, 100, whole=False).histogram
    assert [each.high for each in bars[:-1]] == [2, 4, 6, 8, 10, 12, 14, 16]


def test_where_nearly_all_are_equal_one_bar_goes_up_to_the_rest() -> None:
    values = (*[5.0] * 999, 9.0)
    assert distribution(5, 5.0, 0.1, values, 1000, whole=False).histogram == ((5, 9, 1000),)


def test_half_a_percent_at_each_end_does_not_stretch_the_bars() -> None:
    """Of 1,000 five lie far below and five far above: the ends of the first and the last bar, and no more."""
    values = (*[-1e6] * 5, *map(float, range(990)), *[1e6] * 5)
    bars = distribution(0, 0.0, 1.0, values, 1000, whole=False).histogram
    assert [each.draws for each in bars] == [105, *[100] * 8, 95]
    assert (bars[0].low, bars[0].high, bars[-1].low, bars[-1].high) == (-1e6, 100, 900, 1e6)
    more = distribution(0, 0.0, 1.0, (*[-1e6] * 6, *map(float, range(988)), *[1e6] * 6), 1000, whole=False).histogram
    assert more[0].high == -800_000  # a sixth is more than half a percent: bars of 200,000, a fifteenth and up


@pytest.mark.parametrize(("price", "least"), [(1, 30), (10_000, 25), (7, 3), (180, 40)])
def test_bars_of_sales_at_one_price_hold_as_many_values_each(price: int, least: int) -> None:
    """Every number of sales comes as often: a bar that is higher than the next one would be of its width alone."""
    values = tuple(float(price * sales) for sales in range(least, least + 40) for _ in range(50))
    bars = distribution(0, 0.0, 1.0, values, len(values), whole=price == 1).histogram[1:-1]
    assert len(bars) >= 2
    assert len({each.draws for each in bars}) == 1
