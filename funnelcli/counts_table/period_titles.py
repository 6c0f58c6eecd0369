"""The time that an export is of, from the lines above its names and from days in its cells; and how it is written.

Months are known by name in the languages of `calendar_words`. 03/04/2026 is two days: which one is told or proved by
its neighbours, or it is none.
"""

from __future__ import annotations

import re
from calendar import monthrange
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.date_forms import CJK, ORDERS, date_of, day_number, possible_orders, time_of_day
from funnelcli.metrics import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

_REMEMBERED = 65_536  # days repeat by row, and each is read several times
_WORD = r"[^\W\d_]{3,}"
_DAY = re.compile(
    rf"""(?x)(?<!\d)
    (?: \d{{4}}\ ?([-/.])\ ?\d{{1,2}}\ ?\1\ ?\d{{1,2}}
    | (?:19|20|21)\d{{6}}
    | \d{{1,2}}\.\d{{1,2}}\.(?:\d{{4}}|\d\d)
    | \d{{1,2}}([/-])\d{{1,2}}\2\d{{4}}
    | {_WORD}\.?\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}}
    | \d{{1,2}}(?:\.|er|º)?\s(?:de\s)?{_WORD}\.?,?\s(?:de\s|del\s)?\d{{4}}
    )(?!\d)
    """
)
"""Where a day stands in a text; `date_forms` reads it."""
_MONTH = re.compile(rf"\d{{4}}([-./])\d\d|\d\d([-./])\d{{4}}|{_WORD}\.?,? (?:de )?\d{{4}}")


class Span(NamedTuple):
    """From a day to a day, both included."""

    first: date
    last: date

    def includes(self, day: date) -> bool:
        """Whether a day is within."""
        return self.first <= day <= self.last


def span_of_titles(titles: Iterable[Sequence[str]], order: str | None = None) -> Span | None:
    """The time that rows above the names tell, where they tell one: two days in a line, or nothing but a day."""
    found = {span for row in titles if (span := span_in(" ".join(filter(None, map(str.strip, row))), order))}
    return found.pop() if len(found) == 1 else None


def span_in(text: str, order: str | None = None) -> Span | None:
    """The two days of a text, or the one day that is all of it."""
    text = _plain(text)
    matches = list(_DAY.finditer(text))
    if not matches or len(matches) > 2:
        return None
    order = order or order_of([match[0] for match in matches])
    days = [day for match in matches if (day := _day(match[0], order)) is not None]
    if len(days) < len(matches) or (len(days) == 1 and matches[0][0] != text):
        return None
    return Span(days[0], days[-1]) if days[0] <= days[-1] else None


@lru_cache(maxsize=_REMEMBERED)
def day_of(text: str, order: str | None = None) -> date | None:
    """The day of a cell, whatever time of day or day of the week stands beside it; `None` where it is none."""
    text = _plain(text)
    match = _DAY.search(text)
    if match is None:
        return None
    after = text[match.end() :]
    beside = text[: match.start()] + ("" if time_of_day(after.upper().strip(" T,")) else after)
    return None if re.search(r"\d", beside) else _day(match[0], order)


@lru_cache(maxsize=_REMEMBERED)
def month_of(text: str, order: str | None = None) -> date | None:
    """The first day of the month of a cell: `2026-09`, `September 2026`, also where the cell has its first day."""
    plain = _plain(text)
    match = _MONTH.fullmatch(plain)
    if match is None:
        return day_of(text, order)
    return _day(f"{plain}{match[1]}1" if match[1] else f"1{match[2] or ' '}{plain}", "dmy")


def month_in(text: str, order: str | None = None) -> date | None:
    """The first day of a month that is written as a range, `2026-09-01 - 2026-09-30`; `None` where it is none."""
    span = span_in(text, order)
    return span.first if span is not None and month_span(span.first, span.first) == span else None


def week_in(text: str, order: str | None = None) -> date | None:
    """The first day of seven that are written as a range."""
    span = span_in(text, order)
    return span.first if span is not None and (span.last - span.first).days == 6 else None


def order_of(cells: Iterable[str]) -> str | None:
    """`dmy` or `mdy` where one of the days can be read in one way only."""
    possible = (possible_orders(match[0]) for cell in dict.fromkeys(cells) for match in _DAY.finditer(cell))
    found = {order for orders in possible if orders and len(orders) == 1 for order in orders}
    return found.pop() if len(found) == 1 else None


def needs_order(text: str) -> bool:
    """Whether a cell has a day that is another one, or none, by another order of its numbers."""
    days = (match[0] for match in _DAY.finditer(text))
    return any(possible_orders(day) and len({day_number(day, order) for order in ORDERS}) > 1 for day in days)


def span_name(first: date, last: date) -> str:
    """How a time is written: a year, quarter, month or day by its name, else from a day to a day."""
    if first == last:
        return first.isoformat()
    ends = last.day == monthrange(last.year, last.month)[1]
    if first.day == 1 and ends and first.year == last.year:
        if first.month == last.month:
            return f"{first:%Y-%m}"
        if first.month % 3 == 1 and last.month == first.month + 2:
            return f"{first.year}-Q{last.month // 3}"
        if (first.month, last.month) == (1, 12):
            return str(first.year)
    return f"{first} to {last}"


def month_span(first: date, last: date) -> Span:
    """From the first day of a month to the last day of a month."""
    return Span(first.replace(day=1), last.replace(day=monthrange(last.year, last.month)[1]))


def _plain(text: str) -> str:
    return " ".join(fold(text).translate(CJK).split()).strip("\"'# ")


def _day(text: str, order: str | None) -> date | None:
    number = None if order is None and needs_order(text) else day_number(text, order or "dmy")
    return None if number is None else date_of(number)
