"""What is expected in the end, from the ages at which units came, were lost, or are waiting still."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from funnelcli.events import ages, entries
from funnelcli.events.definition import MICROSECONDS, PERIOD
from funnelcli.exact import reduced
from funnelcli.measure import Curve, Eventual
from funnelcli.stats.entered_again import Entrants, nobody
from funnelcli.stats.intervals import wilson_bounds
from funnelcli.stats.still_to_come import binned, few_points, final_figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.events.definition import Definition
    from funnelcli.exact import Exact
    from funnelcli.model import Breakdown
    from funnelcli.stats.survival import CompetingRisks

    Curves: TypeAlias = tuple[tuple[str, Curve], ...]
    Ends: TypeAlias = tuple[tuple[str, Eventual], ...]

_DIGITS = 12
"""Of what is estimated: more of them would tell nothing."""


StageAges: TypeAlias = dict[int, Entrants]


def add(stages: StageAges, stage: int, ending: int, age: int, units: int) -> None:
    """Add a row of ages to those of its stage."""
    if stage not in stages:
        stages[stage] = Entrants(nobody(), nobody(), nobody(), nobody())
    of, how = divmod(ending, ages.ENDINGS)
    waiting, came, lost = ages.WAITING, ages.CAME, ages.LOST
    group = stages[stage][of]
    {waiting: group.waiting, came: group.came, lost: group.lost}[how][age] += units


def ends(
    definition: Definition, found: Mapping[int, Mapping[str, StageAges]], breakdowns: Sequence[Breakdown]
) -> tuple[Ends, Curves, dict[str, dict[str, Ends]]]:
    """The ends of all, their curves, and the ends of segments by dimension; periods go on as the curves of all do."""
    found = {
        kind: {
            name: {stage: there for stage, each in own.items() if (there := each.there()).units.number}
            for name, own in parts.items()
        }
        for kind, parts in found.items()
    }
    everything = found.get(ages.ALL, {}).get("", {})
    risks = {stage: each.risks() for stage, each in everything.items()}
    whole = {stage: _end(definition, each) for stage, each in everything.items()}
    curves = tuple(
        (definition.names[stage], _curve(definition, each, risks[stage], whole[stage].followed))
        for stage, each in sorted(everything.items())
    )
    segments: dict[str, dict[str, Ends]] = {}
    for breakdown in breakdowns:
        if breakdown.dimension == PERIOD and definition.period:
            waiting = found.get(entries.PERIODS, {})
            parts = [
                (each.name, {
                    stage: _end_of_cohort(definition, (each.counts[0], each.counts[stage]), end, risks[stage],
                                          waiting.get(each.name, {}).get(stage))
                    for stage, end in whole.items()
                })
                for each in breakdown.segments
                if definition.window is not None
            ]  # fmt: skip
        else:
            kind = entries.SEGMENTS + [name for name, _ in definition.dimensions].index(breakdown.dimension)
            known = found.get(kind, {})
            parts = [
                (each.name, {stage: _end(definition, own) for stage, own in known[each.name].items()})
                for each in breakdown.segments
                if each.name in known
            ]
        if any(stages for _, stages in parts):
            segments[breakdown.dimension] = {name: _named(definition, stages) for name, stages in parts}
    return _named(definition, whole), curves, segments


def _named(definition: Definition, stages: Mapping[int, Eventual]) -> Ends:
    return tuple((definition.names[stage], end) for stage, end in sorted(stages.items()))


def _end(definition: Definition, followed: Entrants) -> Eventual:
    """The end of one stage: exactly what is counted where all are decided, and else what the curves tell."""
    window, units = definition.window, followed.units
    longest = max(age for each in units for age in each)
    if window is not None and not units.young(window):
        return _decided(units.came.total(), units.number, window)
    known = longest if window is None else min(longest, window)
    share, low, high, size = (_exact(each) for each in followed.in_the_end(window))
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
    final = final_figure(risks, came, waiting.units.waiting)
    share, low, high = (_exact(each / units) for each in final)
    telling = units * came / final.expected if came else units - waiting.units.number
    return Eventual(share, low, high, _exact(telling), whole.followed, so_far)


def _curve(definition: Definition, followed: Entrants, risks: CompetingRisks, seconds: int) -> Curve:
    end = seconds * MICROSECONDS if definition.window is None else min(definition.window, seconds * MICROSECONDS)
    points = tuple((time, _exact(came), _exact(still)) for time, came, still in few_points(risks, MICROSECONDS, end))
    waiting = followed.units.young(definition.window)
    longest = max((*waiting, 1)) if definition.window is None else definition.window
    return Curve(points, binned(waiting, MICROSECONDS, longest))


def _exact(value: float) -> Exact:
    """An estimate as a number of so many digits."""
    return reduced(Fraction(f"{value:.{_DIGITS}g}"))
