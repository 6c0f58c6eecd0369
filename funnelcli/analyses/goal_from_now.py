"""A goal that is a change from now, as a value: 20% more revenue than today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.analyses.ends import base_of
from funnelcli.analyses.fewer_stages import judged
from funnelcli.analyses.figures import figure, why_undefined
from funnelcli.diagnostics import Problem, quoted
from funnelcli.what_if import BaselineLimit

if TYPE_CHECKING:
    from funnelcli.model import Funnel
    from funnelcli.what_if import Check


def from_now(funnel: Funnel, goal: Check) -> Check | Problem:
    """The goal with its value where it follows the figure of now, which is that of the end where that is known.

    Worked example: revenue is 500,000 now; 20% more are 600,000, and 10,000 more 510,000.
    """
    if not isinstance(goal.limit, BaselineLimit):
        return goal
    now = figure(base_of(judged(funnel)), goal.selector)
    change = goal.limit.change
    if change is None:
        return goal
    if not funnel.is_counted:
        what = f"{quoted(funnel.name)} has something open and no counts, so {change.text} is of nothing"
        return Problem("FN118", what, f"write the value itself, e.g. '{goal.selector} {goal.operator} 100000'")
    if now is None:
        why = why_undefined(funnel, goal.selector)
        return Problem("FN118", f"{goal.selector} is undefined: {why}", "add what is missing, or choose another goal")
    if change.factor != 1 and now <= 0:
        return Problem(
            "FN117", f"{goal.selector} is not above 0 now, and {change.text} of it says nothing", "write a value"
        )
    value = change.of(now)
    assert value is not None
    return goal._replace(limit=value, now=now)
