"""One line a finding, `file:line:column: error[CODE] message`, and the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.rendering import diagnostics
from funnelcli.rendering.check_formats import places
from funnelcli.rendering.check_formats.full import summary

if TYPE_CHECKING:
    from funnelcli.rendering.check_formats import CheckReport
    from funnelcli.rendering.formats import Canvas


def render(report: CheckReport, canvas: Canvas) -> str:
    """The first lines of all diagnostics, checks that have not passed among them."""
    lines = (f"{diagnostics.concise(each, canvas.color)}\n" for each in report.diagnostics)
    return places.inert("".join(lines)) + summary(report)
