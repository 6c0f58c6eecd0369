"""`--segment`: every command takes one segment for the funnel, and what is not there has a way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Files, Run

SHOP = """\
name: Shop
currency: EUR
average_check: 50
stages: [{name: Leads, target: null}, {name: Offers, target: 50%}, {name: Sales, days: 5}]
cells:
  - {manager: Ann, month: 2026-09, counts: [100, 40, 10]}
  - {manager: Ann, month: 2026-10, counts: [120, 60, 18]}
  - {manager: Ben, month: 2026-09, counts: [90, 30, 9]}
  - {manager: Ben, month: 2026-10, counts: [80, 20, 4]}
breakdowns: {manager: {Ann: {budget: 300}, Ben: {budget: 200}}}
checks: [sales >= 20]
scenarios: {Up: {conversion@Sales: +5pp}}
""".replace(", target: null", "")


@pytest.mark.parametrize(
    "command",
    ["show", "bottleneck", "economics", "scenario", "simulate", "levers", "goal --sales 30", "show --by month"],
)
def test_every_report_is_of_the_segment(run: Run, files: Files, command: str) -> None:
    name, *options = command.split()
    done = run(name, files("shop.yaml", SHOP), *options, "--segment", "manager=Ann", "--format", "json")
    assert (done.code, done.stderr) == (0, "")
    assert done.funnels[0]["name"] == "Shop, Ann"


def test_the_page_and_a_comparison_are_of_the_segment(run: Run, files: Files) -> None:
    file = files("shop.yaml", SHOP)
    page = run("report", file, "-f", "markdown", "--segment", "manager=Ann").stdout
    assert "Shop, Ann" in page
    (one,) = run("compare", file, "--by", "month", "--segment", "manager=Ann", "-f", "json").json["comparisons"]
    assert [stage["count_a"] for stage in one["stages"]] == [100, 40, 10]
    two = run("compare", file, file, "--segment", "month=2026-10", "-f", "json").json["comparisons"][0]
    assert [stage["count_b"] for stage in two["stages"]] == [200, 80, 22]


def test_a_baseline_is_of_the_same_segment(run: Run, files: Files) -> None:
    before = files("before.yaml", SHOP.replace("[120, 60, 18]", "[120, 60, 40]"))  # 50 of 100, of all 63 of 150
    done = run("bottleneck", files("shop.yaml", SHOP), "--baseline", before, "--segment", "manager=Ann", "-f", "json")
    (step,) = (step for step in done.funnels[0]["steps"] if step["name"] == "Sales")
    assert step["target"] == 0.5


def test_checks_of_the_file_are_held_against_the_segment(run: Run, files: Files) -> None:
    file = files("shop.yaml", SHOP)
    assert run("check", file, "--segment", "manager=Ann").code == 0
    failed = run("check", file, "--segment", "manager=Ben")
    assert (failed.code, "failed  sales >= 20  13" in failed.stdout) == (1, True)
    assert (
        run("check", file, "--segment", "manager=Ann", "--segment", "month=2026-10", "--check", "sales == 18").code == 1
    )
    lost = run("check", file, "--segment", "manager=Bob")
    assert lost.code == 2
    assert 'did you mean "Ben"?' in lost.stderr or "known here" in lost.stderr


@pytest.mark.parametrize(
    ("given", "help_"),
    [
        ("manager=An", 'did you mean "Ann"?'),
        ("manger=Ann", 'did you mean "manager"?'),
        ("Ann", "write --segment DIMENSION=SEGMENT, e.g. channel=Ads"),
        ("=Ann", "write --segment DIMENSION=SEGMENT, e.g. channel=Ads"),
    ],
)
def test_a_segment_that_is_not_there(run: Run, files: Files, given: str, help_: str) -> None:
    for command in ("show", "check"):
        done = run(command, files("shop.yaml", SHOP), "--segment", given)
        assert done.code == 2
        assert f"\n  = help: {help_}\n" in done.stderr


def test_without_cells_two_dimensions_are_refused(run: Run, files: Files) -> None:
    text = "stages: {A: 9, B: 3}\nbreakdowns: {c: {X: [4, 1], Z: [5, 2]}, d: {V: [4, 1], W: [5, 2]}}\n"
    file = files("two.yaml", text)
    for options in (("--segment", "d=W"), ("--by", "d")):
        done = run("show", file, "--segment", "c=X", *options)
        assert (done.code, done.stdout) == (2, "")
        assert "cells: [{c: X, d: " in done.stderr


def test_of_several_funnels_those_without_the_segment_are_said(run: Run, files: Files) -> None:
    other = "name: Other\nstages: {A: 9, B: 3}\n"
    done = run("show", files("shop.yaml", SHOP), files("other.yaml", other), "--segment", "manager=Ann", "-f", "json")
    assert [funnel["name"] for funnel in done.funnels] == ["Shop, Ann"]
    assert done.code == 2
    assert "Other: error[FN102]" in done.stderr


def test_open_units_are_not_divided(run: Run, files: Files) -> None:
    text = "stages:\n- {name: A, count: 9, open: 2}\n- {name: B, count: 3}\nbreakdowns: {c: {X: [4, 1], Z: [5, 2]}}\n"
    done = run("forecast", files("open.yaml", text), "--segment", "c=X")
    assert (done.code, done.stdout) == (2, "")
    assert 'how many of those open are of "open, X" is not known' in done.stderr


def test_a_segment_without_a_budget_of_its_own_says_so(run: Run, files: Files) -> None:
    """Budgets are those of channels: what is spent on a manager nobody knows, and the way out is said."""
    path = files(
        "split.yaml",
        "average_check: 100\nstages: [{name: A}, {name: B}]\nbreakdowns:\n"
        "  manager: {Ann: [100, 10], Bob: [120, 14]}\n"
        "  channel: {Ads: {counts: [100, 10], budget: 600}, SEO: {counts: [120, 14], budget: 400}}\n"
        "checks: [cost_per@B <= 50]\n",
    )
    why = "manager Ann has no budget of its own, and that of the funnel is not split by manager (budget: at Ann"
    for command in ("check", "economics", "levers"):
        done = run(command, path, "--segment", "manager=Ann")
        assert why in " ".join(done.stdout.split())
    assert why in run("goal", path, "--segment", "manager=Ann", "--profit", "100").stderr
