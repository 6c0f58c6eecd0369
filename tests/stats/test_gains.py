"""What closing gaps would bring, with uncertain rates and references: against SciPy, and against draws of a million."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate
from scipy.stats import beta

from funnelcli.stats.beta import Candidate, posterior, prob_lowest
from funnelcli.stats.gains import Growth, UncertainGrowth, Weighted, shortfalls

Shapes = tuple[float, float]


def growth(rate: Shapes, reference: float | Shapes) -> Growth | UncertainGrowth:
    """The growth towards a reference that is known, or that is uncertain."""
    return UncertainGrowth(*rate, reference) if isinstance(reference, tuple) else Growth(*rate, reference)


def gain(rate: Shapes, reference: float | Shapes, weight: float) -> Weighted:
    """The gain where so much passes through."""
    return Weighted(growth(rate, reference), weight)


def test_one_contender_with_a_reference_has_the_chance_of_a_gap() -> None:
    """The chance that 50 of 100 is really below 60% is the posterior's distribution function at 0.6."""
    (chance,) = prob_lowest([gain(posterior(50, 100), 0.6, 500_000.0)])
    assert chance == pytest.approx(beta(51, 51).cdf(0.6), abs=1e-9)


@pytest.mark.parametrize("sample", [(10, 30), (0, 1), (0, 4), (0, 19), (1, 10**6), (30, 31), (700, 9000), (5, 5)])
@pytest.mark.parametrize("missed", [0.5, 0.9, 1.01, 1.5, 3])
def test_chance_of_a_gap_has_the_digits_of_its_distribution(sample: tuple[int, int], missed: float) -> None:
    """Also far above the rate, and where nobody has come yet and the gain has no bound."""
    a, b = sample[0] + 1, sample[1] - sample[0] + 1
    reference = min(0.999, missed * a / (a + b))
    (chance,) = prob_lowest([gain(posterior(*sample), reference, 1000.0)])
    assert chance == pytest.approx(beta.cdf(reference, a, b), rel=1e-9, abs=1e-12)


def test_references_compare_money_not_rates() -> None:
    """Equal gaps to the target, but one of them has ten times the money below it."""
    rich, poor = prob_lowest([gain(posterior(500, 1000), 0.6, 1000.0), gain(posterior(500, 1000), 0.6, 100.0)])
    assert rich > 0.99 > 0.01 > poor


def test_chances_with_references_against_a_fine_sum() -> None:
    """A has the larger gain: the sum over a fine grid of B's rates of P(B) x P(A low enough)."""
    a, b = gain(posterior(30, 100), 0.4, 1000.0), gain(posterior(5, 30), 0.3, 1000.0)
    posterior_a, posterior_b = beta(31, 71), beta(6, 26)

    def integrand(x: float) -> float:
        gain = 1000 * max(0.0, 0.3 / x - 1)
        return float(posterior_b.pdf(x) * posterior_a.cdf(0.4 / (1 + gain / 1000)))

    beaten = integrate.quad(integrand, 0, 0.3, points=[0.1, 0.2])[0]
    none = posterior_a.sf(0.4) * posterior_b.sf(0.3)
    # where B has no gap, A wins whenever it has one
    expected = beaten + posterior_b.sf(0.3) * posterior_a.cdf(0.4)
    chances = prob_lowest([a, b])
    assert chances[0] == pytest.approx(expected, abs=1e-7)
    assert sum(chances) == pytest.approx(1 - none, abs=1e-9)


UNCERTAIN = [  # rate and reference of each step; the weights are 500, 1000, …
    [((100, 900), (120, 870)), ((107, 891), (120, 870))],
    [((3, 20), (5, 12)), ((9, 3), (6, 1)), ((30, 30), (2, 2))],
    [((1, 50), (4, 100)), ((2, 2), (40, 3))],
    [((5000, 5000), (11, 9)), ((31, 1000), (40, 1000))],
    [((900, 100), (31, 1)), ((50, 50), (6, 5))],
    [((900, 10), (31, 1)), ((950, 50), (31, 1))],
    [((1, 2), (2, 1)), ((2, 1), (1, 2))],
    [((35.5, 801.25), (41.2, 790.3)), ((80.1, 700.7), (95, 701))],
]


@pytest.mark.parametrize("steps", UNCERTAIN)
def test_chances_with_uncertain_references_against_draws(steps: list[tuple[Shapes, Shapes]]) -> None:
    """A million draws of NumPy: their standard error is at most 0.0005, and three times that is allowed."""
    random, draws = np.random.default_rng(7), 1_000_000
    chances = prob_lowest([gain(*step, 500.0 * number) for number, step in enumerate(steps, 1)])
    drawn = np.array(
        [
            500.0 * n * np.maximum(0, random.beta(*r, draws) / random.beta(*x, draws) - 1)
            for n, (x, r) in enumerate(steps, 1)
        ]
    )
    greatest = np.where(drawn.max(0) > 0, drawn.argmax(0), -1)
    assert chances == pytest.approx([(greatest == index).mean() for index in range(len(steps))], abs=0.0015)


@pytest.mark.parametrize(
    ("rate", "reference"),
    [
        ((100, 900), (120, 870)),
        ((3, 20), (5, 12)),
        ((1, 50), (4, 100)),
        ((5000, 5000), (11, 9)),
        ((9e5, 1e6), (31, 40)),
        ((1e9, 1e9), (1e9 + 60_000, 1e9)),
        ((8, 44), (8, 44)),
        ((2, 1), (1, 2)),
        ((30, 2), (900, 60)),
    ],
)
def test_chance_of_a_gap_is_that_the_rate_is_below_its_reference(rate: Shapes, reference: Shapes) -> None:
    """By the engine of two rates, which is exact: P(x < r)."""
    expected = prob_lowest([Candidate(*rate), Candidate(*reference)])[0]
    assert prob_lowest([UncertainGrowth(*rate, reference)])[0] == pytest.approx(expected, abs=1e-5)


def test_two_uncertain_gaps_against_a_double_integral() -> None:
    """P(the first gain is the greater) by SciPy: integrals over the rate, then of one density times the other's sum."""
    steps = [((100, 900), (120, 870)), ((107, 891), (130, 870))]

    def density(step: tuple[Shapes, Shapes], at: float) -> float:
        (a, b), (c, d) = step
        rates = np.linspace(beta.ppf(1e-12, a, b), min(beta.ppf(1 - 1e-12, a, b), 1 / (1 + at)), 801)
        return float(integrate.simpson(beta.pdf(rates, a, b) * beta.pdf(rates * (1 + at), c, d) * rates, x=rates))

    places = np.linspace(0, 1.5, 501)
    first, second = (np.array([density(step, at) for at in places]) for step in steps)
    below = [
        1
        - prob_lowest([Candidate(*x), Candidate(*r)])[0]
        + np.concatenate(([0], integrate.cumulative_simpson(own, x=places)))
        for (x, r), own in zip(steps, (first, second), strict=True)
    ]
    expected = [
        float(integrate.simpson(one * other, x=places)) for one, other in ((first, below[1]), (second, below[0]))
    ]
    assert prob_lowest([gain(*step, 70.0) for step in steps]) == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_baseline_of_a_million_million_units_is_as_good_as_known(share: float) -> None:
    known, uncertain = Growth(100, 900, 0.12), UncertainGrowth(100, 900, (12e10, 88e10))
    missing = shortfalls(100, 900, 0.12, (share,))
    assert shortfalls(100, 900, (12e10, 88e10), (share,)) == pytest.approx(missing, abs=5e-5)
    assert prob_lowest([uncertain]) == pytest.approx(prob_lowest([known]), abs=1e-5)


def test_what_is_missing_to_a_known_reference_is_that_of_the_rate() -> None:
    """The reference less the quantiles of the rate (SciPy), and nothing where that is above it; 0 of 50 against 10%."""
    found = shortfalls(31, 71, 0.4, (0.1, 0.9))
    assert found == pytest.approx([0.4 - beta.ppf(share, 31, 71) for share in (0.9, 0.1)], rel=1e-9)
    assert shortfalls(31, 71, 0.31, (0.1,)) == (0,)
    assert shortfalls(1, 51, 0.1, (0.1,)) == pytest.approx((0.1 - beta.ppf(0.9, 1, 51),), rel=1e-9)
    assert shortfalls(1, 6, 0.1, (0.1,)) == (0,)


NOBODY_CAME = [((1.0, 51.0), (5.0, 37.0)), ((1, 51), (50, 700)), ((1, 1001), (5, 37)), ((1, 6), (31, 2))]


@pytest.mark.parametrize(("rate", "reference"), [*(step for steps in UNCERTAIN for step in steps), *NOBODY_CAME])
def test_nothing_is_missing_or_as_much_as_the_quantile_says(rate: Shapes, reference: Shapes) -> None:
    """A million draws of NumPy of the rate and of its reference, and their difference."""
    random, draws = np.random.default_rng(7), 1_000_000
    drawn = np.maximum(0, random.beta(*reference, draws) - random.beta(*rate, draws))
    shares = 0.1, 0.5, 0.9
    for share, found in zip(shares, shortfalls(*rate, reference, shares), strict=True):
        assert (drawn < found * (1 - 1e-6)).mean() <= share + 0.002
        assert (drawn <= found * (1 + 1e-6)).mean() >= share - 0.002
