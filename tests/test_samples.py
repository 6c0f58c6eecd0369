"""Every sample and every template is read without a word, and every command that fits says something of it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from funnelcli.analyses.bottleneck import bottleneck_by, find_bottleneck
from funnelcli.analyses.breakdowns import segment_funnel
from funnelcli.analyses.comparison import ComparisonReport, compare
from funnelcli.analyses.conversion import convert
from funnelcli.analyses.scenario import project
from funnelcli.analyses.segments import break_down
from funnelcli.analyses.sensitivity import Effort, pull
from funnelcli.analyses.simulation import simulate
from funnelcli.analyses.unit_economics import unit_economics
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.reader import read
from funnelcli.output.formats import FORMATS, Canvas, render
from tests.conftest import ROOT, SAMPLES

if TYPE_CHECKING:
    from pathlib import Path

    from funnelcli.model import Funnel

TEMPLATES = ROOT / "funnelcli" / "funnel_file" / "templates"
EFFORT = Effort("relative", Fraction(1, 10), "+10%")
FILES = sorted([*SAMPLES.glob("*.yaml"), *TEMPLATES.glob("*.yaml")])


def test_there_is_a_template_of_every_kind() -> None:
    kinds = "aida sales-8 b2b retail online two-step engagement value-ladder saas recruiting"
    assert {path.stem for path in TEMPLATES.iterdir()} == set(kinds.split())


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_samples_are_sound_and_shown(path: Path) -> None:
    reading = read(path.read_bytes(), path.name)
    assert [each.problem for each in reading.diagnostics] == []
    assert reading.funnels
    for view, results in (
        ("conversion", [convert(funnel) for funnel in reading.funnels]),
        ("bottleneck", [find_bottleneck(funnel) for funnel in reading.funnels]),
        ("scenario", [project(funnel, funnel.scenarios) for funnel in reading.funnels]),
        ("economics", [unit_economics(funnel) for funnel in reading.funnels]),
        ("levers", [pull(funnel, EFFORT) for funnel in reading.funnels]),
        ("simulation", [simulate(funnel, draws=500) for funnel in reading.funnels]),
    ):
        for format_name in FORMATS:
            text = render(format_name, "command", results, view, Canvas(80))
            for funnel in reading.funnels:
                assert funnel.name in text.replace("\\", ""), (view, format_name)


DIMENSIONS = [
    pytest.param(funnel, breakdown.dimension, id=f"{funnel.name} by {breakdown.dimension}")
    for path in FILES
    for funnel in read(path.read_bytes(), path.name).funnels
    for breakdown in funnel.breakdowns
]


@pytest.mark.parametrize(("funnel", "dimension"), DIMENSIONS)
def test_breakdowns_are_shown(funnel: Funnel, dimension: str) -> None:
    """Every segment is named in each report by the dimension."""
    (breakdown,) = (each for each in funnel.breakdowns if each.dimension == dimension)
    parts = [segment_funnel(funnel, segment) for segment in breakdown.segments]
    names = [part.name for part in parts]
    for view, result in (
        ("segments", break_down(funnel, dimension)),
        ("bottleneck", bottleneck_by(funnel, dimension)),
        ("economics", unit_economics(funnel, dimension)),
        ("comparison", compare(parts, names)),
        ("comparison", compare(parts[:2], names[:2])),
    ):
        assert not isinstance(result, Problem)
        members = {"comparisons": result.comparisons} if isinstance(result, ComparisonReport) else None
        shown = names[:2] if view == "comparison" and len(result.comparisons) == 1 else names
        for format_name, width in (*((each, None) for each in FORMATS), ("table", 60)):
            text = render(format_name, "command", [result], view, Canvas(width), members).replace("\\", "")
            for name in shown:
                assert name in text, (view, format_name, width)
            if format_name == "table" and funnel.name.isascii():
                plain = render("table", "command", [result], view, Canvas(width, encoding="ascii"))
                assert plain.isascii()
                assert len(plain.splitlines()) == len(text.splitlines())
            if width is not None:
                tables = [line for line in text.splitlines() if "  " in line.strip()]
                assert max(map(len, tables)) <= width
