"""Counts into the funnels of files: into the files themselves, as YAML, or as `show` reports them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.cli import console, destination, load, run
from funnelcli.diagnostics import Severity, decimal_text, joined, quoted
from funnelcli.funnel_file.reader import read
from funnelcli.measure import Measured, Noted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from funnelcli.cli.request import Request
    from funnelcli.exact import Exact
    from funnelcli.funnel_file.reader import Reading
    from funnelcli.funnel_file.rewrite import Counts
    from funnelcli.model import Funnel

_MARK = b"\xef\xbb\xbf"


class Origin(NamedTuple):
    """A file whose counts are about to be known: its path, its bytes, and what they say but for the counts."""

    file: str
    data: bytes
    reading: Reading


class Filled(NamedTuple):
    """A file with the counts of some of its funnels, by the numbers of their documents."""

    origin: Origin
    counts: Mapping[int, Counts]

    @property
    def text(self) -> str:
        """The text of the file with these counts."""
        from funnelcli.funnel_file.rewrite import rewrite

        return rewrite(self.origin.reading.text, self.counts) if self.counts else self.origin.reading.text

    @property
    def counted(self) -> str:
        """The text of those of its funnels that have counts."""
        from funnelcli.funnel_file.rewrite import only

        return only(self.text, sorted(self.counts))


def refuse_report(request: Request) -> None:
    """Refuse options of a report where the file itself is written."""
    if request.output or request.report_format:
        raise console.Refused("--update writes into the funnel file", "leave out --output and --format")


def refuse_revision(file: str) -> None:
    """Refuse to write into a file as it was."""
    at = load.at_revision(file)
    if at is not None:
        from funnelcli.cli.repository.names import here

        what = f"{file} is a file as git has it, and is not written into"
        raise console.Refused(what, f"name the one of the work tree: {here(at)}")


def open_origin(file: str, request: Request) -> Origin:
    """A file before it is filled."""
    data, name = load.read_bytes(file, request.stdin_filename)
    return Origin(file, data, read(data, name, uncounted=True))


def open_origins(files: Sequence[str], request: Request) -> tuple[list[Origin], list[Funnel]]:
    """Sound files before they are filled, and those of their funnels that are asked for."""
    origins = [open_origin(file, request) for file in files]
    found = [each for origin in origins for each in origin.reading.diagnostics]
    if console.diagnostics(found, sum(origin.reading.documents for origin in origins)):
        raise console.Leave
    return origins, load.named([funnel for origin in origins for funnel in origin.reading.funnels], request.funnel)


def hand_over(filled: Sequence[Filled], request: Request) -> None:
    """Deliver the funnels that have counts, as YAML, or as `show` reports them: so to a terminal, unless asked for."""
    _sound(filled)
    measured = [(each.origin.reading.file, each.counted) for each in filled if each.counts]
    form = destination.format_of(request)
    for_a_person = (
        request.report_format is None and destination.canvas(request.output).width is not None
    )  # who is told the figures, not the file
    if for_a_person:
        console.note("note: nothing is written: --update writes the counts into the file, and -o FILE into another")
    elif request.report_format in (None, "yaml") and form in ("table", "yaml"):
        destination.deliver("---\n".join(text for _, text in measured), request.output)
        return
    _show(measured, form, request.output)


def _show(texts: Sequence[tuple[str, str]], form: str, output: str | None = None) -> None:
    """The funnels of texts by the names of their files, as `show` reports them."""
    run.show((funnel for file, text in texts for funnel in read(text.encode(), file).funnels), form, output)


def update(filled: Sequence[Filled], request: Request) -> None:
    """Write counts into the files, each as it was but for them; none is written when one cannot be.

    A file whose figures are the same stays as it is, to the byte and to the time of its last change.
    """
    before = [_by_document(read(each.origin.data, each.origin.reading.file)) for each in filled]
    lost = [gone for known, each in zip(before, filled, strict=True) for gone in _lost(known, each.counts)]
    if lost and not request.force:
        named = joined([f"{quoted(stage)}, which has {decimal_text(count)}" for stage, count, _ in lost])
        if all(unmet for _, _, unmet in lost):
            what = f"no event fits the when of {named}, and there are events that fit no stage"
            raise console.Refused(what, "nothing was written; correct its when, or write 0 with --force")
        what = f"0 would be written over {named}"
        raise console.Refused(what, "nothing was written; name the log and the interval, or write 0 with --force")
    changed = []
    for each, reading, known in zip(filled, _sound(filled), before, strict=True):
        after = _by_document(reading)
        news = {
            number: own
            for number, own in each.counts.items()
            if _figures(known.get(number)) != _figures(after.get(number))
        }
        if news:
            changed.append(Filled(each.origin, news))
        elif each.counts:
            console.note(f"{each.origin.file} stays as it is: no count changed")
    for origin, _ in changed:
        if not _is_as_it_was(origin):
            what = f"{origin.file} was changed in the meantime"
            raise console.Refused(what, "nothing was written; run it again")
        try:
            destination.keep_read_only(origin.file)
        except OSError as error:
            destination.unwritten(origin.file, error)
            raise console.Leave from error
    for each in changed:
        data = each.origin.data
        text = each.text.replace("\n", "\r\n") if b"\r\n" in data else each.text
        destination.deliver(_MARK * data.startswith(_MARK) + text.encode(), each.origin.file)
        if destination.canvas(None).width is not None and not console.code:  # a person sees what was written
            console.note(f"wrote the counts into {each.origin.file}")
            _show([(each.origin.file, each.counted)], "table")


def _by_document(reading: Reading) -> dict[int, Funnel]:
    return {funnel.document: funnel for funnel in reading.funnels}


_CHANCE = 0.001
"""A stage that nobody reaches with less than this chance, by the conversion it had, is no quiet month."""


def _lost(before: Mapping[int, Funnel], counts: Mapping[int, Counts]) -> Iterator[tuple[str, Exact, bool]]:
    """The stages with a count to which 0 would be written: that count, and whether their events may have a new name.

    It is written where it is no surprise, as few get to the stage before, or where it follows from 0 there.
    """
    for number, own in counts.items():
        stages = before[number].stages if number in before else ()
        for index, stage in enumerate(stages):
            if not stage.count or own.counts[index]:
                continue
            if stage.name in own.unmet:
                yield stage.name, stage.count, True
            elif not index:
                yield stage.name, stage.count, False
            elif own.counts[stage.parent or 0] and (entered := stages[stage.parent or 0].count):
                stays = max(0.0, 1 - float(stage.count / entered))
                if stays ** int(own.counts[stage.parent or 0]) < _CHANCE:
                    yield stage.name, stage.count, False


def _figures(funnel: Funnel | None) -> object:
    """What a measurement tells of a funnel; not when it was made, nor from how many events."""
    if funnel is None:
        return None
    note = funnel.measured or Measured()
    by_period = funnel.measure is not None and funnel.measure.period is not None
    open_yet = note.not_mature if by_period else bool(note.not_mature)  # without periods, it names the time of an event
    told = funnel.stages, funnel.breakdowns, funnel.cells, funnel.budget, funnel.currency, funnel.period
    segments = [(dimension, name, _told(own)) for dimension, of in note.segments for name, own in of]
    return told, note.between, note.unmet, _told(note), segments, open_yet


def _told(note: Measured | Noted) -> object:
    """Times and ends; not how long who waits has done so, which grows by the hour."""
    ends = [(stage, end.conversion, end.so_far) for stage, end in note.eventual]
    return note.times, note.whole_way, ends


def _is_as_it_was(origin: Origin) -> bool:
    try:
        return load.read_bytes(origin.file, "")[0] == origin.data
    except console.Refused:
        return False


def _sound(filled: Sequence[Filled]) -> list[Reading]:
    """The files with their counts; what these make wrong is said, and ends the run."""
    readings = [read(each.text.encode(), each.origin.reading.file) for each in filled]
    found = [diagnostic for reading in readings for diagnostic in reading.diagnostics]
    errors = [each for each in found if each.severity is Severity.ERROR]  # such as a stage that grows
    if console.diagnostics(errors, sum(each.origin.reading.documents for each in filled)):
        raise console.Leave
    for each, reading in zip(filled, readings, strict=True):
        for funnel in reading.funnels:
            counts = each.counts.get(funnel.document)
            if funnel.cells and counts is not None and not (counts.imported and counts.imported.cells):
                _judge_cells(funnel, counts)
    return readings


def _judge_cells(funnel: Funnel, counts: Counts) -> None:
    """Say that cells are not counted; refused where they would take the place of segments that are."""
    dimensions = dict(funnel.cells[0].segments)
    twice = next((each.dimension for each in counts.breakdowns if each.dimension in dimensions), None)
    if twice is not None:
        what = f"{quoted(twice)} is counted here, and the cells of {quoted(funnel.name)} have counts by it as well"
        raise console.Refused(what, "take the cells out of the file, or leave the dimension out of what is counted")
    console.note(f"note: the cells of {quoted(funnel.name)} are not counted here, and stay as they are")
