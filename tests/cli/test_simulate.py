"""`simulate`: every option is wired, JSON keeps its contract, and mistakes have a way out."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests.thorough import few

from .conftest import INVOICES, SAMPLES, said

if TYPE_CHECKING:
    from .conftest import Files, Run

KEYS = {"seed", "draws", "metrics", "goal", "variance_shares", "scenario", "steps", "assumptions", "next_period"}
KEYS |= {"check_spread", "money_share", "prior_explains", "until"}


def test_json_keys(run: Run) -> None:
    done = run("simulate", SAMPLES / "b2b.yaml", "--goal", "revenue >= 400000", "--format", "json")
    assert (done.code, done.stderr) == (0, "")
    (funnel,) = done.funnels
    assert set(funnel) >= KEYS
    assert set(funnel["metrics"]) == {"sales", "revenue", "profit"}
    for metric in funnel["metrics"].values():
        assert set(metric) >= {"mean", "p10", "p50", "p90", "histogram"}
        assert sum(each["draws"] for each in metric["histogram"]) == funnel["draws"] == 10000
    assert set(funnel["goal"]) >= {"metric", "value", "chance"}
    assert (funnel["goal"]["metric"], funnel["goal"]["value"]) == ("revenue", 400000)
    assert list(funnel["variance_shares"])[:2] == ["Choice", "Intent to buy"]


def test_options_reach_the_simulation(run: Run, files: Files) -> None:
    """Half of 100 invoices: Beta(51, 51); x1.2 by the scenario; one in two by chance besides."""
    path = files("invoices.yaml", f"{INVOICES}scenarios: {{Up: {{conversion@Paid: x1.2}}}}\n")
    plain, up, mean, other, same, set_up = (
        run("simulate", path, *options, "--draws", "500", "--format", "json").funnels[0]
        for options in (
            (),
            ("--scenario", "up"),
            ("--expected",),
            ("--seed", "9"),
            ("--next-period",),
            ("--set", "conversion@Paid=x1.2"),
        )
    )
    assert (plain["draws"], plain["seed"], plain["scenario"], plain["next_period"]) == (500, 1, None, True)
    assert (same, mean["next_period"]) == (plain, False)
    assert set_up == up | {"scenario": "conversion@Paid=x1.2"}
    assert plain["metrics"]["sales"]["mean"] == pytest.approx(50)
    assert (up["scenario"], up["metrics"]["sales"]["mean"]) == ("Up", pytest.approx(60))
    assert plain["metrics"]["sales"]["deviation"] > 1.3 * mean["metrics"]["sales"]["deviation"]
    assert other["seed"] == 9
    assert other["metrics"]["sales"]["histogram"] != plain["metrics"]["sales"]["histogram"]
    assert other["metrics"]["sales"]["mean"] == plain["metrics"]["sales"]["mean"]


@pytest.mark.parametrize("format_name", few(["table", "json", "csv", "markdown"], 2))
def test_two_runs_agree_in_every_format(run: Run, format_name: str) -> None:
    first, second = (
        run("simulate", SAMPLES / "context_ads.yaml", "--format", format_name, env={"PYTHONHASHSEED": seed})
        for seed in ("1", "2")
    )
    assert first.code == 0
    assert first.out == second.out
    assert first.out


def test_changes_of_ones_own_come_after_those_of_the_scenario(run: Run, files: Files) -> None:
    """Half of 100 invoices: x1.2 by the scenario, then twice the entries, of 10,000 each and then of 20,000."""
    path = files("invoices.yaml", f"{INVOICES}scenarios: {{Up: {{conversion@Paid: x1.2}}}}\n")
    sets = ("--set", "entries=x2", "--set", "average_check=+100%")
    (result,) = run("simulate", path, "--scenario", "up", *sets, "--format", "json").funnels
    assert result["scenario"] == "Up, entries=x2, average_check=+100%"
    assert result["metrics"]["sales"]["mean"] == pytest.approx(120)
    assert result["metrics"]["revenue"]["mean"] == pytest.approx(120 * 20_000)


@pytest.mark.parametrize(("short", "long"), [("revenue", "revenue >= 480000"), ("sales", "sales >= 480000")])
def test_short_forms_of_a_goal(run: Run, files: Files, short: str, long: str) -> None:
    path = files("invoices.yaml", INVOICES)
    one, other = (
        run("simulate", path, *options, "--format", "json").out
        for options in ((f"--{short}", "480000"), ("--goal", long))
    )
    assert one == other


def test_the_headline_says_of_what_the_range_is(run: Run, files: Files) -> None:
    path = files("invoices.yaml", INVOICES)
    coming, lasting = (run("simulate", path, *options).stdout for options in ((), ("--expected",)))
    assert "Revenue of the next period lies between" in coming
    assert "In the long run the mean revenue lies between" in lasting
    assert "one alone varies more" in lasting


def test_the_table_says_what_was_drawn(run: Run) -> None:
    done = run("simulate", SAMPLES / "b2b.yaml", "--goal", "sales >= 45", "--seed", "3")
    for words in (
        "Sales of at least 45 in the next period (until 2027-12-31): a chance of",
        "P10",
        "Share of",
        "48 of 106",
        "10,000 draws, seed 3",
    ):
        assert words in done.stdout


@pytest.mark.parametrize(
    ("options", "fragment"),
    [
        (["--goal", "revenue"], "write a figure, >= or <=, and its value"),
        (["--goal", "reveune >= 4"], 'did you mean "revenue"?'),
        (["--goal", "conversion@Paid >= 4%"], "sales, revenue, profit"),
        (["--goal", "revenue >= baseline"], "value"),
        (["--goal", "sales == 4"], ">="),
        (["--goal", "profit >= 4"], "budget"),
        (["--sales", "4", "--goal", "sales >= 5"], "give one of"),
        (["--expected", "--next-period"], "give one of them"),
        (["--set", "conversion@Paid"], "--set SELECTOR=CHANGE"),
        (["--set", "conversion@Piad=+1pp"], 'did you mean "Paid"?'),
        (["--scenario", "Nothing"], "scenarios"),
        (["--draws", "0"], "--draws"),
        (["--draws", "many"], "--draws"),
        (["--seed", "-1"], "--seed"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_mistakes_have_a_way_out(run: Run, files: Files, options: list[str], fragment: str) -> None:
    done = run("simulate", files("invoices.yaml", INVOICES), *options)
    assert (done.code, done.stdout) == (2, "")
    assert fragment in done.stderr


def test_stages_without_a_file(run: Run) -> None:
    done = run("simulate", "--stage", "Visits=200", "--stage", "Sales=4", "--format", "json")
    assert done.funnels[0]["metrics"]["sales"]["mean"] == pytest.approx(200 * 5 / 202)


def test_no_progress_without_a_terminal(run: Run, files: Files) -> None:
    script = "from funnelcli.cli import chances\nchances.QUIET_SECONDS = 0"
    done = run("simulate", files("invoices.yaml", INVOICES), "--draws", "100000", script=script)
    assert (done.code, said(done.stderr)) == (0, [])


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_progress_on_a_terminal_is_wiped_at_the_end(run: Run, files: Files) -> None:
    import pty

    ours, theirs = pty.openpty()
    script = "from funnelcli.cli import chances\nchances.QUIET_SECONDS = 0"
    done = run("simulate", files("invoices.yaml", INVOICES), "--draws", "60000", script=script, stderr=theirs)
    os.close(theirs)
    said_there = os.read(ours, 10_000).decode()
    os.close(ours)
    assert done.code == 0
    lines = said_there.split("\r")
    assert lines[1:3] == ["20,000 of 60,000 draws", "40,000 of 60,000 draws"]
    assert not lines[-2].strip()
    assert lines[-1] == ""


MONTHS = "breakdowns: {month: {2026-07: [40, 20], 2026-08: [30, 10], 2026-09: [30, 20]}}\n"
TOGETHER = "the next period is as long as the 3 periods by month together"


@pytest.mark.parametrize("command", ["simulate", "goal --sales 60", "goal --sales 60 --chance 80%"])
def test_the_next_period_is_as_long_as_that_of_the_counts(run: Run, files: Files, command: str) -> None:
    plain, by_month = files("invoices.yaml", INVOICES), files("months.yaml", f"{INVOICES}{MONTHS}")
    name, *options = command.split()
    (whole,) = run(name, by_month, *options, "-f", "json").funnels
    assert [clause for clause in whole["assumptions"] if clause.startswith(TOGETHER)]
    for other in ((plain, *options), (by_month, *options, "--segment", "month=2026-08")):
        (alone,) = run(name, *other, "-f", "json").funnels
        assert "together" not in " ".join(alone["assumptions"])


def test_a_verdict_says_how_long_the_next_period_is(run: Run, files: Files) -> None:
    """Who counts by months takes the next period for a month; where its last day is known, that says more."""
    path = files("months.yaml", f"{INVOICES}{MONTHS}")
    first = run("simulate", path).stdout.splitlines()[2]
    assert "of the next period (as long as the 3 periods by month together) lies between" in first
    alone = run("simulate", path, "--segment", "month=2026-08").stdout.splitlines()[2]
    assert "as long as" not in alone
