"""What is expected in the end where units enter again: each entry tells for how long one has been on the way from it.

A unit still on its way is as old as its latest entry, so that who entered again and has not come is young once more. A
curve of units, of which those who came are as old as the entry by which they did, would so be too high. Each entry of a
unit is followed instead, as the unit would be if no later one counted: until the unit came, be it by another entry. The
first entries of units and their later ones have curves of their own, as who comes back may be of another kind.

Who waits at an age has not entered again by then, and so has another chance than those who had. Entries pass from the
one state into the other (`reentry`). Where each unit entered once, the end is that of the curve itself, which is
self-consistent (Efron, Berkeley 1967).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.stats.intervals import wilson_bounds
from funnelcli.stats.reentry import Passed, chances
from funnelcli.stats.survival import CompetingRisks, Ended, InTheEnd, nobody

if TYPE_CHECKING:
    from collections.abc import Iterator


class Entrants(NamedTuple):
    """Units that entered `once` or `several` times, by the age from their latest entry or that by which they came.

    Of the latter units, the `first` entries and the `later` ones are told as well. Those that had not ended when the
    unit entered again are told once more (`again`), and as waiting the ages at which it did so (`until`).
    """

    once: Ended
    several: Ended
    first: Ended
    later: Ended
    first_again: Ended
    later_again: Ended
    first_until: Ended
    later_until: Ended

    @property
    def units(self) -> Ended:
        """All units."""
        return self.once.and_(self.several)

    def there(self) -> Entrants:
        """Without ages of which nobody is left."""
        return Entrants(*(Ended(*(+ages for ages in each)) for each in self))

    def entries(self) -> Iterator[Passed]:
        """The entries: first those that are the first of their unit, then the others."""
        first, later = self.first.without(self.first_again), self.later.without(self.later_again)
        yield Passed(self.once.and_(first), self.first_again, self.first_until.waiting)
        yield Passed(later, self.later_again, self.later_until.waiting)

    def risks(self) -> CompetingRisks:
        """The curves of all entries."""
        first, later = self.entries()
        return first.and_(later).all.risks()

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
        entries = [*self.entries()]
        if max((age for each in entries[1].all for age in each), default=0) < longest:  # nobody knows how they end
            entries = [entries[0].and_(entries[1])] * 2
        expected, quiet = float(units.came.total()), min(units.waiting, default=0)
        for waiting, passed in zip((self.once, self.several), entries, strict=True):
            young = waiting.young(window)
            expected += sum(young[age] * chance for age, chance in chances(passed, sorted(young), quiet).items())
        share = min(1.0, expected / number)
        low, high = wilson_bounds(share * own.size, own.size) if own.size else (0.0, 1.0)
        return InTheEnd(share, low, high, own.size)


def nobody_entered() -> Entrants:
    """None, to be counted."""
    return Entrants(*(nobody() for _ in Entrants._fields))
