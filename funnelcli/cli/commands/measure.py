"""`funnelcli measure`."""

from typing import Annotated

import typer

from funnelcli.cli import measuring, write_counts
from funnelcli.cli.completion import candidates
from funnelcli.cli.request import (
    BETWEEN,
    FORCE,
    FORMAT,
    FunnelNames,
    Given,
    GivenOften,
    Output,
    Request,
    choice_of,
    door,
    option,
)
from funnelcli.output.formats import FORMATS

_GONE = typer.Option(hidden=True)
"""An option of before, which is answered by what to write now."""


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
    table: Annotated[Given, option("NAME", "The table of events, in place of the file's.")] = None,
    between: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="DATE DATE", help=f"{BETWEEN}: those that enter in it."),
    ] = None,
    mature_only: Annotated[
        bool,
        typer.Option(
            "--mature-only",
            help="Leave out entries whose window is open at the last event; with a period, all periods that have some.",
        ),
    ] = False,
    memory: Annotated[
        Given, option("AMOUNT", "Memory to count files in, such as 2GB; default half of what is free.")
    ] = None,
    dropped_at: Annotated[
        Given,
        option("STAGE", "List those that got to the stage before this one and not here.", candidates.step_names),
    ] = None,
    reached: Annotated[Given, option("STAGE", "List those that got here.", candidates.step_names)] = None,
    sql: Annotated[bool, typer.Option("--sql", help="Write the query that counts, and count nothing.")] = False,
    dbt: Annotated[
        Given, option("DIR", "Write the query into a project of dbt, as a model with its schema and tests.")
    ] = None,
    dialect: Annotated[
        Given, option("NAME", "With --sql or --dbt: whose SQL, such as bigquery; default that of --from, or duckdb.")
    ] = None,
    update: Annotated[bool, typer.Option("--update", help="Write the counts into the funnel files.")] = False,
    funnel: FunnelNames = None,
    report_format: Annotated[
        Given,
        typer.Option(
            "--format",
            "-f",
            click_type=choice_of(("yaml", *FORMATS)),
            help=f"{FORMAT}; default: the funnel itself, else as show has it.",
        ),
    ] = None,
    output: Output = None,
    force: Annotated[
        bool,
        typer.Option("--force", help=f"{FORCE}; with --update: write 0, too, where no event fits a stage."),
    ] = False,
    counts: Annotated[Given, _GONE] = None,
    decimal: Annotated[Given, _GONE] = None,
    layout: Annotated[Given, _GONE] = None,
    label: Annotated[GivenOften, _GONE] = None,
    empty_as_zero: Annotated[bool, typer.Option("--empty-as-zero", hidden=True)] = False,
) -> None:
    """Fill a funnel with counts from recorded events."""
    _refuse_tables(request, update, counts, {"--decimal": decimal, "--layout": layout}, label, empty_as_zero)
    events = measuring.EventsOptions(source or (), table, between or (), mature_only, _bytes(memory))
    if dropped_at is not None or reached is not None:
        if sql or dialect is not None or dbt is not None:
            hint = "--dbt" if dbt is not None else "--sql" if sql else "--dialect"
            raise typer.BadParameter("give it without --dropped-at and --reached", param_hint=hint)
        _list_units(request, events, dropped_at, reached, update)
        return
    if sql or dialect is not None or dbt is not None:
        _write_query(request, events, sql, dbt, dialect, update)
        return
    filled = measuring.run(request, events, update=update)
    (write_counts.update if update else write_counts.hand_over)(filled, request)


def _list_units(
    request: Request, events: measuring.EventsOptions, dropped_at: str | None, reached: str | None, update: bool
) -> None:
    """List units in place of counting them."""
    other = "--update" if update else "--reached" if dropped_at is not None and reached is not None else None
    if other is not None:
        raise typer.BadParameter(
            f"give it without {other}", param_hint="--reached" if dropped_at is None else "--dropped-at"
        )
    from funnelcli.cli import listing

    if dropped_at is not None:
        listing.run(request, events, "dropped_at", dropped_at)
    elif reached is not None:
        listing.run(request, events, "reached", reached)


def _write_query(
    request: Request, events: measuring.EventsOptions, sql: bool, dbt: str | None, dialect: str | None, update: bool
) -> None:
    """Write the query in place of running it."""
    empty = next((name for name, given in (("--dbt", dbt), ("--dialect", dialect)) if given == ""), None)
    if empty is not None:
        raise typer.BadParameter("it is empty: name a folder" if dbt == "" else "it is empty", param_hint=empty)
    if not sql and dbt is None:
        raise typer.BadParameter("it says whose SQL --sql or --dbt writes: add one", param_hint="--dialect")
    other = "--update: nothing is counted" if update else "--sql" if sql and dbt is not None else None
    if other is not None:
        raise typer.BadParameter(f"give it without {other}", param_hint="--sql" if dbt is None else "--dbt")
    from funnelcli.cli import scripting

    if dbt is None:
        scripting.run(request, events, dialect)
    else:
        scripting.write_models(request, events, dialect, dbt)


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


def _refuse_tables(
    request: Request,
    update: bool,
    table: str | None,
    values: dict[str, str | None],
    labels: list[str] | None,
    empty_as_zero: bool,
) -> None:
    """Tables of counts are read by another command: the line that does it."""
    given = [[name, value] for name, value in (*values.items(), *(("--label", each) for each in labels or ())) if value]
    given += [["--empty-as-zero"]] if empty_as_zero else []
    if table is None and not given:
        return
    from shlex import join

    into = [["--update", file] for file in (request.files or [])[:1] if update]
    into += [["--output", request.output]] if request.output and not update else []
    line = join(["funnelcli", "import", table or "TABLE.csv", *(word for part in (*given, *into) for word in part)])
    named = "--counts" if table is not None else given[0][0]
    raise typer.BadParameter(f"tables and exports are read by another command. Use: {line}", param_hint=named)
