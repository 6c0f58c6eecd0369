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


WORDS = [("Won", "Lost", "Open"), ("Выиграна", "Проиграна", "В работе"), ("Gewonnen", "Verloren", "Offen")]
STATUSES = ("Status", "Deal status", "Статус", "Результат", "Statut", "Estado", "Esito")
WITHOUT_STATUS = [recipe for recipe in DEALS if not any(each.kind == "status" for each in recipe.columns)]


@pytest.mark.parametrize("recipe", WITHOUT_STATUS, ids=lambda recipe: recipe.name)
@pytest.mark.parametrize("words", WORDS)
def test_a_known_column_of_won_and_lost_is_the_status_in_recipes_that_have_none(
    recipe: Recipe, words: tuple[str, str, str]
) -> None:
    """Of four deals, which all stand at a stage, one is won, one is lost and two are open: by the status alone."""
    won, lost, still = words
    for name in STATUSES:
        rows = [cells_of(recipe, 1) | {name: word} for word in (won, lost, still, still)]
        for number, row in enumerate(rows):
            row.update({key: f"Unit {number}" for key, cell in row.items() if cell == "Unit 1"})
            row.update({key: str(number) for key, cell in row.items() if cell == "1"})
        found = read(rows, recipe, stages=("Lead",))
        assert isinstance(found, Imported), (name, found)
        first, last = found.funnels[0].stages
        assert (first.count, first.open, last.count) == (4, 2, 1), name
        assert f'"{name}" says what is won and lost: it is taken as the status' in found.notes


def test_a_status_of_other_words_is_none() -> None:
    recipe = next(each for each in DEALS if each.name == "amocrm_deals")
    rows = [cells_of(recipe, number) | {"Статус": f"Вид {number}"} for number in (1, 2, 3)]
    found = read(rows, recipe, stages=("Lead", "Успешно реализовано"))
    assert isinstance(found, Imported), found
    assert [stage.count for stage in found.funnels[0].stages] == [3, 1]


@pytest.mark.parametrize("stage", ["In progress", "В работе", "En cours", "Offen"])
def test_a_status_outranks_a_stage_that_is_called_as_open_deals_are(stage: str) -> None:
    recipe = next(each for each in DEALS if each.name == "deals")
    rows = [
        {"Deal": f"Unit {number}", "Amount": "100", "Stage": stage, "Status": word}
        for number, word in enumerate(("Won", "Lost", "Open", "Open"))
    ]
    found = read(rows, recipe, stages=(stage,))
    assert isinstance(found, Imported), found
    first, last = found.funnels[0].stages
    assert (first.count, first.open, last.count) == (4, 2, 1)
