"""Where units enter again: by hand, and what it must be where each entered once."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnelcli.stats.entered_again import Entrants
from funnelcli.stats.survival import Ended, nobody
from tests.calibration import in_the_end

WINDOW = 10
TIMES = st.dictionaries(st.integers(0, WINDOW), st.integers(1, 9), max_size=5).map(Counter)


def entrants(*told: Ended) -> Entrants:
    """Of which no entry had not ended when its unit entered again."""
    return Entrants(*told, *(nobody() for _ in range(4)))


def test_worked_by_hand() -> None:
    """Of 8 first entries, half come at 4; of 4 later ones, one at 2. Who waits comes by the chance of its own kind."""
    once = Ended(Counter({4: 2}), Counter(), Counter({1: 4, 10: 2}))
    several = Ended(Counter({2: 1}), Counter(), Counter({1: 2, 10: 1}))
    first = Ended(Counter({4: 2}), Counter(), Counter({10: 2}))
    later = Ended(Counter({2: 1}), Counter(), Counter({1: 2, 10: 1}))
    found = entrants(once, several, first, later).in_the_end(WINDOW)
    chances = Fraction(4, 8), Fraction(1, 2)  # of those who were followed to 4, and to 2
    assert found.share == pytest.approx(float((3 + 4 * chances[0] + 2 * chances[1]) / 12))
    own = entrants(once.and_(several), nobody(), nobody(), nobody()).in_the_end(WINDOW)
    assert found.size == own.size
    assert found.low < found.share < found.high


def test_of_later_entries_that_nobody_followed_to_the_end_the_others_tell() -> None:
    """Of 6 entries two are lost from sight at 1, and 2 of the other 4 come at 4: by half do those two."""
    once = Ended(Counter({4: 2}), Counter(), Counter({10: 2}))
    again = Ended(Counter(), Counter(), Counter({1: 2}))
    found = entrants(once, again, nobody(), again).in_the_end(WINDOW)
    assert found.share == pytest.approx((2 + 2 * 2 / 4) / 6)


@given(TIMES, TIMES, TIMES)
def test_a_curve_is_what_its_own_chances_tell(came: Counter[int], lost: Counter[int], waiting: Counter[int]) -> None:
    """Efron's self-consistency: those who came, and who waits by the chance of its age, are the end of the curve."""
    ended = Ended(came, lost, waiting)
    if not ended.number:
        return
    risks = ended.risks()
    expected = came.total() + sum(each * risks.chance(age) for age, each in ended.young(WINDOW).items())
    assert expected / ended.number == pytest.approx(ended.risks().in_the_end(WINDOW, 1).share, abs=1e-9)


def test_those_of_an_age_come_as_the_end_has_it() -> None:
    """By hand, as above: of 4 who wait at 1 half, and so of the 2 later ones; of a period of 3, half of them."""
    once = Ended(Counter({4: 2}), Counter(), Counter({1: 4, 10: 2}))
    several = Ended(Counter({2: 1}), Counter(), Counter({1: 2, 10: 1}))
    first = Ended(Counter({4: 2}), Counter(), Counter({10: 2}))
    later = Ended(Counter({2: 1}), Counter(), Counter({1: 2, 10: 1}))
    found = entrants(once, several, first, later).of_age(WINDOW, 5)
    assert found == {0: pytest.approx((6, 3, 0, 0))}
    assert found[0].coming(3) == pytest.approx(1.5)


@pytest.mark.parametrize("step", [1, 50])
@pytest.mark.parametrize("world", in_the_end.AGAIN)
def test_periods_add_up_to_the_end(world: str, step: int) -> None:
    """Those whose latest entry is of a period, over all periods, are those who are expected in all."""
    log, _ = in_the_end.simulated(world, numpy.random.default_rng(3), 0.25)
    told = in_the_end.followed(log, 1)
    found = told.of_age(in_the_end.WINDOW, step)
    coming = sum(each.coming(each.alone) for each in found.values())
    end = told.in_the_end(in_the_end.WINDOW).share * told.units.number
    assert told.units.came.total() + coming == pytest.approx(end)
    assert sum(each.again for each in found.values()) > 0
    for each in found.values():
        assert each.coming(each.alone + each.again) == pytest.approx(each.alone_come + each.again_come)
