"""The versions of the program: the changelog is the one place that has them, and pyproject.toml reads it, too."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

CHANGELOG = os.path.join(os.path.dirname(__file__), "changelog.md")
_HEADING = re.compile(r"^## (?P<version>\d+\.\d+\.\d+\w*) — (?P<date>\d{4}-\d{2}-\d{2})$", re.MULTILINE)


class Release(NamedTuple):
    """A version, the date of its release (ISO 8601), and what changed with it, in Markdown."""

    version: str
    date: str
    changes: str


def releases() -> list[Release]:
    """Every version that the changelog tells of, the newest first; what is not released yet is none."""
    with open(CHANGELOG, encoding="utf-8") as page:
        text = page.read()
    found = list(_HEADING.finditer(text))
    ends = [*(each.start() for each in found[1:]), len(text)]
    return [
        Release(each["version"], each["date"], text[each.end() : end].strip("\n"))
        for each, end in zip(found, ends, strict=True)
    ]
