"""What of a definition does not fit the columns of a table."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem, decimal_text, did_you_mean, quoted
from funnelcli.events.definition import FLAG, NUMBER, OTHER, TEXT, TIME, compared, moment_of
from funnelcli.measure import OF_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from funnelcli.events.definition import Definition
    from funnelcli.exact import Exact
    from funnelcli.measure import Condition

_KINDS = {NUMBER: "numbers", TEXT: "text", FLAG: "true and false", TIME: "dates", OTHER: "values of another kind"}


def misfits(definition: Definition, kinds: Mapping[str, str], *, texts: bool) -> list[Problem]:
    """What of a definition does not fit a table, whose columns are of these kinds; `texts` may be times, or not."""
    unknown = [column for column in definition.columns if column not in kinds]
    problems = [
        Problem("FN120", f"the table has no column {quoted(column)}", did_you_mean(column, kinds)) for column in unknown
    ]
    if definition.time in kinds:
        problems += _clock(definition, kinds[definition.time])
    for condition in definition.conditions:
        if condition.column in kinds:
            problems += _comparable(condition, kinds[condition.column])
    for column in (definition.unit, *definition.same, *(column for _, column in definition.dimensions)):
        if kinds.get(column) == OTHER:
            problems.append(Problem("FN103", f"column {quoted(column)} is a list or a record", "name a simple column"))
    for _, column in definition.paid:
        kind = kinds.get(column, NUMBER)
        if kind not in (NUMBER, TEXT):
            what = f"column {quoted(column)} holds {_KINDS[kind]}, which are no amounts"
            problems.append(Problem("FN103", what, "name the column of amounts"))
    if not problems and not texts and kinds[definition.time] == TEXT:
        what = f"the time column {quoted(definition.time)} holds text"
        problems.append(
            Problem(
                "FN103", what, 'measure a view in which it is a timestamp; of 20261001, write time_format: "%Y%m%d"'
            )
        )
    return list(dict.fromkeys(problems))


def _clock(definition: Definition, kind: str) -> Iterator[Problem]:
    name = quoted(definition.time)
    if definition.time_format is not None and kind in (NUMBER, TEXT):
        return
    if definition.time_format is not None and kind == TIME:
        yield Problem("FN108", f"time_format goes with text and numbers, and {name} holds dates", "delete time_format")
    elif kind == NUMBER and definition.epoch is None:
        help_text = "say what it counts since 1970: epoch: seconds, milliseconds or microseconds"
        help_text += '; or, of dates such as 20261001, time_format: "%Y%m%d"'
        yield Problem("FN103", f"the time column {name} holds numbers", help_text)
    elif kind != NUMBER and definition.epoch is not None:
        yield Problem("FN108", f"epoch goes with numbers, and {name} holds {_KINDS[kind]}", "delete epoch")
    elif kind in (FLAG, OTHER):
        yield Problem("FN103", f"column {name} holds {_KINDS[kind]}, which are no times", "name the column of times")


def _comparable(condition: Condition, kind: str) -> Iterator[Problem]:
    """The values of a condition that a column of this kind cannot have."""
    for operator, operand in compared(condition):
        if operand is None or fits(operator, operand, kind):
            continue
        shown = quoted(operand) if isinstance(operand, str) else str(operand).lower()
        if isinstance(operand, Fraction):
            shown = decimal_text(operand)
        help_text = "compare it with what it holds"
        span = re.fullmatch(r"([\d.]+)\s*(?:-|–|—|\.\.+|…)\s*([\d.]+)", str(operand))
        if kind == NUMBER and span:
            help_text = f"write {span[1]} to {span[2]}"
        elif kind == TEXT:  # such as "10 to 50", the name of a size
            help_text = (
                f"write {shown if isinstance(operand, str) else quoted(shown)} in quotes"
                if operator == "="
                else f'{help_text}, as the text: "= 10 to 50"'
            )
        what = f"column {quoted(condition.column)} holds {_KINDS[kind]}, and is compared with {operator} {shown}"
        yield Problem("FN103", what, help_text)


def fits(operator: str, operand: str | Exact | bool, kind: str) -> bool:
    """Whether a column of this kind can be compared so."""
    if kind == TEXT:
        return isinstance(operand, str) and not operator.startswith((">", "<"))
    if operator in OF_TEXT:
        return False
    if kind == TIME:
        return isinstance(operand, str) and _is_moment(operand)
    return isinstance(operand, bool) if kind == FLAG else kind == NUMBER and not isinstance(operand, (str, bool))


def _is_moment(text: str) -> bool:
    try:
        moment_of(text)
    except ValueError:
        return False
    return True
