"""One line a finding, `file:line:column: error[CODE] message`, and the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.output import diagnostics
from funnelcli.output.check import places
from funnelcli.output.check.full import summary

if TYPE_CHECKING:
    from funnelcli.output.check import CheckReport
    from funnelcli.output.formats import Canvas


def render(report: CheckReport, canvas: Canvas) -> str:
    """The first lines of all diagnostics, checks that have not passed among them."""
    lines = (f"{diagnostics.concise(each, canvas.color)}\n" for each in report.diagnostics)
    return places.inert("".join(lines)) + summary(report)
