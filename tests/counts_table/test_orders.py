"""Orders and charges: what is placed, paid, fulfilled, kept; figures counted by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from funnelcli.counts_table.importing import ImportOptions, import_table

if TYPE_CHECKING:
    from funnelcli.counts_table.importing import Imported
    from funnelcli.diagnostics import Problem

SHOP = (
    "Name,Financial Status,Paid at,Fulfillment Status,Currency,Total,Created at,Refunded Amount,Lineitem name,Source\n"
)
CHARGES = "id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Status\n"


def order(name: str, financial: str, sent: str = "", total: str = "10.00", **more: str) -> str:
    cells = {
        "currency": "EUR",
        "created": "2026-09-01 10:00:00 +0200",
        "refund": "0.00",
        "item": "Mug",
        "source": "web",
    }
    cells.update(more)
    money = f"{cells['currency']},{total},{cells['created']},{cells['refund']},{cells['item']},{cells['source']}"
    return f"{name},{financial},,{sent},{money}\n"


def read(text: str, **options: Any) -> Imported:
    result = import_table(text.encode(), "orders.csv", ImportOptions(**options))
    assert not isinstance(result, list), [each.problem for each in result]
    return result


def refused(text: str, **options: Any) -> Problem:
    result = import_table(text.encode(), "orders.csv", ImportOptions(**options))
    assert isinstance(result, list), result
    (found,) = result
    return found.problem


def counts(result: Imported) -> dict[str, Any]:
    (funnel,) = result.funnels
    return {stage.name: stage.count for stage in funnel.stages}


def test_orders_are_placed_paid_and_fulfilled() -> None:
    text = SHOP + order("#1", "paid", "fulfilled") + order("#2", "refunded", total="30.00", refund="30.00")
    text += (
        order("#3", "pending") + order("#4", "voided", source="pos") + order("#5", "partially_refunded", refund="2.50")
    )
    result = read(text)
    assert counts(result) == {"Placed": 5, "Paid": 3, "Fulfilled": 1}
    (funnel,) = result.funnels
    assert funnel.currency == "EUR"
    assert funnel.stages[1].average_check == Fraction(50, 3)  # 10 + 30 + 10, gross
    assert funnel.sale_stage == 1
    assert "money is gross: 32.5 EUR of 2 orders were given back" in result.notes
    by_source = {
        part.name: part.counts for each in funnel.breakdowns if each.dimension == "source" for part in each.segments
    }
    assert by_source == {"web": (4, 3, 1), "pos": (1, 0, 0)}


def test_what_is_fulfilled_and_not_paid_counts_as_placed_and_is_said() -> None:
    result = read(SHOP + order("#1", "paid", "fulfilled") + order("#2", "pending", "fulfilled"))
    assert counts(result) == {"Placed": 2, "Paid": 1, "Fulfilled": 1}
    assert [note for note in result.notes if "1 order" in note and "Fulfilled" in note and "Paid" in note]


@pytest.mark.parametrize("created", ["", "2026-09-01 10:00:00 +0200"])
def test_further_lines_of_an_order_are_no_orders(created: str) -> None:
    further = f"#1,,,,,,{created},,Second item,\n"
    result = read(SHOP + order("#1", "paid") + further + further + order("#2", "paid") + further.replace("#1", "#2"))
    assert counts(result)["Placed"] == 2
    assert "3 further lines of orders are left out" in result.notes


def test_a_further_line_without_its_order_before_it_is_refused() -> None:
    found = refused(SHOP + order("#1", "paid") + "#7,,,,,,,,Second item,\n" + order("#2", "paid"))
    assert found.code == "FN102"


def test_two_orders_of_one_name_are_refused() -> None:
    found = refused(SHOP + order("#1", "paid") + order("#1", "paid", total="20.00"))
    assert found.code == "FN106"


def test_a_status_that_is_not_known_is_refused_with_those_that_are() -> None:
    found = refused(SHOP + order("#1", "paid") + order("#2", "paidd"))
    assert found.code == "FN120"
    assert '"paidd"' in found.message
    assert '"partially_refunded"' in (found.help or "")


def test_several_currencies_are_refused_and_one_may_be_asked_for() -> None:
    text = SHOP + order("#1", "paid") + order("#2", "paid", currency="USD", total="99.00") + order("#3", "paid")
    found = refused(text)
    assert "--currency EUR" in (found.help or "")
    result = read(text, currency="EUR")
    assert counts(result)["Paid"] == 2
    assert result.funnels[0].stages[1].average_check == 10


def test_orders_of_an_interval() -> None:
    october = order("#2", "paid", created="2026-10-01 00:30:00 +0200")
    result = read(SHOP + order("#1", "paid") + october, between=("2026-09-01", "2026-10-01"))
    assert counts(result)["Placed"] == 1
    assert result.funnels[0].period == "2026-09"


def test_charges_are_made_paid_and_kept() -> None:
    text = (
        CHARGES
        + "ch_1,2026-06-05 20:38:34,3125.00,0.00,usd,true,Paid\nch_2,2026-06-06 20:38:34,100.00,0.00,usd,false,Failed\n"
    )
    text += (
        "ch_3,2026-06-07 20:38:34,80.00,80.00,usd,true,Refunded\nch_4,2026-07-07 20:38:34,20.00,5.00,usd,true,Paid\n"
    )
    result = read(text)
    assert counts(result) == {"Charged": 4, "Paid": 3, "Kept": 2}
    assert result.funnels[0].stages[1].average_check == Fraction(3225, 3)
    assert "money is gross: 85 USD of 2 orders were given back" in result.notes
    assert result.funnels[0].period == "2026-06 to 2026-07"


def test_a_charge_that_is_not_captured_is_not_paid() -> None:
    text = (
        CHARGES
        + "ch_1,2026-06-05 20:38:34,30.00,0.00,usd,true,Paid\nch_2,2026-06-06 20:38:34,10.00,0.00,usd,false,Paid\n"
    )
    assert counts(read(text)) == {"Charged": 2, "Paid": 1, "Kept": 1}


def test_a_stage_of_which_no_column_tells_is_left_out_and_said() -> None:
    text = "Name,Financial Status,Currency,Total,Created at\n"
    text += "#1,paid,EUR,10.00,2026-09-01 10:00:00 +0200\n#2,pending,EUR,10.00,2026-09-01 10:00:00 +0200\n"
    result = read(text)
    assert counts(result) == {"Placed": 2, "Paid": 1}
    assert 'no column tells "Fulfilled"' in result.notes


def test_orders_without_money_are_counted() -> None:
    text = "Name,Financial Status,Fulfillment Status,Created at\n"
    text += "#1,paid,fulfilled,2026-09-01 10:00:00 +0200\n#2,paid,,2026-09-01 10:00:00 +0200\n"
    result = read(text)
    assert counts(result) == {"Placed": 2, "Paid": 2, "Fulfilled": 1}
    assert result.funnels[0].stages[1].average_check is None
