"""The package as others get it: a wheel, installed elsewhere."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from typing import TYPE_CHECKING

import pytest

import funnelcli
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the project."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_carries_what_the_program_needs_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    package = {path.relative_to(ROOT).as_posix() for path in (ROOT / "funnelcli").rglob("*.py")}
    templates = {path.relative_to(ROOT).as_posix() for path in (ROOT / "funnelcli/reading/templates").glob("*.yaml")}
    pages = (ROOT / "funnelcli/rendering/reports/templates").iterdir()
    templates |= {path.relative_to(ROOT).as_posix() for path in pages}
    assert templates
    assert package | templates | {"funnelcli/py.typed"} == {name for name in names if ".dist-info/" not in name}
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
