"""Made-up deals whose whole story is known, and what any screen prints of them.

A deal has moved through stages 0, 1, … of its pipeline; it skips some, is moved back, is won, lost or still open.
Everything is drawn from one seed. No figure here comes from funnelcli.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

TODAY = datetime(2026, 11, 26, 9, 0)
"""When the exports were made."""
SEPTEMBER = datetime(2026, 9, 1, 9, 0)
"""When the first of most deals begins."""


class Deal(NamedTuple):
    """A deal: `moves` are stages and when it came there, oldest first; the last one is where it sits or was lost."""

    number: int
    moves: tuple[tuple[int, datetime], ...]
    outcome: str
    ended: datetime | None
    amount: Decimal | None
    owner: str
    source: str
    reason: str = ""
    pipeline: str = ""

    @property
    def created(self) -> datetime:
        return self.moves[0][1]

    @property
    def now(self) -> int:
        return self.moves[-1][0]

    @property
    def furthest(self) -> int:
        return max(stage for stage, _ in self.moves)

    @property
    def month(self) -> str:
        return f"{self.created:%Y-%m}"

    def came(self, stage: int) -> datetime | None:
        """When it came to a stage for the last time."""
        return dict(self.moves).get(stage)


class World(NamedTuple):
    """What deals are drawn from.

    `chances` are those to go on from each stage, `days` the mean days that a stage takes. `owners` have a factor of
    their chances. `skips` and `backs` are the chances of a move to pass over a stage or to go one back first.
    """

    seed: int
    count: int
    start: datetime
    chances: tuple[float, ...]
    owners: dict[str, float]
    sources: dict[str, float]
    reasons: tuple[str, ...]
    days: float = 6.0
    typical: int = 4000
    skips: float = 0.06
    backs: float = 0.05
    unpriced: float = 0.3
    pipeline: str = ""
    first_number: int = 1


def deals(world: World) -> list[Deal]:
    """The deals of a world, in the order of their beginning."""
    draw = random.Random(world.seed)
    span = (TODAY - world.start).total_seconds() / 60
    starts = sorted(world.start + timedelta(minutes=int(draw.random() * span)) for _ in range(world.count))
    return [_deal(world, draw, world.first_number + at, start) for at, start in enumerate(starts)]


def _deal(world: World, draw: random.Random, number: int, start: datetime) -> Deal:
    owner = list(world.owners)[int(draw.random() * len(world.owners))]
    source = list(world.sources)[int(draw.random() * len(world.sources))]
    factor = world.owners[owner] * world.sources[source]
    last = len(world.chances) - 1
    stage, at, outcome = 0, start, "open"
    moves = [(0, start)]
    ended = None
    reason = ""
    while True:
        at += timedelta(minutes=30 + int(draw.expovariate(1 / (world.days * 1440))))
        goes_on = draw.random() < min(0.97, world.chances[stage] * factor)
        if at > TODAY:
            break
        if not goes_on:
            outcome, ended, reason = "lost", at, world.reasons[int(draw.random() * len(world.reasons))]
            break
        if stage == last:
            outcome, ended = "won", at
            break
        if stage and draw.random() < world.backs:
            stage -= 1
        elif stage + 2 <= last and draw.random() < world.skips:
            stage += 2
        else:
            stage += 1
        moves.append((stage, at))
    amount: Decimal | None = Decimal(int(world.typical * draw.lognormvariate(0, 0.6) / 50) * 50 + 50)
    if outcome != "won" and max(moved for moved, _ in moves) == 0 and draw.random() < world.unpriced:
        amount = None
    return Deal(number, tuple(moves), outcome, ended, amount, owner, source, reason, world.pipeline)


def furthest(deal: Deal) -> int:
    """How far a tool with dates of stages knows that a deal came."""
    return deal.furthest


def at_loss(deal: Deal) -> int:
    """How far a tool knows that keeps the stage at the loss; where a deal sits."""
    return deal.now


def first_if_lost(deal: Deal) -> int:
    """How far a tool knows in which a lost deal has left its stage."""
    return 0 if deal.outcome == "lost" else deal.now


def expected(
    found: Sequence[Deal],
    stages: Sequence[str],
    won: str,
    reach: Callable[[Deal], int],
    dimensions: Sequence[str] = ("owner", "source", "month"),
    waits: Callable[[Deal], int] = at_loss,
    **more: Any,
) -> dict[str, Any]:
    """What the screens print of deals: counts by stage, open ones with their money, won money, by these dimensions.

    `reach` is how far a deal came, `waits` where an open one is: where it sits.
    """
    wins = [deal for deal in found if deal.outcome == "won"]
    still = [deal for deal in found if deal.outcome == "open"]
    priced = [deal.amount for deal in wins if deal.amount is not None]

    def worth(deal: Deal) -> Fraction:
        """Its amount, or the average of those won."""
        return Fraction(sum(priced)) / len(priced) if deal.amount is None else Fraction(deal.amount)

    def counts(part: Iterable[Deal]) -> list[int]:
        reached = Counter(len(stages) if deal.outcome == "won" else reach(deal) for deal in part)
        return [sum(number for at, number in reached.items() if at >= stage) for stage in range(len(stages) + 1)]

    def opened(part: Iterable[Deal]) -> list[int]:
        sitting = Counter(waits(deal) for deal in part if deal.outcome == "open")
        return [sitting[stage] for stage in range(len(stages) + 1)]

    def by(key: Callable[[Deal], str], of: Callable[[list[Deal]], list[int]]) -> dict[str, list[int]]:
        return {name: of([deal for deal in found if key(deal) == name]) for name in dict.fromkeys(map(key, found))}

    def earned(key: Callable[[Deal], str]) -> dict[str, str]:
        sums: dict[str, Decimal] = {}
        for deal in wins:
            sums[key(deal)] = sums.get(key(deal), Decimal()) + (deal.amount or Decimal())
        return {name: str(total) for name, total in sums.items()}

    keys: dict[str, Callable[[Deal], str]] = {
        "owner": lambda deal: deal.owner,
        "source": lambda deal: deal.source,
        "month": lambda deal: deal.month,
    }
    keys = {name: key for name, key in keys.items() if name in dimensions and any(map(key, found))}
    names = [*stages, won]
    return {
        **more,
        "stages": dict(zip(names, counts(found), strict=True)),
        "open": {name: number for name, number in zip(names, opened(found), strict=True) if number},
        "open_amounts": {
            name: str(sum(worth(deal) for deal in still if waits(deal) == at))
            for at, name in enumerate(stages)
            if any(waits(deal) == at and deal.amount is not None for deal in still)
        },
        "average_check": f"{sum(priced)}/{len(priced)}",
        "breakdowns": {name: by(key, counts) for name, key in sorted(keys.items())},
        "open_by": {name: by(key, opened) for name, key in sorted(keys.items())},
        "revenue_by": {name: earned(key) for name, key in sorted(keys.items())},
    }
