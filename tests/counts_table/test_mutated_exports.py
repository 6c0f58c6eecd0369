"""Exports of known funnels come back as these; one change is read right or refused, and said in a few words."""

from __future__ import annotations

from itertools import count
from random import Random

import pytest

from funnelcli.counts_table.importing import Imported
from tests.exports_judge import ads
from tests.exports_judge.judging import FAULTS, exports, mutants, read, table, verdict
from tests.exports_judge.sheet import Cell
from tests.exports_judge.worlds import WORLDS

EXPORTS = 5
MUTANTS = 10


@pytest.mark.parametrize("name", WORLDS)
def test_exports_of_known_funnels_come_back_as_those_funnels(name: str) -> None:
    judged = list(exports(WORLDS[name], EXPORTS, seed=1))
    assert [each for each in judged if each.verdict != "right"] == []


@pytest.mark.parametrize("name", WORLDS)
def test_one_change_is_read_right_or_refused(name: str) -> None:
    judged = list(mutants(WORLDS[name], MUTANTS, seed=1))
    assert len(judged) >= MUTANTS, table(judged)
    assert [each for each in judged if each.verdict in FAULTS] == []


@pytest.mark.parametrize("name", [world.name for world in ads.WORLDS])
def test_ads_of_which_a_column_or_a_row_is_another_are_read_right_or_refused(name: str) -> None:
    """Without a column that a recipe needs, numbers of the account are no stage and no money of any spreadsheet."""
    judged = list(mutants(WORLDS[name], MUTANTS, 2, ["column_deleted", "column_renamed", "row_duplicated"]))
    assert len(judged) >= MUTANTS, table(judged)
    assert [each for each in judged if each.verdict in FAULTS] == []


def test_the_judge_notices_what_is_read_wrong() -> None:
    world = WORLDS["spreadsheet_wide"]
    sheet = next(sheet for sheet in map(world.make, map(Random, count())) if not any(row.total for row in sheet.rows))
    (at, *_) = sheet.at("count")
    truth = world.meanings(sheet)
    assert verdict(world, sheet, truth)[0] == "right"
    other = sheet.with_cell(0, at, Cell(sheet.rows[0].cells[at].value + 1, "count"))
    assert isinstance(read(other), Imported)
    assert (
        verdict(world, other, truth)[0]
        == verdict(world, sheet, world.meanings(other))[0]
        == verdict(world, sheet, [])[0]
        == "wrong"
    )
    assert verdict(world, sheet.with_cell(0, at, Cell("ten")), truth)[0] == "refused"
