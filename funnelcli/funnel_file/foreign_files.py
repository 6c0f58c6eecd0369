"""Files that are no text of a funnel or table: what they are, told by their first bytes, and what to do with them."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.data_files import data_file

if TYPE_CHECKING:
    from collections.abc import Sequence

Wanted = Literal["funnel", "table", "events"]
"""What the file was named as."""
_END_OF_ZIP = b"PK\x05\x06"
_SAMPLE = 8192
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\x0c\x1b")) + b"\x7f"
_PICTURE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?[^<>]*>\s*)*(?:<!--.*?-->\s*)*(?:<!doctype svg[^<>]*>\s*)?<svg\b",
    re.DOTALL | re.IGNORECASE,
)
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?[^<>]*>\s*)*(?:<!--.*?-->\s*)?<(!doctype html|html|table|\w*:?Workbook)\b",
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


@cache
def _known(table: str) -> list[tuple[bytes, Foreign]]:
    """Bytes, and the file that has them: a table of `foreign_files.yaml`."""
    encoding = "utf-16-le" if table == "streams" else "latin-1"
    return [(mark.encode(encoding), Foreign(what, kind)) for mark, what, kind in data_file("foreign_files.yaml")[table]]


def foreign(data: bytes) -> Foreign | None:
    """What a file is that is no text for people; `None` for text, also for text that is broken or in UTF-16."""
    named = next((found for start, found in _known("starts") if data.startswith(start)), None)
    if named is not None:
        return _inside(data, named)
    if data[8:12] == b"DUCK":
        return Foreign("a database of DuckDB", "events")
    sample = data[:_SAMPLE]
    if _PICTURE.match(sample):
        return Foreign("a picture (SVG)", "paper")
    if b"<" in sample[:16] and (match := _PAGE.match(sample)):
        is_workbook = match[1].lower().endswith(b"workbook")
        kind = "markup" if is_workbook or b"<table" in data.lower() else "paper"
        return Foreign("an Excel workbook (XML)" if is_workbook else "a web page (HTML)", kind)
    if b"\0" not in sample or is_utf_16(sample):
        return None
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    try:
        sample[:-4].decode("utf-8")  # the sample may end within a letter
    except UnicodeDecodeError:
        return Foreign("a binary file", "binary")
    return Foreign("a binary file", "binary") if controls > 3 and controls * 20 > len(sample) else None


def _inside(data: bytes, named: Foreign) -> Foreign:
    """What an archive or a compound file holds; any other is what its start says."""
    if not data.startswith((b"PK", b"\xd0")):
        return named
    parts = _known("parts" if data.startswith(b"PK") else "streams")
    held = next((found for part, found in parts if part in data), None)
    if held is None and data.startswith(b"PK\x03") and _END_OF_ZIP not in data:
        return Foreign("an Excel workbook, or another zip archive, that is cut short", "sheet")
    return held or named


def is_utf_16(data: bytes) -> bool:
    """Whether bytes are text in UTF-16: they say so, or every other byte is 0, as of Latin letters."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    half = len(data) // 2
    return half > 1 and any(data[at::2].count(0) * 10 > half * 7 and not data[1 - at :: 2].count(0) for at in (0, 1))


def problem(found: Foreign, wanted: Wanted, file: str) -> Problem:
    """One line on what the file of that name is and what to do."""
    help_: str = data_file("foreign_files.yaml")["help"][found.kind][wanted]
    return Problem("FN016", f"this is {found.what}", help_.replace("{file}", _in_shell(file, "SHEET.xlsx")))


def _in_shell(file: str, stands_for: str) -> str:
    """The name of a file as a shell takes it; what has no name is called by another."""
    import shlex

    return stands_for if file.startswith("<") else shlex.quote(file)


def table_problem(text: str, file: str) -> Problem | None:
    """What to do with a text that is no funnel but the table of a spreadsheet; `None` for any other."""
    name = file.rsplit("/", 1)[-1]
    if not (name.lower().endswith((".csv", ".tsv", ".tab")) or _is_table(text.split("\n", _LINES)[:_LINES])):
        return None
    if re.search(r"^\s*\|?\s*:?-{2,}:?\s*\|", text, re.MULTILINE):  # Markdown, which no spreadsheet writes
        from funnelcli.funnel_file.slips.stage_forms import table_in_one_line

        stages = table_in_one_line(text)
        if stages is not None:
            return Problem("FN016", "this is a table in Markdown, not a funnel", f"write in its place {stages}")
        return problem(Foreign("a table in Markdown, not a funnel", "paper"), "funnel", file)
    help_ = f"run: funnelcli import {_in_shell(file, 'TABLE.csv')} -o funnel.yaml"
    return Problem("FN016", "this is a table, not a funnel", help_)


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
