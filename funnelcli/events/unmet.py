"""What a funnel asks of events and none of them has: values that are misspelled, or that the log does not hold."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple, Protocol

from funnelcli.diagnostics import decimal_text, did_you_mean, quoted
from funnelcli.events import places
from funnelcli.events.comparisons import compared, may_be_listed
from funnelcli.measure import Condition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from funnelcli.diagnostics import Path
    from funnelcli.events.definition import Definition
    from funnelcli.exact import Exact
    from funnelcli.measure import When

MOST_VALUES = 200
"""The values of a column that are looked at for the one that is meant, the most frequent ones."""
AT_ONCE = 8
"""Up to so many values are each looked for until one event has it; more are looked for together, in all events."""


class HasValues(Protocol):
    """What tells of values."""

    def none_has(self, definition: Definition, conditions: Sequence[Condition]) -> Sequence[bool]:
        """Whether no event of the interval meets a condition, for each of them."""

    def usual(self, definition: Definition, column: str) -> Sequence[str]:
        """The most frequent values of a column, the most frequent first."""


class Absent(NamedTuple):
    """What no event has: where it is asked for, the bit of what asks for it, and what to say."""

    path: Path
    bit: int
    said: str


def none_has(
    conditions: Sequence[Condition],
    kinds: Mapping[str, str],
    values_of: Callable[[str, Mapping[str | int, int]], Iterable[str | int]],
    numbers: Callable[[Sequence[Condition]], Sequence[int]],
) -> list[bool]:
    """Whether no event meets a condition, for each of them.

    `values_of` tells which of the values of a column, with their places, events have; `numbers`, of other conditions,
    whether events meet them.
    """
    none, told = [True] * len(conditions), set[int]()
    for column, places_ in lists(conditions, kinds).items():
        for value in values_of(column, places_):
            none[places_[value]] = False
        told.update(places_.values())
    left = [place for place in range(len(conditions)) if place not in told]
    for place, number in zip(left, numbers([conditions[place] for place in left]), strict=True):
        none[place] = not number
    return none


def lists(conditions: Sequence[Condition], kinds: Mapping[str, str]) -> dict[str, dict[str | int, int]]:
    """Values that events may be equal to, by their columns, with their places: one look tells which of many are there.

    Whole numbers alone are among them, and texts: others are not surely what a column has by their own equality.
    """
    found: dict[str, dict[str | int, int]] = {}
    for place, condition in enumerate(conditions):
        ((operator, operand),) = compared(condition)
        if operator == "=" and may_be_listed(operand, kinds[condition.column]):
            found.setdefault(condition.column, {})[operand] = place
    return {column: values for column, values in found.items() if len(values) > AT_ONCE}


def absent(engine: HasValues, definition: Definition, met: int) -> tuple[Absent, ...]:
    """What no event has, of the values by which events are told; `met` has the bits of what some events meet.

    Where the bits tell that each value is met, nothing is asked of the events.
    """
    asked = places.whens(definition)
    doubted = [each for bit, path, when in asked for each in _doubted(definition, bit, path, when, met)]
    conditions = list(dict.fromkeys(condition for _, _, condition in doubted))
    if not conditions:
        return ()
    none_has = dict(zip(conditions, engine.none_has(definition, conditions), strict=True))
    wanted = {condition.column for condition, none in none_has.items() if none}
    usual = {column: engine.usual(definition, column) for column in sorted(wanted)}
    return tuple(
        Absent(path, bit, _said(condition, usual[condition.column], definition))
        for bit, path, condition in doubted
        if none_has[condition]
    )


def _doubted(definition: Definition, bit: int, path: Path, when: When, met: int) -> list[tuple[int, Path, Condition]]:
    """The values of a condition of which the bits do not tell that some event has them, each as a condition alone."""
    told = [(own, condition) for own, condition in places.written(definition, path, when)]
    alone = met >> bit & 1 and len(when) == 1 and all(len(condition.values) == 1 for _, condition in told)
    result = []
    for own, condition in told:
        for number, (value, (operator, operand)) in enumerate(zip(condition.values, compared(condition), strict=True)):
            if operator == "!=":  # what is left out should be there
                result.append((bit, (*own, operator, number), Condition(condition.column, (operand,))))
            elif not alone and not operator.startswith("not "):
                result.append((bit, (*own, operator, number), Condition(condition.column, (value,))))
    return result


def _said(condition: Condition, usual: Sequence[str], definition: Definition) -> str:
    ((operator, operand),) = compared(condition)
    column = quoted(condition.column)
    where = " of this interval" if definition.between else ""
    if not usual:
        return f"no event{where} has a value in {column}"
    if operand is None:
        return f"every event{where} has a value in {column}"
    text = _text(operand)
    asked = quoted(text) if operator == "=" else f"{operator} {text}"
    help_text = did_you_mean(text, usual) if operator in ("=", "like", "ilike") else None
    return f"no event{where} has {asked} in {column}{f'; {help_text}' if help_text else ''}"


def _text(operand: str | Exact | bool) -> str:
    if isinstance(operand, bool):
        return str(operand).lower()
    return decimal_text(operand) if isinstance(operand, (int, Fraction)) else operand
