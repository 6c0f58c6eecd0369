"""How long periods are by their names, how many of them a time has, and of what weekday days are."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.periods import kinds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from funnelcli.exact import Exact
    from funnelcli.what_if import UnitOfTime

_YEAR = 365.2425
_DAYS = {"days": 1.0, "weeks": 7.0, "months": _YEAR / 12, "quarters": _YEAR / 4, "years": _YEAR}
"""Days of a unit of time."""
_LENGTHS = {"month": "months", "quarter": "quarters", "half": "halves", "week": "weeks", "year": "years"}
_HALF = _YEAR / 2
_SEASONS = ("weekday", "hour")
"""Kinds that come round, and do not go on."""


class Calendar(NamedTuple):
    """What names tell of their periods: how many `days` from one to the next (`None`: they do not tell) and a word.

    `season_of` has the weekday of a day by its name; `goes_on` says that these are periods, one after another.
    """

    days: float | None
    name: str = "period"
    season_of: Callable[[str], Hashable] | None = None
    goes_on: bool = True

    def in_periods(self, number: Exact, unit: UnitOfTime) -> float | None:
        """How many periods that time has."""
        if unit == "periods":
            return float(number)
        return None if self.days is None else float(number) * _DAYS[unit] / self.days


def in_days(number: Exact, unit: UnitOfTime) -> float:
    """How many days that time has."""
    return float(number) * _DAYS[unit]


def calendar_of(names: Sequence[str]) -> Calendar:
    """What the names of periods in the order of time tell."""
    kinds = kinds_of(names)
    for kind, keys in kinds.items():
        if kind.startswith("day"):
            return _of_days(names, keys)
    plain = {kind.partition(" ")[0] for kind in kinds}
    if plain & set(_SEASONS):
        return Calendar(None, goes_on=False)
    if len(plain) != 1:
        return Calendar(None)
    (word,) = plain
    if word not in _LENGTHS:
        return Calendar(None)
    return Calendar(_HALF if word == "half" else _DAYS[_LENGTHS[word]], "half-year" if word == "half" else word)


def _day_number(year: int, month: int, day: int) -> int:
    """Days one after another; 0 is a Wednesday. The years begin in March, so that the leap day is their last."""
    year, month = (year, month - 3) if month > 2 else (year - 1, month + 9)
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + day - 1


def _of_days(names: Sequence[str], keys: Sequence[tuple[int, ...]]) -> Calendar:
    """Days, or periods that are called by their first day: how far they are apart tells which."""
    numbers, year = [], 2001
    for place, key in enumerate(keys):
        if len(key) == 2 and place and key < keys[place - 1]:
            year += 1
        numbers.append(_day_number(*(key if len(key) == 3 else (year, *key))))
    gaps = sorted(b - a for a, b in pairwise(numbers))
    gap = gaps[len(gaps) // 2] if gaps else 1
    if gap < 1:
        return Calendar(None)
    if gap > 1:
        word = next((unit[:-1] for unit, days in _DAYS.items() if abs(gap - days) <= days / 20), "period")
        return Calendar(float(gap) if word == "period" else _DAYS[f"{word}s"], word)
    weekdays = {name: number % 7 for name, number in zip(names, numbers, strict=True)}
    return Calendar(7 / len(set(weekdays.values())), "day", weekdays.get)
