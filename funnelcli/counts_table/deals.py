"""Rows of an export to deals: which rows are deals, and of each its state, stage, amount, dates and labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.characters import hidden_places
from funnelcli.counts_table.deal_currency import in_one_currency
from funnelcli.counts_table.deal_dates import DAY, DateColumn, read_dates
from funnelcli.counts_table.deal_states import LOST, OPEN, WON, Signs, StateWords, state_of
from funnelcli.counts_table.row_amounts import read_amounts
from funnelcli.counts_table.row_causes import many
from funnelcli.counts_table.row_selection import (
    begun_between,
    bracketed,
    check_row_widths,
    in_pipeline,
    months_of,
    unit_rows,
    without_copies,
)
from funnelcli.counts_table.table import clean
from funnelcli.diagnostics import quoted
from funnelcli.metrics import find_name, fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.counts_table.deal_dates import Dates
    from funnelcli.counts_table.importing import ImportOptions
    from funnelcli.counts_table.recognise import MatchedColumn, Recognised
    from funnelcli.counts_table.row_causes import Causes
    from funnelcli.counts_table.table import CellTable
    from funnelcli.exact import Exact

NONE = "(none)"
"""The segment of deals whose cell of a label is empty."""


class Deal(NamedTuple):
    """A deal: the row it stands in, won, lost or open, and the stage where it sits; empty where that is not known.

    `began` and `ended` are microseconds since 1970 of its creation and of its end, the latter with or without a time.
    """

    row: int
    state: str
    stage: str
    amount: Exact | None
    began: int | None
    ended: tuple[int, bool] | None
    labels: tuple[str, ...]


class DatedStage(NamedTuple):
    """A stage with a date for each deal that came there: microseconds since 1970 by row, with times of day or not."""

    name: str
    at: int
    moments: Mapping[int, int]
    timed: bool


class Pipeline(NamedTuple):
    """The deals of one pipeline, its dated stages in the order of the columns, and what the labels are of.

    `won_name` and the stages are named as the file names them; `months` are the local months of creation by row.
    """

    name: str
    deals: list[Deal]
    dated: tuple[DatedStage, ...]
    dimensions: tuple[str, ...]
    months: Mapping[int, str]
    currency: str | None
    began_timed: bool


class DealColumns(NamedTuple):
    """Where a table has what of a deal: indices of columns by kind, the first of each; labels and dated stages."""

    at: Mapping[str, int]
    labels: tuple[tuple[str, int], ...]
    entered: tuple[MatchedColumn, ...]


class _Moments(NamedTuple):
    """The dates of a table: by kind, and of the dated stages in their order."""

    kinds: Mapping[str, Dates]
    entered: tuple[Dates, ...]
    in_days: bool

    def when(self, dates: Dates) -> Mapping[int, int]:
        """Moments that can be compared with all others: by the clock of the place where some are days alone."""
        return dates.local if self.in_days else dates.instants


def read_deals(
    table: CellTable, found: Recognised, options: ImportOptions, causes: Causes
) -> tuple[Pipeline, ...] | None:
    """The deals of each pipeline; `None` where something is wrong, which is among the problems of the table."""
    columns = deal_columns(table, found, options)
    at = columns.at
    rows = unit_rows(table, [at[kind] for kind in ("created", "stage", "status") if kind in at])
    check_row_widths(table, rows, causes)
    if not causes.hand_over():
        return None
    rows = without_copies(table, rows, at.get("id"), "deal", causes)
    words = StateWords(found.recipe, options.won, options.lost)
    if _names_pipelines(table, found, columns, rows, words):
        parted = in_pipeline(table, rows, at["stage"], options.pipeline, causes, bracketed)
    else:
        parted = in_pipeline(table, rows, at.get("pipeline"), options.pipeline, causes)
    stages = _stages(table, columns, parted, options, causes)
    states = {} if stages is None else _states(table, columns, stages, words, options, causes)
    moments = _moments(table, columns, states, options, causes)
    if not causes.hand_over() or stages is None or moments is None:
        return None
    rows = _in_interval(table, columns, sorted(stages), moments, options, causes)
    currency, rows = in_one_currency(table, found, rows, options.currency, causes)
    if not rows and not causes.first:
        what, help_ = "no deal is left", "export more deals, or ask for another pipeline, interval or currency"
        causes.add("none", table.header, 0, "FN006", what, help_)
    amounts = read_amounts(table, at["amount"], rows, causes, currency) if "amount" in at else {}
    labels = [labels_of(table, name, column, rows, causes) for name, column in columns.labels]
    ends = _ends(table, columns, states, moments, words, rows, causes)
    if not causes.hand_over():
        return None
    created = moments.kinds.get("created")
    months = {} if created is None else months_of(created, rows)
    began = {} if created is None else moments.when(created)
    chosen = set(rows)
    pipelines = []
    for name, own in parted.items():
        deals = [
            Deal(
                row,
                states[row],
                stages[row],
                amounts.get(row),
                began.get(row),
                ends.get(row),
                tuple(each[row] for each in labels),
            )
            for row in own
            if row in chosen
        ]
        if deals:
            dated = _dated(columns.entered, name, moments, words)
            dimensions = tuple(dimension for dimension, _ in columns.labels)
            began_timed = created is not None and created.timed
            pipelines.append(Pipeline(name, deals, dated, dimensions, months, currency, began_timed))
    return tuple(pipelines)


def deal_columns(table: CellTable, found: Recognised, options: ImportOptions) -> DealColumns:
    """What the columns are; those that say nothing a funnel keeps are said."""
    dropped = {at for each in options.drops if (at := find_name(each, table.names)) is not None}
    more = {at for each in options.labels if (at := find_name(each, table.names)) is not None}
    places: dict[str, int] = {}
    labels: list[tuple[str, int]] = []
    left: list[str] = []
    known = {each.at: each for each in found.columns}
    for column, name in enumerate(table.names):
        matched = known.get(column)
        if not name or column in dropped:
            continue
        if column in more:
            labels.append((name, column))
        elif matched is None:
            left.append(quoted(name))
        elif matched.column.kind == "label":
            labels.append((matched.column.key, column))
        elif matched.column.kind == "drop":
            left.append(f"{quoted(name)} ({matched.column.why})" if matched.column.why else quoted(name))
        else:
            places.setdefault(matched.column.kind, column)
    if left:
        shown = left if len(left) < 13 else [*left[:12], f"and {len(left) - 12} more"]
        table.notes.append(f"left out: {', '.join(shown)}")
    entered = tuple(each for each in found.of_kind("entered") if each.at not in dropped)
    return DealColumns(places, tuple(labels), entered)


def _names_pipelines(
    table: CellTable, found: Recognised, columns: DealColumns, rows: Sequence[int], words: StateWords
) -> bool:
    """Whether stages have their pipeline in brackets behind them, those of won and lost among them."""
    at = columns.at
    if "pipeline" in at or "stage" not in at or found.recipe.more.get("pipeline") != "in brackets behind the stage":
        return False
    names = {clean(table.rows[row][at["stage"]]) for row in rows}
    ends = [name for name in names if words.of(name[: -len(bracketed(name)) - 3] if bracketed(name) else name)]
    return all(map(bracketed, ends if ends else names))


def _stages(
    table: CellTable,
    columns: DealColumns,
    parted: Mapping[str, list[int]],
    options: ImportOptions,
    causes: Causes,
) -> dict[int, str] | None:
    """The stage of each row as it is written, without the pipeline that may stand in brackets behind it.

    Without a column of stages, that of the last date.
    """
    at = columns.at.get("stage")
    if at is None:
        return _last_dated(table, columns, sorted(row for own in parted.values() for row in own), options, causes)
    found = {}
    cells = table.rows
    for pipeline, rows in parted.items():
        ending = f" ({pipeline})"
        known: dict[str, str] = {}
        for row in rows:
            text = cells[row][at]
            if text not in known:
                name = clean(text)
                known[text] = name[: -len(ending)] if pipeline and name.endswith(ending) else name
            found[row] = known[text]
    return found


def _last_dated(
    table: CellTable, columns: DealColumns, rows: Sequence[int], options: ImportOptions, causes: Causes
) -> dict[int, str] | None:
    dates = [DateColumn(each.at, rows) for each in columns.entered]
    read = read_dates(table, dates, options.date_order, causes)
    if read is None:
        return None
    last: dict[int, tuple[int, int]] = {}
    for place, each in enumerate(read):
        for row, moment in each.local.items():
            last[row] = max(last.get(row, (moment, place)), (moment, place))
    names = [clean(each.held.get("stage", "")) for each in columns.entered]
    return {row: names[last[row][1]] if row in last else "" for row in rows}


def _states(
    table: CellTable,
    columns: DealColumns,
    stages: Mapping[int, str],
    words: StateWords,
    options: ImportOptions,
    causes: Causes,
) -> dict[int, str]:
    """Won, lost or open, by row; what does not tell it is among the causes, once for each word."""
    cells, at = table.rows, columns.at
    status, won, lost = at.get("status"), at.get("won_time"), at.get("lost_time")
    both = [row for row in stages if won is not None and lost is not None and cells[row][won] and cells[row][lost]]
    later: dict[int, str | None] = {}
    if both and won is not None and lost is not None:
        read = read_dates(table, [DateColumn(won, both), DateColumn(lost, both)], options.date_order, causes)
        for row in both if read is not None else ():
            times = [None if read is None else each.instants.get(row) for each in read or ()]
            if None not in times and times[0] != times[1]:
                later[row] = WON if (times[0] or 0) > (times[1] or 0) else LOST
    known: dict[Signs, str] = {}
    found = {}
    for row, stage in stages.items():
        signs = Signs(
            None if status is None else cells[row][status].strip(),
            stage,
            won is not None and _is_filled(cells[row][won]),
            lost is not None and _is_filled(cells[row][lost]),
            later.get(row),
        )
        if signs not in known:
            state = state_of(signs, words)
            if not isinstance(state, str):
                column = next(at[kind] for kind in (state.column, "status", "stage", "won_time") if kind in at)
                causes.add(state.cause, row, column, state.code, state.message, state.help)
                continue
            known[signs] = state
        found[row] = known[signs]
        if found[row] == OPEN and not stage:
            what, help_ = "the deal is open, and no stage is known", "write its stage, or delete the row"
            causes.add("no stage", row, at.get("stage", 0), "FN102", what, help_)
    return found


def _is_filled(cell: str) -> bool:
    return bool(cell) and cell.strip() not in ("", "-")


def _moments(
    table: CellTable, columns: DealColumns, states: Mapping[int, str], options: ImportOptions, causes: Causes
) -> _Moments | None:
    """All dates. The date of closing of an open deal is a plan, and may be a text."""
    at = columns.at
    rows = sorted(states)
    closed = [row for row in rows if states[row] != OPEN]
    wanted = {"created": rows, "closed": closed, "won_time": closed, "lost_time": closed}
    kinds = [kind for kind in wanted if kind in at]
    dates = [DateColumn(at[kind], wanted[kind], rows if kind == "closed" else ()) for kind in kinds]
    dates += [DateColumn(each.at, rows) for each in columns.entered]
    read = read_dates(table, dates, options.date_order, causes)
    if read is None:
        return None
    filled = [each for each in read if each.local]
    in_days = not all(each.timed for each in filled)
    return _Moments(dict(zip(kinds, read[: len(kinds)], strict=True)), read[len(kinds) :], in_days)


def _in_interval(
    table: CellTable,
    columns: DealColumns,
    rows: list[int],
    moments: _Moments,
    options: ImportOptions,
    causes: Causes,
) -> list[int]:
    """The rows that began in the interval asked for; each has a date of creation, where there is the column."""
    created = moments.kinds.get("created")
    if created is None:
        if options.between:
            what, help_ = "the table has no dates of creation", "leave out --between"
            causes.add("created", table.header, 0, "FN102", what, help_)
        return rows
    for row in rows if len(created.local) < len(rows) else ():
        if row not in created.local:
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
    states: Mapping[int, str],
    moments: _Moments,
    words: StateWords,
    rows: Sequence[int],
    causes: Causes,
) -> dict[int, tuple[int, bool]]:
    """When each deal that is won or lost was so, and whether to the time of day: by its stage, its time, its closing.

    An end before the creation is among the causes.
    """
    sources: dict[str, list[tuple[int, Dates]]] = {WON: [], LOST: []}
    for column, dates in zip(columns.entered, moments.entered, strict=True):
        state = words.of(clean(column.held.get("stage", "")))
        if state in sources:
            sources[state].append((column.at, dates))
    for state, kind in ((WON, "won_time"), (LOST, "lost_time"), (WON, "closed"), (LOST, "closed")):
        if kind in moments.kinds:
            sources[state].append((columns.at[kind], moments.kinds[kind]))
    began = moments.kinds.get("created")
    found: dict[int, tuple[int, bool]] = {}
    for row in rows:
        for at, dates in sources.get(states[row], ()):
            moment = moments.when(dates).get(row)
            if moment is None:
                continue
            found.setdefault(row, (moment, dates.timed))
            start = None if began is None else moments.when(began).get(row)
            unit = 1 if began is not None and began.timed and dates.timed else DAY
            if start is not None and moment // unit < start // unit:
                cells = table.rows[row]
                first = quoted(cells[columns.at["created"]].strip())
                what = f"the deal was {states[row]} at {quoted(cells[at].strip())}, before it began at {first}"
                related = ("its creation", row, columns.at["created"])
                causes.add(("end", at), row, at, "FN114", what, "correct one of the two dates", related)
    return found


def labels_of(table: CellTable, name: str, at: int, rows: Sequence[int], causes: Causes) -> dict[int, str]:
    """The segments of a dimension by row: white space is made single, and names that differ in case alone are one."""
    cells = table.rows
    known: dict[str, str] = {}
    spelled: dict[str, str] = {}
    merged: list[str] = []
    found = {}
    empty = 0
    for row in rows:
        text = cells[row][at]
        if text not in known:
            label = clean(text) or NONE
            if hidden_places(label):
                what = f"an invisible character stands in {label!a}"
                causes.add(("hidden", at, label), row, at, "FN015", what, "delete it")
            first = spelled.setdefault(fold(label), label)
            if first != label:
                merged.append(f"{quoted(label)} counts as {quoted(first)}")
            known[text] = first
        found[row] = known[text]
        empty += not text or found[row] == NONE
    if merged:
        more = f", and {len(merged) - 3} more" if len(merged) > 3 else ""
        table.notes.append(f"{name}: {', '.join(merged[:3])}{more}: they differ in case alone")
    if empty:
        table.notes.append(
            f"{name}: {many(empty, 'deal has', 'deals have')} none, and {'is' if empty == 1 else 'are'} {quoted(NONE)}"
        )
    return found


def _dated(
    entered: Sequence[MatchedColumn], pipeline: str, moments: _Moments, words: StateWords
) -> tuple[DatedStage, ...]:
    """The dated stages of a pipeline: those that name it, or none; won and lost are no stages of the way."""
    found: dict[str, DatedStage] = {}
    for column, dates in zip(entered, moments.entered, strict=True):
        of = column.held.get("pipeline")
        name = clean(column.held.get("stage", ""))
        if of is not None and pipeline and fold(of) != fold(pipeline):
            continue
        if words.of(name) in (WON, LOST):
            continue
        known = found.get(fold(name))
        own = moments.when(dates)
        both = own if known is None else {**own, **known.moments}  # one stage may have two columns
        found[fold(name)] = DatedStage(name, column.at, both, dates.timed)
    return tuple(found.values())
