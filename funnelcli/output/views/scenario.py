"""What `scenario` says of a funnel and its projections."""

from __future__ import annotations

import shlex
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from funnelcli.diagnostics import decimal_text
from funnelcli.exact import relative_change
from funnelcli.output.document import Block, Column, Note, Table
from funnelcli.output.numbers import text, visible
from funnelcli.output.views.building import (
    amounts_note,
    assumed,
    few,
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
    """That the budget stays in scenarios that move entries and no budget, and what asks for the other figure."""
    for each in result.projections[1:]:
        if each.budget_bought is None or each.budget_bought == each.budget:
            continue
        is_more = each.budget_bought > (each.budget or 0)
        free = "entries cost nothing more" if is_more else "budget stays, though there are fewer entries"
        yield Note(
            f"{visible(each.name)}: the {free}. Bought, as levers has them, they take a budget of "
            f"{text(each.budget_bought, 'money', result.currency)}: {visible(_buying(each))}."
        )
    if any(each.budget_bought is not None for each in result.projections):
        beyond = [each.name for each in result.projections if each.budget_bought is None]
        if beyond:
            yield Note(f"{few(beyond)}: no budget below 1e18 buys so many entries at this spend_elasticity.")


def _buying(projection: Projection) -> str:
    """The options that ask for a scenario with its entries bought: its other changes stay as they are written."""
    moved = [("entries", _plain(projection.entries)), ("budget", _plain(projection.budget_bought or 0))]
    free = {"entries", f"count@{projection.stages[0].name}"}
    others = [
        (selector, change)
        for selector, changes in projection.changes.items()
        if selector not in free
        for change in changes.split(", ")
    ]
    return " ".join(f"--set {shlex.quote(f'{selector}={value}')}" for selector, value in (*moved, *others))


def _plain(value: Exact) -> str:
    """A figure as an option takes it, unrounded; of one without an end, as many digits as a double has."""
    below = Fraction(value).denominator
    is_finite = any(not 10**digits % below for digits in range(_MOST_DIGITS))
    return decimal_text(value if is_finite else Fraction(repr(float(value))))


_MOST_DIGITS = 16


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
    bought = [key for key in _BOUGHT if any(getattr(each, key) is not None for each in result.projections)]
    base = dict(_figures(result.projections[0], bought))
    for projection in result.projections:
        for selector, value in _figures(projection, bought):
            if selector == whole:
                continue
            row, before = {"projection": projection.name, "selector": selector, "value": value}, base[selector]
            if value is None or before is None:
                yield row
                continue
            change = value - before
            yield row | {"change": change, "change_rate": relative_change(before, before + change)}


def _figures(projection: Projection, bought: Sequence[str]) -> Iterator[tuple[str, Any]]:
    for index, stage in enumerate(projection.stages):
        yield f"count@{stage.name}", stage.count
        if index:
            yield f"conversion@{stage.name}", stage.conversion
    for metric in (*_METRICS, *bought):
        yield metric, getattr(projection, metric)


_BOUGHT = ("budget_bought", "profit_bought")
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
