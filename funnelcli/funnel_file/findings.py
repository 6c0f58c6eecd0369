"""Findings of a document to diagnostics: their place in the file, the line of source, the path of keys; and back, from
a path of keys and indices to the node that stands there, where a warning about a funnel points.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import Diagnostic, Location
from funnelcli.funnel_file.yaml.nodes import Broken, Mapping, Sequence
from funnelcli.measure import TOGETHER

if TYPE_CHECKING:
    from funnelcli.diagnostics import Path
    from funnelcli.funnel_file.yaml.nodes import Finding, Mark, Node, Scalar


LONGEST_PART = 200
"""Characters of a key that stand in a path: below a very long key, all of it in every path would fill the memory."""


def diagnostics(findings: list[Finding], root: Node | None, file: str, lines: list[str]) -> tuple[Diagnostic, ...]:
    """Findings with their place, source line and path, in the order of the text."""
    once = {(each.problem, each.start.line, each.start.column): each for each in findings}
    paths = _paths(root, {(line, column) for _, line, column in once})
    result = []
    for finding in once.values():
        related: tuple[tuple[str, Location, str], ...] = ()
        if finding.related is not None:
            said, start, end = finding.related
            related = ((said, locate(file, start, end, lines), _source(lines, start.line)),)
        result.append(
            Diagnostic(
                finding.problem,
                locate(file, finding.start, finding.end, lines),
                _source(lines, finding.start.line),
                paths.get((finding.start.line, finding.start.column), ""),
                related,
                finding.fix,
            )
        )
    return tuple(sorted(result, key=lambda each: (each.location.line, each.location.column, each.problem.code)))


def locate(file: str, start: Mark, end: Mark, lines: list[str] | None) -> Location:
    """The place of a stretch of text; one of several lines ends with its first."""
    end_column = end.column
    if end.line != start.line:
        end_column = len(lines[start.line].rstrip()) if lines and start.line < len(lines) else start.column + 1
    return Location(file, start.line + 1, start.column + 1, max(end_column, start.column + 1) + 1)


def _source(lines: list[str], line: int) -> str:
    return lines[line] if line < len(lines) else ""


def _paths(root: Node | None, wanted: set[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """The path of each wanted place where a node or its key starts; the outermost wins."""
    paths: dict[tuple[int, int], str] = {}
    lines = {line for line, _ in wanted}  # of most scalars, of which there may be one for each unit, nothing is said
    pending: list[tuple[Node, str]] = [] if root is None else [(root, "")]
    seen: set[int] = set()
    while pending:
        node, path = pending.pop()
        place = (node.start_mark.line, node.start_mark.column)
        if place in wanted:
            paths.setdefault(place, path)
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Mapping):
            for name, (key, value) in node.entries.items():
                if not isinstance(value, (Mapping, Sequence)) and lines.isdisjoint(
                    (key.start_mark.line, value.start_mark.line)
                ):
                    continue
                part = name if len(name) <= LONGEST_PART else f"{name[:LONGEST_PART]}…"
                inner = f"{path}.{part}" if path else part
                place = (key.start_mark.line, key.start_mark.column)
                if place in wanted:
                    paths[place] = inner
                pending.append((value, inner))
        elif isinstance(node, Sequence):
            for index, item in enumerate(node.items):
                if isinstance(item, (Mapping, Sequence)) or item.start_mark.line in lines:
                    pending.append((item, f"{path}[{index}]"))
    return paths


def node_at(root: Node | None, path: Path) -> Node | Scalar | None:
    """The scalar at a path, or the key of what is larger; as near to it as the document goes.

    An index counts the items of a list or the entries of a mapping, so that a stage is found in both forms; the
    `count` of a stage written as `name: count` is its value. A key of an item stands in a list that has but this one,
    and an operator that is no key is passed over.
    """
    node: Node | None = root
    shown: Node | Scalar | None = root
    key: Scalar | None = None
    for part in path:
        if part is None:
            return key or shown
        step = _step(node, part)
        if step is None and part in TOGETHER:
            continue
        if step is None:
            break
        key, node = step
        shown = key if key is not None and isinstance(node, (Mapping, Sequence)) else node
    return shown


def text_at(root: Node | None, path: Path) -> str | None:
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


def _step(node: Node | None, part: str | int | None) -> tuple[Scalar | None, Node] | None:
    """The key, if it has one, and the value of a part of a node."""
    if isinstance(node, Mapping):
        return node.entry(part) if isinstance(part, int) else node.entries.get(part or "")
    if isinstance(node, Sequence) and isinstance(part, str):
        return _step(node.items[0], part) if len(node.items) == 1 and isinstance(node.items[0], Mapping) else None
    if isinstance(node, Sequence):
        return (None, node.items[part]) if isinstance(part, int) and part < len(node.items) else None
    return (None, node) if part == "count" and node is not None and not isinstance(node, Broken) else None
