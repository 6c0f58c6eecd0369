"""Units of a stage that is no sale are not called sales, in any report: they go by the name of the stage."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from funnelcli.analyses.bottleneck import bottleneck_by
from funnelcli.analyses.compared_segments import compare_segments
from funnelcli.analyses.forecast import forecast
from funnelcli.analyses.report import gather
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.reader import read
from funnelcli.output.formats import Canvas
from funnelcli.output.report.look import look
from funnelcli.output.report.pull_request import markdown_file
from tests.reports import REPORTS, shown

if TYPE_CHECKING:
    from funnelcli.model import Funnel

SHAPE = """\
name: Ads
HEAD
stages:
  - {{name: Shown, count: 10000, days: 0, open: 300}}
  - {{name: Read, count: 4000, days: 2, open: 100}}
  - {{name: END, count: 900, target: 40%, days: 3}}
cells:
  - {{ad: A, month: 2026-08, counts: [3000, 1000, 300], open: [100, 50, 0]}}
  - {{ad: A, month: 2026-09, counts: [2000, 1000, 200], open: [100, 50, 0]}}
  - {{ad: B, month: 2026-08, counts: [3000, 1000, 250], open: [50, 0, 0]}}
  - {{ad: B, month: 2026-09, counts: [2000, 1000, 150], open: [50, 0, 0]}}
scenarios: {{More: {{conversion@Read: +10%}}}}
""".replace("{{", "{").replace("}}", "}")
SAID = re.compile(r".*\bsales\b(?! velocity).*", re.IGNORECASE)
"""Lines with the word; sales velocity is a term."""
NO_SALES = {
    "clicks": ("", "Clicked, role: click"),
    "leads": ("", "Signed up, role: lead"),
    "leads with money": ("average_check: 5", "Signed up, role: lead, average_check: 5"),
    "nothing told": ("", "Subscribed"),
}
SALES = {"customers": ("", "Bought, role: customer"), "money": ("average_check: 20", "Bought")}


def funnel_of(head: str, end: str) -> Funnel:
    head = "" if "average_check" in end else head
    reading = read(SHAPE.replace("HEAD", head or "currency: EUR").replace("END", end).encode(), "ads.yaml")
    assert not reading.diagnostics, reading.diagnostics
    return reading.funnels[0]


def texts(funnel: Funnel, view: str) -> str:
    result = REPORTS[view](funnel)
    return "" if isinstance(result, Problem) else shown(view, "markdown", [result], Canvas())


@pytest.mark.parametrize("view", REPORTS)
@pytest.mark.parametrize("kind", NO_SALES)
def test_no_report_calls_them_sales(view: str, kind: str) -> None:
    funnel = funnel_of(*NO_SALES[kind])
    said = texts(funnel, view)
    assert said
    assert not SAID.findall(said)


@pytest.mark.parametrize("kind", NO_SALES)
def test_nor_do_reports_by_segment(kind: str) -> None:
    funnel = funnel_of(*NO_SALES[kind])
    found = {
        "forecast": forecast(funnel, "ad", draws=50),
        "comparison": compare_segments(funnel, "ad"),
        "bottleneck": bottleneck_by(funnel, "ad"),
    }
    for view, result in found.items():
        assert not isinstance(result, Problem)
        assert not SAID.findall(shown(view, "markdown", [result], Canvas()))


@pytest.mark.parametrize("view", ["scenario", "comparison", "levers", "segment_levers", "simulation", "sweep"])
@pytest.mark.parametrize("kind", SALES)
def test_sales_are(view: str, kind: str) -> None:
    funnel = funnel_of(*SALES[kind])
    assert funnel.sales_called == "sales"
    assert SAID.search(texts(funnel, view)) or (kind == "money" and "revenue" in texts(funnel, view).lower())


def test_the_comment_of_a_pull_request_has_the_stage() -> None:
    one, other = funnel_of("", "Clicked, role: click"), funnel_of("", "Clicked, role: click")
    colours = look()
    assert not isinstance(colours, Problem)
    assert not SAID.findall(markdown_file(gather([one], [other]), colours, []))
