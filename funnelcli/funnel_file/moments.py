"""Text to durations and moments, for `measure`: how long a unit has, and from when to when it may enter."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, tzinfo

from funnelcli.diagnostics import Problem, quoted
from funnelcli.funnel_file import scalars

SECONDS = {
    **dict.fromkeys(("s", "second", "seconds"), 1),
    **dict.fromkeys(("min", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86400),
    **dict.fromkeys(("w", "week", "weeks"), 604800),
}
"""Seconds of each unit of time that has a fixed length; a day is 24 hours, whatever the clocks of a place do."""
_UNEVEN = {"month": 30, "months": 30, "quarter": 91, "quarters": 91, "year": 365, "years": 365}
DATE = r"\d{4}-\d\d-\d\d"
MOMENT = rf"{DATE}(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{{1,6}})?)?(?:Z|[+-]\d\d:\d\d)?)?"
"""A date, or a date and time of day with or without its distance from UTC, as ISO 8601 writes them."""
LONGEST_DURATION = 100 * 366 * 86400


def duration(text: str, plain: bool = True) -> int | Problem:
    """`7 days` as whole seconds, more than none and at most a hundred years."""
    outcome = scalars.label(text, plain)
    if isinstance(outcome, Problem):
        return outcome
    match = re.fullmatch(r"([0-9.]+) ?([a-z]*)", text, re.ASCII)
    if match is None:
        return Problem("FN103", f"{quoted(text)} is not a duration", "write a number and a unit, e.g. 7 days")
    number, unit = match.groups()
    if not unit:
        return Problem("FN103", f"{quoted(text)} has no unit of time", f"write {number} days, hours, minutes or weeks")
    if unit in _UNEVEN:
        return Problem("FN103", f"a {unit.removesuffix('s')} has no fixed length", f"write {_UNEVEN[unit]} days")
    if unit not in SECONDS:
        return Problem("FN120", f"{quoted(unit)} is not a unit of time", "use seconds, minutes, hours, days or weeks")
    amount = scalars.exact(number, "a number", "7")
    if isinstance(amount, Problem):
        return amount
    seconds = amount * SECONDS[unit]
    if not 1 <= seconds <= LONGEST_DURATION or seconds.denominator != 1:
        return Problem("FN103", f"{quoted(text)} is no usable duration", "write whole seconds, at most 100 years")
    return int(seconds)


_LONG = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def duration_text(seconds: int) -> str:
    """Whole seconds as `duration` reads them, in the largest unit of which they are so many."""
    length, unit = next(each for each in _LONG if not seconds % each[0])
    number = seconds // length
    return f"{number} {unit}{'' if number == 1 else 's'}"


def moment(text: str, plain: bool = True) -> str | Problem:
    """A date or a moment, as it is written; what is not on the calendar is refused."""
    outcome = scalars.label(text, plain)
    if isinstance(outcome, Problem):
        return outcome
    if re.fullmatch(MOMENT, text, re.ASCII):
        try:
            datetime.fromisoformat(text)
        except ValueError as error:
            return Problem("FN103", f"{quoted(text)} is not on the calendar: {error}", 'write "2026-10-01"')
        return text
    day = day_meant(text) or "2026-10-01"
    return Problem("FN103", f"{quoted(text)} is not a date", f'write "{day}", or "{day}T09:30:00+02:00"')


def time_zone(text: str, plain: bool = True) -> str | Problem:
    """The name of a time zone in the database of IANA; where none is installed, measuring says so."""
    outcome = scalars.label(text, plain)
    if isinstance(outcome, Problem):
        return outcome
    import zoneinfo  # only what is measured has a zone

    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        known = sorted(zoneinfo.available_timezones())
        if known:
            return Problem("FN120", f"{quoted(text)} is no time zone", _zone_meant(text, known))
    return text


def _zone_meant(text: str, known: list[str]) -> str:
    """The zone of that name or city, or the nearest name."""
    from difflib import get_close_matches

    folded = text.casefold().replace(" ", "_")
    named = [zone for zone in known if folded in (zone.casefold(), zone.rpartition("/")[2].casefold())]
    near = get_close_matches(text, known, n=1, cutoff=0.75)
    found = next(iter(named or near), None)
    return f"did you mean {quoted(found)}?" if found else "write a continent and a city, such as Europe/Helsinki"


def day_meant(text: str) -> date | None:
    """The day that is written in another order, such as 31.12.2026 and 12/31/2026, where one alone can be meant."""
    match = re.fullmatch(r"(\d\d?)([./-])(\d\d?)\2(\d{4})", text.strip(), re.ASCII)
    if match is None:
        return None
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    orders = [(second, first)] if match[2] == "." else [(second, first), (first, second)]
    days = set()
    for month, day in orders:
        try:
            days.add(date(year, month, day))
        except ValueError:
            continue
    return days.pop() if len(days) == 1 else None


def moment_of(text: str, zone: tzinfo = UTC) -> datetime:
    """A moment as a point of time; without a distance from UTC it is in UTC, or by the clocks of a zone."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=zone).astimezone(UTC)


def grows(first: str, last: str) -> bool:
    """Whether the second of two moments is after the first."""
    return moment_of(first) < moment_of(last)
