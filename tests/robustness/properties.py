"""What holds for every input, sound or not: the same assertions for the tests and for the fuzzer."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree as XML

from funnelcli.analyses.bottleneck import find_bottleneck
from funnelcli.analyses.checks import run_checks
from funnelcli.analyses.chosen_segments import choose
from funnelcli.diagnostics import Problem, Severity
from funnelcli.docs import codes
from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.yaml.loaders import PurePythonLoader
from funnelcli.lint.rules import RULES
from funnelcli.output import check
from funnelcli.output.check import CHECK_FORMATS, CheckReport
from funnelcli.output.check.verdicts import diagnostic
from funnelcli.output.formats import FORMATS, Canvas
from tests.reports import REPORTS, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from funnelcli.funnel_file.reader import Reading
    from funnelcli.model import Funnel

NAME = "test.yaml"
CANVASES = (Canvas(), Canvas(80), Canvas(40, color=True, encoding="ascii"))
LONGEST_FOR_PYTHON = 4000
"""Bytes up to which the loader without libyaml, which is slow, reads the same file."""


def lines_of(data: bytes) -> list[str]:
    """The lines of a file as an editor shows them, with bytes that are not text replaced."""
    text = data.decode("utf-8", errors="replace").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def examine(data: bytes, canvases: Sequence[Canvas] = CANVASES[:1]) -> Reading:
    """Everything that must hold for the bytes of a file, whatever they are; reports are drawn on the canvases."""
    reading = read(data, NAME, rules=RULES)
    assert read(data, NAME, rules=RULES) == reading, "a second reading differs"
    places_are_right(reading, lines_of(data))
    if len(data) <= LONGEST_FOR_PYTHON:
        loaders_agree(data, reading)
    segments_are_funnels(reading)
    known = everything_known(reading)
    for canvas in canvases:
        everything_is_said(known, canvas)
    return reading


def places_are_right(reading: Reading, lines: list[str]) -> None:
    """Known codes, and places inside the file: a column may stand right behind the end of its line."""
    for each in reading.diagnostics:
        assert each.problem.code in codes()
        assert each.problem.message
        places = [(each.location, each.source), *((place, source) for _, place, source in each.related)]
        for place, source in places:
            assert place.file == NAME
            assert 1 <= place.line <= len(lines), (each, len(lines))
            line = lines[place.line - 1]
            assert source == line, each
            assert 1 <= place.column <= len(line) + 1, each
            assert place.column < place.end_column <= len(line) + 2, each


def loaders_agree(data: bytes, reading: Reading) -> None:
    """The same funnels with and without libyaml, and refusals of the same documents."""
    other = read(data, NAME, PurePythonLoader, RULES)
    if not (has_errors(reading) or has_errors(other)):
        assert other.funnels == reading.funnels
        assert other.diagnostics == reading.diagnostics
    assert has_errors(other) == has_errors(reading), (reading.diagnostics, other.diagnostics)


def has_errors(reading: Reading) -> bool:
    """Whether something is wrong with the file, warnings aside."""
    return any(each.severity is Severity.ERROR for each in reading.diagnostics)


class Known(NamedTuple):
    """What is known of a reading: results by view, and what `check` found."""

    results: dict[str, list[Any]]
    check: CheckReport


def everything_known(reading: Reading) -> Known:
    """Every analysis of every sound funnel."""
    funnels = reading.funnels
    results = {
        view: [each for funnel in funnels if not isinstance(each := report(funnel), Problem)]
        for view, report in REPORTS.items()
    }
    results["bottleneck"] += [find_bottleneck(funnel, funnels[0]) for funnel in funnels]
    outcomes = [each for funnel in funnels for each in run_checks(funnel, funnel.checks)]
    against = [each for funnel in funnels for each in run_checks(funnel, funnel.checks, funnels)]
    assert len(outcomes) == len(against) == sum(len(funnel.checks) for funnel in funnels)
    lines = reading.text.split("\n")
    said = [each for outcome in (*outcomes, *against) if (each := diagnostic(outcome, None, lines)) is not None]
    report = CheckReport((NAME,), reading.documents, (*reading.diagnostics, *said), (*outcomes, *against))
    _exact(funnels)
    return Known(results, report)


def segments_are_funnels(reading: Reading) -> None:
    """Each funnel as its first segment, and where cells tell as that of two dimensions, is shown like any other."""
    for funnel in reading.funnels:
        wanted = funnel.cells[0].segments[:2] if funnel.cells else ()
        if not wanted and funnel.breakdowns:
            wanted = ((funnel.breakdowns[0].dimension, funnel.breakdowns[0].segments[0].name),)
        part = choose(funnel, wanted) if wanted else None
        assert not isinstance(part, Problem), part
        for view in ("conversion", "bottleneck", "economics", "segments") if part is not None else ():
            found = REPORTS[view](part)
            if not isinstance(found, Problem):
                shown(view, "table", [found], Canvas())


def everything_is_said(
    known: Known, canvas: Canvas, formats: Iterable[str] = FORMATS, check_formats: Iterable[str] = CHECK_FORMATS
) -> dict[str, str]:
    """What is known in every format; the texts by format and view."""
    texts = {}
    for format_name in formats:
        for view, found in known.results.items():
            text = texts[f"{format_name} {view}"] = shown(view, format_name, found, canvas)
            _understood(format_name, text)
    for format_name in check_formats:
        text = texts[f"{format_name} check"] = check.render(format_name, known.check, canvas)
        _understood(format_name, text)
    return texts


def _understood(format_name: str, text: str) -> None:
    """The text is what its format says it is."""
    if format_name in ("json", "gitlab", "sarif"):
        json.loads(text, parse_constant=_refuse)
    elif format_name == "csv":
        rows = list(csv.reader(io.StringIO(text), strict=True))
        assert len({len(row) for row in rows}) <= 1
    elif format_name == "junit":
        XML.fromstring(text)


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not a finite number")


def _exact(funnels: tuple[Funnel, ...]) -> None:
    """Numbers of the model are whole or rational, and a rational is never whole."""
    pending: list[Any] = list(funnels)
    while pending:
        value = pending.pop()
        assert not isinstance(value, float)
        if isinstance(value, Fraction):
            assert value.denominator != 1
        elif isinstance(value, tuple):
            pending.extend(value)
