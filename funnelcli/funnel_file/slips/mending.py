"""What a person did where a file does not read: the lines are mended in one way after another and read again.

A slip is believed only when the document reads better with it: the parser gets further, or errors vanish. Those errors
were its consequences, so that one message takes their place, and what is left is looked at in the mended text.
Loaded only for documents with an error.
"""

from __future__ import annotations

import re
from itertools import chain, islice, product
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.diagnostics import Problem, Severity, joined, quoted
from funnelcli.funnel_file import fixes
from funnelcli.funnel_file.slips import layouts, one_line
from funnelcli.funnel_file.yaml import tree
from funnelcli.funnel_file.yaml.nodes import Finding, Mapping, Place, walk
from funnelcli.funnel_file.yaml.nodes import Sequence as Items
from funnelcli.funnel_file.yaml.raw_lines import AFTER, BEFORE, RawLines, indent
from funnelcli.funnel_file.yaml.typographic_text import QUOTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from funnelcli.funnel_file.yaml.nodes import Mark, Node, YamlDocument
    from funnelcli.funnel_file.yaml.raw_lines import Slip

    Text = tuple[str, ...]
    Told = tuple[list[Finding], Node | None]

LIKELY = frozenset(
    ("FN004", "FN005", "FN007", "FN013", "FN014", "FN015", "FN101", "FN102", "FN103", "FN105", "FN106", "FN114")
)
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
    """A mended text as it reads: its errors, the line where the parser stopped, and its tree.

    Lines are counted as before the mending, from the first of the document, which is line `first` of the file.
    """

    again: Rereader
    first: int
    lines: Text
    errors: tuple[Finding, ...]
    stopped: int | None
    root: Node | None

    @property
    def reached(self) -> tuple[int, int]:
        """Lower is further: whole before half, later stops before earlier ones."""
        return (0, 0) if self.stopped is None else (1, -self.stopped)

    @property
    def rank(self) -> tuple[int, int, int]:
        """Lower reads better: further, or as far with fewer errors."""
        return (*self.reached, len(self.errors))

    @property
    def near(self) -> int:
        """The line of the first error."""
        return self.errors[0].start.line if self.stopped is None else self.stopped

    def without(self, *slips: Slip) -> _Attempt | None:
        """The text without some slips, if it reads better: a longer text in the same line is no progress."""
        lines = list(self.lines)
        for part in chain.from_iterable(slip.parts for slip in slips):
            for number, text in part.edits:
                lines[number] = text
        after = self.again.attempt(self.first, tuple(lines))
        if after is None:
            return None
        better = after.rank < self.rank if self.stopped is None else after.reached < self.reached
        return after if better else None


class _Mended(NamedTuple):
    """Slips that may have been made, and the text without them: the lowest rank and order are believed."""

    rank: tuple[int, ...]
    order: int
    slips: tuple[Slip, ...]
    after: _Attempt


class Rereader:
    """Reads mended texts of a file again, with all findings: all tries together up to so many characters."""

    def __init__(self, read: Callable[[str], list[YamlDocument]]) -> None:
        self._read = read
        self._left = MOST_CHARACTERS

    @property
    def is_spent(self) -> bool:
        """Whether so much was read again that in what is to come no slips are looked for."""
        return self._left < 0

    def explained(self, document: YamlDocument, lines: list[str]) -> Told:
        """The findings of a document with an error, and its tree: slips of the hand are named where they were made."""
        codes = {found.problem.code for found in document.findings}
        told = None
        if not LIKELY.isdisjoint(codes):
            first, last = tree.extent(document, lines)
            told = _explained(self, first, lines[first:last])
        return told or (document.findings, document.root)

    def attempt(self, first: int, lines: Text) -> _Attempt | None:
        """The lines of a document read again; `None` when it would be several, or too much has been read already."""
        text = "\n".join(lines) + "\n"
        self._left -= len(text)
        documents = self._read(text) if self._left >= 0 else []
        if not documents:
            return None
        owners = [number for number, line in enumerate(lines) for _ in range(line.count("\n") + 1)]
        owners.append(len(lines) - 1)

        def owner(number: int) -> int:
            return owners[min(number, len(owners) - 1)]

        def placed(start: Mark, end: Mark) -> tuple[Place, Place]:
            return Place(owner(start.line), start.column), Place(owner(end.line), end.column)

        found = [each for document in documents for each in document.findings]
        errors = tuple(_moved(each, placed) for each in found if each.problem.severity is Severity.ERROR)
        stops = [owner(document.stopped) for document in documents if document.stopped is not None]
        return _Attempt(self, first, lines, errors, min(stops, default=None), documents[0].root)


def _explained(again: Rereader, first: int, lines: list[str]) -> Told | None:
    """The findings of a document's lines with slips named, and the tree of the mended text; `None` without a slip."""
    if sum(map(len, lines)) > LONGEST:
        return None
    found: list[Finding] = []
    moved: dict[tuple[str, str], tuple[int, Slip]] = {}
    mended: set[int] = set()
    last = start = again.attempt(first, tuple(lines))
    while last is not None and last.errors and len(found) < MOST_SLIPS:
        way = _best(last, mended) or _two(last)
        if way is None:
            break
        errors = way.after.errors
        for slip in way.slips:
            places = _places(slip)
            again_mended = not mended.isdisjoint(places)
            mended |= places
            said = slip.parts[0].said
            if (
                key := (said, slip.parts[0].moved)
            ) in moved:  # lines that were moved alike, one after the other, are one mistake
                place, earlier = moved[key]
                both = _together(earlier, slip, RawLines(lines, first, 0))
                moved[key] = place, both
                fix = fixes.together((found[place], _finding(slip, first, last.lines)))
                found[place] = found[place]._replace(problem=_finding(both, first).problem, fix=fix)
            elif said:  # else what is left says it
                if slip.parts[0].moved:
                    moved[key] = len(found), slip
                finding = _finding(slip, first, () if again_mended else lines)
                found.append(_written(finding, lines, last)._replace(fix=finding.fix))
            if said:
                # what is lacking where something else was mended is not another mistake
                errors = tuple(e for e in errors if e.problem.code not in LACKING or e.start.line not in places)
        last = way.after._replace(errors=errors)
    deeper = [place for place, _ in moved.values() if found[place].problem.code != "FN005"]
    for place in deeper[1:] and deeper:  # one after the other, they may have begun at the wrong one
        fix = found[place].fix
        found[place] = found[place]._replace(fix=fix and fix._replace(safe=False))
    if last is None or last is start:
        return _other_format(lines, start)
    # without stages, it is hardly a funnel: what else it lacks does not help
    if start is None or start.stopped is None or (isinstance(last.root, Mapping) and "stages" in last.root.entries):
        found += [_written(error, lines, last) for error in last.errors]
    return (found, last.root) if found else None


def _together(earlier: Slip, later: Slip, text: RawLines) -> Slip:
    """Two slips of lines that begin alike as one."""
    part, other = earlier.parts[0], later.parts[0]
    edits = tuple(sorted((*part.edits, *other.edits)))
    told = f"begin {text.numbers(*dict.fromkeys(number for number, _ in edits))} {part.moved}"
    return earlier._replace(parts=(part._replace(help=told, edits=edits),))


def _other_format(lines: list[str], start: _Attempt | None) -> Told | None:
    """One message for a text that is no YAML mapping at all, and looks like something else."""
    if start is None or start.first or not (start.stopped is not None or start.errors[0].problem.code == "FN103"):
        return None
    text = "\n".join(line for line in lines if not line.startswith("#"))
    kind = None if isinstance(start.root, Mapping) else layouts.other_format(text)
    if kind is None:
        return None
    number = next(number for number, line in enumerate(lines) if line.strip() and not line.startswith("#"))
    help_ = "write stages:, and below it a line for each stage: its name, a colon, a space and its count"
    problem = Problem("FN103", f"this is {kind}, and a funnel file is YAML", help_)
    return [Finding.in_line(problem, number, 0, len(lines[number].rstrip()))], None


def _best(before: _Attempt, mended: set[int]) -> _Mended | None:
    """The slip that explains most, with the text as it reads without it."""
    ways: list[_Mended] = []
    for slip in _candidates(before):
        places = _places(slip)
        if slip.order >= AFTER and not mended.isdisjoint(places):
            continue  # a line is not moved twice
        after = before.without(slip)
        if after is not None and _clean(slip, before, after):
            own = sum(each.start.line in places and each.problem.code not in LACKING for each in after.errors)
            whole, *others = after.rank
            ways.append(_Mended((whole, own, *others), slip.order, (slip,), after))
    if not ways:
        return None
    best = min(ways, key=lambda way: way[:2])
    (slip,), after = best.slips, best.after
    if not slip.together:
        slip, after = _needed(slip, after, before)
    place = slip.parts[0]
    alike = [
        other.parts[0].help
        for way in ways
        for other in way.slips
        if way[:2] == best[:2]
        and len(other.parts) == 1
        and other.code == slip.code
        and (other.parts[0].line, other.parts[0].column) == (place.line, place.column)
    ]
    ways_out = dict.fromkeys([place.help, *alike])
    sure = place.sure
    if len(ways_out) > 1:
        sure = None
    elif sure and any(_is_rival(way, best) for way in ways):
        sure = False
    place = place._replace(help="; or ".join(ways_out), sure=sure)
    return best._replace(slips=(slip._replace(parts=(place, *slip.parts[1:])),), after=after)


def _is_rival(way: _Mended, best: _Mended) -> bool:
    """Whether a text that was mended otherwise in the same lines is believed as much, and says something else."""
    orders = way.order, best.order
    alike = way.order == best.order or min(orders) >= AFTER or max(orders) < BEFORE
    if way.rank != best.rank or way is best or not alike:
        return False
    places = [set[int]().union(*map(_places, each.slips)) for each in (way, best)]
    return not places[0].isdisjoint(places[1]) and _meaning(way.after.root) != _meaning(best.after.root)


def _meaning(node: Node | None) -> object:
    """What a tree says, without places and quotes."""
    if isinstance(node, Mapping):
        return {key: _meaning(value) for key, (_, value) in node.entries.items()}
    if isinstance(node, Items):
        return [_meaning(item) for item in node.items]
    return getattr(node, "value", None)


def _two(before: _Attempt) -> _Mended | None:
    """Two slips in lines near each other, of which neither alone lets the parser go on."""
    if before.stopped is None:
        return None
    lines = range(before.stopped - 4, before.stopped + 2)
    near = (slip for slip in _candidates(before) if len(slip.parts) == 1 and slip.parts[0].line in lines)
    some = list(islice((slip for slip in near if 0 <= slip.order < AFTER), MOST_PAIRED))
    ways = [
        _Mended(after.rank, upper.order + lower.order, (upper, lower), after)
        for upper, lower in product(some, some)
        if upper.parts[0].line < lower.parts[0].line
        and (after := before.without(upper, lower)) is not None
        and not any(_run_on(slip, before, after) for slip in (upper, lower))
    ]
    return min(ways, key=lambda way: way[:2], default=None)


def _places(slip: Slip) -> set[int]:
    """Numbers of the lines that a slip changes."""
    return {number for part in slip.parts for number, _ in part.edits}


def _clean(slip: Slip, before: _Attempt, after: _Attempt) -> bool:
    """Whether a mended text is not wrong in a new way at the very place; what could not be read before may be.

    Nor may a line become the end of a plain text above: what was wrong with it would only be hidden.
    """
    if _run_on(slip, before, after):
        return False
    if slip.code == "FN101":
        words = {
            (each.start.line, each.start.column) for each in before.errors if each.problem.code in ("FN101", "FN112")
        }
        if words.isdisjoint((part.line, part.column) for part in slip.parts):
            return False  # a word that the reader has nothing against is no misspelt key
    if before.stopped is not None or _is_uncut(slip, before):
        return True
    known = {each.problem for each in before.errors}
    places = _places(slip)
    return not any(each.start.line in places and each.problem not in known for each in after.errors)


def _is_uncut(slip: Slip, before: _Attempt) -> bool:
    """Whether a slip makes one text of what a comma cut inside typographic quotes, of which nothing was read."""
    parts = (before.lines[part.line][part.column : part.end] for part in slip.parts)
    return all(re.search(r"[,{[]", text) and QUOTED.search(text) for text in parts)


def _run_on(slip: Slip, before: _Attempt, after: _Attempt) -> bool:
    """Whether a slip made a line the end of a plain text above that was not so before: one it edits, or the next."""
    places = _places(slip)
    known = set(_ends_of_texts(before))
    return any(
        (each not in known or before.stopped is not None) and not places.isdisjoint(range(each[0], each[1] + 1))
        for each in _ends_of_texts(after)
    )


def _ends_of_texts(attempt: _Attempt) -> Iterator[tuple[int, int]]:
    """Of plain texts of several lines: the first line, and each other one."""
    owners = [number for number, line in enumerate(attempt.lines) for _ in range(line.count("\n") + 1)]
    for node in walk(attempt.root):
        if getattr(node, "style", '"') == "":
            first, last = node.start_mark.line, node.end_mark.line
            for line in range(first + 1, min(last + 1, len(owners))):
                yield owners[first], owners[line]


def _candidates(before: _Attempt) -> Iterator[Slip]:
    """Slips that may be there, the whole document's first, then line by line from the error on upwards."""
    near = before.near
    yield from layouts.slips(RawLines(before.lines, before.first, near))
    order = sorted(range(len(before.lines)), key=lambda number: (number > near + 1, abs(number - near)))
    yield from one_line.slips(before.lines, order)


def _needed(slip: Slip, after: _Attempt, before: _Attempt) -> tuple[Slip, _Attempt]:
    """The slip of several lines without those that need no mending."""
    for part in slip.parts:
        less = slip._replace(parts=tuple(other for other in slip.parts if other is not part))
        reached = before.without(less) if less.parts else None
        if reached is not None and reached.rank <= after.rank:
            slip, after = less, reached
    return slip, after


def _finding(slip: Slip, first: int, lines: Sequence[str] = ()) -> Finding:
    """The finding of a slip; in lines that are as they stand in the file, with its fix."""
    part, *others = slip.parts
    help_ = part.help
    if slip.together:
        help_ += "".join(f", and in line {first + each.line + 1} {each.meant}" for each in others)
    elif others:
        also = [str(first + each.line + 1) for each in others]
        if slip.code == "FN101" and any(each.meant != part.meant for each in others):
            words = [f"{quoted(each.meant)} in line {line}" for each, line in zip(others, also, strict=True)]
            help_ += f"; likewise {joined(words)}"
        else:
            help_ += f"; likewise in {'lines' if others[1:] else 'line'} {joined(also)}"
    first_of_two = (
        fixes.joined_from_name(slip, lines) if lines and None not in [each.sure for each in slip.parts] else None
    )
    help_ += f", if {first_of_two} is no part of the name" if first_of_two else ""
    found = Finding.in_line(Problem(slip.code, part.said, help_), part.line, part.column, part.end)
    return found._replace(fix=fixes.of_slip(slip, lines, first)) if lines else found


def _found(stretch: str, written: str, text: str, column: int) -> int:
    """Where a stretch of the mended text stands in the line as it is written: as far from its start or its end."""
    places = (column, len(written) - len(text) + column)
    found = [match.start() for match in re.finditer(re.escape(stretch), written)]
    return min(found, key=lambda each: min(abs(each - place) for place in places), default=-1)


def _moved(finding: Finding, placed: Callable[[Mark, Mark], tuple[Place, Place]]) -> Finding:
    """A finding elsewhere, and what is related to it."""
    start, end = placed(finding.start, finding.end)
    related = None if finding.related is None else (finding.related[0], *placed(*finding.related[1:]))
    return finding._replace(start=start, end=end, related=related)


def _written(finding: Finding, lines: list[str], mended: _Attempt) -> Finding:
    """A finding of a mended line in the file: where the same text stands in the line as it is written."""

    def placed(start: Mark, end: Mark) -> tuple[Place, Place]:
        if start.line < len(lines) and lines[start.line] != mended.lines[start.line]:
            written, text = lines[start.line], mended.lines[start.line].split("\n")[0]
            stretch = text[start.column : end.column] if end.line == start.line else ""
            if stretch not in written:
                stretch = stretch.strip("\"'")
            column = _found(stretch, written, text, start.column) if stretch else -1
            if column < 0 and end.line == start.line and written.startswith(text[: start.column]):
                column, stretch = start.column, " "  # what was added there stands nowhere in the file
            elif column < 0:
                column, stretch = indent(written), written.strip()
            start, end = Place(start.line, column), Place(start.line, column + max(len(stretch), 1))
        return Place(mended.first + start.line, start.column), Place(mended.first + end.line, end.column)

    changed = [each.line for each in (finding.start, finding.end) if lines[each.line] != mended.lines[each.line]]
    return _moved(finding, placed)._replace(fix=None, moved=bool(changed))
