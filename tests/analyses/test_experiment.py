"""Planning a test: statsmodels, both ways, and what cannot be tested."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_effectsize

from funnelcli.analyses.experiment import Experiment, Traffic, plan_test
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.changes import change as parse_change
from funnelcli.metrics import METRICS, Selector
from funnelcli.what_if import Change

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.model import Funnel

    Build = Callable[[str], Funnel]

SHOP = "stages: {Visits: 10000, Carts: 1000, Paid: 100}\n"


def outcome(built: Funnel, stage: str, text: str | None, traffic: Traffic | None = None) -> Experiment | Problem:
    metric = METRICS["conversion"]
    changed = None if text is None else parse_change(text, metric)
    assert changed is None or isinstance(changed, Change)
    return plan_test(built, Selector(metric, stage), changed, traffic or Traffic())


def planned(built: Funnel, stage: str, text: str | None, traffic: Traffic | None = None) -> Experiment:
    found = outcome(built, stage, text, traffic)
    assert not isinstance(found, Problem), found
    return found


@pytest.mark.parametrize(
    ("text", "to"),
    [("+20%", 0.12), ("+2pp", 0.12), ("x1.2", 0.12), ("12%", 0.12), ("-20%", 0.08), ("+100%", 0.2), ("+0.1pp", 0.101)],
)
def test_units_are_those_of_statsmodels(funnel: Build, text: str, to: float) -> None:
    """10% of carts are paid; ten visits make a cart."""
    found = planned(funnel(SHOP), "Paid", text)
    effect = abs(proportion_effectsize(0.1, to))
    # which counts what the far side of the test finds by mistake as well: fewer by a millionth
    expected = NormalIndPower().solve_power(effect, power=0.8, alpha=0.05)
    each = found.units_per_group or 0
    assert each == pytest.approx(math.ceil(expected), rel=5e-6)
    assert (found.units, found.entries) == (2 * each, 20 * each)
    assert (found.step, found.from_, found.conversion) == ("Paid", "Carts", Fraction(1, 10))
    assert float(found.to or 0) == pytest.approx(to)
    assert (found.weeks, found.detectable) == (None, ())


def test_weeks_are_of_the_units_that_come(funnel: Build) -> None:
    """3,835 in each group: 7,670 at 800 a week are 9.5875 weeks."""
    found = planned(funnel(SHOP), "Paid", "+20%", Traffic(800))
    assert (found.units_per_group, found.weeks, found.whole_weeks) == (3835, Fraction(7670, 800), 10)
    assert [each.weeks for each in found.detectable] == [1, 2, 4, 8, 12, 26]


def test_what_a_time_can_find_takes_that_time(funnel: Build) -> None:
    """Both ways: a test of the change that four weeks can find takes four weeks."""
    built = funnel(SHOP)
    (found,) = planned(built, "Paid", None, Traffic(800, 4)).detectable
    assert (found.units_per_group, found.power) == (1600, None)
    assert found.lift == pytest.approx((found.rate or 0) / 0.1 - 1)
    back = planned(built, "Paid", f"{(found.rate or 0) * 100:.9f}%", Traffic(800))
    assert float(back.weeks or 0) == pytest.approx(4, abs=0.01)


@pytest.mark.parametrize(("rate", "change"), [("60%", "50%"), ("5%", "-10%"), ("95%", "-1pp")])
def test_where_a_fall_is_asked_for_a_time_finds_falls(funnel: Build, rate: str, change: str) -> None:
    """As many units find the fall that they find: statsmodels gives the power of it."""
    built = funnel(f"stages: [{{name: A, count: 1000}}, {{name: B, conversion: {rate}}}]\n")
    for found in planned(built, "B", change, Traffic(4000)).detectable:
        now = float(rate[:-1]) / 100
        assert found.rate is not None
        assert found.rate < now
        assert found.difference == pytest.approx(found.rate - now)
        effect = abs(proportion_effectsize(now, found.rate))
        assert NormalIndPower().power(effect, found.units_per_group, 0.05) == pytest.approx(0.8, abs=1e-4)


def test_the_chance_to_find_a_change_in_a_time(funnel: Build) -> None:
    (found,) = planned(funnel(SHOP), "Paid", "+20%", Traffic(800, 4)).detectable
    expected = NormalIndPower().power(abs(proportion_effectsize(0.1, 0.12)), 1600, 0.05)
    assert found.power == pytest.approx(expected, rel=1e-9)


def test_a_rate_that_was_stated_has_no_interval(funnel: Build) -> None:
    built = funnel("stages: [{name: A, count: 100}, {name: B, conversion: 10%}]\n")
    found = planned(built, "B", "+20%")
    assert (found.units_per_group, found.conversion_low, found.conversion_high) == (3835, None, None)
    assert any("stated" in each for each in found.assumptions)


def test_too_few_units_find_nothing(funnel: Build) -> None:
    """Of two units a week, one in each group, no rate is told from 10%."""
    (found,) = planned(funnel(SHOP), "Paid", None, Traffic(2, 1)).detectable
    assert (found.units_per_group, found.rate, found.lift) == (1, None, None)
    (none,) = planned(funnel(SHOP), "Paid", "+20%", Traffic(1, 1)).detectable
    assert (none.units_per_group, none.rate, none.power) == (0, None, None)


def test_a_difference_that_takes_too_many_units_has_no_number(funnel: Build) -> None:
    found = planned(funnel("stages: {A: 2, B: 1}\n"), "B", "+0.0001%", Traffic(800))
    assert (found.units_per_group, found.units, found.entries, found.weeks) == (None, None, None, None)


@pytest.mark.parametrize(
    ("stages", "stage", "text", "said"),
    [
        ("{A: 100, B: 60}", "B", "+70%", "above 100%"),
        ("{A: 100, B: 60}", "A", "+10%", '"A" is the entry'),
        ("{A: 0, B: 0}", "B", "+10%", '"A", which it comes from, is empty'),
        ("{A: 100, B: 0}", "B", "+10%", "+10% of a conversion of 0"),
        ("{A: 100, B: 60}", "B", "60%", "60% changes nothing"),
        ("{A: 100, B: 60}", "B", "-70pp", "would fall below 0"),
        ("[{name: A, count: 100}, {name: B, count: 160, allow_growth: true}]", "B", "+10%", "above 100%"),
        ("[{name: A, count: 100}, {name: B, count: 95, allow_growth: true}]", "B", "+10%", "above 100%"),
    ],
)
def test_what_cannot_be_tested(funnel: Build, stages: str, stage: str, text: str, said: str) -> None:
    found = outcome(funnel(f"stages: {stages}\n"), stage, text)
    assert isinstance(found, Problem)
    assert said in found.message
    assert found.help


def test_from_0_points_can_be_found(funnel: Build) -> None:
    """A test of 0% against 5% expects 5 of 200."""
    found = planned(funnel("stages: {A: 100, B: 0}\n"), "B", "+5pp", Traffic(100))
    assert (found.units_per_group, found.lift) == (200, None)
