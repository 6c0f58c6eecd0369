"""What a report says of each funnel: the results of the analyses, side by side."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from funnelcli.analyses.bottleneck import Bottleneck, find_bottleneck
from funnelcli.analyses.checks import CheckResult, run_checks
from funnelcli.analyses.compared_segments import compare_funnels, compare_segments
from funnelcli.analyses.comparison import ComparisonReport, compare
from funnelcli.analyses.conversion import FunnelConversion, convert
from funnelcli.analyses.forecast import Forecast, forecast
from funnelcli.analyses.on_their_way import curve_to_sale
from funnelcli.analyses.periods import is_time
from funnelcli.analyses.periods_of_funnels import in_order_of_time, trend_of
from funnelcli.analyses.reference import counterpart
from funnelcli.analyses.scenario import ScenarioReport, project, projectable
from funnelcli.analyses.segments import SegmentReport, break_down
from funnelcli.analyses.sensitivity import Effort, LeversReport, pull
from funnelcli.analyses.unit_economics import Economics, economics_of, loses, profit_told, unit_economics
from funnelcli.diagnostics import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from funnelcli.model import Funnel
    from funnelcli.segments import Breakdown

Result = TypeVar("Result")
MOST_SEGMENTS = 20
"""Segments of a breakdown that a report shows unless more are asked for; the rest is added up."""
EFFORT = Effort("relative", Fraction(1, 10), "+10%")
"""The same effort at every lever, for the tornado."""


class BreakdownPart(NamedTuple):
    """A breakdown: its segments, and their money where the segments say more of it than the funnel does.

    `losing` are the segments that lose money, as sure as a verdict is, the greatest loss first, also those that are not
    shown; none of periods, which are over.
    """

    segments: SegmentReport
    economics: Economics | None
    losing: tuple[Economics, ...] = ()


class ReportPart(NamedTuple):
    """Everything that is said of one funnel; `None` where it has nothing to say. `label` tells it from the others.

    `now` is the funnel projected as it is; `has_baseline` says that the comparison is with one, else it is of periods.
    """

    label: str
    funnel: Funnel
    now: ScenarioReport | None
    conversion: FunnelConversion
    bottleneck: Bottleneck
    scenarios: ScenarioReport | None
    levers: LeversReport | None
    economics: Economics | None
    breakdowns: tuple[BreakdownPart, ...]
    comparison: ComparisonReport | None
    forecast: Forecast | None
    checks: tuple[CheckResult, ...] = ()
    has_baseline: bool = False


class Report(NamedTuple):
    """A part for each funnel; `comparison` is of two funnels, `problems` what was left out and why.

    `notes` say the same of what a report adds by itself, and nobody asked for: that it is left out is no failure. With
    `in_time` the funnels are periods of one, the earliest first: then the comparison is of all, and `trend` has them as
    segments, where their counts tell one. `made` is the day on which the report was made, where it says so.
    """

    parts: tuple[ReportPart, ...]
    comparison: ComparisonReport | None
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...] = ()
    in_time: bool = False
    trend: SegmentReport | None = None
    made: date | None = None

    @property
    def told(self) -> tuple[ReportPart, ...]:
        """The parts that are told in full: of periods of one funnel, the newest."""
        return self.parts[-1:] if self.in_time else self.parts


def gather(
    funnels: Sequence[Funnel],
    baselines: Sequence[Funnel] = (),
    confidence: float = 0.95,
    top: int | None = None,
) -> Report:
    """Analyse each funnel, and hold it against its counterpart among the baselines where there are any.

    Two funnels of the same stages, without a baseline, are compared with each other, and so are all that are periods of
    one; a funnel with a breakdown by periods is compared with itself, the last period against the first. What cannot be
    analysed is left out, and said.
    """
    problems: list[Problem] = []
    notes: list[Problem] = []
    periods = None if baselines else in_order_of_time(funnels)
    funnels = periods or funnels
    labels = unlike(funnels)
    parts = tuple(
        _part(funnel, label, baselines, confidence, top, problems, notes)
        for funnel, label in zip(funnels, labels, strict=True)
    )
    comparison = None
    if periods or (len(funnels) == 2 and not baselines):
        outcome = compare_funnels(funnels, _sides(funnels), confidence)
        comparison = None if isinstance(outcome, Problem) else outcome  # funnels of different stages are no mistake
    in_time = bool(periods) and comparison is not None
    trend = trend_of(funnels, confidence) if in_time else None
    return Report(parts, comparison, tuple(problems), tuple(notes), in_time, trend)


def unlike(funnels: Sequence[Funnel]) -> list[str]:
    """What the funnels are called, so that each can be told apart: by name, else period, else file, else number."""
    names = [funnel.name for funnel in funnels]
    for more in (
        [""] * len(funnels),
        [funnel.period for funnel in funnels],
        [funnel.file_stem for funnel in funnels],
    ):
        labels = [f"{name}, {own}" if own else name for name, own in zip(names, more, strict=True)]
        if len(set(labels)) == len(labels):
            return labels
    return [f"{name} ({number})" for number, name in enumerate(names, 1)]


def _sides(funnels: Sequence[Funnel]) -> list[str]:
    """What funnels are called beside each other: what tells them apart, and no more."""
    periods = [funnel.period or "" for funnel in funnels]
    if len({funnel.name for funnel in funnels}) == 1:
        return periods if all(periods) and len(set(periods)) == len(periods) else ["before", "now"]
    return unlike(funnels)


def _part(
    funnel: Funnel,
    label: str,
    baselines: Sequence[Funnel],
    confidence: float,
    top: int | None,
    problems: list[Problem],
    notes: list[Problem],
) -> ReportPart:
    baseline = _kept(counterpart(funnel, baselines), problems) if baselines else None
    aimed = any(stage.target is not None for stage in funnel.stages)  # targets say more than what was there before
    money = economics_of(funnel)
    possible, _ = projectable(funnel, funnel.scenarios)  # what is wrong with the others is said of the file
    scenarios = _kept(project(funnel, possible), problems) if funnel.scenarios else None
    now = project(funnel, ())
    levers = pull(funnel, EFFORT)  # a problem here is one of the scenarios as well, which say it
    return ReportPart(
        label=label,
        funnel=funnel,
        now=None if isinstance(now, Problem) else now,
        conversion=convert(funnel, confidence),
        bottleneck=find_bottleneck(funnel, None if aimed else baseline, confidence),
        scenarios=scenarios if possible else None,
        levers=None if isinstance(levers, Problem) else levers,
        economics=None if money.revenue is None else money,
        breakdowns=tuple(_breakdowns(funnel, confidence, top)),
        comparison=_compared(funnel, baseline, confidence, problems, notes),
        forecast=_added(forecast(funnel), "there is no forecast", notes) if _has_open(funnel) else None,
        checks=tuple(run_checks(funnel, funnel.checks, baselines or None)),
        has_baseline=baseline is not None,
    )


def _has_open(funnel: Funnel) -> bool:
    return any(stage.open for stage in funnel.stages) or curve_to_sale(funnel) is not None


def _kept(outcome: Result | Problem, problems: list[Problem]) -> Result | None:
    if isinstance(outcome, Problem):
        problems.append(outcome)
        return None
    return outcome


def _added(outcome: Result | Problem, lacking: str, notes: list[Problem]) -> Result | None:
    """What a report adds by itself; where it cannot be told, nobody has to do anything."""
    if isinstance(outcome, Problem):
        notes.append(outcome._replace(message=f"{lacking}: {outcome.message}", help=None))
        return None
    return outcome


def _breakdowns(funnel: Funnel, confidence: float, top: int | None) -> Iterator[BreakdownPart]:
    for breakdown in funnel.breakdowns:
        segments = _segments(funnel, breakdown, confidence, top)
        if isinstance(segments, Problem):
            continue
        money = _money_of(funnel, breakdown)
        if money is None:
            yield BreakdownPart(segments, None)
            continue
        losing = () if segments.is_time else tuple(sorted(filter(loses, money.segments), key=profit_told))
        yield BreakdownPart(segments, _of_shown(money, funnel, segments), losing)


def _money_of(funnel: Funnel, breakdown: Breakdown) -> Economics | None:
    """The economics of the segments; `None` where they say no more of money than the funnel does."""
    if all(each.budget is None and each.average_check is None for each in breakdown.segments):
        return None
    money = unit_economics(funnel, breakdown.dimension)
    return None if isinstance(money, Problem) else money


def _of_shown(money: Economics, funnel: Funnel, report: SegmentReport) -> Economics:
    """The economics of the segments that are shown; how many more there are is said."""
    own = economics_of(funnel)
    by_name = {part.name: part for part in money.segments}
    shown = tuple(by_name[each.name] for each in report.segments)
    hidden = len(money.segments) - len(shown)
    said = [each for each in money.assumptions if each not in own.assumptions]
    more = [f"{hidden:,} more segments are in the total"] if hidden else []
    return money._replace(segments=shown, assumptions=(*said, *more))


def _segments(funnel: Funnel, breakdown: Breakdown, confidence: float, top: int | None) -> SegmentReport | Problem:
    """All segments where they are few or follow each other in time, else those with the most entries."""
    time = is_time(breakdown.dimension)
    if top is None and not time and len(breakdown.segments) > MOST_SEGMENTS:
        top = MOST_SEGMENTS
    sort = "file" if time or top is None else "entries"
    return break_down(funnel, breakdown.dimension, confidence, sort, top)


def _compared(
    funnel: Funnel, baseline: Funnel | None, confidence: float, problems: list[Problem], notes: list[Problem]
) -> ComparisonReport | None:
    """The funnel against its baseline, or its last period against its first."""
    if baseline is not None:
        pair = [baseline, funnel]
        return _kept(compare(pair, _sides(pair), confidence, common=True), problems)
    for breakdown in funnel.breakdowns:
        if is_time(breakdown.dimension) and len(breakdown.segments) > 1:
            return _added(compare_segments(funnel, breakdown.dimension, confidence), "periods are not compared", notes)
    return None
