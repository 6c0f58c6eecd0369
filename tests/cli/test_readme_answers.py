"""Commands that the README names in one line each do what they say."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest

from tests import readme

from .conftest import SAMPLES

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Run

README = readme.README.read_text(encoding="utf-8")
NEEDS = {"report": "vl_convert", "measure": "duckdb"}
"""What commands need that is not installed everywhere."""


def test_one_line_answers_of_the_readme_run(run: Run, tmp_path: Path) -> None:
    """All of the table, in order, in a folder with the files that they name."""
    for needed in NEEDS.values():
        pytest.importorskip(needed)
    shop = next(block for block in readme.blocks(README, "yaml") if block.startswith("# shop.yaml"))
    (tmp_path / "shop.yaml").write_text(shop, encoding="utf-8")
    for name, sample in {
        "deals.csv": "hubspot-crm-exports-all-deals.csv",
        "web.yaml": "web.yaml",
        "events.csv": "web_events.csv",
    }.items():
        (tmp_path / name).write_bytes((SAMPLES / sample).read_bytes())
    commands = re.findall(r"^\| [^|]+ \| `funnelcli ([^`]+)`", README, re.MULTILINE)
    assert len(commands) >= 13
    for command in commands:
        if command != "--install-completion":
            done = run(*shlex.split(command.replace("events.parquet", "events.csv")))
            assert done.code == 0, f"{command}\n{done.stderr}"
