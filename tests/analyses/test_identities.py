"""Random funnels with empty stages, growth, branches, ladders, stated rates and referral: what must hold.

The expectations are identities between commands, and a second computation of projections by the limit in which an empty
stage has next to nobody.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from random import Random
from typing import TYPE_CHECKING

import pytest

from funnelcli.analyses import economics
from funnelcli.analyses.comparison import compare
from funnelcli.analyses.conversion import convert
from funnelcli.analyses.earning import HOPELESS
from funnelcli.analyses.figures import figure
from funnelcli.analyses.goal_seek import goal_seek
from funnelcli.analyses.levers import bought_entries, levers_of, set_lever
from funnelcli.analyses.projection import apply, projected
from funnelcli.analyses.scenario import project
from funnelcli.analyses.sensitivity import Effort, pull
from funnelcli.analyses.simulation import simulate
from funnelcli.analyses.unit_economics import Economics, unit_economics
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.reader import read
from funnelcli.metrics import METRICS, Selector
from funnelcli.what_if import Change, Check, Scenario
from tests.thorough import whole_or_part

if TYPE_CHECKING:
    from funnelcli.exact import Exact
    from funnelcli.model import Funnel

CHUNKS, EACH = 4, whole_or_part(100, 40)


def stages_of(random: Random) -> list[dict[str, object]]:
    """Stages with counts; one in three is empty, some have units that come out of an empty one."""
    stages: list[dict[str, object]] = [{"name": "S0", "count": random.choice((0, 10, 200, 500, 1000, 2500))}]
    for index in range(1, random.randint(2, 6)):
        parent = index - 1 if random.random() < 0.75 else random.randrange(index)
        above = int(str(stages[parent]["count"]))
        stage: dict[str, object] = {"name": f"S{index}", "from": f"S{parent}"}
        kind = random.random()
        if kind < 0.3:
            stage["count"] = 0
        elif kind < 0.55:
            stage |= {"count": random.randint(above + 1, 2 * above + 50), "allow_growth": "true"}
        else:
            stage["count"] = random.randint(0, above)
        stages.append(stage)
    return stages


def money_of(random: Random, stages: list[dict[str, object]]) -> list[str]:
    """Checks (0 among them) and costs at some stages; keys of the funnel."""
    for index in random.sample(range(len(stages)), random.choice((0, 1, 1, 1, 2))):
        stages[index]["average_check"] = random.choice((0, 5, 40, 100, 110, 300))
    for stage in stages:
        if random.random() < 0.2:
            stage["cost"] = random.choice((1, 8, 60))
    if random.random() < 0.4:
        stages[random.randrange(1, len(stages))]["role"] = "customer"
    lines = []
    if random.random() < 0.6:
        lines.append(f"budget: {random.choice((0, 500, 4000))}")
    if random.random() < 0.3:
        lines.append("gross_margin: 40%")
    return lines


def text_of(random: Random) -> str:
    """A funnel file; a few have stated rates below an empty entry, a few a referral."""
    stages = stages_of(random)
    lines = money_of(random, stages)
    if not stages[0]["count"] and random.random() < 0.5:
        for stage in stages[1:]:
            stage.pop("count")
            stage.pop("allow_growth", None)
            stage["conversion"] = f"{random.choice((1, 5, 20, 50))}%"
    if random.random() < 0.2:
        lines.append(f"referral: {{from: {stages[-1]['name']}, brings: 0.1, to: S0}}")
    listed = ["  - {" + ", ".join(f"{key}: {value}" for key, value in stage.items()) + "}" for stage in stages]
    return "\n".join([*lines, "stages:", *listed, ""])


def funnel_of(text: str) -> Funnel | None:
    reading = read(text.encode(), "f.yaml")
    return reading.funnels[0] if reading.funnels else None


@cache
def funnels(chunk: int) -> list[Funnel]:
    random = Random(chunk)
    found: list[Funnel] = []
    while len(found) < EACH:
        built = funnel_of(text_of(random))
        if built is not None:
            found.append(built)
    return found


@cache
def told_of(chunk: int) -> list[Economics]:
    """The economics of each of the funnels: with a referral each break-even takes a search."""
    found = [unit_economics(funnel) for funnel in funnels(chunk)]
    return [each for each in found if not isinstance(each, Problem)]


each_chunk = pytest.mark.parametrize("chunk", range(CHUNKS))


def changeable(funnel: Funnel) -> list[Selector]:
    """Every figure that a scenario can change by a share of itself."""
    found = [Selector(METRICS["entries"])] + ([Selector(METRICS["budget"])] if funnel.budget else [])
    for index, stage in enumerate(funnel.stages):
        found += [Selector(METRICS["count"], stage.name)] if index else []
        found += [Selector(METRICS["conversion"], stage.name)] if funnel.conversion(index) is not None else []
        found += [Selector(METRICS["average_check"], stage.name)] if stage.average_order_value is not None else []
        found += [Selector(METRICS["cost"], stage.name)] if stage.cost is not None else []
    return found


@each_chunk
def test_a_change_by_nothing_changes_nothing(chunk: int) -> None:
    for funnel in funnels(chunk):
        if isinstance(apply(funnel, ()), Problem):
            continue  # a referral without bound
        for selector in changeable(funnel):
            for change in (Change(1, 0, "+0%"), Change(1, 0, "x1")):
                after = projected(funnel, [(selector, change)])
                assert not isinstance(after, Problem), (funnel, selector, after)
                assert [(each.count, each.unknown) for each in after.stages] == [
                    (each.count, False) for each in funnel.stages
                ], (funnel, selector)
                for metric in ("revenue", "variable_cost", "profit", "unit_margin"):
                    target = Selector(METRICS[metric])
                    assert figure(after, target) == figure(funnel, target), (funnel, selector, metric)


def by_the_limit(funnel: Funnel, factor: Fraction, empty: Fraction) -> list[float]:
    """Counts after the entries x factor, when each empty stage that units come out of has next to nobody instead."""
    counts = [Fraction(stage.count) for stage in funnel.stages]
    for index in range(len(counts) - 1, 0, -1):
        parent = funnel.stages[index].parent
        assert parent is not None
        if counts[index] and not counts[parent]:
            counts[parent] = empty * counts[index]
    after = [counts[0] * factor]
    for index, stage in enumerate(funnel.stages[1:], 1):
        assert stage.parent is not None
        after.append(after[stage.parent] * counts[index] / counts[stage.parent] if counts[index] else Fraction(0))
    return [float(count) for count in after]


@each_chunk
def test_more_entries_bring_what_the_limit_brings(chunk: int) -> None:
    tried = 0
    for funnel in funnels(chunk):
        if funnel.referral is not None or not funnel.stages[0].count:
            continue
        after = projected(funnel, [(Selector(METRICS["entries"]), Change(Fraction(3, 2), 0, "x1.5"))])
        assert not isinstance(after, Problem)
        expected = by_the_limit(funnel, Fraction(3, 2), Fraction(1, 10**12))
        tried += 1
        assert not any(stage.unknown for stage in after.stages)
        assert [float(stage.count) for stage in after.stages] == pytest.approx(expected, rel=1e-9, abs=1e-6), funnel
    assert tried > 20


@each_chunk
def test_effects_add_up_to_the_change(chunk: int) -> None:
    """A funnel against itself with other counts and checks, empty stages on either side among them."""
    random = Random(1000 + chunk)
    for funnel in funnels(chunk):
        stages = [
            stage._replace(
                count=random.choice((stage.count, 0, random.randint(1, 900))),
                conversion=None,
                average_check=None
                if stage.average_order_value is None
                else random.choice((stage.average_order_value, 0, 35, 110)),
                allow_growth=True,
            )
            for stage in funnel.stages
        ]
        report = compare([funnel, funnel._replace(stages=tuple(stages))], ["a", "b"])
        assert not isinstance(report, Problem)
        (pair,) = report.comparisons
        for whole in (pair.sales, pair.revenue):
            if whole is None:
                continue
            total = math.fsum(effect.effect for effect in whole.effects)
            size = 1 + abs(float(whole.a)) + abs(float(whole.b))
            assert total == pytest.approx(float(whole.change), abs=1e-9 * size), (funnel, stages, whole)
            assert all(math.isfinite(effect.effect) for effect in whole.effects)


def goals(funnel: Funnel, random: Random) -> list[Check]:
    """One goal: a figure that the funnel has, raised or lowered."""
    known = [
        metric for metric in ("sales", "revenue", "profit") if figure(funnel, Selector(METRICS[metric])) is not None
    ]
    metric = random.choice(known)
    now = figure(funnel, Selector(METRICS[metric])) or 0
    limit = random.choice((Fraction(now + 1), now + Fraction(abs(now), 4), Fraction(0), Fraction(now, 2)))
    return [Check(Selector(METRICS[metric]), random.choice((">=", ">=", "<=")), limit, None, metric)]


@each_chunk
def test_an_answer_reaches_its_goal_and_what_is_not_reachable_is_nowhere_reached(chunk: int) -> None:
    random = Random(2000 + chunk)
    answered = unknown = 0
    for funnel in funnels(chunk)[::2]:
        for goal in goals(funnel, random):
            report = goal_seek(funnel, goal)
            if isinstance(report, Problem):
                continue
            levers = {each.name: each for each in levers_of(funnel)} | {"entries": bought_entries(funnel)}
            assert isinstance(goal.limit, Fraction)
            for answer in report.levers:
                lever = levers[answer.selector]
                if answer.selector == "conversions":
                    continue  # only those on the way to the goal: held by the test of goals
                if answer.to is not None:
                    answered += 1
                    after = set_lever(funnel, lever, answer.to)
                    reached = None if after is None else figure(after, goal.selector)
                    assert reached is not None, (funnel, goal, answer)
                    assert float(reached) == pytest.approx(float(goal.limit), rel=1e-6, abs=1e-6), (
                        funnel,
                        goal,
                        answer,
                    )
                elif answer.unknown is not None:
                    unknown += 1
                    assert answer.feasible is None
                    assert answer.best is None
                elif not answer.feasible and not report.reached:
                    for point in points(lever.start, lever.high):
                        after = set_lever(funnel, lever, point)
                        value = None if after is None else figure(after, goal.selector)
                        least = goal.operator == ">="
                        assert value is None or (value < goal.limit if least else value > goal.limit), (
                            funnel,
                            goal,
                            answer,
                            point,
                        )
                        assert value is not None or after is None, (funnel, goal, answer, point)
    assert answered > 20
    assert unknown > 2


def points(start: Exact | None, high: Exact | None) -> list[Exact]:
    if high is not None:
        return [Fraction(high * step, 5) for step in range(6)]
    return [0, *(Fraction(start or 1) * Fraction(5) ** power for power in range(-2, 4))]


@each_chunk
def test_break_even_of_economics_is_the_answer_to_a_goal(chunk: int) -> None:
    compared = 0
    for funnel, money in zip(funnels(chunk), told_of(chunk), strict=True):
        result = economics.profit(funnel)
        if result is None or result >= 0 or isinstance(apply(funnel, ()), Problem):
            continue
        even: dict[str, Exact | None] = {}
        if not funnel.budget:  # else a goal buys its entries, where break-even takes what the budget was spent for
            even["entries"] = money.break_even.entries
        even |= {f"conversion@{name}": rate for name, rate in money.break_even.conversions.items()}
        if len(funnel.money_stages) == 1:
            even["average_check"] = money.break_even.average_check
        levers = [lever for lever in levers_of(funnel) if lever.name in even]
        report = goal_seek(funnel, Check(Selector(METRICS["profit"]), ">=", 0, None, "profit >= 0"), levers)
        assert not isinstance(report, Problem)
        for answer in report.levers:
            compared += 1
            expected = answer.to if answer.to else None  # at 0, no lever is left
            found = even[answer.selector]
            assert (found is None) == (expected is None), (funnel, answer, money.break_even)
            assert float(found or 0) == pytest.approx(float(expected or 0), rel=1e-9), (funnel, answer)
            if answer.unknown is not None and answer.from_ is not None:
                assert answer.selector in money.break_even_unknown, (funnel, answer)
    assert compared > 20


@each_chunk
def test_what_no_conversion_makes_pay_no_conversion_makes_pay(chunk: int) -> None:
    random = Random(3000 + chunk)
    for funnel, money in zip(funnels(chunk), told_of(chunk), strict=True):
        if money.verdict != HOPELESS:
            continue
        for _ in range(8):
            changes = [
                (Selector(METRICS["conversion"], stage.name), Change(None, Fraction(random.randint(0, 100), 100), ""))
                for stage in funnel.stages[1:]
            ]
            after = projected(funnel._replace(referral=None), changes)
            assert not isinstance(after, Problem)
            assert (economics.profit(after) or 0) <= 0, funnel


@each_chunk
def test_one_figure_is_the_same_in_every_command(chunk: int) -> None:
    for number, (funnel, money) in enumerate(zip(funnels(chunk), told_of(chunk), strict=True)):
        table = convert(funnel)
        assert (table.sales, table.revenue) == (money.sales, money.revenue)
        report = project(funnel, [Scenario("same", ())])
        if isinstance(report, Problem):
            continue
        for projection in report.projections:
            assert (projection.sales, projection.revenue, projection.profit, projection.budget) == (
                money.sales,
                money.revenue,
                money.profit,
                money.budget,
            )
        if number % 10:
            continue  # the same again, and slower
        levers = pull(funnel, Effort("relative", Fraction(1, 10), "+10%"))
        assert not isinstance(levers, Problem)
        assert levers.now == figure(funnel, Selector(METRICS[levers.metric]))
        for metric in ("sales", "revenue", "profit"):
            now = figure(funnel, Selector(METRICS[metric]))
            assert now == getattr(money, metric)
            if now is not None:
                answer = goal_seek(
                    funnel, Check(Selector(METRICS[metric]), ">=", now, None, metric), levers_of(funnel)[:1]
                )
                assert not isinstance(answer, Problem)
                assert (answer.now, answer.reached) == (now, True)


@pytest.mark.parametrize("next_period", [False, True])
@each_chunk
def test_a_simulation_of_any_funnel_draws_what_its_moments_say(chunk: int, next_period: bool) -> None:
    for funnel in funnels(chunk)[:25]:
        done = simulate(funnel, draws=400, next_period=next_period)
        if isinstance(done, Problem):
            continue
        for name, metric in done.metrics.items():
            assert metric.measured == (figure(funnel, Selector(METRICS[name])) or 0)
            spread = max(metric.deviation, 1e-9 * (1 + abs(metric.mean)))
            assert metric.p10 - 1e-9 * abs(metric.p10) <= metric.p50 <= metric.p90 + 1e-9 * abs(metric.p90)
            assert abs(metric.p50 - metric.mean) <= spread + 1, (funnel, name, metric)  # the median of any distribution
