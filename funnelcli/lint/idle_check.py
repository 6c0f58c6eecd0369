"""FN307: a check that no funnel could fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.analyses.checks import OPERATORS
from funnelcli.diagnostics import Problem, quoted
from funnelcli.model import BaselineLimit

if TYPE_CHECKING:
    from funnelcli.lint.rules import Remarks, Written
    from funnelcli.model import Check, Exact, Funnel

CODE = "FN307"
CAUSE = (
    "The limit lies at the end of what the figure can be: a count is never negative, and a conversion never above "
    "100%. The check passes whatever happens, and guards nothing."
)
EXAMPLE = """\
stages: {Leads: 100, Sales: 40}
checks:
  - conversion@Sales <= 100%
"""
CURE = "Turn the operator round, or write the limit that must not be passed."
FIXED = """\
stages: {Leads: 100, Sales: 40}
checks:
  - conversion@Sales >= 30%
"""
_MAY_BE_NEGATIVE = {"gross_profit", "profit", "unit_margin", "romi", "drop_off", "drop_off_rate", "loss_share"}
_LOSSES = {"drop_off", "drop_off_rate", "loss_share"}
_AT_MOST_ONE = {"conversion", "overall_conversion", "gross_margin"}
_AT_LEAST_ONE = {"one_in"}


def find(funnel: Funnel, written: Written) -> Remarks:
    """Each check that holds over the whole range of its figure."""
    grows = any(stage.allow_growth for stage in funnel.stages)
    for index, check in enumerate(funnel.checks):
        if isinstance(check.limit, BaselineLimit):
            continue
        low, high = _range(check, grows)
        holds = OPERATORS[check.operator]
        # a limit from below is at its hardest at the lowest value that can be, one from above at the highest
        hardest = low if check.operator in (">=", ">") else high
        if check.operator != "==" and hardest is not None and holds(hardest, check.limit):
            problem = Problem(
                CODE,
                f"{quoted(check.text)} holds for every value it can have",
                "turn the operator round, or raise the limit",
            )
            yield ("checks", index), problem


def _range(check: Check, grows: bool) -> tuple[Exact | None, Exact | None]:
    """The lowest and the highest value that a figure can have; `None` without a bound."""
    name = check.selector.metric.name
    if name in _LOSSES and not grows:
        return 0, (1 if name != "drop_off" else None)
    if name in _MAY_BE_NEGATIVE:
        return None, None
    if grows:
        return 0, None
    return (1 if name in _AT_LEAST_ONE else 0), (1 if name in _AT_MOST_ONE else None)
