"""What a person did where a file does not read: the lines are mended in one way after another and read again.

A slip is believed only when the document reads better with it: the parser gets further, or errors vanish. Those errors
were its consequences, so that one message takes their place, and what is left is looked at in the mended text.
Loaded only for documents with an error.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.diagnostics import Problem, Severity, joined
from funnelcli.funnel_file.slips import layouts, one_line
from funnelcli.funnel_file.yaml import tree
from funnelcli.funnel_file.yaml.nodes import Finding, Mapping, Place
from funnelcli.funnel_file.yaml.raw_lines import AFTER, indent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from funnelcli.funnel_file.yaml.nodes import Mark, Node, YamlDocument
    from funnelcli.funnel_file.yaml.raw_lines import Slip

    Text = tuple[str | None, ...]
    Try = Callable[[Text], "_Attempt | None"]

LIKELY = frozenset(("FN004", "FN007", "FN013", "FN015", "FN101", "FN102", "FN103", "FN105", "FN106", "FN114"))
"""Codes that a slip in the raw lines may be the cause of."""
LACKING = frozenset(("FN102", "FN105"))
"""Codes of what is not there."""
MOST_CHARACTERS = 200_000
"""Characters that are read again for one file, all tries together: a fraction of a second."""
LONGEST = 20_000
"""Characters of a document in which slips are looked for: nobody types more by hand."""
MOST_PAIRED = 12
"""Slips that are tried two at a time."""
MOST_SLIPS = 20
"""Slips that are looked for in one document."""


class _Attempt(NamedTuple):
    """A mended text as it reads: its errors, the line where the parser stopped, and its tree."""

    lines: Text
    errors: tuple[Finding, ...]
    stopped: int | None
    root: Node | None

    @property
    def rank(self) -> tuple[int, int, int]:
        """Lower reads better: whole before half, later stops before earlier ones, fewer errors before more."""
        return (0, 0, len(self.errors)) if self.stopped is None else (1, -self.stopped, len(self.errors))


class Rereader:
    """Reads mended texts of a file again, with all findings: all tries together up to so many characters."""

    def __init__(self, read: Callable[[str], list[YamlDocument]]) -> None:
        self._read = read
        self._left = MOST_CHARACTERS

    def explained(self, document: YamlDocument, lines: list[str]) -> tuple[list[Finding], Node | None]:
        """The findings of a document with an error, and its tree: slips of the hand are named where they were made."""
        codes = {found.problem.code for found in document.findings}
        told = None
        if "FN005" not in codes and not LIKELY.isdisjoint(codes):
            first, last = tree.extent(document, lines)
            told = explain(lines[first:last], first, self)
        return told or (document.findings, document.root)

    def attempt(self, first: int, lines: Text) -> _Attempt | None:
        """The lines of a document read again; `None` when it would be several, or too much has been read already.

        `first` is the number of its first line in the file.
        """
        text = "\n".join(line for line in lines if line is not None) + "\n"
        self._left -= len(text)
        if self._left < 0:
            return None
        documents = self._read(text)
        if len(documents) != 1:
            return None
        (document,) = documents
        owners = [number for number, line in enumerate(lines) if line is not None for _ in range(line.count("\n") + 1)]
        owners.append(len(lines) - 1)

        def owner(number: int) -> int:
            return owners[min(number, len(owners) - 1)]

        def placed(mark: Mark) -> Place:
            return Place(first + owner(mark.line), mark.column)

        errors = tuple(found for found in document.findings if found.problem.severity is Severity.ERROR)
        for found in errors:
            found.start, found.end = placed(found.start), placed(found.end)
            if found.related is not None:
                said, start, end = found.related
                found.related = (said, placed(start), Place(placed(start).line, end.column))
        return _Attempt(lines, errors, None if document.stopped is None else owner(document.stopped), document.root)


def explain(lines: list[str], first: int, again: Rereader) -> tuple[list[Finding], Node | None] | None:
    """The findings of a document's lines with slips named, and the tree of the mended text; `None` without a slip.

    `first` is the number of its first line in the file.
    """
    if sum(map(len, lines)) > LONGEST:
        return None
    attempt = partial(again.attempt, first)
    found: list[Finding] = []
    mended: set[int] = set()
    last = start = attempt(tuple(lines))
    while last is not None and last.errors and len(found) < MOST_SLIPS:
        best = _best(last, first, attempt, mended) or _two(last, first, attempt)
        if best is None:
            break
        made, after = best
        for slip in made:
            if not slip.parts[0].said:
                continue  # what is left says it
            finding = _finding(slip, first)
            _place_back(finding, lines, last.lines, first)
            found.append(finding)
            # what is lacking where something else was mended is not another mistake
            places = {first + number for number in _places(slip)}
            kept = [e for e in after.errors if e.problem.code not in LACKING or e.start.line not in places]
            after = after._replace(errors=tuple(kept))
        mended.update(*map(_places, made))
        last = after
    if last is None or last is start:
        return _other_format(lines, first, start)
    left = list(last.errors)
    if start is not None and start.stopped is not None and not _has_stages(last.root):
        left = []  # hardly a funnel: what else it lacks does not help
    for finding in left:
        _place_back(finding, lines, last.lines, first)
    return (found + left, last.root) if found or left else None


def _other_format(lines: list[str], first: int, start: _Attempt | None) -> tuple[list[Finding], Node | None] | None:
    """One message for a text that is no YAML mapping at all, and looks like something else."""
    if start is None or not (start.stopped is not None or start.errors[0].problem.code == "FN103") or first:
        return None
    text = "\n".join(line for line in lines if not line.startswith("#"))
    kind = None if isinstance(start.root, Mapping) else layouts.other_format(text)
    if kind is None:
        return None
    number = next(number for number, line in enumerate(lines) if line.strip() and not line.startswith("#"))
    help_ = "write stages:, and below it a line for each stage: its name, a colon, a space and its count"
    problem = Problem("FN103", f"this is {kind}, and a funnel file is YAML", help_)
    return [Finding(problem, Place(first + number, 0), Place(first + number, len(lines[number].rstrip())))], None


def _has_stages(root: Node | None) -> bool:
    return isinstance(root, Mapping) and "stages" in root.entries


def _best(before: _Attempt, first: int, attempt: Try, mended: set[int]) -> tuple[list[Slip], _Attempt] | None:
    """The slip that explains most, with the text as it reads without it."""
    tried: list[tuple[tuple[int, ...], int, int, Slip, _Attempt]] = []
    near = before.stopped if before.stopped is not None else before.errors[0].start.line - first
    for order, slip in enumerate(_candidates(before, first, near)):
        if slip.order >= AFTER and not mended.isdisjoint(_places(slip)):
            continue  # a line is not moved twice
        after = attempt(_applied(slip, before.lines))
        if (
            after is not None
            and after.rank < before.rank
            and _further(before, after)
            and _clean(slip, before, after, first)
        ):
            places = _places(slip)
            own = sum(each.start.line - first in places and each.problem.code not in LACKING for each in after.errors)
            whole, *others = after.rank
            tried.append(((whole, own, *others), slip.order, order, slip, after))
    if not tried:
        return None
    rank, _, _, slip, after = min(tried, key=lambda each: each[:3])
    if len(slip.parts) > 1 and not slip.together:
        slip, after = _needed(slip, after, before, attempt)
    told_too = [
        other.parts[0].help
        for reached, order, _, other, _ in tried
        if (reached, order, other.parts[0].line) == (rank, slip.order, slip.parts[0].line)
        and len(other.parts) == 1
        and other.code == slip.code
    ]
    told = "; or ".join(dict.fromkeys([slip.parts[0].help, *told_too]))
    return [slip._replace(parts=(slip.parts[0]._replace(help=told), *slip.parts[1:]))], after


def _two(before: _Attempt, first: int, attempt: Try) -> tuple[list[Slip], _Attempt] | None:
    """Two slips in lines near each other, of which neither alone lets the parser go on."""
    if before.stopped is None:
        return None
    near = before.stopped
    some = [
        slip
        for slip in _candidates(before, first, near)
        if len(slip.parts) == 1 and 0 <= slip.order < AFTER and near - 4 <= slip.parts[0].line <= near + 1
    ][:MOST_PAIRED]
    tried: list[tuple[tuple[int, int, int], int, int, list[Slip], _Attempt]] = []
    for upper in some:
        for lower in some:
            if upper.parts[0].line >= lower.parts[0].line:
                continue
            after = attempt(_applied(lower, _applied(upper, before.lines)))
            if after is not None and after.rank < before.rank and _further(before, after):
                tried.append((after.rank, upper.order + lower.order, len(tried), [upper, lower], after))
    if not tried:
        return None
    *_, made, after = min(tried, key=lambda each: each[:3])
    return made, after


def _places(slip: Slip) -> set[int]:
    """Numbers of the lines that a slip changes."""
    return {number for part in slip.parts for number, _ in part.edits}


def _further(before: _Attempt, after: _Attempt) -> bool:
    """Whether the parser gets on by a line at least: a longer text in the same line is no progress."""
    return before.stopped is None or after.stopped is None or after.stopped > before.stopped


def _clean(slip: Slip, before: _Attempt, after: _Attempt, first: int) -> bool:
    """Whether a mended text is not wrong in a new way at the very place; what could not be read before may be."""
    if slip.code == "FN101" and not any(
        each.problem.code in ("FN101", "FN112")
        and (each.start.line, each.start.column) == (part.line + first, part.column)
        for part in slip.parts
        for each in before.errors
    ):
        return False  # a word that the reader has nothing against is no misspelt key
    if before.stopped is not None:
        return True
    known = {each.problem for each in before.errors}
    places = _places(slip)
    return not any(each.start.line - first in places and each.problem not in known for each in after.errors)


def _candidates(before: _Attempt, first: int, near: int) -> Iterator[Slip]:
    """Slips that may be there, the whole document's first, then line by line from the error on upwards."""
    lines = ["" if line is None else line for line in before.lines]
    yield from layouts.slips(lines, first, near)
    order = sorted(range(len(lines)), key=lambda number: (number > near + 1, abs(number - near)))
    yield from one_line.slips(lines, order)


def _needed(slip: Slip, after: _Attempt, before: _Attempt, attempt: Try) -> tuple[Slip, _Attempt]:
    """The slip of several lines without those that need no mending."""
    for part in slip.parts:
        if len(slip.parts) == 1:
            break
        less = slip._replace(parts=tuple(other for other in slip.parts if other is not part))
        reached = attempt(_applied(less, before.lines))
        if reached is not None and reached.rank <= after.rank:
            slip, after = less, reached
    return slip, after


def _applied(slip: Slip, lines: Text) -> Text:
    mended = list(lines)
    for each in slip.parts:
        for number, text in each.edits:
            mended[number] = text
    return tuple(mended)


def _finding(slip: Slip, first: int) -> Finding:
    part, *others = slip.parts
    help_ = part.help
    if slip.together:
        help_ += "".join(f", and in line {first + each.line + 1} {each.help.removeprefix('write ')}" for each in others)
    elif others:
        also = [str(first + each.line + 1) for each in others]
        many = "lines" if len(also) > 1 else "line"
        help_ += f"; likewise in {many} {joined(also)}"
    line = first + part.line
    return Finding(Problem(slip.code, part.said, help_), Place(line, part.column), Place(line, part.end))


def _place_back(finding: Finding, lines: list[str], mended: Text, first: int) -> None:
    """Move a finding of a mended line to where the same text stands in the line as it is written."""
    finding.start, finding.end = _written_place(finding.start, finding.end, lines, mended, first)
    if finding.related is not None:
        said, start, end = finding.related
        finding.related = (said, *_written_place(start, end, lines, mended, first))


def _written_place(start: Mark, end: Mark, lines: list[str], mended: Text, first: int) -> tuple[Mark, Mark]:
    number = start.line - first
    if not 0 <= number < len(lines) or lines[number] == mended[number]:
        return start, end
    written = lines[number]
    text = (mended[number] or "").split("\n")[0]
    stretch = text[start.column : end.column] if end.line == start.line else ""
    if stretch not in written:
        stretch = stretch.strip("\"'")
    column = written.find(stretch) if stretch else -1
    if column < 0:
        column, stretch = indent(written), written.strip()
    return Place(start.line, column), Place(start.line, column + max(len(stretch), 1))
