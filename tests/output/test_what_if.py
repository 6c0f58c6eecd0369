"""Scenarios of a file as the what-if panel projects them: the page's own script, run by Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import funnelcli
from funnelcli.analyses.scenario import project, projectable
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.changes import parse_set
from funnelcli.funnel_file.reader import read
from funnelcli.output.report import what_if
from funnelcli.what_if import Scenario

SCRIPT = Path(funnelcli.__file__).parent / "output" / "report" / "templates" / "page.js"
SAMPLES = Path(__file__).resolve().parents[2] / "sample_funnels"
MANY = """\
name: Many changes
budget: 1000
stages:
- {name: In, count: 5000, cost: 0.125}
- {name: Out, count: 400, cost: 3, average_check: 100}
scenarios:
  Twice: {average_check: +10%, average_check@Out: -5}
  Set and moved: {average_check: 90, average_check@Out: +10%}
  Margin that nobody states: {gross_margin: -20%}
  Of all kinds: {cost@Out: 2.5, budget: x1.5, average_check: "+5"}
"""
FIGURES = ("overall_conversion", "revenue", "variable_cost", "budget", "profit")


def test_scenarios_of_the_panel_are_those_of_the_command() -> None:
    """Every scenario of every sample, and changes of each kind, to nine digits."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob("*.yaml"))]
    models: list[dict[str, Any]] = []
    wanted: list[dict[str, Any]] = []
    for text in (*texts, MANY):
        reading = read(text.encode(), "funnel.yaml")
        assert reading.diagnostics == ()
        for funnel in reading.funnels:
            possible, _ = projectable(funnel, funnel.scenarios)
            report = project(funnel, possible)
            assert not isinstance(report, Problem)
            models.append(json.loads(json.dumps(what_if.model(funnel, possible))))
            wanted += [figures_of(each) for each in report.projections[1:]]
    assert len(wanted) > 20
    held_against_the_script(models, wanted)


def test_sliders_of_the_panel_give_the_figures_of_the_command() -> None:
    """Each slider moved down and to its end, of branches, costs, open units, an elasticity, several checks, periods."""
    models: list[dict[str, Any]] = []
    wanted: list[dict[str, Any]] = []
    for stem in ("b2b", "engagement_pyramid", "loss_making", "periods", "suppilo", "value_ladder"):
        (funnel,) = read((SAMPLES / f"{stem}.yaml").read_bytes(), "funnel.yaml").funnels
        moves, changes = [], []
        for slider in what_if.sliders(funnel):
            for percent in {-30, slider.end} - {0}:
                name = slider.lever.name
                change = parse_set(f"{name}={percent:+}%", funnel)
                assert not isinstance(change, Problem)
                moves.append(Scenario(f"{name} {percent}", (change,)))
                changes.append([{"key": slider.figure, "selector": name, "factor": 1 + percent / 100, "shift": 0}])
        report = project(funnel, moves)
        assert not isinstance(report, Problem), stem
        model = json.loads(json.dumps(what_if.model(funnel)))
        models.append(model | {"scenarios": [{"changes": each} for each in changes]})
        wanted += [figures_of(each) for each in report.projections[1:]]
    assert len(wanted) > 50
    held_against_the_script(models, wanted)


def figures_of(each: Any) -> dict[str, Any]:
    """The figures of a projection, as the panel calls them."""
    counts = [None if stage.count is None else float(stage.count) for stage in each.stages]
    known = {name: getattr(each, name) for name in FIGURES}
    return {"count": counts} | {name: None if value is None else float(value) for name, value in known.items()}


def held_against_the_script(models: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    """Every change of the models as the page's own script projects it."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed")
    script = SCRIPT.read_text(encoding="utf-8").partition("// the panel")[0]
    asked = (
        f"console.log(JSON.stringify({json.dumps(models)}.flatMap((model) => model.scenarios.map(({{changes}}) =>"
        " project(model, new Map(changes.map((each) => [each.key, {...each, what: each.selector}])))))))"
    )
    done = subprocess.run([node, "-"], input=script + asked, capture_output=True, text=True, timeout=60, check=True)
    found = json.loads(done.stdout)
    assert len(found) == len(wanted)
    for ours, theirs in zip(found, wanted, strict=True):
        assert ours["count"] == pytest.approx(theirs["count"], rel=1e-9)
        for name in FIGURES:
            assert ours[name] == (None if theirs[name] is None else pytest.approx(theirs[name], rel=1e-9)), name
