"""What changes start from is one funnel in every command: that of the end where it is known, else what was counted."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy
import pytest

from funnelcli.analyses import economics
from funnelcli.analyses.bottleneck import find_bottleneck
from funnelcli.analyses.comparison import compare
from funnelcli.analyses.conversion import convert
from funnelcli.analyses.ends import base_of
from funnelcli.analyses.experiment import plan_test
from funnelcli.analyses.forecast import forecast
from funnelcli.analyses.goal_seek import goal_seek
from funnelcli.analyses.levers import levers_of
from funnelcli.analyses.scenario import project
from funnelcli.analyses.sensitivity import Effort, pull, pull_by
from funnelcli.analyses.simulation import simulate
from funnelcli.analyses.sweep import Axis, sweep
from funnelcli.analyses.unit_economics import unit_economics
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.changes import change, check
from funnelcli.metrics import METRICS, Selector
from funnelcli.output.report import sheets, what_if
from funnelcli.output.views import goal as goal_view
from funnelcli.what_if import Change, Check, Scenario
from tests.measured_log import DAY, WINDOW, came, file_text, fitted, simulated
from tests.measured_log import name as week_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.model import Funnel

    Build = Callable[[str], Funnel]

LOG = simulated(numpy.random.default_rng(41), 800)
ENDS = 1.0, fitted(LOG, LOG.cart)[1][-1], fitted(LOG, LOG.paid)[1][-1]
CHECKS = 0, 5, 90
BUDGET = 15_000


def text_of(*, known: bool = True) -> str:
    """The log of 800 entries with money at two stages, seen when many are open; or when nobody knows the end of one."""
    text = file_text(LOG, check=None).replace("currency: EUR", f"currency: EUR\nbudget: {BUDGET}")
    counts = [*map(int, re.findall(r"(?<=Visit: |.Cart: |.Paid: )\d+", text.split("measured")[0]))]
    stages = ", ".join(
        f"{{name: {name}, count: {count}{f', average_check: {check}, target: 70%' if check else ''}}}"
        for name, count, check in zip(("Visit", "Cart", "Paid"), counts, CHECKS, strict=True)
    )
    text = re.sub(r"stages: \{.*\}", f"stages: [{stages}]", text)
    return (
        text
        if known
        else re.sub(
            r"(\n    Cart: )\{conversion.*\}", r"\1{entries: 700, followed: 9 days, so_far: 45%}", text, count=1
        )
    )


def to(selector: str, text: str, funnel: Funnel) -> tuple[Selector, Change]:
    metric, _, stage = selector.partition("@")
    found = change(text, METRICS[metric])
    assert isinstance(found, Change)
    return Selector(METRICS[metric], stage or None), found


def limit(text: str, funnel: Funnel) -> Check:
    found = check(text, funnel.names)
    assert isinstance(found, Check)
    return found


def done(result: Any) -> Any:
    assert not isinstance(result, Problem), result
    return result


def base(funnel: Funnel, *changes: tuple[Selector, Change]) -> Any:
    return done(project(funnel, [Scenario("x", changes)] if changes else ())).projections[-1]


def test_the_baseline_is_what_show_has_in_the_end(funnel: Build) -> None:
    shop = funnel(text_of())
    shown, found = convert(shop), base(shop)
    counts = [800 * end for end in ENDS]
    assert [float(stage.count) for stage in found.stages] == pytest.approx(counts, abs=1e-6)
    assert float(found.revenue) == pytest.approx(counts[1] * 5 + counts[2] * 90, abs=1e-4)
    assert (found.overall_conversion, found.revenue) == (shown.conversion_eventual, shown.revenue_eventual)
    assert [stage.conversion for stage in found.stages[1:]] == [each.conversion_eventual for each in shown.stages[1:]]
    coming = done(forecast(shop, draws=100)).expected_sales
    assert float(found.sales) == pytest.approx(float(shown.sales) + float(coming), abs=1e-4)
    assert shown.sales < found.sales


def test_every_command_starts_from_it(funnel: Build) -> None:
    shop = funnel(text_of())
    found, pulled = base(shop), done(pull(shop, Effort("relative", Fraction(1, 10), "+10%")))
    for metric in ("sales", "revenue", "profit"):
        now, goal = getattr(found, metric), limit(f"{metric} >= 1000000", shop)
        assert done(goal_seek(shop, goal)).now == now
        assert simulate(shop, draws=100).metrics[metric].measured == now  # type: ignore[union-attr]
        assert done(sweep(shop, [Axis(Selector(METRICS["entries"]), (800,))], Selector(METRICS[metric]))).now == now
    rates = {f"conversion@{stage.name}": stage.conversion for stage in found.stages[1:]}
    goal = done(goal_seek(shop, limit("sales >= 300", shop)))
    for levers in (goal.levers, pulled.levers):
        assert {each.selector: each.from_ for each in levers if each.selector in rates} == rates
    assert {lever.name: lever.start for lever in levers_of(shop) if lever.name in rates} == rates
    assert (pulled.now, pulled.in_the_end, goal.in_the_end) == (found.profit, True, True)
    money = done(unit_economics(shop))
    assert (money.profit_eventual, money.sales_eventual) == (found.profit, found.sales)
    assert (money.profit, money.sales) == (economics.profit(shop), shop.stages[2].count)
    (pair,) = done(compare([shop, shop._replace(name="b")], ["a", "b"])).comparisons
    assert (pair.sales.in_the_end, pair.sales.a, pair.revenue.a) == (True, found.sales, found.revenue)
    assert done(plan_test(shop, Selector(METRICS["conversion"], "Paid"), None)).conversion == rates["conversion@Paid"]


def test_a_change_brings_the_same_in_every_command(funnel: Build) -> None:
    shop = funnel(text_of())
    held, points = find_bottleneck(shop), done(pull(shop, Effort("points", Fraction(1, 100), "+1pp")))
    effects, now = {each.selector: each for each in points.levers}, base(shop)
    by_hand = {"Cart": 800 * 0.01 * (5 + 90 * ENDS[2] / ENDS[1]), "Paid": 800 * ENDS[1] * 0.01 * 90}
    for step in held.steps:
        lever = f"conversion@{step.name}"
        after, aimed = base(shop, to(lever, "+1pp", shop)), base(shop, to(lever, "70%", shop))
        assert float(after.revenue_change) == pytest.approx(by_hand[step.name], abs=1e-5)
        assert after.revenue_change == step.revenue_per_point == effects[lever].revenue_change
        assert (aimed.sales_change, aimed.revenue_change) == (step.headroom_sales, step.headroom_revenue)
        swept = done(sweep(shop, [Axis(to(lever, "70%", shop)[0], (Fraction(7, 10),))]))
        assert (swept.points[0].sales, swept.points[0].revenue) == (aimed.sales, aimed.revenue)
        drawn = simulate(shop, Scenario("x", (to(lever, "+1pp", shop),)), draws=100)
        assert not isinstance(drawn, Problem)
        assert drawn.metrics["revenue"].measured == after.revenue
        assert drawn.metrics["revenue"].mean == pytest.approx(float(after.revenue), rel=0.01)
        goal = done(goal_seek(shop, limit(f"revenue >= {float(after.revenue):.2f}", shop)))
        (needed,) = (each.to for each in goal.levers if each.selector == lever)
        assert float(needed - step.conversion_decided) == pytest.approx(0.01, abs=1e-4)
    assert held.in_the_end
    assert now.sales_change == 0


def test_where_it_breaks_even_is_where_a_goal_of_no_loss_is_reached(funnel: Build) -> None:
    shop = funnel(text_of())
    even, goal = done(unit_economics(shop)).break_even, done(goal_seek(shop, limit("profit >= 0", shop)))
    needed = {each.selector: each.to for each in goal.levers}
    for name, rate in even.conversions.items():
        assert float(rate or 0) == pytest.approx(float(needed[f"conversion@{name}"] or 0), rel=1e-9)
        if rate is not None:
            assert float(base(shop, to(f"conversion@{name}", f"{float(rate)}", shop)).profit) == pytest.approx(
                0, abs=1e-6
            )


def test_a_page_and_a_workbook_start_from_it(funnel: Build) -> None:
    shop = funnel(text_of())
    found, sheet = base(shop), sheets.sheet_of(shop)
    recorded = what_if.model(shop)["recorded"]
    for index, stage in enumerate(found.stages):
        assert recorded[f"count {index}"] == float(stage.count)
    for row in sheet.rows:
        if row.cells and row.key.metric in ("revenue", "profit"):
            assert row.cells[0].value == row.cells[1].value == getattr(found, row.key.metric)
    assert any(line.startswith("Counted so far: Visit 800, Cart") for line in sheet.notes)
    assert {slider.lever.name: slider.lever.start for slider in what_if.sliders(shop)}["conversion@Paid"] == (
        found.stages[2].conversion
    )


def test_a_segment_is_the_same_by_itself_and_among_others(funnel: Build) -> None:
    from funnelcli.analyses.chosen_segments import choose

    shop, effort = funnel(file_text(LOG, weeks=True)), Effort("relative", Fraction(1, 10), "+10%")
    table = done(pull_by(shop, "week", effort))
    for part in table.segments:
        alone = done(pull(done(choose(shop, [("week", part.name)])), effort))
        assert (alone.now, alone.in_the_end) == (part.now, part.in_the_end)
        assert alone.levers == part.levers
    assert [part.in_the_end for part in table.segments] == [None, None, True, True]


def test_where_the_end_is_not_known_all_is_of_what_was_counted(funnel: Build) -> None:
    """Also where that of one stage is: figures of two times are not mixed."""
    shop = funnel(text_of(known=False))
    found, held = base(shop), find_bottleneck(shop)
    assert [stage.count for stage in found.stages] == [stage.count for stage in shop.stages]
    assert convert(shop).stages[1].conversion_eventual is None
    assert (held.in_the_end, held.named) == (False, None)
    for step in held.steps:
        after = base(shop, to(f"conversion@{step.name}", "+1pp", shop))
        assert after.revenue_change == step.revenue_per_point
    drawn = simulate(shop, draws=100)
    assert not isinstance(drawn, Problem)
    assert drawn.metrics["sales"].measured == shop.stages[2].count
    assert drawn.metrics["sales"].mean == pytest.approx(float(shop.stages[2].count), rel=0.03)
    goal = done(goal_seek(shop, limit("sales >= 300", shop)))
    assert (goal.now, goal.in_the_end) == (shop.stages[2].count, False)
    assert "though they may grow, as their end is not known" in " ".join(goal.assumptions)
    assert "; now " in next(iter(goal_view.blocks(goal))).text


def test_what_is_over_or_was_not_measured_is_as_it_was_counted(funnel: Build) -> None:
    plain = funnel("average_check: 90\nstages: {Visit: 800, Cart: 300, Paid: 100}")
    over = funnel(text_of().replace("not_mature: [entries of the last days]", "not_mature: []").split("  eventual")[0])
    for each in (plain, over):
        assert base_of(each) is each
        assert done(project(each, ())).in_the_end is None


def test_a_revenue_that_is_stated_is_that_of_so_many_units(funnel: Build) -> None:
    """What a unit brings stays; more units bring more."""
    shop = funnel(text_of().replace("average_check: 90,", "revenue: 9000,"))
    check = Fraction(9000) / shop.stages[2].count
    assert base(shop).stages[2].revenue == base(shop).stages[2].count * check


def test_in_the_end_no_more_go_on_from_a_stage_than_come_to_it(funnel: Build) -> None:
    """Ends that few entries tell may deny it."""
    shop = funnel(re.sub(r"(\n    Cart: \{conversion: )[0-9.]+", r"\g<1>0.1", text_of()))
    found = base(shop)
    assert [stage.count for stage in found.stages][1:] == [found.sales, found.sales]
    shown = convert(shop)
    assert found.revenue == shown.revenue_eventual
    cart, paid = shown.stages[1:]
    assert (cart.conversion_eventual, paid.conversion_eventual) == (found.sales / Fraction(shop.stages[0].count), 1)
    drawn = done(simulate(shop, draws=2000, next_period=False)).metrics["sales"]
    assert drawn.mean == pytest.approx(float(found.sales), rel=0.05)


def test_what_is_bought_again_keeps_its_share_and_money_in_every_command(funnel: Build) -> None:
    """Of a stage of which events are counted, no end is told: as many follow each sale as did so far."""
    text = text_of().replace("{name: Paid, ", "{name: Paid, role: customer, cost: 95, ")
    shop = funnel(
        re.sub(r"(\{name: Paid.*?\})\]", r"\1, {name: Again, count: 40, allow_growth: true, average_check: 30}]", text)
    )
    found, told, paid = base(shop), unit_economics(shop), shop.stages[2].count
    assert not isinstance(told, Problem)
    assert (told.in_the_end, base_of(shop).stages[3].count) == (True, found.sales * Fraction(40) / paid)
    assert told.revenue_eventual == convert(shop).revenue_eventual == found.revenue
    assert told.unit_margin == told.ltv == 90 - 95 + Fraction(30 * 40) / paid == found.unit_margin


def weeks_text(checks: dict[str, str]) -> str:
    """The log by week with average checks of some weeks, and those of each who are on their way."""
    text, ages = file_text(LOG, weeks=True, check=None), LOG.seen - LOG.entered
    text = text.replace("currency: EUR", "currency: EUR\naverage_check: {mean: 90, sd: 200}")
    for week, price in checks.items():
        text = re.sub(rf"(\n    {week}: )(\[.*\])", rf"\1{{counts: \2, average_check: {price}}}", text, count=1)
    for at in range(4):
        own = (LOG.entered // 7 == at) & ~came(LOG, LOG.paid) & (ages < WINDOW)
        if own.any():
            waiting = f"curves: {{Paid: {{waiting: [[{int(ages[own].mean() * DAY)}, {own.sum()}]]}}}}"
            text = re.sub(rf"(\n      {week_of(at)}: )\{{(eventual: .*)\}}\n", rf"\1{{\2, {waiting}}}\n", text)
    return text


def test_a_young_segment_brings_the_same_in_every_command(funnel: Build) -> None:
    """What came, and of each sale to come the check of all: few early sales tell no other one."""
    from funnelcli.analyses.chosen_segments import choose
    from funnelcli.analyses.compared_segments import compare_segments

    shop = funnel(weeks_text({week_of(2): "{mean: 100, sd: 150}", week_of(3): "{mean: 60, sd: 5}"}))
    effort = Effort("relative", Fraction(1, 10), "+10%")
    levers = {part.name: part for part in done(pull_by(shop, "week", effort)).segments}
    coming = {part.name: part for part in done(forecast(shop, dimension="week", draws=100)).segments}
    money = {part.name: part for part in done(unit_economics(shop, "week")).segments}
    (pair,) = done(compare_segments(shop, "week", pair=(week_of(2), week_of(3)))).comparisons
    for week, counted in ((week_of(2), 100), (week_of(3), 60)):
        part = done(choose(shop, [("week", week)]))
        shown, further = convert(part), part.stages[0].count * ends_of(shop, week) - part.stages[2].count
        assert part.stages[2].count
        expected = float(part.stages[2].count * counted + further * 90)
        alone = done(forecast(part, draws=100)).expected_revenue
        found = shown.revenue_eventual, levers[week].now, money[week].revenue_eventual, base(part).revenue
        assert [*map(float, found)] == pytest.approx([expected] * 4, rel=1e-6)
        for more in (alone, coming[week].weighted):
            assert float(shown.revenue + more) == pytest.approx(expected, rel=1e-6)
        assert float({week_of(2): pair.revenue.a, week_of(3): pair.revenue.b}[week]) == pytest.approx(
            expected, rel=1e-6
        )
        drawn = simulate(part, draws=100)
        assert not isinstance(drawn, Problem)
        assert float(drawn.metrics["revenue"].measured or 0) == pytest.approx(expected, rel=1e-6)
    (check,) = (each for each in pair.revenue.effects if each.factor == "average_check")
    assert check.low < 0 < check.high
    assert [*levers] == [week_of(at) for at in range(4)]
    said = {week: " ".join(part.assumptions) for week, part in levers.items()}
    assert ["window is still open" in said[week_of(at)] for at in range(4)] == [False, False, True, True]


def ends_of(shop: Funnel, week: str) -> Any:
    """The conversion to the sale that is expected of a week in the end, as its file says."""
    assert shop.measured is not None
    (noted,) = (own for each, own in dict(shop.measured.segments)["week"] if each == week)
    return dict(noted.eventual)["Paid"].conversion


def test_checks_of_segments_that_differ_are_drawn_to_that_of_all(funnel: Build) -> None:
    """By how much they differ truly, as statsmodels tells it (DerSimonian and Laird)."""
    from statsmodels.stats.meta_analysis import combine_effects

    from funnelcli.analyses.breakdowns import segment_funnels

    text = weeks_text({week_of(at): f"{{mean: {mean}, sd: 100}}" for at, mean in enumerate((40, 200, 60, 150))})
    shop = funnel(text)
    (breakdown,) = shop.breakdowns
    units = numpy.array([float(each.counts[2]) for each in breakdown.segments])
    means = numpy.array([40, 200, 60, 150.0])
    shop = funnel(text.replace("mean: 90", f"mean: {(units * means).sum() / units.sum()}"))
    centre, error = float(shop.stages[2].average_check or 0), 200**2 / units
    between = combine_effects(means, error, method_re="dl").tau2
    own = between / (between + error)
    parts = segment_funnels(shop, breakdown.segments, dimension="week")
    found = [part.stages[2].money_to_come for part in parts]
    assert between > 0
    assert [float(each.mean) for each in found if each] == pytest.approx([*(own * means + (1 - own) * centre)])
