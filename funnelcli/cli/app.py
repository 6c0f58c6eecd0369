"""Registration of the commands. Each is imported when it is called, because start-up is most of a short process."""

from importlib import import_module
from keyword import iskeyword
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

COMMANDS: dict[str, tuple[str, ...]] = {
    "show": ("conversion", "segments", "crosstab"),
    "bottleneck": ("bottleneck",),
    "scenario": ("scenario",),
    "economics": ("economics",),
    "compare": ("comparison",),
    "goal": ("goal", "experiment"),
    "levers": ("levers", "segment_levers", "sweep"),
    "simulate": ("simulation",),
    "forecast": ("forecast",),
    "report": (),
    "import": (),
    "measure": (),
    "check": (),
    "explain": (),
    "init": (),
    "schema": (),
}
"""Modules of `commands` (`import_`, as the word is Python's), each with a function `command`, and the views of their
results; the order of the help."""


_MORE = {"--by": " Two dimensions at once are a table of show."}
"""What else is said of an option that is given twice."""


def _refuse_twice(option: str, times: int) -> None:
    if times > 1:
        raise typer.BadParameter(f"it is given {times} times.{_MORE.get(option, '')}", param_hint=option)


class _Command(TyperCommand):
    """A command whose help goes on, below its first line, with a page of the manual."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Nothing is dropped without a word: an option of one value that is given twice is refused."""
        if not ctx.resilient_parsing:
            _, _, order = self.make_parser(ctx).parse_args(args=[*args])
            for given in order:
                if given.param_type_name == "option" and not given.is_flag and not given.multiple:  # type: ignore[attr-defined]
                    _refuse_twice(max(given.opts, key=len), order.count(given))
        return super().parse_args(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from funnelcli.docs import command_help

        self.help = f"{self.help}\n\n{command_help(self.name or '')}"
        super().format_help(ctx, formatter)


class _Commands(TyperGroup):
    """A group that builds a command when it is asked for."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = dict.fromkeys(COMMANDS)  # type: ignore[assignment]  # only names: for suggestions

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  # Click's signature
        if cmd_name not in COMMANDS:
            return None
        single = typer.Typer(rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)
        module = import_module(f"funnelcli.cli.commands.{cmd_name}{'_' * iskeyword(cmd_name)}")
        single.command(cmd_name, cls=_Command, context_settings=_CONTEXT)(module.command)
        return typer.main.get_command(single)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """A file without a command is answered by the command that shows it."""
        if args[0] not in COMMANDS and args[0].endswith((".yaml", ".yml")):
            from shlex import quote

            ctx.fail(f"{args[0]} is no command. To see what is in it: funnelcli show {quote(args[0])}")
        return super().resolve_command(ctx, args)


_CONTEXT = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    cls=_Commands,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings=_CONTEXT,
    no_args_is_help=True,
)


def _version(wanted: bool) -> None:
    if wanted:
        from funnelcli import __version__

        typer.echo(f"funnelcli {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """A funnel calculator: conversion tables, bottlenecks and what-ifs of YAML funnels.

    \b
    Examples:
      funnelcli show funnel.yaml            where do I lose people?
      funnelcli bottleneck funnel.yaml      which step holds me back?
      funnelcli scenario funnel.yaml        what would a change bring?
      funnelcli check funnels/              is anything wrong, or beyond its limit?
      funnelcli show --stage Visits=200 --stage Sales=4
      funnelcli import deals.csv -o funnel.yaml
    """
