"""Units that a report counts at a later step though they did not come from the one before: an open funnel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.counts_table import locale_numbers
from funnelcli.counts_table.step_times import of_all
from funnelcli.diagnostics import Problem, decimal_text, joined, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.table import CellTable, Entry
    from funnelcli.exact import Exact


def say_late_entries(table: CellTable, entries: Sequence[Entry], parts: Sequence[Entry]) -> None:
    """Say at which later steps units entered, by a column that tells who `entered` there or was `lost` before it.

    A recipe's column says so by `tells` in its `more`. The conversion to such a step counts units that were never at
    the one before.
    """
    told = {tells: at for at, hint in table.hints.items() if (tells := hint.more.text("tells")) is not None}
    if not told:
        return
    alone = of_all(entries, parts)
    rows = parts if alone is None else [alone]
    late = {}
    for at in range(1, len(table.stages)):
        found = [_entered(table, entry, at, told) for entry in rows]
        known = [units for units in found if units is not None]
        if len(known) == len(rows) and sum(known) > 0:
            late[at] = sum(known)
    if late:
        named = joined([f"{decimal_text(units)} at {quoted(table.stages[at])}" for at, units in late.items()])
        table.notes.append(f"an open funnel: {named} did not come from the step before, and conversions count them")


def _entered(table: CellTable, entry: Entry, at: int, told: dict[str, int]) -> Exact | None:
    """The units of an entry that entered at a stage; `None` where it is not known."""
    if "entered" in told:
        return _figure(table, entry.rows[at], told["entered"])
    lost = _figure(table, entry.rows[at - 1], told["lost"])
    count, before = entry.figures[at], entry.figures[at - 1]
    return None if lost is None or count is None or before is None else count - (before - lost)


def _figure(table: CellTable, row: int, column: int) -> Exact | None:
    mark = "." if (row, column) in table.typed else table.mark
    value = locale_numbers.number(table.rows[row][column], mark)
    return None if isinstance(value, Problem) else value
