"""The time that a sheet is of, and of which its rows are, by its dates and the lines above its names."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from .printing import written
from .sheet import ANY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .sheet import Cell, Sheet

LEVELS = ("day", "week", "month")


class Span(NamedTuple):
    """From a day to a day, both included."""

    first: date
    last: date


LINES = {
    '"September 1, 2026 - September 30, 2026"': Span(date(2026, 9, 1), date(2026, 9, 30)),
    "Период: 01.08.2026 - 31.08.2026": Span(date(2026, 8, 1), date(2026, 8, 31)),
    '"Report (2026-08-01 - 2026-08-31)"': Span(date(2026, 8, 1), date(2026, 8, 31)),
    "Zeitraum: 01.07.2026 - 30.09.2026": Span(date(2026, 7, 1), date(2026, 9, 30)),
    "2026-01-01 - 2026-12-31": Span(date(2026, 1, 1), date(2026, 12, 31)),
    "Report, 5 Oct 2026 to 11 Oct 2026": Span(date(2026, 10, 5), date(2026, 10, 11)),
}
"""Lines above names that tell a time, and which."""


def month_of(day: date) -> Span:
    """The month of a day."""
    return Span(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


def time_of_lines(lines: Sequence[str]) -> Span | None:
    """The time that lines tell; none where they tell several."""
    found = {LINES[line] for line in lines if line in LINES}
    return found.pop() if len(found) == 1 else None


def name_of(span: Span) -> str:
    """A time as it is written: a day, month, quarter or year alone, else both ends."""
    first, last = span
    whole = first.day == 1 and last == month_of(last).last and first.year == last.year
    if first == last:
        return f"{first}"
    for months, name in (
        (1, f"{first:%Y-%m}"),
        (3, f"{first.year}-Q{first.month // 3 + 1}"),
        (12, f"{first.year}"),
    ):
        if whole and last.month - first.month == months - 1 and first.month % months in (1, 1 % months):
            return name
    return f"{first} to {last}"


def labelled(sheet: Sheet) -> tuple[Sheet, str | None] | None:
    """The sheet with the times of its rows as labels, days of several months as these, and the time that it is of.

    Nothing where a row is of no day, or of one that the lines above rule out.
    """
    told = time_of_lines(sheet.above)
    places = {sheet.columns[at].key: at for at in sheet.at("date")}
    level = next((key for key in LEVELS if key in places), "span" if {"first", "last"} <= set(places) else None)
    if level is None or len(places) < len(sheet.at("date")):
        unused = sheet.columns_as("date", "none")
        return None if len(places) < len(sheet.at("date")) else (unused, None if told is None else name_of(told))
    ends = (places["first"], places["last"]) if level == "span" else (places[level],) * 2
    spans: dict[int, Span] = {}
    unknown: list[int] = []
    is_open = False
    for at, row in enumerate(sheet.rows):
        if row.total:
            continue
        cells = [row.cells[end] for end in ends]
        if any(cell.broken or not isinstance(cell.value, date) for cell in cells):
            if any(row.cells[figure].value for figure in sheet.at("count", "spend", "revenue")):
                if any(cell.broken and cell.value != "####" for cell in cells):
                    return None
                is_open = True
            unknown.append(at)  # a row of nothing may be of any day
            continue
        first, last = (_day(cell) for cell in cells)
        spans[at] = month_of(first) if level == "month" else Span(first, last)
    if not spans or (is_open and (len(set(spans.values())) > 1)):
        return None
    first, last = min(span.first for span in spans.values()), max(span.last for span in spans.values())
    if told is not None and level != "week" and not told.first <= first <= last <= told.last:
        return None
    period = told or (None if level == "week" or is_open else Span(first, last))
    key = level
    if level == "span":
        key = "month" if all(span == month_of(span.first) for span in spans.values()) else "period"
        key = "day" if all(span.first == span.last for span in spans.values()) else key
    if key == "day" and len({month_of(span.first) for span in spans.values()}) > 1:
        key, spans = "month", {at: month_of(span.first) for at, span in spans.items()}
    changed = sheet
    for at in unknown:
        changed = changed.with_cell(at, ends[0], sheet.rows[at].cells[ends[0]]._replace(value=None))
    for at, span in spans.items():
        changed = changed.with_cell(at, ends[0], sheet.rows[at].cells[ends[0]]._replace(value=name_of(span)))
    kinds = {ends[0]: "label" if len(set(spans.values())) > 1 else "none"}
    columns = tuple(
        each._replace(kind=kinds.get(at, "none"), key=key) if each.kind == "date" else each
        for at, each in enumerate(sheet.columns)
    )
    if unknown and not is_open and told is None:
        return changed._replace(columns=columns), ANY
    return changed._replace(columns=columns), None if period is None else name_of(period)


def as_labels(sheet: Sheet) -> list[Sheet]:
    """The sheet with its dates as labels of any spreadsheet: as written, or first days of one as months."""
    places = sheet.at("date")
    if not places:
        return []
    changed = sheet.columns_as("date", "label")
    for at in places:
        for row, each in enumerate(sheet.rows):
            cell = each.cells[at]
            text = cell.written if cell.written is not None else _shown(cell, sheet)
            changed = changed.with_cell(row, at, cell._replace(value=text, broken=False))
    found = [changed]
    for at in places:
        days = {
            row: _day(each.cells[at]) for row, each in enumerate(sheet.rows) if isinstance(each.cells[at].value, date)
        }
        if len(set(days.values())) > 1 and all(day.day == 1 for day in days.values()):
            in_months = changed
            for row, day in days.items():
                in_months = in_months.with_cell(row, at, changed.rows[row].cells[at]._replace(value=f"{day:%Y-%m}"))
            found.append(in_months)
    return found


def _shown(cell: Cell, sheet: Sheet) -> str:
    """What stands in a cell; a day or a number of a workbook has no form of its own there."""
    is_typed = sheet.dialect.book is not None and isinstance(cell.value, (date, Fraction))
    return f"{cell.value}" if is_typed else written(cell.value, cell.form, sheet.dialect)


def _day(cell: Cell) -> date:
    value: date = cell.value
    return value.date() if isinstance(value, datetime) else value
