"""Nodes of a round-trip tree: values set, dropped and replaced, with the comments beside them kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from funnelcli.diagnostics import decimal_text
from funnelcli.funnel_file.figures import figure_text
from funnelcli.funnel_file.yaml.quoting import written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.exact import Exact

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


def round_trip() -> YAML:
    """What reads and writes a document and changes nothing of it."""
    yaml = YAML(typ="rt")
    yaml.Constructor, yaml.Representer = _Constructor, _Representer
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    yaml.preserve_quotes = True
    yaml.width = _WIDE
    yaml.allow_unicode = True
    return yaml


def put(mapping: CommentedMap, key: str, value: Any, after: str) -> None:
    """Set a value; a new key stands after another one."""
    if key in mapping:
        mapping[key] = value
    else:
        mapping.insert(list(mapping).index(after) + 1, key, value)


def drop(mapping: CommentedMap, key: str) -> None:
    """Delete a key; a comment after it goes to the key before."""
    if key not in mapping:
        return
    keys = list(mapping)
    before = keys[keys.index(key) - 1] if keys.index(key) else None
    comment = mapping.ca.items.pop(key, None)
    del mapping[key]
    if comment is not None and before is not None and before not in mapping.ca.items:
        mapping.ca.items[before] = comment


def replace(mapping: CommentedMap, key: str, value: Any) -> None:
    """Set a structure; what was commented below the old one stays below the new one."""
    old = mapping.get(key)
    tail = _tail(old)
    if isinstance(old, CommentedSeq) and isinstance(value, CommentedSeq):
        value.ca.comment, value.ca.end = old.ca.comment, old.ca.end  # what stands below a list of lines
        if tail is not None:
            value.ca.items[len(value) - 1] = [tail, None, None, None]
    mapping[key if key in mapping else text_node(key)] = value
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


def put_average(mapping: CommentedMap, key: str, value: Any) -> None:
    """Set a value; a mean goes beside the standard deviation that stands there."""
    if isinstance(mapping.get(key), CommentedMap) and "mean" in mapping[key]:
        mapping[key]["mean"] = value
    else:
        mapping[key] = value


def flow(values: Sequence[Any]) -> CommentedSeq:
    """A list on one line."""
    result = CommentedSeq(values)
    result.fa.set_flow_style()
    return result


def text_node(text: str) -> str:
    """Text that every reader takes for text."""
    return text if written(text) == text else DoubleQuotedScalarString(text)


def number_node(value: Exact) -> int | _Float:
    """A count or an amount in plain digits: 4.05e-05 is text to some readers of YAML."""
    return value if isinstance(value, int) else figure_node(figure_text(value))


def figure_node(text: str) -> int | _Float:
    """A number as it is written."""
    return int(text) if text.isdecimal() else _Float(text)


def days_node(value: Exact) -> int | _Float:
    """Days in a plain decimal."""
    return value if isinstance(value, int) else _Float(decimal_text(value))
