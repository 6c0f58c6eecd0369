"""The record of an overall conversion: each figure against the function that is held to its source elsewhere."""

from fractions import Fraction

import pytest

from funnelcli.analyses.overall import overall
from funnelcli.stats.tests import NOT_TESTED, compare_rates


def test_the_published_pair() -> None:
    """48 of 80 against 56 of 70: Newcombe's interval and Fleiss' test; +1/3."""
    a, b = (48, 80), (56, 70)
    (test,) = compare_rates([(*a, *b)])
    record = overall((Fraction(3, 5), Fraction(4, 5)), a, b, test)
    assert (record.conversion, record.difference, record.lift) == (Fraction(4, 5), Fraction(1, 5), Fraction(1, 3))
    assert (record.difference_low, record.difference_high) == pytest.approx((0.0524, 0.3339), abs=1e-4)
    assert (record.lift_low, record.lift_high) == pytest.approx((0.0798, 0.6708), abs=1e-4)
    assert (record.low, record.high) == pytest.approx((0.6918, 0.8774), abs=2e-3)
    assert record.p_value == record.p_value_holm == pytest.approx(0.0080, abs=1e-4)
    assert record.chance_b_better == pytest.approx(0.996, abs=1e-3)
    assert record.differs == 1


def test_shares_have_a_difference_and_nothing_else() -> None:
    record = overall((Fraction(1, 10), Fraction(3, 20)), None, None, NOT_TESTED)
    assert (record.difference, record.lift) == (Fraction(1, 20), Fraction(1, 2))
    assert record.low is record.difference_low is record.lift_low is record.p_value is record.chance_b_better is None


def test_a_sample_on_one_side_has_its_interval() -> None:
    record = overall((None, Fraction(1, 10)), None, (10, 100), NOT_TESTED)
    assert record.low is not None
    assert record.difference is record.lift is record.difference_low is None


def test_from_nothing_there_is_no_lift_but_a_bound() -> None:
    record = overall((0, Fraction(1, 5)), (0, 50), (10, 50), NOT_TESTED)
    assert record.lift is record.lift_high is None
    assert record.lift_low is not None
    assert record.lift_low > 1
