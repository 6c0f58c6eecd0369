"""Numbers as people write them, with thousands parted, a comma or a word for zeros, and what says there is none."""

from __future__ import annotations

import re

from funnelcli.funnel_file.yaml.plain import POINT_OF_THOUSANDS, is_number

NUMBER = r"[+-]?\d[\d.,'\u00a0\u2009\u202f]*(?:[ ]\d{3})*(?:\s?%|[kKmM])?"
"""What looks like a number in a raw line, whatever parts its digits."""
GROUPED = r"[+-]?\d{1,3}(?:([, '\u00a0\u2009\u202f])\d{3})+(?:\.\d+)?"
DECIMAL_COMMA = r"([+-]?\d+),(\d+)(%?)"
UNKNOWN_WORDS = frozenset(
    ("?", "??", "???", "-", "--", "—", "–", "…", "...", "n/a", "na", "n.a.", "tbd", "tba", "tbc", "todo", "unknown")
) | {"нет"}
"""What people write where they have no number yet."""
UNKNOWN_SIGNS = r"\?+|[-–—]+|\.\.\."
"""Those of them that are signs to YAML, as a pattern."""
MULTIPLES = (
    (r"k|K|тыс\.?|thousand", 3),
    (r"M|[Mm]n|[Mm]io\.?|mln\.?|млн\.?|million", 6),
    (r"bn|Mrd\.?|млрд\.?|billion", 9),
    (r"lakh|lac", 5),
    (r"cr\.?|crore", 7),
)
"""Words after a number for how many zeros it lacks."""
LOCAL_NUMBER = r"[+-]?\d{1,3}(?:([., '\u00a0\u2009\u202f])\d{3})(?:\1\d{3})*(?:(?!\1)[.,]\d+)?"


def meant(text: str) -> str | None:
    """The plain number that a text with separators or a word for thousands means; `None` where there is doubt."""
    bare = text.strip()
    for words, zeros in MULTIPLES:
        many = re.fullmatch(rf"([+-]?\d+(?:[.,]\d+)?)[ \u00a0]?(?:{words})", bare)
        # 1.250k is a thousand times 1.25, or of 1250
        if many and not re.search(r"[.,]\d{3}$", many[1]):
            before, _, after = many[1].replace(",", ".").partition(".")
            return before + after.ljust(zeros, "0") if len(after) <= zeros else None
    if re.fullmatch(GROUPED, bare, re.ASCII):
        return re.sub(r"[^\d.+-]", "", bare)
    comma = re.fullmatch(r"([+-]?\d+),(\d{1,2})", bare, re.ASCII)
    local = re.fullmatch(LOCAL_NUMBER, bare, re.ASCII)
    if local and (local[1] != "." or len(re.findall(r"[.,]", bare)) > 1):
        bare = bare.replace(local[1], "").replace(",", ".")
    bare = f"{comma[1]}.{comma[2]}" if comma else bare
    return bare if is_number(bare) and POINT_OF_THOUSANDS.fullmatch(bare) is None else None


def plain_number(text: str) -> str:
    """A number as the reader takes it, when its separators leave no doubt; else the text as it is."""
    bare = text.strip().replace(" %", "%")
    digits, percent = (bare[:-1], "%") if bare.endswith("%") else (bare, "")
    digits = digits.rstrip(",")
    if re.fullmatch(r"\d{1,3}(?:([ ,'\u00a0\u2009\u202f])\d{3})(?:\1\d{3})*(?:\.\d+)?", digits):
        digits = re.sub(r"[ ,'\u00a0\u2009\u202f]", "", digits)
    elif re.fullmatch(r"\d+,\d{1,2}", digits):
        digits = digits.replace(",", ".")
    return digits + percent
