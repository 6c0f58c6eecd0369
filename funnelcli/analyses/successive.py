"""Periods in the order of time, each against the one before it: what of their conversions differs by more than chance.

Counts, sales and revenue are what came, and are not tested: of them, only conversions are samples.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses import economics
from funnelcli.analyses.breakdowns import segment_funnels
from funnelcli.analyses.fewer_stages import one_step
from funnelcli.analyses.pairs import Pair, test_pairs
from funnelcli.analyses.periods import skipped
from funnelcli.analyses.variation import varied
from funnelcli.exact import minus, relative_change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.analyses.pairs import Tested
    from funnelcli.exact import Exact
    from funnelcli.model import Funnel
    from funnelcli.segments import Breakdown

FEWEST = 3
"""Periods from which on there is more to tell than of the first and the last."""


class PeriodStep(NamedTuple):
    """The conversion to a stage in a period, and how it differs from that of the period before.

    `difference` is a fraction of 1, the p-value corrected by Holm over all steps and the overall conversion of all
    pairs; `differs` is 1 where it is higher by more than chance, -1 where it is lower, else 0. With `others_got_there`
    an earlier step differs, so that others got there. `None` in the first period, and where a step has no sample.
    """

    name: str
    conversion: Exact | None
    difference: Exact | None = None
    p_value_holm: float | None = None
    differs: int = 0
    others_got_there: bool = False


class PeriodChange(NamedTuple):
    """A period with its figures, and how they differ from the one before it: rates of change as fractions of 1.

    `None` in the first period, where a figure is not known or 0, and where the two cover unequal time. `after_gap`: by
    their names, a period between the two is missing.
    """

    name: str
    entries: Exact
    sales: Exact
    revenue: Exact | None
    entries_change_rate: Exact | None
    sales_change_rate: Exact | None
    revenue_change_rate: Exact | None
    overall: PeriodStep
    steps: tuple[PeriodStep, ...]
    after_gap: bool = False


class Successive(NamedTuple):
    """Periods of the funnel of this name, the earliest first; p-values are corrected for so many `tests`."""

    name: str
    dimension: str
    periods: tuple[PeriodChange, ...]
    tests: int


def successive(
    funnel: Funnel, breakdown: Breakdown, names: Sequence[str], confidence: float, priced: Sequence[Funnel] = ()
) -> Successive | None:
    """The periods of these names, in this order, each against the one before; `None` where these are too few.

    What varies between periods is in each test, as the periods beside the two tell it. `priced` are the periods as
    funnels where these tell their money, and the segments do not.
    """
    if len(names) < FEWEST:
        return None
    known = {segment.name: segment for segment in breakdown.segments}
    segments = [known[name] for name in names]
    pairs = []
    for two in pairwise(segments):
        kept = varied(funnel, breakdown, without=[each.name for each in two])
        a, b = segment_funnels(funnel, two, kept, breakdown.dimension)
        pairs.append(Pair(a, b, confidence, len(segments) - 1))
    hidden = any(side.hides_steps for pair in pairs for side in (pair.a, pair.b))
    wholes = [pair._replace(a=one_step(pair.a), b=one_step(pair.b)) if hidden else pair for pair in pairs]
    tested = test_pairs(pairs, wholes, 1)
    periods = [pairs[0].a, *(pair.b for pair in pairs)]
    judged = [wholes[0].a, *(pair.b for pair in wholes)]
    told = [_OnePeriod(*each) for each in zip(periods, priced or periods, judged, strict=True)]
    gaps = skipped(names)
    rows = tuple(
        _change(now, before, pair, test)._replace(after_gap=now.part.name in gaps)
        for now, before, pair, test in zip(told, (None, *told), (None, *pairs), (None, *tested), strict=False)
    )
    return Successive(funnel.name, breakdown.dimension, rows, tested[0].number)


class _OnePeriod(NamedTuple):
    """A period by its steps, by its money, and by what it is judged by."""

    part: Funnel
    priced: Funnel
    judged: Funnel


def _change(now: _OnePeriod, before: _OnePeriod | None, pair: Pair | None, test: Tested | None) -> PeriodChange:
    """A period against the one before it, where there is one."""
    entries, sales, income = amounts = _amounts(now.priced)
    changes: list[Exact | None] = [None] * len(amounts)
    if before is not None and pair is not None and not pair.uneven:
        changes = [relative_change(*each) for each in zip(_amounts(before.priced), amounts, strict=True)]
    overall = PeriodStep(now.part.names[now.part.sale_stage], _overall(now.judged))
    if before is not None and test is not None:
        overall = overall._replace(
            difference=minus(overall.conversion, _overall(before.judged)),
            p_value_holm=test.overall.p_value_holm,
            differs=test.overall.differs,
        )
    above = None if before is None else before.part
    steps = tuple(_step(now.part, above, index, test) for index in range(1, len(now.part.stages)))
    of_entries, of_sales, of_income = changes
    return PeriodChange(now.part.name, entries, sales, income, of_entries, of_sales, of_income, overall, steps)


def _step(part: Funnel, before: Funnel | None, index: int, test: Tested | None) -> PeriodStep:
    """The conversion to a stage, against that of the period before."""
    rate = part.conversion_decided(index)
    if test is None or before is None:
        return PeriodStep(part.names[index], rate)
    return PeriodStep(
        part.names[index],
        rate,
        minus(rate, before.conversion_decided(index)),
        test.stages[index].p_value_holm,
        test.stages[index].differs,
        any(test.stages[at].differs for at in part.path_to(index)[1:]),
    )


def _overall(whole: Funnel) -> Exact | None:
    return whole.overall_conversion_decided(whole.sale_stage)


def _amounts(part: Funnel) -> tuple[Exact, Exact, Exact | None]:
    """Entries, sales and revenue."""
    return part.stages[0].count, part.stages[part.sale_stage].count, economics.revenue(part)
