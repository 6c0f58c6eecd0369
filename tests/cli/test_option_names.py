"""One meaning and one name for each option, in all commands."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import typer

from funnelcli.cli.app import COMMANDS, app

OF_EXPORTS = {
    "--budget": "the column that has it, as a table has no key of that name",
    "--revenue": "the column that has it",
    "--currency": "of a table with money of several: the one that is read",
    "--update": "which funnel file is filled from a table; measure fills its own",
    "--list": "the exports that are known, as help lists topics",
}
"""Where `import`, which reads tables, has an option of another meaning, and why."""

GROUP: Any = typer.main.get_command(app)
CONTEXT = GROUP.make_context("funnelcli", [], resilient_parsing=True)


def options() -> dict[str, list[tuple[str, Any]]]:
    """Every option that is shown, by its name: the commands that have it, and what it is there."""
    found: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    for command in COMMANDS:
        for each in GROUP.get_command(CONTEXT, command).params:
            if each.param_type_name == "option" and not each.hidden:
                name = max(each.opts, key=len)
                if command != "import" or name not in OF_EXPORTS:
                    found[name].append((command, each))
    return found


def meaning(help_: str) -> str:
    """What an option is, before what a command adds to it behind a mark."""
    return re.split(r"[;:(,.]| of each ", help_)[0].strip()


def test_an_option_of_one_name_has_one_meaning() -> None:
    differing = {
        name: {meaning(each.help): command for command, each in listed}
        for name, listed in options().items()
        if len({meaning(each.help) for _, each in listed}) > 1
    }
    assert differing == {}


def test_an_option_of_one_name_takes_one_kind_of_value() -> None:
    for name, listed in options().items():
        metavars = {each.metavar.removeprefix("[FORMAT=]") if each.metavar else None for _, each in listed}
        assert len(metavars) == 1, name
        assert len({each.is_flag for _, each in listed}) == 1, name
        assert len({tuple(sorted(each.opts)) for _, each in listed}) == 1, name  # its short form, too


def test_what_is_different_is_known() -> None:
    """An exception that is none any more is taken off the list."""
    own = {max(each.opts, key=len): each for each in GROUP.get_command(CONTEXT, "import").params}
    others = options()
    for name in OF_EXPORTS:
        assert any(meaning(each.help) != meaning(own[name].help) for _, each in others[name]), name


def test_every_option_says_what_it_is() -> None:
    for name, listed in options().items():
        for command, each in listed:
            assert each.help, (command, name)
            assert each.help.endswith("."), (command, name)
