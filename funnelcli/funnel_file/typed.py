"""A funnel that is typed on the command line: `NAME=COUNT` for each stage, held to the rules of files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.diagnostics import Diagnostic, Location, Problem, quoted
from funnelcli.funnel_file import scalars
from funnelcli.funnel_file.flow import Level, check_flow, resolve_counts
from funnelcli.model import Funnel

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.exact import Exact

    Span = tuple[int, int]  # where a text stands in the line

_HELP = {
    "FN102": "write its count, e.g. Visits=12400",
    "FN104": "swap the stages, or correct the counts; only a file can allow growth, by allow_growth: true",
    "FN109": "correct it; only a file can allow growth, by allow_growth: true",
}
"""What helps on the command line, where it is other than in a file."""


class Typed(NamedTuple):
    """What was typed of a funnel: its stages, `NAME=COUNT` or `NAME=RATE%`, and the values of its keys."""

    stages: tuple[str, ...]
    average_check: str | None = None
    currency: str | None = None
    name: str | None = None
    budget: str | None = None
    gross_margin: str | None = None

    @property
    def keys(self) -> dict[str, str]:
        """The keys that have a value, in their order."""
        return {key: text for key, text in zip(KEYS, self[1:], strict=True) if text is not None}


KEYS = Typed._fields[1:]
"""Keys of a file that a typed funnel may have."""


def _as_in_a_file(key: str) -> str:
    return f"{key}:"


class _Line:
    """The line as it was typed, what stands where in it, and what is wrong there."""

    def __init__(self, typed: Typed, called: Callable[[str], str]) -> None:
        self.text = ""
        self.stages: list[int] = [self._add("", text) for text in typed.stages]
        self.keys = {
            key: (start, start + len(text))
            for key, text in typed.keys.items()
            for start in (self._add(f"{called(key)} ", text),)
        }
        self.found: list[tuple[Span, Problem]] = []

    def _add(self, before: str, text: str) -> int:
        """A word behind those that stand there; where its text begins."""
        quote = '"' if not text or any(char.isspace() for char in text) else ""
        self.text += f"{' ' if self.text else ''}{before}{quote}"
        start = len(self.text)
        self.text += text + quote
        return start

    def report(self, span: Span, code: str, message: str, help_: str) -> None:
        """Note what is wrong at a place."""
        self.found.append((span, Problem(code, message, help_)))

    def diagnostics(self) -> list[Diagnostic]:
        """What is wrong, in the order of places, which are of no file: their line is 0."""
        found = sorted(self.found, key=lambda each: each[0])
        return [
            Diagnostic(problem, Location("", 0, start + 1, max(end, start + 1) + 1), self.text)
            for (start, end), problem in found
        ]


def funnel_of(typed: Typed, called: Callable[[str], str] = _as_in_a_file) -> tuple[Funnel | None, list[Diagnostic]]:
    """The funnel, or everything that is wrong with it. The average check is that of the last stage.

    What is wrong is shown in the line that was typed, where each key is `called` so.
    """
    line = _Line(typed, called)
    levels = [
        level for text, start in zip(typed.stages, line.stages, strict=True) if (level := _level(text, start, line))
    ]
    for index, level in enumerate(levels):
        level.parent = index - 1 if index else None
        if any(level.name == other.name for other in levels[:index]):
            line.report(level.at, "FN106", f"two stages are called {quoted(level.name)}", "give one another name")
    values = _values(typed, line)
    price: dict[str, Any] = {key: values.pop(key) for key in ("average_check", "average_check_sd") if key in values}
    if levels:
        levels[-1].values |= price
    if not line.found and len(levels) < 2:
        span = (0, len(line.text))
        several = levels and "=" in levels[0].name and " " in levels[0].name
        help_ = "leave out the quotes around all of them" if several else "add another one, NAME=COUNT"
        line.report(span, "FN105", "a funnel has at least two stages", help_)
    if not line.found and resolve_counts(levels, line.report):
        check_flow(levels, line.report)
    if line.found:
        return None, [_for_the_line(each, called) for each in line.diagnostics()]
    return Funnel(**{"name": "Funnel"} | values, stages=tuple(level.stage() for level in levels)), []


def parts(stage: str) -> tuple[str, str, str]:
    """Name, key and value of a stage: `Paid=30%` has a conversion, all others have a count."""
    name, _, number = stage.rpartition("=")
    number = number.strip()
    return name.strip(), "conversion" if number.endswith("%") else "count", number


def _level(text: str, start: int, line: _Line) -> Level | None:
    """A stage as it is typed at a place of the line; what is wrong with it is noted."""
    if "=" not in text:
        before, colon, after = text.rpartition(":")
        pair = f"{before.strip()}={after.strip()}"
        help_ = f"write {quoted(pair) if ' ' in pair else pair}" if colon else "write NAME=COUNT"
        line.report((start, start + len(text)), "FN103", f"{quoted(text)} is not a stage", help_)
        return None
    name, key, number = parts(text)
    at = (start, start + len(text.rpartition("=")[0]))
    span = (start + len(text) - len(text.rpartition("=")[2].lstrip()), start + len(text.rstrip()))
    label = scalars.label(name, False)
    value = scalars.rate(number) if key == "conversion" else scalars.count(number)
    if isinstance(value, Problem) and value.code == "FN103" and not isinstance(scalars.count(name), Problem):
        value = value._replace(help=f"the name comes first: write {number}={name}")
    for place, outcome in ((at, label), (span, value)):
        if isinstance(outcome, Problem):
            line.found.append((place, outcome))
    if isinstance(label, Problem) or isinstance(value, Problem):
        return None
    return Level(label, at, {key: value}, {key: (None, span)})


def _values(typed: Typed, line: _Line) -> dict[str, Any]:
    """The values of the keys; what is wrong with one is noted."""
    values: dict[str, Any] = {}
    for key, text in typed.keys.items():
        outcome: Any
        if key == "average_check":
            money = _average_check(text, typed.currency)
            if not isinstance(money, Problem):
                values |= money
            outcome = money
        elif key == "budget":
            outcome = scalars.figure(text, "money", typed.currency)
        elif key == "gross_margin":
            outcome = scalars.share(text)
        else:
            outcome = scalars.label(text, False)
            if isinstance(outcome, Problem):
                outcome = outcome._replace(message=f"{key}: {outcome.message}")
        if isinstance(outcome, Problem):
            line.found.append((line.keys[key], outcome))
        elif key != "average_check":
            values[key] = outcome
    return values


def _average_check(text: str, currency: str | None) -> dict[str, Exact] | Problem:
    """`63.50`, or with its standard deviation `63.50+-140`."""
    spread = scalars.parts_of_spread(text)
    if spread is None:
        check = scalars.figure(text, "money", currency)
        return check if isinstance(check, Problem) else {"average_check": check}
    from funnelcli.funnel_file.compositions import spread_problem

    mean, sd = (scalars.figure(part, "money", currency) for part in spread)
    if isinstance(mean, Problem):
        return mean
    if isinstance(sd, Problem):
        return sd
    return spread_problem(mean, sd) or {"average_check": mean, "average_check_sd": sd}


def _for_the_line(found: Diagnostic, called: Callable[[str], str]) -> Diagnostic:
    """The diagnostic with the help that is of the command line."""
    problem = found.problem
    if problem.code in _HELP and (problem.code != "FN102" or "stage" in problem.message):
        problem = problem._replace(help=_HELP[problem.code])
    elif problem.meant and problem.meant.currency:
        meant = problem.meant._replace(once=f"{called('currency')} {problem.meant.currency}")
        problem = problem._replace(help=meant.help, meant=meant)
    return found._replace(problem=problem)
