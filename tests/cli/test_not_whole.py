"""Periods that a log covers in part, or of which nobody knows when they are over: what is no verdict on them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy
import pytest

from tests.thorough import few

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Files, Run

STEADY = """\
name: {name}
average_check: 100
budget: 9000
stages:
  - {{name: V, when: {{e: visit}}}}
  - {{name: P, when: {{e: paid}}}}
measure: {{unit: u, time: t{more}}}
"""


def log(seed: int, first: datetime, last: datetime, entries: int, rate: float = 0.2, days: float = 1.0) -> str:
    """Steady traffic: so many entries between two moments, of whom a share pays after some days."""
    random, rows = numpy.random.default_rng(seed), ["u,e,t"]
    length = (last - first).total_seconds()
    for unit, part in enumerate(numpy.sort(random.random(entries))):
        came = first + timedelta(seconds=float(part) * length)
        paid = came + timedelta(days=float(random.exponential(days)))
        rows.append(f"{unit},visit,{came:%Y-%m-%d %H:%M:%S}")
        if random.random() < rate and paid < last:
            rows.append(f"{unit},paid,{paid:%Y-%m-%d %H:%M:%S}")
    return "\n".join(rows) + "\n"


def measured(run: Run, files: Files, events: str, more: str, name: str = "Shop", *options: str) -> Path:
    """The file that a measurement of the events writes."""
    own = files(f"{name}.yaml", STEADY.format(name=name, more=more))
    log_ = files(f"{name}.csv", events)
    out = own.parent / f"{name}_measured.yaml"
    done = run("measure", own, "--from", log_, "-o", out, *options)
    assert done.code == 0, done.stderr
    return out


@pytest.fixture
def months(run: Run, files: Files) -> Path:
    """From 20 July to 12 October, of months: the first and the last are cut, and the last is open."""
    events = log(1, datetime(2026, 7, 20, 1, tzinfo=UTC), datetime(2026, 10, 12, 3, tzinfo=UTC), 1350)
    return measured(run, files, events, ", window: 3 days, period: month")


@pytest.mark.parametrize(("period", "written"), [("month", "%Y-%m-%d"), ("month", "%Y%m%d"), ("day", "%Y-%m-%d 00:00")])
def test_a_log_of_dates_covers_its_days_to_their_end(run: Run, files: Files, period: str, written: str) -> None:
    """From 20 September to 31 October, of which an interval that ends a day later lacks one day."""
    days = [datetime(2026, 9, 20, tzinfo=UTC) + timedelta(days=day) for day in range(42)]
    rows = [f"{unit},visit,{day:{written}}" for unit, day in enumerate(day for day in days for _ in range(20))]
    more = f", window: 1 day, period: {period}" + ', time_format: "%Y%m%d"' * (written == "%Y%m%d")
    events = "\n".join(["u,e,t", *rows, f"1,paid,{days[0]:{written}}", ""])
    all_of_it = measured(run, files, events, more)
    interval = measured(run, files, events, more, "Late", "--between", "2026-10-01", "2026-11-02")
    (cut, of_interval) = (
        [(each["name"], each["covered"], each["whole"]) for each in shown["measured"]["cut"]]
        for shown in run("show", all_of_it, interval, "--format", "json").funnels
    )
    assert cut == ([("2026-09", 11, 30)] if period == "month" else [])
    assert ("Late", 31, 32) in of_interval


def test_the_first_and_the_last_whole_period_are_compared(run: Run, months: Path) -> None:
    (report,) = run("compare", months, "--by", "period", "--format", "json").json["comparisons"]
    assert (report["a"], report["b"]) == ("2026-08", "2026-09")
    assert [each["name"] for each in report["periods_cut"]] == ["2026-07"]
    assert report["periods_open"] == ["2026-10"]
    assert not report["uneven"]
    assert "Left out, as they are not whole: 2026-07: 12 of 31 days" in run("compare", months, "--by", "period").stdout


def test_a_pair_of_unequal_time_is_named_and_no_entries_are_a_cause(run: Run, months: Path) -> None:
    pair = ("compare", months, "--by", "period", "--pair", "2026-07", "2026-09")
    (report,) = run(*pair, "--format", "json").json["comparisons"]
    assert report["uneven"]
    assert [stage["count_change_rate"] for stage in report["stages"]] == [None, None]
    for moved in (report["sales"], report["revenue"]):
        assert (moved["most"], moved["doubt"], moved["change_rate"]) == (None, "cut", None)
        (entries,) = [each for each in moved["effects"] if each["factor"] == "entries"]
        assert (entries["low"], entries["high"]) == (None, None)
    said = run(*pair).stdout
    assert "2026-07: 12 of 31 days" in said
    assert "most: entries" not in said
    assert "largest effect" not in said
    assert report["overall"]["p_value"] is not None  # rates are compared all the same


def test_changes_trend_and_verdicts_on_money_leave_out_what_is_not_whole(run: Run, months: Path) -> None:
    (table,) = run("show", months, "--by", "period", "--format", "json").funnels
    known = [row["name"] for row in table["segments"] if row["sales_change"] is not None]
    assert known == ["2026-09"]
    assert [(each["name"], each["covered"], each["whole"], each["unit"]) for each in table["cut"]] == [
        ("2026-07", 12, 31, "days"),
        ("2026-10", 12, 31, "days"),
    ]
    shown = run("show", months, "--by", "period").stdout
    counts = {row["name"]: row["sales"] for row in table["segments"]}
    assert f"  {counts['2026-08']} → {counts['2026-09']}" in shown
    assert "The trend is of 2 periods; 2 are left out" in shown


def test_whether_a_cut_period_earns_is_not_told(run: Run, files: Files, months: Path) -> None:
    text = months.read_text()
    for row in ("2026-07", "2026-08", "2026-09", "2026-10"):
        text = text.replace(f'"{row}": [', f'"{row}": {{budget: 2250, counts: [', 1)
    lines = [line + "}" if "budget: 2250" in line else line for line in text.splitlines()]
    path = files("priced.yaml", "\n".join(lines).replace("budget: 9000\n", "") + "\n")
    (money,) = run("economics", path, "--by", "period", "--format", "json").funnels
    assert [each["verdict"] is None for each in money["segments"]] == [True, False, False, True]
    assert "not whole" in run("economics", path, "--by", "period").stdout


@pytest.fixture
def two(run: Run, files: Files) -> tuple[Path, Path]:
    """September, and October until the 26th, at the same traffic."""
    events = log(2, datetime(2026, 8, 20, tzinfo=UTC), datetime(2026, 10, 26, 11, tzinfo=UTC), 4000, days=0.2)
    sep = measured(run, files, events, ", window: 7 days", "Sep", "--between", "2026-09-01", "2026-10-01")
    oct_ = measured(run, files, events, ", window: 7 days", "Oct", "--between", "2026-10-01", "2026-11-01")
    return sep, oct_


def test_an_interval_that_the_log_does_not_fill_is_named(run: Run, two: tuple[Path, Path]) -> None:
    done = run("compare", *two)
    assert "Oct: 26 of 31 days" in done.stdout
    assert "entries, -" not in done.stdout
    (report,) = run("compare", *two, "--format", "json").json["comparisons"]
    assert report["revenue"]["most"] is None
    assert "Not whole: Oct: 26 of 31 days" in run("show", two[1]).stdout
    assert run("show", two[0], "--format", "json").funnels[0]["measured"]["cut"] == []


def test_a_check_of_volume_against_a_baseline_of_more_days_is_undecided(run: Run, two: tuple[Path, Path]) -> None:
    sep, oct_ = two
    checks = ("--check", "sales >= baseline", "--check", "overall_conversion >= baseline - 50%")
    (volume, rate) = run("check", oct_, "--baseline", sep, *checks, "--format", "json").json["checks"]
    assert volume["passed"] is None
    assert "26 of 31 days" in volume["reason"]
    assert rate["passed"] is True


def test_segments_of_one_interval_have_equal_time(run: Run, files: Files) -> None:
    text = (
        "name: X\naverage_check: 9\nmeasure: {unit: u, time: t, window: 1 day, period: month}\n"
        "stages: {A: 100, B: 20}\nbreakdowns: {channel: {Ads: [60, 14], SEO: [40, 6]}}\n"
        'measured: {between: ["2026-10-01", "2026-11-01"], since: "2026-10-01T01:00:00Z", window: 1 day, '
        'until: "2026-10-20T01:00:00Z", moment: "2026-11-20T01:00:00Z", units: 100, not_mature: [X]}\n'
    )
    (report,) = run("compare", files("x.yaml", text), "--by", "channel", "--format", "json").json["comparisons"]
    assert not report["uneven"]


@pytest.fixture
def endless(run: Run, files: Files) -> Path:
    """Ten weeks without a window, the last of which is some hours old."""
    events = log(3, datetime(2026, 8, 3, tzinfo=UTC), datetime(2026, 10, 5, 12, tzinfo=UTC), 3000, days=2)
    return measured(run, files, events, ", period: week")


def test_without_a_window_no_period_is_tested(run: Run, endless: Path) -> None:
    done = run("compare", endless, "--by", "period")
    assert done.code == 2
    assert "write window: 14 days" in done.stderr
    (pair,) = run("compare", endless, "--by", "period", "--pair", "2026-W32", "2026-W41", "--format", "json").json[
        "comparisons"
    ]
    assert (pair["overall"]["p_value"], pair["tests"]) == (None, 0)
    (table,) = run("show", endless, "--by", "period", "--format", "json").funnels
    assert (table["tests"], table["no_window"]) == (0, True)
    assert len(table["not_mature"]) == 10
    assert table["interval_variation"]["basis"] == "constant"  # no such period tells how much they vary
    shown = run("show", endless, "--by", "period").stdout
    assert "Without a window no period is known to be over: 2026-W32 to 2026-W41" in shown
    assert "▼" not in shown


def test_without_a_window_that_is_said_when_it_is_measured_and_checked(run: Run, files: Files, endless: Path) -> None:
    own = files("again.yaml", STEADY.format(name="Again", more=", period: week"))
    said = run("measure", own, "--from", endless.parent / "Shop.csv").stderr
    assert "no window: younger periods had less time" in said
    checked = run("check", endless)
    assert "FN318" in checked.stdout + checked.stderr
    assert "write window: 14 days" in checked.stdout + checked.stderr  # within which 99% of them came


@pytest.mark.parametrize("seed", few(range(6), 2))
def test_each_period_has_one_end_in_every_command(run: Run, files: Files, seed: int) -> None:
    """The last week is hours old: nobody was followed longer, and as often as not nobody has come."""
    last = datetime(2026, 10, 5, 9 + seed, tzinfo=UTC)
    events = log(seed, datetime(2026, 9, 7, tzinfo=UTC), last, 700, 0.3, days=1.5)
    path = measured(run, files, events, ", window: 7 days, period: week")
    (table,) = run("show", path, "--by", "period", "--format", "json").funnels
    rows = {row["name"]: row for row in table["segments"]}
    assert rows["2026-W41"]["conversion_eventual"] is not None
    assert rows["2026-W41"]["conversion_final_low"] < rows["2026-W41"]["conversion_final_high"]
    assert "the end is not known" not in run("show", path, "--by", "period").stdout
    for name, row in rows.items():
        if not row["awaits"]:
            continue
        end, chosen = row["conversion_eventual"], ("--segment", f"period={name}")
        (check,) = run("check", path, *chosen, "--check", "overall_conversion >= 1%", "--format", "json").json["checks"]
        assert check["actual"] == pytest.approx(end, abs=1e-9)
        (alone,) = run("show", path, *chosen, "--format", "json").funnels
        assert alone["conversion_eventual"] == pytest.approx(end, abs=1e-9)
        (pair,) = run("compare", path, "--by", "period", "--pair", "2026-W37", name, "--format", "json").json[
            "comparisons"
        ]
        assert pair["overall_conversion_b"] == pytest.approx(end, abs=1e-9)
        (coming,) = run("forecast", path, *chosen, "--format", "json").funnels
        expected = row["counts"][-1] + coming["expected_sales_eventual"]
        assert expected == pytest.approx(end * row["counts"][0], rel=0.03)


def test_money_in_the_end_is_what_forecast_says_and_never_below_what_has_come(run: Run, files: Files) -> None:
    events = log(5, datetime(2026, 9, 7, tzinfo=UTC), datetime(2026, 10, 5, 9, tzinfo=UTC), 700, 0.3, days=1.5)
    path = measured(run, files, events, ", window: 7 days, period: week")
    (coming,) = run("forecast", path, "--format", "json").funnels
    for command in ("show", "economics"):
        (told,) = run(command, path, "--format", "json").funnels
        assert told["revenue_eventual"] == pytest.approx(told["revenue"] + coming["expected_revenue"])
        assert told["revenue"] < told["revenue_eventual"]
        assert " expected in the end" in run(command, path).stdout


def test_the_interval_is_told_and_entries_are_not_put_into_the_first_stage(run: Run, two: tuple[Path, Path]) -> None:
    assert "; entries 2026-10-01 to 2026-10-31." in run("show", two[1]).stdout
    said = run("forecast", two[1]).stdout
    assert "On their way are entries that have not come to P yet." in said
    assert "\nV " not in said


CUT = """\
name: Oct
budget: 9000
stages:
  - {name: V, count: 1200}
  - {name: P, count: 240, average_check: 100}
"""
PART = """\
measure: {unit: u, time: t, window: 1 day}
measured: {between: ["2026-10-01", "2026-11-01"], since: "2026-10-01T00:01:00Z", window: 1 day, units: 1200,
  until: "2026-10-26T11:00:00Z", moment: "2026-10-26T11:00:00Z"}
"""
SPOKEN = (
    ("simulate",),
    ("simulate", "--goal", "sales >= 300"),
    ("goal", "--revenue", "30000"),
    ("goal", "--sales", "300", "--chance", "80%"),
    ("bottleneck",),
    ("levers",),
    ("levers", "--sweep", "conversion@P=10%..30%"),
    ("scenario", "--set", "count@V=+10%"),
)
"""Commands that speak of volume."""


@pytest.mark.parametrize("command", SPOKEN, ids=" ".join)
def test_amounts_of_a_part_are_said_to_be_of_it_once_and_of_a_whole_nothing_is(
    run: Run, files: Files, command: tuple[str, ...]
) -> None:
    part, whole = files("part.yaml", CUT + PART), files("whole.yaml", CUT)
    said = run(command[0], part, *command[1:])
    assert said.code == 0, said.stderr
    assert said.stdout.count("Not whole: Oct: 25 of 31 days; amounts are of what is covered") == 1
    (told,) = run(command[0], part, *command[1:], "--format", "json").funnels
    (of_whole,) = run(command[0], whole, *command[1:], "--format", "json").funnels
    assert told["cut"] == [{"name": "Oct", "covered": 25, "whole": 31, "unit": "days"}]
    assert of_whole["cut"] == []
    other = {key: told[key] for key in told if key not in ("cut", "length", "file")}
    assert other == {key: of_whole[key] for key in other}  # the same figures, of less time


def test_what_the_next_period_brings_and_a_goal_needs_is_of_as_much_time(run: Run, files: Files) -> None:
    part = files("part.yaml", CUT.replace("budget", "period: 2026-10\nbudget") + PART)
    assert "the next period (as long as 25 days) lies between" in run("simulate", part).stdout
    assert "2026-11-30" not in run("simulate", part).stdout
    said = run("goal", part, "--revenue", "30000").stdout
    assert "Each lever alone reaches revenue >= 30,000 on average in 25 of 31 days; now 24,000." in said
    assert "the next period of 25 days reaches the goal" in said
    assert "in 25 of 31 days" not in run("goal", part, "--goal", "overall_conversion >= 30%").stdout


def test_an_amount_of_a_part_passes_and_fails_where_the_rest_cannot_change_it(run: Run, files: Files) -> None:
    wanted = {
        "sales >= 300": None,  # the rest of the month may bring them
        "sales >= 200": True,
        "sales <= 200": False,
        "sales <= 300": None,
        "count@V >= 1300": None,
        "entries > 1199": True,
        "profit >= 20000": None,
        "profit >= 10000": None,  # of how much time the budget is, is not told
        "roas >= 2": True,
        "roas >= 3": None,
        "romi >= 100%": None,
        "cost_per@P <= 40": True,  # and more units only make each cheaper
        "cost_per@P <= 30": None,
        "cost_per@P >= 40": False,
        "overall_conversion >= 30%": False,
        "average_check@P >= 90": True,
    }
    limits = [word for limit in wanted for word in ("--check", limit)]
    checks = run("check", files("part.yaml", CUT + PART), *limits, "--format", "json").json["checks"]
    assert {each["check"]: each["passed"] for each in checks} == wanted
    assert {each["reason"] for each in checks if each["passed"] is None} == {"not whole: 25 of 31 days"}


def test_the_next_period_is_as_long_as_what_is_covered_of_several_or_of_one(run: Run, months: Path) -> None:
    assert "as long as the 4 periods by period together (2 of them covered in part)" in run("simulate", months).stdout
    said = run("simulate", months, "--segment", "period=2026-07").stdout
    assert "the next period (as long as 12 days)" in said
    assert "2026-07: 12 of 31 days; amounts are of what is covered" in said


def test_no_segment_that_is_cut_is_where_the_same_effort_brings_most(run: Run, months: Path) -> None:
    said = run("levers", months, "--by", "period").stdout
    verdict = next(line for line in said.splitlines() if "brings most" in line)
    assert "2026-08" in verdict or "2026-09" in verdict
    assert "2026-07: 12 of 31 days" in said
