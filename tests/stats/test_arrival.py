"""Times of steps against SciPy's distributions, renewal theory by quadrature, and sums known in closed form."""

from __future__ import annotations

import math

import pytest
from scipy import integrate, stats

from funnelcli.stats.arrival import StepTime, durations, lognormal, one_after_the_other, share_arrived

LOG_DEVIATION = math.log(21 / 6) / stats.norm.ppf(0.9)
JUDGE = stats.lognorm(s=LOG_DEVIATION, scale=6)


def test_median_and_90_percent_point_are_those_of_a_lognormal_time() -> None:
    time = lognormal(6, 21)
    assert time.mean == pytest.approx(JUDGE.mean())
    for days in (0.1, 6, 21, 300):
        assert time.share_by(days) == pytest.approx(JUDGE.cdf(days))
    for share in (0.001, 0.5, 0.9, 0.999):
        assert time.duration(share) == pytest.approx(JUDGE.ppf(share))


@pytest.mark.parametrize("since", [0.5, 5, 40, math.inf])
@pytest.mark.parametrize("days", [0.5, 6, 30, 200])
def test_what_is_left_of_the_time_of_units_that_came_evenly(since: float, days: float) -> None:
    """P(T - A <= days | T > A) of ages A that are uniform up to `since`."""
    until = 5000 if since == math.inf else since
    options = {"limit": 500, "points": [1, 10, 100]} if until > 100 else {"limit": 500}
    gone = integrate.quad(lambda age: JUDGE.sf(age) - JUDGE.sf(age + days), 0, until, **options)[0]
    there = integrate.quad(JUDGE.sf, 0, until, **options)[0]
    assert lognormal(6, 21).share_left_by(days, since) == pytest.approx(gone / there, rel=1e-5)


@pytest.mark.parametrize("since", [0.3, 4, 60, 900])
def test_since_when_they_came_is_seen_from_those_that_are_still_there(since: float) -> None:
    still_there = integrate.quad(JUDGE.sf, 0, since, limit=500)[0] / since
    assert lognormal(6, 21).came_for(still_there) == pytest.approx(since, rel=1e-4)


def test_those_who_have_just_come_have_all_of_their_time_before_them() -> None:
    time = lognormal(6, 21)
    assert time.came_for(1) == 0
    assert time.share_left_by(6, 0) == time.share_by(6) == pytest.approx(0.5)
    assert time.came_for(0) == math.inf


def test_exponential_times_do_not_ask_how_long_a_unit_has_waited() -> None:
    time = StepTime(30)
    for since in (0, 20, math.inf):
        assert time.share_left_by(10, since) == pytest.approx(stats.expon(scale=30).cdf(10))


@pytest.mark.parametrize("time", [StepTime(0), lognormal(0, 0)])
def test_a_step_that_takes_no_time_is_done_at_once(time: StepTime) -> None:
    assert (time.share_by(0), time.share_left_by(0), time.share_by(-1), time.duration(0.5)) == (1, 1, 0, 0)


def test_a_time_that_is_always_the_same() -> None:
    time = lognormal(5, 5)
    assert (time.mean, time.share_by(4.9), time.share_by(5), time.duration(0.3)) == (5, 0, 1, pytest.approx(5))
    assert time.share_left_by(2) == pytest.approx(0.4)  # they are evenly on their way


@pytest.mark.parametrize("steps", [2, 3, 5])
@pytest.mark.parametrize("days", [5, 15, 40, 90])
def test_steps_of_one_mean_add_up_to_an_erlang_time(steps: int, days: int) -> None:
    rest = durations(StepTime(10))
    for _ in range(steps - 2):
        rest = one_after_the_other(durations(StepTime(10)), rest)
    found = share_arrived(days, StepTime(10), math.inf, rest)
    assert found == pytest.approx(stats.gamma(steps, scale=10).cdf(days), abs=0.003)


def test_durations_have_the_mean_of_their_time() -> None:
    assert math.fsum(durations(StepTime(10))) / 100 == pytest.approx(10, rel=0.001)
    both = one_after_the_other(durations(StepTime(10)), durations(StepTime(4)))
    assert math.fsum(both) / len(both) == pytest.approx(14, rel=0.001)
