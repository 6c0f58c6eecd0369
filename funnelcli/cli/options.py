"""Options that several commands take."""

# Typer reads annotations at run time, so they are real objects here, not text.
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from funnelcli.cli.completion import candidates
from funnelcli.output.formats import FORMATS

if TYPE_CHECKING:
    FormatName = str
else:
    FormatName = Literal[tuple(FORMATS)]


def confidence_level(text: str) -> float:
    """`95%` or `0.95` as a fraction of 1; raises a usage error for anything that is not between 0 and 1."""
    from funnelcli.diagnostics import Problem
    from funnelcli.funnel_file import scalars

    value = scalars.rate(text)
    if isinstance(value, Problem):
        raise typer.BadParameter(f"{value.message} {value.help}.", param_hint="--confidence")
    if not 0 < float(value) < 1:
        raise typer.BadParameter(f"{text} is impossible; write 90%, 95% or 99%.", param_hint="--confidence")
    return float(value)


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
    FormatName | None,
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
