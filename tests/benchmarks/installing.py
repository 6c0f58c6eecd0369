"""A fresh virtual environment with the project's wheel in it, as a user would have it."""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from measuring import call

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
_NAIVE_PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "naive"
version = "1"

[project.scripts]
naive = "naive:app"

[tool.hatch.build.targets.wheel]
include = ["naive.py"]
"""


class Installed(NamedTuple):
    """The environment: its folder of programs, its interpreter, and a folder for files of the script's own."""

    programs: Path
    python: str
    work: Path

    def program(self, name: str) -> str:
        """The path of an installed program."""
        return str(self.programs / name)


@contextmanager
def installed(*requirements: str) -> Iterator[Installed]:
    """The project as a built wheel, `naive.py` as a package of its own, and more requirements, removed afterwards.

    pip compiles the byte code of all of them and writes the same kind of launcher for both programs.
    """
    with tempfile.TemporaryDirectory(prefix="funnelcli-benchmark-") as name:
        folder = Path(name)
        call([sys.executable, "-m", "venv", str(folder / "venv")])
        programs = folder / "venv" / "bin"
        python = str(programs / "python")
        naive = folder / "naive"
        naive.mkdir()
        (naive / "pyproject.toml").write_text(_NAIVE_PROJECT, encoding="utf-8")
        (naive / "naive.py").write_bytes(Path(__file__).with_name("naive.py").read_bytes())
        pip = [python, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        call([*pip, "wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT), str(naive)])
        call([*pip, "install", *map(str, sorted(folder.glob("*.whl"))), *requirements])
        work = folder / "work"
        work.mkdir()
        yield Installed(programs, python, work)
