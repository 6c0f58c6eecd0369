"""Every sample of an export says the same when a spreadsheet has saved it as a workbook, with its numbers typed."""

from __future__ import annotations

import re
from datetime import datetime, time
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
import yaml
from openpyxl import Workbook

from funnelcli.counts_table.grid import Grid, read_grid
from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import import_table

from .test_export_samples import EXPECTED, export_of

if TYPE_CHECKING:
    from pathlib import Path

    from funnelcli.model import Funnel

NUMBER = re.compile(r"(?:0|[1-9]\d{0,14})(?:\.\d\d?)?")
"""What a spreadsheet takes for a number wherever it is; three digits behind a mark are thousands in half of Europe."""
DAY = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?")


SHARE = re.compile(r"(\d+(?:\.\d+)?) ?%")
CLOCK = re.compile(r"\d\d?:\d\d:\d\d")


def typed(cell: str) -> float | datetime | time | bool | str:
    """What a spreadsheet makes of a cell of text."""
    if NUMBER.fullmatch(cell):
        return float(cell)
    if share := SHARE.fullmatch(cell):
        return float(share[1]) / 100
    if cell.lower() in ("true", "false"):
        return cell.lower() == "true"
    if CLOCK.fullmatch(cell):
        return time.fromisoformat(cell.zfill(8))
    return datetime.fromisoformat(cell) if DAY.fullmatch(cell) else cell


def as_workbook(grid: Grid) -> bytes:
    book = Workbook()
    sheet = book.active
    for row, cells in enumerate(grid.rows, 1):
        for column, cell in enumerate(cells, 1):
            if cell:
                sheet.cell(row, column).value = typed(cell)
            if cell.startswith("="):
                sheet.cell(row, column).data_type = "s"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def without_source(funnel: Funnel) -> Funnel:
    return funnel._replace(measured=None)


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: f"{path.parent.name}/{path.name.split('.')[0]}")
def test_a_sample_says_the_same_as_a_workbook(path: Path) -> None:
    expected = yaml.safe_load(path.read_text(encoding="utf-8"))
    export = export_of(path, expected)
    told = expected.get("options", {})
    options = ImportOptions(**{key: tuple(each) if isinstance(each, list) else each for key, each in told.items()})
    grid = read_grid(export.read_bytes(), export.name, ImportOptions(encoding=options.encoding))
    assert isinstance(grid, Grid)
    if grid.sheet is not None:
        pytest.skip("it is a workbook")
    result = import_table(export.read_bytes(), export.name, options)
    again = import_table(as_workbook(grid), export.name, options._replace(encoding=None))
    if isinstance(result, list):
        assert isinstance(again, list)
        assert [each.problem.code for each in again] == [each.problem.code for each in result]
        return
    assert not isinstance(again, list), [each.problem for each in again]
    assert list(map(without_source, again.funnels)) == list(map(without_source, result.funnels))
