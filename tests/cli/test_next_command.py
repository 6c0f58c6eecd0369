"""The next useful command: on a terminal alone, about the same funnel, ready to paste, and it works."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from funnelcli.cli.app import COMMANDS
from funnelcli.cli.next_command import FOLLOWS, after
from funnelcli.cli.request import Request
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.reader import read
from tests.conftest import SAMPLES
from tests.reports import REPORTS

if TYPE_CHECKING:
    from .conftest import Run

NOT_OF_PEOPLE = {"conversion"}
"""Views of what programs read."""


def test_every_report_has_one() -> None:
    assert set(FOLLOWS) == {view for views in COMMANDS.values() for view in views} - NOT_OF_PEOPLE


@pytest.mark.parametrize("view", FOLLOWS)
def test_what_is_said_can_be_done(run: Run, view: str) -> None:
    """Every one that is said of the samples, once."""
    said: dict[str, str] = {}
    for stem in ("retail", "context_ads", "channels_and_managers", "b2b", "managers_by_month", "loss_making"):
        path = SAMPLES / f"{stem}.yaml"
        (funnel,) = read(path.read_bytes(), path.name).funnels
        result = REPORTS[view](funnel)
        found = None if isinstance(result, Problem) else after(view, [result], Request(files=[str(path)]))
        if found is not None:
            said.setdefault(*found)
    assert said
    for command in said.values():
        name, *words = shlex.split(command)
        done = run(*words)
        assert (name, done.code) == ("funnelcli", 0), (command, done.stderr)


def test_it_is_of_the_same_funnel() -> None:
    (funnel,) = read(b"name: \"It's\"\nstages: {A: 100, B's: 50, C: 40}\n", "f.yaml").funnels
    result = REPORTS["summary"](funnel)

    def command(**given: object) -> str:
        return (after("summary", [result], Request(**given)) or ("", ""))[1]  # type: ignore[arg-type]

    assert command(files=["my file.yaml"]) == "funnelcli bottleneck 'my file.yaml'"
    assert command(files=["a.yaml"], funnel=["It's"]) == "funnelcli bottleneck a.yaml --funnel 'It'\"'\"'s'"
    assert command(stage=["A=100", "B=50"], currency="EUR") == "funnelcli bottleneck A=100 B=50 --currency EUR"
    assert command(files=["-"]) == ""
    assert command(files=["a\nb.yaml"]) == ""


def test_a_pipe_and_a_file_have_none(run: Run) -> None:
    assert "funnelcli" not in run("show", SAMPLES / "retail.yaml").stdout
