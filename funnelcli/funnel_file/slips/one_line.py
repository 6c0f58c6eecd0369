"""Slips of a person who types a funnel by hand, in one line each: what was done, and the line as it should be.

Each rule looks at a raw line and says what it may be. Whether it is so, `mending` finds out by reading the mended text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.funnel_file import misspelt_keys
from funnelcli.funnel_file.slips import signs, wordings
from funnelcli.funnel_file.yaml.raw_lines import Line, Part, Slip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from funnelcli.funnel_file.yaml.raw_lines import Mend

RULES: tuple[tuple[str, Callable[[Line], Iterable[Mend]]], ...] = (
    ("FN101", misspelt_keys.mends),
    ("FN004", signs.full_width),
    ("FN015", signs.wide_spaces),
    ("FN004", signs.dash),
    ("FN004", signs.no_space),
    ("FN004", signs.other_sign),
    ("FN004", signs.no_colon),
    ("FN004", signs.name_without_key),
    ("FN206", wordings.split_number),
    ("FN103", wordings.check),
    ("FN103", wordings.about),
    ("FN103", wordings.lone_list),
    ("FN103", wordings.last_comma),
    ("FN103", wordings.range_of_rates),
    ("FN013", wordings.number_as_name),
    ("FN103", wordings.list_of_counts),
    ("FN103", wordings.money_after_counts),
    ("FN103", wordings.change_in_line),
    ("FN004", wordings.after_brackets),
    ("FN004", signs.brackets),
    ("FN004", signs.pairs_in_line),
    ("FN004", wordings.quotes),
    ("FN004", wordings.start_sign),
    ("FN004", wordings.colon_in_text),
    ("FN004", wordings.number_sign),
    ("FN004", signs.comment),
    ("FN004", signs.title),
    ("FN004", wordings.unblocked),
)
"""The rules with their codes, in the order in which one of them is believed when several would do."""


def slips(lines: Sequence[str], order: Sequence[int]) -> Iterator[Slip]:
    """What may have been done in each line, in the given order of lines; then what was done in several alike."""
    found: list[list[Part]] = [[] for _ in RULES]
    for number in order:
        line = Line(lines[number], lines[:number], lines[number + 1] if number + 1 < len(lines) else "")
        if not line.body and "#" not in line.text:
            continue
        for rank, (code, rule) in enumerate(RULES):
            parts = [_part(line, number, mend) for mend in rule(line)]
            for part in parts:
                yield Slip(rank, (part,), code)
            if parts:
                found[rank].append(parts[0])
    for rank, alike in enumerate(found):
        if len(alike) > 1:
            together = tuple(sorted(alike, key=lambda part: part.line))
            yield Slip(rank, together, RULES[rank][0])
            names = tuple(part for part in together if Line(lines[part.line]).key == "name")
            if RULES[rank][1] is wordings.number_sign and len(names) > 1:
                yield Slip(rank - 1, names, RULES[rank][0], together=True)


def _part(line: Line, number: int, mend: Mend) -> Part:
    said, start, end, text = mend[:4]
    cure = mend[4] if len(mend) > 4 else f"write {text}"
    comment = line.text[end:]
    return Part(said, number, start, end, cure, ((number, line.text[:start] + text + comment),))
