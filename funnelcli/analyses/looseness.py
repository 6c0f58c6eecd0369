"""Limits of two sides of a funnel: which are loosened, so that a figure that failed would no longer.

A limit is loosened when there is a figure that failed before and does not fail now, whatever the figures of today are.
It is asked of all limits together: one that is gone while a stricter one stands is not loosened. Where that cannot be
shown (`demands.py`), it is told. What two limits may differ in, and its name, is a row of `RULES`.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from funnelcli.analyses.checks import run_checks
from funnelcli.analyses.demands import demand, judged_figure, side_of, still_fails
from funnelcli.analyses.renames import with_names_of_now
from funnelcli.metrics import METRICS, Selector
from funnelcli.what_if import Check, UsualCheck

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from funnelcli.analyses.checks import CheckResult
    from funnelcli.analyses.demands import Demand
    from funnelcli.diagnostics import Location
    from funnelcli.exact import Exact
    from funnelcli.model import Funnel, Stage
    from funnelcli.what_if import AnyCheck

Loosening: TypeAlias = Literal[
    "value", "operator", "confidence", "every_look", "origin", "other_stage", "stage", "removed",
    "unchecked", "allow_growth", "target", "variation", "window", "ignored", "false_alarms", "sides",
    "unread", "unjudged", "judged", "usual_variation",
]  # fmt: skip
"""What a limit is changed in. `unchecked`: its funnel is no longer checked; `ignored`: a warning is silenced;
`other_stage`: it judges another than before, as the stage that it names was replaced or the sale is another one;
`sides`: what is below the usual, above it, or both fails; `unread`: the other side does not read, and there is nothing
to hold it against; `unjudged`: no alarm can be told any more, as it is to be false too often or too seldom; `judged`:
one can now. What is not judged never fails, and strictly it always does. `usual_variation`: of rates that are said to
vary more, what is usual is a wider range; where it was or is estimated, that is not known."""
LimitWay: TypeAlias = Literal["loosened", "tightened", "added", "removed", "rewritten"]
"""What a change does; `removed` and `rewritten` limits leave all that failed to fail."""


class LimitChange(NamedTuple):
    """A limit on both sides, as it is written; `None` where it is not there.

    `rule` says what it was changed in, `about` what that is of: a stage, a code, a key. Places are those of the files.
    `old_limit_now` is what the limit of before comes to with the figures of now; `None` where it was not loosened, or
    what it is of is gone. `strict`: what is undecided counts as failed.
    """

    change: LimitWay
    rule: Loosening | None
    before: str | None
    after: str | None
    about: str | None = None
    location_before: Location | None = None
    location: Location | None = None
    old_limit_now: CheckResult | None = None
    strict: bool = False


class UsualDemand(NamedTuple):
    """What a check of what is usual asks: of which figure, counted from where, one false alarm in how many `days`.

    Figure and origin are those of a `Demand`; the days are by the side that fails.
    """

    figure: tuple[str, str | None]
    origin: str | None
    days: dict[int, float]

    @property
    def is_judged(self) -> bool:
        """Whether an alarm can be told at all."""
        return math.inf not in self.days.values()

    def fails_in(self, strict: bool) -> dict[int, float]:
        """The days; where what is undecided fails, one that is not judged fails at once, to both sides."""
        return dict.fromkeys((-1, 1), 0.0) if strict and not self.is_judged else self.days


RULES: tuple[tuple[Loosening, Callable[[Demand, Demand], bool]], ...] = (
    ("other_stage", lambda old, new: old.figure != new.figure),
    ("origin", lambda old, new: old.origin != new.origin),
    ("value", lambda old, new: old.limit != new.limit),
    ("operator", lambda old, new: old.operator != new.operator),
    ("confidence", lambda old, new: old.confidence != new.confidence),
    ("every_look", lambda old, new: old.every_look != new.every_look),
)
"""What two checks of one figure may differ in; the first that does is named."""


def limits_changed(
    before: Funnel,
    after: Funnel,
    renamed: Mapping[str, str],
    strict: bool = False,
    replaced: Mapping[str, str] | None = None,
) -> tuple[LimitChange, ...]:
    """All changes of what `check` holds a funnel against, those that loosen it first.

    `renamed` has the name now of each stage that is still there, and `replaced` the stage in the place of each that is
    not. `strict`: undecided checks count as failed.
    """
    places = {**renamed, **(replaced or {})}
    found = [*_of_checks(before, after, renamed, places, strict), *_of_stages(before, after, places)]
    found += _of_variation(before, after, strict)
    found += _of_usual(before, after, renamed, places, strict)
    if before.measure and before.measure.window and after.measure and not after.measure.window and after.checks:
        found.append(LimitChange("loosened", "window", None, None))
    found = [each._replace(strict=strict) for each in found]
    return tuple(sorted(_judged_now(before, after, renamed, found), key=lambda each: each.change != "loosened"))


def _judged_now(
    before: Funnel, after: Funnel, renamed: Mapping[str, str], found: Sequence[LimitChange]
) -> Iterator[LimitChange]:
    """The changes, and of a check or a target that was loosened what the old one would say of the figures of now."""
    for each in found:
        old: AnyCheck | None = None
        if each.change == "loosened" and each.rule != "other_stage" and each.location_before is not None:
            old = next((check for check in before.checks if check.location == each.location_before), None)
        elif each.change == "loosened" and each.rule == "target":
            old = _aim(each, before, {name: at for at, name in renamed.items()}.get(each.about or ""))
        stage = None if old is None else old.selector.stage
        if old is not None and (stage is None or stage in renamed):
            selector = old.selector if stage is None else old.selector._replace(stage=renamed[stage])
            yield each._replace(old_limit_now=run_checks(after, [old._replace(selector=selector)])[0])
        else:
            yield each


def _aim(each: LimitChange, before: Funnel, stage: str | None) -> Check | None:
    """A target as a check."""
    if stage is None or each.before is None:
        return None
    target = before.stages[before.index(stage)].target
    assert target is not None
    text = f"conversion@{stage} >= {each.before}"
    return Check(Selector(METRICS["conversion"], stage), ">=", target, None, text)


def unread(funnel: Funnel, is_now: bool) -> tuple[LimitChange, ...]:
    """The limits of a funnel whose other side does not read; it is that of now, or that of before."""
    return tuple(
        LimitChange("added", "unread", None, check.text, location=check.location)
        if is_now
        else LimitChange("removed", "unread", check.text, None, location_before=check.location)
        for check in funnel.checks
    )


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


def _of_checks(
    before: Funnel, after: Funnel, renamed: Mapping[str, str], places: Mapping[str, str], strict: bool
) -> list[LimitChange]:
    """Changes of limits; of a stage in the place of another the same limit is one of another figure."""
    olds, news = _demands(before, after, renamed)
    sides = after, with_names_of_now(before, renamed)
    pairs = paired(before, after, places)
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


def paired(before: Funnel, after: Funnel, places: Mapping[str, str]) -> list[tuple[int | None, int | None]]:
    """Which check is which: equal ones, then those of one figure, then those of one selector; each once, in order.

    `places` has the name now of each stage, be it that of the one in its place.
    """
    olds, news = _demands(before, after, places)
    named = [
        check.selector._replace(stage=places.get(check.selector.stage or "", check.selector.stage))
        for check in before.limits
    ]
    return _pairs(
        len(olds),
        len(news),
        lambda at, to: olds[at] == news[to],
        lambda at, to: olds[at].figure == news[to].figure and side_of(olds[at]) == side_of(news[to]),
        lambda at, to: olds[at].figure == news[to].figure,
        lambda at, to: named[at] == after.limits[to].selector,
    )


def paired_usual(before: Funnel, after: Funnel, places: Mapping[str, str]) -> list[tuple[int | None, int | None]]:
    """Which check of what is usual is which: equal ones, those of one figure and side, those of one figure."""
    olds, news = [_of_stage_now(check, places) for check in usual_of(before)], usual_of(after)
    if not olds and not news:
        return []
    from funnelcli.analyses.usual import rarities  # which few files ask

    old_days = [None if check is None else (check.selector, rarities(check, after)) for check in olds]
    new_days = [(check.selector, rarities(check, after)) for check in news]
    old_sides = [(None, None) if check is None else (check.selector, check.side) for check in olds]
    return _pairs(
        len(olds),
        len(news),
        lambda at, to: old_days[at] == new_days[to],
        lambda at, to: old_sides[at] == (news[to].selector, news[to].side),
        lambda at, to: old_sides[at][0] == news[to].selector,
    )


def usual_of(funnel: Funnel) -> list[UsualCheck]:
    """The checks without a limit, that a figure is as usual."""
    return [check for check in funnel.checks if isinstance(check, UsualCheck)]


def _pairs(olds: int, news: int, *alike: Callable[[int, int], bool]) -> list[tuple[int | None, int | None]]:
    """Places of both sides that are alike, each once and in order, by the first rule that holds; then the others."""
    left, right = list(range(olds)), list(range(news))
    pairs: list[tuple[int | None, int | None]] = []
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


def _of_usual(
    before: Funnel, after: Funnel, renamed: Mapping[str, str], places: Mapping[str, str], strict: bool
) -> list[LimitChange]:
    """Figures that are to be as usual: the rarer a false alarm to a side, the more is let pass there."""
    olds, news = usual_of(before), usual_of(after)
    if not olds and not news:
        return []
    from funnelcli.analyses.usual import rarities  # which few files ask

    asked, asked_now = (
        [UsualDemand(*judged_figure(side, each.selector, names), rarities(each, after)) for each in usual_of(side)]
        for side, names in ((before, renamed), (after, {}))
    )
    found = []
    for at, to in paired_usual(before, after, places):
        if at is None:
            new = news[to or 0]
            found.append(LimitChange("added", None, None, new.text, None, None, new.location))
            continue
        old, kept = olds[at], _is_kept(asked[at], asked_now, strict)
        if to is None:
            stage = old.selector.stage
            change: LimitWay = "removed" if kept else "loosened"
            gone: Loosening = "removed" if stage is None or stage in renamed else "stage"
            found.append(LimitChange(change, gone, old.text, None, stage, old.location))
        elif asked[at] != asked_now[to]:
            new, is_kept = news[to], _is_kept(asked_now[to], asked, strict)
            change = "loosened" if not kept else "rewritten" if is_kept else "tightened"
            rule, about = _rule_of_usual(asked[at], asked_now[to])
            found.append(LimitChange(change, rule, old.text, new.text, about, old.location, new.location))
    return found


def _is_kept(one: UsualDemand, others: Sequence[UsualDemand], strict: bool) -> bool:
    """Whether what fails one of the usual fails one of the others: the same figure, to each side as soon."""
    alike = [each.fails_in(strict) for each in others if (each.figure, each.origin) == (one.figure, one.origin)]
    return all(any(each.get(side, days + 1) <= days for each in alike) for side, days in one.fails_in(strict).items())


def _rule_of_usual(old: UsualDemand, new: UsualDemand) -> tuple[Loosening, str | None]:
    """What two that differ differ in, and what that is of."""
    if old.figure != new.figure:
        return "other_stage", new.figure[1]
    if old.origin != new.origin:
        return "origin", new.origin
    if old.is_judged != new.is_judged:
        return "judged" if new.is_judged else "unjudged", new.figure[1]
    return "false_alarms" if old.days.keys() == new.days.keys() else "sides", new.figure[1]


def _of_stage_now(check: UsualCheck, renamed: Mapping[str, str]) -> UsualCheck | None:
    """The check with the name that its stage has now; `None` where that is gone."""
    stage = check.selector.stage
    if stage is None:
        return check
    return check._replace(selector=check.selector._replace(stage=renamed[stage])) if stage in renamed else None


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
    stated = _percent(before.variation), _percent(after.variation)
    found: list[LimitChange] = []
    if counted:
        found.append(LimitChange("loosened" if (new > old) is not strict else "tightened", "variation", *stated))
    usual = [{each.selector.metric.name for each in usual_of(side)} for side in (before, after)]
    if all(usual):
        from funnelcli.analyses.usual_periods import RATES  # which few files ask

        if all(not names.isdisjoint(RATES) for names in usual):
            is_wider = not old or not new or new > old
            found.append(LimitChange("loosened" if is_wider else "tightened", "usual_variation", *stated))
    return found
