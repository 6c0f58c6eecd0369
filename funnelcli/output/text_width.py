"""How many columns a text takes on a terminal, and texts in lines of so many."""

from __future__ import annotations

import re

_COLORS = r"\x1b\[[\d;]+m"
_NARROW = "[ -~¡-¬®-ʯ\u0370-\u0373А-ѯ–—‘-”…€→≠≤≥×─│▁-█▉-▏▐▲▼]*"
"""Characters of one column each, which most texts are made of: the widths of all others take time to load."""


def width(text: str) -> int:
    """Columns that a text takes on a terminal, colours aside."""
    if "\x1b" in text:
        text = re.sub(_COLORS, "", text)
    if _is_narrow(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _is_narrow(text: str) -> bool:
    if text.isascii() and text.isprintable():
        return True  # without the regular expression, which takes time to compile
    return re.fullmatch(_NARROW, text) is not None


def cut(text: str, columns: int) -> str:
    """A text of at most so many columns, with an ellipsis where its end is left out."""
    if width(text) <= columns:
        return text
    return _pieces(text, max(1, columns - 1))[0].rstrip() + "…" * (columns > 0)


def padded(text: str, columns: int) -> str:
    """A text with blanks behind it up to so many columns."""
    return text + " " * (columns - width(text))


def folded(
    text: str, columns: int | None, most: int | None = None, hanging: int | None = None, whole_words: bool = False
) -> list[str]:
    """A text in lines of at most so many columns, broken at blanks, and a word that is longer within it.

    Lines go on below the indentation of the first, or `hanging` so far to the right. With `most` lines, the last ends
    in an ellipsis where more follows. With `whole_words`, longer ones are not broken, as paths that are to be copied.
    """
    if columns is None or width(text) <= columns:
        return [text]
    body = text.lstrip(" ")
    own = len(text) - len(body)
    first = " " * (own if hanging is not None else min(own, columns // 2))
    later = first if hanging is None else " " * min(hanging, columns // 2)
    lines: list[str] = []
    line, empty = first, True
    for word in body.split(" "):
        longer = line + word if empty else f"{line} {word}"
        if width(longer) > columns:
            if not empty:
                lines.append(line)
            start = first if not lines else later
            *whole, rest = [word] if whole_words else _pieces(word, columns - len(start))
            lines += [start + piece for piece in whole]
            longer = (start if not whole else later) + rest
        line, empty = longer, not longer.strip()
    lines += [line] if line.strip() else []
    if most is not None and len(lines) > most:
        lines = [*lines[: most - 1], cut(f"{lines[most - 1]} {lines[most].lstrip()}…", columns)]
    return lines


def _pieces(text: str, columns: int) -> list[str]:
    """A text in pieces of at most so many columns."""
    if _is_narrow(text):
        return [text[start : start + columns] for start in range(0, len(text), columns)] or [""]
    from rich.cells import chop_cells

    return chop_cells(text, columns) or [""]
