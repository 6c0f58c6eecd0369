"""Findings of a document to diagnostics: their place in the file, the line of source, the path of keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import Diagnostic, Location
from funnelcli.funnel_file.yaml.nodes import Mapping, Sequence

if TYPE_CHECKING:
    from funnelcli.funnel_file.yaml.nodes import Finding, Mark, Node


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
                part = name if len(name) <= LONGEST_PART else f"{name[:LONGEST_PART]}…"
                inner = f"{path}.{part}" if path else part
                place = (key.start_mark.line, key.start_mark.column)
                if place in wanted:
                    paths[place] = inner
                pending.append((value, inner))
        elif isinstance(node, Sequence):
            pending.extend((item, f"{path}[{index}]") for index, item in enumerate(node.items))
    return paths
