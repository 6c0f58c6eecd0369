"""The conversion that is expected when all windows are over, as it was measured: of steps, segments, and overall."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.analyses.rules import remembered
from funnelcli.analyses.times import in_days
from funnelcli.analyses.variation import interval_of
from funnelcli.diagnostics import joined, quoted, spanned
from funnelcli.exact import ratio, reduced

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from funnelcli.exact import Exact
    from funnelcli.measure import Curve, Measured
    from funnelcli.model import Funnel, Stage


class End(NamedTuple):
    """A conversion in the end, with its interval; `None` where it is not known.

    `final_low` and `final_high` are another thing: between these lies, with 95%, what the counts of a period whose
    window is open come to; what has come stays, so that they may be far nearer than where its rate lies. `so_far` is
    what had come of those who were followed for `followed_days`, which nobody was for longer; of a step, where they
    were for as long to both of its stages.
    """

    conversion: Exact | None = None
    low: float | None = None
    high: float | None = None
    so_far: Exact | None = None
    followed_days: Exact | None = None
    final_low: float | None = None
    final_high: float | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of a result that tells it, beside other conversions."""
        return {
            "conversion_eventual": self.conversion,
            "conversion_eventual_low": self.low,
            "conversion_eventual_high": self.high,
            "conversion_eventual_so_far": self.so_far,
            "followed_days": self.followed_days,
            "conversion_final_low": self.final_low,
            "conversion_final_high": self.final_high,
        }


UNKNOWN = End()


def as_in_the_end(funnel: Funnel, stages: Collection[int]) -> Funnel | None:
    """The funnel with the counts that are expected when the windows of all its entries are over.

    `None` where all are, and where the end of one of these stages is not known; others without one stay as they are.
    """
    known = [_share_in_the_end(funnel, index) for index in range(len(funnel.stages))]
    if not funnel.awaits or any(index and known[index] is None for index in stages):
        return None
    entries = funnel.stages[0].count
    expected = tuple(
        stage if share is None else _counted(stage, reduced(entries * share))
        for stage, share in zip(funnel.stages, known, strict=True)
    )
    over = without_ends(funnel.measured)
    return funnel._replace(stages=expected, breakdowns=(), measured=over and over._replace(not_mature=()))


def _share_in_the_end(funnel: Funnel, index: int) -> Exact | None:
    """The share of the entries that come to a stage; 0 past one that no event met, as is counted."""
    end = funnel.eventual(index)
    return 0 if funnel.unmet_among(funnel.path_to(index)) else None if end is None else end.conversion


def _counted(stage: Stage, count: Exact) -> Stage:
    """A stage with another count and nothing open: units that came at the money they brought, others at theirs."""
    ended = stage._replace(
        count=count,
        average_check=stage.average_order_value,
        revenue=None,
        open=None,
        open_amounts=(),
        open_rest=None,
        money_to_come=None,
    )
    more, own, coming = max(0, count - stage.count), stage.average_order_value, stage.money_to_come
    if coming is None or own is None or not more:
        return ended
    units = stage.count + more
    mean = Fraction(stage.count * own + more * coming.mean) / units
    parts = (stage.count, own, stage.average_check_sd or 0), (more, coming.mean, coming.sd)
    squares = sum(number * (Fraction(check) ** 2 + Fraction(sd) ** 2) for number, check, sd in parts) / units
    deviation = Fraction(f"{sqrt(max(Fraction(0), squares - mean**2)):.9g}")
    return ended._replace(average_check=reduced(mean), average_check_sd=deviation, check_of=(coming.units,))


def base_of(funnel: Funnel) -> Funnel:
    """The funnel that changes start from, in every command: projections, levers, goals and gains are of its figures.

    Where windows are open, it has the counts of the end, as far as the ends on the way to the sale and to money are
    known; stages off that way of which no end is known keep their conversion, and so do those of which events are
    counted, which no end is told of. Else it has the counts so far, and nothing of any end, so that the two are never
    mixed.
    """
    return _base(funnel)[0] if funnel.awaits else funnel


def base_is_end(funnel: Funnel) -> bool | None:
    """Whether `base_of` has the counts of the end; `None` where nothing is awaited, so that they are those so far."""
    return _base(funnel)[1] if funnel.awaits else None


@remembered
def _base(funnel: Funnel) -> tuple[Funnel, bool]:
    """What changes start from where windows are open, and whether it is that of the end."""
    once = [index for index in funnel.on_the_way if not funnel.stages[index].allow_growth]  # others count events
    ended = as_in_the_end(funnel, once)
    if ended is None:
        return funnel._replace(measured=without_ends(funnel.measured)), False
    stages = [*ended.stages]
    for index, stage in enumerate(stages):
        if stage.parent is not None and _share_in_the_end(funnel, index) is None:
            share = funnel.conversion(index)
            stages[index] = stage._replace(count=reduced(stages[stage.parent].count * (share or 0)))
    return ended._replace(stages=tuple(stages)), True


def telling(funnel: Funnel) -> Funnel:
    """The funnel whose samples tell the rates of its `base_of`: itself, or without ends where those are not known."""
    return funnel if base_is_end(funnel) else base_of(funnel)


def base_taken(funnel: Funnel) -> Iterator[str]:
    """Whether figures are of the end, where some windows are open, in one clause; for the funnel as it was counted."""
    others = [each for each in funnel.not_mature if each != funnel.name]
    opened = f": {spanned(others)}" if others else ""
    if not base_is_end(funnel):
        if funnel.not_mature:
            why = ", as their end is not known" if funnel.awaits else ""
            yield f"cohorts whose window is still open count as they are, though they may grow{why}{opened}"
        return
    so_far = [name for index, name in enumerate(funnel.names) if index and _share_in_the_end(funnel, index) is None]
    yield "counts are those expected in the end" + (
        f", as the window is still open{opened}" if funnel.not_mature else ""
    )
    if any(stage.money_to_come and stage.count for stage in funnel.stages):
        yield "sales to come bring on average what those of all segments lead to expect"
    if so_far:
        yield f"conversions so far, as their end is not known: {', '.join(so_far)}"


def end_of(funnel: Funnel, index: int, confidence: float = 0.95, whole: int | None = None) -> End:
    """The end of a step, or with `whole` of the conversion from that stage.

    Of a later step it is the overall one over that of the stage that it comes from. The interval is that of verdicts:
    of as many entries as tell as much, with the variation from period to period in it.
    """
    origin = funnel.stages[index].parent if whole is None else whole
    ends = funnel.ends_between(index, origin)
    if origin is None or ends is None:
        return UNKNOWN
    own, above = ends
    so_far: Exact | None = ratio(own.so_far, 1 if above is None else above.so_far)
    days: Exact | None = in_days(own.followed)
    if above is not None and above.followed != own.followed:
        so_far = days = None  # those within one time are no part of those within another
    share, (came, could) = funnel.eventual_share(index, origin), funnel.eventual_sample(index, origin) or (0, 0)
    final: tuple[float | None, float | None] = None, None
    if not origin and funnel.is_open and own.low is not None and own.high is not None:
        final = float(own.low), float(own.high)
    if not could:  # what is known of it is known of all: it tells nothing itself
        return End(share, None, None, so_far, days, *final)
    counts = float(came), float(could)
    low, high = interval_of(funnel, index, origin, counts)(*counts, confidence)
    return End(share, low, high, so_far, days, *final)


def unmet_on_the_way(funnel: Funnel) -> tuple[str, ...]:
    """The stages on the way to the sale and to money that no event met: no chance and no end is told past their 0."""
    if not funnel.unmet:
        return ()
    way = {at for end in (funnel.sale_stage, *funnel.money_stages) for at in funnel.path_to(end)}
    return funnel.unmet_among(way)


def tells_no_rate(stages: Sequence[str]) -> str:
    """Why nothing is told past stages that no event met, in one clause."""
    return f"no event met the when of {joined([quoted(stage) for stage in stages])}: 0 tells no rate"


def end_is_unknown(funnel: Funnel, index: int, origin: int | None = None) -> bool:
    """Whether windows are open, and what a conversion is in the end is not known: it is not judged."""
    if not (funnel.awaits or funnel.is_open):
        return False
    ends = (funnel.eventual(at) for at in (index, funnel.stages[index].parent if origin is None else origin) if at)
    return any(end is None or end.conversion is None for end in ends)


def without_ends(measured: Measured | None) -> Measured | None:
    """What was measured, without times and ends: of counts that are no longer those."""
    if measured is None:
        return None
    return measured._replace(times=(), whole_way=None, eventual=(), curves=(), segments=())


def measured_segments(measured: Measured | None, dimension: str | None, entries: Exact) -> dict[str, Measured]:
    """What was measured of each segment of a dimension that has times and ends of its own, and of so many entries."""
    bare = without_ends(measured)
    if measured is None or bare is None:
        return {}
    of_all = dict(measured.curves)
    found = {}
    for name, noted in dict(measured.segments).get(dimension or "", ()):
        curves = tuple(
            (stage, curve if curve.points or stage not in of_all else going_on(of_all[stage], curve.waiting, entries))
            for stage, curve in noted.curves
        )
        found[name] = bare._replace(**noted._replace(curves=curves)._asdict())
    return found


def going_on(curve: Curve, waiting: tuple[tuple[int, int], ...], entries: Exact) -> Curve:
    """Those who wait, by the curve of so many entries among which they are."""
    return curve._replace(waiting=waiting, told_by=(curve.waiting, entries))
