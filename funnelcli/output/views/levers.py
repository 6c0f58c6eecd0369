"""What `levers` says of a funnel: the same effort at every lever, ties said aloud, and three strategies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.output.document import Block, Cell, Column, Document, Note, Table, document_of
from funnelcli.output.views.goal import factor_text, lever_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.sensitivity import LeverEffect, LeversReport
    from funnelcli.analyses.strategies import Strategy

_KINDS = {"sales": "count", "revenue": "money", "profit": "money"}
_EQUAL_EFFORT = (
    "Equal effort: expansion brings that much more entries; stretching lifts all conversions to the sale alike until "
    "each entry makes that much more sales, referrals aside; key level brings that much more units to the stage with "
    "the best conversion onward."
)
HALF_BAR = 6
"""Cells of a bar on each side of the figure as it is."""


def view(results: Sequence[LeversReport]) -> Document:
    """The best lever or the tie, the tornado, the strategies, and what the effort means."""
    return document_of(results, _blocks)


def _blocks(result: LeversReport) -> tuple[Block, ...]:
    return (_verdict(result), *_tornado(result), *_strategies(result), _machine_table(result), *_notes(result))


def _verdict(result: LeversReport) -> Note:
    kind = f"{_KINDS[result.metric]}_change"
    if not result.levers:
        return Note((f"No lever takes an effort of {result.effort.text}.",), "verdict")
    first = result.levers[0]
    gain = _gain(result, first)
    if gain is None or gain <= 0:
        return Note((f"An effort of {result.effort.text} at one lever brings no {result.metric}.",), "verdict")
    if result.effort.rank == "cost":
        return _best_buy(result)
    equals = [each for each in result.levers if _gain(result, each) == gain]
    if len(equals) > 1:
        return Note(
            (
                f"{len(equals)} levers tie: {result.effort.text} at any of them brings ",
                Cell(gain, kind),
                f" {result.metric}.",
            ),
            "verdict",
        )
    return Note(
        (f"{result.effort.text} brings most at {lever_name(first.selector)}: ", Cell(gain, kind), f" {result.metric}."),
        "verdict",
    )


def _best_buy(result: LeversReport) -> Note:
    """The levers that lead a ranking by cost: one that costs nothing more, and one that does."""
    parts: list[Cell | str] = []
    free = next((each for each in result.levers if each.profit_per_cost is None), None)
    gain = None if free is None else _gain(result, free)
    if free is not None and gain is not None and gain > 0:
        parts += ["Costs nothing more: ", lever_name(free.selector), ", ", Cell(gain, "money_change"), " profit. "]
    paid = next((each for each in result.levers if each.profit_per_cost is not None), None)
    if paid is not None:
        each = Cell(paid.profit_per_cost, "number")
        parts += ["Most profit for the money: ", lever_name(paid.selector), ", ", each, " for each 1 spent."]
    return Note(tuple(parts), "verdict")


def _gain(result: LeversReport, effect: LeverEffect) -> Any:
    """What the effort changes the report's metric by."""
    return None if effect.high is None else effect.high - result.now


def _tornado(result: LeversReport) -> Iterator[Table]:
    if not result.levers:
        return
    kind, down = _KINDS[result.metric], result.effort.text.replace("+", "-")
    name = result.metric.capitalize()
    columns = [
        Column("Lever", "lever", "text"),
        Column(f"{name}\nat {down}", "low", kind),
        Column(f"{name}\nat {result.effort.text}", "high", kind),
        Column("Change", "change", f"{kind}_change"),
    ]
    costs = result.effort.rank == "cost"
    if costs:
        columns += [
            Column("Spent\nmore", "cost_change", "money_change"),
            Column("Profit per\n1 spent", "profit_per_cost", "number"),
        ]
    columns.append(Column("", "bar", "text"))
    widest = max((abs(float(side - result.now)) for each in result.levers for side in _sides(each)), default=0.0)
    rows = []
    for each in result.levers:
        spent = (each.cost_change, each.profit_per_cost) if costs else ()
        bar = _bar(each, float(result.now), widest)
        rows.append((lever_name(each.selector), each.low, each.high, _gain(result, each), *spent, bar))
    yield Table(tuple(columns), tuple(rows), audience="people")


def _sides(effect: LeverEffect) -> list[Any]:
    return [side for side in (effect.low, effect.high) if side is not None]


def _bar(effect: LeverEffect, now: float, widest: float) -> str:
    """From the figure as it is, in the middle: lines for the effort downward, blocks for the one upward."""
    left, right = [" "] * HALF_BAR, [" "] * HALF_BAR
    for side, mark in ((effect.low, "─"), (effect.high, "█")):
        if side is None or not widest:
            continue
        cells = round(abs(float(side) - now) / widest * HALF_BAR)
        if float(side) < now:
            left[HALF_BAR - cells :] = [mark] * cells
        else:
            right[:cells] = [mark] * cells
    return "".join(left + right)


def _strategies(result: LeversReport) -> Iterator[Table]:
    if not result.strategies:
        return
    columns = [
        Column("Strategy", "strategy", "text"),
        Column("Now", "now", "number"),
        Column("Needed", "needed", "number"),
        Column("Sales", "sales", "count"),
    ]
    keys = ["sales"]
    for key in ("revenue", "profit"):
        if any(getattr(each, key) is not None for each in result.strategies):
            columns.append(Column(key.capitalize(), key, "money"))
            keys.append(key)
    columns.append(Column("Change", "change", f"{_KINDS[result.metric]}_change"))
    rows = tuple(
        (
            f"{each.name.capitalize()}: {each.selector.rpartition('@')[2]}",
            *_takes(each),
            *(getattr(each, key) for key in keys),
            getattr(each, f"{result.metric}_change"),
        )
        for each in result.strategies
    )
    yield Table(tuple(columns), rows, title=f"Strategies at equal effort: {result.effort.text}", audience="people")


def _takes(strategy: Strategy) -> tuple[Cell, Cell]:
    """Units before and after, or the largest factor of the conversions."""
    if strategy.from_ is None:
        return Cell("x1", "text"), Cell(factor_text(strategy.factor), "text")
    return Cell(strategy.from_, "count"), Cell(strategy.to, "count")


def _machine_table(result: LeversReport) -> Table:
    """One row a lever, and one a strategy."""
    columns = (
        Column("Part", "part", "text"),
        Column("Effort", "effort", "text"),
        Column("Name", "name", "text"),
        Column("Selector", "selector", "text"),
        Column("From", "from", "number"),
        Column("To", "to", "number"),
        Column("Metric", "metric", "text"),
        Column("Low", "low", "number"),
        Column("High", "high", "number"),
        Column("Sales change", "sales_change", "number"),
        Column("Revenue change", "revenue_change", "number"),
        Column("Profit change", "profit_change", "number"),
        Column("Cost change", "cost_change", "number"),
        Column("Profit per cost", "profit_per_cost", "number"),
    )
    effort = result.effort.text
    rows: list[tuple[Any, ...]] = []
    for each in result.levers:
        low_high = (result.metric, each.low, each.high)
        changes = (each.sales_change, each.revenue_change, each.profit_change)
        costs = (each.cost_change, each.profit_per_cost)
        rows.append(("lever", effort, None, each.selector, each.from_, each.to, *low_high, *changes, *costs))
    for way in result.strategies:
        figures = (result.metric, None, getattr(way, result.metric))
        changes = (way.sales_change, way.revenue_change, way.profit_change)
        rows.append(("strategy", effort, way.name, way.selector, way.from_, way.to, *figures, *changes, None, None))
    return Table(columns, tuple(rows), audience="machines")


def _notes(result: LeversReport) -> Iterator[Note]:
    if result.unit_margin is not None and result.unit_margin < 0:
        loss = Cell(-result.unit_margin, "money")
        yield Note(("Every sale loses ", loss, ": more of them lose more. Mend the unit first."), "warning")
    for names in result.ties:
        listed = ", ".join(map(lever_name, names))
        same = "sales" if result.metric == "sales" else "money"
        why = f"An equal relative lift of any of these brings the same {same}, because a funnel multiplies its steps: "
        yield Note((why, listed, ". That is no ranking: ask which is the cheapest."))
    if _costs_decide(result):
        yield Note(("Ranked by profit: a lift further down spares the costs of the stages above it.",))
    if result.effort.form == "points":
        yield Note(("Equal points favour the lowest rate: the same points are more of it.",))
    blocked = [each.selector for each in result.levers if each.high is None and each.from_ is not None]
    if blocked:
        listed = ", ".join(map(lever_name, blocked))
        yield Note((f"Cannot take {result.effort.text}, it would pass 100%: {listed}.",))
    if result.left_out:
        listed = ", ".join(map(lever_name, result.left_out))
        yield Note((f"Left out, points are of rates only: {listed}.",))
    if result.assumptions:
        yield Note(("Assumed: " + "; ".join(result.assumptions) + ".",))
    if result.strategies:
        yield Note((_EQUAL_EFFORT,))
        if all(each.name != "key level" for each in result.strategies):
            yield Note(("No key level: no stage between the entry and the sale has room for it.",))
        if all(each.name != "stretching" for each in result.strategies):
            yield Note(("No stretching: the conversions to the sale cannot be lifted that far.",))


def _costs_decide(result: LeversReport) -> bool:
    """Whether the costs of stages, and nothing else, set levers of equal sales apart."""
    profits: dict[Any, set[Any]] = {}
    for each in result.levers:
        if each.sales_change and each.selector.partition("@")[0] in ("entries", "conversion"):
            profits.setdefault((each.sales_change, each.revenue_change), set()).add(each.profit_change)
    return result.has_stage_costs and any(len(found) > 1 for found in profits.values())
