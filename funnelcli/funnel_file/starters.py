"""Files to start from: the templates, and a funnel file of one's own from stages that were typed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.funnel_file import scalars
from funnelcli.funnel_file.yaml.quoting import written
from funnelcli.metrics import find_name

if TYPE_CHECKING:
    from collections.abc import Sequence

_HERE = os.path.dirname(__file__)


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
    stages: Sequence[str], average_check: str | None = None, name: str | None = None, currency: str | None = None
) -> str | list[Problem]:
    """A commented funnel file from `NAME=COUNT` texts, or everything that is wrong with them.

    `average_check` is money of one unit of the last stage. Numbers are kept as they were typed. What the file teaches
    beyond them (targets, scenarios, checks) is commented out and fits the stages: with the # deleted it is sound too.
    """
    from funnelcli.funnel_file import teaching
    from funnelcli.funnel_file.flow import funnel_from_options

    funnel, problems = funnel_from_options(stages, average_check, currency)
    for key, text in (("name", name), ("currency", currency)):
        outcome = None if text is None else scalars.label(text, False)
        if isinstance(outcome, Problem):
            problems.append(outcome._replace(message=f"{key}: {outcome.message}"))
    if funnel is None or problems:
        return problems
    frame = teaching.frame()
    typed = {
        "name": name and written(name),
        "currency": currency and written(currency),
        "average_check": average_check and _composed(average_check),
    }
    counts = [text.rpartition("=")[2].strip() for text in stages]
    aims = teaching.aims(funnel)
    listed = [
        f"  - name: {written(stage.name)}\n    count: {count}\n{teaching.target_line(stage.name, aims)}"
        for stage, count in zip(funnel.stages, counts, strict=True)
    ]
    return "".join((frame.opening, frame.head(typed, funnel), *listed, frame.below(funnel, aims)))


def _composed(average_check: str) -> str:
    """The value of the key: `63.50+-140` is a mapping in a file."""
    parts = scalars.parts_of_spread(average_check)
    return average_check if parts is None else f"{{mean: {parts[0]}, sd: {parts[1]}}}"
