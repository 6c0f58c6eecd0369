"""How wide text of a chart is, where it may be cut, and which font has its letters.

Widths are those of Helvetica, which Arial and Liberation Sans share (Adobe's metrics, 1,000 units to the size). Other
letters are taken for wider than most of them are: a name that is cut early is better than one that runs into a bar.
"""

from __future__ import annotations

import unicodedata

ELLIPSIS = "…"
BOLD = 1.1
"""How much wider bold letters are."""
EMOJI, WIDE, CAPITAL, OTHER = 1370, 1000, 800, 620
"""What is not in the table: emoji, ideographs, capitals and all else."""
_WIDTHS = {
    char: width
    for width, chars in (
        (191, "'"),
        (222, "ijl"),
        (260, "|"),
        (278, " !,./:;I[\\]ft·"),
        (334, '()`r-{}"'),
        (389, "*°"),
        (500, "Jcksvxyz"),
        (556, "#$0123456789?L_abdeghnopqu–«»"),
        (584, "+<=>~^"),
        (611, "FTZ"),
        (667, "&ABEKPSVXY"),
        (722, "CDHNRUw"),
        (778, "GOQ"),
        (833, "Mm"),
        (944, "W"),
        (889, "%"),
        (1015, "@—"),
        (1000, ELLIPSIS + "→▲▼"),
        (800, "ЖМФШЩЮЫжмфшщюы"),
    )
    for char in chars
}
_STAND_IN = {
    char: width
    for width, chars in (
        (278, "ijl"),
        (295, "IJ"),
        (318, " ,.·"),
        (337, "/:;\\|"),
        (352, "f"),
        (361, "-"),
        (392, "t'()[]"),
        (411, "r!"),
        (500, '*^_`–°"'),
        (531, "s?z"),
        (550, "c"),
        (592, "vxyk"),
        (615, "aoeFTYL"),
        (636, "0123456789bdghnpqu$ES{}P"),
        (698, "ABCKRVXZ"),
        (787, "DGHNOQU&"),
        (838, "w#+<=>~"),
        (863, "M"),
        (950, "%"),
        (989, "mWЖМФШЩЮЫжмфшщюы"),
        (1000, "@—…▲▼→"),
    )
    for char in chars
}
"""Widths of DejaVu Sans, which stands in where none of the usual fonts is; rounded up."""
WIDER = 1.15
"""How much wider than in the usual fonts its other letters are, and its bold ones."""
_FONTS = {
    "CJK": "Noto Sans CJK SC, PingFang SC, Microsoft YaHei",
    "HIRAGANA": "Noto Sans CJK JP, Hiragino Sans, Yu Gothic",
    "KATAKANA": "Noto Sans CJK JP, Hiragino Sans, Yu Gothic",
    "HANGUL": "Noto Sans CJK KR, Apple SD Gothic Neo, Malgun Gothic",
    "ARABIC": "Noto Sans Arabic, Geeza Pro, Segoe UI",
    "HEBREW": "Noto Sans Hebrew, Arial Hebrew, Segoe UI",
}
_BESIDE_LATIN = frozenset(("ARABIC", "HEBREW", "ARMENIAN", "GEORGIAN"))
"""Scripts that one common font has together with Latin."""
_OURS = frozenset(("", "LATIN", "GREEK", "CYRILLIC"))
"""Scripts that the font of the chart has; what is no letter is of none."""


def width(text: str, size: float, *, bold: bool = False) -> float:
    """How much room text takes, in the unit of its size."""
    return sum(map(_units, _drawn(text))) * size / 1000 * (BOLD if bold else 1)


def room(text: str, size: float, *, bold: bool = False) -> float:
    """How much room text takes in the widest of the fonts that it may be drawn in."""
    return sum(map(_most, _drawn(text))) * size / 1000 * (BOLD * WIDER if bold else 1)


def fitted(text: str, room: float, size: float, *, bold: bool = False, anywhere: bool = False) -> str:
    """The text, or as much of its beginning as the room takes, with an ellipsis; no character is torn apart.

    `anywhere` counts with the widest of the fonts.
    """
    left = room * 1000 / size / ((BOLD * WIDER if anywhere else BOLD) if bold else 1)
    units = _most if anywhere else _units
    kept = 0
    for index, char in enumerate(text):
        if left >= _WIDTHS[ELLIPSIS] and not _joins(text, index):
            kept = index
        left -= 0 if _is_joined(text, index) else units(char)
        if left < 0:
            return f"{text[:kept].rstrip()}{ELLIPSIS}"
    return text


def fonts(text: str, usual: str) -> str:
    """The fonts for a text: what has all of its letters, where that is known, before the usual ones.

    Left to itself, the renderer takes any font that has a letter, often a bold one; beside letters of a font without
    Latin, it makes boxes of the Latin ones. A font for each run of letters makes it fail at ligatures.
    """
    scripts = set() if text.isascii() else {_script(char) for char in text if char not in (" ", ELLIPSIS)}
    foreign = scripts - _OURS
    if len(foreign) != 1:
        return usual
    (script,) = foreign
    if scripts == foreign:
        return f"{_FONTS.get(script, f'Noto Sans {script.capitalize()}')}, DejaVu Sans, {usual}"
    return f"DejaVu Sans, {usual}" if script in _BESIDE_LATIN else usual


def _most(char: str) -> float:
    usual = _units(char)
    known = _STAND_IN.get(char)
    return max(usual, known) if known is not None else usual if usual >= WIDE else usual * WIDER


def _units(char: str) -> int:
    known = _WIDTHS.get(char)
    if known is not None:
        return known
    if _is_mark(char):
        return OTHER if "\u0900" <= char <= "\u1cff" else 0  # a box where the font of the script is not there
    if char >= "\U0001f000":
        return EMOJI if char < "\U00020000" else WIDE
    if unicodedata.east_asian_width(char) in "WF":
        return WIDE
    return CAPITAL if char.isupper() else OTHER


def _is_mark(char: str) -> bool:
    """Whether it is drawn over the character before it."""
    return unicodedata.category(char) in ("Mn", "Me", "Cf")


def _joins(text: str, index: int) -> bool:
    """Whether a character belongs to the one before it: a mark, a tone of skin, or the second half of a flag."""
    char = text[index]
    if (
        _is_joined(text, index)
        or _is_mark(char)
        or unicodedata.category(char) == "Mc"
        or "\U0001f3fb" <= char <= "\U0001f3ff"
    ):
        return True
    return _is_half_of_flag(char) and _halves_before(text, index) % 2 == 1


def _is_joined(text: str, index: int) -> bool:
    """Whether a character is a further part of an emoji, as the laptop of a developer: it takes no room of its own."""
    return index > 0 and text[index - 1] == "\u200d" and unicodedata.category(text[index])[0] == "S"


def _drawn(text: str) -> str:
    """The characters that take room of their own."""
    return text if text.isascii() else "".join(char for at, char in enumerate(text) if not _is_joined(text, at))


def _is_half_of_flag(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _halves_before(text: str, index: int) -> int:
    start = index
    while start and _is_half_of_flag(text[start - 1]):
        start -= 1
    return index - start


def _script(char: str) -> str:
    """The script of a letter, the first word of its name; what is no letter has none."""
    if char.isascii() or unicodedata.category(char)[0] not in "LM":
        return ""
    return unicodedata.name(char, "").partition(" ")[0]
