"""What `economics` says of a funnel: what a unit costs and brings, whether it pays, and what it would take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.analyses.unit_economics import HOPELESS
from funnelcli.output import numbers
from funnelcli.output.document import Block, Cell, Column, Document, KeyValues, Note, Table, document_of
from funnelcli.output.views.segments import gap_note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.unit_economics import Economics

_COST_NAMES = {"impression": "CPM", "click": "CPC", "lead": "CPL", "customer": "CAC"}


def view(results: Sequence[Economics]) -> Document:
    """The verdict, the figures, money per unit of each stage, break-even values, segments, and the assumptions."""
    return document_of(results, _blocks)


def _blocks(result: Economics) -> tuple[Block, ...]:
    return (
        *_verdict(result),
        *_figures(result),
        *_stages(result),
        *_break_even(result),
        *_segments(result),
        _machine_table(result),
        *_notes(result),
    )


def _verdict(result: Economics) -> Iterator[Note]:
    if result.verdict is None:
        lacking = "an average_check" if result.revenue is None else "a budget, a cost or a gross_margin"
        if result.revenue is not None and result.unbudgeted:
            lacking = "a budget, or one to each segment,"
        yield Note((f"No verdict: give {lacking} to see whether it pays.",), "verdict")
        return
    profit, margin = Cell(result.profit, "money"), Cell(result.unit_margin, "money")
    if result.verdict == HOPELESS and result.unit_margin is not None:
        yield Note(
            ("No conversion makes it pay: every sale loses ", Cell(-result.unit_margin, "money"), "."), "verdict"
        )
    elif result.profit:
        word = "Earns " if result.profit > 0 else "Loses "
        amount = profit if result.profit > 0 else Cell(-result.profit, "money")
        if result.unit_margin is None:
            yield Note((word, amount, "; there are no sales."), "verdict")
            return
        more = " and the costs of earlier stages" if _costs_before(result) else ""
        yield Note((word, amount, "; each sale leaves ", margin, f" before the budget{more}."), "verdict")
    else:
        yield Note(("Breaks even.",), "verdict")


def _costs_before(result: Economics) -> bool:
    """Whether something is spent on units that do not become sales."""
    return result.acquisition_cost is not None and result.acquisition_cost != result.cac


def _is_told(result: Economics, key: str) -> bool:
    """Whether a figure is known, and another one than that beside it."""
    return getattr(result, key) is not None and (key != "acquisition_cost" or _costs_before(result))


_FIGURES = (
    ("Revenue", "revenue", "money"),
    ("Variable cost", "variable_cost", "money"),
    ("Gross profit", "gross_profit", "money"),
    ("Budget", "budget", "money"),
    ("Profit", "profit", "money"),
    ("ROAS", "roas", "number"),
    ("ROMI", "romi", "rate"),
    ("Unit margin", "unit_margin", "money"),
    ("LTV", "ltv", "money"),
    ("CAC, fully loaded", "acquisition_cost", "money"),
    ("LTV / CAC", "ltv_to_cac", "number"),
    ("RPM", "rpm", "money"),
    ("Leads that buy", "lead_quality", "rate"),
    ("Referral multiplier", "referral_multiplier", "number"),
)


def _figures(result: Economics) -> Iterator[KeyValues]:
    pairs: list[tuple[str, tuple[Cell | str, ...]]] = [
        (label, (Cell(getattr(result, key), kind),)) for label, key, kind in _FIGURES if _is_told(result, key)
    ]
    if result.payback is not None:
        days = result.payback.days
        when: tuple[Cell | str, ...] = () if days is None else (", ", Cell(days, "duration"), " from the entry")
        pairs.append(("CAC paid back at", (Cell(result.payback.stage, "text"), *when)))
    if pairs:
        yield KeyValues(tuple(pairs))


def _stages(result: Economics) -> Iterator[Table]:
    costs = any(stage.cost_per is not None for stage in result.stages)
    values = any(stage.value_per is not None for stage in result.stages)
    if not costs and not values:
        return
    columns = [Column("Stage", "stage", "text"), Column("Count", "count", "count")]
    rows: list[list[Any]] = [[stage.name, stage.count] for stage in result.stages]
    if costs:
        named = any(stage.role for stage in result.stages)
        columns.append(Column("Cost per\nunit", "cost_per", "money"))
        columns += [Column("called", "called", "text")] if named else []
        for cells, stage in zip(rows, result.stages, strict=True):
            cells.append(stage.cost_per)
            if named:
                thousand = (
                    f" {numbers.in_table(result.cpm, 'money', result.currency)}" if stage.role == "impression" else ""
                )
                cells.append(f"{_COST_NAMES.get(stage.role or '', '')}{thousand}")
    if values:
        columns.append(Column("Value per\nunit", "value_per", "money"))
        for cells, stage in zip(rows, result.stages, strict=True):
            cells.append(stage.value_per)
    yield Table(tuple(columns), tuple(map(tuple, rows)), audience="people")


def _break_even(result: Economics) -> Iterator[Table]:
    if result.profit is None:
        return
    even = result.break_even
    # without another break-even value a profit is never lost by the lever, and a loss never mended
    nowhere = "pays at any" if result.profit > 0 else "not reachable" if result.profit < 0 else "as it is"

    def row(lever: str, now: Any, value: Any, kind: str, selector: str) -> tuple[Any, ...]:
        none = "n/a" if selector in result.break_even_unknown else nowhere
        return lever, Cell(now, kind), Cell(none, "text") if value is None else Cell(value, kind)

    rows = [row("Entries", result.stages[0].count, even.entries, "count", "entries")]
    rows.append(row("Sales", result.sales, even.sales, "count", f"conversion@{result.sale_stage}"))
    if result.average_check is not None:
        rows.append(row("Average check", result.average_check, even.average_check, "money", "average_check"))
    for stage in result.stages:
        if stage.name in even.conversions:
            at = even.conversions[stage.name]
            rows.append(row(f"Conversion to {stage.name}", stage.conversion, at, "rate", f"conversion@{stage.name}"))
    columns = (Column("", "lever", "text"), Column("Now", "now", "number"), Column("Break-even", "even", "number"))
    yield Table(columns, tuple(rows), title="Profit is 0 at, each alone", audience="people")


_SEGMENT_COLUMNS = (
    ("Sales", "sales", "count"),
    ("Revenue", "revenue", "money"),
    ("Gross\nprofit", "gross_profit", "money"),
    ("Budget", "budget", "money"),
    ("Profit", "profit", "money"),
    ("ROMI", "romi", "rate"),
    ("CPL", "cpl", "money"),
    ("CAC", "cac", "money"),
    ("CAC, fully\nloaded", "acquisition_cost", "money"),
    ("LTV /\nCAC", "ltv_to_cac", "number"),
    ("Unit\nmargin", "unit_margin", "money"),
    ("Leads\nthat buy", "lead_quality", "rate"),
)


def _segments(result: Economics) -> Iterator[Block]:
    if not result.segments:
        return
    used = [
        column for column in _SEGMENT_COLUMNS if any(_is_told(each, column[1]) for each in (*result.segments, result))
    ]
    columns = [Column(result.dimension or "", "segment", "text"), *(Column(*column) for column in used)]
    columns.append(Column("Verdict", "verdict", "text"))
    rows = tuple(
        (name, *(getattr(each, key) for _, key, _ in used), each.verdict or "")
        for name, each in (*((each.name, each) for each in result.segments), ("Total", result))
    )
    yield Table(tuple(columns), rows, title=f"By {numbers.visible(result.dimension or '')}", audience="people")


def _notes(result: Economics) -> Iterator[Note]:
    for each in result.segments:
        if each.verdict == HOPELESS and each.unit_margin is not None:
            yield Note(
                (
                    Cell(each.name, "text"),
                    ": every sale loses ",
                    Cell(-each.unit_margin, "money"),
                    "; no conversion makes it pay.",
                ),
                "warning",
            )
    yield from (gap_note(each, getattr(result, each.figure)) for each in result.gaps)
    if result.assumptions:
        yield Note(("Assumed: " + "; ".join(result.assumptions) + ".",))


_MACHINE_FIGURES = (
    "sales",
    "revenue",
    "variable_cost",
    "gross_profit",
    "budget",
    "profit",
    "roas",
    "romi",
    "unit_margin",
    "cpm",
    "cpc",
    "cpl",
    "cac",
    "rpm",
    "ltv",
    "acquisition_cost",
    "ltv_to_cac",
    "lead_quality",
    "referral_multiplier",
)


def _machine_table(result: Economics) -> Table:
    """One row for the funnel and for each segment."""
    columns = (
        Column("Dimension", "dimension", "text"),
        Column("Segment", "segment", "text"),
        *(Column(key, key, "number") for key in _MACHINE_FIGURES),
        Column("Verdict", "verdict", "text"),
    )
    rows = tuple(
        (
            result.dimension if each is not result else None,
            each.name if each is not result else None,
            *(getattr(each, key) for key in _MACHINE_FIGURES),
            each.verdict,
        )
        for each in (result, *result.segments)
    )
    return Table(columns, rows, audience="machines")
