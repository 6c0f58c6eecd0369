"""What a person meant by a figure, a change or a check that is none: loaded when there is one.

Each answer is tried: only what reads is offered.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.data_files import data_file
from funnelcli.funnel_file.scalars import SURELY_PERCENT
from funnelcli.funnel_file.yaml.plain import is_number
from funnelcli.funnel_file.yaml.typed_numbers import plain_number
from funnelcli.metrics import METRICS, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from funnelcli.metrics import Metric
    from funnelcli.what_if import Change, Check

LONGEST = 200
"""Characters of a check or a change in which something else is looked for."""
_SIGNS = (
    (
        ">=",
        (
            r"=>|=\s>|≥|⩾|(?:is )?(?:at least|not less than|no less than|not below|not under)|minimum|min\.?|mindestens"
            r"|не менее|не меньше|не ниже"
        ),
    ),
    (
        "<=",
        (
            r"=<|≤|⩽|(?:is )?(?:at most|not more than|no more than|not above|not over|up to)|maximum|max\.?|höchstens"
            r"|не более|не больше|не выше"
        ),
    ),
    (
        ">",
        (
            r"(?:is )?(?:over|above|more than|greater than|higher than|bigger than|exceeds)|больше|более|выше|über"
            r"|mehr als|größer als|>>"
        ),
    ),
    (
        "<",
        (
            r"(?:is )?(?:under|below|less than|fewer than|lower than|smaller than)|меньше|менее|ниже|unter|weniger als"
            r"|kleiner als|<<"
        ),
    ),
    ("==", r"=|===|equals|equal to|is"),
)
"""Operators in other words and signs."""
_TURNED = {">=": "<=", "<=": ">=", ">": "<", "<": ">", "==": "=="}
_POINTS = r"\s*(?:pp|p\.p\.|pct points?|%?[ -]?points?|percentage points?|п\.?\s?п\.?|[Pp]rozentpunkte?)"
_TIMES = {"double": "x2", "twice": "x2", "doubled": "x2", "triple": "x3", "halve": "x0.5", "half": "x0.5"} | {
    "вдвое": "x2",
    "verdoppeln": "x2",
    "doppelt": "x2",
}
_MORE = r"plus|add|increase by|increased by|up by|up|rise by|raise by|\+\+|увеличить на|рост на|erhöhen um|erhöht um"
_LESS = r"minus|subtract|decrease by|reduced? by|down by|down|cut by|less|уменьшить на|−|–|—"


@cache
def _figures() -> dict[str, str]:
    """Words for figures, and the figures."""
    words = {word: name for name, of in data_file("key_words.yaml")["figures"].items() for word in of}
    return words | {name: name for name in METRICS}


@lru_cache(maxsize=4)
def _folded(stages: tuple[str, ...]) -> dict[str, str]:
    """Stages by what is compared of their names."""
    return {fold(name).replace("_", " "): name for name in stages}


def selector(text: str, stages: Sequence[str]) -> str | None:
    """The selector that a text means, such as `Paid conversion` or `CR@Paid`."""
    words, stage = fold(text.replace("@", " ").replace("_", " ")), None
    known = _folded(tuple(stages))
    starts, ends = ([place.start() for place in re.finditer(edge, words)] for edge in (r"(?<!\w)", r"(?!\w)"))
    spans = sorted(((i, k) for i in starts for k in ends if i < k), key=lambda span: span[0] - span[1])
    for start, end in spans:
        if words[start:end] in known:
            words, stage = f"{words[:start]} {words[end:]}", known[words[start:end]]
            break
    words = re.sub(r"\b(?:of|from|to|at|in|for|the|into|von|bei|zu|auf|der|des|в|на|по|из)\b|[()\[\],:-]", " ", words)
    metric = METRICS.get(_figures().get("_".join(words.split()), ""))
    if metric is None or (metric.at == "stage" and not stages):
        return None
    if metric.at == "funnel" or (metric.at == "either" and stage is None):
        return metric.name
    return f"{metric.name}@{stage or stages[-1]}"


def change(written: str, reads: Callable[[str], Change | Problem]) -> str | None:
    """The change that a text means, such as `2x`, `plus 10%` or `10% -> 12%`."""
    if len(written) > LONGEST:
        return None
    return next((text for text in _changes(written.strip()) if not isinstance(reads(text), Problem)), None)


def _changes(text: str) -> Iterator[str]:
    low = " ".join(text.casefold().split())
    if low in _TIMES:
        yield _TIMES[low]
    points = re.fullmatch(rf"([+-]?)\s*(\d[\d.,]*){_POINTS}(?: (?:more|less))?", low)
    if points:
        yield f"{points[1] or '+'}{plain_number(points[2])}pp"
    times = re.fullmatch(r"(?:[x×*хX]|times|mal)\s*([\d.,]+)|([\d.,]+)\s*(?:[x×*х]|times|fach|mal|раза?)", low)
    if times:
        yield f"x{plain_number(times[1] or times[2])}"
    ends = re.fullmatch(r"(?:from )?\S+\s*(?:->|→|=>|to|bis|auf|до)\s*(\S+)|(?:set to|to|auf|до|=+)\s*(\S+)", low)
    if ends:
        yield plain_number(ends[1] or ends[2])
    signed = re.fullmatch(
        rf"(?:(\+)|(-)|({_MORE})|({_LESS}))?\s*(\S+?)\s*(%?)\s*(more|higher|mehr)?(less|lower|weniger)?", low
    )
    if signed:
        less, more = signed[2] or signed[4] or signed[8], signed[1] or signed[3] or signed[7]
        sign = "-" if less else "+" if more else ""
        yield f"{sign}{plain_number(signed[5])}{signed[6]}"
    yield "".join(low.split())


def says_the_same(text: str, form: str, above: int = SURELY_PERCENT) -> bool:
    """Whether a form has the letters, digits and signs of a text but those of comparing, of parting digits and blanks.

    One comma before three digits may part decimals as well as thousands. A bare number `above` that as a rate, and up
    to 100, is percent.
    """
    said, meant = (sorted(re.sub(r"[\s<>=≥≤⩾⩽≧≦.,'\"]", "", each.casefold())) for each in (text, form))
    percent = re.search(r"(?<![\d.,])(\d{1,3}(?:\.\d+)?)%(?=$| with )", form)
    if percent and f"{percent[1]}%" not in text and above < float(percent[1]) <= 100:
        meant.remove("%")
    return said == meant and not re.search(r"(?<![\d,])\d{1,3},\d{3}(?![\d,.])", text)


def check(written: str, stages: Sequence[str], reads: Callable[[str], Check | Problem]) -> list[str]:
    """The check that a text means as it is written, or the two that stand in it; none where it means none."""
    if len(written) > LONGEST or not stages:
        return []
    for texts in _checks(" ".join(written.split()).rstrip(".;,"), stages):
        whole = [_readable(text, stages, reads) for text in texts]
        if all(whole):
            return [text for text in whole if text]
    return []


def _checks(text: str, stages: Sequence[str]) -> Iterator[list[str]]:
    """What a text may be: lists of checks."""
    text = re.sub(r"\s+(?:should|must|has to|needs to|shall) be(?=\s)", "", text)
    yield [text]
    both = re.fullmatch(r"([^<>=]+?)\s*([<>]=?)\s*([^<>=]+?)\s*([<>]=?)\s*([^<>=]+)", text)
    if both:
        yield [f"{both[3]} {_TURNED[both[2]]} {both[1]}", f"{both[3]} {both[4]} {both[5]}"]
    between = re.fullmatch(
        r"(.+?)\s+(?:is )?(?:between|from|zwischen|между)\s+(\S+)\s+(?:and|to|und|и|-)\s+(\S+)", text
    )
    if between:
        yield [f"{between[1]} >= {between[2]}", f"{between[1]} <= {between[3]}"]
    several = re.split(r"\s+(?:and|und|и|&&?)\s+|\s*;\s*|,\s+(?!at every)", text)
    if len(several) > 1:
        yield several
    lone = re.fullmatch(r"([<>]=?|==)\s*(\S+)", text)
    if lone:
        yield [f"conversion@{stages[-1]} {lone[1]} {lone[2]}"]


def _readable(text: str, stages: Sequence[str], reads: Callable[[str], Check | Problem]) -> str | None:
    """One check as it reads."""
    confidence = re.search(r",?\s+(?:with|at)\s+(\d+%)(?:\s+confidence)?(,? at every look)?$", text)
    tail = ""
    if confidence:
        tail = f" with {confidence[1]} confidence" + (", at every look" if confidence[2] else "")
        text = text[: confidence.start()]
    for left, sign, right in compared(text):
        for of, limit, operator in ((left, right, sign), (right, left, _TURNED[sign])):
            name = selector(of, stages)
            if name is None and fold(of) in map(fold, stages):  # a stage alone: its count, or its conversion
                name = selector(f"{'conversion' if '%' in limit else 'count'} {of}", stages)
            if name is None:
                continue
            metric = METRICS[name.partition("@")[0]]
            for value in _limits(limit, metric):
                candidate = f"{name} {operator} {value}{tail}"
                if not isinstance(reads(candidate), Problem):
                    return candidate
    return None


def compared(text: str) -> Iterator[tuple[str, str, str]]:
    """What is compared with what, and by which operator, in signs or in words."""
    plain = re.fullmatch(r"([^<>=]+?)\s*(>=|<=|==|>|<)\s*([^<>=]+)", text)
    if plain:
        yield plain[1], plain[2], plain[3]
        return
    for sign, words in _SIGNS:
        found = re.fullmatch(rf"(.*?)(?:(?<=\W)|^)(?:{words})(?!\w)\s*(.*)", text, re.IGNORECASE)
        if found is None:
            continue
        left, right = found[1].strip(" :"), found[2].strip()
        if left:
            yield left, sign, right
        elif " " in right:  # max conversion@Paid 5%
            first, _, rest = right.partition(" ")
            of, _, limit = right.rpartition(" ")
            yield (rest, sign, first) if first[0].isdigit() else (of, sign, limit)


def _limits(text: str, metric: Metric) -> Iterator[str]:
    """A limit as it may be meant."""
    yield plain_number(text)
    bare = plain_number(re.sub(r"^[^\d+-]+|[^\d%]+$", "", text))
    yield bare
    if metric.kind == "rate" and is_number(bare):
        yield f"{bare}%"
