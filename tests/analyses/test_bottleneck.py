"""Ranking by headroom and by conversion, the tie, and the needless link."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from funnelcli.analyses.bottleneck import find_bottleneck
from funnelcli.analyses.economics import revenue
from funnelcli.analyses.projection import apply
from funnelcli.diagnostics import Problem
from funnelcli.model import Change
from funnelcli.selectors import METRICS, Selector

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.model import Funnel

    Build = Callable[[str], Funnel]


def test_headroom_outranks_the_lowest_conversion(funnel: Build) -> None:
    """B converts 10% and is near its target; C converts 40% and is far from it: C holds the money."""
    result = find_bottleneck(
        funnel(
            "average_check: 10\n"
            "stages: [{name: A, count: 10000}, {name: B, count: 1000, target: 11%},"
            " {name: C, count: 400, target: 60%}]"
        )
    )
    b, c = result.steps
    # B: 1,100 at 40% are 440 sales; C: 1,000 at 60% are 600
    assert (b.headroom_sales, b.headroom_revenue) == (40, 400)
    assert (c.headroom_sales, c.headroom_revenue) == (200, 2000)
    assert (result.reference, result.bottleneck, result.tied) == ("target", "C", ())


def test_without_a_reference_the_lowest_conversion_leads(funnel: Build) -> None:
    result = find_bottleneck(funnel("stages: {A: 10000, B: 1000, C: 400}"))
    assert (result.reference, result.bottleneck) == ("none", "B")
    assert [step.headroom_sales for step in result.steps] == [None, None]
    assert sum(step.chance_weakest or 0 for step in result.steps) == pytest.approx(1)


def test_small_numbers_are_a_tie(funnel: Build) -> None:
    """10 of 30 and 5 of 10 differ, but 3 of 10 and 1 of 3 cannot be told apart."""
    result = find_bottleneck(funnel("stages: {A: 10, B: 3, C: 1}"))
    assert result.bottleneck is None
    assert set(result.tied) == {"B", "C"}


def test_a_tie_names_no_more_than_it_needs(funnel: Build) -> None:
    """The third step is far from the other two."""
    result = find_bottleneck(funnel("stages: {A: 1000, B: 100, C: 10, D: 9}"))
    assert set(result.tied) == {"B", "C"}


def test_targets_reached_leave_no_bottleneck(funnel: Build) -> None:
    result = find_bottleneck(funnel("stages: [{name: A, count: 10}, {name: B, count: 6, target: 50%}]"))
    assert (result.reference, result.bottleneck, result.tied) == ("target", None, ())
    assert result.steps[0].headroom_sales == 0


def test_a_baseline_replaces_the_targets(funnel: Build) -> None:
    now = funnel("stages: [{name: A, count: 100}, {name: B, count: 20, target: 90%}, {name: C, count: 10}]")
    before = funnel("stages: {A: 1000, b: 400, C: 200}")
    result = find_bottleneck(now, before)
    assert (result.reference, result.bottleneck) == ("baseline", "B")
    assert [step.target for step in result.steps] == [Fraction(2, 5), Fraction(1, 2)]
    assert [step.headroom_sales for step in result.steps] == [10, 0]


def test_a_link_that_nearly_everyone_passes_is_needless(funnel: Build) -> None:
    """Above 98%: 99 of 100 is named, 98 of 100 is not."""
    assert find_bottleneck(funnel("stages: {A: 100, B: 99}")).needless == ("B",)
    assert find_bottleneck(funnel("stages: {A: 100, B: 98}")).needless == ()


def test_a_step_that_lets_nobody_through_comes_first(funnel: Build) -> None:
    result = find_bottleneck(
        funnel(
            "stages: [{name: A, count: 100}, {name: B, count: 50, target: 60%}, {name: C, count: 0, target: 10%},"
            " {name: D, count: 0}]"
        )
    )
    assert result.bottleneck == "C"
    assert result.steps[1].headroom_sales is None


def test_one_point_more_favours_the_lowest_rate(funnel: Build) -> None:
    """From 10% to 11% is a tenth more money, from 50% to 51% a fiftieth."""
    result = find_bottleneck(funnel("stages: {A: 1000, B: 100, C: 50}\naverage_check: 100"))
    assert [step.revenue_per_point for step in result.steps] == [500, 100]


def test_a_point_that_would_pass_100_percent_is_undefined(funnel: Build) -> None:
    result = find_bottleneck(funnel("stages: {A: 1000, B: 995}\naverage_check: 1"))
    assert result.steps[0].revenue_per_point is None


def test_weights_have_no_chances_and_still_a_verdict(funnel: Build) -> None:
    result = find_bottleneck(funnel("stages: {A: 100.5, B: 50, C: 40}"))
    assert [step.chance_weakest for step in result.steps] == [None, None]
    assert result.bottleneck == "B"


def test_equal_weights_are_a_tie(funnel: Build) -> None:
    result = find_bottleneck(funnel("stages: {A: 100.5, B: 50.25, C: 25.125}"))
    assert (result.bottleneck, result.tied) == (None, ("B", "C"))


def test_money_off_the_way_to_the_sale_counts_in_branches(funnel: Build) -> None:
    """C brings money from A beside B: closing its gap moves revenue and no sale."""
    result = find_bottleneck(
        funnel(
            "stages: [{name: A, count: 100}, {name: B, count: 10, average_check: 5, role: customer},"
            " {name: C, count: 20, from: A, average_check: 50, target: 30%}]"
        )
    )
    step = result.steps[1]
    assert (step.headroom_sales, step.headroom_revenue) == (0, 500)
    assert result.bottleneck == "C"


def test_the_verdict_follows_the_chance_not_a_handful_of_units(funnel: Build) -> None:
    """0 of 5 reads lower than 5 of 200, but the chance says otherwise: 0.84 by the Beta posteriors."""
    result = find_bottleneck(funnel("stages: {Visits: 200, Calls: 5, Paid: 0}"))
    assert (result.bottleneck, result.tied) == ("Calls", ())
    assert result.steps[0].chance_weakest == pytest.approx(0.84, abs=0.005)


def test_gains_are_those_of_a_projection(funnel: Build) -> None:
    """The closed form and the projection are one figure, in a chain and through branches."""
    build = funnel(
        "stages: [{name: A, count: 900}, {name: B, count: 300, target: 1/2}, {name: C, count: 90, average_check: 7,"
        " target: 2/5}, {name: D, count: 45, from: B, average_check: 3, target: 20%, role: customer}]"
    )
    steps = find_bottleneck(build).steps
    for step in steps:
        assert step.target is not None
        selector = Selector(METRICS["conversion"], step.name)
        projected = apply(build, [(selector, Change("set", step.target, ""))])
        assert not isinstance(projected, Problem)
        assert step.headroom_sales == projected.stages[3].count - 45
        assert step.headroom_revenue == revenue(projected) - revenue(build)  # type: ignore[operator]


def test_a_single_gap_is_a_verdict_only_when_it_is_likely(funnel: Build) -> None:
    """49 of 100 against a target of 50%: the chance of being below is 58%, which is no verdict."""
    result = find_bottleneck(funnel("stages: [{name: A, count: 100}, {name: B, count: 49, target: 50%}]"))
    assert (result.bottleneck, result.tied) == (None, ("B",))
    assert result.steps[0].chance_weakest == pytest.approx(0.58, abs=0.005)


def test_nobody_lost_is_no_bottleneck(funnel: Build) -> None:
    for stages in ("{A: 100, B: 100}", "{A: 100, B: 100, C: 100}", "{A: 0, B: 0}"):
        result = find_bottleneck(funnel(f"stages: {stages}"))
        assert (result.bottleneck, result.tied) == (None, ())


def test_equal_headroom_without_samples_is_a_tie(funnel: Build) -> None:
    result = find_bottleneck(
        funnel(
            "average_check: 10\nstages: [{name: A, count: 100}, {name: B, conversion: 50%, target: 60%},"
            " {name: C, conversion: 50%, target: 60%}]"
        )
    )
    assert (result.bottleneck, result.tied) == (None, ("B", "C"))


@pytest.mark.parametrize("target", ["1e-8", "1e-20", "0%", "100%"])
def test_extreme_targets_are_ordinary(funnel: Build, target: str) -> None:
    result = find_bottleneck(funnel(f"stages: [{{name: A, count: 100}}, {{name: B, count: 50, target: {target}}}]"))
    assert result.bottleneck == ("B" if target == "100%" else None)


def test_counts_beyond_a_double_have_no_chances(funnel: Build) -> None:
    result = find_bottleneck(funnel("stages: {A: 1e18, B: 1e18, C: 999999999999999999}"))
    assert [step.chance_weakest for step in result.steps] == [None, None]
    assert result.bottleneck == "C"
