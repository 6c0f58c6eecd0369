"""Months and days in a spreadsheet's labels: months by their names, and the time of the funnel."""

import pytest

from funnelcli.counts_table.importing import Imported, import_table


@pytest.mark.parametrize(
    ("first", "second", "labels", "period"),
    [
        ("2026-07-01", "2026-08-01", ["2026-07", "2026-08"], "2026-07-01 to 2026-08-31"),
        ("01.07.2026", "01.08.2026", ["2026-07", "2026-08"], "2026-07-01 to 2026-08-31"),
        ("2026-07-01", "2026-07-02", ["2026-07-01", "2026-07-02"], "2026-07-01 to 2026-07-02"),
        ("Jul 2026", "Sep 2026", ["Jul 2026", "Sep 2026"], "2026-Q3"),
        ("03/04/2026", "05/06/2026", ["03/04/2026", "05/06/2026"], None),
        ("North", "South", ["North", "South"], None),
    ],
)
def test_labels_that_are_times(first: str, second: str, labels: list[str], period: str | None) -> None:
    text = f"Month;Leads;Sales\n{first};100;10\n{second};90;9\nTotal;190;19\n"
    found = import_table(text.encode(), "t.csv")
    assert isinstance(found, Imported), found
    (funnel,) = found.funnels
    assert [segment.name for segment in funnel.breakdowns[0].segments] == labels
    assert funnel.period == period


def test_months_across() -> None:
    found = import_table(b"Stage,Jul 2026,Aug 2026\nLeads,120,140\nDeals,12,15\n", "t.csv")
    assert isinstance(found, Imported)
    assert found.funnels[0].period == "2026-07-01 to 2026-08-31"


def test_subtotals_of_months_are_held_against_their_rows() -> None:
    rows = "2026-07-01;A;100;10\n2026-07-01;B;80;8\n2026-07-01;Total;180;18\n2026-08-01;A;90;9\n2026-08-01;B;1;1\n"
    found = import_table(f"Month;Team;Leads;Sales\n{rows}".encode(), "t.csv")
    assert isinstance(found, Imported), found
    assert [segment.name for segment in found.funnels[0].breakdowns[0].segments] == ["2026-07", "2026-08"]
    assert [stage.count for stage in found.funnels[0].stages] == [271, 28]


@pytest.mark.parametrize(
    ("line", "period"),
    [
        ("2026-01-01 - 2026-12-31", "2026"),
        ("2026-10-05", "2026-07-01 to 2026-08-31"),  # of the export
        ("01.08.2026 - 31.08.2026", "2026-07-01 to 2026-08-31"),
    ],
)
def test_a_line_above_tells_the_time_where_all_rows_are_within(line: str, period: str) -> None:
    for text in ("Month;Leads;Sales\n2026-07;9;1\n2026-08;9;1\n", "Stage;2026-07;2026-08\nLeads;9;9\nDeals;1;1\n"):
        found = import_table(f"{line}\n{text}".encode(), "t.csv")
        assert isinstance(found, Imported), found
        assert found.funnels[0].period == period
