"""Work on many things by several processes: forked from this one, which does its share of it."""

from __future__ import annotations

import os
import pickle
from signal import SIG_IGN, SIGINT, SIGKILL, signal
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Given = TypeVar("Given")
Made = TypeVar("Made")

_NUMBER = 4  # bytes of the number of a piece
_MOST_WAITING = 2_000  # pieces; the numbers of more may not fit into a pipe


def shared(
    work: Callable[[Sequence[Given]], list[Made]], things: Sequence[Given], piece: int, processes: int
) -> list[Made]:
    """What `work` makes of the things, in order; each process takes the next piece of so many of them.

    What `work` raises in another process is raised here. Raises `MemoryError` when a process was killed from outside,
    which systems do when memory runs out. The executors of the standard library do the same; to load them takes as
    long as to check a hundred files.
    """
    piece = max(piece, -(-len(things) // _MOST_WAITING))
    starts = range(0, len(things), piece)
    waiting, fill = os.pipe()
    os.write(fill, b"".join(start.to_bytes(_NUMBER) for start in starts))
    os.close(fill)  # who finds the pipe empty is done

    def share() -> list[tuple[int, list[Made]]]:
        return [(start, work(things[start : start + piece])) for start in _numbers(waiting)]

    children: list[tuple[int, int]] = []
    try:
        for _ in range(processes - 1):
            reading, writing = os.pipe()
            child = os.fork()
            if not child:
                _answer(share, writing)
            children.append((child, reading))
            os.close(writing)
        made = share()
        for _, reading in children:
            made += _received(reading)
    except BaseException:
        for child, _ in children:  # else they would go on for nobody
            os.kill(child, SIGKILL)
        raise
    finally:
        os.close(waiting)
        for child, reading in children:
            os.close(reading)
            os.waitpid(child, 0)
    return [each for _, some in sorted(made, key=lambda piece: piece[0]) for each in some]


def _numbers(waiting: int) -> Iterator[int]:
    while number := os.read(waiting, _NUMBER):
        yield int.from_bytes(number)


def _answer(share: Callable[[], list[tuple[int, list[Made]]]], writing: int) -> None:
    """The whole life of a child: an interrupt is left to the parent."""
    outcome: object
    try:
        signal(SIGINT, SIG_IGN)
        try:
            outcome = share()
        except BaseException as error:
            outcome = error
        with open(writing, "wb") as stream:
            pickle.dump(outcome, stream, pickle.HIGHEST_PROTOCOL)
    finally:
        os._exit(0)


def _received(reading: int) -> Any:
    """What a child has made, or what it raised, which is raised."""
    with open(reading, "rb", closefd=False) as stream:
        data = stream.read()
    try:
        outcome = pickle.loads(data)  # noqa: S301  # a child of this process wrote it
    except (EOFError, pickle.UnpicklingError):
        raise MemoryError from None
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome
