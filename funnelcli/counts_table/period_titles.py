"""The time that an export is of, from the lines above its names and from days in its cells; and how it is written.

Months are known by name in the languages of `calendar_words`. 03/04/2026 is two days: which one is told or proved by
its neighbours, or it is none.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.periods import YEARS, calendar_numbers
from funnelcli.metrics import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WORD = r"[^\W\d_]{3,}"
_DAY = re.compile(
    rf"""(?x)
    (?<!\d)(?P<y1>\d{{4}})(?:-|/|\.|年\s?|년\s?)(?P<m1>\d{{1,2}})(?:-|/|\.|月\s?|월\s?)(?P<d1>\d{{1,2}})(?!\d)[日일]?
    | (?<!\d)(?P<y2>(?:19|20|21)\d\d)(?P<m2>\d\d)(?P<d2>\d\d)(?!\d)
    | (?<!\d)(?P<d3>\d{{1,2}})\.(?P<m3>\d{{1,2}})\.(?P<y3>\d{{4}}|\d\d)(?!\d)
    | (?<!\d)(?P<a>\d{{1,2}})[/-](?P<b>\d{{1,2}})[/-](?P<y4>\d{{4}})(?!\d)
    | (?P<n5>{_WORD})\.?\s(?P<d5>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<y5>\d{{4}})(?!\d)
    | (?<!\d)(?P<d6>\d{{1,2}})(?:\.|er|º)?\s(?:de\s)?(?P<n6>{_WORD})\.?,?\s(?:de\s|del\s)?(?P<y6>\d{{4}})(?!\d)
    """
)
_TIME_OF_DAY = re.compile(r"[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z| ?[+-]\d\d:?\d\d)?")
_MONTH = re.compile(
    rf"(?P<y1>\d{{4}})[-./](?P<m1>\d\d)|(?P<m2>\d\d)[-./](?P<y2>\d{{4}})|(?P<n3>{_WORD})\.?,? (?:de )?(?P<y3>\d{{4}})"
)


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
    days = [day for match in matches if (day := _day(match, order)) is not None]
    if len(days) < len(matches) or (len(days) == 1 and matches[0][0] != text):
        return None
    return Span(days[0], days[-1]) if days[0] <= days[-1] else None


def day_of(text: str, order: str | None = None) -> date | None:
    """The day of a cell, whatever time of day or day of the week stands beside it; `None` where it is none."""
    text = _plain(_TIME_OF_DAY.sub("", text))
    match = _DAY.search(text)
    if match is None or re.search(r"\d", text[: match.start()] + text[match.end() :]):
        return None
    return _day(match, order)


def month_of(text: str, order: str | None = None) -> date | None:
    """The first day of the month of a cell: `2026-09`, `September 2026`, also where the cell has its first day."""
    plain = _plain(text)
    match = _MONTH.fullmatch(plain)
    if match is None:
        return day_of(text, order)
    found = match.groupdict()
    month = found["m1"] or found["m2"] or calendar_numbers("months").get(found["n3"] or "", 0)
    return _date(found["y1"] or found["y2"] or found["y3"], month, 1)


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
    found = set()
    for cell in cells:
        for match in _DAY.finditer(cell):
            if match["a"] is not None and (int(match["a"]) > 12) != (int(match["b"]) > 12):
                found.add("dmy" if int(match["a"]) > 12 else "mdy")
    return found.pop() if len(found) == 1 else None


def needs_order(text: str) -> bool:
    """Whether a cell has a day that is another one by another order of its numbers."""
    return any(match["a"] is not None and match["a"] != match["b"] for match in _DAY.finditer(text))


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
    return " ".join(fold(text).split()).strip("\"'# ")


def _day(match: re.Match[str], order: str | None) -> date | None:
    found = match.groupdict()
    if found["a"] is not None:
        day, month = (found["a"], found["b"]) if order == "dmy" else (found["b"], found["a"])
        return None if order is None and day != month else _date(found["y4"], month, day)
    year = next(found[f"y{at}"] for at in range(1, 7) if found.get(f"y{at}"))
    named = found["n5"] or found["n6"]
    month = (
        calendar_numbers("months").get(named, 0)
        if named
        else next(found[f"m{at}"] for at in (1, 2, 3) if found[f"m{at}"])
    )
    day = next(found[f"d{at}"] for at in (1, 2, 3, 5, 6) if found[f"d{at}"])
    return _date(year if len(year) == 4 else f"20{year}", month, day)


def _date(year: str, month: str | int, day: str | int) -> date | None:
    if int(year) not in YEARS:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
