"""Segments whose open units are known: everything that judges them is of the decided, as it is of funnels."""

from __future__ import annotations

import math
from fractions import Fraction as F
from typing import TYPE_CHECKING

import pytest
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint, proportions_ztest

from funnelcli.analyses.bottleneck import against_best, bottleneck_by
from funnelcli.analyses.checks import run_checks
from funnelcli.analyses.chosen_segments import choose
from funnelcli.analyses.compared_segments import compare_segments
from funnelcli.analyses.comparison import compare
from funnelcli.analyses.crosstab import cross
from funnelcli.analyses.forecast import forecast
from funnelcli.analyses.segments import SegmentReport, break_down
from funnelcli.analyses.unit_economics import unit_economics
from funnelcli.analyses.variation import variation_of
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.reader import read
from funnelcli.output.document import Table
from funnelcli.output.views.segments import blocks

if TYPE_CHECKING:
    from funnelcli.model import Funnel

DEALS = """\
currency: EUR
average_check: 1000
stages: {Lead: 400, Offer: 190, Won: 72}
breakdowns:
  manager:
    Anna: {counts: [200, 100, 40], open: [20, 8, 0]}
    Boris: {counts: [200, 90, 32], open: [60, 20, 0]}
"""
CELLS = """\
stages: [{name: Lead}, {name: Won}]
cells:
  - {manager: Anna, month: 2026-08, counts: [100, 30]}
  - {manager: Anna, month: 2026-09, counts: [100, 10], open: [60, 0]}
  - {manager: Boris, month: 2026-08, counts: [50, 15], open: [0, 0]}
  - {manager: Boris, month: 2026-09, counts: [150, 30], open: {Lead: 50}}
"""


def funnel_of(text: str) -> Funnel:
    reading = read(text.encode(), "test.yaml")
    assert not reading.diagnostics, reading.diagnostics
    return reading.funnels[0]


def told(found):
    assert not isinstance(found, Problem), found
    return found


def table(text: str, dimension: str = "manager", **options) -> SegmentReport:
    return told(break_down(funnel_of(text), dimension, **options))


def size(*steps: tuple[int, int]) -> float:
    """Units that say as much of the product of the steps' rates: by the sum of their relative variances."""
    rates = [(came + 1) / (could + 2) for came, could in steps]
    product = math.prod(rates)
    return (
        (1 - product) / product / sum((1 - rate) / rate / could for rate, (_, could) in zip(rates, steps, strict=True))
    )


def test_conversions_of_the_decided_and_their_product() -> None:
    anna, boris = table(DEALS).segments
    assert anna.conversions == (None, F(1, 2), F(2, 5))
    assert anna.conversions_decided == (None, F(100, 180), F(40, 92))
    assert boris.conversions_decided == (None, F(90, 140), F(32, 70))
    assert (anna.overall_conversion, anna.overall_conversion_decided) == (F(1, 5), F(50, 207))
    assert (boris.overall_conversion, boris.overall_conversion_decided) == (F(4, 25), F(72, 245))
    assert anna.conversions_decided_low[1] == pytest.approx(proportion_confint(100, 180, method="wilson")[0])


def test_the_total_has_the_sum_of_the_open_units() -> None:
    report = table(DEALS)
    assert report.total.conversions_decided == (None, F(190, 320), F(72, 162))
    assert report.total.overall_conversion_decided == F(19, 32) * F(4, 9)
    assert (report.open_at, report.open_by_segment) == ((), ("Lead", "Offer"))


def test_the_tests_are_of_the_decided() -> None:
    """By raw counts Anna is better in everything; of the decided, Boris overall."""
    anna, boris = table(DEALS.replace("[20, 8, 0]", "[50, 8, 0]")).segments
    sizes = size((100, 150), (40, 92)), size((90, 140), (32, 70))
    rates = 20 / 69, 72 / 245
    pooled = (rates[0] * sizes[0] + rates[1] * sizes[1]) / sum(sizes)
    z = (rates[1] - rates[0]) / math.sqrt(pooled * (1 - pooled) * (1 / sizes[0] + 1 / sizes[1]))
    raw = [
        math.erfc(abs(z) / math.sqrt(2)),
        proportions_ztest([100, 90], [150, 140])[1],
        proportions_ztest([40, 32], [92, 70])[1],
    ]
    corrected = multipletests(raw, method="holm")[1]
    assert boris.overall is not None
    assert boris.overall.p_value == pytest.approx(raw[0])
    assert (boris.overall.p_value_holm, *boris.p_values_holm[1:]) == pytest.approx(tuple(corrected))
    assert boris.overall.conversion == F(72, 245)
    assert boris.overall.difference == F(72, 245) - F(20, 69)
    assert anna.overall is not None
    assert anna.overall.difference == -boris.overall.difference


def test_a_step_of_one_segment_that_is_half_open_is_not_below_the_others() -> None:
    text = """\
stages: {Lead: 3000, Won: 720}
breakdowns:
  manager:
    Anna: {counts: [1000, 300], open: [0, 0]}
    Boris: {counts: [1000, 300], open: [0, 0]}
    Vera: {counts: [1000, 120], open: [600, 0]}
"""
    assert [row.differs for row in table(text).segments] == [(0, 0)] * 3
    raw = text.replace(", open: [0, 0]", "").replace(", open: [600, 0]", "")
    assert [row.differs for row in table(raw).segments] == [(0, 1), (0, 1), (0, -1)]


BEST = """\
stages: {Lead: 4000, Won: 750}
breakdowns:
  manager:
    Anna: {counts: [1000, 180], open: [400, 0]}
    Boris: {counts: [1000, 300], open: [400, 0]}
    Vera: {counts: [1000, 150], open: [400, 0]}
    Olga: {counts: [1000, 120], open: [400, 0]}
"""


def test_the_best_is_ranked_by_the_decided() -> None:
    report = table(BEST, sort="conversion")
    assert [row.name for row in report.segments] == ["Boris", "Anna", "Vera", "Olga"]
    best = report.segments[0]
    assert best.overall_conversion_decided == F(1, 2)
    assert best.chance_best == pytest.approx(1, abs=1e-3)


def test_the_best_is_not_told_where_its_open_units_may_all_be_lost() -> None:
    """Boris won 150 of 400, and others 450 of 1,800; of his 1,000 200 more are open than of theirs: 150 of 600."""
    report = table(BEST.replace("[1000, 300], open: [400, 0]", "[1000, 150], open: [600, 0]").replace("750", "600"))
    assert [row.chance_best for row in report.segments] == [None] * 4
    assert "Boris" in report.untold_by_age
    boris = report.segments[1].overall
    assert boris is not None
    assert (boris.p_value, boris.differs, boris.chance_b_better, boris.difference_low) == (1, 0, None, None)


def test_where_nobody_is_decided_there_is_no_conversion_and_no_test() -> None:
    text = DEALS.replace("Lead: 400, Offer: 190", "Lead: 500, Offer: 240").replace("Won: 72", "Won: 72")
    report = table(text + "    Vera: {counts: [100, 50, 0], open: [10, 50, 0]}\n")
    vera = report.segments[2]
    assert vera.conversions_decided == (None, F(50, 90), None)
    assert (vera.overall_conversion_decided, vera.overall_conversion_decided_low) == (None, None)
    assert vera.overall is not None
    assert (vera.overall.p_value, vera.chance_best, vera.p_values_holm[2]) == (None, None, None)
    assert vera.p_values_holm[1] is not None


def test_nobody_of_the_few_who_are_decided() -> None:
    """0 of 10, of half of the leads: 1/2 and 1/12, as 0 of 23/24 / (1/24) / (1/40 + 11/10), about 20."""
    report = table(
        "stages: {Lead: 80, Offer: 40, Won: 0}\nbreakdowns:\n  manager:\n"
        "    Anna: {counts: [40, 20, 0], open: [0, 10, 0]}\n    Boris: {counts: [40, 20, 0], open: [0, 20, 0]}\n"
    )
    anna = report.segments[0]
    assert anna.overall_conversion_decided == 0
    assert anna.overall_conversion_decided_high == pytest.approx(proportion_confint(0, 23 / 1.125, method="wilson")[1])


def test_segments_of_which_the_open_units_are_not_known_stay_as_they_are() -> None:
    text = DEALS.replace("{Lead: 400, Offer: 190, Won: 72}", "[{name: Lead, count: 400, open: 80}, {name: Offer, ")
    text = text.replace("{name: Offer, ", "{name: Offer, count: 190, open: 28}, {name: Won, count: 72}]")
    report = table(text.replace(", open: [20, 8, 0]", "").replace(", open: [60, 20, 0]", ""))
    assert (report.open_at, report.open_by_segment) == (("Lead", "Offer"), ())
    for row in (*report.segments, report.total):
        assert row.conversions_decided == row.conversions
        assert row.overall_conversion_decided == row.overall_conversion


def test_compared_segments() -> None:
    report = told(compare_segments(funnel_of(DEALS), "manager"))
    (pair,) = report.comparisons
    assert [stage.conversion_b for stage in pair.stages] == [None, F(9, 14), F(16, 35)]
    assert (pair.overall_conversion_a, pair.overall_conversion_b) == (F(50, 207), F(72, 245))
    assert (pair.open_at, report.open_at) == (("Lead", "Offer"), ())
    assert [effect.factor for effect in pair.sales.effects][-1] == "still_open"


def test_a_mix_of_segments_is_of_the_decided() -> None:
    """Both managers keep their rates, half and a fifth; the mix moves from even to three in four of the second."""
    before = funnel_of(
        "stages: {Lead: 200, Won: 70}\nbreakdowns: {manager: {Anna: [100, 50], Boris: [100, 20]}}\n",
    )
    after = funnel_of(
        "stages: {Lead: 400, Won: 59}\nbreakdowns: {manager: "
        "{Anna: {counts: [100, 20], open: [60, 0]}, Boris: {counts: [300, 39], open: [105, 0]}}}\n",
    )
    (pair,) = told(compare([before, after], ["a", "b"])).comparisons
    (mix,) = pair.mix
    assert mix.rate_effect == pytest.approx(0, abs=1e-12)
    assert mix.mix_effect == pytest.approx((0.5 + 3 * 0.2) / 4 - 0.35)
    assert (mix.overall_conversion_b, mix.paradox) == (F(11, 40), False)


def test_a_crosstab() -> None:
    found = told(cross(funnel_of(CELLS), ("manager", "month")))
    cells = {(cell.row, cell.column): cell for cell in found.cells}
    assert cells["Anna", "2026-08"].overall_conversion_decided == F(3, 10)
    assert cells["Anna", "2026-09"].overall_conversion_decided == F(1, 4)
    assert cells["Anna", "2026-09"].overall_conversion == F(1, 10)
    assert cells["Boris", "2026-09"].overall_conversion_decided == F(3, 10)
    assert cells["Anna", None].overall_conversion_decided == F(40, 140)
    assert cells[None, "2026-09"].overall_conversion_decided == F(40, 140)
    assert cells[None, None].overall_conversion_decided == F(85, 290)
    assert (found.open_at, found.open_by_segment) == ((), ("Lead",))
    few = told(cross(funnel_of(CELLS), ("manager", "month"), at=1)).cells[0]
    assert few.conversion_decided_high == pytest.approx(proportion_confint(30, 100, method="wilson")[1])


def test_the_bottleneck_of_segments() -> None:
    found = told(bottleneck_by(funnel_of(DEALS), "manager"))
    boris = found.segments[1]
    assert [step.conversion_decided for step in boris.steps] == [F(9, 14), F(16, 35)]
    assert boris.undecided == ("Offer", "Won")
    assert found.open_by_segment == ("Lead", "Offer")


def test_the_best_segment_as_a_reference_is_that_of_the_decided() -> None:
    text = """\
stages: {Lead: 3000, Won: 900}
breakdowns:
  manager:
    Anna: {counts: [1000, 350], open: [0, 0]}
    Boris: {counts: [1000, 300], open: [500, 0]}
    Vera: {counts: [1000, 250], open: [0, 0]}
"""
    found = told(against_best(funnel_of(text), "manager", None))
    (step,) = found.steps
    assert (step.target_from, step.conversion_decided) == ("Boris", F(900, 2500))
    assert step.target is not None
    assert 0.5 < step.target < 0.6
    assert found.open_by_segment == ("Lead",)


def test_one_segment_as_a_funnel() -> None:
    boris = told(choose(funnel_of(DEALS), [("manager", "Boris")]))
    assert [stage.open for stage in boris.stages] == [60, 20, None]
    assert boris.overall_conversion_decided(2) == F(72, 245)
    coming = told(forecast(boris, draws=100))
    assert coming.expected_sales == 60 * F(72, 245) + 20 * F(16, 35)
    assert coming.expected_revenue == 1000 * coming.expected_sales


def test_a_segment_without_open_units_beside_others_has_none() -> None:
    text = DEALS.replace("open: [20, 8, 0]", "open: [0, 0, 0]")
    anna = told(choose(funnel_of(text), [("manager", "Anna")]))
    assert [stage.open for stage in anna.stages] == [0, 0, None]
    assert told(forecast(anna, draws=100)).expected_sales == 0


def test_several_segments_at_once() -> None:
    one = told(choose(funnel_of(CELLS), [("month", "2026-09"), ("manager", "Boris")]))
    assert [(stage.count, stage.open) for stage in one.stages] == [(150, 50), (30, None)]
    month = told(choose(funnel_of(CELLS), [("month", "2026-09")]))
    assert [(segment.name, segment.open) for segment in month.breakdowns[0].segments] == [
        ("Anna", (60, 0)),
        ("Boris", (50, 0)),
    ]


def test_a_stated_chance_to_close_is_that_of_each_segment() -> None:
    text = DEALS.replace("{Lead: 400, Offer: 190, Won: 72}", "[{name: Lead, count: 400, open: 80, close_chance: 10%}, ")
    text = text.replace(
        "10%}, ", "10%}, {name: Offer, count: 190, open: 28, close_chance: 30%}, {name: Won, count: 72}]"
    )
    anna = told(choose(funnel_of(text), [("manager", "Anna")]))
    assert told(forecast(anna, draws=100)).expected_sales == F(20, 10) + F(24, 10)


def test_the_money_of_segments_says_that_units_are_open() -> None:
    found = told(unit_economics(funnel_of(DEALS), "manager"))
    assert [part.open_at for part in found.segments] == [("Lead", "Offer"), ("Lead", "Offer")]


def test_a_check_of_a_segment_is_of_its_decided() -> None:
    text = DEALS + "checks: [conversion_decided@Offer >= 60%]\n"
    results = [
        run_checks(part, part.checks)[0]
        for part in (told(choose(funnel_of(text), [("manager", name)])) for name in ("Anna", "Boris"))
    ]
    assert [(each.actual, each.passed) for each in results] == [(F(5, 9), False), (F(9, 14), True)]


def weekly(last: str) -> str:
    weeks = "".join(f"    2026-W{week:02}: {{counts: [{1000 + week}, 200], open: [0, 0]}}\n" for week in range(1, 9))
    entries, sales = sum(1000 + week for week in range(1, 9)), 8 * 200
    return f"stages: {{Lead: {entries + 1000}, Won: {sales + 40}}}\nbreakdowns:\n  week:\n{weeks}    2026-W09: {last}\n"


def test_periods_with_open_units_are_neither_marked_nor_do_they_add_to_the_variation() -> None:
    """The last week has 40 of 200 decided, as all others have 200 of 1000: nothing varies."""
    report = table(weekly("{counts: [1000, 40], open: [800, 0]}"), "week")
    assert report.variation.overall == 0
    assert [row.differs for row in report.segments] == [(0, 0)] * 9
    last = report.segments[-1]
    assert last.overall_conversion_decided == F(1, 5)
    assert last.usual_low is not None
    assert last.usual_high is not None
    assert last.usual_low < 0.2 < last.usual_high
    raw = funnel_of(weekly("{counts: [1000, 40], open: [800, 0]}").replace(", open: [800, 0]", ""))
    assert (variation_of(raw).overall or 0) > 0.2


def test_the_usual_range_of_a_period_is_that_of_its_decided() -> None:
    """9 weeks of one common rate; of 200 decided the range is that of 200 units."""
    last = table(weekly("{counts: [1000, 40], open: [800, 0]}"), "week").segments[-1]
    common = (8 * 200 + 40) / (sum(1000 + week for week in range(1, 9)) + 200)
    low, high = proportion_confint(common * 200, 200, method="wilson")
    assert (last.usual_low, last.usual_high) == pytest.approx((low, high), abs=4e-3)


def test_a_row_without_open_units_beside_a_stage_that_has_some_shows_none() -> None:
    """The segment has open units at the last stage alone, where nothing follows."""
    text = (
        "stages: [{name: Paid, count: 100, open: 9}, {name: Again, count: 9}]\n"
        "breakdowns: {by: {s: {counts: [894, 5], open: [0, 4]}}}\n"
    )
    (funnel,) = read(text.encode(), "deals.yaml").funnels
    report = break_down(funnel, "by")
    assert not isinstance(report, Problem)
    assert report.open_by_segment
    first = next(block for block in blocks(report) if isinstance(block, Table))
    still_open = [column.header for column in first.columns].index("Still\nopen")
    assert [row[still_open] for row in first.rows] == [0, 0]


def near(text: str) -> list[tuple[int | None, F | int | None]]:
    rows = table(text).segments
    return [(row.overall.units_to_tell, row.overall.units_decided) for row in rows if row.overall is not None]


PLAIN = """\
stages: {Lead: 400, Offer: 190, Won: 72}
breakdowns:
  manager:
    Anna: {counts: [200, 100, 40], open: [0, 0, 0]}
    Boris: {counts: [200, 90, 32], open: [0, 0, 0]}
"""


def test_what_would_tell_and_what_is_there_are_both_of_the_decided() -> None:
    """Leads that are open beside the decided change neither; offers that are leave as many leads undecided."""
    plain = near(PLAIN)
    assert [so_far for _, so_far in plain] == [400, 400]
    more = PLAIN.replace("Lead: 400", "Lead: 480").replace("[200, 100, 40], open: [0,", "[230, 100, 40], open: [30,")
    more = more.replace("[200, 90, 32], open: [0,", "[250, 90, 32], open: [50,")
    assert near(more) == plain
    offers = PLAIN.replace("open: [0, 0, 0]", "open: [0, 8, 0]")
    assert [so_far for _, so_far in near(offers)] == [384, 384]
    notes = [block for block in blocks(table(more)) if hasattr(block, "text")]
    (said,) = (block.text for block in notes if block.text.startswith("Nearest to a verdict"))
    assert "more decided at Lead (400 so far, without those still open at any stage)" in said
    (plainly,) = (
        block.text
        for block in blocks(table(PLAIN.replace(", open: [0, 0, 0]", "")))
        if "Nearest" in getattr(block, "text", "")
    )
    assert plainly == said.replace("more decided", "more").replace(", without those still open at any stage", "")


def test_a_pair_has_the_same_figures_as_its_rows() -> None:
    offers = PLAIN.replace("open: [0, 0, 0]", "open: [0, 8, 0]")
    (pair,) = told(compare_segments(funnel_of(offers), "manager")).comparisons
    assert (pair.overall.units_to_tell, pair.overall.units_decided) == near(offers)[1]
