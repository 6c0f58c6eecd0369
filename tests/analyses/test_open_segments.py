"""What the open units of each segment bring: by the conversions that the table of the segments lets be believed."""

from __future__ import annotations

import random
from fractions import Fraction as F
from typing import TYPE_CHECKING

import pytest

from funnelcli.analyses.forecast import Forecast, forecast
from funnelcli.analyses.segments import SegmentReport, break_down
from funnelcli.funnel_file.reader import read
from funnelcli.output.document import Note
from funnelcli.output.views.forecast import blocks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.model import Funnel

    Rows = Mapping[str, tuple[Sequence[int], Sequence[int]]]

ALIKE: Rows = {
    "Ann": ((200, 100, 40), (25, 12, 0)),
    "Bob": ((200, 100, 36), (25, 13, 0)),
    "New": ((30, 10, 4), (10, 5, 0)),
}
APART: Rows = {
    "Ann": ((400, 200, 120), (40, 20, 0)),
    "Bob": ((400, 150, 50), (40, 15, 0)),
    "Cleo": ((400, 180, 80), (40, 18, 0)),
    "New": ((10, 8, 6), (1, 1, 0)),
}


def funnel_of(rows: Rows) -> Funnel:
    counts, waiting = ([*map(sum, zip(*column, strict=True))] for column in zip(*rows.values(), strict=True))
    stages = ", ".join(
        f"{{name: {name}, count: {count}, open: {here}}}"
        for name, count, here in zip(("Lead", "Demo", "Won"), counts, waiting, strict=True)
    )
    segments = "\n".join(f"    {name}: {{counts: {[*own]}, open: {[*here]}}}" for name, (own, here) in rows.items())
    text = f"average_check: 1000\nstages: [{stages}]\nbreakdowns:\n  owner:\n{segments}\n"
    reading = read(text.encode(), "deals.yaml")
    assert not reading.diagnostics, reading.diagnostics
    return reading.funnels[0]


def both(rows: Rows) -> tuple[Forecast, SegmentReport]:
    funnel = funnel_of(rows)
    coming, table = forecast(funnel, "owner", draws=100), break_down(funnel, "owner")
    assert isinstance(coming, Forecast)
    assert isinstance(table, SegmentReport)
    return coming, table


def notes(result: Forecast) -> str:
    return "\n".join(block.text for block in blocks(result) if isinstance(block, Note))


def test_where_the_table_tells_one_rate_every_open_unit_has_the_chance_of_all() -> None:
    """Of 370 decided leads 210 went on, of 180 demos 80; the one of few deals, 4 of 5, is no better than all."""
    coming, table = both(ALIKE)
    assert table.one_rate
    lead, demo = F(210, 370) * F(80, 180), F(80, 180)
    assert [each.close_chances for each in coming.segments] == [{"Lead": lead, "Demo": demo, "Won": None}] * 3
    assert [row.shrunken for row in table.segments] == pytest.approx([float(lead)] * 3)
    assert [each.sales for each in coming.segments] == [
        25 * lead + 12 * demo,
        25 * lead + 13 * demo,
        10 * lead + 5 * demo,
    ]
    assert sum(each.sales or 0 for each in coming.segments) == coming.expected_sales
    assert sum(each.weighted or 0 for each in coming.segments) == coming.expected_revenue
    assert "add up" not in notes(coming)


def test_where_it_tells_several_each_has_the_conversion_that_is_shown_there() -> None:
    coming, table = both(APART)
    assert not table.one_rate
    assert coming.chances_from == {"Lead": "shrunken", "Demo": "shrunken"}
    chances = {each.name: float(each.close_chances["Lead"] or 0) for each in coming.segments}
    assert chances == pytest.approx({row.name: row.shrunken for row in table.segments})
    raw = {row.name: float(row.overall_conversion_decided or 0) for row in table.segments}
    whole = float(table.total.overall_conversion_decided or 0)
    assert whole < chances["New"] < raw["New"]
    assert abs(chances["New"] - raw["New"]) > 3 * abs(chances["Ann"] - raw["Ann"])


def test_why_the_rows_do_not_add_up_is_said_with_both_figures() -> None:
    coming, _ = both(APART)
    sums, money = (sum(getattr(each, key) or 0 for each in coming.segments) for key in ("sales", "weighted"))
    assert f"{float(sums):.1f}" != f"{float(coming.expected_sales):.1f}"
    of_all = f"{float(coming.expected_sales):.1f} and {round(coming.expected_revenue or 0):,}"
    rows = f"add up to {float(sums):.1f} sales and {round(money):,} by their own chances"
    assert f"{rows}; by those of all it is {of_all}." in notes(coming)


def test_why_their_money_does_not_add_up_is_said_where_their_sales_do() -> None:
    coming, _ = both(APART)
    sales, money = (sum(getattr(each, key) or 0 for each in coming.segments) for key in ("sales", "weighted"))
    assert round(money) != round(coming.expected_revenue_eventual or 0)
    said = notes(coming._replace(expected_sales_eventual=sales))
    assert f"add up to {round(money):,} by their own chances; by those of all it is" in said
    assert "add up" not in notes(coming._replace(expected_sales_eventual=sales, expected_revenue_eventual=money))


RISING: tuple[Rows, ...] = (
    {  # alike from the first stage on, and apart from the second, where N0 sold 2 of 23
        "N0": ((60, 28, 2), (10, 5, 0)),
        "N1": ((20, 9, 1), (3, 1, 0)),
        "N2": ((60, 12, 7), (10, 2, 0)),
        "N3": ((150, 69, 16), (25, 13, 0)),
    },
    {  # the reverse: Cleo's leads have more than all demos have
        "Ann": ((40, 5, 0), (8, 1, 0)),
        "Bob": ((40, 23, 8), (8, 5, 0)),
        "Cleo": ((100, 77, 29), (20, 19, 0)),
    },
)


@pytest.mark.parametrize("rows", RISING)
def test_a_chance_never_falls_as_units_go_on(rows: Rows) -> None:
    """Who has a demo may be sold no more seldom than who may come to have one; the first stage is as it is shown."""
    coming, table = both(rows)
    chances = [[float(each.close_chances[name] or 0) for name in ("Lead", "Demo")] for each in coming.segments]
    assert all(lead < demo or lead == pytest.approx(demo) for lead, demo in chances)
    assert any(lead == pytest.approx(demo) for lead, demo in chances)
    assert [lead for lead, _ in chances] == pytest.approx([row.shrunken for row in table.segments])


def test_a_chance_of_the_stage_before_is_said() -> None:
    told = "From Demo, that of a stage before is taken where it is higher"
    assert told in notes(both(RISING[1])[0])
    assert told not in notes(both(ALIKE)[0])


def test_nobody_is_decided_of_one_yet() -> None:
    """His deals are as those of all, and not worth nothing."""
    coming, _ = both({**ALIKE, "New": ((10, 0, 0), (10, 0, 0))})
    new = coming.segments[2]
    assert new.close_chances["Lead"] == F(200, 350) * F(76, 175)
    assert new.sales == 10 * F(200, 350) * F(76, 175)


def test_where_age_leaves_it_untold_nobody_has_a_chance_of_his_own() -> None:
    """Half of the deals of one are open: that he lost most of the others may be as losses show sooner."""
    coming, table = both(
        {
            "Ann": ((400, 300, 200), (10, 0, 0)),
            "Bob": ((400, 120, 80), (200, 0, 0)),
            "Cleo": ((400, 300, 200), (10, 0, 0)),
        }
    )
    assert "Bob" in table.untold_by_age
    assert coming.chances_from["Lead"] == "untold_by_age"
    assert {each.close_chances["Lead"] for each in coming.segments} == {coming.stages[0].close_chance}
    assert "their age leaves untold whose is higher" in notes(coming)


@pytest.mark.parametrize("seed", range(3))
def test_what_owners_bring_is_nearer_to_the_truth_than_by_their_raw_conversions(seed: int) -> None:
    """Twelve owners, of whom some have few deals: who sells alike, and who does not."""
    luck = random.Random(seed)
    missed = {"raw": 0.0, "believed": 0.0}
    for spread in (0.0, 0.03, 0.1):
        rates = [min(0.9, max(0.02, luck.gauss(0.25, spread))) for _ in range(12)]
        sizes = [luck.choice((8, 40, 200)) for _ in rates]
        won = [sum(luck.random() < rate for _ in range(size)) for rate, size in zip(rates, sizes, strict=True)]
        rows: Rows = {
            f"N{at}": ((size + size // 4, came, came), (size // 4, 0, 0))
            for at, (size, came) in enumerate(zip(sizes, won, strict=True))
        }
        coming, _ = both(rows)
        for each, rate, size, came in zip(coming.segments, rates, sizes, won, strict=True):
            missed["raw"] += (size // 4 * (came / size - rate)) ** 2
            missed["believed"] += (float(each.sales or 0) - size // 4 * rate) ** 2
    assert missed["believed"] < missed["raw"]
