"""What is expected in the end where units enter again: each entry tells for how long one has been on the way from it.

A unit still on its way is as old as its latest entry, so that who entered again and has not come is young once more. A
curve of units, of which those who came are as old as the entry by which they did, would so be too high. Each entry of a
unit is followed instead, as the unit would be if no later one counted: until the unit came, be it by another entry. The
first entries of units and their later ones have curves of their own, as who comes back may be of another kind.

Who waits at an age has not entered again by then, and so has another chance than those who had. Entries pass from the
one state into the other (`illness_death`). Where each unit entered once, the end is that of the curve itself, which is
self-consistent (Efron, Berkeley 1967).
"""

from __future__ import annotations

from math import fsum
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.stats.illness_death import Passed, chances
from funnelcli.stats.intervals import wilson_bounds
from funnelcli.stats.survival import CompetingRisks, Ended, InTheEnd, nobody

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from funnelcli.stats.illness_death import Chances


class OfAge(NamedTuple):
    """Entries of one age that wait: those after which their unit did not enter, and the others; and who comes yet."""

    alone: int
    alone_come: float
    again: int
    again_come: float

    def coming(self, number: int) -> float:
        """How many of so many come that wait of some of the entries alone, as of a period.

        The latest entry of a unit is also the latest of that period, so that of the period these are known to be there;
        if it has more, their unit entered again since then.
        """
        known = min(number, self.alone)
        found = self.alone_come * known / self.alone if known else 0.0
        come, all_ = (self.again_come, self.again) if self.again else (self.alone_come, max(1, self.alone))
        return found + (number - known) * come / all_


def coming(told: Mapping[int, OfAge], risks: CompetingRisks, waiting: Mapping[int, int]) -> float:
    """How many come of those `waiting` of some of the entries; of an age that is not told, as the curve says.

    Of entries after its unit came nothing is told, and a period may have only these.
    """
    return fsum(
        told[age].coming(number) if age in told else number * risks.chance(age) for age, number in waiting.items()
    )


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
        as many units as that of their own curve is as wide as: entries of a unit tell no more than the unit does.
        """
        units = self.units
        number, longest = units.number, max(age for each in units for age in each)
        end = longest if window is None else min(longest, window)
        own = units.risks().in_the_end(end, sum(still for age, still in units.waiting.items() if age >= end))
        if not self.several.number:
            return own
        told = self.chances(self.waiting(window))
        expected = float(units.came.total())
        for young, known in zip((self.once.young(window), self.several.young(window)), told, strict=True):
            expected += sum(number * known[age].alone for age, number in young.items())
        share = min(1.0, expected / number)
        low, high = wilson_bounds(share * own.size, own.size) if own.size else (0.0, 1.0)
        return InTheEnd(share, low, high, own.size)

    def of_age(self, window: int | None, step: int) -> dict[int, OfAge]:
        """Those who wait, by their ages cut to such steps."""
        found: dict[int, OfAge] = {}
        ages = self.waiting(window)
        first, later = self.chances(ages)
        for age in ages:
            alone = self.once.waiting[age], self.several.waiting[age]
            again = self.first_again.waiting[age], self.later_again.waiting[age]
            before = found.get(age - age % step, OfAge(0, 0.0, 0, 0.0))
            found[age - age % step] = OfAge(
                before.alone + sum(alone),
                before.alone_come + alone[0] * first[age].alone + alone[1] * later[age].alone,
                before.again + sum(again),
                before.again_come + again[0] * first[age].again + again[1] * later[age].again,
            )
        return found

    def waiting(self, window: int | None) -> set[int]:
        """The ages of entries that wait, whose window is open."""
        return {age for each in (self.once, self.first, self.later) for age in each.young(window)}

    def chances(self, ages: Iterable[int]) -> tuple[Mapping[int, Chances], Mapping[int, Chances]]:
        """The chances in the end of entries that wait at these ages: of first ones, and of later ones."""
        units, entries = self.units, [*self.entries()]
        longest = max(age for each in units for age in each)
        if max((age for each in entries[1].all for age in each), default=0) < longest:  # nobody knows how they end
            entries = [entries[0].and_(entries[1])] * 2
        quiet, asked = min(units.waiting, default=0), sorted(ages)
        first, later = (chances(passed, asked, quiet) for passed in entries)
        return first, later


def nobody_entered() -> Entrants:
    """None, to be counted."""
    return Entrants(*(nobody() for _ in Entrants._fields))
