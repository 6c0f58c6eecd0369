"""Names that mean something to a terminal, a spreadsheet, a browser or a CI server are shown as text everywhere."""

from __future__ import annotations

import csv
import io
import json
import re
from functools import cache
from typing import Any

import pytest
from markdown_it import MarkdownIt

from funnelcli.cli.app import COMMANDS
from funnelcli.funnel_file.reader import Reading, read
from funnelcli.lint.rules import RULES
from funnelcli.output import check
from funnelcli.output.check import CHECK_FORMATS, CheckReport
from funnelcli.output.formats import FORMATS, Canvas
from tests.reports import REPORTS
from tests.robustness.properties import NAME, Known, everything_is_said, everything_known

SHOWN = (
    *("[bold]x[/bold]", "[/]", "[link=http://x.yz]x", "[red]", ":smile:", "\\[bold]", "[@click=app.quit]x"),
    *("=1+1", "@SUM(A1)", "+1", "-1+2", "=cmd|' /C calc'!A0", "'=1", "@someone", "#1", "!1"),
    *(
        "::error::x",
        "::error file=a,line=1::x",
        "%0A::error::x",
        "##[error]x",
        "${{ secrets.X }}",
        "::set-output name=a::b",
    ),
    *("<script>alert(1)</script>", "<img src=x onerror=y>", "<!-- x", "]]>", "&lt;b&gt;", "&#x41;", '"><b>', "a&b"),
    *("[a](http://x.yz)", "![a](http://x.yz/b.png)", "http://x.yz", "www.x.yz", "`x`", "``x", "a|b", "|", "\\|", "\\"),
    *("*x*", "**x**", "_x_", "~~x~~", "# x", "- x", "1. x", "> x", "---", "```", "$x$", "{{ 7*7 }}", '"', "'", "x  y"),
)
"""Names of visible characters, which a file may use."""
REFUSED = (
    "\x1b[31mx",
    "\x1b]0;x\x07",
    "x\ny",
    "x\r::error::y",
    "\x00",
    "\x9b31m",
    "x\u202ey",
    "\u2066x",
    "\u200bx",
    "\tx",
)
"""Names with characters that a file may not use in a name, and that messages about them must not pass on."""
LONG = "x" * 10_000
SPOKEN = (*(f"table {view}" for view in REPORTS), "full check", "concise check")
"""Texts for a terminal, by format and view."""
UNSAFE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def funnel_file(name: str) -> str:
    """A funnel that carries a name wherever there is one, as double-quoted YAML."""
    quoted = json.dumps(name)
    check = "" if len(name) > 900 or set("<>=!~\n\r") & set(name) else f", {json.dumps(f'count@{name} >= 70')}"
    return (
        f"name: {quoted}\nperiod: {quoted}\ncurrency: {quoted}\naverage_check: 10\nstages:\n"
        f"- {{name: Visits, count: 100}}\n- {{name: {quoted}, count: 60, target: 70%, cost: 1}}\n"
        f"- {{name: Sales, conversion: 50%, open: 4, close_chance: 10%}}\n"
        f"breakdowns: {{? {quoted} : {{? {quoted} : [90, 50, 5]}}}}\n"
        f"cells: [{{? {quoted} : {quoted}, manager: {quoted}, counts: [90, 50, 5]}}]\n"
        f"scenarios: {{? {quoted} : {{entries: x2}}}}\n"
        f"checks: [revenue >= 1000, conversion@Sales >= 60% with 95% confidence{check}]\n"
    )


@cache
def known(name: str) -> Known:
    """All results of the funnel of a name that is allowed."""
    reading = read(funnel_file(name).encode(), NAME, rules=RULES)
    assert {each.problem.code for each in reading.diagnostics} <= {"FN301"}
    assert reading.funnels[0].stages[1].name == name
    found = everything_known(reading)
    assert all(found.results.values())
    return found


@cache
def sound(name: str) -> dict[str, str]:
    """All reports of the funnel of a name that is allowed, by format and view."""
    return everything_is_said(known(name), Canvas())


def spoken(name: str, canvas: Canvas) -> dict[str, str]:
    """The same in the formats for people at a terminal."""
    return everything_is_said(known(name), canvas, ("table",), ("full", "concise"))


each_name = pytest.mark.parametrize("name", [*SHOWN, LONG], ids=lambda name: name[:30])


@each_name
def test_json_gives_the_exact_name(name: str) -> None:
    texts = sound(name)
    for command in (*REPORTS, "check"):
        assert name in set(_strings(json.loads(texts[f"json {command}"]))), command


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in inner for text in _strings(each)]


@each_name
def test_no_cell_of_csv_is_a_formula_and_its_text_is_the_name(name: str) -> None:
    texts = sound(name)
    for command in REPORTS:
        rows = list(csv.DictReader(io.StringIO(texts[f"csv {command}"]), strict=True))
        assert rows
        for row in rows:
            whole = f"{name} → {name}" if command == "comparison" else name
            assert row["funnel"].removeprefix("'") == whole.removeprefix("'")
            for cell in row.values():
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")) or _is_number(cell), cell


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell) is not None


@each_name
def test_terminal_text_has_no_control_characters_and_shows_the_name(name: str) -> None:
    texts = sound(name)
    for report in SPOKEN:
        assert not UNSAFE.search(texts[report]), report
        if report != "concise check":
            # to runners of GitHub and Azure, ##[ begins a command, which check keeps from them
            assert name in texts[report].replace("##\\x5b", "##["), report


@each_name
def test_on_a_terminal_the_only_escapes_are_colours(name: str) -> None:
    """Where colours are, and names are folded."""
    texts = spoken(name, Canvas(80, color=True))
    for report in SPOKEN:
        assert not UNSAFE.search(re.sub(r"\x1b\[[\d;]*m", "", texts[report])), report


MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
ACTIVE = {"html_inline", "html_block", "link_open", "image", "code_inline", "code_block", "fence", "s_open", "em_open"}


@each_name
def test_markdown_has_nothing_active_and_shows_the_name(name: str) -> None:
    texts = sound(name)
    for command in (*REPORTS, "check"):
        text = texts[f"markdown {command}"]
        # `check` sets words of its own, such as codes and check texts, as code, in which nothing is active either
        allowed = {"code_inline"} if command == "check" else set()
        tokens = MARKDOWN.parse(text)
        inner = [token for each in tokens for token in (each, *(each.children or ()))]
        active = {token.type for token in inner} & (ACTIVE - allowed)
        assert active == set(), (command, active)
        shown = [token for each in tokens if each.type == "inline" for token in each.children or ()]
        content = "".join(token.content for token in shown if token.type in ("text", "text_special", "code_inline"))
        assert " ".join(name.split()) in " ".join(content.split()), command
        assert not re.search(r"(?<!\\)<(?!br>|/?details|/?summary)", text) or command == "check", command


def test_rows_of_a_markdown_table_keep_their_columns() -> None:
    texts = sound("a|b")
    for command in (*REPORTS, "check"):
        for block in re.findall(r"(?:^\|.*\n)+", texts[f"markdown {command}"], re.MULTILINE):
            widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
            assert len(widths) == 1, (command, block)


# Messages about names that are refused


def refused(name: str, file: str = NAME) -> tuple[Reading, dict[str, str]]:
    """The formats of `check` for a file that is wrong, because of its names."""
    reading = read(funnel_file(name).encode(), file, rules=RULES)
    assert reading.funnels == ()
    report = CheckReport((file,), 1, reading.diagnostics, ())
    return reading, {each: check.render(each, report, Canvas()) for each in CHECK_FORMATS}


@pytest.mark.parametrize("name", REFUSED, ids=repr)
def test_messages_about_hidden_characters_do_not_pass_them_on(name: str) -> None:
    reading, texts = refused(name)
    assert "FN015" in {each.problem.code for each in reading.diagnostics}
    for format_name, text in texts.items():
        if format_name in ("json", "gitlab", "sarif"):
            json.loads(text)
            text = re.sub(r"\\u[\da-f]{4}", "", text)
        assert not UNSAFE.search(text), format_name


@pytest.mark.parametrize("name", ["a\n::error::x", "a\r::error::x", "::error::x", "a%0A::error::x", "a,line=9::x"])
def test_a_name_makes_no_workflow_command_of_its_own(name: str) -> None:
    """A workflow command begins a line with ::, and a raw % or line end in it would begin another."""
    data = f"stages:\n- {{name: {json.dumps(name)}, count: 1}}\n- {{name: b, count: 2}}\nx{name[:1]}: 1\n"
    for file in (NAME, name):
        reading = read(data.encode(), file, rules=RULES)
        report = CheckReport((file,), 1, reading.diagnostics, ())
        lines = check.render("github", report, Canvas()).splitlines()
        commands = [line for line in lines if line.startswith("::")]
        assert len(commands) == len(reading.diagnostics)
        assert all(re.match(r"::(error|warning|notice) [^:]*::", line) for line in commands), commands
        assert not any("\r" in line or "%0A::" in line.split("::", 2)[1] for line in commands)


@pytest.mark.parametrize(
    "file", ["\x1b[31m.yaml", "a\nb.yaml", "<b>.yaml", "[x](y).yaml", "a|b.yaml", "\udcff.yaml"], ids=repr
)
def test_the_name_of_a_file_is_text_too(file: str) -> None:
    reading = read(b"stages: {a: 1, b: 2}\n", file, rules=RULES)
    report = CheckReport((file,), 1, reading.diagnostics, ())
    for format_name in CHECK_FORMATS:
        text = check.render(format_name, report, Canvas())
        if format_name not in ("json", "gitlab", "sarif"):
            assert not UNSAFE.search(text), format_name
        if format_name == "markdown":
            kinds = {token.type for each in MARKDOWN.parse(text) for token in (each, *(each.children or ()))}
            assert not kinds & {"html_inline", "html_block", "link_open", "image"}


def test_every_format_is_looked_at() -> None:
    """A new format needs an answer to what is active in it."""
    assert set(REPORTS) == {view for views in COMMANDS.values() for view in views}
    assert set(FORMATS) == {"table", "json", "csv", "markdown"}
    assert set(CHECK_FORMATS) == {"full", "concise", "json", "github", "gitlab", "junit", "sarif", "markdown"}
