"""A line that somebody types or pastes, to a stage with its number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.diagnostics import Problem
from funnelcli.funnel_file import scalars
from funnelcli.funnel_file.yaml.typed_numbers import NUMBER, is_typed, whole_thousands
from funnelcli.output.numbers import text as figure
from funnelcli.output.numbers import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIGNS = "\\t=:;|"
"""Characters that part a name from its number, besides blanks."""
_NUMBER = rf"[-+]?[$€£₽]?(?:{NUMBER}|\d[\d’_]*)"
_PARTED = re.compile(rf"(?P<name>.*?)\s*[{_SIGNS}]\s*(?P<number>[^{_SIGNS}]*)")
_BLANKS = re.compile(rf"(?P<name>.*\S)\s+(?P<number>{_NUMBER})")
_TWO_WAYS = re.compile(r"(?P<name>\S.*?) (?P<head>\d{1,3}(?: \d{3})*) (?P<number>\d{3})")
_CELLS = re.compile(r"\s*[\t;|]\s*")


class StageLine(NamedTuple):
    """A stage as it is typed so far; `problem` is what is wrong with its number."""

    name: str
    number: str
    problem: Problem | None = None


def read_stage(text: str) -> StageLine | str:
    """The stage of a line, its number empty where there is none; or what is to be said of the line."""
    cells = [cell for cell in _CELLS.split(text) if cell]
    if len(cells) > 2 or (
        len(cells) == 2 and text.startswith("|")
    ):  # a row of a table, which may have shares beside the counts
        number = next((cell for cell in cells[1:] if re.fullmatch(_NUMBER, cell)), cells[1])
        text = f"{cells[0]}\t{number}"
    if re.fullmatch(rf"{_NUMBER}|[\d\s]+", text) or is_typed(text):
        return f"A name stands before the number: Visits {visible(text)}"
    two = _TWO_WAYS.fullmatch(text)
    if two is not None and not re.search(f"[{_SIGNS}]", text):
        name, head, tail = visible(two["name"]), two["head"].replace(" ", ""), two["number"]
        return f"That can be read in two ways: write {name}={head}{tail}, or {name} {head}={tail}"
    found = _PARTED.fullmatch(text) or _BLANKS.fullmatch(text)
    name, number = (text, "") if found is None else (found["name"].strip(), found["number"].strip())
    label = scalars.label(name, False)
    if isinstance(label, Problem):
        return f"{label.message}; {label.help}"
    if "\t" in text and not any(map(str.isdigit, number)):
        return f"Left out, as it has no number: {visible(text)}"
    return of_number(label, number) if number else StageLine(label, "")


def of_number(name: str, number: str) -> StageLine:
    """The stage with a number as it is typed: thousands that have one reading are taken as such."""
    number = number.strip()
    number = whole_thousands(number) or number
    return StageLine(name, number, wrong(number))


def named_again(text: str, stages: Sequence[StageLine]) -> tuple[int, str] | None:
    """Which of the stages an answer names, and the number beside the name, empty where there is none."""
    for at, stage in sorted(enumerate(stages), key=lambda each: -len(each[1].name)):
        found = re.fullmatch(rf"{re.escape(stage.name)}(?:\s*[\s{_SIGNS}]\s*(.*))?", text, re.IGNORECASE)
        number = (found[1] or "") if found else ""
        if found and (not number or re.fullmatch(_NUMBER, number) or is_typed(number)):
            return at, number
    return None


def names_another(text: str) -> str | None:
    """The name before the number of an answer that was to be a number alone."""
    found = _PARTED.fullmatch(text) or _BLANKS.fullmatch(text)
    return found["name"].strip() if found and found["name"][:1].isalpha() and found["number"] else None


def place_of(name: str, stages: Sequence[StageLine]) -> int:
    """Where the stage of a name stands, whatever its capitals, or a new one would."""
    return next((at for at, each in enumerate(stages) if each.name.casefold() == name.casefold()), len(stages))


def told(number: str) -> str:
    """A number as the report will show it."""
    value = scalars.count(number)
    return visible(number) if isinstance(value, Problem) else figure(value, "count")


def wrong(number: str) -> Problem | None:
    """What is wrong with a number of a stage."""
    outcome = scalars.rate(number) if number.endswith("%") else scalars.count(number)
    return outcome if isinstance(outcome, Problem) else None


def one_reading(problem: Problem) -> str | None:
    """The number that the help says to write, where it names one alone."""
    only = problem.only
    return None if only is None or isinstance(scalars.count(only), Problem) else only
