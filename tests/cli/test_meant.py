"""What a person meant who named a command or an option that there is not: the line that does it."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest
import typer

from funnelcli.cli import meant
from funnelcli.cli.app import COMMANDS, app
from tests.cli.conftest import INVOICES

if TYPE_CHECKING:
    from .conftest import Files

GROUP: Any = typer.main.get_command(app)
CONTEXT = GROUP.make_context("funnelcli", [], resilient_parsing=True)
OPTIONS = {
    name: [given for each in GROUP.get_command(CONTEXT, name).params for given in each.opts] for name in COMMANDS
}


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("shop.yaml", "funnelcli show shop.yaml"),
        ("shop.yaml --by channel", "funnelcli show shop.yaml --by channel"),
        ("shop.yaml bottleneck", "funnelcli bottleneck shop.yaml"),
        ("- --format json", "funnelcli show - --format json"),
        ("'my deals.csv'", "funnelcli import 'my deals.csv' -o 'my deals.yaml'"),
        ("deals.xlsx -o a.yaml", "funnelcli import deals.xlsx -o a.yaml"),
        ("events.parquet", "funnelcli measure FUNNEL.yaml --from events.parquet"),
        ("'Walks in=100' Paid=3", "funnelcli show 'Walks in=100' Paid=3"),
        ("version", "funnelcli --version"),
        ("Conversion a.yaml", "funnelcli show a.yaml"),
        ("what if a.yaml", "funnelcli scenario a.yaml"),
        ("unit economics a.yaml", "funnelcli economics a.yaml"),
        ("воронка a.yaml", "funnelcli show a.yaml"),
        ("Engpass a.yaml", "funnelcli bottleneck a.yaml"),
        ("shwo a.yaml", "did you mean: funnelcli show a.yaml"),
        ("simulte", "did you mean: funnelcli simulate"),
        ("xyzzy", "funnelcli --help lists the commands"),
    ],
)
def test_a_line_without_a_command(line: str, answer: str) -> None:
    found = meant.command_of(shlex.split(line), COMMANDS)
    assert found.help == answer
    assert found.what


def test_a_folder_is_shown(files: Files) -> None:
    assert meant.command_of([str(files.folder)], COMMANDS).help == f"funnelcli show {files.folder}"


def test_words_have_one_meaning() -> None:
    """Each word once, none that is a command, as it is compared; each leads to a command or an option that exists."""
    listed = [word for words in meant._table()["commands"].values() for word in words]
    assert len(listed) == len(set(listed))
    assert all(word == word.casefold() and " " not in word for word in listed)
    assert not set(listed) & set(COMMANDS)
    assert set(meant.words().values()) - {"--version"} <= set(COMMANDS)
    known = {option for options in OPTIONS.values() for option in options}
    for option, written in meant.replacements().items():
        assert written.split()[0] in known or not written.startswith("--"), option
        assert re.fullmatch("--?[a-z-]+", option)


@pytest.mark.parametrize(
    ("command", "option", "answer"),
    [
        ("show", "--json", "write --format json"),
        ("show", "-json", "write --format json"),
        ("show", "--avg-check", "write --average-check"),
        ("show", "--stages", "write NAME=COUNT for each stage"),
        ("show", "--goal", "--goal is an option of goal, simulate and forecast: funnelcli goal -h"),
        ("scenario", "--what-if", "write --set"),
        ("show", "--what-if", "--set is an option of scenario and simulate: funnelcli scenario -h"),
        ("goal", "--funel", "did you mean --funnel?"),
        ("show", "-format", "did you mean --format?"),
        ("show", "--xyzzy", "funnelcli show -h lists its options"),
    ],
)
def test_an_option_that_the_command_does_not_have(command: str, option: str, answer: str) -> None:
    assert meant.option_of(option, command, OPTIONS).help == answer


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--json show a.yaml", "funnelcli show a.yaml --json"),
        ("--bogus", "funnelcli --help lists them"),
        ("conversion a.yaml", "= help: funnelcli show a.yaml"),
        ("show a.yaml --json", "= help: write --format json"),
        ("show a.yaml --by=x --jsn", "show has no option --jsn"),
    ],
)
def test_what_was_meant_is_said(line: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        GROUP(shlex.split(line), prog_name="funnelcli")
    assert left.value.code == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert said in streams.err


@pytest.mark.parametrize("name", ["--average-order-value", "--aov"])
def test_another_name_of_an_option_is_read(name: str, files: Files, capfdbinary: Any) -> None:
    for given in ([name, "10"], [f"{name}=10"]):
        with pytest.raises(SystemExit):
            GROUP(["show", "A=9", "B=3", *given, "-f", "csv", "-o", str(files.folder / "o.csv"), "--force"])
        assert ",30," in (files.folder / "o.csv").read_text(encoding="utf-8")  # 3 x 10


def test_another_name_without_its_value_is_no_unknown_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        GROUP(["show", "A=9", "B=3", "--aov"])
    assert "requires an argument" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["--average-order-value", "--aov", "--aov=5"])
def test_a_value_stays_as_it_is(name: str, files: Files) -> None:
    with pytest.raises(SystemExit):
        GROUP(["show", "A=9", "B=3", "--name", name, "-o", str(files.folder / "o.json")])
    assert f'"name":"{name}"' in (files.folder / "o.json").read_text(encoding="utf-8").replace(" ", "")


def test_a_value_is_no_name_of_an_option(files: Files) -> None:
    with pytest.raises(SystemExit) as left:
        GROUP(["show", str(files("a.yaml", INVOICES)), "--funnel", "--", "-o", str(files.folder / "o.csv")])
    assert left.value.code == 2
