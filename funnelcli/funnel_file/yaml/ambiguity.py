"""What YAML versions read differently, numbers as people write them, and why a text is none: loaded when needed."""

from __future__ import annotations

import re

from funnelcli.diagnostics import Problem, quoted
from funnelcli.funnel_file.yaml.plain import (
    BOOLEAN_WORDS,
    FALSE_WORDS,
    NULL_WORDS,
    POINT_OF_THOUSANDS,
    TRUE_WORDS,
    is_number,
    not_finite,
)

NUMBER = r"[+-]?\d[\d.,'\u00a0\u2009\u202f]*(?:[ ]\d{3})*(?:\s?%|[kKmM])?"
"""What looks like a number in a raw line, whatever parts its digits."""
_GROUPED = r"[+-]?\d{1,3}(?:([, '\u00a0\u2009\u202f])\d{3})+(?:\.\d+)?"
UNKNOWN_WORDS = frozenset(
    ("?", "??", "???", "-", "--", "—", "–", "…", "...", "n/a", "na", "n.a.", "tbd", "tba", "tbc", "todo", "unknown")
) | {"нет"}
"""What people write where they have no number yet."""
UNKNOWN_SIGNS = r"\?+|[-–—]+|\.\.\."
"""Those of them that are signs to YAML, as a pattern."""
_MULTIPLES = (
    (r"k|K|тыс\.?|thousand", 3),
    (r"M|[Mm]n|[Mm]io\.?|mln\.?|млн\.?|million", 6),
    (r"bn|Mrd\.?|млрд\.?|billion", 9),
    (r"lakh|lac", 5),
    (r"cr\.?|crore", 7),
)
"""Words after a number for how many zeros it lacks."""
_LOCAL_NUMBER = r"[+-]?\d{1,3}(?:([., '\u00a0\u2009\u202f])\d{3})(?:\1\d{3})*(?:(?!\1)[.,]\d+)?"
_SEPARATED = (
    (_GROUPED, "has separators between its digits", ""),
    (r"[+-]?\d+,\d+%?", "has a decimal comma", " with a point"),
    (_LOCAL_NUMBER, "is written with separators", ""),
)
"""Numbers with separators, how they are written, and what the help adds."""
_READINGS = (
    (r"[+-]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?", "FN202", "is a number in base 60 to YAML 1.1"),
    (r"[+-]?0\d[\d_]*", "FN203", "has a leading zero: octal to YAML 1.1, decimal to YAML 1.2"),
    (r"[+-]?0(?:[xX][\da-fA-F_]+|[oO][0-7_]+|[bB][01_]+)", "FN204", "is not a decimal number"),
    (
        r"[+-]?(?=[\d.]*_)(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?",
        "FN205",
        "is a number to YAML 1.1 and text to YAML 1.2",
    ),
    (r"\d{4}-\d{1,2}-\d{1,2}(?:[Tt ].*)?", "FN209", "is a date to YAML 1.1 and text to YAML 1.2"),
)
_NUMBER_OR_TEXT = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)[eE]\d+|[+-]?\d+[eE][+-]\d+|="
_CURRENCY = r"[$€£¥₽₹₩₺₴]|(?<=\d)\s*руб(?:\.|лей|ля|ль)?$|(?<=\d)\s*[A-Z]{3}$|^[A-Z]{3}\s*(?=\d)"


def meant(text: str) -> str | None:
    """The plain number that a text with separators or a word for thousands means; `None` where there is doubt."""
    bare = text.strip()
    for words, zeros in _MULTIPLES:
        many = re.fullmatch(rf"([+-]?\d+(?:[.,]\d+)?)[ \u00a0]?(?:{words})", bare)
        # 1.250k is a thousand times 1.25, or of 1250
        if many and not re.search(r"[.,]\d{3}$", many[1]):
            before, _, after = many[1].replace(",", ".").partition(".")
            return before + after.ljust(zeros, "0") if len(after) <= zeros else None
    if re.fullmatch(_GROUPED, bare, re.ASCII):
        return re.sub(r"[^\d.+-]", "", bare)
    comma = re.fullmatch(r"([+-]?\d+),(\d{1,2})", bare, re.ASCII)
    local = re.fullmatch(_LOCAL_NUMBER, bare, re.ASCII)
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


def read_differently(text: str) -> Problem | None:
    """The problem of a plain scalar that YAML 1.1 and 1.2 read differently; `None` for all others."""
    help_ = f'write "{text}" in quotes for the text'
    if text in BOOLEAN_WORDS:
        return Problem(
            "FN201",
            f"{quoted(text)} is true or false to YAML 1.1 and text to YAML 1.2",
            f'write "{text}" in quotes for the word, or true or false',
        )
    if re.fullmatch(_NUMBER_OR_TEXT, text, re.ASCII):
        return Problem("FN211", f"{quoted(text)} is a number to one YAML version and text to the other", help_)
    for pattern, code, reading in _READINGS:
        if re.fullmatch(pattern, text, re.ASCII):
            return Problem(code, f"{quoted(text)} {reading}", help_)
    return None


def two_readings(text: str, *, whole: bool) -> Problem:
    """The problem of a number with a point before three digits: decimals to one reader, thousands to another."""
    value = text.rstrip("0").rstrip(".")
    together = text.replace(".", "")
    # with a fourth decimal, the point parts no thousands
    other = value if value != text else f"{text}0"
    help_ = f"write {together}" if whole else f"write {together} or {other}"
    return Problem("FN212", f"{quoted(text)} is {value} to some and {together} to others", help_)


def _of_currency(text: str, instead: str) -> Problem | None:
    """The problem of a number with a currency: what to write without it; `None` where there is no currency."""
    sign = re.search(_CURRENCY, text)
    if sign is None:
        return None
    bare = (text[: sign.start()] + text[sign.end() :]).strip()
    if not re.search(r"\d", text):
        return Problem("FN207", f"{quoted(text)} is a currency without an amount", instead)
    number = meant(bare)
    doubt = two_readings(bare, whole=False) if POINT_OF_THOUSANDS.fullmatch(bare) else None
    help_ = f"write {number}" if number else doubt.help if doubt else None
    once = f"{help_} and name the currency once: currency: {sign[0].strip()}" if help_ else instead
    return Problem("FN207", f"{quoted(text)} carries a currency", once)


def not_a_number(text: str, wanted: str, example: str) -> Problem:
    """Why a text is not a number, as exactly as it can be said."""
    instead = "write a number with a percent sign" if example.endswith("%") else "write a number in digits"
    if text in NULL_WORDS:
        return Problem("FN102", f"{wanted} is missing", instead)
    if text in BOOLEAN_WORDS:
        return Problem("FN201", f"{quoted(text)} is not {wanted}", instead)
    if text in TRUE_WORDS or text in FALSE_WORDS:
        return Problem("FN103", f"{quoted(text)} is not {wanted}", instead)
    if not_finite(text):
        return Problem("FN208", f"{quoted(text)} is not a finite number", instead)
    for pattern, code, reading in _READINGS:
        if re.fullmatch(pattern, text, re.ASCII):
            sign, digits = (text[0], text[1:]) if text[0] in "+-" else ("", text)
            plain = sign + (digits.replace("_", "").lstrip("0") or "0")
            help_ = f"write {plain}" if code in ("FN203", "FN205") else instead
            return Problem(code, f"{quoted(text)} {reading}; {wanted} is meant here", help_)
    if text.endswith("%") and not example.endswith("%") and meant(text[:-1]):
        return Problem("FN103", f"{quoted(text)} is not {wanted}", f"{instead}; a rate belongs to conversion or target")
    comment = re.fullmatch(r"(\S+)\s+(?://|--|/\*|;)\s*(.*)", text)
    if comment and is_number(comment[1]):
        help_ = f"write {comment[1]} # {comment[2]}, as a comment begins with #"
        return Problem("FN103", f"{quoted(text)} is not {wanted}", help_)
    number = meant(text)
    for pattern, written, also in _SEPARATED:
        if re.fullmatch(pattern, text, re.ASCII):
            help_ = f"write {number or text.replace(',', '.')}{also}"
            return Problem("FN206", f"{quoted(text)} {written}", help_)
    money = _of_currency(text, instead)
    if money:
        return money
    if text.lower() in UNKNOWN_WORDS:
        later = "write the number; a stage that is not counted yet is left out until it is"
        return Problem("FN103", f"{quoted(text)} is no number: {wanted} is not known yet", later)
    if number:
        return Problem("FN103", f"{quoted(text)} is not {wanted}", f"write {number}")
    unquoted = text.strip("“”„‘’«»\"'")
    if unquoted != text and is_number(unquoted):
        return Problem("FN103", f"{quoted(text)} has typographic quotes", f"write {unquoted}")
    spaced = re.fullmatch(r"(\S+)\s+%", text)
    if spaced and is_number(spaced[1]):
        return Problem("FN103", f"{quoted(text)} is not {wanted}", f"write {spaced[1]}% without the space")
    if text[0] in "\u2212\u2013":
        return Problem("FN103", f"{quoted(text)} begins with a typographic minus", f"write -{text[1:]} with a hyphen")
    many = "|".join([*(words for words, _ in _MULTIPLES), "m|min|h|hours?|weeks?|months?|years?"])
    numbers = [] if re.search(rf"\d\s*(?:{many})$", text) else re.findall(r"\d+(?:\.\d+)?%?", text, re.ASCII)
    words = re.fullmatch(r"[^\W\d]*\.?\s*[\d.]+%?\s*[^\W\d][\w /.]*", text)
    if len(numbers) == 1 and words and is_number(numbers[0]):
        return Problem("FN103", f"{quoted(text)} is not {wanted}", f"write {numbers[0]} without words")
    return Problem("FN103", f"{quoted(text)} is not {wanted}", instead)
