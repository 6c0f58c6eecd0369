"""What `economics` says of levers without another value at which the profit is 0."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Files, Run


@pytest.mark.parametrize(
    ("money", "said"),
    [
        ("gross_margin: 100%", "as it is"),  # nothing is spent: a profit of 0 already, and above it with any sale
        ("budget: 500", "5.00%"),  # 100 leads x 5% x 100
        ("budget: 20000", "not reachable"),  # 100 leads bring 10,000 at most
    ],
)
def test_break_even_of_a_funnel_without_sales(run: Run, tmp_path: Path, money: str, said: str) -> None:
    file = tmp_path / "funnel.yaml"
    file.write_text(f"{money}\naverage_check: 100\nstages: {{Leads: 100, Sales: 0}}\n", encoding="utf-8")
    rows = run("economics", str(file)).stdout.splitlines()
    row = next(each for each in rows if each.startswith("Conversion to Sales"))
    assert row.removeprefix("Conversion to Sales").split(maxsplit=1) == ["0.00%", said]


SHOP = "name: Shop\ncurrency: EUR\naverage_check: 90\nbudget: 500\nstages: {Visits: 200, Carts: 20, Paid: 6}\n"


def test_what_cannot_be_told_is_said_alike_everywhere(run: Run, tmp_path: Path) -> None:
    """6 sales at 90 against 500: it earned 40, and nobody knows whether it does.

    The product of Beta(21, 181) and Beta(7, 15), times 18,000, lies between 333 and 893 with a chance of 80%, and above
    500 with one of 62.9%, by SciPy's quadrature; 10,000 draws tell that to some per cent.
    """
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP, encoding="utf-8")
    said = "Whether it earns cannot be told yet: chance to earn 63%; as counted it earns 40 EUR."
    (told,) = run("economics", str(file), "--format", "json").funnels
    assert (told["revenue_low"], told["revenue_high"]) == pytest.approx((333.08, 892.69), rel=0.02)
    for format_name in ("table", "markdown"):
        shown = run("economics", str(file), "--format", format_name).stdout
        assert said in shown
        assert f"540 EUR, 80% range {told['revenue_low']:.0f} to {told['revenue_high']:.0f}" in shown
        assert "LTV" not in shown
    assert told["verdict"] == "cannot be told yet"
    assert 0.6 < told["chance_earns"] < 0.66
    assert (told["ltv"], told["ltv_to_cac"], told["first_sale_margin"]) == (None, None, 90)
    rows = run("economics", str(file), "--format", "csv").stdout
    assert "chance_earns" in rows.splitlines()[0]
    for ending in ("html", "md"):
        page = tmp_path / f"report.{ending}"
        assert run("report", str(file), "--output", str(page)).code == 0
        assert said in page.read_text(encoding="utf-8")


def test_the_workbook_says_it_too(run: Run, tmp_path: Path) -> None:
    import zipfile

    file, book = tmp_path / "shop.yaml", tmp_path / "shop.xlsx"
    file.write_text(SHOP, encoding="utf-8")
    assert run("report", str(file), "--output", str(book)).code == 0
    with zipfile.ZipFile(book) as archive:
        texts = archive.read("xl/sharedStrings.xml").decode()
    assert "As it is: Whether it earns cannot be told yet: chance to earn 63%" in texts


def test_a_segment_has_its_chance_beside_its_verdict(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    rows = "breakdowns: {channel: {Ads: {counts: [150, 15, 5], budget: 480}, SEO: {counts: [50, 5, 1], budget: 5}}}\n"
    file.write_text(SHOP.replace("budget: 500\n", "") + rows, encoding="utf-8")
    shown = run("economics", str(file), "--by", "channel").stdout
    ads, seo = (next(line for line in shown.splitlines() if line.startswith(name)) for name in ("Ads", "SEO"))
    assert ads.rstrip().endswith("%  cannot be told yet")
    assert seo.rstrip().endswith("%  earns")
    (told,) = run("economics", str(file), "--by", "channel", "--format", "json").funnels
    assert [each["verdict"] for each in told["segments"]] == ["cannot be told yet", "earns"]
    assert all(0 < each["chance_earns"] < 1 for each in (told, *told["segments"]))


def test_segments_that_were_asked_for_come_first_and_all_of_them_are_said(run: Run, files: Files) -> None:
    """All of a verdict stand in its sentence, which says of none what its row does not."""
    segments = {"Ads": (4000, 8, 9000), "Mail": (2000, 90, 100), "Search": (3000, 120, 0), "Fair": (900, 2, 170)}
    rows = "".join(f"    {name}: {{counts: [{v}, {s}], budget: {b}}}\n" for name, (v, s, b) in segments.items())
    head = "average_check: 90\nstages: {Visits: 9900, Paid: 220}\nbreakdowns:\n  channel:\n"
    path = files("channels.yaml", head + rows)
    shown = run("economics", path, "--by", "channel").stdout
    (said,) = [line for line in shown.splitlines() if line.startswith("Loses: ")]
    verdicts = {
        row["name"]: row["verdict"]
        for row in run("economics", path, "--by", "channel", "-f", "json").funnels[0]["segments"]
    }
    names = {"loses": "Loses: Ads.", "earns": "Earn: Mail, Search.", "cannot be told yet": "Cannot be told yet: Fair."}
    assert said == " ".join(names.values())
    assert verdicts == {"Ads": "loses", "Mail": "earns", "Search": "earns", "Fair": "cannot be told yet"}
    assert shown.index("By channel") < shown.index("Value per entry")


def test_a_range_of_what_open_units_will_bring_says_so(run: Run, files: Files) -> None:
    """The rates are of the decided, so the range is of the end, and may lie above what was counted so far."""
    stages = "[{name: A, count: 900, open: 500}, {name: B, count: 100}]"
    text = f"average_check: {{mean: 90, sd: 60}}\nbudget: 100\nstages: {stages}"
    path = files("open.yaml", text)
    said = run("economics", path).stdout
    ranges = [line for line in said.splitlines() if "80% range" in line]
    assert [", on average  " in line for line in ranges] == [True] * 4
    (coming,) = run("forecast", path, "--format", "json").funnels
    (told,) = run("economics", path, "--format", "json").funnels
    assert told["revenue_eventual"] == pytest.approx(told["revenue"] + coming["expected_revenue"])
    assert "ranges and the chance to earn are of the mean of such periods in the end, when those open" in said
    revenue, mean = (line for line in run("show", path).stdout.splitlines() if line.startswith("Revenue"))
    assert " expected in the end" in revenue
    assert mean.endswith(" for periods like this (80% range)")
    closed = files("closed.yaml", text.replace(", open: 500", ""))
    assert "in the end" not in run("economics", closed).stdout
    assert "in the end" not in run("show", closed).stdout


def test_a_revenue_outside_its_range_is_explained(run: Run, files: Files) -> None:
    """Of 60 of 60 the mean is 61 of 62, and so are nearly all of the rates below that of the counts."""
    said = run("economics", files("all.yaml", "average_check: 5\nbudget: 10\nstages: {Visits: 60, Paid: 60}")).stdout
    assert "The revenue lies outside its range: the counts are so few, or so near an end" in said
    usual = run("economics", files("half.yaml", "average_check: 5\nbudget: 10\nstages: {Visits: 60, Paid: 30}")).stdout
    assert "lies outside" not in usual


EXPORTS = Path(__file__).parents[1] / "exports"


def test_what_a_conversion_costs_is_as_the_export_itself_has_it(run: Run) -> None:
    """Google's own column `Cost / conv.`, cut off to cents."""
    with (EXPORTS / "google_ads/english.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(list(file)[2:]) if not row["Campaign"].startswith("Total: A")]
    own = {row["Campaign"]: row["Cost / conv."].strip() for row in rows}
    run("import", str(EXPORTS / "google_ads/english.csv"), "-o", "f.yaml")
    (found,) = run("economics", "f.yaml", "--by", "campaign", "--format", "json").funnels
    costs = {each["name"]: each["cost_per"] for each in found["segments"]} | {"Total: Campaigns": found["cost_per"]}
    assert costs.keys() < own.keys()
    assert costs.pop("Old promo") is None
    assert own["Old promo"] == "--"
    for name, cost in costs.items():
        assert abs(cost - float(own[name])) <= 0.01
    assert "Cost per" in run("economics", "f.yaml", "--by", "campaign").stdout
    head, *lines = csv.reader(run("economics", "f.yaml", "--by", "campaign", "--format", "csv").stdout.splitlines())
    assert {line[head.index("segment")]: line[head.index("cost_per")] for line in lines}["Brand"].startswith("42.58")


def test_a_column_of_verdicts_without_any_is_left_out(run: Run) -> None:
    run("import", str(EXPORTS / "linkedin_ads/campaigns.csv"), "-o", "f.yaml")
    assert "Verdict" not in run("economics", "f.yaml", "--by", "campaign").stdout


def test_clicks_are_not_called_sales(run: Run) -> None:
    run("import", str(EXPORTS / "meta_ads/daily_german.csv"), "-o", "f.yaml")
    for command in ("economics", "show"):
        for dimension in ("campaign", "day"):
            said = run(command, "f.yaml", "--by", dimension).stdout
            assert "sales" not in said.lower()
            assert said.count("Link-Klicks") > 1


def test_where_nothing_was_spent_or_earned_there_is_no_verdict(run: Run, files: Files) -> None:
    path = files("f.yaml", "average_check: 5\nbudget: 0\nstages: {Visits: 0, Paid: 0}")
    assert "No verdict: nothing was spent, and nothing earned." in run("economics", path).stdout
    (told,) = run("economics", path, "--format", "json").funnels
    assert told["verdict"] is None
    even = files(
        "even.yaml", "average_check: 5\nbudget: 10\nstages: [{name: Visits, count: 4}, {name: Paid, conversion: 50%}]"
    )
    assert "Breaks even." in run("economics", even).stdout
