"""The conversion in the end is what lifelines has, and where all windows are over, that of the counts."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy
import pytest

from funnelcli.analyses.bottleneck import find_bottleneck
from funnelcli.analyses.checks import run_checks
from funnelcli.analyses.chosen_segments import choose
from funnelcli.analyses.comparison import compare
from funnelcli.analyses.conversion import convert
from funnelcli.analyses.crosstab import cross
from funnelcli.analyses.figures import figure, why_undefined
from funnelcli.analyses.projection import apply
from funnelcli.analyses.segments import break_down
from funnelcli.analyses.simulation import simulate
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.changes import change
from funnelcli.funnel_file.changes import check as checked
from funnelcli.metrics import METRICS, Selector, parse_selector
from funnelcli.model import Funnel
from funnelcli.output.views import comparison, conversion, crosstab, segments
from funnelcli.what_if import Change, Check
from tests.measured_log import came, file_text, fitted, simulated, wilson
from tests.thorough import each_once

if TYPE_CHECKING:
    from collections.abc import Callable

    Build = Callable[[str], Funnel]

UNKNOWN = """\
stages: {Visit: 100, Cart: 40, Paid: 10}
measured:
  window: 14 days
  not_mature: ["entries from 2026-10-01 on"]
  eventual: {Cart: {entries: 80, followed: 7 days, so_far: 50%}, Paid: {entries: 60, followed: 7 days, so_far: 20%}}
"""


@pytest.mark.parametrize(("losses", "seed"), each_once([0.0, 0.3], [1, 2]))
def test_the_end_is_that_of_lifelines(funnel: Build, seed: int, losses: float) -> None:
    log = simulated(numpy.random.default_rng(seed), losses=losses)
    found = convert(funnel(file_text(log)))
    (cart, _), (paid, variance) = (fitted(log, times)[1:4:2] for times in (log.cart, log.paid))
    ends = cart[-1], paid[-1]
    assert found.awaits
    assert found.window_days == found.followed_days == 14
    assert found.conversion_eventual == pytest.approx(ends[1], abs=1e-9)
    size = ends[1] * (1 - ends[1]) / variance
    low, high = wilson(ends[1], size)
    assert (found.conversion_eventual_low, found.conversion_eventual_high) == (
        pytest.approx(low, abs=1e-7),
        pytest.approx(high, abs=1e-7),
    )
    step = found.stages[2]
    assert step.conversion_eventual == pytest.approx(ends[1] / ends[0], abs=1e-9)
    low, high = wilson(ends[1] / ends[0], size * ends[0])
    assert step.conversion_eventual_low == pytest.approx(low, abs=1e-5)
    assert step.conversion_eventual_high == pytest.approx(high, abs=1e-5)
    assert found.overall_conversion == Fraction(int(came(log, log.paid).sum()), 600) < found.conversion_eventual


def test_what_verdicts_are_of_is_the_end(funnel: Build) -> None:
    found = convert(funnel(file_text(simulated(numpy.random.default_rng(3)))))
    assert found.overall_conversion_decided == found.conversion_eventual
    for stage in found.stages[1:]:
        assert stage.conversion_decided == stage.conversion_eventual
        assert stage.conversion_decided_low == pytest.approx(stage.conversion_eventual_low, abs=1e-9)


def test_the_end_has_one_interval_with_the_variation_between_periods(funnel: Build) -> None:
    """That of verdicts, in the table and beside the overall conversion; wider than that of constant rates."""
    text = file_text(simulated(numpy.random.default_rng(3), 3000))
    alike, found = convert(funnel(text)), convert(funnel(f"variation: 20%\n{text}"))
    assert found.awaits
    assert found.conversion_eventual == alike.conversion_eventual
    own = found.conversion_eventual_low, found.conversion_eventual_high
    assert own == (found.overall_conversion_decided_low, found.overall_conversion_decided_high)
    assert (own[1] or 0) - (own[0] or 0) > 1.5 * (
        (alike.conversion_eventual_high or 0) - (alike.conversion_eventual_low or 0)
    )
    for stage in found.stages[1:]:
        ends = stage.conversion_eventual_low, stage.conversion_eventual_high
        assert ends == (stage.conversion_decided_low, stage.conversion_decided_high)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_where_all_windows_are_over_it_is_the_conversion(funnel: Build, confidence: float) -> None:
    log = simulated(numpy.random.default_rng(4), days=28)._replace(seen=60)
    own = funnel(file_text(log))
    found = convert(own, confidence)
    assert not found.awaits
    assert float(found.conversion_eventual or 0) == pytest.approx(float(found.overall_conversion or 0), abs=1e-9)
    assert found.conversion_eventual_low == pytest.approx(found.overall_conversion_low, abs=1e-6)
    assert found.overall_conversion_decided == found.overall_conversion
    for stage in found.stages[1:]:
        assert float(stage.conversion_eventual or 0) == pytest.approx(float(stage.conversion or 0), abs=1e-8)
        assert stage.conversion_eventual_high == pytest.approx(stage.conversion_high, abs=1e-5)
    shown = "".join(map(str, conversion.blocks(found)))
    assert "In the end" not in shown
    assert " in the end" not in shown


def test_where_nobody_was_followed_for_the_window_there_is_no_end(funnel: Build) -> None:
    own = funnel(UNKNOWN)
    found = convert(own)
    assert found.awaits
    assert (found.conversion_eventual, found.conversion_eventual_low) == (None, None)
    assert (found.conversion_eventual_so_far, found.followed_days, found.window_days) == (Fraction(1, 5), 7, 14)
    assert found.stages[2].conversion_eventual is None
    assert found.stages[2].conversion_eventual_so_far == Fraction(2, 5)
    longer = convert(funnel(UNKNOWN.replace("followed: 7 days, so_far: 20%", "followed: 9 days, so_far: 20%")))
    assert (longer.stages[2].conversion_eventual_so_far, longer.stages[2].followed_days) == (None, None)
    assert (longer.stages[1].conversion_eventual_so_far, longer.stages[1].followed_days) == (Fraction(1, 2), 7)
    assert (longer.conversion_eventual_so_far, longer.followed_days) == (Fraction(1, 5), 9)
    shown = "".join(map(str, conversion.blocks(found)))
    assert "10.0% now, 20.0% within 7 days; the end is not known" in shown
    asked = _selector(own, "conversion_eventual@Paid")
    assert figure(own, asked) is None
    assert "no more than 7 days" in why_undefined(own, asked)


def test_it_can_be_selected(funnel: Build) -> None:
    own = funnel(file_text(simulated(numpy.random.default_rng(5))))
    found = convert(own)
    assert figure(own, _selector(own, "conversion_eventual")) == found.conversion_eventual
    assert figure(own, _selector(own, "conversion_eventual@Paid")) == found.stages[2].conversion_eventual
    plain = funnel("stages: {Visit: 100, Paid: 40}")
    assert figure(plain, _selector(plain, "conversion_eventual")) is None
    assert "no measurement" in why_undefined(plain, _selector(plain, "conversion_eventual"))


def test_what_is_changed_is_not_what_was_measured(funnel: Build) -> None:
    own = funnel(file_text(simulated(numpy.random.default_rng(6))))
    raised = change("+10%", METRICS["entries"])
    assert isinstance(raised, Change)
    projected = apply(own, [(_selector(own, "entries"), raised)])
    assert not isinstance(projected, Problem)
    assert convert(projected).conversion_eventual is None
    same = apply(own, [])
    assert not isinstance(same, Problem)
    assert convert(same).conversion_eventual is None
    assert convert(same).overall_conversion == convert(own).conversion_eventual is not None


def test_cohorts_have_their_own_end_and_no_mark(funnel: Build) -> None:
    log = simulated(numpy.random.default_rng(7), entries=4000, rates=(0.5, 0.6))
    found = break_down(funnel(file_text(log, weeks=True)), "week")
    assert not isinstance(found, Problem)
    assert [row.awaits for row in found.segments] == [False, False, True, True]
    assert found.not_mature == ("2026-W43", "2026-W44")
    youngest = found.segments[-1]
    assert youngest.overall_conversion is not None
    assert youngest.conversion_eventual is not None
    assert youngest.conversion_eventual > youngest.overall_conversion
    assert youngest.conversion_final_low is not None
    assert youngest.conversion_final_high is not None
    assert youngest.conversion_final_low >= youngest.overall_conversion
    assert youngest.conversion_eventual_low is not None
    assert youngest.conversion_eventual_high is not None
    assert youngest.conversion_eventual_low < youngest.conversion_final_low  # a rate is less sure than its period
    assert youngest.conversion_eventual_high > youngest.conversion_final_high
    truth = 0.5 * 0.6  # whose windows are long enough for nearly all
    assert youngest.conversion_eventual == pytest.approx(truth, abs=0.05)
    for row in found.segments[2:]:
        assert row.overall is not None
        assert (row.overall.p_value, row.overall.differs, row.sales_change) == (None, 0, None)
    for row in found.segments[:2]:
        assert row.conversion_eventual == row.overall_conversion
    shown = "".join(map(str, segments.blocks(found)))
    assert "In the end," in shown


def test_what_a_step_would_bring_is_of_the_end_as_its_rate_is(funnel: Build) -> None:
    """By hand: one point more of a step is its share more of what all bring in the end, and so is a target."""
    own = funnel(file_text(simulated(numpy.random.default_rng(3), 3000), check=90))
    stages = (*own.stages[:-1], own.stages[-1]._replace(target=Fraction(9, 10)))
    cart, paid = find_bottleneck(own._replace(stages=stages)).steps
    shown = convert(own)
    sales = float(shown.conversion_eventual or 0) * 3000
    assert sales > shown.sales + 20
    for step, stage in ((cart, shown.stages[1]), (paid, shown.stages[2])):
        assert float(step.revenue_per_point or 0) == pytest.approx(
            90 * sales * 0.01 / float(stage.conversion_eventual or 0)
        )
    assert float(paid.headroom_sales or 0) == pytest.approx(
        sales * (0.9 / float(shown.stages[2].conversion_eventual or 0) - 1)
    )


@pytest.mark.parametrize(("more", "confidence"), each_once(["", "variation: 20%\n"], [0.8, 0.95]))
def test_an_interval_in_the_end_is_one_in_every_command(funnel: Build, more: str, confidence: float) -> None:
    """Of the whole and of each week, though what a young week comes to is known better than its rate is."""
    whole = funnel(more + file_text(simulated(numpy.random.default_rng(7), 4000), weeks=True))
    table = break_down(whole, "week", confidence)
    assert not isinstance(table, Problem)
    parts = [choose(whole, [("week", row.name)]) for row in table.segments]
    for own, row in zip((whole, *parts), (table.total, *table.segments), strict=True):
        assert isinstance(own, Funnel)
        shown, steps = convert(own, confidence), find_bottleneck(own, confidence=confidence).steps
        asked = [f"conversion@{stage} >= 1% with {confidence:.0%} confidence" for stage in own.names[1:]]
        asked.append(f"overall_conversion >= 1% with {confidence:.0%} confidence")
        checks = [checked(text, own.names) for text in asked]
        of_checks = [
            (each.low, each.high) for each in run_checks(own, [each for each in checks if isinstance(each, Check)])
        ]
        of_steps = {step.name: (step.conversion_decided_low, step.conversion_decided_high) for step in steps}
        of_show = [(stage.conversion_eventual_low, stage.conversion_eventual_high) for stage in shown.stages[1:]]
        overall = shown.conversion_eventual_low, shown.conversion_eventual_high
        if own.awaits:
            assert of_checks == [*of_show, overall]
            assert of_show == [of_steps[stage] for stage in own.names[1:]]
            assert overall == (row.conversion_eventual_low, row.conversion_eventual_high)
        assert (shown.conversion_final_low is None) == (not own.is_open)


def test_draws_of_the_next_period_are_at_the_end(funnel: Build) -> None:
    """What comes next has its window too: its sales are not those of counts that still grow."""
    log = simulated(numpy.random.default_rng(8), entries=3000)
    found = simulate(funnel(file_text(log)))
    assert not isinstance(found, Problem)
    assert found.metrics["sales"].mean == pytest.approx(3000 * fitted(log, log.paid)[1][-1], rel=0.02)
    assert found.prior_explains == ()  # they are no work of the prior
    assert all("expected in the end" in step.basis for step in found.steps)


def _selector(funnel: Funnel, text: str) -> Selector:
    found = parse_selector(text, funnel.names)
    assert isinstance(found, Selector)
    return found


def test_segments_without_a_known_end_are_not_marked(funnel: Build) -> None:
    text = """
stages: {Visit: 3000, Paid: 900}
breakdowns: {channel: {ads: [1000, 100], seo: [1000, 400], mail: [1000, 400]}}
measured:
  window: 14 days
  not_mature: [the last ones]
  segments: {channel: {ads: {eventual: {Paid: {entries: 90, followed: 2 days, so_far: 40%}}}}}
"""
    found = break_down(funnel(text), "channel")
    assert not isinstance(found, Problem)
    ads, seo, _ = found.segments
    assert found.not_mature == ("ads",)
    assert ads.overall is not None
    assert (ads.overall.p_value, ads.overall.differs, ads.shrunken) == (None, 0, None)
    assert seo.overall is not None
    assert (seo.overall.p_value, seo.overall.differs) == (pytest.approx(1), 0)


def test_the_picture_of_periods_has_what_is_now_and_the_end(funnel: Build) -> None:
    pytest.importorskip("vl_convert")
    from funnelcli.output.report.charts import trend_chart
    from funnelcli.output.report.look import Look, look

    log = simulated(numpy.random.default_rng(9), entries=2000)
    found = break_down(funnel(file_text(log, weeks=True)), "week")
    assert not isinstance(found, Problem)
    style = look("light")
    assert isinstance(style, Look)
    drawn = trend_chart(found, style.light)
    rows = drawn.spec["data"]["values"]
    assert [row["now"] is not None for row in rows] == [False, False, True, True]
    for row, segment in zip(rows, found.segments, strict=True):
        assert row["sales_in_the_end"] == pytest.approx(float(segment.counts[0] * (segment.conversion_eventual or 0)))
        assert row["sales_in_the_end"] >= row["sales"]
    assert "the end that is expected is shown" in drawn.says


def test_what_moved_sales_is_of_the_end(funnel: Build) -> None:
    """Two logs of one kind, one of them seen early: its sales are entries times the end, and effects add up to that."""
    old = simulated(numpy.random.default_rng(5), 900)._replace(seen=60)
    young = simulated(numpy.random.default_rng(6), 900)
    pair = [funnel(file_text(log)) for log in (old, young)]
    report = compare(pair, ["old", "young"])
    assert not isinstance(report, Problem)
    (found,) = report.comparisons
    expected = 900 * fitted(young, young.paid)[1][-1]
    sales, revenue = found.sales, found.revenue
    assert revenue is not None
    assert sales.in_the_end
    assert sales.a == pair[0].stages[2].count
    assert float(sales.b) == pytest.approx(expected, abs=1e-6)
    assert float(revenue.b) == pytest.approx(90 * expected, abs=1e-4)
    assert sum(each.effect for each in sales.effects) == pytest.approx(float(sales.b - sales.a))
    assert sales.doubt == revenue.doubt == "open"
    assert all(each.low is None for each in sales.effects if each.factor.startswith("conversion"))
    said = " ".join(str(block) for block in comparison.blocks(report))
    assert f"ales {sales.a} → {float(sales.b):.3g}" in said
    assert ", in the end." in said


def test_where_the_end_is_not_known_what_moved_sales_is_so_far(funnel: Build) -> None:
    text = file_text(simulated(numpy.random.default_rng(7)))
    report = compare([funnel(text), funnel(UNKNOWN)], ["a", "b"])
    assert not isinstance(report, Problem)
    assert not report.comparisons[0].sales.in_the_end


def test_pairs_of_segments_have_no_end_and_that_is_said(funnel: Build) -> None:
    for seen, awaits in ((28, True), (60, False)):
        log = simulated(numpy.random.default_rng(8))._replace(seen=seen)
        counts = [len(log.entered), *(int(came(log, times).sum()) for times in (log.cart, log.paid))]
        text = f"{file_text(log)}cells: [{{channel: a, manager: x, counts: {counts}}}]\n"
        found = cross(funnel(text), ("channel", "manager"))
        assert not isinstance(found, Problem)
        said = " ".join(str(block) for block in crosstab.blocks(found))
        assert found.awaits is awaits
        assert ("As counted so far" in said) is awaits
