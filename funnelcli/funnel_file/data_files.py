"""Data files of this folder: words and tables that are written in YAML, and loaded where they are first asked for."""

from __future__ import annotations

import os
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

from funnelcli.funnel_file import scalars
from funnelcli.funnel_file.yaml import tree
from funnelcli.funnel_file.yaml.nodes import Broken, Mapping, Sequence

if TYPE_CHECKING:
    from funnelcli.funnel_file.yaml.nodes import Node


@cache
def data_file(name: str) -> Any:
    """What a data file holds."""
    with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8") as file:
        (document,) = tree.parse(file.read())
    assert document.root is not None
    return loaded(document.root)


def loaded(node: Node) -> Any:
    """The value of a node, as YAML loads it."""
    if isinstance(node, Mapping):
        return {name: loaded(value) for name, (_, value) in node.entries.items()}
    if isinstance(node, Sequence):
        return [loaded(item) for item in node.items]
    assert not isinstance(node, Broken)
    value = scalars.value_of_any_kind(node.value, not node.style)
    return float(value) if isinstance(value, Fraction) else value
