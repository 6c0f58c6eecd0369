"""Where a command speaks: the report to standard output or a file, everything else to stderr, colour for each."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from funnelcli.cli.exits import CLOSED_PIPE, ExitCode
from funnelcli.cli.files import keep_read_only, write_all, write_whole
from funnelcli.output.formats import Canvas
from funnelcli.output.numbers import visible

if TYPE_CHECKING:
    from typing import TextIO

    from funnelcli.cli.options import Request
    from funnelcli.diagnostics import Problem

_FORMATS_BY_ENDING = {".json": "json", ".csv": "csv", ".md": "markdown"}


def format_of(output: str | None) -> str:
    """The format that a file's ending asks for."""
    ending = os.path.splitext(output or "")[1].lower()
    return _FORMATS_BY_ENDING.get(ending, "table")


_OF_OTHER_PROGRAMS = frozenset((".xlsx", ".xls", ".ods", ".pdf", ".html", ".htm", ".svg", ".png", ".docx", ".tsv"))
"""Endings of what no table of text is."""


def unfitting_ending(request: Request) -> tuple[str, str] | None:
    """Why a file's ending would promise what a table of text is not, and the way out."""
    ending = os.path.splitext(request.output or "")[1].lower()
    if ending not in _OF_OTHER_PROGRAMS or request.report_format is not None:
        return None
    return f"{ending} is no format of this command", f"end it with {', '.join(_FORMATS_BY_ENDING)}, or choose --format"


def unsafe_output(request: Request) -> tuple[str, str] | None:
    """Why the output path must not be written, and the way out."""
    output = request.output
    if output == "":
        return "the output path is empty", "name a file after --output"
    if not output or not os.path.isfile(output):
        return None
    inputs = [*(request.files or ()), *request.also_reads]
    if any(file != "-" and _holds(file, output) for file in inputs):
        return f"{output} is read by this command", "choose another path for the report"
    return None if request.force else (f"{output} exists", "add --force to overwrite it")


def _holds(source: str, output: str) -> bool:
    """Whether a file is the source, or one of the files that a folder is searched for."""
    if os.path.isdir(source):
        inside = os.path.realpath(output).startswith(os.path.join(os.path.realpath(source), ""))
        return inside and output.endswith((".yaml", ".yml"))
    return os.path.exists(source) and os.path.samefile(source, output)


def refuse(what: str, cure: str, request: Request) -> ExitCode:
    """Say on stderr what cannot be done and the way out."""
    color = wants_color(request.color, sys.stderr)
    word = "\x1b[1;31merror:\x1b[0m" if color else "error:"
    say(f"funnelcli: {word} {visible(what)}\n  = help: {visible(cure)}\n")
    return ExitCode.COULD_NOT_LOOK


def complain(problem: Problem, request: Request, about: str = "") -> None:
    """Say on stderr what is wrong with the options."""
    color = wants_color(request.color, sys.stderr)
    from funnelcli.output import diagnostics as diagnostic_text

    line = diagnostic_text.problem_line(problem, color)
    cure = f"\n  {diagnostic_text.help_line(problem, color)}" if problem.help else ""
    say(f"funnelcli: {visible(about)}{line}{cure}\n")


REPORT_DEFECTS_AT = "https://github.com/funnelcli/funnelcli/issues"


def say_defect(error: BaseException | str, about: str = "") -> None:
    """A defect of the program in one line, and where to report it."""
    where = f" at {visible(about)}" if about else ""
    what = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
    say(
        f"funnelcli: defect{where}: {what}; please report it with the input at "
        f"{REPORT_DEFECTS_AT} (--debug shows the traceback)\n"
    )


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
        return deliver_bytes(text.encode("utf-8"), request)
    if sys.stdout is None:
        return refuse("cannot write the report: standard output is closed", "write to a file with --output", request)
    try:
        sys.stdout.flush()
        write_all(sys.stdout.buffer, text.encode(sys.stdout.encoding or "utf-8", "backslashreplace"))
    except BrokenPipeError:
        os._exit(CLOSED_PIPE)  # the reader went away: no message, and no second attempt to flush
    except OSError as error:
        return refuse(
            f"cannot write the report: {error.strerror or error}", "free some space, or write elsewhere", request
        )
    return ExitCode.OK


def deliver_bytes(data: bytes, request: Request) -> ExitCode:
    """A file, whole or not at all."""
    try:
        write_whole(request.output or "", data)
    except OSError as error:
        return unwritten(request.output or "", error, request)
    return ExitCode.OK


def unwritten(path: str, error: OSError, request: Request) -> ExitCode:
    """Say that a file could not be written."""
    from funnelcli.funnel_file.obstacles import obstacle

    what, _ = obstacle(path, error)
    cure = "make it writable, or choose another path" if isinstance(error, PermissionError) else "choose another path"
    return refuse(f"cannot write {path}: {what}", f"nothing was written; {cure}", request)


def append(path: str, text: str, request: Request) -> ExitCode:
    """Text at the end of a file that others write to as well."""
    try:
        keep_read_only(path)
        with open(path, "a", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except OSError as error:
        return unwritten(path, error, request)
    return ExitCode.OK


def canvas(request: Request) -> Canvas:
    """How the report will be seen."""
    stream = None if request.output else sys.stdout
    if stream is None:
        return Canvas(color=request.color == "always")
    return Canvas(columns(stream), wants_color(request.color, stream), stream.encoding or "ascii")


def columns(stream: TextIO | None) -> int | None:
    """The width of a terminal; `None` for what is none."""
    if stream is None or not stream.isatty():
        return None
    from shutil import get_terminal_size

    return max(20, get_terminal_size().columns)


def wants_color(choice: str, stream: TextIO | None) -> bool:
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
