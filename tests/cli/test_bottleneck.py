"""`bottleneck`: every option is wired, and JSON keeps its contract."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from scipy.stats import beta

from .conftest import BROKEN, SAMPLES, TARGET, said

if TYPE_CHECKING:
    from .conftest import Files, Run

FUNNEL_KEYS = {
    "file",
    "document",
    "name",
    "period",
    "currency",
    "reference",
    "bottleneck",
    "tied",
    "needless",
    "steps",
    "lowest",
    "best_of",
    "exact",
}
STEP_KEYS = {
    "name",
    "from",
    "conversion",
    "conversion_low",
    "conversion_high",
    "target",
    "drop_off",
    "loss_share",
    "headroom_sales",
    "headroom_revenue",
    "revenue_per_point",
    "chance_weakest",
    "days",
    "off_the_way",
    "headroom_sales_low",
    "headroom_sales_high",
    "headroom_revenue_low",
    "headroom_revenue_high",
    "off_way",
}


def branches(first: int, second: int) -> str:
    """Two steps out of the same hundred."""
    stages = f"- {{name: A, count: {first}}}\n- {{name: B, count: {second}, from: All}}\n"
    return "stages:\n- {name: All, count: 100}\n" + stages


def steps(funnel: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Steps by name."""
    return {step["name"]: step for step in funnel["steps"]}


def test_json_keys(run: Run, files: Files) -> None:
    done = run("bottleneck", files("target.yaml", TARGET), "--format", "json")
    assert (done.json["schema_version"], done.json["command"]) == (2, "bottleneck")
    (funnel,) = done.funnels
    assert set(funnel) >= FUNNEL_KEYS
    for step in funnel["steps"]:
        assert set(step) >= STEP_KEYS


def test_headroom_against_a_target(run: Run) -> None:
    """60 of 100 invoices instead of 50, of 10,000 each: +10 sales and +100,000; one point is one invoice more."""
    (funnel,) = run("bottleneck", SAMPLES / "invoices.yaml", "--format", "json").funnels
    assert (funnel["reference"], funnel["bottleneck"], funnel["tied"]) == ("target", "Paid", [])
    paid = steps(funnel)["Paid"]
    assert (paid["conversion"], paid["target"], paid["drop_off"], paid["loss_share"]) == (0.5, 0.6, 50, 1)
    assert (paid["headroom_sales"], paid["headroom_revenue"], paid["revenue_per_point"]) == (10, 100000, 10000)
    assert paid["from"] == "Invoice sent"


def test_the_furthest_from_its_target_and_not_the_lowest(run: Run) -> None:
    """AIDA: Interest at 13% brings 6500/6000, Desire at 24% 0.24/0.15 and Action at 25% 0.25/0.2 of 180 sales."""
    (funnel,) = run("bottleneck", SAMPLES / "aida.yaml", "--format", "json").funnels
    found = steps(funnel)
    assert funnel["bottleneck"] == "Desire"
    assert [found[name]["headroom_sales"] for name in ("Interest", "Desire", "Action")] == [15, 108, 45]
    assert [found[name]["headroom_revenue"] for name in ("Interest", "Desire", "Action")] == [900, 6480, 2700]


def test_without_a_reference(run: Run, files: Files) -> None:
    """The chance of 10 of 100 against 17 of 100 is 0.923."""
    (funnel,) = run("bottleneck", files("two.yaml", branches(10, 17)), "--format", "json").funnels
    found = steps(funnel)
    assert (funnel["reference"], funnel["bottleneck"], funnel["lowest"], funnel["tied"]) == ("none", None, "A", [])
    assert found["A"]["chance_weakest"] == pytest.approx(0.923, abs=5e-4)
    assert found["B"]["chance_weakest"] == pytest.approx(0.077, abs=5e-4)
    assert (found["A"]["target"], found["A"]["headroom_sales"], found["A"]["headroom_revenue"]) == (None, None, None)
    assert (found["A"]["revenue_per_point"], found["A"]["days"]) == (None, None)
    assert found["A"]["loss_share"] is None  # shares of losses are for chains


def test_a_tie_is_no_verdict(run: Run, files: Files) -> None:
    """10 and 11 of 100 cannot be told apart."""
    path = files("two.yaml", branches(10, 11))
    (funnel,) = run("bottleneck", path, "--format", "json").funnels
    assert (funnel["bottleneck"], funnel["lowest"], sorted(funnel["tied"])) == (None, None, ["A", "B"])
    shown = run("bottleneck", path).stdout
    assert "A (" in shown
    assert "B (" in shown
    assert "Lowest conversion" not in shown


def test_no_bottleneck_where_every_target_is_reached(run: Run, files: Files) -> None:
    path = files("good.yaml", TARGET.replace("60%}", "40%}", 1))
    (funnel,) = run("bottleneck", path, "--format", "json").funnels
    assert (funnel["reference"], funnel["bottleneck"], funnel["tied"]) == ("target", None, [])
    assert steps(funnel)["Paid"]["headroom_sales"] == 0
    assert run("bottleneck", path).code == 0


def test_a_step_above_98_percent_may_be_needless(run: Run, files: Files) -> None:
    path = files("links.yaml", "stages: {A: 10000, B: 9800, C: 9702, D: 9606}\n")
    (funnel,) = run("bottleneck", path, "--format", "json").funnels
    assert funnel["needless"] == ["C", "D"]  # 99% and 9606/9702; B is exactly at 98%


def test_it_says_what_a_target_would_do(run: Run, files: Files) -> None:
    shown = run("bottleneck", files("two.yaml", branches(10, 17))).stdout
    assert "target" in shown
    assert "money" in shown


def test_days_are_shown(run: Run, files: Files) -> None:
    text = "stages:\n- {name: A, count: 100}\n- {name: B, count: 50, days: 3.5}\n- {name: C, count: 5, days: 2}\n"
    (funnel,) = run("bottleneck", files("days.yaml", text), "--format", "json").funnels
    assert [step["days"] for step in funnel["steps"]] == [3.5, 2]


DEALS = """currency: EUR
stages:
- {name: Proposals, count: 640}
- {name: Won, count: 470, role: customer, average_check: 4200}
- {name: Lost, count: 58, from: Proposals}
"""
MEAN_WEEK = "stages: {Enquiries: 27.4, Offers: 3.2, Orders: 0.4}\n"


@pytest.mark.parametrize("text", [DEALS, MEAN_WEEK])
def test_no_door_names_a_step_without_a_chance_or_off_the_way(run: Run, files: Files, text: str) -> None:
    path = files("funnel.yaml", text)
    for arguments in (
        ("bottleneck", path),
        ("bottleneck", path, "--format", "markdown"),
        ("report", path, "--format", "markdown"),
        ("report", path, "--output", path.with_suffix(".html")),
    ):
        done = run(*arguments)
        assert done.code == 0, done.stderr
        shown = done.stdout or path.with_suffix(".html").read_text(encoding="utf-8")
        assert "Lowest conversion:" not in shown
        assert "Bottleneck:" not in shown
    (funnel,) = run("bottleneck", path, "--format", "json").funnels
    assert (funnel["bottleneck"], funnel["tied"], funnel["needless"]) == (None, [], [])
    assert "bottleneck" not in run("bottleneck", path, "--format", "csv").stdout.replace("verdict", "")


def test_steps_off_the_way_stand_marked_in_the_table(run: Run, files: Files) -> None:
    path = files("deals.yaml", DEALS)
    shown = run("bottleneck", path).stdout
    assert "The only step on the way to the sale is Won (73.4%)" in shown
    assert "Off the way to the sale, so not ranked: Lost." in shown
    (funnel,) = run("bottleneck", path, "--format", "json").funnels
    assert [step["off_the_way"] for step in funnel["steps"]] == [False, True]


def test_the_step_where_most_are_lost_is_named_even_without_a_target(run: Run, files: Files) -> None:
    """It may be the one that loses most: both commands say that it has no rank, and what would give it one."""
    stages = "stages:\n  - {name: V, count: 8000}\n  - {name: L, count: 600}\n  - {name: S, count: 240, target: 50%}\n"
    path = files("one_target.yaml", stages)
    for command in ("show", "bottleneck"):
        said = "Most are lost at L (7.5%), which is not ranked: it has no target, such as 8.3%."
        assert said in run(command, path).stdout
    run("report", path, "-o", path.with_suffix(".md"))
    assert "Most are lost at L (7.5%)" in path.with_suffix(".md").read_text(encoding="utf-8")
    path = files("targets.yaml", stages.replace("count: 600", "count: 600, target: 8%"))
    for command in ("show", "bottleneck"):
        assert "not ranked" not in run(command, path).stdout


# --baseline

SEPTEMBER = "name: Shop\naverage_check: 10\nstages: {Visits: 1000, Leads: 300, Sales: 60}\n"
OCTOBER = "name: Shop\naverage_check: 10\nstages: {Visits: 2000, Leads: 400, Sales: 100}\n"


def test_a_baseline(run: Run, files: Files) -> None:
    """Leads at September's 30% instead of 20% are 600, and at October's 25% 150 sales instead of 100."""
    october, september = files("october.yaml", OCTOBER), files("september.yaml", SEPTEMBER)
    (funnel,) = run("bottleneck", october, "--baseline", september, "--format", "json").funnels
    found = steps(funnel)
    assert (funnel["reference"], funnel["bottleneck"]) == ("baseline", "Leads")
    assert (found["Leads"]["target"], found["Sales"]["target"]) == (0.3, 0.2)
    assert (found["Leads"]["headroom_sales"], found["Leads"]["headroom_revenue"]) == (50, 500)
    assert (found["Sales"]["headroom_sales"], found["Sales"]["headroom_revenue"]) == (0, 0)


def test_a_baseline_goes_over_targets(run: Run, files: Files) -> None:
    path = files("target.yaml", TARGET)
    (funnel,) = run("bottleneck", path, "--baseline", path, "--format", "json").funnels
    assert (funnel["reference"], steps(funnel)["Paid"]["target"], funnel["bottleneck"]) == ("baseline", 0.5, None)


def test_a_baseline_of_several_funnels_is_matched_by_name(run: Run, files: Files) -> None:
    other = SEPTEMBER.replace("Shop", "Other").replace("300", "900")
    october = files("october.yaml", OCTOBER)
    september = files("september.yaml", f"{other}---\n{SEPTEMBER}")
    (funnel,) = run("bottleneck", october, "--baseline", september, "--format", "json").funnels
    assert steps(funnel)["Leads"]["target"] == 0.3


def test_a_baseline_without_this_funnel(run: Run, files: Files) -> None:
    names = "".join(f"{SEPTEMBER.replace('Shop', name)}---\n" for name in ("One", "Two")).removesuffix("---\n")
    done = run("bottleneck", files("october.yaml", OCTOBER), "--baseline", files("september.yaml", names))
    assert (done.code, done.stdout) == (2, "")
    assert '"Shop"' in done.stderr


def test_a_baseline_without_these_stages(run: Run, files: Files) -> None:
    other = files("other.yaml", "stages: {Calls: 10, Deals: 5}\n")
    done = run("bottleneck", files("october.yaml", OCTOBER), "--baseline", other)
    assert (done.code, done.stdout) == (2, "")
    assert "Calls" in done.stderr


def test_a_missing_baseline_is_2(run: Run, files: Files) -> None:
    done = run("bottleneck", files("october.yaml", OCTOBER), "--baseline", "missing.yaml")
    assert (done.code, done.stdout) == (2, "")
    assert "missing.yaml" in done.stderr


def test_an_invalid_baseline_is_said(run: Run, files: Files) -> None:
    done = run("bottleneck", files("october.yaml", OCTOBER), "--baseline", files("broken.yaml", BROKEN))
    assert done.code in (1, 2)
    assert done.stdout == ""
    assert "error[FN104]" in done.stderr


def test_all_inputs_are_processed_beside_a_missing_baseline(run: Run, files: Files) -> None:
    """What is wrong with the files themselves is said in the same run."""
    done = run("bottleneck", files("broken.yaml", BROKEN), "--baseline", "missing.yaml")
    assert done.code == 2
    assert "missing.yaml" in done.stderr
    assert "error[FN104]" in done.stderr


def test_a_baseline_from_standard_input(run: Run, files: Files) -> None:
    done = run("bottleneck", files("october.yaml", OCTOBER), "--baseline", "-", "--format", "json", stdin=SEPTEMBER)
    assert done.funnels[0]["reference"] == "baseline"


# options


def test_confidence(run: Run, files: Files) -> None:
    path = files("target.yaml", TARGET)
    usual = run("bottleneck", path, "--format", "json").funnels[0]["steps"][0]
    narrow = run("bottleneck", path, "--confidence", "80%", "--format", "json").funnels[0]["steps"][0]
    assert usual["conversion_low"] < narrow["conversion_low"] < 0.5
    assert 0.5 < narrow["conversion_high"] < usual["conversion_high"]


@pytest.mark.parametrize("written", ["0", "100%", "95", "high"])
def test_an_impossible_confidence(run: Run, files: Files, written: str) -> None:
    done = run("bottleneck", files("target.yaml", TARGET), "--confidence", written)
    assert (done.code, done.stdout) == (2, "")


def test_funnel_picks_by_name(run: Run) -> None:
    done = run("bottleneck", SAMPLES / "two_documents.yaml", "--funnel", "direct sale", "--format", "json")
    assert [each["name"] for each in done.funnels] == ["Direct sale"]


def test_stages_without_a_file(run: Run) -> None:
    done = run("bottleneck", "--stage", "Visits=200", "--stage", "Calls=4", "--stage", "Sales=1", "--format", "json")
    (funnel,) = done.funnels
    assert [step["name"] for step in funnel["steps"]] == ["Calls", "Sales"]
    assert (funnel["bottleneck"], funnel["lowest"]) == (None, "Calls")


def test_options_of_other_commands_are_refused(run: Run, files: Files) -> None:
    done = run("bottleneck", files("target.yaml", TARGET), "--set", "entries=x2")
    assert (done.code, done.stdout) == (2, "")
    assert said(done.stderr)


def test_every_sample_has_an_answer(run: Run) -> None:
    done = run("bottleneck", *sorted(SAMPLES.glob("*.yaml")), "--format", "json")
    assert (done.code, done.stderr) == (0, "")
    assert len(done.funnels) == len(list(SAMPLES.glob("*.yaml"))) + 1  # one file holds two


def test_the_baseline_is_never_overwritten(run: Run, files: Files) -> None:
    now, before = files("now.yaml", "stages: {A: 9, B: 3}\n"), files("before.yaml", "stages: {A: 9, B: 4}\n")
    done = run("bottleneck", now, "--baseline", before, "--output", before, "--force")
    assert done.code == 2
    assert "is read by this command" in done.stderr


# what is said

SPLIT = """average_check: 10
stages: [{name: Visits}, {name: Leads}, {name: Sales}]
breakdowns: {channel: {Ads: [4000, 200, 60], SEO: [1000, 150, 45]}}
"""


def test_the_lowest_conversion_is_no_bottleneck_and_the_next_command_gives_one(run: Run, files: Files) -> None:
    """The command that is printed names a bottleneck; without a breakdown a line of the file would."""
    path = files("split.yaml", SPLIT)
    shown = run("bottleneck", path).stdout
    assert "Lowest conversion: Leads (chance that it is really the lowest: >99%). 7% of Visits get there." in shown
    command = shown[shown.index("funnelcli bottleneck") :].split()
    assert command == ["funnelcli", "bottleneck", str(path), "--against", "best:channel"]
    then = run(*command[1:]).stdout
    assert "Bottleneck: Leads (chance" in then
    assert "Closing its gap, from 7% to the best segment of 1" in then
    plain = run("bottleneck", files("plain.yaml", "stages: {Visits: 5000, Leads: 350, Sales: 105}\n")).stdout
    assert "write what you aim at, e.g. target: 7.7% at Leads." in plain
    aimed = run(
        "bottleneck", files("aim.yaml", "stages: [{name: A, count: 5000}, {name: B, count: 350, target: 7.7%}]")
    )
    assert "Bottleneck: B (chance that it is really below the target: 97%)." in aimed.stdout


def test_no_door_calls_a_step_a_bottleneck_without_a_reference(run: Run, files: Files) -> None:
    path = files("split.yaml", SPLIT)
    for arguments in (
        ("bottleneck", path, "--format", "markdown"),
        ("bottleneck", path, "--by", "channel"),
        ("report", path, "--format", "markdown"),
        ("report", path, "--output", path.with_suffix(".html")),
    ):
        shown = run(*arguments).stdout or path.with_suffix(".html").read_text(encoding="utf-8")
        assert "Lowest conversion" in shown
        assert "Bottleneck:" not in shown
        assert "eakest" not in shown
        assert "The step to look at" not in shown
    rows = run("bottleneck", path, "--format", "csv").stdout
    assert ",lowest," in rows
    assert ",bottleneck," not in rows


def test_the_headroom_stands_with_its_range_in_every_format(run: Run, files: Files) -> None:
    """50 of 100 against 60%: 100 x (0.6 - x) at the 90% and the 10% quantile of Beta(51, 51), by SciPy."""
    path = files("target.yaml", TARGET)
    shown = run("bottleneck", path).stdout
    assert "+10 at Paid (80% range +3.7 to +16.3)" in shown
    assert "80% range" in run("bottleneck", path, "--format", "markdown").stdout
    (funnel,) = run("bottleneck", path, "--format", "json").funnels
    step = steps(funnel)["Paid"]
    low, high = (100 * (0.6 - beta.ppf(share, 51, 51)) for share in (0.9, 0.1))
    assert (step["headroom_sales_low"], step["headroom_sales_high"]) == pytest.approx((low, high))
    header, row = run("bottleneck", path, "--format", "csv").stdout.splitlines()
    at = header.split(",").index("headroom_sales_low")
    assert float(row.split(",")[at]) == step["headroom_sales_low"]


def test_segments_that_do_not_differ_have_no_best(run: Run, files: Files) -> None:
    path = files("alike.yaml", SPLIT.replace("150, 45", "52, 16"))
    done = run("bottleneck", path, "--against", "best:channel")
    assert (done.code, done.stderr) == (0, "")
    alone = run("bottleneck", path).stdout
    said = "No segment of channel is better than the whole by more than chance, so the best of them is no reference."
    assert set(done.stdout.splitlines()) - set(alone.splitlines()) == {
        f"{said} Larger counts would tell smaller differences."
    }
    for more in ((), ("--by", "channel")):
        (found,) = run("bottleneck", path, "--against", "best:Channel", *more, "--format", "json").funnels
        assert (found["no_best_of"], found["reference"]) == ("channel", "none")
    (plain,) = run("bottleneck", path, "--format", "json").funnels
    assert plain["no_best_of"] is None
    none = run("bottleneck", path, "--against", "best:shop")
    assert (none.code, none.stdout) == (2, "")


def test_targets_are_held_where_segments_have_no_best(run: Run, files: Files) -> None:
    text = SPLIT.replace("150, 45", "52, 16").replace("{name: Sales", "{name: Sales, target: 80%")
    done = run("bottleneck", files("aims.yaml", text), "--against", "best:channel")
    assert "Bottleneck: Sales" in done.stdout
    assert "is no reference: the targets of the file are held instead. Larger counts" in done.stdout


def test_a_stated_baseline_is_exact_and_that_is_said(run: Run, files: Files) -> None:
    now = files("now.yaml", "stages: {A: 1000, B: 90, C: 30}\n")
    before = files(
        "before.yaml", "stages: [{name: A, count: 1000}, {name: B, conversion: 12%}, {name: C, count: 40}]\n"
    )
    assert "Stated in the baseline, not counted, so taken as exact: B." in run(
        "bottleneck", now, "--baseline", before
    ).stdout.replace("B, C", "B")


def test_open_units_are_said_to_be_undecided(run: Run, files: Files) -> None:
    text = "stages: [{name: Offers, count: 100, open: 40}, {name: Won, count: 20, target: 40%}]\n"
    path = files("open.yaml", text)
    (funnel,) = run("bottleneck", path, "--format", "json").funnels
    assert funnel["undecided"] == ["Won"]
    done = run("bottleneck", path).stdout
    assert "Some are still open before Won: what is said is of those who are decided, passed or lost." in done
    assert "from 33.3% to the target of 40%" in done
    decided = files("decided.yaml", "stages: [{name: Offers, count: 60}, {name: Won, count: 20, target: 40%}]\n")
    (alike,) = run("bottleneck", decided, "--format", "json").funnels
    for key in ("chance_weakest", "headroom_sales", "headroom_sales_low", "headroom_sales_high", "conversion_decided"):
        assert funnel["steps"][0][key] == alike["steps"][0][key], key
    closed = files("closed.yaml", text.replace(", open: 40", ""))
    assert run("bottleneck", closed, "--format", "json").funnels[0]["undecided"] == []


COHORTS = """\
average_check: 50
stages: [{name: Visits}, {name: Leads}, {name: Sales}]
breakdowns:
  period:
    2026-W40: {counts: [4000, 200, 100], budget: 100}
    2026-W41: {counts: [4000, 200, 2], budget: 5000}
measured: {source: events.csv, events: 8502, units: 8000, until: "2026-10-12", not_mature: ["2026-W41"]}
"""


def test_a_cohort_whose_window_is_open_has_no_verdict(run: Run, files: Files) -> None:
    """Its sales may still come: it is neither said what is lowest there, nor that it loses."""
    path = files("cohorts.yaml", COHORTS)
    lowest = run("bottleneck", path, "--by", "period")
    assert "Not mature, as the window is still open: 2026-W41; its figures may grow." in lowest.stdout
    report = json.loads(run("bottleneck", path, "--by", "period", "--format", "json").stdout)
    first, second = report["funnels"][0]["segments"]
    assert (first["lowest"], first["not_mature"]) == ("Leads", [])
    assert (second["lowest"], second["tied"], second["not_mature"]) == (None, [], ["2026-W41"])
    money = run("economics", path, "--by", "period").stdout
    assert "Not mature, as the window is still open: 2026-W41; its figures may grow." in money
    assert [line.split()[-1] for line in money.splitlines() if line.startswith("2026-W40")] == ["earns"]
    assert [line.split()[-1] for line in money.splitlines() if line.startswith("2026-W41")] == ["mature"]


@pytest.mark.parametrize("command", ["simulate", "levers", "goal --sales 200", "scenario --set entries=x2"])
def test_what_is_projected_from_open_cohorts_says_so(run: Run, files: Files, command: str) -> None:
    said = run(*command.split(), files("cohorts.yaml", COHORTS)).stdout
    assert "cohorts whose window is still open count as they are, though they may grow: 2026-W41" in said


def test_the_chance_of_one_step_that_is_left_open_is_named_for_what_it_is(run: Run, files: Files) -> None:
    """Below its target is one chance, and to have the most to gain of several steps another."""
    several = files(
        "several.yaml",
        "stages: [{name: A, count: 540}, {name: B, count: 210, target: 40%}, {name: C, count: 61, target: 25%}]",
    )
    said = run("bottleneck", several).stdout
    assert (
        "B reads below its target of 40%, but these counts leave it open (chance that it has the most to gain:" in said
    )
    assert "really below" not in said
    alone = files("alone.yaml", "stages: [{name: A, count: 540}, {name: B, count: 210, target: 40%}]")
    assert "leave it open (chance that it is really below the target: " in run("bottleneck", alone).stdout
