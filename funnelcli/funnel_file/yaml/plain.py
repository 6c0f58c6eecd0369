"""What plain text is to YAML: its words for nothing, true and false, and the form of its numbers."""

from __future__ import annotations

import re

BOOLEAN_WORDS = frozenset(
    form for word in ("yes", "no", "on", "off", "y", "n") for form in (word, word.capitalize(), word.upper())
)
"""Words that are true or false to YAML 1.1 and text to YAML 1.2."""
NULL_WORDS = frozenset(("", "~", "null", "Null", "NULL"))
TRUE_WORDS = frozenset(("true", "True", "TRUE"))
FALSE_WORDS = frozenset(("false", "False", "FALSE"))
POINT_OF_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}", re.ASCII)
"""A number such as `12.400`, in half of Europe twelve thousand."""
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"


def not_finite(text: str) -> bool:
    """Whether a text is one of YAML's or of other languages' words for no number and infinity."""
    return text.lstrip("+-").removeprefix(".").lower() in ("nan", "inf", "infinity")


def is_number(text: str) -> bool:
    """Whether a text is a decimal number as YAML writes it, of whatever size."""
    before, point, after = text.partition(".")
    if before.isdecimal() and (after.isdecimal() or not point) and text.isascii():
        return True  # the usual case, without a regular expression
    return re.fullmatch(_NUMBER, text, re.ASCII) is not None
