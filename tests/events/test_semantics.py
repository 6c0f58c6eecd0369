"""What keys change in how events make a chain, as a table of small logs with their answers, and what they refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from funnelcli.diagnostics import Problem  # after the check
from funnelcli.events.definition import define
from funnelcli.funnel_file.reader import read
from tests.events.test_meaning import THREE, TWICE, A, B, measured, outcome, written

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("log", "measure", "counts"),
    [
        # unordered: any stage may be the entry, and stages are numbers of different ones within one window
        ("x: a0 b1 c2", "order: unordered", (1, 1, 1)),
        ("x: c0 b1 a2", "order: unordered", (1, 1, 1)),
        ("x: c0 c1; y: b0 c3", "order: unordered", (2, 1, 0)),
        ("x: c0 b1 a9", "order: unordered, window: 8 hours", (1, 1, 0)),
        ("x: c0 b5 a9", "order: unordered, window: 4 hours", (1, 1, 0)),
        ("x: c0 b0 a0", "order: unordered, window: 1 hour", (1, 1, 1)),
        ("x: b1 z2 a3 c4", "order: unordered, exclude: {event: z}", (1, 1, 0)),
        ("x: c1 a25 b26", 'order: unordered, between: ["2026-10-01", "2026-10-02"]', (1, 1, 1)),
        ("x: c1 a25 b26", 'order: unordered, between: ["2026-10-02", "2026-10-03"]', (1, 1, 0)),
        ("x: b0 a9 c10; y: c3", "order: unordered, window: 4 hours, entry: first", (2, 0, 0)),
        ("x: b0 a9 c10; y: c3", "order: unordered, window: 4 hours, entry: last", (2, 0, 0)),
        # ties apart: what happens at the same time does not follow
        ("x: a0 b0 c1", "ties: together", (1, 1, 1)),
        ("x: a0 b0 c1", "ties: apart", (1, 0, 0)),
        ("x: a0 b0 b1 c1 c2", "ties: apart", (1, 1, 1)),
        ("x: a0 b0 b1 c1", "ties: apart, breakdowns: {event: event}", (1, 1, 0)),
        ("x: a0 b1 c1", "ties: apart, order: strict", (1, 1, 0)),
        ("x: a0 b1 c2", "ties: apart, order: strict", (1, 1, 1)),
    ],
)
def test_counts_of_a_chain(log: str, measure: str, counts: tuple[int, ...], tmp_path: Path) -> None:
    assert measured(THREE, measure, written(log), tmp_path).counts == counts


def test_the_time_to_a_number_of_stages_is_from_one_stage_less(tmp_path: Path) -> None:
    """By their first chains, x has two stages after 2 hours and a third after 3 more, y after 4 and 5."""
    found = measured(THREE, "order: unordered", written("x: c0 b2 b3 a5; y: a0 a1 b5 c10"), tmp_path)
    assert [times.mean for _, times in found.noted.times] == [3 * 3600, 4 * 3600]


@pytest.mark.parametrize(
    ("measure", "stages", "words", "help_"),
    [
        (
            "order: unordered",
            f"[{A}, {B}, {{name: C, from: A, when: {{event: c}}}}]",
            'stage "C" comes from one that is not before it, and order: unordered has no branches',
            "use order: ordered or any, or drop its from",
        ),
        (
            "order: unordered",
            f"[{A}, {{name: B, allow_growth: true, when: {{event: b}}}}]",
            'stage "B" allows growth, so that it counts events, which order: unordered does not',
            "use order: ordered, or drop allow_growth",
        ),
        (
            "order: any, ties: apart",
            THREE,
            "ties: apart lets times rise from stage to stage, and order: any has no stages in order",
            "use order: ordered or strict, or drop ties",
        ),
    ],
)
def test_what_has_no_meaning_together_is_refused(measure: str, stages: str, words: str, help_: str) -> None:
    text = f"measure: {{unit: unit, time: time, {measure}}}\nstages: {stages}\n"
    found = define(read(text.encode(), "test.yaml", uncounted=True).funnels[0])
    assert found == [Problem("FN108", words, help_)]


@pytest.mark.parametrize(
    ("measure", "words", "help_"),
    [
        (
            "order: unordered",
            "order: unordered counts events of one stage each, and some meet several",
            "make the conditions of when exclude each other, or use order: any",
        ),
    ],
)
def test_events_that_several_stages_share_are_refused(measure: str, words: str, help_: str, tmp_path: Path) -> None:
    text = f"measure: {{unit: unit, time: time, {measure}}}\nstages: {TWICE}\n"
    assert outcome(text, written("x: a0 b1"), tmp_path) == Problem("FN114", words, help_)
