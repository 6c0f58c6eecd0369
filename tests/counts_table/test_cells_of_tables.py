"""Spreadsheets with two labels: counts of both at once, so that reports may hold one fixed."""

from funnelcli.counts_table.importing import Imported, import_table
from funnelcli.segments import CellCounts


def read(text: str) -> Imported:
    found = import_table(text.encode(), "export.csv")
    assert isinstance(found, Imported), found
    return found


_HEAD = "Month;Manager;Leads;Sales\n"


def test_two_labels_make_cells() -> None:
    (funnel,) = read(f"{_HEAD}Jan;A;100;10\nJan;B;80;8\nFeb;A;90;9\nFeb;B;70;7\nTotal;;340;34\n").funnels
    assert funnel.cells[:2] == (
        CellCounts((("Month", "Jan"), ("Manager", "A")), (100, 10)),
        CellCounts((("Month", "Jan"), ("Manager", "B")), (80, 8)),
    )
    assert len(funnel.cells) == 4
    assert sum(cell.counts[0] for cell in funnel.cells) == funnel.stages[0].count == 340


def test_one_label_that_tells_the_other_makes_none() -> None:
    assert read(f"{_HEAD}Jan;A;100;10\nFeb;B;80;8\n").funnels[0].cells == ()


def test_too_many_cells_are_said() -> None:
    rows = "".join(f"m{month};n{name};10;1\n" for month in range(34) for name in range(30))
    found = read(_HEAD + rows)
    assert found.funnels[0].cells == ()
    assert "Month × Manager would be 1,020 cells, and they are left out" in found.notes
