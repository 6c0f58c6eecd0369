"""Samples of funnel reports, changed: what says the same is read the same, and what is spoilt is refused."""

from __future__ import annotations

import csv
import io
import random
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import pytest
import yaml

from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table
from funnelcli.counts_table.recipes import Recipe, read_recipe, recipes
from funnelcli.counts_table.words import is_total
from tests.counts_table.test_export_samples import EXPECTED, export_of

if TYPE_CHECKING:
    from pathlib import Path

    from funnelcli.diagnostics import Diagnostic

SHAPES = {recipe.name: recipe for recipe in recipes()}
SAMPLES = [
    path
    for path in EXPECTED
    if path.parent.name in SHAPES
    and SHAPES[path.parent.name].shape == "steps"
    and "funnels" in yaml.safe_load(path.read_text(encoding="utf-8"))
]
each_sample = pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.name.split('.')[0]}")


class Report(NamedTuple):
    """A report as cells: what stands above the names, and the rows, of which the first are the names."""

    above: list[str]
    rows: list[list[str]]

    def counts(self, recipe: str) -> list[int]:
        """The columns of counts."""
        found = [SHAPES[recipe].column(name) for name in self.rows[0]]
        return [at for at, each in enumerate(found) if each is not None and each.kind == "count"]

    def text(self, delimiter: str = ",", end: str = "\n") -> str:
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(self.rows)
        return "".join(line + end for line in self.above) + out.getvalue()


def report_of(path: Path) -> Report:
    data = export_of(path, yaml.safe_load(path.read_text(encoding="utf-8"))).read_bytes()
    text = data.decode("utf-16" if data[:2] == b"\xff\xfe" else "utf-8-sig")
    lines = text.replace("\r\n", "\n").split("\n")
    start = next(at for at, line in enumerate(lines) if line and not line.startswith("#"))
    end = next((at for at in range(start, len(lines)) if not lines[at]), len(lines))
    delimiter = "\t" if "\t" in lines[start] else ","
    return Report(lines[:start], list(csv.reader(lines[start:end], delimiter=delimiter)))


def read(report: Report, delimiter: str = ",", end: str = "\n", encoding: str = "utf-8") -> Imported | list[Diagnostic]:
    return import_table(report.text(delimiter, end).encode(encoding), "report.csv")


def figures(result: Imported | list[Diagnostic]) -> tuple[object, ...]:
    assert isinstance(result, Imported), [each.problem for each in result]
    (funnel,) = result.funnels
    stages = [(stage.name, stage.count, stage.days) for stage in funnel.stages]
    return funnel.name, funnel.period, stages, funnel.breakdowns, result.recipe and result.recipe.name


@each_sample
def test_a_report_says_the_same_in_another_dialect_and_order_of_columns(path: Path) -> None:
    report = report_of(path)
    told = figures(read(report))
    for delimiter, end, encoding in ((";", "\r\n", "utf-8-sig"), ("\t", "\n", "utf-16"), (",", "\r\n", "utf-8")):
        assert figures(read(report, delimiter, end, encoding)) == told
    draw = random.Random(path.name)
    for _ in range(4):
        order = draw.sample(range(len(report.rows[0])), len(report.rows[0]))
        if path.parent.name == "mixpanel_funnel_columns":  # the order of its columns is that of the steps
            order.sort(key=lambda at: (at in report.counts(path.parent.name), at))
        assert figures(read(report._replace(rows=[[row[at] for at in order] for row in report.rows]))) == told
    unknown = [
        [*row, f"x{at}" if at else "Comment", str(7 * at) if at else "Extra"] for at, row in enumerate(report.rows)
    ]
    if path.parent.name in ("matomo_funnel", "posthog_funnel"):  # others take words for segments
        assert figures(read(report._replace(rows=unknown))) == told
    shouted = [[name.upper() for name in report.rows[0]], *report.rows[1:]]
    are_words = not any(name[1:].lower() != name[1:] for name in report.rows[0] if " " not in name)  # activeUsers
    if are_words and "{step}" not in str(SHAPES[path.parent.name]):
        loud, plain = figures(read(report._replace(rows=shouted))), told
        assert (loud[:3], loud[4]) == (plain[:3], plain[4])  # a dimension has the name that stands there


@each_sample
def test_a_count_that_is_none_or_more_than_before_is_refused_or_said(path: Path) -> None:
    report = report_of(path)
    told = figures(read(report))
    for column in report.counts(path.parent.name):
        for row in range(1, len(report.rows)):
            for cell in ("", "n/a", "1.5.2", "-3", "12%"):
                spoilt = [list(cells) for cells in report.rows]
                spoilt[row][column] = cell
                result = read(report._replace(rows=spoilt))
                if isinstance(result, Imported) and figures(result) != told:  # a total may be empty, and it is said
                    assert any("added up without a total" in note for note in result.notes), (row, cell)
                    assert any(map(is_total, spoilt[row])), (row, cell)


@each_sample
def test_a_total_that_its_rows_do_not_make_is_refused(path: Path) -> None:
    report = report_of(path)
    totals = [row for row, cells in enumerate(report.rows) if row and any(map(is_total, cells))]
    for row in totals:
        for column in report.counts(path.parent.name):
            for change in (1, 10**7):  # people of several segments may be fewer than the sum, never more
                spoilt = [list(cells) for cells in report.rows]
                if path.parent.name == "ga4_funnel" and "Segment" in report.rows[0]:
                    continue  # segments of one's own may leave some out
                made = sum(int(cells[column]) for at, cells in enumerate(report.rows) if at and at not in totals)
                if len(report.rows[0]) > 3 and path.parent.name == "ga4_funnel":
                    made = int(spoilt[row][column])
                spoilt[row][column] = str(made + change)
                assert isinstance(read(report._replace(rows=spoilt)), list), (row, column, change)


@each_sample
def test_a_report_without_a_needed_column_is_another_file(path: Path) -> None:
    report = report_of(path)
    (column, *_) = report.counts(path.parent.name)
    if len(report.counts(path.parent.name)) == 1:
        without = [[cell for at, cell in enumerate(row) if at != column] for row in report.rows]
        result = read(report._replace(rows=without))
        assert isinstance(result, list) or result.recipe is None


OWN = """title: Ours
shape: steps
needs: [step, units]
columns:
  step: {is: steps, names: [Level]}
  units: {is: count, names: [Heads]}
  late: {is: drop, why: told, more: {tells: TELLS}, names: [Came in]}
  time: {is: mean_time, unit: UNIT, names: [Took]}
more: {strip: STRIP, repeats: REPEATS, grows: no, name: '('}
"""


@pytest.mark.parametrize("repeats", ["yes", "false", "no"])
@pytest.mark.parametrize("strip", ["'^[0-9]+ '", "['(']"])
def test_a_recipe_of_ones_own_is_read_or_its_fault_is_named(repeats: str, strip: str) -> None:
    recipe = read_recipe(written(STRIP=strip, REPEATS=repeats), "ours", "ours.yaml")
    assert isinstance(recipe, Recipe), recipe
    table = "Level,Heads,Came in,Took\n1 In,100,0,\n2 Out,40,3,12\n"
    found = import_table(table.encode(), "t.csv", ImportOptions(own=recipe))
    if strip == "['(']":
        assert isinstance(found, list)
        assert "no regular expression" in found[0].problem.message
        return
    assert isinstance(found, Imported)
    assert [(stage.name, stage.count) for stage in found.funnels[0].stages] == [("In", 100), ("Out", 40)]


FAULTS = [
    ("tells: TELLS", "tels: entered", 7, 'unknown key "tels" in more', "tells"),
    ("tells: TELLS", "asked: true", 7, 'unknown key "asked" in more of steps', None),
    ("TELLS", "entred", 7, 'unknown tells "entred"', "entered"),
    ("UNIT", "parsecs", 8, 'unknown unit "parsecs"', None),
    ("UNIT", "[hours]", 8, "unknown unit", None),
    ("REPEATS", "[]", 9, "repeats is yes or no", "true or false"),
    ("REPEATS", "perhaps", 9, "repeats is yes or no", "true or false"),
    ("repeats: REPEATS", "repeat: true", 9, 'unknown key "repeat" in more', "repeats"),
    ("names: [Heads]", "role: clik, names: [Heads]", 6, 'unknown role "clik"', "click"),
    ("names: [Heads]", "adds_up: nope, names: [Heads]", 6, "adds_up is yes or no", "true or false"),
    ("name: '('", "name: ['(']", 9, "text is expected", None),
    ("shape: steps", "shape: [steps]", 2, "unknown shape", None),
]


@pytest.mark.parametrize(("what", "spoilt", "line", "message", "help_"), FAULTS)
def test_a_key_or_word_that_no_recipe_has_is_named(
    what: str, spoilt: str, line: int, message: str, help_: str | None
) -> None:
    found = read_recipe(written(**{what: spoilt}), "ours", "ours.yaml")
    assert isinstance(found, list)
    (problem,) = (each for each in found if message in each.problem.message)
    assert problem.location.line == line
    assert help_ is None or help_ in str(problem.problem.help)


def written(**spoilt: str) -> str:
    """A recipe of one's own in which some parts are other ones."""
    text = OWN
    usual = {"TELLS": "entered", "UNIT": "hours", "STRIP": "'^[0-9]+ '", "REPEATS": "yes"}
    for what, other in (*spoilt.items(), *usual.items()):
        text = text.replace(what, other)
    return text


def test_times_have_the_mark_of_the_tool_whatever_one_of_the_counts_has() -> None:
    text = 'name,action_id,count,average_conversion_time (seconds)\nA,$pageview,1330,\nB,$pageview,"837,0",903.375\n'
    found = import_table(text.encode(), "report.csv")
    assert isinstance(found, Imported), found
    assert [(stage.count, stage.days) for stage in found.funnels[0].stages] == [
        (1330, None),
        (837, Fraction(903375, 1000) / 86_400),
    ]
