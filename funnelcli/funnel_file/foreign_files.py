"""Files that are no text of a funnel or table: what they are, told by their first bytes, and what to do with them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from funnelcli.diagnostics import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

Wanted = Literal["funnel", "table", "events"]
"""What the file was named as."""
_TYPED = "type its numbers: funnelcli show --stage Visits=1000 --stage Sales=20"
_HELP: dict[str, dict[Wanted, str]] = {
    "sheet": {
        "funnel": "save the sheet as CSV, then: funnelcli measure --counts SHEET.csv",
        "table": 'save the sheet as "CSV UTF-8", and name that file',
        "events": 'save the sheet as "CSV UTF-8", and name that file',
    },
    "paper": {
        "funnel": _TYPED,
        "table": "copy its table into a spreadsheet, save that as CSV, and name that file",
        "events": "export the events as CSV, JSON or Parquet",
    },
    "events": {
        "funnel": "it holds data, not a funnel; to count them: funnelcli measure FUNNEL.yaml --from FILE",
        "table": "save the table as CSV; events are counted by: funnelcli measure FUNNEL.yaml --from FILE",
        "events": "name it with the ending of its format",
    },
    "packed": dict.fromkeys(("funnel", "table", "events"), "unpack it, and name the file in it"),
    "binary": {
        "funnel": "name a funnel file, which is text; funnelcli init writes one",
        "table": "save the table as CSV, and name that file",
        "events": "export the events as CSV, JSON or Parquet",
    },
}
"""What to do with a file, by what kind of thing it is and what was wanted of it."""
_STARTS = (
    (b"PK\x03\x04", "a zip archive", "packed"),
    (b"PK\x05\x06", "an empty zip archive", "packed"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a document of an old office program", "paper"),
    (b"%PDF-", "a PDF document", "paper"),
    (b"{\\rtf", "a document of a word processor (RTF)", "paper"),
    (b"\x89PNG\r\n", "a picture (PNG)", "paper"),
    (b"\xff\xd8\xff", "a picture (JPEG)", "paper"),
    (b"GIF8", "a picture (GIF)", "paper"),
    (b"BM\0", "a picture (BMP)", "paper"),
    (b"II*\0", "a picture (TIFF)", "paper"),
    (b"MM\0*", "a picture (TIFF)", "paper"),
    (b"RIFF", "a picture, sound or film (RIFF)", "paper"),
    (b"PAR1", "a Parquet file", "events"),
    (b"SQLite format 3\0", "a database of SQLite", "events"),
    (b"\x1f\x8b", "a file packed by gzip", "packed"),
    (b"BZh", "a file packed by bzip2", "packed"),
    (b"\xfd7zXZ\0", "a file packed by xz", "packed"),
    (b"\x28\xb5\x2f\xfd", "a file packed by zstd", "packed"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "packed"),
    (b"Rar!\x1a\x07", "a RAR archive", "packed"),
    (b"\x7fELF", "a program", "binary"),
    (b"MZ\x90\0", "a program", "binary"),
)
"""First bytes, what they begin, and the row of `_HELP`."""
_FIRST = tuple(start for start, _, _ in _STARTS)
_INSIDE = (
    (b"xl/workbook", "an Excel workbook", "sheet"),
    (b"opendocument.spreadsheet", "a spreadsheet of LibreOffice (ODS)", "sheet"),
    (b"Index/Tables/", "a spreadsheet of Apple Numbers", "sheet"),
    (b"Index/CalculationEngine", "a spreadsheet of Apple Numbers", "sheet"),
    (b"xl/", "an Excel workbook", "sheet"),
    (b"word/", "a Word document", "paper"),
    (b"ppt/", "a PowerPoint presentation", "paper"),
    (b"opendocument.", "a document of LibreOffice", "paper"),
)
"""Names of parts in a zip archive; the first that stands in it tells what the archive is."""
_END_OF_ZIP = b"PK\x05\x06"
_STREAMS = (
    ("EncryptedPackage", "an Office file with a password", "sheet"),
    ("Workbook", "an Excel workbook (.xls)", "sheet"),
    ("Book", "an Excel workbook (.xls)", "sheet"),
    ("WordDocument", "a Word document (.doc)", "paper"),
)
"""Names of streams in a compound file of old office programs, which writes them in UTF-16."""
_SAMPLE = 8192
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\x0c\x1b")) + b"\x7f"
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(!doctype html|html|table|\w*:?Workbook)\b",
    re.IGNORECASE | re.DOTALL,
)
_DELIMITERS = "\t;,|"
_LINES = 12
"""Lines by which a table is told."""
_YAML = re.compile(r": |:$|=")
_YAML_LINE = re.compile(r"^\s*[-\[{]|:$|=")
_NUMBER = re.compile(r"\s*[^\w\s]?\d[\d.,\s]*\S?\s*")


class Foreign(NamedTuple):
    """What a file is, with its article, and the kind that tells what to do with it."""

    what: str
    kind: str


def foreign(data: bytes) -> Foreign | None:
    """What a file is that is no text for people; `None` for text, also for text that is broken or in UTF-16."""
    if data.startswith(_FIRST):
        return _named(data)
    if data[8:12] == b"DUCK":
        return Foreign("a database of DuckDB", "events")
    sample = data[:_SAMPLE]
    if b"<" in sample[:16] and (match := _PAGE.match(sample)):
        is_workbook = match[1].lower().endswith(b"workbook")
        return Foreign("an Excel workbook (XML)" if is_workbook else "a web page (HTML)", "sheet")
    if b"\0" not in sample or is_utf_16(sample):
        return None
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    try:
        sample[:-4].decode("utf-8")  # the sample may end within a letter
    except UnicodeDecodeError:
        return Foreign("a binary file", "binary")
    return Foreign("a binary file", "binary") if controls > 3 and controls * 20 > len(sample) else None


def _named(data: bytes) -> Foreign:
    what, kind = next((what, kind) for start, what, kind in _STARTS if data.startswith(start))
    if data.startswith(b"PK\x03") and _END_OF_ZIP not in data and not any(part in data for part, *_ in _INSIDE):
        return Foreign("an Excel workbook, or another zip archive, that is cut short", "sheet")
    if data.startswith(b"PK"):
        return next((Foreign(*each) for part, *each in _INSIDE if part in data), Foreign(what, kind))
    if data.startswith(b"\xd0"):
        return next(
            (Foreign(*each) for part, *each in _STREAMS if part.encode("utf-16-le") in data), Foreign(what, kind)
        )
    return Foreign(what, kind)


def is_utf_16(data: bytes) -> bool:
    """Whether bytes are text in UTF-16: they say so, or every other byte is 0, as of Latin letters."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    half = len(data) // 2
    return half > 1 and any(data[at::2].count(0) * 10 > half * 7 and not data[1 - at :: 2].count(0) for at in (0, 1))


def problem(found: Foreign, wanted: Wanted) -> Problem:
    """One line on what the file is and what to do."""
    return Problem("FN016", f"this is {found.what}", _HELP[found.kind][wanted])


def table_problem(text: str, file: str) -> Problem | None:
    """What to do with a text that is no funnel but the table of a spreadsheet; `None` for any other."""
    import shlex

    name = file.rsplit("/", 1)[-1]
    if not (name.lower().endswith((".csv", ".tsv", ".tab")) or _is_table(text.split("\n", _LINES)[:_LINES])):
        return None
    if re.search(r"^\s*\|?\s*:?-{2,}:?\s*\|", text, re.MULTILINE):  # Markdown, which no spreadsheet writes
        return Problem("FN016", "this is a table in Markdown, not a funnel", _TYPED)
    called = "TABLE.csv" if name.startswith("<") else shlex.quote(file)
    return Problem("FN016", "this is a table, not a funnel", f"run: funnelcli measure --counts {called}")


def _is_table(lines: Sequence[str]) -> bool:
    """Whether most lines have cells, as many in each, a number in one of them, and none of the marks of YAML."""
    import csv

    if any(re.match(r"\s*(name|stages)\s*:", line) for line in lines):
        return False  # a funnel whose stages are written like a table
    for delimiter in _DELIMITERS:
        try:
            rows = [row for row in csv.reader(lines, delimiter=delimiter) if any(map(str.strip, row))]
        except csv.Error:
            continue
        widths = [len(row) for row in rows]
        usual = max(set(widths), key=widths.count, default=0)
        body = [row for row in rows if len(row) == usual]
        if usual < 2 or len(body) < 2 or len(body) * 2 < len(rows) or _YAML.search(delimiter.join(body[0])):
            continue
        if not any(_YAML_LINE.search(row[0]) for row in body) and any(_NUMBER.fullmatch(cell) for cell in body[-1]):
            return True
    return False
