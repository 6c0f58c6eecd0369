"""FN314: periods whose names do not tell which is earlier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem, quoted

if TYPE_CHECKING:
    from funnelcli.lint.rules import Remarks, Written
    from funnelcli.model import Funnel

CODE = "FN314"
CAUSE = (
    "Periods are compared from the first to the last, and their names put them in order: `2026-01`, `Jan`, `Январь`, "
    "`Q4 2025`, `2026-W07`, `31.01.2026`. These names do not tell which is earlier, or tell it in two ways, as "
    "`01/02/2026` does. So the periods count in the order of the file."
)
EXAMPLE = """\
stages: {Visits: 100, Sales: 40}
breakdowns:
  period: {after: [40, 20], before: [60, 20]}
"""
CURE = "Write the periods as dates, such as `2026-01`, or call the dimension by another word than one of time."
FIXED = """\
stages: {Visits: 100, Sales: 40}
breakdowns:
  period: {2026-02: [40, 20], 2026-01: [60, 20]}
"""


def find(funnel: Funnel, written: Written) -> Remarks:  # the signature of a rule
    """Dimensions of time whose segments' names do not tell their order."""
    from funnelcli.analyses.periods import is_time, understood

    for breakdown in funnel.breakdowns:
        if is_time(breakdown.dimension) and not understood(breakdown):
            names = [segment.name for segment in breakdown.segments]
            what = f"the names of {quoted(breakdown.dimension)} do not tell which is earlier: "
            first_and_last = f"{quoted(names[0])} counts as the first and {quoted(names[-1])} as the last"
            cure = "write them like 2026-01, or keep them in the order of time"
            yield ("breakdowns", breakdown.dimension), Problem(CODE, what + first_and_last, cure)
