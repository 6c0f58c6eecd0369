"""Deals to funnels: counts, open units with their amounts, money, times, and the same by owner, source and month.

A deal has reached the furthest stage that it has a date of or sits in, a won one all of them, and has passed the stages
before. A lost one counts as far as is known, else at the first stage only.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from funnelcli.counts_table.causes import Causes
from funnelcli.counts_table.deal_chances import close_chances, followed_deals
from funnelcli.counts_table.deal_flags import words_with_flags
from funnelcli.counts_table.deal_money import money_of, money_of_open
from funnelcli.counts_table.deal_reach import NOWHERE, reach_of, unplaced_losses
from funnelcli.counts_table.deal_segments import breakdowns_of, cells_of, grouped
from funnelcli.counts_table.deal_stages import find_orders
from funnelcli.counts_table.deal_states import LOST, WON, status_as_stage, status_by_words
from funnelcli.counts_table.deal_times import days_of
from funnelcli.counts_table.deal_undecided import say_undecided
from funnelcli.counts_table.deals import read_deals
from funnelcli.counts_table.pipeline_stages import stages_of
from funnelcli.counts_table.row_selection import measured_until, period_of
from funnelcli.counts_table.table import clean
from funnelcli.counts_table.words import most_written, plain
from funnelcli.diagnostics import did_you_mean, many, quoted, said_once, verb
from funnelcli.metrics import fold
from funnelcli.model import Funnel, Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.deal_stages import StageOrder
    from funnelcli.counts_table.deals import Pipeline
    from funnelcli.counts_table.recognise import Recognised
    from funnelcli.counts_table.table import CellTable
    from funnelcli.exact import Exact

_MOST_REASONS = 5


def import_deals(table: CellTable, found: Recognised) -> tuple[Funnel, ...] | None:
    """A funnel for each pipeline; `None` where something is wrong, which is among the problems of the table.

    A funnel of a table without pipelines has no name.
    """
    causes = Causes(table)
    words = words_with_flags(table, found)
    found = status_by_words(table, found, words)
    found = status_as_stage(table, found, words)
    pipelines = read_deals(table, found, words, causes)
    if pipelines is None:
        return None
    several = len(pipelines) > 1
    _check_told(table, found, causes)
    if not causes.hand_over():
        return None
    orders = find_orders([stages_of(table, found, each, words, several) for each in pipelines], causes)
    if not causes.hand_over():
        return None
    funnels = []
    said: list[tuple[str, str]] = []
    for pipeline, order in zip(pipelines, orders, strict=True):
        assert order is not None
        notes: list[str] = []
        funnels.append(_funnel(table, found, pipeline, order, notes))
        said += [(pipeline.name, note) for note in notes]
    table.notes += said_once(said, len(pipelines))
    return tuple(funnels)


def _check_told(table: CellTable, found: Recognised, causes: Causes) -> None:
    """What the caller says to be won or lost stands in the table."""
    told = (*table.options.won, *table.options.lost)
    if not told:
        return
    columns = [*found.of_kind("stage"), *found.of_kind("status")]
    texts = {table.rows[row][each.at] for each in columns for row in table.body if each.at < len(table.rows[row])}
    names = set(map(clean, texts))
    names |= {clean(each.column.held["stage"]) for each in found.of_kind("entered") if "stage" in each.column.held}
    known = sorted(names - {""})
    for word in told:
        if plain(word) not in map(plain, known):
            at = columns[0].at if columns else 0
            what = f"no stage and no status is called {quoted(word)}"
            causes.add(("told", word), table.header, at, "FN112", what, did_you_mean(word, known))


def _funnel(table: CellTable, found: Recognised, pipeline: Pipeline, order: StageOrder, said: list[str]) -> Funnel:
    """The funnel of a pipeline; what decides of its figures is said."""
    deals, last = pipeline.deals, len(order.names)
    reached = reach_of(pipeline, order, said)
    groups = grouped(deals, reached, last)
    if reached.went_back:
        text = f"{many(reached.went_back, 'open deal')} went back: the furthest stage counts as reached"
        if not groups.is_possible:
            waits = "it waits" if reached.went_back == 1 else "they wait"
            text += f", and {waits} there: at the earlier one, more would wait than have not gone on"
            reached = reached.at_the_furthest
            groups = grouped(deals, reached, last)
        said.append(text)
    whole = groups.whole
    say_undecided(found, pipeline, said)
    won = {row: deals.amounts[row] for row in pipeline.rows if deals.states[row] == WON}
    check = money_of(list(won.values()), "won deal", said)
    sitting: list[list[int]] = [[] for _ in range(last + 1)]
    for row, sits in zip(reached.rows, reached.sits, strict=True):
        if sits != NOWHERE:
            sitting[sits].append(row)
    waiting = [[deals.amounts[row] for row in rows] for rows in sitting]
    mean = None if check is None else check[0]
    open_amounts = money_of_open(waiting, mean, said)
    groups = groups.with_amounts(sitting, open_amounts)
    _say_nothing_paid([*won.values(), *(amount for each in waiting for amount in each)], said)
    is_dated = any(order.dated)
    followed = None if is_dated else followed_deals(deals, reached)
    days, lost = days_of(deals, order, reached, None if followed is None else followed.cycle, said)
    unplaced = unplaced_losses(deals, reached, last)
    chances = close_chances(followed, deals, reached, last, said, is_dated) if unplaced else {}
    stages = []
    for place, name in enumerate((*order.names, order.won)):
        is_won, is_open = place == last, whole.open[place]
        chance = chances.get(place)
        loses = is_open and not is_won and days[place + 1].mean is not None  # else the time to be lost tells nothing
        stages.append(
            Stage(
                name,
                place - 1 if place else None,
                whole.counts[place],
                average_check=mean if is_won else None,
                average_check_sd=None if check is None or not is_won else check[1],
                days=days[place].mean,
                days_quantiles=days[place].quantiles,
                open=is_open or None,
                open_amounts=open_amounts[place],
                role="customer" if is_won else None,
                days_lost=lost[place].mean if loses else None,
                days_lost_quantiles=lost[place].quantiles if loses else None,
                close_chance=None if chance is None else chance.mean,
                close_chance_sd=None if chance is None else chance.sd,
                close_within=() if chance is None else chance.within,
                lost_unplaced=unplaced if unplaced and not place else None,
            )
        )
    _say_reasons(table, found, pipeline, said)
    months = sorted({deals.months[row] for row in pipeline.rows}) if deals.months is not None else []
    return Funnel(
        pipeline.name,
        tuple(stages),
        period=period_of(months),
        currency=pipeline.currency,
        breakdowns=breakdowns_of(groups, {row: amount for row, amount in won.items() if amount is not None}, said),
        cells=cells_of(groups, said),
        measured=measured_until(deals.until),
    )


def _say_nothing_paid(amounts: Sequence[Exact | None], said: list[str]) -> None:
    """Amounts of 0 are amounts, and some tools write them where nobody said one."""
    number = sum(amount is not None and not amount for amount in amounts)
    if number:
        be, have = verb(number, "are"), verb(number, "have")
        said.append(f"{many(number, 'deal')} that {be} won or open {have} the amount 0")


def _say_reasons(table: CellTable, found: Recognised, pipeline: Pipeline, said: list[str]) -> None:
    """Why deals were lost, where the table has it."""
    column = found.place_of("reason")
    if column is None:
        return
    lost = (row for row in pipeline.rows if pipeline.deals.states[row] == LOST)
    written = Counter(clean(table.rows[row][column]) for row in lost)
    spelled, reasons = most_written(written), Counter[str]()
    for reason, number in written.items():
        reasons[spelled[fold(reason)]] += number
    largest = sorted((name for name in reasons if name), key=lambda name: (-reasons[name], name))
    if largest:
        named = [f"{reasons[name]:,} {quoted(name)}" for name in largest[:_MOST_REASONS]]
        rest = sum(reasons.values()) - sum(reasons[name] for name in largest[:_MOST_REASONS])
        said.append(
            f"reasons for losing: {', '.join([*named, *([f'{rest:,} others or without a reason'] if rest else [])])}"
        )
