"""Labels of a spreadsheet that are days or months: first days of months are written as months, and the time is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.counts_table.period_titles import Span, day_of, month_of, month_span, order_of, span_name

if TYPE_CHECKING:
    from datetime import date

    from funnelcli.counts_table.table import CellTable


def name_months(table: CellTable) -> Span | None:
    """Write first days of several months as these, `2026-07`; the time of all days or months, where labels are such.

    Workbooks write a month as its first day. Days that may be read in two ways tell no time.
    """
    for column in table.roles.labels:
        rows = [row for row in table.body if row not in table.total_words and table.rows[row][column].strip()]
        cells = [table.rows[row][column].strip() for row in rows]
        order = order_of(cells)
        days = [day for cell in cells if (day := day_of(cell, order)) is not None]
        if rows and len(days) == len(rows):
            are_months = len(set(days)) > 1 and all(day.day == 1 for day in days)
            for row in table.body if are_months else ():  # those of subtotals, too
                if (day := day_of(table.rows[row][column], order)) is not None:
                    table.rows[row][column] = span_name(*month_span(day, day))
            return _time(days, are_months)
        months = [month for cell in cells if (month := month_of(cell)) is not None]
        if rows and len(months) == len(rows):
            return _time(months, True)
    return None


def _time(days: list[date], are_months: bool) -> Span:
    first, last = min(days), max(days)
    return Span(month_span(first, first).first, month_span(last, last).last) if are_months else Span(first, last)
