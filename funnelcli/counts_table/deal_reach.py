"""How far each deal came, by the stage where it sits and by the dates of its stages."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.deal_states import LOST, OPEN, WON
from funnelcli.counts_table.row_causes import many
from funnelcli.diagnostics import joined, quoted

if TYPE_CHECKING:
    from funnelcli.counts_table.deal_stages import StageOrder
    from funnelcli.counts_table.deals import Deal, Pipeline


class DealReach(NamedTuple):
    """How far a deal came: the index of the furthest stage, and of the one where it sits while it is open.

    `known` is false for a lost deal of which nothing tells where it was lost: it counts at the first stage.
    """

    deal: Deal
    furthest: int
    sits: int | None
    known: bool


def reaches(pipeline: Pipeline, order: StageOrder, said: list[str]) -> list[DealReach]:
    """The reach of each deal of a pipeline; what was taken for granted is said."""
    last = len(order.names)
    dated = [(place, each.moments) for place, each in enumerate(order.dated) if each is not None]
    places: dict[str, int | None] = {}
    found = []
    skipped = unknown = back = 0
    for deal in pipeline.deals:
        row, state = deal.row, deal.state
        if deal.stage not in places:
            places[deal.stage] = order.place_of(deal.stage)
        sits = places[deal.stage]
        own = [place for place, moments in dated if row in moments]
        furthest = max(own, default=-1)
        if state == WON:
            furthest = last
        elif sits is not None:
            furthest = max(furthest, sits)
        known = furthest >= 0
        furthest = max(furthest, 0)
        if state == LOST:
            unknown += not known
        elif state == OPEN and sits is not None:
            back += sits < furthest
        if dated:
            skipped += sum(place < furthest for place, _ in dated) > sum(place < furthest for place in own)
        found.append(DealReach(deal, furthest, sits if state == OPEN else None, known))
    if not dated:
        if last > 1:
            said.append("no column has dates of stages: a deal at a stage counts as having passed those before it")
    elif skipped:
        said.append(
            f"{many(skipped, 'deal')} skipped a stage and {'counts' if skipped == 1 else 'count'} as having passed it"
        )
    if back:
        said.append(f"{many(back, 'open deal')} went back: the furthest stage counts as reached")
    if unknown and last > 1:
        first = quoted(order.names[0])
        said.append(
            f"{many(unknown, 'lost deal')} of which no stage is known {'counts' if unknown == 1 else 'count'} at the "
            f"first one only, {first}: how many of them came further is not known, and later counts may be too low"
        )
    undated = [quoted(order.names[place]) for place, each in enumerate(order.dated) if each is None and place]
    if dated and undated:
        said.append(f"no column has dates of {joined(undated)}: a lost deal counts up to the last stage with a date")
    return found
