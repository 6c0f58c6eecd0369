"""What a list of deals does not prove is refused once, at its cell, with a way out that works."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from tests.counts_table.test_deals import funnel, imported, refused

HUBSPOT = [
    "Record ID", "Pipeline", "Deal Stage", "Amount", "Create Date", "Close Date", "Deal owner",
    'Date entered "Lead (Sales)"', 'Date entered "Offer (Sales)"', 'Date entered "Closed Won (Sales)"',
]  # fmt: skip
PIPEDRIVE = [
    "Deal - ID", "Deal - Stage", "Deal - Status", "Deal - Value", "Deal - Currency of value", "Deal - Deal created",
    "Deal - Won time", "Deal - Lost time",
]  # fmt: skip


def dated(number: int, stage: str = "Offer", **cells: Any) -> list[Any]:
    won = "2026-09-09 10:00" if stage == "Closed Won" else ""
    known = {
        "Record ID": number, "Pipeline": "Sales", "Deal Stage": stage, "Amount": "100.0", "Deal owner": "Anna",
        "Create Date": "2026-09-01 10:00", "Close Date": won, HUBSPOT[7]: "2026-09-01 10:00",
        HUBSPOT[8]: "2026-09-03 10:00", HUBSPOT[9]: won, **cells,
    }  # fmt: skip
    return [known[name] for name in HUBSPOT]


def plain(number: int, stage: str = "Lead", status: str = "Open", **cells: Any) -> list[Any]:
    known = {
        "Deal - ID": number, "Deal - Stage": stage, "Deal - Status": status, "Deal - Value": "100",
        "Deal - Currency of value": "EUR", "Deal - Deal created": "2026-09-01 10:00:00",
        "Deal - Won time": "2026-09-09 10:00:00" if status == "Won" else "",
        "Deal - Lost time": "2026-09-09 10:00:00" if status == "Lost" else "", **cells,
    }  # fmt: skip
    return [known[name] for name in PIPEDRIVE]


TOLD = {"stages": ("Lead", "Offer")}


@pytest.mark.parametrize(
    ("rows", "cell", "code", "words"),
    [
        ([plain(1, status="Gone"), plain(2, status="Gone")], "C2", "FN120", ['"Gone"', "1 more row"]),
        ([plain(1), plain(2, status="")], "C3", "FN102", ["no status"]),
        ([plain(1), plain(2, "Demo"), plain(3, "Demo")], "B3", "FN112", ['"Demo" (2 deals)']),
        ([plain(1), plain(1, "Offer")], "A3", "FN106", ["row 2"]),
        ([plain(1), plain(2, **{"Deal - Value": "-5"})], "D3", "FN107", ["negative"]),
        ([plain(1), plain(2, **{"Deal - Value": "much"})], "D3", "FN103", ['"much" is not a number']),
        ([plain(1), plain(2, **{"Deal - Deal created": "2026-02-30"})], "F3", "FN103", ['"2026-02-30" is no date']),
        ([plain(1), plain(2, **{"Deal - Deal created": ""})], "F3", "FN102", ["no date of creation"]),
        (
            [plain(1), plain(2, status="Won", **{"Deal - Won time": "2026-08-31 10:00:00"})],
            "G3", "FN114", ["before it began"],
        ),
        (
            [plain(1), plain(2, status="Won", **{"Deal - Lost time": "2026-09-12 10:00:00"})],
            "C3", "FN114", ["is won, and has a time at which it was lost"],
        ),
        ([plain(1), plain(2, **{"Deal - Won time": "2026-09-12 10:00:00"})], "C3", "FN114", ["is open"]),
        (
            [plain(1), plain(2, **{"Deal - Currency of value": "USD"}), plain(3)],
            "E3", "FN103", ["2 deals in EUR and 1 deal in USD"],
        ),
        ([plain(1), plain(2, stage="")], "B3", "FN102", ["no stage is known"]),
        ([plain(1), plain(2)[:-1]], "H3", "FN114", ["7 cells for 8 columns"]),
        ([plain(1, **{"Deal - Value": "1,200"}), plain(2, **{"Deal - Value": "7.5"})], "D2", "FN206", []),
    ],
)  # fmt: skip
def test_one_message_at_the_first_cell(rows: list[Any], cell: str, code: str, words: list[str]) -> None:
    if cell == "D2":  # the comma parts thousands, as the point is the decimal mark
        assert funnel([PIPEDRIVE, *rows], **TOLD).stages[0].open_amounts == (1200, Fraction(15, 2))
        return
    ((place, problem),) = refused([PIPEDRIVE, *rows], **TOLD)
    assert (place, problem.code) == (cell, code)
    assert [word for word in words if word not in problem.message] == []
    assert problem.help


def test_a_column_of_unknown_words_is_one_message() -> None:
    rows = [PIPEDRIVE, *(plain(at, status=f"State {at}") for at in range(40))]
    ((place, problem),) = refused(rows, **TOLD)
    assert (place, problem.code) == ("C2", "FN120")
    assert "nor are 39 other words" in problem.message
    assert [each.code for _, each in refused(rows[:4], **TOLD)] == ["FN120"] * 3


def test_the_same_row_twice_counts_once() -> None:
    rows = [PIPEDRIVE, plain(1), plain(2, "Offer"), plain(1)]
    assert [stage.count for stage in funnel(rows, **TOLD).stages] == [2, 1, 0]
    assert "1 row came again and counts once" in imported(rows, **TOLD).notes


def test_one_currency_can_be_taken() -> None:
    rows = [PIPEDRIVE, plain(1), plain(2, **{"Deal - Currency of value": "USD"}), plain(3)]
    found = funnel(rows, currency="usd", **TOLD)
    assert (found.stages[0].count, found.currency) == (1, "usd")
    ((_, problem),) = refused(rows, currency="GBP", **TOLD)
    assert "2 deals in EUR and 1 deal in USD" in problem.message


def test_a_day_that_is_written_as_midnight_is_not_before_its_morning() -> None:
    rows = [PIPEDRIVE, plain(1, status="Won", **{"Deal - Won time": "2026-09-01 00:00:00"}), plain(2)]
    found = funnel(rows, stages=("Lead",))
    assert (found.stages[1].count, found.stages[1].days) == (1, 0)
    rows.append(plain(3, status="Won", **{"Deal - Won time": "2026-09-01 09:59:00"}))
    ((place, problem),) = refused(rows, stages=("Lead",))
    assert (place, problem.code) == ("G2", "FN114")


def test_won_again_after_it_was_lost_is_won() -> None:
    times = {"Deal - Won time": "2026-09-12 10:00:00", "Deal - Lost time": "2026-09-05 10:00:00"}
    assert [s.count for s in funnel([PIPEDRIVE, plain(1, status="Won", **times)], **TOLD).stages] == [1, 1, 1]


def test_without_dates_the_order_is_asked_for_and_can_be_pasted() -> None:
    rows = [PIPEDRIVE, plain(1, "Offer"), plain(2, "Lead"), plain(3, "Lead, hot", "Lost")]
    ((_, problem),) = refused(rows)
    assert problem.code == "FN114"
    assert '"Offer" (1 deal)' in problem.message
    assert "--stages" in (problem.help or "")


def test_dates_prove_the_order_whatever_the_order_of_rows_and_columns() -> None:
    rows = [dated(1), dated(2, "Closed Won"), dated(3, "Lead", **{HUBSPOT[8]: ""})]
    for table in ([HUBSPOT, *rows], [HUBSPOT, *reversed(rows)], [row[::-1] for row in [HUBSPOT, *rows]]):
        found = funnel(table)
        assert [(stage.name, stage.count) for stage in found.stages] == [("Lead", 3), ("Offer", 2), ("Closed Won", 1)]


def test_dates_that_disagree_prove_nothing() -> None:
    back = {HUBSPOT[7]: "2026-09-05 10:00"}
    rows = [HUBSPOT, dated(1), dated(2), dated(3, **back), dated(4, **back), dated(5, "Lead", **{HUBSPOT[8]: ""})]
    ((_, problem),) = refused(rows)
    assert "do not prove" in problem.message
    assert [stage.count for stage in funnel(rows, stages=("Lead", "Offer")).stages] == [5, 4, 0]


def test_an_order_that_dates_contradict_is_said() -> None:
    rows = [HUBSPOT, dated(1), dated(2), dated(3)]
    notes = imported(rows, stages=("Offer", "Lead")).notes
    assert 'by their dates 3 of 3 deals came to "Lead" before "Offer"' in notes
    assert not any("by their dates" in note for note in imported(rows, stages=("Lead", "Offer")).notes)


def test_each_stage_and_the_next_are_enough_to_prove_an_order() -> None:
    """No deal has dates of the first stage and the third."""
    names = [*HUBSPOT, 'Date entered "Zeal (Sales)"']
    first = {HUBSPOT[7]: "2026-09-05 10:00", HUBSPOT[8]: "2026-09-06 10:00"}
    later = {HUBSPOT[7]: "", HUBSPOT[8]: "2026-09-02 10:00"}
    rows = [[*dated(at, **first), ""] for at in range(2)]
    rows += [[*dated(at, "Zeal", **later), "2026-09-08 10:00"] for at in range(2, 5)]
    assert funnel([names, *rows]).names == ("Lead", "Offer", "Zeal", "Closed Won")


@pytest.mark.parametrize(("chance", "option"), [("0", "--lost"), ("100", "--won")])
def test_a_stage_without_a_chance_may_mean_lost(chance: str, option: str) -> None:
    names = [
        "Opportunity Owner",
        "Opportunity Name",
        "Stage",
        "Amount",
        "Probability (%)",
        "Close Date",
        "Created Date",
    ]
    rows: list[list[Any]] = [
        ["Kim", "A", "Closed Won", 10, 100, "2026-09-20", "2026-09-01"],
        ["Kim", "B", "Dropped", 10, chance, "2026-09-21", "2026-09-02"],
    ]
    ((place, problem),) = refused([names, *rows])
    assert (place, problem.code) == ("C3", "FN114")
    assert option in (problem.help or "")
    rows[1][4] = 40
    assert [stage.count for stage in funnel([names, *rows]).stages] == [2, 1]
    assert any("no deal is lost" in note for note in imported([names, *rows]).notes)


def test_days_of_the_same_day_prove_nothing() -> None:
    rows = [HUBSPOT, *(dated(at, **{HUBSPOT[7]: "2026-09-03", HUBSPOT[8]: "2026-09-03"}) for at in range(4))]
    rows.append(dated(9, "Lead", **{HUBSPOT[7]: "2026-09-03", HUBSPOT[8]: ""}))
    ((_, problem),) = refused(rows)
    assert "do not prove" in problem.message


def test_lost_deals_without_a_stage_count_at_the_first_and_that_is_said() -> None:
    nothing = {HUBSPOT[7]: "", HUBSPOT[8]: ""}
    rows = [HUBSPOT, dated(1), dated(2), dated(3, "Closed Lost"), dated(4, "Closed Lost", **nothing)]
    assert [stage.count for stage in funnel(rows).stages] == [4, 3, 0]
    assert any("1 lost deal of which no stage is known" in note for note in imported(rows).notes)


def test_a_deal_that_was_won_once_and_is_open_again_is_no_sale() -> None:
    again = {HUBSPOT[9]: "2026-09-08 10:00", HUBSPOT[8]: ""}
    rows = [HUBSPOT, dated(1), dated(2), dated(3, "Lead", **again), dated(4, "Closed Lost", **again)]
    found = funnel(rows)
    assert [(stage.name, stage.count) for stage in found.stages] == [("Lead", 4), ("Offer", 4), ("Closed Won", 0)]
    assert any("2 deals once won are open or lost now" in note for note in imported(rows).notes)


def test_names_that_nobody_sees_are_refused() -> None:
    ((place, problem),) = refused([HUBSPOT, dated(1, "Of\u200bfer", **{HUBSPOT[7]: "", HUBSPOT[8]: ""})])
    assert (place, problem.code) == ("C2", "FN015")


def test_amounts_of_thousands_are_decided_by_the_whole_column() -> None:
    amounts = ["1.200,50", "2.500", "900"]
    rows = [HUBSPOT, *(dated(at, Amount=amount) for at, amount in enumerate(amounts))]
    assert funnel(rows).stages[1].open_amounts == (Fraction(2401, 2), 2500, 900)
    rows[1][3] = "1200.5"
    ((place, problem),) = refused(rows)
    assert (place, problem.code) == ("D3", "FN206")
    assert funnel(rows, decimal=".").stages[1].open_amounts == (Fraction(2401, 2), Fraction(5, 2), 900)


def test_amounts_with_both_readings_are_asked_about() -> None:
    rows = [HUBSPOT, dated(1, Amount="1.200"), dated(2, Amount="2.500")]
    ((place, problem),) = refused(rows)
    assert (place, problem.code) == ("D2", "FN206")
    assert funnel(rows, decimal=",").stages[1].open_amounts == (1200, 2500)


def test_two_pipelines_are_two_funnels_with_stages_of_their_own() -> None:
    names = [*HUBSPOT, 'Date entered "Offer (Partners)"', 'Date entered "Lead (Partners)"']
    sales = [[*dated(at), "", ""] for at in range(3)]
    partners = [
        [*dated(at, Pipeline="Partners", **{HUBSPOT[7]: "", HUBSPOT[8]: ""}), "2026-09-02 10:00", "2026-09-04 10:00"]
        for at in range(3, 7)
    ]
    found = imported([names, *sales, *partners])
    assert [each.name for each in found.funnels] == ["Sales", "Partners"]
    assert [[stage.name for stage in each.stages] for each in found.funnels] == [
        ["Lead", "Offer", "Closed Won"], ["Offer", "Lead", "Won"],
    ]  # fmt: skip
    (one,) = imported([names, *sales, *partners], pipeline="partners").funnels
    assert (one.name, one.stages[0].count) == ("Partners", 4)
    ((_, problem),) = refused([names, *sales, *partners], pipeline="Partner")
    assert problem.code == "FN112"
    assert "Partners" in (problem.help or "")


def test_dates_of_several_pipelines_need_the_column_of_pipelines() -> None:
    names = [name for name in HUBSPOT if name != "Pipeline"]
    rows = [[cell for name, cell in zip(HUBSPOT, dated(at), strict=True) if name != "Pipeline"] for at in range(3)]
    assert [stage.count for stage in funnel([names, *rows]).stages] == [3, 3, 0]
    both = [[*names, 'Date entered "Lead (Partners)"'], *([*row, "2026-09-03 10:00"] for row in rows)]
    ((_, problem),) = refused(both)
    assert (problem.code, "Pipeline" in (problem.help or "")) == ("FN102", True)


def test_lines_below_the_table_are_no_deals() -> None:
    rows = [HUBSPOT, dated(1), dated(2), [], ["Total", "", "", "200.0", *[""] * 6], ["Confidential, do not copy"]]
    assert funnel(rows).stages[0].count == 2
    assert any("below" in note for note in imported(rows).notes)


def test_a_total_that_is_not_the_sum_is_refused() -> None:
    rows = [HUBSPOT, dated(1), dated(2), ["Total", "", "", "300.0", *[""] * 6]]
    ((place, problem),) = refused(rows)
    assert (place, problem.code) == ("D4", "FN114")
    assert "300" in problem.message
    assert "200" in problem.message


@pytest.mark.parametrize(("column", "cell"), [("Deal owner", "G3"), ("Deal Stage", "C3"), ("Pipeline", "B3")])
@pytest.mark.parametrize("name", ["#N/A", "#REF!"])
def test_an_error_of_a_spreadsheet_is_no_name(column: str, cell: str, name: str) -> None:
    ((place, problem),) = refused([HUBSPOT, dated(1), dated(2, **{column: name})], **TOLD)
    assert (place, problem.code) == (cell, "FN121")
    assert f'"{name}"' in problem.message
