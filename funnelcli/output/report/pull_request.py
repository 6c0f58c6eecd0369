"""A report as Markdown for a pull request: what matters in one table, everything else folded."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from funnelcli.output import markdown
from funnelcli.output.document import BLANK, Block, Cell, CellKind, Column, Note, Section, Table
from funnelcli.output.numbers import header
from funnelcli.output.report.mark import PLACE, marked
from funnelcli.output.views import bottleneck, comparison, conversion, economics, scenario
from funnelcli.output.views.building import base_called, only, section_of, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from funnelcli.analyses.comparison import Comparison, ComparisonReport
    from funnelcli.analyses.report import Report, ReportPart
    from funnelcli.output.report.look import Look


def markdown_file(report: Report, look: Look, kinds: Sequence[str]) -> str:
    """Each funnel with its headline and its change against the baseline; the tables of the analyses are folded.

    Two funnels without a baseline are one change, from the first to the second.
    """
    if report.comparison is not None:
        lines = [*_change(report, report.comparison)]
    else:
        lines = [line for part in report.parts for line in _part(part)]
    return marked("\n".join((*lines, f"<!-- {PLACE} -->\n")))


def _change(report: Report, compared: ComparisonReport) -> Iterator[str]:
    """Two funnels as one change."""
    section = section_of(compared, comparison)
    yield markdown.heading(section)
    yield from markdown.blocks(section._replace(blocks=tuple(_headline(report.parts[1], compared))))
    yield _FOLD
    yield from markdown.blocks(section)
    for part in report.parts:
        yield f"### {markdown.escape(part.label)}\n"
        yield from _analyses(part)
    yield _END


def _part(part: ReportPart) -> Iterator[str]:
    funnel, compared = part.funnel, part.comparison
    blocks = tuple(_headline(part, compared))
    section = Section(part.label, funnel.period, funnel.file, funnel.document, funnel.currency, blocks)
    yield markdown.heading(section)
    yield from markdown.blocks(section)
    yield _FOLD
    if compared is not None:
        yield from markdown.blocks(section_of(compared, comparison))
    yield from _analyses(part)
    yield _END


_FOLD, _END = "<details>\n<summary>All figures</summary>\n", "\n</details>\n"
"""Around Markdown that is opened by a click; the empty lines are what makes it Markdown again."""


def _headline(part: ReportPart, compared: ComparisonReport | None) -> Iterator[Block]:
    """The verdict, and the headline figures: beside those before, where there is a before."""
    if compared is None:
        yield from _notes(bottleneck.blocks(part.bottleneck), "verdict")
        yield _figures(part)
        yield from _pays(part)
        return
    change = tuple(comparison.blocks(compared))
    yield from _notes(change, "verdict")
    yield _before_and_now(compared, compared.comparisons[0])
    yield from comparison.marks(compared)
    yield from _notes(change, "warning")
    yield from (Note(verdict.text) for verdict in _notes(bottleneck.blocks(part.bottleneck), "verdict"))
    yield from _pays(part)


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


def _analyses(part: ReportPart) -> Iterator[str]:
    """What the other commands print of a funnel."""
    results = (
        (part.conversion, conversion),
        (part.bottleneck, bottleneck),
        (part.scenarios, scenario),
        (part.economics, economics),
    )
    for result, view in results:
        if result is not None:
            yield from markdown.blocks(section_of(result, view))
