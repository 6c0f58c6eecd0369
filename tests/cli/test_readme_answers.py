"""Commands that the README names in one line each do what they say."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest

from tests import readme

from .conftest import SAMPLES

if TYPE_CHECKING:
    from .conftest import Repository, Run

README = readme.README.read_text(encoding="utf-8")
NEEDS = {"report": "vl_convert", "measure": "duckdb"}
"""What commands need that is not installed everywhere."""


def test_one_line_answers_of_the_readme_run(run: Run, git_repository: Repository) -> None:
    """All of the table, in order, in a repository with the files that they name."""
    for needed in NEEDS.values():
        pytest.importorskip(needed)
    shop = next(block for block in readme.blocks(README, "yaml") if block.startswith("# shop.yaml"))
    for day, paid in (("2026-09-30", "360"), ("2026-10-31", "377")):
        git_repository.write("shop.yaml", shop.replace("count: 377", f"count: {paid}"))
        git_repository.commit(f"Figures of {day}", day)
    for name, sample in {
        "deals.csv": "hubspot-crm-exports-all-deals.csv",
        "web.yaml": "web.yaml",
        "events.csv": "web_events.csv",
    }.items():
        git_repository.write(name, (SAMPLES / sample).read_bytes())
    commands = re.findall(r"^\| [^|]+ \| `funnelcli ([^`]+)`", README, re.MULTILINE)
    assert len(commands) >= 13
    for command in commands:
        if command != "--install-completion":
            line = shlex.split(command.replace("events.parquet", "events.csv"))
            done = run(*line, cwd=git_repository.folder)
            assert done.code == 0, f"{command}\n{done.stderr}"
