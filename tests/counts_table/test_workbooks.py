"""Workbooks: the same table as in CSV is the same table, and a file that is broken or too large is one clear error.

`campaigns.xls` and `campaigns.ods` are of other programs than the one that is tested: xlwt and odfpy wrote them.
"""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.datetime import to_excel

from funnelcli.counts_table import workbook
from funnelcli.counts_table.grid import Grid, read_grid
from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import import_table
from funnelcli.counts_table.workbook_parts import Unusable, checked
from funnelcli.funnel_file.reader import read
from tests.conftest import ROOT
from tests.thorough import whole_or_part

from .test_counts import places, refused
from .test_counts import read as counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.diagnostics import Problem

SAMPLES = ROOT / "tests" / "exports" / "workbooks"


def xlsx(**sheets: Sequence[Sequence[Any]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def changed(data: bytes, part: str, old: str, new: str) -> bytes:
    """The archive with one of its parts changed."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            text = before.read(name)
            if name == part:
                assert old.encode() in text
                text = text.replace(old.encode(), new.encode())
            after.writestr(name, text, zipfile.ZIP_STORED if name == "mimetype" else None)
    return out.getvalue()


def grid(data: bytes, **options: Any) -> Grid:
    found = read_grid(data, "t.xlsx", ImportOptions(**options))
    assert isinstance(found, Grid), found
    return found


def problem(data: bytes, **options: Any) -> Problem:
    found = read_grid(data, "t.xlsx", ImportOptions(**options))
    assert isinstance(found, list), found
    (only,) = found
    assert only.problem.help
    return only.problem


TABLE = [["Channel", "Visits", "Leads", "Cost"], ["Ads", 1200, 90, 12.345], ["SEO", 800, 30, 0.5]]


@pytest.mark.parametrize("name", ["campaigns.xls", "campaigns.ods"])
def test_files_of_other_programs_are_told_by_their_bytes(name: str) -> None:
    found = grid((SAMPLES / name).read_bytes())
    assert found.rows == [
        ["Campaign report", "", "", "", ""],
        [],
        ["Campaign", "Day", "Impr.", "Clicks", "Cost"],
        ["Осень – Ü", "2026-09-01", "40000", "900", "990.5"],
        ["Packs", "2026-09-02", "12000", "345", "12.345"],
    ]
    assert (found.sheet, found.delimiter, found.mark) == ("Отчёт", "", ".")
    assert found.notes == ['of 2 sheets, "Отчёт" is read']


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1200, "1200"),
        (1200.0, "1200"),
        (0.1 + 0.2, "0.3"),
        (1.1 * 3, "3.3"),
        (12.345, "12.345"),
        (0.000012, "0.000012"),
        (-5, "-5"),
        (1e21, "1000000000000000000000"),
        (123456789012345, "123456789012345"),
        (True, "TRUE"),
        (False, "FALSE"),
        (datetime(2026, 9, 1, 9, 30), "2026-09-01 09:30:00"),
        (datetime(2026, 9, 1, 23, 59, 59), "2026-09-01 23:59:59"),
        (datetime(2026, 9, 1), "2026-09-01"),
        (date(2026, 2, 28), "2026-02-28"),
        (time(9, 5, 1), "09:05:01"),
        (timedelta(hours=27, minutes=3, seconds=4), "27:03:04"),
        ("0042", "0042"),
        ("12,5 %", "12,5 %"),
        ("two\nlines", "two\nlines"),
    ],
)
def test_a_cell_is_written_as_it_is_shown_in_full(value: object, text: str) -> None:
    assert grid(xlsx(S=[["a", "b"], ["x", value]])).rows[1] == ["x", text]


@settings(max_examples=whole_or_part(60, 20), deadline=None)
@given(whole=st.integers(0, 10**9), cents=st.integers(0, 999))
def test_money_of_cells_is_exact(whole: int, cents: int) -> None:
    value = Fraction(whole * 1000 + cents, 1000)
    assert Fraction(grid(xlsx(S=[["a", "b"], ["x", float(value)]])).rows[1][1]) == value


def test_a_workbook_is_the_same_table_as_its_csv() -> None:
    csv = "Channel,Visits,Leads,Cost\nAds,1200,90,12.3450\nSEO,800,30,0.5\n"
    assert counts(xlsx(S=TABLE))[:7] == counts(csv)[:7]


def test_three_decimals_of_a_number_are_no_thousands() -> None:
    assert counts(xlsx(S=[["Channel", "Visits", "Orders", "Cost"], ["A", 10, 2, 12.345]])).budget == Fraction("12.345")
    csv = refused("Channel,Visits,Orders,Cost\nA,10,2,12.345\n")
    assert [each.problem.code for each in csv] == ["FN206"]
    told = counts(xlsx(S=[["Channel", "Visits", "Orders", "Cost"], ["A", 10, 2, 12.345]]), decimal=",")
    assert told.budget == Fraction("12.345")


def test_cells_of_text_beside_numbers_keep_their_own_mark() -> None:
    head = ["Channel", "Visits", "Orders", "Cost"]
    found = counts(xlsx(S=[head, ["A", "1.234,50", 2, 12.345], ["B", "10,5", 1, 0.125]]), decimal=",")
    assert (found.totals, found.budget) == ((1245, 3), Fraction("12.47"))
    (open_,) = refused(xlsx(S=[head, ["A", 90000, 2000, "12,345"], ["B", 100, 1, 12.345]]))
    assert (open_.problem.code, open_.path) == ("FN206", "S!D2")


def test_a_problem_in_a_workbook_has_its_cell() -> None:
    (found,) = refused(xlsx(**{"My data": [["Report"], [], ["Channel", "V", "L"], ["Ads", 10, "5x"]]}))
    assert places([found]) == [("FN103", 4, 12, "My data!C4")]
    assert found.source == "Ads | 10 | 5x"


def test_errors_are_told_and_no_empty_cells() -> None:
    data = xlsx(S=[["Channel", "V", "L"], ["Ads", 10, 5], ["SEO", 10, 1]])
    data = changed(data, "xl/worksheets/sheet1.xml", '<c r="C3" t="n"><v>1</v></c>', '<c r="C3" t="e"><v>#N/A</v></c>')
    assert grid(data).rows[2] == ["SEO", "10", "#N/A"]
    assert places(refused(data, empty_as_zero=True)) == [("FN103", 3, 12, "S!C3")]


def test_errors_of_open_documents_are_told_and_no_zeros() -> None:
    data = changed(
        (SAMPLES / "campaigns.ods").read_bytes(),
        "content.xml",
        'office:value-type="float" office:value="345"><text:p>345</text:p>',
        'office:value-type="float" office:value="0" calcext:value-type="error"><text:p>#DIV/0!</text:p>',
    )
    assert grid(data).rows[4] == ["Packs", "2026-09-02", "12000", "#DIV/0!", "12.345"]


def test_the_only_sheet_with_a_table_is_taken_and_of_two_one_is_asked_for() -> None:
    one = xlsx(Notes=[["Read me"], ["by Ann"]], Data=TABLE, Empty=[])
    assert grid(one).sheet == "Data"
    assert grid(one).notes == ['of 3 sheets, "Data" is read']
    two = xlsx(September=TABLE, October=TABLE, Notes=[["Read me"]])
    found = problem(two)
    assert found.code == "FN120"
    assert '"September" and "October"' in found.message
    assert '--sheet "September"' in (found.help or "")
    for wish in ("October", " october", "2"):
        assert grid(two, sheet=wish).sheet == "October"
    assert grid(two, sheet="3").rows == [["Read me"]]
    unknown = problem(two, sheet="Octobre")
    assert (unknown.code, unknown.help) == ("FN120", 'did you mean "October"?')
    for wish in ("0", "4", "", "99999999999"):
        assert problem(two, sheet=wish).code == "FN120"


def test_hidden_sheets_are_no_choice_and_are_said() -> None:
    book = Workbook()
    for name in ("Raw", "Old"):
        sheet = book.create_sheet(name)
        for row in TABLE:
            sheet.append(row)
        sheet.sheet_state = {"Raw": "visible", "Old": "hidden"}[name]
    book.remove(book.worksheets[0])
    out = BytesIO()
    book.save(out)
    assert (grid(out.getvalue()).sheet, grid(out.getvalue()).notes) == (
        "Raw",
        ['of 2 sheets, "Raw" is read; hidden: "Old"'],
    )
    assert grid(out.getvalue(), sheet="Old").sheet == "Old"


def test_blank_rows_and_columns_and_merged_titles_change_nothing() -> None:
    book = Workbook()
    sheet = book.active
    sheet["C3"] = "Report of September"
    sheet.merge_cells("C3:F3")
    for at, row in enumerate(TABLE, 5):
        for column, value in enumerate(row, 3):
            sheet.cell(at, column, value)
    out = BytesIO()
    book.save(out)
    found = counts(out.getvalue())
    assert found.totals == (2000, 120)
    assert any("Report of September" in note for note in found.notes)
    assert any("line 3" in note or "row 3" in note for note in found.notes)


def test_rows_are_skipped_where_that_is_asked() -> None:
    data = xlsx(S=[["Old", "V", "L"], ["x", 1, 1], *TABLE])
    assert grid(data, skip_lines=2).rows[:3] == [[], [], ["Channel", "Visits", "Leads", "Cost"]]


def test_options_of_text_are_none_of_workbooks_and_the_other_way_round() -> None:
    assert "--encoding" in (problem(xlsx(S=TABLE), encoding="cp1251").help or "")
    assert "--sheet" in (problem(b"stage,count\nA,5\n", sheet="1").help or "")


def test_without_the_package_one_line_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "find_spec", lambda name: None)
    found = problem(xlsx(S=TABLE))
    assert found.message == "this is an Excel workbook, and python-calamine, which reads it, is not installed"
    assert found.help == 'install with: pip install "funnelcli[excel]"'


def test_a_workbook_as_a_funnel_is_sent_to_the_command_that_reads_it() -> None:
    (found,) = read(xlsx(S=TABLE), "export.csv").diagnostics
    assert found.problem.help == "run: funnelcli import export.csv -o funnel.yaml"


CONTENT = (
    '<table:table table:name="S"><table:table-row><table:table-cell office:value-type="string"><text:p>a</text:p>'
    "</table:table-cell></table:table-row>{}</table:table>"
)
CELL = '<table:table-cell office:value-type="float" office:value="1"{}><text:p>1</text:p></table:table-cell>'


def ods(body: str) -> bytes:
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        file.writestr(
            "content.xml",
            f"<office:document-content{names}><office:body><office:spreadsheet>{CONTENT.format(body)}"
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return out.getvalue()


def bomb(said: int) -> bytes:
    """A workbook with a part more, which says that it unpacks to some bytes."""
    out = BytesIO(xlsx(S=TABLE))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/worksheets/sheet9.xml", bytes(2**20))
    data = bytearray(out.getvalue())
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = said.to_bytes(4, "little")
    return bytes(data)


HUGE = {
    "far_cell": changed(xlsx(S=TABLE), "xl/worksheets/sheet1.xml", 'r="D3"', 'r="XFD1048576"'),
    "far_column_and_row": changed(
        changed(xlsx(S=TABLE), "xl/worksheets/sheet1.xml", 'r="D3"', 'r="XFD3"'),
        "xl/worksheets/sheet1.xml", 'r="B3"', 'r="B1048576"'),
    "repeated_cells": ods(
        '<table:table-row table:number-rows-repeated="1048576">'
        + CELL.format(' table:number-columns-repeated="16384"') + "</table:table-row>"),
    "repeated_rows": ods(f'<table:table-row table:number-rows-repeated="99999999">{CELL.format("")}</table:table-row>'),
    "deep_zip": bomb(600 * 2**20),
}  # fmt: skip


@pytest.mark.parametrize("data", HUGE.values(), ids=HUGE)
def test_a_file_that_asks_for_more_than_there_is_is_refused(data: bytes) -> None:
    assert len(data) < 2**20
    found = problem(data)
    assert found.code == "FN002"
    assert "too large" in found.message


def test_a_wide_sheet_and_a_long_one_are_read() -> None:
    wide = changed(xlsx(S=TABLE), "xl/worksheets/sheet1.xml", 'r="D3"', 'r="XFD3"')
    assert len(grid(wide).rows[0]) == 16384
    far = changed(xlsx(S=TABLE), "xl/worksheets/sheet1.xml", '<row r="3">', '<row r="200000">')
    far = changed(far, "xl/worksheets/sheet1.xml", 'r="D3"', 'r="D200000"')
    assert len(grid(far).rows) == 200000


def test_a_part_that_unpacks_to_more_than_it_says_is_broken() -> None:
    found = checked(bomb(10))
    assert isinstance(found, Unusable)
    assert not found.too_large


SOUND = xlsx(S=TABLE)


@settings(max_examples=whole_or_part(150, 60), deadline=None)
@given(data=st.data())
def test_a_spoilt_workbook_is_an_error_or_read_and_never_a_traceback(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from([SOUND, *(path.read_bytes() for path in sorted(SAMPLES.glob("*.*s")))]))
    spoilt = bytearray(source)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(spoilt) - 1))
        spoilt[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(len(spoilt) // 2, len(spoilt)))
    found = read_grid(bytes(spoilt[:cut]), "t", ImportOptions())
    assert isinstance(found, Grid | list)
    if isinstance(found, list):
        assert re.fullmatch("FN0(01|02|06|16)|FN1(03|20)", found[0].problem.code)
        assert isinstance(import_table(bytes(spoilt[:cut]), "t"), list)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"])
@pytest.mark.parametrize(
    "text", ["", "<", "<a>" * 5000, "\0\1\2", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>']
)
def test_broken_parts_are_one_error(part: str, text: str) -> None:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(SOUND)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            after.writestr(name, text if name == part else before.read(name))
    found = read_grid(out.getvalue(), "t.xlsx", ImportOptions())
    assert isinstance(found, Grid | list)
    assert isinstance(import_table(out.getvalue(), "t.xlsx"), list)


def test_a_formula_without_its_value_is_no_empty_cell() -> None:
    data = xlsx(S=[["Channel", "V", "L"], ["Ads", 10, '=LEN("a")&B2'], ["SEO", 10, 1]])
    assert grid(data).rows[1] == ["Ads", "10", '=LEN("a")&B2']
    (found,) = refused(data, empty_as_zero=True)
    assert "is a formula, not its value" in found.problem.message
    empty = changed(data, "xl/worksheets/sheet1.xml", '<c r="C2">', '<c r="C2" t="str">')
    assert grid(empty).rows[1] == ["Ads", "10", ""]


def test_errors_of_old_workbooks_are_told_and_no_empty_cells() -> None:
    data = bytearray((SAMPLES / "errors.xls").read_bytes())
    at = data.find(b"\x06\x00\x1d\x00\x03\x00\x02\x00")  # the formula in C4, without a value
    assert grid(bytes(data)).rows[3] == ["Mail", "#N/A", ""]
    data[at + 10 : at + 18] = b"\x02\x00\x07\x00\x00\x00\xff\xff"
    assert grid(bytes(data)).rows[3] == ["Mail", "#N/A", "#DIV/0!"]
    assert grid(bytes(data)).notes == ['of 2 sheets, "Data" is read']


@settings(max_examples=whole_or_part(200, 80), deadline=None)
@given(places=st.lists(st.tuples(st.integers(0, 5631), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_spoilt_old_workbook_never_keeps_the_reader_of_errors_busy(places: list[tuple[int, int]]) -> None:
    data = bytearray((SAMPLES / "errors.xls").read_bytes())
    for at, value in places:
        data[at] = value
    assert isinstance(checked(bytes(data)), list)


def test_a_cell_of_a_megabyte_is_refused_and_not_shown() -> None:
    data = xlsx(S=[["Channel", "V"], ["Ads", 5]])
    data = changed(
        data,
        "xl/worksheets/sheet1.xml",
        '<c r="B2" t="n"><v>5</v></c>',
        '<c r="B2" t="inlineStr"><is><t>{}</t></is></c>'.format("x" * 2**20),
    )
    (found,) = refused(data)
    assert (found.problem.code, found.path, found.source) == ("FN119", "S!B2", "")


def test_a_workbook_that_is_cut_short_says_so() -> None:
    assert problem(SOUND[: len(SOUND) // 2]).code == "FN016"
    assert "cut short" in problem(SOUND[:-30]).message


DEALS = [
    ["Record ID", "Deal Name", "Pipeline", "Deal Stage", "Amount", "Create Date", "Close Date",
     'Date entered "Lead (S)"', 'Date entered "Closed Won (S)"'],
    ["1", "A", "S", "Closed Won", 12.345, *[datetime(2026, 9, day) for day in (1, 3, 1, 3)]],
    ["2", "B", "S", "Closed Won", 99.125, *[datetime(2026, 9, day) for day in (2, 5, 2, 5)]],
]  # fmt: skip


@pytest.mark.parametrize("third", [100, "1.234,50"])
def test_amounts_of_deals_that_are_numbers_are_no_thousands(third: object) -> None:
    row = ["3", "C", "S", "Closed Won", third, *[datetime(2026, 9, day) for day in (2, 4, 2, 4)]]
    options = ImportOptions(decimal=None if third == 100 else ",", currency="EUR")
    found = import_table(xlsx(S=[*DEALS, row]), "deals.xlsx", options)
    assert not isinstance(found, list), found
    (funnel,) = found.funnels
    average = funnel.stages[-1].average_check
    known = Fraction("12.345") + Fraction("99.125") + (100 if third == 100 else Fraction("1234.5"))
    assert average is not None
    assert abs(Fraction(average) - known / 3) < Fraction(1, 10**9)


@given(
    day=st.dates(date(2020, 1, 1), date(2030, 1, 1)) | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    at=st.integers(1, 4),
    off=st.integers(-300, 300),
)
def test_a_day_that_lost_its_format_is_the_day_that_it_was(day: date, at: int, off: int) -> None:
    day = day.replace(microsecond=0) if isinstance(day, datetime) else day
    rows: list[list[Any]] = [["Day", "Visits", "Leads"], *([day + timedelta(each), 90, 7] for each in range(4))]
    rows[at][0] += timedelta(off)
    as_days = grid(xlsx(A=rows))
    rows[at][0] = to_excel(rows[at][0])
    as_number = grid(xlsx(A=rows))
    assert as_number.rows == as_days.rows
    (note,) = [each for each in as_number.notes if "among days" in each]
    assert note.startswith(f"row {at + 1}: {int(rows[at][0])}")


@pytest.mark.parametrize("other", [46235.5, 120, 99_999, -46235])
def test_a_number_among_days_that_is_none_of_them_stays_a_number(other: float) -> None:
    rows = [["Day", "Visits", "Leads"], [date(2026, 8, 1), 90, 7], [date(2026, 8, 2), 90, 7], [other, 90, 7]]
    found = grid(xlsx(A=rows))
    assert found.rows[3][0] == f"{other}"
    assert not any("among days" in each for each in found.notes)


@pytest.mark.parametrize("number", [1, 2])
def test_names_merged_over_rows_are_of_each_and_amounts_are_not(number: int) -> None:
    rows = [["Owner", "Deal", "Stage", "Amount"]]
    rows += [
        [owner, f"{owner}{at}", "Won" if at else "Lost", 10] for owner in ("Ann", "Bob")[:number] for at in range(3)
    ]
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for group in range(number):
        sheet.merge_cells(start_row=2 + 3 * group, end_row=4 + 3 * group, start_column=1, end_column=1)
        sheet.merge_cells(start_row=3 + 3 * group, end_row=4 + 3 * group, start_column=4, end_column=4)
    out = BytesIO()
    book.save(out)
    found = grid(out.getvalue())
    assert [row[0] for row in found.rows[1:]] == [row[0] for row in rows[1:]]
    assert [row[3] for row in found.rows[1:]] == ["10", "10", ""] * number
    said = [
        '"Ann", merged over several rows, stands in each of them',
        '"Ann", "Bob", merged over several rows, stand in',
    ]
    assert any(note.startswith(said[number - 1]) for note in found.notes)
