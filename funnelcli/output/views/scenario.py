"""What `scenario` says of a funnel and its projections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.model import ratio
from funnelcli.output.document import Block, Cell, Column, Document, Note, Table, document_of
from funnelcli.output.numbers import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.scenario import Projection, ScenarioReport


def view(results: Sequence[ScenarioReport]) -> Document:
    """The projections side by side, what changes against the baseline, losses said aloud, and the assumptions."""
    return document_of(results, _blocks)


def _blocks(result: ScenarioReport) -> tuple[Block, ...]:
    return (
        _side_by_side(result),
        _changes(result),
        _machine_table(result),
        *_losses(result),
        _assumptions(result),
    )


def _side_by_side(result: ScenarioReport) -> Table:
    """Figures as rows, projections as columns."""
    projections = result.projections
    columns = (Column("", "figure", "text"), *(Column(visible(each.name), "value", "count") for each in projections))
    rows: list[tuple[Any, ...]] = []
    for index, stage in enumerate(projections[0].stages):
        rows.append((stage.name, *(Cell(each.stages[index].count, "count") for each in projections)))
        if index:
            conversions = (each.stages[index].conversion for each in projections)
            rows.append(("  conversion", *(Cell(conversion, "rate") for conversion in conversions)))
    rows.append((f"Overall, to {result.sale_stage}", *(Cell(each.overall_conversion, "rate") for each in projections)))
    names = {stage.name for stage in projections[0].stages}
    for label, figure in _MONEY:
        values = [getattr(each, figure) for each in projections]
        if any(value is not None for value in values):
            if label in names:
                label = f"Total {label.lower()}"
            unit = f", {result.currency}" if result.currency else ""
            rows.append((f"{label}{unit}", *(Cell(value, "money") for value in values)))
    return Table(columns, tuple(rows), audience="people")


_MONEY = (("Revenue", "revenue"), ("Variable cost", "variable_cost"), ("Budget", "budget"), ("Profit", "profit"))


def _changes(result: ScenarioReport) -> Table:
    """Each scenario's change of the results, in units and in %."""
    projections = result.projections[1:]
    columns = [
        Column("Scenario", "projection", "text"),
        Column("Sales change", "sales_change", "count_change"),
        Column("in %", "sales_change_rate", "rate_change"),
    ]
    if any(each.revenue_change is not None for each in projections):
        columns.append(Column("Revenue change", "revenue_change", "money_change"))
        columns.append(Column("in %", "revenue_change_rate", "rate_change"))
    if any(each.profit_change is not None for each in projections):
        columns.append(Column("Profit change", "profit_change", "money_change"))
    rows = [(each.name, *(getattr(each, column.key) for column in columns[1:])) for each in projections]
    return Table(tuple(columns), tuple(rows), title="Change from the baseline", audience="people")


def _machine_table(result: ScenarioReport) -> Table:
    """One row a figure: its selector, its value, and its change from the baseline."""
    columns = (
        Column("Projection", "projection", "text"),
        Column("Selector", "selector", "text"),
        Column("Value", "value", "number"),
        Column("Change", "change", "number"),
        Column("Change, %", "change_rate", "rate"),
    )
    base = dict(_figures(result.projections[0]))
    rows = []
    for projection in result.projections:
        for selector, value in _figures(projection):
            before = base[selector]
            change = None if value is None or before is None else value - before
            rows.append(
                (
                    projection.name,
                    selector,
                    value,
                    change,
                    None if change is None or before < 0 else ratio(change, before),
                )
            )
    return Table(columns, tuple(rows), audience="machines")


def _figures(projection: Projection) -> Iterator[tuple[str, Any]]:
    for index, stage in enumerate(projection.stages):
        yield f"count@{stage.name}", stage.count
        if index:
            yield f"conversion@{stage.name}", stage.conversion
    for metric in (
        "entries",
        "sales",
        "overall_conversion",
        "revenue",
        "variable_cost",
        "budget",
        "profit",
        "unit_margin",
    ):
        yield metric, getattr(projection, metric)


def _losses(result: ScenarioReport) -> Iterator[Note]:
    """Units that lose money: where each sale costs more than it leaves, and where that makes a scenario worse."""
    base = result.projections[0]
    if base.unit_margin is not None and base.unit_margin < 0:
        yield Note(
            (
                "Every sale loses ",
                Cell(-base.unit_margin, "money"),
                ": the average check after cost of goods is below the cost of the sale.",
                " No conversion makes it pay." if base.never_pays else "",
            ),
            "warning",
        )
    for each in result.projections[1:]:
        if each.profit is None or each.profit >= 0 or not each.profit_change or each.profit_change >= 0:
            continue
        loss = Cell(-each.profit, "money")
        if base.profit is not None and base.profit < 0:
            yield Note(
                (Cell(each.name, "text"), ": the loss grows from ", Cell(-base.profit, "money"), " to ", loss, "."),
                "warning",
            )
        else:
            yield Note((Cell(each.name, "text"), ": turns a profit into a loss of ", loss, "."), "warning")


def _assumptions(result: ScenarioReport) -> Note:
    return Note(("Assumed: " + "; ".join(result.assumptions) + ".",))
