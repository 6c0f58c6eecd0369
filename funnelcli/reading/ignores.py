"""Comments that silence a warning where it stands: `# funnelcli: ignore[FN301]`.

At the end of a line a comment is about that line; alone on its line, about the next one with content. Only warnings of
funnel files (FN3xx) can be ignored.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.diagnostics import CODES, Diagnostic, Location, Problem, did_you_mean, quoted
from funnelcli.reading.nodes import Broken, Mapping, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Sequence as ManyOf

    from funnelcli.reading.nodes import Node, Scalar

MARK = "funnelcli:"
UNUSED = "FN399"
_COMMENT = re.compile(r"(?:^|(?<=\s))#\s*funnelcli:\s*([^#\n]*)")
_IGNORE = re.compile(r"ignore\[([^\]]*)\]\s*")


class _Ignore(NamedTuple):
    """One code of a comment: where it is written (0-based), and the line it is about."""

    code: str
    line: int
    column: int
    about: int


def apply(
    found: list[Diagnostic], lines: list[str], roots: ManyOf[Node | None], file: str, report_unused: bool
) -> list[Diagnostic]:
    """What is left of the diagnostics, and a warning for each code of a comment that silenced nothing."""
    ignores: list[_Ignore] = []
    unclear: list[tuple[Problem, int, int, int]] = []
    inside = _scalars(roots)
    for number, line in enumerate(lines):
        for match in _COMMENT.finditer(line):
            if any(start <= (number, match.start()) < end for start, end in inside):
                continue  # text of a value, not a comment
            understood = _IGNORE.fullmatch(match[1].rstrip())
            if understood is None:
                problem = Problem(UNUSED, f"{quoted(match[0])} is not understood", "write # funnelcli: ignore[FN301]")
                unclear.append((problem, number, match.start(), len(match[0].rstrip())))
                continue
            about = number if line[: match.start()].strip() else _next_content(lines, number)
            first = match.start(1) + understood.start(1)
            ignores += [
                _Ignore(part[0], number, first + part.start(), about) for part in re.finditer(r"[^,\s]+", understood[1])
            ]
    used: set[_Ignore] = set()
    kept = []
    for each in found:
        silencing = [
            ignore
            for ignore in ignores
            if ignore.code == each.problem.code
            and ignore.code.startswith("FN3")
            and ignore.about == each.location.line - 1
        ]
        used.update(silencing)
        if not silencing:
            kept.append(each)
    if not report_unused:
        return kept
    unclear += [
        (_unused(ignore), ignore.line, ignore.column, len(ignore.code)) for ignore in ignores if ignore not in used
    ]
    for problem, number, column, length in unclear:
        place = Location(file, number + 1, column + 1, column + 1 + length)
        kept.append(Diagnostic(problem, place, lines[number]))
    return sorted(kept, key=lambda each: (each.location.line, each.location.column, each.problem.code))


def _unused(ignore: _Ignore) -> Problem:
    if ignore.code not in CODES:
        known = [code for code in CODES if code.startswith("FN3")]
        return Problem(UNUSED, f"there is no code {quoted(ignore.code)}", did_you_mean(ignore.code, known))
    if not ignore.code.startswith("FN3"):
        return Problem(UNUSED, f"{ignore.code} cannot be ignored: only FN3xx can", "mend what it says")
    return Problem(UNUSED, f"nothing to ignore: there is no {ignore.code} here", "delete it")


def _next_content(lines: list[str], number: int) -> int:
    """The next line that is neither empty nor a comment."""
    for index in range(number + 1, len(lines)):
        content = lines[index].strip()
        if content and not content.startswith("#"):
            return index
    return number


def _scalars(roots: ManyOf[Node | None]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where values that may hold a # begin and end."""
    return [
        ((node.start_mark.line, node.start_mark.column), (node.end_mark.line, node.end_mark.column))
        for root in roots
        for node in _leaves(root)
        if "#" in node.value
    ]


def _leaves(root: Node | None) -> Iterator[Scalar]:
    pending: list[Node] = [] if root is None else [root]
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Mapping):
            for key, value in node.entries.values():
                pending += [key, value]
        elif isinstance(node, Sequence):
            pending += node.items
        elif not isinstance(node, Broken):
            yield node
