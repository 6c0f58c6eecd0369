"""The program in a process of its own, forked from one that has loaded it: start-up is most of a short process.

Run as a script, it reads requests from standard input, a line of JSON each, and answers each with an exit code.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60
"""A process that takes longer is stopped, and its exit code is negative."""


class Forks:
    """A loaded program, and processes forked from it."""

    def __init__(self) -> None:
        self.server = subprocess.Popen(
            [sys.executable, __file__], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        atexit.register(self.close)

    def close(self) -> None:
        """End the loaded program."""
        self.server.kill()
        self.server.communicate()

    def __call__(
        self, arguments: list[str], stdin: bytes, environment: dict[str, str], cwd: Path
    ) -> tuple[int, bytes, bytes]:
        """Exit code, standard output and standard error of the program."""
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        with tempfile.TemporaryDirectory(prefix="funnelcli-tests-") as box:
            (Path(box) / "in").write_bytes(stdin)
            request = {"arguments": arguments, "environment": environment, "cwd": str(cwd), "box": box}
            self.server.stdin.write(json.dumps(request).encode() + b"\n")
            self.server.stdin.flush()
            code = int(self.server.stdout.readline())
            return code, (Path(box) / "out").read_bytes(), (Path(box) / "err").read_bytes()


@cache
def forks() -> Forks | None:
    """The loaded program of this test process; `None` where processes cannot be forked."""
    return Forks() if hasattr(os, "fork") else None


def _load() -> None:
    import funnelcli

    for module in pkgutil.walk_packages(funnelcli.__path__, "funnelcli."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in ("typer.main", "yaml", "rich.console", "rich.table", "duckdb"):
        with suppress(ImportError):
            importlib.import_module(name)


def _become(request: dict[str, Any]) -> None:
    """Be the program: its streams, its surroundings, its arguments."""
    signal.alarm(SECONDS)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["cwd"])
    for number, name, flags in ((0, "in", os.O_RDONLY), (1, "out", os.O_WRONLY), (2, "err", os.O_WRONLY)):
        os.dup2(os.open(os.path.join(request["box"], name), flags | os.O_CREAT), number)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
    sys.argv = ["funnelcli", *request["arguments"]]
    from funnelcli.__main__ import main

    main()


def _serve() -> None:
    sys.path.insert(0, str(ROOT))
    _load()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        process = os.fork()
        if not process:
            try:
                _become(request)
            finally:
                os._exit(99)
        _, status = os.waitpid(process, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
