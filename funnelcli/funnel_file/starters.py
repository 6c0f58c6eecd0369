"""Files to start from: the templates, and a funnel file of one's own from stages that were typed."""

from __future__ import annotations

import os
import re
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.funnel_file import scalars
from funnelcli.funnel_file.yaml.quoting import written
from funnelcli.metrics import find_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.exact import Exact
    from funnelcli.model import Funnel

_HERE = os.path.dirname(__file__)
FEWEST_UNITS = 40
"""Units of the stage before from which a rate says enough for a target or a limit (95% interval within 30 points)."""
LONGEST_KEY = 1000
"""Bytes of a key on one line: YAML parsers give up at 1024 characters."""


class Template(NamedTuple):
    """A template: the name to ask for it by, what it is called, and what it is for."""

    name: str
    title: str
    purpose: str


def templates() -> tuple[Template, ...]:
    """All templates by name. Title and purpose stand in the second line of each: `# TITLE: purpose`."""
    found = []
    for name in _names():
        title, _, purpose = (
            _text("templates", f"{name}.yaml").split("\n", 2)[1].removeprefix("#").strip().partition(": ")
        )
        found.append(Template(name, title, purpose))
    return tuple(found)


def template_text(name: str) -> str | Problem:
    """The text of a template, or the problem that there is none of that name; case does not matter."""
    names = _names()
    index = find_name(name, names)
    if index is None:
        return Problem("FN120", f"no template is called {quoted(name)}", did_you_mean(name, names))
    return _text("templates", f"{names[index]}.yaml")


def _names() -> list[str]:
    return sorted(
        file.removesuffix(".yaml") for file in os.listdir(os.path.join(_HERE, "templates")) if file.endswith(".yaml")
    )


def _text(*place: str) -> str:
    with open(os.path.join(_HERE, *place), encoding="utf-8") as file:
        return file.read()


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
    from funnelcli.funnel_file.flow import funnel_from_options

    funnel, problems = funnel_from_options(stages, average_check, currency)
    for key, text in (("name", name), ("currency", currency)):
        outcome = None if text is None else scalars.label(text, False)
        if isinstance(outcome, Problem):
            problems.append(outcome._replace(message=f"{key}: {outcome.message}"))
    if funnel is None or problems:
        return problems
    head, scenarios, checks = _text("own_funnel.txt").split("====\n")
    typed = {
        "name": name and written(name),
        "currency": currency and written(currency),
        "average_check": average_check and _composed(average_check),
        "budget": budget,
    }
    for key, text in typed.items():
        if text is not None:
            before, _, after = head.partition(f"\n#{key}: ")
            head = f"{before}\n{key}: {text}  # {after.partition('  # ')[2]}"
    if revenue is not None:  # an average check would be money given twice
        head = re.sub(r"^#average_check: .*\n", "", head, flags=re.MULTILINE)
    counts = [text.rpartition("=")[2].strip() for text in stages]
    aims = _aims(funnel)
    listed = [
        _stage(stage.name, count, aims.get(stage.name), revenue if stage is funnel.stages[-1] else None)
        for stage, count in zip(funnel.stages, counts, strict=True)
    ]
    tried, limited = _scenarios(funnel, aims), _check(funnel, aims)
    return "".join((head, *listed, scenarios if tried else "", *tried, checks if limited else "", limited))


def _composed(average_check: str) -> str:
    """The value of the key: `63.50+-140` is a mapping in a file."""
    parts = scalars.parts_of_spread(average_check)
    return average_check if parts is None else f"{{mean: {parts[0]}, sd: {parts[1]}}}"


def _stage(name: str, count: str, aim: str | None, revenue: str | None) -> str:
    hint = "" if aim is None else f"    #target: {aim}\n"
    earned = "" if revenue is None else f"    revenue: {revenue}\n"
    return f"  - name: {written(name)}\n    count: {count}\n{earned}{hint}"


def _scenarios(funnel: Funnel, aims: dict[str, str]) -> list[str]:
    """Commented-out scenarios, each of which can be projected and changes something."""
    from funnelcli.analyses.projection import apply
    from funnelcli.funnel_file.changes import parse_set
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
    return found


def _improvable(funnel: Funnel) -> str | None:
    """The first stage whose conversion can grow by a fifth."""
    steps = ((stage.name, funnel.conversion(index)) for index, stage in enumerate(funnel.stages) if index)
    return next((name for name, rate in steps if rate and rate * 6 <= 5), None)


def _check(funnel: Funnel, aims: dict[str, str]) -> str:
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


def _aims(funnel: Funnel) -> dict[str, str]:
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
