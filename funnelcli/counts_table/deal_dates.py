"""Dates and times as exports write them: ISO 8601, or day and month in figures or words, with or without time.

`03/04/2026` has two readings. What is possible in the whole column decides, then what the other columns of the table
prove; else it is refused, and `date_order` decides (`dmy` or `mdy`). Points part day, month and year, in this order.
Two digits of a year are those of this century.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.diagnostics import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from funnelcli.counts_table.row_causes import Causes
    from funnelcli.counts_table.table import CellTable

ORDERS = ("dmy", "mdy")
DAY = 86_400_000_000
"""Microseconds."""
_EPOCH = date(1970, 1, 1).toordinal()
_YEARS = range(1970, 2200)
_FIGURES = re.compile(r"(\d{1,4}) ?([-./ ]) ?(\d{1,2}) ?\2 ?(\d{1,4})\.?", re.ASCII)
_TIME = re.compile(
    r"(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?([AaPp])\.?[Mm]\.?)?"
    r" ?(?:\(?(?:UTC|GMT)?([+-]\d\d?)(?::?(\d\d))?\)?|(Z|\(?UTC\)?|\(?GMT\)?))?",
    re.ASCII,
)
_BETWEEN = frozenset(("at", "um", "à", "a", "в", "г", "de", "del", "of", "kl", "les", "o", "klo"))
"""Words beside day, month, year and time."""
_CJK = str.maketrans({"年": "-", "月": "-", "日": None, "\u00a0": " ", "\u202f": " "})


class DateColumn(NamedTuple):
    """A column of dates: its index, and the rows whose cells are read.

    Those of `more` are only looked at for the order of day and month.
    """

    at: int
    rows: Sequence[int]
    more: Sequence[int] = ()


class Dates(NamedTuple):
    """The dates of the rows of a column that have one.

    `local` are microseconds since 1970 by the clock of the place, `instants` those of UTC where the cells say how far
    from it they are, else the same. `timed`: there are times of day.
    """

    local: dict[int, int]
    instants: dict[int, int]
    timed: bool


class _Written(NamedTuple):
    """A cell in its two parts."""

    day: str
    time: str


def read_dates(
    table: CellTable, columns: Sequence[DateColumn], order: str | None, causes: Causes
) -> tuple[Dates, ...] | None:
    """The dates of columns, in their order; `None` where some cannot be read, which is among the causes.

    Empty cells, and `-`, have no date.
    """
    written = [_written(table, column, column.rows) for column in columns]
    distinct = [{each.day for each in cells.values()} for cells in written]
    more = [{each.day for each in _written(table, column, column.more).values()} for column in columns]
    known = _orders(table, columns, written, more, order, causes)
    if known is None:
        return None
    found = []
    sound = True
    for column, cells, texts, own in zip(columns, written, distinct, known, strict=True):
        days = {text: day_number(text, own) for text in texts}
        times = {text: _time(text) for text in {each.time for each in cells.values()}}
        if None in days.values() or None in times.values():
            sound = False
            for row, (day, time) in cells.items():
                if days[day] is None or times[time] is None:
                    what = f"{quoted(table.rows[row][column.at].strip())} is no date"
                    causes.add(("date", column.at), row, column.at, "FN103", what, _help_of(day))
            continue
        local: dict[int, int] = {}
        instants = local
        if any(each is not None and each[1] for each in times.values()):
            instants = {}
        for row, (day, time) in cells.items():
            number, clock = days[day], times[time]
            assert number is not None
            assert clock is not None
            local[row] = at = number * DAY + clock[0]
            if instants is not local:
                instants[row] = at - (clock[1] or 0)
        found.append(Dates(local, instants, any(times)))
    return tuple(found) if sound else None


def day_number(text: str, order: str = "dmy") -> int | None:
    """The days since 1970 of a date that is written in figures or words; `None` where it is none in that order."""
    match = _FIGURES.fullmatch(text)
    if match is None:
        return _in_words(text)
    first, second, third = match[1], match[3], match[4]
    if len(first) == 4 and len(third) < 3:
        return _day(int(first), int(second), int(third))
    if len(first) > 2 or len(third) not in (2, 4):
        return None
    if order == "ymd" and len(third) == 2:
        return _day(2000 + int(first), int(second), int(third))
    year = int(third) if len(third) == 4 else 2000 + int(third)
    if order == "mdy":
        return _day(year, int(first), int(second))
    return _day(year, int(second), int(first))


def moment_told(text: str) -> tuple[int, bool]:
    """A sound moment of ISO 8601 as microseconds since 1970, and whether it says how far its clock is from UTC."""
    written = _parted(text)
    assert written is not None, text
    day, clock = day_number(written.day), _time(written.time)
    assert day is not None, text
    assert clock is not None, text
    return day * DAY + clock[0] - (clock[1] or 0), clock[1] is not None


def month_of(microseconds: int) -> str:
    """The month of a date, `2026-09`."""
    return date.fromordinal(microseconds // DAY + _EPOCH).isoformat()[:7]


def _day(year: int, month: int, day: int) -> int | None:
    if year not in _YEARS:
        return None
    try:
        return date(year, month, day).toordinal() - _EPOCH
    except ValueError:
        return None


def _written(table: CellTable, column: DateColumn, rows: Sequence[int]) -> dict[int, _Written]:
    """The cells of a column that are filled, each as a date and a time; the same text is one and the same pair."""
    parted: dict[str, _Written | None] = {}
    cells, at = table.rows, column.at
    found = {}
    for row in rows:
        text = cells[row][at]
        if text in parted:
            pair = parted[text]
        else:
            pair = parted[text] = _parted(text.strip())
        if pair is not None:
            found[row] = pair
    return found


def _parted(text: str) -> _Written | None:
    if not text or text in ("-", "--", "—", "–"):
        return None
    if len(text) > 10 and text[4] == "-" and text[7] == "-" and text[10] in "T ":
        return _Written(text[:10], text[11:].strip())
    if text.isdecimal() and text.isascii() and len(text) in (10, 13):  # seconds or milliseconds since 1970
        seconds = int(text[:10])
        clock = f"{seconds // 3600 % 24}:{seconds // 60 % 60:02}:{seconds % 60:02}.{text[10:] or 0}Z"
        return _Written(date.fromordinal(seconds // 86400 + _EPOCH).isoformat(), clock)
    plain = text.translate(_CJK) if not text.isascii() else text
    colon = plain.find(":")
    cut = max(plain.rfind(" ", 0, colon), plain.rfind("T", 0, colon)) if colon > 0 else -1
    if cut < 0:
        return _Written(plain.rstrip(" -") if not text.isascii() else plain, "")
    return _Written(plain[:cut].rstrip(" ,-"), plain[cut + 1 :].strip())


def _time(text: str) -> tuple[int, int | None] | None:
    """Microseconds of a time of day, and how far its clock is from UTC where that is said; `None` where it is none."""
    if not text:
        return 0, None
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[5]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[5] in "Pp" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    fraction = int((match[4] or "0")[:6].ljust(6, "0"))
    offset = None if match[8] is None else 0
    if match[6]:
        hours = int(match[6])
        offset = (abs(hours) * 60 + int(match[7] or 0)) * (-60_000_000 if match[6][0] == "-" else 60_000_000)
    return ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction, offset


@cache
def _month_words() -> dict[str, int]:
    from funnelcli.analyses.calendar_words import WORDS

    lines = WORDS.casefold().partition("[months]")[2].partition("[")[0].split("\n")
    return {word: number for line in lines for number, word in enumerate(line.split(), 1)}


@cache
def _weekday_words() -> frozenset[str]:
    from funnelcli.analyses.calendar_words import WORDS

    return frozenset(WORDS.casefold().partition("[weekdays]")[2].partition("[")[0].split())


def _in_words(text: str) -> int | None:
    """`Sep 30, 2026`, `30-Sep-26`, `30. September 2026`, and `20260930`."""
    if text.isdecimal() and text.isascii() and len(text) == 8:
        return _day(int(text[:4]), int(text[4:6]), int(text[6:]))
    words = re.findall(r"[^\W\d_]+|\d+", text.casefold())
    figures = [word for word in words if word.isdecimal() and word.isascii()]
    names = [word for word in words if word not in figures and word not in _weekday_words() and word not in _BETWEEN]
    if len(figures) != 2 or len(names) != 1:
        return None
    month = _month_words().get(names[0])
    years = [figure for figure in figures if len(figure) == 4]
    day, year = figures
    if years:
        year = years[0]
        day = figures[1 - figures.index(year)]
    if month is None or len(day) > 2 or len(year) not in (2, 4):
        return None
    return _day(int(year) if len(year) == 4 else 2000 + int(year), month, int(day))


def _possible(text: str) -> frozenset[str] | None:
    """The orders in which a date in figures is one; `None` where its order is known."""
    match = _FIGURES.fullmatch(text)
    if match is None or len(match[1]) > 2 or match[2] == ".":
        return None
    orders = {order for order in ORDERS if day_number(text, order) is not None}
    if len(match[4]) == 2 and day_number(text, "ymd") is not None and int(match[1]) <= date.today().year % 100 + 1:
        orders.add("ymd")
    return frozenset(orders)


def _orders(
    table: CellTable,
    columns: Sequence[DateColumn],
    written: Sequence[dict[int, _Written]],
    more: Sequence[set[str]],
    told: str | None,
    causes: Causes,
) -> list[str] | None:
    """The order of day and month of each column; `None` where one may be read in two ways, or in none."""
    if told is not None:
        return [told] * len(columns)
    of_columns = []
    for column, cells, texts in zip(columns, written, more, strict=True):
        texts.update(each.day for each in cells.values())
        possible = {text: orders for text in texts if (orders := _possible(text))}
        common = frozenset.intersection(*possible.values()) if possible else None
        if common is not None and not common:
            common = _refuse_two_orders(table, column, cells, possible, causes)
            if common is None:
                return None
        of_columns.append(common)
    proofs = {next(iter(each)) for each in of_columns if each is not None and len(each) == 1}
    found = []
    for column, cells, own in zip(columns, written, of_columns, strict=True):
        left = own if own is None or len(own) == 1 or len(proofs) != 1 or not proofs <= own else proofs
        if left is None or len(left) == 1:
            found.append("dmy" if left is None else next(iter(left)))
            continue
        for row, (day, _) in cells.items():
            if len(_possible(day) or ()) > 1:
                shown = [each for each in ORDERS if each in left]
                what = f"{quoted(table.rows[row][column.at].strip())} may be {_readings(day, left)}"
                help_ = f"say which: {' or '.join(f'--dates {each}' for each in shown)}; or export dates as 2026-09-30"
                causes.add("order of dates", row, column.at, "FN209", what, help_)
    return found if len(found) == len(columns) else None


def _readings(text: str, orders: Iterable[str]) -> str:
    days = [
        date.fromordinal(number + _EPOCH).isoformat()
        for order in sorted(orders)
        if (number := day_number(text, order)) is not None
    ]
    return " or ".join(dict.fromkeys(days))


def _refuse_two_orders(
    table: CellTable,
    column: DateColumn,
    cells: dict[int, _Written],
    possible: dict[str, frozenset[str]],
    causes: Causes,
) -> frozenset[str] | None:
    """Dates of a column that no order of day and month fits; where it is only cells beside them, that of the dates."""
    first: tuple[int, frozenset[str]] | None = None
    for row, (day, _) in cells.items():
        orders = possible.get(day)
        if orders is None or (first is None and len(orders) > 1):
            continue
        if first is None:
            first = row, orders
        elif not first[1] & orders:
            texts = [quoted(table.rows[each][column.at].strip()) for each in (row, first[0])]
            what = f"{texts[0]} and {texts[1]} are no dates of one order of day and month"
            related = ("the other", first[0], column.at)
            causes.add("order of dates", row, column.at, "FN103", what, "write all dates alike, 2026-09-30", related)
            return None
    return first[1] if first else frozenset(ORDERS)


def _help_of(day: str) -> str:
    if re.fullmatch(r"\d{5}(?:[.,]\d+)?", day):
        return "it is a spreadsheet's number of a day: format the column as a date, and export again"
    return "write it as 2026-09-30 or 2026-09-30 14:05; where day and month are exchanged, say --dates dmy or mdy"
