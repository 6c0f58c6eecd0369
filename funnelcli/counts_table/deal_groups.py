"""Reports of deals in groups: the name of a group stands once with blanks below, and rows of subtotals between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.counts_table.causes import Causes
from funnelcli.counts_table.row_amounts import read_amounts
from funnelcli.counts_table.table import clean
from funnelcli.counts_table.words import is_total, plain
from funnelcli.diagnostics import decimal_text, joined, many, quoted, verb
from funnelcli.exact import added
from funnelcli.metrics import fold

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from funnelcli.counts_table.deal_columns import DealColumns
    from funnelcli.counts_table.table import CellTable

_COUNTS = frozenset(
    map(plain, ("Count", "Record Count", "Anzahl", "Anzahl Datensätze", "Recuento", "Nombre", "Contagem"))
)


def without_groups(table: CellTable, columns: DealColumns) -> None:
    """Leave out the rows of subtotals that add up, and give each row the name of its group; both are said.

    A row of subtotals that does not add up is among the problems of the table.
    """
    at = columns.at
    told = [at[kind] for kind in ("title", "created", "closed") if kind in at]
    units = [row for row in table.body if any(clean(_cell(table, row, each)) for each in told)]
    if "title" not in at or not units:
        return
    if "amount" in at and units:
        _leave_out_subtotals(table, units, at["amount"])
    if table.problems:
        return
    groups = {column for _, column in columns.labels} | ({at["stage"]} if "stage" in at else set())
    filled = []
    for column in range(len(table.names)):
        if column not in groups or not _is_group(table, units, column):
            break  # groups stand before all others
        above = ""
        for row in units:
            above = table.rows[row][column] if clean(table.rows[row][column]) else above
            table.rows[row][column] = above
        filled.append(quoted(table.names[column]))
    if filled:
        table.notes.append(f"the report is in groups: blanks of {joined(filled)} are filled from above")


def _cell(table: CellTable, row: int, at: int) -> str:
    cells = table.rows[row]
    return cells[at] if at < len(cells) else ""


def _is_group(table: CellTable, units: Sequence[int], column: int) -> bool:
    """Whether a column has the names of groups: each once, from the first row on, in order, with blanks below."""
    names = [clean(_cell(table, row, column)) for row in units]
    found = [fold(name) for name in names if name]
    is_sorted = found == sorted(found) or found == sorted(found, reverse=True)
    if any(column >= len(table.rows[row]) for row in units):
        return False
    return bool(names[0]) and 1 < len(set(found)) == len(found) and is_sorted and 2 * len(found) <= len(names)


def _leave_out_subtotals(table: CellTable, units: Sequence[int], at: int) -> None:
    """Take the rows that add up the rows above, since the start or an earlier one, out of the table."""
    known = set(units)
    marked = {row: kind for row in table.body if row not in known and (kind := _kind(table, row))}
    inner = {row: kind for row, kind in marked.items() if clean(_cell(table, row, at))}
    if not any(row < units[-1] for row in inner):
        return
    doubts = Causes(table)
    if any(at >= len(table.rows[row]) for row in (*units, *inner)):
        return  # which is told where the rows are checked
    amounts = read_amounts(table, at, [*units, *inner], doubts)
    if doubts.first:
        return  # which is told where the amounts are read
    starts = [0]
    left = set()
    passed = 0
    for row in table.body:
        if row in known:
            passed += 1
        elif row in inner:
            parts = [units[start:passed] for start in starts if start < passed]
            sums = [len(own) if inner[row] == "count" else _sum(amounts, own) for own in parts]
            if amounts[row] in sums:  # of units or of their money, since the start or a subtotal: never of other rows
                left.add(row)
                starts.append(passed)
            elif row < units[-1]:
                says, makes = decimal_text(amounts[row] or 0), decimal_text(sums[-1] if sums else 0)
                what = (
                    f"the row of subtotals says {says} for {quoted(table.names[at])}, and the rows above make {makes}"
                )
                table.refuse(row, at, "FN114", what, "correct the amounts, or delete the row of subtotals")
                return
    if left:
        table.body[:] = [row for row in table.body if row not in left]
        table.notes.append(f"{many(len(left), 'row')} of subtotals, which {verb(len(left), 'add')} up, left out")


def _sum(amounts: Sequence[int | Fraction | None], rows: Sequence[int]) -> int | Fraction:
    return added(amounts[row] or 0 for row in rows)


def _kind(table: CellTable, row: int) -> str | None:
    """Whether a row is named as one of a number of units or as one of a sum; `None` where it is neither."""
    cells = [clean(cell) for cell in table.rows[row]]
    if any(plain(cell) in _COUNTS for cell in cells):
        return "count"
    return "sum" if any(map(is_total, filter(None, cells))) else None
