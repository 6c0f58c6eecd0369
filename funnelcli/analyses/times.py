"""How long units took for a step, or for the whole way, as it was measured."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.exact import Exact, reduced
from funnelcli.measure import LADDER

if TYPE_CHECKING:
    from funnelcli.measure import Times
    from funnelcli.model import Stage


DAY = 86400
"""Seconds."""


class TimeBin(NamedTuple):
    """How many units took longer than `from_`, and at most as long as `to`, which the last bin has not."""

    from_: int
    to: int | None
    units: int


class Time(NamedTuple):
    """Mean and quantiles, as in `measure.Times`, and the histogram from its first bin with units to the last one."""

    mean: Exact
    p25: Exact
    p50: Exact
    p75: Exact
    p90: Exact
    unit: str
    histogram: tuple[TimeBin, ...]


def time_of(times: Times | None) -> Time | None:
    """What was measured, if it was."""
    if times is None:
        return None
    counts = dict(times.histogram)
    bins = [TimeBin(start, end, counts.get(end, 0)) for start, end in zip((0, *LADDER), (*LADDER, None), strict=True)]
    known = [place for place, each in enumerate(bins) if each.units]
    histogram = tuple(bins[known[0] : known[-1] + 1]) if known else ()
    return Time(times.mean, times.p25, times.p50, times.p75, times.p90, "seconds", histogram)


def in_days(seconds: Exact) -> Exact:
    """A time as `days` has it."""
    return reduced(Fraction(seconds) / DAY)


def days_text(seconds: int) -> str:
    """A time in days in a sentence: `3.5 days`, `1 day`."""
    days = seconds / DAY
    shown = f"{days:.3g}" if days < 1000 else f"{days:,.0f}"
    return f"{shown} day{'' if shown == '1' else 's'}"


_WINDOWS = (1, 2, 3, 7, 14, 30, 60, 90, 180, 365)
"""Days that windows have."""
_NEARLY_ALL = Fraction(99, 100)


def window_days(taken: Times | None) -> int:
    """A window, in days, that leaves out at most 1% of the units that took so long; 14 where that is not known."""
    if taken is None or not taken.histogram:
        return 14
    for days in _WINDOWS:
        within = sum(units for end, units in taken.histogram if end is not None and end <= days * DAY)
        if within >= _NEARLY_ALL * taken.units:
            return days
    return _WINDOWS[-1]


NONE_IS_OVER = "no window: younger periods had less time, and none is known to be over"


def write_window(taken: Times | None) -> str:
    """What to write where there is no window, by the times that units took."""
    return f"write window: {window_days(taken)} days, or as long as it takes"


def with_own_times(stage: Stage, all_units: Times | None, own: Times | None) -> Stage:
    """A stage of a segment with the days of its own units, where those of the funnel are measured."""
    if all_units is None or own is None or stage.days != in_days(all_units.mean):
        return stage
    quantiles = (in_days(own.p50), in_days(own.p90)) if own.p90 > own.p50 > 0 else None
    return stage._replace(days=in_days(own.mean), days_quantiles=quantiles)
