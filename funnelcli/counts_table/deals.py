"""Rows of an export to deals: which rows are deals, and of each its state, stage, amount, dates and labels.

What is known of deals are columns: lists by the index of the row in the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.date_forms import NOTHING
from funnelcli.counts_table.deal_columns import deal_columns, labels_of
from funnelcli.counts_table.deal_currency import in_one_currency
from funnelcli.counts_table.deal_groups import without_groups
from funnelcli.counts_table.deal_moments import check_pipelines, dated_stages, dates_of, ends_of, last_dated, last_day
from funnelcli.counts_table.deal_states import StateWords, states_of
from funnelcli.counts_table.pipelines import bracketed, in_pipeline, unbracketed
from funnelcli.counts_table.row_amounts import read_amounts
from funnelcli.counts_table.row_selection import (
    check_row_widths,
    check_totals,
    in_interval,
    months_of,
    refuse_none,
    unit_rows,
    without_copies,
)
from funnelcli.counts_table.table import clean
from funnelcli.diagnostics import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.counts_table.causes import Causes
    from funnelcli.counts_table.deal_columns import DealColumns
    from funnelcli.counts_table.deal_dates import Moments
    from funnelcli.counts_table.deal_moments import DatedStage
    from funnelcli.counts_table.recognise import Recognised
    from funnelcli.counts_table.table import CellTable
    from funnelcli.exact import Exact


ONLY_STAGE = "Deals"
"""The stage of all deals where nothing tells stages."""


class Deals(NamedTuple):
    """What is known of deals, in columns by the index of the row.

    `stages` are where they sit, empty where that is not known; `began` and `ended` are moments, of which the rows of
    `ended_on_a_day` have no time of day. `labels` go by `dimensions`; `months` are those of creation, where known.
    `closed` is whether there is a date of closing, where there is such a column. `until` is the last day that the table
    has a date of, in days since 1970.
    """

    states: list[str]
    stages: list[str]
    amounts: list[Exact | None]
    began: Moments
    began_timed: bool
    ended: Moments
    ended_on_a_day: frozenset[int]
    dimensions: tuple[str, ...]
    labels: tuple[list[str], ...]
    months: list[str] | None
    closed: list[bool] | None = None
    until: int | None = None


class Pipeline(NamedTuple):
    """The deals of one pipeline: their rows, and its dated stages in the order of the columns.

    `won` is the dated stage of won deals, where there is the column.
    """

    name: str
    rows: list[int]
    deals: Deals
    dated: tuple[DatedStage, ...]
    won: DatedStage | None
    currency: str | None


def read_deals(table: CellTable, found: Recognised, words: StateWords, causes: Causes) -> tuple[Pipeline, ...] | None:
    """The deals of each pipeline; `None` where something is wrong, which is among the problems of the table."""
    columns = deal_columns(table, found)
    if table.problems:
        return None
    if found.recipe.more.says("groups"):
        without_groups(table, columns)
    if table.problems:
        return None
    at = columns.at
    needed = [at[kind] for kind in ("created", "stage", "status") if kind in at]
    rows = unit_rows(table, [*needed, *(each.at for each in columns.entered)])
    check_row_widths(table, rows, causes)
    if causes.hand_over():
        check_totals(table, rows, at.get("amount"), at.get("currency"))
    if table.problems:
        return None
    rows = without_copies(rows, at.get("id"), causes)
    if _names_pipelines(table, found, columns, rows, words):
        parts = in_pipeline(rows, at["stage"], causes, bracketed)
    else:
        parts = in_pipeline(rows, at.get("pipeline"), causes)
    rows = sorted(row for own in parts.values() for row in own)
    stages = _stages(table, columns, parts, rows, causes)
    states = None if stages is None else states_of(at, rows, stages, words, causes)
    dated = None if states is None else dates_of(table, columns, rows, states, causes)
    if not causes.hand_over() or stages is None or states is None or dated is None:
        return None
    check_pipelines(table, columns, parts, dated, causes)
    rows = in_interval(rows, dated.kinds.get("created"), at.get("created", 0), causes)
    currency, rows = in_one_currency(found, rows, causes)
    refuse_none(rows, causes)
    size = len(table.rows)
    nothing: list[Exact | None] = [None] * size
    amounts = read_amounts(table, at["amount"], rows, causes, currency) if "amount" in at else nothing
    labels = tuple(labels_of(name, column, rows, causes) for name, column in columns.labels)
    ended, on_a_day = ends_of(columns, states, dated, words, rows, causes)
    if not causes.hand_over():
        return None
    created = dated.kinds.get("created")
    deals = Deals(
        states,
        stages,
        amounts,
        [None] * size if created is None else dated.when(created),
        created is not None and created.timed,
        ended,
        on_a_day,
        tuple(name for name, _ in columns.labels),
        labels,
        None if created is None else months_of(created, rows, size),
        _have(table, at["closed"]) if "closed" in at else None,
        last_day((*dated.kinds.values(), *dated.entered), table.options.tomorrow),
    )
    chosen = set(rows)
    kept = {name: [row for row in own if row in chosen] for name, own in parts.items()}
    return tuple(
        Pipeline(name, own, deals, *dated_stages(columns.entered, name, dated, words), currency)
        for name, own in kept.items()
        if own
    )


def _have(table: CellTable, at: int) -> list[bool]:
    """Whether a column has something, by the index of the row."""
    return [cell.strip() not in NOTHING for cell in table.column(at)]


def _names_pipelines(
    table: CellTable, found: Recognised, columns: DealColumns, rows: Sequence[int], words: StateWords
) -> bool:
    """Whether stages have their pipeline in brackets behind them, those of won and lost among them."""
    at = columns.at
    if "pipeline" in at or "stage" not in at or not found.recipe.more.says("pipeline_in_stage"):
        return False
    names = set(map(clean, {table.rows[row][at["stage"]] for row in rows}))
    ends = [name for name in names if words.of(unbracketed(name))]
    return all(map(bracketed, ends if ends else names))


def _stages(
    table: CellTable,
    columns: DealColumns,
    parts: Mapping[str, list[int]],
    rows: Sequence[int],
    causes: Causes,
) -> list[str] | None:
    """The stage of each row as it is written, without the pipeline that may stand in brackets behind it.

    Without a column of stages, that of the last date; without dates as well, one for all.
    """
    at = columns.at.get("stage")
    if at is None and not columns.entered:
        table.notes.append(f"no column has stages: all are {quoted(ONLY_STAGE)}, of which some are won")
        return [ONLY_STAGE] * len(table.rows)
    if at is None:
        return last_dated(table, columns, rows, causes)
    cells = table.column(at)
    found = [""] * len(cells)
    for pipeline, own in parts.items():
        ending = f" ({pipeline})"
        known: dict[str, str] = {}
        for row in own:
            text = cells[row]
            if text not in known:
                name = clean(text)
                known[text] = name[: -len(ending)] if pipeline and name.endswith(ending) else name
            found[row] = known[text]
    return found
