"""Values inside a column, as `properties.plan`: where they lie, and as what kind they are read.

A value is read as what it is compared with, if all that the events have there are of that kind: 5 is a number and so is
"5", compared with 6; compared with "6" both are text. A key that an event does not have is empty.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.diagnostics import Problem, did_you_mean, many, quoted
from funnelcli.events import places
from funnelcli.events.comparisons import asked_of
from funnelcli.events.definition import FLAG, NUMBER, TEXT, TIME
from funnelcli.events.misfits import misfits

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from funnelcli.events.definition import Definition

_DEEPEST = 4
"""Keys to a value that may be meant."""
LOOKED_AT = 1000
"""The first events, by which is told what keys there are, and whether all of them have one."""
A_NUMBER = r"^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$"
EXACT = r"^-?[0-9]{1,29}(\.[0-9]{1,9})?$"
"""Numbers that a decimal of 38 digits, of which nine follow the point, holds as they are."""
A_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[-+][0-9]{2}(:?[0-9]{2})?)?)?$"


class Held(NamedTuple):
    """How many values there are under a key of JSON, and how many are of each kind; `broken` is no JSON at all.

    `named` events have the key, with a value or with none, where that was counted.
    """

    known: int
    numbers: int
    exact: int
    flags: int
    moments: int
    lists: int = 0
    broken: int = 0
    named: int = 0


def place(column: str, known: Container[str]) -> tuple[str, tuple[str, ...]] | None:
    """The column that holds a value, and the keys to it; a column whose own name has dots is that column."""
    parts = column.split(".")
    bases = (".".join(parts[:size]) for size in range(len(parts) - 1, 0, -1))
    base = None if column in known else next((each for each in bases if each in known), None)
    return None if base is None else (base, tuple(column[len(base) + 1 :].split(".")))


def inside(definition: Definition, known: Container[str]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Those of all columns of a definition that lie inside others."""
    found = {column: place(column, known) for column in definition.columns}
    return {column: where for column, where in found.items() if where is not None}


def refused(definition: Definition, found: Mapping[str, Problem], kinds: Mapping[str, str]) -> list[Problem]:
    """Why columns inside of others cannot be read, and what does not fit of those that are none."""
    own = {column: places.column(definition, column) for column in inside(definition, kinds)}
    others = misfits(definition, kinds, texts=True)
    problems = [problem._replace(path=own[column]) for column, problem in found.items()]
    return problems + [each for each in others if each.path not in own.values()]


def kind(definition: Definition, column: str, held: Held) -> str:
    """What a value of JSON is read as."""
    operands = asked_of(definition, column)
    if column == definition.time:
        return NUMBER if definition.epoch and held.numbers == held.known else TEXT
    if not operands:
        return TEXT
    if all(isinstance(operand, bool) for _, operand in operands):
        return FLAG if held.flags == held.known else TEXT
    if all(not isinstance(operand, (bool, str)) for _, operand in operands):
        return NUMBER if held.numbers == held.known else TEXT
    ordered = any(operator[0] in "<>" for operator, _ in operands)
    return (
        TIME if ordered and all(isinstance(each, str) for _, each in operands) and held.moments == held.known else TEXT
    )


def misheld(definition: Definition, column: str, base: str, held: Held) -> Problem | None:
    """Why a value of JSON cannot be read, if so."""
    if held.broken and not held.known:
        what = f"no column {quoted(column)} in {definition.place}, and what {quoted(base)} holds is no JSON"
        return Problem("FN120", what, "name a column, or a key of a record or of JSON")
    if held.broken:
        what = f"column {quoted(base)} holds JSON, but for {many(held.broken, 'event')} in which it is none"
        return Problem("FN103", what, f"mend it there, or measure a view in which {quoted(column)} is a column")
    if held.lists:
        what = f"{quoted(column)} is a list or a record in {many(held.lists, 'event')}"
        return Problem(
            "FN103", what, "name one value in it; of lists, measure a view in which each element is an event"
        )
    return None


def no_list(column: str, base: str) -> Problem:
    """A key is asked of a list."""
    what = f"{quoted(base)}, in which {quoted(column)} should be, is a list"
    return Problem("FN103", what, "measure a view in which each element is an event, or one of them a column")


def no_key(base: str, key: str, keys: Iterable[str]) -> Problem:
    """A record has no such key."""
    return Problem("FN120", f"{quoted(base)} has no {quoted(key)} in it", did_you_mean(key, keys))


def absent(column: str, base: str, keys: Sequence[str], texts: Iterable[str]) -> Problem | None:
    """Why no event has a value under keys of `base`, by some of its texts of JSON; none where that is by chance."""
    values, shown = [], base
    for text in texts:
        with suppress(ValueError):  # what is no JSON is told elsewhere
            values.append(json.loads(text))
    for key in keys:
        records = [each for each in values if isinstance(each, dict)]
        if not records:
            known = [each for each in values if each is not None]
            if not known:
                return None
            return no_list(column, shown) if isinstance(known[0], list) else holds_none(column, shown)
        if not any(key in each for each in records):
            often = Counter(name for each in records for name in each)
            return no_key(shown, key, [name for name, _ in often.most_common()])
        values, shown = [each[key] for each in records if key in each], f"{shown}.{key}"
    return None


def holds_none(column: str, base: str) -> Problem:
    """A key is asked of a simple value."""
    what = f"{quoted(base)} is a simple column, and has no {quoted(column.removeprefix(base + '.'))} in it"
    return Problem("FN120", what, "name the column alone, or one that holds records or JSON")


def hinted(
    definition: Definition, problems: Iterable[Problem], names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> list[Problem]:
    """Problems, of which those of columns that are not there name the value inside another that may be meant.

    `rows` are some of the table's, of the columns `names`, with records as dictionaries and JSON as such or as text.
    """
    lacking = dict(places.columns(definition))
    known = dict.fromkeys(
        each for row in rows for name, value in zip(names, row, strict=True) for each in _in(name, value)
    )
    found = []
    for problem in problems:
        key = lacking.get(problem.path or (), "").rpartition(".")[2].casefold()
        meant = next((each for each in known if each.casefold().endswith(f".{key}")), None) if key else None
        is_lacking = problem.code == "FN120" and meant is not None
        found.append(problem._replace(help=f"did you mean {quoted(meant)}?") if is_lacking and meant else problem)
    return found


def _in(shown: str, value: Any) -> Iterator[str]:
    """What lies inside a value, by its column and keys."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        with suppress(ValueError):
            value = json.loads(value)
    if isinstance(value, dict) and shown.count(".") < _DEEPEST:
        for key, inner in value.items():
            yield f"{shown}.{key}"
            yield from _in(f"{shown}.{key}", inner)
