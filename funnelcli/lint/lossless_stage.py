"""FN305: a counted step that nobody leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem, decimal_text, quoted

if TYPE_CHECKING:
    from funnelcli.lint.rules import Remarks, Written
    from funnelcli.model import Funnel

CODE = "FN305"
CAUSE = (
    "Everybody who reached the stage before is counted here too. Either the stage is needless, as it divides nobody "
    "from anybody, or its count was copied from the line above and never measured."
)
EXAMPLE = "stages: {Leads: 100, Offers: 100, Sales: 40}\n"
CURE = "Measure the stage, or leave it out: the conversion of the whole funnel stays the same without it."
FIXED = "stages: {Leads: 100, Offers: 90, Sales: 40}\n"


def find(funnel: Funnel, written: Written) -> Remarks:
    """Each counted step with a conversion of exactly 100%."""
    for index, stage in enumerate(funnel.stages):
        if stage.parent is None or stage.conversion is not None or not stage.count or stage.allow_growth:
            continue
        above = funnel.stages[stage.parent]
        if stage.count == above.count:
            problem = Problem(
                CODE,
                f"{quoted(stage.name)} loses nobody: {decimal_text(stage.count)} of {decimal_text(above.count)}",
                "measure the stage, or leave it out",
            )
            yield ("stages", index, "count"), problem
