"""Every sample of an export, written as a file and filled into one: what is read back is what was imported."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from funnelcli.cli.filling import counts_of_import
from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table
from funnelcli.funnel_file.breakdowns import with_money_of_segments
from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.writer import new_file
from funnelcli.funnel_file.yaml.quoting import written
from funnelcli.lint.rules import RULES
from funnelcli.segments import Breakdown, Segment
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from funnelcli.exact import Exact
    from funnelcli.model import Funnel, Stage

EXPECTED = sorted((ROOT / "tests" / "exports").glob("*/*.expected.yaml"))


def imported(path: Path) -> Iterator[Funnel]:
    """The funnels of the sample that an expected file is of; none where it is refused."""
    wanted = yaml.safe_load(path.read_text(encoding="utf-8"))
    stem = path.name.removesuffix(".expected.yaml")
    beside = (each for each in path.parent.glob(f"{stem}.*") if each != path)
    sample = path.parent / wanted["file"] if "file" in wanted else next(beside)
    given: dict[str, Any] = wanted.get("options", {})
    fields: dict[str, Any] = {key: tuple(each) if isinstance(each, list) else each for key, each in given.items()}
    options = ImportOptions(**fields)
    if sample.suffix in (".xlsx", ".xls", ".ods"):
        pytest.importorskip("python_calamine")
    outcome = import_table(sample.read_bytes(), sample.name, options)
    if isinstance(outcome, Imported):
        yield from outcome.funnels


def near(one: Exact | None, other: Exact | None, share: int) -> bool:
    """Whether two figures are the same but for one part in so many."""
    if one is None or other is None:
        return one is other
    return abs(Fraction(one) - Fraction(other)) * share <= Fraction(other)


def same_stage(found: Stage, wanted: Stage) -> bool:
    assert near(found.average_check_sd, wanted.average_check_sd, 1000), wanted.name
    assert near(found.days, wanted.days, 10**4), wanted.name
    assert near(found.days_lost, wanted.days_lost, 10**4), wanted.name
    money = [None if each is None else round(Fraction(each * wanted.count), 2) for each in map(_price, (found, wanted))]
    assert money[0] == money[1], wanted.name
    amounts = [[round(Fraction(each), 2) for each in stage.open_amounts] for stage in (found, wanted)]
    assert amounts[0] == amounts[1], wanted.name
    told = ("name", "count", "open", "allow_growth")
    return [getattr(found, key) for key in told] == [getattr(wanted, key) for key in told]


def _price(stage: Stage) -> Exact | None:
    return stage.average_order_value


def segments(funnel: Funnel) -> dict[str, dict[str, tuple[object, ...]]]:
    """Counts, open units, budget and revenue in cents of each segment."""
    return {each.dimension: {part.name: _figures(funnel, part) for part in each.segments} for each in funnel.breakdowns}


def _figures(funnel: Funnel, part: Segment) -> tuple[object, ...]:
    check = part.average_check
    revenue = None if check is None else round(Fraction(check * part.counts[funnel.sale_stage]), 2)
    return part.counts, tuple(part.open) if any(part.open) else (), part.budget, revenue


def revenues(funnel: Funnel) -> list[Fraction]:
    """The revenue of each segment that has an average check, exact."""
    parts = [part for each in funnel.breakdowns for part in each.segments if part.counts]
    return [Fraction(part.average_check or 0) * part.counts[funnel.sale_stage] for part in parts]


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_sample_reads_back_from_its_file(path: Path) -> None:
    for funnel in imported(path):
        made = new_file(funnel, "f.yaml")
        assert made.errors == ()
        reading = read(made.text.encode(), "f.yaml", rules=RULES)
        assert reading.diagnostics == ()
        (found,) = reading.funnels
        wanted = with_money_of_segments(funnel)
        assert all(map(same_stage, found.stages, wanted.stages))
        assert segments(found) == segments(wanted)
        assert all(money == round(money, 2) for money in revenues(found))
        if funnel.stages[-1].revenue is not None:
            for each in found.breakdowns:
                assert sum(revenues(found._replace(breakdowns=(each,)))) == funnel.stages[-1].revenue
        assert [(each.segments, each.counts) for each in found.cells] == [
            (each.segments, each.counts) for each in wanted.cells
        ]
        assert found.measured is not None
        assert wanted.measured is not None
        assert (found.measured.source, found.measured.recipe) == (wanted.measured.source, wanted.measured.recipe)
        assert [name for name, _ in found.measured.median_days] == [name for name, _ in wanted.measured.median_days]
        told = ("name", "period", "currency", "budget")
        assert [getattr(found, key) for key in told] == [getattr(wanted, key) for key in told]


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_sample_fills_a_file_that_has_only_its_stages(path: Path) -> None:
    pytest.importorskip("ruamel.yaml", reason="the extra `events` is not installed")
    from funnelcli.funnel_file.rewrite import rewrite

    for funnel in imported(path):
        bare = "".join(
            f"  - name: {written(stage.name)}{GROWS if stage.allow_growth else ''}  # ours\n" for stage in funnel.stages
        )
        text = rewrite(f"# ours\nname: Ours\nstages:\n{bare}", {1: counts_of_import(funnel)})
        reading = read(text.encode(), "f.yaml")
        assert [each.problem for each in reading.diagnostics if each.problem.code not in SUMS] == []
        (found,) = reading.funnels
        wanted = with_money_of_segments(funnel)
        assert all(map(same_stage, found.stages, wanted.stages))
        assert {name: dict(each) for name, each in segments(found).items()} == segments(without_money_of_cells(wanted))
        assert text.count("# ours") == 1 + len(funnel.stages)
        lines, new = map(written_alike, (text, new_file(funnel, "f.yaml").text))
        assert lines == new


def written_alike(text: str) -> tuple[list[str], str]:
    """What is written in the same way into a new file and into one that is there: open units, whence and how long."""
    return re.findall(r"^    open: (?:\d+|\[[^]]*\])$", text, re.MULTILINE), text.partition("\nmeasured:")[2]


SUMS = ("FN301", "FN312")
"""What is said of people of several segments, who do not add up."""
GROWS = "\n    allow_growth: true"


def without_money_of_cells(funnel: Funnel) -> Funnel:
    """The funnel as a file has it that does not list the segments of its cells, which have no money then."""
    dimensions = dict(funnel.cells[0].segments) if funnel.cells else {}
    plain = [
        each
        if each.dimension not in dimensions
        else Breakdown(each.dimension, tuple(part._replace(average_check=None, budget=None) for part in each.segments))
        for each in funnel.breakdowns
    ]
    return funnel._replace(breakdowns=tuple(plain))
