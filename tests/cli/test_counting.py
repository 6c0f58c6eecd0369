"""`funnelcli measure --counts`: a spreadsheet's table into a funnel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from funnelcli.reading.funnel_file import read

pytest.importorskip("ruamel.yaml")

if TYPE_CHECKING:
    from .conftest import Files, Run

TABLE = """\
Channel;Visits;Leads;Sales;Budget
Ads;12 000;1 200;30;1 500,50
Search;8 000;900;45;300
Total;20 000;2 100;75;1 800,50
"""


def test_a_table_becomes_a_funnel_that_can_be_shown(run: Run, files: Files) -> None:
    done = run("measure", "--counts", files("t.csv", TABLE))
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
    done = run("measure", "--counts", files("t.csv", "Visits,Sales\n100,many\n"))
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
    done = run("measure", path, "--counts", files("t.csv", TABLE), "--update")
    assert (done.code, done.stdout) == (0, "")
    text = path.read_text()
    assert "# ours" in text
    assert "# last month" in text
    assert [stage.count for stage in read(text.encode(), "f.yaml").funnels[0].stages] == [20000, 2100, 75]


def test_a_file_that_has_no_counts_yet_gets_them(run: Run, files: Files) -> None:
    path = files("f.yaml", "stages:\n  - name: Visits\n  - {name: Leads, target: 15%}  # soon\n  - name: Sales\n")
    done = run("measure", path, "--counts", files("t.csv", TABLE))
    assert done.code == 0
    (funnel,) = read(done.stdout.encode(), "f.yaml").funnels
    assert [stage.count for stage in funnel.stages] == [20000, 2100, 75]
    assert "# soon" in done.stdout


def test_what_is_wrong_with_a_table_has_its_place(run: Run, files: Files) -> None:
    done = run("measure", "--counts", files("t.csv", "Channel,Visits,Sales\nAds,100,n/a\nSearch,50,60\n"))
    assert (done.code, done.stdout) == (1, "")
    assert "t.csv:2:9: error" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["--counts", "missing.csv"], ["--counts", "t.csv", "--from", "e.csv"], ["missing.yaml", "--counts", "t.csv"]],
    ids=" ".join,
)
def test_what_cannot_be_read_is_2(run: Run, files: Files, arguments: list[str]) -> None:
    files("t.csv", TABLE)
    assert run("measure", *arguments).code == 2


def test_what_is_written_is_never_taken_for_thousands(run: Run, files: Files) -> None:
    table = files("table.csv", "channel,Visits,Orders\nAds,12.345,1.125\nSEO,26.500,0.875\n")
    done = run("measure", "--counts", table, "--decimal", ".")
    assert "Ads: [12.3450, 1.1250]" in done.stdout
    (funnel,) = run("show", "-", "--format", "json", stdin=done.out).funnels
    assert [stage["count"] for stage in funnel["stages"]] == [38.845, 2]
