"""What a recipe does not name and another does: a column of currencies beside amounts, and one of won and lost."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table
from funnelcli.counts_table.recipes import recipes

if TYPE_CHECKING:
    from funnelcli.counts_table.recipes import Recipe
    from funnelcli.diagnostics import Diagnostic

UNITS = [recipe for recipe in recipes() if recipe.shape in ("deals", "orders")]
CURRENCIES = sorted(
    {name for recipe in UNITS for each in recipe.columns if each.kind == "currency" for name in each.names}
)
DEALS = [recipe for recipe in UNITS if recipe.shape == "deals"]


def cells_of(recipe: Recipe, number: int) -> dict[str, str]:
    """The cells of one unit of a recipe by the names of its columns: all that it needs, and the amount."""
    columns = {each.key: each for each in recipe.columns if each.kind != "currency"}
    keys = [need.split("|")[0] for need in recipe.needs]
    keys += [key for key, each in columns.items() if each.kind == "amount"]
    won = number == 3
    entered = {"entered": f"2026-09-0{number}"}
    of_kind = {
        "title": f"Unit {number}",
        "id": str(number),
        "stage": "Lead",
        "amount": "100",
        "label": "Ann",
        **entered,
    }
    of_kind |= {"created": f"2026-09-0{number} 10:00:00", "won_time": "2026-09-09" if won else ""}
    of_kind["stage"] = next(iter(recipe.won)) if won and recipe.won and "{" not in recipe.won[0] else "Lead"
    of_kind["status"] = next(iter(recipe.won if won else recipe.open), "")
    if recipe.shape == "orders":
        of_kind["status"] = "paid"
    return {columns[key].names[0].replace("{stage}", "Lead"): of_kind[columns[key].kind] for key in dict.fromkeys(keys)}


def read(rows: list[dict[str, str]], recipe: Recipe, **options: object) -> Imported | list[Diagnostic]:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    asked = ImportOptions(recipe=recipe.name, **options)  # type: ignore[arg-type]
    return import_table(text.getvalue().encode(), "units.csv", asked)


@pytest.mark.parametrize("recipe", UNITS, ids=lambda recipe: recipe.name)
def test_a_known_column_of_currencies_is_that_of_the_rows_in_every_recipe(recipe: Recipe) -> None:
    """Three units of 100: two in EUR, one in USD. The names of the columns are those of all recipes."""
    stages = {"stages": ("Lead", "Won")} if recipe.shape == "deals" else {}
    for name in CURRENCIES:
        rows = [cells_of(recipe, number) | {name: "USD" if number == 2 else "EUR"} for number in (1, 2, 3)]
        refused = read(rows, recipe, **stages)
        assert isinstance(refused, list), (name, refused)
        assert "money of several currencies does not add up" in refused[0].problem.message, (name, refused)
        found = read(rows, recipe, currency="EUR", **stages)
        assert isinstance(found, Imported), (name, found)
        assert found.funnels[0].stages[0].count == 2, name
        assert found.funnels[0].currency == "EUR"
        assert not any(name in note for note in found.notes if "left out" in note), found.notes
