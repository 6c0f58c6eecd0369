"""Columns of yes and no tell which stages are won and lost, where these have names of somebody's own."""

from __future__ import annotations

import pytest

from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table

HEAD = "Record ID,Deal Name,Pipeline,Deal Stage,Amount,Create Date,Deal owner,Is Closed Won,Is Deal Closed?\n"
ROWS = (
    "1,A,Sales,Signed,100,2026-09-01 10:00,Noa,true,true\n"
    "2,B,Sales,Gone,200,2026-09-02 10:00,Kim,false,true\n"
    "3,C,Sales,Offer,300,2026-09-03 10:00,Noa,false,false\n"
    "4,D,Sales,Offer,400,2026-09-04 10:00,Kim,,\n"
)


def read(text: str, **options: object) -> object:
    return import_table(text.encode(), "deals.csv", ImportOptions(**options))  # type: ignore[arg-type]


def test_flags_tell_what_is_won_and_lost() -> None:
    found = read(HEAD + ROWS)
    assert isinstance(found, Imported), found
    (funnel,) = found.funnels
    assert [(stage.name, stage.count, stage.open) for stage in funnel.stages] == [("Offer", 4, 2), ("Signed", 1, None)]
    assert funnel.stages[-1].average_check == 100
    by = '"Is Closed Won", "Is Deal Closed?"'
    assert {f'"Signed" is won, by {by}', f'"Gone" is lost, by {by}'} <= set(found.notes)


def test_in_brackets_behind_the_stage_stands_the_pipeline() -> None:
    text = (HEAD + ROWS).replace("Pipeline,", "").replace("Sales,", "")
    for name in ("Signed", "Gone", "Offer"):
        text = text.replace(name, f"{name} (Sales)")
    found = read(text)
    assert isinstance(found, Imported), found
    assert [(stage.count, stage.open) for stage in found.funnels[0].stages] == [(4, 2), (1, None)]


@pytest.mark.parametrize(
    ("old", "new"),
    [("3,C,Sales,Offer", "3,C,Sales,Signed"), ("Noa,true,true", "Noa,maybe,true"), ("true,true", "false,false")],
)
def test_flags_that_do_not_agree_tell_nothing(old: str, new: str) -> None:
    found = read((HEAD + ROWS).replace(old, new), stages=("Offer", "Signed"), lost=("Gone",))
    notes = found.notes if isinstance(found, Imported) else ()
    assert not any("is won, by" in note for note in notes)


def test_what_the_caller_says_comes_first() -> None:
    found = read(HEAD + ROWS, won=("Gone",), lost=("Signed",))
    assert isinstance(found, Imported), found
    assert found.funnels[0].stages[-1].average_check == 200
