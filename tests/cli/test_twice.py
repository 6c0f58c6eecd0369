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
