"""One outcome to one exit code, the same for every command."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """When several hold, the highest wins."""

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
