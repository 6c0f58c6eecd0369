"""`funnelcli measure`."""

from typing import Annotated, Literal

import typer

from funnelcli.cli import counting, measuring, write_counts
from funnelcli.cli.request import FunnelNames, Given, GivenOften, Output, Request, choice_of, door, option
from funnelcli.output.formats import FORMATS


@door("files", "color", "stdin_filename", "debug")
def command(
    request: Request,
    source: Annotated[
        GivenOften,
        option(
            "SOURCE",
            "Events: a file or pattern of files (repeatable), - for standard input, a database's URL, or @PROFILE.",
            name="--from",
        ),
    ] = None,
    counts: Annotated[
        Given, option("TABLE", "A CSV of counts that are added up already, in place of events; - is stdin.")
    ] = None,
    decimal: Annotated[
        Literal[".", ","] | None,
        typer.Option(help="With --counts: the decimal mark, where the table does not prove it."),
    ] = None,
    empty_as_zero: Annotated[bool, typer.Option("--empty-as-zero", help="With --counts: empty cells are 0.")] = False,
    layout: Annotated[
        Literal["wide", "long"] | None, typer.Option(help="With --counts: a column for each stage, or a row.")
    ] = None,
    label: Annotated[
        GivenOften, option("COLUMN", "With --counts: a column of labels, not of counts (repeatable).")
    ] = None,
    table: Annotated[Given, option("NAME", "The table of events, in place of the file's.")] = None,
    between: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="DATE DATE", help="Entries of this interval, the second date excluded."),
    ] = None,
    mature_only: Annotated[
        bool, typer.Option("--mature-only", help="Leave out entries whose window is open at the last event.")
    ] = False,
    memory: Annotated[
        Given, option("AMOUNT", "Memory to count files in, such as 2GB; default half of what is free.")
    ] = None,
    update: Annotated[bool, typer.Option("--update", help="Write the counts into the funnel files.")] = False,
    funnel: FunnelNames = None,
    report_format: Annotated[
        Given,
        typer.Option(
            "--format",
            "-f",
            click_type=choice_of(("yaml", *FORMATS)),
            help="The funnel itself (default), or how show reports it.",
        ),
    ] = None,
    output: Output = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="With --output: overwrite a file. With --update: write 0, too, where no event fits a stage."
        ),
    ] = False,
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
        reading = counting.CountsOptions(decimal, empty_as_zero, layout, tuple(label or ()))
        filled = counting.run(request, counts, reading, update=update)
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
