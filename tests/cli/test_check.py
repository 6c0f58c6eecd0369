"""`funnelcli check`: what it says, where, and how it ends, through real processes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from .conftest import command_line, environment, said

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Files, Run

SOUND = "name: Sound\nstages: {Sent: 100, Paid: 50}\n"
PASSING = f"{SOUND}checks: [conversion@Paid >= 45%]\n"
FAILING = f"{SOUND}checks:\n  - conversion@Paid >= 60%\n"
UNDECIDED = f"{SOUND}checks:\n  - conversion@Paid >= 45% with 95% confidence\n"
SUSPICIOUS = "name: Suspicious\naverage_check: 90\nstages: {Sent: 100, Paid: 50}\n"
INVALID = "name: Invalid\nstages: {Sent: 100, Paid: 150}\n"


# exit codes, row by row


def test_0_when_everything_passes(run: Run, files: Files) -> None:
    done = run("check", files("f.yaml", PASSING))
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.endswith(
        "Found 0 errors, 0 warnings in 1 file (1 funnel). 1 check: 1 passed, 0 failed, 0 undecided.\n"
    )


def test_a_clean_file_is_one_line(run: Run, files: Files) -> None:
    assert run("check", files("f.yaml", SOUND)).stdout == "Found 0 errors, 0 warnings in 1 file (1 funnel).\n"


@pytest.mark.parametrize(("text", "code"), [(SUSPICIOUS, "FN306"), (UNDECIDED, "FN402")], ids=["lint", "undecided"])
def test_warnings_are_0_and_1_under_strict(run: Run, files: Files, text: str, code: str) -> None:
    path = files("f.yaml", text)
    plain, strict = run("check", path), run("check", path, "--strict")
    assert (plain.code, strict.code) == (0, 1)
    assert plain.stdout == strict.stdout
    assert code in plain.stdout


@pytest.mark.parametrize(("text", "code"), [(INVALID, "FN104"), (FAILING, "FN401")], ids=["invalid", "failed check"])
def test_1_when_the_verdict_is_no(run: Run, files: Files, text: str, code: str) -> None:
    done = run("check", files("f.yaml", text))
    assert (done.code, done.stderr) == (1, "")
    assert code in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["missing.yaml"],
        ["empty_folder"],
        ["sound.yaml", "--bogus"],
        ["sound.yaml", "--format", "xml"],
        ["sound.yaml", "--output", ""],
        ["sound.yaml", "--output", "nowhere/r.txt"],
        ["sound.yaml", "--output", "json=nowhere/r.json"],
        ["sound.yaml", "--output", "sound.yaml", "--force"],
        ["sound.yaml", "--output", "old.txt"],
        ["sound.yaml", "--baseline", "missing.yaml"],
        ["sound.yaml", "--baseline", "sound.yaml", "--output", "json=sound.yaml", "--force"],
        ["sound.yaml", "--ignore", "FN104"],
        ["sound.yaml", "--only", "FN999"],
        ["sound.yaml", "--check", "sales"],
        ["sound.yaml", "--check", "count@Payd > 3"],
        ["sound.yaml", "--funnel", "Sond"],
        ["sound.yaml", "--average-check", "5"],
        ["-", "--baseline", "-"],
    ],
    ids=" ".join,
)
def test_2_when_it_could_not_look(run: Run, files: Files, arguments: list[str]) -> None:
    """Nothing to check is 2, never a silent 0; what is there already is left as it is."""
    sound = files("sound.yaml", SOUND)
    old = files("old.txt", "precious")
    (files.folder / "empty_folder").mkdir()
    done = run("check", *arguments)
    assert done.code == 2
    assert done.stderr
    assert "Traceback" not in done.stderr
    assert "--check" not in arguments or done.stdout.startswith("Found 1 error, ")  # as it is said
    assert (sound.read_text(), old.read_text()) == (SOUND, "precious")


BREAKING = (
    "import funnelcli.analyses.checks as analysis\n"
    "def broken(*args, **named):\n    raise RuntimeError('broken on purpose')\n"
    "analysis.figure = broken"
)


def test_3_for_a_defect(run: Run, files: Files) -> None:
    path = files("f.yaml", PASSING)
    done = run("check", path, script=BREAKING)
    assert (done.code, done.stdout, len(said(done.stderr))) == (3, "", 1)
    assert "Traceback" not in done.stderr
    assert "broken on purpose" in run("check", path, "--debug", script=BREAKING).stderr


def test_all_inputs_are_processed_then_the_highest_code_wins(run: Run, files: Files) -> None:
    invalid, failing, sound = files("a.yaml", INVALID), files("b.yaml", FAILING), files("c.yaml", PASSING)
    assert run("check", sound, invalid).code == 1
    done = run("check", "missing.yaml", invalid, failing, sound)
    assert done.code == 2
    assert "missing.yaml" in done.stderr
    assert "FN104" in done.stdout
    assert "FN401" in done.stdout
    assert "in 3 files (3 funnels). 2 checks: 1 passed, 1 failed, 0 undecided." in done.stdout
    assert run("check", "missing.yaml", invalid, sound, files("d.yaml", PASSING), script=BREAKING).code == 3


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX streams")
def test_a_closed_pipe_a_full_disk_and_a_closed_output(run: Run, files: Files) -> None:
    path = files("f.yaml", FAILING)
    reader, writer = os.pipe()
    os.close(reader)
    assert run("check", path, stdout=writer).code == 141
    os.close(writer)
    if os.path.exists("/dev/full"):
        with open("/dev/full", "wb") as full:
            done = run("check", path, stdout=full)
        assert (done.code, len(said(done.stderr))) == (2, 1)
    assert run("check", path, preexec_fn=lambda: os.close(1)).code == 2


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_an_interrupt_is_130_also_with_many_processes(files: Files) -> None:
    """Ctrl-C goes to the whole group, as from a terminal; no process says anything, nor is any file finished first."""
    folder = files.folder / "many"
    folder.mkdir()
    long = "---\n".join(SOUND for _ in range(1500))  # the first that each process gets would take half a minute
    for number in range(400):
        (folder / f"{number:03}.yaml").write_text(long if number < 100 else SOUND)
    started = subprocess.Popen(
        command_line("check", folder),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    time.sleep(1.0)
    os.killpg(started.pid, signal.SIGINT)
    _, stderr = started.communicate(timeout=20)
    assert (started.returncode, stderr) == (130, b"")


# what is found


def test_a_folder_of_a_thousand_funnels_with_ten_mistakes_shows_exactly_those(run: Run, files: Files) -> None:
    folder = files.folder / "funnels"
    (folder / "deeper" / "still").mkdir(parents=True)
    wrong = {
        7: ("stages: {Sent: 100, Paid: 150}", "FN104", 2),
        99: ("stages: {Sent: 100, Paid: 050}", "FN203", 2),
        100: ("stages: {Sent: 100}", "FN105", 2),
        250: ("stages: {Sent: 100, Paid: 50, Paid: 5}", "FN007", 2),
        333: ("stages: {Sent: 100, Paid: 50", "FN004", 2),
        500: ("curency: EUR\nstages: {Sent: 100, Paid: 50}", "FN101", 2),
        640: ("stages: {Sent: 100, Paid: 100}", "FN305", 2),
        700: ("stages: {Sent: 100, Paid: 50}\nchecks: [conversion@Paid > 50%]", "FN401", 3),
        888: ("average_check: 10\nstages: {Sent: 100, Paid: 50}", "FN306", 2),
        1000: ("stages: {Sent: 1 000, Paid: 50}", "FN206", 2),
    }
    expected = set()
    for number in range(1, 1001):
        text, code, line = wrong.get(number, ("stages: {Sent: 100, Paid: 50}", "", 0))
        place = folder / ("deeper/still" if number % 3 == 0 else "deeper" if number % 3 == 1 else "")
        path = place / f"{number:04d}{'.yml' if number % 2 else '.yaml'}"
        path.write_text(f"name: Funnel {number}\n{text}\n")
        if code:
            expected.add((str(path), code, line))
    done = run("check", folder, "--format", "json")
    assert done.code == 1
    found = [(each["file"], each["code"], each["line"]) for each in done.json["diagnostics"]]
    assert sorted(found) == sorted(expected)
    assert done.json["summary"] == {
        "files": 1000,
        "funnels": 1000,
        "errors": 8,
        "warnings": 2,
        "checks": 1,
        "checks_failed": 1,
        "checks_undecided": 0,
        "fixable": 4,
        "fixable_unsafe": 0,
    }


def test_one_process_and_many_find_the_same(run: Run, files: Files) -> None:
    folder = files.folder / "funnels"
    folder.mkdir()
    for number in range(320):
        (folder / f"{number:03d}.yaml").write_text([PASSING, FAILING, UNDECIDED, SUSPICIOUS, INVALID][number % 5])
    many = run("check", folder, "--format", "json")
    alone = run("check", folder, "--format", "json", script="import os\nos.cpu_count = lambda: 1")
    assert many.code == alone.code == 1
    assert many.stdout == alone.stdout
    assert many.json["summary"]["checks"] == 192


def test_folders_leave_hidden_and_other_files_alone(run: Run, files: Files) -> None:
    for name in ("b.yml", "a.yaml", "notes.txt", ".hidden.yaml"):
        files(name, SOUND)
    (files.folder / ".git").mkdir()
    files(".git/config.yaml", INVALID)
    done = run("check", ".", "--format", "json", cwd=files.folder)
    assert done.json["summary"]["files"] == 2
    assert run("check", ".", "a.yaml", "./a.yaml", cwd=files.folder).stdout.count("in 2 files") == 1


def test_each_check_is_one_line(run: Run, files: Files) -> None:
    limits = [
        "conversion@Paid >= 45%",
        "conversion@Paid >= 45% with 95% confidence",
        "count@Paid <= 40",
        "cost_per@Paid <= 100",
        "conversion@Paid >= baseline - 2pp",
    ]
    listed = "".join(f"  - {limit}\n" for limit in limits)
    done = run("check", files("f.yaml", f"{SOUND}checks:\n{listed}"))
    lines = [re.sub(r"  +", "|", line.strip()) for line in done.stdout.splitlines()]
    start = lines.index("Sound · " + str(files.folder / "f.yaml"))
    needs = "not sure yet; about 657 more would make it sure in 80% of cases"
    assert lines[start + 1 : start + 6] == [
        "passed|conversion@Paid >= 45%|50.0%|5 pp above the limit",
        f"undecided|{limits[1]}|50.0%, interval 40.4–59.6%|{needs} (FN402, line 5)",
        "failed|count@Paid <= 40|50|10 above the limit (FN401, line 6)",
        "failed|cost_per@Paid <= 100|n/a|the funnel has no budget (FN403, line 7)",
        "undecided|conversion@Paid >= baseline - 2pp|50.0%|it needs a baseline: add --baseline FILE (FN404, line 8)",
    ]


def test_limits_of_the_command_line_and_a_baseline(run: Run, files: Files) -> None:
    old = files("old.yaml", "name: Before\nstages: {Sent: 100, Paid: 53}\n")
    new = files("new.yaml", SOUND)
    limit = ("--check", "conversion@Paid >= baseline - 2pp")
    failed = run("check", new, "--baseline", old, *limit)
    assert failed.code == 1
    assert "50.0%  1 pp below the limit of 51.0%" in failed.stdout
    assert run("check", new, "--baseline", old, "--check", "conversion@Paid >= baseline - 3pp").code == 0
    assert run("check", new, *limit).code == 0
    assert run("check", new, *limit, "--strict").code == 1


def test_a_funnel_of_the_command_line_can_be_checked(run: Run) -> None:
    stages = ("--stage", "Calls=30", "--stage", "Sales=6")
    assert run("check", *stages, "--check", "conversion@Sales >= 20%").code == 0
    failed = run("check", *stages, "--check", "conversion@Sales > 20%", "--format", "json")
    assert failed.code == 1
    assert [(each["file"], each["actual"], each["limit"]) for each in failed.json["checks"]] == [(None, 0.2, 0.2)]


def test_only_and_ignore_choose_among_warnings(run: Run, files: Files) -> None:
    path = files("f.yaml", "average_check: 90\nstages: {Sent: 100, Paid: 100, Kept: 100}\n")

    def codes(*options: str) -> list[str]:
        return [each["code"] for each in run("check", path, "--format", "json", *options).json["diagnostics"]]

    assert codes() == ["FN306", "FN305", "FN305"]
    assert codes("--ignore", "FN306") == ["FN305", "FN305"]
    assert codes("--ignore", "fn306,FN305") == []
    assert codes("--ignore", "FN3") == []
    assert codes("--only", "FN306") == ["FN306"]
    assert run("check", path, "--strict", "--ignore", "FN3").code == 0
    undecided = files("u.yaml", UNDECIDED)
    assert run("check", undecided, "--strict", "--ignore", "FN402").code == 0


def test_comments_silence_warnings_and_unused_ones_are_said(run: Run, files: Files) -> None:
    text = "average_check: 90 # funnelcli: ignore[FN306]\nstages: {Sent: 100, Paid: 50} # funnelcli: ignore[FN305]\n"
    done = run("check", files("f.yaml", text), "--format", "concise")
    assert done.code == 0
    assert re.findall(r"f.yaml:(\S+): warning\[(\w+)\]", done.stdout) == [("2:51", "FN399")]
    assert run("show", files.folder / "f.yaml").stderr == ""


def test_standard_input_has_a_name(run: Run) -> None:
    done = run("check", "-", "--format", "concise", "--stdin-filename", "funnels/shop.yaml", stdin=INVALID)
    assert done.code == 1
    assert done.stdout.startswith("funnels/shop.yaml:2:27: error[FN104] ")


def test_a_funnel_can_be_chosen_by_name(run: Run, files: Files) -> None:
    path = files("f.yaml", f"{FAILING}---\n{PASSING.replace('Sound', 'Other')}")
    assert run("check", path).code == 1
    assert run("check", path, "--funnel", "Other").code == 0
    assert run("check", path, "--funnel", "Sound").code == 1


def test_several_outputs_at_once(run: Run, files: Files, tmp_path: Path) -> None:
    path = files("f.yaml", FAILING)
    done = run("check", path, "-o", "json=out.json", "-o", "concise=out.txt", "--format", "full")
    assert done.code == 1
    assert "failed  conversion@Paid >= 60%" in done.stdout
    assert json.loads((tmp_path / "out.json").read_text())["summary"]["checks_failed"] == 1
    assert "error[FN401]" in (tmp_path / "out.txt").read_text()
    done = run("check", path, "-o", "report.json", "-o", "concise=out.txt", "--force")
    assert (done.code, done.stdout) == (1, "")
    assert json.loads((tmp_path / "report.json").read_text())["command"] == "check"


def test_the_promised_keys(run: Run, files: Files) -> None:
    done = run("check", files("f.yaml", UNDECIDED), "--format", "json")
    assert list(done.json) == ["schema_version", "command", "summary", "diagnostics", "checks"]
    (diagnostic,) = done.json["diagnostics"]
    assert {"code", "severity", "message", "file", "line", "col", "end_line", "end_col", "path", "help"} <= set(
        diagnostic
    )
    assert (diagnostic["code"], diagnostic["severity"], diagnostic["line"], diagnostic["col"]) == (
        "FN402",
        "warning",
        4,
        5,
    )
    (check,) = done.json["checks"]
    assert {
        "file": str(files.folder / "f.yaml"),
        "funnel": "Sound",
        "check": "conversion@Paid >= 45% with 95% confidence",
        "selector": "conversion@Paid",
        "operator": ">=",
        "limit": 0.45,
        "actual": 0.5,
        "passed": None,
        "reason": "the interval contains the limit",
        "units_needed": 657,
    }.items() <= check.items()
    assert " ".join(check) == (
        "file funnel document check selector operator limit confidence actual distance low high units_needed passed"
        " code reason every_look left_out now usual line col"
    )


def test_narrow_terminals_get_two_lines_a_check(run: Run, files: Files) -> None:
    """A line that does not fit is folded between words, never cut."""
    script = (
        "import funnelcli.cli.destination as destination\n"
        "from funnelcli.output.formats import Canvas\n"
        "destination.canvas = lambda output: Canvas(60)"
    )
    done = run("check", files("f.yaml", UNDECIDED), "--color", "never", script=script)
    lines = done.stdout.splitlines()
    assert "  undecided  conversion@Paid >= 45% with 95% confidence" in lines
    assert "             50.0%, interval 40.4–59.6%: not sure yet; about" in lines
    assert max(len(line) for line in lines if not line.startswith(("Found", "Sound"))) <= 60


NEAR = """stages: [{name: A, count: 10000}, {name: B, count: 4496, average_check: 1, target: 45%}]
checks: [conversion@B >= 45%, conversion@B >= baseline, revenue > 4495.999, conversion@B < 44.961%]
"""


def test_a_verdict_is_not_contradicted_by_its_figure(run: Run, files: Files) -> None:
    """44.96% fails 45% and is not shown as 45.0% beside it; nor 44.96% beside a baseline of 44.97%."""
    path, before = files("near.yaml", NEAR), files("before.yaml", "stages: {A: 10000, B: 4497}\n")
    for name in ("full", "concise", "markdown", "junit", "github"):
        shown = run("check", path, "--baseline", before, "--format", name).stdout
        assert "44.96%" in shown
        assert "limit of 44.97%" in shown
        assert "45.0%" not in shown
    sentence = run("bottleneck", path).stdout
    assert "44.96%" in sentence
    assert "45.0%" in sentence  # the target itself, in the table
    assert sentence.count("45.0%") == 1
