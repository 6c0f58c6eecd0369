"""A text of delimited cells as rows, under the delimiter that fits, and the lines on which they begin."""

from __future__ import annotations

import csv
import gc
from contextlib import suppress
from io import StringIO
from itertools import islice
from typing import NamedTuple

from funnelcli.counts_table.places import spans_of_text
from funnelcli.diagnostics import Problem

DELIMITERS = "\t;|,"
"""In this order where several fit: a comma also stands in names and numbers."""
_SAMPLE = 200
_MOST_SAMPLED = 2000
"""Rows, and lines, by which the delimiter is told."""


class CsvRows(NamedTuple):
    """The rows of a text, empty where no cell is filled, so that they count as in the spreadsheet.

    `starts` are the lines on which they begin. `broken` is what ends them early, in the last row, and its column.
    """

    rows: list[list[str]]
    starts: list[int]
    lines: list[str]
    delimiter: str
    broken: tuple[int, Problem] | None = None


def rows_of(text: str, skip_lines: int = 0) -> CsvRows:
    """Text to rows of cells; its first lines may be skipped, which makes rows without cells of them.

    A first line `sep=;` tells the delimiter, as Excel has it, and is no row.
    """
    if "\r\r\n" in text:  # line ends that two programs have written
        text = text.replace("\r\r\n", "\r\n")
    lines = _lines(text)
    told = lines[0].strip(' "\r\n') if lines else ""
    is_told = told[:4].casefold() == "sep=" and len(told) <= 5
    first = max(skip_lines, is_told)
    delimiter = told[4:] if is_told else ""
    if delimiter not in DELIMITERS or not delimiter:
        delimiter = _delimiter(lines[first : first + _MOST_SAMPLED])
    # rows have no cycles: collecting garbage while they grow only takes time
    collecting = gc.isenabled()
    gc.disable()
    try:
        found = _rows(lines, first, delimiter)
    finally:
        if collecting:
            gc.enable()
    skipped = range(is_told, min(first, len(lines)))
    found = found._replace(rows=[*([] for _ in skipped), *found.rows], starts=[*skipped, *found.starts])
    for row in found.rows[:1]:
        row[:1] = [cell.removeprefix("\ufeff") for cell in row[:1]]  # a mark within the quotes of the first name
    return found


def _lines(text: str) -> list[str]:
    """The lines of a text with their ends, of which CR, LF or both are one."""
    lines = text.splitlines(keepends=True)
    ends = text.count("\n") + (not text.endswith("\n"))
    return lines if len(lines) == ends else list(StringIO(text, newline=""))  # a form feed, say, ended one as well


def _rows(lines: list[str], skipped: int, delimiter: str) -> CsvRows:
    with suppress(csv.Error):  # where each row is a line, as in most files, this is all
        rows = list(csv.reader(islice(lines, skipped, None), delimiter=delimiter, strict=True))
        if len(rows) == len(lines) - skipped:
            rows = [row if any(map(str.strip, row)) else [] for row in rows]
            return CsvRows(rows, list(range(skipped, len(lines))), lines, delimiter)
    return _rows_of_lines(lines, skipped, delimiter)


def _rows_of_lines(lines: list[str], skipped: int, delimiter: str) -> CsvRows:
    """Rows with the lines on which they begin, where some go over several."""
    rows: list[list[str]] = []
    starts: list[int] = []
    reader = csv.reader(islice(lines, skipped, None), delimiter=delimiter, strict=True)
    while True:
        start = reader.line_num + skipped
        try:
            row = next(reader)
        except StopIteration:
            return CsvRows(rows, starts, lines, delimiter)
        except csv.Error as error:
            said = next(said for word, said in _BROKEN.items() if word in str(error))
            column = max(len(spans_of_text(lines[start:], start, delimiter)) - 1, 0)
            return CsvRows([*rows, []], [*starts, start], lines, delimiter, (column, Problem(*said)))
        starts.append(start)
        rows.append(row if any(map(str.strip, row)) else [])


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


def _delimiter(lines: list[str]) -> str:
    """The delimiter under which most rows are as wide as most others, or narrower."""
    best, most, width = ",", -1.0, 0
    for delimiter in DELIMITERS:
        widths: list[int] = []
        try:
            rows = islice(csv.reader(lines, delimiter=delimiter), _SAMPLE)
            widths.extend(len(row) for row in rows if any(map(str.strip, row)))
        except csv.Error:
            pass  # the widths before it count; the reader proper tells the problem
        wide = [each for each in widths if each > 1]
        if not wide:
            continue
        # rows of one cell at the start are titles; a delimiter that only titles have does not part the table
        usual = max(wide, key=lambda each: (wide.count(each), each))
        first = next(at for at, each in enumerate(widths) if each > 1)
        fitting = sum(1 < each <= usual for each in widths[first:]) / len(widths)
        if fitting > most or (fitting == most and usual > 2 * width):
            best, most, width = delimiter, fitting, usual
    return best
