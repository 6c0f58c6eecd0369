"""Lines of text: `full` for people, `concise` with a line a finding, `github` with an annotation a finding."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from funnelcli.diagnostics import Severity
from funnelcli.output import diagnostics, numbers, text_width
from funnelcli.output.check import places, verdicts
from funnelcli.output.numbers import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.analyses.checks import CheckResult
    from funnelcli.diagnostics import Diagnostic, Location
    from funnelcli.output.check import CheckReport
    from funnelcli.output.formats import Canvas

_STYLES = {True: "passed", False: "error", None: "undecided"}
_INDENT = "  "
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def full(report: CheckReport, canvas: Canvas) -> str:
    """Every finding with its line of source, the checks of each funnel, a line each, and how many of what."""
    found = report.of_files
    parts = [diagnostics.full(found, canvas.color, canvas.width, marks=True)] if found else []
    for (file, _, name), results in groupby(report.checks, key=lambda each: (each.file, each.document, each.funnel)):
        heading = " · ".join(visible(part) for part in (name, file) if part)
        outcomes = "".join(f"{line}\n" for line in _results(list(results), canvas))
        parts.append(f"{diagnostics.paint(heading, 'bold', canvas.color)}\n{outcomes}")
    told = f"{summary(report)}{fixable(report)}".splitlines()
    lines = (line for each in told for line in text_width.folded(each, canvas.width, whole_words=True))
    parts.append("".join(f"{line}\n" for line in lines))
    text = ("\n" if report.checks else "").join(parts)
    return places.inert(text).translate(numbers.substitutes(canvas.encoding))


def concise(report: CheckReport, canvas: Canvas) -> str:
    """The first lines of all diagnostics, checks that have not passed among them, and the summary."""
    lines = (f"{diagnostics.concise(each, canvas.color, marks=True)}\n" for each in report.diagnostics)
    return places.inert("".join(lines)) + summary(report) + fixable(report)


def github(report: CheckReport, canvas: Canvas) -> str:
    """Workflow commands of GitHub Actions, and the summary.

    Errors come first: of each kind, GitHub shows the first ten of a step. Escaped as `actions/toolkit` does
    (`core/src/command.ts`). Columns are 1-based and ends exclusive, as ours.
    """
    ordered = sorted(report.diagnostics, key=lambda each: each.severity is not Severity.ERROR)
    return "".join(f"{_command(each, report)}\n" for each in ordered) + summary(report)


def summary(report: CheckReport) -> str:
    """`Found 1 error, 0 warnings in 1 file (2 funnels). 3 checks: 1 passed, 1 failed, 1 undecided.`."""
    line = diagnostics.summary(report.diagnostics, len(report.files), report.funnels, report.misunderstood)
    found = report.summary
    total, passed = found.checks, found.checks - found.checks_failed - found.checks_undecided
    if not total:
        return line
    counts = f"{passed:,} passed, {found.checks_failed:,} failed, {found.checks_undecided:,} undecided"
    return f"{line.rstrip()} {total:,} {'check' if total == 1 else 'checks'}: {counts}.\n"


def fixable(report: CheckReport) -> str:
    """`[*] 3 fixable with --fix (1 more with --unsafe-fixes).`, with a line end; nothing where nothing is."""
    safe, unsafe = report.summary.fixable, report.summary.fixable_unsafe
    if safe:
        more = f" ({unsafe:,} more with --fix --unsafe-fixes)" if unsafe else ""
        return f"{diagnostics.FIXABLE} {safe:,} fixable with --fix{more}.\n"
    return f"{unsafe:,} fixable with --fix --unsafe-fixes.\n" if unsafe else ""


def _results(results: list[CheckResult], canvas: Canvas) -> Iterator[str]:
    """A line a check, in columns; where one does not fit the width, its figures stand on lines of their own."""
    rows = [
        (verdicts.VERDICTS[each.passed], visible(each.check), visible(verdicts.figures(each)), visible(_remark(each)))
        for each in results
    ]
    widths = [max(map(text_width.width, column)) + 2 for column in zip(*rows, strict=True)]
    margin = len(_INDENT) + widths[0]
    fits = canvas.width is None or len(_INDENT) + sum(widths) - 2 <= canvas.width
    for result, row in zip(results, rows, strict=True):
        verdict, *said = map(text_width.padded, row, widths)
        painted = diagnostics.paint(row[0], _STYLES[result.passed], canvas.color)
        start = f"{_INDENT}{painted}{verdict.removeprefix(row[0])}"
        if fits:
            yield f"{start}{''.join(said)}".rstrip()
            continue
        room = max(20, (canvas.width or 0) - margin)
        _, check, figures, remark = row
        first, *rest = text_width.folded(check, room, whole_words=True)
        yield f"{start}{first}"
        below = f"{figures}: {remark}" if remark else figures
        for line in (*rest, *text_width.folded(below, room, whole_words=True)):
            yield f"{' ' * margin}{line}"


def _remark(result: CheckResult) -> str:
    """The distance to the limit or the reason, and the place of a check that has not passed."""
    said = verdicts.explained(result)
    if result.code is None or result.location is None:
        return said
    return f"{said} ({result.code}, line {result.location.line})"


def _command(each: Diagnostic, report: CheckReport) -> str:
    place, message = each.location, places.said(each)
    if places.is_nowhere(place.file, report):
        message = f"{place.file}:{place.line}:{place.column}: {message}"
        return annotation(each.severity.value, message, each.problem.code)
    file = visible(places.of_repository(place.file, report))
    return annotation(each.severity.value, message, each.problem.code, place, file)


def annotation(level: str, message: str, title: str, place: Location | None = None, file: str | None = None) -> str:
    """A workflow command: a message at its place, or at a file alone; the name of the file may be another there."""
    properties: dict[str, str | int] = {}
    name = file if file is not None or place is None else visible(place.file)
    if name is not None:
        properties["file"] = name
    if place is not None:
        properties |= {"line": place.line, "endLine": place.line, "col": place.column, "endColumn": place.end_column}
    properties["title"] = title
    listed = ",".join(f"{key}={str(value).translate(_PROPERTY)}" for key, value in properties.items())
    return f"::{level} {listed}::{message.translate(_DATA)}"
