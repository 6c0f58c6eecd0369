"""How many columns a text takes on a terminal, and texts in lines of so many."""

from __future__ import annotations

import re

_COLORS = re.compile(r"\x1b\[[\d;]+m")
_NARROW = re.compile("[ -~¡-¬®-ʯ\u0370-\u0373А-ѯ–—‘-”…€→≠≤≥×─│▁-█▉-▏▐▲▼]*")
"""Characters of one column each, which most texts are made of: the widths of all others take time to load."""


def width(text: str) -> int:
    """Columns that a text takes on a terminal, colours aside."""
    if "\x1b" in text:
        text = _COLORS.sub("", text)
    if _NARROW.fullmatch(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, columns: int) -> str:
    """A text of at most so many columns, with an ellipsis where its end is left out."""
    if width(text) <= columns:
        return text
    return _pieces(text, max(1, columns - 1))[0].rstrip() + "…" * (columns > 0)


def padded(text: str, columns: int) -> str:
    """A text with blanks behind it up to so many columns."""
    return text + " " * (columns - width(text))


def folded(text: str, columns: int, most: int | None = None) -> list[str]:
    """A text in lines of at most so many columns, broken at blanks, and a word that is longer within it.

    Lines go on below the indentation of the first. With `most` lines, the last ends in an ellipsis where more follows.
    """
    if width(text) <= columns:
        return [text]
    body = text.lstrip(" ")
    indent = " " * min(len(text) - len(body), columns // 2)
    room = columns - len(indent)
    lines: list[str] = []
    line = ""
    for word in body.split(" "):
        longer = f"{line} {word}" if line else word
        if width(longer) <= room:
            line = longer
            continue
        lines += [line] if line else []
        *whole, line = _pieces(word, room)
        lines += whole
    lines += [line] if line else []
    if most is not None and len(lines) > most:
        lines = [*lines[: most - 1], cut(f"{lines[most - 1]} {lines[most]}" + "…", room)]
    return [indent + each for each in lines]


def _pieces(text: str, columns: int) -> list[str]:
    """A text in pieces of at most so many columns."""
    if _NARROW.fullmatch(text):
        return [text[start : start + columns] for start in range(0, len(text), columns)] or [""]
    from rich.cells import chop_cells

    return chop_cells(text, columns) or [""]
