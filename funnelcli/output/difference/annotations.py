"""Annotations at the lines of a pull request, for GitHub Actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.output.check.text import annotation
from funnelcli.output.check.verdicts import message
from funnelcli.output.numbers import visible
from funnelcli.output.views.changed_limits import how
from funnelcli.output.views.difference import headline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.analyses.difference import DifferenceReport
    from funnelcli.analyses.looseness import LimitChange
    from funnelcli.output.formats import Canvas


def github(report: DifferenceReport, canvas: Canvas) -> str:
    """Workflow commands, errors first: of each kind, GitHub shows the first ten of a step; then the verdict."""
    if report.is_empty:
        return ""
    return "".join(f"{line}\n" for line in (*_commands(report), headline(report)))


def _commands(report: DifferenceReport) -> Iterator[str]:
    for file in report.files:
        if file.breaks:
            for each in file.errors:
                yield annotation("error", visible(each.problem.message), each.problem.code, each.location)
    for funnel in report.funnels:
        for check in funnel.newly_failing:
            assert check.after is not None
            said = f"Newly {visible(message(check.after))}"
            yield annotation("error", said, "Check newly fails", check.after.location)
    level = "warning" if report.only_told else "error"
    for funnel in report.funnels:
        yield from (_loosened(limit, funnel.file, level) for limit in funnel.loosened)
    for file in report.files:
        yield from (_loosened(limit, file.file, level) for limit in file.loosened)


def _loosened(limit: LimitChange, file: str | None, level: str) -> str:
    return annotation(level, f"{_sides(limit)}: {how(limit)}", "Limit loosened", limit.location, file)


def _sides(each: LimitChange) -> str:
    """A limit before and now."""
    if each.before is None and each.after is None:
        return "A limit"
    return f"{visible(each.before or 'nothing')} → {visible(each.after or 'nothing')}"
