"""FN309: `125.000`, which some read as a hundred and twenty-five thousand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeGuard

from funnelcli.diagnostics import Problem, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.linting.rules import Path, Remarks, Written
    from funnelcli.model import Exact, Funnel

CODE = "FN309"
CAUSE = (
    "In half of the world a point parts thousands, and 125.000 is a hundred and twenty-five thousand. In YAML it is "
    "125. A number with exactly three decimals that are all zero is hardly ever meant."
)
EXAMPLE = "stages: {Visitors: 125.000, Sales: 12}\n"
CURE = "Write 125000 if thousands are meant, and 125 if not."
FIXED = "stages: {Visitors: 125000, Sales: 12}\n"
_LOOKS_LIKE_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:\.000)+")


def find(funnel: Funnel, written: Written) -> Remarks:
    """Each count or amount of money written with three zeros behind the point."""
    for path, value in _numbers(funnel):
        text = written(path)
        if text is not None and _LOOKS_LIKE_THOUSANDS.fullmatch(text) and int(text.partition(".")[0]) == value:
            together = text.replace(".", "")
            problem = Problem(
                CODE,
                f"{quoted(text)} is read as {value}",
                f"write {together} for thousands, or {value} without a point",
            )
            yield path, problem


def _numbers(funnel: Funnel) -> Iterator[tuple[Path, Exact]]:
    """Where numbers may be written that are small enough to be misread."""
    if _small(funnel.budget):
        yield ("budget",), funnel.budget
    if _small(funnel.stages[-1].average_check):
        yield ("average_check",), funnel.stages[-1].average_check
    for index, stage in enumerate(funnel.stages):
        for key in ("count", "average_check", "revenue", "cost"):
            value = getattr(stage, key)
            if _small(value):
                yield ("stages", index, key), value
    for breakdown in funnel.breakdowns:
        for segment in breakdown.segments:
            place = ("breakdowns", breakdown.dimension, segment.name)
            for index, count in enumerate(segment.counts):
                if _small(count):
                    yield (*place, index), count
                    yield (*place, "counts", index), count
            for key in ("budget", "average_check"):
                value = getattr(segment, key)
                if _small(value):
                    yield (*place, key), value


def _small(value: Exact | None) -> TypeGuard[int]:
    return value.__class__ is int and value < 1000
