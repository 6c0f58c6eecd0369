"""What `diff` found, in each of its formats: name to the module that renders it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from funnelcli.output.formats import Format

if TYPE_CHECKING:
    from funnelcli.analyses.difference import DifferenceReport
    from funnelcli.output.formats import Canvas

DIFF_FORMATS = {
    "table": Format("text", for_people=True),
    "json": Format("text", ending=".json"),
    "markdown": Format("pull_request", ending=".md", for_people=True),
    "github": Format("annotations"),
    "html": Format("page", ending=".html", for_people=True),
}
"""Every format by the name of its option value; its module has a function of that name."""


def render(format_name: str, report: DifferenceReport, canvas: Canvas, **more: Any) -> str:
    """A report in one of the formats; `more` is what that one can be told besides."""
    module = import_module(f"funnelcli.output.difference.{DIFF_FORMATS[format_name].module}")
    return str(getattr(module, format_name)(report, canvas, **more))
