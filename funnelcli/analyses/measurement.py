"""What a measurement says beside the counts: out of how much, from when to when, and the segments that came with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.times import Time, time_of
from funnelcli.exact import Exact, ratio
from funnelcli.measure import Noted

if TYPE_CHECKING:
    from funnelcli.measure import Cut, Measured
    from funnelcli.model import Funnel
    from funnelcli.segments import Breakdown, Segment


class MeasuredSegment(NamedTuple):
    """A segment: counts in stage order, conversions of the stage each comes from, and that of the entry to the sale.

    `times` are those of the steps, and `time` that of the whole way, as they were measured.
    """

    name: str
    counts: tuple[Exact, ...]
    conversions: tuple[Exact | None, ...]
    overall_conversion: Exact | None
    times: tuple[Time | None, ...] = ()
    time: Time | None = None


class MeasuredBreakdown(NamedTuple):
    """The segments of one dimension; `counted_again` is, in stage order, what they add up to beyond the stages."""

    dimension: str
    segments: tuple[MeasuredSegment, ...]
    counted_again: tuple[Exact, ...]


class Measurement(NamedTuple):
    """From where and when the counts are. Numbers of events are those of the whole interval that was read.

    `recipe` is what an export was read by. `since` is the first event and `until` the last, `after_now` are events
    dated later than that was known, `excluded_units` those that entered and are left out altogether, `open_units` those
    with entries that are left out as they are not `mature_before` some moment, `not_mature` the
    periods whose units may still go on (all of them where there is `no_window`), `unmet` the stages whose `when` no
    event met, and `cut` those of which a part is covered, with the funnel itself where its interval is. Times are texts
    of ISO 8601. `breakdowns` are `None` where they were not asked for.
    """

    source: str | None
    table: str | None
    between: tuple[str, ...]
    events: int | None
    units: int | None
    without_unit: int | None
    without_time: int | None
    duplicates: int | None
    after_now: int | None
    excluded_units: int | None
    mature_before: str | None
    open_units: int | None
    since: str | None
    until: str | None
    not_mature: tuple[str, ...]
    unmet: tuple[str, ...]
    cut: tuple[Cut, ...]
    no_window: bool
    recipe: str | None
    breakdowns: tuple[MeasuredBreakdown, ...] | None


def later_than(mature_before: str) -> str:
    """Which entries are left out where only those that are mature before a moment count, in words."""
    whole, next_one, _ = mature_before.partition(".000001Z")  # what a microsecond after the last one is
    return f"after {whole}Z" if next_one else f"from {mature_before} on"


def measurement(funnel: Funnel, noted: Measured, breakdowns: bool) -> Measurement:
    """What is `noted` of the measurement of a funnel, with its segments if asked for."""
    segments = tuple(_breakdown(funnel, noted, each) for each in funnel.breakdowns)
    facts = {name: getattr(noted, name) for name in Measurement._fields if name not in ("breakdowns", "no_window")}
    facts["unmet"] = funnel.unmet
    return Measurement(**facts, no_window=funnel.no_window, breakdowns=segments if breakdowns or not segments else None)


def _breakdown(funnel: Funnel, noted: Measured, breakdown: Breakdown) -> MeasuredBreakdown:
    known = dict(dict(noted.segments).get(breakdown.dimension, ()))
    segments = (_segment(funnel, segment, known.get(segment.name, Noted())) for segment in breakdown.segments)
    return MeasuredBreakdown(breakdown.dimension, tuple(segments), funnel.counted_again(breakdown))


def _segment(funnel: Funnel, segment: Segment, noted: Noted) -> MeasuredSegment:
    counts, times = segment.counts, dict(noted.times)
    conversions = (
        None if stage.parent is None else ratio(count, counts[stage.parent])
        for stage, count in zip(funnel.stages, counts, strict=True)
    )
    overall = ratio(counts[funnel.sale_stage], counts[0])
    taken = tuple(time_of(times.get(name)) for name in funnel.names)
    return MeasuredSegment(segment.name, counts, tuple(conversions), overall, taken, time_of(noted.whole_way))
