"""What `show --by` says of tests, shrunken rates, and rates that vary."""

from __future__ import annotations

import pytest

from funnelcli.analyses.segments import break_down
from funnelcli.analyses.variation import Variation
from funnelcli.measure import Measured
from funnelcli.output.document import BLANK, Note, Table
from funnelcli.output.views import segments, variation
from tests.analyses.test_one_base import weeks_text
from tests.calibration.worlds import broken_down, weeks

MANAGERS = [(1200, 60), (1490, 34), (1105, 41)]


def said(report):
    return " ".join(block.text for block in segments.blocks(report) if isinstance(block, Note))


def headers(report, key):
    (found,) = (block for block in segments.blocks(report) if isinstance(block, Table) and block.key == key)
    return [column.header.replace("\n", " ").strip() for column in found.columns]


def test_managers_have_a_shrunken_rate_and_a_chance_to_be_the_best():
    report = break_down(broken_down("manager", MANAGERS), "manager")
    assert headers(report, "conversions")[-3:] == ["Overall, % of entry", "Overall, adjusted", "Chance to be best"]
    assert headers(report, "intervals")[-2:] == ["Overall", "Overall, adjusted"]
    assert "▲ ▼ above or below the rest" in said(report)
    assert "Adjusted: drawn towards" in said(report)
    assert "period to period" not in said(report)


def test_managers_of_one_rate_are_said_to_be():
    report = break_down(broken_down("manager", [(100, 30), (100, 32), (100, 29)]), "manager")
    assert "No conversion differs from the rest by more than chance" in said(report)
    assert "Adjusted, the overall conversions are one rate" in said(report)


def test_weeks_have_none_and_say_how_they_vary():
    rows = [(5000, sold) for sold in (512, 431, 478, 602, 540, 495, 389, 577, 463)]
    report = break_down(broken_down("week", rows, weeks(9)), "week")
    assert headers(report, "conversions")[-1] == "Overall, % of entry"
    # mean 498.6, variance 4,627, of which 449 are chance: the root of 4,178 is 13.0% of the mean
    assert "the overall conversion varies by 13%, as 9 periods of week tell" in said(report)
    short = break_down(broken_down("week", rows[:3], weeks(3)), "week")
    assert "Rates are taken as constant from period to period" in said(short)


def test_cohorts_that_still_grow_are_said_not_to_be_tested():
    rows = [(500, 51), (510, 49), (480, 3)]
    names = weeks(3)
    report = break_down(broken_down("week", rows, names, measured=Measured(not_mature=(names[2],))), "week")
    assert "Not mature, as the window is still open: 2026-W03; its figures may grow, and are not tested." in said(
        report
    )


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (Variation("constant"), "Rates are taken as constant"),
        (Variation("stated", None, None, 0.14, (None, 0.1, 0.1)), "each rate varies by 10%, as the file states it"),
        (Variation("stated", None, None, 0.0, (None, 0.0)), "each rate varies by 0%"),
        (
            Variation("estimated", "week", 12, 0.14, (None, 0.1), 0.01, (None, 0.2)),
            "the overall conversion varies by 14%, as 12 periods",
        ),
        (
            Variation("estimated", "week", 12, 0.3, (None, 0.1, 0.4), 0.05, (None, 0.04, 0.06)),
            "a step's rate varies by up to 10%, as 12 periods",
        ),
        (
            Variation("estimated", "week", 12, 0.0, (None, 0.0), 0.6, (None, 0.6)),
            "vary no more than chance would have them, as 12 periods of week tell.",
        ),
        (
            Variation("estimated", "week", 12, 0.5, (None, 0.4), 0.05, (None, 0.06)),
            "as 12 periods of week tell; tests and intervals allow for what they may vary all the same.",
        ),
        (
            Variation("estimated", "hour", 9, 0.9, (None, 0.4), None, (None, None)),
            "is not told: 9 periods of hour have",
        ),
    ],
)
def test_where_the_variation_comes_from_is_said(known, words):
    assert words in variation.note(known).text


def test_csv_has_the_test_and_the_standing_with_the_stage_of_the_sale():
    report = break_down(broken_down("manager", MANAGERS), "manager")
    first, sale, *_ = segments.csv_rows(report)
    assert first["overall_lift"] is None
    assert first["shrunken"] is None
    assert sale["overall_differs"] == 1
    assert sale["overall_lift_low"] > 0
    assert sale["chance_best"] > 0.8


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [  # p by chi-square against the others: 0.001, 0.0006, 0.74; above 0.6; below 1e-26; 4e-8 of the last, else 0.07
        (MANAGERS, "Overall, segment 1 is above the rest and segment 2 below, more than chance."),
        ([(100, 30), (100, 32), (100, 29)], "Overall, no manager can be told from the rest."),
        ([(1000, 500), (1000, 100), (1000, 500)], "Overall, segment 1 and segment 3 are above the rest and segment 2"),
        ([(1000, 500), (1000, 500), (1000, 500), (1000, 600)], "Overall, segment 4 is above the rest, more than"),
    ],
)
def test_the_first_sentence_says_what_the_marks_of_the_overall_conversion_say(rows, verdict):
    report = break_down(broken_down("manager", rows), "manager")
    first = next(iter(segments.blocks(report)))
    assert isinstance(first, Note)
    assert (first.style, first.text[: len(verdict)]) == ("verdict", verdict)
    for row in report.segments:
        assert (row.name in first.text) == bool(row.overall.differs)


def test_of_segments_that_are_not_shown_the_first_sentence_says_nothing():
    report = break_down(broken_down("manager", MANAGERS[::-1]), "manager", top=1)
    assert "Overall, none of these 1 can be told from the rest." in said(report)


def test_of_segments_that_may_have_one_rate_no_chance_to_be_the_best_is_told():
    """6 of 13 against 12 of 15: likely, but not more than chance (Fisher's exact p = 0.11)."""
    report = break_down(broken_down("owner", [(13, 6), (15, 12)]), "owner")
    assert [row.chance_best for row in report.segments] == [None, None]
    assert headers(report, "conversions")[-1] == "Overall, adjusted"
    assert "no chance to be the best is told" in said(report)


def test_the_nearest_to_a_verdict_is_named_unless_it_takes_more_than_ten_times_what_there_is():
    near = said(break_down(broken_down("owner", [(300, 30), (300, 42)]), "owner"))
    assert "Nearest to a verdict: segment 1 against segment 2. About 1,300 more at" in near
    assert "(600 so far), shared as now, would tell it with a chance of 80%, if rates stay as they look." in near
    assert "Nearest" not in said(break_down(broken_down("owner", [(100000, 10000), (100000, 10050)]), "owner"))


def test_what_is_in_the_end_is_told_of_the_total_and_apart_from_final_figures(funnel):
    """Of a period that is over neither is told; of the total, the end that other commands have."""
    report = break_down(funnel(weeks_text({})), "week")
    found = list(segments.blocks(report))
    (table,) = (block for block in found if isinstance(block, Table) and block.key == "conversions")
    end, final = (next(at for at, each in enumerate(table.columns) if each.header.startswith(name)) for name in NAMES)
    over, *_, total = table.rows
    assert (over[end], over[final], total[final]) == (BLANK, BLANK, BLANK)
    assert total[end] == report.total.conversion_eventual is not None
    assert any("Final figure: " in block.text for block in found if isinstance(block, Note))


NAMES = "In the end", "Final figure"
