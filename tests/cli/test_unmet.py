"""A stage whose `when` no event met: its 0 is told, kept in the file, and no rate of it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("duckdb", reason="the extra `events` is not installed")

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Files, Run

FUNNEL = """\
name: Shop
average_check: 10
stages:
  - {name: Visit, when: {e: visit}}
  - {name: Cart, when: {e: cart}}
  - {name: Paid, when: {e: payed}}
measure: {unit: u, time: t, window: 1 day, breakdowns: {channel: c}}
"""
WHY = 'no event met the when of "Paid": 0 tells no rate'
STEPS = tuple(enumerate(("visit", "cart", "paid")))
ROWS = [
    f"{unit},{name},2026-10-0{1 + unit % 5} 1{hour}:00:00,{'xy'[unit % 2]}"
    for unit in range(60)
    for hour, name in STEPS
    if unit % 3 >= hour
]
LOG = "\n".join(["u,e,t,c", *ROWS, "99,other,2026-10-20 10:00:00,x"]) + "\n"


@pytest.fixture
def path(run: Run, files: Files) -> Path:
    own, log = files("shop.yaml", FUNNEL), files("log.csv", LOG)
    assert run("measure", own, "--from", log, "--update").code == 0
    return own


def test_the_file_keeps_it_until_an_event_meets_it(run: Run, files: Files, path: Path) -> None:
    assert "unmet: [Paid]" in path.read_text()
    mended = files("mended.yaml", path.read_text().replace("payed", "paid"))
    assert run("measure", mended, "--from", path.parent / "log.csv", "--update").code == 0
    assert "unmet" not in mended.read_text()
    bare = files("bare.yaml", path.read_text().replace("  unmet: [Paid]\n", ""))
    assert run("measure", bare, "--from", path.parent / "log.csv", "--update").code == 0
    assert "unmet: [Paid]" in bare.read_text()  # though no count is another one


def test_show_has_the_count_and_no_interval(run: Run, path: Path) -> None:
    done = run("show", path, "--format", "json")
    assert "warning[FN319] no event met the when of" in done.stderr
    (told,) = done.funnels
    paid, cart = told["stages"][2], told["stages"][1]
    assert (paid["count"], paid["conversion"]) == (0, 0)
    bounds = [f"conversion{of}_{end}" for of in ("", "_decided", "_eventual") for end in ("low", "high")]
    assert [paid[key] for key in bounds] == [None] * 6
    assert None not in [cart[key] for key in bounds]
    assert told["overall_conversion_low"] is told["conversion_eventual"] is told["conversion_eventual_low"] is None
    assert told["measured"]["unmet"] == ["Paid"]
    said = run("show", path).stdout
    assert 'No event met the when of "Paid": 0 tells no rate.' in said
    assert run("show", path, "--format", "csv").stdout.splitlines()[1].count("Paid") == 1


def test_nothing_is_judged_by_it(run: Run, files: Files, path: Path) -> None:
    said = run("simulate", path, "--goal", "sales >= 1").stdout
    (drawn,) = run("simulate", path, "--goal", "sales >= 1", "--format", "json").funnels
    assert (drawn["goal"]["chance"], drawn["metrics"], drawn["unmet"]) == (None, {}, ["Paid"])
    assert said.splitlines()[-1] == f"No chance and no range is told: {WHY}."
    assert "P10" in run("simulate", path, "--set", "conversion@Paid=10%").stdout  # which is told
    (held,) = run("bottleneck", path, "--format", "json").funnels
    assert (held["lowest"], held["unmet"]) == (None, ["Paid"])
    assert f"No verdict: {WHY}." in run("bottleneck", path).stdout
    good = files("good.yaml", path.read_text().replace("payed", "paid"))
    run("measure", good, "--from", path.parent / "log.csv", "--update")
    (pair,) = run("compare", good, path, "--format", "json").json["comparisons"]
    assert pair["overall"]["p_value"] is None
    assert [stage["p_value"] is None for stage in pair["stages"]] == [True, False, True]
    (table,) = run("show", path, "--by", "channel", "--format", "json").funnels
    assert all(row["chance_best"] is None for row in table["segments"])
    done = run("check", path, "--check", "conversion@Paid >= 20% with 95% confidence", "--format", "json")
    (check,) = done.json["checks"]
    assert (check["passed"], check["code"]) == (False, "FN403")
    assert "no event met the when of" in check["reason"]


def test_whether_it_earns_is_not_told(run: Run, files: Files, path: Path) -> None:
    costly = files("costly.yaml", path.read_text().replace("name: Shop", "name: Shop\nbudget: 100"))
    (money,) = run("economics", costly, "--format", "json").funnels
    assert (money["profit"], money["verdict"], money["chance_earns"]) == (-100, "cannot be told yet", None)
    assert "Whether it earns cannot be told: no event met the when" in run("economics", costly).stdout


def test_a_count_that_was_corrected_by_hand_is_one(run: Run, files: Files, path: Path) -> None:
    other = files("other.yaml", path.read_text().replace("name: Paid, count: 0", "name: Paid, count: 9"))
    done = run("show", other, "--format", "json")
    assert "FN319" not in done.stderr
    assert done.funnels[0]["stages"][2]["conversion_low"] is not None
