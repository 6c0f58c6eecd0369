"""What a table of counts says once its cells are read: totals, and each dimension added up on its own."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table import table_checks
from funnelcli.counts_table.cell_counts import cells_of
from funnelcli.counts_table.magnitudes import multiplied
from funnelcli.counts_table.table import CellTable, Entry
from funnelcli.counts_table.totals import sums
from funnelcli.diagnostics import quoted
from funnelcli.exact import reduced
from funnelcli.model import Breakdown, CellCounts, Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from funnelcli.counts_table.total_rows import Known
    from funnelcli.exact import Exact
    from funnelcli.model import Role

CHECK_DIGITS = 18
"""Digits behind the point to which the average check of a segment is kept, so that its revenue comes out again."""


class CountsTable(NamedTuple):
    """What a table of counts says.

    `totals` are counts in the order of `stages`; each breakdown's segments carry theirs in the same order, and the
    budget of the segment where the table has money spent. `budget` and `revenue` are sums, in the table's `currency`;
    revenue is that of the last stage, and the segments carry it as their average check. Labels, periods too, are kept
    as text. Where a recipe says them, `roles` are those of the stages; `grows` are the stages that are more than
    the one before somewhere, `period` is the time, `cells` are counts of several labels at once, `title` the name
    that the export gives the funnel, and `days` and `median_days` are from the step before to each stage.
    """

    stages: tuple[str, ...]
    totals: tuple[Exact, ...]
    breakdowns: tuple[Breakdown, ...] = ()
    budget: Exact | None = None
    revenue: Exact | None = None
    currency: str | None = None
    roles: tuple[Role | None, ...] = ()
    grows: tuple[int, ...] = ()
    period: str | None = None
    days: tuple[Exact | None, ...] = ()
    median_days: tuple[Exact | None, ...] = ()
    title: str | None = None
    cells: tuple[CellCounts, ...] = ()


def summed(entries: list[Entry], known: Known, table: CellTable) -> CountsTable | None:
    """Totals, and each dimension added up on its own."""
    stages, roles, width = table.stages, table.roles, len(table.stages)

    def money(figures: Sequence[Exact | None], column: int | None) -> Exact | None:
        figure = None if column is None else figures[width + roles.money.index(column)]
        return None if figure is None else reduced(figure)

    breakdowns = []
    for at, column in enumerate(roles.labels):
        segments = []
        for (label,), figures in sums(entries, (at,)).items():
            average = _average_check(money(figures, roles.revenue), figures[width - 1])
            segments.append(Segment(label, tuple(map(reduced, figures[:width])), money(figures, roles.budget), average))
        name = roles.dimensions[at] if roles.dimensions else table.names[column]
        breakdowns.append(Breakdown(name, tuple(segments)))
    total = sums(entries, ())[()]
    in_all = tuple(known[at][0] if at in known else reduced(total[at]) for at in range(width))
    if known:
        row = next(iter(known.values()))[1]
        table_checks.check_falling([Entry(row, (), list(in_all), [row] * width)], table)
    table.notes += map(multiplied, table.multiplied)
    if roles.revenue is not None:
        for entry in entries:
            if money(entry.figures, roles.revenue) and not entry.figures[width - 1]:
                what = f"revenue of {quoted(stages[-1])}, of which there are none"
                table.refuse(entry.row, roles.revenue, "FN122", what, "correct the count or the revenue")
        earned = quoted(table.names[roles.revenue])
        table.notes.append(f"the revenue, {earned}, is that of the last stage, {quoted(stages[-1])}")
    if table.problems:
        return None
    budget, revenue = money(total, roles.budget), money(total, roles.revenue)
    grows = _growing([in_all, *(segment.counts for each in breakdowns for segment in each.segments)], table)
    of_stages = tuple(trait.role for trait in roles.traits)
    cells = cells_of(table, entries, breakdowns, not known)
    parts = (stages, in_all, tuple(breakdowns), budget, revenue, roles.currency)
    return CountsTable(*parts, of_stages, grows, cells=cells)


def _growing(counts: Iterable[Sequence[Exact]], table: CellTable) -> tuple[int, ...]:
    """The stages that are more than the one before, in all or in a segment, where that may be; it is said."""
    found = sorted({at for row in counts for at in range(1, len(row)) if row[at] > row[at - 1]})
    for at in found if not table.options.named_stages else ():
        before, name = quoted(table.stages[at - 1]), quoted(table.stages[at])
        why = "one may be followed by several, or by none seen" if table.roles.step is None else "some entered there"
        table.notes.append(f"{name} are more than {before} somewhere: {why}")
    return tuple(found)


def _average_check(revenue: Exact | None, count: Exact) -> Exact | None:
    """The money of one unit: exact where it ends within `CHECK_DIGITS` digits, else rounded there."""
    if revenue is None or not count:
        return None
    scale = 10**CHECK_DIGITS
    return reduced(Fraction(round(Fraction(revenue) / count * scale), scale))
