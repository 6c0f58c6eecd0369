"""For people: every finding with its line of source, every check on a line of its own, and the summary."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from funnelcli.output import diagnostics, numbers
from funnelcli.output.check import places, verdicts
from funnelcli.output.numbers import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.analyses.checks import CheckResult
    from funnelcli.output.check import CheckReport
    from funnelcli.output.formats import Canvas

_STYLES = {True: "passed", False: "error", None: "undecided"}
_INDENT = "  "


def render(report: CheckReport, canvas: Canvas) -> str:
    """Diagnostics, then the checks of each funnel, then how many of what."""
    found = report.of_files
    parts = [diagnostics.full(found, canvas.color, canvas.width)] if found else []
    for (file, _, name), results in groupby(report.checks, key=lambda each: (each.file, each.document, each.funnel)):
        heading = " · ".join(visible(part) for part in (name, file) if part)
        lines = "".join(f"{line}\n" for line in _results(list(results), canvas))
        parts.append(f"{diagnostics.paint(heading, 'bold', canvas.color)}\n{lines}")
    parts.append("\n".join(diagnostics.wrapped(summary(report).rstrip(), canvas.width)) + "\n")
    text = ("" if not report.checks else "\n").join(parts)
    return places.inert(text).translate(numbers.substitutes(canvas.encoding))


def summary(report: CheckReport) -> str:
    """`Found 1 error, 0 warnings in 1 file (2 funnels). 3 checks: 1 passed, 1 failed, 1 undecided.`."""
    line = diagnostics.summary(report.diagnostics, len(report.files), report.funnels)
    total = len(report.checks)
    if not total:
        return line
    passed = total - report.failed - report.undecided
    counts = f"{passed:,} passed, {report.failed:,} failed, {report.undecided:,} undecided"
    return f"{line.rstrip()} {total:,} {'check' if total == 1 else 'checks'}: {counts}.\n"


def _results(results: list[CheckResult], canvas: Canvas) -> Iterator[str]:
    """A line a check, in columns; where one does not fit the width, its figures stand on lines of their own."""
    verdict_width = max(len(verdicts.VERDICTS[each.passed]) for each in results) + 2
    checks = [visible(each.check) for each in results]
    figures = [visible(verdicts.figures(each)) for each in results]
    remarks = [visible(_remark(each)) for each in results]
    check_width, figure_width = max(map(diagnostics.width, checks)), max(map(diagnostics.width, figures))
    margin = len(_INDENT) + verdict_width
    widest = margin + check_width + 2 + figure_width + 2 + max(map(diagnostics.width, remarks))
    for result, check, figure, remark in zip(results, checks, figures, remarks, strict=True):
        verdict = verdicts.VERDICTS[result.passed]
        pad = " " * (verdict_width - len(verdict))
        start = f"{_INDENT}{diagnostics.paint(verdict, _STYLES[result.passed], canvas.color)}{pad}"
        if canvas.width is None or widest <= canvas.width:
            gap = " " * (check_width - diagnostics.width(check) + 2)
            after = " " * (figure_width - diagnostics.width(figure) + 2)
            yield f"{start}{check}{gap}{figure}{after}{remark}".rstrip()
            continue
        room = max(20, canvas.width - margin)
        first, *rest = diagnostics.wrapped(check, room)
        yield f"{start}{first}"
        for line in (*rest, *diagnostics.wrapped(f"{figure}: {remark}" if remark else figure, room)):
            yield f"{' ' * margin}{line}"


def _remark(result: CheckResult) -> str:
    """The distance to the limit or the reason, and the place of a check that has not passed."""
    said = verdicts.explained(result)
    if result.code is None or result.location is None:
        return said
    return f"{said} ({result.code}, line {result.location.line})"
