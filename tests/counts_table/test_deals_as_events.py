"""Deals with dates are a wide log of events: the engine that counts events comes to the same figures."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from funnelcli.exact import rounded_days  # after the check
from funnelcli.funnel_file.reader import read
from tests.cli.test_measure import run
from tests.counts_table.test_deals import STAGES, funnel, hubspot, made_up, text_of

if TYPE_CHECKING:
    from pathlib import Path

    from funnelcli.model import Funnel
    from tests.counts_table.test_deals import Truth

NAMES = (*STAGES, "Closed Won")


def measured(deals: list[Truth], folder: Path) -> Funnel:
    """What `measure` makes of the moves of deals."""
    rows: list[list[object]] = [["deal", "at", "event", "owner"]]
    for deal in deals:
        rows += [[deal.id, moment, STAGES[stage], deal.owner] for stage, moment in deal.moves]
        if deal.state == "won":
            rows.append([deal.id, deal.ended, "Closed Won", deal.owner])
    (folder / "moves.csv").write_bytes(text_of(rows))
    stages = "\n".join(f"  - {{name: {name}, when: {{event: {name}}}}}" for name in NAMES)
    measure = "measure: {unit: deal, time: at, window: 3000 days, breakdowns: {owner: owner}}"
    (folder / "deals.yaml").write_text(f"{measure}\nstages:\n{stages}\n", encoding="utf-8")
    code, out, err = run("measure", str(folder / "deals.yaml"), "--from", str(folder / "moves.csv"))
    assert code == 0, err
    (found,) = read(out.encode(), "deals.yaml").funnels
    return found


@pytest.mark.parametrize(("seed", "number"), [(11, 18), (12, 18), (13, 500), (14, 500)])
def test_deals_that_skip_nothing_are_counted_as_events_are(seed: int, number: int, tmp_path: Path) -> None:
    deals = made_up(seed, number, wild=False)
    found, expected = funnel(hubspot(deals), stages=STAGES), measured(deals, tmp_path)
    assert [(stage.name, stage.count) for stage in found.stages] == [
        (stage.name, stage.count) for stage in expected.stages
    ]
    for stage, other in zip(found.stages, expected.stages, strict=True):
        if stage.days_quantiles is None:
            own, counted = (each.days and rounded_days(each.days) for each in (stage, other))
            assert own == counted
        else:
            assert expected.measured is not None
            median = Fraction(dict(expected.measured.times)[stage.name].p50) / 86400
            assert stage.days_quantiles[0] == rounded_days(median)
    owners, others = found.breakdowns[0], expected.breakdowns[0]
    assert {each.name: each.counts for each in owners.segments} == {each.name: each.counts for each in others.segments}
