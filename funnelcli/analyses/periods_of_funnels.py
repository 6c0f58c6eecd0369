"""Funnels that are periods of one: the same name and stages, each with a period of its own, in the order of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.analyses.periods import order
from funnelcli.analyses.segments import SegmentReport, break_down
from funnelcli.segments import Breakdown, Segment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.model import Funnel

DIMENSION = "period"
"""What the funnels are segments of, where they are told side by side."""


def in_order_of_time(funnels: Sequence[Funnel]) -> list[Funnel] | None:
    """The funnels, the earliest first; `None` where they are not periods of one funnel, or their order is unknown."""
    periods = [funnel.period for funnel in funnels if funnel.period]
    if len(funnels) < 2 or len(set(periods)) < len(funnels):
        return None
    first = funnels[0]
    shape = [(stage.name, stage.parent) for stage in first.stages]
    for each in funnels:
        if each.name != first.name or [(stage.name, stage.parent) for stage in each.stages] != shape:
            return None
    places = order(periods)
    return None if places is None else [funnels[place] for place in places]


def trend_of(funnels: Sequence[Funnel], confidence: float = 0.95) -> SegmentReport | None:
    """The funnels, in the order of time, as a report on the segments of their sum, as `as_segments` has it."""
    whole = as_segments(funnels)
    found = None if whole is None else break_down(whole, DIMENSION, confidence)
    return found if isinstance(found, SegmentReport) and len(found.segments) > 1 else None


def as_segments(funnels: Sequence[Funnel]) -> Funnel | None:
    """The sum of funnels, which are its segments in the order given; `None` where counts are not what they will be.

    It has counts and conversions alone: money of each period may be of another average check or margin.
    """
    if any(funnel.awaits or funnel.hides_steps or not funnel.is_counted for funnel in funnels):
        return None
    waiting = any(stage.open for funnel in funnels for stage in funnel.stages)
    segments = tuple(
        Segment(
            funnel.period or "",
            tuple(stage.count for stage in funnel.stages),
            open=tuple(stage.open or 0 for stage in funnel.stages) if waiting else (),
        )
        for funnel in funnels
    )
    newest = funnels[-1]
    stages = tuple(
        stage._replace(
            count=sum((segment.counts[index] for segment in segments), 0),
            conversion=None,
            open=sum(segment.open[index] for segment in segments) if waiting else None,
            open_amounts=(),
            open_rest=None,
        )
        for index, stage in enumerate(newest.stages)
    )
    return newest._replace(
        stages=stages, breakdowns=(Breakdown(DIMENSION, segments),), cells=(), measured=None, checks=(), scenarios=()
    )
