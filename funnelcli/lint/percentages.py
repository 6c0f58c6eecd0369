"""FN313: 100, 30.5, 3.1, which look like percentages of the first stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem, decimal_text, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.lint.rules import Path, Remarks, Written
    from funnelcli.model import Exact, Funnel

CODE = "FN313"
CAUSE = (
    "The first count is 100 and a later one has decimals. So counts look that are percentages of the first stage. They "
    "are read as 100 units, and 100 units are few: intervals are wide, chances low, and sums of money small."
)
EXAMPLE = "stages: {Visits: 100, Leads: 30.5, Sales: 3.1}\n"
CURE = (
    "Write the number of units that the percentages are of, and the conversions beside it. If 100 units and fractions "
    "of them are meant, write 100.0, or silence the warning with `# funnelcli: ignore[FN313]`."
)
FIXED = """\
stages:
  - {name: Visits, count: 8200}
  - {name: Leads, conversion: 30.5%}
  - {name: Sales, conversion: 10.16%}
"""


def find(funnel: Funnel, written: Written) -> Remarks:
    """A first count that is written as 100, of the funnel or of a segment, before a later one that is fractional."""
    names = [stage.name for stage in funnel.stages]
    own = tuple(stage.count if stage.conversion is None else 0 for stage in funnel.stages)
    yield from _remark(names, own, [("stages", 0, "count")], written)
    for breakdown in funnel.breakdowns:
        for segment in breakdown.segments:
            place = ("breakdowns", breakdown.dimension, segment.name)
            yield from _remark(names, segment.counts, [(*place, 0), (*place, "counts", 0)], written)


def _remark(names: list[str], counts: Sequence[Exact], places: list[Path], written: Written) -> Remarks:
    place = next((place for place in places if written(place) == "100"), None)
    part = next((index for index, count in enumerate(counts) if count.denominator != 1), None)
    if place is None or part is None:
        return
    text = decimal_text(counts[part])
    cure = f"write the real counts, or {text}% as a conversion; write 100.0 where units are meant"
    yield place, Problem(CODE, f"100 units, or 100%? {quoted(names[part])} is {text}", cure)
