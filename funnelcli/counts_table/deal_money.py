"""The money of deals: the average check of those that brought it, with its spread, and the amounts of the open ones."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import TYPE_CHECKING

from funnelcli.counts_table.row_amounts import scaled
from funnelcli.diagnostics import many, verb
from funnelcli.exact import reduced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.exact import Exact

_SD_DIGITS = 6
"""Digits behind the point of a standard deviation."""


def money_of(
    each: Sequence[Exact | None], unit: str, said: list[str], where: str = ""
) -> tuple[Exact, Exact | None] | None:
    """The mean of the amounts of units that brought money, and their standard deviation (n - 1) where it is known.

    Of those that have an amount; where some have none, what that means for the revenue is said. `where` is of units.
    """
    amounts = [amount for amount in each if amount is not None]
    if not amounts:
        if each:
            have = verb(len(each), "have")
            said.append(f"the {many(len(each), unit)}{where} {have} no amount: the average check is not known")
        return None
    whole, scale = scaled(amounts)
    total, number = sum(whole), len(whole)
    mean = reduced(Fraction(total, scale * number))
    if number < len(each):
        without, makes = len(each) - number, round(Fraction(total * len(each), number))
        sums = f"the amounts add up to {money_text(total, scale)}, and the revenue is {money_text(makes, scale)}"
        said.append(f"{many(without, unit)}{where} without an amount {verb(without, 'are')} taken for average: {sums}")
    if number == 1:
        return mean, None
    squares = number * sum(amount * amount for amount in whole) - total * total
    variance = Fraction(squares, number * (number - 1) * scale * scale)
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


def money_of_open(
    waiting: Sequence[Sequence[Exact | None]], mean: Exact | None, said: list[str], unit: str = "deal"
) -> list[tuple[Exact, ...]]:
    """The amounts of the open units of each stage; one without has the average check.

    Empty at a stage where none has one, or where some have none and there is no average check.
    """
    without = sum(amount is None for each in waiting for amount in each)
    some = any(amount is not None for each in waiting for amount in each)
    if without and some:
        bringing = "won deal" if unit == "deal" else f"paid {unit}"
        ends = f"and no {bringing} tells one: at these stages the numbers are told, and no amounts"
        if mean is not None:
            ends = f"and {verb(without, 'count')} with the average check"
        said.append(f"{many(without, f'open {unit}')} {verb(without, 'have')} no amount, {ends}")
    found = []
    for each in waiting:
        known = [mean if amount is None else amount for amount in each]
        own = [amount for amount in known if amount is not None]
        has_some = any(amount is not None for amount in each)
        found.append(tuple(own) if has_some and len(own) == len(each) else ())
    return found
