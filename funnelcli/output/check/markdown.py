"""Markdown for the summary of a job or a pull request: the checks and the findings as tables."""

from __future__ import annotations

from itertools import accumulate, islice
from typing import TYPE_CHECKING

from funnelcli.diagnostics import Severity
from funnelcli.output.check import places, verdicts
from funnelcli.output.check.text import summary
from funnelcli.output.markdown import escape

if TYPE_CHECKING:
    from collections.abc import Iterable

    from funnelcli.analyses.checks import CheckResult
    from funnelcli.diagnostics import Diagnostic
    from funnelcli.output.check import CheckReport
    from funnelcli.output.formats import Canvas

MOST_ROWS = 1000
MOST_BYTES = 400_000
"""Of each of the two tables: a job's summary holds 1 MiB."""
_RANKS = {False: 0, None: 1, True: 2}


def markdown(report: CheckReport, canvas: Canvas) -> str:
    """The summary; below it, unless all is well, the checks that have not passed first, and errors before warnings."""
    said = summary(report)
    found = report.of_files
    if not found and all(each.passed for each in report.checks):
        return said
    parts = [f"## funnelcli check\n\n{said}"]
    if report.checks:
        ordered = sorted(report.checks, key=lambda each: _RANKS[each.passed])
        rows = (_check(each, report) for each in ordered)
        parts.append(_table(("Verdict", "Funnel", "Check", "Actual", "Distance"), rows, len(ordered)))
    if found:
        found.sort(key=lambda each: each.severity is not Severity.ERROR)
        rows = (_finding(each, report) for each in found)
        parts.append(_table(("Place", "Code", "Message"), rows, len(found)))
    return "\n".join(parts)


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]], total: int) -> str:
    """As many rows as a summary takes."""
    shown = [_row(map(escape, cells)) for cells in islice(rows, MOST_ROWS)]
    sizes = accumulate(len(row.encode()) + 1 for row in shown)
    fitting = [row for row, size in zip(shown, sizes, strict=True) if size <= MOST_BYTES]
    left = total - len(fitting)
    more = f"\n… and {left:,} more that are not shown.\n" if left else ""
    return "\n".join((_row(header), f"|{'---|' * len(header)}", *fitting)) + f"\n{more}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _check(result: CheckResult, report: CheckReport) -> tuple[str, ...]:
    line = f":{result.location.line}" if result.location else ""
    where = f"{_name(result.file, report)}{line}" if result.file else ""
    funnel = " · ".join(part for part in (result.funnel, where) if part)
    figures, explained = verdicts.figures(result), verdicts.explained(result)
    return verdicts.VERDICTS[result.passed], funnel, result.check, figures, explained


def _finding(each: Diagnostic, report: CheckReport) -> tuple[str, ...]:
    place, problem = each.location, each.problem
    where = f"{_name(place.file, report)}:{place.line}:{place.column}"
    return where, f"{each.severity.value} {problem.code}", problem.message


def _name(file: str, report: CheckReport) -> str:
    """A file as its readers call it: from the repository in the summary of a job, else from the working directory."""
    return (
        places.of_repository(file, report)
        if report.is_ci or file in report.revisions
        else places.path(file, report.folder)
    )
