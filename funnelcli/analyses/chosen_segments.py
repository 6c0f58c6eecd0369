"""One segment in place of the funnel, or what several segments of different dimensions have in common."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from funnelcli.analyses.breakdowns import cells_help, find_breakdown, find_segment, segment_funnel
from funnelcli.analyses.periods import is_time
from funnelcli.analyses.variation import varied_at_once
from funnelcli.diagnostics import Problem, joined, quoted
from funnelcli.segments import Breakdown, CellCounts, OpenUnits, Segment, added_up, open_added_up, segment_at, with_open

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from funnelcli.measure import Measured
    from funnelcli.model import Funnel


def choose(funnel: Funnel, wanted: Sequence[tuple[str, str]]) -> Funnel | Problem:
    """The funnel of the units that are in all the segments that are wanted: pairs of dimension and segment.

    It has the figures that a table by the dimension has in the row of the segment, and is called by both names. What is
    the funnel's stays so: targets, costs, scenarios, limits. By cells other dimensions stay, else they are lost. Of
    several segments the budget is not known, and the first one that has an average check or a margin tells it.
    """
    chosen: list[tuple[Breakdown, Segment]] = []
    for dimension, name in wanted:
        breakdown = find_breakdown(funnel, dimension)
        if isinstance(breakdown, Problem):
            return breakdown
        segment = find_segment(breakdown, name)
        if isinstance(segment, Problem):
            return segment
        again = [known for known, _ in chosen if known is breakdown]
        if again:
            return Problem("FN102", f"{quoted(breakdown.dimension)} is asked for twice", "name one segment of it")
        chosen.append((breakdown, segment))
    segments = tuple((breakdown.dimension, segment.name) for breakdown, segment in chosen)
    cells = _within(funnel.cells, segments)
    if cells is None and len(chosen) > 1:
        return _not_crossed(segments)
    kept = varied_at_once(funnel, [breakdown for breakdown, _ in chosen])
    told = [segment for _, segment in chosen]
    alone = segments[0][0] if len(segments) == 1 else None  # of several at once no times and ends are noted
    part = _priced_by(segment_funnel(funnel, _common(funnel, told, cells), kept, alone), told)
    name = ", ".join((funnel.name, *(name for _, name in segments)))
    return part._replace(
        name=name,
        breakdowns=tuple(_sums(cells or (), {dimension for dimension, _ in segments})),
        cells=cells or (),
        scenarios=funnel.scenarios,
        checks=funnel.checks,
        measured=None
        if part.measured is None
        else _measured(part.measured, name, (funnel.name, *map(itemgetter(1), segments)), _periods(chosen)),
        chosen=segments,
    )


def _within(cells: Sequence[CellCounts], segments: Sequence[tuple[str, str]]) -> tuple[CellCounts, ...] | None:
    """The cells that are of all these segments; `None` where cells do not tell of one of the dimensions."""
    if not cells or not {dimension for dimension, _ in segments} <= dict(cells[0].segments).keys():
        return None
    wanted = set(segments)
    return tuple(cell for cell in cells if wanted.issubset(cell.segments))


def _not_crossed(segments: Sequence[tuple[str, str]]) -> Problem:
    names = joined([quoted(name) for _, name in segments])
    return Problem("FN102", f"how many are of {names} at once is not known", cells_help(segments))


def _common(funnel: Funnel, segments: Sequence[Segment], cells: Sequence[CellCounts] | None) -> Segment:
    """The one segment, or what several have in common: the sum of their cells."""
    if len(segments) == 1:
        return segments[0]
    none = (0,) * len(funnel.stages)
    counts = added_up(cells or (), lambda _: 0).get(0, none)
    divided = any(cell.open for cell in funnel.cells)
    waiting = open_added_up(cells or (), lambda _: 0).get(0, OpenUnits(none if divided else ()))
    priced = next((each for each in segments if each.average_check is not None), segments[0])
    margins = (each.gross_margin for each in segments if each.gross_margin is not None)
    return Segment(
        ", ".join(segment.name for segment in segments),
        counts,
        None,
        priced.average_check,
        next(margins, None),
        priced.average_check_sd,
        *waiting,
    )


def _priced_by(part: Funnel, segments: Sequence[Segment]) -> Funnel:
    """What several segments have in common: its check is told by the sales of the one whose check it is."""
    sale = part.sale_stage
    counts = next((each.counts for each in segments if each.average_check is not None), None)
    if counts is None or len(segments) == 1:
        return part
    sales, stages = counts[sale], list(part.stages)
    stages[sale] = stages[sale]._replace(check_of=(sales if isinstance(sales, int) else None,))
    return part._replace(stages=tuple(stages))


def _periods(chosen: Sequence[tuple[Breakdown, Segment]]) -> set[str]:
    """The periods of the dimensions in time of which one was chosen: what is said of the others is not said of it."""
    return {each.name for breakdown, _ in chosen if is_time(breakdown.dimension) for each in breakdown.segments}


def _measured(measured: Measured, name: str, parts: Sequence[str], periods: AbstractSet[str]) -> Measured:
    """What a measurement says of what is called so, of the funnel and the segments that are its `parts`.

    Not how many events and units there were in all, nor what is said of other `periods`.
    """
    is_open = any(segment in measured.not_mature for segment in parts[1:])
    cut = next((each._replace(name=name) for each in reversed(measured.cut) if each.name in parts), None)
    return measured._replace(
        events=None,
        units=None,
        without_unit=None,
        without_time=None,
        duplicates=None,
        median_days=(),
        counted_again=(),
        after_now=None,
        excluded_units=None,
        open_units=None,
        not_mature=(*(each for each in measured.not_mature if each not in periods), *([name] if is_open else [])),
        cut=(*(each for each in measured.cut if each.name not in periods), *([] if cut is None else [cut])),
    )


def _sums(cells: Sequence[CellCounts], without: set[str]) -> Iterator[Breakdown]:
    """The breakdowns by the dimensions of cells, in the order of the cells."""
    if not cells:
        return
    for place, (dimension, _) in enumerate(cells[0].segments):
        if dimension not in without:
            sums, waiting = added_up(cells, segment_at(place)), open_added_up(cells, segment_at(place))
            segments = (with_open(Segment(name, row), waiting.get(name)) for name, row in sums.items())
            yield Breakdown(dimension, tuple(segments))
