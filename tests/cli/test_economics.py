"""What `economics` says of levers without another value at which the profit is 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("money", "said"),
    [
        ("gross_margin: 100%", "as it is"),  # nothing is spent: a profit of 0 already, and above it with any sale
        ("budget: 500", "5.00%"),  # 100 leads x 5% x 100
        ("budget: 20000", "not reachable"),  # 100 leads bring 10,000 at most
    ],
)
def test_break_even_of_a_funnel_without_sales(run: Run, tmp_path: Path, money: str, said: str) -> None:
    file = tmp_path / "funnel.yaml"
    file.write_text(f"{money}\naverage_check: 100\nstages: {{Leads: 100, Sales: 0}}\n", encoding="utf-8")
    rows = run("economics", str(file)).stdout.splitlines()
    row = next(each for each in rows if each.startswith("Conversion to Sales"))
    assert row.removeprefix("Conversion to Sales").split(maxsplit=1) == ["0.00%", said]
