r"""Regular expressions in what the engines have in common, and patterns of SQL; one meaning in all of them.

DuckDB, BigQuery and ClickHouse search by RE2, PostgreSQL by its own (chapter 9.7 of its manual), MySQL and Spark by
ICU's and Java's, MariaDB by PCRE. They differ in what `.`, `$`, `\d`, `\w` and `\s` are, and in which letters differ by
case alone: all of this is spelled out here, so that nothing is left to them.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from funnelcli.diagnostics import Problem, quoted

MOST_REPEATS = 255
"""That of PostgreSQL."""
_CLASSES = {"d": r"0-9", "w": r"0-9A-Za-z_", "s": r" \t\n\r\f"}
"""Those of RE2, in ASCII: other engines have more letters and digits in theirs."""
_SPACES = "tnrf"
_ANY = "(a|[^a])"
"""Any character, that which begins a new line among them: of `.` the engines have different opinions."""
_WIDEST = 2000
"""Characters of a range of which each case is spelled out."""

_PIECE = re.compile(
    r"\\(?P<escaped>[^A-Za-z0-9]|[dDwWstnrfS])|\[(?P<negated>\^?)(?P<members>(?:\\.|[^\]\\])+)\]"
    r"|(?P<repeat>[*+?]|\{\d{1,3}(?:,\d{0,3})?\})\??|(?P<sign>\(\?:|[.^$|()])|(?P<character>[^\\\[{])",
    re.DOTALL,
)
_MEMBER = re.compile(r"(?:\\([^A-Za-z0-9]|[dwstnrf])|([^\\]))(?:-(?:\\([^A-Za-z0-9])|([^\\])))?", re.DOTALL)
_WITHIN = "write what the other engines know as well: the characters themselves"
_REFUSED = (
    (r"\(\?<?[=!]", "looks ahead or behind, which RE2 cannot", "ask for both: {matches: a, not matches: b}"),
    (r"\\[1-9]|\(\?P=|\\k", "refers back to a group, which RE2 cannot", "write the text out"),
    (r"\(\?(?:P?<|')", "names a group", "write it without a name: ( )"),
    (r"\(\?i\)", "stands inside", "write (?i) at the beginning, for the whole expression"),
    (r"\(\?|\(\*", "is an option that not every engine has", r"write (?i) at the beginning, or \( for the sign"),
    (r"\\[bBmMyY]", "is written differently from engine to engine", r"write (^|\W) before a word, and (\W|$) after it"),
    (r"\\A", "is not known to every engine", "write ^"),
    (r"\\[zZ]", "is not known to every engine", "write $"),
    (r"\\[A-Za-z0-9]", "means different things to different engines", _WITHIN),
    (r"\[\^?\]", "begins with a bracket, which engines read differently", r"write \] for the sign"),
    (r"\[", "is not closed", r"write \[ for the sign"),
    (r"\{", "is no number of repeats", r"write \{ for the sign, or {2,5}"),
    (r"\\", "stands alone at the end", r"write \\ for the sign"),
)  # fmt: skip
"""What begins what cannot be read, why, and what to write."""


class _Expression(NamedTuple):
    """A regular expression in pieces that every engine reads alike; `None` stands for the end of the text."""

    pieces: tuple[str | None, ...]


def regular(text: str) -> _Expression | Problem:
    """A regular expression that is searched for, or why it does not mean the same in every engine."""
    fold = text.startswith("(?i)")
    place, depth, repeatable = 4 * fold, 0, False
    pieces: list[str | None] = []
    while place < len(text):
        found = None if re.match(r"\(\?(?!:)|\(\*|\[\^?\]", text[place:]) else _PIECE.match(text, place)
        if found is None:
            return _refused(text, place)
        shown = found[0]
        depth += shown.startswith("(") - (shown == ")")
        if depth < 0:
            return _wrong(text, ")", "closes nothing", r"write \) for the sign")
        if found["repeat"]:
            problem = _repeated(text, found, repeatable, text[found.end() : found.end() + 1])
            if problem:
                return problem
            piece: str | None = found["repeat"]
        elif found["members"]:
            members = _members(text, found["members"], fold=fold)
            if isinstance(members, Problem):
                return members
            piece = f"[{found['negated']}{members}]"
        else:
            piece = _piece(found, fold=fold)
        pieces.append(piece)
        repeatable = not found["repeat"] and shown not in ("(", "(?:", "|", "^", "$")
        place = found.end()
    if depth:
        return _wrong(text, "(", "is not closed", r"write \( for the sign")
    return _Expression(tuple(pieces))


def _piece(found: re.Match[str], *, fold: bool) -> str | None:
    escaped, sign = found["escaped"], found["sign"]
    if sign:
        return {".": r"[^\n]", "$": None, "(?:": "("}.get(sign, sign)
    if escaped and escaped in _SPACES:
        return f"\\{escaped}"
    if escaped and escaped.isalpha():
        return f"[{'^' * escaped.isupper()}{_CLASSES[escaped.lower()]}]"
    return _character(escaped or found["character"], fold=fold)


def _repeated(text: str, found: re.Match[str], repeatable: bool, after: str) -> Problem | None:
    shown = found[0]
    if after and after in "*+?":
        return _wrong(text, shown + after, "repeats a repeat", "write one of them, or ( ) around the first")
    if not repeatable:
        return _wrong(text, shown, "has nothing before it to repeat", f"write \\{shown[0]} for the sign")
    numbers = [int(each) for each in re.findall(r"\d+", shown)]
    if numbers and max(numbers) > MOST_REPEATS:
        return _wrong(text, shown, f"repeats more than {MOST_REPEATS} times", f"write at most {{{MOST_REPEATS}}}")
    return _wrong(text, shown, "falls", "write the smaller number first") if numbers != sorted(numbers) else None


def _members(text: str, inside: str, *, fold: bool) -> str | Problem:
    """What stands between brackets."""
    if re.match(r"\[[:.=]", inside) or "[:" in inside:
        return _wrong(
            text, f"[{inside}", "is a class that differs from engine to engine", "write its characters: [a-z]"
        )
    written, place = "", 0
    while place < len(inside):
        found = _MEMBER.match(inside, place)
        if found is None:
            return _wrong(
                text, inside[place : place + 2], "stands in brackets, where not every engine knows it", _WITHIN
            )
        escaped, plain, last_escaped, last_plain = found.groups()
        first, last = escaped or plain, last_escaped or last_plain
        place = found.end()
        if escaped and escaped.isalpha():
            if last:
                return _wrong(text, found[0], "is no range", r"write \- for the sign")
            written += f"\\{escaped}" if escaped in _SPACES else _CLASSES[escaped]
        elif last is None:
            written += "".join(map(_escaped, _cases(first) if fold else first))
        elif first > last:
            return _wrong(text, found[0], "is a range that falls", f"write {last}-{first}")
        elif fold and ord(last) - ord(first) > _WIDEST:
            return _wrong(text, found[0], "is too wide a range for (?i)", "write a smaller one")
        else:
            every = {_escaped(case) for code in range(ord(first), ord(last) + 1) if fold for case in _cases(chr(code))}
            written += "".join(sorted(every)) if fold else f"{_escaped(first)}-{_escaped(last)}"
    return written


def _refused(text: str, place: int) -> Problem:
    for pattern, why, help_ in _REFUSED:
        found = re.match(pattern, text[place:])
        if found:
            return _wrong(text, found[0], why, help_)
    raise AssertionError(text)  # all that is no piece begins with one of these


def _wrong(text: str, piece: str, why: str, help_: str) -> Problem:
    return Problem("FN103", f"{quoted(piece)} in the regular expression {quoted(text)} {why}", help_)


@cache
def _folded() -> dict[str, str]:
    """The characters of each case folding of which there are several: what differs by case alone."""
    found: dict[str, str] = {}
    for character in map(chr, range(0x1E944)):  # after which Unicode has no letters with cases
        folded = character.casefold()
        found[folded] = found.get(folded, "") + character
    return {folded: characters for folded, characters in found.items() if len(characters) > 1}


def _cases(character: str) -> str:
    return _folded().get(character.casefold(), character)


def _escaped(character: str) -> str:
    if character.isascii() and not character.isalnum() and character.isprintable() and character not in " _":
        return f"\\{character}"
    return {"\n": r"\n", "\t": r"\t", "\r": r"\r", "\f": r"\f"}.get(character, character)


def _character(character: str, *, fold: bool) -> str:
    every = _cases(character) if fold else character
    return _escaped(every) if len(every) == 1 else f"[{''.join(map(_escaped, every))}]"


def literal(text: str) -> str:
    """A text as a pattern of SQL that only it fits."""
    return re.sub(r"([\\%_])", r"\\\1", text)


AROUND = {"contains": ("%", "%"), "starts with": ("", "%"), "ends with": ("%", "")}
"""What stands before and after the text that a value contains, begins or ends with, as a pattern of SQL."""


def plain(operator: str, operand: str) -> tuple[str, str]:
    """An operator on text as `like` or `matches`, or the opposite of one, and what stands after it.

    What `ilike` leaves aside is the case folding of Unicode, of a single character: it is written out as an expression.
    """
    negated, base = ("not " if operator.startswith("not ") else ""), operator.removeprefix("not ")
    if base in AROUND:
        before, after = AROUND[base]
        return f"{negated}like", f"{before}{literal(operand)}{after}"
    return operator, operand


def as_expression(operator: str, operand: str, end: str = "$") -> str:
    r"""The regular expression for `ilike` or `matches`, as an engine reads it in which `end` is the end of a text."""
    if operator.endswith("ilike"):
        signs = {"%": f"{_ANY}*", "_": _ANY}
        places = re.findall(r"\\.|.", operand, re.DOTALL)
        start = "" if places[:1] == ["%"] else "^"
        end = "" if places[-1:] == ["%"] else end
        inner = places[not start : len(places) - (not end and len(places) > 1)]
        return start + "".join(signs.get(each) or _character(each[-1], fold=True) for each in inner) + end
    found = regular(operand)
    assert not isinstance(found, Problem), found
    return "".join(end if piece is None else piece for piece in found.pieces)
