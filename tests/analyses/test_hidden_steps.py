"""Where losses at no known stage hide the steps, every report has one factor in place of them: the overall conversion.

The judge is the same funnel written by hand with one step, which hides nothing: what a report makes of the one it must
make of the other, but for the name of the step.
"""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.proportion import proportions_ztest

from funnelcli.analyses.bottleneck import find_bottleneck
from funnelcli.analyses.chances import Start
from funnelcli.analyses.compared_segments import compare_segments
from funnelcli.analyses.comparison import ComparisonReport, compare
from funnelcli.analyses.conversion import convert
from funnelcli.analyses.figures import figure, why_undefined
from funnelcli.analyses.goal_seek import goal_seek
from funnelcli.analyses.levers import levers_of
from funnelcli.analyses.projection import projected
from funnelcli.analyses.report import gather
from funnelcli.analyses.scenario import project
from funnelcli.analyses.segments import SegmentReport, break_down
from funnelcli.analyses.sensitivity import pull, pull_by
from funnelcli.analyses.simulation import simulate
from funnelcli.analyses.sweep import sweep
from funnelcli.analyses.unit_economics import unit_economics
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.changes import check, parse_set
from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.sweeps import axis
from funnelcli.lint.rules import RULES
from funnelcli.metrics import METRICS, Selector
from funnelcli.output.formats import FORMATS, Canvas
from funnelcli.output.report.what_if import model, sliders
from funnelcli.what_if import Change, Scenario
from tests.reports import EFFORT, REPORTS, shown

if TYPE_CHECKING:
    from funnelcli.model import Funnel

HIDDEN = ("Talks", "Offer")
KEYS = """\
name: Deals
average_check: {mean: 50, sd: 40}
budget: 900
gross_margin: 80%
"""
FUNNEL = f"""\
{KEYS}stages:
  - {{name: New, count: 100, open: 6, lost_unplaced: 40, close_chance: 40%}}
  - {{name: Talks, count: 54, open: 8, days: 2, close_chance: 40%}}
  - {{name: Offer, count: 46, open: 16, days: 3, close_chance: 40%}}
  - {{name: Won, count: 30, days: 4, role: customer}}
breakdowns:
  owner:
    Ann: {{counts: [60, 40, 35, 25], open: [2, 5, 10, 0]}}
    Bob: {{counts: [40, 14, 11, 5], open: [4, 3, 6, 0]}}
scenarios:
  Better: {{overall_conversion: +10%}}
"""
BY_HAND = f"""\
{KEYS}stages:
  - {{name: New, count: 100, open: 30, close_chance: 40%}}
  - {{name: Won, count: 30, days: 9, role: customer}}
breakdowns:
  owner:
    Ann: {{counts: [60, 25], open: [17, 0]}}
    Bob: {{counts: [40, 5], open: [13, 0]}}
scenarios:
  Better: {{conversion@Won: +10%}}
"""


def _funnel(text: str) -> Funnel:
    reading = read(text.encode(), "deals.yaml")
    assert not [each for each in reading.diagnostics if each.severity.name == "ERROR"], reading.diagnostics
    (funnel,) = reading.funnels
    return funnel


SEVERAL_STEPS, ONE_STEP = _funnel(FUNNEL), _funnel(BY_HAND)
OF_FACTORS = ("scenario", "economics", "goal", "levers", "segment_levers", "experiment", "sweep", "simulation")
"""Reports that name no stage but for its place among the factors."""


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("view", REPORTS)
def test_no_hidden_step_is_a_factor(view: str, format_name: str) -> None:
    found = REPORTS[view](SEVERAL_STEPS)
    if isinstance(found, Problem):
        assert view == "crosstab"
        return
    text = shown(view, format_name, [found], Canvas())
    for name in HIDDEN:
        if view in OF_FACTORS:
            assert name not in text
        for factor in (f"conversion@{name}", f"count@{name}", f"conversion to {name}", f"{name} (conversion)"):
            assert factor not in text


@pytest.mark.parametrize("view", ["conversion", "bottleneck"])
def test_no_figure_of_a_hidden_step_is_told(view: str) -> None:
    said = json.loads(shown(view, "json", [REPORTS[view](SEVERAL_STEPS)], Canvas()))["funnels"][0]
    rows = said["stages"][1:] if view == "conversion" else said["steps"]
    facts = {"name", "from", "count", "days", "off_the_way", "off_way", "average_check", "revenue"}
    whole = {"overall_conversion", "one_in"}
    for row in rows:
        told = {key for key, value in row.items() if value is not None} - facts
        assert told == (whole if row["name"] == "Won" and view == "conversion" else set())
    assert said["lost_unplaced"] == 40


@pytest.mark.parametrize("view", REPORTS)
def test_no_column_of_a_table_is_undefined_throughout(view: str) -> None:
    found = REPORTS[view](SEVERAL_STEPS)
    if isinstance(found, Problem):
        return
    lines = shown(view, "markdown", [found], Canvas()).split("\n")
    for table, rows in groupby(lines, lambda line: line.startswith("|")):
        if table:
            names, _, *cells = ([cell.strip() for cell in row.split("|")[1:-1]] for row in rows)
            for name, column in zip(names, zip(*cells, strict=True), strict=True):
                assert not {"n/a"} <= set(column) <= {"n/a", ""}, name


def test_why_nothing_is_known_of_a_step_is_said() -> None:
    for metric in ("conversion", "conversion_decided", "overall_conversion", "one_in", "drop_off", "loss_share"):
        selector = Selector(METRICS[metric], "Talks")
        assert figure(SEVERAL_STEPS, selector) is None
        assert "40 were lost is not known" in why_undefined(SEVERAL_STEPS, selector)


def _same(found: Any, wanted: Any, without: frozenset[str] = frozenset({"assumptions", "lost_unplaced"})) -> None:
    """That two results are alike, but for the name of the one step, and what is assumed."""
    if hasattr(found, "_asdict"):
        assert type(found) is type(wanted)
        for key, value in found._asdict().items():
            if key not in without:
                _same(value, wanted._asdict()[key], without)
    elif isinstance(found, (list, tuple)):
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            _same(one, other, without)
    elif isinstance(found, dict):
        assert [_plain(key) for key in found] == [_plain(key) for key in wanted]
        for one, other in zip(found.values(), wanted.values(), strict=True):
            _same(one, other, without)
    else:
        assert _plain(found) == _plain(wanted)


def _plain(value: Any) -> Any:
    return "overall_conversion" if value in ("conversion@Won", "conversions") else value


def test_reports_are_those_of_the_funnel_written_with_one_step() -> None:
    several, one = SEVERAL_STEPS, ONE_STEP
    _same(pull(several, EFFORT), pull(one, EFFORT))
    _same(project(several, several.scenarios), project(one, one.scenarios))
    _same(pull_by(several, "owner", EFFORT), pull_by(one, "owner", EFFORT))
    _same(REPORTS["experiment"](several), REPORTS["experiment"](one))
    (over,), (of_step,) = ([axis(f"{each}=10%..30%/3", each_of)] for each, each_of in _STEPS)
    _same(sweep(several, [over]), sweep(one, [of_step]))
    found, wanted = unit_economics(several, "owner"), unit_economics(one, "owner")
    assert not isinstance(found, Problem)
    assert not isinstance(wanted, Problem)
    _same(found, wanted, frozenset({"assumptions", "lost_unplaced", "break_even", "segments"}))
    assert found.break_even.overall_conversion == wanted.break_even.conversions["Won"]
    assert found.break_even[:3] == wanted.break_even[:3]


_STEPS = (("overall_conversion", SEVERAL_STEPS), ("conversion@Won", ONE_STEP))


@pytest.mark.parametrize("change", [None, "+20%", "+5pp", "40%"])
def test_draws_are_those_of_the_funnel_written_with_one_step(change: str | None) -> None:
    results = []
    for selector, funnel in _STEPS:
        moved = None
        if change is not None:
            parsed = parse_set(f"{selector}={change}", funnel)
            assert not isinstance(parsed, Problem)
            moved = Scenario("it", (parsed,))
        results.append(simulate(funnel, moved, draws=200))
    assert not isinstance(results[0], Problem)
    assert not isinstance(results[1], Problem)
    _same(results[0].metrics, results[1].metrics)
    assert results[0].variance_shares == {"overall_conversion": results[1].variance_shares["Won"]}


@pytest.mark.parametrize("chance", [None, 0.8])
def test_goals_are_those_of_the_funnel_written_with_one_step(chance: float | None) -> None:
    found = []
    for _, funnel in _STEPS:
        goal = check("sales >= 50", funnel.names)
        assert not isinstance(goal, Problem)
        levers = [lever for lever in levers_of(funnel) if lever.name != "conversions"]
        found.append(goal_seek(funnel, goal, levers, None, chance, Start(funnel)))
    _same(*found)


def test_effects_are_those_of_the_funnel_written_with_one_step() -> None:
    later = [
        _funnel(
            text.replace("count: 100", "count: 120").replace("count: 30", "count: 27").replace("mean: 50", "mean: 45")
        )
        for text in (FUNNEL, BY_HAND)
    ]
    found = compare([SEVERAL_STEPS, later[0]], ["a", "b"])
    wanted = compare([ONE_STEP, later[1]], ["a", "b"])
    assert not isinstance(found, Problem)
    assert not isinstance(wanted, Problem)
    (pair,), (judge,) = found.comparisons, wanted.comparisons
    for one, other in zip(
        (pair.sales, pair.revenue, pair.profit), (judge.sales, judge.revenue, judge.profit), strict=True
    ):
        _same(one, other)
    assert [mix._replace(overall_conversion_a=None, overall_conversion_b=None) for mix in pair.mix] == [
        mix._replace(overall_conversion_a=None, overall_conversion_b=None) for mix in judge.mix
    ]


def test_a_side_that_hides_its_steps_hides_those_of_both() -> None:
    placed = _funnel(FUNNEL.replace(", lost_unplaced: 40", ""))
    for pair in ([SEVERAL_STEPS, placed], [placed, SEVERAL_STEPS]):
        report = compare(pair, ["a", "b"])
        assert not isinstance(report, Problem)
        factors = [effect.factor for effect in report.comparisons[0].sales.effects]
        assert factors == ["entries", "overall_conversion", "still_open"]


@pytest.mark.parametrize("written", ["conversion@Talks", "conversion@Won", "count@Offer", "cost@Talks"])
def test_a_hidden_figure_is_not_changed_and_what_can_be_is_said(written: str) -> None:
    metric, _, stage = written.partition("@")
    outcome = projected(SEVERAL_STEPS, [(Selector(METRICS[metric], stage), Change(2, 0, "x2"))])
    assert isinstance(outcome, Problem)
    assert "40 were lost is not known" in outcome.message
    assert "overall_conversion" in (outcome.help or "")


def test_the_overall_conversion_of_several_known_steps_is_changed_step_by_step() -> None:
    known = _funnel(FUNNEL.replace(", lost_unplaced: 40", "").replace("overall_conversion: +10%", "entries: +10%"))
    outcome = projected(known, [(Selector(METRICS["overall_conversion"]), Change(2, 0, "x2"))])
    assert isinstance(outcome, Problem)
    assert "conversion@Talks, conversion@Offer, conversion@Won" in (outcome.help or "")


def test_pages_and_workbooks_move_the_overall_conversion() -> None:
    assert [each.label for each in sliders(SEVERAL_STEPS)] == [
        "Entries",
        "Overall conversion",
        "Average check",
        "Budget",
    ]
    assert [each["name"] for each in model(SEVERAL_STEPS)["stages"]] == ["New", "Won"]
    report = gather([SEVERAL_STEPS])
    assert not report.problems
    pytest.importorskip("xlsxwriter")
    from funnelcli.output.report.sheets import sheet_of

    labels = " ".join(row.label for row in sheet_of(SEVERAL_STEPS).rows)
    assert "overall conversion to Won" in labels
    assert not any(name in labels for name in HIDDEN)


def test_money_of_hidden_stages_is_kept() -> None:
    """What units of the stages between cost or bring stays in the sums: 100 x 1 + 54 x 2 + 46 x 3 of cost."""
    costly = FUNNEL.replace("count: 100,", "count: 100, cost: 1,").replace("count: 54,", "count: 54, cost: 2,")
    costly = costly.replace("count: 46,", "count: 46, cost: 3, average_check: 4,")
    found = project(_funnel(costly), ())
    assert not isinstance(found, Problem)
    assert found.projections[0].variable_cost == 100 + 54 * 2 + 46 * 3
    assert found.projections[0].revenue == 30 * 50 + 46 * 4


def test_steps_after_the_sale_are_known() -> None:
    """Who came to the sale is not among the losses, whatever becomes of them."""
    text = FUNNEL.partition("breakdowns:")[0] + "  - {name: Again, count: 12, from: Won}\n"
    funnel = _funnel(text)
    assert funnel.conversion(4) == convert(funnel).stages[4].conversion == Fraction(12, 30)
    assert "conversion@Again" in [lever.name for lever in levers_of(funnel)]
    assert [step.conversion for step in find_bottleneck(funnel).steps[:3]] == [None] * 3


@pytest.mark.parametrize("other", ["region", "month"])
def test_segments_that_differ_after_the_sale_are_told(other: str) -> None:
    """Of Ann's sales 82 of 120 come again, of Bob's 22 of 110, within months as in all."""
    rows = [("Ann", (150, 90, 60, 41), 25), ("Bob", (150, 85, 55, 11), 20)]
    cells = [
        f"  - {{owner: {name}, {other}: {each}, counts: [{', '.join(map(str, counts))}], open: [{waiting}, 0, 0, 0]}}\n"
        for each in ("2026-06", "2026-07")
        for name, counts, waiting in rows
    ]
    stages = "stages: [{name: New, lost_unplaced: 60}, {name: Talks}, {name: Won, role: customer}, {name: Again}]\n"
    (funnel,) = read(f"{stages}cells:\n{''.join(cells)}".encode(), "deals.yaml").funnels
    report, pairs = break_down(funnel, "owner"), compare_segments(funnel, "owner")
    assert isinstance(report, SegmentReport)
    assert isinstance(pairs, ComparisonReport)
    assert [row.differs for row in report.segments] == [(0, 0, 0, 1), (0, 0, 0, -1)]
    again = pairs.comparisons[0].stages[3]
    assert (again.differs, again.conversion_a, again.conversion_b) == (-1, Fraction(41, 60), Fraction(1, 5))
    tables = StratifiedTable([numpy.array([[11, 44], [41, 19]])] * 2)
    _, pooled = proportions_ztest([22, 82], [110, 120])
    judge = tables.test_null_odds().pvalue if other == "month" else pooled
    assert again.p_value == pytest.approx(judge, rel=1e-6)


def test_warnings_are_of_what_is_known() -> None:
    """A step that seems to lose nobody is not to be mended; a scenario that changes nothing is said to."""
    text = (
        FUNNEL.replace("count: 46, open: 16", "count: 30").replace(", close_chance: 40%", "").partition("breakdowns:")
    )
    warned = read(f"{text[0]}scenarios: {{Idle: {{entries: +0%}}}}\n".encode(), "deals.yaml", rules=RULES)
    codes = [each.problem.code for each in warned.diagnostics]
    assert "FN304" in codes
    assert "FN305" not in codes
