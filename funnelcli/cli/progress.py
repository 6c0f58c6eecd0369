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
    try:
        with shown(connection):
            worker.start()
            while not done.wait(0.1):  # without a limit, Windows would not hear Ctrl-C
                pass
    except (KeyboardInterrupt, SystemExit):  # Ctrl-C, or told to stop
        before = signal(SIGINT, lambda *_: None)  # a second one would leave the query to run
        while worker.ident is not None and not done.wait(0.1):
            connection.interrupt()  # again, should the query only now have begun
        signal(SIGINT, before)
        raise
    if failed:
        raise failed[0]
    return rows


@contextmanager
def shown(connection: Any = None) -> Iterator[None]:
    """While events are counted, how long it takes; of a connection of the embedded engine, also how far it is."""
    done = Event()
    started = monotonic()

    def tick() -> None:
        written = False
        while not done.wait(0.2):
            seconds = monotonic() - started
            if seconds >= PATIENCE and sys.stderr is not None and sys.stderr.isatty():
                share = 0 if connection is None else connection.query_progress()
                _write(f"{_CLEAR}counting events{f' {share:.0f}%' if share > 0 else ''}, {seconds:.0f} s")
                written = True
        if written:
            _write(_CLEAR)

    ticking = Thread(target=tick, daemon=True)
    ticking.start()
    try:
        yield
    finally:
        done.set()
        ticking.join()


def _write(text: str) -> None:
    with suppress(OSError):  # a terminal that was closed
        sys.stderr.write(text)
        sys.stderr.flush()
