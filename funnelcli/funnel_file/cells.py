"""The same funnel by several dimensions at once: cells, and the breakdowns that are their sums."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem, decimal_text, did_you_mean, joined, near_name, quoted
from funnelcli.funnel_file import scalars, schema
from funnelcli.funnel_file.breakdowns import read_counts
from funnelcli.funnel_file.flow import listed_names
from funnelcli.funnel_file.segments_open import judge_sum, none_elsewhere, read_open
from funnelcli.funnel_file.yaml.nodes import Broken, Mapping, Sequence
from funnelcli.segments import Breakdown, CellCounts, OpenUnits, Segment, added_up, open_added_up, segment_at, with_open

if TYPE_CHECKING:
    from funnelcli.exact import Exact
    from funnelcli.funnel_file.flow import Level
    from funnelcli.funnel_file.node_reader import NodeReader
    from funnelcli.funnel_file.yaml.nodes import Node

_HELP = "write {channel: Ads, month: 2026-10, counts: [numbers in stage order]}"
_UNITS = {"counts": None, "open": None}
"""Keys of a cell that are no dimensions, in order."""
_MONEY = schema.keys(schema.SEGMENT) - _UNITS.keys()


def read_cells(reader: NodeReader, node: Node, levels: list[Level]) -> tuple[CellCounts, ...]:
    """All cells; each names the same dimensions, and no two of them the same segments."""
    if not isinstance(node, Sequence) or not node.items:
        reader.expected("a list of cells", node, f"{_HELP} for each")
        return ()
    cells: list[CellCounts] = []
    places: dict[tuple[tuple[str, str], ...], int] = {}
    dimensions: list[str] = []
    for item in node.items:
        if not isinstance(item, Mapping) or not (item.entries or item.dropped):
            reader.expected("a cell", item, _HELP)
            continue
        own = [key for key in item.entries if key not in _UNITS]
        if not dimensions and not item.dropped:
            _judge_dimensions(reader, item, own)
            dimensions = own
        segments = _segments(reader, item, dimensions)
        counts = _counts(reader, item, levels)
        if segments is None or counts is None:
            continue
        if segments in places:
            named = joined([quoted(name) for _, name in segments])
            help_ = f"the first is in line {places[segments]}; add their counts up, or correct a name"
            reader.note(item, "FN106", f"two cells are of {named}", help_)
        places.setdefault(segments, item.start_mark.line + 1)
        waiting = OpenUnits()
        if "open" in item.entries:
            waiting = read_open(reader, "the cell", item.entries["open"][1], levels, counts)
        cells.append(CellCounts(segments, counts, *waiting))
    return none_elsewhere(cells)


def _judge_dimensions(reader: NodeReader, cell: Mapping, dimensions: list[str]) -> None:
    """What is wrong with the names of the dimensions, which those of the first cell tell."""
    for dimension in dimensions:
        key = cell.entries[dimension][0]
        problem = scalars.label(dimension, False)
        if isinstance(problem, Problem):
            reader.report(problem, key)
        elif dimension in _MONEY:
            message = f"{dimension} is no dimension: a cell has only counts and open"
            reader.note(
                key, "FN101", message, f"write it at a segment: breakdowns: {{channel: {{Ads: {{{dimension}: …}}}}}}"
            )
    if not dimensions:
        reader.note(cell, "FN102", "the cell names no dimension", _HELP)


def _segments(reader: NodeReader, cell: Mapping, dimensions: list[str]) -> tuple[tuple[str, str], ...] | None:
    """The segments of a cell, in the order of the dimensions; `None` where one is missing or wrong, which is said."""
    if not dimensions:
        return None  # the first cell is broken, which is said
    found: list[tuple[str, str]] = []
    for dimension in dimensions:
        entry = cell.entries.get(dimension)
        if entry is None:
            continue
        value = entry[1]
        if value.__class__ is Broken:
            return None
        name = reader.scalar(value, scalars.label, f"a segment of {quoted(dimension)}", "write its name")
        if name is not None:
            found.append((dimension, name))
    unknown = [key for key in cell.entries if key not in _UNITS and key not in dimensions]
    lacking = [dimension for dimension in dimensions if dimension not in cell.entries]
    for key in unknown:
        known = [*lacking, *_UNITS]
        help_ = did_you_mean(key, known) if lacking else f"every cell names {listed_names(dimensions)} and no other"
        reader.note(cell.entries[key][0], "FN101", f"{quoted(key)} is no dimension of the first cell", help_)
    if lacking and not unknown and not cell.dropped:
        message = f"the cell has no {' and no '.join(map(quoted, lacking))}"
        reader.note(cell, "FN102", message, "every cell names the dimensions of the first one")
    return tuple(found) if len(found) == len(dimensions) and not unknown else None


def _counts(reader: NodeReader, cell: Mapping, levels: list[Level]) -> tuple[Exact, ...] | None:
    if "counts" not in cell.entries:
        if not cell.dropped:
            reader.note(cell, "FN102", "the cell has no counts", "write counts: [numbers in stage order]")
        return None
    key, node = cell.entries["counts"]
    return read_counts(reader, "the cell", key, node, levels)


def with_sums(
    reader: NodeReader,
    node: Node | None,
    levels: list[Level],
    breakdowns: tuple[Breakdown, ...],
    cells: tuple[CellCounts, ...],
) -> tuple[Breakdown, ...]:
    """The breakdowns as written (at the node), and those by the dimensions of the cells as sums of these.

    A segment that is written keeps its money. Where its counts are written as well and are others, that is a warning.
    """
    stated = {breakdown.dimension: breakdown for breakdown in breakdowns}
    _judge_uncounted(reader, node, breakdowns, [dimension for dimension, _ in cells[0].segments])
    for place, (dimension, _) in enumerate(cells[0].segments):
        sums, waiting = added_up(cells, segment_at(place)), open_added_up(cells, segment_at(place))
        own = stated.get(dimension, Breakdown(dimension, ()))
        segments = []
        for each in own.segments:
            key = _key_of(node, dimension, each.name)
            summed = _summed(reader, key, levels, each, sums.pop(each.name, None))
            segments.append(_with_open(reader, key, levels, summed, waiting.get(each.name)))
        segments += [with_open(Segment(name, row), waiting.get(name)) for name, row in sums.items()]
        stated[dimension] = Breakdown(dimension, none_elsewhere(segments))
    return tuple(stated.values())


def _judge_uncounted(
    reader: NodeReader, node: Node | None, breakdowns: tuple[Breakdown, ...], known: list[str]
) -> None:
    """Segments without counts of a dimension that is none of the cells, whose sums they could be."""
    for breakdown in breakdowns:
        uncounted = [segment.name for segment in breakdown.segments if not segment.counts]
        if breakdown.dimension in known or not uncounted:
            continue
        if len(uncounted) == len(breakdown.segments):
            near = near_name(breakdown.dimension, known)
            listed = joined([quoted(name) for name in known], "or")
            help_ = f"write a dimension of the cells, {listed}, or counts: [numbers in stage order] for each segment"
            help_ = f"did you mean {quoted(near.forms[0])}?" if near else help_
            message = f"{quoted(breakdown.dimension)} has no counts, and is no dimension of the cells"
            reader.report(Problem("FN101", message, help_, meant=near), _dimension_key(node, breakdown.dimension))
            continue
        for name in uncounted:
            help_ = f"write counts: [numbers in stage order], as no cell has {quoted(breakdown.dimension)}"
            message = f"the segment {quoted(name)} has no counts"
            reader.note(_key_of(node, breakdown.dimension, name), "FN102", message, help_)


def _summed(
    reader: NodeReader, key: Node | None, levels: list[Level], segment: Segment, row: tuple[Exact, ...] | None
) -> Segment:
    """A segment that is written at this key, with the sum of its cells; where that differs, it counts alone."""
    if row is None:
        if not segment.counts:
            help_ = f"write a cell of {quoted(segment.name)}, or its counts"
            reader.note(key, "FN102", f"no cell is of {quoted(segment.name)}", help_)
            return segment
        row = (0,) * len(segment.counts)
    for level, own, summed in zip(levels, segment.counts, row, strict=False):  # without counts there is none
        if own != summed:
            message = (
                f"the cells of {quoted(segment.name)} add up to {decimal_text(summed)} at {quoted(level.name)}, "
                f"and {decimal_text(own)} is written, which does not count"
            )
            reader.note(key, "FN301", message, "correct the counts, or leave them out here to have them added up")
            break
    # open units that are of counts which do not count do not either
    is_own = not segment.counts or segment.counts == tuple(row)
    own_row = segment._replace(counts=row)
    return own_row if is_own else with_open(own_row, None)


def _with_open(
    reader: NodeReader, key: Node | None, levels: list[Level], segment: Segment, summed: OpenUnits | None
) -> Segment:
    """A segment that is written at this key, with the open units of its cells, or its own where they say none."""
    if summed is None:
        if segment.open and segment.counts:
            judge_sum(reader, key, quoted(segment.name), levels, segment)
        return segment
    for level, own, number in zip(levels, segment.open, summed.open, strict=False):  # it may say none
        if own != number:
            message = (
                f"the cells of {quoted(segment.name)} have {decimal_text(number)} open at {quoted(level.name)}, "
                f"and {decimal_text(own)} is written, which does not count"
            )
            reader.note(key, "FN301", message, "correct open, or leave it out here to have that of the cells added up")
            break
    return with_open(segment, summed)


def _dimension_key(node: Node | None, dimension: str) -> Node | None:
    """The key of a dimension below `breakdowns`."""
    return node.entries[dimension][0] if isinstance(node, Mapping) and dimension in node.entries else None


def _key_of(node: Node | None, dimension: str, segment: str) -> Node | None:
    """The key of a segment below `breakdowns`."""
    if isinstance(node, Mapping) and dimension in node.entries:
        segments = node.entries[dimension][1]
        if isinstance(segments, Mapping) and segment in segments.entries:
            return segments.entries[segment][0]
    return None
