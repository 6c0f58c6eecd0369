"""The registry of formats: name to the module that renders it. A test walks every one with every command."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.rendering.document import Document


class Canvas(NamedTuple):
    """Where the text will be seen: its width (`None`: unlimited), with colour or not, in full Unicode or ASCII."""

    width: int | None = None
    color: bool = False
    unicode: bool = True


FORMATS: dict[str, str] = {"table": "terminal", "json": "json", "csv": "delimited", "markdown": "markdown"}
"""Every format by the name of its option value; the module has `render`."""


def render(
    format_name: str, command: str, results: Sequence[Any], view: Callable[[Sequence[Any]], Document], canvas: Canvas
) -> str:
    """Results of a command as text: JSON from the results themselves, everything else from the view's document."""
    module = import_module(f"funnelcli.rendering.formats.{FORMATS[format_name]}")
    source = {"command": command, "funnels": results} if format_name == "json" else view(results)
    rendered: str = module.render(source, canvas)
    return rendered
