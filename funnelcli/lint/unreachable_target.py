"""FN303: a target that no funnel of this form can reach, so that its bottleneck would never be closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem, quoted

if TYPE_CHECKING:
    from funnelcli.lint.rules import Remarks, Written
    from funnelcli.model import Funnel

CODE = "FN303"
CAUSE = (
    "A target is the step conversion that is aimed at, and headroom is measured against it. The first stage comes from "
    "nothing and has no conversion; a step out of an empty stage has none either; and 100% is never reached for long, "
    "so that the step would always look like the bottleneck."
)
EXAMPLE = """\
stages:
  - {name: Leads, count: 100}
  - {name: Sales, count: 40, target: 100%}
"""
CURE = "Aim at a rate that somebody has reached, put the target at the step that it is meant for, or delete it."
FIXED = """\
stages:
  - {name: Leads, count: 100}
  - {name: Sales, count: 40, target: 55%}
"""


def find(funnel: Funnel, written: Written) -> Remarks:
    """Each target at the first stage, out of an empty stage, or of 100% that is not reached."""
    for index, stage in enumerate(funnel.stages):
        if stage.target is None:
            continue
        if stage.parent is None:
            problem = Problem(CODE, f"{quoted(stage.name)} is the entry: it has no conversion to aim at", "delete it")
        elif not funnel.stages[stage.parent].count:
            above = quoted(funnel.stages[stage.parent].name)
            what = f"the target of {quoted(stage.name)} cannot be reached: {above} is empty"
            problem = Problem(CODE, what, "count that stage first, or delete the target")
        elif stage.target == 1 and stage.count < funnel.stages[stage.parent].count:
            what = f"the target of {quoted(stage.name)} is 100%: it leaves no room for a single loss"
            problem = Problem(CODE, what, "aim at a rate that somebody has reached")
        else:
            continue
        yield ("stages", index, "target"), problem
