"""The help of the program and of its commands: whole at any width, in groups, what is shared last and apart."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from typing import Any

import pytest
import typer

from funnelcli.cli.app import COMMANDS, GROUPS, app

GROUP: Any = typer.main.get_command(app)
CONTEXT = GROUP.make_context("funnelcli", [], resilient_parsing=True)
LONGEST_PURPOSE = 60
"""Characters of what a command is for: one line of 80 columns beside its name."""
PURPOSES = {name: purpose for commands in GROUPS.values() for name, purpose in commands.items()}


def help_of(*command: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", str(columns))
    printed = io.StringIO()
    with redirect_stdout(printed), pytest.raises(SystemExit) as left:
        GROUP([*command, "--help"], prog_name="funnelcli")
    assert left.value.code == 0
    return printed.getvalue()


def test_every_command_has_its_place_and_purpose() -> None:
    assert sorted(PURPOSES) == sorted(COMMANDS)
    assert len(PURPOSES) == sum(len(commands) for commands in GROUPS.values())
    for name, purpose in PURPOSES.items():
        assert 20 < len(purpose) <= LONGEST_PURPOSE, name
        assert not purpose.endswith("."), name


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_the_program_says_what_each_command_is_for(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is cut, and every line fits."""
    text = help_of(columns=columns, monkeypatch=monkeypatch)
    words = " ".join(text.split())
    assert all(f"{name} {purpose}" in words for name, purpose in PURPOSES.items())
    assert "..." not in text.replace("[FILE]...", "")
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= min(columns, 80)
    headings = [line.removesuffix(":") for line in text.splitlines() if line.endswith(":") and line[0] != " "]
    assert headings == ["Examples", *GROUPS, "Options"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_says_its_examples_first_and_what_is_shared_last(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = help_of(command, columns=80, monkeypatch=monkeypatch)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    assert lines[0].startswith(f"Usage: funnelcli {command} ")
    assert lines[1] == f"{PURPOSES[command]}."
    assert lines[2] == "Examples:"
    headings = [line for line in text.splitlines() if line.endswith(":") and line.startswith(("Options", "A funnel"))]
    own, typed, shared = "Options:", "A funnel without a file:", "Options of every report:"
    assert (typed in headings) == ("--gross-margin" in text)
    assert headings in ([own], [own, shared], [own, typed, shared], [typed, own])
    assert "--help" in text[text.index(f"\n{headings[-1]}\n") :]
    assert "x>=" not in text
    own = {option for each in GROUP.get_command(CONTEXT, command).params for option in each.opts if not each.hidden}
    assert all(option in text for option in own if option.startswith("--"))
