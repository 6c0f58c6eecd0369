"""`--drop` and `--label` in exports with a row a unit: a column that is told is that, and nothing else beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from funnelcli.counts_table.currency_names import other_currency
from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table
from tests.counts_table.test_export_mutations import SAMPLES, sample_of

if TYPE_CHECKING:
    from pathlib import Path

OF_UNITS = [path for path in SAMPLES if sample_of(path).recipe.shape in ("deals", "orders")]
ONE_EACH = list({path.parent.name: path for path in OF_UNITS}.values())
SEVERAL = "Deal,Stage,Amount,Currency\na,New,10,EUR\nb,Won,20,USD\nc,Lost,20,EUR\nd,New,4,EUR\n"


@pytest.mark.parametrize("path", ONE_EACH, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_dropped_column_is_as_one_under_a_name_that_says_nothing(path: Path) -> None:
    sample = sample_of(path)
    options = sample.options._replace(recipe=sample.recipe.name)
    head, read = sample.rows[0], 0
    for at, name in enumerate(head):
        known = sample.recipe.column(name)
        if not name or (known is not None and known.kind == "status"):  # which its words tell under any name
            continue
        nameless = sample._replace(options=options).read([[*head[:at], "Q9x", *head[at + 1 :]], *sample.rows[1:]])
        dropped = sample._replace(options=options._replace(drops=(name,))).read()
        if isinstance(nameless, Imported) and isinstance(dropped, Imported):
            assert dropped.funnels == nameless.funnels, name
            assert not any(f'"{name}"' in note for note in dropped.notes if note.startswith("left out")), name
            read += 1
        else:  # without the column, it is no export of this kind, or is one of which nothing is told
            assert not isinstance(nameless, Imported), name
    assert read


@pytest.mark.parametrize("path", ONE_EACH, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_any_column_may_be_dropped_or_a_label_but_those_that_are_needed(path: Path) -> None:
    sample = sample_of(path)
    needed = "|".join(sample.recipe.needs).split("|")
    for name in filter(None, sample.rows[0]):
        for option in ("drops", "labels"):
            found = sample._replace(options=sample.options._replace(**{option: (name,)})).read()
            column = sample.recipe.column(name)
            is_needed = column is not None and (column.key in needed or column.kind in ("stage", "entered"))
            assert isinstance(found, Imported) or (found and is_needed), (option, name)


def test_the_currency_that_is_dropped_parts_nothing() -> None:
    found = import_table(SEVERAL.encode(), "t.csv", ImportOptions(drops=("currency",)))
    assert isinstance(found, Imported), found
    (funnel,) = found.funnels
    assert (funnel.currency, [stage.count for stage in funnel.stages]) == (None, [4, 1])
    assert funnel.stages[0].open_amounts == (10, 4)


def test_money_of_several_currencies_is_no_sum_under_a_label_and_without_amounts_there_is_none() -> None:
    labelled = import_table(SEVERAL.encode(), "t.csv", ImportOptions(labels=("Currency",)))
    assert isinstance(labelled, list)
    assert labelled[0].problem.code == "FN103"
    found = import_table(SEVERAL.encode(), "t.csv", ImportOptions(labels=("Currency",), drops=("Amount",)))
    assert isinstance(found, Imported), found
    (of_currency,) = found.funnels[0].breakdowns
    assert {each.name: each.counts for each in of_currency.segments} == {"EUR": (3, 0), "USD": (1, 1)}


SIGNS = [
    each.split()
    for each in ["$ USD", "$ CAD", "$ AUD", "$ MXN", "£ GBP", "£ EGP", "kr SEK", "kr NOK", "¥ JPY", "€ EUR", "₽ RUB"]
]
TABLES = {
    "deals, beside each amount": "Deal;Stage;Amount\na;New;{s}10\nb;Won;{s}20\nc;Lost;{s}20\n",
    "deals, in the name": "Deal;Stage;Amount ({s})\na;New;10\nb;Won;20\nc;Lost;20\n",
    "deals, a column": "Deal;Stage;Amount;Currency\na;New;10;{s}\nb;Won;20;{s}\nc;Lost;20;{s}\n",
    "counts, in the name": "Channel;Leads;Sales;Revenue ({s})\nAds;100;10;5000\nSEO;30;3;1200\n",
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
@pytest.mark.parametrize(("sign", "code"), SIGNS)
def test_currency_decides_what_a_sign_leaves_open(table: str, sign: str, code: str) -> None:
    """The signs and codes are those of ISO 4217; no other currency is written so."""
    for told, fits in ((code, True), (sign, True), ("CHF", False)):
        found = import_table(table.format(s=sign).encode(), "t.csv", ImportOptions(currency=told))
        known = found.funnels[0].currency if isinstance(found, Imported) else sign
        assert (isinstance(found, Imported) and not other_currency(known, told)) is fits
        assert other_currency(sign, told) is not fits


def test_a_sign_beside_a_code_is_taken_for_the_one_that_is_told_and_it_is_said() -> None:
    text = "Deal,Stage,Amount\na,New,$10\nb,Won,20 USD\nc,Lost,20 USD\nd,New,4 CAD\n"
    asked = import_table(text.encode(), "t.csv")
    assert isinstance(asked, list)
    assert (asked[0].problem.help or "").endswith("--currency USD")
    found = import_table(text.encode(), "t.csv", ImportOptions(currency="USD"))
    assert isinstance(found, Imported), found
    assert found.notes[:2] == ("1 deal in $ counts as USD", "1 deal not in USD is left out")
    assert found.funnels[0].stages[0].count == 3


def test_two_spellings_of_a_sign_are_so_many_deals_together() -> None:
    text = "Deal,Stage,Amount\na,New,10 kr\nb,Won,20 kr.\nc,Lost,20 EUR\n"
    found = import_table(text.encode(), "t.csv", ImportOptions(currency="SEK"))
    assert isinstance(found, Imported), found
    assert found.notes[0] == "1 deal in kr and 1 deal in kr. count as SEK"


def test_columns_without_a_value_are_no_breakdown_and_nothing_to_keep() -> None:
    text = "Deal,Stage,Amount,Owner,Team,Notes\na,New,5,,A,\nb,Won,10, ,B,\nc,Lost,1,,A,\n"
    found = import_table(text.encode(), "t.csv")
    assert isinstance(found, Imported), found
    assert found.notes[0] == 'left out: "Owner", "Notes" (empty); "Team" (unknown here; kept by --label COLUMN)'
    assert found.funnels[0].breakdowns == ()
    told = import_table(text.encode(), "t.csv", ImportOptions(labels=("Notes",)))
    assert isinstance(told, Imported), told
    assert [each.dimension for each in told.funnels[0].breakdowns] == ["Notes"]


ADS = "Campaign,Currency,Impr.,Clicks,Cost\nA,EUR,1000,50,10\nB,EUR,2000,70,20\n"


@pytest.mark.parametrize("text", [SEVERAL, ADS, "Channel,Currency,Leads,Sales\nAds,EUR,100,10\nMail,EUR,50,5\n"])
def test_a_column_that_is_told_to_be_two_things_is_refused_in_every_table(text: str) -> None:
    found = import_table(text.encode(), "t.csv", ImportOptions(drops=("Currency",), labels=("Currency",)))
    assert isinstance(found, list)
    assert [each.problem.code for each in found] == ["FN113"]
