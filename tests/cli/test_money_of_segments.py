"""One budget and one average check of a funnel, whatever is asked: stated, added up from segments, or not known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Run

STAGES = "name: Shop\ncurrency: EUR\naverage_check: 60\nstages: [{name: Visits}, {name: Sales, role: customer}]\n"
FULL = "    Ads: {counts: [1000, 400], budget: 15000}\n    SEO: {counts: [1000, 380], budget: 6000}\n"
PARTLY = FULL.replace(", budget: 6000", "")
BY = "breakdowns:\n  channel:\n"
MARGIN = "gross_margin: 100%\n"
# revenue 780 x 60 = 46,800
ADDED_UP = STAGES + BY + FULL  # 46,800 - 15,000 - 6,000 = 25,800
STATED = "budget: 20000\n" + ADDED_UP  # 46,800 - 20,000 = 26,800
NOT_KNOWN = MARGIN + STAGES + BY + PARTLY
SEVERAL = ADDED_UP + "  manager:\n    Anna: {counts: [2000, 780], budget: 22000}\n"  # the first counts: 25,800


def profits(run: Run, file: Path) -> dict[str, Any]:
    """The profit of a file as every command that has one gives it."""

    def of(*arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = run(*arguments, "--format", "json").funnels[0]
        return found

    name = str(file)
    check = run("check", name, "--check", "profit >= 0", "--format", "json").json
    found = {
        "economics": of("economics", name)["profit"],
        "economics --by": of("economics", name, "--by", "channel")["profit"],
        "check": next(iter(_all(check, "actual"))),
        "scenario": of("scenario", name, "--set", "entries=+0%")["projections"][1]["profit"],
    }
    levers = of("levers", name)
    found["levers"] = levers["now"] if levers["metric"] == "profit" else None
    goal = run("goal", name, "--profit", "30000", "--format", "json")
    found["goal"] = goal.funnels[0]["now"] if goal.code == 0 else None
    simulated = of("simulate", name, "--draws", "1000")["metrics"].get("profit")
    found["simulate"] = None if simulated is None else simulated["measured"]
    page = run("report", name, "--format", "markdown").stdout
    row = next((line for line in page.splitlines() if line.startswith("| Profit, EUR |")), None)
    found["report"] = None if row is None else int(row.split("|")[2].replace(",", ""))
    return found


def _all(tree: Any, key: str) -> list[Any]:
    if isinstance(tree, dict):
        return [tree[key]] if key in tree else [each for value in tree.values() for each in _all(value, key)]
    return [each for value in tree for each in _all(value, key)] if isinstance(tree, list) else []


@pytest.mark.parametrize(
    ("text", "profit"),
    [(ADDED_UP, 25_800), (STATED, 26_800), (NOT_KNOWN, None), (SEVERAL, 25_800)],
    ids=["added up", "stated", "not known", "several"],
)
def test_every_command_has_the_same_profit(run: Run, tmp_path: Path, text: str, profit: int | None) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(text, encoding="utf-8")
    found = profits(run, file)
    assert found == dict.fromkeys(found, profit)


def test_a_sum_of_budgets_is_said_wherever_it_counts(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(ADDED_UP, encoding="utf-8")
    for arguments in (
        ("economics",),
        ("goal", "--profit", "30000"),
        ("levers",),
        ("scenario", "--set", "budget=+10%"),
        ("simulate", "--draws", "1000"),
    ):
        assert "sum of those by channel" in run(arguments[0], str(file), *arguments[1:]).stdout, arguments
    file.write_text(STATED, encoding="utf-8")
    assert "sum of those" not in run("economics", str(file)).stdout


def test_a_changed_sum_moves_the_entries_like_any_budget(run: Run, tmp_path: Path) -> None:
    """21,000 x 1.1 brings 10% more visits, and so 858 sales; 858 x 60 - 23,100 = 28,380."""
    file = tmp_path / "shop.yaml"
    file.write_text(ADDED_UP, encoding="utf-8")
    after = run("scenario", str(file), "--set", "budget=+10%", "--format", "json").funnels[0]["projections"][1]
    assert (after["budget"], after["sales"], after["profit"]) == (23_100, 858, 28_380)


@pytest.mark.parametrize("command", ["show", "economics", "levers"])
def test_two_budgets_are_named_by_every_command(run: Run, tmp_path: Path, command: str) -> None:
    file = tmp_path / "shop.yaml"
    for text, figures in ((STATED, ("21000", "20000")), (SEVERAL, ("22000", "21000"))):
        file.write_text(text, encoding="utf-8")
        warned = run(command, str(file)).stderr
        assert "warning[FN312]" in warned
        assert all(each in warned for each in figures)


@pytest.mark.parametrize("command", ["show", "economics"])
def test_parts_that_do_not_add_up_are_said(run: Run, tmp_path: Path, command: str) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(STATED, encoding="utf-8")
    assert "The budget of the segments adds up to 21,000 EUR; 20,000 EUR" in (
        run(command, str(file), "--by", "channel").stdout
    )
    file.write_text(NOT_KNOWN, encoding="utf-8")
    assert "SEO without one" in run(command, str(file), "--by", "channel").stdout


def test_a_segment_without_a_budget_has_no_profit_anywhere(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(NOT_KNOWN, encoding="utf-8")
    ads, seo = run("economics", str(file), "--by", "channel", "--format", "json").funnels[0]["segments"]
    assert (ads["profit"], ads["verdict"]) == (400 * 60 - 15_000, "earns")
    assert (seo["profit"], seo["verdict"], seo["cac"], seo["romi"]) == (None, None, None, None)
    assert seo["gross_profit"] == 380 * 60
    failed = run("check", str(file), "--check", "profit >= 1")
    assert failed.code == 1
    assert "SEO" in failed.stdout
    # the way out, to the letter: 24,000 + 22,800 - 15,000
    file.write_text(NOT_KNOWN.replace("SEO: {counts: [1000, 380]", "SEO: {counts: [1000, 380], budget: 0"), "utf-8")
    assert set(profits(run, file).values()) == {31_800}


def test_beside_a_budget_none_is_not_0(run: Run, tmp_path: Path) -> None:
    """A: 80 x 60 - 3,000; C: 90 x 60 - 5,400; B states no budget, and nobody knows what was spent."""
    files = []
    for name, sales, budget in (("A", 80, "budget: 3000"), ("B", 70, ""), ("C", 90, "budget: 5400")):
        files.append(str(tmp_path / f"{name}.yaml"))
        text = f"name: {name}\ncurrency: EUR\naverage_check: 60\ngross_margin: 100%\n{budget}\n"
        (tmp_path / f"{name}.yaml").write_text(text + f"stages: {{Visits: 100, Sales: {sales}}}\n", encoding="utf-8")
    shown = run("compare", *files).stdout
    assert next(line for line in shown.splitlines() if line.startswith("Profit")).split()[-3:] == ["1,800", "n/a", "0"]
    assert "B has no budget, so no profit is shown for it." in shown


def test_a_measurement_writes_no_budget_of_the_whole(run: Run, tmp_path: Path) -> None:
    file, table = tmp_path / "shop.yaml", tmp_path / "counts.csv"
    file.write_text(ADDED_UP, encoding="utf-8")
    table.write_text("channel,Visits,Sales,budget\nAds,1000,410,16000\nSEO,900,300,7000\n", encoding="utf-8")
    done = run("import", str(table), "--update", str(file))
    assert done.code == 0, done.stderr
    assert "\nbudget:" not in file.read_text(encoding="utf-8")
    # 710 x 60 - 23,000
    assert set(profits(run, file).values()) == {19_600}


def test_segments_tell_the_average_check_and_the_margin_too(run: Run, tmp_path: Path) -> None:
    """400 x 50 + 380 x 70 = 46,600, of which 10,000 + 19,950 = 29,950 are kept; less 21,000."""
    text = ADDED_UP.replace("average_check: 60\n", "")
    text = text.replace("budget: 15000", "budget: 15000, average_check: 50, gross_margin: 50%")
    text = text.replace("budget: 6000", "budget: 6000, average_check: 70, gross_margin: 75%")
    file = tmp_path / "shop.yaml"
    file.write_text(text, encoding="utf-8")
    assert run("show", str(file), "--format", "json").funnels[0]["revenue"] == 46_600
    assert {round(each, 6) for each in profits(run, file).values()} == {8_950}


def test_the_workbook_knows_no_profit_until_a_budget_is_set(funnel: Callable[[str], Any]) -> None:
    from funnelcli.output.report.sheets import sheet_of

    sheet = sheet_of(funnel(NOT_KNOWN + "scenarios: {Paid: {budget: 30000}}\n"))
    (row,) = (row for row in sheet.rows if row.key == ("profit", 0))
    assert [None if cell.value is None else int(cell.value) for cell in row.cells] == [None, None, 16_800]
    assert json.dumps([cell.formula for cell in row.cells]).count('=\\"\\"') == 2


def test_the_cac_that_a_margin_is_held_against_stands_beside_it(run: Run, tmp_path: Path) -> None:
    """Ads: 100 leads at 3 and 400 of budget make 20 customers, at 20 each, 35 with leads; a sale leaves 70, so 2."""
    file = tmp_path / "shop.yaml"
    text = (
        "average_check: 70\nstages:\n  - {name: Leads, count: 200, cost: 3}\n"
        "  - {name: Sales, count: 30, role: customer}\nbreakdowns:\n  channel:\n"
        "    Ads: {counts: [100, 20], budget: 400}\n    SEO: {counts: [100, 10], budget: 0}\n"
    )
    file.write_text(text, encoding="utf-8")
    shown = run("economics", str(file), "--by", "channel", "--format", "markdown").stdout
    (head,) = [line for line in shown.splitlines() if line.startswith("| Channel")]
    (ads,) = [line for line in shown.splitlines() if line.startswith("| Ads")]
    row = dict(zip(map(str.strip, head.split("|")), map(str.strip, ads.split("|")), strict=True))
    figures = [float(row[each]) for each in ("CAC", "CAC, fully loaded", "First sale's margin / CAC")]
    assert figures == [20, 35, 2]
    file.write_text(text.replace(", cost: 3", ""), encoding="utf-8")
    assert "fully loaded" not in run("economics", str(file), "--by", "channel").stdout
