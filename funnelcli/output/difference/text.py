"""What changed, for a terminal and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from funnelcli.analyses.difference import DifferenceReport, FunnelDifference
    from funnelcli.output.formats import Canvas


def table(report: DifferenceReport, canvas: Canvas) -> str:
    """Funnel by funnel; nothing where nothing changed."""
    from funnelcli.output import terminal
    from funnelcli.output.check.places import inert
    from funnelcli.output.views.difference import sections

    return inert(terminal.render(list(sections(report)), canvas))


def json(report: DifferenceReport, canvas: Canvas) -> str:
    """The contract: how many of what, each funnel, and what is said of files alone."""
    from funnelcli.output.json import render

    summary = {
        "funnels": len(report.funnels),
        "limits_loosened": report.loosened,
        "checks_newly_failing": report.newly_failing,
        "files_broken": report.broken,
        "warnings_new": report.warnings,
    }
    members: dict[str, Any] = {"command": "diff", "before": report.before, "after": report.after, "summary": summary}
    return render(members | {"funnels": [*map(_told, report.funnels)], "files": [*report.files]}, canvas)


def _told(each: FunnelDifference) -> FunnelDifference:
    """Without a verdict of chance on figures that were corrected."""
    return each if each.basis == "new period" else each._replace(comparison=None)
