"""What figures of the sheets beside a funnel's own are made of: by the key of a column, formulas that may come to them.

A rule only says what may be; `details` takes a formula where it comes to exactly what the analysis found.
"""

from __future__ import annotations

from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.analyses.open_amounts import open_amounts
from funnelcli.output import numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from funnelcli.analyses.rules import Figure
    from funnelcli.exact import Exact
    from funnelcli.model import Funnel


class Spot(NamedTuple):
    """A cell, and the figure in it; `None` is undefined, `n/a` in the cell."""

    at: str
    value: Exact | None


class Formula(NamedTuple):
    """What stands in a cell, without the `=`, and what it comes to."""

    text: str
    value: Exact | None


class PlacedFigures(NamedTuple):
    """Where figures stand: by row, key of the column and number among the columns of that key; rows are named.

    `own` are rows that have an average check or a margin of their own, by the metric.
    """

    spots: dict[tuple[Any, str, int], Spot]
    base: Mapping[Figure, Spot]
    funnel: Funnel
    own: Mapping[str, frozenset[Any]] = MappingProxyType({})

    def at(self, row: Any, key: str, nth: int = 0) -> Spot:
        """Where a figure of a row stands, an empty place where it does not."""
        return self.spots.get((row, key, nth), NOWHERE)

    def whole(self, metric: str, row: Any) -> Spot:
        """A figure of the whole funnel that is one of the row as well: its only average check, or its margin."""
        found = [spot for figure, spot in self.base.items() if figure.metric == metric]
        return found[0] if len(found) == 1 and row not in self.own.get(metric, ()) else NOWHERE

    def margin(self, row: Any) -> Spot:
        """The gross margin, where that is all that is taken off the revenue."""
        costly = any(stage.cost is not None for stage in self.funnel.stages)
        return NOWHERE if costly else self.whole("gross_margin", row)


NOWHERE = Spot("", None)
TOTAL = object()
"""Names the row of totals, which a segment cannot be called."""


class RowAt(NamedTuple):
    """The row of a cell: its name, that of the row before, where the cell stands, and of a total the rows above it."""

    name: Any
    before: Any
    here: str
    above: tuple[int, int] | None
    place: PlacedFigures


def _over(part: Spot, whole: Spot) -> Formula:
    """A quotient, which is undefined where one of the two is, or the whole is 0."""
    undefined = part.value is None or not whole.value
    return Formula(
        f'IFERROR({part.at}/{whole.at},"{numbers.UNDEFINED}")',
        None if undefined else Fraction(part.value or 0) / (whole.value or 1),
    )


def _times(one: Spot, other: Spot) -> Iterator[Formula]:
    """A product, where both are known."""
    if _where(one, other) and one.value is not None and other.value is not None:
        yield Formula(f"{one.at}*{other.at}", one.value * other.value)


def _less(one: Spot, other: Spot) -> Formula:
    if one.value is None or other.value is None:
        return Formula(f'IFERROR({one.at}-{other.at},"{numbers.UNDEFINED}")', None)
    return Formula(f"{one.at}-{other.at}", one.value - other.value)


def _where(*needed: Spot) -> bool:
    return all(spot.at for spot in needed)


def _of(key: str, whole: str) -> Callable[[RowAt, int], Iterator[Formula]]:
    """The rule of what is one figure of the row divided by another."""

    def rule(row: RowAt, _: int) -> Iterator[Formula]:
        one, other = _named(row, key), _named(row, whole)
        if _where(one, other):
            yield _over(one, other)

    return rule


def _named(row: RowAt, key: str) -> Spot:
    """A figure of the row: that of a column, or the count of the entry, of the sale, or of a role."""
    funnel = row.place.funnel
    roles = {stage.role: index for index, stage in enumerate(funnel.stages) if stage.role}
    stages = {
        "entries": 0,
        "the sale": funnel.sale_stage,
        "leads": roles.get("lead"),
        "customers": roles.get("customer"),
    }
    if key not in stages:
        return row.place.at(row.name, key)
    at = stages[key]
    return NOWHERE if at is None else row.place.at(row.name, "count", at)


def _share(key: str) -> Callable[[RowAt, int], Iterator[Formula]]:
    def rule(row: RowAt, _: int) -> Iterator[Formula]:
        own, all_ = _named(row, key), _named(row._replace(name=TOTAL), key)
        if _where(own, all_):
            column = all_.at.rstrip("0123456789")
            yield _over(own, all_._replace(at=f"{column}${all_.at[len(column) :]}"))

    return rule


def _conversion(row: RowAt, nth: int) -> Iterator[Formula]:
    """The count of the stage by that of the one it comes from; the steps are those that come from another."""
    funnel = row.place.funnel
    steps = [(index, each.parent) for index, each in enumerate(funnel.stages) if each.parent is not None]
    if nth < len(steps):
        own, parent = (row.place.at(row.name, "count", index) for index in steps[nth])
        if _where(own, parent):
            yield _over(own, parent)


def _paid(key: str) -> Callable[[RowAt, int], Iterator[Formula]]:
    """Money of units of the row at the funnel's own average check."""

    def rule(row: RowAt, _: int) -> Iterator[Formula]:
        units, check = _named(row, key), row.place.whole("average_check", row.name)
        yield from _times(units, check)

    return rule


def _gross(row: RowAt, _: int) -> Iterator[Formula]:
    revenue, margin = row.place.at(row.name, "revenue"), row.place.margin(row.name)
    yield from _times(revenue, margin)


def _unit(row: RowAt, _: int) -> Iterator[Formula]:
    check, margin = row.place.whole("average_check", row.name), row.place.margin(row.name)
    yield from _times(check, margin)


def _difference(one: str, other: str) -> Callable[[RowAt, int], Iterator[Formula]]:
    def rule(row: RowAt, _: int) -> Iterator[Formula]:
        both = _named(row, one), _named(row, other)
        if _where(*both):
            yield _less(*both)

    return rule


def _same(key: str) -> Callable[[RowAt, int], Iterator[Formula]]:
    def rule(row: RowAt, _: int) -> Iterator[Formula]:
        spot = _named(row, key)
        if _where(spot):
            yield Formula(spot.at, spot.value)

    return rule


def _since(key: str) -> Callable[[RowAt, int], Iterator[Formula]]:
    """The change since the row before, or its share of that."""

    def rule(row: RowAt, _: int) -> Iterator[Formula]:
        now, before = _named(row, "the sale"), _named(row._replace(name=row.before), "the sale")
        if row.before is not None and _where(now, before):
            less = _less(now, before)
            if key == "sales_change":
                yield less
            elif less.value is not None and before.value:
                yield Formula(f"{now.at}/{before.at}-1", Fraction(less.value) / before.value)

    return rule


def _open_ones(row: RowAt, _: int) -> Iterator[Formula]:
    units, each = row.place.at(row.name, "open"), row.place.at(row.name, "close_chance")
    yield from _times(units, each)


def _weighted(row: RowAt, nth: int) -> Iterator[Formula]:
    """Expected sales at the average check: of open units that have no amounts of their own."""
    funnel = row.place.funnel
    by_check = not funnel.sells_open and all(stage.money_to_come is None for stage in funnel.stages)
    named = funnel.index(row.name) if row.name in funnel.names else None
    if by_check or (named is not None and open_amounts(funnel, named) is None):
        yield from _paid("sales")(row, nth)


def _decided(row: RowAt, _: int) -> Iterator[Formula]:
    went_on, reached, open_ = (row.place.at(row.name, key) for key in ("went_on", "reached", "open"))
    if _where(went_on, reached, open_) and reached.value is not None and open_.value is not None:
        yield _over(went_on, Spot(f"({reached.at}-{open_.at})", reached.value - open_.value))


def _both(*rules: Callable[[RowAt, int], Iterator[Formula]]) -> Callable[[RowAt, int], Iterator[Formula]]:
    def rule(row: RowAt, nth: int) -> Iterator[Formula]:
        for each in rules:
            yield from each(row, nth)

    return rule


RULES: Mapping[str, Callable[[RowAt, int], Iterator[Formula]]] = {
    "share": _share("entries"),
    "sales_share": _share("the sale"),
    "sales_change": _since("sales_change"),
    "sales_change_rate": _since("sales_change_rate"),
    "conversion": _conversion,
    "overall_conversion": _of("the sale", "entries"),
    "sales": _both(_same("the sale"), _open_ones),
    "revenue": _paid("the sale"),
    "gross_profit": _gross,
    "profit": _difference("gross_profit", "budget"),
    "romi": _of("profit", "budget"),
    "cpl": _of("budget", "leads"),
    "cac": _of("budget", "customers"),
    "cost_per": _of("budget", "the sale"),
    "unit_margin": _unit,
    "first_sale_margin_to_cac": _of("unit_margin", "cac"),
    "lead_quality": _of("the sale", "leads"),
    "weighted": _weighted,
    "conversion_decided": _decided,
}
"""What figures of tables are made of, by the key of their column."""
