"""Exports of open deals, or without lost or won ones, tell no chance to close: import and forecast say so."""

from __future__ import annotations

import pytest

from funnelcli.analyses.forecast import forecast
from funnelcli.diagnostics import Problem
from funnelcli.output.document import Note
from funnelcli.output.views.forecast import blocks
from tests.counts_table.test_deals_by_hand import imported

HEADER = "Deal,Stage,Status,Amount,Created\n"
OPEN = "A,Lead,Open,100,2026-09-01\nB,Offer,Open,200,2026-09-02\n"
WON = "C,Offer,Won,300,2026-09-03\n"
LOST = "D,Lead,Lost,,2026-09-03\nE,Offer,Lost,,2026-09-03\n"


def first_lines(rows: str) -> tuple[list[str], list[str]]:
    found = imported(HEADER + rows, stages=("Lead", "Offer", "Won"))
    result = forecast(found.funnels[0], draws=100)
    assert not isinstance(result, Problem)
    said = [each.text for each in list(blocks(result))[:2] if isinstance(each, Note)]
    return [note for note in found.notes if "no deal is" in note], said


@pytest.mark.parametrize(
    ("rows", "note", "words"),
    [
        (OPEN, "no deal is won or lost: no chance to close is known", ["the 2 that are open", "is not known"]),
        (OPEN + WON, "no deal is lost, and 1 is won: no chance to close is known", ["No loss", "100% is too high"]),
        (OPEN + LOST, "no deal is won, and 2 are lost: 0%", ["No sale", "0% is no sure one"]),
    ],
)
def test_no_chance_is_taken_for_certain(rows: str, note: str, words: list[str]) -> None:
    notes, said = first_lines(rows)
    assert len(notes) == 1
    assert notes[0].startswith(note)
    assert "close_chance" in notes[0]
    assert all(word in " ".join(said) for word in words)
    if rows == OPEN:
        assert "Expect" not in said[0]


def test_decided_deals_of_both_kinds_are_silent() -> None:
    notes, said = first_lines(OPEN + WON + LOST)
    assert not notes
    assert len(said) == 1
    assert said[0].startswith("Expect")
