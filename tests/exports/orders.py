"""Made-up orders of a shop and charges of cards, and what their totals are."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.exports.files import table, write

if TYPE_CHECKING:
    from collections.abc import Sequence

START = datetime(2026, 9, 1, 8, 0)
LINE = ("Lineitem quantity", "Lineitem name", "Lineitem price")


def draw_many(seed: int, count: int, kinds: dict[str, int]) -> list[tuple[int, datetime, Decimal, str, random.Random]]:
    """Numbers, moments, amounts with cents and kinds, which are drawn by their weights."""
    draw = random.Random(seed)
    bag = [kind for kind, weight in kinds.items() for _ in range(weight)]
    found = []
    moment = START
    for number in range(count):
        moment += timedelta(minutes=int(draw.expovariate(1 / 640)))
        amount = Decimal(int(900 + draw.random() * 14_000)) / 100
        found.append((number, moment, amount, bag[int(draw.random() * len(bag))], draw))
    return found


def expected(
    rows: Sequence[tuple[int, dict[str, str]]],
    stages: Sequence[str],
    paid: Sequence[Decimal],
    waiting: Sequence[tuple[int, dict[str, str], Decimal]],
    **more: Any,
) -> dict[str, Any]:
    """Counts of rows that reached each stage (0, 1, …), whole and by dimension, and the money of those paid.

    `waiting` are those still open: where, of which segments, and for how much.
    """

    def counts(part: Sequence[int]) -> list[int]:
        return [sum(reached >= stage for reached in part) for stage in range(len(stages))]

    def opened(part: Sequence[int]) -> list[int]:
        return [part.count(stage) for stage in range(len(stages))]

    dimensions = sorted({name for _, labels in rows for name in labels})
    values = {name: list(dict.fromkeys(labels[name] for _, labels in rows)) for name in dimensions}
    buyers = [labels for reached, labels in rows if reached]
    earned: dict[str, dict[str, Decimal]] = {name: {} for name in dimensions}
    for labels, amount in zip(buyers, paid, strict=True):
        for name, value in labels.items():
            earned[name][value] = earned[name].get(value, Decimal()) + amount
    return {
        **more,
        "stages": dict(zip(stages, counts([reached for reached, _ in rows]), strict=True)),
        "open": {stages[at]: number for at, number in enumerate(opened([at for at, *_ in waiting])) if number},
        "open_amounts": {stages[0]: str(sum(amount for at, _, amount in waiting if at == 0))},
        "open_by": {
            name: {value: opened([at for at, labels, _ in waiting if labels[name] == value]) for value in values[name]}
            for name in dimensions
        },
        "revenue": str(sum(paid)),
        "breakdowns": {
            name: {
                value: counts([reached for reached, labels in rows if labels[name] == value]) for value in values[name]
            }
            for name in dimensions
        },
        "revenue_by": {name: {value: str(total) for value, total in each.items()} for name, each in earned.items()},
    }


def shopify() -> None:
    """Rows of further items of an order have its name alone; the money is that of orders paid, refunded or not."""
    kinds = {"paid": 70, "partially_refunded": 6, "refunded": 5, "pending": 9, "voided": 5, "authorized": 5}
    comes = ("paid", "partially_refunded", "pending", "authorized")
    header = [
        "Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at", "Accepts Marketing",
        "Currency", "Subtotal", "Shipping", "Taxes", "Total", "Discount Code", "Discount Amount", "Shipping Method",
        "Created at", *LINE, "Lineitem requires shipping", "Cancelled at", "Payment Method", "Refunded Amount", "Id",
        "Tags", "Risk Level", "Source",
    ]  # fmt: skip
    for name, seed, code, zone, count in (
        ("orders_export.csv", 81, "USD", "-0500", 160),
        ("orders_export_1.csv", 82, "EUR", "+0200", 60),
    ):
        rows: list[Sequence[object]] = [header]
        truth: list[tuple[int, dict[str, str]]] = []
        paid: list[Decimal] = []
        waiting: list[tuple[int, dict[str, str], Decimal]] = []
        refunds = Decimal()
        for number, moment, amount, kind, draw in draw_many(seed, count, kinds):
            is_paid = kind in ("paid", "partially_refunded", "refunded")
            sent = is_paid and draw.random() < 0.85
            when = moment.strftime(f"%Y-%m-%d %H:%M:%S {zone}")
            refund = {"refunded": amount, "partially_refunded": (amount / 4).quantize(Decimal("0.01"))}.get(
                kind, Decimal()
            )
            source = "pos" if draw.random() < 0.2 else "web"
            cancelled = kind == "voided" or (kind == "pending" and number % 4 == 0)
            taxes = (amount / 12).quantize(Decimal("0.01"))
            rows.append([
                f"#{1001 + number}", f"buyer{number}@example.com", kind, when if is_paid else "",
                "fulfilled" if sent else "unfulfilled", when if sent else "", "no", code, amount - taxes, "0.00", taxes,
                amount, "", "0.00", "Standard", when, 1, "Mug", amount - taxes, "true",
                when if cancelled else "", "Card", refund, 5_400_000_000 + number, "", "Low", source,
            ])  # fmt: skip
            for _ in range(int(draw.random() * 2.4)):
                further: list[object] = [""] * len(header)
                further[0], further[1] = rows[-1][0], rows[-1][1]
                further[16:20] = [2, "Tee, blue", "19.00", "true"]
                rows.append(further)
            labels = {"month": f"{moment:%Y-%m}", "source": source}
            truth.append((is_paid + sent, labels))
            waiting += [(int(is_paid), labels, amount)] if kind in comes and not sent and not cancelled else []
            paid += [amount] if is_paid else []
            refunds += refund
        wanted = expected(truth, ["Placed", "Paid", "Fulfilled"], paid, waiting, currency=code)
        write("shopify_orders", name, table(rows), {"notes_contain": [str(refunds)], "funnels": [wanted]})


def stripe() -> None:
    """Charges in the names of today, and in the older ones with decimal commas."""
    kinds = {"Paid": 80, "Failed": 12, "Refunded": 5, "part": 3, "Pending": 4, "requires_action": 2, "held": 2}
    comes = ("Pending", "requires_action", "held")
    new = ["id", "Created date (UTC)", "Amount", "Amount Refunded", "Currency", "Captured", "Converted Amount",
           "Converted Currency", "Description", "Fee", "Taxes On Fee", "Status",
           "Customer Email", "campaign (metadata)"]  # fmt: skip
    old = ["id", "Description", "Seller Message", "Created (UTC)", "Amount", "Amount Refunded", "Currency",
           "Converted Amount", "Converted Amount Refunded", "Fee", "Tax", "Converted Currency", "Mode", "Status",
           "Captured", "Card Last4"]  # fmt: skip
    for name, seed, header, code in (("unified_payments.csv", 91, new, "eur"), ("payments.csv", 92, old, "usd")):
        rows: list[Sequence[object]] = [header]
        truth: list[tuple[int, dict[str, str]]] = []
        paid: list[Decimal] = []
        waiting: list[tuple[int, dict[str, str], Decimal]] = []
        refunds = Decimal()
        for number, moment, amount, kind, _ in draw_many(seed, 140, kinds):
            refund = {"Refunded": amount, "part": (amount / 5).quantize(Decimal("0.01"))}.get(kind, Decimal("0.00"))
            status = "Paid" if kind in ("part", "held") else kind
            fails = kind == "Failed" or kind in comes
            cells: dict[str, object] = {
                "id": f"ch_3T{seed}{number:05}", "Created date (UTC)": moment.strftime("%Y-%m-%d %H:%M:%S"),
                "Created (UTC)": moment.strftime("%Y-%m-%d %H:%M"), "Amount": amount, "Amount Refunded": refund,
                "Currency": code, "Captured": str(kind not in ("Failed", "held")).lower(), "Converted Amount": amount,
                "Converted Amount Refunded": refund, "Converted Currency": code, "Fee": Decimal("0.59"),
                "Taxes On Fee": "0.00", "Tax": "0.00", "Status": status, "Mode": "Live", "Card Last4": 4242,
                "Description": f"Invoice {number}",
            }  # fmt: skip
            if header is old:
                cells = {
                    key: str(value).replace(".", ",") if isinstance(value, Decimal) else value
                    for key, value in cells.items()
                }
            rows.append([cells.get(key, "") for key in header])
            labels = {"month": f"{moment:%Y-%m}"}
            truth.append((0 if fails else 1 if kind == "Refunded" else 2, labels))
            waiting += [(0, labels, amount)] if kind in comes else []
            paid += [] if fails else [amount]
            refunds += refund
        wanted = expected(truth, ["Charged", "Paid", "Kept"], paid, waiting, currency=code.upper())
        write("stripe_charges", name, table(rows), {"notes_contain": [str(refunds)], "funnels": [wanted]})
