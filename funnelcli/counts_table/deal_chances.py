"""The chance of open deals to be won, in the end and by a date, by their age.

Deals are followed from their creation to their closing, or to the last date of the export: competing risks.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from math import fsum, sqrt
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.date_forms import DAY, day_text
from funnelcli.counts_table.deal_reach import FEW_UNKNOWN, NOWHERE, win_rate
from funnelcli.counts_table.deal_states import LOST, WON
from funnelcli.diagnostics import many, verb
from funnelcli.exact import reduced
from funnelcli.stats.survival import competing_risks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from funnelcli.counts_table.deal_reach import UnitReach
    from funnelcli.counts_table.deals import Deals
    from funnelcli.exact import Exact
    from funnelcli.stats.survival import CompetingRisks

_TERMS = (7, 14, 30, 60, 90, 120, 180, 270, 365, 545, 730, 1095, 1825, 3650)
"""Days from now by which a chance is told."""
_LONGEST = 36_500
_NONE = 1e-9
"""A chance, or what it lacks to 1, that is none but for the rounding of floats."""
_PARTS = 10_000
"""Chances are told in hundredths of a percent."""


class CloseChance(NamedTuple):
    """The chance of open deals to be won, the deviation of what is known of it, and the chance within so many days."""

    mean: Exact
    sd: Exact | None = None
    within: tuple[tuple[Exact, Exact], ...] = ()


class Followed(NamedTuple):
    """What is known of deals by their days: of those that ended, and how old the open ones of each stage are.

    `undated` are the decided ones of which it is not known when they ended.
    """

    risks: CompetingRisks
    ages: Mapping[int, Counter[int]]
    until: int
    undated: int

    @property
    def cycle(self) -> Exact:
        """The mean days from creation to winning of those won so far, had none that take longer been open still."""
        risks = self.risks
        steps = zip(risks.times, pairwise([0.0, *risks.incidence]), strict=True)
        days = fsum(time * (after - before) for time, (before, after) in steps) / risks.incidence[-1]
        return reduced(Fraction(f"{days:.6g}"))


def followed_deals(deals: Deals, reached: UnitReach) -> Followed | None:
    """Deals by their days; `None` where none is won, or none lost, or no creation is dated, or many have no end."""
    begun: list[int] = []
    ended: list[tuple[int, int, str]] = []
    waiting: list[tuple[int, int]] = []
    undated = Counter[str]()
    for row, sits in zip(reached.rows, reached.sits, strict=True):
        came, left, state = deals.began[row], deals.ended[row], deals.states[row]
        if came is None:  # then no row has one
            return None
        start = came // DAY
        begun.append(start)
        if state not in (WON, LOST):
            waiting.append((start, sits))
        elif left is None or left // DAY < start:
            undated[state] += 1
        else:
            ended.append((start, left // DAY, state))
    until = max(begun) if deals.until is None else deals.until  # all of them are still to come
    took: dict[str, Counter[int]] = {WON: Counter(), LOST: Counter()}
    for start, end, state in ended:
        took[state][max(min(end, until) - start, 0)] += 1  # a date that is still to come is a plan, or a slip
    if any(not known or undated[state] * FEW_UNKNOWN > known.total() for state, known in took.items()):
        return None
    ages: dict[int, Counter[int]] = {}
    for start, sits in waiting:
        ages.setdefault(sits, Counter())[max(until - start, 0)] += 1
    everywhere = sum(ages.values(), Counter[int]())
    return Followed(competing_risks(took[WON], took[LOST], everywhere), ages, until, undated.total())


def close_chances(
    followed: Followed | None, deals: Deals, reached: UnitReach, last: int, said: list[str], is_dated: bool = False
) -> Mapping[int, CloseChance]:
    """Chances of the open deals of each stage that has some; empty where nobody is won. What they rest on is said.

    `last` is the index of the won stage; with `is_dated`, deals are not followed because their stages have dates.
    """
    places = sorted({sits for sits in reached.sits if sits not in (NOWHERE, last)})
    if not places or last not in reached.furthest:
        return {}
    if followed is None:
        why = "" if is_dated else "too few deals have dates of creation and closing: "
        said.append(
            f"{why}an open deal is given the chance of all that are decided and may have been at its stage, which is "
            "too low where losses show sooner than sales, and too high where they show later"
        )
        rates = {place: win_rate(deals, reached, place) for place in places}
        return {place: CloseChance(rate) for place, rate in rates.items() if rate}
    _say(followed, said)
    return {place: _chance(followed.risks, followed.ages[place]) for place in places}


def _chance(risks: CompetingRisks, ages: Counter[int]) -> CloseChance:
    """The mean chance of open deals of these ages."""

    def within(days: int | None) -> Exact:
        chances = fsum(number * risks.chance(age, days) for age, number in ages.items())
        return reduced(Fraction(round(chances / ages.total() * _PARTS), _PARTS))

    mean = within(None)
    last = min(max(risks.times[-1] - min(ages), 1), _LONGEST)  # from then on nothing is known of when
    sd = min(sqrt(risks.variance(ages)), 0.9 * sqrt(mean * (1 - mean)))
    points = tuple((days, min(within(days), mean)) for days in (*(term for term in _TERMS if term < last), last))
    return CloseChance(mean, reduced(Fraction(round(sd * _PARTS), _PARTS)) or None, points)


def _say(followed: Followed, said: list[str]) -> None:
    risks = followed.risks
    said.append(
        "an open deal is given the chance of those that were still open at its age (Aalen–Johansen, dates up to "
        f"{day_text(followed.until)}), whatever its stage: too high at the first stages, too low at the last, and "
        "right for all together where deals go now as they went before"
    )
    ages = sum(followed.ages.values(), Counter[int]())
    older = sum(number for age, number in ages.items() if age >= risks.times[-1])
    if older:
        be, their = ("is", "its") if older == 1 else ("are", "their")
        said.append(
            f"{older:,} of {many(ages.total(), 'open deal')} {be} older than any that was decided, "
            f"{many(risks.times[-1], 'day')}: {their} chance in the end goes on as the trend of those that took long, "
            "and no date of it is known"
        )
    for end, chance in (("won", 0), ("lost", 1)):
        sure = sum(number for age, number in ages.items() if abs(risks.chance(age, None) - chance) < _NONE)
        if sure:
            be, their = ("is", "its") if sure == 1 else ("are", "their")
            said.append(
                f"{sure:,} of {many(ages.total(), 'open deal')} {be} older than any that was {end}: {their} chance, "
                f"{chance:.0%}, is no sure one"
            )
    if followed.undated:
        have, tell = verb(followed.undated, "have"), verb(followed.undated, "tell")
        said.append(f"{many(followed.undated, 'decided deal')} {have} no date of closing and {tell} nothing of times")
