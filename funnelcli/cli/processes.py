"""Work on many things by several processes: forked from this one, which does its share of it."""

from __future__ import annotations

import os
import pickle
from signal import SIG_BLOCK, SIG_IGN, SIG_SETMASK, SIGHUP, SIGINT, SIGKILL, SIGTERM, pthread_sigmask, signal
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Given = TypeVar("Given")
Made = TypeVar("Made")

_NUMBER = 4  # bytes of the number of a piece
_MOST_WAITING = 2_000  # pieces; the numbers of more may not fit into a pipe


class _Child(NamedTuple):
    process: int
    reading: int


def shared(
    work: Callable[[Sequence[Given]], list[Made]], things: Sequence[Given], piece: int, processes: int
) -> list[Made]:
    """What `work` makes of the things, in order; each process takes the next piece of so many of them.

    What `work` raises in another process is raised here, with its traceback as a note. Raises `MemoryError` when a
    process was killed from outside, which systems do when memory runs out. The executors of the standard library do the
    same; to load them takes as long as to check a hundred files.
    """
    piece = max(piece, -(-len(things) // _MOST_WAITING))
    waiting, fill = os.pipe()
    os.write(fill, b"".join(start.to_bytes(_NUMBER) for start in range(0, len(things), piece)))
    os.close(fill)  # who finds the pipe empty is done

    def share() -> list[tuple[int, list[Made]]]:
        return [(start, work(things[start : start + piece])) for start in _numbers(waiting)]

    children: list[_Child] = []
    try:
        while len(children) < processes - 1 and _fork(share, children):
            pass
        made = share()
        for child in children:
            made += _received(child.reading)
    except BaseException:
        for child in children:  # else they would go on for nobody
            os.kill(child.process, SIGKILL)
        raise
    finally:
        os.close(waiting)
        for child in children:
            os.close(child.reading)
            os.waitpid(child.process, 0)
    return [each for _, some in sorted(made, key=lambda one: one[0]) for each in some]


def _numbers(waiting: int) -> Iterator[int]:
    while number := os.read(waiting, _NUMBER):
        yield int.from_bytes(number)


def _fork(share: Callable[[], Any], children: list[_Child]) -> bool:
    """One more child, if the system has room for it. No signal comes before it is known whose it is."""
    reading, writing = os.pipe()
    heard = pthread_sigmask(SIG_BLOCK, (SIGINT, SIGTERM, SIGHUP))
    try:
        process = os.fork()
        if not process:
            _answer(share, writing, [reading, *(child.reading for child in children)], heard)
        children.append(_Child(process, reading))
    except OSError:
        os.close(reading)
        return False
    finally:
        pthread_sigmask(SIG_SETMASK, heard)
        os.close(writing)
    return True


def _answer(share: Callable[[], Any], writing: int, readings: list[int], heard: set[Any]) -> None:
    """The whole life of a child: it writes what it has made, or what was raised. An interrupt is left to the parent."""
    try:
        signal(SIGINT, SIG_IGN)
        for reading in readings:  # else nobody would tell it that the parent is gone
            os.close(reading)
        try:
            pthread_sigmask(SIG_SETMASK, heard)
            data = pickle.dumps((share(), None), pickle.HIGHEST_PROTOCOL)
        except BaseException as error:
            data = _raised(error)
        with open(writing, "wb") as stream:
            stream.write(data)
    finally:
        os._exit(0)


def _raised(error: BaseException) -> bytes:
    """An error as it travels; one that cannot is told by its name."""
    from traceback import format_exception

    told = "".join(format_exception(error))
    for each in (error, RuntimeError(f"{type(error).__name__}: {error}")):
        try:
            each.add_note(f"In another process:\n{told}")
            data = pickle.dumps((None, each))
            pickle.loads(data)  # noqa: S301  # just written
        except Exception:  # noqa: S112  # whatever its class does when it is copied
            continue
        return data
    return pickle.dumps((None, RuntimeError(told)))


def _received(reading: int) -> Any:
    """What a child has made; what it raised is raised."""
    with open(reading, "rb", closefd=False) as stream:
        data = stream.read()
    try:
        made, error = pickle.loads(data)  # noqa: S301  # a child of this process wrote it
    except (EOFError, pickle.UnpicklingError):  # it came to no end of it
        raise MemoryError from None
    if error is not None:
        raise error
    return made
