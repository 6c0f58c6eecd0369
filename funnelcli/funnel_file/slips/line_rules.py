"""Slips of one line that a pattern alone does not tell: what a word is, what the lines around hold.

A function is a rule of `lines.yaml` by its name. Each yields what may have been done in a line.
"""

from __future__ import annotations

import re
from itertools import islice, product
from typing import TYPE_CHECKING

from funnelcli.characters import QUOTE_MARKS, QUOTES
from funnelcli.diagnostics import quoted
from funnelcli.funnel_file import misspelt_keys, schema
from funnelcli.funnel_file.yaml.plain import is_number
from funnelcli.funnel_file.yaml.quoting import quoted_text
from funnelcli.funnel_file.yaml.raw_lines import Line, braces, indent, pairs, value
from funnelcli.funnel_file.yaml.typed_numbers import NUMBER, UNPARTED, plain_number
from funnelcli.funnel_file.yaml.typographic_text import QUOTED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.funnel_file.yaml.raw_lines import LinePart

_BETWEEN = r"\s*(?:=>|->|:=|[=→⇒|;]|\t+)\s*|\s+[-–—−]\s+"
DASHES = "—–‒−‑•●·▪◦‣*+"
_CLOSING = {"{": "}", "[": "]"}
_SIGNS = (
    r"[>≥<≤~≈±#]|(?:approx|ca|min|max)\.?|about|around|at least|at most|not less than|more than|less than|over|under"
)
_ABOUT = re.compile(rf"(?:{_SIGNS})\s*=?\s*(?P<number>{NUMBER})")


def misspelt(line: Line) -> Iterator[LinePart]:
    """Words before a colon that are no keys, and near one."""
    for match in re.finditer(r"(?:(?<=[{,])\s*|^)(\"?)([^\W\d][\w ./-]*?)\1\s*(?=:(?:\s|$))", line.body):
        word, rest = match[2], line.body[match.end() + 1 :].lstrip()
        at_top = not line.at and match.start() == 0
        table = schema.FUNNEL if at_top else _TABLES.get(line.outermost, schema.STAGE)
        known = [field.key for field in table]
        found = (
            None
            if word in known
            else misspelt_keys.meant(word, known, nested=not rest or rest[0] in "[{" or "<" in rest or ">" in rest)
        )
        if found is not None:
            key, unusual = found
            sure = bool(unusual) or misspelt_keys.is_only(word, key, known)
            start, end = line.at + match.start(2), line.at + match.end(2)
            said = f"the key {quoted(word)} {unusual}" if unusual else f"unknown key {quoted(word)}"
            yield line.mend(said, key, start, end, "" if unusual else f"did you mean {quoted(key)}?", sure)


_TABLES = {"breakdowns": schema.SEGMENT, "cells": schema.SEGMENT, "referral": schema.REFERRAL} | {
    "measure": schema.MEASURE,
    "measured": schema.MEASURED,
}


def key_by_value(line: Line) -> Iterator[LinePart]:
    """The count of a stage below a word that says nothing; the reader knows whether it does."""
    for match in re.finditer(rf"(?:(?<=[{{,])\s*|^)([^\W\d][\w ./-]*?)(?=:\s+({NUMBER})\s*(?:[,}}]|$))", line.body):
        word, start = match[1], line.at + match.start(1)
        if not start or misspelt_keys.is_key(word) or line.outermost != "stages":
            continue
        if misspelt_keys.meant(word, [field.key for field in schema.STAGE]) is None:
            key = "conversion" if match[2].endswith("%") else "count"
            said = f"unknown key {quoted(word)}"
            yield line.mend(said, key, start, start + len(word), f"did you mean {quoted(key)}?", sure=False)


def other_sign(line: Line) -> Iterator[LinePart]:
    """Another sign in place of the colon."""
    match = re.fullmatch(rf"([^\s\"'{{\[:=][^:={{\[]*?)(?<![<>!])({_BETWEEN})(\S.*)", line.body)
    if match and not line.key and (misspelt_keys.is_key(match[1]) or re.fullmatch(NUMBER, match[3])):
        name = re.sub(rf"^[{re.escape(DASHES)}]\s+", "", match[1])
        what = "a tab" if match[2].isspace() else quoted(match[2].strip())
        yield line.mend(f"{what} stands in place of the colon", f"{name}: {value(match[3])}")


def no_colon(line: Line) -> Iterator[LinePart]:
    """A key or a stage without its colon."""
    if ":" in line.body or not line.body:
        return
    said = "the colon is missing"
    if misspelt_keys.is_key(line.body):
        sure = True if line.below > line.at or line.body == "stages" else None
        help_ = f"write {line.body}:" + ("" if sure else " and its value")
        yield line.mend(f"{said} after {quoted(line.body)}", f"{line.body}:", help_=help_, sure=sure)
        return
    word, _, rest = line.body.partition(" ")
    counted = [re.fullmatch(rf"([^\W\d].*?)(?<![<>=!])\s+({number})", line.body) for number in (NUMBER, UNPARTED)]
    if misspelt_keys.is_key(word) and rest and not re.match(r"\s*[=:|;→⇒~]", rest):
        yield line.mend(f"{said} after {quoted(word)}", f"{word}: {value(rest.strip())}")
        return
    for name, number in dict.fromkeys(match.groups() for match in counted if match):
        yield line.mend(f"{said} after {quoted(name)}", f"{name}: {plain_number(number)}")


def split_number(line: Line) -> Iterator[LinePart]:
    """Commas in the numbers of braces or brackets, which part values there."""
    found = [] if _BRACKET.search(line.text) is None else [*_SPLIT.finditer(line.body)]
    found = [each for each in found if each[0].isascii() or _key_of(line, each) not in _TEXTS]
    if not found:
        return
    start, end = found[0].start(), found[-1].end()
    said = f"the comma in {found[0][0]} parts two values"
    readings = [_readings(line, match) for match in found]
    for forms in islice(product(*readings), MOST_READINGS):
        text, place = "", start
        for match, form in zip(found, forms, strict=True):
            text, place = text + line.body[place : match.start()] + form, match.end()
        yield line.mend(said, text, line.at + start, line.at + end)


def _readings(line: Line, match: re.Match[str]) -> list[str]:
    """The number that stands there with a comma, as it reads by the key before it, or the two that it may be."""
    text = match[0] if match[0].isascii() else match[0][1:-1].strip()  # without its quotes
    kind = _KINDS.get(_key_of(line, match))
    forms = [plain_number(text)]
    if re.fullmatch(r"[1-9]\d{0,2},\d{3}%?", text) and (kind == "number" or (kind == "money" and line.thousandths)):
        forms.append(text.replace(",", "."))
    elif re.fullmatch(r"\d+,\d{1,2}|0,\d+", text) and kind is None:  # a count is whole as a rule
        forms.append(text.replace(",", "").lstrip("0") or "0")
    return forms


def _key_of(line: Line, match: re.Match[str]) -> str:
    """The key before a place of a line, if there is one."""
    key = re.search(r"([\w.-]+):\s*$", line.body[: match.start()])
    return key[1] if key else ""


_BRACKET = re.compile(r"[{\[]")
_PARTED = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?%?(?!\d|,\d)"
_DECIMALS = r"(?:\d+,\d{1,2}%?|0,\d+)"
_MARKED = "|".join(f"{pair[0]} ?(?:{_PARTED}|{_DECIMALS}) ?{pair[1]}" for pair in QUOTES)
_SPLIT = re.compile(
    rf"(?:(?<=[:,] )|(?<=\[))(?:{_PARTED}|(?:{_MARKED})(?=\s*[,}}\]]))|(?<=: ){_DECIMALS}(?=\s*[,}}\]])"
)
_TEXTS = frozenset(each.key for each in (*schema.FUNNEL, *schema.STAGE) if each.kind in ("label", "text"))
"""Keys of texts, which may be in quotes of their own."""
_KINDS = dict.fromkeys(("average_check", "average_order_value", "revenue", "cost", "budget", "mean", "sd"), "money")
_KINDS |= dict.fromkeys(
    ("days", "median", "p90", "conversion", "target", "close_chance", "gross_margin", "variation", "brings"), "number"
)
MOST_READINGS = 8
"""Readings of a line that are tried, where several of its numbers have two."""


def name_without_key(line: Line) -> Iterator[LinePart]:
    """An item that begins with a bare name."""
    if "- " in line.text[: line.at] and line.below >= line.at and line.body and ":" not in line.body:
        yield line.mend("a stage of a list needs the key name", f"name: {value(line.body)}")


def brackets(line: Line) -> Iterator[LinePart]:
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
                yield line.mend(f"{char} closes nothing", "", place, place + 1, f"delete {char}")
                return
            begun = line.text[opened[-1]]
            if char != _CLOSING[begun]:
                fit = _CLOSING[begun]
                yield line.mend(f"{begun} is closed by {char}", fit, place, place + 1)
                text = line.text[opened[-1] : place].rstrip() + fit + line.text[place : line.end]
                yield line.mend(f"{begun} is not closed", text, opened[-1])
                return
            opened.pop()
    if opened:
        first = opened[-1] if len(opened) == 1 else opened[0]
        closers = "".join(_CLOSING[line.text[place]] for place in reversed(opened))
        text = line.text[first : line.end].rstrip(" ,")
        yield line.mend(f"{line.text[first]} is not closed", text + closers, first)


def pairs_in_line(line: Line) -> Iterator[LinePart]:
    """Stages in one line, written in another way."""
    match = re.match(r"stages:\s+", line.body)
    if match and line.body[match.end() :][:1] != "[":
        text = line.body[match.end() :]
        if re.fullmatch(r"\{(\s*[^:,;{}]+: [^:,;{}]+(,|(?=\})))+\}", text) or "\\" in text:
            return
        ways = [
            braces(found)
            for found in (pairs(text), pairs(text, UNPARTED))
            if found and all(is_number(number) for _, number in found)
        ]
        for stages in dict.fromkeys(ways):
            said = "stages in one line stand in braces, name: count, with commas between them"
            yield line.mend(said, stages, line.at + match.end())


def title(line: Line) -> Iterator[LinePart]:
    """A first line that is neither key nor comment."""
    if any(text.strip() and not text.startswith(("#", "---", "%")) for text in line.before):
        return
    if misspelt_keys.is_key(re.split(r"\W", line.body)[0]):  # it has one, and no colon behind it
        return
    if line.at == 0 and line.body and line.body[0] not in "{[-\"'<#|%" and ":" not in line.body:
        said = "the first line has no key"
        text = line.text.strip()
        bare = text.lstrip("/*- ").strip()
        if text.startswith(("//", "/*", "--", ";")):
            said = f"a comment begins with #, not with {text[:2].strip()}"
        else:
            yield line.mend(said, f"name: {value(line.body)}", 0)
        yield line.mend(said, f"# {bare}", 0)


def colon_in_text(line: Line) -> Iterator[LinePart]:
    """A colon and a space inside a name or text."""
    twice = re.fullmatch(rf"([^\s\"'{{\[][^{{\[\"':]*):\s+({NUMBER}):\s+({NUMBER})", line.body)
    if twice:
        for number in (twice[2], twice[3]):
            yield line.mend("two numbers stand here", f"{twice[1]}: {plain_number(number)}")
        return
    inner = re.search(r"(?<=\S) (\w+): ", line.value) if line.key else None
    last = re.fullmatch(rf"([^\s\"'{{\[][^{{\[\"']*):\s+({NUMBER})", line.body)
    if last and ": " in last[1] and not (inner and misspelt_keys.is_key(inner[1])):
        mended = f"{quoted_text(last[1])}: {plain_number(last[2])}"
        yield line.mend("a name with a colon in it needs quotes", mended, sure=_is_plain(last[1]))
    if inner and "{" not in line.key and (misspelt_keys.is_key(inner[1]) or re.match(NUMBER, line.value)):
        second = line.value_at + inner.start(1)
        first = line.text[line.at : second].rstrip(" ,;")
        mended = f"{first}\n{' ' * line.at}{line.text[second : line.end]}"
        help_ = f"start a new line before {line.text[second : line.end]}"
        yield line.mend("two keys stand in one line", mended, help_=help_)
        whole = f"{line.key}: {quoted_text(line.rest)}"
        sure = _is_plain(whole)
        yield line.mend("a text with a colon in it needs quotes", whole, end=len(line.text.rstrip()), sure=sure)
    elif line.key and ": " in f"{line.value} " and line.value[0] not in "{[\"'":
        end = len(line.text.rstrip())
        sure, said = _is_plain(line.text), "a text with a colon in it needs quotes"
        yield line.mend(said, quoted_text(line.rest), line.value_at, end, sure=sure)
    for match in re.finditer(r"(?<=[{,])\s*\w+: [^{}\[\],\"':]*?[^\s;](;?\s+)(\w+): ", line.body):
        if misspelt_keys.is_key(match[2]):
            start, end = line.at + match.start(1), line.at + match.end(2)
            yield line.mend("a comma is missing between two keys", f", {match[2]}", start, end)
    for match in re.finditer(rf"(?<=[{{,])\s*[^{{}}\[\],:]+: {NUMBER}(\s+)([^\W\d][^{{}}\[\],:]*): ", line.body):
        start, end = line.at + match.start(1), line.at + match.end(2)
        yield line.mend("a comma is missing between two stages", f", {match[2]}", start, end)
    for match in re.finditer(r"([{,]\s*\w+: )([^{}\[\],\"':]+: [^{}\[\],\"':]+)(?=[,}])", line.body):
        start, end = line.at + match.start(2), line.at + match.end(2)
        # a word between blank and colon may be a key behind a comma that is missing
        sure, said = not re.search(r"^\d|;|\s\w+: ", match[2]), "a text with a colon in it needs quotes"
        yield line.mend(said, quoted_text(match[2].strip()), start, end, sure=sure)


def _is_plain(text: str) -> bool:
    """Whether nothing in a text says that it is more than a text: no bracket, and no quote of another kind."""
    return not re.search(r"[{}\[\]＂]", text) and QUOTE_MARKS.isdisjoint(text)


def about(line: Line) -> Iterator[LinePart]:
    """A number with a sign of more, less or about."""
    for match in re.finditer(rf"(?<=:\s){_ABOUT.pattern}(?=\s*(?:[,}}]|$))", line.body):
        if _is_condition(line, match.start()):
            continue
        sign = match[0][0] if not match[0][0].isalpha() else match[0].split()[0]
        mended = plain_number(match["number"])
        key = re.search(r"(\w+):\s*$", line.body[: match.start()])
        help_ = f"write {mended} without {quoted(sign)}"
        if key and key[1] == "target" and sign in ">≥<≤":
            stage = _stage_of(line)
            limit = "<=" if sign in "<≤" else ">="
            help_ += f"; a limit that check enforces stands under checks: conversion@{stage} {limit} {mended}"
        said = f"{quoted(match[0])} is not one number"
        yield line.mend(said, mended, line.at + match.start(), line.at + match.end(), help_, sure=False)


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


_CUT = re.compile(r": |,| #|[{}\[\]]")
"""What ends a text to YAML, the comma in brackets alone."""


def _whole(match: re.Match[str]) -> str:
    """A text in typographic quotes in plain ones, where YAML cuts it; else as it is, as it may be a name."""
    return quoted_text(match[0][1:-1]) if _CUT.search(match[0]) else match[0]


def quotes(line: Line) -> Iterator[LinePart]:
    """Quotes that do not fit each other, or are none."""
    start, end = line.value_at if line.key else line.at, len(line.text.rstrip())
    value = line.text[start:end]
    straight = value if value.isascii() else QUOTED.sub(_whole, value)
    if straight != value:
        yield line.mend("typographic quotes are not YAML's", straight, start, end)
    ended = re.fullmatch(r"(\"[^\"]*\"|'[^']*')\s*([,;])", value)
    if ended:
        yield line.mend(f"{ended[2]} after the text is not a part of it", ended[1], start, end)
    elif value.startswith(('"', "'")):
        mark = value[0]
        if mark not in value[1:]:
            key = re.fullmatch(r"(.[^:]*):(\s.*|)", value)
            said = "the quote is not closed"
            yield line.mend(said, f"{value}{mark}", start, end)
            if key:
                yield line.mend(said, f"{key[1]}{mark}:{key[2]}", start, end)
            return
        inside = value[1:-1] if value.endswith(mark) else value
        if re.search(r"\\[^0abt\tnvfre \"/\\N_LPxuU]", inside) and mark == '"':
            said = "a backslash inside double quotes begins a code"
        elif mark in inside:
            said = f"{mark} closes the text before its end"
        else:
            return
        yield line.mend(said, quoted_text(inside), start, end)
