"""Measured counts into the text of a funnel file, whose comments, order and quotes stay as they are.

By ruamel.yaml, a round-trip library of the extra `events`, which keeps what PyYAML throws away: `rewrite_nodes` sets
values in its trees, and `rewrite_imported` what an export tells beyond counts.
"""

from __future__ import annotations

import re
from fractions import Fraction
from io import StringIO
from typing import TYPE_CHECKING, Any, NamedTuple

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from funnelcli.funnel_file.figures import DIGITS_OF_DAYS, significant
from funnelcli.funnel_file.folding import folded
from funnelcli.funnel_file.heading import renewed
from funnelcli.funnel_file.measured_times import days_of, tree
from funnelcli.funnel_file.moments import duration_text
from funnelcli.funnel_file.rewrite_imported import (
    CHECKS,
    check_node,
    fill,
    has_money_alone,
    in_cells,
    money_of_segments,
    open_node,
    put_check,
)
from funnelcli.funnel_file.rewrite_nodes import (
    days_node,
    drop,
    figure_node,
    flow,
    number_node,
    put,
    put_average,
    replace,
    round_trip,
    text_node,
)
from funnelcli.funnel_file.writer import broken_list
from funnelcli.funnel_file.yaml.plain import is_number
from funnelcli.measure import Noted, Times
from funnelcli.model import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.exact import Exact
    from funnelcli.measure import Measured
    from funnelcli.model import Funnel
    from funnelcli.segments import Breakdown, Segment

_START = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_MARKER = re.compile(r"---[ ]*(?:#[^\n]*)?(?:\n|$)")
_OPEN = re.compile(r"^( +(?:- \{name: .*\b)?open: )\[([\d., ]+)\](.*)$", re.MULTILINE)
"""The open units of a stage, whose amounts may be hundreds."""


class Counts(NamedTuple):
    """What goes into one funnel: counts in stage order, its breakdowns, and the note, with the times of the steps.

    `unmet` are stages that no event fits while there are events that fit none: one of them may have a new name.
    `imported` is what an export tells of times, open units, money and cells; what it does not tell stays. `of_units`:
    it has a row a unit, and so tells of all that are open. `heading` are lines in the place of the comment of an import
    before. `emptied` are dimensions in which nothing was found. `checks` are the average checks of stages and their
    standard deviations, by the index of the stage.
    """

    counts: Sequence[Exact]
    breakdowns: Sequence[Breakdown]
    measured: Measured
    unmet: Sequence[str] = ()
    budget: Exact | None = None
    imported: Funnel | None = None
    heading: Sequence[str] = ()
    of_units: bool = False
    emptied: Sequence[str] = ()
    checks: Sequence[tuple[int, Exact, Exact | None]] = ()


def rewrite(text: str, funnels: Mapping[int, Counts]) -> str:
    """The text of a sound file with the counts of some of its documents, which are numbered from 1."""
    number = 0
    parts = []
    for part in _documents(text):
        holds = _holds_anything(part)
        number += holds
        parts.append(_rewritten(part, funnels[number]) if holds and number in funnels else part)
    return "".join(parts)


def only(text: str, documents: Sequence[int]) -> str:
    """Some documents of a file, as one stream."""
    parts = [part for part in _documents(text) if _holds_anything(part)]
    chosen = [_START.sub("", parts[number - 1], count=1).lstrip("\n") for number in documents]
    return "---\n".join(part if part.endswith("\n") else part + "\n" for part in chosen)


def _documents(text: str) -> list[str]:
    """The text in parts that begin with `---`, maybe but for the first."""
    starts = [0, *(match.start() for match in _START.finditer(text) if match.start())]
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def _holds_anything(part: str) -> bool:
    lines = _START.sub("", part, count=1).splitlines()
    return any(line.strip() and not line.lstrip().startswith(("#", "%", "...")) for line in lines)


def _rewritten(part: str, found: Counts) -> str:
    marker = _MARKER.match(part) or _START.match(part)
    head, body = (part[: marker.end()], part[marker.end() :]) if marker else ("", part)
    if found.heading:
        body = renewed(body, found.heading)
    yaml = round_trip()
    nested, offset, dash = _indents(body)
    yaml.indent(mapping=nested, sequence=offset + dash, offset=offset)
    funnel = yaml.load(body)
    stages = funnel["stages"]
    if isinstance(stages, CommentedMap):  # name: count
        for name, count in zip(list(stages), found.counts, strict=True):
            stages[name] = number_node(count)
        stages = []
    times = dict(found.measured.times)
    for stage, count in zip(stages, found.counts, strict=bool(stages)):
        put(stage, "count", number_node(count), after="name")
        drop(stage, "conversion")
        if found.imported is None and ("days" not in stage or _is_measured(stage, funnel.get("measured"))):
            _put_days(stage, times.get(str(stage["name"])))
    for index, mean, deviation in found.checks:
        count = found.counts[index]
        paid = Stage(str(stages[index]["name"]), None, count, average_check=mean, average_check_sd=deviation)
        put_check(funnel, index, paid)
    if found.budget is not None:
        if "budget" not in funnel:
            funnel.insert(list(funnel).index("stages"), "budget", 0)
        funnel["budget"] = number_node(found.budget)
    if found.imported is not None:
        fill(funnel, found.imported, found.of_units)
    known = funnel.get("breakdowns", {})
    for dimension, segments in found.breakdowns:
        cells_tell = found.imported is not None and in_cells(found.imported, dimension)
        if not cells_tell or dimension in known:
            dimensions = funnel.setdefault("breakdowns", CommentedMap())
            before = dimensions.get(dimension)
            alone = cells_tell and has_money_alone(before)
            sale = found.checks[0][0] if len(found.checks) == 1 else -1
            own = money_of_segments(before, segments) if alone else _segments(before, segments, len(found.counts), sale)
            replace(dimensions, dimension, own)
    for dimension in found.emptied:
        if dimension in known:
            left = _segments(known[dimension], (), len(found.counts))
            replace(known, dimension, left) if left else drop(known, dimension)
            if not known:
                drop(funnel, "breakdowns")
    replace(funnel, "measured", _note(found.measured))
    stream = StringIO()
    yaml.dump(funnel, stream)
    dumped = folded(stream.getvalue())
    if found.imported is not None:
        dumped = _OPEN.sub(lambda told: "\n".join(broken_list(told[1], told[2].split(", "))) + told[3], dumped)
    return head + ("\n" if head and not head.endswith("\n") else "") + dumped


def _is_measured(stage: CommentedMap, measured: Any) -> bool:
    """Whether the days of a stage are those of a measurement before; a figure of somebody else's stays."""
    name, noted = str(stage["name"]), measured if isinstance(measured, CommentedMap) else {}
    if name in noted.get("median_days", {}):  # beside which the mean stood
        return not isinstance(stage["days"], CommentedMap)
    known = noted.get("times", {}).get(name)
    if known is None:
        return False
    own = stage["days"]
    days = tuple(own.values()) if isinstance(own, CommentedMap) else (own,)
    mean, p25, p50, p75, p90 = (Fraction(str(known[key])) for key in ("mean", "p25", "p50", "p75", "p90"))
    before = days_of(Times(0, mean, p25, p50, p75, p90))
    return tuple(Fraction(str(each)) for each in days) == (before if isinstance(before, tuple) else (before,))


def _put_days(stage: CommentedMap, times: Times | None) -> None:
    """The time of a step: median and p90, or the mean where that is all that can be said."""
    days = None if times is None else days_of(times)
    if days is None:
        drop(stage, "days")
    elif isinstance(days, tuple):
        own = CommentedMap(zip(("median", "p90"), map(days_node, days), strict=True))
        own.fa.set_flow_style()
        put(stage, "days", own, after="count")
    else:
        put(stage, "days", days_node(days), after="count")


def _indents(text: str) -> tuple[int, int, int]:
    """How far the text indents the entries of a mapping and the dashes of a list, and how wide a dash is."""
    dash = re.search(r"^( *)[^\s#-][^\n]*:[ ]*(?:#[^\n]*)?\n(?:[ ]*(?:#[^\n]*)?\n)*( *)(- +)", text, re.MULTILINE)
    nested = re.search(r"^( *)[^\s#-][^\n]*:[ ]*(?:#[^\n]*)?\n(?:[ ]*(?:#[^\n]*)?\n)*(\1 +)[^\s#-]", text, re.MULTILINE)
    offset = len(dash[2]) - len(dash[1]) if dash else 2
    return (len(nested[2]) - len(nested[1]) if nested else 2), max(offset, 0), len(dash[3]) if dash else 2


def _segments(known: Any, segments: Sequence[Any], stages: int, sale: int = -1) -> CommentedMap:
    """A dimension: the segments that were found, and those of before that have money which was not looked for.

    Average checks are of the `sale`.
    """
    old = known if isinstance(known, CommentedMap) else CommentedMap()
    with_money = {name: value for name, value in old.items() if isinstance(value, CommentedMap) and "counts" in value}
    rows: dict[str, Any] = {str(segment.name): _row(segment, sale) for segment in segments}
    told = {"counts", "open"}
    told |= {"budget"} if any(each.budget is not None for each in segments) else set()
    told |= set(CHECKS) if any(each.average_check is not None for each in segments) else set()
    for name, value in with_money.items():
        if value.keys() - told:
            for key in told - {"counts"} if str(name) not in rows else ():
                drop(value, key)  # of the time before
            rows.setdefault(str(name), flow([0] * stages))
    result = CommentedMap()
    for name, row in rows.items():
        if name in with_money:
            own = row if isinstance(row, CommentedMap) else {"counts": row}
            if "open" not in own:
                drop(with_money[name], "open")  # of the counts of before
            _put_money(with_money[name], own)
            row = with_money[name]
        result[text_node(name)] = row
    return result


def _put_money(segment: CommentedMap, found: Mapping[str, Any]) -> None:
    """What was found into a segment of before; a mean goes beside the standard deviation that stands there."""
    for key, value in found.items():
        if key == "average_check" and "average_order_value" in segment:
            key = "average_order_value"
        if isinstance(value, CommentedMap):  # with a standard deviation of its own
            segment[key] = value
        else:
            put_average(segment, key, value)


def _row(segment: Segment, sale: int) -> CommentedMap | CommentedSeq:
    """A segment's counts, with its open units and its money where some were found."""
    counts = flow([number_node(count) for count in segment.counts])
    if segment.budget is None and segment.average_check is None and not any(segment.open):
        return counts
    row = CommentedMap(counts=counts)
    if any(segment.open):
        row["open"] = open_node(segment)
    if segment.budget is not None:
        row["budget"] = number_node(segment.budget)
    if segment.average_check is not None:
        row["average_check"] = check_node(segment, sale)
    row.fa.set_flow_style()
    return row


def _note(measured: Measured) -> CommentedMap:
    result = CommentedMap()
    for key, value in measured._asdict().items():
        if value is None or value == () or key in Noted._fields or key in ("segments", "cut"):
            continue
        if key == "window":
            result[key] = duration_text(value)
        elif key == "median_days":
            result[key] = CommentedMap(
                (text_node(stage), figure_node(significant(days, DIGITS_OF_DAYS))) for stage, days in value
            )
        elif key == "counted_again":
            result[key] = CommentedMap(
                (text_node(name), flow([number_node(each) for each in again])) for name, again in value
            )
        elif isinstance(value, tuple):
            result[key] = flow([text_node(each) for each in value])
        else:
            result[key] = text_node(value) if isinstance(value, str) else value
    result.update({key: _node(key, value) for key, value in tree(measured).items()})
    return result


def _node(key: str, value: Any) -> Any:
    """A tree of texts and numbers as text; a mapping that has some among its values stands on one line."""
    if isinstance(value, str):
        return figure_node(value) if is_number(value) else text_node(value)
    if isinstance(value, list):
        return flow([_node(key, each) for each in value])
    own = key == "histogram"  # its keys are times, which need no quotes
    found = CommentedMap((name if own else text_node(name), _node(name, each)) for name, each in value.items())
    if any(isinstance(each, str) for each in value.values()):
        found.fa.set_flow_style()
    return found
