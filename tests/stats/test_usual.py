"""Whether the newest of many periods is as usual: exact scores, a promise that is kept, and periods that are wild."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy
import pytest
from scipy import stats

from funnelcli.stats.usual import (
    LEAST,
    LEAST_ASIDE,
    MOST,
    Usual,
    limits,
    usual,
)
from funnelcli.stats.usual_level import Period, normal_of_t, t_of_normal

SEED = 20261128


def seen(
    values: list[float], false_alarm_in: float = 24, first: int = 8, between: float | None = None, asked: int = 0
) -> Usual:
    found = usual([Period(float(value)) for value in values], false_alarm_in, first, first, between, asked)
    assert found is not None
    return found


def normal(number: int, seed: int = SEED) -> list[float]:
    return [float(each) for each in numpy.random.default_rng(seed).standard_normal(number)]


@pytest.mark.parametrize("freedom", [2, 3, 5, 8, 21, 100, 993])
def test_scores_of_t_are_those_of_scipy_and_back(freedom: int) -> None:
    for t in (-9.0, -3.2, -1.0, -0.1, 0.0, 0.4, 2.0, 5.0):
        exact = float(stats.norm.isf(stats.t.sf(abs(t), freedom))) * (1 if t >= 0 else -1)
        assert normal_of_t(t, freedom) == pytest.approx(exact, rel=0.01 if freedom >= 5 else 0.023)
        assert t_of_normal(normal_of_t(t, freedom), freedom) == pytest.approx(t, abs=1e-9)


def test_where_the_spread_is_known_scores_are_z() -> None:
    assert normal_of_t(1.7, None) == 1.7
    assert t_of_normal(1.7, None) == 1.7


def test_more_is_needed_for_fewer_false_alarms() -> None:
    known = [limits(periods) for periods in (LEAST, 10, 24, 30, 104, 700, 5000, MOST)]
    for fewer, more in pairwise(known):
        assert all(a <= b for a, b in zip(fewer, more, strict=True))
    for periods, sides in ((LEAST - 1, 2), (MOST + 1, 2), (LEAST_ASIDE - 1, 1), (MOST + 1, 1)):
        with pytest.raises(ValueError, match="cannot be promised"):
            limits(periods, sides)
    assert limits(24, 1) == limits(12)


def test_the_range_is_the_prediction_interval_of_least_squares() -> None:
    """With a mean a weekday and one spread, as numpy solves it: the ends are as many t from what is expected."""
    random = numpy.random.default_rng(SEED)
    days = 35
    values = random.normal(0, 1, days) + numpy.array([0, 0, 0, 0, 0, 3, 4])[numpy.arange(days) % 7]
    found = usual([Period(float(value), None, day % 7) for day, value in enumerate(values)], 730, 28, 28)
    assert found is not None
    assert not found.alarms
    before = days - 1
    design = numpy.eye(7)[numpy.arange(before) % 7]
    mean, squares, *_ = numpy.linalg.lstsq(design, values[:before], rcond=None)
    freedom = before - 7
    last = numpy.eye(7)[before % 7]
    deviation = math.sqrt(squares[0] / freedom * (1 + last @ numpy.linalg.inv(design.T @ design) @ last))
    far = t_of_normal(min(limit + slack for limit, slack in zip(limits(730), (0.25, 0.75, 2.0), strict=True)), freedom)
    assert found.low == pytest.approx(mean[before % 7] - far * deviation)
    assert found.high == pytest.approx(mean[before % 7] + far * deviation)


def test_the_promise_is_kept_by_periods_of_which_nothing_is_known() -> None:
    """1 in 24 of 12,000 looks: 500 alarms, of which chance makes 4.5% more or less."""
    began = sum(place >= 8 for seed in range(300) for place in seen(normal(48, seed)).alarms)
    assert began / (300 * 40) == pytest.approx(1 / 24, rel=0.15)


@pytest.mark.parametrize("asked", [-1, 1])
def test_the_promise_is_kept_to_one_side_alone(asked: int) -> None:
    """12,000 looks as well: what is below and what is above have each as many as are promised."""
    began = sum(place >= 8 for seed in range(300) for place in seen(normal(48, seed), 24, asked=asked).alarms)
    assert began / (300 * 40) == pytest.approx(1 / 24, rel=0.15)


def test_of_one_side_are_told_the_alarms_of_that_side_of_a_chart_of_both() -> None:
    for seed in range(20):
        values = normal(150, seed)
        below, above = (seen(values, 48, asked=side) for side in (-1, 1))
        both = seen(values, 24)
        assert sorted(below.alarms + above.alarms) == list(both.alarms)
        assert below._replace(alarms=()) == above._replace(alarms=()) == both._replace(alarms=())


@pytest.mark.parametrize("asked", [-1, 1])
def test_one_side_is_seen_sooner_than_both(asked: int) -> None:
    """A change of 0.7 standard deviations after 24 periods, with as many false alarms."""
    waited = [0, 0]
    for seed in range(100):
        values = [value + (0.7 * asked if place >= 24 else 0) for place, value in enumerate(normal(74, seed))]
        for way, side in enumerate((asked, 0)):
            alarms = seen(values, 24, asked=side).alarms
            waited[way] += next((place for place in alarms if place >= 24), 74) - 24
    assert waited[0] < 0.85 * waited[1]


def test_a_fall_is_found_at_once_and_since_when_is_told() -> None:
    found = seen([*normal(24), -6.0])
    assert (found.side, found.since) == (-1, 24)
    assert found.alarms[-1] == 24
    assert seen([*normal(24), 6.0]).side == 1


def test_falls_that_are_small_are_found_together() -> None:
    """Each alone lies in the range."""
    found = seen([*([-1.0, 1.0] * 20), *[-1.4] * 8], 104)
    assert found.side == -1
    assert found.since == 40  # the last +1 is at 39
    assert found.low < -1.4


def test_a_fall_that_lasts_is_not_forgotten_and_becomes_usual() -> None:
    values = [*normal(24), *(value - 6 for value in normal(20, 5))]
    sides = [seen(values[: 24 + number]).side for number in range(1, 21)]
    assert sides[:8] == [-1] * 8
    assert sides[8] == 0
    assert sides.count(-1) <= 10
    later = seen(values)
    assert later.low < -6 < later.high < -1


def test_an_alarm_ends_when_the_figure_is_back() -> None:
    values = [*normal(24), -6.0, 0.1]
    assert seen(values).side == 0


def test_what_falls_from_above_usual_to_below_it_is_not_usual() -> None:
    found = seen([*normal(24), 6.0, 6.1, -6.0])
    assert (found.side, found.since) == (-1, 26)


@pytest.mark.parametrize("wild", [0, 3, 7, 12])
def test_one_wild_period_does_not_widen_what_is_usual(wild: int) -> None:
    values = normal(24)
    tame = seen([*values, 0.0])
    values[wild] = 1000.0
    found = seen([*values, 0.0])
    assert found.high - found.low < 1.5 * (tame.high - tame.low)
    assert found.side == 0


def test_what_never_varied_is_as_usual_until_it_differs() -> None:
    assert seen([5.0] * 12).side == 0
    assert seen([*[5.0] * 12, 5.001]).side == 1


def test_few_periods_tell_nothing() -> None:
    assert usual([Period(value) for value in normal(8)], 24, 8, 8) is None
    assert usual([], 24, 8, 8) is None


def test_an_unknown_season_tells_nothing() -> None:
    periods = [Period(value, None, "weekday") for value in normal(12)]
    assert usual([*periods, Period(0.0, None, "Sunday")], 24, 8, 8) is None


def test_with_a_stated_variance_few_periods_do() -> None:
    """Four periods with a variance of 1 + 3: the mean has 1, the next 4."""
    periods = [Period(value, 1.0) for value in (0.0, 0.0, 0.0, 0.0, 0.5)]
    found = usual(periods, 24, 4, 8, between=3.0)
    assert found is not None
    far = min(limit + slack for limit, slack in zip(limits(24), (0.25, 0.75, 2.0), strict=True))
    assert found.high == pytest.approx(far * math.sqrt(5))


def test_large_periods_tell_more_than_small_ones() -> None:
    """Without any variation between them, the mean is that of all units together."""
    periods = [Period(0.0, 0.01)] * 4 + [Period(0.4, 0.16), Period(-0.4, 0.16)] * 3 + [Period(0.0, 0.01)]
    found = usual(periods, 24, 8, 8)
    assert found is not None
    assert found.low == pytest.approx(-found.high)


def test_what_has_become_usual_is_judged_by_that() -> None:
    """Whatever is told as usual lies in the range that is shown, and nothing below usual above it."""
    for seed in range(40):
        values = normal(60, seed)
        values[30:] = [value - 1.5 for value in values[30:]]
        for number in range(9, 61):
            found = seen(values[:number])
            newest = values[number - 1]
            assert found.side or found.low <= newest <= found.high
            assert found.side >= 0 or newest <= found.high
            assert found.side <= 0 or newest >= found.low


def test_a_wild_one_of_the_first_periods_changes_no_promise() -> None:
    began = 0
    for seed in range(200):
        values = normal(48, seed)
        values[seed % 8] = 40.0
        began += sum(place >= 8 for place in seen(values).alarms)
    assert began / (200 * 40) == pytest.approx(1 / 24, rel=0.2)


def test_since_when_is_the_likeliest_beginning() -> None:
    """Not where the sum of small doubts began: in three quarters within two periods."""
    away = []
    for seed in range(120):
        values = normal(80, seed)
        values[40:] = [value - 1.5 for value in values[40:]]
        for number in range(41, 81):
            found = seen(values[:number], 104)
            if found.side < 0 and found.alarms[-1] == number - 1:
                assert found.since is not None
                away.append(abs(found.since - 40))
                break
    assert sum(each <= 2 for each in away) >= 3 / 4 * len(away)


def test_weekdays_that_vary_more_have_a_wider_range() -> None:
    """Weekends vary three times as much: each day has its alarms, and not those of the others."""
    began = [0, 0]
    for seed in range(40):
        random = numpy.random.default_rng(seed)
        spreads = numpy.where(numpy.arange(400) % 7 >= 5, 3.0, 1.0)
        days = [Period(float(value), None, day % 7) for day, value in enumerate(random.normal(0, spreads))]
        found = usual(days, 90, 28, 28)
        assert found is not None
        for place in found.alarms:
            began[place % 7 >= 5] += place >= 150  # when each has told of itself
    looks = 40 * 250 / 90
    assert began[0] / (looks * 5 / 7) == pytest.approx(1, abs=0.4)
    assert began[1] / (looks * 2 / 7) == pytest.approx(1, abs=0.6)
