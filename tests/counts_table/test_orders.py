"""Orders of a shop and charges of cards: figures counted by hand, and of made-up orders by their truth."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from tests.counts_table.test_deals import funnel, imported, refused, text_of

SHOPIFY = [
    "Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at", "Currency", "Total",
    "Created at", "Lineitem quantity", "Lineitem name", "Refunded Amount",
]  # fmt: skip
STRIPE = ["id", "Created date (UTC)", "Amount", "Amount Refunded", "Currency", "Captured", "Status"]


def order(name: str, financial: str = "paid", fulfillment: str = "fulfilled", **cells: Any) -> list[Any]:
    known = {
        "Name": name, "Financial Status": financial, "Fulfillment Status": fulfillment, "Currency": "USD",
        "Total": "20.50", "Created at": "2026-03-01 10:15:00 -0500", **cells,
    }  # fmt: skip
    return [known.get(column, "") for column in SHOPIFY]


def further(name: str) -> list[Any]:
    return [name, *([""] * 8), 1, "Second item", ""]


@pytest.mark.parametrize("seed", range(3))
def test_orders_are_counted_once_however_many_items_they_have(seed: int) -> None:
    chance = random.Random(seed)
    rows, paid, given_back, reached = [SHOPIFY], [], [], []
    for number in range(120):
        kind = chance.choice(["paid", "paid", "pending", "refunded", "partially_refunded", "voided", "authorized"])
        is_paid = kind in ("paid", "refunded", "partially_refunded")
        sent = is_paid and chance.random() < 0.7
        total = Fraction(chance.randrange(100, 99_999), 100)
        refund = {"refunded": total, "partially_refunded": Fraction(1)}.get(kind, Fraction(0))
        began = datetime(2026, 3, 1, 12) + timedelta(hours=chance.randrange(24 * 55))
        cells = {
            "Total": f"{float(total):.2f}",
            "Refunded Amount": f"{float(refund):.2f}",
            "Created at": f"{began} +0200",
            "Paid at": f"{began + timedelta(hours=6)} +0200" if is_paid else "",
            "Fulfilled at": f"{began + timedelta(hours=30)} +0200" if sent else "",
        }
        rows.append(order(f"#{number}", kind, "fulfilled" if sent else chance.choice(["", "partial"]), **cells))
        rows += [further(f"#{number}")] * chance.randrange(3)
        reached.append((f"{began:%Y-%m}", is_paid + sent))
        paid += [total] * is_paid
        given_back += [refund] * bool(refund)
    found = funnel(rows)

    def counts(month: str = "") -> tuple[int, ...]:
        return tuple(sum(far >= place for name, far in reached if name.startswith(month)) for place in range(3))

    assert [(stage.name, stage.count) for stage in found.stages] == list(
        zip(("Placed", "Paid", "Fulfilled"), counts(), strict=True)
    )
    assert (found.currency, found.period) == ("USD", "2026-03 to 2026-04")
    sale = found.stages[found.sale_stage]
    assert sale.name == "Paid"
    assert sale.average_check == Fraction(sum(paid), len(paid))
    assert [stage.days for stage in found.stages[1:]] == [Fraction(1, 4), 1]
    (months,) = found.breakdowns
    assert {each.name: each.counts for each in months.segments} == {name: counts(name) for name in dict(reached)}
    said = next(note for note in imported(rows).notes if "given back" in note)
    assert said.startswith(f"{float(sum(given_back)):,.2f} was given back, of {len(given_back)} orders")


def test_fulfilled_before_it_is_paid_is_said() -> None:
    rows = [SHOPIFY, order("#1"), order("#2", "pending")]
    assert [stage.count for stage in funnel(rows).stages] == [2, 1, 1]
    assert any(note.startswith('1 order at "Fulfilled" without "Paid"') for note in imported(rows).notes)


def test_items_belong_to_their_order_also_where_the_rows_were_sorted() -> None:
    rows = [SHOPIFY, further("#2"), order("#1"), further("#1"), order("#2")]
    assert [stage.count for stage in funnel(rows).stages] == [2, 2, 2]


@pytest.mark.parametrize(
    ("rows", "cell", "code", "words"),
    [
        ([order("#1"), further("#9")], "C3", "FN102", "no further line of an order"),
        ([order("#1", "bezahlt"), order("#2", "bezahlt")], "C2", "FN120", '"bezahlt"'),
        ([order("#1"), order("#2", "")], "C3", "FN102", '"Financial Status" of the order is empty'),
        ([order("#1"), order("#1", Total="9.00")], "A3", "FN106", "row 2"),
        ([order("#1"), order("#2", Total="-5.00")], "H3", "FN107", "negative"),
        ([order("#1"), order("#2", Total="five")], "H3", "FN103", '"five"'),
        ([order("#1"), order("#2", Currency="EUR")], "G3", "FN103", "1 order in USD and 1 order in EUR"),
        ([order("#1", **{"Created at": "soon"})], "I2", "FN103", '"soon" is no date'),
    ],
)
def test_what_is_not_proved_is_refused_at_its_cell(rows: list[Any], cell: str, code: str, words: str) -> None:
    ((place, problem),) = refused([SHOPIFY, *rows])
    assert (place, problem.code) == (cell, code)
    assert words in problem.message
    assert problem.help


def test_one_currency_can_be_taken() -> None:
    found = funnel([SHOPIFY, order("#1"), order("#2", Currency="EUR"), order("#3")], currency="USD")
    assert (found.stages[0].count, found.currency) == (2, "USD")


def test_charges_that_were_given_back_whole_are_not_kept() -> None:
    rows = [
        STRIPE,
        ["ch_1", "2026-06-05 20:38:34", "3125.00", "0.00", "usd", "true", "Paid"],
        ["ch_2", "2026-06-06 20:38:34", "100.00", "0.00", "usd", "false", "Failed"],
        ["ch_3", "2026-06-07 20:38:34", "50.00", "50.00", "usd", "true", "Refunded"],
        ["ch_4", "2026-06-07 20:38:34", "40.00", "40.00", "usd", "true", "Paid"],
        ["ch_5", "2026-06-07 20:38:34", "30.00", "10.00", "usd", "true", "Paid"],
        ["ch_6", "2026-06-07 20:38:34", "70.00", "0.00", "usd", "false", "Paid"],
    ]
    found = funnel(rows)
    assert [(stage.name, stage.count) for stage in found.stages] == [("Charged", 6), ("Paid", 4), ("Kept", 2)]
    assert found.stages[1].average_check == Fraction(3125 + 50 + 40 + 30, 4)
    assert found.currency == "USD"
    assert any(note.startswith("100 was given back, of 3 charges") for note in imported(rows).notes)


def test_columns_may_stand_in_any_order() -> None:
    rows = [SHOPIFY, order("#1"), further("#1"), order("#2", "pending", "")]
    turned = [list(reversed(row)) for row in rows]
    assert funnel(turned).stages == funnel(rows).stages


def test_options_of_deals_are_refused() -> None:
    ((_, problem),) = refused(text_of([SHOPIFY, order("#1")]), stages=("Placed", "Paid"))
    assert problem.code == "FN108"
    assert "--stages" in (problem.help or "")


def test_orders_whose_words_say_that_the_next_stage_may_come_are_open() -> None:
    """The words of `pending`, `authorized` and `unfulfilled` against those of an end, each counted by hand."""
    at = SHOPIFY.index("Email")
    names = [*SHOPIFY[:at], "Cancelled at", *SHOPIFY[at + 1 :]]
    rows = [
        names,
        order("#1"),
        order("#2", "pending", "unfulfilled", Total="30"),
        order("#3", "authorized", "unfulfilled", Total=""),
        *(order(f"#{word}", word, "unfulfilled") for word in ("voided", "expired", "refunded")),
        order("#4", "paid", "unfulfilled"),
        order("#5", "pending", "unfulfilled"),
    ]
    rows[-1][at] = "2026-03-02 10:15:00 -0500"
    found = funnel(rows)
    assert [stage.count for stage in found.stages] == [8, 3, 1]
    assert [stage.open for stage in found.stages] == [2, 1, None]
    assert found.stages[0].open_amounts == (30, Fraction(41, 2))  # the average of those paid, where none is told
    assert [segment.open for each in found.breakdowns for segment in each.segments] == [(2, 1, 0)]


@pytest.mark.parametrize("status", ["Pending", "requires_action", "Incomplete", "Failed", "Canceled", "Refunded"])
@pytest.mark.parametrize("captured", ["true", "false"])
def test_charges_that_may_still_be_paid_are_open(status: str, captured: str) -> None:
    rows = [
        STRIPE,
        ["ch_1", "2026-03-01 10:00", "10", "0", "eur", "true", "Paid"],
        ["ch_2", "2026-03-01 11:00", "7", "0", "eur", "false", "Paid"],
        ["ch_3", "2026-03-01 12:00", "5", "0", "eur", captured, status],
    ]
    comes = status in ("Pending", "requires_action", "Incomplete")
    found = funnel(rows)
    assert found.stages[0].open_amounts == ((7, 5) if comes else (7,))
    assert [stage.open for stage in found.stages[1:]] == [None, None]
