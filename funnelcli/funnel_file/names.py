"""The names of funnel files."""

from __future__ import annotations

ENDINGS = (".yaml", ".yml")
"""How their names end, in small letters or capitals."""


def is_funnel_file(name: str) -> bool:
    """Whether a file of that name, or path, is taken for a funnel file."""
    return name.lower().endswith(ENDINGS)
