"""Columns of dates: all cells of one are read alike, in the order of day and month that they prove.

`03/04/2026` has two readings. What is possible in the whole column decides, then what the other columns of the table
prove; else it is refused, and `date_order` decides (`dmy` or `mdy`).
"""

from __future__ import annotations

import re
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.date_forms import (
    DAY,
    FIGURES,
    NOTHING,
    ORDERS,
    day_number,
    day_text,
    parted,
    possible_orders,
    time_of_day,
)
from funnelcli.diagnostics import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from funnelcli.counts_table.causes import Causes
    from funnelcli.counts_table.table import CellTable

Moments = list[int | None]
"""Microseconds since 1970, by the index of the row."""


class DateColumn(NamedTuple):
    """A column of dates: its index, and the rows whose cells are read.

    Those of `more` are only looked at for the order of day and month.
    """

    at: int
    rows: Sequence[int]
    more: Sequence[int] = ()


class Dates(NamedTuple):
    """The dates of a column, by the index of the row; `None` where a row has none.

    `local` are those by the clock of the place, `instants` those of UTC where the cells say how far from it they are,
    else the same. `timed`: there are times of day other than midnight. `any`: there is a date at all.
    """

    local: Moments
    instants: Moments
    timed: bool
    any: bool


class _Cells(NamedTuple):
    """The filled cells of a column, by their rows: the dates and the times of day as texts, of which few differ."""

    column: DateColumn
    rows: Sequence[int]
    days: Sequence[str]
    times: Sequence[str]


def read_dates(table: CellTable, columns: Sequence[DateColumn], causes: Causes) -> tuple[Dates, ...] | None:
    """The dates of columns, in their order; `None` where some cannot be read, which is among the causes.

    Empty cells, and `-`, have no date.
    """
    cells = [_cells(table, column) for column in columns]
    known = _orders(table, cells, table.options.date_order, causes)
    if known is None:
        return None
    found = [_dates(table, own, each, causes) for own, each in zip(cells, known, strict=True)]
    return None if None in found else tuple(each for each in found if each is not None)


def _cells(table: CellTable, column: DateColumn) -> _Cells:
    rows, texts = _filled(table, column.at, column.rows)
    return _Cells(column, rows, *_parted(texts))


def _filled(table: CellTable, at: int, rows: Sequence[int]) -> tuple[Sequence[int], list[str]]:
    """The rows that have something in a column, and what."""
    cells = [cell.strip() for cell in table.column(at)]
    filled = [row for row in rows if cells[row] not in NOTHING]
    return filled, [cells[row] for row in filled]


def _parted(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """The dates and the times of day of texts; those that are alike are one text, whose value is found sooner."""
    cut = "T" if texts and texts[0][10:11] == "T" else " "
    once: dict[str, str] = {}
    days, times = [], []
    for day, _, time in map(str.partition, texts, repeat(cut)):
        days.append(once.setdefault(day, day))
        times.append(once.setdefault(time, time))
    if all(map(FIGURES.fullmatch, set(days))):
        return days, times
    forms = {text: parted(text) for text in set(texts)}  # not all dates are figures, in one form
    return [forms[text].day for text in texts], [forms[text].time for text in texts]


def _dates(table: CellTable, cells: _Cells, order: str, causes: Causes) -> Dates | None:
    """The dates of a column in an order of day and month; `None` where a cell is no date."""
    numbers = {text: day_number(text, order) for text in set(cells.days)}
    clocks = {text: time_of_day(text.strip()) for text in set(cells.times)}
    if None in numbers.values() or None in clocks.values():
        for row, day, time in zip(cells.rows, cells.days, cells.times, strict=True):
            if numbers[day] is None or clocks[time] is None:
                what = f"{quoted(table.rows[row][cells.column.at].strip())} is no date"
                causes.add(("date", cells.column.at), row, cells.column.at, "FN103", what, _help_of(day))
        return None
    starts = {text: number * DAY for text, number in numbers.items() if number is not None}
    after = {text: clock[0] for text, clock in clocks.items() if clock is not None}
    from_utc = {text: clock[1] or 0 for text, clock in clocks.items() if clock is not None}
    local: Moments = [None] * len(table.rows)
    for row, day, time in zip(cells.rows, cells.days, cells.times, strict=True):
        local[row] = starts[day] + after[time]
    instants = local
    if any(from_utc.values()):
        instants = list(local)
        for row, time in zip(cells.rows, cells.times, strict=True):
            instants[row] = (local[row] or 0) - from_utc[time]
    # where all times are midnight, a program wrote days as moments
    return Dates(local, instants, any(after.values()), bool(cells.rows))


def _orders(table: CellTable, columns: Sequence[_Cells], told: str | None, causes: Causes) -> list[str] | None:
    """The order of day and month of each column; `None` where one may be read in two ways, or in none."""
    if told is not None:
        return [told] * len(columns)
    days: list[Iterable[str]] = [set(cells.days) for cells in columns]
    if any(len(_common(each) or ()) > 1 for each in days):  # those of plans may decide
        plans = [set(_parted(_filled(table, each.column.at, each.column.more)[1])[0]) for each in columns]
        days = [(*own, *more) for own, more in zip(days, plans, strict=True)]
    of_columns = []
    for cells, own_days in zip(columns, days, strict=True):
        common = _common(own_days)
        if common is not None and not common:
            common = _refuse_two_orders(table, cells, causes)
            if common is None:
                return None
        of_columns.append(common)
    proofs = {next(iter(each)) for each in of_columns if each is not None and len(each) == 1}
    found = []
    for cells, own in zip(columns, of_columns, strict=True):
        left = own if own is None or len(own) == 1 or len(proofs) != 1 or not proofs <= own else proofs
        if left is None or len(left) == 1:
            found.append("dmy" if left is None else next(iter(left)))
        elif not _refuse_two_readings(table, cells, left, causes):
            found.append("dmy")  # no row that is read has such a date
    return found if len(found) == len(columns) else None


def _common(days: Iterable[str]) -> frozenset[str] | None:
    """The orders of day and month that all dates may have; `None` where none leaves it open."""
    possible = [orders for text in days if (orders := possible_orders(text))]
    return frozenset.intersection(*possible) if possible else None


def _refuse_two_readings(table: CellTable, cells: _Cells, orders: Iterable[str], causes: Causes) -> bool:
    """The dates that may be read in several orders; whether there are any."""
    doubtful = {day for day in set(cells.days) if len(possible_orders(day) or ()) > 1}
    for row, day in zip(cells.rows, cells.days, strict=True):
        if day in doubtful:
            ways = " or ".join(f"--dates {each}" for each in ORDERS if each in orders)
            what = f"{quoted(table.rows[row][cells.column.at].strip())} may be {_readings(day, orders)}"
            help_ = f"say which: {ways}; or export dates as 2026-09-30"
            causes.add("order of dates", row, cells.column.at, "FN209", what, help_)
    return bool(doubtful)


def _readings(text: str, orders: Iterable[str]) -> str:
    numbers = [day_number(text, order) for order in sorted(orders)]
    return " or ".join(dict.fromkeys(day_text(number) for number in numbers if number is not None))


def _refuse_two_orders(table: CellTable, cells: _Cells, causes: Causes) -> frozenset[str] | None:
    """Dates of a column that no order of day and month fits; where it is only cells beside them, that of the dates."""
    first: tuple[int, frozenset[str]] | None = None
    for row, day in zip(cells.rows, cells.days, strict=True):
        orders = possible_orders(day)
        if not orders or (first is None and len(orders) > 1):
            continue
        if first is None:
            first = row, orders
        elif not first[1] & orders:
            own, other = (quoted(table.rows[each][cells.column.at].strip()) for each in (row, first[0]))
            related = ("the other", first[0], cells.column.at)
            what = f"{own} and {other} are no dates of one order of day and month"
            causes.add(
                "order of dates", row, cells.column.at, "FN103", what, "write all dates alike, 2026-09-30", related
            )
            return None
    return first[1] if first else frozenset(ORDERS)


def _help_of(day: str) -> str:
    if re.fullmatch(r"\d{5}(?:[.,]\d+)?", day):
        return "it is a spreadsheet's number of a day: format the column as a date, and export again"
    return "write it as 2026-09-30 or 2026-09-30 14:05; where day and month are exchanged, say --dates dmy or mdy"
