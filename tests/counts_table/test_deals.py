"""Lists of deals to funnels, held against a truth.

Deals are made up with their moves, written as a CRM exports them and imported; what comes out is counted again from the
moves themselves.
"""

from __future__ import annotations

import csv
import random
from collections import Counter
from datetime import datetime, timedelta
from fractions import Fraction
from io import StringIO
from statistics import mean, median, quantiles, stdev
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight

from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.diagnostics import Problem
    from funnelcli.model import Funnel

STAGES = ("Lead", "Qualified", "Demo", "Proposal")
BEGIN = datetime(2026, 1, 5, 9, 30)


class Truth(NamedTuple):
    """A deal as it was: its moves to stages (indices), and how it ended."""

    id: int
    owner: str
    source: str
    amount: int | None
    began: datetime
    moves: list[tuple[int, datetime]]
    state: str
    ended: datetime | None

    @property
    def reached(self) -> int:
        """The furthest stage; one more where it is won."""
        return len(STAGES) if self.state == "won" else max(stage for stage, _ in self.moves)

    @property
    def entered(self) -> dict[int, datetime]:
        """The last entry into each stage, as an export has it."""
        return dict(self.moves)


def made_up(seed: int, number: int, *, wild: bool = True) -> list[Truth]:
    """Deals; where they are wild, they skip stages, go back and come again."""
    chance = random.Random(seed)
    deals = []
    for at in range(number):
        now = began = BEGIN + timedelta(minutes=chance.randrange(150 * 24 * 60))
        stage, moves, state = 0, [(0, now)], "open"
        while True:
            now += timedelta(minutes=chance.randrange(1, 9 * 24 * 60))
            luck = chance.random()
            if luck < 0.22:
                state = "lost"
                break
            if luck < 0.40:
                break
            if wild and luck < 0.46 and stage:
                stage = chance.randrange(stage)
            else:
                stage += 2 if wild and luck > 0.94 else 1
            if stage >= len(STAGES):
                state = "won"
                break
            moves.append((stage, now))
        amount = None if chance.random() < 0.2 else chance.randrange(100, 90_000)
        owner, source = chance.choice(["Anna", "Mark", "Zoë"]), chance.choice(["Ads", "Search", ""])
        deals.append(Truth(at + 1, owner, source, amount, began, moves, state, None if state == "open" else now))
    return deals


def text_of(rows: Sequence[Sequence[Any]]) -> bytes:
    out = StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def hubspot(deals: Sequence[Truth], pipeline: str = "Sales", *, header: bool = True) -> list[list[Any]]:
    names = [
        "Record ID", "Deal Name", "Pipeline", "Deal Stage", "Amount", "Close Date", "Create Date", "Deal owner",
        "Original Traffic Source", *(f'Date entered "{name} ({pipeline})"' for name in STAGES),
        f'Date entered "Closed Won ({pipeline})"', f'Date entered "Closed Lost ({pipeline})"',
    ]  # fmt: skip

    def when(moment: datetime | None) -> str:
        return "" if moment is None else f"{moment:%Y-%m-%d %H:%M}"

    rows: list[list[Any]] = [names] if header else []
    for deal in deals:
        stage = {"won": "Closed Won", "lost": "Closed Lost"}.get(deal.state, STAGES[deal.moves[-1][0]])
        rows.append([
            deal.id, f"deal {deal.id}", pipeline, stage, "" if deal.amount is None else f"{deal.amount}.0",
            when(deal.ended or deal.began + timedelta(days=400)), when(deal.began), deal.owner, deal.source,
            *(when(deal.entered.get(place)) for place in range(len(STAGES))),
            when(deal.ended if deal.state == "won" else None), when(deal.ended if deal.state == "lost" else None),
        ])  # fmt: skip
    return rows


def pipedrive(deals: Sequence[Truth]) -> list[list[Any]]:
    rows: list[list[Any]] = [[
        "Deal - ID", "Deal - Title", "Deal - Value", "Deal - Currency of value", "Deal - Stage", "Deal - Status",
        "Deal - Owner", "Deal - Deal created", "Deal - Won time", "Deal - Lost time",
    ]]  # fmt: skip
    for deal in deals:
        ended = "" if deal.ended is None else str(deal.ended)
        rows.append([
            deal.id, f"deal {deal.id}", "" if deal.amount is None else deal.amount, "EUR", STAGES[deal.moves[-1][0]],
            deal.state.capitalize(), deal.owner, deal.began, ended if deal.state == "won" else "",
            ended if deal.state == "lost" else "",
        ])  # fmt: skip
    return rows


def imported(rows: Sequence[Sequence[Any]] | bytes, **options: Any) -> Imported:
    data = rows if isinstance(rows, bytes) else text_of(rows)
    found = import_table(data, "deals.csv", ImportOptions(**options))
    assert not isinstance(found, list), [each.problem for each in found]
    return found


def funnel(rows: Sequence[Sequence[Any]] | bytes, **options: Any) -> Funnel:
    (found,) = imported(rows, **options).funnels
    return found


def refused(rows: Sequence[Sequence[Any]] | bytes, **options: Any) -> list[tuple[str, Problem]]:
    """Cells and problems."""
    data = rows if isinstance(rows, bytes) else text_of(rows)
    found = import_table(data, "deals.csv", ImportOptions(**options))
    assert isinstance(found, list), found
    return [(each.path, each.problem) for each in found]


def counts_of(reached: Sequence[int]) -> tuple[int, ...]:
    return tuple(sum(1 for each in reached if each >= place) for place in range(len(STAGES) + 1))


def open_of(deals: Sequence[Truth], *, furthest: bool = False) -> tuple[int, ...]:
    at = Counter(
        max(stage for stage, _ in deal.moves) if furthest else deal.moves[-1][0]
        for deal in deals
        if deal.state == "open"
    )
    return tuple(at[place] for place in range(len(STAGES) + 1))


@pytest.mark.parametrize("seed", range(12))
def test_dated_deals_are_counted_as_they_moved(seed: int) -> None:
    deals = made_up(seed, 400)
    found = funnel(hubspot(deals))
    assert found.names == (*STAGES, "Closed Won")
    assert tuple(stage.count for stage in found.stages) == counts_of([deal.reached for deal in deals])
    is_open = tuple(stage.open or 0 for stage in found.stages)
    assert is_open in (open_of(deals), open_of(deals, furthest=True))
    kinds: dict[str, Any] = {
        "owner": lambda deal: deal.owner,
        "source": lambda deal: deal.source or "(none)",
        "month": lambda deal: f"{deal.began:%Y-%m}",
    }
    assert [each.dimension for each in found.breakdowns] == list(kinds)
    for breakdown in found.breakdowns:
        kind = kinds[breakdown.dimension]
        expected = {name: [deal for deal in deals if kind(deal) == name] for name in {kind(deal) for deal in deals}}
        assert {each.name: each.counts for each in breakdown.segments} == {
            name: counts_of([deal.reached for deal in own]) for name, own in expected.items()
        }
        assert tuple(map(sum, zip(*(each.open for each in breakdown.segments), strict=True))) == is_open
    cells = {each.segments: each.counts for each in found.cells}
    assert cells == {
        key: counts_of([deal.reached for deal in deals if tuple((n, k(deal)) for n, k in kinds.items()) == key])
        for key in {tuple((name, kind(deal)) for name, kind in kinds.items()) for deal in deals}
    }
    segments = [each for breakdown in found.breakdowns for each in breakdown.segments]
    parts = [*((each.open, each.counts) for each in segments), *((each.open, each.counts) for each in found.cells)]
    for own, sizes in parts:
        assert all(at <= size - after for at, size, after in zip(own, sizes, (*sizes[1:], 0), strict=True))


@pytest.mark.parametrize("seed", range(6))
def test_deals_without_history_count_up_to_where_they_are(seed: int) -> None:
    deals = made_up(seed, 300)
    found = funnel(pipedrive(deals), stages=STAGES)
    reached = [len(STAGES) if deal.state == "won" else deal.moves[-1][0] for deal in deals]
    assert found.names == (*STAGES, "Won")
    assert tuple(stage.count for stage in found.stages) == counts_of(reached)
    assert tuple(stage.open or 0 for stage in found.stages) == open_of(deals)
    assert found.currency == "EUR"
    assert any("no column has dates of stages" in note for note in imported(pipedrive(deals), stages=STAGES).notes)


@pytest.mark.parametrize("seed", range(4))
def test_money_is_that_of_the_deals(seed: int) -> None:
    deals = made_up(seed, 200)
    found = funnel(hubspot(deals))
    won = [deal.amount for deal in deals if deal.state == "won" and deal.amount is not None]
    sale = found.stages[-1]
    assert (sale.role, sale.average_check) == ("customer", Fraction(sum(won), len(won)))
    assert float(sale.average_check_sd or 0) == pytest.approx(stdev(won), abs=1e-6)
    for place, stage in enumerate(found.stages[:-1]):
        own = [deal.amount for deal in deals if deal.state == "open" and deal.moves[-1][0] == place]
        if len(own) == stage.open:
            assert sorted(stage.open_amounts) == sorted(
                (sale.average_check or 0) if each is None else each for each in own
            )


@pytest.mark.parametrize(("seed", "number"), [(1, 18), (2, 18), (3, 400), (4, 400)])
def test_times_are_those_between_the_moves(seed: int, number: int) -> None:
    deals = made_up(seed, number, wild=False)
    found = funnel(hubspot(deals))
    for place, stage in enumerate(found.stages):
        took = []
        for deal in deals:
            moments = [moment for _, moment in deal.moves]
            if deal.state == "won" and deal.ended is not None:
                moments.append(deal.ended)
            if 0 < place < len(moments):
                took.append(Fraction(int((moments[place] - moments[place - 1]).total_seconds()), 86400))
        if len(took) < 20:
            assert (stage.days, stage.days_quantiles) == (mean(took) if took else None, None)
        else:
            middle, high = stage.days_quantiles or (0, 0)
            assert float(middle) == pytest.approx(float(median(took)), rel=1e-3)
            assert float(high) == pytest.approx(float(quantiles(took, n=10, method="inclusive")[8]), rel=1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_without_dates_of_stages_the_time_to_winning_is_shared_equally_and_said(seed: int) -> None:
    deals = made_up(seed, 300)
    found = imported(pipedrive(deals), stages=STAGES)
    seen = max(moment for deal in deals for moment in (deal.began, deal.ended) if moment is not None).date()
    took = numpy.array([((deal.ended.date() if deal.ended else seen) - deal.began.date()).days for deal in deals])
    states = numpy.array([("open", "won", "lost").index(deal.state) for deal in deals])
    judge = CumIncidenceRight(took + 1, states)  # it wants times above 0
    cycle = numpy.diff([0, *judge.cinc[0]]) @ (judge.times - 1) / judge.cinc[0][-1]
    first, *steps = found.funnels[0].stages
    assert (first.days, first.days_lost) == (None, None)
    assert [float(stage.days or 0) for stage in steps] == pytest.approx([cycle / len(STAGES)] * len(STAGES), rel=1e-5)
    assert sum("shared equally among the 4" in note for note in found.notes) == 1


@pytest.mark.parametrize("number", [0, 1, 2])
def test_steps_that_are_dated_backwards_are_told_once(number: int) -> None:
    pair = (0, BEGIN), (1, BEGIN + timedelta(days=3))
    back = (0, BEGIN + timedelta(days=9)), (1, BEGIN + timedelta(days=3))
    moves = [list(back if at < number else pair) for at in range(40)]
    deals = [Truth(at, "Ann", "Ads", 9, BEGIN, own, "open", None) for at, own in enumerate(moves, 1)]
    found = import_table(text_of(hubspot(deals)), "deals.csv")
    assert isinstance(found, Imported), found
    said = [note for note in found.notes if "dates" in note and ("step" in note or "other way" in note)]
    words = [
        [],
        ["1 step, by the dates, ends before it begins: its time is left out"],
        ["2 steps, by the dates, end before they begin: their times are left out"],
    ]
    assert said == words[number]
