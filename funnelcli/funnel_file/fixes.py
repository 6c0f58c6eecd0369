"""What may be mended without a person: the one rule, of slips of the hand and of values that do not read.

A fix is safe where the help names one thing to write and nothing else can be meant; where something else can, it is not
safe; where a person has to decide, there is none. Loaded only for documents with an error.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING
from unicodedata import category

from funnelcli.characters import hidden_places
from funnelcli.diagnostics import NAME, Edit, Fix
from funnelcli.funnel_file import misspelt_keys
from funnelcli.funnel_file.yaml.near_numbers import LIKE_DIGITS
from funnelcli.funnel_file.yaml.quoting import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from funnelcli.funnel_file.yaml.nodes import Finding
    from funnelcli.funnel_file.yaml.raw_lines import Slip

_LEFT = frozenset(("a percentage", "a range", "no number"))
"""Kinds of texts in whose place a person writes what is meant: the help names no more than an example."""
_DOUBTED = frozenset(("words", "signs around a number", LIKE_DIGITS))
"""Kinds of texts of which a part says more than the number that is to be written."""
_COMMENT = re.compile(r"(?:^|\s)#\s*(\S.*)$")


def of_slip(slip: Slip, lines: Sequence[str], first: int) -> Fix | None:
    """The fix of a slip of the hand in the lines of a document, of which the first is line `first` of the file.

    There is none where a comment would be lost, and it is not safe where another word or figure would be.
    """
    sure = [part.sure for part in slip.parts]
    changes = dict(edit for part in slip.parts for edit in part.edits)
    if None in sure or len(changes) < sum(len(part.edits) for part in slip.parts):
        return None
    old = [lines[number] for number in changes]
    new = "\n".join(changes.values())
    if any(found and found[1].strip() not in new for found in map(_COMMENT.search, old)):
        return None
    both = "\n".join(old), new
    safe = all(sure) and (slip.replaces or not _lost(*both)) and not _joined(*both)
    return Fix(tuple(_edit(number, lines[number], text, first) for number, text in sorted(changes.items())), safe)


def _lost(old: str, new: str) -> bool:
    """Whether words other than keys, or digits, go."""
    words = {word for word in re.findall(r"[^\W\d_]{2,}", old.casefold()) if word not in new.casefold()}
    words -= {*misspelt_keys.keys(), *_NAMELESS}
    return bool(words or Counter(filter(str.isdigit, old)) - Counter(filter(str.isdigit, new)))


def joined_from_name(slip: Slip, lines: Sequence[str]) -> str | None:
    """The first of two numbers that a slip joins, where it may be a part of the name before it, `Stage 2 377`."""
    edits = [edit for part in slip.parts for edit in part.edits]
    return _joined("\n".join(lines[number] for number, _ in edits), "\n".join(text for _, text in edits))


def _joined(old: str, new: str) -> str | None:
    behind = re.findall(r"[^\W_]\s+(\d+)[^\S\n](\d+)", old)
    return next((first for first, second in behind if re.search(rf"(?<!\d){first}{second}(?!\d)", new)), None)


_NAMELESS = ("funnel", "funnels", "yaml", "yml", "check", "rule", "metric", "figure", "operator", "value", "limit")
"""Words that tell nothing of a funnel."""


def _edit(number: int, old: str, new: str, first: int) -> Edit:
    """The edit of a line: of the stretch that differs, or of the whole line where it goes."""
    line = first + number + 1
    if not new.strip() and old.strip():
        return Edit(line, 1, line + 1, 1, "")
    begin = _alike(old, new)
    end = _alike(old[begin:][::-1], new[begin:][::-1])
    return Edit(line, begin + 1, line, len(old) - end + 1, new[begin : len(new) - end])


def _alike(text: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = enumerate(zip(text, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(text), len(other)))


def of_value(found: Finding, lines: Sequence[str]) -> Fix | None:
    """The fix of a text in whose place one thing is to be written, in one line of the file."""
    if found.moved or found.start.line != found.end.line or not found.start.line < len(lines):
        return None
    text = lines[found.start.line][found.start.column : found.end.column].rstrip()
    place = found.start.line + 1, found.start.column + 1
    if found.problem.code == "FN015":
        return _visible(text, *place)
    meant = found.problem.meant
    if meant is None or meant.only is None or meant.kind in _LEFT or meant.once:
        return None
    if Counter(re.findall("[1-9]", text)) - Counter(re.findall("[1-9]", meant.only)):
        return None  # a figure would go
    doubt = meant.doubt or meant.kind in _DOUBTED
    form = written(meant.only) if meant.kind == NAME else meant.only
    return Fix((Edit(*place, place[0], place[1] + len(text), form),), not doubt)


def _visible(text: str, line: int, column: int) -> Fix | None:
    """The fix of a text with characters that nobody sees: a blank becomes a space, and what has no width goes."""
    edits = [
        Edit(line, column + place, line, column + place + 1, " " if category(text[place]) == "Zs" else "")
        for place in hidden_places(text)
    ]
    sure = all(category(text[place]) in ("Zs", "Cf") for place in hidden_places(text))
    return Fix(tuple(edits), sure) if edits else None


def together(group: Iterable[Finding]) -> Fix | None:
    """The fix of problems of one cause, which are told as one: none where one of them has none."""
    fixes = [found.fix for found in group]
    edits: dict[Edit, None] = {}
    for fix in fixes:
        if fix is None:
            return None
        edits |= dict.fromkeys(fix.edits)
    return Fix(tuple(sorted(edits)), all(fix.safe for fix in fixes if fix))
