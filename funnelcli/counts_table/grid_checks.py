"""Whether a table can be one: each column with a name, rows as wide as the names, each label in one spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.characters import hidden_places
from funnelcli.counts_table import words
from funnelcli.counts_table.csv_grid import CellProblems, CsvGrid, clean
from funnelcli.diagnostics import quoted
from funnelcli.metrics import fold

if TYPE_CHECKING:
    from funnelcli.counts_table.column_roles import ColumnRoles


def check_names(grid: CsvGrid, problems: CellProblems) -> None:
    """Each column with a name that can be seen, and no two alike."""
    seen: dict[str, int] = {}
    for column, name in enumerate(grid.names):
        if not name:
            cells = [grid.rows[row][column] for row in grid.body if len(grid.rows[row]) > column]
            if any(map(str.strip, cells)) and not words.is_numbering(cells):
                problems.add(
                    grid.header, column, "FN121", f"column {column + 1} has no name", "name it in the first row"
                )
            continue
        first = seen.setdefault(fold(name), column)
        if hidden_places(name):
            what = f"an invisible character stands in the name {name!a}"
            problems.add(grid.header, column, "FN015", what, "delete it")
        elif first != column:
            what = f"two columns are named {quoted(name)}"
            related = ("the first", grid.header, first)
            problems.add(grid.header, column, "FN106", what, "rename one, or leave it out", related)


def check_widths(grid: CsvGrid, problems: CellProblems) -> None:
    """Each row as wide as the names; further cells may only be empty."""
    width = len(grid.rows[grid.header])
    for index in grid.body:
        row = grid.rows[index]
        if len(row) > width and not any(map(str.strip, row[width:])):
            del row[width:]
        if len(row) != width:
            cells = f"{len(row)} {'cell' if len(row) == 1 else 'cells'}"
            help_ = "a name or number with the delimiter in it needs quotes" if len(row) > width else "fill the row up"
            what = f"row {index + 1} has {cells} for {width} columns"
            problems.add(index, min(len(row), width), "FN114", what, help_)


def check_labels(grid: CsvGrid, roles: ColumnRoles, problems: CellProblems) -> None:
    """Each label with visible text, and one spelling for each segment; white space in labels is made single."""
    for column in roles.labels if roles.step is None else (*roles.labels, roles.step):
        is_step = column == roles.step
        spelled: dict[str, tuple[str, int]] = {}
        for row in grid.body:
            name = grid.rows[row][column] = clean(grid.rows[row][column])
            if name in spelled and spelled[name][0] == name:
                continue
            known, first = spelled.setdefault(fold(name), (name, row))
            if not name:
                if is_step:  # a row that adds others up may have no label
                    problems.add(row, column, "FN121", "the stage has no name", "name it, or delete the row")
            elif hidden_places(name):
                problems.add(row, column, "FN015", f"an invisible character stands in {name!a}", "delete it")
            elif known != name and not is_step:
                what = f"{quoted(name)} and {quoted(known)} differ only in case"
                problems.add(row, column, "FN106", what, "spell them alike", ("the other spelling", first, column))
        if not is_step:
            _check_subtotal_names(column, spelled, problems)


def _check_subtotal_names(column: int, spelled: dict[str, tuple[str, int]], problems: CellProblems) -> None:
    """`Ads Total` beside `Ads` would be counted twice."""
    for folded, (name, row) in spelled.items():
        first, _, after = folded.partition(" ")
        before, _, last = folded.rpartition(" ")
        for word, rest in ((first, after), (last, before)):
            if word in words.WORDS["total"] and rest and rest in spelled:
                known, other = spelled[rest]
                what = f"{quoted(name)} looks like a subtotal of {quoted(known)} and would be counted twice"
                help_ = "delete the rows of subtotals, or rename the segment"
                problems.add(row, column, "FN106", what, help_, ("the segment", other, column))
