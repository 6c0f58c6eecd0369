"""What a measurement noted of times and of the end: read, and as a tree of plain values to be written."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from funnelcli.diagnostics import Problem
from funnelcli.exact import ratio, reduced, rounded_days
from funnelcli.funnel_file import moments, scalars, schema
from funnelcli.funnel_file.compositions import lognormal_mean
from funnelcli.funnel_file.figures import decimals_of, figure_text, significant
from funnelcli.funnel_file.node_reader import Keys
from funnelcli.funnel_file.yaml.nodes import Sequence
from funnelcli.measure import LADDER, PERIOD, Curve, Eventual, Measured, Noted, Times
from funnelcli.stats.intervals import wilson_bounds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from collections.abc import Sequence as Sequence_

    from funnelcli.exact import Exact
    from funnelcli.funnel_file.node_reader import NodeReader
    from funnelcli.funnel_file.yaml.nodes import Node
    from funnelcli.model import Funnel, Stage

    Tree = dict[str, Any]

_TIME, _EVENTUAL, _CURVE, _NOTED = (Keys(table) for table in (schema.TIME, schema.EVENTUAL, schema.CURVE, schema.NOTED))
_HELP = "delete measured: funnelcli measure writes it"
_BEYOND = "beyond"
"""The bin of the times that are longer than the last end."""
_ENDS = (*LADDER, None)


def read_times_and_ends(reader: NodeReader, nodes: dict[str, Node], window: int | None) -> dict[str, Any]:
    """The fields of `Measured` that tell of times and ends, of entries that had a window in seconds."""
    segments = []
    for dimension, node in _named(reader, nodes.get("segments"), "dimensions to segments"):
        found = (
            (name, _noted_of(reader, part, window))
            for name, part in _named(reader, node, "segments to what is known of them")
        )
        segments.append((dimension, tuple((name, noted) for name, noted in found if noted is not None)))
    return {**_noted(reader, nodes, window)._asdict(), "segments": tuple(segments)}


def _named(reader: NodeReader, node: Node | None, what: str) -> list[tuple[str, Node]]:
    return [(name, value) for name, _, value in reader.entries(node, f"names with {what}", _HELP)]


def _noted_of(reader: NodeReader, node: Node, window: int | None) -> Noted | None:
    part = reader.part(node, _NOTED, _HELP)
    return None if part is None else _noted(reader, part[2], window)


def _noted(reader: NodeReader, nodes: dict[str, Node], window: int | None) -> Noted:
    times = ((name, _times(reader, node)) for name, node in _named(reader, nodes.get("times"), "stages to times"))
    ends = (
        (name, _end(reader, node, window))
        for name, node in _named(reader, nodes.get("eventual"), "stages to conversions")
    )
    curves = ((name, _curve(reader, node)) for name, node in _named(reader, nodes.get("curves"), "stages to curves"))
    return Noted(
        tuple((name, each) for name, each in times if each is not None),
        _times(reader, nodes["whole_way"]) if "whole_way" in nodes else None,
        tuple((name, each) for name, each in ends if each is not None),
        tuple((name, each) for name, each in curves if each is not None),
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
    found = _whole(reader, node, _TIME, Times._fields[1:-1])
    if found is not None and not {"units", "histogram"} & {*found[0], *found[1]}:
        found = _whole(reader, node, _TIME, Times._fields[:-1])
    if found is None:
        return None
    values, nodes = found
    bins: list[tuple[int | None, int]] = []
    for name, key, value in reader.entries(nodes.get("histogram"), "a time and how many", _HELP):
        end = None if name == _BEYOND else reader.scalar(key, moments.duration, "a time", _HELP)
        if isinstance(value, Sequence):
            bins += _bins_from(reader, end, key, value)
        else:
            bins.append((end, reader.scalar(value, scalars.whole, "a whole number", _HELP) or 0))
    return Times(**{"units": sum(units for _, units in bins)} | values, histogram=tuple(bins))


def _bins_from(reader: NodeReader, end: int | None, key: Node, node: Sequence) -> Iterator[tuple[int | None, int]]:
    """The bins of a list, of which the first has that end; those with units."""
    whole = ("a list of counts", _HELP), ("a whole number", _HELP)
    units = reader.items(node, scalars.whole, *whole)
    ends = _ENDS[_ENDS.index(end) :] if end in _ENDS else ()
    if len(units) > len(ends):
        reader.note(key, "FN103", f"{len(units)} bins of a histogram do not begin here", _HELP)
    return (each for each in zip(ends, units, strict=False) if each[1])


def _end(reader: NodeReader, node: Node, window: int | None) -> Eventual | None:
    """An end; where it is known, somebody was followed for the whole window, and what had come by then is the end."""
    found = _whole(reader, node, _EVENTUAL, ("entries",))
    if found is not None and ("conversion" not in found[0] or window is None):
        found = _whole(reader, node, _EVENTUAL, ("entries", "followed", "so_far"))
    if found is None:
        return None
    values = dict.fromkeys(("conversion", "low", "high")) | found[0]
    return Eventual(**{"followed": window, "so_far": values["conversion"]} | values)


def _curve(reader: NodeReader, node: Node) -> Curve | None:
    part = reader.part(node, _CURVE, _HELP)
    if part is None:
        return None
    points = _rows(reader, part[2].get("points"), (scalars.number, scalars.share, scalars.share), 2)
    waiting = _rows(reader, part[2].get("waiting"), (scalars.number, scalars.whole), 2)
    whole = ((time, came, *(still or [reduced(1 - Fraction(came))])) for time, came, *still in points)
    return Curve(tuple(whole), waiting)


def _rows(
    reader: NodeReader, node: Node | None, parsers: tuple[Callable[[str, bool], Any | Problem], ...], fewest: int
) -> tuple[Any, ...]:
    """Lists of as many figures as there are parsers, or so many of them."""
    if node is None:
        return ()
    if not isinstance(node, Sequence):
        reader.expected("a list of lists", node, _HELP)
        return ()
    rows = []
    for item in node.items:
        if not isinstance(item, Sequence) or not fewest <= len(item.items) <= len(parsers):
            many = f"{fewest}" if fewest == len(parsers) else f"{fewest} or {len(parsers)}"
            reader.expected(f"a list of {many} numbers", item, _HELP)
            return ()
        pairs = zip(item.items, parsers, strict=False)
        row = [reader.scalar(each, parser, "a number", _HELP) for each, parser in pairs]
        if None in row:
            return ()
        rows.append(tuple(row))
    return tuple(rows)


def tree(measured: Measured) -> Tree:
    """What is to be written of times and ends: names to names, texts of numbers, and lists of them."""
    window = measured.window
    found = _noted_tree(Noted(measured.times, measured.whole_way, measured.eventual, measured.curves), window)
    segments = {
        dimension: {name: _noted_tree(noted, window) for name, noted in parts} for dimension, parts in measured.segments
    }
    return found | ({"segments": segments} if segments else {})


def _noted_tree(noted: Noted, window: int | None) -> Tree:
    found: Tree = {}
    if noted.times:
        found["times"] = {name: _times_tree(times) for name, times in noted.times}
    if noted.whole_way is not None:
        found["whole_way"] = _times_tree(noted.whole_way)
    if noted.eventual:
        found["eventual"] = {name: _end_tree(end, window) for name, end in noted.eventual}
    if noted.curves:
        found["curves"] = {name: _curve_tree(curve) for name, curve in noted.curves}
    return found


def _times_tree(times: Times) -> Tree:
    counts = dict(times.histogram)
    figures = {} if sum(counts.values()) == times.units else {"units": str(times.units)}
    figures |= {key: _seconds(getattr(times, key)) for key in Times._fields[1:-1]}
    held = [place for place, end in enumerate(_ENDS) if counts.get(end)]
    if not held:
        return figures
    ends, first = _ENDS[held[0] : held[-1] + 1], _ENDS[held[0]]
    name = _BEYOND if first is None else moments.duration_text(first)
    return figures | {"histogram": {name: [str(counts.get(end, 0)) for end in ends]}}


def _end_tree(end: Eventual, window: int | None) -> Tree:
    shares = {"conversion": end.conversion, "low": end.low, "high": end.high}
    found = {key: _share(value) for key, value in shares.items() if value is not None}
    found["entries"] = _few_digits(end.entries)
    if end.conversion is None or end.followed != window:
        found["followed"] = moments.duration_text(end.followed)
    if end.conversion is None or end.so_far != end.conversion:
        found["so_far"] = _share(end.so_far)
    return found


def _curve_tree(curve: Curve) -> Tree:
    points = []
    for time, came, still in curve.points:
        own = [_rounded(time, 0), _few_digits(came)]
        points.append(own if abs(float(1 - came - still)) < _NO_LOSSES else [*own, _few_digits(still)])
    waiting = [[str(age), str(units)] for age, units in curve.waiting]
    return ({"points": points} if points else {}) | ({"waiting": waiting} if waiting else {})


def days_of(times: Times) -> Exact | tuple[Exact, Exact]:
    """The time of a step as a stage has it in `days`: median and p90 where times are spread so, else their mean."""
    median, p90 = (_in_days(_seconds(each)) for each in (times.p50, times.p90))
    spread = p90 > median > 0 and not isinstance(lognormal_mean(median, p90), Problem)
    return (median, p90) if spread else _in_days(_seconds(times.mean))


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


def with_ends_of_periods(funnel: Funnel) -> Funnel:
    """The funnel with the ends of its periods of which nobody is on the way: nothing is written of them but counts."""
    measured = funnel.measured
    if measured is None or measured.window is None or not measured.eventual:
        return funnel
    counts = {each.dimension: {part.name: part.counts for part in each.segments} for each in funnel.breakdowns}
    known = counts.get(PERIOD, {})
    segments = tuple(
        (
            dimension,
            tuple(
                (name, noted._replace(eventual=tuple(_over(funnel, known[name], measured))))
                if dimension == PERIOD and not noted.eventual and name in known and known[name][0]
                else (name, noted)
                for name, noted in parts
            ),
        )
        for dimension, parts in measured.segments
    )
    return funnel._replace(measured=measured._replace(segments=segments))


def _over(funnel: Funnel, counts: Sequence_[Exact], measured: Measured) -> Iterator[tuple[str, Eventual]]:
    """The ends of entries whose windows are over: what was counted, with Wilson's interval."""
    for name, _ in measured.eventual:
        if name in funnel.names:
            came = counts[funnel.index(name)]
            share, bounds = ratio(came, counts[0]), wilson_bounds(float(came), float(counts[0]))
            low, high = map(Fraction, bounds)
            yield name, Eventual(share, low, high, counts[0], measured.window or 0, share or 0)


_MOST_OF_A_RATIO = 10**9
_DIGITS = 6
"""Of an estimate."""
_NO_LOSSES = 1e-9
"""A share that is that of nobody."""


def _share(value: Exact) -> str:
    """A rate of whole numbers exactly, as a fraction where its decimals do not end; an estimate to six digits."""
    text = _few_digits(value)
    known = value.denominator < _MOST_OF_A_RATIO and Fraction(text) != value
    return f"{value.numerator}/{value.denominator}" if known else text


def _few_digits(value: Exact) -> str:
    return significant(value, _DIGITS)


def _seconds(value: Exact) -> str:
    """A time in whole seconds, a short one to four digits."""
    return _rounded(value, max(0, 4 - len(str(int(value)))) if value >= 1 else _DIGITS)


def _rounded(value: Exact, decimals: int) -> str:
    own = decimals_of(value)
    return figure_text(reduced(Fraction(value)), decimals if own is None else min(own, decimals))
