"""How soon a check of what is usual finds that a figure changes by a fifth, and what would find it sooner."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.stats.usual import LEAST_ASIDE, expected_delay
from funnelcli.stats.usual_delay import MOST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.analyses.usual_periods import JudgedPeriod
    from funnelcli.exact import Exact
    from funnelcli.stats.usual_delay import Outlook
    from funnelcli.what_if import UnitOfTime, UsualCheck

_FIFTH = 0.2
_SLOW = 3.0
"""Periods from which on it is asked what finds it sooner."""
_LONG = MOST / 2
"""Periods beyond which is said that it takes more."""
_SOONER = 0.75
"""Of the delay: what takes longer than that is not worth a change."""
_LOSSES = ("drop_off", "drop_off_rate", "loss_share", "one_in", "cost", "cost_per", "variable_cost", "days", "open")
"""Figures whose rise is bad news, where a check asks for both sides."""
_NOTHING = 1e-9


class UsualDelay(NamedTuple):
    """In how many `periods` a lasting `change` of the figure, -0.2 or 0.2 of itself, is found on average, from now.

    They are counted in `unit`: months, say. `or_more` says that it takes more than that, the most that is told.
    `sooner` is what finds it in `sooner_periods`, written in place of what the check has; `None` where it is found
    soon, or nothing finds it much sooner.
    """

    change: float
    periods: float
    unit: str
    or_more: bool = False
    sooner: str | None = None
    sooner_periods: float | None = None


def delay_of(
    check: UsualCheck,
    outlook: Outlook,
    told: Sequence[JudgedPeriod],
    promised: tuple[float, Exact, UnitOfTime],
    unit: str,
    grows: bool = False,
) -> UsualDelay | None:
    """The expected delay of a check whose chart stands so; `None` where the figure cannot change by as much.

    `told` are the periods so far, and one alarm is false in the number that is `promised`. `grows`: a stage may have
    more units than the one before it.
    """
    side = check.side or (1 if check.selector.metric.name in _LOSSES else -1)
    shifts = _shifts(check.selector.metric.bounds[grows], outlook, told, side)
    if shifts is None:
        return None
    periods, number, unit_of_time = promised
    found = expected_delay(outlook, shifts, periods, 1 if check.side else 2)
    result = UsualDelay(side * _FIFTH, min(found, _LONG), unit, found >= _LONG)
    if found <= _SLOW:
        return result
    ways = []
    if not check.side and periods >= LEAST_ASIDE:
        ways.append((">= usual" if side < 0 else "<= usual", periods))
    half = number // 2
    if half and periods * half / number >= LEAST_ASIDE:
        said = f"one false alarm in {half} {unit_of_time if half != 1 else unit_of_time[:-1]}"  # as it is written
        ways.append((said, periods * float(half / number)))
    for said, promise in ways:
        sooner = expected_delay(outlook, shifts, promise, 1 if check.side or said.endswith(" usual") else 2)
        if sooner < result.periods * _SOONER:
            return result._replace(sooner=said, sooner_periods=sooner)
    return result


def _shifts(
    bounds: tuple[int | None, int | None], outlook: Outlook, told: Sequence[JudgedPeriod], side: int
) -> list[float] | None:
    """What a change by a fifth is in each period ahead, on the scale on which it is judged."""
    least, most = bounds
    shifts = []
    for ahead, like in zip(outlook.ahead, told[-len(outlook.ahead) :], strict=True):
        now = like.back(ahead.mean)
        changed = now + side * _FIFTH * abs(now)
        if (most is not None and changed > most) or (least is not None and changed < least):
            return None
        shifts.append(like.forth(changed) - like.forth(now))
    return shifts if all(abs(each) > _NOTHING for each in shifts) else None
