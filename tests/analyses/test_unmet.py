"""Stages that no event met: of what lies behind their 0 no analysis tells an end, a chance or a forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from funnelcli.analyses.checks import run_checks
from funnelcli.analyses.conversion import convert
from funnelcli.analyses.forecast import forecast
from funnelcli.analyses.goal_seek import GoalReport, goal_seek
from funnelcli.analyses.report import EFFORT, gather
from funnelcli.analyses.sensitivity import LeversReport, pull
from funnelcli.analyses.unit_economics import economics_of
from funnelcli.diagnostics import UNDEFINED, Problem
from funnelcli.funnel_file.changes import check
from funnelcli.model import Check
from funnelcli.output.document import Note
from funnelcli.output.views import economics, goal, levers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from funnelcli.model import Funnel

    Load = Callable[[str], Funnel]

WAITING = """\
name: Shop
average_check: {{mean: 50, sd: 20}}
budget: 900
stages: {{Visit: 400, Cart: {}, Paid: {}}}
measured:
  window: 2 days
  not_mature: [the last ones]
  curves: {{Paid: {{points: [[0, 0], [86400, 0.04], [172800, 0.08]], waiting: [[86400, 40]]}}}}
  eventual:
    Cart: {{conversion: 0.3, low: 0.2, high: 0.4, entries: 300}}
    Paid: {{conversion: 0.1, low: 0.08, high: 0.13, entries: 300}}
"""
WHY = 'no event met the when of "{}": 0 tells no rate'
RATES = ("conversion@Paid", "overall_conversion", "drop_off_rate@Paid", "loss_share@Paid")


def checked(text: str) -> Check:
    found = check(text, ["Visit", "Cart", "Paid"])
    assert isinstance(found, Check)
    return found


def said(blocks: Iterable[object]) -> str:
    return " ".join(block.text for block in blocks if isinstance(block, Note))


@pytest.fixture(params=["Cart", "Paid"])
def unmet(request: pytest.FixtureRequest) -> str:
    """Without carts nobody pays, so that a payment is met by events and counts none."""
    return str(request.param)


@pytest.fixture
def shop(funnel: Load, unmet: str) -> Funnel:
    found = funnel(WAITING.format(0 if unmet == "Cart" else 110, 0))
    assert found.measured is not None
    return found._replace(measured=found.measured._replace(unmet=(unmet,)))


def test_what_is_told_where_all_stages_are_met(funnel: Load) -> None:
    """The same funnel otherwise: what the tests below find missing is there."""
    shop = funnel(WAITING.format(110, 36))
    assert not isinstance(forecast(shop), Problem)
    assert float(convert(shop).revenue_eventual or 0) == pytest.approx(2000)  # 10% of 400 at 50
    assert convert(shop).revenue_low is not None
    money = economics_of(shop)
    assert None not in (money.chance_earns, money.revenue_low, money.profit_high)
    assert gather([shop]).parts[0].forecast is not None
    effects = pull(shop, EFFORT)
    assert isinstance(effects, LeversReport)
    assert None not in [each.high for each in effects.levers]


def test_there_is_no_forecast_and_a_report_notes_that(shop: Funnel, unmet: str) -> None:
    found = forecast(shop)
    assert isinstance(found, Problem)
    assert found.message.endswith(WHY.format(unmet))
    report = gather([shop])
    assert (report.parts[0].forecast, report.problems) == (None, ())
    assert WHY.format(unmet) in report.notes[-1].message


def test_money_has_no_end_no_range_and_no_chance(shop: Funnel, unmet: str) -> None:
    shown, money = convert(shop), economics_of(shop)
    assert (shown.revenue, shown.revenue_eventual, shown.revenue_low, shown.revenue_high) == (0, None, None, None)
    assert (money.profit, money.chance_earns, money.verdict) == (-900, None, "cannot be told yet")
    assert [money.revenue_eventual, money.revenue_low, money.profit_low, money.romi_high] == [None] * 4
    assert WHY.format(unmet) in said(economics.blocks(money))
    assert WHY.format(unmet) in said(economics.blocks(economics_of(shop._replace(budget=None))))


def test_levers_that_pass_it_are_not_told(shop: Funnel, unmet: str) -> None:
    found = pull(shop, EFFORT)
    assert isinstance(found, LeversReport)
    assert {each.high for each in found.levers} == {None}
    assert found.strategies == ()
    words = said(levers.blocks(found))
    assert WHY.format(unmet) in words
    assert "it would pass" not in words
    assert "brings no" not in words


def test_no_goal_behind_it_is_told_by_what_comes_before(shop: Funnel, unmet: str) -> None:
    found = goal_seek(shop, checked("revenue >= 5000"))
    assert isinstance(found, GoalReport)
    own = f"conversion@{unmet}"
    assert all(each.feasible is None or each.selector == own for each in found.levers)
    assert {each.unknown for each in found.levers if each.selector != own} == {WHY.format(unmet)}
    assert (found.plan, found.plan_chance) == ((), None)
    words = said(goal.blocks(found))
    assert "No plan" not in words
    assert "Without effect" not in words


@pytest.mark.parametrize(
    "written", [*RATES, "conversion_eventual@Paid", "conversion_eventual", "conversion_decided@Paid"]
)
@pytest.mark.parametrize("operator", [">=", "<="])
def test_no_rate_passes_or_fails_by_it(shop: Funnel, unmet: str, written: str, operator: str) -> None:
    (found,) = run_checks(shop, [checked(f"{written} {operator} 5%")])
    assert (found.passed, found.code) == (False, UNDEFINED)
    assert WHY.format(unmet) in (found.reason or "")
    assert found.now is None


def test_what_does_not_pass_it_is_told(shop: Funnel, unmet: str) -> None:
    (found,) = run_checks(shop, [checked("conversion@Cart >= 20%")])
    assert (found.code == UNDEFINED) == (unmet == "Cart")
