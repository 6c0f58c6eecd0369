"""`time_format`: how a time is written, in the directives of strptime, and what those mean who write it otherwise."""

from __future__ import annotations

import re

from funnelcli.diagnostics import Problem, quoted
from funnelcli.funnel_file import scalars

_DIRECTIVES = frozenset("dmYybBHIpMSfzjaA%")
_ONE_PART = (("Yy", "year"), ("mbB", "month"), ("HI", "hour"), ("aA", "day of the week"))
"""Directives that are the same part of a time."""
LEFT_OUT = "leave time_format out: measure proposes the one that reads the events' times"


def time_format(text: str, plain: bool = True) -> str | Problem:
    """How a time is written, in the directives of strptime that mean one thing; it has a year, a month and a day."""
    outcome = scalars.text(text, plain)
    if isinstance(outcome, Problem):
        return outcome
    used = [each for each in re.findall(r"%-?(.?)", text, re.DOTALL) if each != "%"]
    if not used:
        meant = in_directives(text)
        return Problem("FN103", f"{quoted(text)} has no parts of a time", f'write "{meant}"' if meant else LEFT_OUT)
    unknown = next((each for each in used if each not in _DIRECTIVES), None)
    if unknown is not None:
        help_ = "use %d %m %Y %y %b %B %H %I %p %M %S %f %z %j, and %% for the sign"
        return Problem("FN103", f'"%{unknown}" is no part of a time', help_)
    twice = _twice(used)
    if twice is not None:
        return Problem("FN103", f"{quoted(text)} has {twice}", "write each part once; %m is the month, %M the minute")
    if re.search(r"%-?[HI][:.]?%-?m|%-?[dYy][-./]?%-?M", text):
        swapped = text.translate(str.maketrans("mM", "Mm"))
        help_ = f'write "{swapped}"' if {"m", "M"} <= set(used) else "%m is the month, and %M the minute"
        return Problem("FN103", f"{quoted(text)} takes the month for the minute, or the minute for the month", help_)
    has = set(used)
    if not has & {"Y", "y"} or not ((has & {"m", "b", "B"} and "d" in has) or "j" in has):
        return Problem(
            "FN103", f"{quoted(text)} has no whole date", 'write one with a year, a month and a day: "%d.%m.%Y"'
        )
    if ("I" in has) != ("p" in has):
        return Problem("FN103", f"{quoted(text)} has half of a clock of 12 hours", "write %I and %p, or %H alone")
    return text


def _twice(used: list[str]) -> str | None:
    """What stands twice among directives, in words."""
    again = next((each for each in used if used.count(each) > 1), None)
    if again is not None:
        return f"%{again} twice"
    return next((f"two parts for the {name}" for alike, name in _ONE_PART if len(set(alike) & set(used)) > 1), None)


_WORD = (
    r"'(?P<text>[^'%]*)'|(?P<p>am/pm|am|pm|tt|a)|(?P<b>month|mon)|(?P<M>mi)|(?P<z>tzh:?tzm|tz|z+|x+)|(?P<y>y+|u+)|(?P<m>m+)"
    r"|(?P<d>d+)|(?P<h>h+(?:24|12)?)|(?P<s>s+)|(?P<f>f+)|(?P<e>e+)|(?P<T>T)|(?P<other>[^a-z0-9%])"
)
"""How other languages write the parts of a time: Java, .NET, spreadsheets, SQL and people."""
_BY_LENGTH = {
    "y": {1: "%Y", 2: "%y", 4: "%Y"}, "m": {3: "%b", 4: "%B"}, "d": {1: "%d", 2: "%d", 3: "%a", 4: "%A"},
    "s": {1: "%S", 2: "%S"}, "e": {1: "%a", 2: "%a", 3: "%a", 4: "%A"},
}  # fmt: skip


def in_directives(words: str) -> str | None:
    """`dd.mm.yyyy HH:MM` as `%d.%m.%Y %H:%M`; nothing where that cannot be told.

    Two m are the month and the minute, whichever is large: the minute is the one that follows the hour.
    """
    parts: list[tuple[str, str]] = []
    at, word = 0, re.compile(_WORD, re.IGNORECASE)
    while at < len(words):
        found = word.match(words, at)
        if found is None or found.lastgroup is None:
            return None
        parts.append((found.lastgroup, found[found.lastgroup]))
        at = found.end()
    told = [(kind, text) for kind, text in parts if kind not in ("other", "text", "T")]
    before = {place: kind for place, (kind, _) in enumerate([("", ""), *told])}
    twelve = any(kind == "p" for kind, _ in told) or any(text.endswith("12") for kind, text in told if kind == "h")
    short = [place for place, (kind, text) in enumerate(told) if kind == "m" and len(text) < 3]
    named = len(short) < sum(kind in ("m", "b") for kind, _ in told)  # a month in letters
    minutes = [place for place in short if before[place] == "h"]
    result, place = [], -1
    for kind, text in parts:
        if kind in ("other", "text", "T"):
            result.append(text)
            continue
        place += 1
        if kind == "m" and len(text) < 3:
            result.append("%M" if place in minutes else "%m")
        elif kind in _BY_LENGTH:
            fraction = kind == "s" and "%S" in result
            result.append("%f" if fraction else _BY_LENGTH[kind].get(len(text), ""))
        else:
            own = {"b": "%B" if len(text) > 3 else "%b", "h": "%I" if twelve else "%H"}
            result.append(own.get(kind, f"%{kind}"))
    written = "".join(result)
    if named == (len(short) > len(minutes)) or "" in result:  # no month, or two
        return None
    return written if written == time_format(written) else None
