"""Funnels with fewer of their stages: those that others have as well, or those whose conversions are known."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from funnelcli.analyses.rules import remembered
from funnelcli.diagnostics import Problem, quoted
from funnelcli.exact import Exact, added, plus, ratio
from funnelcli.metrics import METRICS, Selector
from funnelcli.model import Referral

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from funnelcli.model import Funnel
    from funnelcli.segments import CellCounts, Segment, Varied

OVERALL = "overall_conversion"
"""The one factor between the entries and the sales where the conversions of the steps are not known."""


def judged(funnel: Funnel) -> Funnel:
    """The funnel with the steps that it can be judged by: what is projected, aimed at, drawn and split into factors.

    Most are their own. Where losses at no known stage hide the steps, all of them to the sale are one.
    """
    return one_step(funnel) if funnel.hides_steps else funnel


def step_of(funnel: Funnel, index: int) -> Selector:
    """What the conversion to a stage is called; that of a whole funnel is the overall one."""
    if funnel.between and index == funnel.sale_stage:
        return Selector(METRICS[OVERALL])
    return Selector(METRICS["conversion"], funnel.stages[index].name)


def step_name(funnel: Funnel, index: int) -> str:
    """The name of a step: that of its stage, or `overall_conversion`."""
    selector = step_of(funnel, index)
    return selector.stage or selector.metric.name


def lost_somewhere(lost: int) -> str:
    """Why nothing is known of single steps, in one clause."""
    return f"at which stage {lost:,} {'was' if lost == 1 else 'were'} lost is not known"


def hidden(funnel: Funnel, selector: Selector) -> Problem | None:
    """Why a figure can be neither changed nor aimed at, where losses at no known stage hide it."""
    short = judged(funnel)
    to_sale = funnel.hides_steps and selector == Selector(METRICS["conversion"], funnel.names[funnel.sale_stage])
    if selector.stage not in short.between and not to_sale:
        return None
    return Problem(
        "FN118",
        f"{selector} can be neither changed nor aimed at: {lost_somewhere(funnel.stages[0].lost_unplaced or 0)}",
        f"take {OVERALL}, from the entries to {quoted(funnel.names[funnel.sale_stage])}",
    )


def one_step_taken(funnel: Funnel) -> Iterator[str]:
    """That the steps of a funnel are one, and why."""
    if funnel.between:
        unplaced = lost_somewhere(funnel.stages[0].lost_unplaced or 0)
        way = f"{funnel.names[0]} to {funnel.names[funnel.sale_stage]}"
        yield f"{unplaced}, so {way} is one step, with all who are open before it"


@remembered
def one_step(funnel: Funnel) -> Funnel:
    """The funnel with one step from the entry to the sale: its conversion is the overall one.

    Open units before the sale are open at the entry, with the mean of their chances to close where all are stated. What
    units of the stages between cost or bring is the entry's, on average, and so are those whom they refer.
    """
    sale, count = funnel.sale_stage, funnel.stages[0].count
    past = funnel.subtree(sale)
    kept = (0, *past) if sale else past
    short = reduced_to(funnel, kept)
    if not sale:
        return short
    between = [stage for index, stage in enumerate(funnel.stages) if index not in kept]
    way = [funnel.stages[index] for index in funnel.path_to(sale)[:-1]]
    waiting = [stage.open for stage in (funnel.stages[0], *between) if stage.open is not None]
    entry = short.stages[0]._replace(
        open=sum(waiting) if waiting else None,
        open_amounts=(),
        open_rest=None,
        close_chance=_mean_of_open(funnel, [stage.close_chance for stage in funnel.stages]),
        close_chance_sd=_mean_of_open(funnel, [stage.close_chance_sd or 0 for stage in funnel.stages]) or None,
        close_within=(),
        days_lost=None,
        days_lost_quantiles=None,
        cost=_shared(count, funnel.stages[0].cost, ((stage.count, stage.cost) for stage in between)),
    )
    if any(stage.average_order_value for stage in between):
        earned = ((stage.count, stage.average_order_value) for stage in between)
        entry = entry._replace(revenue=None, average_check=_shared(count, entry.average_order_value, earned))
    counted = all(stage.conversion is None for stage in way)
    last = short.stages[1]._replace(
        conversion=None if counted else ratio(way[0].count, count),
        target=None,
        days=funnel.days_to(sale),
        days_quantiles=way[0].days_quantiles if len(way) == 1 else None,
        allow_growth=any(stage.allow_growth for stage in way),
    )
    return short._replace(
        between=tuple(stage.name for stage in between),
        stages=(
            entry,
            last,
            *(
                funnel.stages[old]._replace(parent=new.parent)
                for old, new in zip(past[1:], short.stages[2:], strict=True)
            ),
        ),
        variation=None if funnel.variation is None else Fraction(float(funnel.variation) * math.sqrt(len(way))),
        varied=funnel.varied and _varied(funnel.varied, kept),
        referral=_referral(funnel, kept),
    )


def _mean_of_open(funnel: Funnel, figures: Sequence[Exact | None]) -> Exact | None:
    """The mean figure of the open units before the sale, which are high or low together; `None` where one has none."""
    past = funnel.subtree(funnel.sale_stage)
    pairs = [(stage.open or 0, figures[index]) for index, stage in enumerate(funnel.stages) if index not in past]
    known = [(number, figure) for number, figure in pairs if number and figure is not None]
    whole = sum(number for number, _ in known)
    if not whole or len(known) < sum(number > 0 for number, _ in pairs):
        return None
    return ratio(added(number * figure for number, figure in known), whole)


def _shared(units: Exact, own: Exact | None, others: Iterable[tuple[Exact, Exact | None]]) -> Exact | None:
    """Money of one unit of the entry, with its share in that of units further on."""
    known = [count * money for count, money in others if money is not None]
    return own if not known or not units else plus(own or 0, ratio(added(known), units))


def _varied(varied: Varied, kept: Sequence[int]) -> Varied:
    """What is known of the variation, of the stages that are kept."""
    places = {old: new for new, old in enumerate(kept)}
    spreads = (((places.get(origin), places.get(index)), found) for (origin, index), found in varied.spreads)
    return varied._replace(spreads=tuple((pair, found) for pair, found in spreads if None not in pair))  # type: ignore[misc]


def _referral(funnel: Funnel, kept: Sequence[int]) -> Referral | None:
    """The referral between stages that are kept; units of a stage between bring as many a unit of the entry."""
    if funnel.referral is None:
        return None
    source, brings, target = funnel.referral
    if source not in kept:
        share = ratio(funnel.stages[source].count, funnel.stages[0].count)
        source, brings = 0, brings * (share or 0)
    return Referral(kept.index(source), brings, kept.index(target)) if target in kept else None


def reduced_to(funnel: Funnel, kept: Sequence[int]) -> Funnel:
    """The funnel with some of its stages, each coming from the nearest kept one above it; the first is the entry.

    Units that are open at a stage between two of them may still go on from the one to the other: they are open there.
    """
    places = {old: new for new, old in enumerate(kept)}
    homes = _homes(funnel, kept)
    stages = []
    for new, old in enumerate(kept):
        # without an ancestor among the kept stages, it comes from the entry: counts can still be compared
        source = next((places[at] for at in funnel.path_to(old)[1:] if at in places), 0) if new else None
        stage = funnel.stages[old]._replace(parent=source, conversion=None)
        more = sum(funnel.stages[at].open or 0 for at in homes[old])
        stages.append(stage._replace(open=(stage.open or 0) + more, open_amounts=(), open_rest=None) if more else stage)
    breakdowns = tuple(
        breakdown._replace(segments=tuple(each._replace(**_counts_of(each, homes)) for each in breakdown.segments))
        for breakdown in funnel.breakdowns
    )
    cells = tuple(cell._replace(**_counts_of(cell, homes)) for cell in funnel.cells)
    ages = tuple(each._replace(**_counts_of(each, homes)) for each in funnel.ages)
    return funnel._replace(stages=tuple(stages), breakdowns=breakdowns, cells=cells, ages=ages, referral=None)


def _counts_of(part: Segment | CellCounts, homes: dict[int, list[int]]) -> dict[str, Any]:
    """The counts and open units of a segment or cell at the stages that are kept."""
    return {
        "counts": tuple(part.counts[old] for old in homes),
        "open": tuple(sum(part.open[at] for at in (old, *more)) for old, more in homes.items() if part.open),
        "open_amounts": tuple(
            () if more else part.open_amounts[old] for old, more in homes.items() if part.open_amounts
        ),
    }


def _homes(funnel: Funnel, kept: Sequence[int]) -> dict[int, list[int]]:
    """For each kept stage the others below it that lie on the way to a next one."""
    homes: dict[int, list[int]] = {old: [] for old in kept}
    on_the_way = {at for old in kept for at in funnel.path_to(old)}
    for at in sorted(on_the_way.difference(kept)):
        above = next((each for each in funnel.path_to(at) if each in homes), None)
        if above is not None:
            homes[above].append(at)
    return homes
