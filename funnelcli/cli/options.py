"""Options that every command on funnels takes, and the decorator that gives them to a command."""

# Typer reads annotations at run time, so they are real objects here, not text.
import inspect
import traceback
from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple

import typer

from funnelcli.cli.completion import candidates

Files = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[FILE]...",
        help="Funnel files; - is standard input.",
        show_default=False,
        autocompletion=candidates.files,
    ),
]
FunnelNames = Annotated[
    list[str] | None,
    typer.Option(
        "--funnel",
        metavar="NAME",
        help="Only the funnels of this name (repeatable).",
        show_default=False,
        autocompletion=candidates.funnel_names,
    ),
]
Stages = Annotated[
    list[str] | None,
    typer.Option(
        "--stage", metavar="NAME=COUNT", help="A stage of a funnel without a file (repeatable).", show_default=False
    ),
]
AverageCheck = Annotated[
    str | None,
    typer.Option("--average-check", metavar="MONEY", help="With --stage: money of one unit of the last stage."),
]
Format = Annotated[
    Literal["table", "json", "csv", "markdown"] | None,
    typer.Option(
        "--format",
        "-f",
        help="How the report is written; default: by the ending of --output, else table.",
        show_default=False,
    ),
]
Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="PATH", help="Write the report to a file instead of standard output."),
]
Force = Annotated[bool, typer.Option("--force", help="With --output: overwrite an existing file.")]
Color = Annotated[
    Literal["auto", "always", "never"], typer.Option("--color", help="Colour; auto is for terminals only.")
]
StdinFilename = Annotated[
    str, typer.Option("--stdin-filename", metavar="NAME", help="What standard input is called in messages.")
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of a defect.")]
Confidence = Annotated[
    str,
    typer.Option(
        "--confidence",
        metavar="RATE",
        help="Confidence of the intervals.",
        autocompletion=candidates.confidences,
    ),
]

By = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="DIMENSION",
        help="By the segments of a breakdown, e.g. channel.",
        autocompletion=candidates.dimensions,
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
        help=f"With --by: only the first N segments, the rest added up; default: {MOST_FOR_PEOPLE} in tables.",
        show_default=False,
    ),
]
Sort = Annotated[
    Literal["file", "name", "entries", "sales", "conversion", "revenue", "budget", "profit"],
    typer.Option("--sort", help="With --by: the order of the segments, the largest first."),
]


class Request(NamedTuple):
    """What was asked for by the shared options."""

    files: list[str] | None = None
    funnel: list[str] | None = None
    stage: list[str] | None = None
    average_check: str | None = None
    report_format: str | None = None
    output: str | None = None
    force: bool = False
    color: str = "auto"
    stdin_filename: str = "<stdin>"
    debug: bool = False
    also_reads: tuple[str, ...] = ()
    """Files that the command reads beside `files`, such as a baseline."""


def _shared(
    files: Files = None,
    *,
    funnel: FunnelNames = None,
    stage: Stages = None,
    average_check: AverageCheck = None,
    report_format: Format = None,
    output: Output = None,
    force: Force = False,
    color: Color = "auto",
    stdin_filename: StdinFilename = "<stdin>",
    debug: Debug = False,
) -> None: ...


_SHARED = inspect.signature(_shared).parameters


def on_funnels(run: Callable[..., int]) -> Callable[..., None]:
    """Give a command the shared options: it takes a `Request` and its own options, and returns its exit code.

    An option of its own takes the place of a shared one of the same name.
    """
    own = {
        name: parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for name, parameter in inspect.signature(run).parameters.items()
        if name != "request"
    }
    shared = {name: parameter for name, parameter in _SHARED.items() if name not in own}
    files, *rest = shared.values()
    parameters = [files, *own.values(), *rest]

    def command(**values: Any) -> None:
        request = Request(**{name: values.pop(name) for name in shared})
        try:
            code = run(request, **values)
        except Exception:
            if request.debug:
                traceback.print_exc()
            raise
        raise typer.Exit(code)

    command.__name__ = run.__name__
    command.__doc__ = run.__doc__
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # how inspect is told
    return command
