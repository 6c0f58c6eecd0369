"""Unit economics by hand, and break-even values held by projecting them."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from funnelcli.analyses import economics
from funnelcli.analyses.earning import EARNS, EVEN, HOPELESS, LOSES, UNTOLD, sale_loses
from funnelcli.analyses.projection import apply
from funnelcli.analyses.sensitivity import Effort, pull
from funnelcli.analyses.simulation import Simulation, simulate
from funnelcli.analyses.unit_economics import Economics, Payback, unit_economics
from funnelcli.diagnostics import Problem
from funnelcli.metrics import METRICS, Selector, parse_selector
from funnelcli.model import Funnel, Stage
from funnelcli.what_if import Change, Check, Operator
from tests.conftest import SAMPLES
from tests.stats.test_decomposition import funnel_of
from tests.thorough import few

if TYPE_CHECKING:
    from collections.abc import Iterator

F = Fraction

# 100,000 impressions, 2,000 clicks, 100 leads, 20 customers of 90, 8 of whom buy again for 60
ADS = """\
name: Ads
currency: EUR
budget: 600
gross_margin: 50%
stages:
  - {name: Shown, count: 100000, role: impression}
  - {name: Clicked, count: 2000, role: click, days: 0}
  - {name: Asked, count: 100, role: lead, cost: 0.5, days: 1}
  - {name: Bought, count: 20, role: customer, average_check: 90, cost: 3, days: 6}
  - {name: Again, count: 8, average_check: 60, days: 30}
"""


def economics_of(text: str, dimension: str | None = None) -> Economics:
    result = unit_economics(funnel_of(text), dimension)
    assert not isinstance(result, Problem)
    return result


def test_by_hand() -> None:
    """Revenue 20 x 90 + 8 x 60 = 2280; costs 100 x 0.5 + 20 x 3 = 110; gross profit 1140 - 110 = 1030; profit 430."""
    result = economics_of(ADS)
    assert (result.revenue, result.variable_cost, result.gross_profit, result.profit) == (2280, 110, 1030, 430)
    assert (result.roas, result.romi) == (F(2280, 600), F(430, 600))
    assert (result.cpm, result.cpc, result.cpl, result.cac) == (6, F(3, 10), 6, 30)
    assert result.rpm == F(228, 10)
    assert [stage.cost_per for stage in result.stages] == [F(6, 1000), F(3, 10), 6, 30, 75]
    assert [stage.value_per for stage in result.stages] == [F(228, 10000), F(114, 100), F(228, 10), 114, 285]
    # a customer: (20 x (45 - 3) + 8 x 30) / 20
    # to acquire one took 600 / 20 of the budget and 100 x 0.5 / 20 at the stage before
    assert (result.ltv, result.unit_margin, result.acquisition_cost) == (54, 54, F(65, 2))
    assert (result.first_sale_margin, result.first_sale_margin_to_cac) == (42, 42 / F(65, 2))
    assert result.ltv_to_cac == F(54) / F(65, 2)
    assert result.lead_quality == F(1, 5)
    # the first sale leaves 42 of the 32.50 that a customer costs, 7 days after the impression
    assert result.payback == Payback("Bought", 7)
    assert result.verdict == EARNS


def test_payback_by_the_second_sale() -> None:
    """With a budget of 1000 a customer costs 52.50: 42 come with the first sale, 12 with the second."""
    assert economics_of(ADS.replace("budget: 600", "budget: 790")).payback == Payback("Bought", 7)  # 42 to the cent
    assert economics_of(ADS.replace("budget: 600", "budget: 791")).payback == Payback("Again", 37)
    assert economics_of(ADS.replace("budget: 600", "budget: 1000")).payback == Payback("Again", 37)
    assert economics_of(ADS.replace("budget: 600", "budget: 1100")).payback is None


def test_roles_that_nobody_has_are_not_named() -> None:
    result = economics_of("budget: 10\naverage_check: 5\ncurrency: EUR\nstages: {A: 10, B: 5}")
    assert (result.cpm, result.cpc, result.cpl, result.cac, result.rpm, result.ltv_to_cac) == (None,) * 6


@pytest.mark.parametrize(
    ("budget", "exact", "verdict"),
    [("600", EARNS, EARNS), ("1030", EVEN, UNTOLD), ("1031", LOSES, UNTOLD), ("1500", LOSES, LOSES)],
)
def test_verdicts(budget: str, exact: str, verdict: str) -> None:
    """20 sales leave a loss of 1 open; of rates that are stated, it is one."""
    text = ADS.replace("budget: 600", f"budget: {budget}")
    assert economics_of(text).verdict == verdict
    rates = {"2000": "2%", "100,": "5%,", "20,": "20%,", "8,": "40%,"}
    stated = text
    for count, rate in rates.items():
        stated = stated.replace(f"count: {count}", f"conversion: {rate}")
    result = economics_of(stated)
    assert (result.verdict, result.chance_earns, result.revenue_low) == (exact, None, None)
    assert any("nothing is uncertain" in each for each in result.assumptions)


def test_a_negative_unit_margin_is_hopeless() -> None:
    sample = (SAMPLES / "loss_making.yaml").read_text(encoding="utf-8")
    result = economics_of(sample)
    assert (result.verdict, result.unit_margin) == (HOPELESS, -150)
    assert set(result.break_even.conversions.values()) == {None}


def _set(funnel: Funnel, selector: str, value: object) -> Funnel:
    known = parse_selector(selector, [stage.name for stage in funnel.stages])
    assert isinstance(known, Selector)
    changed = apply(funnel, [(known, Change(None, value, "test"))])  # type: ignore[arg-type]
    assert not isinstance(changed, Problem), changed
    return changed


@pytest.mark.parametrize("budget", ["100", "600", "1030", "1500"])
def test_break_even_values_make_the_profit_zero(budget: str) -> None:
    """Each one alone, set in a projection, exactly."""
    text = ADS.replace("budget: 600", f"budget: {budget}").replace("average_check: 60, ", "")
    funnel = funnel_of(text)
    even = economics_of(text).break_even
    levers = {"entries": even.entries, "average_check": even.average_check}
    levers |= {f"conversion@{name}": rate for name, rate in even.conversions.items()}
    reached = {name: value for name, value in levers.items() if value is not None}
    assert {"entries", "average_check", "conversion@Clicked", "conversion@Asked", "conversion@Bought"} >= set(reached)
    assert len(reached) >= 4
    for name, value in reached.items():
        assert economics.profit(_set(funnel, name, value)) == 0, name
    rate = even.conversions["Bought"]
    assert even.sales == (None if rate is None else 100 * rate)  # of the 100 that asked


def test_break_even_values_with_a_referral_make_the_profit_zero() -> None:
    text = ADS.replace("budget: 600", "budget: 1500").replace("average_check: 60, ", "")
    text += "referral: {from: Bought, brings: 2, to: Asked}\n"
    even = economics_of(text).break_even
    assert even.entries is not None
    assert economics.profit(_set(funnel_of(text), "entries", even.entries)) == 0
    rate = even.conversions["Bought"]
    assert rate is not None
    even_funnel = _set(funnel_of(text), "conversion@Bought", rate)
    assert economics.profit(even_funnel) == 0
    assert even.sales == even_funnel.stages[3].count  # fewer than rate x 100: fewer are referred


def test_a_rate_that_would_pass_100_percent_is_not_reachable() -> None:
    text = "budget: 90\ncurrency: EUR\naverage_check: 1\nstages: {A: 100, B: 80, C: 60}"
    even = economics_of(text).break_even
    # profit -30, 60 behind each step: the factor is 1.5, and 80% x 1.5 and 75% x 1.5 pass 100%
    assert even.conversions == {"B": None, "C": None}
    assert even.entries == 150


def test_segments_have_the_same_figures_and_a_verdict() -> None:
    """Fairs: 2 sales of 1200 at 50% against 8000; Referrals have no budget, and the output says so."""
    sample = (SAMPLES / "channels_and_managers.yaml").read_text(encoding="utf-8")
    result = economics_of(sample, "channel")
    verdicts = {each.name: (each.profit, each.verdict) for each in result.segments}
    assert verdicts == {
        "Ads": (24 * 600 - 12000, EARNS),
        "Search": (54 * 600 - 9000, EARNS),
        "Referrals": (None, None),
        "Fairs": (2 * 600 - 8000, LOSES),
    }
    assert any("Referrals" in each for each in result.assumptions)
    by_manager = economics_of(sample, "manager")
    assert {(each.profit, each.verdict) for each in by_manager.segments} == {(None, None)}


def test_a_loss_leader_behind_a_profitable_stage_is_not_hopeless() -> None:
    """The last stage loses 1 a unit, and the funnel earns 20,000 - 50 - 1000."""
    text = (
        "budget: 1000\ncurrency: EUR\nstages:\n  - {name: Visits, count: 1000}\n"
        "  - {name: Course, count: 100, average_check: 200}\n  - {name: Gift, count: 50, average_check: 1, cost: 2}\n"
    )
    result = economics_of(text)
    assert (result.profit, result.unit_margin, result.verdict) == (18950, -1, EARNS)


def test_the_total_of_segments_with_money_of_their_own_is_their_sum() -> None:
    """Ads 10 x 50 at 10%, SEO 20 x 150 at 40%: revenue 3500, gross profit 50 + 1200, budgets 5000 + 800."""
    text = (
        "currency: EUR\naverage_check: 100\nstages: [{name: Visits}, {name: Sales}]\nbreakdowns:\n  channel:\n"
        "    Ads: {counts: [1000, 10], average_check: 50, gross_margin: 10%, budget: 5000}\n"
        "    SEO: {counts: [500, 20], average_check: 150, gross_margin: 40%, budget: 800}\n"
    )
    result = economics_of(text, "channel")
    assert (result.revenue, result.gross_profit, result.budget, result.profit) == (3500, 1250, 5800, -4550)
    assert [each.profit for each in result.segments] == [50 - 5000, 1200 - 800]
    stated = economics_of(f"gross_margin: 50%\n{text}", "channel")
    assert (stated.revenue, stated.gross_profit) == (3500, 1250)  # the sum, and not half of the revenue


def test_break_even_of_a_lever_that_is_0_now() -> None:
    """500 of budget are 5 sales of 100: 5% of 100 leads. At 20 sales and no check, 25 each."""
    nobody = unit_economics(funnel_of("budget: 500\naverage_check: 100\nstages: {Leads: 100, Sales: 0}\n"))
    assert not isinstance(nobody, Problem)
    assert (nobody.break_even.conversions, nobody.break_even.sales) == ({"Sales": Fraction(1, 20)}, 5)
    free = unit_economics(funnel_of("budget: 500\naverage_check: 0\nstages: {Leads: 100, Sales: 20}\n"))
    assert not isinstance(free, Problem)
    assert free.break_even.average_check == 25


def test_an_empty_stage_that_would_pay_is_no_hopeless_case() -> None:
    """40 tripwires lose 3 each: 120 are 0.6% of 40 at 500."""
    money = unit_economics(
        funnel_of(
            "stages: [{name: Visitors, count: 1000}, {name: Tripwire, count: 40, average_check: 5, cost: 8, "
            "role: customer}, {name: Core offer, count: 0, average_check: 500}]"
        )
    )
    assert not isinstance(money, Problem)
    assert money.verdict == UNTOLD  # none of 40 may be 0.6%
    assert money.chance_earns == pytest.approx(float(stats.beta(1, 41).sf(0.006)), abs=0.01)
    assert money.break_even.conversions["Core offer"] == Fraction(6, 1000)


MARGIN, NO_BUDGET, NO_COSTS = "margin not given", "no budget given", "no costs of stages given"
CERTAIN = "average checks are certain"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ADS, [CERTAIN]),
        ("stages: {A: 10, B: 5}", []),
        ("average_check: 5\nstages: {A: 10, B: 5}", []),  # without any cost there is no profit to explain
        ("average_check: 5\nbudget: 10\nstages: {A: 10, B: 5}", [MARGIN, NO_COSTS, CERTAIN]),
        ("average_check: 5\ngross_margin: 30%\nstages: {A: 10, B: 5}", [NO_BUDGET, NO_COSTS, "nothing is spent"]),
        (
            "average_check: 5\nstages: [{name: A, count: 10, cost: 1}, {name: B, count: 5}]",
            [MARGIN, NO_BUDGET, CERTAIN],
        ),
        ("stages: [{name: A, count: 10}, {name: B, conversion: 50%}]", ["stated conversions count as measured"]),
    ],
)
def test_what_is_taken_for_granted_is_said(text: str, said: list[str]) -> None:
    assumptions = economics_of(text).assumptions
    assert len(assumptions) == len(said)
    assert all(one.startswith(start) for one, start in zip(assumptions, said, strict=True))


@pytest.mark.parametrize(
    ("money", "ads", "seo", "said"),
    [
        ("average_check: 5\nbudget: 9\n", "budget: 4", "budget: 5", []),
        (
            "average_check: 5\nbudget: 9\n",
            "budget: 4",
            "",
            ["without a budget, so no profit and no verdict there (budget: 0 where nothing is spent): SEO"],
        ),
        ("average_check: 5\nbudget: 9\n", "", "", ["no budgets by channel, so no profit and no verdict there"]),
        ("average_check: 5\n", "", "", []),
        (
            "average_check: 5\n",
            "budget: 4",
            "",
            ["no sum of budgets, so no profit: SEO without one (budget: 0 where nothing is spent)"],
        ),
        (
            "",
            "average_check: 4",
            "",
            ["no sum of revenue: some segments have no average check, and neither has the funnel"],
        ),
        ("", "", "", []),
        ("", "average_check: 4", "average_check: 6", ["the average check is the mean of those by channel"]),
    ],
)
def test_what_segments_do_not_say_is_said(money: str, ads: str, seo: str, said: list[str]) -> None:
    """But for the clauses that stand with any profit, and the check that all segments have alike."""
    rows = (f"Ads: {{counts: [60, 30], {ads}}}", f"SEO: {{counts: [40, 20], {seo}}}")
    text = f"{money}stages: [{{name: A}}, {{name: B}}]\nbreakdowns: {{channel: {{{', '.join(rows)}}}}}\n"
    found = economics_of(text.replace(", }", "}"), "channel").assumptions
    usual = (MARGIN, NO_BUDGET, NO_COSTS, CERTAIN, "segments without an average check have the funnel's")
    assert [each for each in found if not each.startswith(usual)] == said
    assert (usual[-1] in found) == ("average_check" in money)


def test_a_sentence_names_a_dozen_segments_and_no_more() -> None:
    names = [f"S{number}" for number in range(13)]
    assert economics.named(names[:12]) == ", ".join(names[:12])
    assert economics.named(names) == ", ".join(names[:12]) + ", …"


def test_days_to_pay_back_are_known_only_where_every_step_says_them() -> None:
    """7 days to the first sale that leaves what it cost; without the days of one step, nobody knows."""
    assert economics_of(ADS.replace(", days: 1}", "}")).payback == Payback("Bought", None)
    assert economics_of(ADS.replace("count: 20,", "count: 0,").replace("count: 8,", "count: 0,")).payback is None


def test_levers_whose_break_even_nobody_knows_are_named() -> None:
    """Nobody is at Trial: what comes of more of them is unknown. More entries, and a better way on, bring nobody."""
    text = (
        "budget: 100\naverage_check: 10\n"
        "stages: [{name: V, count: 50}, {name: Trial, count: 0}, {name: Paid, count: 0}]\n"
    )
    result = economics_of(text)
    assert result.break_even_unknown == ("conversion@Trial",)
    assert (result.break_even.entries, result.break_even.conversions) == (None, {"Trial": None, "Paid": None})
    nobody = economics_of("budget: 10\naverage_check: 5\nstages: {V: 0, Paid: 0}\n")
    assert nobody.break_even_unknown == ("entries",)  # of whom no one knows how many would pay
    assert economics_of(text.replace("Trial, count: 0", "Trial, count: 5")).break_even_unknown == ()
    free = economics_of("average_check: 10\nstages: {V: 50, Paid: 5}\n")  # no cost, so no profit and no border
    assert (free.break_even_unknown, free.break_even) == ((), (None, None, None, {"Paid": None}, None))


# how sure it is

SHOP = "budget: 500\naverage_check: 90\nstages: {Visits: 200, Carts: 20, Paid: 6}\n"


def with_spread(text: str, deviation: int) -> Funnel:
    """The funnel with a standard deviation of the sale's average check."""
    loaded = funnel_of(text)
    *others, last = loaded.stages
    return loaded._replace(stages=(*others, last._replace(average_check_sd=deviation)))


def random_shops(number: int) -> Iterator[Funnel]:
    """Funnels of no sales to sixty, whose money is alike or differs a lot, with costs on the way or without."""
    chance = Random(5)
    for _ in range(number):
        counts = [chance.choice((0, 0, 1, 3, 8, 20, 60))]
        for _ in range(chance.randint(1, 3)):
            counts.insert(0, round((counts[0] + 1) / chance.choice((0.05, 0.2, 0.6))))
        costs = [chance.choice((None, None, 2)) for _ in counts[:-1]]
        stages = [Stage(f"S{at}", at - 1 if at else None, count) for at, count in enumerate(counts)]
        stages = [stage._replace(cost=cost) for stage, cost in zip(stages, [*costs, None], strict=True)]
        spread = chance.choice((None, 50, 100, 200))
        stages[-1] = stages[-1]._replace(average_check=100, average_check_sd=spread)
        yield Funnel("shop", tuple(stages), budget=max(20, 100 * counts[-1]))


@pytest.mark.parametrize("shop", few(random_shops(24), 10))
def test_economics_and_the_mean_of_many_periods_have_one_chance_and_one_range(shop: Funnel) -> None:
    """Within two points, which is the noise of the draws, with another seed as well."""
    result = unit_economics(shop)
    assert not isinstance(result, Problem)

    def share(metric: str, operator: Operator, value: float) -> float:
        limit = Check(Selector(METRICS[metric]), operator, F(value), None, metric)
        drawn = simulate(shop, goal=limit, seed=7, next_period=False)
        assert isinstance(drawn, Simulation)
        assert drawn.goal is not None
        return drawn.goal.chance

    assert result.chance_earns is not None
    assert result.chance_earns == pytest.approx(share("profit", ">", 0), abs=0.02)
    for metric, low, high in (
        ("revenue", result.revenue_low, result.revenue_high),
        ("profit", result.profit_low, result.profit_high),
    ):
        assert low is not None
        assert high is not None
        assert share(metric, "<", low) == pytest.approx(0.1, abs=0.02)
        assert share(metric, ">", high) == pytest.approx(0.1, abs=0.02)


@pytest.mark.parametrize("deviation", [0, 90])
def test_the_chance_to_earn_and_the_ranges_are_those_of_draws(deviation: int) -> None:
    """Posteriors of 20 of 200 and of 6 of 20; a lognormal mean check, of 6 sales with a deviation of 90."""
    random = np.random.default_rng(3)
    size = 1_000_000
    sales = 200 * random.beta(21, 181, size) * random.beta(7, 15, size)
    square = np.log1p((deviation / 90) ** 2 * 7 / 3 / 6)
    revenue = sales * 90 * np.exp(random.normal(-square / 2, np.sqrt(square), size))
    result = unit_economics(with_spread(SHOP, deviation))
    assert not isinstance(result, Problem)
    assert result.chance_earns == pytest.approx(np.mean(revenue > 500), abs=0.015)
    low, high = np.quantile(revenue, [0.1, 0.9])
    found = (result.revenue_low, result.revenue_high, result.profit_low, result.profit_high)
    assert found == pytest.approx((low, high, low - 500, high - 500), abs=30)  # the noise of draws
    assert (result.value_per_entry_low, result.value_per_entry_high) == pytest.approx((low / 200, high / 200), abs=0.15)
    assert (result.romi_low, result.romi_high) == pytest.approx((low / 500 - 1, high / 500 - 1), abs=0.06)
    assert result.value_per_entry == F(540, 200)
    assert result.check_error == (pytest.approx(90 / 6**0.5) if deviation else None)


def test_simulate_gives_the_same_chance_and_the_same_range() -> None:
    """One question has one answer, but for the luck of 10,000 draws, half a point."""
    from funnelcli.analyses.simulation import simulate
    from funnelcli.funnel_file.changes import check

    for text, deviation in ((SHOP, 0), (SHOP, 120), (ADS.replace("budget: 600", "budget: 1100"), 0)):
        funnel = with_spread(text, deviation)
        goal = check("profit > 0", funnel.names)
        drawn = simulate(funnel, goal=goal, next_period=False)  # type: ignore[arg-type]
        known = unit_economics(funnel)
        assert not isinstance(drawn, Problem)
        assert not isinstance(known, Problem)
        assert drawn.goal is not None
        assert known.chance_earns == pytest.approx(drawn.goal.chance, abs=0.025)
        profit = drawn.metrics["profit"]
        assert (known.profit_low, known.profit_high) == pytest.approx(
            (profit.p10, profit.p90), abs=0.1 * profit.deviation
        )


def test_three_sales_tell_nothing() -> None:
    """3 of 40 at 100 against a budget of 310: it lost 10, and the posterior Beta(4, 38) is above 3.1 of 40 in 64%."""
    result = economics_of("budget: 310\naverage_check: 100\nstages: {Leads: 40, Sales: 3}")
    assert (result.profit, result.verdict) == (-10, UNTOLD)
    assert result.chance_earns == pytest.approx(float(stats.beta(4, 38).sf(3.1 / 40)), abs=0.01)
    assert result.sales_to_tell is None  # 10 of 310 would take thousands


def test_what_would_tell_is_the_sales_that_bring_the_profit_twice_0_84_errors_from_nothing() -> None:
    """6 sales earn 30, or lose 160; the posterior's deviation is that of 200 x Beta(21, 181) x Beta(7, 15) x 90."""
    result = economics_of(SHOP.replace("budget: 500", "budget: 510"))
    first, second = stats.beta(21, 181), stats.beta(7, 15)
    square = (first.var() + first.mean() ** 2) * (second.var() + second.mean() ** 2)
    deviation = 90 * 200 * (square - (first.mean() * second.mean()) ** 2) ** 0.5
    times = (2 * stats.norm.ppf(0.8) * deviation / 30) ** 2
    assert result.verdict == UNTOLD
    assert times > 100
    assert result.sales_to_tell is None
    loss = economics_of(SHOP.replace("budget: 500", "budget: 700"))
    times = (2 * stats.norm.ppf(0.8) * deviation / 160) ** 2
    assert loss.verdict == UNTOLD
    assert loss.sales_to_tell == pytest.approx(6 * (times - 1), abs=1)


def test_nothing_spent_cannot_be_lost() -> None:
    result = economics_of("gross_margin: 30%\naverage_check: 90\nstages: {Visits: 200, Paid: 6}")
    assert (result.verdict, result.chance_earns) == (EARNS, None)


def test_a_loss_on_every_sale_is_exact_unless_the_check_is_not() -> None:
    text = "average_check: 90\nbudget: 100\nstages: [{name: A, count: 100}, {name: B, count: 6, cost: 95}]"
    certain = unit_economics(funnel_of(text))
    spread = unit_economics(with_spread(text, 60))
    assert not isinstance(certain, Problem)
    assert not isinstance(spread, Problem)
    assert (certain.verdict, certain.chance_earns) == (HOPELESS, 0)
    assert spread.verdict in (LOSES, UNTOLD)
    assert 0 < (spread.chance_earns or 0) < 0.5


@pytest.mark.parametrize("sales", [6, 60, 100, 110, 600])
def test_that_every_sale_loses_is_said_where_it_is_likely(sales: int) -> None:
    """A check of 90 with a deviation of 60, below a cost of 95: in every command, from a chance of 80% on."""
    text = f"average_check: 90\nbudget: 100\nstages: [{{name: A, count: 900}}, {{name: B, count: {sales}, cost: 95}}]"
    stated = with_spread(text, 60)
    told = stats.norm.cdf(5 / (60 / sales**0.5)) >= 0.8
    assert told == (sales >= 102)
    assert sale_loses(stated, 1) == told
    result, levers = unit_economics(stated), pull(stated, Effort("relative", Fraction(1, 10), "+10%"))
    assert not isinstance(result, Problem)
    assert not isinstance(levers, Problem)
    assert (result.verdict == HOPELESS) == told
    assert levers.sale_loses == told


def test_lifetime_value_is_only_told_of_sales_that_repeat() -> None:
    once = economics_of(ADS.replace(", average_check: 60", ""))
    assert (once.ltv, once.ltv_to_cac, once.unit_margin) == (None, None, 42)
    assert (once.first_sale_margin, once.first_sale_margin_to_cac) == (42, 42 / F(65, 2))
    refers = ADS.replace(", average_check: 60", "") + "referral: {from: Bought, brings: 0.1, to: Asked}\n"
    assert economics_of(refers).ltv == 42


def test_many_segments_take_no_draws() -> None:
    """Hundreds of segments, each with a chance of its own, in a moment."""
    rows = "".join(f"    s{number}: {{counts: [100, {number % 7}], budget: 300}}\n" for number in range(400))
    text = f"average_check: 90\nstages: [{{name: A}}, {{name: B}}]\nbreakdowns:\n  channel:\n{rows}"
    result = economics_of(text, "channel")
    assert len(result.segments) == 400
    assert result.segments[3].chance_earns == pytest.approx(float(stats.beta(4, 98).sf(300 / 90 / 100)), abs=0.01)


@pytest.mark.parametrize(
    ("sales", "budget", "verdict"), [(3, 800, UNTOLD), (3, 3000, LOSES), (4, 1000, LOSES), (0, 3000, LOSES)]
)
def test_few_sales_of_unequal_size_take_more_for_a_verdict(sales: int, budget: int, verdict: str) -> None:
    """Their deviation is known of two degrees of freedom: a chance of 80% does not do, one of 95% does."""
    text = f"average_check: 90\nbudget: {budget}\nstages: {{Visits: 200, Paid: {sales}}}"
    spread = unit_economics(with_spread(text, 90))
    assert not isinstance(spread, Problem)
    assert (spread.verdict, economics_of(text).verdict) == (verdict, LOSES)
    assert 0 < (spread.chance_earns or 0) < 0.2


def _ads_with(conversions: F | int, deviation: int | None = None) -> Funnel:
    """Clicks of Google Ads that bring so many conversions of 31 each, for 4,450.25."""
    last = Stage("Conversions", 1, conversions, average_check=31, average_check_sd=deviation)
    stages = (Stage("Impr.", None, 127560), Stage("Clicks", 0, 3678), last)
    return Funnel("Ads", stages, budget=F(445025, 100))


def test_conversions_in_parts_are_as_uncertain_as_whole_ones() -> None:
    """149.73 of 3,678: the chance by a million draws of NumPy, and between those of 149 and of 150."""
    found = _whole(_ads_with(F(14973, 100)))
    draws = np.random.default_rng(7)
    sales = 127560 * draws.beta(3679, 123883, 1_000_000) * draws.beta(150.73, 3529.27, 1_000_000)
    assert found.chance_earns == pytest.approx(float((31 * sales > 4450.25).mean()), abs=0.005)
    assert found.verdict == UNTOLD
    assert found.profit_low is not None
    assert found.profit_high is not None
    low, high = np.quantile(31 * sales - 4450.25, (0.1, 0.9))
    assert (found.profit_low, found.profit_high) == pytest.approx((low, high), abs=5)
    drawn = simulate(_ads_with(F(14973, 100)), next_period=False)
    assert isinstance(drawn, Simulation)
    assert (drawn.metrics["profit"].p10, drawn.metrics["profit"].p90) == pytest.approx((low, high), abs=25)
    assert any("not whole vary as whole ones do: Conversions" in each for each in found.assumptions)
    assert any("not whole vary as whole ones do: Conversions" in each for each in drawn.assumptions)


@pytest.mark.parametrize("conversions", [F(1, 2), F(192, 100), F(653, 10), F(14973, 100), F(7133, 10)])
@pytest.mark.parametrize("deviation", [None, 20])
def test_no_count_in_parts_looks_more_certain_than_whole_ones_beside_it(conversions: F, deviation: int | None) -> None:
    below, above = (_whole(_ads_with(each, deviation)) for each in (int(conversions), int(conversions) + 1))
    found = _whole(_ads_with(conversions, deviation))
    assert found.chance_earns is not None
    assert below.chance_earns is not None
    assert above.chance_earns is not None
    assert below.chance_earns - 1e-3 <= found.chance_earns <= above.chance_earns + 1e-3

    def width(each: Economics) -> float:
        assert each.revenue_low is not None
        assert each.revenue_high is not None
        return each.revenue_high - each.revenue_low

    assert width(found) >= 0.99 * min(width(below), width(above))


def _whole(funnel: Funnel) -> Economics:
    found = unit_economics(funnel)
    assert isinstance(found, Economics)
    return found
