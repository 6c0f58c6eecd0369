"""Explanations of diagnostic codes as text, Markdown or JSON."""

from __future__ import annotations

from textwrap import indent, wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.docs import Explanation
    from funnelcli.output.formats import Canvas

WIDEST = 90
"""Columns of a paragraph at most: longer lines are hard to read."""


def text(codes: Sequence[Explanation], canvas: Canvas) -> str:
    """Title, cause, example, cure and the example mended; sentences are wrapped, examples never."""
    return "\n\n".join(_text(each, canvas) for each in codes)


def _text(each: Explanation, canvas: Canvas) -> str:
    title = _wrapped(f"{each.code} {_dot(canvas.encoding)} {each.title}", canvas)
    parts = (
        f"\x1b[1m{title}\x1b[0m" if canvas.color else title,
        _wrapped(each.cause, canvas),
        "For example:",
        indent(each.example.rstrip("\n"), "    "),
        _wrapped(each.cure, canvas),
        "Mended:",
        indent(each.fixed.rstrip("\n"), "    "),
    )
    return "\n\n".join(parts) + "\n"


def _wrapped(paragraph: str, canvas: Canvas) -> str:
    width = min(canvas.width or WIDEST, WIDEST)
    return "\n".join(wrap(paragraph, width, break_long_words=False, break_on_hyphens=False))


def _dot(encoding: str) -> str:
    """What parts code and title, where the encoding can draw it."""
    try:
        "·".encode(encoding)
    except UnicodeEncodeError:
        return "-"
    return "·"


def markdown(codes: Sequence[Explanation], canvas: Canvas) -> str:
    """A heading for each code, examples as fenced YAML; a paragraph is one line."""
    return "\n".join(_markdown(each) for each in codes)


def _markdown(each: Explanation) -> str:
    cause, cure = _escaped(each.cause), _escaped(each.cure)
    heading = f"## {each.code} · {_escaped(each.title)}"
    parts = (heading, cause, "For example:", _fenced(each.example), cure, "Mended:", _fenced(each.fixed))
    return "\n\n".join(parts) + "\n"


def _fenced(example: str) -> str:
    return f"```yaml\n{example.rstrip()}\n```"


def _escaped(paragraph: str) -> str:
    """A paragraph with its code, which stands between backticks, as it is."""
    from funnelcli.output.markdown import escape

    parts = paragraph.split("`")
    return "`".join(part if number % 2 else escape(part) for number, part in enumerate(parts))


def json(codes: Sequence[Explanation], canvas: Canvas) -> str:
    """The contract of every report, with `codes` in place of funnels."""
    from funnelcli.output.json import render

    return render({"command": "explain", "codes": list(codes)}, canvas)


FORMATS: dict[str, Callable[[Sequence[Explanation], Canvas], str]] = {"text": text, "markdown": markdown, "json": json}
"""Every format by the name of its option value."""
