"""Where a funnel file says what a definition has: paths to the columns that it names and to what it asks of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.events.comparisons import compared
from funnelcli.events.definition import VALUELESS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.diagnostics import Path
    from funnelcli.events.definition import Definition
    from funnelcli.exact import Exact
    from funnelcli.measure import Condition, When

    Compared = tuple[Path, str, str, str | Exact | bool | None]

MEASURE: Path = ("measure",)
_KEYS = {"x": "exclude", "y": "lost", "z": "exclude_units"}
"""What else events may meet, by its flag: keys of `measure`."""


def stage_at(index: int, *keys: str | int) -> Path:
    """A stage, or what stands below it."""
    return ("stages", index, *keys)


def whens(definition: Definition) -> Iterator[tuple[int, Path, When]]:
    """What events are asked, with its bit in their masks and the path to it; not what the file does not write."""
    for bit, (flag, when) in enumerate(definition.by_flag.items()):
        if flag in _KEYS:
            yield bit, ("measure", _KEYS[flag]), when
        elif flag != VALUELESS:
            yield bit, stage_at(int(flag[1:]), "when" if flag[0] == "h" else "exclude"), when


def written(definition: Definition, path: Path, when: When) -> Iterator[tuple[Path, Condition]]:
    """The conditions of one of them that the file writes, each with the path to its column."""
    for number, alternative in enumerate(when):
        for condition in alternative:
            if path[-1] == "when" and condition in definition.present:
                continue
            yield (*path, *([number] if len(when) > 1 else []), condition.column), condition


def conditions(definition: Definition) -> Iterator[tuple[Path, Condition]]:
    """Every condition with the path to its column."""
    for _, path, when in whens(definition):
        yield from written(definition, path, when)


def comparisons(definition: Definition) -> Iterator[Compared]:
    """Every comparison: its path, its column, the operator, and what stands after it."""
    for path, condition in conditions(definition):
        for number, (operator, operand) in enumerate(compared(condition)):
            yield (*path, operator, number), condition.column, operator, operand


def columns(definition: Definition) -> Iterator[tuple[Path, str]]:
    """Every column that is named, as often as it is, with the path to its name."""
    known = {"unit": definition.unit, "time": definition.time, "id": definition.identity, "event": definition.event}
    yield from ((("measure", key), column) for key, column in known.items() if column)
    yield from ((("measure", "same", number), column) for number, column in enumerate(definition.same))
    yield from ((("measure", "breakdowns", name), column) for name, column in definition.dimensions)
    yield from ((stage_at(index, "amount"), column) for index, column in definition.paid)
    yield from (((*path, None), condition.column) for path, condition in conditions(definition))


def column(definition: Definition, wanted: str) -> Path:
    """The path to where a column is named first."""
    return next((path for path, name in columns(definition) if name == wanted), MEASURE)


def in_order(path: Path) -> tuple[str, int]:
    """A key by which places of `measure` come first, and then those of the stages, one after the other."""
    index = path[1] if len(path) > 1 else 0
    return str(path[0]) if path else "", index if isinstance(index, int) else 0
