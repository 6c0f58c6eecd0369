"""What is expected in the end, from the ages at which units came, were lost, or are waiting still."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from funnelcli.events import ages, entries
from funnelcli.events.definition import MICROSECONDS, PERIOD
from funnelcli.exact import reduced
from funnelcli.measure import Curve, Eventual
from funnelcli.stats.intervals import wilson_bounds
from funnelcli.stats.still_to_come import binned, few_points, final_figure
from funnelcli.stats.survival import competing_risks

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


class EndedUnits(NamedTuple):
    """Units of one stage by the age, in microseconds, at which they came or were lost, or for which they wait."""

    came: dict[int, int]
    lost: dict[int, int]
    waiting: dict[int, int]

    @property
    def units(self) -> int:
        """How many there are."""
        return sum(sum(each.values()) for each in self)

    def young(self, window: int | None) -> dict[int, int]:
        """Those whose window is open."""
        return {age: units for age, units in self.waiting.items() if window is None or age < window}


StageAges: TypeAlias = dict[int, EndedUnits]


def add(stages: StageAges, stage: int, ending: int, age: int, units: int) -> None:
    """Add a row of ages to those of its stage."""
    known = stages.setdefault(stage, EndedUnits({}, {}, {}))
    group = {ages.CAME: known.came, ages.LOST: known.lost, ages.WAITING: known.waiting}[ending]
    group[age] = group.get(age, 0) + units


def ends(
    definition: Definition, found: Mapping[int, Mapping[str, StageAges]], breakdowns: Sequence[Breakdown]
) -> tuple[Ends, Curves, dict[str, dict[str, Ends]]]:
    """The ends of all, their curves, and the ends of segments by dimension; periods go on as the curves of all do."""
    everything = found.get(ages.ALL, {}).get("", {})
    risks = {stage: competing_risks(*each, closes=True) for stage, each in everything.items()}
    whole = {stage: _end(definition, each, risks[stage]) for stage, each in everything.items()}
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


def _end(definition: Definition, followed: EndedUnits, risks: CompetingRisks | None = None) -> Eventual:
    """The end of one stage: exactly what is counted where all are decided, and else what the curve tells."""
    window, units = definition.window, followed.units
    young = sum(followed.young(window).values())
    came = sum(followed.came.values())
    longest = max(age for each in followed for age in each)
    if window is not None and not young:
        return _decided(came, units, window)
    known = longest if window is None else min(longest, window)
    end = (risks or competing_risks(*followed, closes=True)).in_the_end(known, units - young)
    share, low, high, size = (_exact(each) for each in end)
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
    waiting: EndedUnits | None,
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
    final = final_figure(risks, came, waiting.waiting)
    share, low, high = (_exact(each / units) for each in final)
    telling = units * came / final.expected if came else units - waiting.units
    return Eventual(share, low, high, _exact(telling), whole.followed, so_far)


def _curve(definition: Definition, followed: EndedUnits, risks: CompetingRisks, seconds: int) -> Curve:
    end = seconds * MICROSECONDS if definition.window is None else min(definition.window, seconds * MICROSECONDS)
    points = tuple((time, _exact(came), _exact(still)) for time, came, still in few_points(risks, MICROSECONDS, end))
    waiting = followed.young(definition.window)
    longest = max((*waiting, 1)) if definition.window is None else definition.window
    return Curve(points, binned(waiting, MICROSECONDS, longest))


def _exact(value: float) -> Exact:
    """An estimate as a number of so many digits."""
    return reduced(Fraction(f"{value:.{_DIGITS}g}"))
