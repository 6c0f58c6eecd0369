"""Whether a funnel earns, and how sure that is: the mean profit of such periods in the long run."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

from funnelcli.analyses import economics
from funnelcli.analyses.ends import base_of, unmet_on_the_way
from funnelcli.analyses.fewer_stages import judged
from funnelcli.analyses.flows import sampled
from funnelcli.analyses.losses import losses_show
from funnelcli.analyses.open_money import open_money_taken, with_open_money
from funnelcli.analyses.outcomes import (
    IN_THE_LONG_RUN,
    amounts_of,
    check_spreads,
    flow,
    lasting_amount,
    prices_of,
)
from funnelcli.analyses.rates import counted_in_parts
from funnelcli.stats.draws import central, share_reaching
from funnelcli.stats.normal import inverse_normal, normal_below
from funnelcli.stats.power import POWER
from funnelcli.stats.sampling import DEFAULT_DRAWS, DEFAULT_SEED
from funnelcli.stats.skewed import chance_above, quantile
from funnelcli.stats.tests import LIKELY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.exact import Exact
    from funnelcli.model import Funnel
    from funnelcli.stats.draws import Draws

EARNS, EVEN, LOSES, HOPELESS = "earns", "breaks even", "loses", "no conversion makes it pay"
UNTOLD = "cannot be told yet"
FEW, SURE = 3, 0.95
"""So few sales tell hardly how much their money differs (Student's t has no variance yet): a verdict takes that."""
SKEWED = 0.7
"""The skewness, either way, up to which the curve by three moments is within a point of the distribution."""
MOST_TIMES = 100
"""More than so many times the counts are no answer to what would tell."""


class Earning:
    """What is known of the money of a funnel in the long run."""

    def __init__(self, funnel: Funnel) -> None:
        self.whole, self.funnel = funnel, judged(funnel)
        self.is_unmet = bool(unmet_on_the_way(funnel))
        self.base = base_of(self.funnel)
        ended = judged(with_open_money(funnel))
        self.prices = prices_of(ended, ended)
        self.nodes = flow(ended, base_of(ended), (), IN_THE_LONG_RUN)
        self.amounts = amounts_of(ended, ended.sale_stage, self.prices)
        self.known = {name: lasting_amount(self.nodes, each, self.prices) for name, each in self.amounts.items()}
        self.profit = self.known.get("profit")
        self.heavy = any(price.error for price in self.prices)
        self.spends = bool(funnel.budget) or any(stage.cost for stage in funnel.stages)
        self.chance = self._chance()

    def _chance(self) -> float | None:
        """The chance that the mean profit is above 0.

        `None` where nothing of it is uncertain, nothing is spent, or no event met a stage on the way.
        """
        if self.profit is None or not self.profit.variance or not self.spends or self.is_unmet:
            return None
        if economics.never_pays(self.base) and not self.prices:
            return 0.0
        if self.profit.skewness > SKEWED:
            return share_reaching(self._drawn["profit"], ">", 0)
        return chance_above(self.profit, 0.0, self.heavy)

    @cached_property
    def _drawn(self) -> dict[str, Draws]:
        """The draws of `simulate` of the mean in the long run: where sales are few no curve is near enough to them."""
        amounts = tuple(self.amounts.values())
        values = sampled(self.nodes, amounts, DEFAULT_DRAWS, DEFAULT_SEED, False, None, self.prices)
        return dict(zip(self.amounts, values, strict=True))

    @property
    def least(self) -> float:
        """The least chance of a verdict; a higher one where few sales tell how much their money differs."""
        return max((_least(self.funnel, price.node) for price in self.prices if price.error), default=LIKELY)

    def ranges(self) -> dict[str, float | None]:
        """The ranges of the figures, by the names of their fields."""
        found: dict[str, float | None] = {}
        revenue, entries = self.range_of("revenue"), self.funnel.stages[0].count
        profit, budget = self.range_of("profit"), self.funnel.budget
        for name, known, whole in (
            ("revenue", revenue, 1),
            ("value_per_entry", revenue, entries),
            ("profit", profit, 1),
            ("romi", profit, budget),
        ):
            ends = (None, None) if known is None or not whole else [end / float(whole) for end in known]
            found[f"{name}_low"], found[f"{name}_high"] = ends
        return found

    def range_of(self, name: str) -> tuple[float, float] | None:
        """The central 80% range of an amount; no revenue is below 0."""
        known = self.known.get(name)
        if known is None or not known.variance or self.is_unmet:
            return None
        if known.skewness > SKEWED:
            return central(self._drawn[name], 80)
        low, high = (quantile(known, share, self.heavy) for share in (0.1, 0.9))
        return (max(0.0, low), max(0.0, high)) if name == "revenue" else (low, high)

    @property
    def check_error(self) -> float | None:
        """The standard error of the average check of the sale; `None` where its spread is not known."""
        spreads = check_spreads(self.funnel, self.funnel)
        of_sale = (price for price in spreads if price.node == self.funnel.sale_stage)
        return next((price.error for price in of_sale if price.error), None)

    def sales_to_tell(self) -> Exact | None:
        """How many more sales would tell whether it earns, were its profit what it is; `None` where it is told.

        The error of the mean profit falls with the root of the counts. For a chance of 80% the profit must be 0.84
        errors from 0, and twice that so that it is found there in 80% of cases.
        """
        chance, sales = self.chance, self.base.stages[self.base.sale_stage].count
        profit = economics.profit(self.base)
        if chance is None or profit is None or self.profit is None or max(chance, 1 - chance) >= LIKELY:
            return None
        errors = abs(float(profit)) / math.sqrt(self.profit.variance)
        needed = inverse_normal(LIKELY) + inverse_normal(POWER)
        times = (needed / errors) ** 2 if errors else math.inf
        return max(1, math.ceil(sales * (times - 1))) if sales and times <= MOST_TIMES else None

    def assumptions(self) -> Iterator[str]:
        """What is taken as certain, one clause each."""
        if self.profit is None:
            return
        if not self.spends:
            yield "nothing is spent, so nothing can be lost"
        elif not self.profit.variance:
            yield "nothing is uncertain: no rate has a sample, so the figures are taken as exact"
        else:
            yield from counted_in_parts(self.funnel)
        paid = [index for index in self.funnel.money_stages if self.funnel.stages[index].average_order_value]
        plain = [self.funnel.stages[index].name for index in paid if not self.funnel.stages[index].average_check_sd]
        if self.chance is not None and self.funnel.open_at:
            stated = [self.funnel.states_chance(self.funnel.index(name)) for name in self.funnel.open_at]
            how = "those decided did" if not any(stated) else "their close_chance says"
            how += "" if all(stated) or not any(stated) else ", or as those decided did"
            yield (
                "ranges and the chance to earn are of the mean of such periods in the end, when those open "
                f"have gone on as {how}: {', '.join(self.funnel.open_at)}"
            )
            yield from losses_show(self.funnel)
            yield from open_money_taken(self.whole)
        if self.chance is not None and plain:
            yield f"average checks are certain, as no sd is given: {', '.join(plain)}"


def _least(funnel: Funnel, index: int) -> float:
    """The least chance of a verdict on money that rests on the sales of a stage."""
    return SURE if (funnel.stages[index].check_units or 0) <= FEW else LIKELY


def sale_loses(funnel: Funnel, sale: int) -> bool:
    """Whether each sale loses money: where the spread of its average check is known, as certain as other verdicts."""
    left = economics.unit_margin(funnel, sale)
    if left is None or left >= 0:
        return False
    errors = (price.error for price in check_spreads(funnel, funnel) if price.node == sale)
    error = next(errors, 0.0) * float(economics.margin(funnel))
    return not error or normal_below(-float(left) / error) >= _least(funnel, sale)


def verdict(profit: Exact | None, earning: Earning) -> str | None:
    """Whether it pays, where that can be told: by the profit of its base, and as certain as `Earning.least`."""
    funnel, chance, least = earning.base, earning.chance, earning.least
    unlikely = chance is None or chance <= 1 - least
    hopeless = (profit or 0) <= 0 and economics.never_pays(funnel) and sale_loses(funnel, funnel.sale_stage)
    if hopeless and unlikely:
        return HOPELESS
    if profit is None:
        return None
    if chance is None:
        even = EVEN if economics.money_moved(funnel) else None
        return EARNS if profit > 0 else LOSES if profit < 0 else even
    if profit > 0 and chance >= least:
        return EARNS
    return LOSES if profit < 0 and unlikely else UNTOLD
