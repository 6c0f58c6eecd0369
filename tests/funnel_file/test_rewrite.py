"""Counts into the text of a funnel file: everything else stays as it is."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

pytest.importorskip("ruamel.yaml", reason="the extra `events` is not installed")

from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.rewrite import Counts, only, rewrite
from funnelcli.measure import Measured, Times
from funnelcli.segments import Breakdown, Segment

WHEN = "when: {event: x}"
DAYS = "days: {median: 0.5, p90: 1}"
FILLED = f"count: 3, {DAYS}"
TIMES = Times(3, 50_000, 40_000, 43_200, 60_000, 86_400)
FOUND = Counts((7, 3), (), Measured(events=10, times=(("B", TIMES),)))
NOTED = (
    "measured:\n  events: 10\n  times:\n"
    "    B: {units: 3, mean: 50000, p25: 40000, p50: 43200, p75: 60000, p90: 86400}\n"
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            f"stages:\n- name: A  # first\n  {WHEN}\n- name: B\n  conversion: 5%\n  {WHEN}\n",
            f"stages:\n- name: A  # first\n  count: 7\n  {WHEN}\n- name: B\n  count: 3\n  {DAYS}\n  {WHEN}\n",
        ),
        (
            f"stages:\n    - name: A\n      count: 5  # old\n      {WHEN}\n    - {{name: B, {WHEN}}}\n",
            f"stages:\n    - name: A\n      count: 7  # old\n      {WHEN}\n    - {{name: B, {FILLED}, {WHEN}}}\n",
        ),
        (
            f"'name': \"Quoted\"\nstages: [{{name: A, {WHEN}}}, {{name: B, days: 9, {WHEN}}}]\n",
            f"'name': \"Quoted\"\nstages: [{{name: A, count: 7, {WHEN}}}, {{name: B, count: 3, days: 9, {WHEN}}}]\n",
        ),
    ],
)
def test_only_counts_change(before: str, after: str) -> None:
    assert rewrite(before, {1: FOUND}) == after + NOTED


@pytest.mark.parametrize(
    "noted",
    [
        NOTED,  # of a measurement before
        "measured: {median_days: {B: 7}}\n",  # as they were noted before there were quantiles
    ],
)
@pytest.mark.parametrize(("later", "days"), [(TIMES._replace(p50=21_600), "{median: 0.25, p90: 1}"), (None, "")])
def test_days_that_were_measured_are_measured_anew(noted: str, later: Times | None, days: str) -> None:
    own = DAYS if noted == NOTED else "days: 9"
    before = f"stages:\n- {{name: A, {WHEN}}}\n- {{name: B, {own}, {WHEN}}}\n{noted}"
    found = FOUND._replace(measured=Measured(times=(("B", later),) if later else ()))
    written = f", days: {days}" if days else ""
    assert f"{{name: B, count: 3{written}, {WHEN}}}\n" in rewrite(before, {1: found})


@pytest.mark.parametrize("own", ["days: 9", "days: {median: 9, p90: 9}"])
def test_days_of_the_file_stay(own: str) -> None:
    before = f"stages:\n- {{name: A, {WHEN}}}\n- {{name: B, {own}, {WHEN}}}\n{NOTED}"
    assert f"{{name: B, count: 3, {own}, {WHEN}}}\n" in rewrite(before, {1: FOUND})


def test_the_mean_that_was_measured_is_read_beside_the_quantiles() -> None:
    """Not that of a distribution with the same quantiles."""
    text = rewrite(f"stages:\n- {{name: A, {WHEN}}}\n- {{name: B, {WHEN}}}\n", {1: FOUND})
    stage = read(text.encode(), "test.yaml").funnels[0].stages[1]
    assert (stage.days, stage.days_quantiles) == (Fraction(50_000, 86_400), (Fraction(1, 2), 1))
    stage = read(text.replace("p90: 1}", "p90: 2}").encode(), "test.yaml").funnels[0].stages[1]
    assert stage.days == pytest.approx(0.5 * math.exp((math.log(4) / 1.2815515655446004) ** 2 / 2))


def test_what_is_more_than_one_figure_is_kept() -> None:
    """Spreads, quantiles of time, amounts and variation are not measured."""
    text = (
        "average_check: {mean: 90, sd: 140}\nvariation: 10%\nstages:\n"
        f"- name: A\n  open: [5, 6]\n  days_lost: {{median: 9, p90: 9}}\n  {WHEN}\n"
        f"- name: B\n  days: {{median: 6, p90: 21}}\n  {WHEN}\n"
        "breakdowns:\n  c:\n    X: {counts: [1, 1], average_order_value: {mean: 80, sd: 9}}\n"
    )
    found = FOUND._replace(breakdowns=(Breakdown("c", (Segment("X", (4, 2), average_check=85),)),))
    after = rewrite(text, {1: found})
    assert after.startswith(
        "average_check: {mean: 90, sd: 140}\nvariation: 10%\nstages:\n"
        f"- name: A\n  count: 7\n  open: [5, 6]\n  days_lost: {{median: 9, p90: 9}}\n  {WHEN}\n"
        f"- name: B\n  count: 3\n  days: {{median: 6, p90: 21}}\n  {WHEN}\n"
        "breakdowns:\n  c:\n    X: {counts: [4, 2], average_order_value: {mean: 85, sd: 9}}\n"
    )


SEGMENTED = """\
stages:
  - name: A
    when: {e: a}
  - name: B
    when: {e: b}
breakdowns:
  channel:
    Ads: {counts: [1, 1], budget: 500}  # dear
    Old: [2, 2]
# what follows
budget: 600
"""


def test_segments_keep_their_money_and_the_comment_below_stays() -> None:
    found = FOUND._replace(breakdowns=(Breakdown("channel", (Segment("5", (4, 2)), Segment("Ads", (3, 1)))),))
    text = rewrite(SEGMENTED, {1: found})
    (funnel,) = read(text.encode(), "test.yaml").funnels
    assert funnel.breakdowns == (Breakdown("channel", (Segment("5", (4, 2)), Segment("Ads", (3, 1), budget=500))),)
    assert "# what follows\nbudget: 600\n" in text
    assert "Old" not in text


def test_other_documents_stay_byte_for_byte() -> None:
    one, other = "# one\nstages: {A: 5,   B: 2}\n", f"--- # two\nstages: [{{name: A, {WHEN}}}, {{name: B, {WHEN}}}]\n"
    last = "---\nstages:   {C: 5, D: 1}\n"
    text = rewrite(one + other + last, {2: FOUND})
    assert text.startswith(one + "--- # two\n")
    assert text.endswith(last)
    assert [[stage.count for stage in each.stages] for each in read(text.encode(), "t").funnels] == [
        [5, 2],
        [7, 3],
        [5, 1],
    ]
    assert [each.stages[0].name for each in read(only(text, [1, 3]).encode(), "t").funnels] == ["A", "C"]


@pytest.mark.parametrize(
    "name", ["2026-10-01", "yes", "1_000", "a: b", "# x", "it's", '"', "null", "Größe 👍", "a\\b", "=1"]
)
def test_any_name_of_a_segment_is_read_back(name: str) -> None:
    found = FOUND._replace(breakdowns=(Breakdown("d", (Segment(name, (7, 3)),)),))
    (funnel,) = read(rewrite(SEGMENTED.partition("breakdowns")[0], {1: found}).encode(), "t").funnels
    assert funnel.breakdowns[0].segments == (Segment(name, (7, 3)),)
