"""A funnel by two dimensions at once: the overall conversion of each pair of segments, with sums on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from funnelcli.analyses.breakdowns import cells_help, find_breakdown, open_at, segment_funnel
from funnelcli.analyses.periods import is_time
from funnelcli.analyses.segments import SegmentReport, break_down
from funnelcli.analyses.variation import WIDEST, step_bounds, varied, varied_at_once
from funnelcli.diagnostics import Problem, quoted
from funnelcli.exact import Exact, ratio
from funnelcli.segments import Segment, added_up, open_added_up, with_open

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.analyses.segments import SegmentRow
    from funnelcli.model import Funnel
    from funnelcli.segments import Breakdown, CellCounts, Varied

    Bounds = tuple[float | None, float | None]

LineKind: TypeAlias = Literal["segment", "other", "total"]
"""What a row or a column is of: one segment, those that are left out, or all."""


class CrosstabCell(NamedTuple):
    """The units of a row and a column; lists are in the order of the stages.

    `row` and `column` are names of segments, `None` where it is of others or of all. `conversion_low` and
    `conversion_high` are the interval of the step that is asked for. `few` says that the interval of the overall
    conversion, or of that step, is too wide to tell anything. Where the cells say how many units are open, it is that
    of the decided, `…_decided`, as in a `SegmentRow`.
    """

    row: str | None
    row_kind: LineKind
    column: str | None
    column_kind: LineKind
    counts: tuple[Exact, ...]
    conversions: tuple[Exact | None, ...]
    sales: Exact
    overall_conversion: Exact | None
    overall_conversion_low: float | None
    overall_conversion_high: float | None
    few: bool
    conversion_low: float | None = None
    conversion_high: float | None = None
    conversions_decided: tuple[Exact | None, ...] = ()
    overall_conversion_decided: Exact | None = None
    overall_conversion_decided_low: float | None = None
    overall_conversion_decided_high: float | None = None
    conversion_decided_low: float | None = None
    conversion_decided_high: float | None = None


class Crosstab(NamedTuple):
    """The table of two dimensions, `row_dimension` down and `column_dimension` across.

    `cells` are those with units in the file, row by row; of each row the total comes last, and the row of totals after
    all others. `at` is the stage whose step conversion is asked for, in place of the overall one. `folded_rows` and
    `folded_columns` are how many segments the others are. `open_at` and `open_by_segment` are as in a `SegmentReport`.
    With `awaits`, windows of measured entries are open: counts are those so far, as ends are told of no pair.
    """

    file: str | None
    document: int
    name: str
    period: str | None
    currency: str | None
    confidence: float
    row_dimension: str
    column_dimension: str
    stages: tuple[str, ...]
    sale_stage: str
    sort: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    folded_rows: int
    folded_columns: int
    cells: tuple[CrosstabCell, ...]
    not_mature: tuple[str, ...]
    open_at: tuple[str, ...] = ()
    at: str | None = None
    at_from: str | None = None
    open_by_segment: tuple[str, ...] = ()
    lost_unplaced: int | None = None
    sales_called: str = "sales"
    awaits: bool = False


def cross(
    funnel: Funnel,
    dimensions: tuple[str, str],
    confidence: float = 0.95,
    sort: str = "file",
    most: tuple[int | None, int | None] = (None, None),
    at: int | None = None,
) -> Crosstab | Problem:
    """The funnel by two dimensions, which its cells must tell of; a `Problem` where they do not.

    The sums on the sides are the rows of the tables by one dimension, in the same order. `most` segments are shown of
    each dimension, the rest is added up. `at` is the index of the stage whose step conversion is asked for.
    """
    origin = None if at is None else funnel.stages[at].parent
    if at is not None and origin is None:
        comes = f"{quoted(funnel.names[at])} is the entry, and comes from no stage"
        return Problem("FN118", comes, "choose a stage with a conversion")
    breakdowns = [find_breakdown(funnel, dimension) for dimension in dimensions]
    for each in breakdowns:
        if isinstance(each, Problem):
            return each
    down, across = (each for each in breakdowns if not isinstance(each, Problem))
    if down is across:
        return Problem("FN102", f"{quoted(down.dimension)} is asked for twice", "name two dimensions")
    places = [dimension for dimension, _ in funnel.cells[0].segments] if funnel.cells else []
    if down.dimension not in places or across.dimension not in places:
        return _no_cells(funnel, down, across)
    sides = [
        break_down(funnel, each.dimension, confidence, sort, top)
        for each, top in zip((down, across), most, strict=True)
    ]
    rows, columns = (side for side in sides if isinstance(side, SegmentReport))
    return Crosstab(
        **funnel.heading,
        confidence=confidence,
        row_dimension=down.dimension,
        column_dimension=across.dimension,
        stages=funnel.names,
        sale_stage=rows.sale_stage,
        sort=sort,
        rows=tuple(row.name for row in rows.segments),
        columns=tuple(column.name for column in columns.segments),
        folded_rows=rows.folded,
        folded_columns=columns.folded,
        cells=tuple(_cells(funnel, (down, across), rows, columns, confidence, at)),
        not_mature=tuple(dict.fromkeys((*rows.not_mature, *columns.not_mature))),
        **open_at(funnel, any(cell.open for cell in funnel.cells)),
        at=None if at is None else funnel.names[at],
        at_from=None if origin is None else funnel.names[origin],
        awaits=funnel.awaits,
    )


def _no_cells(funnel: Funnel, down: Breakdown, across: Breakdown) -> Problem:
    named = [(each.dimension, each.segments[0].name if each.segments else "NAME") for each in (down, across)]
    both = f"{quoted(down.dimension)} and {quoted(across.dimension)} at once"
    return Problem("FN102", f"{quoted(funnel.name)} has no counts by {both}", cells_help(named))


_Pair: TypeAlias = tuple[str | None, str | None]  # `None` stands for those that are left out


def _cells(
    funnel: Funnel,
    breakdowns: tuple[Breakdown, Breakdown],
    rows: SegmentReport,
    columns: SegmentReport,
    confidence: float,
    at: int | None,
) -> list[CrosstabCell]:
    """All cells with units, row by row, with the sums on the sides."""
    pair_of = _pairs(funnel.cells, rows, columns)
    sums, waiting = added_up(funnel.cells, pair_of), open_added_up(funnel.cells, pair_of)
    kept = _kept(funnel, breakdowns)
    found = []
    for row in [*rows.segments, *([rows.other] if rows.other else [])]:
        own = None if row is rows.other else row.name
        for column in [*columns.segments, *([columns.other] if columns.other else [])]:
            pair = own, None if column is columns.other else column.name
            if pair in sums:
                segment = with_open(Segment("", sums[pair]), waiting.get(pair))
                part = segment_funnel(funnel, segment, kept[_is_one(pair)])
                found.append(_cell(part, pair, confidence, at))
        found.append(_side(row, (own, "other" if row is rows.other else "segment"), (None, "total"), at))
    for column in [*columns.segments, *([columns.other] if columns.other else []), columns.total]:
        kind: LineKind = "total" if column is columns.total else "other" if column is columns.other else "segment"
        found.append(_side(column, (None, "total"), (column.name if kind == "segment" else None, kind), at))
    return found


def _pairs(cells: Sequence[CellCounts], rows: SegmentReport, columns: SegmentReport) -> Callable[[CellCounts], _Pair]:
    """What tells the names of the row and the column of a cell, `None` for the others."""
    first, second = (
        next(place for place, (dimension, _) in enumerate(cells[0].segments) if dimension == side.dimension)
        for side in (rows, columns)
    )
    shown = [{segment.name for segment in side.segments} for side in (rows, columns)]

    def pair(cell: CellCounts) -> _Pair:
        row, column = cell.segments[first][1], cell.segments[second][1]
        return row if row in shown[0] else None, column if column in shown[1] else None

    return pair


def _kept(funnel: Funnel, breakdowns: tuple[Breakdown, Breakdown]) -> tuple[Varied | None, Varied | None]:
    """What a cell keeps of the variation between periods: of several periods together, and of one."""
    several = next((each for each in breakdowns if not is_time(each.dimension)), breakdowns[1])
    return varied(funnel, several), varied_at_once(funnel, breakdowns)


def _is_one(pair: _Pair) -> bool:
    """Whether a cell is of one segment by both dimensions."""
    return None not in pair


def _cell(part: Funnel, pair: _Pair, confidence: float, at: int | None) -> CrosstabCell:
    counts, sale = tuple(stage.count for stage in part.stages), part.sale_stage
    low, high = step_bounds(part, sale, confidence, whole=0)
    decided = step_bounds(part, sale, confidence, whole=0, decided=True)
    step: Bounds = (None, None)
    step_decided: Bounds = (None, None)
    if at is not None:
        step, step_decided = (step_bounds(part, at, confidence, decided=each) for each in (False, True))
    row, column = pair
    return CrosstabCell(
        row,
        "other" if row is None else "segment",
        column,
        "other" if column is None else "segment",
        counts,
        tuple(part.conversion(index) for index in range(len(counts))),
        counts[sale],
        ratio(counts[sale], counts[0]),
        low,
        high,
        _is_few(*decided) if at is None else _is_few(*step_decided),
        *step,
        tuple(part.conversion_decided(index) for index in range(len(counts))),
        part.overall_conversion_decided(sale),
        *decided,
        *step_decided,
    )


def _side(
    own: SegmentRow, row: tuple[str | None, LineKind], column: tuple[str | None, LineKind], at: int | None
) -> CrosstabCell:
    """The sum of a row or of a column, as the table by its dimension has it."""
    low, high = own.overall_conversion_low, own.overall_conversion_high
    decided = own.overall_conversion_decided_low, own.overall_conversion_decided_high
    step = (None, None) if at is None else (own.conversions_low[at], own.conversions_high[at])
    step_decided = (None, None) if at is None else (own.conversions_decided_low[at], own.conversions_decided_high[at])
    return CrosstabCell(
        *row,
        *column,
        own.counts,
        own.conversions,
        own.sales,
        own.overall_conversion,
        low,
        high,
        _is_few(*decided) if at is None else _is_few(*step_decided),
        *step,
        own.conversions_decided,
        own.overall_conversion_decided,
        *decided,
        *step_decided,
    )


def _is_few(low: float | None, high: float | None) -> bool:
    return low is not None and high is not None and high - low > WIDEST
