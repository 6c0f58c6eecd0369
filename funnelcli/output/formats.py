"""The registry of formats: name to the module that renders it. A test walks every one with every command."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple


class Canvas(NamedTuple):
    """Where the text will be seen: its width (`None`: unlimited), with colour or not, and in which encoding."""

    width: int | None = None
    color: bool = False
    encoding: str = "utf-8"


class Format(NamedTuple):
    """The module that renders it, the ending of its files, and whether people read it, who want a page and not all."""

    module: str
    ending: str = ""
    for_people: bool = False


FORMATS = {
    "table": Format("terminal", for_people=True),
    "json": Format("json", ".json"),
    "csv": Format("csv", ".csv"),
    "markdown": Format("markdown", ".md", for_people=True),
}
"""Every format by the name of its option value; its module has `render`."""


def render(
    format_name: str,
    command: str,
    results: Sequence[Any],
    view_name: str,
    canvas: Canvas,
    members: Mapping[str, Any] | None = None,
) -> str:
    """Results of a command as text: JSON and CSV from the results themselves, everything else from a view's document.

    `view_name` is a module of `output.views`, which is imported only where it is needed. `members` stand in the JSON
    in place of `funnels`.
    """
    module = import_module(f"funnelcli.output.{FORMATS[format_name].module}")
    rendered: str
    if format_name == "json":
        rendered = module.render({"command": command} | dict(members or {"funnels": results}), canvas)
        return rendered
    view = import_module(f"funnelcli.output.views.{view_name}")
    rendered = (
        module.render(results, view, canvas) if format_name == "csv" else module.render(view.view(results), canvas)
    )
    return rendered
