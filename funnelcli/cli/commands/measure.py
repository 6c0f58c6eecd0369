"""`funnelcli measure`."""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from funnelcli.cli import console, counting, destination, load, progress, write_counts
from funnelcli.cli.counting import Wish as CountsWish
from funnelcli.cli.options import FunnelNames, Output
from funnelcli.cli.request import Request, door
from funnelcli.diagnostics import Problem, quoted
from funnelcli.events import cohorts
from funnelcli.events.definition import Definition, define
from funnelcli.events.result import Measurement, rounded
from funnelcli.events.sources import (
    DATABASES,
    Files,
    SourceError,
    Warehouse,
    find_source,
    find_sources,
    from_stream,
    is_of_events,
    is_stream,
    paths_of,
)
from funnelcli.model import Funnel, Measured

if TYPE_CHECKING:
    from funnelcli.funnel_file import rewrite

From = Annotated[
    list[str] | None,
    typer.Option(
        "--from",
        metavar="SOURCE",
        help="Events: a file or pattern of files (repeatable), - for standard input, a database's URL, or @PROFILE.",
        show_default=False,
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
    Literal["yaml", "table", "json", "csv", "markdown"] | None,
    typer.Option("--format", "-f", help="The funnel itself (default), or how show reports it.", show_default=False),
]
Memory = Annotated[
    str | None,
    typer.Option(
        "--memory", metavar="AMOUNT", help="Memory to count files in, such as 2GB; default half of what is free.",
        show_default=False,
    ),
]  # fmt: skip
Overwrite = Annotated[
    bool,
    typer.Option(
        "--force", help="With --output: overwrite a file. With --update: write 0, too, where no event fits a stage."
    ),
]
INSTALL = {
    "events": ("duckdb", "ruamel.yaml"),
    "warehouse": ("ibis", "packaging", "sqlglot"),
    "postgres": ("psycopg",),
}
"""Libraries of the extras that a measurement needs."""


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
    """Fill a funnel with counts from recorded events.

    \b
    Examples:
      funnelcli measure web.yaml --from events.parquet > october.yaml
      funnelcli measure web.yaml --from 'logs/*.csv.gz' | funnelcli show -
      funnelcli measure web.yaml --from @prod --between 2026-10-01 2026-11-01
      funnelcli measure web.yaml --from events.csv --update
      funnelcli measure --counts spreadsheet.csv > october.yaml

    The file says what to count: measure (table, unit, time, window, …) and
    when, for each stage. The work is done by DuckDB, or where the table is:
    @prod stands for the URL in the variable FUNNELCLI_SOURCE_PROD.
    """
    sources = source or []
    _refuse_others(
        {
            "--counts": counts,
            "--decimal": decimal,
            "--empty-as-zero": empty_as_zero,
            "--layout": layout,
            "--label": label,
        },
        {
            "--from": sources,
            "--table": table,
            "--between": between,
            "--mature-only": mature_only,
            "--memory": memory,
        },
    )
    if counts is not None:
        _refuse(_lacking("events"))
        destination.check(request, also_reads=(counts,), text=True)
        counting.run(request, CountsWish(counts, decimal, empty_as_zero, layout, tuple(label or ()), update))
        return
    try:
        _run(request, sources, _Wish(table, between or (), mature_only, update, _bytes(memory)))
    except SourceError as error:
        raise console.Refused(error.what, error.cure) from error


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


def _refuse(refusal: tuple[str, str] | None) -> None:
    if refusal:
        raise console.Refused(*refusal)


class _Wish(NamedTuple):
    """The options that say what to count, and whether to keep it in the file."""

    table: str | None
    between: Sequence[str]
    mature_only: bool
    update: bool
    memory: int | None = None


def _run(request: Request, sources: list[str], wish: _Wish) -> None:
    _refuse(_misuse(request, sources, wish))
    destination.check(request, also_reads=tuple(paths_of(sources)), text=True)
    origins = [write_counts.open_origin(file, request) for file in load.once(request.files or [])]
    found = [each for origin in origins for each in origin.reading.diagnostics]
    if console.diagnostics(found, sum(origin.reading.documents for origin in origins)):
        raise console.Leave
    funnels = [funnel for origin in origins for funnel in origin.reading.funnels]
    chosen = load.named(funnels, request.funnel)
    wanted = [each for each in chosen if each.measure is not None or len(chosen) == 1 or request.funnel]
    if not wish.update:
        for left in (each.name for each in chosen if each not in wanted):
            console.note(f"{left} says not how to measure it, and is left out")
    if console.code:
        raise console.Leave
    if not wanted:
        raise console.Refused("no funnel has a measure", "say in the file where its counts come from")
    with TemporaryDirectory(prefix="funnelcli-") as folder:
        measured = _measure_all(wanted, sources, wish, folder)
    own = [
        {document: counts for (name, document), counts in measured.items() if name == origin.reading.file}
        for origin in origins
    ]
    (write_counts.update if wish.update else write_counts.hand_over)(origins, own, request)


def _misuse(request: Request, sources: list[str], wish: _Wish) -> tuple[str, str] | None:
    """What the options ask for that cannot be, and the way out."""
    if not request.files:
        return "no funnel is given", "name a FILE that says what to count, or - for standard input"
    misplaced = next((each for each in request.files if sources and is_of_events(each)), None)
    if misplaced is not None:
        folder, name = os.path.split(misplaced)
        pattern = os.path.join(folder, f"*{name[name.index('.') :]}")  # which the shell may have spelled out
        return f"{misplaced} holds events and is no funnel", f"put a pattern of files in quotes: --from '{pattern}'"
    if not sources:
        return "no source of events is given", "add --from with a file, a URL or @PROFILE"
    if "-" in sources and len(sources) > 1:
        return "standard input is read alone", "give one --from, or files of events"
    if "-" in request.files and ("-" in sources or wish.update):
        return "standard input is the funnel", "name the file of the funnel" if wish.update else "name the events' file"
    refusal = write_counts.refuse_update(request) if wish.update else None
    if refusal:
        return refusal
    named = [each for each in sources if each.startswith("@") or "://" in each]  # no file has to be looked at
    places = [find_source(each, os.environ) for each in named]
    engines = {place.url.partition("://")[0].lower() for place in places if isinstance(place, Warehouse)}
    extras = ["warehouse"] * bool(engines) + ["postgres"] * bool(engines & {"postgres", "postgresql"})
    if engines and wish.memory is not None:
        return "--memory is for files: a database has limits of its own", "leave it out"
    return _lacking("events", *extras)


def _lacking(*extras: str) -> tuple[str, str] | None:
    """What extras would bring and is not there, and the one line that installs it."""
    missing = {extra: [name for name in INSTALL[extra] if not _installed(name)] for extra in extras}
    needed = [extra for extra, names in missing.items() if names]
    if not needed:
        return None
    names = ", ".join(name for each in missing.values() for name in each)
    return f"measure needs {names}", f'install with: pip install "funnelcli[{",".join(needed)}]"'


def _installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # of a package that the name is in
        return False


def _measure_all(
    funnels: list[Funnel], sources: list[str], wish: _Wish, folder: str
) -> "dict[tuple[str, int], rewrite.Counts]":
    """The counts of each funnel by its file and document; where one has none, what is wrong is said."""
    place = _place(sources, folder)
    if wish.table and isinstance(place, Files) and place.format not in DATABASES:
        place = Problem("FN103", f"{quoted(place.shown)} has no tables", "leave out --table")
    if isinstance(place, Problem):
        console.problem(place)
        raise console.Leave
    between = _interval(wish.between)
    definitions = [between if isinstance(between, list) else define(each, wish.table, between) for each in funnels]
    result: dict[tuple[str, int], rewrite.Counts] = {}
    for funnel, definition in zip(funnels, definitions, strict=True):
        about = funnel.name if len(funnels) > 1 else ""
        outcome = definition if isinstance(definition, list) else _measure(definition, place, wish, folder)
        if not isinstance(outcome, Measurement):
            for problem in outcome if isinstance(outcome, list) else [outcome]:
                console.problem(problem, about)
            continue
        assert isinstance(definition, Definition)
        for note in _notes(outcome, definition.names[0], bool(definition.between)):
            console.note(f"{about}: {note}" if about else note)
        result[funnel.file or "", funnel.document] = _counts(funnel, definition, outcome, place)
    if console.code:
        raise console.Leave
    return result


def _place(sources: list[str], folder: str) -> Files | Warehouse | Problem:
    """Where the events are; those of a stream are put into the folder."""
    if sources == ["-"]:
        return from_stream(sys.stdin.buffer if sys.stdin else None, folder)
    if len(sources) == 1 and is_stream(sources[0]):
        with open(sources[0], "rb") as stream:
            return from_stream(stream, folder, sources[0])
    return find_sources(sources, os.environ)


def _interval(between: Sequence[str]) -> tuple[str, ...] | list[Problem]:
    """The dates of `--between`, or what is wrong with them."""
    from funnelcli.funnel_file import moments

    read = [moments.moment(text, False) for text in between]
    problems = [each for each in read if isinstance(each, Problem)]
    if problems:
        return problems
    texts = tuple(str(each) for each in read)
    if texts and not moments.grows(*texts):
        return [Problem("FN103", f"{texts[1]} is not after {texts[0]}", "write the earlier date first")]
    return texts


def _measure(
    definition: Definition, place: Files | Warehouse, wish: _Wish, folder: str
) -> Measurement | Problem | list[Problem]:
    if isinstance(place, Warehouse):
        from funnelcli.events import warehouse

        with progress.shown():
            return warehouse.measure(definition, place, mature_only=wish.mature_only)
    from funnelcli.events.duckdb import engine

    with TemporaryDirectory(dir=folder) as own:
        return engine.measure(
            definition, place, own, mature_only=wish.mature_only, memory=wish.memory, run=progress.run
        )


def _notes(found: Measurement, first: str, interval: bool) -> list[str]:
    """What the reader of the counts has to know."""
    reach = found.reach
    notes = [
        f"{number:,} {'event' if number == 1 else 'events'} without a {what} left out"
        for number, what in ((reach.without_unit, "unit"), (reach.without_time - reach.unreadable, "time"))
        if number
    ]
    if reach.unreadable:
        many = "1 event has a time" if reach.unreadable == 1 else f"{reach.unreadable:,} events have times"
        notes.append(f"{many} that cannot be read, such as {quoted(reach.sample or '')}, and left out")
    if reach.latest is not None:
        many = "1 event is" if reach.after_now == 1 else f"{reach.after_now:,} events are"
        notes.append(
            f"{many} dated after now, up to {cohorts.moment_text(reach.latest)}, and not taken for the last event"
        )
    if reach.duplicates:
        many = "1 row came" if reach.duplicates == 1 else f"{reach.duplicates:,} rows came"
        notes.append(f"{many} again and counts once" if reach.duplicates == 1 else f"{many} again and count once")
    unmet = reach.unmet if reach.events else ()
    doubt = "; is it spelled as in the events?" if reach.strays else ""
    notes += [f"no event fits the when of {quoted(stage)}{doubt}" for stage in unmet]
    if not found.counts[0] and first not in unmet:
        notes.append(f"no event reaches the first stage, {quoted(first)}{' in this interval' if interval else ''}")
    notes += [
        f"{quoted(dimension)} adds up to {again[0]:,} more than {quoted(first)}: a unit with entries in several "
        "segments counts in each (entry: first or last counts one)"
        for dimension, again in found.counted_again
    ]
    if found.counts[0] and found.not_mature:
        shown = ", ".join(found.not_mature[-3:])
        notes.append(f"not mature, as the window is still open: {shown} (--mature-only leaves them out)")
    return notes


def _counts(funnel: Funnel, definition: Definition, found: Measurement, place: Files | Warehouse) -> "rewrite.Counts":
    from funnelcli.funnel_file import rewrite

    reach = found.reach
    medians = [
        (stage.name, rounded(days))
        for stage, days in zip(funnel.stages, found.median_days, strict=True)
        if days is not None
    ]
    until = None if reach.until is None else cohorts.moment_text(reach.until)
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    table = definition.table if isinstance(place, Warehouse) or place.format in DATABASES else None
    note = Measured(
        place.shown, table, definition.between, reach.events, found.units, reach.without_unit, reach.without_time,
        reach.duplicates, until, now, found.not_mature, tuple(medians),
        found.counted_again, reach.after_now or None,
    )  # fmt: skip
    days = [None if each is None else rounded(each) for each in found.days]
    return rewrite.Counts(found.counts, days, found.breakdowns, note, reach.unmet if reach.strays else ())
