"""Curves in few points and those who wait in few ages: what they bring is that of all points and ages."""

from __future__ import annotations

from collections import Counter
from math import sqrt

import numpy
import pytest

from funnelcli.stats.curve_points import binned, few_points
from funnelcli.stats.still_to_come import chance_within, deviation_within
from funnelcli.stats.survival import CompetingRisks, competing_risks

DAY = 86400
WINDOW = 14 * DAY
SHAPES = {
    "days": (2.0, 1.2, 0, 1),
    "within an hour": (0.04, 1.5, 0, 1),
    "lost": (3.0, 1.0, 2, 1),
    "by date": (2.0, 1.2, 0, DAY),
}


def world(shape: str, number: int, chance: float, seed: int) -> tuple[CompetingRisks, Counter[int]]:
    """Units that entered over six windows and come after lognormal times; some are lost, or dates alone are known."""
    median, sigma, losses, whole = SHAPES[shape]
    random = numpy.random.default_rng(seed)
    seen = numpy.minimum(random.integers(0, 6 * WINDOW, number), WINDOW) // whole * whole
    times = (random.lognormal(numpy.log(median * DAY), sigma, number)).astype(int) // whole * whole
    lost = random.integers(0, WINDOW * 4, number) if losses else numpy.full(number, 9 * WINDOW)
    comes = (random.random(number) < chance) & (times <= numpy.minimum(lost, WINDOW))
    ended = numpy.where(comes, times, lost) <= seen
    came, gone = Counter(times[comes & ended].tolist()), Counter(lost[~comes & ended].tolist())
    waiting = Counter(seen[~ended].tolist())
    return competing_risks(came, gone, waiting, closes=True), Counter({a: n for a, n in waiting.items() if a < WINDOW})


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("number", "chance"), [(400, 0.1), (1500, 0.025), (6000, 0.2), (40_000, 0.05)])
def test_few_points_and_ages_tell_what_is_still_to_come(shape: str, number: int, chance: float) -> None:
    """In the end and within a week by a hundredth of the 80% range, of few units by twice that, and within a day."""
    part = 0.01 if number > 1000 else 0.02
    for seed in range(2):
        risks, waiting = world(shape, number, chance, seed)
        points = few_points(risks, 1, WINDOW)
        ages = binned(waiting, 1, WINDOW, points)
        assert len(points) < 75
        assert len(ages) < 90
        assert points[-1] == (WINDOW, risks.incidence_at(WINDOW), risks.survival_at(WINDOW))
        assert sum(units for _, units in ages) == waiting.total()
        for within, allowed in ((WINDOW, part), (7 * DAY, part), (DAY, 0.02)):
            true = sum(units * risks.chance(age, min(within, WINDOW - age)) for age, units in waiting.items())
            found = sum(units * chance_within(points, age, within) for age, units in ages)
            luck = true * (1 - true / waiting.total())
            curve = deviation_within(points, ages, number, within) * found
            assert abs(found - true) <= allowed * 2.56 * sqrt(max(luck, 0.25) + curve * curve)


def test_of_nobody_there_is_a_line() -> None:
    risks = competing_risks({}, {}, {5: 3, 10: 2}, closes=True)
    assert few_points(risks, 1, 10) == ((0, 0, 1), (10, 0, 1))
    assert binned({}, 1, 10) == ()


def test_points_are_in_whole_units_of_time() -> None:
    """Each the next whole one, so that what happened by then is in it."""
    risks = competing_risks({15: 1, 25: 1}, {}, {30: 2}, closes=True)
    times, came, _ = zip(*few_points(risks, 10, 30), strict=True)
    assert list(times) == sorted(set(times))
    assert numpy.interp([1, 2, 3], times, came) == pytest.approx([0, 0.25, 0.5])


def test_bins_hold_all_units_by_their_mean_age() -> None:
    ages = {0: 1, 5: 2, 50: 4, 999: 7, 1000: 3}  # bins of 50
    assert binned(ages, 1, 1000) == ((3, 3), (50, 4), (999, 10))
    assert binned(ages, 1, 1000, ((0, 0.0, 1.0), (4, 0.1, 0.9))) == ((0, 1), (5, 2), (50, 4), (999, 10))
