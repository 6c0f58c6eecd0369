"""Reports of opportunities in groups: names that stand once are filled down, rows of subtotals are held."""

from __future__ import annotations

from tests.counts_table.test_deals_by_hand import imported, refused

HEADER = "Opportunity Owner,Stage,Opportunity Name,Amount,Close Date,Created Date\n"
KIM = "Kim,Closed Won,A,1000,2026-10-20,2026-09-23\n"
KIM += ",Lead,B,500,2026-10-20,2026-09-23\n,Lead,C,250,2026-10-20,2026-09-23\n"
NOA = "Noa,Closed Lost,D,100,2026-10-20,2026-09-23\n,Offer,E,300,2026-10-20,2026-09-23\n"
SUB_KIM, SUB_NOA = "Subtotal,,,1750,,\n,Count,,3,,\n", "Subtotal,,,400,,\n,Count,,2,,\n"
TOLD = {"stages": ("Lead", "Offer")}


def owners(text: str) -> dict[str, tuple[int, ...]]:
    """The counts of each owner, at Lead, Offer and Closed Won."""
    (funnel,) = imported(text, **TOLD).funnels
    (breakdown,) = [each for each in funnel.breakdowns if each.dimension == "owner"]
    return {segment.name: tuple(map(int, segment.counts)) for segment in breakdown.segments}


def test_the_name_of_a_group_is_that_of_its_rows() -> None:
    text = HEADER + KIM + NOA
    assert owners(text) == {"Kim": (3, 1, 1), "Noa": (2, 1, 0)}
    assert any("filled from above" in note for note in imported(text, **TOLD).notes)


def test_subtotals_that_add_up_are_no_deals() -> None:
    text = HEADER + KIM + SUB_KIM + NOA + SUB_NOA + "Total,,,2150,,\n,Count,,5,,\n"
    assert owners(text) == {"Kim": (3, 1, 1), "Noa": (2, 1, 0)}
    assert any(note.startswith("6 rows of subtotals") for note in imported(text, **TOLD).notes)


def test_a_subtotal_that_does_not_add_up_is_refused() -> None:
    (problem,) = refused(HEADER + KIM + SUB_KIM.replace("1750", "1800") + NOA, **TOLD)
    assert problem.problem.code == "FN114"
    assert "says 1800 for" in problem.problem.message
    assert "make 1750" in problem.problem.message
    assert problem.location.line == 5
    (problem,) = refused(HEADER + KIM + SUB_KIM.replace(",3,", ",4,") + NOA, **TOLD)
    assert "make 3" in problem.problem.message


def test_blanks_that_are_no_groups_stay_blank() -> None:
    again = HEADER + KIM + NOA + "Kim,Lead,F,10,2026-10-20,2026-09-23\n,Lead,G,10,2026-10-20,2026-09-23\n"
    assert owners(again)["(none)"] == (4, 1, 0)
    unsorted = HEADER + NOA + KIM + "Lee,Lead,F,10,2026-10-20,2026-09-23\n,Lead,G,10,2026-10-20,2026-09-23\n"
    assert "(none)" in owners(unsorted)
    first = HEADER + KIM.replace("Kim", "") + NOA
    assert "(none)" in owners(first)


def test_a_report_by_stage() -> None:
    header = "Stage,Opportunity Owner,Opportunity Name,Amount\n"
    (funnel,) = imported(header + "Lead,Kim,A,10\n,Noa,B,20\nOffer,Kim,C,30\n,Noa,D,40\n", **TOLD).funnels
    assert [(stage.count, stage.open) for stage in funnel.stages] == [(4, 2), (2, 2), (0, None)]
