"""FN301: the segments of a dimension do not add up to the stages. Every command says it, because figures differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem, decimal_text, quoted
from funnelcli.model import added

if TYPE_CHECKING:
    from funnelcli.lint.rules import Remarks, Written
    from funnelcli.model import Funnel

CODE = "FN301"
CAUSE = (
    "The segments of a breakdown split the funnel, so that their counts add up to those of the stages. Where they do "
    "not, the same question gets two answers, and a channel or a manager may be missing. A measured segment counts all "
    "units with an entry in it, also those with entries in others: `counted_again` of `measured` is what they "
    "add up to beyond the stages, and as long as it is that much, nothing is wrong."
)
EXAMPLE = """\
stages: {Leads: 100, Sales: 50}
breakdowns:
  channel:
    Ads: [60, 20]
    Search: [40, 25]
"""
CURE = (
    "Correct the counts, add the segment that is missing, or leave the counts out of the stages to have them added up "
    "over the first dimension."
)
FIXED = """\
stages: {Leads: 100, Sales: 50}
breakdowns:
  channel:
    Ads: [60, 20]
    Search: [40, 30]
"""


def find(funnel: Funnel, written: Written) -> Remarks:
    """Each stage at which a dimension's sum differs."""
    for breakdown in funnel.breakdowns:
        if funnel.counted_again(breakdown):
            continue
        for index, stage in enumerate(funnel.stages):
            total = added(segment.counts[index] for segment in breakdown.segments)
            if total == stage.count or stage.conversion is not None:
                continue
            gap = added((total, -stage.count))
            apart = f"{'more' if gap > 0 else 'less'} by {decimal_text(gap if gap > 0 else -gap)}"
            yield (
                ("breakdowns", breakdown.dimension),
                Problem(
                    CODE,
                    f"{quoted(breakdown.dimension)} adds up to {decimal_text(total)} at {quoted(stage.name)}, "
                    f"and the stage has {decimal_text(stage.count)}: {apart}",
                    "correct the counts, or leave them out of the stages to have them added up",
                ),
            )
