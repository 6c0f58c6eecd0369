"""Tables with the steps in rows and the segments in columns: turned, so that each segment has a row.

The names of columns tell it where they are periods, which are no stages; a column of totals proves it; else it is
asked which columns count.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from funnelcli.analyses.periods import are_periods
from funnelcli.counts_table import locale_numbers
from funnelcli.counts_table.columns import kind_of
from funnelcli.counts_table.proved_totals import not_sum
from funnelcli.counts_table.recipes import RecipeColumn
from funnelcli.counts_table.table import clean
from funnelcli.counts_table.words import WORDS, names_units
from funnelcli.diagnostics import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.columns import TableColumn
    from funnelcli.counts_table.import_options import ImportOptions
    from funnelcli.counts_table.table import CellTable

PERIOD, SEGMENT = "period", "segment"
"""What the dimension of the columns is called."""


def find_crossed(
    table: CellTable, columns: Sequence[TableColumn], steps: Sequence[TableColumn], counted: Sequence[TableColumn]
) -> bool:
    """Whether steps stand in rows and segments in columns; then the turned table is `table.turned`.

    Columns of periods beside rows that are no stages by their names are a problem, as neither makes a funnel.
    """
    asked = [column for column in counted if column.is_asked]
    texts = [column for column in columns if column.kind in ("label", "steps") and column.left_out is None]
    numbers = asked or [column for column in columns if column.kind in ("count", "money") and column.stage is None]
    numbers = [column for column in numbers if column.left_out is None]
    if table.is_known or table.options.layout == "wide" or len(texts) != 1 or len(numbers) < 2:
        return False
    if len(asked) > 1 and steps:
        _turn(table, texts[0], asked)
        return True
    if asked or (table.options.layout is None and any(column.stage is not None for column in columns)):
        return False
    names = texts[0]
    segments = [column for column in numbers if column.base not in WORDS["total"]]
    in_rows = names in steps or names.base in WORDS["measures"]
    if len(segments) > 1 and are_periods(column.name for column in segments):
        if in_rows or _are_stages(names.cells):
            _turn(table, names, numbers)
            return True
        what = f"the columns {quoted(segments[0].name)} and {quoted(segments[1].name)} are periods, and no stages"
        help_ = f"where the rows are the stages: --steps {quoted(names.name)}; else export one column a stage"
        table.refuse_name(segments[0].at, "FN114", what, help_)
        return False
    totals = [column for column in numbers if column not in segments]
    if in_rows and totals and len(segments) > 1:
        wrong = _unproved(segments, totals[0])
        if wrong is None:
            _turn(table, names, numbers)
        elif not any(column.base in WORDS["counts"] for column in segments):
            row, said, made = wrong
            what = f"{quoted(totals[0].name)} says {said} for {quoted(names.cells[row])}, and the others make {made}"
            help_ = f"correct it; where it alone counts: --count {quoted(totals[0].name)}"
            table.refuse(table.body[row], totals[0].at, "FN114", what, help_)
        return wrong is None
    are_stages = _are_stages(names.cells) and not any(names_units(column.name) for column in segments)
    if are_stages and names not in steps:
        what = f"stages seem to stand in the rows of {quoted(names.name)}, and not in the columns"
        counts = " ".join(f"--count {quoted(each.name)}" for each in segments)
        help_ = f"where the columns are segments: --steps {quoted(names.name)} {counts}; or of one: --count COLUMN"
        table.refuse_name(names.at, "FN114", what, f"{help_}; else --layout wide")
    return False


def turn_headless(table: CellTable) -> bool:
    """Whether the table has no names above it: a stage and its count in each row, by the words of most of them."""
    rows = [table.header, *table.body]
    cells = [[clean(cell) for cell in table.rows[row]] for row in rows]
    pairs = all(
        len(row) == 2 and locale_numbers.looks_like(row[0]) == "text" and locale_numbers.looks_like(row[1]) == "number"
        for row in cells
    )
    options = table.options
    if not pairs or table.is_known or options.layout is not None or not _are_stages([row[0] for row in cells]):
        return False
    turned = [[row[0] for row in cells], [row[1] for row in cells]]
    hints = {at: RecipeColumn("count") for at in range(len(rows))}
    origin = ((0, 1), tuple(rows))
    table.turned = replace(
        table, rows=turned, header=0, notes=[], problems=[], origin=origin, options=_of_turned(options), hints=hints
    )
    table.notes.append("no names stand above the table: its rows are read as stages and their counts")
    return True


def _of_turned(options: ImportOptions) -> ImportOptions:
    """The options without those that name columns of the table before it was turned."""
    return options._replace(labels=(), counts=(), steps=None, drops=(), layout="wide")


def _are_stages(cells: Sequence[str]) -> bool:
    """Whether most cells name what is counted: visits, leads, sales."""
    return len(cells) > 1 and sum(map(names_units, cells)) * 2 > len(cells)


def _unproved(segments: Sequence[TableColumn], total: TableColumn) -> tuple[int, str, str] | None:
    """The first row whose total is not the sum of its segments, with both; `None` where all are, under one mark."""
    first = None
    for mark in locale_numbers.MARKS:
        rows = zip(total.cells, *(column.cells for column in segments), strict=True)
        wrong = None
        for at, row in enumerate(rows):
            cells = [cell for cell in row if not cell.strip().endswith("%")]
            if cells and (makes := not_sum(cells, mark)):
                wrong = wrong or (at, row[0].strip(), makes)
        if wrong is None:
            return None
        first = first or wrong
    return first


def _turn(table: CellTable, names: TableColumn, segments: Sequence[TableColumn]) -> None:
    """The table with a row a segment; its problems are told at the cells where they stand."""
    body = table.body
    periods = are_periods(column.name for column in segments if column.base not in WORDS["total"])
    header = [PERIOD if periods else SEGMENT, *(clean(table.rows[row][names.at]) for row in body)]
    rows = [header, *([column.name, *(table.rows[row][column.at] for row in body)] for column in segments)]
    hints = {0: RecipeColumn("label")}
    if names.is_asked:  # the rows are stages, whatever they are called
        hints |= {
            at: RecipeColumn("count")
            for at in range(1, len(header))
            if kind_of(header[at], [row[at] for row in rows[1:]]) in ("count", "empty")
        }
    origin = ((names.at, *(column.at for column in segments)), (table.header, *body))
    places = {
        place: (row, at)
        for row, column in enumerate(origin[0])
        for at, there in enumerate(origin[1])
        for place in [(there, column)]
    }
    typed = frozenset(places[place] for place in table.typed if place in places)
    table.turned = replace(
        table,
        rows=rows,
        header=0,
        options=_of_turned(table.options),
        hints=hints,
        notes=[],
        problems=[],
        multiplied={},
        origin=origin,
        typed=typed,
    )
