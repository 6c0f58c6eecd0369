"""The manual as a site: every page of it is there, and every link of it leads somewhere."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from funnelcli.cli.app import COMMANDS
from funnelcli.docs import codes, pages
from tests.conftest import ROOT
from tests.test_readme import headings

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = ROOT / ".github/site.py"


@pytest.fixture(scope="module")
def site() -> Any:
    """The script as a module."""
    described = importlib.util.spec_from_file_location("site_script", SCRIPT)
    assert described
    assert described.loader
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def made(site: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pages and the configuration."""
    folder: Path = tmp_path_factory.mktemp("site")
    assert site.main([str(folder), "--pages"]) == 0
    return folder


def test_every_page_is_written_and_in_the_navigation(made: Path) -> None:
    project = tomllib.loads((made / "zensical.toml").read_text(encoding="utf-8"))["project"]
    listed = [path for part in project["nav"] for paths in part.values() for path in paths]
    written = {path.relative_to(made / "docs").as_posix() for path in (made / "docs").rglob("*.md")}
    assert sorted(listed) == sorted(written)
    assert {f"commands/{name}.md" for name in COMMANDS} <= written
    assert {f"codes/{code}.md" for code in codes()} <= written
    assert {page.path for page in pages.pages()} <= written
    assert len([path for path in listed if path.startswith("reference/")]) >= 5


def test_no_mark_of_a_table_is_left(made: Path) -> None:
    for path in (made / "docs").rglob("*.md"):
        assert "<!-- table" not in path.read_text(encoding="utf-8"), path.name


def test_links_of_the_site_lead_somewhere(made: Path) -> None:
    """As they stand in the site: pictures lie in it, and the rest of the repository is where that is published."""
    for path in (made / "docs").rglob("*.md"):
        prose = re.sub(r"^```.*?^```$|`[^`\n]*`", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        for link in re.findall(r"\]\(([^)\s]+)\)", prose):
            if re.match("https?://", link):
                continue
            name, _, anchor = link.partition("#")
            target = (path.parent / name).resolve() if name else path
            assert target.is_file(), f"{path.name}: {link}"
            assert target.is_relative_to(made / "docs"), f"{path.name}: {link}"
            assert not anchor or anchor in headings(target.read_text(encoding="utf-8")), f"{path.name}: {link}"


def test_links_out_of_the_manual_lead_to_the_repository(site: Any) -> None:
    text = "[s](../../../sample_funnels) ![p](../../../.github/pictures/funnel.svg) [g](goal.md)"
    assert site.outward(text, "guides/x.md") == (
        f"[s]({site.REPOSITORY}sample_funnels) ![p](../pictures/funnel.svg) [g](goal.md)"
    )


def test_a_broken_link_fails_the_build(site: Any, tmp_path: Path) -> None:
    pytest.importorskip("zensical")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("# One\n\n[two](two.md)\n", encoding="utf-8")
    (tmp_path / "zensical.toml").write_text(site.configuration({"Manual": ["index.md"]}), encoding="utf-8")
    build = [sys.executable, "-m", "zensical", "build", "--strict"]
    assert subprocess.run(build, cwd=tmp_path, capture_output=True, check=False).returncode == 1
    (tmp_path / "docs/two.md").write_text("# Two\n", encoding="utf-8")
    assert subprocess.run(build, cwd=tmp_path, capture_output=True, check=False).returncode == 0


def test_the_workflow_builds_with_the_extra_that_exists() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/site.yml").read_text(encoding="utf-8"))
    steps = [step["run"] for step in workflow["jobs"]["build"]["steps"] if "run" in step]
    assert any(".[docs]" in step for step in steps)
    assert any("python .github/site.py " in step for step in steps)
    assert workflow["jobs"]["publish"]["needs"] == "build"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert any(each.startswith("zensical") for each in project["optional-dependencies"]["docs"])
