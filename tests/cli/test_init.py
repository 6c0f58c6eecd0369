"""`init`: a funnel file to start from, printed or written, and never over another one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT

from .test_streams import terminal

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Files, Run

AIDA = (ROOT / "funnelcli" / "funnel_file" / "templates" / "aida.yaml").read_text(encoding="utf-8")
OWN = ("Visits=200", "Leads=20", "Sales=4")


def test_without_a_template_they_are_listed(run: Run) -> None:
    """Whole lines in a pipe, purposes in one column; how to go on is no part of the list."""
    done = run("init")
    assert done.code == 0
    lines = done.stdout.splitlines()
    assert len(lines) == 10
    purposes = {
        "aida": "how far an advertisement carries people, from attention to action",
        "value-ladder": "products of rising price, each with its own average check",
    }
    listed = {line.split()[0]: line for line in lines}
    starts = {listed[name].index(purpose) for name, purpose in purposes.items()}
    assert len(starts) == 1
    assert all(listed[name].endswith(purpose) for name, purpose in purposes.items())
    assert "funnelcli init aida -o funnel.yaml" in done.stderr
    assert "funnelcli init Visits=200 Sales=4" in done.stderr


def test_a_narrow_terminal_folds_purposes_below_themselves() -> None:
    done = terminal("init", columns=60)
    lines = done.stdout.split("\n\n")[0].splitlines()
    assert max(map(len, lines)) <= 60
    start = next(line.index("how far an") for line in lines if line.startswith("aida"))
    folded = [line for line in lines if line.startswith(" ")]
    assert folded
    assert all(len(line) - len(line.lstrip()) == start for line in folded)


def test_a_template_is_printed(run: Run) -> None:
    done = run("init", "aida")
    assert (done.code, done.stdout, done.stderr) == (0, AIDA, "")


def test_a_template_is_written_and_what_comes_next_is_said(run: Run, tmp_path: Path) -> None:
    done = run("init", "aida", "-o", "my funnel.yaml")
    assert (done.code, done.stdout) == (0, "")
    assert (tmp_path / "my funnel.yaml").read_text(encoding="utf-8") == AIDA
    assert [path.name for path in tmp_path.iterdir()] == ["my funnel.yaml"]
    assert "funnelcli show 'my funnel.yaml'" in done.stderr


@pytest.mark.parametrize("args", [("saas",), ("Visits=90", "Sales=3")])
def test_an_editor_finds_the_schema_that_a_file_names_wherever_it_lies(run: Run, args: tuple[str, ...]) -> None:
    """It is the address by which the schema calls itself, and no file beside it that is not there."""
    done = run("init", *args, "-o", "a.yaml")
    assert "schema" not in done.stderr
    named = run("init", *args).stdout.splitlines()[0].removeprefix("# yaml-language-server: $schema=")
    assert named == run("schema").json["$id"]


def test_an_existing_file_is_kept_without_force(run: Run, files: Files) -> None:
    path = files("funnel.yaml", "mine\n")
    done = run("init", "aida", "-o", path)
    assert (done.code, done.stdout) == (2, "")
    assert path.read_text() == "mine\n"
    assert "--force" in done.stderr
    assert run("init", "aida", "-o", path, "--force").code == 0
    assert path.read_text(encoding="utf-8") == AIDA


def test_own_numbers_are_written_and_can_be_shown(run: Run) -> None:
    money = ("--average-check", "5000", "--name", "1:30", "--currency", "EUR")
    assert run("init", *OWN, *money, "-o", "own.yaml").code == 0
    done = run("show", "own.yaml", "--format", "json")
    assert (done.code, done.stderr) == (0, "")
    (funnel,) = done.funnels
    assert (funnel["name"], funnel["currency"]) == ("1:30", "EUR")
    assert [(stage["name"], stage["count"]) for stage in funnel["stages"]] == [
        ("Visits", 200),
        ("Leads", 20),
        ("Sales", 4),
    ]
    assert funnel["revenue"] == 20000  # 4 x 5000


def test_own_numbers_can_be_piped_on(run: Run) -> None:
    done = run("init", "--stage", "no=200", "--stage", "a: b=20")
    assert done.stderr == ""
    shown = run("show", "-", "--format", "csv", stdin=done.out)
    assert (shown.code, shown.stderr) == (0, "")
    assert "a: b,no,20,0.1," in shown.stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("aidda",), ['no template is called "aidda"', 'did you mean "aida"?']),
        (("aida", *OWN), ["a template has its own stages", "leave out TEMPLATE, or the stages"]),
        (("aida", "--name", "x"), ["--name goes with stages", "write NAME=COUNT"]),
        (("--average-check", "5"), ["--average-check goes with stages", "write NAME=COUNT"]),
        (("--currency", "EUR"), ["--currency goes with stages", "write NAME=COUNT"]),
        (("-o", "funnel.yaml"), ["no template is named", "funnelcli init lists them"]),
        (("aida", "-o", ""), ["the output path is empty", "name a file"]),
        (("aida", "-o", "missing/funnel.yaml"), ["cannot write missing/funnel.yaml", "choose another path"]),
        (("Leads=10",), ["error[FN105]", "add another one"]),
        (("aida", "b2b"), ["several templates are named", "name one"]),
    ],
)
def test_what_cannot_be_is_2_with_a_way_out(run: Run, tmp_path: Path, args: tuple[str, ...], words: list[str]) -> None:
    done = run("init", *args)
    assert (done.code, done.stdout) == (2, "")
    assert all(word in done.stderr for word in words), done.stderr
    assert done.stderr.count("error") == 1
    assert list(tmp_path.iterdir()) == []


def test_all_that_is_wrong_with_own_numbers_is_said(run: Run) -> None:
    done = run("init", "--stage", "Leads=1,000", "--stage", "Sales", "--name", "", "-o", "own.yaml")
    assert done.code == 2
    assert re.findall(r"error\[(.....)\]", done.stderr) == ["FN206", "FN103", "FN121"]


def test_help_opens_with_examples(run: Run) -> None:
    done = run("init", "-h")
    assert done.code == 0
    before, examples, after = done.stdout.partition("Examples:\n")
    assert examples
    assert "--output" not in before
    assert "funnelcli init aida -o funnel.yaml\n" in after


def test_yaml_and_rich_are_not_loaded_to_print_a_template(run: Run) -> None:
    script = (
        "import atexit, os, sys\n"
        "leave = os._exit\n"
        "def tell(code):\n"
        "    print(sorted({'yaml', 'rich'} & set(sys.modules)), file=sys.stderr, flush=True)\n"
        "    leave(code)\n"
        "os._exit = tell"
    )
    done = run("init", "aida", script=script)
    assert (done.stdout, done.stderr) == (AIDA, "[]\n")
