"""A total that differs from the sum of its segments is told, unless rounding alone makes the difference."""

from __future__ import annotations

from fractions import Fraction

from funnelcli.analyses.segment_totals import Gap
from funnelcli.output.views.segments import gap_notes


def test_a_difference_that_is_not_written_is_not_told() -> None:
    assert list(gap_notes(Gap("revenue", Fraction(999999, 10000), 100), 100, "EUR")) == []
    (note,) = gap_notes(Gap("revenue", 99, 100), 100, "EUR")
    assert "99 EUR" in note.text
    assert "100 EUR" in note.text


def test_a_cause_that_is_known_is_told() -> None:
    for cause, words in (("no_amount", "Those without an amount"), ("checks", "average checks of the segments")):
        for shown in (99, 100):
            (note,) = gap_notes(Gap("revenue", 99, 100, cause), shown, "EUR")  # type: ignore[arg-type]  # of the two
            assert words in note.text
