"""Which stages an event can meet at once, by the conditions alone: what is told where no event is looked at.

Each column holds one value, so that stages are told apart by the values that they name. Of patterns nothing is known,
so that each may fit or not: more is called possible than is, and what is counted stays exact.
"""

from __future__ import annotations

from itertools import pairwise, product
from math import prod
from typing import TYPE_CHECKING, Any

from funnelcli.diagnostics import Problem
from funnelcli.events.comparisons import COMPARED, compared
from funnelcli.events.zones import since_1970
from funnelcli.funnel_file.moments import moment_of
from funnelcli.measure import OF_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from funnelcli.events.definition import Definition
    from funnelcli.measure import Condition

_MOST = 50_000
"""Combinations of what columns can hold that are looked at."""
_MOST_PATTERNS = 12
"""Patterns of a column, each of which doubles what it can hold."""
_OTHER = "\0"
"""A text that no condition names."""
_ORDERED = (">=", "<=", ">", "<")


def masks(definition: Definition) -> list[int] | Problem:
    """The sets of stages, as bits, that an event may meet, and more where that is not known; or why none are told."""
    conditions = list(dict.fromkeys(each for when in definition.whens for way in when for each in way))
    columns: dict[str, list[Condition]] = {}
    for condition in conditions:
        columns.setdefault(condition.column, []).append(condition)
    if any(_patterns(each) > _MOST_PATTERNS for each in columns.values()):
        return _too_many()
    held = [sorted(set(_met(each))) for each in columns.values()]
    if prod(map(len, held)) > _MOST:
        return _too_many()
    order = [each for own in columns.values() for each in own]
    found = set()
    for choice in product(*held):
        met = dict(zip(order, (one for own in choice for one in own), strict=True))
        mask = sum(
            1 << stage
            for stage, when in enumerate(definition.whens)
            if any(all(met[each] for each in way) for way in when)
        )
        found.add(mask)
    return sorted(found - {0})


def _too_many() -> Problem:
    what = "by their conditions, stages may share events in too many ways to be told apart without looking at them"
    help_text = "make the conditions of when exclude each other, or have measure count the events itself"
    return Problem("FN114", what, help_text, path=("stages",))


def _patterns(conditions: Sequence[Condition]) -> int:
    return len({each for condition in conditions for each in compared(condition) if each[0] in OF_TEXT})


def _met(conditions: Sequence[Condition]) -> Iterator[tuple[bool, ...]]:
    """What a column can hold: which of its conditions are met together."""
    options = [compared(each) for each in conditions]
    patterns = list(dict.fromkeys(each for found in options for each in found if each[0] in OF_TEXT))
    times = any(operator in _ORDERED and isinstance(operand, str) for found in options for operator, operand in found)
    named = {
        _value(operand, times) for found in options for each in found if each[0] not in OF_TEXT for operand in each[1:]
    }
    for value in _values(named - {None}):
        for fits in product((False, True), repeat=0 if value is None else len(patterns)):
            fitting = {each for each, fit in zip(patterns, fits, strict=False) if fit}
            yield tuple(
                any(
                    (operator, operand) in fitting
                    if operator in OF_TEXT
                    else _holds(operator, _value(operand, times), value)
                    for operator, operand in found
                )
                for found in options
            )


def _value(operand: Any, times: bool) -> Any:
    """A value of a condition as it is compared: of times, the moment."""
    return since_1970(moment_of(operand)) if times and isinstance(operand, str) else operand


def _values(named: Iterable[Any]) -> list[Any]:
    """Something of every kind that a column can hold: what is named, what lies between and beyond, and nothing."""
    texts = [each for each in named if isinstance(each, (str, bool))]
    numbers = sorted(each for each in named if not isinstance(each, (str, bool)))
    between = [(lower + upper) / 2 for lower, upper in pairwise(numbers)]
    beyond = [numbers[0] - 1, numbers[-1] + 1] if numbers else []
    flags = [True, False] if any(isinstance(each, bool) for each in texts) else []
    return [*texts, *flags, *numbers, *between, *beyond, _OTHER, None]


def _holds(operator: str, operand: Any, value: Any) -> bool:
    """Whether a comparison holds of a value, as SQL has it: what is not there is not equal, and does not differ."""
    if operand is None:
        return (value is None) != (operator == "not null")
    if value is None:
        return False
    if operator in _ORDERED and (isinstance(value, str) or isinstance(operand, (str, bool))):
        return False
    return bool(COMPARED[operator](value, operand))
