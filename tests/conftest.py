"""What tests of every layer share."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import suppress
from importlib import import_module
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from funnelcli.funnel_file.reader import read
from tests import thorough

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.model import Funnel

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "sample_funnels"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Without it, a part of the searches and of the large tables runs, which holds every kind of case."""
    parser.addoption("--thorough", action="store_true", help="run all of the searches and of the large tables of cases")


def pytest_configure(config: pytest.Config) -> None:
    """A shell's job in the background ignores Ctrl-C, and all that it starts, unless what is between does not."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.getoption("--thorough"):
        thorough.ask()
    # how fast a machine is decides nothing
    tries = thorough.whole_or_part(100, 40)
    too_slow = [HealthCheck.too_slow]
    settings.register_profile("unhurried", max_examples=tries, deadline=None, suppress_health_check=too_slow)
    settings.load_profile("unhurried")


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Each of the processes that run everything begins with other files, and reads what another has prepared.

    To show what an assertion was about, pytest rewrites it, which takes longer than all else that is done with a file.
    """
    worker = getattr(session.config, "workerinput", None)
    if worker is None or [Path(each).resolve() for each in session.config.args] != [ROOT / "tests"]:
        return
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    begin = len(files) * int(worker["workerid"].removeprefix("gw")) // worker["workercount"]
    for path in files[begin:] + files[:begin]:
        with suppress(Exception, pytest.skip.Exception):  # the same is said when the file's turn comes
            import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that no process waits for it in the end; one of them makes the wheel."""
    items.sort(key=lambda item: not (item.get_closest_marker("slow") or "wheel" in getattr(item, "fixturenames", ())))


@pytest.fixture(scope="session")
def sample() -> Callable[..., Funnel]:
    """A funnel of `sample_funnels/` by its file's stem; `document` counts from 0."""

    def load(stem: str, document: int = 0) -> Funnel:
        path = SAMPLES / f"{stem}.yaml"
        reading = read(path.read_bytes(), path.name)
        assert reading.diagnostics == ()
        return reading.funnels[document]

    return load


@pytest.fixture(scope="session")
def funnel() -> Callable[[str], Funnel]:
    """A funnel from YAML text that must be sound."""

    def load(text: str) -> Funnel:
        reading = read(text.encode(), "test.yaml")
        assert [each.problem for each in reading.diagnostics] == []
        return reading.funnels[0]

    return load


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the project."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def package_index(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skips what installs packages where their index cannot be reached."""
    folder = str(tmp_path_factory.mktemp("reached"))
    reach = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, "hatchling"]
    if subprocess.run(reach, capture_output=True, check=False).returncode:
        pytest.skip("the package index cannot be reached")


@pytest.fixture(scope="session")
def tried_versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The versions of all packages in this environment, as constraints of another."""
    found = {each.metadata["Name"]: each.version for each in distributions()}
    path = tmp_path_factory.mktemp("versions") / "constraints.txt"
    path.write_text("".join(f"{name}=={found[name]}\n" for name in found if name != "funnelcli"), encoding="utf-8")
    return path
