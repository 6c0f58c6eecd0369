"""GitLab's Code Quality report: a JSON array with a finding an element, a line each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from funnelcli.diagnostics import Severity
from funnelcli.output.check import places
from funnelcli.output.numbers import visible

if TYPE_CHECKING:
    from funnelcli.diagnostics import Diagnostic
    from funnelcli.output.check import CheckReport
    from funnelcli.output.formats import Canvas

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor"}


def render(report: CheckReport, canvas: Canvas) -> str:
    """Every finding in a file, checks that have not passed among them; ASCII, so that no encoding can spoil it."""
    lines = ",\n".join(json.dumps(_finding(each, mark, report)) for each, mark in places.with_file(report))
    return f"[\n{lines}\n]\n" if lines else "[]\n"


def _finding(each: Diagnostic, fingerprint: str, report: CheckReport) -> dict[str, Any]:
    return {
        "description": visible(each.problem.message),
        "check_name": each.problem.code,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[each.severity],
        "location": {
            "path": visible(places.of_repository(each.location.file, report)),
            "lines": {"begin": each.location.line},
        },
    }
