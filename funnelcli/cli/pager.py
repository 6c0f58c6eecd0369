"""A long page on a terminal, in the pager of the person."""

from __future__ import annotations

import os
import sys
from shutil import get_terminal_size, which


def wants_pager(text: str) -> bool:
    """Whether a person reads, and the text is longer than the screen."""
    streams = (sys.stdin, sys.stdout)
    if any(stream is None or not stream.isatty() for stream in streams) or os.environ.get("TERM") == "dumb":
        return False
    return text.count("\n") >= get_terminal_size().lines


def show(text: str) -> None:
    """The text in MANPAGER or PAGER, else in less where there is one, else in what Python knows for the platform.

    Raises `OSError` where the pager cannot be started.
    """
    import pydoc

    named = os.environ.get("MANPAGER") or os.environ.get("PAGER")
    if not named and which("less"):
        os.environ["PAGER"] = "less"
    # colours are shown and what is marked by -F, -X and -R alone; who sets LESS knows better
    os.environ.setdefault("LESS", "-FRX")
    pydoc.pager(text)
