"""The worked examples of the field, to the digit. Their figures are facts and come from outside the program."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from funnelcli.analyses.bottleneck import find_bottleneck
from funnelcli.analyses.conversion import convert
from funnelcli.analyses.scenario import Projection, project
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.changes import parse_set
from funnelcli.output import numbers
from funnelcli.what_if import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.model import Funnel

    Sample = Callable[..., Funnel]


def projections(funnel: Funnel, *sets: str) -> dict[str, Projection]:
    """The projections of the file's scenarios, or of `--set` changes under the name `set`, by name."""
    scenarios = funnel.scenarios
    if sets:
        changes = []
        for text in sets:
            change = parse_set(text, funnel)
            assert not isinstance(change, Problem)
            changes.append(change)
        scenarios = (Scenario("set", tuple(changes)),)
    report = project(funnel, scenarios)
    assert not isinstance(report, Problem)
    return {each.name: each for each in report.projections}


def counts(projection: Projection) -> list[object]:
    return [stage.count for stage in projection.stages]


def test_ads_bring_their_revenue(sample: Sample) -> None:
    """185 sales at 1,515.15 are 280,302.75; 360,750 impressions for 185 sales are 1:1,950."""
    result = convert(sample("context_ads"))
    assert result.revenue == Fraction("280302.75")
    assert numbers.rounded(result.revenue, 0) == "280,303"
    assert result.one_in == 1950
    assert numbers.text(result.one_in, "one_in") == "1:1,950"
    assert result.value_per_entry == Fraction("280302.75") / 360750


def test_ads_with_more_impressions(sample: Sample) -> None:
    """At 456,300 impressions the same rates give 234 sales and 354,545.10."""
    more = projections(sample("context_ads"))["456,300 impressions"]
    assert more.sales == 234
    assert more.revenue == Fraction("354545.10")


def test_ads_with_more_budget(sample: Sample) -> None:
    """60% more budget at an elasticity of 0.5 brings about 354,558, 26% more: 280,302.75 x sqrt(1.6)."""
    more = projections(sample("context_ads"))["More budget"]
    assert more.revenue is not None
    assert numbers.rounded(more.revenue, 0) == "354,558"
    assert more.revenue_change_rate is not None
    assert numbers.rounded(more.revenue_change_rate * 100, 0) == "26"
    assert float(more.revenue_change_rate) == pytest.approx(1.6**0.5 - 1, rel=1e-15)


def test_expansion(sample: Sample) -> None:
    """Ten times 200 visitors, 4 calls, 1 sale: 2,000 visitors, 40 calls, 10 sales."""
    assert counts(projections(sample("expansion"), "entries=x10")["set"]) == [2000, 40, 10]


@pytest.mark.parametrize(("rate", "times"), [("3%", 3), ("4%", 4)])
def test_stretching(sample: Sample, rate: str, times: int) -> None:
    """A site that converts 1%: at 3% three times the sales, at 4% four times."""
    funnel = sample("stretching")
    assert funnel.stages[1].count * 100 == funnel.stages[0].count
    changed = projections(funnel, f"conversion@{funnel.stages[1].name}={rate}")["set"]
    assert changed.sales == times * funnel.stages[1].count
    assert changed.sales_change_rate == times - 1


@pytest.mark.parametrize(("levels", "times"), [(2, "1.44"), (3, "1.728"), (4, "2.0736")])
def test_compounding(sample: Sample, levels: int, times: str) -> None:
    """Levels each from 1% to 1.2%: x1.44, x1.728, x2.0736 sales."""
    funnel = sample("compounding")
    changes = [f"conversion@{stage.name}=1.2%" for stage in funnel.stages[1 : levels + 1]]
    changed = projections(funnel, *changes)
    assert changed["set"].sales == changed["baseline"].sales * Fraction(times)


def test_cold_calls(sample: Sample) -> None:
    """30 calls reach 10 decision makers (33%): the lowest rate; 20 instead (66%) double the sales."""
    funnel = sample("cold_calls")
    result = find_bottleneck(funnel)
    assert result.named == "Decision maker"
    assert result.steps[0].conversion == Fraction(1, 3)
    changed = projections(funnel, "conversion@Decision maker=x2")["set"]
    assert changed.stages[1].count == 20
    assert changed.stages[1].conversion == Fraction(2, 3)
    assert changed.sales_change_rate == 1


def test_invoices(sample: Sample) -> None:
    """100 invoices at 10,000, 50% paid: 500,000; at 60% 600,000, which is 100,000 more."""
    changed = projections(sample("invoices"))
    assert changed["baseline"].revenue == 500_000
    assert changed["60% paid"].revenue == 600_000
    assert changed["60% paid"].revenue_change == 100_000
    step = find_bottleneck(sample("invoices")).steps[0]
    assert (step.headroom_sales, step.headroom_revenue, step.revenue_per_point) == (10, 100_000, 10_000)


def test_ratio(sample: Sample) -> None:
    """4,000 in and 50 sales are 1:80, 1.25%."""
    result = convert(sample("ratio"))
    assert (numbers.text(result.one_in, "one_in"), numbers.rate(result.overall_conversion)) == ("1:80", "1.25%")
    assert result.overall_conversion == Fraction(1, 80)


def test_segments(sample: Sample) -> None:
    """10% of the market is ready to buy and another 25% can be won: 150% more, together 35%."""
    market, ready, winnable = sample("segments").stages
    assert (ready.count / Fraction(market.count), winnable.count / Fraction(market.count)) == (
        Fraction(10, 100),
        Fraction(25, 100),
    )
    assert Fraction(winnable.count - ready.count, ready.count) == Fraction(150, 100)
    assert Fraction(ready.count + winnable.count, market.count) == Fraction(35, 100)


def test_loss_making(sample: Sample) -> None:
    """Below the variable cost of a sale, doubling the conversion makes the loss larger."""
    changed = projections(sample("loss_making"))
    base, double = changed["baseline"], changed["Double the conversion"]
    # 1,000 x 30% - 450 = -150 a sale; 50 sales: -7,500 - 10,000 budget
    assert (base.unit_margin, base.profit) == (-150, -17_500)
    assert (double.sales, double.profit, double.profit_change) == (2 * base.sales, -25_000, -7_500)
