"""One message for one cause: what a person wrote alike in several places of a document is told at the first of them.

What one number proves about another is used here too: beside `1.250,00`, `12.400` is twelve thousand. Loaded only for
documents with an error.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from funnelcli.currencies import USUAL_CODES
from funnelcli.diagnostics import NAME, Problem, joined, quoted
from funnelcli.funnel_file import fixes
from funnelcli.funnel_file.yaml.near_numbers import PERCENTAGE
from funnelcli.funnel_file.yaml.nodes import Finding, Mapping, Place

if TYPE_CHECKING:
    from funnelcli.diagnostics import Replacement
    from funnelcli.funnel_file.yaml.nodes import Node

MOST_LISTED = 6
"""Texts that are each told with the lines where they are to be written."""
_PROOFS = (
    ("a decimal comma", 0, r"\d,\d{1,2}(?!\d)"),
    ("points between thousands", 0, r"\d\.\d{3}\.\d{3}"),
    ("a decimal point", -1, r"\d,\d{3}\.\d"),
)
"""What numbers prove: the mark before their decimals, and which reading of `12.400` is right then."""

MOST_LINES = 8
"""Numbers of lines that are listed."""


def together(findings: list[Finding], lines: list[str], root: Node | None) -> list[Finding]:
    """The findings of a document, those of one cause as one."""
    told = _of_one_currency(_percentages(_proved(findings, lines), lines, root), lines, root)
    groups: dict[object, list[Finding]] = {}
    for found in (each._replace(fix=each.fix or fixes.of_value(each, lines)) for each in told):
        meant = found.problem.meant
        one_kind = meant and meant.kind not in ("", NAME)
        alike = (meant.kind, meant.currency) if meant and one_kind else (found.problem, found.related and id(found))
        groups.setdefault(alike, []).append(found)
    return [_one(sorted(group, key=_place)) for group in groups.values()]


def _place(found: Finding) -> tuple[int, int]:
    return found.start.line, found.start.column


def _text(found: Finding, lines: list[str]) -> str:
    """What stands in the file where something is wrong, within one line."""
    line = lines[found.start.line] if found.start.line < len(lines) else ""
    return line[found.start.column : found.end.column if found.end.line == found.start.line else None].strip()


def _quoted(text: str) -> str:
    """A text in quotes, its own where it has them."""
    return text if text[:1] in "'\"" else quoted(text)


def _said(found: Finding, meant: Replacement, message: str = "") -> Finding:
    """The finding with another way out."""
    problem = found.problem
    return found._replace(problem=problem._replace(message=message or problem.message, help=meant.help, meant=meant))


def _one(group: list[Finding]) -> Finding:
    """The first of several findings, which says what to write in the places of the others."""
    first, *others = group
    if not others:
        return first
    places: dict[str, list[int]] = {}
    for other in others:
        meant = other.problem.meant
        forms = meant.forms if meant and meant.kind else ()
        places.setdefault(" or ".join(forms), []).append(other.start.line + 1)
    listed = [_in_lines(form, numbers, first.start.line + 1) for form, numbers in places.items()]
    if len(listed) > MOST_LISTED:
        more = sum(map(len, list(places.values())[MOST_LISTED:]))
        listed[MOST_LISTED:] = [f"in {more} more places down to line {others[-1].start.line + 1}"]
    problem = first.problem._replace(help=f"{first.problem.help}; likewise {joined(listed)}")
    return first._replace(problem=problem, fix=fixes.together(group))


def _in_lines(form: str, numbers: list[int], own: int) -> str:
    """What to write in which lines; nothing but the lines where that is told already."""
    lines = [str(number) for number in dict.fromkeys(numbers) if form or number > own]
    if len(lines) > MOST_LINES:
        lines[MOST_LINES - 1 :] = [f"{len(lines) - MOST_LINES + 1} more, the last of them {lines[-1]}"]
    where = f"in {'lines' if lines[1:] else 'line'} {joined(lines)}" if lines else "beside it"
    return f"{form} {where}".lstrip()


def _proved(findings: list[Finding], lines: list[str]) -> list[Finding]:
    """Numbers of two readings as the others show which is right; all as they are where none or several marks do."""
    proofs = [
        (said, reading, found)
        for found in findings
        if (meant := found.problem.meant) and meant.kind in ("separators", "currency")
        if meant.only or meant.kind == "currency"
        for said, reading, pattern in _PROOFS
        if re.search(pattern, _text(found, lines))
    ]
    if len({reading for _, reading, _ in proofs}) != 1:
        return findings
    said, reading, proof = proofs[0]
    result = []
    for found in findings:
        meant = found.problem.meant
        if meant is not None and meant.kind == "point" and len(meant.forms) == 1 and not reading:
            found = _said(found, meant._replace(kind="separators"))
        elif meant is not None and meant.kind in ("point", "currency") and len(meant.forms) == 2:
            why = f", as {_quoted(_text(proof, lines))} in line {proof.start.line + 1} has {said}"
            kind = "separators" if meant.kind == "point" else meant.kind
            meant = meant._replace(forms=(meant.forms[reading],), also=why + meant.also, kind=kind)
            found = _said(found, meant)
        result.append(found)
    return result


def _of_one_currency(findings: list[Finding], lines: list[str], root: Node | None) -> list[Finding]:
    """Amounts with a currency, where the file names one already, or they are in several."""
    amounts = [found for found in findings if found.problem.meant and found.problem.meant.currency]
    if not amounts:
        return findings
    entry = root.entries.get("currency") if isinstance(root, Mapping) else None
    named = str(getattr(entry[1], "value", "")) if entry else ""
    first = amounts[0]
    own = named or (first.problem.meant and first.problem.meant.currency) or ""
    result = []
    for found in findings:
        meant = found.problem.meant
        if meant is None or not meant.currency:
            result.append(found)
        elif _code(meant.currency) == _code(own):
            once = "" if named else meant.once
            result.append(_said(found, meant._replace(currency=own, once=once)))
        else:
            beside = "the currency of the funnel is" if named else f"the amount in line {first.start.line + 1} in"
            message = f"{_quoted(_text(found, lines))} is in {meant.currency}, and {beside} {own}"
            problem = Problem(found.problem.code, message, f"write what it is in {own}, without the currency")
            result.append(found._replace(problem=problem))
    return result


def _code(currency: str) -> str:
    return USUAL_CODES.get(currency, currency.upper())


def _percentages(findings: list[Finding], lines: list[str], root: Node | None) -> list[Finding]:
    """Counts in percent: conversions where another stage is counted, else shares of the first stage, which fall."""
    rates = {
        id(found): found.problem.meant
        for found in sorted(findings, key=_place)
        if found.problem.meant and found.problem.meant.kind == PERCENTAGE
    }
    entry = root.entries.get("stages") if isinstance(root, Mapping) else None
    written = len(entry[1].entries) if entry and isinstance(entry[1], Mapping) else "\n".join(lines).count("count:")
    shares = [Fraction(meant.forms[0]) for meant in rates.values()]
    rising = len(rates) == written and shares != sorted(shares, reverse=True)
    result = []
    for found in findings:
        meant = rates.get(id(found))
        line = lines[found.start.line] if meant else ""
        key = re.search(r"\bcount\s*:\s*$", line[: found.start.column])
        if meant and rising:
            also = "the count of each stage: these percentages are of the stage before"
            found = _said(found, meant._replace(forms=(), also=also))
        elif meant and key and len(rates) < written:
            form = f"conversion: {_text(found, lines)}"
            moved = found._replace(start=Place(found.start.line, key.start()))
            found = _said(moved, meant._replace(forms=(form,), also=""))
        result.append(found)
    return result
