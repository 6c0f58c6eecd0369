"""The average check of units that brought money, with its spread, from sums of their amounts: one rule for all."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.diagnostics import many, verb
from funnelcli.exact import reduced

if TYPE_CHECKING:
    from funnelcli.exact import Exact

_SD_DIGITS = 6
"""Digits behind the point of a standard deviation."""


class AmountSums(NamedTuple):
    """The amounts of units, of which there are `number` and `known` have one: their sum and the sum of their squares.

    Amounts are whole multiples of a part of the unit of money, and `scale` of these make one.
    """

    number: int
    known: int
    total: int
    squares: int
    scale: int


def average_check(sums: AmountSums, unit: str, said: list[str], where: str = "") -> tuple[Exact, Exact | None] | None:
    """The mean of the amounts of units that brought money, and their standard deviation (n - 1) where it is known.

    Of those that have an amount; where some have none, what that means for the revenue is said. `where` is of units.
    """
    number, known, total, squares, scale = sums
    if not known:
        if number:
            have = verb(number, "have")
            said.append(f"the {many(number, unit)}{where} {have} no amount: the average check is not known")
        return None
    mean = reduced(Fraction(total, scale * known))
    if known < number:
        without, makes = number - known, round(Fraction(total * number, known))
        added = f"the amounts add up to {money_text(total, scale)}, and the revenue is {money_text(makes, scale)}"
        said.append(f"{many(without, unit)}{where} without an amount {verb(without, 'are')} taken for average: {added}")
    if known == 1:
        return mean, None
    variance = Fraction(known * squares - total * total, known * (known - 1) * scale * scale)
    power = 10**_SD_DIGITS
    root = isqrt(4 * variance.numerator * power * power // variance.denominator)
    return mean, reduced(Fraction((root + 1) // 2, power))


def money_text(whole: int, scale: int) -> str:
    """So many parts of a unit of money, in digits and with at least two behind the point where there are parts."""
    if scale == 1:
        return f"{whole:,}"
    digits = max(2, len(str(scale)) - 1)
    units, parts = divmod(whole * 10**digits // scale, 10**digits)
    return f"{units:,}.{parts:0{digits}}"
