"""The comment at the head of an imported funnel file: from which export it is, and what was made of it.

It is written with the file, and again with each update; what people wrote beside it stays.
"""

from __future__ import annotations

import re
from textwrap import wrap
from typing import TYPE_CHECKING

from funnelcli.characters import hidden_places

if TYPE_CHECKING:
    from collections.abc import Sequence

MADE_BY = "Made by funnelcli import from"
ASSUMED = "What was left out, and what was assumed:"
CLOSING = "Fill in what the export cannot know, and ask:"
_COMMENT_WIDTH = 100


def comment(text: str, bullet: str = "") -> list[str]:
    """A sentence as lines of a comment, of characters that are seen, and none of a comment that silences."""
    hidden = set(hidden_places(text))
    shown = "".join(f"\\u{ord(char):04x}" if at in hidden else char for at, char in enumerate(text))
    shown = re.sub(r"#(?=\s*funnelcli:)", "\\\\u0023", shown)
    width = _COMMENT_WIDTH - 2 - len(bullet)
    broken = wrap(shown, width, break_long_words=False, break_on_hyphens=False) or [""]
    return [f"# {' ' * len(bullet) if at else bullet}{line}" for at, line in enumerate(broken)]


def heading(about: Sequence[str], notes: Sequence[str]) -> list[str]:
    """Sentences `about` an export and notes on what was made of it, as lines of a comment."""
    lines = [line for sentence in about for line in comment(sentence)]
    return lines + [line for note in notes for line in comment(note, "- ")]


def renewed(text: str, lines: Sequence[str]) -> str:
    """The text of a funnel with a new heading in the place of the one that import wrote; where there is none, as is."""
    old = text.split("\n")
    start = 0
    while start < len(old) and not old[start].startswith(f"# {MADE_BY}"):
        if old[start] and not old[start].startswith("#"):
            return text
        start += 1
    end = start
    while end < len(old) and old[end].startswith("# ") and not old[end].endswith("."):
        end += 1  # a long sentence is broken
    if end == len(old) or not old[end].startswith("# "):
        return text
    end += 1
    if old[end : end + 1] == [f"# {ASSUMED}"]:
        end += 1
        while end < len(old) and old[end].startswith(("# - ", "#   ")):
            end += 1
    return "\n".join([*old[:start], *lines, *old[end:]])
