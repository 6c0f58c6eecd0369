"""A funnel after changes, as a funnel: what scenarios, goals and levers are computed with."""

from __future__ import annotations

from fractions import Fraction
from functools import cache, partial
from itertools import takewhile
from typing import TYPE_CHECKING, NoReturn

from funnelcli.analyses.ends import base_is_end, base_of, base_taken, without_ends
from funnelcli.analyses.fewer_stages import OVERALL, hidden, judged, one_step_taken
from funnelcli.analyses.rules import (
    Exactly,
    Figure,
    Program,
    WithoutBoundError,
    count_rules,
    figure_of,
    others_share,
    recorded,
    remembered,
)
from funnelcli.diagnostics import Problem, quoted
from funnelcli.exact import LARGEST_NUMBER, reduced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from funnelcli.exact import Exact
    from funnelcli.metrics import Selector
    from funnelcli.model import Funnel, Stage
    from funnelcli.what_if import Change

BUDGET_STAYS = "the budget stays the same when entries or counts change"
ASSUMED: dict[str, Exact] = {"gross_margin": 1, "spend_elasticity": 1}
"""Figures of a funnel that does not state them."""


def projected(funnel: Funnel, changes: Iterable[tuple[Selector, Change]]) -> Funnel | Problem:
    """The funnel after the changes, as a funnel; a `Problem` when they cannot be.

    Rates and money change first, several changes of one figure in the order written; then counts follow by the rules
    (`rules.count_rules`), and a change of a count adds or sets at its stage and flows on. A count that follows from a
    rate nobody knows, out of a stage that has been empty, is `unknown`: see `unknown_count`. What changes is the funnel
    in the end, as far as that is known (`base_of`), with the steps that it can be judged by (`judged`); what losses at
    no known stage hide cannot be changed.
    """
    after = _Projection(base_of(judged(funnel)))
    try:
        for selector, change in changes:
            problem = hidden(funnel, selector)
            if problem is not None:
                return problem
            after.note(selector, change)
        return after.outcome()
    except _RefusedError as refused:
        return refused.problem


def apply(funnel: Funnel, changes: Iterable[tuple[Selector, Change]]) -> Funnel | Problem:
    """The funnel after the changes, as `projected` has it; a `Problem`, too, where its sales cannot be told."""
    after = projected(funnel, changes)
    return after if isinstance(after, Problem) else unknown_count(after, judged(funnel).sale_stage) or after


class _RefusedError(Exception):
    """Changes that cannot be, and why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


def _refuse(message: str, cure: str) -> NoReturn:
    raise _RefusedError(Problem("FN118", message, cure))


_prepared = remembered(lambda funnel: (Program(count_rules(funnel)), cache(partial(recorded, funnel))))
"""The rules of a funnel's counts, and its figures before any change, each asked for once."""


@cache
def _figures_at(index: int) -> tuple[Figure, ...]:
    """What changes can move at a stage."""
    return tuple(Figure(metric, index) for metric in ("count", "conversion", "average_check", "cost"))


class _Projection(Exactly):
    """Figures of a funnel after changes: new values of rates and money, and counts with the changes of theirs."""

    def __init__(self, funnel: Funnel) -> None:
        program, self.before = _prepared(funnel)
        super().__init__(program)
        self.funnel = funnel
        self.moved: dict[Figure, Exact] = {}
        self.counts: dict[Figure, list[Change]] = {}

    def recorded(self, figure: Figure) -> Exact | None:
        return self.before(figure)

    def given(self, figure: Figure) -> Exact | None:
        moved = self.moved.get(figure)
        return self.before(figure) if moved is None else moved

    def sets(self, figure: Figure) -> bool:
        return any(change.sets for change in self.counts.get(figure, ()))

    def changed(self, figure: Figure, value: Exact | None, scale_only: bool = False) -> Exact | None:
        for change in self.counts.get(figure, ()):
            if scale_only:
                value = 0 if change.sets else change._replace(shift=0).of(value)
            elif value is not None or change.sets:
                value = _changed(value, change, self.name(figure.at))
        return value

    def name(self, index: int) -> str:
        """The count of a stage as a selector has it."""
        return f"count@{self.funnel.stages[index].name}" if index else "entries"

    def note(self, selector: Selector, change: Change) -> None:
        """Take one change into account."""
        figure, what = figure_of(self.funnel, selector), str(selector)
        if figure.metric == "count":
            self.counts.setdefault(figure, []).append(change)
            return
        if figure.metric == "average_check" and selector.stage is None and len(self.funnel.money_stages) > 1:
            named = ", ".join(f"average_check@{self.funnel.stages[each].name}" for each in self.funnel.money_stages)
            _refuse("several stages have an average check", f"say which: {named}")
        current, stage = self.given(figure), self.funnel.stages[figure.at]
        if selector.metric.name == OVERALL and stage.parent:
            steps = ", ".join(
                f"conversion@{self.funnel.stages[at].name}" for at in self.funnel.path_to(figure.at)[-2::-1]
            )
            _refuse(f"{what} is the product of several conversions", f"change one of them: {steps}")
        if figure.metric == "conversion":
            if stage.parent is None:
                _refuse(f"{quoted(stage.name)} is the entry and has no conversion", "change entries instead")
            if current is None and not change.sets:
                empty = quoted(self.funnel.stages[stage.parent].name)
                _refuse(f"{what} is undefined: {empty} is empty", "set it to a value, e.g. 10%")
        value = _changed(ASSUMED.get(figure.metric) if current is None else current, change, what)
        if figure.metric == "gross_margin":
            _within_one(value, what, change)
        if figure.metric == "conversion" and not stage.allow_growth:
            _within_one(value, what, change, current)
        if figure.metric == "budget" and self.funnel.budget == 0 and value:
            _refuse(
                "the budget is 0: what more of it brings is unknown",
                "change entries as well, and the budget in the file",
            )
        self.moved[figure] = value

    def outcome(self) -> Funnel:
        """The funnel after the changes that were noted."""
        funnel, budget = self.funnel, Figure("budget")
        try:
            if (others := others_share(funnel)) is not None and others <= 0:
                raise WithoutBoundError(1 - others)
            stages: list[Stage] = []
            for index in range(len(funnel.stages)):
                stages.append(self._stage(index, stages))
        except WithoutBoundError as endless:
            _refuse(
                f"the referral grows without bound: each brings {float(endless.args[0]):.3g} more",
                "lower its brings, or the conversion on the way to it: below 1 in all",
            )
        except OverflowError:
            elasticity = float(self.given(Figure("spend_elasticity")) or 0)
            _refuse(f"entries would pass 1e18 with an elasticity of {elasticity:g}", "choose a smaller change")
        if budget in self.moved:  # a budget that is stated is no longer the sum of those of segments
            funnel = funnel._replace(
                derived=tuple(pair for pair in funnel.derived if pair[0] != "budget"), unbudgeted=()
            )
        changed = bool(self.moved or self.counts)
        return funnel._replace(
            measured=without_ends(funnel.measured) if changed else funnel.measured,
            stages=tuple(stages),
            budget=self.given(budget),
            gross_margin=self.given(Figure("gross_margin")),
            spend_elasticity=self.given(Figure("spend_elasticity")),
        )

    def _stage(self, index: int, before: list[Stage]) -> Stage:
        """A stage after the changes, held against its limits; those `before` it are done."""
        stage = self.funnel.stages[index]
        here, conversion, check, cost = _figures_at(index)
        count = self.figure(here)
        above = None if stage.parent is None else before[stage.parent]
        held = above and not above.unknown and here in self.counts and not stage.allow_growth
        if held and above and count is not None and count > above.count:
            _refuse(
                f"{self.name(index)} would pass the stage it comes from, {quoted(above.name)}",
                "raise that stage too, or set allow_growth: true on the stage",
            )
        if count is not None and count > LARGEST_NUMBER:
            _refuse(f"{self.name(index)} would pass 1e18", "choose a smaller change")
        return stage._replace(
            count=0 if count is None else reduced(count),
            unknown=count is None,
            conversion=self.given(conversion) if above and not above.count and not count else None,
            revenue=None,
            average_check=self.moved.get(check, stage.average_order_value),
            cost=self.moved.get(cost, stage.cost),
        )


def _within_one(value: Exact, what: str, change: Change, current: Exact | None = None) -> None:
    """Refuse a rate that passes 100%."""
    if value <= 1:
        return
    cure = "choose a change that keeps it at or below 100%"
    if change.text.startswith("x") and current:
        scale = Fraction(10) ** (6 - len(str(int(1 / current))))
        largest = Fraction(int(scale / Fraction(current)), scale)  # rounded down, so that it can be followed
        cure = f"the largest factor is x{float(largest):g}"
    digits = next(each for each in range(6, 18) if each == 17 or float(f"{float(value) * 100:.{each}g}") > 100)
    _refuse(f"{what} would be {float(value) * 100:.{digits}g}% with {change.text}, above 100%", cure)


def _changed(current: Exact | None, change: Change, what: str) -> Exact:
    """A figure after a change; refused when there is no figure to change or it leaves its range."""
    value = change.of(current)
    if value is None:
        _refuse(f"there is no {what} to change by {change.text}", f"give it in the funnel, or set it: {what}: 1000")
    if not change.sets and value < 0:
        _refuse(f"{what} would fall below 0 with {change.text}", "choose a smaller change")
    if not change.sets and value > LARGEST_NUMBER:
        _refuse(f"{what} would pass 1e18 with {change.text}", "choose a smaller change")
    return value


def open_taken(funnel: Funnel) -> Iterator[str]:
    """What becomes of open units in figures at the counts as they are."""
    if funnel.open_at and not base_is_end(funnel):
        yield f"those still open count as not passed: {', '.join(funnel.open_at)}"


def counts_taken(funnel: Funnel) -> Iterator[str]:
    """What a projection takes for granted of the counts, one clause each: open cohorts, one step, stages passed by.

    The funnel is the one that was counted.
    """
    yield from one_step_taken(funnel)
    yield from base_taken(funnel)
    for index, stage in enumerate(funnel.stages):
        origin = funnel.origin(index)
        if stage.parent is not None and origin is not None and origin != stage.parent:
            above = funnel.stages[stage.parent].name
            yield f"{stage.name} follows {funnel.stages[origin].name}, as {above}, which it comes from, is empty"


def unknown_count(after: Funnel, index: int) -> Problem | None:
    """Why the units of a stage after a projection cannot be told; `None` where they can."""
    unknown = list(takewhile(lambda at: after.stages[at].unknown, after.path_to(index)))
    if not unknown:
        return None
    cause = after.stages[unknown[-1]]
    if cause.parent is None:
        return Problem("FN118", "what the referral brings is unknown: no conversion is known on its way", "set it too")
    above = quoted(after.stages[cause.parent].name)
    return Problem(
        "FN118",
        f"no conversion is known to {quoted(cause.name)}: {above} is empty",
        f"set it too: conversion@{cause.name}",
    )
