"""When deals began, came to their stages and ended, by the columns of dates of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.date_forms import DAY, day_text
from funnelcli.counts_table.deal_dates import DateColumn, read_dates
from funnelcli.counts_table.deal_states import LOST, OPEN, WON, StateWords
from funnelcli.counts_table.table import clean
from funnelcli.diagnostics import joined, many, quoted
from funnelcli.metrics import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from funnelcli.counts_table.causes import Causes
    from funnelcli.counts_table.deal_columns import DealColumns
    from funnelcli.counts_table.deal_dates import Dates, Moments
    from funnelcli.counts_table.recognise import MatchedColumn
    from funnelcli.counts_table.table import CellTable


class DatedStage(NamedTuple):
    """A stage with the date when each deal came there, with times of day or not; `at` is the index of its column."""

    name: str
    at: int
    moments: Moments
    timed: bool


class DealDates(NamedTuple):
    """The dates of a table: by kind, and of the dated stages in their order.

    `in_days`: some have no time of day, so that all are taken by the clock of the place.
    """

    kinds: Mapping[str, Dates]
    entered: tuple[Dates, ...]
    in_days: bool

    def when(self, dates: Dates) -> Moments:
        """Moments that can be compared with all others."""
        return dates.local if self.in_days else dates.instants


def last_day(columns: Iterable[Dates], tomorrow: int) -> int | None:
    """The last day of columns of dates, in days since 1970: up to then the table tells what happened; `None` without.

    What is dated after `tomorrow` is still to come.
    """
    after = (tomorrow + 1) * DAY
    last = max((max(filter(after.__gt__, filter(None, dates.local)), default=0) for dates in columns), default=0)
    return last // DAY if last else None


def last_dated(table: CellTable, columns: DealColumns, rows: Sequence[int], causes: Causes) -> list[str] | None:
    """The stage of the last date of each row, by the index of the row; empty where it has none."""
    read = read_dates(table, [DateColumn(each.at, rows) for each in columns.entered], causes)
    if read is None:
        return None
    names = [clean(each.column.held.get("stage", "")) for each in columns.entered]
    found = [""] * len(table.rows)
    for row in rows:
        came = [(moment, place) for place, each in enumerate(read) if (moment := each.local[row]) is not None]
        if came:
            found[row] = names[max(came)[1]]
    return found


def dates_of(
    table: CellTable,
    columns: DealColumns,
    rows: Sequence[int],
    states: Sequence[str],
    causes: Causes,
) -> DealDates | None:
    """All dates. The date of closing of an open deal is a plan, and may be a text."""
    at = columns.at
    closed = [row for row in rows if states[row] != OPEN]
    wanted = {"created": rows, "closed": closed, "won_time": closed, "lost_time": closed}
    kinds = [kind for kind in wanted if kind in at]
    dates = [DateColumn(at[kind], wanted[kind], rows if kind == "closed" else ()) for kind in kinds]
    dates += [DateColumn(each.at, rows) for each in columns.entered]
    read = read_dates(table, dates, causes)
    if read is None:
        return None
    in_days = not all(each.timed for each in read if each.any)
    return DealDates(dict(zip(kinds, read[: len(kinds)], strict=True)), read[len(kinds) :], in_days)


def check_pipelines(
    table: CellTable, columns: DealColumns, parts: Mapping[str, list[int]], dated: DealDates, causes: Causes
) -> None:
    """Dates of stages of several pipelines need to be told apart: stages of one name in two pipelines are two."""
    of_columns = zip(columns.entered, dated.entered, strict=True)
    named = {
        of: matched.at for matched, dates in of_columns if dates.any and (of := matched.column.held.get("pipeline"))
    }
    if set(parts) == {""} and len(named) > 1:
        what = f"the dates are of stages of {joined(list(map(quoted, named)))}, and nothing says which one a deal is in"
        causes.add("pipelines", table.header, max(named.values()), "FN102", what, "export the column Pipeline as well")


def ends_of(
    columns: DealColumns,
    states: Sequence[str],
    dated: DealDates,
    words: StateWords,
    rows: Sequence[int],
    causes: Causes,
) -> tuple[Moments, frozenset[int]]:
    """When each deal that is won or lost was so, by its stage, its time or its closing; and the rows without a time.

    An end before the creation is among the causes.
    """
    table = causes.table
    sources: dict[str, list[tuple[int, Moments, bool]]] = {WON: [], LOST: []}
    for matched, dates in zip(columns.entered, dated.entered, strict=True):
        state = words.of(clean(matched.column.held.get("stage", "")))
        if state in sources:
            sources[state].append((matched.at, dated.when(dates), dates.timed))
    for state, kind in ((WON, "won_time"), (LOST, "lost_time"), (WON, "closed"), (LOST, "closed")):
        if kind in dated.kinds:
            own = dated.kinds[kind]
            sources[state].append((columns.at[kind], dated.when(own), own.timed))
    created = dated.kinds.get("created")
    began: Moments = [None] * len(table.rows) if created is None else dated.when(created)
    ended: Moments = [None] * len(table.rows)
    on_a_day = set()
    tomorrow = table.options.tomorrow
    to_come: dict[int, int] = {}
    for row in rows:
        if states[row] == OPEN:
            continue
        for at, moments, timed in sources[states[row]]:
            moment, start = moments[row], began[row]
            if moment is None:
                continue
            if moment // DAY > tomorrow:
                to_come[row] = moment // DAY
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
    if to_come:
        one, latest = len(to_come) == 1, day_text(max(to_come.values()))
        table.notes.append(
            f"{many(len(to_come), 'won or lost deal')} {'is' if one else 'are'} dated after today, "
            f"{'on' if one else 'the last on'} {latest}: {'that date is' if one else 'these dates are'} not used"
        )
    return ended, frozenset(on_a_day)


def dated_stages(
    entered: Sequence[MatchedColumn], pipeline: str, dated: DealDates, words: StateWords
) -> tuple[tuple[DatedStage, ...], DatedStage | None]:
    """The dated stages of a pipeline, those that name it or none, and that of its won deals.

    Won and lost are no stages of the way.
    """
    found: dict[str, DatedStage] = {}
    won: DatedStage | None = None
    for matched, dates in zip(entered, dated.entered, strict=True):
        of = matched.column.held.get("pipeline")
        name = clean(matched.column.held.get("stage", ""))
        if of is not None and pipeline and fold(of) != fold(pipeline):
            continue
        if words.of(name) in (WON, LOST):
            if words.of(name) == WON:
                won = won or DatedStage(name, matched.at, dated.when(dates), dates.timed)
            continue
        known = found.get(fold(name))
        own = dated.when(dates)
        if known is not None:  # one stage may have two columns
            own = [first if first is not None else other for first, other in zip(known.moments, own, strict=True)]
        found[fold(name)] = DatedStage(name, matched.at, own, dates.timed)
    return tuple(found.values()), won
