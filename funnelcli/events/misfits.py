"""What of a definition does not fit the columns of a table."""

from __future__ import annotations

import re
from difflib import get_close_matches
from fractions import Fraction
from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem, decimal_text, did_you_mean, quoted
from funnelcli.events import places
from funnelcli.events.definition import FLAG, NUMBER, OTHER, TEXT, TIME
from funnelcli.funnel_file.moments import moment_of
from funnelcli.measure import OF_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from funnelcli.diagnostics import Path
    from funnelcli.events.definition import Definition
    from funnelcli.exact import Exact

_NEAR = 0.7
"""How alike a name is that may be meant; of others, all are listed."""
_KINDS = {NUMBER: "numbers", TEXT: "text", FLAG: "true and false", TIME: "dates", OTHER: "values of another kind"}


def misfits(definition: Definition, kinds: Mapping[str, str], *, texts: bool) -> list[Problem]:
    """What of a definition does not fit a table, whose columns are of these kinds; `texts` may be times, or not.

    What is wrong for one reason is told once, where it is written first.
    """
    found = [*_of_columns(definition, kinds), *_of_comparisons(definition, kinds)]
    if definition.time in kinds:
        found += _clock(definition, kinds[definition.time])
    if not found and not texts and kinds[definition.time] == TEXT:
        what = f"the time column {quoted(definition.time)} holds text"
        help_text = 'measure a view in which it is a timestamp; of 20261001, write time_format: "%Y%m%d"'
        found.append(Problem("FN103", what, help_text, path=("measure", "time")))
    found.sort(key=lambda each: places.in_order(each.path or ()))
    return list({each._replace(path=None): each for each in reversed(found)}.values())[::-1]


_WANTED: dict[Path, str] = {
    ("measure", "time"): "name the column that says when each event was, or export it",
    ("measure", "unit"): "name the column that says whose event it is, or export it",
}
"""What a column is for that events cannot do without."""


def _of_columns(definition: Definition, kinds: Mapping[str, str]) -> Iterator[Problem]:
    """Columns that are not there, or that hold nothing that can be a unit, a segment, or an amount."""
    simple = (definition.unit, *definition.same, *(column for _, column in definition.dimensions))
    amounts = [column for _, column in definition.paid]
    for path, column in places.columns(definition):
        kind = kinds.get(column)
        if kind is None:
            what = f"no column {quoted(column)} in {definition.place}"
            near = get_close_matches(column.casefold(), [each.casefold() for each in kinds], n=1, cutoff=_NEAR)
            help_text = did_you_mean(column if near else "", kinds)
            wanted = None if near else _WANTED.get(path)
            yield Problem("FN120", what, f"{wanted}; {help_text}" if wanted else help_text, path=path)
        elif kind == OTHER and column in simple:
            what = f"column {quoted(column)} is a list or a record"
            yield Problem("FN103", what, "name a simple column", path=path)
        elif column in amounts and "amount" in path and kind not in (NUMBER, TEXT):
            what = f"column {quoted(column)} holds {_KINDS[kind]}, which are no amounts"
            yield Problem("FN103", what, "name the column of amounts", path=path)


def _clock(definition: Definition, kind: str) -> Iterator[Problem]:
    name, column = quoted(definition.time), ("measure", "time")
    if definition.time_format is not None and kind in (NUMBER, TEXT):
        return
    if definition.time_format is not None and kind == TIME:
        what = f"time_format goes with text and numbers, and {name} holds dates"
        yield Problem("FN108", what, "delete time_format", path=("measure", "time_format"))
    elif kind == NUMBER and definition.epoch is None:
        help_text = "say what it counts since 1970: epoch: seconds, milliseconds or microseconds"
        help_text += '; or, of dates such as 20261001, time_format: "%Y%m%d"'
        yield Problem("FN103", f"the time column {name} holds numbers", help_text, path=column)
    elif kind != NUMBER and definition.epoch is not None:
        what = f"epoch goes with numbers, and {name} holds {_KINDS[kind]}"
        yield Problem("FN108", what, "delete epoch", path=("measure", "epoch"))
    elif kind in (FLAG, OTHER):
        what = f"column {name} holds {_KINDS[kind]}, which are no times"
        yield Problem("FN103", what, "name the column of times", path=column)


def _of_comparisons(definition: Definition, kinds: Mapping[str, str]) -> Iterator[Problem]:
    """Comparisons with values that a column of its kind cannot have."""
    for path, column, operator, operand in places.comparisons(definition):
        kind = kinds.get(column)
        if kind is None or operand is None or fits(operator, operand, kind):
            continue
        shown = quoted(operand) if isinstance(operand, str) else str(operand).lower()
        if isinstance(operand, Fraction):
            shown = decimal_text(operand)
        help_text = "compare it with what it holds"
        span = re.fullmatch(r"([\d.]+)\s*(?:-|–|—|\.\.+|…)\s*([\d.]+)", str(operand))
        if kind == NUMBER and span:
            help_text = f"write {span[1]} to {span[2]}"
        elif kind == NUMBER and isinstance(operand, str) and re.fullmatch(r"-?\d+(\.\d+)?", operand):
            help_text = f"write {operand} without quotes"
        elif kind == TEXT:  # such as "10 to 50", the name of a size
            text = "10 to 50" if operator in (">=", "<=") else f"{operator} {shown}"
            help_text = (
                f"write {shown if isinstance(operand, str) else quoted(shown)} in quotes"
                if operator == "="
                else f'{help_text}, as the text: "= {text}"'
            )
        what = f"column {quoted(column)} holds {_KINDS[kind]}, and is compared with {operator} {shown}"
        yield Problem("FN103", what, help_text, path=path)


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
