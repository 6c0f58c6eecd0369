"""JUnit XML: a suite a file, with a case for what is wrong in it and a case for each of its checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree

from funnelcli.diagnostics import Severity
from funnelcli.output.check import places, verdicts
from funnelcli.output.numbers import visible

if TYPE_CHECKING:
    from funnelcli.analyses.checks import CheckResult
    from funnelcli.diagnostics import Diagnostic
    from funnelcli.output.check import CheckReport
    from funnelcli.output.formats import Canvas

_READING = "funnelcli"
"""The class of the cases that stand for files; that of a check is its funnel."""


class _Suite(NamedTuple):
    """What belongs to one file: diagnostics other than those of checks, and the checks."""

    diagnostics: list[Diagnostic]
    checks: list[CheckResult]


def render(report: CheckReport, canvas: Canvas) -> str:
    """Suites in the order of the files, with passes; ASCII, so that no encoding can spoil it."""
    suites = {file: _Suite([], []) for file in report.files}
    for each in report.of_files:
        suites.setdefault(each.location.file, _Suite([], [])).diagnostics.append(each)
    for result in report.checks:
        suites.setdefault(result.file or verdicts.NOWHERE, _Suite([], [])).checks.append(result)
    read = set(report.files)
    root = ElementTree.Element("testsuites", name="funnelcli check")
    for file, suite in suites.items():
        root.append(_suite(visible(places.of_repository(file, report)), suite, is_read=file in read))
    totals = ("tests", "failures", "errors")
    root.attrib |= {name: str(sum(int(suite.get(name, 0)) for suite in root)) for name in totals} | {"time": "0"}
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="us-ascii").decode("ascii")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _suite(name: str, suite: _Suite, is_read: bool) -> ElementTree.Element:
    cases = [_file(name, suite.diagnostics)] if is_read or suite.diagnostics else []
    cases += [_check(result) for result in suite.checks]
    counts = {
        "tests": len(cases),
        "failures": sum(case.find("failure") is not None for case in cases),
        "errors": 0,
        "skipped": sum(case.find("skipped") is not None for case in cases),
        "time": 0,
    }
    element = ElementTree.Element("testsuite", {"name": name} | {key: str(value) for key, value in counts.items()})
    element.extend(cases)
    return element


def _file(name: str, diagnostics: list[Diagnostic]) -> ElementTree.Element:
    """The case of a file: errors fail it, warnings are said."""
    case = ElementTree.Element("testcase", name=name, classname=_READING, time="0")
    errors = [each for each in diagnostics if each.severity is Severity.ERROR]
    warnings = [each for each in diagnostics if each.severity is not Severity.ERROR]
    if errors:
        first = errors[0].problem
        more = f" (and {len(errors) - 1:,} more)" if len(errors) > 1 else ""
        failure = ElementTree.SubElement(case, "failure", message=visible(first.message) + more, type=first.code)
        failure.text = "\n".join(map(_line, errors))
    if warnings:
        ElementTree.SubElement(case, "system-out").text = "\n".join(map(_line, warnings))
    return case


def _check(result: CheckResult) -> ElementTree.Element:
    case = ElementTree.Element("testcase", name=visible(result.check), classname=visible(result.funnel), time="0")
    if result.passed is False:
        message = visible(verdicts.message(result))
        ElementTree.SubElement(case, "failure", message=message, type=result.code or "").text = message
    elif result.passed is None:
        ElementTree.SubElement(case, "skipped", message=visible(verdicts.message(result)))
    return case


def _line(each: Diagnostic) -> str:
    """`error[CODE] line 7, column 12: message`, and the way out below."""
    place = each.location
    return f"{each.severity.value}[{each.problem.code}] line {place.line}, column {place.column}: {places.said(each)}"
