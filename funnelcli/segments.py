"""Parts of a funnel: its segments by a dimension, by several at once, and what they keep of the whole."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from funnelcli.exact import Exact, reduced

Key = TypeVar("Key", bound=Hashable)
Part = TypeVar("Part", "CellCounts", "Segment")


class Segment(NamedTuple):
    """The same funnel for one channel, manager or period: its counts in stage order, and money that differs.

    `open` are the units that sit in each stage now and may still go on; empty where the file says it of no segment of
    the dimension. `open_amounts` are the money of each of these, by stage, empty at a stage where it is not known; in a
    sum of cells, of those whose cells list theirs.
    """

    name: str
    counts: tuple[Exact, ...]
    budget: Exact | None = None
    average_check: Exact | None = None
    gross_margin: Exact | None = None
    average_check_sd: Exact | None = None
    open: tuple[int, ...] = ()
    open_amounts: tuple[tuple[Exact, ...], ...] = ()

    def step(self, origin: int, index: int) -> tuple[Exact, Exact]:
        """Its units that came from one stage to another, and those of the first that are decided, as in a `Funnel`."""
        came, could = self.counts[index], self.counts[origin]
        left = could - self.open[origin] if self.open else could
        return came, left if left >= came else could


class Varied(NamedTuple):
    """What a segment keeps of how much the rates of its funnel vary from period to period.

    The `periods` of a dimension tell it, or the file states it (`dimension` is `None`). `spans` is over how many of
    such periods the segment stretches. `spreads` are of pairs of stages, (origin, index): the square of the coefficient
    of variation of the conversion from one to the other, and the degrees of freedom of the estimate; `p_values` are of
    one rate in all periods.
    """

    dimension: str | None
    periods: int | None
    spans: float
    spreads: tuple[tuple[tuple[int, int], tuple[float, int | None]], ...] = ()
    p_values: tuple[tuple[tuple[int, int], float | None], ...] = ()


class CellCounts(NamedTuple):
    """The same funnel for segments of several dimensions at once: `segments` are pairs of dimension and segment.

    `open` and `open_amounts` are as in a `Segment`.
    """

    segments: tuple[tuple[str, str], ...]
    counts: tuple[Exact, ...]
    open: tuple[int, ...] = ()
    open_amounts: tuple[tuple[Exact, ...], ...] = ()


class OpenUnits(NamedTuple):
    """The units that are open, and the money of each, as in a `Segment`."""

    open: tuple[int, ...] = ()
    open_amounts: tuple[tuple[Exact, ...], ...] = ()


def segment_at(place: int) -> Callable[[CellCounts], str]:
    """What tells the segment of a cell by its dimension at that place."""
    return lambda cell: cell.segments[place][1]


def added_up(cells: Iterable[CellCounts], of: Callable[[CellCounts], Key]) -> dict[Key, tuple[Exact, ...]]:
    """The counts of cells, added up by what each is `of`, in the order of the cells."""
    sums: dict[Key, list[Exact]] = {}
    for cell in cells:
        row = sums.setdefault(of(cell), [0] * len(cell.counts))
        for index, count in enumerate(cell.counts):
            row[index] += count
    return {key: tuple(map(reduced, row)) for key, row in sums.items()}


def with_open(part: Part, waiting: OpenUnits | None) -> Part:
    """A segment or a cell with these open units; none are known of it without."""
    return part._replace(**(waiting or OpenUnits())._asdict())


def open_added_up(parts: Iterable[CellCounts | Segment], of: Callable[[Any], Key]) -> dict[Key, OpenUnits]:
    """The open units of cells or segments, added up by what each is `of`; nothing of those of which none says any."""
    groups: dict[Key, list[CellCounts | Segment]] = {}
    for part in parts:
        if part.open:
            groups.setdefault(of(part), []).append(part)
    return {key: _together(each) for key, each in groups.items()}


def _together(parts: Sequence[CellCounts | Segment]) -> OpenUnits:
    """The open units of all, and the amounts of those that have one."""
    waiting = tuple(map(sum, zip(*(part.open for part in parts), strict=True)))
    told = [part.open_amounts for part in parts if part.open_amounts]
    return OpenUnits(waiting, tuple(tuple(chain.from_iterable(column)) for column in zip(*told, strict=True)))


def amounts_of(waiting: Sequence[int], columns: Sequence[tuple[Exact, ...]]) -> tuple[tuple[Exact, ...], ...]:
    """The amounts of open units by stage: those that are of all units of their stage; none where no stage has any."""
    known = tuple(each if len(each) == number else () for number, each in zip(waiting, columns, strict=bool(columns)))
    return known if any(known) else ()


class Breakdown(NamedTuple):
    """The segments of one dimension, in the order of the file."""

    dimension: str
    segments: tuple[Segment, ...]

    @property
    def divides_open(self) -> bool:
        """Whether it is known of which segments the open units are."""
        return any(segment.open for segment in self.segments)
