"""Limits of two sides of a change: as they are written, and what the change of each means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.output.document import Column, Table
from funnelcli.output.numbers import judged, visible
from funnelcli.output.views.building import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.analyses.checks import CheckResult
    from funnelcli.analyses.looseness import LimitChange

NOTHING = "—"
"""What stands where there is nothing on a side."""
HOW: dict[str, str] = {
    "operator": "the limit itself is allowed",
    "confidence": "asks for more certainty before it fails",
    "every_look": "asks for more certainty before it fails",
    "origin": "now counted from {about}",
    "unread": "not compared",
    "other_stage": "now of {about}",
    "stage": "the stage {about} is gone",
    "removed": "no longer checked",
    "unchecked": "no longer checked",
    "allow_growth": "{about} may now have more than the stage before",
    "target": "target of {about}",
    "variation": "wider margins of chance",
    "window": "without a window no period is over, and nothing fails",
    "ignored": "{about}",
    "false_alarms": "fewer false alarms, and a change is found later",
    "sides": "what is below or above usual fails no longer, or later",
    "unjudged": "can no longer be judged, and never fails",
    "usual_variation": "what is usual is, or may be, a wider range",
    "judged": "can be judged, and no longer fails as undecided",
}
"""How a limit was loosened, by the rule that tells it."""
_TIGHTER: dict[str, str] = {
    "operator": "the limit itself is no longer allowed",
    "confidence": "asks for less certainty before it fails",
    "every_look": "asks for less certainty before it fails",
    "allow_growth": "{about} may no longer have more than the stage before",
    "variation": "narrower margins of chance",
    "false_alarms": "a change is found sooner, with more false alarms",
    "sides": "what is below or above usual fails as well, or sooner",
    "unjudged": "can no longer be judged, and fails as undecided",
    "usual_variation": "what is usual is a narrower range",
    "judged": "can be judged, which it could not",
}
_STRICTLY: dict[tuple[str, bool], str] = {
    ("confidence", True): "asks for less certainty before it passes",
    ("confidence", False): "asks for more certainty before it passes",
    ("every_look", True): "asks for less certainty before it passes",
    ("every_look", False): "asks for more certainty before it passes",
    ("variation", True): "narrower margins of chance",
    ("variation", False): "wider margins of chance",
}
"""The same, by whether it was loosened, where what is undecided fails: then certainty is what it takes to pass."""


def limits(changed: Sequence[LimitChange], title: str) -> Table:
    """Limits before and now, and how they differ."""
    columns = (
        Column("Before", "before", "text", lambda each: _written(each, each.before)),
        Column("Now", "after", "text", lambda each: _written(each, each.after)),
        Column("What it means", "rule", "text", how),
    )
    return table(changed, columns, title, "limits")


def _written(each: LimitChange, limit: str | None) -> str:
    """A limit as a file has it, a target by that word."""
    if limit is None:
        return NOTHING
    return f"target {limit}" if each.rule == "target" else limit


def how(each: LimitChange) -> str:
    """What a change of a limit means; that the figure of now fails the old one is why it may have been made."""
    old = each.old_limit_now
    if old is None or old.passed is not False or old.actual is None:
        return _how(each)
    which = "it" if each.rule in ("removed", "stage") else "the old one"
    return f"{_how(each)}; {actual(old)} would fail {which}"


def _how(each: LimitChange) -> str:
    if each.change in ("added", "removed", "rewritten") and each.rule not in ("target", "unread"):
        told = {"added": "new", "removed": "another limit says as much", "rewritten": "means the same"}
        return told[each.change]
    if each.rule == "value":
        return _moved(each)
    words = HOW[each.rule or "removed"]
    if each.change != "loosened":
        words = _TIGHTER.get(each.rule or "", words)
    if each.strict:
        words = _STRICTLY.get((each.rule or "", each.change == "loosened"), words)
    return words.format(about=visible(each.about or "several stages"))


def _moved(each: LimitChange) -> str:
    """Where a limit went to: of one from below, a looser one is lower."""
    if ("<" in (each.before or "")) == ("<" in (each.after or "")) and "==" not in f"{each.before}{each.after}":
        lower = (each.change == "loosened") is (">" in (each.before or ""))
        return "the limit is lower" if lower else "the limit is higher"
    return "another limit"


def actual(result: CheckResult) -> str:
    """The figure that was held against a limit, without how sure it was."""
    return judged(result.actual, result.limit, result.kind, result.currency)
