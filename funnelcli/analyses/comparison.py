"""Two or more funnels of the same stages: what differs, how sure that is, and what moved revenue."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses import economics
from funnelcli.analyses.ages import without_like
from funnelcli.analyses.common_stages import aligned
from funnelcli.analyses.ends import base_of, end_is_unknown
from funnelcli.analyses.fewer_stages import one_step
from funnelcli.analyses.mix import Mix, mixes
from funnelcli.analyses.moved import Moved, are_ended, ended, profit_moved, revenue_moved, sales_moved
from funnelcli.analyses.overall import Overall, as_compared, overall, untold
from funnelcli.analyses.pairs import Pair, is_untold, test_pairs
from funnelcli.analyses.variation import Variation, variation_of
from funnelcli.diagnostics import Problem
from funnelcli.exact import Exact, minus, ratio, relative_change
from funnelcli.stats.beta import prob_b_beats_a
from funnelcli.stats.intervals import newcombe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.analyses.pairs import Tested
    from funnelcli.analyses.successive import Successive
    from funnelcli.measure import Cut
    from funnelcli.model import Funnel


class ComparedStage(NamedTuple):
    """A stage in both funnels; `difference` is b - a, a fraction of 1, and `change_rate` that in % of a.

    The interval is Newcombe's, the p-value that of a two-sided test, corrected by Holm over all steps, the overall
    conversion and all funnels that are compared. `None` where a step has no sample. `differs` is 1 where the rate of b
    is higher by more than chance, -1 where it is lower, else 0; a step is of those who got there, and neither better
    nor worse by itself. With `others_got_there` an earlier step differs, so that others got there. Counts are those so
    far, and those `eventual` are expected in the end, where effects are of that.
    """

    name: str
    count_a: Exact
    count_b: Exact
    count_change_rate: Exact | None
    conversion_a: Exact | None
    conversion_b: Exact | None
    difference: Exact | None
    difference_low: float | None
    difference_high: float | None
    change_rate: Exact | None
    p_value: float | None
    p_value_holm: float | None
    method: str | None
    differs: int
    chance_b_better: float | None
    others_got_there: bool = False
    count_a_eventual: Exact | None = None
    count_b_eventual: Exact | None = None
    count_change_rate_eventual: Exact | None = None


class Comparison(NamedTuple):
    """B against A.

    `overall` is the overall conversion, tested, and `profit` what moved it where both sides state the same costs. Of
    periods, `periods_between` are those that lie between and are not compared, and `periods_open` those left out
    because their units may still go on, and `periods_cut` those of which a part is covered. `uneven` says that one of
    the two is cut, so that they are of unequal time: no change of volume is told, and no effect of entries. `variation`
    is what is known of the variation from period to period, which is in the ranges and tests; `None` where no periods
    are compared. P-values are corrected for `tests`, all that were made or, where the pair was chosen from `chosen_of`,
    could have been. Units that are open in the stages `open_at` leave the denominators of the steps; the overall
    conversion is then the product of these, what it is in the end. Segments whose units are known by the dimension of
    time `within` are held against each other in its periods: so are differences, tests and chances, and not the
    conversions of each. `untold_by_age` says that the open units of one are so much younger that nothing can be told of
    the overall conversion: it has no chances and ranges then. `without_like` says likewise that they have no period in
    common in which units of both are decided.
    """

    a: str
    b: str
    stages: tuple[ComparedStage, ...]
    sales: Moved
    overall_conversion_a: Exact | None
    overall_conversion_b: Exact | None
    revenue: Moved | None
    mix: tuple[Mix, ...]
    left_out: tuple[str, ...]
    overall: Overall
    profit: Moved | None
    variation: Variation | None = None
    open_at: tuple[str, ...] = ()
    lost_unplaced: int | None = None
    tests: int = 0
    chosen_of: int = 1
    periods_between: tuple[str, ...] = ()
    periods_open: tuple[str, ...] = ()
    periods_cut: tuple[Cut, ...] = ()
    uneven: bool = False
    within: str | None = None
    untold_by_age: bool = False
    without_like: bool = False
    sales_called: str = "sales"


class Side(NamedTuple):
    """One of the funnels, in a table over all of them.

    The counts and amounts are those so far; where `in_the_end` of the effects, those `eventual` stand beside them.
    """

    name: str
    counts: tuple[Exact, ...]
    conversions: tuple[Exact | None, ...]
    overall_conversion: Exact | None
    revenue: Exact | None
    profit: Exact | None
    counts_eventual: tuple[Exact, ...] | None = None
    revenue_eventual: Exact | None = None
    profit_eventual: Exact | None = None


class ComparisonReport(NamedTuple):
    """All funnels, and each against the first. `stages` are those of every funnel.

    `in_file_order` is the dimension of time whose first and last segment are compared, though their names do not say
    which is earlier. `cut` are those of which a part is covered. `not_mature` are those of which units may still go on,
    and it is not known how many: they are not tested (`no_window` says that there is none); `in_the_end` are those
    whose conversions are the ones expected when all windows are over. Of segments, `open_at` are the stages where units
    of the whole are open: of which segments is not known, so they count as not passed. `successive` has periods, three
    or more, each against the one before.
    """

    file: str | None
    document: int
    name: str
    period: str | None
    currency: str | None
    confidence: float
    sale_stage: str
    stages: tuple[str, ...]
    sides: tuple[Side, ...]
    comparisons: tuple[Comparison, ...]
    currencies: tuple[str, ...]
    in_file_order: str | None = None
    not_mature: tuple[str, ...] = ()
    open_at: tuple[str, ...] = ()
    sales_called: str = "sales"
    in_the_end: tuple[str, ...] = ()
    cut: tuple[Cut, ...] = ()
    no_window: bool = False
    successive: Successive | None = None


def compare(
    funnels: Sequence[Funnel],
    labels: Sequence[str],
    confidence: float = 0.95,
    common: bool = False,
    varying: bool = True,
    chosen_of: int = 1,
) -> ComparisonReport | Problem:
    """Each funnel against the first; a `Problem` where their stages differ.

    `labels` name the funnels in the report. With `common`, the stages that all of them have are compared, each with the
    nearest one above it, and the others are left out. `varying` tells that they are of different periods, or may be.
    `chosen_of` is how many pairs there are where two were chosen from many: some of them always look unlike.
    """
    found = aligned(funnels, labels, common)
    if isinstance(found, Problem):
        return found
    funnels, left_out = found
    first = funnels[0]
    # one step from the entry to the sale where any of them hides its own
    judged = [one_step(funnel) for funnel in funnels] if any(each.hides_steps for each in funnels) else funnels
    paid = sorted({index for funnel in funnels for index in funnel.money_stages})
    budgets = any(funnel.budget is not None for funnel in funnels)
    in_the_end = are_ended(judged)
    sides = tuple(
        _side(funnel, whole, label, budgets, in_the_end)
        for funnel, whole, label in zip(funnels, judged, labels, strict=True)
    )
    currencies = tuple(dict.fromkeys(funnel.currency for funnel in funnels if funnel.currency))
    ends = {
        label: not end_is_unknown(funnel, funnel.sale_stage, 0)
        for funnel, label in zip(funnels, labels, strict=True)
        if funnel.awaits or funnel.is_open
    }
    pairs = [Pair(first, other, confidence, max(len(funnels) - 1, chosen_of), varying) for other in funnels[1:]]
    wholes = [pair._replace(a=judged[0], b=other) for pair, other in zip(pairs, judged[1:], strict=True)]
    return ComparisonReport(
        file=first.file if all(funnel.file == first.file for funnel in funnels) else None,
        document=first.document,
        name=" / ".join(labels) if len(labels) == 2 else f"{len(labels)} funnels",
        period=None,
        currency=currencies[0] if len(currencies) == 1 else None,
        confidence=confidence,
        sale_stage=first.stages[first.sale_stage].name,
        stages=first.names,
        sides=sides,
        comparisons=tuple(
            _compare_pair(paid, pair, whole, tested, labels[0], label, (*left_out[0], *gone), in_the_end)
            for pair, whole, tested, label, gone in zip(
                pairs, wholes, test_pairs(pairs, wholes, chosen_of), labels[1:], left_out[1:], strict=True
            )
        ),
        currencies=currencies,
        not_mature=tuple(label for label, known in ends.items() if not known),
        sales_called=first.sales_called,
        in_the_end=tuple(label for label, known in ends.items() if known),
        cut=tuple(funnel.cut._replace(name=label) for funnel, label in zip(funnels, labels, strict=True) if funnel.cut),
        no_window=any(funnel.no_window for funnel in funnels),
    )


def _side(funnel: Funnel, whole: Funnel, label: str, budgets: bool, in_the_end: bool) -> Side:
    """One funnel's figures; a profit only where budgets are known: beside one, none stated is not 0."""
    side = Side(
        name=label,
        counts=tuple(stage.count for stage in funnel.stages),
        conversions=tuple(funnel.conversion_decided(index) for index in range(len(funnel.stages))),
        overall_conversion=whole.overall_conversion_decided(whole.sale_stage),
        revenue=economics.revenue(funnel),
        profit=economics.profit(funnel) if budgets and funnel.budget is not None else None,
    )
    if not in_the_end:
        return side
    base = base_of(funnel)
    return side._replace(
        counts_eventual=tuple(stage.count for stage in base.stages),
        revenue_eventual=economics.revenue(base),
        profit_eventual=None if side.profit is None else economics.profit(base),
    )


def _compare_pair(
    paid: list[int],
    pair: Pair,
    whole: Pair,
    tested: Tested,
    label_a: str,
    label_b: str,
    left_out: tuple[str, ...],
    in_the_end: bool,
) -> Comparison:
    a, b, sale = pair.a, pair.b, whole.a.sale_stage
    if whole.a is not a:
        paid = sorted({*whole.a.money_stages, *whole.b.money_stages})
    before, after = (side.overall_conversion_decided(sale) for side in (whole.a, whole.b))
    end = ended(whole) if in_the_end else whole
    return Comparison(
        a=label_a,
        b=label_b,
        stages=_stages(pair, tested, ended(pair) if in_the_end else None),
        uneven=pair.uneven,
        sales=sales_moved(whole, end, sale),
        overall_conversion_a=before,
        overall_conversion_b=after,
        revenue=revenue_moved(whole, end, paid),
        mix=tuple(mixes(whole)),
        left_out=tuple(dict.fromkeys(left_out)),
        overall=_overall(whole, (before, after), tested),
        profit=profit_moved(whole, end, paid),
        variation=_variation(pair),
        open_at=tuple(name for name in a.names if name in {*a.open_at, *b.open_at}),
        lost_unplaced=a.lost_unplaced or b.lost_unplaced,
        tests=tested.number,
        chosen_of=tested.chosen_of,
        untold_by_age=is_untold(tested.overall),
        without_like=bool(without_like((whole.a, whole.b), whole.a if whole.a.open_at else whole.b)),
        sales_called=whole.a.sales_called,
    )


def _overall(pair: Pair, rates: tuple[Exact | None, Exact | None], tested: Tested) -> Overall:
    sale = pair.a.sale_stage
    first, second = pair.sample_of(pair.a, sale, 0), pair.sample_of(pair.b, sale, 0)
    bounds, conversion = pair.bounds_of(pair.b, sale, 0), rates[1]
    if pair.within:
        rates = as_compared(first), as_compared(second)
    if is_untold(tested.overall):
        first = second = None
    found = overall(rates, first, second, tested.overall, pair.confidence, bounds=bounds)
    found = found._replace(conversion=conversion)
    constant = (first, second) == (pair.counted(pair.a, sale, 0), pair.counted(pair.b, sale, 0))
    return untold(found, first, second, tested.number, (pair.a, pair.b)) if constant else found


def _variation(pair: Pair) -> Variation | None:
    """What is known of the variation between the periods; of funnels that need not be periods, only if something is."""
    if not pair.varying:
        return None
    known = [variation_of(side) for side in (pair.b, pair.a)]
    told = [each for each in known if each.basis != "constant"]
    if told:
        return told[0]
    periods = {side.period for side in (pair.a, pair.b)}
    of_time = len(periods) > 1 and None not in periods
    return known[0] if of_time else None


def _stages(pair: Pair, tested: Tested, end: Pair | None) -> tuple[ComparedStage, ...]:
    a, b, confidence = pair[:3]
    rows = []
    for index, (stage, other, test) in enumerate(zip(a.stages, b.stages, tested.stages, strict=True)):
        rate_a, rate_b = a.conversion_decided(index), b.conversion_decided(index)
        counts = pair.samples(index)
        base, difference = rate_a, minus(rate_b, rate_a)
        if pair.within:
            base = None if counts is None else as_compared(counts[:2])
            difference = None if counts is None else minus(as_compared(counts[2:]), base)
        if is_untold(test):
            counts = None
        interval = None if counts is None else newcombe(*counts, confidence)
        earlier = a.path_to(index)[1:]
        eventual = (None, None) if end is None else (end.a.stages[index].count, end.b.stages[index].count)
        rows.append(
            ComparedStage(
                name=stage.name,
                count_a=stage.count,
                count_b=other.count,
                count_change_rate=None if pair.uneven else relative_change(stage.count, other.count),
                conversion_a=rate_a,
                conversion_b=rate_b,
                difference=difference,
                difference_low=None if interval is None else interval.low,
                difference_high=None if interval is None else interval.high,
                change_rate=ratio(difference, base),
                p_value=test.p_value,
                p_value_holm=test.p_value_holm,
                method=test.method,
                differs=test.differs,
                chance_b_better=None if counts is None else prob_b_beats_a(*counts),
                others_got_there=any(tested.stages[above].differs for above in earlier),
                count_a_eventual=eventual[0],
                count_b_eventual=eventual[1],
                count_change_rate_eventual=None if pair.uneven else relative_change(*eventual),
            )
        )
    return tuple(rows)
