"""The stages with open units: what each is expected to bring, and by which conversions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.losses import in_the_end, losing, told_by_days_lost
from funnelcli.analyses.open_amounts import open_amounts
from funnelcli.exact import Exact, reduced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from funnelcli.analyses.timeline import Expected
    from funnelcli.model import Funnel


class OpenStage(NamedTuple):
    """Units that sit in a stage now.

    `close_chance` is the chance that one of them becomes a sale in the end: the one that is stated, or the product of
    the conversions of the decided from here to the sale; `None` at the sale, after it, off the way to it, where a
    conversion is unknown, and where units grow on the way: `sales_per_open_unit` is that product, growth or not.
    `sales` and `weighted` are the sales and the money that they are expected to bring within the horizon, repeat
    sales included; `None` where no chance is known. `days` are the mean days from the stage to the sale, where its
    `close_within` does not tell them, and `in_time` the share of those who become a sale that do so within the
    horizon. `conversion_decided` is that of the step to this stage. `days_lost` is the mean time that losses are
    stated to take here, which the chance then follows from. `mean_amount` is the mean money of these units, where
    amounts of some of them are known.
    """

    name: str
    open: int
    close_chance: Exact | None
    stated: bool
    weighted: Exact | None
    sales: Exact | None
    days: Exact | None
    sales_per_open_unit: Exact | None = None
    in_time: float | None = None
    conversion_decided: Exact | None = None
    days_lost: Exact | None = None
    mean_amount: Exact | None = None


class DecidedStep(NamedTuple):
    """A step on the way to the sale: units of the stage it comes from, how many are open there, and went on.

    Where losses are stated to take `days_lost` there, `conversion_eventual` is that of all who come, in the end, and
    `conversion_open` that of those who are open.
    """

    name: str
    from_: str
    reached: Exact
    open: int
    went_on: Exact
    conversion: Exact | None
    conversion_decided: Exact | None
    days_lost: Exact | None = None
    conversion_eventual: Exact | None = None
    conversion_open: Exact | None = None


def open_stages(funnel: Funnel, expected: Expected, days: Exact | None, has_money: bool) -> Iterator[OpenStage]:
    """What the open units of each stage are expected to bring within so many days, in the end if that is `None`."""
    sale = funnel.sale_stage
    yields, grows = sales_per_unit(funnel, funnel.conversion_decided)
    for index, stage in enumerate(funnel.stages):
        if stage.open is None:
            continue
        sales, money = expected.by(days, index)
        stated, before_sale = funnel.states_chance(index), index in funnel.path_to(sale)[1:]
        each_brings = stage.close_chance if stated else yields[index]
        is_unknown = bool(stage.open) and before_sale and each_brings is None
        yield OpenStage(
            stage.name,
            stage.open,
            None if grows[index] and not stated else each_brings,
            stated,
            money if has_money and (money or not is_unknown) else None,
            None if is_unknown else sales,
            funnel.days_to(sale, index) if index in funnel.path_to(sale) and not stage.close_within else None,
            each_brings,
            expected.times.share(index, sale, days) if before_sale and days is not None else None,
            funnel.conversion_decided(index),
            stage.days_lost if told_by_days_lost(funnel, index) else None,
            None if (amounts := open_amounts(funnel, index)) is None else amounts.mean,
        )


def sales_per_unit(funnel: Funnel, conversion: Callable[[int], Exact | None]) -> tuple[list[Exact | None], list[bool]]:
    """For each stage the product of the conversions from it to the sale, and whether units grow on that way.

    `conversion` is that of the decided: units that are open go on with what follows from it for them, and later with
    that of all who come. `None` where there is none. Where they grow, the product is no chance.
    """
    yields: list[Exact | None] = [None] * len(funnel.stages)
    grows = [False] * len(funnel.stages)
    product: Exact | None = 1
    growth = False
    for index in funnel.path_to(funnel.sale_stage)[:-1]:
        rate, parent = conversion(index), funnel.stages[index].parent
        assert parent is not None
        of_open, of_all = (in_the_end(funnel, index, rate, waiting=waiting) for waiting in (True, False))
        yields[parent] = None if of_open is None or product is None else reduced(of_open * product)
        product = None if of_all is None or product is None else reduced(of_all * product)
        growth = growth or (rate is not None and rate > 1)
        grows[parent] = growth
    return yields, grows


def decided_steps(funnel: Funnel) -> Iterator[DecidedStep]:
    """The steps on the way to the sale out of stages that have open units, where the counts tell of them."""
    for index in reversed(funnel.path_to(funnel.sale_stage)[:-1]):
        stage, parent = funnel.stages[index], funnel.stages[index].parent
        assert parent is not None
        above = funnel.stages[parent]
        if above.open and stage.is_counted and not funnel.states_chance(parent):
            rates = funnel.conversion(index), funnel.conversion_decided(index)
            step = DecidedStep(stage.name, above.name, above.count, above.open, stage.count, *rates)
            if losing(funnel, index) is None:
                yield step
            else:
                eventual, still_open = (
                    in_the_end(funnel, index, rates[1], waiting=waiting) for waiting in (False, True)
                )
                yield step._replace(days_lost=above.days_lost, conversion_eventual=eventual, conversion_open=still_open)
