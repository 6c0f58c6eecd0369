"""The funnel as the analyses see it: frozen, exact numbers, no input or output.

Rates are fractions of 1. What a file leaves out is `None`; defaults that carry a meaning (gross margin, elasticity) are
applied where they are used, so that the output can say that they were assumed.

All records of the package are named tuples: as frozen as dataclasses, and made in a quarter of the time, which is felt
because start-up is most of a short process.
"""

import math
from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import Literal, NamedTuple, TypeAlias, TypedDict

from funnelcli.exact import Exact, added, ratio, reduced
from funnelcli.measure import Cut, Eventual, Measure, Measured, When
from funnelcli.segments import Breakdown, CellCounts, Segment, Varied
from funnelcli.what_if import AnyCheck, Check, Scenario

Role: TypeAlias = Literal["impression", "click", "lead", "customer"]
"""What the units of a stage are, which gives their money its name: CPM, CPC, CPL, CAC."""
_SAME = Fraction(1, 10**6)
"""Units by which an end that was rounded may differ from a count."""


def file_name(file: str | None) -> str:
    """The name of a file without folders, of whatever system."""
    return (file or "").replace("\\", "/").rsplit("/", 1)[-1]


def stem(file: str) -> str:
    """The name of a file without folders and ending: `shop` of `funnels/shop.funnel.yaml`."""
    name = file_name(file)
    without = name.rsplit(".", 1)[0]
    return without.removesuffix(".funnel") or without or name


class RateRange(NamedTuple):
    """A 90% range for a rate, `8% to 12%`, as stated by a person who has no counts."""

    low: Exact
    high: Exact

    @property
    def middle(self) -> Exact:
        """The rate that stands for the range where one figure is needed."""
        return Fraction(self.low + self.high, 2)


class MoneyToCome(NamedTuple):
    """The mean money of a sale that is still to come, its standard deviation, and the units that tell it, if known."""

    mean: Exact
    sd: Exact
    units: int | None


class Stage(NamedTuple):
    """One level of a funnel.

    `parent` is the index of the stage it converts from, `None` for the first. `count` is known or computed from the
    stated `conversion`; a stage with a stated conversion has no sample behind it. `average_check` and `cost` are money
    per unit that reaches the stage; `revenue`, when given instead of the check, is the stage's total. `close_chance` is
    the stated chance that an `open` unit becomes a sale, `close_chance_sd` the standard deviation of what is known of
    it, and `close_within` the chance to do so within so many days from now, ascending. `unknown`: the count cannot be
    told, by a projection or in a pipeline without history, and 0 stands in its place. `average_check_sd` is the
    standard deviation of the money of each, where it is known. `days_quantiles` are the median and the 90% point of
    the time from the stage before, whose mean `days` is then. `days_lost` is the mean time that a unit of this stage
    takes to be known to be lost, and `days_lost_quantiles` are likewise. `open_amounts` are the money of each open
    unit, where they are of unequal size, or of the units of segments that list theirs, where others do not; in a
    segment that does not tell its own, of all that the others leave, among which these are. `open_rest` is the mean
    money of each without an amount, in a segment where the stage tells it. `check_of` is of a segment that has the
    average check of its funnel: the `check_units` there. `lost_unplaced` of the first stage are units that were lost
    there or later, and nobody knows at which stage. `within` are the seconds that a measured unit has from the stage it
    comes from, `exclude` the events that may not lie between them, and `amount` the column of the money that the events
    of the stage bring. `money_to_come` is of the sale in a segment of measured entries, where sales that are still to
    come are expected to bring other money than those that came.
    """

    name: str
    parent: int | None
    count: Exact  # type: ignore[assignment]  # in place of the tuple's method
    conversion: Exact | RateRange | None = None
    target: Exact | None = None
    average_check: Exact | None = None
    revenue: Exact | None = None
    cost: Exact | None = None
    days: Exact | None = None
    open: int | None = None
    close_chance: Exact | None = None
    role: Role | None = None
    allow_growth: bool = False
    when: When = ()
    unknown: bool = False
    average_check_sd: Exact | None = None
    days_quantiles: tuple[Exact, Exact] | None = None
    open_amounts: tuple[Exact, ...] = ()
    check_of: tuple[int | None] | None = None
    days_lost: Exact | None = None
    days_lost_quantiles: tuple[Exact, Exact] | None = None
    lost_unplaced: int | None = None
    close_chance_sd: Exact | None = None
    close_within: tuple[tuple[Exact, Exact], ...] = ()
    within: int | None = None
    exclude: When = ()
    amount: str | None = None
    money_to_come: MoneyToCome | None = None
    open_rest: Exact | None = None

    @property
    def check_units(self) -> int | None:
        """The whole units whose money the average check is the mean of; `None` where none are counted."""
        if self.check_of is not None:
            return self.check_of[0]
        if not self.is_counted or (not isinstance(self.count, int) and self.count < 1):
            return None
        return math.floor(self.count)

    @property
    def units(self) -> Exact | None:
        """The count; `None` where it cannot be told."""
        return None if self.unknown else self.count

    @property
    def is_counted(self) -> bool:
        """Whether the count was counted, and does not follow from a stated conversion."""
        return self.conversion is None and not self.unknown

    @property
    def brings_money(self) -> bool:
        """Whether there is an average order value."""
        return self.average_check is not None or self.revenue is not None

    @property
    def average_order_value(self) -> Exact | None:
        """Money brought by one unit: the average check, or the stage's revenue per unit."""
        if self.average_check is not None or self.revenue is None:
            return self.average_check
        return ratio(self.revenue, self.count) or 0


def sale_of(roles: Sequence[str | None], otherwise: int = -1) -> int:
    """Index of the stage that is the sale, and has the funnel's average check: the customer's, else the last."""
    return roles.index("customer") if "customer" in roles else otherwise % len(roles)


class Referral(NamedTuple):
    """Each unit at stage `source` brings `brings` new units at stage `target` (indices of stages)."""

    source: int
    brings: Exact
    target: int


class Heading(TypedDict):
    """What every report says first: which funnel it is of."""

    file: str | None
    document: int
    name: str
    period: str | None
    currency: str | None
    sales_called: str


class Funnel(NamedTuple):
    """A funnel of one document: at least two stages with counts, and everything that is known about their money.

    The funnel's `average_check` of the file stands on the stage of the sale here. `file` is `None` for a funnel that
    was typed on the command line; `document` counts from 1. `derived` are the keys of money that the file leaves out
    and the segments of a dimension tell: pairs of key and dimension. `unbudgeted` are the segments without a budget
    where others have one: something is spent, and how much is not known. `variation` is how much the true rate of a
    step varies from period to period, its coefficient of variation, as stated; `varied` is of a segment. The breakdowns
    by the dimensions of `cells` are their sums. `chosen` are the segments that this is of: pairs of dimension and name.
    `between` are the stages that one step of it passes by, as losses at no known stage hide their conversions.
    `ages` are the units of a segment by the period that they came in, where cells tell it and some are open.
    """

    name: str
    stages: tuple[Stage, ...]
    file: str | None = None
    document: int = 1
    description: str | None = None
    period: str | None = None
    currency: str | None = None
    budget: Exact | None = None
    gross_margin: Exact | None = None
    spend_elasticity: Exact | None = None
    referral: Referral | None = None
    breakdowns: tuple[Breakdown, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    checks: tuple[AnyCheck, ...] = ()
    measure: Measure | None = None
    measured: Measured | None = None
    derived: tuple[tuple[str, str], ...] = ()
    unbudgeted: tuple[str, ...] = ()
    variation: Exact | None = None
    cells: tuple[CellCounts, ...] = ()
    varied: Varied | None = None
    chosen: tuple[tuple[str, str], ...] = ()
    between: tuple[str, ...] = ()
    ages: tuple[Segment, ...] = ()

    @property
    def is_counted(self) -> bool:
        """Whether there are counts; else it is a pipeline without history, of open units with their close chances."""
        return not all(stage.unknown for stage in self.stages)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the stages."""
        return tuple(stage.name for stage in self.stages)

    def index(self, name: str) -> int:  # type: ignore[override]  # in place of the tuple's method
        """Index of the stage of exactly this name; `metrics.find_name` finds one as a person writes it."""
        return self.names.index(name)

    @property
    def heading(self) -> Heading:
        """The first fields of a report on it."""
        return {
            "file": self.file,
            "document": self.document,
            "name": self.name,
            "period": self.period,
            "currency": self.currency,
            "sales_called": self.sales_called,
        }

    @property
    def file_stem(self) -> str:
        """The name of its file without folders and ending; empty without a file."""
        return stem(self.file or "")

    @property
    def budget_of(self) -> str | None:
        """The dimension whose segments' budgets are added up in `budget`; `None` where the file states it."""
        return dict(self.derived).get("budget")

    @property
    def limits(self) -> tuple[Check, ...]:
        """The checks that hold a figure against a limit."""
        return tuple(check for check in self.checks if isinstance(check, Check))

    @property
    def is_open(self) -> bool:
        """Whether this is a measured period whose window was open at the last event, so that its counts may grow."""
        return self.name in self.not_mature

    @property
    def open_at(self) -> tuple[str, ...]:
        """Names of the stages whose open units may still take a step."""
        followed = {stage.parent for stage in self.stages}
        return tuple(stage.name for index, stage in enumerate(self.stages) if stage.open and index in followed)

    @property
    def not_mature(self) -> tuple[str, ...]:
        """The measured periods whose window was open at the last event."""
        return () if self.measured is None else self.measured.not_mature

    def is_unmet(self, index: int) -> bool:
        """Whether no event met what a stage asks when it was measured: its 0 is none of those who could have come."""
        return self.measured is not None and not self.stages[index].count and self.names[index] in self.measured.unmet

    @property
    def unmet(self) -> tuple[str, ...]:
        """The names of these stages."""
        return () if self.measured is None else self.unmet_among(range(len(self.stages)))

    def unmet_among(self, indices: Collection[int]) -> tuple[str, ...]:
        """The names of those of some stages, in the order of the stages."""
        return tuple(name for index, name in enumerate(self.names) if index in indices and self.is_unmet(index))

    @property
    def cut(self) -> Cut | None:
        """How much of this measured period the events or the interval cover, where that is a part of it."""
        cuts = () if self.measured is None else self.measured.cut
        return next((each for each in cuts if each.name == self.name), None)

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """The `cut`, as results list it."""
        return () if self.cut is None else (self.cut,)

    @property
    def cut_periods(self) -> tuple[Cut, ...]:
        """The measured periods that are cut, without the funnel itself."""
        cuts = () if self.measured is None else self.measured.cut
        return tuple(each for each in cuts if each.name != self.name)

    @property
    def no_window(self) -> bool:
        """Whether periods were measured without a window, so that none of them is known to be over."""
        measured, measure = self.measured, self.measure
        if measured is None or measure is None or measured.recipe is not None or measure.period is None:
            return False
        return measured.window is None and measure.window is None

    def counted_again(self, breakdown: Breakdown) -> tuple[Exact, ...]:
        """What measured segments add up to beyond the stages, as units have entries in several; else empty.

        Empty too where the counts are no longer those that were measured.
        """
        noted = dict(self.measured.counted_again).get(breakdown.dimension, ()) if self.measured else ()
        found = tuple(
            added((*(segment.counts[index] for segment in breakdown.segments), -stage.count))
            for index, stage in enumerate(self.stages)
        )
        return noted if noted == found else ()

    @property
    def sale_stage(self) -> int:
        """Index of the stage that counts as the sale.

        It is the one with the role `customer`, else the last one that brings money, else the last one.
        """
        paid = self.money_stages
        return sale_of([stage.role for stage in self.stages], paid[-1] if paid else -1)

    @property
    def sales_called(self) -> str:
        """What the units of the stage that counts as the sale are called: `sales`, or as the stage is.

        They are sales where they are customers by their role or, without a role, bring money. Clicks, visits, leads and
        what nothing is known of are none.
        """
        sale = self.stages[self.sale_stage]
        is_sold = sale.role == "customer" or (sale.role is None and (sale.brings_money or self.sells_open))
        return "sales" if is_sold else sale.name

    @property
    def sells_open(self) -> bool:
        """Whether open units bring money, which they do at the sale."""
        return any(stage.open_amounts or stage.open_rest is not None for stage in self.stages)

    @property
    def money_stages(self) -> tuple[int, ...]:
        """Indices of the stages that bring money."""
        return tuple([index for index, stage in enumerate(self.stages) if stage.brings_money])

    @property
    def is_chain(self) -> bool:
        """Whether every stage comes from the one right before it."""
        return all(stage.parent == index - 1 for index, stage in enumerate(self.stages) if index)

    def path_to(self, index: int, start: int | None = None) -> tuple[int, ...]:
        """Indices of a stage, the one it comes from, and so on to the entry, or to the stage `start` on the way."""
        way: list[int] = []
        at: int | None = index
        while at is not None:
            way.append(at)
            at = None if at == start else self.stages[at].parent
        return tuple(way)

    def days_to(self, index: int, start: int | None = None) -> Exact | None:
        """The mean days to a stage from the entry, or from `start`; `None` when a step on the way does not say."""
        days = [self.stages[at].days for at in self.path_to(index, start)[:-1]]
        known = [each for each in days if each is not None]
        return added(known) if len(known) == len(days) else None

    @property
    def sale_is_told(self) -> bool:
        """Whether a role or money tells which stage is the sale; else it is only the last one."""
        return bool(self.money_stages) or any(stage.role == "customer" for stage in self.stages)

    @property
    def on_the_way(self) -> frozenset[int]:
        """Indices of the stages that lead to the sale, to money, or to a referral; more units at others bring nothing.

        `Lost` and refunds are among the others, and what follows the sale without money of its own. All of them where
        nothing tells which stage is the sale.
        """
        if not self.sale_is_told:
            return frozenset(range(len(self.stages)))
        ends = {self.sale_stage, *(index for index in self.money_stages if self.stages[index].average_order_value)}
        if self.referral is not None and self.referral.brings:
            ends.add(self.referral.source)
        return frozenset(at for index in ends for at in self.path_to(index))

    def conversion(self, index: int) -> Exact | None:
        """n_i / n_p of a stage; out of an empty stage the stated conversion, else `None`, as at the first stage.

        `None`, too, where it is hidden by losses at no known stage (`hides`).
        """
        stage = self.stages[index]
        above = None if stage.parent is None else self.stages[stage.parent]
        if above is None or stage.unknown or above.unknown or self.hides(index):
            return None
        counted = ratio(stage.count, above.count)
        if counted is None and stage.conversion is not None:
            return stage.conversion.middle if isinstance(stage.conversion, RateRange) else stage.conversion
        return counted

    def decided(self, index: int, origin: int | None = None) -> Exact | None:
        """How many of the units of the stage that a stage comes from have gone on or are lost; `None` at the entry.

        Those that sit there now (`open`) may still do either, so they say nothing of its conversion. Where more are
        said to be open than have not gone on, the open ones are not of this count, which then stands as it is. `origin`
        is the stage that the units follow, where that is another. Where steps are hidden (`hides_steps`), all open
        units are left out of the entries and of no other stage, so that the product of the steps is of the decided.
        """
        stage, origin = self.stages[index], self.stages[index].parent if origin is None else origin
        if origin is None or stage.unknown or self.stages[origin].unknown:
            return None
        count = self.stages[origin].count
        if self.hides_steps and (self.hides(index, origin) or not origin):
            before = set(range(len(self.stages))).difference(self.subtree(self.sale_stage))
            return count if origin else count - sum(self.stages[at].open or 0 for at in before)
        left = count - (self.stages[origin].open or 0)
        return left if left >= (min(stage.count, 1) if stage.allow_growth else stage.count) else count

    @property
    def lost_unplaced(self) -> int | None:
        """The units of which nobody knows at which of several stages they were lost; `None` where there are none."""
        return self.stages[0].lost_unplaced if self.hides_steps else None

    @property
    def hides_steps(self) -> bool:
        """Whether nobody knows at which stage some units were lost, so that no conversion of a single step is known."""
        return bool(self.stages[0].lost_unplaced) and len(self.path_to(self.sale_stage)) > 2

    def hides(self, index: int, origin: int | None = None) -> bool:
        """Whether losses at no known stage hide the conversion to a stage from the one it comes from, or from `origin`.

        That from the entry to the sale is known, and those from the sale on: who got there is not among the losses.
        """
        if not self.hides_steps or not index:
            return False
        origin = self.stages[index].parent if origin is None else origin
        return (origin, index) != (0, self.sale_stage) and origin not in self.subtree(self.sale_stage)

    def states_chance(self, index: int) -> bool:
        """Whether the chance that an open unit of a stage becomes a sale is stated, and not told by the counts."""
        return self.stages[index].close_chance is not None and index in self.path_to(self.sale_stage)[1:]

    def conversion_decided(self, index: int) -> Exact | None:
        """n_i / (n_p - open_p) of a stage: of those that are decided; a stated conversion is what it is.

        `None` where nothing is decided yet. What forecasts, chances and comparisons use. Of measured entries
        whose window is open, the one that is expected in the end, where that is known.
        """
        if self.stages[index].conversion is not None:
            return self.conversion(index)
        if self.awaits and (told := self.eventual_share(index)) is not None:
            return told
        return None if self.hides(index) else ratio(self.stages[index].count, self.decided(index))

    def overall_conversion_decided(self, index: int) -> Exact | None:
        """The conversion of the entries to a stage in the end: the product of the steps, each of its decided.

        Units that are open further on have passed the steps before, and have to take the others: leaving them out of
        the entries would leave out those who are the furthest, and keep all who are lost. `None` where a step has
        nobody decided, unless nobody passes an earlier one.
        """
        way = self.path_to(index)[-2::-1]
        if self.awaits and (told := self.eventual_share(index, 0)) is not None:
            return told
        if self.hides_steps and way:
            return None if self.hides(index, 0) else ratio(self.stages[index].count, self.decided(index, 0))
        if not any(self.stages[at].open for at in way[:-1]):
            units = self.stages[index].units
            return ratio(units, self.decided(index, 0) if way else units)
        product: Exact | None = 1
        for at in way:
            product = None if (rate := self.conversion_decided(at)) is None else reduced((product or 0) * rate)
            if not product:
                break
        return product

    def eventual(self, index: int) -> Eventual | None:
        """What was measured of the conversion of the entries to a stage, when the windows of all are over.

        As many come to a stage as to one that only comes from it, which ends told by few entries may deny.
        """
        ends = () if self.measured is None else self.measured.eventual
        own = next((end for name, end in ends if name == self.stages[index].name), None)
        if own is None or own.conversion is None:
            return own
        following = (
            self.eventual(at)
            for at, stage in enumerate(self.stages)
            if at and stage.parent == index and not stage.allow_growth
        )
        more = [end for end in following if end and end.conversion is not None and end.conversion > own.conversion]
        highest = max(more, key=lambda end: end.conversion or 0, default=own)
        return own._replace(conversion=highest.conversion, low=highest.low, high=highest.high)

    def ends_between(self, index: int, origin: int | None = None) -> tuple[Eventual, Eventual | None] | None:
        """What was measured of the ends of a stage and of the one that it comes from, or `origin`: of the entry, none.

        `None` where nothing was measured of either, and where no event met what a stage between asks.
        """
        origin = self.stages[index].parent if origin is None else origin
        if origin is None or origin == index:
            return None
        own, above = self.eventual(index), self.eventual(origin) if origin else None
        if own is None or (origin and above is None) or any(map(self.is_unmet, self.path_to(index, origin))):
            return None
        return own, above

    @property
    def awaits(self) -> bool:
        """Whether entries were measured whose window is open, so that more of them are expected to come."""
        ends = () if self.measured is None else self.measured.eventual
        if not ends:
            return False
        counts: dict[str, Exact] = {stage.name: stage.count for stage in self.stages}
        for name, end in ends:
            expected = None if end.conversion is None else end.conversion * self.stages[0].count
            if name in counts and (expected is None or not -_SAME <= expected - counts[name] <= _SAME):
                return True
        return False

    def sample_in_the_end(self, index: int, origin: int | None = None) -> tuple[Exact, Exact] | None:
        """The `eventual_sample` where windows are open; `None` where all are over, so that counts tell it."""
        return self.eventual_sample(index, origin) if self.awaits else None

    def eventual_sample(self, index: int, origin: int | None = None) -> tuple[Exact, Exact] | None:
        """The units that come to a stage and those that could, of the entries that tell as much as if all were over.

        From the stage that it comes from, or from `origin`. `None` where nothing was measured of the end, where nobody
        was followed for the whole window, and where no event met what a stage asks.
        """
        ends = self.ends_between(index, origin)
        if ends is None:
            return None
        own, above = ends
        if own.conversion is None or (above is not None and above.conversion is None):
            return None
        share: Exact = 1 if above is None else above.conversion or 0
        could = reduced(Fraction(own.entries) * share)
        came: Exact = reduced(Fraction(own.entries) * own.conversion)
        return (came if came < could else could), could

    def eventual_share(self, index: int, origin: int | None = None) -> Exact | None:
        """The conversion in the end to a stage, as in `eventual_sample`, of which a period may have no sample itself.

        `None` where that has none, and where nobody comes to the stage it is from.
        """
        ends = self.ends_between(index, origin)
        if ends is None or self.eventual_sample(index, origin) is None:
            return None
        own, above = ends
        share = ratio(own.conversion or 0, 1 if above is None else above.conversion or 0)
        return share if share is None or share < 1 else 1

    def origin(self, index: int) -> int | None:
        """The stage whose units a stage follows: the one it comes from, or the nearest above that is not empty.

        Units that come out of an empty stage (`allow_growth`) have passed it by. `None` for the entry, and where all
        stages above such units are empty.
        """
        above = self.stages[index].parent
        if self.stages[index].count:
            while above is not None and not self.stages[above].count:
                above = self.stages[above].parent
        return above

    def subtree(self, root: int) -> tuple[int, ...]:
        """Indices of a stage and of all stages that come from it, directly or not, in order."""
        inside = {root}
        for index in range(root + 1, len(self.stages)):
            if self.stages[index].parent in inside:
                inside.add(index)
        return tuple(sorted(inside))
