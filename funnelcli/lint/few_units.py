"""FN308: a verdict is asked of a step whose counts are too few to give one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.analyses.conversion import step_interval
from funnelcli.diagnostics import Problem, quoted

if TYPE_CHECKING:
    from funnelcli.lint.rules import Remarks, Written
    from funnelcli.model import Funnel

CODE = "FN308"
WIDEST = 0.30
CONFIDENCE = 0.95
CAUSE = (
    "A target or a check asks for a verdict on this step, and its conversion rests on so few units that its 95% "
    "interval is more than 30 points wide: the verdict would change with a handful of people."
)
EXAMPLE = """\
stages:
  - {name: Calls, count: 12}
  - {name: Sales, count: 4, target: 40%}
"""
CURE = (
    "Take a longer period, or count further up the funnel. A check `with 95% confidence` says by itself when it cannot "
    "be decided."
)
FIXED = """\
stages:
  - {name: Calls, count: 120}
  - {name: Sales, count: 40, target: 40%}
"""


def find(funnel: Funnel, written: Written) -> Remarks:
    """Each target, and each plain check of a conversion, of a step with too wide an interval."""
    names = [stage.name for stage in funnel.stages]
    asked: dict[int, tuple[str | int, ...]] = {}
    for position, check in enumerate(funnel.checks):
        if check.selector.metric.name == "conversion" and check.confidence is None and check.selector.stage:
            asked.setdefault(names.index(check.selector.stage), ("checks", position))
    for index, stage in enumerate(funnel.stages):
        if stage.target is not None:
            asked[index] = ("stages", index, "target")
    for index, path in asked.items():
        interval = step_interval(funnel, index, CONFIDENCE)
        parent = funnel.stages[index].parent
        if interval is None or parent is None or interval.high - interval.low <= WIDEST:
            continue
        above = funnel.stages[parent]
        low, high = round(interval.low * 100), round(interval.high * 100)
        problem = Problem(
            CODE,
            f"{above.count} units at {quoted(above.name)} are too few for a verdict on {quoted(names[index])}: "
            f"its conversion may be {low}% to {high}%",
            "take a longer period, or check with 95% confidence",
        )
        yield path, problem
