"""A report as Markdown for a pull request: what matters in one table, everything else folded."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from funnelcli.output import markdown
from funnelcli.output.document import BLANK, Block, Cell, CellKind, Column, Note, Section, Table
from funnelcli.output.numbers import header
from funnelcli.output.views import bottleneck, comparison, conversion, economics, scenario
from funnelcli.output.views.building import only, section_of, table
from funnelcli.stats.tests import SIGNIFICANT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.comparison import Comparison, ComparisonReport
    from funnelcli.analyses.report import Report, ReportPart
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
    section = section_of(compared, comparison)
    head = section._replace(blocks=tuple(_headline(report.parts[1], compared)))
    details = [_details(section)]
    for part in report.parts:
        details += [f"### {markdown.escape(part.label)}\n", *_analyses(part)]
    return "\n".join((_rendered(head), *_folded(details)))


def _part(part: ReportPart) -> Iterator[str]:
    funnel = part.funnel
    blocks = tuple(_headline(part, part.comparison))
    yield _rendered(Section(part.label, funnel.period, funnel.file, funnel.document, funnel.currency, blocks))
    compared = [] if part.comparison is None else [_details(section_of(part.comparison, comparison))]
    yield from _folded([*compared, *_analyses(part)])


def _headline(part: ReportPart, compared: ComparisonReport | None) -> Iterator[Block]:
    """The verdict, and the headline figures: beside those before, where there is a before."""
    section = section_of(part.bottleneck, bottleneck)
    if compared is None:
        yield from _notes(section, "verdict")
        yield _figures(part)
        return
    change = section_of(compared, comparison)
    yield from _notes(change, "verdict")
    yield _before_and_now(compared, compared.comparisons[0])
    yield from _notes(change, "warning")
    yield from (Note(verdict.text) for verdict in _notes(section, "verdict"))


def _notes(section: Section, style: str) -> Iterator[Note]:
    return (block for block in section.blocks if isinstance(block, Note) and block.style == style)


def _figures(part: ReportPart) -> Table:
    result, money = part.conversion, part.economics
    columns = (
        Column("", "figure", "text", attrgetter("name")),
        Column("Count", "count", "count"),
        *only(lambda stage: stage.from_ is not None, Column("Conversion", "conversion", "rate")),
        Column("Overall", "overall_conversion", "rate"),
    )
    shown = table(result.stages, columns)
    amounts = (("Revenue", result.revenue), ("Profit", None if money is None else money.profit))
    rows = (
        (header(label, "money", result.currency), Cell(amount, "money"), BLANK, BLANK)
        for label, amount in amounts
        if amount is not None
    )
    return shown._replace(rows=(*shown.rows, *rows))


def _before_and_now(report: ComparisonReport, pair: Comparison) -> Table:
    """Entries, conversions, sales and money of both sides, and what is more than chance marked."""
    first, *steps = pair.stages
    rows: list[tuple[Any, ...]] = [(first.name, *_both("count", first.count_a, first.count_b, first.count_change_rate))]
    for stage in steps:
        sure = stage.p_value_holm is not None and stage.p_value_holm < SIGNIFICANT
        side = 0 if not sure or not stage.difference else 1 if stage.difference > 0 else -1
        change = Cell(stage.difference, "points_change", side=side)
        rates = _both("rate", stage.conversion_a, stage.conversion_b, None)[:2]
        rows.append((f"Conversion to {stage.name}", *rates, change))
    sales, revenue = pair.sales, pair.revenue
    rows.append((f"Sales: {report.sale_stage}", *_both("count", sales.a, sales.b, sales.change_rate)))
    if revenue is not None:
        both = _both("money", revenue.a, revenue.b, revenue.change_rate)
        rows.append((header("Revenue", "money", report.currency), *both))
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
    yield _details(section_of(part.conversion, conversion))
    yield _details(section_of(part.bottleneck, bottleneck))
    if part.scenarios is not None:
        yield _details(section_of(part.scenarios, scenario))
    if part.economics is not None:
        yield _details(section_of(part.economics, economics))


def _rendered(section: Section) -> str:
    return f"{markdown.heading(section)}\n{_details(section)}"


def _details(section: Section) -> str:
    """A section without its heading."""
    return "\n".join(markdown.blocks(section))


def _folded(details: Sequence[str]) -> Iterator[str]:
    """Markdown that is opened by a click; the empty lines around it are what makes it Markdown again."""
    yield "<details>\n<summary>All figures</summary>\n"
    yield from details
    yield "\n</details>\n"
