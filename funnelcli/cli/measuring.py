"""`funnelcli measure --from`: funnels filled with what recorded events come to."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from functools import partial
from shlex import join
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from funnelcli.cli import console, destination, extras, load, measured_notes, progress, write_counts
from funnelcli.diagnostics import Problem, quoted
from funnelcli.events import zones
from funnelcli.events.count import count
from funnelcli.events.define import define
from funnelcli.events.definition import MICROSECONDS, PERIOD, Definition
from funnelcli.events.file_formats import DATABASES, is_of_events
from funnelcli.events.sources import (
    Files,
    SourceError,
    Warehouse,
    find_source,
    find_sources,
    from_stream,
    is_stream,
    paths_of,
)
from funnelcli.funnel_file.names import is_funnel_file
from funnelcli.measure import Measured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from funnelcli.cli.request import Request
    from funnelcli.diagnostics import Path
    from funnelcli.events.result import EventCounts
    from funnelcli.funnel_file.rewrite import Counts
    from funnelcli.model import Funnel


class EventsOptions(NamedTuple):
    """The options that say what to count; with `by_name`, the events need not be there."""

    sources: Sequence[str]
    table: str | None
    between: Sequence[str]
    mature_only: bool
    memory: int | None
    by_name: bool = False


Inquiry: TypeAlias = "tuple[Funnel, Callable[..., Any]]"
"""A funnel, and what is asked about it: of an engine, or of its definition."""


class Answered(NamedTuple):
    """What an engine has `found` of a funnel, by its definition, in the events of a place."""

    funnel: Funnel
    definition: Definition
    place: Files | Warehouse
    found: Any


def run(request: Request, options: EventsOptions, *, update: bool) -> list[write_counts.Filled]:
    """The files with the counts of those of their funnels that say how to measure them."""
    origins, wanted = opened(request, options, update=update)
    measured: dict[tuple[str, int], Counts] = {}
    for funnel, definition, place, found in answers(origins, [(each, count) for each in wanted], options):
        about = funnel.name if len(wanted) > 1 else ""
        measured_notes.note_absent(origins, funnel, found.reach)
        for note in (
            *measured_notes.notes_of_counts(found, definition),
            *measured_notes.notes_without_steps(found, definition, place),
        ):
            console.note(f"{about}: {note}" if about else note)
        measured[funnel.file or "", funnel.document] = _counts(definition, found, place)
    return [
        write_counts.Filled(
            origin, {number: own for (file, number), own in measured.items() if file == origin.reading.file}
        )
        for origin in origins
    ]


def opened(request: Request, options: EventsOptions, *, update: bool) -> tuple[list[write_counts.Origin], list[Funnel]]:
    """The files, and those of their funnels that say how to measure them."""
    _refuse_misuse(request, options, update)
    destination.check(request, also_reads=tuple(paths_of(options.sources)), text=True)
    origins, chosen = write_counts.open_origins(load.once(request.files or []), request)
    wanted = [each for each in chosen if each.measure is not None or len(chosen) == 1 or request.funnel]
    if not update:
        for left in (each.name for each in chosen if each not in wanted):
            console.note(f"{left} says not how to measure it, and is left out")
    if console.code:
        raise console.Leave
    if not wanted:
        raise console.Refused("no funnel has a measure", "say in the file where its counts come from")
    return origins, wanted


def answers(
    origins: Sequence[write_counts.Origin], questions: Sequence[Inquiry], options: EventsOptions
) -> list[Answered]:
    """What an engine answers for each funnel; where one has no answer, what is wrong is said, and ends the run."""
    with folder_of_a_run() as folder:
        place = place_of(options.sources, folder)
        if options.table and isinstance(place, Files) and place.format not in DATABASES:
            place = Problem("FN103", f"{quoted(place.shown)} has no tables", "leave out --table")
        there = refused_place(place)
        asked: list[Inquiry] = [
            (funnel, partial(_measure, place=there, options=options, folder=folder, ask=ask))
            for funnel, ask in questions
        ]
        found = for_each(origins, asked, options)
    return [Answered(funnel, definition, there, outcome) for funnel, definition, outcome in found]


@contextmanager
def folder_of_a_run() -> Iterator[str]:
    """A folder to ask sources from; what is wrong with one is said, and what was said before ends the run."""
    try:
        with TemporaryDirectory(prefix="funnelcli-") as folder:
            yield folder
    except SourceError as error:
        raise console.Refused(error.what, error.help) from error
    if console.code:
        raise console.Leave


def refused_place(place: Files | Warehouse | Problem) -> Files | Warehouse:
    """The place; what is wrong with it is said, and ends the run."""
    if isinstance(place, Problem):
        console.problem(place, "--from")
        raise console.Leave
    return place


def for_each(
    origins: Sequence[write_counts.Origin], questions: Sequence[Inquiry], options: EventsOptions
) -> list[tuple[Funnel, Definition, Any]]:
    """What is found of the definition of each funnel; what is wrong with one is said at its place."""
    between = interval(options.between)
    result, wrong = [], []
    for funnel, ask in questions:
        definition = define(funnel, options.table, between)
        outcome = definition if isinstance(definition, list) else ask(definition)
        if isinstance(definition, list) or isinstance(outcome, (list, Problem)):
            wrong.append((funnel, outcome))
        else:
            result.append((funnel, definition, outcome))
    refuse(origins, wrong, options)
    return result


def _refuse_misuse(request: Request, options: EventsOptions, update: bool) -> None:
    """Refuse what the options ask for and cannot be."""
    sources, files = options.sources, request.files or []
    if not files:
        raise console.Refused("no funnel is given", "name a FILE that says what to count, or - for standard input")
    misplaced = next((each for each in files if sources and is_of_events(each)), None)
    if misplaced is not None:
        folder, name = os.path.split(misplaced)
        pattern = os.path.join(folder, f"*{name[name.index('.') :]}")  # which the shell may have spelled out
        what = f"{misplaced} holds events and is no funnel"
        if len(files) == len(sources) == 1 and is_funnel_file(sources[0]):
            raise console.Refused(what, f"write: {join(['funnelcli', 'measure', sources[0], '--from', misplaced])}")
        raise console.Refused(what, f"put a pattern of files in quotes: --from '{pattern}'")
    if not sources and not options.by_name:
        raise console.Refused("no source of events is given", "add --from with a file, a URL or @PROFILE")
    if "-" in sources and len(sources) > 1:
        raise console.Refused("standard input is read alone", "give one --from, or files of events")
    if "-" in files and ("-" in sources or update):
        help_text = "name the file of the funnel" if update else "name the events' file"
        raise console.Refused("standard input is the funnel", help_text)
    if update:
        write_counts.refuse_report(request)
        for file in files:
            write_counts.refuse_revision(file)
    named = [each for each in sources if each.startswith("@") or "://" in each]  # no file has to be looked at
    places = [find_source(each, os.environ) for each in named]
    databases = [place for place in places if isinstance(place, Warehouse)]
    if databases and options.memory is not None:
        raise console.Refused("--memory is for files: a database has limits of its own", "leave it out")
    needed = ["warehouse"] * bool(databases) + sorted({place.extra for place in databases if place.extra})
    extras.refuse_lacking("events", *needed)


def refuse(
    origins: Sequence[write_counts.Origin],
    wrong: Sequence[tuple[Funnel, Problem | list[Problem]]],
    options: EventsOptions,
) -> None:
    """Say what is wrong with funnels: at its place in their files, or by the option that is used instead."""
    from funnelcli.funnel_file.placing import placed

    of_file: dict[str, list[tuple[int, Problem]]] = {}
    instead: dict[Path, str] = {("measure", "table"): "--table"} if options.table else {}
    instead |= {("measure", "between"): "--between"} if options.between else {}
    for funnel, found in wrong:
        for problem in found if isinstance(found, list) else [found]:
            if problem.path is None or problem.path in instead:
                console.problem(problem, instead.get(problem.path or (), funnel.name if len(wrong) > 1 else ""))
            else:
                of_file.setdefault(funnel.file or "", []).append((funnel.document, problem))
    readings = [each.reading for each in origins if each.reading.file in of_file]
    said = [diagnostic for each in readings for diagnostic in placed(each, of_file[each.file])]
    console.diagnostics(said, sum(each.documents for each in readings), console.ExitCode.COULD_NOT_LOOK)


def place_of(sources: Sequence[str], folder: str) -> Files | Warehouse | Problem:
    """Where the events are; those of a stream are put into the folder."""
    if list(sources) == ["-"]:
        return from_stream(sys.stdin.buffer if sys.stdin else None, folder)
    if len(sources) == 1 and is_stream(sources[0]):
        with open(sources[0], "rb") as stream:
            return from_stream(stream, folder, sources[0])
    return find_sources(sources, os.environ)


def interval(between: Sequence[str]) -> tuple[str, ...]:
    """The dates of `--between`; what is wrong with them is said, and ends the run."""
    from funnelcli.funnel_file import moments

    read = [moments.moment(text, False) for text in between]
    problems = [each for each in read if isinstance(each, Problem)]
    texts = tuple(str(each) for each in read)
    if texts and not problems and not moments.grows(*texts):
        problems = [Problem("FN103", f"{texts[1]} is not after {texts[0]}", "write the earlier date first")]
    for problem in problems:
        console.problem(problem, "--between")
    if problems:
        raise console.Leave
    return texts


def _measure(
    definition: Definition, place: Files | Warehouse, options: EventsOptions, folder: str, ask: Callable[..., Any]
) -> Any:
    if isinstance(place, Warehouse):
        from funnelcli.events.warehouse import engine as warehouse

        with progress.shown():
            return warehouse.measure(definition, place, mature_only=options.mature_only, ask=ask)
    from funnelcli.events.duckdb import engine

    with TemporaryDirectory(dir=folder) as own:
        return engine.measure(
            definition, place, own, mature_only=options.mature_only, memory=options.memory, run=progress.run, ask=ask
        )


def _counts(definition: Definition, found: EventCounts, place: Files | Warehouse) -> Counts:
    from funnelcli.funnel_file.rewrite import Counts

    reach = found.reach
    told = zones.date_text if reach.dated else zones.moment_text
    since, until = (each if each is None else told(each) for each in (reach.since, reach.until))
    now = zones.moment_text(zones.now() // MICROSECONDS * MICROSECONDS)
    table = definition.table if isinstance(place, Warehouse) or place.format in DATABASES else None
    note = Measured(
        source=place.shown, table=table, between=definition.between, since=since, until=until, moment=now,
        events=reach.events, units=found.units, without_unit=reach.without_unit, without_time=reach.without_time,
        duplicates=reach.duplicates, after_now=reach.after_now or None,
        excluded_units=reach.excluded_units or None, open_units=reach.open_units or None,
        mature_before=zones.moment_text(reach.mature_before) if reach.mature_before and reach.open_units else None,
        not_mature=found.not_mature, unmet=reach.unmet if reach.events else (), counted_again=found.counted_again,
        window=None if definition.window is None else definition.window // MICROSECONDS,
        segments=found.segments, **found.noted._asdict(),
    )  # fmt: skip
    looked_for = (*((PERIOD,) if definition.period else ()), *(dimension for dimension, _ in definition.dimensions))
    emptied = () if found.counts[0] else looked_for
    checks = [(each.stage, each.mean, each.sd) for each in found.checks if each.mean is not None]
    unmet = reach.unmet if reach.strays else ()
    return Counts(found.counts, found.breakdowns, note, unmet, emptied=emptied, checks=checks)
