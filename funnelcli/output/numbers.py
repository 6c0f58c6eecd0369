"""A value and its kind to text: rounded half up, once, with enough digits not to lie."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from funnelcli.characters import hidden_places
from funnelcli.currencies import minor_digits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from funnelcli.output.document import Cell

UNDEFINED = "n/a"
MINUS = "-"
MOST_DECIMALS = 12
_PLAIN = {
    "█": "#",
    "▐": "#",
    "▌": "#",
    "─": "-",
    "│": "|",
    "–": "-",
    "·": "-",
    "…": "~",
    "“": '"',
    "”": '"',
    "▲": "^",
    "→": ">",
    "▼": "v",
} | dict(zip("▁▂▃▄▅▆▇", "_.-=+*%", strict=True))


def text(value: Any, kind: str, currency: str | None = None) -> str:
    """The value as people read it; `n/a` when undefined. `currency` stands with money outside of tables."""
    if value is None:
        return UNDEFINED
    return _FORMATTERS[kind](value, currency)


def in_table(value: Any, kind: str, currency: str | None) -> str:
    """The same where the currency stands in the heading: it gives the amount no more than its decimals."""
    if value is None:
        return UNDEFINED
    if kind == "heat":
        return in_table(value[0], value[1], currency)
    if kind == "judged":
        return _judged(in_table(value[0], value[2], currency), *value)
    if kind == "money_change":
        return f"+{amount(value, currency)}" if value > 0 else amount(value, currency)
    return amount(value, currency) if kind == "money" else text(value, kind)


def header(said: str, kind: str, currency: str | None) -> str:
    """The heading of figures of a kind: with the currency, which amounts in a table do without."""
    return f"{said}, {currency}" if currency and kind.startswith("money") else said


def line(parts: Iterable[Cell | str], currency: str | None) -> str:
    """Cells and plain text as one line."""
    return "".join(visible(part if isinstance(part, str) else text(part.value, part.kind, currency)) for part in parts)


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


def rate(value: Any, currency: str | None = None) -> str:
    """A fraction of 1 as a percentage.

    One decimal from 10%, two from 1%, three digits below; more where fewer would show 0% or 100% for what is not.
    """
    return f"{_percent(value, _rate_decimals(value))}%"


def _rate_decimals(value: Any) -> int:
    """Decimals of a percentage that its size asks for."""
    percent = abs(Fraction(value)) * 100
    decimals = 1 if percent >= 10 else 2
    while 0 < percent < 1 and percent * 10**decimals < 100 and decimals < MOST_DECIMALS:
        if (percent * 10**decimals).denominator == 1:
            break
        decimals += 1
    while percent != 100 and rounded(percent, decimals).startswith("100.") and decimals < MOST_DECIMALS:
        if rounded(percent, decimals).rstrip("0") != "100.":
            break
        decimals += 1
    return decimals


def _percent(value: Any, decimals: int) -> str:
    """A percentage without its sign, which never shows 0 or 100 for what is not."""
    percent = Fraction(value) * 100
    shown = rounded(percent, decimals)
    if percent and not shown.strip("-0."):
        return f"{MINUS if percent < 0 else ''}<0.{'0' * (decimals - 1)}1"
    if percent != 100 and shown.rstrip("0") == "100.":
        return "<100" if percent < 100 else ">100"
    return shown


def count(value: Any, currency: str | None = None) -> str:
    """Units: whole as they are; a fraction with one decimal below 1,000, more digits below 1."""
    exact = _exact(value)
    if exact.denominator == 1 or abs(exact) >= 1000:
        return rounded(exact, 0)
    return _small(exact, decimals=1, digits=2)


def amount(value: Any, currency: str | None = None) -> str:
    """An amount without its currency: whole as it is, otherwise the currency's decimals, and more below 1."""
    exact, decimals = _exact(value), minor_digits(currency)
    if exact.denominator == 1:
        return rounded(exact, 0)
    shown = _small(exact, decimals, digits=3)
    return rounded(exact, decimals) if shown.lstrip("-").rstrip("0.") == "1" else shown


def money(value: Any, currency: str | None = None) -> str:
    """An amount with its currency."""
    shown = amount(value, currency)
    if not currency:
        return shown
    if len(currency) > 1 and not currency.endswith("$"):  # a code or a word; symbols stand before the amount
        return f"{shown} {currency}"
    return f"{MINUS}{currency}{shown[1:]}" if shown.startswith(MINUS) else f"{currency}{shown}"


def _small(exact: Fraction, decimals: int, digits: int) -> str:
    """A fraction with its decimals, and below 1 with so many that its first digits are seen or it is exact."""
    while (
        abs(exact) * 10**decimals < 10 ** (digits - 1)
        and abs(exact) < 1
        and (exact * 10**decimals).denominator != 1
        and decimals < MOST_DECIMALS
    ):
        decimals += 1
    shown = rounded(exact, decimals)
    return shown if shown.strip("0.") else f"{MINUS if exact < 0 else ''}<0.{'0' * (decimals - 1)}1"


def one_in(value: Any, currency: str | None = None) -> str:
    """Overall conversion as 1:N."""
    return f"1:{count(value)}"


def interval(value: Any, currency: str | None = None) -> str:
    """Two rates as a range; a narrow one has so many decimals that its bounds differ."""
    low, high = value
    if low is None or high is None:
        return UNDEFINED
    low_decimals, high_decimals = _rate_decimals(low), _rate_decimals(high)
    if high < 2 * low:
        low_decimals = high_decimals = max(low_decimals, high_decimals)
        while high > low and rounded(low * 100, low_decimals) == rounded(high * 100, high_decimals):
            if low_decimals >= MOST_DECIMALS:
                break
            low_decimals = high_decimals = low_decimals + 1
    return f"{_percent(low, low_decimals)}–{_percent(high, high_decimals)}%"


def chance(value: Any, currency: str | None = None) -> str:
    """A probability: whole percents, never certain, and never rounded up to the 80% that a verdict asks for."""
    if 0.795 <= value < 0.8:
        return "<80%"
    if value > 0.99:
        return ">99%"
    if value < 0.01:
        return "<1%"
    return f"{rounded(value * 100, 0)}%"


def number(value: Any, currency: str | None = None) -> str:
    """A plain number with two decimals, more below 1."""
    exact = _exact(value)
    return rounded(exact, 0) if exact.denominator == 1 else _small(exact, decimals=2, digits=2)


_TIMES = (("s", 86400, 60), ("min", 1440, 60), ("h", 24, 24))
"""Units of time: how many make a day, and from how many on the next one fits."""


def factor(value: Any, currency: str | None = None) -> str:
    """What something is multiplied by, with three decimals at most."""
    return f"x{rounded(value, 3).rstrip('0').rstrip('.')}"


def duration(value: Any, currency: str | None = None) -> str:
    """Days as people say them, in a unit that fits, with three digits: `3.5 s`, `40 min`, `1 day`, `12.9 days`."""
    days = Fraction(value)
    for unit, a_day, limit in _TIMES if days else ():
        shown = _three_digits(days * a_day)
        if Fraction(shown.replace(",", "")) < limit:
            return f"{shown} {unit}"
    shown = _three_digits(days)
    return f"{shown} day{'' if shown == '1' else 's'}"


def _three_digits(exact: Fraction) -> str:
    """A number of 0 or more, without zeros at its end; whole from 100 on."""
    decimals = 0
    while 0 < exact * 10**decimals < 100 and decimals < MOST_DECIMALS:
        decimals += 1
    shown = rounded(exact, decimals)
    return shown.rstrip("0").rstrip(".") if decimals else shown


def brief_rate(value: Any, currency: str | None = None) -> str:
    """A rate inside a sentence: without trailing zeros."""
    shown = rate(value).removesuffix("%")
    return (shown.rstrip("0").rstrip(".") if "." in shown else shown) + "%"


def points(value: Any, currency: str | None = None) -> str:
    """A difference of rates in percentage points, without trailing zeros."""
    return f"{brief_rate(value).removesuffix('%')} pp"


def points_change(value: Any, currency: str | None = None) -> str:
    """A difference of rates in percentage points, with its sign and two digits at least."""
    percent = abs(Fraction(value) * 100)
    decimals = 1 if percent >= 10 else 2
    while 0 < percent * 10**decimals < 10 and decimals < MOST_DECIMALS:
        decimals += 1
    shown = rounded(percent, decimals)
    sign = "" if not shown.strip("0.") else "+" if value > 0 else MINUS
    return f"{sign}{shown} pp"


def points_interval(value: Any, currency: str | None = None) -> str:
    """Two differences of rates as a range."""
    low, high = value
    if low is None or high is None:
        return UNDEFINED
    shown = [points_change(each).removesuffix(" pp") for each in (low, high)]
    return f"{shown[0]} to {shown[1]}"


def p_value(value: Any, currency: str | None = None) -> str:
    """A p-value: three decimals, more where these would show it on the other side of 0.05, and never 0."""
    return "<0.001" if value < 0.001 else _on_its_side(rounded(value, 3), value, Fraction(1, 20))


def judged(value: Any, currency: str | None = None) -> str:
    """A value, the border that it is judged by and its kind: as ever, with more digits where these tell them apart.

    What fails a limit of 45% is never shown as 45.0%. Both ends of an interval are judged.
    """
    return _judged(text(value[0], value[2], currency), *value)


def _judged(shown: str, amount: Any, border: Any, kind: str) -> str:
    if amount is None or border is None or shown == UNDEFINED:
        return shown
    if kind == "interval":
        ends = zip(shown.removesuffix("%").split("–"), amount, strict=True)
        return "–".join(_on_its_side(end, exact * 100, border * 100) for end, exact in ends) + "%"
    scale = 100 if kind.endswith("rate") else 1
    return _on_its_side(shown, amount * scale, border * scale)


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
            nearest = rounded(abs(limit), MOST_DECIMALS).rstrip("0").removesuffix(".")
            return f"{'<' if exact < limit else '>'}{prefix}{nearest}{shown[found.end() :]}"
        digits = rounded(abs(exact), decimals)
    return prefix + digits + shown[found.end() :]


_NUMBER = re.compile(r"\d[\d,]*(?:\.(\d+))?")


def marked_rate(value: Any, currency: str | None = None) -> str:
    """A rate, and a mark where it is above or below the others."""
    share, side = value
    return f"{UNDEFINED if share is None else rate(share)} {'▲' if side > 0 else '▼' if side < 0 else ' '}"


def marked_points(value: Any, currency: str | None = None) -> str:
    """A difference of rates, and a mark where it is more than chance."""
    difference, side = value
    shown = UNDEFINED if difference is None else points_change(difference)
    return f"{shown} {'▲' if side > 0 else '▼' if side < 0 else ' '}"


def heat(value: Any, currency: str | None = None) -> str:
    """A value of a heat map; its place between the coldest and the hottest is a colour, and no text."""
    amount, kind, _ = value
    return text(amount, kind)


SPARKS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[Any]) -> str:
    """Values as columns from the lowest to the highest; a space where there is none."""
    known = [value for value in values if value is not None]
    low, high = min(known, default=0), max(known, default=0)
    if low == high:
        return "".join(" " if value is None else SPARKS[3] for value in values)
    steps = len(SPARKS) - 1
    return "".join(" " if value is None else SPARKS[round((value - low) / (high - low) * steps)] for value in values)


def _signed(formatter: Callable[[Any, str | None], str]) -> Callable[[Any, str | None], str]:
    def signed(value: Any, currency: str | None = None) -> str:
        shown = formatter(value, currency)
        return f"+{shown}" if value > 0 else shown

    return signed


_FORMATTERS: dict[str, Callable[[Any, str | None], str]] = {
    "text": lambda value, currency: str(value),
    "count": count,
    "rate": rate,
    "brief_rate": brief_rate,
    "points": points,
    "points_change": points_change,
    "points_interval": points_interval,
    "p_value": p_value,
    "marked_rate": marked_rate,
    "marked_points": marked_points,
    "heat": heat,
    "judged": judged,
    "money": money,
    "number": number,
    "factor": factor,
    "duration": duration,
    "one_in": one_in,
    "interval": interval,
    "chance": chance,
    "count_change": _signed(count),
    "rate_change": _signed(brief_rate),
    "money_change": _signed(money),
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
    found = {}
    for char, plain in _PLAIN.items():
        try:
            char.encode(encoding)
        except UnicodeEncodeError:
            found[ord(char)] = plain
    return found
