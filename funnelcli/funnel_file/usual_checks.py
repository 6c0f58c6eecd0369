"""Text to a check without a limit: `conversion@Paid within usual, one false alarm in 24 months`, or `>= usual`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast, get_args

from funnelcli.diagnostics import Problem, Replacement, quoted
from funnelcli.funnel_file.scalars import exact
from funnelcli.metrics import Selector, parse_selector
from funnelcli.what_if import UnitOfTime, UsualCheck

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

LONGEST = 1000
_FORM = re.compile(
    r"(?P<selector>\S.*?)(?:\s+within\s+|\s*(?P<operator>>=|<=)\s*)usual"
    r"(?:\s*,\s*one\s+false\s+alarm\s+in\s+(?P<number>\S+)\s+(?P<unit>[a-z]+))?"
)
_WITHIN = re.compile(r"(\S.*?)\s+(?:(?:is|are|stays?|==|=|within|in|as|inside|the)\s+)*usual", re.IGNORECASE)
_USUAL = re.compile(r"(?:the )?usual(?: (?:range|limits|level))?", re.IGNORECASE)
_PROMISE = re.compile(
    r"\s*[,;(]?\s*(?:with\s+)?(?:one|1|a)\s+(?:false\s+)?alarm\s+(?:in|every|per|each)\s+(\d+)\s*([a-z]+)\)?",
    re.IGNORECASE,
)
_SURE = re.compile(r"\s+with\s+\S+\s+confidence(?:\s*,\s*at\s+every\s+look)?$")
_SAID = (
    (re.compile(r"\bnever\b", re.IGNORECASE), "not"),
    (
        re.compile(
            r"\s+(?:stays?|remains?|(?:must|should|shall)\s+be|(?:must|should|shall|may)(?=\s+not))(?=\s)",
            re.IGNORECASE,
        ),
        "",
    ),
    (re.compile(r"\bnot\s+(?:be|fall|go|rise)(?=\s)", re.IGNORECASE), "not"),
)
"""What is said around a comparison, and what it leaves."""
_OPERATORS = {">=": (">=", "<="), ">": (">=", "<="), "<=": ("<=", ">="), "<": ("<=", ">=")}
"""With the figure before it, and after it."""
OF_NO_PERIOD = ("conversion_eventual", "gross_margin", "spend_elasticity", "cost", "days", "open")
"""Figures that are of the whole funnel, or of now."""


def parse(written: str, stages: Sequence[str]) -> UsualCheck | Problem | None:
    """`SELECTOR within usual`, `>= usual` or `<= usual`, optionally with what it promises; `None`: no such form."""
    text = written.strip()[:LONGEST]
    match = _FORM.fullmatch(text)
    if match is None:
        meant = _meant(text, stages)
        if meant is not None:
            return Problem("FN117", f"{quoted(written)} is not a check", f"write {meant.forms[0]}", meant=meant)
        if re.search(r"[<>=≤≥]", text) and not re.search(r"[<>=≤≥][^@]*\busual\b", text, re.IGNORECASE):
            return None  # a stage is called so
        sure = _SURE.sub("", text)
        if sure != text and isinstance(parse(sure, stages), UsualCheck):
            said = "what is usual has no confidence: such a check says how seldom an alarm is false"
            return Problem("FN117", said, f"write {sure}", meant=Replacement((sure,), doubt=True))
        form = f"conversion@{stages[-1]}" if stages else "sales"
        form = f"{form} within usual, or {form} >= usual, one false alarm in 24 months"
        return Problem("FN117", f"{quoted(written)} is not a check", f"write a figure and usual, e.g. {form}")
    selector = parse_selector(match["selector"], stages)
    if isinstance(selector, Problem):
        return selector
    if selector.metric.name in OF_NO_PERIOD:
        return Problem(
            "FN117",
            f"{selector} has no usual range: it is no figure of a single period",
            "take one that each period has, such as conversion, count, revenue or average_check",
        )
    operator = cast('Literal[">=", "<="] | None', match["operator"])
    if match["number"] is None:
        return UsualCheck(selector, written, operator=operator)
    unit = _unit(match["unit"])
    if unit is None:
        units = ", ".join(get_args(UnitOfTime))
        return Problem("FN117", f"{quoted(match['unit'])} is no time to count false alarms in", f"write one of {units}")
    number = exact(match["number"], "a number", "24")
    if isinstance(number, Problem):
        return number
    if number <= 0:
        return Problem("FN117", f"one false alarm in {match['number']} {unit} is impossible", "write 24 months")
    return UsualCheck(selector, written, number, unit, operator=operator)


def _meant(text: str, stages: Sequence[str]) -> Replacement | None:
    """The check that is written in other words, such as `conversion@Paid not below usual`."""
    from funnelcli.funnel_file import meant_figures

    ending = next((found for found in _PROMISE.finditer(text) if found.end() == len(text)), None)
    unit, tail = None, ""
    if ending is not None:
        text, unit = text[: ending.start()], _unit(ending[2].lower())
        tail = "" if unit is None else f", one false alarm in {ending[1]} {unit}"
    plain = text
    for words, instead in _SAID:
        plain = words.sub(instead, plain)
    for left, sign, right in meant_figures.compared(plain):
        if sign in _OPERATORS and (_USUAL.fullmatch(left) or _USUAL.fullmatch(right)):
            is_before = _USUAL.fullmatch(right) is not None
            name = _named(left if is_before else right, stages)
            doubt = len(sign) == 1 or (ending is not None and unit is None)
            return (
                None
                if name is None
                else Replacement((f"{name} {_OPERATORS[sign][not is_before]} usual{tail}",), doubt=doubt)
            )
    within = _WITHIN.fullmatch(re.sub(r"(?<=usual) (?:range|limits|level)$", "", text, flags=re.IGNORECASE))
    name = None if within is None else _named(within[1], stages)
    return (
        None
        if name is None
        else Replacement((f"{name} within usual{tail}",), doubt=ending is not None and unit is None)
    )


def _named(text: str, stages: Sequence[str]) -> str | None:
    """A figure as it is written, or as it is meant."""
    from funnelcli.funnel_file import meant_figures

    return text if isinstance(parse_selector(text, stages), Selector) else meant_figures.selector(text, stages)


def _unit(word: str) -> UnitOfTime | None:
    """`month` and `months` alike."""
    plural = word if word.endswith("s") else f"{word}s"
    return cast("UnitOfTime", plural) if plural in get_args(UnitOfTime) else None
