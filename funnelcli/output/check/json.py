"""The contract: `summary`, `diagnostics` and `checks`, unrounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.output.json import render

if TYPE_CHECKING:
    from funnelcli.analyses.checks import CheckResult
    from funnelcli.diagnostics import Diagnostic, Fix
    from funnelcli.output.check import CheckReport
    from funnelcli.output.formats import Canvas


def json(report: CheckReport, canvas: Canvas) -> str:
    """The keys of numbers, and of places: lines and columns are 1-based code points, ends exclusive."""
    source = {
        "command": "check",
        "summary": report.summary,
        "diagnostics": [_diagnostic(each) for each in report.diagnostics],
        "checks": [_check(each) for each in report.checks],
    }
    return render(source, canvas)


def _diagnostic(each: Diagnostic) -> dict[str, Any]:
    place = each.location
    return {
        "code": each.problem.code,
        "severity": each.severity.value,
        "message": each.problem.message,
        "file": place.file,
        "line": place.line,
        "col": place.column,
        "end_line": place.line,
        "end_col": place.end_column,
        "path": each.path,
        "help": each.problem.help,
        "fix": None if each.fix is None else _fix(each.fix),
    }


def _fix(fix: Fix) -> dict[str, Any]:
    """What mends it; without edits, it goes with what mends another."""
    edits = [
        {
            "line": edit.line,
            "col": edit.column,
            "end_line": edit.end_line,
            "end_col": edit.end_column,
            "text": edit.text,
        }
        for edit in fix.edits
    ]
    return {"applicability": "safe" if fix.safe else "unsafe", "edits": edits}


def _check(each: CheckResult) -> dict[str, Any]:
    """The fields of a result, and its place in those of a file."""
    place = each.location
    left_out = ("currency", "kind", "location", "path", "help")
    own = {key: value for key, value in each._asdict().items() if key not in left_out}
    return own | {"line": None if place is None else place.line, "col": None if place is None else place.column}
