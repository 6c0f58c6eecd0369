"""Exports "to Excel" that are pages with a table, or workbooks in XML: read as what they are; hostile ones refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnelcli.counts_table.grid import Grid, read_grid
from funnelcli.counts_table.import_options import ImportOptions
from tests.thorough import whole_or_part

from .test_counts import read, refused

PAGE = (
    '<html><head><meta http-equiv="Content-type" content="text/html;charset={charset}"><title>Сделки</title>'
    "<style>td {{mso-number-format:\\@;}}</style></head><body>\n<table border='1'>"
    "<thead><tr><th>ID</th><th>Название сделки</th><th>Стадия</th><th>Сумма</th></tr></thead>\n<tbody>"
    "<tr><td>1</td><td>Ромашка &amp; Ко<br/>Юг</td><td><b>Новая</b></td><td>1&nbsp;200,50</td></tr>\n"
    "<tr><td>2</td><td>Вектор</td><td></td><td>900</td></tr></tbody></table></body></html>"
)
ROWS = [
    ["ID", "Название сделки", "Стадия", "Сумма"],
    ["1", "Ромашка & Ко Юг", "Новая", "1\u00a0200,50"],
    ["2", "Вектор", "", "900"],
]
XML = (
    '<?xml version="1.0" encoding="{charset}"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    '<Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
    '<Worksheet ss:Name="Лист"><Table><Row><Cell ss:MergeAcross="1"><Data ss:Type="String">Канал</Data></Cell>'
    '<Cell><Data ss:Type="String">Визиты</Data></Cell></Row>'
    '<Row ss:Index="3"><Cell><Data ss:Type="DateTime">2026-09-01T00:00:00.000</Data></Cell>'
    '<Cell ss:Index="3"><Data ss:Type="Number">12.345</Data></Cell></Row>'
    '<Row><Cell><Data ss:Type="DateTime">2026-09-01T10:30:00.000</Data></Cell><Cell/>'
    '<Cell><Data ss:Type="Number">0.30000000000000004</Data></Cell></Row></Table></Worksheet>'
    '<Worksheet ss:Name="Empty"><Table/></Worksheet></Workbook>'
)


def grid(data: bytes, **options: Any) -> Grid:
    found = read_grid(data, "t.xls", ImportOptions(**options))
    assert isinstance(found, Grid), found
    return found


@pytest.mark.parametrize(
    ("said", "encoding"),
    [("UTF-8", "utf-8"), ("UTF-8", "utf-8-sig"), ("windows-1251", "cp1251"), ("klingon", "cp1251")],
)
def test_a_page_with_a_table_is_a_table(said: str, encoding: str) -> None:
    found = grid(PAGE.format(charset=said).encode(encoding))
    assert found.rows == ROWS
    assert (found.mark, found.sheet, found.delimiter) == (None, None, "")
    assert found.notes == ([] if encoding.startswith("utf") else ["the text is read as Windows-1251"])


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251"])
def test_a_workbook_in_xml_has_numbers_and_days(encoding: str) -> None:
    found = grid(XML.format(charset=encoding).encode(encoding))
    assert found.rows == [
        ["Канал", "", "Визиты"],
        [],
        ["2026-09-01", "", "12.345"],
        ["2026-09-01 10:30:00", "", "0.3"],
    ]
    assert (found.mark, found.sheet) == (".", "Лист")
    assert found.notes == ([] if encoding == "utf-8" else ["the text is read as Windows-1251"])


def test_numbers_of_a_page_are_text_and_those_of_a_workbook_are_not() -> None:
    rows = [["Channel", "Visits", "Orders", "Cost"], ["Ads", "10", "2", "12.345"]]
    page = "<table>" + "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows) + "</table>"
    assert [(each.problem.code, each.path) for each in refused(page)] == [("FN206", "D2")]
    body = "".join(
        "<Row>" + "".join(
            f'<Cell><Data ss:Type="{"Number" if cell[0].isdigit() else "String"}">{cell}</Data></Cell>' for cell in row
        ) + "</Row>"
        for row in rows
    )  # fmt: skip
    found = read(f'<?xml version="1.0"?><Workbook><Worksheet ss:Name="S"><Table>{body}</Table></Worksheet></Workbook>')
    assert float(found.budget or 0) == 12.345


def test_of_several_tables_one_is_asked_for() -> None:
    table = "<table><tr><td>Channel<td>V<td>L<tr><td>{}<td>10<td>5</table>"
    page = f"<html><table><tr><td>menu</td></tr></table>{table.format('A')}{table.format('B')}</html>".encode()
    found = read_grid(page, "t.xls", ImportOptions())
    assert isinstance(found, list)
    assert '"table 2" and "table 3"' in found[0].problem.message
    assert grid(page, sheet="table 3").rows[1] == ["B", "10", "5"]
    assert grid(page, sheet="2").rows[1] == ["A", "10", "5"]
    inner = f"<table><tr><td>side</td><td>{table.format('A')}</td></tr></table>"
    assert grid(inner.encode()).rows == [["Channel", "V", "L"], ["A", "10", "5"]]


def test_cells_that_span_cover_their_places() -> None:
    page = "<table><tr><td colspan=2>a<td>b<tr><td rowspan=2>c<td>d<td>e<tr><td>f<td>g</table>"
    assert grid(page.encode()).rows == [["a", "", "b"], ["c", "d", "e"], ["", "f", "g"]]


HOSTILE = [
    "<table>" + "<" * 100_000,
    "<table><tr><td>1<td>2" + "<script>" * 20_000,
    "<table>" + "<!--" * 20_000,
    "<table><tr><td " + "a" * 100_000 + ">",
    "<table>" * 20_000,
    "<table><tr>" + "<td colspan=16384 rowspan=9999999>x" * 2000,
    '<Workbook><Worksheet><Table><Row ss:Index="9999999"><Cell ss:Index="9999999"/>',
    "<table><tr><td>&#9999999999;<td>&bogus;",
    "<table></td></tr></table></table>",
    "<html><table>",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_markup_is_an_error_or_read(text: str) -> None:
    assert isinstance(read_grid(text.encode(), "t", ImportOptions()), Grid | list)


TAGS = [
    "<table>",
    "</table>",
    "<tr>",
    "</tr>",
    "<td>",
    "</td>",
    "<td_colspan=2>",
    "<td_rowspan=3>",
    "<br>",
    "x",
    "1",
    "&amp;",
    "<!--",
    "-->",
    "<Row_ss:Index='3'>",
    "<Cell/>",
    "<Data_ss:Type='Number'>",
    "</Data>",
    "<script>",
    "</script>",
]


@settings(max_examples=whole_or_part(200, 80), deadline=None)
@given(tags=st.lists(st.sampled_from(TAGS), max_size=30))
def test_no_order_of_tags_breaks_the_reader(tags: list[str]) -> None:
    found = read_grid(f"<html>{''.join(tags)}".replace("_", " ").encode(), "t", ImportOptions())
    if isinstance(found, Grid):
        assert len({len(row) for row in found.rows if row}) <= 1
