"""What code hosts read, each finding with a place in a file: SARIF 2.1.0 (OASIS standard) and GitLab's Code Quality.

Both are JSON in ASCII, so that no encoding can spoil it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from funnelcli import __version__
from funnelcli.diagnostics import Problem, Severity
from funnelcli.docs import explanation
from funnelcli.output.check import places
from funnelcli.output.numbers import visible

if TYPE_CHECKING:
    from funnelcli.diagnostics import Diagnostic, Location
    from funnelcli.output.check import CheckReport
    from funnelcli.output.formats import Canvas

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
HOME = "https://github.com/funnelcli/funnelcli/issues"
_GITLAB_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor"}


def gitlab(report: CheckReport, canvas: Canvas) -> str:
    """An array with a finding an element, a line each, checks that have not passed among them."""
    lines = ",\n".join(json.dumps(_element(each, mark, report)) for each, mark in places.with_file(report))
    return f"[\n{lines}\n]\n" if lines else "[]\n"


def _element(each: Diagnostic, fingerprint: str, report: CheckReport) -> dict[str, Any]:
    return {
        "description": visible(each.problem.message),
        "check_name": each.problem.code,
        "fingerprint": fingerprint,
        "severity": _GITLAB_SEVERITIES[each.severity],
        "location": {
            "path": visible(places.of_repository(each.location.file, report)),
            "lines": {"begin": each.location.line},
        },
    }


def sarif(report: CheckReport, canvas: Canvas) -> str:
    """What is found in one run, and the rules behind it with their explanations.

    GitHub refuses a whole report for one result without a physical location.
    """
    known = places.with_file(report)
    codes = sorted({each.problem.code for each, _ in known})
    indices = {code: index for index, code in enumerate(codes)}
    driver = {"name": "funnelcli", "version": __version__, "informationUri": HOME, "rules": list(map(_rule, codes))}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, indices[each.problem.code], mark, report) for each, mark in known],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(code: str) -> dict[str, Any]:
    known = explanation(code)
    rule: dict[str, Any] = {
        "id": code,
        "shortDescription": {"text": known.title if known else code},
        "defaultConfiguration": {"level": Problem(code, "").severity.value},
    }
    if known:
        said = f"{known.cause}\n\n{known.cure}"
        rule |= {"fullDescription": {"text": known.cause}, "help": {"text": said, "markdown": said}}
    return rule


def _result(each: Diagnostic, rule: int, fingerprint: str, report: CheckReport) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": _place(each.location, report)}
    if each.path:
        location["logicalLocations"] = [{"fullyQualifiedName": visible(each.path)}]
    related = [
        {"physicalLocation": _place(where, report)} | ({"message": {"text": _plain(visible(said))}} if said else {})
        for said, where, _ in each.related
        if not places.is_nowhere(where.file, report)
    ]
    result: dict[str, Any] = {
        "ruleId": each.problem.code,
        "ruleIndex": rule,
        "level": each.severity.value,
        "message": {"text": _plain(places.said(each))},
        "partialFingerprints": {"finding/v1": fingerprint},
        "locations": [location],
    }
    fixes = [_fix(each, report)] if each.fix and each.fix.safe and each.fix.edits else []
    return result | ({"relatedLocations": related} if related else {}) | ({"fixes": fixes} if fixes else {})


def _fix(each: Diagnostic, report: CheckReport) -> dict[str, Any]:
    """What is written in place of what: for those who offer it at a click."""
    place = _place(each.location, report)["artifactLocation"]
    replacements = [
        {
            "deletedRegion": {
                "startLine": edit.line,
                "startColumn": edit.column,
                "endLine": edit.end_line,
                "endColumn": edit.end_column,
            },
            "insertedContent": {"text": edit.text},
        }
        for edit in (each.fix.edits if each.fix else ())
    ]
    told = {"text": _plain(visible(each.problem.help or each.problem.message))}
    return {"description": told, "artifactChanges": [{"artifactLocation": place, "replacements": replacements}]}


def _plain(text: str) -> str:
    """Text without what viewers of SARIF would take for a link, `[text](target)`, or a placeholder, `{0}`."""
    return _MARKUP.sub(lambda match: "{{" + match[1] + "}}" if match[1] else "\\[", text)


_MARKUP = re.compile(r"\[(?=[^\[\]]*\]\()|\{(\d+)\}")


def _place(place: Location, report: CheckReport) -> dict[str, Any]:
    """A relative reference from the root of the sources, or the whole URI of a file elsewhere."""
    name = places.of_repository(place.file, report)
    quoted = quote(name.lstrip("/"), errors="backslashreplace")
    is_outside = places.is_absolute(name)
    artifact = {"uri": f"file:///{quoted}"} if is_outside else {"uri": quoted, "uriBaseId": "%SRCROOT%"}
    region = {"startLine": place.line, "startColumn": place.column, "endColumn": place.end_column}
    return {"artifactLocation": artifact, "region": region}
