"""A check's outcome in words: the same in every format for people and machines."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING

from funnelcli.diagnostics import (
    FAILED,
    UNDECIDED,
    UNDEFINED,
    WITHOUT_BASELINE,
    Diagnostic,
    Location,
    Problem,
    spanned,
)
from funnelcli.output import numbers
from funnelcli.what_if import OPERATORS

if TYPE_CHECKING:
    from funnelcli.analyses.checks import CheckResult
    from funnelcli.analyses.usual import UsualRange
    from funnelcli.analyses.usual_delay import UsualDelay
    from funnelcli.exact import Exact

VERDICTS = {True: "passed", False: "failed", None: "undecided"}
NOWHERE = "<command line>"
MOST_UNITS = 10**9
"""Units needed above which their number says nothing."""
_SOON = 3
"""Periods within which a change that is found needs no word."""
_CURES = {
    FAILED: "the limit was set for a reason: find out what moved the figure",
    UNDECIDED: "take a longer period",
    UNDEFINED: "give what the figure needs, or delete the check",
    WITHOUT_BASELINE: "add --baseline FILE",
}


def figures(result: CheckResult) -> str:
    """The actual value and its interval, with the digits that tell them from the limit."""
    if result.actual is None:
        return numbers.UNDEFINED
    if result.usual is not None:
        return f"{_held(result, result.actual, result.usual)} in {result.usual.period}"
    actual = numbers.judged(result.actual, result.limit, result.kind, result.currency)
    if result.low is None:
        return actual
    if result.kind != "rate":
        ends = numbers.ends_words(result.low, result.high or result.low, result.kind, result.currency)
        return f"{actual}, 95% range {ends}"
    return f"{actual}, interval {numbers.judged((result.low, result.high), result.limit, 'interval')}"


def _held(result: CheckResult, value: Exact | float, usual: UsualRange) -> str:
    """A figure with the digits that tell it from the end of the usual range that it is beyond, if it is."""
    actual = result.actual or 0
    border = usual.low if actual < usual.low else usual.high if actual > usual.high else None
    return numbers.judged(value, border, result.kind, result.currency)


def usual_words(result: CheckResult, usual: UsualRange) -> str:
    """`below usual, which is 35% to 41%, since 2026-09`."""
    low, high = usual.low, usual.high
    actual = result.actual or 0
    if result.kind == "count" and floor(high) >= ceil(low):
        low, high = ceil(low), floor(high)
    ends = numbers.ends_words(low, high, result.kind, result.currency)
    if not low <= actual <= high:  # the digits that tell them apart
        near = numbers.judged(low if actual < low else high, actual, result.kind, result.currency)
        first, last = ends.split(" to ")
        ends = f"{near} to {last}" if actual < low else f"{first} to {near}"
    said = f"as usual, {ends}"
    if usual.side != "within":
        said = f"{usual.side} usual, which is {ends}"
        if usual.lasts > 1:
            said += f", since {usual.since}"
        if low <= actual <= high:
            said += f": the newest is within it, the {usual.lasts} together are not"
    return f"{said}; of the decided" if usual.decided and "decided" not in result.selector else said


def promise(usual: UsualRange) -> str:
    """What the range is worth."""
    said = f"promised: one false alarm in about {float(usual.false_alarm_in):,g} {usual.unit}"
    if usual.is_restless:
        said += f", though it alarmed {len(usual.alarms)} times in {usual.looks:,} {usual.dimension or 'period'}s"
    return said if usual.dimension else f"{said}; the periods are the file's commits"


def delay_words(delay: UsualDelay | None) -> str:
    """`; a fall by a fifth is found after about 15 months, with >= usual after 8`; nothing where it is found soon."""
    if delay is None or delay.periods <= _SOON:
        return ""
    change = "a fall" if delay.change < 0 else "a rise"
    said = f"; {change} by a fifth is found after {'more than' if delay.or_more else 'about'} "
    said += f"{round(delay.periods):,} {delay.unit}"
    if delay.sooner is None or delay.sooner_periods is None:
        return said
    return f"{said}, with {delay.sooner} after {round(delay.sooner_periods):,}"


def explained(result: CheckResult) -> str:
    """How far the value is from the limit, or why there is no verdict; what it is of, and what was left out."""
    said = _explained(result)
    if result.now is not None:
        said += f"; as expected in the end, {numbers.text(result.now, result.kind, result.currency)} now"
    if result.left_out:
        said += f"; left out, not mature: {spanned(result.left_out)}"
    return said


def _explained(result: CheckResult) -> str:
    if result.usual is not None:
        return f"{usual_words(result, result.usual)}; {promise(result.usual)}{delay_words(result.usual.delay)}"
    if result.code == UNDECIDED:
        if result.units_needed is None or result.actual is None or result.limit is None or result.operator is None:
            return result.reason or ""
        inside = OPERATORS[result.operator](result.actual, result.limit)
        if result.units_needed > MOST_UNITS:
            return f"reads {'inside' if inside else 'beyond'} the limit by so little that no count would make it sure"
        if inside:
            return f"not sure yet; about {result.units_needed:,} more would make it sure in 80% of cases"
        return f"reads beyond the limit; about {result.units_needed:,} more would make it sure in 80% of cases"
    if result.code in (UNDEFINED, WITHOUT_BASELINE):
        return result.reason or ""
    return distance(result)


def distance(result: CheckResult) -> str:
    """`5 pp above the limit`, `100,000 EUR below the limit of 600,000 EUR`; points for rates."""
    if result.distance is None or result.limit is None:
        return ""
    limit = ""
    if "baseline" in result.check:  # which does not say what the limit is
        limit = f" of {numbers.judged(result.limit, result.actual, result.kind, result.currency)}"
    if not result.distance:
        return f"at the limit{limit}"
    kind = "points" if result.kind == "rate" else result.kind
    side = "above" if result.distance > 0 else "below"
    return f"{numbers.text(abs(result.distance), kind, result.currency)} {side} the limit{limit}"


def message(result: CheckResult) -> str:
    """One sentence: the check, its verdict, its figures."""
    verdict = VERDICTS[result.passed]
    actual = "" if result.actual is None else f"{result.selector} is {figures(result)}, "
    return f"{verdict}: {result.check} ({actual}{explained(result)})"


def diagnostic(result: CheckResult, place: Location | None, lines: list[str]) -> Diagnostic | None:
    """The diagnostic of a check that has not passed; `place` is that of its funnel, for checks of the command line."""
    if result.code is None:
        return None
    problem = Problem(result.code, message(result), result.help or _CURES[result.code])
    where = result.location or place or Location(NOWHERE, 1, 1, 2)
    source = lines[where.line - 1] if where.line <= len(lines) else ""
    return Diagnostic(problem, where, source, result.path)
