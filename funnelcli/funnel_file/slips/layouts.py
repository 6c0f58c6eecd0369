"""Slips of several lines: lines at the wrong depth, dashes, brackets that stay open; and those of the modules beside.

Like the rules of one line, these only say what may be: `mending` finds out whether the document then reads.
"""

from __future__ import annotations

import re
from functools import partial
from itertools import chain, pairwise, takewhile
from typing import TYPE_CHECKING

from funnelcli.diagnostics import quoted
from funnelcli.funnel_file import misspelt_keys
from funnelcli.funnel_file.slips import funnel_forms, lost_keys, pasted, stage_forms, tabs
from funnelcli.funnel_file.slips.line_rules import DASHES
from funnelcli.funnel_file.yaml.raw_lines import AFTER, Line, RawLines, indent, is_item, spaces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.funnel_file.yaml.raw_lines import Slip


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
            yield text.slip(said, head, help_, edits, "FN101", sure=funnel_forms.says_nothing(title))


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
            yield text.slip(said, number, help_, edits, "FN103", stretch=match.span(2), sure=None)
        elif inside:
            moved = [(each, f"  {text.all[each]}") for each in inside]
            moved[0] = (inside[0], f"{' ' * indent(text.all[inside[0]])}{word}:\n{moved[0][1]}")
            help_ = f"write {word}: in a line of its own above {text.numbers(inside[0])}, with your own word for it"
            help_ += f", and indent {text.numbers(*inside)} by 2 more"
            yield text.slip(said, inside[0], help_, moved, "FN103", sure=None)


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


def _bare_dashes(text: RawLines) -> Iterator[Slip]:
    """Dashes without a space after them, and the keys below, which stand as far right as if there were none."""
    dashed = [number for number in text.written() if re.match(r"\s*-[^\W\d][^:]*:", text.all[number])]
    below = [each for number in dashed for each in stage_forms.block(text, number, dashes=False)]
    if below:
        edits = [(number, text.all[number].replace("-", "- ", 1)) for number in dashed]
        edits += [(number, f" {text.all[number]}") for number in below]
        help_ = f"write a space after the dash in {text.numbers(*dashed)}, and indent {text.numbers(*below)} by 1 more"
        at = indent(text.all[dashed[0]])
        yield text.slip("the dash of a list needs a space", dashed[0], help_, edits, stretch=(at, at + 1))


def _is_in(text: RawLines, deep: int, number: int) -> bool:
    """Whether a line is indented as deep as that, or deeper."""
    return indent(text.all[number]) >= deep


def _depth(text: RawLines) -> Iterator[Slip]:
    """A line that is indented otherwise than those it belongs to."""
    every = text.written()
    first_tab = next((number for number in every if tabs.BEGINS.match(text.all[number])), len(text.all))
    for place, number in enumerate(every):
        line = text.all[number]
        if number >= first_tab or text.near >= first_tab:
            return  # how these lines stand is seen when that one has its place
        if not text.near - 3 <= number <= text.near + 1:
            continue
        deep = indent(line)
        if line[:deep].strip(" "):
            continue  # blanks of another kind are what is wrong with it
        before = Line(text.all[every[place - 1]]) if place else None
        opens = before is not None and before.body.endswith(":")
        levels = {indent(text.all[other]) for other in every[: place + 2]}
        levels |= {Line(text.all[other]).at for other in every[:place]}
        if before is not None and opens:
            levels.add(before.at + 2)
        deeper = stage_forms.block(text, number, dashes=False)
        run = list(takewhile(partial(_is_in, text, deep), every[place:]))
        for level in sorted(levels - {deep}, key=lambda level: abs(level - deep)):
            if before is not None and level > before.at and not opens:
                continue  # the line would go on with the text above
            more = level - deep
            said = f"the line begins {spaces(deep)}, and those it belongs to {spaces(level)}"
            order = AFTER + 10 * abs(number - text.near) + abs(more)
            moved, begins = (number, " " * level + line.lstrip()), spaces(level)
            help_ = f"begin {text.numbers(number)} {begins}"
            yield text.slip(said, number, help_, [moved], order=order, moved=begins)
            for several, more_work in ((deeper, 0), (run[1:], 20 * len(run))):
                if several and several[-1] < first_tab:
                    below = [(each, " " * more + text.all[each][max(-more, 0) :]) for each in several]
                    alike = all(indent(text.all[each]) == deep for each in several)
                    by = begins if alike else f"{abs(more)} {'more' if more > 0 else 'less'}"
                    lines = text.numbers(number, *several)
                    help_ = f"begin {lines} {by}" if alike else f"indent {lines} by {by}"
                    edits = [moved, *below]
                    at = order + more_work
                    begin = begins if alike else ""
                    # where several lines go along, others may belong there as well
                    yield text.slip(said, number, help_, edits, order=at, moved=begin, sure=False)


def _begins_item(line: str) -> bool:
    """Whether a line is an item of a list, or one with a slip in its dash, such as `-name: Paid` or `– name: Paid`."""
    return is_item(line) or re.match(rf"\s*[-{re.escape(DASHES)}]\s*[^\W\d]", line) is not None


class _Brackets:
    """The brackets that are open behind what was read, and the keys of each: what has one again stands beyond it."""

    def __init__(self, part: str = "") -> None:
        self.keys: list[set[str]] = [set()]
        self.read(part)

    @property
    def depth(self) -> int:
        return len(self.keys) - 1

    def read(self, part: str) -> None:
        for piece in re.split(r"([\[{\]}])", part):
            if piece in ("[", "{"):
                self.keys.append(set())
            elif piece in ("]", "}"):
                self.keys[1:] = self.keys[1:-1]
            else:
                self.keys[-1] |= _keys(piece)

    def has_key_of(self, part: str) -> bool:
        """Whether a key before the brackets of a part stands in the innermost bracket already."""
        return self.depth > 0 and not self.keys[-1].isdisjoint(_keys(re.split(r"[\[{\]}]", part, maxsplit=1)[0]))


def _keys(part: str) -> set[str]:
    return set(re.findall(r"(?<![^\s,:])([^\s,:]++)\s*+:(?=\s|$)", part))


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
        inside = _Brackets(line.text[place : line.end])
        for below in text.written(number + 1):
            last = Line(text.all[below])
            if _begins_item(last.text) or inside.has_key_of(last.body):
                break
            inside.read(last.body)
            mended = last.text[last.at : last.end].rstrip(",") + closers
            edits = [(below, last.text[: last.at] + mended + last.text[last.end :])]
            said, help_ = f"{line.text[place]} is not closed", f"write {text.numbers(below)} as {mended}"
            yield text.slip(said, number, help_, edits, order=AFTER, stretch=(place, place + 1))


def _missing_comma(text: RawLines) -> Iterator[Slip]:
    """A line within brackets that ends without the comma before the next."""
    inside = _Brackets()
    for number, after in pairwise(text.written()):
        line = Line(text.all[number])
        if _begins_item(line.text):
            inside = _Brackets()
        inside.read(line.body)
        following = text.all[after]
        if not inside.depth or _begins_item(following) or inside.has_key_of(Line(following).body):
            continue
        near = text.near - 3 <= number <= text.near + 1
        if near and re.search(r"[^,{\[:]$", line.body) and not re.match(r"\s*[\]},]", text.all[after]):
            edits = [(number, f"{line.text[: line.end]},{line.text[line.end :]}")]
            said, stretch = "a comma is missing at the end of the line", (line.at, line.end)
            yield text.slip(said, number, f"write {line.body},", edits, order=AFTER, stretch=stretch)


_RULES = (
    *(*pasted.RULES, *funnel_forms.RULES, stage_forms.stages, stage_forms.at_the_top, lost_keys.slips),
    *(_wrapped, _unnamed, _dashes, *tabs.RULES, _bare_dashes, _depth, _unclosed, _missing_comma),
)


def slips(text: RawLines) -> Iterator[Slip]:
    """What may have been done in several lines."""
    return chain.from_iterable(rule(text) for rule in _RULES)


_FORMATS: tuple[tuple[str, str], ...] = (
    (r"\s*<(\?xml|!doctype|html|\w+[ >])", "XML or HTML"),
    (r"(?:\s*\w+\s*=.*\n)*\s*\[[\w.]+\]\s*\n(?:.*\n)*?\s*\w+\s*=", "TOML or INI"),
    (r"\s*\{.*\}\s*\n\s*\{.*\}", "one JSON object a line"),
    (r"(\s*[^\n,;\t|]+[,;\t|][^\n]*\n){2}", "a table"),
)


def other_format(text: str) -> str | None:
    """What a text is that is not the least like a funnel file."""
    return next((name for pattern, name in _FORMATS if re.match(pattern, text, re.IGNORECASE)), None)
