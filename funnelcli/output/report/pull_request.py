"""A report as Markdown for a pull request: what matters in one table, everything else folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.output import markdown
from funnelcli.output.document import Block, Cell, Column, Document, Note, Section, Table
from funnelcli.output.formats import Canvas
from funnelcli.output.views import bottleneck, comparison, conversion, economics, scenario
from funnelcli.stats.intervals import SIGNIFICANT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.comparison import Comparison, ComparisonReport
    from funnelcli.analyses.report import Part, Report
    from funnelcli.output.report.look import Look


def markdown_file(report: Report, look: Look, kinds: Sequence[str]) -> str:
    """Each funnel with its headline and its change against the baseline; the tables of the analyses are folded.

    Two funnels without a baseline are one change, from the first to the second.
    """
    if report.comparison is not None:
        return _change(report, report.comparison)
    return "\n".join(line for part in report.parts for line in _part(part))


def _change(report: Report, compared: ComparisonReport) -> str:
    """Two funnels as one change."""
    section = comparison.view([compared]).sections[0]
    head = section._replace(blocks=tuple(_headline(report.parts[1], compared)))
    details = [_details(section)]
    for part in report.parts:
        details += [f"### {markdown.escape(part.label)}\n", *_analyses(part)]
    return "\n".join((_rendered(head), *_folded(details)))


def _part(part: Part) -> Iterator[str]:
    funnel = part.funnel
    blocks = tuple(_headline(part, part.comparison))
    yield _rendered(Section(part.label, funnel.period, funnel.file, funnel.document, funnel.currency, blocks))
    details = list(_analyses(part))
    if part.comparison is not None:
        details.insert(0, _details(comparison.view([part.comparison]).sections[0]))
    yield from _folded(details)


def _headline(part: Part, compared: ComparisonReport | None) -> Iterator[Block]:
    """The verdict, and the headline figures: beside those before, where there is a before."""
    if compared is None:
        yield from _verdict(part)
        yield _figures(part)
        return
    (pair,) = compared.comparisons
    (verdict, *rest) = (block for block in comparison.view([compared]).sections[0].blocks if isinstance(block, Note))
    yield verdict
    yield _before_and_now(compared, pair)
    yield from (note for note in rest if note.style == "warning")
    yield from (note._replace(style="note") for note in _verdict(part))


def _verdict(part: Part) -> Iterator[Note]:
    """The sentence that names the bottleneck."""
    for block in bottleneck.view([part.bottleneck]).sections[0].blocks:
        if isinstance(block, Note) and block.style == "verdict":
            yield block


def _figures(part: Part) -> Table:
    result, money = part.conversion, part.economics
    rows: list[tuple[Any, ...]] = []
    for stage in result.stages:
        rate = Cell("", "text") if stage.from_ is None else stage.conversion
        rows.append((stage.name, stage.count, rate, stage.overall_conversion))
    for label, value in (("Revenue", result.revenue), ("Profit", None if money is None else money.profit)):
        if value is not None:
            unit = f"{label}, {result.currency}" if result.currency else label
            rows.append((unit, Cell(value, "money"), Cell("", "text"), Cell("", "text")))
    columns = (
        Column("", "figure", "text"),
        Column("Count", "count", "count"),
        Column("Conversion", "conversion", "rate"),
        Column("Overall", "overall_conversion", "rate"),
    )
    return Table(columns, tuple(rows))


def _before_and_now(report: ComparisonReport, pair: Comparison) -> Table:
    """Entries, conversions, sales and money of both sides, and what is more than chance marked."""
    first, *steps = pair.stages
    rows: list[tuple[Any, ...]] = [(first.name, *_counts(first.count_a, first.count_b, first.count_change_rate))]
    for stage in steps:
        sure = stage.p_value_holm is not None and stage.p_value_holm < SIGNIFICANT
        side = 0 if not sure or not stage.difference else 1 if stage.difference > 0 else -1
        change = Cell((stage.difference, side), "marked_points")
        rates = (Cell(stage.conversion_a, "rate"), Cell(stage.conversion_b, "rate"))
        rows.append((f"Conversion to {stage.name}", *rates, change))
    rows.append((f"Sales: {report.sale_stage}", *_counts(pair.sales.a, pair.sales.b, pair.sales.change_rate)))
    if pair.revenue is not None:
        unit = f"Revenue, {report.currency}" if report.currency else "Revenue"
        amounts = (Cell(pair.revenue.a, "money"), Cell(pair.revenue.b, "money"))
        rows.append((unit, *amounts, Cell(pair.revenue.change_rate, "rate_change")))
    columns = (
        Column("", "figure", "text"),
        Column(pair.a, "before", "number"),
        Column(pair.b, "now", "number"),
        Column("Change", "change", "number"),
    )
    return Table(columns, tuple(rows))


def _counts(before: Any, now: Any, change: Any) -> tuple[Cell, Cell, Cell]:
    return Cell(before, "count"), Cell(now, "count"), Cell(change, "rate_change")


def _analyses(part: Part) -> Iterator[str]:
    """What the other commands print of a funnel."""
    sections = [
        conversion.view([part.conversion]).sections[0],
        bottleneck.view([part.bottleneck]).sections[0],
    ]
    if part.scenarios is not None:
        sections.append(scenario.view([part.scenarios]).sections[0])
    if part.economics is not None:
        sections.append(economics.view([part.economics]).sections[0])
    yield from map(_details, sections)


def _rendered(section: Section) -> str:
    return markdown.render(Document((section,)), Canvas())


def _details(section: Section) -> str:
    """A section without its heading."""
    return _rendered(section).partition("\n")[2].lstrip("\n")


def _folded(details: Sequence[str]) -> Iterator[str]:
    """Markdown that is opened by a click; the empty lines around it are what makes it Markdown again."""
    yield "<details>\n<summary>All figures</summary>\n"
    yield from details
    yield "\n</details>\n"
