"""The same funnel by channel, manager, period: segments, and whether they add up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

_SEGMENT = Keys(schema.SEGMENT)
MOST_LISTED = 12


def read_breakdowns(reader: NodeReader, node: Node | None, levels: list[Level]) -> tuple[Breakdown, ...]:
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
    counts_node: Node | None = node
    if isinstance(node, Mapping):
        values, nodes = reader.fields(node, _SEGMENT)
        counts_node = nodes.get("counts")
        if counts_node is None:
            reader.report(
                Problem("FN102", f"the segment {quoted(name)} has no counts", "write counts: [numbers in stage order]"),
                key,
            )
            return None
    if isinstance(counts_node, Mapping):
        counts = _counts_by_name(reader, counts_node, levels)
    elif isinstance(counts_node, Sequence):
        counts = _counts_in_order(reader, name, counts_node, levels)
    else:
        if counts_node is not None:
            reader.expected(f"a list of counts for {quoted(name)}", counts_node, "write [numbers in stage order]")
        return None
    if "average_check" in values:
        _refuse_ambiguous_check(reader, name, node, levels)
    if counts is None:
        return None
    for level, count, item in zip(levels, counts, _count_nodes(counts_node, levels), strict=True):
        if level.parent is not None and count > counts[level.parent] and not level.may_grow:
            reader.report(
                Problem(
                    "FN104",
                    f"in {quoted(name)}, stage {quoted(level.name)} ({decimal_text(count)}) exceeds the stage "
                    f"it comes from, {quoted(levels[level.parent].name)} ({decimal_text(counts[level.parent])})",
                    "check the order of the counts, or set allow_growth: true on the stage",
                ),
                item,
            )
    return Segment(name, counts, values.get("budget"), values.get("average_check"), values.get("gross_margin"))


def _refuse_ambiguous_check(reader: NodeReader, name: str, node: Node, levels: list[Level]) -> None:
    """A segment's average check is that of the sale: with other money beside it, nobody can tell what it means."""
    paid = [index for index, level in enumerate(levels) if {"average_check", "revenue"} & {*level.values}]
    sale = sale_of([level.values.get("role") for level in levels], paid[-1] if paid else -1)
    others = [levels[index].name for index in paid if index != sale]
    if others:
        problem = Problem(
            "FN113",
            f"an average_check of {quoted(name)} would be that of the sale, {quoted(levels[sale].name)}, and "
            f"{_listed(others)} {'brings' if len(others) == 1 else 'bring'} money as well",
            "delete it: the average checks of the stages count",
        )
        reader.report(problem, node.entries["average_check"][0])  # type: ignore[union-attr]  # it has keys


def _counts_in_order(reader: NodeReader, name: str, node: Sequence, levels: list[Level]) -> tuple[Exact, ...] | None:
    """Counts from a list in stage order."""
    if len(node.items) != len(levels):
        reader.report(
            Problem(
                "FN114",
                f"{quoted(name)} has {len(node.items)} {'count' if len(node.items) == 1 else 'counts'}"
                f" for {len(levels)} stages",
                "write one count for each stage: " + _listed([level.name for level in levels[: MOST_LISTED + 1]]),
            ),
            node,
        )
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
    return tuple(counts) if len(counts) == len(levels) else None


def _counts_by_name(reader: NodeReader, node: Mapping, levels: list[Level]) -> tuple[Exact, ...] | None:
    """Counts from a mapping of stage names."""
    names = [level.name for level in levels]
    find = finder(names)
    counts: dict[int, Exact] = {}
    before = len(reader.findings)
    for name, (key, value) in node.entries.items():
        index = find(name)
        if index is None:
            reader.report(Problem("FN112", f"unknown stage {quoted(name)}", did_you_mean(name, names)), key)
            continue
        if index in counts:
            reader.report(Problem("FN106", f"the stage {quoted(names[index])} is counted twice", "keep one count"), key)
            continue
        count = reader.scalar(value, scalars.count, "a count", "write a number")
        if count is not None:
            counts[index] = count
    lacking = [names[index] for index in range(len(names)) if index not in counts]
    if lacking and len(reader.findings) == before and not node.dropped:
        reader.report(Problem("FN114", f"no count for {_listed(lacking)}", "write a count for every stage"), node)
    return None if lacking else tuple(counts[index] for index in range(len(names)))


def _count_nodes(node: Mapping | Sequence, levels: list[Level]) -> list[Node]:
    """The nodes of a segment's counts in stage order."""
    if isinstance(node, Sequence):
        return node.items
    find = finder([level.name for level in levels])
    by_index = {find(name): value for name, (_, value) in node.entries.items()}
    return [by_index[index] for index in range(len(levels))]


def _listed(names: list[str]) -> str:
    """Names for a message; many of them would make it longer than the file."""
    return ", ".join(map(quoted, names[:MOST_LISTED])) + (", …" if len(names) > MOST_LISTED else "")
