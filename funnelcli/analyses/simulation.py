"""What a funnel may bring, given what is known of its rates: sales, revenue and profit as distributions."""

from __future__ import annotations

import math
from array import array
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses import economics
from funnelcli.analyses.ends import base_is_end, base_of, telling, unmet_on_the_way
from funnelcli.analyses.fewer_stages import judged, step_name
from funnelcli.analyses.figures import VALUES_OF_ALL
from funnelcli.analyses.flows import moments, sampled
from funnelcli.analyses.losses import in_the_end, losing, losses_show
from funnelcli.analyses.open_money import open_money_taken, with_open_money
from funnelcli.analyses.outcomes import (
    IN_THE_LONG_RUN,
    NEXT_PERIOD,
    amounts_of,
    check_spreads,
    flow,
    prices_of,
)
from funnelcli.analyses.periods import end_of_next, length_of_next, together
from funnelcli.analyses.projection import BUDGET_STAYS, apply, counts_taken
from funnelcli.analyses.rates import Rate, counted_in_parts, rate_in_the_end, with_open
from funnelcli.analyses.rules import referral_rate
from funnelcli.analyses.variation import rate_variation, variation_taken
from funnelcli.diagnostics import Problem, quoted
from funnelcli.exact import Exact, ratio
from funnelcli.model import Funnel, RateRange
from funnelcli.stats.draws import Distribution, Draws, distribution, percentile, share_reaching
from funnelcli.stats.sampling import DEFAULT_DRAWS, DEFAULT_SEED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from funnelcli.analyses.flows import Moments, Node, Price, Progress
    from funnelcli.measure import Cut
    from funnelcli.metrics import Selector
    from funnelcli.what_if import Change, Check, Scenario

METRICS = ("sales", "revenue", "profit")
"""What is simulated, and what a goal can be set for."""
UNEXPLAINED = 0.02
"""A mean further than this from the figure at the measured rates is explained."""


class GoalChance(NamedTuple):
    """A limit on a metric, and the share of the draws that keep it; `None` where that says nothing.

    `now` is the figure of the funnel that the limit is a change of, where it is one.
    """

    metric: str
    operator: str
    value: Exact
    chance: float | None
    now: Exact | None = None


class SimulatedStep(NamedTuple):
    """A step's rate as it is known: its mean, its central 90% range, and where it comes from.

    `measured` is the rate of the counts where the flat prior moves the mean away from it. `variation` is how much the
    true rate varies from period to period, its coefficient of variation, where that is known.
    """

    name: str
    mean: float
    low: float
    high: float
    basis: str
    measured: Exact | None = None
    variation: float | None = None


class CheckSpread(NamedTuple):
    """An average check whose spread is known: its mean, the deviation of a single one, and the mean's standard error.

    The error is that of as many checks as were counted; 0 where the mean is certain.
    """

    name: str
    mean: float
    deviation: float
    standard_error: float


class Simulation(NamedTuple):
    """The distributions of a funnel's results: of the `next_period`, or of its mean in the long run.

    The next period has the luck of its units and of their money, and of its rates where they vary. `variance_shares`
    are shares of the variance of the metric `variance_of`: what each step's uncertainty causes alone, the other rates
    at their means. `noise_share` comes from units coming by chance, `money_share` from the spread of average checks,
    and `joint_share` from several of these together; all of them sum to 1, and are `None` where nothing is uncertain.
    `prior_shift` is how far the flat prior moves the mean revenue, or mean sales, relative to that at the rates as
    counted, and `prior_explains` are the steps whose few counts let it, the most first; none where that is by less than
    2%. `until` is the last day of the next period, where the calendar tells it,
    and `length` the periods together that it is as long as, where the counts are of several, or what is covered of one
    that is `cut`. Of `unmet` stages, which no event met, no rate is known: where one is on the way
    to sales or money, there are no `metrics`.
    `in_the_end` is that of a `ScenarioReport`: what is drawn and what is `measured` are of the same base.
    """

    file: str | None
    document: int
    name: str
    period: str | None
    currency: str | None
    scenario: str | None
    sale_stage: str
    seed: int
    draws: int
    next_period: bool
    metrics: dict[str, Distribution]
    goal: GoalChance | None
    variance_of: str
    variance_shares: dict[str, float | None]
    noise_share: float | None
    joint_share: float | None
    steps: tuple[SimulatedStep, ...]
    assumptions: tuple[str, ...]
    money_share: float | None
    check_spread: tuple[CheckSpread, ...]
    prior_explains: tuple[str, ...]
    prior_shift: float | None
    until: str | None
    length: str | None
    sales_called: str = "sales"
    cut: tuple[Cut, ...] = ()
    unmet: tuple[str, ...] = ()
    in_the_end: bool | None = None


def simulate(
    funnel: Funnel,
    scenario: Scenario | None = None,
    goal: Check | None = None,
    draws: int = DEFAULT_DRAWS,
    seed: int = DEFAULT_SEED,
    next_period: bool = True,
    progress: Progress | None = None,
) -> Simulation | Problem:
    """The distributions of sales, revenue and profit; the same for the same arguments, wherever it runs.

    They are those of the next period, of the same entries, else of the mean of such periods in the long run. A step's
    rate is Beta(1 + came, 1 + left) of its counts, or the Beta distribution whose central 90% are a stated range;
    entries, money and rates without a sample are certain. In a scenario a rate that is set is certain, and any other
    change moves the uncertain rate, up to 100%. `progress` is told how many draws are made.
    """
    k = referral_rate(funnel)
    if k is not None and k >= 1:
        return Problem(
            "FN118",
            f"the referral grows without bound: each brings {float(k):.3g} more",
            "lower its brings below 1 in all",
        )
    whole, funnel = funnel, judged(funnel)
    projected = apply(whole, scenario.changes) if scenario else base_of(funnel)
    if isinstance(projected, Problem):
        return projected
    changes = scenario.changes if scenario else ()
    plain = flow(funnel, projected, changes)
    nodes = flow(funnel, projected, changes, NEXT_PERIOD if next_period else IN_THE_LONG_RUN)
    sale = funnel.sale_stage
    ended, after = judged(with_open_money(whole)), projected
    if ended is not funnel:
        other = apply(with_open_money(whole), changes)
        assert not isinstance(other, Problem), "another check changes nothing of what can be"
        after = other
    prices = prices_of(ended, after, changes)
    amounts = amounts_of(after, sale, prices)
    if goal is not None and goal.selector.metric.name not in amounts:
        lacking = "an average_check" if economics.revenue(projected) is None else "a budget, a cost or a gross_margin"
        if projected.unbudgeted:
            lacking = "a budget, or one to each segment"
        return Problem("FN118", f"{quoted(funnel.name)} has no {goal.selector.metric.name}", f"give it {lacking}")
    unmet = _unmet(whole, changes)
    exact = {name: moments(nodes, amount, next_period, prices) for name, amount in amounts.items()}
    metrics: dict[str, Distribution] = {}
    reached = None
    outcomes = sampled(nodes, tuple(amounts.values()), draws, seed, next_period, progress, prices)
    for (name, each), values in zip(exact.items(), outcomes, strict=True):
        measured = VALUES_OF_ALL[name](projected, sale) or 0
        if len(values) == 1:
            values = Draws(array("d", [float(measured)]))
        by_chance = next_period and name == "sales"
        metrics[name] = distribution(measured, each.mean, each.variance, values, draws, by_chance)
        if goal is not None and goal.selector.metric.name == name and isinstance(goal.limit, (int, Fraction)):
            chance = None if unmet else share_reaching(values, goal.operator, goal.limit)
            reached = GoalChance(name, goal.operator, goal.limit, chance, goal.now)
    about = reached.metric if reached else "revenue" if "revenue" in metrics else "sales"
    shares, noise_share, money_share, joint_share = _shares(funnel, exact[about])
    steps = tuple(_steps(telling(funnel), nodes, plain))
    main = "revenue" if "revenue" in metrics else "sales"
    away = _prior_shift(exact[main].mean, moments(_as_measured(plain, steps), amounts[main], False, prices).mean)
    return Simulation(
        **funnel.heading,
        scenario=scenario.name if scenario else None,
        sale_stage=funnel.stages[sale].name,
        seed=seed,
        draws=draws,
        next_period=next_period,
        metrics={} if unmet else metrics,
        goal=reached,
        variance_of=about,
        variance_shares=shares,
        noise_share=noise_share,
        joint_share=joint_share,
        steps=steps,
        assumptions=(*_assumptions(funnel, projected, plain, next_period, prices), *open_money_taken(whole)),
        money_share=money_share,
        check_spread=tuple(
            CheckSpread(funnel.stages[each.node].name, each.mean, each.deviation, each.error)
            for each in check_spreads(ended, after, changes)
        ),
        prior_explains=() if away is not None and abs(away) <= UNEXPLAINED else tuple(_moved_most(steps)),
        prior_shift=away,
        until=end_of_next(funnel.period) if next_period and not whole.cuts else None,
        length=(whole.cut.length if whole.cut else together(funnel)) if next_period else None,
        cut=whole.cuts,
        unmet=unmet,
        in_the_end=base_is_end(whole),
    )


def _unmet(funnel: Funnel, changes: Sequence[tuple[Selector, Change]]) -> tuple[str, ...]:
    """The stages that sales and money need and no event met, whose conversion or count no change sets."""
    told = {each.stage for each, change in changes if each.metric.name in ("conversion", "count") and change.sets}
    return tuple(name for name in unmet_on_the_way(funnel) if name not in told)


def _prior_shift(mean: float, measured: float) -> float | None:
    """How far the mean is from the figure at the measured rates, relative to that; `None` from 0."""
    return mean / measured - 1 if measured else None if mean else 0.0


def _as_measured(nodes: Sequence[Node], steps: Sequence[SimulatedStep]) -> list[Node]:
    """The nodes with the rates of the counts in place of those that the prior has moved."""
    told = iter(steps)
    found = []
    for node in nodes:
        rates = ((origin, rate, next(told).measured) for origin, rate in node.inflows)
        inflows = tuple((origin, rate if own is None else Rate(float(own))) for origin, rate, own in rates)
        found.append(node._replace(inflows=inflows))
    return found


def _moved_most(steps: Iterable[SimulatedStep]) -> Iterator[str]:
    """The steps that the flat prior moves, the most first."""
    moved = [(abs(each.mean / float(each.measured) - 1) if each.measured else math.inf, each) for each in steps]
    known = [pair for pair in moved if pair[1].measured is not None and pair[0] > UNEXPLAINED / 4]
    yield from (each.name for _, each in sorted(known, key=lambda pair: -pair[0]))


def _shares(funnel: Funnel, exact: Moments) -> tuple[dict[str, float | None], float | None, float | None, float | None]:
    """Of the variance: each step's share alone, that of chance, that of money, and that of several together."""
    steps = [(step_name(funnel, index), own) for index, own in enumerate(exact.own) if index]
    if not exact.variance:
        return dict.fromkeys((name for name, _ in steps), None), None, None, None
    shares: dict[str, float | None] = {name: own / exact.variance for name, own in steps}
    noise, money = exact.noise / exact.variance, exact.money / exact.variance
    alone = math.fsum([noise, money, *(own / exact.variance for _, own in steps)])
    return shares, noise, money, max(0.0, 1 - alone)


def _steps(funnel: Funnel, nodes: Sequence[Node], plain: Sequence[Node]) -> Iterator[SimulatedStep]:
    """The steps by their rates; the `plain` nodes are those without a variation between periods."""
    for index, (node, before) in enumerate(zip(nodes, plain, strict=True)):
        for (origin, rate), (_, known) in zip(node.inflows, before.inflows, strict=True):
            grid = rate.grid()
            mean, low, high = rate.moments()[0], percentile(grid, 5), percentile(grid, 95)
            stage, decided = funnel.stages[index], funnel.decided(index, origin)
            counted = stage.conversion is None and not known.is_certain and known == rate_in_the_end(funnel, index)
            measured = in_the_end(funnel, index, ratio(stage.count, decided)) if counted else None
            if counted and (told := funnel.sample_in_the_end(index, origin)) is not None:
                measured = ratio(*told)
            if counted and (waiting := with_open(funnel, index)) is not None:
                measured = ratio(waiting.came, waiting.could)
            varies = rate_variation(funnel, index, origin) or None
            basis = _basis(funnel, index, origin, known)
            yield SimulatedStep(step_name(funnel, index), mean, low, high, basis, measured, varies)


def _basis(funnel: Funnel, index: int, origin: int, rate: Rate) -> str:
    """Where a rate comes from, in a few words."""
    stage, above = funnel.stages[index], funnel.decided(index, origin)
    stated_range = isinstance(stage.conversion, RateRange)
    if funnel.is_unmet(index):
        return "no event met it"
    if rate.is_certain:
        return "stated" if stage.conversion is not None and not stated_range else "certain"
    known = "stated range" if stated_range else f"{_units(stage.count)} of {_units(above)}" if above else "no sample"
    known += ", and days_lost" if losing(funnel, index) else ""
    if funnel.sample_in_the_end(index, origin) is not None:
        known += ", expected in the end"
    if with_open(funnel, index) is not None:
        known = f"{stage.count:,} of {funnel.stages[origin].count:,}, and close_chance"
    return known if rate == rate_in_the_end(funnel, index) else f"{known}, changed"


def _units(count: Exact) -> str:
    return f"{count:,}" if isinstance(count, int) else f"{float(count):,.2f}"


def _assumptions(
    funnel: Funnel,
    projected: Funnel,
    nodes: Sequence[Node],
    next_period: bool,
    prices: Sequence[Price],
) -> Iterator[str]:
    """What the distributions take for granted, one clause each."""
    spread = {price.node for price in prices}
    paid = [index for index in projected.money_stages if projected.stages[index].average_order_value]
    yield "steps are independent of each other"
    if projected.budget and projected.budget == funnel.budget and projected.stages[0].count != funnel.stages[0].count:
        yield BUDGET_STAYS
    same_margin = projected.gross_margin == funnel.gross_margin
    if same_margin and any(
        after.average_order_value != before.average_order_value
        for before, after in zip(funnel.stages, projected.stages, strict=True)
    ):
        yield from economics.share_taken(projected)
    if not spread:
        yield "entries and average checks are certain"
    else:
        yield "entries are certain"
        same = [funnel.stages[index].name for index in paid if index not in spread]
        if same:
            yield f"the average check is certain, as no sd is given: {', '.join(same)}"
        sure = [funnel.stages[price.node].name for price in prices if not price.error]
        if sure:
            yield f"the mean of the average check is certain: {', '.join(sure)}"
        if any(funnel.stages[index].check_units is None for index in spread):
            yield "no whole number of sales tells how well the average check is known"
    yield from counts_taken(funnel)
    yield from counted_in_parts(funnel)
    certain = [
        step_name(funnel, index) for index, node in enumerate(nodes) if any(rate.is_certain for _, rate in node.inflows)
    ]
    if certain:
        yield f"rates without a sample or a range are certain: {', '.join(certain)}"
    open_at = [index for index, stage in enumerate(funnel.stages) if stage.open and stage.conversion is None]
    stated = [funnel.names[index] for index in open_at if funnel.states_chance(index)]
    if stated:
        yield f"those open become sales with their close_chance: {', '.join(stated)}"
    still = [funnel.names[index] for index in open_at if not funnel.states_chance(index)]
    if still:
        left_out = "those open are not decided yet, and left out of the rates"
        yield f"{left_out}, so more is expected than was counted: {', '.join(still)}"
        yield from losses_show(funnel)
    yield from length_of_next(funnel, "the next period" if next_period else "each of the many periods")
    yield from variation_taken(funnel, next_period)
    yield from economics.assumptions(projected, of_margin=economics.profit(projected) is not None)
