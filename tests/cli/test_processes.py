"""Work that processes share: nothing is lost, doubled or out of order, and what goes wrong in one is said here."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

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


@pytest.mark.parametrize("processes", [1, 2, 5])
@pytest.mark.parametrize("piece", [1, 3, 50])
@pytest.mark.parametrize("things", [0, 1, 49, 50, 51, 9_000])
def test_everything_once_and_in_order(things: int, piece: int, processes: int) -> None:
    given = list(range(things))

    def work(some: Sequence[int]) -> list[str]:
        time.sleep(0.0001 * (some[0] % 3))
        return [f"{each} by {os.getpid()}" for each in some]

    made = shared(work, given, piece, processes)
    assert [int(each.partition(" ")[0]) for each in made] == given
    assert len({each.partition(" by ")[2] for each in made}) <= processes


def test_the_pieces_go_to_whoever_is_free() -> None:
    """One piece that takes as long as all the others leaves these to the other process."""

    def work(some: Sequence[int]) -> list[int]:
        time.sleep(0.5 if some[0] == 0 else 0.005)
        return [os.getpid()]

    made = shared(work, range(50), 1, 2)
    assert made.count(made[0]) < 25


def test_more_is_made_than_a_pipe_holds() -> None:
    made = shared(lambda some: ["x" * 100_000 for _ in some], range(60), 5, 3)
    assert made == ["x" * 100_000] * 60


@pytest.mark.parametrize("error", [OSError(28, "no space left"), ImportError("no such module"), MemoryError()])
def test_what_another_process_raises_is_raised_here(error: Exception) -> None:
    parent = os.getpid()

    def work(some: Sequence[int]) -> list[int]:
        if os.getpid() != parent:
            raise error
        time.sleep(0.01)
        return list(some)

    with pytest.raises(type(error)) as raised:
        shared(work, range(40), 1, 2)
    assert raised.value.args == error.args


def test_a_process_that_is_killed_is_a_lack_of_memory() -> None:
    parent = os.getpid()

    def work(some: Sequence[int]) -> list[int]:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.01)
        return list(some)

    with pytest.raises(MemoryError):
        shared(work, range(40), 1, 2)


def test_what_goes_wrong_here_ends_the_others_at_once() -> None:
    parent = os.getpid()

    def work(some: Sequence[int]) -> list[int]:
        if os.getpid() == parent:
            raise KeyboardInterrupt
        time.sleep(30)
        return list(some)

    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        shared(work, range(40), 1, 4)
    assert time.monotonic() - begun < 15
