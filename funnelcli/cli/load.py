"""Loading: the funnels of files, of standard input or of options; what is wrong with them is said on the console."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Protocol, TypeVar

from funnelcli.cli import arguments, console, settings
from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.yaml.decoding import LARGEST_FILE
from funnelcli.metrics import find_name
from funnelcli.model import stem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.cli.repository.names import AtRevision
    from funnelcli.cli.request import Request
    from funnelcli.diagnostics import Diagnostic
    from funnelcli.funnel_file.reader import Reading
    from funnelcli.lint import Rule
    from funnelcli.model import Funnel


_AT_ONCE = 65_536
"""Bytes that are asked for at once: all of almost every file, and memory for more is slower to come by."""


class _HasName(Protocol):
    @property
    def name(self) -> str: ...


Named = TypeVar("Named", bound=_HasName)


def funnels(
    request: Request, scenarios: Sequence[str] | None = (), *, uncounted: bool = False
) -> tuple[list[Funnel], list[Diagnostic]]:
    """The funnels that were asked for, by file or by option, and what was said of their files.

    Pipelines without history are among them where `uncounted` ones will do, else that is said.

    `scenarios` are those of the file that are asked for, `None` for all: that one of them cannot be projected is an
    error. Whatever else is wrong with a scenario is a warning.
    """
    if request.stage:
        if request.files:
            raise console.Refused(*arguments.mixed(request.files, request.stage))
        if request.funnel:
            raise console.Refused("--funnel is of files, and stages make a funnel without one", "leave out one")
        return segments_of([_in_default_currency(each) for each in typed(request)], segments_asked(request)), []
    alone = arguments.first_key(request)
    if alone is not None:
        raise console.Refused(*alone)
    if not request.files:
        here = arguments.funnel_file_here()
        file = "a FILE," if here is None else f"a FILE, such as {here},"
        raise console.Refused("no funnel is given", f"name {file} - for standard input, or NAME=COUNT for each stage")
    loaded: list[Funnel] = []
    found: list[Diagnostic] = []
    documents = 0
    for file in once(request.files):
        try:
            reading = with_defaults(read_file(file, request.stdin_filename))
        except console.Refused as refused:  # this file alone
            stages = arguments.as_stages(request.files)
            if stages is not None:
                raise console.Refused("stages are written NAME=COUNT", f"write {stages}") from None
            console.error(refused.what, refused.help)
            continue
        loaded += reading.funnels
        found += reading.diagnostics
        documents += reading.documents if reading.diagnostics else 0
    if found:
        found = [
            asked(each) if each.problem.scenario and _is_asked(each, loaded, request, scenarios) else each
            for each in found
            if not settings.active.hides(each)
        ]
        console.diagnostics(found, documents)
    wanted = segments_asked(request)
    chosen = segments_of(named(loaded, request.funnel) if request.funnel else loaded, wanted)
    return chosen if uncounted else _counted(chosen), found


def segments_asked(request: Request) -> list[tuple[str, str]]:
    """The segments of `--segment`: pairs of dimension and name."""
    pairs = []
    for text in request.segment or ():
        dimension, equals, name = (part.strip() for part in text.partition("="))
        if not dimension or not equals or not name:
            raise console.Refused(
                f"{quoted(text)} is no segment", "write --segment DIMENSION=SEGMENT, e.g. channel=Ads"
            )
        pairs.append((dimension, name))
    return pairs


def segments_of(funnels: list[Funnel], wanted: Sequence[tuple[str, str]]) -> list[Funnel]:
    """What the funnels are within the segments that are wanted; those without such segments are said and left out."""
    if not wanted:
        return funnels
    from funnelcli.analyses.chosen_segments import choose

    chosen = []
    for funnel in funnels:
        outcome = choose(funnel, wanted)
        if isinstance(outcome, Problem):
            console.problem(outcome, funnel.name if len(funnels) > 1 else "")
        else:
            chosen.append(outcome)
    return chosen


def _counted(funnels: list[Funnel]) -> list[Funnel]:
    """Those with counts; the others are said."""
    if all(funnel.is_counted for funnel in funnels):
        return funnels
    from funnelcli.analyses.conversion import lacks_counts

    problems = [lacks_counts(funnel) for funnel in funnels]
    for problem in problems:
        if problem is not None:
            console.problem(problem)
    return [funnel for funnel, problem in zip(funnels, problems, strict=True) if problem is None]


def some(request: Request) -> list[Funnel]:
    """The funnels that were asked for, of which there is one at least."""
    loaded, _ = funnels(request)
    if not loaded:
        console.worsen(console.code or console.ExitCode.COULD_NOT_LOOK)
        raise console.Leave
    return loaded


def references(request: Request) -> list[Funnel]:
    """The funnels of `--baseline`."""
    if request.baseline is None:
        return []
    if request.baseline == "-" and "-" in (request.files or ()):
        raise console.Refused("standard input can be read once", "name a file for one of the two")
    return funnels(arguments.without_stages(request)._replace(files=[request.baseline], funnel=None))[0]


def typed(request: Request) -> list[Funnel]:
    """The funnel that is typed."""
    from funnelcli.funnel_file.typed import funnel_of

    funnel, found = funnel_of(arguments.typed(request), arguments.option_name)
    if funnel is None:
        console.of_the_line(found)
        raise console.Leave
    return [funnel]


def once(files: Sequence[str]) -> list[str]:
    """The files with standard input only where it is first named; that it is named again is said."""
    if files.count("-") > 1:
        console.error("standard input can be read once", "name - only once")
    return [file for index, file in enumerate(files) if file != "-" or "-" not in files[:index]]


def read_file(file: str, stdin_filename: str, rules: Sequence[Rule] = ()) -> Reading:
    """What a file holds; `rules` are the lint rules to hold its funnels against. One that cannot be read is refused."""
    data, name = read_bytes(file, stdin_filename)
    return of_revision(read(data, name, rules=rules))


def of_revision(reading: Reading) -> Reading:
    """What a file holds; at whatever revision, a funnel without a name has that of the file alone."""
    at = at_revision(reading.file)
    if at is None:
        return reading
    named, own = stem(reading.file), stem(at.path)
    return reading._replace(
        funnels=tuple(each._replace(name=own) if each.name == named else each for each in reading.funnels)
    )


def with_defaults(reading: Reading) -> Reading:
    """A file's funnels in the currency of the defaults where they name none, which then is no warning."""
    if settings.active.currency is None:
        return reading
    return reading._replace(
        funnels=tuple(map(_in_default_currency, reading.funnels)),
        diagnostics=tuple(each for each in reading.diagnostics if each.problem.code != "FN306"),
    )


def _in_default_currency(funnel: Funnel) -> Funnel:
    return funnel._replace(currency=funnel.currency or settings.active.currency)


def at_revision(file: str) -> AtRevision | None:
    """The revision and the path that `main:funnels/shop.yaml` means; `None` for a file of the disk and the like."""
    if ":" not in file:
        return None
    from funnelcli.cli.repository import names

    return names.at_revision(file)


def read_bytes(file: str, stdin_filename: str) -> tuple[bytes, str]:
    """The bytes of a file, a little more than the largest allowed at most, and its name in messages."""
    at = at_revision(file)
    if at is not None:
        from funnelcli.cli.repository import reading

        return reading.read(*at), file.encode("utf-8", "backslashreplace").decode("utf-8")
    try:
        if file == "-":
            if sys.stdin is None:
                raise OSError("standard input is closed")
            return sys.stdin.buffer.read(LARGEST_FILE + 1), stdin_filename
        return _contents(file), file.encode("utf-8", "backslashreplace").decode("utf-8")
    except OSError as error:
        from funnelcli.funnel_file.obstacles import obstacle

        what, help_text = obstacle(file, error)
        raise console.Refused(f"cannot read {quoted(file)}: {what}", help_text) from error


def _contents(file: str) -> bytes:
    """The bytes of a file, of a pipe likewise; without the objects of `open`, which take as long as the reading."""
    descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        parts = []
        room = LARGEST_FILE + 1
        while part := os.read(descriptor, min(room, _AT_ONCE)):
            parts.append(part)
            room -= len(part)
    finally:
        os.close(descriptor)
    return b"".join(parts)


def each_bytes(files: Sequence[str], stdin_filename: str) -> Iterator[tuple[str, bytes, str]]:
    """The path, the bytes and the name of each file; one that cannot be read is said and left out."""
    for path in files:
        try:
            data, name = read_bytes(path, stdin_filename)
        except console.Refused as refused:
            console.error(refused.what, refused.help)
            continue
        yield path, data, name


def asked(diagnostic: Diagnostic) -> Diagnostic:
    """What is wrong with a scenario that is asked for weighs what its code does."""
    return diagnostic._replace(problem=diagnostic.problem._replace(weight=None, scenario=None))


def _is_asked(diagnostic: Diagnostic, funnels: Sequence[Funnel], request: Request, names: Sequence[str] | None) -> bool:
    """Whether a scenario of these names (`None`: any) is asked for of the funnel that it belongs to."""
    assert diagnostic.problem.scenario is not None
    document, scenario = diagnostic.problem.scenario
    for funnel in funnels:
        if (funnel.file, funnel.document) == (diagnostic.location.file, document):
            known = [each.name for each in funnel.scenarios]
            wanted = names is None or known.index(scenario) in [find_name(name, known) for name in names]
            return wanted and (not request.funnel or find_name(funnel.name, request.funnel) is not None)
    return False


def named(items: list[Named], names: Sequence[str] | None) -> list[Named]:
    """Of funnels, or of what else has their names, those whose names were asked for."""
    if not names:
        return items
    known = sorted({item.name for item in items})
    wanted = set()
    for name in names:
        index = known.index(name) if name in known else find_name(name, known)
        if index is None:
            in_order = dict.fromkeys(item.name for item in items)
            console.error(f"no funnel is called {quoted(name)}", did_you_mean(name, in_order) or "check the files")
        else:
            wanted.add(known[index])
    return [item for item in items if item.name in wanted]
