"""Whether a table can be one: each column with a name, rows as wide as the names, each label in one spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.characters import hidden_places
from funnelcli.counts_table import column_words as words
from funnelcli.counts_table.csv_grid import Finding, Grid, clean
from funnelcli.diagnostics import Problem, quoted
from funnelcli.metrics import fold

if TYPE_CHECKING:
    from funnelcli.counts_table.column_roles import Roles


def check_names(grid: Grid, findings: list[Finding]) -> None:
    """Each column with a name that can be seen, and no two alike."""
    seen: dict[str, int] = {}
    for column, name in enumerate(grid.names):
        if not name:
            cells = [grid.rows[row][column] for row in grid.body if len(grid.rows[row]) > column]
            if any(map(str.strip, cells)) and not words.is_numbering(cells):
                problem = Problem("FN121", f"column {column + 1} has no name", "name it in the first row")
                findings.append(Finding(grid.header, column, problem))
        elif hidden_places(name):
            problem = Problem("FN015", f"an invisible character stands in the name {name!a}", "delete it")
            findings.append(Finding(grid.header, column, problem))
        elif fold(name) in seen:
            problem = Problem("FN106", f"two columns are named {quoted(name)}", "rename one, or leave it out")
            findings.append(Finding(grid.header, column, problem, ("the first", grid.header, seen[fold(name)])))
        else:
            seen[fold(name)] = column


def check_widths(grid: Grid, findings: list[Finding]) -> None:
    """Each row as wide as the names; further cells may only be empty."""
    width = len(grid.rows[grid.header])
    for index in grid.body:
        row = grid.rows[index]
        if len(row) > width and not any(map(str.strip, row[width:])):
            del row[width:]
        if len(row) != width:
            cells = f"{len(row)} {'cell' if len(row) == 1 else 'cells'}"
            cure = "a name or number with the delimiter in it needs quotes" if len(row) > width else "fill the row up"
            problem = Problem("FN114", f"row {index + 1} has {cells} for {width} columns", cure)
            findings.append(Finding(index, min(len(row), width), problem))


def labels_of(grid: Grid, roles: Roles, row: int) -> tuple[str, ...]:
    """The labels of a row, in the order of their columns."""
    return tuple(grid.rows[row][column] for column in roles.labels)


def check_labels(grid: Grid, roles: Roles, findings: list[Finding]) -> None:
    """Each label with visible text, and one spelling for each segment."""
    for column in (*roles.labels, *(() if roles.step is None else (roles.step,))):
        spelled: dict[str, tuple[str, int]] = {}
        for row in grid.body:
            name = clean(grid.rows[row][column])
            grid.rows[row][column] = name
            if name in spelled and spelled[name][0] == name:
                continue
            folded = fold(name)
            known = spelled.setdefault(folded, (name, row))
            if not name and column != roles.step:
                continue  # a row that adds others up may have none
            if not name:
                findings.append(
                    Finding(row, column, Problem("FN121", "the stage has no name", "name it, or delete the row"))
                )
            elif hidden_places(name):
                problem = Problem("FN015", f"an invisible character stands in {name!a}", "delete it")
                findings.append(Finding(row, column, problem))
            elif known[0] != name and column != roles.step:
                problem = Problem(
                    "FN106", f"{quoted(name)} and {quoted(known[0])} differ only in case", "spell them alike"
                )
                findings.append(Finding(row, column, problem, ("the other spelling", known[1], column)))
        if column != roles.step:
            _check_subtotal_names(grid, column, spelled, findings)


def _check_subtotal_names(
    grid: Grid, column: int, spelled: dict[str, tuple[str, int]], findings: list[Finding]
) -> None:
    """`Ads Total` beside `Ads` would be counted twice."""
    for folded, (name, row) in spelled.items():
        first, _, after = folded.partition(" ")
        before, _, last = folded.rpartition(" ")
        for word, rest in ((first, after), (last, before)):
            if word in words.TOTAL_NAMES and rest and rest in spelled:
                problem = Problem(
                    "FN106",
                    f"{quoted(name)} looks like a subtotal of {quoted(spelled[rest][0])} and would be counted twice",
                    "delete the rows of subtotals, or rename the segment",
                )
                findings.append(Finding(row, column, problem, ("the segment", spelled[rest][1], column)))
