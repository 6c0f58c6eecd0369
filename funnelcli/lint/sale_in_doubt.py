"""FN316: the funnel's average check lands on a last stage that goes past the one before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem, joined, quoted

if TYPE_CHECKING:
    from funnelcli.lint.rules import Remarks, Written
    from funnelcli.model import Funnel

CODE = "FN316"
CAUSE = (
    "The funnel's `average_check` belongs to the stage with the role `customer`, and without one to the last stage. "
    "Here the last stage does not come from the one before it, as lost deals or refunds do not: two stages end the "
    "way, and the money may belong to the other one."
)
EXAMPLE = """\
currency: EUR
average_check: 4200
stages:
  - {name: Proposals, count: 640}
  - {name: Won, count: 470}
  - {name: Lost, count: 58, from: Proposals}
"""
CURE = "Give the stage that is the sale `role: customer`, be it the last one."
FIXED = EXAMPLE.replace("count: 470", "count: 470, role: customer")


def find(funnel: Funnel, written: Written) -> Remarks:
    """The last stage, where it is the sale by its place alone and another one ends the way too."""
    last = len(funnel.stages) - 1
    stage = funnel.stages[last]
    paid = written(("average_check",)) is not None and funnel.money_stages == (last,)
    if paid and stage.role != "customer" and stage.parent != last - 1:
        parents = {each.parent for each in funnel.stages}
        *others, end = [quoted(each.name) for index, each in enumerate(funnel.stages) if index not in parents]
        problem = Problem(
            CODE,
            f"the money is that of {end}, the last stage, and the way ends at {joined(others)} too",
            f"give role: customer to the one that is the sale: {', '.join(others)} or {end}",
        )
        yield ("average_check",), problem
