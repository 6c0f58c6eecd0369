"""Slips of several lines: what was pasted along, lines at the wrong depth, brackets that stay open.

Like the rules of one line, these only say what may be: `mending` finds out whether the document then reads.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from funnelcli.diagnostics import quoted
from funnelcli.funnel_file import misspelt_keys
from funnelcli.funnel_file.slips import stage_forms
from funnelcli.funnel_file.yaml.raw_lines import AFTER, Line, RawLines, indent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.funnel_file.yaml.raw_lines import Slip


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


def _wrapped(text: RawLines) -> Iterator[Slip]:
    """A key above all others, such as `funnel:`."""
    head, *inside = text.written() or [0]
    title = text.all[head].rstrip()
    if len(inside) > 1 and re.fullmatch(r"\S[^:]*:", title) and not misspelt_keys.is_key(title[:-1]):
        deep = min(indent(text.all[number]) for number in inside)
        if deep:
            edits = [(head, ""), *((number, text.all[number][deep:]) for number in inside)]
            help_ = f"delete {text.numbers(head)} and {deep} spaces at the start of {text.numbers(*inside)}"
            said = f"the keys of the funnel stand at the top, not below {quoted(title)}"
            yield text.slip(said, head, help_, edits, "FN101")


_NAMED = {
    "breakdowns": ("segment", "the segments stand without their dimension"),
    "scenarios": ("Scenario 1", "the changes stand without the name of their scenario"),
}
"""What stands between a key and what was written below it."""


def _unnamed(text: RawLines) -> Iterator[Slip]:
    """Segments without a dimension, and changes without a scenario."""
    for number, line in enumerate(text.all):
        match = re.match(r"\s*(breakdowns|scenarios):\s*(\{.*\})?\s*$", line)
        if match is None:
            continue
        word, said = _NAMED[match[1]]
        inside = stage_forms.block(text, number)
        if match[2]:
            mended = f"{{{word}: {match[2]}}}"
            edits = [(number, line[: match.start(2)] + mended)]
            help_ = f"write {mended}, with your own word for {word}"
            yield text.slip(said, number, help_, edits, "FN103", stretch=match.span(2))
        elif inside:
            moved = [(each, f"  {text.all[each]}") for each in inside]
            moved[0] = (inside[0], f"{' ' * indent(text.all[inside[0]])}{word}:\n{moved[0][1]}")
            help_ = f"write {word}: in a line of its own above {text.numbers(inside[0])}, with your own word for it"
            help_ += f", and indent {text.numbers(*inside)} by 2 more"
            yield text.slip(said, inside[0], help_, moved, "FN103")


def _dashes(text: RawLines) -> Iterator[Slip]:
    """Dashes before the names of a mapping."""
    for number in text.written():
        if not text.all[number].rstrip().endswith(":") or text.all[number].strip() == "stages:":
            continue
        inside = stage_forms.block(text, number)
        dashed = [each for each in inside if re.match(r"\s*- [^:{\[\"]+:(\s|$)", text.all[each])]
        if dashed and dashed[0] == inside[0]:
            edits = [(each, text.all[each].replace("-", " ", 1)) for each in dashed]
            level = [(each, line) for each, line in edits if indent(line) == indent(edits[0][1])]
            help_ = f"write a space in place of the dash in {text.numbers(*[each for each, _ in level])}"
            said = "names and what belongs to them stand without a dash"
            yield text.slip(said, dashed[0], help_, level, "FN103")


def _depth(text: RawLines) -> Iterator[Slip]:
    """A line that is indented otherwise than those it belongs to."""
    every = text.written()
    for place, number in enumerate(every):
        if not text.near - 3 <= number <= text.near + 1:
            continue
        line = text.all[number]
        deep = indent(line)
        before = Line(text.all[every[place - 1]]) if place else None
        opens = before is not None and before.body.endswith(":")
        levels = {indent(text.all[other]) for other in every[: place + 2]}
        levels |= {Line(text.all[other]).at for other in every[:place]}
        if before is not None and opens:
            levels.add(before.at + 2)
        deeper = stage_forms.block(text, number, dashes=False)
        for level in sorted(levels - {deep}, key=lambda level: abs(level - deep)):
            if before is not None and level > before.at and not opens:
                continue  # the line would go on with the text above
            more = level - deep
            said = f"the line is indented by {deep}, and those it belongs to by {level}"
            order = AFTER + 10 * abs(number - text.near) + abs(more)
            moved = (number, " " * level + line.lstrip())
            help_ = f"indent {text.numbers(number)} by {level} space{'' if level == 1 else 's'}"
            yield text.slip(said, number, help_, [moved], order=order)
            if deeper:
                help_ = f"indent {text.numbers(number, *deeper)} by {abs(more)} {'more' if more > 0 else 'less'}"
                below = [(each, " " * more + text.all[each][max(-more, 0) :]) for each in deeper]
                yield text.slip(said, number, help_, [moved, *below], order=order)


def _unclosed(text: RawLines) -> Iterator[Slip]:
    """A bracket that is opened in one line and closed in none."""
    for number in text.written():
        line = Line(text.all[number])
        opened = [place for place in range(line.at, line.end) if line.text[place] in "{["]
        closed = sum(line.text[place] in "}]" for place in range(line.at, line.end))
        if len(opened) <= closed:
            continue
        missing = opened[: len(opened) - closed]
        closers = "".join({"{": "}", "[": "]"}[line.text[place]] for place in reversed(missing))
        place = missing[0]
        for below in text.written(number + 1):
            last = Line(text.all[below])
            mended = last.text[last.at : last.end].rstrip(",") + closers
            edits = [(below, last.text[: last.at] + mended + last.text[last.end :])]
            said, help_ = f"{line.text[place]} is not closed", f"write {text.numbers(below)} as {mended}"
            yield text.slip(said, number, help_, edits, order=AFTER, stretch=(place, place + 1))


_RULES = (
    *(_fence, _prefix, _difference, _conflict, stage_forms.stages, stage_forms.at_the_top),
    *(_wrapped, _unnamed, _dashes, _depth, _unclosed),
)


def slips(text: RawLines) -> Iterator[Slip]:
    """What may have been done in several lines."""
    return chain.from_iterable(rule(text) for rule in _RULES)


_FORMATS: tuple[tuple[str, str], ...] = (
    (r"\s*<(\?xml|!doctype|html|\w+[ >])", "XML or HTML"),
    (r"\s*\[[\w.]+\]\s*\n(?:.*\n)*?\s*\w+\s*=", "TOML or INI"),
    (r"\s*\{.*\}\s*\n\s*\{.*\}", "one JSON object a line"),
    (r"(\s*[^\n,;\t|]+[,;\t|][^\n]*\n){2}", "a table"),
)


def other_format(text: str) -> str | None:
    """What a text is that is not the least like a funnel file."""
    return next((name for pattern, name in _FORMATS if re.match(pattern, text, re.IGNORECASE)), None)
