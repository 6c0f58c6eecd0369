"""A key of the funnel whose line is gone, so that what stood below it stands below the key before, or below none.

What such lines look like tells which keys it may have been; which of them it was, reading again finds out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from funnelcli.diagnostics import quoted
from funnelcli.funnel_file import schema
from funnelcli.funnel_file.yaml.raw_lines import Line, RawLines, indent
from funnelcli.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from funnelcli.funnel_file.yaml.raw_lines import Slip

_FEW = 5
"""Lines below that are looked at."""
_NAME = r"(?:\"[^\"]*\"|'[^']*'|[^\s:\"'\[{#][^:]*?)"
_SELECTOR = rf"[\"']?(?:{'|'.join(METRICS)})(?:@[^:]*)?:(?:\s|$)"


def _has_key_of(table: tuple[schema.Field, ...]) -> Callable[[str, bool, str], bool]:
    known = "|".join(schema.keys(table))
    return lambda body, dashed, _below: not dashed and re.match(rf"(?:{known}):(?:\s|$)", body) is not None


def _is_stage(body: str, dashed: bool, below: str) -> bool:
    if dashed:
        return re.match(r"\{?\s*name:\s", body) is not None
    return re.match(rf"{_NAME}:(?:\s+[\d{{]|$)", body) is not None and not re.match(_SELECTOR, below)


def _is_dimension(body: str, dashed: bool, below: str) -> bool:
    counted = rf"{_NAME}:(?:\s+[\[{{]|\n|$)"
    inside = re.fullmatch(rf"{_NAME}:\s+\{{(.*)\}}", body)
    found = inside[1] if inside else below if re.fullmatch(rf"{_NAME}:", body) else ""
    return not dashed and re.match(counted, found) is not None


def _is_scenario(body: str, dashed: bool, below: str) -> bool:
    inside = re.match(rf"{_NAME}:\s+\{{\s*(.*)", body)
    return not dashed and re.match(_SELECTOR, inside[1] if inside else below) is not None


def _is_check(body: str, dashed: bool, _below: str) -> bool:
    return dashed and re.match(rf"[\"']?(?:{'|'.join(METRICS)})\b", body) is not None


def _is_cell(body: str, dashed: bool, below: str) -> bool:
    inside = body if body.startswith("{") else f"{body}\n{below}"
    return dashed and re.match(rf"\{{?\s*{_NAME}:\s", body) is not None and re.search(r"\bcounts:", inside) is not None


_TABLES = {
    "average_check": schema.SPREAD,
    "referral": schema.REFERRAL,
    "measure": schema.MEASURE,
    "measured": schema.MEASURED,
}
"""Keys with keys of their own below them."""
_FORMS: dict[str, Callable[[str, bool, str], bool]] = {
    "stages": _is_stage,
    "breakdowns": _is_dimension,
    "cells": _is_cell,
    "scenarios": _is_scenario,
    "checks": _is_check,
    **{key: _has_key_of(table) for key, table in _TABLES.items()},
}
"""Whether a line may be the first below a key: what it says, whether it has a dash, and what the lines below it say."""


MOST = 8
"""Places that are tried, those nearest to the first error: each costs a reading."""


def slips(text: RawLines) -> Iterator[Slip]:
    """Each key that is not there, above each line that may be the first below it."""
    for key, number in sorted(_places(text), key=lambda place: abs(place[1] - text.near))[:MOST]:
        edits = [(number, f"{key}:\n{text.all[number]}")]
        help_ = f"write {key}: in a line of its own above {text.numbers(number)}"
        said = f"the key {quoted(key)} is missing above what stands below it"
        yield text.slip(said, number, help_, edits, "FN102", sure=False)


def _places(text: RawLines) -> Iterator[tuple[str, int]]:
    lines = {number: Line(text.all[number]) for number in text.written()}
    written = {match[1] for number in lines if (match := re.match(r"(\w+)\s*:", text.all[number]))}
    free = [key for key in _FORMS if key not in written]
    bodies = [line.body for line in lines.values()]
    above: dict[int, set[tuple[str, bool]]] = {}  # what the line above of that depth may be the first of
    head = ""
    for place, (number, line) in enumerate(lines.items()):
        deep, dashed = indent(line.text), line.text[: line.at].strip() != ""
        head = line.body.partition(":")[0].rstrip() if not deep and not dashed else head
        below = "\n".join(bodies[place + 1 : place + 1 + _FEW])
        fits = {(key, dashed) for key in free if _FORMS[key](line.body, dashed, below)}
        if deep in above and head in _TABLES and _FORMS[head](line.body, dashed, ""):
            fits = set()  # it belongs where it stands
        opens = place > 0 and bodies[place - 1] == f"{head}:"
        if (deep or dashed) and not opens:
            yield from ((key, number) for key, _ in sorted(fits - above.get(deep, set())))
        above = {depth: keys for depth, keys in above.items() if depth < deep} | {deep: fits}
