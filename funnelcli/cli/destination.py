"""Where a report goes: to standard output, or to a file that is written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import suppress
from shlex import join
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.cli import arguments, console
from funnelcli.diagnostics import joined
from funnelcli.funnel_file.names import is_funnel_file
from funnelcli.output.formats import FORMATS, Canvas

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO

    from funnelcli.cli.request import Request

_OF_OTHER_PROGRAMS = {".xlsx", ".xls", ".ods", ".pdf", ".html", ".htm", ".svg", ".png", ".docx", ".tsv"}
"""Endings of what no table of text is."""


def ending_of(path: str | None) -> str:
    """The ending of a file's name, in small letters."""
    return os.path.splitext(path or "")[1].lower()


class Destination(NamedTuple):
    """Where a table goes: a path, or `None` for standard output, in which format, and how it will be seen there."""

    path: str | None
    format_name: str
    canvas: Canvas


def of_table(request: Request, *also_reads: str) -> Destination:
    """Where a table of the request goes; refused where it must not be written."""
    check(request, also_reads=also_reads, text=True)
    if request.report_format is None:
        refuse_unknown(request, request.output)
    return Destination(request.output, format_of(request), canvas(request.output)._replace(full=request.full))


def format_of(request: Request, formats: Mapping[str, Any] = FORMATS, otherwise: str = "table") -> str:
    """The format that was asked for: by name, or by the ending of the output."""
    ending = ending_of(request.output)
    return request.report_format or next((name for name, form in formats.items() if form.ending == ending), otherwise)


def check(request: Request, output: str | None = None, also_reads: tuple[str, ...] = (), text: bool = False) -> None:
    """Refuse an output that must not be written: nameless, read by this run, there already, or no `text` by its ending.

    `output` is the path, where it is not that of the request; `also_reads` are files read beside those of the request.
    """
    output = request.output if output is None else output
    if output == "":
        raise console.Refused("the output path is empty", "name a file after --output")
    if output and os.path.isfile(output):
        inputs = (*(request.files or ()), *([request.baseline] if request.baseline else ()), *also_reads)
        if any(file != "-" and _holds(file, output) for file in inputs):
            raise console.Refused(f"{output} is read by this command", "choose another path for the report")
        if not request.force:
            _keep(output)
    ending = ending_of(output)
    if text and ending in _OF_OTHER_PROGRAMS and request.report_format is None:
        known = [form.ending for form in FORMATS.values() if form.ending]
        raise console.Refused(f"{ending} is no format of this command", _ends(request, output or "", known))


def refuse_unknown(request: Request, output: str | None, formats: Mapping[str, Any] = FORMATS) -> None:
    """Refuse an ending that no format has, where none is named; `.txt` is for what is on the screen."""
    ending = ending_of(output)
    known = [*dict.fromkeys(form.ending for form in formats.values() if form.ending)]
    known += [] if all(form.ending for form in formats.values()) else [".txt"]
    if ending in ("", *known):
        return
    help_ = _ends(request, output or "", known)
    if ending in (".yaml", ".yml"):
        what = f"{ending} is for funnel files, and this command writes a report"
        if request.stage:
            given = arguments.typed(request)
            options = [word for key, text in given.keys.items() for word in (arguments.option_name(key), text)]
            words = ["funnelcli", "init", *arguments.words_of(given.stages), *options, "-o", output or ""]
            help_ = f"to keep the numbers: {join(words)}"
    else:
        what = f"{ending} is no format of this command"
    raise console.Refused(what, help_)


_LIKE = {
    **dict.fromkeys((".pptx", ".ppt", ".key", ".odp", ".jpg", ".jpeg", ".gif"), ".png"),
    **dict.fromkeys((".xls", ".ods", ".numbers"), ".xlsx"),
    **dict.fromkeys((".docx", ".doc", ".odt", ".htm", ".pdf"), ".html"),
    ".tsv": ".csv",
}
"""Endings that nothing here has, and those that serve as well: a slide takes a picture."""
_MADE_BY = {**dict.fromkeys((".html", ".svg", ".png", ".md", ".xlsx"), "report"), ".csv": "show", ".json": "show"}


def _ends(request: Request, output: str, known: Sequence[str]) -> str:
    """The endings that do, and what makes the one that was asked for, or one that serves as well."""
    stem, ending = os.path.splitext(output)
    like, others = _LIKE.get(ending.lower(), ending.lower()), f"end it with {joined(known, 'or')}, or choose --format"
    if like in known:
        return f"{like} serves as well; {others}"
    files = request.files or ()
    if like not in _MADE_BY or not all(is_funnel_file(file) or os.path.isdir(file) for file in files):
        return others  # what is imported is no funnel yet
    words = ["funnelcli", _MADE_BY[like], *(files or request.stage or ["FILE"]), "-o", f"{stem}{like}"]
    return f"for {like}: {join(words)}; here, {others}"


def _keep(path: str) -> None:
    """Refuse to overwrite what is there, but for a report with the mark, as it was made: that one is made anew.

    Tables, texts of data and funnel files have no mark.
    """
    from funnelcli.output.report import mark

    try:
        with open(path, "rb") as stream:
            state = mark.state_of(stream.read())
    except OSError:
        state = "other"
    if state != "made":
        what = "was changed since it was made" if state == "changed" else "exists"
        raise console.Refused(f"{path} {what}", "add --force to overwrite it")


def _holds(source: str, output: str) -> bool:
    """Whether a file is the source, or one of the files that a folder is searched for."""
    if os.path.isdir(source):
        inside = os.path.realpath(output).startswith(os.path.join(os.path.realpath(source), ""))
        return inside and is_funnel_file(output)
    return os.path.exists(source) and os.path.samefile(source, output)


def canvas(output: str | None) -> Canvas:
    """How what goes to that path, or else to standard output, will be seen."""
    stream = None if output else sys.stdout
    if stream is None:
        return Canvas(color=console.color == "always")
    return Canvas(console.columns(stream), console.wants_color(stream), stream.encoding or "ascii")


def deliver(report: str | bytes, output: str | None, said: str | None = "") -> None:
    """The report to a file, whole or not at all, or else to standard output; that it failed is said.

    What was written to a file is told in a line: its size, and what is `said` of it; `None` where the caller tells it.
    """
    if output:
        data = report.encode() if isinstance(report, str) else report
        try:
            write_whole(output, data)
        except OSError as error:
            unwritten(output, error)
            return
        if said is not None and os.path.isfile(output):  # not of devices and pipes
            console.note(f"wrote {output} ({', '.join(filter(None, (_size(len(data)), said)))})")
        return
    if sys.stdout is None:
        console.error("cannot write the report: standard output is closed", "write to a file with --output")
        return
    if isinstance(report, str):
        report = report.encode(sys.stdout.encoding or "utf-8", "backslashreplace")
    try:
        sys.stdout.flush()
        write_all(sys.stdout.buffer, report)
    except BrokenPipeError:
        os._exit(console.CLOSED_PIPE)  # the reader went away: no message, and no second attempt to flush
    except OSError as error:
        console.error(f"cannot write the report: {error.strerror or error}", "free some space, or write elsewhere")


def _size(length: int) -> str:
    """A number of bytes as people read it."""
    if length < 1000:
        return f"{length} bytes"
    return f"{length / 1000:,.0f} kB" if length < 999_500 else f"{length / 1e6:,.1f} MB"


def unwritten(path: str, error: OSError) -> None:
    """Say that a file could not be written."""
    from funnelcli.funnel_file.obstacles import obstacle

    what, _ = obstacle(path, error)
    cure = "make it writable, or choose another path" if isinstance(error, PermissionError) else "choose another path"
    console.error(f"cannot write {path}: {what}", f"nothing was written; {cure}")


def append(path: str, text: str) -> None:
    """Text at the end of a file that others write to as well."""
    try:
        keep_read_only(path)
        with open(path, "a", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except OSError as error:
        unwritten(path, error)


def write_whole(path: str, data: bytes) -> None:
    """Write to a temporary file beside the target and rename it; devices and pipes are written directly.

    The temporary file never has more rights than the target. Raises `OSError`, for a target that is read-only as well;
    then nothing of the target has changed.
    """
    keep_read_only(path)
    if os.path.islink(path):
        with suppress(FileNotFoundError):  # a link may lead to what is about to be made, but not back to itself
            os.stat(path)
    if os.path.exists(path) and not os.path.isfile(path):
        with open(path, "wb") as stream:
            write_all(stream, data)
        return
    target = os.path.realpath(path)
    kept = stat.S_IMODE(os.stat(target).st_mode) if os.path.exists(target) else None
    # the number of the process would not do: in containers it repeats, and a run that was killed may have left its file
    temporary = os.path.join(os.path.dirname(target), f".funnelcli-{os.urandom(8).hex()}.tmp")
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    descriptor = os.open(temporary, flags, 0o666 if kept is None else kept)  # where it exists, it is not ours to remove
    try:
        with open(descriptor, "wb") as stream:
            write_all(stream, data)
        if kept is not None:
            os.chmod(temporary, kept)  # the umask may have taken some of it
        os.replace(temporary, target)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise


def keep_read_only(path: str) -> None:
    """Raise `PermissionError` for a file that nobody may write: renaming would replace it, and so may the superuser."""
    if os.path.isfile(path) and not (os.stat(path).st_mode & 0o222 and os.access(path, os.W_OK)):
        raise PermissionError(errno.EACCES, "it is read-only")


def write_all(stream: BinaryIO, data: bytes) -> None:
    """All of the bytes, also to an unbuffered stream, which may take only a part at a time."""
    rest = memoryview(data)
    while rest:
        rest = rest[stream.write(rest) :]
    stream.flush()
