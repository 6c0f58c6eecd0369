"""The rules of money by themselves, on figures that somebody may clear, as the cells of a workbook."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from funnelcli.analyses.rules import Exactly, Figure, Program, money_rules

if TYPE_CHECKING:
    from funnelcli.exact import Exact

CELLS: dict[Figure, Exact] = {
    Figure("count", 0): 1000,
    Figure("count", 1): 100,
    Figure("count", 2): 20,
    Figure("cost", 1): 2,
    Figure("cost", 2): 3,
    Figure("average_check", 2): 90,
    Figure("gross_margin"): Fraction(1, 2),
    Figure("budget"): 400,
}
"""1,000 visits, 100 leads at 2, 20 sales of 90 at 3: revenue 1,800, costs 200 + 60, profit 900 - 260 - 400."""


class Cells(Exactly):
    """Figures as they stand in cells."""

    def __init__(self, cells: dict[Figure, Exact], *, unsummed: bool = False) -> None:
        super().__init__(Program(money_rules((2,), (1, 2), True, unsummed, 2, (2,))))
        self.cells = cells

    def given(self, figure: Figure) -> Exact | None:
        return self.cells.get(figure)


def worked_out(*cleared: str, unsummed: bool = False) -> dict[str, Exact | None]:
    cells = Cells({cell: value for cell, value in CELLS.items() if cell.metric not in cleared}, unsummed=unsummed)
    names = ("revenue", "variable_cost", "gross_profit", "profit", "roas", "romi", "cost_per_sale")
    found = {name: cells.figure(Figure(name)) for name in names}
    return found | {
        "unit_margin": cells.figure(Figure("unit_margin")),
        "overall_conversion": cells.figure(Figure("overall_conversion")),
        "one_in": cells.figure(Figure("one_in")),
        "stage_cost": cells.figure(Figure("stage_cost", 1)),
        "stage_revenue": cells.figure(Figure("stage_revenue", 2)),
    }


FULL: dict[str, Exact | None] = {
    "revenue": 1800,
    "variable_cost": 260,
    "gross_profit": 640,
    "profit": 240,
    "roas": Fraction(9, 2),
    "romi": Fraction(3, 5),
    "cost_per_sale": 20,
    "unit_margin": 42,
    "overall_conversion": Fraction(1, 50),
    "one_in": 50,
    "stage_cost": 200,
    "stage_revenue": 1800,
}


@pytest.mark.parametrize(
    ("cleared", "other"),
    [
        ((), {}),
        # a margin that nobody gives is 100%
        (("gross_margin",), {"gross_profit": 1540, "profit": 1140, "romi": Fraction(1140, 400), "unit_margin": 87}),
        # nothing is spent on entries, and nothing can be divided by it
        (("budget",), {"profit": 640, "roas": None, "romi": None, "cost_per_sale": None}),
        (
            ("cost",),
            {
                "variable_cost": None,
                "stage_cost": None,
                "gross_profit": 900,
                "profit": 500,
                "romi": Fraction(5, 4),
                "unit_margin": 45,
            },
        ),
        # without any cost a profit would only repeat the revenue
        (
            ("cost", "budget", "gross_margin"),
            dict.fromkeys(("variable_cost", "stage_cost", "gross_profit", "profit", "roas", "romi", "cost_per_sale"))
            | {"unit_margin": None},
        ),
        (
            ("average_check",),
            dict.fromkeys(("revenue", "stage_revenue", "gross_profit", "profit", "roas", "romi", "unit_margin")),
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_money_of_cells_of_which_some_are_cleared(cleared: tuple[str, ...], other: dict[str, Exact | None]) -> None:
    assert worked_out(*cleared) == FULL | other


def test_where_not_all_that_is_spent_is_known_there_is_no_profit_without_a_budget() -> None:
    """Some segments have budgets and others none: the gross profit is known all the same."""
    assert worked_out(unsummed=True) == FULL
    unknown = {"profit": None, "roas": None, "romi": None, "cost_per_sale": None}
    assert worked_out("budget", unsummed=True) == FULL | unknown
    assert worked_out("budget", "cost", "gross_margin", unsummed=True)["gross_profit"] == 1800
