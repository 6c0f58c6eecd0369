"""Rules that a check of a file holds a sound funnel against, by code, and the list of all rules.

A new one is a function under its code, and a page in `docs.codes`.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from funnelcli.analyses.fewer_stages import judged
from funnelcli.analyses.rules import referral_rate
from funnelcli.analyses.variation import WIDEST, step_bounds
from funnelcli.diagnostics import Problem, decimal_text, quoted
from funnelcli.lint import Rule, doubts, rule
from funnelcli.what_if import OPERATORS, BaselineLimit, UsualCheck

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.diagnostics import Path
    from funnelcli.exact import Exact
    from funnelcli.lint import Warnings, Written
    from funnelcli.model import Funnel, Stage
    from funnelcli.segments import Segment

CONFIDENCE = 0.95
MOST_VARIED = 50
"""How many times its mean the deviation of a check may be: the most skewed of real ones have 10 to 20."""


@rule("FN303")
def unreachable_target(funnel: Funnel, written: Written) -> Warnings:
    """Each target at the first stage, out of an empty stage, or of 100% that is not reached."""
    for index, stage in enumerate(funnel.stages):
        if stage.target is None:
            continue
        path = ("stages", index, "target")
        above = None if stage.parent is None else funnel.stages[stage.parent]
        if above is None:
            yield path, f"{quoted(stage.name)} is the entry: it has no conversion to aim at", "delete it"
        elif not above.count and not above.unknown:
            message = f"the target of {quoted(stage.name)} cannot be reached: {quoted(above.name)} is empty"
            yield path, message, "count that stage first, or delete the target"
        elif stage.target == 1 and stage.count < above.count:
            message = f"the target of {quoted(stage.name)} is 100%: it leaves no room for a single loss"
            yield path, message, "aim at a rate that somebody has reached"


@rule("FN304", of="scenarios")
def idle_scenario(funnel: Funnel, written: Written) -> Warnings:
    """Each scenario after which every figure is what it was."""
    from funnelcli.analyses.projection import apply

    before = _figures(judged(funnel))
    for scenario in funnel.scenarios:
        after = apply(funnel, scenario.changes)
        if not isinstance(after, Problem) and _figures(after) == before:
            message = f"the scenario {quoted(scenario.name)} changes nothing"
            yield ("scenarios", scenario.name), message, "aim further, or delete it"


def _figures(funnel: Funnel) -> tuple[object, ...]:
    margin = 1 if funnel.gross_margin is None else funnel.gross_margin
    stages = [(stage.count, stage.average_order_value, stage.cost) for stage in funnel.stages]
    return (*stages, funnel.budget, margin)


@rule("FN305")
def lossless_stage(funnel: Funnel, written: Written) -> Warnings:
    """Each counted step with a conversion of exactly 100%."""
    for index, stage in enumerate(funnel.stages):
        above = None if stage.parent is None else funnel.stages[stage.parent]
        if above is None or stage.count != above.count:
            continue
        if stage.count and stage.conversion is None and not stage.allow_growth and not funnel.hides(index):
            message = f"{quoted(stage.name)} loses nobody: {decimal_text(stage.count)} of {decimal_text(above.count)}"
            yield ("stages", index, "count"), message, "measure the stage, or leave it out"


@rule("FN306")
def missing_currency(funnel: Funnel, written: Written) -> Warnings:
    """One place of money in a funnel without a currency."""
    if funnel.currency is None:
        path = next((path for path in _money(funnel) if written(path) is not None), None)
        if path is not None:
            yield path, "money without a currency", "write e.g. currency: EUR"


def _money(funnel: Funnel) -> Iterator[Path]:
    """Where money may be written."""
    yield from (("average_check",), ("average_check", "mean"), ("budget",))
    for index, stage in enumerate(funnel.stages):
        keys = [key for key in ("average_check", "revenue", "cost") if getattr(stage, key) is not None]
        yield from (("stages", index, key) for key in keys)
        yield ("stages", index, "average_check", "mean")
        if stage.open_amounts:
            yield ("stages", index, "open", 0)
    for breakdown in funnel.breakdowns:
        for segment in breakdown.segments:
            place = ("breakdowns", breakdown.dimension, segment.name)
            yield from ((*place, key) for key in ("average_check", "budget") if getattr(segment, key) is not None)
            yield (*place, "average_check", "mean")


@rule("FN307", of="checks")
def idle_check(funnel: Funnel, written: Written) -> Warnings:
    """Each check that holds over the whole range of its figure."""
    grows = any(stage.allow_growth for stage in funnel.stages)
    for index, check in enumerate(funnel.checks):
        if isinstance(check, UsualCheck) or isinstance(check.limit, BaselineLimit) or check.operator == "==":
            continue
        low, high = check.selector.metric.bounds[grows]
        # a limit from below is at its hardest at the lowest value that can be, one from above at the highest
        hardest = low if check.operator in (">=", ">") else high
        if hardest is not None and OPERATORS[check.operator](hardest, check.limit):
            message = f"{quoted(check.text)} holds for every value it can have"
            yield ("checks", index), message, "turn the operator round, or raise the limit"


@rule("FN308")
def few_units(funnel: Funnel, written: Written) -> Warnings:
    """Each target, and each plain check of a conversion, of a step whose counts are too few for a verdict.

    What is held against a target is the conversion of the decided.
    """
    asked: dict[int, Path] = {}
    decided = set()
    for position, check in enumerate(funnel.checks):
        name = check.selector.metric.name
        if isinstance(check, UsualCheck):
            continue
        if name in ("conversion", "conversion_decided") and check.confidence is None and check.selector.stage:
            index = funnel.index(check.selector.stage)
            asked.setdefault(index, ("checks", position))
            if name == "conversion_decided":
                decided.add(index)
    for index, stage in enumerate(funnel.stages):
        if stage.target is not None:
            asked[index] = ("stages", index, "target")
            decided.add(index)
    for index, path in asked.items():
        stage, (low, high) = funnel.stages[index], step_bounds(funnel, index, CONFIDENCE, decided=index in decided)
        if low is None or high is None or stage.parent is None or high - low <= WIDEST:
            continue
        above = funnel.stages[stage.parent]
        units = funnel.decided(index) if index in decided else above.count
        of = "" if units == above.count else "decided "
        message = (
            f"{units} {of}at {quoted(above.name)} are too few for a verdict on {quoted(stage.name)}: "
            f"its conversion may be {round(low * 100)}% to {round(high * 100)}%"
        )
        yield path, message, "take a longer period, or check with 95% confidence"


@rule("FN310")
def idle_key(funnel: Funnel, written: Written) -> Warnings:
    """Each key of the funnel without its counterpart."""
    for path, why, help_ in _idle_keys(funnel):
        key = path[0] if path[0] != "stages" else path[-1]
        yield path, f"{key} has no effect: {why}", help_


def _idle_keys(funnel: Funnel) -> Iterator[tuple[Path, str, str]]:
    segments = [segment for breakdown in funnel.breakdowns for segment in breakdown.segments]
    spends = [segment for segment in segments if segment.budget is not None]
    if funnel.spend_elasticity is not None and funnel.budget is None and not spends:
        yield ("spend_elasticity",), "there is no budget", "add a budget, or delete it"
    earns = [segment for segment in segments if segment.average_check is not None]
    if funnel.gross_margin is not None and not earns and not funnel.money_stages:
        yield ("gross_margin",), "no stage brings money", "add average_check, or delete it"
    if funnel.referral is not None and not funnel.referral.brings:
        yield ("referral", "brings"), "it brings nobody", "correct brings, or delete the referral"
    for index, stage in enumerate(funnel.stages):
        if stage.close_chance is not None and stage.open is None:
            yield ("stages", index, "close_chance"), "the stage has nothing open", "add open, or delete it"
    lost = [index for index, stage in enumerate(funnel.stages) if stage.days_lost is not None]
    for index in lost:
        if funnel.stages[index].open is None:
            help_ = "write it at the stage from which those open go on or are lost, beside open, or delete it"
            yield ("stages", index, "days_lost"), "the stage has nothing open", help_
    if lost:
        from funnelcli.analyses.losses import not_used  # few files say it

        for name, why in not_used(funnel):
            yield ("stages", funnel.index(name), "days_lost"), why, "correct that, or delete it"


@rule("FN311", of="referral")
def endless_referral(funnel: Funnel, written: Written) -> Warnings:
    """A referral whose k is 1 or more: by it the funnel would grow for ever."""
    k = referral_rate(funnel)
    if k is not None and k >= 1:
        message = f"the referral grows without bound: each brings {float(k):.3g} more"
        yield ("referral", "brings"), message, "lower brings below 1 in all"


@rule("FN313")
def percentages(funnel: Funnel, written: Written) -> Warnings:
    """A first count that is written as 100, of the funnel or of a segment, before a later one that is fractional."""
    own = tuple([stage.count if stage.conversion is None else 0 for stage in funnel.stages])
    counted: list[tuple[Sequence[Exact], list[Path]]] = [(own, [("stages", 0, "count")])]
    for breakdown in funnel.breakdowns:
        for segment in breakdown.segments:
            place = ("breakdowns", breakdown.dimension, segment.name)
            counted.append((segment.counts, [(*place, 0), (*place, "counts", 0)]))
    for counts, places in counted:
        if not counts or counts[0] != 100:
            continue
        part = next((index for index, count in enumerate(counts) if count.denominator != 1), None)
        path = None if part is None else next((place for place in places if written(place) == "100"), None)
        if path is not None and part is not None:
            text = decimal_text(counts[part])
            help_ = f"write the real counts, or {text}% as a conversion; write 100.0 where a count is meant"
            yield path, f"a count of 100, or 100%? {quoted(funnel.stages[part].name)} is {text}", help_


@rule("FN314", of="breakdowns")
def unordered_periods(funnel: Funnel, written: Written) -> Warnings:
    """Dimensions of time whose segments' names do not tell which is earlier."""
    from funnelcli.analyses.periods import is_time, understood

    for breakdown in funnel.breakdowns:
        if is_time(breakdown.dimension) and not understood(breakdown):
            first, last = quoted(breakdown.segments[0].name), quoted(breakdown.segments[-1].name)
            message = (
                f"the names of {quoted(breakdown.dimension)} do not tell which is earlier: "
                f"{first} counts as the first and {last} as the last"
            )
            help_ = "write them like 2026-01, or keep them in the order of time"
            yield doubts.place_of(funnel, breakdown.dimension), message, help_


@rule("FN317")
def wild_check(funnel: Funnel, written: Written) -> Warnings:
    """Each average check whose deviation is so many times as large as it that it is of another unit of money."""
    stages: list[tuple[Path, Stage | Segment]] = [
        (("stages", at), stage) for at, stage in enumerate(funnel.stages) if stage.average_check_sd is not None
    ]
    segments: list[tuple[Path, Stage | Segment]] = [
        (("breakdowns", breakdown.dimension, segment.name), segment)
        for breakdown in funnel.breakdowns
        for segment in breakdown.segments
    ]
    for place, priced in (*stages, *segments):
        mean, deviation = priced.average_check, priced.average_check_sd
        if not mean or deviation is None or deviation <= MOST_VARIED * mean:
            continue
        places = ((*place, "average_check", "sd"), ("average_check", "sd"))
        path = next((each for each in places if written(each) is not None), None)
        if path is not None:
            times = round(deviation / mean)
            message = f"the sd of the average check is {times:,} times the mean: no forecast of money is worth anything"
            yield path, message, "write the mean and the sd in the same money, or ignore the warning"


@rule("FN318", of="measure")
def no_window(funnel: Funnel, written: Written) -> Warnings:
    """Periods that are to be measured without a window: younger ones have had less time."""
    measure = funnel.measure
    if measure is None or measure.period is None or measure.window is not None:
        return
    from funnelcli.analyses.times import NONE_IS_OVER, write_window

    how = write_window(funnel.measured.whole_way if funnel.measured else None)
    yield ("measure", "period"), NONE_IS_OVER, f"{how}, and measure again"


RULES = tuple(
    sorted((*doubts.DOUBTS, *(each for each in globals().values() if isinstance(each, Rule))), key=attrgetter("code"))
)
"""All rules, by code."""
