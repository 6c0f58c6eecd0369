"""What a change of a funnel file says otherwise than before, key by key, so that nothing that changes is unsaid.

Two funnels are equal as models where all that the program makes of the file is equal: comments, spaces, the order of
keys and another spelling of a number are no difference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from funnelcli.analyses.times import days_text
from funnelcli.exact import Exact
from funnelcli.measure import Condition, Measure, Measured, Predicate
from funnelcli.model import MoneyToCome, RateRange, Stage
from funnelcli.segments import CellCounts, Segment
from funnelcli.what_if import AnyCheck, BaselineLimit, Change, UsualCheck

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from funnelcli.metrics import Kind
    from funnelcli.model import Funnel
    from funnelcli.what_if import Scenario

Told: TypeAlias = Exact | str | bool | None
"""A value of a key: a figure, or words."""
_TOLD_APART = ("name", "stages", "file", "document", "checks", "scenarios", "measure", "measured", "referral")
_DERIVED = ("derived", "unbudgeted", "varied", "chosen", "between", "ages")
"""What follows from other keys: it is told only where nothing else is."""
_STAGE_DERIVED = ("unknown", "check_of", "open_rest", "money_to_come", "parent", "name", "count", "target")
_STAGE_LIMITS = ("allow_growth",)
_KINDS: dict[str, Kind] = {
    "budget": "money",
    "gross_margin": "rate",
    "variation": "rate",
    "average_check": "money",
    "average_check_sd": "money",
    "revenue": "money",
    "cost": "money",
    "conversion": "rate",
    "close_chance": "rate",
    "close_chance_sd": "rate",
    "days": "duration",
    "days_lost": "duration",
    "open": "count",
    "lost_unplaced": "count",
}
_SECONDS = ("window", "within")
_TABLES = ("median_days", "counted_again", "times", "whole_way", "eventual", "curves", "segments", "cut")
"""What a measurement noted that no words would hold."""


class KeyChange(NamedTuple):
    """A key whose value changed, by its path in the document: a figure of a kind, or words (`None`: it is not there).

    `in_words` tells that the value is too large to be shown: it changed.
    """

    path: tuple[str, ...]
    kind: Kind | None
    before: Told
    after: Told
    in_words: bool = True


def plain(funnel: Funnel) -> Funnel:
    """The funnel without what is no part of it: its place, the order of its checks, and how changes are written."""
    checks = tuple(sorted(map(_plain_check, funnel.checks), key=repr))
    return funnel._replace(
        file=None, document=1, checks=checks, scenarios=tuple(plain_scenario(each) for each in funnel.scenarios)
    )


def _plain_check(check: AnyCheck) -> AnyCheck:
    if isinstance(check, UsualCheck):
        return check._replace(text="", location=None)
    limit = check.limit
    if isinstance(limit, BaselineLimit) and limit.change is not None:
        limit = BaselineLimit(_plain_change(limit.change))
    return check._replace(text="", location=None, limit=limit)


def plain_scenario(scenario: Scenario) -> Scenario:
    """A scenario without its place, and how its changes are written."""
    changes = tuple((selector, _plain_change(change)) for selector, change in scenario.changes)
    return scenario._replace(location=None, changes=changes)


def _plain_change(change: Change) -> Change:
    return change._replace(text="")


def keys_changed(before: Funnel, after: Funnel, now: Mapping[str, str]) -> tuple[KeyChange, ...]:
    """Every key that says otherwise, but for what has a place of its own: limits, targets, counts, scenarios, names.

    `now` has the name now of each stage that is still there; the funnels have these names.
    """
    return tuple(_changed(before, after, now))


def fields_changed(before: Funnel, after: Funnel) -> tuple[KeyChange, ...]:
    """What differs of two models by its name alone, where no key of the file tells it."""
    one, two = plain(before), plain(after)
    names = [name for name in one._fields if getattr(one, name) != getattr(two, name)]
    return tuple(KeyChange((name,), None, None, None, in_words=False) for name in names)


def _changed(before: Funnel, after: Funnel, now: Mapping[str, str]) -> Iterator[KeyChange]:
    computed = dict(before.derived).keys() & dict(after.derived).keys()
    for name in before._fields:
        if name not in (*_TOLD_APART, *_DERIVED, *computed, "breakdowns", "cells"):
            yield from _one((name,), getattr(before, name), getattr(after, name))
    yield from _referral(before, after)
    kept = [name for name in before.names if now.get(name) == name or name in now.values()]
    for name in kept:
        if name in after.names:
            yield from _of_stage(before, before.stages[before.index(name)], after, after.stages[after.index(name)])
    yield from _of_breakdowns(before, after)
    yield from _of_cells(before, after)
    yield from _of_record("measure", before.measure, after.measure, Measure())
    yield from _of_record("measured", before.measured, after.measured, Measured())


def _one(path: tuple[str, ...], before: Any, after: Any) -> Iterator[KeyChange]:
    if before != after:
        kind = _KINDS.get(path[-1])
        old, new = _told(before, path[-1]), _told(after, path[-1])
        if old == new:  # nested beyond words
            yield KeyChange(path, None, None, None, in_words=False)
        elif kind is not None and any(isinstance(each, str) for each in (old, new)):
            yield KeyChange(path, None, _words(before, path[-1]), _words(after, path[-1]))
        else:
            yield KeyChange(path, kind, old, new)


def _told(value: Any, key: str) -> Told:
    if value is None or value == ():
        return None
    if key in _SECONDS:
        return days_text(value)
    return value if isinstance(value, (int, str, bool)) or hasattr(value, "denominator") else _words(value, key)


MOST_WORDS = 200
"""Letters of a value that is shown."""


def _words(value: Any, key: str) -> str | None:
    """A value in words, near to what a file has."""
    if value is None or value == ():
        return None
    if isinstance(value, RateRange):
        return f"{_number(value.low)} to {_number(value.high)}"
    if isinstance(value, MoneyToCome):
        return f"{_number(value.mean)}"
    if isinstance(value, Predicate):
        return f"{value.operator} {_words(value.operand, key) or ''}".strip()
    if isinstance(value, Condition):
        return f"{value.column}: {', '.join(_words(each, key) or 'null' for each in value.values)}"
    if isinstance(value, str):
        return value
    if key in ("when", "exclude", "lost", "exclude_units") and isinstance(value, tuple):
        return " or ".join("; ".join(_words(each, key) or "" for each in alternative) for alternative in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(_words(each, key) or "" for each in value)
    return _number(value)


def _number(value: Exact) -> str:
    whole = value.denominator == 1
    return str(value.numerator) if whole else f"{float(value):.6g}"


def _referral(before: Funnel, after: Funnel) -> Iterator[KeyChange]:
    old, new = (_referred(each) for each in (before, after))
    if old != new:
        yield KeyChange(("referral",), None, old, new)


def _referred(funnel: Funnel) -> str | None:
    said = funnel.referral
    if said is None:
        return None
    return f"from {funnel.names[said.source]}, brings {_number(said.brings)}, to {funnel.names[said.target]}"


def _of_stage(before: Funnel, stage: Stage, after: Funnel, now: Stage) -> Iterator[KeyChange]:
    origins = [
        None if each.parent is None else side.names[each.parent] for side, each in ((before, stage), (after, now))
    ]
    is_stated = [each.conversion is not None for each in (stage, now)]
    if origins[0] != origins[1] and None not in origins:
        yield KeyChange((now.name, "from"), None, origins[0], origins[1])
    if is_stated[0] != is_stated[1] or stage.conversion != now.conversion:
        yield from _one((now.name, "conversion"), stage.conversion, now.conversion)
    for name in Stage._fields:
        if name not in (*_STAGE_DERIVED, *_STAGE_LIMITS, "conversion"):
            yield from _one((now.name, name), getattr(stage, name), getattr(now, name))


def _of_breakdowns(before: Funnel, after: Funnel) -> Iterator[KeyChange]:
    old, new = ({each.dimension: each for each in side.breakdowns} for side in (before, after))
    of_cells = {dimension for side in (before, after) for cell in side.cells for dimension, _ in cell.segments}
    for dimension in {**old, **new}:
        own, other = old.get(dimension), new.get(dimension)
        if own is None or other is None:
            told = [None if each is None else ", ".join(part.name for part in each.segments) for each in (own, other)]
            yield KeyChange(("breakdowns", dimension), None, told[0], told[1])
            continue
        segments, others = ({part.name: part for part in each.segments} for each in (own, other))
        for name in {**segments, **others}:
            path = ("breakdowns", dimension, name)
            one, two = segments.get(name), others.get(name)
            if one is None or two is None:
                yield KeyChange(path, None, _counts(one), _counts(two))
                continue
            for key in Segment._fields[1:]:
                if dimension not in of_cells or key not in ("counts", "open", "open_amounts"):
                    yield from _one((*path, key), getattr(one, key), getattr(two, key))
        common = [[name for name in each if name in segments and name in others] for each in (segments, others)]
        if common[0] != common[1]:
            yield KeyChange(("breakdowns", dimension, "order"), None, ", ".join(segments), ", ".join(others))
    if list(old) != list(new) and old.keys() == new.keys():
        yield KeyChange(("breakdowns", "order"), None, ", ".join(old), ", ".join(new))


def _counts(part: Segment | CellCounts | None) -> str | None:
    return None if part is None else _words(part.counts, "counts")


def _of_cells(before: Funnel, after: Funnel) -> Iterator[KeyChange]:
    old, new = ({cell.segments: cell for cell in side.cells} for side in (before, after))
    for segments in {**old, **new}:
        one, two = old.get(segments), new.get(segments)
        path = ("cells", " · ".join(name for _, name in segments))
        if one is None or two is None:
            yield KeyChange(path, None, _counts(one), _counts(two))
            continue
        for key in CellCounts._fields[1:]:
            yield from _one((*path, key), getattr(one, key), getattr(two, key))
    if list(old) != list(new) and old.keys() == new.keys():
        yield KeyChange(("cells", "order"), None, None, None, in_words=False)


def _of_record(key: str, before: Any, after: Any, none: Any) -> Iterator[KeyChange]:
    if before == after:
        return
    old, new = before or none, after or none
    found = False
    for name in none._fields:
        one, two = getattr(old, name), getattr(new, name)
        if one == two:
            continue
        found = True
        if name in _TABLES:
            yield KeyChange((key, name), None, None, None, in_words=False)
        else:
            yield from _one((key, name), one, two)
    if not found:  # a key without anything in it
        yield KeyChange((key,), None, None if before is None else "", None if after is None else "")
