"""Final figures: what they must be, and SciPy's beta-binomial distribution."""

from __future__ import annotations

from collections import Counter

import numpy
import pytest
from scipy.stats import betabinom, binom

from funnelcli.stats.intervals import wilson_bounds
from funnelcli.stats.still_to_come import final_figure
from funnelcli.stats.survival import CompetingRisks, competing_risks

WINDOW = 1_000_000


def world(seed: int, number: int = 3000, chance: float = 0.2, jumps: bool = False) -> CompetingRisks:
    """Units that entered over two windows, of which some come after lognormal times, or at few moments."""
    random = numpy.random.default_rng(seed)
    seen = numpy.minimum(random.integers(0, 2 * WINDOW, number), WINDOW)
    times = random.choice([1, 7, WINDOW // 2], number) if jumps else random.lognormal(11, 2, number).astype(int)
    lost = random.integers(0, 4 * WINDOW, number)
    comes = (random.random(number) < chance) & (times <= lost)
    times = numpy.where(comes, times, lost)
    open_ = times > seen
    came, losses = Counter(times[comes & ~open_].tolist()), Counter(times[~comes & ~open_].tolist())
    return competing_risks(came, losses, Counter(seen[open_].tolist()), closes=True)


def test_where_all_are_followed_the_end_is_that_of_the_counts() -> None:
    found = competing_risks({3: 20, 8: 10}, {5: 30}, {WINDOW: 140}, closes=True).in_the_end(WINDOW, 140)
    assert (found.share, found.size) == pytest.approx((0.15, 200))
    assert (found.low, found.high) == pytest.approx(wilson_bounds(30, 200))


@pytest.mark.parametrize(("came", "share"), [({}, 0), ({3: 50}, 1)])
def test_of_none_and_all_those_tell_who_were_followed(came: dict[int, int], share: int) -> None:
    waiting = {} if share else {WINDOW // 2: 30, WINDOW: 50}
    found = competing_risks(came, {}, waiting, closes=True).in_the_end(WINDOW, 50 * (1 - share))
    low, high = wilson_bounds(50 * share, 50)
    assert (found.low, found.share, found.high) == pytest.approx((low, share, high))


def test_who_all_are_decided_have_the_figure_that_they_have() -> None:
    assert final_figure(world(2), 17, {}) == (17, 17, 17)


@pytest.mark.parametrize("number", [3, 40, 900])
def test_a_final_figure_is_a_beta_binomial_one(number: int) -> None:
    """Each end leaves as much outside as it may, and never more than 2.5%."""
    risks, age = world(3), WINDOW // 8
    chance, variance = risks.chance(age), risks.variance({age: number})
    sure = chance * (1 - chance) / variance
    judge = betabinom(number, chance * sure + 0.5, (1 - chance) * sure + 0.5)
    found = final_figure(risks, 5, {age: number})
    assert found.expected == pytest.approx(5 + number * chance)
    counts = range(number + 1)
    assert found.low - 5 == max(each for each in counts if judge.cdf(each - 1) <= 0.025)
    assert found.high - 5 == min(each for each in counts if judge.sf(each) <= 0.025)


@pytest.mark.parametrize("share", [0.0001, 0.01, 0.03, 0.04, 0.97])
def test_one_figure_is_said_only_where_another_has_no_more_than_a_chance_of_5_percent(share: float) -> None:
    """One waits of whom 3% come: it may come, and 0 to 0 would be wrong more often than is stated."""
    told = 40_000
    risks = competing_risks({WINDOW // 2: round(share * told)}, {}, {WINDOW: told - round(share * told)}, closes=True)
    for number in (1, 2, 5, 20):
        found = final_figure(risks, 7, {WINDOW // 4: number})
        outside = 1 - binom.cdf(found.high - 7, number, share) + binom.cdf(found.low - 8, number, share)
        assert outside <= 0.0501
        if number == 1 and 0.025 < share < 0.975:
            assert (found.low, found.high) == (7, 8)


def test_of_very_many_the_normal_curve_tells() -> None:
    risks, age = world(4, 200_000), WINDOW // 8
    few, many = final_figure(risks, 0, {age: 20_000}), final_figure(risks, 0, {age: 20_001})
    assert (few.low, few.high) == pytest.approx((many.low, many.high), rel=0.01)


def test_a_share_of_all_is_one_whatever_is_lost_in_adding_up() -> None:
    """Thirds add up to more than 1, or less, in floating point."""
    for number in range(1, 60):
        came = dict.fromkeys(range(number), 1)
        found = competing_risks(came, {}, {WINDOW // 2: 0}, closes=True).in_the_end(WINDOW, 0)
        assert (found.share, found.high) == (1, 1)
        assert found.size == pytest.approx(number)
