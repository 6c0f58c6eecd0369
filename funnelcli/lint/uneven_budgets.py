"""FN312: the budgets of a dimension's segments do not add up to the funnel's, or to those of another dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem, decimal_text, quoted
from funnelcli.model import added

if TYPE_CHECKING:
    from funnelcli.lint.rules import Remarks, Written
    from funnelcli.model import Funnel

CODE = "FN312"
CAUSE = (
    "Segments of a dimension have budgets of their own, and together they are more or less than the funnel's budget, "
    "or than those of the first dimension in which all have one. That figure counts for the whole, and the cost per "
    "sale of the whole then contradicts those of its parts."
)
EXAMPLE = """\
currency: EUR
budget: 900
average_check: 90
stages: {Leads: 100, Sales: 40}
breakdowns:
  channel:
    Ads: {counts: [60, 20], budget: 500}
    Search: {counts: [40, 20], budget: 300}
"""
CURE = (
    "Correct the budgets, add the segment whose spend is missing, or delete the funnel's budget to have them added up."
)
FIXED = EXAMPLE.replace("budget: 900", "budget: 800")


def find(funnel: Funnel, written: Written) -> Remarks:
    """Each dimension with budgets whose sum differs."""
    if funnel.budget is None:
        return
    stated = funnel.budget_of is None
    counts = "the funnel has" if stated else f"those of {quoted(funnel.budget_of or '')}, the first, to"
    for breakdown in funnel.breakdowns:
        budgets = [segment.budget for segment in breakdown.segments if segment.budget is not None]
        total, whole = added(budgets), len(budgets) == len(breakdown.segments)
        if budgets and total != funnel.budget and (stated or whole or total > funnel.budget):
            problem = Problem(
                CODE,
                f"the budgets of {quoted(breakdown.dimension)} add up to {decimal_text(total)}, "
                f"and {counts} {decimal_text(funnel.budget)}, which counts",
                "correct the budgets, or add the segment whose spend is missing",
            )
            yield ("breakdowns", breakdown.dimension), problem
