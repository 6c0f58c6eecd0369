"""The sample behind a conversion over several steps, some of whose units are still open."""

from __future__ import annotations

from fractions import Fraction

import numpy
import pytest

from funnelcli.stats.intervals import sample_of_steps


def test_where_all_are_decided_it_is_the_last_of_the_first() -> None:
    assert sample_of_steps([(40, 80), (15, 40), (3, 15)]) == (3, 80)
    assert sample_of_steps([(0, 80), (0, 0)]) == (0, 80)
    assert sample_of_steps([(7, 9)]) == (7, 9)


def test_by_hand() -> None:
    """40 of 80 and 15 of 30: 0.5 / (80 x 0.5) + 0.5 / (30 x 0.5) = 11/240, so 0.75 / 0.25 / (11/240) = 65.45."""
    came, could = sample_of_steps([(40, 80), (15, 30)]) or (0, 0)
    assert (came, could) == pytest.approx((180 / 11, 720 / 11))


def test_its_variance_is_that_of_the_product() -> None:
    random = numpy.random.default_rng(1)
    rates = random.binomial(400, 0.5, 100_000) / 400 * random.binomial(60, 0.3, 100_000) / 60
    came, could = sample_of_steps([(200, 400), (18, 60)]) or (0, 0)
    assert came / could == pytest.approx(0.15)
    assert numpy.std(rates) == pytest.approx((0.15 * 0.85 / could) ** 0.5, rel=0.02)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        # ten who came are of about twenty entries: 1/2 and 1/12 for 0 of 10, so 23/24 / (1/24) / (1/80 + 11/10)
        ([(40, 80), (0, 10)], (0, 23 / (1 / 80 + 11 / 10))),
        # 81/82 and 11/12: 31/328 / (297/328) / (1/6480 + 1/110)
        ([(80, 80), (10, 10)], (31 / 297 / (1 / 6480 + 1 / 110),) * 2),
        ([(3, 3), (3, 3), (2, 2)], (3, 3)),  # 12/25, 0.52 / 0.48 x 3 = 3.25, and there were 3
        ([(40, 80), (0, 0)], None),  # nobody is decided
        ([(40, 80), (12, 10)], None),
        ([(40, 80), (Fraction(5, 2), 10)], None),
        ([(0, 80), (0, 5)], (0, 80)),
    ],
)
def test_none_and_all(steps: list[tuple[int, int]], expected: tuple[float, float] | None) -> None:
    found = sample_of_steps(steps)
    assert found == (None if expected is None else pytest.approx(expected))


def test_few_who_all_pass_do_not_say_as_much_as_all_who_came() -> None:
    """20 of 40, and 4 of 4 of those: 1/2 and 5/6, so 7/12 / (5/12) / (1/40 + 1/20) = 56/3, and not 40."""
    assert sample_of_steps([(20, 40), (4, 4)]) == pytest.approx((28 / 3, 56 / 3))
