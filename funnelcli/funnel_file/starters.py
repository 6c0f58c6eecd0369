"""Files to start from: the templates, and a funnel file of one's own from stages that were typed."""

from __future__ import annotations

import os
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.funnel_file.yaml.quoting import written
from funnelcli.metrics import find_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.model import Exact, Funnel

_FOLDER = os.path.join(os.path.dirname(__file__), "templates")
FEWEST_UNITS = 40
"""Units of the stage before from which a rate says enough for a target or a limit (95% interval within 30 points)."""
LONGEST_KEY = 1000
"""Bytes of a key on one line: YAML parsers give up at 1024 characters."""
_HEAD = """\
# yaml-language-server: $schema=funnel.schema.json
# Your own funnel: change the numbers as they come in, and ask:
#   funnelcli show FILE          where do people leave?
#   funnelcli bottleneck FILE    which step is worth the work?
#   funnelcli scenario FILE      what would a change bring? Scenarios stand below, still off.
# A key behind a # is optional and off: delete the # to use it, in every line of a block.
"""
_STAGES = """
# In order, at least two. count: how many got this far. target: the conversion from the stage
# before that you aim at; it pays from about 40 units in that stage, as fewer prove nothing.
stages:
"""
_SCENARIOS = """
# What-ifs: figure@Stage: change. +20% is relative, +2pp adds points to a rate, x1.5 multiplies,
# a bare value sets. To try one without writing it down:
#   funnelcli scenario FILE --set entries=+20%
"""
_CHECKS = """
# Limits that `funnelcli check FILE` enforces, for example in CI.
"""


class Template(NamedTuple):
    """A template: the name to ask for it by, what it is called, and what it is for."""

    name: str
    title: str
    purpose: str


def templates() -> tuple[Template, ...]:
    """All templates by name. Title and purpose stand in the second line of each: `# TITLE: purpose`."""
    found = []
    for name in _names():
        with open(_path(name), encoding="utf-8") as file:
            file.readline()
            title, _, purpose = file.readline().removeprefix("#").strip().partition(": ")
        found.append(Template(name, title, purpose))
    return tuple(found)


def template_text(name: str) -> str | Problem:
    """The text of a template, or the problem that there is none of that name; case does not matter."""
    names = _names()
    index = find_name(name, names)
    if index is None:
        return Problem("FN120", f"no template is called {quoted(name)}", did_you_mean(name, names))
    with open(_path(names[index]), encoding="utf-8") as file:
        return file.read()


def _names() -> list[str]:
    return sorted(file.removesuffix(".yaml") for file in os.listdir(_FOLDER) if file.endswith(".yaml"))


def _path(name: str) -> str:
    return os.path.join(_FOLDER, f"{name}.yaml")


def funnel_text(
    stages: Sequence[str],
    average_check: str | None = None,
    name: str | None = None,
    currency: str | None = None,
    budget: str | None = None,
    revenue: str | None = None,
) -> str | list[Problem]:
    """A commented funnel file from `NAME=COUNT` texts, or everything that is wrong with them.

    `average_check` is money of one unit of the last stage. Numbers are kept as they were typed. What the file teaches
    beyond them (targets, scenarios, checks) is commented out and fits the stages: with the # deleted it is sound too.
    `budget` and `revenue`, of the last stage, are sound numbers; there is no average check beside a revenue.
    """
    from funnelcli.funnel_file import scalars
    from funnelcli.funnel_file.arguments import funnel_from_options

    funnel, problems = funnel_from_options(stages, average_check, currency)
    for key, text in (("name", name), ("currency", currency)):
        outcome = None if text is None else scalars.label(text, False)
        if isinstance(outcome, Problem):
            problems.append(outcome._replace(message=f"{key}: {outcome.message}"))
    if funnel is None or problems:
        return problems
    counts = [text.rpartition("=")[2].strip() for text in stages]
    aims = _aims(funnel)
    return "".join(
        (
            _HEAD,
            "\n",
            *_money(average_check, name, currency, budget, revenue),
            _STAGES,
            *(
                _stage(stage.name, count, aims.get(stage.name), revenue if stage is funnel.stages[-1] else None)
                for stage, count in zip(funnel.stages, counts, strict=True)
            ),
            *_scenarios(funnel, aims),
            *_checks(funnel, aims),
        )
    )


def _money(
    average_check: str | None, name: str | None, currency: str | None, budget: str | None, revenue: str | None
) -> Iterator[str]:
    """Lines of the keys above the stages: those that were typed, the others commented out."""
    for key, text, example, meaning in (
        ("name", name and written(name), "My funnel", "without it, the name of the file"),
        ("period", None, '"2026-10"', "the time the counts are for: any text, in quotes"),
        ("currency", currency and written(currency), "EUR", "a code or a symbol, shown with money"),
        (
            "average_check",
            average_check,
            "100",
            "money brought by one sale, at the last stage unless one has role: customer",
        ),
        ("budget", budget, "1000", "fixed spend of the period; lets cost per unit and profit be counted"),
        ("gross_margin", None, "60%", "share of revenue left after the cost of goods; without it, 100%"),
    ):
        if key == "average_check" and revenue is not None:
            continue  # it would be money given twice
        yield f"#{key}: {example}  # {meaning}\n" if text is None else f"{key}: {text}  # {meaning}\n"


def _stage(name: str, count: str, aim: str | None, revenue: str | None) -> str:
    hint = "" if aim is None else f"    #target: {aim}\n"
    earned = "" if revenue is None else f"    revenue: {revenue}\n"
    return f"  - name: {written(name)}\n    count: {count}\n{earned}{hint}"


def _scenarios(funnel: Funnel, aims: dict[str, str]) -> Iterator[str]:
    """Commented-out scenarios, each of which can be projected and changes something."""
    from funnelcli.analyses.projection import apply
    from funnelcli.funnel_file.arguments import parse_set
    from funnelcli.funnel_file.reader import MARK  # behind a # a name with it would be a comment that silences

    candidates = [("More people at the top", "entries", "+20%"), ("A higher price", "average_check", "+5%")]
    step, aim = next(iter(aims.items()), (_improvable(funnel), "+20%"))
    if step is not None:
        candidates.insert(0, ("A better step", f"conversion@{step}", aim))
    found = []
    for name, selector, change in candidates:
        parsed = parse_set(f"{selector}={change}", funnel)
        if isinstance(parsed, Problem) or len(written(selector).encode()) > LONGEST_KEY or MARK in selector:
            continue
        after = apply(funnel, [parsed])
        if not isinstance(after, Problem) and after.stages != funnel.stages:
            found.append(f"#  {name}: {{{written(selector)}: {change}}}\n")
    if found:
        yield from (_SCENARIOS, "#scenarios:\n", *found)


def _improvable(funnel: Funnel) -> str | None:
    """The first stage whose conversion can grow by a fifth."""
    from funnelcli.analyses.conversion import step_conversion

    steps = ((stage.name, step_conversion(funnel, index)) for index, stage in enumerate(funnel.stages) if index)
    return next((name for name, rate in steps if rate and rate * 6 <= 5), None)


def _checks(funnel: Funnel, aims: dict[str, str]) -> Iterator[str]:
    """A commented-out check a fifth below the first conversion that has the counts for it."""
    from funnelcli.analyses.conversion import step_conversion
    from funnelcli.funnel_file import changes
    from funnelcli.funnel_file.reader import MARK

    names = [stage.name for stage in funnel.stages]
    for name in aims:
        rate = step_conversion(funnel, names.index(name))
        assert rate is not None
        text = f"conversion@{name} >= {_percent(rate * Fraction(4, 5))}"
        parsed = changes.check(text, names)
        # a name with an operator in it can be read as another check, or as none
        if not isinstance(parsed, Problem) and parsed.selector.stage == name and MARK not in name:
            yield from (_CHECKS, "#checks:\n", f"#  - {written(text)}\n")
            return


def _aims(funnel: Funnel) -> dict[str, str]:
    """Targets worth suggesting, by stage: a fifth above the rate, or a fifth of its losses less, in two digits."""
    from funnelcli.analyses.conversion import step_conversion
    from funnelcli.funnel_file import scalars

    found = {}
    for index, stage in enumerate(funnel.stages):
        rate = step_conversion(funnel, index)
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
