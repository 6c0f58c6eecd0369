"""What every command does: load what was asked for, analyse, hand over the report, and say how it went."""

from __future__ import annotations

import os
import sys
import traceback
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from funnelcli.cli import console
from funnelcli.cli.exits import ExitCode
from funnelcli.diagnostics import Problem, Severity, did_you_mean, quoted
from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.yaml.decoding import LARGEST_FILE
from funnelcli.metrics import find_name, fold
from funnelcli.output.formats import render

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence

    from funnelcli.cli.options import Request
    from funnelcli.diagnostics import Diagnostic
    from funnelcli.funnel_file.reader import Reading
    from funnelcli.lint import Rule
    from funnelcli.model import Funnel


class _HasName(Protocol):
    @property
    def name(self) -> str: ...


Named = TypeVar("Named", bound=_HasName)
MOST_SHOWN = 1000
"""Diagnostics printed in one run; the rest is counted."""


def run(
    command: str,
    request: Request,
    analyse: Callable[[Funnel], Any],
    view: str,
    scenarios: Sequence[str] | None = (),
) -> ExitCode:
    """Load, analyse each funnel, report what is wrong on stderr, write the report, and say how it went.

    `view` names the module of `rendering.views` that shows the results. `analyse` returns a result, or a `Problem` of
    what was asked of that funnel; a warning leaves the funnel out of the report. `scenarios` are those of the file that
    are asked for, `None` for all: that one of them cannot be projected is an error, and said once. A defect loses the
    one funnel that has it.
    """
    refusal = console.unsafe_output(request) or console.unfitting_ending(request)
    if refusal:
        return console.refuse(*refusal, request)
    funnels, found, code = _load(request, scenarios)
    said = {each.problem for each in found}
    results = []
    for funnel, outcome in zip(funnels, attempts(funnels, analyse, request), strict=True):
        if isinstance(outcome, Defect):
            code = ExitCode.DEFECT
        elif isinstance(outcome, Problem):
            if outcome in said:
                continue
            console.complain(outcome, request, f"{funnel.name}: " if len(funnels) > 1 else "")
            if outcome.severity is Severity.ERROR:
                code = max(code, ExitCode.COULD_NOT_LOOK)
        else:
            results.append(outcome)
    if not results and not code:
        code = console.refuse("nothing is left to report", "see the warnings above", request)
    if not results and (code is ExitCode.COULD_NOT_LOOK or format_name(request) != "json"):
        return code
    canvas = console.canvas(request)

    def written(results: Sequence[Any]) -> str:
        return render(format_name(request), command, results, view, canvas)

    try:
        text = written(results)
    except Exception:
        tried = attempts(results, lambda result: written([result]), request)
        kept = [each for each, outcome in zip(results, tried, strict=True) if not isinstance(outcome, Defect)]
        if len(kept) == len(results):
            raise
        text, code = written(kept), ExitCode.DEFECT
    return max(code, console.deliver(text, request))


class Defect:
    """What stands in place of an outcome that a defect of the program has lost."""


Item = TypeVar("Item", bound=_HasName)


def attempts(items: Iterable[Item], work: Callable[[Item], Any], request: Request) -> list[Any]:
    """The outcome of work on each item; a defect is said, and loses only the item that has it."""
    outcomes: list[Any] = []
    for item in items:
        try:
            outcomes.append(work(item))
        except (MemoryError, OSError, ImportError):
            raise
        except Exception as error:
            if request.debug:
                traceback.print_exc()
            console.say_defect(error, quoted(item.name))
            outcomes.append(Defect())
    return outcomes


def format_name(request: Request) -> str:
    """The format that was asked for, by name or by the ending of the output."""
    return request.report_format or console.format_of(request.output)


def most_segments(top: int | None, request: Request) -> int | None:
    """How many segments to show: those asked for, else a page of them for people and all for machines."""
    from funnelcli.cli.options import MOST_FOR_PEOPLE

    return MOST_FOR_PEOPLE if top is None and format_name(request) in ("table", "markdown") else top


def load(request: Request) -> tuple[list[Funnel], ExitCode]:
    """The funnels that were asked for, by file or by option; what is wrong is said on stderr."""
    funnels, _, code = _load(request, ())
    return funnels, code


def _load(request: Request, scenarios: Sequence[str] | None) -> tuple[list[Funnel], list[Diagnostic], ExitCode]:
    """The same, with what was said; the `scenarios` of the file are held to be errors where they cannot be."""
    if request.stage:
        if request.files:
            what = "--stage makes a funnel without a file"
            return [], [], console.refuse(what, "leave out the file, or --stage", request)
        funnels, code = typed(request)
        return funnels, [], code
    if request.average_check is not None:
        cure = "for a file, use scenario --set average_check=…"
        return [], [], console.refuse("--average-check goes with --stage", cure, request)
    if not request.files:
        cure = "name a FILE, - for standard input, or --stage NAME=COUNT for each stage"
        return [], [], console.refuse("no funnel is given", cure, request)
    funnels, found, documents, code = read_files(request.files, request)
    known = {fold(scenario.name) for funnel in funnels for scenario in funnel.scenarios}
    wanted = None if scenarios is None else known.intersection(map(fold, scenarios))
    found = [asked(each, wanted, known) for each in found]
    funnels, code = named(funnels, request, max(code, say(found, documents, request)))
    return funnels, found, code


def asked(diagnostic: Diagnostic, wanted: Container[str] | None, known: Iterable[str] = ()) -> Diagnostic:
    """A scenario that cannot be projected weighs what its code does when it is asked for.

    `wanted` of the `known` names, all folded, are asked for; `None` is all.
    """
    problem = diagnostic.problem
    if problem.code != "FN118" or problem.weight is None:
        return diagnostic
    path = fold(diagnostic.path)
    named = (name for name in known if path.startswith(f"scenarios.{name}."))  # of `A` and `A.b`, the longer one
    if wanted is None or max(named, key=len, default="") in wanted:
        return diagnostic._replace(problem=problem._replace(weight=None))
    return diagnostic


def say(found: Iterable[Diagnostic], documents: int | None, request: Request) -> ExitCode:
    """Say what is wrong with files on stderr, in the order of places, and whether it is an error.

    `documents` is the number of funnels in the files, `None` where these are not of funnels.
    """
    listed = sorted(found, key=lambda each: (each.location.file, each.location.line, each.location.column))
    if not listed:
        return ExitCode.OK
    from funnelcli.output import diagnostics as diagnostic_text

    files = len({each.location.file for each in listed})
    more = f"… and {len(listed) - MOST_SHOWN:,} more that are not shown.\n" if len(listed) > MOST_SHOWN else ""
    columns = console.columns(sys.stderr)
    shown = diagnostic_text.full(listed[:MOST_SHOWN], console.wants_color(request.color, sys.stderr), columns)
    console.say(shown + more + diagnostic_text.summary(listed, files, documents))
    return ExitCode.NO if any(each.severity is Severity.ERROR for each in listed) else ExitCode.OK


def read_files(files: Sequence[str], request: Request) -> tuple[list[Funnel], list[Diagnostic], int, ExitCode]:
    """Every file: its sound funnels, what is wrong in it, how many documents it has, and whether it could be read."""
    funnels: list[Funnel] = []
    found: list[Diagnostic] = []
    documents = 0
    code = ExitCode.OK
    if list(files).count("-") > 1:
        code = console.refuse("standard input can be read once", "name - only once", request)
        files = once(files)
    for file in files:
        reading = read_file(file, request.stdin_filename)
        if isinstance(reading, Unreadable):
            code = console.refuse(*reading, request)
            continue
        funnels.extend(reading.funnels)
        found.extend(reading.diagnostics)
        documents += reading.documents if reading.diagnostics else 0
    return funnels, found, documents, code


def once(files: Sequence[str]) -> list[str]:
    """The files with standard input only where it is first named."""
    return [file for index, file in enumerate(files) if file != "-" or "-" not in files[:index]]


class Unreadable(NamedTuple):
    """Why a file cannot be read, and the way out."""

    what: str
    cure: str


def read_file(file: str, stdin_filename: str, rules: Sequence[Rule] = ()) -> Reading | Unreadable:
    """What a file holds, or why it cannot be read; `rules` are the lint rules to hold its funnels against."""
    try:
        data, name = read_bytes(file, stdin_filename)
    except OSError as error:
        return unreadable(file, error)
    return read(data, name, rules=rules)


def unreadable(file: str, error: OSError) -> Unreadable:
    """What stands in the way of reading a file, with the way out."""
    from funnelcli.funnel_file.obstacles import obstacle

    what, cure = obstacle(file, error)
    return Unreadable(f"cannot read {quoted(file)}: {what}", cure)


def read_bytes(file: str, stdin_filename: str) -> tuple[bytes, str]:
    """The bytes of a file, a little more than the largest allowed at most, and its name in messages."""
    if file == "-":
        if sys.stdin is None:
            raise OSError("standard input is closed")
        return sys.stdin.buffer.read(LARGEST_FILE + 1), stdin_filename
    with open(file, "rb") as stream:
        # asking for the largest file there may be would set aside that much memory each time
        size = min(os.fstat(stream.fileno()).st_size, LARGEST_FILE)
        data = stream.read(size + 1)
        if len(data) > size:  # a pipe, or a file that grows
            data += stream.read(LARGEST_FILE - size)
        return data, file.encode("utf-8", "backslashreplace").decode("utf-8")


def typed(request: Request) -> tuple[list[Funnel], ExitCode]:
    """The funnel of `--stage` options."""
    from funnelcli.funnel_file.arguments import funnel_from_options

    funnel, problems = funnel_from_options(request.stage or [], request.average_check)
    for problem in problems:
        console.complain(problem, request)
    return ([], ExitCode.COULD_NOT_LOOK) if funnel is None else ([funnel], ExitCode.OK)


def named(funnels: list[Named], request: Request, code: ExitCode) -> tuple[list[Named], ExitCode]:
    """Of funnels, or of what else has their names, those whose names were asked for."""
    if not request.funnel:
        return funnels, code
    names = [funnel.name for funnel in funnels]
    wanted = set()
    for name in request.funnel:
        index = names.index(name) if name in names else find_name(name, sorted(set(names)))
        if index is None:
            console.refuse(
                f"no funnel is called {quoted(name)}",
                did_you_mean(name, dict.fromkeys(names)) or "check the files",
                request,
            )
            code = ExitCode.COULD_NOT_LOOK
        else:
            wanted.add(name if name in names else sorted(set(names))[index])
    return [funnel for funnel in funnels if funnel.name in wanted], code
