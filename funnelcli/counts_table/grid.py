"""An export, whatever program wrote it, as a grid of cells; and the table that begins at its row of names.

The way: `text_encoding` (bytes to text) and `csv_grid` (text to rows), or `workbook` (a sheet to rows); here what is
common, and `places` for problems.
"""

from __future__ import annotations

import csv
from itertools import chain, islice, pairwise
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.csv_grid import DELIMITERS, rows_of
from funnelcli.counts_table.extent import extent, short_rows
from funnelcli.counts_table.locale_numbers import looks_like
from funnelcli.counts_table.places import BETWEEN_CELLS, at_cell, cell_name, skipped_lines
from funnelcli.counts_table.recognise import MOST_ABOVE
from funnelcli.counts_table.table import CellTable, clean
from funnelcli.counts_table.text_encoding import decode, wide_codec
from funnelcli.counts_table.words import WORDS, has_word, plain
from funnelcli.diagnostics import Diagnostic, Location, Problem
from funnelcli.funnel_file.foreign_files import foreign
from funnelcli.funnel_file.foreign_files import problem as problem_of
from funnelcli.funnel_file.yaml.decoding import LARGEST_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from funnelcli.counts_table.import_options import ImportOptions
    from funnelcli.counts_table.sheets import SheetCells

MOST_COLUMNS = 16384
_SAMPLE = 200


class Grid(NamedTuple):
    """The cells of a file as text, in rows; a row without any filled cell is empty, so that rows count as in the file.

    `starts` are the lines on which rows begin, in workbooks the numbers of rows from 0; `lines` are the source text
    that is shown with a problem. `delimiter` is empty for workbooks. `notes` are sentences on how it was read. `mark`
    is the decimal mark where the file proves it for all its numbers, and `typed` are the places of those cells of a
    workbook that are numbers with a decimal point, where others are text.
    """

    rows: list[list[str]]
    starts: list[int]
    lines: list[str]
    delimiter: str
    notes: list[str]
    encoding: str = "utf-8"
    sheet: str | None = None
    mark: str | None = None
    typed: frozenset[tuple[int, int]] = frozenset()


def read_grid(data: bytes, file: str, options: ImportOptions, known: Iterable[str] = ()) -> Grid | list[Diagnostic]:
    """The cells of an export, or what keeps it from being read.

    `known` are names that may be expected in it, besides those of `words.toml`: they help to tell its encoding.
    """
    if len(data) > LARGEST_FILE:
        what = f"the file is larger than {LARGEST_FILE // 2**20} MiB"
        return [Diagnostic(Problem("FN002", what, "add the rows up by segment first"), Location(file, 1, 1, 2))]
    found = foreign(data)
    if found is not None and found.kind == "workbook":
        return _of_workbook(data, file, found.what, options)
    expected = (*known, *chain.from_iterable(WORDS.values()))
    if found is not None and found.kind == "markup":
        from funnelcli.counts_table.markup_tables import Markup, read_markup  # few exports are such

        markup = read_markup(data, file, found.what, options.sheet, options.encoding, expected)
        if isinstance(markup, Markup):
            return _of_sensible_size(_of_sheet(markup.sheet, options.skip_lines, markup.encoding), file)
        return [Diagnostic(markup, Location(file, 1, 1, 2)) if isinstance(markup, Problem) else markup]
    if found is not None and not (found.kind == "binary" and wide_codec(data)):
        return [Diagnostic(problem_of(found, "table", file), Location(file, 1, 1, 2))]
    if options.sheet is not None:
        problem = Problem("FN120", "a text file has no sheets", "leave --sheet out")
        return [Diagnostic(problem, Location(file, 1, 1, 2))]
    decoded = decode(data, file, options.encoding, expected)
    if isinstance(decoded, Diagnostic):
        return [decoded]
    notes = [] if decoded.note is None else [decoded.note]
    if options.skip_lines:
        notes.append(_skipped_first(options.skip_lines))
    cells = rows_of(decoded.text, options.skip_lines)
    if cells.broken is not None and '\\"' in decoded.text:  # quotes as programs write them in their own texts
        again = rows_of(decoded.text.replace('\\"', '""'), options.skip_lines)
        if again.broken is None:
            notes.append('\\" within a cell is read as a quote')
            cells = again
    grid = Grid(cells.rows, cells.starts, cells.lines, cells.delimiter, notes, decoded.encoding)
    if cells.broken is not None:
        column, problem = cells.broken
        return [at_cell(grid, file, len(grid.rows) - 1, column, problem)]
    return _of_sensible_size(grid, file)


def _of_sensible_size(grid: Grid, file: str) -> Grid | list[Diagnostic]:
    """The grid, unless a row has more cells than any spreadsheet has columns, or a cell is far too long."""
    longest = csv.field_size_limit()
    for at, row in enumerate(() if grid.delimiter else grid.rows):  # of text, the reader of cells has told
        for column, cell in enumerate(row):
            if len(cell) > longest:
                problem = Problem(
                    "FN119", f"a cell is longer than {longest:,} characters", "shorten it, or leave it out"
                )
                return [Diagnostic(problem, Location(file, at + 1, 1, 2), "", cell_name(grid, at, column))]
    widest = max(range(len(grid.rows)), key=lambda row: len(grid.rows[row]), default=0)
    if not grid.rows or len(grid.rows[widest]) <= MOST_COLUMNS:
        return grid
    what = f"a row of {len(grid.rows[widest]):,} cells; at most {MOST_COLUMNS:,} are read"
    problem = Problem("FN119", what, "check which character parts the columns, or export fewer of them")
    return [Diagnostic(problem, Location(file, grid.starts[widest] + 1, 1, 2))]


def _skipped_first(lines: int) -> str:
    return "the first line is skipped" if lines == 1 else f"the first {lines} lines are skipped"


def _of_workbook(data: bytes, file: str, what: str, options: ImportOptions) -> Grid | list[Diagnostic]:
    """The cells of a sheet."""
    if options.encoding is not None:
        problem = Problem("FN120", f"this is {what}, which tells its encoding itself", "leave --encoding out")
        return [Diagnostic(problem, Location(file, 1, 1, 2))]
    from funnelcli.counts_table.workbook import read_sheet  # most exports are text

    sheet = read_sheet(data, what, options.sheet)
    if isinstance(sheet, Problem):
        return [Diagnostic(sheet, Location(file, 1, 1, 2))]
    return _of_sensible_size(_of_sheet(sheet, options.skip_lines, ""), file)


def _of_sheet(sheet: SheetCells, skip_lines: int, encoding: str) -> Grid:
    rows, notes = sheet.rows, sheet.notes
    if skip_lines:
        rows[:skip_lines] = [[] for _ in rows[:skip_lines]]
        notes.append(_skipped_first(skip_lines))
    lines = [_shown(row) for row in rows]
    return Grid(rows, list(range(len(rows))), lines, "", notes, encoding, sheet.name, sheet.mark, sheet.typed)


def _shown(row: list[str]) -> str:
    """A row of a sheet as a line of text; that of a title is its text alone."""
    line = BETWEEN_CELLS.join(row)
    bare = line.rstrip(BETWEEN_CELLS)
    return f"{line if BETWEEN_CELLS in bare else bare}\n"


def cell_table(grid: Grid, header: int | None, options: ImportOptions) -> CellTable:
    """The table whose names stand in a row of the grid; without one it is found. What it lacks is among its problems.

    Rows above the names are titles: they are skipped, and a note says so.
    """
    is_known = header is not None
    if header is None:
        header = find_header(grid.rows)
    titles = [index for index in range(header) if grid.rows[index]]
    found = extent(grid.rows, header, grid.starts)
    rows = grid.rows[: found.end]
    for index in found.repeated:
        rows[index] = []
    notes = [*grid.notes, *([_skipped(rows, titles, grid.starts)] if titles else []), *found.notes]
    table = CellTable(grid.lines, rows, grid.starts, header, grid.delimiter, options, notes, grid.sheet)
    table.mark, table.typed = grid.mark, grid.typed
    if not any(cell.strip(DELIMITERS + " ") for row in rows for cell in row):
        table.refuse(0, 0, "FN006", "the table is empty", "export a table with a row of names above it")
    elif not table.body:
        table.refuse_name(0, "FN006", "the table has no rows below its names", "export the counts too")
    else:
        while rows[header] and not rows[header][-1].strip():
            rows[header].pop()
        if is_known:
            _fill_up(table)
        if len(rows[header]) == 1:
            several = any(len(row) > 1 for row in rows)
            numbers = any(map(str.isdigit, "".join(cell for row in rows for cell in row)))
            help_ = "delete what stands above the row of names" if several else _ONE_CELL if numbers else _NO_COUNTS
            table.refuse_name(0, "FN103", "the first row has one cell, and a table has several", help_)
    return table


def _fill_up(table: CellTable) -> None:
    """Rows that lack their last cells, of a known export, with empty ones."""
    short = short_rows(table.rows, table.header)
    for row in short:
        table.rows[row] = [*table.rows[row], *[""] * (len(table.rows[table.header]) - len(table.rows[row]))]
    if short:
        others = f" and {len(short) - 1} more" if len(short) > 1 else ""
        lack = "lack their" if others else "lacks its"
        table.notes.append(f"row {short[0] + 1}{others} {lack} last cells, which are read as empty")


_ONE_CELL = "part the columns by a comma, a semicolon, a tab or |"
_NO_COUNTS = "export the counts too, in a column beside this one"


def find_header(rows: list[list[str]]) -> int:
    """The index of the row of names: what stands above it are titles, as of a report, its dates and `#` lines."""
    above = islice(((index, row) for index, row in enumerate(rows) if row), MOST_ABOVE)
    filled = {index: [cell for cell in row if cell.strip()] for index, row in above}
    first = next(iter(filled), 0)
    widths = [len(cells) for cells in list(filled.values())[-_SAMPLE:]]
    usual = max(set(widths), key=lambda width: (widths.count(width), width), default=0)
    named = [
        index
        for index, cells in filled.items()
        if len(cells) > 1 and len(cells) >= usual - 1 and all(map(_is_name, cells))
    ]
    told = next((index for index in named if _tells_steps_and_counts(filled[index])), None)
    if told is not None:
        return told
    for index, follows in pairwise([*filled, len(rows)]):
        body = filled.get(follows, [])
        if index in named and not all(map(_is_name, body)):
            return index
    return next((index for index, cells in filled.items() if len(cells) > 1 and not cells[0].startswith("# ")), first)


def _tells_steps_and_counts(cells: list[str]) -> bool:
    """Whether a row names a column of steps and one of counts: words below it are no names, but wrong numbers."""
    return any(has_word("step_words", cell) for cell in cells) and any(plain(cell) in WORDS["counts"] for cell in cells)


def _is_name(cell: str) -> bool:
    return looks_like(cell) == "text" or cell.strip()[:1] in ("#", "%")


def _skipped(rows: list[list[str]], titles: list[int], starts: list[int]) -> str:
    """What is said of the lines above the names."""
    first = " ".join(filter(None, map(clean, rows[titles[0]])))
    return skipped_lines(starts, titles[0], titles[-1], "above the names", first)
