"""What a funnel may bring, given what is known of its rates: sales, revenue and profit as distributions."""

from __future__ import annotations

import math
from array import array
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses import economics
from funnelcli.analyses.figures import VALUES_OF_ALL
from funnelcli.analyses.flows import Amount, Moments, Node, moments, sampled
from funnelcli.analyses.projection import apply, past_empty
from funnelcli.analyses.rates import Rate, step_rate
from funnelcli.analyses.rules import referral_rate
from funnelcli.diagnostics import Problem, quoted
from funnelcli.model import Exact, Funnel, RateRange
from funnelcli.stats.sampling import Distribution, Draws, distribution, percentile, share_reaching

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.flows import Progress
    from funnelcli.metrics import Selector
    from funnelcli.model import Change, Check, Scenario

DEFAULT_SEED = 1
DEFAULT_DRAWS = 10_000
FEWEST_DRAWS, MOST_DRAWS = 100, 10_000_000
METRICS = ("sales", "revenue", "profit")
"""What is simulated, and what a goal can be set for."""


class GoalChance(NamedTuple):
    """A limit on a metric, and the share of the draws that keep it."""

    metric: str
    operator: str
    value: Exact
    chance: float


class SimulatedStep(NamedTuple):
    """A step's rate as it is known: its mean, its central 90% range, and where it comes from."""

    name: str
    mean: float
    low: float
    high: float
    basis: str


class Simulation(NamedTuple):
    """The distributions of a funnel's results; `next_period` adds the chance of each unit to come.

    `variance_shares` are shares of the variance of the metric `variance_of`: what each step's uncertainty causes alone,
    the other rates at their means. `noise_share` comes from units coming by chance, and `joint_share` from several
    steps together; all of them sum to 1, and are `None` where nothing is uncertain.
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


def simulate(
    funnel: Funnel,
    scenario: Scenario | None = None,
    goal: Check | None = None,
    draws: int = DEFAULT_DRAWS,
    seed: int = DEFAULT_SEED,
    next_period: bool = False,
    progress: Progress | None = None,
) -> Simulation | Problem:
    """The distributions of sales, revenue and profit; the same for the same arguments, wherever it runs.

    A step's rate is Beta(1 + came, 1 + left) of its counts, or the Beta distribution whose central 90% are a stated
    range; entries, money and rates without a sample are certain. In a scenario a rate that is set is certain, and any
    other change moves the uncertain rate, up to 100%. `progress` is told how many draws are made.
    """
    k = referral_rate(funnel)
    if k is not None and k >= 1:
        return Problem(
            "FN118",
            f"the referral grows without bound: each unit brings {float(k):.3g} more",
            "lower its brings below 1 in all",
        )
    projected = apply(funnel, scenario.changes) if scenario else funnel
    if isinstance(projected, Problem):
        return projected
    nodes = flow(funnel, projected, scenario.changes if scenario else ())
    sale = funnel.sale_stage
    amounts = amounts_of(projected, sale)
    if goal is not None and goal.selector.metric.name not in amounts:
        lacking = "an average_check" if economics.revenue(projected) is None else "a budget, a cost or a gross_margin"
        if projected.unbudgeted:
            lacking = "a budget, or one to each segment"
        return Problem("FN118", f"{quoted(funnel.name)} has no {goal.selector.metric.name}", f"give it {lacking}")
    exact = {name: moments(nodes, amount, next_period) for name, amount in amounts.items()}
    metrics: dict[str, Distribution] = {}
    reached = None
    outcomes = sampled(nodes, tuple(amounts.values()), draws, seed, next_period, progress)
    for (name, each), values in zip(exact.items(), outcomes, strict=True):
        measured = VALUES_OF_ALL[name](projected, sale) or 0
        if len(values) == 1:
            values = Draws(array("d", [float(measured)]))
        by_chance = next_period and name == "sales"
        metrics[name] = distribution(measured, each.mean, each.variance, values, draws, by_chance)
        if goal is not None and goal.selector.metric.name == name and isinstance(goal.limit, (int, Fraction)):
            reached = GoalChance(name, goal.operator, goal.limit, share_reaching(values, goal.operator, goal.limit))
    about = reached.metric if reached else "revenue" if "revenue" in metrics else "sales"
    shares, noise_share, joint_share = _shares(funnel, exact[about])
    return Simulation(
        **funnel.heading,
        scenario=scenario.name if scenario else None,
        sale_stage=funnel.stages[sale].name,
        seed=seed,
        draws=draws,
        next_period=next_period,
        metrics=metrics,
        goal=reached,
        variance_of=about,
        variance_shares=shares,
        noise_share=noise_share,
        joint_share=joint_share,
        steps=tuple(_steps(funnel, nodes)),
        assumptions=tuple(_assumptions(funnel, projected, nodes, next_period)),
    )


def flow(funnel: Funnel, projected: Funnel, changes: Sequence[tuple[Selector, Change]]) -> list[Node]:
    """The stages as nodes: entries are certain, each other stage is fed by the one it comes from.

    Changes of a rate or a count move the step's own rate; what a projection brings beside that, such as units of a
    referral, joins the stage for sure.
    """
    nodes = []
    for index, (stage, after) in enumerate(zip(funnel.stages, projected.stages, strict=True)):
        origin = funnel.origin(index)
        own = [(selector, change) for selector, change in changes if selector.stage == stage.name]
        if any(selector.metric.name == "conversion" for selector, _ in own):
            origin = stage.parent  # units that came past an empty stage come from it now
        if stage.parent is None or origin is None:
            nodes.append(Node(float(after.count)))
            continue
        rate, known = step_rate(funnel, index), Fraction(funnel.conversion(index) or 0)
        if origin != stage.parent:
            known = Fraction(stage.count) / funnel.stages[origin].count
        added: Exact = 0
        for selector, change in own:
            metric = selector.metric.name
            factor, shift = change.factor or 0, change.shift
            if metric == "conversion":
                rate, known = rate.changed(factor, shift), known * factor + shift
            elif metric == "count":
                rate, known, added = rate.changed(factor, 0), known * factor, added * factor + shift
        added += after.count - (known * projected.stages[origin].count + added)
        nodes.append(Node(float(added), ((origin, rate),)))
    return nodes


def amounts_of(funnel: Funnel, sale: int) -> dict[str, Amount]:
    """The metrics as weights of the stages; those that the funnel does not have are left out."""
    stages = funnel.stages
    amounts = {"sales": Amount(tuple(float(index == sale) for index in range(len(stages))))}
    if economics.revenue(funnel) is not None:
        amounts["revenue"] = Amount(tuple(float(stage.average_order_value or 0) for stage in stages))
    if economics.profit(funnel) is not None:
        amounts["profit"] = Amount(tuple(map(float, economics.own_worth(funnel))), -float(funnel.budget or 0))
    return amounts


def _shares(funnel: Funnel, exact: Moments) -> tuple[dict[str, float | None], float | None, float | None]:
    """Of the variance: each step's share alone, that of chance, and that of the steps together."""
    steps = [(stage.name, own) for stage, own in zip(funnel.stages, exact.own, strict=True) if stage.parent is not None]
    if not exact.variance:
        return dict.fromkeys((name for name, _ in steps), None), None, None
    shares: dict[str, float | None] = {name: own / exact.variance for name, own in steps}
    noise = exact.noise / exact.variance
    alone = math.fsum([noise, *(own / exact.variance for _, own in steps)])
    return shares, noise, max(0.0, 1 - alone)


def _steps(funnel: Funnel, nodes: Sequence[Node]) -> Iterator[SimulatedStep]:
    for index, node in enumerate(nodes):
        for origin, rate in node.inflows:
            grid = rate.grid()
            mean, low, high = rate.moments()[0], percentile(grid, 5), percentile(grid, 95)
            yield SimulatedStep(funnel.stages[index].name, mean, low, high, _basis(funnel, index, origin, rate))


def _basis(funnel: Funnel, index: int, origin: int, rate: Rate) -> str:
    """Where a rate comes from, in a few words."""
    stage, above = funnel.stages[index], funnel.decided(index, origin)
    stated_range = isinstance(stage.conversion, RateRange)
    if rate.is_certain:
        return "stated" if stage.conversion is not None and not stated_range else "certain"
    known = "stated range" if stated_range else f"{stage.count:,} of {above:,}" if above else "no sample"
    return known if rate == step_rate(funnel, index) else f"{known}, changed"


def _assumptions(funnel: Funnel, projected: Funnel, nodes: Sequence[Node], next_period: bool) -> Iterator[str]:
    """What the distributions take for granted, one clause each."""
    yield "steps are independent of each other; entries and money per unit are certain"
    yield from past_empty(funnel)
    certain = [
        stage.name
        for stage, node in zip(funnel.stages, nodes, strict=True)
        if any(rate.is_certain for _, rate in node.inflows)
    ]
    if certain:
        yield f"rates without a sample or a range are certain: {', '.join(certain)}"
    still = [stage.name for stage in funnel.stages if stage.open and stage.conversion is None]
    if still:
        yield f"units that are open are not decided yet, and left out of the rates: {', '.join(still)}"
    if not next_period:
        yield "what is uncertain is the rates; --next-period adds the luck of the next period's units"
    if economics.profit(projected) is not None and projected.gross_margin is None:
        yield "margin not given: revenue counts in full (gross margin 100%)"
    yield from economics.sources(projected)
