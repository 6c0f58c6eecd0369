"""Keys of the funnel file as people spell them: other alphabets, other keyboards, other words, other case."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING
from unicodedata import name as letter_name

from funnelcli.diagnostics import is_slip, quoted
from funnelcli.funnel_file import schema
from funnelcli.funnel_file.data_files import data_file

if TYPE_CHECKING:
    from collections.abc import Iterable


@cache
def _words() -> tuple[dict[int, int], list[dict[int, int]], dict[str, str], dict[str, list[str]]]:
    """Letters that look alike, keyboards, keys as they sound, and other words with the keys that each may mean."""
    words = data_file("key_words.yaml")
    alike, *keyboards = [str.maketrans(each["from"], each["to"]) for each in (words["alike"], *words["keyboards"])]
    spelled = {word: key for key, of in words["spelled"].items() for word in of}
    others: dict[str, list[str]] = {}
    for key, of in words["other_words"].items():
        for word in of:
            others.setdefault(word, []).append(key)
    return alike, keyboards, spelled, others


def needless(word: str) -> str | None:
    """What to do with a key that other formats need, or that a command is asked; `None` for all others."""
    words = data_file("key_words.yaml")
    command = next((name for name, of in words["commands"].items() if word.lower() in of), None)
    if command is not None:
        return f"delete it: it is no part of the file, but asked by a command; see funnelcli {command} --help"
    return "delete it: a funnel file needs none" if word.lower() in words["needless"] else None


@cache
def keys() -> frozenset[str]:
    """Every key that a funnel file may hold."""
    tables = (schema.FUNNEL, schema.STAGE, schema.SEGMENT, schema.REFERRAL, schema.MEASURE, schema.MEASURED)
    return frozenset().union(*map(schema.keys, tables))


def is_key(word: str) -> bool:
    """Whether a word is a key of the funnel file."""
    return word in keys()


@cache
def _structures() -> frozenset[str]:
    """Keys with more below them than one value."""
    tables = (schema.FUNNEL, schema.STAGE, schema.SEGMENT)
    return frozenset(field.key for table in tables for field in table if field.kind not in schema.PARSERS)


def meant(word: str, near: Iterable[str], *, nested: bool = False) -> tuple[str, str] | None:
    """The key that a word stands for, and what is unusual about its spelling; `None` when no key is near.

    `near` are the keys that may stand at this place, and `nested` says whether more than one value stands below.
    """
    alike, keyboards, spelled_words, other_words = _words()
    near = [key for key in near if key != word]
    folded = re.sub(r"[\s./-]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", "_", word.strip()).lower()).strip("_")
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
    others = [key for key in other_words.get(folded, ()) if key in near and (key in _structures()) == nested]
    if folded in near or others:
        return (others or [folded])[0], ""
    if needless(word) or not 2 < len(folded) < 30:
        return None
    begun = [key for key in near if key.startswith(folded)]
    close = get_close_matches(folded, near, n=1, cutoff=0.7) if folded.isascii() else []
    found = begun if len(begun) == 1 else close or _of_words(folded, near, others_of=other_words, nested=nested)
    return (found[0], "") if found else None


def is_only(word: str, key: str, known: Iterable[str]) -> bool:
    """Whether an unknown word can mean no other key than this one: no second one is spelled alike, or has the word."""
    folded = re.sub(r"[\s./-]+", "_", word.strip().lower())
    if not folded.isascii() or folded == key:
        return folded == key or key not in _MONEY
    may_be = {*known}
    others = may_be.intersection(_words()[3].get(folded, ()))
    begun = [other for other in may_be if other.startswith(folded)]
    return others == {key} - _MONEY or (not others and (begun == [key] or is_slip(folded, key, may_be)))


_MONEY = frozenset(("average_check", "budget", "revenue", "gross_margin"))
"""Keys for which other words are hardly ever quite the same: a cost may be that of one unit."""


def _of_words(folded: str, near: Iterable[str], *, others_of: dict[str, list[str]], nested: bool) -> list[str]:
    """The one key that the words of a longer word stand for, such as `price_per_sale`; none where they are several."""
    words = folded.split("_")
    told = {key for word in words for key in others_of.get(word, ()) if key in near}
    told = {key for key in told if (key in _structures()) == nested}
    return [*told] if len(told) == 1 and len(words) > 1 else []


def _foreign(word: str) -> str:
    letters = list(dict.fromkeys(char for char in word if not char.isascii()))
    kinds = sorted({letter_name(char, "OTHER").split()[0].capitalize() for char in letters})
    listed = ", ".join(quoted(char) for char in letters)
    return f"is spelled with {' and '.join(kinds)} letters that look Latin: {listed}"
