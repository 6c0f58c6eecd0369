"""Conditions that no event can meet, or that every event meets.

Between the values that are compared with, nothing changes: it is enough to try those values, one between each two, one
before and one after. Of texts, one that is none of them stands for all others; whether it fits a pattern or a regular
expression is tried both ways.
"""

from __future__ import annotations

import re
from datetime import timedelta
from fractions import Fraction
from itertools import combinations, compress, pairwise, product
from math import prod
from operator import eq, ge, gt, le, lt, ne
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.diagnostics import Problem, decimal_text
from funnelcli.funnel_file import moments
from funnelcli.funnel_file.yaml.quoting import written
from funnelcli.measure import OF_TEXT, Predicate
from funnelcli.patterns import as_expression, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from funnelcli.measure import Condition, When

MOST_TRIED = 5000
"""Combinations of values that are tried; what needs more is taken for sound."""
_COMPARED = {"=": eq, "!=": ne, ">=": ge, ">": gt, "<=": le, "<": lt}
_NULLS = frozenset(("null", "not null"))


class _Point(NamedTuple):
    """A value that a column may have: a number, a moment as a number, true or false, a text, or another text.

    The value of another text, which is equal to none of the texts, are the patterns that it fits.
    """

    kind: str
    value: Any = None


def idle(conditions: Sequence[Condition]) -> Problem | None:
    """Why conditions on one column, of which all must hold, leave no event or every event."""
    points = _points(conditions)
    if not points:
        return None
    shown = ", ".join(dict.fromkeys(_shown(value) for each in conditions for value in each.values))
    points.reverse()  # what is like none of them tells at once
    if not any(_meets(conditions, point, fold=True) for point in (*points, _Point("null"))):
        return Problem("FN124", f"no event meets all of {shown}", "write a list of values, of which any may be met")
    if _only_not_null(conditions) or not all(_meets(conditions, point) for point in points):
        return None
    operators = {_parts(value)[0] for each in conditions for value in each.values}
    if operators == {"!="}:
        help_ = f"write {{not in: [{', '.join(_operand(_parts(value)[1]) for value in conditions[0].values)}]}}"
    elif operators <= {">=", ">", "<=", "<"} and len(conditions) == 1:
        entries = [f'"{operator}": {_operand(operand)}' for operator, operand in map(_parts, conditions[0].values)]
        help_ = f"write {{{', '.join(entries)}}}, of which all must hold"
    else:
        help_ = "write what tells some events from others; not null is every event with a value"
    return Problem("FN124", f"every event with a value meets {shown.replace(', ', ' or ')}", help_)


def always(when: When) -> Problem | None:
    """Why alternatives, of which any may hold, leave every event."""
    if len(when) < 2:
        return None
    narrow = [conditions for conditions in when if conditions and not _only_not_null(conditions)]
    columns: dict[str, list[Condition]] = {}
    for condition in (each for conditions in narrow for each in conditions):
        columns.setdefault(condition.column, []).append(condition)
    points = {column: _points(conditions) for column, conditions in columns.items()}
    if not all(points.values()) or not points or prod(map(len, points.values())) > MOST_TRIED:
        return None
    for chosen in product(*(each[::-1] for each in points.values())):  # what is like none of them tells at once
        event = dict(zip(points, chosen, strict=True))
        if not any(all(_any_of(each, event[each.column]) for each in conditions) for conditions in narrow):
            return None
    what = "every event with these columns meets one of the alternatives"
    return Problem("FN124", what, "put what must hold together into one mapping; of a list, any may hold")


def _only_not_null(conditions: Iterable[Condition]) -> bool:
    return all(each.values == (Predicate("not null"),) for each in conditions)


def _points(conditions: Iterable[Condition]) -> list[_Point]:
    """The values of a column that have to be tried: of each kind that all comparisons go with."""
    values = [_parts(value) for each in conditions for value in each.values]
    values = [(operator, operand) for operator, operand in values if operator not in _NULLS]
    operands = [operand for _, operand in values]
    patterned = any(operator in OF_TEXT for operator, _ in values)
    ordered = any(operator[0] in "<>" for operator, _ in values)
    points: list[_Point] = []
    if not patterned and all(isinstance(each, (int, Fraction)) and not isinstance(each, bool) for each in operands):
        points += [_Point("number", each) for each in _around({Fraction(each) for each in operands})]
    if not patterned and all(_moment(each) is not None for each in operands):
        points += [_Point("moment", each) for each in _around({_moment(each) or Fraction() for each in operands})]
    if not patterned and not ordered and all(isinstance(each, bool) for each in operands):
        points += [_Point("flag", True), _Point("flag", False)]
    if not ordered and all(isinstance(each, str) for each in operands):
        points += [_Point("text", operand) for operator, operand in values if operator not in OF_TEXT]
        patterns = sorted({_pattern(*value) for value in values if value[0] in OF_TEXT})
        sure = frozenset(each for each in patterns if each[0] != "matches" and not each[1].strip("%"))
        unsure = [each for each in patterns if each not in sure]
        if 2 ** len(unsure) > MOST_TRIED:
            return []
        apart = [frozenset(pair) for pair in combinations(unsure, 2) if _apart(*pair)]
        fitted = (sure.union(compress(unsure, fits)) for fits in product((False, True), repeat=len(unsure)))
        points += [_Point("other", fits) for fits in fitted if not any(pair <= fits for pair in apart)]
    return list(dict.fromkeys(points))


def _around(values: set[Fraction]) -> list[Fraction]:
    """The values, one between each two, and one on either side."""
    ordered = sorted(values) or [Fraction()]
    between = [(low + high) / 2 for low, high in pairwise(ordered)]
    return sorted([ordered[0] - 1, *ordered, *between, ordered[-1] + 1])


def _parts(value: Any) -> tuple[str, Any]:
    """The operator and the operand of a value of a condition."""
    if isinstance(value, Predicate):
        return value.operator, value.operand
    return ("null", None) if value is None else ("=", value)


def _moment(operand: object) -> Fraction | None:
    """A moment as a number of seconds."""
    if not isinstance(operand, str) or isinstance(moments.moment(operand, False), Problem):
        return None
    return Fraction((moments.moment_of(operand) - moments.moment_of("1970-01-01")) // timedelta(microseconds=1), 10**6)


def _meets(conditions: Iterable[Condition], point: _Point, *, fold: bool = False) -> bool:
    return all(_any_of(each, point, fold=fold) for each in conditions)


def _any_of(condition: Condition, point: _Point, *, fold: bool = False) -> bool:
    """Whether a value meets one of a condition's; `fold` leaves case aside, as some databases do."""
    return any(_fits(*_parts(value), point, fold) for value in condition.values)


def _fits(operator: str, operand: Any, point: _Point, fold: bool) -> bool:
    if operator in _NULLS or point.kind == "null":
        return operator == ("null" if point.kind == "null" else "not null")
    value = point.value
    if operator in OF_TEXT:
        pattern = _pattern(operator, operand)
        fits = pattern in value if point.kind == "other" else _has(pattern, value, fold)
        return fits != operator.startswith("not")
    if point.kind == "moment":
        operand = _moment(operand)
    elif point.kind == "text" and fold:
        value, operand = value.casefold(), operand.casefold()
    return bool(_COMPARED[operator](value, operand))


def _pattern(operator: str, operand: str) -> tuple[str, str]:
    """What a text fits or does not fit: `like`, `ilike` or `matches`, and what stands after it."""
    operator, operand = plain(operator, operand)
    return operator.removeprefix("not "), operand


def _apart(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether no text fits both patterns: each pair of their places is looked at once."""
    if "matches" in (one[0], other[0]):
        return False
    mine, theirs = (re.findall(r"\\.|.", pattern, re.DOTALL) for _, pattern in (one, other))
    seen, waiting = {(0, 0)}, [(0, 0)]
    while waiting:
        first, second = waiting.pop()
        left, right = mine[first : first + 1], theirs[second : second + 1]
        if not left and not right:
            return False
        steps = [(first + 1, second)] * (left == ["%"]) + [(first, second + 1)] * (right == ["%"])
        if left and right and "%" not in (left[0], right[0]):
            same = "_" in (left[0], right[0]) or left[0][-1].casefold() == right[0][-1].casefold()
            steps += [(first + 1, second + 1)] * same
        elif left and right:
            steps += [(first, second + 1)] * (left == ["%"]) + [(first + 1, second)] * (right == ["%"])
        for step in steps:
            if step not in seen:
                seen.add(step)
                waiting.append(step)
    return True


def _has(asked: tuple[str, str], text: str, fold: bool) -> bool:
    """Whether a text fits a pattern of SQL or has what a regular expression looks for."""
    operator, pattern = asked
    if operator != "like":
        return re.search(as_expression(operator, pattern, end=r"\Z"), text) is not None
    pieces = re.findall(r"\\.|.", pattern, re.DOTALL)
    signs = {"%": ".*", "_": "."}
    expression = "".join(signs.get(piece) or re.escape(piece[-1]) for piece in pieces)
    return re.fullmatch(expression, text, re.DOTALL | (re.IGNORECASE if fold else 0)) is not None


def _operand(operand: Any) -> str:
    """A value as a funnel file has it."""
    if isinstance(operand, str):
        return written(operand)
    return str(operand).lower() if isinstance(operand, bool) else decimal_text(operand)


def _shown(value: Any) -> str:
    operator, operand = _parts(value)
    if operator in _NULLS:
        return operator
    text = operand if isinstance(operand, str) else _operand(operand)
    return f"{operator} {text}" if isinstance(value, Predicate) else text
