"""`forecast`: every option is wired, JSON keeps its contract, and mistakes have a way out."""

from __future__ import annotations

import csv
import io
import math
import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from .conftest import INVOICES, SAMPLES, said

if TYPE_CHECKING:
    from .conftest import Files, Run

DEALS = """\
name: Deals
average_check: 1000
stages:
- {name: Leads, count: 145, open: 20}
- {name: Offers, count: 50, open: 10, days: 7}
- {name: Sales, count: 10, days: 21}
breakdowns: {manager: {Ann: [75, 38, 9], Bob: [70, 12, 1]}}
"""


def test_json_keys(run: Run, files: Files) -> None:
    done = run("forecast", files("deals.yaml", DEALS), "--goal", "revenue >= 9000", "--by", "manager", "-f", "json")
    assert (done.code, done.stderr) == (0, "")
    (funnel,) = done.funnels
    for stage in funnel["stages"]:
        assert set(stage) >= {"name", "open", "close_chance", "weighted"}
    assert (funnel["expected_sales"], funnel["expected_revenue"]) == (4.5, 4500)
    assert funnel["low"] < funnel["expected_revenue"] < funnel["high"]
    assert funnel["velocity_per_day"] == pytest.approx(4500 / 28)
    assert (funnel["coverage"], funnel["goal"]["value"]) == (0.5, 9000)
    # 1 of 70 beside 9 of 75, as the test of the analysis has it; 1 of 12 beside 9 of 38 are one rate, of 10 of 40
    (bob,) = (each for each in funnel["segments"] if each["name"] == "Bob")
    assert (funnel["chances_from"], bob["close_chances"]["Offers"]) == (
        {"Leads": "shrunken", "Offers": "one_rate"},
        0.25,
    )
    assert bob == {
        "name": "Bob",
        "close_chances": bob["close_chances"],
        "sales_per_open_unit": bob["close_chances"],
        "open": None,
        "sales": None,
        "weighted": None,
        "sales_alone": None,
        "sales_within": None,
        "weighted_within": None,
        "amounts_of_all": [],
    }
    assert [each["conversion_decided"] for each in funnel["steps"]] == [0.4, 0.25]
    assert (funnel["within_days"], funnel["until"]) == (None, None)


@pytest.mark.parametrize("format_name", ["table", "csv", "markdown"])
def test_every_format_names_stages_and_segments(run: Run, files: Files, format_name: str) -> None:
    done = run("forecast", files("deals.yaml", DEALS), "--by", "manager", "--format", format_name)
    assert (done.code, done.stderr) == (0, "")
    for words in ("Leads", "Offers", "Ann", "Bob"):
        assert words in done.stdout


def test_the_table_says_when_and_how_fast(run: Run, files: Files) -> None:
    done = run("forecast", files("deals.yaml", DEALS))
    for words in (
        "Expect 4,500 and 4.5 sales in the end",
        "161 a day: 30 open × 1,000 × 15.0% / 28 days",
        "28 days",
        "seed 1",
    ):
        assert words in done.stdout


def test_a_horizon_is_named_wherever_figures_are(run: Run, files: Files) -> None:
    done = run("forecast", files("deals.yaml", DEALS), "--within", "4 weeks", "--sales", "3")
    for words in (
        "sales within 28 days; between",
        "Sales of at least 3 within 28 days, a chance of",
        "of the goal is expected within 28 days",
        "After that",
        "in the end",
    ):
        assert words in done.stdout
    (funnel,) = run("forecast", files("deals.yaml", DEALS), "--within", "4w", "--sales", "3", "-f", "json").funnels
    assert (funnel["within_days"], funnel["until"], funnel["goal"]["value"]) == (28, None, 3)
    in_time = 2.5 * (1 - math.exp(-28 / 21)) + 2 * (1 - (7 * math.exp(-4) - 21 * math.exp(-28 / 21)) / (7 - 21))
    assert funnel["expected_sales"] == pytest.approx(in_time, abs=0.003)
    table = run("forecast", files("deals.yaml", DEALS), "--within", "4w", "--format", "csv").stdout
    (row,) = [each for each in csv.DictReader(io.StringIO(table)) if not each["stage"]]
    assert (row["within_days"], float(row["sales"])) == ("28", funnel["expected_sales"])


def test_a_date_counts_from_when_the_funnel_was_measured(run: Run, files: Files) -> None:
    path = files("deals.yaml", f'{DEALS}measured: {{until: "2026-10-01T08:00:00Z"}}\n')
    done = run("forecast", path, "--until", "2026-10-29")
    assert "by 2026-10-29; between" in done.stdout
    assert "days count from 2026-10-01" in done.stdout
    (funnel,) = run("forecast", path, "--until", "2026-10-29", "--format", "json").funnels
    assert (funnel["until"], funnel["within_days"], funnel["since"]) == ("2026-10-29", 28, "2026-10-01")
    early = run("forecast", path, "--until", "2026-10-01")
    assert (early.code, early.stdout) == (2, "")
    assert '"2026-10-01" is not after 2026-10-01, up to when the counts tell' in early.stderr


def test_else_a_date_counts_from_today(run: Run, files: Files) -> None:
    today = datetime.now(UTC).astimezone().date()
    until = (today + timedelta(days=40)).isoformat()
    (funnel,) = run("forecast", files("deals.yaml", DEALS), "--until", until, "--format", "json").funnels
    assert funnel["within_days"] in (39, 40)  # midnight may pass
    assert (date.fromisoformat(funnel["until"]) - date.fromisoformat(funnel["since"])).days == funnel["within_days"]


@pytest.mark.parametrize("text", ["31.12.2020", "01/02/2099", "2026-02-30", "soon"])
def test_the_date_that_the_help_names_will_do(run: Run, files: Files, text: str) -> None:
    path = files("deals.yaml", DEALS)
    named = re.search(r'write "(.+?)"', run("forecast", path, "--until", text).stderr)
    assert named is not None
    assert run("forecast", path, "--until", named[1]).code == 0


def test_units_without_a_time_are_left_out_of_a_horizon_and_that_is_said(run: Run, files: Files) -> None:
    done = run("forecast", files("deals.yaml", DEALS.replace(", days: 7", "")), "--within", "30d")
    assert "so they are left out: those open at Leads. Add days to the stages up to Sales." in done.stdout
    assert "Not in it, as no date is known:" in done.stdout


def test_a_pipeline_without_history(run: Run, files: Files) -> None:
    text = (
        "currency: EUR\naverage_check: 5000\nstages: [{name: Qualified, open: 20, close_chance: 10%}, "
        "{name: Demo, open: 15, close_chance: 25%}, {name: Proposal, open: 18, close_chance: 50%}, "
        "{name: Negotiation, open: 4, close_chance: 70%}, {name: Won, role: customer}]\n"
    )
    done = run("forecast", files("pipeline.yaml", text))
    assert (done.code, done.stderr) == (0, "")
    assert "Expect 87,750 EUR and 17.6 sales in the end" in done.stdout
    assert "close_chance), taken as certain" in done.stdout


def test_deals_of_unequal_size(run: Run, files: Files) -> None:
    text = "stages: [{name: Offers, open: [3950, 2800, 1190], close_chance: 70%}, {name: Won}]\n"
    (funnel,) = run("forecast", files("deals.yaml", text), "--revenue", "5000", "--format", "json").funnels
    assert (funnel["expected_sales"], funnel["expected_revenue"]) == (pytest.approx(2.1), pytest.approx(5558))
    assert funnel["coverage"] == pytest.approx(5558 / 5000)
    # all three, or the two largest, or the first and the last: 0.7² x (0.7 + 0.3 + 0.3)
    assert funnel["goal"]["chance"] == pytest.approx(0.49 * 1.3, abs=0.02)


def test_samples_with_open_units(run: Run) -> None:
    done = run("forecast", SAMPLES / "b2b.yaml", SAMPLES / "suppilo.yaml", "--format", "json")
    assert (done.code, done.stderr) == (0, "")
    # of 39 offers, 50 visits and 85 requests it is known what became of them
    assert done.funnels[1]["expected_sales"] == pytest.approx(12 / 39 * (9 + 48 / 50 * (4 + 54 / 85 * 5)))


def test_stated_chances_are_told_apart_from_those_of_the_counts(run: Run, files: Files) -> None:
    done = run("forecast", files("deals.yaml", DEALS.replace("open: 10,", "open: 10, close_chance: 40%,")))
    assert "chances to close at Offers are those of the file (close_chance), taken as certain" in done.stdout


def test_names_of_stages_stand_alone_where_all_chances_are_stated(run: Run, files: Files) -> None:
    text = "stages: [{name: Offers, open: 3, close_chance: 40%}, {name: Won}]\n"
    done = run("forecast", files("deals.yaml", text))
    assert "Offers     3      40.0%" in done.stdout
    assert "Assumed: chances to close are those of the file" in done.stdout


@pytest.mark.parametrize(("chance", "word"), [("0%", "become a sale"), ("100%", "be lost")])
def test_chances_of_the_file_that_leave_no_doubt_are_no_sure_ones(
    run: Run, files: Files, chance: str, word: str
) -> None:
    call, offer = "{name: Call, open: 4, close_chance: CHANCE}", f"{{name: Offer, open: 3, close_chance: {chance}}}"
    text = f"stages: [{call}, {offer}, {{name: Won}}]\n"
    said = f"None of those open is expected to {word}: a chance of {chance} (close_chance) is no sure one."
    assert said in run("forecast", files("a.yaml", text.replace("CHANCE", chance))).stdout
    assert said not in run("forecast", files("b.yaml", text.replace("CHANCE", "40%"))).stdout


DATED = """average_check: 1000
stages:
  - {name: Early, open: 5, close_chance: 30%, close_within: {30 days: 10%, 90 days: 20%}}
  - {name: Late, open: 3, close_chance: 40%, close_within: {30 days: 39.99996%, 90 days: 40%}}
UNDATED  - {name: Won}
"""
# of Early 5 x 15% by day 60, 5 x 5% until day 90, 5 x 10% at no known date; of Late all 1.2, but for 6e-7 of a sale


@pytest.mark.parametrize(
    ("stage", "unknown", "end"),
    [("", "500 and 0.5", "2,700"), ("  - {name: Slow, open: 2, close_chance: 40%}\n", "1,300 and 1.3", "3,500")],
)
def test_each_part_of_what_is_expected_is_told_once(run: Run, files: Files, stage: str, unknown: str, end: str) -> None:
    path = files("deals.yaml", DATED.replace("UNDATED", stage))
    done = run("forecast", path, "--within", "60d")
    assert "Expect 1,950 and 1.9 sales within 60 days;" in done.stdout
    assert done.stdout.count(f"{unknown} sales") == done.stdout.count("no date is known") == 1
    assert "After that  250 and 0.25 sales more at a known date\n" in done.stdout
    assert re.search(rf"^In the end +[\d.]+ +{end}(\.00)?$", done.stdout, re.MULTILINE)  # 1,950 + 250 + the unknown
    every = run("forecast", path).stdout
    assert re.search(
        rf"^Unknown time +[\d.]+ +{unknown.split()[0]}(\.00)?\nIn the end +[\d.]+ +{end}(\.00)?$", every, re.MULTILINE
    )
    assert f"Expect {end} and" in every


def test_next_to_nothing_has_no_digits(run: Run, files: Files) -> None:
    text = "\n".join(line for line in DATED.splitlines() if "Early" not in line and line != "UNDATED")
    done = run("forecast", files("deals.yaml", text.replace("UNDATED", "")), "--within", "60d")
    assert "After that  next to nothing more in the end\n" in done.stdout
    assert re.search(r"^Late +3 +40\.0% +>99\.9% ", done.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("options", "fragment"),
    [
        (["--goal", "profit >= 4"], "sales, revenue"),
        (["--goal", "revenue"], "write a figure, >= or <=, and its value"),
        (["--by", "chanel"], "manager"),
        (["--seed", "x"], "--seed"),
        (["--within", "90"], '"90" has no unit of time'),
        (["--within", "3 months"], "write 30 days"),
        (["--until", "31.12.2099"], 'write "2099-12-31"'),
        (["--until", "12/31/2099"], 'write "2099-12-31"'),
        (["--until", "2026-02-30"], "not on the calendar"),
        (["--until", "2020-01-01"], "is not after today"),
        (["--within", "90d", "--until", "2030-01-01"], "give one of them"),
        (["--sales", "3", "--goal", "revenue >= 5"], "several goals"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_mistakes_have_a_way_out(run: Run, files: Files, options: list[str], fragment: str) -> None:
    done = run("forecast", files("deals.yaml", DEALS), *options)
    assert (done.code, done.stdout) == (2, "")
    assert fragment in done.stderr


def test_no_open_units_is_2_and_says_what_to_add(run: Run, files: Files) -> None:
    done = run("forecast", files("invoices.yaml", INVOICES))
    assert (done.code, done.stdout) == (2, "")
    assert "nothing open" in done.stderr
    assert "open: 14" in done.stderr


def test_the_other_funnels_are_forecast(run: Run, files: Files) -> None:
    done = run("forecast", files("invoices.yaml", INVOICES), files("deals.yaml", DEALS))
    assert done.code == 2
    assert "Deals" in done.stdout
    assert "Invoices: " in done.stderr


@pytest.mark.parametrize("format_name", ["table", "markdown"])
def test_days_of_a_fast_funnel_are_read_in_seconds(run: Run, files: Files, format_name: str) -> None:
    fast = DEALS.replace("days: 7", "days: 0.0000405").replace("days: 21", "days: 0.0000347")
    done = run("forecast", files("fast.yaml", fast), "--format", format_name)
    # 3.4992 s + 2.99808 s; 30 open x 1,000 x 15% / 0.0000752 days
    assert "15.0% / 6.5 s" in done.stdout
    assert "59,840,426 a day" in done.stdout
    assert "Days" not in done.stdout
    done = run("bottleneck", files("fast.yaml", fast), "--format", format_name)
    assert "3.5 s" in done.stdout
    done = run("check", "--check", "days@Sales <= 0.00001", files("fast.yaml", fast))
    assert "3 s  2.13 s above the limit" in done.stdout
    (funnel,) = run("forecast", files("fast.yaml", fast), "--format", "json").funnels
    assert funnel["cycle_days"] == pytest.approx(0.0000752)  # days, and no other unit


def test_growth_is_never_called_a_chance(run: Run, files: Files) -> None:
    parcels = (
        "average_check: 10\nstages: [{name: Offers, count: 110, open: 10}, {name: Orders, count: 60, open: 5, days: 2},"
        " {name: Parcels, count: 165, allow_growth: true, days: 3}]\n"
        "breakdowns: {shop: {One: [50, 20, 70], Two: [60, 40, 95]}}\n"
    )
    path = files("parcels.yaml", parcels)
    for name in ("table", "markdown"):
        shown = run("forecast", path, "--by", "shop", "--format", name).stdout
        assert "Chance to" not in shown
        assert "Sales of each from each stage" in shown
    assert "2.20 sales each" in run("forecast", path).stdout
    (funnel,) = run("forecast", path, "--by", "shop", "--format", "json").funnels
    assert [each["close_chance"] for each in funnel["stages"]] == [None, None]
    assert [each["sales_per_open_unit"] for each in funnel["stages"]] == [1.8, 3]
    assert funnel["segments"][0] == dict.fromkeys(
        ("open", "sales", "weighted", "sales_alone", "sales_within", "weighted_within")
    ) | {
        "name": "One",
        "amounts_of_all": [],
        "close_chances": {"Offers": None, "Orders": None},  # a key that programs may read stays
        "sales_per_open_unit": {"Offers": pytest.approx(1.4 * 1.1 * 60 / 55), "Orders": pytest.approx(3.5 * 60 / 55)},
    }


PIPELINE = """\
name: Pipeline
currency: EUR
average_check: 5000
stages:
  - {name: Qualified, open: 20, close_chance: 10%}
  - {name: Demo, open: 15, close_chance: 25%}
  - {name: Won, role: customer}
"""


@pytest.mark.parametrize(
    "command",
    [
        *("show", "bottleneck", "economics", "simulate", "levers"),
        *("compare --by channel", "goal --sales 3", "scenario --set entries=+10%", "report -f html"),
    ],
)
def test_other_commands_say_that_a_pipeline_has_no_counts(run: Run, files: Files, command: str) -> None:
    name, *options = command.split()
    done = run(name, files("p.yaml", PIPELINE), *options)
    assert (done.code, done.stdout) == (2, "")
    assert said(done.stderr)[0].startswith('funnelcli: error[FN102] "Pipeline" has no counts')


def test_a_pipeline_is_forecast_and_checked(run: Run, files: Files) -> None:
    file = files("p.yaml", PIPELINE)
    (found,) = run("forecast", file, "-f", "json").json["funnels"]
    assert found["expected_sales"] == 5.75
    assert found["prior_explains"] == []
    # the mean of 100 draws is away from 28,750 by chance alone: no counts are to blame
    few = [run("forecast", file, "--draws", "100", "--seed", seed, "-f", "json") for seed in "123456"]
    assert any(abs(done.funnels[0]["mean"] / 28_750 - 1) > 0.02 for done in few)
    assert not any("Few counts" in run("forecast", file, "--draws", "100", "--seed", seed).stdout for seed in "123456")
    done = run("check", file, "--check", "sales >= 3")
    assert done.code == 1
    assert re.search(r"failed +sales >= 3 +n/a", done.stdout)
    assert run("check", file, "--strict").code == 0


def test_few_counts_move_the_mean_and_are_named(run: Run, files: Files) -> None:
    """Of 3 of 4 the mean is (3 + 1) / (4 + 2): 12% below."""
    text = "stages: [{name: Offers, count: 10, open: 6}, {name: Sales, count: 3, days: 5}]\n"
    file = files("offers.yaml", text)
    (found,) = run("forecast", file, "-f", "json").json["funnels"]
    assert found["prior_explains"] == ["Sales"]
    assert found["mean"] == pytest.approx(6 * 4 / 6, rel=0.03)
    shown = run("forecast", file).stdout
    assert "Few counts tell the conversion to Sales: the range allows for other rates too, and leans to less" in shown
    assert shown.splitlines()[-1] == "Ranges and chances: 10,000 draws, seed 1."
    assert "prior" not in shown
    assert "mean of the draws" not in shown


LOST = """\
name: Lost
average_check: 1000
stages:
- {name: Leads, count: 1000, open: 300, days_lost: 60}
- {name: Sales, count: 210, days: 30}
"""


def test_the_time_that_losses_take_is_shown_and_used_by_all(run: Run, files: Files) -> None:
    """25.7% in the end and 15.5% of the open ones, as in the analysis by SciPy's root; 30% is of the decided alone."""
    file = files("lost.yaml", LOST)
    for name in ("table", "markdown"):
        shown = run("forecast", file, "--format", name).stdout
        assert all(words in shown for words in ("Lost", "after", "60 days", "25.7%", "15.5%", "30.0%"))
    (found,) = run("forecast", file, "-f", "json").funnels
    (step,) = found["steps"]
    assert (found["stages"][0]["days_lost"], step["days_lost"], step["conversion_decided"]) == (60, 60, 0.3)
    (simulated,) = run("simulate", file, "-f", "json").funnels
    assert simulated["steps"][0]["mean"] == pytest.approx(step["conversion_eventual"], abs=0.002)
    assert "210 of 700, and days_lost" in run("simulate", file).stdout
    (row, _) = csv.DictReader(io.StringIO(run("forecast", file, "-f", "csv").stdout))
    assert (row["days_lost"], float(row["close_chance"])) == ("60", step["conversion_open"])


@pytest.mark.parametrize("command", ["forecast", "simulate"])
def test_unstated_losses_are_assumed_in_both_directions(run: Run, files: Files, command: str) -> None:
    shown = run(command, files("lost.yaml", LOST.replace(", days_lost: 60", ""))).stdout
    assert "losses take as long to show as successes (where they take longer" in shown
    assert "too high, where shorter, too low: days_lost" in shown
    assert "losses take as long" not in run(command, files("lost.yaml", LOST)).stdout


def test_days_lost_at_the_wrong_stage_has_no_effect_and_that_is_said(run: Run, files: Files) -> None:
    text = LOST.replace(", days_lost: 60", "").replace("days: 30", "days: 30, days_lost: 60")
    done = run("check", files("lost.yaml", text))
    assert "days_lost has no effect: the stage has nothing open" in done.stdout
    assert "write it at the stage from which those open go on or are lost" in done.stdout


def test_a_goal_may_be_a_change_of_what_the_counts_brought(run: Run, files: Files) -> None:
    """10 sales at 1,000: 20% more are 12,000, as `goal` and `simulate` have it; 4,500 of them are expected."""
    path = files("deals.yaml", DEALS)
    (funnel,) = run("forecast", path, "--revenue", "+20%", "-f", "json").funnels
    assert (funnel["goal"]["value"], funnel["goal"]["now"], funnel["coverage"]) == (12000, 10000, 0.375)
    assert "Revenue of at least 12,000 (now 10,000)" in run("forecast", path, "--revenue", "+20%").stdout
    (simulated,) = run("simulate", path, "--revenue", "+20%", "-f", "json").funnels
    assert (simulated["goal"]["value"], simulated["goal"]["now"]) == (12000, 10000)


def test_without_counts_a_change_is_of_nothing(run: Run, files: Files) -> None:
    done = run("forecast", files("pipeline.yaml", PIPELINE), "--revenue", "+20%")
    assert done.code == 2
    assert '"Pipeline" has something open and no counts, so +20% is of nothing' in done.stderr
    assert "write the value itself, e.g. 'revenue >= 100000'" in done.stderr


@pytest.mark.parametrize("money", ["average_check: 1000", "budget: 5"])
@pytest.mark.parametrize("more", [(), ("--within", "7d")])
def test_what_is_not_known_is_no_figure_of_0(run: Run, files: Files, money: str, more: tuple[str, ...]) -> None:
    text = f"currency: EUR\n{money}\nstages:\n- {{name: Lead, count: 14, open: 14}}\n"
    text += "- {name: Offer, count: 0, open: 0, days: 3}\n- {name: Won, count: 0, days: 2, role: customer}\n"
    text += "breakdowns: {owner: {A: {counts: [6, 0, 0], open: [6, 0, 0]}, B: {counts: [8, 0, 0], open: [8, 0, 0]}}}\n"
    path = files("new.yaml", text)
    done = run("forecast", path, "--by", "owner", *more)
    assert "What the 14 that are open will bring is not known" in done.stdout
    before_steps = done.stdout.split("Conversions of the decided")[0]
    assert not re.search(r"Sales|Weighted|Revenue|Chance to", before_steps)
    assert "Chance to close from each stage" not in done.stdout
    (found,) = run("forecast", path, "--by", "owner", *more, "-f", "json").funnels
    assert {found["stages"][0][key] for key in ("close_chance", "sales", "weighted")} == {None}
    assert [(each["open"], each["sales"], each["weighted"]) for each in found["segments"]] == [
        (6, None, None),
        (8, None, None),
    ]


def test_segments_are_of_the_horizon_with_the_end_beside(run: Run, files: Files) -> None:
    """Half of the units of an exponential step of 10 days come within its median, 10 x ln 2 = 6.93 days: 49.7% in 7."""
    text = "average_check: 100\nstages: [{name: Offer, count: 100}, {name: Won, count: 40, days: 10}]\nbreakdowns:\n"
    text += "  owner:\n    Ann: {counts: [50, 20], open: [[30, 50], 0]}\n    Bob: {counts: [50, 20], open: [[60], 0]}\n"
    path = files("deals.yaml", text)
    (found,) = run("forecast", path, "--by", "owner", "--within", "7d", "-f", "json").funnels
    by_then, chance = -math.expm1(-0.7), 40 / 97
    for row, amounts in zip(found["segments"], ([30, 50], [60]), strict=True):
        assert row["weighted"] == pytest.approx(sum(amounts) * chance)
        assert row["sales"] == pytest.approx(len(amounts) * chance)
        assert row["weighted_within"] == pytest.approx(sum(amounts) * chance * by_then)
        assert row["sales_within"] == pytest.approx(len(amounts) * chance * by_then)
    shown = run("forecast", path, "--by", "owner", "--within", "7d").stdout
    assert "What is open, and what it brings within 7 days and in the end" in shown
