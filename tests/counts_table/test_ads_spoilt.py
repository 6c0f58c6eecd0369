"""Samples of exports of ads, spoilt: a row of totals proves each figure, so that none is read wrong.

Also changed in ways that say the same, and are read the same.
"""

from __future__ import annotations

import csv
import io
import random
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table
from tests.conftest import ROOT
from tests.thorough import whole_or_part

if TYPE_CHECKING:
    from funnelcli.diagnostics import Diagnostic

SAMPLES = ROOT / "tests" / "exports"
OF_TOTALS = {  # by file: encoding, delimiter, lines above the names, rows of totals at the end, figures
    "google_ads/english.csv": ("utf-8", ",", 2, 5, "Impr.,Clicks,Cost,Conversions,Conv. value"),
    "google_ads/german.csv": ("utf-8", ",", 2, 5, "Impr.,Klicks,Kosten,Conversions,Conv.-Wert"),
    "google_ads/french_excel.csv": ("utf-16", "\t", 2, 5, "Impr.,Clics,Coût,Conversions,Valeur de conv."),
    "linkedin_ads/campaigns.csv": ("utf-16", "\t", 3, 1, "Total Spent,Impressions,Clicks,Conversions"),
    "tiktok_ads/daily.csv": ("utf-8", ",", 0, 1, "Cost,Impressions,Clicks (destination),Conversions"),
    "yandex_direct/daily.csv": ("cp1251", ";", 2, 1, "Показы,Клики,Расход (руб.),Конверсии"),
    "yandex_metrica/sources.csv": ("utf-8-sig", ",", 0, 0, "Визиты,Целевые визиты"),
}


class Sample(NamedTuple):
    """An export: what stands above its names, these, its rows, and its rows of totals."""

    above: list[str]
    names: list[str]
    rows: list[list[str]]
    totals: list[list[str]]
    figures: list[int]
    delimiter: str

    def read(self, rows: list[list[str]], names: list[str] | None = None) -> Imported | list[Diagnostic]:
        text = io.StringIO()
        csv.writer(text, delimiter=self.delimiter, lineterminator="\n").writerows(
            [self.names if names is None else names, *rows, *self.totals]
        )
        data = "".join(f"{line}\n" for line in self.above) + text.getvalue()
        return import_table(data.encode(), "export.csv", ImportOptions())

    def said(self, rows: list[list[str]]) -> tuple[Any, ...]:
        result = self.read(rows)
        assert isinstance(result, Imported), [each.problem for each in result]
        (funnel,) = result.funnels
        return funnel.stages, funnel.period, {each.dimension: sorted(each.segments) for each in funnel.breakdowns}


def sample(name: str) -> Sample:
    encoding, delimiter, above, last, figures = OF_TOTALS[name]
    lines = (SAMPLES / name).read_bytes().decode(encoding).splitlines()
    names, *rows = list(csv.reader(lines[above:], delimiter=delimiter))
    totals = rows[len(rows) - last :] if last else [rows.pop(0)]
    kept = rows[: len(rows) - last] if last else rows
    return Sample(lines[:above], names, kept, totals, [names.index(each) for each in figures.split(",")], delimiter)


def changed(cell: str, draw: random.Random, is_rounded: bool) -> str:
    """A number with another digit in place of one of its own; of those before the mark where it may be rounded."""
    places = [at for at, sign in enumerate(cell) if sign.isdigit()]
    if is_rounded:
        places = places[: max(len(places) - 2, 1)]
    at = draw.choice(places)
    digit = str((int(cell[at]) + draw.randrange(1, 9)) % 9 + 1)
    return f"{cell[:at]}{digit}{cell[at + 1 :]}"


@pytest.mark.parametrize("name", OF_TOTALS)
def test_another_digit_in_any_figure_is_refused(name: str) -> None:
    found = sample(name)
    draw = random.Random(5)
    for row in draw.sample(range(len(found.rows)), min(len(found.rows), whole_or_part(6, 2))):
        for column in found.figures:
            cell = found.rows[row][column]
            wrong = (
                changed(cell, draw, found.names[column].startswith(("Conv", "Valeur")))
                if any(map(str.isdigit, cell))
                else "7"
            )
            if wrong == cell:
                continue
            rows = [list(each) for each in found.rows]
            rows[row][column] = wrong
            result = found.read(rows)
            assert isinstance(result, list), (found.names[column], cell, wrong)
            assert len(result) == 1, [each.problem for each in result]


@pytest.mark.parametrize("name", OF_TOTALS)
def test_a_row_taken_out_or_written_twice_is_refused(name: str) -> None:
    found = sample(name)
    for row in range(min(len(found.rows), 4)):
        if not any(found.rows[row][column].strip("0.,-") for column in found.figures):
            continue  # nothing is lost with it
        assert isinstance(found.read(found.rows[:row] + found.rows[row + 1 :]), list)
        assert isinstance(found.read([*found.rows, found.rows[row]]), list)


@pytest.mark.parametrize("name", OF_TOTALS)
def test_two_names_changed_for_each_other_are_refused_or_said(name: str) -> None:
    """Clicks called impressions: more of them than there are impressions."""
    found = sample(name)
    first, second = [at for at in found.figures if found.names[at] not in ("Cost", "Total Spent")][:2]
    names = list(found.names)
    names[first], names[second] = names[second], names[first]
    assert isinstance(found.read(found.rows, names), list)


@pytest.mark.parametrize("name", OF_TOTALS)
def test_rows_in_any_order_say_the_same(name: str) -> None:
    found = sample(name)
    rows = list(found.rows)
    random.Random(3).shuffle(rows)
    assert found.said(rows)[:2] == found.said(found.rows)[:2]
    assert found.said(rows)[2] == found.said(found.rows)[2]


@pytest.mark.parametrize("name", OF_TOTALS)
def test_cells_of_a_row_moved_by_one_are_refused(name: str) -> None:
    found = sample(name)
    rows = [list(each) for each in found.rows]
    rows[0] = [*rows[0][1:], ""]
    assert isinstance(found.read(rows), list)
    rows[0] = ["", *found.rows[0][:-1]]
    assert isinstance(found.read(rows), list)
