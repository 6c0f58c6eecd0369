"""Money that the events of a stage bring, from the rows of `amounts`: sums, average checks, and why there is none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.average_checks import AmountSums, average_check
from funnelcli.diagnostics import Problem, many, quoted, verb
from funnelcli.events.amounts import BILLION
from funnelcli.events.places import stage_at
from funnelcli.events.rows import FIGURES_OF_AMOUNTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.events.definition import Definition
    from funnelcli.exact import Exact


class Brought(NamedTuple):
    """What the units of a stage, or the events that it counts, bring: sums, and how many amounts cannot be read."""

    sums: AmountSums = AmountSums(0, 0, 0, 0, BILLION)
    unread: int = 0

    def plus(self, figures: Sequence[int]) -> Brought:
        """With the figures of a row of `amounts.query`."""
        number, known, high, low, high_squared, product, low_squared, unread = figures[:FIGURES_OF_AMOUNTS]
        sums = self.sums
        total = sums.total + high * BILLION + low
        squares = sums.squares + high_squared * BILLION**2 + 2 * product * BILLION + low_squared
        return Brought(
            AmountSums(sums.number + number, sums.known + known, total, squares, BILLION), self.unread + unread
        )


class StageCheck(NamedTuple):
    """The average check of a stage, `None` where no unit has an amount, its standard deviation, and what is said."""

    stage: int
    mean: Exact | None
    sd: Exact | None
    said: tuple[str, ...] = ()


def check_of(definition: Definition, stage: int, brought: Brought) -> StageCheck:
    """The average check of a stage from the sums."""
    number, known, total, squares, scale = brought.sums
    while scale > 1 and total % 10 == 0 and squares % 100 == 0:  # as fine as the amounts are
        total, squares, scale = total // 10, squares // 100, scale // 10
    said: list[str] = []
    unit = "event" if stage in definition.growing else "unit"
    sums = AmountSums(number, known, total, squares, scale)
    mean, sd = average_check(sums, unit, said, f" at {quoted(definition.names[stage])}") or (None, None)
    return StageCheck(stage, mean, sd, tuple(said))


def unreadable(definition: Definition, stage: int, number: int, sample: str | None) -> Problem:
    """Why the amounts of a stage are not added up."""
    what = "events" if stage in definition.growing else "units"
    have = f"{many(number, what[:-1])} at {quoted(definition.names[stage])} {verb(number, 'have')}"
    what = f"{have} no amount in {quoted(definition.amounts[stage] or '')}, but {quoted(sample or '')}"
    help_text = "an amount is a plain number such as 1250.50, 0 or more, or empty; measure a view in which it is one"
    if sample and re.fullmatch(r"[0-9.]+,[0-9]+", sample):
        point = sample.replace(".", "").replace(",", ".")
        help_text = f"write a point before the decimals, and none between thousands, in the events: {point}"
    if sample and sample.startswith("-"):
        help_text = f'leave out what is taken back, as in when: {{{definition.amounts[stage]}: ">= 0"}}'
    return Problem("FN103", what, help_text, path=stage_at(stage, "amount"))
