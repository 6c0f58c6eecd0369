"""What a change of a funnel file does to the funnel: its limits first, then its figures, then everything else.

Figures are told by `compare`, so that one question has one answer. Where the period is the same on both sides, they
were corrected, and a test of chance would be the wrong question: it is not asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from funnelcli.analyses.changed_keys import fields_changed, keys_changed, plain
from funnelcli.analyses.changed_scenarios import scenarios_changed
from funnelcli.analyses.checks import run_checks
from funnelcli.analyses.compared_segments import compare_funnels, labels
from funnelcli.analyses.figures import figure
from funnelcli.analyses.looseness import limits_changed, paired, paired_usual, unchecked, unread
from funnelcli.analyses.renames import replaced, stages_now, with_names_of_now
from funnelcli.diagnostics import Problem
from funnelcli.exact import relative_change
from funnelcli.metrics import METRICS, Selector, find_name
from funnelcli.what_if import Check, UsualCheck

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from funnelcli.analyses.changed_keys import KeyChange
    from funnelcli.analyses.changed_scenarios import ScenarioChange
    from funnelcli.analyses.checks import CheckResult
    from funnelcli.analyses.comparison import ComparisonReport
    from funnelcli.analyses.looseness import LimitChange
    from funnelcli.analyses.moved import Moved
    from funnelcli.diagnostics import Diagnostic
    from funnelcli.exact import Exact
    from funnelcli.model import Funnel, Stage

FigureBasis: TypeAlias = Literal["corrected", "new period", "unnamed"]
"""Whether figures are of the same period as before, of another one, or it is not known, as no period is named."""
CheckOutcome: TypeAlias = Literal["newly fails", "no longer fails", "no longer judged"]
StatesOfSides: TypeAlias = tuple["Sequence[Funnel]", "Sequence[Funnel]"]
"""The states of a funnel in the order of time, up to either side of a change."""
_FIGURES = ("count", "average_check", "revenue", "cost", "open", "close_chance", "conversion")


class CheckChange(NamedTuple):
    """A check whose outcome is another: what it came to before, and now."""

    outcome: CheckOutcome
    before: CheckResult | None
    after: CheckResult | None


class ChecksNow(NamedTuple):
    """How the checks of a funnel stand: how many of them passed, failed and are undecided."""

    passed: int
    failed: int
    undecided: int


class StageChange(NamedTuple):
    """A stage that was added, removed, renamed, or replaced by another; of `reordered` ones, all of them in a row."""

    change: Literal["added", "removed", "renamed", "replaced", "reordered"]
    before: str | None
    after: str | None


class CountChange(NamedTuple):
    """A stage whose count is another; `None` where it cannot be told or the stage is not there."""

    stage: str
    before: Exact | None
    after: Exact | None


class MovedAmount(NamedTuple):
    """A figure of the whole funnel on both sides; `effects` are what each factor moved, and add up to the change.

    Where the stages are others, there are no effects, and the overall conversion and the average check are among them.
    """

    figure: Literal["sales", "overall_conversion", "average_check", "revenue", "profit"]
    before: Exact
    after: Exact
    change: Exact
    change_rate: Exact | None
    effects: dict[str, float]


class FunnelDifference(NamedTuple):
    """What a change does to one funnel.

    It is as it is now, and of one that was removed, as it was. Where the other side of its file does not read, nothing
    is compared: it is `read again`, or `no longer read`, with its counts and limits. `checks_now` is there where it has
    checks, `basis` and `comparison` where figures changed; the comparison is what `compare` says, and of no use as a
    verdict but of a new period. It is of the stages that both have, where `common`.
    """

    file: str | None
    document: int
    name: str
    period: str | None
    currency: str | None
    sales_called: str
    change: Literal["added", "removed", "changed", "read again", "no longer read"]
    file_before: str | None
    name_before: str | None
    period_before: str | None
    loosened: tuple[LimitChange, ...] = ()
    newly_failing: tuple[CheckChange, ...] = ()
    checks: tuple[CheckChange, ...] = ()
    checks_now: ChecksNow | None = None
    limits: tuple[LimitChange, ...] = ()
    stages: tuple[StageChange, ...] = ()
    basis: FigureBasis | None = None
    counts: tuple[CountChange, ...] = ()
    amounts: tuple[MovedAmount, ...] = ()
    scenarios: tuple[ScenarioChange, ...] = ()
    keys: tuple[KeyChange, ...] = ()
    common: bool = False
    comparison: ComparisonReport | None = None

    @property
    def is_compared(self) -> bool:
        """Whether both sides are known, be it that one has no such funnel."""
        return self.change not in ("read again", "no longer read")

    @property
    def is_renamed(self) -> bool:
        """Whether it has another name or lies in another file."""
        return self.change == "changed" and (
            (self.file_before is not None and self.file_before != self.file) or self.name_before != self.name
        )


class FileDifference(NamedTuple):
    """What a change does to a file beside its funnels.

    It `reads` where no error is left; `errors` are those of now, of a file that had none, or others than before.
    `loosened` are warnings that it silences now, `keys` the defaults that it sets otherwise, and `warnings` those that
    are new, where warnings fail.
    """

    file: str
    file_before: str | None
    reads_before: bool | None
    reads: bool | None
    errors: tuple[Diagnostic, ...] = ()
    loosened: tuple[LimitChange, ...] = ()
    keys: tuple[KeyChange, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def breaks(self) -> bool:
        """Whether it newly does not read."""
        return self.reads is False and self.reads_before is not False

    @property
    def reads_again(self) -> bool:
        """Whether it did not read before, and does now."""
        return self.reads is True and self.reads_before is False


class DifferenceReport(NamedTuple):
    """A whole change: what it does to each funnel and file; `before` and `after` are what the sides are called.

    With `only_told`, what is alarming is told and refuses nothing.
    """

    before: str
    after: str
    funnels: tuple[FunnelDifference, ...]
    files: tuple[FileDifference, ...] = ()
    only_told: bool = False

    @property
    def loosened(self) -> int:
        """How many limits are loosened."""
        return sum(len(each.loosened) for each in self.funnels) + sum(len(each.loosened) for each in self.files)

    @property
    def newly_failing(self) -> int:
        """How many checks newly fail."""
        return sum(len(each.newly_failing) for each in self.funnels)

    @property
    def broken(self) -> int:
        """How many files newly do not read."""
        return sum(each.breaks for each in self.files)

    @property
    def warnings(self) -> int:
        """How many warnings are new, where warnings fail."""
        return sum(len(each.warnings) for each in self.files)

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not self.funnels and not self.files

    @property
    def refuses(self) -> bool:
        """Whether somebody should look before the change is taken."""
        return not self.only_told and bool(self.loosened or self.newly_failing or self.broken or self.warnings)


def difference(
    before: Funnel | None, after: Funnel | None, strict: bool = False, states: StatesOfSides = ((), ())
) -> FunnelDifference | None:
    """What differs between the sides of a funnel, `None` where nothing does; a side without it is `None`.

    `strict`: checks that are undecided fail as well, as with `check --strict`. `states` are those of either side by
    which `run_checks` tells what is usual.
    """
    if before is None or after is None:
        return None if before is after else _of_one(before, after, strict, states[1])
    if plain(before) == plain(after) and before.file == after.file:
        return None
    now = stages_now(before, after)
    instead = replaced(before, after, now)
    places = {**now, **instead}
    named = with_names_of_now(before, now)
    limits = limits_changed(before, after, now, strict, instead)
    olds, news = (
        run_checks(side, side.checks, None, known) for side, known in zip((before, after), states, strict=True)
    )
    outcomes = tuple(_outcomes(before, after, now, instead, strict, olds, news))
    basis = _basis(before, after)
    compared, common = _compared(named, after, basis) if _figures_moved(named, after) else (None, False)
    counts = tuple(_counts(named, after))
    found = FunnelDifference(
        **after.heading,
        change="changed",
        file_before=before.file,
        name_before=before.name,
        period_before=before.period,
        loosened=tuple(each for each in limits if each.change == "loosened"),
        limits=tuple(each for each in limits if each.change != "loosened"),
        newly_failing=tuple(each for each in outcomes if each.outcome == "newly fails"),
        checks=tuple(each for each in outcomes if each.outcome != "newly fails"),
        checks_now=_standing(news),
        stages=tuple(_stages(before, after, now, instead)),
        basis=basis if counts or compared is not None else None,
        counts=counts,
        amounts=tuple(_own_amounts(before, after) if compared is None or common else _amounts(compared)),
        scenarios=tuple(scenarios_changed(before, after, places)),
        keys=keys_changed(with_names_of_now(before, places), after, places),
        common=common,
        comparison=compared,
    )
    return found if found.is_renamed or _tells(found) else found._replace(keys=fields_changed(before, after))


def _tells(found: FunnelDifference) -> bool:
    """Whether anything is said of what changed."""
    told = (found.loosened, found.limits, found.newly_failing, found.checks, found.stages, found.counts)
    return any(told) or bool(found.amounts or found.scenarios or found.keys)


def _of_one(before: Funnel | None, after: Funnel | None, strict: bool, states: Sequence[Funnel]) -> FunnelDifference:
    """A funnel that is new, or gone."""
    funnel = after or before
    assert funnel is not None
    results = [] if after is None else run_checks(after, after.checks, None, states)
    return FunnelDifference(
        **funnel.heading,
        change="removed" if after is None else "added",
        file_before=None if before is None else before.file,
        name_before=None if before is None else before.name,
        period_before=None if before is None else before.period,
        loosened=unchecked(funnel) if after is None else (),
        newly_failing=tuple(CheckChange("newly fails", None, each) for each in results if _fails(each, strict)),
        checks_now=_standing(results),
    )


def not_compared(funnel: Funnel, is_now: bool, strict: bool, states: Sequence[Funnel] = ()) -> FunnelDifference:
    """A funnel whose file does not read on the other side: what it has, as that of now or that of before."""
    found = _of_one(None, funnel, strict, states) if is_now else _of_one(funnel, None, strict, ())
    units = [(stage.name, stage.units) for stage in funnel.stages]
    return found._replace(
        change="read again" if is_now else "no longer read",
        loosened=(),
        limits=unread(funnel, is_now),
        counts=tuple(CountChange(name, *((None, count) if is_now else (count, None))) for name, count in units),
    )


def _standing(results: Sequence[CheckResult]) -> ChecksNow | None:
    passed = [each.passed for each in results]
    return ChecksNow(passed.count(True), passed.count(False), passed.count(None)) if results else None


def _fails(result: CheckResult | None, strict: bool) -> bool:
    return result is not None and (result.passed is False or (strict and result.passed is None))


# limits


def _outcomes(
    before: Funnel,
    after: Funnel,
    now: Mapping[str, str],
    replaced: Mapping[str, str],
    strict: bool,
    olds: Sequence[CheckResult],
    news: Sequence[CheckResult],
) -> Iterator[CheckChange]:
    """Checks that fail now and did not, no longer do, or cannot be judged any more, by the results of both sides."""
    places = {**now, **replaced}
    for kind, pairs in (
        (Check, paired(before, after, places)),
        (UsualCheck, paired_usual(before, after, places)),
    ):
        old_results, new_results = _of_kind(before, olds, kind), _of_kind(after, news, kind)
        for at, to in pairs:
            old, new = None if at is None else old_results[at], None if to is None else new_results[to]
            if _fails(new, strict) and not _fails(old, strict):
                yield CheckChange("newly fails", old, new)
            elif new is not None and old is not None:
                if new.passed is None and old.passed is not None:
                    yield CheckChange("no longer judged", old, new)
                elif _fails(old, strict) and new.passed:
                    yield CheckChange("no longer fails", old, new)


def _of_kind(funnel: Funnel, results: Sequence[CheckResult], kind: type) -> list[CheckResult]:
    """The results of the checks of a kind, `Check` or `UsualCheck`, among those of all."""
    return [result for check, result in zip(funnel.checks, results, strict=True) if isinstance(check, kind)]


# stages and figures


def _stages(before: Funnel, after: Funnel, now: Mapping[str, str], instead: Mapping[str, str]) -> Iterator[StageChange]:
    kept = set(now.values())
    for name in before.names:
        if name in instead:
            yield StageChange("replaced", name, instead[name])
        elif name not in now:
            yield StageChange("removed", name, None)
        elif now[name] != name:
            yield StageChange("renamed", name, now[name])
    known = {*kept, *instead.values()}
    yield from (StageChange("added", None, name) for name in after.names if name not in known)
    old, new = [now[name] for name in before.names if name in now], [name for name in after.names if name in kept]
    if old != new:
        yield StageChange("reordered", " → ".join(old), " → ".join(new))


def _basis(before: Funnel, after: Funnel) -> FigureBasis:
    """Whether the figures are of one period: by its name, or by what was measured."""
    olds, news = _times(before), _times(after)
    if olds == news:
        return "corrected" if any(news) else "unnamed"
    return "new period"


def _times(funnel: Funnel) -> tuple[str | None, tuple[str, ...]]:
    measured = funnel.measured
    between = () if measured is None else measured.between or tuple(filter(None, (measured.since, measured.until)))
    return funnel.period, between


def _figures_moved(before: Funnel, after: Funnel) -> bool:
    """Whether counts differ, or what money is made of."""
    if before.names != after.names:
        return True
    rest = ("budget", "gross_margin", "referral", "measured", "cells", "breakdowns")
    return any(getattr(before, key) != getattr(after, key) for key in rest) or any(
        getattr(one, key) != getattr(other, key)
        for one, other in zip(before.stages, after.stages, strict=True)
        for key in _FIGURES
    )


def _counts(before: Funnel, after: Funnel) -> Iterator[CountChange]:
    """Counts that are others, in the order of now; one that is gone stands where it was."""
    gone = {place: each for place, each in enumerate(before.stages) if find_name(each.name, after.names) is None}
    for place in range(max(len(before.stages), len(after.stages))):
        if place in gone:
            yield CountChange(gone[place].name, gone[place].units, None)
        if place < len(after.stages):
            yield from _count(before, after.stages[place])


def _count(before: Funnel, stage: Stage) -> Iterator[CountChange]:
    """That the count of a stage is another."""
    at = find_name(stage.name, before.names)
    old = None if at is None else before.stages[at].units
    if at is None or old != stage.units:
        yield CountChange(stage.name, old, stage.units)


def _compared(before: Funnel, after: Funnel, basis: FigureBasis) -> tuple[ComparisonReport | None, bool]:
    """What `compare` says of the two sides, and whether it is of the stages that both have."""
    if not (before.is_counted and after.is_counted):
        return None, False
    called = labels([before, after])
    if basis != "new period" or any(name.endswith((" (1)", " (2)")) for name in called):
        called = ["before", "now"]
    report = compare_funnels([before, after], called)
    if not isinstance(report, Problem):
        return report, False
    report = compare_funnels([before, after], called, common=True)
    return (None, False) if isinstance(report, Problem) else (report, True)


def _own_amounts(before: Funnel, after: Funnel) -> Iterator[MovedAmount]:
    """What differs of the whole funnels, whatever their stages, each by its own."""
    if not (before.is_counted and after.is_counted):
        return
    names: tuple[Literal["sales", "overall_conversion", "average_check", "revenue"], ...]
    names = ("sales", "overall_conversion", "average_check", "revenue")
    for name in names:
        old, new = (figure(side, Selector(METRICS[name], None)) for side in (before, after))
        if old is not None and new is not None and old != new:
            yield MovedAmount(name, old, new, new - old, relative_change(old, new), {})


def _amounts(report: ComparisonReport) -> Iterator[MovedAmount]:
    pair = report.comparisons[0]
    moved: tuple[tuple[Literal["sales", "revenue", "profit"], Moved | None], ...] = (
        ("sales", pair.sales),
        ("revenue", pair.revenue),
        ("profit", pair.profit),
    )
    for name, each in moved:
        if each is not None and each.change:
            effects = {effect.factor: effect.effect for effect in each.effects if effect.effect}
            yield MovedAmount(name, each.a, each.b, each.change, each.change_rate, effects)
