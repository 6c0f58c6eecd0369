"""What `show` says of a funnel."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from funnelcli.rendering import numbers
from funnelcli.rendering.document import Bars, Block, Cell, Column, Document, KeyValues, Note, Table, document_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.analyses.conversion import FunnelConversion


def view(results: Sequence[FunnelConversion]) -> Document:
    """A funnel of bars, the conversion table, and the figures of the whole funnel."""
    return document_of(results, _blocks)


def _blocks(result: FunnelConversion) -> tuple[Block, ...]:
    return (
        Bars(tuple((stage.name, stage.count, stage.conversion) for stage in result.stages)),
        _table(result),
        _machine_table(result),
        _totals(result),
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


def _machine_table(result: FunnelConversion) -> Table:
    return Table(
        _MACHINE_COLUMNS,
        tuple(
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
            )
            for stage in result.stages
        ),
        audience="machines",
    )


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
