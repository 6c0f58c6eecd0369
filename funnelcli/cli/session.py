"""Both doors of a command: files and options in, diagnostics and the report out, and the exit code that follows."""

from __future__ import annotations

import os
import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from funnelcli.cli.exits import CLOSED_PIPE, ExitCode
from funnelcli.diagnostics import Problem, Severity, did_you_mean, quoted
from funnelcli.reading.decoding import LARGEST_FILE
from funnelcli.reading.funnel_file import read
from funnelcli.rendering.formats import Canvas, render
from funnelcli.rendering.numbers import visible
from funnelcli.selectors import find_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TextIO

    from funnelcli.cli.options import Request
    from funnelcli.diagnostics import Diagnostic
    from funnelcli.model import Funnel


def run(
    command: str,
    request: Request,
    analyse: Callable[[Funnel], Any],
    view: str,
) -> ExitCode:
    """Load, analyse each funnel, report what is wrong on stderr, write the report, and say how it went.

    `view` names the module of `rendering.views` that shows the results. `analyse` returns a result, or a `Problem` of
    what was asked of that funnel; a warning leaves the funnel out of the report.
    """
    refusal = _unsafe_output(request)
    if refusal:
        return refuse(*refusal, request)
    funnels, code = load(request)
    results = []
    for funnel in funnels:
        outcome = analyse(funnel)
        if isinstance(outcome, Problem):
            complain(outcome, request, f"{funnel.name}: " if len(funnels) > 1 else "")
            if outcome.severity is Severity.ERROR:
                code = max(code, ExitCode.COULD_NOT_LOOK)
        else:
            results.append(outcome)
    if not results and not code:
        code = refuse("nothing is left to report", "see the warnings above", request)
    format_name = request.report_format or _format_of(request.output)
    if not results and (code is ExitCode.COULD_NOT_LOOK or format_name != "json"):
        return code
    canvas = _canvas(request)
    return max(code, deliver(render(format_name, command, results, view, canvas), request))


_FORMATS_BY_ENDING = {".json": "json", ".csv": "csv", ".md": "markdown"}


def _format_of(output: str | None) -> str:
    """The format that a file's ending asks for."""
    ending = os.path.splitext(output or "")[1].lower()
    return _FORMATS_BY_ENDING.get(ending, "table")


def _unsafe_output(request: Request) -> tuple[str, str] | None:
    """Why the output path must not be written, and the way out."""
    output = request.output
    if not output or not os.path.isfile(output):
        return None
    if any(file != "-" and os.path.exists(file) and os.path.samefile(file, output) for file in request.files or ()):
        return f"{output} is the funnel file itself", "choose another path for the report"
    return None if request.force else (f"{output} exists", "add --force to overwrite it")


def load(request: Request) -> tuple[list[Funnel], ExitCode]:
    """The funnels that were asked for, by file or by option; what is wrong is said on stderr."""
    if request.stage:
        if request.files:
            return [], refuse("--stage makes a funnel without a file", "leave out the file, or --stage", request)
        return _typed(request)
    if request.average_check is not None:
        return [], refuse(
            "--average-check goes with --stage", "set it in a file's funnel by scenario --set average_check=…", request
        )
    if not request.files:
        return [], refuse(
            "no funnel is given", "name a FILE, - for standard input, or --stage NAME=COUNT for each stage", request
        )
    funnels, found, documents, code = read_files(request.files, request)
    found.sort(key=lambda each: (each.location.file, each.location.line, each.location.column))
    if found:
        from funnelcli.rendering import diagnostics as diagnostic_text

        color = _wants_color(request.color, sys.stderr)
        files = len({each.location.file for each in found})
        say(diagnostic_text.full(found, color) + diagnostic_text.summary(found, files, documents))
    if any(each.severity is Severity.ERROR for each in found):
        code = max(code, ExitCode.NO)
    return _named(funnels, request, code)


def read_files(files: Sequence[str], request: Request) -> tuple[list[Funnel], list[Diagnostic], int, ExitCode]:
    """Every file: its sound funnels, what is wrong in it, how many documents it has, and whether it could be read."""
    funnels: list[Funnel] = []
    found: list[Diagnostic] = []
    documents = 0
    code = ExitCode.OK
    if list(files).count("-") > 1:
        code = refuse("standard input can be read once", "name - only once", request)
        files = list(dict.fromkeys(files))
    for file in files:
        try:
            data, name = _bytes(file, request)
        except OSError as error:
            refuse(f"cannot read {quoted(file)}: {error.strerror or error}", _way_out(file, error), request)
            code = ExitCode.COULD_NOT_LOOK
            continue
        reading = read(data, name)
        funnels.extend(reading.funnels)
        found.extend(reading.diagnostics)
        documents += reading.documents if reading.diagnostics else 0
    return funnels, found, documents, code


def _bytes(file: str, request: Request) -> tuple[bytes, str]:
    """The bytes of a file, a little more than the largest allowed at most, and its name in messages."""
    if file == "-":
        if sys.stdin is None:
            raise OSError("standard input is closed")
        return sys.stdin.buffer.read(LARGEST_FILE + 1), request.stdin_filename
    with open(file, "rb") as stream:
        return stream.read(LARGEST_FILE + 1), file


def _way_out(file: str, error: OSError) -> str:
    if isinstance(error, IsADirectoryError):
        return f"name the files in it: {file.rstrip('/')}/*.yaml"
    if isinstance(error, FileNotFoundError):
        folder, name = os.path.split(file)
        try:
            known = [each for each in os.listdir(folder or ".") if each.endswith((".yaml", ".yml"))]
        except OSError:
            return "check the path"
        near = get_close_matches(name, known, n=1, cutoff=0.75)
        return (
            f"did you mean {quoted(os.path.join(folder, near[0]))}?" if near and "*" not in name else "check the path"
        )
    return "check the path and its permissions"


def _typed(request: Request) -> tuple[list[Funnel], ExitCode]:
    from funnelcli.reading.arguments import funnel_from_options

    funnel, problems = funnel_from_options(request.stage or [], request.average_check)
    for problem in problems:
        complain(problem, request)
    return ([], ExitCode.COULD_NOT_LOOK) if funnel is None else ([funnel], ExitCode.OK)


def _named(funnels: list[Funnel], request: Request, code: ExitCode) -> tuple[list[Funnel], ExitCode]:
    """The funnels whose names were asked for."""
    if not request.funnel:
        return funnels, code
    names = [funnel.name for funnel in funnels]
    wanted = set()
    for name in request.funnel:
        index = names.index(name) if name in names else find_name(name, sorted(set(names)))
        if index is None:
            refuse(
                f"no funnel is called {quoted(name)}",
                did_you_mean(name, dict.fromkeys(names)) or "check the files",
                request,
            )
            code = ExitCode.COULD_NOT_LOOK
        else:
            wanted.add(name if name in names else sorted(set(names))[index])
    return [funnel for funnel in funnels if funnel.name in wanted], code


# Streams


def refuse(what: str, cure: str, request: Request) -> ExitCode:
    """Say on stderr what cannot be done and the way out."""
    color = _wants_color(request.color, sys.stderr)
    word = "\x1b[1;31merror:\x1b[0m" if color else "error:"
    say(f"funnelcli: {word} {visible(what)}\n  = help: {visible(cure)}\n")
    return ExitCode.COULD_NOT_LOOK


def complain(problem: Problem, request: Request, about: str = "") -> None:
    """Say on stderr what is wrong with the options."""
    color = _wants_color(request.color, sys.stderr)
    from funnelcli.rendering import diagnostics as diagnostic_text

    line = diagnostic_text.problem_line(problem, color)
    cure = f"\n  {diagnostic_text.help_line(problem, color)}" if problem.help else ""
    say(f"funnelcli: {visible(about)}{line}{cure}\n")


def say(text: str) -> None:
    """Text to stderr; where that is closed, there is nobody to tell."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(_encodable(text, sys.stderr))
        sys.stderr.flush()
    except OSError:
        pass  # the exit code still tells


def deliver(text: str, request: Request) -> ExitCode:
    """The report to standard output or, whole or not at all, to a file."""
    if request.output:
        try:
            _write_file(request.output, text)
        except OSError as error:
            return refuse(
                f"cannot write {request.output}: {error.strerror or error}",
                "nothing was written; choose another path",
                request,
            )
        return ExitCode.OK
    if sys.stdout is None:
        return refuse("cannot write the report: standard output is closed", "write to a file with --output", request)
    try:
        _write_all(sys.stdout, text)
    except BrokenPipeError:
        os._exit(CLOSED_PIPE)  # the reader went away: no message, and no second attempt to flush
    except OSError as error:
        return refuse(
            f"cannot write the report: {error.strerror or error}", "free some space, or write elsewhere", request
        )
    return ExitCode.OK


def _write_all(stream: TextIO, text: str) -> None:
    """All of a text, also to an unbuffered stream, which may take only a part at a time."""
    stream.flush()
    data = memoryview(text.encode(stream.encoding or "utf-8", "backslashreplace"))
    while data:
        data = data[stream.buffer.write(data) :]
    stream.buffer.flush()


def _write_file(path: str, text: str) -> None:
    """Write to a temporary file beside the target and rename it; devices and pipes are written directly."""
    if os.path.exists(path) and not os.path.isfile(path):
        with open(path, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        return
    target = os.path.realpath(path)
    folder, name = os.path.split(target)
    temporary = os.path.join(folder, f".{name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        if os.path.exists(target):
            os.chmod(temporary, os.stat(target).st_mode)
        os.replace(temporary, target)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise


def _canvas(request: Request) -> Canvas:
    """How the report will be seen."""
    stream = None if request.output else sys.stdout
    if stream is None:
        return Canvas(color=request.color == "always")
    width = None
    if stream.isatty():
        from shutil import get_terminal_size

        width = max(20, get_terminal_size().columns)
    return Canvas(width, _wants_color(request.color, stream), stream.encoding or "ascii")


def _wants_color(choice: str, stream: TextIO | None) -> bool:
    """Whether a stream gets colour: the option, then NO_COLOR, FORCE_COLOR and TERM=dumb, then what the stream is."""
    if choice != "auto" or stream is None:
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return os.environ.get("TERM") != "dumb" and stream.isatty()


def _encodable(text: str, stream: TextIO) -> str:
    """The text with what the stream cannot encode spelled out."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
