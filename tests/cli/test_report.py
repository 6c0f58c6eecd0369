"""`funnelcli report` as users meet it."""

from __future__ import annotations

import os
import re
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from funnelcli.cli.commands.report import _today
from funnelcli.cli.console import Refused
from funnelcli.funnel_file.reader import read
from tests.thorough import few, weekly, whole_or_part

from .conftest import BROKEN, INVOICES, SAMPLES, TARGET, said

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Files, Run

needs_extra = pytest.mark.skipif(
    not (find_spec("vl_convert") and find_spec("jinja2")), reason="the extra report is not installed"
)
WITHOUT = """
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in {names} else found(name, *rest)
"""


def wrote(path: Path) -> str:
    """What is said of a report of one funnel that was written."""
    size = path.stat().st_size
    return f"funnelcli: wrote {path.name} ({f'{size} bytes' if size < 1000 else f'{size / 1000:.0f} kB'}, 1 funnel)\n"


@needs_extra
@pytest.mark.parametrize(
    ("name", "start"),
    [("r.html", b"<!doctype html>"), ("r.svg", b"<svg "), ("r.PNG", b"\x89PNG"), ("r.md", b"## Invoices\n")],
)
def test_the_ending_decides_what_is_written(run: Run, files: Files, name: str, start: bytes) -> None:
    done = run("report", files("a.yaml", INVOICES), "-o", name)
    assert (done.code, done.out) == (0, b"")
    assert done.stderr == wrote(files.folder / name)
    assert (files.folder / name).read_bytes().lstrip().startswith(start)


@pytest.mark.parametrize(
    ("command", "ending", "made"),
    [
        ("report", ".csv", "show"),
        ("report", ".json", "show"),
        ("show", ".xlsx", "report"),
        ("bottleneck", ".png", "report"),
        ("check", ".html", "report"),
        ("show", ".pptx", "report"),
        ("goal", ".xls", "report"),
    ],
)
def test_an_ending_of_another_command_is_answered_by_what_makes_it(
    run: Run, files: Files, command: str, ending: str, made: str
) -> None:
    """The command that is named writes the file, to the letter."""
    target = ["--sales", "90"] if command == "goal" else []
    path = files("a.yaml", INVOICES)
    done = run(command, path, *target, "-o", f"x{ending}")
    assert (done.code, done.stdout) == (2, "")
    found = re.search(r"for (\.\w+): funnelcli (.*?); here,", done.stderr)
    assert found, done.stderr
    words = found[2].split()
    assert (words[0], words[-1]) == (made, f"x{found[1]}")
    written_by_others = ending == ".pptx" and made == "report"  # a page, as that of `check` is
    if all(map(find_spec, ("vl_convert", "jinja2", "xlsxwriter"))) and whole_or_part(True, not written_by_others):
        assert run(*words).code == 0
        assert (files.folder / words[-1]).stat().st_size > 100


@needs_extra
@pytest.mark.parametrize(
    ("name", "start"),
    [("html", "<!doctype html>"), pytest.param("svg", "<svg ", marks=weekly), ("markdown", "## Invoices")],
)
def test_text_may_go_to_standard_output(run: Run, files: Files, name: str, start: str) -> None:
    done = run("report", files("a.yaml", INVOICES), "--format", name)
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.lstrip().startswith(start)


@pytest.mark.parametrize(
    ("name", "start"),
    [pytest.param("png", b"\x89PNG\r\n\x1a\n", marks=weekly), ("xlsx", b"PK\x03\x04")],
)
def test_bytes_may_go_to_another_program(run: Run, files: Files, name: str, start: bytes) -> None:
    pytest.importorskip({"png": "vl_convert", "xlsx": "xlsxwriter"}[name])
    path = files("a.yaml", INVOICES)
    done = run("report", path, "--format", name)
    assert (done.code, done.err) == (0, b"")
    assert done.out.startswith(start)
    assert run("report", path, "-o", f"r.{name}").code == 0
    assert done.out == (files.folder / f"r.{name}").read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX terminal is needed")
@pytest.mark.parametrize("name", ["png", "xlsx"])
def test_bytes_do_not_go_to_a_terminal(run: Run, files: Files, name: str) -> None:
    pytest.importorskip({"png": "vl_convert", "xlsx": "xlsxwriter"}[name])
    ours, theirs = os.openpty()
    done = run("report", files("a.yaml", INVOICES), "--format", name, stdout=theirs)
    os.close(theirs)
    os.close(ours)
    assert done.code == 2
    assert done.stderr == f"funnelcli: error: {name} is not text\n  = help: add -o FILE, e.g. -o report.{name}\n"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX pipes are needed")
def test_bytes_for_a_program_that_went_away_end_quietly(run: Run, files: Files) -> None:
    pytest.importorskip("xlsxwriter")
    reader, writer = os.pipe()
    os.close(reader)
    done = run("report", files("a.yaml", INVOICES), "--format", "xlsx", stdout=writer)
    os.close(writer)
    assert (done.code, done.err) == (141, b"")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ".html, .svg, .png, .md"),
        (["-o", "r.PDF"], "print or save as PDF what this makes: funnelcli report a.yaml -o r.html"),
        (["-o", "r.docx"], ".html, .svg, .png, .md"),
        (["-o", "r.md", "--chart", "funnel"], "--chart is of pictures"),
        (["-o", "r.svg", "--chart", "pie"], "pie is not one of funnel, waterfall"),
        (["-o", "r.svg", "--brand-color", "red"], "write six hexadecimal digits"),
        (["-o", "r.md", "--theme", "blue"], "blue"),
        (["-o", "a.yaml", "--format", "markdown", "--force"], "is read by this command"),
        (["-o", "r.md", "--baseline", "missing.yaml"], "cannot read"),
    ],
)
def test_what_cannot_be_written_is_said(run: Run, files: Files, arguments: list[str], words: str) -> None:
    files("a.yaml", INVOICES)
    done = run("report", "a.yaml", *arguments)
    assert (done.code, done.out) == (2, b"")
    assert words in " ".join(done.stderr.split())
    assert sorted(path.name for path in files.folder.iterdir()) == ["a.yaml"]


@needs_extra
def test_a_chart_that_no_funnel_has_is_said(run: Run, files: Files) -> None:
    done = run("report", files("a.yaml", INVOICES), "-o", "r.svg", "--chart", "trend")
    assert done.code == 2
    assert said(done.stderr) == ["funnelcli: error: no funnel here has a trend to draw"]
    assert not (files.folder / "r.svg").exists()


@needs_extra
@pytest.mark.parametrize("name", ["r.svg", pytest.param("r.png", marks=weekly)])
def test_a_chart_that_is_left_out_beside_others_is_said(run: Run, files: Files, name: str) -> None:
    kinds = [word for kind in ("heatmap", "trend", "waterfall", "heatmap") for word in ("--chart", kind)]
    done = run("report", SAMPLES / "periods.yaml", "-o", name, *kinds)
    assert done.code == 0
    assert done.stderr == (
        "funnelcli: note: no funnel here has a heatmap to draw, so it is left out\n"
        "  = help: it takes a breakdown by anything but periods\n"
        f"{wrote(files.folder / name)}"
    )
    assert (files.folder / name).exists()


@needs_extra
def test_charts_stand_one_below_the_other_in_the_order_given(run: Run, files: Files) -> None:
    titles = {"trend": "Trend by ", "waterfall": "What moved ", "funnel": "Funnel of "}
    orders = (["trend", "waterfall", "funnel"], ["funnel", "trend", "waterfall"])
    for kinds in whole_or_part(orders, orders[1:]):  # the second is not the order in which a report has them
        words = [word for kind in kinds for word in ("--chart", kind)]
        done = run("report", SAMPLES / "periods.yaml", "--format", "svg", *words)
        assert (done.code, done.stderr) == (0, "")
        places = [done.stdout.index(f">{titles[kind]}") for kind in kinds]
        assert places == sorted(places)


@needs_extra
@pytest.mark.parametrize("name", ["r.png", "r.md"])
def test_a_file_is_not_overwritten_unless_asked(run: Run, files: Files, name: str) -> None:
    path = files(name, "kept")
    funnel = files("a.yaml", INVOICES)
    assert run("report", funnel, "-o", path).code == 2
    assert path.read_text() == "kept"
    assert run("report", funnel, "-o", path, "--force").code == 0
    assert path.read_bytes() != b"kept"
    assert run("report", funnel, "-o", path).code == 0  # what was made here is made anew
    path.write_bytes(path.read_bytes() + b"\n")
    assert "was changed since it was made" in run("report", funnel, "-o", path).stderr


@pytest.mark.parametrize(
    ("name", "missing", "words"),
    [
        ("r.html", ["jinja2"], "jinja2"),
        ("r.png", ["vl_convert"], "vl_convert"),
        ("r.svg", ["vl_convert"], "vl_convert"),
    ],
)
def test_without_the_extra_one_line_says_what_to_install(
    run: Run, files: Files, name: str, missing: list[str], words: str
) -> None:
    done = run("report", files("a.yaml", INVOICES), "-o", name, script=WITHOUT.format(names=missing))
    assert done.code == 2
    assert f"that are not installed: {words}" in done.stderr
    assert "pip install 'funnelcli[report]'" in done.stderr


def test_markdown_needs_no_extra_and_no_rich(run: Run, files: Files) -> None:
    script = WITHOUT.format(names=["jinja2", "vl_convert"]) + "import sys; sys.modules['rich'] = None"
    done = run("report", files("a.yaml", INVOICES), "-o", "r.md", script=script)
    assert (done.code, done.stderr) == (0, wrote(files.folder / "r.md"))


@pytest.mark.parametrize(("other", "code"), [(BROKEN, 1), (TARGET, 0)])
def test_a_sound_funnel_is_reported_beside_a_broken_one(run: Run, files: Files, other: str, code: int) -> None:
    done = run("report", files("a.yaml", INVOICES), files("b.yaml", other), "-o", "r.md")
    assert done.code == code
    assert "## Invoices" in (files.folder / "r.md").read_text(encoding="utf-8")


def test_a_baseline_without_the_funnel_is_said(run: Run, files: Files) -> None:
    baselines = files("old.yaml", f"{TARGET}---\n{TARGET.replace('Target', 'Other')}")
    done = run("report", files("a.yaml", INVOICES), "--baseline", baselines, "-o", "r.md")
    assert done.code == 2
    assert 'the baseline has no funnel called "Invoices"' in done.stderr
    assert not (files.folder / "r.md").exists()


@pytest.mark.parametrize(("before", "now"), [("USD", "USD"), ("EUR", "USD"), ("USD", ""), ("", "EUR")])
def test_the_change_against_a_baseline_is_said_as_compare_says_it(
    run: Run, files: Files, before: str, now: str
) -> None:
    """With the currency of both funnels, or of the one that has one; where these differ, with none."""
    paths = [
        files(f"{when}.yaml", INVOICES.replace("10000", check) + (f"currency: {currency}\n" if currency else ""))
        for when, check, currency in (("before", "9800", before), ("now", "10000", now))
    ]
    headline = re.search(
        r"^\*\*(.*)\*\*$", run("report", paths[1], "--baseline", paths[0], "-f", "markdown").stdout, re.M
    )
    assert headline is not None
    assert headline[1] in run("compare", *paths).stdout
    both = {before, now} - {""}
    assert f"490,000{'' if len(both) > 1 else ' ' + both.pop()} → " in headline[1]


@pytest.mark.parametrize("name", ["r.md", "r.html", "r.svg"])
def test_a_report_that_would_lack_its_baseline_is_not_written(run: Run, files: Files, name: str) -> None:
    pytest.importorskip("vl_convert")
    target = files(name, "kept")
    funnel = files("a.yaml", INVOICES)
    done = run("report", funnel, "--baseline", SAMPLES / "b2b.yaml", "-o", target, "--force")
    assert done.code == 2
    (line,) = said(done.stderr)
    assert line.startswith("funnelcli: error[FN112] ")
    assert target.read_text() == "kept"


def test_one_funnel_without_a_baseline_stops_the_report_and_each_is_said_once(run: Run, files: Files) -> None:
    pair = files("new.yaml", f"{TARGET}---\n{INVOICES}")
    old = files("old.yaml", f"{TARGET}---\n{TARGET.replace('Target', 'Other')}")
    done = run("report", pair, "--baseline", old, "-o", "r.md")
    assert done.code == 2
    assert len(said(done.stderr)) == 1
    assert not (files.folder / "r.md").exists()
    assert run("report", pair, "--funnel", "Target", "--baseline", old, "-o", "r.md").code == 0


@needs_extra
@pytest.mark.parametrize("name", ["r.html", "r.md", "r.svg"])
def test_every_sample_is_reported(run: Run, files: Files, name: str) -> None:
    paths = sorted(SAMPLES.glob("*.yaml"))
    paths = paths if name == "r.md" else few(paths, 5)
    funnels = [each for path in paths for each in read(path.read_bytes(), path.name).funnels]
    done = run("report", *paths, "-o", name)
    assert (done.code, said(done.stderr)[:-1]) == (0, [])
    assert done.stderr.endswith(f", {len(funnels)} funnels)\n")
    assert (files.folder / name).stat().st_size > 1000 * len(paths)


@needs_extra
def test_a_page_of_long_breakdowns_is_small(run: Run, files: Files) -> None:
    """10 funnels of 5 breakdowns of 50 segments are at most 2 MB; so one of them is at most 200 kB."""
    rows = "".join(
        f"    Segment {index}: {{counts: [{900 + index}, 300, 100, 20], budget: 9}}\n" for index in range(50)
    )
    dimensions = "".join(f"  {name}:\n{rows}" for name in ("channel", "manager", "region", "product", "month"))
    stages = "".join(f"- {{name: Stage {index}}}\n" for index in range(4))
    text = f"name: Long\naverage_check: 50\nbudget: 450\nstages:\n{stages}breakdowns:\n{dimensions}"
    done = run("report", files("long.yaml", text), "-o", "r.html")
    assert (done.code, done.stderr) == (0, wrote(files.folder / "r.html"))
    assert (files.folder / "r.html").stat().st_size < 200_000


@pytest.mark.parametrize("name", ["r.md", pytest.param("r.html", marks=weekly)])
def test_months_that_may_still_grow_are_no_failure(run: Run, files: Files, name: str) -> None:
    if name.endswith("html"):
        pytest.importorskip("jinja2", reason="the extra report is not installed")
    own = "breakdowns: {month: {May: [60, 6], June: [40, 4]}}\nmeasured: {not_mature: [June]}\n"
    done = run("report", files("a.yaml", f"name: Shop\nstages: [{{name: Visits}}, {{name: Sales}}]\n{own}"), "-o", name)
    said = 'periods are not compared: "month" has 1 segment whose window is over: the figures of the others may grow'
    assert (done.code, done.stderr) == (0, f"funnelcli: note: {said}\n{wrote(files.folder / name)}")


@pytest.mark.parametrize("epoch", ["9" * 12, "9" * 30, "9" * 5000, "yesterday"])
def test_a_day_that_is_no_moment_is_refused(monkeypatch: pytest.MonkeyPatch, epoch: str) -> None:
    """https://reproducible-builds.org/specs/source-date-epoch/: a malformed value should end the build."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    with pytest.raises(Refused) as refused:
        _today()
    assert refused.value.what.startswith('SOURCE_DATE_EPOCH is "')
