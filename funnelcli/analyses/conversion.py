"""The conversion table: what `show` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses import economics
from funnelcli.analyses.ends import end_of
from funnelcli.analyses.figures_of_counts import drop_off, drop_off_rate, loss_shares, one_in, overall_conversion
from funnelcli.analyses.rules import referral_rate
from funnelcli.analyses.times import Time, in_days, time_of
from funnelcli.analyses.variation import Variation, step_bounds, variation_of
from funnelcli.diagnostics import Problem, quoted
from funnelcli.model import RateRange

if TYPE_CHECKING:
    from funnelcli.analyses.measurement import Measurement
    from funnelcli.exact import Exact
    from funnelcli.model import Funnel


class StageConversion(NamedTuple):
    """One row: figures of a stage. Rates are fractions of 1; undefined ones are `None`.

    `conversion` is of the stage it comes from, `overall_conversion` and `one_in` of the entry; `loss_share` is the
    share of all drop-offs, for chains without growth. `days` are the mean time from the stage it comes from,
    `median_days` the median, as it was measured or as `days` states it, within `p90_days` are 90%; `time` is what was
    measured of them. `conversion_decided` is without the units that
    are open in the stage that it comes from: what verdicts and chances of a step are of. `conversion_eventual` is
    expected when the windows of all measured entries are over, and `conversion_eventual_so_far` what had come of those
    who were followed for `followed_days`, which nobody was for longer; as long as these are less than the window, there
    is no end. What the counts of a period whose window is open come to lies between the `conversion_final` with 95%.
    """

    name: str
    from_: str | None
    count: Exact  # type: ignore[assignment]  # in place of the tuple's method
    conversion: Exact | None
    conversion_low: float | None
    conversion_high: float | None
    overall_conversion: Exact | None
    one_in: Exact | None
    drop_off: Exact | None
    drop_off_rate: Exact | None
    loss_share: Exact | None
    average_check: Exact | None
    revenue: Exact | None
    days: Exact | None = None
    median_days: Exact | None = None
    conversion_decided: Exact | None = None
    conversion_decided_low: float | None = None
    conversion_decided_high: float | None = None
    conversion_eventual: Exact | None = None
    conversion_eventual_low: float | None = None
    conversion_eventual_high: float | None = None
    conversion_eventual_so_far: Exact | None = None
    followed_days: Exact | None = None
    conversion_final_low: float | None = None
    conversion_final_high: float | None = None
    p90_days: Exact | None = None
    time: Time | None = None


class FunnelConversion(NamedTuple):
    """A funnel's table with its totals; `confidence` is that of the intervals.

    `overall_conversion_decided` is the product of the steps, each of its decided: what it is in the end.
    `conversion_eventual` is that of the entries to the sale, as in a `StageConversion`, and so is `time`. With
    `awaits`, the windows of some measured entries are open, so that it is another one than that of now, or not known
    yet; `window_days` is how long each entry has.

    `revenue_low` and `revenue_high` are where the mean revenue of such periods lies in the long run with a chance of
    80%, as `economics` has it; `None` unless the spread of the money of a sale is known. `average_check_eventual` is
    the average check in them where those open bring their own amounts. `revenue_eventual` is what the entries that are
    counted bring in the end: the revenue so far and what `forecast` expects, which tells its range.
    """

    file: str | None
    document: int
    name: str
    period: str | None
    currency: str | None
    confidence: float
    stages: tuple[StageConversion, ...]
    entries: Exact
    sales: Exact
    sale_stage: str
    overall_conversion: Exact | None
    overall_conversion_low: float | None
    overall_conversion_high: float | None
    one_in: Exact | None
    revenue: Exact | None
    value_per_entry: Exact | None
    referral_multiplier: Exact | None
    notes: tuple[str, ...]
    measured: Measurement | None = None
    variation: Variation | None = None
    revenue_low: float | None = None
    revenue_high: float | None = None
    open_at: tuple[str, ...] = ()
    lost_unplaced: int | None = None
    overall_conversion_decided: Exact | None = None
    overall_conversion_decided_low: float | None = None
    overall_conversion_decided_high: float | None = None
    average_check_eventual: Exact | None = None
    revenue_eventual: Exact | None = None
    sales_called: str = "sales"
    conversion_eventual: Exact | None = None
    conversion_eventual_low: float | None = None
    conversion_eventual_high: float | None = None
    conversion_eventual_so_far: Exact | None = None
    followed_days: Exact | None = None
    conversion_final_low: float | None = None
    conversion_final_high: float | None = None
    window_days: Exact | None = None
    awaits: bool = False
    time: Time | None = None


def lacks_counts(funnel: Funnel) -> Problem | None:
    """Why nothing can be told of the conversions of a pipeline without history; `None` for all others."""
    if funnel.is_counted:
        return None
    message = f"{quoted(funnel.name)} has no counts: it tells of what is open alone"
    return Problem("FN102", message, "see its forecast, which needs none, or write the count of every stage")


def convert(funnel: Funnel, confidence: float = 0.95, segments: bool = False) -> FunnelConversion:
    """The conversion table of a funnel; with the `segments` that were measured."""
    shares = loss_shares(funnel)
    medians = {} if funnel.measured is None else dict(funnel.measured.median_days)
    known = {} if funnel.measured is None else dict(funnel.measured.times)
    rows = []
    for index, stage in enumerate(funnel.stages):
        low, high = step_bounds(funnel, index, confidence)
        decided_low, decided_high = step_bounds(funnel, index, confidence, decided=True)
        end = end_of(funnel, index, confidence)
        time = time_of(known.get(stage.name))
        median, p90 = stage.days_quantiles or (None, None)
        if time is not None and stage.days == in_days(time.mean):  # unrounded
            median, p90 = in_days(time.p50), in_days(time.p90)
        rows.append(
            StageConversion(
                name=stage.name,
                from_=None if stage.parent is None else funnel.stages[stage.parent].name,
                count=stage.count,
                conversion=funnel.conversion(index),
                conversion_low=low,
                conversion_high=high,
                overall_conversion=overall_conversion(funnel, index),
                one_in=one_in(funnel, index),
                drop_off=drop_off(funnel, index),
                drop_off_rate=drop_off_rate(funnel, index),
                loss_share=shares[index],
                average_check=stage.average_order_value,
                revenue=economics.stage_revenue(funnel, index),
                days=stage.days,
                median_days=medians.get(stage.name, median),
                p90_days=p90,
                time=time,
                conversion_decided=funnel.conversion_decided(index),
                conversion_decided_low=decided_low,
                conversion_decided_high=decided_high,
                **end.fields,
            )
        )
    sale = funnel.sale_stage
    low, high = step_bounds(funnel, sale, confidence, whole=0)
    decided_low, decided_high = step_bounds(funnel, sale, confidence, whole=0, decided=True)
    revenue_low = revenue_high = check = None
    if any(stage.average_check_sd or stage.open_amounts for stage in funnel.stages):
        from funnelcli.analyses.earning import Earning  # few funnels say it
        from funnelcli.analyses.open_money import check_in_the_end

        revenue_low, revenue_high = Earning(funnel).range_of("revenue") or (None, None)
        check = check_in_the_end(funnel)
    in_the_end = None
    if funnel.money_stages and (funnel.open_at or funnel.awaits):
        from funnelcli.analyses.money_in_the_end import money_in_the_end  # few funnels are open

        in_the_end = money_in_the_end(funnel)
    end = end_of(funnel, sale, confidence, whole=0)
    window = None if funnel.measured is None else funnel.measured.window
    measured = None
    if funnel.measured is not None:
        from funnelcli.analyses.measurement import measurement  # most funnels are not measured

        measured = measurement(funnel, funnel.measured, segments)
    return FunnelConversion(
        **funnel.heading,
        confidence=confidence,
        stages=tuple(rows),
        entries=funnel.stages[0].count,
        sales=funnel.stages[sale].count,
        sale_stage=funnel.names[sale],
        overall_conversion=overall_conversion(funnel, sale),
        overall_conversion_low=low,
        overall_conversion_high=high,
        one_in=one_in(funnel, sale),
        revenue=economics.revenue(funnel),
        value_per_entry=economics.value_per(funnel, 0),
        referral_multiplier=economics.referral_multiplier(funnel),
        notes=_notes(funnel),
        measured=measured,
        variation=variation_of(funnel),
        revenue_low=revenue_low,
        revenue_high=revenue_high,
        open_at=funnel.open_at,
        lost_unplaced=funnel.lost_unplaced,
        overall_conversion_decided=funnel.overall_conversion_decided(sale),
        overall_conversion_decided_low=decided_low,
        overall_conversion_decided_high=decided_high,
        average_check_eventual=check,
        revenue_eventual=in_the_end,
        **end.fields,
        window_days=None if window is None else in_days(window),
        awaits=funnel.awaits,
        time=None if funnel.measured is None else time_of(funnel.measured.whole_way),
    )


def _notes(funnel: Funnel) -> tuple[str, ...]:
    """What a reader must know of rates that were stated instead of counted, and of a referral without bound."""
    stated = [stage for stage in funnel.stages if stage.conversion is not None]
    ranges = [stage.name for stage in stated if isinstance(stage.conversion, RateRange)]
    rates = [stage.name for stage in stated if not isinstance(stage.conversion, RateRange)]
    notes = []
    if ranges:
        notes.append(f"stated as a range, shown at its middle: {', '.join(ranges)}")
    if rates:
        notes.append(f"stated, not counted, so without an interval: {', '.join(rates)}")
    k = referral_rate(funnel)
    if k is not None and k >= 1:
        notes.append(f"the referral grows without bound: each brings {float(k):.3g} more")
    return tuple(notes)
