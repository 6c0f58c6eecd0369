"""`scenario`: every option is wired, and JSON keeps its contract."""

from __future__ import annotations

import csv
import io
import math
import re
import shlex
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import INVOICES, SAMPLES, TARGET

if TYPE_CHECKING:
    from .conftest import Files, Run

FUNNEL_KEYS = {"file", "document", "name", "period", "currency", "assumptions", "projections"}
PROJECTION_KEYS = {
    "name",
    "changes",
    "stages",
    "entries",
    "sales",
    "overall_conversion",
    "revenue",
    "variable_cost",
    "budget",
    "profit",
    "sales_change",
    "sales_change_rate",
    "revenue_change",
    "revenue_change_rate",
    "profit_change",
}
STAGE_KEYS = {"name", "count", "conversion", "overall_conversion", "revenue"}


def projections(run: Run, name: str, *args: str) -> dict[str, dict[str, Any]]:
    """Projections of a sample funnel by name."""
    (funnel,) = run("scenario", SAMPLES / name, *args, "--format", "json").funnels
    return {each["name"]: each for each in funnel["projections"]}


def test_json_keys(run: Run, files: Files) -> None:
    done = run("scenario", files("target.yaml", TARGET), "--format", "json")
    assert (done.json["schema_version"], done.json["command"]) == (2, "scenario")
    (funnel,) = done.funnels
    assert set(funnel) >= FUNNEL_KEYS
    assert isinstance(funnel["assumptions"], list)
    for projection in funnel["projections"]:
        assert set(projection) >= PROJECTION_KEYS
        for stage in projection["stages"]:
            assert set(stage) >= STAGE_KEYS


def test_the_baseline_comes_first_and_changes_nothing(run: Run) -> None:
    (funnel,) = run("scenario", SAMPLES / "invoices.yaml", "--format", "json").funnels
    baseline = funnel["projections"][0]
    assert (baseline["name"], baseline["changes"]) == ("baseline", {})
    assert (baseline["entries"], baseline["sales"], baseline["revenue"]) == (100, 50, 500000)
    assert (baseline["sales_change"], baseline["sales_change_rate"]) == (0, 0)
    assert (baseline["revenue_change"], baseline["revenue_change_rate"]) == (0, 0)


def test_a_changed_conversion(run: Run) -> None:
    """60 of 100 invoices instead of 50, of 10,000 each."""
    paid = projections(run, "invoices.yaml")["60% paid"]
    assert paid["changes"] == {"conversion@Paid": "60%"}
    assert [(stage["name"], stage["count"]) for stage in paid["stages"]] == [("Invoice sent", 100), ("Paid", 60)]
    assert [stage["conversion"] for stage in paid["stages"]] == [None, 0.6]
    assert [stage["overall_conversion"] for stage in paid["stages"]] == [1, 0.6]
    assert [stage["revenue"] for stage in paid["stages"]] == [None, 600000]
    assert (paid["entries"], paid["sales"], paid["overall_conversion"], paid["revenue"]) == (100, 60, 0.6, 600000)
    assert (paid["sales_change"], paid["sales_change_rate"]) == (10, 0.2)
    assert (paid["revenue_change"], paid["revenue_change_rate"]) == (100000, 0.2)
    assert (paid["variable_cost"], paid["budget"], paid["profit"], paid["profit_change"]) == (None,) * 4


def test_a_scenario_that_loses_more(run: Run) -> None:
    """Each sale leaves 300 of 1,000 and costs 450: 50 lose 7,500, 100 lose 15,000, and 10,000 are spent anyway."""
    found = projections(run, "loss_making.yaml")
    assert (found["baseline"]["variable_cost"], found["baseline"]["budget"]) == (22500, 10000)
    assert found["baseline"]["profit"] == -17500
    doubled = found["Double the conversion"]
    assert (doubled["profit"], doubled["profit_change"], doubled["variable_cost"]) == (-25000, -7500, 45000)
    assert found["Mend the unit"]["profit"] == 5000  # 50 x (600 - 300) - 10,000
    assert found["Mend the unit, then double"]["profit"] == 20000


def test_more_budget_with_an_elasticity(run: Run) -> None:
    """60% more budget brings 1.6 ** 0.5 times the entries."""
    found = projections(run, "context_ads.yaml")
    more = found["More budget"]
    assert more["entries"] == pytest.approx(360750 * math.sqrt(1.6), rel=1e-12)
    assert more["budget"] == 96000
    assert more["sales_change_rate"] == pytest.approx(math.sqrt(1.6) - 1, rel=1e-12)
    assert found["456,300 impressions"]["sales"] == 234  # 456,300 / 1,950
    assert found["456,300 impressions"]["budget"] == 60000


def test_what_is_assumed_is_said(run: Run) -> None:
    (funnel,) = run("scenario", SAMPLES / "context_ads.yaml", "--format", "json").funnels
    assert any("margin not given" in said for said in funnel["assumptions"])
    assert any("spend_elasticity" in said for said in funnel["assumptions"])
    assert "margin not given" in run("scenario", SAMPLES / "context_ads.yaml").stdout


def test_counts_are_whole_where_they_are_whole(run: Run) -> None:
    """A thousand million entries end in exactly 1.2 ** 4 sales; the others stay whole numbers."""
    four = projections(run, "compounding.yaml")["Four levels x1.2"]
    assert [repr(stage["count"]) for stage in four["stages"]] == ["100000000", "1200000", "14400", "172.8", "2.0736"]


# choosing


def test_scenario_picks_by_name(run: Run) -> None:
    assert list(projections(run, "retail.yaml", "--scenario", "stretching, A better window")) == [
        "baseline",
        "Stretching, a better window",
    ]


def test_only_the_scenario_that_is_asked_for_must_be_possible(run: Run, files: Files) -> None:
    """Of names that begin alike, one is not the other."""
    changes = "{Better: {conversion@Sales: +10%}, Better.offer: {conversion@Sales: x9}}"
    path = files("dots.yaml", f"stages: {{Leads: 100, Sales: 20}}\nscenarios: {changes}\n")
    done = run("scenario", path, "--scenario", "better")
    assert (done.code, "warning[FN118]" in done.stderr) == (0, True)
    done = run("scenario", path, "--scenario", "Better.offer")
    assert (done.code, "error[FN118]" in done.stderr) == (1, True)


def test_scenario_can_be_repeated(run: Run) -> None:
    found = projections(run, "compounding.yaml", "--scenario", "Four levels x1.2", "--scenario", "Two levels x1.2")
    assert set(found) == {"baseline", "Two levels x1.2", "Four levels x1.2"}


def test_an_unknown_scenario_gets_a_suggestion(run: Run) -> None:
    done = run("scenario", SAMPLES / "cold_calls.yaml", "--scenario", "Better script")
    assert (done.code, done.stdout) == (2, "")
    assert 'did you mean "Better scripts"?' in done.stderr


def test_nothing_to_project_is_2(run: Run, files: Files) -> None:
    done = run("scenario", files("invoices.yaml", INVOICES))
    assert (done.code, done.stdout) == (2, "")
    assert "--set" in done.stderr


def test_funnels_with_scenarios_are_shown_beside_one_without(run: Run, files: Files) -> None:
    """There is something to report, so the other funnel is a warning."""
    done = run("scenario", files("invoices.yaml", INVOICES), files("target.yaml", TARGET), "--format", "json")
    assert done.code == 0
    assert [each["name"] for each in done.funnels] == ["Target"]
    assert "Invoices" in done.stderr


# --set


@pytest.mark.parametrize(
    ("change", "sales", "revenue"),
    [
        ("conversion@Paid=60%", 60, 600000),
        ("conversion@Paid=0.6", 60, 600000),
        ("conversion@Paid=3/5", 60, 600000),
        ("conversion@Paid=+10pp", 60, 600000),
        ("conversion@Paid=-10pp", 40, 400000),
        ("conversion@Paid=+20%", 60, 600000),
        ("conversion@paid=x1.2", 60, 600000),
        ("entries=x10", 500, 5000000),
        ("entries=+100", 100, 1000000),
        ("entries=300", 150, 1500000),
        ("count@Paid=+5", 55, 550000),
        ("average_check=+5%", 50, 525000),
        ("average_check=-500", 50, 475000),
        ("average_check@Paid=12000", 50, 600000),
    ],
)
def test_set(run: Run, files: Files, change: str, sales: int, revenue: int) -> None:
    (funnel,) = run("scenario", files("invoices.yaml", INVOICES), "--set", change, "--format", "json").funnels
    baseline, projection = funnel["projections"]
    assert (baseline["sales"], baseline["revenue"]) == (50, 500000)
    assert (projection["sales"], projection["revenue"]) == (sales, revenue)
    selector, _, text = change.rpartition("=")
    assert {key.casefold(): value for key, value in projection["changes"].items()} == {selector.casefold(): text}


def test_several_sets_are_one_scenario(run: Run, files: Files) -> None:
    path = files("invoices.yaml", INVOICES)
    done = run("scenario", path, "--set", "entries=x2", "--set", "conversion@Paid=+10pp", "--format", "json")
    _, projection = done.funnels[0]["projections"]
    assert projection["changes"] == {"entries": "x2", "conversion@Paid": "+10pp"}
    assert (projection["sales"], projection["revenue"]) == (120, 1200000)


def test_two_changes_of_one_figure_apply_in_order(run: Run, files: Files) -> None:
    path = files("invoices.yaml", INVOICES)
    done = run("scenario", path, "--set", "entries=+100", "--set", "entries=x2", "--format", "json")
    assert done.funnels[0]["projections"][1]["entries"] == 400


def test_set_stands_beside_a_chosen_scenario(run: Run) -> None:
    found = projections(run, "invoices.yaml", "--scenario", "60% paid", "--set", "entries=x2")
    assert len(found) == 3
    assert [each["sales"] for each in found.values()] == [50, 60, 100]


def test_set_alone_leaves_the_scenarios_of_the_file_out(run: Run) -> None:
    assert len(projections(run, "invoices.yaml", "--set", "entries=x2")) == 2


@pytest.mark.parametrize(
    ("change", "fragment"),
    [
        ("conversion@Piad=60%", 'did you mean "Paid"?'),
        ("convresion@Paid=60%", 'did you mean "conversion"?'),
        ("conversion=60%", "conversion@"),
        ("conversion@Paid=x3", "above 100%"),
        ("conversion@Paid=+60pp", "above 100%"),
        ("conversion@Paid=150%", "above 100%"),
        ("conversion@Paid=60", "60%"),
        ("conversion@Paid=+5", "+5pp for points"),
        ("conversion@Paid=-60pp", "below 0"),
        ("conversion@Invoice sent=50%", "entries"),
        ("entries=+10pp", "points"),
        ("entries=-200", "below 0"),
        ("entries=many", '"many"'),
        ("entries=x-2", '"x-2"'),
        ("entries@Paid=5", "entries"),
        ("revenue=5", "cannot be changed"),
        ("profit=x2", "cannot be changed"),
        ("sales=10", "cannot be changed"),
        ("count@Paid=200", "Invoice sent"),
        ("budget=+10%", "budget"),
        ("conversion@Paid", "SELECTOR=CHANGE"),
        ("entries=1e30", "1e30"),
        ("", "SELECTOR=CHANGE"),
    ],
)
def test_mistakes_in_a_change(run: Run, files: Files, change: str, fragment: str) -> None:
    done = run("scenario", files("invoices.yaml", INVOICES), "--set", change)
    assert (done.code, done.stdout) == (2, "")
    assert fragment in done.stderr
    assert "= help: " in done.stderr


def test_a_mistake_names_its_funnel_among_several(run: Run, files: Files) -> None:
    done = run("scenario", files("both.yaml", f"{INVOICES}---\n{TARGET}"), "--set", "conversion@Invoice sent=x1")
    assert done.code == 2
    assert "Invoices: " in done.stderr
    assert "Target: " in done.stderr


def test_stages_without_a_file(run: Run) -> None:
    args = ("--stage", "Visits=200", "--stage", "Sales=4", "--average-check", "5", "--set", "entries=x10")
    _, projection = run("scenario", *args, "--format", "json").funnels[0]["projections"]
    assert (projection["sales"], projection["revenue"], projection["revenue_change"]) == (40, 200, 180)


def test_projected_counts_are_expectations(run: Run, files: Files) -> None:
    """1.5 x 7/50 of 25: kept fractional."""
    path = files("few.yaml", "stages: {Visits: 50, Sales: 7}\n")
    done = run("scenario", path, "--set", "entries=25", "--set", "conversion@Sales=x1.5", "--format", "json")
    assert done.funnels[0]["projections"][1]["sales"] == float(Fraction(7, 50) * Fraction(3, 2) * 25)


def test_every_sample_with_scenarios_is_projected(run: Run) -> None:
    paths = [path for path in sorted(SAMPLES.glob("*.yaml")) if "\nscenarios:" in path.read_text(encoding="utf-8")]
    done = run("scenario", *paths, "--format", "json")
    assert (done.code, done.stderr) == (0, "")
    assert len(done.funnels) == len(paths) + 1  # one file holds two


# a scenario that cannot be projected

MIXED = "name: F\nstages: {A: 50, B: 48}\nscenarios:\n  Possible: {entries: x2}\n  Beyond: {conversion@B: +10pp}\n"
QUIET = "name: Quiet\nstages: {A: 2, B: 0, C: 0}\nscenarios:\n  Shorter form: {conversion@C: +10%}\n"


@pytest.mark.parametrize(
    "command", ["show", "bottleneck", "economics", "levers", "simulate", "goal --sales 49", "report --format markdown"]
)
@pytest.mark.parametrize("text", [MIXED, QUIET])
def test_a_what_if_that_nobody_asked_for_hides_nothing(run: Run, files: Files, command: str, text: str) -> None:
    name, *options = command.split()
    done = run(name, files("f.yaml", text), *options)
    assert done.code == 0
    assert done.stdout
    assert done.stderr.count("FN118") == 1
    assert "warning[FN118]" in done.stderr


def test_the_others_are_projected_and_the_impossible_one_is_an_error_with_its_place(run: Run, files: Files) -> None:
    path = files("f.yaml", MIXED)
    done = run("scenario", path)
    assert (done.code, done.stderr.count("FN118")) == (1, 1)
    assert ":5:26: error[FN118]" in done.stderr
    assert "Possible" in done.stdout
    assert "Beyond" not in done.stdout
    asked = run("scenario", path, "--scenario", "Possible")
    assert asked.code == 0
    assert "warning[FN118]" in asked.stderr
    for command in (("scenario", path, "--scenario", "beyond"), ("simulate", path, "--scenario", "Beyond")):
        refused = run(*command)
        assert (refused.code, refused.stdout, refused.stderr.count("FN118")) == (1, "", 1)
        assert "error[FN118]" in refused.stderr


def test_the_scenario_of_another_funnel_is_another(run: Run, files: Files) -> None:
    text = "name: {}\nstages: {{A: 10, B: 5}}\nscenarios: {{X: {{conversion@B: x{}}}}}\n"
    path = files("f.yaml", text.format("One", 1.5) + "---\n" + text.format("Two", 3))
    assert run("scenario", path, "--funnel", "One", "--scenario", "X").code == 0
    assert run("scenario", path, "--funnel", "Two", "--scenario", "X").code == 1
    assert run("scenario", path, "--scenario", "X").code == 1


def test_it_is_an_error_of_check(run: Run, files: Files) -> None:
    done = run("check", files("f.yaml", MIXED + "checks: [conversion@B >= 90%]\n"))
    assert done.code == 1
    assert done.stdout.count("FN118") == 1
    assert "1 passed" in done.stdout


def test_a_defect_in_one_funnel_loses_no_other(run: Run, files: Files) -> None:
    script = (
        "import funnelcli.cli.commands.scenario as command\n"
        "sound = command.project\n"
        "def project(funnel, scenarios):\n"
        "    if funnel.name == 'Two':\n        raise RuntimeError('broken on purpose')\n"
        "    return sound(funnel, scenarios)\n"
        "command.project = project"
    )
    text = "---\n".join(f"name: {name}\nstages: {{A: 10, B: 5}}\n" for name in ("One", "Two", "Three"))
    done = run("scenario", files("f.yaml", text), "--set", "entries=x2", script=script)
    assert done.code == 3
    assert ("One" in done.stdout, "Two" in done.stdout, "Three" in done.stdout) == (True, False, True)
    assert done.stderr.count("defect") == 1
    assert '"Two"' in done.stderr


def test_entries_that_are_set_are_free_and_their_price_stands_beside(run: Run) -> None:
    """10% more entries at an elasticity of 0.5 take 1.1^2 of 60,000: 72,600, as `levers` has it."""
    path = SAMPLES / "context_ads.yaml"
    (funnel,) = run("scenario", path, "--set", "entries=+10%", "-f", "json").funnels
    base, more = funnel["projections"]
    assert (base["budget_bought"], base["profit_bought"]) == (base["budget"], base["profit"])
    assert more["budget"] == 60000
    assert more["budget_bought"] == pytest.approx(72600)
    assert more["profit_bought"] == pytest.approx(more["profit"] - 12600)
    (levers,) = run("levers", path, "-f", "json").funnels
    (entries,) = (each for each in levers["levers"] if each["selector"] == "entries")
    assert more["profit_bought"] == pytest.approx(entries["high"])


BOUGHT = """name: Bought
currency: USD
budget: 1000
gross_margin: 50%
SPEND
stages: [{name: New visits, count: 1000}, {name: Leads, count: 300}, {name: Paid, count: 40, average_check: 70}]
scenarios:
  third: {entries: +33.33%, conversion@Paid: +10%}
  cheaper: {count@New visits: x2, "average_check@Paid": -7, conversion@Leads: 60%}
  fewer: {entries: x0.7, gross_margin: +10pp}
REFERRAL
"""


@pytest.mark.parametrize("spend", ["", "spend_elasticity: 0.7"])
@pytest.mark.parametrize("referral", ["", "referral: {from: Paid, to: New visits, brings: 0.5}"])
def test_the_options_that_buy_the_entries_come_to_the_figure_that_is_told(
    run: Run, files: Files, spend: str, referral: str
) -> None:
    """Whatever else the scenario changes, and where a budget has no end as a decimal."""
    path = files("bought.yaml", BOUGHT.replace("SPEND", spend).replace("REFERRAL", referral))
    (funnel,) = run("scenario", path, "-f", "json").funnels
    told = re.findall(r"^(\w+): the (.*?)\. Bought, .*?: (--set .*)\.$", run("scenario", path).stdout, re.MULTILINE)
    assert {name: how.startswith("entries cost nothing more") for name, how, _ in told} == {
        "third": True,
        "cheaper": True,
        "fewer": False,
    }
    of_file = {each["name"]: each for each in funnel["projections"]}
    for name, _, options in told:
        (bought,) = run("scenario", path, *shlex.split(options), "-f", "json").funnels
        projection, own = bought["projections"][1], of_file[name]
        for key, of_own in (("budget", "budget_bought"), ("profit", "profit_bought"), ("revenue", "revenue")):
            assert projection[key] == pytest.approx(own[of_own], rel=1e-12)
        assert projection["profit_bought"] is None


def test_a_price_that_is_not_known_is_no_budget(run: Run, files: Files) -> None:
    """x10 takes 10^1000 of the budget, x1.2 takes 1.2^1000 (over 10^79)."""
    path = files(
        "dear.yaml",
        "name: Dear\nbudget: 100\nspend_elasticity: 0.001\nstages: [{name: A, count: 10}, {name: B, count: 5, "
        "average_check: 3}]\nscenarios: {up: {entries: x10}, cnt: {count@A: x1.2}, none: {entries: 0}, "
        "rate: {conversion@B: +10%}}\n",
    )
    found = {each["name"]: each for each in run("scenario", path, "-f", "json").funnels[0]["projections"]}
    assert {name: each["budget_bought"] for name, each in found.items()} == {
        "baseline": 100,
        "up": None,
        "cnt": None,
        "none": 0,
        "rate": 100,
    }
    assert (found["up"]["profit_bought"], found["cnt"]["profit_bought"]) == (None, None)
    assert (found["none"]["profit_bought"], found["rate"]["profit_bought"]) == (0, found["rate"]["profit"])
    shown = run("scenario", path).stdout
    assert "up, cnt: no budget below 1e18 buys so many entries" in shown.replace(" and ", ", ")
    assert max(map(len, shown.splitlines())) < 200
    rows = [*csv.DictReader(io.StringIO(run("scenario", path, "-f", "csv").stdout))]
    of_csv = {row["projection"]: row["value"] for row in rows if row["selector"] == "profit_bought"}
    assert {name: float(value) if value else None for name, value in of_csv.items()} == {
        name: each["profit_bought"] for name, each in found.items()
    }


def test_without_entries_to_buy_nothing_is_bought(run: Run, files: Files) -> None:
    path = files("rate.yaml", BOUGHT.replace("SPEND", "").replace("REFERRAL", ""))
    done = run("scenario", path, "--set", "conversion@Paid=+10%", "-f", "csv")
    assert "bought" not in done.stdout


SHARE = "gross margin stays 50%: a higher price raises the cost of goods with it"


@pytest.mark.parametrize(
    ("command", "is_told"),
    [
        ("scenario FILE --set average_check=+15%", True),
        ("scenario FILE --set average_check=+15% --set gross_margin=60%", False),
        ("scenario FILE --set conversion@Paid=+15%", False),
        ("levers FILE", True),
        ("goal FILE --profit +20%", True),
        ("goal FILE --sales +20%", False),
        ("simulate FILE --set average_check=+15%", True),
        ("simulate FILE", False),
    ],
)
def test_where_a_price_moves_the_cost_of_goods_follows_it_and_that_is_said(
    run: Run, files: Files, command: str, is_told: bool
) -> None:
    path = files("bought.yaml", BOUGHT.replace("SPEND", "").replace("REFERRAL", ""))
    done = run(*(path if word == "FILE" else word for word in command.split()), "-f", "json")
    assert any(said.startswith(SHARE) for said in done.funnels[0]["assumptions"]) == is_told


def test_a_cost_at_the_stage_does_not_follow_the_price(run: Run, files: Files) -> None:
    """40 sales at 70: goods at 50% cost 1,400, at a price of 80.50 they cost 1,610; at cost: 35 they stay 1,400."""
    share = BOUGHT.replace("SPEND", "").replace("REFERRAL", "")
    fixed = share.replace("gross_margin: 50%\n", "").replace("average_check: 70", "average_check: 70, cost: 35")
    fixed = fixed.replace(", gross_margin: +10pp", "")
    for text, gained in ((share, 210), (fixed, 420)):
        done = run("scenario", files("price.yaml", text), "--set", "average_check=+15%", "-f", "json")
        assert done.funnels[0]["projections"][1]["profit_change"] == gained
        assert any(said.startswith(SHARE) for said in done.funnels[0]["assumptions"]) == (text == share)
