"""FN304: a scenario after which every figure is what it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.analyses.projection import apply
from funnelcli.diagnostics import Problem, quoted

if TYPE_CHECKING:
    from funnelcli.lint.rules import Remarks, Written
    from funnelcli.model import Funnel

CODE = "FN304"
CAUSE = (
    "A scenario answers what a change would bring. One that sets figures to what they are already, or changes them by "
    "nothing, projects the funnel as it is: most often the funnel has been updated and the scenario has come true."
)
EXAMPLE = """\
stages: {Leads: 100, Sales: 40}
scenarios:
  Better calls: {conversion@Sales: 40%}
"""
CURE = "Aim further, or delete the scenario."
FIXED = """\
stages: {Leads: 100, Sales: 40}
scenarios:
  Better calls: {conversion@Sales: 50%}
"""


def find(funnel: Funnel, written: Written) -> Remarks:
    """Each scenario that leaves counts and money alone."""
    if not funnel.scenarios:
        return
    before = _figures(funnel)
    for scenario in funnel.scenarios:
        after = apply(funnel, scenario.changes)
        if not isinstance(after, Problem) and _figures(after) == before:
            problem = Problem(
                CODE, f"the scenario {quoted(scenario.name)} changes nothing", "aim further, or delete it"
            )
            yield ("scenarios", scenario.name), problem


def _figures(funnel: Funnel) -> tuple[object, ...]:
    margin = 1 if funnel.gross_margin is None else funnel.gross_margin
    stages = [(stage.count, stage.average_order_value, stage.cost) for stage in funnel.stages]
    return (*stages, funnel.budget, margin)
