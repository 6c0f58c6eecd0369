"""`explain`: codes in any case, every format, and ways out of what cannot be explained."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from funnelcli.diagnostics import RETIRED
from funnelcli.docs import Explanation, codes, explanation
from funnelcli.output.explanations import text
from funnelcli.output.formats import Canvas

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Files, Run

KEYS = ["code", "severity", "title", "cause", "example", "cure", "fixed"]


def test_a_code_is_explained_on_standard_output(run: Run) -> None:
    done = run("explain", "FN104")
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.startswith("FN104 · a count above the one it comes from\n\n")
    assert "\n    stages: {Visits: 900, Signups: 1200}\n" in done.stdout
    assert "\n    stages: {Visits: 1200, Signups: 900}\n" in done.stdout
    assert "\x1b" not in done.stdout


def test_codes_come_in_the_order_asked_for_once_and_in_any_case(run: Run) -> None:
    done = run("explain", "fn210", "Fn104", "FN210", "--format", "json")
    assert done.code == 0
    assert [each["code"] for each in done.json["codes"]] == ["FN210", "FN104"]


def test_json_keeps_its_contract(run: Run) -> None:
    done = run("explain", "FN104", "FN302", "FN402", "--format", "json")
    assert list(done.json) == ["schema_version", "command", "codes"]
    assert (done.json["schema_version"], done.json["command"]) == (2, "explain")
    assert all(list(each) == KEYS for each in done.json["codes"])
    assert [each["severity"] for each in done.json["codes"]] == ["error", "warning", "warning"]
    assert [each["title"] for each in done.json["codes"]] == [
        "a count above the one it comes from", "a funnel without scenarios", "a check that is undecided"
    ]  # fmt: skip


def test_all_is_every_code_in_order(run: Run) -> None:
    done = run("explain", "--all", "--format", "json")
    assert (done.code, done.stderr) == (0, "")
    assert [each["code"] for each in done.json["codes"]] == list(codes())


def test_all_as_markdown_has_a_heading_for_every_code(run: Run) -> None:
    headings = [line for line in run("explain", "--all", "-f", "markdown").stdout.splitlines() if line[:3] == "## "]
    assert headings == [f"## {each.code} · {each.title}" for each in map(explanation, codes()) if each]


def test_an_example_of_json_is_refused_by_the_reader_with_its_code(run: Run) -> None:
    """What a user copies from an explanation shows the very message that was asked about."""
    (said,) = run("explain", "FN104", "--format", "json").json["codes"]
    refused = run("show", "-", stdin=said["example"])
    assert refused.code == 1
    assert "error[FN104]" in refused.stderr
    assert run("show", "-", stdin=said["fixed"]).code == 0


# what cannot be explained


def test_an_unknown_code_is_2_with_the_nearest_one(run: Run) -> None:
    done = run("explain", "FN1O4")
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr == 'funnelcli: error: there is no code "FN1O4"\n  = help: did you mean "FN104"?\n'


def test_a_retired_code_leads_to_what_took_its_place(run: Run, files: Files) -> None:
    """Codes are promises: a pipeline that names one goes on working."""
    sound = files("sound.yaml", "stages: {Leads: 100, Sales: 20}  # funnelcli: ignore[FN309]\n")
    for code, successor in RETIRED.items():
        assert code not in codes()
        done = run("explain", code.lower())
        assert (done.code, done.stderr) == (0, f"funnelcli: {code} has become {successor}\n")
        assert done.stdout == run("explain", successor).stdout
        assert run("check", sound, "--ignore", code).code == 0
        assert f"{code} has become {successor}" in run("check", sound).stdout


def test_a_code_unlike_all_others_is_sent_to_the_list(run: Run) -> None:
    done = run("explain", "conversion")
    assert (done.code, done.stdout) == (2, "")
    assert "funnelcli help codes" in done.stderr


def test_the_known_codes_are_explained_beside_an_unknown_one(run: Run) -> None:
    done = run("explain", "FN104", "FN999")
    assert done.code == 2
    assert done.stdout.startswith("FN104 ")
    assert '"FN999"' in done.stderr


@pytest.mark.parametrize("args", [(), ("--format", "json")])
def test_nothing_to_explain_is_2_with_a_way_out(run: Run, args: tuple[str, ...]) -> None:
    done = run("explain", *args)
    assert (done.code, done.stdout) == (2, "")
    assert "no code is given" in done.stderr
    assert "--all" in done.stderr


def test_all_together_with_codes_is_2(run: Run) -> None:
    done = run("explain", "FN104", "--all")
    assert (done.code, done.stdout) == (2, "")
    assert "--all" in done.stderr


def test_control_characters_of_a_code_are_shown(run: Run) -> None:
    done = run("explain", "FN104\x1b[31m")
    assert done.code == 2
    assert "\x1b" not in done.stderr


# where it goes


@pytest.mark.parametrize(
    ("name", "start"),
    [("codes.txt", "FN104 · "), ("codes.md", "## FN104 · "), ("codes.json", '{"schema_version": 2, ')],
)
def test_the_ending_of_the_output_chooses_the_format(run: Run, tmp_path: Path, name: str, start: str) -> None:
    done = run("explain", "FN104", "-o", name)
    assert (done.code, done.stdout, done.stderr.count("\n")) == (0, "", 1)
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)


def test_a_file_is_overwritten_only_with_force(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "codes.md"
    path.write_text("mine", encoding="utf-8")
    done = run("explain", "FN104", "-o", path)
    assert done.code == 2
    assert "--force" in done.stderr
    assert path.read_text(encoding="utf-8") == "mine"
    assert run("explain", "FN104", "-o", path, "--force").code == 0
    assert path.read_text(encoding="utf-8").startswith("## FN104")


@pytest.mark.skipif(os.name != "posix", reason="POSIX pipes are needed")
def test_a_closed_pipe_ends_quietly(run: Run) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = run("explain", "--all", stdout=writer)
    finally:
        os.close(writer)
    assert (done.code, done.stderr) == (141, "")


def test_an_encoding_without_the_dot_gets_a_hyphen() -> None:
    found = [Explanation("FN104", "error", "a count", "", "", "", "")]
    assert text(found, Canvas(encoding="ascii")).startswith("FN104 - a count")


def test_only_the_title_is_bold(run: Run) -> None:
    done = run("explain", "FN104", "--color", "always")
    assert done.stdout.startswith("\x1b[1mFN104 · a count above the one it comes from\x1b[0m\n")
    assert done.stdout.count("\x1b") == 2


def test_help_opens_with_examples(run: Run) -> None:
    done = run("explain", "-h")
    assert done.code == 0
    assert "funnelcli explain FN104\n" in done.stdout


def test_only_needed_modules_are_loaded(run: Run) -> None:
    """One code loads its own family, and neither Rich nor a YAML reader."""
    script = (
        "import sys, os\n"
        "leave = os._exit\n"
        "def report(code):\n"
        "    loaded = {'rich', 'yaml', 'funnelcli.docs.yaml', 'funnelcli.lint'} & set(sys.modules)\n"
        "    sys.stderr.write(repr(sorted(loaded)))\n    sys.stderr.flush()\n    leave(code)\n"
        "os._exit = report"
    )
    assert run("explain", "FN104", script=script).stderr == "[]"
