"""What is expected in the end, from the ages at which units came, were lost, or are waiting still."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias, TypedDict, TypeVar

from funnelcli.events import ages
from funnelcli.events.definition import MICROSECONDS, PERIOD
from funnelcli.events.rows import PERIODS, SEGMENTS, TOTAL
from funnelcli.exact import reduced
from funnelcli.measure import Curve, Eventual
from funnelcli.stats.curve_points import binned, few_points
from funnelcli.stats.entered_again import Entrants, coming, nobody_entered
from funnelcli.stats.intervals import wilson_bounds
from funnelcli.stats.still_to_come import final_figure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from funnelcli.events.definition import Definition
    from funnelcli.exact import Exact
    from funnelcli.segments import Breakdown
    from funnelcli.stats.curve_points import Point
    from funnelcli.stats.entered_again import OfAge
    from funnelcli.stats.survival import CompetingRisks

    Told = TypeVar("Told", Eventual, Curve)


class EndsAndCurves(TypedDict):
    """What is noted of ends: those of the stages, and how entries come to the sale."""

    eventual: tuple[tuple[str, Eventual], ...]
    curves: tuple[tuple[str, Curve], ...]


_DIGITS = 12
"""Of what is estimated: more of them would tell nothing."""
_NOBODY = 1e-6
"""Fewer than that are no unit."""


StageAges: TypeAlias = dict[int, Entrants]


def add(stages: StageAges, stage: int, ending: int, age: int, units: int) -> None:
    """Add a row of ages to those of its stage."""
    if stage not in stages:
        stages[stage] = nobody_entered()
    of, how = divmod(ending, ages.ENDINGS)
    group = stages[stage][of]
    counted = group.waiting if how == ages.WAITING else group.came if how == ages.CAME else group.lost
    counted[age] = counted.get(age, 0) + units


def spread(definition: Definition, stages: StageAges) -> None:
    """Add the ages of stage 0, which are those of every stage if nobody had come, to each of them.

    They stay beside those: they know for how long who came was followed.
    """
    everyone = stages.setdefault(0, nobody_entered())
    for stage in ages.stages(definition):
        own = stages.get(stage, nobody_entered())
        stages[stage] = Entrants(*(some.and_(all_) for some, all_ in zip(own, everyone, strict=True)))


def ends(
    definition: Definition, found: Mapping[int, Mapping[str, StageAges]], breakdowns: Sequence[Breakdown]
) -> tuple[EndsAndCurves, dict[str, dict[str, EndsAndCurves]]]:
    """What is noted of the ends of all, and of segments by dimension.

    Periods go on as the curves of all do. One of which nobody is on the way has nothing noted: its counts tell its end.
    """
    found = {kind: dict(_with_somebody(parts)) for kind, parts in found.items()}
    everything = found.get(TOTAL, {}).get("", {})
    segments = {}
    for breakdown in breakdowns:
        if breakdown.dimension == PERIOD and definition.period:
            own = _of_periods(definition, everything, found.get(PERIODS, {}), breakdown)
        else:
            kind = SEGMENTS + [name for name, _ in definition.dimensions].index(breakdown.dimension)
            known = found.get(kind, {})
            own = {
                each.name: _of_all(definition, known[each.name]) for each in breakdown.segments if each.name in known
            }
        if own:
            segments[breakdown.dimension] = own
    return _of_all(definition, everything), segments


def _with_somebody(parts: Mapping[str, StageAges]) -> Iterator[tuple[str, StageAges]]:
    """What is told apart of which a stage has anybody left, with the stages that have."""
    for name, own in parts.items():
        stages = {stage: there for stage, each in own.items() if (there := each.there()).units.number}
        if any(stages):  # stage 0 tells only for how long the entries were followed
            yield name, stages


def _of_all(definition: Definition, followed: StageAges) -> EndsAndCurves:
    """The end of each stage, and the curve to the sale."""
    found = _ends(definition, followed)
    sale = definition.sale
    told = {sale: _curve(definition, followed[sale], found[sale].followed)} if sale in found else {}
    return {"eventual": _named(definition, found), "curves": _named(definition, told)}


def _of_periods(
    definition: Definition, everything: StageAges, waiting: Mapping[str, StageAges], breakdown: Breakdown
) -> dict[str, EndsAndCurves]:
    """The final figures of the periods of which somebody is on the way, and who that is."""
    if not waiting:
        return {}
    step = ages.cut_to(definition, PERIODS)
    told = {
        stage: (each.units.risks(), each.of_age(definition.window, step)) for stage, each in everything.items() if stage
    }
    whole = _ends(definition, everything)
    found = {}
    for name, counts in ((each.name, each.counts) for each in breakdown.segments if each.name in waiting):
        stages = {
            stage: _end_of_cohort(definition, (counts[0], counts[stage]), end, *told[stage], waiting[name].get(stage))
            for stage, end in whole.items()
        }
        still = waiting[name].get(definition.sale) if definition.sale else None
        curve = {definition.sale: Curve((), _ages(definition, still, ()))} if still is not None else {}
        found[name] = EndsAndCurves(eventual=_named(definition, stages), curves=_named(definition, curve))
    return found


def _named(definition: Definition, stages: Mapping[int, Told]) -> tuple[tuple[str, Told], ...]:
    return tuple((definition.names[stage], each) for stage, each in stages.items())


def _ends(definition: Definition, stages: StageAges) -> dict[int, Eventual]:
    """The ends of stages, of the same entries: any of them may tell for how long these were followed."""
    longest = max((_longest(each) for stage in stages.values() for each in stage.units), default=0)
    return {stage: _end(definition, each, longest) for stage, each in sorted(stages.items()) if stage}


def _longest(ages: Mapping[int, int]) -> int:
    return max(ages, default=0)


def _end(definition: Definition, followed: Entrants, oldest: int) -> Eventual:
    """The end of one stage: exactly what is counted where all are decided, and else what the curves tell.

    They tell it to the end of the window where somebody was followed until then, or where the `oldest` of the entries
    was and all that were followed for as long as the last who came, or was lost, have ended: nobody is left to come.
    """
    window, units = definition.window, followed.units
    longest = max(map(_longest, units))
    if window is not None and not units.young(window):
        return _decided(units.came.total(), units.number, window)
    known = longest if window is None else min(longest, window)
    if window is not None and oldest >= window and longest > _longest(units.waiting):
        known = window
    share, low, high, size = (_exact(each) for each in followed.in_the_end(window))
    if abs(float(share * units.number) - units.came.total()) < _NOBODY:
        share = reduced(Fraction(units.came.total(), units.number))  # nobody is expected yet: that is told exactly
    seconds = max(1, known // MICROSECONDS)  # for no time at all there is no word in the file
    if known == window:
        return Eventual(share, low, high, size, seconds, share)
    return Eventual(None, None, None, size, seconds, share)


def _decided(came: int, units: int, window: int) -> Eventual:
    low, high = (_exact(bound) for bound in wilson_bounds(came, units))
    share = reduced(Fraction(came, units))
    return Eventual(share, low, high, units, window // MICROSECONDS, share)


def _end_of_cohort(
    definition: Definition,
    counts: tuple[Exact, Exact],
    whole: Eventual,
    risks: CompetingRisks,
    of_age: Mapping[int, OfAge],
    waiting: Entrants | None,
) -> Eventual:
    """Of a cohort with so many entries, of whom so many came: the final figure, with the range of what it may be.

    As many entries tell as much as would bring in the end those who have come.
    """
    units, came = (int(each) for each in counts)
    assert definition.window is not None
    if waiting is None:
        return _decided(came, units, definition.window)
    so_far = reduced(Fraction(came, units))
    if whole.conversion is None:
        return Eventual(None, None, None, units, whole.followed, so_far)
    still = waiting.units.waiting
    final = final_figure(risks, came, still, coming(of_age, risks, still))
    share, low, high = (_exact(each / units) for each in final)
    telling = units * came / final.expected if came else units - waiting.units.number
    return Eventual(share, low, high, _exact(telling), whole.followed, so_far)


def _curve(definition: Definition, followed: Entrants, seconds: int) -> Curve:
    end = seconds * MICROSECONDS if definition.window is None else min(definition.window, seconds * MICROSECONDS)
    points = few_points(followed.risks(), MICROSECONDS, end)
    told = tuple((time, _exact(came), _exact(still)) for time, came, still in points)
    return Curve(told, _ages(definition, followed, points))


def _ages(definition: Definition, followed: Entrants, points: Sequence[Point]) -> tuple[tuple[int, int], ...]:
    """Those on their way, by their ages."""
    waiting = followed.units.young(definition.window)
    longest = max((*waiting, 1)) if definition.window is None else definition.window
    return binned(waiting, MICROSECONDS, longest, points)


def _exact(value: float) -> Exact:
    """An estimate as a number of so many digits."""
    return reduced(Fraction(f"{value:.{_DIGITS}g}"))
