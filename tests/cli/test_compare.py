"""`funnelcli compare`, `show --by`, `economics --by` and `bottleneck --against` as users meet them."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import pytest

from .conftest import BROKEN, SAMPLES, said

if TYPE_CHECKING:
    from .conftest import Files, Run

OLD = "name: Shop\nperiod: '2026-09'\ncurrency: EUR\naverage_check: 50\nstages: {Visits: 100, Sales: 10}\n"
NEW = "name: Shop\nperiod: '2026-10'\ncurrency: EUR\naverage_check: 40\nstages: {Visits: 200, Sales: 20}\n"
BY = (
    "name: By\ncurrency: EUR\nbudget: 90\naverage_check: 5\nstages: [{name: Visits}, {name: Sales}]\n"
    "breakdowns:\n  channel:\n    Ads: {counts: [900, 90], budget: 60}\n    SEO: {counts: [100, 50], budget: 30}\n"
    "  month: {Sep: [500, 60], Oct: [300, 50], Nov: [200, 30]}\n"
)


def test_two_files(run: Run, files: Files) -> None:
    """Revenue 500 to 800: entries 442.43, average check -142.43 (300 / ln 1.6 x ln 2 and x ln 0.8)."""
    done = run("compare", files("old.yaml", OLD), files("new.yaml", NEW))
    assert (done.code, done.stderr) == (0, "")
    assert "2026-09 → 2026-10" in done.stdout
    assert "revenue 500 EUR → 800 EUR (+60%)" in done.stdout
    assert "+442.43" in done.stdout
    assert "-142.43" in done.stdout


def test_the_promised_keys(run: Run, files: Files) -> None:
    done = run("compare", files("old.yaml", OLD), files("new.yaml", NEW), "--format", "json")
    assert list(done.json) == ["schema_version", "command", "comparisons", "successive"]
    assert done.json["successive"] == []
    (pair,) = done.json["comparisons"]
    assert {"a", "b", "stages", "revenue", "mix"} <= set(pair)
    assert {
        "name",
        "count_a",
        "count_b",
        "conversion_a",
        "conversion_b",
        "difference",
        "difference_low",
        "difference_high",
        "p_value",
        "p_value_holm",
        "chance_b_better",
    } <= set(pair["stages"][1])
    assert {"a", "b", "change", "effects"} <= set(pair["revenue"])
    assert [each["factor"] for each in pair["revenue"]["effects"]] == ["entries", "conversion@Sales", "average_check"]


@pytest.mark.parametrize("format_name", ["table", "csv", "markdown", "json"])
def test_documents_of_one_file_and_more_than_two(run: Run, files: Files, format_name: str) -> None:
    done = run("compare", files("all.yaml", f"{OLD}---\n{NEW}---\n{OLD.replace('09', '08')}"), "--format", format_name)
    assert (done.code, done.stderr) == (0, "")
    assert all(period in done.stdout for period in ("2026-08", "2026-09", "2026-10"))


def test_periods_are_first_against_last_unless_paired(run: Run, files: Files) -> None:
    path = files("by.yaml", BY)
    assert "Sep → Nov" in run("compare", path, "--by", "month").stdout
    assert "Sep → Oct" in run("compare", path, "--by", "month", "--pair", "sep", "Oct").stdout
    channels = run("compare", path, "--by", "channel", "--format", "json")
    assert [(each["a"], each["b"]) for each in channels.json["comparisons"]] == [("Ads", "SEO")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["by.yaml"], "nothing to compare it with"),
        (["by.yaml", "--by", "chanel"], 'did you mean "channel"?'),
        (["by.yaml", "--by", "month", "--pair", "Sep", "Okt"], 'did you mean "Oct"?'),
        (["by.yaml", "--pair", "Sep", "Oct"], "--by"),
        (["by.yaml", "old.yaml", "--by", "month"], "has no breakdown"),
        (["old.yaml", "other.yaml"], '"Shop" has Visits, Sales; "Other" has A, B'),
        (["old.yaml", "missing.yaml"], "missing.yaml"),
    ],
)
def test_what_cannot_be_compared_is_2(run: Run, files: Files, arguments: list[str], words: str) -> None:
    files("by.yaml", BY)
    files("old.yaml", OLD)
    files("other.yaml", "name: Other\nstages: {A: 10, B: 5}\n")
    done = run("compare", *arguments)
    assert done.code == 2
    assert words in done.stderr


def test_an_invalid_one_is_1(run: Run, files: Files) -> None:
    done = run("compare", files("old.yaml", OLD), files("broken.yaml", BROKEN))
    assert (done.code, done.stdout) == (1, "")


def test_show_by_has_the_promised_keys_and_a_total(run: Run, files: Files) -> None:
    (funnel,) = run("show", files("by.yaml", BY), "--by", "Channel", "--format", "json").funnels
    assert [each["name"] for each in funnel["segments"]] == ["Ads", "SEO"]
    ads = funnel["segments"][0]
    assert ads["dimension"] == "channel"
    assert ads["counts"] == [900, 90]
    assert ads["conversions"] == [None, 0.1]
    assert (ads["overall_conversion"], ads["share"], ads["revenue"], ads["budget"]) == (0.1, 0.9, 450, 60)
    assert funnel["total"]["counts"] == [1000, 140]


def test_thousands_of_segments_are_folded_for_people_and_whole_for_machines(run: Run, files: Files) -> None:
    lines = "".join(f"    S{number}: [{number}, {number // 2}]\n" for number in range(1, 3_001))
    path = files("many.yaml", f"stages: [{{name: A}}, {{name: B}}]\nbreakdowns:\n  shop:\n{lines}")
    done = run("show", path, "--by", "shop", "--sort", "entries", "--top", "3")
    assert done.code == 0
    assert [line.split()[0] for line in done.stdout.splitlines() if re.match(r"S\d", line)][:3] == [
        "S3000",
        "S2999",
        "S2998",
    ]
    assert "Other (2,997 more)" in done.stdout
    assert len(run("show", path, "--by", "shop", "--format", "json").funnels[0]["segments"]) == 3_000
    some = files("some.yaml", "".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:1003]))
    assert len(run("show", some, "--by", "shop").stdout.splitlines()) < 125


def test_economics_by_has_the_promised_keys(run: Run, files: Files) -> None:
    (funnel,) = run("economics", files("by.yaml", BY), "--by", "channel", "--format", "json").funnels
    keys = (
        "stages revenue gross_profit profit roas romi unit_margin break_even cpm cpc cpl cac rpm ltv ltv_to_cac "
        "referral_multiplier verdict"
    )
    assert set(keys.split()) | {"segments"} <= set(funnel)
    assert set(keys.split()) <= set(funnel["segments"][0])
    assert {"entries", "sales", "average_check", "conversions", "overall_conversion"} == set(funnel["break_even"])
    assert (funnel["profit"], [each["profit"] for each in funnel["segments"]]) == (610, [390, 220])


def test_bottleneck_against_the_best_segment(run: Run, files: Files) -> None:
    path = files("by.yaml", BY)
    (funnel,) = run("bottleneck", path, "--against", "best:channel", "--format", "json").funnels
    assert (funnel["reference"], funnel["bottleneck"]) == ("segment", "Sales")
    (sales,) = funnel["steps"]
    assert sales["target_from"] == "SEO"
    assert 0.45 < sales["target"] < 0.5  # 50 of 100, drawn towards the 90 of 900
    assert sales["headroom_sales_low"] < sales["headroom_sales"] < sales["headroom_sales_high"]
    for wrong in ("channel", "best:", "worst:channel"):
        done = run("bottleneck", path, "--against", wrong)
        assert (done.code, done.stdout) == (2, "")
    both = run("bottleneck", path, "--against", "best:channel", "--baseline", path)
    assert (both.code, len(said(both.stderr))) == (2, 1)


@pytest.mark.parametrize(("now", "coloured"), [((100, 12), False), ((1000, 400), True)])
def test_colour_means_more_than_chance(run: Run, files: Files, now: tuple[int, int], coloured: bool) -> None:
    """12 of 100 against 10 of 100 has neither green nor red, and no mark; 40% against 10% of 1,000 has both."""
    before = files("before.yaml", f"stages: {{A: {now[0]}, B: {now[0] // 10}}}\n")
    after = files("after.yaml", f"stages: {{A: {now[0]}, B: {now[1]}}}\n")
    shown = run("compare", before, after, "--color", "always").stdout
    assert ("\x1b[32m" in shown) == coloured
    assert ("▲" in shown) == coloured
    assert "\x1b[31m" not in shown


MONTHS = """\
name: Months
stages: {Visits: 3000, Orders: 345}
breakdowns:
  month: {Mar: [1000, 130], Jan: [1000, 100], Feb: [1000, 115]}
  period: {after: [2000, 230], before: [1000, 115]}
"""


def test_months_by_name_are_compared_in_their_order_everywhere(run: Run, files: Files) -> None:
    path = files("m.yaml", MONTHS)
    for format_name in ("table", "markdown"):
        done = run("compare", path, "--by", "month", "--format", format_name)
        assert "Jan" in done.stdout.partition("Mar")[0]
        assert "Orders 100 → 130 (+30%)." in done.stdout
        assert "order of the file" not in done.stdout
        shown = run("show", path, "--by", "month", "--format", format_name).stdout
        assert "▁▅█  100 → 130" in shown
    assert run("report", path, "-o", "r.html").code == 0
    page = (files.folder / "r.html").read_text(encoding="utf-8")
    assert "Jan → Mar" in page
    assert "Mar → Feb" not in page


def test_periods_without_order_are_said_to_stand_as_in_the_file(run: Run, files: Files) -> None:
    path = files("m.yaml", MONTHS)
    done = run("compare", path, "--by", "period")
    assert "Orders 230 → 115" in done.stdout
    assert "order of the file, and the first and the last are compared" in done.stdout
    shown = run("show", path, "--by", "period").stdout
    assert "stand in the order of the file" in shown
    assert "█" not in shown  # no trend
    checked = run("check", path)
    assert "warning[FN314]" in checked.stdout + checked.stderr
    assert "FN314" not in run("check", path, "--only", "FN301").stdout


TEAM = """\
name: Team
stages: [{{name: Leads}}, {{name: Offers}}]
breakdowns:
  manager: {{{}}}
"""
THREE = TEAM.format("A: [1200, 60], B: [1490, 34], C: [1105, 41]")
TEN = TEAM.format(", ".join(f"M{at}: [100, {n}]" for at, n in enumerate((29, 31, 27, 33, 30, 28, 32, 31, 29, 42))))


def test_managers_that_differ_do_and_others_do_not(run: Run, files: Files) -> None:
    """60 of 1,200 and 34 of 1,490 differ; the best of ten managers of 100 leads is one of ten."""
    three, ten = files("three.yaml", THREE), files("ten.yaml", TEN)
    for path, arguments, differs in (
        (three, (), True),
        (three, ("--pair", "A", "B"), True),
        (ten, (), False),
        (ten, ("--pair", "M2", "M9"), False),
    ):
        done = run("compare", path, "--by", "manager", *arguments, "--format", "json")
        overall = [pair["overall"]["differs"] for pair in done.json["comparisons"]]
        steps = [stage["differs"] for pair in done.json["comparisons"] for stage in pair["stages"]]
        assert any(overall) == any(steps) == differs


MORE = ("stages: {Visits: 1000, Cart: 200, Purchase: 100}\n", "stages: {Visits: 1000, Cart: 400, Purchase: 140}\n")


def test_a_step_of_others_is_not_called_worse(run: Run, files: Files) -> None:
    """Of each entry 4 points more buy; 15 points fewer of those with a cart, who are twice as many."""
    before, after = files("before.yaml", MORE[0]), files("after.yaml", MORE[1])
    for format_name in ("table", "markdown"):
        done = run("compare", before, after, "--format", format_name)
        assert "Overall conversion 10% → 14%, better by more than chance: +4.00 pp" in done.stdout
        assert re.search(r"-15\.0 pp +≠", done.stdout)
        assert "▼" not in done.stdout.partition("▲ ▼")[0]
        assert "Others got to Purchase" in done.stdout
        assert "worse" not in done.stdout.replace("neither better nor worse", "")
    assert run("report", before, after, "-o", "change.md").code == 0
    text = (files.folder / "change.md").read_text(encoding="utf-8")
    headline = text.partition("<details>")[0]
    assert "| Overall conversion | 10.0% | 14.0% | +4.00 pp ▲ |" in headline
    assert "| Conversion to Purchase | 50.0% | 35.0% | -15.0 pp ≠ |" in headline
    assert run("report", before, after, "-o", "change.html").code == 0
    page = (files.folder / "change.html").read_text(encoding="utf-8")
    assert "-15.0 pp ≠" in page


def test_periods_that_are_not_compared_are_named(run: Run, files: Files) -> None:
    path = files("by.yaml", BY)
    done = run("compare", path, "--by", "month")
    assert "Not compared in detail: Oct, between the first and the last; --pair A B compares any two." in done.stdout
    assert "Rates are taken as constant from period to period" in done.stdout
    assert "Not compared" not in run("compare", path, "--by", "month", "--pair", "Sep", "Oct").stdout
    measured = files("open.yaml", BY + "measured: {not_mature: [Nov]}\n")
    done = run("compare", measured, "--by", "month")
    assert "Sep → Oct" in done.stdout
    assert "Left out, as the window is still open: Nov" in done.stdout
    both = run("compare", measured, "--by", "month", "--pair", "Oct", "Nov").stdout
    assert "Not mature, as the window is still open: Nov" in both
    alone = run("compare", files("one.yaml", BY + "measured: {not_mature: [Oct, Nov]}\n"), "--by", "month")
    assert (alone.code, alone.stdout) == (2, "")
    assert "--pair" in alone.stderr


def test_the_overall_conversion_and_ranges_are_in_json_and_csv(run: Run, files: Files) -> None:
    old, new = (text + "budget: 100\ngross_margin: 50%\n" for text in (OLD, NEW))
    paths = files("old.yaml", old), files("new.yaml", new)
    (pair,) = run("compare", *paths, "--format", "json").json["comparisons"]
    promised = (
        "conversion low high difference difference_low difference_high lift lift_low lift_high p_value p_value_holm "
        "chance_b_better"
    )
    assert list(pair["overall"])[:12] == promised.split()
    assert all({"low", "high"} <= set(each) for each in pair["revenue"]["effects"] + pair["profit"]["effects"])
    assert [each["factor"] for each in pair["profit"]["effects"]][-2:] == ["gross_margin", "budget"]
    table = run("compare", *paths, "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["factor"] for row in rows] == [
        "entries",
        "conversion@Sales",
        "average_check",
        "gross_margin",
        "budget",
        "overall_conversion",
    ]
    assert float(rows[1]["revenue_effect_low"]) < float(rows[1]["revenue_effect"]) <= 0.1
    assert (rows[-1]["conversion_a"], rows[-1]["conversion_b"]) == ("0.1", "0.1")


def test_what_moved_it_most_is_said_with_its_range_or_not_at_all(run: Run, files: Files) -> None:
    more = run("compare", files("a.yaml", MORE[0]), files("b.yaml", MORE[1])).stdout
    assert "What moved Purchase most: conversion to Cart, +82.4 (95% range +64.5 to +99.8)." in more
    few = run("compare", files("c.yaml", "stages: {V: 100, S: 10}\n"), files("d.yaml", "stages: {V: 100, S: 13}\n"))
    assert "What moved S most cannot be told: the largest effect, conversion to S, +3 (95% range" in few.stdout
    shares = files("e.yaml", "stages: {V: 100, S: 10.5}\n"), files("f.yaml", "stages: {V: 100, S: 13}\n")
    assert "Without whole counts of every step it has no range." in run("compare", *shares).stdout


def test_what_is_not_told_says_what_would_tell(run: Run, files: Files) -> None:
    """30 of 300 against 42 of 300 is likely (z = 1.51, one-sided 93%)."""
    a, b = files("a.yaml", "stages: {V: 300, S: 30}\n"), files("b.yaml", "stages: {V: 300, S: 42}\n")
    likely = run("compare", a, b)
    assert "likely better, not proven (chance 93%): +4.00 pp" in likely.stdout
    assert "About 1,300 more at V (600 so far), shared as now, would tell it with a chance of 80%" in likely.stdout
    (pair,) = run("compare", a, b, "--format", "json").json["comparisons"]
    assert 1200 < pair["overall"]["units_to_tell"] <= 1300
    told = run("compare", files("c.yaml", "stages: {V: 300, S: 10}\n"), b, "--format", "json")
    assert told.json["comparisons"][0]["overall"]["units_to_tell"] is None
    close = files("d.yaml", "stages: {V: 100000, S: 10000}\n"), files("e.yaml", "stages: {V: 100000, S: 10001}\n")
    assert "would tell" not in run("compare", *close).stdout  # in more than 10 times the units


def test_segments_of_several_files_are_compared_file_by_file_and_that_is_said(run: Run, files: Files) -> None:
    text = "stages: [{name: V}, {name: S}]\nbreakdowns: {channel: {Ads: [100, 10], SEO: [90, 12]}}\n"
    a, b = files("a.yaml", text), files("b.yaml", text.replace("[100, 10]", "[100, 30]"))
    done = run("compare", a, b, "--by", "channel")
    assert "each funnel by itself, its segments of channel against each other" in done.stderr
    assert done.stdout.count("Ads → SEO") == 2
    ads = run("compare", a, b, "--segment", "channel=Ads")
    assert "Overall conversion 10% → 30%, better by more than chance" in ads.stdout
    assert run("compare", a, "--by", "channel").stderr == ""


def test_a_pair_is_one_of_many_only_where_that_is_why_nothing_is_told(run: Run, files: Files) -> None:
    """30 of 100 against 32 of 100 tell nothing by themselves either."""
    path = files("near.yaml", TEAM.format("A: [100, 30], B: [100, 32], C: [100, 40]"))
    near = run("compare", path, "--by", "manager", "--pair", "A", "B").stdout
    assert "no difference can be told (better with a chance of 62%)" in near
    far = run("compare", path, "--by", "manager", "--pair", "A", "C").stdout
    assert "as these two are one of 3 pairs (better with a chance of 93% by themselves)" in far


def test_periods_against_the_one_before_have_rows_of_their_own(run: Run) -> None:
    """420 of 14,000 after 369 of 9,000 leads: 3.0% after 4.1%."""
    done = run("compare", SAMPLES / "periods.yaml", "--by", "period", "--format", "csv")
    rows = [row for row in csv.DictReader(io.StringIO(done.stdout)) if row["against"] == "before"]
    assert [(row["a"], row["b"]) for row in rows[::3]] == [("2026-08", "2026-09"), ("2026-09", "2026-10")]
    (leads,) = (row for row in rows if (row["b"], row["stage"]) == ("2026-10", "Leads"))
    assert (leads["conversion_a"], leads["conversion_b"], leads["differs"]) == ("0.041", "0.03", "-1")


GAPPED = """name: Months
stages: [{name: Visits}, {name: Leads}, {name: Paid, average_check: 50}]
breakdowns:
  month: {2026-01: [1000, 200, 40], 2026-02: [2000, 300, 30], 2026-04: [3000, 400, 90]}
"""
"""Where fewer got to Leads in February, others did: their conversion to Paid, 10% after 20%, is no verdict."""


def test_periods_against_the_one_before_are_in_json_and_csv_as_in_the_table(run: Run, files: Files) -> None:
    path = files("gapped.yaml", GAPPED)
    (found,) = run("compare", path, "--by", "month", "-f", "json").json["successive"]
    assert (found["name"], found["dimension"], found["tests"]) == ("Months", "month", 6)
    assert [(each["name"], each["entries"], each["sales"], each["revenue"]) for each in found["periods"]] == [
        ("2026-01", 1000, 40, 2000),
        ("2026-02", 2000, 30, 1500),
        ("2026-04", 3000, 90, 4500),
    ]
    february = found["periods"][1]
    steps = [february["overall"], *february["steps"]]
    assert [(each["name"], each["conversion"], each["differs"], each["others_got_there"]) for each in steps] == [
        ("Paid", 0.015, -1, False),
        ("Leads", 0.15, -1, False),
        ("Paid", 0.1, -1, True),
    ]
    rows = csv.DictReader(io.StringIO(run("compare", path, "--by", "month", "-f", "csv").stdout))
    of_february = [row for row in rows if (row["against"], row["b"]) == ("before", "2026-02")]
    assert [(row["differs"], row["others_got_there"]) for row in of_february] == [
        ("-1", "false"),
        ("-1", "false"),
        ("-1", "true"),
    ]


def test_each_mark_of_a_table_is_explained_below_it_and_a_gap_is_named(run: Run, files: Files) -> None:
    shown = run("compare", files("gapped.yaml", GAPPED), "--by", "month").stdout
    table, _, rest = shown.partition("Each against the one before")[2].partition("\n\n")
    below = rest.partition("\n\n")[0].splitlines()
    assert {mark for mark in "▲▼≠" if mark in table} == set("▲▼≠")
    assert [line[:5] for line in below[:2]] == ["▲ ▼ h", "≠ mor"]
    assert below[2] == "With a gap: 2026-04 after 2026-02. What lies between is not in the table."
    assert "≠" not in rest.partition("\n\n")[2]  # of the first and the last, no step is of others
    assert "Between 2026-01 and 2026-04, of those who got there" in shown
    assert "▲ ▼ between 2026-01 and 2026-04: more than chance" in shown


@pytest.mark.parametrize("parts", ["[30, 8, 1], [40, 9, 1], [50, 11, 2]", "[30.5, 8, 1], [40, 9, 1], [50, 11, 2]"])
def test_all_is_tested_only_where_nothing_lacks_a_sample(run: Run, files: Files, parts: str) -> None:
    """Of half an entry no conversion is a sample."""
    months = [f"'2026-0{month}': [{each}]" for month, each in enumerate(parts.strip("[]").split("], ["), 1)]
    text = f"stages: [{{name: A}}, {{name: B}}, {{name: C}}]\nbreakdowns: {{month: {{{', '.join(months)}}}}}\n"
    shown = run("compare", files("months.yaml", text), "--by", "month").stdout
    assert ("the overall conversion and all steps of each" in shown) == (".5" not in parts)
    assert ("all conversions that can be tested" in shown) == (".5" in parts)
    assert "Between 2026-01 and 2026-03, no conversion differs by more than chance." in shown
