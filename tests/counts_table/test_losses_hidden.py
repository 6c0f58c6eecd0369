"""Losses at no known stage: where nobody has won yet, where they are few, and what the forecast says of them."""

from __future__ import annotations

import pytest

from funnelcli.analyses.forecast import forecast
from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table
from funnelcli.diagnostics import Problem

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
