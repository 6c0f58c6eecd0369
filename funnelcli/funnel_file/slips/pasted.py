"""Slips of pasting: marks of Markdown, of mails, of differences and of git, and line numbers, around a funnel."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from funnelcli.diagnostics import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.funnel_file.yaml.raw_lines import RawLines, Slip


def _fence(text: RawLines) -> Iterator[Slip]:
    marks = [number for number, line in enumerate(text.all) if re.match(r"\s*(```|~~~)", line)]
    if marks:
        said = f"{text.all[marks[0]].strip()} is a Markdown fence, which was pasted with the funnel"
        outside = {number for number in text.written() if number < marks[0] or (marks[1:] and number > marks[-1])}
        yield text.deletion(said, marks[0], marks)
        yield text.deletion(said, marks[0], sorted({*marks, *outside}))


def _prefix(text: RawLines) -> Iterator[Slip]:
    inside = text.written()
    for sign, what in ((">", "the mark of a quoted mail"), ("+", "the mark of a difference"), ("|", "a border")):
        if len(inside) > 1 and all(text.all[number].startswith(sign) for number in inside):
            spaced = all(text.all[number][1:2] in ("", " ") for number in inside)
            mark = f"{sign} " if spaced else sign
            edits = [(number, text.all[number].removeprefix(mark)) for number in inside]
            help_ = f"delete {quoted(mark)} at the start of {text.numbers(*inside)}"
            yield text.slip(f"{sign} is {what}, which was pasted with the funnel", inside[0], help_, edits)


def _difference(text: RawLines) -> Iterator[Slip]:
    """A pasted difference with lines of both sides."""
    marks = {number: text.all[number][0] for number in text.written()}
    if {"+", "-"} <= {*marks.values()} <= {*"+- @"}:
        gone = [number for number, mark in marks.items() if mark in "-@"]
        kept = [number for number, mark in marks.items() if mark in "+ "]
        edits = [*((number, "") for number in gone), *((number, text.all[number][1:]) for number in kept)]
        help_ = f"delete the first character of {text.numbers(*kept)}, and {text.numbers(*gone)} as a whole"
        yield text.slip("these are the lines of a difference, with their marks", min(marks), help_, edits)


def _conflict(text: RawLines) -> Iterator[Slip]:
    at = {mark: [n for n, line in enumerate(text.all) if line.startswith(mark * 7)] for mark in "<=>"}
    if all(len(found) == 1 for found in at.values()):
        (begin,), (middle,), (end,) = at.values()
        said = "git left a conflict here: the lines of both sides, and its marks"
        yield text.deletion(said, begin, [begin, *range(middle, end + 1)])
        yield text.deletion(said, begin, [*range(begin, middle + 1), end])


def _line_numbers(text: RawLines) -> Iterator[Slip]:
    """The numbers of lines before them."""
    inside = text.written()
    found = [re.match(r"\s*(\d+)(?:[.:)|]|\t)?(?=\s|$)", text.all[number]) for number in inside]
    numbers = [int(match[1]) for match in found if match]
    if len(inside) > 2 and len(numbers) == len(inside) and numbers == sorted(set(numbers)):
        cut = [text.all[number][match.end() :] for number, match in zip(inside, found, strict=True) if match]
        edits = [(number, line.removeprefix(" ")) for number, line in zip(inside, cut, strict=True)]
        said = "the lines begin with their numbers, which were pasted with the funnel"
        help_ = f"delete the numbers at the start of {text.numbers(*inside)}"
        yield text.slip(said, inside[0], help_, edits)._replace(replaces=True)


def _omission(text: RawLines) -> Iterator[Slip]:
    """A line that says that there is more."""
    sign = r"\s*(?:-\s*)?(?:\.\.\.|…|etc\.?|usw\.?|и т\.?\s?д\.?)\s*"
    gone = [number for number, line in enumerate(text.all) if re.fullmatch(sign, line)]
    if gone:
        # what it stands for is not in the file
        yield text.deletion(f"{text.all[gone[0]].strip()} is no part of a funnel", gone[0], gone, sure=False)


RULES = (_fence, _prefix, _difference, _conflict, _line_numbers, _omission)
