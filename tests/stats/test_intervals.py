"""Intervals and tests against SciPy, statsmodels, exact fractions, textbook values, and limits known exactly."""

from __future__ import annotations

import gc
import math
import random
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

import pytest
from scipy import optimize, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from funnelcli.analyses.rates import step_rate
from funnelcli.funnel_file.reader import read
from funnelcli.stats.intervals import (
    corrected_wilson,
    decided_sample,
    newcombe,
    relative_lift,
    sample,
    wilson_bounds,
)
from funnelcli.stats.tests import (
    NOT_TESTED,
    compare_rates,
    fisher_exact,
    holm,
    pooled_z,
    two_proportion_test,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.model import Funnel

TRIALS = (1, 2, 3, 7, 10, 50, 99, 1000, 12_345, 10**6)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("trials", TRIALS)
def test_the_corrected_interval_agrees_with_scipy(trials: int, confidence: float) -> None:
    for successes in sorted({0, 1, 2, trials // 7, trials // 2, trials - 1, trials} & set(range(trials + 1))):
        expected = stats.binomtest(successes, trials).proportion_ci(confidence, method="wilsoncc")
        interval = corrected_wilson(successes, trials, confidence)
        assert interval.low == pytest.approx(expected.low, rel=1e-8, abs=1e-12)
        assert interval.high == pytest.approx(expected.high, rel=1e-9)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("trials", TRIALS)
def test_wilson_agrees_with_scipy(trials: int, confidence: float) -> None:
    for successes in sorted({0, 1, 2, trials // 7, trials // 2, trials - 1, trials} & set(range(trials + 1))):
        expected = stats.binomtest(successes, trials).proportion_ci(confidence, method="wilson")
        low, high = wilson_bounds(successes, trials, confidence)
        assert low == pytest.approx(expected.low, rel=1e-9, abs=1e-15)
        assert high == pytest.approx(expected.high, rel=1e-9)


def test_wilson_of_the_published_example() -> None:
    """7 of 50 gives [6.95%, 26.19%]; 0 of 20 gives [0, 16.11%], and its bound is 0 itself."""
    assert wilson_bounds(7, 50) == pytest.approx((0.0695, 0.2619), abs=5e-5)
    low, high = wilson_bounds(0, 20)
    assert (low, round(high, 4)) == (0, 0.1611)
    assert wilson_bounds(20, 20)[1] == 1


def test_wilson_holds_for_the_largest_counts() -> None:
    """At 1e18 the interval still contains the rate and is as narrow as the normal one."""
    low, high = wilson_bounds(10**17, 10**18)
    assert low < 0.1 < high
    assert high - low == pytest.approx(2 * 1.959964 * math.sqrt(0.09 / 1e18), rel=1e-2)


@pytest.mark.parametrize(("successes", "trials"), [(1, 0), (-1, 5), (6, 5), (0, 0)])
def test_wilson_refuses_what_is_no_sample(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="not a sample"):
        wilson_bounds(successes, trials)


PAIRS = [
    (a, n, b, m)
    for n, m in ((7, 5), (50, 80), (1000, 300), (2000, 9876))
    for a, b in product((1, 2, n // 3, n - 2), (1, 2, m // 3, m - 2))
]


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("pair", PAIRS)
def test_lift_agrees_with_statsmodels(pair: tuple[int, int, int, int], confidence: float) -> None:
    a, n, b, m = pair
    low, high = confint_proportions_2indep(b, m, a, n, "score", "ratio", 1 - confidence, correction=False)
    lift = relative_lift(*pair, confidence)
    assert lift.value == pytest.approx(b * n / (a * m) - 1)
    assert lift.low == pytest.approx(low - 1, abs=1e-6)
    assert lift.high == pytest.approx(high - 1, rel=1e-5, abs=1e-6)


def _likeliest(a: int, n: int, b: int, m: int, factor: float) -> float:
    """A's rate when B's is `factor` times it, found by search."""

    def unlikelihood(rate: float) -> float:
        other = min(rate * factor, 1.0)
        kept = ((a, rate), (n - a, 1 - rate), (b, other), (m - b, 1 - other))
        return -sum(count * math.log(max(chance, 1e-300)) for count, chance in kept if count)

    top = min(1.0, 1 / factor)
    found = optimize.minimize_scalar(unlikelihood, bounds=(0, top), method="bounded", options={"xatol": 1e-13})
    return float(found.x)


@pytest.mark.parametrize("pair", [(50, 50, 30, 50), (30, 50, 50, 50), (9, 9, 4, 40), (40, 400, 11, 11), (3, 4, 1, 2)])
def test_lift_where_all_of_a_side_came(pair: tuple[int, int, int, int]) -> None:
    """At the bounds the two squares of Pearson's chi-squared add up to z squared; statsmodels fails here."""
    a, n, b, m = pair
    lift = relative_lift(*pair)
    assert lift.low is not None
    assert lift.high is not None
    assert lift.value is not None
    assert lift.low < lift.value < lift.high
    for bound in (lift.low, lift.high):
        rate = _likeliest(*pair, 1 + bound)
        other = rate * (1 + bound)
        squares = (a - n * rate) ** 2 / (n * rate * (1 - rate)) + (b - m * other) ** 2 / (m * other * (1 - other))
        assert squares == pytest.approx(1.959964**2, rel=1e-4)


@pytest.mark.parametrize("trials", [3, 50, 10**6, 10**12, 10**18])
def test_lift_where_all_came_on_both_sides(trials: int) -> None:
    """The fitted rates are r and 1, and n (1 - r) / r = z squared, so that r = n / (n + z squared)."""
    lift = relative_lift(trials, trials, trials, trials)
    square = 1.959963984540054**2
    assert lift.value == 0
    assert lift.low == pytest.approx(-square / (trials + square), rel=1e-6)
    assert lift.high == pytest.approx(square / trials, rel=1e-6)


@pytest.mark.filterwarnings("ignore:divide by zero")  # in statsmodels, for the bound that is not finite
def test_lift_where_nobody_came() -> None:
    """Without successes on a side there is a bound on the other; without any nothing is known."""
    from_nothing = relative_lift(0, 50, 10, 50)
    low, _ = confint_proportions_2indep(10, 50, 0, 50, "score", "ratio", correction=False)
    assert (from_nothing.value, from_nothing.high) == (None, None)
    assert from_nothing.low == pytest.approx(low - 1, rel=1e-9)
    to_nothing = relative_lift(10, 50, 0, 50)
    _, high = confint_proportions_2indep(0, 50, 10, 50, "score", "ratio", correction=False)
    assert (to_nothing.value, to_nothing.low) == (-1, -1)
    assert to_nothing.high == pytest.approx(high - 1, rel=1e-9)
    assert relative_lift(0, 50, 0, 40)[:3] == (None, None, None)
    tiny = relative_lift(0, 10, 1, 10**6)
    assert tiny.low == pytest.approx(-1, abs=1e-4)


@pytest.mark.parametrize("pair", [*PAIRS, (48, 80, 56, 70), (100, 1000, 131, 1000), (100, 1000, 128, 1000)])
def test_lift_leaves_out_none_exactly_where_the_pooled_test_does(pair: tuple[int, int, int, int]) -> None:
    lift = relative_lift(*pair)
    assert lift.low is not None
    assert lift.high is not None
    assert (lift.low <= 0 <= lift.high) == (pooled_z(*pair).p_value >= 0.05)


@pytest.mark.parametrize("pair", [*PAIRS, (10**17, 10**18, 10**17 + 10**9, 10**18)])
def test_lift_seen_from_the_other_side_is_the_inverse(pair: tuple[int, int, int, int]) -> None:
    lift, back = relative_lift(*pair), relative_lift(*pair[2:], *pair[:2])
    assert lift.low is not None
    assert lift.high is not None
    assert back.low is not None
    assert back.high is not None
    assert (1 + lift.low) * (1 + back.high) == pytest.approx(1, rel=1e-9)
    assert (1 + lift.high) * (1 + back.low) == pytest.approx(1, rel=1e-9)


def test_lift_of_the_largest_counts() -> None:
    """At 1e18 it is the normal interval of the logarithm, and of 3 against 5 of a billion that of Poisson counts."""
    lift = relative_lift(10**17, 10**18, 10**17 + 10**9, 10**18)
    reach = 1.959964 * math.sqrt(2 * (1 / 1e17 - 1 / 1e18))
    assert lift.low is not None
    assert lift.high is not None
    assert (lift.low, lift.high) == (pytest.approx(1e-8 - reach, rel=1e-4), pytest.approx(1e-8 + reach, rel=1e-4))
    assert relative_lift(3, 10**9, 5, 10**9)[:3] == pytest.approx(relative_lift(3, 10**7, 5, 10**7)[:3], rel=1e-5)


@pytest.mark.parametrize(
    "pair",
    [
        (10**18, 10**18, 0.01, 0.02),
        (0.5, 1.0, 1, 10**18),
        (1e-9, 2e-9, 3e-9, 4e-9),
        (10**18 - 1, 10**18, 7, 7),
        (0, 10**18, 1e-9, 1e-9),
        (0, 1e-12, 1e-9, 1e-6),
    ],
)
def test_lift_of_samples_that_say_next_to_nothing_ends(pair: tuple[float, float, float, float]) -> None:
    """Effective samples may be far smaller than a unit, beside ones of 1e18: bounds are finite, or there is none."""
    for a, n, b, m in (pair, (*pair[2:], *pair[:2])):
        lift = relative_lift(a, n, b, m)
        assert lift.low is not None
        assert -1 <= lift.low < math.inf
        assert lift.high is None or lift.low <= lift.high < math.inf


def test_lift_of_no_trials_is_refused() -> None:
    with pytest.raises(ValueError, match="trials on both sides"):
        relative_lift(0, 0, 1, 2)
    with pytest.raises(ValueError, match="not a sample"):
        relative_lift(3, 2, 1, 2)


@pytest.mark.parametrize(
    ("stages", "index", "expected"),
    [
        ("[{name: A, count: 100}, {name: B, count: 7}]", 1, (7, 100)),
        ("[{name: A, count: 100}, {name: B, count: 7}]", 0, None),
        ("[{name: A, count: 27.5}, {name: B, count: 7}]", 1, None),
        ("[{name: A, count: 0}, {name: B, count: 0}]", 1, None),
        ("[{name: A, count: 5}, {name: B, count: 9, allow_growth: true}]", 1, None),
        ("[{name: A, count: 100}, {name: B, conversion: 50%}]", 1, None),
    ],
)
def test_only_counted_whole_steps_are_samples(stages: str, index: int, expected: tuple[int, int] | None) -> None:
    (funnel,) = read(f"stages: {stages}\n".encode(), "f.yaml").funnels
    assert sample(funnel, index) == expected


def test_a_stage_after_a_stated_conversion_is_no_sample_of_the_entry() -> None:
    (funnel,) = read(
        b"stages: [{name: A, count: 100}, {name: B, conversion: 50%}, {name: C, count: 10}]\n", "f.yaml"
    ).funnels
    assert sample(funnel, 2, whole=0) is None


def edges(*trials: int) -> list[tuple[int, int]]:
    """Samples of 0, 1, 2, a tenth, a half, all but one and all."""
    return [(came, n) for n in trials for came in sorted({0, 1, 2, n // 10, n // 2, n - 1, n}) if 0 <= came <= n]


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_newcombe_agrees_with_statsmodels(confidence: float) -> None:
    """1e-9 absolute: statsmodels subtracts the Wilson bounds from the rates, we do not."""
    samples = edges(1, 2, 7, 50, 1000, 10**6)
    for (came_a, n_a), (came_b, n_b) in product(samples, samples):
        low, high = confint_proportions_2indep(came_b, n_b, came_a, n_a, method="newcomb", alpha=1 - confidence)
        result = newcombe(came_a, n_a, came_b, n_b, confidence)
        assert (result.low, result.high) == pytest.approx((low, high), abs=1e-9)
        assert result.value == float(Fraction(came_b, n_b) - Fraction(came_a, n_a))


def test_newcombe_of_the_published_examples() -> None:
    """Newcombe 1998, table II, method 10: 56/70 - 48/80, 9/10 - 3/10, 10/10 - 0/20, 10/10 - 0/10."""
    cases = {
        (48, 80, 56, 70): (0.0524, 0.3339),
        (3, 10, 9, 10): (0.1705, 0.8090),
        (0, 20, 10, 10): (0.6791, 1.0000),
        (0, 10, 10, 10): (0.6075, 1.0000),
    }
    for case, expected in cases.items():
        result = newcombe(*case)
        assert (round(result.low, 4), round(result.high, 4)) == expected
    assert newcombe(48, 80, 56, 70)[:1] + newcombe(48, 80, 56, 70)[3:] == (
        0.2, 0.95, "Newcombe hybrid score", 48, 80, 56, 70
    )  # fmt: skip


@pytest.mark.parametrize("trials", [10**9, 10**12, 10**18])
def test_newcombe_of_huge_samples_is_the_normal_interval(trials: int) -> None:
    """The half widths differ by terms of 1 / sqrt(n); at 3e-9 against 1e-9 the difference keeps all its digits."""
    came = 3 * trials // 10
    result = newcombe(came, trials, came + 5, trials)
    half = 1.959963984540054 * math.sqrt(2 * 0.21 / trials)
    assert result.value == 5 / trials
    assert result.high - result.value == pytest.approx(half, rel=2e-4)
    assert result.value - result.low == pytest.approx(half, rel=2e-4)


def test_newcombe_mirrors_when_the_sides_are_exchanged() -> None:
    for a, b in product(edges(1, 7, 50), edges(3, 1000)):
        one, other = newcombe(*a, *b), newcombe(*b, *a)
        assert (one.value, one.low, one.high) == (-other.value, -other.high, -other.low)


def test_newcombe_never_leaves_the_possible() -> None:
    assert newcombe(0, 10**12, 10**12, 10**12).high == 1
    assert newcombe(10**12, 10**12, 0, 10**12).low == -1


@pytest.mark.parametrize("case", [(0, 0, 1, 5), (1, 5, 0, 0)])
def test_newcombe_needs_trials(case: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="trials on both sides"):
        newcombe(*case)


def test_pooled_z_agrees_with_scipy() -> None:
    """The z test is the chi-square test without correction; relative 1e-9, down to 1e-290."""
    samples = edges(1, 2, 7, 50, 1000, 10**6)
    for (came_a, n_a), (came_b, n_b) in product(samples, samples):
        came, units = came_a + came_b, n_a + n_b
        p_value = pooled_z(came_a, n_a, came_b, n_b).p_value
        if came in (0, units):
            assert p_value == 1
            continue
        cells = ((came_a, n_a, came), (came_b, n_b, came), (n_a - came_a, n_a, units - came))
        cells += ((n_b - came_b, n_b, units - came),)
        square = sum((seen - n * total / units) ** 2 / (n * total / units) for seen, n, total in cells)
        assert p_value == pytest.approx(stats.chi2.sf(square, 1), rel=1e-9, abs=1e-290)


@pytest.mark.parametrize("trials", [10**6, 10**9, 10**12, 10**18])
def test_pooled_z_of_huge_samples(trials: int) -> None:
    """Z from exact fractions, its tail from SciPy: relative 1e-9, for p from 1 to 1e-300."""
    for share, z in product((Fraction(1, 1000), Fraction(1, 2), Fraction(9, 10)), (0.01, 1, 2.5, 8, 30)):
        came_a = int(share * trials)
        came_b = came_a + int(z * math.sqrt(2 * share * (1 - share) * trials))
        pooled = Fraction(came_a + came_b, 2 * trials)
        square = Fraction(came_b - came_a, trials) ** 2 / (pooled * (1 - pooled) * 2 / trials)
        expected = 2 * stats.norm.sf(math.sqrt(square))
        assert pooled_z(came_a, trials, came_b, trials).p_value == pytest.approx(expected, rel=1e-9, abs=1e-290)


def exact_fisher(came_a: int, n_a: int, came_b: int, n_b: int) -> float:
    """The definition in whole numbers, for tables where few came: nothing is rounded before the last division."""
    came = came_a + came_b
    ways = [math.comb(n_a, k) * math.comb(n_b, came - k) for k in range(came + 1)]
    return sum(each for each in ways if each * 10**7 <= ways[came_a] * (10**7 + 1)) / sum(ways)


def test_fisher_agrees_with_scipy() -> None:
    """Every table with sides of up to 7, and random ones of up to 400, where nothing ties within 1e-7 but exactly."""
    rng = random.Random(1)
    tables = [(a, n, b, m) for n in range(8) for m in range(8) for a in range(n + 1) for b in range(m + 1)]
    for _ in range(400):
        n, m = rng.randint(1, 400), rng.randint(1, 400)
        tables.append((rng.randint(0, n), n, rng.randint(0, m), m))
    for a, n, b, m in tables:
        expected = stats.fisher_exact([[a, n - a], [b, m - b]]).pvalue
        assert fisher_exact(a, n, b, m).p_value == pytest.approx(expected, rel=1e-9, abs=1e-300), (a, n, b, m)


def test_fisher_of_opposites_is_told_down_to_1e_300() -> None:
    """None of n against all of n: two of C(2n, n) tables are as unlikely, 7.7e-294 at 490 and 1.8e-303 at 506."""
    assert fisher_exact(0, 490, 490, 490).p_value == pytest.approx(float(Fraction(2, math.comb(980, 490))), rel=1e-9)
    assert fisher_exact(0, 506, 506, 506).p_value == 0


@pytest.mark.parametrize("trials", [10**3, 10**6, 10**9, 10**12, 10**18])
def test_fisher_of_rare_events_and_rare_failures(trials: int) -> None:
    """Relative 1e-9, into tails of 1e-280; failures and exchanged sides are the same table."""
    for came_a, came_b in product((0, 1, 2, 3, 5, 9, 20), repeat=2):
        for other in (trials, 3 * trials, trials - 1, 40):
            expected = exact_fisher(came_a, trials, came_b, other)
            table = (came_a, trials, came_b, other)
            mirrored = (trials - came_a, trials, other - came_b, other)
            for each in (table, mirrored, (*table[2:], *table[:2])):
                assert fisher_exact(*each).p_value == pytest.approx(expected, rel=1e-9, abs=1e-300), each


def test_fisher_far_from_what_is_expected_is_zero_at_once() -> None:
    """Support of a million, an expected cell of 1, a million seen: the p-value is below the least float."""
    assert fisher_exact(10**6, 10**6, 0, 10**12).p_value == 0


def test_fisher_of_large_cells_agrees_with_scipy() -> None:
    """Called alone, without an expected cell below 5; 1e-7 is the error of SciPy's logarithms of factorials."""
    for b in (4800, 5000, 5003, 5200):
        expected = stats.fisher_exact([[5000, 95_000], [b, 120_000 - b]]).pvalue
        assert fisher_exact(5000, 100_000, b, 120_000).p_value == pytest.approx(expected, rel=1e-7)


def test_fisher_of_the_tea_taster() -> None:
    """Fisher's own table, 3 of 4 against 1 of 4: 34/70. Agresti, Categorical Data Analysis, 2.6.2."""
    assert fisher_exact(3, 4, 1, 4).p_value == pytest.approx(34 / 70, rel=1e-14)


@pytest.mark.parametrize(
    ("case", "method"),
    [
        ((48, 80, 56, 70), "pooled z"),
        ((5, 10, 5, 10), "pooled z"),  # all four cells are expected to be 5
        ((4, 10, 5, 10), "Fisher's exact"),  # 4.5
        ((6, 10, 5, 10), "Fisher's exact"),  # 4.5 who did not come
        ((10, 100, 0, 100), "pooled z"),
        ((9, 100, 0, 100), "Fisher's exact"),
        ((10**6 - 3, 10**6, 10**6 - 6, 10**6), "Fisher's exact"),
        ((2, 4, 10**6, 2 * 10**6), "Fisher's exact"),
    ],
)
def test_fisher_is_used_where_an_expected_cell_is_below_five(case: tuple[int, int, int, int], method: str) -> None:
    result = two_proportion_test(*case)
    assert result.method == method
    alone = pooled_z if method == "pooled z" else fisher_exact
    assert result == alone(*case)
    assert result[2:] == case


@pytest.mark.parametrize("case", [(0, 0, 0, 0), (0, 0, 3, 9), (2, 5, 0, 0), (0, 5, 0, 10**12), (5, 5, 10**12, 10**12)])
def test_where_nothing_can_differ_p_is_one(case: tuple[int, int, int, int]) -> None:
    for test in (two_proportion_test, pooled_z, fisher_exact):
        assert test(*case).p_value == 1


@pytest.mark.parametrize("trials", [1, 10, 100, 10**6, 10**12])
def test_equal_samples_do_not_differ(trials: int) -> None:
    for came in {0, 1, trials // 2, trials}:
        assert two_proportion_test(came, trials, came, trials).p_value == 1


@pytest.mark.parametrize("case", [(-1, 5, 0, 1), (6, 5, 0, 1), (0, 1, 2, 1), (0, 1, 0, -1)])
def test_comparisons_refuse_what_is_no_sample(case: tuple[int, int, int, int]) -> None:
    for function in (newcombe, two_proportion_test, pooled_z, fisher_exact):
        with pytest.raises(ValueError, match="not a sample"):
            function(*case)


def test_several_pairs_are_corrected_together_and_say_which_way_they_go() -> None:
    """48 of 80 against 56 of 70 has p = 0.0080; 10 of 100 against 10 of 100 has 1; no samples are not counted."""
    up, none, down, equal = compare_rates([(48, 80, 56, 70), None, (56, 70, 48, 80), (10, 100, 10, 100)])
    assert (round(up.p_value or 0, 4), up.differs, down.differs, equal.differs) == (0.0080, 1, -1, 0)
    assert up.p_value_holm == pytest.approx(3 * (up.p_value or 0))
    assert (down.p_value_holm, equal.p_value_holm) == (pytest.approx(up.p_value_holm), 1)
    assert none == NOT_TESTED == (None, None, None, 0)
    assert compare_rates([(100, 1000, 130, 1000), (5, 10, 6, 10), (5, 10, 6, 10)])[0].differs == 0  # 0.035 x 3


def test_holm_agrees_with_statsmodels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc, "collect", lambda: 0)  # which statsmodels calls each time: slow where much is loaded
    rng = random.Random(2)
    for size in [1, 2, 3, 8, 20] * 4:
        p_values = [rng.choice((rng.random(), rng.random() ** 8, 0.0, 1.0, 0.01)) for _ in range(size)]
        assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1], rel=1e-12)


def test_holm_leaves_out_what_was_not_tested() -> None:
    """Holm's steps by hand: 3 x 0.01, 2 x 0.03, and 1 x 0.04 raised to the one before it."""
    assert holm([0.01, None, 0.04, 0.03]) == pytest.approx((0.03, None, 0.06, 0.06))
    assert holm([None, None]) == (None, None)
    assert holm([]) == ()


OPEN = """\
stages:
- {name: Leads, count: 100, open: 20}
- {name: Offers, count: 40, open: 10}
- {name: Sales, count: 10}
"""


def test_units_that_are_open_have_neither_come_nor_left(funnel: Callable[[str], Funnel]) -> None:
    """40 of the 80 leads and 10 of the 30 offers that are decided."""
    built = funnel(OPEN)
    assert [built.conversion_decided(index) for index in range(3)] == [None, Fraction(1, 2), Fraction(1, 3)]
    assert [decided_sample(built, index) for index in range(3)] == [None, (40, 80), (10, 30)]
    assert [sample(built, index) for index in range(3)] == [None, (40, 100), (10, 40)]


def test_where_nothing_is_decided_nothing_is_known(funnel: Callable[[str], Funnel]) -> None:
    built = funnel("stages: [{name: Leads, count: 20, open: 20}, {name: Sales, count: 0}]")
    assert (built.decided(1), built.conversion_decided(1), decided_sample(built, 1)) == (0, None, None)


def test_a_stated_conversion_is_that_of_the_end(funnel: Callable[[str], Funnel]) -> None:
    built = funnel("stages: [{name: Leads, count: 100, open: 20}, {name: Sales, conversion: 30%}]")
    assert built.conversion_decided(1) == Fraction(3, 10)


def test_what_grows_may_be_more_than_what_is_decided(funnel: Callable[[str], Funnel]) -> None:
    built = funnel("stages: [{name: Orders, count: 60, open: 10}, {name: Parcels, count: 150, allow_growth: true}]")
    assert (built.conversion_decided(1), decided_sample(built, 1)) == (3, None)
    level = funnel("stages: [{name: Orders, count: 60, open: 10}, {name: Parcels, count: 60, allow_growth: true}]")
    assert (level.conversion_decided(1), decided_sample(level, 1)) == (Fraction(6, 5), None)
    assert step_rate(level, 1).moments()[0] == 1.2
