"""The table of two dimensions: its sides are the tables of one, and its cells are segments of both."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from statsmodels.stats.proportion import proportion_confint

from funnelcli.analyses.chosen_segments import choose
from funnelcli.analyses.conversion import convert
from funnelcli.analyses.crosstab import Crosstab, CrosstabCell, cross
from funnelcli.analyses.segments import SegmentReport, SegmentRow, break_down
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.reader import read
from funnelcli.model import Funnel

if TYPE_CHECKING:
    from tests.conftest import Load

SHOP = """\
name: Shop
stages: [{name: Leads}, {name: Sales}]
cells:
  - {manager: Ann, month: 2026-09, counts: [100, 10]}
  - {manager: Ann, month: 2026-10, counts: [120, 18]}
  - {manager: Ben, month: 2026-09, counts: [4, 1]}
"""


def made(funnel: Funnel, *dimensions: str, **options: object) -> Crosstab:
    down, across = dimensions
    table = cross(funnel, (down, across), **options)  # type: ignore[arg-type]
    assert isinstance(table, Crosstab), table
    return table


def by_pair(table: Crosstab) -> dict[tuple[str | None, str | None], CrosstabCell]:
    """Cells by names, `Total` for the sums and `other` for those left out."""

    def name(own: str | None, kind: str) -> str | None:
        return own if kind == "segment" else kind

    return {(name(cell.row, cell.row_kind), name(cell.column, cell.column_kind)): cell for cell in table.cells}


def test_a_small_table_by_hand(funnel: Load) -> None:
    """Ben had nobody in October; one sale of his four leads says nothing yet."""
    table = made(funnel(SHOP), "manager", "Month")
    assert (table.rows, table.columns) == (("Ann", "Ben"), ("2026-09", "2026-10"))
    cells = by_pair(table)
    assert {pair: cell.counts for pair, cell in cells.items()} == {
        ("Ann", "2026-09"): (100, 10),
        ("Ann", "2026-10"): (120, 18),
        ("Ann", "total"): (220, 28),
        ("Ben", "2026-09"): (4, 1),
        ("Ben", "total"): (4, 1),
        ("total", "2026-09"): (104, 11),
        ("total", "2026-10"): (120, 18),
        ("total", "total"): (224, 29),
    }
    assert [pair for pair, cell in cells.items() if cell.few] == [("Ben", "2026-09"), ("Ben", "total")]
    assert cells["Ann", "2026-09"].overall_conversion_low == pytest.approx(0.0552291, abs=1e-7)  # Wilson, 10 of 100


def same(side: SegmentRow, cell: CrosstabCell) -> None:
    assert cell.counts == side.counts
    assert cell.conversions == side.conversions
    assert (cell.overall_conversion, cell.overall_conversion_low, cell.overall_conversion_high) == (
        side.overall_conversion,
        side.overall_conversion_low,
        side.overall_conversion_high,
    )


@pytest.mark.parametrize("seed", range(10))
def test_sides_are_the_tables_of_one_dimension_and_cells_are_segments_of_both(seed: int) -> None:
    """Whatever is folded, sorted, or divided by a third dimension: every row and column adds up to its side."""
    draw = random.Random(seed)
    periods = draw.choice((3, 9))
    lines = "".join(
        f"- {{channel: c{one}, week: 2026-W{20 + two}, land: l{three}, counts: [{draw.randint(90, 300)}, "
        f"{draw.randint(20, 90)}, {draw.randint(0, 20)}]}}\n"
        for one in range(4)
        for two in range(periods)
        for three in range(2)
        if draw.random() < 0.9 or one == two == 0
    )
    stated = draw.choice(("", "variation: 20%\n"))
    (whole,) = read(
        f"{stated}stages: [{{name: A}}, {{name: B}}, {{name: C}}]\ncells:\n{lines}".encode(), "f.yaml"
    ).funnels
    sort, top = draw.choice(("file", "sales", "name")), draw.choice((None, 2))
    dimensions = draw.choice((("channel", "week"), ("week", "channel"), ("land", "week")))
    table = made(whole, *dimensions, sort=sort, most=(top, top))
    cells = by_pair(table)
    for place, dimension in enumerate(dimensions):
        side = break_down(whole, dimension, sort=sort, top=top)
        assert isinstance(side, SegmentReport)
        named = [(row.name, row) for row in side.segments] + ([("other", side.other)] if side.other else [])
        for name, row in named:
            same(row, cells[(name, "total") if place == 0 else ("total", name)])
            own = [cell.counts for pair, cell in cells.items() if pair[place] == name and pair[1 - place] != "total"]
            assert row.counts == tuple(map(sum, zip(*own, strict=True)))
        same(side.total, cells["total", "total"])
    for (down, across), cell in cells.items():
        if {"total", "other"} & {down, across}:
            continue
        part = choose(whole, ((dimensions[0], str(down)), (dimensions[1], str(across))))
        assert isinstance(part, Funnel)
        shown = convert(part)
        assert tuple(stage.count for stage in shown.stages) == cell.counts
        assert (shown.overall_conversion_low, shown.overall_conversion_high) == (
            cell.overall_conversion_low,
            cell.overall_conversion_high,
        )


def test_what_cannot_be_crossed_has_a_way_out(funnel: Load) -> None:
    shop = funnel(SHOP + "breakdowns: {channel: {Ads: [200, 20], SEO: [24, 9]}}\n")
    problems = [cross(shop, pair) for pair in (("manager", "manager"), ("manager", "chanel"), ("manager", "channel"))]
    said = [problem.help for problem in problems if isinstance(problem, Problem)]
    assert said == [
        "name two dimensions",
        'did you mean "channel"?',
        "write cells to the file: cells: [{manager: Ann, channel: Ads, counts: [60, 30]}, …]",
    ]


def test_one_segment_of_a_third_dimension_can_be_crossed(funnel: Load) -> None:
    text = SHOP.replace("counts", "land: DE, counts") + "  - {manager: Ann, month: 2026-09, land: AT, counts: [7, 0]}\n"
    part = choose(funnel(text), [("land", "AT")])
    assert isinstance(part, Funnel)
    assert by_pair(made(part, "manager", "month"))["total", "total"].counts == (7, 0)


def test_a_step_in_place_of_the_overall_conversion(funnel: Load) -> None:
    """Each cell has the interval of its own step, and is doubted by that; sums are those of the tables by one."""
    text = SHOP.replace("{name: Sales}", "{name: Offers}, {name: Sales}").replace("100, 10", "100, 50, 10")
    shop = funnel(text.replace("120, 18", "120, 60, 18").replace("4, 1]", "4, 2, 1]"))
    table = made(shop, "manager", "month", at=1)
    assert (table.at, table.at_from) == ("Offers", "Leads")
    for (row, column), cell in by_pair(table).items():
        low, high = cell.conversion_low, cell.conversion_high
        assert low is not None
        assert high is not None
        assert low < 0.5 < high
        assert cell.conversions[1] == Fraction(1, 2)
        assert cell.few == (row == "Ben"), (row, column)
        if cell.counts == (100, 50, 10):
            assert (low, high) == pytest.approx(proportion_confint(50, 100, method="wilson"))
    assert by_pair(made(shop, "manager", "month"))["Ann", "total"].conversion_low is None
    assert isinstance(cross(shop, ("manager", "month"), at=0), Problem)
