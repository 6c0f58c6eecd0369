"""Sheets of a workbook beside those of funnels: their figures are the page's, and their formulas go on being so.

The formulas are worked out here by a small reader of their own, and held against the analyses of a funnel in which the
same figures are typed.
"""

from __future__ import annotations

import io
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from funnelcli.analyses.report import gather
from funnelcli.funnel_file.reader import read
from funnelcli.output.report.look import Look, look
from funnelcli.output.report.workbook import xlsx_file
from tests.conftest import SAMPLES
from tests.thorough import each_once

openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
pytest.importorskip("xlsxwriter", reason="the extra excel is not installed")

SHOP = """\
name: It's a shop
currency: EUR
gross_margin: 50%
average_check: 80
stages:
- {name: Seen}
- {name: Asked, role: lead}
- {name: Met, from: Seen}
- {name: Paid, from: Asked, role: customer}
breakdowns:
  channel:
    Ads: {counts: [{ads}, 40], budget: {budget}}
    Own check: {counts: [500, 50, 20, 10], average_check: 95, budget: 900}
    None: {counts: [90, 0, 0, 0], budget: 0}
checks: [revenue >= 3000, cost_per@Paid <= 60, conversion@Asked >= 11% with 95% confidence]
"""
"""Branches, a segment with a check of its own, one that is empty, and one whose figures are given."""
COSTLY = """\
name: Costly
average_check: {mean: 900, sd: 700}
budget: 3000
stages:
- {name: In, count: 1000, open: 40, cost: 1}
- {name: Out, count: 100, days: 30, role: customer}
breakdowns: {manager: {A: [600, 70], B: {counts: [400, 30], gross_margin: 40%}}}
"""
SOURCES = {
    "shop": SHOP.replace("{ads}", "1000, 130, 60").replace("{budget}", "1200"),
    "costly": COSTLY,
    **{stem: (SAMPLES / f"{stem}.yaml").read_text(encoding="utf-8") for stem in ("periods", "channels_and_managers")},
}


def book_of(source: str) -> Any:
    """The workbook twice: its formulas, and what is stored beside them."""
    reading = read(source.encode(), "funnel.yaml")
    assert [each.problem for each in reading.diagnostics if each.problem.code < "FN3"] == []
    colours = look()
    assert isinstance(colours, Look)
    data = xlsx_file(gather(reading.funnels), colours, [])
    return tuple(openpyxl.load_workbook(io.BytesIO(data), data_only=stored) for stored in (False, True))


class Undefined(Exception):
    """What Excel calls an error: a text in arithmetic, or a division by 0."""


class Sheets:
    """Figures of sheets: typed ones, and those of formulas, each worked out from what it names."""

    def __init__(self, formulas: Any, sheet: str) -> None:
        self.formulas, self.sheet = formulas, sheet

    def value(self, place: str, sheet: str = "") -> Any:
        cell = self.formulas[sheet or self.sheet][place.replace("$", "")]
        return (
            Sheets(self.formulas, sheet or self.sheet).worked_out(cell.value) if cell.data_type == "f" else cell.value
        )

    def worked_out(self, formula: str) -> Any:
        def number(value: Any) -> float:
            if isinstance(value, str):
                raise Undefined
            return 0.0 if value is None else float(value)

        def iferror(tried: Any, otherwise: str) -> Any:
            try:
                return tried()
            except (Undefined, ZeroDivisionError):
                return otherwise

        def added(first: str, last: str) -> float:
            cells = [cell for row in self.formulas[self.sheet][f"{first}:{last}"] for cell in row]
            return sum(value for cell in cells if not isinstance(value := self.value(cell.coordinate), str))

        def halves_up(value: float) -> int:
            return int(Decimal(repr(round(value, 6))).quantize(Decimal(1), ROUND_HALF_UP))

        refers = re.fullmatch(r"=(?:'((?:[^']|'')+)'!)?(\$?[A-Z]+\$?\d+)", formula)
        if refers:
            return self.value(refers[2], (refers[1] or "").replace("''", "'"))
        text = re.sub(r"SUM\((\w+):(\w+)\)", r'added("\1","\2")', formula[1:])
        text = re.sub(
            r"""("[^"]*")|(?:'((?:[^']|'')+)'!)?(\$?[A-Z]+\$?\d+)(?![\w"(])""",
            lambda found: (
                found[1] or f"number(self.value({found[3]!r}, {(found[2] or '').replace(chr(39) * 2, chr(39))!r}))"
            ),
            text,
        )
        text = re.sub(r"IFERROR\((.*),(\"n/a\")\)$", r"iferror(lambda: \1,\2)", text)
        text = re.sub(r"^IF\((.*),(\"\w+\"),(\"\w+\")\)$", r"\2 if \1 else \3", text).replace("<>", "!=")
        text = text.replace("ROUND(", "halves_up((").replace(",0)", "))")
        names = {"number": number, "iferror": iferror, "added": added, "halves_up": halves_up, "self": self}
        return eval(text, names)  # formulas of ours


def details(formulas: Any) -> list[Any]:
    """The sheets that are not a funnel's own, whose head is in row 6."""
    return [sheet for sheet in formulas.worksheets if re.match(r"(By |Still open|Checks)", sheet.title)]


def compared(formulas: Any, stored: Any) -> int:
    """Hold every formula of the details against what is stored beside it; how many there are."""
    count = 0
    for sheet in details(formulas):
        for row in sheet.iter_rows():
            for cell in (each for each in row if each.data_type == "f"):
                value = cell.value
                found, wanted = (
                    Sheets(formulas, sheet.title).worked_out(value),
                    stored[sheet.title][cell.coordinate].value,
                )
                if isinstance(wanted, str):
                    assert found == wanted, f"{sheet.title}!{cell.coordinate} {value}"
                else:
                    assert found == pytest.approx(wanted, rel=1e-9, abs=1e-9), (
                        f"{sheet.title}!{cell.coordinate} {value}"
                    )
                count += 1
    return count


def based(formulas: Any, stored: Any) -> None:
    """Put what is stored in place of the formulas of the funnels' own sheets, which have tests of their own."""
    own = {each.title for each in details(formulas)}
    for sheet in formulas.worksheets:
        if sheet.title not in own:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type == "f":
                        cell.value = stored[sheet.title][cell.coordinate].value


@pytest.mark.parametrize("stem", ["shop", "costly", "periods"])
def test_every_formula_of_the_details_comes_to_what_is_stored(stem: str) -> None:
    formulas, stored = book_of(SOURCES[stem])
    based(formulas, stored)
    assert compared(formulas, stored) >= 8


def test_what_is_typed_over_moves_the_details_as_the_file_would() -> None:
    """Yellow cells take the figures of another file, and every formula comes to what that file's workbook has."""
    formulas, _ = book_of(SOURCES["shop"])
    _, other = book_of(SHOP.replace("{ads}", "2000, 150, 90").replace("{budget}", "4000"))
    based(formulas, other)
    typed = 0
    for row in formulas["By channel"].iter_rows():
        for cell in row:
            if cell.fill.fill_type == "solid" and cell.fill.start_color.rgb.endswith("FFF6CF"):
                changes = cell.value != other["By channel"][cell.coordinate].value
                typed += changes
                cell.value = other["By channel"][cell.coordinate].value
    assert typed == 4
    assert compared(formulas, other) > 40
    checked = {row[0].value: row[1].value for row in other["Checks"].iter_rows(min_row=5)}
    assert checked["cost_per@Paid <= 60"] == "failed"


def test_the_details_say_what_the_page_says() -> None:
    """Worked example: 54 sales at 1,200 are 64,800, half of it gross; of 9,000 spent 23,400 are left, 260%."""
    _, stored = book_of(SOURCES["channels_and_managers"])
    assert stored.sheetnames == ["Channels and managers", "By channel", "By manager", "Checks"]
    lines = [[cell.value for cell in row] for row in stored["By channel"].iter_rows()]
    money = next(index for index, line in enumerate(lines) if line[0] == "Money")
    search = next(line for line in lines[money:] if line[0] == "Search")
    heads = lines[money + 1]
    shown = dict(zip(heads, search, strict=True))
    assert (shown["Revenue"], shown["Gross\nprofit"], shown["Profit"]) == (64_800, 32_400, 23_400)
    assert (shown["ROMI"], shown["CPL"], shown["Verdict"]) == (pytest.approx(2.6), 25, "earns")
    assert lines[2][0] == "Overall, Search and Referrals are above the rest and Ads below, more than chance."


def test_open_units_are_their_chance_times_the_check() -> None:
    """40 open, 100 of 960 decided: 4.17 sales, 3,750 of money."""
    formulas, stored = book_of(COSTLY)
    sheet = stored["Still open"]
    first = next(row for row in sheet.iter_rows(values_only=True) if row[0] == "In")
    assert first[1:5] == (40, pytest.approx(100 / 960), pytest.approx(40 * 100 / 960), 3750)
    cells = next(row for row in formulas["Still open"].iter_rows() if row[0].value == "In")
    assert cells[3].value == f"=B{cells[3].row}*C{cells[3].row}"


MOVED = """\
currency: EUR
stages:
- {name: Lead, count: 100, open: LEADS}
- {name: Offer, count: 50, open: OFFERS}
- {name: Won, count: 20, average_check: CHECK}
"""


@pytest.mark.parametrize(
    ("leads", "offers", "check"),
    each_once(["2", "[1000, 1000]", "[1000, 3000]", "2"], ["1", "[1000]"], [1000, 1500, 1500, 1000]),
)
def test_another_average_check_moves_only_what_it_is_a_part_of(leads: str, offers: str, check: int) -> None:
    """Formulas of one file with the check of another come to that one's figures, though amounts may be as the check."""
    source = MOVED.replace("LEADS", leads).replace("OFFERS", offers)
    formulas, _ = book_of(source.replace("CHECK", str(check)))
    _, other = book_of(source.replace("CHECK", "1200"))
    for row in formulas["funnel"].iter_rows():
        for cell in row:
            cell.value = other["funnel"][cell.coordinate].value
    assert compared(formulas, other) > 3
    cells = [row[4].value for row in formulas["Still open"].iter_rows() if row[0].value in ("Lead", "Offer")][:2]
    assert ["!$B$" in str(cell) for cell in cells] == ["[" not in leads, "[" not in offers]


def test_several_funnels_have_details_of_their_own_by_name() -> None:
    text = "name: {}\nstages: {In: 10, Out: 1}\nchecks: [entries >= 9]\n"
    _, stored = book_of("---\n".join(text.replace("{}", name) for name in ("A", "B")))
    assert stored.sheetnames == ["A", "Checks, A", "B", "Checks, B"]
