"""`funnelcli measure`."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from funnelcli.cli import counting, measuring, write_counts
from funnelcli.cli.request import FunnelNames, Output, Request, door
from funnelcli.output.formats import FORMATS

if TYPE_CHECKING:
    FormatName = str
else:
    FormatName = Literal["yaml", *FORMATS]

From = Annotated[
    list[str] | None,
    typer.Option(
        "--from",
        metavar="SOURCE",
        help="Events: a file or pattern of files (repeatable), - for standard input, a database's URL, or @PROFILE.",
    ),
]
Table = Annotated[
    str | None, typer.Option("--table", metavar="NAME", help="The table of events, in place of the file's.")
]
Between = Annotated[
    tuple[str, str] | None,
    typer.Option("--between", metavar="DATE DATE", help="Entries of this interval, the second date excluded."),
]
MatureOnly = Annotated[
    bool, typer.Option("--mature-only", help="Leave out entries whose window is open at the last event.")
]
Counts = Annotated[
    str | None,
    typer.Option(
        "--counts", metavar="TABLE", help="A CSV of counts that are added up already, in place of events; - is stdin."
    ),
]
DecimalMark = Annotated[
    Literal[".", ","] | None,
    typer.Option("--decimal", help="With --counts: the decimal mark, where the table does not prove it."),
]
EmptyAsZero = Annotated[bool, typer.Option("--empty-as-zero", help="With --counts: empty cells are 0.")]
Layout = Annotated[
    Literal["wide", "long"] | None,
    typer.Option("--layout", help="With --counts: a column for each stage, or a row."),
]
Labels = Annotated[
    list[str] | None,
    typer.Option("--label", metavar="COLUMN", help="With --counts: a column of labels, not of counts (repeatable)."),
]
Update = Annotated[bool, typer.Option("--update", help="Write the counts into the funnel files.")]
Format = Annotated[
    FormatName | None,
    typer.Option("--format", "-f", help="The funnel itself (default), or how show reports it."),
]
Memory = Annotated[
    str | None,
    typer.Option(
        "--memory", metavar="AMOUNT", help="Memory to count files in, such as 2GB; default half of what is free."
    ),
]  # fmt: skip
Overwrite = Annotated[
    bool,
    typer.Option(
        "--force", help="With --output: overwrite a file. With --update: write 0, too, where no event fits a stage."
    ),
]


@door("files", "color", "stdin_filename", "debug")
def command(
    request: Request,
    source: From = None,
    counts: Counts = None,
    decimal: DecimalMark = None,
    empty_as_zero: EmptyAsZero = False,
    layout: Layout = None,
    label: Labels = None,
    table: Table = None,
    between: Between = None,
    mature_only: MatureOnly = False,
    memory: Memory = None,
    update: Update = False,
    funnel: FunnelNames = None,
    report_format: Format = None,
    output: Output = None,
    force: Overwrite = False,
) -> None:
    """Fill a funnel with counts from recorded events."""
    _refuse_others(
        {
            "--counts": counts,
            "--decimal": decimal,
            "--empty-as-zero": empty_as_zero,
            "--layout": layout,
            "--label": label,
        },
        {"--from": source, "--table": table, "--between": between, "--mature-only": mature_only, "--memory": memory},
    )
    if counts is not None:
        reading = counting.CountsOptions(counts, decimal, empty_as_zero, layout, tuple(label or ()))
        filled = counting.run(request, reading, update=update)
    else:
        events = measuring.EventsOptions(source or (), table, between or (), mature_only, _bytes(memory))
        filled = measuring.run(request, events, update=update)
    (write_counts.update if update else write_counts.hand_over)(filled, request)


def _bytes(memory: str | None) -> int | None:
    """The amount of `--memory`."""
    if memory is None:
        return None
    from funnelcli.events.memory import LEAST, amount

    found = amount(memory)
    if found is None or found < LEAST:
        what = "it is no amount of memory" if found is None else f"it is less than {LEAST // 1_000_000}MB"
        raise typer.BadParameter(f"{what}: write 2GB, or 500MB", param_hint="--memory")
    return found


def _refuse_others(of_counts: dict[str, object], of_events: dict[str, object]) -> None:
    """Options of a table of counts and of events do not go together; nothing is left out in silence."""
    given, others = ([option for option, value in each.items() if value] for each in (of_counts, of_events))
    if given and others:
        what = f"{given[0]} is about a table of counts, {others[0]} about events: leave one of them out"
        raise typer.BadParameter(what, param_hint=given[0])
    if given and given[0] != "--counts":
        raise typer.BadParameter("it says how to read the table of --counts, which is missing", param_hint=given[0])
