"""How long deals take from stage to stage, and to be lost: by the dates of their stages, creation and end."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.deal_dates import DAY
from funnelcli.counts_table.deal_states import LOST, WON
from funnelcli.counts_table.row_causes import many
from funnelcli.diagnostics import Problem
from funnelcli.exact import reduced, rounded_days
from funnelcli.funnel_file.compositions import lognormal_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.counts_table.deal_reach import DealReach
    from funnelcli.counts_table.deal_stages import StageOrder
    from funnelcli.counts_table.deals import Pipeline
    from funnelcli.exact import Exact

QUANTILES_FROM = 20
"""Times from which on their median and 90% point are told, and not the mean alone."""


class Times(NamedTuple):
    """Days of a step: the mean, or the median and the 90% point with the mean of the distribution of these."""

    mean: Exact | None = None
    quantiles: tuple[Exact, Exact] | None = None


def days_of(
    pipeline: Pipeline, order: StageOrder, units: Sequence[DealReach], said: list[str]
) -> tuple[list[Times], list[Times]]:
    """Times to each stage from the one before, of the won last, and times from each stage to the loss.

    A deal enters the first stage when it begins, where that stage has no dates of its own.
    """
    stages = len(order.names)
    steps: list[list[int]] = [[] for _ in range(stages + 1)]
    losses: list[list[int]] = [[] for _ in range(stages + 1)]
    timed = [each is not None and each.timed for each in order.dated]
    moments = [None if each is None else each.moments for each in order.dated]
    from_begin = moments[0] is None
    if from_begin:
        timed[0] = pipeline.began_timed
    back = 0
    for unit in units:
        deal = unit.deal
        came = [None if each is None else each.get(deal.row) for each in moments]
        if from_begin:
            came[0] = deal.began
        for place in range(1, min(unit.furthest, stages - 1) + 1):
            back += _add(steps[place], came[place - 1], came[place], timed[place - 1] and timed[place])
        if deal.ended is None:
            continue
        ended, ended_timed = deal.ended
        if deal.state == WON:
            back += _add(steps[stages], came[-1], ended, timed[-1] and ended_timed)
        elif deal.state == LOST and (unit.known or stages == 1):
            place = unit.furthest
            back += _add(losses[place], came[place], ended, timed[place] and ended_timed)
    if back:
        times = many(back, "time")
        said.append(f"{times} from a stage to one that is dated before it {'is' if back == 1 else 'are'} left out")
    return [_times(each) for each in steps], [_times(each) for each in losses]


def times_between(first: Mapping[int, int], last: Mapping[int, int], rows: Sequence[int], *, timed: bool) -> Times:
    """Times of rows from one moment to another."""
    took: list[int] = []
    for row in rows:
        _add(took, first.get(row), last.get(row), timed)
    return _times(took)


def _add(times: list[int], first: int | None, last: int | None, timed: bool) -> bool:
    """Keep the time between two moments, in days where one of them is a day alone; whether it goes back."""
    if first is None or last is None:
        return False
    took = last - first if timed else (last // DAY - first // DAY) * DAY
    if took >= 0:
        times.append(took)
    return took < 0


def _times(took: list[int]) -> Times:
    """What is told of times."""
    if not took:
        return Times()
    mean = reduced(Fraction(sum(took), len(took) * DAY))
    if len(took) < QUANTILES_FROM:
        return Times(mean)
    took.sort()
    quantiles = rounded_days(_quantile(took, 5)), rounded_days(_quantile(took, 9))
    of_these = lognormal_mean(*quantiles)
    return Times(mean) if isinstance(of_these, Problem) else Times(of_these, quantiles)


def _quantile(ordered: Sequence[int], tenths: int) -> Exact:
    """The point below which so many tenths of values lie, in days; between two values in proportion."""
    whole, part = divmod((len(ordered) - 1) * tenths, 10)
    low, high = ordered[whole], ordered[min(whole + 1, len(ordered) - 1)]
    return reduced(Fraction(low * 10 + (high - low) * part, 10 * DAY))
