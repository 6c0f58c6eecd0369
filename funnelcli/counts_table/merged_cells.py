"""Cells that are merged over rows, and rows of subtotals, as pivot tables have them: each row gets names of its own.

A merged cell is filled in the first of its rows alone. It is filled down where the table is none without it, never
where the row may be one that adds others up.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from funnelcli.counts_table.words import beside_total
from funnelcli.diagnostics import joined, quoted
from funnelcli.metrics import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.table import CellTable


def fill_down(table: CellTable, step: int | None, labels: Sequence[int]) -> None:
    """Fill the empty cells of steps and labels from above, and give subtotals the name of what they add up."""
    rows, body = table.rows, table.body
    if len(labels) > 1:
        for at in labels:
            _name_subtotals(table, at, [other for other in labels if other != at])
    columns = labels if step is None else (step, *labels)
    filled: dict[tuple[int, int], str] = {}
    for at in columns:
        above = ""
        for row in body:
            above = rows[row][at] if rows[row][at].strip() else above
            if not rows[row][at].strip() and _may_be_merged(table, row, at, step, labels):
                if not above:
                    return
                filled[row, at] = above
    if not filled:
        return
    in_steps = any(at == step for _, at in filled)
    sound = not _once(table, step, labels) if step is not None else _goes_on(table, labels, filled)
    names = Counter(tuple(filled.get((row, at), rows[row][at]) for at in columns) for row in body)
    if not (in_steps or sound) or max(names.values()) > 1:
        return
    for (row, at), text in filled.items():
        rows[row][at] = text
    named = joined([quoted(table.names[at]) for at in columns if any(at == other for _, other in filled)])
    table.notes.append(f"empty cells of {named} are filled from above, as those of merged cells are")


def _may_be_merged(table: CellTable, row: int, at: int, step: int | None, labels: Sequence[int]) -> bool:
    """Whether an empty cell may go on with the one above it: names stand behind it, and not before it alone."""
    named = [other for other in labels if table.rows[row][other].strip()]
    if at == step:
        return bool(named)
    behind = any(labels.index(other) > labels.index(at) for other in named)
    return behind or (step is not None and not named)


def _goes_on(table: CellTable, labels: Sequence[int], filled: dict[tuple[int, int], str]) -> bool:
    """Whether other names follow behind empty cells, which they do not behind the rows of totals at the end."""
    return all(
        any(table.rows[row][at].strip() for row in table.body if row > min(rows))
        for at in labels
        if (rows := [row for row, other in filled if other == at])
    )


def _once(table: CellTable, step: int, labels: Sequence[int]) -> bool:
    """Whether the rows without a label have each step once, as rows that add up the others do."""
    rows = [table.rows[row] for row in table.body]
    names = Counter(row[step] for row in rows if not all(row[at].strip() for at in labels))
    return set(names) == {row[step] for row in rows} and max(names.values()) == 1


def _name_subtotals(table: CellTable, at: int, others: Sequence[int]) -> None:
    """`North Total`, with nothing in the other columns of names, is the total of `North`."""
    alone = [row for row in table.body if not any(table.rows[row][other].strip() for other in others)]
    if not alone:
        return
    known = {fold(table.rows[row][at]): table.rows[row][at] for row in table.body if table.rows[row][at].strip()}
    for row in alone:
        for rest in beside_total(fold(table.rows[row][at])):
            if rest in known:
                table.rows[row][at] = known[rest]
