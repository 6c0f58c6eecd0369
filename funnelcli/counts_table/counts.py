"""Counts that are already added up, in a spreadsheet's CSV export: bytes to stages, totals and breakdowns.

A wide table has a column of numbers for each stage and a row for each segment; a long one has a column of stages and a
column of counts, one row for each pair. Other columns of text are labels, each a dimension added up on its own.
Money spent is the budget of a segment, money earned the revenue of the last stage, in wide tables only; rates, prices,
durations and numbers of rows are left out and said. Nothing is guessed: what makes the table impossible is not a
reading, and what may be read in two ways is refused with its line and column; `path` names the cell as spreadsheets do
(`C4`).
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table import column_words as words
from funnelcli.counts_table import decimal_marks, locale_numbers
from funnelcli.counts_table.column_kinds import EMPTY
from funnelcli.counts_table.column_roles import Roles, Wish, roles_of, stage_name
from funnelcli.counts_table.csv_grid import Finding, Grid, decode, diagnostics, grid_of
from funnelcli.counts_table.grid_checks import check_labels, check_names, check_widths
from funnelcli.counts_table.impossible_counts import check_falling, check_whole, is_whole
from funnelcli.counts_table.table_rows import long_entries, steps_of, wide_entries
from funnelcli.counts_table.totals import Entry, Shape, sums, without_totals
from funnelcli.diagnostics import Diagnostic, Location, Problem, quoted
from funnelcli.metrics import fold
from funnelcli.model import Breakdown, Segment, reduced

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from funnelcli.model import Exact

LAYOUTS = ("wide", "long")
CHECK_DIGITS = 18
"""Digits behind the point to which the average check of a segment is kept, so that its revenue comes out again."""


class CountsTable(NamedTuple):
    """What a table of counts says.

    `totals` are counts in the order of `stages`; each breakdown's segments carry theirs in the same order, and the
    budget of the segment where the table has money spent. `budget` and `revenue` are sums, in the table's `currency`;
    revenue is that of the last stage, and the segments carry it as their average check. Labels, periods too, are kept
    as text. `notes` are sentences on what was left out, for the reader.
    """

    stages: tuple[str, ...]
    totals: tuple[Exact, ...]
    breakdowns: tuple[Breakdown, ...] = ()
    budget: Exact | None = None
    notes: tuple[str, ...] = ()
    revenue: Exact | None = None
    currency: str | None = None


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
    if decimal not in (None, *locale_numbers.MARKS) or layout not in (None, *LAYOUTS):
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
            if locale_numbers.looks_like(text) == "text":
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
    notes = list(grid.notes)
    if roles.left_out:
        emptied = [column for column, why in roles.left_out if why == EMPTY]
        notes += [f"the column {quoted(grid.names[column])} is empty and left out" for column in emptied]
        named = [
            f"{quoted(grid.names[column]) if grid.names[column] else f'column {column + 1}'} ({why})"
            for column, why in roles.left_out
            if why != EMPTY
        ]
        notes += [f"left out: {', '.join(named)}"] if named else []
    check_labels(grid, roles, findings)
    found = decimal_marks.Mark(wish.decimal)
    if wish.decimal is None:
        found = decimal_marks.find(grid, roles.numbers, _WholeCells(grid, roles), findings)
        notes += [found.note] if found.note else []
        if findings:  # the mark is unknown: what else is wrong is told, and no number for want of the mark
            others: list[Finding] = []
            _attempt(grid, roles, None, wish, others, notes)
            findings += [each for each in others if each.problem.code not in ("FN206", "FN104")]
            return None
    if found.open:
        return _possible(grid, roles, wish, findings, notes)
    return _attempt(grid, roles, found.mark, wish, findings, notes)


class _WholeCells:
    """The cells of units that come in wholes, by row and column."""

    def __init__(self, grid: Grid, roles: Roles) -> None:
        self.grid, self.roles = grid, roles
        columns = roles.stages if roles.counted is None else (roles.counted,)
        self.columns = {column for column in columns if is_whole(grid.names[column])}

    def __contains__(self, at: object) -> bool:
        assert isinstance(at, tuple)
        row, column = at
        return column in self.columns or (
            self.roles.step is not None and is_whole(self.grid.rows[row][self.roles.step])
        )


def _possible(grid: Grid, roles: Roles, wish: Wish, findings: list[Finding], notes: list[str]) -> CountsTable | None:
    """The table under the one decimal mark that does not make it impossible; refused where both may be, or neither."""
    whole = _WholeCells(grid, roles)
    outcomes = []
    for mark in locale_numbers.MARKS:
        said, own = list(notes), list(findings)
        table = _attempt(grid, roles, mark, wish, own, said, whole)
        outcomes.append((table, own))
    (_, first), (_, second) = outcomes
    common = [finding for finding in first if finding in second]
    sound = [outcome for outcome in outcomes if len(outcome[1]) == len(common)]
    if len(sound) == 1:
        table, own = sound[0]
        findings[:] = own
        return table
    return _attempt(grid, roles, None, wish, findings, notes)


def _attempt(
    grid: Grid,
    roles: Roles,
    mark: str | None,
    wish: Wish,
    findings: list[Finding],
    notes: list[str],
    whole: _WholeCells | None = None,
) -> CountsTable | None:
    """The table under a decimal mark; `whole` are cells whose groups of three digits are no decimals."""
    if roles.step is None:
        stages = tuple(stage_name(grid.names[column], wish) for column in roles.stages)
        entries = wide_entries(grid, roles, mark, wish, findings)
    else:
        stages = steps_of(grid, roles, wish, findings)
        entries = long_entries(grid, roles, stages, mark, wish, findings)
    if len(stages) < 2 and not findings:
        findings.append(Finding(grid.header, 0, _too_few(grid, roles, len(stages))))
    columns = roles.stages if roles.counted is None else (roles.counted,) * len(stages)
    known: dict[int, tuple[Exact, int]] = {}
    if not findings:
        unit = [] if roles.counted is None else [grid.names[roles.counted]]
        people = [any(map(_holds_people, (name, *unit))) for name in stages]
        money = {roles.budget: "the budget", roles.revenue: "the revenue"}
        names = [*map(quoted, stages), *(money[column] for column in roles.money)]
        shape = Shape(names, (*columns, *roles.money), roles.labels, [*people, *(False for _ in roles.money)])
        entries, known = without_totals(entries, shape, findings, notes)
    if wish.stages is None:
        check_falling(stages, columns, entries, findings, "columns" if roles.step is None else "rows")
    if wish.stages is None and wish.decimal is None and not findings:
        check_whole(stages, columns, entries, findings, () if roles.counted is None else (grid.names[roles.counted],))
    if whole is not None and not findings:
        _check_groups(grid, columns, entries, whole, findings)
    return None if findings else _summed(grid, roles, stages, entries, known, findings, notes)


def _holds_people(name: str) -> bool:
    return not words.UNIQUE_NAMES.isdisjoint(words.plain(name).split())


def _check_groups(
    grid: Grid, columns: Sequence[int], entries: list[Entry], whole: _WholeCells, findings: list[Finding]
) -> None:
    """No part of a visit or a person by a reading of `12,345` that could be another."""
    for entry in entries:
        for count, row, column in zip(entry.counts, entry.rows, columns, strict=True):
            if count is not None and count.denominator != 1 and (row, column) in whole:
                problem = Problem("FN103", f"{quoted(grid.rows[row][column])} would not be whole", "write whole counts")
                findings.append(Finding(row, column, problem))
                return


def _summed(
    grid: Grid,
    roles: Roles,
    stages: tuple[str, ...],
    entries: list[Entry],
    known: dict[int, tuple[Exact, int]],
    findings: list[Finding],
    notes: list[str],
) -> CountsTable | None:
    """Totals, and each dimension added up on its own."""
    width = len(stages)

    def money(figures: list[Exact], column: int | None) -> Exact | None:
        return None if column is None else reduced(figures[width + roles.money.index(column)])

    breakdowns = []
    for at, column in enumerate(roles.labels):
        segments = []
        for (name,), figures in sums(entries, (at,)).items():
            check = _average_check(money(figures, roles.revenue), figures[width - 1])
            counts = tuple(map(reduced, figures[:width]))
            segments.append(Segment(name, counts, money(figures, roles.budget), check))
        breakdowns.append(Breakdown(grid.names[column], tuple(segments)))
    total = sums(entries, ())[()]
    in_all = [known[at][0] if at in known else reduced(total[at]) for at in range(width)]
    if known:
        rows = [row for _, row in known.values()]
        whole = Entry(rows[0], (), list(in_all), [rows[0]] * width, [])
        columns = roles.stages if roles.counted is None else (roles.counted,) * width
        check_falling(stages, columns, [whole], findings, "columns" if roles.step is None else "rows")
    for entry in entries if roles.revenue is not None else ():
        earned = entry.money[roles.money.index(roles.revenue)] if roles.revenue is not None else None
        if earned and not entry.counts[-1]:
            what = f"revenue of {quoted(stages[-1])}, of which there are none"
            findings.append(
                Finding(entry.row, roles.revenue or 0, Problem("FN122", what, "correct the count or the revenue"))
            )
    if roles.revenue is not None:
        name = grid.names[roles.revenue]
        notes.append(f"the revenue, {quoted(name)}, is that of the last stage, {quoted(stages[-1])}")
    return (
        None
        if findings
        else CountsTable(
            stages,
            tuple(in_all),
            tuple(breakdowns),
            money(total, roles.budget),
            tuple(notes),
            money(total, roles.revenue),
            roles.currency,
        )
    )


def _average_check(revenue: Exact | None, count: Exact) -> Exact | None:
    """The money of one unit: exact where it ends within `CHECK_DIGITS` digits, else rounded there."""
    if revenue is None or not count:
        return None
    scale = 10**CHECK_DIGITS
    return reduced(Fraction(round(Fraction(revenue) / count * scale), scale))
