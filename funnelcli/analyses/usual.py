"""Is the newest period of a funnel as those before it? Which periods these are, their figure, and what is promised.

The periods are those of the first breakdown in time, or earlier states of the same funnel. `usual_periods` has their
figures, `stats.usual` judges them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from funnelcli.analyses.breakdowns import segment_funnels
from funnelcli.analyses.calendar_lengths import Calendar, calendar_of, in_days
from funnelcli.analyses.figures import why_undefined
from funnelcli.analyses.periods import in_time, is_time, order, understood
from funnelcli.analyses.usual_delay import delay_of
from funnelcli.analyses.usual_periods import RATES, periods_of, step_of, together
from funnelcli.analyses.variation import PERIODS, stated
from funnelcli.stats.rate_scale import variance_between
from funnelcli.stats.usual import LEAST, LEAST_ASIDE, MOST, usual

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from funnelcli.analyses.usual_delay import UsualDelay
    from funnelcli.analyses.usual_periods import JudgedPeriod
    from funnelcli.exact import Exact
    from funnelcli.model import Funnel
    from funnelcli.segments import Breakdown
    from funnelcli.what_if import UnitOfTime, UsualCheck

UsualSide: TypeAlias = Literal["below", "within", "above"]
MONTHS = 24
"""Of which one has a false alarm, where the check does not say it."""
_FEWEST = 5
"""Units expected on either side in a period: of fewer, no period is unusual until it is too late."""
_FEWEST_COUNTED = 2
"""Units expected in a period whose count is asked for: what fewer do is not near any scale."""
_NOTHING = 1e-9
_STATED = 4
"""Periods that tell the mean where the variation is known."""
_RARE = 0.01
_DAYS = 28
"""Days that tell of each weekday."""


class UsualRange(NamedTuple):
    """How the newest period is beside the usual range, `low` to `high`, that the `periods` before it tell.

    A `side` other than within holds `since` a period, that is for `lasts` periods: each may lie in the range where
    together they do not. `false_alarm_in` so many `unit`s one alarm is false. `alarms` are the periods with which
    alarms that fail the check began, of the `looks` at which one could; chance alone brings `by_chance` of them.
    `decided` says that open units count neither as gone on nor as lost. While an alarm lasts there is no `delay`.
    """

    period: str
    dimension: str | None
    periods: int
    low: float
    high: float
    side: UsualSide
    since: str | None
    lasts: int
    false_alarm_in: Exact
    unit: UnitOfTime
    alarms: tuple[str, ...] = ()
    looks: int = 0
    by_chance: float = 0.0
    decided: bool = False
    delay: UsualDelay | None = None

    @property
    def is_restless(self) -> bool:
        """Whether there were more alarms than chance explains: a chance below 1% (Poisson)."""
        fewer = (self.by_chance**number / math.factorial(number) for number in range(len(self.alarms)))
        return 1 - math.exp(-self.by_chance) * math.fsum(fewer) < _RARE


class Judged(NamedTuple):
    """The figure of the newest period, and how it is; or in one clause why that cannot be told, and what helps.

    `undefined` says that the newest period has no such figure.
    """

    actual: Exact | None = None
    range: UsualRange | None = None
    why: str | None = None
    help: str | None = None
    undefined: bool = False
    left_out: tuple[str, ...] = ()


def judge(funnel: Funnel, check: UsualCheck, without: Collection[str], states: Sequence[Funnel] = ()) -> Judged:
    """The newest period of the funnel, held against the others; `without` names those that are not over.

    Where the funnel has no periods, its `states` are such, in the order of time, each with the name of its period.
    """
    selector = check.selector
    dimension, named = _periods(funnel, states)
    if not named:
        why = "there are no periods to hold it against"
        return Judged(why=why, help="give a breakdown by month, week or day, or commit the file each period")
    if dimension is not None and order([name for name, _ in named]) is None:
        why = f"the order of the periods by {dimension} is not known from their names"
        return Judged(why=why, help="name them by the calendar, such as 2026-10")
    left_out = tuple(name for name, _ in named if name in without)
    named = [(name, each) for name, each in named if name not in without]
    if not named:
        return Judged(why="no period is over", left_out=left_out)
    calendar = calendar_of([name for name, _ in named])
    promised = _promise(check, calendar)
    if isinstance(promised, Judged):
        return promised._replace(left_out=left_out)
    newest, last = named[-1]
    index, whole = step_of(last, selector)
    decided = selector.metric.name in RATES and _opens(named, index, whole)
    decided = decided or selector.metric.name == "conversion_decided"
    told = periods_of(funnel, selector, named, calendar, decided)
    if not told or told[-1].name != newest:
        return Judged(why=f"undefined in {newest}: {why_undefined(last, selector)}", undefined=True, left_out=left_out)
    found = Judged(told[-1].value, left_out=left_out)
    is_known = funnel.variation is not None and told[-1].trials
    first = _DAYS if calendar.season_of else _STATED if is_known else PERIODS
    few = _too_few(told, first, calendar, selector.metric.kind == "count")
    if few is not None:
        return found._replace(why=few[0], help=few[1])
    periods, number, unit = promised
    between = _between(funnel, index, whole, told) if told[-1].trials else None
    result = usual([each.period for each in told], periods, first, max(first, PERIODS), between, check.side)
    if result is None:
        return found._replace(why=f"no earlier period is of the weekday of {newest}", help="wait for the next one")
    low, high = (told[-1].back(end) for end in (result.low, result.high))
    if high - low <= _NOTHING * abs(high):  # what has never varied
        low = high = float(f"{low:.12g}")
    side: UsualSide = "below" if result.side < 0 else "above" if result.side else "within"
    since = None if result.since is None else told[result.since].name
    lasts = 0 if result.since is None else len(told) - result.since
    alarms = tuple(told[place].name for place in result.alarms)
    looks = len(told) - first
    counted = (alarms, looks, looks / periods, decided)
    outlook = result.outlook
    grows = not told[-1].trials and any(stage.allow_growth for stage in funnel.stages)
    delay = None if outlook is None else delay_of(check, outlook, told, promised, f"{calendar.name}s", grows)
    return found._replace(
        range=UsualRange(newest, dimension, len(told) - 1, low, high, side, since, lasts, number, unit, *counted, delay)
    )


def has_periods(funnel: Funnel) -> bool:
    """Whether a funnel has a breakdown in time."""
    return _in_time(funnel) is not None


def _in_time(funnel: Funnel) -> Breakdown | None:
    """The first breakdown by what goes on, and does not come round."""
    for breakdown in funnel.breakdowns:
        names = [each.name for each in breakdown.segments]
        if is_time(breakdown.dimension) and len(names) > 1 and calendar_of(names).goes_on:
            return breakdown
    return None


def _periods(funnel: Funnel, states: Sequence[Funnel]) -> tuple[str | None, list[tuple[str, Funnel]]]:
    """The periods in the order of time, each as a funnel; of what dimension, if they are of one."""
    breakdown = _in_time(funnel)
    if breakdown is None:
        return None, [(each.period or each.name, each) for each in states]
    segments = in_time(breakdown) if understood(breakdown) else breakdown.segments
    parts = segment_funnels(funnel, segments, None, breakdown.dimension)
    return breakdown.dimension, [(each.name, part) for each, part in zip(segments, parts, strict=True)]


def rarities(check: UsualCheck, funnel: Funnel) -> dict[int, float]:
    """In how many days one alarm is false, of each side that fails: -1 is below, 1 above; never, where none is told."""
    days = _rarity(check, funnel)
    return {check.side: days} if check.side else {-1: 2 * days, 1: 2 * days}


def _rarity(check: UsualCheck, funnel: Funnel) -> float:
    """In how many days one alarm is false; periods whose length is not known are taken as months."""
    breakdown = _in_time(funnel)
    calendar = calendar_of([funnel.period or ""] if breakdown is None else [each.name for each in breakdown.segments])
    if breakdown is None and (calendar.days is None or calendar.season_of):  # one day alone tells no distance
        calendar = Calendar(in_days(1, "days" if calendar.season_of else "months"))
    if isinstance(_promise(check, calendar), Judged):
        return math.inf
    period = calendar.days or in_days(1, "months")
    if check.false_alarm_in is None or check.unit is None:
        return max(in_days(MONTHS, "months"), _least(check) * period)
    if check.unit == "periods":
        return float(check.false_alarm_in) * period
    return in_days(check.false_alarm_in, check.unit)


def _least(check: UsualCheck) -> int:
    """Periods of which one can have a false alarm, at least."""
    return LEAST_ASIDE if check.side else LEAST


def _promise(check: UsualCheck, calendar: Calendar) -> tuple[float, Exact, UnitOfTime] | Judged:
    """In how many periods one alarm is false, and as it is said."""
    number, unit, least = check.false_alarm_in, check.unit, _least(check)
    if number is None or unit is None:
        if calendar.days is None:
            return float(MONTHS), MONTHS, "periods"
        periods = calendar.in_periods(MONTHS, "months")
        assert periods is not None
        if periods < least - 0.01:  # of years
            return float(least), least, "periods"
        return max(periods, least), MONTHS, "months"
    known = calendar.in_periods(number, unit)
    said = f"one false alarm in {float(number):,g} {unit if number != 1 else unit[:-1]}"
    if known is None:
        why = f"{said}: how long a period is, their names do not tell"
        return Judged(why=why, help=f"write one false alarm in {MONTHS} periods")
    if not least - 0.01 <= known <= MOST:
        how = "too often to be told from the rest" if known < least else "too seldom to be promised"
        return Judged(
            why=f"{said} is one in {known:,.{'3g' if known < 1000 else '0f'}} of these periods, {how}",
            help=f"write one of {least} to {MOST:,} periods",
        )
    return max(known, least), number, unit


def _opens(named: Sequence[tuple[str, Funnel]], index: int, whole: int | None) -> bool:
    """Whether units on the way to a stage are open in any period."""
    funnel = named[-1][1]
    way = (index, funnel.stages[index].parent or 0) if whole is None else funnel.path_to(index)
    return any(each.stages[stage].open for _, each in named for stage in way if stage != index)


def _too_few(told: Sequence[JudgedPeriod], first: int, calendar: Calendar, is_count: bool) -> tuple[str, str] | None:
    """Why so few periods, or so few units in them, tell nothing yet."""
    more = first + 1 - len(told)
    if more > 0:
        said = f"{len(told)} {calendar.name}{'s' if len(told) > 1 else ''} do not tell what is usual"
        if len(told) == 1:
            said = said.replace(" do ", " does ")
        return f"{said}: in {more} more", f"wait: from {first + 1} {calendar.name}s on it is told"
    if told[-1].trials:
        could = sum(each.trials for each in told)
        came = sum(float(each.value) * each.trials for each in told)
        fewer = min(came, could - came) / len(told)
        if fewer < _FEWEST:
            return _few(fewer, "that come " if came <= could - came else "that do not come ", calendar)
    elif is_count:
        mean = sum(float(each.value) for each in told) / len(told)
        if mean < _FEWEST_COUNTED:
            return _few(mean, "", calendar)
    return None


def _few(number: float, which: str, calendar: Calendar) -> tuple[str, str]:
    return (
        f"fewer than {math.floor(number) + 1} {which}in a {calendar.name} are too few to tell what is usual",
        "take longer periods",
    )


def _between(funnel: Funnel, index: int, whole: int | None, told: Sequence[JudgedPeriod]) -> float | None:
    """The variance between periods on the scale of rates, where the file states how much they vary."""
    origin = funnel.stages[index].parent if whole is None else whole
    known = None if origin is None or origin == index else stated(funnel, origin, index)
    if known is None:
        return None
    return variance_between(together([(float(each.value) * each.trials, each.trials) for each in told]), known.square)
