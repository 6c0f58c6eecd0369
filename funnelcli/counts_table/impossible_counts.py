"""Counts that cannot be: more units than came in, and parts of units that come in wholes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.counts_table.words import has_word
from funnelcli.diagnostics import decimal_text, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.column_roles import ColumnRoles
    from funnelcli.counts_table.csv_grid import CsvGrid
    from funnelcli.counts_table.table_rows import Entry, TableReading


def is_whole_cell(grid: CsvGrid, roles: ColumnRoles, row: int, column: int) -> bool:
    """Whether a cell counts units that come in wholes by their name: visits, people, clicks, deals."""
    names = [grid.names[column], *(() if roles.step is None else (grid.rows[row][roles.step],))]
    return any(has_word("whole", name) and not has_word("parts", name) for name in names)


def check_falling(stages: Sequence[str], entries: Sequence[Entry], reading: TableReading) -> None:
    """No count above that of the stage before it; the order of the columns or rows is the order of the stages."""
    ordered = "columns" if reading.roles.step is None else "rows"
    for entry in entries:
        where = f"in {', '.join(map(quoted, entry.labels))}, " if entry.labels else ""
        for at in range(1, len(stages)):
            before, count = entry.figures[at - 1], entry.figures[at]
            if before is None or count is None or count <= before:
                continue
            reading.problems.add(
                entry.rows[at],
                reading.figures[at].column,
                "FN104",
                f"{where}stage {quoted(stages[at])} ({decimal_text(count)}) exceeds the one before it, "
                f"{quoted(stages[at - 1])} ({decimal_text(before)})",
                f"put the {ordered} in the order of the funnel, or give the funnel file, which may allow growth",
            )


def check_whole(stages: Sequence[str], entries: Sequence[Entry], reading: TableReading) -> None:
    """No parts of units where those that enter are whole, but for names of what is attributed, weighed or a share."""
    entered = [entry.figures[0] for entry in entries]
    if any(count is None or count.denominator != 1 for count in entered):
        return
    if reading.roles.step is not None and has_word("parts", reading.grid.names[reading.roles.counts[0]]):
        return
    if all(count is not None and count <= 1 for count in entered):
        return  # shares of one
    for at, stage in enumerate(stages):
        for entry in () if has_word("parts", stage) else entries:
            count = entry.figures[at]
            if count is not None and count.denominator != 1:
                reading.problems.add(
                    entry.rows[at],
                    reading.figures[at].column,
                    "FN103",
                    f"{quoted(stage)} holds {decimal_text(count)}, and units of {quoted(stages[0])} are whole",
                    "correct the cell; call money cost or revenue, leave prices and rates out; for parts say --decimal",
                )
                break


def check_groups(stages: Sequence[str], entries: Sequence[Entry], reading: TableReading) -> None:
    """No part of a visit or a person by a reading of `12,345` that could be another."""
    for entry in entries:
        for at in range(len(stages)):
            count, row, column = entry.figures[at], entry.rows[at], reading.figures[at].column
            if count is not None and count.denominator != 1 and is_whole_cell(reading.grid, reading.roles, row, column):
                what = f"{quoted(reading.grid.rows[row][column])} would not be whole"
                reading.problems.add(row, column, "FN103", what, "write whole counts")
                return
