"""JUnit XML: a suite a file, with a case for what is wrong in it and a case for each of its checks."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from funnelcli.diagnostics import Severity
from funnelcli.output.check import places, verdicts
from funnelcli.output.numbers import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.analyses.checks import CheckResult
    from funnelcli.diagnostics import Diagnostic
    from funnelcli.output.check import CheckReport
    from funnelcli.output.formats import Canvas

_READING = "funnelcli"
"""The class of the cases that stand for files; that of a check is its funnel."""


def junit(report: CheckReport, canvas: Canvas) -> str:
    """Suites in the order of the files, with passes; ASCII, so that no encoding can spoil it."""
    found: dict[str, list[Diagnostic]] = {file: [] for file in report.files}
    for each in report.of_files:
        found.setdefault(each.location.file, []).append(each)
    checks: dict[str, list[CheckResult]] = defaultdict(list)
    for result in report.checks:
        checks[result.file or verdicts.NOWHERE].append(result)
    root = Element("testsuites", name="funnelcli check")
    for file in dict.fromkeys((*found, *checks)):
        name = visible(places.of_repository(file, report))
        cases = [_file(name, found[file])] if file in found else []
        cases += map(_check, checks[file])
        counts = {"tests": len(cases), "failures": _having(cases, "failure"), "errors": 0}
        counts |= {"skipped": _having(cases, "skipped"), "time": 0}
        suite = SubElement(root, "testsuite", {"name": name} | {key: str(value) for key, value in counts.items()})
        suite.extend(cases)
    for total in ("tests", "failures", "errors"):
        root.set(total, str(sum(int(suite.attrib[total]) for suite in root)))
    root.set("time", "0")
    indent(root)
    text = tostring(root, encoding="us-ascii").decode("ascii")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _having(cases: Sequence[Element], outcome: str) -> int:
    return sum(case.find(outcome) is not None for case in cases)


def _file(name: str, diagnostics: list[Diagnostic]) -> Element:
    """The case of a file: errors fail it, warnings are said."""
    case = Element("testcase", name=name, classname=_READING, time="0")
    errors = [each for each in diagnostics if each.severity is Severity.ERROR]
    warnings = [each for each in diagnostics if each.severity is Severity.WARNING]
    if errors:
        first = errors[0].problem
        more = f" (and {len(errors) - 1:,} more)" if len(errors) > 1 else ""
        failure = SubElement(case, "failure", message=visible(first.message) + more, type=first.code)
        failure.text = "\n".join(map(_line, errors))
    if warnings:
        SubElement(case, "system-out").text = "\n".join(map(_line, warnings))
    return case


def _check(result: CheckResult) -> Element:
    case = Element("testcase", name=visible(result.check), classname=visible(result.funnel), time="0")
    if result.passed is False:
        message = visible(verdicts.message(result))
        SubElement(case, "failure", message=message, type=result.code or "").text = message
    elif result.passed is None:
        SubElement(case, "skipped", message=visible(verdicts.message(result)))
    return case


def _line(each: Diagnostic) -> str:
    """`error[CODE] line 7, column 12: message`, and the way out below."""
    place = each.location
    return f"{each.severity.value}[{each.problem.code}] line {place.line}, column {place.column}: {places.said(each)}"
