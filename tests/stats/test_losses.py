"""Chances of units that wait, against a simulation of them by NumPy and against closed forms."""

from __future__ import annotations

import math

import numpy
import pytest

from funnelcli.stats.arrival import StepTime, lognormal
from funnelcli.stats.losses import posteriors, waiting

UNITS = 400_000


def lags(time: StepTime, random: numpy.random.Generator) -> numpy.ndarray:
    if time.log_deviation is None:
        return random.exponential(time.mean, UNITS)
    return random.lognormal(time.log_mean, time.log_deviation, UNITS)


@pytest.mark.parametrize("period", [30, 90, 300])
@pytest.mark.parametrize(
    ("own", "lost"),
    [
        (StepTime(30), StepTime(60)),
        (StepTime(60), StepTime(15)),
        (lognormal(20, 60), lognormal(40, 50)),
        (StepTime(20), lognormal(25, 25)),
    ],
)
def test_the_counts_and_two_times_tell_what_becomes_of_units(own: StepTime, lost: StepTime, period: int) -> None:
    """Units that came evenly over a period, 30% of which go on: the rate of all, of the open ones, and the period."""
    random = numpy.random.default_rng([period, int(own.mean)])
    goes = random.random(UNITS) < 0.3
    still = random.uniform(0, period, UNITS) + numpy.where(goes, lags(own, random), lags(lost, random)) > period
    decided = UNITS - still.sum()
    share = (goes & ~still).sum() / decided
    found = waiting(share, decided / UNITS, own, ((1.0, lost),))
    assert found.since == pytest.approx(period, rel=0.03)
    assert found.rate(share) == pytest.approx(0.3, rel=0.02)
    assert found.open_rate(share) == pytest.approx((goes & still).sum() / still.sum(), rel=0.04)


def test_where_units_go_elsewhere_that_takes_its_own_time() -> None:
    """20% buy after 40 days, 30% take a trial after 10, the others are lost after 80."""
    random = numpy.random.default_rng(5)
    kind = random.choice(3, UNITS, p=[0.2, 0.3, 0.5])
    times = StepTime(40), StepTime(10), StepTime(80)
    still = random.uniform(0, 100, UNITS) + numpy.choose(kind, [lags(each, random) for each in times]) > 100
    bought, tried, lost = (int(((kind == each) & ~still).sum()) for each in range(3))
    share = bought / (bought + tried + lost)
    others = ((float(tried), times[1]), (float(lost), times[2]))
    found = waiting(share, 1 - still.mean(), times[0], others)
    assert found.rate(share) == pytest.approx(0.2, rel=0.02)
    assert found.open_rate(share) == pytest.approx((kind[still] == 0).mean(), rel=0.03)


@pytest.mark.parametrize("time", [StepTime(30), lognormal(6, 21)])
def test_equal_times_tell_what_the_decided_tell(time: StepTime) -> None:
    found = waiting(0.25, 0.8, time, ((1.0, time),))
    assert (found.rate(0.25), found.open_rate(0.25)) == (pytest.approx(0.25, abs=1e-15), pytest.approx(0.25, abs=1e-12))


def test_exponential_times_in_closed_form() -> None:
    """A(T) = 1 - m / T (1 - exp(-T / m)) after 90 days; 30% go on after 30 days, the others are lost after 60."""
    done = {mean: 1 - mean / 90 * (1 - math.exp(-90 / mean)) for mean in (30, 60)}
    won, lost = 0.3 * done[30], 0.7 * done[60]
    found = waiting(won / (won + lost), won + lost, StepTime(30), ((1.0, StepTime(60)),))
    assert found.since == pytest.approx(90)
    assert found.rate(won / (won + lost)) == pytest.approx(0.3)
    assert found.open_rate(won / (won + lost)) == pytest.approx((0.3 - won) / (1 - won - lost))


def test_what_takes_no_time_is_never_waited_for() -> None:
    at_once = waiting(0.3, 0.75, StepTime(0), ((1.0, StepTime(9)),))
    assert (at_once.rate(0.3), at_once.open_rate(0.3)) == (pytest.approx(0.3 * 0.75), 0)
    known = waiting(0.3, 0.75, StepTime(9), ((1.0, StepTime(0)),))
    assert (known.rate(0.3), known.open_rate(0.3)) == (pytest.approx(1 - 0.7 * 0.75), 1)


@pytest.mark.parametrize("share", [0, 1])
@pytest.mark.parametrize("decided", [1e-9, 0.5, 1 - 1e-9])
@pytest.mark.parametrize("own", [StepTime(0), StepTime(9), lognormal(90, 90)])
def test_none_and_all_stay_that(share: float, decided: float, own: StepTime) -> None:
    found = waiting(share, decided, own, ((1.0, StepTime(5)),))
    assert (found.rate(share), found.open_rate(share)) == (share, share)


def test_what_the_counts_leave_open() -> None:
    """Equal times: Beta(1 + 30, 1 + 70) for both; others: the mean and deviation of SciPy's draws of both shares."""
    time = StepTime(30)
    for shapes in posteriors(30, 100, 50, time, ((1.0, time),)):
        assert shapes == pytest.approx((31, 71), rel=0.03)
    random = numpy.random.default_rng(2)
    slow = ((1.0, StepTime(60)),)
    pairs = zip(random.beta(31, 71, 4000), random.beta(101, 51, 4000), strict=True)
    drawn = [(share, waiting(share, part, time, slow)) for share, part in pairs]
    judges = [found.rate(share) for share, found in drawn], [found.open_rate(share) for share, found in drawn]
    for shapes, judge in zip(posteriors(30, 100, 50, time, slow), judges, strict=True):
        assert shapes is not None
        a, b = shapes
        assert a / (a + b) == pytest.approx(numpy.mean(judge), rel=0.01)
        assert math.sqrt(a * b / (a + b + 1)) / (a + b) == pytest.approx(numpy.std(judge), rel=0.04)
