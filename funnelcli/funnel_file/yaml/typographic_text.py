"""Texts in typographic quotes; loaded where something is wrong, or there is one."""

from __future__ import annotations

import re

from funnelcli.characters import QUOTE_MARKS, QUOTES

QUOTED = re.compile("|".join(f"{pair[0]}[^{pair}]*{pair[1]}" for pair in QUOTES))
"""A text in typographic quotes."""


def in_quotes(text: str) -> str | None:
    """The text in the typographic quotes that hold all of it; `None` for others."""
    first, last, within = text[:1], text[-1:], text[1:-1]
    if first + last not in QUOTES or not {first, last}.isdisjoint(within.replace("’", "")):
        return None
    return (within.strip() or None) if QUOTE_MARKS.isdisjoint(QUOTED.sub("", within).replace("’", "")) else None
