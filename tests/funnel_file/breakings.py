"""Sound funnel files broken by slips that are known, so that the sound file says what mending should come to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.funnel_file import misspelt_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Write = Callable[[re.Match[str]], str]

_VALUE_ENDS = r"(?=%?\s*(?:[,}\]]|\s#|$))"
_KEY = r"(?:(?<=^)|(?<=[{,] )|(?<=- )|(?<=  ))([a-z]\w{4,})(?=:(?:\s|$))"


class Breaking(NamedTuple):
    """A sound text with a slip: what was done, in which line, counted from 0, and the text."""

    slip: str
    line: int
    text: str


def _of_key(write: Callable[[str], str]) -> Write:
    return lambda match: write(match[1]) if misspelt_keys.is_key(match[1]) else match[0]


SLIPS: dict[str, tuple[str, str | Write]] = {
    "a tab for the indentation": (r"^ +(?=\S)", "\t"),
    "a tab for two spaces": (r"^  (?=\s*\S)", "\t"),
    "a tab behind the indentation": (r"^( *)  (?=\S)", "\\1\t"),
    "a tab behind the dash": (r"^( *-) (?=\S)", "\\1\t"),
    "a comma between thousands": (rf"(?<=[:,\[] )(\d{{1,3}})(\d{{3}}){_VALUE_ENDS}", r"\1,\2"),
    "a space between thousands": (rf"(?<=[:,\[] )(\d{{1,3}})(\d{{3}}){_VALUE_ENDS}", r"\1 \2"),
    "an apostrophe between thousands": (rf"(?<=[:,\[] )(\d{{1,3}})(\d{{3}}){_VALUE_ENDS}", r"\1'\2"),
    "an underscore between thousands": (rf"(?<=[:,\[] )(\d{{1,3}})(\d{{3}}){_VALUE_ENDS}", r"\1_\2"),
    "a decimal comma": (rf"(?<=[:,\[] )(\d+)\.(\d{{1,2}}){_VALUE_ENDS}", r"\1,\2"),
    "two letters the other way round": (_KEY, _of_key(lambda key: key[:2] + key[3] + key[2] + key[4:])),
    "a letter that is missing": (_KEY, _of_key(lambda key: key[:3] + key[4:])),
    "a letter twice": (_KEY, _of_key(lambda key: key[:3] + key[2:])),
    "a capital letter": (_KEY, _of_key(str.capitalize)),
    "no percent sign": (r"(?<=\d)%", ""),
    "a space before the percent sign": (r"(?<=\d)%", " %"),
    "typographic quotes": (r"\"([^\"\n]*)\"", r"“\1”"),
    "a no-break space behind the colon": (r"(?<=:) (?=\S)", "\u00a0"),
    "a no-break space in the indentation": (r"^ (?=\s*\S)", "\u00a0"),
    "no space behind the colon": (r"(?<=[\w\"]:) (?=\S)", ""),
    "one space more": (r"^(?=\s*[^\s#])", " "),
    "one space less": (r"^ (?=\s*[^\s#])", ""),
    "two spaces more": (r"^(?=\s*[^\s#])", "  "),
    "two spaces less": (r"^  (?=\s*[^\s#])", ""),
    "a quote that is not closed": (r"(?<=: )(\"[^\"\n]*)\"", r"\1"),
    "an equals sign": (r"(?<=\w):(?= )", "="),
    "an equals sign between spaces": (r"(?<=\w):(?= \S)", " ="),
    "no colon": (r"(?<=\w):(?= |$)", ""),
    "a comma at the end of the line": (r"(?<=[\w%}\]\"])$", ","),
    "a semicolon at the end of the line": (r"(?<=[\w%}\]\"])$", ";"),
    "no dash": (r"^( *)- (?=\S)", r"\1  "),
    "no space behind the dash": (r"^( *)- (?=\S)", r"\1-"),
    "a long dash": (r"^( *)- (?=\S)", r"\1– "),
    "a brace that is not closed": (r"\}(?=\s*$)", ""),
    "a brace too many": (r"\}(?=\s*$)", "}}"),
    "a semicolon for a comma": (r"(?<=\w), (?=\w+:)", "; "),
    "no comma": (r"(?<=\w), (?=\w+:)", " "),
    "a wide colon": (r"(?<=\w): ", "："),
    "thousands in a word": (rf"(?<=[:,\[] )(\d+)000{_VALUE_ENDS}", r"\1k"),
}
"""What people do: a pattern of a line, and what stands there then."""


def broken(text: str) -> Iterator[Breaking]:
    """The text with each slip in each place where it can be made, outside of comments."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        code = re.split(r"(?:^|\s)#", line)[0]
        for slip, (pattern, write) in SLIPS.items():
            for match in re.finditer(pattern, line):
                if match.start() <= len(code.rstrip()) and code.strip():
                    new = line[: match.start()] + (write(match) if callable(write) else match.expand(write))
                    new += line[match.end() :]
                    if new != line:
                        yield Breaking(slip, number, "\n".join([*lines[:number], new, *lines[number + 1 :]]))


def twice(first: Breaking, second: Breaking) -> str:
    """The text with the slips of two breakings of it, in lines apart."""
    lines = first.text.split("\n")
    lines[second.line] = second.text.split("\n")[second.line]
    return "\n".join(lines)
