"""Workflow commands of GitHub Actions: an annotation for each finding, errors first, then the summary.

Escaped as `actions/toolkit` does (`core/src/command.ts`). Columns are 1-based and ends exclusive, as ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import Severity
from funnelcli.output.check import places
from funnelcli.output.check.full import summary
from funnelcli.output.numbers import visible

if TYPE_CHECKING:
    from funnelcli.diagnostics import Diagnostic
    from funnelcli.output.check import CheckReport
    from funnelcli.output.formats import Canvas

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render(report: CheckReport, canvas: Canvas) -> str:
    """Errors before warnings: of each, GitHub shows the first ten of a step."""
    ordered = sorted(report.diagnostics, key=lambda each: each.severity is not Severity.ERROR)
    return "".join(f"{_command(each, report)}\n" for each in ordered) + summary(report)


def _command(each: Diagnostic, report: CheckReport) -> str:
    place = each.location
    properties: dict[str, str | int] = {"title": each.problem.code}
    message = places.said(each)
    if place.file in places.NO_FILES:
        message = f"{place.file}:{place.line}:{place.column}: {message}"
    else:
        properties = {
            "file": visible(places.of_repository(place.file, report)),
            "line": place.line,
            "endLine": place.line,
            "col": place.column,
            "endColumn": place.end_column,
            **properties,
        }
    listed = ",".join(f"{name}={str(value).translate(_PROPERTY)}" for name, value in properties.items())
    return f"::{each.severity.value} {listed}::{message.translate(_DATA)}"
