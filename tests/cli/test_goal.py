"""`goal`: every option is wired, JSON keeps its contract, and an answer goes back into `scenario`."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import INVOICES, SAMPLES, said

if TYPE_CHECKING:
    from .conftest import Files, Run

FUNNEL_KEYS = {"file", "document", "name", "period", "currency", "goal", "reachable", "levers", "plan"}
LEVER_KEYS = {"selector", "from", "to", "factor", "feasible", "best"}
PLAN_KEYS = {"name", "exact", "rounded_up"}


def report(run: Run, *args: str) -> dict[str, Any]:
    """The report of the invoices sample: 100 sent, 50 paid, 10,000 each; with 60 paid in a scenario."""
    (funnel,) = run("goal", SAMPLES / "invoices.yaml", *args, "--format", "json").funnels
    return dict(funnel)


def levers(found: dict[str, Any]) -> dict[str, Any]:
    return {each["selector"]: each["to"] for each in found["levers"]}


def test_json_keys(run: Run, files: Files) -> None:
    done = run("goal", files("invoices.yaml", INVOICES), "--sales", "80", "--format", "json")
    assert (done.code, done.json["schema_version"], done.json["command"]) == (0, 2, "goal")
    (funnel,) = done.funnels
    assert set(funnel) >= FUNNEL_KEYS
    assert set(funnel["goal"]) >= {"metric", "value"}
    assert all(set(each) >= LEVER_KEYS for each in funnel["levers"])
    assert all(set(each) >= PLAN_KEYS for each in funnel["plan"])


def test_sales_by_each_lever(run: Run) -> None:
    found = report(run, "--sales", "80")
    assert found["goal"] == {"metric": "sales", "operator": ">=", "value": 80, "kind": "count"}
    assert found["reachable"] is True
    assert levers(found) == {"entries": 160, "conversion@Paid": 0.8, "average_check": None, "conversions": 1.6}
    assert found["plan"] == [
        {"name": "Invoice sent", "exact": 160, "rounded_up": 160},
        {"name": "Paid", "exact": 80, "rounded_up": 80},
    ]


@pytest.mark.parametrize(
    ("args", "value"),
    [
        (("--revenue", "+20%"), 600_000),  # of 500,000
        (("--revenue", "+10000"), 510_000),
        (("--goal", "revenue >= x1.5"), 750_000),
        (("--goal", "sales <= -10%"), 45),  # of 50
        (("--goal", "count@Invoice sent >= +5"), 105),
        (("--goal", "overall_conversion >= +5pp"), 0.55),
        (("--goal", "overall_conversion >= +55%"), 0.55),  # a share, whose sign may be written
        (("--revenue", "+20%", "--scenario", "60% paid"), 720_000),  # of 600,000, from which the levers start
        (("--revenue", "+20%", "--given", "60% paid"), 720_000),  # the name of before
    ],
)
def test_a_goal_may_be_a_change_from_now(run: Run, args: tuple[str, ...], value: float) -> None:
    assert report(run, *args)["goal"]["value"] == value


def test_a_change_of_nothing_says_nothing(run: Run, files: Files) -> None:
    loss = files("loss.yaml", INVOICES + "budget: 600000\n")
    assert "is not above 0 now" in run("goal", loss, "--profit", "+20%").stderr
    more = run("goal", loss, "--profit", "+5000", "--format", "json").funnels[0]
    assert more["goal"]["value"] == -95_000  # 500,000 - 600,000 + 5,000
    assert "profit is undefined" in run("simulate", files("i.yaml", INVOICES), "--profit", "+5").stderr


def test_what_needs_more_than_100_percent_says_its_best(run: Run) -> None:
    found = report(run, "--revenue", "1200000", "--vary", "conversion@Paid")
    (only,) = found["levers"]
    assert (only["feasible"], only["to"], only["best"], found["reachable"]) == (False, None, 1_000_000, False)


def test_vary_keeps_to_the_chosen_levers_in_their_order(run: Run) -> None:
    assert levers(report(run, "--revenue", "750000", "--vary", "average_check", "--vary", "conversions")) == {
        "average_check": 15_000,
        "conversions": 1.5,
    }


def test_given_starts_from_a_scenario(run: Run) -> None:
    """60 of 100 paid: 90 need 150 sent."""
    found = report(run, "--sales", "90", "--scenario", "60% paid")
    assert (found["given"], found["now"], levers(found)["entries"]) == ("60% paid", 60, 150)


def test_a_goal_as_a_limit_may_be_negative(run: Run) -> None:
    """Loss-making: 10,000 for 5,000 visitors and 150 for each of 50 sales are 17,500, and in proportion."""
    done = run("goal", SAMPLES / "loss_making.yaml", "--goal", "profit >= -13750", "--format", "json")
    (funnel,) = done.funnels
    assert levers(funnel)["entries"] == pytest.approx(5000 * 13_750 / 17_500)
    assert funnel["plan"] == []


def test_an_answer_goes_back_into_scenario(run: Run) -> None:
    budget = next(
        each["to"]
        for each in run("goal", SAMPLES / "context_ads.yaml", "--sales", "300", "--format", "json").funnels[0]["levers"]
        if each["selector"] == "budget"
    )
    done = run("scenario", SAMPLES / "context_ads.yaml", "--set", f"budget={budget!r}", "--format", "json")
    assert done.funnels[0]["projections"][1]["sales"] == pytest.approx(300, rel=1e-12)


def test_people_read_the_plan_as_a_sentence(run: Run) -> None:
    done = run("goal", SAMPLES / "invoices.yaml", "--sales", "80")
    assert "Each lever alone reaches sales >= 80 on average; now 50." in done.stdout
    assert "In whole numbers: 160 Invoice sent → 80 Paid." in done.stdout
    assert "Without effect on sales: Average check." in done.stdout


def test_the_plan_says_its_chance(run: Run) -> None:
    done = run("goal", SAMPLES / "invoices.yaml", "--sales", "80")
    assert "With 160 Invoice sent the next period reaches the goal with a chance of 5" in done.stdout
    found = report(run, "--sales", "80", "--chance", "80%")
    assert found["chance"] == 0.8
    assert 0.8 <= found["plan_chance"] < 0.83
    assert levers(found)["entries"] == found["plan"][0]["exact"] > 160
    shown = run("goal", SAMPLES / "invoices.yaml", "--sales", "80", "--chance", "80%").stdout
    assert "Each lever alone reaches sales >= 80 with a chance of 80%; now 50, with one of <1%." in shown
    lines = run("goal", SAMPLES / "invoices.yaml", "--sales", "80", "--chance", "80%", "--format", "csv").stdout
    assert lines.splitlines()[0].endswith("moves,unknown,realistic,chance,budget")


@pytest.mark.parametrize("chance", ["120%", "0", "soon"])
def test_a_chance_is_between_0_and_1(run: Run, chance: str) -> None:
    done = run("goal", SAMPLES / "invoices.yaml", "--sales", "80", "--chance", chance)
    assert done.code == 2
    assert "Invalid value for --chance" in done.stderr


def test_goal_and_simulate_say_the_same_chance_of_a_scenario(run: Run) -> None:
    """60% are set, and so certain; the entries of the plan are another change."""
    found = report(run, "--sales", "80", "--scenario", "60% paid", "--chance", "80%")
    entries = found["plan"][0]["rounded_up"]
    args = ("--scenario", "60% paid", "--set", f"entries={entries}", "--sales", "80", "--format", "json")
    (simulated,) = run("simulate", SAMPLES / "invoices.yaml", *args).funnels
    assert simulated["goal"]["chance"] == found["plan_chance"] >= 0.8


def test_one_question_has_one_number_of_entries(run: Run, files: Files) -> None:
    """10 / 3 sales take 33.3 of A on average, as of every lever; 4 whole ones take 16 of B, and 40 of A."""
    shown = run("goal", files("f.yaml", "stages: {A: 100, B: 40, C: 10}\naverage_check: 3\n"), "--revenue", "10").stdout
    assert re.search(r"^Entries +100 +34 ", shown, re.MULTILINE)
    assert re.search(r"^A +34 +40$", shown, re.MULTILINE)
    assert "In whole numbers: 40 A → 16 B → 4 C. Each stage is rounded up" in shown
    assert "fill the next one: 6 A more than would do on average." in shown


def test_what_is_not_realistic_is_said_with_what_is(run: Run, files: Files) -> None:
    text = "budget: 100\nspend_elasticity: 0.5\nstages: {A: 1000, B: 10}\n"
    shown = run("goal", files("f.yaml", text), "--sales", "2000").stdout
    assert "No realistic lever alone reaches B >= 2,000 on average; now 10." in shown
    assert "Not realistic, more than 100 times what it is, or less than a hundredth: Entries, Budget." in shown
    assert "What is nearer: Entries, tenfold or at its end, makes B 100." in shown


def test_a_goal_that_is_reached_says_so(run: Run) -> None:
    assert (
        "Already reached on average: sales >= 25; now 50."
        in run("goal", SAMPLES / "invoices.yaml", "--sales", "25").stdout
    )


def test_csv_has_a_row_for_each_lever_and_stage(run: Run) -> None:
    lines = run("goal", SAMPLES / "invoices.yaml", "--sales", "80", "--format", "csv").stdout.splitlines()
    assert lines[0].startswith("file,document,funnel,part,metric,operator,value,selector,from,to,factor,feasible,best")
    assert [line.split(",")[3] for line in lines[1:]] == ["lever"] * 4 + ["plan"] * 2


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "funnelcli: error: no goal is given"),
        (("--sales", "5", "--profit", "5"), "funnelcli: error: several goals are given"),
        (("--sales", "many"), 'funnelcli: error[FN103] "many" is not a count'),
        (("--goal", "sales"), 'funnelcli: error[FN117] "sales" is not a goal'),
        (("--profit", "0"), "funnelcli: error[FN118] profit is undefined: no costs are known"),
        (("--sales", "80", "--scenario", "60 paid"), 'funnelcli: error[FN102] "Invoices" has no scenario "60 paid"'),
        (("--sales", "80", "--vary", "conversion@Pad"), 'funnelcli: error[FN112] unknown stage "Pad"'),
        (
            ("--goal", "overall_conversion >= 60%", "--chance", "80%"),
            "funnelcli: error[FN117] overall_conversion has no",
        ),
        (("--sales", "80", "--vary", "sales"), "funnelcli: error[FN115] sales is a result and cannot be changed"),
    ],
)
def test_mistakes_are_said_with_a_way_out(run: Run, args: tuple[str, ...], message: str) -> None:
    done = run("goal", SAMPLES / "invoices.yaml", *args)
    assert (done.code, done.stdout) == (2, "")
    assert said(done.stderr)[0].startswith(message)
    assert "= help: " in done.stderr


# what cannot be told


PAST = "[{name: V, count: 2000}, {name: C, count: 0}, {name: O, count: 70, allow_growth: true}]"
TRIAL = "name: Onboarding\nstages: {Invited: 60, Accepted: 48, Team created: 0, Set up: 0}\n"


def test_goal_and_scenario_agree_on_what_is_unknown(run: Run, files: Files) -> None:
    path = files("f.yaml", TRIAL)
    done = run("goal", path, "--sales", "5")
    assert done.code == 0
    assert "cannot be told" in done.stdout
    assert "not reachable" not in done.stdout
    assert 'no conversion is known to "Set up": "Team created" is empty' in done.stdout
    (report,) = run("goal", path, "--sales", "5", "--format", "json").funnels
    (lever,) = (each for each in report["levers"] if each["selector"] == "conversion@Team created")
    assert (lever["to"], lever["feasible"], lever["best"], report["reachable"]) == (None, None, None, None)
    refused = run("scenario", path, "--set", "conversion@Team created=100%")
    assert refused.code == 2
    assert 'no conversion is known to "Set up": "Team created" is empty' in refused.stderr


@pytest.mark.parametrize(
    ("text", "goal", "selector", "needed"),
    [
        ("stages: [{name: V, count: 0}, {name: L, conversion: 5%}, {name: S, conversion: 20%}]\n",
         "sales >= 10", "entries", 1000),
        ("stages: [{name: Leads, count: 25}, {name: Sales, count: 0, role: customer}, {name: Repeat, count: 0}]\n",
         "sales >= 1", "conversion@Sales", 0.04),
        ("budget: 500\naverage_check: 100\nstages: {Leads: 100, Sales: 0}\n",
         "profit >= 0", "conversion@Sales", 0.05),
        ("budget: 500\naverage_check: 0\nstages: {Leads: 100, Sales: 20}\n",
         "profit >= 0", "average_check", 25),
        (f"average_check: 40\nstages: {PAST}\n", "revenue >= 3080", "average_check", 44),
    ],
)  # fmt: skip
def test_a_lever_that_is_0_now_has_its_value(
    run: Run, files: Files, text: str, goal: str, selector: str, needed: float
) -> None:
    (report,) = run("goal", files("f.yaml", text), "--goal", goal, "--format", "json").funnels
    (lever,) = (each for each in report["levers"] if each["selector"] == selector)
    assert (lever["to"], lever["feasible"]) == (needed, True)


def test_what_has_not_reached_the_goal_does_not_look_like_it(run: Run, files: Files) -> None:
    """499,960 x 1.0001 = 500,009.996 is below 500,010, and a conversion of 49.996% below the 49.9960004% it takes."""
    path = files("near.yaml", "currency: EUR\naverage_check: 1.0001\nstages: {A: 1000000, B: 499960}\n")
    shown = run("goal", path, "--revenue", "500010").stdout
    assert "revenue >= 500,010 EUR on average; now 500,009.996 EUR" in shown
    assert "49.996%  49.9960004%" in shown


# a test that is planned


def test_a_test_is_planned(run: Run) -> None:
    """Half of the invoices are paid: 55% takes 1,565 in each group (Cohen's h = 0.1), 3,130 in all, of 800 a week."""
    args = ("goal", SAMPLES / "invoices.yaml", "--detect", "+10%", "--at", "Paid", "--per-week", "800")
    (found,) = run(*args, "--format", "json").funnels
    assert (found["units_per_group"], found["units"], found["weeks"], found["whole_weeks"]) == (1565, 3130, 3.9125, 4)
    shown = run(*args).stdout
    assert "To find Paid at 55%, from 50% now, with a chance of 80%: 1,565 Invoice sent in each of two groups" in shown
    lines = run(*args, "--format", "csv").stdout.splitlines()
    assert [line.split(",")[3] for line in lines[1:]] == ["test"] + ["detectable"] * 6
    assert "| 50.0% | 55.0% | 1,565 | 3,130 |" in run(*args, "--format", "markdown").stdout
    (surer,) = run(*args, "--chance", "90%", "--format", "json").funnels
    assert surer["power"] == 0.9
    assert surer["units"] > 3130 * 1.3


def test_what_a_time_can_find(run: Run) -> None:
    """1,600 in each group: sin^2 of pi / 4 + 2.8016 / sqrt(2 x 1,600) = 54.9%."""
    args = ("goal", SAMPLES / "invoices.yaml", "--at", "Paid", "--per-week", "800", "--weeks", "4")
    (found,) = run(*args, "--format", "json").funnels
    (time,) = found["detectable"]
    assert time["rate"] == pytest.approx(math.sin(math.pi / 4 + 2.801585 / math.sqrt(3200)) ** 2, rel=1e-5)
    assert "In 4 weeks a test of Paid finds a rise from 50% to 54.9%" in run(*args).stdout
    assert "depends on its time" in run(*args[:-2]).stdout


def test_a_test_may_start_from_a_scenario(run: Run) -> None:
    args = ("--detect", "+10%", "--at", "Paid", "--scenario", "60% paid", "--format", "json")
    (found,) = run("goal", SAMPLES / "invoices.yaml", *args).funnels
    assert (found["given"], found["conversion"], found["to"]) == ("60% paid", 0.6, 0.66)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--detect", "+10%"), "funnelcli: error: a test needs a stage"),
        (("--at", "Paid"), "funnelcli: error: nothing is to be found"),
        (("--at", "Paid", "--weeks", "4"), "funnelcli: error: --weeks needs --per-week"),
        (
            ("--detect", "+10%", "--at", "Paid", "--sales", "9"),
            "funnelcli: error: a goal and a test do not go together",
        ),
        (("--detect", "+10%", "--at", "Pad"), 'funnelcli: error[FN112] unknown stage "Pad"'),
        (("--detect", "much", "--at", "Paid"), "funnelcli: error[FN116] "),
        (("--detect", "+150%", "--at", "Paid"), "funnelcli: error[FN118] conversion@Paid would be 125%"),
        (("--detect", "+10%", "--at", "Paid", "--per-week", "0"), 'funnelcli: error[FN103] "0" is no number above 0'),
        (("--detect", "+10%", "--at", "Paid", "--per-week", "many"), "funnelcli: error[FN103] "),
    ],
)
def test_a_test_that_cannot_be_planned(run: Run, args: tuple[str, ...], message: str) -> None:
    done = run("goal", SAMPLES / "invoices.yaml", *args)
    assert (done.code, done.stdout) == (2, "")
    assert said(done.stderr)[0].startswith(message)
    assert "= help: " in done.stderr


SOLD = """
stages:
  - {name: Leads, count: 1482}
  - {name: Offers, count: 223}
  - {name: Sales, count: 60}
"""


def test_the_change_is_that_of_the_number_shown(run: Run, files: Files) -> None:
    """Of 1,482, 70/60 are 1,729 exactly; 70 take 261 Offers (260.2), and those 1,735 Leads."""
    offers = math.ceil(70 * 223 / 60)
    leads = math.ceil(offers * 1482 / 223)
    assert (offers, leads) == (261, 1735)
    path = files("sold.yaml", SOLD)
    shown = run("goal", path, "--sales", "70").stdout
    (row,) = [line for line in shown.splitlines() if line.startswith("Entries")]
    assert row.split()[1:] == ["1,482", "1,729", f"+{(70 / 60 - 1) * 100:.1f}%"]
    assert f"In whole numbers: {leads:,} Leads" in shown
    assert f": {leads - 1729} Leads more than would do on average." in shown
    (found,) = run("goal", path, "--sales", "70", "--format", "json").funnels
    (entries,) = [each for each in found["levers"] if each["selector"] == "entries"]
    assert entries["to"] == 1729
    assert entries["factor"] == pytest.approx(1729 / 1482)


def test_a_test_of_a_fall_says_which_falls_a_time_finds(run: Run, files: Files) -> None:
    """A bare value is what the rate becomes, and no change by so much."""
    asked = ("goal", files("sold.yaml", SOLD), "--detect", "20%", "--at", "Sales", "--per-week", "45")
    shown = " ".join(run(*asked).stdout.split())
    assert "Chance to" in shown
    assert "a fall to 20%" in shown
    assert "find 20%" not in shown
    (found,) = run(*asked, "--format", "json").funnels
    rates = [each["rate"] for each in found["detectable"] if each["rate"] is not None]
    assert rates
    assert all(rate < 60 / 223 for rate in rates)
    assert rates == sorted(rates)


def test_chances_say_how_they_take_rates_from_period_to_period(run: Run, files: Files) -> None:
    """As `simulate` does: constant, or by how much they vary."""
    path = files("invoices.yaml", INVOICES)
    assert "rates taken as constant from period to period" in run("goal", path, "--sales", "80").stdout
    varied = files("varied.yaml", f"variation: 10%\n{INVOICES}")
    for arguments in (("goal", varied, "--sales", "80"), ("simulate", varied)):
        assert "true rates vary from period to period by 10%, as stated" in run(*arguments).stdout


@pytest.mark.parametrize("lever", ["conversions", "conversion@Talks", "conversion@Won"])
def test_no_hidden_step_is_varied_and_what_can_be_is_said(run: Run, files: Files, lever: str) -> None:
    """Of a funnel whose losses are at no known stage."""
    stages = "{name: New, count: 90, lost_unplaced: 30}, {name: Talks, count: 40}, {name: Won, count: 20}"
    result = run("goal", files("f.yaml", f"stages: [{stages}]\n"), "--sales", "50", "--vary", lever)
    assert result.code == 2
    assert "overall_conversion" in result.stderr


# what is usual is no goal


OF_USUAL = {  # each, and the check that it is
    "sales >= usual": "sales >= usual",
    "revenue within usual": "revenue within usual",
    "revenue <= Usual": "revenue <= usual",
    "revenue == usual": "revenue within usual",
    "usual < revenue": "revenue >= usual",
    "sales as usual": "sales within usual",
    "revenue not below usual": "revenue >= usual",
    "sales >= usual, one false alarm in 36 months": "sales >= usual, one false alarm in 36 months",
    "conversion@Paid >= usual": "conversion@Paid >= usual",
    "revenue >= usual + 10%": None,
    "revenue >= 1.1x usual": None,
    "usual": None,
}


@pytest.mark.parametrize("text", OF_USUAL)
def test_what_is_usual_is_no_goal_and_a_check_asks_for_it(run: Run, text: str) -> None:
    """In the same words by each command that has a goal; the command that the help names works."""
    told = set()
    for command in ("goal", "simulate", "forecast"):
        done = run(command, SAMPLES / "invoices.yaml", "--goal", text)
        assert (done.code, done.stdout) == (2, "")
        told.add(done.stderr)
    (message,) = told
    assert said(message)[0] == (f'funnelcli: error[FN117] "{text}" is not a goal: what is usual is no value to reach')
    named = re.search(r"funnelcli check FILE --check '(.*)'", message)
    assert (named and named[1]) == OF_USUAL[text]
    if named:
        assert run("check", SAMPLES / "invoices.yaml", "--check", named[1]).stdout.count(named[1]) == 1


@pytest.mark.parametrize("command", ["goal", "simulate", "forecast"])
@pytest.mark.parametrize("option", ["--sales", "--revenue"])
def test_what_is_usual_is_no_goal_of_a_short_form(run: Run, command: str, option: str) -> None:
    done = run(command, SAMPLES / "invoices.yaml", option, "usual")
    assert done.code == 2
    assert f'"{option[2:]} >= usual" is not a goal: what is usual is no value to reach' in done.stderr


def test_a_stage_may_be_called_usual(run: Run, files: Files) -> None:
    path = files("f.yaml", "stages: {Visits: 100, Usual buyers: 20}\n")
    assert run("goal", path, "--goal", "count@Usual buyers >= 30").code == 0
    assert run("check", path, "--check", "conversion@Usual buyers >= 5%").code == 0
