"""How wide text of a chart is, where it may be cut, and which font has its letters.

Widths are the larger ones of Helvetica, which Arial and Liberation Sans share, and of DejaVu Sans, which stands in
where none of them is: 1,000 units to the size. Letters that are not in the table are taken for wider than most of them
are: a name that is cut early is better than one that runs into a bar.
"""

from __future__ import annotations

import unicodedata

ELLIPSIS = "…"
JOINER = "\u200d"
BOLD = 1.265
"""How much wider bold letters are, in the widest of the fonts."""
EMOJI, WIDE, CAPITAL, OTHER = 1370, 1000, 920, 713
"""What is not in the table: emoji, ideographs, capitals and all else."""
_WIDTHS = {
    char: width
    for width, chars in (
        (278, "ijl"),
        (295, "I"),
        (318, " ,.·"),
        (337, "/:;\\|"),
        (352, "f"),
        (361, "-"),
        (392, "t'()[]"),
        (411, "r!"),
        (500, 'J*`°"'),
        (531, "sz"),
        (550, "c"),
        (556, "?_–"),
        (584, "^"),
        (592, "kvxy"),
        (615, "aeoFLT"),
        (636, "0123456789bdghnpqu${}"),
        (640, "«»"),
        (667, "EPSY"),
        (698, "ABKVXZ"),
        (722, "CR"),
        (787, "DGHNOQU&"),
        (838, "w#+<=>~≠"),
        (863, "M"),
        (950, "%"),
        (989, "mWЖМФШЩЮЫжмфшщюы"),
        (1000, ELLIPSIS + "→▲▼"),
        (1015, "@—"),
    )
    for char in chars
}
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
    """How much room text takes at most, whichever of the fonts it is drawn in, in the unit of its size."""
    return sum(units for _, units in _measured(text)) * size / 1000 * (BOLD if bold else 1)


def fitted(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """The text, or as much of its beginning as the room takes, with an ellipsis; no character is torn apart."""
    left = room * 1000 / size / (BOLD if bold else 1)
    kept = passed = ""
    for char, units in _measured(text):
        if left >= _WIDTHS[ELLIPSIS]:
            kept = passed
        left -= units
        if left < 0:
            return f"{kept.rstrip()}{ELLIPSIS}"
        passed += char
    return text


def wrapped(text: str, room: float, size: float, lines: int, *, bold: bool = False) -> list[str]:
    """A text in as many lines as it needs, at most so many, the last of them cut; words stay whole where they can."""
    found: list[str] = []
    while len(found) < lines - 1 and width(text, size, bold=bold) > room:
        left, fits = room / size * 1000 / (BOLD if bold else 1), 0
        for char, units in _measured(text):
            left -= units
            if left < 0:
                break
            fits += len(char)
        blank = text.rfind(" ", 0, fits + 1)
        end = blank if blank > 0 else max(fits, 1)
        found.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return [*found, fitted(text, room, size, bold=bold)]


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


def _measured(text: str) -> list[tuple[str, float]]:
    """The characters as the eye sees them, with their units: marks and tones of skin belong to what they stand on.

    So do the second half of a flag, and the further parts of an emoji, which take no room of their own.
    """
    found: list[tuple[str, float]] = []
    for char in text:
        before, taken = found[-1] if found else ("", 0)
        category = unicodedata.category(char)
        is_part = before.endswith(JOINER) and category[0] == "S"
        is_mark = category in ("Mn", "Me", "Mc", "Cf") or "\U0001f3fb" <= char <= "\U0001f3ff"
        units = 0 if is_part else _units(char, category)
        if before and (is_part or is_mark or (_is_half_of_flag(before) and _is_half_of_flag(char))):
            found[-1] = (before + char, taken + units)
        else:
            found.append((char, units))
    return found


def _units(char: str, category: str) -> float:
    known = _WIDTHS.get(char)
    if known is not None:
        return known
    if category in ("Mn", "Me", "Cf"):  # drawn over what stands before
        return OTHER if "\u0900" <= char <= "\u1cff" else 0  # a box where the font of the script is not there
    if char >= "\U0001f000":
        return EMOJI if char < "\U00020000" else WIDE
    if unicodedata.east_asian_width(char) in "WF":
        return WIDE
    return CAPITAL if char.isupper() else OTHER


def _is_half_of_flag(char: str) -> bool:
    return len(char) == 1 and "\U0001f1e6" <= char <= "\U0001f1ff"


def _script(char: str) -> str:
    """The script of a letter, the first word of its name; what is no letter has none."""
    if char.isascii() or unicodedata.category(char)[0] not in "LM":
        return ""
    return unicodedata.name(char, "").partition(" ")[0]
