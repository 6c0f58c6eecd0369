"""The registry of formats: name to the module that renders it. A test walks every one with every command."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Literal, NamedTuple


class Canvas(NamedTuple):
    """Where the text will be seen: its width (`None`: unlimited), with colour or not, and in which encoding.

    With `full`, a table that is wider has several parts; else columns that are to spare are left out, which is said.
    """

    width: int | None = None
    color: bool = False
    encoding: str = "utf-8"
    full: bool = False


class Format(NamedTuple):
    """The module that renders it, of what, the ending of its files, and whether people read it, who want a page.

    `of` is `sections`, which a view makes; `rows`, which a view takes from the results; or the `results` themselves.
    """

    module: str
    of: Literal["sections", "rows", "results"] = "sections"
    ending: str = ""
    for_people: bool = False


FORMATS = {
    "table": Format("terminal", for_people=True),
    "json": Format("json", of="results", ending=".json"),
    "csv": Format("csv", of="rows", ending=".csv"),
    "markdown": Format("markdown", ending=".md", for_people=True),
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
    """Results of a command as text.

    `view_name` is a module of `output.views`, which is imported only where it is needed. `members` stand in the JSON
    in place of `funnels`.
    """
    form = FORMATS[format_name]
    module = import_module(f"funnelcli.output.{form.module}")
    if form.of == "results":
        return str(module.render({"command": command} | dict(members or {"funnels": results}), canvas))
    view = import_module(f"funnelcli.output.views.{view_name}")
    if form.of == "rows":
        return str(module.render(results, view, canvas))
    from funnelcli.output.views.building import section_of

    return str(module.render([section_of(result, view) for result in results], canvas))
