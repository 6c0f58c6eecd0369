"""The chance of being the worst against SciPy, double integrals, and limits that are known exactly."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from scipy import integrate, stats

from funnelcli.stats.contest import Contender, chances_worst

SAMPLES = [(0, 1), (1, 1), (0, 20), (10, 100), (17, 100), (3, 4), (50, 100), (99, 100), (100, 100), (700, 9000)]


@pytest.mark.parametrize(("a", "b"), list(product(SAMPLES, SAMPLES)))
def test_chance_that_one_rate_is_lower(a: tuple[int, int], b: tuple[int, int]) -> None:
    """P(A < B) by SciPy's own quadrature of one density times the other's tail."""
    first, second = (stats.beta(s + 1, n - s + 1) for s, n in (a, b))
    knots = sorted(
        {0.0, 1.0}
        | {min(1.0, max(0.0, each.mean() + step * each.std())) for each in (first, second) for step in range(-12, 13)}
    )
    expected = sum(
        integrate.quad(lambda x: first.pdf(x) * second.sf(x), left, right, epsabs=1e-13)[0]
        for left, right in pairwise(knots)
    )
    chances = chances_worst([Contender(*a), Contender(*b)])
    assert chances[0] == pytest.approx(expected, abs=1e-9)
    assert sum(chances) == pytest.approx(1, abs=1e-12)


def test_chance_of_the_published_example() -> None:
    """10 of 100 against 17 of 100: B is better with 0.923."""
    assert round(chances_worst([Contender(10, 100), Contender(17, 100)])[0], 3) == 0.923


def test_chance_of_rare_events_in_huge_samples() -> None:
    """1 and 3 of a billion: Gamma(2) below Gamma(4) is P(Bin(5, 1/2) >= 2) = 13/16 in the limit."""
    chances = chances_worst([Contender(1, 10**9), Contender(3, 10**9)])
    assert chances[0] == pytest.approx(13 / 16, abs=1e-8)


def test_equal_samples_have_equal_chances() -> None:
    assert chances_worst([Contender(5, 50)] * 4) == pytest.approx([0.25] * 4, abs=1e-12)


def test_chances_of_three_against_a_double_integral() -> None:
    """P(A lowest of three) = the integral of A's density times the tails of the others."""
    samples = [(8, 40), (10, 40), (30, 200)]
    posteriors = [stats.beta(s + 1, n - s + 1) for s, n in samples]
    chances = chances_worst([Contender(*each) for each in samples])
    for index, own in enumerate(posteriors):
        others = [each for each in posteriors if each is not own]
        expected, _ = integrate.quad(
            lambda x, own=own, others=others: own.pdf(x) * others[0].sf(x) * others[1].sf(x), 0, 1, points=[0.2]
        )
        assert chances[index] == pytest.approx(expected, abs=1e-7)


def test_one_contender_with_a_reference_has_the_chance_of_a_gap() -> None:
    """The chance that 50 of 100 is really below 60% is the posterior's distribution function at 0.6."""
    (chance,) = chances_worst([Contender(50, 100, 0.6, 500_000.0)])
    assert chance == pytest.approx(stats.beta(51, 51).cdf(0.6), abs=1e-9)


def test_references_compare_money_not_rates() -> None:
    """Equal gaps to the target, but one of them has ten times the money below it."""
    rich, poor = chances_worst([Contender(500, 1000, 0.6, 1000.0), Contender(500, 1000, 0.6, 100.0)])
    assert rich > 0.99 > 0.01 > poor


def test_chances_with_references_against_a_fine_sum() -> None:
    """A has the larger gain: the sum over a fine grid of B's rates of P(B) x P(A low enough)."""
    a, b = Contender(30, 100, 0.4, 1000.0), Contender(5, 30, 0.3, 1000.0)
    posterior_a, posterior_b = stats.beta(31, 71), stats.beta(6, 26)

    def integrand(x: float) -> float:
        gain = 1000 * max(0.0, 0.3 / x - 1)
        return float(posterior_b.pdf(x) * posterior_a.cdf(0.4 / (1 + gain / 1000)))

    beaten = integrate.quad(integrand, 0, 0.3, points=[0.1, 0.2])[0]
    none = posterior_a.sf(0.4) * posterior_b.sf(0.3)
    # where B has no gap, A wins whenever it has one
    expected = beaten + posterior_b.sf(0.3) * posterior_a.cdf(0.4)
    chances = chances_worst([a, b])
    assert chances[0] == pytest.approx(expected, abs=1e-7)
    assert sum(chances) == pytest.approx(1 - none, abs=1e-9)
