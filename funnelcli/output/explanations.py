"""Explanations of diagnostic codes as text, Markdown or JSON."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

from funnelcli.output.text_width import folded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.docs import Explanation
    from funnelcli.output.formats import Canvas

WIDEST = 90
"""Columns of a paragraph at most: longer lines are hard to read."""


def text(codes: Sequence[Explanation], canvas: Canvas) -> str:
    """Title, cause, example, cure and the example mended; sentences are wrapped, examples never."""
    width = min(canvas.width or WIDEST, WIDEST)
    dot = "·" if "·".encode(canvas.encoding, "ignore") else "-"

    def wrapped(paragraph: str) -> str:
        return "\n".join(folded(" ".join(paragraph.split()), width, whole_words=True))

    def title(each: Explanation) -> str:
        shown = wrapped(f"{each.code} {dot} {each.title}")
        return f"\x1b[1m{shown}\x1b[0m" if canvas.color else shown

    pages = (_page(title(each), each, wrapped, lambda example: indent(example.rstrip("\n"), "    ")) for each in codes)
    return "\n\n".join(pages)


def markdown(codes: Sequence[Explanation], canvas: Canvas) -> str:
    """A heading for each code, examples as fenced YAML; a paragraph is one line."""
    return "\n".join(
        _page(
            f"## {each.code} · {_escaped(each.title)}",
            each,
            _escaped,
            lambda example: f"```yaml\n{example.rstrip()}\n```",
        )
        for each in codes
    )


def _page(heading: str, said: Explanation, sentence: Callable[[str], str], example: Callable[[str], str]) -> str:
    cause, cure = sentence(said.cause), sentence(said.cure)
    parts = (heading, cause, "For example:", example(said.example), cure, "Mended:", example(said.fixed))
    return "\n\n".join(parts) + "\n"


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
