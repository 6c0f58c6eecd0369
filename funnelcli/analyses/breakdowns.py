"""Breakdowns and their segments: found by their names, and a segment as a funnel of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from funnelcli.analyses.ends import measured_segments, without_ends
from funnelcli.analyses.money_to_come import money_to_come
from funnelcli.analyses.open_amounts import Left, left_by
from funnelcli.analyses.times import with_own_times
from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.metrics import find_name
from funnelcli.model import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from funnelcli.exact import Exact
    from funnelcli.model import Funnel
    from funnelcli.segments import Breakdown, Segment, Varied

_COUNT = Stage._fields.index("count")


def find_breakdown(funnel: Funnel, dimension: str) -> Breakdown | Problem:
    """The breakdown of a dimension, by its name; a `Problem` when there is none."""
    names = [each.dimension for each in funnel.breakdowns]
    index = find_name(dimension, names)
    if index is None and funnel.chosen:
        return _not_divided(funnel, dimension, names)
    if index is None:
        cure = did_you_mean(dimension, names) or "add breakdowns: {channel: {Ads: [60, 30], SEO: [40, 20]}}"
        return Problem("FN102", f"{quoted(funnel.name)} has no breakdown by {quoted(dimension)}", cure)
    return funnel.breakdowns[index]


def find_segment(breakdown: Breakdown, name: str) -> Segment | Problem:
    """The segment of a breakdown, by its name; a `Problem` when there is none."""
    names = [segment.name for segment in breakdown.segments]
    index = find_name(name, names)
    if index is None:
        message = f"{quoted(breakdown.dimension)} has no segment {quoted(name)}"
        return Problem("FN102", message, did_you_mean(name, names))
    return breakdown.segments[index]


def _not_divided(funnel: Funnel, dimension: str, names: Sequence[str]) -> Problem:
    """Why there is no breakdown by a dimension of what is a segment itself."""
    if find_name(dimension, [own for own, _ in funnel.chosen]) is not None:
        help_ = "name another dimension, or leave the segment out"
        return Problem("FN102", f"{quoted(funnel.name)} is one segment of {quoted(dimension)} itself", help_)
    message = f"how {quoted(funnel.name)} is divided by {quoted(dimension)} is not known"
    near = did_you_mean(dimension, names) if names else None
    return Problem("FN102", message, near or cells_help([*funnel.chosen, (dimension, "NAME")]))


class OpenFields(TypedDict):
    """The fields of a report on segments that name the stages with open units: of which segments is known, or not."""

    open_at: tuple[str, ...]
    open_by_segment: tuple[str, ...]
    lost_unplaced: int | None


def open_at(funnel: Funnel, divided: bool) -> OpenFields:
    """What a report on the segments of a funnel says of units that are open, and of those lost at no known stage."""
    return {
        "open_at": () if divided else funnel.open_at,
        "open_by_segment": funnel.open_at if divided else (),
        "lost_unplaced": funnel.lost_unplaced,
    }


def cells_help(segments: Iterable[tuple[str, str]]) -> str:
    """How cells are written that tell of these dimensions at once: pairs of dimension and segment."""
    written = ", ".join(f"{dimension}: {name}" for dimension, name in segments)
    return f"write cells to the file: cells: [{{{written}, counts: [60, 30]}}, …]"


def parts_of(funnel: Funnel, breakdown: Breakdown) -> list[Funnel]:
    """The segments of a breakdown as funnels, as they stand in the file or follow in time."""
    from funnelcli.analyses.ages import with_ages  # to find a name takes none of these
    from funnelcli.analyses.periods import in_time
    from funnelcli.analyses.variation import varied

    parts = segment_funnels(funnel, in_time(breakdown), varied(funnel, breakdown), breakdown.dimension)
    return with_ages(funnel, breakdown, [*parts])


def _open_at(stage: Stage, whole: Stage, waiting: int, own: tuple[Exact, ...], left: Left) -> Stage:
    """The stage of a segment with its own open units: 0 of them where others have some."""
    if not waiting and whole.open is None:
        return stage
    lacks = waiting - len(own)
    if lacks and (not own or len(left.amounts) == lacks):  # where others lack theirs too, it has some of these
        own += left.amounts
    rest = left.each if lacks else None
    return stage._replace(open=waiting, open_amounts=own, open_rest=rest, close_chance=whole.close_chance)


def _left(funnel: Funnel, dimension: str | None) -> list[Left]:
    """What the segments of a dimension that list their amounts leave to the others, by stage.

    Of what several dimensions have in common any unit of the stage may be one.
    """
    of = next((each.segments for each in funnel.breakdowns if each.dimension == dimension), None)
    if of is None:
        whole = [stage.open_amounts if len(stage.open_amounts) == stage.open else () for stage in funnel.stages]
        return [Left(amounts, None) for amounts in whole]
    return [left_by(funnel, of, index) for index in range(len(funnel.stages))]


def open_in_none(funnel: Funnel) -> Funnel:
    """The funnel as its segments are seen where it is not known of which its open units are: they have not passed."""
    return funnel._replace(
        stages=tuple(stage._replace(open=None, open_amounts=(), open_rest=None) for stage in funnel.stages)
    )


def segment_funnel(
    funnel: Funnel, segment: Segment, kept: Varied | None = None, dimension: str | None = None
) -> Funnel:
    """A segment as a funnel of its own, as `segment_funnels` makes it."""
    return next(segment_funnels(funnel, [segment], kept, dimension))


def segment_funnels(
    funnel: Funnel, segments: Iterable[Segment], kept: Varied | None = None, dimension: str | None = None
) -> Iterator[Funnel]:
    """Segments as funnels of their own.

    What they keep of the variation from period to period is `kept`, which `variation.varied` tells of their dimension,
    and what was measured of their times and ends is that of the segments of the `dimension`; of a period the window of
    no other one is open.

    A segment's average check is that of the sale (what sales to come bring may be another, `money_to_come`), its gross
    margin in place of the funnel's; its budget is its own, and unknown when not given, which is no budget of 0 where
    something is spent elsewhere. Targets and costs are the funnel's, and so is a check that the segment does not state:
    the sales of all of them tell it. Its open units are its own, with the chance to close that the funnel states; where
    it does not tell their amounts, they are some of those that the others leave of the funnel's.
    """
    sale = funnel.sale_stage
    spends = funnel.budget is not None or bool(funnel.unbudgeted)
    blank = funnel._replace(breakdowns=(), scenarios=(), checks=(), derived=(), varied=kept)
    stages = [
        stage._replace(
            conversion=None,
            revenue=None,
            average_check=stage.average_order_value,
            open=None,
            open_amounts=(),
            open_rest=None,
            close_chance=None,
            unknown=False,
            check_of=(stage.check_units,) if stage.average_check_sd else None,
        )
        for stage in funnel.stages
    ]
    around = [(stage[:_COUNT], stage[_COUNT + 1 :]) for stage in stages]  # all but the count is the same in each
    measured, ends = (
        without_ends(funnel.measured),
        measured_segments(funnel.measured, dimension, funnel.stages[0].count),
    )
    times = dict(funnel.measured.times) if ends and funnel.measured else {}
    to_come = money_to_come(funnel, dimension) if ends else {}
    periods = {each.name for known in funnel.breakdowns if known.dimension == dimension for each in known.segments}
    left = _left(funnel, dimension)
    for segment in segments:
        pairs = zip(around, segment.counts, strict=True)
        own = [Stage._make((*before, count, *after)) for (before, after), count in pairs]
        if times and segment.name in ends:
            taken = dict(ends[segment.name].times)
            own = [with_own_times(each, times.get(each.name), taken.get(each.name)) for each in own]
        if segment.open:
            amounts = segment.open_amounts or ((),) * len(own)
            own = [*map(_open_at, own, funnel.stages, segment.open, amounts, left)]
        if segment.average_check is not None:
            own[sale] = own[sale]._replace(
                average_check=segment.average_check,
                average_check_sd=segment.average_check_sd,
                check_of=None,
                money_to_come=to_come.get(segment.name),
            )
        noted = ends.get(segment.name, measured)
        if noted and noted.not_mature and periods.intersection(noted.not_mature):
            noted = noted._replace(not_mature=tuple(each for each in noted.not_mature if each == segment.name))
        yield blank._replace(
            name=segment.name,
            stages=tuple(own),
            measured=noted,
            budget=segment.budget,
            gross_margin=funnel.gross_margin if segment.gross_margin is None else segment.gross_margin,
            unbudgeted=(segment.name,) if spends and segment.budget is None else (),
        )
