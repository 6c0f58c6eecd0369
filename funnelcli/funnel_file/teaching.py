"""What a new file teaches beyond its figures: targets, scenarios and checks that fit its stages, commented out.

With the `#` deleted each of them is sound, and changes or says something.
"""

from __future__ import annotations

import os
import shlex
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.diagnostics import Problem
from funnelcli.funnel_file import scalars
from funnelcli.funnel_file.heading import comment
from funnelcli.funnel_file.yaml.quoting import written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.exact import Exact
    from funnelcli.model import Funnel

FEWEST_UNITS = 40
"""Units of the stage before from which a rate says enough for a target or a limit (95% interval within 30 points)."""
_WHAT_IF = "what would a change bring? Scenarios stand below, still off."
LONGEST_KEY = 1000
"""Bytes of a key on one line: YAML parsers give up at 1024 characters."""


class Frame(NamedTuple):
    """The text around the figures of a new file: for whom it is, its keys, and what stands before the blocks below."""

    opening: str
    keys: str
    scenarios: str
    checks: str

    def head(self, values: Mapping[str, str | None], funnel: Funnel) -> str:
        """What to ask of the funnel, and the keys above the stages: those with a value switched on, with comments."""
        text = self.keys
        for key, value in values.items():
            if value is not None:
                before, _, after = text.partition(f"\n#{key}: ")
                text = f"{before}\n{key}: {value}  # {after.partition('  # ')[2]}"
        asked = [*questions([funnel], "FILE"), ("funnelcli scenario FILE", _WHAT_IF)]
        width = max(len(command) for command, _ in asked)
        lines = (line for command, answers in asked for line in comment(f"  {command:{width}}    {answers}"))
        return "\n".join((*lines, text))

    def below(self, funnel: Funnel, aims: Mapping[str, str]) -> str:
        """The scenarios and checks that fit the funnel, switched off; empty where none does."""
        tried, limited = _scenario_lines(funnel, aims), _check_line(funnel, aims)
        return "".join((self.scenarios if tried else "", *tried, self.checks if limited else "", limited))


def questions(funnels: Sequence[Funnel], file: str) -> list[tuple[str, str]]:
    """Commands to begin with, and what each answers, for a file of these funnels; `file` as a shell takes it."""
    breakdowns = [each for funnel in funnels for each in funnel.breakdowns]
    dimensions = [each.dimension for each in breakdowns]
    spending = [each.dimension for each in breakdowns if any(part.budget is not None for part in each.segments)]
    asked = [(f"show {file}", "where do people leave?")]
    if dimensions:
        asked.append((f"show {file} --by {shlex.quote(dimensions[0])}", f"and by {dimensions[0]}?"))
    if spending:
        asked.append((f"economics {file} --by {shlex.quote(spending[0])}", "what does each cost, and bring?"))
    if any(funnel.open_at for funnel in funnels):
        asked.append((f"forecast {file}", "what will the open ones become?"))
    else:
        asked.append((f"bottleneck {file}", "which step is worth the work?"))
    return [(f"funnelcli {command}", answers) for command, answers in asked]


def target_line(stage: str, aims: Mapping[str, str]) -> str:
    """The target of a stage, switched off; empty where none is suggested."""
    return f"    #target: {aims[stage]}\n" if stage in aims else ""


def frame() -> Frame:
    """The text of `own_funnel.txt`."""
    with open(os.path.join(os.path.dirname(__file__), "own_funnel.txt"), encoding="utf-8") as file:
        return Frame(*file.read().split("====\n"))


def _scenario_lines(funnel: Funnel, aims: Mapping[str, str]) -> list[str]:
    """Commented-out scenarios, each of which can be projected and changes something."""
    from funnelcli.analyses.projection import apply
    from funnelcli.funnel_file.changes import parse_set
    from funnelcli.funnel_file.reader import MARK  # behind a # a name with it would be a comment that silences

    candidates = [("More people at the top", "entries", "+20%"), ("A higher price", "average_check", "+5%")]
    step, aim = next(iter(aims.items()), (_improvable(funnel), "+20%"))
    if funnel.hides_steps:
        candidates.insert(0, ("More of them buy", "overall_conversion", "+20%"))
    elif step is not None:
        candidates.insert(0, ("A better step", f"conversion@{step}", aim))
    found = []
    for name, selector, change in candidates:
        parsed = parse_set(f"{selector}={change}", funnel)
        if isinstance(parsed, Problem) or len(written(selector).encode()) > LONGEST_KEY or MARK in selector:
            continue
        after = apply(funnel, [parsed])
        if not isinstance(after, Problem) and after.stages != funnel.stages:
            found.append(f"#  {name}: {{{written(selector)}: {change}}}\n")
    return found


def _improvable(funnel: Funnel) -> str | None:
    """The first stage whose conversion can grow by a fifth."""
    steps = ((stage.name, funnel.conversion(index)) for index, stage in enumerate(funnel.stages) if index)
    return next((name for name, rate in steps if rate and rate * 6 <= 5), None)


def _check_line(funnel: Funnel, aims: Mapping[str, str]) -> str:
    """A commented-out check a fifth below the first conversion that has the counts for it."""
    from funnelcli.funnel_file import changes
    from funnelcli.funnel_file.reader import MARK

    for name in aims:
        rate = funnel.conversion(funnel.index(name))
        assert rate is not None
        text = f"conversion@{name} >= {_percent(rate * Fraction(4, 5))}"
        parsed = changes.check(text, funnel.names)
        # a name with an operator in it can be read as another check, or as none
        if not isinstance(parsed, Problem) and parsed.selector.stage == name and MARK not in name:
            return f"#  - {written(text)}\n"
    return ""


def aims(funnel: Funnel) -> dict[str, str]:
    """Targets worth suggesting, by stage: a fifth above the rate, or a fifth of its losses less, in two digits."""
    found = {}
    for index, stage in enumerate(funnel.stages):
        rate = funnel.conversion(index)
        if not rate or funnel.stages[index - 1].count < FEWEST_UNITS:
            continue
        text = _percent(rate + min(rate, 1 - rate) * Fraction(1, 5))
        aim = scalars.target(text)
        if not isinstance(aim, Problem) and rate < aim < 1:
            found[stage.name] = text
    return found


def _percent(rate: Exact) -> str:
    """A rate in two significant digits, such as `12%`."""
    from decimal import Context, Decimal

    return f"{Context(prec=2).divide(Decimal(100 * rate.numerator), Decimal(rate.denominator)).normalize():f}%"
