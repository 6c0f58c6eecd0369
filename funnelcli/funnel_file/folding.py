"""Long lines of what a measurement noted, broken where YAML allows it, so that a change of them can be read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH = 120
"""Columns within which lines stay, as far as their parts allow."""
_NOTED = re.compile(r"^measured:\n(?:[ ].*\n|\n)*", re.MULTILINE)
_OPENING = re.compile(r"""([ ]*)(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'{\[].*?):[ ](?=[\[{])""")
"""A key with a list or a mapping on the same line, and how far the key is indented."""
_PARTS = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[\[{]|[\]}]|,[ ]|[^"'\[\]{},]+|.""")


def folded(text: str) -> str:
    """The text of a funnel with the long lines of `measured` broken."""
    return _NOTED.sub(lambda found: "".join(map(_folded, found[0].splitlines(keepends=True))), text)


def _folded(line: str) -> str:
    opening = _OPENING.match(line) if len(line) > WIDTH else None
    if opening is None:
        return line
    lines = [line[: opening.end()]]
    for piece in _pieces(line[opening.end() :], WIDTH - len(opening[1]) - 2):
        if len(lines[-1]) + len(piece.rstrip()) > WIDTH and lines[-1].strip():
            lines.append(f"{opening[1]}  ")
        lines[-1] += piece
    return "\n".join(each.rstrip() for each in lines) + "\n"


def _pieces(text: str, room: int) -> Iterator[str]:
    """What stays together: an entry of the outermost list or mapping with all that it holds, if there is room."""
    depth, start, at = 0, 0, 0
    inner: list[int] = []
    for part in _PARTS.finditer(text):
        at = part.end()
        depth += (part[0] in ("[", "{")) - (part[0] in ("]", "}"))
        if part[0] == ", " and depth <= 1:
            yield from _entry(text, start, inner if at - start > room else [], at)
            start, inner = at, []
        elif part[0] == ", ":
            inner.append(at)
    yield from _entry(text, start, inner if at - start > room else [], at)


def _entry(text: str, start: int, ends: list[int], end: int) -> Iterator[str]:
    """An entry, or the parts of it that have these ends."""
    for place in (*ends, end):
        yield text[start:place]
        start = place
