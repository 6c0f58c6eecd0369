"""Counts and open units of deals or orders: of all, by each dimension, and by several of them at once.

Units of the same segments, reach and place are counted together once; all sums are of these.
"""

from __future__ import annotations

from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.count_sums import too_many_cells
from funnelcli.counts_table.deal_money import money_of
from funnelcli.counts_table.deal_reach import NOWHERE
from funnelcli.diagnostics import many
from funnelcli.segments import Breakdown, CellCounts, OpenUnits, Segment, amounts_of, with_open

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.counts_table.deal_reach import UnitReach
    from funnelcli.counts_table.deals import Deals
    from funnelcli.exact import Exact

MONTH = "month"
"""The dimension of the months of creation."""
CROSSED = ("owner", "source")
"""Dimensions of which, with the months, there are cells."""
MOST_SEGMENTS = 1000


class SegmentTally(NamedTuple):
    """How many units came so far and no further, how many are open, and their amounts, by the index of the stage."""

    ended: list[int]
    open: list[int]
    amounts: list[list[Exact]]

    @property
    def waiting(self) -> OpenUnits:
        """The open units, with their amounts at stages where these are known."""
        waiting = tuple(self.open)
        return OpenUnits(waiting, amounts_of(waiting, [*map(tuple, self.amounts)]))

    @property
    def counts(self) -> tuple[int, ...]:
        """The units that reached each stage."""
        return tuple(accumulate(reversed(self.ended)))[::-1]

    @property
    def is_possible(self) -> bool:
        """Whether no more units are open at a stage than have not gone on."""
        return all(is_open <= ended for is_open, ended in zip(self.open, self.ended, strict=True))


class Groups(NamedTuple):
    """Units by their segments, in the order of the dimensions, their reach and where they sit.

    `last` is the index of the last stage; `columns` are the segments by the index of the row. `amounts` are of open
    units, with the segments and the stage of each.
    """

    dimensions: tuple[str, ...]
    numbers: Counter[tuple[tuple[str, ...], int, int]]
    last: int
    columns: tuple[list[str], ...]
    amounts: tuple[tuple[tuple[str, ...], int, Exact], ...] = ()

    def by(self, dimensions: Sequence[str]) -> dict[tuple[str, ...], SegmentTally]:
        """Sums by the segments of some dimensions."""
        places = [self.dimensions.index(name) for name in dimensions]
        found: dict[tuple[str, ...], SegmentTally] = {}
        for (segments, far, sits), number in self.numbers.items():
            key = tuple([segments[place] for place in places])
            tally = found.get(key)
            if tally is None:
                zeros = [0] * (self.last + 1)
                tally = found[key] = SegmentTally(zeros, [*zeros], [[] for _ in zeros])
            tally.ended[far] += number
            if sits != NOWHERE:
                tally.open[sits] += number
        for segments, sits, amount in self.amounts:
            found[tuple([segments[place] for place in places])].amounts[sits].append(amount)
        return found

    def with_amounts(self, waiting: Sequence[Sequence[int]], amounts: Sequence[Sequence[Exact]]) -> Groups:
        """With the amounts of open units: of the rows at each stage, or none at a stage where they are not known."""
        found = [
            (tuple([column[row] for column in self.columns]), sits, amount)
            for sits, (rows, own) in enumerate(zip(waiting, amounts, strict=True))
            for row, amount in zip(rows, own, strict=bool(own))
        ]
        return self._replace(amounts=tuple(found))

    @property
    def whole(self) -> SegmentTally:
        """All units."""
        return self.by(())[()]

    @property
    def crossings(self) -> list[tuple[str, ...]]:
        """Dimensions whose segments are crossed: all that are known, or fewer where these are too many cells."""
        crossed = [name for name in CROSSED if name in self.dimensions]
        if MONTH not in self.dimensions or not crossed:
            return []
        return [(*crossed, MONTH), (crossed[0], MONTH)][: len(crossed)]

    @property
    def is_possible(self) -> bool:
        """Whether no more units are open than have not gone on, in the whole and in each segment and cell."""
        ways: list[tuple[str, ...]] = [(), *((name,) for name in self.dimensions), *self.crossings]
        return all(each.is_possible for way in ways for each in self.by(way).values())


def grouped(deals: Deals, reached: UnitReach, last: int) -> Groups:
    """Units by their segments; `last` is the index of the last stage."""
    rows = reached.rows
    columns = [*deals.labels, *([] if deals.months is None else [deals.months])]
    segments = zip(*([column[row] for row in rows] for column in columns), strict=True) if columns else [()] * len(rows)
    names = (*deals.dimensions, *(() if deals.months is None else (MONTH,)))
    return Groups(names, Counter(zip(segments, reached.furthest, reached.sits, strict=True)), last, tuple(columns))


def breakdowns_of(groups: Groups, paid: Mapping[int, Exact], said: list[str]) -> tuple[Breakdown, ...]:
    """The segments of each dimension, the largest first, and of the months in their order.

    `paid` are the amounts of the rows that brought money, of which a segment has an average check of its own.
    """
    found = []
    for dimension, column in zip(groups.dimensions, groups.columns, strict=True):
        tallies = groups.by((dimension,))
        if len(tallies) > MOST_SEGMENTS:
            said.append(f"{dimension} is left out: it has {many(len(tallies), 'segment')}")
            continue
        keys = sorted(tallies)
        if dimension != MONTH:
            keys.sort(key=lambda key: -tallies[key].counts[0])
        amounts: dict[str, list[Exact | None]] = {}
        for row, amount in paid.items():
            amounts.setdefault(column[row], []).append(amount)
        segments = []
        for key in keys:
            mean, sd = money_of(amounts.get(key[0], []), "", []) or (None, None)
            segment = Segment(key[0], tallies[key].counts, average_check=mean, average_check_sd=sd)
            segments.append(with_open(segment, tallies[key].waiting))
        found.append(Breakdown(dimension, tuple(segments)))
    return tuple(found)


def cells_of(groups: Groups, said: list[str]) -> tuple[CellCounts, ...]:
    """Counts by owner, source and month at once, by fewer of them where these are too many cells."""
    for way in groups.crossings:
        tallies = groups.by(way)
        if not too_many_cells(way, len(tallies), said):
            return tuple(
                CellCounts(tuple(zip(way, key, strict=True)), tallies[key].counts, *tallies[key].waiting)
                for key in sorted(tallies)
            )
    return ()
