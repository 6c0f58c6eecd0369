"""Keys of the funnel file as people spell them: other alphabets, other keyboards, other words, other case."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING
from unicodedata import name as letter_name

from funnelcli.diagnostics import quoted
from funnelcli.funnel_file import schema
from funnelcli.funnel_file.data_files import data_file

if TYPE_CHECKING:
    from collections.abc import Iterable


@cache
def _words() -> tuple[dict[int, int], list[dict[int, int]], dict[str, str], dict[str, str]]:
    """Letters that look alike, keyboards, keys as they sound, and other words for them."""
    words = data_file("key_words.yaml")
    alike, *keyboards = [str.maketrans(each["from"], each["to"]) for each in (words["alike"], *words["keyboards"])]
    spelled, others = (
        {word: key for key, of in words[kind].items() for word in of} for kind in ("spelled", "other_words")
    )
    return alike, keyboards, spelled, others


@cache
def keys() -> frozenset[str]:
    """Every key that a funnel file may hold."""
    tables = (schema.FUNNEL, schema.STAGE, schema.SEGMENT, schema.REFERRAL, schema.MEASURE, schema.MEASURED)
    return frozenset().union(*map(schema.keys, tables))


def is_key(word: str) -> bool:
    """Whether a word is a key of the funnel file."""
    return word in keys()


def meant(word: str, near: Iterable[str]) -> tuple[str, str] | None:
    """The key that a word stands for, and what is unusual about its spelling; `None` when no key is near.

    `near` are the keys among which a typing error is looked for.
    """
    alike, keyboards, spelled_words, other_words = _words()
    folded = re.sub(r"[\s-]+", "_", word.strip().lower())
    for spelled in (word, folded):
        latin = spelled.translate(alike)
        if spelled != latin and latin in keys():
            return latin, _foreign(spelled)
    for layout in keyboards:
        typed = folded.translate(layout)
        if typed != folded and typed in keys():
            return typed, "was typed on another keyboard layout"
    if folded in spelled_words:
        return spelled_words[folded], "is spelled in Cyrillic letters"
    if folded in keys():
        return folded, ""
    if folded in other_words:
        return other_words[folded], ""
    close = get_close_matches(folded, near, n=1, cutoff=0.7) if folded.isascii() and len(folded) < 30 else []
    return (close[0], "") if close else None


def _foreign(word: str) -> str:
    letters = list(dict.fromkeys(char for char in word if not char.isascii()))
    kinds = sorted({letter_name(char, "OTHER").split()[0].capitalize() for char in letters})
    listed = ", ".join(quoted(char) for char in letters)
    return f"is spelled with {' and '.join(kinds)} letters that look Latin: {listed}"
