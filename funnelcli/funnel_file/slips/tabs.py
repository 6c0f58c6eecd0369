"""Tabs at the start of lines: each is the indentation at which its line belongs, that of its siblings before others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from funnelcli.funnel_file.yaml.raw_lines import BEFORE, Line, indent, is_item, spaces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.funnel_file.yaml.raw_lines import RawLines, Slip

BEGINS = re.compile(r" *\t\s*\S")
_SAID = "a tab is used as indentation"
_FIRST = BEFORE - 20
"""The order of the most likely place: before what else may be wrong in a line with a tab."""


def _alone(text: RawLines) -> Iterator[Slip]:
    """Blocks of which every line is indented with tabs: 2 spaces for each, or 4."""
    blocks: list[list[int]] = [[]]
    for number in text.written():
        if indent(text.all[number]):
            blocks[-1].append(number)
        elif blocks[-1]:
            blocks.append([])
    tabbed = [
        number
        for block in blocks
        if all(BEGINS.match(text.all[number]) for number in block)
        and re.fullmatch(r"\t*", text.all[block[0]][: indent(text.all[block[0]])] if block else " ")
        for number in block
    ]
    for order, width in enumerate((2, 4) if tabbed[1:] else ()):
        edits = [(number, _expanded(text.all[number], width)) for number in tabbed]
        told = f"write {width} spaces in place of each tab at the start of {text.numbers(*tabbed)}"
        yield text.slip(_SAID, tabbed[0], told, edits, "FN005", _FIRST - 2 + order, _tab(text.all[tabbed[0]]))


def _expanded(line: str, width: int) -> str:
    return line[: indent(line)].replace("\t", " " * width) + line.lstrip()


def _among(text: RawLines) -> Iterator[Slip]:
    """The first line with a tab among others with spaces: the columns that are open there."""
    every = text.written()
    place = next((place for place, number in enumerate(every) if BEGINS.match(text.all[number])), None)
    if place is None:
        return
    number = every[place]
    body = text.all[number].lstrip()
    for order, column in enumerate(_columns(text.all, every, place)):
        begins = spaces(column)
        told = f"begin {text.numbers(number)} {begins} in place of the tab"
        moved = f"{begins} in place of the tab"
        edits = [(number, " " * column + body)]
        yield text.slip(_SAID, number, told, edits, "FN005", _FIRST + order, _tab(text.all[number]), moved)


def _columns(lines: Sequence[str], every: Sequence[int], place: int) -> list[int]:
    """Columns at which a line may begin, the most likely first.

    That is the one of the line above or of what it opens, then those further and further out and that of the line
    below; without indentation last.
    """
    known: dict[int, None] = {}
    above = [Line(lines[number]) for number in every[:place]]
    own = Line(lines[every[place]])
    dashed, opens = own.at > indent(own.text), own.body.endswith(":")
    below = next((lines[number] for number in every[place + 1 :] if not BEGINS.match(lines[number])), None)
    if above and above[-1].body.endswith(":"):
        next_to = below is not None and below == lines[every[place + 1]]
        if below is not None and next_to and indent(below) > above[-1].at and not dashed and not opens:
            known[indent(below)] = None
        known[above[-1].at + 2] = None
    elif above and not dashed:
        known[above[-1].at] = None
    deepest = above[-1].at if above else 0
    for line in reversed(above):
        for column in (indent(line.text), line.at) if dashed else (line.at, indent(line.text)):
            if column <= deepest:
                known[column] = None
                deepest = min(deepest, column) if column == indent(line.text) else deepest
    if below is not None:
        known[indent(below)] = None
        if dashed and indent(below) > 1:
            known = {indent(below) - 2: None, **known} if not is_item(below) else known
    outermost = not known or 0 in known
    known.pop(0, None)
    return [*known, *([0] if outermost else [])]


def _behind_dashes(text: RawLines) -> Iterator[Slip]:
    """Tabs between a dash and what it begins."""
    tabbed = [number for number in text.written() if re.match(r"\s*-(?:\t+ *| +\t\s*)\S", text.all[number])]
    if tabbed:
        edits = [(number, re.sub(r"-\s+", "- ", text.all[number], count=1)) for number in tabbed]
        told = f"write a space in place of the tab in {text.numbers(*tabbed)}"
        said = "a tab stands behind the dash of a list"
        yield text.slip(said, tabbed[0], told, edits, "FN005", _FIRST, _tab(text.all[tabbed[0]]))


def _tab(line: str) -> tuple[int, int]:
    place = line.index("\t")
    return place, place + 1


RULES = (_alone, _among, _behind_dashes)
