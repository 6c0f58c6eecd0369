"""Losses at no known stage: where nobody has won yet, where they are few, and what the forecast says of them."""

from __future__ import annotations

import pytest

from funnelcli.analyses.forecast import forecast
from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.writer import new_file

STAGES = ("Prospecting", "Qualification", "Proposal")
HEAD = "Opportunity Owner,Opportunity Name,Stage,Amount,Probability (%),Close Date,Created Date"


def report(**deals: int) -> Imported:
    """A report of opportunities: the number of deals at each stage."""
    ats = [stage.replace("_", " ") for stage, number in deals.items() for _ in range(number)]
    rows = [f"Noa,Deal {at},{stage},100,10,2026-11-20,2026-09-01" for at, stage in enumerate(ats)]
    found = import_table("\n".join([HEAD, *rows]).encode(), "report.csv", ImportOptions(stages=STAGES))
    assert isinstance(found, Imported), found
    return found


def test_steps_are_hidden_before_anybody_has_won_and_no_chance_is_known() -> None:
    found = report(Closed_Lost=30, Prospecting=10, Qualification=8)
    (funnel,) = found.funnels
    assert funnel.stages[0].lost_unplaced == 30
    assert [funnel.conversion_decided(index) for index in (1, 2, 3)] == [None] * 3
    assert [stage.close_chance for stage in funnel.stages] == [None] * 4
    (note,) = (note for note in found.notes if note.startswith("30 lost deals"))
    assert "no conversion of a single step is known" in note
    assert "chance" not in note


def test_few_lost_of_no_known_stage_hide_nothing_and_the_note_says_no_more() -> None:
    names = "Record ID,Deal Name,Pipeline,Deal Stage,Amount,Create Date,Deal owner"
    dates = ",".join(f'"Date entered ""{stage} (Sales)"""' for stage in ("Lead", "Demo", "Closed Won"))
    lost = [
        f"{at},D{at},Sales,Closed Lost,1,2026-09-01 10:00,Noa,2026-09-01 10:00,2026-09-02 10:00," for at in range(30)
    ]
    won = [f"{at},D{at},Sales,Closed Won,1,2026-09-01 10:00,Noa" + ",2026-09-02 10:00" * 3 for at in range(30, 40)]
    rows = [*lost, *won, "40,D40,Sales,Closed Lost,1,2026-09-01 10:00,Noa,,,"]
    found = import_table("\n".join([f"{names},{dates}", *rows]).encode(), "deals.csv", ImportOptions())
    assert isinstance(found, Imported), found
    assert found.funnels[0].stages[0].lost_unplaced is None
    (note,) = (note for note in found.notes if note.startswith("1 lost deal"))
    assert "single step" not in note


def test_forecast_says_that_the_chance_of_all_is_too_low_further_on() -> None:
    (funnel,) = report(Closed_Lost=30, Closed_Won=10, Prospecting=10, Qualification=8).funnels
    result = forecast(funnel)
    assert not isinstance(result, Problem)
    assert [float(stage.close_chance or 0) for stage in result.stages if stage.open] == pytest.approx(
        [0.25] * 2, abs=0.01
    )
    assert any("30 were lost is not known" in each and "too low" in each for each in result.assumptions)


def moved(columns: tuple[str, ...]) -> bytes:
    """Deals with dates of some of three stages: 8 won, 12 lost of which half have no date of a stage, 6 open."""
    rows = ["Record ID,Deal Name,Deal Stage,Amount,Create Date,Close Date," + ",".join(columns)]
    places = [("Lead", "Meeting", "Offer").index(column.split('""')[1].split()[0]) for column in columns]
    for at in range(26):
        stage = "Closed Won" if at < 8 else "Closed Lost" if at < 20 else ("Lead", "Meeting", "Offer")[at % 3]
        far = 2 if at < 8 else at % 3
        dated = [f"2026-04-{1 + at % 5 + 5 * place:02}" if place <= far else "" for place in places]
        closed = f"2026-05-{1 + at:02}" if at < 20 else ""
        known = dated if not 8 <= at < 14 else [""] * len(places)
        rows.append(f"{at},D{at},{stage},{100 + at},2026-03-{1 + at % 28:02},{closed},{','.join(known)}")
    return "\n".join(rows).encode()


LOST = {"Lead Meeting Offer": 6, "Lead Offer": 6, "Lead": 6, "Meeting Offer": 8, "Offer": 10}
"""Lost deals without a date: those of the 6 others that came to no stage with a column are 0, 0, 0, 2 and 4."""


@pytest.mark.parametrize("named", LOST)
def test_times_beside_hidden_and_undated_stages_are_written_where_check_takes_them(named: str) -> None:
    """No step joins two stages with a time of its own, and chances are said to be what they are for the true cause."""
    columns = tuple(f'"Date entered ""{name} (Sales)"""' for name in named.split())
    found = import_table(moved(columns), "deals.csv", ImportOptions(stages=("Lead", "Meeting", "Offer")))
    assert isinstance(found, Imported), found
    (funnel,) = found.funnels
    assert funnel.stages[0].lost_unplaced == LOST[named]
    reading = read(new_file(funnel, "f.yaml").text.encode(), "f.yaml")
    assert [each for each in reading.diagnostics if each.problem.code != "FN306"] == []  # money without a currency
    (written,) = reading.funnels
    assert [stage.days_lost for stage in written.stages] == [stage.days_lost for stage in funnel.stages]
    assert not any("too few deals have dates" in note for note in found.notes)


def test_money_of_won_deals_without_an_amount_is_told_in_both_figures() -> None:
    """10 + 20 are 30; three sales at the average of 15 are 45."""
    text = "Deal,Stage,Amount\na,New,5\nb,Won,10\nc,Won,20\nd,Won,\ne,Lost,1\n"
    found = import_table(text.encode(), "t.csv")
    assert isinstance(found, Imported), found
    said = "1 won deal without an amount is taken for average: the amounts add up to 30, and the revenue is 45"
    assert said in found.notes
    assert found.funnels[0].stages[-1].average_check == 15
