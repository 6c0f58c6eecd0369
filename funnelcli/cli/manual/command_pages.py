"""A command as the manual has it: what it does, examples, remarks, and the options that Typer knows of."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli import docs
from funnelcli.cli.app import COMMANDS, app, purpose
from funnelcli.cli.help_pages import sections, told

if TYPE_CHECKING:
    from collections.abc import Iterable


class Taken(NamedTuple):
    """What a command takes: its names, none where it is no option, how it is written, what it does."""

    names: tuple[str, ...]
    written: str
    meaning: str


@cache
def _command(name: str) -> Any:
    from typer.main import get_command

    group: Any = get_command(app)
    return group.get_command(None, name)


@cache
def taken(name: str) -> dict[str, list[Taken]]:
    """Arguments and options of a command, as its help has them; `--help` is everywhere."""
    command = _command(name)
    context = command.context_class(command, info_name=name)
    found = {}
    for heading, parameters in sections(command, context).items():
        found[heading] = [_taken(each, context) for each in parameters if each.name != "help"]
    return {heading: listed for heading, listed in found.items() if listed}


def _taken(parameter: Any, context: Any) -> Taken:
    names = tuple(sorted(parameter.opts, key=len)) if parameter.param_type_name == "option" else ()
    written, meaning = told(parameter, context)
    return Taken(names, written, docs.one_line(meaning))


@cache
def options() -> dict[str, dict[str, Taken]]:
    """Every option by its long name: the commands that take it, and as what."""
    found: dict[str, dict[str, Taken]] = {}
    for command in COMMANDS:
        for each in chain.from_iterable(taken(command).values()):
            if each.names:
                found.setdefault(each.names[-1], {})[command] = each
    return found


def usage(name: str) -> str:
    """How the command is called."""
    arguments = " ".join(each.written for each in taken(name).get("Arguments", ()))
    return f"funnelcli {name} {arguments} [options]".replace("  ", " ")


def page(name: str) -> str:
    """All that is known of a command, as a page of Markdown."""
    return f"# {name}\n\n{purpose(name)}.\n\n```sh\n{usage(name)}\n```\n\n{body(name)}"


def body(name: str) -> str:
    """The sections of its page: examples, details, and what it takes."""
    parts = [_remarks(name)]
    for heading, listed in taken(name).items():
        parts += [f"## {heading}", _listing(listed)]
    return "\n\n".join(parts) + "\n"


def option_page(name: str) -> str:
    """An option: the commands that take it, those that say the same of it together."""
    said: dict[tuple[str, str], list[str]] = {}
    for command, each in options()[name].items():
        said.setdefault((each.written, each.meaning), []).append(command)
    parts = [f"# {name}"]
    for (written, meaning_), commands in said.items():
        parts.append(f"`{written}` of {', '.join(commands)}: {meaning_}")
    return "\n\n".join(parts) + "\n"


def _listing(each_of: Iterable[Taken]) -> str:
    return "\n".join(f"- `{each.written}`: {each.meaning}" for each in each_of)


def _remarks(name: str) -> str:
    """The page of text of a command as Markdown: what is indented is code, a line before it introduces that."""
    shown = ["## Examples"]
    for paragraph in docs.command_text(name).strip("\n").split("\n\n"):
        lines = paragraph.split("\n")
        introduction = " ".join(line for line in lines if not line.startswith("  "))
        code = [line.removeprefix("  ") for line in lines if line.startswith("  ")]
        if not code and "## Details" not in shown:
            shown.append("## Details")
        if introduction not in ("", "Examples:", "More examples:"):
            shown.append(_code_marked(introduction))
        if code:
            shown.append("```sh\n" + "\n".join(code) + "\n```")
    return "\n\n".join(shown).replace("\n```\n\n```sh\n", "\n")


_NAME = re.compile(r"[\w.$\[@-]*[_*][\w.*\]@-]*(?<![.-])")
"""A key, a variable, a pattern: what Markdown would take for marks stands as code, which needs no backslash."""


def _code_marked(text: str) -> str:
    """A paragraph of plain text, with what Markdown would take for marks as code."""
    return "`".join(part if number % 2 else _NAME.sub(r"`\g<0>`", part) for number, part in enumerate(text.split("`")))
