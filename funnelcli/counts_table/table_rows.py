"""The rows of a table as entries: the counts and the money of each combination of labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table import locale_numbers, words
from funnelcli.counts_table.csv_grid import CellProblems, CsvGrid
from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.metrics import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.column_roles import ColumnRoles, TableOptions
    from funnelcli.model import Exact


class FigureColumn(NamedTuple):
    """Where a figure of an entry stands, what it is called in a message, and whether it is money or counts people."""

    column: int
    name: str
    money: bool = False
    people: bool = False


class Entry(NamedTuple):
    """The figures of one combination of labels: counts in stage order, then money; each with the row it stands in.

    `None` is a figure that was refused, or that a row of totals leaves out.
    """

    row: int
    labels: tuple[str, ...]
    figures: list[Exact | None]
    rows: list[int]


@dataclass
class TableReading:
    """A table under a decimal mark: what its columns are, and what is found and said of its rows.

    `figures` are those of an entry, once the stages are known.
    """

    grid: CsvGrid
    options: TableOptions
    roles: ColumnRoles
    mark: str | None
    problems: CellProblems
    notes: list[str]
    figures: Sequence[FigureColumn] = ()

    def under(self, mark: str | None) -> TableReading:
        """The same table under another mark, of which nothing is found yet."""
        return replace(self, mark=mark, problems=CellProblems(), notes=list(self.notes))

    def labels_of(self, row: int) -> tuple[str, ...]:
        """The labels of a row, in the order of their columns."""
        return tuple(self.grid.rows[row][column] for column in self.roles.labels)

    def figure(self, row: int, column: int, money: bool = False) -> Exact | None:
        """The number of a cell; `None` when it was refused."""
        text = self.grid.rows[row][column]
        if self.options.empty_as_zero and not text.strip():
            return 0
        value = locale_numbers.number(text, self.mark, money)
        if isinstance(value, Problem):
            self.problems.add(row, column, value.code, value.message, value.help)
            return None
        return value


def wide_entries(reading: TableReading) -> list[Entry]:
    """One entry a row."""
    grid, entries = reading.grid, []
    first: dict[tuple[str, ...], int] = {}
    for row in grid.body:
        labels = reading.labels_of(row)
        adds_up = bool(labels) and (not all(labels) or any(map(words.is_total, labels)))
        may_lack = adds_up or any(map(words.is_average, labels[:1]))  # what does not add up
        figures = [
            None
            if may_lack and locale_numbers.looks_like(grid.rows[row][figure.column]) in ("empty", "nothing")
            else reading.figure(row, figure.column, figure.money)
            for figure in reading.figures
        ]
        entries.append(Entry(row, labels, figures, [row] * len(figures)))
        if not adds_up and first.setdefault(labels, row) != row:
            named = f"the labels {', '.join(map(quoted, labels))} stand twice"
            column = reading.roles.labels[0] if labels else 0
            reading.problems.add(
                row,
                column,
                "FN106",
                named if labels else "a second row without labels",
                "add the rows up, or add a column that tells them apart",
                ("the first", first[labels], column),
            )
    return entries


def steps_of(reading: TableReading, step: int) -> tuple[str, ...]:
    """The stages of a long table, as they first appear or as the funnel has them."""
    stages, rows = reading.options.stages, reading.grid.rows
    names = dict.fromkeys(rows[row][step] for row in reading.grid.body)
    first = {fold(name): name for name in reversed(names)}
    wrong: dict[str, tuple[str, str, str | None]] = {}
    for name in filter(None, names):
        if stages is not None:
            if reading.options.stage_at(name) is None:
                wrong[name] = ("FN112", f"unknown stage {quoted(name)}", did_you_mean(name, stages))
        elif words.is_total(name):
            wrong[name] = ("FN112", f"{quoted(name)} is not a stage", "delete the rows that add stages up")
        elif (other := first[fold(name)]) != name:
            wrong[name] = ("FN106", f"{quoted(name)} and {quoted(other)} differ only in case", "spell them alike")
    for row in reading.grid.body if wrong else ():
        if rows[row][step] in wrong:
            reading.problems.add(row, step, *wrong[rows[row][step]])
    return tuple(names if stages is None else stages)


def long_entries(reading: TableReading, step: int, stages: tuple[str, ...]) -> list[Entry]:
    """One entry for each combination of labels; a pair of labels and stage stands in one row."""
    problems, options = reading.problems, reading.options
    at: dict[str, int | None] = {name: index for index, name in enumerate(stages)}
    entries: dict[tuple[str, ...], Entry] = {}
    for row in reading.grid.body:
        value = reading.figure(row, reading.roles.counts[0])
        name = reading.grid.rows[row][step]
        index = at[name] if name in at else at.setdefault(name, options.stage_at(name))
        if index is None:
            continue  # reported with the stages
        labels = reading.labels_of(row)
        entry = entries.get(labels)
        if entry is None:
            entry = entries[labels] = Entry(row, labels, [None] * len(stages), [-1] * len(stages))
        if entry.rows[index] < 0:
            entry.figures[index], entry.rows[index] = value, row
            continue
        what = f"the stage {quoted(name)} is counted twice" + (f" in {', '.join(labels)}" if labels else "")
        help_ = "add the rows up, or add a column that tells them apart"
        problems.add(row, step, "FN106", what, help_, ("the first", entry.rows[index], step))
    for entry in entries.values():
        where = f" in {', '.join(map(quoted, entry.labels))}" if entry.labels else ""
        for index in [index for index, row in enumerate(entry.rows) if row < 0]:
            if options.empty_as_zero:
                entry.figures[index], entry.rows[index] = 0, entry.row
            else:
                help_ = "add the row; if what is left out is zero, say --empty-as-zero"
                problems.add(entry.row, step, "FN114", f"no count of {quoted(stages[index])}{where}", help_)
    return list(entries.values())
