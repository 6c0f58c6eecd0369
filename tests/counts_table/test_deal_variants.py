"""The same deals as programs of other countries write them are the same funnel."""

from __future__ import annotations

import csv
import random
from datetime import datetime
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest

from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table
from tests.counts_table.test_deals import STAGES, funnel, hubspot, made_up, pipedrive

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.model import Funnel

DEALS = made_up(77, 150)
DATES: dict[str, Callable[[datetime], str]] = {
    "iso": lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}",
    "zone": lambda moment: f"{moment:%Y-%m-%d %H:%M:%S} +0200",
    "german": lambda moment: f"{moment:%d.%m.%Y %H:%M}",
    "short german": lambda moment: f"{moment.day}.{moment.month}.{moment:%y %H:%M}",
    "british": lambda moment: f"{moment:%d/%m/%Y %H:%M}",
    "american": lambda moment: f"{moment.month}/{moment.day}/{moment.year}, {moment:%I:%M %p}",
    "words": lambda moment: f"{moment:%b} {moment.day}, {moment.year} {moment:%H:%M}",
    "seconds": lambda moment: str(int((moment - datetime(1970, 1, 1)).total_seconds())),
}
AMOUNTS: dict[str, Callable[[int], str]] = {
    "german": lambda amount: f"{amount:,}.00".translate(str.maketrans(",.", ".,")),
    "american": lambda amount: f"${amount:,}.00",
    "euro": lambda amount: f"{amount:,} €".replace(",", "."),
    "spaces": lambda amount: f"{amount:,},00".replace(",", "\u00a0", f"{amount:,}".count(",")),
    "swiss": lambda amount: f"CHF {amount:,}.00".replace(",", "’"),
}


def figures(found: Funnel) -> Any:
    """What does not depend on the order of rows and columns, nor on the currency."""
    stages = [stage._replace(open_amounts=tuple(sorted(stage.open_amounts))) for stage in found.stages]
    segments = {
        each.dimension: {
            part.name: part._replace(open_amounts=tuple(tuple(sorted(amounts)) for amounts in part.open_amounts))
            for part in each.segments
        }
        for each in found.breakdowns
    }
    return stages, found.period, segments, {frozenset(each.segments): each.counts for each in found.cells}


def written(
    rows: Sequence[Sequence[Any]], delimiter: str = ",", *, quoted: bool = False, encoding: str = "utf-8"
) -> bytes:
    out = StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerows(rows)
    return out.getvalue().encode(encoding)


def changed(rows: list[list[Any]], columns: Sequence[int], change: Callable[[str], str]) -> list[list[Any]]:
    return [
        rows[0],
        *([change(str(cell)) if at in columns and cell else cell for at, cell in enumerate(row)] for row in rows[1:]),
    ]


BASE = hubspot(DEALS)
EXPECTED = figures(funnel(BASE))
MOMENTS = (5, 6, *range(9, len(BASE[0])))


@pytest.mark.parametrize("form", DATES)
def test_dates_of_any_form(form: str) -> None:
    rows = changed(BASE, MOMENTS, lambda cell: DATES[form](datetime.fromisoformat(cell)))
    assert figures(funnel(written(rows, ";"))) == EXPECTED


@pytest.mark.parametrize("form", AMOUNTS)
def test_amounts_of_any_form(form: str) -> None:
    rows = changed(BASE, (4,), lambda cell: AMOUNTS[form](int(float(cell))))
    assert figures(funnel(written(rows, "\t"))) == EXPECTED


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_dialect(delimiter: str, encoding: str) -> None:
    assert figures(funnel(written(BASE, delimiter, quoted=True, encoding=encoding))) == EXPECTED


@pytest.mark.parametrize("seed", range(4))
def test_rows_and_columns_in_any_order(seed: int) -> None:
    chance = random.Random(seed)
    columns = chance.sample(range(len(BASE[0])), len(BASE[0]))
    rows = [BASE[0], *chance.sample(BASE[1:], len(BASE) - 1)]
    assert figures(funnel([[row[at] for at in columns] for row in rows])) == EXPECTED


def test_more_columns_and_a_footer_change_nothing() -> None:
    rows = [[*BASE[0], "Notes", "Score"], *([*row, "called, twice", 17] for row in BASE[1:]), [], ["Exported by Kim"]]
    assert figures(funnel(rows)) == EXPECTED


def test_rows_that_come_again_change_nothing() -> None:
    assert figures(funnel([*BASE, *BASE[5:40]])) == EXPECTED


def test_words_of_another_language_change_only_names() -> None:
    names = {"Deal - Status": "Deal - Status", "Deal - Owner": "Deal - Besitzer", "Deal - Value": "Deal - Wert"}
    words = {"Won": "Gewonnen", "Lost": "Verloren", "Open": "Offen"}
    rows = pipedrive(DEALS)
    german = [
        [names.get(name, name) for name in rows[0]],
        *([words.get(cell, cell) for cell in row] for row in rows[1:]),
    ]
    assert figures(funnel(german, stages=STAGES)) == figures(funnel(rows, stages=STAGES))


@pytest.mark.parametrize(("sign", "code"), [("€", "EUR"), ("£", "GBP"), ("₽", "RUB"), ("₴", "UAH"), ("₸", "KZT")])
def test_a_sign_of_one_currency_is_its_code(sign: str, code: str) -> None:
    rows = ["Deal;Stage;Amount;Owner", f"a;New;10 {sign};Ann", f"b;Won;20 {code};Bo", f"c;Won;40 {sign};Bo"]
    data = "\n".join(rows).encode()
    found = import_table(data, "t.csv", ImportOptions(currency=code))
    assert isinstance(found, Imported), found
    assert (found.funnels[0].currency, found.funnels[0].stages[-1].average_check) == (code, 30)
    assert isinstance(import_table(data, "t.csv", ImportOptions(currency="USD")), list)
