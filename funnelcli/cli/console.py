"""The console of a run: what is said on stderr, whether in colour, and the worst exit code so far.

There is one in a process. The door of each command sets it up by `begin` and leaves with `code`; in between, everybody
speaks to it and nobody passes it on. What cannot be done at all is raised as `Refused`, and said at the door.
"""

from __future__ import annotations

import os
import sys
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from funnelcli.diagnostics import Diagnostic, Problem


class ExitCode(IntEnum):
    """One outcome to one exit code, the same for every command. When several hold, the highest wins."""

    OK = 0
    """The report was printed, or everything was checked and passed."""
    NO = 1
    """The files were read and the verdict is no: an invalid funnel, a failed check."""
    COULD_NOT_LOOK = 2
    """Wrong usage, an unreadable file, nothing selected, a write that failed."""
    DEFECT = 3
    """A defect of the program."""


INTERRUPTED = 130
CLOSED_PIPE = 141
REPORT_DEFECTS_AT = "https://github.com/funnelcli/funnelcli/issues"
MOST_SHOWN = 1000
"""Diagnostics printed in one run; the rest is counted."""

code: ExitCode = ExitCode.OK
"""The worst outcome so far."""
color = "auto"
"""The choice of `--color`."""
debug = False
"""Whether the traceback of a defect is shown."""


class Leave(Exception):  # no error: what there is to say has been said
    """The command ends here, with the exit code so far."""


class Refused(Leave):
    """The command cannot do what it is asked for: what is in the way, and what helps."""

    def __init__(self, what: str, help_text: str) -> None:
        super().__init__(what, help_text)
        self.what = what
        self.help = help_text


def begin(color_choice: str = "auto", with_tracebacks: bool = False) -> None:
    """A run begins: nothing has been said, and all is well."""
    global code, color, debug
    code, color, debug = ExitCode.OK, color_choice, with_tracebacks


def worsen(outcome: ExitCode) -> None:
    """The run cannot end better than this."""
    global code
    code = max(code, outcome)


def error(what: str, help_text: str) -> None:
    """What could not be done, and what helps."""
    word = "\x1b[1;31merror:\x1b[0m" if wants_color(sys.stderr) else "error:"
    say(f"funnelcli: {word} {visible(what)}\n  = help: {visible(help_text)}\n")
    worsen(ExitCode.COULD_NOT_LOOK)


def problem(problem: Problem, about: str = "") -> None:
    """What is wrong with the options, or with a funnel of that name."""
    from funnelcli.diagnostics import Severity
    from funnelcli.output import diagnostics as diagnostic_text

    painted = wants_color(sys.stderr)
    help_line = f"\n  {diagnostic_text.help_line(problem, painted)}" if problem.help else ""
    about = f"{visible(about)}: " if about else ""
    say(f"funnelcli: {about}{diagnostic_text.problem_line(problem, painted)}{help_line}\n")
    if problem.severity is Severity.ERROR:
        worsen(ExitCode.COULD_NOT_LOOK)


def diagnostics(found: Iterable[Diagnostic], documents: int | None, outcome: ExitCode = ExitCode.NO) -> bool:
    """What is wrong with files, in the order of places; whether any of it is an error.

    `documents` is the number of funnels in the files, `None` where these are not of funnels; `outcome` is that of an
    error.
    """
    listed = sorted(found, key=lambda each: (each.location.file, each.location.line, each.location.column))
    if not listed:
        return False
    from funnelcli.diagnostics import Severity
    from funnelcli.output import diagnostics as diagnostic_text

    files = len({each.location.file for each in listed})
    more = f"… and {len(listed) - MOST_SHOWN:,} more that are not shown.\n" if len(listed) > MOST_SHOWN else ""
    shown = diagnostic_text.full(listed[:MOST_SHOWN], wants_color(sys.stderr), columns(sys.stderr))
    say(shown + more + diagnostic_text.summary(listed, files, documents))
    failed = any(each.severity is Severity.ERROR for each in listed)
    if failed:
        worsen(outcome)
    return failed


def of_the_line(found: Iterable[Diagnostic]) -> None:
    """What is wrong with a funnel that was typed, at its places in the line."""
    from funnelcli.output import diagnostics as diagnostic_text

    say(diagnostic_text.full(found, wants_color(sys.stderr), columns(sys.stderr)))
    worsen(ExitCode.COULD_NOT_LOOK)


def note(text: str) -> None:
    """What a reader of the report should know; on a terminal in lines of its width, through a pipe in one."""
    line, shown = f"funnelcli: {visible(text)}", columns(sys.stderr)
    if shown is not None and len(line) * 2 > shown:  # a letter may be two columns wide
        from funnelcli.output.text_width import folded

        line = "\n".join(folded(line, shown, hanging=2, whole_words=True))
    say(f"{line}\n")


class Defect(NamedTuple):
    """A defect of the program: at which input, what it is in one line, and its traceback."""

    about: str
    what: str
    trace: str


def defect(lost: Defect) -> None:
    """A defect of the program in one line, and where to report it."""
    from funnelcli.diagnostics import quoted

    where = f" at {visible(quoted(lost.about))}" if lost.about else ""
    say(
        f"{lost.trace if debug else ''}funnelcli: defect{where}: {lost.what}; please report it with the input at "
        f"{REPORT_DEFECTS_AT} (--debug shows the traceback)\n"
    )
    worsen(ExitCode.DEFECT)


def defect_of(error: BaseException, about: str = "") -> Defect:
    """The defect that an exception tells of."""
    import traceback

    return Defect(about, f"{type(error).__name__}: {error}", "".join(traceback.format_exception(error)))


def visible(text: str) -> str:
    """Text from outside as text, whatever characters it has. The module is loaded when there is something to say."""
    from funnelcli.output.numbers import visible as shown

    return shown(text)


def say(text: str) -> None:
    """Text to stderr; where that is closed, there is nobody to tell."""
    if sys.stderr is None or not text:
        return
    encoding = sys.stderr.encoding or "utf-8"
    try:
        sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stderr.flush()
    except OSError:
        pass  # the exit code still tells


def columns(stream: TextIO | None) -> int | None:
    """The width of a terminal; `None` for what is none."""
    if stream is None or not stream.isatty():
        return None
    from shutil import get_terminal_size

    return max(20, get_terminal_size().columns)


def wants_color(stream: TextIO | None) -> bool:
    """Whether a stream gets colour: the option, then the environment, then what the stream is."""
    if color != "auto" or stream is None:
        return color == "always"
    decided = color_by_environment()
    return stream.isatty() if decided is None else decided[1]


def color_by_environment() -> tuple[str, bool] | None:
    """The variable of the environment that decides on colour, and whether for it; `None` where none does."""
    if os.environ.get("NO_COLOR"):
        return "NO_COLOR", False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return "FORCE_COLOR", True
    return ("TERM", False) if os.environ.get("TERM") == "dumb" else None
