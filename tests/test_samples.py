"""Every sample and every template is read without a word, and every command that fits says something of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from funnelcli.analyses.bottleneck import find_bottleneck
from funnelcli.analyses.conversion import convert
from funnelcli.analyses.scenario import project
from funnelcli.reading.funnel_file import read
from funnelcli.rendering.formats import FORMATS, Canvas, render
from tests.conftest import ROOT, SAMPLES

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATES = ROOT / "funnelcli" / "reading" / "templates"
FILES = sorted([*SAMPLES.glob("*.yaml"), *TEMPLATES.glob("*.yaml")])


def test_there_is_a_template_of_every_kind() -> None:
    kinds = "aida sales-8 b2b retail online two-step engagement value-ladder saas recruiting"
    assert {path.stem for path in TEMPLATES.iterdir()} == set(kinds.split())


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
@pytest.mark.parametrize("format_name", FORMATS)
def test_samples_are_sound_and_shown(path: Path, format_name: str) -> None:
    reading = read(path.read_bytes(), path.name)
    assert [each.problem for each in reading.diagnostics] == []
    assert reading.funnels
    for view, results in (
        ("conversion", [convert(funnel) for funnel in reading.funnels]),
        ("bottleneck", [find_bottleneck(funnel) for funnel in reading.funnels]),
        ("scenario", [project(funnel, funnel.scenarios) for funnel in reading.funnels]),
    ):
        text = render(format_name, "command", results, view, Canvas(80))
        for funnel in reading.funnels:
            assert funnel.name in text.replace("\\", "")
