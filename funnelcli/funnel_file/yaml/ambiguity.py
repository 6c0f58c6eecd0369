"""What YAML versions read differently: loaded when needed."""

from __future__ import annotations

import re

from funnelcli.diagnostics import Problem, Replacement, quoted
from funnelcli.funnel_file.yaml.plain import BOOLEAN_WORDS

UNKNOWN_SIGNS = r"\?+|[-–—]+|\.\.\."
"""Signs that people write where they have no number yet, as a pattern."""
READINGS = (
    (r"[+-]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?", "FN202", "is a time of day to some programs and text to others"),
    (r"[+-]?0\d[\d_]*", "FN203", "has a leading zero, with which some programs read another number"),
    (r"[+-]?0(?:[xX][\da-fA-F_]+|[oO][0-7_]+|[bB][01_]+)", "FN204", "is not a decimal number"),
    (
        r"[+-]?(?=[\d.]*_)(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?",
        "FN205",
        "has underscores, which are part of a number to some programs and text to others",
    ),
    (r"\d{4}-\d{1,2}-\d{1,2}(?:[Tt ].*)?", "FN209", "is a date to some programs and text to others"),
)
_NUMBER_OR_TEXT = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)[eE]\d+|[+-]?\d+[eE][+-]\d+|="


def read_differently(text: str) -> Problem | None:
    """The problem of a plain scalar that YAML 1.1 and 1.2 read differently; `None` for all others."""
    in_quotes = Replacement((f'"{text}"',), " in quotes")
    help_ = in_quotes.help
    if text in BOOLEAN_WORDS:
        said = f"{quoted(text)} is true or false to some programs and a word to others"
        return Problem("FN201", said, help_, meant=in_quotes)
    if re.fullmatch(_NUMBER_OR_TEXT, text, re.ASCII):
        return Problem(
            "FN211", f"{quoted(text)} is a number to some programs and text to others", help_, meant=in_quotes
        )
    for pattern, code, reading in READINGS:
        if re.fullmatch(pattern, text, re.ASCII):
            return Problem(code, f"{quoted(text)} {reading}", help_, meant=in_quotes)
    return None


def two_readings(text: str, *, whole: bool) -> Problem:
    """The problem of a number with a point before three digits: decimals to one reader, thousands to another."""
    value = text.rstrip("0").rstrip(".")
    together = text.replace(".", "")
    # with a fourth decimal, the point parts no thousands
    other = value if value != text else f"{text}0"
    meant = Replacement((together,) if whole else (together, other), kind="point")
    said = f"{quoted(text)} is {value} to some and {together} to others"
    return Problem("FN212", said, meant.help, meant=meant)
