"""Text to count, rate and money: the only place where numbers are born.

Numbers are read from their text by the field they stand in and become exact rationals at once; no float is built.
Whatever YAML 1.1 and YAML 1.2 read differently is a problem that says how to write it. Each parser takes the text and
whether it was written plainly (without quotes), and returns the value or a `Problem`.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from funnelcli.characters import hidden_places
from funnelcli.currencies import minor_digits
from funnelcli.diagnostics import Problem, Replacement, did_you_mean, near_name, quoted
from funnelcli.exact import LARGEST_NUMBER, Exact, ratio, reduced, usual_decimal
from funnelcli.funnel_file.yaml.plain import (
    BOOLEAN_WORDS,
    FALSE_WORDS,
    NULL_WORDS,
    POINT_OF_THOUSANDS,
    TRUE_WORDS,
    is_number,
    not_finite,
)
from funnelcli.model import RateRange

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LONGEST_NUMBER = 40
SMALLEST_EXPONENT = -40

_AMBIGUOUS_STARTS = frozenset("0123456789+-.=")


def ambiguous(text: str) -> Problem | None:
    """The problem of a plain scalar that YAML 1.1 and 1.2 read differently; `None` for all others."""
    if text not in BOOLEAN_WORDS and text[:1] not in _AMBIGUOUS_STARTS:
        return None
    from funnelcli.funnel_file.yaml.ambiguity import read_differently

    return read_differently(text)


def exact(text: str, wanted: str, example: str) -> Exact | Problem:
    """A finite decimal number as an exact rational."""
    if text.isdecimal() and text.isascii() and len(text) < 18 and (text[0] != "0" or len(text) == 1):
        return int(text)
    usual = usual_decimal(text)
    if usual is not None:
        return usual
    if len(text) > LONGEST_NUMBER:
        if is_number(text):
            return Problem(
                "FN119",
                f"a number of {len(text)} characters is too long",
                f"at most {LONGEST_NUMBER} characters are read",
            )
        return why_not_a_number(text, wanted, example)
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not is_number(text) or (digits[:1] == "0" and digits[1:2].isdigit()):
        return why_not_a_number(text, wanted, example)
    mantissa, _, exponent = digits.lower().partition("e")
    power = int(exponent or 0)
    if power > 18 or power < SMALLEST_EXPONENT:
        return Problem("FN119", f"{text} is out of range", "numbers reach from 1e-40 to 1e18")
    before, _, after = mantissa.partition(".")
    power -= len(after)
    value = int(before + after) * 10**power if power >= 0 else Fraction(int(before + after), 10**-power)
    if value > LARGEST_NUMBER:
        return Problem("FN119", f"{text} is above 1e18", "check the number; no funnel is that large")
    return reduced(-value if text[0] == "-" else value)


def not_known(text: str) -> bool:
    """Whether a text says that there is no number yet."""
    if text in NULL_WORDS:
        return True
    if text[:1].isdigit():
        return False
    from funnelcli.funnel_file.yaml.near_numbers import UNKNOWN_WORDS

    return text.casefold() in UNKNOWN_WORDS


def why_not_a_number(text: str, wanted: str, example: str) -> Problem:
    """Why a text is not a number, as exactly as it can be said."""
    from funnelcli.funnel_file.yaml.near_numbers import not_a_number

    return not_a_number(text, wanted, example)


def point_of_thousands(text: str, *, whole: bool = False) -> Problem | None:
    """The problem of a count or an amount such as `12.400`, in half of Europe twelve thousand; `None` for others."""
    if text[-4:-3] != "." or POINT_OF_THOUSANDS.fullmatch(text) is None:
        return None
    from funnelcli.funnel_file.yaml.ambiguity import two_readings

    return two_readings(text, whole=whole)


def _not_negative(value: Exact | Problem, text: str, wanted: str) -> Exact | Problem:
    if value.__class__ is not Problem and value.numerator < 0:  # type: ignore[union-attr]  # a number, as just compared
        meant = Replacement((text.lstrip("-"),), ", if the minus is a slip", f"{wanted} is negative", doubt=True)
        return Problem("FN107", f"{wanted} cannot be negative: {text}", meant.help, meant=meant)
    return value


def count(text: str, plain: bool = True) -> Exact | Problem:
    """Units: whole, or decimal for shares and weights; 0 or more."""
    if text.isdecimal() and text.isascii() and len(text) < 18 and text[0] != "0":
        return int(text)  # the usual case, first
    return point_of_thousands(text) or _not_negative(exact(text, "a count", "360750"), text, "a count")


def whole(text: str, plain: bool = True) -> int | Problem:
    """A whole number, 0 or more."""
    value = point_of_thousands(text, whole=True) or _not_negative(exact(text, "a whole number", "14"), text, "a count")
    if isinstance(value, Fraction):
        return Problem("FN103", f"{text} is not a whole number", "write a whole number, e.g. 14")
    return value


def money(text: str, plain: bool = True) -> Exact | Problem:
    """An amount of money, 0 or more, without a currency sign."""
    return point_of_thousands(text) or _amount(text)


def fine_money(text: str, plain: bool = True) -> Exact | Problem:
    """An amount in a currency with three decimals, such as the dinar: the point of `12.400` parts no thousands."""
    value = _amount(text)
    meant = value.meant if isinstance(value, Problem) else None
    if isinstance(value, Problem) and meant and meant.only and meant.kind == "separators":
        from funnelcli.funnel_file.yaml.near_numbers import thousandths

        meant = meant._replace(forms=(meant.only, *thousandths(text, meant.only)))
        value = value._replace(help=meant.help, meant=meant)
    return value


def _amount(text: str) -> Exact | Problem:
    return _not_negative(exact(text, "an amount of money", "1515.15"), text, "an amount of money")


SPREAD_SIGNS = ("±", "+-", "+/-")
"""What people write between a mean and its standard deviation."""


def parts_of_spread(text: str) -> tuple[str, str] | None:
    """The two texts of `63.50+-140`; `None` where there is no such sign."""
    for sign in SPREAD_SIGNS:
        mean, found, sd = text.partition(sign)
        if found and mean.strip():
            return mean.strip(), sd.strip()
    return None


def average_check(text: str, plain: bool = True) -> Exact | Problem:
    """An amount of money; one with its standard deviation is a mapping in a file."""
    return _check(text, money)


def fine_average_check(text: str, plain: bool = True) -> Exact | Problem:
    """The same in a currency with three decimals."""
    return _check(text, fine_money)


def _check(text: str, amount: Callable[[str], Exact | Problem]) -> Exact | Problem:
    value = amount(text)
    parts = parts_of_spread(text) if isinstance(value, Problem) else None
    if parts is not None:
        meant = Replacement((f"{{mean: {parts[0]}, sd: {parts[1] or 140}}}",), doubt=not parts[1])
        return Problem("FN103", f"{quoted(text)} is not one amount", meant.help, meant=meant)
    return value


def variation(text: str, plain: bool = True) -> Exact | Problem:
    """How much rates vary from period to period, as a share of the rate: above 0%, and 100% at most."""
    value = share(text, plain)
    if not isinstance(value, Problem) and not value:
        help_ = "leave it out: rates count as constant then"
        return Problem("FN103", f"a variation of {text} says that rates are constant", help_)
    return value


def number(text: str, plain: bool = True) -> Exact | Problem:
    """A plain number, 0 or more."""
    return _not_negative(exact(text, "a number", "0.5"), text, "the number")


SURELY_PERCENT = 10
"""Above it, and up to 100, a bare number as a rate is percent: nobody expects ten of one."""


def rate(text: str, plain: bool = True) -> Exact | Problem:
    """`33%`, `0.33` or `1/3` as a fraction of 1. A bare number above 1 is a question; `150%` is 3/2."""
    if text.endswith("%"):
        value = exact(text[:-1], "a rate", "33%")
        if isinstance(value, Problem):
            return value if value.code in ("FN119", "FN208") else why_not_a_number(text, "a rate", "33%")
        return _not_negative(ratio(value, 100) or 0, text, "a rate")
    above, slash, below = text.partition("/")
    if slash and is_number(above) and is_number(below):
        part, full = exact(above, "a rate", "1/3"), exact(below, "a rate", "1/3")
        if isinstance(part, Problem):
            return part
        if isinstance(full, Problem):
            return full
        if not full:
            return Problem("FN103", f"{quoted(text)} divides by zero", "write a rate, e.g. 1/3")
        return _not_negative(reduced(Fraction(part, full)), text, "a rate")
    value = exact(text, "a rate", "33%")
    if isinstance(value, Problem):
        return value
    if value > 1:
        meant = Replacement((f"{text}%",), " or a fraction of 1", doubt=not SURELY_PERCENT < value <= 100)
        return Problem("FN210", f"{text} as a rate: {text}%?", meant.help, meant=meant)
    return _not_negative(value, text, "a rate")


@lru_cache(maxsize=4096)
def target(text: str, plain: bool = True) -> Exact | Problem:
    """A step conversion that is aimed at, between 0% and 100%; remembered, because most are a few round rates."""
    value = rate(text, plain)
    if isinstance(value, Problem):
        if value.code == "FN210" and float(text) > 100:
            return value._replace(
                message=f"a target is a rate, and {text} is none", help="write a rate, e.g. 60%", meant=None
            )
        return Problem("FN111", value.message, value.help) if value.code == "FN107" else at_most_all(value)
    if value > 1:
        return Problem("FN111", f"a target of {text} is outside 0% to 100%", "write a rate, e.g. 60%")
    return value


def share(text: str, plain: bool = True) -> Exact | Problem:
    """A rate that cannot pass 100%, such as a gross margin."""
    value = rate(text, plain)
    if isinstance(value, Problem) and (value.code != "FN210" or float(text) <= 100):
        return at_most_all(value)
    if isinstance(value, Problem) or value > 1:
        return Problem("FN109", f"a rate of {text} is above 100%", "write a rate from 0% to 100%")
    return value


def at_most_all(problem: Problem) -> Problem:
    """The problem of a rate that cannot pass 100%: a bare number up to 100 can be nothing but percent."""
    meant = problem.meant
    if problem.code != "FN210" or meant is None or not meant.doubt or float(meant.forms[0].partition("%")[0]) > 100:
        return problem
    return problem._replace(meant=meant._replace(doubt=False))


def conversion(text: str, plain: bool = True) -> Exact | RateRange | Problem:
    """A step conversion: a rate, or a 90% range `8% to 12%`."""
    low_text, between, high_text = text.partition(" to ")
    if not between:
        return _end(text)
    low_text, high_text = low_text.strip(), high_text.strip()
    if high_text.endswith("%") and is_number(low_text) and is_number(high_text[:-1]):
        meant = Replacement((f"{low_text}% to {high_text}",))
        return Problem("FN210", f"{quoted(text)}: {low_text}% to {high_text}?", meant.help, meant=meant)
    low, high = _end(low_text), _end(high_text)
    for end in (low, high):
        if isinstance(end, Problem):
            return _of_range(end, (low, low_text), (high, high_text))
    assert not isinstance(low, Problem)
    assert not isinstance(high, Problem)
    if low >= high:
        meant = Replacement((f"{high_text} to {low_text}",), doubt=low == high)
        return Problem("FN103", f"the range {quoted(text)} does not grow", meant.help, meant=meant)
    return RateRange(low, high)


def _of_range(problem: Problem, *ends: tuple[Exact | Problem, str]) -> Problem:
    """The problem of an end of a range, with the whole range in its place where each end is known."""
    meant = [end.meant if isinstance(end, Problem) else Replacement((text,)) for end, text in ends]
    if any(not isinstance(end, Problem) and not text.endswith("%") for end, text in ends):
        return problem._replace(meant=None)  # beside 5 for 5%, 0.3 may be 30% as well
    forms = [each.only for each in meant if each is not None and each.only is not None]
    if len(forms) < len(ends):
        return problem._replace(meant=None)
    told = Replacement((" to ".join(forms),), doubt=any(each.doubt for each in meant if each))
    return problem._replace(help=told.help, meant=told)


def _end(text: str) -> Exact | Problem:
    """An end of a range of rates."""
    value = rate(text)
    return at_most_all(value) if isinstance(value, Problem) else value


_YES = ("yes", "on", "y")


def flag(text: str, plain: bool = True) -> bool | Problem:
    """`true` or `false`."""
    if text in TRUE_WORDS:
        return True
    if text in FALSE_WORDS:
        return False
    if text in BOOLEAN_WORDS:
        truth = "true" if text.lower() in _YES else "false"
        meant = Replacement((truth,))
        return Problem("FN201", f"{quoted(text)} is true or false to some programs only", meant.help, meant=meant)
    return Problem("FN103", f"{quoted(text)} is neither true nor false", "write true or false")


def text(value: str, plain: bool = True) -> str | Problem:
    """Free text of one or more lines."""
    if plain:
        problem = plain_text(value)
        if problem:
            return problem
    if not value.strip():
        return Problem("FN121", "the text is empty", "write it, or leave the key out")
    hidden = first_hidden(value.replace("\n", "").replace("\t", ""))
    return value if hidden is None else hidden_character(hidden)


@lru_cache(maxsize=4096)
def label(value: str, plain: bool = True) -> str | Problem:
    """A name: one line of visible characters."""
    if plain:
        problem = plain_text(value)
        if problem:
            return problem
    hidden = first_hidden(value)
    if hidden is not None:
        return hidden_character(hidden)
    if not value or value[0] == " " or value[-1] == " ":
        if not value.strip():
            return Problem("FN121", "the name is empty", "write a name")
        meant = Replacement((f'"{value.strip()}"',))
        return Problem("FN121", f"the name {quoted(value)} begins or ends with a space", meant.help, meant=meant)
    return value


def plain_text(value: str) -> Problem | None:
    """What is wrong with unquoted text: nothing written, true, false, and all that YAML versions read differently."""
    if value in NULL_WORDS:
        return Problem("FN102", "text is missing", "write it, or leave the key out")
    if value in TRUE_WORDS or value in FALSE_WORDS:
        meant = Replacement((f'"{value}"',), " in quotes")
        return Problem("FN103", f"{quoted(value)} is not text", meant.help, meant=meant)
    return ambiguous(value)


def is_text_key(value: str) -> bool:
    """Whether a plain key is text to every YAML reader: not null, true, false or a number."""
    return not (
        value in NULL_WORDS
        or value in TRUE_WORDS
        or value in FALSE_WORDS
        or (value[0] in _AMBIGUOUS_STARTS and (is_number(value) or not_finite(value)))
    )


def first_hidden(value: str) -> str | None:
    """The first control, bidirectional, invisible or blank character that is not spelling, if there is one."""
    places = hidden_places(value)
    return value[places[0]] if places else None


def hidden_character(char: str) -> Problem:
    """The problem of a control, bidirectional or otherwise invisible character in a name."""
    import unicodedata

    name = unicodedata.name(char, "control character")
    return Problem(
        "FN015",
        f"an invisible character, U+{ord(char):04X} ({name.lower()}), stands in the text",
        "delete it; if a space is meant, type an ordinary one",
    )


def choice(words: Sequence[str]) -> Callable[[str, bool], str | Problem]:
    """A parser that accepts one of the words."""

    def parse(value: str, plain: bool = True) -> str | Problem:
        if value in words:
            return value
        said = f"{quoted(value)} is not one of the choices"
        return Problem("FN120", said, did_you_mean(value, words), meant=near_name(value, words))

    return parse


def value_of_any_kind(value: str, plain: bool = True) -> str | Exact | bool | Problem | None:
    """What a condition on a column compares with: text, number, true, false or null, as plain YAML would read it."""
    if not plain:
        return value
    if value in NULL_WORDS:
        return None
    if value in TRUE_WORDS or value in FALSE_WORDS:
        return value in TRUE_WORDS
    problem = ambiguous(value)
    if problem is not None:  # a word to a person, and to a table it may be true or a number
        if problem.code == "FN209" or problem.meant is None:
            return problem
        truth = "true" if value.lower() in _YES else "false"
        also = f" in quotes, or {truth}" if problem.code == "FN201" else " in quotes, if it is no number"
        meant = problem.meant._replace(also=also, doubt=True)
        return problem._replace(help=meant.help, meant=meant)
    if not_finite(value):
        return why_not_a_number(value, "a value", "10")
    return exact(value, "a number", "10") if is_number(value) else value


KIND_PARSERS: dict[str, Callable[[str, bool], Exact | Problem]] = {
    "count": count,
    "money": money,
    "rate": rate,
    "number": number,
    "duration": number,
}
"""How a bare value of a metric is read, by the metric's kind."""


def figure(text: str, kind: str, currency: str | None = None) -> Exact | Problem:
    """A bare value of a metric, by its kind and the currency of its funnel."""
    parse = fine_money if kind == "money" and minor_digits(currency) > 2 else KIND_PARSERS[kind]
    return parse(text, True)
