"""Files to start from: the templates, and a funnel file of one's own from stages that were typed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.funnel_file import scalars
from funnelcli.funnel_file.yaml.quoting import written
from funnelcli.metrics import find_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.diagnostics import Diagnostic
    from funnelcli.funnel_file.typed import Typed

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


def funnel_text(typed: Typed, called: Callable[[str], str] | None = None) -> str | list[Diagnostic]:
    """A commented funnel file of what was typed, or everything that is wrong with it, as `typed.funnel_of` has it.

    Numbers are kept as they were typed. What the file teaches beyond them (targets, scenarios, checks) is commented
    out and fits the stages: with the # deleted it is sound too.
    """
    from funnelcli.funnel_file import teaching
    from funnelcli.funnel_file.typed import funnel_of, parts

    funnel, found = funnel_of(typed, *([called] if called else []))
    if funnel is None:
        return found
    frame = teaching.frame()
    written_as: dict[str, Callable[[str], str]] = {
        "name": written,
        "currency": written,
        "average_check": _composed,
    }
    values = {key: written_as.get(key, str)(text) for key, text in typed.keys.items()}
    aims = teaching.aims(funnel)
    listed = [
        f"  - name: {written(stage.name)}\n    {key}: {number}\n{teaching.target_line(stage.name, aims)}"
        for stage, (_, key, number) in zip(funnel.stages, map(parts, typed.stages), strict=True)
    ]
    return "".join((frame.opening, frame.head(values, funnel), *listed, frame.below(funnel, aims)))


def _composed(average_check: str) -> str:
    """The value of the key: `63.50+-140` is a mapping in a file."""
    parts = scalars.parts_of_spread(average_check)
    return average_check if parts is None else f"{{mean: {parts[0]}, sd: {parts[1]}}}"
