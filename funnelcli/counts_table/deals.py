"""Rows of an export to deals: which rows are deals, and of each its state, stage, amount, dates and labels.

What is known of deals are columns: lists by the index of the row in the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.date_forms import DAY
from funnelcli.counts_table.deal_columns import deal_columns, labels_of
from funnelcli.counts_table.deal_currency import in_one_currency
from funnelcli.counts_table.deal_dates import DateColumn, read_dates
from funnelcli.counts_table.deal_states import LOST, OPEN, WON, StateWords, states_of
from funnelcli.counts_table.row_amounts import read_amounts
from funnelcli.counts_table.row_causes import many
from funnelcli.counts_table.row_selection import (
    begun_between,
    bracketed,
    check_row_widths,
    check_totals,
    in_pipeline,
    months_of,
    unit_rows,
    without_copies,
)
from funnelcli.counts_table.table import clean
from funnelcli.diagnostics import quoted
from funnelcli.metrics import fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.counts_table.deal_columns import DealColumns
    from funnelcli.counts_table.deal_dates import Dates, Moments
    from funnelcli.counts_table.importing import ImportOptions
    from funnelcli.counts_table.recognise import MatchedColumn, Recognised
    from funnelcli.counts_table.row_causes import Causes
    from funnelcli.counts_table.table import CellTable
    from funnelcli.exact import Exact


ONLY_STAGE = "Deals"
"""The stage of all deals where nothing tells stages."""


class DatedStage(NamedTuple):
    """A stage with the date when each deal came there, with times of day or not; `at` is the index of its column."""

    name: str
    at: int
    moments: Moments
    timed: bool


class Deals(NamedTuple):
    """What is known of deals, in columns by the index of the row.

    `stages` are where they sit, empty where that is not known; `began` and `ended` are moments, of which the rows of
    `ended_on_a_day` have no time of day. `labels` go by `dimensions`; `months` are those of creation, where known.
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


class Pipeline(NamedTuple):
    """The deals of one pipeline: their rows, and its dated stages in the order of the columns."""

    name: str
    rows: list[int]
    deals: Deals
    dated: tuple[DatedStage, ...]
    currency: str | None


class _Dated(NamedTuple):
    """The dates of a table: by kind, and of the dated stages in their order.

    `in_days`: some have no time of day, so that all are taken by the clock of the place.
    """

    kinds: Mapping[str, Dates]
    entered: tuple[Dates, ...]
    in_days: bool

    def when(self, dates: Dates) -> Moments:
        """Moments that can be compared with all others."""
        return dates.local if self.in_days else dates.instants


def read_deals(
    table: CellTable, found: Recognised, options: ImportOptions, causes: Causes
) -> tuple[Pipeline, ...] | None:
    """The deals of each pipeline; `None` where something is wrong, which is among the problems of the table."""
    columns = deal_columns(table, found, options)
    at = columns.at
    rows = unit_rows(table, [at[kind] for kind in ("created", "stage", "status") if kind in at])
    check_row_widths(table, rows, causes)
    if causes.hand_over():
        check_totals(table, rows, at.get("amount"), at.get("currency"))
    if table.problems:
        return None
    rows = without_copies(table, rows, at.get("id"), "deal", causes)
    words = StateWords(found.recipe, options.won, options.lost)
    if _names_pipelines(table, found, columns, rows, words):
        parts = in_pipeline(table, rows, at["stage"], options.pipeline, causes, bracketed)
    else:
        parts = in_pipeline(table, rows, at.get("pipeline"), options.pipeline, causes)
    rows = sorted(row for own in parts.values() for row in own)
    stages = _stages(table, columns, parts, rows, options, causes)
    states = None if stages is None else states_of(table, at, rows, stages, words, options.date_order, causes)
    dated = None if states is None else _dates(table, columns, rows, states, options, causes)
    if not causes.hand_over() or stages is None or states is None or dated is None:
        return None
    rows = _in_interval(table, columns, rows, dated, options, causes)
    currency, rows = in_one_currency(table, found, rows, options.currency, causes)
    if not rows and not causes.first:
        what, help_ = "no deal is left", "export more deals, or ask for another pipeline, interval or currency"
        causes.add("none", table.header, 0, "FN006", what, help_)
    size = len(table.rows)
    nothing: list[Exact | None] = [None] * size
    amounts = read_amounts(table, at["amount"], rows, causes, currency) if "amount" in at else nothing
    labels = tuple(labels_of(table, name, column, rows, causes) for name, column in columns.labels)
    ended, on_a_day = _ends(table, columns, states, dated, words, rows, causes)
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
    )
    chosen = set(rows)
    kept = {name: [row for row in own if row in chosen] for name, own in parts.items()}
    return tuple(
        Pipeline(name, own, deals, _dated_stages(columns.entered, name, dated, words), currency)
        for name, own in kept.items()
        if own
    )


def _names_pipelines(
    table: CellTable, found: Recognised, columns: DealColumns, rows: Sequence[int], words: StateWords
) -> bool:
    """Whether stages have their pipeline in brackets behind them, those of won and lost among them."""
    at = columns.at
    if "pipeline" in at or "stage" not in at or found.recipe.more.get("pipeline") != "in brackets behind the stage":
        return False
    names = set(map(clean, {table.rows[row][at["stage"]] for row in rows}))
    ends = [name for name in names if words.of(name[: -len(bracketed(name)) - 3] if bracketed(name) else name)]
    return all(map(bracketed, ends if ends else names))


def _stages(
    table: CellTable,
    columns: DealColumns,
    parts: Mapping[str, list[int]],
    rows: Sequence[int],
    options: ImportOptions,
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
        return _last_dated(table, columns, rows, options, causes)
    cells = table.rows
    found = [""] * len(cells)
    for pipeline, own in parts.items():
        ending = f" ({pipeline})"
        known: dict[str, str] = {}
        for row in own:
            text = cells[row][at]
            if text not in known:
                name = clean(text)
                known[text] = name[: -len(ending)] if pipeline and name.endswith(ending) else name
            found[row] = known[text]
    return found


def _last_dated(
    table: CellTable, columns: DealColumns, rows: Sequence[int], options: ImportOptions, causes: Causes
) -> list[str] | None:
    read = read_dates(table, [DateColumn(each.at, rows) for each in columns.entered], options.date_order, causes)
    if read is None:
        return None
    names = [clean(each.held.get("stage", "")) for each in columns.entered]
    found = [""] * len(table.rows)
    for row in rows:
        came = [(moment, place) for place, each in enumerate(read) if (moment := each.local[row]) is not None]
        if came:
            found[row] = names[max(came)[1]]
    return found


def _dates(
    table: CellTable,
    columns: DealColumns,
    rows: Sequence[int],
    states: Sequence[str],
    options: ImportOptions,
    causes: Causes,
) -> _Dated | None:
    """All dates. The date of closing of an open deal is a plan, and may be a text."""
    at = columns.at
    closed = [row for row in rows if states[row] != OPEN]
    wanted = {"created": rows, "closed": closed, "won_time": closed, "lost_time": closed}
    kinds = [kind for kind in wanted if kind in at]
    dates = [DateColumn(at[kind], wanted[kind], rows if kind == "closed" else ()) for kind in kinds]
    dates += [DateColumn(each.at, rows) for each in columns.entered]
    read = read_dates(table, dates, options.date_order, causes)
    if read is None:
        return None
    in_days = not all(each.timed for each in read if each.any)
    return _Dated(dict(zip(kinds, read[: len(kinds)], strict=True)), read[len(kinds) :], in_days)


def _in_interval(
    table: CellTable,
    columns: DealColumns,
    rows: list[int],
    dated: _Dated,
    options: ImportOptions,
    causes: Causes,
) -> list[int]:
    """The rows that began in the interval asked for; each has a date of creation, where there is the column."""
    created = dated.kinds.get("created")
    if created is None:
        if options.between:
            what, help_ = "the table has no dates of creation", "leave out --between"
            causes.add("created", table.header, 0, "FN102", what, help_)
        return rows
    for row in rows:
        if created.local[row] is None:
            what, help_ = "the deal has no date of creation", "write it, or delete the row if it is no deal"
            causes.add("created", row, columns.at["created"], "FN102", what, help_)
    if not options.between:
        return rows
    kept = begun_between(created, rows, options.between)
    if len(kept) < len(rows):
        table.notes.append(f"{many(len(rows) - len(kept), 'deal')} began outside the interval and are left out")
    return kept


def _ends(
    table: CellTable,
    columns: DealColumns,
    states: Sequence[str],
    dated: _Dated,
    words: StateWords,
    rows: Sequence[int],
    causes: Causes,
) -> tuple[Moments, frozenset[int]]:
    """When each deal that is won or lost was so, by its stage, its time or its closing; and the rows without a time.

    An end before the creation is among the causes.
    """
    sources: dict[str, list[tuple[int, Moments, bool]]] = {WON: [], LOST: []}
    for column, dates in zip(columns.entered, dated.entered, strict=True):
        state = words.of(clean(column.held.get("stage", "")))
        if state in sources:
            sources[state].append((column.at, dated.when(dates), dates.timed))
    for state, kind in ((WON, "won_time"), (LOST, "lost_time"), (WON, "closed"), (LOST, "closed")):
        if kind in dated.kinds:
            own = dated.kinds[kind]
            sources[state].append((columns.at[kind], dated.when(own), own.timed))
    created = dated.kinds.get("created")
    began: Moments = [None] * len(table.rows) if created is None else dated.when(created)
    ended: Moments = [None] * len(table.rows)
    on_a_day = set()
    for row in rows:
        if states[row] == OPEN:
            continue
        for at, moments, timed in sources[states[row]]:
            moment, start = moments[row], began[row]
            if moment is None:
                continue
            if ended[row] is None:
                ended[row] = moment
                if not timed:
                    on_a_day.add(row)
            if start is None or moment >= start:
                continue
            assert created is not None
            if (created.timed and timed) or moment // DAY < start // DAY:
                cells = table.rows[row]
                first = quoted(cells[columns.at["created"]].strip())
                what = f"the deal was {states[row]} at {quoted(cells[at].strip())}, before it began at {first}"
                related = ("its creation", row, columns.at["created"])
                causes.add(("end", at), row, at, "FN114", what, "correct one of the two dates", related)
    return ended, frozenset(on_a_day)


def _dated_stages(
    entered: Sequence[MatchedColumn], pipeline: str, dated: _Dated, words: StateWords
) -> tuple[DatedStage, ...]:
    """The dated stages of a pipeline: those that name it, or none; won and lost are no stages of the way."""
    found: dict[str, DatedStage] = {}
    for column, dates in zip(entered, dated.entered, strict=True):
        of = column.held.get("pipeline")
        name = clean(column.held.get("stage", ""))
        if (of is not None and pipeline and fold(of) != fold(pipeline)) or words.of(name) in (WON, LOST):
            continue
        known = found.get(fold(name))
        own = dated.when(dates)
        if known is not None:  # one stage may have two columns
            own = [first if first is not None else other for first, other in zip(known.moments, own, strict=True)]
        found[fold(name)] = DatedStage(name, column.at, own, dates.timed)
    return tuple(found.values())
