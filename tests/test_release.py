"""The release: its version, its tag, what is built, and the forms of the repository."""

from __future__ import annotations

import re
import tomllib
import zipfile
from datetime import date
from email import message_from_bytes
from typing import TYPE_CHECKING

import pytest

import funnelcli
from funnelcli.docs.releases import CHANGELOG, releases
from tests.conftest import ROOT
from tests.release import notes

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_version_is_the_newest_of_the_changelog_for_the_program_and_for_the_build() -> None:
    source = PROJECT["tool"]["hatch"]["version"]
    text = (ROOT / source["path"]).read_text(encoding="utf-8")
    built = re.search(source["pattern"], text, re.MULTILINE)  # as hatch searches
    assert built is not None
    assert built["version"] == releases()[0].version == funnelcli.__version__
    assert (ROOT / source["path"]).samefile(CHANGELOG)


def test_the_changelog_has_every_version_once_from_the_newest_to_the_first() -> None:
    text = (ROOT / "funnelcli/docs/changelog.md").read_text(encoding="utf-8")
    headings = re.findall(r"(?m)^## (.*)$", text)
    known = releases()
    assert headings == ["Unreleased", *(f"{each.version} — {each.date}" for each in known)]
    numbers = [tuple(map(int, each.version.split("."))) for each in known]
    assert numbers == sorted(set(numbers), reverse=True)
    days = [date.fromisoformat(each.date) for each in known]
    assert days == sorted(days, reverse=True)
    assert all(each.changes for each in known)


def test_a_tag_that_is_not_the_newest_version_is_no_release() -> None:
    newest, *before = releases()
    assert notes(f"v{newest.version}") == newest.changes
    for tag in (newest.version, f"v{newest.version}rc1", "v9.9.9", "main", *(f"v{each.version}" for each in before)):
        with pytest.raises(ValueError, match=re.escape(f"the tag is {tag}, and the newest version")):
            notes(tag)


def test_texts_name_the_newest_version() -> None:
    """What a reader copies into a workflow is not a version of last year."""
    places = ("README.md", ".pre-commit-hooks.yaml", ".github/actions/check/action.yml", "funnelcli/docs/**/*.md")
    newest = releases()[0].version
    for place in places:
        text = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob(place))
        found = set(re.findall(r"(?:@v|rev: v|funnelcli==)(\d+\.\d+\.\d+)", text))
        assert found == {newest} or (place == "README.md" and not found), place


def test_the_wheel_says_what_the_project_is(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    metadata = message_from_bytes(archive.read(name))
    project = PROJECT["project"]
    assert (metadata["Name"], metadata["Version"]) == ("funnelcli", funnelcli.__version__)
    assert wheel.name == f"funnelcli-{funnelcli.__version__}-py3-none-any.whl"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload(decode=True) == (ROOT / "README.md").read_bytes()
    assert set(project["urls"]) >= {"Documentation", "Changelog", "Source", "Issues"}
    assert {line.partition(", ")[0] for line in metadata.get_all("Project-URL", [])} == set(project["urls"])
    assert metadata["License-Expression"] == "MIT"
    assert metadata.get_all("Classifier") == sorted(project["classifiers"])
    entry = archive.read(name.replace("METADATA", "entry_points.txt")).decode()
    assert entry.split() == ["[console_scripts]", "funnelcli", "=", "funnelcli.__main__:main"]
