"""`levers`: every option is wired, and JSON keeps its contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import INVOICES, SAMPLES, said

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Files, Run

FUNNEL_KEYS = {"file", "document", "name", "period", "currency", "effort", "levers", "strategies"}
LEVER_KEYS = {"selector", "low", "high", "sales_change", "revenue_change", "profit_change"}
STRATEGY_KEYS = {"name", "revenue", "revenue_change"}


def test_json_keys(run: Run, files: Files) -> None:
    done = run("levers", files("invoices.yaml", INVOICES), "--format", "json")
    assert (done.code, done.json["schema_version"], done.json["command"]) == (0, 2, "levers")
    (funnel,) = done.funnels
    assert set(funnel) >= FUNNEL_KEYS
    assert all(set(each) >= LEVER_KEYS for each in funnel["levers"])
    assert all(set(each) >= STRATEGY_KEYS for each in funnel["strategies"])


def test_a_tenth_more_of_anything_brings_the_same(run: Run) -> None:
    (funnel,) = run("levers", SAMPLES / "invoices.yaml", "--format", "json").funnels
    assert [(each["selector"], each["low"], each["high"]) for each in funnel["levers"]] == [
        ("entries", 450_000, 550_000),
        ("conversion@Paid", 450_000, 550_000),
        ("average_check", 450_000, 550_000),
    ]


def test_people_are_told_that_a_tie_is_no_ranking(run: Run) -> None:
    out = run("levers", SAMPLES / "invoices.yaml").stdout
    same = "+10% brings the same at any of these, +50,000 EUR revenue: Entries, Paid (conversion), Average check. "
    assert same + "A funnel multiplies its steps: ask which is the cheapest." in out
    assert out.count("brings the same") == 1


def test_entries_are_never_free(run: Run) -> None:
    for sample in ("b2b", "context_ads", "loss_making"):
        out = run("levers", SAMPLES / f"{sample}.yaml", "--rank", "cost").stdout
        assert "Without more spending: Entries" not in out
        assert "Costs nothing more" not in out
        assert "more entries are bought" in out


def test_by_segment(run: Run) -> None:
    out = run("levers", SAMPLES / "channels_and_managers.yaml", "--by", "channel").stdout
    assert "by +10% at one lever of one segment" in out
    done = run("levers", SAMPLES / "channels_and_managers.yaml", "--by", "channel", "--format", "json")
    (funnel,) = done.funnels
    assert funnel["dimension"] == "channel"
    assert len(funnel["segments"]) > 1
    assert set(funnel["segments"][0]) >= FUNNEL_KEYS
    lines = run("levers", SAMPLES / "channels_and_managers.yaml", "--by", "channel", "--format", "csv").stdout
    assert lines.startswith("file,document,funnel,dimension,segment,part,effort,name,selector,from,to,metric,low,high")
    assert run("levers", SAMPLES / "channels_and_managers.yaml", "--by", "channel", "--top", "1").code == 0


def test_points(run: Run) -> None:
    """A point of 100 invoices is one of 10,000."""
    (funnel,) = run("levers", SAMPLES / "invoices.yaml", "--effort", "+1pp", "--format", "json").funnels
    assert [(each["selector"], each["revenue_change"]) for each in funnel["levers"]] == [("conversion@Paid", 10_000)]


def test_ranked_by_cost(run: Run) -> None:
    """48 more deals-to-be at 400 each are the cheapest: 68,220 of profit for 1,920."""
    (funnel,) = run("levers", SAMPLES / "b2b.yaml", "--rank", "cost", "--format", "json").funnels
    best = next(each for each in funnel["levers"] if each["cost_change"])
    assert (best["selector"], best["profit_per_cost"]) == ("conversion@Deal", 68_220 / 1_920)


def test_a_curve(run: Run) -> None:
    done = run("levers", SAMPLES / "invoices.yaml", "--sweep", "conversion@Paid=40%..60%/3", "--format", "json")
    (funnel,) = done.funnels
    assert [each["selector"] for each in funnel["axes"]] == ["conversion@Paid"]
    assert [(each["at"]["conversion@Paid"], each["revenue"]) for each in funnel["points"]] == [
        (0.4, 400_000),
        (0.5, 500_000),
        (0.6, 600_000),
    ]


GRID = ("--sweep", "conversion@Paid=40%..60%/3", "--sweep", "entries=100..200/2", "--metric", "sales")


def test_a_grid_in_every_format(run: Run) -> None:
    table = run("levers", SAMPLES / "invoices.yaml", *GRID).stdout
    rows = [line.split() for line in table.splitlines() if "%  " in line]
    assert rows == [["40.0%", "40", "80"], ["50.0%", "50", "100"], ["60.0%", "60", "120"]]
    markdown = run("levers", SAMPLES / "invoices.yaml", *GRID, "--format", "markdown").stdout
    assert "| 60.0% | 60 | 120 |" in markdown
    lines = run("levers", SAMPLES / "invoices.yaml", *GRID, "--format", "csv").stdout.splitlines()
    assert len(lines) == 7
    assert lines[-1].endswith("Invoices,conversion@Paid,0.6,entries,200,120,1200000,,sales,120")


def test_a_grid_is_coloured_from_cold_to_hot(run: Run) -> None:
    table = run("levers", SAMPLES / "invoices.yaml", *GRID, "--color", "always").stdout
    assert "\x1b[37;44m 40\x1b[0m" in table
    assert "\x1b[37;41m120\x1b[0m" in table
    assert "\x1b[" not in run("levers", SAMPLES / "invoices.yaml", *GRID).stdout


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--effort", "10"), 'funnelcli: error: "10" is not an effort'),
        (("--rank", "cost"), 'funnelcli: error[FN102] "Invoices" has no costs to rank by'),
        (("--by", "+10%"), 'funnelcli: error: "+10%" is an effort, and --by names a dimension'),
        (("--by", "cost"), 'funnelcli: error[FN102] "Invoices" has no breakdown by "cost"'),
        (("--top", "3"), "funnelcli: error: --top needs --by"),
        (("--by", "channel", "--sweep", "entries=1..2"), "funnelcli: error: --by and --sweep do not go together"),
        (("--metric", "sales"), "funnelcli: error: --metric goes with --sweep"),
        (("--sweep", "conversion@Paid"), 'funnelcli: error[FN116] "conversion@Paid" is not a sweep'),
        (("--sweep", "conversion@Paid=40%..120%"), "funnelcli: error[FN118] conversion@Paid would be"),
        (("--sweep", "entries=1..2", "--metric", "profits"), 'funnelcli: error[FN115] unknown metric "profits"'),
        (("--sweep", "entries=1..2") * 2, "funnelcli: error[FN116] entries is swept twice"),
        (("--sweep", "entries=1..2") * 3, "funnelcli: error: a sweep has one or two levers"),
        (
            ("--sweep", "entries=1..2/100", "--sweep", "average_check=1..2/100"),
            "funnelcli: error[FN116] a grid of 10,000 points is too large",
        ),
    ],
)
def test_mistakes_are_said_with_a_way_out(run: Run, args: tuple[str, ...], message: str) -> None:
    done = run("levers", SAMPLES / "invoices.yaml", *args)
    assert (done.code, done.stdout) == (2, "")
    assert said(done.stderr)[0].startswith(message)
    assert "= help: " in done.stderr


def test_the_bars_of_a_curve_are_as_long_as_its_figures(run: Run, tmp_path: Path) -> None:
    """At 100 each and a budget of 2,000: 10, 20, 30 and 40 sales bring -1,000, 0, 1,000 and 2,000."""
    file = tmp_path / "shop.yaml"
    file.write_text("average_check: 100\nbudget: 2000\nstages: {Leads: 100, Sales: 20}\n", encoding="utf-8")
    shown = run("levers", str(file), "--sweep", "conversion@Sales=10%..40%").stdout
    bars = {line.split()[0]: (line.count("█"), line.count("─")) for line in shown.splitlines() if ".0%" in line}
    expected = {"10.0%": (0, 4), "20.0%": (0, 0), "30.0%": (4, 0), "40.0%": (8, 0)}
    assert {key: bars[key] for key in expected} == expected


def test_entries_of_an_empty_funnel_are_not_said_to_pass_100_percent(run: Run, files: Files) -> None:
    path = files("empty.yaml", "budget: 10\naverage_check: 5\nstages: {Visits: 0, Paid: 0}")
    assert "it would pass 100%" not in run("levers", path).stdout
    full = files("full.yaml", "average_check: 5\nstages: {Visits: 60, Paid: 60}")
    assert "Cannot take +10%, it would pass 100%: Paid (conversion)." in run("levers", full).stdout


def test_assumptions_of_some_segments_name_them(run: Run, files: Files) -> None:
    """A budget of 0 is one that is given; what is taken for granted of entries there is not said of the others."""
    sample = (SAMPLES / "channels_and_managers.yaml").read_text(encoding="utf-8")
    free = sample.replace("Referrals: [600, 150, 90, 36]", "Referrals: {counts: [600, 150, 90, 36], budget: 0}")
    assert free != sample
    out = " ".join(run("levers", files("free.yaml", free), "--by", "channel").stdout.split())
    assert "no budget is given" not in out
    assert "of All, Ads, Search, Fairs: more entries are bought: +10% of them takes +10% of budget" in out
    assert "of Referrals: what more entries cost is not known, as the budget is 0" in out
    assert "Assumed: · each lever moves alone · conversions" in out
