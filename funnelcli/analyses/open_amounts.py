"""The money of open units of which some have an amount of their own: what each of the others counts for."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.exact import Exact, added, reduced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.model import Funnel
    from funnelcli.segments import Segment


class OpenAmounts(NamedTuple):
    """The money of a stage's open units: the amounts that are known, how many others there are, and of each of these.

    Amounts are more than there are units in a segment that does not tell its own: it has some of these.
    """

    listed: tuple[Exact, ...]
    others: int
    each: Exact

    @property
    def total(self) -> Exact:
        """Of all of them."""
        return added((*self.listed, self.others * self.each))

    @property
    def mean(self) -> Exact:
        """Of one of them."""
        return reduced(Fraction(self.total) / (len(self.listed) + self.others))

    @property
    def square(self) -> Fraction:
        """The mean of their squares."""
        squares = sum(Fraction(each) ** 2 for each in self.listed) + self.others * Fraction(self.each) ** 2
        return squares / (len(self.listed) + self.others)


def open_amounts(funnel: Funnel, index: int) -> OpenAmounts | None:
    """The money of the open units of a stage; `None` where no amount of theirs is known.

    A unit without an amount counts for what its segment leaves it (`open_rest`), else for the average check of the
    sale, and without one for the mean of the amounts that are listed.
    """
    stage = funnel.stages[index]
    listed, rest = stage.open_amounts, stage.open_rest
    if not stage.open or (not listed and rest is None):
        return None
    if rest is None:
        rest = funnel.stages[funnel.sale_stage].average_order_value
    if rest is None:
        rest = reduced(Fraction(sum(listed)) / len(listed))
    return OpenAmounts(listed, max(0, stage.open - len(listed)), rest)


class Left(NamedTuple):
    """What the amounts that segments list leave of those of a stage, and the mean of it for each unit without one.

    `amounts` are empty where they are not known one by one.
    """

    amounts: tuple[Exact, ...]
    each: Exact | None


def left_by(funnel: Funnel, segments: Sequence[Segment], index: int) -> Left:
    """What is left for the units of a dimension's segments that list no amount, so that all add up to their stage.

    Where segments list more than the stage has, which `check` warns of, each of the others has the mean of the stage.
    """
    whole = open_amounts(funnel, index)
    divided = [segment for segment in segments if segment.open]
    if whole is None or not divided:
        return Left((), None)
    listed = [amount for segment in divided if segment.open_amounts for amount in segment.open_amounts[index]]
    others = sum(segment.open[index] for segment in divided) - len(listed)
    if others <= 0:
        return Left((), None)
    rest = Fraction(added((whole.total, -added(listed)))) / others
    if rest < 0 or len(listed) + others != len(whole.listed) + whole.others:
        return Left(whole.listed if not whole.others else (), whole.mean)
    amounts = Counter(whole.listed)
    amounts.subtract(Counter(listed))
    known = not whole.others and all(number >= 0 for number in amounts.values())
    return Left(tuple(amounts.elements()) if known else (), reduced(rest))
