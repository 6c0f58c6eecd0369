"""What is expected in the end where units enter again: each entry tells for how long one has been on the way from it.

A unit still on its way is as old as its latest entry, so that who entered again and has not come is young once more. A
curve of units, of which those who came are as old as the entry by which they did, would so be too high. Each entry of a
unit is followed instead, as the unit would be if no later one counted: until the unit came, be it by another entry. The
first entries of units and their later ones have curves of their own, as who comes back may be of another kind. Where
each unit entered once, the end is that of the curve itself, which is self-consistent (Efron, Berkeley 1967).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.stats.intervals import wilson_bounds
from funnelcli.stats.survival import CompetingRisks, InTheEnd, competing_risks

if TYPE_CHECKING:
    from collections.abc import Iterator


class Ended(NamedTuple):
    """Units, or entries, by the age at which they came or were lost, or for which they wait."""

    came: Counter[int]
    lost: Counter[int]
    waiting: Counter[int]

    @property
    def number(self) -> int:
        """How many there are."""
        return sum(each.total() for each in self)

    def young(self, window: int | None) -> Counter[int]:
        """Those whose window is open."""
        return Counter({age: units for age, units in self.waiting.items() if window is None or age < window})

    def risks(self) -> CompetingRisks:
        """Their curves; who has not come when the window ends does not come."""
        return competing_risks(*self, closes=True)

    def and_(self, other: Ended) -> Ended:
        """These and others."""
        return Ended(*(own + more for own, more in zip(self, other, strict=True)))


def nobody() -> Ended:
    """None, to be counted."""
    return Ended(Counter(), Counter(), Counter())


class Entrants(NamedTuple):
    """Units that entered `once` or `several` times, by the age from their latest entry or that by which they came.

    Of the latter units, the `first` entries and the `later` ones are told as well.
    """

    once: Ended
    several: Ended
    first: Ended
    later: Ended

    @property
    def units(self) -> Ended:
        """All units."""
        return self.once.and_(self.several)

    def there(self) -> Entrants:
        """Without ages of which nobody is left."""
        return Entrants(*(Ended(*(+ages for ages in each)) for each in self))

    def entries(self) -> Iterator[Ended]:
        """The entries: first those that are the first of their unit, then the others."""
        yield self.once.and_(self.first)
        yield self.later

    def risks(self) -> CompetingRisks:
        """The curves of all entries."""
        first, later = self.entries()
        return first.and_(later).risks()

    def in_the_end(self, window: int | None) -> InTheEnd:
        """What is expected when the window of all units is over, or as far as any of them was followed.

        Who waits comes with the chance of entries of that age, among first or later ones. The interval is Wilson's of
        as many units as the variance of their own curve says: entries of a unit tell no more than the unit does.
        """
        units = self.units
        number, longest = units.number, max(age for each in units for age in each)
        decided = number - units.young(window).total()
        own = units.risks().in_the_end(longest if window is None else min(longest, window), decided)
        if not self.several.number:
            return own
        curves = [each.risks() for each in self.entries()]
        if max((age for each in self.later for age in each), default=0) < longest:  # nobody knows how they end
            curves = [self.risks()] * 2
        expected = float(units.came.total())
        for waiting, risks in zip((self.once, self.several), curves, strict=True):
            expected += sum(each * risks.chance(age) for age, each in waiting.young(window).items())
        share = min(1.0, expected / number)
        low, high = wilson_bounds(share * own.size, own.size) if own.size else (0.0, 1.0)
        return InTheEnd(share, low, high, own.size)
