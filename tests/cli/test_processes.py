"""Work that processes share: nothing is lost, doubled or out of order, and what goes wrong in one is said here."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from funnelcli.cli.console import Refused
from tests.conftest import ROOT
from tests.thorough import each_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

if not hasattr(os, "fork"):
    pytest.skip("nothing can be forked", allow_module_level=True)

from funnelcli.cli.processes import shared


@pytest.fixture(autouse=True)
def _no_child_is_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each process that was forked has ended, and has been waited for."""
    forked: list[int] = []
    fork: Callable[[], int] = os.fork

    def noted() -> int:
        child = fork()
        forked.append(child)
        return child

    monkeypatch.setattr(os, "fork", noted)
    yield
    for child in forked:
        with pytest.raises(ChildProcessError):
            os.waitpid(child, os.WNOHANG)


@pytest.fixture
def signs() -> Iterator[tuple[int, int]]:
    """A pipe by which processes tell each other how far they are."""
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)
    os.close(writing)


def wait(reading: int, signs: int = 1) -> bool:
    """Whether so many signs come, in as long as the slowest machine takes."""
    while signs and select.select([reading], [], [], 60)[0]:
        signs -= len(os.read(reading, signs))
    return not signs


@pytest.mark.parametrize(
    ("things", "piece", "processes"),
    # tables of 6, 7 and 4: their entries do not always stand beside the same ones
    each_once([0, 1, 49, 50, 51, 9_000], [1, 3, 50, 50, 3, 3, 1], [1, 2, 5, 2]),
)
def test_everything_once_and_in_order(things: int, piece: int, processes: int) -> None:
    given = list(range(things))

    def work(some: Sequence[int]) -> list[str]:
        time.sleep(0.0001 * (some[0] % 3))
        return [f"{each} by {os.getpid()}" for each in some]

    made = shared(work, given, piece, processes)
    assert [int(each.partition(" ")[0]) for each in made] == given
    assert len({each.partition(" by ")[2] for each in made}) <= processes


def test_the_pieces_go_to_whoever_is_free(signs: tuple[int, int]) -> None:
    """The one that has the first piece is done with it when the other has done all the rest."""

    def work(some: Sequence[int]) -> list[bool]:
        if some[0] == 0:
            return [wait(signs[0], 49)]
        os.write(signs[1], b".")
        return [True]

    assert shared(work, range(50), 1, 2) == [True] * 50


def test_more_is_made_than_a_pipe_holds() -> None:
    made = shared(lambda some: ["x" * 100_000 for _ in some], range(60), 5, 3)
    assert made == ["x" * 100_000] * 60


class Odd(Exception):
    """One that cannot be copied by its arguments."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} of {two}")


@pytest.mark.parametrize(
    ("error", "arrives"),
    [
        (OSError(28, "no space left"), OSError(28, "no space left")),
        (ImportError("no such module"), ImportError("no such module")),
        (MemoryError(), MemoryError()),
        (Refused("it cannot", "do this"), Refused("it cannot", "do this")),
        (Odd(1, 2), RuntimeError("Odd: 1 of 2")),
        (ValueError(lambda: 1), None),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_another_process_raises_is_raised_here(
    error: Exception, arrives: Exception | None, signs: tuple[int, int]
) -> None:
    with pytest.raises(RuntimeError if arrives is None else type(arrives)) as raised:
        shared(of_another(signs, error), range(40), 1, 2)
    assert arrives is None or (type(raised.value), raised.value.args) == (type(arrives), arrives.args)
    assert "in of_child" in raised.value.__notes__[0]


def of_another(signs: tuple[int, int], error: Exception | None) -> Callable[[Sequence[int]], list[object]]:
    """Work that raises an error in a child, or makes what cannot be copied; the parent waits until it does."""
    parent, waited = os.getpid(), []

    def of_child() -> list[object]:
        os.write(signs[1], b".")
        if error is not None:
            raise error
        return [lambda: 1]

    def work(some: Sequence[int]) -> list[object]:
        if os.getpid() != parent:
            return of_child()
        waited.extend([] if waited else [wait(signs[0])])
        return list(some)

    return work


def test_what_cannot_be_copied_is_no_lack_of_memory(signs: tuple[int, int]) -> None:
    with pytest.raises(Exception, match=r"pickle|lambda") as raised:
        shared(of_another(signs, None), range(40), 1, 2)
    assert not isinstance(raised.value, MemoryError)


def test_a_process_that_is_killed_is_a_lack_of_memory(signs: tuple[int, int]) -> None:
    parent, waited = os.getpid(), []

    def work(some: Sequence[int]) -> list[int]:
        if os.getpid() != parent:
            os.write(signs[1], b".")
            os.kill(os.getpid(), signal.SIGKILL)
        waited.extend([] if waited else [wait(signs[0])])
        return list(some)

    with pytest.raises(MemoryError):
        shared(work, range(40), 1, 2)


def test_what_goes_wrong_here_ends_the_others_at_once(signs: tuple[int, int]) -> None:
    parent = os.getpid()

    def work(some: Sequence[int]) -> list[int]:
        if os.getpid() == parent:
            raise KeyboardInterrupt
        time.sleep(20)
        os.write(signs[1], b".")
        return list(some)

    with pytest.raises(KeyboardInterrupt):
        shared(work, range(40), 1, 4)
    assert not select.select([signs[0]], [], [], 0)[0]


def test_where_nothing_more_can_be_forked_there_are_fewer_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> int:
        raise BlockingIOError(11, "no room for a process")

    monkeypatch.setattr(os, "fork", none)
    assert shared(list, range(40), 3, 4) == list(range(40))


KILLED = """\
import os, signal
from funnelcli.cli.processes import shared
parent, (reading, writing) = os.getpid(), os.pipe()
def work(some):
    if os.getpid() == parent:
        os.read(reading, 2)
        os.kill(parent, signal.{number})
    os.write(writing, b".")
    return ["x" * 1_000_000 for _ in some]
shared(work, range(30), 10, 3)
"""


@pytest.mark.parametrize("number", ["SIGKILL", "SIGTERM"])
def test_no_process_stays_where_the_first_is_killed(number: str) -> None:
    """The output ends when the last of them has."""
    started = subprocess.run(
        [sys.executable, "-c", KILLED.format(number=number)], stdout=subprocess.PIPE, timeout=60, check=False, cwd=ROOT
    )
    assert started.returncode == -signal.Signals[number]
