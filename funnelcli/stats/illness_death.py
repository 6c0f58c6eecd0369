"""The chance that an entry brings its unit in the end, where the unit may enter again meanwhile.

An entry is alone until the unit enters again, and then is not: of the two states each has its own hazards to come and
to be lost, as they were found among the entries in it at an age. From the one to the other there is a hazard too. It is
the model of illness and death of Aalen and Johansen (Scandinavian Journal of Statistics 5, 1978).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from math import exp
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Mapping, Sequence

    from funnelcli.stats.survival import Ended


class Passed(NamedTuple):
    """Entries by the age at which they ended: `alone`, or `again`, being alone `until` their unit entered."""

    alone: Ended
    again: Ended
    until: Counter[int]

    @property
    def all(self) -> Ended:
        """All entries, whether their unit entered again or not."""
        return self.alone.and_(self.again)

    def and_(self, other: Passed) -> Passed:
        """These and others."""
        return Passed(self.alone.and_(other.alone), self.again.and_(other.again), self.until + other.until)


class _Step(NamedTuple):
    """The hazards at one age: to come and to be lost alone, to enter again, and then to come and to be lost."""

    came: float
    lost: float
    enters: float
    came_again: float
    lost_again: float


class Chances(NamedTuple):
    """The chance to come in the end of entries that wait: `alone` as far as is known, or whose unit entered `again`."""

    alone: float
    again: float


def chances(passed: Passed, ages: Iterable[int], quiet: int) -> dict[int, Chances]:
    """The chances to come in the end of entries that wait at these ages.

    For so long, `quiet`, no entry of any unit was recorded: that no unit entered again since then is not known of it.
    """
    times = sorted({*passed.alone.came, *passed.alone.lost, *passed.until, *passed.again.came, *passed.again.lost})
    steps = _steps(passed, times)
    in_the_end = [(0.0, 0.0)]
    for step in reversed(steps):
        alone, again = in_the_end[-1]
        again = step.came_again + (1 - step.came_again - step.lost_again) * again
        alone = step.came + step.enters * again + (1 - step.came - step.lost - step.enters) * alone
        in_the_end.append((alone, again))
    in_the_end.reverse()
    still, later, entered = [1.0], [1.0], [0.0]
    for step in steps:
        entered.append(entered[-1] + still[-1] * step.enters / later[-1])
        still.append(still[-1] * (1 - step.came - step.lost - step.enters))
        later.append(later[-1] * exp(-step.came_again - step.lost_again))  # never none, so that it can be divided by
    found = {}
    for age in ages:
        at, known = bisect_right(times, age), bisect_right(times, age - quiet)
        alone, again = still[at], later[at] * (entered[at] - entered[known])
        both = alone + again
        mixed = (alone * in_the_end[at][0] + again * in_the_end[at][1]) / both if both > 0 else 0.0
        found[age] = Chances(min(1.0, mixed), in_the_end[at][1])
    return found


def _steps(passed: Passed, times: Sequence[int]) -> list[_Step]:
    alone, again, until = passed
    left = alone.came + alone.lost + alone.waiting + until
    there, there_again = _not_before(left, times), _not_before(again.came + again.lost + again.waiting, times)
    before = _not_before(until, times)
    found = []
    for place, time in enumerate(times):
        risk = there[place] or 1
        risk_again = there_again[place] - (before[place] - until[time]) or 1  # without who has yet to enter again
        found.append(
            _Step(
                alone.came[time] / risk,
                alone.lost[time] / risk,
                until[time] / risk,
                again.came[time] / risk_again,
                again.lost[time] / risk_again,
            )
        )
    return found


def _not_before(ages: Mapping[int, int], times: Sequence[int]) -> list[int]:
    """How many are of these times or later."""
    sorted_ages = sorted(ages)
    sums = [0, *accumulate(ages[age] for age in reversed(sorted_ages))][::-1]
    return [sums[bisect_left(sorted_ages, time)] for time in times]
