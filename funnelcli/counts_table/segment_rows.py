"""The rows of a recognised export of segments as entries: several rows of one segment are added up, days become labels.

A row of totals is one wherever its word stands: exports write `Total: Account` into their first column, whatever that
is. A cell without a number is none where the vendor leaves such cells empty, where nothing came in before it, or where
a row of totals proves it; elsewhere it is refused.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from funnelcli.counts_table import period_titles, words
from funnelcli.counts_table.date_forms import ORDERS
from funnelcli.counts_table.locale_numbers import REMEMBERED, is_blank, looks_like, names_nothing
from funnelcli.counts_table.period_titles import Span, span_name
from funnelcli.counts_table.table import Entry, clean
from funnelcli.diagnostics import decimal_text, quoted
from funnelcli.exact import added, added_by_place

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from funnelcli.counts_table.segment_columns import DateColumns
    from funnelcli.counts_table.table import CellTable
    from funnelcli.exact import Exact

    Gap = tuple[int, int]
    """The place of an entry's figure, and its row."""

_READERS: dict[str, Callable[[str, str | None], date | None]] = {
    "day": period_titles.day_of,
    "week": lambda cell, order: period_titles.day_of(cell, order) or period_titles.week_in(cell, order),
    "month": lambda cell, order: period_titles.month_of(cell, order) or period_titles.month_in(cell, order),
}


def refuse_indented(table: CellTable) -> None:
    """Labels of which some are indented: such rows are parts of a row above them, and would be counted twice."""
    for column in table.roles.labels:
        rows = [row for row in table.body if row not in table.total_words]
        cells = {row: table.rows[row][column] for row in rows if any(_filled(table, row, (column,)))}
        indented = [row for row, cell in cells.items() if cell[0].isspace()]
        if indented and len(indented) < len(cells):
            what = f"{quoted(cells[indented[0]].strip())} is indented, as a part of a row above it"
            help_ = "export the table with all names in each row, or delete the rows of one level"
            table.refuse(indented[0], column, "FN106", what, help_)
            return


def refuse_rows_above(table: CellTable) -> None:
    """A row of the table above its names, as where both were sorted together, is no title."""
    for row in range(table.header):
        filled = [cell for cell in table.rows[row] if cell.strip()]
        if (
            len(filled) > 2
            and 2 * len(filled) > len(table.names)
            and any(looks_like(cell) == "number" for cell in filled)
        ):
            help_ = "put the row of names above all rows of the table, or say --skip-lines"
            table.refuse(
                row, 0, "FN114", f"{table.row_called(row)} stands above the names and is like a row below them", help_
            )
            return


def take_footer(table: CellTable) -> None:
    """Leave out lines of one cell below the rows; one that says how many rows there are must be right."""
    while len(table.body) > 1 and len([cell for cell in table.rows[table.body[-1]] if cell.strip()]) == 1:
        row = table.body[-1]
        (text,) = [cell.strip() for cell in table.rows[row] if cell.strip()]
        if looks_like(text) != "text" or len(table.names) < 3:
            return
        told = words.PATTERNS["number_of_rows"].match(text.casefold())
        if told is not None and int(told[1]) != len(table.body) - 1:
            what = f"{quoted(text)}, and there are {len(table.body) - 1}"
            table.refuse(row, 0, "FN114", what, "export again: rows are missing, or were added")
            return
        table.notes.append(f"{table.row_called(row)}, {quoted(text)}, stands below the table and is left out")
        table.rows[row] = []
        del table.body  # computed again


def label_dates(table: CellTable, dates: DateColumns, told: Span | None) -> Span | None:
    """Make labels of the days of rows, or of their months where there are several; the time that they are of.

    `told` is the time that the lines above the names tell, within which all of them must be.
    """
    roles, order = table.roles, table.options.date_order
    rows = [
        row
        for row in table.body
        if row not in table.total_words and (not roles.labels or any(_filled(table, row, roles.labels)))
    ]
    spans: dict[int, Span] = {}
    if dates.at is not None and dates.level in _READERS:
        for row, day in _days(table, rows, dates.at, dates.level, order).items():
            spans[row] = period_titles.month_span(day, day) if dates.level == "month" else Span(day, day)
    elif dates.at is None and dates.first is not None and dates.last is not None:
        ends = dates.first, dates.last
        order = order or period_titles.order_of(table.rows[row][at] for at in ends for row in rows)
        begun, ended = (_days(table, rows, at, "day", order) for at in ends)
        spans = {row: Span(begun[row], ended[row]) for row in rows if row in begun and row in ended}
    at = dates.at if dates.at is not None else dates.first
    if not spans or at is None or table.problems:
        return told
    first, last = min(span.first for span in spans.values()), max(span.last for span in spans.values())
    if told is not None and dates.level != "week":
        outside = (row for row, span in spans.items() if not (told.includes(span.first) and told.includes(span.last)))
        wrong = next(outside, None)
        if wrong is not None:
            what = f"the row is of {span_name(*spans[wrong])}, and the lines above the names say {span_name(*told)}"
            table.refuse(wrong, at, "FN114", what, "delete the row, or correct the line above the names")
            return told
    if len(set(spans.values())) > 1:
        order = order or period_titles.order_of(table.rows[row][at] for row in rows)
        _write_labels(table, at, spans, dates.level, order)
    return told or (None if dates.level == "week" or len(spans) < len(rows) else Span(first, last))


def _filled(table: CellTable, row: int, columns: Sequence[int]) -> list[bool]:
    return [not names_nothing(table.rows[row][at]) for at in columns]


def _days(table: CellTable, rows: Sequence[int], at: int, level: str, order: str | None) -> dict[int, date]:
    """The days in a column by row; a cell that is none, or may be two, is a problem."""
    filled = [row for row in rows if not is_blank(table.rows[row][at])]
    order = order or period_titles.order_of(table.rows[row][at] for row in filled)
    if order is None and level == "month":  # which are first days
        days = {each: [_READERS[level](table.rows[row][at], each) for row in filled] for each in ORDERS}
        firsts = [each for each, known in days.items() if all(day is not None and day.day == 1 for day in known)]
        order = firsts[0] if len(firsts) == 1 else None
    found: dict[int, date] = {}
    for row in filled:
        cell = table.rows[row][at]
        day = _READERS[level](cell, order)
        if day is not None:
            found[row] = day
        elif period_titles.needs_order(cell) and order is None:
            what = f"{quoted(cell)} is a day and a month in either order"
            table.refuse(row, at, "FN209", what, "say which comes first: --dates dmy or --dates mdy")
            return {}
        else:
            table.refuse(row, at, "FN209", f"{quoted(cell)} is not a day", "write days as 2026-09-30")
    return found


def _write_labels(table: CellTable, at: int, spans: dict[int, Span], level: str | None, order: str | None) -> None:
    """Write the days, weeks, months or times of the rows into their column, and make it a column of labels.

    Days of several months become months when all rows of totals are proved, of which each day may have its own.
    """
    if level is None:
        whole = all(period_titles.month_span(span.first, span.first) == span for span in spans.values())
        single = all(span.first == span.last for span in spans.values())
        level = "month" if whole else "day" if single else "period"
    for row in table.body:
        cells = table.rows[row] = list(table.rows[row])
        if row in spans:
            cells[at] = span_name(*spans[row])
        elif row not in table.total_words:
            cells[at] = ""
        elif level in _READERS and (day := _READERS[level](cells[at], order)) is not None:
            cells[at] = span_name(*(period_titles.month_span(day, day) if level == "month" else (day, day)))
    by_month = level == "day" and len({span.first.replace(day=1) for span in spans.values()}) > 1
    if by_month:
        table.notes.append(f"the days of {quoted(table.names[at])} are added up by month")
    roles = table.roles
    dimensions = (*roles.dimensions, "month" if by_month else level)
    table.roles = roles._replace(labels=(*roles.labels, at), dimensions=dimensions, months_of_days=by_month)


def segment_entries(table: CellTable) -> tuple[list[Entry], list[Gap]]:
    """One entry a row; and the figures that are taken for none, until a row of totals proves it."""
    entries: list[Entry] = []
    gaps: list[Gap] = []
    empty = dict.fromkeys((figure.name for figure in table.figures), 0)
    columns, total_words = table.roles.labels, table.total_words
    for row in table.body:
        cells = table.rows[row]
        total = total_words.get(row)
        labels = [cells[at] for at in columns]
        filled = [not names_nothing(label) for label in labels]
        if total is not None or not any(filled):  # elsewhere -- is a name
            labels = [label if has else "" for label, has in zip(labels, filled, strict=True)]
        if total is not None and total not in labels and labels:
            labels[0] = clean(total)
        figures: list[Exact | None] = []
        for at, figure in enumerate(table.figures):
            if not _says_nothing(cells[figure.column]):
                figures.append(table.figure(row, figure.column, figure.money))
            elif total is not None or not any(filled):
                figures.append(None)
            else:
                none_before = not any(figures[:at] if figure.money else figures[at - 1 : at]) and at > 0
                if _is_none(table, at) and not (figure.money and figures[len(table.stages) - 1]):
                    empty[figure.name] += 1
                elif not none_before and not table.options.empty_as_zero:
                    gaps.append((at, row))
                figures.append(0)
        entries.append(Entry(row, tuple(labels), figures, [row] * len(figures)))
    for name, number in empty.items():
        if number:
            cells_ = "cell counts" if number == 1 else "cells count"
            table.notes.append(f"{number} empty {cells_} as 0 of {name}, as this export leaves them empty")
    return entries if table.roles.labels else _without_totals(table, entries), gaps


def _without_totals(table: CellTable, entries: list[Entry]) -> list[Entry]:
    """The rows of a table without labels but for those that add the others up, by a word or by all of their sums.

    Exactly, as no label tells which rows a total is of; `TotalRows` knows people who overlap, parts, and rounding.
    """
    parts = [entry for entry in entries if entry.row not in table.total_words]
    totals = [entry for entry in entries if entry.row in table.total_words]
    if not totals and sum(any(entry.figures) for entry in parts) > 2 and not _not_sums(parts[-1], parts[:-1]):
        what = f"{table.row_called(parts[-1].row)} is the sum of all other rows"
        table.refuse(parts[-1].row, 0, "FN106", what, "delete it; or export a column that tells the rows apart")
    for entry in totals:
        wrong = _not_sums(entry, parts)
        if wrong:
            at = wrong[0]
            makes = decimal_text(added(each.figures[at] or 0 for each in parts))
            said = decimal_text(entry.figures[at] or 0)
            what = f"the total says {said} for {table.figures[at].name}, and the rows it adds up make {makes}"
            table.refuse_figure(entry, at, "FN114", what, "correct the counts, or delete the row of totals")
        else:
            table.notes.append(f"{table.row_called(entry.row)} adds up the others and is left out")
    return parts or entries


def _not_sums(entry: Entry, parts: Sequence[Entry]) -> list[int]:
    """The places of the figures of a row that are not the sums of others."""
    known = [(at, figure) for at, figure in enumerate(entry.figures) if figure is not None]
    return [at for at, figure in known if figure != added(part.figures[at] or 0 for part in parts)]


def _is_none(table: CellTable, at: int) -> bool:
    """Whether the vendor leaves a cell of a figure empty where there is none of it; something is spent on all units."""
    traits = table.roles.traits
    if at < len(traits):
        return traits[at].empty_is_none
    return table.figures[at].column != table.roles.budget and any(trait.empty_is_none for trait in traits)


@lru_cache(maxsize=REMEMBERED)
def _says_nothing(cell: str) -> bool:
    """Whether a cell is empty or stands for no number; an error of the spreadsheet is neither."""
    if cell[:1].isdecimal():
        return False  # nearly all
    return looks_like(cell) == "empty" or words.CELLS["nothing"].fullmatch(cell.strip()) is not None


def refuse_unproved(table: CellTable, entries: Sequence[Entry], gaps: Sequence[Gap]) -> None:
    """Figures without a number, and rows that no column tells apart, where no row of totals proves them."""
    totals = [entry for entry in entries if _is_whole(entry)]
    proved = {at for entry in totals for at, figure in enumerate(entry.figures) if figure is not None}
    for at, row in gaps:
        if at not in proved:
            column = table.figures[at].column
            cell = table.rows[row][column].strip()
            what = f"{quoted(cell)} stands for no number" if cell else "the cell is empty"
            help_ = "write the number; if such cells mean zero, say --empty-as-zero"
            table.refuse(row, column, "FN102", what, help_)
    if not table.roles.adds_rows or not proved.isdisjoint(range(len(table.stages))):
        return
    seen: dict[tuple[str, ...], Entry] = {}
    figures = {figure.column for figure in table.figures}
    finer = any(hint.more.text("unless") and hint.kind == "label" for hint in table.hints.values())
    for entry in entries:
        cells = table.rows[entry.row]
        first = seen.setdefault(tuple(cell for at, cell in enumerate(cells) if at not in figures), entry)
        if first is entry or not any(entry.figures) or (finer and entry.figures != first.figures):
            continue
        column = table.roles.labels[0] if table.roles.labels else 0
        what = (
            f"{table.row_called(entry.row)} and {table.row_called(first.row)} are of the same {quoted(cells[column])}"
        )
        help_ = "delete one, or export the column that tells them apart, or the row of totals"
        table.refuse(entry.row, column, "FN106", what, help_, ("the first", first.row, column))


def _is_whole(entry: Entry) -> bool:
    """Whether an entry is a total of all rows."""
    named = [label for label in entry.labels if label and not words.is_total(label)]
    return not named and (any(map(words.is_total, entry.labels)) or not any(entry.labels))


def added_up(entries: Sequence[Entry], table: CellTable) -> list[Entry]:
    """One entry for each combination of labels, and a note where several rows make one."""
    found: dict[tuple[str, ...], list[Entry]] = {}
    for entry in entries:
        labels = (*entry.labels[:-1], entry.labels[-1][:7]) if table.roles.months_of_days else entry.labels
        found.setdefault(labels, []).append(entry)
    if len(found) < len(entries):
        kinds = f" by {' and '.join(table.roles.dimensions)}" if table.roles.dimensions else ""
        table.notes.append(f"{len(entries)} rows are added up{kinds}, to {len(found)}")
    return [
        own[0]._replace(labels=labels, figures=[*(added_by_place(rows) if len(rows) > 1 else rows[0])])
        for labels, own in found.items()
        for rows in [[entry.figures for entry in own]]
    ]
