"""Open units of segments and cells: read by stage order or name, added up, held against counts and stages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from funnelcli.funnel_file.reader import read
from funnelcli.lint.rules import RULES
from funnelcli.segments import Segment

if TYPE_CHECKING:
    from funnelcli.model import Funnel

DEALS = """\
stages: {Leads: 300, Offers: 140, Won: 60}
breakdowns:
  manager:
    Anna: {counts: [100, 60, 30], open: [10, 4, 0]}
    Boris: {counts: [100, 40, 20], open: {Offers: 2}}
    Vera: [100, 40, 10]
"""
CELLS = """\
stages: [{name: Leads}, {name: Offers}, {name: Won}]
cells:
  - {manager: Anna, month: 2026-08, counts: [60, 40, 25]}
  - {manager: Anna, month: 2026-09, counts: [40, 20, 5], open: [10, 4, 0]}
  - {manager: Boris, month: 2026-09, counts: [100, 40, 20], open: {Leads: 30}}
"""


def funnel_of(text: str) -> Funnel:
    reading = read(f"currency: EUR\n{text}".encode(), "test.yaml", rules=RULES)
    assert not reading.diagnostics, reading.diagnostics
    return reading.funnels[0]


def findings(text: str) -> list[tuple[str, str]]:
    return [(each.problem.code, each.problem.message) for each in read(text.encode(), "test.yaml").diagnostics]


def test_open_units_are_read_in_stage_order_and_by_name() -> None:
    """Of a segment that says none beside others that do, none are open."""
    (breakdown,) = funnel_of(DEALS).breakdowns
    assert breakdown.segments == (
        Segment("Anna", (100, 60, 30), open=(10, 4, 0)),
        Segment("Boris", (100, 40, 20), open=(0, 2, 0)),
        Segment("Vera", (100, 40, 10), open=(0, 0, 0)),
    )


def test_stages_that_say_nothing_of_open_units_have_the_sum_of_the_segments() -> None:
    assert [stage.open for stage in funnel_of(DEALS).stages] == [10, 6, None]


def test_cells_add_up_to_segments_and_stages() -> None:
    funnel = funnel_of(CELLS)
    managers, months = funnel.breakdowns
    assert [(each.name, each.open) for each in managers.segments] == [("Anna", (10, 4, 0)), ("Boris", (30, 0, 0))]
    assert [(each.name, each.open) for each in months.segments] == [("2026-08", (0, 0, 0)), ("2026-09", (40, 4, 0))]
    assert [stage.open for stage in funnel.stages] == [40, 4, None]


def test_a_segment_of_cells_that_say_none_keeps_its_own() -> None:
    text = CELLS.replace(", open: [10, 4, 0]", "").replace(", open: {Leads: 30}", "")
    funnel = funnel_of(text + "breakdowns: {manager: {Boris: {open: [20, 0, 0], budget: 5}, Anna: {budget: 1}}}\n")
    assert [(each.name, each.open) for each in funnel.breakdowns[0].segments] == [
        ("Boris", (20, 0, 0)),
        ("Anna", (0, 0, 0)),
    ]


def test_and_they_are_held_against_the_sum_of_the_cells() -> None:
    text = CELLS.replace(", open: [10, 4, 0]", "").replace(", open: {Leads: 30}", "")
    text += "breakdowns: {manager: {Boris: {open: [61, 0, 0]}}}\n"
    message = 'in "Boris", 61 cannot be open at "Leads": 100 reached it, and 40 of them have gone on'
    assert findings(text) == [("FN125", message)]


@pytest.mark.parametrize("stated", ["10", "[900, 800, 700, 1, 1, 1, 1, 1, 1, 1]"])
def test_what_stages_state_counts_when_the_segments_agree(stated: str) -> None:
    stages = f"stages: [{{name: Leads, count: 300, open: {stated}}}, {{name: Offers, count: 140, open: 6}}, "
    funnel = funnel_of(DEALS.replace(DEALS.splitlines()[0], stages + "{name: Won, count: 60}]"))
    assert [stage.open for stage in funnel.stages] == [10, 6, None]


def test_and_when_they_do_not_that_is_said() -> None:
    stages = "stages: [{name: Leads, count: 300, open: 12}, {name: Offers, count: 140}, {name: Won, count: 60}]"
    assert findings(DEALS.replace(DEALS.splitlines()[0], stages)) == [
        ("FN301", '"manager" has 10 open at "Leads", and the stage has 12: less by 2'),
        ("FN301", '"manager" has 6 open at "Offers", and the stage has 0: more by 6'),
    ]


def test_segments_of_other_units_than_the_stages_give_them_no_open_units() -> None:
    text = DEALS.replace("Leads: 300, Offers: 140, Won: 60", "Leads: 30, Offers: 20, Won: 15")
    reading = read(text.encode(), "test.yaml")
    assert {each.problem.code for each in reading.diagnostics} == {"FN301"}
    assert [stage.open for stage in reading.funnels[0].stages] == [None, None, None]


def test_the_second_dimension_is_held_against_the_first() -> None:
    more = "  month:\n    May: {counts: [200, 100, 50], open: [10, 5, 0]}\n    June: [100, 40, 10]\n"
    assert findings(DEALS + more) == [
        ("FN301", '"month" has 5 open at "Offers", and the stage has 6: less by 1'),
    ]


def test_units_that_may_grow_have_not_gone_on() -> None:
    text = """\
stages: [{name: Leads, count: 10}, {name: Visits, count: 30, allow_growth: true}]
breakdowns: {manager: {Anna: {counts: [10, 30], open: [10, 0]}}}
"""
    assert funnel_of(text).breakdowns[0].segments[0].open == (10, 0)


def test_a_spread_of_money_beside_open_units_is_read() -> None:
    text = "stages: {Leads: 9, Won: 4}\nbreakdowns:\n  manager:\n    Anna: {counts: [9, 4], open: [2, 0], "
    segment = funnel_of(text + "average_check: {mean: 90, sd: 140}}\n").breakdowns[0].segments[0]
    assert (segment.average_check, segment.average_check_sd, segment.open) == (90, 140, (2, 0))


def test_open_units_of_counts_that_do_not_count_do_not_either() -> None:
    """A segment of which no cell is: its written counts are put aside, said once, and so is what is open of them."""
    text = (
        "stages: {A: 50, B: 10}\n"
        "cells: [{team: North, counts: [50, 10]}]\n"
        "breakdowns: {team: {South: {counts: [40, 8], open: [30, 0]}}}\n"
    )
    reading = read(text.encode(), "deals.yaml")
    assert [each.problem.code for each in reading.diagnostics] == ["FN301"]
    (funnel,) = reading.funnels
    assert {segment.name: segment.open for segment in funnel.breakdowns[0].segments} == {"South": (), "North": ()}
