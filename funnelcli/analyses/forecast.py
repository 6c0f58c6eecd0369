"""What the units that sit in the stages now will bring: weighted pipeline, interval, timing, velocity, coverage."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses import economics
from funnelcli.analyses.flows import Amount, Node, sampled
from funnelcli.analyses.rates import Rate, step_rate
from funnelcli.analyses.segments import find_breakdown, segment_funnel
from funnelcli.analyses.simulation import DEFAULT_DRAWS, DEFAULT_SEED, GoalChance
from funnelcli.diagnostics import Problem, quoted
from funnelcli.model import Exact, Funnel, added, ratio, reduced
from funnelcli.stats.sampling import percentile, share_reaching

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.flows import Progress
    from funnelcli.model import Breakdown, Check

METRICS = ("sales", "revenue")
"""What a goal can be set for."""


class OpenStage(NamedTuple):
    """Units that sit in a stage now.

    `close_chance` is the chance that one of them becomes a sale: the one that is stated, or the product of the
    conversions from here to the sale, as measured; `None` at the sale, after it, off the way to it, where a conversion
    is unknown, and where units grow on the way: `sales_per_open_unit` is that product, growth or not. `weighted` is the
    money that they are expected to bring from now on, repeat sales included.
    `days` are the mean days from the stage to the sale.
    """

    name: str
    open: int
    close_chance: Exact | None
    stated: bool
    weighted: Exact | None
    sales: Exact
    days: Exact | None
    sales_per_open_unit: Exact | None = None


class Moment(NamedTuple):
    """What arrives after so many days from now; `None` where the days are not known."""

    days: Exact | None
    sales: Exact
    revenue: Exact | None


class SegmentChances(NamedTuple):
    """The chances to close by the conversions of one segment, and sales per open unit, by stage as in `OpenStage`."""

    name: str
    close_chances: dict[str, Exact | None]
    sales_per_open_unit: dict[str, Exact | None]


class Forecast(NamedTuple):
    """The forecast of a funnel.

    The expected figures are exact, at the conversions as measured. `low` and `high` (of the revenue, or of the sales
    where nothing brings money) and `sales_low` and `sales_high` are the 10% and 90% points of the draws, with rates as
    uncertain as their counts leave them and with the chance of each unit. `win_rate` is the expected sales per open
    unit on the way to the sale, `velocity_per_day` open x average check x win rate / cycle days, and `coverage` the
    expected part of the goal.
    """

    file: str | None
    document: int
    name: str
    period: str | None
    currency: str | None
    sale_stage: str
    stages: tuple[OpenStage, ...]
    open: int
    expected_sales: Exact
    expected_revenue: Exact | None
    low: float
    high: float
    sales_low: float
    sales_high: float
    average_check: Exact | None
    win_rate: Exact | None
    cycle_days: Exact | None
    velocity_per_day: Exact | None
    timeline: tuple[Moment, ...]
    goal: GoalChance | None
    coverage: Exact | None
    dimension: str | None
    segments: tuple[SegmentChances, ...]
    seed: int
    draws: int
    assumptions: tuple[str, ...]


def forecast(
    funnel: Funnel,
    dimension: str | None = None,
    goal: Check | None = None,
    draws: int = DEFAULT_DRAWS,
    seed: int = DEFAULT_SEED,
    progress: Progress | None = None,
) -> Forecast | Problem:
    """What the open units will bring; a `Problem` where no stage says how many there are.

    Units of a stage with a stated close chance become sales with that chance; money before the sale is then left out.
    """
    if all(stage.open is None for stage in funnel.stages):
        return Problem(
            "FN102",
            f"{quoted(funnel.name)} has no open units",
            "add open: 14, the units that sit in a stage now, to its stages",
        )
    breakdown = None if dimension is None else find_breakdown(funnel, dimension)
    if isinstance(breakdown, Problem):
        return breakdown
    sale = funnel.sale_stage
    has_money = economics.revenue(funnel) is not None
    if goal is not None and goal.selector.metric.name == "revenue" and not has_money:
        return Problem("FN118", f"{quoted(funnel.name)} has no revenue", "give it an average_check")
    arrivals = [_arrivals(funnel, index) if stage.open else [] for index, stage in enumerate(funnel.stages)]
    yields, grows = _sales_per_unit(funnel)
    stages = []
    for index, stage in enumerate(funnel.stages):
        if stage.open is None:
            continue
        sales = added(units for at, units in arrivals[index] if at == sale)
        stated = stage.close_chance is not None and index in funnel.path_to(sale)[1:]
        each_brings = stage.close_chance if stated else yields[index]
        days = funnel.days_to(sale, index) if index in funnel.path_to(sale) else None
        money = _money(funnel, arrivals[index]) if has_money else None
        chance = None if grows[index] and not stated else each_brings
        stages.append(OpenStage(stage.name, stage.open, chance, stated, money, sales, days, each_brings))
    way = {funnel.stages[index].name for index in funnel.path_to(sale)[1:]}
    coming = sum(each.open for each in stages if each.name in way)
    sales = added(each.sales for each in stages)
    revenue = added(each.weighted or 0 for each in stages) if has_money else None
    drawn = dict(zip(METRICS, sampled(*_flow(funnel), draws, seed, True, progress), strict=True))
    shown = drawn["revenue" if has_money else "sales"]
    reached, coverage = None, None
    if goal is not None and isinstance(goal.limit, (int, Fraction)):
        metric = goal.selector.metric.name
        share = share_reaching(drawn[metric], goal.operator, goal.limit)
        reached = GoalChance(metric, goal.operator, goal.limit, share)
        coverage = ratio((revenue or 0) if metric == "revenue" else sales, goal.limit)
    cycle = _cycle(funnel)
    check = funnel.stages[sale].average_order_value
    velocity = None if check is None else ratio(sales * check, cycle)
    return Forecast(
        **funnel.heading,
        sale_stage=funnel.stages[sale].name,
        stages=tuple(stages),
        open=coming,
        expected_sales=sales,
        expected_revenue=revenue,
        low=percentile(shown, 10),
        high=percentile(shown, 90),
        sales_low=percentile(drawn["sales"], 10),
        sales_high=percentile(drawn["sales"], 90),
        average_check=check,
        win_rate=ratio(sales, coming),
        cycle_days=cycle,
        velocity_per_day=velocity,
        timeline=tuple(_timeline(funnel, arrivals, has_money)),
        goal=reached,
        coverage=coverage,
        dimension=None if breakdown is None else breakdown.dimension,
        segments=() if breakdown is None else tuple(_by_segment(funnel, breakdown)),
        seed=seed,
        draws=draws,
        assumptions=tuple(_assumptions(funnel, stages, way)),
    )


def _sales_per_unit(funnel: Funnel) -> tuple[list[Exact | None], list[bool]]:
    """For each stage the product of the conversions from it to the sale, and whether units grow on that way.

    `None` where there is none. Where they grow, the product is no chance.
    """
    yields: list[Exact | None] = [None] * len(funnel.stages)
    grows = [False] * len(funnel.stages)
    product: Exact | None = 1
    growth = False
    for index in funnel.path_to(funnel.sale_stage)[:-1]:
        rate = funnel.conversion_decided(index)
        product = None if rate is None or product is None else reduced(product * rate)
        growth = growth or (rate is not None and rate > 1)
        parent = funnel.stages[index].parent
        assert parent is not None
        yields[parent], grows[parent] = product, growth
    return yields, grows


def _by_segment(funnel: Funnel, breakdown: Breakdown) -> Iterator[SegmentChances]:
    """What an open unit brings by each segment's conversions, at each stage that has open units."""
    for segment in breakdown.segments:
        chances: dict[str, Exact | None] = {}
        brings: dict[str, Exact | None] = {}
        yields, grows = _sales_per_unit(segment_funnel(funnel, segment))
        for stage, product, growth in zip(funnel.stages, yields, grows, strict=True):
            if stage.open is not None:
                chances[stage.name], brings[stage.name] = None if growth else product, product
        yield SegmentChances(segment.name, chances, brings)


def _arrivals(funnel: Funnel, index: int) -> list[tuple[int, Exact]]:
    """Where the open units of a stage are expected, and how many of them: (stage, units)."""
    stage, sale = funnel.stages[index], funnel.sale_stage
    root, units = index, Fraction(stage.open or 0)
    if stage.close_chance is not None and index in funnel.path_to(sale)[1:]:
        root, units = sale, units * stage.close_chance
    reached: dict[int, Exact] = {root: reduced(units)}
    for at in range(root + 1, len(funnel.stages)):
        parent = funnel.stages[at].parent
        if parent in reached:
            reached[at] = reduced(reached[parent] * Fraction(funnel.conversion_decided(at) or 0))
    return [(at, each) for at, each in reached.items() if at != index]


def _money(funnel: Funnel, arrivals: Sequence[tuple[int, Exact]]) -> Exact:
    return added(units * (funnel.stages[at].average_order_value or 0) for at, units in arrivals)


def _cycle(funnel: Funnel) -> Exact | None:
    """The sum of the days on the way to the sale; `None` when they are unknown from the first open unit on, or 0."""
    way = funnel.path_to(funnel.sale_stage)
    earliest = max((place for place, index in enumerate(way) if funnel.stages[index].open), default=0)
    if any(funnel.stages[index].days is None for index in way[:earliest]):
        return None
    return added(funnel.stages[index].days or 0 for index in way) or None


def _timeline(funnel: Funnel, arrivals: Sequence[list[tuple[int, Exact]]], has_money: bool) -> Iterator[Moment]:
    """Expected sales and revenue by the days until they arrive, the unknown last."""
    sales: dict[Exact | None, list[Exact]] = {}
    money: dict[Exact | None, list[Exact]] = {}
    for index, reached in enumerate(arrivals):
        for at, units in reached:
            is_sale, check = at == funnel.sale_stage, funnel.stages[at].average_order_value
            if units and (is_sale or check):
                days = funnel.days_to(at, index)
                sales.setdefault(days, []).append(units if is_sale else 0)
                money.setdefault(days, []).append(units * (check or 0))
    for days in sorted(sales, key=lambda each: (each is None, each or 0)):
        yield Moment(days, added(sales[days]), added(money[days]) if has_money else None)


def _flow(funnel: Funnel) -> tuple[list[Node], tuple[Amount, ...]]:
    """The open units as nodes that flow on, and what arrives at the stages as sales and revenue."""
    sale = funnel.sale_stage
    before_sale = set(funnel.path_to(sale)[1:])
    stated = [
        index
        for index in sorted(before_sale)
        if funnel.stages[index].close_chance is not None and funnel.stages[index].open
    ]
    nodes = [Node(float(funnel.stages[index].open or 0)) for index in stated]
    direct = [(number, Rate(float(funnel.stages[index].close_chance or 0))) for number, index in enumerate(stated)]
    shift = len(nodes)
    counts, checks = [0.0] * shift, [0.0] * shift
    constant = [0.0, 0.0]  # what is there already arrives nowhere
    for index, stage in enumerate(funnel.stages):
        units = 0 if index in stated else stage.open or 0
        inflows = []
        if stage.parent is not None:
            unknown = funnel.conversion_decided(index) is None
            inflows.append((shift + stage.parent, Rate(0.0) if unknown else step_rate(funnel, index)))
        nodes.append(Node(float(units), (*inflows, *(direct if index == sale else ()))))
        counts.append(float(index == sale))
        checks.append(float(stage.average_order_value or 0))
        constant[0] -= counts[-1] * units
        constant[1] -= checks[-1] * units
    return nodes, (Amount(tuple(counts), constant[0]), Amount(tuple(checks), constant[1]))


def _assumptions(funnel: Funnel, stages: Sequence[OpenStage], way: set[str]) -> Iterator[str]:
    """What the forecast takes for granted, one clause each."""
    yield "expected figures at the conversions as measured; the range adds what the counts leave open, and chance"
    if any(each.days is not None and each.open for each in stages):
        yield "days count from now, as if every open unit had just reached its stage"
    if any(each.close_chance is None and each.sales_per_open_unit is not None for each in stages):
        yield "units that grow on the way do so at the rate as measured, without chance"
    later = [each.name for each in stages if each.name not in way and each.open]
    if later:
        yield f"at or after the sale, or off the way to it, so no new sale: {', '.join(later)}"
    lost = [each.name for each in stages if each.name in way and each.sales_per_open_unit is None and each.open]
    if lost:
        yield f"a conversion is unknown, so nothing is expected: {', '.join(lost)}"
