"""What a table of counts says once its cells are read: totals, and each dimension added up on its own."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from funnelcli.counts_table import table_checks
from funnelcli.counts_table.magnitudes import multiplied
from funnelcli.counts_table.table import CellTable, Entry
from funnelcli.counts_table.totals import sums
from funnelcli.diagnostics import quoted
from funnelcli.exact import reduced
from funnelcli.model import Funnel, Stage
from funnelcli.segments import Breakdown, CellCounts, Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from funnelcli.counts_table.total_rows import Known
    from funnelcli.exact import Exact

MOST_CELLS = 1000
CHECK_DIGITS = 18
"""Digits behind the point to which the average check of a segment is kept, so that its revenue comes out again."""


def summed(entries: list[Entry], known: Known, table: CellTable) -> Funnel | None:
    """The funnel of a table, without a name: totals, and each dimension added up on its own.

    Segments carry the budget where the table has money spent, and the revenue, which is that of the last stage, as
    their average check.
    """
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
    revenue, last = money(total, roles.revenue), width - 1
    grows = _growing([in_all, *(segment.counts for each in breakdowns for segment in each.segments)], table)
    found = tuple(
        Stage(
            name,
            at - 1 if at else None,
            in_all[at],
            revenue=revenue if at == last else None,
            role=roles.traits[at].role if roles.traits else None,
            allow_growth=at in grows,
        )
        for at, name in enumerate(stages)
    )
    return Funnel(
        "",
        found,
        currency=roles.currency,
        budget=None if breakdowns else money(total, roles.budget),
        breakdowns=tuple(breakdowns),
        cells=_cells_of(table, entries, breakdowns, not known),
    )


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


def too_many_cells(dimensions: Sequence[str], number: int, said: list[str]) -> bool:
    """Whether so many combinations of segments are too many to keep; it is said."""
    if number > MOST_CELLS:
        said.append(f"{' × '.join(dimensions)} would be {number:,} cells, and they are left out")
    return number > MOST_CELLS


def _cells_of(
    table: CellTable, entries: Sequence[Entry], breakdowns: Sequence[Breakdown], adds_up: bool
) -> tuple[CellCounts, ...]:
    """The counts of each combination of labels; none where one label tells the others, or where people overlap.

    Too many cells are left out and said.
    """
    if len(breakdowns) < 2 or not adds_up:
        return ()
    names = [each.dimension for each in breakdowns]
    cells = len({entry.labels for entry in entries})
    if cells <= max(len(each.segments) for each in breakdowns):
        return ()
    if too_many_cells(names, cells, table.notes):
        return ()
    width = len(table.stages)
    return tuple(
        CellCounts(tuple(zip(names, labels, strict=True)), tuple(map(reduced, figures[:width])))
        for labels, figures in sums(entries, range(len(names))).items()
    )
