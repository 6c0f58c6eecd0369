"""A list of deals kept by hand with a column of dates for each stage: the dates tell how far each deal came."""

from __future__ import annotations

from tests.counts_table.test_deals_by_hand import imported

TEXT = """Deal,Owner,Amount,Lead date,Meeting date,Offer date,Won date,Lost date
A,Kim,1000,2026-09-01,2026-09-05,2026-09-10,2026-09-20,
B,Kim,2000,2026-09-02,2026-09-06,,,2026-09-15
C,Lee,1500,2026-09-03,2026-09-09,2026-09-12,,
D,Lee,700,2026-09-04,,,,
"""


def test_dates_of_stages_tell_the_funnel() -> None:
    found = imported(TEXT)
    (funnel,) = found.funnels
    assert [(stage.name, stage.count, stage.open) for stage in funnel.stages] == [
        ("Lead", 4, 1), ("Meeting", 3, None), ("Offer", 2, 1), ("Won", 1, None),
    ]  # fmt: skip
    assert funnel.stages[-1].average_check == 1000
    assert funnel.stages[2].days == 4  # of 5 and 3 days


def test_a_planned_date_is_no_stage() -> None:
    found = imported(TEXT.replace("Owner", "Expected close date").replace("Kim", "2026-12-01").replace("Lee", ""))
    assert [stage.name for stage in found.funnels[0].stages] == ["Lead", "Meeting", "Offer", "Won"]


def test_a_date_of_a_stage_is_that_of_its_name() -> None:
    text = TEXT.replace("Lead date,Meeting date,Offer date", "Date of Lead,Date of Meeting,Date of Offer")
    assert [stage.name for stage in imported(text).funnels[0].stages] == ["Lead", "Meeting", "Offer", "Won"]


def test_a_last_deal_of_which_little_is_known_is_no_line_below_the_table() -> None:
    found = imported(f"{TEXT}E,,,2026-09-05,,,,\n")
    assert [stage.count for stage in found.funnels[0].stages] == [5, 3, 2, 1]
