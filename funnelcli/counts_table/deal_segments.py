"""Counts and open units of deals: of all, by each dimension, and by several of them at once.

`last` is the index of the last stage, that of won deals.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.deal_money import money_of
from funnelcli.counts_table.row_causes import many
from funnelcli.model import Breakdown, CellCounts, Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from funnelcli.counts_table.deal_reach import DealReach
    from funnelcli.counts_table.deals import Pipeline
    from funnelcli.exact import Exact

MONTH = "month"
"""The dimension of the months of creation."""
CROSSED = ("owner", "source")
"""Dimensions of which, with the months, there are cells."""
MOST_CELLS = 1000
MOST_SEGMENTS = 1000


class _Tally(NamedTuple):
    """How many units came so far and no further, and how many are open, by the index of the stage; their rows."""

    ended: list[int]
    open: list[int]
    rows: list[int]

    @property
    def counts(self) -> tuple[int, ...]:
        """The units that reached each stage."""
        return tuple(accumulate(reversed(self.ended)))[::-1]

    @property
    def is_possible(self) -> bool:
        """Whether no more units are open at a stage than have not gone on."""
        return all(is_open <= ended for is_open, ended in zip(self.open, self.ended, strict=True))


def counted(units: Iterable[DealReach], last: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Counts and open units of stages and, last, of the won."""
    tally = _Tally([0] * (last + 1), [0] * (last + 1), [])
    for unit in units:
        tally.ended[unit.furthest] += 1
        if unit.sits is not None:
            tally.open[unit.sits] += 1
    return tally.counts, tuple(tally.open)


def may_be_open(pipeline: Pipeline, last: int, units: Sequence[DealReach]) -> bool:
    """Whether the open units can be told where they sit, in the whole and in each segment and cell."""
    if all(unit.sits is None or unit.sits == unit.furthest for unit in units):
        return True
    names = [*pipeline.dimensions, MONTH]
    ways: list[tuple[str, ...]] = [(), *((name,) for name in names), *_crossings(pipeline)]
    return all(each.is_possible for way in ways for each in _tallied(pipeline, units, way, last).values())


def breakdowns_of(
    pipeline: Pipeline, last: int, units: Sequence[DealReach], paid: Mapping[int, Exact], said: list[str]
) -> tuple[Breakdown, ...]:
    """The segments of each dimension, the largest first, and of the months in their order.

    `paid` are the amounts of the rows that brought money, of which a segment has an average check of its own.
    """
    found = []
    for dimension in (*pipeline.dimensions, *((MONTH,) if pipeline.months else ())):
        tallies = _tallied(pipeline, units, (dimension,), last)
        if len(tallies) > MOST_SEGMENTS:
            said.append(f"{dimension} is left out: it has {many(len(tallies), 'segment')}")
            continue
        keys = (
            sorted(tallies) if dimension == MONTH else sorted(tallies, key=lambda key: (-tallies[key].counts[0], key))
        )
        segments = []
        for key in keys:
            tally = tallies[key]
            check = money_of([paid[row] for row in tally.rows if row in paid], "", [])
            mean, sd = check or (None, None)
            segments.append(
                Segment(key[0], tally.counts, average_check=mean, average_check_sd=sd, open=tuple(tally.open))
            )
        found.append(Breakdown(dimension, tuple(segments)))
    return tuple(found)


def cells_of(pipeline: Pipeline, last: int, units: Sequence[DealReach], said: list[str]) -> tuple[CellCounts, ...]:
    """Counts by owner, source and month at once, by fewer of them where these are too many cells."""
    crossings = _crossings(pipeline)
    for way in crossings:
        tallies = _tallied(pipeline, units, way, last)
        if len(tallies) <= MOST_CELLS:
            return tuple(
                CellCounts(tuple(zip(way, key, strict=True)), tallies[key].counts, tuple(tallies[key].open))
                for key in sorted(tallies)
            )
        said.append(f"{' × '.join(way)} would be {len(tallies):,} cells, and they are left out")
    return ()


def _crossings(pipeline: Pipeline) -> list[tuple[str, ...]]:
    """Dimensions whose segments are crossed: all that are known, else owner and month."""
    crossed = [name for name in CROSSED if name in pipeline.dimensions]
    if not pipeline.months or not crossed:
        return []
    ways = [(*crossed, MONTH), (crossed[0], MONTH)]
    return ways[:1] if len(crossed) == 1 else ways


def _tallied(
    pipeline: Pipeline, units: Iterable[DealReach], dimensions: Sequence[str], last: int
) -> dict[tuple[str, ...], _Tally]:
    """Tallies by the segments of dimensions."""
    places = [pipeline.dimensions.index(name) if name != MONTH else -1 for name in dimensions]
    months = pipeline.months
    found: dict[tuple[str, ...], _Tally] = {}
    for unit in units:
        deal = unit.deal
        key = tuple([months.get(deal.row, "") if place < 0 else deal.labels[place] for place in places])
        tally = found.get(key)
        if tally is None:
            tally = found[key] = _Tally([0] * (last + 1), [0] * (last + 1), [])
        tally.rows.append(deal.row)
        tally.ended[unit.furthest] += 1
        if unit.sits is not None:
            tally.open[unit.sits] += 1
    return found
