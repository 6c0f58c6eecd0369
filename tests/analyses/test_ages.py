"""Segments whose open units are of unequal age are held against each other within the periods of creation."""

from __future__ import annotations

from fractions import Fraction

import numpy
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

from funnelcli.analyses.bottleneck import against_best
from funnelcli.analyses.compared_segments import compare_segments
from funnelcli.analyses.comparison import ComparisonReport
from funnelcli.analyses.forecast import Forecast, forecast
from funnelcli.analyses.segments import SegmentReport, break_down
from funnelcli.funnel_file.reader import read
from funnelcli.output.document import Note
from funnelcli.output.views.segments import blocks
from tests.calibration import ages
from tests.calibration.findings import missed

# won, decided and all of Ann and of Bob, by month: of a month both won the same share of the decided
MONTHS = {
    "2026-06": ((90, 300, 310), (15, 50, 52)),
    "2026-07": ((40, 200, 260), (20, 100, 130)),
    "2026-08": ((5, 100, 300), (20, 400, 1200)),
}


def text_of(months: dict[str, tuple[tuple[int, int, int], ...]]) -> str:
    cells = [
        f"  - {{owner: {name}, month: {month}, counts: [{units}, {won}], open: [{units - decided}, 0]}}"
        for month, rows in months.items()
        for name, (won, decided, units) in zip(("Ann", "Bob", "Cleo"), rows, strict=False)
    ]
    return "\n".join(("stages: [{name: Lead}, {name: Won}]", "cells:", *cells, ""))


def table(text: str, **options) -> SegmentReport:
    (funnel,) = read(text.encode(), "deals.yaml").funnels
    found = break_down(funnel, "owner", **options)
    assert isinstance(found, SegmentReport)
    return found


def compared(text: str) -> ComparisonReport:
    (funnel,) = read(text.encode(), "deals.yaml").funnels
    found = compare_segments(funnel, "owner")
    assert isinstance(found, ComparisonReport)
    return found


def judge(months) -> StratifiedTable:
    tables = [numpy.array([[b[0], b[1] - b[0]], [a[0], a[1] - a[0]]]) for a, b in months.values()]
    return StratifiedTable(tables)


def test_owners_who_win_alike_in_each_month_are_alike_though_the_deals_of_one_are_younger() -> None:
    """Of all decided Ann won 135 of 600 and Bob 55 of 550, as most of his are young."""
    report = table(text_of(MONTHS))
    assert report.within == "month"
    ann, bob = report.segments
    assert (ann.overall_conversion_decided, bob.overall_conversion_decided) == (Fraction(9, 40), Fraction(1, 10))
    assert bob.overall is not None
    assert (bob.overall.p_value, bob.overall.differs, bob.differs) == (pytest.approx(1), 0, (0, 0))
    assert float(bob.overall.difference or 0) == pytest.approx(0, abs=1e-12)
    assert report.one_rate
    assert (ann.chance_best, bob.chance_best) == (None, None)


WORSE = {**MONTHS, "2026-06": ((90, 300, 310), (5, 50, 52)), "2026-07": ((40, 200, 260), (8, 100, 130))}


def test_the_test_is_that_of_cochran_mantel_and_haenszel() -> None:
    report = table(text_of(WORSE))
    bob = report.segments[1].overall
    assert bob is not None
    assert bob.p_value == pytest.approx(judge(WORSE).test_null_odds(correction=False).pvalue, rel=1e-6)
    assert bob.differs == -1
    assert bob.difference_high is not None
    assert bob.difference_high < 0
    assert (report.segments[0].chance_best or 0) > 0.95


FEW = {"2026-06": ((2, 2, 4), (2, 2, 3)), "2026-07": ((3, 3, 5), (2, 3, 3))}


def test_what_few_units_differ_by_can_be() -> None:
    """By Mantel and Haenszel 0 and -1/3 with weights 1 and 3/2 are -20 points, of 100%; both have all of June."""
    (pair,) = compared(text_of(FEW)).comparisons
    bob, won = pair.overall, pair.stages[1]
    assert float(bob.difference or 0) == pytest.approx(-0.2)
    assert (float(won.difference or 0), float(won.change_rate or 0)) == (pytest.approx(-0.2), pytest.approx(-0.2))
    assert float(bob.lift or 0) == pytest.approx(-0.2)
    assert bob.difference_low is not None
    assert bob.difference_high is not None
    assert bob.difference_low < -0.2 < 0 < bob.difference_high


def test_commands_agree() -> None:
    """The same p, difference and chance in `compare --by` and in `show --by` of two."""
    bob = table(text_of(WORSE)).segments[1].overall
    (pair,) = compared(text_of(WORSE)).comparisons
    assert bob is not None
    assert pair.within == "month"
    assert pair.overall.p_value == pytest.approx(bob.p_value)
    assert float(pair.overall.difference or 0) == pytest.approx(float(bob.difference or 0))
    assert pair.overall.chance_b_better == pytest.approx(bob.chance_b_better, abs=1e-3)
    assert (pair.overall.differs, pair.overall.conversion) == (bob.differs, bob.conversion)


def test_the_best_of_those_who_are_alike_is_no_reference() -> None:
    (funnel,) = read(text_of(MONTHS).encode(), "deals.yaml").funnels
    found = against_best(funnel, "owner", None)
    assert getattr(found, "no_best_of", None) == "owner"


def test_an_owner_without_a_common_month_is_not_tested() -> None:
    months = {"2026-06": ((30, 100, 100),), "2026-07": ((0, 0, 0), (10, 100, 130))}
    bob = table(text_of(months)).segments[1].overall
    assert bob is not None
    assert (bob.p_value, bob.chance_b_better) == (None, None)


def test_without_cells_what_the_younger_open_units_could_make_up_for_is_not_told() -> None:
    """Bob has 55 of 550 and 832 open, Ann 135 of 600 and 270 open."""
    text = (
        "stages: {Lead: 2252, Won: 190}\nbreakdowns:\n  owner:\n"
        "    Ann: {counts: [870, 135], open: [270, 0]}\n    Bob: {counts: [1382, 55], open: [832, 0]}\n"
    )
    report = table(text)
    assert (report.within, report.untold_by_age) == (None, ("Ann", "Bob"))
    bob = report.segments[1]
    assert bob.overall is not None
    assert (bob.differs, bob.overall.differs, bob.overall.chance_b_better, bob.chance_best) == ((0, 0), 0, None, None)
    (pair,) = compared(text).comparisons
    assert (pair.untold_by_age, pair.overall.chance_b_better, pair.overall.p_value) == (True, None, 1)


def test_an_older_owner_is_told_where_the_open_units_cannot_make_up_for_it() -> None:
    """Ann has 10% of 1,000 open, and Bob 20%; 300 of 900 are won, and 80 of 800: with all 111 more, 191 of 911."""
    text = (
        "stages: {Lead: 2000, Won: 380}\nbreakdowns:\n  owner:\n"
        "    Ann: {counts: [1000, 300], open: [100, 0]}\n    Bob: {counts: [1000, 80], open: [200, 0]}\n"
    )
    assert [row.differs for row in table(text).segments] == [(0, 1), (0, -1)]


def test_owners_alike_are_marked_where_their_age_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("funnelcli.analyses.ages.with_ages", lambda *given: given[2])
    monkeypatch.setattr("funnelcli.analyses.ages.SURE", 0.0)
    assert missed(ages.marks_of_young(60, 1), "losses x0.33, new, no cells: any false mark")


APART = {"2026-06": ((90, 300, 310),), "2026-07": ((40, 200, 260),)}
"""Months of Ann alone."""


def alone_in(month: str, decided: int) -> str:
    """One of whom all deals are of one month, `decided` of 100, beside Ann's and Bob's."""
    won = decided // 5
    return f"{text_of(MONTHS)}  - {{owner: New, month: {month}, counts: [100, {won}], open: [{100 - decided}, 0]}}\n"


def test_one_of_whom_no_month_is_anybody_elses_is_said_to_be_compared_with_nobody() -> None:
    text = alone_in("2026-09", 40)
    report = table(text)
    assert report.without_like == ("New",)
    assert [row.overall.p_value is None for row in report.segments if row.overall] == [False, False, True]
    said = [block.text for block in blocks(report) if isinstance(block, Note)]
    assert "Not compared: New. No month has anyone decided on both sides." in said
    assert [pair.without_like for pair in compared(text).comparisons] == [False, True]


@pytest.mark.parametrize(("month", "decided"), [("2026-08", 40), ("2026-09", 0)])
def test_nothing_is_said_of_one_who_is_compared_or_of_whom_nobody_is_decided(month: str, decided: int) -> None:
    report = table(alone_in(month, decided))
    assert report.without_like == ()
    assert not any("Not compared" in block.text for block in blocks(report) if isinstance(block, Note))


def test_two_without_a_month_in_common_are_both_named_and_have_the_chance_of_all() -> None:
    text = f"{text_of(APART)}  - {{owner: New, month: 2026-08, counts: [100, 8], open: [60, 0]}}\n"
    assert table(text).without_like == ("Ann", "New")
    (funnel,) = read(text.encode(), "deals.yaml").funnels
    coming = forecast(funnel, "owner", draws=50)
    assert isinstance(coming, Forecast)
    assert coming.chances_from == {"Lead": "untold_by_age"}
    assert {each.close_chances["Lead"] for each in coming.segments} == {coming.stages[0].close_chance}
