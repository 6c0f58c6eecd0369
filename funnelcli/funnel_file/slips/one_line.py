"""Slips of a person who types a funnel by hand, in one line each: what was done, and the line as it should be.

The rules stand in `lines.yaml`: rows of patterns, and functions where a pattern does not do. Each looks at a raw line
and says what it may be. Whether it is so, `mending` finds out by reading the mended text.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.diagnostics import quoted
from funnelcli.funnel_file import misspelt_keys
from funnelcli.funnel_file.data_files import data_file
from funnelcli.funnel_file.slips import signs, wordings
from funnelcli.funnel_file.yaml.grouping import NUMBER, UNKNOWN_SIGNS, plain_number
from funnelcli.funnel_file.yaml.quoting import quoted_text
from funnelcli.funnel_file.yaml.raw_lines import Line, LinePart, Slip
from funnelcli.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from funnelcli.funnel_file.yaml.raw_lines import Mend

_FUNCTIONS: dict[str, Callable[[Line], Iterable[Mend]]] = {
    "misspelt": misspelt_keys.mends,
    "no_space": signs.no_space,
    "other_sign": signs.other_sign,
    "no_colon": signs.no_colon,
    "name_without_key": signs.name_without_key,
    "brackets": signs.brackets,
    "pairs_in_line": signs.pairs_in_line,
    "title": signs.title,
    "split_number": wordings.split_number,
    "about": wordings.about,
    "quotes": wordings.quotes,
    "colon_in_text": wordings.colon_in_text,
    "number_sign": wordings.number_sign,
}
_WIDE = "[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
"""Spaces that do not part words for YAML."""
_NARROW = str.maketrans("；，［］｛｝", ";,[]{}")
_FORMS: dict[str, Callable[[str], str]] = {
    "": str,
    "name": quoted,
    "number": plain_number,
    "text": quoted_text,
    "stripped": lambda text: quoted_text(text.strip()),
    "commas": lambda text: text.replace(";", ","),
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
    part: str
    about: int
    dash: str
    under: str
    unless: str

    def mends(self, line: Line) -> Iterator[Mend]:
        """Where the pattern fits."""
        has_dash = bool(line.text[: line.at].strip())
        if self.dash and has_dash != (self.dash == "one"):
            return
        if self.unless and re.search(self.unless, line.text):
            return
        at = {"value": line.value_at, "body": line.at, "text": 0}[self.part]
        part = line.text if self.part == "text" else line.text[at : line.end]
        if self.part == "value" and not line.key:
            return
        matches = [*self.pattern.finditer(part)]
        if matches and self.under and not any(re.match(self.under, text) for text in line.before):
            return  # asked last: there may be many lines above
        for match in matches:
            groups = [_Group(match[0]), *map(_Group, match.groups(""))]
            start, end = match.span(self.about)
            said, text = self.said.format(*groups), self.write.format(*groups)
            if self.part == "text":
                yield said, start, line.end, text + line.text[end : line.end]
            else:
                yield said, at + start, at + end, text


class _Rule(NamedTuple):
    name: str
    code: str
    rows: tuple[_Row, ...]

    def mends(self, line: Line) -> Iterator[Mend]:
        if self.name in _FUNCTIONS:
            yield from _FUNCTIONS[self.name](line)
        for row in self.rows:
            yield from row.mends(line)


@cache
def rules() -> tuple[_Rule, ...]:
    """The rules with their codes, in the order in which one of them is believed when several would do."""
    words = {
        "<NUMBER>": NUMBER,
        "<UNKNOWN>": UNKNOWN_SIGNS,
        "<WIDE>": _WIDE,
        "<DASHES>": signs.DASHES,
        "<CHANGEABLE>": "|".join(name for name, metric in METRICS.items() if metric.changeable),
    }

    def pattern(text: str) -> re.Pattern[str]:
        for word, meant in words.items():
            text = text.replace(word, meant)
        return re.compile(text)

    return tuple(
        _Rule(
            rule["rule"],
            rule["code"],
            tuple(
                _Row(
                    pattern(row["pattern"]),
                    row["said"],
                    row["write"],
                    row.get("in", "body"),
                    row.get("about", 0),
                    row.get("dash", ""),
                    row.get("under", ""),
                    row.get("unless", "").replace("<WIDE>", _WIDE),
                )
                for row in rule.get("rows", ())
            ),
        )
        for rule in data_file("slips/lines.yaml")
    )


def slips(lines: Sequence[str], order: Sequence[int]) -> Iterator[Slip]:
    """What may have been done in each line, in the given order of lines; then what was done in several alike."""
    found: list[list[LinePart]] = [[] for _ in rules()]
    for number in order:
        if not lines[number].strip():
            continue
        line = Line(lines[number], lines[:number], lines[number + 1] if number + 1 < len(lines) else "")
        if not line.body and "#" not in line.text:
            continue
        for rank, rule in enumerate(rules()):
            parts = [_part(line, number, mend) for mend in rule.mends(line)]
            for part in parts:
                yield Slip(rank, (part,), rule.code)
            found[rank] += parts[:1]
    for rank, (rule, alike) in enumerate(zip(rules(), found, strict=True)):
        if len(alike) > 1:
            together = tuple(sorted(alike, key=lambda part: part.line))
            yield Slip(rank, together, rule.code)
            names = tuple(part for part in together if Line(lines[part.line]).key == "name")
            if rule.name == "number_sign" and len(names) > 1:
                yield Slip(rank - 1, names, rule.code, together=True)


def _part(line: Line, number: int, mend: Mend) -> LinePart:
    said, start, end, text = mend[:4]
    told = mend[4] if len(mend) > 4 else f"write {text}"
    return LinePart(said, number, start, end, told, ((number, line.text[:start] + text + line.text[end:]),))
