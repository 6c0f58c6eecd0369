"""`funnelcli help`: everything that has a name is found by it, and what is near by what is near."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from itertools import chain
from typing import TYPE_CHECKING

import pytest

from funnelcli import docs
from funnelcli.cli import settings
from funnelcli.cli.app import COMMANDS
from funnelcli.cli.completion import candidates
from funnelcli.cli.environment import VARIABLES
from funnelcli.cli.manual import answers, command_pages, finding, man_pages, tables
from funnelcli.cli.manual.topics import KINDS, PAGES, Topic, options, topics
from funnelcli.docs import pages
from funnelcli.funnel_file import schema
from funnelcli.metrics import METRICS
from funnelcli.output.formats import Canvas
from funnelcli.output.manual import WIDEST, terminal
from funnelcli.output.roff import ManPage, render
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Run

PACKAGE = ROOT / "funnelcli"
KEYS = sorted({field.key for table in schema._tables().values() for field in table})


def shown(*words: str) -> list[tuple[str, str]]:
    """Kind and name of what is shown in full."""
    return [(each.kind, each.name) for each in finding.find(words).shown]


NAMED = {
    "command": list(COMMANDS),
    "key": KEYS,
    "figure": list(METRICS),
    "code": docs.codes(),
    "word": [each.name for each in pages.words()],
    "variable": [each.name for each in VARIABLES],
    **{kind: [each.name for each in pages.pages() if each.kind == kind] for kind in sorted(PAGES - {"command"})},
}
"""Everything of the program and its manual that must have an entry."""


@pytest.mark.parametrize("kind", NAMED)
def test_everything_is_found_by_its_name_and_by_its_kind(kind: str) -> None:
    for name in NAMED[kind]:
        answer = finding.find([name])
        assert (kind, name) in [(each.kind, each.name) for each in (*answer.shown, *answer.others)]
        (own,) = [each for each in finding.find([kind, name]).shown if each.name == name]
        assert own.kind == kind
        assert own.text.startswith("# "), name
        assert own.meaning.strip(), name
        assert "\n" not in own.meaning, name


def test_every_option_is_found() -> None:
    found = {each.name: each for each in options()}
    for command in COMMANDS:
        for each in chain.from_iterable(command_pages.taken(command).values()):
            assert each.meaning, f"{command} {each.written}"
            assert not each.names or command in found[each.names[-1]].text
    assert shown("option", "by") == shown("--by") == [("option", "--by")]
    assert shown("--stdin-filename") == [("option", "--stdin-filename")]
    assert shown("option", "o") == [("option", "--output")]


def test_every_place_of_a_key_is_shown() -> None:
    (key,) = [each for each in finding.find(["key", "average_check"]).shown if each.kind == "key"]
    assert [
        key.text.count(f"Of {of}:") for of, table in tables.KEYS.items() if "average_check" in schema.keys(table)
    ] == [1, 1, 1]


@pytest.mark.parametrize(
    "typed", ["average_check", "average-check", "Average Check", "AVERAGE  CHECK", "`average_check`"]
)
def test_capitals_dashes_and_spaces_do_not_matter(typed: str) -> None:
    assert (
        shown(typed)
        == shown(*typed.split())
        == [
            ("word", "Average check"),
            ("key", "average_check"),
            ("figure", "average_check"),
        ]
    )


def test_a_command_stands_before_a_key_and_names_it() -> None:
    answer = finding.find(["measure"])
    assert [each.kind for each in answer.shown] == ["command"]
    assert "key" in [each.kind for each in answer.others]
    assert "`funnelcli help key measure`" in answers.pages(answer)
    assert shown("key", "measure") == [("key", "measure")]


def test_a_unique_beginning_is_enough_and_several_are_listed() -> None:
    assert shown("bottlen") == [("command", "bottleneck")]
    assert shown("conversion", "dec")[0] == ("figure", "conversion_decided")
    several = finding.find(["conv"])
    assert {"conversion_decided", "conversion_eventual"} <= {each.name for each in several.listed}
    assert [each.name for each in finding.find(["fn40"]).listed] == ["FN401", "FN402", "FN403", "FN404"]


def test_a_kind_alone_lists_its_topics() -> None:
    assert [each.name for each in finding.find(["codes"]).shown] == ["codes"]  # a page of the reference
    assert {each.kind for each in finding.find(["variable"]).listed} == {"variable"}


def test_words_are_explained_before_keys_and_figures() -> None:
    """A plain sentence first, then where it is written and how it is computed."""
    assert [kind for kind, _ in shown("to gain")] == ["word", "figure"]
    assert shown("headroom")[0] == ("word", "To gain")  # the name that stood on the screen before
    assert shown("wilson") == [("word", "Wilson interval")]
    assert all(finding.find([each.anchor]).shown for each in pages.words())


def test_each_of_several_figures_has_its_own_definition() -> None:
    """ROMI is profit / budget, ROAS revenue / budget (Farris et al., Marketing Metrics, 3rd edition)."""
    (romi,) = finding.find(["figure", "romi"]).shown
    (roas,) = finding.find(["figure", "roas"]).shown
    assert "Exactly: profit / budget.\n" in romi.text
    assert "Exactly: revenue / budget.\n" in roas.text


def test_free_words_are_looked_for_in_the_pages() -> None:
    answer = finding.find(["exponential", "times"])
    assert answer.searched
    assert "forecast" in [each.name for each in answer.listed]


def test_what_is_misspelt_is_2_with_what_was_meant(run: Run) -> None:
    done = run("help", "convertion")
    assert (done.code, done.stdout) == (2, "")
    assert 'did you mean "Conversion"' in done.stderr
    assert finding.find(["qqqq"]) == finding.TopicsFound()


@pytest.mark.parametrize("format_name", ["text", "markdown", "json"])
def test_help_of_a_code_is_explain(run: Run, format_name: str) -> None:
    wanted = run("explain", "FN104", "--format", format_name)
    assert run("help", "FN104", "--format", format_name) == wanted
    assert run("help", "fn104").stdout == run("explain", "FN104").stdout


def test_the_list_is_lines_for_programs(run: Run) -> None:
    lines = [line.split("\t") for line in run("help", "--list").stdout.splitlines()]
    assert all(len(line) == 3 and line[1] in KINDS and line[2] for line in lines)
    assert [(kind, name) for name, kind, _ in lines] == [(each.kind, each.name) for each in answers.all_topics()]


def test_json_has_the_pages(run: Run) -> None:
    told = json.loads(run("help", "romi", "--format", "json").stdout)
    assert told["command"] == "help"
    assert [(each["kind"], each["name"]) for each in told["topics"]] == [("word", "ROMI"), ("figure", "romi")]
    assert all(each["text"].startswith("# ") for each in told["topics"])


def test_the_way_in_names_every_command_and_guide(run: Run) -> None:
    said = run("help").stdout
    for each in topics():
        if each.kind in ("command", "guide", "explanation"):
            assert shown(*re.findall(rf"- `((?:{each.kind} )?{each.name})`: ", said)[-1].split()), each.name
    for asked in re.findall(r"- `help ([^`]*)`", said):
        answer = finding.find(asked.split())
        assert asked == "--list" or answer.shown or answer.listed, asked


def test_the_whole_manual_is_one_text(run: Run) -> None:
    said = run("help", "--llms").stdout
    assert said.startswith("# funnelcli: the whole manual\n")
    for each in topics():
        if each.kind in PAGES:
            assert each.text.splitlines()[0].lstrip("#") in said, each.name
    assert all(code in said for code in docs.codes())


def test_topics_are_completed_by_names_that_show_them() -> None:
    offered = dict(candidates.topics())
    assert {*COMMANDS, *docs.codes(), "average_check", "wilson-interval", "NO_COLOR"} <= offered.keys()
    for name, meaning in offered.items():
        assert " " not in name
        assert meaning
        assert finding.find([name]).shown, name


# how it looks


def test_every_page_fits_the_terminal() -> None:
    """Sentences are wrapped, also where it is narrow; examples, and names that are one word, stand as they are."""
    width = 40
    short = [each for each in topics() if each.kind not in PAGES]
    for each in (*(each for each in topics() if each.kind in PAGES), *short[::5], *options()[:9]):
        prose = re.sub(r"^```.*?^```$", "", each.text, flags=re.MULTILINE | re.DOTALL)
        drawn = terminal(prose, Canvas(width=width))
        for line in drawn.splitlines():
            assert len(line) <= min(width, WIDEST) or line.strip() in prose, (each.name, line)


def test_links_become_topics() -> None:
    text = "See [small numbers](../explanation/small-numbers.md), [Wilson](../words.md#wilson-interval), [R](https://r.org).\n"
    said = pages.told_as_topics(text, "guides/x.md", "funnelcli help")
    assert "small numbers (`funnelcli help small-numbers`)" in said
    assert "Wilson (`funnelcli help Wilson interval`)" in said
    assert (
        pages.told_as_topics("[Wilson interval](../words.md#wilson-interval)", "guides/x.md", "") == "Wilson interval"
    )
    assert pages.told_as_topics("![the funnel](../x.svg)", "guides/x.md", "") == "the funnel"
    assert "[R](https://r.org)" in said
    for link in ("[checks](checks.md)", "[events](../explanation/events.md)", "[tutorial](../tutorial.md)"):
        assert re.search(r"(\w+) \(`funnelcli help \1`\)", pages.told_as_topics(link, "guides/x.md", "funnelcli help"))


def test_no_page_has_marks_of_markdown_that_are_not_drawn() -> None:
    """A backslash that a person sees, but for one that is told of: in code, or of a pattern of SQL."""
    for each in (*topics(), *options()):
        prose = re.sub(r"^```.*?^```$|`[^`\n]*`", "", each.text, flags=re.MULTILINE | re.DOTALL)
        assert not re.search(r"\\[\W_]", prose), (each.kind, each.name)
        code = re.sub(r"^```.*?^```$", "", each.text, flags=re.MULTILINE | re.DOTALL)
        drawn = terminal(code, Canvas(width=WIDEST))
        assert "](" not in drawn, each.name
        assert each.name == "events" or not re.search(r"\\[*_<>`\[\]]", drawn), (each.kind, each.name)


def test_every_page_that_is_named_is_named_with_what_shows_it() -> None:
    for each in pages.pages():
        text = pages.told_as_topics(each.text, each.path, "funnelcli help")
        for other in re.findall(r"\]\((?![a-z]+:|#|\S*words\.md|\S*codes/)\S*?([\w-]+)\.md", each.text):
            assert f"`funnelcli help {other}`" in text, (each.name, other)


def test_rich_is_not_loaded_through_a_pipe(run: Run) -> None:
    code = (
        "import sys\nfrom typer.testing import CliRunner\nfrom funnelcli.cli.app import app\n"
        "done = CliRunner().invoke(app, ['help', 'romi'])\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "print(done.exit_code, sorted({'rich', 'markdown_it', 'pygments'} & loaded))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "0 []\n"


def test_a_search_loads_no_command() -> None:
    """Nor does the way in: all of them together take several times as long as either."""
    code = (
        "import sys\nfrom typer.testing import CliRunner\nfrom funnelcli.cli.app import app\n"
        "for args in (['help'], ['help', 'lose', 'people']):\n"
        "    assert CliRunner().invoke(app, args).exit_code == 0\n"
        "print('funnelcli.cli.commands.simulate' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


# tables


NAMES_ELSEWHERE = {
    "cli/check_files.py": {"CI_PROJECT_DIR", "GITHUB_WORKSPACE"},
    "cli/settings.py": {settings.VARIABLE},
    "cli/measuring.py": {"FUNNELCLI_SOURCE_NAME"},
    "cli/completion/shells.py": {"_FUNNELCLI_COMPLETE"},
    "cli/repository/git.py": set(),  # which hands all of them on to git
}
"""Files that read variables whose names do not stand beside `os.environ`."""


OF_COMPLETION = ("COMP_CWORD", "COMP_WORDS", "_FUNNELCLI_COMPLETE", "_TYPER_COMPLETE")
"""What shells tell the completion, or the beginning of it; nobody sets these by hand."""


def test_variables_that_are_read_stand_in_the_table() -> None:
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "getenv" not in text, path
        uses = re.findall(r"\bos\.environ\b(?:(?:\.\w+)?[(\[]\"(\w+)\")?", text)
        if "" in uses:
            found |= NAMES_ELSEWHERE[path.relative_to(PACKAGE).as_posix()]
        found.update(uses)
    listed = {each.name for each in VARIABLES}
    read = {name for name in found if name and not name.startswith(OF_COMPLETION)}
    assert read == listed - {"COLUMNS", "LINES"}  # which the standard library reads


def test_every_format_of_every_command_is_explained() -> None:
    said = tables.formats()
    choices = {
        name for each in command_pages.options()["--format"].values() for name in re.split(r"[<>|]", each.written)[1:-1]
    }
    assert len(choices) > 10
    assert choices <= tables.FORMATS.keys()
    assert all(f"| `{name}` | " in said for name in choices)


def test_exit_codes_are_those_of_the_program() -> None:
    from funnelcli.cli.console import CLOSED_PIPE, INTERRUPTED, ExitCode

    assert list(tables.EXIT_CODES) == [str(int(code)) for code in (*ExitCode, INTERRUPTED, CLOSED_PIPE)]


@pytest.mark.parametrize("name", tables.TABLES)
def test_a_table_is_shown_by_its_name(name: str) -> None:
    (page,) = finding.find([name]).shown
    assert isinstance(page, Topic)
    assert page.kind == "reference"
    assert tables.TABLES[name].make().splitlines()[-1].startswith("| `") or "| `" in tables.TABLES[name].make()
    assert "<!-- table" not in page.text


def test_all_keys_of_the_schema_are_in_a_table() -> None:
    shown_tables = [*tables.KEYS.values(), *tables.NOTED_KEYS.values()]
    assert len(shown_tables) == len(schema._tables())
    assert {field.key for table in shown_tables for field in table} == set(KEYS)


def test_help_of_a_command_is_short_and_says_where_there_is_more(run: Run) -> None:
    for name in COMMANDS:
        examples = docs.command_help(name).splitlines()
        assert examples[:2] == ["\b", "Examples:"], name
        assert 1 <= sum(line.startswith("  funnelcli ") for line in examples) <= 5, name
    assert run("show", "--help").stdout.endswith("\n  More: funnelcli help show\n")


# man pages


def test_man_pages_say_what_a_command_is_for_and_takes() -> None:
    for name in man_pages.names():
        command = name.partition("-")[2]
        page = man_pages.write(command or None)
        assert page.startswith(f'.TH "{name.upper()}" "1" "'.replace("-", "\\-"))
        assert re.findall(r"^\.SH (.*)$", page, re.MULTILINE)[:2] == ["NAME", "SYNOPSIS"]
        if command:
            for each in command_pages.options().values():
                if command in each:
                    assert each[command].names[-1].replace("-", "\\-") in page
        else:
            assert all(f"\n\\fB{each}\\fR\n" in page for each in COMMANDS)


def test_man_pages_are_sound(tmp_path: Path) -> None:
    """By mandoc, where it is installed."""
    if not shutil.which("mandoc"):
        pytest.skip("there is no mandoc")
    paths = [tmp_path / f"{name}.1" for name in man_pages.names()]
    for path in paths:
        path.write_text(man_pages.write(path.stem.partition("-")[2] or None), encoding="utf-8")
    done = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning", *paths], capture_output=True, text=True, check=False
    )
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("text", "roff"),
    [
        (".ics files\n", ".PP\n\\&.ics files\n"),
        ("`-x` or *a* **b** \\\\n\n", ".PP\n\\fB\\-x\\fR or \\fIa\\fR \\fBb\\fR \\en\n"),
        ("- `--by NAME`: by *name*\n- plain\n", ".TP\n\\fB\\-\\-by NAME\\fR\nby \\fIname\\fR\n.IP \\(bu 2\nplain\n"),
        ("| a | b |\n|---|---|\n| `x` | why |\n", ".TP\n\\fBx\\fR\nwhy\n"),
        ("```sh\n.sh 'x'\n```\n", ".PP\n.RS 4\n.nf\n\\&.sh 'x'\n.fi\n.RE\n"),
    ],
)
def test_markdown_as_roff(text: str, roff: str) -> None:
    page = render(ManPage("x", "y", "z", text), "1", "2026-01-01", [])
    assert page.partition("\\fBz\\fR\n")[2].partition(".SH SEE ALSO")[0] == roff


def test_a_man_page_of_no_command_is_refused(run: Run) -> None:
    done = run("help", "--man", "shwo")
    assert (done.code, done.stdout) == (2, "")
    assert 'did you mean "show"?' in done.stderr


def test_a_default_is_told_with_its_key_and_asked_for_by_its_name() -> None:
    (key,) = finding.find(["currency"]).shown
    assert "else none. `funnelcli help config`" in key.text
    assert [each.name for each in finding.find(["default", "currency"]).shown] == ["config"]


def test_guides_stand_in_the_order_of_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"\]\(funnelcli/docs/guides/([a-z-]+)\.md\)", text.split("**Learn**")[1])
    assert [each.name for each in topics() if each.kind == "guide"] == listed
