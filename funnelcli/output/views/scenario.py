"""What `scenario` says of a funnel and its projections."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from funnelcli.diagnostics import decimal_text
from funnelcli.exact import relative_change
from funnelcli.output.document import Block, Column, Note, Table
from funnelcli.output.numbers import text, visible
from funnelcli.output.views.building import (
    amounts_note,
    assumed,
    known,
    losing,
    sales_called,
    side_by_side,
    table,
    warning,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.scenario import Projection, ScenarioReport
    from funnelcli.exact import Exact


def blocks(result: ScenarioReport) -> Iterator[Block]:
    """The projections side by side, what changes against the baseline, losses said aloud, and the assumptions."""
    yield from amounts_note(result.cut, result.projections[0].profit is not None)
    yield _side_by_side(result)
    yield from _free_entries(result)
    yield _changes(result.projections[1:], sales_called(result))
    yield from _losses(result)
    yield from assumed(result.assumptions)


def _side_by_side(result: ScenarioReport) -> Table:
    def of_stage(projection: Projection, index: int) -> tuple[Any, Any]:
        stage = projection.stages[index]
        return stage.count, stage.conversion

    names = [stage.name for stage in result.projections[0].stages]
    labels = {key: key.capitalize().replace("_", " ") for key in ("revenue", "variable_cost", "budget", "profit")}
    amounts = [(f"Total {label.lower()}" if label in names else label, key) for key, label in labels.items()]
    amounts += [("Budget, entries bought", "budget_bought"), ("Profit, entries bought", "profit_bought")]
    overall = f"Overall, to {result.sale_stage}"
    return side_by_side(result.projections, names, of_stage, overall, amounts, result.currency)


def _free_entries(result: ScenarioReport) -> Iterator[Note]:
    """That entries cost nothing more in the scenarios that set them alone, and what asks for the other figure."""
    for each in result.projections[1:]:
        if each.budget_bought is not None and each.budget_bought != each.budget:
            budget = text(each.budget_bought, "money", result.currency)
            yield Note(
                f"{visible(each.name)}: the entries cost nothing more. Bought, as levers has them, they take a budget "
                f"of {budget}: --set entries={_plain(each.entries)} "
                f"--set budget={_plain(each.budget_bought)}."
            )


def _plain(value: Exact) -> str:
    """A figure as an option takes it, to the cent."""
    return decimal_text(round(Fraction(value), 2))


def _changes(projections: Sequence[Projection], sales: str) -> Table:
    """Each scenario's change of the results, in units and in %."""
    revenue = (
        Column("Revenue change", "revenue_change", "money_change"),
        Column("In %", "revenue_change_rate", "rate_change"),
    )
    columns = (
        Column("Scenario", "name", "text"),
        Column(f"{sales} change", "sales_change", "count_change"),
        Column("In %", "sales_change_rate", "rate_change"),
        *(revenue if any(each.revenue_change is not None for each in projections) else ()),
        *known(projections, Column("Profit change", "profit_change", "money_change")),
    )
    return table(projections, columns, "Change from the baseline")


def csv_rows(result: ScenarioReport) -> Iterator[dict[str, Any]]:
    """One row a figure: its selector, its value, and its change from the baseline."""
    whole = None if result.lost_unplaced is None else f"conversion@{result.sale_stage}"  # that is the overall one
    base = dict(_figures(result.projections[0]))
    for projection in result.projections:
        for selector, value in _figures(projection):
            if selector == whole:
                continue
            row, before = {"projection": projection.name, "selector": selector, "value": value}, base[selector]
            if value is None or before is None:
                yield row
                continue
            change = value - before
            yield row | {"change": change, "change_rate": relative_change(before, before + change)}


def _figures(projection: Projection) -> Iterator[tuple[str, Any]]:
    for index, stage in enumerate(projection.stages):
        yield f"count@{stage.name}", stage.count
        if index:
            yield f"conversion@{stage.name}", stage.conversion
    for metric in _METRICS:
        yield metric, getattr(projection, metric)


_METRICS = ("entries", "sales", "overall_conversion", "revenue", "variable_cost", "budget", "profit", "unit_margin")


def _losses(result: ScenarioReport) -> Iterator[Note]:
    """Units that lose money: where each sale costs more than it leaves, and where that makes a scenario worse."""
    base = result.projections[0]
    why = ": the average check after cost of goods is below the cost of the sale."
    yield from losing(base, result.currency, f"{why}{' No conversion makes it pay.' if base.never_pays else ''}")
    for each in result.projections[1:]:
        if each.profit is None or each.profit >= 0 or not each.profit_change or each.profit_change >= 0:
            continue
        loss = text(-each.profit, "money", result.currency)
        if base.profit is not None and base.profit < 0:
            before = text(-base.profit, "money", result.currency)
            yield warning(f"{each.name}: the loss grows from {before} to {loss}.")
        else:
            yield warning(f"{each.name}: turns a profit into a loss of {loss}.")
