"""Files that cannot be read or written: what stands in the way is said, for every argument that names a file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from funnelcli.funnel_file.obstacles import obstacle

from .conftest import INVOICES

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Files, Run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links are needed")

MEASURED = INVOICES + "measure: {unit: u, time: t}\n"
READ = {
    "file": ["show", "{}"],
    "second file": ["check", "f.yaml", "{}"],
    "baseline of bottleneck": ["bottleneck", "f.yaml", "--baseline", "{}"],
    "baseline of check": ["check", "f.yaml", "--check", "conversion@Paid >= baseline", "--baseline", "{}"],
    "compared": ["compare", "f.yaml", "{}"],
    "report": ["report", "{}", "-o", "r.html"],
    "counts": ["import", "{}"],
    "events": ["measure", "m.yaml", "--from", "{}"],
    "measured": ["measure", "{}", "--from", "e.csv"],
    "updated": ["measure", "{}", "--from", "e.csv", "--update"],
}
"""Each argument that names a file to read."""
KINDS = {
    "gone.yaml": 'it is a link to "nowhere", which is missing',
    "far.yaml": 'it is a link to "nowhere", which is missing',  # by way of gone.yaml
    "circle.yaml": "it is a link that leads back to itself",
    "linked/x.yaml": '"linked" is a link to "nowhere", which is missing',
    "lacking/x.yaml": 'there is no folder "lacking"',
    "f.yaml/x.yaml": '"f.yaml" is a file and no folder',
}


@pytest.fixture
def folder(files: Files) -> Path:
    """Links that lead nowhere, to each other and to themselves, and what commands need beside them."""
    files("f.yaml", INVOICES)
    files("m.yaml", MEASURED)
    files("e.csv", "u,t\n1,2026-10-01\n")
    files("t.csv", "Visits,Sales\n10,2\n")
    for link, target in {"gone.yaml": "nowhere", "far.yaml": "gone.yaml", "circle.yaml": "round.yaml"}.items():
        (files.folder / link).symlink_to(target)
    (files.folder / "round.yaml").symlink_to("circle.yaml")
    (files.folder / "linked").symlink_to("nowhere")
    (files.folder / "folder").mkdir()
    return files.folder


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("path", KINDS)
@pytest.mark.parametrize("argument", READ)
def test_what_cannot_be_read_is_said_by_name(run: Run, argument: str, path: str) -> None:
    if argument == "events" and path.endswith("/x.yaml"):
        pytest.skip("there, a path may be a pattern")
    done = run(*(part.format(path) for part in READ[argument]))
    assert done.code == 2
    assert f'cannot read "{path}": {KINDS[path]}' in done.stderr
    assert f'did you mean "{path}"' not in done.stderr


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("path", ["circle.yaml", "linked/x.yaml", "lacking/x.yaml", "f.yaml/x.yaml", "folder"])
@pytest.mark.parametrize("command", [["show", "f.yaml"], ["init", "aida"], ["import", "t.csv"]], ids=str)
def test_what_cannot_be_written_is_said_by_name(run: Run, command: list[str], path: str) -> None:
    done = run(*command, "--output", path, "--format", "json") if command[0] == "show" else run(*command, "-o", path)
    assert done.code == 2
    assert f"cannot write {path}: {KINDS.get(path, 'it is a folder')}" in done.stderr
    assert "nothing was written" in done.stderr


def test_a_link_to_what_is_about_to_be_made_is_followed(run: Run, folder: Path) -> None:
    (folder / "report.txt").symlink_to("nowhere")
    done = run("show", "f.yaml", "--output", "report.txt")
    assert done.code == 0
    assert (folder / "report.txt").is_symlink()
    assert "Invoices" in (folder / "nowhere").read_text(encoding="utf-8")


def test_a_broken_link_among_many_files_is_no_file_less(run: Run, folder: Path) -> None:
    (folder / "f.csv").symlink_to("nowhere.csv")
    done = run("measure", "m.yaml", "--from", "*.csv")
    assert done.code == 2
    assert 'cannot read "f.csv": it is a link to "nowhere.csv", which is missing' in done.stderr


def test_a_file_without_rights() -> None:
    """The superuser, as whom tests may run, reads everything."""
    what, cure = obstacle("secret.yaml", PermissionError(13, "Permission denied", "secret.yaml"))
    assert (what, cure) == ("Permission denied", "check the path and its permissions")


def test_a_folder_is_named(run: Run, folder: Path) -> None:
    assert folder.is_dir()
    done = run("show", "folder")
    assert 'cannot read "folder": it is a folder\n  = help: name a file in it: folder/FILE' in done.stderr


@pytest.mark.parametrize(
    ("path", "help_"),
    [
        ("shop", 'did you mean "shop.yaml"?'),
        ("Shop.yml", 'did you mean "shop.yaml"?'),
        ("shpo.yaml", 'did you mean "shop.yaml"?'),
        ("shop.txt", 'did you mean "shop.yaml"?'),
        ("invoices.yaml", 'did you mean "2026/invoices.yaml"?'),
        ("gads.csv", 'did you mean "ads.csv"?'),
        ("other.yaml", "check the path; there are: b2b.yaml, shop.yaml"),
        ("x*.yaml", "check the name; there are: b2b.yaml, shop.yaml"),
        ("2026", "name a file in it: 2026/invoices.yaml"),
        (".", "name a file in it: ./FILE; there are: b2b.yaml, shop.yaml"),
    ],
)
def test_the_file_that_is_meant_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, help_: str
) -> None:
    (tmp_path / "2026").mkdir()
    for name in ("shop.yaml", "b2b.yaml", "ads.csv", "2026/invoices.yaml"):
        (tmp_path / name).write_text("")
    monkeypatch.chdir(tmp_path)
    error = IsADirectoryError() if (tmp_path / path).is_dir() else FileNotFoundError()
    assert obstacle(path, error)[1] == help_
