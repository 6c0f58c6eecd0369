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
        ([(40, 80), (0, 10)], (0, 20)),  # ten who came are of twenty entries
        ([(80, 80), (10, 10)], (10, 10)),
        ([(40, 80), (0, 0)], None),  # nobody is decided
        ([(40, 80), (12, 10)], None),
        ([(40, 80), (Fraction(5, 2), 10)], None),
        ([(0, 80), (0, 5)], (0, 80)),
    ],
)
def test_none_and_all(steps: list[tuple[int, int]], expected: tuple[float, float] | None) -> None:
    assert sample_of_steps(steps) == expected
