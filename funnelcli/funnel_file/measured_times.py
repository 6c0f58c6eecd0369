"""What a measurement noted of times and of the end: read, and as a tree of plain values to be written."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from funnelcli.diagnostics import Problem
from funnelcli.exact import reduced, rounded_days
from funnelcli.funnel_file import moments, scalars, schema
from funnelcli.funnel_file.compositions import lognormal_mean
from funnelcli.funnel_file.figures import MOST_DECIMALS, decimals_of, figure_text
from funnelcli.funnel_file.node_reader import Keys
from funnelcli.funnel_file.yaml.nodes import Sequence
from funnelcli.measure import Curve, Eventual, Measured, Noted, Times

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Sequence as Sequence_

    from funnelcli.exact import Exact
    from funnelcli.funnel_file.node_reader import NodeReader
    from funnelcli.funnel_file.yaml.nodes import Node
    from funnelcli.model import Stage

    Tree = dict[str, Any]

_TIME, _EVENTUAL, _CURVE, _NOTED = (Keys(table) for table in (schema.TIME, schema.EVENTUAL, schema.CURVE, schema.NOTED))
_HELP = "delete measured: funnelcli measure writes it"
_BEYOND = "beyond"
"""The bin of the times that are longer than the last end."""


def read_times_and_ends(reader: NodeReader, nodes: dict[str, Node]) -> dict[str, Any]:
    """The fields of `Measured` that tell of times and ends."""
    curves = ((name, _curve(reader, node)) for name, node in _named(reader, nodes.get("curves"), "stages to curves"))
    segments = []
    for dimension, node in _named(reader, nodes.get("segments"), "dimensions to segments"):
        found = (
            (name, _noted_of(reader, part)) for name, part in _named(reader, node, "segments to what is known of them")
        )
        segments.append((dimension, tuple((name, noted) for name, noted in found if noted is not None)))
    known = tuple((name, curve) for name, curve in curves if curve is not None)
    return {**_noted(reader, nodes)._asdict(), "curves": known, "segments": tuple(segments)}


def _named(reader: NodeReader, node: Node | None, what: str) -> list[tuple[str, Node]]:
    return [(name, value) for name, _, value in reader.entries(node, f"a mapping of {what}", _HELP)]


def _noted_of(reader: NodeReader, node: Node) -> Noted | None:
    part = reader.part(node, _NOTED, _HELP)
    return None if part is None else _noted(reader, part[2])


def _noted(reader: NodeReader, nodes: dict[str, Node]) -> Noted:
    times = ((name, _times(reader, node)) for name, node in _named(reader, nodes.get("times"), "stages to times"))
    ends = ((name, _end(reader, node)) for name, node in _named(reader, nodes.get("eventual"), "stages to conversions"))
    return Noted(
        tuple((name, each) for name, each in times if each is not None),
        _times(reader, nodes["whole_way"]) if "whole_way" in nodes else None,
        tuple((name, each) for name, each in ends if each is not None),
    )


def _whole(reader: NodeReader, node: Node, keys: Keys, required: tuple[str, ...]) -> tuple[Any, Any] | None:
    """The values and nodes of a mapping in which nothing is missing."""
    before = len(reader.findings)
    part = reader.part(node, keys, _HELP)
    if part is None:
        return None
    mapping, values, nodes = part
    for key in required:
        if key not in values and len(reader.findings) == before:
            reader.missing(key, mapping, "this")
    return (values, nodes) if len(reader.findings) == before else None


def _times(reader: NodeReader, node: Node) -> Times | None:
    found = _whole(reader, node, _TIME, Times._fields[:-1])
    if found is None:
        return None
    values, nodes = found
    bins = []
    for name, key, value in reader.entries(nodes.get("histogram"), "a mapping of times to units", _HELP):
        end = None if name == _BEYOND else reader.scalar(key, moments.duration, "a time", _HELP)
        bins.append((end, reader.scalar(value, scalars.whole, "a whole number", _HELP) or 0))
    return Times(**values, histogram=tuple(bins))


def _end(reader: NodeReader, node: Node) -> Eventual | None:
    found = _whole(reader, node, _EVENTUAL, ("entries", "followed", "so_far"))
    return None if found is None else Eventual(**dict.fromkeys(("conversion", "low", "high")) | found[0])


def _curve(reader: NodeReader, node: Node) -> Curve | None:
    part = reader.part(node, _CURVE, _HELP)
    if part is None:
        return None
    points = _rows(reader, part[2].get("points"), (scalars.number, scalars.share, scalars.share))
    waiting = _rows(reader, part[2].get("waiting"), (scalars.number, scalars.whole))
    return Curve(points, waiting)


def _rows(
    reader: NodeReader, node: Node | None, parsers: tuple[Callable[[str, bool], Any | Problem], ...]
) -> tuple[Any, ...]:
    """Lists of as many figures as there are parsers."""
    if node is None:
        return ()
    if not isinstance(node, Sequence):
        reader.expected("a list of lists", node, _HELP)
        return ()
    rows = []
    for item in node.items:
        if not isinstance(item, Sequence) or len(item.items) != len(parsers):
            reader.expected(f"a list of {len(parsers)} numbers", item, _HELP)
            return ()
        row = [reader.scalar(each, parser, "a number", _HELP) for each, parser in zip(item.items, parsers, strict=True)]
        if None in row:
            return ()
        rows.append(tuple(row))
    return tuple(rows)


def tree(measured: Measured) -> Tree:
    """What is to be written of times and ends: names to names, texts of numbers, and lists of them."""
    found = _noted_tree(Noted(measured.times, measured.whole_way, measured.eventual))
    curves = {name: _curve_tree(curve) for name, curve in measured.curves}
    segments = {
        dimension: {name: _noted_tree(noted) for name, noted in parts} for dimension, parts in measured.segments
    }
    return found | ({"curves": curves} if curves else {}) | ({"segments": segments} if segments else {})


def _noted_tree(noted: Noted) -> Tree:
    found: Tree = {}
    if noted.times:
        found["times"] = {name: _times_tree(times) for name, times in noted.times}
    if noted.whole_way is not None:
        found["whole_way"] = _times_tree(noted.whole_way)
    if noted.eventual:
        found["eventual"] = {name: _end_tree(end) for name, end in noted.eventual}
    return found


def _times_tree(times: Times) -> Tree:
    figures = {
        key: str(value) if key == "units" else _rounded(value, 6)
        for key, value in times._asdict().items()
        if key != "histogram"
    }
    bins = {_BEYOND if end is None else moments.duration_text(end): str(units) for end, units in times.histogram}
    return figures | ({"histogram": bins} if bins else {})


def _end_tree(end: Eventual) -> Tree:
    shares = {"conversion": end.conversion, "low": end.low, "high": end.high}
    return {
        **{key: _share(value) for key, value in shares.items() if value is not None},
        "entries": _rounded(end.entries, 4),
        "followed": moments.duration_text(end.followed),
        "so_far": _share(end.so_far),
    }


def _curve_tree(curve: Curve) -> Tree:
    points = [[_rounded(time, 0), _rounded(came, 9), _rounded(still, 9)] for time, came, still in curve.points]
    waiting = [[str(age), str(units)] for age, units in curve.waiting]
    return {"points": points} | ({"waiting": waiting} if waiting else {})


def days_of(times: Times) -> Exact | tuple[Exact, Exact]:
    """The time of a step as a stage has it in `days`: median and p90 where times are spread so, else their mean."""
    median, p90 = (_in_days(_rounded(each, 6)) for each in (times.p50, times.p90))
    spread = p90 > median > 0 and not isinstance(lognormal_mean(median, p90), Problem)
    return (median, p90) if spread else _in_days(_rounded(times.mean, 6))


def _in_days(seconds: str) -> Exact:
    """From what is written of the seconds, so that what is read again is the same."""
    return rounded_days(Fraction(seconds) / 86400)


def with_measured_means(stages: Sequence_[Stage], measured: Measured) -> tuple[Stage, ...]:
    """Stages whose `days` are as they were measured, with the mean that was measured, not that of a distribution."""
    known = dict(measured.times)
    return tuple(
        stage._replace(days=reduced(Fraction(known[stage.name].mean) / 86400))
        if stage.name in known and days_of(known[stage.name]) in (stage.days_quantiles, stage.days)
        else stage
        for stage in stages
    )


_MOST_OF_A_RATIO = 10**12


def _share(value: Exact) -> str:
    """A rate of whole numbers exactly, as a fraction where its decimals do not end; others to twelve decimals."""
    decimals = decimals_of(value)
    if decimals is not None and decimals <= MOST_DECIMALS // 2:
        return figure_text(value)
    return f"{value.numerator}/{value.denominator}" if value.denominator < _MOST_OF_A_RATIO else _rounded(value, 12)


def _rounded(value: Exact, decimals: int) -> str:
    own = decimals_of(value)
    return figure_text(reduced(Fraction(value)), decimals if own is None else min(own, decimals))
