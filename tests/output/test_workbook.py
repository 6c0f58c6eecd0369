"""The workbook of a report: its formulas answer as the scenarios do, and names are text in it.

Figures are held against `analyses.scenario.project`, which its own tests hold against the worked examples: LibreOffice
recalculates, the program projects, and the two must agree.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from funnelcli.analyses.report import gather
from funnelcli.analyses.scenario import ScenarioReport, project
from funnelcli.funnel_file.changes import parse_set
from funnelcli.funnel_file.reader import read
from funnelcli.output.report.cell_formats import number_format
from funnelcli.output.report.look import Look, look
from funnelcli.output.report.workbook import sheet_names, workbook, xlsx_file
from funnelcli.what_if import Change, Scenario
from tests.conftest import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from funnelcli.metrics import Selector
    from funnelcli.model import Funnel

openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
pytest.importorskip("xlsxwriter", reason="the extra excel is not installed")

HEAD, FIRST = 6, 8
EVERYTHING = """\
name: Everything
currency: USD
budget: 1000
gross_margin: 50%
stages:
  - {name: Seen, count: 10000}
  - {name: Tried, conversion: 1/3}
  - {name: Bought, count: 250, revenue: 10000, cost: 3.5, role: customer}
  - {name: Asked, count: 40, from: Tried}
  - {name: Seats, count: 600, from: Bought, allow_growth: true, average_check: 2}
  - {name: Told, count: 50, from: Bought}
  - {name: Came back, count: 0, average_check: 5}
referral: {from: Told, brings: 4, to: Tried}
scenarios:
  Much at once: {count@Bought: x1.2, conversion@Tried: +1pp, budget: +500, gross_margin: 60%, spend_elasticity: 0.5}
  Told are set: {count@Told: 60, cost@Bought: 2, average_check@Bought: +10%}
  Tried are set: {count@Tried: 4000, cost@Asked: 1}
  Tried and more: {count@Tried: +100, conversion@Told: x2, count@Bought: "-10"}
  Entries: {entries: +20%, conversion@Seats: x1.5}
"""
AT_THE_TOP = """\
name: Referral to the top
stages: [{name: Seen, count: 1000}, {name: Bought, count: 100}, {name: Told, count: 20}]
referral: {from: Told, brings: 5, to: Seen}
scenarios: {Tell more: {conversion@Told: +5pp}, Set: {entries: 2000}}
"""
FREE = """\
name: Costs in a scenario alone
stages: {Seen: 1000, Bought: 100}
scenarios:
  Ads: {budget: 500, average_check: 20}
  Checks: {average_check: 20}
  Margin: {average_check: 20, gross_margin: 40%}
"""
EMPTY = """\
name: Empty stages
average_check: 10
stages: {Seen: 0, Tried: 0, Bought: 0}
scenarios: {Some: {entries: 100, conversion@Tried: 50%, conversion@Bought: 20%}}
"""
PARTLY = """\
name: Checks and costs of a scenario beside those of the file
gross_margin: 50%
stages: [{name: Seen, count: 1000}, {name: Bought, count: 100, average_check: 20}, {name: Again, count: 10}]
scenarios: {Paid again: {average_check@Again: 30}, Dear: {cost@Bought: 2}}
"""
PAST_EMPTY = """\
name: Units that came past an empty stage
average_check: 40
stages: [{name: Seen, count: 2000}, {name: Tried, count: 0}, {name: Bought, count: 70, allow_growth: true}]
scenarios: {More: {entries: x2}, Dearer: {average_check: +10%}, Known: {conversion@Tried: 50%, conversion@Bought: 10%}}
"""
UNKNOWN = """\
name: Nobody has come back yet
stages: [{name: Seen, count: 25}, {name: Bought, count: 0, role: customer, average_check: 9}, {name: Again, count: 0}]
scenarios: {One: {conversion@Bought: 4%}}
"""
FIGURES = {
    "Revenue": "revenue",
    "Variable cost": "variable_cost",
    "Budget": "budget",
    "Profit": "profit",
    "Margin per sale: what one more sale leaves": "unit_margin",
    "Change of revenue": "revenue_change",
    "Change of profit": "profit_change",
}
"""Rows by their label, and the figure of a projection that each must show."""
TYPED = {
    "online": {"conversion to Leads": "conversion@Leads=11%", "Budget": "budget=20000"},
    "b2b": {
        "conversion to Deal": "conversion@Deal=55%",
        "Average check of Repeat purchase": "average_check@Repeat purchase=9500",
    },
    "segments": {
        "conversion from Whole market to Can be won": "conversion@Can be won=30%",
        "Whole market": "entries=1500",
    },
    "loss_making": {"conversion to Sale": "conversion@Sale=40%", "Cost of one unit at Sale": "cost@Sale=500"},
    "value_ladder": {"conversion to Low price": "conversion@Low price=15%", "Gross margin": "gross_margin=70%"},
    "engagement_pyramid": {
        "conversion to Just buying": "conversion@Just buying=26%",
        "Whole market": "entries=25000",
    },
    "context_ads": {"Budget": "budget=96000", "Spend elasticity": "spend_elasticity=0.4"},
    "everything": {
        "conversion from Bought to Told": "conversion@Told=30%",
        "conversion to Bought": "conversion@Bought=10%",
        "Seen": "entries=12000",
        "Budget": "budget=1500",
    },
    "at_the_top": {"conversion to Bought": "conversion@Bought=12%"},
    "past_empty": {"Seen": "entries=3000"},
    "unknown": {"conversion to Bought": "conversion@Bought=8%"},
}
"""What is typed over the what-if column, and the same as a scenario says it."""
TEXTS = {
    "everything": EVERYTHING,
    "at_the_top": AT_THE_TOP,
    "free": FREE,
    "empty": EMPTY,
    "partly": PARTLY,
    "past_empty": PAST_EMPTY,
    "unknown": UNKNOWN,
}


def plain_look() -> Look:
    colours = look()
    assert isinstance(colours, Look)
    return colours


def funnels_of(stem: str) -> tuple[Funnel, ...]:
    source = TEXTS[stem].encode() if stem in TEXTS else (SAMPLES / f"{stem}.yaml").read_bytes()
    reading = read(source, f"{stem}.yaml")
    assert [each.problem for each in reading.diagnostics] == []
    return reading.funnels


def written(*funnels: Funnel) -> bytes:
    return workbook(funnels, [funnel.name for funnel in funnels], plain_look().light)


def opened(data: bytes, **options: Any) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data), **options)


def columns(sheet: Any) -> dict[str, int]:
    """The places of the columns by their names."""
    found: dict[str, int] = {}
    place = 2
    while sheet.cell(HEAD, place).value is not None:
        found[sheet.cell(HEAD, place).value] = place
        place += 1
    return found


def rows(sheet: Any) -> dict[str, int]:
    """The places of the rows by their labels; the first one where a label stands twice."""
    found: dict[str, int] = {}
    for row in range(FIRST, sheet.max_row + 1):
        found.setdefault(sheet.cell(row, 1).value, row)
    return found


def held_against(sheet: Any, column: str, report: ScenarioReport, number: int) -> None:
    """Every figure that the sheet and the projection both have."""
    place, lines = columns(sheet)[column], rows(sheet)
    projection = report.projections[number]
    expected = {stage.name: stage.count for stage in projection.stages}
    expected |= {label: getattr(projection, field) for label, field in FIGURES.items() if label in lines}
    if number == 0:
        expected = {label: value for label, value in expected.items() if not label.startswith("Change of")}
    assert len(expected) >= len(projection.stages)
    for label, value in expected.items():
        shown = sheet.cell(lines[label], place).value
        if value is None:
            assert shown in ("n/a", None), label
        else:
            assert shown == pytest.approx(float(value), rel=1e-9, abs=1e-9), label


@pytest.mark.parametrize("stem", [*sorted(path.stem for path in SAMPLES.glob("*.yaml")), *TEXTS])
def test_what_is_stored_beside_the_formulas_is_the_projection(stem: str) -> None:
    """Viewers that do not calculate show these figures."""
    funnels = funnels_of(stem)
    book = opened(written(*funnels), data_only=True)
    assert len(book.worksheets) == len(funnels)
    for sheet, funnel in zip(book.worksheets, funnels, strict=True):
        report = project(funnel, funnel.scenarios)
        assert isinstance(report, ScenarioReport)
        names = [projection.name for projection in report.projections[1:]]
        base = "In the end" if report.in_the_end else "Recorded"
        assert list(columns(sheet)) == [base, "What if", *names]
        for number, name in enumerate([base, *names]):
            held_against(sheet, name, report, number)


def test_counts_follow_from_the_count_above_and_the_conversion() -> None:
    book = opened(written(*funnels_of("online")))
    sheet = book.active
    lines = rows(sheet)
    clicks, above, rate = lines["Clicks"], lines["Impressions"], lines["conversion to Clicks"]
    assert sheet.cell(clicks, 2).value == 10000
    assert sheet.cell(rate, 2).value == f'=IFERROR(B{clicks}/B{above},"n/a")'
    assert sheet.cell(clicks, 3).value == f'=IFERROR(C{above}*C{rate},"n/a")'
    assert sheet.cell(rate, 3).value == f"=$B{rate}"


def test_a_scenario_writes_its_changes_as_formulas_of_what_is_recorded() -> None:
    sheet = opened(written(*funnels_of("online"))).active
    lines, places = rows(sheet), columns(sheet)
    budget = lines["Budget"]
    assert sheet.cell(budget, places["Twice the budget"]).value == f"=$B{budget}*2"
    leads = sheet.cell(lines["conversion to Leads"], places["Landing page at 10%"])
    assert leads.value == "=0.1"
    assert leads.fill.start_color.rgb != sheet.cell(budget, places["Landing page at 10%"]).fill.start_color.rgb


def test_inputs_are_coloured_and_unlocked_and_formulas_are_neither() -> None:
    sheet = opened(written(*funnels_of("loss_making"))).active
    lines = rows(sheet)
    for label, is_input in (("Visitors", True), ("conversion to Sale", True), ("Budget", True), ("Profit", False)):
        cell = sheet.cell(lines[label], 3)
        assert (cell.fill.fill_type == "solid") == is_input, label
        assert cell.protection.locked != is_input, label


def test_what_is_typed_stays_in_its_range() -> None:
    sheet = opened(written(*funnels_of("everything"))).active
    lines = rows(sheet)
    limits = {str(each.sqref).split(":")[0]: each for each in sheet.data_validations.dataValidation}
    rate, growth = (limits[f"C{lines[label]}"] for label in ("conversion to Tried", "conversion from Bought to Seats"))
    assert (rate.formula1, rate.formula2) == ("0", "1")
    assert (growth.operator, growth.formula1) == ("greaterThanOrEqual", "0")


HOSTILE = [
    '=HYPERLINK("http://x.test","y")',
    "+1",
    "-1",
    "@SUM(A1)",
    "<r><t>x</t></r>",
    "<b>&'\"",
    "http://x.test",
    "'quoted",
]


def test_names_are_text_whatever_they_look_like(funnel: Callable[[str], Funnel]) -> None:
    stages = tuple(stage._replace(name=name) for stage, name in zip([funnel(FREE).stages[0]] * 8, HOSTILE, strict=True))
    stages = tuple(stage._replace(parent=index - 1 if index else None) for index, stage in enumerate(stages))
    change = (next(iter(funnel(FREE).scenarios[0].changes))[0], Change(None, 1, "=1+1"))
    odd = funnel(FREE)._replace(
        name="=1+1", description="=2+2", period="+3", stages=stages, scenarios=(Scenario("=4+4", (change,)),)
    )
    data = written(odd)
    sheet = opened(data).active
    shown = [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "s"]
    for name in [*HOSTILE, "=1+1", "=4+4"]:
        assert name in [each.strip() for each in shown]
    formulas = [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert formulas
    assert not [each for each in formulas if "HYPERLINK" in each or "SUM(A1)" in each or each in ("=1+1", "=4+4")]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("n" * 32_767, "n" * 32_767),
        ("n" * 32_768, "n" * 32_766 + "…"),
        ("🎉" * 16_383, "🎉" * 16_383),
        ("🎉" * 16_384, "🎉" * 16_383 + "…"),
    ],
)
def test_text_that_no_cell_takes_is_cut_and_not_left_out(
    funnel: Callable[[str], Funnel], name: str, shown: str
) -> None:
    """A cell takes 32,767 characters, those beyond the basic plane twice, and a row is 409 points high at most."""
    data = written(funnel(f"name: A\nstages:\n- {{name: '{name}', count: 9}}\n- {{name: Sold, count: 1}}\n"))
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert shown in [cell.value for cell in sheet["A"]]
    assert max(len(cell.value.encode("utf-16-le")) // 2 for cell in sheet["A"] if isinstance(cell.value, str)) <= 32_767
    assert max(each.height or 0 for each in sheet.row_dimensions.values()) <= 409
    stored = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    values = re.findall(r"<v>([^<]*)</v>", stored)
    assert max(len(value.encode("utf-16-le")) // 2 for value in values) <= 32_767


def test_nothing_outside_of_the_file_is_linked() -> None:
    with zipfile.ZipFile(io.BytesIO(written(*funnels_of("voronka")))) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert not [name for name in parts if "externalLink" in name]
    assert not [name for name, text in parts.items() if 'TargetMode="External"' in text or "<hyperlink" in text]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["Sales"], ["Sales"]),
        (["a/b:c*[d]?\\e"], ["a b c  d   e"]),
        (["Sales", "sales", "SALES"], ["Sales", "sales (2)", "SALES (3)"]),
        (["'", "History"], ["Funnel", "History (2)"]),
        (["n" * 40, "n" * 40], ["n" * 31, "n" * 27 + " (2)"]),
        (["\U0001f680" * 20], ["\U0001f680" * 15]),
        (["\u202eabc"], ["u202eabc"]),
    ],
)
def test_names_of_sheets_are_what_a_workbook_accepts(labels: list[str], expected: list[str]) -> None:
    """At most 31 units of UTF-16, none of []:*?/\\, no quote at an end, and no two alike without case."""
    assert sheet_names(labels) == expected


def test_the_same_funnels_are_the_same_bytes() -> None:
    report = gather([*funnels_of("cold_calls"), *funnels_of("two_documents")])
    first = xlsx_file(report, plain_look(), [])
    assert first == xlsx_file(report, plain_look(), [])
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert b"1980-01-01T00:00:00Z</dcterms:created>" in archive.read("docProps/core.xml")  # and not the hour
    assert opened(first).sheetnames == ["Cold calls", "Two-step sale", "Direct sale"]


def test_head_stays_in_sight_and_a_page_is_as_wide_as_the_sheet() -> None:
    sheet = opened(written(*funnels_of("b2b"))).active
    assert sheet.freeze_panes == "B8"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToHeight == "0" or sheet.page_setup.fitToHeight == 0  # as many pages as it takes


def test_the_chart_takes_its_bars_from_cells() -> None:
    data = written(*funnels_of("context_ads"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        chart = archive.read("xl/charts/chart1.xml").decode()
    assert 'grouping val="stacked"' in chart
    assert 'barDir val="bar"' in chart
    sheet = opened(data, data_only=True).active
    padding, width = re.findall(r"<c:val><c:numRef><c:f>'Context ads'!\$(\w)\$(\d+):\$\w\$(\d+)", chart)
    widths = [sheet[f"{width[0]}{row}"].value for row in range(int(width[1]), int(width[2]) + 1)]
    paddings = [sheet[f"{padding[0]}{row}"].value for row in range(int(padding[1]), int(padding[2]) + 1)]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] == 1
    assert [2 * pad + wide for pad, wide in zip(paddings, widths, strict=True)] == pytest.approx([1] * 4)


@pytest.mark.parametrize(("stem", "loses"), [("loss_making", True), ("online", False)])
def test_a_sale_that_loses_money_is_said(stem: str, loses: bool) -> None:
    sheet = opened(written(*funnels_of(stem)), data_only=True).active
    assert any("no conversion makes it pay" in str(label) for label in rows(sheet)) == loses


def test_a_scenario_that_cannot_be_is_left_out_and_said() -> None:
    (funnel,) = funnels_of("at_the_top")
    endless = Scenario("Endless", changes_of(funnel, ["conversion@Told=100%", "conversion@Bought=50%"]))
    sheet = opened(written(funnel._replace(scenarios=(endless, *funnel.scenarios)))).active
    assert list(columns(sheet)) == ["Recorded", "What if", "Tell more", "Set"]
    assert any("Endless is left out: the referral grows without bound" in str(label) for label in rows(sheet))


def test_a_funnel_that_cannot_be_projected_shows_what_is_recorded(funnel: Callable[[str], Funnel]) -> None:
    endless = funnel(AT_THE_TOP.replace("brings: 5", "brings: 50").partition("scenarios")[0])
    sheet = opened(written(endless)).active
    assert list(columns(sheet)) == ["Recorded"]
    assert any("grows without bound" in str(label) for label in rows(sheet))


@pytest.mark.parametrize(
    ("kind", "values", "currency", "expected"),
    [
        ("money", [1000, 12], "EUR", '#,##0.00 "EUR";[Red]-#,##0.00 "EUR"'),
        ("money", [5], "$", '"$"#,##0.00;[Red]-"$"#,##0.00'),
        ("money", [5], "JPY", '#,##0 "JPY";[Red]-#,##0 "JPY"'),
        ("money", [5], "KWD", '#,##0.000 "KWD";[Red]-#,##0.000 "KWD"'),
        ("money", [5], 'a"b', '#,##0.00 "ab";[Red]-#,##0.00 "ab"'),
        ("money", [5], None, "#,##0.00;[Red]-#,##0.00"),
        ("count", [100, 4000], None, "#,##0"),
        ("count", [5, 4000], None, "[=0]0;[<100]0.0;#,##0"),
    ],
)
def test_formats_keep_what_a_figure_needs(
    kind: str, values: Sequence[int], currency: str | None, expected: str
) -> None:
    """Decimals by ISO 4217: none of the yen, three of the Kuwaiti dinar."""
    assert number_format(kind, values, currency) == expected


# -- recalculated by LibreOffice --


def changes_of(funnel: Funnel, texts: Sequence[str]) -> tuple[tuple[Selector, Change], ...]:
    found = []
    for text in texts:
        parsed = parse_set(text, funnel)
        assert not hasattr(parsed, "code"), parsed
        found.append(parsed)
    return tuple(found)  # type: ignore[arg-type]  # problems are asserted away


@pytest.fixture(scope="session")
def recalculated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every funnel's workbook after a recalculation: as written, and with figures typed over the what-if column.

    Saved by openpyxl, the files have no stored results, so that each figure is LibreOffice's own.
    """
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("there is no LibreOffice; install the package libreoffice-calc")
    folder = tmp_path_factory.mktemp("workbooks")
    out = folder / "out"
    stems = [*sorted(path.stem for path in SAMPLES.glob("*.yaml")), *TEXTS]
    for stem in stems:
        opened(written(*funnels_of(stem))).save(folder / f"{stem}.xlsx")
    for stem, typed in TYPED.items():
        (funnel,) = funnels_of(stem)
        book = opened(written(funnel))
        lines = rows(book.active)
        changes = changes_of(funnel, list(typed.values()))
        for label, (_, change) in zip(typed, changes, strict=True):
            cell = book.active.cell(lines[label], 3)
            assert cell.fill.fill_type == "solid", f"{label} is no input"
            cell.value = float(change.shift)
        book.save(folder / f"{stem}-typed.xlsx")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    files = sorted(map(str, folder.glob("*.xlsx")))
    command = [program, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(out), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return {path.stem: path for path in out.glob("*.xlsx")}


@pytest.mark.slow
@pytest.mark.parametrize("stem", [*sorted(path.stem for path in SAMPLES.glob("*.yaml")), *TEXTS])
def test_every_formula_comes_to_what_is_stored_beside_it(stem: str, recalculated: dict[str, Path]) -> None:
    stored = opened(written(*funnels_of(stem)), data_only=True)
    formulas = opened(written(*funnels_of(stem)))
    book = openpyxl.load_workbook(recalculated[stem], data_only=True)
    compared = 0
    for sheet, own, source in zip(book.worksheets, stored.worksheets, formulas.worksheets, strict=True):
        for row in source.iter_rows():
            for cell in row:
                if cell.data_type != "f":
                    continue
                ours, theirs = own[cell.coordinate].value, sheet[cell.coordinate].value
                where = f"{source.title}!{cell.coordinate} {cell.value}"
                if isinstance(ours, str) or ours is None:
                    assert (theirs or "") == (ours or ""), where
                else:
                    assert theirs == pytest.approx(ours, rel=1e-9, abs=1e-9), where
                compared += 1
    assert compared >= 20


@pytest.mark.slow
@pytest.mark.parametrize("stem", TYPED)
def test_what_is_typed_over_an_input_moves_everything_as_a_scenario_does(
    stem: str, recalculated: dict[str, Path]
) -> None:
    (funnel,) = funnels_of(stem)
    report = project(funnel, [Scenario("typed", changes_of(funnel, list(TYPED[stem].values())))])
    assert isinstance(report, ScenarioReport)
    sheet = openpyxl.load_workbook(recalculated[f"{stem}-typed"], data_only=True).active
    held_against(sheet, "What if", report, 1)
    held_against(sheet, "Recorded", report, 0)
    assert report.projections[1].sales != report.projections[0].sales or report.projections[1].profit_change
