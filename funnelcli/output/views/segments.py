"""What `show --by` says of a funnel: its segments side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.analyses import economics
from funnelcli.output import numbers
from funnelcli.output.document import Block, Cell, Column, Document, KeyValues, Note, Table, document_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.segments import Gap, SegmentReport, SegmentRow
    from funnelcli.model import Exact


def view(results: Sequence[SegmentReport]) -> Document:
    """Counts, conversions with marks where they differ, intervals, the trend over time, and what was tested."""
    return document_of(results, _blocks)


def _blocks(report: SegmentReport) -> tuple[Block, ...]:
    rows = [*report.segments, *([report.other] if report.other else []), report.total]
    return (
        _counts(report, rows),
        _conversions(report, rows),
        _intervals(report, rows),
        *_trend(report),
        _machine_table(report),
        *_notes(report),
    )


def _label(report: SegmentReport, row: SegmentRow) -> str:
    """A segment's name; the rows that are none say what they are."""
    if row is report.other:
        return f"other ({report.folded:,} more)"
    return "Total" if row is report.total else row.name


def _counts(report: SegmentReport, rows: list[SegmentRow]) -> Table:
    columns = [
        Column(report.dimension, "segment", "text"),
        *(Column(numbers.visible(stage), "count", "count") for stage in report.stages),
        Column("Share of\nentries", "share", "rate"),
        Column("Share of\nsales", "sales_share", "rate"),
    ]
    values: list[list[Any]] = [[_label(report, row), *row.counts, row.share, row.sales_share] for row in rows]
    for header, key in (("Revenue", "revenue"), ("Budget", "budget")):
        if any(getattr(row, key) is not None for row in rows if row is not report.total):
            columns.append(Column(header, key, "money"))
            for cells, row in zip(values, rows, strict=True):
                cells.append(getattr(row, key))
    if report.is_time and any(row.sales_change is not None for row in rows):
        columns += [Column("Sales\nchange", "sales_change", "count_change"), Column("in %", "rate", "rate_change")]
        for cells, row in zip(values, rows, strict=True):
            known = row.sales_change is not None
            cells += [row.sales_change, row.sales_change_rate] if known else [Cell("", "text")] * 2
    return Table(tuple(columns), tuple(map(tuple, values)), audience="people")


def _steps(report: SegmentReport) -> list[int]:
    return [index for index, parent in enumerate(report.parents) if parent is not None]


def _conversions(report: SegmentReport, rows: list[SegmentRow]) -> Table:
    steps = _steps(report)
    columns = (
        Column(report.dimension, "segment", "text"),
        *(Column(f"{numbers.visible(report.stages[step])} ", "conversion", "marked_rate") for step in steps),
        Column("Overall,\n% of entry", "overall_conversion", "rate"),
        Column(f"{numbers.brief_rate(report.confidence)}\ninterval", "overall_conversion", "interval"),
    )
    values = tuple(
        (
            _label(report, row),
            *((row.conversions[step], row.differs[step]) for step in steps),
            row.overall_conversion,
            (row.overall_conversion_low, row.overall_conversion_high),
        )
        for row in rows
    )
    return Table(columns, values, title=f"Conversion, % of {_before(report)}", audience="people")


def _before(report: SegmentReport) -> str:
    chain = all(report.parents[step] == step - 1 for step in _steps(report))
    return "previous" if chain else "the stage each comes from"


def _intervals(report: SegmentReport, rows: list[SegmentRow]) -> Table:
    steps = _steps(report)
    columns = (
        Column(report.dimension, "segment", "text"),
        *(Column(numbers.visible(report.stages[step]), "conversion", "interval") for step in steps),
    )
    values = tuple(
        (_label(report, row), *((row.conversions_low[step], row.conversions_high[step]) for step in steps))
        for row in rows
    )
    return Table(columns, values, title=f"{numbers.brief_rate(report.confidence)} intervals", audience="people")


def _trend(report: SegmentReport) -> Iterator[Block]:
    """A line of small columns for the sales and each conversion, in a dimension of time as it stands in the file."""
    rows = report.segments
    if not report.in_order or report.sort != "file" or len(rows) < 2:
        return
    lines: list[tuple[str, tuple[Cell | str, ...]]] = []
    sales = [row.sales for row in rows]
    lines.append(_line("Sales", sales, "count"))
    for step in _steps(report):
        name = f"Conversion to {numbers.visible(report.stages[step])}"
        lines.append(_line(name, [row.conversions[step] for row in rows], "rate"))
    yield KeyValues(tuple(lines))


def _line(label: str, values: Sequence[Any], kind: str) -> tuple[str, tuple[Cell | str, ...]]:
    return label, (numbers.sparkline(values), "  ", Cell(values[0], kind), " to ", Cell(values[-1], kind))


def _notes(report: SegmentReport) -> Iterator[Note]:
    if report.folded:
        which = "last" if report.is_time and report.sort == "file" else "first"
        most = "as they stand in the file" if report.sort == "file" else f"by {report.sort}"
        yield Note((f"The {which} {len(report.segments):,} {most}; --top N shows more of them.",))
    yield from _budgets(report)
    yield from open_note(report.not_mature)
    if report.counted_again:
        named = zip(report.counted_again, report.stages, strict=True)
        more = ", ".join(f"{numbers.count(again)} at {numbers.visible(stage)}" for again, stage in named if again)
        yield Note(
            (f"The segments add up to more than the total: {more}. A unit with entries in several counts in each.",)
        )
    if report.is_time and not report.in_order:
        yield Note((file_order(report.dimension),))
    if not report.tests:
        return
    marked = sum(side != 0 for row in report.segments for side in row.differs)
    how = f"each against all others together, {report.tests:,} tests, Holm's correction, p < 0.05"
    if marked:
        yield Note((f"▲ ▼ above or below the rest, and more than chance: {how}.",))
    else:
        yield Note((f"No conversion differs from the rest by more than chance: {how}.",))


def open_note(periods: Sequence[str]) -> Iterator[Note]:
    """That the window of measured periods was open at the last event."""
    if periods:
        named = numbers.visible(", ".join(periods) if len(periods) < 4 else f"{periods[0]} to {periods[-1]}")
        grow = "its figures" if len(periods) == 1 else "their figures"
        yield Note((f"Not mature, as the window is still open: {named}; {grow} may grow.",), "warning")


def file_order(dimension: str) -> str:
    """What is to be known where the names of periods do not say which is earlier."""
    return (
        f"The names of {numbers.visible(dimension)} do not tell which is earlier: they stand in the order of the file."
    )


def gap_note(gap: Gap, shown: Exact | None) -> Note:
    """Why a column does not add up to its total, or the total is not what the funnel says by itself."""
    kind, name = "count" if gap.figure == "sales" else "money", gap.figure.replace("_", " ")
    figures = (Cell(gap.segments, kind), "; ", Cell(gap.total, kind))
    if shown == gap.total:
        adds = "add" if gap.figure == "sales" else "adds"
        return Note((f"The {name} of the segments {adds} up to ", *figures, ", that of the funnel, counts."), "warning")
    whose = "are those" if gap.figure == "sales" else "is that"
    return Note(
        (f"The {name} of the total {whose} of the segments, ", *figures, " by the funnel's own figures."), "warning"
    )


def _budgets(report: SegmentReport) -> Iterator[Note]:
    """Where the budget of the total comes from, wherever it is not the sum of those above it."""
    yield from (gap_note(each, getattr(report.total, each.figure)) for each in report.gaps)
    lacking = economics.named(report.unbudgeted)
    if not lacking or len(report.unbudgeted) == len(report.segments) + report.folded:
        return
    if report.total.budget is None:
        yield Note((f"No sum of budgets: {lacking} without one (budget: 0 where nothing is spent).",), "warning")
    else:
        yield Note((f"The budget of the total is that of the funnel; {lacking} without one.",))


_MACHINE_COLUMNS = (
    Column("Dimension", "dimension", "text"),
    Column("Row", "row", "text"),
    Column("Segment", "segment", "text"),
    Column("Stage", "stage", "text"),
    Column("Count", "count", "count"),
    Column("Conversion", "conversion", "rate"),
    Column("Interval", "conversion", "interval"),
    Column("P", "p_value_holm", "p_value"),
    Column("Differs", "differs", "number"),
    Column("Share", "share", "rate"),
    Column("Revenue", "revenue", "money"),
    Column("Budget", "budget", "money"),
)


def _machine_table(report: SegmentReport) -> Table:
    """One row a segment and stage, the total's last; money stands with the last stage."""
    last = len(report.stages) - 1
    values = []
    for row in [*report.segments, *([report.other] if report.other else []), report.total]:
        for index, stage in enumerate(report.stages):
            values.append(
                (
                    row.dimension,
                    "total" if row is report.total else "other" if row is report.other else "segment",
                    row.name if row is not report.other and row is not report.total else None,
                    stage,
                    row.counts[index],
                    row.conversions[index],
                    (row.conversions_low[index], row.conversions_high[index]),
                    row.p_values_holm[index],
                    row.differs[index],
                    row.share if not index else None,
                    row.revenue if index == last else None,
                    row.budget if index == last else None,
                )
            )
    return Table(_MACHINE_COLUMNS, tuple(values), audience="machines")
