"""Measured periods that are not whole: open ones still gain units, and of those that are cut some are not known."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from funnelcli.analyses.ends import without_ends

if TYPE_CHECKING:
    from funnelcli.exact import Exact
    from funnelcli.metrics import Metric
    from funnelcli.model import Funnel
    from funnelcli.segments import Breakdown


VOLUMES = ("entries", "sales", "count", "drop_off", "revenue", "variable_cost", "gross_profit", "profit")
"""What there is less of in less time."""


def is_of_time(metric: Metric) -> bool:
    """Whether a figure is of some time: an amount, or what a budget of the whole period is held against."""
    return metric.name in VOLUMES or "budget" in metric.needs


def of_unequal_time(a: Funnel, b: Funnel) -> bool:
    """Whether one of two is cut, and the other not as much: their counts are of unequal time."""
    shares = [Fraction(1) if each.cut is None else Fraction(each.cut.covered, each.cut.whole) for each in (a, b)]
    return shares[0] != shares[1]


def without_open(funnel: Funnel) -> tuple[Funnel, tuple[str, ...]]:
    """The funnel without its open periods, and their names; the funnel as it is where none can be taken out.

    None can where all of them are open, and where units have entries in several. What is left is the counts: money that
    the file states of the whole is not divided.
    """
    breakdown = open_breakdown(funnel)
    if breakdown is None or funnel.counted_again(breakdown):
        return funnel, ()
    left_out = [segment for segment in breakdown.segments if segment.name in funnel.not_mature]
    if not left_out or len(left_out) == len(breakdown.segments):
        return funnel, ()
    gone: list[Exact] = [sum(column) for column in zip(*(segment.counts for segment in left_out), strict=True)]
    waiting = [sum(column) for column in zip(*(segment.open for segment in left_out if segment.open), strict=True)]
    kept = tuple(
        stage._replace(
            count=stage.count - count,
            conversion=None,
            open=None if stage.open is None else max(0, stage.open - here),
            open_amounts=() if here else stage.open_amounts,
            open_rest=None if here else stage.open_rest,
        )
        for stage, count, here in zip(funnel.stages, gone, waiting or [0] * len(gone), strict=True)
    )
    if any(stage.count < 0 for stage in kept):
        return funnel, ()
    rest = breakdown._replace(segments=tuple(each for each in breakdown.segments if each not in left_out))
    left = funnel._replace(stages=kept, breakdowns=(rest,), measured=without_ends(funnel.measured))
    return left, tuple(segment.name for segment in left_out)


def open_periods(funnel: Funnel) -> tuple[str, ...]:
    """The periods in a funnel's counts whose units still come: itself, or segments of it."""
    if funnel.is_open:
        return (funnel.name,)
    breakdown = open_breakdown(funnel)
    if breakdown is None:
        return ()
    return tuple(each.name for each in breakdown.segments if each.name in funnel.not_mature)


def open_breakdown(funnel: Funnel) -> Breakdown | None:
    """The breakdown by the periods that were measured, where some of them are open."""
    opened = set(funnel.not_mature)
    return next((each for each in funnel.breakdowns if opened & {segment.name for segment in each.segments}), None)
