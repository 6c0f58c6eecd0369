"""A spreadsheet's CSV export as a table of cells, and what is wrong with a cell at its place in the file.

Bytes become text, text a grid of cells under the delimiter that fits. Problems are kept by row and column, and become
diagnostics with line, column and the name that spreadsheets give the cell (`C4`).
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from functools import cache
from io import StringIO
from itertools import accumulate, islice, pairwise

from funnelcli.counts_table.locale_numbers import looks_like
from funnelcli.counts_table.table import CellTable, TableOptions, clean
from funnelcli.diagnostics import Diagnostic, Location, Problem, quoted
from funnelcli.funnel_file.foreign_files import foreign
from funnelcli.funnel_file.foreign_files import problem as problem_of
from funnelcli.funnel_file.yaml.decoding import LARGEST_FILE, likely_code_page

MOST_PROBLEMS = 1000
DELIMITERS = "\t;|,"
"""In this order where several fit: a comma also stands in names and numbers."""
_SAMPLE = 200
_MOST_ABOVE = 60
"""Rows among which the names are looked for."""


def decode(data: bytes, file: str) -> str | Diagnostic:
    """Bytes to text: UTF-8, or UTF-16 that says so; else what is wrong, at its line and column."""
    if len(data) > LARGEST_FILE:
        what = f"the file is larger than {LARGEST_FILE // 2**20} MiB"
        return Diagnostic(Problem("FN002", what, "add the rows up by segment first"), Location(file, 1, 1, 2))
    known = foreign(data)
    if known is not None:
        return Diagnostic(problem_of(known, "table"), Location(file, 1, 1, 2))
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff") and data[:4] != b"\xff\xfe\0\0"
    encoding = "utf-16" if wide else "utf-8-sig"
    try:
        text = data.decode(encoding)
        if "\0" not in text:
            return text
        before = text.partition("\0")[0]
        reason = f"byte 0x00 at offset {len(before.encode())}: it looks like UTF-16 without a byte order mark"
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "ignore")
        reason = f"byte 0x{data[error.start]:02x} at offset {error.start} is not {'UTF-16' if wide else 'UTF-8'}"
        if not wide and data[:4] not in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
            reason += f": it looks like {likely_code_page(data, error.start)}"
    lines = re.split("\r\n|\r|\n", before)
    line, column = len(lines), len(lines[-1]) + 1
    problem = Problem("FN001", reason, 'save it as "CSV UTF-8" in the spreadsheet')
    return Diagnostic(problem, Location(file, line, column, column + 1), lines[-1])


def table_of(text: str, options: TableOptions) -> CellTable:
    """Text to cells; rows without any cell that is filled are kept empty, so that rows count as in the spreadsheet."""
    lines = list(StringIO(text, newline=""))
    told = lines[0].strip(' "\r\n') if lines else ""
    skipped = 1 if told[:4].casefold() == "sep=" and len(told) <= 5 else 0
    delimiter = told[4:] if skipped else ""
    if delimiter not in DELIMITERS or not delimiter:
        delimiter = _delimiter(lines[skipped:])
    rows: list[list[str]] = []
    starts: list[int] = []
    reader = csv.reader(lines[skipped:], delimiter=delimiter, strict=True)
    broken = None
    while broken is None:
        start = reader.line_num + skipped
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            row, broken = [], str(error)
        starts.append(start)
        rows.append(row if any(map(str.strip, row)) else [])
    header = _header(rows)
    titles = [index for index in range(header) if rows[index]]
    notes = [_skipped(rows, titles, starts)] if titles else []
    table = CellTable(lines, rows, starts, header, delimiter, options, notes)
    if broken is not None:
        column = max(len(_spans(lines[starts[-1] :], starts[-1], delimiter)) - 1, 0)
        table.refuse(len(rows) - 1, column, *next(said for word, said in _BROKEN.items() if word in broken))
    elif not text.strip(DELIMITERS + " \r\n"):
        table.refuse(0, 0, "FN006", "the table is empty", "export a table with a row of names above it")
    elif not table.body:
        table.refuse_name(0, "FN006", "the table has no rows below its names", "export the counts too")
    else:
        while rows[header] and not rows[header][-1].strip():
            rows[header].pop()
        if len(rows[header]) == 1:
            several = any(len(row) > 1 for row in rows)
            help_ = "delete what stands above the row of names" if several else _ONE_CELL
            table.refuse_name(0, "FN103", "the first row has one cell, and a table has several", help_)
    return table


_ONE_CELL = "part the columns by a comma, a semicolon, a tab or |"
_BROKEN = {
    "field larger": (
        "FN119",
        "a cell is longer than 131,072 characters",
        "check the quotes: one may not be closed",
    ),
    "unexpected end": ("FN103", "a quote is opened and not closed", 'close it; a quote within a cell is written ""'),
    "": ("FN103", "something follows a closing quote", 'write a quote within a cell as ""'),
}
"""What is wrong, by words of the message of the csv module."""


def _header(rows: list[list[str]]) -> int:
    """The index of the row of names: what stands above it are titles, as of a report, its dates and `#` lines."""
    filled = {index: [cell for cell in row if cell.strip()] for index, row in enumerate(rows[:_MOST_ABOVE]) if row}
    first = next(iter(filled), 0)
    widths = [len(cells) for cells in list(filled.values())[-_SAMPLE:]]
    usual = max(set(widths), key=lambda width: (widths.count(width), width), default=0)
    named = [
        index
        for index, cells in filled.items()
        if len(cells) > 1 and len(cells) >= usual - 1 and all(map(_is_name, cells))
    ]
    for index, follows in pairwise([*filled, len(rows)]):
        body = filled.get(follows, [])
        if index in named and not all(map(_is_name, body)):
            return index
    return next((index for index, cells in filled.items() if len(cells) > 1 and not cells[0].startswith("# ")), first)


def _is_name(cell: str) -> bool:
    return looks_like(cell) == "text" or cell.strip()[:1] in ("#", "%")


def _skipped(rows: list[list[str]], titles: list[int], starts: list[int]) -> str:
    """What is said of the lines above the names."""
    first = " ".join(filter(None, map(clean, rows[titles[0]])))
    lines = f"line {starts[titles[0]] + 1}" + (f" to {starts[titles[-1]] + 1}" if len(titles) > 1 else "")
    more = " …" if len(titles) > 1 else ""
    return f"{lines} above the names {'are' if more else 'is'} skipped: {quoted(first)}{more}"


def _delimiter(lines: list[str]) -> str:
    """The delimiter under which the first rows are as wide as the names above them."""
    best, most = ",", -1.0
    for delimiter in DELIMITERS:
        rows = []
        try:
            for row in islice(csv.reader(lines, delimiter=delimiter), _SAMPLE):
                while row and not row[-1].strip():
                    row.pop()
                if row:
                    rows.append(len(row))
        except csv.Error:
            pass  # the widths before it count; the reader proper tells the problem
        if max(rows, default=1) < 2:
            continue
        # rows of one cell at the start are titles; a delimiter that only titles have does not part the table
        first = next((at for at, width in enumerate(rows) if width > 1), 0)
        fitting = sum(1 < width <= max(rows[first], rows[-1]) for width in rows[first:]) / len(rows)
        if fitting > most:
            best, most = delimiter, fitting
    return best


def diagnostics(table: CellTable, file: str) -> list[Diagnostic]:
    """Problems at their places in the file, in the order of the table."""
    ends = [*table.starts[1:], len(table.lines)]

    @cache
    def spans(row: int) -> list[tuple[int, int, int]]:
        start = table.starts[row]
        return _spans(table.lines[start : ends[row]], start, table.delimiter)

    def place(row: int, column: int) -> tuple[Location, str]:
        if not table.rows:
            return Location(file, 1, 1, 2), ""
        line, start, end = spans(row)[min(column, len(spans(row)) - 1)]
        return Location(file, line + 1, start + 1, max(end, start + 1) + 1), table.lines[line].rstrip("\r\n")

    found = sorted(table.problems, key=lambda each: (each.row, each.column, each.problem.code))
    return [
        Diagnostic(
            problem,
            *place(row, column),
            _cell_name(row, column),
            () if related is None else ((related[0], *place(*related[1:])),),
        )
        for row, column, problem, related in found[:MOST_PROBLEMS]
    ]


def _cell_name(row: int, column: int) -> str:
    """The name of a cell as spreadsheets write it: `C4`, `AA10`."""
    letters, rest = "", column + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row + 1}"


def _spans(lines: list[str], start: int, delimiter: str) -> list[tuple[int, int, int]]:
    """Line, first column and end of each cell of the row that begins the lines, which begin at `start`; all from 0.

    Mirrors the csv module, which does not tell columns. Ends early at a cell that is not sound.
    """
    cell = re.compile(rf'"(?:[^"]+|"")*+"?|[^{re.escape(delimiter)}\r\n]*')
    text, offsets = "".join(lines), list(accumulate(map(len, lines), initial=0))
    spans: list[tuple[int, int, int]] = []
    at = 0
    while match := cell.match(text, at):
        line = max(bisect_right(offsets, at, hi=len(lines)) - 1, 0)
        first, end = at - offsets[line], match.end() - offsets[line]
        is_open = match[0][:1] == '"' and match[0].count('"') % 2
        spans.append((start + line, first, first if is_open else min(end, len(lines[line].rstrip("\r\n")))))
        at = match.end() + 1
        if text[match.end() : at] != delimiter:
            break
    return spans
