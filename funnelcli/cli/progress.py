"""Waiting for a long query: how far it is, on a terminal, and an end to it with Ctrl-C."""

from __future__ import annotations

import sys
from contextlib import contextmanager, suppress
from signal import SIGINT, signal
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PATIENCE = 1.0
"""Seconds before progress is shown."""
_CLEAR = "\r\x1b[K"


def run(connection: Any, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run a query of the embedded engine to its end, in a thread of its own so that signals are heard."""
    rows: list[tuple[Any, ...]] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            rows.extend(connection.execute(query, list(values)).fetchall())
        except BaseException as error:  # raised again by the one who waits
            failed.append(error)
        finally:
            done.set()

    done = Event()  # a thread that is joined when Ctrl-C comes may be taken for finished
    worker = Thread(target=work, daemon=True)
    started = monotonic()
    shown = False
    try:
        worker.start()
        done.wait(0.05)
        while not done.wait(0.2 if monotonic() - started > PATIENCE else 0.01):
            shown = _show(connection, monotonic() - started) or shown
    except (KeyboardInterrupt, SystemExit):  # Ctrl-C, or told to stop
        before = signal(SIGINT, lambda *_: None)  # a second one would leave the query to run
        while worker.ident is not None and not done.wait(0.1):
            connection.interrupt()  # again, should the query only now have begun
        signal(SIGINT, before)
        raise
    finally:
        if shown:
            _write(_CLEAR)
    if failed:
        raise failed[0]
    return rows


@contextmanager
def elsewhere() -> Iterator[None]:
    """While a database elsewhere works, which does not say how far it is."""
    done = Event()
    started = monotonic()

    def tick() -> None:
        shown = False
        while not done.wait(0.2):
            shown = _show(None, monotonic() - started) or shown
        if shown:
            _write(_CLEAR)

    ticking = Thread(target=tick, daemon=True)
    ticking.start()
    try:
        yield
    finally:
        done.set()
        ticking.join()


def _show(connection: Any, seconds: float) -> bool:
    """Say on a terminal how far the query is."""
    if seconds < PATIENCE or sys.stderr is None or not sys.stderr.isatty():
        return False
    done = 0 if connection is None else connection.query_progress()
    far = f" {done:.0f}%" if done > 0 else ""
    _write(f"{_CLEAR}counting events{far}, {seconds:.0f} s")
    return True


def _write(text: str) -> None:
    with suppress(OSError):  # a terminal that was closed
        sys.stderr.write(text)
        sys.stderr.flush()
