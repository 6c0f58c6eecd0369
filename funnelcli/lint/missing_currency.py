"""FN306: money without a currency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem

if TYPE_CHECKING:
    from funnelcli.lint.rules import Remarks, Written
    from funnelcli.model import Funnel

CODE = "FN306"
CAUSE = (
    "The funnel has money and does not say in which currency. The figures are right all the same, but a reader of the "
    "report has to guess, and two funnels that are compared may speak of different money."
)
EXAMPLE = """\
average_check: 90
stages: {Leads: 100, Sales: 40}
"""
CURE = "Write the currency once for the funnel, as a code or a symbol."
FIXED = """\
average_check: 90
currency: EUR
stages: {Leads: 100, Sales: 40}
"""
_STAGE_MONEY = ("average_check", "revenue", "cost")


def find(funnel: Funnel, written: Written) -> Remarks:
    """One place of money in a funnel without a currency."""
    if funnel.currency is not None:
        return
    path = next((path for path in _places(funnel) if written(path) is not None), None)
    if path is not None:
        yield path, Problem(CODE, "money without a currency", "write e.g. currency: EUR")


def _places(funnel: Funnel) -> list[tuple[str | int, ...]]:
    """Where money may be written."""
    stages = [
        ("stages", index, key)
        for index, stage in enumerate(funnel.stages)
        for key in _STAGE_MONEY
        if getattr(stage, key) is not None
    ]
    segments = [
        ("breakdowns", breakdown.dimension, segment.name, key)
        for breakdown in funnel.breakdowns
        for segment in breakdown.segments
        for key in ("average_check", "budget")
        if getattr(segment, key) is not None
    ]
    return [("average_check",), ("budget",), *stages, *segments]
