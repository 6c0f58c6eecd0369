"""The package as others get it: a wheel, installed elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import warnings
import zipfile
from typing import TYPE_CHECKING

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import funnelcli
from funnelcli.cli.manual import man_pages
from funnelcli.docs import codes
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONSTRAINTS = (ROOT / ".github/constraints.txt").read_text(encoding="utf-8")


def test_the_wheel_carries_what_the_program_needs_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    files = [path for path in (ROOT / "funnelcli").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    needed = {path.relative_to(ROOT).as_posix() for path in files}
    data = ["counts_table/words.toml", "py.typed", *(f"docs/codes/{code}.md" for code in codes())]
    assert needed.issuperset(f"funnelcli/{name}" for name in data)
    assert needed == {name for name in names if ".dist-info/" not in name and ".data/" not in name}
    shared = {name.partition(".data/data/")[2] for name in names if ".data/" in name}
    assert shared == {f"share/man/man1/{name}.1" for name in man_pages.names()}
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_wheel_works_where_it_is_installed(wheel: Path, tmp_path: Path) -> None:
    """Installed into a folder of its own and run from another one, on a funnel that is not in the checkout."""
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    (tmp_path / "f.yaml").write_text("stages: {A: 10, B: 5}\n", encoding="utf-8")
    code = (
        f"import sys; sys.path.insert(0, {str(site)!r})\n"
        "sys.argv = ['funnelcli', 'show', 'f.yaml', '--format', 'csv']\n"
        "import funnelcli; assert funnelcli.__file__.startswith(sys.path[0]), funnelcli.__file__\n"
        "from funnelcli.__main__ import main; main()"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    assert "f.yaml,1,f,B,A,5,0.5" in result.stdout


# What others release


def pinned() -> dict[str, set[str]]:
    """The versions of each package that were tried; some differ by the version of Python."""
    found: dict[str, set[str]] = {}
    for line in CONSTRAINTS.splitlines():
        if not line.startswith("#"):
            name, version = line.partition(" ;")[0].split("==")
            found.setdefault(name, set()).add(version)
    return found


def test_the_constraints_name_a_version_of_all_that_the_extras_ask_for() -> None:
    lists = (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    asked = [Requirement(each) for listed in lists for each in listed]
    names = {canonicalize_name(each.name): each for each in asked if each.name != "funnelcli"}
    assert {name for name in names if name not in pinned()} == set()
    for name, requirement in names.items():
        assert all(requirement.specifier.contains(version) for version in pinned()[name]), name


def test_the_constraints_come_from_the_tool_by_the_command_that_is_documented_and_from_any_index() -> None:
    said = re.search(r"uv pip compile .*", CONSTRAINTS)
    assert said is not None
    guide = (ROOT / ".github/CONTRIBUTING.md").read_text(encoding="utf-8")
    assert said[0] in guide.replace("--upgrade ", "")
    assert not re.search(r"(?m)^[^#].*[/@]|://|^-", CONSTRAINTS)


def test_the_tests_take_the_tried_versions_and_users_what_the_project_asks_for() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    setup, tests = re.findall(r"<!-- run: (?:setup|tests) -->\n```sh\n(.*)\n```", readme)
    assert " --constraint .github/constraints.txt " in tests  # which .ci/run --newest leaves out
    assert tests.rpartition(" && ")[2].startswith(".venv/bin/python -m pytest ")  # what lint and types run beside
    assert "constraint" not in setup


def test_every_python_of_the_classifiers_is_tried_and_each_week_the_newest_versions() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/checks.yml").read_text(encoding="utf-8"))
    pythons = [each.rpartition(" ")[2] for each in PROJECT["classifiers"] if " :: 3." in each]
    assert workflow["jobs"]["checks"]["strategy"]["matrix"]["python"] == pythons
    assert pythons[0] == PROJECT["requires-python"].removeprefix(">=")
    assert workflow[True]["schedule"]  # YAML 1.1 reads the key `on` so
    assert "--newest" in workflow["jobs"]["checks"]["steps"][-1]["run"]


@pytest.mark.parametrize("kind", [DeprecationWarning, PendingDeprecationWarning, FutureWarning, SyntaxWarning])
def test_only_what_we_use_ourselves_may_not_be_about_to_go(kind: type[Warning]) -> None:
    """A release of a package that warns of itself fails no test; what it warns us of does."""
    with warnings.catch_warnings(record=True) as said:  # keeps the filters, unlike pytest.warns
        warnings.warn_explicit("gone soon", kind, "another.py", 1, module="another.package")
    assert len(said) == 1
    for module in ("funnelcli.model", "tests.test_package"):
        with pytest.raises(kind, match="soon"):
            warnings.warn_explicit("gone soon", kind, "ours.py", 1, module=module)


def test_version_is_the_same_everywhere() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "funnelcli", "--version"], capture_output=True, text=True, check=True
    )
    assert result.stdout == f"funnelcli {funnelcli.__version__}\n"


def test_core_dependencies_are_three() -> None:
    assert [name.split(">")[0] for name in PROJECT["dependencies"]] == ["typer", "rich", "pyyaml"]


def test_the_python_api_is_what_it_promises() -> None:
    for name in funnelcli.__all__:
        assert callable(getattr(funnelcli, name))
    with pytest.raises(AttributeError, match="no attribute 'shout'"):
        _ = funnelcli.shout  # type: ignore[attr-defined]
