"""A date and a time of day as people and programs write them: ISO 8601, day and month in figures, months in words.

`day_number` and `time_of_day` read one text; in which order day and month stand is told by the caller, who
takes days to come first where points part them and no order is told. Two digits of a year are those of this century.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from funnelcli.analyses.periods import calendar_numbers

ORDERS = ("dmy", "mdy")
DAY = 86_400_000_000
"""Microseconds."""
_EPOCH = date(1970, 1, 1).toordinal()
_YEARS = range(1970, 2200)
FIGURES = re.compile(r"(\d{1,4}) ?([-./ ]) ?(\d{1,2}) ?\2 ?(\d{1,4})\.?", re.ASCII)
_TIME = re.compile(
    r"(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?([AaPp])\.?[Mm]\.?)?"
    r" ?(?:\(?(?:UTC|GMT)?([+-]\d\d?)(?::?(\d\d))?\)?|(Z|\(?UTC\)?|\(?GMT\)?))?",
    re.ASCII,
)
_BETWEEN = frozenset(
    ("at", "um", "à", "a", "в", "г", "de", "del", "of", "kl", "les", "o", "klo", "st", "nd", "rd", "th", "er")
)
"""Words beside day, month, year and time."""
CJK = str.maketrans({**dict.fromkeys("年月년월", "-"), **dict.fromkeys("日일"), "\u00a0": " ", "\u202f": " "})
"""Year, month and day in Chinese, Japanese and Korean to figures with hyphens."""
NOTHING = frozenset(("", "-", "--", "—", "–"))
"""Cells without a date or an amount."""


class WrittenMoment(NamedTuple):
    """A text in its two parts."""

    day: str
    time: str


def day_number(text: str, order: str = "dmy") -> int | None:
    """The days since 1970 of a date that is written in figures or words; `None` where it is none in that order."""
    match = FIGURES.fullmatch(text)
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
    written = parted(text)
    day, clock = day_number(written.day), time_of_day(written.time)
    assert day is not None, text
    assert clock is not None, text
    return day * DAY + clock[0] - (clock[1] or 0), clock[1] is not None


def month_of(microseconds: int) -> str:
    """The month of a date, `2026-09`."""
    return day_text(microseconds // DAY)[:7]


def _day(year: int, month: int, day: int) -> int | None:
    if year not in _YEARS:
        return None
    try:
        return date(year, month, day).toordinal() - _EPOCH
    except ValueError:
        return None


def date_of(number: int) -> date:
    """The day of a number of days since 1970."""
    return date.fromordinal(number + _EPOCH)


def day_text(number: int) -> str:
    """A number of days since 1970 as a date of ISO 8601."""
    return date_of(number).isoformat()


def parted(text: str) -> WrittenMoment:
    """The two parts of a text that has a date."""
    if len(text) > 10 and text[4] == "-" and text[7] == "-" and text[10] in "T ":
        return WrittenMoment(text[:10], text[11:].strip())
    if text.isdecimal() and text.isascii() and len(text) in (10, 13):  # seconds or milliseconds since 1970
        seconds = int(text[:10])
        clock = f"{seconds // 3600 % 24}:{seconds // 60 % 60:02}:{seconds % 60:02}.{text[10:] or 0}Z"
        return WrittenMoment(day_text(seconds // 86400), clock)
    plain = text.translate(CJK) if not text.isascii() else text
    colon = plain.find(":")
    cut = max(plain.rfind(" ", 0, colon), plain.rfind("T", 0, colon)) if colon > 0 else -1
    if cut < 0:
        return WrittenMoment(plain.rstrip(" -") if not text.isascii() else plain, "")
    return WrittenMoment(plain[:cut].rstrip(" ,-"), plain[cut + 1 :].strip())


def time_of_day(text: str) -> tuple[int, int | None] | None:
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


def _month_of(names: list[str]) -> int | None:
    """The month that words beside a day name; `mar` is March, and a Tuesday only beside another month."""
    months, weekdays = calendar_numbers("months"), calendar_numbers("weekdays")
    if not all(name in months or name in weekdays for name in names):
        return None
    found = {months[name] for name in names if name in months}
    if len(found) > 1:
        found = {months[name] for name in names if name in months and name not in weekdays}
    return found.pop() if len(found) == 1 else None


def _in_words(text: str) -> int | None:
    """`Sep 30, 2026`, `30-Sep-26`, `30. September 2026`, and `20260930`."""
    if text.isdecimal() and text.isascii() and len(text) == 8:
        return _day(int(text[:4]), int(text[4:6]), int(text[6:]))
    words = re.findall(r"[^\W\d_]+|\d+", text.casefold())
    figures = [word for word in words if word.isdecimal() and word.isascii()]
    names = [word for word in words if word not in figures and word not in _BETWEEN]
    month = _month_of(names)
    if len(figures) != 2 or month is None:
        return None
    years = [figure for figure in figures if len(figure) == 4]
    day, year = figures
    if years:
        year = years[0]
        day = figures[1 - figures.index(year)]
    if len(day) > 2 or len(year) not in (2, 4):
        return None
    return _day(int(year) if len(year) == 4 else 2000 + int(year), month, int(day))


def possible_orders(text: str) -> frozenset[str] | None:
    """The orders in which a date in figures is one; `None` where its order is known."""
    match = FIGURES.fullmatch(text)
    if match is None or len(match[1]) > 2 or match[2] == ".":
        return None
    orders = {order for order in ORDERS if day_number(text, order) is not None}
    if len(match[4]) == 2 and day_number(text, "ymd") is not None and int(match[1]) <= date.today().year % 100 + 1:
        orders.add("ymd")
    return frozenset(orders)
