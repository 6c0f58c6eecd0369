"""Cells: the same funnel by several dimensions at once; sums of cells are the breakdowns, and these the stages."""

from __future__ import annotations

import random
from fractions import Fraction as F
from itertools import product
from typing import TYPE_CHECKING

import pytest

from funnelcli.exact import added
from funnelcli.funnel_file.reader import read
from funnelcli.lint.rules import RULES
from funnelcli.segments import Breakdown, Segment

if TYPE_CHECKING:
    from funnelcli.model import Funnel

HEAD = "currency: EUR\naverage_check: 50\nstages: [{name: Leads}, {name: Offers}, {name: Sales}]\n"
SHOP = (
    HEAD
    + """\
cells:
  - {manager: Ann, month: 2026-09, counts: [100, 40, 10]}
  - {manager: Ann, month: 2026-10, counts: [120, 60.5, 18]}
  - {manager: Ben, month: 2026-09, counts: [90, 30.5, 9]}
  - {month: 2026-10, manager: Ben, counts: {Leads: 80, Sales: 4, Offers: 20}}
"""
)


def funnel_of(text: str) -> Funnel:
    reading = read(text.encode(), "test.yaml", rules=RULES)
    assert not reading.diagnostics, reading.diagnostics
    return reading.funnels[0]


def test_breakdowns_and_stages_are_sums_of_the_cells() -> None:
    funnel = funnel_of(SHOP)
    assert [stage.count for stage in funnel.stages] == [390, 151, 41]
    assert funnel.breakdowns == (
        Breakdown("manager", (Segment("Ann", (220, F(201, 2), 28)), Segment("Ben", (170, F(101, 2), 13)))),
        Breakdown("month", (Segment("2026-09", (190, F(141, 2), 19)), Segment("2026-10", (200, F(161, 2), 22)))),
    )
    assert funnel.cells[3].segments == (("manager", "Ben"), ("month", "2026-10"))
    assert funnel.cells[3].counts == (80, 20, 4)


def test_a_written_segment_keeps_its_money_and_its_place() -> None:
    """Counts may be left out, or say the same; the budgets add up to that of the funnel."""
    text = SHOP + "breakdowns: {manager: {Ben: {budget: 200}, Ann: {counts: [220, 100.5, 28], budget: 300}}}\n"
    funnel = funnel_of(text)
    assert funnel.breakdowns[0] == Breakdown(
        "manager", (Segment("Ben", (170, F(101, 2), 13), 200), Segment("Ann", (220, F(201, 2), 28), 300))
    )
    assert funnel.budget == 500


@pytest.mark.parametrize("seed", range(20))
def test_sums_of_any_cells(seed: int) -> None:
    """By every dimension the segments add up to the stages, and each is the sum of its own cells."""
    draw = random.Random(seed)
    sizes = [draw.randint(1, 4) for _ in range(draw.randint(1, 3))]
    cells = {
        place: [draw.randint(50, 99), draw.randint(20, 50), draw.randint(0, 20)]
        for place in product(*map(range, sizes))
        if draw.random() < 0.8 or not any(place)
    }
    lines = [
        "  - {" + ", ".join(f"d{number}: s{at}" for number, at in enumerate(place)) + f", counts: {counts}}}\n"
        for place, counts in cells.items()
    ]
    reading = read((HEAD + "cells:\n" + "".join(lines)).encode(), "test.yaml")
    (funnel,) = reading.funnels
    assert not reading.diagnostics
    for number, breakdown in enumerate(funnel.breakdowns):
        assert breakdown.dimension == f"d{number}"
        for index, stage in enumerate(funnel.stages):
            assert added(segment.counts[index] for segment in breakdown.segments) == stage.count
        for segment in breakdown.segments:
            own = [counts for place, counts in cells.items() if f"s{place[number]}" == segment.name]
            assert segment.counts == tuple(map(sum, zip(*own, strict=True)))


def test_ten_thousand_cells_are_read() -> None:
    lines = "".join(f"- {{a: x{at % 100}, b: y{at // 100}, counts: [5, 3, 1]}}\n" for at in range(10_000))
    funnel = funnel_of(f"{HEAD}cells:\n{lines}")
    assert [stage.count for stage in funnel.stages] == [50_000, 30_000, 10_000]
    assert [len(breakdown.segments) for breakdown in funnel.breakdowns] == [100, 100]
