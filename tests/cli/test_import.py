"""`funnelcli import`: tables and exports into funnel files."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from funnelcli.diagnostics import Severity
from funnelcli.funnel_file.reader import read

pytest.importorskip("ruamel.yaml")

if TYPE_CHECKING:
    from funnelcli.exact import Exact

    from .conftest import Files, Outcome, Run

TABLE = """\
Channel;Visits;Leads;Sales;Budget
Ads;12 000;1 200;30;1 500,50
Search;8 000;900;45;300
Total;20 000;2 100;75;1 800,50
"""


def test_a_table_becomes_a_funnel_that_can_be_shown(run: Run, files: Files) -> None:
    done = run("import", files("t.csv", TABLE))
    assert done.code == 0
    assert '"Total"' in done.stderr
    (funnel,) = read(done.stdout.encode(), "f.yaml").funnels
    assert [(stage.name, stage.count) for stage in funnel.stages] == [("Visits", 20000), ("Leads", 2100), ("Sales", 75)]
    (breakdown,) = funnel.breakdowns
    assert [(each.name, each.counts, each.budget) for each in breakdown.segments] == [
        ("Ads", (12000, 1200, 30), 3001 / 2),
        ("Search", (8000, 900, 45), 300),
    ]
    shown = run("show", "-", "--by", "channel", stdin=done.out)
    assert (shown.code, shown.stderr) == (0, "")


def test_a_column_that_is_no_stage_because_of_a_cell(run: Run, files: Files) -> None:
    done = run("import", files("t.csv", "Visits,Sales\n100,many\n"))
    assert done.code == 1
    assert "t.csv:1:1: error[FN105] 1 stage; a funnel has at least two" in done.stderr
    assert '"many" in line 2 makes "Sales" a column of labels; write a number' in done.stderr


@pytest.mark.parametrize(
    "stages",
    [
        "stages: {Visits: 1, leads: 1, Sales: 1}\n",
        "stages:\n  - {name: Visits, count: 3}\n  - {name: Leads, count: 2}\n  - {name: Sales, count: 1}\n",
    ],
    ids=["mapping", "list"],
)
def test_a_funnel_file_keeps_its_comments(run: Run, files: Files, stages: str) -> None:
    path = files("f.yaml", f"name: Shop  # ours\ncurrency: EUR\naverage_check: 90  # last month\n{stages}")
    done = run("import", files("t.csv", TABLE), "--update", path)
    assert (done.code, done.stdout) == (0, "")
    text = path.read_text()
    assert "# ours" in text
    assert "# last month" in text
    assert [stage.count for stage in read(text.encode(), "f.yaml").funnels[0].stages] == [20000, 2100, 75]


def test_a_file_that_has_no_counts_yet_gets_them(run: Run, files: Files) -> None:
    path = files("f.yaml", "stages:\n  - name: Visits\n  - {name: Leads, target: 15%}  # soon\n  - name: Sales\n")
    assert run("import", files("t.csv", TABLE), "--update", path).code == 0
    (funnel,) = read(path.read_bytes(), "f.yaml").funnels
    assert [stage.count for stage in funnel.stages] == [20000, 2100, 75]
    assert "# soon" in path.read_text()


def test_what_is_wrong_with_a_table_has_its_place(run: Run, files: Files) -> None:
    done = run("import", files("t.csv", "Channel,Visits,Sales\nAds,100,n/a\nSearch,50,60\n"))
    assert (done.code, done.stdout) == (1, "")
    assert "t.csv:2:9: error" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["missing.csv"],
        ["t.csv", "--update", "missing.yaml"],
        ["t.csv", "--as", "nonesuch"],
        ["t.csv", "--recipe", "no"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_read_is_2(run: Run, files: Files, arguments: list[str]) -> None:
    files("t.csv", TABLE)
    assert run("import", *arguments).code == 2


def test_what_is_written_is_never_taken_for_thousands(run: Run, files: Files) -> None:
    table = files("table.csv", "channel,Visits,Orders\nAds,12.345,1.125\nSEO,26.500,0.875\n")
    done = run("import", table, "--decimal", ".")
    assert "Ads: [12.3450, 1.1250]" in done.stdout
    (funnel,) = run("show", "-", "--format", "json", stdin=done.out).funnels
    assert [stage["count"] for stage in funnel["stages"]] == [38.845, 2]


def counted(done: Outcome) -> list[tuple[str, Exact]]:
    """The stages and counts of a funnel that was printed, which is sound."""
    reading = read(done.out, "f.yaml")
    assert not [each for each in reading.diagnostics if each.severity is Severity.ERROR]
    return [(stage.name, stage.count) for stage in reading.funnels[0].stages]


ADS = """\
Campaign report
"October 1, 2026 - October 31, 2026"
Campaign,Impr.,Clicks,CTR,Avg. CPC,Cost (EUR),Conversions,Cost / conv.
Brand,"15,000","1,100",7.33%,0.42,462.00,96.00,4.81
Competitors,"52,000","1,400",2.69%,1.31,"1,834.00",41.50,44.19
Total: Campaigns,"67,000","2,500",3.73%,0.92,"2,296.00",137.50,16.70
Total: Account,"67,000","2,500",3.73%,0.92,"2,296.00",137.50,16.70
"""


def test_an_export_of_ads_becomes_a_funnel_with_the_budgets_of_its_campaigns(run: Run, files: Files) -> None:
    done = run("import", files("ads.csv", ADS), "-o", "ads.yaml")
    assert (done.code, done.stdout) == (0, "")
    assert done.stderr == (
        'funnelcli: line 1 to 2 above the names are skipped: "Campaign report" …\n'
        'funnelcli: left out: "CTR", "Avg. CPC", "Cost / conv." (an average or a rate)\n'
        'funnelcli: row 6, "Total: Campaigns", adds up the others and is left out\n'
        'funnelcli: row 7, "Total: Account", adds up the others and is left out\n'
    )
    checked = run("check", "ads.yaml")
    assert checked.stdout == "Found 0 errors, 0 warnings in 1 file (1 funnel).\n"
    (shown,) = run("economics", "ads.yaml", "--by", "Campaign", "--format", "json").funnels
    assert shown["currency"] == "EUR"
    assert [segment["budget"] for segment in shown["segments"]] == [462, 1834]


def test_money_earned_comes_out_again_by_segment_and_in_all(run: Run, files: Files) -> None:
    table = "Channel,Visits,Orders,Spend (USD),Revenue (USD)\nAds,1000,30,500,900.50\nSEO,500,9,0,333.33\n"
    path = files("f.yaml", run("import", files("t.csv", table)).stdout)
    (shown,) = run("economics", path, "--by", "Channel", "--format", "json").funnels
    assert shown["revenue"] == 1233.83
    assert [segment["revenue"] for segment in shown["segments"]] == [900.50, 333.33]
    (funnel,) = read(path.read_bytes(), "f.yaml").funnels
    assert funnel.stages[-1].revenue == Fraction(123383, 100)


def test_money_of_a_table_of_one_row_stands_at_the_top(run: Run, files: Files) -> None:
    done = run("import", files("t.csv", "Visits,Sales,Spend (USD),Revenue\n1000,10,250.5,900\n"))
    (funnel,) = read(done.out, "f.yaml").funnels
    assert (funnel.budget, funnel.stages[-1].revenue, funnel.currency) == (Fraction(501, 2), 900, "USD")
    assert run("check", "-", stdin=done.out).code == 0


def test_a_funnel_file_gets_the_budget_of_a_table_of_one_row(run: Run, files: Files) -> None:
    path = files("f.yaml", "# ours\ncurrency: EUR\nstages: {Visits: 1, Sales: 1}  # soon\n")
    table = files("t.csv", "Visits,Sales,Spend (EUR)\n1000,10,250.5\n")
    assert run("import", table, "--update", path).code == 0
    text = path.read_text()
    assert text.startswith("# ours\ncurrency: EUR\nbudget: 250.5\nstages: {Visits: 1000, Sales: 10} # soon\n")
    files("t.csv", "Visits,Sales,Spend (EUR)\n1000,10,260\n")
    assert run("import", table, "--update", path).code == 0
    assert "budget: 260\n" in path.read_text()


def test_money_in_another_currency_than_the_funnel_s_is_refused(run: Run, files: Files) -> None:
    path = files("f.yaml", "currency: EUR\nstages: {Visits: 1, Sales: 1}\n")
    done = run("import", files("t.csv", "Visits,Sales,Spend (USD)\n1000,10,250.5\n"), "--update", path)
    assert (done.code, done.stdout) == (2, "")
    assert "the money of the export is in USD, and the funnel's in EUR" in done.stderr
    assert path.read_text() == "currency: EUR\nstages: {Visits: 1, Sales: 1}\n"


@pytest.mark.parametrize(
    "table",
    [
        "step_number,step_name,users\n1,Visits,1000\n2,Leads,200\n",
        "#,stage,count\n1,Visits,1000\n2,Leads,200\n",
        "funnel_step,users\nVisits,1000\nLeads,200\n",
        "step,sessions\nVisits,1000\nLeads,200\n",
        "funnel_step,sessions,step_rate_pct\nVisits,1000,100\nLeads,200,20\n",
        'stage,count\nVisits,"1,000.0"\nLeads,"200"\n',
    ],
)
def test_one_funnel_however_its_steps_are_named(run: Run, files: Files, table: str) -> None:
    done = run("import", files("t.csv", table))
    assert (done.code, counted(done)) == (0, [("Visits", 1000), ("Leads", 200)])


def test_what_is_said_of_a_table_is_shown_as_text(run: Run, files: Files) -> None:
    done = run("import", files("t.csv", "a \x1b[31mtitle\u202e\nChannel,Visits,Leads\nAds,10,5\n"))
    assert done.code == 0
    assert done.stderr.replace("\n", "").isprintable()
