"""`show`: every option is wired, and JSON keeps its contract."""

from __future__ import annotations

import csv
import io
import json
import re
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from tests.analyses.test_crosstab import SHOP

from .conftest import BROKEN, INVOICES, SAMPLES, TARGET, said

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Files, Run

FUNNEL_KEYS = {
    "file",
    "document",
    "name",
    "period",
    "currency",
    "stages",
    "entries",
    "sales",
    "overall_conversion",
    "revenue",
    "value_per_entry",
}
STAGE_KEYS = {
    "name",
    "from",
    "count",
    "conversion",
    "conversion_low",
    "conversion_high",
    "overall_conversion",
    "one_in",
    "drop_off",
    "drop_off_rate",
    "loss_share",
    "average_check",
    "revenue",
}

ADS = """\
name: Ads
period: 2026-10 to 2026-11
currency: EUR
average_check: 1515.15
stages: {Impressions: 360750, Clicks: 7215, Leads: 555, Sales: 185}
"""
"""360,750 impressions, of which 2% click, 1 in 13 of those leaves a contact and 1 in 3 of those buys."""


# the contract


def test_json_keys(run: Run, files: Files) -> None:
    done = run("show", files("ads.yaml", ADS), "--format", "json")
    assert {"schema_version", "command", "funnels"} <= set(done.json)
    assert (done.json["schema_version"], done.json["command"]) == (2, "show")
    (funnel,) = done.funnels
    assert set(funnel) >= FUNNEL_KEYS
    for stage in funnel["stages"]:
        assert set(stage) >= STAGE_KEYS


def test_json_figures(run: Run, files: Files) -> None:
    path = files("ads.yaml", ADS)
    (funnel,) = run("show", path, "--format", "json").funnels
    counts = [360750, 7215, 555, 185]
    assert (funnel["file"], funnel["document"], funnel["name"]) == (str(path), 1, "Ads")
    assert (funnel["period"], funnel["currency"]) == ("2026-10 to 2026-11", "EUR")
    assert (funnel["entries"], funnel["sales"]) == (360750, 185)
    assert funnel["overall_conversion"] == float(Fraction(185, 360750))
    assert funnel["revenue"] == 280302.75  # 185 x 1515.15
    assert funnel["value_per_entry"] == float(Fraction("280302.75") / 360750)
    stages = funnel["stages"]
    assert [stage["count"] for stage in stages] == counts
    assert [stage["from"] for stage in stages] == [None, "Impressions", "Clicks", "Leads"]
    assert [stage["conversion"] for stage in stages] == [None, 0.02, float(Fraction(1, 13)), float(Fraction(1, 3))]
    assert [stage["overall_conversion"] for stage in stages] == [float(Fraction(each, 360750)) for each in counts]
    assert [stage["one_in"] for stage in stages] == [1, 50, 650, 1950]
    assert [stage["drop_off"] for stage in stages] == [None, 353535, 6660, 370]
    assert [stage["drop_off_rate"] for stage in stages] == [None, 0.98, float(Fraction(12, 13)), float(Fraction(2, 3))]
    lost = 353535 + 6660 + 370
    shares = [float(Fraction(each, lost)) for each in (353535, 6660, 370)]
    assert [stage["loss_share"] for stage in stages] == [None, *shares]
    assert [stage["average_check"] for stage in stages] == [None, None, None, 1515.15]
    assert [stage["revenue"] for stage in stages] == [None, None, None, 280302.75]


def test_whole_numbers_are_whole_in_json(run: Run, files: Files) -> None:
    """`1250` and not `1250.0`, also where it was written as 1.25e3; a share stays a fraction."""
    text = "stages: {A: 1.25e3, B: 1000.0, C: 27.5}\n"
    stages = run("show", files("shares.yaml", text), "--format", "json").funnels[0]["stages"]
    assert [repr(stage["count"]) for stage in stages] == ["1250", "1000", "27.5"]


@pytest.mark.parametrize(
    ("came", "could", "low", "high"), [(7, 50, 0.0695, 0.2619), (0, 20, 0.0, 0.1611)], ids=["7 of 50", "0 of 20"]
)
def test_intervals(run: Run, came: int, could: int, low: float, high: float) -> None:
    """Wilson: (x + z²/2 ± z √(x (n - x)/n + z²/4)) / (n + z²), z = 1.96."""
    done = run("show", "--stage", f"All={could}", "--stage", f"Some={came}", "--format", "json")
    stage = done.funnels[0]["stages"][1]
    assert stage["conversion_low"] == pytest.approx(low, abs=5e-5)
    assert stage["conversion_high"] == pytest.approx(high, abs=5e-5)


def test_undefined_is_null_and_na(run: Run, files: Files) -> None:
    """A step out of an empty stage is neither 0 nor 100%."""
    path = files("empty.yaml", "stages: {Visits: 10, Leads: 0, Sales: 0}\n")
    last = run("show", path, "--format", "json").funnels[0]["stages"][2]
    assert (last["conversion"], last["conversion_low"], last["conversion_high"], last["one_in"]) == (None,) * 4
    assert last["overall_conversion"] == 0
    assert "n/a" in run("show", path).stdout


def test_a_funnel_without_entries(run: Run, files: Files) -> None:
    path = files("none.yaml", "stages: {Visits: 0, Sales: 0}\naverage_check: 5\n")
    (funnel,) = run("show", path, "--format", "json").funnels
    assert (funnel["overall_conversion"], funnel["value_per_entry"]) == (None, None)
    assert (funnel["entries"], funnel["sales"], funnel["revenue"]) == (0, 0, 0)
    for format_name in ("table", "csv", "markdown"):
        assert run("show", path, "--format", format_name).code == 0


def test_every_document_has_its_number(run: Run) -> None:
    funnels = run("show", SAMPLES / "two_documents.yaml", "--format", "json").funnels
    assert [(each["document"], each["name"]) for each in funnels] == [(1, "Two-step sale"), (2, "Direct sale")]


# options


@pytest.mark.parametrize("option", ["--format", "-f"])
def test_formats(run: Run, files: Files, option: str) -> None:
    path = files("invoices.yaml", INVOICES)
    assert run("show", path, option, "table").stdout == run("show", path).stdout
    assert run("show", path, option, "markdown").stdout.startswith("## Invoices\n")
    assert run("show", path, option, "json").funnels[0]["name"] == "Invoices"
    rows = list(csv.DictReader(io.StringIO(run("show", path, option, "csv").stdout)))
    assert [(row["file"], row["funnel"], row["stage"], row["count"]) for row in rows] == [
        (str(path), "Invoices", "Invoice sent", "100"),
        (str(path), "Invoices", "Paid", "50"),
    ]


def test_csv_of_several_funnels_has_one_header(run: Run) -> None:
    done = run("show", *sorted(SAMPLES.glob("*.yaml")), "--format", "csv")
    header, *rows = csv.reader(io.StringIO(done.stdout))
    assert header.count("file") == 1
    assert len(set(header)) == len(header)
    assert {len(row) for row in rows} == {len(header)}
    assert header[:3] == ["file", "document", "funnel"]
    assert all(row[:2] != header[:2] for row in rows)


def test_funnel_picks_by_name(run: Run, files: Files) -> None:
    path = files("three.yaml", f"{INVOICES}---\n{TARGET}---\n{INVOICES.replace('Invoices', 'Third')}")
    one = run("show", path, "--funnel", "Target", "--format", "json")
    assert [each["name"] for each in one.funnels] == ["Target"]
    two = run("show", path, "--funnel", "Third", "--funnel", "Invoices", "--format", "json")
    assert [each["name"] for each in two.funnels] == ["Invoices", "Third"]


def test_funnel_finds_names_without_case(run: Run, files: Files) -> None:
    done = run("show", files("target.yaml", TARGET), "--funnel", "tARGET", "--format", "json")
    assert [each["name"] for each in done.funnels] == ["Target"]


def test_an_unknown_funnel_gets_a_suggestion(run: Run, files: Files) -> None:
    done = run("show", files("target.yaml", TARGET), "--funnel", "Tragte")
    assert (done.code, done.stdout) == (2, "")
    assert 'did you mean "Target"?' in done.stderr


def test_stages_without_a_file(run: Run) -> None:
    done = run("show", "--stage", "Visits=200", "--stage", "Sales=4", "--average-check", "25.5", "--format", "json")
    (funnel,) = done.funnels
    assert funnel["file"] is None
    assert [(stage["name"], stage["count"]) for stage in funnel["stages"]] == [("Visits", 200), ("Sales", 4)]
    assert funnel["revenue"] == 102  # 4 x 25.5


def test_stages_are_arguments(run: Run) -> None:
    """12 of 60 at 63.50 are 762; what stands before the last = is the name."""
    done = run("show", "Walks in=60,", "a=b=30;", "Paid=12", "--average-check", "63.50", "-f", "json")
    (funnel,) = done.funnels
    assert [(stage["name"], stage["count"]) for stage in funnel["stages"]] == [
        ("Walks in", 60),
        ("a=b", 30),
        ("Paid", 12),
    ]
    assert funnel["revenue"] == 762


def test_what_is_wrong_with_typed_stages_is_pointed_at(run: Run) -> None:
    done = run("show", "Walks in=2,700", "Paid=377", "--currency", "EUR")
    assert done.code == 2
    assert done.stderr.splitlines() == [
        'funnelcli: error[FN206] "2,700" has separators between its digits',
        "  |",
        '  | "Walks in=2,700" Paid=377 --currency EUR',
        "  |           ^^^^^",
        "  = help: write 2700",
    ]


@pytest.mark.parametrize("path", ["./a=b", "month=5/shop", "a=b.yaml"])
def test_a_file_with_an_equals_sign_in_its_name(run: Run, files: Files, path: str) -> None:
    """By a path that says it is one, by being there in a folder, or by its ending."""
    (files.folder / "month=5").mkdir()
    files(path, INVOICES)
    assert run("show", path, "-f", "csv").code == 0


def test_a_stage_name_may_hold_an_equals_sign(run: Run) -> None:
    done = run("show", "--stage", "a=b=200", "--stage", "Sales=4", "--format", "json")
    assert done.funnels[0]["stages"][0]["name"] == "a=b"


@pytest.mark.parametrize(
    ("args", "fragment"),
    [
        (["--stage", "Visits=200"], "at least two stages"),
        (["--stage", "Visits=200", "--stage", "Visits=4"], '"Visits"'),
        (["--stage", "Visits=4", "--stage", "Sales=200"], 'stage "Sales" (200) exceeds'),
        (["--stage", "Visits=many", "--stage", "Sales=4"], '"many"'),
        (["--stage", "Visits=1,000", "--stage", "Sales=4"], "write 1000"),
        (["--stage", "Visits", "--stage", "Sales=4"], "NAME=COUNT"),
        (["--stage", "Visits=-1", "--stage", "Sales=4"], "negative"),
        (["--stage", "=5", "--stage", "Sales=4"], "name"),
        (["--stage", "Visits=200", "--stage", "Sales=4", "--average-check", "$5"], "write 5"),
        (["--stage", "Visits=200", "--stage", "Sales=4", "file.yaml"], "a funnel without a file"),
        (["Sales=4", "--stage", "Visits=200"], "write all stages in one way"),
        (["--average-check", "5"], "goes with stages"),
        (["Visits=200", "a.yaml"], "leave out the file"),
        (["Visits", "=", "200"], "without blanks around the ="),
        (["Visits:200", "Walks in: 4"], "write Visits=200 'Walks in=4'"),
        (["Visits", "12400", "Sales", "4"], "write Visits=12400 Sales=4"),
        (["a.yaml", "conversion@Paid=60%"], "--set conversion@Paid=60%"),
        (["a.yaml", "--currency", "EUR"], "write currency: in it"),
        (["a.yaml", "--budget", "5"], "scenario --set budget="),
    ],
)
def test_mistakes_in_typed_stages(run: Run, args: list[str], fragment: str) -> None:
    done = run("show", *args)
    assert (done.code, done.stdout) == (2, "")
    assert fragment in done.stderr
    assert "= help: " in done.stderr


@pytest.mark.parametrize("written", ["90%", "0.9", "9/10"])
def test_confidence(run: Run, written: str) -> None:
    """A 90% interval of 7 of 50 lies inside the 95% one, and its header says 90%."""
    args = ("show", "--stage", "All=50", "--stage", "Some=7", "--confidence", written)
    stage = run(*args, "--format", "json").funnels[0]["stages"][1]
    assert 0.0695 < stage["conversion_low"] < 0.14 < stage["conversion_high"] < 0.2619
    shown = run(*args).stdout
    assert "90%" in shown
    assert "95%" not in shown


@pytest.mark.parametrize("written", ["0", "0%", "1", "100%", "95", "150%", "-5%", "many", ""])
def test_an_impossible_confidence(run: Run, written: str) -> None:
    done = run("show", "--stage", "All=50", "--stage", "Some=7", "--confidence", written)
    assert (done.code, done.stdout) == (2, "")
    assert "--confidence" in done.stderr
    assert "?." not in done.stderr


@pytest.mark.parametrize("option", ["--output", "-o"])
def test_output(run: Run, files: Files, option: str) -> None:
    path = files("invoices.yaml", INVOICES)
    assert run("show", path, option, "report.md", "--format", "markdown").stdout == ""
    assert (files.folder / "report.md").read_text(encoding="utf-8").startswith("## Invoices\n")


def test_the_short_option_is_the_help(run: Run) -> None:
    done = run("show", "-h")
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: funnelcli show ")


def test_version(run: Run) -> None:
    from funnelcli import __version__

    assert run("--version").stdout == f"funnelcli {__version__}\n"


@pytest.mark.parametrize("args", [[], ["shwo"], ["--bogus"]], ids=["nothing", "command", "option"])
def test_wrong_use_of_the_program(run: Run, args: list[str]) -> None:
    done = run(*args)
    assert done.code == 2
    assert "Traceback" not in done.stderr


def test_a_missing_file_gets_a_suggestion(run: Run, files: Files) -> None:
    files("october.yaml", TARGET)
    done = run("show", "octobre.yaml")
    assert done.code == 2
    assert "october.yaml" in done.stderr
    files(".funnelcli.yaml", "{}")
    assert "name a FILE, such as october.yaml, " in run("show").stderr


def test_diagnostics_of_all_files_in_one_run(run: Run, files: Files) -> None:
    """One summary for everything that was found."""
    done = run("show", files("a.yaml", BROKEN), files("b.yaml", BROKEN + "---\n" + BROKEN))
    assert done.code == 1
    assert len([line for line in said(done.stderr) if "error[FN104]" in line]) == 3
    assert done.stderr.endswith("Found 3 errors, 0 warnings in 2 files (3 funnels).\n")


def test_diagnostics_are_sorted(run: Run, files: Files) -> None:
    """By file, then by line, whatever the order of the arguments."""
    second, first = files("b.yaml", BROKEN), files("a.yaml", BROKEN + "---\n" + BROKEN)
    found = [line for line in said(run("show", second.name, first.name).stderr) if "error[" in line]
    assert [line.split(": ")[0].rsplit(":", 1)[0] for line in found] == ["a.yaml:2", "a.yaml:6", "b.yaml:2"]


def test_every_sample_is_shown(run: Run) -> None:
    done = run("show", *sorted(SAMPLES.glob("*.yaml")), "--format", "json")
    assert (done.code, done.stderr) == (0, "")
    assert len(done.funnels) == len(list(SAMPLES.glob("*.yaml"))) + 1  # one file holds two


@pytest.mark.parametrize(
    ("name", "start"), [("r.json", '{"schema_version"'), ("r.csv", "file,document,funnel,"), ("r.MD", "## ")]
)
def test_the_ending_of_the_output_says_the_format(run: Run, tmp_path: Path, name: str, start: str) -> None:
    target = tmp_path / name
    done = run("show", "--stage", "A=2", "--stage", "B=1", "--output", str(target))
    assert done.code == 0
    assert target.read_text(encoding="utf-8").startswith(start)


def test_a_stated_format_outweighs_the_ending(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "r.json"
    assert run("show", "--stage", "A=2", "--stage", "B=1", "--output", str(target), "--format", "csv").code == 0
    assert target.read_text(encoding="utf-8").startswith("file,")


def test_the_funnel_file_is_never_overwritten_by_its_report(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "f.yaml"
    target.write_text("stages: {A: 2, B: 1}\n", encoding="utf-8")
    done = run("show", str(target), "--output", str(target), "--force")
    assert done.code == 2
    assert target.read_text(encoding="utf-8") == "stages: {A: 2, B: 1}\n"


def test_bars_are_linear_and_what_is_small_is_a_hairline(run: Run, files: Files) -> None:
    """Half of the entries fill half of the width, 2% a fiftieth, one of a million a line, nobody nothing."""
    text = "stages: {A: 1000000, B: 500000, C: 20000, D: 1, E: 0}\n"
    lines = run("show", files("f.yaml", text)).stdout.splitlines()
    eighths = ["▏▎▍▌▋▊▉█".index(char) + 1 for line in lines[5:10] for char in re.findall("[█-▏]", line)[-1:]]
    bars = [8 * (len(re.findall("[█-▏]", line)) - 1) for line in lines[5:10]]
    lengths = [bar + last for bar, last in zip(bars, [*eighths, 8], strict=True)]
    assert lengths == [8 * 24, 8 * 12, 4, 1, 0]
    assert "log" not in run("show", files("f.yaml", text)).stdout


JOINED = ["👩\u200d💻 Developers", "🏳\ufe0f\u200d🌈 Members", "بازدید\u200cکننده", "ශ්\u200dරී", "क्\u200dष"]


@pytest.mark.parametrize("format_name", ["table", "markdown", "json", "csv"])
def test_joiners_that_are_spelling_pass_through_every_door(run: Run, files: Files, format_name: str) -> None:
    """A file, a name of the command line, and a spreadsheet's table with its segments."""
    counts = ", ".join(f'"{name}": {100 - place}' for place, name in enumerate(JOINED))
    typed = [option for place, name in enumerate(JOINED) for option in ("--stage", f"{name}={100 - place}")]
    rows = "".join(f"{name},{100 - place},50\n" for place, name in enumerate(JOINED))
    from_file = run("show", files("f.yaml", f"stages: {{{counts}}}\n"), "--format", format_name)
    from_options = run("show", *typed, "--format", format_name)
    counted = run("import", files("t.csv", "channel,Visits,Orders\n" + rows))
    from_table = run("show", "-", "--by", "channel", "--format", format_name, stdin=counted.out)
    for done in (from_file, from_options, from_table):
        assert (done.code, done.stderr) == (0, "")
        text = json.dumps(done.json, ensure_ascii=False) if format_name == "json" else done.stdout
        assert [name for name in JOINED if name not in text] == []


def test_bars_below_joined_names_begin_in_one_column(run: Run, files: Files) -> None:
    from rich.cells import cell_len

    counts = ", ".join(f'"{name}": 100' for name in JOINED[:2])
    lines = [line for line in run("show", files("f.yaml", f"stages: {{{counts}}}\n")).stdout.split("\n") if "█" in line]
    assert len({cell_len(line[: line.index("█")]) for line in lines}) == 1


def test_two_dimensions_are_a_table_of_both(run: Run, files: Files) -> None:
    done = run("show", files("shop.yaml", SHOP), "--by", "manager", "--by", "month")
    assert (done.code, done.stderr) == (0, "")
    assert "Total        104      120    224\n" in done.stdout
    assert "Ben      (25.0%)           (25.0%)\n" in done.stdout
    assert "In brackets: counts so small that the 95% interval is wider than 30 points." in done.stdout


def test_json_of_two_dimensions(run: Run, files: Files) -> None:
    (table,) = run("show", files("shop.yaml", SHOP), "--by", "month", "--by", "manager", "-f", "json").funnels
    assert (table["row_dimension"], table["column_dimension"]) == ("month", "manager")
    assert table["cells"][-1] == {
        "row": None,
        "row_kind": "total",
        "column": None,
        "column_kind": "total",
        "counts": [224, 29],
        "conversions": [None, pytest.approx(29 / 224)],
        "sales": 29,
        "overall_conversion": pytest.approx(29 / 224),
        "overall_conversion_low": pytest.approx(0.0916, abs=1e-4),
        "overall_conversion_high": pytest.approx(0.1798, abs=1e-4),
        "few": False,
        "conversion_low": None,
        "conversion_high": None,
        "conversions_decided": [None, pytest.approx(29 / 224)],
        "overall_conversion_decided": pytest.approx(29 / 224),
        "overall_conversion_decided_low": pytest.approx(0.0916, abs=1e-4),
        "overall_conversion_decided_high": pytest.approx(0.1798, abs=1e-4),
        "conversion_decided_low": None,
        "conversion_decided_high": None,
    }


def test_top_and_sort_are_of_both_dimensions(run: Run, files: Files) -> None:
    options = ("--by", "manager", "--by", "month", "--top", "1", "--sort", "sales")
    done = run("show", files("shop.yaml", SHOP), *options)
    assert "Manager         2026-10  Other (1 more)  Total\n" in done.stdout
    assert "Other (1 more)                        4      4\n" in done.stdout


def test_dimensions_that_cannot_be_crossed(run: Run, files: Files) -> None:
    file = files("shop.yaml", SHOP)
    three = run("show", file, "--by", "manager", "--by", "month", "--by", "week")
    assert (three.code, "a table has two dimensions, and three are given" in three.stderr) == (2, True)
    apart = files("apart.yaml", "stages: {A: 9, B: 3}\nbreakdowns: {c: {X: [9, 3]}, d: {V: [9, 3]}}\n")
    done = run("show", apart, "--by", "c", "--by", "d")
    assert (done.code, done.stdout) == (2, "")
    assert "write cells to the file: cells: [{c: X, d: V, counts: [60, 30]}, …]" in done.stderr


def test_two_dimensions_show_the_conversion_to_a_stage(run: Run, files: Files) -> None:
    path = files("shop.yaml", SHOP)
    both = ("--by", "manager", "--by", "month")
    done = run("show", path, *both, "--at", "sales")
    assert "Conversion to Sales, % of Leads" in done.stdout
    assert "Overall conversion" not in done.stdout
    (found,) = run("show", path, *both, "--at", "Sales", "--format", "json").funnels
    assert found["at"] == "Sales"
    for wrong, answer in (("Leads", "is the entry"), ("Sale", "Sales")):
        done = run("show", path, *both, "--at", wrong)
        assert (done.code, answer in done.stderr) == (2, True)
    assert "--at is of a table of two dimensions" in run("show", path, "--by", "manager", "--at", "Sales").stderr
