"""Which funnel of a baseline a funnel is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem, quoted
from funnelcli.selectors import find_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.model import Funnel


def counterpart(funnel: Funnel, references: Sequence[Funnel]) -> Funnel | Problem:
    """The funnel of the baseline that is meant: the only one, or the one of the same name."""
    names = [each.name for each in references]
    index = 0 if len(names) == 1 else find_name(funnel.name, names)
    if index is None:
        return Problem(
            "FN102",
            f"the baseline has no funnel called {quoted(funnel.name)}",
            "name it alike, or choose with --funnel",
        )
    stages = [stage.name for stage in references[index].stages]
    if not any(find_name(stage.name, stages) is not None for stage in funnel.stages[1:]):
        return Problem(
            "FN112",
            f"the baseline {quoted(names[index])} has none of the stages",
            f"its stages: {', '.join(map(quoted, stages))}",
        )
    return references[index]
