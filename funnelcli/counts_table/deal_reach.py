"""How far each deal came, by the stage where it sits and by the dates of its stages."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.deal_states import LOST, WON
from funnelcli.diagnostics import joined, many, quoted, verb
from funnelcli.exact import ratio, reduced

if TYPE_CHECKING:
    from funnelcli.counts_table.deal_stages import StageOrder
    from funnelcli.counts_table.deals import Deals, Pipeline
    from funnelcli.exact import Exact

NOWHERE = -1
"""Where a deal sits that is not open."""


class UnitReach(NamedTuple):
    """How far the units of rows came, in the order of the rows.

    `furthest` are indices of stages, `sits` those where open units are, else `NOWHERE`. Of lost deals whose rows are
    among `unknown` nothing tells where they were lost: they count at the first stage.
    """

    rows: list[int]
    furthest: list[int]
    sits: list[int]
    unknown: frozenset[int] = frozenset()

    @property
    def at_the_furthest(self) -> UnitReach:
        """The same with open units at the furthest stage that they reached."""
        both = zip(self.furthest, self.sits, strict=True)
        return self._replace(sits=[far if sits != NOWHERE else NOWHERE for far, sits in both])

    @property
    def went_back(self) -> int:
        """How many open units sit before the furthest stage that they reached."""
        return sum(NOWHERE < sits < far for far, sits in zip(self.furthest, self.sits, strict=True))


def reach_of(pipeline: Pipeline, order: StageOrder, said: list[str]) -> UnitReach:
    """How far the deals of a pipeline came; what was taken for granted is said."""
    last = len(order.names)
    rows, states, stages = pipeline.rows, pipeline.deals.states, pipeline.deals.stages
    furthest_dated = [NOWHERE] * len(rows)
    dated_stages = [0] * len(rows)
    dated = [(place, each.moments) for place, each in enumerate(order.dated) if each is not None]
    for place, moments in dated:
        for at, row in enumerate(rows):
            if moments[row] is not None:
                furthest_dated[at] = place
                dated_stages[at] += 1
    below = [sum(place < far for place, _ in dated) for far in range(last + 1)]
    places = {name: order.place_of(name) for name in set(stages)}
    furthest, sitting, unknown = [], [], set()
    skipped = again = 0
    once = None if pipeline.won is None else pipeline.won.moments
    for row, by_date, number in zip(rows, furthest_dated, dated_stages, strict=True):
        state, sits = states[row], places[stages[row]]
        far = by_date
        if state == WON:
            far = last
        else:
            if sits is not None and sits > far:
                far = sits
            if once is not None and once[row] is not None:
                far, again = last - 1, again + 1
        if far < 0:
            far = 0
            if state == LOST:
                unknown.add(row)
        skipped += number - (by_date == far) < below[far]
        furthest.append(far)
        sitting.append(sits if state not in (WON, LOST) and sits is not None else NOWHERE)
    found = UnitReach(rows, furthest, sitting, frozenset(unknown))
    _say(found, order, skipped, unplaced_losses(pipeline.deals, found, last), said)
    if again:
        said.append(f"{many(again, 'deal')} once won {verb(again, 'are')} open or lost now, and counted so: no sale")
    return found


def _say(found: UnitReach, order: StageOrder, skipped: int, unplaced: int, said: list[str]) -> None:
    """What was taken for granted."""
    last = len(order.names)
    several = last > 1
    is_dated = any(each is not None for each in order.dated)
    if not is_dated and several:
        said.append("no column has dates of stages: a deal at a stage counts as having passed those before it")
    elif skipped:
        said.append(f"{many(skipped, 'deal')} skipped a stage and {verb(skipped, 'count')} as having passed it")
    if found.unknown and several:
        number, first = len(found.unknown), quoted(order.names[0])
        hidden = ", and no conversion of a single step is known" if unplaced else ""
        said.append(
            f"{many(number, 'lost deal')} of which no stage is known {verb(number, 'count')} at the first one only, "
            f"{first}: how many of them came further is not known, so the later counts may be too low{hidden}"
        )
    undated = [quoted(order.names[place]) for place, each in enumerate(order.dated) if each is None and place]
    if is_dated and undated:
        said.append(f"no column has dates of {joined(undated)}: a lost deal counts up to the last stage with a date")


FEW_UNKNOWN = 10
"""One in so many lost deals whose stage is not known tells little of the steps; more of them hide the steps."""


def unplaced_losses(deals: Deals, reached: UnitReach, last: int) -> int:
    """The lost deals of which nobody knows at which of several stages, where they are more than a few of the lost.

    `last` is the index of the won stage.
    """
    lost = sum(deals.states[row] == LOST for row in reached.rows)
    unknown = len(reached.unknown.intersection(reached.rows))
    return unknown if unknown * FEW_UNKNOWN > lost and last > 1 else 0


def win_rate(deals: Deals, reached: UnitReach, place: int) -> Exact | None:
    """Won of all that are decided and may have been at a stage: a chance that an open deal there has at least.

    In hundredths of a percent, as it is written down.
    """
    both = zip(reached.rows, reached.furthest, strict=True)
    states = [deals.states[row] for row, far in both if far >= place or row in reached.unknown]
    found = ratio(states.count(WON), states.count(WON) + states.count(LOST))
    return None if found is None else reduced(Fraction(round(found * 10_000), 10_000))
