"""The money of deals: the average check of those that brought it, with its spread, and the amounts of the open ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.average_checks import AmountSums, average_check
from funnelcli.counts_table.row_amounts import scaled
from funnelcli.diagnostics import many, verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.exact import Exact


def money_of(
    each: Sequence[Exact | None], unit: str, said: list[str], where: str = ""
) -> tuple[Exact, Exact | None] | None:
    """The mean of the amounts of units that brought money, and their standard deviation (n - 1) where it is known.

    Of those that have an amount; where some have none, what that means for the revenue is said. `where` is of units.
    """
    whole, scale = scaled([amount for amount in each if amount is not None])
    sums = AmountSums(len(each), len(whole), sum(whole), sum(amount * amount for amount in whole), scale)
    return average_check(sums, unit, said, where)


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
