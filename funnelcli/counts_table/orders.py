"""Orders of a shop and charges of a card: a row each, whose words say how far it came; to a funnel with its money.

The stages, the words that reach them and the money are those of the recipe. An order at a stage has reached the stages
before it as well; one that skips a stage is said and counts as far as the first that it lacks. One whose words say
that the next stage is still to come is open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.average_checks import money_text
from funnelcli.counts_table.causes import Causes
from funnelcli.counts_table.deal_columns import deal_columns, labels_of
from funnelcli.counts_table.deal_currency import in_one_currency
from funnelcli.counts_table.deal_dates import DateColumn, read_dates
from funnelcli.counts_table.deal_moments import last_day
from funnelcli.counts_table.deal_money import money_of, money_of_open
from funnelcli.counts_table.deal_reach import NOWHERE, UnitReach
from funnelcli.counts_table.deal_segments import breakdowns_of, cells_of, grouped
from funnelcli.counts_table.deal_times import StepTimes, times_between
from funnelcli.counts_table.deals import Deals
from funnelcli.counts_table.row_amounts import read_amounts, scaled
from funnelcli.counts_table.row_selection import (
    check_row_widths,
    in_interval,
    measured_until,
    months_of,
    period_of,
    refuse_none,
    unit_rows,
    without_copies,
)
from funnelcli.counts_table.words import plain
from funnelcli.diagnostics import joined, many, quoted, verb
from funnelcli.model import Funnel, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.counts_table.deal_dates import Dates, Moments
    from funnelcli.counts_table.deal_segments import SegmentTally
    from funnelcli.counts_table.recipes import Recipe
    from funnelcli.counts_table.recognise import MatchedColumn, Recognised
    from funnelcli.counts_table.table import CellTable
    from funnelcli.exact import Exact


class _OrderStage(NamedTuple):
    """A stage of a recipe: the words of columns that reach it, and the columns of its money, time and refunds."""

    name: str
    when: tuple[tuple[int, frozenset[str]], ...]
    money: int | None
    time: int | None
    kept: int | None


class _Orders(NamedTuple):
    """Orders that were read: their stages, how far each came, and the money by the index of its column.

    `unit` is what one is called, `said` what is to be known of them.
    """

    stages: tuple[_OrderStage, ...]
    units: UnitReach
    money: Mapping[int, list[Exact | None]]
    unit: str
    said: list[str]

    def at(self, place: int) -> list[int]:
        """The rows of those that reached a stage."""
        return [row for row, far in zip(self.units.rows, self.units.furthest, strict=True) if far >= place]

    @property
    def waiting(self) -> list[list[int]]:
        """The rows of the open units of each stage before the one that brings money."""
        found: list[list[int]] = [[] for _ in self.stages]
        for row, sits in zip(self.units.rows, self.units.sits, strict=True):
            if NOWHERE < sits < self.paid:
                found[sits].append(row)
        return found

    @property
    def paid(self) -> int:
        """The first stage that brings money, else the number of stages."""
        return next((place for place, stage in enumerate(self.stages) if stage.money is not None), len(self.stages))


def import_orders(table: CellTable, found: Recognised) -> tuple[Funnel, ...] | None:
    """The funnel of all orders; `None` where something is wrong, which is among the problems of the table."""
    unit, options = found.recipe.more.text("unit") or "order", table.options
    causes = Causes(table, unit)
    stages = _stages(table, found)
    if options.stages or options.pipeline:
        option = "--stages" if options.stages else "--pipeline"
        named = ", ".join(stage.name for stage in stages)
        table.refuse_name(0, "FN108", f"{option} is for deals, and {unit}s have stages: {named}", f"leave out {option}")
        return None
    columns = deal_columns(table, found)
    gone = [key for key in found.recipe.needs if found.at(key) is None and key not in _money_keys(found.recipe)]
    if gone:
        known = ((name, found.recipe.column(name)) for name in table.names)
        listed = joined([quoted(name) for name, column in known if column is not None and column.key in gone])
        what = f"an export of {found.recipe.title} is not read without {listed}"
        table.refuse_name(0, "FN102", what, "leave it in: no --drop and no --label with its name")
    if table.problems:
        return None
    created = columns.at["created"]
    rows = unit_rows(table, [created])
    check_row_widths(table, rows, causes)
    if not causes.hand_over():
        return None
    rows = _without_further_lines(found, rows, causes)
    rows = without_copies(rows, columns.at.get("id"), causes)
    times = sorted({at for at in (*(stage.time for stage in stages), found.place_of("lost_time")) if at is not None})
    dates = read_dates(table, [DateColumn(at, rows) for at in (created, *times)], causes)
    if dates is None:
        causes.hand_over()
        return None
    rows = in_interval(rows, dates[0], created, causes)
    currency, rows = in_one_currency(found, rows, causes)
    refuse_none(rows, causes)
    money = {each.at: read_amounts(table, each.at, rows, causes, currency) for each in _money_columns(found)}
    labels = tuple(labels_of(name, at, rows, causes) for name, at in columns.labels)
    units = _reached(found, stages, rows, money, causes)
    if not causes.hand_over():
        return None
    size, last = len(table.rows), len(stages) - 1
    months = months_of(dates[0], rows, size)
    dimensions = tuple(name for name, _ in columns.labels)
    nothing: Moments = [None] * size
    nothing_paid: list[Exact | None] = [None] * size
    of_units = Deals([], [], [], nothing, False, nothing, frozenset(), dimensions, labels, months)
    groups = grouped(of_units, units, last)
    by_column = dict(zip((created, *times), dates, strict=True))
    orders = _Orders(stages, units, money, unit, table.notes)
    found_stages = _funnel_stages(orders, groups.whole, by_column, created)
    groups = groups.with_amounts(orders.waiting, [stage.open_amounts for stage in found_stages])
    _say_refunds(found, orders)
    names = sorted({months[row] for row in rows})
    paid = orders.paid
    amounts = money[stages[paid].money or 0] if paid < len(stages) else nothing_paid
    brought = {row: amount for row in orders.at(paid) if (amount := amounts[row]) is not None}
    return (
        Funnel(
            "",
            found_stages,
            period=period_of(names),
            currency=currency,
            breakdowns=breakdowns_of(groups, brought, table.notes),
            cells=cells_of(groups, table.notes),
            measured=measured_until(last_day(dates, options.tomorrow)),
        ),
    )


def _stages(table: CellTable, found: Recognised) -> tuple[_OrderStage, ...]:
    """The stages of the recipe that the columns of the table tell; the others are said."""
    stages, lacking = [], []
    for each in found.recipe.stages:
        told = [(found.at(key), frozenset(map(plain, words))) for key, words in each.when.items()]
        when = tuple((at, words) for at, words in told if at is not None)
        if told and not when:
            lacking.append(quoted(each.name))
            continue
        columns = [None if key is None else found.at(key) for key in (each.money, each.time, each.kept)]
        stages.append(_OrderStage(each.name, when, *columns))
    if lacking:
        table.notes.append(f"no column tells {joined(lacking)}")
    return tuple(stages)


def _money_keys(recipe: Recipe) -> list[str]:
    return [column.key for column in recipe.columns if column.kind in ("amount", "refund")]


def _money_columns(found: Recognised) -> tuple[MatchedColumn, ...]:
    return (*found.of_kind("amount"), *found.of_kind("refund"))


def _without_further_lines(found: Recognised, rows: Sequence[int], causes: Causes) -> list[int]:
    """Rows of orders: those of a further item have the name of an order and none of the cells that an order needs."""
    key, table, unit = found.recipe.continues, causes.table, causes.unit
    name_at = None if key is None else found.at(key)
    if name_at is None:
        return list(rows)
    needed = [at for need in found.recipe.needs if need != key and (at := found.at(need)) is not None]
    cells = table.rows
    whole = [row for row in rows if any(cells[row][at].strip() for at in needed)]
    names = {cells[row][name_at].strip() for row in whole}
    for row in rows if len(whole) < len(rows) else ():
        if cells[row][name_at].strip() not in names and not any(cells[row][at].strip() for at in needed):
            named = ", ".join(quoted(table.names[at]) for at in needed)
            what = f"the row has no {named}, and is no further line of an {unit}"
            causes.add("further", row, needed[0], "FN102", what, f"export whole {unit}s, or delete the row")
    if len(whole) < len(rows):
        further = len(rows) - len(whole)
        table.notes.append(f"{many(further, 'row')} of further items {verb(further, 'belong')} to the {unit} above")
    return whole


def _reached(
    found: Recognised,
    stages: Sequence[_OrderStage],
    rows: Sequence[int],
    money: Mapping[int, list[Exact | None]],
    causes: Causes,
) -> UnitReach:
    """How far the unit of each row came, and where it waits; a word that the recipe does not know is among the causes.

    It is open where every word that keeps it from the next stage is one of open units, none is one of lost ones, and
    there is no time at which it was lost.
    """
    table, unit, cells = causes.table, causes.unit, causes.table.rows
    lost, waiting = (frozenset(map(plain, words)) for words in (found.recipe.lost, found.recipe.open))
    known = {*map(plain, found.recipe.won), *lost, *waiting}
    lost_at = found.place_of("lost_time")
    words: dict[int, set[str]] = {}
    needed = {found.at(key) for key in found.recipe.needs}
    for stage in stages:
        for at, telling in stage.when:
            words.setdefault(at, set() if at in needed or len(stage.when) > 1 else {""}).update(telling)
    reached: list[int] = []
    sits: list[int] = []
    skipped: dict[tuple[int, int], int] = {}
    for row in rows:
        said = {at: plain(cells[row][at]) for at in words}
        for at, word in said.items():
            if word not in words[at] and word not in known:
                if word:
                    listed = ", ".join(sorted(map(quoted, {*words[at], *known} - {""})))
                    what = f"{quoted(cells[row][at].strip())} says not how far the {unit} came"
                    help_ = f"known here: {listed}; more words stand in a recipe of your own: --recipe FILE"
                    causes.add(("word", at, word), row, at, "FN120", what, help_)
                else:
                    what = f"{quoted(table.names[at])} of the {unit} is empty"
                    causes.add(("word", at, ""), row, at, "FN102", what, "write it, or delete the row")
        furthest, later = _furthest(stages, said, row, money)
        if later:
            skipped[furthest + 1, later] = skipped.get((furthest + 1, later), 0) + 1
        reached.append(furthest)
        later_words = [each for stage in stages[furthest + 1 : furthest + 2] for each in stage.when]
        lacks = [said[at] for at, reaching in later_words if said[at] not in reaching]
        is_lost = not lost.isdisjoint(said.values()) or (lost_at is not None and cells[row][lost_at].strip())
        sits.append(furthest if lacks and waiting.issuperset(lacks) and not is_lost else NOWHERE)
    for (lacking, later), number in skipped.items():
        one, other = quoted(stages[lacking].name), quoted(stages[later].name)
        table.notes.append(f"{many(number, unit)} at {other} without {one} {verb(number, 'count')} not there")
    return UnitReach(list(rows), reached, sits)


def _furthest(
    stages: Sequence[_OrderStage], said: Mapping[int, str], row: int, money: Mapping[int, list[Exact | None]]
) -> tuple[int, int]:
    """The stage up to which a unit reached all, and a later one that it reached beyond one that it lacks, else 0."""
    furthest, later = 0, 0
    paid = next((stage.money for stage in stages if stage.money is not None), None)
    for place, stage in enumerate(stages):
        came = all(said[at] in reaching for at, reaching in stage.when)
        if came and stage.kept is not None and paid is not None:
            given_back, amount = money[stage.kept][row], money[paid][row]
            came = not given_back or amount is None or given_back < amount
        if came and furthest == place - 1:
            furthest = place
        elif came and place > furthest:
            later = place
    return furthest, later


def _funnel_stages(orders: _Orders, tally: SegmentTally, dates: Mapping[int, Dates], created: int) -> tuple[Stage, ...]:
    """The stages with counts, open units and their amounts before they paid, money and mean times."""
    found = []
    in_days = not all(each.timed for each in dates.values() if each.any)
    before: Dates | None = dates[created]
    checks = [_check(orders, place) for place in range(len(orders.stages))]
    mean = next((check[0] for check in checks if check is not None), None)
    open_amounts = _open_amounts(orders, mean)
    for place, stage in enumerate(orders.stages):
        here = orders.at(place)
        check = checks[place]
        now, days = None if stage.time is None else dates[stage.time], StepTimes()
        if now is not None and before is not None:
            moments = (before.local, now.local) if in_days else (before.instants, now.instants)
            days = times_between(*moments, here, timed=not in_days)
        found.append(
            Stage(
                stage.name,
                place - 1 if place else None,
                tally.counts[place],
                average_check=None if check is None else check[0],
                average_check_sd=None if check is None else check[1],
                role="customer" if stage.money is not None else None,
                days=days.mean,
                days_quantiles=days.quantiles,
                open=tally.open[place] or None,
                open_amounts=open_amounts[place],
            )
        )
        before = now if place else before
    return tuple(found)


def _check(orders: _Orders, place: int) -> tuple[Exact, Exact | None] | None:
    """The average check of a stage and its spread; `None` where it brings no money."""
    stage = orders.stages[place]
    if stage.money is None:
        return None
    amounts = orders.money[stage.money]
    return money_of([amounts[row] for row in orders.at(place)], orders.unit, orders.said, f" at {quoted(stage.name)}")


def _open_amounts(orders: _Orders, mean: Exact | None) -> list[tuple[Exact, ...]]:
    """The amounts of open units by the stage where they wait for what brings money; none where that came."""
    paid = orders.paid
    waiting: list[list[Exact | None]] = [[] for _ in orders.stages]
    if paid < len(orders.stages):
        amounts = orders.money[orders.stages[paid].money or 0]
        waiting = [[amounts[row] for row in rows] for rows in orders.waiting]
    return money_of_open(waiting, mean, orders.said, orders.unit)


def _say_refunds(found: Recognised, orders: _Orders) -> None:
    """What was given back of the money of the stage that brings it."""
    paid = orders.paid if orders.paid < len(orders.stages) else 0
    for each in found.of_kind("refund"):
        given = [amount for row in orders.at(paid) if (amount := orders.money[each.at][row])]
        if given:
            whole, scale = scaled(given)
            total = money_text(sum(whole), scale)
            of = many(len(given), orders.unit)
            orders.said.append(f"{total} was given back, of {of}: the money is that before refunds")
