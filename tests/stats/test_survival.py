"""Competing risks: worked by hand, against statsmodels, and what their estimates must be where nobody is open."""

from __future__ import annotations

from collections import Counter

import numpy
import pytest
from statsmodels.discrete.discrete_model import Logit
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight
from statsmodels.tools import add_constant

from funnelcli.stats.survival import CompetingRisks, competing_risks


def risks(times: list[int], ends: list[int]) -> CompetingRisks:
    """Of units by their times and ends: 1 for those who came, 2 for the lost, 0 for those still on their way."""
    of = [Counter(time for time, end in zip(times, ends, strict=True) if end == kind) for kind in range(3)]
    return competing_risks(of[1], of[2], of[0])


def test_worked_by_hand() -> None:
    """Of 6 one comes at 1, one is lost at 2 when another is still there, of 3 one comes at 4, of 2 one is lost at 6."""
    found = risks([1, 2, 2, 4, 6, 7], [1, 2, 0, 1, 2, 0])
    assert found.times == [1, 2, 4, 6]
    assert found.at_risk == [6, 5, 3, 2]
    assert found.survival == pytest.approx([5 / 6, 4 / 6, 4 / 9, 2 / 9])
    assert found.incidence == pytest.approx([1 / 6, 1 / 6, 1 / 6 + 2 / 9, 7 / 18])
    assert [found.chance(0, 9), found.chance(2, 9), found.chance(4, 9)] == pytest.approx([7 / 18, 1 / 3, 0])
    assert [found.chance(0), found.chance(7)] == pytest.approx([7 / 18 + 2 / 9 * found.later, found.later])
    assert [found.chance(0, 1), found.chance(1, 2), found.chance(2, 2)] == pytest.approx([1 / 6, 0, 1 / 3])
    assert [found.survival_at(0), found.survival_at(5), found.survival_at(99)] == pytest.approx([1, 4 / 9, 2 / 9])


@pytest.mark.parametrize("seed", range(4))
def test_equal_to_an_independent_program(seed: int) -> None:
    """Many ties, as times are whole days."""
    random = numpy.random.default_rng(seed)
    times, ends = random.integers(0, 40, 300), random.integers(0, 3, 300)
    ends[times == times.max()] = 0  # the judge divides by those who are left
    found = risks(times.tolist(), ends.tolist())
    any_end = SurvfuncRight(times + 1, (ends > 0).astype(int))  # it wants times above 0
    assert [found.survival_at(int(time) - 1) for time in any_end.surv_times] == pytest.approx(list(any_end.surv_prob))
    judge = CumIncidenceRight(times + 1, ends)
    assert [found.incidence_at(int(time) - 1) for time in judge.times] == pytest.approx(list(judge.cinc[0]))


def test_the_variance_of_a_chance_at_birth_is_that_of_an_independent_program() -> None:
    """Statsmodels has the standard error of the incidence, by a formula of its own (Dinse and Larson, 1986)."""
    random = numpy.random.default_rng(7)
    times, ends = random.integers(1, 60, 400), random.integers(0, 3, 400)
    ends[times == times.max()] = 0
    found = risks(times.tolist(), ends.tolist())
    error = CumIncidenceRight(times, ends).cinc_se[0][-1]
    known = found._replace(later=0.0, later_variance=0.0)  # what is followed, without the trend
    assert known.variance({0: 1}) ** 0.5 == pytest.approx(error, rel=0.03)


def test_without_anybody_waiting_they_are_shares_and_their_variance_that_of_a_binomial() -> None:
    found = risks([1, 2, 3, 3, 5, 8, 8, 9], [1, 2, 1, 2, 2, 1, 2, 2])
    assert found.incidence[-1] == pytest.approx(3 / 8)
    assert found.survival[-1] == 0
    assert found.chance(3) == pytest.approx(1 / 4)  # of four who take longer, one comes
    assert found.variance({0: 5}) == pytest.approx(3 / 8 * 5 / 8 / 8)
    assert found.variance({3: 2}) == pytest.approx(1 / 4 * 3 / 4 / 4)


def test_the_variance_of_chances_of_several_ages_is_that_of_the_simulated() -> None:
    random = numpy.random.default_rng(3)
    ages, means, said = {0: 3, 4: 5, 9: 2}, [], []
    for _ in range(1000):
        times, seen, won = random.geometric(0.08, 900), random.choice((5, 12, 30), 900), random.random(900) < 0.4
        ends = numpy.where(times > seen, 0, numpy.where(won, 1, 2))
        found = risks(numpy.minimum(times, seen).tolist(), ends.tolist())
        means.append(sum(number * found.chance(age) for age, number in ages.items()) / 10)
        said.append(found.variance(ages))
    assert 0.9 < numpy.mean(said) / numpy.var(means) < 1.4  # with the trend after the last it is on the safe side


def test_of_nobody_nothing_is_known() -> None:
    found = competing_risks({}, {}, {3: 2})
    assert (found.chance(3), found.variance({3: 2}), found.survival_at(9)) == (0, 0, 1)


def test_who_ends_later_comes_as_the_trend_of_the_later_half_tells() -> None:
    """By the logistic regression of statsmodels, without the weak priors that keep a slope finite."""
    random = numpy.random.default_rng(5)
    times = numpy.floor(random.lognormal(3, 0.8, 6000)).astype(int)
    came = random.random(6000) < 1 / (1 + numpy.exp(2 - 0.5 * numpy.log(times + 0.5)))
    found = risks(times.tolist(), numpy.where(came, 1, 2).tolist())
    half = numpy.sort(times)[2999]
    late = times >= (half if (times <= half).sum() > 3000 else half + 1)
    line = Logit(came[late], add_constant(numpy.log(times[late] + 0.5))).fit(disp=0)
    at = [1, numpy.log(1.5 * (times.max() + 0.5))]
    odds, error = line.params @ at, numpy.sqrt(at @ line.cov_params() @ at)
    rate = 1 / (1 + numpy.exp(-odds))
    assert found.later == pytest.approx(rate, abs=0.01)
    assert found.later_variance**0.5 == pytest.approx(rate * (1 - rate) * error, rel=0.03)


@pytest.mark.parametrize("ends", [[1] * 8, [2] * 8, [1, 2] * 4])
def test_few_who_ended_at_one_time_tell_a_chance_that_is_no_certainty(ends: list[int]) -> None:
    found = risks([5] * 8, ends)
    assert 0.01 < found.later < 0.99
    assert abs(found.later - ends.count(1) / 8) < 0.1
    assert found.later_variance > 0.0003
