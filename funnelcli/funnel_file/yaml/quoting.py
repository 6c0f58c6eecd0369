"""Texts as YAML: plain where every reader takes them so, else in quotes."""

from __future__ import annotations

from functools import lru_cache

from funnelcli.funnel_file.scalars import plain_text

_PLAIN_MARKS = frozenset(" _-+/()'.@%<>=")


@lru_cache(maxsize=1024)  # dimensions and segments are named in each cell
def written(text: str) -> str:
    """A name of visible characters as YAML: plain where every reader takes it so, else in double quotes."""
    plain = text[0].isalpha() and all(char.isalnum() or char in _PLAIN_MARKS for char in text)
    if plain and plain_text(text) is None:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def single_quoted(text: str) -> str:
    """A text in single quotes, in which YAML changes no backslash."""
    return "'" + text.replace("'", "''") + "'"


def quoted_text(text: str) -> str:
    """A text in YAML's quotes: double, or single where that spares escapes."""
    return single_quoted(text) if '"' in text or "\\" in text else f'"{text}"'
