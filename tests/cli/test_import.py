"""`funnelcli import`: tables and exports into funnel files."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from funnelcli.diagnostics import Severity
from funnelcli.funnel_file.reader import read

from .conftest import INVOICES

pytest.importorskip("ruamel.yaml")

if TYPE_CHECKING:
    from pathlib import Path

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
    titles, left_out, *totals, parts, _ = done.stderr.splitlines()
    assert parts == 'funnelcli: "Conversions" are not whole: they are attributed in parts to what led to them'
    assert titles == 'funnelcli: lines 1 to 2 above the names are skipped: "Campaign report" …'
    assert all(f'"{name}"' in left_out for name in ("CTR", "Avg. CPC", "Cost / conv."))
    (total,) = [line for line in totals if '"Total' in line]
    assert total.endswith('others and are left out: row 6, "Total: Campaigns"; row 7, "Total: Account"')
    checked = run("check", "ads.yaml")
    assert checked.stdout == "Found 0 errors, 0 warnings in 1 file (1 funnel).\n"
    (shown,) = run("economics", "ads.yaml", "--by", "Campaign", "--format", "json").funnels
    assert shown["currency"] == "EUR"
    assert [segment["budget"] for segment in shown["segments"]] == [462, 1834]


def test_money_earned_comes_out_again_by_segment_and_in_all(run: Run, files: Files) -> None:
    table = "Channel,Visits,Orders,Spend (USD),Revenue (USD)\nAds,1000,30,500,900.50\nSEO,500,9,0,333.33\n"
    path = files("f.yaml", run("import", files("t.csv", table)).stdout)
    (shown,) = run("economics", path, "--by", "Channel", "--format", "json").funnels
    assert round(shown["revenue"], 2) == 1233.83
    assert [round(segment["revenue"], 2) for segment in shown["segments"]] == [900.50, 333.33]
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


DEALS = """\
Deal Name,Deal Stage,Pipeline,Amount,Create Date,Close Date,Deal owner,Record ID,{entered}
A,Closed Won,Sales,1000,2026-09-01 10:00,2026-09-11 10:00,Anna,1,2026-09-01 10:00,2026-09-03 10:00,2026-09-11 10:00
B,Closed Won,Sales,2000,2026-09-02 10:00,2026-09-16 10:00,Ben,2,2026-09-02 10:00,2026-09-06 10:00,2026-09-16 10:00
C,Offer,Sales,3000,2026-09-03 10:00,,Anna,3,2026-09-03 10:00,2026-09-09 10:00,
D,Lead,Sales,500,2026-09-04 10:00,,Anna,4,2026-09-04 10:00,,
""".replace("{entered}", ",".join(f'"Date entered ""{stage} (Sales)"""' for stage in ("Lead", "Offer", "Closed Won")))
PIPELINE = """\
# ours
name: Ours
average_check: 9  # last year
stages:
  - {name: Lead, count: 40, open: 30, cost: 5}
  - name: Offer
    count: 30
    target: 80%  # hoped
    days: 3  # old
  - name: Closed Won
    count: 2
breakdowns:
  owner:
    Anna: {counts: [1, 1, 1], budget: 100}
scenarios:
  Up: {entries: +10%}
"""


def test_deals_become_a_pipeline_that_forecasts(run: Run, files: Files) -> None:
    """4 deals; 3 came to Offer, after 2, 4 and 6 days; 2 were won, 8 and 10 days later, for 1,000 and 2,000."""
    done = run("import", files("deals.csv", DEALS), "--currency", "EUR", "-o", "deals.yaml")
    assert (done.code, done.stdout) == (0, "")
    (funnel,) = read((files.folder / "deals.yaml").read_bytes(), "deals.yaml").funnels
    assert [(each.name, each.count, each.open_amounts, each.days) for each in funnel.stages] == [
        ("Lead", 4, (500,), None),
        ("Offer", 3, (3000,), 4),
        ("Closed Won", 2, (), 9),
    ]
    sale = funnel.stages[-1]
    assert (sale.average_check, sale.role, funnel.currency) == (1500, "customer", "EUR")
    assert sale.average_check_sd == Fraction(7071, 10)  # the root of 500,000, in four digits
    assert funnel.measured is not None
    assert (funnel.measured.source, funnel.measured.recipe) == ("deals.csv", "hubspot_deals 1")
    assert run("check", "deals.yaml").stdout == "Found 0 errors, 0 warnings in 1 file (1 funnel).\n"
    assert run("forecast", "deals.yaml").code == 0


def test_an_update_changes_what_the_export_tells_and_nothing_else(run: Run, files: Files) -> None:
    path = files("p.yaml", PIPELINE)
    table = files("deals.csv", DEALS)
    assert run("import", table, "--update", path).code == 0
    text = path.read_text()
    assert text.startswith("# ours\nname: Ours\naverage_check: {mean: 1500, sd: 707.1} # last year\n")
    assert "- {name: Lead, count: 4, open: [500], cost: 5}\n" in text
    assert "    target: 80%  # hoped\n    days: 4  # old\n" in text
    assert "    Anna: {counts: [3, 2, 1], budget: 100, open: [[500], [3000], 0], average_check: 1000}\n" in text
    assert "scenarios:\n  Up: {entries: +10%}\n" in text
    assert run("check", path).code == 0
    before = path.stat()
    done = run("import", table, "--update", path)
    assert done.code == 0
    assert "stays as it is" in done.stderr
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def test_stages_that_are_other_ones_are_refused_and_nothing_is_written(run: Run, files: Files) -> None:
    text = PIPELINE.replace("name: Offer", "name: Demo")
    path = files("p.yaml", text)
    done = run("import", files("deals.csv", DEALS), "--update", path)
    assert (done.code, done.stdout) == (1, "")
    assert done.stderr.count("error[") == 1
    assert '"Lead", "Offer" and "Closed Won", and those of the funnel "Lead", "Demo" and "Closed Won"' in done.stderr
    assert path.read_text() == text


def test_a_stage_of_the_funnel_where_no_deal_is_now_was_passed_by_those_behind_it(run: Run, files: Files) -> None:
    path = files("p.yaml", PIPELINE.replace("  - name: Closed Won\n", "  - name: Signed\n  - name: Closed Won\n"))
    path.write_text(path.read_text().replace("counts: [1, 1, 1]", "counts: [1, 1, 1, 1]"))
    done = run("import", files("deals.csv", DEALS), "--update", path)
    assert done.code == 0
    assert '"Signed"' in done.stderr
    (funnel,) = read(path.read_bytes(), "p.yaml").funnels
    assert [stage.count for stage in funnel.stages] == [4, 3, 2, 2]


def test_what_is_read_is_explained_and_nothing_is_written(run: Run, files: Files) -> None:
    done = run("import", files("deals.csv", DEALS), "--explain")
    assert (done.code, done.stderr) == (0, "")
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "recipe hubspot_deals 1, a row each" in lines[0]
    assert lines[1] == "Read as text in utf-8, columns parted by commas; the names of its columns are in line 1."
    assert "Amount money of each" in lines
    assert 'Deal owner the breakdown "owner"' in lines
    assert "Funnel Sales: Lead 4, Offer 3, Closed Won 2" in lines
    assert [path.name for path in files.folder.iterdir()] == ["deals.csv"]


def test_what_is_refused_is_explained_as_well(run: Run, files: Files) -> None:
    done = run("import", files("t.csv", TABLE.replace("Total;20 000", "Total;20 001")), "--explain")
    assert done.code == 1
    assert [line.split() for line in done.stdout.splitlines() if line.startswith("Budget")] == [
        ["Budget", "money", "spent"]
    ]
    assert "20001" in done.stderr.replace(",", "").replace(" ", "")


def test_known_exports_are_listed(run: Run) -> None:
    done = run("import", "--list")
    assert (done.code, done.stderr) == (0, "")
    head, *rows = done.stdout.splitlines()
    assert head.split() == ["RECIPE", "EXPORT", "VERSION", "A", "ROW", "IS"]
    assert any(row.startswith("hubspot_deals ") and "HubSpot deals" in row for row in rows)


RECIPE = """\
title: Our tool
shape: segments
needs: [seen, bought]
columns:
  team: {is: label, names: [Gruppe]}
  seen: {is: count, names: [Gesehen]}
  bought: {is: count, names: [Gekauft]}
  index: {is: drop, why: a score, names: [Punkte]}
"""
OURS = "Gruppe,Gekauft,Punkte,Gesehen\nA,5,99,100\nB,7,12,300\n"


def test_a_recipe_of_one_s_own(run: Run, files: Files) -> None:
    done = run("import", files("t.csv", OURS), "--recipe", files("ours.yaml", RECIPE))
    assert (done.code, counted(done)) == (0, [("Gesehen", 400), ("Gekauft", 12)])
    assert "recipe: ours 1" in done.stdout
    assert '"Punkte" (a score)' in done.stderr


@pytest.mark.parametrize(
    ("broken", "line"),
    [(RECIPE.replace("is: count", "is: money", 1), 6), (RECIPE.replace("shape:", "shap:"), 2), ("- a\n", 1)],
)
def test_a_broken_recipe_has_its_place(run: Run, files: Files, broken: str, line: int) -> None:
    done = run("import", files("t.csv", OURS), "--recipe", files("ours.yaml", broken))
    assert (done.code, done.stdout) == (1, "")
    assert f"ours.yaml:{line}:" in done.stderr


def test_several_exports_are_documents_of_one_file(run: Run, files: Files) -> None:
    one, other = files("one.csv", TABLE), files("two.csv", "Channel,Visits,Sales\nAds,100,50\n")
    assert run("import", one, other, "-o", "both.yaml").code == 0
    reading = read((files.folder / "both.yaml").read_bytes(), "both.yaml")
    assert [funnel.name for funnel in reading.funnels] == ["one", "two"]
    assert run("check", "both.yaml").code == 0
    files("two.csv", "Channel,Visits,Sales\nAds,100,many\n")
    assert run("import", one, other, "-o", "again.yaml").code == 1
    assert not (files.folder / "again.yaml").exists()


def test_standard_input_has_no_name_to_take(run: Run) -> None:
    done = run("import", "-", stdin=TABLE)
    assert "\n#name: My funnel" in done.stdout
    assert 'source: "<stdin>"' in done.stdout
    named = run("import", "-", "--stdin-filename", "october.csv", stdin=TABLE)
    assert "\nname: october  #" in named.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "funnelcli import deals.csv -o funnel.yaml"),
        (["t.csv", "--as", "hubspt_deals"], 'did you mean "hubspot_deals"?'),
        (["t.csv", "--as", "deals", "--recipe", "r.yaml"], "leave out one of them"),
        (["t.csv", "--pipeline", "Sales"], "--pipeline is about deals"),
        (["deals.csv", "--layout", "wide"], "--layout is about tables of counts"),
        (["t.csv", "-o", "f.xlsx"], ".xlsx is no format of this command"),
        (["t.csv", "-o", "t.csv", "--force"], "t.csv is read by this command"),
        (["t.csv", "--update", "f.yaml", "-o", "g.yaml"], "--update writes into the funnel file"),
        (["t.csv", "deals.csv", "--update", "f.yaml"], "name one FILE"),
        (["t.csv", "--update", "f.yaml", "--stages", "A,B"], "the funnel file has the stages in order"),
        (["t.csv", "--explain", "-o", "x.yaml"], "leave out --output"),
        (["--list", "t.csv"], "leave out FILE"),
        (["t.csv", "--between", "2026-10-02", "2026-10-01"], "write the earlier date first"),
        (["t.csv", "--stages", "Lead"], "at least two"),
        (["t.csv", "--stages", "Lead,Won,Lead"], "Lead stands in it twice"),
        (["t.csv", "--name", " x"], "begins or ends with a space"),
        (["t.csv", "--currency", "USD"], "--currency says USD"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_what_cannot_be_asked_for_is_said(run: Run, files: Files, arguments: list[str], words: str) -> None:
    files("t.csv", TABLE.replace("Budget", "Budget (EUR)"))
    files("deals.csv", DEALS)
    files("f.yaml", "stages: {Visits: 1, Leads: 1, Sales: 1}\n")
    before = {path.name: path.read_bytes() for path in files.folder.iterdir()}
    done = run("import", *arguments)
    assert (done.code, done.stdout) == (2, "")
    assert words in " ".join(done.stderr.split())
    assert {path.name: path.read_bytes() for path in files.folder.iterdir()} == before


def test_a_funnel_is_no_export(run: Run, files: Files) -> None:
    done = run("import", files("f.yaml", INVOICES))
    assert (done.code, done.stdout) == (1, "")
    assert "this is a funnel file, not an export" in done.stderr
    assert "funnelcli show" in done.stderr


def test_money_of_another_stage_than_the_file_s_is_said_and_left_out(run: Run, files: Files) -> None:
    """Of orders, the paid ones bring money; the file has it at the last stage."""
    orders = "Name,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Currency,Total,Created at\n"
    orders += (
        "#1,paid,2026-10-01 10:00:00 +0000,fulfilled,2026-10-03 10:00:00 +0000,EUR,50.00,2026-10-01 09:00:00 +0000\n"
    )
    orders += "#2,pending,,unfulfilled,,EUR,70.00,2026-10-02 09:00:00 +0000\n"
    stages = "  - name: Placed\n  - name: Paid\n  - name: Fulfilled\n"
    path = files("f.yaml", f"currency: EUR\naverage_check: 45\nstages:\n{stages}")
    done = run("import", files("orders.csv", orders), "--update", path)
    assert done.code == 0
    assert 'of "Fulfilled", and that of the export of "Paid"' in done.stderr
    assert "average_check: 45\n" in path.read_text()
    other = files("g.yaml", f"stages:\n{stages}")
    assert run("import", "orders.csv", "--update", other).code == 0
    assert "  - name: Paid\n    count: 1\n    average_check: 50\n" in other.read_text()


@pytest.mark.parametrize(
    ("dropped", "lost", "amounts"),
    [
        (("--drop", "Deal owner", "--drop", "Create Date"), "amounts of what is open and times", [(), (), ()]),
        ((), "times", [(500,), (3000,), ()]),
    ],
    ids=["nowhere", "in cells"],
)
def test_stages_without_keys_have_no_place_for_times_and_open_units(
    dropped: tuple[str, ...], lost: str, amounts: list[tuple[int, ...]], run: Run, files: Files
) -> None:
    """Cells have a place for amounts."""
    path = files("p.yaml", "stages: {Lead: 1, Offer: 1, Closed Won: 1}\n")
    done = run("import", files("deals.csv", DEALS), *dropped, "--update", path)
    assert done.code == 0
    assert f"funnelcli: {lost} of the export have no place in " in done.stderr
    (funnel,) = read(path.read_bytes(), "p.yaml").funnels
    assert [stage.count for stage in funnel.stages] == [4, 3, 2]
    assert [stage.open_amounts for stage in funnel.stages] == amounts
    assert funnel.stages[-1].average_check == 1500


def test_init_from_an_export_names_the_command(run: Run) -> None:
    done = run("init", "--from", "my deals.csv")
    assert done.code == 2
    assert "funnelcli import 'my deals.csv' -o funnel.yaml" in done.stderr


def test_a_list_of_deals_among_events_is_pointed_to_its_command(run: Run, files: Files) -> None:
    """Each deal has one row, with its stage now; nobody takes a step, and all are left behind."""
    stages = "".join(f"  - {{name: {name}, when: {{stage: {name}}}}}\n" for name in ("Lead", "Offer"))
    files("f.yaml", f"stages:\n{stages}measure: {{unit: id, time: made}}\n")
    files("deals.csv", "id,stage,made\n1,Lead,2026-10-01\n2,Lead,2026-10-02\n3,Offer,2026-10-03\n")
    assert "funnelcli import deals.csv" in run("measure", "f.yaml", "--from", "deals.csv").stderr
    files("deals.csv", "id,stage,made\n1,Lead,2026-10-01\n2,Lead,2026-10-02\n1,Offer,2026-10-03\n")
    assert "funnelcli import" not in run("measure", "f.yaml", "--from", "deals.csv").stderr


MONTH = "Day,Visits,Paid\n{month}-01,100,9\n{month}-02,110,8\n"


def test_an_export_that_is_named_twice_is_read_once(run: Run, files: Files) -> None:
    file = files("a.csv", TABLE)
    done = run("import", file, file.parent / "." / ".." / file.parent.name / "a.csv")
    assert done.code == 0
    assert "a.csv is named twice, and read once" in done.stderr
    assert len(read(done.out, "f.yaml").funnels) == 1


@pytest.mark.parametrize(
    ("months", "places", "names"),
    [
        (
            ("2026-09", "2026-10"),
            ("x/sales.csv", "y/sales.csv"),
            ("2026-09-01 to 2026-09-02", "2026-10-01 to 2026-10-02"),
        ),
        (("2026-09", "2026-09"), ("x/sales.csv", "y/sales.csv"), ("x/sales.csv", "y/sales.csv")),
    ],
    ids=["months", "files"],
)
def test_funnels_of_one_name_are_told_apart(
    run: Run, tmp_path: Path, months: tuple[str, str], places: tuple[str, str], names: tuple[str, str]
) -> None:
    for month, place in zip(months, places, strict=True):
        (tmp_path / place).parent.mkdir()
        (tmp_path / place).write_text(MONTH.format(month=month))
    (tmp_path / "other.csv").write_text(MONTH.format(month="2026-09"))
    done = run("import", *places, "other.csv", "-o", "f.yaml", cwd=tmp_path)
    assert done.code == 0
    funnels = read((tmp_path / "f.yaml").read_bytes(), "f.yaml").funnels
    assert [funnel.name for funnel in funnels] == [*(f"sales, {name}" for name in names), "other"]
    assert done.stderr.count('2 funnels are called "sales": here') == 1
    one = run("show", "f.yaml", "--funnel", f"sales, {names[1]}", "-f", "json", cwd=tmp_path)
    assert len(one.funnels) == 1


@pytest.mark.parametrize("update", [False, True], ids=["new", "update"])
@pytest.mark.parametrize(
    ("typed", "kept"),
    [("in/t.csv", "in/t.csv"), ("{}/in/t.csv", "in/t.csv"), ("{}/f/u.csv", "u.csv"), ("{}/../t.csv", "t.csv")],
    ids=["relative", "below the working directory", "beside the file", "elsewhere"],
)
def test_a_written_file_keeps_no_path_of_one_machine(
    run: Run, files: Files, tmp_path: Path, typed: str, kept: str, update: bool
) -> None:
    work = tmp_path / "work"
    for folder in ("in", "f"):
        (work / folder).mkdir(parents=True)
    for path in (work / "in" / "t.csv", work / "f" / "u.csv", tmp_path / "t.csv"):
        path.write_text(TABLE)
    into = ("--update", "f/shop.yaml") if update else ("-o", "f/shop.yaml")
    if update:
        other = files("other.csv", TABLE.replace(";30;", ";31;").replace(";75;", ";76;"))
        assert run("import", other, "-o", "f/shop.yaml", cwd=work).code == 0
    assert run("import", typed.format(work), *into, cwd=work).code == 0
    text = (work / "f" / "shop.yaml").read_text()
    assert f"# Made by funnelcli import from {kept}." in text
    (funnel,) = read(text.encode(), "shop.yaml").funnels
    assert funnel.measured is not None
    assert funnel.measured.source == kept
    assert str(tmp_path) not in text


def test_what_goes_to_standard_output_names_no_folder_beside_the_working_one(run: Run, tmp_path: Path) -> None:
    for folder in ("work", "in"):
        (tmp_path / folder).mkdir()
    (tmp_path / "in" / "t.csv").write_text(TABLE)
    done = run("import", str(tmp_path / "in" / "t.csv"), cwd=tmp_path / "work")
    (funnel,) = read(done.out, "f.yaml").funnels
    assert funnel.measured is not None
    assert funnel.measured.source == "t.csv"
