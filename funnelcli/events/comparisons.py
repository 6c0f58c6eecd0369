"""What the conditions of a definition compare columns with, and how."""

from __future__ import annotations

from decimal import Context, Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import TYPE_CHECKING, TypeGuard

from funnelcli.events.definition import NUMBER, TEXT
from funnelcli.measure import Condition, Predicate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from funnelcli.events.definition import Definition
    from funnelcli.exact import Exact

COMPARED = {"=": eq, "!=": ne, ">=": ge, ">": gt, "<=": le, "<": lt}
"""What compares, by its operator."""
_EXACT = Context(prec=60)


def decimal_of(number: Fraction) -> Decimal:
    """A number of a condition as the drivers of databases take it."""
    return _EXACT.divide(Decimal(number.numerator), Decimal(number.denominator))


def may_be_listed(operand: object, kind: str) -> TypeGuard[str | int]:
    """Whether a value is compared in a list of SQL, whose values become of one type, as it would be alone."""
    if kind == TEXT:
        return isinstance(operand, str)
    return kind == NUMBER and isinstance(operand, int) and not isinstance(operand, bool) and abs(operand) < 1 << 53


def left_out(alternative: Sequence[Condition], kinds: Mapping[str, str]) -> tuple[list[Condition], list[Condition]]:
    """Conditions that must all hold, and of them those that leave values out, as `not in` does: one for each column."""
    others: list[Condition] = []
    values: dict[str, list[str | int]] = {}
    for condition in alternative:
        ((operator, operand), *more) = compared(condition)
        if operator == "!=" and not more and may_be_listed(operand, kinds[condition.column]):
            values.setdefault(condition.column, []).append(operand)
        else:
            others.append(condition)
    return others, [Condition(column, tuple(operands)) for column, operands in values.items()]


def compared(condition: Condition) -> list[tuple[str, str | Exact | bool | None]]:
    """The operators of a condition, `=` among them, and what stands after each; `None` is no value."""
    return [(each.operator, each.operand) if isinstance(each, Predicate) else ("=", each) for each in condition.values]


def asked_of(definition: Definition, column: str) -> list[tuple[str, str | Exact | bool]]:
    """What all conditions compare a column with: operators, and the value after each, where there is one."""
    of_column = (each for each in definition.conditions if each.column == column)
    return [(operator, operand) for each in of_column for operator, operand in compared(each) if operand is not None]
