"""Reports: their contents, colours, charts, the page and its policy, Markdown for pull requests."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from funnelcli.analyses.report import MOST_SEGMENTS, Report, gather, unlike
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.reader import read
from funnelcli.output import scales
from funnelcli.output.report import charts, lettering, vega
from funnelcli.output.report.answers import answers
from funnelcli.output.report.look import Look, contrast_of, look, readable
from funnelcli.output.report.pull_request import markdown_file
from funnelcli.output.report.what_if import sliders
from funnelcli.output.views import comparison
from tests.thorough import whole_or_part

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.model import Funnel

    Load = Callable[..., Funnel]

NASTY = (
    "<script>window.pwned=1</script>",
    '"><img src=//evil.example/x onerror=window.pwned=1>',
    "</script><script>window.pwned=1</script>",
    "</style><svg onload=window.pwned=1>",
    "{{7*7}}${7*7}<%=7*7%>",
    "[link](javascript:window.pwned=1) ![x](//evil.example/y)",
    "'; window.pwned=1; //",
    "datum.count + '\\u003cb\\u003e'",
    "שלום עולם",
    "🚀 emoji & ampersand",
    "n" * 200,
    "]]> --> <!--",
)
"""Names that must be shown as they are."""


def hostile(funnel: Load) -> Funnel:
    """A funnel with every kind of name taken from `NASTY`."""
    quoted = [json.dumps(name, ensure_ascii=False) for name in NASTY]
    stages = "".join(f"- {{name: {name}, count: {1000 - 50 * index}}}\n" for index, name in enumerate(quoted))
    segments = "".join(
        f"    {name}: [{', '.join(str(500 - 25 * index) for index in range(len(quoted)))}]\n" for name in quoted[:2]
    )
    return funnel(
        f"name: {quoted[0]}\ndescription: {quoted[1]}\nperiod: {quoted[2]}\naverage_check: 10\nbudget: 100\n"
        f"stages:\n{stages}breakdowns:\n  {quoted[3]}:\n{segments}  period:\n{segments}"
        f"scenarios:\n  {quoted[4]}: {{entries: +10%}}\n"
    )


def shown(look_or_problem: Look | Problem) -> Look:
    assert isinstance(look_or_problem, Look)
    return look_or_problem


@pytest.fixture(scope="module")
def light() -> Look:
    return shown(look("light"))


# contents


def test_two_funnels_of_the_same_stages_are_compared_and_others_are_not(funnel: Load) -> None:
    first = funnel("name: A\nstages: {Visits: 100, Sales: 10}\n")
    second = funnel("name: B\nstages: {Visits: 200, Sales: 30}\n")
    other = funnel("name: C\nstages: {Calls: 200, Deals: 30}\n")
    compared = gather([first, second]).comparison
    assert compared is not None
    assert [side.name for side in compared.sides] == ["A", "B"]
    assert gather([first, other]) == gather([first, other])._replace(comparison=None, problems=())


def test_a_baseline_takes_the_place_of_the_comparison_between_files(funnel: Load) -> None:
    before = funnel("name: A\nperiod: old\nstages: {Visits: 100, Sales: 10}\n")
    report = gather([before._replace(period="new"), before._replace(name="B")], [before])
    assert report.comparison is None
    assert [[side.name for side in part.comparison.sides] for part in report.parts if part.comparison] == [
        ["old", "new"],
        ["A", "B"],
    ]


def test_the_last_period_is_held_against_the_first(sample: Load) -> None:
    (part,) = gather([sample("periods")]).parts
    assert part.comparison is not None
    assert [side.name for side in part.comparison.sides] == ["2026-08", "2026-10"]


@pytest.mark.parametrize(
    ("segments", "shown_of_them"), [(MOST_SEGMENTS, MOST_SEGMENTS), (MOST_SEGMENTS + 1, MOST_SEGMENTS)]
)
def test_a_long_breakdown_is_folded_but_not_one_in_time(funnel: Load, segments: int, shown_of_them: int) -> None:
    rows = "".join(f"    S{index}: [{100 + index}, 10]\n" for index in range(segments))
    loaded = funnel(
        f"name: F\nstages: [{{name: Visits}}, {{name: Sales}}]\nbreakdowns:\n  channel:\n{rows}  month:\n{rows}"
    )
    channel, month = gather([loaded]).parts[0].breakdowns
    assert (len(channel.segments.segments), channel.segments.folded) == (shown_of_them, segments - shown_of_them)
    assert len(month.segments.segments) == segments


def test_names_are_told_apart_by_period_then_file_then_number(funnel: Load) -> None:
    one = funnel("name: A\nstages: {Visits: 100, Sales: 10}\n")
    assert unlike([one, one._replace(name="B")]) == ["A", "B"]
    assert unlike([one._replace(period="May"), one._replace(period="June")]) == ["A, May", "A, June"]
    assert unlike([one._replace(file="x/a.yaml"), one._replace(file="b.yaml")]) == ["A, a", "A, b"]
    assert unlike([one, one]) == ["A (1)", "A (2)"]


def test_a_scenario_that_cannot_be_is_left_out_and_said(funnel: Load) -> None:
    blocked = gather(
        [
            funnel(
                "name: A\nstages: {Visits: 10, Sales: 9}\nreferral: {from: Sales, brings: 2, to: Visits}\n"
                "scenarios: {Up: {entries: 20}}\n"
            )
        ]
    )
    assert [problem.code for problem in blocked.problems] == ["FN118"]
    assert blocked.parts[0].scenarios is None
    assert sliders(blocked.parts[0].funnel) == []


# colours


def test_contrast_is_that_of_the_standard() -> None:
    """Black on white is 21:1, and #767676 the lightest grey that passes 4.5:1 (WCAG 2.2, understanding 1.4.3)."""
    assert contrast_of("#000000", "#ffffff") == pytest.approx(21)
    assert contrast_of("#767676", "#ffffff") >= 4.5 > contrast_of("#777777", "#ffffff")


@pytest.mark.parametrize("brand", ["#ffff00", "#000000", "#ffffff", "#0b6e75", "#777777", "#f0f"])
@pytest.mark.parametrize("side", ["light", "dark"])
def test_any_brand_colour_becomes_readable(brand: str, side: str) -> None:
    palette = getattr(shown(look("auto", brand)), side)
    assert contrast_of(palette.link, palette.paper) >= 4.5
    assert contrast_of(palette.link, palette.soft) >= 4.5
    assert contrast_of(palette.accent, palette.paper) >= 3


def test_a_colour_that_is_readable_stays() -> None:
    assert readable("#0b6e75", "#ffffff", 4.5) == "#0b6e75"


@pytest.mark.parametrize("side", ["light", "dark"])
def test_text_of_the_palettes_is_readable(side: str) -> None:
    palette = getattr(shown(look()), side)
    for name in ("ink", "muted", "gain", "loss", "warn"):
        assert contrast_of(getattr(palette, name), palette.soft) >= 4.5, name
    assert contrast_of(palette.edge, palette.soft) >= 3


@pytest.mark.parametrize("text", ["red", "#12345", "#1234567", "url(x)", "#fff;}", ""])
def test_what_is_no_colour_is_refused(text: str) -> None:
    assert isinstance(look("auto", text), Problem)


# scales


def test_bars_are_as_long_as_their_values_and_what_is_small_is_a_hairline() -> None:
    """Half is half, a thousandth is no more than a hairline, and nothing is nothing, at any magnitude."""
    assert scales.lengths([200, 100, 4, 0], 100, 1) == [100, 50, 2, 0]
    assert scales.lengths([1000, 100, 10, 1, 0], 100, 1) == [100, 10, 1, 1, 0]
    assert scales.lengths([1e18, 5e17, 1e-6], 300, 0.5) == [300, 150, 0.5]
    assert scales.lengths([0, 0], 100, 1) == [0, 0]
    assert scales.lengths([], 100, 1) == []


def test_a_small_step_of_a_waterfall_is_seen() -> None:
    assert scales.visible_spans([(0, 100), (100, 100.1), (100, 100)], 2) == [(0, 100), (100, 102), (100, 100)]


def test_steps_of_a_waterfall_start_where_the_one_before_ended() -> None:
    assert scales.spans([(100, True), (30, False), (-50, False), (80, True)]) == [
        (0, 100),
        (100, 130),
        (80, 130),
        (0, 80),
    ]


def test_levels_of_a_heat_map_go_from_the_lowest_to_the_highest() -> None:
    assert charts.levels([0.1, 0.2, None, 0.3]) == [0, 2, None, 4]
    assert charts.levels([0.1, 0.1]) == [0, 0]
    assert charts.levels([None]) == [None]


# charts


def test_only_what_is_more_than_chance_has_a_colour(sample: Load, funnel: Load, light: Look) -> None:
    """Cells of a heat map and steps of a waterfall: those that the tables mark, and no others."""
    report = gather([sample("channels_and_managers")])
    for chart, part in zip(charts.charts_of(report, light.light, ["heatmap"]), report.parts[0].breakdowns, strict=True):
        for row in values(chart):
            marked = part.segments.segments[row["i"]].differs[row["step"]]
            assert (row["heat"] > 0) == (marked != 0)
            assert row["text"].endswith(("▲", "▼")) == (marked != 0)
    alike = funnel("name: A\nstages: [{name: V}, {name: L}]\nbreakdowns: {month: {'1': [100, 10], '2': [100, 12]}}\n")
    (chart,) = charts.charts_of(gather([alike]), light.light, ["waterfall"])
    assert {row["sign"] for row in values(chart)} == {"total", "step"}
    apart = funnel("name: A\nstages: [{name: V}, {name: L}]\nbreakdowns: {month: {'1': [900, 90], '2': [900, 300]}}\n")
    (chart,) = charts.charts_of(gather([apart]), light.light, ["waterfall"])
    assert [row["sign"] for row in values(chart)] == ["total", "step", "gain", "total"]


def values(chart: charts.Chart) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = chart.spec["data"]["values"]
    return found


def test_the_funnel_says_counts_and_rates(sample: Load, light: Look) -> None:
    (chart, *_) = charts.charts_of(gather([sample("context_ads")]), light.light, ["funnel"])
    assert [(row["name"], row["count"], row["rate"]) for row in values(chart)] == [
        ("Impressions", "360,750", ""),
        ("Clicks", "7,215", "2.00%"),
        ("Leads", "555", "7.69%"),
        ("Sales", "185", "33.3%"),
    ]
    assert chart.says == "Funnel. Impressions 360,750; Clicks 7,215, 2.00%; Leads 555, 7.69%; Sales 185, 33.3%."
    lengths = [row["to"] - row["from"] for row in values(chart)]
    assert [length / lengths[0] for length in lengths[:2]] == pytest.approx([1, 7215 / 360750])
    assert lengths[2:] == [pytest.approx(vega.HAIRLINE)] * 2  # 555 and 185 of 360,750 are less than a pixel
    assert "log" not in json.dumps(chart.spec)


def test_the_waterfall_ends_where_revenue_does(sample: Load, light: Look) -> None:
    (chart,) = charts.charts_of(gather([sample("periods")]), light.light, ["waterfall"])
    first, *_, before, last = values(chart)
    assert (first["to"], last["to"]) == (11520, 12240)  # 64 and 68 sales at 180
    assert pytest.approx(12240) in (before["from"], before["to"])


@pytest.mark.parametrize(
    ("stem", "kinds"),
    [
        ("periods", {"funnel", "waterfall", "tornado", "trend"}),
        ("channels_and_managers", {"funnel", "tornado", "heatmap"}),
        ("ratio", {"funnel", "tornado"}),
        ("web", {"funnel", "tornado", "times", "heatmap"}),
    ],
)
def test_a_report_has_the_charts_that_its_file_allows(sample: Load, light: Look, stem: str, kinds: set[str]) -> None:
    assert {
        chart.kind
        for chart in charts.charts_of(gather([sample(stem)]), light.light, sorted(kinds | {"trend", "heatmap"}))
    } == kinds


def test_charts_stand_in_the_order_that_was_given(sample: Load, light: Look) -> None:
    report = gather([sample("periods"), sample("channels_and_managers")])
    found = charts.charts_of(report, light.light, ["trend", "funnel", "trend", "tornado"])
    assert [chart.kind for chart in found] == ["trend", "funnel", "funnel", "tornado", "tornado"]


def test_a_label_has_the_room_that_it_needs_up_to_a_limit(sample: Load, funnel: Load, light: Look) -> None:
    (chart,) = charts.charts_of(gather([sample("b2b")]), light.light, ["tornado"])
    assert "Regular purchases (average check)" in [row["name"] for row in values(chart)]
    for name in ("Paid", "A name that takes more room than usual", "n" * 200):
        for chart in charts.charts_of(
            gather([funnel(f"name: A\nstages: {{Visits: 100, {name}: 10}}\n")]), light.light, ["funnel", "tornado"]
        ):
            size = chart.spec["layer"][-1]["mark"]["fontSize"]
            bars = chart.spec["encoding"]["x"]["scale"]["range"]
            widest = max(lettering.width(row["name"], size) for row in values(chart))
            assert widest < bars[0], (name, chart.kind)
            assert bars[1] - bars[0] >= 130, (name, chart.kind)
            assert name.casefold() in chart.says.casefold()


def test_vega_cuts_no_text(funnel: Load, light: Look) -> None:
    """It counts in units of UTF-16, and what is left of half an emoji is an error."""
    for chart in charts.charts_of(gather([hostile(funnel)]), light.light, EVERY):
        assert not re.search(r"[lL]imit", json.dumps(chart.spec)), chart.kind


def test_names_stand_in_data_only(funnel: Load, light: Look) -> None:
    """No field, expression or title of a specification is made of a name of the file."""
    for chart in charts.charts_of(
        gather([hostile(funnel)]), light.light, ["funnel", "waterfall", "tornado", "trend", "heatmap"]
    ):

        def walk(part: Any, kind: str = chart.kind) -> None:
            if isinstance(part, dict):
                for key, each in part.items():
                    if key not in ("values",):
                        walk(each)
            elif isinstance(part, list):
                for each in part:
                    walk(each)
            else:
                assert "pwned" not in str(part), kind

        walk(chart.spec)


# SVG and PNG


@pytest.fixture(scope="module")
def drawn() -> Any:
    pytest.importorskip("vl_convert", reason="the extra report is not installed")
    from funnelcli.output.report import pictures

    return pictures


EVERY = ["funnel", "waterfall", "tornado", "trend", "heatmap"]


def test_svg_shows_hostile_names_as_text(funnel: Load, light: Look, drawn: Any) -> None:
    text = drawn.svg_file(gather([hostile(funnel)]), light, EVERY)
    root = ElementTree.fromstring(text)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "g", "path", "rect", "text", "tspan", "line", "defs", "clipPath", "metadata"}
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on") or "href" in name]
    written = "".join(root.itertext())
    assert "<script>" in written
    assert "שלום עולם" in written


@pytest.mark.parametrize("emoji", ["🎉", "👍🏽", "🇩🇪", "ab🎉"])
def test_emoji_names_of_any_length_are_drawn(funnel: Load, light: Look, drawn: Any, emoji: str) -> None:
    """Names of 1 to 40 of them, as stages, segments, periods, dimensions and of the funnel itself."""
    for lengths in whole_or_part((range(1, 21), range(21, 41)), (range(1, 41, 2),)):
        names = [emoji * length for length in lengths]
        stages = "".join(f"- {{name: {name}, count: {1000 - 10 * index}}}\n" for index, name in enumerate(names))
        counts = ", ".join(str(500 - 5 * index) for index in range(len(names)))
        segments = "".join(f"    {emoji * (10 * times)}: [{counts}]\n" for times in (1, 2))
        loaded = funnel(
            f"name: {names[-1]}\naverage_check: 9\nstages:\n{stages}"
            f"breakdowns:\n  {names[0]}x:\n{segments}  month:\n{segments}"
        )
        text = drawn.svg_file(gather([loaded]), light, EVERY)
        assert emoji in "".join(ElementTree.fromstring(text).itertext())
        assert drawn.png_file(gather([loaded]), light, ["funnel"]).startswith(b"\x89PNG")


def test_a_lone_picture_has_a_title(sample: Load, light: Look, drawn: Any) -> None:
    root = ElementTree.fromstring(drawn.svg_file(gather([sample("invoices")]), light, ["funnel"]))
    assert "Funnel of Invoices" in list(root.itertext())


def test_letters_that_the_usual_font_has_not_name_their_own(funnel: Load, light: Look, drawn: Any) -> None:
    report = gather([funnel("name: A\nstages: {Visitors: 100, زوار: 10}\n")])
    root = ElementTree.fromstring(drawn.svg_file(report, light, ["funnel"]))
    named = {each.text: each.attrib["font-family"] for each in root.iter() if each.tag.endswith("}text")}
    assert named["زوار"].startswith("Noto Sans Arabic, ")
    assert named["Visitors"].startswith("Helvetica Neue, ")


def test_png_is_the_svg_as_large_as_a_slide(sample: Load, light: Look, drawn: Any) -> None:
    report = gather([sample("invoices")])
    root = ElementTree.fromstring(drawn.svg_file(report, light, ["funnel"]))
    image = drawn.png_file(report, light, ["funnel"])
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = (int.from_bytes(image[start : start + 4], "big") for start in (16, 20))
    scale = 1920 / int(root.attrib["width"])
    assert (width, height) == (1920, pytest.approx(scale * int(root.attrib["height"]), abs=1))
    assert "Overall 50.0% (1:2) · revenue 500,000 EUR" in root.itertext()


def test_nothing_to_draw_is_told(sample: Load, light: Look, drawn: Any) -> None:
    assert drawn.svg_file(gather([sample("ratio")]), light, ["trend"]) is None
    assert drawn.png_file(gather([sample("ratio")]), light, ["trend"]) is None


def test_colours_of_a_picture_in_a_page_follow_the_page(sample: Load, light: Look, drawn: Any) -> None:
    for chart in charts.charts_of(gather([sample("periods"), sample("channels_and_managers")]), light.light, EVERY):
        text = drawn.inline_svg(chart, light.light)
        assert "var(--accent)" in text
        assert not set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"', text)), chart.kind
        assert "id=" not in text  # two pictures of a page would share it


# the page


def made(report: Report, theme: str = "auto", brand: str | None = None) -> str:
    pytest.importorskip("vl_convert", reason="the extra report is not installed")
    from funnelcli.output.report.page import html_file

    return html_file(report, shown(look(theme, brand)), [])


def test_the_policy_allows_the_style_and_the_script_of_the_page_and_nothing_else(sample: Load) -> None:
    page = made(gather([sample("periods")]))
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert found
    policy = html.unescape(found[1])
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "img-src" not in policy  # the page has no picture but those drawn in it
    for tag in ("style", "script"):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_the_page_refers_to_nothing_outside_itself(sample: Load) -> None:
    page = made(gather([sample("periods")]))
    targets = re.findall(r'\s(?:src|href|action|srcset|data)="([^"]*)"', page)
    assert len(targets) == len(set(targets)) > 8
    assert set(targets) <= {f"#{name}" for name in re.findall(r' id="([^"]*)"', page)}
    assert not re.search(r"url\(|@import|\sstyle=|\son[a-z]+=", page)


def test_hostile_names_are_text_in_the_page(funnel: Load) -> None:
    page = made(gather([hostile(funnel)]))
    assert "<script>window.pwned" not in page
    assert "<img" not in page
    assert "49" not in re.findall(r"<bdi>([^<]*)</bdi>", page)
    for name in NASTY:
        assert html.escape(name, quote=True).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page


def test_every_figure_of_the_tables_is_explained(sample: Load) -> None:
    page = made(gather([sample("channels_and_managers")]))
    terms = set(re.findall(r"<dt>([^<]*)</dt><dd>", page.partition("What the figures mean")[2]))
    assert {
        "Conversion",
        "Overall conversion",
        "Interval",
        "Drop-off",
        "ROMI",
        "Margin per sale",
        "Break-even",
        "Profit",
    } <= terms
    assert "RPM" not in terms


@pytest.mark.parametrize(
    ("theme", "scheme", "rules"), [("auto", "light dark", 1), ("light", "light", 0), ("dark", "dark", 0)]
)
def test_a_theme_decides_for_the_reader(sample: Load, theme: str, scheme: str, rules: int) -> None:
    page = made(gather([sample("ratio")]), theme)
    assert f'<meta name="color-scheme" content="{scheme}">' in page
    assert page.count("prefers-color-scheme:dark") == rules


# Markdown


def test_a_change_comes_first_and_the_rest_is_folded(funnel: Load) -> None:
    before = funnel("name: Shop\nperiod: May\ncurrency: EUR\naverage_check: 50\nstages: {Visits: 100, Sales: 10}\n")
    after = funnel("name: Shop\nperiod: June\ncurrency: EUR\naverage_check: 40\nstages: {Visits: 200, Sales: 20}\n")
    text = markdown_file(gather([after], [before]), shown(look()), [])
    head, _, folded = text.partition("<details>\n<summary>What changed</summary>\n\n")
    same = "10% → 10%, the same: 0.00 pp (95% interval -8.19 to +6.67), lift 0% (-50.2% to +104.1%), p = 1.000.**"
    assert head.splitlines()[:11] == [
        "## Shop · June",
        "",
        "**Sales 10 → 20 (+100%), revenue 500 EUR → 800 EUR (+60%).**",
        "",
        f"**Overall conversion {same}",
        "",
        "|  | May | June | Change |",
        "|---|---:|---:|---:|",
        "| Visits | 100 | 200 | +100% |",
        "| Conversion to Sales | 10.0% | 10.0% | 0.00 pp |",
        "| Sales: Sales | 10 | 20 | +100% |",
    ]
    assert "| Revenue, EUR | 500 | 800 | +60% |" in head
    assert "What moved revenue" in folded
    assert re.search(r"</details>\n\n<!-- funnelcli [0-9a-f]{16} -->\n$", folded)


def test_assumptions_are_a_list_in_markdown(sample: Load, light: Look) -> None:
    from markdown_it import MarkdownIt

    text = markdown_file(gather([sample("invoices")]), light, [])
    items = [each.content for each in MarkdownIt().parse(text) if each.type == "inline" and each.level == 3]
    assert "each lever moves alone" in items
    assert "· " not in text.partition("\n")[2]


def test_hostile_names_are_text_in_markdown(funnel: Load) -> None:
    text = markdown_file(gather([hostile(funnel)]), shown(look()), [])
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    assert set(re.findall(r"<(\w+)", rendered)) <= {
        "h2", "h3", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "details", "summary",
    }  # fmt: skip
    assert "<script>window.pwned=1</script>" in html.unescape(rendered)


def test_cells_of_a_page_are_tinted_where_they_are_marked_and_nowhere_else(
    sample: Load, light: Look, drawn: Any
) -> None:
    """Red and green never stand alone, and no change has a colour that is not more than chance."""
    from funnelcli.output.report.page import html_file

    for stem in ("channels_and_managers", "periods"):
        text = html_file(gather([sample(stem)]), light, [])
        cells = re.findall(r"<td class=(h\d|up|down)>([^<]*)", text)
        marked = re.findall(r"<td[^>]*>[^<]*[▲▼]", text)
        assert len(cells) == len(marked) > 0
        assert all(shown.rstrip().endswith(("▲", "▼")) for _, shown in cells), cells


MONTHS = "".join(
    f"{'---' if number else ''}\nname: Shop\nperiod: 2026-{month}\ncurrency: EUR\naverage_check: 180\n"
    f"stages: {{Visitors: {visitors}, Sales: {sales}}}\n"
    for number, (month, visitors, sales) in enumerate((("10", 14000, 68), ("08", 8000, 64), ("09", 9000, 70)))
)
"""Three months of a shop, the newest first."""


def test_periods_of_one_funnel_are_one_comparison_told_by_the_newest(light: Look) -> None:
    """The page and the Markdown have what `compare` says of the months in their order, and one of them in full."""
    from funnelcli.output.report.page import html_file

    report = gather(read(MONTHS.encode(), "shop.yaml").funnels)
    assert report.comparison is not None
    assert report.trend is not None
    assert [side.name for side in report.comparison.sides] == ["2026-08", "2026-09", "2026-10"]
    assert [(row.name, row.sales) for row in report.trend.segments] == [
        ("2026-08", 64),
        ("2026-09", 70),
        ("2026-10", 68),
    ]
    (change,) = (
        said
        for said in comparison.verdicts(report.comparison, report.comparison.comparisons[-1])
        if "→" in said and "Sales" in said
    )
    page, text = html_file(report, light, []), markdown_file(report, light, [])
    assert page.count("What if</h3>") == 1
    assert text.startswith("## Shop · 2026-10\n")
    for made in (html.unescape(page), html.unescape(text)):
        assert change in made
        assert "Lowest conversion" not in made  # of a single step nothing is said to be the lowest


def test_funnels_that_are_no_periods_of_one_are_told_each_by_itself(funnel: Load) -> None:
    one = funnel("name: A\nperiod: 2026-08\nstages: {Visits: 100, Sales: 10}\n")
    for other in (
        one._replace(name="B", period="2026-09"),
        one._replace(period=None),
        one._replace(period="2026-08"),
        one._replace(period="after the change"),
        funnel("name: A\nperiod: 2026-09\nstages: {Visits: 100, Calls: 10}\n"),
    ):
        report = gather([one, other])
        assert not report.in_time
        assert len(report.told) == 2


TROUBLED = """\
name: Shop
currency: USD
average_check: 63
gross_margin: 60%
stages:
- {name: Visits, count: 12400}
- {name: Cart, count: 830, target: 8%}
- {name: Paid, count: 49, target: 10%}
breakdowns:
  Channel:
    Ads: {counts: [7000, 400, 20], budget: 1080}
    Email: {counts: [5400, 430, 29], budget: 300}
    Radio: {counts: [0, 0, 0], budget: 0}
checks: [revenue >= 3500, conversion@Cart >= 5%]
"""
"""Revenue 49 x 63; Ads bring 20 x 63 x 60% = 756 for 1,080."""


def test_what_is_wrong_stands_at_the_top_of_every_report(funnel: Load, light: Look) -> None:
    """The failed check, then what loses money, before all else; the gap to close is what to do."""
    from funnelcli.output.report.page import html_file

    report = gather([funnel(TROUBLED)])
    told = list(answers(report.parts[0]))
    assert [each.is_wrong for each in told] == [True, True, False, False, False]
    assert told[0].text == "1 of 2 checks fails: revenue 3,087 USD, limit 3,500 USD."
    assert re.fullmatch(r"Ads: loses 324 USD \(chance to earn 1?\d%\)\.", told[1].text)
    assert told[2].text.startswith("Bottleneck: Paid (chance")
    to_do = "First look at Ads, which loses money. Close the gap of Paid, from 5.9% to the target of 10%: that would"
    assert told[4].text.startswith(f"{to_do} bring +34 sales")
    page, markdown = html_file(report, light, []), markdown_file(report, light, [])
    assert re.findall("<dd>(.*?)</dd>", page)[:5] == [html.escape(each.text, quote=False) for each in told]
    lines = [line.strip("*") for line in markdown.splitlines() if line][1:6]
    assert lines == [each.text.replace(">", "&gt;") for each in told]
    assert "Cart (conversion), Paid (conversion)" in markdown  # the levers that are tied, by their names
    (chart,) = charts.charts_of(report, light.light, ["funnel"])
    assert chart.below[-1] == "Bottleneck: Paid, 5.9% against the target of 10%"


@pytest.mark.parametrize(
    ("counts", "more", "said"),
    [
        ("{In: 1000, Out: 100}", "", "Say what you aim at, to see which step brings most: e.g. target: 11% at Out"),
        ("[{name: In, count: 100}, {name: Out, count: 9, target: 10%}]", "", "Count for longer: that tells whether"),
        ("[{name: In, count: 1000}, {name: Out, count: 300, target: 10%}]", "", "Set a higher target: none of"),
        (
            "[{name: In, count: 1000}, {name: Out, count: 100, cost: 3, average_check: 2}]",
            "budget: 9\n",
            "Raise what a sale brings",
        ),
        ("{In: 1000, Out: 100}", "scenarios: {Ads: {entries: +10%}}\n", 'Try the scenario "Ads": +10 at Out.'),
    ],
)
def test_what_to_do_next_is_something_to_do(funnel: Load, counts: str, more: str, said: str) -> None:
    *_, last = answers(gather([funnel(f"name: A\n{more}stages: {counts}\n")]).parts[0])
    assert last.question == "What to do next"
    assert last.text.startswith(said)


def test_periods_of_a_funnel_and_a_baseline_are_among_the_first_answers(sample: Load) -> None:
    """As `compare` says them: 64 of 8,000, then 68 of 14,000."""
    (part,) = gather([sample("periods")]).parts
    (changed,) = [each.text for each in answers(part) if each.question == "What changed"]
    assert changed.startswith("2026-08 → 2026-10: Sales 64 → 68 (+6.25%), revenue 11,520 EUR → 12,240 EUR")
    assert changed.endswith("Overall conversion 0.8% → 0.486%, worse by more than chance.")
    (part,) = gather([sample("invoices")], [sample("invoices_september")]).parts
    assert [each.text for each in answers(part) if each.question == "What changed"]
    (part,) = gather([sample("context_ads")]).parts
    assert not [each for each in answers(part) if each.question == "What changed"]


def test_checks_of_a_file_are_in_its_reports(sample: Load, light: Look) -> None:
    """As `check` has them: four limits, and the cost of a lead is 29,000 / 850."""
    from funnelcli.output.report.page import html_file

    report = gather([sample("channels_and_managers")])
    for made in (html.unescape(html_file(report, light, [])), html.unescape(markdown_file(report, light, []))):
        assert "Checks: 4 passed." in made
        assert "34.12 EUR" in made


@pytest.mark.parametrize(
    "path",
    [
        "/home/ann/x/shop.yaml",
        "C:\\Users\\ann\\shop.yaml",
        "../ann/shop.yaml",
        "~/ann/shop.yaml",
        "\\\\ann\\x\\shop.yaml",
    ],
)
def test_no_report_says_where_a_file_lies_on_the_machine(path: str) -> None:
    from funnelcli.cli.commands.report import _file_shown

    assert _file_shown(path) == "shop.yaml"
    assert _file_shown("funnels/shop.yaml") == "funnels/shop.yaml"
    assert _file_shown("s3://ann/shop.parquet") == "s3://ann/shop.parquet"


@pytest.mark.parametrize(("epoch", "day"), [("0", "1970-01-01"), ("1767225599", "2025-12-31")])
def test_a_build_that_is_repeated_says_its_day(monkeypatch: pytest.MonkeyPatch, epoch: str, day: str) -> None:
    """https://reproducible-builds.org/specs/source-date-epoch/: seconds since 1970, in UTC."""
    from funnelcli.cli.commands.report import _today

    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    assert _today().isoformat() == day
