"""Counts into the funnels of files: into the files themselves, as YAML, or as `show` reports them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.cli import console, destination, load
from funnelcli.diagnostics import Severity, decimal_text, quoted
from funnelcli.funnel_file.reader import read
from funnelcli.model import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from funnelcli.cli.request import Request
    from funnelcli.funnel_file.reader import Reading
    from funnelcli.funnel_file.rewrite import Counts
    from funnelcli.model import Exact, Funnel

_MARK = b"\xef\xbb\xbf"


class Origin(NamedTuple):
    """A file whose counts are about to be known: its path, its bytes, and what they say but for the counts."""

    file: str
    data: bytes
    reading: Reading


def refuse_update(request: Request) -> tuple[str, str] | None:
    """Why options do not go together with writing into the file, and the way out."""
    if request.output or request.report_format:
        return "--update writes into the funnel file", "leave out --output and --format"
    return None


def open_origin(file: str, request: Request) -> Origin:
    """A file before it is filled."""
    data, name = load.read_bytes(file, request.stdin_filename)
    return Origin(file, data, read(data, name, uncounted=True))


def hand_over(origins: Sequence[Origin], counts: Sequence[Mapping[int, Counts]], request: Request) -> None:
    """Deliver the funnels that have counts, by the numbers of their documents, as YAML or as `show` reports them."""
    from funnelcli.funnel_file import rewrite

    filled = _filled(origins, counts)
    texts = [rewrite.only(text, sorted(own)) for (_, text), own in zip(filled, counts, strict=True) if own]
    form = destination.format_of(request)
    if request.report_format in (None, "yaml") and form in ("table", "yaml"):
        destination.deliver("---\n".join(texts), request.output)
        return
    from funnelcli.analyses.conversion import convert
    from funnelcli.output.formats import render

    names = [origin.reading.file for (origin, _), own in zip(filled, counts, strict=True) if own]
    funnels = [each for text, name in zip(texts, names, strict=True) for each in read(text.encode(), name).funnels]
    shown = [convert(each, segments=True) for each in funnels]
    canvas = destination.canvas(request.output)
    destination.deliver(render(form, "show", shown, "conversion", canvas), request.output)


def update(origins: Sequence[Origin], counts: Sequence[Mapping[int, Counts]], request: Request) -> None:
    """Write counts into the files, each as it was but for them; none is written when one cannot be.

    A file whose figures are the same stays as it is, to the byte and to the time of its last change.
    """
    from funnelcli.funnel_file import rewrite

    before = [_counted(origin.data, origin.reading.file) for origin in origins]
    lost = [each for known, own in zip(before, counts, strict=True) for each in _lost(known, own)]
    if lost and not request.force:
        named = ", ".join(f"{quoted(stage)}, which has {decimal_text(count)}" for stage, count in lost)
        cure = "nothing was written; correct its when, or write 0 with --force"
        what = f"no event fits the when of {named}, and there are events that fit no stage"
        raise console.Refused(what, cure)
    filled = _filled(origins, counts)
    changed = []
    for (origin, text), known, own in zip(filled, before, counts, strict=True):
        after = _counted(text.encode(), origin.reading.file)
        news = {
            number: each for number, each in own.items() if _figures(known.get(number)) != _figures(after.get(number))
        }
        if news:
            changed.append((origin, rewrite.rewrite(origin.reading.text, news)))
        elif own:
            console.note(f"{origin.file} stays as it is: no count changed")
    for origin, _ in changed:
        if not _is_as_it_was(origin):
            what = f"{origin.file} was changed while its events were counted"
            raise console.Refused(what, "nothing was written; run it again")
        try:
            destination.keep_read_only(origin.file)
        except OSError as error:
            destination.unwritten(origin.file, error)
            raise console.Leave from error
    for origin, text in changed:
        ended = text.replace("\n", "\r\n") if b"\r\n" in origin.data else text
        marked = _MARK * origin.data.startswith(_MARK) + ended.encode()
        destination.deliver(marked, origin.file)


def _counted(data: bytes, name: str) -> dict[int, Funnel]:
    """The funnels of a file that have counts, by the numbers of their documents."""
    return {funnel.document: funnel for funnel in read(data, name).funnels}


def _lost(before: Mapping[int, Funnel], counts: Mapping[int, Counts]) -> Iterator[tuple[str, Exact]]:
    """The stages with a count, and that count, to which 0 would be written though their events may have a new name."""
    for number, own in counts.items():
        for stage in before[number].stages if number in before else ():
            if stage.count and stage.name in own.unmet:
                yield stage.name, stage.count


def _figures(funnel: Funnel | None) -> object:
    """What a measurement tells of a funnel; not when it was made, nor from how many events."""
    if funnel is None:
        return None
    note = funnel.measured or Measured()
    by_period = funnel.measure is not None and funnel.measure.period is not None
    open_yet = note.not_mature if by_period else bool(note.not_mature)  # without periods, it names the time of an event
    return funnel.stages, funnel.breakdowns, funnel.budget, note.between, note.median_days, open_yet


def _is_as_it_was(origin: Origin) -> bool:
    try:
        return load.read_bytes(origin.file, "")[0] == origin.data
    except console.Refused:
        return False


def _filled(origins: Sequence[Origin], counts: Sequence[Mapping[int, Counts]]) -> list[tuple[Origin, str]]:
    """The texts of the files with their counts; what these make wrong is said, and ends the run."""
    from funnelcli.funnel_file import rewrite

    filled = [
        (origin, rewrite.rewrite(origin.reading.text, own) if own else origin.reading.text)
        for origin, own in zip(origins, counts, strict=True)
    ]
    found = [each for origin, text in filled for each in read(text.encode(), origin.reading.file).diagnostics]
    errors = [each for each in found if each.severity is Severity.ERROR]  # such as a stage that grows
    if console.diagnostics(errors, sum(each.reading.documents for each in origins)):
        raise console.Leave
    return filled
