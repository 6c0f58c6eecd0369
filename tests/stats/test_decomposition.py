"""What moved a product and a weighted mean: effects add up, by hand and for random funnels."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnelcli.analyses.comparison import ComparisonReport, compare
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.reader import read
from funnelcli.stats.decomposition import log_mean, mix_effects, product_effects
from tests.thorough import whole_or_part

if TYPE_CHECKING:
    from funnelcli.model import Funnel


def funnel_of(text: str) -> Funnel:
    reading = read(text.encode(), "f.yaml")
    assert not [each for each in reading.diagnostics if each.problem.code < "FN3"], reading.diagnostics
    return reading.funnels[0]


def compared(a: str, b: str, *, common: bool = False) -> ComparisonReport:
    report = compare([funnel_of(a), funnel_of(b)], ["a", "b"], common=common)
    assert not isinstance(report, Problem), report
    return report


@pytest.mark.parametrize(
    ("a", "b", "mean"),
    [(2, 1, 1 / math.log(2)), (1, 2, 1 / math.log(2)), (5, 5, 5), (0, 3, 0), (3, 0, 0), (math.e, 1, math.e - 1)],
)
def test_the_logarithmic_mean(a: float, b: float, mean: float) -> None:
    assert log_mean(a, b) == pytest.approx(mean, rel=1e-14)


def test_the_logarithmic_mean_of_neighbours_is_between_them() -> None:
    for step in (1e-3, 1e-9, 1e-15):
        assert 1 <= log_mean(1 + step, 1) <= 1 + step


def test_effects_of_a_doubled_and_a_halved_factor() -> None:
    """From 2 x 3 = 6 to 4 x 1.5 = 6 nothing moved, and each factor's effect is 6 ln 2 with its sign."""
    effects = product_effects([2, 3], [4, Fraction(3, 2)], 0, (6, 6))
    assert effects == [pytest.approx(6 * math.log(2)), pytest.approx(-6 * math.log(2))]


def test_a_factor_that_becomes_zero_moved_everything() -> None:
    """In the limit of a vanishing value; two of them share the change (Ang and Liu, Energy Policy 35, 2007)."""
    assert product_effects([2, 3, 4], [5, 0, 1], -24, (24, 0)) == [0, -24, 0]
    assert product_effects([0, 3, 0], [5, 2, 1], 10, (0, 10)) == [5, 0, 5]
    small = 1e-200
    limit = product_effects([2, 3, 4], [5, small, 1], 5 * small - 24, (24, 5 * small))
    assert limit[1] == pytest.approx(-24, rel=0.01)


def test_by_hand() -> None:
    """100 visits, 10%, 50 each; then 200 visits, 10%, 40 each: revenue 500 to 800, L = 300 / ln 1.6."""
    report = compared(
        "average_check: 50\nstages: {Visits: 100, Sales: 10}", "average_check: 40\nstages: {Visits: 200, Sales: 20}"
    )
    revenue = report.comparisons[0].revenue
    assert revenue is not None
    mean = 300 / math.log(1.6)
    assert [(each.factor, each.effect) for each in revenue.effects] == [
        ("entries", pytest.approx(mean * math.log(2))),
        ("conversion@Sales", 0),
        ("average_check", pytest.approx(mean * math.log(0.8))),
    ]
    assert (revenue.a, revenue.b, revenue.change, revenue.change_rate) == (500, 800, 300, Fraction(3, 5))


def counts(length: int) -> st.SearchStrategy[list[int]]:
    """Falling counts, zeros and equal ones among them."""
    return st.lists(st.integers(0, 10**6) | st.just(0) | st.integers(0, 5), min_size=length, max_size=length).map(
        lambda values: sorted(values, reverse=True)
    )


MONEY = st.none() | st.just("0") | st.decimals("0.01", "100000", places=2).map(str)


@settings(max_examples=whole_or_part(150, 60), derandomize=True, deadline=None)
@given(st.integers(2, 6).flatmap(lambda n: st.tuples(*[counts(n)] * 2, *[st.lists(MONEY, min_size=n, max_size=n)] * 2)))
def test_effects_add_up_to_the_change(sides: tuple[list[int], list[int], list[str | None], list[str | None]]) -> None:
    """Within 1e-9 of the larger revenue, for several revenue stages, empty stages and checks of 0 alike."""
    texts = []
    for values, checks in ((sides[0], sides[2]), (sides[1], sides[3])):
        stages = ", ".join(
            f"{{name: S{index}, count: {value}{'' if check is None else f', average_check: {check}'}}}"
            for index, (value, check) in enumerate(zip(values, checks, strict=True))
        )
        texts.append(f"stages: [{stages}]")
    (pair,) = compared(*texts).comparisons
    for moved in (pair.revenue, pair.sales):
        if moved is None:
            continue
        total = math.fsum(each.effect for each in moved.effects)
        scale = max(float(moved.a), float(moved.b), 1e-300)
        assert abs(total - float(moved.change)) <= 1e-9 * scale


def test_simpsons_paradox() -> None:
    """Each segment falls (10% to 9%, 50% to 48%) and the total rises, because the good one has grown."""
    before = [(90, 900), (50, 100)]
    after = [(45, 500), (240, 500)]
    effect = mix_effects(before, after)
    assert effect is not None
    assert effect.rates_all_fell
    assert not effect.rates_all_rose
    # by hand: shares .9 .1 -> .5 .5; rate: .7 x -.01 + .3 x -.02; mix: .095 x -.4 + .49 x .4
    assert effect.rate_effect == pytest.approx(-0.013, abs=1e-15)
    assert effect.mix_effect == pytest.approx(0.158, abs=1e-15)
    assert effect.rate_effect + effect.mix_effect == pytest.approx(285 / 1000 - 140 / 1000, abs=1e-15)


@settings(max_examples=whole_or_part(200, 80), derandomize=True)
@given(
    st.lists(
        st.tuples(*[st.none() | st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda p: (min(p), max(p)))] * 2),
        min_size=1,
        max_size=8,
    )
)
def test_mix_and_rate_add_up(pairs: list[tuple[tuple[int, int] | None, tuple[int, int] | None]]) -> None:
    before, after = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    effect = mix_effects(before, after)
    totals = [
        (sum(each[0] for each in side if each), sum(each[1] for each in side if each)) for side in (before, after)
    ]
    if not all(could for _, could in totals):
        assert effect is None
        return
    assert effect is not None
    change = totals[1][0] / totals[1][1] - totals[0][0] / totals[0][1]
    assert effect.rate_effect + effect.mix_effect == pytest.approx(change, abs=1e-12)
