"""Limits on figures: passed, failed or undecided, the actual value, and how far it is from the limit."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, hypot
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.ends import as_in_the_end, tells_no_rate
from funnelcli.analyses.figures import figure, index_of, why_undefined
from funnelcli.analyses.maturity import is_of_time, of_unequal_time, open_periods, without_open
from funnelcli.analyses.reference import counterpart
from funnelcli.analyses.times import days_text
from funnelcli.analyses.variation import effective_sample, interval_of
from funnelcli.diagnostics import (
    FAILED,
    UNANSWERED,
    UNDECIDED,
    UNDEFINED,
    WITHOUT_BASELINE,
    Problem,
    joined,
    quoted,
    spanned,
)
from funnelcli.exact import Exact, reduced
from funnelcli.metrics import find_name
from funnelcli.stats.intervals import corrected_wilson, decided_sample, reach, sample
from funnelcli.what_if import OPERATORS, BaselineLimit, UsualCheck

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.analyses.usual import UsualRange, UsualSide
    from funnelcli.analyses.variation import BoundsOf
    from funnelcli.diagnostics import Location
    from funnelcli.metrics import Kind, Selector
    from funnelcli.model import Funnel
    from funnelcli.stats.intervals import Interval
    from funnelcli.what_if import AnyCheck, Check, Operator

WAIT = "wait until the windows are over{when}, and measure again; or measure with --mature-only"
GIVE_A_WINDOW = "give measure a window, and measure again"
NOT_WHOLE = "wait until the period is whole, and measure again; or take a limit for as much time"
WHAT_CHANGED = "find out what changed; what stays as it is becomes the usual"
NO_WINDOW = "without a window nobody knows when a period is over"
NEVER = "the interval contains the limit, and more would not decide"
RATES = ("conversion", "conversion_decided", "overall_conversion", "one_in", "drop_off_rate", "loss_share")
"""Rates of units, which open periods pull down."""
FAILING: dict[Operator | None, tuple[UsualSide, ...]] = {">=": ("below",), "<=": ("above",), None: ("below", "above")}
"""What fails of a check that a figure is at least, at most or within usual."""
GROWING = ("count", "sales", "revenue")
"""What only grows while a window is open."""
SETTLED = ("conversion_eventual", "entries", "budget", "average_check", "gross_margin", "spend_elasticity", "cost")
"""What units that are still to come do not move."""


class CheckResult(NamedTuple):
    """One check of one funnel.

    `passed` is `None` when it is undecided, and `code` says why it has not passed. `check` is the text as written,
    `kind` that of its figure (`rate`, `count`, `money`, `number`); rates are fractions of 1. `distance` is actual -
    limit. With a confidence, `low` and `high` are the interval, that of a baseline's figure in it, and `units_needed`
    how many more units of the stage it comes from would decide at the same rate in 80% of cases (`None`: no number
    would). `every_look` says that the interval holds however often the growing counts are looked at. `left_out` are
    periods whose window is open: the figure is that of the others; or `actual` is what is expected when all windows are
    over, and `now` what is counted; of an amount `low` and `high` are then its 95% range. `help` is what brings an
    answer, where that is not what `code` says. `location` is `None` for a check of the command line; `path` is where it
    stands in the document. A check that a figure is as `usual` has no limit, and an operator where it asks for one side
    alone; `actual` is that of the newest period.
    """

    file: str | None
    funnel: str
    document: int
    currency: str | None
    check: str
    selector: str
    kind: Kind
    operator: Operator | None
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
    every_look: bool = False
    left_out: tuple[str, ...] = ()
    now: Exact | None = None
    help: str | None = None
    usual: UsualRange | None = None


class _Sample(NamedTuple):
    """Units that came of those that could, each so many `times` what it would say if rates did not vary.

    `interval` is that of its rate, for one look.
    """

    successes: float
    trials: float
    times: float
    interval: BoundsOf

    def effective(self) -> tuple[float, float]:
        """As few units as say as much where rates are constant."""
        return self.successes / self.times, self.trials / self.times


class _Limit(NamedTuple):
    """The value of a limit; of one that follows a baseline, its sample there and the factor between the two.

    `left_out` are the baseline's periods that are not mature.
    """

    value: Exact
    counts: _Sample | None = None
    scale: float = 1.0
    left_out: tuple[str, ...] = ()


def run_checks(
    funnel: Funnel,
    checks: Sequence[AnyCheck],
    baseline: Sequence[Funnel] | None = None,
    states: Sequence[Funnel] = (),
) -> list[CheckResult]:
    """Every check in order; `baseline` holds the funnels that `baseline` in a limit stands for, when one is given.

    `states` of the same funnel, in the order of time and this one the last, are periods for checks that a figure is as
    usual, where the funnel itself has none.

    Rates of entries whose window is open are those expected in the end. Where these are not known, periods that are not
    mature are left out, here and in the baseline.
    """
    reference = None if baseline is None else counterpart(funnel, baseline)
    results = []
    for index, check in enumerate(checks):
        result = _usual(funnel, check, states) if isinstance(check, UsualCheck) else _judged(funnel, check, reference)
        results.append(result if check.location is None else result._replace(path=f"checks[{index}]"))
    return results


def _usual(funnel: Funnel, check: UsualCheck, states: Sequence[Funnel]) -> CheckResult:
    """The newest period that is over, held against those before it."""
    from funnelcli.analyses.usual import judge  # most checks have a limit

    metric = check.selector.metric
    without = [each.name for each in funnel.cut_periods] if is_of_time(metric) else []
    without += [state.period or state.name for state in states if state.cut and is_of_time(metric)]
    if metric.name not in SETTLED:
        without += funnel.not_mature
        without += [state.period or state.name for state in states if state.is_open]
    found = judge(funnel, check, without, states)
    result = _begun(funnel, check, found.actual)
    result = result._replace(operator=check.operator, left_out=found.left_out, help=found.help, usual=found.range)
    if found.why is not None:
        if funnel.no_window and found.actual is None and not found.undefined:
            return _ended(result, UNDECIDED, NO_WINDOW)._replace(help=GIVE_A_WINDOW)
        return _ended(result, UNDEFINED if found.undefined else UNDECIDED, found.why)
    assert found.range is not None
    if found.range.side in FAILING[check.operator]:
        return _ended(result, FAILED, f"{found.range.side} usual")._replace(help=WHAT_CHANGED)
    return result


def _begun(funnel: Funnel, check: AnyCheck, actual: Exact | None) -> CheckResult:
    """What is asked of which funnel, and the value of its figure, before that is held against anything."""
    return CheckResult(
        file=funnel.file,
        document=funnel.document,
        funnel=funnel.name,
        currency=funnel.currency,
        check=check.text,
        selector=str(check.selector),
        kind=check.selector.metric.kind,
        operator=None,
        limit=None,
        confidence=None,
        actual=actual,
        location=check.location,
    )


def _judged(funnel: Funnel, check: Check, reference: Funnel | Problem | None) -> CheckResult:
    mature, left_out, is_end = _over(funnel, check.selector)
    actual = figure(mature, check.selector)
    limit = _limit_of(check, reference, funnel)
    result = _begun(funnel, check, actual)._replace(
        operator=check.operator,
        limit=None if isinstance(limit, Problem) else limit.value,
        confidence=check.confidence,
        every_look=check.every_look,
        left_out=left_out if isinstance(limit, Problem) else left_out + limit.left_out,
        now=figure(funnel, check.selector) if is_end else None,
    )
    if isinstance(limit, Problem):
        return _ended(result, limit.code, limit.message)
    if actual is None:
        return _ended(result, UNDEFINED, why_undefined(mature, check.selector))
    result = result._replace(distance=reduced(actual - limit.value))
    holds = OPERATORS[check.operator](actual, limit.value)
    unmet = _unmet(funnel, check)
    if unmet:
        return _ended(result._replace(now=None), UNDEFINED, tells_no_rate(unmet))
    opened = open_periods(mature)
    if mature.awaits and not _is_rate(check.selector):  # of these no end is told, but that more comes
        opened = opened or mature.not_mature
    if opened and not _is_settled(mature, check, holds):
        result, told = _by_amount(result, funnel, check)
        if told is None:
            if funnel.no_window:
                return _ended(result, UNDECIDED, NO_WINDOW)._replace(help=GIVE_A_WINDOW)
            why = "not mature" if result.low is None else "the range contains the limit"
            why += f", the window is still open: {spanned(opened)}"
            return _ended(result, UNDECIDED, why)._replace(help=WAIT.format(when=_over_on(funnel)))
        holds = told
    if funnel.cut and not isinstance(check.limit, BaselineLimit) and not _is_settled_of_part(check, holds):
        return _ended(result, UNDECIDED, f"not whole: {funnel.cut.words}")._replace(help=NOT_WHOLE)
    if mature.awaits and _is_rate(check.selector):
        why = "not mature: nobody was followed for the whole window yet"
        help_ = GIVE_A_WINDOW if funnel.no_window else WAIT.format(when=_over_on(funnel))
        return _ended(result, UNDECIDED, NO_WINDOW if funnel.no_window else why)._replace(help=help_)
    if check.confidence is not None:
        counted = _sample(funnel if is_end else mature, check, limit.value, is_end)
        return _judged_by_interval(result, counted, limit)
    return result if holds else _ended(result, FAILED, "beyond the limit")


def _by_amount(result: CheckResult, funnel: Funnel, check: Check) -> tuple[CheckResult, bool | None]:
    """The result with the amount that is expected in the end, and whether that holds: `None` where it is not told."""
    from funnelcli.analyses.amounts_in_the_end import amount_in_the_end  # which few checks ask

    found, limit = amount_in_the_end(funnel, check.selector), result.limit
    if found is None or limit is None:
        return result, None
    result = result._replace(
        actual=found.expected,
        now=result.actual,
        distance=reduced(found.expected - limit),
        low=found.low,
        high=found.high,
    )
    sides = {OPERATORS[check.operator](Fraction(end), limit) for end in (found.low, found.high)}
    if len(sides) > 1 or found.low <= limit <= found.high:
        return result, None
    return result, sides.pop()


def _over_on(funnel: Funnel) -> str:
    """When the windows of all entries are over, where the measurement tells it."""
    noted = funnel.measured
    if noted is None or noted.until is None or noted.window is None:
        return ""
    return f", {days_text(noted.window)} after {noted.until[:10]}"


def _unmet(funnel: Funnel, check: Check) -> tuple[str, ...]:
    """The stages whose 0 would be taken for a rate, as no event met them."""
    if not (_is_rate(check.selector) or check.confidence is not None):
        return ()
    if check.selector.metric.name == "loss_share":
        return funnel.unmet
    return funnel.unmet_among(funnel.path_to(index_of(funnel, check.selector)))


def _over(funnel: Funnel, selector: Selector) -> tuple[Funnel, tuple[str, ...], bool]:
    """The funnel that tells a figure, the periods that were left out of it, and whether it is that of the end."""
    if not _is_rate(selector):
        return funnel, (), False
    index = index_of(funnel, selector)
    way = (
        (index, funnel.stages[index].parent or 0) if selector.metric.name != "loss_share" else range(len(funnel.stages))
    )
    end = as_in_the_end(funnel, way)
    return (*without_open(funnel), False) if end is None else (end, (), True)


def _is_rate(selector: Selector) -> bool:
    return selector.metric.name in RATES


def _is_settled(funnel: Funnel, check: Check, holds: bool) -> bool:
    """Whether units that are still to come can no longer change the outcome."""
    name = check.selector.metric.name
    if name in SETTLED or (name == "count" and not index_of(funnel, check.selector)):
        return True
    return name in GROWING and _stays(check, holds)


def _is_settled_of_part(check: Check, holds: bool) -> bool:
    """Whether what the rest of a period would bring cannot change the outcome: of an amount, where it only adds."""
    metric = check.selector.metric
    if metric.name == "cost_per":  # which more units only lower
        return _stays(check, not holds)
    return not is_of_time(metric) or (metric.name in (*GROWING, "entries", "roas") and _stays(check, holds))


def _stays(check: Check, holds: bool) -> bool:
    """Whether the outcome stays as it is when the figure grows."""
    return holds if check.operator in (">=", ">") else not holds and check.operator in ("<=", "<")


def _ended(result: CheckResult, code: str, reason: str) -> CheckResult:
    """A check that has not passed, and why: it failed, or has no answer."""
    return result._replace(passed=None if code in UNANSWERED else False, code=code, reason=reason)


def _limit_of(check: Check, reference: Funnel | Problem | None, funnel: Funnel) -> _Limit | Problem:
    """The limit of a check; of one that a baseline sets, its value there after the change, or why there is none."""
    if not isinstance(check.limit, BaselineLimit):
        return _Limit(check.limit)
    change, selector = check.limit.change, check.selector
    if reference is None:
        return Problem(WITHOUT_BASELINE, "it needs a baseline: add --baseline FILE")
    if isinstance(reference, Problem):
        return Problem(UNDEFINED, reference.message)
    if selector.stage is not None:
        known = find_name(selector.stage, reference.names)
        if known is None:
            return Problem(UNDEFINED, f"the baseline has no stage {quoted(selector.stage)}")
        selector = selector._replace(stage=reference.names[known])
    if is_of_time(selector.metric) and of_unequal_time(funnel, reference):
        parts = [each.cut.words for each in (funnel, reference) if each.cut is not None]
        what = "the two" if len(parts) == 2 else "this" if funnel.cut is not None else "the baseline"
        return Problem(UNDECIDED, f"of unequal time: the events of {what} cover {joined(parts)}")
    own = reference
    reference, gone, is_end = _over(own, selector)
    left_out = tuple(f"{name} of the baseline" for name in gone)
    opened = open_periods(reference)
    if opened and not _is_settled(reference, check, False):
        why = f"the baseline is not mature, its window is still open: {spanned(opened)}"
        return Problem(UNDECIDED, f"{NO_WINDOW} in the baseline" if own.no_window else why)
    if reference.awaits and _is_rate(selector):
        return Problem(UNDECIDED, "the baseline is not mature: nobody was followed for the whole window yet")
    value = figure(reference, selector)
    if value is None:
        return Problem(UNDEFINED, f"undefined in the baseline: {why_undefined(reference, selector)}")
    told = own if is_end else reference
    counts = None if check.confidence is None else _sample(told, check._replace(selector=selector), in_the_end=is_end)
    if change is None:
        return _Limit(value, counts, left_out=left_out)
    size, factor = value if value >= 0 else -value, change.factor or 0
    moved = reduced(value + size * (factor - 1) + change.shift)  # 5% below a loss is a larger loss
    return _Limit(moved, counts, float(factor), left_out)


def _judged_by_interval(result: CheckResult, counts: _Sample | None, limit: _Limit) -> CheckResult:
    """Passed when the whole interval is inside the limit, failed when all of it is beyond, undecided otherwise."""
    if counts is None:
        return _ended(result, UNDEFINED, "no interval: it needs whole counts that do not grow")
    bounds = _bounds(result, counts, limit)
    low, high = bounds(counts.successes, counts.trials)
    result = result._replace(low=max(0.0, low), high=min(1.0, high))
    assert result.operator is not None  # as of every limit
    inside = [OPERATORS[result.operator](Fraction(bound), limit.value) for bound in (low, high)]
    if all(inside):
        return result
    if not any(inside):
        return _ended(result, FAILED, "the whole interval is beyond the limit")
    needed = _units_needed(counts, limit, bounds, result.distance)
    why = "the interval contains the limit"
    if needed is None:
        noisy = limit.counts is not None and result.distance
        why = "the counts of the baseline are too small to tell, however many there are here" if noisy else NEVER
    return _ended(result, UNDECIDED, why)._replace(units_needed=needed)


def _bounds(result: CheckResult, counts: _Sample, limit: _Limit) -> Callable[[float, float], tuple[float, float]]:
    """The interval that is held against the limit, of any sample of this figure.

    A limit that follows a baseline is as uncertain as that: what both intervals reach adds up by its squares, so that
    the limit is inside exactly where 0 is inside Newcombe's interval of the difference (Statistics in Medicine 17,
    1998). It is his method 11: without the correction for continuity a small baseline fails equal rates too often.
    """
    assert result.confidence is not None
    confidence = float(result.confidence)
    if limit.counts is None and not result.every_look:
        return lambda successes, trials: counts.interval(successes, trials, confidence)
    interval: Callable[[float, float, float], Interval] = corrected_wilson
    if result.every_look:
        from funnelcli.stats.sequential import at_every_look

        interval = at_every_look
    below = above = 0.0
    if limit.counts is not None:
        came, could = limit.counts.effective()
        below, above = reach(came / could, interval(came, could, confidence), limit.scale)

    def bounds(successes: float, trials: float) -> tuple[float, float]:
        found, rate = interval(successes / counts.times, trials / counts.times, confidence), successes / trials
        if limit.counts is None:
            return found.low, found.high
        down, up = reach(rate, found)
        return rate - hypot(down, above), rate + hypot(up, below)

    return bounds


def _units_needed(
    counts: _Sample,
    limit: _Limit,
    bounds: Callable[[float, float], tuple[float, float]],
    distance: Exact | None,
) -> int | None:
    """How many more units at the same rate decide a check in 80% of cases; `None` where no number would.

    Where rates vary between periods, they come in more of such periods.
    """
    if not distance:
        return None
    from funnelcli.stats.power import units_until

    border, above = float(limit.value), distance > 0

    def decides(came: float, could: float) -> bool:
        low, high = bounds(came * counts.times, could * counts.times)
        return low > border if above else high < border

    more = units_until(*counts.effective(), decides, above)
    return None if more is None else ceil(more * counts.times)


def _sample(funnel: Funnel, check: Check, limit: Exact | None = None, in_the_end: bool = False) -> _Sample | None:
    """The sample behind a conversion or an overall conversion, as far as rates that vary between periods let it say.

    At every look it is what says as little of a true rate at the limit, and where the variation is an estimate, as sure
    as a single look whose interval is as wide.
    """
    assert check.confidence is not None
    selector, confidence = check.selector, float(check.confidence)
    index, name = index_of(funnel, selector), selector.metric.name
    decided = in_the_end or name in ("conversion_decided", "conversion_eventual")
    is_whole = name == "overall_conversion" or (name == "conversion_eventual" and selector.stage is None)
    whole = 0 if is_whole else None
    counted: tuple[float, float] | None = (decided_sample if decided else sample)(funnel, index, whole)
    effective = effective_sample(funnel, index, whole, confidence, decided)
    if counted is None or effective is None:
        return None
    if check.every_look and effective != counted:
        from funnelcli.stats.sequential import as_one_look

        rate = float(limit) if limit is not None and 0 < limit < 1 else None
        sure = as_one_look(*effective, confidence)
        effective = effective_sample(funnel, index, whole, sure, decided, rate) or effective
    return _Sample(*counted, counted[1] / effective[1], interval_of(funnel, index, whole, counted))
