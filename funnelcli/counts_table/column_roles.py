"""What the columns of a table of counts are together: stages, labels and money of a wide table or of a long one.

A column of rates, prices, durations or numbers of rows is left out and said. What may be meant in two ways is a
problem, not a guess; so are lists of deals and logs of events, which look like tables of counts and are none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table import locale_numbers, words
from funnelcli.counts_table.columns import (
    COUNTS,
    CURRENCY,
    EMPTY,
    LABELS,
    LEFT_OUT,
    MONEY,
    REVENUE,
    SPEND,
    STEPS,
    TableColumn,
    columns_of,
    leave_out_ratios,
    most,
)
from funnelcli.counts_table.words import WORDS
from funnelcli.diagnostics import did_you_mean, quoted
from funnelcli.metrics import find_name, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.csv_grid import CellProblems, CsvGrid

_MOMENT = re.compile(
    r"\d{10}(?:\d{3}|\d{6})?|\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*|\d{1,2}[./]\d{1,2}[./]\d{2,4},? \d{1,2}:\d\d.*"
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
_SAMPLE = 200


class TableOptions(NamedTuple):
    """What the caller has said beforehand; see `counts.counts_from_table`."""

    stages: Sequence[str] | None
    decimal: str | None
    empty_as_zero: bool
    layout: str | None
    labels: frozenset[str]

    def stage_at(self, name: str) -> int | None:
        """The index of the given stage that a column or row names; `None` when it names none."""
        return None if self.stages is None or not name else find_name(name, self.stages)


class ColumnRoles(NamedTuple):
    """What the columns are: indices. `counts` go by `stages` in a wide table; in a long one it is one, without them.

    `left_out` are the columns that say nothing a funnel keeps, with the reason in words.
    """

    labels: tuple[int, ...]
    counts: tuple[int, ...]
    stages: tuple[str, ...]
    step: int | None = None
    left_out: tuple[tuple[int, str], ...] = ()
    budget: int | None = None
    revenue: int | None = None
    currency: str | None = None

    @property
    def money(self) -> tuple[int, ...]:
        """The columns of money, of budgets first."""
        return tuple(column for column in (self.budget, self.revenue) if column is not None)


def roles_of(grid: CsvGrid, options: TableOptions, problems: CellProblems) -> ColumnRoles | None:
    """What each column is, by its name and by what it holds; `None` with problems."""
    names = grid.names
    for name in sorted(options.labels.difference(map(fold, names))):
        problems.add(grid.header, 0, "FN102", f"no column {quoted(name)}", did_you_mean(name, names))
    columns = columns_of(grid, options.stages, options.labels)
    matched = [column for column in columns if column.stage is not None]
    if len(matched) < 2 and _is_unit_list(grid, columns, problems):
        return None
    steps = [column for column in columns if column.kind == STEPS] or _numbered(columns)
    leave_out_ratios(columns, bool(steps))
    unmatched = [column for column in columns if column.kind == COUNTS and column.stage is None]
    for column in unmatched if steps and len(unmatched) > 1 else ():
        before = column.at == steps[0].at - 1 and column.base not in WORDS["counts"]
        if before and words.is_numbering(column.cells):  # 1, 2, 3 before the steps is their number, whatever its name
            column.left_out = LEFT_OUT["index"]
    numbers = [column for column in columns if column.is_stage_count]
    counted = [column for column in numbers if column.base in WORDS["counts"]] or (numbers if len(numbers) == 1 else [])
    if options.layout == "long" or (options.layout is None and len(matched) < 2 and bool(steps and counted)):
        for found, wanted in ((steps, "stage"), (counted, "count")):
            if len(found) != 1:
                listed = ", ".join(quoted(column.name) for column in found) or "none"
                what = f"a long table has one column named {wanted}; here: {listed}"
                help_ = f"name one column {wanted} and leave the other out, or say --layout wide"
                place = found[-1].at if found else 0
                problems.add(grid.header, place, "FN106" if found else "FN102", what, help_)
        return None if problems else _roles(grid, options, columns, (steps[0], counted[0]), problems)
    if steps and options.layout is None and not matched:
        listed = ", ".join(quoted(column.name) for column in numbers[:4]) or "none"
        what = f"the column {quoted(steps[0].name)} names stages in rows, and no column is named count: {listed}"
        help_ = "name the column of counts count; or turn the table, one column a stage; or say --layout wide"
        problems.add(grid.header, steps[0].at, "FN114", what, help_)
        return None
    return _roles(grid, options, columns, None, problems)


def _numbered(columns: Sequence[TableColumn]) -> list[TableColumn]:
    """Beside numbers of steps, the one column of names, which is that of the steps."""
    texts = [column for column in columns if column.kind == LABELS]
    numbered = any(column.kind == "index" and column.is_named("step_number") for column in columns)
    return texts if numbered and len(texts) == 1 else []


def _is_unit_list(grid: CsvGrid, columns: Sequence[TableColumn], problems: CellProblems) -> bool:
    """Whether the rows of a table are deals or events; then one line says so, and what to do with it.

    A log of events has a column of moments and one of events or units; a list of deals has a column that is called
    so. Neither has columns of counts: two columns of numbers make a table of counts.
    """
    counts = [column for column in columns if column.kind == COUNTS]
    texts = [column for column in columns if column.kind in (LABELS, STEPS)]
    if len(counts) > 1 or len(texts) < 2:
        return False

    def hold(form: re.Pattern[str]) -> list[TableColumn]:
        return [column for column in texts if most(column.cells[:_SAMPLE], form.fullmatch)]

    moments, dates = hold(_MOMENT), hold(_DATE)
    deals = [column for column in texts if column.is_named("deal")]
    has_steps = any(column.kind == STEPS for column in texts)
    stands_once = any(
        len(set(column.cells[:_SAMPLE])) == len(column.cells[:_SAMPLE])
        for column in texts
        if column not in moments and column not in dates
    )
    if deals and stands_once and (len(deals) > 1 or moments or dates or has_steps):
        what = f"each row is a deal ({quoted(deals[0].name)}), and a table of counts is needed"
        help_ = (
            "count the deals that reached each stage, e.g. with a pivot table, and give that: columns stage and count"
        )
        problems.add(grid.header, 0, "FN114", what, help_)
        return True
    units = [column for column in texts if column.is_named("unit") and column not in moments]
    times = [*moments, *(column for column in dates if column.is_named("time"))]
    if (units and (moments if counts else times)) or (moments and has_steps and not counts):
        what = f"each row is an event at its time ({quoted(times[0].name)}), and a table of counts is needed"
        problems.add(grid.header, 0, "FN114", what, "count the events: funnelcli measure FUNNEL.yaml --from this file")
        return True
    return False


def _roles(
    grid: CsvGrid,
    options: TableOptions,
    columns: Sequence[TableColumn],
    long: tuple[TableColumn, TableColumn] | None,
    problems: CellProblems,
) -> ColumnRoles | None:
    """A wide table has one column for each stage, money of the segment, and labels; a `long` one those two, and labels.

    `None` with problems.
    """
    stages, labels, left_out = [], [], []
    money: dict[str, TableColumn] = {}
    for column in columns:
        name, kind = column.name, column.kind
        first = money.get(kind)
        if long is not None and column in long:
            continue
        if kind in (LABELS, STEPS):
            labels.append(column.at)
        elif column.left_out is not None:
            left_out.append((column.at, column.left_out))
        elif kind == EMPTY and (bool(name) if long is not None else _may_be_empty(column, options)):
            left_out.append((column.at, EMPTY))
        elif kind == REVENUE and options.stages is not None and long is None:
            left_out.append((column.at, "the funnel file says what a sale brings"))
        elif kind in (SPEND, REVENUE) and first is None and long is None:
            money[kind] = column
        elif kind == COUNTS and column.stage is not None and long is None:
            stages.append(column)
        elif kind != CURRENCY and (refused := _no_role(column, options, long)):
            related = None if first is None else ("the first", grid.header, first.at)
            problems.add(grid.header, column.at, *refused, related)
        elif kind == COUNTS:
            stages.append(column)
    if options.stages is not None and long is None:
        _check_matched(grid, options.stages, stages, problems)
        stages.sort(key=lambda column: column.stage or 0)
    currency = _currency(grid, columns, [column.at for column in money.values()], problems)
    if problems:
        return None
    names = [column.name if column.stage is None else (options.stages or ())[column.stage] for column in stages]
    return ColumnRoles(
        tuple(labels),
        tuple(column.at for column in stages) if long is None else (long[1].at,),
        tuple(names),
        None if long is None else long[0].at,
        tuple(left_out),
        money[SPEND].at if SPEND in money else None,
        money[REVENUE].at if REVENUE in money else None,
        currency,
    )


def _may_be_empty(column: TableColumn, options: TableOptions) -> bool:
    """Whether an empty column can be no stage."""
    expected = any(column.base in WORDS[group] for group in (SPEND, REVENUE, LABELS, "computed"))
    return options.stages is not None or expected or column.is_named("rate")


def _no_role(
    column: TableColumn, options: TableOptions, long: tuple[TableColumn, TableColumn] | None
) -> tuple[str, str, str] | None:
    """Why a column of numbers, or an empty one, has no place in the table: a code, what is wrong, and help."""
    name, kind = quoted(column.name), column.kind
    if kind == EMPTY:
        help_ = "write its counts (0 where there are none), or leave the column out"
        return ("FN102", f"the column {name} is empty", help_) if column.name else None
    if long is not None and kind == COUNTS:
        what = f"the column {name} holds numbers beside the counts in {quoted(long[1].name)}"
        return "FN103", what, "leave it out, say --label for labels that are numbers, or --layout wide"
    if long is not None:
        what = f"{name} is money of a segment, and here rows are stages of segments"
        return "FN114", what, "write one column a stage, with the money beside them, or leave the column out"
    if kind == MONEY:
        what = f"the column {name} holds money, and its name says not whether it is spent or earned"
        return "FN103", what, "call it cost or revenue, or leave it out"
    if kind != COUNTS:
        return "FN113", f"{name} is a second column of {kind}", "keep one"
    if options.stages is not None:
        help_ = f"{did_you_mean(column.name, options.stages)}; else leave it out, or say --label"
        return "FN112", f"unknown stage {name}", help_
    if column.base in WORDS["total"]:
        what = f"the column {name} holds no counts of a stage"
        return "FN103", what, "leave the column out: it is computed, or belongs into the funnel file"
    if locale_numbers.looks_like(column.name) == "number":
        help_ = "write the names of the columns above the counts; or turn the table, one column a stage"
        return "FN102", f"{name} stands where the name of a stage is expected", help_
    return None


def _check_matched(grid: CsvGrid, names: Sequence[str], stages: Sequence[TableColumn], problems: CellProblems) -> None:
    """Each stage of the funnel has one column."""
    first: dict[int | None, TableColumn] = {}
    for column in stages:
        known = first.setdefault(column.stage, column)
        if known is not column:
            what = f"two columns are the stage {quoted(names[column.stage or 0])}"
            problems.add(grid.header, column.at, "FN106", what, "leave one out", ("the first", grid.header, known.at))
    lacking = [name for at, name in enumerate(names) if at not in first]
    if lacking and not problems:
        listed = ", ".join(map(quoted, lacking[:12])) + (", …" if len(lacking) > 12 else "")
        help_ = "give each stage of the funnel a column of its name"
        problems.add(grid.header, 0, "FN114", f"no column for {listed}", help_)


def _currency(
    grid: CsvGrid, columns: Sequence[TableColumn], money: Sequence[int], problems: CellProblems
) -> str | None:
    """The currency of the columns of money: named above them, in a column of its own, or in every cell."""
    told: dict[str, tuple[str, int]] = {}
    for column in (columns[at] for at in money):
        name = words.currency_of(column.name)
        if name is not None:
            told[words.plain(name)] = name, column.at
    for column in columns if money else ():
        for name in map(str.strip, column.cells) if column.kind == CURRENCY else ():
            if words.is_currency(name):
                told.setdefault(words.plain(name), (name, column.at))
    if len(told) > 1:
        (first, _), (second, at) = list(told.values())[:2]
        what = f"money in {quoted(first)} and in {quoted(second)} does not add up"
        problems.add(grid.header, at, "FN103", what, "export one currency, or one table for each")
    if told:
        return next(iter(told.values()))[0]
    signs = {locale_numbers.currency_in(cell) for at in money for cell in columns[at].cells}
    return signs.pop() if len(signs) == 1 else None
