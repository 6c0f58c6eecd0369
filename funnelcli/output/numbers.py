"""A value and its kind to text: rounded half up, once, with enough digits not to lie."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from funnelcli.characters import hidden_places
from funnelcli.currencies import minor_digits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

UNDEFINED = "n/a"
MINUS = "-"
MOST_DECIMALS = 12
_OURS = "█▐▌─│–·…“”▲→▼≠▁▂▃▄▅▆▇▏▎▍▋▊▉"
_PLAIN = '###-|--~""^>v!_.-=+*%|||###'
"""Characters that we draw with, and below each the one that stands for it where an encoding does not have it."""


def text(value: Any, kind: str, currency: str | None = None) -> str:
    """The value as people read it; `n/a` when undefined. `currency` stands with money outside of tables."""
    if value is None:
        return UNDEFINED
    return _MONEY[kind](value, currency) if kind in _MONEY else _FORMATTERS[kind](value)


def in_table(value: Any, kind: str, currency: str | None) -> str:
    """The same where the currency stands in the heading: it gives the amount no more than its decimals."""
    return text(value, bare(kind), currency)


def bare(kind: str) -> str:
    """The kind in a table: an amount without its currency."""
    return kind.replace("money", "amount")


def header(said: str, kind: str, currency: str | None) -> str:
    """The heading of figures of a kind: with the currency, which amounts in a table do without."""
    return f"{said}, {currency}" if currency and kind.startswith("money") else said


def _exact(value: Any) -> Fraction:
    """A number for rounding: a float without the noise behind its fourteenth digit."""
    return Fraction(f"{value:.14g}") if isinstance(value, float) else Fraction(value)


def rounded(value: Any, decimals: int) -> str:
    """A number with a fixed number of decimals, rounded half up (away from zero), digits grouped by commas."""
    exact = Fraction(value)
    scaled = abs(exact) * 10**decimals
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    sign = MINUS if exact < 0 and whole else ""
    digits = f"{whole:0{decimals + 1}d}"
    if not decimals:
        return f"{sign}{whole:,}"
    return f"{sign}{int(digits[:-decimals]):,}.{digits[-decimals:]}"


def _as_many_as(fewest: int, are_enough: Callable[[int], bool]) -> int:
    """So many decimals, or the first number above them that is enough, if any is."""
    return next((decimals for decimals in range(fewest, MOST_DECIMALS) if are_enough(decimals)), MOST_DECIMALS)


def _first_digits(exact: Fraction, digits: int, fewest: int) -> int:
    """Decimals with which so many first digits of a number are seen, or all that it has."""
    size = abs(exact)
    return _as_many_as(fewest, lambda more: size * 10**more >= 10 ** (digits - 1) or (size * 10**more).denominator == 1)


def _not_nothing(exact: Fraction, decimals: int) -> str:
    """A rounded number, or `<0.01` where nothing of it would be left."""
    shown = rounded(exact, decimals)
    return shown if shown.strip("-0.") or not exact else f"{MINUS if exact < 0 else ''}<0.{'0' * (decimals - 1)}1"


def _trimmed(shown: str) -> str:
    """A number without zeros at the end of its decimals."""
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def rate(value: Any) -> str:
    """A fraction of 1 as a percentage.

    One decimal from 10%, two from 1%, three digits below; more where fewer would show 0% or 100% for what is not.
    """
    return f"{_percent(value, _rate_decimals(value))}%"


def _rate_decimals(value: Any) -> int:
    """Decimals of a percentage that its size asks for."""
    percent = abs(Fraction(value)) * 100
    decimals = 1 if percent >= 10 else _first_digits(percent, 3, 2) if percent < 1 else 2
    if percent == 100:
        return decimals
    return _as_many_as(decimals, lambda more: rounded(percent, more).rstrip("0") != "100.")


def _percent(value: Any, decimals: int) -> str:
    """A percentage without its sign, which never shows 0 or 100 for what is not."""
    percent = Fraction(value) * 100
    shown = _not_nothing(percent, decimals)
    if percent != 100 and shown.rstrip("0") == "100.":
        return "<100" if percent < 100 else ">100"
    return shown


WHOLE_COUNT = 100
"""From here on a count has no decimals: `508`, not `508.2`; below, `50.8`."""


def count(value: Any) -> str:
    """Units: whole as they are; a fraction with one decimal below 100, more digits below 1."""
    exact = _exact(value)
    return rounded(exact, 0) if abs(exact) >= WHOLE_COUNT else _small(exact, decimals=1, digits=2)


WHOLE_AMOUNT = 10_000
"""From here on an amount of money has no decimals: `280,303 EUR`, not `280,302.75 EUR`; JSON and CSV have them."""


def amount(value: Any, currency: str | None = None) -> str:
    """An amount without its currency: whole as it is, otherwise the currency's decimals, and more below 1.

    From 10,000 on it is whole, and from 1,000 on where it rounds to that: a mean that is written in a file has its own
    rounding.
    """
    exact, decimals = _exact(value), minor_digits(currency)
    if abs(exact) >= WHOLE_AMOUNT:
        return rounded(exact, 0)
    if abs(exact) >= 1000 and abs(exact - round(exact)) * 2 * 10**decimals < 1:
        return rounded(exact, 0)
    shown = _small(exact, decimals, digits=3)
    rounds_to_one = exact.denominator != 1 and shown.lstrip("-").rstrip("0.") == "1"
    return rounded(exact, decimals) if rounds_to_one else shown


def money(value: Any, currency: str | None = None) -> str:
    """An amount with its currency."""
    shown = amount(value, currency)
    if not currency:
        return shown
    if len(currency) > 1 and not currency.endswith("$"):  # a code or a word; symbols stand before the amount
        return f"{shown} {currency}"
    return f"{MINUS}{currency}{shown[1:]}" if shown.startswith(MINUS) else f"{currency}{shown}"


def alike(texts: Sequence[str], kind: str, currency: str | None) -> list[str]:
    """The figures of one column with decimals alike: where one has cents, `12` is `12.00`, unless one is too large."""
    decimals = minor_digits(currency) if "amount" in kind or "money" in kind else 2 if kind == "number" else 0
    if not decimals or kind.endswith("interval") or not any(_WITH_DECIMALS.fullmatch(shown) for shown in texts):
        return list(texts)
    if any(_WHOLE.fullmatch(shown) and not _WHOLE_BELOW.fullmatch(shown) for shown in texts):
        return list(texts)
    return [f"{shown}.{'0' * decimals}" if _WHOLE_BELOW.fullmatch(shown) else shown for shown in texts]


_WITH_DECIMALS = re.compile(r"[-+]?[\d,]+\.\d+")
_WHOLE = re.compile(r"[-+]?[\d,]+")
_WHOLE_BELOW = re.compile(r"[-+]?(?:\d,)?\d{1,3}")


def _small(exact: Fraction, decimals: int, digits: int) -> str:
    """A whole number as it is; another with its decimals, and below 1 with so many that its first digits are seen."""
    if exact.denominator == 1:
        return rounded(exact, 0)
    return _not_nothing(exact, _first_digits(exact, digits, decimals) if abs(exact) < 1 else decimals)


_FAR = 1000
"""How many times smaller than the other an end of a range is, where its own digits tell nothing beside that."""


def _is_far_below(end: Any, other: Any) -> bool:
    return bool(0 < abs(end) * _FAR < abs(other))


def _ends(value: Any, show: Callable[[Any], str], decimals: int) -> str:
    """Two changes as a range; one that is far below the other has no more than its usual decimals."""
    low, high = value
    shown = []
    for end, other in ((low, high), (high, low)):
        far = _is_far_below(end, other) and abs(end) < 1
        shown.append(_signed(_not_nothing(_exact(end), decimals) if far else show(end), end))
    if max(abs(low), abs(high)) >= WHOLE_AMOUNT and min(abs(low), abs(high)) >= WHOLE_COUNT:
        shown = [_signed(rounded(_exact(end), 0), end) for end in value]  # both as the larger has it
    return " to ".join(shown)


def interval(value: Any) -> str:
    """Two rates as a range; a narrow one has so many decimals that its bounds differ.

    A bound that is near 0%, or 100%, as the range goes is only said to be none of these: `<0.01–5.77%`, `94.2–<100%`.
    """
    low, high = value
    if low is None or high is None:
        return UNDEFINED
    decimals = _rate_decimals(low), _rate_decimals(high)
    if _is_far_below(1 - high, 1 - low):
        decimals = decimals[0], 2
    elif high < 2 * low:

        def are_apart(more: int) -> bool:
            return low >= high or rounded(low * 100, more) != rounded(high * 100, more)

        decimals = (_as_many_as(max(decimals), are_apart),) * 2
    if _is_far_below(low, high):
        decimals = 2 if high >= Fraction(1, 100) else decimals[1], decimals[1]
    return f"{_percent(low, decimals[0])}–{_percent(high, decimals[1])}%"


def chance(value: Any) -> str:
    """A probability: whole percents, never certain, and never rounded up to the 80% that a verdict asks for."""
    if 0.795 <= value < 0.8:
        return "<80%"
    if value > 0.99:
        return ">99%"
    return "<1%" if value < 0.01 else f"{rounded(value * 100, 0)}%"


_TIMES = (("h", 24), ("min", 1440), ("s", 86400))
"""Units of time below a day, and how many make one."""


def duration(value: Any) -> str:
    """Days as people say them, in the largest unit of which there is one, with three digits: `40 min`, `1 day`.

    What is nearly one is so many of the next: `60 min`, not `0.999 h`.
    """
    days = Fraction(value)
    shown = _three_digits(days)
    if not days or _is_one(shown):
        return f"{shown} day{'' if shown == '1' else 's'}"
    shorter = [(_three_digits(days * a_day), unit) for unit, a_day in _TIMES]
    return " ".join(next((each for each in shorter if _is_one(each[0])), shorter[-1]))


def _is_one(shown: str) -> bool:
    return not shown.startswith("0")


def _three_digits(exact: Fraction) -> str:
    """A number of 0 or more, without zeros at its end; whole from 100 on."""
    return _trimmed(rounded(exact, _first_digits(exact, 3, 0)))


def brief_rate(value: Any) -> str:
    """A rate inside a sentence: without trailing zeros."""
    return _trimmed(rate(value).removesuffix("%")) + "%"


def points_change(value: Any) -> str:
    """A difference of rates in percentage points, with its sign and two digits at least."""
    percent = abs(Fraction(value) * 100)
    decimals = 1 if percent >= 10 else _as_many_as(2, lambda more: not 0 < percent * 10**more < 10)
    shown = rounded(percent, decimals)
    sign = "" if not shown.strip("0.") else "+" if value > 0 else MINUS
    return f"{sign}{shown} pp"


def points_interval(value: Any) -> str:
    """Two differences of rates as a range."""
    return UNDEFINED if None in value else " to ".join(_percent_ends(value, lambda end: points_change(end)[:-3]))


def rate_change_interval(value: Any) -> str:
    """Two changes in % as a range."""
    return " to ".join(f"{end}%" for end in _percent_ends(value, lambda end: text(end, "rate_change")[:-1]))


def _percent_ends(value: Any, show: Callable[[Any], str]) -> Iterator[str]:
    """Two signed percentages without their unit; one that is near 0, as the range goes, only has its sign."""
    low, high = value
    for end, other in ((low, high), (high, low)):
        near = _is_far_below(end, other) and abs(end) * 100 < Fraction(1, 100)
        yield f"{'+' if end > 0 else MINUS}<0.01" if near else show(end)


def p_value(value: Any) -> str:
    """A p-value: three decimals, more where these would show it on the other side of 0.05, and never 0."""
    return "<0.001" if value < 0.001 else _on_its_side(rounded(value, 3), value, Fraction(1, 20))


def judged(value: Any, border: Any, kind: str, currency: str | None = None) -> str:
    """A value that is judged by a border: as ever, with more digits where these tell them apart.

    What fails a limit of 45% is never shown as 45.0%. Both ends of an interval are judged.
    """
    shown = text(value, kind, currency)
    if value is None or border is None or shown == UNDEFINED:
        return shown
    if kind == "interval":
        ends = zip(shown.removesuffix("%").split("–"), value, strict=True)
        return "–".join(_on_its_side(end, exact * 100, border * 100) for end, exact in ends) + "%"
    scale = 100 if kind.endswith("rate") else 1
    return _on_its_side(shown, value * scale, border * scale)


def _on_its_side(shown: str, value: Any, border: Any) -> str:
    """A number as it is shown, with so many digits more that it lies where its value does: below or above a border.

    What is rounded away is less than half of what lies between them, so that the border, shown beside it and rounded
    alike, never looks the same.
    """
    found = _NUMBER.search(shown)
    exact, limit = Fraction(value), Fraction(border)
    if found is None or exact == limit:
        return shown
    apart = abs(exact - limit)
    digits, decimals, prefix = found[0], len(found[1] or ""), shown[: found.start()]
    while 2 * abs(Fraction(digits.replace(",", "")) - abs(exact)) >= apart or (not digits.strip("0.,") and exact):
        decimals, prefix = decimals + 1, prefix.rstrip("<>")
        if decimals > MOST_DECIMALS:  # so near that no digits tell
            nearest = _trimmed(rounded(abs(limit), MOST_DECIMALS))
            return f"{'<' if exact < limit else '>'}{prefix}{nearest}{shown[found.end() :]}"
        digits = rounded(abs(exact), decimals)
    return prefix + digits + shown[found.end() :]


_NUMBER = re.compile(r"\d[\d,]*(?:\.(\d+))?")


def mark(side: int | None) -> str:
    """What stands behind a figure that is above or below by more than chance, or differs; a place behind the others."""
    return "" if side is None else {1: " ▲", -1: " ▼", 2: " ≠"}.get(side, "  ")


SPARKS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[Any]) -> str:
    """Values as columns from the lowest to the highest; a space where there is none."""
    known = [value for value in values if value is not None]
    low, high = min(known, default=0), max(known, default=0)
    if low == high:
        return "".join(" " if value is None else SPARKS[3] for value in values)
    steps = len(SPARKS) - 1
    return "".join(" " if value is None else SPARKS[round((value - low) / (high - low) * steps)] for value in values)


def _signed(shown: str, value: Any) -> str:
    return f"+{shown}" if value > 0 else shown


_FORMATTERS: dict[str, Callable[[Any], str]] = {
    "text": str,
    "count": count,
    "rate": rate,
    "brief_rate": brief_rate,
    "points": lambda value: f"{brief_rate(value).removesuffix('%')} pp",
    "points_change": points_change,
    "points_interval": points_interval,
    "rate_change_interval": rate_change_interval,
    "p_value": p_value,
    "number": lambda value: _small(_exact(value), decimals=2, digits=2),
    "factor": lambda value: f"x{_trimmed(rounded(value, 3))}",
    "duration": duration,
    "one_in": lambda value: f"1:{count(value)}",
    "interval": interval,
    "chance": chance,
    "count_change": lambda value: _signed(count(value), value),
    "rate_change": lambda value: _signed(brief_rate(value), value),
    "count_change_interval": lambda value: _ends(value, count, 1),
}
_MONEY: dict[str, Callable[[Any, str | None], str]] = {
    "money": money,
    "amount": amount,
    "money_change": lambda value, currency: _signed(money(value, currency), value),
    "amount_change": lambda value, currency: _signed(amount(value, currency), value),
    "money_change_interval": lambda value, currency: " to ".join(_signed(money(end, currency), end) for end in value),
    "amount_change_interval": lambda value, currency: _ends(
        value, lambda end: amount(end, currency), minor_digits(currency)
    ),
}


def visible(value: str) -> str:
    """Text from outside with control, bidirectional and invisible characters spelled out as `\\u202e`."""
    if value.isprintable():
        return value
    hidden = set(hidden_places(value))
    return "".join(_spelled(char) if place in hidden else char for place, char in enumerate(value))


def visible_lines(value: str) -> str:
    """The same for a header of our own, which may have two lines."""
    return "\n".join(visible(line) for line in value.split("\n"))


def _spelled(char: str) -> str:
    if char == "\u00a0":
        return " "
    return char.encode("unicode_escape").decode("ascii")


def substitutes(encoding: str) -> dict[int, str]:
    """Plain characters for those of ours that an encoding does not have, for `str.translate`."""
    return {ord(char): plain for char, plain in zip(_OURS, _PLAIN, strict=True) if not char.encode(encoding, "ignore")}


_COARSE = 50
"""A range of money as wide as that has no decimals, and a wider one no more than three digits of its width."""


def ends_words(low: float, high: float, kind: str, currency: str | None) -> str:
    """Between what a figure lies, with as many digits as the width is worth."""
    if kind == "money" and high - low >= _COARSE:
        decimals = -int(math.log10(high - low) - 2)
        low, high = round(low, decimals), round(high, decimals)
    return f"{text(low, bare(kind), currency)} to {text(high, bare(kind), currency)}"
