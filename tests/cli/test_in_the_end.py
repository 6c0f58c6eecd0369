"""Commands on a file of which windows are open: what is now, what is expected, and from where dates count."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy
import pytest

from tests.measured_log import file_text, fitted, simulated

if TYPE_CHECKING:
    from tests.cli.conftest import Files, Run

LOG = simulated(numpy.random.default_rng(41), 800)
END = fitted(LOG, LOG.paid)[1][-1]


@pytest.fixture(scope="module")
def text() -> str:
    return file_text(LOG, weeks=True)


@pytest.fixture
def path(files: Files, text: str) -> str:
    return str(files("open.yaml", text))


def test_one_question_has_one_answer(run: Run, path: str) -> None:
    (shown,) = run("show", path, "--format", "json").funnels
    assert shown["conversion_eventual"] == pytest.approx(END, abs=1e-9)
    (held,) = run("bottleneck", path, "--format", "json").funnels
    steps = {step["name"]: step["conversion_decided"] for step in held["steps"]}
    assert steps == {stage["name"]: stage["conversion_eventual"] for stage in shown["stages"][1:]}
    for limit in ("conversion@Paid >= 1%", "conversion_eventual@Paid >= 1%", "conversion_decided@Paid >= 1%"):
        (check,) = run("check", path, "--check", limit, "--format", "json").json["checks"]
        assert check["actual"] == steps["Paid"]
    (check,) = run("check", path, "--check", "overall_conversion >= 1%", "--format", "json").json["checks"]
    assert check["actual"] == shown["conversion_eventual"]
    assert check["now"] == shown["overall_conversion"]
    assert check["left_out"] == []


def test_a_chosen_period_is_judged_by_its_end(run: Run, path: str) -> None:
    (table,) = run("show", path, "--by", "week", "--format", "json").funnels
    row = table["segments"][-1]
    (alone,) = run("show", path, "--segment", "week=2026-W44", "--format", "json").funnels
    assert alone["conversion_eventual"] == row["conversion_eventual"]
    (check,) = run(
        "check", path, "--segment", "week=2026-W44", "--check", "overall_conversion >= 1%", "--format", "json"
    ).json["checks"]
    assert check["actual"] == row["conversion_eventual"]


def test_dates_count_from_the_last_event(run: Run, path: str) -> None:
    (soon,) = run("forecast", path, "--within", "7d", "--format", "json").funnels
    (by,) = run("forecast", path, "--until", "2026-11-09", "--format", "json").funnels
    assert (by["since"], by["within_days"]) == ("2026-11-02", 7)
    assert by["expected_sales"] == soon["expected_sales"]
    done = run("forecast", path, "--until", "2026-11-02")
    assert done.code == 2
    assert "is not after 2026-11-02, up to when the counts tell" in done.stderr


def test_words_for_people(run: Run, path: str) -> None:
    shown = run("show", path).stdout
    assert "now, " in shown
    assert " in the end" in shown
    by_week = run("show", path, "--by", "week").stdout
    figures = [line.split() for line in by_week.splitlines() if line.startswith("2026-W44")][1]
    assert "–" in figures[-1]  # the range, behind the figure
    assert figures[-2].endswith("%")
    text = run("show", path, "--by", "week", "--format", "markdown").stdout
    assert "| In the end, % of entry" in text
    rows = run("show", path, "--by", "week", "--format", "csv").stdout.splitlines()
    assert "overall_conversion_eventual" in rows[0].split(",")
    assert json.loads(run("show", path, "--format", "json").stdout)["funnels"][0]["awaits"] is True


def test_what_came_so_far_and_the_end_are_told_apart(run: Run, path: str) -> None:
    (shown,) = run("show", path, "--format", "json").funnels
    said = " ".join(run("show", path).stdout.split())
    now, end = (f"{shown[key]:.1%}" for key in ("overall_conversion", "conversion_eventual"))
    low, high = (f"{100 * shown[f'conversion_eventual_{each}']:.1f}" for each in ("low", "high"))
    assert f"In the end {now} now, {end} in the end, 95% interval {low}–{high}%" in said


def test_open_periods_are_named_alike_everywhere(run: Run, path: str) -> None:
    (table,) = run("show", path, "--by", "week", "--format", "json").funnels
    open_yet = table["not_mature"]
    assert len(open_yet) == 2
    for command in (("show", path), ("show", path, "--by", "week"), ("bottleneck", path)):
        assert f"the window is still open: {' and '.join(open_yet)}" in " ".join(run(*command).stdout.split())
    for command in ("show", "bottleneck", "simulate"):  # one that a report is of is in its heading
        said = " ".join(run(command, path, "--segment", f"week={open_yet[-1]}").stdout.split())
        assert "the window is still open" in said
        assert "still open: " not in said
