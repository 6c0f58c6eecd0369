"""Counts into the text of a funnel file: everything else stays as it is."""

from __future__ import annotations

from fractions import Fraction

import pytest

pytest.importorskip("ruamel.yaml", reason="the extra `events` is not installed")

from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.rewrite import Counts, only, rewrite
from funnelcli.measure import Measured
from funnelcli.model import Breakdown, Segment

WHEN = "when: {event: x}"
FILLED = "count: 3, days: 0.25"
FOUND = Counts((7, 3), (None, Fraction(1, 4)), (), Measured(events=10))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            f"stages:\n- name: A  # first\n  {WHEN}\n- name: B\n  conversion: 5%\n  {WHEN}\n",
            f"stages:\n- name: A  # first\n  count: 7\n  {WHEN}\n- name: B\n  count: 3\n  days: 0.25\n  {WHEN}\n",
        ),
        (
            f"stages:\n    - name: A\n      count: 5  # old\n      {WHEN}\n    - {{name: B, {WHEN}}}\n",
            f"stages:\n    - name: A\n      count: 7  # old\n      {WHEN}\n    - {{name: B, {FILLED}, {WHEN}}}\n",
        ),
        (
            f"'name': \"Quoted\"\nstages: [{{name: A, {WHEN}}}, {{name: B, days: 9, {WHEN}}}]\n",
            f"'name': \"Quoted\"\nstages: [{{name: A, count: 7, {WHEN}}}, {{name: B, count: 3, days: 0.25, {WHEN}}}]\n",
        ),
    ],
)
def test_only_counts_change(before: str, after: str) -> None:
    assert rewrite(before, {1: FOUND}) == after + "measured:\n  events: 10\n"


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
