"""Why a text is no number, and which one a person meant by it: loaded when there is one."""

from __future__ import annotations

import re
from typing import NamedTuple

from funnelcli.diagnostics import Problem, Replacement, quoted
from funnelcli.funnel_file.yaml.ambiguity import READINGS, two_readings
from funnelcli.funnel_file.yaml.plain import (
    BOOLEAN_WORDS,
    FALSE_WORDS,
    NULL_WORDS,
    POINT_OF_THOUSANDS,
    TRUE_WORDS,
    is_number,
    not_finite,
)
from funnelcli.funnel_file.yaml.typed_numbers import (
    GROUPED,
    LOCAL_NUMBER,
    MULTIPLES,
    meant,
    parted_from_currency,
)
from funnelcli.funnel_file.yaml.typographic_text import in_quotes

UNKNOWN_WORDS = {"нет", "неизвестно", "k.a.", "keine", "unbekannt"} | frozenset(
    (
        "?",
        "??",
        "???",
        "-",
        "--",
        "—",
        "–",
        "…",
        "...",
        "n/a",
        "na",
        "n.a.",
        "tbd",
        "tba",
        "tbc",
        "todo",
        "unknown",
        "none",
        "nil",
    )
)
"""What people write where they have no number yet."""
_SEPARATED = (
    (r"[+-]?0,\d+", "has a decimal comma", " with a point"),
    (GROUPED, "has separators between its digits", ""),
    (r"[+-]?\d+,\d+", "has a decimal comma", " with a point"),
    (LOCAL_NUMBER, "is written with separators", ""),
)
"""Numbers with separators, how they are written, and what the help adds."""
_CODES = {"евро": "EUR", "euro": "EUR", "dollar": "USD", "pound": "GBP"}
"""Currencies that are told by a word, and their codes."""
_PERCENT = r"\s*(?:%+|percent|per cent|pct\.?|pp|п\.?\s?п\.?|процент\w*|проц\.?|[Pp]rozent|v\.\s?H\.)"
_RATIO = r"(\d+)\s*(?::|in|of|out of|von|из|aus|к|zu|to)\s*(\d+)"
_SHARES = {"half": "50%", "a half": "50%", "a third": "1/3", "one third": "1/3", "a quarter": "25%"}
_SHEET_ERROR = r"#(?:REF|N/A|DIV/0|VALUE|NAME|NUM|NULL|ЗНАЧ|ССЫЛКА|ДЕЛ/0|Н/Д|WERT|BEZUG|NV)[!?]?"
_PLACEHOLDER = r"<[^<>]*>|\[[^\[\]]*\]|\{+[^{}]*\}+|\$\{?[A-Za-z]\w*\}?|[xX]{1,6}|_+|#+"


_OF_UNITS = ("a count", "a whole number")
_WITHOUT_THOUSANDTHS = (*_OF_UNITS, "an amount of money")
_THREE_BEHIND_A_COMMA = r"[+-]?\d{1,3},\d{3}"
_LIKE_DIGITS = str.maketrans("oOlI", "0011")
LIKE_DIGITS = "letters like digits"
"""The kind of a number in which letters stand for digits."""
PERCENTAGE = "a percentage"
"""The kind of a count in percent."""


class _Given(NamedTuple):
    """A text, what is wanted in its place, and whether that is a rate."""

    text: str
    wanted: str
    is_rate: bool

    @property
    def instead(self) -> str:
        return "write a number with a percent sign" if self.is_rate else "write a number in digits"

    def problem(self, said: str, help_: str, code: str = "FN103") -> Problem:
        return Problem(code, f"{quoted(self.text)} {said}", help_)

    def other(self, help_: str = "") -> Problem:
        """That the text is something else, with the help."""
        return self.problem(f"is not {self.wanted}", help_ or self.instead)

    def write(
        self, kind: str, *forms: str, said: str = "", also: str = "", code: str = "FN103", currency: str | None = None
    ) -> Problem:
        """That one of these forms is to be written in place of the text, which is wrong in the way of this kind."""
        told = Replacement(forms, also, kind, currency, f"currency: {currency}" if currency else "")
        return self.problem(said or f"is not {self.wanted}", told.help, code)._replace(meant=told)


def not_a_number(text: str, wanted: str, example: str) -> Problem:
    """Why a text is not a number, as exactly as it can be said."""
    given = _Given(text, wanted, example.endswith("%"))
    for look in _LOOKS:
        found = look(given)
        if found is not None:
            return found
    bare = given.other()
    return bare._replace(meant=Replacement((), given.instead.removeprefix("write "), "no number"))


def _word_of_yaml(given: _Given) -> Problem | None:
    if given.text in NULL_WORDS:
        return Problem("FN102", f"{given.wanted} is missing", given.instead)
    if given.text in BOOLEAN_WORDS or given.text in TRUE_WORDS or given.text in FALSE_WORDS:
        return given.other()._replace(code="FN201" if given.text in BOOLEAN_WORDS else "FN103")
    if not_finite(given.text):
        return given.problem("is not a finite number", given.instead, "FN208")
    return None


def _rate(given: _Given) -> Problem | None:
    """A rate in words, as a ratio, or with the percent sign elsewhere; and one where none is wanted."""
    text = given.text
    percent = re.fullmatch(rf"(.*\d.*?){_PERCENT}", text) or re.fullmatch(r"%\s*(\S.*)", text)
    number = percent and (percent[1] if is_number(percent[1]) else meant(percent[1]))
    if not given.is_rate:
        if number and given.wanted == "a count":
            return given.write(PERCENTAGE, number, also=" where only shares are known, else the count")
        return given.other(f"{given.instead}; a rate belongs to conversion or target") if number else None
    ratio = re.fullmatch(_RATIO, text)
    if ratio and 0 < int(ratio[2]) >= int(ratio[1]):
        code = "FN202" if ":" in text else "FN103"
        odds = [f"{ratio[1]}/{int(ratio[1]) + int(ratio[2])}"] if ":" in text else []  # one to three is one of four
        return given.write("a ratio", f"{ratio[1]}/{ratio[2]}", *odds, said="is not a rate", code=code)
    if text.casefold() in _SHARES:
        return given.write("a share in words", _SHARES[text.casefold()])
    if percent is None:
        return None
    spaced = re.fullmatch(r"\s+%", text[len(percent[1]) :])
    inner = _Given(percent[1], given.wanted, is_rate=True)
    found = _separated(inner) or _reading(inner) if spaced or text == f"{percent[1]}%" else None
    if found is not None:
        said = found.message.replace(percent[1], text, 1)
        if found.meant is None or not found.meant.forms:
            return found._replace(message=said, help=given.instead, meant=None)
        forms = tuple(f"{form}%" for form in found.meant.forms)
        told = Replacement(forms, kind=found.meant.kind, doubt=found.meant.doubt)
        return found._replace(message=said, help=told.help, meant=told)
    if number is None:
        return None
    if spaced:
        return given.write("a space before the sign", f"{number}%", also=" without the space")
    return given.write("another percent sign", f"{number}%")


def _reading(given: _Given) -> Problem | None:
    """A number that YAML versions read differently."""
    text = given.text
    for pattern, code, reading in READINGS:
        if re.fullmatch(pattern, text, re.ASCII):
            sign, digits = (text[0], text[1:]) if text[0] in "+-" else ("", text)
            plain = sign + (digits.replace("_", "").lstrip("0") or "0")
            said = f"{reading}; {given.wanted} is meant here"
            if code in ("FN203", "FN205"):
                return given.write(code, plain, said=said, code=code)
            said = f"is a date, and {given.wanted} is meant here" if code == "FN209" else said
            return given.problem(said, given.instead, code)
    return None


def _comment(given: _Given) -> Problem | None:
    """A comment behind a number that does not begin like one."""
    comment = re.fullmatch(r"(\S+?)(?:\s+(?://|--|/\*|;)\s*|\s*#\s*)([^\d].*)", given.text)
    if comment is None or not is_number(comment[1]):
        return None
    begins = "a space and #" if "#" in given.text else "#"
    return given.write("a comment", f"{comment[1]} # {comment[2]}", also=f", as a comment begins with {begins}")


def _separated(given: _Given) -> Problem | None:
    number = meant(given.text)
    for pattern, written, also in _SEPARATED:
        if re.fullmatch(pattern, given.text, re.ASCII):
            form = number or given.text.replace(",", ".")
            if not is_number(form) or re.match(r"[+-]?0\d", form):
                return given.problem(written, given.instead, "FN206")
            other = _otherwise(given, form)
            also = "" if other else also
            return given.write("separators", form, *other, said=written, also=also, code="FN206")
    return None


def _otherwise(given: _Given, form: str) -> tuple[str, ...]:
    """What a number with one comma may be beside the form that is likely."""
    if given.wanted in _OF_UNITS and "." in form and re.fullmatch(r"\d+,\d+", given.text):
        return (given.text.replace(",", "").lstrip("0") or "0",)  # a count is whole as a rule
    return () if given.wanted in _WITHOUT_THOUSANDTHS else thousandths(given.text, form)


def thousandths(text: str, form: str) -> tuple[str, ...]:
    """The decimals that a number may have whose comma parts thousands in this form, and may be a decimal comma."""
    other = text.replace(",", ".")
    return (other,) if re.fullmatch(_THREE_BEHIND_A_COMMA, text) and other != form else ()


def _currency(given: _Given) -> Problem | None:
    """A number with a currency: what to write without it."""
    bare, sign = parted_from_currency(given.text)
    if not sign:
        alone = re.fullmatch(r"[$€£¥₽₹₩₺₴]", given.text)
        return given.problem("is a currency without an amount", given.instead, "FN207") if alone else None
    number = meant(bare)
    doubt = two_readings(bare, whole=False).meant if POINT_OF_THOUSANDS.fullmatch(bare) else None
    forms = (number,) if number else doubt.forms if doubt else ()
    said = "carries a currency"
    if not forms:
        return given.problem(said, given.instead, "FN207")
    code = next((code for word, code in _CODES.items() if sign.lower().startswith(word)), sign)
    code = code.upper() if code.isascii() and code.isalpha() and len(code) == 3 else code
    return given.write("currency", *forms, said=said, code="FN207", currency=code)


def _not_there(given: _Given) -> Problem | None:
    """What stands where there is no number yet, or none any more."""
    text = given.text
    if text.casefold() in UNKNOWN_WORDS:
        later = "a stage that is not counted yet is left out until it is"
        later = f"write the number; {later if given.wanted == 'a count' else 'without it, delete the key'}"
        return given.problem(f"is no number: {given.wanted} is not known yet", later)
    if re.fullmatch(_SHEET_ERROR, text):
        return given.problem("is an error of the spreadsheet it comes from", "write the number in its place")
    if re.match(r"=\s*[\w($+-]", text):
        return given.problem(f"is a formula, and {given.wanted} is meant here", "write its result in digits")
    if re.fullmatch(_PLACEHOLDER, text):
        return given.problem("stands in place of a number", "write the number")
    return None


def _decorated(given: _Given) -> Problem | None:
    """A number with signs around it that are not a part of it."""
    text = given.text
    number = meant(text)
    if number:
        return given.write("a word for zeros", number)
    unquoted = (in_quotes(text) or text).strip("\"'")  # one without its partner may be of a text that YAML cut
    if unquoted != text and is_number(unquoted):
        return given.write("typographic quotes", unquoted, said="has typographic quotes")
    if text[0] in "\u2212\u2013":
        said = "begins with a typographic minus"
        return given.write("a typographic minus", f"-{text[1:]}", said=said, also=" with a hyphen")
    bare = re.fullmatch(r"[(\[]\s*(.*\d%?)\s*[)\]]|[~≈≥≤<>±]=?\s*(.*\d%?)|(.*\d%?)\s*[+*!±≈~]", text)
    inside = bare and next(part for part in bare.groups() if part)
    digits = inside and (inside if is_number(inside.removesuffix("%")) else meant(inside))
    return given.write("signs around a number", digits, also=" without the sign") if digits else None


def _range(given: _Given) -> Problem | None:
    """A range, where one number is wanted."""
    both = re.fullmatch(r"(\d+(?:\.\d+)?)%?\s*(?:-|–|—|\.\.+|…|to|bis|до)\s*(\d+(?:\.\d+)?)(%?)", given.text)
    if both is None or (both[3] and not given.is_rate):
        return None
    middle = (float(both[1]) + float(both[2])) / 2
    one = f"{middle:g}{'%' if given.is_rate else ''}"
    problem = given.problem(f"is a range, and {given.wanted} is one number", f"write one number: {one} is the middle")
    return problem._replace(meant=Replacement((one,), kind="a range"))


def _words(given: _Given) -> Problem | None:
    """A number among words, or with letters that look like digits."""
    if re.fullmatch(r"\d[\doO]*[oO][\doO]*|\d+[lI]\d+", given.text, re.ASCII):
        digits = given.text.translate(_LIKE_DIGITS)
        return given.write(LIKE_DIGITS, digits, also=", if that is meant: a letter stands in it")
    many = "|".join([*(words for words, _ in MULTIPLES), "m|min|h|hours?|weeks?|months?|years?"])
    numbers = (
        [] if re.search(rf"\d\s*(?:{many})$", given.text) else re.findall(r"\d+(?:\.\d+)?%?", given.text, re.ASCII)
    )
    words = re.fullmatch(r"[^\W\d]*\.?\s*[\d.]+%?\s*[^\W\d][\w /.]*|[^\W\d][^\W\d. ]*\.?:?\s+[\d.]+%?", given.text)
    if len(numbers) == 1 and words and is_number(numbers[0]):
        return given.write("words", numbers[0], also=" without words")
    return None


_LOOKS = (_word_of_yaml, _rate, _reading, _comment, _separated, _currency, _not_there, _decorated, _range, _words)
"""What a text may be, in the order in which it is asked."""
