"""What a report says first: what is wrong, where units are lost, whether it pays, what to do, and the main figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.analyses.earning import HOPELESS
from funnelcli.diagnostics import joined, quoted
from funnelcli.output import numbers
from funnelcli.output.document import CHANGES, Note
from funnelcli.output.report import limits
from funnelcli.output.views import bottleneck_words, comparison, economics, levers
from funnelcli.output.views.building import base_called, kind_of, so_many_sales, whole_figure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from funnelcli.analyses.bottleneck import Step
    from funnelcli.analyses.report import ReportPart
    from funnelcli.analyses.scenario import Projection, ScenarioReport
    from funnelcli.output.document import Block, CellKind

MOST_LOSING = 3
"""Segments that lose money and are told at the top."""


class FirstAnswer(NamedTuple):
    """A question and its answer; `is_wrong` where somebody has to look into it, `is_wide` where it is long."""

    question: str
    text: str
    is_wrong: bool = False
    is_wide: bool = False


class MainFigure(NamedTuple):
    """A figure of the whole funnel, and what stands below it, such as what it is in the end."""

    label: str
    value: str
    below: str


def answers(part: ReportPart) -> Iterator[FirstAnswer]:
    """The answers of one funnel, what is wrong first."""
    yield from wrong(part)
    yield from _changed(part)
    what, to_do = _next(part)
    found = part.bottleneck
    where = bottleneck_words.said(found) if what is None else bottleneck_words.named(found, what)
    most_lost = (note.text for note in bottleneck_words.most_lost(found))
    yield FirstAnswer("Where the losses are", " ".join((where, *most_lost)))
    if part.economics is not None:
        yield FirstAnswer("Whether it pays", economics.whether_it_pays(part.economics))
    yield FirstAnswer("What to do next", " ".join((*_look_first(part), to_do)))


def wrong(part: ReportPart) -> Iterator[FirstAnswer]:
    """Checks that fail, and segments that lose money."""
    failed = limits.failed(part.checks)
    if failed:
        yield FirstAnswer("What is wrong", failed, is_wrong=True)
    for each in part.breakdowns:
        if each.losing:
            more = len(each.losing) - MOST_LOSING
            told = [economics.loss(segment) for segment in each.losing[:MOST_LOSING]]
            said = "; ".join([*told, f"{more:,} more lose money"] if more > 0 else told)
            yield FirstAnswer(f"What loses money, by {each.segments.dimension}", f"{said}.", is_wrong=True)


def _changed(part: ReportPart) -> Iterator[FirstAnswer]:
    """What its periods, or what was there before, say of it: the sums and the conversion that judges."""
    if part.comparison is None or len(part.comparison.comparisons) != 1:
        return
    (pair,) = part.comparison.comparisons
    sums = next(comparison.verdicts(part.comparison, pair))
    judged = comparison.overall_judged(pair)
    said = f"{sums} {judged}." if judged else sums
    yield FirstAnswer("What changed", f"{numbers.visible(pair.a)} → {numbers.visible(pair.b)}: {said}", is_wide=True)


def _look_first(part: ReportPart) -> Iterator[str]:
    """Where money is lost, that comes before anything is gained."""
    losing = [segment.name for each in part.breakdowns for segment in each.losing[:MOST_LOSING]]
    if losing:
        verb = "loses" if len(losing) == 1 else "lose"
        yield f"First look at {numbers.visible(joined(losing))}, which {verb} money."


def verdicts(blocks: Iterable[Block]) -> Iterator[str]:
    """The verdicts among what a view says."""
    return (block.text for block in blocks if isinstance(block, Note) and block.style == "verdict")


def _next(part: ReportPart) -> tuple[Step | None, str]:
    """What to try, and the step whose gap that is to close, if it is one.

    The scenario of the file that brings most, else the gap of the bottleneck, else the one lever that leads; where
    nothing can be told, what would tell.
    """
    found, money, scenarios = part.bottleneck, part.economics, part.scenarios
    best = None if scenarios is None else _best(scenarios)
    if best is not None and scenarios is not None:
        return None, _brings(best, scenarios)
    if money is not None and money.verdict == HOPELESS:
        return None, "Raise what a sale brings, or lower what it costs: more sales would only lose more."
    step = next((each for each in found.steps if each.name == found.bottleneck), None)
    if step is not None:
        return step, bottleneck_words.to_do(found, step)
    leader = None if part.levers is None else levers.leader(part.levers)
    return None, leader or bottleneck_words.what_tells(found)


def _best(report: ScenarioReport) -> Projection | None:
    """The scenario that adds most to profit, else to revenue, else to sales; `None` where none adds anything."""

    def gain(projection: Projection) -> Any:
        changes = (projection.profit_change, projection.revenue_change, projection.sales_change)
        return next(change for change in changes if change is not None)

    best = max(report.projections[1:], key=gain)
    return best if gain(best) > 0 else None


def _brings(best: Projection, report: ScenarioReport) -> str:
    """What a scenario brings, in a sentence."""
    changes: tuple[tuple[str, Any], ...] = (("revenue", best.revenue_change), ("profit", best.profit_change))
    said = [so_many_sales(numbers.text(best.sales_change, "count_change"), report)]
    said += [
        f"{numbers.text(change, CHANGES[kind_of(what)], report.currency)} {what}"
        for what, change in changes
        if change is not None
    ]
    first = "The scenario that brings most is" if len(report.projections) > 2 else "Try the scenario"
    return f"{first} {quoted(best.name)}: {', '.join(said)}."


def main_figures(part: ReportPart) -> Iterator[MainFigure]:
    """Entries, sales, the overall conversion and the money."""
    result, money, currency = part.conversion, part.economics, part.conversion.currency
    now = f" {base_called(False)}" if result.awaits or result.open_at else ""

    def shown(value: Any, kind: CellKind) -> str:
        return numbers.visible(numbers.text(value, kind, currency))

    def below(end: Any, kind: CellKind, *others: str) -> str:
        told = [] if end is None else [f"{shown(end, kind)} {base_called(True)}"]
        return "; ".join([*told, *(each for each in others if each)])

    base = part.now.projections[0] if part.now is not None and part.now.in_the_end else None
    yield MainFigure("Entries", shown(result.entries, "count"), numbers.visible(result.stages[0].name))
    sales = below(base and base.sales, "count", numbers.visible(result.sale_stage))
    yield MainFigure("Sales", shown(result.sales, "count") + now, sales)
    low, high = result.overall_conversion_low, result.overall_conversion_high
    interval = "" if low is None else f", {shown((low, high), 'interval')}"
    overall = below(result.conversion_eventual, "rate", shown(result.one_in, "one_in") + interval + now)
    yield MainFigure("Overall conversion", shown(result.overall_conversion, "rate") + now, overall)
    if result.revenue is not None:
        per_entry = f"{shown(result.value_per_entry, 'money')} per entry{now}"
        end = None if result.revenue_eventual is None else whole_figure(result.revenue_eventual)
        yield MainFigure("Revenue", shown(result.revenue, "money") + now, below(end, "money", per_entry))
    if money is not None and money.profit is not None:
        romi = "" if money.romi is None else f"ROMI {shown(money.romi, 'brief_rate')}{now}"
        end = None if money.profit_eventual is None else whole_figure(money.profit_eventual)
        yield MainFigure("Profit", shown(money.profit, "money") + now, below(end, "money", romi))
