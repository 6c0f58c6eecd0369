"""Nothing that is given is dropped without a word: an option of one value stands once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import TARGET

if TYPE_CHECKING:
    from .conftest import Files, Run


@pytest.mark.parametrize(
    ("command", "options", "named"),
    [
        ("economics", "--by channel --by month", "--by"),
        ("bottleneck", "--by channel --by channel", "--by"),
        ("show", "-f json --format csv", "--format"),
        ("bottleneck", "--baseline a.yaml --baseline b.yaml", "--baseline"),
        ("compare", "--by c --pair A B --pair A C", "--pair"),
        ("report", "-o a.html -o b.html", "--output"),
        ("goal", "--sales 5 --sales 6", "--sales"),
        ("check", "--baseline a.yaml --baseline b.yaml", "--baseline"),
    ],
)
def test_an_option_of_one_value_given_twice_is_refused(
    run: Run, files: Files, command: str, options: str, named: str
) -> None:
    done = run(command, files("target.yaml", TARGET), *options.split())
    assert (done.code, done.stdout) == (2, "")
    assert f"Error: Invalid value for {named}: it is given 2 times." in done.stderr
    assert ("a table of show" in done.stderr) == (named == "--by")


def test_what_is_repeatable_and_flags_may_stand_twice(run: Run, files: Files) -> None:
    file = files("target.yaml", TARGET)
    assert run("show", file, "--funnel", "Target", "--funnel", "target").code == 0
    assert run("check", file, "--strict", "--strict", "-o", "a.json", "-o", "json=b.json").code == 0


@pytest.mark.parametrize(
    ("command", "options", "what"),
    [
        ("compare", "--by channel --common", "--common is of several funnels"),
        ("report", "-f markdown --theme dark", "--theme has no effect in .md"),
        ("report", "-f markdown --brand-color #0b6e75", "--brand-color has no effect in .md"),
        ("report", "-o x.xlsx --top 3", "--top has no effect in .xlsx"),
        ("report", "-o x.xlsx --baseline other.yaml", "--baseline has no effect in .xlsx"),
        ("show", "--top 3", "--top and --sort need --by"),
        ("compare", "--pair A B", "--pair needs --by"),
        ("show", "--average-check 5", "--average-check goes with stages"),
    ],
)
def test_an_option_without_effect_is_refused(run: Run, files: Files, command: str, options: str, what: str) -> None:
    done = run(command, files("target.yaml", TARGET), *options.split())
    assert (done.code, done.stdout) == (2, "")
    assert f"error: {what}" in done.stderr
    assert "= help: " in done.stderr


def test_the_name_of_a_funnel_is_of_files(run: Run) -> None:
    done = run("show", "--stage", "A=9", "--stage", "B=3", "--funnel", "Shop")
    assert (done.code, done.stdout) == (2, "")
    assert "--funnel is of files" in done.stderr


def test_a_baseline_that_no_limit_speaks_of_is_said(run: Run, files: Files) -> None:
    file = files("target.yaml", TARGET)
    idle = run("check", file, "--baseline", file, "--check", "conversion@Paid >= 5%")
    assert (idle.code, "no limit speaks of a baseline" in idle.stderr) == (0, True)
    used = run("check", file, "--baseline", file, "--check", "conversion@Paid >= baseline")
    assert (used.code, used.stderr) == (0, "")
