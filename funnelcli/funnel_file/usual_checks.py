"""Text to a check without a limit: `conversion@Paid within usual, one false alarm in 24 months`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast, get_args

from funnelcli.diagnostics import Problem, Replacement, quoted
from funnelcli.funnel_file.scalars import exact
from funnelcli.metrics import Selector, parse_selector
from funnelcli.what_if import UnitOfTime, UsualCheck

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST = 1000
_FORM = re.compile(
    r"(?P<selector>\S.*?)\s+within\s+usual"
    r"(?:\s*,\s*one\s+false\s+alarm\s+in\s+(?P<number>\S+)\s+(?P<unit>[a-z]+))?"
)
_MEANT = re.compile(
    r"(?P<selector>\S.*?)\s+(?:(?:is|stays|==|=|within|in|as|inside|the)\s+)*usual(?:\s+(?:range|limits))?"
    r"(?:\s*[,;(]?\s*(?:with\s+)?(?:one|1|a)\s+(?:false\s+)?alarm\s+(?:in|every|per|each)\s+"
    r"(?P<number>\d+)\s*(?P<unit>[a-z]+)\)?)?",
    re.IGNORECASE,
)
OF_NO_PERIOD = ("conversion_eventual", "gross_margin", "spend_elasticity", "cost", "days", "open")
"""Figures that are of the whole funnel, or of now."""


def parse(written: str, stages: Sequence[str]) -> UsualCheck | Problem:
    """`SELECTOR within usual`, optionally with what it promises."""
    text = written.strip()[:LONGEST]
    match = _FORM.fullmatch(text)
    if match is None:
        meant = _MEANT.fullmatch(text)
        example = f"conversion@{stages[-1]}" if stages else "sales"
        if meant is not None and isinstance(parse_selector(meant["selector"], stages), Selector):
            form = f"{meant['selector']} within usual"
            if meant["number"] and _unit(meant["unit"].lower()):
                form += f", one false alarm in {meant['number']} {_unit(meant['unit'].lower())}"
            return Problem("FN117", f"{quoted(written)} is not a check", f"write {form}", meant=Replacement((form,)))
        form = f"{example} within usual, one false alarm in 24 months"
        return Problem("FN117", f"{quoted(written)} is not a check", f"write a figure, then within usual, e.g. {form}")
    selector = parse_selector(match["selector"], stages)
    if isinstance(selector, Problem):
        return selector
    if selector.metric.name in OF_NO_PERIOD:
        return Problem(
            "FN117",
            f"{selector} has no usual range: it is no figure of a single period",
            "take one that each period has, such as conversion, count, revenue or average_check",
        )
    if match["number"] is None:
        return UsualCheck(selector, written)
    unit = _unit(match["unit"])
    if unit is None:
        units = ", ".join(get_args(UnitOfTime))
        return Problem("FN117", f"{quoted(match['unit'])} is no time to count false alarms in", f"write one of {units}")
    number = exact(match["number"], "a number", "24")
    if isinstance(number, Problem):
        return number
    if number <= 0:
        return Problem("FN117", f"one false alarm in {match['number']} {unit} is impossible", "write 24 months")
    return UsualCheck(selector, written, number, unit)


def _unit(word: str) -> UnitOfTime | None:
    """`month` and `months` alike."""
    plural = word if word.endswith("s") else f"{word}s"
    return cast("UnitOfTime", plural) if plural in get_args(UnitOfTime) else None
