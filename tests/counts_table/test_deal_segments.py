"""Deals by owner, source and month: names, cells and their limits, and exports that lack some columns."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from tests.counts_table.test_deal_refusals import HUBSPOT, dated
from tests.counts_table.test_deals import funnel, imported, made_up, pipedrive, refused

SALESFORCE = ["Opportunity Owner", "Opportunity Name", "Stage", "Amount", "Lead Source", "Created Date"]
STAGES = {"stages": ("Lead", "Offer")}


def opportunity(owner: str, source: str, day: str = "2026-09-01", stage: str = "Lead", amount: Any = 10) -> list[Any]:
    return [owner, "A", stage, amount, source, day]


def test_names_that_differ_in_case_are_one_and_empty_ones_have_a_name() -> None:
    rows = [SALESFORCE, opportunity("Kim", "Ads"), opportunity("kim", " "), opportunity(" Kim ", "ads")]
    found = {each.dimension: each.segments for each in funnel(rows, **STAGES).breakdowns}
    assert [(each.name, each.counts) for each in found["owner"]] == [("Kim", (3, 0, 0))]
    assert [(each.name, each.counts) for each in found["source"]] == [("Ads", (2, 0, 0)), ("(none)", (1, 0, 0))]
    notes = " ".join(imported(rows, **STAGES).notes)
    assert '"kim" counts as "Kim"' in notes
    assert 'source: 1 row has none: "(none)"' in notes


def test_a_segment_has_the_money_of_its_own_deals() -> None:
    rows = [
        SALESFORCE,
        opportunity("Kim", "Ads", stage="Closed Won", amount=100),
        opportunity("Kim", "Ads", stage="Closed Won", amount=300),
        opportunity("Noa", "Ads", stage="Closed Won", amount=50),
        opportunity("Zoe", "Ads"),
    ]
    owners = {each.name: each for each in funnel(rows, **STAGES).breakdowns[0].segments}
    assert {name: each.average_check for name, each in owners.items()} == {"Kim": 200, "Noa": 50, "Zoe": None}
    assert float(owners["Kim"].average_check_sd or 0) == 141.421356  # the root of 20,000


def test_too_many_cells_are_left_out_and_said() -> None:
    many = [opportunity(f"Owner {at % 50}", f"Source {at}") for at in range(1200)]
    found = funnel([SALESFORCE, *many], **STAGES)
    assert [name for name, _ in found.cells[0].segments] == ["owner", "month"]
    assert len(found.cells) == 50
    assert [each.dimension for each in found.breakdowns] == ["owner", "month"]
    notes = " ".join(imported([SALESFORCE, *many], **STAGES).notes)
    assert "1,200 cells" in notes
    assert "source is left out: it has 1,200 segments" in notes


def test_a_label_can_be_added_and_one_left_out() -> None:
    rows = [[*SALESFORCE, "Region"], [*opportunity("Kim", "Ads"), "North"], [*opportunity("Kim", "Ads"), "South"]]
    assert [each.dimension for each in funnel(rows, **STAGES).breakdowns] == ["owner", "source", "month"]
    found = funnel(rows, labels=("region",), drops=("Lead Source",), **STAGES)
    assert [each.dimension for each in found.breakdowns] == ["owner", "Region", "month"]
    assert any('left out: "Region"' in note for note in imported(rows, **STAGES).notes)


def test_without_dates_of_creation_there_are_no_months_and_no_interval() -> None:
    rows = [row[:-1] for row in [SALESFORCE, opportunity("Kim", "Ads"), opportunity("Noa", "Ads")]]
    found = funnel(rows, **STAGES)
    assert (found.period, [each.dimension for each in found.breakdowns]) == (None, ["owner", "source"])
    assert found.cells == ()
    ((_, problem),) = refused(rows, between=("2026-09-01", "2026-10-01"), **STAGES)
    assert problem.code == "FN102"


def test_without_amounts_there_is_no_money() -> None:
    rows = [[cell for at, cell in enumerate(row) if at != 3] for row in [SALESFORCE, opportunity("Kim", "Ads")]]
    found = funnel(rows, **STAGES)
    assert [(each.open, each.open_amounts, each.average_check) for each in found.stages] == [
        (1, (), None), (None, (), None), (None, (), None),
    ]  # fmt: skip


def test_open_deals_without_an_amount_have_the_average() -> None:
    rows = [
        HUBSPOT,
        dated(1, Amount=""),
        dated(2, Amount="70.5"),
        dated(3, "Closed Won", Amount="10"),
        dated(4, "Closed Won"),
    ]
    found = funnel(rows)
    assert found.stages[1].open_amounts == (55, Fraction(141, 2))
    assert any("1 open deal has no amount, and counts with the average check" in note for note in imported(rows).notes)


def test_won_deals_without_an_amount_are_said_with_the_sum_of_the_vendor() -> None:
    deals = made_up(5, 300)
    won = [deal.amount for deal in deals if deal.state == "won"]
    known = [amount for amount in won if amount is not None]
    told = ("Lead", "Qualified", "Demo", "Proposal")
    (note,) = [note for note in imported(pipedrive(deals), stages=told).notes if "without an amount" in note]
    assert f"{len(won) - len(known)} won deals without an amount" in note
    makes = round(Fraction(sum(known) * len(won), len(known)))
    assert f"the amounts add up to {sum(known):,}, and the revenue is {makes:,}" in note


def test_an_interval_leaves_deals_out_and_says_so() -> None:
    rows = [SALESFORCE, opportunity("Kim", "Ads", "2026-08-31"), opportunity("Kim", "Ads", "2026-09-01")]
    found = imported(rows, between=("2026-09-01", "2026-10-01"), **STAGES)
    assert (found.funnels[0].stages[0].count, found.funnels[0].period) == (1, "2026-09")
    assert "1 deal that began outside the interval is left out" in found.notes


def test_names_of_no_column_are_refused() -> None:
    rows = [SALESFORCE, opportunity("Kim", "Ads")]
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"labels": ("Regoin",)}, "FN102", "Regoin"),
        ({"drops": ("Lead Sauce",)}, "FN102", "Lead Sauce"),
    ]
    for options, code, word in wrong:
        ((_, problem),) = refused(rows, **STAGES, **options)
        assert problem.code == code
        assert word in problem.message
        assert problem.help


def test_a_column_that_stands_there_twice_is_the_same_or_refused() -> None:
    rows = [[*SALESFORCE, "Amount"], [*opportunity("Kim", "Ads"), 10], [*opportunity("Noa", "Ads"), 10]]
    assert funnel(rows, **STAGES).stages[0].open_amounts == (10, 10)
    rows[2][-1] = 99
    ((place, problem),) = refused(rows, **STAGES)
    assert (place, problem.code) == ("G1", "FN106")
    assert "row 3" in problem.message
