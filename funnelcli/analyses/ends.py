"""The conversion that is expected when all windows are over, as it was measured: of a step, and overall."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.maturity import without_ends
from funnelcli.exact import ratio, reduced
from funnelcli.stats.intervals import wilson_bounds

if TYPE_CHECKING:
    from collections.abc import Collection

    from funnelcli.exact import Exact
    from funnelcli.model import Funnel

STATED = 0.95
"""The confidence of the bounds that a measurement writes."""


class End(NamedTuple):
    """A conversion in the end, with its interval; `None` where it is not known.

    `so_far` is what had come of those who were followed for `followed_days`, which nobody was for longer.
    """

    conversion: Exact | None = None
    low: float | None = None
    high: float | None = None
    so_far: Exact | None = None
    followed_days: Exact | None = None


UNKNOWN = End()


def as_in_the_end(funnel: Funnel, stages: Collection[int]) -> Funnel | None:
    """The funnel with the counts that are expected when the windows of all its entries are over.

    `None` where all are, and where the end of one of these stages is not known; others without one stay as they are.
    """
    ends = [funnel.eventual(index) for index in range(len(funnel.stages))]
    known = [end.conversion if end is not None else None for end in ends]
    if not funnel.awaits or any(index and known[index] is None for index in stages):
        return None
    entries = funnel.stages[0].count
    expected = tuple(
        stage if share is None else stage._replace(count=reduced(entries * share))
        for stage, share in zip(funnel.stages, known, strict=True)
    )
    over = without_ends(funnel.measured)
    return funnel._replace(stages=expected, breakdowns=(), measured=over and over._replace(not_mature=()))


def end_of(funnel: Funnel, index: int, confidence: float = STATED, whole: int | None = None) -> End:
    """The end of a step, or with `whole` of the conversion from that stage.

    Of a later step it is the overall one over that of the stage that it comes from. The interval is the one that was
    measured of the entries, else Wilson's of as many as tell as much.
    """
    origin = funnel.stages[index].parent if whole is None else whole
    own, above = funnel.eventual(index), funnel.eventual(origin) if origin else None
    if own is None or origin is None or origin == index or (origin and above is None):
        return UNKNOWN
    before = 1 if above is None else above.so_far
    so_far, days = ratio(own.so_far, before), reduced(Fraction(own.followed, 86400))
    share = 1 if above is None else above.conversion
    if own.conversion is None or not share:
        return End(so_far=so_far, followed_days=days)
    could = Fraction(own.entries) * share
    came = min(own.conversion * own.entries, could)
    if not origin and confidence == STATED and own.low is not None and own.high is not None:
        bounds: tuple[float | None, float | None] = float(own.low), float(own.high)
    else:
        bounds = wilson_bounds(float(came), float(could), confidence) if could else (None, None)
    return End(ratio(came, could) if could else own.conversion, *bounds, so_far, days)
