"""What checks ask of a funnel, and whether what fails one fails another as well.

Where that cannot be shown, as of a limit that is stricter and asks for more certainty, or of two figures that hang
together, it does not count as shown. How two limits of one kind are ordered is a row of `ORDER`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.metrics import METRICS
from funnelcli.what_if import OPERATORS, BaselineLimit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from funnelcli.exact import Exact
    from funnelcli.metrics import Selector
    from funnelcli.model import Funnel
    from funnelcli.what_if import Check, Operator

_BELOW = {"conversion": 1, "overall_conversion": 1, "one_in": -1, "drop_off_rate": -1, "drop_off": -1}
"""Whether a figure is higher or lower when it is counted from a later stage, as long as no stage grows."""
_OF_STEP = ("conversion", "conversion_decided", "drop_off", "drop_off_rate", "days")
_OF_WHOLE = ("overall_conversion", "one_in")
_OF_SALE = (*_OF_WHOLE, "unit_margin")


class Demand(NamedTuple):
    """What a check asks, in the names of the stages after the change.

    `figure` is the metric with its stage, `origin` the stage that it is counted from; `low` and `high` are the lowest
    and the highest value that it can have. Two demands that are equal are met and missed by the same funnels.
    """

    figure: tuple[str, str | None]
    origin: str | None
    operator: Operator
    limit: Exact | BaselineLimit
    confidence: Exact | None
    every_look: bool
    low: int | None
    high: int | None


def judged_figure(
    funnel: Funnel, selector: Selector, renamed: Mapping[str, str]
) -> tuple[tuple[str, str | None], str | None]:
    """The figure that a selector is of, with its stage also where that is not named, and what it is counted from.

    `renamed` are the names of the stages now.
    """
    name = selector.metric.name
    at = None if selector.stage is None else funnel.index(selector.stage)
    if name in ("entries", "sales"):
        name, at = "count", 0 if name == "entries" else funnel.sale_stage
    elif at is None and (name in _OF_SALE or name == "conversion_eventual"):
        name, at = f"{name} of all" if name == "conversion_eventual" else name, funnel.sale_stage
    elif at is None and name == "average_check" and len(funnel.money_stages) == 1:
        at = funnel.money_stages[0]
    origin = None
    if at is not None and name in (*_OF_STEP, "conversion_eventual"):
        origin = funnel.stages[at].parent
    elif name in (*_OF_WHOLE, "conversion_eventual of all"):
        origin = 0
    called = [renamed.get(each, each) for each in funnel.names]
    return (name, None if at is None else called[at]), None if origin is None else called[origin]


def demand(funnel: Funnel, check: Check, renamed: Mapping[str, str], grows: bool = False) -> Demand:
    """What a check of a funnel asks; `renamed` are the names of its stages now, and `grows` says that a stage may."""
    figure, origin = judged_figure(funnel, check.selector, renamed)
    bounds = METRICS[check.selector.metric.name].bounds[grows]
    limit = check.limit
    if isinstance(limit, BaselineLimit):  # how the change is written is no difference
        limit = BaselineLimit(None if limit.change is None else limit.change._replace(text=""))
    return Demand(
        figure=figure,
        origin=origin,
        operator=check.operator,
        limit=limit,
        confidence=check.confidence,
        every_look=check.every_look,
        low=bounds[0],
        high=bounds[1],
    )


# how limits are ordered


_SIDES = {">": 1, ">=": 1, "<": -1, "<=": -1}


def side_of(asked: Demand) -> int:
    """1 of a limit from below, -1 from above, 0 of one value alone, and of any other kind."""
    return _SIDES.get(asked.operator, 0)


def _border(asked: Demand, limit: Exact) -> tuple[Exact, bool]:
    """A limit as one from below: the higher, the more fails. What no figure can fall below, or reach, is alike."""
    side = side_of(asked)
    low, high = (asked.low, asked.high) if side > 0 else (asked.high, asked.low)
    least = None if low is None else side * low
    most = None if high is None else side * high
    border = side * limit, asked.operator in (">", "<")
    if least is not None and border < (least, False):
        return least, False
    return (most, True) if most is not None and border > (most, True) else border


def _is_as_sure(old: Demand, new: Demand, strict: bool) -> bool:
    """Whether the interval of the new one lets no more pass: strictly, what is undecided fails, and a wide one more."""
    first, second = (new, old) if strict else (old, new)
    if second.confidence is None:
        return True
    if first.confidence is None:
        return False
    return second.confidence <= first.confidence and (first.every_look or not second.every_look)


def _by_value(old: Demand, new: Demand, strict: bool) -> bool:
    """Limits that are numbers."""
    assert not isinstance(old.limit, BaselineLimit)
    assert not isinstance(new.limit, BaselineLimit)
    if not _is_as_sure(old, new, strict):
        return False
    if not side_of(new):  # an interval is around its value, so that one at the limit is not beyond it
        holds = OPERATORS[old.operator](new.limit, old.limit)
        return holds or (old.confidence is not None and new.limit == old.limit)
    borders = _border(old, old.limit), _border(new, new.limit)
    if old.confidence is not None and new.confidence is not None and old.limit not in (0, 1):
        return side_of(old) == side_of(new) and borders[1][0] >= borders[0][0]  # no interval ends at the limit
    return side_of(old) == side_of(new) and borders[1] >= borders[0]


def _by_baseline(old: Demand, new: Demand, strict: bool) -> bool:
    """Limits that follow a baseline: its figure b, whatever it is, as b + |b| * more + shift."""
    if side_of(old) != side_of(new) or not _is_as_sure(old, new, strict):
        return False
    (more_old, shift_old), (more_new, shift_new) = _line(old.limit), _line(new.limit)
    if not side_of(new):
        return (more_old, shift_old) == (more_new, shift_new)
    more, shift = (side_of(new) * (new_ - old_) for new_, old_ in ((more_new, more_old), (shift_new, shift_old)))
    looser = old.operator in (">", "<") and new.operator not in (">", "<")
    smallest = old.low if old.low is not None and old.low > 0 else 0
    ends = [smallest * more + shift, *([] if old.high is None else [old.high * more + shift])]
    if old.high is None and more < 0:
        return False
    return min(ends) > 0 or (min(ends) == 0 and not looser)


def _line(limit: Exact | BaselineLimit) -> tuple[Exact, Exact]:
    change = limit.change if isinstance(limit, BaselineLimit) else None
    return (0, 0) if change is None else ((change.factor or 0) - 1, change.shift)


ORDER: dict[type, Callable[[Demand, Demand, bool], bool]] = {
    int: _by_value,
    Fraction: _by_value,
    BaselineLimit: _by_baseline,
}
"""By the kind of a limit: whether whatever fails the old one fails the new one, too. Of two kinds, none does."""


def covers(old: Demand, new: Demand, sides: Sequence[Funnel], strict: bool = False) -> bool:
    """Whether whatever fails the old demand fails the new one; `strict`: what is undecided fails as well.

    The `sides` are the funnels, which tell of which stage another comes, in the names of now.
    """
    order = ORDER.get(type(old.limit))
    if old.figure != new.figure or order is None or order is not ORDER.get(type(new.limit)):
        return old == new
    return order(old, new, strict) and _origin_fails(old, new, sides)


def _origin_fails(old: Demand, new: Demand, sides: Sequence[Funnel]) -> bool:
    """Whether the figure, counted from another stage than before, is only moved to where it fails."""
    if old.origin == new.origin:
        return True
    name, stage = new.figure
    if name not in _BELOW or new.confidence is not None or isinstance(new.limit, BaselineLimit):
        return False
    for side in sides:
        if any(each not in side.names for each in (old.origin, new.origin, stage)):
            continue
        before, now, at = (side.index(each or "") for each in (old.origin, new.origin, stage))
        way = side.path_to(at)
        if before not in way or now not in way or any(side.stages[each].allow_growth for each in way):
            return False
        return (1 if now > before else -1) * _BELOW[name] * side_of(new) < 0
    return False


def still_fails(old: Demand, demands: Sequence[Demand], sides: Sequence[Funnel], strict: bool = False) -> bool:
    """Whether whatever failed the old demand fails one of those of now."""
    if any(covers(old, new, sides, strict) for new in demands):
        return True
    alike = [new for new in demands if (new.figure, new.origin) == (old.figure, old.origin)]
    plain = [new for new in alike if _is_plain(new)]
    floors = [_border(new, _value(new)) for new in plain if side_of(new) > 0] + [
        (_value(new), False) for new in plain if not side_of(new)
    ]
    ceilings = [_border(new, _value(new)) for new in plain if side_of(new) < 0] + [
        (-_value(new), False) for new in plain if not side_of(new)
    ]
    if not floors or not ceilings:
        return False
    (low, above), (high, below) = max(floors), max(ceilings)
    high = -high
    if low > high or (low == high and (above or below)):
        return True  # nothing passes any more
    return _is_plain(old) and not side_of(old) and low == high == old.limit


def _is_plain(asked: Demand) -> bool:
    """Whether a limit is a number, and asks for no certainty."""
    return asked.confidence is None and ORDER.get(type(asked.limit)) is _by_value


def _value(asked: Demand) -> Exact:
    assert not isinstance(asked.limit, BaselineLimit)
    return asked.limit
