"""`funnelcli check --fix`: what it writes, what it leaves alone, what it says, and how it ends."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from funnelcli.cli.manual import tables
from tests.thorough import whole_or_part

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Files, Run

BAD = "# October\nnmae: Shop  # ours\n\nstages:\n  Visits: 12,400\n  Paid: 377\n"
GOOD = "# October\nname: Shop  # ours\n\nstages:\n  Visits: 12400\n  Paid: 377\n"
DOUBTED = "name: Doubted\nstages:\n  Visits: 100\n  Paid: ~20\n"
SOUND = "name: Sound\nstages: {Visits: 100, Paid: 20}\n"


def test_what_is_mended_is_written_and_said_and_the_rest_reported(run: Run, files: Files) -> None:
    path = files("shop.yaml", BAD)
    done = run("check", "shop.yaml", "--fix")
    assert path.read_text() == GOOD
    assert done.code == 0
    assert done.stdout == "Found 0 errors, 0 warnings in 1 file (1 funnel).\n"
    assert done.stderr.splitlines() == [
        "shop.yaml:2: nmae: -> name:",
        "shop.yaml:5: 12,400 -> 12400",
        "Mended 2 problems in 1 file.",
    ]


def test_the_exit_code_is_that_of_what_is_left(run: Run, files: Files) -> None:
    files("shop.yaml", BAD.replace("377", "tbd"))
    done = run("check", "shop.yaml", "--fix")
    assert done.code == 1
    assert "Found 1 error" in done.stdout
    assert "Mended 2 problems" in done.stderr


def test_without_fix_what_is_fixable_is_marked_and_counted(run: Run, files: Files) -> None:
    files("shop.yaml", BAD)
    files("doubted.yaml", DOUBTED)
    done = run("check", "shop.yaml", "doubted.yaml")
    assert done.code == 1
    assert done.stdout.count("[*]") == 3
    assert done.stdout.endswith("[*] 2 fixable with --fix (1 more with --fix --unsafe-fixes).\n")
    assert run("check", "doubted.yaml").stdout.endswith("1 fixable with --fix --unsafe-fixes.\n")
    assert "fixable" not in run("check", "shop.yaml", "--fix").stdout


def test_formats_of_programs_have_the_fix(run: Run, files: Files) -> None:
    files("shop.yaml", BAD)
    files("doubted.yaml", DOUBTED)
    done = run("check", ".", "--format", "json").json
    fixes = {each["code"]: each["fix"] for each in done["diagnostics"]}
    edit = {"line": 5, "col": 11, "end_line": 5, "end_col": 17, "text": "12400"}
    assert fixes["FN206"] == {"applicability": "safe", "edits": [edit]}
    assert [each["fix"]["applicability"] for each in done["diagnostics"]] == ["unsafe", "safe", "safe"]
    assert (done["summary"]["fixable"], done["summary"]["fixable_unsafe"]) == (2, 1)
    results = json.loads(run("check", ".", "--format", "sarif").stdout)["runs"][0]["results"]
    (change,) = next(each for each in results if each["ruleId"] == "FN206")["fixes"][0]["artifactChanges"]
    (replacement,) = change["replacements"]
    assert replacement["insertedContent"] == {"text": "12400"}
    assert [each["ruleId"] for each in results if "fixes" not in each] == ["FN103"]


def test_what_may_mean_something_else_needs_its_own_option(run: Run, files: Files) -> None:
    path = files("doubted.yaml", DOUBTED)
    assert run("check", path, "--fix").code == 1
    assert path.read_text() == DOUBTED
    assert run("check", path, "--fix", "--unsafe-fixes").code == 0
    assert path.read_text() == DOUBTED.replace("~20", "20")


def test_a_dry_run_shows_the_difference_and_writes_nothing(run: Run, files: Files) -> None:
    path = files("shop.yaml", BAD)
    done = run("check", path, "--fix", "--dry-run")
    assert (done.code, path.read_text()) == (1, BAD)
    assert "-nmae: Shop  # ours\n+name: Shop  # ours\n" in done.stdout
    assert done.stderr == "Would mend 2 problems in 1 file; nothing is written.\n"
    assert run("check", files("sound.yaml", SOUND), "--fix", "--dry-run").code == 0


def test_the_difference_is_a_patch(run: Run, files: Files) -> None:
    for text in (BAD, BAD.rstrip("\n").replace("377", "3_77"), "nmae: A\nstages: {A: 9, B: 3}"):
        path = files("shop.yaml", text)
        patch = run("check", "shop.yaml", "--fix", "--dry-run").out
        run("check", "shop.yaml", "--fix")
        wanted = path.read_bytes()
        path.write_text(text)
        subprocess.run(["patch", "-s", "shop.yaml"], input=patch, cwd=files.folder, check=True)
        assert path.read_bytes() == wanted


def test_a_sound_file_is_not_written(run: Run, files: Files) -> None:
    sound, bad = files("sound.yaml", SOUND), files("bad.yaml", BAD)
    os.utime(sound, ns=(1, 1))
    before = sound.stat()
    assert run("check", sound, bad, "--fix").code == 0
    after = sound.stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_twice_writes_once(run: Run, files: Files) -> None:
    path = files("shop.yaml", BAD.replace("377", "tbd"))
    run("check", path, "--fix")
    os.utime(path, ns=(1, 1))
    again = run("check", path, "--fix")
    assert (path.stat().st_mtime_ns, again.stderr) == (1, "")


@pytest.mark.parametrize("unlike", ["\r\n", "mark", "no end"])
def test_line_ends_the_mark_and_the_end_stay(run: Run, files: Files, unlike: str) -> None:
    bad, good = BAD.encode(), GOOD.encode()
    if unlike == "\r\n":
        bad, good = bad.replace(b"\n", b"\r\n"), good.replace(b"\n", b"\r\n")
    elif unlike == "mark":
        bad, good = b"\xef\xbb\xbf" + bad, b"\xef\xbb\xbf" + good
    else:
        bad, good = bad.rstrip(b"\n"), good.rstrip(b"\n")
    path = files.folder / "shop.yaml"
    path.write_bytes(bad)
    assert run("check", path, "--fix").code == 0
    assert path.read_bytes() == good


def test_permissions_and_links_stay(run: Run, files: Files) -> None:
    path = files("shop.yaml", BAD)
    path.chmod(0o640)
    link = files.folder / "link.yaml"
    link.symlink_to(path)
    assert run("check", link, "--fix").code == 0
    assert link.is_symlink()
    assert path.read_text() == GOOD
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_read_only_file_is_one_line_and_2(run: Run, files: Files) -> None:
    path, other = files("shop.yaml", BAD), files("other.yaml", BAD)
    path.chmod(0o444)
    done = run("check", path, other, "--fix")
    assert done.code == 2
    assert done.stderr.count("error:") == 1
    assert "it is read-only" in done.stderr
    assert (path.read_text(), other.read_text()) == (BAD, GOOD)
    assert "Mended 2 problems in 1 file." in done.stderr


def test_a_file_that_is_changed_meanwhile_is_left(run: Run, files: Files) -> None:
    """The first look at the file, and what another program writes into it before it is mended."""
    path = files("shop.yaml", BAD)
    script = (
        "import funnelcli.cli.fixing as fixing\n"
        "real = fixing.mended\n"
        f"def mended(*args, **named):\n    open({str(path)!r}, 'a').write('budget: 5\\n')\n"
        "    return real(*args, **named)\n"
        "fixing.mended = mended\n"
    )
    done = run("check", path, "--fix", script=script)
    assert done.code == 2
    assert "was changed in the meantime" in done.stderr
    assert path.read_text() == BAD + "budget: 5\n"


def test_standard_input_is_mended_onto_standard_output(run: Run) -> None:
    done = run("check", "--fix", "-", "--stdin-filename", "shop.yaml", stdin=BAD)
    assert (done.code, done.stdout) == (0, GOOD)
    assert "shop.yaml:5: 12,400 -> 12400" in done.stderr
    left = run("check", "--fix", "-", stdin=BAD.replace("377", "tbd"))
    assert (left.code, left.stdout) == (1, GOOD.replace("377", "tbd"))
    assert "error[FN103]" in left.stderr
    assert run("check", "--fix", "-", stdin=SOUND).stdout == SOUND


def test_only_funnel_files_are_written(run: Run, files: Files) -> None:
    """A folder is searched as ever; a file of another name is read as ever, and not mended."""
    named = files("shop.txt", BAD)
    done = run("check", named, "--fix")
    assert (done.code, named.read_text()) == (2, BAD)
    assert "is not mended" in done.stderr
    hidden = files(".hidden.yaml", BAD)
    workflow = files("compose.yaml", "nmae: shop\nservices:\n  web: {port: 1,000}\n")
    before = workflow.read_text()
    run("check", ".", "--fix", "--unsafe-fixes")
    assert (hidden.read_text(), workflow.read_text()) == (BAD, before)


@pytest.mark.parametrize(
    "arguments",
    [
        ["shop.yaml", "--unsafe-fixes"],
        ["shop.yaml", "--dry-run"],
        ["--fix"],
        ["A=100", "B=20", "--fix"],
        ["HEAD:shop.yaml", "--fix"],
        ["-", "shop.yaml", "--fix"],
        ["-", "--fix", "--format", "json"],
        ["shop.yaml", "--fix", "--dry-run", "--format", "json"],
    ],
)
def test_what_does_not_go_together_is_refused_with_a_way_out(run: Run, files: Files, arguments: list[str]) -> None:
    path = files("shop.yaml", BAD)
    done = run("check", *arguments, stdin=BAD)
    assert (done.code, done.stdout) == (2, "")
    assert "= help:" in done.stderr
    assert path.read_text() == BAD


def test_a_fix_that_makes_another_mistake_is_left_and_said(run: Run, files: Files) -> None:
    path = files("shop.yaml", "stages:\n  - {name: A, count: 9, role: lead}\n  - {name: B, count: 3, role: leed}\n")
    done = run("check", path, "--fix")
    assert done.code == 1
    assert "not mended, as then line 3 would be wrong" in done.stderr
    assert "[*]" not in done.stdout


def test_a_large_file_is_mended(run: Run, files: Files) -> None:
    """Many documents, each with a mistake: all of one run, in a few readings."""
    documents = whole_or_part(1500, 400)
    path = files("many.yaml", "---\n".join([BAD] * documents))
    done = run("check", path, "--fix")
    assert done.code == 0
    assert path.read_text() == "---\n".join([GOOD] * documents)
    assert "… and" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pipes have no names there")
def test_a_pipe_is_not_mended(run: Run, tmp_path: Path) -> None:
    read, write = os.pipe()
    os.write(write, BAD.encode())
    os.close(write)
    done = run("check", f"/dev/fd/{read}", "--fix", pass_fds=(read,))
    os.close(read)
    assert done.code == 2
    assert "is not mended" in done.stderr


def test_the_table_of_codes_tells_which_examples_are_mended() -> None:
    rows = {row.split("`")[1]: row for row in tables.codes().splitlines() if row.startswith("| `FN")}
    assert "`--fix`" in rows["FN206"]
    assert "`--unsafe-fixes`" in rows["FN107"]
    assert "fix" not in rows["FN104"]


def test_a_dry_run_says_what_it_would_leave(files: Files, run: Run) -> None:
    path = files("left.yaml", "name: Left\nqwxz: 1\nstages: {Visits: 1,000, Paid: 200}\n")
    done = run("check", "--fix", "--dry-run", path)
    assert done.code == 1
    assert "+stages: {Visits: 1000, Paid: 200}" in done.stdout
    assert "Would mend 1 problem in 1 file" in done.stderr
    assert "FN101" in done.stderr
    files("left.yaml", "name: Left\nqwxz: 1\nstages: {Visits: 1000, Paid: 200}\n")
    done = run("check", "--fix", "--dry-run", path)
    assert (done.code, done.stdout) == (1, "")
    assert "FN101" in done.stderr
