"""What the units that sit in the stages now will bring: weighted pipeline, interval, timing, velocity, coverage."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from math import fsum
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.arrivals import ArrivalTimes
from funnelcli.analyses.breakdowns import find_breakdown
from funnelcli.analyses.ends import tells_no_rate, unmet_on_the_way
from funnelcli.analyses.fewer_stages import lost_somewhere
from funnelcli.analyses.losses import not_used
from funnelcli.analyses.measurement import later_than
from funnelcli.analyses.on_their_way import with_open_entries
from funnelcli.analyses.open_amounts import open_amounts
from funnelcli.analyses.open_stages import DecidedStep, OpenStage, decided_steps, open_stages
from funnelcli.analyses.open_units import drawn
from funnelcli.analyses.periods import is_time
from funnelcli.analyses.rates import step_rate
from funnelcli.analyses.simulation import UNEXPLAINED, GoalChance
from funnelcli.analyses.timeline import Expected, Moment, timeline
from funnelcli.analyses.times import days_text, in_days
from funnelcli.analyses.variation import variation_of
from funnelcli.diagnostics import Problem, decimal_text, joined, quoted
from funnelcli.exact import Exact, added, ratio
from funnelcli.stats.draws import percentile, share_reaching
from funnelcli.stats.sampling import DEFAULT_DRAWS, DEFAULT_SEED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from funnelcli.analyses.flows import Progress
    from funnelcli.analyses.open_segments import BySegment, SegmentChances
    from funnelcli.analyses.ranking import ChanceBasis
    from funnelcli.model import Funnel
    from funnelcli.segments import Breakdown
    from funnelcli.what_if import Check

AS_MEASURED = (
    "expected figures are at the rates as measured",
    "the range adds what the counts leave open, and chance",
)
METRICS = ("sales", "revenue")
"""What a goal can be set for."""


class Horizon(NamedTuple):
    """How far a forecast looks: so many days, the date that was asked for, and the one that they count from."""

    days: Exact
    until: str | None = None
    since: str | None = None


class Forecast(NamedTuple):
    """The forecast of a funnel, within a horizon or, without one, in the end.

    The expected figures are exact but for the shares that arrive in time, at the conversions of the decided. `low` and
    `high` (of the revenue, or of the sales where nothing brings money) and `sales_low` and `sales_high` are the 10% and
    90% points of the draws, with rates as uncertain as their counts leave them and with the chance of each unit, and
    `mean` is their mean, which differs where counts are few. `win_rate` is the expected sales in the end per open unit
    on the way to the sale, `velocity_per_day` open x average check x win rate / cycle days, and `coverage` the expected
    part of the goal. The figures `…_eventual` are those of the end; `untimed` are the stages of open units whose time
    is not known, which a horizon leaves out, as it does the `…_undated` part of those whose `close_within` ends before
    the chance is used up. `prior_explains` are the steps whose counts let the flat prior move the
    mean, where that is by more than 2%. Of the open units of the stages `open_by_segment` it is known of which of the
    `segments` they are. What the chances of segments rest on is `chances_from`, by stage where none is stated.
    `on_their_way` says that the open units are entries of a measurement, which may be at any stage before the sale.
    With `followed_days` the end is not known, as nobody was followed for longer: the figures are of what comes until
    entries are so old.
    """

    file: str | None
    document: int
    name: str
    period: str | None
    currency: str | None
    sale_stage: str
    stages: tuple[OpenStage, ...]
    open: int
    expected_sales: Exact
    expected_revenue: Exact | None
    low: float
    high: float
    sales_low: float
    sales_high: float
    average_check: Exact | None
    win_rate: Exact | None
    cycle_days: Exact | None
    velocity_per_day: Exact | None
    timeline: tuple[Moment, ...]
    goal: GoalChance | None
    coverage: Exact | None
    dimension: str | None
    segments: tuple[SegmentChances, ...]
    seed: int
    draws: int
    assumptions: tuple[str, ...]
    within_days: Exact | None = None
    until: str | None = None
    since: str | None = None
    expected_sales_eventual: Exact = 0
    expected_revenue_eventual: Exact | None = None
    expected_sales_undated: Exact = 0
    expected_revenue_undated: Exact | None = None
    mean: float = 0.0
    untimed: tuple[str, ...] = ()
    steps: tuple[DecidedStep, ...] = ()
    prior_explains: tuple[str, ...] = ()
    open_by_segment: tuple[str, ...] = ()
    chances_from: dict[str, ChanceBasis] = {}  # noqa: RUF012  # never changed
    sales_called: str = "sales"
    on_their_way: bool = False
    followed_days: Exact | None = None


def measured_on(funnel: Funnel) -> str | None:
    """The day up to which the counts tell, the last one that was measured or that an export has; else `None`.

    Where entries are on their way, it is that of the last event: so long ago is their age.
    """
    noted = funnel.measured
    told = noted and ((noted.curves and noted.until) or noted.moment or noted.until)
    return told[:10] if told else None


def forecast(
    funnel: Funnel,
    dimension: str | None = None,
    goal: Check | None = None,
    draws: int = DEFAULT_DRAWS,
    seed: int = DEFAULT_SEED,
    progress: Progress | None = None,
    horizon: Horizon | None = None,
) -> Forecast | Problem:
    """What those still open will bring; a `Problem` where no stage says how many there are, or none of them when.

    One too where no event met a stage that they have before them: its 0 tells no chance.

    Units of a stage with a stated close chance become sales with that chance; money before the sale is then left out.
    """
    by_curve = with_open_entries(funnel, None if horizon is None else horizon.days)
    as_measured, funnel = funnel, by_curve or funnel
    if all(stage.open is None for stage in funnel.stages):
        return _none_open(funnel)
    unmet = unmet_on_the_way(as_measured) if by_curve else tuple(_by_counts(funnel, funnel.is_unmet))
    if unmet:
        message = f"what is still to come of {quoted(funnel.name)} is not told: {tells_no_rate(unmet)}"
        return Problem("FN102", message, f"correct the when of {quoted(unmet[0])}, and measure again")
    breakdown = None if dimension is None else find_breakdown(funnel, dimension)
    if isinstance(breakdown, Problem):
        return breakdown
    sale = funnel.sale_stage
    has_money = bool(funnel.money_stages) or funnel.sells_open
    if goal is not None and goal.selector.metric.name == "revenue" and not has_money:
        return Problem("FN118", f"{quoted(funnel.name)} has no revenue", "give it an average_check")
    times = ArrivalTimes(funnel)
    days = None if horizon is None else horizon.days
    expected = Expected(funnel, times)
    untimed = expected.untimed()
    if horizon is not None and untimed and not expected.timed():
        return _no_times(funnel, horizon)
    stages = tuple(open_stages(funnel, expected, days, has_money))
    way = {funnel.stages[index].name for index in funnel.path_to(sale)[1:]}
    coming = sum(each.open for each in stages if each.name in way)
    sales, revenue = expected.by(days)
    in_the_end, undated = expected.by(None), expected.undated()
    outcomes = drawn(funnel, days, times, draws, seed, progress)
    shown = outcomes["revenue" if has_money else "sales"]
    reached, coverage = None, None
    if goal is not None and isinstance(goal.limit, (int, Fraction)):
        metric = goal.selector.metric.name
        share = share_reaching(outcomes[metric], goal.operator, goal.limit)
        reached = GoalChance(metric, goal.operator, goal.limit, share, goal.now)
        coverage = ratio(revenue if metric == "revenue" else sales, goal.limit)
    cycle = _cycle(funnel)
    check = funnel.stages[sale].average_order_value
    sold_for = added(each.money for each in expected.arrivals if each.at == sale)
    if any(funnel.stages[index].open_amounts for index in funnel.path_to(sale)[1:]):
        check = ratio(sold_for, in_the_end[0])
    segments: tuple[SegmentChances, ...] = ()
    basis: dict[str, ChanceBasis] = {}
    if breakdown is not None:
        from funnelcli.analyses import open_segments  # to forecast all together takes none of these

        if by_curve is None:
            told: BySegment | Problem = open_segments.by_segment(funnel, breakdown, times, days)
        else:
            told = open_segments.by_segment_on_their_way(as_measured, by_curve, breakdown, days)
        if isinstance(told, Problem):
            return told
        segments, basis = told
    taken = [*_of_entries(segments, by_curve, breakdown)] if by_curve and breakdown else []
    since = measured_on(funnel) if horizon is None else horizon.since
    mean, main = fsum(shown.column) / len(shown), revenue if has_money else sales
    apart = abs(mean - main) > UNEXPLAINED * main
    return Forecast(
        **funnel.heading,
        sale_stage=funnel.stages[sale].name,
        stages=stages,
        open=coming,
        expected_sales=sales,
        expected_revenue=revenue if has_money else None,
        low=percentile(shown, 10),
        high=percentile(shown, 90),
        sales_low=percentile(outcomes["sales"], 10),
        sales_high=percentile(outcomes["sales"], 90),
        average_check=check,
        win_rate=ratio(in_the_end[0], coming),
        cycle_days=cycle,
        velocity_per_day=None if check is None else ratio(sold_for, cycle),
        timeline=tuple(timeline(expected, has_money, days)),
        goal=reached,
        coverage=coverage,
        dimension=None if breakdown is None else breakdown.dimension,
        segments=segments,
        seed=seed,
        draws=draws,
        assumptions=(*taken, *_assumptions(funnel, stages, way, since, by_curve is not None)),
        within_days=days,
        until=None if horizon is None else horizon.until,
        since=since,
        expected_sales_eventual=in_the_end[0],
        expected_revenue_eventual=in_the_end[1] if has_money else None,
        expected_sales_undated=undated[0],
        expected_revenue_undated=undated[1] if has_money else None,
        mean=mean,
        untimed=untimed,
        steps=tuple(decided_steps(funnel)),
        prior_explains=tuple(_by_counts(funnel, partial(_is_uncertain, funnel))) if apart else (),
        open_by_segment=funnel.open_at if breakdown is not None and (breakdown.divides_open or by_curve) else (),
        chances_from=basis,
        on_their_way=by_curve is not None,
        followed_days=in_days(followed) if by_curve and (followed := _followed(as_measured)) is not None else None,
    )


def _of_entries(segments: Sequence[SegmentChances], opened: Funnel, breakdown: Breakdown) -> Iterator[str]:
    """What is taken for granted of the segments of entries on their way."""
    if is_time(breakdown.dimension):
        yield f"each {breakdown.dimension} goes on from its own ages by the curve of all"
    if sum(each.open or 0 for each in segments) > (opened.stages[0].open or 0):
        yield f"those with entries in several rows by {breakdown.dimension} are on the way in each"


def _followed(funnel: Funnel) -> int | None:
    """For how many seconds entries were followed, where that is no whole window, so that the end is not known."""
    end = funnel.eventual(funnel.sale_stage)
    return end.followed if end is not None and end.conversion is None else None


def _none_open(funnel: Funnel) -> Problem:
    noted = funnel.measured
    if noted is not None and noted.window is not None and not (funnel.not_mature or funnel.awaits):
        message = f"nothing is still to come of {quoted(funnel.name)}: the windows of all its measured entries are over"
        if noted.mature_before is not None:
            message += f", as --mature-only left out those {later_than(noted.mature_before)}"
            return Problem("FN102", message, "measure without --mature-only, and forecast what is still to come")
        return Problem("FN102", message, "show tells what came of them")
    if funnel.chosen:  # of which segments the open units are is not known
        message = f"how many of those open are of {quoted(funnel.name)} is not known"
        help_ = "write open: [numbers in stage order] beside its counts too, or forecast the whole funnel"
        return Problem("FN102", message, help_)
    help_ = "add open: 14, how many sit in a stage now, to its stages"
    return Problem("FN102", f"{quoted(funnel.name)} has nothing open", help_)


def _no_times(funnel: Funnel, horizon: Horizon) -> Problem:
    message = f"{quoted(funnel.name)} does not say how long those open take, so nothing is known of a date"
    given = "--within" if horizon.until is None else "--until"
    last = quoted(funnel.stages[funnel.sale_stage].name)
    help_ = f"leave out {given}: what they bring in the end is told; or add days to the stages up to {last}"
    return Problem("FN102", message, help_)


def _by_counts(funnel: Funnel, wanted: Callable[[int], bool]) -> Iterator[str]:
    """The steps before open units that their chance is made of, those that are wanted: not behind a stated chance."""
    ends = (funnel.sale_stage, *funnel.money_stages)
    leading = {index for end in ends for index in funnel.path_to(end)}
    waiting = [index for index, stage in enumerate(funnel.stages) if stage.open]
    starts = {funnel.sale_stage if funnel.states_chance(index) else index for index in waiting}
    passed = {index for start in starts for index in funnel.subtree(start) if index != start}
    for index in sorted(leading & passed):
        if wanted(index):
            yield funnel.stages[index].name


def _is_uncertain(funnel: Funnel, index: int) -> bool:
    """Whether the rate of a step is known from counts: of all others the mean is as it is stated."""
    return funnel.stages[index].is_counted and not step_rate(funnel, index).is_certain


def _cycle(funnel: Funnel) -> Exact | None:
    """The sum of the days on the way to the sale; `None` when they are unknown from the first open unit on, or 0."""
    way = funnel.path_to(funnel.sale_stage)
    earliest = max((place for place, index in enumerate(way) if funnel.stages[index].open), default=0)
    if any(funnel.stages[index].days is None for index in way[:earliest]):
        return None
    return added(funnel.stages[index].days or 0 for index in way) or None


def _assumptions(
    funnel: Funnel, stages: Sequence[OpenStage], way: set[str], since: str | None, by_curve: bool = False
) -> Iterator[str]:
    """What the forecast takes for granted, one clause each; its days count from `since`."""
    coming = [each for each in stages if each.open and each.name in way and each.sales_per_open_unit is not None]
    by_counts = [each for each in coming if not each.stated]
    timed = [each.name for each in by_counts if each.days_lost is not None]
    same = [each.name for each in by_counts if each.days_lost is None]
    if by_counts and any(funnel.stages[index].is_counted for index in funnel.path_to(funnel.sale_stage)[:-1]):
        if timed:
            yield "entries came evenly"
            yield f"those open go on as counts, and times to go on and to be lost, tell: {', '.join(timed)}"
        if same:
            at = f" at {', '.join(same)}" if timed else ""
            yield f"those open{at} go on as the decided ones of their stage did"
            yield (
                "losses take as long to show as successes (where they take longer, the forecast is too high, where "
                "shorter, too low: days_lost tells)"
            )
        yield from AS_MEASURED
    elif by_counts:
        yield "conversions are as stated"
        yield "the range adds chance, and what a stated range leaves open"
    stated = [stage for stage in funnel.stages if stage.name in {each.name for each in coming if each.stated}]
    certain = [stage.name for stage in stated if stage.close_chance_sd is None]
    uncertain = [stage.name for stage in stated if stage.close_chance_sd is not None]
    if by_curve:
        certain = uncertain = []
        yield "entries still on their way go on as those before them did at the same age"
        followed = _followed(funnel)
        if followed is not None:
            yield f"what comes after {days_text(followed)} is left out, as nobody was followed for longer"
    for names, known in (
        (certain, "taken as certain: the range has luck alone"),
        (uncertain, "uncertain by their sd, high or low together"),
    ):
        if names:
            at = "" if len(names) == len(coming) else f" at {', '.join(names)}"
            yield f"chances to close{at} are those of the file (close_chance), {known}"
    if funnel.hides_steps and stated:
        unplaced = lost_somewhere(funnel.lost_unplaced or 0)
        if all(stage.close_within for stage in stated):
            yield (
                f"{unplaced}: chances by age alone are too high at the first stages, too low at the last, and right "
                "for all together where deals go now as they went before"
            )
        else:
            yield (
                f"{unplaced}: a chance that is that of all who are decided is too low for those further on, and for "
                "all where losses show sooner than sales"
            )
    if by_counts and funnel.chosen:
        dimensions = joined([dimension for dimension, _ in funnel.chosen])
        yield (
            f"the chances are by the decided of {funnel.name} alone: the forecast of all by {dimensions} says how far "
            "the others let them be believed"
        )
    if coming and any(len(stage.open_amounts) > (stage.open or 0) for stage in funnel.stages):
        yield "which amounts are of those open is not known: each is any of those that are left at its stage"
    for stage in funnel.stages:
        others = (stage.open or 0) - len(stage.open_amounts)
        if others > 0 and stage.name in way and (amounts := open_amounts(funnel, funnel.index(stage.name))):
            counts = decimal_text(round(Fraction(amounts.each), 2))
            yield f"{others:,} of those open at {stage.name} have no amount of their own: each counts for {counts}"
    if by_counts and variation_of(funnel).basis != "constant":
        yield "those open have the rates of those they are counted with: none from period to period is added"
    for name, why in not_used(funnel):
        yield f"days_lost of {name} is not used: {why}"
    sure = [step.from_ for step in decided_steps(funnel) if step.conversion_decided == 1]
    if sure:
        yield f"nobody is known to have been lost from there: {', '.join(sure)}"
    steps = [stage for index, stage in enumerate(funnel.stages) if _is_passed(funnel, index)]
    if any(stage.days for stage in steps if stage.days_quantiles is None):
        waited = "how long one has waited already tells nothing (help exponential)"
        yield f"where only the mean of the days is known, {waited}"
    if any(stage.days_quantiles is not None for stage in steps):
        yield "where a median of the days is known, some take far longer than most (help lognormal)"
    if any(each.close_chance is None and each.sales_per_open_unit is not None for each in stages):
        yield "counts that grow on the way do so at the rate as measured, without chance"
    later = [each.name for each in stages if each.name not in way and each.open]
    if later:
        yield f"at or after the sale, or off the way to it, so no new sale: {', '.join(later)}"
    lost = [each.name for each in stages if each.name in way and each.sales_per_open_unit is None and each.open]
    if lost:
        yield f"a conversion is unknown, so nothing is expected: {', '.join(lost)}"
    if since is not None and since == measured_on(funnel):
        is_imported = funnel.measured is not None and funnel.measured.recipe is not None
        when = (
            "the last event" if by_curve else "the last date of the export" if is_imported else "when it was measured"
        )
        yield f"days count from {since}, {when}"
    elif since is not None:
        yield f"days count from {since}"


def _is_passed(funnel: Funnel, index: int) -> bool:
    """Whether open units have this step before them, and its days tell when they pass it."""
    above = (funnel.stages[at] for at in funnel.path_to(index)[1:])
    return any(stage.open and not (stage.close_chance and stage.close_within) for stage in above)
