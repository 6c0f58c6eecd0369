"""A request: the options that commands share, what a run is asked for by them, and the door of each command."""

# Typer reads signatures at run time, so annotations are real objects here, not text.
import inspect
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal, NamedTuple

import typer

from funnelcli.cli import console, settings
from funnelcli.cli.arguments import parted
from funnelcli.cli.completion import candidates
from funnelcli.output.formats import FORMATS

Given = str | None
"""The value of an option, or that there is none."""
GivenOften = list[str] | None
"""What is given as often as one likes."""


def option(metavar: str, help_: str, completion: Callable[..., Any] | None = None, name: str | None = None) -> Any:
    """An option with a value, by what the help says of it; `completion` is what the shell may complete.

    It has the name of the parameter unless another is given.
    """
    return typer.Option(*filter(None, (name,)), metavar=metavar, help=help_, autocompletion=completion)


def choice_of(names: Iterable[str]) -> Any:
    """The type of an option that is one of the names."""
    return typer.main.get_click_type(annotation=Literal[tuple(names)], parameter_info=typer.Option())


FORMAT = "How the report is written"


def format_option(names: Iterable[str], otherwise: str = "") -> Any:
    """`--format`, one of the names; `otherwise` says what it is by default."""
    text = f"{FORMAT}; default: by the ending of --output{otherwise}."
    return typer.Option("--format", "-f", click_type=choice_of(names), help=text)


OUTPUT = "Write to a file instead of standard output"
FORCE = "With --output: overwrite an existing file"


def output_option() -> Any:
    """`--output`."""
    return typer.Option("--output", "-o", metavar="PATH", help=f"{OUTPUT}.")


Strict = Annotated[bool, typer.Option("--strict", help="Warnings and undecided checks fail, too.")]
BY = "By the segments of a breakdown, e.g. channel"
BETWEEN = "Only this interval, the second date excluded"
AT = "The stage whose conversion is meant"
TOP = "Only the first N segments"
SCENARIO = "After this scenario of the file"
BASELINE = "Hold it against this file's funnels"


def confidence_level(text: str) -> float:
    """`95%` or `0.95` as a fraction of 1; raises a usage error for anything that is not between 0 and 1."""
    return share_of(text, "--confidence")


def share_of(text: str, name: str) -> float:
    """A rate between 0 and 1 as a fraction, which the option of that name has; raises a usage error for others."""
    from funnelcli.diagnostics import Problem
    from funnelcli.funnel_file import scalars

    value = scalars.rate(text)
    if isinstance(value, Problem):
        raise typer.BadParameter(f"{value.message} {value.help}.", param_hint=name)
    if not 0 < float(value) < 1:
        raise typer.BadParameter(f"{text} is impossible; write 80%, 90% or 95%.", param_hint=name)
    return float(value)


FunnelNames = Annotated[
    GivenOften, option("NAME", "Only the funnels of this name (repeatable).", candidates.funnel_names)
]
Segments = Annotated[
    GivenOften,
    option(
        "DIMENSION=SEGMENT",
        "Only this segment, as a funnel of its own (repeatable, of other dimensions, where the file has cells).",
        candidates.segments,
    ),
]
Stages = Annotated[GivenOften, typer.Option("--stage", metavar="NAME=COUNT", hidden=True)]
"""The stages of a typed funnel, which are arguments; the option of before is still read."""
AverageCheck = Annotated[
    Given, option("MONEY", "Money of one sale, at the last stage; 63.50+-140 with its standard deviation.")
]
Currency = Annotated[Given, option("CODE", "Currency of the money: a code or a symbol, such as EUR.")]
Name = Annotated[Given, option("TEXT", "What the funnel is called.")]
Budget = Annotated[Given, option("MONEY", "What was spent in the period.")]
GrossMargin = Annotated[Given, option("RATE", "Share of revenue left after the cost of goods, e.g. 60%.")]
Output = Annotated[Given, output_option()]
CONFIDENCE: Any = "95%"
"""The default as it is written, and as the help shows it; it is read like any other."""
Confidence = Annotated[
    float,
    typer.Option(
        "--confidence",
        parser=confidence_level,
        metavar="RATE",
        help="Confidence of the intervals.",
        autocompletion=candidates.confidences,
    ),
]
By = Annotated[Given, option("DIMENSION", f"{BY}.", candidates.dimensions)]
Sets = Annotated[
    GivenOften,
    option(
        "SELECTOR=CHANGE",
        "A change of your own, e.g. conversion@Paid=+10pp; all of them together (repeatable).",
        candidates.changes,
        name="--set",
    ),
]
MOST_FOR_PEOPLE = 30
"""Segments that a person is shown unless more are asked for."""
Top = Annotated[
    int | None,
    typer.Option(
        "--top",
        min=1,
        metavar="N",
        help=f"{TOP}, the rest added up; with --by; default: {MOST_FOR_PEOPLE} in tables.",
    ),
]
Sort = Annotated[
    Literal["file", "name", "entries", "sales", "conversion", "revenue", "budget", "profit"],
    typer.Option("--sort", help="With --by: the order of the segments, the largest first."),
]


class Request(NamedTuple):
    """What was asked for by the shared options, which stand here as the help lists them."""

    files: Annotated[
        GivenOften,
        typer.Argument(
            metavar="[FILE | NAME=COUNT]...",
            help="Funnel files and folders, also main:FILE as git has it; - is standard input. "
            "Or the stages of a funnel without a file.",
            autocompletion=candidates.files,
        ),
    ] = None
    stage: Stages = None
    average_check: AverageCheck = None
    currency: Currency = None
    name: Name = None
    budget: Budget = None
    gross_margin: GrossMargin = None
    funnel: FunnelNames = None
    segment: Segments = None
    report_format: Annotated[Given, format_option(FORMATS, ", else table")] = None
    output: Output = None
    force: Annotated[bool, typer.Option("--force", help=f"{FORCE}.")] = False
    full: Annotated[
        bool, typer.Option("--full", help="Every column of the tables, also where the window is narrow.")
    ] = False
    color: Annotated[
        Literal["auto", "always", "never"], typer.Option("--color", help="Colour; auto is for terminals only.")
    ] = "auto"
    stdin_filename: Annotated[str, option("NAME", "What standard input is called in messages.")] = "<stdin>"
    config: Annotated[
        Given,
        typer.Option(
            "--config",
            metavar="FILE",
            envvar=settings.VARIABLE,
            show_envvar=False,
            help="Take the defaults from this file, and no other.",
        ),
    ] = None
    no_config: Annotated[bool, typer.Option("--no-config", help="Take no defaults from a file.")] = False
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of a defect.")] = False
    baseline: Given = None  # each command that has it says what for


_PARAMETERS = inspect.signature(Request).parameters
SHARED = tuple(name for name in _PARAMETERS if name != "baseline")
"""The names of the shared options."""


def door(*shared: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the shared options of these names: it takes a `Request` and its own options.

    An option of its own takes the place of a shared one of the same name, and goes to the request as well. Whoever
    comes in finds the console new; whoever leaves does so with the worst exit code of the run. What is refused on the
    way is said here, and nowhere else.
    """

    def enter(run: Callable[..., None]) -> Callable[..., None]:
        own = dict(list(inspect.signature(run).parameters.items())[1:])
        taken = {name: _PARAMETERS[name] for name in shared if name not in own}
        first = {name: taken[name] for name in ("files",) if name in taken}
        parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in (first | own | taken).values()]

        def command(**values: Any) -> None:
            if values.get("output") == "-":
                values["output"] = None  # standard output, as - is standard input
            console.begin(values.get("color", "auto"), values.get("debug", False))
            try:
                if "stage" in values and values.get("files"):
                    values["files"], values["stage"] = parted(values["files"], values["stage"])
                request = Request(**{name: values[name] for name in Request._fields if name in values})
                if "config" in taken and settings.active.found:
                    console.diagnostics(settings.active.found, None, console.ExitCode.COULD_NOT_LOOK)
                    raise console.Leave
                run(request, **{name: values[name] for name in own})
            except console.Refused as refused:
                console.error(refused.what, refused.help)
            except console.Leave:
                pass  # what there is to say has been said
            raise typer.Exit(console.code)

        command.__name__ = run.__name__
        command.__doc__ = run.__doc__
        command.__annotations__ = {each.name: each.annotation for each in parameters}
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # how inspect is told
        return command

    return enter


on_funnels = door(*SHARED)
