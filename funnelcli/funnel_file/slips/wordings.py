"""Slips with what stands between the signs of a line: texts that need quotes, and numbers that are none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from funnelcli.diagnostics import quoted
from funnelcli.funnel_file import misspelt_keys
from funnelcli.funnel_file.yaml.grouping import NUMBER, plain_number
from funnelcli.funnel_file.yaml.quoting import quoted_text
from funnelcli.funnel_file.yaml.raw_lines import indent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.funnel_file.yaml.raw_lines import Line, Mend

_SIGNS = (
    r"[>≥<≤~≈±#]|(?:approx|ca|min|max)\.?|about|around|at least|at most|not less than|more than|less than|over|under"
)
_ABOUT = re.compile(rf"(?:{_SIGNS})\s*=?\s*(?P<number>{NUMBER})")
_SMART = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "＂": '"'})


def colon_in_text(line: Line) -> Iterator[Mend]:
    """A colon and a space inside a name or text."""
    twice = re.fullmatch(rf"([^\s\"'{{\[][^{{\[\"':]*):\s+({NUMBER}):\s+({NUMBER})", line.body)
    if twice:
        for number in (twice[2], twice[3]):
            yield "two numbers stand here", line.at, line.end, f"{twice[1]}: {plain_number(number)}"
        return
    last = re.fullmatch(rf"([^\s\"'{{\[][^{{\[\"']*):\s+({NUMBER})", line.body)
    if last and ": " in last[1]:
        mended = f"{quoted_text(last[1])}: {plain_number(last[2])}"
        yield "a name with a colon in it needs quotes", line.at, line.end, mended
    inner = re.search(r"(?<=\S) (\w+): ", line.value) if line.key else None
    if inner and (misspelt_keys.is_key(inner[1]) or re.match(NUMBER, line.value)):
        second = line.value_at + inner.start(1)
        first = line.text[line.at : second].rstrip(" ,;")
        mended = f"{first}\n{' ' * line.at}{line.text[second : line.end]}"
        help_ = f"start a new line before {line.text[second : line.end]}"
        yield "two keys stand in one line", line.at, line.end, mended, help_
        whole = f"{line.key}: {quoted_text(line.rest)}"
        yield "a text with a colon in it needs quotes", line.at, len(line.text.rstrip()), whole
    elif line.key and ": " in f"{line.value} " and line.value[0] not in "{[\"'":
        mended = quoted_text(line.rest)
        yield "a text with a colon in it needs quotes", line.value_at, len(line.text.rstrip()), mended
    for match in re.finditer(r"([{,]\s*\w+: )([^{}\[\],\"':]+: [^{}\[\],\"':]+)(?=[,}])", line.body):
        start, end = line.at + match.start(2), line.at + match.end(2)
        yield "a text with a colon in it needs quotes", start, end, quoted_text(match[2].strip())


def number_sign(line: Line) -> Iterator[Mend]:
    """A # that was meant as text, and begins a comment."""
    match = re.match(r"(\s*(?:- +)*[^\s:#{\[][^:#{]*:\s+)(?=.*#)(\S.*)", line.text)
    if match:
        text = match[2].rstrip()
        said = "# begins a comment, so that what follows it is not read"
        yield said, match.end(1), len(line.text.rstrip()), quoted_text(text)
    whole = line.text.rstrip()
    hidden = list(re.finditer(r"(?<=: )#[^,{}]*[^\d,{}\s][^,{}]*(?=[,}])", whole)) if "{" in whole else []
    if hidden:
        start, end = hidden[0].start(), hidden[-1].end()
        mended = re.sub(r"(?<=: )#[^,{}]*[^\d,{}\s][^,{}]*(?=[,}])", lambda found: quoted_text(found[0].strip()), whole)
        text = mended[start : len(mended) - (len(whole) - end)]
        yield "# begins a comment, so that what follows it is not read", start, end, text
    elif re.search(r"#\s?\d", line.text) and "{" in line.body:
        whole = line.text[line.at :].rstrip()
        begin = line.text.index("#", line.at)
        mended = re.sub(r"#\s?(?=\d)", "", whole[begin - line.at :])
        yield "# begins a comment, so that what follows it is not read", begin, len(line.text.rstrip()), mended


def about(line: Line) -> Iterator[Mend]:
    """A number with a sign of more, less or about."""
    for match in re.finditer(rf"(?<=:\s){_ABOUT.pattern}(?=\s*(?:[,}}]|$))", line.body):
        if _is_condition(line, match.start()):
            continue
        sign = match[0][0] if not match[0][0].isalpha() else match[0].split()[0]
        mended = plain_number(match["number"])
        key = re.search(r"(\w+):\s*$", line.body[: match.start()])
        help_ = f"write {mended}"
        if key and key[1] == "target" and sign in ">≥<≤":
            stage = _stage_of(line)
            limit = "<=" if sign in "<≤" else ">="
            help_ += f"; a limit that check enforces stands under checks: conversion@{stage} {limit} {mended}"
        said = f"{quoted(match[0])} is not one number"
        yield said, line.at + match.start(), line.at + match.end(), mended, help_


def _is_condition(line: Line, place: int) -> bool:
    """Whether a place of a line is in `when` or `exclude`, where a number may have a sign before it."""
    above = [text for text in line.before if text.strip() and indent(text) < line.at]
    return bool(
        re.search(r"\b(when|exclude):", line.body[:place]) or (above and re.search(r"\b(when|exclude):\s*$", above[-1]))
    )


def _stage_of(line: Line) -> str:
    """The name of the stage that a line is about."""
    for text in [line.text, *reversed(line.before)]:
        match = re.search(r"\bname:\s*([^,}\n]+)", text)
        if match:
            return match[1].strip()
    return "STAGE"


def quotes(line: Line) -> Iterator[Mend]:
    """Quotes that do not fit each other, or are none."""
    value, start = (line.rest, line.value_at) if line.key else (line.text[line.at :].rstrip(), line.at)
    straight = value.translate(_SMART)
    if straight != value and ": " in f"{value} ":
        yield "typographic quotes are not YAML's", start, start + len(value), straight
    ended = re.fullmatch(r"(\"[^\"]*\"|'[^']*')\s*([,;])", value)
    if ended:
        yield f"{ended[2]} after the text is not a part of it", start, start + len(value), ended[1]
    elif value[:1] in ('"', "'") and value[:1]:
        mark = value[0]
        if mark not in value[1:]:
            key = re.fullmatch(r"(.[^:]*):(\s.*|)", value)
            said = "the quote is not closed"
            yield said, start, start + len(value), f"{value}{mark}"
            if key:
                yield said, start, start + len(value), f"{key[1]}{mark}:{key[2]}"
            return
        inside = value[1:-1] if value.endswith(mark) else value
        if re.search(r"\\[^0abt\tnvfre \"/\\N_LPxuU]", inside) and mark == '"':
            said = "a backslash inside double quotes begins a code"
        elif mark in inside:
            said = f"{mark} closes the text before its end"
        else:
            return
        yield said, start, start + len(value), quoted_text(inside)


def split_number(line: Line) -> Iterator[Mend]:
    """A comma inside a number, which parts two values between brackets."""
    thousands = r"\d{1,3}(?:,\d{3})+(?!\d|,\d)"
    pattern = rf"(?<=[:,] ){thousands}|(?<=\[){thousands}|(?<=: )\d+,\d{{1,2}}%?(?=\s*[,}}\]])"
    found = list(re.finditer(pattern, line.body))
    if found and re.search(r"[{\[]", line.body):
        start, end = found[0].start(), found[-1].end()
        mended = re.sub(pattern, lambda match: plain_number(match[0]), line.body[start:end])
        whole = re.sub(pattern, lambda match: plain_number(match[0]), line.body)
        mended = whole[start : len(whole) - (len(line.body) - end)]
        yield f"the comma in {found[0][0]} parts two values", line.at + start, line.at + end, mended
