"""Which rows of an export are the units that are counted: no lines below the table, no copies, those asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.counts_table.causes import Causes
from funnelcli.counts_table.date_forms import DAY, day_text, moment_told, month_of
from funnelcli.counts_table.places import skipped_lines
from funnelcli.counts_table.row_amounts import read_amounts
from funnelcli.counts_table.table import clean
from funnelcli.counts_table.table_checks import wrong_widths
from funnelcli.counts_table.words import is_total
from funnelcli.diagnostics import decimal_text, many, quoted, verb
from funnelcli.exact import added
from funnelcli.measure import Measured

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.deal_dates import Dates
    from funnelcli.counts_table.table import CellTable


def unit_rows(table: CellTable, needed: Sequence[int]) -> list[int]:
    """The rows of units. Below them may stand lines of a report, which lack what a unit needs: they are said."""
    rows = list(table.body)
    below: list[int] = []
    while rows and _is_below(table.rows[rows[-1]], needed):
        below.append(rows.pop())
    if below:
        first, last = below[-1], below[0]
        text = next(filter(None, map(clean, table.rows[first])))
        table.notes.append(skipped_lines(table.starts, first, last, "below the rows", text))
    return rows


def check_totals(table: CellTable, rows: Sequence[int], at: int | None, currency: int | None) -> None:
    """Hold rows of totals below the table against the sum of the amounts in the column; both figures are told.

    Where the column of currencies has several, a total is of amounts that were converted, and proves nothing.
    """
    totals = [row for row in table.body[len(rows) :] if any(map(is_total, filter(None, table.rows[row])))]
    filled = [row for row in totals if at is not None and at < len(table.rows[row]) and table.rows[row][at].strip()]
    if at is None or not filled or (currency is not None and len({table.rows[row][currency] for row in rows}) > 1):
        return
    doubts = Causes(table)
    amounts = read_amounts(table, at, [*rows, *filled], doubts)
    if doubts.first:
        return  # which is told where the amounts are read
    makes = added(amounts[row] or 0 for row in rows)
    for row in filled:
        if amounts[row] != makes:  # exact, without rounding or overlap: each amount is of one unit
            says = f"the row of totals says {decimal_text(amounts[row] or 0)} for {quoted(table.names[at])}"
            what = f"{says}, and the rows above make {decimal_text(makes)}"
            table.refuse(row, at, "FN114", what, "correct the amounts, or delete the row of totals")


def _is_below(row: Sequence[str], needed: Sequence[int]) -> bool:
    filled = [cell for cell in row if cell.strip()]
    lacks = all(at >= len(row) or not row[at].strip() for at in needed if at) or len(filled) == 1
    return lacks and (len(filled) < 3 or any(map(is_total, filled)))


def check_row_widths(table: CellTable, rows: Sequence[int], causes: Causes) -> None:
    """Each row as wide as the names, as `wrong_widths` has it; too wide is one cause, too short another."""
    for row, column, what, help_ in wrong_widths(table, rows):
        causes.add(("width", help_), row, column, "FN114", what, help_)


def without_copies(rows: Sequence[int], at: int | None, causes: Causes) -> list[int]:
    """Rows without those that stand there twice; two different rows of one unit are among the causes."""
    if at is None:
        return list(rows)
    cells, ids = causes.table.rows, causes.table.column(at)
    names = [ids[row].strip() for row in rows]
    if len(set(names)) == len(names):
        return list(rows)
    first: dict[str, int] = {}
    kept, copies = [], 0
    for row, name in zip(rows, names, strict=True):
        known = first.setdefault(name, row) if name else row
        if known == row:
            kept.append(row)
        elif cells[known] == cells[row]:
            copies += 1
        else:
            message = f"the {causes.unit} {quoted(name)} stands in row {known + 1} as well, with other cells"
            help_ = "keep one of the two, or export the table again"
            causes.add("copies", row, at, "FN106", message, help_, ("the first", known, at))
    if copies:
        causes.table.notes.append(f"{many(copies, 'row')} came again and {verb(copies, 'count')} once")
    return kept


def in_interval(rows: Sequence[int], created: Dates | None, at: int, causes: Causes) -> list[int]:
    """The rows that began in the interval asked for; where the table has dates of creation, in `at`, each has one."""
    between, unit = causes.table.options.between, causes.unit
    if created is None:
        if between:
            what, help_ = "the table has no dates of creation", "leave out --between"
            causes.add("created", causes.table.header, 0, "FN102", what, help_)
        return list(rows)
    for row in rows:
        if created.local[row] is None:
            what, help_ = f"the {unit} has no date of creation", f"write it, or delete the row if it is no {unit}"
            causes.add("created", row, at, "FN102", what, help_)
    kept = _begun_between(created, rows, between) if between else list(rows)
    if len(kept) < len(rows):
        left = len(rows) - len(kept)
        causes.table.notes.append(f"{many(left, unit)} that began outside the interval {verb(left, 'are')} left out")
    _say_to_come(created, kept, causes)
    return kept


def _say_to_come(created: Dates, rows: Sequence[int], causes: Causes) -> None:
    """Say which units are dated after today."""
    table, tomorrow = causes.table, causes.table.options.tomorrow
    days = [(row, moment // DAY) for row in rows if (moment := created.local[row]) is not None]
    later = [(row, day) for row, day in days if day > tomorrow]
    if later:
        row, day = later[0]
        are, which = ("is", "") if len(later) == 1 else ("are", "the first of them ")
        table.notes.append(
            f"{many(len(later), causes.unit)} {are} dated as created after today, {day_text(tomorrow - 1)}: "
            f"{which}in line {table.starts[row] + 1}, on {day_text(day)}"
        )


def refuse_none(rows: Sequence[int], causes: Causes) -> None:
    """Where nothing else is wrong, some rows are left."""
    if not rows and not causes.first:
        others = "another pipeline, interval or currency" if causes.unit == "deal" else "another interval or currency"
        what, help_ = f"no {causes.unit} is left", f"export more {causes.unit}s, or ask for {others}"
        causes.add("none", causes.table.header, 0, "FN006", what, help_)


def _begun_between(dates: Dates, rows: Sequence[int], between: Sequence[str]) -> list[int]:
    """The rows whose date lies between two moments, of which the second is excluded."""
    (first, first_is_instant), (last, last_is_instant) = map(moment_told, between)
    lower, upper = (dates.instants if each else dates.local for each in (first_is_instant, last_is_instant))
    kept = []
    for row in rows:
        start, end = lower[row], upper[row]
        if start is not None and end is not None and first <= start and end < last:
            kept.append(row)
    return kept


def months_of(dates: Dates, rows: Sequence[int], size: int) -> list[str]:
    """The local months of the dates of rows, by the index of the row; empty where it has none."""
    names: dict[int, str] = {}
    found = [""] * size
    local = dates.local
    for row in rows:
        moment = local[row]
        if moment is not None:
            day = moment // DAY
            name = names.get(day)
            if name is None:
                name = names[day] = month_of(moment)
            found[row] = name
    return found


def measured_until(day: int | None) -> Measured | None:
    """What is noted of the last day, in days since 1970, that units are dated on: up to it the counts tell."""
    return None if day is None else Measured(until=day_text(day))


def period_of(months: Sequence[str]) -> str | None:
    """The time of some months in their order; `None` where there are none."""
    return None if not months else months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
