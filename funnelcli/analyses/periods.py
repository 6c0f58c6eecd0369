"""The order of periods by their names: the one rule for tables, trends, comparisons, reports and warnings.

A name has one or more readings, each a kind (`month`, `day of a year`, …) and a key that sorts. The periods of a
breakdown are in order when one kind fits all names, or when all kinds that fit give the same order. What goes round,
such as months without a year, keeps the order of the file where one follows the other there.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from funnelcli.metrics import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from funnelcli.model import Funnel
    from funnelcli.segments import Breakdown, Segment

Key = tuple[int, ...]
ROUND = {"month": 12, "weekday": 7, "quarter": 4, "half": 2, "week": 53}
"""Kinds that begin anew, and after how many at most."""
_ENDS = {
    **{kind: (most,) for kind, most in ROUND.items()},
    "week": (52, 53),
    "day": (12,),
    "number": (12, 23, 24, 28, 29, 30, 31, 52, 53),  # months, hours, days or weeks by their numbers
}
"""After which numbers 1 may follow."""
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_DATES = {2: "month of a year", 3: "day of a year"}
_MONTHS = {"year": 12, "half of a year": 6, "quarter of a year": 3, _DATES[2]: 1}
"""Months of what the calendar has a next one of."""
YEARS = range(1900, 2200)


@cache
def calendar_words() -> dict[str, list[list[str]]]:
    """Lines of words, folded, by what they are; read when a breakdown asks for them."""
    found: dict[str, list[list[str]]] = {}
    from funnelcli.analyses.calendar_words import WORDS

    for line in WORDS.casefold().splitlines():
        if line.startswith("["):
            heading = line.strip("[]")
        elif line:
            found.setdefault(heading, []).append(line.split())
    return found


@cache
def calendar_numbers(heading: str) -> dict[str, int]:
    """Words under a heading to their places in a line, from 1."""
    return {word: number for line in calendar_words()[heading] for number, word in enumerate(line, 1)}


@cache
def _parts() -> dict[str, str]:
    """Words before or after the number of a part of the year to what they are."""
    return {word: part for part in ("quarter", "week", "half") for word in calendar_numbers(part)}


def is_time(dimension: str) -> bool:
    """Whether the segments of a dimension follow each other in time."""
    return fold(dimension) in calendar_numbers("dimensions")


def in_time(breakdown: Breakdown) -> tuple[Segment, ...]:
    """The segments as they stand in the file; those of a dimension of time in the order of their names, if known."""
    places = order([segment.name for segment in breakdown.segments]) if is_time(breakdown.dimension) else None
    return breakdown.segments if places is None else tuple(breakdown.segments[place] for place in places)


def understood(breakdown: Breakdown) -> bool:
    """Whether the order of the segments in time is known from their names."""
    return is_time(breakdown.dimension) and order([segment.name for segment in breakdown.segments]) is not None


def are_periods(names: Iterable[str]) -> bool:
    """Whether each name is one of a calendar's: a month, a quarter, a year, a day; a mere number is none."""
    kinds = [{kind for kind, _ in _readings(name)} - {"number"} for name in names]
    return bool(kinds) and all(kinds)


def together(funnel: Funnel) -> str | None:
    """Of which periods together the counts are: `the 3 periods by month together`; `None` where they are of one.

    Those that are covered in part are so long as they are covered.
    """
    for breakdown in funnel.breakdowns:
        if len(breakdown.segments) > 1 and is_time(breakdown.dimension):
            names = {segment.name for segment in breakdown.segments}
            cut = [each.name for each in funnel.cut_periods if each.name in names]
            in_part = f" ({len(cut):,} of them covered in part)" if cut else ""
            return f"the {len(names):,} periods by {breakdown.dimension} together{in_part}"
    return None


def length_of_next(funnel: Funnel, what: str = "the next period") -> Iterator[str]:
    """How long a period is that is as long as that of the counts, where these are of several periods together."""
    length = together(funnel)
    if length is not None:
        yield f"{what} is as long as {length}, and where one of them stands alone, as long as that one"


def order(names: Sequence[str]) -> list[int] | None:
    """The places of names in the order of time, `None` where it cannot be told."""
    if len(names) < 2:
        return list(range(len(names)))
    readings = [_known_readings(name) for name in names]
    orders = []
    for kind in readings[0]:
        keys = [reading[kind] for reading in readings if kind in reading]
        if len(set(keys)) == len(names):
            orders.append(_in_order(keys, kind))
    if not orders:
        return _by_one_number(names)
    return orders[0] if all(each == orders[0] for each in orders) else None


def _in_order(keys: list[Key], kind: str) -> list[int]:
    places = list(range(len(keys)))
    numbers = [key[0] for key in keys]
    ends = _ENDS.get(kind)
    if ends is None or (kind == "day" and sum(a > b for a, b in pairwise(keys)) != 1):
        return sorted(places, key=keys.__getitem__)
    for listed in (places, places[::-1]):  # exports often begin with the latest
        if all(_follows(keys[a], keys[b], ends) for a, b in pairwise(listed)):
            return listed
    if kind not in ROUND:
        return sorted(places, key=keys.__getitem__)
    places.sort(key=numbers.__getitem__)
    if numbers != sorted(numbers) and numbers[places[0]] == 1 and numbers[places[-1]] in ends:
        gaps = [index for index, (a, b) in enumerate(pairwise(places), 1) if numbers[b] - numbers[a] > 1]
        if len(gaps) == 1:  # one run over the turn of the year
            return places[gaps[0] :] + places[: gaps[0]]
    return places


def _follows(a: Key, b: Key, ends: tuple[int, ...]) -> bool:
    """Whether one period is the next after another; of days without a year, whether it is a later one."""
    if len(a) > 1:
        return b > a or (a[0], b[0]) == (12, 1)
    return b[0] == a[0] + 1 or (b[0] <= 1 and a[0] in ends)


def skipped(names: Sequence[str]) -> list[str]:
    """Of periods in the order of time, those that do not follow the one before: by every reading, one is missing."""
    readings = [_known_readings(name) for name in names]
    kinds = [kind for kind in readings[0] if all(kind in reading for reading in readings)]
    broken = [[not follows for follows in _next_ones([each[kind] for each in readings], kind)] for kind in kinds]
    return [name for name, gaps in zip(names[1:], zip(*broken, strict=True), strict=False) if all(gaps)]


def _next_ones(keys: Sequence[Key], kind: str) -> list[bool]:
    """Of each key but the first, whether it is that of the next period of its kind, as far as kinds have a next one."""
    pairs = list(pairwise(keys))
    if kind in _MONTHS:
        a_year = 12 // _MONTHS[kind]
        places = [key[0] * a_year + sum(key[1:]) for key in keys]
        return [b - a == 1 for a, b in pairwise(places)]
    if kind == "week of a year":
        return [b == (a[0], a[1] + 1) or (b == (a[0] + 1, 1) and a[1] in _ENDS["week"]) for a, b in pairs]
    if kind in ROUND:
        return [_follows(a, b, _ENDS[kind]) for a, b in pairs]
    return [True] * len(pairs)  # days and hours are left out by who does not work then


def kinds_of(names: Sequence[str]) -> dict[str, list[Key]]:
    """The kinds of periods that all names may be of, and the key of each name in it."""
    readings = [_known_readings(name) for name in names]
    kinds = readings[0] if readings else {}
    return {kind: [each[kind] for each in readings] for kind in kinds if all(kind in each for each in readings)}


def end_of_next(label: str | None) -> str | None:
    """The last day of the year, quarter or month after the one of this label; `None` where it is, or may be, another.

    2026-09 gives 2026-10-31.
    """
    readings = list(_readings(label)) if label else []
    if len(readings) != 1 or readings[0][0] not in _MONTHS:
        return None
    kind, (year, *rest) = readings[0]
    number, each = (*rest, 1)[0], _MONTHS[kind]
    if not 1 <= number <= 12 // each:
        return None
    years, month = divmod(each * (number + 1) - 1, 12)  # from the beginning of the year on
    at = year + years
    leap = at % 4 == 0 and (at % 100 != 0 or at % 400 == 0)
    days = (31, 28 + leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month]
    return f"{at}-{month + 1:02}-{days}"


def _by_one_number(names: Sequence[str]) -> list[int] | None:
    """Names that differ by one number, such as `Sprint 9` and `Sprint 10`."""
    found = [re.findall(r"\d+", name) for name in names]
    forms = {re.sub(r"\d+", "0", fold(name)) for name in names}
    if len(forms) > 1 or any(len(numbers) != 1 for numbers in found):
        return None
    values = [int(numbers[0]) for numbers in found]
    return sorted(range(len(names)), key=values.__getitem__) if len(set(values)) == len(names) else None


@lru_cache(maxsize=4096)
def _known_readings(name: str) -> dict[str, Key]:
    """The key of each kind; of the days of some years several questions are asked."""
    return dict(_readings(name))


def _readings(name: str) -> Iterator[tuple[str, Key]]:
    """What a name may mean: kinds of periods, and the key of each."""
    text = re.sub(r"\(.*?\)|\*|(?<=\d)t(?=\d\d:)", " ", fold(name))
    tokens = [
        token for token in re.findall(r"\d+|[^\W\d_]+", text) if token not in calendar_numbers("words that say nothing")
    ]
    numbers = [int(token) for token in tokens if token.isdecimal()]
    words = [token for token in tokens if not token.isdecimal()]
    years = [number for number in numbers if number in YEARS]
    others = [number for number in numbers if number not in YEARS]
    months, days = calendar_numbers("months"), calendar_numbers("weekdays")
    if len(words) == 1 and words[0] in days and not numbers:
        yield "weekday", (days[words[0]],)
    if numbers and all(word in days for word in words):  # or there are no words
        yield from _ofcalendar_numbers(text, numbers)
    parts = [_parts()[word] for word in words if word in _parts()]
    named = [word for word in words if word in months]
    beside = [word for word in words if word not in months and word not in days and word not in _ROMAN]
    if len(named) == 1 and len(beside) == len(parts):
        # Oct-26 is of a year, Oct 26 may be a day
        joined = re.search(r"[^\W\d]\.?\s?[-'’/]\s?\d\d$", text.strip()) is not None
        yield from _of_month(months[named[0]], years, others, first=tokens[0] == named[0], joined=joined)
    elif len(parts) == 1 and not named and len(beside) == 1:
        yield from _of_part(parts[0], years, others + [_ROMAN[word] for word in words if word in _ROMAN])


def _of_month(
    month: int, years: list[int], others: list[int], *, first: bool, joined: bool
) -> Iterator[tuple[str, Key]]:
    if not years and not others:
        yield "month", (month,)
    elif len(years) == 1 and not others:
        yield "month of a year", (years[0], month)
    elif len(others) == 1 and others[0] <= 31 and len(years) == 1:
        yield "day of a year", (years[0], month, others[0])
    elif len(others) == 1 and not years:
        if first and others[0] < 100:
            yield "month of a year", (2000 + others[0], month)
        if 1 <= others[0] <= 31 and not joined:
            yield "day", (month, others[0])


def _of_part(part: str, years: list[int], others: list[int]) -> Iterator[tuple[str, Key]]:
    """`Q1`, `Q1 2026`, `2026-W07`, `1Q26`."""
    if not others or not 1 <= others[0] <= ROUND[part]:
        return
    if len(others) == 2 and not years:
        years, others = [2000 + others[1]], others[:1]
    if len(others) == 1 and len(years) <= 1:
        yield (f"{part} of a year", (years[0], others[0])) if years else (part, (others[0],))


def _ofcalendar_numbers(text: str, numbers: list[int]) -> Iterator[tuple[str, Key]]:
    """Dates in digits; those with a slash may begin with the day or with the month."""
    years = [index for index, number in enumerate(numbers) if number in YEARS]
    if len(numbers) == 1:
        yield ("year" if years else "number"), (numbers[0],)
    elif years[:1] == [0]:
        yield _DATES.get(len(numbers), f"{len(numbers)} numbers"), tuple(numbers)
    elif len(numbers) == 2 and years == [1]:
        yield _DATES[2], (numbers[1], numbers[0])
    elif len(numbers) in (2, 3) and years == ([2] if len(numbers) == 3 else []):
        a, b = numbers[:2]
        if ":" in text:
            yield "hour", (a, b)
            return
        kind = _DATES[3] if years else "day"
        if b <= 12:
            yield kind, (*numbers[2:], b, a)
        if a <= 12 and "." not in text:
            yield f"{kind}, month first", (*numbers[2:], a, b)
