"""The program in a process of its own, forked from one that has loaded it: start-up is most of a short process.

Run as a script, it is sent folders by a socket, its standard input: each has a request as JSON in it, and with it may
come open streams that the process is to have. It answers with the exit code, a line each.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60
"""A process that takes longer is stopped, and its exit code is negative."""
HEAVY = ("ibis", "sqlglot")
"""What few processes need: each page of memory of a loaded program makes every fork of it dearer."""


class Forks:
    """A loaded program, and processes forked from it, one after another."""

    def __init__(self, without: Sequence[str]) -> None:
        self.socket, theirs = socket.socketpair()
        command = [sys.executable, __file__, *without]
        self.server = subprocess.Popen(command, cwd=ROOT, stdin=theirs, stdout=subprocess.PIPE)
        theirs.close()
        atexit.register(self.close)

    def close(self) -> None:
        """End the loaded program."""
        self.server.kill()
        self.server.communicate()
        self.socket.close()

    @contextmanager
    def started(
        self,
        arguments: Sequence[str],
        environment: dict[str, str],
        cwd: Path,
        stdin: bytes = b"",
        streams: dict[int, int] | None = None,
    ) -> Iterator[Callable[[], tuple[int, bytes, bytes]]]:
        """The program, running; what comes is called to wait for its exit code, standard output and standard error.

        `streams` are open descriptors that it is to have, by the number: 0, 1 or 2.
        """
        assert self.server.stdout is not None
        answers = self.server.stdout
        given = streams or {}
        with tempfile.TemporaryDirectory(prefix="funnelcli-tests-") as name:
            box = Path(name)
            for stream, content in (("in", stdin), ("out", b""), ("err", b"")):
                (box / stream).write_bytes(content)
            request = {"arguments": arguments, "environment": environment, "cwd": str(cwd), "streams": list(given)}
            (box / "request").write_text(json.dumps(request), encoding="utf-8")
            socket.send_fds(self.socket, [f"{name}\n".encode()], list(given.values()))

            def finish() -> tuple[int, bytes, bytes]:
                return int(answers.readline()), (box / "out").read_bytes(), (box / "err").read_bytes()

            yield finish


def forks(arguments: Sequence[str] = ()) -> Forks | None:
    """The loaded program of this test process, with what the arguments need; `None` where nothing can be forked."""
    if not hasattr(os, "fork"):
        return None
    needed = any("://" in each or each in ("--sql", "--dbt") for each in arguments)
    return _loaded(() if needed else HEAVY)


@cache
def _loaded(without: Sequence[str]) -> Forks:
    return Forks(without)


def _load(without: Sequence[str]) -> None:
    import funnelcli

    sys.modules.update(dict.fromkeys(without))  # an import of one fails, and so does that of what imports it
    for module in pkgutil.walk_packages(funnelcli.__path__, "funnelcli."):
        try:
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
        except ImportError as error:
            if (error.name or "").partition(".")[0] not in without:
                raise
    for name in ("typer.main", "typer._click.decorators", "yaml", "rich.console", "rich.table", "rich.cells", "duckdb"):
        with suppress(ImportError):
            importlib.import_module(name)
    if "rich.cells" in sys.modules:
        sys.modules["rich.cells"].cell_len("é")  # loads the widths of characters
    for name in without:
        del sys.modules[name]
    from funnelcli.counts_table.recipes import recipes

    recipes()  # which an import reads once
    for name in ("jinja2", "concurrent.futures"):
        with suppress(ImportError):
            importlib.import_module(name)


def _become(box: str, given: list[int]) -> None:
    """Be the program: its streams, its surroundings, its arguments."""
    with open(os.path.join(box, "request"), encoding="utf-8") as file:
        request: dict[str, Any] = json.load(file)
    signal.alarm(SECONDS)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["cwd"])
    opened = dict(zip(request["streams"], given, strict=True))
    for number, name, flags in ((0, "in", os.O_RDONLY), (1, "out", os.O_WRONLY), (2, "err", os.O_WRONLY)):
        os.dup2(opened[number] if number in opened else os.open(os.path.join(box, name), flags), number)
    encoding, _, errors = os.environ.get("PYTHONIOENCODING", "utf-8").partition(":")
    sys.stdin = os.fdopen(0, encoding=encoding, errors=errors or None, closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding=encoding, errors=errors or None, closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding=encoding, errors="backslashreplace", closefd=False)
    sys.argv = ["funnelcli", *request["arguments"]]
    from funnelcli.__main__ import main

    main()


def _serve() -> None:
    sys.path.insert(0, str(ROOT))
    _load(sys.argv[1:])
    with socket.socket(fileno=os.dup(0)) as requests:
        while True:
            message, given, _, _ = socket.recv_fds(requests, 4096, 3)
            if not message:
                return
            process = os.fork()
            if not process:
                try:
                    _become(message.decode().strip(), given)
                finally:
                    os._exit(99)
            for stream in given:
                os.close(stream)
            _, status = os.waitpid(process, 0)
            sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    _serve()
