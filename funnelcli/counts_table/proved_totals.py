"""Totals beside counts that are no rows of segments: a column that adds up the stages, or a row below the steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.counts_table import locale_numbers, words
from funnelcli.diagnostics import Problem, decimal_text, quoted
from funnelcli.exact import added

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.columns import TableColumn
    from funnelcli.counts_table.table import CellTable


def leave_out_total_columns(columns: Sequence[TableColumn]) -> None:
    """Leave out columns that are called a total and add up all other counts in every row."""
    counted = [column for column in columns if column.is_stage_count]
    totals = [column for column in counted if column.base in words.WORDS["total"] and column.hint is None]
    parts = [column for column in counted if column not in totals]
    for column in totals if len(parts) > 1 else ():
        rows = list(zip(column.cells, *(part.cells for part in parts), strict=True))
        if any(not any(not_sum(row, mark) for row in rows) for mark in locale_numbers.MARKS):
            column.left_out = "adds up the others"


def leave_out_total_steps(table: CellTable, step: int, counts: int, labels: Sequence[int]) -> None:
    """Leave out rows that are called a total and add up the steps of their labels."""
    rows = table.rows
    named = [row for row in table.body if words.is_total(rows[row][step])]
    totals = [row for row in named if words.plain(rows[row][step]) not in words.WORDS["everybody"]]
    for row in totals:
        own = [rows[row][at] for at in labels]
        parts = [each for each in table.body if each not in totals and [rows[each][at] for at in labels] == own]
        cells = [rows[each][counts] for each in (row, *parts)]
        if len(parts) > 1 and not all(not_sum(cells, mark) for mark in locale_numbers.MARKS):
            table.notes.append(f"{table.row_called(row)}, {quoted(rows[row][step])}, adds up the steps and is left out")
            rows[row] = []
    table.__dict__.pop("body", None)  # computed again


def not_sum(cells: Sequence[str], mark: str) -> str | None:
    """What the others of some cells make, where the first is not their sum under a decimal mark."""
    values = [locale_numbers.number(cell, mark) for cell in cells]
    known = [value for value in values if not isinstance(value, Problem)]
    if len(known) < len(values):
        return "no sum"
    return None if known[0] == sum(known[1:]) else decimal_text(added(known[1:]))
