"""A file that import wrote, filled from the same export and from later ones, for every sample of deals and orders.

The judge of a later export is a fresh import of it.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from funnelcli.cli.filling import counts_of_import
from funnelcli.counts_table import deal_funnel
from funnelcli.counts_table.importing import Imported, import_table
from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.writer import new_file
from tests.cli.test_import_samples import near
from tests.counts_table.test_export_mutations import SAMPLES, SHAPES, sample_of
from tests.thorough import each_once, few

if TYPE_CHECKING:
    from pathlib import Path

    from funnelcli.counts_table.deals import Pipeline
    from funnelcli.counts_table.import_options import ImportOptions
    from funnelcli.model import Funnel
    from tests.counts_table.test_export_mutations import Sample

pytest.importorskip("ruamel.yaml", reason="the extra `events` is not installed")

LATER = ({"won", "lost"}, {"won", "open"}, {"lost", "open"})
"""The states of the deals that a later export has."""
TOLD = ("name", "count", "open", "open_amounts", "lost_unplaced", "close_chance_sd", "close_within")
STAYS = ("days", "days_lost", "average_check", "average_check_sd")
DEALS = [path for path in SAMPLES if SHAPES[path.parent.name] == "deals"]


def funnels(sample: Sample, rows: list[list[str]], options: ImportOptions) -> tuple[Funnel, ...]:
    text = io.StringIO()
    csv.writer(text, delimiter=sample.delimiter).writerows([*sample.above, *rows, *sample.below])
    found = import_table(text.getvalue().encode(), "export.csv", options)
    assert isinstance(found, Imported), [each.problem for each in found]
    return found.funnels


def filled(text: str, sample: Sample, rows: list[list[str]], funnel: Funnel) -> str:
    """What --update makes of the text of a funnel's file."""
    from funnelcli.funnel_file.rewrite import rewrite

    options = sample.options._replace(stages=(), known=funnel.names)
    (found,) = (each for each in funnels(sample, rows, options) if each.name == funnel.name)
    assert found.names == funnel.names
    return rewrite(text, {1: counts_of_import(found, of_units=True)})


def reads(text: str) -> Funnel:
    reading = read(text.encode(), "f.yaml")
    assert reading.diagnostics == ()
    return reading.funnels[0]._replace(document=0)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_same_export_changes_nothing(path: Path) -> None:
    sample = sample_of(path)
    several = funnels(sample, sample.rows, sample.options)
    for funnel in several if len({each.names for each in several}) == 1 else ():
        text = new_file(funnel, "f.yaml").text
        assert filled(text, sample, sample.rows, funnel) == text


@pytest.mark.parametrize(
    ("path", "kept"),
    each_once(few(DEALS, 7), LATER),
    ids=lambda each: f"{each.parent.name}/{each.stem}" if each in DEALS else "",
)
def test_a_later_export_gives_the_figures_of_a_fresh_import(
    path: Path, kept: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = sample_of(path)
    seen: list[Pipeline] = []
    true_reach = deal_funnel.reach_of
    monkeypatch.setattr(deal_funnel, "reach_of", lambda own, *more: (seen.append(own), true_reach(own, *more))[1])
    first = funnels(sample, sample.rows, sample.options)[0]
    states = {row - len(sample.above): seen[0].deals.states[row] for row in seen[0].rows}
    rows = [sample.rows[0], *(sample.rows[row] for row, state in states.items() if state in kept)]
    check_later(sample, rows, first)
    at, last = sample.column("stage"), first.names[-2]
    if at is not None:  # all that are open come to the last stage, and none is at the others
        check_later(
            sample,
            [[*row[:at], last, *row[at + 1 :]] if row[at] in first.names[:-2] else row for row in sample.rows],
            first,
        )
    later = filled(new_file(first, "f.yaml").text, sample, rows, first)
    assert filled(later, sample, rows, first) == later


def check_later(sample: Sample, rows: list[list[str]], first: Funnel) -> None:
    """Counts, open units and chances are those of a fresh import; what that does not tell of times and money stays.

    A plain chance may be one that people stated.
    """
    fresh = funnels(sample, rows, sample.options._replace(stages=first.names))[0]
    before = new_file(first, "f.yaml").text
    after = filled(before, sample, rows, first)
    found, wanted, old = map(reads, (after, new_file(fresh, "f.yaml").text, before))
    for own, new, was in zip(found.stages, wanted.stages, old.stages, strict=True):
        assert [getattr(own, key) for key in TOLD] == [getattr(new, key) for key in TOLD]
        plain = was.close_chance is not None and not was.close_chance_sd and not was.close_within
        for key in STAYS:
            told = getattr(new, key)
            kept = getattr(was, key) if told is None else told
            assert near(getattr(own, key), kept, 10**7), (own.name, key)  # a mean is as exact as its count tells
        assert own.close_chance == new.close_chance or (plain and own.close_chance == was.close_chance)
    assert (found.period, found.cells) == (wanted.period, wanted.cells)
    assert counts(found) == counts(wanted)


def counts(funnel: Funnel) -> dict[str, dict[str, object]]:
    return {
        each.dimension: {part.name: (part.counts, part.open) for part in each.segments if any(part.counts)}
        for each in funnel.breakdowns
    }
