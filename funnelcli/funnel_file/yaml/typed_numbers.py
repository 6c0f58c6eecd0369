"""Numbers as people type them, with thousands parted, words for zeros and currencies: loaded where one is met."""

from __future__ import annotations

import re

from funnelcli.funnel_file.yaml.plain import POINT_OF_THOUSANDS, is_number

_DIGITS, _SIGN = r"[+-]?\d[\d.,'\u00a0\u2009\u202f]*", r"(?:\s?%|[kKmM])?"
NUMBER = rf"{_DIGITS}(?:[ ]\d{{3}})*{_SIGN}"
"""What looks like a number in a line, whatever parts its digits."""
UNPARTED = _DIGITS + _SIGN
"""The same, without spaces between its digits."""
GROUPED = r"[+-]?\d{1,3}(?:([, '\u00a0\u2009\u202f])\d{3})+(?:\.\d+)?"
LOCAL_NUMBER = r"[+-]?\d{1,3}(?:([., '\u00a0\u2009\u202f])\d{3})(?:\1\d{3})*(?:(?!\1)[.,]\d+)?"
MULTIPLES = (
    (r"k|K|тыс\.?|thousand|Tsd\.?|[Tt]ausend", 3),
    (r"M|[Mm]n|[Mm]io\.?|mln\.?|млн\.?|million|Million(?:en)?", 6),
    (r"bn|Mrd\.?|млрд\.?|billion", 9),
    (r"lakh|lac", 5),
    (r"cr\.?|crore", 7),
)
"""Words after a number for how many zeros it lacks."""
CURRENCY = (
    r"US\$|[$€£¥₽₹₩₺₴₸₫₱฿₪₦]|zł|Kč|kr\.?|Fr\.|руб(?:\.|лей|ля|ль)?|р\.|грн\.?|тенге|евро|[Ee]uros?|[Dd]ollars?|[Pp]ounds?"
    r"|eur|usd|gbp|rub|chf|pln|uah|kzt|[A-Z]{3}"
)
"""Currencies that stand beside an amount."""
ANY_WORD = r"[^\d\s.,+±/-]+"
"""What is a currency where nothing else may stand beside an amount."""
_THOUSANDS = r"[1-9]\d{0,2}(?:(?:([,'’_ \u00a0\u202f\u2009])\d{3}(?:\1\d{3})*)|(?:\.\d{3}){2,})"


def meant(text: str) -> str | None:
    """The plain number that a text with separators or a word for thousands means; `None` where there is doubt."""
    bare = re.sub(r"(?<=\d)[.,][-–—]{1,2}$", "", text.strip())
    for words, zeros in MULTIPLES:
        many = re.fullmatch(rf"([+-]?\d+(?:[.,]\d+)?)[ \u00a0]?(?:{words})", bare)
        # 1.250k is a thousand times 1.25, or of 1250
        if many and not re.search(r"[.,]\d{3}$", many[1]):
            before, _, after = many[1].replace(",", ".").partition(".")
            return before + after.ljust(zeros, "0") if len(after) <= zeros else None
    comma = re.fullmatch(r"([+-]?\d+),(\d{1,2})|([+-]?0),(\d+)", bare, re.ASCII)
    if re.fullmatch(GROUPED, bare, re.ASCII) and not comma:
        return re.sub(r"[^\d.+-]", "", bare)
    local = re.fullmatch(LOCAL_NUMBER, bare, re.ASCII)
    if local and not comma and (local[1] != "." or len(re.findall(r"[.,]", bare)) > 1):
        bare = bare.replace(local[1], "").replace(",", ".")
    bare = bare.replace(",", ".") if comma else bare
    return bare if is_number(bare) and POINT_OF_THOUSANDS.fullmatch(bare) is None else None


def plain_number(text: str) -> str:
    """A number as the reader takes it, with its percent sign, when there is no doubt; else the text as it is."""
    bare = text.strip()
    digits, percent = (bare[:-1].rstrip(), "%") if bare.endswith("%") else (bare, "")
    digits = digits.rstrip(",")
    return (digits if is_number(digits) else meant(digits) or digits) + percent


def whole_thousands(text: str) -> str | None:
    """The digits of a count in threes, which no count has behind a decimal mark; one point alone can be such a mark."""
    return re.sub(r"\D", "", text) if re.fullmatch(_THOUSANDS, text) else None


def is_typed(text: str) -> bool:
    """Whether a text is nothing but a number, in whatever form: `1 200`, `1.2k`, `8%`."""
    return whole_thousands(text) is not None or re.fullmatch(NUMBER, text) is not None


def parted_from_currency(text: str, currency: str = CURRENCY) -> tuple[str, str]:
    """An amount, and what of this pattern stands before or after it; empty where nothing does."""
    before = re.match(rf"({currency})\s*(?=\d)", text)
    after = re.fullmatch(rf"(.*\d.*?)\s*({currency})", text)
    if before:
        return text[before.end() :], before[1]
    return (after[1], after[2]) if after else (text, "")
