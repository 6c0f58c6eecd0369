"""`funnelcli measure --from`: funnels filled with what recorded events come to."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from shlex import join
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from funnelcli.analyses.times import NONE_IS_OVER, write_window
from funnelcli.cli import console, destination, load, progress, write_counts
from funnelcli.diagnostics import Problem, many, quoted, spanned, verb
from funnelcli.events import zones
from funnelcli.events.count import count
from funnelcli.events.define import define
from funnelcli.events.definition import MICROSECONDS, PERIOD, Definition
from funnelcli.events.file_formats import CSV, DATABASES, is_of_events
from funnelcli.events.sources import (
    Files,
    SourceError,
    Warehouse,
    find_source,
    find_sources,
    from_stream,
    is_remote,
    is_stream,
    paths_of,
)
from funnelcli.measure import Measured

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.cli.request import Request
    from funnelcli.diagnostics import Path
    from funnelcli.events.reach import Reach
    from funnelcli.events.result import EventCounts
    from funnelcli.funnel_file.rewrite import Counts
    from funnelcli.model import Funnel

_LIBRARIES = {
    "events": ("duckdb", "ruamel.yaml"),
    "warehouse": ("ibis", "packaging", "sqlglot"),
    "postgres": ("psycopg",),
    "mysql": ("pymysql",),
}
"""What a measurement needs of each extra."""


class EventsOptions(NamedTuple):
    """The options that say what to count; with `by_name`, the events need not be there."""

    sources: Sequence[str]
    table: str | None
    between: Sequence[str]
    mature_only: bool
    memory: int | None
    by_name: bool = False


Inquiry: TypeAlias = "tuple[Funnel, Callable[..., Any]]"
"""A funnel, and what an engine is asked about it."""


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
        note_absent(origins, funnel, found.reach)
        for note in (
            *_notes(found, definition, mature_only=options.mature_only),
            *_without_steps(found, definition, place),
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
    try:
        with TemporaryDirectory(prefix="funnelcli-") as folder:
            found = _ask_all(origins, questions, options, folder)
    except SourceError as error:
        raise console.Refused(error.what, error.help) from error
    if console.code:
        raise console.Leave
    return found


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
    named = [each for each in sources if each.startswith("@") or "://" in each]  # no file has to be looked at
    places = [find_source(each, os.environ) for each in named]
    databases = [place for place in places if isinstance(place, Warehouse)]
    if databases and options.memory is not None:
        raise console.Refused("--memory is for files: a database has limits of its own", "leave it out")
    extras = ["warehouse"] * bool(databases) + sorted({place.extra for place in databases if place.extra})
    refuse_lacking("events", *extras)


def refuse_lacking(*extras: str) -> None:
    """Refuse to go on without what extras bring, with the one line that installs it."""
    missing = {extra: [name for name in _LIBRARIES[extra] if not installed(name)] for extra in extras}
    needed = ",".join(extra for extra, names in missing.items() if names)
    if needed:
        names = ", ".join(name for each in missing.values() for name in each)
        raise console.Refused(f"measure needs {names}", f'install with: pip install "funnelcli[{needed}]"')


def installed(name: str) -> bool:
    """Whether a library is there."""
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # of a package that the name is in
        return False


def _ask_all(
    origins: Sequence[write_counts.Origin], questions: Sequence[Inquiry], options: EventsOptions, folder: str
) -> list[Answered]:
    place = place_of(options.sources, folder)
    if options.table and isinstance(place, Files) and place.format not in DATABASES:
        place = Problem("FN103", f"{quoted(place.shown)} has no tables", "leave out --table")
    if isinstance(place, Problem):
        console.problem(place, "--from")
        raise console.Leave
    between = interval(options.between)
    result, wrong = [], []
    for funnel, ask in questions:
        definition = define(funnel, options.table, between)
        outcome: Any = definition
        if not isinstance(definition, list):
            outcome = _measure(definition, place, options, folder, ask)
            if not isinstance(outcome, (list, Problem)):
                result.append(Answered(funnel, definition, place, outcome))
                continue
        wrong.append((funnel, outcome))
    refuse(origins, wrong, options)
    return result


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
        from funnelcli.events import warehouse

        with progress.shown():
            return warehouse.measure(definition, place, mature_only=options.mature_only, ask=ask)
    from funnelcli.events.duckdb import engine

    with TemporaryDirectory(dir=folder) as own:
        return engine.measure(
            definition, place, own, mature_only=options.mature_only, memory=options.memory, run=progress.run, ask=ask
        )


def note_absent(origins: Sequence[write_counts.Origin], funnel: Funnel, reach: Reach) -> None:
    """Say what is asked of events and none of them has, each at its place in the file."""
    if not reach.absent:
        return
    from funnelcli.funnel_file.placing import placed

    reading = next(each.reading for each in origins if each.reading.file == funnel.file)
    problems = [(funnel.document, Problem("FN120", each.said, path=each.path)) for each in reach.absent]
    for each in placed(reading, problems):
        at = each.location
        console.note(f"{at.file}:{at.line}:{at.column}: {each.problem.message}")


def notes_of(reach: Reach, names: Sequence[str]) -> list[str]:
    """What the reader has to know of the events that were read."""
    notes = [
        f"{many(number, 'event')} without a {what} {verb(number, 'are')} left out"
        for number, what in ((reach.without_unit, "unit"), (reach.without_time - reach.unreadable, "time"))
        if number
    ]
    if reach.unreadable:
        have, sample = many(reach.unreadable, "event has a time", "events have times"), quoted(reach.sample or "")
        notes.append(f"{have} that cannot be read, such as {sample}, and {verb(reach.unreadable, 'are')} left out")
    if reach.latest is not None:
        dated = f"{many(reach.after_now, 'event is', 'events are')} dated after now"
        notes.append(f"{dated}, up to {zones.moment_text(reach.latest)}, and not taken for the last event")
    if reach.valueless:
        lack = many(reach.valueless, "event has no value", "events have no value")
        notes.append(f"{lack} of a column of same, and {verb(reach.valueless, 'meet')} no stage")
    if reach.duplicates:
        notes.append(f"{many(reach.duplicates, 'row')} came again and {verb(reach.duplicates, 'count')} once")
    told = {each.bit for each in reach.absent}
    unmet = [name for bit, name in enumerate(names) if name in reach.unmet and bit not in told and reach.events]
    return notes + [f"no event fits the when of {quoted(stage)} as a whole" for stage in unmet]


def _notes(found: EventCounts, definition: Definition, *, mature_only: bool) -> list[str]:
    """What the reader of the counts has to know."""
    notes, first = notes_of(found.reach, definition.names), definition.names[0]
    if found.reach.zoneless:
        use = f"time_zone: {definition.time_zone} is for period and the dates of between"
        notes.append(f"times in {quoted(definition.time)} have no offset, and are taken as UTC; {use}")
    unmet = found.reach.unmet if found.reach.events else ()
    if not found.counts[0] and first not in unmet:
        said = f"no event reaches the first stage, {quoted(first)}{', in this interval' if definition.between else ''}"
        if mature_only and found.reach.until is not None:
            over = f"the windows of its whole {definition.period}" if definition.period else "its window"
            said += f" with {over} over by the last event, {zones.moment_text(found.reach.until)} (--mature-only)"
        notes.append(said)
    notes += [
        f"{quoted(dimension)} adds up to {again[0]:,} more than {quoted(first)}: a unit with entries in several "
        "segments counts in each (entry: first or last counts one)"
        for dimension, again in found.counted_again
    ]
    notes += [note for check in found.checks for note in check.said]
    if found.counts[0] and definition.period and definition.window is None:
        notes.append(f"{NONE_IS_OVER}; {write_window(found.noted.whole_way)}")
    if found.counts[0] and found.not_mature:
        open_yet = spanned(found.not_mature)
        notes.append(f"not mature, as the window is still open: {open_yet} (--mature-only leaves them out)")
    if definition.entry == "each":
        notes.append("entries are counted, not units: those of one unit are alike, so that intervals are too narrow")
    return notes


def _without_steps(found: EventCounts, definition: Definition, place: Files | Warehouse) -> list[str]:
    """That nobody takes a step although there are events of later stages: the order, or a list with one row a deal."""
    known = found.stepless
    if known is None:
        return []
    if known.turned * 2 >= found.counts[0]:
        first, second = (quoted(name) for name in definition.names[:2])
        have = f"{many(known.turned, 'unit')} {verb(known.turned, 'have')}"
        return [f"{have} {second} before {first}: is the order of the stages turned round?"]
    if known.events * 10 > known.units * 11:
        return ["no unit takes a step"]
    if not isinstance(place, Files) or place.format != CSV or len(place.paths) != 1 or is_remote(place.paths[0]):
        return []  # what no import reads
    line = join(["funnelcli", "import", place.shown])
    said = "no unit takes a step, as in a list of deals with one row each, its stage now; such a list is read by"
    return [f"{said}: {line}"]


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
        not_mature=found.not_mature, unmet=reach.unmet if reach.events else (), counted_again=found.counted_again,
        window=None if definition.window is None else definition.window // MICROSECONDS,
        segments=found.segments, **found.noted._asdict(),
    )  # fmt: skip
    looked_for = (*((PERIOD,) if definition.period else ()), *(dimension for dimension, _ in definition.dimensions))
    emptied = () if found.counts[0] else looked_for
    checks = [(each.stage, each.mean, each.sd) for each in found.checks if each.mean is not None]
    unmet = reach.unmet if reach.strays else ()
    return Counts(found.counts, found.breakdowns, note, unmet, emptied=emptied, checks=checks)
