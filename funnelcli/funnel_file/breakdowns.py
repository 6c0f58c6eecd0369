"""The same funnel by channel, manager, period: segments, and whether they add up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from funnelcli.diagnostics import Problem, decimal_text, did_you_mean, quoted
from funnelcli.funnel_file import scalars, schema
from funnelcli.funnel_file.node_reader import Keys
from funnelcli.funnel_file.stages import finder
from funnelcli.funnel_file.yaml.nodes import Mapping, Sequence
from funnelcli.funnel_file.yaml.tree import LEAF
from funnelcli.model import Breakdown, Segment, sale_of

if TYPE_CHECKING:
    from funnelcli.funnel_file.flow import Level
    from funnelcli.funnel_file.node_reader import NodeReader
    from funnelcli.funnel_file.yaml.nodes import Node, Scalar
    from funnelcli.model import Exact

    _Counted: TypeAlias = tuple[tuple[Exact, ...], list[Node]]  # counts in stage order, and where they stand

_SEGMENT = Keys(schema.SEGMENT)
MOST_LISTED = 12


def read_breakdowns(reader: NodeReader, node: Node, levels: list[Level]) -> tuple[Breakdown, ...]:
    """All dimensions with their segments."""
    found = []
    help_ = "write dimension: {segment: [counts in stage order]}"
    for dimension, _, segments in reader.entries(node, "a mapping of dimensions", help_):
        rows = [
            segment
            for name, key, value in reader.entries(segments, f"a mapping of segments for {quoted(dimension)}", help_)
            if (segment := _segment(reader, name, key, value, levels)) is not None
        ]
        found.append(Breakdown(dimension, tuple(rows)))
    return tuple(found)


def _segment(reader: NodeReader, name: str, key: Scalar, node: Node, levels: list[Level]) -> Segment | None:
    """One segment: a list of counts, or a mapping with `counts` and money."""
    values: dict[str, Any] = {}
    counts_node = node
    counted: _Counted | None
    if isinstance(node, Mapping):
        values, nodes = reader.fields(node, _SEGMENT)
        if "counts" not in nodes:
            help_ = "write counts: [numbers in stage order]"
            reader.note(key, "FN102", f"the segment {quoted(name)} has no counts", help_)
            return None
        counts_node = nodes["counts"]
    if isinstance(counts_node, Mapping):
        counted = _counts_by_name(reader, counts_node, levels)
    elif isinstance(counts_node, Sequence):
        counted = _counts_in_order(reader, name, counts_node, levels)
    else:
        reader.expected(f"a list of counts for {quoted(name)}", counts_node, "write [numbers in stage order]")
        return None
    if "average_check" in values:
        _refuse_ambiguous_check(reader, name, node, levels)
    if counted is None:
        return None
    counts, items = counted
    for level, count, item in zip(levels, counts, items, strict=True):
        if level.parent is not None and count > counts[level.parent] and not level.may_grow:
            message = (
                f"in {quoted(name)}, stage {quoted(level.name)} ({decimal_text(count)}) exceeds the stage "
                f"it comes from, {quoted(levels[level.parent].name)} ({decimal_text(counts[level.parent])})"
            )
            help_ = "check the order of the counts, or set allow_growth: true on the stage"
            reader.note(item, "FN104", message, help_)
    return Segment(name, counts, **values)


def _refuse_ambiguous_check(reader: NodeReader, name: str, node: Node, levels: list[Level]) -> None:
    """A segment's average check is that of the sale: with other money beside it, nobody can tell what it means."""
    paid = [index for index, level in enumerate(levels) if {"average_check", "revenue"} & {*level.values}]
    sale = sale_of([level.values.get("role") for level in levels], paid[-1] if paid else -1)
    others = [levels[index].name for index in paid if index != sale]
    if others:
        bring = "brings" if len(others) == 1 else "bring"
        message = (
            f"an average_check of {quoted(name)} would be that of the sale, {quoted(levels[sale].name)}, and "
            f"{_listed(others)} {bring} money as well"
        )
        check, _ = node.entries["average_check"]  # type: ignore[union-attr]  # it has keys
        reader.note(check, "FN113", message, "delete it: the average checks of the stages count")


def _counts_in_order(reader: NodeReader, name: str, node: Sequence, levels: list[Level]) -> _Counted | None:
    """Counts from a list in stage order."""
    if len(node.items) != len(levels):
        counts_ = "count" if len(node.items) == 1 else "counts"
        message = f"{quoted(name)} has {len(node.items)} {counts_} for {len(levels)} stages"
        help_ = "write one count for each stage: " + _listed([level.name for level in levels[: MOST_LISTED + 1]])
        reader.note(node, "FN114", message, help_)
        return None
    parse = scalars.count
    counts: list[Exact] = []
    for item in node.items:
        if item.__class__ is not LEAF:
            reader.scalar(item, parse, "a count", "write a number")
            continue
        value = parse(item.value)  # type: ignore[union-attr]  # a leaf, as just compared
        if isinstance(value, Problem):
            reader.report(value, item)
        else:
            counts.append(value)
    return (tuple(counts), node.items) if len(counts) == len(levels) else None


def _counts_by_name(reader: NodeReader, node: Mapping, levels: list[Level]) -> _Counted | None:
    """Counts from a mapping of stage names."""
    names = [level.name for level in levels]
    find = finder(names)
    counts: dict[int, tuple[Exact, Node]] = {}
    before = len(reader.findings)
    for name, (key, value) in node.entries.items():
        index = find(name)
        if index is None:
            reader.note(key, "FN112", f"unknown stage {quoted(name)}", did_you_mean(name, names))
        elif index in counts:
            reader.note(key, "FN106", f"the stage {quoted(names[index])} is counted twice", "keep one count")
        else:
            count = reader.scalar(value, scalars.count, "a count", "write a number")
            if count is not None:
                counts[index] = count, value
    lacking = [known for index, known in enumerate(names) if index not in counts]
    if not lacking:
        ordered = [counts[index] for index in range(len(names))]
        return tuple(count for count, _ in ordered), [item for _, item in ordered]
    if len(reader.findings) == before and not node.dropped:
        reader.note(node, "FN114", f"no count for {_listed(lacking)}", "write a count for every stage")
    return None


def _listed(names: list[str]) -> str:
    """Names for a message; many of them would make it longer than the file."""
    return ", ".join(map(quoted, names[:MOST_LISTED])) + (", …" if len(names) > MOST_LISTED else "")
