"""Files written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import BinaryIO


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
