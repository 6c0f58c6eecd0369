"""Keys of the funnel file as people spell them: other alphabets, other keyboards, other words, other case."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING
from unicodedata import name as letter_name

from funnelcli.diagnostics import quoted
from funnelcli.funnel_file import schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from funnelcli.funnel_file.yaml.raw_lines import Line, Mend

_ALIKE = str.maketrans(
    "авсеһіјкмнорԛѕтԝхуАВСЕНІЈКМОРЅТХУαειικνορτυχγΑΒΕΖΗΙΚΜΝΟΡΤΥΧё",
    "abcehijkmhopqstwxyABCEHIJKMOPSTXYaeiikvoptuxyABEZHIKMNOPTYXe",
)
_RUSSIAN_KEYS = str.maketrans("йцукенгшщзхъфывапролджэячсмитьбю", "qwertyuiop[]asdfghjkl;'zxcvbnm,.")
_UKRAINIAN_KEYS = str.maketrans("йцукенгшщзхїфівапролджєячсмитьбю", "qwertyuiop[]asdfghjkl;'zxcvbnm,.")
_SPELLED = {
    "нейм": "name",
    "стейджес": "stages",
    "стейджи": "stages",
    "каунт": "count",
    "бюджет": "budget",
    "таргет": "target",
    "чек": "average_check",
}
_WORDS = {
    "title": "name",
    "steps": "stages",
    "stage": "stages",
    "funnel": "stages",
    "quantity": "count",
    "qty": "count",
    "number": "count",
    "amount": "count",
    "value": "count",
    "users": "count",
    "total": "count",
    "rate": "conversion",
    "cr": "conversion",
    "conversion_rate": "conversion",
    "goal": "target",
    "aov": "average_check",
    "average_order_value": "average_check",
    "spend": "budget",
    "margin": "gross_margin",
    "название": "name",
    "имя": "name",
    "этапы": "stages",
    "стадии": "stages",
    "шаги": "stages",
    "количество": "count",
    "число": "count",
    "конверсия": "conversion",
    "цель": "target",
    "средний_чек": "average_check",
    "валюта": "currency",
    "период": "period",
    "описание": "description",
    "выручка": "revenue",
    "маржа": "gross_margin",
    "проверки": "checks",
    "сценарии": "scenarios",
}
"""Other words for keys; one of them that is a key itself is never replaced."""


@cache
def keys() -> frozenset[str]:
    """Every key that a funnel file may hold."""
    tables = (schema.FUNNEL, schema.STAGE, schema.SEGMENT, schema.REFERRAL, schema.MEASURE, schema.MEASURED)
    return frozenset(field.key for table in tables for field in table)


def is_key(word: str) -> bool:
    """Whether a word is a key of the funnel file."""
    return word in keys()


def meant(word: str, near: Iterable[str]) -> tuple[str, str] | None:
    """The key that a word stands for, and what is unusual about its spelling; `None` when no key is near.

    `near` are the keys among which a typing error is looked for.
    """
    folded = re.sub(r"[\s-]+", "_", word.strip().lower())
    for spelled in (word, folded):
        latin = spelled.translate(_ALIKE)
        if spelled != latin and latin in keys():
            return latin, _foreign(spelled)
    for layout in (_RUSSIAN_KEYS, _UKRAINIAN_KEYS):
        typed = folded.translate(layout)
        if typed != folded and typed in keys():
            return typed, "was typed on another keyboard layout"
    if folded in _SPELLED:
        return _SPELLED[folded], "is spelled in Cyrillic letters"
    if folded in keys():
        return folded, ""
    if folded in _WORDS:
        return _WORDS[folded], ""
    close = get_close_matches(folded, near, n=1, cutoff=0.7) if folded.isascii() and len(folded) < 30 else []
    return (close[0], "") if close else None


def _foreign(word: str) -> str:
    letters = list(dict.fromkeys(char for char in word if not char.isascii()))
    kinds = sorted({letter_name(char, "OTHER").split()[0].capitalize() for char in letters})
    listed = ", ".join(quoted(char) for char in letters)
    return f"is spelled with {' and '.join(kinds)} letters that look Latin: {listed}"


def mends(line: Line) -> Iterator[Mend]:
    """Words before a colon that are no keys, and near one."""
    for match in re.finditer(r"(?:(?<=[{,])\s*|^)(\"?)([^\W\d][\w -]*?)\1\s*(?=:(?:\s|$))", line.body):
        word = match[2]
        table = schema.FUNNEL if not line.at and match.start() == 0 else schema.STAGE
        found = None if is_key(word) else meant(word, [field.key for field in table])
        if found is not None:
            key, unusual = found
            start, end = line.at + match.start(2), line.at + match.end(2)
            said = f"the key {quoted(word)} {unusual}" if unusual else f"unknown key {quoted(word)}"
            yield said, start, end, key, f"write {key}" if unusual else f"did you mean {quoted(key)}?"
