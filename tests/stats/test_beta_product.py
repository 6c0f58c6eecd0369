"""Intervals where some were followed for less long: by drawn products of Beta distributions, SciPy, and by hand."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt

import numpy
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from funnelcli.stats.beta_product import incidence_bounds
from funnelcli.stats.intervals import wilson_bounds, wilson_trials

Moments = tuple[float, float]


def sample(moments: Moments, comes: int) -> Moments:
    """Of the Beta distribution with a mean and a variance, the sample of Clopper and Pearson's bound; rate, trials."""
    mean, variance = moments
    a_and_b = mean * (1 - mean) / variance - 1
    return (mean * a_and_b - comes) / (a_and_b - 1), a_and_b - 1


def between(one: Moments, other: Moments) -> list[float]:
    """The rates beyond which 2.5% lie on average of both, by the score test."""

    def off(rate: float, share: float) -> float:
        below = [norm.cdf((rate - of) / sqrt(rate * (1 - rate) / trials)) for of, trials in (one, other)]
        return float(sum(below)) / 2 - share

    return [float(brentq(off, 1e-9, 1 - 1e-9, args=(share,))) for share in (0.025, 0.975)]


def drawn(steps: list[tuple[int, int, int]], beyond: int | None) -> Moments:
    """The mean and the variance of who comes, of many products."""
    random, draws = numpy.random.default_rng(5), 400_000
    there, comes = numpy.ones(draws), numpy.zeros(draws)
    for risk, came, lost in steps:
        parts = random.dirichlet([risk - came - lost + 1, *(each for each in (came, lost) if each)], draws).T
        comes += there * parts[1] * (came > 0)
        there *= parts[0]
    if beyond is not None:
        comes += there * random.beta(1, beyond, draws)
    return float(comes.mean()), float(comes.var())


@pytest.mark.parametrize(
    ("steps", "beyond"),
    [
        ([(50, 4, 0), (20, 3, 0), (5, 1, 0)], 2),
        ([(80, 6, 9), (40, 0, 7), (21, 5, 0), (6, 1, 1)], 3),
        ([(400, 30, 0), (300, 12, 20), (9, 0, 2)], 7),
    ],
)
def test_it_is_what_drawn_products_tell(steps: list[tuple[int, int, int]], beyond: int) -> None:
    judge = between(sample(drawn(steps, None), 0), sample(drawn(steps, beyond), 1))
    assert incidence_bounds(steps, beyond) == pytest.approx(judge, rel=0.01)


def test_worked_by_hand() -> None:
    """Of 10, 2 come; of 4 who are followed for longer one comes, and 3 to the end.

    The chance not to come is a product: Beta(9, 2) Beta(4, 1), and of the upper bound Beta(3, 1) as well.
    """
    least = 9 / 11 * 4 / 5, 9 * 10 / (11 * 12) * 4 * 5 / (5 * 6)
    most = least[0] * 3 / 4, least[1] * 3 * 4 / (4 * 5)
    one, other = (sample((1 - stays, square - stays**2), comes) for (stays, square), comes in ((least, 0), (most, 1)))
    assert incidence_bounds([(10, 2, 0), (4, 1, 0)], 3) == pytest.approx(between(one, other), abs=1e-9)


@pytest.mark.parametrize("steps", [[(30, 4, 0), (26, 3, 0)], [(30, 2, 5), (23, 0, 6), (17, 5, 0)]])
def test_where_all_are_followed_it_is_wilsons(steps: list[tuple[int, int, int]]) -> None:
    beyond = 30 - sum(came + lost for _, came, lost in steps)
    assert incidence_bounds(steps, beyond) == pytest.approx(wilson_bounds(7, 30), abs=1e-9)


def test_of_whom_nobody_was_followed_to_the_end_all_may_come() -> None:
    assert incidence_bounds([], 0) == (0, 1)
    low, high = incidence_bounds([(40, 4, 0)], 0)
    assert 0 < low < 0.1
    assert high == 1


def test_the_more_are_followed_to_the_end_the_less_may_come() -> None:
    """Up to what is seen of them who all are."""
    found = [incidence_bounds([(90, 9, 0)], beyond) for beyond in (1, 3, 10, 40, 81)]
    for few, many in pairwise(found):
        assert many[1] < few[1]
    assert found[-1] == pytest.approx(wilson_bounds(9, 90), abs=1e-9)


@pytest.mark.parametrize(("came", "trials"), [(0, 40), (7, 50), (25, 50), (50, 50), (3.5, 12.25)])
def test_the_trials_of_an_interval_are_those_it_is_of(came: float, trials: float) -> None:
    low, high = wilson_bounds(came, trials)
    assert wilson_trials(came / trials, high - low) == pytest.approx(trials)
