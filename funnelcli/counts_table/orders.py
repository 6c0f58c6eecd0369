"""Orders of a shop and charges of cards to a funnel: those made, paid, kept or sent, as the stages of the recipe say.

A unit is at a stage where all conditions of it and of those before hold. Money is that of the stage which names it,
gross: what was given back is said beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.deal_currency import in_one_currency
from funnelcli.counts_table.deal_dates import DateColumn, read_dates
from funnelcli.counts_table.deal_money import money_of_won
from funnelcli.counts_table.deal_reach import DealReach
from funnelcli.counts_table.deal_segments import breakdowns_of, cells_of, counted
from funnelcli.counts_table.deal_stages import StageOrder
from funnelcli.counts_table.deal_states import OPEN
from funnelcli.counts_table.deals import Deal, Pipeline, check_widths, deal_columns, labels_of
from funnelcli.counts_table.row_amounts import NOTHING, read_amounts, sum_of
from funnelcli.counts_table.row_causes import Causes, many
from funnelcli.counts_table.row_selection import begun_between, months_of, unit_rows, without_copies
from funnelcli.counts_table.words import plain
from funnelcli.diagnostics import decimal_text, joined, quoted
from funnelcli.model import Funnel, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.counts_table.importing import ImportOptions
    from funnelcli.counts_table.recognise import Recognised
    from funnelcli.counts_table.table import CellTable
    from funnelcli.exact import Exact


class StatusCondition(NamedTuple):
    """A column, and the plain words of its cells with which a unit is at the stage."""

    at: int
    words: frozenset[str]


class OrderStage(NamedTuple):
    """A stage, what it asks for beyond the stages before, and whether the money of the funnel is that of its units."""

    name: str
    conditions: tuple[StatusCondition, ...]
    has_money: bool


def import_orders(table: CellTable, found: Recognised, options: ImportOptions) -> Funnel | None:
    """The funnel of orders; `None` where something is wrong, which is among the problems of the table."""
    causes = Causes(table)
    columns = deal_columns(table, found, options)
    stages = _stages_told(table, found)
    goes_on = found.recipe.continues is not None  # then a line with little in it is a further one of an order
    needed = [each.at for each in found.columns if each.column.key in found.recipe.needs]
    rows = list(table.body) if goes_on else unit_rows(table, needed)
    check_widths(table, rows, causes)
    if not causes.hand_over():
        return None
    rows = _first_lines(table, found, rows)
    rows = without_copies(table, rows, columns.at.get("id"), "order", causes)
    for row in rows:
        _check_words(table, found, row, causes)
    if not causes.hand_over():
        return None
    created = columns.at["created"]
    read = read_dates(table, [DateColumn(created, rows)], options.date_order, causes)
    dates = None if read is None else read[0]
    for row in rows:
        if dates is not None and row not in dates.local:
            what, help_ = "no date of creation", "write it, or delete the row"
            causes.add("created", row, created, "FN102", what, help_)
    if not causes.hand_over() or dates is None:
        return None
    if options.between:
        before = len(rows)
        rows = begun_between(dates, rows, options.between)
        if before > len(rows):
            table.notes.append(f"{many(before - len(rows), 'row')} outside the interval are left out")
    currency, rows = in_one_currency(table, found, rows, options.currency, causes)
    if not rows and not causes.first:
        causes.add("none", table.header, 0, "FN006", "no order is left", "export more, or ask for another interval")
    money = columns.at.get("amount")
    amounts = {} if money is None else read_amounts(table, money, rows, causes, currency)
    labels = [labels_of(table, name, column, rows, causes) for name, column in columns.labels]
    refunds = _refunds(table, found, rows, currency, causes)
    if not causes.hand_over():
        return None
    units = [
        DealReach(
            Deal(row, OPEN, "", amounts.get(row), None, None, tuple(each[row] for each in labels)),
            _reached(table, row, stages),
            None,
            known=True,
        )
        for row in rows
    ]
    months = months_of(dates, rows)
    dimensions = tuple(name for name, _ in columns.labels)
    pipeline = Pipeline("", [unit.deal for unit in units], (), dimensions, months, currency, began_timed=True)
    _say_out_of_order(table, rows, stages)
    funnel = _funnel(table, stages, pipeline, units)
    if refunds:
        total = f"{decimal_text(sum_of(refunds))} {currency or ''}".rstrip()
        table.notes.append(f"money is gross: {total} of {many(len(refunds), 'order')} were given back")
    return funnel


def _stages_told(table: CellTable, found: Recognised) -> list[OrderStage]:
    """The stages of the recipe that the columns of the table tell; the others are said."""
    told, lacking = [], []
    for stage in found.recipe.stages:
        name = str(stage["name"])
        asked = stage.get("when", {})
        known = [
            StatusCondition(at, frozenset(map(plain, _listed(words))))
            for key, words in asked.items()
            if (at := found.at(key)) is not None
        ]
        if asked and not known:
            lacking.append(quoted(name))
        else:
            told.append(OrderStage(name, tuple(known), "money" in stage))
    if lacking:
        table.notes.append(f"no column tells {joined(lacking)}")
    return told


def _first_lines(table: CellTable, found: Recognised, rows: Sequence[int]) -> list[int]:
    """Rows without those that go on with the order before: of the same name, and without status and money."""
    key = found.recipe.continues
    at = None if key is None else found.at(key)
    if at is None:
        return list(rows)
    empty = [each.at for each in found.columns if each.column.kind in ("status", "amount", "currency")]
    kept: list[int] = []
    for row in rows:
        cells = table.rows[row]
        if kept and cells[at] == table.rows[kept[-1]][at] and not any(cells[each].strip() for each in empty):
            continue
        kept.append(row)
    if len(kept) < len(rows):
        table.notes.append(f"{many(len(rows) - len(kept), 'further line')} of orders are left out")
    return kept


def _check_words(table: CellTable, found: Recognised, row: int, causes: Causes) -> None:
    """Each cell of a status has a word that the recipe knows; one that is needed is not empty."""
    recipe = found.recipe
    for each in found.of_kind("status"):
        text = table.rows[row][each.at].strip()
        listed = [word for stage in recipe.stages for word in _listed(stage.get("when", {}).get(each.column.key))]
        known = [*listed, *recipe.open, *recipe.lost]
        if not listed or (text and plain(text) in map(plain, known)):
            continue
        name = table.names[each.at]
        if text:
            shown = ", ".join(map(quoted, known))
            help_ = f"known here: {shown}; more words stand in a recipe of your own: --recipe FILE"
            causes.add((each.at, text), row, each.at, "FN120", f"{quoted(text)} is no {name} that is known", help_)
        elif each.column.key in recipe.needs:
            causes.add((each.at, text), row, each.at, "FN102", f"no {name}", "write it, or delete the row")


def _listed(words: object) -> list[str]:
    return [] if words is None else list(map(str, words)) if isinstance(words, list) else [str(words)]


def _holds(table: CellTable, row: int, stage: OrderStage) -> bool:
    return all(plain(table.rows[row][each.at]) in each.words for each in stage.conditions)


def _reached(table: CellTable, row: int, stages: Sequence[OrderStage]) -> int:
    """The index of the last stage whose conditions hold, and those of all before."""
    place = 0
    while place + 1 < len(stages) and _holds(table, row, stages[place + 1]):
        place += 1
    return place


def _say_out_of_order(table: CellTable, rows: Sequence[int], stages: Sequence[OrderStage]) -> None:
    """How many are at a stage and not at one before: they count up to the one before."""
    for place in range(2, len(stages)):
        out = sum(_holds(table, row, stages[place]) and _reached(table, row, stages) < place for row in rows)
        if out:
            name, before = quoted(stages[place].name), quoted(stages[place - 1].name)
            table.notes.append(f"{many(out, 'order')} {name} without {before}: not counted as such")


def _refunds(
    table: CellTable, found: Recognised, rows: Sequence[int], currency: str | None, causes: Causes
) -> list[Exact]:
    """The amounts that were given back; empty where the table does not say them."""
    column = next((each.at for each in found.of_kind("refund")), None)
    if column is None:
        return []
    filled = [row for row in rows if table.rows[row][column].strip() not in NOTHING]
    return [amount for amount in read_amounts(table, column, filled, causes, currency).values() if amount]


def _funnel(table: CellTable, told: Sequence[OrderStage], pipeline: Pipeline, units: Sequence[DealReach]) -> Funnel:
    names = tuple(stage.name for stage in told)
    order = StageOrder(names[:-1], names[-1], {}, ())
    counts, _ = counted(units, len(names) - 1)
    paid = next((place for place, stage in enumerate(told) if stage.has_money), len(names) - 1)
    said: list[str] = []
    check = money_of_won([unit.deal for unit in units if unit.furthest >= paid], said)
    stages = tuple(
        Stage(
            name,
            place - 1 if place else None,
            counts[place],
            average_check=check[0] if check is not None and place == paid else None,
            average_check_sd=check[1] if check is not None and place == paid else None,
            role="customer" if place == paid else None,
        )
        for place, name in enumerate(names)
    )
    months: Mapping[int, str] = pipeline.months
    named = sorted(set(months.values()))
    funnel = Funnel(
        "",
        stages,
        period=None if not named else named[0] if len(named) == 1 else f"{named[0]} to {named[-1]}",
        currency=pipeline.currency,
        breakdowns=breakdowns_of(pipeline, order, units, said),
        cells=cells_of(pipeline, order, units, said),
    )
    table.notes += said
    return funnel
