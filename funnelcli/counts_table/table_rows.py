"""The rows of a table as entries: the counts and the money of each combination of labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.counts_table import column_words as words
from funnelcli.counts_table import locale_numbers
from funnelcli.counts_table.column_roles import Roles, Wish, stage_at
from funnelcli.counts_table.csv_grid import Finding, Grid
from funnelcli.counts_table.grid_checks import labels_of
from funnelcli.counts_table.totals import Entry
from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.metrics import fold

if TYPE_CHECKING:
    from funnelcli.model import Exact


def _read(
    grid: Grid, row: int, column: int, money: bool, mark: str | None, wish: Wish, findings: list[Finding]
) -> Exact | None:
    """The number of a cell; `None` when it was refused."""
    text = grid.rows[row][column]
    if wish.empty_as_zero and not text.strip():
        return 0
    value = locale_numbers.number(text, mark, money)
    if isinstance(value, Problem):
        findings.append(Finding(row, column, value))
        return None
    return value


def wide_entries(grid: Grid, roles: Roles, mark: str | None, wish: Wish, findings: list[Finding]) -> list[Entry]:
    """One entry a row."""
    entries = []
    first: dict[tuple[str, ...], int] = {}
    for row in grid.body:
        labels = labels_of(grid, roles, row)
        adds_up = bool(labels) and (not all(labels) or any(map(words.is_total, labels)))

        def cell(
            column: int, money: bool, row: int = row, may_lack: bool = adds_up or any(map(words.is_average, labels[:1]))
        ) -> Exact | None:
            if may_lack and locale_numbers.looks_like(grid.rows[row][column]) in ("empty", "nothing"):
                return None  # a row of totals may leave out what does not add up
            return _read(grid, row, column, money, mark, wish, findings)

        counts = [cell(column, False) for column in roles.stages]
        entries.append(Entry(row, labels, counts, [row] * len(counts), [cell(column, True) for column in roles.money]))
        if not adds_up and first.setdefault(labels, row) != row:
            said = (
                f"the labels {', '.join(map(quoted, labels))} stand twice" if labels else "a second row without labels"
            )
            column = roles.labels[0] if roles.labels else 0
            problem = Problem("FN106", said, "add the rows up, or add a column that tells them apart")
            findings.append(Finding(row, column, problem, ("the first", first[labels], column)))
    return entries


def steps_of(grid: Grid, roles: Roles, wish: Wish, findings: list[Finding]) -> tuple[str, ...]:
    """The stages of a long table, as they first appear or as the funnel has them."""
    assert roles.step is not None
    names = dict.fromkeys(grid.rows[row][roles.step] for row in grid.body)
    first = {fold(name): name for name in reversed(names)}
    problems = {}
    for name in filter(None, names):
        if wish.stages is not None and stage_at(name, wish) is None:
            problems[name] = Problem("FN112", f"unknown stage {quoted(name)}", did_you_mean(name, wish.stages))
        elif wish.stages is None and words.is_total(name):
            problems[name] = Problem("FN112", f"{quoted(name)} is not a stage", "delete the rows that add stages up")
        elif wish.stages is None and first[fold(name)] != name:
            other = quoted(first[fold(name)])
            problems[name] = Problem("FN106", f"{quoted(name)} and {other} differ only in case", "spell them alike")
    for row in grid.body if problems else ():
        problem = problems.get(grid.rows[row][roles.step])
        if problem is not None:
            findings.append(Finding(row, roles.step, problem))
    return tuple(names) if wish.stages is None else tuple(wish.stages)


def long_entries(
    grid: Grid, roles: Roles, stages: tuple[str, ...], mark: str | None, wish: Wish, findings: list[Finding]
) -> list[Entry]:
    """One entry for each combination of labels; a pair of labels and stage stands in one row."""
    assert roles.step is not None
    assert roles.counted is not None
    at = {name: index for index, name in enumerate(stages)}
    entries: dict[tuple[str, ...], Entry] = {}
    for row in grid.body:
        cells = grid.rows[row]
        value = _read(grid, row, roles.counted, False, mark, wish, findings)
        name = cells[roles.step]
        index = at.get(name)
        if index is None:
            known = stage_at(name, wish)
            if known is None:
                continue  # reported with the stages
            index = at[name] = known
        labels = labels_of(grid, roles, row)
        entry = entries.get(labels)
        if entry is None:
            entry = entries[labels] = Entry(row, labels, [None] * len(stages), [-1] * len(stages), [])
        if entry.rows[index] >= 0:
            said = f"the stage {quoted(name)} is counted twice" + (f" in {', '.join(labels)}" if labels else "")
            problem = Problem("FN106", said, "add the rows up, or add a column that tells them apart")
            findings.append(Finding(row, roles.step, problem, ("the first", entry.rows[index], roles.step)))
            continue
        entry.counts[index], entry.rows[index] = value, row
    for entry in entries.values():
        for index, row in enumerate(entry.rows):
            if row >= 0:
                continue
            if wish.empty_as_zero:
                entry.counts[index], entry.rows[index] = 0, entry.row
            else:
                where = f" in {', '.join(map(quoted, entry.labels))}" if entry.labels else ""
                cure = "add the row; if what is left out is zero, say --empty-as-zero"
                problem = Problem("FN114", f"no count of {quoted(stages[index])}{where}", cure)
                findings.append(Finding(entry.row, roles.step, problem))
    return list(entries.values())
