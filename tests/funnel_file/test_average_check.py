"""The average check of a funnel and of its segments belongs to the sale: the customer's stage, else the last one."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import pytest

from funnelcli.analyses import economics
from funnelcli.analyses.breakdowns import segment_funnel
from funnelcli.analyses.forecast import Forecast, forecast
from funnelcli.analyses.projection import apply
from funnelcli.diagnostics import quoted
from funnelcli.funnel_file.changes import parse_set
from funnelcli.funnel_file.reader import read
from funnelcli.model import Funnel

DEALS = """\
currency: EUR
average_check: 4200
stages:
  - {name: Proposals, count: 640, open: 30}
  - {name: Won, count: 470, role: customer, days: 12}
  - {name: Lost, count: 58, from: Proposals}
"""


def funnel_of(text: str) -> Funnel:
    reading = read(text.encode(), "deals.yaml")
    assert not reading.diagnostics, reading.diagnostics
    return reading.funnels[0]


def test_lost_deals_after_the_customers_bring_no_money() -> None:
    """470 x 4,200; of 30 open proposals 470 of the 610 decided ones = 23.11 are won, 97,081.97 in money, in 12 days."""
    funnel = funnel_of(DEALS)
    assert economics.revenue(funnel) == 1_974_000
    result = forecast(funnel)
    assert isinstance(result, Forecast)
    assert (result.expected_sales, result.expected_revenue) == (Fraction(1410, 61), 4200 * Fraction(1410, 61))
    assert result.stages[0].days == 12


@pytest.mark.parametrize("order", list(permutations(("Won", "Lost", "Refund"))))
@pytest.mark.parametrize("customer", [None, "Won", "Lost", "Refund"])
def test_the_check_is_that_of_the_customer_else_of_the_last_stage(order: tuple[str, ...], customer: str | None) -> None:
    lines = [
        f"  - {{name: {name}, count: {number}, from: Visits{', role: customer' if name == customer else ''}}}\n"
        for number, name in enumerate(order, 1)
    ]
    text = "currency: EUR\naverage_check: 7\nstages:\n  - {name: Visits, count: 90}\n" + "".join(lines)
    text += "breakdowns: {channel: {Ads: {counts: [90, 1, 2, 3], average_check: 11}}}\n"
    reading = read(text.encode(), "deals.yaml")
    told = [each.problem for each in reading.diagnostics]
    assert [each.code for each in told] == ([] if customer else ["FN316"])
    assert all(quoted(name) in (each.help or "") for name in order for each in told)
    (funnel,) = reading.funnels
    sale = customer or order[-1]
    assert {
        stage.name: stage.average_order_value for stage in funnel.stages if stage.average_order_value is not None
    } == {sale: 7}
    assert funnel.stages[funnel.sale_stage].name == sale
    (ads,) = (segment_funnel(funnel, each) for each in funnel.breakdowns[0].segments)
    assert {stage.name: stage.average_order_value for stage in ads.stages if stage.average_order_value is not None} == {
        sale: 11
    }


def test_a_check_that_is_set_is_that_of_the_sale() -> None:
    """No stage brings money yet: 470 won x 100."""
    funnel = funnel_of(DEALS.replace("average_check: 4200\n", ""))
    change = parse_set("average_check=100", funnel)
    assert isinstance(change, tuple)
    changed = apply(funnel, [change])  # type: ignore[list-item]
    assert isinstance(changed, Funnel)
    assert economics.revenue(changed) == 47_000


@pytest.mark.parametrize(
    ("stages", "sale"),
    [
        ("- {name: Won, role: customer}\n  - {name: Repeat, average_check: 60}", None),
        ("- {name: Tripwire, average_check: 5}\n  - {name: Core, average_check: 500}", None),
        ("- {name: Tripwire, revenue: 5}\n  - {name: Core, average_check: 500}", None),
        ("- {name: Won, average_check: 5}\n  - {name: Lost, from: Visits}", "Won"),
        ("- {name: Won}\n  - {name: Lost, from: Visits, role: customer}", "Lost"),
    ],
)
def test_the_check_of_a_segment_never_lands_beside_other_money(stages: str, sale: str | None) -> None:
    """Refused where another stage brings money too, and the way out, to the letter, leads to a sound funnel."""
    text = (
        f"currency: EUR\nstages:\n  - {{name: Visits}}\n  {stages}\n"
        "breakdowns:\n  channel:\n    Ads: {counts: [60, 20, 5], average_check: 450}\n    SEO: [40, 20, 5]\n"
    )
    reading = read(text.encode(), "ladder.yaml")
    if sale is None:
        (found,) = reading.diagnostics
        assert (found.problem.code, found.location.line) == ("FN113", 8)
        assert found.problem.help is not None
        assert found.problem.help.startswith("delete it")
        reading = read(text.replace(", average_check: 450", "").encode(), "ladder.yaml")
        assert not reading.diagnostics
    else:
        ads = segment_funnel(reading.funnels[0], reading.funnels[0].breakdowns[0].segments[0])
        assert {
            stage.name: stage.average_order_value for stage in ads.stages if stage.average_order_value is not None
        } == {sale: 450}


def test_a_sale_by_its_place_alone_is_asked_about() -> None:
    """A lost deal at the end, with no role: its 58 x 4,200 are no revenue; the way out makes it 470 x 4,200."""
    bare = DEALS.replace(", role: customer", "")
    (asked,) = read(bare.encode(), "deals.yaml").diagnostics
    assert asked.problem.code == "FN316"
    assert economics.revenue(funnel_of(bare.replace("count: 470", "count: 470, role: customer"))) == 1_974_000
    for sound in (bare.replace("average_check: 4200\n", ""), bare.replace("from: Proposals", "from: Won")):
        funnel_of(sound)
