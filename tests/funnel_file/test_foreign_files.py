"""Files of other programs are told by their first bytes, wherever a file is read, and their bytes are never shown.

The signatures are those of the formats' own documents (PKZIP's APPNOTE, MS-CFB, PDF 1.7, RFC 1952, Parquet, SQLite).
"""

from __future__ import annotations

import gzip
import random
import shlex
import zipfile
from io import BytesIO

import pytest

from funnelcli.counts_table.importing import import_table
from funnelcli.funnel_file.foreign_files import foreign
from funnelcli.funnel_file.reader import read
from funnelcli.output.diagnostics import full


def archive(*names: str, content: bytes = b"x" * 200) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(name, content)
    return out.getvalue()


def open_document(kind: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        file.writestr("content.xml", "<x/>")
    return out.getvalue()


def compound(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + stream.encode("utf-16-le") + bytes(600)


FILES = {
    "xlsx": (archive("[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"), "an Excel workbook"),
    "xls": (compound("Workbook"), "an Excel workbook (.xls)"),
    "xls_with_a_password": (compound("EncryptedPackage"), "an Office file with a password"),
    "ods": (open_document("spreadsheet"), "a spreadsheet of LibreOffice (ODS)"),
    "numbers": (archive("Index/Tables/DataList.iwa"), "a spreadsheet of Apple Numbers"),
    "html": (b"\n<!DOCTYPE html>\n<html><body><table></table></body></html>", "a web page (HTML)"),
    "xls_that_is_html": ("\ufeff<html xmlns:x='urn'><table><tr></tr></table></html>".encode(), "a web page (HTML)"),
    "xml_spreadsheet": (b'<?xml version="1.0"?>\n<Workbook xmlns="urn"></Workbook>', "an Excel workbook (XML)"),
    "docx": (archive("word/document.xml"), "a Word document"),
    "doc": (compound("WordDocument"), "a Word document (.doc)"),
    "odt": (open_document("text"), "a document of LibreOffice"),
    "rtf": (b"{\\rtf1\\ansi Visits 100}", "a document of a word processor (RTF)"),
    "pdf": (b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n", "a PDF document"),
    "png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(20), "a picture (PNG)"),
    "jpeg": (b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(20), "a picture (JPEG)"),
    "gif": (b"GIF89a\x01\0\x01\0" + bytes(20), "a picture (GIF)"),
    "cut_short": (archive("counts.csv")[:60], "an Excel workbook, or another zip archive, that is cut short"),
    "zip": (archive("counts.csv"), "a zip archive"),
    "gzip": (gzip.compress(b"stages: {A: 2, B: 1}\n"), "a file packed by gzip"),
    "parquet": (b"PAR1" + bytes(30) + b"PAR1", "a Parquet file"),
    "sqlite": (b"SQLite format 3\0" + bytes(84), "a database of SQLite"),
    "duckdb": (bytes(8) + b"DUCK" + bytes(60), "a database of DuckDB"),
    "of_no_known_format": (random.Random(1).randbytes(3000), "a binary file"),
    "mostly_zeros": (b"stages" + bytes(3000), "a binary file"),
}
each_file = pytest.mark.parametrize(("data", "what"), FILES.values(), ids=FILES)


@each_file
def test_a_file_is_named_as_a_funnel_in_one_line_without_its_bytes(data: bytes, what: str) -> None:
    (found,) = read(data, "x").diagnostics
    assert (found.problem.code, found.problem.message) == ("FN016", f"this is {what}")
    assert found.problem.help
    assert (found.location.line, found.location.column) == (1, 1)
    assert full([found]) == f"x:1:1: error[FN016] this is {what}\n  = help: {found.problem.help}\n"


@each_file
def test_a_file_is_named_as_a_table_in_the_same_words(data: bytes, what: str) -> None:
    result = import_table(data, "x")
    assert isinstance(result, list)
    (found,) = result
    assert (found.problem.code, found.source) == ("FN016", "")
    assert found.problem.message.startswith(f"this is {what}")
    assert found.problem.help


@pytest.mark.parametrize("name", ["xlsx", "xls", "ods", "html", "xls_that_is_html", "xml_spreadsheet"])
def test_a_workbook_is_pointed_to_the_command_that_reads_it(name: str) -> None:
    (found,) = read(FILES[name][0], "my export").diagnostics
    assert found.problem.help == "run: funnelcli import 'my export' -o funnel.yaml"


def test_a_sheet_that_is_not_read_goes_into_a_funnel_by_way_of_one_that_is() -> None:
    (found,) = read(FILES["numbers"][0], "x").diagnostics
    assert found.problem.help == "save the sheet as .xlsx or CSV, then: funnelcli import SHEET.xlsx -o funnel.yaml"


@pytest.mark.parametrize(
    "text",
    [
        "stages: {A: 2, B: 1}\n",
        "name: PK\nstages: {A: 2, B: 1}\n",
        "{stages: {A: 2, B: 1}}\n",
        "%YAML 1.2\n---\nstages: {A: 2, B: 1}\n",
        "# <html> and a %PDF-\nstages: {A: 2, B: 1}\n",
        "BZ: 1\n",
        "Заявки: 1\n",
        "name: a stray \0 in a name\nstages: {A: 2, B: 1}\n",
        "",
    ],
)
def test_text_is_never_taken_for_another_program_s(text: str) -> None:
    assert foreign(text.encode()) is None


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named_and_not_shown(encoding: str) -> None:
    (found,) = read("name: Shop\nstages: {A: 2, B: 1}\n".encode(encoding), "x").diagnostics
    assert found.problem.code == "FN001"
    assert "UTF-16" in found.problem.message
    assert (
        full([found])
        == f"x:1:{found.location.column}: error[FN001] {found.problem.message}\n  = help: {found.problem.help}\n"
    )


TABLES = [
    "Channel,Visits,Sales\nAds,100,5\n",
    "stage;count\nVisits;1.000\nSales;5\n",
    "stage\tcount\nVisits\t1000\nSales\t5\n",
    "# a report\nChannel,Visits,Sales\nAds,100,5\n",
    'Channel,Visits\n"Ads",100\n',
    'Report\n"October 1, 2026"\nCampaign,Impr.,Clicks\nA,"15,000",7%\nTotal: Campaigns,"15,000",7%\n',
    "Kanal;Besuche;Kosten\nA;1.500,5;12,50 €\n",
]


@pytest.mark.parametrize("text", TABLES)
@pytest.mark.parametrize("name", ["<stdin>", "t.csv", "data"])
def test_a_table_is_pointed_to_the_command_that_reads_it(text: str, name: str) -> None:
    (found,) = read(text.encode(), name).diagnostics
    called = "TABLE.csv" if name == "<stdin>" else name
    assert found.problem.message == "this is a table, not a funnel"
    assert found.problem.help == f"run: funnelcli import {called} -o funnel.yaml"


def test_a_table_in_markdown_is_not_sent_where_it_is_not_read() -> None:
    table = "| Stage | Count |\n|---|---:|\n| Visits | 100 |\n| Sales | 5 |\n"
    (found,) = read(table.encode(), "shop.yaml").diagnostics
    assert found.problem.code == "FN016"
    assert found.problem.help == "write in its place stages: {Visits: 100, Sales: 5}"


def test_the_name_of_a_table_is_quoted_for_the_shell() -> None:
    (found,) = read(TABLES[0].encode(), "my table's.csv").diagnostics
    assert shlex.split(found.problem.help or "")[3] == "my table's.csv"


@pytest.mark.parametrize(
    "text",
    [
        "Visits, Leads, Sales\n",
        "- 1, 2\n- 3, 4\n",
        "Visits = 100, Leads = 5\nSales = 3, Paid = 1\n",
        "name: Shop, 5\nstages: [A, 5\n",
    ],
)
def test_other_mistakes_are_not_called_a_table(text: str) -> None:
    assert [each.problem.code for each in read(text.encode(), "f.yaml").diagnostics] != ["FN016"]


def test_a_funnel_is_one_whatever_its_file_is_called() -> None:
    assert read(b"stages: {A: 2, B: 1}\n", "funnel.csv").diagnostics == ()
