"""Pipes, terminals, encodings, signals and files: what goes where, and what happens when it cannot."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.thorough import each_once, few, whole_or_part

from .conftest import BROKEN, INVOICES, SAMPLES, TARGET, UNEVEN, Outcome, begins_anew, command_line, environment, said
from .forking import forks

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Files, Run

if sys.platform == "win32":
    pytest.skip("POSIX pipes, signals and terminals are needed", allow_module_level=True)

import fcntl
import pty
import struct
import termios

from rich.cells import cell_len

COMMANDS = ["show", "bottleneck", "scenario"]
ESCAPE = "\x1b["
STYLES = re.compile(r"\x1b\[[0-9;]*m")
FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is needed")


def terminal(
    *args: str | Path, columns: int = 80, env: dict[str, str] | None = None, apart: str = "", cwd: Path | None = None
) -> Outcome:
    """Run on a pseudo-terminal; `apart` names the stream, `stdout` or `stderr`, that is a pipe instead."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    on_it = {"stdout": 1, "stderr": 2}
    on_it.pop(apart, None)
    variables = environment({"TERM": "xterm-256color"} | (env or {}))
    seen = b""

    def watch() -> None:
        nonlocal seen
        os.close(theirs)
        with suppress(OSError):  # the other side is closed
            while part := os.read(ours, 65536):
                seen += part
        os.close(ours)

    loaded = None if begins_anew(env) else forks(list(map(str, args)))
    if loaded is not None:
        streams = dict.fromkeys(on_it.values(), theirs)
        with loaded.started(list(map(str, args)), variables, cwd or Path.cwd(), streams=streams) as finish:
            watch()
            code, out, err = finish()
    else:
        places: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | dict.fromkeys(on_it, theirs)
        with subprocess.Popen(
            command_line(*args), stdin=subprocess.DEVNULL, env=variables, cwd=cwd, **places
        ) as process:
            watch()
            out, err = process.communicate(timeout=60)
            code = process.returncode
    shown = seen.replace(b"\r\n", b"\n")
    return Outcome(code, out if apart == "stdout" else shown, shown if apart == "stdout" else err or b"")


def big_funnel(stages: int = 1000) -> str:
    """A funnel whose report is larger than any pipe's buffer."""
    return "stages:\n" + "".join(f"  Stage {number}: {10**9 - number}\n" for number in range(stages))


# what goes where


@pytest.mark.parametrize("command", COMMANDS)
def test_stdout_is_the_report_and_stderr_the_rest(run: Run, files: Files, command: str) -> None:
    done = run(command, files("uneven.yaml", UNEVEN), files("broken.yaml", BROKEN), "--format", "json")
    assert [funnel["name"] for funnel in done.funnels] == ["Uneven"]
    assert "warning[FN301]" in done.stderr
    assert "error[FN104]" in done.stderr
    assert "Found 1 error, " in done.stderr
    assert "error" not in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_said_on_stderr_without_need(run: Run, files: Files, command: str) -> None:
    assert run(command, files("target.yaml", TARGET)).stderr == ""


def test_a_dash_is_standard_input(run: Run) -> None:
    done = run("show", "-", "--format", "json", stdin=INVOICES)
    assert done.code == 0
    assert (done.funnels[0]["name"], done.funnels[0]["file"]) == ("Invoices", "<stdin>")


def test_stdin_filename_names_standard_input(run: Run) -> None:
    done = run("show", "-", "--stdin-filename", "shop/weekly.yaml", "--format", "json", stdin=TARGET + "---\n" + BROKEN)
    assert done.code == 1
    assert done.funnels[0]["file"] == "shop/weekly.yaml"
    assert re.match(r"shop/weekly\.yaml:8:\d+: error\[FN104\] ", done.stderr)


def test_a_nameless_funnel_takes_its_name_from_stdin_filename(run: Run) -> None:
    done = run("show", "-", "--stdin-filename", "shop/weekly.yaml", "--format", "json", stdin="stages: {A: 2, B: 1}\n")
    assert done.funnels[0]["name"] == "weekly"


def test_a_dash_beside_a_file(run: Run, files: Files) -> None:
    done = run("show", "-", files("target.yaml", TARGET), "--format", "json", stdin=INVOICES)
    assert [funnel["name"] for funnel in done.funnels] == ["Invoices", "Target"]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("nothing", ["", "\n", "# only a comment\n"], ids=["no bytes", "a line end", "a comment"])
def test_empty_standard_input_is_an_error_of_the_file(run: Run, command: str, nothing: str) -> None:
    done = run(command, "-", stdin=nothing)
    assert (done.code, done.stdout) == (1, "")
    assert said(done.stderr)[0].startswith("<stdin>:1:1: error[FN006] ")


# streams that break


BUFFERED: list[dict[str, str]] = [{}, {"PYTHONUNBUFFERED": "1"}]
"""Unbuffered, one call may write a part of the text only, and that is not a success."""


def closed_pipe() -> int:
    """The writing end of a pipe that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    return writer


@pytest.mark.parametrize("format_name", ["table", "json", "csv", "markdown"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_closed_pipe_ends_quietly(run: Run, files: Files, command: str, format_name: str) -> None:
    writer = closed_pipe()
    done = run(command, files("target.yaml", TARGET), "--format", format_name, stdout=writer)
    os.close(writer)
    assert (done.code, done.stderr) == (141, "")


@pytest.mark.parametrize("env", BUFFERED, ids=["buffered", "unbuffered"])
def test_a_reader_that_leaves_early(files: Files, env: dict[str, str]) -> None:
    """`funnelcli show big.yaml | head -c 1`."""
    path = files("big.yaml", big_funnel())
    process = subprocess.Popen(
        command_line("show", path), env=environment(env), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert len(os.read(process.stdout.fileno(), 1)) == 1
    process.stdout.close()
    with process.stderr:
        assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 141


@pytest.mark.parametrize("args", [["--help"], ["show", "--help"], ["--version"]], ids=" ".join)
def test_help_into_a_closed_pipe(run: Run, args: list[str]) -> None:
    writer = closed_pipe()
    done = run(*args, stdout=writer)
    os.close(writer)
    assert (done.code, done.stderr) == (141, "")


def test_a_closed_pipe_on_stderr_keeps_the_report(run: Run, files: Files) -> None:
    writer = closed_pipe()
    done = run("show", files("uneven.yaml", UNEVEN), stderr=writer)
    os.close(writer)
    assert "Uneven" in done.stdout


@FULL
@pytest.mark.parametrize("format_name", ["table", "json", "csv", "markdown"])
def test_a_full_disk_is_one_line_and_2(run: Run, files: Files, format_name: str) -> None:
    with open("/dev/full", "wb") as full:
        done = run("show", files("target.yaml", TARGET), "--format", format_name, stdout=full)
    assert done.code == 2
    assert len(said(done.stderr)) == 1
    assert "No space left" in done.stderr


@pytest.mark.parametrize("env", BUFFERED, ids=["buffered", "unbuffered"])
def test_a_disk_that_fills_up_is_one_line_and_2(run: Run, files: Files, env: dict[str, str]) -> None:
    """The system takes the first 2,000 bytes of the report and no more."""
    import resource

    path = files("big.yaml", big_funnel(100))
    with open(files.folder / "report.txt", "wb") as report:
        done = run(
            "show",
            path,
            env={"PYTHONDONTWRITEBYTECODE": "1"} | env,
            stdout=report,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)),
        )
    assert done.code == 2
    assert len(said(done.stderr)) == 1


@FULL
@pytest.mark.parametrize("args", [["--help"], ["show", "--help"], ["--version"]], ids=" ".join)
def test_help_onto_a_full_disk_is_2(run: Run, args: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        done = run(*args, stdout=full)
    assert done.code == 2
    assert len(said(done.stderr)) == 1


@FULL
def test_output_onto_a_full_disk_is_one_line_and_2(run: Run, files: Files) -> None:
    done = run("show", files("target.yaml", TARGET), "--output", "/dev/full")
    assert (done.code, done.stdout) == (2, "")
    assert len(said(done.stderr)) == 1


def without(stream: int) -> Callable[[], None]:
    """What closes a stream of the process before it starts, as `>&-` does in a shell."""
    return lambda: os.close(stream)


def test_closed_standard_output_is_2(run: Run, files: Files) -> None:
    done = run("show", files("target.yaml", TARGET), stdout=None, preexec_fn=without(1))
    assert done.code == 2
    assert len(said(done.stderr)) == 1


def test_closed_standard_output_does_not_matter_with_output(run: Run, files: Files) -> None:
    done = run("show", files("target.yaml", TARGET), "--output", "report.txt", stdout=None, preexec_fn=without(1))
    assert (done.code, done.stderr.count("\n")) == (0, 1)
    assert "Target" in (files.folder / "report.txt").read_text(encoding="utf-8")


def test_closed_standard_error_does_not_matter(run: Run, files: Files) -> None:
    done = run("show", files("uneven.yaml", UNEVEN), stderr=None, preexec_fn=without(2))
    assert done.code == 0
    assert "Uneven" in done.stdout


def test_closed_standard_error_of_an_invalid_funnel(run: Run, files: Files) -> None:
    assert run("show", files("broken.yaml", BROKEN), stderr=None, preexec_fn=without(2)).code == 1


def test_ctrl_c_while_it_reads(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    process = subprocess.Popen(
        command_line("show", "-"),
        env=environment(),
        cwd=tmp_path,
        stdin=reader,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    os.write(writer, b"stages:\n")
    until = time.monotonic() + 30
    while struct.unpack("i", fcntl.ioctl(reader, termios.FIONREAD, b"\0\0\0\0"))[0] and time.monotonic() < until:
        time.sleep(0.01)  # until the program has taken what was written, and so is reading
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    os.close(reader)
    os.close(writer)
    assert process.returncode == 130
    assert out == b""
    assert b"Traceback" not in err


# --output


def names(folder: Path) -> list[str]:
    """What is in a folder, hidden files included."""
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("command", COMMANDS)
def test_output_writes_the_report_and_nothing_to_stdout(run: Run, files: Files, command: str) -> None:
    path = files("target.yaml", TARGET)
    printed = run(command, path)
    done = run(command, path, "--output", "report.txt")
    assert (done.code, done.stdout) == (0, "")
    assert re.fullmatch(r"funnelcli: wrote report.txt \(.*\)\n", done.stderr)
    assert (files.folder / "report.txt").read_bytes() == printed.out
    assert names(files.folder) == ["report.txt", "target.yaml"]


@pytest.mark.parametrize("path", ["saved.yaml", "saved.yml", "saved.xyz"])
@pytest.mark.parametrize("command", COMMANDS)
def test_an_ending_that_no_format_has_is_refused(run: Run, files: Files, command: str, path: str) -> None:
    done = run(command, "Visits=200", "My sales=4", "--currency", "EUR", "-o", path)
    assert done.code == 2
    assert names(files.folder) == []
    help_ = " ".join(done.stderr.split()).partition("= help: ")[2]
    if path.endswith(".xyz"):
        assert help_ == "end it with .json, .csv, .md or .txt, or choose --format"
    else:
        assert help_.startswith("to keep the numbers: ")
        kept = run(*shlex.split(help_.partition(": funnelcli ")[2]))
        assert kept.code == 0
        assert run("show", path, "--format", "json").funnels[0]["currency"] == "EUR"


def test_force_overwrites_whole(run: Run, files: Files) -> None:
    report = files("report.json", "x" * 100_000)
    assert run("show", files("target.yaml", TARGET), "-f", "json", "-o", report, "--force").code == 0
    assert report.read_text(encoding="utf-8").endswith("}\n")
    assert names(files.folder) == ["report.json", "target.yaml"]


RENDERING_FAILS = """
import funnelcli.output.json as writer
def broken(*args, **named):
    raise RuntimeError("broken on purpose")
writer.render = broken
"""


def test_a_failed_rendering_leaves_the_output_alone(run: Run, files: Files) -> None:
    report = files("report.json", "precious")
    path = files("target.yaml", TARGET)
    done = run("show", path, "--format", "json", "--output", report, "--force", script=RENDERING_FAILS)
    assert (done.code, done.stdout) == (3, "")
    assert report.read_text() == "precious"
    assert names(files.folder) == ["report.json", "target.yaml"]


@pytest.mark.parametrize("kept", ["precious", None], ids=["there was one", "there was none"])
def test_a_failed_writing_leaves_the_output_alone(run: Run, files: Files, kept: str | None) -> None:
    """The system allows files of 2,000 bytes only, and the report is longer."""
    import resource

    report = files.folder / "report.txt"
    if kept:
        report.write_text(kept)
    path = files("big.yaml", big_funnel(100))
    done = run(
        "show",
        path,
        "--output",
        report,
        "--force",
        env={"PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)),
    )
    assert (done.code, done.stdout) == (2, "")
    assert len(said(done.stderr)) == 1
    assert names(files.folder) == (["big.yaml", "report.txt"] if kept else ["big.yaml"])
    assert not kept or report.read_text() == kept


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_force_keeps_the_permissions(run: Run, files: Files, mode: int) -> None:
    report = files("report.txt", "old")
    report.chmod(mode)
    assert run("show", files("target.yaml", TARGET), "--output", report, "--force").code == 0
    assert report.stat().st_mode & 0o777 == mode
    assert "Target" in report.read_text(encoding="utf-8")


def test_a_new_output_has_the_usual_permissions(run: Run, files: Files) -> None:
    done = run("show", files("target.yaml", TARGET), "--output", "report.txt", preexec_fn=lambda: os.umask(0o027))
    assert done.code == 0
    assert (files.folder / "report.txt").stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(run: Run, files: Files) -> None:
    """The file that a symbolic link points at is replaced, the link is kept."""
    (files.folder / "reports").mkdir()
    report = files.folder / "reports" / "real.txt"
    report.write_text("old")
    link = files.folder / "latest.txt"
    link.symlink_to(Path("reports") / "real.txt")
    path = files("target.yaml", TARGET)
    assert run("show", path, "--output", link).code == 2
    assert run("show", path, "--output", link, "--force").code == 0
    assert link.is_symlink()
    assert "Target" in report.read_text(encoding="utf-8")
    assert names(files.folder / "reports") == ["real.txt"]


def test_output_to_a_named_pipe(run: Run, files: Files) -> None:
    pipe = files.folder / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        done = run("show", files("target.yaml", TARGET), "--output", pipe)
        if done.code:
            reader.kill()
        seen = reader.communicate(timeout=30)[0]
    assert done.code == 0
    assert b"Target" in seen
    assert pipe.is_fifo()


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="/dev/stdout is needed")
def test_output_to_the_device_of_standard_output(run: Run, files: Files) -> None:
    """Also the way of `--output >(command)`: a pipe by the name of its descriptor."""
    done = run("show", files("target.yaml", TARGET), "--output", "/dev/stdout", stdout=subprocess.PIPE)
    assert (done.code, done.stderr) == (0, "")
    assert "Target" in done.stdout


# encodings

NARROW = ["ascii", "latin-1"]
MIDDLE_DOT = "·".encode("latin-1")
"""The one sign of ours that Latin-1 has."""


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("encoding", NARROW)
def test_a_terminal_without_blocks_gets_ascii_bars(files: Files, command: str, encoding: str) -> None:
    done = terminal(command, files("target.yaml", TARGET), env={"PYTHONIOENCODING": encoding})
    assert done.code == 0
    assert done.out.replace(MIDDLE_DOT, b"").isascii()
    assert b"Target" in done.out
    assert b"-----" in done.out
    assert b"##" in done.out or command != "show"


@pytest.mark.parametrize("encoding", NARROW)
def test_what_a_terminal_cannot_say_is_spelled_out(files: Files, encoding: str) -> None:
    """Neither the report nor a diagnostic stops at a Cyrillic name."""
    content = "name: Школа\nstages: {Показы: 20, Оплаты: 10}\n---\nstages: {Показы: 10, Оплаты: 20}\n"
    done = terminal("show", files("school.yaml", content), env={"PYTHONIOENCODING": encoding})
    assert done.code == 1
    seen = STYLES.sub("", done.out.decode(encoding))
    assert seen.replace("·", "").isascii()
    assert r"\u0428\u043a\u043e\u043b\u0430" in seen
    assert "error[FN104]" in seen
    assert r"\u041e\u043f" in seen


def test_a_terminal_keeps_what_it_can_say(files: Files) -> None:
    content = "stages: {Käynnit: 20, Myynnit: 10}\n"
    done = terminal("show", files("sales.yaml", content), env={"PYTHONIOENCODING": "latin-1"})
    assert "Käynnit".encode("latin-1") in done.out


@pytest.mark.parametrize("args", [["show", "--help"], ["show", "target.yaml", "--format", "markdown"]], ids=" ".join)
def test_other_output_on_an_ascii_terminal(files: Files, args: list[str]) -> None:
    files("target.yaml", TARGET)
    done = terminal(*args, env={"PYTHONIOENCODING": "ascii"}, cwd=files.folder)
    assert done.code == 0
    assert done.out.isascii()


CODE_PAGES = [
    {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"},
    {"PYTHONIOENCODING": "ascii:strict"},
    {"PYTHONIOENCODING": "utf-16"},
]
"""What Windows does with > and |, and what a person may have set for a terminal."""
NAMED = """\
name: Café Яндекс
average_check: 100
currency: EUR
budget: 500
stages:
- {name: Визиты, count: 1000, open: 10, days: 1}
- {name: Заказы, count: 100, open: 5, target: 12%}
breakdowns: {channel: {Café: [600, 60], Яндекс: [400, 40]}}
scenarios: {Лучше: {conversion@Заказы: +1pp}}
checks: [conversion@Заказы >= 50%]
"""
MEASURED = """\
stages:
  - {name: Визиты, when: {e: Визит}}
  - {name: Заказы, when: {e: Заказ}}
measure: {unit: u, time: t}
"""
CASES = {
    **{each: ["f.yaml"] for each in ("show", "economics", "levers", "check")},
    **{each: ["f.yaml", "--draws", "100"] for each in ("simulate", "forecast")},
    "bottleneck": ["f.yaml", "--by", "channel"],
    "scenario": ["f.yaml"],
    "compare": ["f.yaml", "--by", "channel"],
    "diff": ["--no-index", "m.yaml", "f.yaml"],
    "goal": ["f.yaml", "--revenue", "12000"],
    "report": ["f.yaml"],
    "import": ["t.csv"],
    "measure": ["m.yaml", "--from", "e.csv"],
    "explain": ["FN104"],
    "help": ["average_check"],
    "init": ["--stage", "Café visits=200", "--stage", "Яндекс=4"],
    "schema": [],
}
"""How each command is asked for a report on standard output."""
OF_NOW = re.compile('moment: ".*"|"moment": ".*"')


def formats_of(command: str) -> list[str]:
    """The choices of the option --format; an empty one where there is none."""
    import typer

    from funnelcli.cli.app import app

    found: Any = typer.main.get_command(app)
    options = {name: each for each in found.get_command(None, command).params for name in each.opts}
    return list(options["--format"].type.choices) if "--format" in options else [""]


def of_every_command(files: Files) -> None:
    """The files of `CASES`."""
    files("f.yaml", NAMED)
    files("t.csv", "channel,Visits,Заказы\nCafé,500,20\nЯндекс,300,9\n")
    files("m.yaml", MEASURED)
    files("e.csv", "u,t,e\n1,2026-10-01,Визит\n1,2026-10-02,Заказ\n")


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_no_line_about_an_import_is_wider_than_the_terminal(files: Files, columns: int) -> None:
    of_every_command(files)
    for args in (["-o", "f2.yaml"], ["--explain"]):
        done = terminal("import", "t.csv", *args, columns=columns, cwd=files.folder)
        assert done.code == 0
        assert max(map(cell_len, STYLES.sub("", done.stdout).splitlines())) <= columns


@pytest.mark.parametrize("command", CASES)
def test_the_output_that_is_a_dash_is_standard_output(run: Run, files: Files, command: str) -> None:
    of_every_command(files)
    args = [command, *CASES[command], *(["--format", "markdown"] if command == "report" else [])]
    there = sorted(files.folder.iterdir())
    plain, done = run(*args), run(*args, "--output", "-")
    assert OF_NOW.sub("", done.stdout) == OF_NOW.sub("", plain.stdout) != ""
    assert (done.err, done.code) == (plain.err, plain.code)
    assert sorted(files.folder.iterdir()) == there


def test_a_format_of_check_may_go_to_standard_output(run: Run, files: Files) -> None:
    of_every_command(files)
    wanted = run("check", "f.yaml", "--format", "json").stdout
    assert run("check", "f.yaml", "-o", "json=-", "-o", "a.md").stdout == wanted
    done = run("check", "f.yaml", "-o", "json=-", "-o", "-")
    assert (done.code, done.stdout) == (2, "")
    assert "standard output takes one report" in done.stderr


def commands_in_formats() -> list[tuple[str, str]]:
    """Each format of each command; or each command once and each format once but PNG, which is no text."""
    every = {each: formats_of(each) for each in CASES}
    known = [(each, names[place % len(names)]) for place, (each, names) in enumerate(every.items())]
    first = {name: (each, name) for each, names in every.items() for name in names}
    told = {"png"} | {name for _, name in known}
    known += [pair for name, pair in first.items() if name not in told]
    return whole_or_part([(each, name) for each, names in every.items() for name in names], known)


@pytest.mark.parametrize(("command", "format_name"), commands_in_formats())
@pytest.mark.parametrize("variables", [{"PYTHONIOENCODING": "cp1252"}], ids=str)
def test_what_is_no_terminal_is_utf8_whatever_the_code_page(
    run: Run, files: Files, command: str, format_name: str, variables: dict[str, str]
) -> None:
    of_every_command(files)
    args = [command, *CASES[command], *(["--format", format_name] if format_name else [])]
    plain, done = run(*args), run(*args, env=variables)
    assert plain.stderr == done.stderr  # both decoded from UTF-8, strictly
    assert plain.code == done.code
    if format_name not in ("xlsx", "png", "pdf"):
        assert OF_NOW.sub("", plain.stdout) == OF_NOW.sub("", done.stdout)
    if command not in (
        "explain",
        "help",
        "schema",
        "report",
        "check",
    ):  # some formats of check are ASCII by their own choice
        assert re.search("[А-я]", done.stdout)


def test_every_command_is_held_to_utf8() -> None:
    from funnelcli.cli import app

    assert set(CASES) == set(app.COMMANDS)


@pytest.mark.parametrize("variables", CODE_PAGES, ids=str)
def test_own_files_and_pipes_are_read_again(run: Run, files: Files, variables: dict[str, str]) -> None:
    made = run("init", *CASES["init"], env=variables)
    (files.folder / "new.yaml").write_bytes(made.out)
    assert "Café visits" in run("show", "new.yaml", env=variables).stdout
    table = files("t.csv", "channel,Visits,Заказы\nCafé,500,20\nЯндекс,300,9\n")
    counted = run("import", table, env=variables)
    shown = run("show", "-", "--by", "channel", env=variables, stdin=counted.out)
    assert (shown.code, shown.stderr) == (0, "")
    assert "Яндекс" in shown.stdout


@pytest.mark.parametrize("args", [["show"], ["show", "-f", "json"], ["bottleneck", "-f", "csv"]], ids=" ".join)
def test_utf8_in_the_c_locale(run: Run, args: list[str]) -> None:
    plain_c = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = run(*args, SAMPLES / "voronka.yaml", env=plain_c)
    assert done.code == 0
    assert "Онлайн-школа" in done.stdout
    assert "█" in done.stdout or len(args) > 1


def test_diagnostics_are_utf8_in_the_c_locale(run: Run) -> None:
    plain_c = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = run("show", "-", stdin="stages: {Показы: 10, Оплаты: 20}\n", env=plain_c)
    assert done.code == 1
    assert '"Оплаты" (20)' in done.stderr


def test_an_output_file_is_utf8_whatever_the_terminal(run: Run, files: Files) -> None:
    variables = {"PYTHONIOENCODING": "ascii"}
    assert run("show", SAMPLES / "voronka.yaml", "--output", "report.txt", env=variables).code == 0
    report = (files.folder / "report.txt").read_text(encoding="utf-8")
    assert "Онлайн-школа" in report
    assert "█" in report


def test_a_terminal_in_the_c_locale(files: Files) -> None:
    plain_c = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = terminal("show", files("target.yaml", TARGET), env=plain_c)
    assert done.code == 0
    assert "Target" in STYLES.sub("", done.stdout)


# colour

COLORED = TARGET + "---\n" + BROKEN
"""A report on stdout and an error on stderr."""


@pytest.mark.parametrize(
    ("args", "env", "colored"),
    [
        ([], {}, False),
        (["--color", "auto"], {}, False),
        (["--color", "never"], {}, False),
        (["--color", "always"], {}, True),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "0"}, False),
        ([], {"NO_COLOR": "1"}, False),
        ([], {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        (["--color", "always"], {"TERM": "dumb"}, True),
    ],
)
def test_color_in_a_pipe(run: Run, files: Files, args: list[str], env: dict[str, str], colored: bool) -> None:
    done = run("show", files("colored.yaml", COLORED), *args, env=env)
    assert done.code == 1
    assert ((ESCAPE in done.stdout), (ESCAPE in done.stderr)) == (colored, colored)


@pytest.mark.parametrize(
    ("args", "env", "colored"),
    [
        ([], {}, True),
        ([], {"NO_COLOR": ""}, True),
        ([], {"NO_COLOR": "1"}, False),
        ([], {"TERM": "dumb"}, False),
        ([], {"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        (["--color", "never"], {}, False),
        (["--color", "always"], {"NO_COLOR": "1", "TERM": "dumb"}, True),
    ],
)
def test_color_on_a_terminal(files: Files, args: list[str], env: dict[str, str], colored: bool) -> None:
    done = terminal("show", files("colored.yaml", COLORED), *args, env=env, apart="stderr")
    assert done.code == 1
    assert (ESCAPE in done.stdout) is colored


def test_each_stream_has_its_own_color(files: Files) -> None:
    path = files("colored.yaml", COLORED)
    report_seen = terminal("show", path, apart="stderr")
    assert ESCAPE in report_seen.stdout
    assert ESCAPE not in report_seen.stderr
    report_piped = terminal("show", path, apart="stdout")
    assert ESCAPE not in report_piped.stdout
    assert ESCAPE in report_piped.stderr


@pytest.mark.parametrize("format_name", ["json", "csv", "markdown"])
def test_formats_for_machines_have_no_color(run: Run, files: Files, format_name: str) -> None:
    done = run("show", files("target.yaml", TARGET), "--format", format_name, "--color", "always")
    assert ESCAPE not in done.stdout


def test_styles_change_nothing_but_styles(run: Run, files: Files) -> None:
    path = files("target.yaml", TARGET)
    plain, styled = run("show", path), run("show", path, "--color", "always")
    assert [line.rstrip() for line in STYLES.sub("", styled.stdout).split("\n")] == plain.stdout.split("\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_color_in_a_pipe_of_a_dumb_terminal_is_full_width(run: Run, files: Files, command: str) -> None:
    """`TERM=dumb` says something of styles, nothing of the width of a pipe."""
    path = files("long.yaml", LONG)
    plain = run(command, path)
    styled = run(command, path, "--color", "always", env={"TERM": "dumb"})
    assert [line.rstrip() for line in STYLES.sub("", styled.stdout).split("\n")] == plain.stdout.split("\n")


# width

WIDTHS = [60, 80, 120]


def long_name(letter: str) -> str:
    """A name of 200 characters without a digit."""
    return f"{letter} " + "stage " * 33


LONG_NAMES = [long_name(letter).strip().ljust(200, letter) for letter in "ABCD"]
LONG = f"""\
name: {long_name("N").strip().ljust(200, "N")}
currency: EUR
budget: 81234.5
stages:
- {{name: {LONG_NAMES[0]}, count: 123456789}}
- {{name: {LONG_NAMES[1]}, count: 7654321, target: 9.87%, days: 13}}
- {{name: {LONG_NAMES[2]}, count: 65432, target: 1.23%, cost: 0.75, average_check: 1234.56}}
- {{name: {LONG_NAMES[3]}, count: 987, average_check: 98765.43}}
scenarios:
  {long_name("S").strip().ljust(200, "S")}: {{conversion@{LONG_NAMES[1]}: 8.76%}}
"""
"""A chain with names of 200 characters and money: every column there is."""
BRANCHES = LONG.replace("count: 987,", f"count: 987, from: {LONG_NAMES[1]},")
"""The same with a branch, so that a column names the stage each one comes from."""
NUMBER = re.compile(r"[<>+-]?\d[\d,.]*(?:–[<\d][\d.,]*)?%?")


def figures(text: str) -> set[str]:
    """The numbers in a text, with their signs and percent signs."""
    return {match[0].rstrip(".,") for match in NUMBER.finditer(STYLES.sub("", text))}


def wide_lines(text: str, columns: int) -> list[str]:
    """Lines that do not fit; a command to paste is whole."""
    lines = STYLES.sub("", text).split("\n")
    return [line for line in lines if cell_len(line) > columns and not line.startswith("  funnelcli ")]


@pytest.mark.parametrize(("command", "columns"), each_once(COMMANDS, WIDTHS))
def test_sample_funnels_fit_a_terminal(run: Run, command: str, columns: int) -> None:
    """No line is wider than the terminal, and every count of every funnel occurs whole."""
    samples = [path.name for path in sorted(SAMPLES.glob("*.yaml")) if command != "scenario" or has_scenarios(path)]
    done = terminal(command, *samples, columns=columns, cwd=SAMPLES)
    assert done.code == 0
    assert wide_lines(done.stdout, columns) == []
    counts = run("show", *samples, "--format", "json", cwd=SAMPLES)
    expected = {stage["count"] for funnel in counts.funnels for stage in funnel["stages"]}
    if command != "bottleneck":  # it says what is lost, not what is there
        assert {f"{count:,}" for count in expected if isinstance(count, int)} <= figures(done.stdout)


def has_scenarios(path: Path) -> bool:
    """Whether `scenario` has something to project in a file."""
    return "\nscenarios:" in path.read_text(encoding="utf-8")


CONTENTS = {"short": TARGET, "long names": LONG, "branches": BRANCHES}


@pytest.mark.parametrize(("command", "columns", "content"), few(product(COMMANDS, WIDTHS, CONTENTS), 10))
def test_numbers_are_whole_on_a_terminal(run: Run, files: Files, command: str, content: str, columns: int) -> None:
    """Names give way; every number that a pipe gets, a terminal of any width gets too."""
    path = files("funnel.yaml", CONTENTS[content])
    every = () if command == "check" else ("--full",)  # without it columns are left out where there is no room
    seen = terminal(command, path.name, *every, columns=columns, cwd=files.folder)
    piped = run(command, path.name, *every)
    assert (seen.code, piped.code) == (0, 0)
    assert wide_lines(seen.stdout, columns) == []
    assert figures(piped.stdout) - figures(seen.stdout) == set()


@pytest.mark.parametrize(
    ("command", "columns", "content"), few(product(COMMANDS, WIDTHS, ["long names", "branches"]), 7)
)
def test_rows_of_long_names_can_be_told_apart(files: Files, command: str, columns: int, content: str) -> None:
    """However narrow, a name keeps enough of its beginning to be recognised in each part of a table."""
    seen = STYLES.sub("", terminal(command, files("funnel.yaml", CONTENTS[content]), columns=columns).stdout)
    assert not re.search(r"^.{0,2}…", seen, re.MULTILINE)


@pytest.mark.parametrize("content", [LONG, BRANCHES], ids=["chain", "branches"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_pipe_is_untruncated(run: Run, files: Files, command: str, content: str) -> None:
    done = run(command, files("funnel.yaml", content))
    assert "…" not in done.stdout
    for name in LONG_NAMES[1:]:
        assert len(name) == 200
        assert name in done.stdout
    assert long_name("N").strip().ljust(200, "N") in done.stdout


def test_notes_and_explanations_of_an_import_have_the_width_of_the_terminal(files: Files) -> None:
    files("t.csv", "Channel,Leads,Sales,Open rate of the month before,Close rate of the month\nAds,9,5,5%,7%\n")
    for more in ((), ("--explain",)):
        done = terminal("import", "t.csv", *more, columns=60, cwd=files.folder)
        notes = done.stdout.partition("# yaml-language-server")[0].splitlines()
        assert any("left out" in line for line in notes)
        assert len(notes) > 1
        assert all(len(line) <= 60 for line in notes)


def test_a_pipe_does_not_look_at_columns(run: Run, files: Files) -> None:
    path = files("funnel.yaml", LONG)
    assert run("show", path, env={"COLUMNS": "40"}).stdout == run("show", path).stdout


@pytest.mark.parametrize("columns", [20, 30, 40])
def test_a_very_narrow_terminal_keeps_whole_numbers(run: Run, files: Files, columns: int) -> None:
    path = files("target.yaml", TARGET)
    seen = terminal("show", path.name, "--full", columns=columns, cwd=files.folder)
    assert seen.code == 0
    assert [line for line in wide_lines(seen.stdout, columns) if "  funnelcli " not in line] == []
    assert figures(run("show", path.name, "--full").stdout) - figures(seen.stdout) == set()


def test_wide_characters_on_a_terminal(files: Files) -> None:
    """Chinese takes two columns a character."""
    stages = "- {name: 网站访问者的数量很多很多很多很多, count: 1000}\n- {name: 客户, count: 500}\n"
    content = f"name: 漏斗\nstages:\n{stages}"
    seen = terminal("show", files("wide.yaml", content), columns=60)
    assert wide_lines(seen.stdout, 60) == []
    bars = [line for line in STYLES.sub("", seen.stdout).split("\n") if re.search(r" (1,000|500) ", line)]
    ends = [
        cell_len(line[: line.index(count)]) + len(count) for line, count in zip(bars, ["1,000", "500"], strict=True)
    ]
    assert ends[0] == ends[1]


@pytest.mark.parametrize("encoding", NARROW)
def test_json_is_json_in_every_encoding(files: Files, encoding: str) -> None:
    content = "name: Café 😀 Школа\nstages: {Käynnit: 20, Оплаты: 10}\n"
    done = terminal("show", files("shop.yaml", content), "--format", "json", env={"PYTHONIOENCODING": encoding})
    assert done.code == 0
    assert json.loads(done.out.decode(encoding))["funnels"][0]["name"] == "Café 😀 Школа"


def _workbook() -> bytes:
    import zipfile
    from io import BytesIO

    out = BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("xl/workbook.xml", "<x/>")
    return out.getvalue()


FUNNEL_WITH_MEASURE = """\
stages:
  - {name: A, count: 2, when: {e: a}}
  - {name: B, count: 1, when: {e: b}}
measure: {unit: u, time: t}
"""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["show", "x.xlsx"], 1),
        (["show", "-"], 1),
        (["check", "x.xlsx"], 1),
        (["check", "f.yaml", "--check", "conversion@B >= 1%", "--baseline", "x.xlsx"], 2),
        (["bottleneck", "f.yaml", "--baseline", "x.xlsx"], 2),
        (["import", "x.xlsx"], 1),
        (["import", "-"], 1),
        (["measure", "f.yaml", "--from", "x.xlsx"], 2),
        (["measure", "f.yaml", "--from", "events.csv"], 2),
        (["measure", "f.yaml", "--from", "-"], 2),
        (["measure", "x.xlsx", "--from", "events.csv"], 1),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else str(given),
)
def test_a_workbook_is_named_at_every_door_and_its_bytes_are_not_shown(
    run: Run, files: Files, arguments: list[str], code: int
) -> None:
    files("f.yaml", FUNNEL_WITH_MEASURE)
    for name in ("x.xlsx", "events.csv"):  # whatever its ending says
        files(name, "").write_bytes(_workbook())
    done = run(*arguments, stdin=_workbook())
    said = done.stdout + done.stderr  # check reports on standard output
    assert done.code == code
    assert said.count("an Excel workbook") == 1
    assert re.search("CSV|funnelcli import|save it anew", said)
    assert said.replace("\n", "").isprintable()
    assert "PK" not in said


def test_a_file_without_a_command_is_answered_by_the_command_that_shows_it(run: Run) -> None:
    done = run("my funnel.yaml")
    assert done.code == 2
    assert "= help: funnelcli show 'my funnel.yaml'" in " ".join(done.stderr.split())


def test_an_import_ends_with_what_to_ask_next_where_somebody_reads_it(files: Files) -> None:
    files("t.csv", "channel,Visits,Sales\nAds,100,30\nMail,50,4\n")
    done = terminal("import", "t.csv", "-o", "my funnel.yaml", cwd=files.folder)
    lines = [" ".join(line.split()) for line in done.out.decode().splitlines()]
    assert lines[-4:] == [
        "Wrote my funnel.yaml. Next:",
        "funnelcli show 'my funnel.yaml' where do people leave?",
        "funnelcli show 'my funnel.yaml' --by channel and by channel?",
        "funnelcli bottleneck 'my funnel.yaml' which step is worth the work?",
    ]
    silent = terminal("import", "t.csv", "-o", "my funnel.yaml", "--force", apart="stderr", cwd=files.folder)
    assert silent.out == b""
    assert re.fullmatch(rb"funnelcli: wrote my funnel.yaml \(.*\)\n", silent.err)


def test_an_import_of_money_spent_asks_what_each_costs(files: Files) -> None:
    files("t.csv", "campaign,Clicks,Sales,Cost (EUR)\nAds,100,30,50\nMail,50,4,7\n")
    done = terminal("import", "t.csv", "-o", "f.yaml", cwd=files.folder)
    lines = [" ".join(line.split()) for line in done.out.decode().splitlines()]
    assert "funnelcli economics f.yaml --by campaign what does each cost, and bring?" in lines
    assert "economics FILE --by campaign" in (files.folder / "f.yaml").read_text()
    (asked,) = [line for line in lines if "economics" in line]
    assert terminal(*asked.partition(" what")[0].split()[1:], cwd=files.folder).code == 0


def test_the_heading_of_an_imported_file_asks_what_the_terminal_asks(files: Files) -> None:
    files("d.csv", "Deal,Stage,Amount,Owner\na,New,10,Ann\nb,Won,20,Bo\nc,Won,20,Bo\nd,Lost,20,Bo\n")
    done = terminal("import", "d.csv", "-o", "f.yaml", cwd=files.folder)
    said = [" ".join(line.split()) for line in done.out.decode().splitlines()]
    asked = said[said.index("Wrote f.yaml. Next:") + 1 :]
    assert [line.split(" f.yaml")[0] for line in asked] == ["funnelcli show", "funnelcli show", "funnelcli forecast"]
    written = [" ".join(line.split()) for line in (files.folder / "f.yaml").read_text().splitlines()]
    first = written.index("# funnelcli show FILE where do people leave?")
    assert [line.replace("FILE", "f.yaml") for line in written[first : first + 3]] == [f"# {line}" for line in asked]
