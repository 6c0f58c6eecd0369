"""What `show` says of a funnel."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from funnelcli.model import ratio
from funnelcli.output import numbers
from funnelcli.output.document import Bars, Block, Cell, Column, Document, KeyValues, Note, Table, document_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.conversion import FunnelConversion
    from funnelcli.analyses.measurement import Measurement


def view(results: Sequence[FunnelConversion]) -> Document:
    """A funnel of bars, the conversion table, and the figures of the whole funnel."""
    any_measured = any(result.measured is not None for result in results)  # all rows of a CSV have one header
    return document_of(results, lambda result: _blocks(result, any_measured))


def _blocks(result: FunnelConversion, any_measured: bool) -> tuple[Block, ...]:
    return (
        Bars(tuple((stage.name, stage.count, stage.conversion) for stage in result.stages)),
        _table(result),
        _machine_table(result, any_measured),
        _totals(result),
        *_measured(result),
        *(Note((f"{text[0].upper()}{text[1:]}.",)) for text in result.notes),
    )


def _table(result: FunnelConversion) -> Table:
    chain = all(stage.from_ == before.name for before, stage in pairwise(result.stages))
    confidence = numbers.brief_rate(result.confidence)
    columns = [Column("Stage", "stage", "text")]
    if not chain:
        columns.append(Column("From", "from", "text"))
    columns += [
        Column("Count", "count", "count"),
        Column("Conversion,\n% of previous" if chain else "Conversion,\n% of “From”", "conversion", "rate"),
        Column(f"{confidence}\ninterval", "conversion", "interval"),
        Column("Overall,\n% of entry", "overall_conversion", "rate"),
        Column("Overall,\n1:N", "one_in", "one_in"),
        Column("Drop-off", "drop_off", "count"),
    ]
    if chain:
        columns.append(Column("% of all\nlosses", "loss_share", "rate"))
    money = sum(stage.revenue is not None for stage in result.stages) > 1
    if money:
        columns += [Column("Average\ncheck", "average_check", "money"), Column("Revenue", "revenue", "money")]
    timed = result.measured is not None and any(stage.days is not None for stage in result.stages)
    if timed:
        columns += [Column("Mean\ntime", "days", "duration"), Column("Median\ntime", "median_days", "duration")]
    rows = []
    for stage in result.stages:
        first = stage.from_ is None
        cells: list[object] = [stage.name]
        if not chain:
            cells.append(stage.from_ or "")
        cells += [
            stage.count,
            _blank(stage.conversion, first),
            _blank(None if stage.conversion_low is None else (stage.conversion_low, stage.conversion_high), first),
            stage.overall_conversion,
            stage.one_in,
            _blank(stage.drop_off, first),
        ]
        if chain:
            cells.append(_blank(stage.loss_share, first))
        if money:
            cells += [_blank(stage.average_check, stage.revenue is None), _blank(stage.revenue, stage.revenue is None)]
        if timed:
            cells += [_blank(stage.days, first), _blank(stage.median_days, first)]
        rows.append(tuple(cells))
    return Table(tuple(columns), tuple(rows), audience="people")


def _blank(value: object, empty: bool) -> object:
    """An empty cell where a figure has no place, as against `n/a` where it is undefined."""
    return Cell("", "text") if empty else value


_MACHINE_COLUMNS = (
    Column("Stage", "stage", "text"),
    Column("From", "from", "text"),
    Column("Count", "count", "count"),
    Column("Conversion", "conversion", "rate"),
    Column("Interval", "conversion", "interval"),
    Column("Overall", "overall_conversion", "rate"),
    Column("1:N", "one_in", "one_in"),
    Column("Drop-off", "drop_off", "count"),
    Column("Drop-off rate", "drop_off_rate", "rate"),
    Column("Share of losses", "loss_share", "rate"),
    Column("Average check", "average_check", "money"),
    Column("Revenue", "revenue", "money"),
)
_MEASURED_COLUMNS = (
    Column("Days", "days", "number"),
    Column("Median days", "median_days", "number"),
    Column("Dimension", "dimension", "text"),
    Column("Segment", "segment", "text"),
    *(
        Column(key.capitalize(), key, "text")
        for key in (
            "source",
            "events",
            "units",
            "without_unit",
            "without_time",
            "duplicates",
            "after_now",
            "until",
            "not_mature",
        )
    ),
)
"""What a measured funnel has beside: the times, the segments in rows of their own, and out of how much."""


def _machine_table(result: FunnelConversion, any_measured: bool) -> Table:
    """One row a stage; of a measured funnel then one a segment and stage."""
    noted = result.measured
    facts: tuple[object, ...] = tuple(getattr(noted, column.key, None) for column in _MEASURED_COLUMNS[4:-1])
    facts = (*facts, None if noted is None else "; ".join(noted.not_mature))
    rows: list[tuple[object, ...]] = [
        (
            stage.name,
            stage.from_,
            stage.count,
            stage.conversion,
            (stage.conversion_low, stage.conversion_high),
            stage.overall_conversion,
            stage.one_in,
            stage.drop_off,
            stage.drop_off_rate,
            stage.loss_share,
            stage.average_check,
            stage.revenue,
            *((stage.days, stage.median_days, None, None, *facts) if any_measured else ()),
        )
        for stage in result.stages
    ]
    for breakdown in (noted.breakdowns or ()) if noted is not None else ():
        for segment in breakdown.segments:
            for index, stage in enumerate(result.stages):
                count, nothing = segment.counts[index], (None,) * 6
                figures = (count, segment.conversions[index], (None, None), ratio(count, segment.counts[0]))
                own = (None, None, breakdown.dimension, segment.name)
                rows.append((stage.name, stage.from_, *figures, *nothing, *own, *facts))
    columns = _MACHINE_COLUMNS + _MEASURED_COLUMNS if any_measured else _MACHINE_COLUMNS
    return Table(columns, tuple(rows), audience="machines")


MOST_SEGMENTS = 30
"""Segments of a dimension that are shown; `show --by` shows all of them, and tests them."""


def _measured(result: FunnelConversion) -> Iterator[Block]:
    """The segments that were measured, and out of how much."""
    noted = result.measured
    if noted is None:
        return
    for breakdown in noted.breakdowns or ():
        columns = (
            Column(breakdown.dimension, "segment", "text"),
            *(Column(numbers.visible(stage.name), "count", "count") for stage in result.stages),
            Column("Overall,\n% of entry", "overall_conversion", "rate"),
        )
        shown = breakdown.segments[:MOST_SEGMENTS]
        rows = tuple((each.name, *each.counts, each.overall_conversion) for each in shown)
        yield Table(columns, rows, title=f"By {numbers.visible(breakdown.dimension)}", audience="people")
        if len(shown) < len(breakdown.segments):
            more = len(breakdown.segments) - len(shown)
            yield Note((f"{more:,} more of {numbers.visible(breakdown.dimension)} are not shown here.",))
        if any(breakdown.counted_again):
            yield Note(("The segments add up to more than the stages: a unit with entries in several counts in each.",))
    yield Note((f"Measured{_origin(noted)}.",))
    if noted.not_mature:
        yield Note((f"Not mature, as the window is still open: {numbers.visible(', '.join(noted.not_mature))}.",))


def _origin(noted: Measurement) -> str:
    """From where and out of how much, in one sentence."""
    said = f" from {numbers.visible(noted.source)}" if noted.source else ""
    if noted.events is not None and noted.units is not None:
        said += f": {noted.events:,} events of {noted.units:,} units"
    said += f", until {noted.until}" if noted.until else ""
    aside = (
        (noted.duplicates, "that came again"),
        (noted.without_unit, "without a unit"),
        (noted.without_time, "without a time"),
    )
    left = [f"{number:,} {what}" for number, what in aside if number]
    said += f"; not counted: {', '.join(left)}" if left else ""
    return f"{said}; counted, though dated after now: {noted.after_now:,}" if noted.after_now else said


def _totals(result: FunnelConversion) -> KeyValues:
    overall: list[Cell | str] = [Cell(result.overall_conversion, "rate"), ", ", Cell(result.one_in, "one_in")]
    if result.overall_conversion_low is not None:
        bounds = (result.overall_conversion_low, result.overall_conversion_high)
        overall += [f", {numbers.brief_rate(result.confidence)} interval ", Cell(bounds, "interval")]
    pairs: list[tuple[str, tuple[Cell | str, ...]]] = [
        (f"Overall, to {numbers.visible(result.sale_stage)}", tuple(overall))
    ]
    if result.revenue is not None:
        pairs.append(("Revenue", (Cell(result.revenue, "money"),)))
        pairs.append(("Value per entry", (Cell(result.value_per_entry, "money"),)))
    if result.referral_multiplier is not None:
        pairs.append(("Referral multiplier", (Cell(result.referral_multiplier, "number"),)))
    return KeyValues(tuple(pairs))
