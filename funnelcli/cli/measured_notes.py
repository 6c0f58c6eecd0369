"""What the reader of measured counts has to know of the events, in words."""

from __future__ import annotations

from shlex import join
from typing import TYPE_CHECKING

from funnelcli.analyses.times import NONE_IS_OVER, write_window
from funnelcli.cli import console, write_counts
from funnelcli.diagnostics import Problem, many, quoted, spanned, verb
from funnelcli.events import cohorts, zones
from funnelcli.events.file_formats import CSV
from funnelcli.events.sources import Files, Warehouse, is_remote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.events.definition import Definition
    from funnelcli.events.reach import Reach
    from funnelcli.events.result import EventCounts
    from funnelcli.model import Funnel


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
        notes.append(f"{lack} in a column that same names, and {verb(reach.valueless, 'count')} at no stage")
    if reach.excluded_units:
        out = f"{reach.excluded_units:,} who entered {verb(reach.excluded_units, 'are')}"
        notes.append(f"{out} left out by an event of exclude_units")
    if reach.duplicates:
        notes.append(f"{many(reach.duplicates, 'row')} came again and {verb(reach.duplicates, 'count')} once")
    told = {each.bit for each in reach.absent}
    unmet = [name for bit, name in enumerate(names) if name in reach.unmet and bit not in told and reach.events]
    return notes + [f"no event meets all that the when of {quoted(stage)} asks at once" for stage in unmet]


def notes_of_counts(found: EventCounts, definition: Definition) -> list[str]:
    """What the reader of the counts has to know."""
    notes, first = notes_of(found.reach, definition.names), definition.names[0]
    if found.reach.zoneless:
        use = f"time_zone: {definition.time_zone} is for period and the dates of between"
        notes.append(f"times in {quoted(definition.time)} without an offset are taken as UTC; {use}")
    unmet = found.reach.unmet if found.reach.events else ()
    if not found.counts[0] and first not in unmet:
        said = f"no event reaches the first stage, {quoted(first)}{', in this interval' if definition.between else ''}"
        notes.append(said)
    notes += [
        f"{quoted(dimension)} adds up to {again[0]:,} more than {quoted(first)}: who entered in several of them counts "
        "in each (entry: first, or last, counts one of the entries)"
        for dimension, again in found.counted_again
    ]
    notes += [note for check in found.checks for note in check.said]
    if found.counts[0] and definition.period and definition.window is None:
        notes.append(f"{NONE_IS_OVER}; {write_window(found.noted.whole_way)}")
    if found.counts[0] and found.not_mature:
        open_yet = spanned(found.not_mature)
        notes.append(f"not mature, as the window is still open: {open_yet} (--mature-only leaves them out)")
    reach = found.reach
    if reach.open_units and reach.mature_before is not None and reach.until is not None:
        entries = cohorts.left_out(definition, reach.mature_before, reach.until)
        said = f"as the window is still open: {reach.open_units:,} entered then"
        notes.append(f"--mature-only leaves out {entries}, {said}")
    if definition.entry == "each":
        notes.append(
            f"each entry counts for itself, also those of one {definition.unit}: these go alike, so that true ranges "
            "are wider"
        )
    return notes


def notes_without_steps(found: EventCounts, definition: Definition, place: Files | Warehouse) -> list[str]:
    """That nobody takes a step although there are events of later stages: the order, or a list with one row a deal."""
    known = found.stepless
    if known is None:
        return []
    verdict = known.verdict(found.counts[0])
    if verdict == "turned":
        first, second = (quoted(name) for name in definition.names[:2])
        have = f"{known.turned:,} {verb(known.turned, 'have')}"
        return [f"{have} {second} before {first}: is the order of the stages turned round?"]
    if verdict == "no step":
        return ["nobody goes on from the first stage to the next"]
    if not isinstance(place, Files) or place.format != CSV or len(place.paths) != 1 or is_remote(place.paths[0]):
        return []  # what no import reads
    line = join(["funnelcli", "import", place.shown])
    said = (
        "nobody goes on from the first stage to the next; is it a list with one row a deal and its stage now? "
        "That is read by"
    )
    return [f"{said}: {line}"]
