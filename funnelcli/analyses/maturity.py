"""Measured periods whose window is open: they still gain units, and are not judged as if they did not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from funnelcli.exact import Exact
    from funnelcli.measure import Measured
    from funnelcli.model import Breakdown, Funnel


def end_is_unknown(funnel: Funnel, index: int, origin: int | None = None) -> bool:
    """Whether windows are open, and what a conversion is in the end is not known: it is not judged."""
    if not (funnel.awaits or funnel.is_open):
        return False
    ends = (funnel.eventual(at) for at in (index, funnel.stages[index].parent if origin is None else origin) if at)
    return any(end is None or end.conversion is None for end in ends)


def without_ends(measured: Measured | None) -> Measured | None:
    """What was measured, without times and ends: of counts that are no longer those."""
    if measured is None:
        return None
    return measured._replace(times=(), whole_way=None, eventual=(), curves=(), segments=())


def ends_of(measured: Measured | None, dimension: str | None) -> dict[str, Measured]:
    """What was measured of each segment of a dimension that has times and ends of its own."""
    bare = without_ends(measured)
    if measured is None or bare is None:
        return {}
    return {name: bare._replace(**noted._asdict()) for name, noted in dict(measured.segments).get(dimension or "", ())}


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
