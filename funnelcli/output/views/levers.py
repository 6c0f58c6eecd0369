"""What `levers` says of a funnel: the same effort at every lever, ties said aloud, and three strategies."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from funnelcli.analyses.ends import tells_no_rate
from funnelcli.output.csv import fields
from funnelcli.output.document import CHANGES, Block, Cell, Column, Note, Table
from funnelcli.output.numbers import text
from funnelcli.output.views.building import (
    amounts_note,
    assumed,
    base_called,
    figure_called,
    figure_word,
    kind_of,
    known,
    losing,
    sales_called,
    sentence,
    table,
    the_sale,
    verdict,
)
from funnelcli.output.views.goal import lever_name, lever_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.analyses.sensitivity import LeverEffect, LeversReport
    from funnelcli.analyses.strategies import Strategy

HALF_BAR = 6
"""Cells of a bar on each side of the figure as it is."""


def blocks(result: LeversReport) -> Iterator[Block]:
    """The best lever or the tie, the tornado, the strategies, and what the effort means."""
    yield verdict(_verdict(result))
    yield from amounts_note(result.cut, result.metric == "profit")
    if result.levers:
        yield _tornado(result)
    if result.strategies:
        yield _strategies(result)
    yield from _notes(result)


def _verdict(result: LeversReport) -> str:
    effort = result.effort.text
    if not result.levers:
        return f"No lever takes an effort of {effort}."
    if result.unmet:
        told = [lever.selector for lever in result.levers if lever.high is not None]
        but = f", but at {lever_names(told)}" if told else ""
        return f"What {effort} brings is not told{but}: {tells_no_rate(result.unmet)}."
    first = result.levers[0]
    gain = _gain(result, first)
    if gain is None or gain <= 0:
        return f"An effort of {effort} at one lever brings no {figure_word(result.metric, result)}."
    if result.effort.rank == "cost":
        return _best_buy(result)
    brings = f"{text(gain, CHANGES[kind_of(result.metric)], result.currency)} {figure_word(result.metric, result)}"
    tied = _tied(result)
    if len(tied) > 1:
        why = "A funnel multiplies its steps: ask which is the cheapest."
        return f"{effort} brings the same at any of these, {brings}: {lever_names(tied)}. {why}"
    return f"{effort} brings most at {lever_name(first.selector)}: {brings}."


def leader(result: LeversReport) -> str | None:
    """The verdict where one lever leads and brings something; `None` where none does, or that cannot be told."""
    gain = _gain(result, result.levers[0]) if result.levers else None
    alone = gain is not None and gain > 0 and not is_tie(result) and not result.unmet
    return _verdict(result) if alone else None


def _tied(result: LeversReport) -> list[str]:
    """The levers at which the effort brings as much as at the first."""
    gains = [_gain(result, lever) for lever in result.levers]
    return [lever.selector for lever, gain in zip(result.levers, gains, strict=True) if gain == gains[0]]


def is_tie(result: LeversReport) -> bool:
    """Whether the effort brings the same at the best levers, so that which one leads says nothing."""
    return len(_tied(result)) > 1


def _best_buy(result: LeversReport) -> str:
    """The levers that lead a ranking by cost: one that costs nothing more, and one that does."""
    said = []
    free = next((each for each in result.levers if each.profit_per_cost is None and each.cost_change is not None), None)
    gain = None if free is None else _gain(result, free)
    if free is not None and gain is not None and gain > 0:
        profit = text(gain, "money_change", result.currency)
        said.append(f"Without more spending: {lever_name(free.selector)}, {profit} profit. ")
    paid = next((each for each in result.levers if each.profit_per_cost is not None), None)
    if paid is not None:
        each = text(paid.profit_per_cost, "number")
        said.append(f"Most profit for the money: {lever_name(paid.selector)}, {each} for each 1 spent.")
    return "".join(said)


def _gain(result: LeversReport, effect: LeverEffect) -> Any:
    """What the effort changes the report's metric by."""
    return None if effect.high is None else effect.high - result.now


def buys_entries(result: LeversReport) -> bool:
    """Whether more entries are bought, so that the budget grows with them."""
    return any(lever.selector == "entries" and lever.cost_change for lever in result.levers)


def _called(result: LeversReport, selector: str) -> str:
    return f"{lever_name(selector)}, bought" if selector == "entries" and buys_entries(result) else lever_name(selector)


def _tornado(result: LeversReport) -> Table:
    kind, down = kind_of(result.metric), result.effort.text.replace("+", "-")
    name, now = figure_called(result.metric, result), float(result.now)
    sides = [side for lever in result.levers for side in (lever.low, lever.high) if side is not None]
    widest = max((abs(float(side - result.now)) for side in sides), default=0.0)
    costs = (
        Column("Spent\nmore", "cost_change", "money_change"),
        Column("Profit per\n1 spent", "profit_per_cost", "number"),
    )
    columns = (
        Column("Lever", "lever", "text", lambda lever: _called(result, lever.selector)),
        Column(f"{name}\nat {down}", "low", kind),
        Column(f"{name}\nat {result.effort.text}", "high", kind),
        Column("Change", "change", CHANGES[kind], lambda lever: _gain(result, lever)),
        *(costs if result.effort.rank == "cost" else ()),
        Column("", "bar", "text", lambda lever: _bar(lever, now, widest), spare=1),
    )
    return table(result.levers, columns, key="levers")


def _bar(effect: LeverEffect, now: float, widest: float) -> str:
    """From the figure as it is, in the middle: lines for the effort downward, blocks for the one upward."""
    cells = [" "] * (2 * HALF_BAR)
    for side, mark in ((effect.low, "─"), (effect.high, "█")):
        if side is not None and widest:
            length = round(abs(float(side) - now) / widest * HALF_BAR)
            first = HALF_BAR - length if float(side) < now else HALF_BAR
            cells[first : first + length] = [mark] * length
    return "".join(cells)


def _strategies(result: LeversReport) -> Table:
    def now(way: Strategy) -> Cell:
        return Cell(1, "factor") if way.from_ is None else Cell(way.from_, "count")

    def needed(way: Strategy) -> Cell:
        return Cell(way.factor, "factor") if way.from_ is None else Cell(way.to, "count")

    columns = (
        Column("Strategy", "name", "text", lambda way: f"{way.name.capitalize()}: {_aimed(result, way)}"),
        Column(sentence(base_called(result.in_the_end)), "now", "number", now),
        Column("Needed", "needed", "number", needed),
        Column(sales_called(result), "sales", "count"),
        *known(
            result.strategies,
            Column("Revenue", "revenue", "money", spare=2),
            Column("Profit", "profit", "money", spare=1),
        ),
        Column("Change", "change", CHANGES[kind_of(result.metric)], attrgetter(f"{result.metric}_change")),
    )
    return table(result.strategies, columns, f"Strategies at equal effort: {result.effort.text}")


def _aimed(result: LeversReport, way: Strategy) -> str:
    """What a strategy moves."""
    bought = way.selector == "entries" and buys_entries(result)
    return f"entries{', bought' if bought else ''}" if way.selector == "entries" else way.selector.rpartition("@")[2]


def csv_rows(result: LeversReport) -> Iterator[dict[str, Any]]:
    """One row a lever, and one a strategy, whose figure is `high`."""
    own = {"effort": result.effort.text, "metric": result.metric}
    yield from ({"part": "lever"} | own | fields(lever) for lever in result.levers)
    for way in result.strategies:
        yield {"part": "strategy", "high": getattr(way, result.metric)} | own | fields(way, "name")


def _notes(result: LeversReport) -> Iterator[Note]:
    yield from losing(result, result.currency, ": more of them lose more. Mend the sale first.")
    best = _gain(result, result.levers[0]) if result.levers else None
    tied = {lever.selector for lever in result.levers if result.effort.rank == "gain" and _gain(result, lever) == best}
    for names in result.ties:
        if not tied.issuperset(names):
            yield Note(f"{result.effort.text} brings the same at any of these as well: {lever_names(names)}.")
    if _costs_decide(result):
        yield Note("Ranked by profit: a lift further down spares the costs of the stages above it.")
    if result.effort.form == "points":
        yield Note("Equal points favour the lowest rate: the same points are more of it.")
    stuck = [each for each in result.levers if each.high is None and each.from_ is not None]
    nothing = [each.selector for each in stuck if not each.from_]
    if nothing and not result.unmet:
        yield Note(f"{result.effort.text} of 0 is nothing: {lever_names(nothing)}.")
    blocked = [each.selector for each in stuck if each.kind == "rate" and each.from_ and not result.unmet]
    if blocked:
        yield Note(f"Cannot take {result.effort.text}, it would pass 100%: {lever_names(blocked)}.")
    if buys_entries(result):
        effort = result.effort.text
        yield Note(f"Entries that cost nothing more: scenario --set entries={effort} leaves the budget as it is.")
    if result.left_out:
        yield Note(f"Left out, points are of rates only: {lever_names(result.left_out)}.")
    if result.assumptions:
        yield from assumed(result.assumptions)
    if result.strategies:
        sale = the_sale(result)
        yield Note(
            f"Equal effort: expansion brings that much more entries; stretching lifts all conversions to {sale} alike "
            f"until each entry makes that much more {figure_word('sales', result)}, referrals aside; key level brings "
            "that much more to the stage with the best conversion onward."
        )
        if all(each.name != "key level" for each in result.strategies):
            yield Note(f"No key level: no stage between the entry and {sale} has room for it.")
        if all(each.name != "stretching" for each in result.strategies):
            yield Note(f"No stretching: the conversions to {sale} cannot be lifted that far.")


def _costs_decide(result: LeversReport) -> bool:
    """Whether the costs of stages, and nothing else, set levers of equal sales apart."""
    profits: dict[Any, set[Any]] = {}
    for each in result.levers:
        if each.sales_change and each.selector.partition("@")[0] in ("entries", "conversion"):
            profits.setdefault((each.sales_change, each.revenue_change), set()).add(each.profit_change)
    return result.has_stage_costs and any(len(found) > 1 for found in profits.values())
