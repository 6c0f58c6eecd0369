"""Open units of segments in the text of a funnel file: those that were found, and none of counts of before."""

from __future__ import annotations

import pytest

pytest.importorskip("ruamel.yaml", reason="the extra `events` is not installed")

from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.rewrite import Counts, rewrite
from funnelcli.measure import Measured
from funnelcli.segments import Breakdown, Segment

TEXT = "stages: {A: 9, B: 5}\n"


def _rewritten(text: str, *segments: Segment) -> str:
    found = Counts((9, 5), (Breakdown("manager", segments),), Measured(events=10))
    return rewrite(text, {1: found})


def test_found_open_units_stand_beside_the_counts() -> None:
    text = _rewritten(TEXT, Segment("Anna", (6, 3), 7, open=(2, 0)), Segment("Boris", (3, 2), open=(0, 0)))
    assert "    Anna: {counts: [6, 3], open: [2, 0], budget: 7}\n    Boris: [3, 2]\n" in text
    assert read(text.encode(), "test.yaml").funnels[0].breakdowns[0].segments[0].open == (2, 0)


def test_they_take_the_place_of_those_of_before() -> None:
    before = TEXT + "breakdowns:\n  manager:\n    Anna: {counts: [4, 2], open: [1, 0], gross_margin: 35%}\n"
    text = _rewritten(before, Segment("Anna", (9, 5), open=(3, 0)))
    assert "    Anna: {counts: [9, 5], open: [3, 0], gross_margin: 35%}\n" in text
    assert "    Anna: {counts: [9, 5], gross_margin: 35%}\n" in _rewritten(before, Segment("Anna", (9, 5)))


def test_a_segment_that_was_not_found_stays_for_its_money_alone() -> None:
    before = TEXT + (
        "breakdowns:\n  manager:\n"
        "    Anna: {counts: [4, 2], open: [1, 0], budget: 5}\n    Boris: {counts: [4, 2], open: [1, 0]}\n"
    )
    text = _rewritten(before, Segment("Vera", (9, 5)))
    assert "    Vera: [9, 5]\n    Anna: {counts: [0, 0], budget: 5}\nmeasured" in text
