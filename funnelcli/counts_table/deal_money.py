"""The money of deals: the average check of the won ones with its spread, and the amounts of the open ones."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import TYPE_CHECKING

from funnelcli.counts_table.row_amounts import scaled
from funnelcli.counts_table.row_causes import many
from funnelcli.diagnostics import quoted
from funnelcli.exact import reduced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.deals import Deal
    from funnelcli.exact import Exact

_SD_DIGITS = 6
"""Digits behind the point of a standard deviation."""


def money_of_won(won: Sequence[Deal], said: list[str]) -> tuple[Exact, Exact | None] | None:
    """The mean of the amounts of won deals, and their standard deviation (n - 1) where there are several.

    Of those that have an amount; where some have none, what that means for the revenue is said.
    """
    amounts = [deal.amount for deal in won if deal.amount is not None]
    if not amounts:
        if won:
            said.append(f"no won deal has an amount: there is no average check of {many(len(won), 'deal')}")
        return None
    whole, scale = scaled(amounts)
    total, number = sum(whole), len(whole)
    mean = reduced(Fraction(total, scale * number))
    if number < len(won):
        without, makes = len(won) - number, Fraction(total * len(won), scale * number)
        said.append(
            f"{many(without, 'won deal has', 'won deals have')} no amount and "
            f"{'is' if without == 1 else 'are'} taken for average ones: the amounts add up to "
            f"{_money(Fraction(total, scale))}, and the revenue is {_money(makes)}"
        )
    if number == 1:
        return mean, None
    squares = number * sum(each * each for each in whole) - total * total
    variance = Fraction(squares, number * (number - 1) * scale * scale)
    power = 10**_SD_DIGITS
    root = isqrt(4 * variance.numerator * power * power // variance.denominator)
    return mean, reduced(Fraction((root + 1) // 2, power))


def _money(amount: Fraction) -> str:
    return f"{float(amount):,.2f}".removesuffix(".00")


def money_of_open(deals: Sequence[Deal], mean: Exact | None, stage: str, said: list[str]) -> tuple[Exact, ...]:
    """The amount of each open deal of a stage; one without has the average check. Empty where none has one."""
    amounts = [deal.amount for deal in deals]
    without = amounts.count(None)
    if without == len(amounts):
        return ()
    if without and mean is None:
        said.append(
            f"{many(without, 'open deal')} at {quoted(stage)} {'has' if without == 1 else 'have'} no amount, and no "
            "won deal tells one: how many are open is told, and not their amounts"
        )
        return ()
    if without:
        said.append(
            f"{many(without, 'open deal')} at {quoted(stage)} {'has' if without == 1 else 'have'} no amount, and "
            f"{'counts' if without == 1 else 'count'} with the average check"
        )
    return tuple(mean if each is None else each for each in amounts)  # type: ignore[misc]  # mean is known then
