"""A report as Markdown for a pull request: what matters in one table, everything else folded."""

from __future__ import annotations

import html
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from funnelcli.output import markdown
from funnelcli.output.document import BLANK, Block, Cell, CellKind, Column, Note, Section, Table
from funnelcli.output.numbers import header, text, visible
from funnelcli.output.report import limits
from funnelcli.output.report.answers import answers, verdicts, wrong
from funnelcli.output.report.mark import PLACE, marked
from funnelcli.output.views import bottleneck, comparison, conversion, economics, forecast, levers, scenario, segments
from funnelcli.output.views.building import base_called, only, section_of, so_many_sales, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from funnelcli.analyses.comparison import Comparison, ComparisonReport
    from funnelcli.analyses.report import Report, ReportPart
    from funnelcli.output.report.look import Look


def markdown_file(report: Report, look: Look, kinds: Sequence[str]) -> str:
    """Each funnel with its answers and main figures; the tables of the analyses are folded.

    Beside a baseline, the change against it comes first. Two funnels without one are a change from the first to the
    second, and periods of one funnel are told by the newest, and what has changed since the first.
    """
    compared = report.comparison
    lines = _change(report, compared) if compared else (line for part in report.parts for line in _part(part))
    return marked("\n".join((*lines, f"<!-- {PLACE} -->\n")))


def _change(report: Report, compared: ComparisonReport) -> Iterator[str]:
    """Funnels that are compared: the last one, what has changed since the first, and all of them folded."""
    part = report.parts[-1]
    if report.in_time:
        said = [*answers(part)]
        wrongs = [Note(each.text, "verdict") for each in said if each.is_wrong]
        others = [Note(each.text) for each in said if not each.is_wrong]
        section = _section(part, [*wrongs, *_changed(compared), *others, *_rest(part)])
    else:
        section = section_of(compared, comparison)
        section = section._replace(blocks=tuple(_against(part, compared)))
    yield markdown.heading(section)
    yield from markdown.blocks(section)
    yield from _folded("All funnels side by side", section_of(compared, comparison))
    for each in report.told:
        yield from _analyses(each, "" if report.in_time else f"{each.label}: ")


def _part(part: ReportPart) -> Iterator[str]:
    compared = part.comparison
    if compared is not None and part.has_baseline:
        section = _section(part, _against(part, compared))
    else:
        section = _section(part, [*_newest(part), *_answers(part), _figures(part), *_rest(part)])
    yield markdown.heading(section)
    yield from markdown.blocks(section)
    if compared is not None:
        yield from _folded("What changed", section_of(compared, comparison))
    yield from _analyses(part)


def _section(part: ReportPart, blocks: Iterable[Block]) -> Section:
    funnel = part.funnel
    named = part.label.removesuffix(f", {funnel.period}")
    return Section(named, funnel.period, funnel.file, funnel.document, funnel.currency, tuple(blocks))


def _folded(summary: str, section: Section) -> Iterator[str]:
    """What is opened by a click; the empty lines are what makes it Markdown again."""
    yield f"<details>\n<summary>{html.escape(visible(summary))}</summary>\n"
    yield from markdown.blocks(section)
    yield "\n</details>\n"


def _answers(part: ReportPart) -> Iterator[Note]:
    """What the page says at its top: what is wrong, and the first of the others, stand out."""
    first = "verdict"
    for each in answers(part):
        yield Note(each.text, "verdict" if each.is_wrong else first)
        first = first if each.is_wrong else "note"


def _newest(part: ReportPart) -> Iterator[Note]:
    """The newest period of a breakdown by periods, beside the one before it."""
    for each in part.breakdowns:
        report = each.segments
        if report.in_order and len(report.segments) > 1:
            told = [
                f"{row.name}, {so_many_sales(text(row.sales, 'count'), report)} of {text(row.counts[0], 'count')} "
                f"{report.stages[0]} ({text(row.overall_conversion, 'brief_rate')})"
                for row in report.segments[:-3:-1]
            ]
            grows = "; its entries may still go on" if report.segments[-1].name in report.not_mature else ""
            yield Note(f"The newest {report.dimension}: {told[0]}{grows}. Before it: {told[1]}.", "verdict")


def _rest(part: ReportPart) -> Iterator[Note]:
    """What breakdowns, open units and checks say, in a sentence each."""
    for each in part.breakdowns:
        for said in verdicts(segments.blocks(each.segments)):
            yield Note(f"By {each.segments.dimension}: {said}")
    if part.forecast is not None:
        yield from (Note(said) for said in verdicts(forecast.blocks(part.forecast)))
    if part.checks and not limits.failed(part.checks):  # which stands at the top
        yield Note(limits.in_short(part.checks))


def _changed(compared: ComparisonReport) -> Iterator[Block]:
    """The last of the funnels that are compared against the first."""
    pair = compared.comparisons[-1]
    yield from (Note(said, "verdict") for said in comparison.verdicts(compared, pair))
    yield _before_and_now(compared, pair)
    yield from comparison.marks(compared)


def _against(part: ReportPart, compared: ComparisonReport) -> Iterator[Block]:
    """What has changed, with the main figures of both sides."""
    change = tuple(comparison.blocks(compared))
    yield from (Note(each.text, "verdict") for each in wrong(part))
    yield from _notes(change, "verdict")
    yield _before_and_now(compared, compared.comparisons[0])
    yield from comparison.marks(compared)
    yield from _notes(change, "warning")
    yield from (Note(verdict.text) for verdict in _notes(bottleneck.blocks(part.bottleneck), "verdict"))
    yield from _pays(part)
    yield from _rest(part)


def _pays(part: ReportPart) -> Iterator[Note]:
    """Whether it pays, where the file says what it costs."""
    if part.economics is not None and part.economics.verdict is not None:
        yield Note(economics.whether_it_pays(part.economics))


def _notes(blocks: Iterable[Block], style: str) -> Iterator[Note]:
    return (block for block in blocks if isinstance(block, Note) and block.style == style)


def _figures(part: ReportPart) -> Table:
    result, money = part.conversion, part.economics
    columns = (
        Column("", "figure", "text", attrgetter("name")),
        Column("Count", "count", "count"),
        *only(lambda stage: stage.from_ is not None, Column("Conversion", "conversion", "rate")),
        Column("Overall", "overall_conversion", "rate"),
    )
    shown = table(result.stages, columns)
    grows = bool(result.awaits or result.open_at)
    amounts = [("Revenue", result.revenue, result.revenue_eventual)]
    if money is not None:
        amounts.append(("Profit", money.profit, money.profit_eventual))
    rows: list[tuple[Any, ...]] = []
    if result.conversion_eventual is not None and grows:
        rows.append((f"Overall, {base_called(True)}", BLANK, BLANK, Cell(result.conversion_eventual, "rate")))
    for label, now, end in amounts:
        so_far = f"{label}, {base_called(False)}" if grows else label
        for called, amount in ((so_far, now), (f"{label}, {base_called(True)}", end)):
            if amount is not None:
                rows.append((header(called, "money", result.currency), Cell(amount, "money"), BLANK, BLANK))
    return shown._replace(rows=(*shown.rows, *rows))


def _before_and_now(report: ComparisonReport, pair: Comparison) -> Table:
    """Entries, conversions, sales and money of both sides, and what is more than chance marked."""
    first, *steps = pair.stages
    rows: list[tuple[Any, ...]] = [(first.name, *_both("count", first.count_a, first.count_b, first.count_change_rate))]
    overall = comparison.overall_row(report, pair)
    alone = any(comparison.is_overall(report, pair, stage) for stage in steps)
    for stage in steps if alone else (overall, *steps):
        rates = _both("rate", stage.conversion_a, stage.conversion_b, None)[:2]
        label = "Overall conversion" if stage is overall else f"Conversion to {stage.name}"
        rows.append((label, *rates, comparison.difference(stage)))
    sales, revenue = pair.sales, pair.revenue
    when = f", {base_called(True)}" if sales.in_the_end else ""
    rows.append(
        (
            (f"Sales: {report.sale_stage}" if report.sales_called == "sales" else report.sale_stage) + when,
            *_both("count", sales.a, sales.b, sales.change_rate),
        )
    )
    if revenue is not None:
        both = _both("money", revenue.a, revenue.b, revenue.change_rate)
        rows.append((header(f"Revenue{when}", "money", report.currency), *both))
    columns = (
        Column("", "figure", "text"),
        Column(pair.a, "before", "number"),
        Column(pair.b, "now", "number"),
        Column("Change", "change", "number"),
    )
    return Table(columns, tuple(rows))


def _both(kind: CellKind, before: Any, now: Any, change: Any) -> tuple[Cell, Cell, Cell]:
    return Cell(before, kind), Cell(now, kind), Cell(change, "rate_change")


def _analyses(part: ReportPart, of: str = "") -> Iterator[str]:
    """What the other commands print of a funnel, each folded."""
    results = (
        ("Conversion", part.conversion, conversion),
        ("The steps side by side", part.bottleneck, bottleneck),
        ("Scenarios", part.scenarios, scenario),
        ("What each lever would bring", part.levers, levers),
        ("Whether it pays", part.economics, economics),
        ("What those still open will bring", part.forecast, forecast),
        *((f"By {each.segments.dimension}", each.segments, segments) for each in part.breakdowns),
    )
    for title, result, view in results:
        if result is not None:
            yield from _folded(f"{of}{title}", section_of(result, view))
    money = [each.economics for each in part.breakdowns if each.economics is not None]
    for each in money:
        yield from _folded(
            f"{of}Money by {each.dimension}",
            section_of(each, economics)._replace(blocks=(economics.segments(each)._replace(title=""),)),
        )
    if part.checks:
        section = section_of(part.conversion, conversion)
        yield from _folded(f"{of}Checks", section._replace(blocks=(limits.checks_table(part.checks),)))
