"""Registration of the commands. Each is imported when it is called, because start-up is most of a short process."""

from functools import partial
from importlib import import_module
from keyword import iskeyword
from types import SimpleNamespace
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from funnelcli.cli import settings

COMMANDS: dict[str, tuple[str, ...]] = {
    "show": ("conversion", "summary", "summary_in_full", "segments", "crosstab"),
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
    "diff": (),
    "help": (),
    "explain": (),
    "init": (),
    "schema": (),
}
"""Modules of `commands` (`import_`, as the word is Python's), each with a function `command`, and the views of their
results."""
GROUPS: dict[str, dict[str, str]] = {
    "See where you stand": {
        "show": "Conversion of each stage, revenue, and where people leave",
        "bottleneck": "The step that holds you back, and what mending it brings",
        "economics": "What a customer costs and brings, and whether it pays",
        "compare": "What differs between funnels, and what moved revenue",
    },
    "Decide what to change": {
        "scenario": "What if: the funnel after a change, beside today's",
        "levers": "What the same effort brings at each step and at the price",
        "goal": "What it takes to reach a revenue, a profit or sales",
    },
    "Look ahead": {
        "simulate": "How far sales and revenue of the next period may vary",
        "forecast": "What the deals in progress will bring, and when",
    },
    "Bring your numbers in": {
        "init": "Start a funnel file from a template or your own numbers",
        "import": "Make a funnel of a CRM export, an ad report or a table",
        "measure": "Count a funnel from events in files or a database",
    },
    "Guard your figures": {
        "check": "Find mistakes in funnel files and figures beyond limits",
        "diff": "What a change does: limits loosened, figures moved",
    },
    "Share": {
        "report": "A page, a picture, a workbook or a text for others",
    },
    "Look things up": {
        "help": "The manual: commands, keys, figures, codes, words, guides",
        "explain": "What the code of a message means, and what to do",
        "schema": "The schema of the funnel file, for editors",
    },
}
"""What each command is for, in groups: the order of the help."""
OPENING = (
    "How many people get from stage to stage, where they leave, and what a change would bring: from numbers that you "
    "type, from a small file of them, or from an export."
)
"""What the program is for, in a sentence."""
_EXAMPLES = (
    ("funnelcli show Visits=12400 Cart=830 Paid=377", "try it, without a file"),
    ("funnelcli show shop.yaml", "where do I lose people?"),
    ("funnelcli bottleneck shop.yaml", "which step holds me back?"),
    ("funnelcli scenario shop.yaml", "what would a change bring?"),
    ("funnelcli check funnels/", "is anything wrong?"),
    ("funnelcli import deals.csv -o shop.yaml", "from a spreadsheet or CRM"),
)


def purpose(command: str) -> str:
    """What the command is for, in at most 60 characters."""
    return next(commands[command] for commands in GROUPS.values() if command in commands)


_MORE = {"--by": " Two dimensions at once are a table of show."}
"""What else is said of an option that is given twice."""


def _refuse_twice(option: str, times: int) -> None:
    if times > 1:
        raise typer.BadParameter(f"it is given {times} times.{_MORE.get(option, '')}", param_hint=option)


_OTHER_NAMES = {
    "--average-order-value": "--average-check",
    "--aov": "--average-check",
    "--given": "--scenario",
}
"""Other names of options, and those of before: read in every command that has the option and no own one of the name."""


class _Command(TyperCommand):
    """A command whose help has examples of the manual below its first line, and in the end says where all of it is."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Nothing is dropped without a word: an option of one value that is given twice is refused."""
        if not ctx.resilient_parsing:
            try:
                options, _, order = self.make_parser(ctx).parse_args(args=[*args])
            except typer.BadParameter.__base__ as error:  # type: ignore[misc]  # Typer's usage error, which it does not name
                self._answer_unknown(ctx, getattr(error, "option_name", None), args)
                raise
            for given in order:
                if given.param_type_name == "option" and not given.is_flag and not given.multiple:
                    _refuse_twice(max(given.opts, key=len), order.count(given))
            if any(parameter.name == "color" for parameter in self.params):
                try:
                    ctx.default_map = settings.take(options, options.get("files") or ())
                except settings.NoFile as error:
                    raise typer.BadParameter(f"{error}.", param_hint="--config") from error
        return super().parse_args(ctx, args)

    def make_parser(self, ctx: Any) -> Any:
        """It reads the other names of options as well, which neither the help nor the completion offers."""
        offered = [each.opts for each in self.params]
        others = self._other_names()
        for each in self.params:
            each.opts = [*each.opts, *(other for other, now in others.items() if now in each.opts)]
        try:
            return super().make_parser(ctx)
        finally:
            for each, names in zip(self.params, offered, strict=True):
                each.opts = names

    def _other_names(self) -> dict[str, str]:
        """Other names of the options that the command has, each with the name of now."""
        known = {name for each in self.params for name in each.opts}
        return {other: now for other, now in _OTHER_NAMES.items() if now in known and other not in known}

    def _answer_unknown(self, ctx: Any, option: str | None, args: list[str]) -> None:
        """What was meant by an option that the command does not have; nothing of one that it has."""
        options = {self.name or "": [name for each in self.get_params(ctx) for name in each.opts]}
        if option is None or option in options[self.name or ""] or option in self._other_names():
            return
        from funnelcli.cli import meant

        whole = next((each.partition("=")[0] for each in args if each.startswith(option)), option)
        group = typer.main.get_command(app)
        options |= {
            name: [given for each in group.get_command(ctx, name).params for given in each.opts]  # type: ignore[attr-defined]
            for name in COMMANDS
            if name != self.name
        }
        _answer(meant.option_of(whole, self.name or "", options))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from funnelcli.cli.help_pages import write_command
        from funnelcli.docs import command_help

        name = self.name or ""
        write_command(self, ctx, formatter, purpose(name), command_help(name))


class _Commands(TyperGroup):
    """A group that builds a command when it is asked for."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = dict.fromkeys(COMMANDS)  # type: ignore[assignment]  # only names: for suggestions

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from funnelcli.cli.help_pages import write_program

        write_program(ctx, formatter, OPENING, _EXAMPLES, GROUPS)

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """The commands that begin so, by the table alone: no command is loaded to be offered."""
        names = [name for commands in GROUPS.values() for name in commands if name.startswith(incomplete)]
        offered = [SimpleNamespace(value=name, help=purpose(name)) for name in names]
        return offered or super().shell_complete(ctx, incomplete)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  # Click's signature
        if cmd_name not in COMMANDS:
            return None
        single = typer.Typer(rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)
        module = import_module(f"funnelcli.cli.commands.{cmd_name}{'_' * iskeyword(cmd_name)}")
        single.command(cmd_name, cls=_Command, context_settings=_CONTEXT)(module.command)
        return typer.main.get_command(single)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Without a word on a terminal, a funnel is asked for; an option of a command that stands first is answered."""
        if not ctx.resilient_parsing:
            if not args:
                from funnelcli.cli import asking

                if asking.on_a_terminal():
                    raise typer.Exit(asking.converse(partial(self.main, prog_name="funnelcli", standalone_mode=False)))
            elif args[0].startswith("-") and args[0] != "-" and not self._has(ctx, args[0]):
                from funnelcli.cli import meant

                _answer(meant.option_before(args, COMMANDS))
        return super().parse_args(ctx, args)

    def _has(self, ctx: Any, option: str) -> bool:
        return any(option.partition("=")[0] in each.opts for each in self.get_params(ctx))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """What is no command is answered by what was meant."""
        if args[0] not in COMMANDS:
            from funnelcli.cli import meant

            _answer(meant.command_of(args, COMMANDS))
        return super().resolve_command(ctx, args)


def _answer(answer: Any) -> NoReturn:
    """Say what is wrong with the line, and what was meant."""
    from funnelcli.cli import console

    console.begin()
    console.error(answer.what, answer.help)
    raise typer.Exit(console.code)


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
    """A funnel calculator for the command line."""
