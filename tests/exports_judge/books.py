"""Sheets as workbooks: typed numbers, money and dates, beside other sheets; .xlsx by openpyxl, .ods by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction
from io import BytesIO
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_STORED, ZipFile

from openpyxl import Workbook

from .sheet import Book

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from .sheet import Cell, Sheet

    Grid = Sequence[Sequence[Any]]

NAME = "Export"
BESIDE: dict[str, Grid] = {
    "notes": [["Exported by hand"], [], ["Ask Kim"]],
    "hidden": [["Channel", "Visits", "Orders"], ["A", 10, 2], ["B", 20, 3]],
    "table": [["Channel", "Visits", "Orders"], ["A", 10, 2], ["B", 20, 3]],
}
"""Sheets that stand before or behind the one that counts."""
_HEAD = '<?xml version="1.0" encoding="UTF-8"?><office:document-content office:version="1.2"'
_SPACES = "".join(
    f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{of}:1.0"'
    for name, of in (("office", "office"), ("table", "table"), ("text", "text"))
)
_SPACES += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def as_book(sheet: Sheet, random: Random, of: str) -> Sheet:
    """A sheet as a workbook: what was written in its own way for want of types is typed."""
    rows = tuple(
        row._replace(cells=tuple(_typed(cell, sheet.columns[at].kind) for at, cell in enumerate(row.cells)))
        for row in sheet.rows
    )
    beside = tuple(random.sample(("notes", "hidden"), random.randint(1, 2))) if random.random() < 0.3 else ()
    book = Book(random.choice(("xlsx", "xlsx", "ods")), of, beside)
    return sheet._replace(rows=rows, dialect=sheet.dialect._replace(book=book))


def _typed(cell: Cell, kind: str) -> Cell:
    if cell.form == "rate" and kind == "rate":
        is_share = (cell.written or "").endswith("%")
        return cell._replace(value=cell.value / 100 if is_share else cell.value, written=None)
    return cell._replace(written=None) if kind == "index" and isinstance(cell.value, int) else cell


def is_clear(sheet: Sheet) -> bool:
    """Whether it is known which sheet of a workbook counts."""
    book = sheet.dialect.book
    return book is None or "table" not in book.beside or "sheet" in sheet.options


def book_of(sheet: Sheet) -> bytes:
    """The file of a sheet that is a workbook."""
    book = sheet.dialect.book
    assert book is not None
    titles = [[line.strip('"')] if line else [] for line in sheet.above]
    names = [column.name for column in sheet.columns]
    rows = [[_value(cell) for cell in row.cells] for row in sheet.rows]
    grid = [*titles, names, *rows, *([line.strip('"')] for line in sheet.below)]
    before, behind = book.beside[:1], book.beside[1:]
    sheets = [*((each, BESIDE[each]) for each in before), (NAME, grid), *((each, BESIDE[each]) for each in behind)]
    return _xlsx(sheets) if book.kind == "xlsx" else _ods(sheets)


def _value(cell: Cell) -> Any:
    """What a cell holds: text where it is written in its own way."""
    value = cell.value if cell.written is None else cell.written
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    return None if value == "" else value


def _xlsx(sheets: Sequence[tuple[str, Grid]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, grid in sheets:
        page = book.create_sheet(name)
        page.sheet_state = "hidden" if name == "hidden" else "visible"
        for row in grid:
            page.append(list(row))
    book.active = [name for name, _ in sheets].index(NAME)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _ods(sheets: Sequence[tuple[str, Grid]]) -> bytes:
    tables = "".join(_table(name, grid) for name, grid in sheets if name != "hidden")
    content = f"{_HEAD}{_SPACES}><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("mimetype", _TYPE, ZIP_STORED)
        archive.writestr("content.xml", f"{content}</office:document-content>")
        space = 'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
        entry = '<manifest:file-entry manifest:full-path="{}" manifest:media-type="{}"/>'
        entries = entry.format("/", _TYPE) + entry.format("content.xml", "text/xml")
        archive.writestr("META-INF/manifest.xml", f"<manifest:manifest {space}>{entries}</manifest:manifest>")
    return out.getvalue()


def _table(name: str, grid: Grid) -> str:
    rows = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, row)) or _ods_cell(None)}</table:table-row>" for row in grid
    )
    return f"<table:table table:name={quoteattr(name)}>{rows}</table:table>"


def _ods_cell(value: Any) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, bool):
        held = f'office:value-type="boolean" office:boolean-value="{str(value).lower()}"'
    elif isinstance(value, (int, float)):
        held = f'office:value-type="float" office:value="{value!r}"'
    elif isinstance(value, date):
        text = value.isoformat() if isinstance(value, datetime) else f"{value}"
        held = f'office:value-type="date" office:date-value="{text}"'
    elif isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        text = f"PT{seconds // 3600:02}H{seconds // 60 % 60:02}M{seconds % 60:02}S"
        held = f'office:value-type="time" office:time-value="{text}"'
    elif str(value).startswith("#") and str(value).endswith(("!", "?", "#N/A")):
        held = 'office:value-type="string" calcext:value-type="error"'
    else:
        held = 'office:value-type="string"'
    return f"<table:table-cell {held}><text:p>{escape(str(value))}</text:p></table:table-cell>"
