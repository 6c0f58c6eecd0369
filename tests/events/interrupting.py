"""Ctrl-C while a server counts, as tests of several servers ask for it."""

from __future__ import annotations

import signal
import subprocess
import sys
from time import monotonic, sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def interrupted(folder: Path, server: str, active: Callable[[], int]) -> None:
    """Interrupt `measure` of `funnel.yaml` in a folder once its query is `active`, which it must not be for long then.

    The server is told to stop, and does so when it looks.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "funnelcli", "measure", "funnel.yaml", "--from", server],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder,
    )  # fmt: skip
    until = monotonic() + 30
    while not active():
        assert process.poll() is None, process.communicate()
        assert monotonic() < until
        sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, b""), said
    until = monotonic() + 2
    while active():
        assert monotonic() < until
        sleep(0.01)
