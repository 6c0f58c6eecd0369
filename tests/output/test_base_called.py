"""What figures in the end are called where a report is read: never as of now, or as the file says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from funnelcli.analyses.report import gather
from funnelcli.analyses.scenario import project
from funnelcli.output.numbers import text
from funnelcli.output.report import sheets
from funnelcli.output.report.look import look
from funnelcli.output.report.page import html_file
from funnelcli.output.report.pull_request import markdown_file
from tests.analyses.test_one_base import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.model import Funnel


def test_figures_in_the_end_are_called_so(funnel: Callable[[str], Funnel]) -> None:
    """On the cards, in the chart of levers, in a comment, and in the workbook; beside them stand those of now."""
    shop = funnel(text_of())
    report = gather([shop])
    (part,) = report.parts
    page, comment, sheet = html_file(report, look(), []), markdown_file(report, look(), []), sheets.sheet_of(shop)
    base = part.now.projections[0]  # type: ignore[union-attr]
    cards = dict(re.findall(r"<dt>([^<]*)</dt><dd><b>(.*?)</dd>", page))
    ends = {
        "Sales": (shop.stages[2].count, base.sales, "count"),
        "Overall conversion": (None, base.overall_conversion, "rate"),
    }
    ends["Revenue"] = part.conversion.revenue, round(base.revenue), "money"
    ends["Profit"] = part.economics.profit, round(base.profit), "money"  # type: ignore[union-attr]
    for name, (now, end, kind) in ends.items():
        assert " now</b>" in cards[name]
        assert now is None or cards[name].startswith(f"{text(now, kind, 'EUR')} now"), name
        assert f"{text(end, kind, 'EUR')} in the end" in cards[name]
    for row in ("Revenue, now, EUR", "Revenue, in the end, EUR", "Profit, now, EUR", "Profit, in the end, EUR"):
        assert f"| {row} |" in comment
    metric, shown = part.levers.metric, text(part.levers.now, "money", "EUR")  # type: ignore[union-attr]
    assert f"line: {metric} in the end, {shown}" in page
    assert f"{metric} now, {shown}" not in page
    said = [sheet.columns[0].name, sheet.columns[0].says, *(row.label for row in sheet.rows), *sheet.notes]
    assert said[:2] == ["In the end", "what is expected in the end"]
    assert "Against what is expected in the end" in said
    assert not re.search(r"(?i)recorded|the file says", " ".join(said))


def test_where_nothing_is_open_they_are_what_the_file_says(funnel: Callable[[str], Funnel]) -> None:
    plain = funnel("average_check: 90\nstages: {Visit: 800, Cart: 300, Paid: 100}")
    assert project(plain, ()).in_the_end is None  # type: ignore[union-attr]
    sheet = sheets.sheet_of(plain)
    assert (sheet.columns[0].name, sheet.columns[0].says) == ("Recorded", "what the file says")
    assert "Against what the file says" in [row.label for row in sheet.rows]
