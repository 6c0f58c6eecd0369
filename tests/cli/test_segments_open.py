"""Open units of segments: what `show --by` and the others say of conversions of the decided, in every format."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Files, Run

DEALS = """\
currency: EUR
average_check: 1000
stages: {Lead: 400, Offer: 190, Won: 72}
breakdowns:
  manager:
    Anna: {counts: [200, 100, 40], open: [20, 8, 0]}
    Boris: {counts: [200, 90, 32], open: [60, 20, 0]}
"""
SAID = "Some are still open at Lead and Offer, so that counts may grow: conversions are of those who are decided"


def test_show_has_the_decided_and_says_so(run: Run, files: Files) -> None:
    shown = run("show", files("deals.yaml", DEALS), "--by", "manager").stdout
    assert SAID in shown
    assert "in a segment they count as not passed" not in shown
    assert "Conversion, % of the decided" in shown
    (counted,) = [line.split() for line in shown.splitlines() if line.startswith("Boris") and "32,000" in line]
    assert counted[1:5] == ["200", "90", "32", "80"]  # and 60 + 20 are open
    (anna,) = [line.split() for line in shown.splitlines() if line.startswith("Anna") and "24.2%" in line]
    assert anna[1:4] == ["55.6%", "43.5%", "24.2%"]  # 100 of 180, 40 of 92, and their product


@pytest.mark.parametrize("command", ["bottleneck", "compare", "forecast", "economics"])
def test_nobody_says_that_they_are_not_known(run: Run, files: Files, command: str) -> None:
    shown = run(command, files("deals.yaml", DEALS), "--by", "manager").stdout
    assert shown
    assert "not known" not in shown
    assert "not given by segment" not in shown


def test_json_and_csv(run: Run, files: Files) -> None:
    deals = files("deals.yaml", DEALS)
    (report,) = json.loads(run("show", deals, "--by", "manager", "--format", "json").stdout)["funnels"]
    boris = report["segments"][1]
    assert boris["conversions_decided"] == pytest.approx([None, 90 / 140, 32 / 70])
    assert (boris["open"], report["total"]["open"]) == ([60, 20, 0], [80, 28, 0])
    assert boris["overall_conversion_decided"] == pytest.approx(72 / 245)
    assert (report["open_at"], report["open_by_segment"]) == ([], ["Lead", "Offer"])
    rows = list(csv.DictReader(io.StringIO(run("show", deals, "--by", "manager", "--format", "csv").stdout)))
    found = {(row["segment"], row["stage"]): row["conversion_decided"] for row in rows if row["row"] == "segment"}
    assert float(found["Anna", "Won"]) == pytest.approx(40 / 92)
    (sale,) = [row for row in rows if (row["segment"], row["stage"]) == ("Boris", "Won")]
    assert float(sale["overall_conversion_decided"]) == pytest.approx(72 / 245)


MONTHS = """\
stages: {Lead: 2400, Won: 480}
cells:
CELLS"""


@pytest.mark.parametrize("swing", [0, 15])
def test_what_widens_the_intervals_of_segments_is_said(run: Run, files: Files, swing: int) -> None:
    won = [30 + swing, 30 - swing] * 4
    cells = "".join(
        f"  - {{owner: {owner}, month: 2026-{month:02}, counts: [150, {sales}]}}\n"
        for month, sales in enumerate(won, 1)
        for owner in ("Ann", "Bob")
    )
    shown = run("show", files("months.yaml", MONTHS.replace("CELLS", cells)), "--by", "owner").stdout
    (ann,) = [line.split() for line in shown.splitlines() if line.startswith("Ann") and "–" in line]
    low, high = (float(end.strip("%")) for end in ann[-2].split("–"))
    is_wide = high - low > 6  # Wilson's of 240 of 1,200: 17.8–22.4%
    assert is_wide == ("intervals allow for it" in shown) == bool(swing)
