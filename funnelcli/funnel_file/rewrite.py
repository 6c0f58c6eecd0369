"""Measured counts into the text of a funnel file, whose comments, order and quotes stay as they are.

The only importer of ruamel.yaml, a round-trip library of the extra `events`: it keeps what PyYAML throws away.
"""

from __future__ import annotations

import re
from io import StringIO
from typing import TYPE_CHECKING, Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from funnelcli.diagnostics import decimal_text
from funnelcli.funnel_file.scalars import written_number
from funnelcli.funnel_file.yaml.quoting import written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.exact import Exact
    from funnelcli.measure import Measured
    from funnelcli.model import Breakdown, Segment

_START = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_MARKER = re.compile(r"---[ ]*(?:#[^\n]*)?(?:\n|$)")
_WIDE = 1 << 20
"""Columns after which a line may be broken: none is."""


class _Float(str):
    """A number with a point or a power as it is written: as a binary fraction it would lose its last digits."""

    __slots__ = ()


class _Constructor(RoundTripConstructor):
    """Of our own, so that the library's stays as it is for others."""


class _Representer(RoundTripRepresenter):
    """Likewise."""


_FLOAT = "tag:yaml.org,2002:float"
_Constructor.add_constructor(_FLOAT, lambda _, node: _Float(node.value))
_Representer.add_representer(_Float, lambda representer, number: representer.represent_scalar(_FLOAT, number))


class Counts(NamedTuple):
    """What goes into one funnel: counts and mean days in stage order, its breakdowns, and the note.

    `unmet` are stages that no event fits while there are events that fit none: one of them may have a new name.
    """

    counts: Sequence[Exact]
    days: Sequence[Exact | None]
    breakdowns: Sequence[Breakdown]
    measured: Measured
    unmet: Sequence[str] = ()
    budget: Exact | None = None


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
    yaml = YAML(typ="rt")
    yaml.Constructor, yaml.Representer = _Constructor, _Representer
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    yaml.preserve_quotes = True
    yaml.width = _WIDE
    yaml.allow_unicode = True
    nested, offset, dash = _indents(body)
    yaml.indent(mapping=nested, sequence=offset + dash, offset=offset)
    funnel = yaml.load(body)
    stages = funnel["stages"]
    if isinstance(stages, CommentedMap):  # name: count
        for name, count in zip(list(stages), found.counts, strict=True):
            stages[name] = _number(count)
        stages = []
    for stage, count, days in zip(stages, found.counts, found.days, strict=bool(stages)):
        _put(stage, "count", _number(count), after="name")
        _drop(stage, "conversion")
        if isinstance(stage.get("days"), CommentedMap):
            continue  # quantiles, which say more than the mean
        if days is None:
            _drop(stage, "days")
        else:
            _put(stage, "days", _days(days), after="count")
    if found.budget is not None:
        if "budget" not in funnel:
            funnel.insert(list(funnel).index("stages"), "budget", 0)
        funnel["budget"] = _number(found.budget)
    if found.breakdowns:
        dimensions = funnel.setdefault("breakdowns", CommentedMap())
        for dimension, segments in found.breakdowns:
            known = dimensions.get(dimension)
            _replace(dimensions, dimension, _segments(known, segments, len(found.counts)))
    _replace(funnel, "measured", _note(found.measured))
    stream = StringIO()
    yaml.dump(funnel, stream)
    return head + ("\n" if head and not head.endswith("\n") else "") + stream.getvalue()


def _indents(text: str) -> tuple[int, int, int]:
    """How far the text indents the entries of a mapping and the dashes of a list, and how wide a dash is."""
    dash = re.search(r"^( *)[^\s#-][^\n]*:[ ]*(?:#[^\n]*)?\n(?:[ ]*(?:#[^\n]*)?\n)*( *)(- +)", text, re.MULTILINE)
    nested = re.search(r"^( *)[^\s#-][^\n]*:[ ]*(?:#[^\n]*)?\n(?:[ ]*(?:#[^\n]*)?\n)*(\1 +)[^\s#-]", text, re.MULTILINE)
    offset = len(dash[2]) - len(dash[1]) if dash else 2
    return (len(nested[2]) - len(nested[1]) if nested else 2), max(offset, 0), len(dash[3]) if dash else 2


def _put(mapping: CommentedMap, key: str, value: Any, after: str) -> None:
    """Set a value; a new key stands after another one."""
    if key in mapping:
        mapping[key] = value
    else:
        mapping.insert(list(mapping).index(after) + 1, key, value)


def _drop(mapping: CommentedMap, key: str) -> None:
    """Delete a key; a comment after it goes to the key before."""
    if key not in mapping:
        return
    keys = list(mapping)
    before = keys[keys.index(key) - 1] if keys.index(key) else None
    comment = mapping.ca.items.pop(key, None)
    del mapping[key]
    if comment is not None and before is not None and before not in mapping.ca.items:
        mapping.ca.items[before] = comment


def _replace(mapping: CommentedMap, key: str, value: Any) -> None:
    """Set a structure; what was commented below the old one stays below the new one."""
    tail = _tail(mapping[key]) if key in mapping else None
    mapping[key if key in mapping else _text(key)] = value
    if tail is not None and isinstance(value, CommentedMap) and value:
        _set_tail(value, tail)


def _tail(node: Any) -> Any:
    """The comment after the last entry of a structure, if there is one."""
    while isinstance(node, (CommentedMap, CommentedSeq)) and node:
        last = list(node)[-1] if isinstance(node, CommentedMap) else len(node) - 1
        comment = node.ca.items.get(last)
        place = 2 if isinstance(node, CommentedMap) else 0
        if comment is not None and comment[place] is not None:
            return comment[place]
        node = node[last]
    return None


def _set_tail(node: CommentedMap, comment: Any) -> None:
    last = list(node)[-1]
    while isinstance(node[last], CommentedMap) and node[last] and not node[last].fa.flow_style():
        node = node[last]
        last = list(node)[-1]
    node.ca.items[last] = [None, None, comment, None]


def _segments(known: Any, segments: Sequence[Any], stages: int) -> CommentedMap:
    """A dimension: the segments that were found, and those of before that have money of their own."""
    old = known if isinstance(known, CommentedMap) else CommentedMap()
    with_money = {name: value for name, value in old.items() if isinstance(value, CommentedMap) and "counts" in value}
    rows: dict[str, Any] = {str(segment.name): _row(segment) for segment in segments}
    for name, value in with_money.items():
        if value.keys() - {"counts", "open"}:
            rows.setdefault(str(name), _flow([0] * stages))
    result = CommentedMap()
    for name, row in rows.items():
        if name in with_money:
            own = row if isinstance(row, CommentedMap) else {"counts": row}
            if "open" not in own:
                _drop(with_money[name], "open")  # of the counts of before
            _put_money(with_money[name], own)
            row = with_money[name]
        result[_text(name)] = row
    return result


def _put_money(segment: CommentedMap, found: Mapping[str, Any]) -> None:
    """What was found into a segment of before; a mean goes beside the standard deviation that stands there."""
    for key, value in found.items():
        if key == "average_check" and "average_order_value" in segment:
            key = "average_order_value"
        if isinstance(segment.get(key), CommentedMap) and "mean" in segment[key]:
            segment[key]["mean"] = value
        else:
            segment[key] = value


def _row(segment: Segment) -> CommentedMap | CommentedSeq:
    """A segment's counts, with its open units and its money where some were found."""
    counts = _flow([_number(count) for count in segment.counts])
    if segment.budget is None and segment.average_check is None and not any(segment.open):
        return counts
    row = CommentedMap(counts=counts)
    if any(segment.open):
        row["open"] = _flow(segment.open)
    for key, value in (("budget", segment.budget), ("average_check", segment.average_check)):
        if value is not None:
            row[key] = _number(value)
    row.fa.set_flow_style()
    return row


def _note(measured: Measured) -> CommentedMap:
    result = CommentedMap()
    for key, value in measured._asdict().items():
        if value is None or value == ():
            continue
        if key == "median_days":
            result[key] = CommentedMap((_text(stage), _days(days)) for stage, days in value)
        elif key == "counted_again":
            result[key] = CommentedMap((_text(name), _flow([_number(each) for each in again])) for name, again in value)
        elif isinstance(value, tuple):
            result[key] = _flow([_text(each) for each in value])
        else:
            result[key] = _text(value) if isinstance(value, str) else value
    return result


def _flow(values: Sequence[Any]) -> CommentedSeq:
    result = CommentedSeq(values)
    result.fa.set_flow_style()
    return result


def _text(text: str) -> str:
    """Text that every reader takes for text."""
    return text if written(text) == text else DoubleQuotedScalarString(text)


def _number(value: Exact) -> int | _Float:
    """A count or an amount in plain digits: 4.05e-05 is text to some readers of YAML."""
    return value if isinstance(value, int) else _Float(written_number(value))


def _days(value: Exact) -> int | _Float:
    return value if isinstance(value, int) else _Float(decimal_text(value))
