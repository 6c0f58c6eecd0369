"""Orders of a shop and charges of cards from known figures: what was placed, paid and fulfilled, or kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from .deals import cells_of, period_of
from .sheet import Cell, Column, Dialect, Meaning, Part, Row, Sheet, World

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

SHOPIFY = ("Placed", "Paid", "Fulfilled")
STRIPE = ("Charged", "Paid", "Kept")
PAID = ("paid", "partially_refunded", "refunded")
UNPAID = ("pending", "authorized", "voided", "expired", "partially_paid")
COME = ("pending", "authorized", "partially_paid")
CHARGES = {
    "Paid": (True, True),
    "Partial refund": (True, True),
    "Refunded": (True, False),
    "Failed": (False, False),
    "Pending": (False, False),
    "requires_action": (False, False),
    "Incomplete": (False, False),
}
CHARGES_COME = ("pending", "requires_action", "incomplete")
MOST = 25


def shopify(random: Random) -> Sheet:
    """Orders, some of which have several rows: only the first of them says something of the order."""
    columns = [
        Column("id", "Name"),
        Column("none", "Email"),
        Column("status", "Financial Status"),
        Column("won_time", "Paid at"),
        Column("fulfillment", "Fulfillment Status"),
        Column("currency", "Currency"),
        Column("none", "Subtotal"),
        Column("amount", "Total"),
        Column("created", "Created at"),
        Column("none", "Lineitem quantity"),
        Column("none", "Lineitem name"),
    ]
    if random.random() < 0.5:
        columns.append(Column("label", "Source", "source"))
    if random.random() < 0.4:
        columns.append(Column("refund", "Refunded Amount"))
    if random.random() < 0.4:
        columns.append(Column("cancelled", "Cancelled at"))
    if random.random() < 0.3:
        random.shuffle(columns)
    rows = []
    for number in range(random.randint(6, MOST)):
        status = random.choice((*PAID, "paid", "paid", "paid", *UNPAID))
        paid = status in PAID
        total = Fraction(random.randint(500, 90_000), 100)
        refunded = {"refunded": total, "partially_refunded": total / 2}.get(status, Fraction(0))
        begun = datetime(2026, 8, 1, 12) + timedelta(days=random.randint(0, 80))
        values = {
            "id": Cell(f"#{1001 + number}"),
            "status": Cell(status),
            "won_time": Cell(begun if paid else None, "moment"),
            "fulfillment": Cell(random.choice(("fulfilled", "fulfilled", "unfulfilled")) if paid else "unfulfilled"),
            "currency": Cell("USD"),
            "amount": Cell(total, "money"),
            "created": Cell(begun, "moment"),
            "cancelled": Cell(begun if not paid and random.random() < 0.3 else None, "moment"),
            "label": Cell(random.choice(("web", "pos", "1234567"))),
            "refund": Cell(Fraction(round(refunded * 100), 100), "money"),
        }
        texts = {
            "Email": f"a{number}@example.com",
            "Subtotal": "10.00",
            "Lineitem quantity": "1",
            "Lineitem name": "Mug, blue",
        }
        rows.append(Row(tuple(values.get(column.kind) or Cell(texts[column.name]) for column in columns)))
        for _ in range(random.choice((0, 0, 1, 2))):
            further = {"id": values["id"], "amount": Cell(None, "money"), "created": Cell(None, "moment")}
            further["cancelled"] = Cell(None, "moment")
            more = {"Lineitem quantity": "2", "Lineitem name": "Tee", "Email": texts["Email"]}
            rows.append(Row(tuple(further.get(column.kind) or Cell(more.get(column.name)) for column in columns)))
    style = Dialect(moment="%Y-%m-%d %H:%M:%S -0500", encoding=random.choice(("utf-8", "utf-8-sig")))
    return Sheet(tuple(columns), tuple(rows), style, truth=SHOPIFY, recipe="shopify_orders")


def stripe(random: Random) -> Sheet:
    """Charges: some failed, some were given back."""
    columns = [
        Column("id", "id"),
        Column("created", random.choice(("Created date (UTC)", "Created (UTC)"))),
        Column("amount", "Amount"),
        Column("refund", "Amount Refunded"),
        Column("currency", "Currency"),
        Column("captured", "Captured"),
        Column("none", "Fee"),
        Column("status", "Status"),
        Column("none", "Description"),
    ]
    if random.random() < 0.3:
        columns.append(Column("none", "plan (metadata)"))
    if random.random() < 0.3:
        random.shuffle(columns)
    rows = []
    for number in range(random.randint(6, MOST)):
        status = random.choice(("Paid", "Paid", "Paid", *CHARGES))
        amount = Fraction(random.randint(500, 90_000), 100)
        refund = {"Refunded": amount, "Partial refund": Fraction(1)}.get(status, Fraction(0))
        values = {
            "id": Cell(f"ch_{number}x"),
            "created": Cell(datetime(2026, 8, 1, 12, 30) + timedelta(days=random.randint(0, 80)), "moment"),
            "amount": Cell(amount, "money"),
            "refund": Cell(refund, "money"),
            "currency": Cell("usd"),
            "captured": Cell("false" if status == "Failed" else "true"),
            "status": Cell(status),
            "none": Cell(random.choice(("1.20", "0.90"))),
        }
        rows.append(Row(tuple(values[column.kind] for column in columns)))
    style = Dialect(moment="%Y-%m-%d %H:%M:%S", quote_all=random.random() < 0.2)
    return Sheet(tuple(columns), tuple(rows), style, truth=STRIPE, recipe="stripe_charges")


class Unit(NamedTuple):
    """An order or a charge: how far it came, where it waits if it is open, its money if paid, and its segments."""

    reach: int
    waits: int | None
    amount: Fraction | None
    segments: dict[str, str]


def meanings(sheet: Sheet) -> list[Meaning]:
    """What a list of orders or charges means, or nothing where it contradicts itself."""
    one = {column.kind: at for at, column in enumerate(sheet.columns) if column.kind != "none"}
    if len(one) < len([column for column in sheet.columns if column.kind != "none"]):
        return []
    if any(kind not in one for kind in ("id", "status", "created")):
        return []
    if sheet.truth == STRIPE and "amount" not in one:
        return []
    units: list[Unit] = []
    seen: set[str] = set()
    further: set[str] = set()
    currencies: set[str] = set()
    for row in sheet.rows:
        if row.total:  # a blank one
            continue
        said = {kind: row.cells[at].value for kind, at in one.items()}
        if any(row.cells[at].broken for kind, at in one.items() if kind in ("amount", "created", "refund")):
            return []
        told = [said.get(kind) for kind in ("status", "created", "amount", "currency", "won_time")]
        if said["id"] in (None, ""):
            said["id"] = f"nameless {len(seen)}"
        if sheet.truth == SHOPIFY and all(value in (None, "") for value in told):
            further.add(said["id"])
            continue
        if said["id"] in seen:
            return []
        seen.add(said["id"])
        unit = _unit(said, sheet, row)
        if unit is None:
            return []
        units.append(unit)
        if said.get("currency"):
            currencies.add(str(said["currency"]).upper())
    if not units or not further <= seen or len(currencies) > 1:
        return []
    return [_meaning(units, sheet, next(iter(currencies), None), with_fulfilled=each) for each in (True, False)]


def _unit(said: dict[str, Any], sheet: Sheet, row: Row) -> Unit | None:
    status = str(said["status"] or "").strip().casefold()
    segments = {sheet.columns[at].key: str(row.cells[at].value or "") for at in sheet.at("label")}
    if said["created"] is None:
        return None
    segments["month"] = f"{said['created']:%Y-%m}"
    if sheet.truth == SHOPIFY:
        if status not in (*PAID, *UNPAID):
            return None
        paid = status in PAID
        done = str(said.get("fulfillment") or "").strip().casefold()
        if done not in ("fulfilled", "unfulfilled", ""):
            return None
        reach = (2 if done == "fulfilled" else 1) if paid else 0
        comes = status in COME or (paid and status != "refunded" and done == "unfulfilled")
        comes = comes and not said.get("cancelled")
    else:
        known = {name.casefold(): both for name, both in CHARGES.items()}
        if status not in known:
            return None
        paid, kept = known[status]
        captured = str(said.get("captured", "true") or "").strip().casefold()
        if captured not in ("true", "false"):
            return None
        paid = paid and captured == "true"
        reach = 1 + kept if paid else 0
        if paid and said.get("refund") is not None and said["amount"] is not None and said["refund"] >= said["amount"]:
            reach = 1
        comes = status in CHARGES_COME or (captured == "false" and status in ("paid", "partial refund"))
    return Unit(reach, reach if comes else None, said.get("amount") if paid else None, segments)


def _meaning(units: Sequence[Unit], sheet: Sheet, currency: str | None, with_fulfilled: bool) -> Meaning:
    """The funnel; without a column that tells of a stage, it has none."""
    stages = sheet.truth if with_fulfilled else sheet.truth[:2]

    def part(chosen: Sequence[Unit]) -> Part:
        counts = tuple(Fraction(sum(unit.reach >= at for unit in chosen)) for at in range(len(stages)))
        amounts = [unit.amount for unit in chosen if unit.amount is not None]
        sits = [unit.waits for unit in chosen if unit.waits is not None]
        opened = (*(sits.count(at) for at in range(len(stages) - 1)), 0)
        revenue = sum(amounts, Fraction(0)) / len(amounts) * counts[1] if amounts else None
        return Part(counts, None, revenue, opened if any(opened) else ())

    whole = part(units)
    breakdowns = {
        key: {
            name: part([unit for unit in units if unit.segments.get(key) == name])
            for name in dict.fromkeys(unit.segments.get(key, "") for unit in units)
        }
        for key in dict.fromkeys(key for unit in units for key in unit.segments)
    }
    segments = [unit.segments for unit in units]
    cells = cells_of(segments, lambda chosen: part([units[at] for at in chosen]).counts)
    period = period_of(segments)
    return Meaning(stages, whole.counts, None, whole.revenue, currency, whole.open, breakdowns, cells, period=period)


WORLDS = (
    World("shopify_orders", shopify, meanings, frozenset({"index_added"}), lenient=True),
    World("stripe_charges", stripe, meanings, frozenset({"index_added"}), lenient=True),
)
