"""The help of the program and of each command as text: examples first, what every report has last and apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SHARED = (
    "funnel", "segment", "report_format", "format_name", "output", "outputs", "force", "color", "stdin_filename",
    "config", "no_config",
)  # fmt: skip
"""Parameters that mean the same in every report."""
SHARED_HEADING = "Options of every report"
_PROGRAM = (
    ("--version", "Show the version"),
    ("--install-completion", "Complete commands, files and names by Tab in this shell"),
    ("-h, --help", "Show this help; of a command: funnelcli show -h"),
)


def write_program(context: Any, formatter: Any, opening: str, examples: Sequence[tuple[str, str]], groups: Any) -> None:
    """The help of the program: what it is, examples, the commands in groups, and its few options."""
    formatter.write_usage(context.command_path, "COMMAND [FILE]... [OPTIONS]")
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(opening)
    with formatter.section("Examples"):
        _write_examples(formatter, examples)
    column = max(len(name) for commands in groups.values() for name in commands)
    for heading, commands in groups.items():
        with formatter.section(heading):
            formatter.write_dl([(f"{name:{column}}", purpose) for name, purpose in commands.items()])
    with formatter.section("Options"):
        formatter.write_dl(_PROGRAM)


def _write_examples(formatter: Any, examples: Sequence[tuple[str, str]]) -> None:
    """Commands and what each answers: beside it, or below it where the lines would be too long."""
    column = max(len(command) for command, _ in examples)
    fits = formatter.current_indent + column + 2 + max(len(answer) for _, answer in examples) <= formatter.width + 2
    pad = " " * formatter.current_indent
    for command, answer in examples:
        formatter.write(f"{pad}{command:{column}}  {answer}\n" if fits else f"{pad}{command}\n{pad}    {answer}\n")


def write_command(command: Any, context: Any, formatter: Any, purpose: str, page: str) -> None:
    """The help of a command: what it is for, its page of the manual, which opens with examples, and its options."""
    formatter.write_usage(context.command_path, " ".join(command.collect_usage_pieces(context)))
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(f"{purpose}.\n\n{page}")
    for heading, parameters in sections(command, context).items():
        with formatter.section(heading):
            formatter.write_dl(_rows(context, parameters))
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(f"More: funnelcli help {command.name}")


def sections(command: Any, context: Any) -> dict[str, list[Any]]:
    """The parameters of a command that are not hidden, under their headings; what is shared comes last."""
    from funnelcli.funnel_file.typed import KEYS

    parameters = [each for each in command.get_params(context) if each.get_help_record(context)]
    takes_stages = any(each.name == "stage" for each in command.get_params(context))  # which is hidden
    found: dict[str, list[Any]] = {"Arguments": [], "Options": [], "A funnel without a file": [], SHARED_HEADING: []}
    for parameter in parameters:
        if parameter.param_type_name == "argument":
            heading = "Arguments"
        elif parameter.name in (*_SHARED, "debug", "help"):
            heading = SHARED_HEADING
        elif takes_stages and parameter.name in KEYS:
            heading = "A funnel without a file"
        else:
            heading = "Options"
        found[heading].append(parameter)
    if not found["Options"]:  # what is shared is all there is
        found = {"Options" if each == SHARED_HEADING else each: found[each] for each in found if found[each]}
    return {heading: listed for heading, listed in found.items() if listed}


_RANGE = re.compile(r"(?:; |  \[)?(?:\d+<=)?x[<>]=\d+(\])?$")
"""Bounds of a number, which nobody meets who does not mean to."""


def _rows(context: Any, parameters: Iterable[Any]) -> list[tuple[str, str]]:
    return [told(parameter, context) for parameter in parameters]


def told(parameter: Any, context: Any) -> tuple[str, str]:
    """What the help says of a parameter: how it is written, and what it does."""
    names, text = parameter.get_help_record(context)
    return names, _RANGE.sub("", text)
