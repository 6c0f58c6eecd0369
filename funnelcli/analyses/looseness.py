"""Limits of two sides of a funnel: which are loosened, so that a figure that failed would no longer.

A limit is loosened when there is a figure that failed before and does not fail now, whatever the figures of today are.
It is asked of all limits together: one that is gone while a stricter one stands is not loosened. Where that cannot be
shown, as of a limit that is stricter and asks for more certainty, or of two figures that hang together, it is told. How
two limits of one kind are ordered is a row of `ORDER`; what they may differ in, and its name, a row of `RULES`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from funnelcli.analyses.checks import OPERATORS
from funnelcli.analyses.renames import with_names_of_now
from funnelcli.metrics import METRICS
from funnelcli.what_if import BaselineLimit, UsualCheck

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from funnelcli.diagnostics import Location
    from funnelcli.exact import Exact
    from funnelcli.model import Funnel, Stage
    from funnelcli.what_if import Check, Operator

Loosening: TypeAlias = Literal[
    "value", "operator", "confidence", "every_look", "origin", "sale", "stage", "removed",
    "unchecked", "allow_growth", "target", "variation", "window", "ignored",
]  # fmt: skip
"""What a limit is changed in. `unchecked`: its funnel is no longer checked; `ignored`: a warning is silenced."""
LimitWay: TypeAlias = Literal["loosened", "tightened", "added", "removed", "rewritten"]
"""What a change does; `removed` and `rewritten` limits leave all that failed to fail."""
_BELOW = {"conversion": 1, "overall_conversion": 1, "one_in": -1, "drop_off_rate": -1, "drop_off": -1}
"""Whether a figure is higher or lower when it is counted from a later stage, as long as no stage grows."""
_OF_STEP = ("conversion", "conversion_decided", "drop_off", "drop_off_rate", "days")
_OF_WHOLE = ("overall_conversion", "one_in")


class LimitChange(NamedTuple):
    """A limit on both sides, as it is written; `None` where it is not there.

    `rule` says what it was changed in, `about` what that is of: a stage, a code, a key. Places are those of the files.
    """

    change: LimitWay
    rule: Loosening | None
    before: str | None
    after: str | None
    about: str | None = None
    location_before: Location | None = None
    location: Location | None = None


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


def demand(funnel: Funnel, check: Check, renamed: Mapping[str, str], grows: bool = False) -> Demand:
    """What a check of a funnel asks; `renamed` are the names of its stages now, and `grows` says that a stage may."""
    metric, written = check.selector.metric, check.selector.stage
    at = None if written is None else funnel.index(written)
    name = metric.name
    if name in ("entries", "sales"):
        name, at = "count", 0 if name == "entries" else funnel.sale_stage
    elif at is None and (name in _OF_WHOLE or name == "conversion_eventual"):
        name, at = f"{name} of all" if name == "conversion_eventual" else name, funnel.sale_stage
    origin = None
    if at is not None and name in (*_OF_STEP, "conversion_eventual"):
        origin = funnel.stages[at].parent
    elif name in (*_OF_WHOLE, "conversion_eventual of all"):
        origin = 0
    called = [renamed.get(each, each) for each in funnel.names]
    bounds = METRICS[metric.name].bounds[grows]
    limit = check.limit
    if isinstance(limit, BaselineLimit):  # how the change is written is no difference
        limit = BaselineLimit(None if limit.change is None else limit.change._replace(text=""))
    return Demand(
        figure=(name, None if at is None else called[at]),
        origin=None if origin is None else called[origin],
        operator=check.operator,
        limit=limit,
        confidence=check.confidence,
        every_look=check.every_look,
        low=bounds[0],
        high=bounds[1],
    )


# how limits are ordered


_SIDES = {">": 1, ">=": 1, "<": -1, "<=": -1}


def _side(asked: Demand) -> int:
    """1 of a limit from below, -1 from above, 0 of one value alone, and of any other kind."""
    return _SIDES.get(asked.operator, 0)


def _border(asked: Demand, limit: Exact) -> tuple[Exact, bool]:
    """A limit as one from below: the higher, the more fails. What no figure can fall below, or reach, is alike."""
    side = _side(asked)
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
    if not _side(new):  # an interval is around its value, so that one at the limit is not beyond it
        holds = OPERATORS[old.operator](new.limit, old.limit)
        return holds or (old.confidence is not None and new.limit == old.limit)
    borders = _border(old, old.limit), _border(new, new.limit)
    if old.confidence is not None and new.confidence is not None and old.limit not in (0, 1):
        return _side(old) == _side(new) and borders[1][0] >= borders[0][0]  # no interval ends at the limit
    return _side(old) == _side(new) and borders[1] >= borders[0]


def _by_baseline(old: Demand, new: Demand, strict: bool) -> bool:
    """Limits that follow a baseline: its figure b, whatever it is, as b + |b| * more + shift."""
    if _side(old) != _side(new) or not _is_as_sure(old, new, strict):
        return False
    (more_old, shift_old), (more_new, shift_new) = _line(old.limit), _line(new.limit)
    if not _side(new):
        return (more_old, shift_old) == (more_new, shift_new)
    more, shift = (_side(new) * (new_ - old_) for new_, old_ in ((more_new, more_old), (shift_new, shift_old)))
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
        return (1 if now > before else -1) * _BELOW[name] * _side(new) < 0
    return False


def still_fails(old: Demand, demands: Sequence[Demand], sides: Sequence[Funnel], strict: bool = False) -> bool:
    """Whether whatever failed the old demand fails one of those of now."""
    if any(covers(old, new, sides, strict) for new in demands):
        return True
    alike = [new for new in demands if (new.figure, new.origin) == (old.figure, old.origin)]
    plain = [new for new in alike if _is_plain(new)]
    floors = [_border(new, _value(new)) for new in plain if _side(new) > 0] + [
        (_value(new), False) for new in plain if not _side(new)
    ]
    ceilings = [_border(new, _value(new)) for new in plain if _side(new) < 0] + [
        (-_value(new), False) for new in plain if not _side(new)
    ]
    if not floors or not ceilings:
        return False
    (low, above), (high, below) = max(floors), max(ceilings)
    high = -high
    if low > high or (low == high and (above or below)):
        return True  # nothing passes any more
    return _is_plain(old) and not _side(old) and low == high == old.limit


def _is_plain(asked: Demand) -> bool:
    """Whether a limit is a number, and asks for no certainty."""
    return asked.confidence is None and ORDER.get(type(asked.limit)) is _by_value


def _value(asked: Demand) -> Exact:
    assert not isinstance(asked.limit, BaselineLimit)
    return asked.limit


# what changed


RULES: tuple[tuple[Loosening, Callable[[Demand, Demand], bool]], ...] = (
    ("sale", lambda old, new: old.figure != new.figure),
    ("origin", lambda old, new: old.origin != new.origin),
    ("value", lambda old, new: old.limit != new.limit),
    ("operator", lambda old, new: old.operator != new.operator),
    ("confidence", lambda old, new: old.confidence != new.confidence),
    ("every_look", lambda old, new: old.every_look != new.every_look),
)
"""What two checks of one figure may differ in; the first that does is named."""


def limits_changed(
    before: Funnel, after: Funnel, renamed: Mapping[str, str], strict: bool = False
) -> tuple[LimitChange, ...]:
    """All changes of what `check` holds a funnel against, those that loosen it first.

    `renamed` has the name now of each stage that is still there. `strict`: undecided checks count as failed.
    """
    found = [*_of_checks(before, after, renamed, strict), *_of_stages(before, after, renamed)]
    found += _of_variation(before, after, strict)
    found += _of_usual(before, after, renamed)
    if before.measure and before.measure.window and after.measure and not after.measure.window and after.checks:
        found.append(LimitChange("loosened", "window", None, None))
    return tuple(sorted(found, key=lambda each: each.change != "loosened"))


def unchecked(funnel: Funnel) -> tuple[LimitChange, ...]:
    """The limits of a funnel that is no longer there, or no longer checked."""
    return tuple(
        LimitChange("loosened", "unchecked", check.text, None, location_before=check.location)
        for check in funnel.checks
    )


def _demands(before: Funnel, after: Funnel, renamed: Mapping[str, str]) -> tuple[list[Demand], list[Demand]]:
    """What the checks of both sides ask."""
    grows = any(stage.allow_growth for stage in (*before.stages, *after.stages))
    now = {name: name for name in after.names}
    return (
        [demand(before, check, renamed, grows) for check in before.limits],
        [demand(after, check, now, grows) for check in after.limits],
    )


def _of_checks(before: Funnel, after: Funnel, renamed: Mapping[str, str], strict: bool) -> list[LimitChange]:
    olds, news = _demands(before, after, renamed)
    sides = after, with_names_of_now(before, renamed)
    pairs = paired(before, after, renamed)
    found = []
    for at, to in pairs:
        old = None if at is None else before.limits[at]
        new = None if to is None else after.limits[to]
        if at is not None and to is not None and olds[at] == news[to]:
            continue
        change: LimitWay = "added"
        rule: Loosening | None = None
        about = None
        if at is not None:
            kept = still_fails(olds[at], news, sides, strict)
            if to is not None:
                rule = next(name for name, differs in RULES if differs(olds[at], news[to]))
                about = news[to].origin if rule == "origin" else news[to].figure[1]
                same = kept and still_fails(news[to], olds, sides, strict)
                change = "loosened" if not kept else "rewritten" if same else "tightened"
            else:
                stage = before.limits[at].selector.stage
                gone = stage is not None and stage not in renamed
                rule, about = ("stage", stage) if gone else ("removed", None)
                change = "removed" if kept else "loosened"
        found.append(
            LimitChange(
                change,
                rule,
                None if old is None else old.text,
                None if new is None else new.text,
                about,
                None if old is None else old.location,
                None if new is None else new.location,
            )
        )
    return found


def paired(before: Funnel, after: Funnel, renamed: Mapping[str, str]) -> list[tuple[int | None, int | None]]:
    """Which check is which: equal ones, then those of one figure, then those of one selector; each once, in order."""
    olds, news = _demands(before, after, renamed)
    named = [
        check.selector._replace(stage=renamed.get(check.selector.stage or "", check.selector.stage))
        for check in before.limits
    ]
    left, right = list(range(len(olds))), list(range(len(news)))
    pairs: list[tuple[int | None, int | None]] = []
    alike: tuple[Callable[[int, int], bool], ...] = (
        lambda at, to: olds[at] == news[to],
        lambda at, to: olds[at].figure == news[to].figure and _side(olds[at]) == _side(news[to]),
        lambda at, to: olds[at].figure == news[to].figure,
        lambda at, to: named[at] == after.limits[to].selector,
    )
    for are_alike in alike:
        for at in [*left]:
            to = next((each for each in right if are_alike(at, each)), None)
            if to is not None:
                left.remove(at)
                right.remove(to)
                pairs.append((at, to))
    pairs += [(at, None) for at in left]
    pairs.sort(key=lambda pair: pair[0] if pair[0] is not None else 0)
    return pairs + [(None, to) for to in right]


def _of_usual(before: Funnel, after: Funnel, renamed: Mapping[str, str]) -> list[LimitChange]:
    """Figures that are to be within usual: the rarer a false alarm, the more is let pass."""
    from funnelcli.analyses.usual import rarity  # which few files ask

    new = [check for check in after.checks if isinstance(check, UsualCheck)]
    found = []
    for old in (check for check in before.checks if isinstance(check, UsualCheck)):
        stage = old.selector.stage
        named = old.selector._replace(stage=None if stage is None else renamed.get(stage))
        now = next((check for check in new if check.selector == named), None)
        if now is None:
            found.append(LimitChange("loosened", "removed", old.text, None, stage, old.location))
            continue
        new.remove(now)
        if rarity(old) != rarity(now):
            change: LimitWay = "loosened" if rarity(now) > rarity(old) else "tightened"
            found.append(
                LimitChange(change, "value", old.text, now.text, now.selector.stage, old.location, now.location)
            )
    return found + [LimitChange("added", None, None, each.text, None, None, each.location) for each in new]


def _of_stages(before: Funnel, after: Funnel, renamed: Mapping[str, str]) -> list[LimitChange]:
    """Targets that are lower, and stages that may grow now."""
    found = []
    for stage in before.stages:
        now = next((each for each in after.stages if each.name == renamed.get(stage.name)), None)
        if now is None:
            continue
        if stage.target != now.target:
            found.append(_of_target(stage, now))
        if stage.allow_growth != now.allow_growth:
            change: LimitWay = "loosened" if now.allow_growth else "tightened"
            found.append(LimitChange(change, "allow_growth", None, None, now.name))
    return found


def _of_target(stage: Stage, now: Stage) -> LimitChange:
    before, after = stage.target, now.target
    change: LimitWay = "tightened"
    if before is not None and (after is None or after < before):
        change = "loosened"
    elif before is None:
        change = "added"
    return LimitChange(change, "target", _percent(before), _percent(after), now.name)


def _percent(rate: Exact | None) -> str | None:
    """A rate as a file has it."""
    if rate is None:
        return None
    percent = Fraction(rate) * 100
    return f"{percent}%" if percent.denominator == 1 else f"{float(percent):.6g}%"


def _of_variation(before: Funnel, after: Funnel, strict: bool) -> list[LimitChange]:
    """Rates that are said to vary more: intervals are wider, so that less is told to fail, and less to pass."""
    old, new = before.variation or 0, after.variation or 0
    if old == new:
        return []
    counted = any(check.confidence is not None for check in after.limits) and any(
        check.confidence is not None for check in before.limits
    )
    is_looser = counted and (new > old) is not strict
    change: LimitWay = "loosened" if is_looser else "tightened"
    if not counted:
        return []
    return [LimitChange(change, "variation", _percent(before.variation), _percent(after.variation))]
