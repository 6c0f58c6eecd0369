"""Slips of a person who types a funnel by hand, in one line each: what was done, and the line as it should be.

The rules stand in `lines.yaml`: rows of patterns, and functions where a pattern does not do. Each looks at a raw line
and says what it may be. Whether it is so, `mending` finds out by reading the mended text.
"""

from __future__ import annotations

import re
from functools import cache, partial
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.diagnostics import quoted
from funnelcli.funnel_file import schema
from funnelcli.funnel_file.data_files import data_file
from funnelcli.funnel_file.slips import line_rules
from funnelcli.funnel_file.yaml.ambiguity import UNKNOWN_SIGNS
from funnelcli.funnel_file.yaml.quoting import quoted_text
from funnelcli.funnel_file.yaml.raw_lines import Line, Slip, value
from funnelcli.funnel_file.yaml.typed_numbers import NUMBER, plain_number
from funnelcli.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from funnelcli.funnel_file.yaml.raw_lines import LinePart

_WIDE = "[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
"""Spaces that do not part words for YAML."""
_NARROW = str.maketrans("；，［］｛｝", ";,[]{}")
_FORMS: dict[str, Callable[[str], str]] = {
    "": str,
    "name": quoted,
    "number": plain_number,
    "text": quoted_text,
    "value": value,
    "stripped": lambda text: quoted_text(text.strip()),
    "commas": lambda text: re.sub(r"\s*[;,/|]\s*|\s+", ", ", text),
    "comment": lambda text: f" # {text.removesuffix('*/').strip()}" if text else "",
    "narrow": lambda text: re.sub(r",(?=\S)", ", ", re.sub(r"\s*[：﹕∶]\s*", ": ", text.translate(_NARROW))).rstrip(),
    "blank": lambda text: " " * len(text),
    "spaced": lambda text: re.sub(_WIDE, " ", text),
    "dash": lambda text: "-".ljust(len(text)),
    "remark": lambda text: text.removesuffix("*/").rstrip(),
}
"""How a group of a pattern stands in a text."""


class _Group(str):
    __slots__ = ()

    def __format__(self, form: str) -> str:
        return _FORMS[form](str(self))


class _Row(NamedTuple):
    """A rule of one pattern."""

    pattern: re.Pattern[str]
    said: str
    write: str
    part: str = "body"
    about: int = 0
    every: bool = False
    dash: str = ""
    sure: bool = True
    under: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None

    def mends(self, line: Line) -> Iterator[LinePart]:
        """Where the pattern fits."""
        if self.dash and (self.dash == "one") != bool(line.text[: line.at].strip()):
            return
        if self.part == "value" and not line.key:
            return
        at, part = line.parts[self.part]
        matches = [*self.pattern.finditer(part)]
        if not matches or (self.unless and self.unless.search(line.text)):
            return
        if self.under and not any(map(self.under.match, line.before)):
            return  # asked last: there may be many lines above
        if self.every:
            start, end = matches[0].start(self.about), matches[-1].end(self.pattern.groups)
            mended = self.pattern.sub(partial(_filled, self.write), part)
            text = mended[start : len(mended) - len(part) + end]
            yield line.mend(_filled(self.said, matches[0]), text, at + start, at + end, sure=self.sure)
            return
        for match in matches:
            start, end = match.span(self.about)
            said, text = _filled(self.said, match), _filled(self.write, match)
            if self.part == "text":
                yield line.mend(said, text + line.text[end : line.end], start, sure=self.sure)
            else:
                yield line.mend(said, text, at + start, at + end, sure=self.sure)


def _filled(text: str, match: re.Match[str]) -> str:
    return text.format(_Group(match[0]), *map(_Group, match.groups("")))


class _Rule(NamedTuple):
    name: str
    code: str
    mends: tuple[Callable[[Line], Iterator[LinePart]], ...]
    replaces: bool


@cache
def rules() -> tuple[_Rule, ...]:
    """The rules with their codes, in the order in which one of them is believed when several would do."""
    words = {
        "NUMBER": NUMBER,
        "UNKNOWN": UNKNOWN_SIGNS,
        "WIDE": _WIDE,
        "DASHES": line_rules.DASHES,
        "SEGMENT": "|".join(field.key for field in schema.SEGMENT),
        "CHANGEABLE": "|".join(name for name, metric in METRICS.items() if metric.changeable),
    }

    def mends(fields: dict[str, Any]) -> Callable[[Line], Iterator[LinePart]]:
        patterns: dict[str, Any] = {
            name: re.compile(re.sub("<([A-Z]+)>", lambda word: words[word[1]], fields[name]))
            for name in ("pattern", "under", "unless")
            if name in fields
        }
        return _Row(**fields | patterns).mends

    return tuple(
        _Rule(
            rule["rule"],
            rule["code"],
            tuple(map(mends, rule.get("rows", ()))) or (getattr(line_rules, rule["rule"]),),
            rule.get("replaces", False),
        )
        for rule in data_file("slips/lines.yaml")
    )


def _at(part: LinePart) -> tuple[str, int, int]:
    return part.said, part.column, part.end


def _outermost(above: str, text: str) -> str:
    return text.partition(":")[0].strip() if re.match(r"[^\W\d]", text) else above


def slips(lines: Sequence[str], order: Sequence[int]) -> Iterator[Slip]:
    """What may have been done in each line, in the given order of lines; then what was done in several alike."""
    found: list[list[LinePart]] = [[] for _ in rules()]
    outermost = list(accumulate(lines, _outermost, initial=""))[1:]
    for number in order:
        if not lines[number].strip():
            continue
        line = Line(lines[number], number, lines, outermost[number])
        if not line.body and "#" not in line.text:
            continue
        for rank, rule in enumerate(rules()):
            parts = [part for mends in rule.mends for part in mends(line)]
            for part in parts:
                yield Slip(rank, (part,), rule.code, replaces=rule.replaces)
            # what may be another thing to write in the same place is told by itself
            found[rank] += [part for part in parts[:1] if not any(_at(part) == _at(other) for other in parts[1:])]
    for rank, (rule, alike) in enumerate(zip(rules(), found, strict=True)):
        if len(alike) > 1:
            together = tuple(sorted(alike, key=lambda part: part.line))
            yield Slip(rank, together, rule.code, replaces=rule.replaces)
            names = tuple(part for part in together if Line(lines[part.line]).key == "name")
            if rule.name == "number_sign" and len(names) > 1:
                yield Slip(rank - 1, names, rule.code, together=True)
