"""Limits on figures: passed, failed or undecided, the actual value, and how far it is from the limit."""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.figures import figure, index_of, why_undefined
from funnelcli.analyses.reference import counterpart
from funnelcli.diagnostics import UNANSWERED, Problem, quoted
from funnelcli.metrics import find_name
from funnelcli.model import BaselineLimit, Exact, reduced
from funnelcli.stats.intervals import normal_quantile, sample, wilson

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.diagnostics import Location
    from funnelcli.metrics import Kind, Selector
    from funnelcli.model import Check, Funnel, Operator

FAILED, UNDECIDED, UNDEFINED, WITHOUT_BASELINE = "FN401", "FN402", "FN403", "FN404"
OPERATORS: dict[Operator, Callable[[Exact, Exact], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
}


class CheckResult(NamedTuple):
    """One check of one funnel.

    `passed` is `None` when it is undecided, and `code` says why it has not passed. `check` is the text as written,
    `kind` that of its figure (`rate`, `count`, `money`, `number`); rates are fractions of 1. `distance` is actual -
    limit. With a confidence, `low` and `high` are the interval, and `units_needed` how many more units of the stage it
    comes from would decide at the same rate (`None`: no number would). `location` is `None` for a check of the command
    line; `path` is where it stands in the document.
    """

    file: str | None
    funnel: str
    document: int
    currency: str | None
    check: str
    selector: str
    kind: Kind
    operator: Operator
    limit: Exact | None
    confidence: Exact | None
    actual: Exact | None
    distance: Exact | None = None
    low: float | None = None
    high: float | None = None
    units_needed: int | None = None
    passed: bool | None = True
    code: str | None = None
    reason: str | None = None
    location: Location | None = None
    path: str = "checks"


def run_checks(funnel: Funnel, checks: Sequence[Check], baseline: Sequence[Funnel] | None = None) -> list[CheckResult]:
    """Every check in order; `baseline` holds the funnels that `baseline` in a limit stands for, when one is given."""
    reference = None if baseline is None else counterpart(funnel, baseline)
    results = []
    for index, check in enumerate(checks):
        result = _judged(funnel, check, reference)
        results.append(result if check.location is None else result._replace(path=f"checks[{index}]"))
    return results


def _judged(funnel: Funnel, check: Check, reference: Funnel | Problem | None) -> CheckResult:
    actual = figure(funnel, check.selector)
    limit = _limit_of(check, reference)
    result = CheckResult(
        file=funnel.file,
        document=funnel.document,
        funnel=funnel.name,
        currency=funnel.currency,
        check=check.text,
        selector=str(check.selector),
        kind=check.selector.metric.kind,
        operator=check.operator,
        limit=None if isinstance(limit, Problem) else limit,
        confidence=check.confidence,
        actual=actual,
        location=check.location,
    )
    if isinstance(limit, Problem):
        return _ended(result, limit.code, limit.message)
    if actual is None:
        return _ended(result, UNDEFINED, f"undefined: {why_undefined(funnel, check.selector)}")
    result = result._replace(distance=reduced(actual - limit))
    if check.confidence is not None:
        return _judged_by_interval(result, _sample(funnel, check.selector), limit, float(check.confidence))
    return result if OPERATORS[check.operator](actual, limit) else _ended(result, FAILED, "beyond the limit")


def _ended(result: CheckResult, code: str, reason: str) -> CheckResult:
    """A check that has not passed, and why: it failed, or has no answer."""
    return result._replace(passed=None if code in UNANSWERED else False, code=code, reason=reason)


def _limit_of(check: Check, reference: Funnel | Problem | None) -> Exact | Problem:
    """The limit of a check; of one that a baseline sets, its value there after the change, or why there is none."""
    if not isinstance(check.limit, BaselineLimit):
        return check.limit
    change, selector = check.limit.change, check.selector
    if reference is None:
        return Problem(WITHOUT_BASELINE, "needs a baseline, and none is given")
    if isinstance(reference, Problem):
        return Problem(UNDEFINED, reference.message)
    if selector.stage is not None:
        known = find_name(selector.stage, reference.names)
        if known is None:
            return Problem(UNDEFINED, f"the baseline has no stage {quoted(selector.stage)}")
        selector = selector._replace(stage=reference.names[known])
    value = figure(reference, selector)
    if value is None:
        return Problem(UNDEFINED, f"undefined in the baseline: {why_undefined(reference, selector)}")
    if change is None:
        return value
    size = value if value >= 0 else -value
    return reduced(value + size * ((change.factor or 0) - 1) + change.shift)  # 5% below a loss is a larger loss


def _judged_by_interval(
    result: CheckResult, counts: tuple[int, int] | None, limit: Exact, confidence: float
) -> CheckResult:
    """Passed when the whole interval is inside the limit, failed when all of it is beyond, undecided otherwise."""
    if counts is None:
        return _ended(result, UNDEFINED, "no interval: it needs whole counts that do not grow")
    interval = wilson(*counts, confidence)
    result = result._replace(low=interval.low, high=interval.high)
    inside = [OPERATORS[result.operator](Fraction(bound), limit) for bound in (interval.low, interval.high)]
    if all(inside):
        return result
    equality = result.operator == "=="
    if not interval.low <= limit <= interval.high if equality else not any(inside):
        return _ended(result, FAILED, "the whole interval is beyond the limit")
    needed = None if equality else units_needed(*counts, limit, confidence)
    return _ended(result, UNDECIDED, "the interval contains the limit")._replace(units_needed=needed)


def _sample(funnel: Funnel, selector: Selector) -> tuple[int, int] | None:
    """The counts behind a conversion or an overall conversion."""
    return sample(funnel, index_of(funnel, selector), whole=None if selector.metric.name == "conversion" else 0)


def units_needed(successes: int, trials: int, limit: Exact, confidence: float) -> int | None:
    """How many more trials at the same rate p would take the limit L out of the Wilson interval.

    L is outside when (p - L)^2 > z^2 L (1 - L) / n, which is how the interval is defined (Wilson, JASA 22, 1927), so
    that n = z^2 L (1 - L) / (p - L)^2 is the border. `None` where p is the limit itself: no number decides.
    50 of 100 against 45% at 95% needs 281 more.
    """
    apart, bound = Fraction(successes, trials) - limit, float(limit)
    if not apart:
        return None
    z = normal_quantile(confidence)
    border = z * z * bound * (1 - bound) / float(apart) ** 2
    return max(1, math.floor(border) + 1 - trials)
