"""Comments that silence a warning where it stands: `# funnelcli: ignore[FN301]`.

At the end of a line a comment is about that line; alone on its line, about the next one with content. Only warnings of
funnel files (FN3xx) can be ignored.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.diagnostics import RETIRED, Diagnostic, Location, Problem, did_you_mean, quoted
from funnelcli.funnel_file.yaml.nodes import Broken, Mapping, Sequence, walk

if TYPE_CHECKING:
    from collections.abc import Sequence as ManyOf

    from funnelcli.funnel_file.yaml.nodes import Node

UNUSED = "FN399"
_COMMENT = re.compile(r"(?:^|(?<=\s))#\s*funnelcli:\s*([^#\n]*)")
_IGNORE = re.compile(r"ignore\[([^\]]*)\](?:\s.*)?")  # a reason may follow


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
    starts = [start for start, _ in inside]
    contents = _next_contents(lines)
    for number, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        for match in _COMMENT.finditer(line):
            before = bisect_right(starts, (number, match.start()))
            if before and (number, match.start()) < inside[before - 1][1]:
                continue  # text of a value, not a comment
            understood = _IGNORE.fullmatch(match[1].rstrip())
            if understood is None:
                problem = Problem(UNUSED, f"{quoted(match[0])} is not understood", "write # funnelcli: ignore[FN301]")
                unclear.append((problem, number, match.start(), len(match[0].rstrip())))
                continue
            about = number if indent < match.start() else contents[number]
            first = match.start(1) + understood.start(1)
            ignores += [
                _Ignore(part[0], number, first + part.start(), about) for part in re.finditer(r"[^,\s]+", understood[1])
            ]
    silenced = {(ignore.code, ignore.about) for ignore in ignores if ignore.code.startswith("FN3")}
    places = [(each.problem.code, each.location.line - 1) for each in found]
    kept = [each for each, place in zip(found, places, strict=True) if place not in silenced]
    if not report_unused:
        return kept
    used = silenced.intersection(places)
    unused = [ignore for ignore in ignores if (ignore.code, ignore.about) not in used]
    unclear += [(_unused(each.code), each.line, each.column, len(each.code)) for each in unused]
    for problem, number, column, length in unclear:
        place = Location(file, number + 1, column + 1, column + 1 + length)
        kept.append(Diagnostic(problem, place, lines[number]))
    return sorted(kept, key=lambda each: (each.location.line, each.location.column, each.problem.code))


@lru_cache(maxsize=256)
def _unused(code: str) -> Problem:
    if code in RETIRED:
        return Problem(UNUSED, f"{code} has become {RETIRED[code]}", "delete it")
    from funnelcli import docs

    if code not in docs.codes():
        known = [code for code in docs.codes() if code.startswith("FN3")]
        return Problem(UNUSED, f"there is no code {quoted(code)}", did_you_mean(code, known))
    if not code.startswith("FN3"):
        return Problem(UNUSED, f"{code} cannot be ignored: only FN3xx can", "mend what it says")
    return Problem(UNUSED, f"nothing to ignore: there is no {code} here", "delete it")


def _next_contents(lines: list[str]) -> list[int]:
    """For each line the next one that is neither empty nor a comment; the line itself where none follows."""
    following = list(range(len(lines)))
    content: int | None = None
    for number in range(len(lines) - 1, -1, -1):
        if content is not None:
            following[number] = content
        written = lines[number].lstrip()
        if written and not written.startswith("#"):
            content = number
    return following


def _scalars(roots: ManyOf[Node | None]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where values that may hold a # begin and end, in the order of the text."""
    return sorted(
        ((node.start_mark.line, node.start_mark.column), (node.end_mark.line, node.end_mark.column))
        for root in roots
        for node in walk(root)
        if not isinstance(node, (Mapping, Sequence, Broken)) and "#" in node.value
    )
