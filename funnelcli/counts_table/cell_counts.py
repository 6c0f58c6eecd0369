"""Counts of several labels at once, where a table has them beside those of each alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.counts_table.totals import sums
from funnelcli.exact import reduced
from funnelcli.model import CellCounts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.table import CellTable, Entry
    from funnelcli.model import Breakdown

MOST_CELLS = 1000


def cells_of(
    table: CellTable, entries: Sequence[Entry], breakdowns: Sequence[Breakdown], adds_up: bool
) -> tuple[CellCounts, ...]:
    """The counts of each combination of labels; none where one label tells the others, or where people overlap.

    Too many cells are left out and said.
    """
    if len(breakdowns) < 2 or not adds_up:
        return ()
    names = [each.dimension for each in breakdowns]
    places = range(len(names))
    found = sums(entries, places)
    if len(found) <= max(len(each.segments) for each in breakdowns):
        return ()
    if len(found) > MOST_CELLS:
        table.notes.append(f"{' × '.join(names)} would be {len(found):,} cells, and they are left out")
        return ()
    width = len(table.stages)
    return tuple(
        CellCounts(tuple(zip(names, labels, strict=True)), tuple(map(reduced, figures[:width])))
        for labels, figures in found.items()
    )
