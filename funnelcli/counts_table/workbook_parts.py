"""The parts of a workbook that is a zip archive, before they are read: whether they are too large, and errors in cells.

The reader of workbooks makes a rectangle of all cells up to the last one, and leaves errors such as `#N/A` and formulas
without a value out. So a file of few bytes could ask for more memory than there is, and an error would be no cell.
"""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple
from zipfile import BadZipFile, ZipFile

from funnelcli.counts_table.xls_errors import errors_of

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_EXPANDED = 512 * 1024 * 1024
MOST_CELLS = 20_000_000
"""Cells of a sheet, up to its last one."""
_MOST_BY_LENGTH = 30_000_000
_REFERENCE = re.compile(rb"\br=[\"']([A-Za-z]{1,3})(\d{1,7})[\"']")
_LONG_REFERENCES = [re.compile(rb"r=\"[A-Za-z]{%d}\d" % length) for length in (3, 2)]
_LONG_NUMBERS = [re.compile(rb"r=\"[A-Za-z]{0,3}\d{%d}" % length) for length in (7, 6, 5)]
"""With a beginning that is found at once, as a sheet has millions of references."""
_ERROR_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*\bt=\"e\"[^>]*)>.*?<(?:\w+:)?v>([^<]*)<", re.DOTALL)
_BARE_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*)</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
"""A formula of which the program that wrote the file has not computed the value."""
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*?\s(?:\w+:)?id=\"([^\"]*)\"")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_ODS_ERROR = b'value-type="error"'
_ODS = re.compile(
    rb"<table:table(?P<table>(?:[\s/][^>]*)?)>|<table:table-row(?![-\w])(?P<row>[^>]*)>|</table:table-row>(?P<end>)"
    rb"|<table:(?:covered-)?table-cell\b(?P<cell>[^>]*?)(?:/>|>(?P<text>.*?)</table:(?:covered-)?table-cell>)",
    re.DOTALL,
)
_ODS_REPEATED = re.compile(rb"<table:table-cell\b([^>]*number-columns-repeated=\"(\d+)\"[^>]*)>")
_ODS_REPEATED_ROW = re.compile(
    rb"<table:table-row\b[^>]*number-rows-repeated=\"(\d+)\"[^>]*>(.*?)</table:table-row>", re.DOTALL
)
_MARKUP = re.compile(rb"<[^>]*>")

Errors = dict[tuple[int, int], str]
"""The errors of a sheet, such as `#N/A`, and formulas without a value, `=A1+B1`, by row and column from 0."""


class Unusable(NamedTuple):
    """Why a workbook is not read: it is broken, or it is too large."""

    too_large: bool
    why: str


def checked(data: bytes) -> list[Errors] | Unusable:
    """The errors of each sheet of a workbook, in their order; or why it cannot be read."""
    if not data.startswith(b"PK"):
        return errors_of(data)
    try:
        with ZipFile(BytesIO(data)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            if size > LARGEST_EXPANDED:
                return Unusable(True, f"unpacked it is larger than {LARGEST_EXPANDED // 2**20} MiB")
            # what unpacks to more than it says fails at its checksum
            parts = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    except BadZipFile:
        return Unusable(False, "it is cut short, or damaged")
    except (EOFError, OSError, RuntimeError, NotImplementedError, ValueError, KeyError) as error:
        return Unusable(False, str(error).strip() or "the archive is broken")
    except Exception as error:  # zlib.error and its kind have no common ancestor
        return Unusable(False, str(error))
    for name, part in parts.items():
        cells = _cells_of_ods(part) if name == "content.xml" else _cells(part) if "worksheets/" in name else 0
        if cells > MOST_CELLS:
            return Unusable(True, f"a sheet reaches over {cells:,} cells, and {MOST_CELLS:,} are read")
    if "content.xml" in parts:
        return list(_errors_of_ods(parts["content.xml"]))
    return [_errors(parts.get(name, b"")) for name in _sheets(parts)]


def _cells(sheet: bytes) -> int:
    """At least how many cells the rectangle of a sheet has, where that may be too many; else less than it."""
    columns = next(
        (26**length for length, found in zip((3, 2), _LONG_REFERENCES, strict=True) if found.search(sheet)), 26
    )
    rows = next(
        (10**length for length, found in zip((7, 6, 5), _LONG_NUMBERS, strict=True) if found.search(sheet)), 10**4
    )
    if columns * rows <= _MOST_BY_LENGTH and b" r='" not in sheet:
        return 0
    width = height = 0
    for letters, digits in _REFERENCE.findall(sheet):
        width, height = max(width, _column(letters) + 1), max(height, int(digits))
    return width * height


def _column(letters: bytes) -> int:
    """The index of a column: `A` is 0."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number - 1


def _cells_of_ods(content: bytes) -> int:
    """At most how many cells its rows have, as wide as the widest, when repeated ones are written out."""
    rows = content.split(b"</table:table-row>")
    width = max(row.count(b"<table:table-cell") for row in rows)
    width += max((int(times) for tag, times in _ODS_REPEATED.findall(content) if b"office:value" in tag), default=0)
    repeated = sum(int(times) for times, row in _ODS_REPEATED_ROW.findall(content) if b"office:value" in row)
    return (len(rows) + repeated) * width


def _sheets(parts: dict[str, bytes]) -> Iterator[str]:
    """The names of the parts that hold the sheets, in the order of the workbook."""
    targets = {}
    for relation in _RELATION.findall(parts.get("xl/_rels/workbook.xml.rels", b"")):
        found = dict(re.findall(rb"\b(Id|Target)=\"([^\"]*)\"", relation))
        targets[found.get(b"Id", b"")] = found.get(b"Target", b"").decode("utf-8", "replace")
    for key in _SHEET.findall(parts.get("xl/workbook.xml", b"")):
        target = targets.get(key, "")
        yield target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _errors(sheet: bytes) -> Errors:
    found: Errors = {}
    if b't="e"' in sheet:
        for tag, text in _ERROR_CELL.findall(sheet):
            if (reference := _REFERENCE.search(tag)) is not None:
                found[int(reference[2]) - 1, _column(reference[1])] = text.decode("utf-8", "replace")
    if b"</f>" in sheet or b"<f/>" in sheet:
        for tag, text in _BARE_FORMULA.findall(sheet):
            if b't="str"' not in tag and (reference := _REFERENCE.search(tag)) is not None:  # that of a text is ""
                formula = unescape(text.decode("utf-8", "replace"))
                found[int(reference[2]) - 1, _column(reference[1])] = f"={formula}"
    return found


def _errors_of_ods(content: bytes) -> Iterator[Errors]:
    """The errors of each sheet; no sheet is gone through where there are none."""
    if _ODS_ERROR not in content:
        return
    found: Errors | None = None
    row = column = times = 0
    for match in _ODS.finditer(content):
        if match["table"] is not None:
            if found is not None:
                yield found
            found, row = {}, 0
        elif match["row"] is not None:
            column, times = 0, _repeated(match["row"], b"rows")
        elif match["end"] is not None:
            row += times
        elif match["cell"] is not None:
            repeated = _repeated(match["cell"], b"columns")
            if _ODS_ERROR in match["cell"] and found is not None:
                text = unescape(_MARKUP.sub(b"", match["text"] or b"#").decode("utf-8", "replace"))
                for at in range(repeated):
                    found[row, column + at] = text if text.startswith(("#", "Err:")) else f"#{text}"
            column += repeated
    if found is not None:
        yield found


def _repeated(attributes: bytes, what: bytes) -> int:
    found = re.search(rb"number-%s-repeated=\"(\d+)\"" % what, attributes)
    return int(found[1]) if found else 1
