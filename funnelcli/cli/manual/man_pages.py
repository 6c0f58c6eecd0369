"""The man pages: one of the program, and one of each command."""

from __future__ import annotations

from funnelcli import __version__
from funnelcli.cli.app import COMMANDS, GROUPS, OPENING, purpose
from funnelcli.cli.manual import command_pages, tables
from funnelcli.docs.releases import releases
from funnelcli.output.roff import ManPage, render

PROGRAM = "funnelcli"


def names() -> list[str]:
    """The pages there are, as man knows them."""
    return [PROGRAM, *(_page_of(command) for command in COMMANDS)]


def write(command: str | None) -> str:
    """The page of a command, or that of the program."""
    page = _program() if command is None else _command(command)
    return render(page, __version__, releases()[0].date, [name for name in names() if name != page.name])


def _page_of(command: str) -> str:
    return f"{PROGRAM}-{command}"


def _command(name: str) -> ManPage:
    text = command_pages.body(name).replace("## Details", "## Description")
    return ManPage(_page_of(name), _one_clause(purpose(name)), command_pages.usage(name), text)


_WHOLE_MANUAL = """\
The whole manual is in the program: `funnelcli help` is the way in, `funnelcli help NAME` shows a command, a key of the
file, a figure, a code or a word."""


def _program() -> ManPage:
    groups = (f"### {group}\n\n{_entries(of)}" for group, of in GROUPS.items())
    parts = [
        f"## Description\n\n{OPENING}",
        _WHOLE_MANUAL,
        "## Commands",
        *groups,
        f"## Exit status\n\n{tables.exit_codes()}",
        f"## Environment\n\n{tables.environment()}",
    ]
    usage = f"{PROGRAM} COMMAND [FILE]... [options]"
    return ManPage(PROGRAM, "funnels from numbers, files and exports", usage, "\n\n".join(parts))


def _entries(said: dict[str, str]) -> str:
    return "\n".join(f"- `{name}`: {meaning}" for name, meaning in said.items())


def _one_clause(text: str) -> str:
    """A purpose as the line of NAME has it: small, and without a colon, which whatis would take for a second name."""
    return text[:1].lower() + text[1:].replace(":", ",")
