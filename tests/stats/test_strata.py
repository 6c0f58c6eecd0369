"""Rates within strata, against statsmodels, exact fractions and a simulation."""

from fractions import Fraction

import numpy
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

from funnelcli.stats.intervals import newcombe
from funnelcli.stats.strata import about, alike
from funnelcli.stats.tests import pooled_z

Strata = list[tuple[int, int, int, int]]


def drawn(random: numpy.random.Generator, rates: list[tuple[float, float]], sizes: list[tuple[int, int]]) -> Strata:
    return [
        (int(random.binomial(first, one)), first, int(random.binomial(second, other)), second)
        for (one, other), (first, second) in zip(rates, sizes, strict=True)
    ]


def strata_of(seed: int) -> Strata:
    random = numpy.random.default_rng(seed)
    rates = [(rate, rate / 2) for rate in random.uniform(0.05, 0.7, random.integers(2, 9))]
    return drawn(random, rates, [tuple(map(int, random.integers(3, 90, 2))) for _ in rates])


def few(seed: int) -> Strata:
    """Strata of a few units, where rates of 0 and 100% are common; some lack a side."""
    random = numpy.random.default_rng(seed)
    rates = [tuple(map(float, pair)) for pair in random.choice([0, 0.1, 0.5, 0.9, 1], (random.integers(2, 6), 2))]
    return drawn(random, rates, [tuple(map(int, random.integers(0, 7, 2))) for _ in rates])


def differences(strata: Strata) -> list[tuple[Fraction, Fraction]]:
    """B's rate minus A's in each stratum that has both, and its weight of Mantel and Haenszel."""
    both = [each for each in strata if each[1] and each[3]]
    return [(Fraction(b, n) - Fraction(a, m), Fraction(m * n, m + n)) for a, m, b, n in both]


@pytest.mark.parametrize("seed", range(20))
def test_the_pooled_test_of_the_samples_is_that_of_cochran_mantel_and_haenszel(seed: int) -> None:
    strata = strata_of(seed)
    found = alike(strata)
    assert found is not None
    tables = [numpy.array([[b, trials_b - b], [a, trials_a - a]]) for a, trials_a, b, trials_b in strata]
    judge = StratifiedTable(tables)
    assert pooled_z(*found).p_value == pytest.approx(judge.test_null_odds(correction=False).pvalue, rel=1e-6)


@pytest.mark.parametrize("seeds", range(20))
@pytest.mark.parametrize("draw", [strata_of, few])
def test_the_difference_is_that_of_mantel_and_haenszel_and_lies_between_the_strata_s(draw, seeds: int) -> None:
    """So do the rates of A and of B, and with them B's relative to A's."""
    for seed in range(seeds * 50, seeds * 50 + 50):
        strata = draw(seed)
        found, apart = alike(strata), differences(strata)
        if found is None:
            assert not apart
            continue
        came_a, could_a, came_b, could_b = found
        assert 0 <= came_a <= could_a
        assert 0 <= came_b <= could_b
        right = sum(gap * weight for gap, weight in apart) / sum(weight for _, weight in apart)
        difference = came_b / could_b - came_a / could_a
        assert difference == pytest.approx(float(right), abs=1e-12)
        assert min(apart)[0] - 1e-12 <= difference <= max(apart)[0] + 1e-12
        for came, could, at in ((came_a, could_a, 0), (came_b, could_b, 2)):
            own = [each[at] / each[at + 1] for each in strata if each[1] and each[3]]
            assert min(own) - 1e-12 <= came / could <= max(own) + 1e-12


@pytest.mark.parametrize(
    ("strata", "percent"),
    [
        ([(2, 2, 2, 2), (3, 3, 2, 3)], -20),
        ([(18, 20, 5, 5), (4, 4, 5, 5)], Fraction(100 * 4 * Fraction(1, 10), 4 + Fraction(20, 9))),
    ],
)
def test_few_units_of_which_all_came_make_no_difference_that_cannot_be(strata: Strata, percent: Fraction) -> None:
    """Weights 1 and 1.5 of 0 and -1/3; 4 and 20/9 of 1/10 and 0."""
    found = alike(strata)
    assert found is not None
    assert 100 * (found[2] / found[3] - found[0] / found[1]) == pytest.approx(float(percent))


@pytest.mark.parametrize(
    ("rates", "sizes"),
    [
        ([(0.2, 0.3), (0.5, 0.6), (0.1, 0.2)], [(60, 40), (30, 90), (80, 20)]),
        ([(0.05, 0.05), (0.6, 0.6), (0.3, 0.3)], [(40, 40), (100, 20), (20, 60)]),
        ([(0.1, 0.2), (0.8, 0.9)], [(15, 25), (30, 10)]),
        ([(0.4, 0.2)] * 8, [(12, 8), (8, 12)] * 4),
    ],
)
def test_the_interval_of_the_difference_holds_the_true_one_as_often_as_it_says(rates, sizes) -> None:
    random = numpy.random.default_rng(5)
    weights = [m * n / (m + n) for m, n in sizes]
    truth = sum(w * (q - p) for w, (p, q) in zip(weights, rates, strict=True)) / sum(weights)
    held, runs = 0, 4000
    for _ in range(runs):
        found = alike(drawn(random, rates, sizes))
        assert found is not None
        interval = newcombe(*found)
        held += interval.low <= truth <= interval.high
    assert 0.93 <= held / runs <= 0.97


def test_one_stratum_is_what_it_is_and_what_one_side_lacks_tells_nothing() -> None:
    assert alike([(3, 10, 4, 8), (5, 9, 0, 0)]) == (3, 10, 4, 8)
    assert alike([(0, 0, 4, 8), (5, 9, 0, 0)]) is None


@pytest.mark.parametrize("came", [0, 1])
def test_where_all_end_alike_nothing_differs(came: int) -> None:
    found = alike([(came * 5, 5, came * 7, 7), (came * 3, 3, came * 9, 9)])
    assert found is not None
    assert pooled_z(*found).p_value == 1


def test_strata_alike_are_as_large_as_their_sum_but_for_a_unit_each() -> None:
    """The variance of a table divides by one unit less (hypergeometric)."""
    found = alike([(30, 100, 60, 200)] * 4)
    assert found is not None
    assert found == pytest.approx([each * 299 / 300 for each in (120, 400, 240, 800)])


def test_nobody_of_one_side_came() -> None:
    found = alike([(0, 20, 9, 30), (0, 25, 8, 20)])
    assert found is not None
    assert found[0] == 0


def test_beside_others_the_odds_are_those_of_another_common_rate() -> None:
    """20 of 100 with 40 of 100 of all: the odds 1/4 and 2/3; where all have 1/2, 1, it is 3/8, which is 3/11."""
    came, could = about((60, 100, 20, 100), 0.5)
    assert came / could == pytest.approx(3 / 11)
    assert could == pytest.approx(100 * 0.24 / 0.25)
    assert about((60, 100, 20, 100), 0.4) == pytest.approx((20, 100))


@pytest.mark.parametrize("came", [0, 7])
def test_none_and_all_stay_so(came: int) -> None:
    found = about((3, 9, came, 7), 0.9)
    assert found[0] == pytest.approx(found[1] * came / 7)


def test_what_has_no_units_has_none_beside_others() -> None:
    assert about((0, 0, 0, 0), 0.5) == (0, 0)
    assert about((3, 9, 0, 0), 0.5) == (0, 0)
