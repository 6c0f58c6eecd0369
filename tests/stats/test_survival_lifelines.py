"""Curves against lifelines, which takes long to import."""

from __future__ import annotations

import warnings
from collections import Counter

import numpy
import pytest

from funnelcli.stats.survival import CompetingRisks, competing_risks

with warnings.catch_warnings():  # what it uses of others is about to go
    warnings.simplefilter("ignore")
    from lifelines import AalenJohansenFitter, KaplanMeierFitter


def drawn(seed: int, number: int, most: int, *, losses: bool) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Whole times, none of which is that of two ends of another kind, as lifelines cannot tell them."""
    random = numpy.random.default_rng(seed)
    times, ends = random.integers(1, most, number), random.integers(0, 3 if losses else 2, number)
    ends[times % 2 == 0] = numpy.minimum(ends[times % 2 == 0], 1)
    ends[(times % 2 == 1) & (ends == 1)] = 2 if losses else 1
    ends[times == times.max()] = 0
    return times, ends


def risks(times: numpy.ndarray, ends: numpy.ndarray) -> CompetingRisks:
    of = [Counter(times[ends == kind].tolist()) for kind in range(3)]
    return competing_risks(of[1], of[2], of[0], closes=True)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("number", "most"), [(20, 9), (300, 60), (900, 3000)])
def test_without_losses_it_is_the_curve_of_kaplan_and_meier(seed: int, number: int, most: int) -> None:
    times, ends = drawn(seed, number, most, losses=False)
    found, judge = risks(times, ends), KaplanMeierFitter().fit(times, ends)
    survival = judge.survival_function_["KM_estimate"]
    for time in survival.index:
        assert found.survival_at(int(time)) == pytest.approx(survival[time], abs=1e-9)
        assert found.incidence_at(int(time)) == pytest.approx(1 - survival[time], abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("number", "most"), [(20, 9), (300, 60), (900, 3000)])
def test_with_losses_it_is_the_curve_of_aalen_and_johansen(seed: int, number: int, most: int) -> None:
    times, ends = drawn(seed, number, most, losses=True)
    with warnings.catch_warnings():  # logarithms of nothing, in intervals that are not asked for
        warnings.simplefilter("ignore", RuntimeWarning)
        judge = AalenJohansenFitter().fit(times, ends, event_of_interest=1)
    found = risks(times, ends)
    for time in judge.timeline:
        assert found.incidence_at(int(time)) == pytest.approx(judge.cumulative_density_["CIF_1"][time], abs=1e-9)
