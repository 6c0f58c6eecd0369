"""SARIF 2.1.0 (OASIS standard): what is found with places, and the rules behind it with their explanations."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from funnelcli import __version__
from funnelcli.diagnostics import Problem
from funnelcli.docs import explanation
from funnelcli.output.check import places
from funnelcli.output.numbers import visible

if TYPE_CHECKING:
    from funnelcli.diagnostics import Diagnostic, Location
    from funnelcli.output.check import CheckReport
    from funnelcli.output.formats import Canvas

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
HOME = "https://github.com/funnelcli/funnelcli/issues"


def render(report: CheckReport, canvas: Canvas) -> str:
    """One run with every finding in a file; ASCII, so that no encoding can spoil it.

    GitHub refuses a whole report for one result without a physical location.
    """
    known = places.with_file(report)
    codes = sorted({each.problem.code for each, _ in known})
    indices = {code: index for index, code in enumerate(codes)}
    driver = {
        "name": "funnelcli",
        "version": __version__,
        "informationUri": HOME,
        "rules": [_rule(code) for code in codes],
    }
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
        rule["fullDescription"] = {"text": known.cause}
        rule["help"] = {"text": f"{known.cause}\n\n{known.cure}", "markdown": f"{known.cause}\n\n{known.cure}"}
    return rule


def _result(each: Diagnostic, rule: int, fingerprint: str, report: CheckReport) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": each.problem.code,
        "ruleIndex": rule,
        "level": each.severity.value,
        "message": {"text": _plain(places.said(each))},
        "partialFingerprints": {"finding/v1": fingerprint},
    }
    location: dict[str, Any] = {"physicalLocation": _place(each.location, report)}
    if each.path:
        location["logicalLocations"] = [{"fullyQualifiedName": visible(each.path)}]
    result["locations"] = [location]
    related = [
        {"physicalLocation": _place(where, report)} | ({"message": {"text": _plain(visible(said))}} if said else {})
        for said, where, _ in each.related
        if where.file not in places.NO_FILES
    ]
    return result | ({"relatedLocations": related} if related else {})


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
