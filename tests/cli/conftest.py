"""Processes of the command line, with pipes or on a pseudo-terminal."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.cli.forking import forks

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLES = Path(__file__).resolve().parents[2] / "sample_funnels"

INVOICES = "name: Invoices\naverage_check: 10000\nstages: {Invoice sent: 100, Paid: 50}\n"
"""The smallest funnel with money: 50% of 100 invoices are paid, 500,000 in all."""
TARGET = """\
name: Target
stages:
- {name: Sent, count: 100}
- {name: Paid, count: 50, target: 60%}
scenarios: {Up: {conversion@Paid: 60%}}
"""
"""A funnel for which every command has something to say."""
BROKEN = "name: Broken\nstages: {Sent: 100, Paid: 150}\nscenarios: {Up: {conversion@Paid: 60%}}\n"
"""More paid than sent: an error."""
UNEVEN = TARGET.replace("Target", "Uneven") + "breakdowns: {channel: {Ads: [60, 30], Search: [30, 20]}}\n"
"""A breakdown that adds up to 90 of 100: a warning."""

SETTINGS = (
    "GITHUB_ACTIONS",
    "GITHUB_STEP_SUMMARY",
    "GITHUB_WORKSPACE",
    "CI_PROJECT_DIR",
    "NO_COLOR",
    "FUNNELCLI_CONFIG",
    "FORCE_COLOR",
    "COLUMNS",
    "LINES",
    "PYTHONIOENCODING",
    "PYTHONUTF8",
    "PYTHONUNBUFFERED",
    "TTY_COMPATIBLE",
    "GITHUB_ACTIONS",
    "PYTHONDONTWRITEBYTECODE",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_WORK_TREE",
)
"""Variables of the surroundings that change what is printed."""


@dataclass(frozen=True)
class Outcome:
    """What a finished process left."""

    code: int
    out: bytes
    err: bytes

    @property
    def stdout(self) -> str:
        """Standard output as text; not UTF-8 is an error."""
        return self.out.decode("utf-8")

    @property
    def stderr(self) -> str:
        """Standard error as text; not UTF-8 is an error."""
        return self.err.decode("utf-8")

    @property
    def json(self) -> Any:
        """Standard output as strict JSON: NaN and infinities are errors."""
        return json.loads(self.stdout, parse_constant=_refuse)

    @property
    def funnels(self) -> list[dict[str, Any]]:
        """The funnels of a JSON report."""
        funnels: list[dict[str, Any]] = self.json["funnels"]
        return funnels


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


_BYTE_CODE = tempfile.TemporaryDirectory(prefix="funnelcli-tests-") if sys.dont_write_bytecode else None
"""Byte code of the processes, compiled once, where none is to be written beside the source."""


_OF_THE_INTERPRETER = re.compile("PYTHON(?!IOENCODING)|LC_|LANG|HOME|PATH")
"""How the names of variables begin that are read before the program is loaded."""
_STREAMS = {"stdin": 0, "stdout": 1, "stderr": 2}


class Run(Protocol):
    """Starts the program and waits for it: forked, or from the beginning where Python's own start matters."""

    def __call__(
        self,
        *args: str | Path,
        stdin: str | bytes | None = None,
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
        script: str | None = None,
        **popen: Any,
    ) -> Outcome:
        """`script` is Python that runs before the program starts, in its process; `popen` goes to `subprocess.run`."""
        ...


def environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """The variables of a process: those here, without what changes the look of the output."""
    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return kept | ({"PYTHONPYCACHEPREFIX": _BYTE_CODE.name} if _BYTE_CODE else {}) | (extra or {})


def begins_anew(variables: dict[str, str] | None) -> bool:
    """Whether variables matter before the program is loaded, so that a process has to start from the beginning."""
    return any(map(_OF_THE_INTERPRETER.match, variables or {}))


def command_line(*args: str | Path, script: str | None = None) -> list[str]:
    """The program's command line, or one that runs a script in its process first."""
    if script is None:
        return [sys.executable, "-m", "funnelcli", *map(str, args)]
    return [sys.executable, "-c", f"{script}\nfrom funnelcli.__main__ import main\nmain()", *map(str, args)]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the program in an empty folder, with pipes around it."""

    def start(
        *args: str | Path,
        stdin: str | bytes | None = None,
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
        script: str | None = None,
        **popen: Any,
    ) -> Outcome:
        given = stdin.encode() if isinstance(stdin, str) else stdin or b""
        streams = {
            _STREAMS[name]: opened if isinstance(opened, int) else opened.fileno()
            for name, opened in popen.items()
            if name in _STREAMS and opened not in (None, subprocess.PIPE, subprocess.STDOUT, subprocess.DEVNULL)
        }
        variables = environment(env)
        fresh = script is not None or len(streams) < len(popen) or begins_anew(env)
        loaded = None if fresh else forks(list(map(str, args)))
        if loaded is not None:
            with loaded.started(list(map(str, args)), variables, cwd or tmp_path, given, streams) as finish:
                return Outcome(*finish())
        if stdin is not None:
            popen["input"] = given
        elif "stdin" not in popen:
            popen["stdin"] = subprocess.DEVNULL
        done = subprocess.run(
            command_line(*args, script=script),
            env=variables,
            cwd=cwd or tmp_path,
            check=False,
            timeout=60,
            **({"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | popen),
        )
        return Outcome(done.returncode, done.stdout or b"", done.stderr or b"")

    return start


@dataclass(frozen=True)
class Files:
    """Funnel files in a folder of their own."""

    folder: Path

    def __call__(self, name: str, text: str) -> Path:
        """Write a file and give its path."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A writer of funnel files."""
    return Files(tmp_path)


@dataclass(frozen=True)
class Repository:
    """A repository of git in a folder of its own, whose author and clock are always the same."""

    folder: Path

    def git(self, *args: str, env: dict[str, str] | None = None) -> str:
        """Run git there; what it fails at is an error."""
        variables = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"} | (env or {})
        done = subprocess.run(
            [
                "git",
                "-c",
                "user.name=Ann",
                "-c",
                "user.email=ann@example.com",
                "-c",
                "protocol.file.allow=always",
                *args,
            ],
            cwd=self.folder,
            env=variables,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def write(self, name: str, text: str | bytes) -> Path:
        """Write a file below the top, byte by byte."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def commit(self, title: str = "Change", day: str = "2026-10-01") -> str:
        """Commit all that is there; the hash. The day is the author's."""
        moment = f"{day}T12:00:00+00:00"
        self.git("add", "--all")
        self.git(
            "commit",
            "--allow-empty",
            "-m",
            title,
            env={"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment},
        )
        return self.git("rev-parse", "HEAD")


def begun(folder: Path) -> Repository:
    """A repository without a commit, whose branch is `main`; git is skipped where it is not installed."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    made = Repository(folder)
    made.git("init", "--initial-branch=main")
    return made


@pytest.fixture
def git_repository(tmp_path: Path) -> Iterator[Repository]:
    """One that has just begun."""
    folder = tmp_path / "repository"
    folder.mkdir()
    yield begun(folder)
    from funnelcli.cli.repository import reading

    reading.close()  # what tests have read within this process


def said(stderr: str) -> list[str]:
    """Lines of standard error without the ways out that stand below them."""
    return [line for line in stderr.splitlines() if not line.lstrip().startswith("= help:")]
