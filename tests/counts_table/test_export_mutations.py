"""Samples of deals and orders, changed: what says the same is read the same, and what is spoilt is refused.

Nothing that was spoilt may come out as if it were sound.
"""

from __future__ import annotations

import csv
import io
import random
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml

from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import import_table
from funnelcli.counts_table.recipes import recipes
from tests.counts_table.test_export_samples import CHECKS, EXPECTED, export_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from funnelcli.counts_table.importing import Imported
    from funnelcli.counts_table.recipes import Recipe
    from funnelcli.diagnostics import Diagnostic

SHAPES = {recipe.name: recipe.shape for recipe in recipes()}
SAMPLES = [
    path
    for path in EXPECTED
    if SHAPES.get(path.parent.name) in ("deals", "orders")
    and "funnels" in yaml.safe_load(path.read_text(encoding="utf-8"))
]
CODE_PAGES = {"amocrm_deals": "windows-1251", "bitrix24_deals": "windows-1251"}


class Sample(NamedTuple):
    """An export as cells: what stands above the names, the rows of which the first are the names, what is below."""

    recipe: Recipe
    options: ImportOptions
    above: list[list[str]]
    rows: list[list[str]]
    below: list[list[str]]
    delimiter: str

    def column(self, *kinds: str) -> int | None:
        """The index of the first column that is of one of these kinds."""
        found = [self.recipe.column(name) for name in self.rows[0]]
        return next((at for at, each in enumerate(found) if each and each.kind in kinds), None)

    def read(self, rows: list[list[str]] | None = None) -> Imported | list[Diagnostic]:
        text = io.StringIO()
        writer = csv.writer(text, delimiter=self.delimiter)
        writer.writerows([*self.above, *(self.rows if rows is None else rows), *self.below])
        return import_table(text.getvalue().encode(), "export.csv", self.options)


def sample_of(path: Path) -> Sample:
    expected = yaml.safe_load(path.read_text(encoding="utf-8"))
    data = export_of(path, expected).read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode(CODE_PAGES.get(path.parent.name, "windows-1252"))
    delimiter = ";" if text.count(";") > text.count(",") else ","
    lines = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    (recipe,) = [each for each in recipes() if each.name == path.parent.name]
    start = next(at for at, line in enumerate(lines) if len(line) > 3)
    end = next((at for at in range(start, len(lines)) if len(lines[at]) < 2), len(lines))
    options = {
        key: tuple(value) if isinstance(value, list) else value for key, value in expected.get("options", {}).items()
    }
    return Sample(recipe, ImportOptions(**options), lines[:start], lines[start:end], lines[end:], delimiter)


def figures(result: Imported | list[Diagnostic]) -> list[dict[str, Any]]:
    assert not isinstance(result, list), [each.problem for each in result]
    funnels = sorted(result.funnels, key=lambda funnel: funnel.name)  # which stand in the order of the rows
    kept = [key for key in CHECKS if key != "name"]
    return [{key: CHECKS[key][0](funnel) for key in kept} for funnel in funnels]


def in_other_rows(sample: Sample) -> list[list[str]]:
    return [sample.rows[0], *reversed(sample.rows[1:])]


def in_other_columns(sample: Sample) -> list[list[str]]:
    order = list(range(len(sample.rows[0])))
    random.Random(1).shuffle(order)
    return [[row[at] for at in order] for row in sample.rows]


def with_a_further_column(sample: Sample) -> list[list[str]]:
    return [[*row[:2], "Remark" if not number else "x", *row[2:]] for number, row in enumerate(sample.rows)]


def with_blank_lines(sample: Sample) -> list[list[str]]:
    return [*sample.rows, [], []]


def with_spaces(sample: Sample) -> list[list[str]]:
    return [[f" {cell} " if cell else cell for cell in row] for row in sample.rows]


SAME = [in_other_rows, in_other_columns, with_a_further_column, with_blank_lines, with_spaces]


def cell_spoilt(*kinds: str, text: str) -> Callable[[Sample], list[list[str]] | None]:
    def spoil(sample: Sample) -> list[list[str]] | None:
        at = sample.column(*kinds)
        if at is None:
            return None
        filled = [number for number, row in enumerate(sample.rows) if number and row[at].strip()]
        row = next((number for number in filled if number > 2), filled[-1])
        rows = [list(each) for each in sample.rows]
        rows[row][at] = text
        return rows

    spoil.__name__ = f"{kinds[0]} {text!r}"
    return spoil


def one_row_changed(sample: Sample, change: Callable[[list[str]], list[str]]) -> list[list[str]]:
    """The sixth row of the sample, or the last of a shorter one, after a change."""
    at = min(5, len(sample.rows) - 1)
    return [*sample.rows[:at], change(sample.rows[at]), *sample.rows[at + 1 :]]


def a_row_cut_short(sample: Sample) -> list[list[str]]:
    return one_row_changed(sample, lambda row: row[:-3])


def a_cell_too_many(sample: Sample) -> list[list[str]]:
    return one_row_changed(sample, lambda row: [*row[:2], "moved", *row[2:]])


def cells_of_a_row_moved(sample: Sample) -> list[list[str]]:
    return one_row_changed(sample, lambda row: [row[-1], *row[:-1]])


SPOILT = [
    cell_spoilt("amount", text="n/k"),
    cell_spoilt("amount", text="1.2.3"),
    cell_spoilt("created", text="31.31.2026"),
    cell_spoilt("created", text="yesterday"),
    cell_spoilt("entered", text="soon"),
    cell_spoilt("won_time", text="soon"),
    cell_spoilt("lost_time", text="2026-13-01 10:00"),
    cell_spoilt("refund", text="some"),
    cell_spoilt("status", text="Wom"),
    cell_spoilt("stage", text="Qualifed"),
    cell_spoilt("currency", text="JPY"),
    a_row_cut_short,
    a_cell_too_many,
    cells_of_a_row_moved,
]


def name_of(value: Any) -> str | None:
    if hasattr(value, "parts"):
        return f"{value.parent.name}/{value.name.split('.')[0]}"
    return getattr(value, "__name__", None)


@pytest.mark.parametrize("path", SAMPLES, ids=name_of)
def test_what_says_the_same_is_read_the_same(path: Path) -> None:
    sample = sample_of(path)
    whole = figures(sample.read())
    for change in SAME:
        if change is in_other_rows and sample.recipe.continues:
            continue  # there the order of rows is what says which belong together
        assert figures(sample.read(change(sample))) == whole, change.__name__


@pytest.mark.parametrize("path", SAMPLES, ids=name_of)
@pytest.mark.parametrize("spoil", SPOILT, ids=name_of)
def test_what_is_spoilt_is_refused(path: Path, spoil: Callable[[Sample], list[list[str]] | None]) -> None:
    sample = sample_of(path)
    rows = spoil(sample)
    if rows is None:
        return
    result = sample.read(rows)
    if spoil is a_row_cut_short and not isinstance(result, list):
        assert any(" lacks its last cells, which are read as empty" in note for note in result.notes)
        return
    if sample.options.pipeline and not isinstance(result, list):
        # a row whose cells have moved is of another pipeline, which is said to be left out
        assert spoil.__name__.startswith(("a_", "cells_"))
        sound = sample.read()
        assert not isinstance(sound, list)
        assert any("pipeline" in note for note in set(result.notes) - set(sound.notes))
        return
    assert isinstance(result, list), result.notes
    assert 1 <= len(result) <= 5, [each.problem for each in result]


@pytest.mark.parametrize("path", SAMPLES, ids=name_of)
def test_a_record_that_stands_twice_is_not_counted_twice(path: Path) -> None:
    sample = sample_of(path)
    if sample.column("id") is None or sample.recipe.continues:
        return
    result = sample.read([*sample.rows, sample.rows[3]])
    assert isinstance(result, list) or figures(result) == figures(sample.read())
