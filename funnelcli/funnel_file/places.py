"""From a path of keys and indices to the node that stands there: where a warning about a funnel points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.funnel_file.yaml.nodes import Broken, Mapping, Sequence

if TYPE_CHECKING:
    from funnelcli.funnel_file.yaml.nodes import Node


def node_at(root: Node | None, path: tuple[str | int, ...]) -> Node | None:
    """The scalar at a path, or the key of what is larger; as near to it as the document goes.

    An index counts the items of a list or the entries of a mapping, so that a stage is found in both forms; the
    `count` of a stage written as `name: count` is its value.
    """
    node, shown = root, root
    for part in path:
        step = _step(node, part)
        if step is None:
            break
        key, node = step
        shown = key if key is not None and isinstance(node, (Mapping, Sequence)) else node
    return shown


def text_at(root: Node | None, path: tuple[str | int, ...]) -> str | None:
    """The text of the scalar at exactly this path; `None` where there is none."""
    node = root
    for part in path:
        step = _step(node, part)
        if step is None:
            return None
        node = step[1]
    if node is None or isinstance(node, (Mapping, Sequence, Broken)):
        return None
    return node.value


def _step(node: Node | None, part: str | int) -> tuple[Node | None, Node] | None:
    """The key, if it has one, and the value of a part of a node."""
    if isinstance(node, Mapping):
        if isinstance(part, int):
            return node.entry(part)
        return node.entries.get(part)
    if isinstance(node, Sequence):
        return (None, node.items[part]) if isinstance(part, int) and part < len(node.items) else None
    return (None, node) if part == "count" and node is not None and not isinstance(node, Broken) else None
