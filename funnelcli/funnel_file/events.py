"""Which recorded events a funnel is measured from, and what a measurement noted: names and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.funnel_file import moments, scalars, schema
from funnelcli.funnel_file.node_reader import Keys
from funnelcli.funnel_file.yaml.nodes import Sequence
from funnelcli.measure import Measure, Measured

if TYPE_CHECKING:
    from funnelcli.funnel_file.node_reader import NodeReader
    from funnelcli.funnel_file.yaml.nodes import Node

_MEASURE = Keys(schema.MEASURE)
_MEASURED = Keys(schema.MEASURED)


def read_measure(reader: NodeReader, node: Node) -> Measure | None:
    """Names of a table and its columns."""
    part = reader.part(node, _MEASURE, "write measure: {table: events, unit: user_id, time: created_at}")
    if part is None:
        return None
    _, values, nodes = part
    values["breakdowns"] = reader.pairs(
        nodes.get("breakdowns"),
        scalars.label,
        ("a dimension and its column", "write channel: utm_source"),
        ("a column", "write a name"),
    )
    for key in ("exclude", "lost", "exclude_units"):
        if key in nodes:
            from funnelcli.funnel_file.conditions import read_when  # only what is measured has conditions

            values[key] = read_when(reader, nodes[key], key)
    values["same"] = _same(reader, nodes.get("same"))
    return Measure(**values, between=_between(reader, nodes.get("between")))


def _same(reader: NodeReader, node: Node | None) -> tuple[str, ...]:
    """Columns that tell the chains of a unit apart, each once."""
    whole, help_text = "a list of columns", "write [subscription_id]"
    if isinstance(node, Sequence) and not node.items:
        reader.expected(whole, node, help_text)
    return tuple(dict.fromkeys(reader.items(node, scalars.label, (whole, help_text), ("a column", "write a name"))))


def read_measured(reader: NodeReader, node: Node) -> Measured | None:
    """What a measurement noted."""
    part = reader.part(node, _MEASURED, "delete it: funnelcli measure writes it")
    if part is None:
        return None
    _, values, nodes = part
    dimensions = reader.entries(nodes.get("counted_again"), "a dimension and its counts", "write {channel: [120, 34]}")
    counts = ("a list of counts", "write [120, 34]"), ("a count", "write 120")
    names = ("a list of names", 'write ["2026-W43"]'), ("a name", 'write "2026-W43"')
    stages = ("a list of stages", "write [Paid]"), ("the name of a stage", "write Paid")
    medians = ("a stage and its days", "write {Paid: 2.5}"), ("a number", "write 2.5")
    return Measured(
        **values,
        not_mature=reader.items(nodes.get("not_mature"), scalars.label, *names),
        unmet=reader.items(nodes.get("unmet"), scalars.label, *stages),
        median_days=reader.pairs(nodes.get("median_days"), scalars.number, *medians),
        between=_between(reader, nodes.get("between")),
        counted_again=tuple((name, reader.items(value, scalars.count, *counts)) for name, _, value in dimensions),
        **_times_and_ends(reader, nodes, values.get("window")),
    )


def _times_and_ends(reader: NodeReader, nodes: dict[str, Node], window: int | None) -> dict[str, Any]:
    """What few files have: it is read by a module of its own."""
    if nodes.keys().isdisjoint(("times", "whole_way", "eventual", "curves", "segments")):
        return {}
    from funnelcli.funnel_file.measured_times import read_times_and_ends

    return read_times_and_ends(reader, nodes, window)


def _between(reader: NodeReader, node: Node | None) -> tuple[str, ...]:
    """Two moments, the first before the second."""
    if node is None:
        return ()
    if not isinstance(node, Sequence) or len(node.items) != 2:
        reader.expected("a list of two dates", node, 'write ["2026-10-01", "2026-11-01"]')
        return ()
    read = [reader.scalar(item, moments.moment, "a date", 'write "2026-10-01"') for item in node.items]
    if None in read:
        return ()
    if not moments.grows(*read):
        reader.note(node.items[1], "FN103", f"{read[1]} is not after {read[0]}", "write the earlier date first")
    return tuple(read)
