"""How long deals take from stage to stage, and to be lost: by the dates of their stages, creation and end."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.date_forms import DAY
from funnelcli.counts_table.deal_states import LOST, WON
from funnelcli.diagnostics import Problem, decimal_text, many
from funnelcli.exact import reduced, rounded_days
from funnelcli.funnel_file.compositions import lognormal_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.deal_dates import Moments
    from funnelcli.counts_table.deal_reach import UnitReach
    from funnelcli.counts_table.deal_stages import StageOrder
    from funnelcli.counts_table.deals import Deals
    from funnelcli.exact import Exact

QUANTILES_FROM = 20
"""Times from which on their median and 90% point are told, and not the mean alone."""


class StepTimes(NamedTuple):
    """Days of a step: the mean, or the median and the 90% point with the mean of the distribution of these."""

    mean: Exact | None = None
    quantiles: tuple[Exact, Exact] | None = None


def days_of(
    deals: Deals, order: StageOrder, reached: UnitReach, cycle: Exact | None, said: list[str]
) -> tuple[list[StepTimes], list[StepTimes]]:
    """Times to each stage from the one before, of the won last, and times from each stage to the loss.

    A deal enters the first stage when it begins, where that stage has no dates of its own. The days of the whole way
    are the `cycle` where it is known, else the mean of those who were won.
    """
    last = len(order.names)
    came: list[tuple[Moments, bool] | None] = []
    came += [None if each is None else (each.moments, each.timed) for each in order.dated]
    if came[0] is None:
        came[0] = deals.began, deals.began_timed
    at = list(zip(reached.rows, reached.furthest, strict=True))
    steps: list[list[int]] = [[]]
    losses: list[list[int]] = []
    back = 0
    for place, (first, second) in enumerate(pairwise(came), 1):
        rows = [row for row, far in at if far >= place] if first is not None and second is not None else []
        took, backwards = _between(first, second, rows, frozenset())
        steps.append(took)
        back += backwards
    states = deals.states
    ended = deals.ended, True
    for place, rows in ((last, [row for row in reached.rows if states[row] == WON]), *_lost(deals, reached, last)):
        took, backwards = _between(came[min(place, last - 1)], ended, rows, deals.ended_on_a_day)
        (steps if place == last else losses).append(took)
        back += backwards
    if back:
        said.append(
            f"{many(back, 'step')}, by the dates, "
            + ("ends before it begins: its time is" if back == 1 else "end before they begin: their times are")
            + " left out"
        )
    if not any(steps) and last > 1:
        if cycle is None:
            won = [row for row in reached.rows if states[row] == WON]
            took, _ = _between((deals.began, deals.began_timed), ended, won, deals.ended_on_a_day)
            cycle = reduced(Fraction(sum(took), len(took) * DAY)) if took else None
        return _shared(cycle, last, said), [StepTimes()] * (last + 1)
    return [_times(each) for each in steps], [_times(each) for each in (*losses, [])]


def _shared(mean: Exact | None, last: int, said: list[str]) -> list[StepTimes]:
    """The mean time of the whole way in equal parts, where that of no step is known."""
    if not mean:
        return [StepTimes()] * (last + 1)
    said.append(
        f"the time of the steps is not known: the {_days_text(mean)} from creation to winning "
        f"{'is' if _days_text(mean) == '1 day' else 'are'} shared equally among the {last} steps"
    )
    return [StepTimes(), *[StepTimes(reduced(Fraction(mean) / last))] * last]


def _days_text(days: Exact) -> str:
    shown = decimal_text(rounded_days(days)) if days < 10 else str(round(days))
    return "1 day" if shown == "1" else f"{shown} days"


def _lost(deals: Deals, reached: UnitReach, last: int) -> list[tuple[int, list[int]]]:
    """The rows of deals that are known to be lost at each stage."""
    found: list[tuple[int, list[int]]] = [(place, []) for place in range(last)]
    states, unknown = deals.states, frozenset() if last == 1 else reached.unknown
    for row, far in zip(reached.rows, reached.furthest, strict=True):
        if states[row] == LOST and row not in unknown:
            found[far][1].append(row)
    return found


def times_between(first: Moments, last: Moments, rows: Sequence[int], *, timed: bool) -> StepTimes:
    """Times of rows from one moment to another."""
    return _times(_between((first, timed), (last, timed), rows, frozenset())[0])


def _between(
    first: tuple[Moments, bool] | None,
    last: tuple[Moments, bool] | None,
    rows: Sequence[int],
    on_a_day: frozenset[int],
) -> tuple[list[int], int]:
    """Times of rows between two moments, in days where one of them is a day alone; and how many go backwards."""
    if first is None or last is None:
        return [], 0
    starts, ends = first[0], last[0]
    timed = first[1] and last[1]
    took = [
        end - start if timed and row not in on_a_day else (end // DAY - start // DAY) * DAY
        for row in rows
        if (start := starts[row]) is not None and (end := ends[row]) is not None
    ]
    forwards = [each for each in took if each >= 0]
    return forwards, len(took) - len(forwards)


def _times(took: list[int]) -> StepTimes:
    """What is told of times."""
    if not took:
        return StepTimes()
    mean = reduced(Fraction(sum(took), len(took) * DAY))
    if len(took) < QUANTILES_FROM:
        return StepTimes(mean)
    took.sort()
    quantiles = rounded_days(_quantile(took, 5)), rounded_days(_quantile(took, 9))
    of_these = lognormal_mean(*quantiles)
    return StepTimes(mean) if isinstance(of_these, Problem) else StepTimes(of_these, quantiles)


def _quantile(ordered: Sequence[int], tenths: int) -> Exact:
    """The point below which so many tenths of values lie, in days; between two values in proportion."""
    whole, part = divmod((len(ordered) - 1) * tenths, 10)
    low, high = ordered[whole], ordered[min(whole + 1, len(ordered) - 1)]
    return reduced(Fraction(low * 10 + (high - low) * part, 10 * DAY))
