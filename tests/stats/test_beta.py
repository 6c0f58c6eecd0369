"""Beta distributions against SciPy, closed forms, finite sums, and figures of mpmath where SciPy has no digits left."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import combinations_with_replacement, pairwise, product

import numpy
import numpy as np
import pytest
from scipy import integrate, special
from scipy.stats import beta

from funnelcli.stats.beta import (
    Candidate,
    chance_below,
    distance_quantile,
    posterior,
    prob_b_beats_a,
    prob_lowest,
    rate_at,
)
from tests.thorough import few

SHAPES = (0.5, 1, 1.5, 2, 3, 10, 57.3, 100, 1000, 12_345, 10**6)
SPREADS = (-9, -6, -3, -2, -1, -0.1, 0, 0.3, 1, 3, 6)


def near(a: float, b: float, spreads: float) -> float:
    """An x so many standard deviations of the log odds from the centre."""
    return 1 / (1 + b / a * math.exp(-spreads * math.sqrt(1 / a + 1 / b)))


def cdf(a: float, b: float, x: float) -> float:
    """The chance below x; the difference from the centre is exact, as it may be all that tells the two apart."""
    odds = x / (1 - x) * (b / a)
    if not 0.5 < odds < 2:
        return chance_below(a, b, math.log(odds) if odds else -math.inf)
    exact = Fraction(x)
    return chance_below(
        a, b, math.log1p((exact * (Fraction(a) + Fraction(b)) - Fraction(a)) / ((1 - exact) * Fraction(a)))
    )


def quantile(a: float, b: float, share: float) -> float:
    """The x below which the variable lies with a probability."""
    return rate_at(a, b, distance_quantile(a, b, share))


@pytest.mark.parametrize("a", SHAPES)
def test_cdf_agrees_with_scipy(a: float) -> None:
    """Relative to the tail, down to 1e-300: 1e-9 leaves room for SciPy's own error at large shapes."""
    for b, spreads in product(SHAPES, SPREADS):
        x = near(a, b, spreads)
        expected = special.betainc(a, b, x)
        if 0 < x < 1 and expected > 1e-300:
            assert cdf(a, b, x) == pytest.approx(expected, rel=1e-9), (b, x)


@pytest.mark.parametrize("a", [0.05, 0.3, 1, 2, 57.3, 1000, 10**6, 10**9, 10**12])
def test_cdf_with_one_shape_of_one_is_a_power(a: float) -> None:
    """I_x(a, 1) = x^a and I_x(1, a) = 1 - (1 - x)^a."""
    for spreads in SPREADS:
        x = near(1, a, spreads)
        assert cdf(1, a, x) == pytest.approx(-math.expm1(a * math.log1p(-x)), rel=1e-10)
        if a <= 1000:  # beyond, x near 1 has too few digits for its own power
            x = near(a, 1, spreads)
            assert cdf(a, 1, x) == pytest.approx(x**a, rel=1e-10, abs=1e-300)


@pytest.mark.parametrize(
    ("a", "b", "x", "expected"),
    [
        (10**12, 10**12, 0.4999996, 0.128949517639317742),
        (10**12, 10**12, 0.5000007, 0.97614255987574131),
        (3 * 10**11, 7 * 10**11, 0.299999, 0.0145481254968095301),
        (10**9, 10**6, 0.99899, 2.50064898496306065e-28),
        (123_456_789, 10**9, 0.1099, 0.85543333614377464),
        (10**12, 5 * 10**5, 0.9999995, 0.499670912781991846),
    ],
)
def test_cdf_of_huge_shapes(a: int, b: int, x: float, expected: float) -> None:
    """Expected by mpmath, the integral of the density with 50 digits; SciPy 1.17 is off by up to 1e-3 here."""
    assert cdf(a, b, x) == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("rare", [1, 2, 3, 10])
@pytest.mark.parametrize("many", [10**6, 10**9, 10**12])
def test_cdf_of_rare_events_is_a_binomial_tail(rare: int, many: int) -> None:
    """I_x(a, b) is the chance of at least a successes in a + b - 1 trials (DLMF 8.17.5), here of a few."""
    trials = rare + many - 1
    for mean in (0.5, 1, 3, 8, 20):
        x = mean / many
        fewer = sum(
            math.comb(trials, k) * x**k * math.exp((trials - k) * math.log1p(-x)) for k in range(rare)
        )  # fmt: skip
        assert cdf(rare, many, x) == pytest.approx(1 - fewer, rel=1e-9, abs=1e-15)


def test_cdf_of_a_fraction_and_next_to_nothing() -> None:
    assert cdf(2, 3, 0.5) == pytest.approx(11 / 16, rel=1e-12)
    assert cdf(1, 1, 5e-324) == pytest.approx(0, abs=1e-300)


@pytest.mark.parametrize("a", [shape for shape in SHAPES if shape <= 12_345])
def test_quantile_agrees_with_scipy(a: float) -> None:
    """Relative to x; 1e-9 is SciPy's error more than ours."""
    for b, share in product(SHAPES[:-1], (1e-9, 0.005, 0.025, 0.1, 0.5, 0.9, 0.975, 0.9999)):
        assert quantile(a, b, share) == pytest.approx(special.betaincinv(a, b, share), rel=1e-9), (b, share)


@pytest.mark.parametrize(
    ("a", "b", "share", "expected"),
    [
        (10**12, 10**12, 0.025, 0.49999930704808782541),
        (10**9, 10**6, 0.975, 0.9990029550842194926),
        (1000, 10**9, 0.025, 9.3897210855639634114e-7),
        (1000, 10**12, 0.975, 1.0629211501290579471e-9),
    ],
)
def test_quantile_of_huge_shapes(a: int, b: int, share: float, expected: float) -> None:
    """Expected by mpmath with 50 digits; SciPy 1.17 gives 1.5e-8 for the last."""
    assert quantile(a, b, share) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("share", [1e-300, 1e-12, 0.025, 0.5, 0.975, 1 - 1e-12])
def test_quantile_of_a_power(share: float) -> None:
    """x^a = share, up to shapes where the double-exponential side is steep."""
    for a in (0.05, 0.5, 1, 3, 1000):
        assert quantile(a, 1, share) == pytest.approx(share ** (1 / a), rel=1e-10, abs=1e-300)
        x = quantile(1, a, share)
        assert x == pytest.approx(-math.expm1(math.log1p(-share) / a), rel=1e-10)


# The greater of two


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
        assert prob_b_beats_a(*a, *b) == pytest.approx(exact(*a, *b), rel=1e-9, abs=1e-300), b


@pytest.mark.parametrize("trials", [10**6, 10**9, 10**12])
def test_chance_of_rare_events_and_rare_failures_in_huge_samples(trials: int) -> None:
    """The sum is as short as the events are rare; failures are the mirror image."""
    rare = [(0, trials), (1, trials), (3, 7 * trials), (20, trials), (0, 0), (1, 3), (500, 3 * trials)]
    for (came_a, n_a), (came_b, n_b) in product(rare, rare):
        expected = exact(came_a, n_a, came_b, n_b)
        assert prob_b_beats_a(came_a, n_a, came_b, n_b) == pytest.approx(expected, rel=1e-9, abs=1e-300)
        assert prob_b_beats_a(n_b - came_b, n_b, n_a - came_a, n_a) == pytest.approx(expected, rel=1e-9, abs=1e-300)


def test_chance_of_large_samples_agrees_with_the_finite_sum() -> None:
    """1e-8: the reference adds 100,000 logarithms."""
    for shift in (-900, -300, -10, 0, 1, 250, 1000):
        case = (100_000, 10**6, 100_000 + shift, 10**6)
        assert prob_b_beats_a(*case) == pytest.approx(exact(*case), rel=1e-8)


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
    assert prob_b_beats_a(*case) == pytest.approx(expected, rel=1e-12)


def test_chance_of_the_published_example_of_two() -> None:
    assert round(prob_b_beats_a(10, 100, 17, 100), 3) == 0.923


@pytest.mark.parametrize("trials", [0, 1, 10, 10**6, 10**12, 10**18])
def test_two_equal_samples_have_equal_chances(trials: int) -> None:
    for came in {0, trials // 3, trials}:
        assert prob_b_beats_a(came, trials, came, trials) == pytest.approx(0.5, rel=1e-11)


@pytest.mark.parametrize("b", samples(0, 7, 1000, 10**12))
def test_either_is_greater(b: tuple[int, int]) -> None:
    for a in samples(0, 1, 50, 10**9):
        assert prob_b_beats_a(*a, *b) + prob_b_beats_a(*b, *a) == pytest.approx(1, abs=1e-11)


def test_chance_of_opposites_is_certain() -> None:
    assert prob_b_beats_a(0, 10**12, 10**12, 10**12) == pytest.approx(1, abs=1e-11)
    assert prob_b_beats_a(10**12, 10**12, 0, 10**12) == 0


def test_chance_agrees_with_that_of_many() -> None:
    for a, b in product([(10, 100), (17, 100), (0, 20), (700, 9000)], repeat=2):
        lowest = prob_lowest([Candidate(*posterior(*a)), Candidate(*posterior(*b))])[0]
        assert prob_b_beats_a(*a, *b) == pytest.approx(lowest, abs=1e-9)


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.999])
@pytest.mark.parametrize("trials", [0, 1, 2, 7, 50, 1000, 10**5])
def test_central_range_of_a_posterior_agrees_with_scipy(trials: int, confidence: float) -> None:
    for came, n in samples(trials):
        for share in ((1 - confidence) / 2, (1 + confidence) / 2):
            expected = special.betaincinv(came + 1, n - came + 1, share)
            assert quantile(came + 1, n - came + 1, share) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("case", [(-1, 5, 0, 1), (6, 5, 0, 1), (0, 1, 2, 1), (0, 1, 0, -1)])
def test_what_is_no_sample_is_refused(case: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="not a sample"):
        prob_b_beats_a(*case)


# The lowest of several

SAMPLES = [(0, 1), (1, 1), (0, 20), (10, 100), (17, 100), (3, 4), (50, 100), (99, 100), (100, 100), (700, 9000)]


@pytest.mark.parametrize(("a", "b"), few(combinations_with_replacement(SAMPLES, 2), 28))
def test_chance_that_one_rate_is_lower(a: tuple[int, int], b: tuple[int, int]) -> None:
    """P(A < B) by SciPy's own quadrature of one density times the other's tail; P(B < A) is the rest."""
    first, second = (beta(s + 1, n - s + 1) for s, n in (a, b))
    knots = sorted(
        {0.0, 1.0}
        | {min(1.0, max(0.0, each.mean() + step * each.std())) for each in (first, second) for step in range(-12, 13)}
    )
    expected = sum(
        integrate.quad(lambda x: first.pdf(x) * second.sf(x), left, right, epsabs=1e-13)[0]
        for left, right in pairwise(knots)
    )
    for samples_of_both, chance in (((a, b), expected), ((b, a), 1 - expected)):
        chances = prob_lowest([Candidate(*posterior(*each)) for each in samples_of_both])
        assert chances[0] == pytest.approx(chance, abs=1e-9)
        assert sum(chances) == pytest.approx(1, abs=1e-12)


def test_chance_of_the_published_example() -> None:
    """10 of 100 against 17 of 100: B is better with 0.923."""
    assert round(prob_lowest([Candidate(*posterior(10, 100)), Candidate(*posterior(17, 100))])[0], 3) == 0.923


def test_chance_of_rare_events_in_huge_samples() -> None:
    """1 and 3 of a billion: Gamma(2) below Gamma(4) is P(Bin(5, 1/2) >= 2) = 13/16 in the limit."""
    chances = prob_lowest([Candidate(*posterior(1, 10**9)), Candidate(*posterior(3, 10**9))])
    assert chances[0] == pytest.approx(13 / 16, abs=1e-8)


def test_equal_samples_have_equal_chances() -> None:
    assert prob_lowest([Candidate(*posterior(5, 50))] * 4) == pytest.approx([0.25] * 4, abs=1e-12)


@pytest.mark.parametrize(("own", "other"), [((0.05, 0.05), (2, 3)), ((0.02, 3), (0.02, 4)), ((0.05, 10), (10, 0.05))])
def test_tails_of_shapes_far_below_one(own: tuple[float, float], other: tuple[float, float]) -> None:
    """The mean of the other's tail over a rate's quantiles, which SciPy has; a rate so near 0 is no place for quad."""
    shares = (numpy.arange(200_000) + 0.5) / 200_000
    expected = beta(*other).sf(beta(*own).ppf(shares)).mean()
    chances = prob_lowest([Candidate(*own), Candidate(*other)])
    assert chances[0] == pytest.approx(expected, abs=1e-6)
    assert sum(chances) == pytest.approx(1, abs=1e-9)


def test_chances_of_three_against_a_double_integral() -> None:
    """P(A lowest of three) = the integral of A's density times the tails of the others."""
    samples = [(8, 40), (10, 40), (30, 200)]
    posteriors = [beta(s + 1, n - s + 1) for s, n in samples]
    chances = prob_lowest([Candidate(*posterior(*each)) for each in samples])
    for index, own in enumerate(posteriors):
        others = [each for each in posteriors if each is not own]
        expected, _ = integrate.quad(
            lambda x, own=own, others=others: own.pdf(x) * others[0].sf(x) * others[1].sf(x), 0, 1, points=[0.2]
        )
        assert chances[index] == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize(
    "shapes", [[(0.4, 0.7), (2.5, 9.1)], [(35.5, 801.25), (28.4, 790), (41, 900.5)], [(1e6, 3e7)] * 3]
)
def test_shapes_need_not_be_those_of_counts(shapes: list[tuple[float, float]]) -> None:
    """As of a prior that was fitted: SciPy's quadrature of one density times the tails of the others."""
    posteriors = [beta(*each) for each in shapes]
    knots = sorted(
        {1e-300, 1 - 1e-16} | {each.ppf(share) for each in posteriors for share in (1e-9, 0.01, 0.5, 0.99, 1 - 1e-9)}
    )
    for index, chance in enumerate(prob_lowest([Candidate(*each) for each in shapes])):
        rest = [each for other, each in enumerate(posteriors) if other != index]

        def integrand(x: float, own=posteriors[index], rest=rest) -> float:
            return float(own.pdf(x) * math.prod(each.sf(x) for each in rest))

        expected = sum(
            integrate.quad(integrand, left, right, epsabs=1e-12, limit=200)[0] for left, right in pairwise(knots)
        )
        assert chance == pytest.approx(expected, abs=1e-7)
