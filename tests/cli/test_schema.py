"""`funnelcli schema`: the schema to standard output or into a file that is not overwritten by accident."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from funnelcli.funnel_file.json_schema import json_schema

from .conftest import said

if TYPE_CHECKING:
    from .conftest import Run


def test_the_schema_is_printed_as_indented_json(run: Run) -> None:
    done = run("schema")
    assert (done.code, done.stderr) == (0, "")
    assert done.json == json_schema()
    assert done.stdout.startswith('{\n  "$schema": "http://json-schema.org/draft-07/schema#",\n')
    assert done.out.endswith(b"\n}\n")


def test_text_is_written_as_it_is_in_utf_8(run: Run) -> None:
    done = run("schema")
    period = done.json["properties"]["breakdowns"]["description"]
    assert not period.isascii()
    assert period.encode() in done.out


def test_output_writes_the_same_into_a_file_and_prints_nothing(run: Run, tmp_path: Path) -> None:
    done = run("schema", "-o", "funnel.schema.json")
    assert (done.code, done.out) == (0, b"")
    assert done.err.startswith(b"funnelcli: wrote funnel.schema.json (")
    assert [path.name for path in tmp_path.iterdir()] == ["funnel.schema.json"]
    assert (tmp_path / "funnel.schema.json").read_bytes() == run("schema").out


def test_an_existing_file_is_kept_without_force(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "funnel.schema.json"
    path.write_text("mine", encoding="utf-8")
    done = run("schema", "--output", path)
    assert (done.code, done.stdout) == (2, "")
    assert len(said(done.stderr)) == 1
    assert "--force" in done.stderr
    assert path.read_text(encoding="utf-8") == "mine"
    assert run("schema", "--output", path, "--force").code == 0
    assert json.loads(path.read_text(encoding="utf-8")) == json_schema()


@pytest.mark.parametrize(
    "wrong", [["--output", "missing/funnel.schema.json"], ["--output", ""], ["funnel.yaml"], ["--bogus"]]
)
def test_what_cannot_be_done_is_2_and_writes_nothing(run: Run, tmp_path: Path, wrong: list[str]) -> None:
    done = run("schema", *wrong)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32" or not Path("/dev/full").exists(), reason="/dev/full is needed")
def test_a_full_disk_is_one_line_and_2(run: Run) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = run("schema", stdout=full)
    assert done.code == 2
    assert len(said(done.stderr)) == 1


def test_help_opens_with_examples_and_says_how_an_editor_finds_the_schema(run: Run) -> None:
    done = run("schema", "--help")
    assert done.code == 0
    assert done.stdout.index("funnelcli schema -o funnel.schema.json") < done.stdout.index("Options:")
    told = run("help", "schema").stdout
    for named in (run("schema").json["$id"], "funnel.schema.json"):
        assert f"# yaml-language-server: $schema={named}\n" in told
