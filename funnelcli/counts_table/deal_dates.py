"""Columns of dates: all cells of one are read alike, in the order of day and month that they prove.

`03/04/2026` has two readings. What is possible in the whole column decides, then what the other columns of the table
prove; else it is refused, and `date_order` decides (`dmy` or `mdy`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.date_forms import (
    DAY,
    FIGURES,
    NOTHING,
    ORDERS,
    WrittenMoment,
    day_number,
    day_text,
    parted,
    possible_orders,
    time_of_day,
)
from funnelcli.diagnostics import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from funnelcli.counts_table.row_causes import Causes
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
    """The cells of a column: texts of its rows, and what parts their dates from their times.

    `cut` is a space or T where all texts are a date in figures and a time; else each text is `parted` by its own form.
    `width` is that of all dates, where it is one: then they are cut off at once.
    """

    column: DateColumn
    texts: list[str]
    cut: str | None
    days: set[str]
    width: int | None = None

    def day_of(self, text: str) -> str | None:
        """The date of a text; `None` where it has none."""
        if text in NOTHING:
            return None
        if self.cut is not None:
            return text.partition(self.cut)[0]
        both = parted(text)
        return None if both is None else both.day


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
    cells, at = table.rows, column.at
    texts = [cells[row][at].strip() for row in column.rows]
    filled = next((text for text in texts if text not in NOTHING), "")
    cut = "T" if filled[10:11] == "T" else " "
    width = len(filled.partition(cut)[0])
    if {text[width : width + 1] for text in texts} <= {"", cut}:
        days = {text[:width] for text in texts} - {""}
        if all(len(day) == width and FIGURES.fullmatch(day) for day in days):
            return _Cells(column, texts, cut, days, width)
    days = {text.partition(cut)[0] for text in texts} - NOTHING
    if all(map(FIGURES.fullmatch, days)):
        return _Cells(column, texts, cut, days)
    pairs = [parted(text) for text in set(texts)]
    return _Cells(column, texts, None, {each.day for each in pairs if each is not None})


def _dates(table: CellTable, cells: _Cells, order: str, causes: Causes) -> Dates | None:
    """The dates of a column in an order of day and month; `None` where a cell is no date."""
    size = len(table.rows)
    local: Moments = [None] * size
    offsets: dict[int, int] = {}
    numbers = {text: day_number(text, order) for text in cells.days}
    days = {text: None if number is None else number * DAY for text, number in numbers.items()}
    plain = _of_one_width(cells, days)
    if plain is not None:
        for row, moment in zip(cells.column.rows, plain, strict=True):
            local[row] = moment
        return Dates(local, local, _has_times(plain), any(cells.texts))
    clocks: dict[str, tuple[int, int | None] | None] = {}
    halves: dict[str, WrittenMoment | None] = {}
    cut, sound = cells.cut, True
    for row, text in zip(cells.column.rows, cells.texts, strict=True):
        if cut is not None:
            day, _, time = text.partition(cut)
        else:
            if text not in halves:
                halves[text] = parted(text)
            both = halves[text]
            if both is None:
                continue
            day, time = both
        number = days.get(day)
        if time:
            if time not in clocks:
                clocks[time] = time_of_day(time.strip())
            clock = clocks[time]
            if clock is None:
                number = None
            elif number is not None:
                number += clock[0]
                if clock[1]:
                    offsets[row] = clock[1]
        if number is None:
            if text in NOTHING:
                continue
            sound = False
            what = f"{quoted(text)} is no date"
            causes.add(("date", cells.column.at), row, cells.column.at, "FN103", what, _help_of(day))
        local[row] = number
    if not sound:
        return None
    instants = local
    if offsets:
        instants = list(local)
        for row, offset in offsets.items():
            instants[row] = (local[row] or 0) - offset
    return Dates(local, instants, _has_times(local), local.count(None) < size)


def _has_times(moments: Sequence[int | None]) -> bool:
    """Whether some are no midnight: where all are, a program wrote days as moments."""
    return any(moment is not None and moment % DAY for moment in moments)


def _of_one_width(cells: _Cells, days: Mapping[str, int | None]) -> list[int | None] | None:
    """The moments of texts whose dates have one width, where all can be read and none says how far from UTC it is."""
    width = cells.width
    if width is None or None in days.values():
        return None
    clocks = {text: time_of_day(text.strip()) for text in {text[width + 1 :] for text in cells.texts}}
    times = {text: clock[0] for text, clock in clocks.items() if clock is not None and not clock[1]}
    if len(times) < len(clocks):
        return None
    return [(days[text[:width]] or 0) + times[text[width + 1 :]] if text else None for text in cells.texts]


def _orders(table: CellTable, columns: Sequence[_Cells], told: str | None, causes: Causes) -> list[str] | None:
    """The order of day and month of each column; `None` where one may be read in two ways, or in none."""
    if told is not None:
        return [told] * len(columns)
    of_columns = []
    for cells in columns:
        at, further = cells.column.at, {table.rows[row][cells.column.at].strip() for row in cells.column.more}
        texts = cells.days | {day for text in further if (day := cells.day_of(text)) is not None}
        possible = {text: orders for text in texts if (orders := possible_orders(text))}
        common = frozenset.intersection(*possible.values()) if possible else None
        if common is not None and not common:
            common = _refuse_two_orders(table, cells, at, possible, causes)
            if common is None:
                return None
        of_columns.append(common)
    proofs = {next(iter(each)) for each in of_columns if each is not None and len(each) == 1}
    found = []
    for cells, own in zip(columns, of_columns, strict=True):
        left = own if own is None or len(own) == 1 or len(proofs) != 1 or not proofs <= own else proofs
        if left is None or len(left) == 1:
            found.append("dmy" if left is None else next(iter(left)))
        elif not _refuse_two_readings(cells, left, causes):
            found.append("dmy")  # no row that is read has such a date
    return found if len(found) == len(columns) else None


def _refuse_two_readings(cells: _Cells, orders: Iterable[str], causes: Causes) -> bool:
    """The dates that may be read in several orders; whether there are any."""
    at, doubtful = cells.column.at, False
    for row, text in zip(cells.column.rows, cells.texts, strict=True):
        day = cells.day_of(text)
        if day is not None and len(possible_orders(day) or ()) > 1:
            doubtful = True
            ways = " or ".join(f"--dates {each}" for each in ORDERS if each in orders)
            what = f"{quoted(text)} may be {_readings(day, orders)}"
            help_ = f"say which: {ways}; or export dates as 2026-09-30"
            causes.add("order of dates", row, at, "FN209", what, help_)
    return doubtful


def _readings(text: str, orders: Iterable[str]) -> str:
    numbers = [day_number(text, order) for order in sorted(orders)]
    return " or ".join(dict.fromkeys(day_text(number) for number in numbers if number is not None))


def _refuse_two_orders(
    table: CellTable, cells: _Cells, at: int, possible: dict[str, frozenset[str]], causes: Causes
) -> frozenset[str] | None:
    """Dates of a column that no order of day and month fits; where it is only cells beside them, that of the dates."""
    first: tuple[int, frozenset[str]] | None = None
    for row, text in zip(cells.column.rows, cells.texts, strict=True):
        orders = possible.get(cells.day_of(text) or "")
        if orders is None or (first is None and len(orders) > 1):
            continue
        if first is None:
            first = row, orders
        elif not first[1] & orders:
            what = f"{quoted(text)} and {quoted(table.rows[first[0]][at].strip())} are no dates of one order of day and"
            related = ("the other", first[0], at)
            help_ = "write all dates alike, 2026-09-30"
            causes.add("order of dates", row, at, "FN103", f"{what} month", help_, related)
            return None
    return first[1] if first else frozenset(ORDERS)


def _help_of(day: str) -> str:
    if re.fullmatch(r"\d{5}(?:[.,]\d+)?", day):
        return "it is a spreadsheet's number of a day: format the column as a date, and export again"
    return "write it as 2026-09-30 or 2026-09-30 14:05; where day and month are exchanged, say --dates dmy or mdy"
