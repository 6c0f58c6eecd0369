"""Money shows as many decimals as its currency has, in every view, format, picture and workbook; JSON is unrounded."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from funnelcli.analyses.comparison import ComparisonReport, compare
from funnelcli.analyses.report import gather
from funnelcli.currencies import MINOR_DIGITS
from funnelcli.output import numbers, report
from funnelcli.output.document import Cell
from funnelcli.output.formats import Canvas, render
from funnelcli.output.report.cell_formats import number_format
from funnelcli.output.report.look import Look, look
from funnelcli.output.views.comparison import blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from funnelcli.model import Funnel

# The minor units of ISO 4217, list one (SIX Interbank Clearing, published 2024-06-25), typed from the list
NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split()  # noqa: SIM905
THREE = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]
FOUR = ["CLF", "UYW"]


def test_the_table_is_that_of_iso_4217() -> None:
    codes = {code: digits for code, digits in MINOR_DIGITS.items() if re.fullmatch("[A-Z]{3}", code)}
    assert codes == dict.fromkeys(NONE, 0) | dict.fromkeys(THREE, 3) | dict.fromkeys(FOUR, 4)


@pytest.mark.parametrize(
    ("value", "currency", "shown"),
    [
        ("1234.5", "JPY", "1,235"),
        ("1234.5", "KRW", "1,235"),
        ("-1234.5", "JPY", "-1,235"),
        ("1234.5", "KWD", "1,234.500"),
        ("1234.56785", "KWD", "1,234.568"),
        ("1234.56785", "CLF", "1,234.5679"),
        ("1234.5", "EUR", "1,234.50"),
        ("1234.5", "Taler", "1,234.50"),
        ("1234", "KWD", "1,234"),
        ("1234.5", "jpy", "1,235"),
        ("1234.5", "₩", "1,235"),
        ("1234.5", "¥", "1,234.50"),  # yen or yuan
        ("0.4", "JPY", "0.4"),  # never 0 for what is not
        ("0.0123", "KWD", "0.0123"),
        ("0.25", "KWD", "0.250"),
        ("0.9996", "JPY", "1"),
        ("0.9999", "EUR", "1.00"),
        ("-0.0004", "JPY", "-0.0004"),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(value: str, currency: str, shown: str) -> None:
    assert numbers.in_table(Fraction(value), "money", currency) == shown
    named = numbers.text(Fraction(value), "money", currency)
    assert named.replace(currency, "").strip() == shown
    change = numbers.in_table(Fraction(value), "money_change", currency)
    assert change == (shown if shown.startswith("-") else f"+{shown}")
    assert Cell(Fraction(value), "money", warmth=0.5).shown(currency) == shown


@pytest.mark.parametrize("noise", [4e-12, -4e-12, 0.0])
def test_floats_show_no_cents_that_are_not_there(noise: float) -> None:
    assert numbers.text(20_000 + noise, "money", "EUR") == "20,000 EUR"
    assert numbers.text(20_000 + noise, "count") == "20,000"
    assert numbers.text(-0.0, "money_change", "EUR") == "0 EUR"


TEMPLATES = Path(report.__file__).parent / "templates"
SHOP = """\
name: Shop
currency: {}
average_check: 63.4567
gross_margin: 37%
budget: 1234.5678
stages:
  - {{name: Visits, count: 12000, role: click}}
  - {{name: Cart, count: 830, cost: 0.5, role: lead, open: 20}}
  - {{name: Paid, count: 377, role: customer, days: 4}}
breakdowns:
  channel:
    Ads: {{counts: [7000, 430, 177], budget: 1000.2345}}
    SEO: {{counts: [5000, 400, 200], budget: 234.3333}}
scenarios:
  More: {{entries: +7.7%, average_check: +3.3%}}
"""


def shown_by_views(funnel: Funnel, form: str) -> Iterator[tuple[str, str]]:
    """What each analysis with money looks like in a format."""
    from funnelcli.analyses.bottleneck import find_bottleneck
    from funnelcli.analyses.conversion import convert
    from funnelcli.analyses.forecast import forecast
    from funnelcli.analyses.report import EFFORT
    from funnelcli.analyses.scenario import project
    from funnelcli.analyses.segments import break_down
    from funnelcli.analyses.sensitivity import pull
    from funnelcli.analyses.simulation import simulate
    from funnelcli.analyses.unit_economics import unit_economics

    more = funnel._replace(stages=tuple(each._replace(count=each.count * Fraction(9, 8)) for each in funnel.stages))
    results: dict[str, Any] = {
        "economics": unit_economics(funnel, "channel"),
        "segments": break_down(funnel, "channel"),
        "conversion": convert(funnel),
        "bottleneck": find_bottleneck(funnel),
        "forecast": forecast(funnel),
        "levers": pull(funnel, EFFORT),
        "scenario": project(funnel, funnel.scenarios),
        "comparison": compare([funnel, more], ["A", "B"]),
        "simulation": simulate(funnel, None, None, 200, 1, True),
    }
    for name, result in results.items():
        yield name, render(form, name, [result], name, Canvas())


def amounts_in(text: str) -> list[tuple[str, str]]:
    """Numbers from 1,000 on that are no rates, with their decimals: counts of that size have none."""
    return re.findall(r"(\d,\d{3})(?:\.(\d+))?(?![\d,.]*\d?%)(?!\d)", text)


CURRENCIES = pytest.mark.parametrize(("currency", "digits"), [("JPY", 0), ("EUR", 2), ("KWD", 3), ("CLF", 4)])


@CURRENCIES
@pytest.mark.parametrize("form", ["table", "markdown"])
def test_no_view_shows_other_decimals(funnel: Callable[[str], Funnel], currency: str, digits: int, form: str) -> None:
    for name, text in shown_by_views(funnel(SHOP.format(currency)), form):
        found = amounts_in(text)
        assert found
        assert {len(decimals) for _, decimals in found} <= {0, digits}, (name, text)
        if name in ("economics", "conversion"):  # 377 x 63.4567 = 23,923.1759, and from 10,000 on amounts are whole
            assert f"23,923 {currency}" in text
        if name == "economics":  # 23,923.1759 x 37% - 830 x 0.5 - 1,234.5678
            expected = {"JPY": "7,202", "EUR": "7,202.01", "KWD": "7,202.007", "CLF": "7,202.0073"}[currency]
            assert f"{expected} {currency}" in text


@CURRENCIES
def test_no_report_shows_other_decimals(funnel: Callable[[str], Funnel], currency: str, digits: int) -> None:
    """The page with its pictures and its what-if panel, the Markdown of a report, and the formats of a workbook."""
    pytest.importorskip("jinja2")
    pytest.importorskip("vl_convert")
    from funnelcli.output.report.page import html_file
    from funnelcli.output.report.pull_request import markdown_file

    shop = funnel(SHOP.format(currency))
    report, plain = gather([shop]), look("light", None)
    assert isinstance(plain, Look)
    page = html_file(report, plain, ())
    body = re.sub(r"<script[^>]*>.*?</script>|<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
    for text in (body, markdown_file(report, plain, ())):
        assert {len(decimals) for _, decimals in amounts_in(text)} <= {0, digits}
    assert f'"decimals": {digits}' in page
    assert number_format("money", [1234], currency).startswith("#,##0" + ("." + "0" * digits if digits else "") + " ")


def test_json_is_unrounded(funnel: Callable[[str], Funnel]) -> None:
    for currency in ("JPY", "KWD"):
        (text,) = (text for name, text in shown_by_views(funnel(SHOP.format(currency)), "json") if name == "conversion")
        assert json.loads(text)["funnels"][0]["revenue"] == 23_923.1759


# -- what moved revenue --


def pairs() -> Iterator[tuple[str, str]]:
    """Two sides of a shop, whole and fractional, some alike in all but one factor."""
    chance = Random(5)
    for _ in range(120):
        sides = []
        counts = [chance.randrange(500, 99_999), chance.randrange(50, 500), chance.randrange(1, 50)]
        check = chance.choice(("60", "63.45", "1515.15"))
        for factor in (1, chance.choice((1, 2, 3, Fraction(7, 3)))):
            if factor != 1 and chance.random() < 0.5:
                check, counts = chance.choice(("60", "99.99")), [chance.randrange(1, each + 1) for each in counts]
                counts.sort(reverse=True)
            shown = ", ".join(
                f"{name}: {float(each * factor):.4f}"
                for name, each in zip(("Visits", "Leads", "Sales"), counts, strict=True)
            )
            sides.append(f"currency: EUR\naverage_check: {check}\nstages: {{{shown}}}\n")
        yield sides[0], sides[1]


def test_effects_are_clean_and_add_up_as_shown_or_it_is_said(funnel: Callable[[str], Funnel]) -> None:
    said = 0
    for one, other in pairs():
        report = compare([funnel(one), funnel(other)], ["A", "B"])
        assert isinstance(report, ComparisonReport)
        moved = report.comparisons[0].revenue
        assert moved is not None
        assert sum(each.effect for each in moved.effects) == pytest.approx(float(moved.change), abs=1e-6)
        assert not any(str(each.effect) == "-0.0" or 0 < abs(each.effect) < 1e-9 for each in moved.effects)
        text = render("table", "compare", [report], "comparison", Canvas())
        rows = re.findall(r"^(?:Entries|Conversion to \w+|Average check) +([-+\d.,]+)(?: |$)", text, re.MULTILINE)
        ends = [Fraction(numbers.in_table(end, "money", "EUR").replace(",", "")) for end in (moved.a, moved.b)]
        shown = sum(Fraction(each.replace(",", "")) for each in rows)
        assert len(rows) == 4
        rounded = "Figures are rounded: parts may miss their total" in text
        assert rounded == (shown != ends[1] - ends[0])
        said += rounded
    assert 0 < said < 120


@pytest.mark.parametrize("times", [2, 3, 7, 11, 13])
@pytest.mark.parametrize("factor", ["entries", "average_check"])
def test_what_moved_alone_moved_all_of_it_to_the_cent(funnel: Callable[[str], Funnel], times: int, factor: str) -> None:
    """41 sales of 1,515: `times` as many entries, or as high a check, bring the whole change, and no cents beside."""
    text = "currency: EUR\naverage_check: {}\nstages: {{Visits: {}, Leads: {}, Sales: {}}}\n"
    before = text.format(1515, 1000, 331, 41)
    grown = (1515 * times, 1000, 331, 41) if factor != "entries" else (1515, 1000 * times, 331 * times, 41 * times)
    report = compare([funnel(before), funnel(text.format(*grown))], ["A", "B"])
    assert isinstance(report, ComparisonReport)
    moved = report.comparisons[0].revenue
    assert moved is not None
    change = 41 * 1515 * (times - 1)
    effects = {each.factor: each.effect for each in moved.effects}
    assert effects.pop(factor) == change
    assert {repr(each) for each in effects.values()} == {"0.0"}
    (waterfall,) = (each for each in blocks(report) if each.__class__.__name__ == "Waterfall")
    shown = [numbers.in_table(amount, "money_change", "EUR") for _, amount, total in waterfall.rows if not total]
    assert sorted(shown) == sorted([f"+{change:,}", "0", "0", "0"])


def test_the_what_if_panel_writes_money_like_everything_else() -> None:
    """The page's own script, run by Node.js: from 1e-6 to a million, in the decimals of four currencies."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed")
    chance = Random(7)
    values = [0, 1, 0.25, 0.4, 0.0123, 0.9996, 1234.5, -1234.56, 20_000.000000000004]
    values += [round(chance.uniform(-1, 1) * 10 ** chance.uniform(-5, 6), 6) for _ in range(300)]
    script = (TEMPLATES / "page.js").read_text(encoding="utf-8").partition("// the panel")[0]
    asked = (
        f"console.log(JSON.stringify([0, 2, 3, 4].map((d) => {json.dumps(values)}.map((v) => shown(v, 'money', d)))))"
    )
    done = subprocess.run([node, "-e", script + asked], capture_output=True, text=True, timeout=60, check=True)
    for currency, found in zip(("JPY", "EUR", "KWD", "CLF"), json.loads(done.stdout), strict=True):
        assert found == [numbers.in_table(value, "money", currency) for value in values]
