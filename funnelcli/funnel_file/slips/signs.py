"""Slips with the signs between the words of a line: colons, dashes, commas, brackets, spaces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from funnelcli.diagnostics import quoted
from funnelcli.funnel_file import misspelt_keys
from funnelcli.funnel_file.yaml.grouping import NUMBER, plain_number
from funnelcli.funnel_file.yaml.plain import is_number
from funnelcli.funnel_file.yaml.raw_lines import Line, braces, pairs, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.funnel_file.yaml.raw_lines import Mend

_BETWEEN = r"\s*(?:=>|->|:=|[=→⇒|;]|\t+)\s*|\s+[-–—−]\s+"

DASHES = "—–‒−‑•●·▪◦‣*+"

_CLOSING = {"{": "}", "[": "]"}


def other_sign(line: Line) -> Iterator[Mend]:
    """Another sign in place of the colon."""
    match = re.fullmatch(rf"([^\s\"'{{\[:=][^:={{\[]*?)({_BETWEEN})(\S.*)", line.body)
    if match and not line.key and (misspelt_keys.is_key(match[1]) or re.fullmatch(NUMBER, match[3])):
        name = re.sub(rf"^[{re.escape(DASHES)}]\s+", "", match[1])
        what = "a tab" if match[2].isspace() else quoted(match[2].strip())
        yield f"{what} stands in place of the colon", line.at, line.end, f"{name}: {value(match[3])}"


def no_space(line: Line) -> Iterator[Mend]:
    """A colon without the space after it."""
    opening = re.match(r"([^\s:\"'{\[]+):(?=[{\[])", line.body)
    if opening:
        yield "the colon needs a space after it", line.at, line.end, f"{opening[0]} {line.body[opening.end() :]}"
    elif "{" in line.body:
        begin = line.text.index("{", line.at)
        flow = line.text[begin : line.end]
        pairs = list(re.finditer(r"(?<=[{,])\s*([^{}\[\],:\"'\s][^{}\[\],:\"']*):(?=[^\s:/,}\]])", flow))
        if pairs:
            mended = re.sub(r"(?<=[{,])(\s*[^{}\[\],:\"'\s][^{}\[\],:\"']*):(?=[^\s:/,}\]])", r"\1: ", flow)
            start = pairs[0].start(1)
            after = flow[pairs[-1].end() :]
            tail = len(after) - len(re.split(r"[,}\]]", after)[0])
            text = mended[start : len(mended) - tail]
            yield "a colon needs a space after it", begin + start, line.end - tail, text
    if "{" in line.body:
        return
    match = re.fullmatch(r"([^\s:\"'\[{#][^:]*):(?!//)([^\s:].*)", line.body)
    if match and not (match[1][-1:].isdigit() and match[2][0].isdigit()):
        yield "the colon needs a space after it", line.at, line.end, f"{match[1]}: {value(match[2])}"


def no_colon(line: Line) -> Iterator[Mend]:
    """A key or a stage without its colon."""
    if ":" in line.body or not line.body:
        return
    said = "the colon is missing"
    if misspelt_keys.is_key(line.body):
        help_ = f"write {line.body}:" + ("" if line.below > line.at or line.body == "stages" else " and its value")
        yield f"{said} after {quoted(line.body)}", line.at, line.end, f"{line.body}:", help_
        return
    word, _, rest = line.body.partition(" ")
    counted = re.fullmatch(rf"([^\W\d].*?)\s+({NUMBER})", line.body)
    if misspelt_keys.is_key(word) and rest:
        yield f"{said} after {quoted(word)}", line.at, line.end, f"{word}: {value(rest.strip())}"
    elif counted:
        yield f"{said} after {quoted(counted[1])}", line.at, line.end, f"{counted[1]}: {plain_number(counted[2])}"


def name_without_key(line: Line) -> Iterator[Mend]:
    """An item that begins with a bare name."""
    if "- " in line.text[: line.at] and line.below >= line.at and line.body and ":" not in line.body:
        yield "a stage of a list needs the key name", line.at, line.end, f"name: {value(line.body)}"


def brackets(line: Line) -> Iterator[Mend]:
    """Brackets of one line that do not fit each other."""
    opened: list[int] = []
    inside = ""
    for place in range(line.at, line.end):
        char = line.text[place]
        if inside or char in "\"'":
            inside = "" if char == inside else inside or char
        elif char in "{[":
            opened.append(place)
        elif char in "}]":
            if not opened:
                yield f"{char} closes nothing", place, place + 1, "", f"delete {char}"
                return
            begun = line.text[opened[-1]]
            if char != _CLOSING[begun]:
                fit = _CLOSING[begun]
                what = f"{begun} is closed by {char}"
                yield what, place, place + 1, fit
                yield f"{begun} is not closed", opened[-1], line.end, _inserted(line, opened[-1], place, fit)
                return
            opened.pop()
    if opened:
        first = opened[-1] if len(opened) == 1 else opened[0]
        closers = "".join(_CLOSING[line.text[place]] for place in reversed(opened))
        text = line.text[first : line.end].rstrip(" ,")
        yield f"{line.text[first]} is not closed", first, line.end, text + closers


def _inserted(line: Line, start: int, place: int, closer: str) -> str:
    return line.text[start:place].rstrip() + closer + line.text[place : line.end]


def pairs_in_line(line: Line) -> Iterator[Mend]:
    """Stages in one line, written in another way."""
    match = re.match(r"stages:\s+", line.body)
    if match and line.body[match.end() :][:1] != "[":
        text = line.body[match.end() :]
        found = None if re.fullmatch(r"\{(\s*[^:,;{}]+: [^:,;{}]+(,|(?=\})))+\}", text) or "\\" in text else pairs(text)
        if found and all(is_number(number) for _, number in found):
            said = "stages in one line stand in braces, name: count, with commas between them"
            yield said, line.at + match.end(), line.end, braces(found)


def title(line: Line) -> Iterator[Mend]:
    """A first line that is neither key nor comment."""
    if any(text.strip() and not text.startswith(("#", "---", "%")) for text in line.before):
        return
    if line.at == 0 and line.body and line.body[0] not in "{[-\"'<#|%" and ":" not in line.body:
        said = "the first line has no key"
        text = line.text.strip()
        bare = text.lstrip("/*- ").strip()
        if text.startswith(("//", "/*", "--", ";")):
            said = f"a comment begins with #, not with {text[:2].strip()}"
        else:
            yield said, 0, line.end, f"name: {value(line.body)}", f"write name: {value(line.body)}"
        yield said, 0, line.end, f"# {bare}"
