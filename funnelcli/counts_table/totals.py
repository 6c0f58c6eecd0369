"""Rows that add others up: each is a proof. It equals the sum of its rows and is left out, or both figures are told.

Visitors, users and reach do not add up, as one person may be in several rows: their total is the total.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.counts_table.total_rows import TotalRows
from funnelcli.counts_table.words import is_average, is_total, total_of
from funnelcli.diagnostics import joined, quoted
from funnelcli.exact import added_by_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.table import CellTable, Entry
    from funnelcli.counts_table.total_rows import Known
    from funnelcli.exact import Exact

_MOST_COMPARED = 1_000_000
_MOST_SAID = 9
MOST_TOTALS = 200
"""Rows of totals: each costs a pass over the table."""


def sums(entries: Sequence[Entry], fixed: Sequence[int]) -> dict[tuple[str, ...], list[Exact]]:
    """The figures of entries added up by some of their labels, in the order in which those first appear."""
    found: dict[tuple[str, ...], list[list[Exact | None]]] = {}
    for entry in entries:
        found.setdefault(tuple([entry.labels[at] for at in fixed]), []).append(entry.figures)
    return {key: added_by_place(rows) for key, rows in found.items()}


def without_totals(entries: list[Entry], table: CellTable) -> tuple[list[Entry], Known]:
    """The entries that add nothing up, and what only totals know.

    A total that is not the sum of its rows is a problem with both figures.
    """
    labels = table.roles.labels
    if len(entries) == 1 or not labels:
        return entries, {}  # a table of nothing but its total
    totals = [entry for entry in entries if any(map(is_total, entry.labels)) or not all(entry.labels)]
    if len(totals) > MOST_TOTALS and len(totals) * len(entries) > _MOST_COMPARED:
        what = f"{len(totals)} rows are totals or have no label"
        table.refuse(totals[MOST_TOTALS].row, labels[0], "FN114", what, "delete the rows of totals")
        return entries, {}
    averages = [entry for entry in entries if is_average(entry.labels[0])]
    added_up = {entry.row for entry in (*totals, *averages)}
    parts = [entry for entry in entries if entry.row not in added_up]
    if not parts and any(map(is_total, totals[0].labels)) and len({entry.labels for entry in totals}) == 1:
        return entries, {}
    rows = TotalRows(entries, parts, added_up, table)
    for entry in averages:
        rows.check_average(entry)
        table.notes.append(
            f"{table.row_called(entry.row)}{_called(entry)}, is an average of the others and is left out"
        )
    nameless = rows.nameless()
    for entry in nameless:
        what = f"{', '.join(map(quoted, entry.labels)) or 'the row'} is the sum of all other rows"
        table.refuse(entry.row, labels[0], "FN106", what, "call it Total, and it is left out; or delete it")
    if nameless:
        return parts, {}
    unproved = [entry for entry in totals if not rows.prove(entry)]
    if len(unproved) < len(totals):  # of a kind that no row is of: Total: Video, where there are none
        unproved = [entry for entry in unproved if any(entry.figures) or not total_of(entry.labels)]
    splits = rows.splits(unproved)
    for split in splits:
        if rows.are_parted_by(split):
            unproved = [entry for entry in unproved if entry not in split]
    proved = [entry for entry in totals if entry not in unproved]
    if len(proved) > 1:
        some = [f"{table.row_called(entry.row)}{_called(entry)}" for entry in proved[:_MOST_SAID]]
        more = f"; and {len(proved) - _MOST_SAID} more" if len(proved) > _MOST_SAID else ""
        table.notes.append(f"{len(proved)} rows add up the others and are left out: {'; '.join(some)}{more}")
    elif proved:
        (entry,) = proved
        table.notes.append(f"{table.row_called(entry.row)}{_called(entry)}, adds up the others and is left out")
    rounded = sorted({name for entry in proved for name in rows.rounded(entry)}) if table.roles.adds_rows else []
    if rounded:
        table.notes.append(f"{joined(rounded)}: totals differ from their rows by less than these are rounded")
    rows.refuse(unproved, splits)
    return parts, {} if unproved else rows.of_people(totals)


def _called(entry: Entry) -> str:
    """The labels of a row, behind a comma."""
    return f", {' '.join(quoted(label) for label in entry.labels if label) or 'without a name'}"
