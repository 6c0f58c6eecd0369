"""A segment in place of the funnel: the figures of its row in a table, and what several segments have in common."""

from __future__ import annotations

import random
from itertools import product
from typing import TYPE_CHECKING

import pytest

from funnelcli.analyses.chosen_segments import choose
from funnelcli.analyses.compared_segments import compare_segments
from funnelcli.analyses.comparison import ComparisonReport
from funnelcli.analyses.conversion import convert
from funnelcli.analyses.segments import SegmentReport, break_down
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.reader import read
from funnelcli.model import Funnel

if TYPE_CHECKING:
    from tests.conftest import Load

SHOP = """\
name: Shop
currency: EUR
average_check: {mean: 50, sd: 70}
stages: [{name: Leads, cost: 1}, {name: Offers, target: 50%}, {name: Sales}]
cells:
  - {manager: Ann, month: 2026-09, counts: [100, 40, 10]}
  - {manager: Ann, month: 2026-10, counts: [120, 60, 18]}
  - {manager: Ben, month: 2026-09, counts: [90, 30, 9]}
  - {manager: Ben, month: 2026-10, counts: [80, 20, 4]}
breakdowns:
  channel: {Ads: [200, 100, 20], SEO: [190, 50, 21]}
  manager: {Ann: {budget: 300, average_check: 60, gross_margin: 40%}, Ben: {budget: 200}}
checks: [conversion@Sales >= 30%]
scenarios: {Up: {conversion@Sales: +5pp}}
"""


def chosen(funnel: Funnel, *wanted: tuple[str, str]) -> Funnel:
    outcome = choose(funnel, wanted)
    assert isinstance(outcome, Funnel), outcome
    return outcome


def refused(funnel: Funnel, *wanted: tuple[str, str]) -> Problem:
    outcome = choose(funnel, wanted)
    assert isinstance(outcome, Problem)
    assert outcome.help
    return outcome


def test_a_segment_has_its_own_counts_and_money_and_what_is_the_funnels(funnel: Load) -> None:
    ann = chosen(funnel(SHOP), ("Manager", "ann"))
    assert (ann.name, [stage.count for stage in ann.stages]) == ("Shop, Ann", [220, 100, 28])
    assert (ann.budget, ann.stages[2].average_check, float(ann.gross_margin or 0)) == (300, 60, 0.4)
    assert (ann.currency, ann.stages[0].cost, float(ann.stages[1].target or 0)) == ("EUR", 1, 0.5)
    assert (len(ann.checks), len(ann.scenarios), ann.chosen) == (1, 1, (("manager", "Ann"),))
    ben = chosen(funnel(SHOP), ("manager", "Ben"))
    assert (ben.stages[2].average_check, ben.stages[2].average_check_sd) == (50, 70)


def test_by_cells_the_other_dimensions_stay(funnel: Load) -> None:
    """Ann's months, and September of Ann alone; the channel is no dimension of the cells, and lost."""
    shop = funnel(SHOP)
    ann = chosen(shop, ("manager", "Ann"))
    report = break_down(ann, "month")
    assert isinstance(report, SegmentReport)
    assert [(row.name, row.counts) for row in report.segments] == [
        ("2026-09", (100, 40, 10)),
        ("2026-10", (120, 60, 18)),
    ]
    assert [breakdown.dimension for breakdown in ann.breakdowns] == ["month"]
    one = chosen(shop, ("month", "2026-09"), ("manager", "Ann"))
    assert (one.name, [stage.count for stage in one.stages]) == ("Shop, 2026-09, Ann", [100, 40, 10])
    assert (one.budget, one.stages[2].average_check, one.breakdowns) == (None, 60, ())


def test_a_comparison_says_whose_months_they_are(funnel: Load) -> None:
    report = compare_segments(chosen(funnel(SHOP), ("manager", "Ann")), "month")
    assert isinstance(report, ComparisonReport)
    assert (report.comparisons[0].a, report.comparisons[0].b) == ("2026-09, Ann", "2026-10, Ann")


def test_what_cannot_be_told_has_a_way_out(funnel: Load) -> None:
    shop = funnel(SHOP)
    assert refused(shop, ("manager", "An")).help == 'did you mean "Ann"?'
    assert refused(shop, ("manger", "Ann")).help == 'did you mean "manager"?'
    assert "asked for twice" in refused(shop, ("manager", "Ann"), ("Manager", "Ben")).message
    both = refused(shop, ("manager", "Ann"), ("channel", "Ads"))
    assert "cells: [{manager: Ann, channel: Ads, counts: [60, 30]}, …]" in (both.help or "")
    ads = chosen(shop, ("channel", "Ads"))
    lost = break_down(ads, "month")
    assert isinstance(lost, Problem)
    assert "cells: [{channel: Ads, month: NAME, counts" in (lost.help or "")
    again = break_down(ads, "Channel")
    assert isinstance(again, Problem)
    assert "is one segment of" in again.message


def test_cells_without_a_common_one_are_empty(funnel: Load) -> None:
    text = SHOP.replace("  - {manager: Ann, month: 2026-09, counts: [100, 40, 10]}\n", "")
    text = text.replace("200, 100, 20", "100, 60, 10")
    one = chosen(funnel(text), ("manager", "Ann"), ("month", "2026-09"))
    assert [stage.count for stage in one.stages] == [0, 0, 0]


@pytest.mark.parametrize("seed", range(12))
def test_a_segment_is_its_row_of_the_table_in_every_figure(seed: int) -> None:
    """Counts, conversions, intervals and money, with variation stated, told by periods, or none, and with own money."""
    draw = random.Random(seed)
    periods = draw.choice((2, 9))
    cells = [
        f"  - {{channel: c{one}, week: 2026-W{20 + two}, counts: [{draw.randint(200, 400)}, {draw.randint(50, 150)}, "
        f"{draw.randint(0, 40)}]}}\n"
        for one, two in product(range(3), range(periods))
    ]
    stated = draw.choice(("", "variation: 10%\n"))
    money = draw.choice(("", "breakdowns: {channel: {c1: {budget: 70, average_check: 9}, c0: {gross_margin: 30%}}}\n"))
    text = (
        f"name: F\ncurrency: EUR\naverage_check: 5\n{stated}{money}"
        f"stages: [{{name: A}}, {{name: B}}, {{name: C}}]\ncells:\n{''.join(cells)}"
    )
    (whole,) = read(text.encode(), "f.yaml").funnels
    for dimension in ("channel", "week"):
        table = break_down(whole, dimension, 0.9)
        assert isinstance(table, SegmentReport)
        for row in table.segments:
            own = chosen(whole, (dimension, row.name))
            shown = convert(own, 0.9)
            assert tuple(stage.count for stage in shown.stages) == row.counts
            assert tuple(stage.conversion for stage in shown.stages) == row.conversions
            assert tuple(stage.conversion_low for stage in shown.stages) == row.conversions_low
            assert tuple(stage.conversion_high for stage in shown.stages) == row.conversions_high
            assert (shown.overall_conversion, shown.overall_conversion_low, shown.overall_conversion_high) == (
                row.overall_conversion,
                row.overall_conversion_low,
                row.overall_conversion_high,
            )
            assert (shown.revenue, own.budget) == (row.revenue, row.budget)


@pytest.mark.parametrize(
    ("wanted", "still_open", "is_open"),
    [
        ([("month", "2026-09")], ("Shop, 2026-09",), True),
        ([("month", "2026-10")], ("Shop, 2026-10",), True),
        ([("manager", "Ann")], ("2026-09", "2026-10"), False),
        ([("manager", "Ann"), ("month", "2026-10")], ("Shop, Ann, 2026-10",), True),
    ],
)
def test_of_other_periods_than_the_chosen_one_nothing_is_said(
    funnel: Load, wanted: list[tuple[str, str]], still_open: tuple[str, ...], is_open: bool
) -> None:
    found = choose(funnel(f"{SHOP}measured: {{not_mature: [2026-09, 2026-10]}}\n"), wanted)
    assert isinstance(found, Funnel)
    assert (found.not_mature, found.is_open) == (still_open, is_open)
