"""Which code page a text without a mark was saved in, told by the words that come of it under each.

A reading is held against each language of `languages.toml` that its page writes: pairs of letters that its words have,
and words that are known, speak for it; letters of another alphabet, capitals within words and signs between letters
against. Of two readings that differ, one must be much the better, or the question stays open.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PAGES = {
    "cp1252": "Windows-1252",
    "cp1251": "Windows-1251",
    "cp1250": "Windows-1250",
    "cp1254": "Windows-1254",
    "cp1257": "Windows-1257",
    "cp1253": "Windows-1253",
    "cp1255": "Windows-1255",
    "cp1256": "Windows-1256",
    "iso8859-15": "ISO-8859-15",
    "iso8859-2": "ISO-8859-2",
    "iso8859-5": "ISO-8859-5",
    "koi8-r": "KOI8-R",
    "cp866": "code page 866",
    "cp850": "code page 850",
    "cp852": "code page 852",
    "mac-roman": "Mac Roman",
    "mac-cyrillic": "Mac Cyrillic",
}
OF_EAST_ASIA = {"cp932": "Shift JIS (Windows-932)", "gb18030": "GB 18030", "cp949": "Windows-949", "big5": "Big5"}
"""Python codecs and their names; where several read the same, the first is named."""
_LETTERS_ALONE = bytes(code if code > 127 or chr(code).isalpha() else 32 for code in range(256))
"""Makes white space of what parts words."""
_ASCII = bytes(range(128))
_WORD = re.compile(r"[^\W\d_]+")
_CONTROL = re.compile("[\x80-\x9f]")
_MOST_TOKENS = 1000
_CHUNK = 2**20
_MOST_LETTERS = 20_000
_MOST_USUAL = 0.7
"""The share of usual characters from which on a text of East Asia is believed."""
_SIGNS = frozenset("«»“”„’‘‚‹›–—…•·€£¥§©®™°№±×¼½¾²³¹ªº¿¡´µ\u00a0\u00ad")
_RARE_SIGNS = frozenset("¿¡´‚‘‹›¹×")
"""Those that hardly stand alone."""
_BESIDE = (
    (re.compile(r"^«[^«»]+»$|^“[^“”]+”$|^„[^„“”]+[“”]$|\w’\w|\w[®™©]|°[CF]$"), 1.0),
    (re.compile(r"^[«“„»”]|[»”“«]$|[^\W\d_][\u00a0\u00ad][^\W\d_]"), 0.6),
)
"""What signs beside letters are worth where they stand as people write them; at any other place, `_STRAY`."""
_STRAY = 0.2
_A_SIGN = 0.8
"""What a sign by itself counts for, such as `€` or a dash: nothing speaks against it."""
_A_LETTER = 0.15
_CAPITALS = 0.2
_KNOWN_WEIGHT = 3
_OWN, _SHORT = 1.4, 3
"""What a word of the language counts for, if it is no short one, which may be one of another language as well."""
_LOOKS_RIGHT = 0.95
"""What a word counts for of which all pairs of letters are usual."""
_OF_ANOTHER_LANGUAGE = 0.7
_OF_OLD_SYSTEMS = 0.85
"""What words are worth in a page that is not of Windows, as few exports are saved in one."""
_LEAST = 0.5
_HARDLY = 0.15
"""Under these, a reading is not believed, and not even offered."""
_BETTER = 0.25
_BETTER_ALONE = 0.35
"""By how much a reading must be better; the second is what one word needs more, and several among them."""


class Open(NamedTuple):
    """Two pages under which the same bytes are different words, and these; no page where none fits."""

    pages: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    token: bytes = b""


class _Language(NamedTuple):
    """The letters beyond a to z, the pairs of letters in its words, and whether a to z are others' letters."""

    pages: tuple[str, ...]
    letters: frozenset[str]
    pairs: frozenset[str]
    words: frozenset[str]
    is_latin: bool


class _Page(NamedTuple):
    """A page that can be: its words of each token, what each counts for, and their mean."""

    codec: str
    texts: list[str]
    scores: list[float]
    mean: float


@cache
def _languages() -> dict[str, _Language]:
    table = tomllib.loads(Path(__file__).with_name("languages.toml").read_text(encoding="utf-8"))
    return {
        name: _Language(
            tuple(entry["pages"]),
            frozenset(entry["letters"]),
            frozenset(pair for word in entry["words"].split() for pair in _pairs(word)),
            frozenset(entry["words"].split()),
            bool(re.search("[a-z]", entry["words"])),
        )
        for name, entry in table.items()
    }


def _pairs(word: str) -> list[str]:
    """Pairs of neighbours in a word, its ends included, of which one is beyond a to z."""
    ended = f"^{word}$"
    return [pair for pair in map("".join, pairwise(ended)) if not pair.isascii()]


def code_page(data: bytes, known: Iterable[str] = ()) -> str | Open:
    """The codec of a text in which UTF-8 is broken; or what stays open. `known` are words to be expected in it."""
    tokens = _tokens(data)
    beyond = bytes(sorted(set(data.translate(None, _ASCII))))
    words = frozenset(word for name in known for word in _WORD.findall(name.casefold()) if not word.isascii())
    pages = [page for codec in PAGES if (page := _read(beyond, tokens, codec, words)) is not None]
    pages.sort(key=lambda page: -page.mean)
    of_east_asia = _page_of_east_asia(data, pages[0].mean if pages else 0)
    if of_east_asia is not None:
        return of_east_asia
    if not pages or pages[0].mean < _HARDLY:
        return Open()
    if pages[0].mean < _LEAST:
        return _apart(pages[0], next((page for page in pages if page.texts != pages[0].texts), pages[0]), tokens)
    doubts = [_doubt(page, pages, tokens) for page in pages]
    if None not in doubts:
        return next(filter(None, doubts))
    best = pages[doubts.index(None)]
    alike = [page.codec for page in pages if page.texts == best.texts]
    return next(codec for codec in PAGES if codec in alike)


def _page_of_east_asia(data: bytes, otherwise: float) -> str | None:
    """The page of East Asia under which most characters are usual ones of its language; `None` where none is sure."""
    shares = {}
    table = tomllib.loads(Path(__file__).with_name("east_asia.toml").read_text(encoding="utf-8"))
    for entry in table.values():
        try:
            text = data.decode(entry["page"])
        except UnicodeDecodeError:
            continue
        letters = [letter for letter in text if not letter.isascii() and letter.isalpha()][:_MOST_LETTERS]
        if letters:
            usual = frozenset(entry["characters"])
            shares[entry["page"]] = sum(letter in usual for letter in letters) / len(letters)
    best = max(shares, key=lambda page: shares[page], default=None)
    if best is None or otherwise >= _LEAST or shares[best] < _MOST_USUAL:
        return None
    rivals = [share for page, share in shares.items() if page != best]
    return best if all(share * 2 < shares[best] for share in rivals) else None


def _tokens(data: bytes) -> list[bytes]:
    """Words of a text with bytes beyond ASCII, each once, as they first appear."""
    tokens: dict[bytes, None] = {}
    start = 0
    while start < len(data) and len(tokens) < _MOST_TOKENS:
        end = data.find(b"\n", start + _CHUNK) + 1 or len(data)
        words = dict.fromkeys(data[start:end].translate(_LETTERS_ALONE).split())
        tokens |= dict.fromkeys(word for word in words if not word.isascii())
        start = end
    return list(tokens)[:_MOST_TOKENS]


def _doubt(page: _Page, pages: Sequence[_Page], tokens: Sequence[bytes]) -> Open | None:
    """Another page that a page is not much better than, in the words in which they differ; `None` without one."""
    for other in pages:
        apart = [at for at, text in enumerate(page.texts) if text != other.texts[at]]
        if not apart:
            continue
        ours, theirs = (sum(each.scores[at] for at in apart) / len(apart) for each in (page, other))
        if ours - theirs < _BETTER + _BETTER_ALONE / len(apart):
            return _apart(page, other, tokens)
    return None


def _apart(page: _Page, other: _Page, tokens: Sequence[bytes]) -> Open:
    """Two pages, by the longest word in which they differ."""
    apart = [at for at, text in enumerate(page.texts) if text != other.texts[at]]
    at = max(apart or [0], key=lambda at: len(tokens[at]))
    return Open((page.codec, other.codec), (page.texts[at], other.texts[at]), tokens[at])


def _read(beyond: bytes, tokens: Sequence[bytes], codec: str, known: frozenset[str]) -> _Page | None:
    """The words of a text under a page; `None` where the page has nothing for one of its bytes beyond ASCII."""
    try:
        if _CONTROL.search(beyond.decode(codec)):
            return None
    except UnicodeDecodeError:
        return None
    texts = [token.decode(codec) for token in tokens]
    columns = [
        [_score(text, language, known) for text in texts]
        for language in _languages().values()
        if codec in language.pages
    ]
    main = max(columns, key=sum)
    anyhow = [max(column) for column in zip(*columns, strict=True)]
    worth = 1.0 if codec.startswith("cp125") else _OF_OLD_SYSTEMS
    scores = [worth * max(own, _OF_ANOTHER_LANGUAGE * other) for own, other in zip(main, anyhow, strict=True)]
    return _Page(codec, texts, scores, sum(scores) / len(scores))


def _score(text: str, language: _Language, known: frozenset[str]) -> float:
    """From 0 to 1, or for words that are known more: how well a token is one of the language."""
    factor = 1.0
    for at, sign in enumerate(text):
        if not sign.isalpha() or sign in _SIGNS:
            if sign not in _SIGNS:
                return 0.0
            if text[max(at - 1, 0) : at].isalpha() or text[at + 1 : at + 2].isalpha():
                factor = min(factor, next((worth for usual, worth in _BESIDE if usual.search(text)), _STRAY))
    foreign = [word for word in _WORD.findall(text) if not _SIGNS.issuperset(word) and not word.isascii()]
    if not foreign:
        return factor * (_A_LETTER if text in _RARE_SIGNS else _A_SIGN)
    return factor * sum(_score_of_word(word, language, known) for word in foreign) / len(foreign)


def _score_of_word(word: str, language: _Language, known: frozenset[str]) -> float:
    lower = word.lower()
    letters = [letter for letter in lower if not letter.isascii()]
    if not language.letters.issuperset(letters) or (len(letters) < len(lower) and not language.is_latin):
        return 0.0
    if len(word) == 1:
        return _A_LETTER
    has_case = lower != lower.upper()
    if has_case and not (word.islower() or word.isupper() or (word[0].isupper() and word[1:].islower())):
        return _CAPITALS
    if lower in known or word.casefold() in known:
        return _KNOWN_WEIGHT
    if lower in language.words:
        return _OWN if len(word) > _SHORT else 1.0
    pairs = _pairs(lower)
    return _LOOKS_RIGHT * sum(pair in language.pairs for pair in pairs) / len(pairs)
