"""The README is true: its examples print what it says, its tables are those of the program."""

from __future__ import annotations

import contextlib
import io
import tomllib
from typing import TYPE_CHECKING

import pytest

from funnelcli.cli.app import COMMANDS
from funnelcli.funnel_file.reader import read
from tests import readme

if TYPE_CHECKING:
    from pathlib import Path

TEXT = readme.README.read_text(encoding="utf-8")


@pytest.mark.parametrize("block", readme.console_blocks(TEXT), ids=lambda block: readme.commands(block)[0][:60])
def test_examples_print_what_the_readme_shows(block: str) -> None:
    assert readme.answered(block) == block


def test_there_are_examples_of_every_command() -> None:
    shown = [command for block in readme.console_blocks(TEXT) for command in readme.commands(block)]
    for name in COMMANDS:
        assert any(f"funnelcli {name} " in command for command in shown), name


def test_key_tables_are_those_of_the_program() -> None:
    assert readme.keys(TEXT) == readme.key_tables()


def test_the_table_of_metrics_is_that_of_the_program() -> None:
    assert readme.metrics(TEXT) == readme.metrics_table()


@pytest.mark.parametrize("block", readme.yaml_blocks(TEXT))
def test_yaml_of_the_readme_is_sound(block: str) -> None:
    """Whole funnels as they stand; parts of one under stages that fit."""
    whole = block if "stages:" in block else f"stages: {{Calls: 30, Decision maker: 10}}\n{block}"
    assert [each.problem for each in read(whole.encode(), "readme.yaml").diagnostics] == []


def test_python_of_the_readme_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(readme.ROOT)
    for block in readme.python_blocks(TEXT):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(block, "README.md", "exec"), {})
        expected = [line.partition("# ")[2] for line in block.splitlines() if "print(" in line]
        assert said.getvalue().split() == expected


def test_extras_named_in_the_readme_exist() -> None:
    project: dict[str, dict[str, object]] = tomllib.loads((readme.ROOT / "pyproject.toml").read_text())["project"]
    assert ".[test]" in TEXT
    assert "test" in project["optional-dependencies"]


@pytest.mark.parametrize("path", sorted((readme.ROOT / "sample_funnels").glob("*.yaml")), ids=lambda path: path.stem)
def test_samples_open_with_what_they_are_for(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("# ")


def test_pictures_are_those_of_the_program(tmp_path: Path) -> None:
    """The words of each; where they stand depends on the fonts of the machine."""
    pytest.importorskip("vl_convert")
    import subprocess
    import sys
    from xml.etree import ElementTree

    for name, arguments in {
        "funnel": ["sample_funnels/context_ads.yaml"],
        "waterfall": ["sample_funnels/periods.yaml", "--chart", "waterfall"],
    }.items():
        made = tmp_path / f"{name}.svg"
        command = [sys.executable, "-m", "funnelcli", "report", *arguments, "-o", str(made)]
        subprocess.run(command, cwd=readme.ROOT, check=True)
        kept = readme.ROOT / ".github" / "pictures" / f"{name}.svg"
        words = [list(ElementTree.parse(path).getroot().itertext()) for path in (made, kept)]
        assert words[0] == words[1]
        assert f".github/pictures/{name}.svg" in TEXT
