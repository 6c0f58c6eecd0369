"""One outcome to one exit code, the same for every command: 3 > 2 > 1 > 0."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from .conftest import BROKEN, TARGET, UNEVEN, said

if TYPE_CHECKING:
    from .conftest import Files, Run

ANALYSES = {
    "show": "funnelcli.analyses.conversion:convert",
    "bottleneck": "funnelcli.analyses.bottleneck:find_bottleneck",
    "scenario": "funnelcli.analyses.scenario:project",
    "economics": "funnelcli.analyses.unit_economics:unit_economics",
    "levers": "funnelcli.analyses.sensitivity:pull",
}

pytestmark = pytest.mark.parametrize("command", list(ANALYSES))


def breaking(command: str) -> str:
    """Python that makes the analysis of a command fail as a defect would."""
    module, function = ANALYSES[command].split(":")
    return (
        f"import {module} as analysis\n"
        "def broken(*args, **named):\n    raise RuntimeError('broken on purpose')\n"
        f"analysis.{function} = broken"
    )


# 0: the report was printed


def test_a_sound_funnel_is_0(run: Run, files: Files, command: str) -> None:
    done = run(command, files("sound.yaml", TARGET))
    assert (done.code, done.stderr) == (0, "")
    assert "Target" in done.stdout


def test_a_warning_is_0(run: Run, files: Files, command: str) -> None:
    """A breakdown that does not add up is said on stderr, and the report is printed."""
    done = run(command, files("uneven.yaml", UNEVEN))
    assert done.code == 0
    assert "warning[FN301]" in done.stderr
    assert "Found 0 errors, " in done.stderr
    assert "Uneven" in done.stdout


def test_help_is_0(run: Run, command: str) -> None:
    assert run(command, "--help").code == 0


# 1: the files were read, and the verdict is no


def test_an_invalid_funnel_is_1(run: Run, files: Files, command: str) -> None:
    done = run(command, files("broken.yaml", BROKEN))
    assert done.code == 1
    assert done.stdout == ""
    assert "error[FN104]" in done.stderr
    assert done.stderr.endswith("Found 1 error, 0 warnings in 1 file (1 funnel).\n")


def test_json_of_nothing_but_invalid_funnels_is_still_json(run: Run, files: Files, command: str) -> None:
    done = run(command, files("broken.yaml", BROKEN), "--format", "json")
    assert done.code == 1
    assert done.json == {"schema_version": 2, "command": command, "funnels": []}


@pytest.mark.parametrize("format_name", ["table", "json", "csv", "markdown"])
def test_the_other_funnels_are_shown(run: Run, files: Files, command: str, format_name: str) -> None:
    """Of a broken document nothing at all is shown, of its neighbours everything."""
    path = files("both.yaml", f"{TARGET}---\n{BROKEN}---\n{TARGET.replace('Target', 'Third')}")
    done = run(command, path, "--format", format_name)
    assert done.code == 1
    assert "Target" in done.stdout
    assert "Third" in done.stdout
    assert "Broken" not in done.stdout
    assert "150" not in done.stdout


# 2: could not look


def test_a_missing_file_is_2(run: Run, command: str) -> None:
    done = run(command, "missing.yaml")
    assert (done.code, done.stdout) == (2, "")
    assert len(said(done.stderr)) == 1
    assert "missing.yaml" in done.stderr


def test_a_directory_is_2(run: Run, files: Files, command: str) -> None:
    done = run(command, files.folder)
    assert (done.code, done.stdout) == (2, "")
    assert len(said(done.stderr)) == 1


def test_a_file_in_a_file_is_2(run: Run, files: Files, command: str) -> None:
    done = run(command, files("sound.yaml", TARGET) / "inner.yaml")
    assert (done.code, done.stdout) == (2, "")
    assert len(said(done.stderr)) == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is unreadable here")
def test_an_unreadable_file_is_2(run: Run, files: Files, command: str) -> None:
    path = files("secret.yaml", TARGET)
    path.chmod(0)
    done = run(command, path)
    assert (done.code, done.stdout) == (2, "")
    assert len(said(done.stderr)) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        ["sound.yaml", "--bogus"],
        ["sound.yaml", "--format", "xml"],
        ["sound.yaml", "--color", "sometimes"],
        ["sound.yaml", "--output"],
        ["sound.yaml", "--funnel", "Nothing of the kind"],
        ["sound.yaml", "--stage", "Sent=1"],
        ["sound.yaml", "--average-check", "10"],
        ["--stage", "Sent=100"],
        ["--stage", "Sent=100", "--stage", "Paid=150"],
        ["--stage", "Sent", "--stage", "Paid=50"],
        [],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2(run: Run, files: Files, command: str, wrong: list[str]) -> None:
    files("sound.yaml", TARGET)
    done = run(command, *wrong)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_an_existing_output_is_2_and_stays(run: Run, files: Files, command: str) -> None:
    report = files("report.txt", "precious")
    done = run(command, files("sound.yaml", TARGET), "--output", report)
    assert (done.code, done.stdout) == (2, "")
    assert "--force" in done.stderr
    assert report.read_text() == "precious"


@pytest.mark.parametrize("target", ["nowhere/report.txt", "sound.yaml/report.txt", "."])
def test_an_unwritable_output_is_2(run: Run, files: Files, command: str, target: str) -> None:
    before = files("sound.yaml", TARGET)
    done = run(command, before, "--output", target, "--force")
    assert (done.code, done.stdout) == (2, "")
    assert len(said(done.stderr)) == 1
    assert [path.name for path in files.folder.iterdir()] == ["sound.yaml"]


def test_closed_standard_input_is_2(run: Run, command: str) -> None:
    if sys.platform == "win32":
        pytest.skip("a shell with <&- is needed")
    done = run(command, "-", preexec_fn=lambda: os.close(0))
    assert (done.code, done.stdout) == (2, "")
    assert len(said(done.stderr)) == 1


# 3: a defect


def test_a_defect_is_3_in_one_line(run: Run, files: Files, command: str) -> None:
    done = run(command, files("sound.yaml", TARGET), script=breaking(command))
    assert (done.code, done.stdout) == (3, "")
    assert len(said(done.stderr)) == 1
    assert "https://github.com/funnelcli/funnelcli/issues" in done.stderr
    assert "Traceback" not in done.stderr


def test_debug_shows_the_traceback_of_a_defect(run: Run, files: Files, command: str) -> None:
    done = run(command, files("sound.yaml", TARGET), "--debug", script=breaking(command))
    assert (done.code, done.stdout) == (3, "")
    assert "Traceback (most recent call last):" in done.stderr
    assert "RuntimeError: broken on purpose" in done.stderr
    assert "https://github.com/funnelcli/funnelcli/issues" in done.stderr


# mixtures: all inputs are processed, then the highest wins


def test_2_over_1_over_0(run: Run, files: Files, command: str) -> None:
    sound, broken = files("sound.yaml", TARGET), files("broken.yaml", BROKEN)
    both = run(command, sound, broken)
    assert both.code == 1
    assert "Target" in both.stdout
    everything = run(command, "missing.yaml", broken, sound)
    assert everything.code == 2
    assert "Target" in everything.stdout
    assert "missing.yaml" in everything.stderr
    assert "error[FN104]" in everything.stderr


def test_an_unknown_name_beside_a_known_one(run: Run, files: Files, command: str) -> None:
    done = run(command, files("sound.yaml", TARGET), "--funnel", "Target", "--funnel", "Tagret")
    assert done.code == 2
    assert "Target" in done.stdout
    assert 'did you mean "Target"?' in done.stderr


def test_3_over_2_and_1(run: Run, files: Files, command: str) -> None:
    arguments = ["missing.yaml", files("broken.yaml", BROKEN), files("sound.yaml", TARGET)]
    done = run(command, *arguments, script=breaking(command))
    assert (done.code, done.stdout) == (3, "")
    assert "missing.yaml" in done.stderr
    assert "error[FN104]" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_failed_write_over_an_invalid_funnel(run: Run, files: Files, command: str) -> None:
    arguments = [files("broken.yaml", BROKEN), files("sound.yaml", TARGET)]
    assert run(command, *arguments, "--output", "nowhere/report.txt").code == 2
