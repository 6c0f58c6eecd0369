"""Extras in a clean environment: what is installed with one is all that its promise takes."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import Distribution, distribution, distributions
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT
from tests.events import mariadb
from tests.events.postgres import connected, is_running, schema_of_its_own
from tests.test_package import PROJECT
from tests.thorough import weekly

if TYPE_CHECKING:
    from pathlib import Path

FUNNEL = """\
measure: {table: events, unit: unit, time: time}
stages: [{name: Visit, when: {event: visit}}, {name: Paid, when: {event: paid}}]
"""
EVENTS = [
    (unit, f"2026-10-01 10:00:0{step}", event)
    for unit, events in enumerate((("visit", "paid"), ("visit",), ("visit", "paid"), ("visit",)))
    for step, event in enumerate(events)
]
"""Four visits, two of which end in a payment."""


def write_files(folder: Path) -> None:
    """A funnel to measure, its events, and one that is counted."""
    for name, text in {
        "funnel.yaml": FUNNEL,
        "counted.yaml": "stages: {Visit: 4, Paid: 2}\n",
        "events.csv": "unit,time,event\n" + "".join(f"{unit},{time},{event}\n" for unit, time, event in EVENTS),
    }.items():
        (folder / name).write_text(text, encoding="utf-8")


class Environment(NamedTuple):
    """A virtual environment with the wheel and one extra, and a folder to work in."""

    python: str
    folder: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The installed program."""
        return self.call("-m", "funnelcli", *arguments)

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Its Python, which sees nothing of this one."""
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
        return subprocess.run(
            [self.python, "-I", *arguments], cwd=self.folder, env=env, capture_output=True, text=True, check=False
        )


def nothing(there: Environment) -> None:
    """Without any extra, the commands of reading and showing, and one line for each that needs more."""
    assert ",Paid,Visit,2,0.5," in there.run("show", "counted.yaml", "--format", "csv").stdout
    refused = there.run("report", "counted.yaml", "-o", "r.html")
    assert (refused.returncode, "funnelcli[report]" in refused.stderr) == (2, True)


def events(there: Environment) -> None:
    measured = there.run("measure", "funnel.yaml", "--from", "events.csv", "--format", "csv")
    assert ",Paid,Visit,2,0.5," in measured.stdout, measured.stderr
    assert there.run("measure", "funnel.yaml", "--from", "events.csv", "--update").returncode == 0
    assert "count: 2" in (there.folder / "funnel.yaml").read_text(encoding="utf-8")


def warehouse(there: Environment) -> None:
    """Ibis comes without a driver, and says of which it knows nothing."""
    assert there.call("-c", "import ibis, sqlglot, packaging; ibis.postgres").stderr.count("No module named") > 0
    refused = there.run("measure", "funnel.yaml", "--from", "snowflake://root@127.0.0.1:1/test")
    assert refused.returncode == 2
    assert "No module named 'pyarrow'" in refused.stderr
    assert 'pip install "funnelcli[warehouse]" "ibis-framework[snowflake]"' in refused.stderr
    for url, extra in (("postgres://h/d", "postgres"), ("mysql://h/d", "mysql"), ("mariadb://h/d", "mysql")):
        assert f'pip install "funnelcli[{extra}]"' in there.run("measure", "funnel.yaml", "--from", url).stderr


def postgres(there: Environment) -> None:
    refused = there.run("measure", "funnel.yaml", "--from", "postgres://somebody@127.0.0.1:1/test")
    assert refused.returncode == 2
    assert "connect" in refused.stderr
    assert "dependencies" not in refused.stderr
    if not is_running():
        return
    with schema_of_its_own() as url, connected(url) as connection:
        connection.execute("CREATE TABLE events (unit int, time timestamptz, event text)")
        connection.cursor().executemany("INSERT INTO events VALUES (%s, %s, %s)", EVENTS)
        measured = there.run("measure", "funnel.yaml", "--from", url, "--format", "csv")
    assert ",Paid,Visit,2,0.5," in measured.stdout, measured.stderr


def mysql(there: Environment) -> None:
    refused = there.run("measure", "funnel.yaml", "--from", "mysql://somebody@127.0.0.1:1/test")
    assert refused.returncode == 2
    assert "connect" in refused.stderr
    assert "dependencies" not in refused.stderr
    with suppress(pytest.skip.Exception), mariadb.database_of_its_own() as url, mariadb.connected(url) as connection:
        connection.cursor().execute("CREATE TABLE events (unit int, time timestamp NULL, event text)")
        connection.cursor().executemany("INSERT INTO events VALUES (%s, %s, %s)", EVENTS)
        measured = there.run("measure", "funnel.yaml", "--from", url, "--format", "csv")
        assert ",Paid,Visit,2,0.5," in measured.stdout, measured.stderr


def remote(there: Environment) -> None:
    """Events of the web; what a bucket is asked through is there."""
    serving = partial(SimpleHTTPRequestHandler, directory=str(there.folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), serving) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/events.csv"
        measured = there.run("measure", "funnel.yaml", "--from", address, "--format", "csv")
        server.shutdown()
    assert ",Paid,Visit,2,0.5," in measured.stdout, measured.stderr
    assert there.call("-c", "import s3fs").returncode == 0


def report(there: Environment) -> None:
    for name, start in (("r.html", b"<!doctype html"), ("r.svg", b"<svg"), ("r.png", b"\x89PNG")):
        done = there.run("report", "counted.yaml", "-o", name)
        assert done.returncode == 0, done.stderr
        assert (there.folder / name).read_bytes()[:20].lower().startswith(start.lower())


def excel(there: Environment) -> None:
    done = there.run("report", "counted.yaml", "-o", "r.xlsx")
    assert done.returncode == 0, done.stderr
    assert (there.folder / "r.xlsx").read_bytes().startswith(b"PK")
    assert there.call("-c", "import python_calamine").returncode == 0


PROMISES = {"": nothing} | {each.__name__: each for each in (events, warehouse, postgres, mysql, remote, report, excel)}


def test_each_extra_is_tried() -> None:
    """But that of the tests, which they run in, and those of benchmarks and the site, which they lack."""
    assert set(PROMISES) - {""} == set(PROJECT["optional-dependencies"]) - {"test", "benchmark", "docs"}


def brought(site: Path, extra: str) -> dict[str, Distribution]:
    """What the wheel in a folder asks for with an extra, and what that asks for, as they are installed here."""
    (own,) = distributions(path=[str(site)])
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    asked = [("funnelcli", ""), ("funnelcli", extra)]
    while asked:
        name, with_extra = asked.pop()
        if (name, with_extra) in seen:
            continue
        seen.add((name, with_extra))
        found[name] = own if name == "funnelcli" else distribution(name)
        for requirement in map(Requirement, found[name].requires or ()):
            if requirement.marker is None or requirement.marker.evaluate({"extra": with_extra}):
                asked += [(canonicalize_name(requirement.name), more) for more in ("", *requirement.extras)]
    del found["funnelcli"]
    return found


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what is in the wheel; it is compiled once."""
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder)
    return folder


@pytest.mark.parametrize(
    "extra",
    [each if each in ("", "events", "report") else pytest.param(each, marks=weekly) for each in PROMISES],
)
def test_an_extra_brings_all_that_it_takes(extra: str, unpacked: Path, tmp_path: Path) -> None:
    """The wheel, and of the packages of this environment those that it asks for with the extra, and no others."""
    place = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True, capture_output=True)
    python = str(place / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    (site,) = place.rglob("site-packages")
    for top in unpacked.iterdir():
        (site / top.name).symlink_to(top)
    for name, package in brought(site, extra).items():
        tops = {file.parts[0] for file in package.files or () if file.parts[0] not in ("..", "__pycache__")}
        assert tops, name
        for top in tops:
            if not (site / top).exists():
                (site / top).symlink_to(str(package.locate_file(top)))
    write_files(tmp_path)
    PROMISES[extra](Environment(python, tmp_path))


@pytest.mark.parametrize(
    ("package", "command"),
    [
        ("vl_convert", ["report", "counted.yaml", "-o", "r.png"]),
        ("jinja2", ["report", "counted.yaml", "-o", "r.html"]),
        ("xlsxwriter", ["report", "counted.yaml", "-o", "r.xlsx"]),
        ("duckdb", ["measure", "funnel.yaml", "--from", "events.csv"]),
        ("yaml", ["show", "counted.yaml"]),
    ],
)
def test_a_package_that_is_there_and_does_not_load_is_no_defect(
    package: str, command: list[str], tmp_path: Path
) -> None:
    write_files(tmp_path)
    (tmp_path / f"{package}.py").write_text("raise ImportError('libm.so.6: cannot open shared object file')\n")
    env = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    done = subprocess.run(
        [sys.executable, "-m", "funnelcli", *command],
        cwd=tmp_path, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    first, second = done.stderr.splitlines()
    assert first == "funnelcli: error: a package does not load: libm.so.6: cannot open shared object file"
    assert second.startswith("  = help: install it again: pip install ")
