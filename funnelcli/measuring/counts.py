"""Counts that are already added up, in a spreadsheet's CSV export: bytes to stages, totals and breakdowns.

A wide table has a column of numbers for each stage and a row for each segment; a long one has a column of stages and a
column of counts, one row for each pair. Other columns of text are labels, each a dimension added up on its own.
A column named budget, cost or spend holds the budgets of the segments, in wide tables only. Nothing is guessed: what
may be read in two ways is refused with its line and column, and `path` names the cell as spreadsheets do (`C4`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.diagnostics import Diagnostic, Location, Problem, decimal_text, did_you_mean, quoted
from funnelcli.measuring import numerals
from funnelcli.measuring.cells import Finding, Grid, decode, diagnostics, grid_of
from funnelcli.measuring.columns import (
    TOTAL_NAMES,
    Roles,
    Wish,
    check_labels,
    check_names,
    check_widths,
    decimal_mark,
    is_total,
    labels_of,
    roles_of,
    stage_at,
    stage_name,
)
from funnelcli.model import Breakdown, Segment, added, reduced
from funnelcli.selectors import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from funnelcli.model import Exact

MOST_SUBTOTALS = 16
"""Kinds of subtotals, by the dimensions they add over: each costs one more pass over the table."""
LAYOUTS = ("wide", "long")


class CountsTable(NamedTuple):
    """What a table of counts says.

    `totals` are counts in the order of `stages`; each breakdown's segments carry theirs in the same order, and the
    budget of the segment where the table has such a column. `budget` is the sum of the budgets, in the table's
    currency. Labels, periods too, are kept as text. `notes` are sentences on what was left out, for the reader.
    """

    stages: tuple[str, ...]
    totals: tuple[Exact, ...]
    breakdowns: tuple[Breakdown, ...] = ()
    budget: Exact | None = None
    notes: tuple[str, ...] = ()


class _Entry(NamedTuple):
    """The counts of one combination of labels in stage order, each with the row it stands in; `None` was refused."""

    row: int
    labels: tuple[str, ...]
    counts: list[Exact | None]
    rows: list[int]
    budget: Exact | None


def counts_from_table(
    data: bytes,
    file: str,
    stages: Sequence[str] | None = None,
    *,
    decimal: str | None = None,
    empty_as_zero: bool = False,
    layout: str | None = None,
    labels: Iterable[str] = (),
) -> CountsTable | list[Diagnostic]:
    """Read a table of counts, or return all that is wrong with it: sorted, at most 1,000 diagnostics.

    `stages` are the names of an existing funnel: columns, or the rows of a long table, are matched with them, and
    growth is left to that funnel's own rules. Without them the stages are the columns of numbers, or the steps of a
    long table as they first appear, and counts must fall.
    `decimal` is the decimal mark, `.` or `,`, for tables that do not prove it. Empty cells, and pairs that a long table
    leaves out, are refused unless `empty_as_zero`. `layout` is `wide` or `long`, told by the names of the columns when
    it is not given. `labels` names columns that are labels although they hold numbers.
    Raises `ValueError` for another `decimal` or `layout`.
    """
    if decimal not in (None, *numerals.MARKS) or layout not in (None, *LAYOUTS):
        raise ValueError("decimal is . or , and layout is wide or long")
    wish = Wish(stages, decimal, empty_as_zero, layout, frozenset(map(fold, labels)))
    text = decode(data)
    if isinstance(text, tuple):
        problem, line, column, source = text
        return [Diagnostic(problem, Location(file, line + 1, column + 1, column + 2), source)]
    findings: list[Finding] = []
    grid = grid_of(text, findings)
    table = None if findings else _table(grid, wish, findings)
    return table if table is not None else diagnostics(findings, grid, file)


def _too_few(grid: Grid, roles: Roles, stages: int) -> Problem:
    """Fewer than two stages, and which columns of a wide table are none because of what they hold."""
    what = f"{stages} {'stage' if stages == 1 else 'stages'}; a funnel has at least two"
    for column in set(roles.labels) - {0} if roles.step is None else ():  # labels mostly stand first
        for row in grid.body:
            text = grid.rows[row][column].strip()
            if numerals.looks_like(text) == "text":
                cell = f"{quoted(text)} in line {grid.starts[row] + 1}"
                cure = f"{cell} makes {quoted(grid.names[column])} a column of labels; write a number, if it is a stage"
                return Problem("FN105", what, cure)
    return Problem("FN105", what, "give each stage a column of counts, or name the columns stage and count")


def _table(grid: Grid, wish: Wish, findings: list[Finding]) -> CountsTable | None:
    """From cells to counts; `None` when something was found wrong."""
    check_names(grid, findings)
    check_widths(grid, findings)
    if findings:
        return None
    roles = roles_of(grid, wish, findings)
    if roles is None:
        return None
    mark = decimal_mark(grid, roles, wish, findings)
    notes = [
        f"the column {quoted(grid.names[column])} is empty and left out"
        for column in roles.dropped
        if grid.names[column]
    ]
    check_labels(grid, roles, findings)
    if roles.step is None:
        stages = tuple(stage_name(grid.names[column], wish) for column in roles.stages)
        entries = _wide_entries(grid, roles, mark, wish, findings)
    else:
        stages = _steps(grid, roles, wish, findings)
        entries = _long_entries(grid, roles, stages, mark, wish, findings)
    if len(stages) < 2 and not findings:
        findings.append(Finding(grid.header, 0, _too_few(grid, roles, len(stages))))
    if not findings:
        entries = _without_totals(grid, roles, stages, entries, findings, notes)
    if wish.stages is None:
        _check_falling(roles, stages, entries, findings)
    return None if findings else _summed(grid, roles, stages, entries, notes)


def _read(
    grid: Grid, row: int, column: int, money: bool, mark: str | None, wish: Wish, findings: list[Finding]
) -> Exact | None:
    """The number of a cell; `None` when it was refused."""
    text = grid.rows[row][column]
    if wish.empty_as_zero and not text.strip():
        return 0
    value = numerals.number(text, mark, money)
    if isinstance(value, Problem):
        findings.append(Finding(row, column, value))
        return None
    return value


def _wide_entries(grid: Grid, roles: Roles, mark: str | None, wish: Wish, findings: list[Finding]) -> list[_Entry]:
    """One entry a row."""
    entries = []
    first: dict[tuple[str, ...], int] = {}
    for row in grid.body:
        labels = labels_of(grid, roles, row)
        counts = [_read(grid, row, column, False, mark, wish, findings) for column in roles.stages]
        budget = None if roles.budget is None else _read(grid, row, roles.budget, True, mark, wish, findings)
        entries.append(_Entry(row, labels, counts, [row] * len(counts), budget))
        if first.setdefault(labels, row) != row:
            said = (
                f"the labels {', '.join(map(quoted, labels))} stand twice" if labels else "a second row without labels"
            )
            column = roles.labels[0] if roles.labels else 0
            problem = Problem("FN106", said, "add the rows up, or add a column that tells them apart")
            findings.append(Finding(row, column, problem, ("the first", first[labels], column)))
    return entries


def _steps(grid: Grid, roles: Roles, wish: Wish, findings: list[Finding]) -> tuple[str, ...]:
    """The stages of a long table, as they first appear or as the funnel has them."""
    assert roles.step is not None
    names = dict.fromkeys(grid.rows[row][roles.step] for row in grid.body)
    first = {fold(name): name for name in reversed(names)}
    problems = {}
    for name in filter(None, names):
        if wish.stages is not None and stage_at(name, wish) is None:
            problems[name] = Problem("FN112", f"unknown stage {quoted(name)}", did_you_mean(name, wish.stages))
        elif wish.stages is None and fold(name) in TOTAL_NAMES:
            problems[name] = Problem("FN112", f"{quoted(name)} is not a stage", "delete the rows that add stages up")
        elif wish.stages is None and first[fold(name)] != name:
            other = quoted(first[fold(name)])
            problems[name] = Problem("FN106", f"{quoted(name)} and {other} differ only in case", "spell them alike")
    for row in grid.body if problems else ():
        problem = problems.get(grid.rows[row][roles.step])
        if problem is not None:
            findings.append(Finding(row, roles.step, problem))
    return tuple(names) if wish.stages is None else tuple(wish.stages)


def _long_entries(
    grid: Grid, roles: Roles, stages: tuple[str, ...], mark: str | None, wish: Wish, findings: list[Finding]
) -> list[_Entry]:
    """One entry for each combination of labels; a pair of labels and stage stands in one row."""
    assert roles.step is not None
    assert roles.counted is not None
    at = {name: index for index, name in enumerate(stages)}
    entries: dict[tuple[str, ...], _Entry] = {}
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
            entry = entries[labels] = _Entry(row, labels, [None] * len(stages), [-1] * len(stages), None)
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


def _without_totals(
    grid: Grid,
    roles: Roles,
    stages: tuple[str, ...],
    entries: list[_Entry],
    findings: list[Finding],
    notes: list[str],
) -> list[_Entry]:
    """The entries that are no totals; a total that is not the sum of the others is a finding with both figures."""
    if len(entries) == 1:
        return entries  # a table of nothing but its total
    parts = [entry for entry in entries if not is_total(entry.labels)]
    _check_unnamed_total(roles, parts, findings)
    sums: dict[tuple[int, ...], dict[tuple[str, ...], list[Exact]]] = {}
    for entry in entries if len(parts) < len(entries) else ():
        if not is_total(entry.labels):
            continue
        fixed = tuple(at for at, label in enumerate(entry.labels) if label and fold(label) not in TOTAL_NAMES)
        column = roles.labels[0]
        if fixed not in sums and len(sums) == MOST_SUBTOTALS:
            cure = "delete the rows of totals"
            findings.append(Finding(entry.row, column, Problem("FN114", "too many kinds of subtotals", cure)))
            break
        if fixed not in sums:
            sums[fixed] = _sums(parts, fixed)
        named = " ".join(quoted(label) for label in entry.labels if label)
        expected = sums[fixed].get(tuple(entry.labels[at] for at in fixed), [0] * (len(stages) + 1))
        before = len(findings)
        for at, (count, row) in enumerate(zip(_figures(entry), (*entry.rows, entry.row), strict=True)):
            if count == expected[at]:
                continue
            columns = roles.stages if roles.counted is None else (roles.counted,) * len(stages)
            what = quoted(stages[at]) if at < len(stages) else "the budget"
            problem = Problem(
                "FN114",
                f"the row {named} says {decimal_text(count)} for {what}, and the rows it adds up make "
                f"{decimal_text(expected[at])}",
                "correct the counts, or delete the row of totals",
            )
            findings.append(Finding(row, columns[at] if at < len(stages) else roles.budget or 0, problem))
        if len(findings) == before:
            notes.append(f"row {entry.row + 1}, {named}, adds up the others and is left out")
    return parts


def _figures(entry: _Entry) -> list[Exact]:
    """The counts of an entry, then its budget; 0 where there is none."""
    return [count or 0 for count in (*entry.counts, entry.budget)]


def _sums(entries: list[_Entry], fixed: tuple[int, ...]) -> dict[tuple[str, ...], list[Exact]]:
    """The figures of entries added up by some of their labels, in the order in which those first appear."""
    sums: dict[tuple[str, ...], list[Exact]] = {}
    for entry in entries:
        key = tuple(entry.labels[at] for at in fixed)
        figures = _figures(entry)
        known = sums.get(key)
        sums[key] = figures if known is None else [one + other for one, other in zip(known, figures, strict=True)]
    return sums


def _check_unnamed_total(roles: Roles, entries: list[_Entry], findings: list[Finding]) -> None:
    """No row is the sum of all others, at the first or at the last place: it would count everything twice."""
    for total, others in ((entries[-1], entries[:-1]), (entries[0], entries[1:])):
        if len(others) < 2 or any(count is None for entry in entries for count in entry.counts):
            continue
        sums = [added(entry.counts[at] or 0 for entry in others) for at in range(len(total.counts))]
        if total.counts == sums and sums[0]:
            what = f"{', '.join(map(quoted, total.labels)) or 'the row'} is the sum of all other rows"
            cure = "call it Total, and it is left out; or delete it"
            findings.append(Finding(total.row, roles.labels[0] if roles.labels else 0, Problem("FN106", what, cure)))
            return


def _check_falling(roles: Roles, stages: tuple[str, ...], entries: list[_Entry], findings: list[Finding]) -> None:
    """No count above that of the stage before it; the order of the columns or rows is the order of the stages."""
    for entry in entries:
        where = f"in {', '.join(map(quoted, entry.labels))}, " if entry.labels else ""
        for at in range(1, len(stages)):
            before, count = entry.counts[at - 1], entry.counts[at]
            if before is None or count is None or count <= before:
                continue
            problem = Problem(
                "FN104",
                f"{where}stage {quoted(stages[at])} ({decimal_text(count)}) exceeds the one before it, "
                f"{quoted(stages[at - 1])} ({decimal_text(before)})",
                f"put the {'rows' if roles.step is not None else 'columns'} in the order of the funnel, "
                "or give the funnel file, which may allow growth",
            )
            findings.append(
                Finding(entry.rows[at], roles.stages[at] if roles.counted is None else roles.counted, problem)
            )


def _summed(grid: Grid, roles: Roles, stages: tuple[str, ...], entries: list[_Entry], notes: list[str]) -> CountsTable:
    """Totals, and each dimension added up on its own."""
    width = len(stages)

    def budget(figures: list[Exact]) -> Exact | None:
        return None if roles.budget is None else added(figures[width:])

    breakdowns = []
    for at, column in enumerate(roles.labels):
        segments = [
            Segment(name, tuple(map(reduced, figures[:width])), budget(figures))
            for (name,), figures in _sums(entries, (at,)).items()
        ]
        breakdowns.append(Breakdown(grid.names[column], tuple(segments)))
    total = _sums(entries, ())[()]
    return CountsTable(stages, tuple(map(reduced, total[:width])), tuple(breakdowns), budget(total), tuple(notes))
