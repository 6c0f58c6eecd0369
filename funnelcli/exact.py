"""Exact numbers: counts, rates and money are rationals, an `int` when whole and a `Fraction` otherwise."""

from collections.abc import Iterable
from fractions import Fraction
from typing import TypeAlias

Exact: TypeAlias = int | Fraction
LARGEST_NUMBER = 10**18
"""Above this no figure is read or projected."""


def reduced(value: Exact) -> Exact:
    """The same number as an `int` when it is whole."""
    return value.numerator if value.denominator == 1 else value


def usual_decimal(text: str, mark: str = ".") -> Exact | None:
    """Digits, a mark and digits, as most amounts are written, and there may be as many as rows; `None` for others."""
    whole, _, part = text.partition(mark)
    if not (len(text) < 18 and whole.isdigit() and part.isdigit() and text.isascii()):
        return None
    if whole[0] == "0" and whole != "0":
        return None
    value, scale = int(whole + part), 10 ** len(part)
    return Fraction(value, scale) if value % scale else value // scale


def ratio(part: Exact | None, whole: Exact | None) -> Exact | None:
    """Part / whole, exactly; `None` where one is not known, and of a whole of 0: a step out of nothing is undefined."""
    if part is None or not whole:
        return None
    if part.__class__ is whole.__class__ is int:  # nearly all are, and thousands are asked for
        return Fraction(part, whole) if part % whole else part // whole
    return reduced(Fraction(part, whole))


def relative_change(before: Exact | None, after: Exact | None) -> Exact | None:
    """(after - before) / before, exactly; `None` where one is not known, and from 0 or a loss, of which it would lie.

    From a loss of 100 to a profit of 100 would be -200%, and so would the way back.
    """
    return None if before is None or before <= 0 else ratio(minus(after, before), before)


def minus(a: Exact | None, b: Exact | None) -> Exact | None:
    """The exact difference; `None` where one of the two is not known."""
    return None if a is None or b is None else reduced(a - b)


def plus(a: Exact | None, b: Exact | None) -> Exact | None:
    """The exact sum; `None` where one of the two is not known."""
    return None if a is None or b is None else a + b


def times(a: Exact | None, b: Exact | None) -> Exact | None:
    """The exact product; nothing times what is not known is nothing."""
    if a is None or b is None:
        return 0 if a == 0 or b == 0 else None
    return a * b


def added(counts: Iterable[Exact]) -> Exact:
    """The exact sum, an `int` when it is whole."""
    whole: Exact = 0
    parts: dict[int, int] = {}  # by denominators, of which there are few
    for count in counts:
        if count.__class__ is int:
            whole += count
        else:
            part, size = count.as_integer_ratio()
            parts[size] = parts.get(size, 0) + part
    return reduced(sum((Fraction(part, size) for size, part in parts.items()), whole)) if parts else whole


def added_by_place(rows: Iterable[Iterable[Exact | None]]) -> list[Exact]:
    """The exact sums of the first figures of some rows, of the second, and so on; none is 0."""
    return [added(filter(None, column)) for column in zip(*rows, strict=True)]


DECIMALS = 4
"""Digits after the point of days, of which the last is 9 seconds; what takes less has more."""
DIGITS = 3
"""Digits of days from the first that is not 0, at least."""


def rounded_days(days: Exact) -> Exact:
    """Days as they are written, half up: 0 only for what took no time."""
    scale = 10**DECIMALS
    while 0 < days * scale < 10 ** (DIGITS - 1):
        scale *= 10
    return reduced(Fraction((2 * days * scale + 1).__floor__() // 2, scale))
