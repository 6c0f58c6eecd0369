"""Characters that nobody sees, and where they are spelling: joiners in words and in emoji. Typographic quotes, too."""

QUOTES = ("“”", "„“", "„”", "””", "‟”", "«»", "»«", "‘’", "‚‘", "‚’")
"""Typographic quotes, which are none to YAML: each that opens with one that closes it."""
QUOTE_MARKS = frozenset("".join(QUOTES))
BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_NON_JOINER, _JOINER = "\u200c", "\u200d"
_SCRIPTS = """
ARABIC SYRIAC NKO MANDAIC MONGOLIAN ADLAM HANIFI PHAGS-PA DEVANAGARI BENGALI GURMUKHI GUJARATI ORIYA TAMIL TELUGU
KANNADA MALAYALAM SINHALA MYANMAR KHMER TIBETAN BALINESE JAVANESE SUNDANESE LIMBU NEWA TIRHUTA GRANTHA CHAKMA SHARADA
KHOJKI KAITHI SIDDHAM MODI TAKRI AHOM DOGRA LEPCHA BRAHMI
"""
_JOINING_SCRIPTS = frozenset(_SCRIPTS.split())
"""Scripts whose letters look otherwise beside each other, by the first word of their letters' names (UAX #31, A and B).
"""
_VIRAMA = 9
"""Combining class of the signs that take a vowel away; after one, a joiner asks for a half letter (UAX #31, B)."""
_BLACK_FLAG, _LAST_TAG = "\U0001f3f4", "\U000e007f"
_MODIFIERS = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))
_NOTABLE = _SELECTORS | BLANK_LETTERS
"""What is printable to Python, and invisible at some places."""


def hidden_places(text: str) -> list[int]:
    """Where control, bidirectional, invisible or blank characters stand that are neither spelling nor a space."""
    if text.isprintable() and (text.isascii() or _NOTABLE.isdisjoint(text)):
        return []
    tagged = _tags(text)
    return [place for place, char in enumerate(text) if _is_hidden(text, place, char) and place not in tagged]


def _is_hidden(text: str, place: int, char: str) -> bool:
    if char in (_NON_JOINER, _JOINER):
        return not _is_spelling(text, place)
    if char in _SELECTORS:
        return not place or not _may_be_selected(text[place - 1])
    return not char.isprintable() or char in BLANK_LETTERS


def _is_spelling(text: str, place: int) -> bool:
    """Whether a joiner stands inside a word of a script that joins, or parts of an emoji are joined by it."""
    from unicodedata import combining

    before, after = text[:place], text[place + 1 : place + 2]
    if not before:
        return False
    if text[place] == _JOINER:
        if after and _is_emoji(after) and _is_emoji(before.rstrip("".join(_SELECTORS | _MODIFIERS))[-1:]):
            return True
        if combining(before[-1]) == _VIRAMA and _joins(before[-1]):
            return True
    return bool(after) and _joins(before[-1]) and _joins(after)


def _joins(char: str) -> bool:
    """Whether a character is a letter or a mark of a script that joins."""
    from unicodedata import category, name

    return category(char)[0] in "LM" and name(char, "").split(" ")[0] in _JOINING_SCRIPTS


def _is_emoji(char: str) -> bool:
    """Whether a character may be part of an emoji: a symbol that is no letter and no punctuation."""
    from unicodedata import category

    return bool(char) and category(char) in ("So", "Sm") and ord(char) > 0xFF


def _may_be_selected(char: str) -> bool:
    """Whether a character has another look, text or emoji, that a variation selector asks for."""
    from unicodedata import category

    return char in "#*" or category(char) in ("Nd", "So", "Sm", "Sk", "Lo", "Po", "Pd", "Sc", "Ps", "Pe", "Mn", "Lm")


def _tags(text: str) -> frozenset[int]:
    """Places of the tags that make a flag of a region, such as that of England, out of a black one."""
    found: set[int] = set()
    start = text.find(_BLACK_FLAG)
    while start >= 0:
        end = start + 1
        while end < len(text) and "\U000e0020" <= text[end] <= "\U000e007e":
            end += 1
        if end > start + 1 and text[end : end + 1] == _LAST_TAG:
            found.update(range(start + 1, end + 1))
        start = text.find(_BLACK_FLAG, start + 1)
    return frozenset(found)
