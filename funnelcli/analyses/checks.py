"""Limits on figures: passed, failed or undecided, the actual value, and how far it is from the limit."""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.figures import figure, index_of, why_undefined
from funnelcli.analyses.reference import counterpart
from funnelcli.diagnostics import Problem, quoted
from funnelcli.metrics import find_name
from funnelcli.model import BaselineLimit, Exact, reduced
from funnelcli.stats.intervals import normal_quantile, sample, wilson

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.diagnostics import Location
    from funnelcli.metrics import Kind, Selector
    from funnelcli.model import Check, Funnel, Operator
    from funnelcli.stats.intervals import Interval

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
    document: int
    funnel: str
    currency: str | None
    check: str
    selector: str
    kind: Kind
    operator: Operator
    limit: Exact | None
    confidence: Exact | None
    actual: Exact | None
    distance: Exact | None
    low: float | None
    high: float | None
    units_needed: int | None
    passed: bool | None
    code: str | None
    reason: str | None
    location: Location | None
    path: str = "checks"


class _Verdict(NamedTuple):
    """How a check came out; `code` and `reason` say why it has not passed."""

    passed: bool | None
    code: str | None = None
    reason: str | None = None
    limit: Exact | None = None
    actual: Exact | None = None
    interval: Interval | None = None
    units_needed: int | None = None


def run_checks(funnel: Funnel, checks: Sequence[Check], baseline: Sequence[Funnel] | None = None) -> list[CheckResult]:
    """Every check in order; `baseline` holds the funnels that `baseline` in a limit stands for, when one is given."""
    reference = None if baseline is None else counterpart(funnel, baseline)
    results = [_result(funnel, check, _judge(funnel, check, reference)) for check in checks]
    return [
        each if each.location is None else each._replace(path=f"checks[{index}]") for index, each in enumerate(results)
    ]


def _result(funnel: Funnel, check: Check, verdict: _Verdict) -> CheckResult:
    limit, actual, interval = verdict.limit, verdict.actual, verdict.interval
    return CheckResult(
        file=funnel.file,
        document=funnel.document,
        funnel=funnel.name,
        currency=funnel.currency,
        check=check.text,
        selector=str(check.selector),
        kind=check.selector.metric.kind,
        operator=check.operator,
        limit=limit,
        confidence=check.confidence,
        actual=actual,
        distance=None if limit is None or actual is None else reduced(actual - limit),
        low=None if interval is None else interval.low,
        high=None if interval is None else interval.high,
        units_needed=verdict.units_needed,
        passed=verdict.passed,
        code=verdict.code,
        reason=verdict.reason,
        location=check.location,
    )


def _judge(funnel: Funnel, check: Check, reference: Funnel | Problem | None) -> _Verdict:
    actual = figure(funnel, check.selector)
    limit = check.limit
    if isinstance(limit, BaselineLimit):
        outcome = _limit_of(limit, check.selector, reference)
        if isinstance(outcome, _Verdict):
            return outcome._replace(actual=actual)
        limit = outcome
    if actual is None:
        return _Verdict(False, UNDEFINED, f"undefined: {why_undefined(funnel, check.selector)}", limit)
    if check.confidence is not None:
        return _judge_interval(funnel, check, limit, actual)
    if OPERATORS[check.operator](actual, limit):
        return _Verdict(True, None, None, limit, actual)
    return _Verdict(False, FAILED, "beyond the limit", limit, actual)


def _limit_of(limit: BaselineLimit, selector: Selector, reference: Funnel | Problem | None) -> Exact | _Verdict:
    """The limit that a baseline sets, or why it sets none."""
    if reference is None:
        return _Verdict(None, WITHOUT_BASELINE, "needs a baseline, and none is given")
    if isinstance(reference, Problem):
        return _Verdict(False, UNDEFINED, reference.message)
    if selector.stage is not None:
        known = find_name(selector.stage, reference.names)
        if known is None:
            return _Verdict(False, UNDEFINED, f"the baseline has no stage {quoted(selector.stage)}")
        selector = selector._replace(stage=reference.names[known])
    value = figure(reference, selector)
    if value is None:
        return _Verdict(False, UNDEFINED, f"undefined in the baseline: {why_undefined(reference, selector)}")
    change = limit.change
    if change is None:
        return value
    size = value if value >= 0 else -value
    return reduced(value + size * ((change.factor or 0) - 1) + change.shift)  # 5% below a loss is a larger loss


def _judge_interval(funnel: Funnel, check: Check, limit: Exact, actual: Exact) -> _Verdict:
    """Passed when the whole interval is inside the limit, failed when all of it is beyond, undecided otherwise."""
    assert check.confidence is not None
    counts = _sample(funnel, check.selector)
    if counts is None:
        return _Verdict(False, UNDEFINED, "no interval: it needs whole counts that do not grow", limit, actual)
    interval = wilson(*counts, float(check.confidence))
    inside = [OPERATORS[check.operator](Fraction(bound), limit) for bound in (interval.low, interval.high)]
    equality = check.operator == "=="
    beyond = not interval.low <= limit <= interval.high if equality else not any(inside)
    if all(inside):
        return _Verdict(True, None, None, limit, actual, interval)
    if beyond:
        return _Verdict(False, FAILED, "the whole interval is beyond the limit", limit, actual, interval)
    needed = None if equality else units_needed(*counts, limit, float(check.confidence))
    return _Verdict(None, UNDECIDED, "the interval contains the limit", limit, actual, interval, needed)


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
