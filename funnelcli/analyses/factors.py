"""A figure of two funnels as a sum of products: entries, conversions, units still open, average check, costs."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from funnelcli.analyses import economics
from funnelcli.analyses.fewer_stages import step_of
from funnelcli.exact import Exact, ratio, reduced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.analyses.pairs import Pair
    from funnelcli.model import Funnel

ENTRIES, UNITS, CHECK, MARGIN, COST, BUDGET = "entries", "count", "average_check", "gross_margin", "cost", "budget"
STILL_OPEN = "still_open"
"""The share of units that are decided, in one factor over all steps: those who are still open are not lost."""
Factor: TypeAlias = tuple[str, str | None]
"""A factor's selector, and the stage that its conversion is from where that is not the stage before."""


class Part(NamedTuple):
    """A factor of a product, before and after: of the stage at index `at`, and of a conversion from `origin`."""

    factor: Factor
    old: Exact | None
    new: Exact | None
    at: int
    origin: int | None = None


class Summand(NamedTuple):
    """A product that is added or taken away: its value before and after, and its factors."""

    sign: int
    before: Exact
    after: Exact
    parts: tuple[Part, ...]


def sales_terms(pair: Pair, sale: int) -> list[Summand]:
    """The number of sales."""
    return [Summand(1, pair.a.stages[sale].count, pair.b.stages[sale].count, _path(pair.a, pair.b, sale))]


def revenue_terms(pair: Pair, paid: Sequence[int]) -> list[Summand]:
    """The money of each of the stages `paid`, which bring some in any of the funnels compared."""
    terms = []
    for index in paid:
        stage, other = pair.a.stages[index], pair.b.stages[index]
        checks = stage.average_order_value or 0, other.average_order_value or 0
        name = CHECK if len(paid) == 1 else f"{CHECK}@{stage.name}"
        parts = (*_path(pair.a, pair.b, index), Part((name, None), *checks, index))
        terms.append(Summand(1, stage.count * checks[0], other.count * checks[1], parts))
    return terms


def profit_terms(pair: Pair, paid: Sequence[int]) -> list[Summand]:
    """Gross profit as products, one a stage: units x check x margin, less units x cost; the budget is a term too.

    So negative profits, too, are split without a residual.
    """
    a, b = pair.a, pair.b
    margins = Part((MARGIN, None), economics.margin(a), economics.margin(b), 0)
    terms = [
        Summand(1, each.before * economics.margin(a), each.after * economics.margin(b), (*each.parts, margins))
        for each in revenue_terms(pair, paid)
    ]
    for index, (stage, other) in enumerate(zip(a.stages, b.stages, strict=True)):
        if stage.cost is not None and other.cost is not None:
            own = Part((f"{COST}@{stage.name}", None), stage.cost, other.cost, index)
            spent = stage.count * stage.cost, other.count * other.cost
            terms.append(Summand(-1, *spent, (*_path(a, b, index), own)))
    if a.budget is not None and b.budget is not None:
        terms.append(Summand(-1, a.budget, b.budget, (Part((BUDGET, None), a.budget, b.budget, 0),)))
    return terms


def _path(a: Funnel, b: Funnel, index: int) -> tuple[Part, ...]:
    """The factors of what reaches a stage: the entries, each conversion on the way, of the decided, and their share."""
    way, shares = _way(a, b, index), (Fraction(1), Fraction(1))
    top = way[0]
    first = ENTRIES if a.stages[top].parent is None else f"{UNITS}@{a.stages[top].name}"
    parts = [Part((first, None), a.stages[top].count, b.stages[top].count, top)]
    for above, at in pairwise(way):
        source = None if a.stages[at].parent == above else a.stages[above].name
        decided = _share_decided(a, at, above), _share_decided(b, at, above)
        shares = shares[0] * decided[0], shares[1] * decided[1]
        old, new = (
            ratio(side.stages[at].count, reduced(side.stages[above].count * share))
            for side, share in zip((a, b), decided, strict=True)
        )
        parts.append(Part((str(step_of(a, at)), source), old, new, at, above))
    if shares[0] != 1 or shares[1] != 1:
        parts.append(Part((STILL_OPEN, None), *shares, index))
    return tuple(parts)


def _share_decided(side: Funnel, index: int, above: int) -> Fraction:
    """Of the units that a stage comes from, the share that is decided; over stages between, the product of theirs."""
    share, below = Fraction(1), index
    for at in side.path_to(index, above)[1:]:
        if side.stages[at].count:  # others were come past
            decided = side.decided(below, at) if side.stages[below].conversion is None else None
            share *= 1 if decided is None else Fraction(decided) / side.stages[at].count
            below = at
    return share


def _way(a: Funnel, b: Funnel, index: int) -> list[int]:
    """Stages on the way to a stage, without those that are empty on a side where units came past them."""
    way = [index]
    filled = [bool(side.stages[index].count) for side in (a, b)]
    for at in a.path_to(index)[1:]:
        counts = [side.stages[at].count for side in (a, b)]
        if not any(below and not count for below, count in zip(filled, counts, strict=True)):
            way.append(at)
        filled = [below or bool(count) for below, count in zip(filled, counts, strict=True)]
    return way[::-1]
