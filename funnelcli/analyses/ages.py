"""Segments whose open units are of unequal age: like is held against like.

Where losses show sooner than sales, the decided of those with younger units are mostly losses, and where they show
later, mostly sales. Units of one period of creation are of like age. So where cells cross a dimension with periods, its
segments are compared within these (`stats.strata`).

What is of unequal age even so, or without cells, shows in the shares that are open. Where these differ by more than
chance, the units that are open with one side beyond the other's share may all end as speaks against a difference: one
is told where it is more than chance even then (the bounds of Manski, American Economic Review 80, 1990).
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.exact import added, ratio, reduced
from funnelcli.segments import Segment
from funnelcli.stats.intervals import decided_sample, sample_of_steps
from funnelcli.stats.strata import about, alike
from funnelcli.stats.tests import two_proportion_test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.exact import Exact
    from funnelcli.model import Funnel
    from funnelcli.segments import Breakdown

    Four = tuple[float, float, float, float]


class Counted(NamedTuple):
    """A step of some units: those that came, those that are decided, those that are open, and all."""

    came: Exact
    decided: Exact
    waiting: Exact
    units: Exact


SURE, APART = 0.001, 0.15
"""The p-value below which shares that are open differ; within periods they differ by so much at least.

There the outcome opens a gap as well: fewer sales, where these show sooner than losses, leave more of an age open.
"""
ByAge = dict[str, Counted]
"""By the period of creation; by one name for all, where that is not known."""


class Compared(NamedTuple):
    """The samples of A and B that are compared, and A's rate.

    `against` are the samples, if the open units that one has more of than the other end against the difference.
    `standing` is B's sample beside those of other segments, each held against its own others.
    """

    samples: Four | None
    rate: Exact | None
    against: Four | None
    standing: tuple[float, float] | None


NOT_COMPARED = Compared(None, None, None, None)


def _time(funnel: Funnel, breakdown: Breakdown) -> str | None:
    """The dimension of time that cells cross a dimension with, where units are open: the finest of several."""
    from funnelcli.analyses.periods import is_time

    names = [dimension for dimension, _ in funnel.cells[0].segments] if funnel.cells else []
    times = [name for name in names if is_time(name)]
    if not breakdown.divides_open or breakdown.dimension not in names or not times or is_time(breakdown.dimension):
        return None
    lengths = {each.dimension: len(each.segments) for each in funnel.breakdowns}
    return max(times, key=lambda name: lengths.get(name, 0))


def are_aged(parts: Sequence[Funnel]) -> bool:
    """Whether all segments have their units by the period that they came in, so that like is held against like."""
    return all(part.ages for part in parts)


def within(funnel: Funnel, breakdown: Breakdown, parts: Sequence[Funnel]) -> str | None:
    """The dimension in whose periods segments are held against each other; `None` where they are not."""
    return _time(funnel, breakdown) if parts and are_aged(parts) else None


def without_like(parts: Sequence[Funnel], whole: Funnel) -> tuple[str, ...]:
    """The segments of which no units are decided in a period of creation in which units of the others are."""
    if not are_aged(parts):
        return ()
    found: dict[str, None] = {}
    for step in pairwise(_way(whole, 0, whole.sale_stage, aged=True)):
        decided = [{name for name, each in _by_age(part, step, aged=True).items() if each.decided} for part in parts]
        for row, (part, own) in enumerate(zip(parts, decided, strict=True)):
            others = set().union(*decided[:row], *decided[row + 1 :])
            if own and others and own.isdisjoint(others):
                found[part.name] = None
    return tuple(found)


def with_ages(funnel: Funnel, breakdown: Breakdown, parts: list[Funnel]) -> list[Funnel]:
    """The segments with their units by the period that they came in, where cells tell it and some are open."""
    found = _time(funnel, breakdown)
    if found is None:
        return parts
    names = [dimension for dimension, _ in funnel.cells[0].segments]
    time, own = names.index(found), names.index(breakdown.dimension)
    sums: dict[str, dict[str, Segment]] = {}
    for cell in funnel.cells:
        periods = sums.setdefault(cell.segments[own][1], {})
        name, nothing = cell.segments[time][1], (0,) * len(cell.counts)
        known = periods.get(name, Segment(name, nothing, open=nothing))
        counts = tuple(a + b for a, b in zip(known.counts, cell.counts, strict=True))
        waiting = tuple(a + b for a, b in zip(known.open, cell.open or nothing, strict=True))
        periods[name] = Segment(name, counts, open=waiting)
    aged = [part._replace(ages=tuple(sums.get(part.name, {}).values())) for part in parts]
    return aged if all(map(_adds_up, aged)) else parts


def _adds_up(part: Funnel) -> bool:
    """Whether the periods are of all units; segments that stand in the file may be of others."""
    sums = zip(*(age.counts for age in part.ages), strict=True)
    return [sum(column) for column in sums] == [stage.count for stage in part.stages]


def against_others(
    parts: Sequence[Funnel], whole: Funnel, pairs: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], list[Compared]]:
    """Each segment, B, against all others together, A, in the conversions from one stage to another."""
    aged = are_aged(parts)
    awaits = any(part.awaits for part in parts)
    ways = {pair: [*pairwise(_way(whole, *pair, aged, awaits))] for pair in pairs}
    steps = {step: [_by_age(part, step, aged) for part in parts] for way in ways.values() for step in way}
    sums = {step: _together(column) for step, column in steps.items()}
    rates = {step: _rate([total]) for step, total in sums.items()}
    found = {}
    for pair, way in ways.items():
        found[pair] = [
            _compared(
                [_without(sums[step], steps[step][row]) for step in way],
                [steps[step][row] for step in way],
                [float(rates[step] or 0) for step in way],
            )
            for row in range(len(parts))
        ]
    return found


def step_samples(parts: Sequence[Funnel], whole: Funnel, index: int) -> list[tuple[float, float] | None]:
    """The sample of each segment behind the conversion to a stage, as it is held against the others."""
    origin = whole.stages[index].parent
    if origin is None or not are_aged(parts):
        return [decided_sample(part, index) for part in parts]
    held = against_others(parts, whole, [(origin, index)])[origin, index]
    return [each.standing for each in held]


def one_against_other(a: Funnel, b: Funnel, pair: tuple[int, int]) -> Compared:
    """A segment or another funnel against one of the same stages, in the conversion from one stage to another."""
    aged = are_aged([a, b])
    whole = a if a.open_at else b
    way = [*pairwise(_way(whole, *pair, aged, a.awaits or b.awaits))]
    first, second = ([_by_age(side, step, aged) for step in way] for side in (a, b))
    return _compared(first, second)


def _way(whole: Funnel, origin: int, index: int, aged: bool, awaits: bool = False) -> Sequence[int]:
    """The stages of a conversion whose steps are compared: both ends alone, where nobody is open between them."""
    way = whole.path_to(index, origin)[::-1]
    is_one = whole.hides_steps or ((aged or awaits) and not any(whole.stages[at].open for at in way[1:-1]))
    return [origin, index] if is_one else way


def _by_age(part: Funnel, step: tuple[int, int], aged: bool) -> ByAge:
    if not aged:
        return {"": _counted(part, *step)}
    found = {}
    for age in part.ages:
        rows = zip(part.stages, age.counts, age.open, strict=True)
        stages = tuple(stage._replace(count=count, open=waiting) for stage, count, waiting in rows)
        found[age.name] = _counted(part._replace(stages=stages), *step)
    return found


def _counted(part: Funnel, origin: int, index: int) -> Counted:
    if (told := part.sample_in_the_end(index, origin)) is not None:
        came, could = map(float, told)  # of an effective size: a sample all the same, which counts in parts are not
        return Counted(came, could, 0, could)  # type: ignore[arg-type]
    decided, units = part.decided(index, origin) or 0, part.stages[origin].count
    return Counted(part.stages[index].count, decided, units - decided, units)


def _together(parts: Sequence[ByAge]) -> ByAge:
    """Several segments added up, period by period."""
    sums: dict[str, list[Exact]] = {}
    for part in parts:
        for name, counted in part.items():
            row = sums.setdefault(name, [0] * len(counted))
            for at, number in enumerate(counted):
                row[at] += number
    return {name: Counted(*row) for name, row in sums.items()}


def _without(whole: ByAge, own: ByAge) -> ByAge:
    """All others together."""
    return {
        name: Counted(*(all_ - part for all_, part in zip(total, own[name], strict=True))) if name in own else total
        for name, total in whole.items()
    }


def _rate(steps: Sequence[ByAge]) -> Exact | None:
    """The product of the conversions of steps, exactly."""
    product: Exact = 1
    for step in steps:
        came = added(map(_exact, (each.came for each in step.values())))
        if not came:
            return 0
        product *= ratio(came, added(map(_exact, (each.decided for each in step.values())))) or 0
    return reduced(product)


def _exact(number: Exact | float) -> Exact:
    return Fraction(number) if isinstance(number, float) else number


def _compared(a: Sequence[ByAge], b: Sequence[ByAge], rates: Sequence[float] = ()) -> Compared:
    """A conversion over steps, where both are held against each other within periods; `rates` are those of all."""
    fours = [_four(own, other) for own, other in zip(a, b, strict=True)]
    samples = _product(fours)
    if samples is None:
        return NOT_COMPARED
    up = samples[2] * samples[1] > samples[0] * samples[3]
    more = [_younger(own, other) for own, other in zip(a, b, strict=True)]
    against = _product([_ended(four, each, up) for four, each in zip(fours, more, strict=True)]) if any(more) else None
    within = any(len(step) > 1 for step in a)
    rate = Fraction(samples[0] / samples[1]) if within else _rate(a)
    own = [about(four, common) for four, common in zip(fours, rates, strict=False) if four is not None]
    standing = sample_of_steps(own) if own else None
    return Compared(samples, rate, against, standing)


def _four(a: ByAge, b: ByAge) -> Four | None:
    strata = [(*a[name][:2], *b[name][:2]) for name in a if name in b]
    if len(strata) == len(a) == 1:
        return strata[0]  # type: ignore[return-value]
    whole = all(isinstance(each, int) for stratum in strata for each in stratum)
    possible = all(0 <= came <= could for each in strata for came, could in (each[:2], each[2:]))
    return alike(strata) if whole and possible else None  # type: ignore[arg-type]


def _product(fours: Sequence[Four | None]) -> Four | None:
    known = [four for four in fours if four is not None]
    if len(known) < len(fours):
        return None
    first, second = (sample_of_steps([(four[at], four[at + 1]) for four in known]) for at in (0, 2))
    return None if first is None or second is None else (*first, *second)


def _younger(a: ByAge, b: ByAge) -> float:
    """How many units more are open with B than with A of like age, for each that is decided; below 0, with A.

    0 where the shares that are open differ by no more than chance.
    """
    strata = [(a[name], b[name]) for name in a if name in b]
    strata = [pair for pair in strata if all(each.decided for each in pair)]
    if not any(each.waiting for pair in strata for each in pair):
        return 0.0
    opened = alike([(*map(float, first[2:]), *map(float, second[2:])) for first, second in strata])  # type: ignore[misc]
    if opened is None or two_proportion_test(*opened).p_value >= SURE:
        return 0.0
    apart = opened[2] / opened[3] - opened[0] / opened[1]
    if len(a) > 1 and abs(apart) < APART:
        return 0.0
    more = apart > 0
    total = weights = 0.0
    for first, second in strata:
        young, old = (second, first) if more else (first, second)
        weight = float(first.decided * second.decided / (first.decided + second.decided))
        excess = young.waiting - young.units * old.waiting / old.units
        total += weight * float(excess / young.decided)
        weights += weight
    return (total if more else -total) / weights


def _ended(four: Four | None, more: float, up: bool) -> Four | None:
    """The samples, if the units that are open with one side beyond the other's share end against the difference."""
    if four is None or not more:
        return four
    came_a, could_a, came_b, could_b = four
    if more > 0:
        return came_a, could_a, came_b + (0 if up else more * could_b), could_b * (1 + more)
    return came_a + (-more * could_a if up else 0), could_a * (1 - more), came_b, could_b
